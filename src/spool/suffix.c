/* spool/suffix.c - what lies beside a file: its name and a suffix, within what a name may have. */
#include <config.h>

#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <xxhash.h>

#include "base/mem.h"
#include "spool/spelling.h"
#include "spool/suffix.h"

#define MARK_LENGTH 9 /* "~" and 8 hex digits */

char *
name_with_suffix(const char *rel, const char *suffix)
{
	const char *slash = strrchr(rel, '/');
	const char *name = slash == NULL ? rel : slash + 1;
	size_t length = strlen(name), suffix_length = strlen(suffix);
	size_t keep;

	if (length + suffix_length <= NAME_MAX)
		return mem_printf("%s%s", rel, suffix);
	keep = spelling_cut(name, NAME_MAX - suffix_length - MARK_LENGTH);
	return mem_printf("%.*s~%08x%s", (int)((size_t)(name - rel) + keep), rel,
	    (unsigned)(XXH64(name, length, 0) & UINT32_MAX), suffix);
}
