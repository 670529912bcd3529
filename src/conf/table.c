/* conf/table.c - the keys. Everything else about a key follows from its row. */
#include <config.h>

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "conf/settings.h"
#include "conf/table.h"

#define MS INT64_C(1)
#define SECOND (1000 * MS)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define KIB INT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

#define IN_CONF(field) .offset = offsetof(struct conf, field), \
	.size = sizeof(((struct conf *)NULL)->field)
#define IN_PROFILE(field) .offset = offsetof(struct profile, field), \
	.size = sizeof(((struct profile *)NULL)->field)
#define IN_RENDITION(field) .offset = offsetof(struct rendition, field), \
	.size = sizeof(((struct rendition *)NULL)->field)
#define SPOOL(k, t, d) .section = TABLE_SPOOL, .key = (k), .type = TABLE_##t, .value = (d)
#define WORKERS(k, t, d) .section = TABLE_WORKERS, .key = (k), .type = TABLE_##t, .value = (d)
#define LIMITS(k, t, d) .section = TABLE_LIMITS, .key = (k), .type = TABLE_##t, .value = (d)
#define HOOKS(k, t, d) .section = TABLE_HOOKS, .key = (k), .type = TABLE_##t, .value = (d)
#define PROFILE(k, t, d) .section = TABLE_PROFILE, .key = (k), .type = TABLE_##t, .value = (d)
#define RENDITION(k, t, d) .section = TABLE_RENDITION, .key = (k), .type = TABLE_##t, .value = (d)
#define BOUNDS(lowest, highest) .min = (lowest), .max = (highest)
#define OR_WORD(word, number) .words = (word), .word_value = (number)
#define LATER .is_later = true

/* A box is stored as two numbers in a row. */
_Static_assert(offsetof(struct rendition, height_px) ==
    offsetof(struct rendition, width_px) + sizeof(uint32_t), "width_px, then height_px");

const struct table_row table_rows[] = {
	{ SPOOL("root", PATH, "/var/spool/darkroom"), IN_CONF(root) },
	{ SPOOL("watch", CHOICE, "auto"), .words = "auto inotify poll", IN_CONF(watch) },
	{ SPOOL("poll_interval", DURATION, "5s"), BOUNDS(100 * MS, HOUR),
	    IN_CONF(poll_interval_ms) },
	{ SPOOL("rescan", DURATION, "60s"), BOUNDS(SECOND, DAY), IN_CONF(rescan_ms) },
	{ SPOOL("quiet", DURATION, "500ms"), BOUNDS(0, MINUTE), IN_CONF(quiet_ms) },
	{ SPOOL("settle", DURATION, "2s"), BOUNDS(100 * MS, HOUR), IN_CONF(settle_ms) },
	{ SPOOL("incomplete", DURATION, "60s"), BOUNDS(SECOND, DAY), IN_CONF(incomplete_ms) },
	{ SPOOL("unsupported", CHOICE, "leave"), .words = "leave fail", IN_CONF(unsupported) },
	{ SPOOL("conflict", CHOICE, "rename"), .words = "rename replace fail", IN_CONF(conflict) },
	{ SPOOL("originals", CHOICE, "keep"), .words = "delete keep", IN_CONF(keep_originals) },
	{ SPOOL("keep_done", DURATION, "forever"), OR_WORD("forever", CONF_FOREVER),
	    BOUNDS(MINUTE, 36500 * DAY), IN_CONF(keep_done_ms) },
	{ SPOOL("keep_failed", DURATION, "forever"), OR_WORD("forever", CONF_FOREVER),
	    BOUNDS(MINUTE, 36500 * DAY), IN_CONF(keep_failed_ms) },
	{ SPOOL("prune_after", DURATION, "1h"), OR_WORD("never", CONF_FOREVER),
	    BOUNDS(SECOND, 36500 * DAY), IN_CONF(prune_after_ms) },
	{ SPOOL("durability", CHOICE, "full"), .words = "fast full", IN_CONF(is_durable) },
	{ SPOOL("progress", CHOICE, "remove"), .words = "remove keep", IN_CONF(keep_progress) },
	{ SPOOL("umask", OCTAL, "0002"), BOUNDS(0, 0777), IN_CONF(umask) },
	{ SPOOL("min_free", SIZE, "512M"), BOUNDS(0, INT64_MAX), IN_CONF(min_free_bytes) },
	{ SPOOL("hours", HOURS, "always"), IN_CONF(hours) },
	{ SPOOL("user", USER, ""), IN_CONF(user) },
	{ SPOOL("follow", SET, "none"), .words = "inbox processing done failed out", IN_CONF(follows) },
	{ SPOOL("shared", BOOL, "no"), IN_CONF(is_shared), LATER },

	{ WORKERS("count", COUNT, "auto"), OR_WORD("auto", 0), BOUNDS(1, 256), IN_CONF(n_workers) },
	{ WORKERS("memory", SIZE, "1G"), BOUNDS(64 * MIB, 1024 * GIB), IN_CONF(limits.memory_bytes) },
	{ WORKERS("time_limit", DURATION, "5m"), BOUNDS(SECOND, DAY), IN_CONF(time_limit_ms) },
	{ WORKERS("attempts", COUNT, "2"), BOUNDS(1, 10), IN_CONF(n_attempts) },
	{ WORKERS("images", COUNT, "1000"), BOUNDS(1, 1000000000), IN_CONF(images_per_worker) },
	{ WORKERS("nice", COUNT, "10"), BOUNDS(0, 19), IN_CONF(nice) },
	{ WORKERS("sandbox", CHOICE, "auto"), .words = "auto require", IN_CONF(require_sandbox) },

	{ LIMITS("pixels", COUNT, "2G"), BOUNDS(1, INT64_C(1000000000000)),
	    IN_CONF(limits.pixels) },
	{ LIMITS("side", COUNT, "65500"), BOUNDS(1, 1000000), IN_CONF(limits.side_px) },
	{ LIMITS("file", SIZE, "512M"), BOUNDS(1, 1024 * GIB), IN_CONF(limit_file_bytes) },
	{ LIMITS("depth", COUNT, "32"), BOUNDS(1, 1000), IN_CONF(limit_depth) },
	{ LIMITS("files_per_folder", COUNT, "1M"), BOUNDS(1, 100000000),
	    IN_CONF(limit_files_per_folder) },
	{ LIMITS("icc", SIZE, "4M"), BOUNDS(0, 256 * MIB), IN_CONF(limits.icc_bytes) },
	{ LIMITS("exif", SIZE, "1M"), BOUNDS(0, 256 * MIB), IN_CONF(limits.exif_bytes) },
	{ LIMITS("warnings", COUNT, "100"), BOUNDS(0, 1000000), IN_CONF(limits.warnings) },

	{ HOOKS("on_done", COMMAND, ""), IN_CONF(hooks[CONF_ON_DONE]) },
	{ HOOKS("on_failed", COMMAND, ""), IN_CONF(hooks[CONF_ON_FAILED]) },
	{ HOOKS("on_blocked", COMMAND, ""), IN_CONF(hooks[CONF_ON_BLOCKED]) },
	{ HOOKS("on_idle", COMMAND, ""), IN_CONF(hooks[CONF_ON_IDLE]) },
	{ HOOKS("time_limit", DURATION, "30s"), BOUNDS(SECOND, HOUR), IN_CONF(hook_limit_ms) },

	/* the list of a profile is put together in build_finish.c */
	{ PROFILE("renditions", LIST, "web, thumb") },
	{ PROFILE("hours", HOURS, "always"), IN_PROFILE(hours) },

	{ RENDITION("size", BOX, "any"), OR_WORD("any", 0), BOUNDS(1, 65500),
	    IN_RENDITION(width_px) },
	{ RENDITION("mode", CHOICE, "fit"), .words = "fit fill pad", IN_RENDITION(mode) },
	{ RENDITION("gravity", CHOICE, "center"), .words = "center north south east west "
	    "northeast northwest southeast southwest", IN_RENDITION(gravity) },
	{ RENDITION("background", COLOR, "white"), IN_RENDITION(background) },
	{ RENDITION("enlarge", BOOL, "no"), IN_RENDITION(may_enlarge) },
	{ RENDITION("format", CHOICE, "keep"), .words = "keep jpeg png", IN_RENDITION(format) },
	{ RENDITION("quality", COUNT, "82"), BOUNDS(1, 100), IN_RENDITION(quality) },
	{ RENDITION("subsampling", CHOICE, "auto"), .words = "auto 420 422 444",
	    IN_RENDITION(subsampling) },
	{ RENDITION("progressive", BOOL, "no"), IN_RENDITION(is_progressive) },
	{ RENDITION("optimize", BOOL, "yes"), IN_RENDITION(is_optimized) },
	{ RENDITION("compression", COUNT, "2"), BOUNDS(0, 9), IN_RENDITION(compression) },
	{ RENDITION("interlace", BOOL, "no"), IN_RENDITION(is_interlaced) },
	{ RENDITION("max_bytes", SIZE, "any"), OR_WORD("any", 0), BOUNDS(KIB, 1024 * GIB),
	    IN_RENDITION(max_bytes) },
	{ RENDITION("color", CHOICE, "srgb"), .words = "srgb keep", IN_RENDITION(color) },
	{ RENDITION("intent", CHOICE, "relative"), .words = "relative perceptual",
	    IN_RENDITION(intent) },
	{ RENDITION("depth", COUNT, "8"), OR_WORD("keep", 0), BOUNDS(8, 8), IN_RENDITION(depth) },
	{ RENDITION("metadata", CHOICE, "safe"), .words = "copyright safe keep none",
	    IN_RENDITION(metadata) },
	{ RENDITION("linear", BOOL, "no"), IN_RENDITION(is_linear) },
	{ RENDITION("decode", CHOICE, "best"), .words = "best fast", IN_RENDITION(decode) },
	{ RENDITION("sharpen", COUNT, "0"), BOUNDS(0, 500), IN_RENDITION(sharpen) },
	{ RENDITION("watermark", FILE, ""), IN_RENDITION(mark_path) },
	{ RENDITION("watermark_place", CHOICE, "southeast"), .words = "center north south east west "
	    "northeast northwest southeast southwest", IN_RENDITION(mark_place) },
	{ RENDITION("watermark_margin", COUNT, "16"), BOUNDS(0, 65500),
	    IN_RENDITION(mark_margin_px) },
	{ RENDITION("watermark_opacity", COUNT, "50"), BOUNDS(0, 100),
	    IN_RENDITION(mark_opacity_percent) },
	{ RENDITION("watermark_scale", COUNT, "20"), BOUNDS(1, 100),
	    IN_RENDITION(mark_scale_percent) },
	{ RENDITION("name", PATTERN, "{stem}.{ext}"), IN_RENDITION(file_pattern) },
};

const size_t table_n_rows = sizeof(table_rows) / sizeof(table_rows[0]);

static const char *const section_names[TABLE_N_SECTION] = {
	[TABLE_SPOOL] = "spool",
	[TABLE_WORKERS] = "workers",
	[TABLE_LIMITS] = "limits",
	[TABLE_HOOKS] = "hooks",
	[TABLE_PROFILE] = "profile",
	[TABLE_RENDITION] = "rendition",
};

const char *
table_section_name(enum table_section section)
{
	return section_names[section];
}

bool
table_is_named(enum table_section section)
{
	return section == TABLE_PROFILE || section == TABLE_RENDITION;
}

const struct table_row *
table_find(enum table_section section, const char *key)
{
	size_t i;

	for (i = 0; i < table_n_rows; i++)
		if (table_rows[i].section == section && strcasecmp(table_rows[i].key, key) == 0)
			return &table_rows[i];
	return NULL;
}

/* The number of letters to insert, leave out or change to make A of B (Levenshtein), for words
 * of up to GUESS_MAX letters; more than that is no slip of the finger. */
#define GUESS_MAX 24
static unsigned
distance(const char *a, const char *b)
{
	unsigned row[GUESS_MAX + 1], corner, above;
	size_t i, j, n = strlen(b);

	if (n > GUESS_MAX || strlen(a) > GUESS_MAX)
		return GUESS_MAX;
	for (j = 0; j <= n; j++)
		row[j] = (unsigned)j;
	for (i = 0; a[i] != '\0'; i++) {
		corner = row[0];
		row[0] = (unsigned)i + 1;
		for (j = 0; j < n; j++) {
			above = row[j + 1];
			if (tolower((unsigned char)a[i]) != tolower((unsigned char)b[j]))
				corner++;
			if (above + 1 < corner)
				corner = above + 1;
			row[j + 1] = row[j] + 1 < corner ? row[j] + 1 : corner;
			corner = above;
		}
	}
	return row[n];
}

/* Is WORD nearer to NAME than the best so far, and near enough to be a slip? */
static bool
is_nearer(const char *word, const char *name, unsigned *best)
{
	unsigned far = distance(word, name);

	if (far > (strlen(name) < 4 ? 1 : 2) || far >= *best)
		return false;
	*best = far;
	return true;
}

const char *
table_guess_key(enum table_section section, const char *word)
{
	const char *guess = NULL;
	unsigned best = GUESS_MAX;
	size_t i;

	for (i = 0; i < table_n_rows; i++)
		if (table_rows[i].section == section && is_nearer(word, table_rows[i].key, &best))
			guess = table_rows[i].key;
	return guess;
}

const char *
table_guess_section(const char *word)
{
	const char *guess = NULL;
	unsigned best = GUESS_MAX;
	int i;

	for (i = 0; i < TABLE_N_SECTION; i++)
		if (is_nearer(word, section_names[i], &best))
			guess = section_names[i];
	return guess;
}
