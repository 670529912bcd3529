#include <config.h>

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "conf_fixture.h"

char fixture_path[] = "/tmp/darkroom-conf-XXXXXX";

struct conf *
fixture_load_bytes(const char *text, size_t size, const char *const *overrides, size_t n, char **said)
{
	size_t length = 0;
	FILE *out = mem_stream(said, &length);
	struct conf *conf;
	int fd;

	strcpy(fixture_path + sizeof(fixture_path) - 7, "XXXXXX");
	fd = mkstemp(fixture_path);
	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, text, size), (ssize_t)size);
	close(fd);
	conf = conf_load(fixture_path, NULL, overrides, n, out);
	unlink(fixture_path);
	fclose(out);
	cr_assert_eq(conf == NULL, **said != '\0', "a conf and mistakes: %s", *said);
	return conf;
}

struct conf *
fixture_load(const char *text, char **said)
{
	return fixture_load_bytes(text, strlen(text), NULL, 0, said);
}

struct conf *
fixture_load_good(const char *text)
{
	char *said;
	struct conf *conf = fixture_load(text, &said);

	cr_assert_not_null(conf, "refused: %s\n%s", text, said);
	free(said);
	return conf;
}

unsigned
fixture_count_lines(const char *text)
{
	unsigned n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

struct conf *
fixture_load_override(const char *override, char **said)
{
	return fixture_load_bytes("", 0, &override, 1, said);
}
