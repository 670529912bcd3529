/* ctl/status.c - darkroom status: the daemon's own text, or what the folders say. */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsio.h"
#include "ctl/daemon.h"
#include "ctl/hold.h"
#include "ctl/status.h"
#include "ctl/tree.h"

#define MAX_STATUS (1024 * 1024) /* bytes; the daemon lists some dozens of files */

static bool
count_one(void *arg, const char *path, const struct stat *st)
{
	(void)path;
	if (S_ISREG(st->st_mode))
		++*(unsigned long *)arg;
	return true;
}

/* What the folders themselves say. */
static int
print_folders(const struct ctl *ctl)
{
	static const char *const folders[] = { "inbox", "processing", "done", "failed" };
	static const char *const controls[] = { "STOP", "PAUSE" };
	int status = CTL_DONE, dir;
	unsigned long n;
	size_t i;
	char *found;

	for (i = 0; i < 4; i++) {
		n = 0;
		dir = fsio_open_dir(ctl->root_dir, folders[i]);
		if (dir < 0 || tree_each(dir, "", NULL, count_one, &n) != 0) {
			ctl_complain("cannot read all of %s/%s: %s", ctl->root, folders[i],
			    strerror(errno));
			status = CTL_FAILED;
		}
		if (dir >= 0)
			close(dir);
		printf("%-11s %lu\n", folders[i], n);
	}
	for (i = 0; i < 2; i++) {
		found = hold_find(ctl, controls[i]);
		if (found != NULL)
			printf("%s is there: %s/%s\n", controls[i], ctl->root, found);
		free(found);
	}
	return status;
}

/* The text that the daemon wrote. */
static int
print_text(const struct ctl *ctl)
{
	char *text;

	if (fsio_read(ctl->root_dir, "STATUS", MAX_STATUS, &text, NULL) != 0) {
		ctl_complain("cannot read %s/STATUS: %s", ctl->root, strerror(errno));
		return print_folders(ctl);
	}
	fputs(text, stdout);
	free(text);
	return CTL_DONE;
}

/* A STATUS of a daemon that is gone tells the past: the folders are looked at instead. */
static int
print_for_people(const struct ctl *ctl, const struct daemon_report *report)
{
	switch (report->life) {
	case DAEMON_NEVER:
		printf("darkroomd does not run: it has left no status.json in %s\n", ctl->root);
		break;
	case DAEMON_GONE:
		printf("darkroomd does not run; it last wrote at %s\n", report->written);
		break;
	case DAEMON_ELSEWHERE:
		printf("(by darkroomd on %s, at %s; whether it still runs can be seen there only)\n",
		    report->host, report->written);
		return print_text(ctl);
	case DAEMON_RUNS:
		return print_text(ctl);
	}
	return print_folders(ctl) == CTL_DONE ? CTL_NO_DAEMON : CTL_FAILED;
}

/* status.json and one member more: is the daemon "running": true, false, or null: not known. */
static int
print_json(const struct daemon_report *report)
{
	json_t *json = report->json == NULL ? json_object() : json_incref(report->json);
	int result;

	result = json_object_set_new(json, "running", report->life == DAEMON_ELSEWHERE ?
	    json_null() : json_boolean(report->life == DAEMON_RUNS));
	if (result == 0)
		result = json_dumpf(json, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
	json_decref(json);
	if (result != 0) {
		ctl_complain("cannot write the status");
		return CTL_FAILED;
	}
	putchar('\n');
	return report->life == DAEMON_RUNS || report->life == DAEMON_ELSEWHERE ? CTL_DONE :
	    CTL_NO_DAEMON;
}

int
status_run(struct ctl *ctl, int argc, char **argv)
{
	bool is_json = argc == 2 && strcmp(argv[1], "--json") == 0;
	struct daemon_report report;
	int status;

	if (argc > 1 && !is_json)
		return ctl_usage(argv[0]);
	daemon_read(ctl, &report);
	status = is_json ? print_json(&report) : print_for_people(ctl, &report);
	daemon_clear(&report);
	return status;
}
