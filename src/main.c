#include <config.h>

#include "base/log.h"

int
main(void)
{
	log_open(0);
	return 0;
}
