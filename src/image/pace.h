/* image/pace.h - how far the work on one picture is.
 *
 * Place:   develop says how much each stage weighs and begins it; codecs, bands and encoders say how far
 *          they are within it. The listener hears of every permille of the whole.
 * Units:   a weight is nanoseconds of CPU, roughly; only proportions matter. Each stands beside the
 *          code whose time it is; all are measured by tests/bench/progress.py.
 */
#ifndef IMAGE_PACE_H
#define IMAGE_PACE_H

#include "image/news.h"

struct pace {
	develop_tell_fn *tell; /* or NULL */
	void *listener;
	double total, done;  /* weights: of everything, of the ended stages */
	double share, aside; /* of this one, and of what is done beside it so far */
	double within;       /* 0..1 of this one */
	struct develop_news news;  /* the last that was told */
};

void pace_init(struct pace *pace, develop_tell_fn *tell, void *listener, double total);

/* Begin a stage about output I_OUTPUT (-1: all); the one before it ends. */
void pace_begin(struct pace *pace, enum develop_stage stage, int i_output, double weight);

/* All that is left, this stage included, weighs WEIGHT: a copy that was counted on was not possible. */
void pace_extend(struct pace *pace, double weight);

/* PART of PARTS of this stage is done. Told when it is a permille more than last time. */
void pace_at(struct pace *pace, double part, double parts);

/* Beside the stage, while it goes on, work of WEIGHT was done since it began: results are reduced while
 * their source is decoded. */
void pace_aside(struct pace *pace, double weight);

/* Output WHOLE->i_output is whole: its bytes, sizes and quality are told with stage and permille. */
void pace_complete(struct pace *pace, const struct develop_news *whole);

#endif
