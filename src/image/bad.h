/* image/bad.h - why an image cannot be developed: one word, one sentence, one remedy each.
 *
 * Place:   image/ decides; work/msg carries the number; master writes NAME.error.txt from it.
 * Rule:    these are faults of the image. A fault of the machine is an errno, a fault of the
 *          worker is its death; neither is ever blamed on the image.
 */
#ifndef IMAGE_BAD_H
#define IMAGE_BAD_H

enum bad {
	BAD_NONE,        /* it can */
	BAD_NOT_IMAGE,   /* neither a JPEG nor a PNG by its first bytes */
	BAD_CORRUPT,     /* the codec gave up */
	BAD_TRUNCATED,   /* the data end before the picture does */
	BAD_UNSUPPORTED, /* a JPEG or PNG of a kind we do not develop (12 bit, lossless) */
	BAD_TOO_BIG,     /* over a limit of the configuration, or of the worker's memory */
	BAD_TOO_ODD,     /* more warnings of the codec than limits.warnings */
	BAD_WORKER_DIED, /* the worker crashed on it, `attempts` times (decided by the master) */
	BAD_TOO_SLOW,    /* the time limit, `attempts` times (decided by the master) */
	BAD_NAME_TAKEN,  /* conflict = fail, and there is one of its name (decided by the master) */
	BAD_N
};

/* The word in logs, metrics and "code:" of the error text ("corrupt", "too-big", ...). */
const char *bad_name(enum bad bad);

/* A sentence for people without the file's name ("The file is damaged ..."), and what to do. */
const char *bad_sentence(enum bad bad);
const char *bad_remedy(enum bad bad);

#endif
