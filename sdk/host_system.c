#include <config.h>

#include "sdk/host_system.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/number.h"
#include "sdk/host_net.h"
#include "sdk/session.h"

#include "base/banned.h"

enum { BLOCK = 64 * 1024 };

static const char *grant_path(const struct rxs_grant *grant)
{
	rxs_grant_session(grant)->host_calls++;
	return rxs_grant_resource(grant)->path->text;
}

static int read_all(int fd, size_t max, struct rx_buf *out)
{
	while (out->len < max) {
		if (!rx_buf_reserve(out, BLOCK))
			return ENOMEM;
		ssize_t got = read(fd, out->ptr + out->len, BLOCK);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno;
		if (got == 0)
			return 0;
		out->len += (size_t)got;
	}
	return EFBIG;
}

int rxs_host_read_whole(const struct rxs_grant *read, size_t max, struct rx_buf *out)
{
	int fd = open(grant_path(read), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), error;

	RX_ASSERT(rxs_grant_action(read) == RXS_FS_READ);
	if (fd < 0)
		return errno;
	error = read_all(fd, max, out);
	(void)close(fd);
	return error;
}

int rxs_host_read_kmsg(const struct rxs_grant *grant, size_t max, struct rx_buf *out)
{
	int fd = open(grant_path(grant), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), error = 0;
	char record[8192];

	RX_ASSERT(rxs_grant_action(grant) == RXS_FS_READ);
	if (fd < 0)
		return errno;
	while (out->len < max) {
		ssize_t got = read(fd, record, sizeof(record)); /* one record each */
		if (got < 0 && (errno == EINTR || errno == EPIPE))
			continue; /* EPIPE: records were overwritten meanwhile */
		if (got <= 0) {
			error = got < 0 && errno != EAGAIN ? errno : 0;
			break;
		}
		rx_buf_bytes(out, record, (size_t)got);
	}
	(void)close(fd);
	return out->failed ? ENOMEM : error;
}

int rxs_host_stat_text(const struct rxs_grant *grant, struct rx_buf *out)
{
	int fd = open("/proc/stat", O_RDONLY | O_CLOEXEC), error;

	RX_ASSERT(rxs_grant_action(grant) == RXS_SYSINFO_LIST || rxs_grant_action(grant) == RXS_FS_READ);
	rxs_grant_session(grant)->host_calls++;
	if (fd < 0)
		return errno;
	error = read_all(fd, 16 * 1024 * 1024, out);
	(void)close(fd);
	return error;
}

static void copy_text(char out[65], const char *text)
{
	(void)snprintf(out, 65, "%s", text);
}

int rxs_host_uname(const struct rxs_grant *list, struct rxs_uname *out)
{
	struct utsname name;

	RX_ASSERT(rxs_grant_action(list) == RXS_SYSINFO_LIST);
	rxs_grant_session(list)->host_calls++;
	if (uname(&name) != 0)
		return errno;
	copy_text(out->sysname, name.sysname);
	copy_text(out->nodename, name.nodename);
	copy_text(out->release, name.release);
	copy_text(out->version, name.version);
	copy_text(out->machine, name.machine);
	return 0;
}

int rxs_host_statfs(const struct rxs_grant *stat, struct rxs_statfs *out)
{
	struct statvfs info;

	RX_ASSERT(rxs_grant_action(stat) == RXS_FS_STAT);
	if (statvfs(grant_path(stat), &info) != 0)
		return errno;
	*out = (struct rxs_statfs){ info.f_blocks, info.f_bavail, info.f_frsize, info.f_files, info.f_ffree };
	return 0;
}

int rxs_host_unmount(const struct rxs_grant *unmount)
{
	RX_ASSERT(rxs_grant_action(unmount) == RXS_FS_UNMOUNT);
	return umount2(grant_path(unmount), UMOUNT_NOFOLLOW) == 0 ? 0 : errno;
}

bool rxs_is_address(struct rexi_str text)
{
	unsigned char bytes[16];
	char host[64];

	if (text.len == 0 || text.len >= sizeof(host) || memchr(text.ptr, '\0', text.len))
		return false;
	(void)snprintf(host, sizeof(host), "%.*s", RX_STR_ARG(text));
	return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

uint64_t rxs_host_page_size(void)
{
	long size = sysconf(_SC_PAGESIZE);

	return size > 0 ? (uint64_t)size : 4096;
}

uint64_t rxs_host_ticks(void)
{
	long ticks = sysconf(_SC_CLK_TCK);

	return ticks > 0 ? (uint64_t)ticks : 100;
}

/* ---- processes --------------------------------------------------------------------------------------------------------------- */

/* A small file of a process; false when it is gone or not to be read. */
static bool read_proc(int64_t pid, int64_t thread_of, const char *name, struct rx_buf *out)
{
	char path[96];
	int fd, error;

	if (thread_of > 0)
		(void)snprintf(path, sizeof(path), "/proc/%lld/task/%lld/%s", (long long)thread_of, (long long)pid, name);
	else
		(void)snprintf(path, sizeof(path), "/proc/%lld/%s", (long long)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	error = read_all(fd, 1024 * 1024, out);
	(void)close(fd);
	return error == 0;
}

/* Number `index` (from 0) of the blank-separated words behind the closing parenthesis of the name. */
static struct rexi_str word_at(struct rexi_str text, size_t index)
{
	size_t at = 0;

	for (;; index--) {
		size_t end = rx_str_find(text, RX_STR(" "), at);
		if (end == SIZE_MAX)
			end = text.len;
		if (index == 0)
			return rx_str_sub(text, at, end - at);
		if (end >= text.len)
			return rx_str_make("", 0);
		at = end + 1;
	}
}

static uint64_t number_at(struct rexi_str text, size_t index)
{
	uint64_t value = 0;
	struct rexi_str word = word_at(text, index);

	return rx_number_parse_u64(word, 10, &value) == RX_NUMBER_OK ? value : 0;
}

static bool read_stat(int64_t pid, int64_t thread_of, struct rx_buf *text, struct rxs_process *out)
{
	struct rexi_str all, rest;
	size_t open_at, close_at = SIZE_MAX;

	if (!read_proc(pid, thread_of, "stat", text) || text->len == 0)
		return false;
	all = rx_buf_view(text);
	if (all.ptr[all.len - 1] == '\n')
		all.len--;
	open_at = rx_str_find(all, RX_STR("("), 0);
	for (size_t i = all.len; i-- > 0 && close_at == SIZE_MAX;)
		if (all.ptr[i] == ')')
			close_at = i; /* the last one: names may hold parentheses */
	if (open_at == SIZE_MAX || close_at == SIZE_MAX || close_at < open_at || close_at + 2 > all.len)
		return false;
	(void)snprintf(out->name, sizeof(out->name), "%.*s", (int)(close_at - open_at - 1), all.ptr + open_at + 1);
	rest = rx_str_sub(all, close_at + 2, SIZE_MAX);
	out->state = rest.len ? rest.ptr[0] : '?';
	out->ppid = (int64_t)number_at(rest, 1);
	out->cpu_ticks = number_at(rest, 11) + number_at(rest, 12);
	out->start_ticks = number_at(rest, 19);
	out->resident_pages = number_at(rest, 21);
	return true;
}

bool rxs_host_process(struct rxs_session *session, int64_t pid, int64_t thread_of, struct rxs_process *out)
{
	struct rx_buf text;
	struct stat info;
	char path[64];
	bool there;

	session->host_calls++;
	rx_buf_init(&text, session->memory, 0);
	out->pid = pid;
	there = read_stat(pid, thread_of, &text, out);
	(void)snprintf(path, sizeof(path), "/proc/%lld", (long long)pid);
	out->uid = there && stat(path, &info) == 0 ? (int64_t)info.st_uid : -1;
	if (there) {
		rx_buf_clear(&text);
		(void)read_proc(pid, 0, "status", &text); /* the real uid; the directory's owner is the effective one */
		size_t at = rx_str_find(rx_buf_view(&text), RX_STR("\nUid:\t"), 0);
		if (at != SIZE_MAX) {
			struct rexi_str line = rx_str_sub(rx_buf_view(&text), at + 6, SIZE_MAX);
			size_t end = rx_str_find(line, RX_STR("\t"), 0);
			uint64_t uid;
			if (end != SIZE_MAX && rx_number_parse_u64(rx_str_sub(line, 0, end), 10, &uid) == RX_NUMBER_OK)
				out->uid = (int64_t)uid;
		}
		rx_buf_clear(&out->command);
		(void)read_proc(pid, 0, "cmdline", &out->command);
		while (out->command.len && out->command.ptr[out->command.len - 1] == '\0')
			out->command.len--;
		for (size_t i = 0; i < out->command.len; i++)
			if (out->command.ptr[i] == '\0')
				out->command.ptr[i] = ' ';
	}
	rx_buf_fini(&text);
	return there;
}

int rxs_host_processes(struct rxs_session *session, int64_t of, int64_t **out, size_t *count, size_t *cap)
{
	const struct dirent *entry;
	char path[64] = "/proc";
	int error = 0;
	DIR *dir;

	session->host_calls++;
	if (of > 0)
		(void)snprintf(path, sizeof(path), "/proc/%lld/task", (long long)of);
	dir = opendir(path);
	if (!dir)
		return errno;
	while ((entry = readdir(dir))) {
		uint64_t pid;
		if (rx_number_parse_u64(rx_str(entry->d_name), 10, &pid) != RX_NUMBER_OK)
			continue;
		if (!RX_GROW(session->memory, out, cap, *count + 1)) {
			error = ENOMEM;
			break;
		}
		(*out)[(*count)++] = (int64_t)pid;
	}
	(void)closedir(dir);
	return error;
}

bool rxs_host_is_process(struct rxs_session *session, int64_t pid, uint64_t start_ticks)
{
	struct rxs_process now = { .pid = pid };
	struct rx_buf text;
	bool same;

	rx_buf_init(&text, session->memory, 0);
	same = read_stat(pid, 0, &text, &now) && now.start_ticks == start_ticks;
	rx_buf_fini(&text);
	return same;
}

bool rxs_host_pid_namespace(struct rxs_session *session, int64_t pid, uint64_t *space, int64_t *number)
{
	static const char mark[] = "\nNSpid:";
	char path[64], text[64];
	struct rx_buf status;
	uint64_t inner = 0;
	ssize_t len;
	bool found = false;

	session->host_calls++;
	(void)snprintf(path, sizeof(path), "/proc/%lld/ns/pid", (long long)pid);
	len = readlink(path, text, sizeof(text)); /* "pid:[4026531836]" */
	if (len < 7 || (size_t)len >= sizeof(text) || memcmp(text, "pid:[", 5) != 0 ||
	    rx_number_parse_u64(rx_str_make(text + 5, (size_t)len - 6), 10, space) != RX_NUMBER_OK)
		return false;
	rx_buf_init(&status, session->memory, 0);
	if (read_proc(pid, 0, "status", &status)) {
		size_t at = rx_str_find(rx_buf_view(&status), rx_str(mark), 0);
		size_t end = at == SIZE_MAX ? at : rx_str_find(rx_buf_view(&status), RX_STR("\n"), at + 1);
		size_t start = end == SIZE_MAX ? status.len : end;

		while (end != SIZE_MAX && start > at && status.ptr[start - 1] >= '0' && status.ptr[start - 1] <= '9')
			start--;
		found = end != SIZE_MAX && rx_number_parse_u64(rx_str_make(status.ptr + start, end - start), 10, &inner) == RX_NUMBER_OK;
	}
	rx_buf_fini(&status);
	*number = (int64_t)inner;
	return found;
}

bool rxs_host_pause(struct rxs_session *session, uint64_t milliseconds)
{
	enum { STEP_MS = 100 };
	uint64_t end = rxs_host_clock_ms() + milliseconds;

	session->host_calls++;
	for (;;) {
		uint64_t now = rxs_host_clock_ms(), left = end > now ? end - now : 0;
		struct timespec step = { .tv_nsec = (long)(left < STEP_MS ? left : STEP_MS) * 1000000 };

		if (rxs_should_stop(session))
			return false;
		if (left == 0)
			return true;
		(void)nanosleep(&step, NULL);
	}
}

int rxs_host_signal(const struct rxs_grant *grant, int64_t pid, uint64_t start_ticks, int signal_number)
{
	struct rxs_session *session = rxs_grant_session(grant);
	int fd, error = 0;

	RX_ASSERT(rxs_grant_action(grant) == RXS_PROCESS_KILL || rxs_grant_action(grant) == RXS_PROCESS_INTERRUPT);
	session->host_calls++;
	fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0u);
	if (fd < 0)
		return errno;
	/* the number may have passed to another process since the check */
	if (!rxs_host_is_process(session, pid, start_ticks))
		error = ESRCH;
	else if (syscall(SYS_pidfd_send_signal, fd, signal_number, NULL, 0u) != 0)
		error = errno;
	(void)close(fd);
	return error;
}
