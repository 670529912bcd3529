/* conf/build.c - line for line into the configuration; build_finish.c does what wants all of them. */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "conf/build.h"
#include "conf/label.h"
#include "conf/table.h"
#include "conf/value.h"

/* Give every field of RECORD, which is of SECTION, its default. */
static void
set_defaults(enum table_section section, void *record)
{
	const struct table_row *row;
	struct value value;

	for (row = table_rows; row < table_rows + table_n_rows; row++) {
		if (row->section != section || row->size == 0)
			continue;
		if (!value_parse(row, row->value, &value))
			log_panic("the default of %s is not allowed", row->key);
		value_store(row, &value, record);
		value_clear(&value);
	}
}

static struct build_rendition *
add_rendition(struct build *build, const char *name)
{
	struct build_rendition *added;

	build->renditions = mem_grow(build->renditions, &build->room_renditions,
	    build->n_renditions + 1, sizeof(*build->renditions));
	added = &build->renditions[build->n_renditions++];
	memset(added, 0, sizeof(*added)); /* equal settings are equal bytes, padding too */
	memcpy(added->r.name, name, strlen(name));
	added->mark_fd = -1;
	set_defaults(TABLE_RENDITION, &added->r);
	return added;
}

static void
add_built_in(struct build *build, const char *name, uint32_t side_px, uint8_t quality)
{
	struct build_rendition *added = add_rendition(build, name);

	added->is_built_in = true;
	added->r.width_px = added->r.height_px = side_px;
	added->r.quality = quality;
}

static struct build_profile *
profile(struct build *build, const char *name)
{
	struct build_profile *added;
	size_t i;

	for (i = 0; i < build->n_profiles; i++)
		if (strcasecmp(build->profiles[i].name, name) == 0)
			return &build->profiles[i];
	build->profiles = mem_grow(build->profiles, &build->room_profiles, build->n_profiles + 1,
	    sizeof(*build->profiles));
	added = &build->profiles[build->n_profiles++];
	memset(added, 0, sizeof(*added));
	added->name = mem_dup(name);
	added->list = mem_dup(table_find(TABLE_PROFILE, "renditions")->value);
	set_defaults(TABLE_PROFILE, &added->p);
	return added;
}

struct build_rendition *
build_find(const struct build *build, const char *name)
{
	size_t i;

	for (i = 0; i < build->n_renditions; i++)
		if (strcasecmp(build->renditions[i].r.name, name) == 0)
			return &build->renditions[i];
	return NULL;
}

void
build_init(struct build *build, struct conf *conf, struct mistakes *mistakes)
{
	memset(build, 0, sizeof(*build));
	build->conf = conf;
	build->mistakes = mistakes;
	set_defaults(TABLE_SPOOL, conf);
	set_defaults(TABLE_WORKERS, conf);
	set_defaults(TABLE_LIMITS, conf);
	set_defaults(TABLE_HOOKS, conf);
	add_built_in(build, "web", 2048, 82);
	add_built_in(build, "thumb", 320, 78);
	profile(build, "default");
}

/* Which section is TEXT? *NAME: what follows its first word, a pointer into TEXT, or "". */
static bool
split_section(const char *text, enum table_section *section, const char **name)
{
	size_t length = strcspn(text, " ");
	int i;

	*name = text + length + strspn(text + length, " ");
	for (i = 0; i < TABLE_N_SECTION; i++) {
		*section = (enum table_section)i;
		if (strlen(table_section_name(*section)) == length &&
		    strncasecmp(table_section_name(*section), text, length) == 0)
			return table_is_named(*section) || **name == '\0';
	}
	return false;
}

static void
unknown_section(struct build *build, const struct place *place)
{
	char *word = mem_dup_n(place->section, strcspn(place->section, " "));
	const char *guess = table_guess_section(word);

	if (guess == NULL)
		mistake_add(build->mistakes, place, "there is no such section; there are spool, "
		    "workers, limits, hooks, profile NAME and rendition NAME");
	else
		mistake_add(build->mistakes, place, "there is no such section; did you mean [%s%s]?",
		    guess, strcmp(guess, "profile") == 0 || strcmp(guess, "rendition") == 0 ?
		    " NAME" : "");
	free(word);
}

/* Find out which section PLACE is in. A wrong one is a mistake once: at its own line. */
static bool
enter_section(struct build *build, const struct place *place, enum table_section *section,
    const char **name)
{
	struct place header = *place;
	bool is_known = split_section(place->section, section, name);
	const char *fault = !is_known ? NULL : *section == TABLE_PROFILE ? label_profile_fault(*name) :
	    *section == TABLE_RENDITION ? label_folder_fault(*name, RENDITION_NAME_SIZE) : NULL;

	if (is_known && fault == NULL)
		return true;
	if (place->line > 0) {
		if (place->key != NULL)
			return false;
		header.key = header.value = NULL;
	}
	if (!is_known)
		unknown_section(build, &header);
	else
		mistake_add(build->mistakes, &header, "%s", fault);
	return false;
}

/* [rendition Web] of the file also says how the built-in one is spelled. */
static void
open_rendition(struct build *build, unsigned line, const char *name)
{
	struct build_rendition *rendition = build_find(build, name);

	if (rendition == NULL)
		rendition = add_rendition(build, name);
	if (line > 0 && rendition->line == 0) {
		rendition->line = line;
		memcpy(rendition->r.name, name, strlen(name));
	}
}

static bool
is_default(const struct table_row *row, const struct value *value)
{
	struct value normal;
	bool is_equal = value_parse(row, row->value, &normal) && value_equal(&normal, value);

	value_clear(&normal);
	return is_equal;
}

/* A relative path of the command line, made absolute. Gives a string. */
static char *
absolute(const char *path)
{
	char *here = getcwd(NULL, 0), *whole;

	while (strncmp(path, "./", 2) == 0)
		path += 2 + strspn(path + 2, "/");
	whole = here == NULL || strcmp(path, ".") == 0 ? mem_dup(here == NULL ? path : here) :
	    mem_printf("%s/%s", strcmp(here, "/") == 0 ? "" : here, path);
	free(here);
	return whole;
}

static void
set_value(struct build *build, const struct place *place, const struct table_row *row,
    const char *name)
{
	char *path = (row->type == TABLE_PATH || row->type == TABLE_FILE) && place->line == 0 &&
	    *place->value != '/' && *place->value != '\0' ? absolute(place->value) : NULL;
	struct build_profile *target;
	struct value value;

	if (!value_parse(row, path != NULL ? path : place->value, &value)) {
		char *allowed = value_allowed(row);

		mistake_add(build->mistakes, place, "%s", allowed);
		free(allowed);
	} else if (row->is_later && !is_default(row, &value))
		mistake_add(build->mistakes, place, "this key is not in this version yet; leave it out%s"
		    "%s", *row->value == '\0' ? "" : ", or at ", row->value);
	else if (row->type == TABLE_LIST) {
		target = profile(build, name);
		free(target->list);
		target->list = mem_dup(value.text);
		target->line = place->line;
	} else if (row->size > 0)
		value_store(row, &value, row->section == TABLE_RENDITION ?
		    (void *)&build_find(build, name)->r : row->section == TABLE_PROFILE ?
		    (void *)&profile(build, name)->p : build->conf);
	if (row->type == TABLE_FILE)
		build_find(build, name)->mark_line = place->line;
	if (row->type == TABLE_USER)
		build->user_line = place->line;
	value_clear(&value);
	free(path);
}

void
build_set(struct build *build, const struct place *place)
{
	enum table_section section;
	const struct table_row *row;
	const char *name, *guess;

	if (!enter_section(build, place, &section, &name))
		return;
	if (section == TABLE_RENDITION)
		open_rendition(build, place->line, name);
	else if (section == TABLE_PROFILE)
		profile(build, name);
	if (place->key == NULL)
		return;
	row = table_find(section, place->key);
	if (row != NULL)
		set_value(build, place, row, name);
	else if ((guess = table_guess_key(section, place->key)) != NULL)
		mistake_add(build->mistakes, place, "there is no such key; did you mean %s?", guess);
	else
		mistake_add(build->mistakes, place, "there is no such key in this section");
}

void
build_clear(struct build *build)
{
	size_t i;

	for (i = 0; i < build->n_profiles; i++) {
		free(build->profiles[i].name);
		free(build->profiles[i].list);
	}
	for (i = 0; i < build->n_renditions; i++)
		if (build->renditions[i].mark_fd >= 0)
			close(build->renditions[i].mark_fd);
	free(build->profiles);
	free(build->renditions);
	memset(build, 0, sizeof(*build));
}
