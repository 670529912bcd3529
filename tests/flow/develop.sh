#!/bin/bash
# Every sample dropped at once with cp -r: what is sound is developed, what is not is refused
# with a reason, no original is lost. With a corpus beside the source tree, all of that as well.
. "$(dirname "$0")/lib.sh"

DEVELOP_S=240
corpus=${DARKROOM_CORPUS-$top_srcdir/../shared/corpus}

# Files that end in the middle would wait a minute for the rest of them.
impatient=(-o spool.incomplete=2s)

developed_all()
{
	local original
	# Ready when the inbox holds nothing but what has to stay there.
	has_nothing_in_work || return 1
	while read -r original; do
		case $(head -c 8 "$original" 2> /dev/null | od -An -tx1) in
		' ff d8 ff'* | ' 89 50 4e 47 0d 0a 1a 0a') return 1 ;;
		esac
	done < <(originals inbox)
}

note "the samples of the source tree"
fresh_spool
start_daemon "${impatient[@]}"
cp -r --no-preserve=mode "$samples/." "$ROOT/inbox/"
ok "all samples are dealt with" wait_for $DEVELOP_S developed_all
tree_check "$samples"
ok "STATUS says something" [ -s "$ROOT/STATUS" ]
ok "notes.txt is listed in STATUS as not developed" wait_for 10 grep -q 'notes\.txt' "$ROOT/STATUS"
ok "the daemon ends well" stop_daemon

if [ -f "$corpus/MANIFEST.tsv" ]; then
	note "the corpus: $corpus"
	fresh_spool
	start_daemon "${impatient[@]}"
	started=$(now_ms)
	cp -r --no-preserve=mode "$corpus/." "$ROOT/inbox/"
	ok "the whole corpus is dealt with" wait_for $DEVELOP_S developed_all
	note "it took $(($(now_ms) - started)) ms for $(originals done | wc -l) done, $(originals failed | wc -l) failed"
	tree_check "$corpus" --manifest "$corpus/MANIFEST.tsv"
	ok "the daemon ends well" stop_daemon
else
	note "no corpus at $corpus"
fi
finish
