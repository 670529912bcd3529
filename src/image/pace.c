#include <config.h>

#include <stddef.h>

#include "image/pace.h"

void
pace_init(struct pace *m, develop_tell_fn *tell, void *listener, double total)
{
	*m = (struct pace){ .tell = tell, .listener = listener, .total = total,
		.news = { .i_output = -1 } };
}

static void
tell(struct pace *m)
{
	if (m->tell != NULL)
		m->tell(m->listener, &m->news);
}

void
pace_begin(struct pace *m, enum develop_stage stage, int i_output, double weight)
{
	m->done += m->share + m->aside;
	m->share = weight;
	m->aside = m->within = 0;
	if (m->news.stage == stage && m->news.i_output == i_output)
		return;
	m->news.stage = stage;
	m->news.i_output = i_output;
	tell(m);
}

void
pace_extend(struct pace *m, double weight)
{
	m->total = m->done + weight;
}

static void
move_on(struct pace *m)
{
	double done = m->done + m->share * m->within + m->aside;
	/* the same weights in another order make a sum that is a hair less than all */
	double permille = m->total <= 0 ? 0 : done / m->total * 1000.0 + 1e-6;
	unsigned now = permille >= 1000.0 ? 1000 : (unsigned)permille;

	if (now <= m->news.permille)
		return;
	m->news.permille = now;
	tell(m);
}

void
pace_at(struct pace *m, double part, double parts)
{
	m->within = parts <= 0 || part >= parts ? 1.0 : part / parts;
	move_on(m);
}

void
pace_aside(struct pace *m, double weight)
{
	m->aside = weight;
	move_on(m);
}

void
pace_complete(struct pace *m, const struct develop_news *whole)
{
	struct develop_news news = *whole;

	news.stage = m->news.stage;
	news.permille = m->news.permille;
	news.is_complete = true;
	if (m->tell != NULL)
		m->tell(m->listener, &news);
}
