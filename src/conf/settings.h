/* conf/settings.h - what the configuration says, as plain data.
 *
 * Place:   table, value and build fill it; conf.h gives it to the rest.
 * Owns:    a struct conf all it points to, immutable once conf_load() gave it; conf_free() takes it.
 */
#ifndef CONF_SETTINGS_H
#define CONF_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/hours.h"
#include "conf/profile.h"
#include "image/limits.h"

#define CONF_FOREVER INT64_MAX /* keep_done = forever, prune_after = never */

enum conf_watch { CONF_WATCH_AUTO, CONF_WATCH_INOTIFY, CONF_WATCH_POLL };
enum conf_unsupported { CONF_LEAVE, CONF_FAIL };
enum conf_conflict { CONF_RENAME, CONF_REPLACE, CONF_CONFLICT_FAIL };
enum conf_hook { CONF_ON_DONE, CONF_ON_FAILED, CONF_ON_BLOCKED, CONF_ON_IDLE, CONF_N_HOOK };

struct conf {
	/* [spool] */
	char *root;
	char *user;                    /* whom workers become; "": nobody */
	enum conf_watch watch;
	int64_t poll_interval_ms, rescan_ms, quiet_ms, settle_ms, incomplete_ms;
	enum conf_unsupported unsupported;
	enum conf_conflict conflict;
	bool keep_originals;
	int64_t keep_done_ms, keep_failed_ms, prune_after_ms;
	bool is_durable;               /* durability = full */
	bool keep_progress;
	unsigned umask;
	uint64_t min_free_bytes;
	uid_t uid;                     /* (uid_t)-1: nobody */
	gid_t gid;
	unsigned follows;              /* which folders of the spool may be links: bits, as in spool/folders.h */
	bool is_shared;
	struct hours hours;
	/* [workers] */
	int n_workers;                 /* 0 = auto: the CPUs we may run on */
	int64_t time_limit_ms;
	int n_attempts;
	int images_per_worker;
	int nice;
	bool require_sandbox;
	/* [limits] */
	struct develop_limits limits;  /* with memory of [workers]: a worker's whole address space */
	uint64_t limit_file_bytes;
	uint32_t limit_depth, limit_files_per_folder;
	int64_t hook_limit_ms;         /* time_limit of [hooks] */
	/* [profile NAME], [rendition NAME] */
	struct profile *profiles;      /* [0] is "default" */
	int n_profiles;
	/* [hooks] */
	char *hooks[CONF_N_HOOK];      /* for words_split(), which takes them; "": none */
};

#endif
