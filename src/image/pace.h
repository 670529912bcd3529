/* image/pace.h - how far the work on one picture is.
 *
 * Place:   develop begins and ends the stages, codecs and resample move within them.
 * Units:   a weight is an estimate of nanoseconds; only their proportions matter.
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

void pace_init(struct pace *m, develop_tell_fn *tell, void *listener, double total);

/* Begin a stage about output I_OUTPUT (-1: all); the one before it ends. */
void pace_begin(struct pace *m, enum develop_stage stage, int i_output, double weight);

/* What is left, this stage included, is WEIGHT, whatever was thought before. */
void pace_extend(struct pace *m, double weight);

/* PART of PARTS of this stage is done. Told when it is a permille more than last time. */
void pace_at(struct pace *m, double part, double parts);

/* And beside it WEIGHT since it began: what is made of the rows while they come in. */
void pace_aside(struct pace *m, double weight);

/* Output WHOLE->i_output is whole: its bytes, sizes and quality are told with stage and permille. */
void pace_complete(struct pace *m, const struct develop_news *whole);

#endif
