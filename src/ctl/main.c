/* ctl/main.c - the command darkroom: options, the spool, then one verb. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsio.h"
#include "base/mem.h"
#include "base/process.h"
#include "conf/conf.h"
#include "ctl/add.h"
#include "ctl/convert.h"
#include "ctl/ctl.h"
#include "ctl/hold.h"
#include "ctl/retry.h"
#include "ctl/status.h"
#include "ctl/wait.h"

static volatile sig_atomic_t is_interrupted = 0;

static const struct verb {
	const char *name, *arguments, *what;
	ctl_verb_fn *run;
	bool needs_no_root;
} verbs[] = {
	{ "status", "[--json]", "what is in work, what waits, and whether darkroomd runs", status_run,
	    false },
	{ "stop", "", "stop developing at once, in the middle of a photograph", hold_stop, false },
	{ "pause", "[TIME]", "begin nothing new, for ever or for a time as in 30m", hold_pause, false },
	{ "start", "", "go on after stop or pause", hold_start, false },
	{ "add", "FILE|FOLDER...", "copy photographs into the inbox", add_run, false },
	{ "retry", "[--replace] NAME...|--all", "put failed photographs back into the inbox", retry_run,
	    false },
	{ "wait", "[--timeout TIME] [NAME]", "wait until all, or NAME, is done", wait_run, false },
	{ "convert", "[-v] [-p PROFILE] [-o SECTION.KEY=VALUE]... IN... OUTDIR",
	    "develop files into OUTDIR without darkroomd and its folders", convert_run, true },
};
#define N_VERBS (sizeof(verbs) / sizeof(verbs[0]))

static const struct verb *
find_verb(const char *name)
{
	size_t i;

	for (i = 0; i < N_VERBS; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

int
ctl_usage(const char *name)
{
	const struct verb *verb = find_verb(name);

	fprintf(stderr, "usage: darkroom %s %s %s\n",
	    verb->needs_no_root ? "[-c FILE]" : "[-r ROOT | -c FILE]", verb->name, verb->arguments);
	return CTL_USAGE;
}

static void
print_help(FILE *out)
{
	size_t i;

	fputs("usage: darkroom [-r ROOT | -c FILE] VERB\n\n", out);
	for (i = 0; i < N_VERBS; i++)
		fprintf(out, "  %-8s%-24s%s%s\n", verbs[i].name, verbs[i].arguments,
		    strlen(verbs[i].arguments) > 24 ? "\n                                  " : " ",
		    verbs[i].what);
	fputs("\n  -r ROOT  the folder that holds inbox, processing, done, failed and out\n"
	    "  -c FILE  the configuration that names it (default: " SYSCONFDIR "/darkroom.ini)\n\n"
	    "The manual: man darkroom\n", out);
}

/* ROOT as the configuration FILE, or the default one, says. Gives a string, or NULL after it
 * was said what is wrong. */
static char *
root_of_conf(const char *file, struct ctl *ctl)
{
	struct conf *conf = conf_load_unopened(file, stderr);
	char *root;

	if (conf == NULL) {
		ctl_complain("the configuration has mistakes, so the folder is not known: name it with "
		    "-r ROOT");
		return NULL;
	}
	root = mem_dup(conf->root);
	ctl->deletes_originals = !conf->keep_originals;
	conf_free(conf);
	return root;
}

/* Is ROOT a spool? False after a complaint. */
static bool
open_root(struct ctl *ctl)
{
	struct stat st;

	ctl->root_dir = open(ctl->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ctl->root_dir < 0) {
		ctl_complain("cannot open the folder %s: %s; name the folder of darkroomd with -r ROOT",
		    ctl->root, strerror(errno));
		return false;
	}
	if (fsio_stat(ctl->root_dir, "inbox", &st) == 0 && S_ISDIR(st.st_mode))
		return true;
	ctl_complain("%s has no inbox: name the folder of darkroomd with -r ROOT, or start darkroomd "
	    "on this one first", ctl->root);
	close(ctl->root_dir);
	return false;
}

static void
on_signal(int number)
{
	is_interrupted = number;
}

/* Signals end what is being done in an orderly way: no half copies stay behind. */
static void
catch_signals(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal };
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &action, NULL);
}

/* Options before the verb. Gives the index of the verb, 0: bad usage, -1: all is said. */
static int
read_options(int argc, char **argv, const char **root, const char **file)
{
	static const struct option longs[] = { { "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };
	int option;

	while ((option = getopt_long(argc, argv, "+r:c:h", longs, NULL)) != -1) {
		if (option == 'r')
			*root = optarg;
		else if (option == 'c')
			*file = optarg;
		else if (option == 'h') {
			print_help(stdout);
			return -1;
		} else if (option == 'V') {
			puts("darkroom " PACKAGE_VERSION);
			return -1;
		} else
			return 0;
	}
	return optind < argc && (*root == NULL || *file == NULL) ? optind : 0;
}

static int
run_on_root(const struct verb *verb, struct ctl *ctl, const char *root, int argc, char **argv)
{
	char *found = root == NULL ? root_of_conf(ctl->conf_path, ctl) : mem_dup(root);
	size_t length;
	int status = CTL_FAILED;

	if (found == NULL)
		return status;
	for (length = strlen(found); length > 1 && found[length - 1] == '/'; length--)
		found[length - 1] = '\0';
	ctl->root = found;
	if (open_root(ctl)) {
		catch_signals();
		status = verb->run(ctl, argc, argv);
		close(ctl->root_dir);
	}
	free(found);
	return status;
}

static int
run(const struct verb *verb, const char *root, const char *file, int argc, char **argv)
{
	struct ctl ctl = { .is_interrupted = &is_interrupted, .conf_path = file, .root_dir = -1 };

	if (!verb->needs_no_root)
		return run_on_root(verb, &ctl, root, argc, argv);
	if (root != NULL) {
		ctl_complain("%s works without the folder of darkroomd: leave out -r", verb->name);
		return CTL_USAGE;
	}
	catch_signals();
	return verb->run(&ctl, argc, argv);
}

int
main(int argc, char **argv)
{
	const char *root = NULL, *file = NULL;
	const struct verb *verb;
	int i, status;

	process_begin();
	i = read_options(argc, argv, &root, &file);
	setlocale(LC_CTYPE, "C.UTF-8"); /* names are compared as darkroomd compares them */
	if (i < 0)
		return CTL_DONE;
	verb = i == 0 ? NULL : find_verb(argv[i]);
	if (verb == NULL) {
		if (i > 0)
			ctl_complain("there is no verb %s", argv[i]);
		print_help(stderr);
		return CTL_USAGE;
	}
	status = run(verb, root, file, argc - i, argv + i);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		ctl_complain("cannot write the answer: %s", strerror(errno));
		return CTL_FAILED;
	}
	return status;
}
