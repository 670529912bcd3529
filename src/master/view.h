/* master/view.h - the parts of the daemon, for those that only look: state, overview, once.
 *
 * Place:   master fills it once; a reload changes conf.   Process: master.   Borrowed, all of it.
 */
#ifndef MASTER_VIEW_H
#define MASTER_VIEW_H

struct view {
	const struct conf *conf;
	struct spool *spool;
	const struct inbox *inbox;
	const struct queue *queue;
	const struct dispatch *dispatch;
	const struct schedule *schedule;
	const struct control *control;
	const struct tally *tally;
	const char *away_why;      /* the disk of the spool is gone or sick: why; NULL: it is there */
};

#endif
