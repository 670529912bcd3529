#!/bin/bash
# What people do to the folders and to the daemon while it works: cancel, clear, the same name
# twice, signals, a bad configuration, one pass, a folder that is no spool.
. "$(dirname "$0")/lib.sh"

BIG_MPX=${BIG_MPX-40}
DEVELOP_S=240
big=$work/big.jpg
make_images big "$big" "$BIG_MPX" "$samples/photo/flower.jpg"

drop_big()
{
	cp "$big" "$work/dropped" && mv "$work/dropped" "$ROOT/inbox/$1"
}

is_in_work()
{
	[ -f "$ROOT/processing/$1" ] && grep -q '^percent: [1-9]' "$ROOT/processing/$1.progress" 2> /dev/null
}

is_nowhere()
{
	has_nothing_in_work && [ -z "$(find "$ROOT" -path "$ROOT/.darkroom" -prune -o -name "*$1*" -print)" ]
}

log_has()
{
	tail -n +"$(($1 + 1))" "$log" | grep -qi "$2"
}

log_lines()
{
	wc -l < "$log"
}

has_more_log()
{
	[ "$(log_lines)" -gt "$1" ]
}

# size_of FILE: WIDTHxHEIGHT by a decoder that is not ours
size_of()
{
	djpeg -grayscale -pnm "$1" | head -c 32 | sed -n '2s/ /x/p'
}

# exits STATUS COMMAND...: the output is kept in $work/said
exits()
{
	local wanted=$1 status
	shift
	timeout 120 "$@" > "$work/said" 2>&1 < /dev/null
	status=$?
	[ $status -eq "$wanted" ] && return 0
	note "exit status $status: $(head -n 5 "$work/said")"
	return 1
}

fails()
{
	local status
	timeout 30 "$@" > "$work/said" 2>&1 < /dev/null
	status=$?
	[ $status -ne 0 ] && [ $status -lt 124 ] && return 0
	note "exit status $status: $(head -n 5 "$work/said")"
	return 1
}

note "cancel: delete it from processing/ while it runs"
fresh_spool
start_daemon
drop_big cancelled.jpg
ok "cancelled.jpg is in work" wait_for 30 is_in_work cancelled.jpg
rm "$ROOT/processing/cancelled.jpg"
ok "nothing is left of it, no result either" wait_for 30 is_nowhere cancelled
cp "$samples/photo/fire.jpg" "$ROOT/inbox/"
ok "the next one is developed" wait_for 30 [ -f "$ROOT/done/fire.jpg" ]

note "clear: empty the inbox"
mkdir "$ROOT/STOP"
make_images copies "$ROOT/inbox" 20 "$samples/photo/dunes.jpg"
# Long enough to have seen them; under STOP nothing may happen to them.
sleep 1
ok "they wait" [ "$(originals inbox | wc -l)" -eq 20 ]
rm "$ROOT"/inbox/*.jpg
rmdir "$ROOT/STOP"
cp "$samples/photo/dunes.jpg" "$ROOT/inbox/last.jpg"
ok "one that came later is developed" wait_for 30 [ -f "$ROOT/done/last.jpg" ]
ok "none of the cleared was" wait_for 30 is_nowhere img-

# Is it stopped or paused, and does it know of one picture that waits?
holds()
{
	grep -q "\"state\": \"$1\"" "$ROOT/status.json" &&
		[ "$(sed -n 's/^ *"count": \([0-9]*\),/\1/p' "$ROOT/status.json" | head -n 1)" = 1 ]
}

n_held=0
# holds_while WHAT STATE PATH: what was made at PATH keeps a picture waiting until it is removed.
holds_while()
{
	n_held=$((n_held + 1))
	cp "$samples/photo/fire.jpg" "$ROOT/inbox/held-$n_held.jpg"
	ok "$1: a picture waits" wait_for 30 holds "$2"
	ok "$1: it was not touched" [ -f "$ROOT/inbox/held-$n_held.jpg" ]
	rm -r "$3"
	ok "$1 removed: it is developed" wait_for 30 [ -f "$ROOT/done/held-$n_held.jpg" ]
}

note "STOP in every shape"
: > "$ROOT/STOP.TXT"
holds_while "STOP.TXT" stopped "$ROOT/STOP.TXT"
mkdir "$ROOT/inbox/stop"
touch "$ROOT/inbox/stop/something"
holds_while "a folder stop, not empty" stopped "$ROOT/inbox/stop"
ln -s /nowhere/at/all "$ROOT/STOP"
holds_while "a link that leads nowhere" stopped "$ROOT/STOP"
ln -s "$ROOT/STATUS" "$ROOT/inbox/Stop.txt"
holds_while "a link to a file" stopped "$ROOT/inbox/Stop.txt"
ok "which is still there" [ -s "$ROOT/STATUS" ]
head -c 1000000 /dev/urandom > "$ROOT/stop"
holds_while "a STOP of a megabyte" stopped "$ROOT/stop"

note "PAUSE in every shape"
mkdir "$ROOT/Pause.txt"
holds_while "a folder Pause.txt" paused "$ROOT/Pause.txt"
echo "back after lunch" > "$ROOT/inbox/PAUSE"
holds_while "a PAUSE that says something else" paused "$ROOT/inbox/PAUSE"
printf '\357\273\27730 M\r\n' > "$ROOT/pause.txt"
holds_while "30 minutes, from a Windows editor" paused "$ROOT/pause.txt"
# Counted from its last change: of 30 minutes all but some seconds are over.
echo 30m > "$work/pause"
touch -d '-1798 seconds' "$work/pause"
n_lines=$(log_lines)
mv "$work/pause" "$ROOT/PAUSE"
cp "$samples/photo/fire.jpg" "$ROOT/inbox/held.jpg"
ok "30m end by themselves" wait_for 60 log_has "$n_lines" event=pause-over
ok "30m are over: it is developed" wait_for 60 [ -f "$ROOT/done/held.jpg" ]
ok "and PAUSE is gone" [ ! -e "$ROOT/PAUSE" ]

note "the same name twice"
cp "$samples/photo/fire.jpg" "$ROOT/inbox/photo.jpg"
ok "the first is done" wait_for 30 [ -f "$ROOT/done/photo.jpg" ]
cp "$samples/photo/dunes.jpg" "$ROOT/inbox/photo.jpg"
ok "the second is photo-2.jpg" wait_for 30 [ -f "$ROOT/done/photo-2.jpg" ]
ok "the first is still the first" cmp -s "$samples/photo/fire.jpg" "$ROOT/done/photo.jpg"
ok "the second is the second" cmp -s "$samples/photo/dunes.jpg" "$ROOT/done/photo-2.jpg"
ok "its web is photo-2.jpg" [ "$(size_of "$ROOT/out/web/photo-2.jpg")" = 950x634 ]
ok "its thumb is photo-2.jpg" [ -f "$ROOT/out/thumb/photo-2.jpg" ]
ok "the first web is untouched" [ "$(size_of "$ROOT/out/web/photo.jpg")" = 1024x768 ]
cp "$samples/photo/wine.jpg" "$ROOT/inbox/PHOTO.JPG"
ok "another case is the same name" wait_for 30 [ -f "$ROOT/done/PHOTO-3.JPG" ]

note "a failed one, and once more"
cp "$samples/bad/no-quantisation.jpg" "$ROOT/inbox/broken.jpg"
ok "it fails with a reason" wait_for 30 [ -s "$ROOT/failed/broken.jpg.error.txt" ]
note "$(first_line "$ROOT/failed/broken.jpg.error.txt")"
cp "$samples/photo/fire.jpg" "$ROOT/failed/broken.jpg"
mv "$ROOT/failed/broken.jpg" "$ROOT/inbox/"
ok "mended and moved back, it is developed" wait_for 30 [ -f "$ROOT/done/broken.jpg" ]
ok "its error text goes" wait_for 5 [ ! -e "$ROOT/failed/broken.jpg.error.txt" ]

note "SIGTERM in the middle of a picture, then again"
drop_big interrupted.jpg
ok "interrupted.jpg is in work" wait_for 30 is_in_work interrupted.jpg
ok "SIGTERM: exit status 0" stop_daemon
ok "it stays in processing/" [ -f "$ROOT/processing/interrupted.jpg" ]
ok "the sidecar says where it stopped" first_line_has "$ROOT/processing/interrupted.jpg.progress" "stopped at"
start_daemon
ok "started again, it finishes" wait_for $DEVELOP_S [ -f "$ROOT/done/interrupted.jpg" ]
ok "nothing is left" wait_idle 10

note "SIGUSR1 logs"
n_lines=$(log_lines)
kill -USR1 "$daemon"
ok "a line at least" wait_for 10 has_more_log "$n_lines"
ok "the daemon ends well" stop_daemon

note "SIGHUP: a bad configuration is refused, a good one counts"
fresh_spool
printf '[rendition web]\nsize = 200x200\n' > "$work/my.ini"
start_daemon -c "$work/my.ini"
n_lines=$(log_lines)
printf '[rendition web]\nsize = enormous\n' > "$work/my.ini"
kill -HUP "$daemon"
ok "the mistake is logged" wait_for 10 log_has "$n_lines" enormous
cp "$samples/photo/fire.jpg" "$ROOT/inbox/old.jpg"
ok "it goes on" wait_for 30 [ -f "$ROOT/done/old.jpg" ]
ok "with the old configuration" [ "$(size_of "$ROOT/out/web/old.jpg")" = 200x150 ]
n_lines=$(log_lines)
printf '[rendition web]\nsize = 100x100\n' > "$work/my.ini"
kill -HUP "$daemon"
ok "the new one is logged" wait_for 10 has_more_log "$n_lines"
cp "$samples/photo/fire.jpg" "$ROOT/inbox/new.jpg"
ok "a picture comes" wait_for 30 [ -f "$ROOT/done/new.jpg" ]
ok "with the new configuration" [ "$(size_of "$ROOT/out/web/new.jpg")" = 100x75 ]
ok "the daemon ends well" stop_daemon

note "folders that were dropped go when they are empty"
fresh_spool
mkdir -p "$ROOT/inbox/trip/day1" "$ROOT/inbox/kept" "$ROOT/inbox/never used" "$ROOT/inbox/urgent"
touch "$ROOT/inbox/kept/.hidden"
for folder in trip/day1 kept urgent; do
	cp "$samples/photo/fire.jpg" "$ROOT/inbox/$folder/"
done
start_daemon -o spool.prune_after=1s -o spool.rescan=1s
ok "the empty ones are removed, parents too" wait_for 30 eval '! [ -e "$ROOT/inbox/trip" ]'
ok "the pictures are done" wait_for 20 has_done 3
sleep 3
ok "one that holds a hidden file stays" [ -e "$ROOT/inbox/kept/.hidden" ]
ok "one that we took nothing from stays" [ -d "$ROOT/inbox/never used" ]
ok "urgent stays" [ -d "$ROOT/inbox/urgent" ]
stop_daemon

note "--check-config"
ok "a good one: 0" exits 0 "$DARKROOMD" -c "$work/my.ini" --check-config
printf '[spool]\nquiet = soon\ncolour = red\n[rendition web]\nquality = 300\n' > "$work/bad.ini"
ok "a bad one fails" fails "$DARKROOMD" -c "$work/bad.ini" --check-config
for word in quiet colour quality; do
	ok "every mistake is named: $word" grep -q "$word" "$work/said"
done
ok "a bad -o fails too" fails "$DARKROOMD" -r "$ROOT" -o spool.quiet=soon --check-config

note "--once"
fresh_spool
ok "an empty inbox: 0" exits 0 "$DARKROOMD" -r "$ROOT" --once
cp "$samples/photo/fire.jpg" "$samples/photo/dunes.jpg" "$ROOT/inbox/"
ok "two pictures: 0" exits 0 "$DARKROOMD" -r "$ROOT" --once
ok "they are done" has_done 2
cp "$samples/bad/no-quantisation.jpg" "$ROOT/inbox/"
ok "a broken one: 1" exits 1 "$DARKROOMD" -r "$ROOT" --once
cp "$samples/bad/notes.txt" "$ROOT/inbox/"
ok "one that is left waiting: 2" exits 2 "$DARKROOMD" -r "$ROOT" --once
ok "it is listed" grep -q notes.txt "$work/said"

note "what is no spool is refused"
mkdir "$work/home"
echo precious > "$work/home/letter.txt"
ok "a folder with something else in it" fails "$DARKROOMD" -r "$work/home" --once
ok "it says which" grep -q "$work/home" "$work/said"
ok "nothing was made in it" [ "$(find "$work/home" -mindepth 1 | wc -l)" -eq 1 ]
ok "a folder that is not there" fails "$DARKROOMD" -r "$work/nowhere" --once
ok "it was not made" [ ! -e "$work/nowhere" ]

note "the command"
fresh_spool
start_daemon
ok "add" exits 0 "$DARKROOM" -r "$ROOT" add "$samples/photo/fire.jpg"
ok "wait" exits 0 "$DARKROOM" -r "$ROOT" wait
ok "it is done" has_done 1
ok "stop" exits 0 "$DARKROOM" -r "$ROOT" stop
ok "that is the file STOP" [ -e "$ROOT/STOP" ]
ok "start" exits 0 "$DARKROOM" -r "$ROOT" start
ok "it is gone" [ ! -e "$ROOT/STOP" ]
ok "pause" exits 0 "$DARKROOM" -r "$ROOT" pause
ok "that is the file PAUSE" [ -e "$ROOT/PAUSE" ]
ok "start ends that too" exits 0 "$DARKROOM" -r "$ROOT" start
ok "status" exits 0 "$DARKROOM" -r "$ROOT" status
ok "status --json is JSON" exits 0 bash -c '"$0" -r "$1" status --json | python3 -m json.tool' "$DARKROOM" "$ROOT"
mkdir "$work/converted"
ok "convert" exits 0 "$DARKROOM" convert "$samples/photo/fire.jpg" "$work/converted"
ok "something came out" [ "$(count_files "$work/converted")" -ge 1 ]
ok "the daemon ends well" stop_daemon
finish
