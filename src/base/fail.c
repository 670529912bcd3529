#include <config.h>

#include "base/fail.h"

#ifdef DARKROOM_FAILPOINTS
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
fail_at(const char *point)
{
	static long n_reached = 0;
	const char *wish = getenv("DARKROOM_FAIL_AT");
	size_t length = strlen(point);
	long nth;

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
