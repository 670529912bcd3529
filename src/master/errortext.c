/* master/errortext.c - a failure, in words for people, beside its original. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/quote.h"
#include "master/errortext.h"

char *
errortext_make(const char *rel, enum reason bad, const char *detail, const char *stage, int attempt,
    const char *profile)
{
	char *name = quote_line(rel);
	char *text;

	text = mem_printf("%s: %s%s%s.\n\n"
	    "file: %s\ncode: %s\nstage: %s\nprofile: %s\nattempt: %d\nremedy: %s\n"
	    "again: move the picture from failed/ back to inbox/\n",
	    name, reason_sentence(bad), *detail == '\0' ? "" : " - ", detail, name, reason_name(bad), stage,
	    profile, attempt, reason_remedy(bad));
	free(name);
	return text;
}
