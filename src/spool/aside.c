/* spool/aside.c - job folders that cannot be read, out of the way of all others. */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fsio.h"
#include "base/log.h"
#include "base/mem.h"
#include "spool/aside.h"

#define ASIDE "aside"
#define MAX_ASIDE 1000 /* NAME-1000: by then somebody makes them */

bool
aside_is_broken(int error)
{
	switch (error) {
	case EFBIG:   /* longer than any record */
	case EISDIR:  /* a folder in the place of a file, or the other way round */
	case ENOTDIR:
	case ELOOP:   /* a link */
	case ENXIO:   /* a pipe, or a socket */
	case EACCES:  /* the folder is the daemon's own: somebody took its rights away */
	case EPERM:
	case EUCLEAN: /* the file system knows that it is damaged there */
	case EBADMSG:
		return true;
	default:
		return false;
	}
}

int
aside_put(struct spool *spool, const char *name, int why)
{
	int fd, n, saved, result = -1;
	char *to;

	if (mkdirat(spool->private_fd, ASIDE, 0700) != 0 && errno != EEXIST)
		return -1;
	fd = fsio_open_dir(spool->private_fd, ASIDE);
	if (fd < 0)
		return -1;
	errno = EEXIST;
	for (n = 1; n <= MAX_ASIDE && result != 0 && (errno == EEXIST || errno == ENOTEMPTY); n++) {
		to = n == 1 ? mem_dup(name) : mem_printf("%s-%d", name, n);
		result = fsio_rename_new(spool->jobs_fd, name, fd, to);
		free(to);
	}
	saved = errno;
	close(fd);
	errno = saved;
	if (result != 0)
		return -1;
	log_warn(name, "event=job-folder-set-aside error=\"%s\" remedy=\"its picture begins anew; look at it in "
	    ".darkroom/aside, then remove it\"", strerror(why));
	return 0;
}

size_t
aside_list(const struct spool *spool, char **paths, size_t max)
{
	DIR *listing = fsio_list(spool->private_fd, ASIDE);
	struct dirent *entry;
	size_t n = 0;

	if (listing == NULL)
		return 0;
	while (n < max && (entry = readdir(listing)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			paths[n++] = mem_printf(".darkroom/" ASIDE "/%s", entry->d_name);
	closedir(listing);
	return n;
}
