#!/bin/sh
# floors.sh [-o] [top]: every #include "dir/x.h" goes to a floor that its own floor may see, and no file
# is reached by what it includes: foo.c and foo.h are one, floor/foo. Each circle is printed. -o: the
# files of each floor too, a line for each, in an order in which every file comes after all it includes.
allowed='
base    base
image   base image
spool   base spool
conf    base image/limits.h image/rendition.h conf
work    base image work
master  base conf spool work master image/reason.h image/rendition.h
ctl     base conf spool work ctl image/reason.h image/rendition.h
.       base conf image spool work master ctl .
'
tells_order=0
[ "${1:-}" = -o ] && { tells_order=1; shift; }
cd "${1:-.}/src" || exit 2
find . -name '*.[ch]' | sed 's|^\./||' | sort | while read -r file; do
	sed -n "s|^[[:space:]]*#[[:space:]]*include[[:space:]]*\"\([^\"]*\)\".*|$file \1|p" "$file"
done | awk -v allowed="$(echo "$allowed" | tr '\n' '|')" -v tells_order="$tells_order" '
function floor_of(path) {
	return path ~ /\// ? substr(path, 1, index(path, "/") - 1) : "."
}
function node_of(path) {
	sub(/\.[ch]$/, "", path)
	if (!(path in n_below)) {
		n_below[path] = 0
		nodes[++n_nodes] = path
	}
	return path
}
# Set down whatever has nothing below it that is not set down yet, until no more can be.
function set_down(    i, j, words, was) {
	do {
		was = n_down
		for (i = 1; i <= n_nodes; i++) {
			if (nodes[i] in down || n_below[nodes[i]] > 0)
				continue
			down[nodes[i]] = 1
			in_order[++n_down] = nodes[i]
			split(above[nodes[i]], words, " ")
			for (j = 1; j in words; j++)
				if ((words[j], nodes[i]) in edge)
					n_below[words[j]]--
		}
	} while (n_down > was)
}
# From a file that could not be set down, on to one below it, until one comes again. That circle is
# told, and cut, so that the next one is found.
function tell_circle(    i, n, words, way, step, node) {
	for (i = 1; nodes[i] in down; i++)
		;
	node = nodes[i]
	for (n = 1; !(node in step); n++) {
		step[node] = n
		way[n] = node
		split(below[node], words, " ")
		for (i = 1; words[i] in down || !((node, words[i]) in edge); i++)
			;
		node = words[i]
	}
	printf "a circle:"
	for (i = step[node]; i < n; i++)
		printf " %s >", way[i]
	print " " node
	delete edge[way[n - 1], node]
	n_below[way[n - 1]]--
	n_bad++
}
BEGIN {
	n_lines = split(allowed, lines, "|")
	for (i = 1; i <= n_lines; i++) {
		n_words = split(lines[i], words, " ")
		for (j = 2; j <= n_words; j++)
			may[words[1], words[j]] = 1
	}
}
{
	n_seen++
	if (!((floor_of($1), floor_of($2)) in may) && !((floor_of($1), $2) in may)) {
		print "src/" $1 ": must not include " $2
		n_bad++
	}
	from = node_of($1)
	to = node_of($2)
	if (from != to && !((from, to) in edge)) {
		edge[from, to] = 1
		n_below[from]++
		below[from] = below[from] " " to
		above[to] = above[to] " " from
	}
}
END {
	if (n_seen == 0) {
		print "floors.sh: no #include found, is this the source tree?"
		exit 2
	}
	for (set_down(); n_down < n_nodes; set_down())
		tell_circle()
	for (i = 1; tells_order && i <= n_lines; i++) {
		split(lines[i], words, " ")
		if (words[1] == "")
			continue
		printf "%s:", words[1]
		for (j = 1; j <= n_nodes; j++)
			if (floor_of(in_order[j]) == words[1])
				printf " %s", substr(in_order[j], index(in_order[j], "/") + 1)
		print ""
	}
	if (n_bad == 0)
		print "floors: " n_seen " includes of " n_nodes " files, all of them downwards, and no circle"
	exit (n_bad > 0)
}'
