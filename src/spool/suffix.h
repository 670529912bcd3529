/* spool/suffix.h - the path of a companion file: NAME.progress, NAME.error.txt.
 *
 * Place:   spool/progress, spool (error texts) -> here.
 * Why:     a file may have a name of 255 bytes already; its companion must fit all the same.
 * Source:  NAME_MAX of limits.h.
 */
#ifndef SPOOL_SUFFIX_H
#define SPOOL_SUFFIX_H

/* REL with SUFFIX behind its last component. Where that component would grow longer than
 * NAME_MAX, it is cut at a UTF-8 boundary and gets "~" and 8 hex digits of the XXH64 of the whole
 * component, so that two long names keep two companions. The same REL gives the same answer on
 * every machine.
 * SUFFIX:  at most 200 bytes, with its dot.
 * Gives a string. */
char *name_with_suffix(const char *rel, const char *suffix);

#endif
