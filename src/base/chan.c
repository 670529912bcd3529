/* base/chan.c - records between two processes, and descriptors with them. */
#include <config.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/chan.h"

union chan_control {
	char room[CMSG_SPACE(CHAN_MAX_FDS * sizeof(int))];
	struct cmsghdr align;
};

int
chan_pair(int fd[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd);
}

int
chan_send(int chan, const void *record, size_t size, const int *fds, int n_fds)
{
	struct iovec part = { .iov_base = (void *)record, .iov_len = size };
	struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1 };
	union chan_control control = { .room = { 0 } };
	struct cmsghdr *head;
	ssize_t sent;

	if (n_fds > CHAN_MAX_FDS) {
		errno = EINVAL;
		return -1;
	}
	if (n_fds > 0) {
		msg.msg_control = control.room;
		msg.msg_controllen = CMSG_SPACE((size_t)n_fds * sizeof(int));
		head = CMSG_FIRSTHDR(&msg);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN((size_t)n_fds * sizeof(int));
		memcpy(CMSG_DATA(head), fds, (size_t)n_fds * sizeof(int));
	}
	do
		sent = sendmsg(chan, &msg, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)size ? 0 : -1;
}

/* Hand over the descriptors of a record, or close them when nobody asked for any. */
static void
receive_fds(struct msghdr *msg, int *fds, int *n_fds)
{
	struct cmsghdr *head;
	int count, i, fd;

	for (head = CMSG_FIRSTHDR(msg); head != NULL; head = CMSG_NXTHDR(msg, head)) {
		if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
			continue;
		count = (int)((head->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		for (i = 0; i < count; i++) {
			memcpy(&fd, CMSG_DATA(head) + (size_t)i * sizeof(int), sizeof(fd));
			if (fds != NULL && *n_fds < CHAN_MAX_FDS)
				fds[(*n_fds)++] = fd;
			else
				close(fd);
		}
	}
}

ssize_t
chan_receive(int chan, void *record, size_t size, int *fds, int *n_fds, int dont_wait)
{
	struct iovec part = { .iov_base = record, .iov_len = size };
	union chan_control control;
	struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room,
		.msg_controllen = sizeof(control.room) };
	ssize_t got;

	if (n_fds != NULL)
		*n_fds = 0;
	do
		got = recvmsg(chan, &msg, MSG_CMSG_CLOEXEC | (dont_wait ? MSG_DONTWAIT : 0));
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == ECONNRESET ? 0 : -1;
	receive_fds(&msg, fds, n_fds);
	if (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		errno = EMSGSIZE;
		return -1;
	}
	return got;
}
