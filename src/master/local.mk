# master: the daemon's loop and its parts
noinst_LIBRARIES += libmaster.a
libmaster_a_SOURCES = \
	src/master/context.h \
	src/master/adopt.c src/master/adopt.h \
	src/master/attempt.c src/master/attempt.h \
	src/master/claim.c src/master/claim.h \
	src/master/commit.c src/master/commit.h \
	src/master/command.c src/master/command.h \
	src/master/away.c src/master/away.h \
	src/master/control.c src/master/control.h \
	src/master/dispatch.c src/master/dispatch.h \
	src/master/file.c src/master/file.h \
	src/master/folder.c src/master/folder.h \
	src/master/errortext.c src/master/errortext.h \
	src/master/hook.c src/master/hook.h \
	src/master/inbox.c src/master/inbox.h \
	src/master/tree.c src/master/tree.h \
	src/master/homeward.c src/master/homeward.h \
	src/master/job.c src/master/job.h \
	src/master/jobs.c src/master/jobs.h \
	src/master/master.c src/master/master.h \
	src/master/news.c src/master/news.h \
	src/master/once.c src/master/once.h \
	src/master/overview.c src/master/overview.h \
	src/master/publish.c src/master/publish.h \
	src/master/purge.c src/master/purge.h \
	src/master/queue.c src/master/queue.h \
	src/master/ready.c src/master/ready.h \
	src/master/record.c src/master/record.h \
	src/master/recover.c src/master/recover.h \
	src/master/schedule.c src/master/schedule.h \
	src/master/sidecar.c src/master/sidecar.h \
	src/master/source.c src/master/source.h \
	src/master/step.c src/master/step.h \
	src/master/trouble.c src/master/trouble.h \
	src/master/workers.c src/master/workers.h \
	src/master/state.c src/master/state.h \
	src/master/tally.c src/master/tally.h src/master/view.h \
	src/master/report/report.h \
	src/master/report/write.c src/master/report/write.h \
	src/master/report/text.c src/master/report/html.c \
	src/master/report/json.c src/master/report/metrics.c \
	src/master/report/words.c src/master/report/words.h \
	src/master/report/style.c src/master/report/style.h
