/* master/hook.c - beside the flow: which command of the administrator is next. */
#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/words.h"
#include "master/hook.h"

#define PREFIX "DARKROOM_"

/* What happened, with its facts as the environment wants them. */
struct event {
	struct event *next;
	enum conf_hook kind;
	char *about;     /* REL, or NULL */
	char **facts;    /* "DARKROOM_X=..." */
	size_t n_facts, room;
};

struct hook {
	const char *root;
	const struct conf *conf;
	bool is_once;
	struct event *first, **last; /* what waits, oldest first */
	size_t n_waiting;
	size_t n_waiting_of[CONF_N_HOOK];
	bool is_flooded;             /* HOOK_BACKLOG was reached; until half of it is through */
	uint64_t n_skipped[CONF_N_HOOK]; /* not told to a command yet */
	uint64_t n_flood;
	struct command command;      /* the one that runs */
	/* blocked */
	bool is_blocked;
	char *why;                   /* the reason told last, or NULL, and when */
	int64_t why_ms;
	/* idle */
	int64_t idle_since_ms;       /* 0: there is something to do, or nothing was done */
	uint64_t n_done, n_failed;   /* when it was last told */
};

static const char *const hook_names[CONF_N_HOOK] = {
	[CONF_ON_DONE] = "on_done",
	[CONF_ON_FAILED] = "on_failed",
	[CONF_ON_BLOCKED] = "on_blocked",
	[CONF_ON_IDLE] = "on_idle",
};

struct hook *
hook_new(const char *root, const struct conf *conf, bool is_once)
{
	struct hook *hook = mem_alloc(sizeof(*hook));

	hook->root = root;
	hook->last = &hook->first;
	hook->is_once = is_once;
	hook_set_conf(hook, conf);
	return hook;
}

static void
free_event(struct event *event)
{
	while (event->n_facts > 0)
		free(event->facts[--event->n_facts]);
	free(event->facts);
	free(event->about);
	free(event);
}

/* Out of the list: the oldest one. Gives it. */
static struct event *
take_first(struct hook *hook)
{
	struct event *event = hook->first;

	hook->first = event->next;
	if (hook->first == NULL)
		hook->last = &hook->first;
	hook->n_waiting--;
	hook->n_waiting_of[event->kind]--;
	return event;
}

void
hook_free(struct hook *hook)
{
	if (hook == NULL)
		return;
	command_stop(&hook->command);
	if (hook->n_waiting > 0)
		log_warn(NULL, "event=hooks-dropped n=%zu why=\"the daemon ends\"", hook->n_waiting);
	while (hook->first != NULL)
		free_event(take_first(hook));
	free(hook->why);
	free(hook);
}

/* ---- what happened ----------------------------------------------------------------------- */

static void add_fact(struct event *event, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void
add_fact(struct event *event, const char *format, ...)
{
	va_list args;
	char *fact;

	va_start(args, format);
	if (vasprintf(&fact, format, args) < 0)
		log_panic("out of memory");
	va_end(args);
	event->facts = mem_grow(event->facts, &event->room, event->n_facts + 1, sizeof(*event->facts));
	event->facts[event->n_facts++] = fact;
}

static void
skip_event(struct hook *hook, enum conf_hook kind)
{
	if (!hook->is_flooded)
		log_warn(NULL, "event=hooks-skipped hook=%s why=\"%d of them wait already\" remedy=\"a faster "
		    "command, or hooks.time_limit\"", hook_names[kind], HOOK_BACKLOG);
	hook->is_flooded = true;
	hook->n_skipped[kind]++;
	hook->n_flood++;
}

/* Gives an event at the end of the list, with the facts that all have. NULL: nobody wants it, or too
 * many wait. */
static struct event *
add_event(struct hook *hook, enum conf_hook kind, const char *about)
{
	struct event *event;

	if (*hook->conf->hooks[kind] == '\0')
		return NULL;
	if (hook->n_waiting >= HOOK_BACKLOG) {
		skip_event(hook, kind);
		return NULL;
	}
	event = mem_alloc(sizeof(*event));
	event->kind = kind;
	event->about = about == NULL ? NULL : mem_dup(about);
	*hook->last = event;
	hook->last = &event->next;
	hook->n_waiting++;
	hook->n_waiting_of[kind]++;
	add_fact(event, PREFIX "EVENT=%s", hook_names[kind] + strlen("on_"));
	add_fact(event, PREFIX "ROOT=%s", hook->root);
	return event;
}

void
hook_tell_job(struct hook *hook, const struct hook_job *job)
{
	const struct plan *plan = job->plan;
	bool is_done = plan->verdict == PLAN_DONE;
	struct event *event = add_event(hook, is_done ? CONF_ON_DONE : CONF_ON_FAILED, job->rel);
	size_t i;

	if (event == NULL)
		return;
	add_fact(event, PREFIX "FILE=%s", job->rel);
	add_fact(event, PREFIX "PROFILE=%s", job->profile);
	if (plan->original_to != NULL)
		add_fact(event, PREFIX "PATH=%s/%s", hook->root, plan->original_to);
	if (is_done)
		add_fact(event, PREFIX "RESULTS=%zu", plan->n_results);
	for (i = 0; is_done && i < plan->n_results; i++)
		add_fact(event, PREFIX "RESULT_%zu=%s/%s", i + 1, hook->root, plan->moves[i].to);
	if (is_done)
		return;
	add_fact(event, PREFIX "CODE=%s", job->code);
	add_fact(event, PREFIX "REASON=%s", job->reason);
	for (i = 0; i < plan->n_moves; i++)
		add_fact(event, PREFIX "ERROR=%s/%s", hook->root, plan->moves[i].to);
}

void
hook_see_blocked(struct hook *hook, const char *why, int64_t now_ms)
{
	bool has_begun = why != NULL && !hook->is_blocked;
	struct event *event;

	hook->is_blocked = why != NULL;
	if (!has_begun || hook->n_waiting_of[CONF_ON_BLOCKED] > 0 || (hook->why != NULL &&
	    strcmp(hook->why, why) == 0 && now_ms - hook->why_ms < HOOK_SAME_REASON_MS))
		return;
	event = add_event(hook, CONF_ON_BLOCKED, NULL);
	if (event == NULL)
		return;
	add_fact(event, PREFIX "REASON=%s", why);
	free(hook->why);
	hook->why = mem_dup(why);
	hook->why_ms = now_ms;
}

/* Nothing to do after something was done. */
static void
tell_idle(struct hook *hook, const struct hook_load *load)
{
	struct event *event;

	if (hook->n_waiting_of[CONF_ON_IDLE] > 0)
		return; /* the next one counts what it will not know */
	event = add_event(hook, CONF_ON_IDLE, NULL);
	if (event != NULL) {
		add_fact(event, PREFIX "DONE=%" PRIu64, load->n_done - hook->n_done);
		add_fact(event, PREFIX "FAILED=%" PRIu64, load->n_failed - hook->n_failed);
		add_fact(event, PREFIX "WAITING=%zu", load->n_held);
	}
	hook->n_done = load->n_done;
	hook->n_failed = load->n_failed;
}

void
hook_see_load(struct hook *hook, const struct hook_load *load, int64_t now_ms)
{
	if (*hook->conf->hooks[CONF_ON_IDLE] == '\0') {
		hook->n_done = load->n_done;
		hook->n_failed = load->n_failed;
	}
	if (!load->is_idle || (load->n_done == hook->n_done && load->n_failed == hook->n_failed)) {
		hook->idle_since_ms = 0;
		return;
	}
	if (hook->idle_since_ms == 0)
		hook->idle_since_ms = now_ms;
	if (hook->is_once || now_ms - hook->idle_since_ms >= HOOK_IDLE_REST_MS)
		tell_idle(hook, load);
}

/* ---- the commands ------------------------------------------------------------------------ */

static bool
is_kept(const char *variable)
{
	/* of ours, or of the service manager's talk with us alone */
	return strncmp(variable, PREFIX, strlen(PREFIX)) != 0 &&
	    strncmp(variable, "NOTIFY_SOCKET=", 14) != 0 && strncmp(variable, "LISTEN_", 7) != 0;
}

/* Gives the environment of EVENT's command: an array whose strings are borrowed. */
static char **
make_environment(const struct event *event)
{
	char **env = NULL;
	size_t n = 0, room = 0, i;
	char **p;

	for (p = environ; *p != NULL; p++)
		if (is_kept(*p)) {
			env = mem_grow(env, &room, n + 1, sizeof(*env));
			env[n++] = *p;
		}
	env = mem_grow(env, &room, n + event->n_facts + 1, sizeof(*env));
	for (i = 0; i < event->n_facts; i++)
		env[n++] = event->facts[i];
	env[n] = NULL;
	return env;
}

static void
start_command(struct hook *hook, struct event *event, int64_t now_ms)
{
	const char *name = hook_names[event->kind];
	char **argv = words_split(hook->conf->hooks[event->kind], NULL);
	char **env;

	if (argv == NULL || argv[0] == NULL) { /* taken out of the configuration meanwhile */
		free(argv);
		return;
	}
	add_fact(event, PREFIX "SKIPPED=%" PRIu64, hook->n_skipped[event->kind]);
	hook->n_skipped[event->kind] = 0;
	env = make_environment(event);
	if (command_start(&hook->command, name, event->about, argv, env, hook->conf->hook_limit_ms,
	    now_ms) != 0)
		log_warn(event->about, "event=hook-not-run hook=%s command=\"%s\" error=\"%s\"", name,
		    argv[0], strerror(errno));
	free(env);
	free(argv);
}

void
hook_turn(struct hook *hook, int64_t now_ms)
{
	struct event *event;

	if (hook->command.pid != 0 && !command_turn(&hook->command, now_ms))
		return;
	while (hook->command.pid == 0 && hook->first != NULL) {
		event = take_first(hook);
		start_command(hook, event, now_ms);
		free_event(event);
	}
	if (hook->is_flooded && hook->n_waiting < HOOK_BACKLOG / 2) {
		log_info(NULL, "event=hooks-skipped-no-more n=%" PRIu64, hook->n_flood);
		hook->is_flooded = false;
		hook->n_flood = 0;
	}
}

int
hook_fds(const struct hook *hook, struct pollfd *fds)
{
	return command_fds(&hook->command, fds);
}

int64_t
hook_due(const struct hook *hook)
{
	int64_t due = command_due(&hook->command);

	if (hook->command.pid == 0 && hook->first != NULL)
		return 0;
	return hook->idle_since_ms == 0 || hook->n_waiting_of[CONF_ON_IDLE] > 0 ? due :
	    clock_min(due, hook->idle_since_ms + HOOK_IDLE_REST_MS);
}

bool
hook_is_busy(const struct hook *hook)
{
	return hook->command.pid != 0 || hook->first != NULL;
}

/* ---- the configuration ------------------------------------------------------------------- */

/* A sentence for people when the program of hook KIND is not there, or NULL. */
static char *
complaint_of(const struct conf *conf, enum conf_hook kind)
{
	char **argv = words_split(conf->hooks[kind], NULL);
	char *text = NULL;

	if (argv != NULL && argv[0] != NULL && command_find(argv) != 0)
		text = mem_printf("hooks.%s: the command %s cannot be run: %s", hook_names[kind], argv[0],
		    strerror(errno));
	free(argv);
	return text;
}

int
hook_check(const struct conf *conf, FILE *out)
{
	int kind, n = 0;
	char *text;

	for (kind = 0; kind < CONF_N_HOOK; kind++) {
		text = complaint_of(conf, (enum conf_hook)kind);
		n += text != NULL;
		if (text != NULL)
			fprintf(out, "%s\n", text);
		free(text);
	}
	return n;
}

/* It is no reason not to start: pictures are developed without it, and it may come later. */
void
hook_set_conf(struct hook *hook, const struct conf *conf)
{
	char *text;
	int kind;

	hook->conf = conf;
	for (kind = 0; kind < CONF_N_HOOK; kind++) {
		text = complaint_of(conf, (enum conf_hook)kind);
		if (text != NULL)
			log_warn(NULL, "event=hook-missing why=\"%s\"", text);
		free(text);
	}
}
