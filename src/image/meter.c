#include <config.h>

#include <stddef.h>

#include "image/meter.h"

void
meter_init(struct meter *m, develop_tell_fn *tell, void *listener, double total)
{
	*m = (struct meter){ .tell = tell, .listener = listener, .total = total,
		.news = { .i_output = -1 } };
}

static void
tell(struct meter *m)
{
	if (m->tell != NULL)
		m->tell(m->listener, &m->news);
}

void
meter_begin(struct meter *m, enum develop_stage stage, int i_output, double weight)
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
meter_extend(struct meter *m, double weight)
{
	m->total = m->done + weight;
}

static void
move_on(struct meter *m)
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
meter_at(struct meter *m, double part, double parts)
{
	m->within = parts <= 0 || part >= parts ? 1.0 : part / parts;
	move_on(m);
}

void
meter_aside(struct meter *m, double weight)
{
	m->aside = weight;
	move_on(m);
}

void
meter_complete(struct meter *m, const struct develop_news *whole)
{
	struct develop_news news = *whole;

	news.stage = m->news.stage;
	news.permille = m->news.permille;
	news.is_complete = true;
	if (m->tell != NULL)
		m->tell(m->listener, &news);
}
