/* conf/value.h - values as people write them: read, compared, stored, written again.
 *
 * Place:   build, print -> here -> table.
 * Errors:  false, with nothing changed; value_allowed() says what would have been right.
 */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/hours.h"
#include "conf/table.h"

struct value {
	int64_t number;                /* all types but the following */
	uint32_t width_px, height_px;  /* TABLE_BOX */
	struct hours hours;            /* TABLE_HOURS */
	char *text;                    /* TABLE_PATH, _USER, _COMMAND, _PATTERN, _LIST; owned */
};

bool value_parse(const struct table_row *row, const char *text, struct value *value);
void value_clear(struct value *value);
bool value_equal(const struct value *a, const struct value *b);

/* Gives a clause: "must be a whole number from 1 to 100". */
char *value_allowed(const struct table_row *row);

/* Put VALUE into its field of RECORD, the struct conf, profile or rendition. The row has a field.
 * A text that is stored as a pointer is copied, and the old one freed. */
void value_store(const struct table_row *row, const struct value *value, void *record);

/* Write the field of RECORD so that value_parse() reads it back. */
void value_print(const struct table_row *row, const void *record, FILE *out);

/* Write TEXT as a value of an INI line, in quotation marks where it needs them. */
void value_print_text(const char *text, FILE *out);

#endif
