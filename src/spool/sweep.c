/* spool/sweep.c - at the start: what a crash left half-written goes. */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/fsio.h"
#include "spool/jobdir.h"
#include "spool/sweep.h"

#define PREFIX_LENGTH (sizeof(FSIO_TEMP_PREFIX) - 1)

bool
sweep_is_stale(const char *name)
{
	long pid;

	if (strncmp(name, FSIO_TEMP_PREFIX, PREFIX_LENGTH) != 0)
		return false;
	name += PREFIX_LENGTH;
	name += strcspn(name, "0123456789"); /* the start's trial file has a word before it */
	pid = atol(name);
	/* Our own number: of one before us, for we sweep between two writes, never within one. */
	return pid > 0 && (pid == getpid() || (kill((pid_t)pid, 0) != 0 && errno == ESRCH));
}

static void
sweep_folder(int dir)
{
	DIR *listing = fsio_list(dir, ".");
	struct dirent *entry;

	if (listing == NULL)
		return;
	while ((entry = readdir(listing)) != NULL)
		if (sweep_is_stale(entry->d_name) && unlinkat(dir, entry->d_name, 0) == 0)
			FAIL_AT("sweep.removed");
	closedir(listing);
}

void
sweep_spool(struct spool *spool)
{
	const int dirs[] = { spool->root_fd, spool->private_fd, spool->inbox_fd,
		spool->processing_fd, spool->done_fd, spool->failed_fd, spool->out_fd };
	size_t i;

	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		sweep_folder(dirs[i]);
	jobdir_sweep_trash(spool);
}
