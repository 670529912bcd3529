#!/bin/bash
# A daemon that is not root, and pictures whose owner lets nobody read them, from the beginning or while
# they are developed: they wait, listed, and block nobody.
if [ "$(id -u)" -eq 0 ]; then
	build=$(realpath "${DARKROOMD:-./darkroomd}")
	nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	"${nobody[@]}" test -x "$build" -a -r "$0" || {
		echo "skipped: as root, and setpriv or the build folder is not there for anybody else"
		exit 77
	}
	TMPDIR=$(mktemp -d) || exit 99
	export TMPDIR
	chown 65534:65534 "$TMPDIR"
	"${nobody[@]}" bash "$0"
	status=$?
	rm -rf "$TMPDIR"
	exit $status
fi
. "$(dirname "$0")/lib.sh"

BIG_MPX=${BIG_MPX-16}
DEVELOP_S=${DEVELOP_S-240}
make_images big "$work/big.jpg" "$BIG_MPX" "$samples/photo/flower.jpg"

is_at_work()
{
	grep -qs '^state: developing' "$ROOT/processing/$1.progress" && [ -n "$(workers)" ]
}

# is_told NAME: STATUS says what to do about it
is_told()
{
	grep -s -A 3 "$1" "$ROOT/STATUS" | tr -s ' \n' '  ' |
		grep -q 'the daemon may not read it: give its user read permission'
}

fresh_spool
start_daemon -o workers.count=1
cp "$work/big.jpg" "$work/mine.jpg"
mv "$work/mine.jpg" "$ROOT/inbox/"
ok "a picture is at work" wait_for "$DEVELOP_S" is_at_work mine.jpg
chmod 000 "$ROOT/processing/mine.jpg"
cp "$samples/photo/wine.jpg" "$work/closed.jpg"
chmod 000 "$work/closed.jpg"
mv "$work/closed.jpg" "$ROOT/inbox/"
cp "$samples/photo/wine.jpg" "$ROOT/inbox/"
ok "others are done" wait_for "$DEVELOP_S" has_done 1
ok "it waits, with the reason" wait_for "$DEVELOP_S" is_told mine.jpg
ok "so does one that never could be read" wait_for 30 is_told closed.jpg
not_ok "nothing is blocked" grep -qi 'blocked' "$ROOT/STATUS"
chmod 644 "$ROOT/processing/mine.jpg" "$ROOT/inbox/closed.jpg"
ok "until they may be read" wait_for 120 has_done 3
ok "with their results" [ -s "$ROOT/out/web/mine.jpg" -a -s "$ROOT/out/web/closed.jpg" ]
ok "none failed" [ "$(originals failed | wc -l)" -eq 0 ]
ok "the daemon ends well" stop_daemon
finish
