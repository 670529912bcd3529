/* image/pace.c - from parts of a stage to permille of the whole picture's work. */
#include <config.h>

#include <stddef.h>

#include "image/pace.h"

void
pace_init(struct pace *pace, develop_tell_fn *tell, void *listener, double total)
{
	*pace = (struct pace){ .tell = tell, .listener = listener, .total = total,
		.news = { .i_output = -1 } };
}

static void
tell_news(struct pace *pace)
{
	if (pace->tell != NULL)
		pace->tell(pace->listener, &pace->news);
}

void
pace_begin(struct pace *pace, enum develop_stage stage, int i_output, double weight)
{
	pace->done += pace->share + pace->aside;
	pace->share = weight;
	pace->aside = pace->within = 0;
	if (pace->news.stage == stage && pace->news.i_output == i_output)
		return;
	pace->news.stage = stage;
	pace->news.i_output = i_output;
	tell_news(pace);
}

void
pace_extend(struct pace *pace, double weight)
{
	pace->total = pace->done + weight;
}

static void
move_on(struct pace *pace)
{
	double done = pace->done + pace->share * pace->within + pace->aside;
	/* the same weights in another order make a sum that is a hair less than all */
	double permille = pace->total <= 0 ? 0 : done / pace->total * 1000.0 + 1e-6;
	unsigned now = permille >= 1000.0 ? 1000 : (unsigned)permille;

	if (now <= pace->news.permille)
		return;
	pace->news.permille = now;
	tell_news(pace);
}

void
pace_at(struct pace *pace, double part, double parts)
{
	pace->within = parts <= 0 || part >= parts ? 1.0 : part / parts;
	move_on(pace);
}

void
pace_aside(struct pace *pace, double weight)
{
	pace->aside = weight;
	move_on(pace);
}

void
pace_complete(struct pace *pace, const struct develop_news *whole)
{
	struct develop_news news = *whole;

	news.stage = pace->news.stage;
	news.permille = pace->news.permille;
	news.is_complete = true;
	if (pace->tell != NULL)
		pace->tell(pace->listener, &news);
}
