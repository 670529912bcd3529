#!/bin/bash
# kill -9 of the daemon in the middle of many images, over and over: every original ends in
# done/ once, with each rendition once.
. "$(dirname "$0")/lib.sh"

CRASH_IMAGES=${CRASH_IMAGES-60}
CRASH_ROUNDS=${CRASH_ROUNDS-6}
DEVELOP_S=${DEVELOP_S-240}
RANDOM=${CRASH_SEED-$$}

# Whatever is in out/ is whole at every moment, also right after a kill.
count_torn()
{
	local file n_torn=0
	while read -r file; do
		[ "$(tail -c 2 "$file" | od -An -tx1)" = ' ff d9' ] || n_torn=$((n_torn + 1))
	done < <(find "$ROOT/out" -type f)
	echo $n_torn
}

made_progress()
{
	[ "$(originals done | wc -l)" -gt "$1" ] || has_done "$CRASH_IMAGES"
}

fresh_spool
make_images copies "$work/originals" "$CRASH_IMAGES" "$samples"/photo/{fire,dunes,flower}.jpg "$samples/jpeg/444.jpg"
start_daemon
cp -r "$work/originals/." "$ROOT/inbox/"
for ((round = 1; round <= CRASH_ROUNDS; round++)); do
	# At least one more image each round, or the kills would be all at the start.
	wait_for "$DEVELOP_S" made_progress "$(originals done | wc -l)"
	sleep "0.$((RANDOM % 3))$((RANDOM % 10))"
	kill_daemon
	note "round $round: killed with $(originals done | wc -l) done, $(find "$ROOT/processing" -type f ! -name '*.progress' | wc -l) in processing"
	ok "round $round: every published result is whole" [ "$(count_torn)" -eq 0 ]
	start_daemon
done
ok "all $CRASH_IMAGES are in done/" wait_for "$DEVELOP_S" has_done "$CRASH_IMAGES"
ok "nothing is left in work" wait_idle 30
tree_check "$work/originals" --names
ok "the daemon ends well" stop_daemon
finish
