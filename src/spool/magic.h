/* spool/magic.h - what a file is, by its first bytes: its name says nothing.
 *
 * Place:   master/ready, jobdir, ctl/gather -> here. Never looks at more than MAGIC_SIZE bytes.
 */
#ifndef SPOOL_MAGIC_H
#define SPOOL_MAGIC_H

#define MAGIC_SIZE 8 /* bytes */

enum magic {
	MAGIC_SHORT, /* too short to tell, or zeros: space that a copier reserved */
	MAGIC_OTHER,
	MAGIC_JPEG,
	MAGIC_PNG,
	MAGIC_UNREAD /* the disk's fault, errno: it may be anything */
};

/* FD may be anywhere in its file. */
enum magic magic_of(int fd);

#endif
