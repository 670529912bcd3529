/* image/jpeg/scans.c - what the scans of a progressive JPEG cost, before they are read. */
#include <config.h>

#include "image/jpeg/scans.h"

#include <stdlib.h>

#include "base/mem.h"
#include "image/jpeg/jpeg.h"
#include "image/walk.h"

/* What the scans of ITU T.81 G.1.2 cost: a block, a byte. Each visit to a block takes time, and that of
 * the first scan is when its memory comes from the kernel; a bit of a refinement moves many zeros. */
enum kind { DC_FIRST, DC_REFINE, AC_FIRST, AC_REFINE };
static const struct {
	double block_ns, byte_ns;
} costs[] = {
	[DC_FIRST] = { 100, 10 }, [DC_REFINE] = { 25, 0 }, [AC_FIRST] = { 20, 17 }, [AC_REFINE] = { 70, 42 },
};

static double
scan_blocks(const struct walk_piece *sos, j_decompress_ptr cinfo)
{
	int n = sos->head[0], i, k;
	double blocks = 0;

	for (i = 0; i < n && i < MAX_COMPS_IN_SCAN; i++)
		for (k = 0; k < cinfo->num_components; k++)
			if (cinfo->comp_info[k].component_id == sos->head[1 + 2 * i])
				blocks += (double)cinfo->comp_info[k].width_in_blocks *
				    cinfo->comp_info[k].height_in_blocks;
	return blocks;
}

/* By its first coefficient, and the bits of them that came before. */
static enum kind
scan_kind(const struct walk_piece *sos)
{
	int n = sos->head[0] < MAX_COMPS_IN_SCAN ? sos->head[0] : MAX_COMPS_IN_SCAN;
	const uint8_t *after = sos->head + 1 + 2 * n;
	bool is_refined = after[2] >> 4 > 0;

	if (after[0] == 0)
		return is_refined ? DC_REFINE : DC_FIRST;
	return is_refined ? AC_REFINE : AC_FIRST;
}

void
codec_jpeg_scans_find(struct codec_jpeg_scans *scans, int fd, uint64_t size_bytes,
    j_decompress_ptr cinfo)
{
	struct codec_source *source = mem_alloc(sizeof(*source));
	struct walk_piece piece;
	struct walk walk;

	*scans = (struct codec_jpeg_scans){ .n = 0 };
	source->fd = fd;
	source->size_bytes = size_bytes;
	if (walk_begin(&walk, source, &codec_jpeg))
		while (scans->n < CODEC_JPEG_MAX_SCANS && walk_next(&walk, &piece)) {
			enum kind kind = scan_kind(&piece);

			if (piece.type != CODEC_JPEG_SOS)
				continue;
			scans->n++;
			scans->before_ns[scans->n] = scans->before_ns[scans->n - 1] +
			    scan_blocks(&piece, cinfo) * costs[kind].block_ns +
			    (double)piece.size * costs[kind].byte_ns;
		}
	free(source);
}

bool
codec_jpeg_scans_tell_height(int fd, uint64_t size_bytes)
{
	struct codec_source *source = mem_alloc(sizeof(*source));
	struct walk_piece piece = { .type = 0 };
	struct walk walk;
	bool is_scan = false;

	source->fd = fd;
	source->size_bytes = size_bytes;
	if (walk_begin(&walk, source, &codec_jpeg))
		while (!is_scan && walk_next(&walk, &piece))
			is_scan = piece.type == CODEC_JPEG_SOS;
	is_scan = is_scan && walk_next(&walk, &piece) && piece.type == CODEC_JPEG_DNL;
	free(source);
	return is_scan;
}

double
codec_jpeg_scans_at(const struct codec_jpeg_scans *scans, int i_scan, double row, double n_rows)
{
	double before;

	if (i_scan < 0 || i_scan >= scans->n)
		return scans->before_ns[scans->n];
	before = scans->before_ns[i_scan];
	return before + (scans->before_ns[i_scan + 1] - before) * (n_rows <= 0 ? 1 : row / n_rows);
}

double
codec_jpeg_scans_ns(const struct codec_jpeg_scans *scans)
{
	return scans->before_ns[scans->n];
}
