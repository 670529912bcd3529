# shellcheck shell=bash disable=SC1010,SC2034
# lib.sh - what every flow script stands on (bash): a spool in a temporary folder, the real
# daemon on it, waiting for a condition with a deadline, counting. See tests/README.
set -u
export LC_ALL=C.UTF-8

top_srcdir=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
flow=$top_srcdir/tests/flow
samples=$top_srcdir/tests/samples
DARKROOMD=$(realpath "${DARKROOMD:-./darkroomd}") && DARKROOM=$(realpath "${DARKROOM:-./darkroom}") &&
	[ -x "$DARKROOMD" ] && [ -x "$DARKROOM" ] || {
	echo "no darkroomd and darkroom here; run in a build folder, or set DARKROOMD and DARKROOM"
	exit 99
}
work=$(mktemp -d "${TMPDIR:-/tmp}/darkroom-flow.XXXXXX") || exit 99
log=$work/daemon.log
ROOT=$work/spool

# What hangs ends the test, not the patience: how long starting and stopping may take at most.
START_S=30
STOP_S=30

n_passed=0
n_failed=0
daemon=
children=()

# The samples may be read-only, as in a release tarball that is being checked; what is made of them is not.
cp()
{
	command cp --no-preserve=mode "$@"
}

# ---- counting --------------------------------------------------------------------------------

note()
{
	printf '# %s\n' "$*"
}

pass()
{
	n_passed=$((n_passed + 1))
	printf 'ok - %s\n' "$*"
}

fail()
{
	n_failed=$((n_failed + 1))
	printf 'not ok - %s\n' "$*"
}

# ok WHAT COMMAND...: passed when the command succeeds.
ok()
{
	local what=$1
	shift
	if "$@"; then
		pass "$what"
	else
		fail "$what (was: $*)"
	fi
}

# not_ok WHAT COMMAND...: passed when the command fails.
not_ok()
{
	local what=$1
	shift
	if "$@"; then
		fail "$what (was: $*)"
	else
		pass "$what"
	fi
}

finish()
{
	if [ "$n_failed" -gt 0 ]; then
		echo "---- what the spool holds, but what is done"
		find "$ROOT" \( -path "$ROOT/done" -o -path "$ROOT/out" \) -prune -o -printf '%P %y %s\n' 2>&1 |
			sort | head -n 30
		echo "---- the end of the daemon's log"
		tail -n 40 "$log" 2>&1
	fi
	printf '%d passed, %d failed\n' "$n_passed" "$n_failed"
	[ "$n_failed" -eq 0 ] && [ "$n_passed" -gt 0 ]
	exit
}

# ---- time ------------------------------------------------------------------------------------

now_ms()
{
	echo $((${EPOCHREALTIME/[.,]/} / 1000))
}

# wait_for S COMMAND...: until it succeeds; fails when it did not within S seconds.
wait_for()
{
	local deadline=$(($(now_ms) + $1 * 1000))
	shift
	until "$@"; do
		[ "$(now_ms)" -lt "$deadline" ] || return 1
		sleep 0.02
	done
}

# ---- the daemon ------------------------------------------------------------------------------

# An empty ROOT. A script that calls it again gets another one.
fresh_spool()
{
	ROOT=$(mktemp -d "$work/spool.XXXXXX")
	chmod 755 "$ROOT"
}

is_gone()
{
	# A zombie of ours is gone as well: it does nothing more.
	! kill -0 "$1" 2> /dev/null || grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2> /dev/null
}

is_started()
{
	[ -e "$ROOT/STATUS" ] || is_gone "$daemon"
}

# start_daemon [OPTION...]: returns when it serves ROOT; fails when it does not come up.
start_daemon()
{
	rm -f "$ROOT/STATUS"
	"$DARKROOMD" -r "$ROOT" "$@" < /dev/null 2>> "$log" &
	daemon=$!
	children+=("$daemon")
	wait_for $START_S is_started && ! is_gone "$daemon" && return 0
	fail "darkroomd starts: no STATUS within $START_S s, or it ended"
	return 1
}

# end_daemon SIGNAL: sends it, waits for the end, returns the exit status.
end_daemon()
{
	local status
	kill -"$1" "$daemon" 2> /dev/null
	if ! wait_for $STOP_S is_gone "$daemon"; then
		fail "the daemon ends within $STOP_S s of SIG$1"
		kill -KILL "$daemon"
	fi
	wait "$daemon" 2> /dev/null
	status=$?
	daemon=
	return $status
}

stop_daemon()
{
	end_daemon TERM
}

kill_daemon()
{
	end_daemon KILL
}

# children_of_kind OPTION: those of the daemon that were started with it, one process id a line.
children_of_kind()
{
	local child
	for child in $(cat /proc/"$daemon"/task/*/children 2> /dev/null); do
		tr '\0' '\n' 2> /dev/null < "/proc/$child/cmdline" | grep -qx -e "$1" && echo "$child"
	done
}

workers()
{
	children_of_kind --worker
}

syncer()
{
	children_of_kind --syncer
}

cleanup()
{
	local child
	for child in "${children[@]}"; do
		is_gone "$child" || kill -KILL "$child" 2> /dev/null
	done
	wait 2> /dev/null
	if [ -n "${KEEP-}" ]; then
		note "kept: $work"
	else
		rm -rf "$work"
	fi
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

# ---- what the folders hold -------------------------------------------------------------------

count_files()
{
	find "$@" -type f 2> /dev/null | wc -l
}

# Originals only, not what we write beside them.
originals()
{
	find "$ROOT/$1" -type f ! -name '*.progress' ! -name '*.error.txt' ! -iname 'STOP*' ! -iname 'PAUSE*' 2> /dev/null
}

has_done()
{
	[ "$(originals done | wc -l)" -ge "$1" ]
}

has_nothing_in_work()
{
	[ -z "$(find "$ROOT/processing" -type f 2> /dev/null)" ] &&
		[ -z "$(find "$ROOT/.darkroom/jobs" -mindepth 1 2> /dev/null)" ]
}

# is_idle [N]: all is developed but N files that stay in the inbox.
is_idle()
{
	[ "$(originals inbox | wc -l)" -le "${1:-0}" ] && has_nothing_in_work
}

# wait_idle S [N]
wait_idle()
{
	local seconds=$1
	shift
	wait_for "$seconds" is_idle "$@" && return 0
	note "still to do: $(originals inbox | head -n 5 | tr '\n' ' ') $(find "$ROOT/processing" -type f | head -n 5 | tr '\n' ' ')"
	return 1
}

first_line()
{
	head -n 1 "$1" 2> /dev/null
}

# first_line_has FILE TEXT
first_line_has()
{
	case $(first_line "$1") in *"$2"*) return 0 ;; esac
	return 1
}

# tree_check ORIGINALS [OPTION...]: every original where it belongs, every result right.
tree_check()
{
	local counts
	python3 "$flow/tree.py" "$ROOT" "$@" > "$work/tree.out" 2>&1
	grep -v '^counts ' "$work/tree.out"
	counts=$(sed -n 's/^counts //p' "$work/tree.out")
	if [ -z "$counts" ]; then
		fail "tree.py came to no end"
		return
	fi
	n_passed=$((n_passed + ${counts% *}))
	n_failed=$((n_failed + ${counts#* }))
}

make_images()
{
	python3 "$flow/make_images.py" "$@" || exit 99
}
