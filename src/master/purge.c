/* master/purge.c - long after the flow: what was filed long ago goes. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fail.h"
#include "base/fsio.h"
#include "base/log.h"
#include "base/mem.h"
#include "master/purge.h"
#include "spool/mark.h"
#include "spool/progress.h"
#include "spool/scan.h"
#include "spool/suffix.h"

#define LEAST_MS 60000     /* between two walks, a minute ... */
#define MOST_MS 86400000   /* ... to a day */

enum { DONE, FAILED, N_FOLDER };
static const char *const folder_names[N_FOLDER] = { "done", "failed" };

/* A folder on the way down to where we are. */
struct level {
	struct scan scan;
	char *rel;
	bool has_removed;      /* something in it: it may be empty now */
};

struct purge {
	struct spool *spool;
	const struct conf *conf;
	bool hurries;
	int64_t due_ms;        /* of the next step */
	bool is_walking;
	int folder;            /* DONE or FAILED; N_FOLDER: the walk is over */
	struct level levels[PURGE_DEPTH];
	int n_levels;
	unsigned long n_removed, n_kept, n_unmarked; /* in this folder */
	bool has_warned;       /* that the file system has no marks */
};

static int64_t
keep_ms(const struct purge *purge, int folder)
{
	return folder == DONE ? purge->conf->keep_done_ms : purge->conf->keep_failed_ms;
}

static int
dir_of(const struct purge *purge)
{
	return purge->folder == DONE ? purge->spool->done_fd : purge->spool->failed_fd;
}

bool
purge_is_old(time_t filed, time_t now, int64_t keep)
{
	return keep != CONF_FOREVER && filed >= PURGE_EARLIEST && now - filed >= keep / 1000;
}

/* ---- one file ---------------------------------------------------------------------------- */

/* NAME.error.txt and the like goes with its original. */
static void
remove_companion(struct purge *purge, const char *rel, const char *suffix)
{
	char *path = name_with_suffix(rel, suffix);
	struct stat st;

	if (fsio_stat(dir_of(purge), path, &st) == 0 && S_ISREG(st.st_mode))
		fsio_unlink(dir_of(purge), path);
	free(path);
}

/* The companions first: cut off in between, the original is still there to be found again. */
static bool
remove_original(struct purge *purge, const char *rel, const struct stat *seen, time_t filed)
{
	char when[CLOCK_ISO_SIZE];
	struct stat st;

	remove_companion(purge, rel, ".error.txt");
	remove_companion(purge, rel, PROGRESS_SUFFIX);
	FAIL_AT("purge.companions_removed");
	/* Still the file that we looked at? */
	if (fsio_stat(dir_of(purge), rel, &st) != 0 || st.st_ino != seen->st_ino ||
	    st.st_dev != seen->st_dev)
		return false;
	if (fsio_unlink(dir_of(purge), rel) != 0) {
		log_warn(rel, "event=not-purged folder=%s error=\"%s\"", folder_names[purge->folder],
		    strerror(errno));
		return false;
	}
	FAIL_AT("purge.removed");
	log_info(rel, "event=purged folder=%s filed=%s", folder_names[purge->folder],
	    clock_iso(when, filed));
	return true;
}

static bool
look_at_file(struct purge *purge, const char *rel)
{
	int fd = fsio_open(dir_of(purge), rel, O_RDONLY | O_NONBLOCK, 0);
	bool is_marked, is_removed = false;
	struct stat st;
	time_t filed;

	if (fd < 0)
		return false;
	is_marked = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && mark_when_filed(fd, &st, &filed) == 0;
	close(fd);
	if (is_marked && purge_is_old(filed, time(NULL), keep_ms(purge, purge->folder)))
		is_removed = remove_original(purge, rel, &st, filed);
	purge->n_removed += is_removed;
	purge->n_kept += !is_removed;
	purge->n_unmarked += !is_marked;
	return is_removed;
}

/* ---- the walk ---------------------------------------------------------------------------- */

/* Takes REL. */
static void
enter_folder(struct purge *purge, char *rel)
{
	struct level *level = &purge->levels[purge->n_levels];

	if (purge->n_levels == PURGE_DEPTH || scan_open(&level->scan, dir_of(purge), rel) != 0) {
		free(rel);
		return;
	}
	level->rel = rel;
	level->has_removed = false;
	purge->n_levels++;
}

/* Out of a folder: if we emptied it, it goes. By rmdir, so whatever is in it keeps it. */
static void
leave_folder(struct purge *purge, bool may_remove)
{
	struct level *level = &purge->levels[--purge->n_levels];

	scan_close(&level->scan);
	if (may_remove && level->has_removed && purge->n_levels > 0 &&
	    fsio_remove_dir(dir_of(purge), level->rel) == 0) {
		FAIL_AT("purge.folder_removed");
		log_info(level->rel, "event=empty-folder-removed folder=%s", folder_names[purge->folder]);
		level[-1].has_removed = true;
	}
	free(level->rel);
}

static void
abandon_walk(struct purge *purge)
{
	while (purge->n_levels > 0)
		leave_folder(purge, false);
	purge->is_walking = false;
}

/* Does the file system know marks? Otherwise nothing in it has one. */
static bool
has_marks(struct purge *purge)
{
	struct stat st;
	time_t when;

	if (fstat(dir_of(purge), &st) != 0 || mark_when_filed(dir_of(purge), &st, &when) == 0 ||
	    errno != ENOTSUP)
		return true;
	if (!purge->has_warned)
		log_warn(NULL, "event=nothing-purged why=\"the file system has no extended attributes, so "
		    "it cannot be told what darkroomd filed\"");
	purge->has_warned = true;
	return false;
}

/* The folder that is walked next, from the present one on. */
static void
begin_folder(struct purge *purge)
{
	purge->n_removed = purge->n_kept = purge->n_unmarked = 0;
	for (; purge->folder < N_FOLDER; purge->folder++)
		if (keep_ms(purge, purge->folder) != CONF_FOREVER && has_marks(purge)) {
			enter_folder(purge, mem_dup(""));
			break;
		}
}

static void
end_folder(struct purge *purge)
{
	log_debug(NULL, "event=purge-walked folder=%s removed=%lu kept=%lu not-ours=%lu",
	    folder_names[purge->folder], purge->n_removed, purge->n_kept, purge->n_unmarked);
	purge->folder++;
	begin_folder(purge);
}

/* One entry, or the end of a folder. */
static void
walk_on(struct purge *purge)
{
	struct level *level = &purge->levels[purge->n_levels - 1];
	char *rel;

	if (!scan_next(&level->scan)) {
		leave_folder(purge, true);
		return;
	}
	rel = scan_path(level->rel, level->scan.name);
	if (level->scan.is_folder) {
		enter_folder(purge, rel);
		return;
	}
	level->has_removed |= look_at_file(purge, rel);
	free(rel);
}

static int64_t
interval_ms(const struct purge *purge)
{
	int64_t ms = clock_min(purge->conf->keep_done_ms, purge->conf->keep_failed_ms) / 10;

	return ms < LEAST_MS ? LEAST_MS : clock_min(ms, MOST_MS);
}

void
purge_turn(struct purge *purge, int64_t now_ms)
{
	const int64_t end_ms = clock_ms() + PURGE_STEP_MS;

	if (now_ms < purge->due_ms)
		return;
	if (!purge->is_walking) {
		purge->is_walking = true;
		purge->folder = DONE;
		begin_folder(purge);
	}
	while (purge->folder < N_FOLDER && clock_ms() < end_ms) {
		if (purge->n_levels > 0)
			walk_on(purge);
		else
			end_folder(purge);
	}
	purge->is_walking = purge->folder < N_FOLDER;
	purge->due_ms = purge->is_walking ? now_ms + (purge->hurries ? 0 : PURGE_PAUSE_MS) :
	    now_ms + interval_ms(purge);
}

/* ---- the rest ---------------------------------------------------------------------------- */

void
purge_set_conf(struct purge *purge, const struct conf *conf)
{
	abandon_walk(purge);
	purge->conf = conf;
	purge->due_ms = conf->keep_done_ms == CONF_FOREVER && conf->keep_failed_ms == CONF_FOREVER ?
	    CLOCK_NEVER : 0;
}

struct purge *
purge_new(struct spool *spool, const struct conf *conf, bool hurries)
{
	struct purge *purge = mem_alloc(sizeof(*purge));

	purge->spool = spool;
	purge->hurries = hurries;
	purge_set_conf(purge, conf);
	return purge;
}

void
purge_free(struct purge *purge)
{
	if (purge == NULL)
		return;
	abandon_walk(purge);
	free(purge);
}

int64_t
purge_due(const struct purge *purge)
{
	return purge->due_ms;
}

bool
purge_is_busy(const struct purge *purge)
{
	return purge->is_walking || purge->due_ms == 0;
}
