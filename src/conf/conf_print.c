/* conf/conf_print.c - the configuration as a file again, for --check-config -v. */
#include <config.h>

#include <stdlib.h>
#include <strings.h>

#include "base/mem.h"
#include "conf/conf.h"
#include "conf/table.h"
#include "conf/value.h"

/* All keys of SECTION as they are in RECORD; keys without a field are at their default. */
static void
print_section(enum table_section section, const char *name, const void *record, FILE *out)
{
	const struct table_row *row;

	fprintf(out, "[%s%s%s]\n", table_section_name(section), *name == '\0' ? "" : " ", name);
	for (row = table_rows; row < table_rows + table_n_rows; row++) {
		if (row->section != section || row->type == TABLE_LIST)
			continue;
		fprintf(out, "%s = ", row->key);
		if (row->size > 0)
			value_print(row, record, out);
		else
			value_print_text(row->value, out);
		fputc('\n', out);
	}
}

static void
print_profile(const struct profile *profile, FILE *out)
{
	char *list = NULL;
	size_t length = 0;
	FILE *names = mem_stream(&list, &length);
	int i;

	for (i = 0; i < profile->n_renditions; i++)
		fprintf(names, "%s%s", i == 0 ? "" : ", ", profile->renditions[i].name);
	fclose(names);
	fputc('\n', out);
	print_section(TABLE_PROFILE, profile->name, profile, out);
	fputs("renditions = ", out);
	value_print_text(list, out);
	fputc('\n', out);
	free(list);
}

/* Was the rendition J of profile I printed with an earlier profile? */
static bool
was_printed(const struct conf *conf, int i, int j)
{
	const char *name = conf->profiles[i].renditions[j].name;
	int k;

	while (--i >= 0)
		for (k = 0; k < conf->profiles[i].n_renditions; k++)
			if (strcasecmp(conf->profiles[i].renditions[k].name, name) == 0)
				return true;
	return false;
}

void
conf_print(const struct conf *conf, FILE *out)
{
	const struct rendition *rendition;
	int i, j, section;

	for (section = TABLE_SPOOL; section <= TABLE_HOOKS; section++) {
		fputs(section == TABLE_SPOOL ? "" : "\n", out);
		print_section((enum table_section)section, "", conf, out);
	}
	for (i = 0; i < conf->n_profiles; i++)
		print_profile(&conf->profiles[i], out);
	for (i = 0; i < conf->n_profiles; i++)
		for (j = 0; j < conf->profiles[i].n_renditions; j++) {
			rendition = &conf->profiles[i].renditions[j];
			if (was_printed(conf, i, j))
				continue;
			fputc('\n', out);
			print_section(TABLE_RENDITION, rendition->name, rendition, out);
		}
}
