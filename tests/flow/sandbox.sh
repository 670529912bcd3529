#!/bin/bash
# The box of a worker: what the kernel says about one, what happens to one that breaks its rules,
# what the self-test notices, and every kind of rendition in it. tests/unit/test_sandbox has the
# table of what must kill.
. "$(dirname "$0")/lib.sh"

DEVELOP_S=${DEVELOP_S-240}
CORPUS_STEP=${CORPUS_STEP-16} # of the corpus each so many-th picture; 1: all, as in make nightly
corpus=${DARKROOM_CORPUS-$top_srcdir/../shared/corpus}
rogue=$PWD/tests/flow/rogue.so
photo=$samples/photo/fire.jpg
said=$work/said
export ASAN_OPTIONS="${ASAN_OPTIONS-}:verify_asan_link_order=0" # a library is preloaded

version() { "$DARKROOMD" --version; }
has_layer() { version | grep -q "^sandbox: .*\<$1\>" && ! version | grep -q "^sandbox: without $1"; }
version | sed 's/^/# /'

# exits STATUS COMMAND...: what it says is in $said
exits()
{
	local wanted=$1 status
	shift
	timeout $DEVELOP_S "$@" > "$said" 2>&1 < /dev/null
	status=$?
	[ $status -eq "$wanted" ] && return 0
	note "exit status $status: $(head -n 5 "$said")"
	return 1
}
says() { grep -q -- "$1" "$said"; }
field() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$(workers | head -n 1)/status"; }
has_worker() { [ -n "$(workers)" ] && [ "$(field NoNewPrivs)" = 1 ]; }
has_idle_worker() { has_worker && { ! has_layer seccomp || [ "$(field Seccomp)" = 2 ]; }; }
other_net() { [ "$(readlink "/proc/$(workers | head -n 1)/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }

note "what the kernel says about a worker"
fresh_spool
start_daemon -o workers.count=1
ok "it comes up" wait_for 30 has_idle_worker
ok "without capabilities" [ "$(field CapEff | tr -d 0)" = '' ]
has_layer seccomp && ok "filtered" [ "$(field Seccomp)" = 2 ]
if has_layer network && [ "$(id -u)" = 0 ]; then
	ok "in a network of its own" other_net
else
	note "skipped: its network, which only root can look at, or which this machine lacks"
fi
ok "the log says what holds" grep -q 'event=sandbox has="' "$log"
cp "$photo" "$ROOT/inbox/a.jpg"
ok "it develops" wait_for "$DEVELOP_S" has_done 1
ok "the daemon ends well" stop_daemon

note "another user"
ok "an unknown one is a mistake" exits 1 "$DARKROOMD" --check-config -o spool.user=nobody-of-that-name
ok "  and told" says 'there is no user of that name'
ok "root is a mistake" exits 1 "$DARKROOMD" --check-config -o spool.user=root
if [ "$(id -u)" = 0 ]; then
	start_daemon -o workers.count=1 -o spool.user=nobody
	ok "it comes up" wait_for 30 has_idle_worker
	ok "as that user" [ "$(field Uid)" = "$(printf '%s\t%s\t%s\t%s' $(for _ in 1 2 3 4; do id -u nobody; done))" ]
	ok "in no group of root's" [ "$(field Groups | tr -d ' ')" = '' ]
	cp "$photo" "$ROOT/inbox/b.jpg"
	ok "it develops" wait_for "$DEVELOP_S" has_done 2
	ok "for the same owner as ever" [ "$(stat -c %u "$ROOT/out/web/b.jpg")" = 0 ]
	worker=$(workers)
	kill_daemon
	ok "it dies with its parent" wait_for 30 is_gone "$worker"
else
	note "skipped: only root can become another user"
	ok "another one than us is a layer less" exits 1 "$DARKROOMD" --check-config -o spool.user=daemon -o workers.sandbox=require
	ok "  and told" says 'without user: the daemon is not root'
fi

note "each layer switched off in turn"
lied() { printf '%s\n' env "LD_PRELOAD=$rogue" "ROGUE_LIES=$1"; }
for layer in seccomp landlock network; do
	has_layer $layer || { note "skipped: this machine, or this build, is without $layer"; continue; }
	ok "$layer: --version says so" exits 0 $(lied $layer) "$DARKROOMD" --version
	ok "  with the reason" says "^sandbox: without $layer: "
	ok "  sandbox = require refuses it" exits 1 $(lied $layer) "$DARKROOMD" --check-config -o workers.sandbox=require
	ok "  with the reason" says "is without $layer"
done
if [ "$(id -u)" = 0 ]; then
	ok "user: sandbox = require refuses" exits 1 $(lied user) "$DARKROOMD" --check-config -o workers.sandbox=require -o spool.user=nobody
	ok "  with the reason" says 'is without user'
	poor() { printf '%s\n' setpriv "--bounding-set=-$1" "--inh-caps=-$1"; }
	cp "$photo" "$ROOT/inbox/d.jpg"
	ok "root without CAP_KILL: the daemon could not end such workers" exits 0 $(poor kill) "$DARKROOMD" -r "$ROOT" --once -o spool.user=daemon
	ok "  and has none" says 'event=sandbox without=user why="the daemon could not end such a worker'
	ok "  and develops" [ -e "$ROOT/done/d.jpg" ]
	cp "$photo" "$ROOT/inbox/e.jpg"
	ok "root without CAP_SYS_ADMIN: what holds alone holds together" exits 0 $(poor sys_admin) "$DARKROOMD" -r "$ROOT" --once -o spool.user=daemon
	ok "  and it develops" [ -e "$ROOT/done/e.jpg" ]
fi
export LD_PRELOAD=$rogue ROGUE_LACKS=landlock
if has_layer seccomp; then
	cp "$photo" "$ROOT/inbox/c.jpg"
	ok "a kernel without Landlock: require does not start" exits 1 "$DARKROOMD" -r "$ROOT" --once -o workers.sandbox=require
	ok "  and says why" says 'event=sandbox without=landlock'
	ok "  and what to do" says 'event=sandbox-not-tight.*workers.sandbox = auto'
	ok "  and has taken nothing" [ -e "$ROOT/inbox/c.jpg" ]
	ok "  nor does convert" exits 1 "$DARKROOM" convert -o workers.sandbox=require "$photo" "$work/none"
	ok "  which says why" says 'without landlock: the kernel has no Landlock'
	ok "auto goes on" exits 0 "$DARKROOMD" -r "$ROOT" --once
	ok "  and says so once" [ "$(grep -c 'without=landlock' "$said")" = 1 ]
	ok "  and develops" [ -e "$ROOT/done/c.jpg" ]
fi
unset LD_PRELOAD ROGUE_LACKS

note "a worker that breaks its rules"
if has_layer seccomp; then
	fresh_spool
	export LD_PRELOAD=$rogue ROGUE_SIZE
	ROGUE_SIZE=$(stat -c %s "$samples/photo/wine.jpg")
	start_daemon
	cp "$samples/photo/wine.jpg" "$ROOT/inbox/rogue.jpg"
	cp "$photo" "$ROOT/inbox/good.jpg"
	ok "its picture is in failed/" wait_for "$DEVELOP_S" test -e "$ROOT/failed/rogue.jpg.error.txt"
	ok "  after a second try" [ "$(grep -c 'rogue.jpg.*event=worker-died.*forbidden system call' "$log")" = 2 ]
	ok "  with the reason" grep -q 'worker died of signal 31 (forbidden system call)' "$ROOT/failed/rogue.jpg.error.txt"
	ok "others are not its victims" wait_for "$DEVELOP_S" test -e "$ROOT/done/good.jpg"
	ok "the daemon ends well" stop_daemon
	ok "convert fails it, too" exits 1 "$DARKROOM" convert "$samples/photo/wine.jpg" "$work/rogue"
	ok "  with the reason" says 'forbidden system call'
	unset LD_PRELOAD ROGUE_SIZE
else
	note "skipped: this machine, or this build, is without seccomp"
fi

note "a result that is too long"
make_images big "$work/noise.jpg" 1 "$photo"
long=(-o limits.pixels=4M -o limits.file=2M -o 'rendition web.size=5000x5000' -o 'rendition web.enlarge=yes'
	-o 'rendition web.format=png' -o 'rendition web.compression=0' -o 'profile default.renditions=web')
ok "is refused" exits 1 "$DARKROOM" convert "${long[@]}" "$work/noise.jpg" "$work/long"
ok "  for what it is" says 'noise.jpg: The picture is larger than the limits.*a result would be longer'

note "every kind of rendition"
make_images mark "$work/mark.png" c00000
cat > "$work/kinds.ini" << END
[profile default]
renditions = plain, fill, pad, deep, lit, small, copy, copied, fast, keep
[rendition plain]
size = 200x200
[rendition fill]
size = 99x70
mode = fill
progressive = yes
subsampling = 422
sharpen = 80
[rendition pad]
size = 120x120
mode = pad
background = "#203040"
format = png
interlace = yes
watermark = $work/mark.png
[rendition deep]
size = 90x90
format = png
depth = keep
color = keep
[rendition lit]
size = 80x80
linear = yes
intent = perceptual
metadata = keep
watermark = $work/mark.png
[rendition small]
size = 300x300
format = jpeg
quality = 95
max_bytes = 8K
[rendition copy]
metadata = keep
color = keep
[rendition copied]
metadata = none
[rendition fast]
size = 64x64
decode = fast
optimize = no
enlarge = yes
[rendition keep]
size = 50x
color = keep
metadata = keep
END
pictures=("$samples"/{photo,jpeg,png,orientation,bad})
if [ -f "$corpus/MANIFEST.tsv" ]; then
	while read -r picture; do
		pictures+=("$picture")
	done < <(find "$corpus" -type f -size -1000k \( -iname '*.jp*g' -o -iname '*.png' \) | sort | awk "NR % $CORPUS_STEP == 0")
else
	note "no corpus at $corpus: the samples alone"
fi
timeout "$DEVELOP_S" "$DARKROOM" -c "$work/kinds.ini" convert "${pictures[@]}" "$work/out" > "$said" 2>&1 < /dev/null
ok "no worker dies of it" [ "$(grep -c 'The program crashed\|signal\|forbidden' "$said")" = 0 ]
ok "and there are results" [ "$(count_files "$work/out")" -ge 200 ]
note "$(count_files "$work/out") results of ${#pictures[@]} pictures and folders"
finish
