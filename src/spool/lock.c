/* spool/lock.c - a job's lock, from before its claim until all of it is filed. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/mem.h"
#include "spool/lock.h"
#include "spool/name.h"

off_t
lock_offset(const char *rel)
{
	char *key = name_key(rel);
	uint64_t hash = XXH3_64bits(key, strlen(key));

	free(key);
	return LOCK_FIRST_JOB + (off_t)(hash >> 2); /* off_t is signed, and must not overflow */
}

/* Locks of one open file description never conflict with each other, so what we hold must be
 * remembered. */
static size_t
find_ours(const struct spool *spool, off_t offset)
{
	size_t i;

	for (i = 0; i < spool->n_locks && spool->locks[i] != offset; i++)
		;
	return i;
}

static int
set_lock(struct spool *spool, off_t offset, short type)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_start = offset, .l_len = 1 };

	if (fcntl(spool->locks_fd, F_OFD_SETLK, &lock) == 0)
		return 0;
	if (errno == EACCES)
		errno = EAGAIN;
	return -1;
}

int
lock_take(struct spool *spool, off_t offset)
{
	if (find_ours(spool, offset) < spool->n_locks) {
		errno = EAGAIN;
		return -1;
	}
	if (set_lock(spool, offset, F_WRLCK) != 0)
		return -1;
	spool->locks = mem_grow(spool->locks, &spool->locks_room, spool->n_locks + 1,
	    sizeof(*spool->locks));
	spool->locks[spool->n_locks++] = offset;
	return 0;
}

void
lock_drop(struct spool *spool, off_t offset)
{
	size_t i = find_ours(spool, offset);

	if (i == spool->n_locks)
		return;
	spool->locks[i] = spool->locks[--spool->n_locks];
	set_lock(spool, offset, F_UNLCK);
}

bool
lock_is_foreign(struct spool *spool, off_t offset)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = offset, .l_len = 1 };

	if (find_ours(spool, offset) < spool->n_locks)
		return false;
	return fcntl(spool->locks_fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}
