/* master/report/write.c - the forms of the report, written when something changed. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xxhash.h>

#include "base/clock.h"
#include "base/fsio.h"
#include "base/log.h"
#include "base/mem.h"
#include "master/report/write.h"

static const struct {
	const char *name;
	char *(*form)(const struct report *r);
} forms[] = {
	{ "STATUS", report_text },
	{ "status.html", report_html },
	{ "status.json", report_json },
	{ "metrics.prom", report_metrics },
};

struct report_seen {
	XXH128_hash_t digest;
	uint64_t free_bytes;
	int64_t next_ms; /* nothing is looked at before */
	bool has_written;
	bool has_complained;
};

struct report_seen *
report_seen_new(void)
{
	return mem_alloc(sizeof(struct report_seen));
}

void
report_seen_free(struct report_seen *seen)
{
	free(seen);
}

/* status.json and metrics.prom together show every field of R. */
static XXH128_hash_t
digest_of(const struct report *r)
{
	struct report lasting = *r;
	char *json, *metrics;
	XXH128_hash_t halves[2];

	lasting.now = 0;
	lasting.free_bytes = 0;
	json = report_json(&lasting);
	metrics = report_metrics(&lasting);
	halves[0] = XXH3_128bits(json, strlen(json));
	halves[1] = XXH3_128bits(metrics, strlen(metrics));
	free(json);
	free(metrics);
	return XXH3_128bits(halves, sizeof(halves));
}

static bool
free_has_changed(uint64_t before, uint64_t now)
{
	uint64_t difference = before > now ? before - now : now - before;

	return difference > before / 100;
}

/* A full disk has room for no second file, but people must read just now what is the matter. */
static int
write_form(int root_dir, const char *name, const char *text)
{
	if (fsio_replace(root_dir, name, text, strlen(text), 0664, false) == 0)
		return 0;
	if (errno != ENOSPC && errno != EDQUOT)
		return -1;
	return fsio_overwrite(root_dir, name, text, strlen(text));
}

/* 0, or the errno of the last form that could not be written; the others are written. */
static int
write_forms(int root_dir, const struct report *r, struct report_seen *seen)
{
	struct report dated = *r;
	size_t i;
	char *text;
	int error = 0;

	dated.now = time(NULL);
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		text = forms[i].form(&dated);
		if (write_form(root_dir, forms[i].name, text) != 0) {
			error = errno;
			if (!seen->has_complained)
				log_debug(NULL, "cannot write %s: %s; trying again every %d s",
				    forms[i].name, strerror(error), REPORT_RETRY_MS / 1000);
		}
		free(text);
	}
	return error;
}

int64_t
report_write(int root_dir, const struct report *r, struct report_seen *seen, int64_t now_ms,
    bool force)
{
	XXH128_hash_t digest;

	if (!force && now_ms < seen->next_ms)
		return seen->next_ms;
	digest = digest_of(r);
	if (!force && seen->has_written && XXH128_isEqual(digest, seen->digest) &&
	    !free_has_changed(seen->free_bytes, r->free_bytes))
		return CLOCK_NEVER;
	if (write_forms(root_dir, r, seen) != 0) {
		seen->has_written = false;
		seen->has_complained = true;
		seen->next_ms = now_ms + REPORT_RETRY_MS;
		return seen->next_ms;
	}
	seen->digest = digest;
	seen->free_bytes = r->free_bytes;
	seen->next_ms = now_ms + REPORT_INTERVAL_MS;
	seen->has_written = true;
	seen->has_complained = false;
	return CLOCK_NEVER;
}
