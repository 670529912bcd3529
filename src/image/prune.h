/* image/prune.h - properties cut out of a packet of XMP.
 *
 * Place:   metadata -> here -> meta.
 * Why:     a packet says things that are not true of a result (a gain map that lay behind the picture), or
 *          that are nobody's business (where it was taken).
 * Form:    a property is an attribute or an element with all that is in it. Names are compared with the
 *          prefixes that their makers' specifications use and everybody writes.
 * Source:  XMP Specification Part 1 (2012), 7; Ultra HDR Image Format 1.0; Motion Photo 1.0.
 */
#ifndef IMAGE_PRUNE_H
#define IMAGE_PRUNE_H

#include "image/meta.h"

enum prune {
	PRUNE_PARTS = 1,    /* of other pictures and films in the file, which a result has not */
	PRUNE_COLORS = 2,   /* the name of the colours that it no longer has */
	PRUNE_PRIVATE = 4,  /* place, serial numbers, owners' names, thumbnails; see metadata = safe */
	PRUNE_EXTENSION = 8 /* the tie to an extension that is left out */
};

/* FROM without what WHAT names, a set of enum prune, into TO (by malloc). False: there is nothing to cut,
 * and TO is left alone. IS_BROKEN: it is no XML that we understand. */
bool prune(const struct meta_block *from, unsigned what, struct meta_block *to, bool *is_broken);

/* Does XMP tell of a gain map? Of a film? */
bool prune_has_gain_map(const struct meta_block *xmp);
bool prune_has_film(const struct meta_block *xmp);

#endif
