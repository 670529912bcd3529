#include <config.h>

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/mem.h"
#include "master/away.h"
#include "spool/spool.h"

/* The spool, or NULL and *WHY it cannot be had, the caller's. */
static struct spool *
try_open(const char *root, unsigned follows, const char *id, char **why)
{
	if (spool_is_at(root, id))
		return spool_open(root, true, follows, why); /* with all that a start tries */
	*why = mem_printf("%s is not that spool", root);
	return NULL;
}

static bool
is_ended(int64_t interval_ms)
{
	struct timespec interval = { .tv_sec = interval_ms / 1000,
		.tv_nsec = interval_ms % 1000 * 1000000 };
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	return sigtimedwait(&ends, NULL, &interval) > 0;
}

struct spool *
away_wait(const char *root, unsigned follows, const char *id, int64_t interval_ms)
{
	struct spool *spool;
	char *said = NULL, *why;

	while ((spool = try_open(root, follows, id, &why)) == NULL) {
		if (said == NULL || strcmp(said, why) != 0)
			log_error(NULL, "event=waiting-for-the-spool why=\"%s\" remedy=\"mount its disk, writable; "
			    "nothing on it is held open\"", why);
		free(said);
		said = why;
		if (is_ended(interval_ms))
			break;
	}
	free(said);
	return spool;
}
