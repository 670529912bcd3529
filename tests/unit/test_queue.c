#include <config.h>

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "master/queue.h"

static void
expect_next(struct queue *queue, const char *rel)
{
	struct job *job = queue_next(queue);

	cr_assert_not_null(job, "nothing instead of %s", rel);
	cr_expect_str_eq(job->rel, rel);
	queue_turn_over(queue, job);
	queue_take(queue, job);
	job_free(job);
}

static struct job *
add_ready(struct queue *queue, const char *rel, int64_t arrival)
{
	struct job *job = queue_add(queue, rel, arrival);

	queue_ready(queue, job);
	return job;
}

Test(queue, goes_by_arrival_then_name)
{
	struct queue *queue = queue_new();

	add_ready(queue, "c.jpg", 2);
	add_ready(queue, "b.jpg", 1);
	add_ready(queue, "a.jpg", 2);
	expect_next(queue, "b.jpg");
	expect_next(queue, "a.jpg");
	expect_next(queue, "c.jpg");
	cr_expect_null(queue_next(queue));
	queue_free(queue);
}

Test(queue, top_folders_take_turns_and_urgent_comes_first)
{
	struct queue *queue = queue_new();
	char rel[32];
	int i;

	for (i = 0; i < 1000; i++) {
		snprintf(rel, sizeof(rel), "many/%04d.jpg", i);
		add_ready(queue, rel, i);
	}
	add_ready(queue, "few/deep/a.jpg", 5000);
	add_ready(queue, "few/deep/b.jpg", 5001);
	add_ready(queue, "many/urgent/now.jpg", 9000);
	expect_next(queue, "many/urgent/now.jpg");
	expect_next(queue, "many/0000.jpg");
	expect_next(queue, "few/deep/a.jpg");
	expect_next(queue, "many/0001.jpg");
	expect_next(queue, "few/deep/b.jpg");
	expect_next(queue, "many/0002.jpg");
	expect_next(queue, "many/0003.jpg");
	queue_free(queue);
}

/* A barred folder: its pictures are held, others overtake them, and nothing is lost of the order. */
Test(queue, a_barred_folder_is_passed_over)
{
	struct queue *queue = queue_new();
	const struct job *held[4];
	struct job *job;

	add_ready(queue, "night/a.jpg", 1);
	add_ready(queue, "night/b.jpg", 2);
	add_ready(queue, "night/urgent/c.jpg", 9);
	add_ready(queue, "x.jpg", 5);
	job = queue_next(queue);
	cr_assert_str_eq(job->rel, "night/urgent/c.jpg");
	queue_bar(queue, job, "at night");
	cr_assert_str_eq(queue_next(queue)->rel, "night/a.jpg");
	queue_bar(queue, queue_next(queue), "at night");
	cr_expect_eq(queue_n_ready(queue), 1);
	cr_expect_eq(queue_n_held(queue), 3);
	cr_expect_eq(queue_held(queue, held, 4), 3);
	cr_expect_str_eq(queue_reason(held[0]), "at night");
	cr_expect_eq(queue_first(queue, held, 4), 1);
	add_ready(queue, "night/d.jpg", 3);
	cr_expect_eq(queue_n_held(queue), 4, "what comes later is held too");
	queue_drop(queue, queue_find(queue, "night/a.jpg"));
	expect_next(queue, "x.jpg");
	cr_expect_null(queue_next(queue));
	queue_unbar(queue);
	cr_expect_eq(queue_n_ready(queue), 3);
	cr_expect_eq(queue_n_held(queue), 0);
	expect_next(queue, "night/urgent/c.jpg");
	expect_next(queue, "night/b.jpg");
	expect_next(queue, "night/d.jpg");
	add_ready(queue, "night/e.jpg", 4);
	queue_bar(queue, queue_next(queue), "at night");
	queue_drop(queue, queue_find(queue, "night/e.jpg"));
	add_ready(queue, "night/f.jpg", 4);
	expect_next(queue, "night/f.jpg"); /* a folder that was emptied is asked about anew */
	queue_free(queue);
}

Test(queue, looks_fall_due_in_time)
{
	struct queue *queue = queue_new();
	struct job *late = queue_add(queue, "late.jpg", 1);
	struct job *soon = queue_add(queue, "soon.jpg", 2);

	queue_settle(queue, late, 500);
	queue_settle(queue, soon, 100);
	cr_expect_eq(queue_due(queue), 100);
	cr_expect_null(queue_due_job(queue, 99));
	cr_expect_eq(queue_due_job(queue, 100), soon);
	queue_ready(queue, soon);
	cr_expect_eq(queue_due(queue), 500);
	queue_hold(queue, late);
	cr_expect_eq(queue_due(queue), CLOCK_NEVER);
	cr_expect_eq(queue_n_ready(queue), 1);
	cr_expect_eq(queue_n_held(queue), 1);
	queue_drop(queue, late);
	cr_expect_null(queue_find(queue, "late.jpg"));
	cr_expect_eq(queue_find(queue, "soon.jpg"), soon);
	queue_free(queue);
}

Test(queue, counts_what_settles_apart_from_what_waits_for_a_reason)
{
	struct queue *queue = queue_new();
	struct job *a = queue_add(queue, "a.jpg", 1), *b = queue_add(queue, "b.jpg", 1);
	const struct job *held[4];

	a->reason = "its end is missing";
	queue_settle(queue, a, 1000);
	queue_settle(queue, b, 1000);
	cr_expect_eq(queue_n_settling(queue), 1);
	cr_expect_eq(queue_n_held(queue), 1);
	cr_expect_eq(queue_held(queue, held, 4), 1);
	cr_expect_eq(held[0], a);
	a->reason = NULL;
	queue_settle(queue, a, 2000);
	cr_expect_eq(queue_n_settling(queue), 2);
	cr_expect_eq(queue_n_held(queue), 0);
	queue_free(queue);
}

Test(queue, lists_the_first_of_every_folder)
{
	struct queue *queue = queue_new();
	const struct job *first[10];

	add_ready(queue, "x/1.jpg", 1);
	add_ready(queue, "x/2.jpg", 2);
	add_ready(queue, "y/1.jpg", 3);
	cr_assert_eq(queue_first(queue, first, 2), 2);
	cr_expect_str_eq(first[0]->rel, "x/1.jpg");
	cr_expect_str_eq(first[1]->rel, "y/1.jpg");
	cr_assert_eq(queue_first(queue, first, 10), 3);
	queue_free(queue);
}
