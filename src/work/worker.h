/* work/worker.h - the process that reads pictures.
 *
 * Place:   main --worker -> here -> sandbox, image/develop.   Process: worker.
 * Life:    warm the libraries up, step into the box, say HELLO; then task after task until the
 *          channel is closed. It opens no path: source and results come as descriptors.
 * Dies:    with its parent (sandbox.h); by SIGKILL whenever the master likes: nothing of it is
 *          worth saving but the results that it told complete.
 */
#ifndef WORK_WORKER_H
#define WORK_WORKER_H

#define WORKER_CHAN_FD 3

/* What of the processor the workers' resampler uses, for --version and the log (image/graph.h). */
#define WORKER_ENGINE_SIZE 64
void worker_engine(char text[WORKER_ENGINE_SIZE]);

/* ARGC, ARGV: PARENT MEMORY FILE NICE LAYERS UID GID, as launch.c writes them. Returns the exit status (msg.h). */
int worker_main(int argc, char **argv);

#endif
