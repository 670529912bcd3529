#include <config.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "work/filter.h"
#include "work/identity.h"
#include "work/probe.h"
#include "work/sandbox.h"

#define MEMORY (UINT64_C(1) << 30)
#define LENGTH (UINT64_C(1) << 20) /* of a file */
#define ALIVE 7                     /* exit status of a child that nobody killed */
#define NOT_BOXED 8

#define FILE_FD 3                   /* a file of one page, in the place of the channel */

static char *page;    /* anonymous, readable and writable */
static pid_t boss;

/* ---- what must kill ------------------------------------------------------------------------ */

static void do_open(void) { syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY, 0); }
static void do_create(void) { open("/nowhere/at/all", O_CREAT | O_WRONLY, 0600); }
static void do_openat2(void) { syscall(SYS_openat2, AT_FDCWD, "/", page, 24); }
static void do_socket(void) { socket(AF_INET, SOCK_STREAM, 0); }
static void do_unix_socket(void) { socket(AF_UNIX, SOCK_STREAM, 0); }
static void do_connect(void) { connect(STDERR_FILENO, (const struct sockaddr *)page, 16); }
static void do_send_elsewhere(void) { syscall(SYS_sendmsg, STDERR_FILENO, page, 0); }
static void do_receive_elsewhere(void) { syscall(SYS_recvmsg, STDERR_FILENO, page, 0); }
static void do_execve(void) { syscall(SYS_execve, "/bin/true", NULL, NULL); }
static void do_execveat(void) { syscall(SYS_execveat, FILE_FD, "", NULL, NULL, AT_EMPTY_PATH); }
static void do_fork(void) { syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }
static void do_clone3(void) { syscall(SYS_clone3, page, sizeof(struct clone_args)); }
static void do_ptrace(void) { ptrace(PTRACE_TRACEME, 0, 0, 0); }
static void do_kill_parent(void) { kill(boss, 0); }
static void do_kill_self(void) { kill(getpid(), SIGUSR1); }
static void do_map_code(void) { mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }
static void do_map_file(void) { mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, FILE_FD, 0); }
static void do_map_shared(void) { mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0); }
static void do_map_there(void) { mmap(page, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0); }
static void do_make_code(void) { mprotect(page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC); }
static void do_io_uring(void) { syscall(SYS_io_uring_setup, 1, page); }
static void do_unlink(void) { unlink("/tmp/test-sandbox-nothing"); }
static void do_rename(void) { rename("/tmp/test-sandbox-nothing", "/tmp/test-sandbox-no"); }
static void do_stat(void) { syscall(SYS_statx, AT_FDCWD, "/", 0, 0, page); }
static void do_userfaultfd(void) { syscall(SYS_userfaultfd, 0); }
static void do_bpf(void) { syscall(SYS_bpf, 0, page, 16); }
static void do_memfd(void) { memfd_create("x", 0); }
static void do_prlimit(void) { syscall(SYS_prlimit64, 0, RLIMIT_AS, NULL, page); }
static void do_prctl(void) { prctl(PR_SET_DUMPABLE, 1); }
static void do_ioctl(void) { ioctl(FILE_FD, FIONREAD, page); }
static void do_fcntl(void) { fcntl(FILE_FD, F_GETFL); }
static void do_dup(void) { syscall(SYS_dup, FILE_FD); }
static void do_unshare(void) { unshare(CLONE_NEWUSER); }
static void do_setuid(void) { syscall(SYS_setuid, 0); }
static void do_chmod(void) { fchmod(FILE_FD, 0777); }
static void do_handler(void) { signal(SIGSEGV, SIG_IGN); }
static void do_futex_wait(void) { syscall(SYS_futex, page, 128, 1, NULL, NULL, 0); }
static void do_move_there(void) { syscall(SYS_mremap, page, 4096, 4096, 3, page + 8192); }
static void do_madvise(void) { madvise(page, 4096, MADV_REMOVE); }
static void do_read(void) { syscall(SYS_read, FILE_FD, page, 1); }
static void do_abort(void) { abort(); }
#ifdef __x86_64__
static void
do_int80(void)
{
	long result = 2; /* fork, of i386 */

	__asm__ volatile("int $0x80" : "+a"(result) : : "memory");
}
static void do_x32(void) { syscall(0x40000000 | SYS_pread64, FILE_FD, page, 1, 0); }
#endif

static const struct attack {
	const char *name;
	void (*go)(void);
} attacks[] = {
	{ "open", do_open }, { "create", do_create }, { "openat2", do_openat2 },
	{ "socket", do_socket }, { "a unix socket", do_unix_socket }, { "connect", do_connect },
	{ "sendmsg elsewhere", do_send_elsewhere }, { "recvmsg elsewhere", do_receive_elsewhere },
	{ "execve", do_execve }, { "execveat", do_execveat }, { "fork", do_fork },
	{ "clone3", do_clone3 }, { "ptrace", do_ptrace }, { "kill the parent", do_kill_parent },
	{ "kill oneself", do_kill_self }, { "mmap code", do_map_code }, { "mmap a file", do_map_file },
	{ "mmap shared", do_map_shared }, { "mmap at a place", do_map_there },
	{ "mprotect to code", do_make_code }, { "io_uring_setup", do_io_uring },
	{ "unlink", do_unlink }, { "rename", do_rename }, { "statx", do_stat },
	{ "userfaultfd", do_userfaultfd }, { "bpf", do_bpf }, { "memfd_create", do_memfd },
	{ "prlimit", do_prlimit }, { "prctl", do_prctl }, { "ioctl", do_ioctl },
	{ "fcntl", do_fcntl }, { "dup", do_dup }, { "unshare", do_unshare }, { "setuid", do_setuid },
	{ "fchmod", do_chmod }, { "sigaction", do_handler }, { "futex wait", do_futex_wait },
	{ "mremap to a place", do_move_there }, { "madvise remove", do_madvise }, { "read", do_read },
	{ "abort", do_abort },
#ifdef __x86_64__
	{ "int80 fork", do_int80 }, { "x32", do_x32 },
#endif
};

/* ---- children ------------------------------------------------------------------------------ */

static void
prepare(void)
{
	page = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(page, MAP_FAILED);
	boss = getpid();
}

static void
run(const struct sandbox *box, void (*go)(void))
{
	const struct rlimit none = { 0, 0 };

	close_range(FILE_FD, ~0u, 0);
	if (memfd_create("file", MFD_CLOEXEC) != FILE_FD || ftruncate(FILE_FD, 4096) != 0 ||
	    setrlimit(RLIMIT_CORE, &none) != 0 || (box != NULL && sandbox_enter(box) != 0))
		_exit(NOT_BOXED);
	go();
	_exit(ALIVE);
}

/* A child that does GO, in BOX or (NULL) outside. Gives its status. */
static int
child(const struct sandbox *box, void (*go)(void))
{
	pid_t pid = fork();
	int status;

	cr_assert_geq(pid, 0);
	if (pid == 0)
		run(box, go);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	return status;
}

static int
boxed(unsigned layers, void (*go)(void))
{
	const struct sandbox box = { .parent = getpid(), .memory_bytes = MEMORY, .file_bytes = LENGTH,
		.layers = layers, .uid = IDENTITY_NOBODY_ELSE };

	return child(&box, go);
}

static bool
is_killed(int status, int signal_number)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == signal_number;
}

static unsigned
layers_here(void)
{
	struct probe probe;

	probe_find(&probe, IDENTITY_NOBODY_ELSE, 0);
	return probe.layers;
}

/* Not by cr_log_warn(): a program that warned ends with 1. */
static void
say_skipped(const char *why, const char *what)
{
	fprintf(stderr, "skipped: %s %s\n", why, what);
}

static bool
has(unsigned layers, enum sandbox_layer layer)
{
	if ((layers & SANDBOX_BIT(layer)) != 0)
		return true;
	say_skipped("this machine, or this build, is without", probe_layer_name(layer));
	return false;
}

/* ---- the tests ----------------------------------------------------------------------------- */

/* Outside of the box none of them dies so, which shows that it is the box that kills. */
Test(sandbox, each_attack_kills, .init = prepare, .timeout = 60)
{
	unsigned layers = layers_here();
	const struct attack *attack = attacks;
	int inside, outside;

	if (!has(layers, SANDBOX_SECCOMP))
		return;
	for (; attack < attacks + sizeof(attacks) / sizeof(attacks[0]); attack++) {
		outside = child(NULL, attack->go);
		inside = boxed(layers, attack->go);
		cr_expect(!is_killed(outside, SIGSYS), "%s, outside", attack->name);
		if (is_killed(outside, SIGSEGV))
			say_skipped("this kernel has no", attack->name);
		else
			cr_expect(is_killed(inside, SIGSYS), "%s: status %#x", attack->name, (unsigned)inside);
	}
}

static int
compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

#define MUST(what) do { if (!(what)) _exit(__LINE__ % 200 + 20); } while (0)

static void
do_work(void)
{
	size_t n = 64 << 20, i;
	int *numbers;
	char *large;

	MUST(pwrite(3, "abc", 3, 0) == 3 && pread(3, page, 3, 0) == 3 && memcmp(page, "abc", 3) == 0);
	MUST(fsync(3) == 0 && ftruncate(3, 1) == 0);
	MUST((large = malloc(n)) != NULL);
	memset(large, 1, n);
	MUST((large = realloc(large, 2 * n)) != NULL && large[n - 1] == 1);
	free(large);
	MUST((numbers = malloc(n)) != NULL);
	for (i = 0; i < n / sizeof(int); i++)
		numbers[i] = (int)(i * 7919 % 65536);
	qsort(numbers, 100000, sizeof(int), compare);
	MUST(numbers[0] <= numbers[1]);
	MUST(malloc((size_t)4 << 30) == NULL && errno == ENOMEM);
	MUST(write(2, "x", 1) == -1 && errno == EPERM);
	MUST(pwrite(2, "x", 1, 0) == -1 && errno == EPERM);
	MUST(pwrite(3, "x", 1, LENGTH) == -1 && errno == EFBIG);
	MUST(mprotect(page, 4096, PROT_READ) == 0);
	MUST(clock() != (clock_t)-1 || errno != 0);
	MUST(close(3) == 0);
}

Test(sandbox, what_a_worker_does_works, .init = prepare, .timeout = 60)
{
	unsigned layers = layers_here();
	int status;

	if (!has(layers, SANDBOX_SECCOMP))
		return;
	status = boxed(layers, do_work);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == ALIVE, "status %#x", (unsigned)status);
}

/* ---- one layer alone ----------------------------------------------------------------------- */

static void
try_paths(void)
{
	MUST(open("/etc/passwd", O_RDONLY) == -1 && errno == EACCES);
	MUST(open("/", O_RDONLY | O_DIRECTORY) == -1 && errno == EACCES);
	MUST(open("/tmp/test-sandbox", O_CREAT | O_WRONLY, 0600) == -1 && errno == EACCES);
	MUST(open("/proc/self/exe", O_RDONLY) == -1 && errno == EACCES);
	MUST(mkdir("/tmp/test-sandbox", 0700) == -1 && errno == EACCES);
	MUST(unlink("/tmp") == -1 && errno != 0);
	MUST(syscall(SYS_execve, "/bin/true", NULL, NULL) == -1 && errno == EACCES);
	MUST(pread(FILE_FD, page, 1, 0) == 1); /* what was opened before goes on */
}

Test(sandbox, landlock_refuses_paths, .init = prepare, .timeout = 60)
{
	int status;

	if (!has(layers_here(), SANDBOX_LANDLOCK))
		return;
	status = boxed(SANDBOX_BIT(SANDBOX_LANDLOCK), try_paths);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == ALIVE, "status %#x", (unsigned)status);
}

static void
try_network(void)
{
	const struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(9),
		.sin_addr = { .s_addr = htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	MUST(fd >= 0);
	MUST(connect(fd, (const struct sockaddr *)&here, sizeof(here)) == -1);
	MUST(errno == ENETUNREACH);
	MUST(setuid(0) == -1 || geteuid() == 0);
	MUST(unshare(CLONE_NEWNS) == -1); /* the capabilities are gone */
}

Test(sandbox, there_is_no_network, .init = prepare, .timeout = 60)
{
	int status;

	if (!has(layers_here(), SANDBOX_NETWORK))
		return;
	status = boxed(SANDBOX_BIT(SANDBOX_NETWORK), try_network);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == ALIVE, "status %#x", (unsigned)status);
}

/* ---- the self-test ------------------------------------------------------------------------- */

/* A child that enters all layers but WITHOUT; the status says whether that one seems to hold. */
static int
seems_to_hold(const struct sandbox *box, enum sandbox_layer without)
{
	static const enum sandbox_layer order[] = { SANDBOX_USER, SANDBOX_NETWORK, SANDBOX_LANDLOCK };
	pid_t pid = fork();
	int status;
	size_t i;

	cr_assert_geq(pid, 0);
	if (pid == 0) {
		for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
			if (order[i] != without && (box->layers & SANDBOX_BIT(order[i])) != 0 &&
			    sandbox_enter_layer(box, order[i]) != 0)
				_exit(NOT_BOXED);
		_exit(sandbox_holds(box, without) ? 1 : 0);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Test(probe, a_layer_that_is_switched_off_is_noticed, .init = prepare, .timeout = 60)
{
	const struct passwd *nobody = geteuid() == 0 ? getpwnam("nobody") : NULL;
	struct sandbox box = { .uid = nobody == NULL ? IDENTITY_NOBODY_ELSE : nobody->pw_uid,
		.gid = nobody == NULL ? 0 : nobody->pw_gid };
	struct probe probe;
	int layer;

	probe_find(&probe, box.uid, box.gid);
	box.layers = probe.layers;
	for (layer = 0; layer < SANDBOX_N_LAYER; layer++)
		if (has(probe.layers, (enum sandbox_layer)layer))
			cr_expect_eq(seems_to_hold(&box, (enum sandbox_layer)layer), 0, "%s",
			    probe_layer_name((enum sandbox_layer)layer));
}

/* What the kernel says that it has is found to hold: else the tests above would be skipped and prove
 * nothing. */
Test(probe, what_is_there_is_found, .timeout = 60)
{
	unsigned layers = layers_here(), kills = SECCOMP_RET_KILL_PROCESS;

	if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &kills) == 0 && !filter_is_off())
		cr_expect(has(layers, SANDBOX_SECCOMP));
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) >= 1)
		cr_expect(has(layers, SANDBOX_LANDLOCK));
	if (syscall(SYS_unshare, CLONE_NEWNET) == 0)
		cr_expect(has(layers, SANDBOX_NETWORK));
}

/* The worker does not go on with less than is demanded of it. */
Test(sandbox, a_layer_that_cannot_be_had_is_refused, .init = prepare, .timeout = 60)
{
	struct sandbox box = { .parent = getpid(), .layers = SANDBOX_BIT(SANDBOX_USER),
		.uid = 0, .gid = 0 };
	int status = child(&box, prepare);

	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == NOT_BOXED, "status %#x", (unsigned)status);
}

Test(probe, text)
{
	const struct probe some = { .wanted = 7, .layers = SANDBOX_BIT(SANDBOX_SECCOMP) |
		SANDBOX_BIT(SANDBOX_NETWORK), .errors = { [SANDBOX_LANDLOCK] = EOPNOTSUPP } };
	const struct probe none = { .wanted = 1, .errors = { [SANDBOX_SECCOMP] = PROBE_UNKNOWN } };
	char text[PROBE_TEXT_SIZE];

	probe_text(&some, text);
	cr_assert_str_eq(text, "seccomp network");
	cr_assert(!probe_is_tight(&some));
	cr_assert_not_null(strstr(probe_lack(&some, SANDBOX_LANDLOCK), "lsm="));
	cr_assert_null(probe_lack(&some, SANDBOX_SECCOMP));
	probe_text(&none, text);
	cr_assert_str_eq(text, "nothing");
}
