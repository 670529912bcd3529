/* image/reason.c - what is told of a picture that cannot be developed: name, sentence, remedy. */
#include <config.h>

#include "base/log.h"
#include "image/reason.h"

struct words {
	const char *name, *sentence, *remedy;
};

static const struct words words[REASON_N] = {
	[REASON_NONE] = { "none", "Nothing is wrong with the file.", "Nothing needs to be done." },
	[REASON_NOT_IMAGE] = { "not-image",
		"The file is neither a JPEG nor a PNG, whatever its name says.",
		"Convert it to JPEG or PNG and drop that into the inbox." },
	[REASON_CORRUPT] = { "corrupt",
		"The file is damaged: the picture in it cannot be read as a whole.",
		"Copy it again from where it came from; if it is damaged there too, a repair program "
		"may save parts of it." },
	[REASON_TRUNCATED] = { "truncated",
		"The file is incomplete: it ends before the picture does.",
		"Copy it again from where it came from, and let the copy finish." },
	[REASON_UNSUPPORTED] = { "unsupported",
		"The file is a picture of a rare kind that darkroom does not develop.",
		"Save it as an ordinary 8-bit JPEG or as a PNG and drop that into the inbox." },
	[REASON_TOO_BIG] = { "too-big",
		"The picture is larger than the limits of this darkroom allow.",
		"Make it smaller, or raise the limit in the configuration ([limits], or "
		"workers.memory), and retry it." },
	[REASON_TOO_ODD] = { "too-odd",
		"The file breaks the rules of its format so often that it must be damaged.",
		"Open it in a picture editor and save it anew; or raise limits.warnings and retry." },
	[REASON_WORKER_DIED] = { "worker-died",
		"The program crashed each time it tried to develop this picture.",
		"Please report it, with the file; saving it anew in a picture editor may help." },
	[REASON_TOO_SLOW] = { "too-slow",
		"The picture could not be developed within the time limit.",
		"Raise workers.time_limit and retry it, or make the picture smaller." },
	[REASON_NAME_TAKEN] = { "name-taken",
		"There is a photograph of this name already, and nothing is overwritten.",
		"Give it another name, or take the other one away, and retry it; spool.conflict says "
		"what becomes of such pictures." },
};

static const struct words *
words_of(enum reason bad)
{
	if ((unsigned)bad >= REASON_N)
		log_panic("bad=%d is no enum reason", (int)bad);
	return &words[bad];
}

const char *
reason_name(enum reason bad)
{
	return words_of(bad)->name;
}

const char *
reason_sentence(enum reason bad)
{
	return words_of(bad)->sentence;
}

const char *
reason_remedy(enum reason bad)
{
	return words_of(bad)->remedy;
}
