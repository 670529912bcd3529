/* image/meter.h - how far the work on one picture is.
 *
 * Place:   develop begins and ends the stages, codecs and resample move within them.
 * Units:   a weight is an estimate of nanoseconds; only their proportions matter.
 */
#ifndef IMAGE_METER_H
#define IMAGE_METER_H

#include "image/news.h"

struct meter {
	develop_tell_fn *tell; /* or NULL */
	void *listener;
	double total, done;  /* weights: of everything, of the ended stages */
	double share, aside; /* of this one, and of what is done beside it so far */
	double within;       /* 0..1 of this one */
	struct develop_news news;  /* the last that was told */
};

void meter_init(struct meter *m, develop_tell_fn *tell, void *listener, double total);

/* Begin a stage about output I_OUTPUT (-1: all); the one before it ends. */
void meter_begin(struct meter *m, enum develop_stage stage, int i_output, double weight);

/* What is left, this stage included, is WEIGHT, whatever was thought before. */
void meter_extend(struct meter *m, double weight);

/* PART of PARTS of this stage is done. Told when it is a permille more than last time. */
void meter_at(struct meter *m, double part, double parts);

/* And beside it WEIGHT since it began: what is made of the rows while they come in. */
void meter_aside(struct meter *m, double weight);

/* Output WHOLE->i_output is whole: its bytes, sizes and quality are told with stage and permille. */
void meter_complete(struct meter *m, const struct develop_news *whole);

#endif
