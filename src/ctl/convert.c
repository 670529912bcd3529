/* ctl/convert.c - darkroom convert: options, then the pictures (gather), then all of them (batch). */
#include <config.h>

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "ctl/batch.h"
#include "ctl/convert.h"
#include "work/identity.h"

struct options {
	const char *profile;    /* NULL: the default one */
	const char **overrides;
	size_t n_overrides;
	bool is_verbose;
};

/* Gives the index of the first path, 0: bad usage. */
static int
read_options(int argc, char **argv, struct options *options)
{
	int option;

	optind = 0; /* the options before the verb were read with it */
	while ((option = getopt(argc, argv, "p:o:v")) != -1) {
		if (option == 'p')
			options->profile = optarg;
		else if (option == 'o')
			options->overrides[options->n_overrides++] = optarg;
		else if (option == 'v')
			options->is_verbose = true;
		else
			return 0;
	}
	return argc - optind >= 2 ? optind : 0;
}

/* The profile of that name, or NULL after a complaint that lists what there is. Borrowed. */
static const struct profile *
find_profile(const struct conf *conf, const char *name)
{
	char *names = NULL;
	size_t length;
	FILE *out;
	int i;

	if (name == NULL)
		return conf_profile(conf, "", 0);
	for (i = 0; i < conf->n_profiles; i++)
		if (strcasecmp(conf->profiles[i].name, name) == 0)
			return &conf->profiles[i];
	out = mem_stream(&names, &length);
	for (i = 0; i < conf->n_profiles; i++)
		fprintf(out, "%s%s", i == 0 ? "" : ", ", conf->profiles[i].name);
	fclose(out);
	ctl_complain("there is no profile %s in the configuration; there is: %s", name, names);
	free(names);
	return NULL;
}

/* darkroomd beside this program, as both lie in one folder, built or installed. Gives a string. */
static char *
beside_us(void)
{
	char here[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", here, sizeof(here) - 1);

	if (length <= 0)
		return mem_dup("darkroomd");
	here[length] = '\0';
	*strrchr(here, '/') = '\0';
	return mem_printf("%s/darkroomd", here);
}

/* Gives the path of darkroomd, or NULL after a complaint. */
static char *
find_program(void)
{
	const char *wanted = getenv("DARKROOMD");
	char *program = wanted != NULL && *wanted != '\0' ? mem_dup(wanted) : beside_us();
	char *other = mem_dup(wanted != NULL && *wanted != '\0' ? wanted : BINDIR "/darkroomd");

	if (access(program, X_OK) != 0) {
		char *first = program;

		program = access(other, X_OK) == 0 ? mem_dup(other) : NULL;
		if (program == NULL && strcmp(first, other) == 0)
			ctl_complain("cannot run %s: %s", first, strerror(errno));
		else if (program == NULL)
			ctl_complain("there is no darkroomd, which develops: neither %s nor %s can be run; "
			    "name it in the environment variable DARKROOMD", first, other);
		free(first);
	}
	free(other);
	return program;
}

/* Gives the exit status. */
static int
develop_all(struct batch *batch, int n_paths, char **paths)
{
	struct stat out;
	struct gather gather = { .ctl = batch->ctl, .skip = &out,
		.fails_unsupported = batch->conf->unsupported == CONF_FAIL };
	int status, i;

	if (fstat(batch->results->names.root_fd, &out) != 0) {
		ctl_complain("cannot look at the folder for the results: %s", strerror(errno));
		return CTL_FAILED;
	}
	for (i = 0; i < n_paths && !*batch->ctl->is_interrupted; i++)
		gather_path(&gather, paths[i]);
	batch->gather = &gather;
	status = *batch->ctl->is_interrupted ? 128 + *batch->ctl->is_interrupted :
	    gather.n == 0 ? CTL_DONE : batch_run(batch);
	gather_clear(&gather);
	return status == CTL_DONE ? gather.status : status;
}

/* The box of the workers: who is not root develops as himself, whatever spool.user says. False: it is
 * less than is demanded, after a complaint. */
static bool
find_probe(const struct conf *conf, struct probe *probe)
{
	probe_find(probe, geteuid() == 0 ? conf->uid : IDENTITY_NOBODY_ELSE, conf->gid);
	if (!conf->require_sandbox || probe_is_tight(probe))
		return true;
	ctl_complain("workers.sandbox = require, and this machine cannot do all of it:");
	probe_tell(probe, "  ", stderr);
	return false;
}

/* PATHS: what to develop, and last the folder for the results. */
static int
convert(struct ctl *ctl, const struct conf *conf, const struct options *options, int n_paths,
    char **paths)
{
	const struct profile *profile = find_profile(conf, options->profile);
	const char *outdir = paths[n_paths - 1];
	struct results results;
	struct batch batch = { .ctl = ctl, .conf = conf, .results = &results,
		.is_verbose = options->is_verbose };
	char *program = profile == NULL ? NULL : find_program();
	struct probe probe;
	int status = CTL_FAILED;

	if (program == NULL)
		return status;
	batch.program = program;
	batch.probe = &probe;
	if (!find_probe(conf, &probe))
		; /* it was told */
	else if (results_open(&results, outdir, profile) != 0)
		ctl_complain("cannot open the folder for the results, %s: %s", outdir, strerror(errno));
	else {
		status = develop_all(&batch, n_paths - 1, paths);
		results_close(&results);
	}
	free(program);
	return status;
}

int
convert_run(struct ctl *ctl, int argc, char **argv)
{
	struct options options = { .overrides = mem_alloc((size_t)argc * sizeof(char *)) };
	int first = read_options(argc, argv, &options), status;
	struct conf *conf = NULL;

	if (first == 0)
		status = ctl_usage(argv[0]);
	else {
		log_open(-1);
		conf = conf_load(ctl->conf_path, NULL, options.overrides, options.n_overrides, stderr);
		status = conf == NULL ? CTL_FAILED :
		    convert(ctl, conf, &options, argc - first, argv + first);
	}
	conf_free(conf);
	free(options.overrides);
	return status;
}
