/* conf/raw.c - first of all, the lines of the file: those that are good go on to build. */
#include <config.h>

#include <ctype.h>
#include <errno.h>
#include <iniparser/iniparser.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fsio.h"
#include "base/mem.h"
#include "conf/raw.h"

#define MAX_LINE 1022        /* bytes without the newline: iniparser reads by fgets(1024) */
#define MAX_FILE (1024 * 1024) /* bytes; a configuration is some KiB, this is another file */

/* Where we are in the file. */
struct reader {
	struct raw *raw;
	struct mistakes *mistakes;
	unsigned line;
	char *section; /* owned; NULL before the first, and after one that could not be read */
	bool is_lost;  /* in such a section: its keys cannot be judged */
	bool escapes;  /* does this iniparser take a backslash in quotation marks for an escape? */
	FILE *clean;   /* what iniparser gets */
};

static char *
strip(char *text)
{
	char *end = text + strlen(text);

	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	while (isspace((unsigned char)*text))
		text++;
	return text;
}

static void
complain(const struct reader *reader, const char *key, const char *what)
{
	const struct place place = { reader->line, reader->section, key, NULL };

	mistake_add(reader->mistakes, &place, "%s", what);
}

static void
add_entry(struct reader *reader, const char *key, const char *value)
{
	struct raw *raw = reader->raw;

	raw->entries = mem_grow(raw->entries, &raw->room, raw->n + 1, sizeof(*raw->entries));
	raw->entries[raw->n++] = (struct raw_entry){ reader->line, mem_dup(reader->section),
		key == NULL ? NULL : mem_dup(key), value == NULL ? NULL : mem_dup(value) };
}

/* Make every run of blanks one space, in place. */
static void
single_blanks(char *text)
{
	char *out = text;

	for (; *text != '\0'; text++)
		if (!isspace((unsigned char)*text))
			*out++ = *text;
		else if (!isspace((unsigned char)text[1]))
			*out++ = ' ';
	*out = '\0';
}

static const char *
section_fault(char *text)
{
	char *end = strchr(text, ']');

	if (end == NULL)
		return "the ] of this section is missing";
	if (end[1] != '\0')
		return "nothing may follow the ] of a section: put a remark on a line of its own";
	*end = '\0';
	if (*strip(text + 1) == '\0')
		return "the name of the section is missing between [ and ]";
	return strchr(text, ':') != NULL ? "the name of a section must not hold a colon" : NULL;
}

static void
read_section(struct reader *reader, char *text)
{
	const char *fault;

	free(reader->section);
	reader->section = NULL;
	fault = section_fault(text);
	reader->is_lost = fault != NULL;
	if (fault != NULL) {
		complain(reader, NULL, fault);
		return;
	}
	reader->section = mem_dup(strip(text + 1));
	single_blanks(reader->section);
	add_entry(reader, NULL, NULL);
	fprintf(reader->clean, "[%s]", reader->section);
}

/* Take the quotation marks off *VALUE; MARK gets which they were, or 0. Gives what is wrong with it,
 * or NULL. */
static const char *
unquote(char **value, char *mark)
{
	char *end;

	*mark = **value == '"' || **value == '\'' ? **value : '\0';
	if (*mark == '\0') {
		if (strpbrk(*value, "#;") != NULL)
			return "a # or ; would cut the value off here: put the value in quotation "
			    "marks, or a remark on a line of its own";
		return NULL;
	}
	end = strchr(*value + 1, *mark);
	if (end == NULL)
		return "the closing quotation mark is missing";
	*end++ = '\0';
	end = strip(end);
	if (*end != '\0' && *end != '#' && *end != ';')
		return "something stands behind the closing quotation mark";
	++*value;
	return NULL;
}

static const struct raw_entry *
find_entry(const struct raw *raw, const char *section, const char *key)
{
	size_t i;

	for (i = 0; i < raw->n; i++)
		if (raw->entries[i].key != NULL && strcasecmp(raw->entries[i].key, key) == 0 &&
		    strcasecmp(raw->entries[i].section, section) == 0)
			return &raw->entries[i];
	return NULL;
}

/* Write the line as the iniparser at hand reads it. MARK: the quotation mark that VALUE had, or 0. */
static void
write_clean(const struct reader *reader, const char *key, const char *value, char mark)
{
	if (mark == '\0') {
		fprintf(reader->clean, "%s=%s", key, value);
		return;
	}
	fprintf(reader->clean, "%s=%c", key, mark);
	for (; *value != '\0'; value++) {
		if (*value == '\\' && reader->escapes)
			fputc('\\', reader->clean);
		fputc(*value, reader->clean);
	}
	fputc(mark, reader->clean);
}

/* Does the line that some iniparser wants for it fit? One answer for all of them: a file that is good
 * on one machine is good on another. */
static bool
is_too_long(const char *key, const char *value, char mark)
{
	size_t length = strlen(key) + strlen(value) + (mark == '\0' ? 1 : 3);

	for (; mark != '\0' && *value != '\0'; value++)
		length += *value == '\\';
	return length > MAX_LINE;
}

static void
add_value(struct reader *reader, const char *key, const char *value, char mark)
{
	const struct raw_entry *first = find_entry(reader->raw, reader->section, key);
	const struct place place = { reader->line, reader->section, key, value };

	if (first != NULL) {
		mistake_add(reader->mistakes, &place, "was given in line %u already: remove one "
		    "of the two", first->line);
		return;
	}
	add_entry(reader, key, value);
	write_clean(reader, key, value, mark);
}

static void
read_value(struct reader *reader, const char *text)
{
	char *copy = mem_dup(text);
	char *equals = strchr(copy, '=');
	char *key = copy, *value = copy;
	const char *fault = NULL;
	char mark = '\0';

	if (equals != NULL) {
		*equals = '\0';
		key = strip(copy);
		value = strip(equals + 1);
	}
	if (equals == NULL)
		fault = "this line is neither [SECTION] nor KEY = VALUE (a remark begins with #)";
	else if (*key == '\0')
		fault = "the key before the = is missing";
	else if (reader->section == NULL)
		fault = "stands before the first [SECTION]";
	else if (text[strlen(text) - 1] == '\\')
		fault = "a backslash at the end of the line would swallow the next line: put the value "
		    "in quotation marks";
	else
		fault = unquote(&value, &mark);
	if (fault == NULL && is_too_long(key, value, mark))
		fault = "the line is longer than 1022 bytes: a backslash in quotation marks counts "
		    "twice";
	if (fault != NULL)
		complain(reader, equals == NULL || *key == '\0' ? text : key, fault);
	else
		add_value(reader, key, value, mark);
	free(copy);
}

/* One line of LENGTH bytes, terminated. */
static void
read_line(struct reader *reader, char *line, size_t length)
{
	char *text = strip(line);

	if (*text == '#' || *text == ';' || *text == '\0')
		return;
	if (length > MAX_LINE)
		complain(reader, NULL, "the line is longer than 1022 bytes");
	else if (*text == '[')
		read_section(reader, text);
	else if (!reader->is_lost)
		read_value(reader, text);
}

static void
read_lines(struct reader *reader, char *text)
{
	char *end;

	if (strncmp(text, "\xef\xbb\xbf", 3) == 0) /* the mark that Windows puts before UTF-8 */
		text += 3;
	for (; text != NULL; text = end) {
		reader->line++;
		end = strchr(text, '\n');
		if (end != NULL)
			*end++ = '\0';
		read_line(reader, text, strlen(text));
		fputc('\n', reader->clean);
	}
}

/* iniparser prints to stderr unless told otherwise; raw_read() says it better. */
static int
be_silent(const char *format, ...)
{
	(void)format;
	return 0;
}

/* Gives the dictionary that iniparser makes of TEXT, or NULL. It reads named files only. */
static dictionary *
parse(const char *text, size_t length)
{
	int fd = memfd_create("darkroom.ini", MFD_CLOEXEC);
	dictionary *dict = NULL;
	char name[32];

	if (fd < 0)
		return NULL;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	iniparser_set_error_callback(be_silent);
	if (fsio_write_all(fd, text, length) == 0)
		dict = iniparser_load(name);
	close(fd);
	return dict;
}

/* 4.1 takes a backslash as it is, 4.2 needs two of them for one; no version says which it is. */
static bool
iniparser_escapes(void)
{
	static const char probe[] = "[a]\nb=\"\\\\\"\n";
	dictionary *dict = parse(probe, sizeof(probe) - 1);
	const char *value = dict == NULL ? NULL : iniparser_getstring(dict, "a:b", NULL);
	bool escapes = value != NULL && strcmp(value, "\\") == 0;

	iniparser_freedict(dict);
	return escapes;
}

/* Every value must be what its line says, whatever traps another version of iniparser has. */
static void
compare(const struct raw *raw, const dictionary *dict, struct mistakes *mistakes)
{
	const struct raw_entry *entry;
	const char *value;
	char *name;

	for (entry = raw->entries; entry < raw->entries + raw->n; entry++) {
		const struct place place = { entry->line, entry->section, entry->key, entry->value };

		if (entry->key == NULL)
			continue;
		name = mem_printf("%s:%s", entry->section, entry->key);
		value = iniparser_getstring(dict, name, NULL);
		if (value == NULL || strcmp(value, entry->value) != 0)
			mistake_add(mistakes, &place, "would be read as \"%s\": write the line more "
			    "plainly", value == NULL ? "" : value);
		free(name);
	}
}

static void
check_text(struct raw *raw, char *text, struct mistakes *mistakes)
{
	const struct place nowhere = { 0, NULL, NULL, NULL };
	char *clean = NULL;
	size_t length = 0;
	struct reader reader = { raw, mistakes, 0, NULL, false, iniparser_escapes(),
		mem_stream(&clean, &length) };
	dictionary *dict;

	read_lines(&reader, text);
	fclose(reader.clean);
	free(reader.section);
	dict = parse(clean, length);
	if (dict != NULL)
		compare(raw, dict, mistakes);
	else
		mistake_add(mistakes, &nowhere, "cannot be handed to iniparser; is /proc mounted?");
	iniparser_freedict(dict);
	free(clean);
}

/* Gives the whole file, or NULL with errno; EFBIG when it is no configuration by its size. */
static char *
slurp(const char *path, size_t *length)
{
	FILE *in = fopen(path, "re");
	char *text;

	if (in == NULL)
		return NULL;
	text = mem_alloc(MAX_FILE + 1);
	errno = 0;
	*length = fread(text, 1, MAX_FILE, in);
	if (ferror(in) || fgetc(in) != EOF) {
		int saved = ferror(in) ? errno : EFBIG;

		free(text);
		text = NULL;
		errno = saved;
	}
	fclose(in);
	return text;
}

void
raw_read(struct raw *raw, bool may_miss, struct mistakes *mistakes)
{
	const struct place nowhere = { 0, NULL, NULL, NULL };
	size_t length;
	char *text;

	memset(raw, 0, sizeof(*raw));
	text = slurp(mistakes->path, &length);
	if (text == NULL && errno == ENOENT && may_miss)
		return;
	if (text == NULL)
		mistake_add(mistakes, &nowhere, "the configuration cannot be read: %s", strerror(errno));
	else if (memchr(text, '\0', length) != NULL)
		mistake_add(mistakes, &nowhere, "this is no plain text; save it as UTF-8");
	else
		check_text(raw, text, mistakes);
	free(text);
}

void
raw_clear(struct raw *raw)
{
	size_t i;

	for (i = 0; i < raw->n; i++) {
		free(raw->entries[i].section);
		free(raw->entries[i].key);
		free(raw->entries[i].value);
	}
	free(raw->entries);
	memset(raw, 0, sizeof(*raw));
}
