#!/bin/bash
# Commands that are run when something happens: what they are told, what they inherit, and that
# neither a slow one nor a talkative one nor a missing one holds anything up.
. "$(dirname "$0")/lib.sh"

told=$work/told
mkdir "$told"

# Writes what it was given into a new folder of $told, and makes it visible when it is whole.
cat > "$work/hook.sh" << 'END'
#!/bin/bash
into=$(mktemp -d "$1/.new.XXXXXX")
env -0 > "$into/env"
ls -l /proc/self/fd > "$into/fds" 2> /dev/null
grep -E '^Sig(Blk|Ign)' /proc/self/status > "$into/signals"
[ "$(readlink /proc/self/fd/0)" = /dev/null ] && touch "$into/null"
pwd > "$into/pwd"
printf 'it was %s\nand\033[31m more\n' "$DARKROOM_EVENT"
echo "on the other hand" >&2
n=1
until mv -nT "$into" "$1/$n" && [ ! -e "$into" ]; do
	n=$((n + 1))
done
END
chmod +x "$work/hook.sh"

# fact N NAME: the value of DARKROOM_NAME in the environment of the Nth command
fact()
{
	tr '\n\0' '?\n' < "$told/$1/env" | sed -n "s/^DARKROOM_$2=//p"
}

has_told()
{
	[ -e "$told/$1" ]
}

# told_of EVENT FILE: the number of the command that was
told_of()
{
	local n
	for n in $(seq 1 "$(ls "$told" | wc -l)"); do
		[ "$(fact "$n" EVENT)" = "$1" ] && [ "$(fact "$n" FILE)" = "$2" ] && echo "$n"
	done
}

says()
{
	grep -q "$1" "$log"
}

note "what they are told"
fresh_spool
hook="$work/hook.sh $told"
start_daemon -o "hooks.on_done=$hook" -o "hooks.on_failed=$hook" -o "hooks.on_idle=$hook"
mkdir "$ROOT/inbox/a trip"
cp "$samples/photo/fire.jpg" "$ROOT/inbox/a trip/new"$'\n'"line.jpg"
ok "done is told" wait_for 30 has_told 1
ok "  as done" [ "$(fact 1 EVENT)" = done ]
ok "  with its name, byte for byte" [ "$(fact 1 FILE)" = "a trip/new?line.jpg" ]
ok "  with its place" [ "$(fact 1 PATH)" = "$ROOT/done/a trip/new?line.jpg" ]
ok "  with its results, whose names are safe ones" [ "$(fact 1 RESULTS) $(fact 1 RESULT_2)" = "2 $ROOT/out/thumb/a trip/new_line.jpg" ]
ok "  with its profile" [ "$(fact 1 PROFILE)" = default ]
ok "  with the spool" [ "$(fact 1 ROOT)" = "$ROOT" ]
ok "  without a reason" [ -z "$(fact 1 REASON)" ]
ok "it gets no descriptor but 0, 1 and 2, and that of ls" [ "$(grep -c -e '->' "$told/1/fds")" -eq 4 ]
# 32 and 33 are the C library's own: posix_spawn(3) leaves them ignored.
ok "no signal is blocked or ignored" [ "$(grep -cE '0000000(0|18)0000000$' "$told/1/signals")" -eq 2 ]
ok "standard input is /dev/null" [ -e "$told/1/null" ]
ok "it runs in /" [ "$(cat "$told/1/pwd")" = / ]
ok "what it says is in the log" wait_for 10 says '^it was done'
ok "  its errors too" says '^on the other hand'
ok "then idle is told" wait_for 30 has_told 2
ok "  as idle" [ "$(fact 2 EVENT)" = idle ]
ok "  with what was done" [ "$(fact 2 DONE) $(fact 2 FAILED) $(fact 2 WAITING)" = "1 0 0" ]
cp "$samples/bad/no-quantisation.jpg" "$ROOT/inbox/broken.jpg"
ok "failed is told, then idle" wait_for 30 has_told 4
n=$(told_of failed broken.jpg)
ok "  as failed" [ -n "$n" ]
ok "  with the reason" [ -n "$(fact "$n" REASON)" ]
note "$(fact "$n" CODE): $(fact "$n" REASON)"
ok "  with the error text" [ -s "$(fact "$n" ERROR)" ]
ok "  with its place" [ -f "$(fact "$n" PATH)" ]
ok "  with the number of those that were skipped" [ "$(fact "$n" SKIPPED)" = 0 ]
ok "and idle again" [ "$(fact 4 EVENT) $(fact 4 DONE) $(fact 4 FAILED)" = "idle 0 1" ]
ok "no zombie" [ -z "$(ps -o stat= --ppid "$daemon" | grep Z)" ]
ok "the daemon ends well" stop_daemon

note "blocked, and originals that are deleted"
rm -rf "${told:?}"/*
fresh_spool
start_daemon -o "hooks.on_blocked=$hook" -o "hooks.on_done=$hook" -o spool.min_free=1000000T \
	-o spool.originals=delete
cp "$samples/photo/fire.jpg" "$ROOT/inbox/"
ok "it is told" wait_for 30 has_told 1
ok "  as blocked" [ "$(fact 1 EVENT)" = blocked ]
ok "  with the reason" eval 'case $(fact 1 REASON) in *spool.min_free*) true ;; *) false ;; esac'
stop_daemon
start_daemon -o "hooks.on_done=$hook" -o spool.originals=delete
ok "a deleted original is told" wait_for 30 has_told 2
ok "  without a place" [ -z "$(fact 2 PATH)" ]
stop_daemon

note "one that hangs is killed with its children, and nobody waits for it"
fresh_spool
cat > "$work/hangs.sh" << 'END'
#!/bin/bash
trap '' TERM
sleep 1000 &
echo $$ $! > "$1"
wait
sleep 1000
END
chmod +x "$work/hangs.sh"
printf '[hooks]\non_done = %s\ntime_limit = 1h\n' "$work/hangs.sh $work/pids" > "$work/my.ini"
start_daemon -c "$work/my.ini"
make_images copies "$ROOT/inbox" 20 "$samples/photo/dunes.jpg"
ok "it runs" wait_for 30 [ -s "$work/pids" ]
ok "20 pictures are developed while it hangs" wait_for 60 has_done 20
read -r hanging child < "$work/pids"
not_ok "it still hangs" is_gone "$hanging"
sed -i "s|^on_done.*|on_done = $work/hook.sh $told|; s|1h|1s|" "$work/my.ini"
rm -rf "${told:?}"/*
kill -HUP "$daemon"
ok "SIGHUP changes the command for those that wait" wait_for 30 says event=configuration-read
kill -KILL "$hanging"
ok "19 more are told" wait_for 30 has_told 19
is_gone "$child" || kill -KILL "$child"
rm -f "$work/pids"
sed -i "s|^on_done.*|on_done = $work/hangs.sh $work/pids|" "$work/my.ini"
kill -HUP "$daemon"
cp "$samples/photo/fire.jpg" "$ROOT/inbox/"
ok "another one hangs" wait_for 30 [ -s "$work/pids" ]
read -r hanging child < "$work/pids"
ok "it is killed at its time limit" wait_for 30 is_gone "$hanging"
ok "  with its children" wait_for 10 is_gone "$child"
ok "  which is logged" wait_for 10 says 'event=hook-killed hook=on_done'

note "a missing one"
sed -i "s|^on_done.*|on_done = $work/nowhere|" "$work/my.ini"
kill -HUP "$daemon"
ok "is told at once" wait_for 10 says "event=hook-missing.*$work/nowhere"
not_ok "  by --check-config too" "$DARKROOMD" -c "$work/my.ini" -r "$ROOT" --check-config 2> "$work/said"
ok "  in a sentence" grep -q '^hooks.on_done: the command .* cannot be run' "$work/said"
ok "the daemon ends well" stop_daemon

note "--once waits for them"
rm -rf "${told:?}"/*
fresh_spool
mkdir "$ROOT/inbox"
cp "$samples/photo/fire.jpg" "$ROOT/inbox/"
ok "a pass" "$DARKROOMD" -r "$ROOT" --once -o "hooks.on_done=$hook" -o "hooks.on_idle=$hook" 2>> "$log"
ok "both were told" [ "$(fact 1 EVENT) $(fact 2 EVENT)" = "done idle" ]

note "the end of the daemon ends them"
fresh_spool
rm -f "$work/pids"
start_daemon -o "hooks.on_done=$work/hangs.sh $work/pids"
cp "$samples/photo/fire.jpg" "$ROOT/inbox/"
ok "one hangs" wait_for 30 [ -s "$work/pids" ]
read -r hanging child < "$work/pids"
ok "the daemon ends well" stop_daemon
ok "it is gone" is_gone "$hanging"
ok "its child too" wait_for 5 is_gone "$child"
finish
