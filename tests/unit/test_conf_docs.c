/* The example file and the manual page say what the table says, and no more. */
#include <config.h>

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fsio.h"
#include "base/mem.h"
#include "conf/table.h"
#include "conf_fixture.h"

#define LATER "not in this version yet"

/* Gives a file of the source tree. */
static char *
read_source(const char *path)
{
	const char *top = getenv("srcdir");
	int dir = open(top == NULL ? "." : top, O_RDONLY | O_DIRECTORY);
	char *text;

	cr_assert_eq(fsio_read(dir, path, 1 << 20, &text, NULL), 0, "%s", path);
	close(dir);
	return text;
}

/* What section is the line ("#[rendition big]", "[spool]"), if it is one? */
static bool
is_section(const char *line, enum table_section *section)
{
	int i;

	line += *line == '#';
	if (*line != '[')
		return false;
	for (i = 0; i < TABLE_N_SECTION; i++)
		if (strncmp(line + 1, table_section_name((enum table_section)i),
		    strlen(table_section_name((enum table_section)i))) == 0)
			break;
	cr_assert_lt(i, TABLE_N_SECTION, "%s", line);
	*section = (enum table_section)i;
	return true;
}

/* A line "#key = value": it must be the default of the row, and the remark before it must say
 * so when it is for later. Gives the row. */
static const struct table_row *
check_setting(char *line, enum table_section section, bool is_said_later)
{
	char *value = strstr(line, " =");
	const struct table_row *row;

	cr_assert_not_null(value, "%s", line);
	*value = '\0';
	value += 2;
	value += *value == ' ';
	row = table_find(section, line + 1);
	cr_assert_not_null(row, "%s is no key", line);
	cr_assert_str_eq(value, row->value, "%s = %s", row->key, value);
	cr_assert_eq(is_said_later, row->is_later, "%s", row->key);
	return row;
}

Test(example, has_every_key_once_with_its_default)
{
	char *text = read_source("etc/darkroom.ini"), *rest = text, *line;
	unsigned *n_seen = mem_alloc(table_n_rows * sizeof(*n_seen));
	enum table_section section = TABLE_N_SECTION;
	bool is_said_later = false;
	size_t i;

	while ((line = strsep(&rest, "\n")) != NULL) {
		if (is_section(line, &section) || *line == '\0')
			is_said_later = false;
		else if (strncmp(line, "# ", 2) == 0)
			is_said_later = is_said_later || strstr(line, LATER) != NULL;
		else if (strcmp(line, "#") != 0)
			n_seen[check_setting(line, section, is_said_later) - table_rows]++;
	}
	for (i = 0; i < table_n_rows; i++)
		cr_assert_eq(n_seen[i], 1, "%s: %u times", table_rows[i].key, n_seen[i]);
	free(n_seen);
	free(text);
}

Test(example, loads_as_it_is)
{
	char *text = read_source("etc/darkroom.ini");

	conf_free(fixture_load_good(text));
	free(text);
}

Test(example, loads_with_every_mark_removed)
{
	char *text = read_source("etc/darkroom.ini");
	struct conf *conf, *built_in = fixture_load_good("");
	char *p;

	for (p = text; *p != '\0'; p++)
		if (*p == '#' && (p == text || p[-1] == '\n') && p[1] != ' ' && p[1] != '\n')
			*p = ' ';
	conf = fixture_load_good(text);
	cr_assert_eq(conf->n_profiles, 2);
	cr_assert_str_eq(conf->profiles[1].name, "wedding");
	cr_assert_str_eq(conf->profiles[1].digest, built_in->profiles[0].digest);
	conf_free(built_in);
	conf_free(conf);
	free(text);
}

/* Gives LENGTH bytes of TEXT in one line. */
static char *
one_line(const char *text, size_t length)
{
	char *line = mem_dup_n(text, length), *p;

	for (p = line; *p != '\0'; p++)
		if (*p == '\n')
			*p = ' ';
	return line;
}

/* The entry of ROW in the manual: from its ".It" to the next, below the section's ".Ss".
 * Gives a string of one line, or NULL. */
static char *
find_entry(const char *manual, const struct table_row *row)
{
	char *heading = mem_printf("\n.Ss Section %s", table_section_name(row->section));
	char *item = mem_printf("\n.It Cm %s", row->key);
	const char *start = strstr(manual, heading), *entry, *section_end, *end;
	size_t length = strlen(item);

	cr_assert_not_null(start, "%s", heading);
	section_end = strstr(start + 1, "\n.S");
	for (entry = start; (entry = strstr(entry, item)) != NULL; entry += length)
		if (entry[length] == '\n' || entry[length] == ' ')
			break;
	free(heading);
	free(item);
	if (entry == NULL || (section_end != NULL && entry > section_end))
		return NULL;
	end = strstr(entry + length, "\n.It ");
	if (end == NULL || (section_end != NULL && end > section_end))
		end = section_end;
	return one_line(entry, end == NULL ? strlen(entry) : (size_t)(end - entry));
}

Test(manual, has_every_key_with_its_default)
{
	char *manual = read_source("src/conf/darkroom.ini.5"), *entry, *item;
	const struct table_row *row;

	for (row = table_rows; row < table_rows + table_n_rows; row++) {
		entry = find_entry(manual, row);
		cr_assert_not_null(entry, "[%s] %s is not in the manual",
		    table_section_name(row->section), row->key);
		item = mem_printf(" .It Cm %s No = Ar %s ", row->key,
		    *row->value == '\0' ? "\\&" : row->value);
		cr_assert_eq(strncmp(entry, item, strlen(item)), 0, "%s must begin with%s", entry, item);
		cr_assert_eq(strstr(entry, LATER) != NULL, row->is_later, "%s", entry);
		free(item);
		free(entry);
	}
	free(manual);
}
