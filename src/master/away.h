/* master/away.h - the spool's disk is gone, sick or read-only: wait until it is back and well.
 *
 * Place:   master, between two rounds of it -> here -> spool.   Process: master.
 * Owns:    nothing. No descriptor of the spool is open meanwhile, so that its disk can be unmounted,
 *          checked and mounted again without ending the daemon.
 * Trust:   a folder that merely lies at ROOT is not the spool: its .darkroom/spool-id tells.
 */
#ifndef MASTER_AWAY_H
#define MASTER_AWAY_H

#include <stdint.h>

struct spool;

/* Look every INTERVAL_MS until the spool that has ID (spool/spool.h) is at ROOT and can be worked
 * with. FOLLOWS: as for spool_open(). Gives the spool; NULL: SIGTERM or SIGINT, which are blocked,
 * came before. Says why it waits. */
struct spool *away_wait(const char *root, unsigned follows, const char *id, int64_t interval_ms);

#endif
