/* spool/name.h - what a file's name says: ours, ignored, a control file; and the names we make.
 *
 * Place:   scan, inbox, plan, jobdir, ctl -> here.   Pure: touches no disk.
 * Terms:   REL is a path below inbox/, the name of a job everywhere. A component is one part of
 *          it. The stem is the last component up to its last dot (a leading dot is no dot, and
 *          what is longer than NAME_SUFFIX_MAX is no suffix).
 *          KEY is REL spelled as one component, for .darkroom/jobs/KEY/.
 * Memory:  functions that return char * give it.
 */
#ifndef SPOOL_NAME_H
#define SPOOL_NAME_H

#include <stdbool.h>

#define NAME_KEY_MAX 200  /* bytes of KEY; leaves room for "-999" and for NAME_MAX = 255 */
#define NAME_SUFFIX_MAX 32 /* bytes; of 250 it would leave no room for a number */
#define NAME_REL_MAX 4000 /* below PATH_MAX with room for "processing/" and suffixes */

/* Half-copied, temporary, system and sidecar names: never developed and not even listed.
 * Case does not count. */
bool name_is_ignored(const char *component);

/* Is COMPONENT the control file WORD ("STOP", "PAUSE"): any case, with or without .txt? Counts
 * at the top of ROOT and of inbox/ only: a folder "stop" further down is somebody's. */
bool name_is_control(const char *component, const char *word);

/* Would the scan go past REL: an ignored component, or a control name at the top? */
bool name_is_ignored_rel(const char *rel);

/* Does a component of REL say "urgent"? */
bool name_is_urgent(const char *rel);

char *name_key(const char *rel);

/* REL for N = 1, its N-th sister otherwise: a/photo.jpg, a/photo-2.jpg, a/photo-3.jpg ... The stem is
 * shortened where NAME_MAX asks for it, never within a character. */
char *name_numbered(const char *rel, unsigned n);

/* The path of the N-th result: the folders of REL, and PATTERN with {stem} and {ext} filled in, all of
 * it spelled safely (spool/spelling.h) and the stem shortened as above. "-N" comes after the stem and is
 * never cut off, so that another N gives another name. */
char *name_result(const char *rel, unsigned n, const char *pattern, const char *ext);

/* The {ext} of the result: "jpg" or "png"; REL's own spelling where it says the same format. */
const char *name_result_ext(const char *rel, bool is_png);

/* The suffix of REL without its dot (a pointer into REL), "" when there is none. */
const char *name_suffix(const char *rel);

/* NAME as a case-insensitive share sees it: lower case in the locale's UTF-8; bytes that are no
 * UTF-8 stay. */
char *name_folded(const char *name);

#endif
