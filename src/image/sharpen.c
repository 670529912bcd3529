/* image/sharpen.c - an unsharp mask, after the colours and before the watermark. */
#include <config.h>

#include "image/sharpen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define REACH (SHARPEN_ROWS / 2)
#define NO_ROW UINT32_MAX
#define ALL 256 /* the sum of all 25 weights */

static const unsigned weights[SHARPEN_ROWS] = { 1, 4, 6, 4, 1 };

static bool
alloc_rows(struct sharpen *s)
{
	size_t n = s->n_px;
	int i;

	for (i = 0; i < SHARPEN_ROWS; i++) {
		s->y[i] = NO_ROW;
		s->rows[i] = malloc(n * s->n_colors * s->sample_bytes);
		s->lumas[i] = malloc(n * sizeof(uint16_t));
		if (s->has_alpha)
			s->alphas[i] = malloc(n * sizeof(uint16_t));
		if (s->rows[i] == NULL || s->lumas[i] == NULL ||
		    (s->has_alpha && s->alphas[i] == NULL))
			return false;
	}
	return true;
}

int
sharpen_init(struct sharpen *s, unsigned percent, uint32_t n_px, uint32_t n_rows,
    unsigned n_colors, unsigned sample_bytes, bool has_alpha)
{
	size_t columns = (size_t)n_px + 2 * REACH;

	*s = (struct sharpen){ .percent = percent, .n_px = n_px, .n_rows = n_rows,
		.n_colors = n_colors, .sample_bytes = sample_bytes, .has_alpha = has_alpha };
	s->sums = malloc(columns * sizeof(*s->sums));
	s->weights = malloc(columns * sizeof(*s->weights));
	s->out = malloc((size_t)n_px * n_colors * sample_bytes);
	if (s->sums != NULL && s->weights != NULL && s->out != NULL && alloc_rows(s))
		return 0;
	sharpen_clear(s);
	errno = ENOMEM;
	return -1;
}

void
sharpen_clear(struct sharpen *s)
{
	int i;

	for (i = 0; i < SHARPEN_ROWS; i++) {
		free(s->rows[i]);
		free(s->lumas[i]);
		free(s->alphas[i]);
	}
	free(s->sums);
	free(s->weights);
	free(s->out);
	memset(s, 0, sizeof(*s));
}

/* ---- rows on their way in ---- */

void
sharpen_span(const struct sharpen *s, uint32_t y, uint32_t *begin, uint32_t *end)
{
	*begin = y < REACH ? 0 : y - REACH;
	*end = s->n_rows - y > REACH ? y + REACH + 1 : s->n_rows;
}

bool
sharpen_has(const struct sharpen *s, uint32_t y)
{
	return s->y[y % SHARPEN_ROWS] == y;
}

static unsigned
wide(const struct sharpen *s, const void *row, size_t i)
{
	return s->sample_bytes == 2 ? ((const uint16_t *)row)[i] :
	    ((const uint8_t *)row)[i] * 257u;
}

/* Rec. 601, as JPEG's own Y. */
static void
take_luma(const struct sharpen *s, const void *row, uint16_t *luma)
{
	size_t x;

	for (x = 0; x < s->n_px; x++)
		luma[x] = (uint16_t)(s->n_colors == 1 ? wide(s, row, x) :
		    (19595 * wide(s, row, 3 * x) + 38470 * wide(s, row, 3 * x + 1) +
		    7471 * wide(s, row, 3 * x + 2) + 32768) >> 16);
}

void
sharpen_put(struct sharpen *s, uint32_t y, const void *row, const uint16_t *alpha)
{
	unsigned slot = y % SHARPEN_ROWS;

	s->y[slot] = y;
	memcpy(s->rows[slot], row, (size_t)s->n_px * s->n_colors * s->sample_bytes);
	take_luma(s, row, s->lumas[slot]);
	if (s->has_alpha)
		memcpy(s->alphas[slot], alpha, (size_t)s->n_px * sizeof(*alpha));
}

/* ---- the row ---- */

/* The slot of the K-th of the five rows around Y, those over the edge repeated. */
static unsigned
slot_of(const struct sharpen *s, uint32_t y, unsigned k)
{
	uint32_t at = y + k < REACH ? 0 : y + k - REACH;

	return (at < s->n_rows ? at : s->n_rows - 1) % SHARPEN_ROWS;
}

static void
repeat_edges(uint64_t *columns, uint32_t n_px)
{
	unsigned i;

	for (i = 0; i < REACH; i++) {
		columns[i] = columns[REACH];
		columns[REACH + n_px + i] = columns[REACH + n_px - 1];
	}
}

static void
sum_columns(struct sharpen *s, uint32_t y)
{
	uint64_t *sums = s->sums + REACH, *shares = s->weights + REACH;
	unsigned k;
	uint32_t x;

	memset(sums, 0, s->n_px * sizeof(*sums));
	memset(shares, 0, s->n_px * sizeof(*shares));
	for (k = 0; k < SHARPEN_ROWS; k++) {
		unsigned slot = slot_of(s, y, k);
		const uint16_t *luma = s->lumas[slot], *alpha = s->alphas[slot];

		for (x = 0; x < s->n_px && !s->has_alpha; x++)
			sums[x] += weights[k] * luma[x];
		for (x = 0; x < s->n_px && s->has_alpha; x++) {
			sums[x] += (uint64_t)weights[k] * alpha[x] * luma[x];
			shares[x] += weights[k] * alpha[x];
		}
	}
	repeat_edges(s->sums, s->n_px);
	repeat_edges(s->weights, s->n_px);
}

/* Of the five columns that begin at COLUMNS. */
static uint64_t
across(const uint64_t *columns)
{
	return columns[0] + columns[4] + 4 * (columns[1] + columns[3]) + 6 * columns[2];
}

/* What to add at X to a luma of LUMA. */
static int
gain(const struct sharpen *s, uint32_t x, int luma)
{
	uint64_t share = s->has_alpha ? across(s->weights + x) : ALL;
	int blurred = share == 0 ? luma : (int)((across(s->sums + x) + share / 2) / share);
	int gained = (luma - blurred) * (int)s->percent;

	return (gained + (gained < 0 ? -50 : 50)) / 100;
}

const uint8_t *
sharpen_row(struct sharpen *s, uint32_t y)
{
	unsigned slot = y % SHARPEN_ROWS, c;
	uint32_t x;

	sum_columns(s, y);
	for (x = 0; x < s->n_px; x++) {
		int more = gain(s, x, s->lumas[slot][x]);

		for (c = 0; c < s->n_colors; c++) {
			size_t i = (size_t)x * s->n_colors + c;
			int v = (int)wide(s, s->rows[slot], i) + more;

			v = v < 0 ? 0 : v > 65535 ? 65535 : v;
			if (s->sample_bytes == 2)
				((uint16_t *)(void *)s->out)[i] = (uint16_t)v;
			else
				s->out[i] = (uint8_t)(((uint32_t)v * 255 + 32895) >> 16);
		}
	}
	return s->out;
}

int
sharpen_plane(const struct plane *from, struct plane *to, unsigned percent)
{
	struct sharpen s;
	uint32_t y, begin, end;

	if (sharpen_init(&s, percent, from->width, from->height, 1, 1, false) != 0)
		return -1;
	for (y = 0; y < from->height; y++) {
		sharpen_span(&s, y, &begin, &end);
		for (; begin < end; begin++)
			if (!sharpen_has(&s, begin))
				sharpen_put(&s, begin, from->data + begin * from->stride_bytes, NULL);
		memcpy(to->data + y * to->stride_bytes, sharpen_row(&s, y), from->width);
	}
	sharpen_clear(&s);
	return 0;
}
