/* base/process.h - what a process is put right in before it does anything else.
 *
 * Place:   both mains -> here, first of all.
 * Why:     whoever starts a service may have closed its standard descriptors, left a limit on the size
 *          of files, or send it a signal at once.
 */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

/* Open /dev/null for those of the descriptors 0, 1 and 2 that are closed: what is opened next would get
 * their numbers, and be written to by whoever prints. The soft limits on open files and on the size of
 * files become the hard ones; writing beyond that size is an error from then on (EFBIG), no death. Exits when there is no /dev/null. */
void process_begin(void);

/* Keep SIGTERM, SIGINT, SIGHUP and SIGUSR1 until somebody receives them (signalfd), or let them do
 * what they do. */
void process_hold_signals(void);
void process_let_signals(void);

#endif
