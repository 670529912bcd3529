/* base/log.h - one line on stderr per event, as key=value.
 *
 * Place:   everybody -> here.   Process: master, ctl; a worker is silent.
 * Form:    <6>job="holiday/a b.jpg" from=waiting to=running
 *          The level prefix of sd-daemon(3) is left out on a terminal. Names of files are
 *          quoted and escaped by this module, control bytes in the rest become '?': one call
 *          is one line, whatever a file is called.
 * Waiting: never. A line that the reader of stderr does not take at once (a full pipe, a terminal that
 *          was stopped) is lost, and counted: "event=log-lost lines=N" comes as soon as it reads
 *          again. A file on a disk that hangs is the exception: writing to one cannot be kept from it.
 * Levels:  error  - somebody must do something       warn - odd, we go on
 *          info   - what happened to a job           debug (-v), trace (-v -v)
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_LEVEL_ERROR = 3, LOG_LEVEL_WARN = 4, LOG_LEVEL_INFO = 6, LOG_LEVEL_DEBUG = 7,
	LOG_LEVEL_TRACE = 8 };

/* VERBOSITY: 0 up to info, 1 debug, 2 trace; -1 errors only. */
void log_open(int verbosity);

/* Tell what was lost, if the reader takes it now; for a loop to call in each turn. */
void log_catch_up(void);

/* ABOUT: the file or job the line is about (printed first as job="..."), or NULL. Borrowed. */
void log_write(enum log_level level, const char *about, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define log_error(about, ...) log_write(LOG_LEVEL_ERROR, about, __VA_ARGS__)
#define log_warn(about, ...) log_write(LOG_LEVEL_WARN, about, __VA_ARGS__)
#define log_info(about, ...) log_write(LOG_LEVEL_INFO, about, __VA_ARGS__)
#define log_debug(about, ...) log_write(LOG_LEVEL_DEBUG, about, __VA_ARGS__)
#define log_trace(about, ...) log_write(LOG_LEVEL_TRACE, about, __VA_ARGS__)

/* The world is not fit to start in: one sentence for people, exit status 1.
 * Only before the master's loop, and in the command. */
void log_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Our own bug: say where and abort(), so that a core is left. */
void log_panic(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
