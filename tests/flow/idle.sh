#!/bin/bash
# An idle daemon sleeps: its voluntary context switches, and those of its workers, are counted.
. "$(dirname "$0")/lib.sh"

IDLE_S=${IDLE_S-5}
# A rescan a minute, and whatever is due after a start: a handful.
MAX_SWITCHES=5

switches()
{
	local process n total=0
	for process in $daemon $(workers); do
		n=$(awk '/^voluntary_ctxt_switches/ { print $2 }' "/proc/$process/status")
		total=$((total + n))
	done
	echo $total
}

cpu_ticks()
{
	local process n total=0
	for process in $daemon $(workers); do
		n=$(awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$process/stat")
		total=$((total + n))
	done
	echo $total
}

# STATUS may be written 2 s after the last change; that is no idling yet.
is_quiet()
{
	local before
	before=$(switches)
	sleep 2.5
	[ "$(switches)" -eq "$before" ]
}

fresh_spool
start_daemon
cp "$samples/photo/fire.jpg" "$samples/bad/notes.txt" "$ROOT/inbox/"
ok "a picture is developed first" wait_for 30 [ -f "$ROOT/done/fire.jpg" ]
ok "then it becomes quiet" wait_for 30 is_quiet
n_before=$(switches)
cpu_before=$(cpu_ticks)
sleep "$IDLE_S"
n_switches=$(($(switches) - n_before))
n_ticks=$(($(cpu_ticks) - cpu_before))
note "$n_switches voluntary context switches and $n_ticks ticks of CPU in $IDLE_S s, $(workers | wc -l) workers"
ok "at most $MAX_SWITCHES switches" [ $n_switches -le $MAX_SWITCHES ]
ok "no CPU time" [ $n_ticks -le 1 ]
ok "it still notices a picture" cp "$samples/photo/dunes.jpg" "$ROOT/inbox/"
ok "and develops it" wait_for 30 [ -f "$ROOT/done/dunes.jpg" ]
ok "the daemon ends well" stop_daemon
finish
