/* image/xmp.h - who made a picture and whose it is, by its XMP.
 *
 * Place:   metadata -> here.
 * Reads:   dc:creator (all of them, with "; " between) and dc:rights (the first language, which
 *          is the default) in the form that all write: elements, with the prefixes dc and rdf.
 * Bounds:  looks, and does not parse: what is damaged or coded otherwise than UTF-8 says nothing.
 * Source:  XMP Specification Part 1 (2012) C.2; XML 1.0, 4.6 (entities).
 */
#ifndef IMAGE_XMP_H
#define IMAGE_XMP_H

#include "image/meta.h"

/* Fill what is empty in RIGHTS, where XMP says it. */
void xmp_rights(const struct meta_block *xmp, struct meta_rights *rights);

#endif
