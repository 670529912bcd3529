/* conf/value.c - between the text of a value and its field, both ways, by the row of its key. */
#include <config.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/words.h"
#include "conf/label.h"
#include "conf/value.h"

struct unit {
	const char *name;
	int64_t factor;
};

/* Each from the smallest to the largest: the largest that divides a number is printed. */
static const struct unit duration_units[] = {
	{ "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 }, { NULL, 0 } };
static const struct unit size_units[] = {
	{ "", 1 }, { "K", 1024 }, { "M", 1048576 }, { "G", 1073741824 },
	{ "T", INT64_C(1099511627776) }, { NULL, 0 } };
static const struct unit count_units[] = {
	{ "", 1 }, { "K", 1000 }, { "M", 1000000 }, { "G", 1000000000 }, { NULL, 0 } };

static const struct unit *
units_of(const struct table_row *row)
{
	if (row->type == TABLE_DURATION)
		return duration_units;
	return row->type == TABLE_SIZE ? size_units : count_units;
}

/* The decimal number at *P, past which *P moves; false when there is none or it overflows. */
static bool
read_digits(const char **p, int64_t *number)
{
	int64_t sum = 0;

	if (!isdigit((unsigned char)**p))
		return false;
	for (; isdigit((unsigned char)**p); (*p)++)
		if (__builtin_mul_overflow(sum, INT64_C(10), &sum) ||
		    __builtin_add_overflow(sum, (int64_t)(**p - '0'), &sum))
			return false;
	*number = sum;
	return true;
}

/* A number and its unit. 0 needs none. */
static bool
parse_number(const struct table_row *row, const char *text, int64_t *number)
{
	const struct unit *unit;
	int64_t digits;

	if (row->words != NULL && strcasecmp(text, row->words) == 0) {
		*number = row->word_value;
		return true;
	}
	if (!read_digits(&text, &digits))
		return false;
	text += strspn(text, " \t");
	for (unit = units_of(row); unit->name != NULL; unit++)
		if (strcasecmp(text, unit->name) == 0)
			break;
	if ((unit->name == NULL && (digits != 0 || *text != '\0')) ||
	    __builtin_mul_overflow(digits, unit->name == NULL ? 1 : unit->factor, number))
		return false;
	return *number >= row->min && *number <= row->max;
}

/* The place of TEXT among the words between blanks, -1 when it is none of them. */
static int64_t
find_word(const char *words, const char *text)
{
	size_t length = strlen(text), n;
	int64_t i;

	for (i = 0; *words != '\0'; i++) {
		n = strcspn(words, " ");
		if (n == length && strncasecmp(words, text, n) == 0)
			return i;
		words += n + strspn(words + n, " ");
	}
	return -1;
}

/* Words with a comma between; "none" is no word of any set. */
static bool
parse_set(const char *words, const char *text, int64_t *set)
{
	char word[32];
	int64_t i;
	size_t n;

	*set = 0;
	if (strcasecmp(text, "none") == 0)
		return true;
	do {
		text += strspn(text, " ,");
		n = strcspn(text, " ,");
		snprintf(word, sizeof(word), "%.*s", (int)n, text); /* one that is cut is no word */
		i = n == 0 || n >= sizeof(word) ? -1 : find_word(words, word);
		if (i < 0)
			return false;
		*set |= INT64_C(1) << i;
		text += n + strspn(text + n, " ");
	} while (*text != '\0');
	return true;
}

static bool
parse_octal(const struct table_row *row, const char *text, int64_t *number)
{
	char *end;

	if (*text < '0' || *text > '7' || strlen(text) > 5)
		return false;
	*number = strtol(text, &end, 8);
	return *end == '\0' && *number >= row->min && *number <= row->max;
}

/* One side of a box: nothing means any. */
static bool
parse_side(const struct table_row *row, const char **p, uint32_t *side)
{
	int64_t number;

	*side = 0;
	if (!isdigit((unsigned char)**p))
		return true;
	if (!read_digits(p, &number) || number < row->min || number > row->max)
		return false;
	*side = (uint32_t)number;
	return true;
}

static bool
parse_box(const struct table_row *row, const char *text, struct value *value)
{
	if (strcasecmp(text, row->words) == 0)
		return true;
	if (!parse_side(row, &text, &value->width_px) || (*text != 'x' && *text != 'X'))
		return false;
	text++;
	return parse_side(row, &text, &value->height_px) && *text == '\0' &&
	    (value->width_px != 0 || value->height_px != 0);
}

static bool
parse_color(const char *text, int64_t *number)
{
	if (strcasecmp(text, "white") == 0 || strcasecmp(text, "black") == 0) {
		*number = tolower((unsigned char)*text) == 'w' ? 0xffffff : 0;
		return true;
	}
	if (*text != '#' || strlen(text) != 7 || strspn(text + 1, "0123456789abcdefABCDEF") != 6)
		return false;
	*number = strtol(text + 1, NULL, 16);
	return true;
}

/* A program that is looked for in PATH, or an absolute path: there is no folder that a relative one
 * could sensibly begin in. */
static bool
is_command(const char *text)
{
	char **words = words_split(text, NULL);
	bool is_good = words != NULL && (words[0] == NULL || words[0][0] == '/' ||
	    (words[0][0] != '\0' && strchr(words[0], '/') == NULL));

	free(words);
	return is_good;
}

static bool
parse_typed(const struct table_row *row, const char *text, struct value *value)
{
	switch (row->type) {
	case TABLE_BOOL:
		value->number = find_word("no yes off on false true 0 1", text);
		if (value->number < 0)
			return false;
		value->number %= 2;
		return true;
	case TABLE_CHOICE:
		value->number = find_word(row->words, text);
		return value->number >= 0;
	case TABLE_COUNT:
	case TABLE_SIZE:
	case TABLE_DURATION:
		return parse_number(row, text, &value->number);
	case TABLE_OCTAL:
		return parse_octal(row, text, &value->number);
	case TABLE_BOX:
		return parse_box(row, text, value);
	case TABLE_COLOR:
		return parse_color(text, &value->number);
	case TABLE_PATH:
		return *text == '/' && !label_has_control(text);
	case TABLE_FILE:
		return *text == '\0' || (*text == '/' && strlen(text) < row->size &&
		    !label_has_control(text));
	case TABLE_PATTERN:
		return label_is_pattern(text, row->size);
	case TABLE_SET:
		return parse_set(row->words, text, &value->number);
	case TABLE_LIST:
		return *text != '\0';
	case TABLE_COMMAND:
		return is_command(text);
	case TABLE_HOURS:
		return hours_parse(text, &value->hours);
	case TABLE_USER:
		return true;
	}
	return false;
}

bool
value_parse(const struct table_row *row, const char *text, struct value *value)
{
	size_t length;

	memset(value, 0, sizeof(*value));
	text += strspn(text, " \t");
	for (length = strlen(text); length > 0 && strchr(" \t", text[length - 1]) != NULL; length--)
		;
	value->text = mem_dup_n(text, length);
	if (!parse_typed(row, value->text, value)) {
		value_clear(value);
		return false;
	}
	if (row->type != TABLE_PATH && row->type != TABLE_FILE && row->type != TABLE_USER &&
	    row->type != TABLE_PATTERN && row->type != TABLE_LIST && row->type != TABLE_COMMAND)
		value_clear(value);
	return true;
}

void
value_clear(struct value *value)
{
	free(value->text);
	value->text = NULL;
}

bool
value_equal(const struct value *a, const struct value *b)
{
	if (a->number != b->number || a->width_px != b->width_px || a->height_px != b->height_px ||
	    memcmp(&a->hours, &b->hours, sizeof(a->hours)) != 0)
		return false;
	if (a->text == NULL || b->text == NULL)
		return a->text == b->text;
	return strcmp(a->text, b->text) == 0;
}

/* "1h", "512M": the number in the largest unit that divides it. A count of thousands stays
 * plain: people read 65000, not 65K. */
static void
print_number(const struct table_row *row, int64_t number, FILE *out)
{
	const struct unit *units = units_of(row);
	bool is_plain = row->type == TABLE_COUNT && number < 1000000;
	int i, best = 0;

	for (i = 0; units[i].name != NULL && !is_plain; i++)
		if (number != 0 && number % units[i].factor == 0)
			best = i;
	fprintf(out, "%lld%s", (long long)(number / units[best].factor), units[best].name);
}

static void
say_bounds(const struct table_row *row, const char *what, FILE *out)
{
	fprintf(out, "must be %s", what);
	if (row->min == row->max) {
		fputc(' ', out);
		print_number(row, row->min, out);
	} else {
		fputs(" from ", out);
		print_number(row, row->min, out);
		if (row->max != INT64_MAX) {
			fputs(" to ", out);
			print_number(row, row->max, out);
		} else
			fputs(" upwards", out);
	}
}

static void
say_words(const char *words, FILE *out)
{
	fputs("must be one of: ", out);
	for (; *words != '\0'; words++)
		fprintf(out, *words == ' ' ? ",%c" : "%c", *words);
}

char *
value_allowed(const struct table_row *row)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = mem_stream(&text, &length);

	switch (row->type) {
	case TABLE_BOOL: fputs("must be yes or no", out); break;
	case TABLE_CHOICE: say_words(row->words, out); break;
	case TABLE_COUNT: say_bounds(row, "a whole number", out); break;
	case TABLE_SIZE: say_bounds(row, "a size in bytes (as in 800K, 512M, 2G)", out); break;
	case TABLE_DURATION:
		say_bounds(row, "a time with its unit (as in 500ms, 2s, 5m, 1h, 30d)", out);
		break;
	case TABLE_OCTAL: fputs("must be an octal number from 0000 to 0777", out); break;
	case TABLE_BOX:
		fprintf(out, "must be WIDTHxHEIGHT in pixels up to %lld (as in 2048x1152; "
		    "2048x for any height, x1152 for any width)", (long long)row->max);
		break;
	case TABLE_COLOR:
		fputs("must be white, black or a colour as in #f0e0d0, in quotation marks in a file but "
		    "not behind -o", out);
		break;
	case TABLE_PATH:
		fputs("must be a path that begins with /, without control characters", out);
		break;
	case TABLE_FILE:
		fprintf(out, "must be a path that begins with /, of at most %zu bytes, without control "
		    "characters, or nothing",
		    row->size - 1);
		break;
	case TABLE_PATTERN: label_say_pattern(row->size, out); break;
	case TABLE_SET:
		say_words(row->words, out);
		fputs(" (several with a comma between), or none", out);
		break;
	case TABLE_LIST: fputs("must be names of renditions with a comma between", out); break;
	case TABLE_COMMAND:
		fputs("must be a program, by its name or by a path that begins with /, and its words; "
		    "every quotation mark needs a second one", out);
		break;
	case TABLE_HOURS:
		fprintf(out, "must be times of the day, as in 22:00-06:00 or 12:00-13:30, 22:00-24:00 "
		    "(at most %d of them), or always", HOURS_MAX);
		break;
	case TABLE_USER: fputs("must be the name of a user of this machine", out); break;
	}
	if (row->type != TABLE_CHOICE && row->type != TABLE_SET && row->words != NULL)
		fprintf(out, ", or %s", row->words);
	fclose(out);
	return text;
}

/* Fields have many widths; every number of the table fits its own by its bounds. */
static void
store_number(void *field, size_t size, int64_t number)
{
	switch (size) {
	case 1: *(uint8_t *)field = (uint8_t)number; break;
	case 2: *(uint16_t *)field = (uint16_t)number; break;
	case 4: *(uint32_t *)field = (uint32_t)number; break;
	case 8: *(int64_t *)field = number; break;
	default: log_panic("a field of %zu bytes in the table of the configuration", size);
	}
}

static int64_t
load_number(const void *field, size_t size)
{
	switch (size) {
	case 1: return *(const uint8_t *)field;
	case 2: return *(const uint16_t *)field;
	case 4: return *(const uint32_t *)field;
	default: return *(const int64_t *)field;
	}
}

void
value_store(const struct table_row *row, const struct value *value, void *record)
{
	char *field = (char *)record + row->offset;

	switch (row->type) {
	case TABLE_BOX:
		((uint32_t *)(void *)field)[0] = value->width_px;
		((uint32_t *)(void *)field)[1] = value->height_px;
		break;
	case TABLE_PATH:
	case TABLE_USER:
	case TABLE_COMMAND:
		free(*(char **)(void *)field);
		*(char **)(void *)field = mem_dup(value->text);
		break;
	case TABLE_HOURS:
		memcpy(field, &value->hours, sizeof(value->hours));
		break;
	case TABLE_FILE:
	case TABLE_PATTERN:
		memset(field, 0, row->size); /* equal settings are equal bytes */
		memcpy(field, value->text, strlen(value->text));
		break;
	default:
		store_number(field, row->size, value->number);
	}
}

void
value_print_text(const char *text, FILE *out)
{
	size_t length = strlen(text);
	char mark = strchr(text, '"') == NULL ? '"' : '\'';

	if (length > 0 && strpbrk(text, "#;\\") == NULL && !isspace((unsigned char)text[0]) &&
	    !isspace((unsigned char)text[length - 1]) && *text != '"' && *text != '\'')
		fputs(text, out);
	else
		fprintf(out, "%c%s%c", mark, text, mark);
}

static void
print_word(const char *words, int64_t i, FILE *out)
{
	for (; i > 0; i--)
		words += strcspn(words, " ") + 1;
	fprintf(out, "%.*s", (int)strcspn(words, " "), words);
}

static void
print_box(const struct table_row *row, const uint32_t *box, FILE *out)
{
	if (box[0] == 0 && box[1] == 0) {
		fputs(row->words, out);
		return;
	}
	if (box[0] != 0)
		fprintf(out, "%u", box[0]);
	fputc('x', out);
	if (box[1] != 0)
		fprintf(out, "%u", box[1]);
}

static void
print_set(const char *words, int64_t set, FILE *out)
{
	const char *between = "";
	int i;

	if (set == 0)
		fputs("none", out);
	for (i = 0; set >> i != 0; i++) {
		if ((set >> i & 1) == 0)
			continue;
		fputs(between, out);
		print_word(words, i, out);
		between = ", ";
	}
}

static void
print_typed(const struct table_row *row, int64_t number, FILE *out)
{
	if (row->type == TABLE_CHOICE)
		print_word(row->words, number, out);
	else if (row->type == TABLE_SET)
		print_set(row->words, number, out);
	else if (row->type == TABLE_BOOL)
		fputs(number != 0 ? "yes" : "no", out);
	else if (row->words != NULL && number == row->word_value)
		fputs(row->words, out);
	else if (row->type == TABLE_OCTAL)
		fprintf(out, "%04llo", (unsigned long long)number);
	else if (row->type == TABLE_COLOR && number == 0xffffff)
		fputs("white", out);
	else if (row->type == TABLE_COLOR)
		fprintf(out, "\"#%06llx\"", (unsigned long long)number);
	else
		print_number(row, number, out);
}

void
value_print(const struct table_row *row, const void *record, FILE *out)
{
	const char *field = (const char *)record + row->offset;
	char hours[HOURS_TEXT_SIZE];

	if (row->type == TABLE_BOX)
		print_box(row, (const uint32_t *)(const void *)field, out);
	else if (row->type == TABLE_PATH || row->type == TABLE_USER || row->type == TABLE_COMMAND)
		value_print_text(*(const char *const *)(const void *)field, out);
	else if (row->type == TABLE_PATTERN || row->type == TABLE_FILE)
		value_print_text(field, out);
	else if (row->type == TABLE_HOURS)
		fputs(hours_text((const struct hours *)(const void *)field, hours), out);
	else
		print_typed(row, load_number(field, row->size), out);
}
