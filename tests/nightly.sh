#!/bin/bash
# nightly.sh: the tests at a length that no change should wait for: make nightly runs it in a build
# folder, as root. Each is run, whatever became of those before it; the end says which failed.
set -u
tests=$(realpath "$(dirname "$0")") || exit 1
n_passed=0 n_skipped=0 failed=()

# at_length TEST [OPTION...]: what stands before it is its environment.
at_length()
{
	local runner=(bash) began=$SECONDS status
	[ "${1%.py}" = "$1" ] || runner=(python3 -B)
	printf '\n==> %s\n' "$*"
	"${runner[@]}" "$tests/$1" "${@:2}" < /dev/null
	status=$?
	printf '==> %s: status %d after %d s\n' "$*" "$status" $((SECONDS - began))
	case $status in
	0) n_passed=$((n_passed + 1)) ;;
	77) n_skipped=$((n_skipped + 1)) ;;
	*) failed+=("$*") ;;
	esac
}

HOURS_WAIT=1 at_length flow/hours.sh
CORPUS_STEP=1 at_length flow/sandbox.sh
at_length crash/kill-storm.py 1000
at_length crash/kill-storm.py 200 2
at_length crash/power-cut.py 200
at_length crash/write-log.py --images 300
SMALL_DISKS_ALL=1 at_length crash/small-disks.py
ARRIVE_RUNS=20 at_length flow/arrive.py
at_length crash/faults.py --all
FUZZ_N=200 at_length fuzz/fuzz.sh
CHURN_S=600 at_length flow/noticed.py
at_length bench/stop.py 200
at_length without.py --run
for dist in bookworm trixie noble arm64; do
	at_length ../contrib/bare "$dist"
done
FAIL_ALL=1 FAIL_OCCURRENCES=20 at_length crash/failpoints.py

echo
[ ${#failed[@]} -eq 0 ] || printf 'failed: %s\n' "${failed[@]}"
echo "$n_passed passed, ${#failed[@]} failed, $n_skipped skipped"
[ ${#failed[@]} -eq 0 ] && [ "$n_passed" -gt 0 ]
