/* conf/watermark.h - the file of a watermark, read when the configuration is.
 *
 * Place:   build_finish -> here.
 * Why:     a worker opens no path, and what a profile's results look like must not change while
 *          the profile stays the same. So the file is copied into memory that nobody can change
 *          any more, and its digest goes into the rendition.
 * Limits:  a PNG by its first bytes and its end, of at most 16 MB. No more is looked at here: only a
 *          worker decodes.
 */
#ifndef CONF_WATERMARK_H
#define CONF_WATERMARK_H

#include "image/rendition.h"

/* Read r->mark_path; sets mark_bytes and mark_digest. Gives a descriptor, sealed; -1: *WHY is a
 * clause, good until the next call, else NULL. */
int watermark_open(struct rendition *r, const char **why);

/* Gives a second descriptor of it in *COPY, or -1 of -1. False: there are none left. */
bool watermark_copy(int fd, int *copy);

#endif
