#include <config.h>

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/conf.h"
#include "conf/table.h"
#include "conf_fixture.h"

/* A value unlike the default for each key of a rendition; NULL where the type has none. */
static const char *
other_value(const struct table_row *row)
{
	switch (row->type) {
	case TABLE_BOOL: return strcmp(row->value, "no") == 0 ? "yes" : "no";
	case TABLE_CHOICE: return strcmp(row->value, "keep") == 0 ? "png" :
	    strrchr(row->words, ' ') + 1;
	case TABLE_COUNT: return row->min == row->max ? row->words : "7";
	case TABLE_BOX: return "123x456";
	case TABLE_SIZE: return "800K";
	case TABLE_COLOR: return "#010203";
	case TABLE_PATTERN: return "{stem}-x.{ext}";
	case TABLE_FILE: return TOP_SRCDIR "/tests/samples/png/tux.png";
	default: return NULL;
	}
}

Test(digest, changes_with_every_key_of_a_rendition)
{
	struct conf *before = fixture_load_good(""), *conf;
	const struct table_row *row;
	int n_tried = 0;
	char *said, *override;

	for (row = table_rows; row < table_rows + table_n_rows; row++) {
		if (row->section != TABLE_RENDITION || row->is_later)
			continue;
		cr_assert_not_null(other_value(row), "%s", row->key);
		override = mem_printf("rendition thumb.%s=%s", row->key, other_value(row));
		conf = fixture_load_override(override, &said);
		cr_assert_not_null(conf, "%s", said);
		cr_assert_str_neq(conf->profiles[0].digest, before->profiles[0].digest, "%s", override);
		conf_free(conf);
		free(said);
		free(override);
		n_tried++;
	}
	cr_assert_gt(n_tried, 10);
	conf_free(before);
}

Test(digest, stays_when_no_rendition_changes)
{
	struct conf *before = fixture_load_good("");
	struct conf *after = fixture_load_good("[spool]\nquiet = 3s\n[workers]\ncount = 3\n[rendition web]\n"
	    "quality = 82\nsize = 2048X2048\n[rendition other]\n[profile same]\n"
	    "renditions = WEB , Thumb\n[profile turned]\nrenditions = thumb, web\n");

	cr_assert_str_eq(before->profiles[0].digest, after->profiles[0].digest);
	cr_assert_str_eq(before->profiles[0].digest, after->profiles[1].digest);
	cr_assert_str_neq(before->profiles[0].digest, after->profiles[2].digest);
	conf_free(before);
	conf_free(after);
}

static char *
print(const struct conf *conf)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = mem_stream(&text, &length);

	conf_print(conf, out);
	fclose(out);
	return text;
}

static const char *const printed_cases[] = {
	"",
	"[spool]\nroot = \"/srv/a #1; \\\"\nquiet = 0\nprune_after = never\numask = 27\n"
	    "min_free = 1500\nwatch = poll\nfollow = out, done\noriginals = delete\nuser = nobody\n"
	    "[workers]\ncount = 3\nnice = 0\n[limits]\npixels = 1234567\nwarnings = 0\n",
	"[spool]\nroot = '/srv/a \"b\"; c'\n[rendition gr\xc3\xbc\xc3\x9f #1]\nsize = x100\n"
	    "background = \"#00ff7f\"\nname = \"{stem};{ext}\"\ndepth = keep\nformat = png\n"
	    "mode = fit\nsubsampling = 444\n[profile Wedding Day]\n"
	    "renditions = \"gr\xc3\xbc\xc3\x9f #1, web\"\nhours = 1:00-2:00\n"
	    "[profile b]\nrenditions = thumb\n",
};

Test(print, loads_back_equal)
{
	size_t i;
	int j;

	for (i = 0; i < sizeof(printed_cases) / sizeof(printed_cases[0]); i++) {
		struct conf *conf = fixture_load_good(printed_cases[i]), *back;
		char *text = print(conf), *again;

		back = fixture_load_good(text);
		again = print(back);
		cr_assert_str_eq(again, text);
		cr_assert_eq(memcmp((const char *)conf + offsetof(struct conf, watch),
		    (const char *)back + offsetof(struct conf, watch),
		    offsetof(struct conf, profiles) - offsetof(struct conf, watch)), 0, "%s", text);
		cr_assert_str_eq(conf->root, back->root);
		cr_assert_str_eq(conf->user, back->user);
		cr_assert_eq(conf->n_profiles, back->n_profiles);
		for (j = 0; j < conf->n_profiles; j++) {
			cr_assert_str_eq(conf->profiles[j].digest, back->profiles[j].digest);
			cr_assert_str_eq(conf->profiles[j].name, back->profiles[j].name);
			cr_assert_eq(memcmp(&conf->profiles[j].hours, &back->profiles[j].hours,
			    sizeof(conf->profiles[j].hours)), 0, "%s", text);
		}
		conf_free(conf);
		conf_free(back);
		free(text);
		free(again);
	}
}

/* Every key that is not for later, at another value: the table writes each into its own field. */
Test(print, every_key_goes_its_own_way)
{
	const struct table_row *row;
	char *said, *override, *text, *line;
	struct conf *conf;

	for (row = table_rows; row < table_rows + table_n_rows; row++) {
		const char *other = row->type == TABLE_DURATION ?
		    (row->min > 59000 ? "7d" : "59s") : row->type == TABLE_SIZE ?
		    "77M" : row->type == TABLE_OCTAL ? "0077" : row->type == TABLE_PATH ? "/x" :
		    row->type == TABLE_HOURS ? "22:00-06:00, 12:00-13:30" :
		    row->type == TABLE_COMMAND ? "mail -s 'a b' x" : row->type == TABLE_USER ? "nobody" :
		    row->type == TABLE_SET ? "inbox, out" :
		    row->type == TABLE_COLOR ? "black" : row->type == TABLE_LIST ? "thumb" :
		    strcmp(row->value, "keep") == 0 && row->section == TABLE_SPOOL ? "delete" :
		    strcmp(row->value, "full") == 0 ? "fast" : other_value(row);

		if (row->is_later)
			continue;
		override = mem_printf("%s%s.%s=%s", table_section_name(row->section),
		    row->section == TABLE_PROFILE ? " default" : row->section == TABLE_RENDITION ?
		    " thumb" : "", row->key, other);
		conf = fixture_load_override(override, &said);
		cr_assert_not_null(conf, "%s", said);
		text = print(conf);
		line = mem_printf("\n%s = %s\n", row->key,
		    row->type == TABLE_COLOR ? "\"#000000\"" : other);
		cr_assert_not_null(strstr(text, line), "%s%s", line, text);
		free(line);
		free(text);
		conf_free(conf);
		free(said);
		free(override);
	}
}
