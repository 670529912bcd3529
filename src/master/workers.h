/* master/workers.h - what the workers are to be like: from the configuration, and from what this
 * machine can lock them in with.
 *
 * Place:   master, main -> here -> work/probe, work/pool.
 * Process: master, at the start and when the configuration is read again.
 */
#ifndef MASTER_WORKERS_H
#define MASTER_WORKERS_H

#include <stdbool.h>
#include <stdio.h>

#include "conf/conf.h"
#include "work/pool.h"
#include "work/probe.h"

/* Find out and log it, in a line for what holds and one for each layer that lacks. False: it is less
 * than workers.sandbox = require demands, and that is logged. */
bool workers_find_probe(const struct conf *conf, struct probe *probe);

/* The same for --check-config: only where it is demanded, with lines for people. Returns how many
 * layers lack. */
int workers_check(const struct conf *conf, FILE *out);

struct pool_settings workers_settings(const struct conf *conf, const struct probe *probe);

#endif
