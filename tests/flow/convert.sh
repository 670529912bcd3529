#!/bin/bash
# darkroom convert: the same bytes, names and times as the daemon's, nothing overwritten, bad files
# told, nothing left behind by Ctrl-C or by a dying worker.
. "$(dirname "$0")/lib.sh"

CONVERT_S=${CONVERT_S:-240}
unset XDG_CONFIG_HOME
photo=$samples/photo
said=$work/said
out=$work/out
export DARKROOMD
printf '[spool]\nroot = /nonexistent\n' > "$work/plain.ini"

# exits STATUS ARGUMENT...: what convert says is in $said
exits()
{
	local wanted=$1 status
	shift
	timeout $CONVERT_S "$DARKROOM" -c "${conf:-$work/plain.ini}" convert "$@" > "$said" 2>&1 < /dev/null
	status=$?
	[ $status -eq "$wanted" ] && return 0
	note "exit status $status: $(head -n 5 "$said")"
	return 1
}

said() { grep -qF -- "$1" "$said"; }
wants_no_root()
{
	"$DARKROOM" -r "$ROOT" convert "$photo/fire.jpg" "$work/none" 2> "$said"
	[ $? -eq 64 ] && said "leave out -r"
}
has_no_temp() { [ -z "$(find "$1" -name '.*' ! -path "$1")" ]; }
is_not_there() { [ ! -e "$1" ]; }
times_of() { (cd "$1" && find . -type f -printf '%P %T@\n' | sort); }
same_times() { [ "$(times_of "$1")" = "$(times_of "$2")" ]; }

note "the same as the daemon"
mkdir -p "$work/set/deep er"
cp -p "$samples"/{photo,jpeg,orientation}/*.jpg "$work/set"
cp -p "$samples"/png/*.png "$work/set/deep er"
cp -p "$photo/fire.jpg" "$work/set/deep er/Fire.JPEG"
touch -d '2001-02-03 04:05:06.789' "$work/set/fire.jpg"
touch -d '1965-04-03 02:01:00.25 UTC' "$work/set/flower.jpg"
make_images mark "$work/mark.png" c00000
cat > "$work/rich.ini" << EOF
[profile default]
renditions = web, square, png, crisp, deep, lit, small, asis
[rendition square]
size = 200x200
mode = fill
name = {stem}_square.{ext}
[rendition png]
size = 300x
format = png
[rendition crisp]
size = 500x500
sharpen = 80
watermark = $work/mark.png
subsampling = 422
[rendition deep]
size = 350x350
mode = pad
background = "#203040"
format = png
depth = keep
interlace = yes
sharpen = 40
watermark = $work/mark.png
watermark_place = northwest
color = keep
[rendition lit]
size = 240x240
linear = yes
progressive = yes
metadata = keep
[rendition small]
size = 600x600
format = jpeg
quality = 95
max_bytes = 20K
[rendition asis]
metadata = keep
color = keep
[profile small]
renditions = thumb
EOF
fresh_spool
start_daemon -c "$work/rich.ini"
cp -pr "$work/set" "$ROOT/inbox/"
ok "the daemon develops them" wait_idle $CONVERT_S
ok "  and logs what quality max_bytes led to" grep -q 'event=quality-found rendition=small quality=[1-9]' "$log"
ok "the daemon ends well" stop_daemon
conf=$work/rich.ini
ok "convert develops them" exits 0 "$work/set" "$out"
ok "  and has nothing to say" [ ! -s "$said" ]
ok "every result" [ "$(count_files "$out")" -eq $((8 * $(count_files "$work/set"))) ]
ok "the same names and bytes as the daemon's" diff -r "$ROOT/out" "$out"
ok "the same times" same_times "$ROOT/out" "$out"
ok "nothing hidden is left" has_no_temp "$out"
ok "originals stay" [ -f "$work/set/fire.jpg" ]

note "a profile by name"
ok "-p takes it, in any case" exits 0 -p SMALL "$photo/fire.jpg" "$work/small"
ok "  and only that" [ "$(cd "$work/small" && find . -type f)" = ./thumb/fire.jpg ]
ok "an unknown one is refused" exits 1 -p wedding "$photo/fire.jpg" "$work/none"
ok "  with a list of those there are" said "default, small"
ok "  and nothing is made" is_not_there "$work/none"
ok "-o sets a key" exits 0 -o profile\ default.renditions=thumb "$photo/fire.jpg" "$work/key"
ok "  which counts" [ "$(ls "$work/key")" = thumb ]
ok "a mistake in a key is told" exits 1 -o workers.count=many "$photo/fire.jpg" "$work/none"
conf=$work/plain.ini
ok "no OUTDIR is bad usage" exits 64 "$photo/fire.jpg"
ok "-r is bad usage" wants_no_root
ok "an OUTDIR that cannot be made is told" exits 1 "$photo/fire.jpg" "$work/no/such"

note "names"
ok "a first one" exits 0 "$photo/fire.jpg" "$work/names"
before=$(sha256sum "$work/names/web/fire.jpg")
cp "$photo/wine.jpg" "$work/FIRE.jpg"
ok "another case of a name that is there" exits 0 -v "$work/FIRE.jpg" "$work/names"
ok "  gets a free one" [ -f "$work/names/web/FIRE-2.jpg" ]
ok "  for all renditions" [ -f "$work/names/thumb/FIRE-2.jpg" ]
ok "  and -v says it" said "$work/FIRE.jpg: web/FIRE-2.jpg thumb/FIRE-2.jpg"
ok "  the first is untouched" [ "$(sha256sum "$work/names/web/fire.jpg")" = "$before" ]
umask_before=$(umask); umask 027
ok "modes" exits 0 "$photo/fire.jpg" "$work/modes"
umask "$umask_before"
ok "  by the umask" [ "$(stat -c %a "$work/modes/web/fire.jpg" "$work/modes/web" | tr '\n' ' ')" = "640 750 " ]
mkdir "$work/in"; cp "$photo/fire.jpg" "$work/in"
exits 0 "$work/in" "$work/in/out"
ok "OUTDIR within the folder" exits 0 "$work/in" "$work/in/out"
ok "  is not developed itself" [ "$(count_files "$work/in/out")" = 4 ]

note "bad files"
ok "exit status 1" exits 1 "$samples/bad" "$photo/wine.jpg" "$work/missing.jpg" "$work/bad"
ok "  the good one is developed" [ -f "$work/bad/web/wine.jpg" ]
ok "  nothing of the bad ones" [ "$(count_files "$work/bad")" = 2 ]
ok "  each with its reason" said "$samples/bad/truncated.jpg: The file is incomplete"
ok "  a missing one too" said "cannot read $work/missing.jpg"
ok "  what is no picture is left out of a folder" said "notes.txt is neither a JPEG nor a PNG, left out"
ok "a file that is no picture, by name" exits 1 "$samples/bad/notes.txt" "$work/bad"
ok "  is told" said "notes.txt: The file is neither a JPEG nor a PNG"
mkdir "$work/notes"; cp "$samples/bad/notes.txt" "$work/notes"
ok "a folder without pictures is no failure" exits 0 "$work/notes" "$work/bad"
ok "  but for unsupported = fail" exits 1 -o spool.unsupported=fail "$work/notes" "$work/bad"
ok "a limit of the configuration" exits 1 -o limits.pixels=1000 "$photo/fire.jpg" "$work/bad"
ok "  is told" said "larger than the limits"
ok "one of the file's length" exits 1 -o limits.file=50K "$photo/fire.jpg" "$work/bad"
ok "  is told with the figures" said "limits.file allows 51200"
: > "$work/file"
ok "a file in the place of OUTDIR" exits 1 "$photo/fire.jpg" "$work/file"

note "the program of the workers"
DARKROOMD=/nonexistent/darkroomd ok "none" exits 1 "$photo/fire.jpg" "$work/none"
ok "  is told" said "cannot run /nonexistent/darkroomd"
DARKROOMD=/bin/true ok "another program" exits 1 "$photo/fire.jpg" "$work/none"
ok "  is told" said "/bin/true does not start as a worker"
ok "  as is what was not begun" said "not begun or not finished: 1 of 1"

note "in the middle of a picture"
make_images big "$work/big.jpg" 60 "$photo/fire.jpg"

start_big() # OUTDIR [OPTION...]
{
	local out=$1
	shift
	"$DARKROOM" -c "$work/plain.ini" convert "$@" "$work/big.jpg" "$out" > "$said" 2>&1 < /dev/null &
	converter=$!
	children+=("$converter")
}
converter_workers() { cat /proc/"$converter"/task/*/children 2> /dev/null; }
has_begun() { [ -n "$(find "$1" -name ".tmp-$converter-$2-*" 2> /dev/null)" ]; }
# kill_worker OUTDIR TASK: in the middle of that attempt
kill_worker()
{
	wait_for $CONVERT_S has_begun "$@" && kill -KILL $(converter_workers)
}
ended() # STATUS
{
	local status
	wait "$converter" 2> /dev/null
	status=$?
	[ $status -eq "$1" ] || note "exit status $status: $(head -n 3 "$said")"
	[ $status -eq "$1" ]
}

start_big "$work/int"
ok "(in work)" wait_for $CONVERT_S has_begun "$work/int" 1
its_workers=$(converter_workers)
started=$(now_ms)
kill -INT "$converter"
ok "Ctrl-C ends it" ended 130
note "after $(($(now_ms) - started)) ms"
ok "  without leaving anything" [ "$(count_files "$work/int")" = 0 ]
for worker in $its_workers; do
	ok "  not even a worker" is_gone "$worker"
done
start_big "$work/once"
ok "a worker killed" kill_worker "$work/once" 1
ok "  once: the picture is developed all the same" ended 0
ok "  into both folders" [ "$(count_files "$work/once")" = 2 ]
start_big "$work/twice"
ok "a worker killed" kill_worker "$work/twice" 1
ok "  twice" kill_worker "$work/twice" 2
ok "  that is a failure" ended 1
ok "  with the reason" said "big.jpg: The program crashed"
ok "  and nothing is left" [ "$(count_files "$work/twice")" = 0 ]
start_big "$work/slow" -o workers.time_limit=1s -o workers.attempts=1
ok "(in work)" wait_for $CONVERT_S has_begun "$work/slow" 1
kill -STOP $(converter_workers)
ok "a worker that hangs" ended 1
ok "  is told" said "within the time limit"

note "a terminal"
script -qec "'$DARKROOM' -c '$work/plain.ini' convert '$work/big.jpg' '$work/tty'" /dev/null > "$said" < /dev/null
ok "shows the progress" grep -q '% - 0 of 1 done' "$said"
finish
