/* image/reason.h - why an image cannot be developed: one word, one sentence, one remedy each.
 *
 * Place:   image/ decides; work/msg carries the number; master writes NAME.error.txt from it.
 * Rule:    these are faults of the image. A fault of the machine is an errno, a fault of the
 *          worker is its death; neither is ever blamed on the image.
 */
#ifndef IMAGE_REASON_H
#define IMAGE_REASON_H

enum reason {
	REASON_NONE,        /* it can */
	REASON_NOT_IMAGE,   /* neither a JPEG nor a PNG by its first bytes */
	REASON_CORRUPT,     /* the codec gave up */
	REASON_TRUNCATED,   /* the data end before the picture does */
	REASON_UNSUPPORTED, /* a JPEG or PNG of a kind we do not develop (12 bit, lossless) */
	REASON_TOO_BIG,     /* over a limit of the configuration, or of the worker's memory */
	REASON_TOO_ODD,     /* more warnings of the codec than limits.warnings */
	REASON_WORKER_DIED, /* the worker crashed on it, `attempts` times (decided by the master) */
	REASON_TOO_SLOW,    /* the time limit, `attempts` times (decided by the master) */
	REASON_NAME_TAKEN,  /* conflict = fail, and there is one of its name (decided by the master) */
	REASON_N
};

/* The word in logs, metrics and "code:" of the error text ("corrupt", "too-big", ...). */
const char *reason_name(enum reason bad);

/* A sentence for people without the file's name ("The file is damaged ..."), and what to do. */
const char *reason_sentence(enum reason bad);
const char *reason_remedy(enum reason bad);

#endif
