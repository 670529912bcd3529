/* main.c - darkroomd: options, then master_run() or worker_main(). */
#include <config.h>

#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/process.h"
#include "conf/conf.h"
#include "master/hook.h"
#include "master/master.h"
#include "master/workers.h"
#include "work/identity.h"
#include "work/probe.h"
#include "work/syncer.h"
#include "work/worker.h"

enum { OPT_ONCE = 256, OPT_CHECK, OPT_VERSION, OPT_HELP };

static const struct option long_options[] = {
	{ "once", no_argument, NULL, OPT_ONCE },
	{ "check-config", no_argument, NULL, OPT_CHECK },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

static void
print_usage(FILE *out)
{
	fputs("usage: darkroomd [-c FILE] [-r ROOT] [-o SECTION.KEY=VALUE]... [-v]\n"
	    "                 [--once] [--check-config] [--version] [--help]\n", out);
}

static int
print_version(void)
{
	char engine[WORKER_ENGINE_SIZE];
	struct probe probe;

	worker_engine(engine);
	printf("darkroomd %s\nengine: %s\n", PACKAGE_VERSION, engine);
	fflush(stdout);
	process_let_signals();
	probe_find(&probe, IDENTITY_NOBODY_ELSE, 0);
	probe_tell(&probe, "sandbox: ", stdout);
	return 0;
}

static int
check_config(const struct master_options *options, int verbosity)
{
	struct conf *conf = conf_load(options->conf_path, options->root, options->overrides,
	    options->n_overrides, stderr);

	int n_missing;

	if (conf == NULL)
		return 1;
	n_missing = hook_check(conf, stderr) + workers_check(conf, stderr);
	if (verbosity > 0)
		conf_print(conf, stdout);
	else if (n_missing == 0)
		puts("the configuration is good");
	conf_free(conf);
	return n_missing > 0 ? 1 : 0;
}

/* What the command line says beside OPTIONS. */
struct line {
	bool is_check;
	int verbosity;
};

/* -1: go on; else the exit status. */
static int
read_line(int argc, char **argv, struct master_options *options, const char **overrides,
    struct line *line)
{
	int option;

	options->overrides = overrides;
	while ((option = getopt_long(argc, argv, "c:r:o:v", long_options, NULL)) != -1) {
		switch (option) {
		case 'c':
			options->conf_path = optarg;
			break;
		case 'r':
			options->root = optarg;
			break;
		case 'o':
			overrides[options->n_overrides++] = optarg;
			break;
		case 'v':
			line->verbosity++;
			break;
		case OPT_ONCE:
			options->is_once = true;
			break;
		case OPT_CHECK:
			line->is_check = true;
			break;
		case OPT_VERSION:
			return print_version();
		default:
			print_usage(option == OPT_HELP ? stdout : stderr);
			return option == OPT_HELP ? 0 : 1;
		}
	}
	if (optind == argc)
		return -1;
	print_usage(stderr);
	return 1;
}

int
main(int argc, char **argv)
{
	const char **overrides;
	struct master_options options = { 0 };
	struct line line = { 0 };
	int status;

	process_begin();
	signal(SIGCHLD, SIG_DFL); /* whoever started us may ignore it, and then nobody can be waited for */
	setlocale(LC_CTYPE, "C.UTF-8"); /* names are compared without case as UTF-8 */
	if (argc >= 2 && strcmp(argv[1], "--worker") == 0)
		return worker_main(argc - 2, argv + 2);
	if (argc >= 2 && strcmp(argv[1], "--syncer") == 0)
		return syncer_main(argc - 2, argv + 2);
	process_hold_signals(); /* one that comes before the loop hears it is not to kill */
	overrides = mem_alloc((size_t)argc * sizeof(*overrides));
	status = read_line(argc, argv, &options, overrides, &line);
	if (status < 0) {
		log_open(line.verbosity);
		if (line.is_check)
			process_let_signals();
		status = line.is_check ? check_config(&options, line.verbosity) : master_run(&options);
	}
	free(overrides);
	return status;
}
