/* spool/scan.h - one folder, listed without what is ignored.
 *
 * Place:   inbox (inbox/), dispatch (processing/), ctl -> here.
 * Use:     scan_open, scan_next until false, scan_close. REL is "" at the top of a folder of the
 *          spool, where control names are passed over too; "." is the top of any other. Memory does not grow with the folder.
 * Errors:  scan_open -1 with errno; an error in the middle of the listing is scan->error: what
 *          was not listed is then not gone.
 */
#ifndef SPOOL_SCAN_H
#define SPOOL_SCAN_H

#include <dirent.h>
#include <stdbool.h>
#include <sys/stat.h>

struct scan {
	DIR *listing;
	const char *rel;  /* of the folder; kept */
	int error;        /* errno, or 0 */
	/* the entry that scan_next() found */
	const char *name; /* borrowed until the next call */
	bool is_folder;   /* else a regular file; nothing else is given, but: */
	bool wants_all;   /* set it after scan_open() to be given links, sockets ... as well */
};

/* REL: below DIR, "" is DIR itself. */
int scan_open(struct scan *scan, int dir, const char *rel);
bool scan_next(struct scan *scan);
void scan_close(struct scan *scan);

/* REL/NAME, or NAME where REL is "". Gives a string. */
char *scan_path(const char *rel, const char *name);

#endif
