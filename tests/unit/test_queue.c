#include <config.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "master/folder.h"
#include "master/queue.h"

/* Folders of an inbox/, made as files in them are. */
static struct folder *folders[8];
static size_t n_folders;

static struct folder *
folder_of(const char *rel)
{
	const char *slash = strrchr(rel, '/');
	char *path = mem_dup_n(rel, slash == NULL ? 0 : (size_t)(slash - rel));
	size_t i;

	for (i = 0; i < n_folders && strcmp(folders[i]->rel, path) != 0; i++)
		;
	if (i == n_folders)
		folders[n_folders++] = folder_new(path);
	free(path);
	return folders[i];
}

static const char *
name_of(const char *rel)
{
	const char *slash = strrchr(rel, '/');

	return slash == NULL ? rel : slash + 1;
}

static struct file *
find(const char *rel)
{
	return folder_find(folder_of(rel), name_of(rel));
}

static void
drop(struct queue *queue, struct file *file)
{
	queue_remove(queue, file);
	folder_remove(file->folder, file);
}

static void
free_all(struct queue *queue)
{
	while (n_folders > 0)
		folder_free(folders[--n_folders]);
	queue_free(queue);
}

static void
expect_rel(const struct file *file, const char *rel)
{
	char *is = folder_rel_of(file);

	cr_expect_str_eq(is, rel);
	free(is);
}

static void
expect_next(struct queue *queue, const char *rel)
{
	struct file *file = queue_next(queue);

	cr_assert_not_null(file, "nothing instead of %s", rel);
	expect_rel(file, rel);
	queue_turn_over(queue, file);
	drop(queue, file);
}

static struct file *
add(struct queue *queue, const char *rel, int64_t arrival)
{
	struct file *file = folder_add(folder_of(rel), name_of(rel));

	file->arrival_ns = arrival;
	queue_add(queue, file);
	return file;
}

static struct file *
add_ready(struct queue *queue, const char *rel, int64_t arrival)
{
	struct file *file = add(queue, rel, arrival);

	queue_ready(queue, file);
	return file;
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
	free_all(queue);
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
	free_all(queue);
}

/* A barred folder: its pictures are held, others overtake them, and nothing is lost of the order. */
Test(queue, a_barred_folder_is_passed_over)
{
	struct queue *queue = queue_new();
	const struct file *held[4];
	struct file *file;

	add_ready(queue, "night/a.jpg", 1);
	add_ready(queue, "night/b.jpg", 2);
	add_ready(queue, "night/urgent/c.jpg", 9);
	add_ready(queue, "x.jpg", 5);
	file = queue_next(queue);
	expect_rel(file, "night/urgent/c.jpg");
	queue_bar(queue, file, "at night");
	expect_rel(queue_next(queue), "night/a.jpg");
	queue_bar(queue, queue_next(queue), "at night");
	cr_expect_eq(queue_n_ready(queue), 1);
	cr_expect_eq(queue_n_held(queue), 3);
	cr_expect_eq(queue_held(queue, held, 4), 3);
	cr_expect_str_eq(queue_reason(held[0]), "at night");
	cr_expect_eq(queue_first(queue, held, 4), 1);
	add_ready(queue, "night/d.jpg", 3);
	cr_expect_eq(queue_n_held(queue), 4, "what comes later is held too");
	drop(queue, find("night/a.jpg"));
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
	drop(queue, find("night/e.jpg"));
	add_ready(queue, "night/f.jpg", 4);
	expect_next(queue, "night/f.jpg"); /* a folder that was emptied is asked about anew */
	free_all(queue);
}

Test(queue, looks_fall_due_in_time)
{
	struct queue *queue = queue_new();
	struct file *late = add(queue, "late.jpg", 1);
	struct file *soon = add(queue, "soon.jpg", 2);

	queue_settle(queue, late, 500);
	queue_settle(queue, soon, 100);
	cr_expect_eq(queue_due(queue), 100);
	cr_expect_null(queue_due_file(queue, 99));
	cr_expect_eq(queue_due_file(queue, 100), soon);
	queue_ready(queue, soon);
	cr_expect_eq(queue_due(queue), 500);
	queue_hold(queue, late);
	cr_expect_eq(queue_due(queue), CLOCK_NEVER);
	cr_expect_eq(queue_n_ready(queue), 1);
	cr_expect_eq(queue_n_held(queue), 1);
	drop(queue, late);
	cr_expect_null(find("late.jpg"));
	cr_expect_eq(find("soon.jpg"), soon);
	free_all(queue);
}

Test(queue, counts_what_settles_apart_from_what_waits_for_a_reason)
{
	struct queue *queue = queue_new();
	struct file *a = add(queue, "a.jpg", 1), *b = add(queue, "b.jpg", 1);
	const struct file *held[4];

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
	free_all(queue);
}

Test(queue, lists_the_first_of_every_folder)
{
	struct queue *queue = queue_new();
	const struct file *first[10];

	add_ready(queue, "x/1.jpg", 1);
	add_ready(queue, "x/2.jpg", 2);
	add_ready(queue, "y/1.jpg", 3);
	cr_assert_eq(queue_first(queue, first, 2), 2);
	expect_rel(first[0], "x/1.jpg");
	expect_rel(first[1], "y/1.jpg");
	cr_assert_eq(queue_first(queue, first, 10), 3);
	free_all(queue);
}

/* What a million of them cost: name, index, heap and all. */
Test(queue, a_waiting_file_takes_150_bytes)
{
	enum { N = 100000 };
	struct queue *queue = queue_new();
	struct mallinfo2 before = mallinfo2(), after;
	char rel[32];
	double each;
	int i;

	for (i = 0; i < N; i++) {
		snprintf(rel, sizeof(rel), "many/DSC%08d.jpg", i * 7919 % N);
		add_ready(queue, rel, i);
	}
	after = mallinfo2();
	each = (double)(after.uordblks + after.hblkhd - before.uordblks - before.hblkhd) / N;
	cr_log_info("%.1f bytes for each of %d files", each, N);
	cr_expect_leq(each, 150, "%.1f", each);
	cr_expect_eq(folder_of("many/x")->n_files, N);
	for (i = 0; i < N; i += 2) {
		snprintf(rel, sizeof(rel), "many/DSC%08d.jpg", i);
		drop(queue, find(rel));
	}
	for (i = 0; i < N; i++) {
		snprintf(rel, sizeof(rel), "many/DSC%08d.jpg", i);
		cr_assert_eq(find(rel) == NULL, i % 2 == 0, "%s", rel);
	}
	free_all(queue);
}

/* What is kept of a file that was judged for good tells whether it is still the same. */
Test(queue, a_ready_file_is_known_again)
{
	const struct ready_times times = { .quiet_ms = 2000, .settle_ms = 5000, .incomplete_ms = 600000 };
	struct ready_look look = { .id = { .ino = 7, .size = 100, .mtime_ns = 5, .ctime_ns = 6 },
		.magic = MAGIC_JPEG, .end = READY_STRONG_END, .writer = READY_NO_WRITER };
	struct folder *folder = folder_of("a.jpg");
	struct file *file = folder_add(folder, "a.jpg");

	cr_assert_eq(file_judge(file, &look, &times, 10).answer, READY_NOW);
	cr_expect_not(file->has_facts);
	cr_expect_eq(file_judge(file, &look, &times, 11).answer, READY_NOW, "it has not changed");
	look.writer = READY_WRITER;
	cr_expect_eq(file_judge(file, &look, &times, 12).answer, READY_LATER, "somebody writes");
	cr_expect(file->has_facts);
	look.writer = READY_NO_WRITER;
	cr_expect_eq(file_judge(file, &look, &times, 13).answer, READY_LATER, "it was seen busy");
	cr_expect_eq(file_judge(file, &look, &times, 3000).answer, READY_NOW);
	look.id.size++;
	cr_expect_eq(file_judge(file, &look, &times, 3001).answer, READY_LATER, "it has changed");
	look.error = EIO;
	cr_expect_eq(file_judge(file, &look, &times, 3002).answer, READY_LATER);
	look.error = 0;
	cr_expect_eq(file_judge(file, &look, &times, 5001).answer, READY_NOW);
	look.magic = MAGIC_SHORT;
	cr_expect_eq(file_judge(file, &look, &times, 5002).answer, READY_NEVER,
	    "what waited long enough once is not asked to wait again");
	file->is_nudged = true;
	cr_expect_eq(file_judge(file, &look, &times, 5003).answer, READY_LATER, "but after an event");
	folder_free(folder);
	n_folders = 0;
}
