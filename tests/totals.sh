#!/bin/sh
# totals.sh BUILD...: on which processor, and a last line "N passed, N failed[, N skipped]" for what
# make check left in each BUILD/tests. Criterion's programs and the flow scripts count their own tests; a program
# that says no count, or failed without counting a failure (it crashed), counts as one.
# Exits 0 when something passed and nothing failed.
echo "on $(sh "$(dirname "$0")/processor.sh")"
for build in "$@"; do
	find "$build/tests" -name '*.trs'
done | sort | while read -r trs; do
	printf '%s ' "$(sed -n 's/^:test-result: \([A-Z]*\).*/\1/p' "$trs" | head -n 1)"
	sed 's/\x1b\[[0-9;]*m//g' "${trs%.trs}.log" | sed -n \
	    -e 's/.*Synthesis: Tested: \([0-9]*\) | Passing: \([0-9]*\) | Failing: \([0-9]*\) | Crashing: \([0-9]*\).*/\2 \3 \4/p' \
	    -e 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2 0/p' | tail -n 1
	echo
done | awk '
NF == 0 { next }
{
	n_bad = $3 > $4 ? $3 : $4
	is_bad = $1 != "PASS" && $1 != "SKIP" && $1 != "XFAIL"
	if ($1 == "SKIP")
		skipped++
	else if (NF < 3)
		is_bad ? failed++ : passed++
	else {
		passed += $2
		failed += n_bad == 0 && is_bad ? 1 : n_bad
	}
}
END {
	printf "%d passed, %d failed", passed, failed
	if (skipped) printf ", %d skipped", skipped
	printf "\n"
	exit failed > 0 || passed == 0
}'
