/* base/fsio.h - the system calls on files, in the few forms that this program allows itself.
 *
 * Place:   spool, conf, ctl, master -> here.
 * Paths:   below a directory descriptor; every look-up of a path with slashes goes through
 *          openat2(2) RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS, so that a symbolic link put into
 *          a shared folder leads nowhere.
 * Errors:  0 or a descriptor, else -1 with errno; nothing logged, never exits.
 * Durable: only where it says so. A failed fsync is never repeated on the same file (its pages
 *          count as clean afterwards): the caller writes the file anew.
 * Source:  openat2(2), renameat2(2), fsync(2).
 */
#ifndef BASE_FSIO_H
#define BASE_FSIO_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#define FSIO_TEMP_PREFIX ".tmp-" /* names of half-written files of ours; hidden, ignored */

/* Open the folder PATH ("" or "." is DIR itself) below DIR. Gives a descriptor. */
int fsio_open_dir(int dir, const char *path);

/* Open the file PATH below DIR. FLAGS as for open(2); O_CLOEXEC, O_NOFOLLOW and O_NOCTTY are
 * added. Gives a descriptor. */
int fsio_open(int dir, const char *path, int flags, mode_t mode);

/* Open the folder that holds PATH. *NAME: the last component, a pointer into PATH. */
int fsio_open_parent(int dir, const char *path, const char **name);

/* The folder of PATH, "" where PATH has none. Gives a string. */
char *fsio_parent(const char *path);

/* Open the folder PATH below DIR to list it, "." and ".." included. Gives a listing, for closedir(3), or
 * NULL with errno. */
DIR *fsio_list(int dir, const char *path);

/* fstatat(2) without following links. */
int fsio_stat(int dir, const char *path, struct stat *st);

/* mkdir -p of PATH below DIR, 0777 less the umask, new folders with the group of their parent.
 * *N_MADE, which may be NULL: how many were new, the last ones of PATH; their parents are not
 * fsynced. */
int fsio_make_dirs(int dir, const char *path, unsigned *n_made);

/* The same for the folders that PATH is to lie in. */
int fsio_make_parents(int dir, const char *path, unsigned *n_made);

/* Rename without replacing: EEXIST when NEW is there (in whatever shape). Where the file
 * system knows no RENAME_NOREPLACE: link, then unlink; both names may be seen in between. */
int fsio_rename_new(int old_dir, const char *old_path, int new_dir, const char *new_path);

/* Plain rename, replacing. */
int fsio_rename(int old_dir, const char *old_path, int new_dir, const char *new_path);

int fsio_unlink(int dir, const char *path);

/* Remove the folder PATH if it is empty. */
int fsio_remove_dir(int dir, const char *path);

/* Remove the empty folders PATH, its parent and so on, up to but not DIR itself. Stops silently at
 * the first one that is not empty. */
void fsio_prune(int dir, const char *path);

/* The same, beginning with the folder that held the file PATH. */
void fsio_prune_parents(int dir, const char *path);

/* Remove NAME and all that is in it; symbolic links are removed, not followed. */
int fsio_remove_tree(int dir, const char *name);

int fsio_write_all(int fd, const void *data, size_t size);

/* Write TEXT to a hidden file beside PATH and rename it there: readers see the old or the new
 * file, whole. MODE less the umask; the group of the folder. DURABLE: fsync the file before
 * and the folder after the rename. */
int fsio_replace(int dir, const char *path, const char *text, size_t size, mode_t mode,
    bool is_durable);

/* Write TEXT over the file PATH, in the room that it has already: for a disk that has none for a
 * second file. What is left of a longer text becomes empty lines. A reader may meet half of either, so
 * not for anything that counts. ENOSPC: TEXT takes more room than the file has, or the file has another
 * name, which somebody may have made to have that one overwritten. */
int fsio_overwrite(int dir, const char *path, const char *text, size_t size);

/* Gives the whole file as a string (*SIZE, which may be NULL, counts without the NUL).
 * EFBIG when it is longer than MAX. */
int fsio_read(int dir, const char *path, size_t max, char **text, size_t *size);

/* fsync files and folders, one after the other in this order, and stop at the first that fails.
 * What is written to all of them is on its way before the first is waited for, so that a journal
 * commits them together. */
int fsio_sync_all(const int *fds, size_t n);

/* Give FD the group of the folder DIR, where that is ours to give; silent where not. */
void fsio_adopt_group(int fd, int dir);

#endif
