/* master/workers.c - before the start: what the workers are to be like. */
#include <config.h>

#include "base/log.h"
#include "master/workers.h"

bool
workers_find_probe(const struct conf *conf, struct probe *probe)
{
	char text[PROBE_TEXT_SIZE];
	const char *why;
	int i;

	probe_find(probe, conf->uid, conf->gid);
	probe_text(probe, text);
	log_info(NULL, "event=sandbox has=\"%s\"", text);
	for (i = 0; i < SANDBOX_N_LAYER; i++) {
		why = probe_lack(probe, (enum sandbox_layer)i);
		if (why != NULL)
			log_warn(NULL, "event=sandbox without=%s why=\"%s\"",
			    probe_layer_name((enum sandbox_layer)i), why);
	}
	if (!conf->require_sandbox || probe_is_tight(probe))
		return true;
	log_error(NULL, "event=sandbox-not-tight why=\"workers.sandbox = require, and this machine cannot "
	    "do all of it\" remedy=\"see the lines before this one; or set workers.sandbox = auto\"");
	return false;
}

int
workers_check(const struct conf *conf, FILE *out)
{
	struct probe probe;
	const char *why;
	int i, n = 0;

	if (!conf->require_sandbox)
		return 0;
	probe_find(&probe, conf->uid, conf->gid);
	for (i = 0; i < SANDBOX_N_LAYER; i++) {
		why = probe_lack(&probe, (enum sandbox_layer)i);
		if (why != NULL)
			fprintf(out, "[workers] sandbox = require: this machine is without %s: %s\n",
			    probe_layer_name((enum sandbox_layer)i), why);
		n += why != NULL;
	}
	return n;
}

struct pool_settings
workers_settings(const struct conf *conf, const struct probe *probe)
{
	return (struct pool_settings){
		.n_workers = conf->n_workers,
		.launch = { .program = NULL, .memory_bytes = conf->limits.memory_bytes,
			.file_bytes = launch_file_bytes(conf->limits.pixels, conf->limit_file_bytes),
			.nice = conf->nice, .layers = probe->layers, .uid = conf->uid,
			.gid = conf->gid },
		.time_limit_ms = conf->time_limit_ms,
		.images_per_worker = conf->images_per_worker,
	};
}
