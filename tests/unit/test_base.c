#include <config.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/chan.h"
#include "base/fsio.h"
#include "base/heap.h"
#include "base/quote.h"
#include "scratch.h"

struct item {
	int key;
	size_t place;
};

static bool
item_before(const void *a, const void *b)
{
	return ((const struct item *)a)->key < ((const struct item *)b)->key;
}

Test(heap, gives_the_smallest_whatever_was_removed)
{
	struct item items[100];
	struct heap heap;
	int i, last = -1;

	heap_init(&heap, item_before, offsetof(struct item, place));
	for (i = 0; i < 100; i++) {
		items[i].key = (i * 37) % 100;
		heap_push(&heap, &items[i]);
	}
	for (i = 0; i < 100; i += 3)
		heap_remove(&heap, &items[i]);
	cr_assert_eq(heap.n, 66);
	while (heap_first(&heap) != NULL) {
		struct item *first = heap_first(&heap);

		cr_assert_gt(first->key, last);
		last = first->key;
		heap_remove(&heap, first);
		cr_assert_eq(first->place, HEAP_NOWHERE);
	}
	heap_clear(&heap);
}

static const char *const quote_cases[][2] = {
	{ "plain.jpg", "plain.jpg" },
	{ "two words.jpg", "two words.jpg" },
	{ "new\nline", "new\\nline" },
	{ "\x1b[31m", "\\x1b[31m" },
	{ "gr\xc3\xbc\xc3\x9f.jpg", "gr\xc3\xbc\xc3\x9f.jpg" },
	{ "\xff\xfe", "\\xff\\xfe" },
	{ "\xc2\x9b", "\\xc2\\x9b" }, /* a C1 control: CSI to some terminals */
	{ "\xc0\xaf", "\\xc0\\xaf" }, /* overlong slash */
	{ "back\\slash", "back\\\\slash" },
};

Test(quote, shows_names_on_one_line)
{
	size_t i;

	for (i = 0; i < sizeof(quote_cases) / sizeof(quote_cases[0]); i++) {
		char *shown = quote_line(quote_cases[i][0]);

		cr_assert_str_eq(shown, quote_cases[i][1]);
		free(shown);
	}
}

Test(quote, percent_round_trip)
{
	const char *name = "a b/\xff%\n'\"~-.jpg";
	char *text = quote_percent(name, "/");
	char *back = quote_percent_undo(text);

	cr_assert_str_eq(text, "a%20b/%FF%25%0A%27%22%7E-.jpg");
	cr_assert_str_eq(back, name);
	cr_assert_null(quote_percent_undo("a%zz"));
	cr_assert_null(quote_percent_undo("a%00b"));
	cr_assert_null(quote_percent_undo("a%4"));
	free(text);
	free(back);
}

static int
fresh_folder(void)
{
	char path[PATH_MAX];

	cr_assert_not_null(mkdtemp(scratch_path(path, sizeof(path), "base")));
	return open(path, O_RDONLY | O_DIRECTORY);
}

Test(fsio, follows_no_symbolic_link)
{
	int dir = fresh_folder();

	cr_assert_eq(fsio_make_dirs(dir, "real/deep", NULL), 0);
	cr_assert_eq(symlinkat("real", dir, "link"), 0);
	cr_assert_eq(fsio_open_dir(dir, "link/deep"), -1);
	cr_assert_eq(errno, ELOOP);
	cr_assert_eq(fsio_open_dir(dir, "real/../.."), -1);
	cr_assert_eq(errno, EXDEV);
}

Test(fsio, rename_new_never_replaces)
{
	int dir = fresh_folder();
	char *text;

	cr_assert_eq(fsio_replace(dir, "a", "A", 1, 0666, false), 0);
	cr_assert_eq(fsio_replace(dir, "b", "B", 1, 0666, true), 0);
	cr_assert_eq(fsio_rename_new(dir, "a", dir, "b"), -1);
	cr_assert_eq(errno, EEXIST);
	cr_assert_eq(fsio_rename_new(dir, "a", dir, "c"), 0);
	cr_assert_eq(fsio_read(dir, "c", 10, &text, NULL), 0);
	cr_assert_str_eq(text, "A");
	cr_assert_eq(fsio_read(dir, "c", 0, &text, NULL), -1);
	cr_assert_eq(errno, EFBIG);
}

Test(fsio, overwrites_in_the_room_that_is_there)
{
	static char large[1 << 20];
	int dir = fresh_folder();
	struct stat st;
	char *text;

	memset(large, 'x', sizeof(large));
	cr_assert_eq(fsio_overwrite(dir, "a", "A", 1), -1);
	cr_assert_eq(errno, ENOENT);
	cr_assert_eq(fsio_replace(dir, "a", large, 600, 0666, true), 0);
	cr_assert_eq(fsio_overwrite(dir, "a", "short", 5), 0);
	cr_assert_eq(fsio_read(dir, "a", 1000, &text, NULL), 0);
	cr_assert_eq(strlen(text), 600);
	cr_assert_eq(strncmp(text, "short\n\n", 7), 0);
	cr_assert_eq(strspn(text + 5, "\n"), 595, "nothing of the old text is left");
	cr_assert_eq(fsio_overwrite(dir, "a", large, sizeof(large)), -1);
	cr_assert_eq(errno, ENOSPC);
	cr_assert_eq(fsio_stat(dir, "a", &st), 0);
	cr_assert_eq(st.st_size, 600, "what does not fit changes nothing");
}

Test(fsio, prune_stops_at_what_is_not_empty)
{
	int dir = fresh_folder();
	struct stat st;

	cr_assert_eq(fsio_make_dirs(dir, "a/b/c/d", NULL), 0);
	cr_assert_eq(fsio_replace(dir, "a/keep", "", 0, 0666, false), 0);
	fsio_prune(dir, "a/b/c/d");
	cr_assert_eq(fsio_stat(dir, "a/b", &st), -1);
	cr_assert_eq(fsio_stat(dir, "a/keep", &st), 0);
	cr_assert_eq(fsio_remove_tree(dir, "a"), 0);
	cr_assert_eq(fsio_stat(dir, "a", &st), -1);
}

Test(chan, carries_records_and_descriptors)
{
	int ends[2], fds[CHAN_MAX_FDS], n_fds, dir = fresh_folder();
	char text[8];

	cr_assert_eq(chan_pair(ends), 0);
	cr_assert_eq(chan_receive(ends[1], text, sizeof(text), fds, &n_fds, 1), -1);
	cr_assert_eq(errno, EAGAIN);
	cr_assert_eq(chan_send(ends[0], "hello", 6, &dir, 1), 0);
	cr_assert_eq(chan_receive(ends[1], text, sizeof(text), fds, &n_fds, 0), 6);
	cr_assert_str_eq(text, "hello");
	cr_assert_eq(n_fds, 1);
	cr_assert_neq(fcntl(fds[0], F_GETFD) & FD_CLOEXEC, 0);
	cr_assert_eq(chan_send(ends[0], "far too long", 13, NULL, 0), 0);
	cr_assert_eq(chan_receive(ends[1], text, sizeof(text), fds, &n_fds, 0), -1);
	cr_assert_eq(errno, EMSGSIZE);
	close(ends[0]);
	cr_assert_eq(chan_receive(ends[1], text, sizeof(text), fds, &n_fds, 0), 0);
}
