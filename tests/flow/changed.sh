#!/bin/bash
# A picture that changes after the claim: somebody still wrote it through another name, or put another
# file in its place. What was developed until then is worth nothing, and it begins anew.
. "$(dirname "$0")/lib.sh"

BIG_MPX=${BIG_MPX-16}
DEVELOP_S=${DEVELOP_S-240}
big=$work/big.jpg
wine=$samples/photo/wine.jpg
make_images big "$big" "$BIG_MPX" "$samples/photo/flower.jpg"

is_at_work()
{
	grep -qs '^state: developing' "$ROOT/processing/$1.progress" && [ -n "$(workers)" ]
}

# is_wine NAME: the original and its results
is_wine()
{
	cmp -s "$wine" "$ROOT/done/$1" && cmp -s "$ROOT/out/web/wine.jpg" "$ROOT/out/web/$1" &&
		cmp -s "$ROOT/out/thumb/wine.jpg" "$ROOT/out/thumb/$1"
}

fresh_spool
start_daemon -o workers.count=1
cp "$wine" "$ROOT/inbox/"
ok "as it is when nothing changes" wait_for "$DEVELOP_S" has_done 1

cp "$big" "$work/other-name.jpg"
ln "$work/other-name.jpg" "$ROOT/inbox/written.jpg"
ok "a picture with two names is at work" wait_for "$DEVELOP_S" is_at_work written.jpg
cat "$wine" > "$work/other-name.jpg"
ok "written through the other one, it is done" wait_for "$DEVELOP_S" has_done 2
ok "  as what it is now" is_wine written.jpg

cp "$big" "$ROOT/inbox/replaced.jpg"
ok "another one is at work" wait_for "$DEVELOP_S" is_at_work replaced.jpg
cp "$wine" "$work/new.jpg"
mv "$work/new.jpg" "$ROOT/processing/replaced.jpg"
ok "replaced by a file of its name, it is done" wait_for "$DEVELOP_S" has_done 3
ok "  as what it is now" is_wine replaced.jpg
cp "$big" "$ROOT/inbox/meanwhile.jpg"
ok "one more is at work" wait_for "$DEVELOP_S" is_at_work meanwhile.jpg
ok "the daemon ends" stop_daemon
cp "$wine" "$ROOT/processing/meanwhile.jpg"
start_daemon -o workers.count=1 -o spool.rescan=1h
ok "changed while no daemon was there, it is done" wait_for "$DEVELOP_S" has_done 4
ok "  as what it is now" is_wine meanwhile.jpg
ok "none failed" [ "$(originals failed | wc -l)" -eq 0 ]
ok "nothing is left" wait_idle 30
ok "the daemon ends well" stop_daemon
finish
