#!/bin/bash
# links.sh: a link in the place of a folder of the spool leads the daemon nowhere. Root alone can show it:
# only then is somebody else's folder within reach.
. "$(dirname "$0")/lib.sh"

if [ "$(id -u)" != 0 ]; then
	echo "skipped: only a daemon that is root could be led into another user's folder"
	exit 77
fi
a_picture=$samples/jpeg/444.jpg
victim=$work/victim
chmod 755 "$work"

# Another user's own folder, with what each attack would love to find there.
fresh_victim()
{
	rm -rf "$victim"
	mkdir -m 0700 "$victim"
	mkdir "$victim/old-1-1" "$victim/letters"
	cp "$a_picture" "$victim/private.jpg"
	echo secret > "$victim/letters/one"
	echo "rel: x" > "$victim/job"
	chown -R 65534:65534 "$victim"
	before=$(seen_of_victim)
}

seen_of_victim()
{
	(cd "$victim" && find . -printf '%p %y %m %U %G %s %T@\n' | sort && find . -type f -exec cksum {} + | sort)
}

victim_is_well()
{
	[ "$(seen_of_victim)" = "$before" ] && return 0
	diff <(printf '%s\n' "$before") <(seen_of_victim)
	return 1
}

# The group of ROOT may write it, as README's share has it; not sticky: as a user would meet it today.
group_spool()
{
	fresh_spool
	chown 0:100 "$ROOT"
	chmod 2775 "$ROOT"
}

ends_or_serves()
{
	is_gone "$daemon" || [ -e "$ROOT/STATUS" ]
}

# The daemon is started where NAME is a link already: it refuses, and says which one it is.
planted()
{
	local name=$1
	group_spool
	fresh_victim
	mkdir -p "$(dirname "$ROOT/$name")"
	ln -s "$victim" "$ROOT/$name"
	: > "$log"
	timeout 60 "$DARKROOMD" -r "$ROOT" --once < /dev/null > /dev/null 2>> "$log"
	ok "$name is a link before the first start: the daemon refuses" test $? = 1
	ok "$name: and says what is there" grep -q "$ROOT/$name.*link.*[Rr]emove it\|it holds '$name'" "$log"
	ok "$name: the other user's folder is as it was" victim_is_well
}

# The same with a spool that was used, while no daemon ran.
planted_later()
{
	local name=$1
	group_spool
	start_daemon
	stop_daemon
	fresh_victim
	rm -rf "${ROOT:?}/$name"
	ln -s "$victim" "$ROOT/$name"
	: > "$log"
	timeout 60 "$DARKROOMD" -r "$ROOT" --once < /dev/null > /dev/null 2>> "$log"
	ok "$name became a link between two starts: the daemon refuses" test $? = 1
	ok "$name: the other user's folder is as it was, later too" victim_is_well
}

# While the daemon runs: the folder is renamed away and a link put in its place; pictures come meanwhile.
swapped()
{
	local name=$1
	group_spool
	start_daemon
	fresh_victim
	chmod -t "$ROOT" # else only root could do it
	mv "$ROOT/$name" "$ROOT/.moved"
	ln -s "$victim" "$ROOT/$name"
	for i in 1 2 3; do
		cp "$a_picture" "$ROOT/inbox/p$i.jpg" 2> /dev/null
		sleep 0.3
	done
	# It notices at the next change of ROOT; whatever it thinks of it, it stays out of there.
	sleep 2
	ok "$name became a link while the daemon runs: the other user's folder is as it was" victim_is_well
	rm -f "$victim/p1.jpg" "$victim/p2.jpg" "$victim/p3.jpg" "$ROOT/$name"
	mv "$ROOT/.moved" "$ROOT/$name"
	cp "$a_picture" "$ROOT/inbox/after.jpg"
	ok "$name: put back, the daemon goes on" wait_for 120 test -e "$ROOT/done/after.jpg"
	stop_daemon
}

for name in inbox processing done failed out .darkroom .darkroom/jobs .darkroom/trash; do
	planted_later "$name"
done
for name in inbox processing done failed out .darkroom; do
	planted "$name"
done
for name in processing done failed out; do
	swapped "$name"
done

# ---- files of ours -----------------------------------------------------------------------------

# .darkroom/locks made a link to a file that is not there yet: nothing is made at its end.
group_spool
fresh_victim
mkdir -m 0700 "$ROOT/.darkroom"
ln -s "$victim/created" "$ROOT/.darkroom/locks"
timeout 60 "$DARKROOMD" -r "$ROOT" --once < /dev/null > /dev/null 2>> "$log"
ok "a link at .darkroom/locks is refused" test $? = 1
ok "and creates nothing" victim_is_well

# Another user's .darkroom, with a trash to be emptied and a job to be obeyed.
group_spool
mkdir -p -m 0777 "$ROOT/.darkroom/trash/x"
chown -R 65534:65534 "$ROOT/.darkroom"
: > "$log"
timeout 60 "$DARKROOMD" -r "$ROOT" --once < /dev/null > /dev/null 2>> "$log"
ok ".darkroom of another user is refused" test $? = 1
ok "with whose it is, and what to do" grep -q "belongs to the user 65534.*remove $ROOT/.darkroom" "$log"
ok "and its trash is not emptied" test -e "$ROOT/.darkroom/trash/x"

# A pipe where a file should be holds nothing up.
group_spool
mkdir -m 0700 "$ROOT/.darkroom"
mkfifo "$ROOT/.darkroom/locks"
timeout 60 "$DARKROOMD" -r "$ROOT" --once < /dev/null > /dev/null 2>> "$log"
ok "a pipe at .darkroom/locks is refused" test $? = 1

# STATUS as a link or another name of somebody's file: replaced, never written through.
group_spool
fresh_victim
ln -s "$victim/letters/one" "$ROOT/.STATUS"
start_daemon
mv "$ROOT/.STATUS" "$ROOT/STATUS"
ln "$victim/letters/one" "$ROOT/status.html.link" && mv "$ROOT/status.html.link" "$ROOT/status.html"
before=$(seen_of_victim)
cp "$a_picture" "$ROOT/inbox/one.jpg"
wait_for 60 has_done 1
ok "STATUS is a file of its own again" wait_for 60 test ! -L "$ROOT/STATUS"
stop_daemon
ok "a link and a second name at STATUS and status.html change no other file" victim_is_well

# ---- what is allowed ---------------------------------------------------------------------------

# spool.follow names a folder, and root made the link. One that another user made is none that counts.
group_spool
mkdir "$work/elsewhere.$$"
ln -s "$work/elsewhere.$$" "$ROOT/inbox"
start_daemon -o spool.follow=inbox
cp "$a_picture" "$work/elsewhere.$$/one.jpg"
ok "a link that spool.follow names is the inbox" wait_for 60 has_done 1
stop_daemon
chown -h 65534 "$ROOT/inbox"
not_ok "but not one that another user made" timeout 60 "$DARKROOMD" -r "$ROOT" -o spool.follow=inbox --once < /dev/null 2>> "$log"

# ---- ROOT --------------------------------------------------------------------------------------

# A user of the group can make and remove STOP, and can put nothing in a folder's place.
as_user()
{
	setpriv --reuid 65534 --regid 100 --clear-groups "$@"
}
group_spool
start_daemon
ok "a ROOT that became a spool is sticky and setgid" test "$(stat -c %a "$ROOT")" = 3775
ok "and its folders have its group" test "$(stat -c %g "$ROOT/inbox")" = 100
as_user touch "$ROOT/STOP"
ok "a user of its group stops the queue" wait_for 60 first_line_has "$ROOT/STATUS" stopped
ok "and lets it go on" as_user rm "$ROOT/STOP"
not_ok "but cannot rename a folder" as_user mv "$ROOT/done" "$ROOT/mine"
not_ok "nor .darkroom" as_user mv "$ROOT/.darkroom" "$ROOT/mine"
stop_daemon
chmod 2775 "$ROOT"
: > "$log"
start_daemon
ok "a ROOT that is open to such renames is told of at the start" grep -q 'event=root-exposed.*remedy="chmod +t' "$log"
ok "and stays as its owner wants it" test "$(stat -c %a "$ROOT")" = 2775
stop_daemon

finish
