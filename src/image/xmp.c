/* image/xmp.c - author and rights, out of a packet of XMP. */
#include <config.h>

#include <string.h>

#include "image/xmp.h"

#define MAX_ENTITY 10 /* bytes between & and ; */
#define UNICODE_END 0x110000u
#define SURROGATES 0xd800u
#define SURROGATES_END 0xe000u

struct span {
	const char *at, *end;
};

static const char *
find_text(struct span in, const char *what)
{
	return in.at >= in.end ? NULL : memmem(in.at, (size_t)(in.end - in.at), what,
	    strlen(what));
}

/* What stands in the next element NAME of IN, which begins behind it then. */
static bool
next_element(struct span *in, const char *name, const char *closing, struct span *content)
{
	const char *at, *end;

	while ((at = find_text(*in, name)) != NULL) {
		in->at = at + strlen(name);
		if (in->at == in->end || strchr("> \t\r\n", *in->at) == NULL)
			continue; /* a longer name */
		at = memchr(in->at, '>', (size_t)(in->end - in->at));
		if (at == NULL || at[-1] == '/')
			continue;
		end = find_text((struct span){ at, in->end }, closing);
		if (end == NULL)
			return false;
		*content = (struct span){ at + 1, end };
		in->at = end;
		return true;
	}
	return false;
}

/* ---- text ---- */

/* C as UTF-8; returns its length. */
static size_t
encode(uint32_t c, char to[4])
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4, i;
	static const uint8_t lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (i = n; i-- > 1; c >>= 6)
		to[i] = (char)(0x80 | (c & 0x3f));
	to[0] = (char)(lead[n] | c);
	return n;
}

static uint32_t
number(const char *digits, size_t n)
{
	unsigned base = n > 0 && digits[0] == 'x' ? 16 : 10;
	uint32_t value = 0;
	size_t i;

	for (i = base == 16 ? 1 : 0; i < n && value < UNICODE_END; i++) {
		const char *all = "0123456789abcdef";
		const char *digit = memchr(all, digits[i] >= 'A' && digits[i] <= 'F' ?
		    digits[i] + 'a' - 'A' : digits[i], base);

		if (digit == NULL)
			return 0;
		value = value * base + (uint32_t)(digit - all);
	}
	return value < UNICODE_END && (value < SURROGATES || value >= SURROGATES_END) ? value : 0;
}

/* The character that the entity at AT names, which ends at *NEXT; 0: it is none. */
static uint32_t
entity(const char *at, const char *end, const char **next)
{
	static const struct {
		const char *name;
		char c;
	} names[] = { { "amp", '&' }, { "lt", '<' }, { "gt", '>' }, { "quot", '"' },
		{ "apos", '\'' } };
	size_t room = (size_t)(end - at), n, i;
	const char *stop = memchr(at, ';', room < MAX_ENTITY + 2 ? room : MAX_ENTITY + 2);

	if (stop == NULL)
		return 0;
	*next = stop + 1;
	n = (size_t)(stop - at) - 1;
	if (n > 1 && at[1] == '#')
		return number(at + 2, n - 1);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (n == strlen(names[i].name) && memcmp(at + 1, names[i].name, n) == 0)
			return (uint32_t)names[i].c;
	return 0;
}

/* Append TEXT without its entities. What does not fit is cut between letters. */
static void
put_text(char to[META_RIGHT_SIZE], struct span text)
{
	size_t at = strlen(to), n, whole = at;

	while (text.at < text.end && *text.at != '\0') {
		const char *next = text.at + 1;
		uint32_t c = *text.at == '&' ? entity(text.at, text.end, &next) : 0;
		char letter[4] = { *text.at };

		if (((uint8_t)*text.at & 0xc0) != 0x80)
			whole = at;
		if (c == 0)
			next = text.at + 1;
		n = c == 0 ? 1 : encode(c, letter);
		if (at + n >= META_RIGHT_SIZE) {
			at = whole;
			break;
		}
		memcpy(to + at, letter, n);
		at += n;
		text.at = next;
	}
	to[at] = '\0';
}

/* ---- what it says ---- */

static void
put_items(char to[META_RIGHT_SIZE], struct span list, bool is_all)
{
	static const char between[] = "; ";
	struct span item;

	while (next_element(&list, "<rdf:li", "</rdf:li>", &item)) {
		if (to[0] != '\0')
			put_text(to, (struct span){ between, between + 2 });
		put_text(to, item);
		if (!is_all)
			return;
	}
}

void
xmp_rights(const struct meta_block *xmp, struct meta_rights *rights)
{
	struct span all, in, list;

	if (xmp->data == NULL)
		return;
	in = all = (struct span){ (const char *)xmp->data, (const char *)xmp->data + xmp->size };
	if (rights->author[0] == '\0' &&
	    next_element(&in, "<dc:creator", "</dc:creator>", &list))
		put_items(rights->author, list, true);
	in = all;
	if (rights->copyright[0] == '\0' &&
	    next_element(&in, "<dc:rights", "</dc:rights>", &list))
		put_items(rights->copyright, list, false);
}
