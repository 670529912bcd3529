#include <config.h>

#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <xxhash.h>

#include "base/mem.h"
#include "spool/suffix.h"

#define MARK_LENGTH 9 /* "~" and 8 hex digits */

/* The longest cut of NAME of at most MAX bytes that splits no character. Bytes that are no UTF-8
 * at all are cut anywhere: a character has at most three bytes of continuation. */
static size_t
cut_at_character(const char *name, size_t max)
{
	size_t cut = max;

	while (cut > 0 && max - cut < 3 && ((unsigned char)name[cut] & 0xc0) == 0x80)
		cut--;
	return ((unsigned char)name[cut] & 0xc0) == 0x80 ? max : cut;
}

char *
name_with_suffix(const char *rel, const char *suffix)
{
	const char *slash = strrchr(rel, '/');
	const char *name = slash == NULL ? rel : slash + 1;
	size_t length = strlen(name), suffix_length = strlen(suffix);
	size_t keep;

	if (length + suffix_length <= NAME_MAX)
		return mem_printf("%s%s", rel, suffix);
	keep = cut_at_character(name, NAME_MAX - suffix_length - MARK_LENGTH);
	return mem_printf("%.*s~%08x%s", (int)((size_t)(name - rel) + keep), rel,
	    (unsigned)(XXH64(name, length, 0) & UINT32_MAX), suffix);
}
