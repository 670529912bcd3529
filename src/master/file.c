/* master/file.c - a name in inbox/, from the event that tells of it to its claim. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/heap.h"
#include "base/mem.h"
#include "master/file.h"

struct file *
file_new(struct folder *folder, const char *name)
{
	size_t size = strlen(name) + 1;
	struct file *file = mem_alloc(sizeof(*file) + size);

	memcpy(file->name, name, size);
	file->folder = folder;
	file->heap_place = HEAP_NOWHERE;
	file->noticed_ms = clock_ms();
	return file;
}

void
file_free(struct file *file)
{
	if (file->has_facts)
		free(file->known.facts);
	free(file);
}

/* A look that goes on needs the facts as they are; one that is over only has to be known again. */
static void
keep_facts(struct file *file, const struct ready_facts *facts, bool goes_on)
{
	if (goes_on) {
		if (!file->has_facts)
			file->known.facts = mem_alloc(sizeof(*facts));
		*file->known.facts = *facts;
	} else {
		if (file->has_facts)
			free(file->known.facts);
		file->known.digest = ready_digest(facts);
	}
	file->has_facts = goes_on;
}

struct ready_verdict
file_judge(struct file *file, const struct ready_look *look, const struct ready_times *times,
    int64_t now_ms)
{
	struct ready_facts facts = file->has_facts ? *file->known.facts :
	    ready_remember(file->known.digest, look, now_ms);
	struct ready_verdict verdict;

	facts.is_nudged |= file->is_nudged;
	verdict = ready_judge(&facts, look, times, now_ms);
	file->is_nudged = facts.is_nudged;
	if (facts.is_known) /* else it could not be looked at: what is known stays */
		keep_facts(file, &facts, verdict.answer == READY_LATER);
	return verdict;
}
