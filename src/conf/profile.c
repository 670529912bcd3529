/* conf/profile.c - a profile is copied for each job, so that a reload changes none that has begun. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "conf/profile.h"
#include "conf/watermark.h"

struct profile *
profile_copy(const struct profile *profile)
{
	struct profile *copy = mem_alloc(sizeof(*copy));
	int i, saved = 0;

	*copy = *profile;
	copy->name = mem_dup(profile->name);
	for (i = 0; i < profile->n_renditions; i++)
		if (!watermark_copy(profile->mark_fds[i], &copy->mark_fds[i]))
			saved = errno;
	if (saved == 0)
		return copy;
	profile_free(copy);
	errno = saved;
	return NULL;
}

void
profile_clear(struct profile *profile)
{
	int i;

	for (i = 0; i < profile->n_renditions; i++)
		if (profile->mark_fds[i] >= 0)
			close(profile->mark_fds[i]);
	free(profile->name);
}

void
profile_free(struct profile *profile)
{
	if (profile == NULL)
		return;
	profile_clear(profile);
	free(profile);
}

bool
profile_makes_png(const struct profile *profile, int i, bool is_png)
{
	enum rendition_format format = profile->renditions[i].format;

	return format == RENDITION_PNG || (format == RENDITION_KEEP && is_png);
}
