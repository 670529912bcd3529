#!/bin/bash
# What stays in the inbox and what does not: files that are no pictures, the folders that people
# dropped, and those that hold too much at once.
. "$(dirname "$0")/lib.sh"

status_has()
{
	grep -q "$1" "$ROOT/STATUS"
}

note "unsupported"
fresh_spool
printf '[spool]\nunsupported = leave\n' > "$work/my.ini"
start_daemon -c "$work/my.ini"
cp "$samples/bad/notes.txt" "$ROOT/inbox/"
printf 'more notes' > "$ROOT/inbox/looks like.jpg"
cp "$samples/photo/fire.jpg" "$ROOT/inbox/"
ok "leave: the picture is done" wait_for 30 has_done 1
ok "  they are listed" wait_for 30 status_has '^Waiting for a reason: 2'
ok "  and stay" [ -f "$ROOT/inbox/notes.txt" ]
printf '[spool]\nunsupported = fail\n' > "$work/my.ini"
kill -HUP "$daemon"
ok "fail: they fail" wait_for 30 [ -f "$ROOT/failed/notes.txt.error.txt" ]
ok "  both" wait_for 30 [ -f "$ROOT/failed/looks like.jpg.error.txt" ]
ok "  with the reason" grep -q '^code: not-image' "$ROOT/failed/notes.txt.error.txt"
ok "  unharmed" cmp -s "$samples/bad/notes.txt" "$ROOT/failed/notes.txt"
ok "the daemon ends well" stop_daemon

note "prune_after"
fresh_spool
printf '[profile Wedding]\n[spool]\nprune_after = 2s\nrescan = 1s\n' > "$work/my.ini"
mkdir -p "$ROOT/inbox/wedding" "$ROOT/inbox/slow" "$ROOT/inbox/half" "$ROOT/inbox/wedding/deep"
start_daemon -c "$work/my.ini"
cp "$samples/photo/fire.jpg" "$ROOT/inbox/wedding/"
cp "$samples/photo/fire.jpg" "$ROOT/inbox/wedding/deep/"
cp "$samples/photo/fire.jpg" "$ROOT/inbox/half/a.jpg"
head -c 1000 "$samples/photo/fire.jpg" > "$ROOT/inbox/half/b.jpg"
# A copier that pauses for less than prune_after: its folder must be there for each file.
n_lost=0
for i in 1 2 3 4; do
	cp "$samples/photo/dunes.jpg" "$ROOT/inbox/slow/$i.jpg" 2> /dev/null || n_lost=$((n_lost + 1))
	sleep 1
done
ok "never under a copier's hands" [ $n_lost -eq 0 ]
ok "when the copier is through, its folder goes" wait_for 30 [ ! -e "$ROOT/inbox/slow" ]
ok "all of its pictures are done" [ "$(count_files "$ROOT/done/slow")" -eq 4 ]
ok "a folder in that of a profile goes" wait_for 30 [ ! -e "$ROOT/inbox/wedding/deep" ]
ok "the profile's own stays" [ -d "$ROOT/inbox/wedding" ]
ok "one with a half-copied file stays" [ -f "$ROOT/inbox/half/b.jpg" ]
ok "the daemon ends well" stop_daemon

note "limits.files_per_folder"
fresh_spool
mkdir "$ROOT/STOP" "$ROOT/inbox" 2> /dev/null
make_images copies "$ROOT/inbox/many" 23 "$samples/photo/dunes.jpg"
cp "$samples/photo/fire.jpg" "$ROOT/inbox/"
start_daemon -o limits.files_per_folder=5
ok "five of 23 and another one wait" wait_for 30 status_has '^Waiting: 6'
ok "the folder is listed" status_has '^Waiting for a reason: 1'
ok "  with the reason" eval 'tr -s "\n " " " < "$ROOT/STATUS" | grep -q "many it holds more files than limits.files_per_folder"'
touch "$ROOT/inbox/many"
cp "$samples/photo/fire.jpg" "$ROOT/inbox/many/late.jpg"
rmdir "$ROOT/STOP"
ok "all are developed" wait_for 60 has_done 25
ok "the folder is listed no more" wait_for 30 eval '! status_has "^Waiting for a reason"'
ok "it was told once" [ "$(grep -c 'job="many" event=folder-held' "$log")" -eq 1 ]
ok "the daemon ends well" stop_daemon
make_images copies "$ROOT/inbox/more" 7 "$samples/photo/dunes.jpg"
ok "--once takes them all too" "$DARKROOMD" -r "$ROOT" --once -o limits.files_per_folder=1 2>> "$log"
ok "they are done" has_done 32
finish
