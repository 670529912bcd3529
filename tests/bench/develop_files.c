/* develop_files - the engine alone on many files, as one worker would do them; for bench.py.
 *
 * develop_files [-s SIZE,SIZE...] [-q QUALITY] [-f jpeg|png] [-z LEVEL] [-n] [-p] TO FILE...
 * Writes TO/NAME_SIZE.EXT. -n: no optimised Huffman tables. -p: prints "PERMILLE CPU_NS STAGE" for
 * everything that is told of progress, in the order in which it is told; for progress.py. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "image/develop.h"

static const struct develop_limits limits = { .pixels = 1000000000, .side_px = 65500,
	.memory_bytes = 1 << 30, .icc_bytes = 4 << 20, .exif_bytes = 1 << 20, .warnings = 100 };

struct job {
	struct rendition spec;
	uint32_t sizes[RENDITION_MAX];
	int n_sizes;
	const char *to;
	bool is_measured;
};

/* What was told of one picture; printed when it is done, not to be measured itself. */
#define MAX_STEPS 4096
static struct { unsigned permille; int64_t cpu_ns; const char *stage; } steps[MAX_STEPS];
static int n_steps;

static void
note_step(unsigned permille, const char *stage)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	if (n_steps < MAX_STEPS) {
		steps[n_steps].permille = permille;
		steps[n_steps].stage = stage;
		steps[n_steps++].cpu_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	}
}

static void
hear(void *job, const struct develop_news *news)
{
	(void)job;
	note_step(news->permille, develop_stage_name(news->stage));
}

static void
print_steps(const char *path)
{
	int i;

	printf("of %s\n", path);
	for (i = 0; i < n_steps; i++)
		printf("%u %lld %s\n", steps[i].permille, (long long)(steps[i].cpu_ns - steps[0].cpu_ns),
		    steps[i].stage);
}

static void
die(const char *what, const char *path)
{
	fprintf(stderr, "develop_files: %s: %s: %s\n", path, what, strerror(errno));
	exit(1);
}

static int
open_result(const struct job *job, const char *path, uint32_t size)
{
	const char *name = strrchr(path, '/') == NULL ? path : strrchr(path, '/') + 1;
	const char *dot = strrchr(name, '.');
	char to[4096];
	int fd;

	snprintf(to, sizeof(to), "%s/%.*s_%u.%s", job->to,
	    dot == NULL ? (int)strlen(name) : (int)(dot - name), name, size,
	    job->spec.format == RENDITION_PNG ? "png" : "jpg");
	fd = open(to, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		die("cannot be made", to);
	return fd;
}

/* Gives whether it could be developed. */
static bool
develop(struct developer *d, const struct job *job, const char *path)
{
	struct develop_output outputs[RENDITION_MAX];
	struct develop_outcome outcome;
	int i, fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	bool is_good;

	if (fd < 0 || fstat(fd, &st) != 0)
		die("cannot be opened", path);
	for (i = 0; i < job->n_sizes; i++) {
		outputs[i].spec = job->spec;
		outputs[i].spec.width_px = outputs[i].spec.height_px = job->sizes[i];
		outputs[i].fd = open_result(job, path, job->sizes[i]);
	}
	n_steps = 0;
	note_step(0, "begin");
	is_good = develop_run(d, fd, (uint64_t)st.st_size, outputs, job->n_sizes, &limits,
	    job->is_measured ? hear : NULL, NULL, &outcome) == 0;
	if (!is_good)
		fprintf(stderr, "develop_files: %s: %s\n", path, outcome.text);
	note_step(1000, "end");
	if (job->is_measured)
		print_steps(path);
	for (i = 0; i < job->n_sizes; i++)
		close(outputs[i].fd);
	close(fd);
	return is_good;
}

static void
set_sizes(struct job *job, char *list)
{
	char *next;

	job->n_sizes = 0;
	for (next = strtok(list, ","); next != NULL && job->n_sizes < RENDITION_MAX;
	    next = strtok(NULL, ","))
		job->sizes[job->n_sizes++] = (uint32_t)strtoul(next, NULL, 10);
}

int
main(int argc, char **argv)
{
	struct job job = { .spec = { .name = "bench", .quality = 82, .is_optimized = 1,
		.compression = 2, .depth = 8, .background = 0xffffff, .format = RENDITION_JPEG },
		.sizes = { 2048 }, .n_sizes = 1 };
	struct developer *d;
	int c, status = 0;

	while ((c = getopt(argc, argv, "s:q:f:z:np")) != -1)
		switch (c) {
		case 's': set_sizes(&job, optarg); break;
		case 'q': job.spec.quality = (uint8_t)atoi(optarg); break;
		case 'f': job.spec.format = optarg[0] == 'p' ? RENDITION_PNG : RENDITION_JPEG; break;
		case 'z': job.spec.compression = (uint8_t)atoi(optarg); break;
		case 'n': job.spec.is_optimized = 0; break;
		case 'p': job.is_measured = true; break;
		default: return 2;
		}
	if (optind + 2 > argc || job.n_sizes == 0) {
		fputs("develop_files [-s SIZE,...] [-q QUALITY] [-f jpeg|png] [-z LEVEL] [-n] [-p] "
		    "TO FILE...\n", stderr);
		return 2;
	}
	job.to = argv[optind++];
	d = developer_new();
	for (; optind < argc; optind++)
		if (!develop(d, &job, argv[optind]))
			status = 1;
	developer_free(d);
	return status;
}
