/* conf/watermark.c - a watermark's file, copied while the configuration is read; workers get the copy. */
#include <config.h>

#include "conf/watermark.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/fsio.h"
#include "base/mem.h"

#define MAX_BYTES (16 << 20) /* a logo has some thousand */
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static const char *
cannot_read(int error)
{
	static char text[120];

	snprintf(text, sizeof(text), "cannot be read: %s", strerror(error));
	return text;
}

/* Gives the SIZE bytes of FD by malloc, or NULL with errno. */
static uint8_t *
read_all(int fd, size_t size)
{
	uint8_t *data = mem_alloc(size);
	size_t n = 0;
	ssize_t got = 1;

	while (n < size && got > 0) {
		got = pread(fd, data + n, size - n, (off_t)n);
		if (got > 0)
			n += (size_t)got;
	}
	if (n == size)
		return data;
	if (got == 0)
		errno = ESTALE; /* it got shorter */
	free(data);
	return NULL;
}

static const char *
fault_of(const uint8_t *data, size_t size)
{
	static const uint8_t magic[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
	static const uint8_t end[] = { 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82 };

	if (size < sizeof(magic) || memcmp(data, magic, sizeof(magic)) != 0)
		return "must be a PNG; the first bytes of the file are those of something else";
	return memmem(data, size, end, sizeof(end)) != NULL ? NULL :
	    "must be a whole PNG; the end of the file is missing";
}

/* Gives a descriptor of a sealed copy, or -1 with errno. */
static int
copy_sealed(const uint8_t *data, size_t size)
{
	int fd = memfd_create("watermark", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	if (fsio_write_all(fd, data, size) == 0 && fcntl(fd, F_ADD_SEALS, SEALS) == 0)
		return fd;
	close(fd);
	return -1;
}

static void
set_digest(struct rendition *r, const uint8_t *data, size_t size)
{
	XXH128_canonical_t digest;

	XXH128_canonicalFromHash(&digest, XXH3_128bits(data, size));
	_Static_assert(sizeof(digest.digest) == RENDITION_DIGEST_SIZE, "both 128 bits");
	memcpy(r->mark_digest, digest.digest, sizeof(r->mark_digest));
	r->mark_bytes = size;
}

static int
open_checked(struct rendition *r, int file, const char **why)
{
	uint8_t *data = NULL;
	struct stat st;
	int fd = -1;

	if (fstat(file, &st) != 0)
		*why = cannot_read(errno);
	else if (!S_ISREG(st.st_mode))
		*why = "must be a file";
	else if (st.st_size > MAX_BYTES)
		*why = "must be a file of at most 16 MB";
	else if ((data = read_all(file, (size_t)st.st_size)) == NULL)
		*why = cannot_read(errno);
	else if ((*why = fault_of(data, (size_t)st.st_size)) == NULL &&
	    (fd = copy_sealed(data, (size_t)st.st_size)) < 0)
		*why = cannot_read(errno);
	if (fd >= 0)
		set_digest(r, data, (size_t)st.st_size);
	free(data);
	return fd;
}

int
watermark_open(struct rendition *r, const char **why)
{
	int file = open(r->mark_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	int fd;

	*why = NULL;
	if (file < 0) {
		*why = cannot_read(errno);
		return -1;
	}
	fd = open_checked(r, file, why);
	close(file);
	return fd;
}

bool
watermark_copy(int fd, int *copy)
{
	*copy = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return fd < 0 || *copy >= 0;
}
