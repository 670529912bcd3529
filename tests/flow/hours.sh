#!/bin/bash
# hours: outside of them nothing begins, and it goes on by itself. The spans are reckoned from the
# present time, so that nobody has to wait for the night.
. "$(dirname "$0")/lib.sh"

# clock MINUTES: the time of the day that many minutes from now
clock()
{
	date -d "@$(($(date +%s) + $1 * 60))" +%H:%M
}

closed="$(clock 120)-$(clock 240)"
opened="$(clock -120)-$(clock 120)"

held_reason()
{
	grep -A 1 "^  $1" "$ROOT/STATUS" | tail -n 1
}

status_has()
{
	grep -q "$1" "$ROOT/STATUS"
}

reason_is()
{
	case $(held_reason "$1" | tr -s ' \n' ' ') in *"$2"*) return 0 ;; esac
	return 1
}

switches()
{
	awk '/^voluntary_ctxt_switches/ { print $2 }' "/proc/$daemon/status"
}

note "for all: closed, opened by SIGHUP"
fresh_spool
printf '[spool]\nhours = %s\n' "$closed" > "$work/my.ini"
start_daemon -c "$work/my.ini"
cp "$samples/photo/fire.jpg" "$ROOT/inbox/"
ok "STATUS says when it goes on" wait_for 30 first_line_has "$ROOT/STATUS" \
	"outside hours - goes on at ${closed%-*} (spool.hours = $closed)"
ok "the picture waits" wait_for 30 status_has '^Waiting: 1'
ok "the metrics say so" grep -q '^darkroom_state{state="outside hours"} 1' "$ROOT/metrics.prom"
"$DARKROOM" -r "$ROOT" wait --timeout 1s 2> "$work/said"
ok "darkroom wait says why" grep -q "outside the hours: goes on at ${closed%-*}" "$work/said"
before=$(switches)
sleep 3
after=$(switches)
note "$((after - before)) voluntary context switches in 3 s"
ok "it sleeps meanwhile" [ $((after - before)) -le 3 ]
ok "nothing was touched" [ -f "$ROOT/inbox/fire.jpg" ]
printf '[spool]\nhours = %s, %s\n' "$closed" "$opened" > "$work/my.ini"
kill -HUP "$daemon"
ok "within other hours it goes on" wait_for 30 has_done 1

note "what runs is finished, what was interrupted waits"
make_images big "$work/big.jpg" 40 "$samples/photo/flower.jpg"
mv "$work/big.jpg" "$ROOT/inbox/"
ok "one is in work" wait_for 30 grep -q '^percent: [1-9]' "$ROOT/processing/big.jpg.progress" 2> /dev/null
printf '[spool]\nhours = %s\n' "$closed" > "$work/my.ini"
kill -HUP "$daemon"
cp "$samples/photo/fire.jpg" "$ROOT/inbox/next.jpg"
ok "it is finished outside the hours" wait_for 120 [ -f "$ROOT/done/big.jpg" ]
ok "the next one waits" [ -f "$ROOT/inbox/next.jpg" ]
ok "the daemon ends well" stop_daemon
"$DARKROOMD" -c "$work/my.ini" -r "$ROOT" --once > "$work/said" 2>> "$log"
ok "--once leaves it" [ $? -eq 2 ]
ok "and says why" grep -q "next.jpg: goes on at ${closed%-*}" "$work/said"

note "for one profile: others overtake its pictures"
fresh_spool
printf '[profile night]\nhours = %s\n' "$closed" > "$work/my.ini"
mkdir -p "$ROOT/inbox/night/deep" "$ROOT/inbox/day"
cp "$samples/photo/fire.jpg" "$ROOT/inbox/night/a.jpg"
cp "$samples/photo/fire.jpg" "$ROOT/inbox/night/deep/b.jpg"
start_daemon -c "$work/my.ini"
cp "$samples/photo/dunes.jpg" "$ROOT/inbox/c.jpg"
cp "$samples/photo/dunes.jpg" "$ROOT/inbox/day/d.jpg"
ok "those of others are done" wait_for 30 has_done 2
ok "its own are listed" wait_for 30 status_has '^Waiting for a reason: 2'
ok "  with the reason" reason_is night/a.jpg "outside the hours of its profile; goes on at ${closed%-*}"
ok "  and wait" [ -f "$ROOT/inbox/night/deep/b.jpg" ]
mkdir "$ROOT/processing/night"
mv "$ROOT/inbox/night/a.jpg" "$ROOT/processing/night/"
kill_daemon
"$DARKROOMD" -c "$work/my.ini" -r "$ROOT" --once > "$work/said" 2>> "$log"
ok "--once leaves them" [ $? -eq 2 ]
ok "  and says why" grep -q "night/deep/b.jpg: outside the hours of its profile" "$work/said"
ok "  an interrupted one too" grep -q "night/a.jpg: outside the hours of its profile" "$work/said"
printf '[profile night]\nhours = %s\n' "$opened" > "$work/my.ini"
start_daemon -c "$work/my.ini"
ok "within its hours they are developed" wait_for 30 has_done 4
ok "the daemon ends well" stop_daemon

# A span that begins with the next minute: up to a minute of waiting, so only on demand.
if [ -n "${HOURS_WAIT-}" ]; then
	note "it goes on by itself at the next minute"
	fresh_spool
	# Too late in a minute, and it might be open before anybody sees it closed.
	second=$((10#$(date +%S)))
	[ $second -lt 45 ] || sleep $((61 - second))
	next=$(clock 1)
	start_daemon -o "spool.hours=$next-$(clock 120)"
	cp "$samples/photo/fire.jpg" "$ROOT/inbox/"
	ok "it is closed" first_line_has "$ROOT/STATUS" "outside hours - goes on at $next"
	ok "it opens" wait_for 90 has_done 1
	note "it was done at $(date -r "$ROOT/out/web" +%H:%M:%S.%N | cut -c 1-12), $next was named"
	ok "the daemon ends well" stop_daemon
else
	note "skipped: the span that begins with the next minute (HOURS_WAIT=1 runs it, up to a minute)"
fi
finish
