/* ctl/ctl.h - the command darkroom: what its verbs share.
 *
 * Place:   main -> verbs -> here.
 * Rule:    a verb works on the folders alone, so that it does the same from a mounted share;
 *          it asks nothing of the daemon. convert alone works without them. It tells each
 *          trouble once, with what to do.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* Exit statuses. */
#define CTL_DONE 0
#define CTL_FAILED 1
#define CTL_WAITING 2   /* wait: it has not ended, and why was said */
#define CTL_NO_DAEMON 3 /* status: darkroomd does not run */
#define CTL_USAGE 64    /* EX_USAGE of sysexits.h */

struct ctl {
	const char *conf_path;   /* of -c, or NULL */
	const char *root;        /* as shown to people; convert has none */
	int root_dir;
	bool deletes_originals;  /* spool.originals = delete, where a configuration was read */
	const volatile sig_atomic_t *is_interrupted; /* by this signal, 0: not */
};

/* A verb: ARGV[0] is its name. Gives the exit status. */
typedef int ctl_verb_fn(struct ctl *ctl, int argc, char **argv);

/* "darkroom: " and a sentence, on stderr; control bytes become '?'. */
void ctl_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* How VERB is used, on stderr. Gives CTL_USAGE. */
int ctl_usage(const char *verb);

/* The path below inbox/ that people mean by TEXT: a path below ROOT loses that, and one name of
 * inbox, processing, done or failed before it. Gives a string, or NULL (complained) when it is
 * no such path. */
char *ctl_rel(const struct ctl *ctl, const char *text);

/* The last name of PATH, that of the folder itself where PATH ends in dots; "" when there is none.
 * Gives a string. */
char *ctl_last_name(const char *path);

/* TEXT as a duration from 1s to 365d into *MS; false when it is none. */
bool ctl_duration(const char *text, int64_t *ms);

#endif
