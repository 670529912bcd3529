/* base/words.h - a command of the configuration, taken apart into words.
 *
 * Place:   conf (is it one?), master/hook -> here.   Pure.
 * Rules:   those of a shell's quoting and no more: blanks stand between words; 'as it is'; "as it is
 *          but for \" and \\"; outside of quotes a backslash takes the next character as it is.
 *          Nothing is expanded: $HOME, *, ~ and ; are plain characters.
 */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#define WORDS_MAX 100

/* Gives the words of TEXT, NULL at the end, one block: a single free() is all. NULL, with *WHY as a
 * clause for people ("a closing ' is missing"): it is no command. No word at all gives an empty
 * list. WHY may be NULL. */
char **words_split(const char *text, const char **why);

#endif
