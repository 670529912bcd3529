/* ctl/results.c - OUTDIR: temporary files for the workers, then the names that a plan gives them. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsio.h"
#include "base/mem.h"
#include "ctl/results.h"
#include "spool/jobdir.h"
#include "spool/name.h"
#include "spool/in_use.h"

#define MAX_NUMBER 100000 /* photo-100000.jpg: by then something is wrong */

int
results_open(struct results *results, const char *path, const struct profile *profile)
{
	int fd;

	*results = (struct results){ .profile = profile };
	if (mkdir(path, 0777) != 0 && errno != EEXIST)
		return -1;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	results->names.root_fd = fd;
	results->names.in_use = in_use_new();
	return 0;
}

void
results_close(struct results *results)
{
	in_use_free(results->names.in_use);
	close(results->names.root_fd);
}

/* Gives the path of rendition I of TASK while it is written. */
static char *
temp_path(const struct results *results, uint64_t task, int i)
{
	return mem_printf("%s/" FSIO_TEMP_PREFIX "%ld-%" PRIu64 "-%d",
	    results->profile->renditions[i].name, (long)getpid(), task, i);
}

int
results_open_one(const struct results *results, uint64_t task, int i)
{
	int root = results->names.root_fd, fd;
	char *path = temp_path(results, task, i);

	fd = fsio_make_dirs(root, results->profile->renditions[i].name, NULL) != 0 ? -1 :
	    fsio_open(root, path, O_RDWR | O_CREAT | O_EXCL, 0666);
	free(path);
	return fd;
}

int
results_keep(const struct results *results, uint64_t task, int i, uint64_t bytes,
    const struct timespec *mtime)
{
	char *path = temp_path(results, task, i);
	int fd = fsio_open(results->names.root_fd, path, O_RDONLY, 0);
	int result = -1, saved;

	if (fd >= 0) {
		result = jobdir_check_result(fd, bytes, mtime);
		saved = errno;
		close(fd);
		errno = saved;
	}
	free(path);
	return result;
}

/* Names as the daemon makes them; there is no original to be filed beside them. */
static struct plan *
make_plan(struct results *results, uint64_t task, const char *rel, bool is_png)
{
	const struct profile *profile = results->profile;
	struct plan_result wanted[RENDITION_MAX];
	const struct plan_order order = { .rel = rel, .top = "", .results = wanted,
		.n_results = (size_t)profile->n_renditions };
	char *temps[RENDITION_MAX];
	struct plan *plan;
	int i;

	for (i = 0; i < profile->n_renditions; i++) {
		temps[i] = temp_path(results, task, i);
		wanted[i] = (struct plan_result){ profile->renditions[i].name,
			profile->renditions[i].file_pattern, profile_makes_png(profile, i, is_png),
			temps[i] };
	}
	plan = plan_make_done(&results->names, &order);
	for (i = 0; i < profile->n_renditions; i++)
		free(temps[i]);
	return plan;
}

/* Rename to the planned name, or, where somebody took that meanwhile, to the next free one. */
static int
move_one(struct results *results, struct plan_move *move)
{
	int root = results->names.root_fd;
	char *wanted = mem_dup(move->to);
	unsigned number = 1;
	int result = fsio_make_parents(root, wanted, NULL);

	while (result == 0 && (result = fsio_rename_new(root, move->from, root, move->to)) != 0 &&
	    errno == EEXIST && number < MAX_NUMBER) {
		free(move->to);
		move->to = name_numbered(wanted, ++number);
		result = 0;
	}
	if (result == 0)
		in_use_add(results->names.in_use, root, move->to);
	free(wanted);
	return result;
}

struct plan *
results_publish(struct results *results, uint64_t task, const char *rel, bool is_png)
{
	struct plan *plan = make_plan(results, task, rel, is_png);
	size_t i;

	for (i = 0; i < plan->n_moves; i++)
		if (move_one(results, &plan->moves[i]) != 0) {
			int saved = errno;

			plan_free(plan);
			errno = saved;
			return NULL;
		}
	return plan;
}

void
results_discard(const struct results *results, uint64_t task)
{
	char *path;
	int i;

	for (i = 0; i < results->profile->n_renditions; i++) {
		path = temp_path(results, task, i);
		fsio_unlink(results->names.root_fd, path);
		free(path);
	}
}
