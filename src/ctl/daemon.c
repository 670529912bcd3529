/* ctl/daemon.c - the daemon as seen from its folders: for status and wait. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsio.h"
#include "base/mem.h"
#include "base/quote.h"
#include "ctl/daemon.h"
#include "spool/lock.h"

#define MAX_STATUS (16 * 1024 * 1024) /* bytes; ours has some KiB */

/* Is PID a darkroomd? A number alone may belong to another process by now. Where the command
 * line cannot be read, the number must do. */
static bool
is_darkroomd(long pid)
{
	char path[64], text[4096];
	ssize_t got, i;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return true;
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (got <= 0)
		return got < 0; /* a zombie has none */
	for (i = 0; i < got; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	text[got] = '\0';
	return strstr(text, "darkroomd") != NULL;
}

/* Does anybody hold the lock of the daemon that writes the status? 1 yes, 0 no, -1: not ours to
 * see (.darkroom/ is private), or never made. */
static int
reporter_lives(const struct ctl *ctl)
{
	struct spool spool = { .locks_fd = fsio_open(ctl->root_dir, ".darkroom/locks", O_RDONLY, 0) };
	int lives;

	if (spool.locks_fd < 0)
		return -1;
	lives = lock_is_foreign(&spool, LOCK_REPORTER);
	close(spool.locks_fd);
	return lives;
}

/* A held lock is a living daemon, wherever it is. A free one says that none is on this machine; a
 * network file system may not tell of locks that are held elsewhere. */
static enum daemon_life
life_of(const struct ctl *ctl, const struct daemon_report *report)
{
	int lives = reporter_lives(ctl);
	char here[256] = "";

	if (lives == 1)
		return DAEMON_RUNS;
	if (report->json == NULL)
		return DAEMON_NEVER;
	gethostname(here, sizeof(here) - 1);
	if (strcmp(here, report->host) != 0)
		return DAEMON_ELSEWHERE;
	if (lives == 0 || report->pid <= 0 || (kill((pid_t)report->pid, 0) != 0 && errno == ESRCH))
		return DAEMON_GONE;
	return is_darkroomd(report->pid) ? DAEMON_RUNS : DAEMON_GONE;
}

static const char *
text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text == NULL ? "" : text;
}

/* Fill report->json, where status.json is there and whole. */
static void
load(const struct ctl *ctl, struct daemon_report *report)
{
	char *text;
	size_t length;

	if (fsio_read(ctl->root_dir, "status.json", MAX_STATUS, &text, &length) != 0) {
		if (errno != ENOENT)
			ctl_complain("cannot read %s/status.json: %s", ctl->root, strerror(errno));
		return;
	}
	report->json = json_loadb(text, length, 0, NULL);
	free(text);
	if (json_is_object(report->json))
		return;
	ctl_complain("%s/status.json is damaged; the daemon writes it anew with its next news",
	    ctl->root);
	daemon_clear(report);
}

void
daemon_read(const struct ctl *ctl, struct daemon_report *report)
{
	memset(report, 0, sizeof(*report));
	load(ctl, report);
	report->host = text_of(report->json, "host");
	report->state = text_of(report->json, "state");
	report->why = text_of(report->json, "why");
	report->written = text_of(report->json, "written");
	report->pid = (long)json_integer_value(json_object_get(report->json, "pid"));
	report->life = life_of(ctl, report);
}

void
daemon_clear(struct daemon_report *report)
{
	json_decref(report->json);
	report->json = NULL;
}

static const json_t *
held_files(const struct daemon_report *report)
{
	return json_object_get(json_object_get(report->json, "held"), "files");
}

const char *
daemon_held(const struct daemon_report *report, const char *rel)
{
	const json_t *files = held_files(report), *file;
	char *exact = quote_percent(rel, "/");
	const char *reason = NULL;
	size_t i;

	for (i = 0; i < json_array_size(files) && reason == NULL; i++) {
		file = json_array_get(files, i);
		if (strcmp(text_of(file, "rel_percent"), exact) == 0)
			reason = text_of(file, "reason");
	}
	free(exact);
	return reason;
}

long
daemon_n_unlisted(const struct daemon_report *report)
{
	const json_t *held = json_object_get(report->json, "held");

	return (long)json_integer_value(json_object_get(held, "count")) -
	    (long)json_array_size(held_files(report));
}
