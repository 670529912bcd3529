/* tests/unit/conf_fixture.h - a text loaded as a configuration, for the tests of conf. */
#ifndef CONF_FIXTURE_H
#define CONF_FIXTURE_H

#include "conf/conf.h"

extern char fixture_path[]; /* of the file that was loaded last; it is gone again */

/* Load SIZE bytes as a file, then OVERRIDES. *SAID: gives what was said about it. */
struct conf *fixture_load_bytes(const char *text, size_t size, const char *const *overrides,
    size_t n, char **said);
struct conf *fixture_load(const char *text, char **said);
struct conf *fixture_load_good(const char *text); /* fails the test on a mistake */
struct conf *fixture_load_override(const char *override, char **said);

unsigned fixture_count_lines(const char *text);

#endif
