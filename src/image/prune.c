/* image/prune.c - a walk over XMP's elements and attributes that leaves some of them out. */
#include <config.h>

#include "image/prune.h"

#include <stdlib.h>
#include <string.h>

/* A name that ends in * stands for all that begin so; *: is any prefix. */
static const struct {
	unsigned what;
	const char *name;
} names[] = {
	{ PRUNE_PARTS, "hdrgm:*" }, { PRUNE_PARTS, "HDRGainMap:*" }, { PRUNE_PARTS, "apdi:*" },
	{ PRUNE_PARTS, "Container:*" }, { PRUNE_PARTS, "GContainer:*" },
	{ PRUNE_PARTS, "GCamera:MicroVideo*" }, { PRUNE_PARTS, "GCamera:MotionPhoto*" },
	{ PRUNE_PARTS, "Camera:MicroVideo*" }, { PRUNE_PARTS, "Camera:MotionPhoto*" },
	{ PRUNE_PARTS, "OpCamera:MotionPhoto*" }, { PRUNE_PARTS, "OpCamera:VideoLength" },
	{ PRUNE_PARTS, "MiCamera:XMPMeta" }, { PRUNE_PARTS, "MotionPhoto:*" },
	{ PRUNE_COLORS, "exif:ColorSpace" }, { PRUNE_COLORS, "photoshop:ICCProfile" },
	{ PRUNE_EXTENSION, "xmpNote:HasExtendedXMP" }, { PRUNE_PRIVATE, "drone-dji:*" },
	{ PRUNE_PRIVATE, "lr:hierarchicalSubject" }, { PRUNE_PRIVATE, "mwg-rs:*" },
	{ PRUNE_PRIVATE, "MP:*" }, { PRUNE_PRIVATE, "LImage:*" },
	{ PRUNE_PRIVATE, "aux:LensSerialNumber" }, { PRUNE_PRIVATE, "exifEX:BodySerialNumber" },
	{ PRUNE_PRIVATE, "exifEX:LensSerialNumber" }, { PRUNE_PRIVATE, "exifEX:CameraOwnerName" },
	{ PRUNE_PRIVATE, "exif:MakerNote" },
	{ PRUNE_PRIVATE, "MicrosoftPhoto:CameraSerialNumber" },
	{ PRUNE_PRIVATE, "MicrosoftPhoto:LensSerialNumber" }, { PRUNE_PRIVATE, "xmp:Thumbnails" },
	{ PRUNE_PRIVATE, "xap:Thumbnails" }, { PRUNE_PRIVATE, "xmpGImg:*" },
	{ PRUNE_PRIVATE, "*:GPS*" }, { PRUNE_PRIVATE, "*:City" }, { PRUNE_PRIVATE, "*:Country*" },
	{ PRUNE_PRIVATE, "*:State" }, { PRUNE_PRIVATE, "*:Location*" },
	{ PRUNE_PRIVATE, "*:SerialNumber" }, { PRUNE_PRIVATE, "*:CameraSerialNumber" },
	{ PRUNE_PRIVATE, "*:OwnerName" },
};

/* One walk. */
struct walker {
	const char *at, *end, *kept; /* kept: what is from here on was not put yet */
	unsigned what;
	uint8_t *to;                 /* NULL: only look */
	size_t n;
	bool is_broken, has_cut;
};

static bool
is_meant(const char *name, size_t n, unsigned what)
{
	const char *colon = memchr(name, ':', n);
	size_t before = colon == NULL ? 0 : (size_t)(colon - name), i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *wanted = names[i].name;
		size_t length = strlen(wanted);
		bool is_open = wanted[length - 1] == '*', is_any = wanted[0] == '*';
		const char *from = is_any ? name + before : name;
		size_t have = is_any ? n - before : n;

		wanted += is_any;
		length -= (size_t)is_any + is_open;
		if ((names[i].what & what) != 0 && (is_open ? have >= length : have == length) &&
		    memcmp(from, wanted, length) == 0)
			return true;
	}
	return false;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
skip_space(struct walker *w)
{
	while (w->at < w->end && is_space(*w->at))
		w->at++;
}

/* Behind the next TEXT; none is broken. */
static void
skip_past(struct walker *w, const char *text)
{
	const char *found = memmem(w->at, (size_t)(w->end - w->at), text, strlen(text));

	if (found == NULL)
		w->is_broken = true;
	w->at = found == NULL ? w->end : found + strlen(text);
}

static size_t
name_length(const struct walker *w)
{
	const char *at = w->at;

	while (at < w->end && !is_space(*at) && strchr("=/><\"'", *at) == NULL)
		at++;
	return (size_t)(at - w->at);
}

/* What is from BEGIN to where we are is left out. */
static void
cut(struct walker *w, const char *begin)
{
	size_t n = (size_t)(begin - w->kept);

	w->has_cut = true;
	if (w->to != NULL)
		memcpy(w->to + w->n, w->kept, n);
	w->n += n;
	w->kept = w->at;
}

/* An attribute; its value is in quotation marks. */
static void
pass_attribute(struct walker *w, const char *space)
{
	const char *name = w->at;
	size_t n = name_length(w);
	char quote[2] = "";

	w->at += n;
	skip_space(w);
	if (n == 0 || w->at == w->end || *w->at++ != '=') {
		w->is_broken = true;
		return;
	}
	skip_space(w);
	if (w->at == w->end || (*w->at != '"' && *w->at != '\'')) {
		w->is_broken = true;
		return;
	}
	quote[0] = *w->at++;
	skip_past(w, quote);
	if (!w->is_broken && is_meant(name, n, w->what))
		cut(w, space);
}

/* The rest of a tag whose name is behind us. Returns whether it was closed in itself. */
static bool
pass_tag(struct walker *w)
{
	while (!w->is_broken) {
		const char *space = w->at;

		skip_space(w);
		if (w->at == w->end)
			break;
		if (*w->at == '>') {
			w->at++;
			return false;
		}
		if (w->end - w->at >= 2 && w->at[0] == '/' && w->at[1] == '>') {
			w->at += 2;
			return true;
		}
		pass_attribute(w, space);
	}
	w->is_broken = true;
	return true;
}

/* Over declarations, remarks and ends of elements. False: the tag begins an element. */
static bool
pass_other(struct walker *w)
{
	size_t left = (size_t)(w->end - w->at);

	if (left >= 4 && memcmp(w->at, "<!--", 4) == 0)
		skip_past(w, "-->");
	else if (left >= 2 && memcmp(w->at, "<?", 2) == 0)
		skip_past(w, "?>");
	else if (left >= 2 && (w->at[1] == '/' || w->at[1] == '!'))
		skip_past(w, ">");
	else
		return false;
	return true;
}

/* To the end of the element NAME, in which others of its name may be. */
static void
pass_element(struct walker *w, const char *name, size_t n)
{
	unsigned what = w->what, depth = 1;

	w->what = 0; /* all of it goes in one piece */
	while (depth > 0 && !w->is_broken) {
		const char *tag = memchr(w->at, '<', (size_t)(w->end - w->at));
		bool is_end, is_same;

		if (tag == NULL) {
			w->is_broken = true;
			break;
		}
		w->at = tag + 1;
		is_end = w->at < w->end && *w->at == '/';
		w->at += is_end;
		is_same = name_length(w) == n && memcmp(w->at, name, n) == 0;
		w->at = tag;
		if (pass_other(w))
			depth -= is_end && is_same;
		else {
			w->at = tag + 1;
			w->at += name_length(w);
			depth += !pass_tag(w) && is_same;
		}
	}
	w->what = what;
}

static void
pass_all(struct walker *w)
{
	const char *tag, *name;
	size_t n;

	while (!w->is_broken && (tag = memchr(w->at, '<', (size_t)(w->end - w->at))) != NULL) {
		bool is_closed, is_meant_all;
		unsigned what = w->what;

		w->at = tag;
		if (pass_other(w))
			continue;
		name = ++w->at;
		n = name_length(w);
		w->at += n;
		is_meant_all = is_meant(name, n, what);
		w->what = is_meant_all ? 0 : what;
		is_closed = pass_tag(w);
		if (is_meant_all && !is_closed)
			pass_element(w, name, n);
		w->what = what;
		if (is_meant_all && !w->is_broken)
			cut(w, tag);
	}
}

static struct walker
walk_over(const struct meta_block *from, unsigned what, uint8_t *to)
{
	struct walker w = { .at = (const char *)from->data, .what = what, .to = to };

	w.kept = w.at;
	w.end = w.at + from->size;
	pass_all(&w);
	return w;
}

bool
prune(const struct meta_block *from, unsigned what, struct meta_block *to, bool *is_broken)
{
	struct walker w = walk_over(from, what, NULL);
	uint8_t *data;

	*is_broken = w.is_broken;
	if (w.is_broken || !w.has_cut)
		return false;
	data = malloc(from->size);
	if (data == NULL) {
		*is_broken = true;
		return false;
	}
	w = walk_over(from, what, data);
	memcpy(data + w.n, w.kept, (size_t)(w.end - w.kept));
	*to = (struct meta_block){ .data = data, .size = w.n + (size_t)(w.end - w.kept) };
	return true;
}

static bool
holds(const struct meta_block *xmp, const char *text)
{
	return xmp->data != NULL && memmem(xmp->data, xmp->size, text, strlen(text)) != NULL;
}

bool
prune_has_gain_map(const struct meta_block *xmp)
{
	return holds(xmp, "hdrgm:Version") || holds(xmp, "HDRGainMap:") ||
	    holds(xmp, "\"GainMap\"");
}

bool
prune_has_film(const struct meta_block *xmp)
{
	return holds(xmp, ":MotionPhoto=\"1\"") || holds(xmp, ":MicroVideo=\"1\"") ||
	    holds(xmp, ":MotionPhoto>1<") || holds(xmp, ":MicroVideo>1<");
}
