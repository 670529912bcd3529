#!/bin/bash
# STOP in the middle of a big picture and on again; its other spellings; PAUSE.
. "$(dirname "$0")/lib.sh"

BIG_MPX=${BIG_MPX-40}
DEVELOP_S=240
big=$work/big.jpg
make_images big "$big" "$BIG_MPX" "$samples/photo/flower.jpg"

percent()
{
	first_line "$1" | sed -n 's/.*[^0-9]\([0-9][0-9]*\)%.*/\1/p; s/^\([0-9][0-9]*\)%.*/\1/p' | head -n 1
}

has_percent()
{
	[ -n "$(percent "$1")" ] && [ "$(percent "$1")" -ge "$2" ]
}

# Reads the sidecar as often as it can until the picture has gone; keeps each new percent.
watch_percents()
{
	local sidecar=$ROOT/processing/$1.progress old='' new
	local deadline=$(($(now_ms) + DEVELOP_S * 1000))
	until [ -e "$ROOT/done/$1" ] || [ "$(now_ms)" -gt "$deadline" ]; do
		new=$(percent "$sidecar")
		[ -z "$new" ] || [ "$new" = "$old" ] || echo "$new"
		old=${new:-$old}
		sleep 0.01
	done
}

# CPU time of a process in ticks, nothing when it has gone.
ticks()
{
	awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat" 2> /dev/null
}

# The workers that used CPU time within the last 100 ms.
busy_workers()
{
	local worker before after
	declare -A before
	for worker in $(workers); do
		before[$worker]=$(ticks "$worker")
	done
	sleep 0.1
	for worker in $(workers); do
		after=$(ticks "$worker")
		[ -z "$after" ] || [ "$after" -le "${before[$worker]-0}" ] || echo "$worker"
	done
}

has_busy_worker()
{
	[ -n "$(busy_workers)" ]
}

are_gone()
{
	local worker
	for worker in "$@"; do
		is_gone "$worker" || return 1
	done
}

drop_big()
{
	cp "$big" "$work/dropped" && mv "$work/dropped" "$ROOT/inbox/$1"
}

# stop_and_go NAME CONTROL: the control file stops NAME in mid-image; without it, it finishes.
stop_and_go()
{
	local name=$1 control=$2 busy begun took
	drop_big "$name"
	ok "$name is in work" wait_for 30 has_percent "$ROOT/processing/$name.progress" 5
	busy=$(busy_workers)
	begun=$(now_ms)
	: > "$ROOT/$control"
	# shellcheck disable=SC2086
	ok "$control ends the busy workers" wait_for 5 are_gone $busy
	took=$(($(now_ms) - begun))
	note "$control: the workers that were busy ($(echo $busy)) were gone after $took ms"
	ok "a worker was busy before $control" [ -n "$busy" ]
	ok "the sidecar says where it stopped" wait_for 5 first_line_has "$ROOT/processing/$name.progress" "stopped at"
	note "sidecar: $(first_line "$ROOT/processing/$name.progress")"
	not_ok "no worker is busy any more" has_busy_worker
	ok "$name is still in processing/" [ -f "$ROOT/processing/$name" ]
	ok "STATUS says that it is stopped" wait_for 5 grep -qi 'stop' "$ROOT/STATUS"
	rm "$ROOT/$control"
	ok "$name finishes once $control is removed" wait_for $DEVELOP_S [ -f "$ROOT/done/$name" ]
	ok "its sidecar has gone" wait_for 5 has_nothing_in_work
}

fresh_spool
start_daemon

note "progress of one picture"
drop_big watched.jpg
watch_percents watched.jpg > "$work/percents"
note "percents seen: $(tr '\n' ' ' < "$work/percents")"
ok "at least 3 percents were seen ($(wc -l < "$work/percents"))" [ "$(wc -l < "$work/percents")" -ge 3 ]
ok "they only rise" sort -n -u -C "$work/percents"

note "STOP"
stop_and_go a.jpg STOP
stop_and_go b.jpg stop.txt
stop_and_go c.jpg inbox/Stop

note "STOP as a folder keeps new pictures waiting"
mkdir "$ROOT/STOP"
ok "STATUS says that it is stopped" wait_for 5 grep -qi 'stop' "$ROOT/STATUS"
cp "$samples/photo/fire.jpg" "$ROOT/inbox/"
# The daemon looks at a new file within quiet (500 ms); twice that is long enough to be wrong.
sleep 1
ok "nothing is claimed" [ -f "$ROOT/inbox/fire.jpg" ]
rmdir "$ROOT/STOP"
ok "it is developed once the folder is removed" wait_for 30 [ -f "$ROOT/done/fire.jpg" ]

note "a STOP that is there at the start comes first"
stop_daemon
: > "$ROOT/STOP"
cp "$samples/photo/dunes.jpg" "$ROOT/inbox/"
start_daemon
sleep 1
ok "nothing is claimed" [ -f "$ROOT/inbox/dunes.jpg" ]
rm "$ROOT/STOP"
ok "it goes on" wait_for 30 [ -f "$ROOT/done/dunes.jpg" ]

note "PAUSE"
drop_big d.jpg
ok "d.jpg is in work" wait_for 30 has_percent "$ROOT/processing/d.jpg.progress" 5
: > "$ROOT/PAUSE"
cp "$samples/photo/wine.jpg" "$ROOT/inbox/"
ok "what was running ends under PAUSE" wait_for $DEVELOP_S [ -f "$ROOT/done/d.jpg" ]
sleep 1
ok "nothing new is claimed" [ -f "$ROOT/inbox/wine.jpg" ]
rm "$ROOT/PAUSE"
ok "it goes on without PAUSE" wait_for 30 [ -f "$ROOT/done/wine.jpg" ]

note "PAUSE with a time inside ends by itself"
echo 2s > "$ROOT/PAUSE"
cp "$samples/photo/flower.jpg" "$ROOT/inbox/"
ok "it goes on after 2 s" wait_for 30 [ -f "$ROOT/done/flower.jpg" ]

ok "the daemon ends well" stop_daemon
finish
