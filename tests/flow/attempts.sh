#!/bin/bash
# Who is to blame: a picture whose worker dies twice, or that was at work in three deaths of the
# machine, is in failed/; the death of the master, STOP and SIGTERM blame nobody. The machine dies
# by kill -9 and another boot id in the record.
. "$(dirname "$0")/lib.sh"

BIG_MPX=${BIG_MPX-16}
DEVELOP_S=${DEVELOP_S-240}
big=$work/big.jpg
boot_id=$(cat /proc/sys/kernel/random/boot_id)
make_images big "$big" "$BIG_MPX" "$samples/photo/flower.jpg"

# Is PICTURE with a worker, its attempt written down?
is_at_work()
{
	[ -e "$ROOT/processing/$1.progress" ] && grep -qs '^at_work: 1' "$ROOT"/.darkroom/jobs/*/job &&
		grep -qs "^boot: $boot_id" "$ROOT"/.darkroom/jobs/*/job && # by this daemon
		first_line_has "$ROOT/processing/$1.progress" '%' && [ -n "$(workers)" ]
}

machine_died()
{
	kill_daemon
	sed -i 's/^boot: .*/boot: 00000000-0000-0000-0000-000000000000/' "$ROOT"/.darkroom/jobs/*/job
}

# What a power cut does to a claim that had not reached the disk.
claim_was_lost()
{
	mv "$ROOT/processing/$1" "$ROOT/inbox/$1"
	rm -f "$ROOT/processing/$1.progress"
}

# at_work_then PICTURE COMMAND...
at_work_then()
{
	local picture=$1
	shift
	start_daemon -o workers.count=1
	ok "$picture is at work" wait_for "$DEVELOP_S" is_at_work "$picture"
	"$@"
}

n_deaths()
{
	sed -n "s/^$1: //p" "$ROOT"/.darkroom/jobs/*/job
}

fresh_spool
start_daemon
stop_daemon
cp "$big" "$ROOT/inbox/a.jpg"
for _ in 1 2 3; do
	at_work_then a.jpg kill_daemon
	at_work_then a.jpg stop_daemon
done
ok "three deaths of the master and three SIGTERM blame nobody" [ "$(n_deaths machine_deaths) $(n_deaths worker_deaths)" = '0 0' ]
start_daemon
ok "and it is developed" wait_for "$DEVELOP_S" has_done 1
stop_daemon

cp "$big" "$ROOT/inbox/b.jpg"
at_work_then b.jpg machine_died
at_work_then b.jpg machine_died
start_daemon
ok "two deaths of the machine are forgiven" wait_for "$DEVELOP_S" has_done 2
stop_daemon

cp "$big" "$ROOT/inbox/c.jpg"
for _ in 1 2 3; do
	at_work_then c.jpg machine_died
done
start_daemon
ok "after the third it is in failed/" wait_for "$DEVELOP_S" test -e "$ROOT/failed/c.jpg"
ok "with what happened" grep -q 'the machine went down 3 times' "$ROOT/failed/c.jpg.error.txt"
stop_daemon

cp "$big" "$ROOT/inbox/d.jpg"
for _ in 1 2 3; do
	at_work_then d.jpg machine_died
	claim_was_lost d.jpg
done
start_daemon
ok "also when the claim was lost each time" wait_for "$DEVELOP_S" test -e "$ROOT/failed/d.jpg"
stop_daemon

cp "$big" "$ROOT/inbox/e.jpg"
at_work_then e.jpg machine_died
claim_was_lost e.jpg
cp "$samples/photo/fire.jpg" "$ROOT/inbox/.new" && mv "$ROOT/inbox/.new" "$ROOT/inbox/e.jpg"
start_daemon -o workers.count=1
ok "another picture of that name begins anew" wait_for "$DEVELOP_S" has_done 3
ok "and nothing is left in work" wait_idle 30

cp "$big" "$ROOT/inbox/f.jpg"
# Until the daemon has noticed a death all looks as if the picture were at work, and the worker that is
# there by then may be a new one that has nothing yet.
have_died_on_f() { [ "$(grep -c 'job="f.jpg" event=worker-died' "$log")" = "$1" ]; }
for n_before in 0 1; do
	wait_for 30 have_died_on_f "$n_before"
	wait_for "$DEVELOP_S" is_at_work f.jpg
	worker=$(workers)
	kill -KILL "$worker"
	wait_for 30 is_gone "$worker"
done
ok "a picture whose worker dies twice is in failed/" wait_for "$DEVELOP_S" test -e "$ROOT/failed/f.jpg"
ok "nothing is left in work" wait_idle 30
ok "the daemon ends well" stop_daemon
finish
