/* conf/build.h - settings one after the other become a configuration.
 *
 * Place:   conf -> here -> table, value, label.
 * Order:   build_init, build_set for every line and then every -o, build_finish, build_clear.
 */
#ifndef CONF_BUILD_H
#define CONF_BUILD_H

#include <stdbool.h>

#include "conf/settings.h"
#include "conf/mistake.h"

struct build_rendition {
	struct rendition r;
	unsigned line;      /* of its section; 0: built in, or of the command line */
	bool is_built_in;
	unsigned mark_line; /* of its watermark */
	int mark_fd;        /* owned; -1: none, or not opened */
};

struct build_profile {
	char *name, *list;  /* owned; the list as written */
	unsigned line;      /* of the list; 0 as above */
	struct profile p;   /* its plain keys only */
};

struct build {
	struct conf *conf;  /* borrowed */
	struct mistakes *mistakes;
	struct build_rendition *renditions;
	size_t n_renditions, room_renditions;
	struct build_profile *profiles; /* [0] is "default" */
	size_t n_profiles, room_profiles;
	unsigned user_line; /* of spool.user */
};

/* CONF: zeroed; gets every default. */
void build_init(struct build *build, struct conf *conf, struct mistakes *mistakes);

/* One line: PLACE with line, section, and key and value, both NULL for [SECTION] alone.
 * Line 0 is the command line: there a path may be relative to the working directory. */
void build_set(struct build *build, const struct place *place);

/* Put the profiles together out of the renditions; checks what concerns several keys.
 * MAY_OPEN: read the files that are named, too, and look up the user (conf_load). */
void build_finish(struct build *build, bool may_open);

/* The rendition NAME in any case, or NULL; good until the next build_set(). */
struct build_rendition *build_find(const struct build *build, const char *name);

void build_clear(struct build *build);

#endif
