#!/bin/bash
# The command darkroom on a spool made by hand: each verb does with the folders what it says.
# A process named darkroomd stands in for the daemon; what it would do is done by hand.
set -u
DARKROOM=$(realpath "${DARKROOM:-./darkroom}")
[ -x "$DARKROOM" ] || { echo "no program $DARKROOM; set DARKROOM"; exit 99; }
work=$(mktemp -d "${TMPDIR:-/tmp}/darkroom-ctl.XXXXXX") || exit 99
root=$work/spool
n_passed=0 n_failed=0 stand_in= holder=

cleanup()
{
	[ -z "$stand_in" ] || kill "$stand_in" 2> /dev/null
	[ -z "$holder" ] || kill "$holder" 2> /dev/null
	rm -rf "$work"
}
trap cleanup EXIT

# ok WHAT COMMAND...
ok()
{
	local what=$1
	shift
	if "$@"; then
		n_passed=$((n_passed + 1)); echo "ok - $what"
	else
		n_failed=$((n_failed + 1)); echo "not ok - $what (was: $*)"
		sed 's/^/#   /' "$work/said" 2> /dev/null
	fi
}

fresh()
{
	rm -rf "$root"
	mkdir -p "$root"/{inbox,processing,done,failed,out,.darkroom}
}

# exits STATUS ARGUMENT...: darkroom on the spool; what it says is in $work/said
exits()
{
	local wanted=$1 status
	shift
	timeout 30 "$DARKROOM" -r "$root" "$@" > "$work/said" 2>&1 < /dev/null
	status=$?
	[ $status -eq "$wanted" ] && return 0
	echo "#   exit status $status"
	return 1
}

said() { grep -qF -- "$1" "$work/said"; }
not() { ! "$@"; }
there() { [ -e "$root/$1" ] || [ -L "$root/$1" ]; }
same() { cmp -s "$1" "$root/$2"; }
is_empty() { [ -z "$(ls -A "$root/$1")" ]; }
until_said() { for _ in $(seq 200); do said "$1" && return 0; sleep 0.05; done; return 1; }

# report HOST PID [HELD_REL REASON]: a status.json as the daemon writes it
report()
{
	local held=
	[ $# -lt 4 ] || held="{\"rel\": \"$3\", \"rel_percent\": \"$3\", \"reason\": \"$4\"}"
	printf '{"host": "%s", "pid": %s, "state": "idle", "written": "2026-01-31T12:00:00Z",
		"held": {"count": %d, "files": [%s]}}\n' "$1" "$2" $(($# >= 4)) "$held" \
		> "$root/.new" && mv "$root/.new" "$root/status.json"
	echo "darkroom: idle" > "$root/STATUS"
}

start_stand_in()
{
	bash -c 'exec -a darkroomd sleep 600' &
	stand_in=$!
	until grep -q darkroomd "/proc/$stand_in/cmdline"; do sleep 0.01; done
}

echo "# usage"
fresh
ok "no verb is bad usage" exits 64
ok "an unknown verb is bad usage, and named" exits 64 develop
ok "  it is named" said "there is no verb develop"
ok "stop takes no argument" exits 64 stop now
ok "add needs a file" exits 64 add
ok "retry needs a name" exits 64 retry
ok "a time needs a unit" exits 64 pause 30
ok "a timeout must be a time" exits 64 wait --timeout soon
ok "a folder without inbox is no spool" not timeout 9 "$DARKROOM" -r "$work" stop
ok "a missing folder is a failure" not timeout 9 "$DARKROOM" -r "$work/none" stop
printf '[spool]\nroot = %s\n' "$root" > "$work/darkroom.ini"
ok "-c names the folder" timeout 9 "$DARKROOM" -c "$work/darkroom.ini" stop
ok "  STOP is in it" there STOP
ok "-h helps" timeout 9 "$DARKROOM" -h

echo "# stop, pause, start"
fresh
ok "stop" exits 0 stop
ok "  makes STOP" there STOP
ok "stop again says so" exits 0 stop
ok "  and by which file" said "stopped already by $root/STOP"
ok "start" exits 0 start
ok "  removes STOP" not there STOP
ok "start again has nothing to do" exits 0 start
ok "  and says so" said "nothing was stopped"
touch "$root/stop.TXT" "$root/inbox/Stop" "$root/STOPwatch.jpg" "$root/inbox/stop.jpg"
mkdir "$root/Pause" "$root/inbox/PAUSE.txt"
ln -s /nonexistent "$root/pause.txt"
ok "stop sees another spelling" exits 0 stop
ok "  and makes no second file" not there STOP
ok "start removes every spelling" exits 0 start
for name in stop.TXT inbox/Stop Pause inbox/PAUSE.txt pause.txt; do
	ok "  $name is gone" not there "$name"
done
ok "  but not what only looks like one" there STOPwatch.jpg
ok "  nor a photograph of that name" there inbox/stop.jpg
mkdir "$root/STOP"; touch "$root/STOP/photo.jpg"
ok "start does not empty a folder STOP" exits 1 start
ok "  and says what to do" said "move away what is in it"
ok "  the photograph is still there" there STOP/photo.jpg
rm -r "$root/STOP"
ok "pause" exits 0 pause
ok "  makes an empty PAUSE" [ ! -s "$root/PAUSE" ]
mkdir "$root/inbox/pause"
ok "pause for a time" exits 0 pause 30m
ok "  which is in the file" [ "$(cat "$root/PAUSE")" = 30m ]
ok "  the older one does not count any more" not there inbox/pause
mkdir "$root/x" && rm "$root/PAUSE" && mv "$root/x" "$root/PAUSE"
ok "pause in place of a folder PAUSE" exits 0 pause 1h
ok "  is a file now" [ "$(cat "$root/PAUSE")" = 1h ]

echo "# add"
fresh
mkdir -p "$work/card/day 1/.Trash" "$work/card/@eaDir" "$work/card/empty"
printf one > "$work/card/a.jpg"; printf two > "$work/card/day 1/b.jpg"
printf x > "$work/card/day 1/.Trash/c.jpg"; printf x > "$work/card/@eaDir/a.jpg"
printf x > "$work/card/Thumbs.db"; ln -s a.jpg "$work/card/link.jpg"
touch -d '2001-02-03 04:05:06.789' "$work/card/a.jpg"
ok "add a file" exits 0 add "$work/card/a.jpg"
ok "  says where it went" said "$root/inbox/a.jpg"
ok "  it is the same" same "$work/card/a.jpg" inbox/a.jpg
ok "  of the same time" [ "$(stat -c %y "$work/card/a.jpg")" = "$(stat -c %y "$root/inbox/a.jpg")" ]
printf other > "$work/a.jpg"
ok "add another one of that name" exits 0 add "$work/a.jpg"
ok "  takes a free name" same "$work/a.jpg" inbox/a-2.jpg
ok "  and says it" said "$root/inbox/a-2.jpg"
ok "  the first one is untouched" same "$work/card/a.jpg" inbox/a.jpg
ok "add a folder" exits 0 add "$work/card/"
ok "  with its folders" same "$work/card/day 1/b.jpg" "inbox/card/day 1/b.jpg"
ok "  without what is ignored" [ "$(find "$root/inbox/card" -type f | wc -l)" = 2 ]
ok "  without links, and says so" said "link.jpg is no file, left out"
mkdir -p "$work/roll/stop"; printf x > "$work/roll/stop/1.jpg"
ok "a folder named stop within another" exits 0 add "$work/roll"
ok "  is one like any other" there inbox/roll/stop/1.jpg
ok "add a link that is named" exits 0 add "$work/card/link.jpg"
ok "  copies what it leads to" same "$work/card/a.jpg" inbox/link.jpg
( cd "$work/card/day 1" && "$DARKROOM" -r "$root" add . > "$work/said" 2>&1 )
ok "add . takes the name of the folder" there "inbox/day 1/b.jpg"
ok "a missing file fails" exits 1 add "$work/none.jpg" "$work/a.jpg"
ok "  the others are added all the same" there inbox/a-3.jpg
ok "a name that is ignored is refused" exits 1 add "$work/card/Thumbs.db"
mkfifo "$work/fifo.jpg"
ok "a FIFO is refused, not waited for" exits 1 add "$work/fifo.jpg"
ok "the spool is not copied into itself" exits 0 add "$work"
ok "  it is not there" not there "inbox/${work##*/}/spool"
name=$(printf '%0250d.jpg' 0)
printf long > "$work/$name"
ok "a name of 254 bytes" exits 0 add "$work/$name"
ok "  is kept" there "inbox/$name"
ok "nothing half-copied is left" [ -z "$(find "$root/inbox" -name '*.part')" ]
truncate -s 3G "$work/huge.jpg"
"$DARKROOM" -r "$root" add "$work/huge.jpg" > "$work/said" 2>&1 &
adding=$!
until [ -s "$root/inbox/.huge.jpg.part" ] || ! kill -0 $adding 2> /dev/null; do sleep 0.01; done
kill -INT $adding; wait $adding
ok "interrupted, it leaves no half copy" [ -z "$(find "$root/inbox" -name '*huge*')" ]
rm "$work/huge.jpg"

echo "# retry"
fresh
mkdir -p "$root/failed/trip/deep" "$root/done/trip"
for file in failed/x.jpg failed/trip/deep/y.jpg failed/trip/z.jpg done/ok.jpg done/trip/z.jpg; do
	echo "$file" > "$root/$file"
done
echo "It is damaged." > "$root/failed/x.jpg.error.txt"
ok "retry one" exits 0 retry x.jpg
ok "  it is in the inbox" there inbox/x.jpg
ok "  its error text is the daemon's to remove" there failed/x.jpg.error.txt
ok "retry what is nowhere" exits 1 retry x.jpg
ok "  says where it looked" said "neither in"
ok "retry prefers failed to done" exits 0 retry trip/z.jpg
ok "  which is what came back" [ "$(cat "$root/inbox/trip/z.jpg")" = failed/trip/z.jpg ]
ok "retry never overwrites" exits 1 retry done/trip/z.jpg
ok "  it says why" said "is there already"
ok "  neither is harmed" [ -e "$root/done/trip/z.jpg" -a "$(cat "$root/inbox/trip/z.jpg")" = failed/trip/z.jpg ]
ok "retry from done, named by its whole path" exits 0 retry "$root/done/ok.jpg"
ok "  it is in the inbox" there inbox/ok.jpg
ok "retry a folder" exits 0 retry failed/trip
ok "  with its sub-folders" there inbox/trip/deep/y.jpg
ok "  empty folders are gone" not there failed/trip/deep
ok "the error text is no photograph" exits 1 retry x.jpg.error.txt
ok "a path with .. is refused" exits 1 retry ../../etc/passwd
mkdir -p "$root/failed/more"; touch "$root/failed/more/1.jpg" "$root/failed/2.jpg"
ok "retry --all" exits 0 retry --all
ok "  takes all" [ -e "$root/inbox/more/1.jpg" -a -e "$root/inbox/2.jpg" ]
ok "  but the error text" there failed/x.jpg.error.txt
ok "retry --all of nothing is no failure" exits 0 retry --all
ok "retry --replace needs a name" exits 64 retry --replace
ok "retry does not know --replaces" exits 64 retry --replaces x.jpg

echo "# status"
fresh
touch "$root/inbox/a.jpg" "$root/inbox/.b.part" "$root/done/c.jpg" "$root/STOP"
ok "status without a daemon" exits 3 status
ok "  says so" said "darkroomd does not run"
ok "  counts photographs" grep -qx 'inbox *1' "$work/said"
ok "  tells of STOP" said "STOP is there: $root/STOP"
ok "status --json without a daemon" exits 3 status --json
ok "  is JSON" python3 -c 'import json,sys; assert json.load(open(sys.argv[1])) == {"running": False}' "$work/said"
start_stand_in
report "$(hostname)" "$stand_in"
ok "status with a daemon" exits 0 status
ok "  shows STATUS" [ "$(cat "$work/said")" = "darkroom: idle" ]
ok "status --json" exits 0 status --json
ok "  is status.json and running" python3 -c 'import json,sys
s = json.load(open(sys.argv[1])); assert s["running"] is True and s["state"] == "idle"' "$work/said"
report "$(hostname)" $$
ok "another process of that number is no daemon" exits 3 status
report elsewhere "$stand_in"
ok "a daemon on another machine" exits 0 status
ok "  is said to be there" said "by darkroomd on elsewhere"
ok "status --json of it does not know" exits 0 status --json
ok "  null" python3 -c 'import json,sys; assert json.load(open(sys.argv[1]))["running"] is None' "$work/said"
report "$(hostname)" "$stand_in"
touch "$root/.darkroom/locks"
ok "a free lock says more than a process" exits 3 status
python3 -c 'import fcntl, struct, sys, time
file = open(sys.argv[1], "r+")
fcntl.fcntl(file, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 1, 0))
open(sys.argv[2], "w").close()
time.sleep(600)' "$root/.darkroom/locks" "$work/locked" & holder=$!
until [ -e "$work/locked" ] || ! kill -0 $holder; do sleep 0.01; done
report "$(hostname)" $$
ok "a held lock is a daemon" exits 0 status
report elsewhere 1
ok "  wherever it is" exits 0 status --json
ok "  running" grep -q '"running": true' "$work/said"
kill $holder; wait $holder 2> /dev/null; holder=
ok "the lock is free: elsewhere, nobody knows" exits 0 status
ok "  and it says so" said "by darkroomd on elsewhere"
rm "$root/.darkroom/locks"
echo '{"host": ' > "$root/status.json"
ok "a damaged status.json" exits 3 status
ok "  is told" said "status.json is damaged"

echo "# wait"
fresh
report "$(hostname)" "$stand_in"
ok "wait for nothing" exits 0 wait
ok "wait for what is nowhere" exits 1 wait none.jpg
touch "$root/done/old.jpg" "$root/failed/bad.jpg"
echo "The file is damaged." > "$root/failed/bad.jpg.error.txt"
ok "wait for what is done" exits 0 wait old.jpg
ok "wait for what failed" exits 1 wait bad.jpg
ok "  tells why" said "The file is damaged."
ok "an old failure is none of now" exits 0 wait
mkdir "$root/inbox/trip"; echo 1 > "$root/inbox/trip/1.jpg"
ok "a timeout ends it" exits 2 wait --timeout 1s
ok "  and says so" said "not done within"
touch "$root/PAUSE"

# start_wait ARGUMENT...: in the background; the verdict by ended STATUS
start_wait()
{
	: > "$work/said"
	timeout 30 "$DARKROOM" -r "$root" wait "$@" > "$work/said" 2>&1 < /dev/null &
	waiting=$!
}
ended()
{
	local status
	wait "$waiting"
	status=$?
	[ $status -eq "$1" ] || { echo "#   exit status $status"; return 1; }
}

start_wait
ok "it says what holds the queue" until_said "$root/PAUSE holds the queue"
mkdir "$root/processing/trip" "$root/done/trip"
mv "$root/inbox/trip/1.jpg" "$root/processing/trip/"; touch "$root/processing/trip/1.jpg.progress"
ok "it goes on while one is in work" kill -0 "$waiting"
rm "$root/processing/trip/1.jpg.progress"; mv "$root/processing/trip/1.jpg" "$root/done/trip/"
ok "and ends when all is done" ended 0
echo 2 > "$root/inbox/2.jpg"; start_wait
ok "(waiting)" until_said holds
echo "Too large." > "$root/failed/2.jpg.error.txt"; mv "$root/inbox/2.jpg" "$root/failed/"
ok "a failure while waiting is its exit status" ended 1
ok "  and told" said "failed/2.jpg: Too large."
echo 3 > "$root/inbox/old.jpg"; start_wait old.jpg
ok "(waiting)" until_said holds
mv "$root/inbox/old.jpg" "$root/failed/old-2.jpg"
ok "filed under another name, it is found" ended 1
ok "  by that name" said "failed/old-2.jpg"
echo 4 > "$root/inbox/4.jpg"; start_wait "$root/inbox/4.jpg"
ok "(waiting)" until_said holds
rm "$root/inbox/4.jpg"
ok "taken away is not done" ended 1
ok "  and told" said "somebody took it away"
printf '[spool]\nroot = %s\noriginals = delete\n' "$root" > "$work/darkroom.ini"
echo 5 > "$root/inbox/5.jpg"; : > "$work/said"
timeout 30 "$DARKROOM" -c "$work/darkroom.ini" wait 5.jpg > "$work/said" 2>&1 & waiting=$!
ok "(waiting)" until_said holds
rm "$root/inbox/5.jpg"
ok "unless originals are deleted" ended 0
mkdir -p "$root/inbox/lot"; echo 6 > "$root/inbox/lot/6.jpg"; start_wait lot
ok "(waiting)" until_said holds
mkdir "$root/failed/lot"; mv "$root/inbox/lot/6.jpg" "$root/failed/lot/"
ok "a folder with a failure" ended 1
rm "$root/PAUSE"
echo 7 > "$root/inbox/notes.txt"
report "$(hostname)" "$stand_in" notes.txt "not developed, still yours"
ok "what is held is not waited for" exits 0 wait
ok "  but told" said "for a reason: 1;"
ok "what is held, by name" exits 2 wait notes.txt
ok "  with the reason" said "not developed, still yours"
kill "$stand_in"; wait "$stand_in" 2> /dev/null; stand_in=
echo 8 > "$root/inbox/8.jpg"
ok "without a daemon it gives up" exits 2 wait
ok "  and says why" said "darkroomd does not run"

echo "$n_passed passed, $n_failed failed"
[ "$n_failed" -eq 0 ] && [ "$n_passed" -gt 0 ]
