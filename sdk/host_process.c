#include <config.h>

#include "sdk/host_process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sdk/session.h"

#include "base/banned.h"

enum {
	POLL_MS = 50,      /* how often the host's wish to end is asked for */
	LINGER_MS = 100,   /* how long output is waited for once the child itself is gone */
	BLOCK = 64 * 1024,
	CAPABILITY_COUNT = 41,
};

/* linux/capability.h, in the order of their numbers. */
static const char *const capability_names[CAPABILITY_COUNT] = {
	"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID",
	"CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN",
	"CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT",
	"CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE",
	"CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL",
	"CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND",
	"CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
};

int rxs_capability_number(struct rexi_str name)
{
	for (int i = 0; i < CAPABILITY_COUNT; i++)
		if (rx_str_eq(name, rx_str(capability_names[i])))
			return i;
	return -1;
}

void rxs_host_real_ids(uint32_t *uid, uint32_t *gid)
{
	*uid = getuid();
	*gid = getgid();
}

int64_t rxs_host_pid(void)
{
	return getpid();
}

unsigned rxs_host_umask(struct rxs_session *session)
{
	mode_t mask = umask(077);

	session->host_calls++;
	(void)umask(mask);
	return (unsigned)mask;
}

/* Steps of the child that can fail, sent over the failure pipe by number. */
enum step { STEP_SETUP, STEP_SETNS, STEP_FORK, STEP_SETGID, STEP_SETGROUPS, STEP_SETUID, STEP_CAPABILITIES, STEP_EXECUTE };

static const char *const step_names[] = { "setup", "setns", "fork", "setgid", "setgroups", "setuid", "capabilities", "execute" };

struct message {
	int step, os_errno;
};

/* Everything the child needs, prepared before the fork: between fork and exec only plain system calls are made (W-49). */
struct plan {
	const struct rxs_spawn *spawn;
	int stdin_fd, out_fd, err_fd, fail_fd, status_fd, target_fd;
	bool script; /* the interpreter opens the file again through /dev/fd */
};

static _Noreturn void child_fail(const struct plan *plan, enum step step)
{
	struct message message = { (int)step, errno };
	ssize_t done = write(plan->fail_fd, &message, sizeof(message));

	_exit(done == (ssize_t)sizeof(message) ? 126 : 127);
}

/* The numbers that the C library keeps to itself, too, which sigaction() would not touch: what ignored them passed that on. */
static void default_signals(void)
{
	static const unsigned long all_default[8]; /* the kernel's sigaction, which is smaller: no handler, no flags */
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		(void)syscall(SYS_rt_sigaction, i, all_default, NULL, (size_t)(NSIG - 1) / 8);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_between(unsigned first, unsigned last)
{
	if (first > last)
		return;
	if (syscall(SYS_close_range, first, last, 0u) == 0)
		return;
	struct rlimit limit;
	unsigned end = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536 ? (unsigned)limit.rlim_cur : 65536;
	for (unsigned fd = first; fd <= last && fd < end; fd++)
		(void)close((int)fd);
}

/* Closes every descriptor from 3 but the two (W-33). */
static void close_others(int keep_a, int keep_b)
{
	unsigned low = (unsigned)(keep_a < keep_b ? keep_a : keep_b), high = (unsigned)(keep_a < keep_b ? keep_b : keep_a);

	close_between(3, low - 1);
	close_between(low + 1, high - 1);
	close_between(high + 1, ~0u);
}

static bool change_ids(const struct plan *plan)
{
	const struct rxs_spawn *spawn = plan->spawn;
	bool same = (!spawn->set_user || spawn->uid == getuid()) && spawn->gid == getgid();

	if (!spawn->set_user && !spawn->set_group)
		return true;
	if (setgroups(0, NULL) != 0 && !(errno == EPERM && same))
		child_fail(plan, STEP_SETGROUPS);
	if (setresgid(spawn->gid, spawn->gid, spawn->gid) != 0)
		child_fail(plan, STEP_SETGID);
	if (!spawn->set_user)
		return true;
	if (spawn->capabilities)
		(void)prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	if (setresuid(spawn->uid, spawn->uid, spawn->uid) != 0)
		child_fail(plan, STEP_SETUID);
	return true;
}

static void change_capabilities(const struct plan *plan)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];
	uint64_t want = plan->spawn->capabilities;

	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capget, &header, data) != 0)
		child_fail(plan, STEP_CAPABILITIES);
	uint64_t permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	if ((permitted & want) != want) {
		errno = EPERM;
		child_fail(plan, STEP_CAPABILITIES);
	}
	data[0].inheritable = (uint32_t)want;
	data[1].inheritable = (uint32_t)(want >> 32);
	if (syscall(SYS_capset, &header, data) != 0)
		child_fail(plan, STEP_CAPABILITIES);
	for (int i = 0; i < CAPABILITY_COUNT; i++)
		if (want >> i & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) != 0)
			child_fail(plan, STEP_CAPABILITIES);
}

static _Noreturn void child_run(const struct plan *plan)
{
	const struct rxs_spawn *spawn = plan->spawn;
	int program = spawn->fd;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	default_signals();
	if (dup2(plan->stdin_fd, 0) < 0 || dup2(plan->out_fd, 1) < 0 || dup2(plan->err_fd, 2) < 0)
		child_fail(plan, STEP_SETUP);
	if (plan->script && (program = fcntl(spawn->fd, F_DUPFD, 3)) < 0)
		child_fail(plan, STEP_SETUP);
	close_others(program, plan->fail_fd);
	(void)change_ids(plan);
	change_capabilities(plan);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		child_fail(plan, STEP_SETUP);
	/* the casts only bridge the call's missing const */
	(void)syscall(SYS_execveat, program, "", spawn->argv, spawn->envp, AT_EMPTY_PATH);
	child_fail(plan, STEP_EXECUTE);
}

/* The go-between of a PID namespace: only its child is inside, and the runner never changes its own namespace. */
static _Noreturn void between_run(const struct plan *plan)
{
	int status = 0;
	pid_t child;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (syscall(SYS_setns, plan->target_fd, CLONE_NEWPID) != 0)
		child_fail(plan, STEP_SETNS);
	child = fork();
	if (child < 0)
		child_fail(plan, STEP_FORK);
	if (child == 0)
		child_run(plan);
	close_others(plan->status_fd, plan->status_fd);
	(void)close(1);
	(void)close(2);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	ssize_t done = write(plan->status_fd, &status, sizeof(status));
	_exit(done == (ssize_t)sizeof(status) ? 0 : 127);
}

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

/* Both ends close-on-exec and above the standard descriptors, whatever the host has closed. */
static bool make_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	for (int i = 0; i < 2; i++) {
		if (ends[i] > 2)
			continue;
		int up = fcntl(ends[i], F_DUPFD_CLOEXEC, 3);
		if (up < 0)
			return false;
		(void)close(ends[i]);
		ends[i] = up;
	}
	return true;
}

struct watch {
	struct rxs_session *session;
	const struct rxs_spawn *spawn;
	struct rxs_child *child;
	pid_t pid;
	int out_fd, err_fd, fail_fd, status_fd, pid_fd;
	char *block;
	bool ended;       /* the child itself is gone */
	int64_t ended_at, started_at, stop_at; /* stop_at 0: the host does not want to end */
};

/* Reads what is there; closes the stream at its end. False when its limit was passed. */
static bool drain(struct watch *w, int *fd, struct rx_buf *buf)
{
	for (;;) {
		ssize_t got = read(*fd, w->block, BLOCK);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return true;
		if (got <= 0) {
			close_fd(fd);
			return true;
		}
		if ((uint64_t)got > w->spawn->output_max - buf->len)
			return false;
		rx_buf_bytes(buf, w->block, (size_t)got);
		if (buf->failed)
			return false;
		if ((size_t)got < BLOCK)
			return true;
	}
}

static void kill_group(const struct watch *w, int signal_number)
{
	if (kill(-w->pid, signal_number) != 0)
		(void)kill(w->pid, signal_number);
}

static void read_failure(struct watch *w)
{
	struct message message;
	ssize_t got;

	do {
		got = read(w->fail_fd, &message, sizeof(message));
	} while (got < 0 && errno == EINTR);
	if (got == (ssize_t)sizeof(message)) {
		w->child->end = RXS_CHILD_FAILED;
		w->child->os_errno = message.os_errno;
		w->child->step = step_names[(unsigned)message.step < RX_COUNT(step_names) ? (unsigned)message.step : 0];
	}
	close_fd(&w->fail_fd);
}

static void note_status(struct watch *w, int status)
{
	if (w->status_fd >= 0) { /* the go-between reports for its child */
		int real;
		if (read(w->status_fd, &real, sizeof(real)) == (ssize_t)sizeof(real))
			status = real;
	}
	if (w->child->end == RXS_CHILD_EXITED)
		w->child->exit_code = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* True once the child is gone. */
static bool reap(struct watch *w, bool wait)
{
	int status = 0;
	pid_t got;

	do {
		got = waitpid(w->pid, &status, wait ? 0 : WNOHANG);
	} while (got < 0 && errno == EINTR);
	if (got == 0)
		return false;
	w->ended = true;
	w->ended_at = now_ms();
	if (got == w->pid) {
		if (w->fail_fd >= 0)
			read_failure(w);
		note_status(w, status);
	} else { /* somebody else took the status (SIGCHLD ignored by the host program) */
		w->child->end = RXS_CHILD_FAILED;
		w->child->os_errno = ECHILD;
		w->child->step = "wait";
	}
	return true;
}

static void end_early(struct watch *w, enum rxs_child_end how)
{
	w->child->end = how;
	kill_group(w, SIGKILL);
	if (!w->ended)
		(void)reap(w, true);
}

/* False when the child has to end now. */
static bool check_clock(struct watch *w)
{
	int64_t now = now_ms();

	if (w->spawn->timeout_ms && now - w->started_at >= (int64_t)w->spawn->timeout_ms) {
		end_early(w, RXS_CHILD_TIMED_OUT);
		return false;
	}
	if (!w->stop_at && rxs_should_stop(w->session)) {
		w->stop_at = now;
		rxs_log(w->session, RXS_LOG_ERROR, "SIGTERM received, monitoring child process %d for graceful shutdown",
			(int)w->pid);
	}
	if (w->stop_at && now - w->stop_at >= (int64_t)w->spawn->grace_ms) {
		rxs_log(w->session, RXS_LOG_ERROR, "SIGTERM timeout exceeded (%llu ms), sending SIGKILL to child process %d",
			(unsigned long long)w->spawn->grace_ms, (int)w->pid);
		end_early(w, RXS_CHILD_STOPPED);
		return false;
	}
	return true;
}

static int wait_ms(const struct watch *w)
{
	int64_t wait = w->ended ? LINGER_MS : POLL_MS;

	if (w->spawn->timeout_ms) {
		int64_t left = w->started_at + (int64_t)w->spawn->timeout_ms - now_ms();
		wait = left < wait ? (left > 0 ? left : 0) : wait;
	}
	return (int)wait;
}

static void watch_child(struct watch *w)
{
	while (!w->ended || w->out_fd >= 0 || w->err_fd >= 0) {
		struct pollfd fds[3] = {
			{ .fd = w->out_fd, .events = POLLIN },
			{ .fd = w->err_fd, .events = POLLIN },
			{ .fd = w->ended ? -1 : w->pid_fd, .events = POLLIN },
		};
		int ready = poll(fds, 3, wait_ms(w));
		if (ready < 0 && errno != EINTR) {
			end_early(w, RXS_CHILD_FAILED);
			w->child->os_errno = errno;
			w->child->step = "poll";
			return;
		}
		if ((fds[0].revents && !drain(w, &w->out_fd, &w->child->out)) ||
		    (fds[1].revents && !drain(w, &w->err_fd, &w->child->err))) {
			end_early(w, RXS_CHILD_FLOODED);
			return;
		}
		if (!w->ended && (fds[2].revents || w->pid_fd < 0))
			(void)reap(w, false);
		/* a grandchild may hold the pipes for ever (W-34): when the child is gone, quiet ends the wait */
		else if (w->ended && ready == 0 && now_ms() - w->ended_at >= LINGER_MS)
			return;
		if (!w->ended && !check_clock(w))
			return;
		if (w->ended && w->spawn->timeout_ms && now_ms() - w->started_at >= (int64_t)w->spawn->timeout_ms)
			return;
	}
}

struct channels {
	int out[2], err[2], fail[2], status[2], stdin_fd, target_fd;
};

static void channels_close(struct channels *c)
{
	for (int i = 0; i < 2; i++) {
		close_fd(&c->out[i]);
		close_fd(&c->err[i]);
		close_fd(&c->fail[i]);
		close_fd(&c->status[i]);
	}
	close_fd(&c->stdin_fd);
	close_fd(&c->target_fd);
}

/* The text as a nameless file that can only be read: nothing has to be fed while the program runs. */
static int input_open(struct rexi_str text)
{
	int fd = (int)syscall(SYS_memfd_create, "stdin", 3u /* MFD_CLOEXEC | MFD_ALLOW_SEALING */);
	size_t done = 0;

	while (fd >= 0 && done < text.len) {
		ssize_t got = write(fd, text.ptr + done, text.len - done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			(void)close(fd);
			return -1;
		}
		done += (size_t)got;
	}
	if (fd >= 0 && (lseek(fd, 0, SEEK_SET) != 0 ||
			fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* "pidfd" or "setup" when something could not be made ready, else NULL. */
static const char *channels_open(struct channels *c, const struct rxs_spawn *spawn)
{
	if (spawn->in_namespace) {
		int fd = (int)syscall(SYS_pidfd_open, (pid_t)spawn->namespace_pid, 0u);
		if (fd < 0 || spawn->namespace_pid > INT32_MAX)
			return "pidfd";
		c->target_fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		(void)close(fd);
		if (c->target_fd < 0)
			return "pidfd";
		if (!make_pipe(c->status))
			return "setup";
	}
	int input_fd = spawn->input.ptr ? input_open(spawn->input) : open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (input_fd < 0)
		return "setup";
	c->stdin_fd = fcntl(input_fd, F_DUPFD_CLOEXEC, 3);
	(void)close(input_fd);
	if (c->stdin_fd < 0 || !make_pipe(c->out) || !make_pipe(c->err) || !make_pipe(c->fail))
		return "setup";
	if (fcntl(c->out[0], F_SETFL, O_NONBLOCK) != 0 || fcntl(c->err[0], F_SETFL, O_NONBLOCK) != 0)
		return "setup";
	return NULL;
}

static bool is_script(int fd)
{
	char start[2];

	return pread(fd, start, 2, 0) == 2 && start[0] == '#' && start[1] == '!';
}

void rxs_host_run(const struct rxs_grant *execute, const struct rxs_spawn *spawn, struct rxs_child *child)
{
	struct rxs_session *session = rxs_grant_session(execute);
	struct channels c = { { -1, -1 }, { -1, -1 }, { -1, -1 }, { -1, -1 }, -1, -1 };
	struct watch w = { .session = session, .spawn = spawn, .child = child, .pid_fd = -1 };
	int high_fd = -1;

	RX_ASSERT(rxs_grant_action(execute) == RXS_FS_EXECUTE);
	session->host_calls++;
	session->moves++; /* a program may move anything */
	child->end = RXS_CHILD_EXITED;
	child->exit_code = child->os_errno = 0;
	child->step = channels_open(&c, spawn);
	w.block = rx_memory_take(session->memory, BLOCK);
	if (child->step || !w.block) {
		child->end = RXS_CHILD_FAILED;
		child->os_errno = child->step ? errno : ENOMEM;
		child->step = child->step ? child->step : "setup";
		goto out;
	}
	struct rxs_spawn copy = *spawn;
	if (copy.fd < 3)
		copy.fd = high_fd = fcntl(copy.fd, F_DUPFD_CLOEXEC, 3);
	struct plan plan = { &copy, c.stdin_fd, c.out[1], c.err[1], c.fail[1], c.status[1], c.target_fd, is_script(copy.fd) };
	w.started_at = now_ms();
	w.pid = fork();
	if (w.pid == 0) {
		(void)setpgid(0, 0);
		if (spawn->in_namespace)
			between_run(&plan);
		child_run(&plan);
	}
	if (w.pid < 0) {
		child->end = RXS_CHILD_FAILED;
		child->os_errno = errno;
		child->step = "fork";
		goto out;
	}
	(void)setpgid(w.pid, w.pid); /* both sides do it, whoever comes first */
	child->pid = w.pid;
	session->children++;
	w.pid_fd = (int)syscall(SYS_pidfd_open, w.pid, 0u);
	close_fd(&c.out[1]);
	close_fd(&c.err[1]);
	close_fd(&c.fail[1]);
	close_fd(&c.status[1]);
	w.out_fd = c.out[0];
	w.err_fd = c.err[0];
	w.fail_fd = c.fail[0];
	w.status_fd = c.status[0];
	watch_child(&w);
	c.out[0] = w.out_fd;
	c.err[0] = w.err_fd;
	c.fail[0] = w.fail_fd;
out:
	close_fd(&w.pid_fd);
	close_fd(&high_fd);
	channels_close(&c);
	rx_memory_give(session->memory, w.block, w.block ? BLOCK : 0);
}
