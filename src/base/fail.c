/* base/fail.c - where a test kills the program: FAIL_AT in the sources leads here. */
#include <config.h>

#include "base/fail.h"

#ifdef DARKROOM_FAILPOINTS
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
write_down(const char *point)
{
	const char *path = getenv("DARKROOM_FAIL_LOG");
	int fd = path == NULL ? -1 : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	char line[64];
	size_t length = strlen(point);

	if (fd < 0)
		return;
	memcpy(line, point, length);
	line[length] = '\n';
	if (write(fd, line, length + 1) < 0)
		abort(); /* a test that cannot know what it tested */
	close(fd);
}

void
fail_at(const char *point)
{
	static long n_reached = 0;
	const char *wish = getenv("DARKROOM_FAIL_AT");
	size_t length = strlen(point);
	long nth;

	write_down(point);
	if (wish == NULL || strncmp(wish, point, length) != 0 ||
	    (wish[length] != '\0' && wish[length] != ':'))
		return;
	nth = wish[length] == ':' ? atol(wish + length + 1) : 1;
	if (++n_reached == nth)
		kill(getpid(), SIGKILL);
}
#else
typedef int fail_is_compiled_out; /* a translation unit may not be empty */
#endif
