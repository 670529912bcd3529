/* spool/plan.c - the way home of a job: plan written, sealed, results published, original filed. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/fsio.h"
#include "base/mem.h"
#include "base/quote.h"
#include "spool/fields.h"
#include "spool/mark.h"
#include "spool/name.h"
#include "spool/place.h"
#include "spool/plan.h"
#include "spool/in_use.h"

#define MAX_NUMBER 100000 /* photo-100000.jpg: by then something is wrong */
#define DELETED "-" /* the original's place when originals = delete; no path of ours */
#define PLAN "plan"         /* in the job folder */
#define PLAN_NEW "plan.new" /* not sealed yet: does not count */

static const char *const verdict_names[PLAN_N_VERDICT] = {
	[PLAN_DONE] = "done",
	[PLAN_FAILED] = "failed",
};

void
plan_reserve(struct spool *spool, struct plan *plan)
{
	size_t i;

	plan->reserved_in = spool->in_use;
	for (i = 0; i < plan->n_moves; i++)
		in_use_reserve(plan->reserved_in, plan->moves[i].to);
	if (plan->original_to != NULL)
		in_use_reserve(plan->reserved_in, plan->original_to);
}

static void
release_names(struct plan *plan)
{
	size_t i;

	if (plan->reserved_in == NULL)
		return;
	for (i = 0; i < plan->n_moves; i++)
		in_use_release(plan->reserved_in, plan->moves[i].to);
	if (plan->original_to != NULL)
		in_use_release(plan->reserved_in, plan->original_to);
}

void
plan_free(struct plan *plan)
{
	size_t i;

	if (plan == NULL)
		return;
	release_names(plan);
	for (i = 0; i < plan->n_moves; i++) {
		free(plan->moves[i].from);
		free(plan->moves[i].to);
	}
	free(plan->moves);
	free(plan->original_to);
	free(plan->taken);
	free(plan);
}

/* Gives the text. */
static char *
plan_text(const struct plan *plan)
{
	char *text = NULL, *path;
	size_t size = 0, i;
	FILE *out = mem_stream(&text, &size);

	fprintf(out, "verdict: %s\nino: %" PRIu64 "\n", verdict_names[plan->verdict], plan->ino);
	path = plan->original_to == NULL ? mem_dup(DELETED) : quote_percent(plan->original_to, "/");
	fprintf(out, "original: %s\n", path);
	if (*plan->replaces != '\0')
		fprintf(out, "replaces: %s\n", plan->replaces);
	free(path);
	for (i = 0; i < plan->n_moves; i++) {
		path = quote_percent(plan->moves[i].to, "/");
		fprintf(out, "move: %s %s\n", plan->moves[i].from, path);
		free(path);
	}
	fclose(out);
	return text;
}

static int
write_text(const struct jobdir *dir, const char *name, const struct plan *plan, bool is_durable)
{
	char *text = plan_text(plan);
	int result = fsio_replace(dir->fd, name, text, strlen(text), 0600, is_durable);

	free(text);
	if (result == 0)
		FAIL_AT("plan.written");
	return result;
}

int
plan_write(struct spool *spool, const struct jobdir *dir, const struct plan *plan,
    struct synclist *sync)
{
	int result = write_text(dir, PLAN_NEW, plan, false);

	if (result != 0 && errno == EISDIR && fsio_remove_tree(dir->fd, PLAN_NEW) == 0)
		result = write_text(dir, PLAN_NEW, plan, false);
	if (result != 0 ||
	    synclist_add(sync, dir->fd, PLAN_NEW, SYNC_FILE) != 0 ||
	    synclist_add(sync, dir->fd, "", SYNC_JOB) != 0)
		return -1;
	return synclist_add(sync, spool->jobs_fd, "", SYNC_JOB);
}

int
plan_seal(const struct jobdir *dir, struct plan *plan, struct synclist *sync)
{
	/* Sealed already, but what came after that failed: the name is there, and not to be had twice. */
	if (renameat(dir->fd, PLAN_NEW, dir->fd, PLAN) != 0 && !(errno == ENOENT && plan->is_sealed))
		return -1;
	FAIL_AT("plan.sealed");
	plan->is_sealed = true;
	return synclist_add(sync, dir->fd, "", SYNC_JOB);
}

void
plan_withdraw(const struct jobdir *dir)
{
	if (unlinkat(dir->fd, PLAN_NEW, 0) == 0)
		FAIL_AT("plan.withdrawn");
}

/* Is PATH one that a plan may name: below done, failed or out, without a way up? */
static bool
is_fit(const char *path)
{
	return (strncmp(path, "done/", 5) == 0 || strncmp(path, "failed/", 7) == 0 ||
	    strncmp(path, "out/", 4) == 0) && strstr(path, "/../") == NULL;
}

static int
parse_moves(struct plan *plan, const char *text)
{
	const char *cursor = text;
	size_t room = 0;
	char *line, *space, *to;

	while ((line = fields_next(&cursor, "move")) != NULL) {
		space = strchr(line, ' ');
		to = space == NULL ? NULL : quote_percent_undo(space + 1);
		if (to == NULL || !is_fit(to)) {
			free(to);
			free(line);
			return -1;
		}
		*space = '\0';
		plan->moves = mem_grow(plan->moves, &room, plan->n_moves + 1, sizeof(*plan->moves));
		plan->moves[plan->n_moves++] = (struct plan_move){ .from = line, .to = to };
		plan->n_results += *line >= '0' && *line <= '9';
	}
	return 0;
}

static int
parse_plan(struct plan *plan, const char *text)
{
	char *verdict = fields_get(text, "verdict");
	char *replaces = fields_get(text, "replaces");
	int v = 0;

	while (v < PLAN_N_VERDICT && (verdict == NULL || strcmp(verdict, verdict_names[v]) != 0))
		v++;
	free(verdict);
	plan->verdict = (enum plan_verdict)v;
	plan->ino = fields_get_uint(text, "ino", 0);
	plan->original_to = fields_get_path(text, "original");
	if (replaces != NULL)
		snprintf(plan->replaces, sizeof(plan->replaces), "%s", replaces);
	free(replaces);
	if (v == PLAN_N_VERDICT || plan->original_to == NULL)
		return -1; /* a line that cannot be read must not come to mean "delete it" */
	if (strcmp(plan->original_to, DELETED) == 0) {
		free(plan->original_to);
		plan->original_to = NULL;
	} else if (!is_fit(plan->original_to))
		return -1;
	return parse_moves(plan, text);
}

int
plan_read(const struct jobdir *dir, struct plan **plan)
{
	char *text;

	if (fsio_read(dir->fd, PLAN, JOBDIR_TEXT_MAX * 8, &text, NULL) != 0)
		return -1;
	*plan = mem_alloc(sizeof(**plan));
	(*plan)->is_sealed = (*plan)->is_doubtful = true;
	if (parse_plan(*plan, text) != 0) {
		plan_free(*plan);
		*plan = NULL;
		errno = EPROTO;
	}
	free(text);
	return *plan == NULL ? -1 : 0;
}

/* PLAN says NEXT (taken over) instead of *TO from now on: to be written. */
static int
say_instead(struct spool *spool, const struct jobdir *dir, struct plan *plan, char **to, char *next)
{
	release_names(plan);
	free(*to);
	*to = next;
	plan_reserve(spool, plan);
	return write_text(dir, PLAN, plan, spool->is_durable);
}

/* A name that was free when it was planned is taken: the next free one, in the plan first. */
static int
renumber(struct spool *spool, const struct jobdir *dir, struct plan *plan, char **to)
{
	unsigned number = 2;
	char *next;

	while (next = name_numbered(*to, number),
	    place_is_taken(spool, next) && number < MAX_NUMBER) {
		free(next);
		number++;
	}
	return say_instead(spool, dir, plan, to, next);
}

/* Are both names one inode? Then a link was made and its unlink is missing: the later name wins.
 * -1: that cannot be told now, and must not be guessed. */
static int
is_one_inode(int dir, const char *path, int to_dir, const char *to)
{
	struct stat a, b;

	if (fsio_stat(dir, path, &a) != 0 || fsio_stat(to_dir, to, &b) != 0)
		return errno == ENOENT ? 0 : -1;
	return a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

/* Make the target's folder, and give the file to the group of that folder. */
static int
prepare_target(int from_dir, const char *from, int to_dir, const char *to, unsigned *n_new)
{
	char *parent = fsio_parent(to);
	unsigned n_made;
	int result = fsio_make_dirs(to_dir, parent, &n_made);
	int folder = result != 0 ? -1 : fsio_open_dir(to_dir, parent);
	int fd = folder < 0 ? -1 : fsio_open(from_dir, from, O_RDONLY | O_NONBLOCK, 0);

	if (fd >= 0) {
		fsio_adopt_group(fd, folder);
		close(fd);
	}
	if (folder >= 0)
		close(folder);
	free(parent);
	*n_new += n_made; /* of an earlier try too */
	return result;
}

/* What is at TO may be replaced, and still is what it was when that was decided: the new file takes
 * its place at once. Nothing of either is lost wherever this is cut off. */
static int
replace(struct spool *spool, int from_dir, const char *from, const char *to)
{
	const char *rest;
	int dir = place_route(spool, to, &rest);

	if (fsio_rename(from_dir, from, dir, rest) != 0)
		return -1;
	FAIL_AT("plan.replaced");
	in_use_add(spool->in_use, dir, rest);
	return 0;
}

/* One try to bring FROM below FROM_DIR to TO. */
static int
try_move(struct spool *spool, const struct plan *plan, int from_dir, const char *from, const char *to,
    unsigned *n_new)
{
	const char *rest;
	int dir = place_route(spool, to, &rest);
	int is_one;

	if (prepare_target(from_dir, from, dir, rest, n_new) != 0)
		return -1;
	if (fsio_rename_new(from_dir, from, dir, rest) == 0) {
		in_use_add(spool->in_use, dir, rest);
		return 0;
	}
	if (errno != EEXIST)
		return -1;
	is_one = is_one_inode(from_dir, from, dir, rest);
	if (is_one > 0)
		return fsio_unlink(from_dir, from);
	if (is_one == 0 && *plan->replaces != '\0' && place_is_of(spool, to, plan->replaces))
		return replace(spool, from_dir, from, to);
	if (is_one == 0)
		errno = EEXIST;
	return -1;
}

/* A file stands where a folder of *TO is to be: another folder, in the plan first. -1 ENOTDIR: it is
 * gone again, or was something else. */
static int
go_round(struct spool *spool, const struct jobdir *dir, struct plan *plan, char **to)
{
	char *next = place_detour(spool, mem_dup(*to));

	if (strcmp(next, *to) != 0)
		return say_instead(spool, dir, plan, to, next);
	free(next);
	errno = ENOTDIR;
	return -1;
}

/* Bring FROM below FROM_DIR to *TO, whatever happened to either before. ENOENT: it has arrived
 * (or somebody took it away, which comes to the same). */
static int
move_one(struct spool *spool, const struct jobdir *dir, struct plan *plan, int from_dir,
    const char *from, char **to, unsigned *n_new)
{
	struct stat st;

	if (fsio_stat(from_dir, from, &st) != 0)
		return errno == ENOENT ? 0 : -1;
	while (try_move(spool, plan, from_dir, from, *to, n_new) != 0) {
		if (errno == ENOENT && fsio_stat(from_dir, from, &st) != 0 && errno == ENOENT)
			return 0;
		if (errno == EEXIST ? renumber(spool, dir, plan, to) != 0 :
		    (errno != ENOTDIR && errno != ELOOP) || go_round(spool, dir, plan, to) != 0)
			return -1;
	}
	return 0;
}

/* The folder that TO came to, and those above it that were made for it. */
static int
sync_target(struct spool *spool, const struct plan *plan, const char *to, unsigned n_new,
    enum sync_class class, struct synclist *sync)
{
	const char *rest;
	int dir = place_route(spool, to, &rest);

	return synclist_add_parents(sync, dir, rest, plan->is_doubtful ? SYNCLIST_ALL_ABOVE : n_new,
	    class);
}

int
plan_publish(struct spool *spool, const struct jobdir *dir, struct plan *plan,
    struct synclist *sync)
{
	size_t i;

	for (i = 0; i < plan->n_moves; i++) {
		struct plan_move *move = &plan->moves[i];

		if (move_one(spool, dir, plan, dir->fd, move->from, &move->to, &move->n_new) != 0)
			return -1;
		FAIL_AT("plan.result_moved");
	}
	for (i = 0; i < plan->n_moves; i++)
		if (sync_target(spool, plan, plan->moves[i].to, plan->moves[i].n_new, SYNC_OUT, sync) != 0)
			return -1;
	FAIL_AT("plan.published");
	return 0;
}

/* Is the file at processing/REL the original of the plan? -1: that cannot be told now; taken for a
 * no, the original would stay behind and be developed a second time. */
static int
original_is_there(struct spool *spool, const char *rel, const struct plan *plan)
{
	struct stat st;

	if (fsio_stat(spool->processing_fd, rel, &st) != 0)
		return errno == ENOENT ? 0 : -1;
	return st.st_ino == plan->ino;
}

/* Note on the original that we filed it. Where it is going to replace another one, it must be on the
 * disk as a whole before: its copier may not have seen to that. If that fails, nothing is replaced. */
static int
mark_original(struct spool *spool, const struct jobdir *dir, const char *rel, struct plan *plan)
{
	int fd = fsio_open(spool->processing_fd, rel, O_RDONLY | O_NONBLOCK, 0);
	bool is_safe;

	if (fd < 0)
		return 0;
	mark_filed(fd, rel, time(NULL));
	FAIL_AT("plan.original_marked");
	is_safe = *plan->replaces == '\0' || !spool->is_durable || fsync(fd) == 0;
	close(fd);
	if (is_safe)
		return 0;
	*plan->replaces = '\0';
	return write_text(dir, PLAN, plan, spool->is_durable);
}

static int
move_original(struct spool *spool, const struct jobdir *dir, const char *rel, struct plan *plan)
{
	int is_there = original_is_there(spool, rel, plan);

	if (is_there <= 0)
		return is_there;
	if (plan->original_to == NULL)
		return fsio_unlink(spool->processing_fd, rel);
	if (mark_original(spool, dir, rel, plan) != 0)
		return -1;
	return move_one(spool, dir, plan, spool->processing_fd, rel, &plan->original_to,
	    &plan->original_n_new);
}

int
plan_file(struct spool *spool, const struct jobdir *dir, const char *rel, struct plan *plan,
    struct synclist *sync)
{
	if (move_original(spool, dir, rel, plan) != 0)
		return -1;
	FAIL_AT("plan.original_moved");
	if (synclist_add_parents(sync, spool->processing_fd, rel, 0, SYNC_LEFT) != 0)
		return -1;
	if (plan->original_to != NULL && sync_target(spool, plan, plan->original_to,
	    plan->original_n_new, SYNC_FILED, sync) != 0)
		return -1;
	FAIL_AT("plan.filed");
	return 0;
}
