/* master/ready.h - is this file whole, and has its copier let go of it?
 *
 * Place:   inbox, dispatch -> here.   Process: master. Looks at magic, length and end of a file,
 *          never at pixels.
 * Why:     size and mtime lie (a Windows client sets the final size first, cp -p an old time), and
 *          copiers set modes and times by path after closing.
 * Units:   ms of the monotonic clock. A file's own times are only ever compared with themselves.
 * Source:  fcntl(2) F_SETLEASE: EAGAIN while anybody has the file open for writing; needs the file's
 *          owner or CAP_LEASE. SIGIO must be ignored before the first look.
 */
#ifndef MASTER_READY_H
#define MASTER_READY_H

#include <stdbool.h>
#include <stdint.h>

#include "spool/magic.h"
#include "spool/spool.h"

#define READY_END_WINDOW 65536 /* bytes at the end in which a weak end is looked for */

enum ready_writer { READY_NO_WRITER, READY_WRITER, READY_UNKNOWN_WRITER };
enum ready_end { READY_NO_END, READY_WEAK_END, READY_STRONG_END };

/* One look at a file. */
struct ready_look {
	int error;             /* errno of open or read, or 0; the rest is then not filled, but: */
	bool is_link;          /* a symbolic link; ENOENT */
	bool is_special;       /* a device, a pipe, a socket; ENOENT */
	struct spool_id id;
	enum ready_writer writer;
	enum ready_end end;
	enum magic magic;
	bool has_zero_tail;    /* its last bytes are zeros: space that is not written yet */
};

/* What is known of a file from look to look. Starts as zeros. */
struct ready_facts {
	bool is_known;         /* `id` is of an earlier look */
	bool was_busy;         /* seen growing or changing, or a writer seen */
	bool has_writer;       /* the last look saw one */
	bool is_nudged;        /* an event says that a writer closed it since the last look */
	struct spool_id id;
	int64_t since_ms;      /* unchanged since then, by our own looks */
};

/* The configuration's times. */
struct ready_times {
	int64_t quiet_ms, settle_ms, incomplete_ms, poll_ms;
	bool fails_unsupported; /* what is no image is taken too, and fails */
	bool is_polled;        /* leases are not to be trusted, and two equal looks are needed */
};

enum ready_answer {
	READY_NOW,
	READY_LATER,           /* look again at due_ms */
	READY_NEVER,           /* not of itself: look again when something changes */
	READY_GONE             /* there is no such file */
};

#define READY_UNREADABLE "the daemon may not read it: give its user read permission"

struct ready_verdict {
	enum ready_answer answer;
	int64_t due_ms;        /* of READY_LATER */
	bool is_settling;      /* READY_LATER that ends by itself soon (not: half-copied) */
	const char *reason;    /* for people, when it waits for more than settling; else NULL */
};

/* What is kept of the facts of a file that is ready or held, and was judged for good: enough to see
 * whether it still is that file. Never 0. */
uint64_t ready_digest(const struct ready_facts *facts);

/* Facts for the next judgement where only DIGEST was kept (0: nothing is known). If LOOK shows the same
 * file, it has not changed since long ago; if not, it has changed just now. */
struct ready_facts ready_remember(uint64_t digest, const struct ready_look *look, int64_t now_ms);

/* Look at REL below DIR. PROBES: ask for the lease. Never waits, follows no link, leaves no lease. */
void ready_look(int dir, const char *rel, bool probes, struct ready_look *look);

/* Judge LOOK in the light of FACTS, which it updates. Pure: no clock, no file. */
struct ready_verdict ready_judge(struct ready_facts *facts, const struct ready_look *look,
    const struct ready_times *times, int64_t now_ms);

#endif
