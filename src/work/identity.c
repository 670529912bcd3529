/* work/identity.c - the first step into the box: no network, nobody in particular. */
#include <config.h>

#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "work/identity.h"

int
identity_leave_network(bool as_user)
{
	return unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | (as_user ? CLONE_NEWUSER : 0));
}

int
identity_become(uid_t uid, gid_t gid)
{
	if (uid == geteuid())
		return 0;
	if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0)
		return -1;
	return setresuid(uid, uid, uid);
}

int
identity_drop(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	return (int)syscall(SYS_capset, &head, none);
}

/* Connecting a socket for datagrams sends nothing, it only looks for a way there. A machine without
 * any network looks the same from inside and from outside, and is as safe. */
bool
identity_has_no_network(void)
{
	const struct sockaddr_in us = { .sin_family = AF_INET, .sin_port = htons(9),
		.sin_addr = { .s_addr = htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool has_way;

	if (fd < 0)
		return errno == EAFNOSUPPORT;
	has_way = connect(fd, (const struct sockaddr *)&us, sizeof(us)) == 0;
	close(fd);
	return !has_way;
}

bool
identity_is(uid_t uid)
{
	return uid != 0 && geteuid() == uid && getuid() == uid && setresuid(0, 0, 0) != 0;
}
