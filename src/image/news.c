/* image/news.c - the stages' names, for logs, sidecars and error texts. */
#include <config.h>

#include "image/news.h"

const char *
develop_stage_name(enum develop_stage stage)
{
	static const char *const names[DEVELOP_N_STAGE] = {
		[DEVELOP_DECODE] = "decode", [DEVELOP_RESIZE] = "resize",
		[DEVELOP_ENCODE] = "encode",
	};

	return (unsigned)stage < DEVELOP_N_STAGE ? names[stage] : "unknown";
}
