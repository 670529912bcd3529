/* spool/magic.c - the first bytes: JPEG, PNG, or something else. */
#include <config.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "spool/magic.h"

enum magic
magic_of(int fd)
{
	static const unsigned char zeros[MAGIC_SIZE] = { 0 };
	unsigned char first[MAGIC_SIZE] = { 0 };
	ssize_t got;

	do
		got = pread(fd, first, sizeof(first), 0);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return MAGIC_UNREAD;
	if (got >= 3 && memcmp(first, "\xff\xd8", 2) == 0)
		return MAGIC_JPEG; /* what follows SOI may be damaged: that the decoder says */
	if (got == MAGIC_SIZE && memcmp(first, "\x89PNG\r\n\x1a\n", MAGIC_SIZE) == 0)
		return MAGIC_PNG;
	return got < MAGIC_SIZE || memcmp(first, zeros, MAGIC_SIZE) == 0 ? MAGIC_SHORT : MAGIC_OTHER;
}
