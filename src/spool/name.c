/* spool/name.c - names on their way: what is ignored in inbox/, and what results are called. */
#include <config.h>

#include <ctype.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>
#include <wctype.h>
#include <xxhash.h>

#include "base/mem.h"
#include "base/quote.h"
#include "spool/name.h"
#include "spool/spelling.h"

/* fnmatch(3) patterns without case. Who makes them: editors, browsers, copy programs, NAS
 * systems, Windows, macOS; the last row is ours. */
static const char *const ignored_patterns[] = {
	".*", "~$*", "*~", "#*#",
	"Thumbs.db", "ehthumbs.db", "desktop.ini", "Icon\r",
	"*.tmp", "*.temp", "*.part", "*.partial", "*.filepart", "*.crdownload", "*.download",
	"*.opdownload", "*.aria2", "*.!ut", "*.swp",
	"@eaDir", "#recycle", "#snapshot", "$RECYCLE.BIN", "System Volume Information", "__MACOSX",
	"lost+found",
	"*.progress", "*.error.txt",
};

bool
name_is_ignored(const char *component)
{
	size_t i;

	for (i = 0; i < sizeof(ignored_patterns) / sizeof(ignored_patterns[0]); i++)
		if (fnmatch(ignored_patterns[i], component, FNM_CASEFOLD | FNM_NOESCAPE) == 0)
			return true;
	return false;
}

bool
name_is_control(const char *component, const char *word)
{
	size_t length = strlen(word);

	return strncasecmp(component, word, length) == 0 &&
	    (component[length] == '\0' || strcasecmp(component + length, ".txt") == 0);
}

/* Walk the components of REL: copy the next one into PART (NAME_MAX + 1 bytes) and return what
 * follows, NULL at the end. A component that is too long for a file system is cut. */
static const char *
next_component(const char *rel, char *part)
{
	size_t length;

	if (rel == NULL || *rel == '\0')
		return NULL;
	length = strcspn(rel, "/");
	snprintf(part, NAME_MAX + 1, "%.*s", (int)(length > NAME_MAX ? NAME_MAX : length), rel);
	return rel[length] == '/' ? rel + length + 1 : rel + length;
}

bool
name_is_ignored_rel(const char *rel)
{
	char part[NAME_MAX + 1];
	const char *rest = next_component(rel, part);

	if (rest != NULL && (name_is_control(part, "STOP") || name_is_control(part, "PAUSE")))
		return true;
	for (; rest != NULL; rest = next_component(rest, part))
		if (name_is_ignored(part))
			return true;
	return false;
}

bool
name_is_urgent(const char *rel)
{
	char part[NAME_MAX + 1];
	const char *rest;

	for (rest = next_component(rel, part); rest != NULL; rest = next_component(rest, part))
		if (strcasecmp(part, "urgent") == 0 && *rest != '\0')
			return true;
	return false;
}

char *
name_key(const char *rel)
{
	char *key = quote_percent(rel, "");
	XXH128_hash_t hash;
	char *cut;

	if (strlen(key) <= NAME_KEY_MAX)
		return key;
	hash = XXH3_128bits(rel, strlen(rel));
	cut = mem_printf("%.150s~%016llx%016llx", key, (unsigned long long)hash.high64,
	    (unsigned long long)hash.low64);
	free(key);
	return cut;
}

static const char *
last_component(const char *rel)
{
	const char *slash = strrchr(rel, '/');

	return slash == NULL ? rel : slash + 1;
}

const char *
name_suffix(const char *rel)
{
	const char *name = last_component(rel);
	const char *dot = strrchr(name, '.');

	return dot == NULL || dot == name || strlen(dot + 1) > NAME_SUFFIX_MAX ? "" : dot + 1;
}

/* The length of the last component of REL without its suffix. */
static size_t
stem_length(const char *rel)
{
	const char *name = last_component(rel);
	const char *suffix = name_suffix(rel);

	return *suffix == '\0' ? strlen(name) : (size_t)(suffix - 1 - name);
}

char *
name_numbered(const char *rel, unsigned n)
{
	const char *name = last_component(rel);
	char *stem = mem_dup_n(name, stem_length(rel));
	char *tail, *numbered;

	if (n <= 1) {
		free(stem);
		return mem_dup(rel);
	}
	tail = mem_printf("-%u%s", n, name + strlen(stem));
	stem[spelling_cut(stem, NAME_MAX - strlen(tail))] = '\0';
	numbered = mem_printf("%.*s%s%s", (int)(name - rel), rel, stem, tail);
	free(tail);
	free(stem);
	return numbered;
}

/* PATTERN with {ext} filled in and split at {stem}: what stands before it and after it. */
static void
fill_pattern(const char *pattern, const char *ext, char **before, char **after)
{
	size_t sizes[2];
	FILE *out[2] = { mem_stream(before, &sizes[0]), mem_stream(after, &sizes[1]) };
	int side = 0;

	while (*pattern != '\0') {
		if (strncmp(pattern, "{stem}", 6) == 0) {
			side = 1;
			pattern += 6;
		} else if (strncmp(pattern, "{ext}", 5) == 0) {
			fputs(ext, out[side]);
			pattern += 5;
		} else
			fputc(*pattern++, out[side]);
	}
	fclose(out[0]);
	fclose(out[1]);
}

/* STEM and TAIL, spelled so that it can be read everywhere; only the stem is shortened. */
static char *
spell(const char *stem, const char *tail)
{
	char *safe_stem = spelling_safe_text(stem), *safe_tail = spelling_safe_text(tail);
	char *component = mem_printf("%s%s", safe_stem, safe_tail);
	const char *mark = spelling_is_device(component) ? "_" : "";
	size_t room = NAME_MAX - strlen(safe_tail) - strlen(mark);

	free(component);
	component = mem_printf("%s%.*s%s", mark, (int)spelling_cut(safe_stem, room), safe_stem, safe_tail);
	spelling_mend_end(component);
	free(safe_stem);
	free(safe_tail);
	return component;
}

char *
name_result(const char *rel, unsigned n, const char *pattern, const char *ext)
{
	const char *name = last_component(rel);
	char *parent = mem_dup_n(rel, (size_t)(name - rel)); /* with its slash, or "" */
	char *before, *after, *stem, *tail, *folders, *component, *result;

	fill_pattern(pattern, ext, &before, &after);
	stem = mem_printf("%s%.*s", before, (int)stem_length(rel), name);
	tail = n <= 1 ? mem_dup(after) : mem_printf("-%u%s", n, after);
	component = spell(stem, tail);
	folders = spelling_safe_folders(parent);
	result = mem_printf("%s%s", folders, component);
	free(folders);
	free(component);
	free(tail);
	free(stem);
	free(after);
	free(before);
	free(parent);
	return result;
}

const char *
name_result_ext(const char *rel, bool is_png)
{
	const char *own = name_suffix(rel);

	if (is_png)
		return strcasecmp(own, "png") == 0 ? own : "png";
	return strcasecmp(own, "jpg") == 0 || strcasecmp(own, "jpeg") == 0 ? own : "jpg";
}

char *
name_folded(const char *name)
{
	size_t left = strlen(name);
	char *folded = mem_alloc(left * MB_LEN_MAX + 1);
	char *out = folded;
	mbstate_t in_state = { 0 }, out_state = { 0 };
	size_t length, put;
	wchar_t wide;

	while (left > 0) {
		length = mbrtowc(&wide, name, left, &in_state);
		put = length == 0 || length > left ? (size_t)-1 :
		    wcrtomb(out, (wchar_t)towlower((wint_t)wide), &out_state);
		if (put == (size_t)-1) { /* not a character: the byte itself */
			*out = *name;
			length = put = 1;
			in_state = out_state = (mbstate_t){ 0 };
		}
		out += put;
		name += length;
		left -= length;
	}
	*out = '\0';
	out = mem_dup(folded); /* it may be kept for long: without the room for the worst case */
	free(folded);
	return out;
}
