/* conf/conf.h - the configuration: every key in one table, every mistake at once.
 *
 * Place:   main, ctl -> here; master borrows the result.
 * File:    INI, read by iniparser after the raw lines were checked for what it would swallow:
 *          a line over its buffer, a value cut at # or ;, a key given twice.
 * Units:   durations in ms ("500ms" "2s" "5m" "1h" "30d"), sizes in bytes ("512M", powers of
 *          1024), counts as they are ("200M" of limits.pixels is 200,000,000).
 * Names:   of profiles and renditions are compared without case (A-Z only), as iniparser does;
 *          they are shown and made as they are first spelled.
 * Files:   a watermark is copied into memory when the configuration is read, and is part of the
 *          digest by what is in it: what becomes of the file later changes nothing until then.
 * User:    looked up when the configuration is read; one that is not there, or is root, is a mistake.
 * Owns:    a struct conf is immutable once loaded; SIGHUP loads another one.
 * Errors:  conf_load() gives NULL after it wrote one line per mistake.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/hours.h"
#include "image/rendition.h"

#define CONF_FOREVER INT64_MAX /* keep_done = forever, prune_after = never */

enum conf_watch { CONF_WATCH_AUTO, CONF_WATCH_INOTIFY, CONF_WATCH_POLL };
enum conf_unsupported { CONF_LEAVE, CONF_FAIL };
enum conf_conflict { CONF_RENAME, CONF_REPLACE, CONF_CONFLICT_FAIL };
enum conf_hook { CONF_ON_DONE, CONF_ON_FAILED, CONF_ON_BLOCKED, CONF_ON_IDLE, CONF_N_HOOK };

struct profile {
	char *name;                    /* as written; compared without case */
	struct rendition renditions[RENDITION_MAX];
	int mark_fds[RENDITION_MAX];   /* their watermarks; owned; -1: none */
	int n_renditions;              /* 1..RENDITION_MAX */
	struct hours hours;            /* within those of the spool */
	char digest[33];               /* XXH128 of all renditions, hexadecimal: equal settings,
					  equal digest (jobs/KEY/job holds it) */
};

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
	bool is_shared;
	struct hours hours;
	/* [workers] */
	int n_workers;                 /* 0 = auto: the CPUs we may run on */
	uint64_t memory_bytes;
	int64_t time_limit_ms;
	int n_attempts;
	int images_per_worker;
	int nice;
	bool require_sandbox;
	/* [limits] */
	uint64_t limit_pixels, limit_file_bytes;
	uint32_t limit_side_px, limit_depth, limit_files_per_folder, limit_icc_bytes,
	    limit_exif_bytes, limit_warnings;
	int64_t hook_limit_ms;         /* time_limit of [hooks] */
	/* [profile NAME], [rendition NAME] */
	struct profile *profiles;      /* [0] is "default" */
	int n_profiles;
	/* [hooks] */
	char *hooks[CONF_N_HOOK];      /* for words_split(), which takes them; "": none */
};

/* Read PATH (NULL: SYSCONFDIR/darkroom.ini where there is one, else built-in defaults), then
 * apply OVERRIDES, each "SECTION.KEY=VALUE" (as in profile wedding.renditions=web), in order.
 * ROOT: of -r, or NULL; wins over spool.root. There and in OVERRIDES a path may be relative
 * to the working directory. MISTAKES: gets a line each, all of them.
 * Gives a conf, or NULL when there was a mistake. conf_free(NULL) is fine. */
struct conf *conf_load(const char *path, const char *root, const char *const *overrides,
    size_t n_overrides, FILE *mistakes);

/* The same for somebody who develops nothing: no file that it names is opened. */
struct conf *conf_load_unopened(const char *path, FILE *mistakes);
void conf_free(struct conf *conf);

/* The profile that the top-level inbox folder TOP (LENGTH bytes, not terminated) selects,
 * compared without case; "default" when there is none of that name, or LENGTH is 0. Borrowed
 * from conf. */
const struct profile *conf_profile(const struct conf *conf, const char *top, size_t length);

/* A copy with descriptors of its own, which outlives the conf. Gives, or NULL with errno (too many
 * open files). profile_free(NULL) is fine. */
struct profile *profile_copy(const struct profile *profile);
void profile_free(struct profile *profile);

/* Print the whole effective configuration as an INI file that conf_load() reads back
 * (--check-config -v). */
void conf_print(const struct conf *conf, FILE *out);

#endif
