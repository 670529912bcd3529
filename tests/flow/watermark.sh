#!/bin/bash
# The watermark: a wrong one is told before anything begins; what becomes of its file later changes
# nothing; SIGHUP reads it again; one that cannot be decoded is no picture's fault.
. "$(dirname "$0")/lib.sh"

DEVELOP_S=120
mark=$work/mark.png
conf=$work/marked.ini
cat > "$conf" << EOF
[profile default]
renditions = web, plain
[rendition web]
size = 400x400
format = jpeg
quality = 95
watermark = $mark
watermark_margin = 0
watermark_opacity = 100
[rendition plain]
size = 100x100
format = jpeg
EOF

check_config() # STATUS WORDS
{
	"$DARKROOMD" -c "$conf" -r "$ROOT" --check-config > "$work/said" 2>&1
	[ $? -eq "$1" ] && grep -q "$2" "$work/said" && return 0
	note "it said: $(cat "$work/said")"
	return 1
}

# last_pixel FILE: of a JPEG, as RRGGBB, of each only the upper digit
last_pixel()
{
	djpeg -pnm "$1" | tail -c 3 | od -An -tx1 | tr -d ' \n' | cut -c 1,3,5
}

# is_marked NAME DIGITS: the mark is in the last corner of the one result, not of the other
is_marked()
{
	[ "$(last_pixel "$ROOT/out/web/$1")" = "$2" ] && [ "$(last_pixel "$ROOT/out/plain/$1")" != "$2" ] &&
		return 0
	note "$1 ends with $(last_pixel "$ROOT/out/web/$1") and $(last_pixel "$ROOT/out/plain/$1")"
	return 1
}

drop()
{
	cp "$samples/photo/fire.jpg" "$work/dropped" && mv "$work/dropped" "$ROOT/inbox/$1"
}

is_done() { [ -f "$ROOT/done/$1" ]; }
n_descriptors() { find /proc/"$daemon"/fd -mindepth 1 | wc -l; }
log_count() { grep -c "$1" "$log"; }
has_reloaded() { [ "$(log_count 'event=configuration-read')" -gt "$1" ]; }
reload()
{
	local n
	n=$(log_count 'event=configuration-read')
	kill -HUP "$daemon"
	wait_for $START_S has_reloaded "$n"
}
is_blocked() { grep -qi blocked "$ROOT/STATUS"; }
says_why() { grep -q 'event=trouble-told.*watermark of rendition web cannot be used' "$log"; }

note "a wrong one"
fresh_spool
ok "one that is not there is told" check_config 1 "watermark = $mark: cannot be read"
cp "$samples/photo/fire.jpg" "$mark"
ok "one that is no PNG" check_config 1 'must be a PNG'
make_images mark "$mark" ff0000
truncate -s 60 "$mark"
ok "half a one" check_config 1 'must be a whole PNG'
make_images mark "$mark" ff0000
ok "a good one" check_config 0 'is good'

note "what becomes of the file later"
start_daemon -c "$conf" -v -o spool.min_free=0
drop a.jpg
ok "a picture is developed" wait_for $DEVELOP_S is_done a.jpg
ok "  with a red mark" is_marked a.jpg f00
rm "$mark"
drop b.jpg
ok "the file is deleted: the next picture is developed" wait_for $DEVELOP_S is_done b.jpg
ok "  with the mark that was" is_marked b.jpg f00
before=$(n_descriptors)
make_images mark "$mark" 0000ff
drop c.jpg
ok "the file is another one" wait_for $DEVELOP_S is_done c.jpg
ok "  but was not read yet" is_marked c.jpg f00
ok "SIGHUP" reload
drop d.jpg
ok "  reads it" wait_for $DEVELOP_S is_done d.jpg
ok "  and it is blue" is_marked d.jpg 00f
for i in 1 2 3 4 5; do
	reload
	drop "again-$i.jpg"
	wait_for $DEVELOP_S is_done "again-$i.jpg"
done
note "$before descriptors at first, $(n_descriptors) after six more readings"
ok "no descriptor is left over" [ "$(n_descriptors)" -le $((before + 2)) ]

note "one that cannot be decoded"
dd if=/dev/zero of="$mark" bs=1 seek=41 count=8 conv=notrunc 2> /dev/null
ok "SIGHUP takes it: only a worker can tell" reload
drop e.jpg
ok "the queue is blocked" wait_for $DEVELOP_S is_blocked
ok "  and the log says why" says_why
ok "  no picture has failed" [ "$(count_files "$ROOT/failed")" = 0 ]
ok "  the picture is safe" [ -f "$ROOT/processing/e.jpg" ]
make_images mark "$mark" 00ff00
ok "it is corrected" reload
ok "  and the picture is developed" wait_for $DEVELOP_S is_done e.jpg
ok "  with it" is_marked e.jpg 0f0
ok "the daemon ends well" stop_daemon
finish
