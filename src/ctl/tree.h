/* ctl/tree.h - every photograph below a folder, in the order of their names.
 *
 * Place:   add, gather, retry, wait, status -> here -> spool/scan.
 * Skips:   names that the daemon leaves alone; never follows a symbolic link.
 */
#ifndef CTL_TREE_H
#define CTL_TREE_H

#include <stdbool.h>
#include <sys/stat.h>

/* Told of every file (and socket, symbolic link ...; never of a folder): its PATH below the
 * folder that tree_each() began at. False ends the walk. */
typedef bool tree_fn(void *arg, const char *path, const struct stat *st);

/* Walk through PATH below DIR: "" is all of a folder of the spool, "." all of any other (scan.h).
 * PATH itself may be a file.
 * SKIP: a folder that is not entered, or NULL.
 * Returns: 0, also when FN ended it; -1 with errno, and the walk went on: something could not
 * be read, or PATH is not there (ENOENT). What vanishes meanwhile is no error. */
int tree_each(int dir, const char *path, const struct stat *skip, tree_fn *fn, void *arg);

#endif
