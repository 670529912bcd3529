#!/bin/bash
# What becomes of originals in the end: deleted at once, or purged by age.
. "$(dirname "$0")/lib.sh"

# age FILE SECONDS: as if it had been filed so long ago. Fails where there are no marks.
age()
{
	python3 - "$@" << 'END'
import os, sys, time
name = "user.darkroom.filed"
words = os.getxattr(sys.argv[1], name).split(b" ", 1)
os.setxattr(sys.argv[1], name, b"%d %s" % (time.time() - int(sys.argv[2]), words[1]))
END
}

log_has()
{
	grep -q "$1" "$log"
}

broken=$samples/bad/no-quantisation.jpg
DAY=86400

note "keep_done and keep_failed"
fresh_spool
start_daemon -o spool.keep_done=30d -o spool.keep_failed=1d
mkdir -p "$ROOT/inbox/trip/day 1" "$ROOT/inbox/mixed"
for name in "trip/day 1/a.jpg" trip/b.jpg mixed/c.jpg young.jpg changed.jpg gone.jpg; do
	cp "$samples/photo/fire.jpg" "$ROOT/inbox/$name"
done
cp "$broken" "$ROOT/inbox/broken.jpg"
cp "$broken" "$ROOT/inbox/broken too.jpg"
ok "six are done" wait_for 30 has_done 6
ok "two failed" wait_for 30 [ -f "$ROOT/failed/broken too.jpg.error.txt" ]
ok "nothing is left" wait_idle 30
cp "$samples/photo/fire.jpg" "$ROOT/done/mixed/of somebody.jpg"
if age "$ROOT/done/trip/day 1/a.jpg" $((31 * DAY)) 2> /dev/null; then
	age "$ROOT/done/trip/b.jpg" $((31 * DAY))
	age "$ROOT/done/mixed/c.jpg" $((31 * DAY))
	age "$ROOT/done/young.jpg" $((29 * DAY))
	age "$ROOT/done/changed.jpg" $((31 * DAY))
	age "$ROOT/done/gone.jpg" $((31 * DAY))
	age "$ROOT/failed/broken.jpg" $((2 * DAY))
	touch "$ROOT/done/changed.jpg"
	mkdir "$work/elsewhere"
	mv "$ROOT/done/gone.jpg" "$work/elsewhere/"
	kill -HUP "$daemon"
	ok "SIGHUP: the old ones go, with their folder" wait_for 30 [ ! -e "$ROOT/done/trip" ]
	ok "a broken one goes with its error text" wait_for 30 eval '! ls "$ROOT"/failed/broken.jpg* > /dev/null 2>&1'
	ok "another one goes from beside what is somebody's" [ ! -e "$ROOT/done/mixed/c.jpg" ]
	ok "  which stays" [ -f "$ROOT/done/mixed/of somebody.jpg" ]
	ok "a young one stays" [ -f "$ROOT/done/young.jpg" ]
	ok "a changed one stays" [ -f "$ROOT/done/changed.jpg" ]
	ok "one that was moved away stays" [ -f "$work/elsewhere/gone.jpg" ]
	ok "the young broken one stays, with its text" [ -s "$ROOT/failed/broken too.jpg.error.txt" ]
	ok "each is in the log" log_has 'job="trip/day 1/a.jpg" event=purged folder=done filed=20'
	ok "  no other is" [ "$(grep -c event=purged "$log")" -eq 4 ]
	ok "the results stay" [ -f "$ROOT/out/web/trip/day 1/a.jpg" ]
	ok "the daemon ends well" stop_daemon
	age "$ROOT/done/young.jpg" $((31 * DAY))
	"$DARKROOMD" -r "$ROOT" --once -o spool.keep_done=30d 2>> "$log"
	ok "--once purges too" [ ! -e "$ROOT/done/young.jpg" ]
else
	note "skipped: no extended attributes in $work"
	stop_daemon
fi

note "a file system without extended attributes"
mkdir "$work/ramfs"
cat > "$work/in-ramfs.sh" << 'END'
mount -t ramfs none "$1/ramfs" || exit 77
mkdir "$1/ramfs/inbox"
cp "$2" "$1/ramfs/inbox/"
"$DARKROOMD" -r "$1/ramfs" --once -o spool.keep_done=1m -o spool.min_free=0 2>> "$1/ramfs.log"
[ -f "$1/ramfs/done/fire.jpg" ]
END
DARKROOMD=$DARKROOMD unshare -rm bash "$work/in-ramfs.sh" "$work" "$samples/photo/fire.jpg" 2> "$work/said"
status=$?
if [ $status -eq 1 ] && grep -q unshare "$work/said" || [ $status -eq 77 ]; then
	note "skipped: a ramfs cannot be mounted here: $(head -n 1 "$work/said")"
else
	ok "the picture is developed" [ $status -eq 0 ]
	ok "the log says that nothing is purged" grep -q 'event=nothing-purged why="the file system' "$work/ramfs.log"
fi

note "originals = delete"
fresh_spool
start_daemon -o spool.originals=delete
make_images copies "$ROOT/inbox/many" 30 "$samples/photo/dunes.jpg"
cp "$broken" "$ROOT/inbox/broken.jpg"
for round in 1 2 3; do
	wait_for 30 eval '[ "$(ls "$ROOT/out/web/many" 2> /dev/null | wc -l)" -ge $((round * 5)) ]'
	kill_daemon
	start_daemon -o spool.originals=delete
done
ok "all is over, after three kills" wait_idle 60
ok "30 results" [ "$(count_files "$ROOT/out/web/many") $(count_files "$ROOT/out/thumb/many")" = "30 30" ]
ok "no original in done/" [ "$(count_files "$ROOT/done")" -eq 0 ]
ok "the broken one is kept, for it made nothing" cmp -s "$broken" "$ROOT/failed/broken.jpg"
ok "the daemon ends well" stop_daemon

finish
