/* master/master.c - the daemon: the loop through which every picture goes. */
#include <config.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef HAVE_LIBSYSTEMD
#include <systemd/sd-daemon.h>
#endif

#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"
#include "master/away.h"
#include "master/control.h"
#include "master/dispatch.h"
#include "master/hook.h"
#include "master/inbox.h"
#include "master/master.h"
#include "master/once.h"
#include "master/overview.h"
#include "master/purge.h"
#include "master/queue.h"
#include "master/schedule.h"
#include "master/state.h"
#include "master/tally.h"
#include "master/trouble.h"
#include "master/view.h"
#include "master/workers.h"
#include "spool/sweep.h"
#include "work/worker.h"

#define RECOVER_AGAIN_MS 1000 /* after a look through processing/ that could not see all of it */
#define END_PATIENCE_MS 10000 /* at the end, for a disk that does not answer: the next start goes on */
#define CONTROL_POLL_MS 1000 /* STOP and PAUSE where no event tells of them */

struct master {
	const struct master_options *options;
	struct conf *conf;
	struct probe probe; /* how tight the box of the workers is here */
	struct spool *spool;
	struct queue *queue;
	struct inbox *inbox;
	struct pool *pool;
	struct dispatch *dispatch;
	struct overview *overview;
	struct hook *hook;
	struct schedule *schedule;
	struct purge *purge;
	struct control control;
	struct view view;       /* all of these, for those that only look */
	int signal_fd;
	bool is_ending;       /* SIGTERM: stop and exit */
	bool is_restarting;   /* the folders are not the ones that we opened: stop and begin anew */
	bool is_away;         /* their disk is gone or sick: let go of it, and wait (away.h) */
	char away_why[100];
	int64_t control_ms;   /* when the control files are looked at again */
	int64_t patience_ms;  /* how long the end is waited for */
	int64_t recover_ms;   /* when processing/ and jobs/ are looked through again */
};

static void
tell_systemd(const char *state)
{
#ifdef HAVE_LIBSYSTEMD
	sd_notify(0, state);
#else
	(void)state;
#endif
}

/* ---- starting ---------------------------------------------------------------------------- */

static struct conf *
load_conf(const struct master_options *options)
{
	return conf_load(options->conf_path, options->root, options->overrides, options->n_overrides,
	    stderr);
}

/* Signals come through a descriptor, but for SIGIO, with which a writer would kill us that opens a
 * file while we hold our lease on it for an instant. */
static int
open_signals(void)
{
	sigset_t wanted;

	sigemptyset(&wanted);
	sigaddset(&wanted, SIGTERM);
	sigaddset(&wanted, SIGINT);
	sigaddset(&wanted, SIGHUP);
	sigaddset(&wanted, SIGUSR1);
	signal(SIGIO, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &wanted, NULL) != 0)
		return -1;
	return signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void
open_spool(struct master *m)
{
	char *why;

	umask((mode_t)m->conf->umask);
	if (m->spool == NULL)
		m->spool = spool_open(m->conf->root, true, m->conf->follows, &why);
	if (m->spool == NULL)
		log_die("%s", why);
	m->spool->is_durable = m->conf->is_durable;
	if (spool_is_exposed(m->spool))
		log_warn(NULL, "event=root-exposed why=\"others may write %s and could put folders of their own in "
		    "the place of the spool's\" remedy=\"chmod +t,g+s on it; STOP can still be made there\"",
		    m->spool->root);
	if (m->spool->is_polled && !m->conf->is_shared)
		log_info(NULL, "event=polled why=\"a network or FUSE file system tells nothing of itself\"");
	sweep_spool(m->spool);
}

/* First of all descriptors: the library's is recognised as the lowest free one. NULL: poll. */
static struct watch *
open_watch(const struct conf *conf)
{
	struct watch *watch;
	char *root = realpath(conf->root, NULL);

	if (root == NULL || conf->watch == CONF_WATCH_POLL) {
		free(root);
		return NULL;
	}
	watch = watch_open(root);
	if (watch == NULL)
		log_warn(NULL, "event=no-inotify error=\"%s\" why=\"the inbox is polled\"%s", strerror(errno),
		    errno == EMFILE ? " remedy=\"raise the sysctl fs.inotify.max_user_instances\"" : "");
	free(root);
	return watch;
}

static void
start_parts(struct master *m)
{
	const struct pool_settings settings = workers_settings(m->conf, &m->probe);
	char engine[WORKER_ENGINE_SIZE];
	struct watch *watch = open_watch(m->conf);

	m->signal_fd = open_signals();
	if (m->signal_fd < 0)
		log_die("cannot receive signals: %s", strerror(errno));
	open_spool(m);
	m->queue = queue_new();
	m->inbox = inbox_new(m->spool, m->queue, m->conf, watch);
	m->pool = pool_new(&settings);
	m->schedule = schedule_new(m->conf);
	m->hook = hook_new(m->spool->root, m->conf, m->options->is_once);
	m->dispatch = dispatch_new(m->spool, m->pool, m->queue, m->inbox, m->schedule, m->hook, m->conf);
	m->overview = overview_new();
	m->purge = purge_new(m->spool, m->conf, m->options->is_once);
	m->control.pause_ends_ms = CLOCK_NEVER;
	m->view = (struct view){ .conf = m->conf, .spool = m->spool, .inbox = m->inbox,
		.queue = m->queue, .dispatch = m->dispatch, .schedule = m->schedule,
		.control = &m->control, .tally = dispatch_tally(m->dispatch) };
	worker_engine(engine);
	log_info(NULL, "event=started version=%s root=\"%s\" workers=%d mode=%s engine=\"%s\"",
	    PACKAGE_VERSION, m->spool->root, pool_n_workers(m->pool),
	    inbox_is_polled(m->inbox) ? "polling" : "inotify", engine);
}

/* ---- signals ----------------------------------------------------------------------------- */

/* The new configuration is checked whole before the old one goes. */
static void
reload_conf(struct master *m)
{
	struct conf *conf = load_conf(m->options);
	struct pool_settings settings;
	struct probe probe;

	if (conf == NULL) {
		log_error(NULL, "event=configuration-refused why=\"it has mistakes; the old one stays\"");
		return;
	}
	if (strcmp(conf->root, m->conf->root) != 0) {
		log_error(NULL, "event=configuration-refused why=\"spool.root cannot change while the "
		    "daemon runs; restart it\"");
		conf_free(conf);
		return;
	}
	if (!workers_find_probe(conf, &probe)) {
		log_error(NULL, "event=configuration-refused why=\"the sandbox is not tight\"");
		conf_free(conf);
		return;
	}
	m->probe = probe;
	settings = workers_settings(conf, &probe);
	inbox_set_conf(m->inbox, conf);
	dispatch_set_conf(m->dispatch, conf);
	hook_set_conf(m->hook, conf);
	schedule_set_conf(m->schedule, conf);
	purge_set_conf(m->purge, conf);
	queue_unbar(m->queue);
	pool_set(m->pool, &settings);
	m->spool->is_durable = conf->is_durable;
	umask((mode_t)conf->umask);
	conf_free(m->conf);
	m->conf = conf;
	m->view.conf = conf;
	log_info(NULL, "event=configuration-read");
}

static void
signals_turn(struct master *m)
{
	struct signalfd_siginfo info;

	while (read(m->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGHUP) {
			reload_conf(m);
		} else if (info.ssi_signo == SIGUSR1) {
			pool_log(m->pool);
			dispatch_log(m->dispatch);
		} else {
			log_info(NULL, "event=ending on=%s", sigabbrev_np((int)info.ssi_signo));
			m->is_ending = true;
		}
	}
}

/* ---- the loop ---------------------------------------------------------------------------- */

static void
control_turn(struct master *m, int64_t now_ms)
{
	bool has_changed = schedule_turn(m->schedule, now_ms);
	bool is_blind = inbox_is_polled(m->inbox) || inbox_is_missing(m->inbox);

	if (has_changed) {
		queue_unbar(m->queue);
		overview_touch(m->overview);
	}
	if (!inbox_saw_control(m->inbox) && now_ms < m->control_ms)
		return;
	if (control_look(&m->control, m->spool, now_ms))
		overview_touch(m->overview);
	m->control_ms = clock_min(m->control.pause_ends_ms,
	    is_blind ? now_ms + CONTROL_POLL_MS : CLOCK_NEVER);
}

static void
let_go(struct master *m, const char *why)
{
	if (!m->is_away)
		log_error(NULL, "event=spool-lost why=\"%s\"", why);
	m->is_away = true;
	snprintf(m->away_why, sizeof(m->away_why), "%s", why);
	m->view.away_why = m->away_why;
}

/* Somebody removed or replaced processing/, done/ ...: what we hold open is seen by nobody any more.
 * All that is needed to go on is in the folders, so go on like a fresh start. */
static void
folders_turn(struct master *m, int64_t now_ms)
{
	struct trouble *trouble = dispatch_trouble(m->dispatch);
	bool has_doubt = trouble_take_doubt(trouble);

	if (!inbox_saw_folders(m->inbox) && !has_doubt && now_ms < m->recover_ms)
		return;
	if (trouble_is_read_only(trouble)) {
		let_go(m, "the disk of the spool is read-only");
	} else if (spool_check_folders(m->spool) == 0) {
		return;
	} else if (spool_mend(m->spool) == 0) {
		log_warn(NULL, "event=folders-changed why=\"a folder of the spool was removed or replaced; "
		    "beginning anew\"");
		m->is_restarting = true;
	} else
		let_go(m, errno == ESTALE ? "the spool is not the folder that it was; is its disk mounted?" :
		    strerror(errno));
}

static void
recover_turn(struct master *m, int64_t now_ms)
{
	if (now_ms < m->recover_ms)
		return;
	m->recover_ms = now_ms + (dispatch_recover(m->dispatch) ? m->conf->rescan_ms : RECOVER_AGAIN_MS);
}

static void
hooks_turn(struct master *m, int64_t now_ms)
{
	const struct tally_counts *counts = &m->view.tally->counts;
	const struct state state = state_now(&m->view);
	const struct hook_load load = { .is_idle = state_is_all_done(&m->view),
		.n_done = counts->n_done, .n_failed = tally_n_failed(counts),
		.n_held = queue_n_held(m->queue) + inbox_n_held(m->inbox) };

	hook_see_blocked(m->hook, state_class(state.queue) == STATE_IS_BLOCKED ? state_reason(&state) :
	    NULL, now_ms);
	hook_see_load(m->hook, &load, now_ms);
	hook_turn(m->hook, now_ms);
}

static bool
is_leaving(const struct master *m)
{
	return m->is_ending || m->is_restarting || m->is_away;
}

/* Wait until somebody has something to do. */
static void
wait_for_work(struct master *m)
{
	struct pollfd fds[2 * POOL_MAX + 3 + COMMAND_N_FDS];
	int64_t due = clock_min(inbox_due(m->inbox), pool_due(m->pool));
	int64_t now_ms = clock_ms();
	int n;

	due = clock_min(due, clock_min(dispatch_due(m->dispatch), overview_due(m->overview)));
	due = clock_min(due, clock_min(m->control_ms, m->recover_ms));
	due = clock_min(due, clock_min(hook_due(m->hook), schedule_due(m->schedule)));
	if (is_leaving(m))
		due = clock_min(due, m->patience_ms);
	if (!m->control.is_stopped)
		due = clock_min(due, purge_due(m->purge));
	n = pool_fds(m->pool, fds);
	n += dispatch_fds(m->dispatch, &fds[n]);
	n += hook_fds(m->hook, fds + n);
	fds[n++] = (struct pollfd){ .fd = m->signal_fd, .events = POLLIN };
	fds[n++] = (struct pollfd){ .fd = inbox_fd(m->inbox), .events = POLLIN };
	due = due <= now_ms ? 0 : clock_min(due - now_ms, 3600000);
	if (poll(fds, (nfds_t)n, (int)due) < 0 && errno != EINTR)
		log_panic("poll: %s", strerror(errno));
}

/* Has --once nothing left to do? What waits for a reason is not waited for. */
static bool
is_over(const struct master *m)
{
	if (is_leaving(m))
		return (dispatch_is_settled(m->dispatch) && !(m->is_away && hook_is_busy(m->hook))) ||
		    clock_ms() > m->patience_ms;
	if (!m->options->is_once || !dispatch_is_settled(m->dispatch) || hook_is_busy(m->hook))
		return false;
	if (inbox_is_missing(m->inbox))
		return true;
	if (!inbox_is_listed(m->inbox) || queue_n_settling(m->queue) > 0)
		return false;
	if (!state_lets_begin(state_now(&m->view).queue))
		return true;
	return state_is_all_done(&m->view) && !purge_is_busy(m->purge);
}

/* The loop reads as the flow: a look judges a file, the inbox takes what happened since, the
 * dispatch gives it to a worker and brings it home, the overview tells of it. */
static void
run_loop(struct master *m)
{
	int64_t now_ms;

	while (!is_over(m)) {
		now_ms = clock_ms();
		log_catch_up();
		signals_turn(m);
		if (inbox_look(m->inbox, now_ms))
			overview_touch(m->overview);
		if (inbox_turn(m->inbox, now_ms))
			overview_touch(m->overview);
		control_turn(m, now_ms);
		folders_turn(m, now_ms);
		if (is_leaving(m))
			m->control.is_stopped = true;
		if (!is_leaving(m))
			m->patience_ms = now_ms + END_PATIENCE_MS;
		recover_turn(m, now_ms);
		pool_turn(m->pool, now_ms);
		if (dispatch_turn(m->dispatch, &m->control, now_ms))
			overview_touch(m->overview);
		if (!m->control.is_stopped)
			purge_turn(m->purge, now_ms);
		hooks_turn(m, now_ms);
		overview_turn(m->overview, &m->view, now_ms, false);
		if (!is_over(m))
			wait_for_work(m);
	}
}

/* ---- the end ------------------------------------------------------------------------------ */

static int
end_parts(struct master *m)
{
	int status = 0;

	if (m->options->is_once && !m->is_ending && !m->is_restarting)
		status = once_end(&m->view);
	tell_systemd("STOPPING=1");
	overview_turn(m->overview, &m->view, clock_ms(), true);
	hook_free(m->hook);
	purge_free(m->purge);
	dispatch_free(m->dispatch);
	schedule_free(m->schedule);
	pool_close(m->pool);
	inbox_free(m->inbox);
	queue_free(m->queue);
	overview_free(m->overview);
	spool_close(m->spool);
	close(m->signal_fd);
	log_info(NULL, "event=ended status=%d", status);
	return status;
}

/* From start to end, once. *RESTARTS: it is to begin anew, with *SPOOL. */
static int
serve_spool(const struct master_options *options, struct conf **conf, struct probe *probe,
    struct spool **spool, bool *restarts)
{
	struct master m = { .options = options, .conf = *conf, .probe = *probe, .spool = *spool };
	char id[SPOOL_ID_SIZE];
	int status;

	start_parts(&m);
	tell_systemd("READY=1");
	run_loop(&m);
	memcpy(id, m.spool->id, sizeof(id));
	*restarts = (m.is_restarting || (m.is_away && !options->is_once)) && !m.is_ending;
	status = end_parts(&m);
	*conf = m.conf;
	*probe = m.probe;
	*spool = *restarts ? away_wait(m.conf->root, m.conf->follows, id, m.conf->poll_interval_ms) : NULL;
	*restarts = *spool != NULL;
	return status;
}

int
master_run(const struct master_options *options)
{
	struct conf *conf = load_conf(options);
	struct spool *spool = NULL;
	struct probe probe;
	bool restarts = conf != NULL && workers_find_probe(conf, &probe);
	int status = 1;

	while (restarts)
		status = serve_spool(options, &conf, &probe, &spool, &restarts);
	conf_free(conf);
	return status;
}
