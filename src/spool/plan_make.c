/* spool/plan_make.c - the names of a plan: one free stem for the original and all of its results. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "spool/name.h"
#include "spool/place.h"
#include "spool/plan.h"
#include "spool/progress.h"
#include "spool/suffix.h"

#define MAX_NUMBER 100000 /* photo-100000.jpg: by then something is wrong */

static struct plan *
new_plan(enum plan_verdict verdict, uint64_t ino, size_t n_moves)
{
	struct plan *plan = mem_alloc(sizeof(*plan));

	plan->verdict = verdict;
	plan->ino = ino;
	plan->n_moves = n_moves;
	plan->moves = mem_alloc(n_moves * sizeof(*plan->moves));
	return plan;
}

/* Is PATH not to be had: taken, and not by what may be replaced? */
static bool
is_barred(struct spool *spool, const struct plan *plan, const char *path)
{
	return place_is_taken(spool, path) &&
	    (*plan->replaces == '\0' || !place_is_of(spool, path, plan->replaces));
}

/* The first name of PLAN that is not to be had, borrowed from it, or NULL. */
static const char *
barred_name(struct spool *spool, const struct plan *plan)
{
	size_t i;

	if (plan->original_to != NULL && is_barred(spool, plan, plan->original_to))
		return plan->original_to;
	for (i = 0; i < plan->n_moves; i++)
		if (is_barred(spool, plan, plan->moves[i].to))
			return plan->moves[i].to;
	return NULL;
}

static struct plan *
try_done(struct spool *spool, const struct plan_order *order, unsigned number)
{
	struct plan *plan = new_plan(PLAN_DONE, order->ino, order->n_results + order->keeps_progress);
	char *numbered = name_numbered(order->rel, number);
	char *path;
	size_t i;

	for (i = 0; i < order->n_results; i++) {
		const struct plan_result *result = &order->results[i];

		path = name_result(order->rel, number, result->pattern,
		    name_result_ext(order->rel, result->is_png));
		plan->moves[i].from = result->from == NULL ? mem_printf("%zu", i) : mem_dup(result->from);
		plan->moves[i].to = place_detour(spool, mem_printf("%s%s/%s", order->top, result->folder,
		    path));
		free(path);
	}
	plan->n_results = order->n_results;
	if (order->keeps_progress) {
		path = name_with_suffix(numbered, PROGRESS_SUFFIX);
		plan->moves[i].from = mem_dup(PLAN_PROGRESS);
		plan->moves[i].to = place_detour(spool, mem_printf("done/%s", path));
		free(path);
	}
	if (order->keeps_original)
		plan->original_to = place_detour(spool, mem_printf("done/%s", numbered));
	free(numbered);
	/* What was numbered once before is another photograph of that name: it stays. */
	if (order->replaces != NULL && number == 1)
		memcpy(plan->replaces, order->replaces, MARK_OWNER_SIZE);
	return plan;
}

struct plan *
plan_make_done(struct spool *spool, const struct plan_order *order)
{
	struct plan *plan = try_done(spool, order, 1);
	const char *barred = barred_name(spool, plan);
	char *taken = barred == NULL ? NULL : mem_dup(barred);
	unsigned number = 1;

	while (barred != NULL && number < MAX_NUMBER) {
		plan_free(plan);
		plan = try_done(spool, order, ++number);
		barred = barred_name(spool, plan);
	}
	plan->taken = taken;
	plan_reserve(spool, plan);
	return plan;
}

static struct plan *
try_failed(struct spool *spool, const char *rel, unsigned number, uint64_t ino)
{
	struct plan *plan = new_plan(PLAN_FAILED, ino, 1);
	char *numbered = name_numbered(rel, number);
	char *text = name_with_suffix(numbered, ".error.txt");

	plan->moves[0].from = mem_dup("error.txt");
	plan->moves[0].to = place_detour(spool, mem_printf("failed/%s", text));
	plan->original_to = place_detour(spool, mem_printf("failed/%s", numbered));
	free(text);
	free(numbered);
	return plan;
}

struct plan *
plan_make_failed(struct spool *spool, const char *rel, uint64_t ino)
{
	struct plan *plan = try_failed(spool, rel, 1, ino);
	unsigned number = 1;

	while (barred_name(spool, plan) != NULL && number < MAX_NUMBER) {
		plan_free(plan);
		plan = try_failed(spool, rel, ++number, ino);
	}
	plan_reserve(spool, plan);
	return plan;
}
