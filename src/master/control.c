/* master/control.c - STOP and PAUSE: what people say with a file. */
#include <config.h>

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fsio.h"
#include "base/log.h"
#include "master/control.h"
#include "spool/name.h"

#define PAUSE_TEXT_MAX 64
#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* some editors put it in front of all text */

/* "30m", "30 min" -> ms; 0: no duration. */
static int64_t
parse_duration(const char *text)
{
	static const struct { char unit; int64_t ms; } units[] = {
		{ 's', 1000 }, { 'm', 60000 }, { 'h', 3600000 }, { 'd', 86400000 },
	};
	char *end;
	long number;
	size_t i;

	if (strncmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
		text += strlen(BYTE_ORDER_MARK);
	number = strtol(text, &end, 10);
	end += strspn(end, " ");
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (number > 0 && number < 100000 && tolower((unsigned char)*end) == units[i].unit)
			return number * units[i].ms;
	return 0;
}

/* When does the pause of the file NAME end? Removes it when it is over: 0. */
static int64_t
pause_end(int dir, const char *name, int64_t now_ms)
{
	char *text = NULL;
	struct timespec wall;
	struct stat st;
	int64_t length_ms, age_ms;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode) ||
	    fsio_read(dir, name, PAUSE_TEXT_MAX, &text, NULL) != 0)
		return CLOCK_NEVER;
	length_ms = parse_duration(text);
	free(text);
	if (length_ms == 0)
		return CLOCK_NEVER;
	clock_gettime(CLOCK_REALTIME, &wall);
	age_ms = (int64_t)(wall.tv_sec - st.st_mtim.tv_sec) * 1000 +
	    (wall.tv_nsec - st.st_mtim.tv_nsec) / 1000000;
	if (age_ms < length_ms)
		return now_ms + length_ms - age_ms;
	if (unlinkat(dir, name, 0) == 0)
		log_info(NULL, "event=pause-over file=\"%s\"", name);
	return 0;
}

static void
look_in(struct control *control, int dir, int64_t now_ms)
{
	int fd = dir < 0 ? -1 : openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *listing = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int64_t end_ms;

	if (listing == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(listing)) != NULL) {
		if (name_is_control(entry->d_name, "STOP"))
			control->is_stopped = true;
		if (!name_is_control(entry->d_name, "PAUSE"))
			continue;
		end_ms = pause_end(dir, entry->d_name, now_ms);
		if (end_ms == 0)
			continue;
		control->is_paused = true;
		if (control->pause_ends_ms == CLOCK_NEVER || end_ms > control->pause_ends_ms)
			control->pause_ends_ms = end_ms;
	}
	closedir(listing);
}

bool
control_look(struct control *control, const struct spool *spool, int64_t now_ms)
{
	struct control seen = { .pause_ends_ms = CLOCK_NEVER };
	bool has_changed;

	look_in(&seen, spool->root_fd, now_ms);
	look_in(&seen, spool->inbox_fd, now_ms);
	has_changed = seen.is_stopped != control->is_stopped ||
	    seen.is_paused != control->is_paused || seen.pause_ends_ms != control->pause_ends_ms;
	if (seen.is_stopped != control->is_stopped)
		log_info(NULL, "event=%s", seen.is_stopped ? "stopped" : "stop-lifted");
	if (seen.is_paused != control->is_paused)
		log_info(NULL, "event=%s", seen.is_paused ? "paused" : "pause-lifted");
	*control = seen;
	return has_changed;
}
