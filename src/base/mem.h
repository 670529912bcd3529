/* base/mem.h - memory for small things, which never fails: out of memory ends the program.
 *
 * Place:   everybody -> here. Pixels are another matter: the image floor checks every
 *          allocation and reports an image that does not fit.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

/* Gives SIZE zeroed bytes (at least one). */
void *mem_alloc(size_t size);

/* An array that grows: gives room for at least WANT elements of SIZE bytes, doubling.
 * ROOM: the room so far, updated. New elements are not zeroed. */
void *mem_grow(void *array, size_t *room, size_t want, size_t size);

char *mem_dup(const char *text);
char *mem_dup_n(const char *text, size_t length);
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *mem_vprintf(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

/* open_memstream(3) that never fails to open; *text is the caller's after fclose(). */
FILE *mem_stream(char **text, size_t *length);

#endif
