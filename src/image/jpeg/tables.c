/* image/jpeg/tables.c - Huffman tables between the sample that was counted and the picture. */
#include <config.h>

#include "image/jpeg/tables.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BITS 16
#define ALL_CODES (1u << MAX_BITS)
#define N_SYMBOLS 256
#define DC_SIZES 12  /* of a difference: 0..11 bits */
#define AC_SIZES 10  /* of a coefficient: 1..10 bits, behind runs of 0..15 zeros */
#define END_OF_BLOCK 0x00
#define SIXTEEN_ZEROS 0xf0
#define SHARE 64     /* what the sample says weighs so much more than what is usual */

struct symbol {
	uint8_t value;
	unsigned weight, n_bits;
};

struct alphabet {
	struct symbol symbols[N_SYMBOLS];
	unsigned n;
};

/* ---- which symbols, and how frequent ---- */

static bool
is_possible(unsigned value, bool is_ac)
{
	unsigned size = value & 15;

	if (!is_ac)
		return value < DC_SIZES;
	return value == END_OF_BLOCK || value == SIXTEEN_ZEROS || (size >= 1 && size <= AC_SIZES);
}

/* A code of N bits stands for a symbol that is one of 2^N. */
static void
weigh_codes(const JHUFF_TBL *table, unsigned share, unsigned weights[N_SYMBOLS])
{
	unsigned n_bits, i, k = 0;

	for (n_bits = 1; n_bits <= MAX_BITS; n_bits++)
		for (i = 0; i < table->bits[n_bits]; i++)
			weights[table->huffval[k++]] += share * (ALL_CODES >> n_bits);
}

static void
gather_symbols(const JHUFF_TBL *table, const JHUFF_TBL *usual, bool is_ac, struct alphabet *all)
{
	unsigned weights[N_SYMBOLS] = { 0 }, i;

	weigh_codes(table, SHARE, weights);
	weigh_codes(usual, 1, weights);
	all->n = 0;
	for (i = 0; i < N_SYMBOLS; i++)
		if (weights[i] > 0 || is_possible(i, is_ac))
			all->symbols[all->n++] = (struct symbol){ (uint8_t)i,
				weights[i] > 0 ? weights[i] : 1, 0 };
}

static int
by_weight(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return x->value - y->value;
}

/* ---- how long ---- */

/* Huffman's tree from the lightest up, by two queues: the symbols (the last one first) and the nodes,
 * which come out in the order of their weights. A parent has a higher number than its children. */
struct tree {
	unsigned weights[2 * N_SYMBOLS], parents[2 * N_SYMBOLS];
	unsigned next_symbol, next_node, n_nodes;
};

static unsigned
lightest(struct tree *t, unsigned n)
{
	bool has_symbol = t->next_symbol < n, has_node = t->next_node < t->n_nodes;

	if (has_symbol && (!has_node || t->weights[t->next_symbol] <= t->weights[t->next_node]))
		return t->next_symbol++;
	return t->next_node++;
}

static void
set_lengths(struct alphabet *all)
{
	struct tree t = { .next_node = all->n, .n_nodes = all->n };
	unsigned depths[2 * N_SYMBOLS] = { 0 }, i, a, b;

	for (i = 0; i < all->n; i++)
		t.weights[i] = all->symbols[all->n - 1 - i].weight;
	while (t.n_nodes < 2 * all->n - 1) {
		a = lightest(&t, all->n);
		b = lightest(&t, all->n);
		t.weights[t.n_nodes] = t.weights[a] + t.weights[b];
		t.parents[a] = t.parents[b] = t.n_nodes++;
	}
	for (i = 2 * all->n - 2; i-- > 0; )
		depths[i] = depths[t.parents[i]] + 1;
	for (i = 0; i < all->n; i++)
		all->symbols[all->n - 1 - i].n_bits = depths[i];
}

/* No length over 16; and one code, that of all ones, stays free. The rarest of those that can get
 * longer pay for it. */
static void
limit_lengths(struct alphabet *all)
{
	unsigned used = 0, i;

	for (i = 0; i < all->n; i++) {
		if (all->symbols[i].n_bits > MAX_BITS)
			all->symbols[i].n_bits = MAX_BITS;
		used += ALL_CODES >> all->symbols[i].n_bits;
	}
	while (used >= ALL_CODES) {
		for (i = all->n - 1; all->symbols[i].n_bits == MAX_BITS; i--)
			;
		all->symbols[i].n_bits++;
		used -= ALL_CODES >> all->symbols[i].n_bits;
	}
}

/* ---- the table ---- */

/* Symbols in the order of their lengths; within one, as they are. */
static void
put_table(const struct alphabet *all, JHUFF_TBL *table)
{
	unsigned n_bits, i, k = 0;

	memset(table->bits, 0, sizeof(table->bits));
	memset(table->huffval, 0, sizeof(table->huffval));
	for (n_bits = 1; n_bits <= MAX_BITS; n_bits++)
		for (i = 0; i < all->n; i++)
			if (all->symbols[i].n_bits == n_bits) {
				table->bits[n_bits]++;
				table->huffval[k++] = all->symbols[i].value;
			}
	table->sent_table = FALSE;
}

void
codec_jpeg_tables_widen(JHUFF_TBL *table, const JHUFF_TBL *usual, bool is_ac)
{
	struct alphabet all;

	gather_symbols(table, usual, is_ac, &all);
	qsort(all.symbols, all.n, sizeof(all.symbols[0]), by_weight);
	set_lengths(&all);
	limit_lengths(&all);
	put_table(&all, table);
}
