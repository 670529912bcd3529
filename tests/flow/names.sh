#!/bin/bash
# Names that nobody would choose: any byte but / and NUL, as long as a name may be, devices of Windows,
# names that differ only in case. The originals keep them, the results can be read everywhere.
. "$(dirname "$0")/lib.sh"

DEVELOP_S=120

count_checks()
{
	local counts
	python3 -B "$flow/odd_names.py" "$@" > "$work/names.out" 2>&1
	grep -av '^counts ' "$work/names.out"
	counts=$(sed -n 's/^counts //p' "$work/names.out")
	if [ -z "$counts" ]; then
		fail "odd_names.py $1 came to no end"
		return
	fi
	n_passed=$((n_passed + ${counts% *}))
	n_failed=$((n_failed + ${counts#* }))
}

# all_wait PICTURES NOTES, as status.json counts them
all_wait()
{
	[ "$(sed -n 's/^ *"count": \([0-9]*\),/\1/p' "$ROOT/status.json" | tr '\n' ' ')" = "$1 $2 " ]
}

# Names may hold line breaks: no counting of lines.
is_all_done()
{
	has_nothing_in_work && [ "$(find "$ROOT/inbox" -type f -printf x)" = "$(printf '%*s' "$1" '' | tr ' ' x)" ]
}

fresh_spool
touch "$ROOT/STOP"
start_daemon -v -o spool.durability=fast -o spool.progress=keep -o spool.settle=300ms -o spool.quiet=100ms
read -r n_pictures n_notes <<< "$(python3 -B "$flow/odd_names.py" drop "$ROOT")"
note "$n_pictures pictures, $n_notes other files"
ok "they wait, and STATUS lists what is no picture" wait_for 60 all_wait "$n_pictures" "$n_notes"
count_checks reports "$ROOT"
python3 -B "$flow/odd_names.py" watch "$ROOT/processing" > "$work/seen" &
watcher=$!
children+=("$watcher")
ok "somebody watches for sidecars" wait_for 30 grep -q ready "$work/seen"
rm "$ROOT/STOP"
ok "all is developed, and what is no picture stays" wait_for $DEVELOP_S is_all_done "$n_notes"
kill "$watcher"
count_checks reports "$ROOT"
count_checks check "$ROOT" "$work/seen" "$log"
ok "the daemon ends well" stop_daemon
# Nothing happens in the inbox now, and yet there is something to be told.
start_daemon
ok "started again, it lists what is no picture" wait_for 30 all_wait 0 "$n_notes"
ok "the daemon ends well" stop_daemon
finish
