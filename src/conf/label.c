/* conf/label.c - is a name of the configuration fit to be one of a folder or a result? */
#include <config.h>

#include <string.h>
#include <strings.h>

#include "conf/label.h"

#define RESERVED_CHARACTERS "/\\:*?\"<>|"
#define FOLDER_SIZE 256 /* NAME_MAX of Linux file systems, with NUL */

bool
label_has_control(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

/* Devices of Windows, which are no names there with any suffix either. */
static bool
is_device(const char *name)
{
	static const char *const devices[] = { "con", "prn", "aux", "nul" };
	size_t length = strcspn(name, "."), i;

	for (i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		if (length == 3 && strncasecmp(name, devices[i], 3) == 0)
			return true;
	return length == 4 && name[3] >= '1' && name[3] <= '9' &&
	    (strncasecmp(name, "com", 3) == 0 || strncasecmp(name, "lpt", 3) == 0);
}

const char *
label_folder_fault(const char *name, size_t size)
{
	size_t length = strlen(name);

	if (length == 0)
		return "a name is missing";
	if (length >= (size == 0 ? FOLDER_SIZE : size))
		return "the name is too long";
	if (name[0] == '.')
		return "a name must not begin with a dot: its folder would be hidden";
	if (label_has_control(name))
		return "a name must not hold control characters";
	if (strpbrk(name, RESERVED_CHARACTERS ",=[]") != NULL)
		return "a name must not hold any of / \\ : * ? \" < > | , = [ ]";
	if (name[length - 1] == '.' || name[length - 1] == ' ')
		return "a name must not end with a dot or a space: Windows cannot show its folder";
	if (is_device(name))
		return "the name is a device of Windows, which cannot show its folder";
	return NULL;
}

const char *
label_profile_fault(const char *name)
{
	static const char *const reserved[] = { "urgent", "stop", "stop.txt", "pause", "pause.txt" };
	size_t i;

	for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcasecmp(name, reserved[i]) == 0)
			return "the name is reserved: a folder of that name in the inbox means "
			    "something else";
	return label_folder_fault(name, 0);
}

/* The length of the placeholder at P, 0 when it is none of ours. */
static size_t
placeholder(const char *p, bool *is_stem)
{
	if (strncmp(p, "{stem}", 6) == 0) {
		*is_stem = true;
		return 6;
	}
	return strncmp(p, "{ext}", 5) == 0 ? 5 : 0;
}

bool
label_is_pattern(const char *text, size_t size)
{
	size_t length = strlen(text), n;
	bool has_stem = false;
	const char *p;

	if (length == 0 || length >= size || text[0] == '.' || text[length - 1] == '.' ||
	    text[length - 1] == ' ' || label_has_control(text) ||
	    strpbrk(text, RESERVED_CHARACTERS) != NULL)
		return false;
	for (p = text; (p = strpbrk(p, "{}")) != NULL; p += n) {
		n = placeholder(p, &has_stem);
		if (n == 0)
			return false;
	}
	return has_stem;
}

void
label_say_pattern(size_t size, FILE *out)
{
	fprintf(out, "must be a file name of less than %zu bytes that holds {stem}, perhaps {ext}, no "
	    "other braces and none of / \\ : * ? \" < > |, begins with no dot and ends with no dot "
	    "or space", size);
}
