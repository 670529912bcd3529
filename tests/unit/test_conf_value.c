#include <config.h>

#include <criterion/criterion.h>

#include "conf/conf.h"
#include "conf/table.h"
#include "conf/value.h"

#define SECOND 1000
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

/* A value and the number it stands for; -1: it is refused. */
struct value_case {
	enum table_section section;
	const char *key, *text;
	int64_t number;
};

static const struct value_case value_cases[] = {
	{ TABLE_SPOOL, "quiet", "500ms", 500 }, { TABLE_SPOOL, "quiet", "2s", 2 * SECOND },
	{ TABLE_SPOOL, "quiet", "0", 0 }, { TABLE_SPOOL, "quiet", "2", -1 },
	{ TABLE_SPOOL, "quiet", "2 S", 2 * SECOND }, { TABLE_SPOOL, "quiet", "-2s", -1 },
	{ TABLE_SPOOL, "quiet", "1.5s", -1 }, { TABLE_SPOOL, "quiet", "", -1 },
	{ TABLE_SPOOL, "quiet", "s", -1 }, { TABLE_SPOOL, "quiet", "61s", -1 },
	{ TABLE_SPOOL, "quiet", "1m", MINUTE }, { TABLE_SPOOL, "quiet", "forever", -1 },
	{ TABLE_SPOOL, "quiet", "99999999999999999999s", -1 },
	{ TABLE_SPOOL, "quiet", "9223372036854775807d", -1 },
	{ TABLE_SPOOL, "incomplete", "1h", HOUR }, { TABLE_SPOOL, "incomplete", "30d", -1 },
	{ TABLE_SPOOL, "prune_after", "30d", INT64_C(30) * 24 * HOUR },
	{ TABLE_SPOOL, "prune_after", "Never", CONF_FOREVER },
	{ TABLE_SPOOL, "prune_after", "forever", -1 },
	{ TABLE_SPOOL, "keep_done", "forever", CONF_FOREVER },
	{ TABLE_SPOOL, "min_free", "0", 0 }, { TABLE_SPOOL, "min_free", "512M", 512 << 20 },
	{ TABLE_SPOOL, "min_free", "2g", INT64_C(2) << 30 }, { TABLE_SPOOL, "min_free", "3T",
	    INT64_C(3) << 40 }, { TABLE_SPOOL, "min_free", "1024", 1024 },
	{ TABLE_SPOOL, "min_free", "8000000T", 8000000 * (INT64_C(1) << 40) },
	{ TABLE_SPOOL, "min_free", "9000000T", -1 }, { TABLE_SPOOL, "min_free", "5X", -1 },
	{ TABLE_LIMITS, "pixels", "200M", 200000000 }, { TABLE_LIMITS, "pixels", "40k", 40000 },
	{ TABLE_LIMITS, "pixels", "0", -1 }, { TABLE_LIMITS, "pixels", "1G", 1000000000 },
	{ TABLE_WORKERS, "count", "auto", 0 }, { TABLE_WORKERS, "count", "4", 4 },
	{ TABLE_WORKERS, "count", "0", -1 }, { TABLE_WORKERS, "count", "257", -1 },
	{ TABLE_WORKERS, "count", "0x4", -1 }, { TABLE_WORKERS, "nice", "19", 19 },
	{ TABLE_WORKERS, "nice", "-5", -1 },
	{ TABLE_SPOOL, "umask", "0002", 2 }, { TABLE_SPOOL, "umask", "27", 027 },
	{ TABLE_SPOOL, "umask", "0009", -1 }, { TABLE_SPOOL, "umask", "7777", -1 },
	{ TABLE_SPOOL, "umask", "", -1 }, { TABLE_SPOOL, "umask", "-1", -1 },
	{ TABLE_SPOOL, "follow", "none", 0 }, { TABLE_SPOOL, "follow", "inbox", 1 },
	{ TABLE_SPOOL, "follow", "Out,done", 1 << 4 | 1 << 2 },
	{ TABLE_SPOOL, "follow", "done , inbox , done", 1 | 1 << 2 },
	{ TABLE_SPOOL, "follow", ".darkroom", -1 }, { TABLE_SPOOL, "follow", "inbox;done", -1 },
	{ TABLE_SPOOL, "follow", "inbox,", -1 }, { TABLE_SPOOL, "follow", "", -1 },
	{ TABLE_SPOOL, "follow", "none, inbox", -1 },
	{ TABLE_SPOOL, "watch", "auto", CONF_WATCH_AUTO },
	{ TABLE_SPOOL, "watch", "inotify", CONF_WATCH_INOTIFY },
	{ TABLE_SPOOL, "watch", "POLL", CONF_WATCH_POLL }, { TABLE_SPOOL, "watch", "pol", -1 },
	{ TABLE_SPOOL, "watch", "", -1 }, { TABLE_SPOOL, "watch", "auto poll", -1 },
	{ TABLE_SPOOL, "unsupported", "leave", CONF_LEAVE },
	{ TABLE_SPOOL, "unsupported", "fail", CONF_FAIL },
	{ TABLE_SPOOL, "conflict", "rename", CONF_RENAME },
	{ TABLE_SPOOL, "conflict", "replace", CONF_REPLACE },
	{ TABLE_SPOOL, "conflict", "fail", CONF_CONFLICT_FAIL },
	{ TABLE_SPOOL, "originals", "keep", true }, { TABLE_SPOOL, "originals", "delete", false },
	{ TABLE_SPOOL, "durability", "full", true }, { TABLE_SPOOL, "durability", "fast", false },
	{ TABLE_SPOOL, "progress", "keep", true }, { TABLE_SPOOL, "progress", "remove", false },
	{ TABLE_WORKERS, "sandbox", "require", true },
	{ TABLE_RENDITION, "enlarge", "yes", 1 }, { TABLE_RENDITION, "enlarge", "No", 0 },
	{ TABLE_RENDITION, "enlarge", "on", 1 }, { TABLE_RENDITION, "enlarge", "false", 0 },
	{ TABLE_RENDITION, "enlarge", "1", 1 }, { TABLE_RENDITION, "enlarge", "yep", -1 },
	{ TABLE_RENDITION, "enlarge", "", -1 },
	{ TABLE_RENDITION, "mode", "fit", RENDITION_FIT },
	{ TABLE_RENDITION, "mode", "fill", RENDITION_FILL },
	{ TABLE_RENDITION, "mode", "pad", RENDITION_PAD },
	{ TABLE_RENDITION, "gravity", "center", RENDITION_CENTER },
	{ TABLE_RENDITION, "gravity", "north", RENDITION_NORTH },
	{ TABLE_RENDITION, "gravity", "south", RENDITION_SOUTH },
	{ TABLE_RENDITION, "gravity", "east", RENDITION_EAST },
	{ TABLE_RENDITION, "gravity", "west", RENDITION_WEST },
	{ TABLE_RENDITION, "gravity", "northeast", RENDITION_NORTHEAST },
	{ TABLE_RENDITION, "gravity", "northwest", RENDITION_NORTHWEST },
	{ TABLE_RENDITION, "gravity", "southeast", RENDITION_SOUTHEAST },
	{ TABLE_RENDITION, "gravity", "southwest", RENDITION_SOUTHWEST },
	{ TABLE_RENDITION, "format", "keep", RENDITION_KEEP },
	{ TABLE_RENDITION, "format", "jpeg", RENDITION_JPEG },
	{ TABLE_RENDITION, "format", "png", RENDITION_PNG },
	{ TABLE_RENDITION, "format", "jpg", -1 },
	{ TABLE_RENDITION, "subsampling", "auto", RENDITION_SUB_AUTO },
	{ TABLE_RENDITION, "subsampling", "420", RENDITION_SUB_420 },
	{ TABLE_RENDITION, "subsampling", "422", RENDITION_SUB_422 },
	{ TABLE_RENDITION, "subsampling", "444", RENDITION_SUB_444 },
	{ TABLE_RENDITION, "color", "srgb", RENDITION_SRGB },
	{ TABLE_RENDITION, "color", "keep", RENDITION_COLOR_KEEP },
	{ TABLE_RENDITION, "intent", "relative", RENDITION_RELATIVE },
	{ TABLE_RENDITION, "intent", "perceptual", RENDITION_PERCEPTUAL },
	{ TABLE_RENDITION, "metadata", "copyright", RENDITION_COPYRIGHT },
	{ TABLE_RENDITION, "metadata", "keep", RENDITION_META_KEEP },
	{ TABLE_RENDITION, "metadata", "none", RENDITION_META_NONE },
	{ TABLE_RENDITION, "metadata", "safe", RENDITION_META_SAFE },
	{ TABLE_RENDITION, "decode", "best", RENDITION_BEST },
	{ TABLE_RENDITION, "decode", "fast", RENDITION_FAST },
	{ TABLE_RENDITION, "quality", "100", 100 }, { TABLE_RENDITION, "quality", "0", -1 },
	{ TABLE_RENDITION, "quality", "101", -1 }, { TABLE_RENDITION, "quality", "256", -1 },
	{ TABLE_RENDITION, "compression", "0", 0 }, { TABLE_RENDITION, "compression", "10", -1 },
	{ TABLE_RENDITION, "depth", "8", 8 }, { TABLE_RENDITION, "depth", "keep", 0 },
	{ TABLE_RENDITION, "depth", "16", -1 },
	{ TABLE_RENDITION, "background", "white", 0xffffff },
	{ TABLE_RENDITION, "background", "black", 0 },
	{ TABLE_RENDITION, "background", "#F0e0d0", 0xf0e0d0 },
	{ TABLE_RENDITION, "background", "#fff", -1 },
	{ TABLE_RENDITION, "background", "#gggggg", -1 },
	{ TABLE_RENDITION, "background", "f0e0d0", -1 },
	{ TABLE_RENDITION, "max_bytes", "800K", 800 << 10 },
	{ TABLE_SPOOL, "root", "/srv/photos", 0 }, { TABLE_SPOOL, "root", "photos", -1 },
	{ TABLE_SPOOL, "root", "", -1 }, { TABLE_SPOOL, "root", "/srv/a\nb", -1 },
	{ TABLE_RENDITION, "name", "{stem}-web.{ext}", 0 }, { TABLE_RENDITION, "name", "{stem}", 0 },
	{ TABLE_RENDITION, "name", "x.{ext}", -1 }, { TABLE_RENDITION, "name", "a/{stem}", -1 },
	{ TABLE_RENDITION, "name", ".{stem}", -1 }, { TABLE_RENDITION, "name", "{stem}.", -1 },
	{ TABLE_RENDITION, "name", "{stem}{size}", -1 }, { TABLE_RENDITION, "name", "{stem}}", -1 },
	{ TABLE_RENDITION, "name", "{stem}:{ext}", -1 }, { TABLE_RENDITION, "name", "{stem}\x7f", -1 },
	{ TABLE_RENDITION, "name", "", -1 },
	{ TABLE_PROFILE, "renditions", "web", 0 }, { TABLE_PROFILE, "renditions", "  ", -1 },
};

Test(value, every_type)
{
	const struct value_case *c;
	struct value value;

	for (c = value_cases; c < value_cases + sizeof(value_cases) / sizeof(*c); c++) {
		const struct table_row *row = table_find(c->section, c->key);
		bool is_good;

		cr_assert_not_null(row, "%s", c->key);
		is_good = value_parse(row, c->text, &value);
		cr_assert_eq(is_good, c->number >= 0, "%s = %s", c->key, c->text);
		if (is_good)
			cr_assert_eq(value.number, c->number, "%s = %s: %lld", c->key, c->text,
			    (long long)value.number);
		value_clear(&value);
	}
}

static const struct {
	const char *text;
	bool is_good;
	uint32_t width_px, height_px;
} box_cases[] = {
	{ "2048x1152", true, 2048, 1152 }, { "1X1", true, 1, 1 }, { "2048x", true, 2048, 0 },
	{ "x1152", true, 0, 1152 }, { "any", true, 0, 0 }, { "65500x65500", true, 65500, 65500 },
	{ "65501x1", false, 0, 0 }, { "0x0", false, 0, 0 }, { "x", false, 0, 0 },
	{ "2048", false, 0, 0 }, { "2048x1152x3", false, 0, 0 }, { "-1x5", false, 0, 0 },
	{ "20 x 30", false, 0, 0 }, { "", false, 0, 0 }, { "4294967297x1", false, 0, 0 },
};

Test(value, boxes)
{
	const struct table_row *row = table_find(TABLE_RENDITION, "size");
	struct value value;
	size_t i;

	for (i = 0; i < sizeof(box_cases) / sizeof(box_cases[0]); i++) {
		cr_assert_eq(value_parse(row, box_cases[i].text, &value), box_cases[i].is_good, "%s",
		    box_cases[i].text);
		if (box_cases[i].is_good) {
			cr_assert_eq(value.width_px, box_cases[i].width_px);
			cr_assert_eq(value.height_px, box_cases[i].height_px);
		}
		value_clear(&value);
	}
}

/* Rows that another part reads but that have no field are a hole: only later keys and the list
 * may have none. And a bound may not be wider than its field. */
Test(table, is_sound)
{
	const struct table_row *row;
	struct value value;

	for (row = table_rows; row < table_rows + table_n_rows; row++) {
		cr_assert(value_parse(row, row->value, &value), "default of %s", row->key);
		value_clear(&value);
		cr_assert(row->size > 0 || row->is_later || row->type == TABLE_LIST, "%s", row->key);
		cr_assert(row == table_find(row->section, row->key), "%s is there twice", row->key);
		if (row->size > 0 && row->size < 8 && (row->type == TABLE_COUNT ||
		    row->type == TABLE_SIZE || row->type == TABLE_DURATION))
			cr_assert_leq(row->max, (INT64_C(1) << (8 * row->size - 1)) - 1 +
			    (row->size < 4 ? INT64_C(1) << (8 * row->size - 1) : 0), "%s", row->key);
		cr_assert(row->type != TABLE_CHOICE || row->words != NULL, "%s", row->key);
	}
}
