#!/bin/bash
# The same pixels on every processor: results made with libjpeg-turbo's portable code, and with a libc
# that is told of an older processor, are the same to the byte. zimg is unit/test_cpu's.
. "$(dirname "$0")/lib.sh"

PROCESSOR_S=${PROCESSOR_S:-300}
unset XDG_CONFIG_HOME JSIMD_FORCENONE JSIMD_FORCESSE2 JSIMD_FORCEAVX2 JSIMD_NOHUFFENC GLIBC_TUNABLES
export DARKROOMD
# What glibc's functions choose between; a name that it does not know it passes over.
OLD=glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX512BW,-AVX512DQ,-AVX512CD,-AVX2,-AVX,-FMA,-FMA4,-BMI1,-BMI2,-LZCNT,-MOVBE,-SSE4_2,-SSE4_1,-SSSE3

make_images mark "$work/mark.png" c00000
cat > "$work/rich.ini" << EOF
[spool]
root = /nonexistent
[profile default]
renditions = web, thumb, crisp, deep, lit, litpng, small, asis, wide
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
sharpen = 40
[rendition lit]
size = 240x240
linear = yes
progressive = yes
[rendition litpng]
size = 777x777
linear = yes
format = png
depth = keep
[rendition small]
size = 600x600
format = jpeg
max_bytes = 20K
[rendition asis]
metadata = keep
color = keep
[rendition wide]
size = 1111x1111
subsampling = 444
quality = 97
EOF
mkdir "$work/set"
cp -p "$samples"/{photo,jpeg,orientation}/*.jpg "$samples"/png/*.png "$work/set"

# develop NAME [VARIABLE=VALUE...]: everything, into $work/NAME, and how long it took
develop()
{
	local name=$1 before
	before=$(now_ms)
	shift
	timeout "$PROCESSOR_S" env "$@" "$DARKROOM" -c "$work/rich.ini" convert "$work/set" "$work/$name" \
	    > "$work/$name.said" 2>&1 < /dev/null || { note "$(head -n 5 "$work/$name.said")"; return 1; }
	note "$name: $(($(now_ms) - before)) ms"
}
# is_same NAME: with what the processor gives as it is; those that are not are told
is_same()
{
	diff -rq "$work/plain" "$work/$1" > "$work/$1.diff" && return 0
	note "$(grep -c . "$work/$1.diff") differ: $(head -n 5 "$work/$1.diff")"
	return 1
}
library() { ldd "$DARKROOMD" | awk -v name="$1" 'index($1, name) == 1 { print $3 }'; }
loader() { ldd "$DARKROOMD" | awk '$1 ~ /\/ld-linux/ { print $1 }'; }
# levels [VARIABLE=VALUE]: which processors (x86-64-v2 ...) glibc thinks that this one is
levels() { env "$@" "$(loader)" --help 2> /dev/null | grep -c 'x86-64-v[0-9].*supported'; }

note "this processor: $(sh "$top_srcdir/tests/processor.sh")"
"$DARKROOMD" --version > "$work/version"
ok "--version says what the engine uses" grep -qE '^engine: zimg [0-9.]+ (up to|portable)' "$work/version"
note "$(grep '^engine' "$work/version")"
fresh_spool
start_daemon
ok "  and the log" grep -qF "engine=\"$(sed -n 's/^engine: //p' "$work/version")\"" "$log"
ok "the daemon ends well" stop_daemon

ok "as it is" develop plain PROCESSOR=plain
ok "  every result" [ "$(count_files "$work/plain")" -eq $((9 * $(count_files "$work/set"))) ]
ok "once more" develop again PROCESSOR=again
ok "  the same" is_same again
cp -r "$work/plain" "$work/spoiled"
changed=$(find "$work/spoiled" -path '*lit*' -name '*fire*' | head -n 1)
printf x | dd of="$changed" bs=1 seek=3000 conv=notrunc status=none
not_ok "a changed byte is noticed" is_same spoiled
ok "  and where" grep -qF "$changed" "$work/spoiled.diff"

if grep -q JSIMD_FORCENONE "$(library libjpeg)"; then
	ok "libjpeg-turbo without vectors" develop jpeg JSIMD_FORCENONE=1
	ok "  the same" is_same jpeg
	if grep -q JSIMD_FORCESSE2 "$(library libjpeg)"; then
		ok "libjpeg-turbo with SSE2 alone" develop sse2 JSIMD_FORCESSE2=1
		ok "  the same" is_same sse2
	fi
	ok "its Huffman coder without vectors" develop nohuff JSIMD_NOHUFFENC=1
	ok "  the same" is_same nohuff
else
	note "skipped: this libjpeg takes no JSIMD_FORCENONE"
fi

if [ "$(levels)" -gt "$(levels GLIBC_TUNABLES=$OLD)" ]; then
	ok "glibc as on an old processor" develop glibc GLIBC_TUNABLES=$OLD
	ok "  the same" is_same glibc
else
	note "skipped: glibc does not tell this processor from an old one, or cannot be told to"
fi
finish
