#!/bin/bash
# started.sh: however the daemon was started, and whoever reads its log or does not, it develops.
. "$(dirname "$0")/lib.sh"

a_picture=$samples/jpeg/444.jpg

develops_one()
{
	cp "$a_picture" "$ROOT/inbox/one.jpg"
	wait_for 60 has_done 1
}

# ---- descriptors that are closed ---------------------------------------------------------------

# closed N...: the daemon starts without the standard descriptors N, develops, and writes into no file of
# the spool what it meant for them.
closed()
{
	local redirect='' n
	for n in "$@"; do
		redirect="$redirect $n>&-"
	done
	fresh_spool
	eval "\"$DARKROOMD\" -r \"$ROOT\" < /dev/null > /dev/null 2>> \"$log\" $redirect &"
	daemon=$!
	children+=("$daemon")
	wait_for $START_S test -e "$ROOT/STATUS"
	ok "without descriptor $*: a picture is developed" develops_one
	ok "without descriptor $*: the locks hold no text" test ! -s "$ROOT/.darkroom/locks"
	stop_daemon
}

closed 0
closed 1
closed 2
closed 0 1 2
ok "the command works without descriptors" sh -c "'$DARKROOM' -r '$ROOT' stop 0<&- 1>&- 2>&- && test -e '$ROOT/STOP'"

# ---- a log that nobody reads -------------------------------------------------------------------

# A pipe that is full from the beginning, and a reader that comes at last.
fresh_spool
mkfifo "$work/pipe"
exec 8<> "$work/pipe"
python3 -c '
import os, fcntl
fd = os.open("'"$work"'/pipe", os.O_WRONLY | os.O_NONBLOCK)
try:
    while True: os.write(fd, b"x" * 4096)
except BlockingIOError: pass'
"$DARKROOMD" -r "$ROOT" -v < /dev/null 2> "$work/pipe" &
daemon=$!
children+=("$daemon")
ok "with a log that nobody reads the daemon starts" wait_for $START_S test -e "$ROOT/STATUS"
ok "and develops" develops_one
touch "$ROOT/STOP"
ok "and hears STOP" wait_for 60 first_line_has "$ROOT/STATUS" stopped
rm "$ROOT/STOP"
timeout 5 cat <&8 > "$work/read" &
reader=$!
ok "who reads again is told how much was lost" wait_for 60 grep -aqE 'event=log-lost lines=[1-9]' "$work/read"
for i in 1 2 3; do
	cp "$a_picture" "$ROOT/inbox/again-$i.jpg"
done
wait_for 60 has_done 4
ok "and what comes then" wait_for 60 grep -aq 'event=done' "$work/read"
kill $reader 2> /dev/null
exec 8>&-
stop_daemon
ok "SIGTERM ends it with 0, whoever reads" test $? = 0

# The same where the log is a socket (systemd) that is full.
fresh_spool
cat > "$work/full_socket.py" <<'END'
import os, socket, subprocess, sys
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
theirs.setblocking(False)
try:
    while True: theirs.send(b"x" * 4096)
except BlockingIOError: pass
theirs.setblocking(True)
child = subprocess.Popen(sys.argv[1:], stderr=theirs, stdin=subprocess.DEVNULL)
print(child.pid, flush=True)
child.wait()
END
python3 "$work/full_socket.py" "$DARKROOMD" -r "$ROOT" > "$work/pid" &
children+=("$!")
ok "with a socket that nobody reads the daemon starts" wait_for $START_S test -e "$ROOT/STATUS"
children+=("$(cat "$work/pid")")
ok "and develops, too" develops_one
kill -TERM "$(cat "$work/pid")"
ok "and ends" wait_for $STOP_S is_gone "$(cat "$work/pid")"

# ---- a limit on the size of files --------------------------------------------------------------

# 4 KB: STATUS just fits, a result does not. It is nobody's fault but the limit's.
fresh_spool
(ulimit -f 4; exec "$DARKROOMD" -r "$ROOT" < /dev/null 2>> "$log" 9>&-) > /dev/null &
daemon=$!
children+=("$daemon")
is_up() { [ -e "$ROOT/STATUS" ] || is_gone "$daemon"; }
wait_for $START_S is_up
cp "$samples"/photo/*.jpg "$ROOT/inbox/"
n_dropped=$(originals inbox | wc -l)
is_blocked() { grep -q 'event=blocked why="files may not become as long' "$log"; }
ok "a limit on the size of files is named as what it is" wait_for 60 is_blocked
not_ok "the daemon lives under it" is_gone "$daemon"
ok "no picture is blamed for it" test "$(originals failed | wc -l)" = 0
stop_daemon
start_daemon
ok "without the limit they are developed" wait_for 120 has_done "$n_dropped"
stop_daemon

# ---- a signal that comes at once ---------------------------------------------------------------

# The configuration is a pipe: the daemon reads it until we let go, and has not begun its loop.
fresh_spool
mkfifo "$work/conf"
"$DARKROOMD" -r "$ROOT" -c "$work/conf" < /dev/null 2>> "$log" > /dev/null &
daemon=$!
children+=("$daemon")
exec 7> "$work/conf"
kill -HUP "$daemon"
exec 7>&-
while :; do : > "$work/conf"; done & # it is read more than once, and again for the signal
children+=("$!")
ok "SIGHUP before the loop does not kill the daemon" wait_for $START_S test -e "$ROOT/STATUS"
stop_daemon
kill "${children[-1]}" 2> /dev/null

finish
