/* ctl/convert.h - convert: develop files without a daemon and without its folders.
 *
 * Place:   main -> here -> gather, results, batch.
 * Why:     the very same boxed worker, names and settings, so that the results are byte for byte
 *          those of the daemon.
 */
#ifndef CTL_CONVERT_H
#define CTL_CONVERT_H

#include "ctl/ctl.h"

/* convert [-v] [-p PROFILE] [-o SECTION.KEY=VALUE]... IN... OUTDIR */
int convert_run(struct ctl *ctl, int argc, char **argv);

#endif
