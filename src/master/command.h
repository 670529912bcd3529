/* master/command.h - one command of the administrator while it runs.
 *
 * Place:   hook -> here.   Process: master.
 * Runs:    without a shell, in a process group of its own, in /, with standard input from /dev/null,
 *          no other descriptor of ours, no signal blocked or ignored.
 * Says:    what it writes goes where our log goes, as it is: neither read nor bounded by us.
 * Ends:    of itself, or by SIGKILL for its whole group at its time limit. What it leaves running in
 *          the background when it ends of itself is left alone.
 * Owns:    pid and pidfd from command_start() until command_turn() says that it is over, or
 *          command_stop(). No zombie stays.
 */
#ifndef MASTER_COMMAND_H
#define MASTER_COMMAND_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define COMMAND_N_FDS 1        /* for poll(2) */

struct command {
	pid_t pid;              /* 0: none runs */
	int pidfd;
	const char *hook;       /* its name for the log; kept */
	char *about;            /* REL of the job that it is about, or NULL; owned */
	int64_t started_ms, limit_ms;
	bool is_over_time;
};

/* Run ARGV (looked for in PATH) with ENV. HOOK: kept. ABOUT: borrowed. 0; -1 with errno: it does not
 * run, nothing to clean up. */
int command_start(struct command *command, const char *hook, const char *about, char *const *argv,
    char *const *env, int64_t limit_ms, int64_t now_ms);

/* For poll(2): returns how many of FDS were filled, and when command_turn() is due by the clock. */
int command_fds(const struct command *command, struct pollfd *fds);
int64_t command_due(const struct command *command);

/* End it when its time is over. True: it is over, logged, and reaped. */
bool command_turn(struct command *command, int64_t now_ms);

/* The daemon ends: SIGTERM for its group, SIGKILL soon after. Waits for at most COMMAND_GRACE_MS. */
#define COMMAND_GRACE_MS 2000
void command_stop(struct command *command);

/* Is there a program for the first word of ARGV? 0; -1 with errno. */
int command_find(char *const *argv);

#endif
