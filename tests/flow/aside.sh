#!/bin/bash
# aside.sh: a job folder that cannot be read holds up nobody: it is set aside and told of, its picture begins
# anew, and all others go on meanwhile.
. "$(dirname "$0")/lib.sh"

a_picture=$samples/jpeg/444.jpg
long() { head -c "$1" /dev/zero | tr '\0' x; }

# What is wrong with the job folder $1 of x.jpg: each as a crash, a restore or a careless hand leaves it.
record_too_long() { mkdir "$1" && long 70000 > "$1/job"; }
record_is_a_folder() { mkdir -p "$1/job"; }
record_is_a_link() { mkdir "$1" && ln -s /etc/passwd "$1/job"; }
record_is_a_pipe() { mkdir "$1" && mkfifo "$1/job"; }
folder_is_a_file() { echo x > "$1"; }
folder_is_a_link() { ln -s "$work" "$1"; }
plan_too_long() { mkdir "$1" && echo "rel: x.jpg" > "$1/job" && long 600000 > "$1/plan"; }
plan_is_a_folder() { mkdir -p "$1/plan/deep" && echo "rel: x.jpg" > "$1/job"; }
plan_is_a_link() { mkdir "$1" && echo "rel: x.jpg" > "$1/job" && ln -s /etc/passwd "$1/plan"; }
# These are no reason to give up the folder: they are in the way of a file of its.
new_plan_is_a_folder() { mkdir -p "$1/plan.new/deep" && echo "rel: x.jpg" > "$1/job"; }
part_is_a_folder() { mkdir -p "$1/0.part/deep" && echo "rel: x.jpg" > "$1/job"; }

# broken WHAT WHERE IS_SET_ASIDE: with the picture in WHERE (inbox or processing).
broken()
{
	local what=$1 where=$2 is_set_aside=$3
	fresh_spool
	start_daemon
	stop_daemon
	cp "$a_picture" "$ROOT/$where/x.jpg"
	"$what" "$ROOT/.darkroom/jobs/x.jpg"
	for i in 1 2 3; do
		cp "$a_picture" "$ROOT/inbox/other-$i.jpg"
	done
	: > "$log"
	start_daemon
	ok "$what, picture in $where: all are done" wait_for 60 has_done 4
	ok "$what, picture in $where: once" test "$(find "$ROOT/out/web" -type f | wc -l)" = 4
	if [ "$is_set_aside" = yes ]; then
		ok "$what, picture in $where: STATUS names it" wait_for 30 grep -q '.darkroom/aside/x.jpg' "$ROOT/STATUS"
		ok "$what, picture in $where: and the log, once" test "$(grep -c event=job-folder-set-aside "$log")" = 1
	fi
	ok "$what, picture in $where: no job folder is left" wait_for 30 has_nothing_in_work
	stop_daemon
}

for where in processing inbox; do
	for what in record_too_long record_is_a_folder record_is_a_link folder_is_a_file folder_is_a_link; do
		broken $what $where yes
	done
done
for what in plan_too_long plan_is_a_folder plan_is_a_link; do
	broken $what processing yes
done
broken record_is_a_pipe processing no
broken new_plan_is_a_folder processing no
broken part_is_a_folder processing no

finish
