#!/bin/bash
# What stays in the inbox and what does not: files that are no pictures, and the folders that
# people dropped.
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
finish
