/* spool/spool.h - the folders, and every change of a name that moves a job between them.
 *
 * Place:   master (inbox, dispatch, job), plan -> here -> base/fsio.   Process: master, ctl.
 * Owns:    a descriptor per folder.
 * Links:   nothing is reached through a symbolic link, neither a folder at ROOT's top nor what is below
 *          it (fsio.h): whoever may write ROOT could put one in a folder's place, and a daemon that is
 *          root would work in somebody else's. The exception is a link that spool.follow names and
 *          that root or the daemon's user made. All folders lie on one file system.
 * Owner:   .darkroom is the daemon's alone (0700): one that is another user's is refused. A ROOT that
 *          we make a spool of becomes sticky and setgid, so that its group can make STOP there and
 *          remove it, but can neither rename the folders nor put anything in their place.
 * Errors:  0 or -1 with errno, nothing logged, never exits. spool_open() says why in words.
 * Source:  rename(2), renameat2(2); disk states J1 to J6: src/README.
 */
#ifndef SPOOL_SPOOL_H
#define SPOOL_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "spool/folders.h"
#include "spool/synclist.h"

struct spool_id spool_id_of(const struct stat *st);
struct timespec spool_time_of(int64_t ns); /* of an mtime_ns, as futimens(2) wants it */
bool spool_same_picture(const struct spool_id *a, const struct spool_id *b); /* ino, size, mtime */

/* Open the spool at ROOT: make the folders that are missing (not ROOT itself), and try what the
 * program relies on: create, unlink, the renames between the folders, locks, all on one file
 * system, no folder inside another.
 * MAY_MAKE: false for the command, which looks at a spool but never makes one.
 * FOLLOWS: which folders may be links, see folders.h.
 * Returns: the spool, or NULL with *WHY: a sentence for people, the caller's. */
struct spool *spool_open(const char *root, bool may_make, unsigned follows, char **why);
void spool_close(struct spool *spool);

/* May others than ROOT's owner and root rename our folders away? A word for the log. */
bool spool_is_exposed(const struct spool *spool);

/* Is the folder at ROOT/inbox the one that we know? 0; -1: it is missing or another one (see
 * spool_find_inbox). */
int spool_check_inbox(struct spool *spool);

/* Take whatever folder is at ROOT/inbox now, if it passes the checks of the start. Never makes
 * one: a missing inbox may be a disk that is not mounted. 0, or -1 and inbox_fd is -1. */
int spool_find_inbox(struct spool *spool);

/* Is the spool that has ID (its .darkroom/spool-id) at ROOT? */
bool spool_is_at(const char *root, const char *id);

/* Are processing, done, failed, out and .darkroom still the folders that we opened? 0; -1: somebody
 * removed or replaced one; what we do through our descriptors would be seen by nobody. */
int spool_check_folders(const struct spool *spool);

/* Make what spool_open() needs to find its way again: .darkroom and its mark. 0; -1 ESTALE: ROOT
 * itself is another folder (its disk is not mounted), and nothing was made. */
int spool_mend(struct spool *spool);

/* inbox/REL -> processing/REL, J1/J2 -> J3, never replacing. The job's lock is held.
 * Returns: 0; -1 ENOENT the file is gone (or replaced by a folder); -1 EEXIST the same REL is in
 *          processing/; -1 others: EACCES and EXDEV concern this file alone.
 * Durable: not before spool_sync_claim(); until then a power cut may put it back into inbox/ (J1). */
int spool_claim(struct spool *spool, const char *rel);

/* Put into SYNC what makes the claim of REL last. It has to before the plan is sealed: else a power
 * cut may keep the plan and take back the claim. 0; -1. */
int spool_sync_claim(struct spool *spool, const char *rel, struct synclist *sync);

/* The room that is left for results, bytes; 0 on failure. */
uint64_t spool_free_bytes(const struct spool *spool);

/* Has the file system room for hardly any more files (inodes), however much for bytes? */
bool spool_is_out_of_files(const struct spool *spool);

#endif
