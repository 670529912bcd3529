/* conf/profile.h - a set of renditions, which a folder of the inbox selects.
 *
 * Place:   settings, master, ctl -> here -> watermark.
 * Owns:    its name and the descriptors of its watermarks.
 */
#ifndef CONF_PROFILE_H
#define CONF_PROFILE_H

#include <stdbool.h>

#include "base/hours.h"
#include "image/rendition.h"

struct profile {
	char *name;                    /* as written; compared without case */
	struct rendition renditions[RENDITION_MAX];
	int mark_fds[RENDITION_MAX];   /* their watermarks; owned; -1: none */
	int n_renditions;              /* 1..RENDITION_MAX */
	struct hours hours;            /* within those of the spool */
	char digest[33];               /* XXH128 of all renditions, hexadecimal: equal settings,
					  equal digest (jobs/KEY/job holds it) */
};

/* A copy with descriptors of its own, which outlives the conf. Gives, or NULL with errno (too many
 * open files). profile_free(NULL) is fine. */
struct profile *profile_copy(const struct profile *profile);
void profile_free(struct profile *profile);

/* Let go of what it owns; the struct itself is the caller's. */
void profile_clear(struct profile *profile);

/* Is the result I of a source that IS_PNG a PNG, too? Else it is a JPEG. */
bool profile_makes_png(const struct profile *profile, int i, bool is_png);

#endif
