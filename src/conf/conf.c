/* conf/conf.c - the file, then the command line, then -r: one struct conf, or all mistakes. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/mem.h"
#include "conf/build.h"
#include "conf/conf.h"
#include "conf/raw.h"

#define DEFAULT_PATH SYSCONFDIR "/darkroom.ini"

static void
set_from_file(struct build *build, bool may_miss)
{
	struct raw raw;
	size_t i;

	raw_read(&raw, may_miss, build->mistakes);
	for (i = 0; i < raw.n; i++) {
		const struct raw_entry *entry = &raw.entries[i];
		const struct place place = { entry->line, entry->section, entry->key, entry->value };

		build_set(build, &place);
	}
	raw_clear(&raw);
}

/* TEXT is SECTION.KEY=VALUE. The name of a section may hold dots, a key holds none. */
static void
set_from_override(struct build *build, const char *text)
{
	struct place place = { 0, text, NULL, NULL };
	char *copy = mem_dup(text);
	char *value = strchr(copy, '=');
	char *key = NULL;

	if (value != NULL) {
		*value++ = '\0';
		key = strrchr(copy, '.');
	}
	if (key == NULL)
		mistake_add(build->mistakes, &place, "must be SECTION.KEY=VALUE, as in spool.quiet=1s or "
		    "\"rendition web.quality=90\"");
	else {
		*key++ = '\0';
		place = (struct place){ 0, copy, key, value };
		build_set(build, &place);
	}
	free(copy);
}

/* What conf_load() is asked for. */
struct wanted {
	const char *path, *root;
	const char *const *overrides;
	size_t n_overrides;
	bool may_open;
};

static struct conf *
load(const struct wanted *wanted, FILE *out)
{
	struct conf *conf = mem_alloc(sizeof(*conf));
	struct mistakes mistakes = { .path = wanted->path == NULL ? DEFAULT_PATH : wanted->path };
	const struct place place = { 0, "spool", "root", wanted->root };
	struct build build;
	size_t i;

	build_init(&build, conf, &mistakes);
	set_from_file(&build, wanted->path == NULL);
	for (i = 0; i < wanted->n_overrides; i++)
		set_from_override(&build, wanted->overrides[i]);
	if (wanted->root != NULL)
		build_set(&build, &place);
	build_finish(&build, wanted->may_open);
	build_clear(&build);
	if (mistakes.n > 0) {
		conf_free(conf);
		conf = NULL;
	}
	mistake_tell(&mistakes, out);
	return conf;
}

struct conf *
conf_load(const char *path, const char *root, const char *const *overrides, size_t n_overrides,
    FILE *out)
{
	const struct wanted wanted = { .path = path, .root = root, .overrides = overrides,
		.n_overrides = n_overrides, .may_open = true };

	return load(&wanted, out);
}

struct conf *
conf_load_unopened(const char *path, FILE *out)
{
	const struct wanted wanted = { .path = path };

	return load(&wanted, out);
}

void
conf_free(struct conf *conf)
{
	int i;

	if (conf == NULL)
		return;
	for (i = 0; i < conf->n_profiles; i++)
		profile_clear(&conf->profiles[i]);
	for (i = 0; i < CONF_N_HOOK; i++)
		free(conf->hooks[i]);
	free(conf->profiles);
	free(conf->root);
	free(conf->user);
	free(conf);
}

const struct profile *
conf_profile(const struct conf *conf, const char *top, size_t length)
{
	int i;

	for (i = 0; i < conf->n_profiles; i++)
		if (strlen(conf->profiles[i].name) == length &&
		    strncasecmp(conf->profiles[i].name, top, length) == 0)
			return &conf->profiles[i];
	return &conf->profiles[0];
}
