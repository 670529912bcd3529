#!/bin/sh
# processor.sh [CPUINFO]: the processor's name, and those of its flags that choose code of the engine's
# libraries, in one line. What is wrong on one processor alone is found by this.
file=${1:-/proc/cpuinfo}
awk -F '[[:space:]]*:[[:space:]]*' -v machine="$(uname -m)" '
BEGIN {
	n = split("sse2 ssse3 sse4_1 sse4_2 avx f16c fma avx2 avx512f avx512bw avx512dq avx512vl " \
	    "avx512_vnni avx512vbmi neon asimd sve sve2", wanted, " ")
}
/^(model name|Model|cpu model|cpu)[[:space:]]*:/ && name == "" { name = $2 }
/^CPU implementer[[:space:]]*:/ && maker == "" { maker = "implementer " $2 }
/^CPU part[[:space:]]*:/ && kind == "" { kind = ", part " $2 }
/^(flags|Features)[[:space:]]*:/ && flags == "" { flags = " " $2 " " }
END {
	if (name == "") name = maker kind
	if (name == "") name = "unknown"
	for (i = 1; i <= n; i++)
		if (index(flags, " " wanted[i] " ")) has = has " " wanted[i]
	printf "%s, %s:%s\n", name, machine, has == "" ? " no flags told" : has
}' "$file"
