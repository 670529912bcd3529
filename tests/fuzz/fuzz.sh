#!/bin/bash
# fuzz.sh [LIBFUZZER]: samples, and what becomes of them by chance, through the engine.
# FUZZ_SEED, FUZZ_N (changes of each file) for the program of make check; FUZZ_S, in seconds, for
# libFuzzer, which keeps what it found worth keeping in tests/fuzz/found of the build folder.
set -u
srcdir=$(realpath "${srcdir:-$(dirname "$0")/../..}")
samples=$(find "$srcdir/tests/samples" "$srcdir/../shared/corpus" -type f \
    \( -name '*.jpg' -o -name '*.jpeg' -o -name '*.png' \) -size -40k 2> /dev/null | sort)

if [ $# -eq 0 ]; then
	seed=${FUZZ_SEED:-$((RANDOM * 32768 + RANDOM))}
	echo "fuzz: FUZZ_SEED=$seed"
	work=$(mktemp -d)
	program=$(realpath tests/fuzz/fuzz_develop)
	cd "$work" || exit 1
	# shellcheck disable=SC2086
	"$program" "$seed" "${FUZZ_N:-4}" $samples && rm -r "$work" && exit 0
	echo "fuzz: the input is $work/fuzz-develop.input: fuzz_develop -r shows it again"
	echo "0 passed, 1 failed"
	exit 1
fi
mkdir -p tests/fuzz/seeds tests/fuzz/found
n=0
for file in $samples; do
	n=$((n + 1))
	{ printf '%016d' "$((n * 7919))"; cat "$file"; } > "tests/fuzz/seeds/$n"
done
exec "$1" -max_total_time="${FUZZ_S:-600}" -max_len=40960 -timeout=30 -rss_limit_mb=2048 \
    -artifact_prefix=tests/fuzz/ tests/fuzz/found tests/fuzz/seeds
