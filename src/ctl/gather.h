/* ctl/gather.h - which pictures people mean by the paths that they give to convert.
 *
 * Place:   convert -> here -> tree, spool/magic.
 * Names:   as if they had been dropped into the inbox: a file is its name, a folder is its name and
 *          all that is in it.
 * Skips:   of a folder, what the daemon leaves alone, and with a word what is neither a JPEG nor a
 *          PNG; what is named itself is taken whatever it is, so that its fault is told. With
 *          spool.unsupported = fail that goes for all files, as in the daemon.
 */
#ifndef CTL_GATHER_H
#define CTL_GATHER_H

#include <stddef.h>

#include "ctl/ctl.h"
#include "spool/spool.h"
#include "work/crew.h"

struct picture {
	char *path;            /* to open it, as people wrote it */
	char *rel;             /* its path below inbox/, had it been dropped there */
	bool is_found;         /* in a folder; symbolic links are followed only when named */
	/* while a worker has it: */
	uint64_t task;         /* 0: none has */
	int source;            /* descriptor, or -1 */
	struct spool_id id;
	bool is_png;
	enum crew_killer killer; /* why we had its worker killed */
	int trouble;           /* errno of the machine, with CREW_TROUBLE */
	unsigned kept;         /* renditions that are whole, one bit each */
	/* from attempt to attempt: */
	unsigned permille;
	int n_deaths;          /* of workers */
	bool waits_last;       /* a worker died on it: once more, last and alone */
};

struct gather {
	struct ctl *ctl;
	bool fails_unsupported;
	const struct stat *skip; /* a folder that is not entered: the one for the results */
	struct picture *pictures;
	size_t n, room;
	int status;              /* CTL_FAILED, after a complaint: something could not be read */
};

void gather_path(struct gather *gather, const char *path);
void gather_clear(struct gather *gather);

#endif
