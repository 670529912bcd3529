#!/bin/bash
# A name that is there already: conflict = replace and fail, and darkroom retry --replace. What
# conflict = rename does is in control.sh.
. "$(dirname "$0")/lib.sh"

fire=$samples/photo/fire.jpg dunes=$samples/photo/dunes.jpg wine=$samples/photo/wine.jpg
WAIT_S=60

# drop FILE REL: as a rename, so that it is there at once.
drop()
{
	cp "$1" "$work/dropped" && mv "$work/dropped" "$ROOT/inbox/$2"
}

# is_of RESULT ORIGINAL: the thumb RESULT has the proportions of ORIGINAL, by a decoder not ours.
is_of()
{
	local ours theirs
	ours=$(djpeg -grayscale -pnm "$1" | head -c 32 | sed -n 2p)
	theirs=$(djpeg -grayscale -pnm "$2" | head -c 32 | sed -n 2p)
	python3 -c 'import sys
a, b, c, d = map(int, sys.argv[1:]); sys.exit(abs(a / b - c / d) > 0.02)' $ours $theirs
}

is_done_as()
{
	[ -f "$ROOT/done/$2" ] && cmp -s "$1" "$ROOT/done/$2" && has_nothing_in_work
}

n_results()
{
	[ "$(count_files "$ROOT/out")" -eq "$1" ]
}

keeps_marks()
{
	python3 -c 'import os, sys; os.setxattr(sys.argv[1], "user.darkroom.test", b"1")' "$ROOT" 2> /dev/null
}

fresh_spool
if keeps_marks; then
	note "conflict = replace"
	start_daemon -o spool.conflict=replace -o spool.progress=keep
	drop "$fire" photo.jpg
	ok "the first is done" wait_for $WAIT_S is_done_as "$fire" photo.jpg
	drop "$dunes" photo.jpg
	ok "the second takes its place" wait_for $WAIT_S is_done_as "$dunes" photo.jpg
	ok "nothing else is in done/, but its sidecar" [ "$(count_files "$ROOT/done")" -eq 2 ]
	ok "which says that it is done" first_line_has "$ROOT/done/photo.jpg.progress" done
	ok "two results" n_results 2
	ok "which are the second's" is_of "$ROOT/out/thumb/photo.jpg" "$dunes"
	note "somebody worked on a result: it is not ours any more"
	cp "$wine" "$ROOT/out/web/photo.jpg"
	drop "$fire" photo.jpg
	ok "the third gets a free name" wait_for $WAIT_S is_done_as "$fire" photo-2.jpg
	ok "the changed result stays" cmp -s "$wine" "$ROOT/out/web/photo.jpg"
	ok "the second original stays" cmp -s "$dunes" "$ROOT/done/photo.jpg"
	ok "four results" n_results 4
	drop "$wine" PHOTO.JPG
	ok "another case is another photograph" wait_for $WAIT_S is_done_as "$wine" PHOTO-3.JPG
	ok "the daemon ends well" stop_daemon

	note "darkroom retry --replace"
	fresh_spool
	start_daemon
	drop "$fire" a.jpg
	ok "the first is done" wait_for $WAIT_S is_done_as "$fire" a.jpg
	drop "$dunes" a.jpg
	ok "the second is a-2.jpg" wait_for $WAIT_S is_done_as "$dunes" a-2.jpg
	stop_daemon
	start_daemon -o 'rendition thumb.size=100x100'
	ok "retry --replace" "$DARKROOM" -r "$ROOT" retry --replace a-2.jpg
	ok "it is done again, under its name" wait_for $WAIT_S is_done_as "$dunes" a-2.jpg
	ok "still four results" n_results 4
	ok "the new one is in the place of the old one" [ "$(djpeg -pnm "$ROOT/out/thumb/a-2.jpg" |
		head -c 20 | sed -n '2s/ .*//p')" = 100 ]
	mv "$ROOT/done/a-2.jpg" "$ROOT/inbox/"
	ok "moved by hand, nothing is replaced" wait_for $WAIT_S is_done_as "$dunes" a-2-2.jpg
	ok "six results" n_results 6
	ok "the daemon ends well" stop_daemon
else
	note "skipped: conflict = replace; $work takes no extended attributes"
fi

note "conflict = fail"
fresh_spool
start_daemon -v -o spool.conflict=fail
drop "$fire" photo.jpg
ok "the first is done" wait_for $WAIT_S is_done_as "$fire" photo.jpg
: > "$log"
drop "$dunes" photo.jpg
ok "the second fails" wait_for $WAIT_S [ -f "$ROOT/failed/photo.jpg.error.txt" ]
ok "it lies in failed/" wait_for $WAIT_S cmp -s "$dunes" "$ROOT/failed/photo.jpg"
note "$(first_line "$ROOT/failed/photo.jpg.error.txt")"
ok "the text says which name is taken" first_line_has "$ROOT/failed/photo.jpg.error.txt" "done/photo.jpg"
ok "and has a word for it" grep -qx 'code: name-taken' "$ROOT/failed/photo.jpg.error.txt"
not_ok "it was not developed for that" grep -q event=started "$log"
ok "the first is as it was" is_done_as "$fire" photo.jpg
ok "two results" n_results 2
ok "of the first" is_of "$ROOT/out/thumb/photo.jpg" "$fire"
note "the other one is taken away"
rm "$ROOT"/done/photo.jpg "$ROOT"/out/*/photo.jpg
mv "$ROOT/failed/photo.jpg" "$ROOT/inbox/"
ok "then it is done" wait_for $WAIT_S is_done_as "$dunes" photo.jpg
ok "and its error text goes" wait_for $WAIT_S [ ! -e "$ROOT/failed/photo.jpg.error.txt" ]
ok "the daemon ends well" stop_daemon
finish
