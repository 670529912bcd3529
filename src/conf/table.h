/* conf/table.h - every key of the configuration: type, default, bounds and where it goes.
 *
 * Place:   value, build, print and the tests -> here.
 * Rule:    nothing else knows a key's name. A key whose behaviour this version lacks is in
 *          the table with is_later: it may only be set to its default.
 */
#ifndef CONF_TABLE_H
#define CONF_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum table_section { TABLE_SPOOL, TABLE_WORKERS, TABLE_LIMITS, TABLE_HOOKS, TABLE_PROFILE,
	TABLE_RENDITION, TABLE_N_SECTION };

enum table_type {
	TABLE_BOOL,     /* yes, no */
	TABLE_CHOICE,   /* one of words; its place among them is the value */
	TABLE_COUNT,    /* 200M is 200,000,000 */
	TABLE_SIZE,     /* bytes; 512M is 512 x 1024 x 1024 */
	TABLE_DURATION, /* ms; 500ms 2s 5m 1h 30d */
	TABLE_OCTAL,
	TABLE_BOX,      /* 2048x1152, 2048x (any height), x1152: two uint32_t */
	TABLE_COLOR,    /* 0xRRGGBB */
	TABLE_PATH,     /* char * */
	TABLE_FILE,     /* a path, or nothing: char[] */
	TABLE_USER,     /* char *: a user of this machine, or empty; looked up at the end */
	TABLE_COMMAND,  /* char *: a program and its words (base/words.h), or empty */
	TABLE_PATTERN,  /* of a result's name: char[] */
	TABLE_HOURS,    /* struct hours */
	TABLE_LIST,     /* names, comma between */
	TABLE_SET,      /* some of words, comma between, or none; bit N stands for word N */
};

struct table_row {
	enum table_section section;
	const char *key;
	enum table_type type;
	bool is_later;       /* its behaviour is not in this version yet */
	const char *value;   /* the default, as one writes it */
	const char *words;   /* CHOICE: the words; other types: one that stands for word_value */
	int64_t word_value;
	int64_t min, max;    /* both allowed; in the unit of the value */
	size_t offset, size; /* of the field in struct conf, profile or rendition; 0: none */
};

extern const struct table_row table_rows[];
extern const size_t table_n_rows;

/* The first word of a section's line: "spool", "profile" ... */
const char *table_section_name(enum table_section section);

/* Is a name to follow it, as in [profile wedding]? */
bool table_is_named(enum table_section section);

/* NULL when there is none; both compare without case. */
const struct table_row *table_find(enum table_section section, const char *key);

/* The key or the section that WORD was perhaps meant to be, or NULL. */
const char *table_guess_key(enum table_section section, const char *word);
const char *table_guess_section(const char *word);

#endif
