#!/bin/bash
# A disk that does not answer: the process that waits for it is stopped. The daemon still listens:
# pictures are developed, STOP is obeyed, STATUS told; nothing is published before the disk has it.
# Then that process is killed, and started anew.
. "$(dirname "$0")/lib.sh"

N=8
DEVELOP_S=120
make_images copies "$work/originals" "$N" "$samples"/photo/{fire,dunes,flower}.jpg

n_plans()
{
	find "$ROOT/.darkroom/jobs" -name plan.new | wc -l
}

has_plans()
{
	[ "$(n_plans)" -ge "$1" ]
}

status_says()
{
	grep -qi -e "$1" "$ROOT/STATUS"
}

fresh_spool
start_daemon
cp "$samples/photo/wine.jpg" "$ROOT/inbox/"
ok "a picture is developed" wait_for "$DEVELOP_S" has_done 1
ok "one process waits for the disk" [ "$(syncer | wc -l)" -eq 1 ]

disk=$(syncer)
kill -STOP "$disk"
cp "$work"/originals/*.jpg "$ROOT/inbox/"
ok "the disk hangs: the workers go on" wait_for "$DEVELOP_S" has_plans "$N"
ok "nothing is filed before the disk has its plan" [ "$(originals done | wc -l)" -eq 1 ]
ok "nothing is published either" [ "$(count_files "$ROOT/out")" -eq 2 ]
touch "$ROOT/STOP"
ok "STOP is heard" wait_for 10 status_says 'stopped'
rm "$ROOT/STOP"
kill -CONT "$disk"
ok "the disk answers: all is filed" wait_for "$DEVELOP_S" has_done $((N + 1))
ok "nothing is left in work" wait_idle 30

kill -STOP "$disk"
cp "$samples/jpeg/444.jpg" "$ROOT/inbox/"
ok "the disk hangs again" wait_for "$DEVELOP_S" has_plans 1
kill -KILL "$disk"
ok "its process is killed: the picture is filed all the same" wait_for "$DEVELOP_S" has_done $((N + 2))
ok "by another one" [ -n "$(syncer)" ] && [ "$(syncer)" != "$disk" ]
ok "and the log says so" grep -q 'event=syncer-died' "$log"

kill -STOP "$(syncer)"
cp "$samples/jpeg/17x17.jpg" "$ROOT/inbox/"
ok "the disk hangs once more" wait_for "$DEVELOP_S" has_plans 1
ok "the daemon ends all the same" stop_daemon
start_daemon
ok "the next start goes on" wait_for "$DEVELOP_S" has_done $((N + 3))
ok "nothing is left in work" wait_idle 30
ok "the daemon ends well" stop_daemon
finish
