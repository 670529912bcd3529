#!/bin/bash
# A file is not touched before it is whole, and developed soon after, however it arrives.
. "$(dirname "$0")/lib.sh"

# The pause of the slow copier: long enough that settle (2 s) would pass within one with 5.
SLOW_PAUSE_S=${SLOW_PAUSE_S-1}
INSTALL_TIMES=${INSTALL_TIMES-100}
camera=$samples/photo/lantern.jpg
size=$(stat -c %s "$camera")
N_PIECES=5

piece()
{
	tail -c +$(($1 * size / N_PIECES + 1)) "$camera" | head -c $((($1 + 1) * size / N_PIECES - $1 * size / N_PIECES))
}

is_untouched()
{
	[ -f "$ROOT/inbox/$1" ] && [ -z "$(find "$ROOT/processing" "$ROOT/failed" "$ROOT/done" -name "$1*")" ]
}

# Writes NAME piece by piece; descriptor 9 stays open, or each piece is opened anew.
write_slowly()
{
	local name=$1 how=$2 i touched=0 begun
	[ "$how" = reopened ] || exec 9> "$ROOT/inbox/$name"
	for ((i = 0; i < N_PIECES; i++)); do
		if [ "$how" = reopened ]; then
			piece $i >> "$ROOT/inbox/$name"
		else
			piece $i >&9
		fi
		[ $i -lt $((N_PIECES - 1)) ] || break
		sleep "$SLOW_PAUSE_S"
		is_untouched "$name" || touched=$((touched + 1))
	done
	begun=$(now_ms)
	[ "$how" = reopened ] || exec 9>&-
	ok "$name ($how): not touched before it was whole" [ $touched -eq 0 ]
	ok "$name: developed soon after" wait_for 10 [ -f "$ROOT/done/$name" ]
	note "$name: in done/ $(($(now_ms) - begun)) ms after its last byte"
	ok "$name: it is the same picture" cmp -s "$camera" "$ROOT/done/$name"
}

fresh_spool
start_daemon

note "a photograph with an EXIF thumbnail, written with pauses of $SLOW_PAUSE_S s"
write_slowly open.jpg open
write_slowly reopened.jpg reopened

note "the final size first, the bytes later, as a Windows client does"
truncate -s "$size" "$ROOT/inbox/sized.jpg"
exec 9<> "$ROOT/inbox/sized.jpg"
head -c 300000 "$camera" >&9
sleep "$SLOW_PAUSE_S"
ok "sized.jpg: not touched before it was whole" is_untouched sized.jpg
tail -c +300001 "$camera" >&9
exec 9>&-
ok "sized.jpg: developed soon after" wait_for 10 [ -f "$ROOT/done/sized.jpg" ]

note "moved in: it is whole at once"
for i in 1 2 3; do
	cp "$samples/orientation/F1.jpg" "$work/moved-$i.jpg"
	begun=$(now_ms)
	mv "$work/moved-$i.jpg" "$ROOT/inbox/"
	ok "moved-$i.jpg is developed" wait_for 5 [ -f "$ROOT/done/moved-$i.jpg" ]
	note "moved-$i.jpg: in done/ after $(($(now_ms) - begun)) ms"
done

note "install and rsync set modes and times after closing; they must not notice us"
n_bad=0
for ((i = 1; i <= INSTALL_TIMES; i++)); do
	install -m644 "$samples/orientation/F2.jpg" "$ROOT/inbox/install-$i.jpg" || n_bad=$((n_bad + 1))
done
ok "install ends with 0, $INSTALL_TIMES times" [ $n_bad -eq 0 ]
n_bad=0
for ((i = 1; i <= INSTALL_TIMES; i++)); do
	rsync --inplace -a "$samples/orientation/F3.jpg" "$ROOT/inbox/rsync-$i.jpg" || n_bad=$((n_bad + 1))
done
ok "rsync --inplace ends with 0, $INSTALL_TIMES times" [ $n_bad -eq 0 ]
ok "all of them are developed" wait_for 120 has_done $((6 + 2 * INSTALL_TIMES))
ok "nothing is left" wait_idle 10
ok "none failed" [ "$(originals failed | wc -l)" -eq 0 ]
ok "the daemon ends well" stop_daemon
finish
