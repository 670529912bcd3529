#!/bin/bash
# hostile.sh - what people do to the folders behind the daemon's back. Each case was a defect once.
. "$(dirname "$0")/lib.sh"

photo=$samples/photo/fire.jpg
other=$samples/photo/dunes.jpg
big=$work/big.jpg
make_images big "$big" 12 "$samples/photo/flower.jpg"

is_empty_dir()
{
	[ -z "$(ls -A "$1" 2> /dev/null)" ]
}

is_alive()
{
	! is_gone "$daemon"
}

in_status()
{
	grep -q "$1" "$ROOT/STATUS"
}

spins()
{
	# Ticks of CPU in a second of an idle daemon.
	local before after
	before=$(cut -d' ' -f14 "/proc/$daemon/stat")
	sleep 1
	after=$(cut -d' ' -f14 "/proc/$daemon/stat")
	[ $((after - before)) -gt 20 ]
}

note "a picture is taken out of processing/ while STOP is there"
fresh_spool
start_daemon
cp "$big" "$ROOT/inbox/a.jpg"
cp "$big" "$ROOT/inbox/b.jpg"
wait_for 20 [ -e "$ROOT/processing/b.jpg" ]
touch "$ROOT/STOP"
wait_for 20 in_status '^darkroom: stopped'
rm -f "$ROOT/processing/a.jpg"
rm "$ROOT/STOP"
ok "the other one is done" wait_for 60 [ -e "$ROOT/done/b.jpg" ]
ok "and the daemon lives" is_alive

note "more interrupted pictures than workers"
for i in 1 2 3 4 5; do cp "$big" "$ROOT/inbox/i$i.jpg"; done
stop_daemon
start_daemon -o workers.count=5
wait_for 60 [ -e "$ROOT/processing/i5.jpg" ]
kill_daemon
start_daemon -o workers.count=1
ok "all are done" wait_for 120 has_done 6
ok "and the daemon lives" is_alive

note "the configuration is read again while pictures are in work"
cp "$big" "$ROOT/inbox/hup.jpg"
for i in 1 2 3 4 5; do
	kill -HUP "$daemon"
	sleep 0.1
done
ok "it is done" wait_for 60 [ -e "$ROOT/done/hup.jpg" ]
stop_daemon

note "times before 1970, and far from now"
start_daemon
for t in '1969-12-31 12:00:00.5' '1901-01-01' '2400-01-01'; do
	cp "$photo" "$work/old.jpg"
	touch -d "$t" "$work/old.jpg"
	mv "$work/old.jpg" "$ROOT/inbox/time ${t%% *}.jpg"
done
ok "they block nobody" wait_for 30 has_done 10

note "a file where a folder is to be"
cp "$photo" "$ROOT/inbox/trip"
wait_for 20 [ -e "$ROOT/done/trip" ]
mkdir "$ROOT/inbox/trip"
cp "$photo" "$ROOT/inbox/trip/1.jpg"
ok "its pictures go round it" wait_for 20 [ -e "$ROOT/done/trip-2/1.jpg" ]
mkdir "$ROOT/processing/folder.jpg"
cp "$photo" "$ROOT/inbox/folder.jpg"
ok "a folder in processing/ is told of" wait_for 20 in_status 'stands in its way'
cp "$photo" "$ROOT/inbox/after.jpg"
ok "and keeps nobody else" wait_for 20 [ -e "$ROOT/done/after.jpg" ]
rmdir "$ROOT/processing/folder.jpg"
ok "it is done when the folder is gone" wait_for 20 [ -e "$ROOT/done/folder.jpg" ]

note "a folder that is removed and made again at once"
for i in 1 2 3 4 5 6 7 8; do
	mkdir -p "$ROOT/inbox/again$i"
done
sleep 0.3
for i in 1 2 3 4 5 6 7 8; do
	rmdir "$ROOT/inbox/again$i" && mkdir "$ROOT/inbox/again$i"
done
sleep 0.3
for i in 1 2 3 4 5 6 7 8; do
	cp "$photo" "$ROOT/inbox/again$i/x.jpg"
done
all_again()
{
	[ "$(find "$ROOT/done" -path '*/again?/x.jpg' | wc -l)" -eq 8 ]
}
ok "is watched as before" wait_for 20 all_again

note "our own folders are removed while it runs"
for gone in processing failed .darkroom done; do
	rm -rf "${ROOT:?}/$gone"
	cp "$other" "$ROOT/inbox/without $gone.jpg"
	ok "without $gone/: it goes on" wait_for 30 [ -e "$ROOT/done/without $gone.jpg" ]
done
mv "$ROOT/processing" "$ROOT/processing.old"
mkdir "$ROOT/processing"
cp "$other" "$ROOT/inbox/moved.jpg"
ok "processing/ replaced: it goes on" wait_for 30 [ -e "$ROOT/done/moved.jpg" ]
ok "in the one that people see" is_empty_dir "$ROOT/processing.old"
ok "the daemon is the same one" is_alive

note "texts in processing/, and PAUSE: nothing to do is no reason to be busy"
echo "no picture at all" > "$ROOT/processing/notes.txt"
touch "$ROOT/PAUSE"
sleep 1
not_ok "it does not spin" spins
rm "$ROOT/PAUSE" "$ROOT/processing/notes.txt"
ok "it ends well" stop_daemon

note "--once says what it leaves"
fresh_spool
mkdir "$ROOT/processing" "$ROOT/inbox" "$ROOT/.darkroom"
rmdir "$ROOT/processing"
deep=$(printf 'd/%.0s' $(seq 40))
mkdir -p "$ROOT/inbox/$deep"
timeout 60 "$DARKROOMD" -r "$ROOT" --once > "$work/left" 2>> "$log"
ok "too deep a folder: status 2" [ $? -eq 2 ]
ok "and it is listed" grep -q 'limits.depth' "$work/left"
rm -rf "$ROOT/inbox/d"
: > "$ROOT/processing/empty.jpg"
timeout 60 "$DARKROOMD" -r "$ROOT" --once > "$work/left" 2>> "$log"
ok "an empty file in processing/: status 2, not for ever" [ $? -eq 2 ]
rm "$ROOT/processing/empty.jpg"
touch "$ROOT/STOP"
cp "$photo" "$ROOT/inbox/s.jpg"
timeout 60 "$DARKROOMD" -r "$ROOT" --once > "$work/left" 2>> "$log"
ok "STOP: status 2" [ $? -eq 2 ]
ok "and what waits is listed" grep -q 's.jpg' "$work/left"
finish
