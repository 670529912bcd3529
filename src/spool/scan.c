/* spool/scan.c - the listing of one folder, without what is not ours to look at. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsio.h"
#include "base/mem.h"
#include "spool/name.h"
#include "spool/scan.h"

int
scan_open(struct scan *scan, int dir, const char *rel)
{
	*scan = (struct scan){ .rel = rel, .listing = fsio_list(dir, rel) };
	return scan->listing == NULL ? -1 : 0;
}

char *
scan_path(const char *rel, const char *name)
{
	return *rel == '\0' || strcmp(rel, ".") == 0 ? mem_dup(name) : mem_printf("%s/%s", rel, name);
}

/* DT_UNKNOWN: a file system that does not say in its listing. */
static bool
classify(struct scan *scan, const struct dirent *entry)
{
	struct stat st;
	unsigned char type = entry->d_type;

	if (type == DT_UNKNOWN &&
	    fstatat(dirfd(scan->listing), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		type = S_ISDIR(st.st_mode) ? DT_DIR : S_ISREG(st.st_mode) ? DT_REG : DT_UNKNOWN;
	scan->name = entry->d_name;
	scan->is_folder = type == DT_DIR;
	return scan->wants_all || type == DT_DIR || type == DT_REG;
}

bool
scan_next(struct scan *scan)
{
	struct dirent *entry;

	bool is_top = *scan->rel == '\0'; /* there alone control names count */

	while (errno = 0, (entry = readdir(scan->listing)) != NULL)
		if (!(is_top ? name_is_ignored_rel(entry->d_name) : name_is_ignored(entry->d_name)) &&
		    classify(scan, entry))
			return true;
	scan->error = errno;
	return false;
}

void
scan_close(struct scan *scan)
{
	if (scan->listing != NULL)
		closedir(scan->listing);
	scan->listing = NULL;
}
