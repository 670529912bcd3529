#include <config.h>

#include <fnmatch.h>
#include <string.h>
#include <strings.h>

#include "ctl/names.h"

static const char *const ignored[] = {
	".*", "~$*", "*~", "[#]*[#]",
	"Thumbs.db", "ehthumbs.db", "desktop.ini", "Icon\r",
	"*.tmp", "*.temp", "*.part", "*.partial", "*.filepart", "*.crdownload", "*.download",
	"*.opdownload", "*.aria2", "*.!ut", "*.swp",
	"@eaDir", "[#]recycle", "[#]snapshot", "$RECYCLE.BIN", "System Volume Information",
	"__MACOSX", "lost+found",
	"*.progress", "*.error.txt",
};

bool
names_is_ignored(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		if (fnmatch(ignored[i], name, FNM_CASEFOLD | FNM_NOESCAPE) == 0)
			return true;
	return names_is_control(name, "STOP") || names_is_control(name, "PAUSE");
}

bool
names_is_control(const char *name, const char *word)
{
	size_t length = strlen(word);

	return strncasecmp(name, word, length) == 0 &&
	    (name[length] == '\0' || strcasecmp(name + length, ".txt") == 0);
}
