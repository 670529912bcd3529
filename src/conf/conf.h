/* conf/conf.h - the configuration: every key in one table, every mistake at once.
 *
 * Place:   main, ctl -> here; master borrows the result.
 * File:    INI, read by iniparser after the raw lines were checked for what it would swallow:
 *          a line over its buffer, a value cut at # or ;, a key given twice.
 * Units:   durations in ms ("500ms" "2s" "5m" "1h" "30d"), sizes in bytes ("512M", powers of
 *          1024), counts as they are ("200M" of limits.pixels is 200,000,000).
 * Names:   of profiles and renditions are compared without case (A-Z only), as iniparser does;
 *          they are shown and made as they are first spelled.
 * Files:   a watermark is copied into memory when the configuration is read, and is part of the
 *          digest by what is in it: what becomes of the file later changes nothing until then.
 * User:    looked up when the configuration is read; one that is not there, or is root, is a mistake.
 * Reload:  SIGHUP loads another struct conf; the one before stays as it is.
 * Errors:  conf_load() gives NULL after it wrote one line per mistake.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stddef.h>
#include <stdio.h>

#include "conf/settings.h"

/* Read PATH (NULL: SYSCONFDIR/darkroom.ini where there is one, else built-in defaults), then
 * apply OVERRIDES, each "SECTION.KEY=VALUE" (as in profile wedding.renditions=web), in order.
 * ROOT: of -r, or NULL; wins over spool.root. There and in OVERRIDES a path may be relative
 * to the working directory. MISTAKES: gets a line each, all of them.
 * Gives a conf, or NULL when there was a mistake. conf_free(NULL) is fine. */
struct conf *conf_load(const char *path, const char *root, const char *const *overrides,
    size_t n_overrides, FILE *mistakes);

/* The same for somebody who develops nothing: no file that it names is opened. */
struct conf *conf_load_unopened(const char *path, FILE *mistakes);
void conf_free(struct conf *conf);

/* The profile that the top-level inbox folder TOP (LENGTH bytes, not terminated) selects,
 * compared without case; "default" when there is none of that name, or LENGTH is 0. Borrowed
 * from conf. */
const struct profile *conf_profile(const struct conf *conf, const char *top, size_t length);

/* Print the whole effective configuration as an INI file that conf_load() reads back
 * (--check-config -v). */
void conf_print(const struct conf *conf, FILE *out);

#endif
