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

static enum daemon_life
life_of(const struct daemon_report *report)
{
	char here[256] = "";

	gethostname(here, sizeof(here) - 1);
	if (strcmp(here, report->host) != 0)
		return DAEMON_ELSEWHERE;
	if (report->pid <= 0 || (kill((pid_t)report->pid, 0) != 0 && errno == ESRCH))
		return DAEMON_GONE;
	return is_darkroomd(report->pid) ? DAEMON_RUNS : DAEMON_GONE;
}

static const char *
text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text == NULL ? "" : text;
}

void
daemon_read(const struct ctl *ctl, struct daemon_report *report)
{
	char *text;
	size_t length;

	memset(report, 0, sizeof(*report));
	report->life = DAEMON_NEVER;
	report->host = report->state = report->written = "";
	if (fsio_read(ctl->root_dir, "status.json", MAX_STATUS, &text, &length) != 0) {
		if (errno != ENOENT)
			ctl_complain("cannot read %s/status.json: %s", ctl->root, strerror(errno));
		return;
	}
	report->json = json_loadb(text, length, 0, NULL);
	free(text);
	if (!json_is_object(report->json)) {
		ctl_complain("%s/status.json is damaged; the daemon writes it anew with its next news",
		    ctl->root);
		daemon_clear(report);
		return;
	}
	report->host = text_of(report->json, "host");
	report->state = text_of(report->json, "state");
	report->written = text_of(report->json, "written");
	report->pid = (long)json_integer_value(json_object_get(report->json, "pid"));
	report->life = life_of(report);
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
