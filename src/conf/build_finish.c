/* conf/build_finish.c - when all lines were read: profiles out of renditions, watermarks, the user. */
#include <config.h>

#include <inttypes.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <xxhash.h>

#include "base/mem.h"
#include "conf/build.h"
#include "conf/watermark.h"

static void
complain(struct build *build, const struct build_profile *profile, const char *name,
    const char *what)
{
	char *section = mem_printf("profile %s", profile->name);
	const struct place place = { profile->line, section, "renditions", profile->list };

	mistake_add(build->mistakes, &place, "\"%s\" %s", name, what);
	free(section);
}

static bool
has_rendition(const struct profile *profile, const char *name)
{
	int i;

	for (i = 0; i < profile->n_renditions; i++)
		if (strcasecmp(profile->renditions[i].name, name) == 0)
			return true;
	return false;
}

/* Add the rendition NAME to PROFILE, or say why not. */
static void
add_one(struct build *build, const struct build_profile *from, struct profile *profile,
    const char *name)
{
	const struct build_rendition *rendition = build_find(build, name);

	if (*name == '\0')
		complain(build, from, name, "stands between two commas: a name is missing");
	else if (rendition == NULL)
		complain(build, from, name, "is not defined: add a section [rendition] of that name");
	else if (has_rendition(profile, name))
		complain(build, from, name, "is there twice: both would write the same files");
	else if (profile->n_renditions == RENDITION_MAX)
		complain(build, from, name, "is one too many: a profile has at most 16 renditions");
	else if (!watermark_copy(rendition->mark_fd, &profile->mark_fds[profile->n_renditions]))
		complain(build, from, name, "has a watermark, and there are too many open files");
	else
		memcpy(&profile->renditions[profile->n_renditions++], &rendition->r,
		    sizeof(rendition->r)); /* the padding too: it counts in the digest */
}

static void
add_all(struct build *build, const struct build_profile *from, struct profile *profile)
{
	char *list = mem_dup(from->list), *rest = list, *name, *end;

	while ((name = strsep(&rest, ",")) != NULL) {
		name += strspn(name, " \t");
		for (end = name + strlen(name); end > name && strchr(" \t", end[-1]) != NULL; end--)
			;
		*end = '\0';
		add_one(build, from, profile, name);
	}
	free(list);
}

static void
set_digest(struct profile *profile)
{
	XXH128_hash_t hash = XXH3_128bits(profile->renditions,
	    (size_t)profile->n_renditions * sizeof(profile->renditions[0]));

	snprintf(profile->digest, sizeof(profile->digest), "%016" PRIx64 "%016" PRIx64,
	    (uint64_t)hash.high64, (uint64_t)hash.low64);
}

static bool
is_used(const struct build *build, const char *name)
{
	int i;

	for (i = 0; i < build->conf->n_profiles; i++)
		if (has_rendition(&build->conf->profiles[i], name))
			return true;
	return false;
}

/* What concerns several keys of one rendition. */
static void
check_rendition(struct build *build, const struct build_rendition *rendition)
{
	char *section = mem_printf("rendition %s", rendition->r.name);
	const struct place place = { rendition->line, section, NULL, NULL };

	if (rendition->r.mode != RENDITION_FIT &&
	    (rendition->r.width_px == 0 || rendition->r.height_px == 0))
		mistake_add(build->mistakes, &place, "mode = fill and pad need a size with both sides, "
		    "as in size = 400x400");
	if (rendition->line == 0 && !rendition->is_built_in && !is_used(build, rendition->r.name))
		mistake_add(build->mistakes, &place, "no profile uses a rendition of that name");
	free(section);
}

static void
open_mark(struct build *build, struct build_rendition *rendition)
{
	char *section = mem_printf("rendition %s", rendition->r.name);
	const struct place place = { rendition->mark_line, section, "watermark",
		rendition->r.mark_path };
	const char *why = NULL;

	if (*rendition->r.mark_path != '\0')
		rendition->mark_fd = watermark_open(&rendition->r, &why);
	if (why != NULL)
		mistake_add(build->mistakes, &place, "%s", why);
	free(section);
}

static void
find_user(struct build *build)
{
	struct conf *conf = build->conf;
	const struct place place = { build->user_line, "spool", "user", conf->user };
	const struct passwd *user;

	if (*conf->user == '\0')
		return;
	user = getpwnam(conf->user);
	if (user == NULL)
		mistake_add(build->mistakes, &place, "there is no user of that name on this machine");
	else if (user->pw_uid == 0)
		mistake_add(build->mistakes, &place, "that is root; name a user who may do nothing, or leave "
		    "it out");
	else {
		conf->uid = user->pw_uid;
		conf->gid = user->pw_gid;
	}
}

void
build_finish(struct build *build, bool may_open)
{
	struct conf *conf = build->conf;
	size_t i;

	conf->uid = (uid_t)-1;
	if (may_open)
		find_user(build);
	for (i = 0; i < build->n_renditions && may_open; i++)
		open_mark(build, &build->renditions[i]);
	conf->profiles = mem_alloc(build->n_profiles * sizeof(*conf->profiles));
	for (i = 0; i < build->n_profiles; i++) {
		conf->profiles[i].name = mem_dup(build->profiles[i].name);
		conf->profiles[i].hours = build->profiles[i].p.hours;
		conf->n_profiles++;
		add_all(build, &build->profiles[i], &conf->profiles[i]);
		set_digest(&conf->profiles[i]);
	}
	for (i = 0; i < build->n_renditions; i++)
		check_rendition(build, &build->renditions[i]);
}
