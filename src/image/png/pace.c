#include <config.h>

#include "image/png/pace.h"

#define ROWS_PER_NEWS 16

#define BYTE_NS 15.0     /* of the file: inflate */
#define ROW_BYTE_NS 3.0  /* of the rows: filters, and apart into planes */
#define PASS_BYTE_NS 0.3 /* each pass goes over all rows, whatever it has of them */
#define TAKE_BYTE_NS 0.7 /* and when all are there, they are read once more */
#define FREE_BYTE_NS 0.2 /* and go back to the kernel */

double
codec_png_pace_ns(const struct codec_png_pace *rows)
{
	double ns = rows->row_bytes * ROW_BYTE_NS + rows->file_bytes * BYTE_NS;

	if (rows->n_passes > 1)
		ns += rows->row_bytes * rows->n_passes * PASS_BYTE_NS;
	if (rows->n_passes > 1 && rows->is_taken)
		ns += rows->row_bytes * (TAKE_BYTE_NS + FREE_BYTE_NS);
	return ns;
}

void
codec_png_pace_row(const struct codec_png_pace *rows, struct pace *pace, int pass, uint32_t y)
{
	/* the passes of Adam7 */
	static const double before[] = { 0, 1 / 64.0, 1 / 32.0, 1 / 16.0, 1 / 8.0, 1 / 4.0, 1 / 2.0, 1 };
	double rows_ns = rows->row_bytes * ROW_BYTE_NS + rows->file_bytes * BYTE_NS;
	double within = (double)y / rows->height_px, ns = rows_ns * within;

	if (y % ROWS_PER_NEWS != 0)
		return;
	if (rows->n_passes > 1)
		ns = rows_ns * (before[pass] + (before[pass + 1] - before[pass]) * within) +
		    rows->row_bytes * PASS_BYTE_NS * (pass + within);
	pace_at(pace, ns, codec_png_pace_ns(rows));
}

void
codec_png_pace_taken(const struct codec_png_pace *rows, struct pace *pace, uint32_t y)
{
	double left = 1.0 - (double)y / rows->height_px;
	double all_ns = codec_png_pace_ns(rows);

	if (y % ROWS_PER_NEWS == 0)
		pace_at(pace, all_ns - rows->row_bytes * (TAKE_BYTE_NS * left + FREE_BYTE_NS), all_ns);
}
