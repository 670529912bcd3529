/* spool/progress.h - NAME.progress, the sidecar that tells how far an image is.
 *
 * Place:   master -> here -> base/fsio. People and their scripts read it, we do not.
 * Form:    a line for people, then "key: value" lines in the order of struct progress; a
 *          reader skips keys that it does not know. Names are escaped by quote_line.
 * When:    the caller's care: on change, at most once per PROGRESS_INTERVAL_MS.
 * Errors:  0 or -1 with errno, nothing logged. A sidecar that cannot be written (disk full)
 *          holds nothing up.
 */
#ifndef SPOOL_PROGRESS_H
#define SPOOL_PROGRESS_H

#include <stddef.h>
#include <time.h>

#define PROGRESS_SUFFIX ".progress"
#define PROGRESS_INTERVAL_MS 100 /* at 4 a second a 40 Mpx picture, gone in 2 s, would show 8 steps */
#define PROGRESS_REL_SIZE 4096   /* PATH_MAX: no longer path can be opened */
#define PROGRESS_WORD_SIZE 80    /* holds RENDITION_NAME_SIZE and HOST_NAME_MAX */

enum progress_state {
	PROGRESS_DEVELOPING,
	PROGRESS_STOPPED,     /* by STOP; goes on first when it is lifted */
	PROGRESS_INTERRUPTED, /* its daemon went away */
	PROGRESS_PUBLISHING,  /* the results are being put into out/ */
	PROGRESS_DONE,        /* only kept with progress = keep */
	PROGRESS_N_STATE
};

struct progress {
	enum progress_state state;
	unsigned percent;                   /* 0..100 */
	char stage[PROGRESS_WORD_SIZE];     /* "decode", "resize", "encode", or "" */
	char rendition[PROGRESS_WORD_SIZE]; /* "web", or "" */
	unsigned i_rendition, n_renditions; /* 0 <= i < n; n = 0: not known */
	char source[PROGRESS_REL_SIZE];     /* REL of the image */
	char profile[PROGRESS_WORD_SIZE];
	unsigned attempt;                   /* from 1 */
	time_t started, updated;
	char host[PROGRESS_WORD_SIZE];
	int seconds_left;                   /* -1: not known */
};

/* "developing", ... */
const char *progress_state_name(enum progress_state state);

/* What people read for a stage: "resizing"; "starting" for "" and words that we do not know. */
const char *progress_doing(const char *stage);

/* What the sidecar holds. Gives a string. */
char *progress_text(const struct progress *p);

/* The one that is kept with its original: the same, how long it took, and what came of it. */
struct progress_end {
	const char *original;  /* paths below ROOT; NULL: it was deleted */
	const char **results;
	size_t n_results;
};

char *progress_last_text(const struct progress *p, const struct progress_end *end);

/* Write the sidecar of REL; readers see the old or the new one. Not durable. */
int progress_write(int processing_dir, const char *rel, const struct progress *p);

/* Remove it; 0 also when there is none. */
int progress_remove(int processing_dir, const char *rel);

#endif
