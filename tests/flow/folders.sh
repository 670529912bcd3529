#!/bin/bash
# Many folders of small files, copied and moved in while the daemon runs: none is missed.
. "$(dirname "$0")/lib.sh"

FOLDERS=${FOLDERS-100}
FILES_PER_FOLDER=${FILES_PER_FOLDER-5}
DEVELOP_S=${DEVELOP_S-300}
n_files=$((FOLDERS * FILES_PER_FOLDER))

relative()
{
	(cd "$1" && find . -type f | sort)
}

# same_names FOLDER1 FOLDER2, whatever the suffix of the files
same_names()
{
	diff <(relative "$1") <(relative "$2") > "$work/diff" && return 0
	note "$(wc -l < "$work/diff") differences, the first: $(head -n 5 "$work/diff" | tr '\n' ' ')"
	return 1
}

check_all()
{
	ok "$1: all $n_files are done" wait_for "$DEVELOP_S" has_done "$n_files"
	ok "$1: nothing is left" wait_idle 30
	ok "$1: done/ is what was dropped" same_names "$2" "$ROOT/done"
	ok "$1: out/web is too" same_names "$2" "$ROOT/out/web"
	ok "$1: out/thumb is too" same_names "$2" "$ROOT/out/thumb"
	ok "$1: none failed" [ "$(originals failed | wc -l)" -eq 0 ]
	ok "$1: the daemon ends well" stop_daemon
}

make_images folders "$work/tree" "$FOLDERS" "$FILES_PER_FOLDER" "$samples"/orientation/F{1,2,3,4}.jpg

fresh_spool
start_daemon
cp -r "$work/tree/." "$ROOT/inbox/"
check_all "cp -r" "$work/tree"

fresh_spool
start_daemon
cp -r "$work/tree" "$work/to-move"
for folder in "$work"/to-move/*; do
	mv "$folder" "$ROOT/inbox/"
done
check_all "mv folder by folder" "$work/tree"

fresh_spool
start_daemon
mkdir "$work/whole"
cp -r "$work/tree" "$work/whole/trip"
cp -r "$work/tree" "$work/trip"
mv "$work/trip" "$ROOT/inbox/"
# Renamed while it is being read: the daemon must not lose what has a new name now.
mv "$ROOT/inbox/trip/d0001" "$ROOT/inbox/trip/renamed" 2> /dev/null
ok "mv of the whole: all $n_files are done" wait_for "$DEVELOP_S" has_done "$n_files"
ok "mv of the whole: nothing is left" wait_idle 30
ok "mv of the whole: none failed" [ "$(originals failed | wc -l)" -eq 0 ]
ok "mv of the whole: each once in out/web" [ "$(count_files "$ROOT/out/web")" -eq $n_files ]
ok "mv of the whole: each once in out/thumb" [ "$(count_files "$ROOT/out/thumb")" -eq $n_files ]
ok "mv of the whole: the daemon ends well" stop_daemon
finish
