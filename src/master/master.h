/* master/master.h - the daemon: one loop over poll(2).
 *
 * Place:   main -> here -> everything of this floor.   Process: master.
 * Exit:    0 all well; 1 it could not start, or with ONCE an image failed; 2 with ONCE files are
 *          left waiting (they are listed).
 */
#ifndef MASTER_MASTER_H
#define MASTER_MASTER_H

#include <stdbool.h>
#include <stddef.h>

struct master_options {
	const char *conf_path; /* NULL: the default place, else built-in defaults */
	const char *root;      /* of -r, or NULL */
	const char *const *overrides;
	size_t n_overrides;
	bool is_once;          /* end when nothing is ready or settling */
};

int master_run(const struct master_options *options);

#endif
