/* base/fail.h - the points at which tests/crash kills the daemon.
 *
 * Place:   one FAIL_AT after every step that changes the disk. Compiled out unless
 *          configured with --enable-failpoints.
 * Use:     DARKROOM_FAIL_AT=claim.renamed:2 kills the process by SIGKILL when it reaches that
 *          point for the second time. DARKROOM_FAIL_LOG=FILE writes down every point that is
 *          reached, a line each.
 */
#ifndef BASE_FAIL_H
#define BASE_FAIL_H

#ifdef DARKROOM_FAILPOINTS
void fail_at(const char *point);
#define FAIL_AT(point) fail_at(point)
#else
#define FAIL_AT(point) ((void)0)
#endif

#endif
