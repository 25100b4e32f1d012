#include <config.h>

#include "runner/process.h"

#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/number.h"
#include "base/utf8.h"

#define PASSWD_MAX (1 << 20)

/* The name of `uid` in the text of a passwd file; empty when it is not there. */
static struct rexi_str find_name(struct rexi_str text, uint64_t uid)
{
	for (size_t at = 0; at < text.len;) {
		size_t end = rx_str_find(text, RX_STR("\n"), at), name, password, number;
		struct rexi_str line = rx_str_sub(text, at, end == SIZE_MAX ? text.len - at : end - at);
		uint64_t found;

		at += line.len + 1;
		name = rx_str_find(line, RX_STR(":"), 0);
		password = name == SIZE_MAX ? SIZE_MAX : rx_str_find(line, RX_STR(":"), name + 1);
		number = password == SIZE_MAX ? SIZE_MAX : rx_str_find(line, RX_STR(":"), password + 1);
		if (number != SIZE_MAX && name && line.ptr[0] != '#' && line.ptr[0] != '+' &&
		    rx_number_parse_u64(rx_str_sub(line, password + 1, number - password - 1), 10, &found) == RX_NUMBER_OK &&
		    found == uid)
			return rx_str_sub(line, 0, name);
	}
	return rx_str_make("", 0);
}

static bool name_from_file(uint64_t uid, struct rx_buf *out)
{
	int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct rexi_str name = { NULL, 0 };
	struct rx_buf text;
	ssize_t got;

	if (fd < 0)
		return false;
	rx_buf_init(&text, out->memory, PASSWD_MAX);
	do {
		if (!rx_buf_reserve(&text, 4096))
			break;
		got = read(fd, text.ptr + text.len, text.cap - text.len);
		text.len += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	close(fd);
	name = find_name(rx_buf_view(&text), uid);
	if (name.len && rx_utf8_valid(name) == name.len)
		rx_buf_str(out, name);
	else
		name.len = 0;
	rx_buf_fini(&text);
	return name.len != 0;
}

void rxr_process_principal(struct rx_buf *out)
{
	uid_t uid = getuid();

	if (name_from_file(uid, out))
		return;
#ifndef REXI_ALL_STATIC
	{
		struct passwd entry, *found = NULL;
		char space[4096];

		if (getpwuid_r(uid, &entry, space, sizeof(space), &found) == 0 && found && *found->pw_name &&
		    rx_utf8_valid(rx_str(found->pw_name)) == strlen(found->pw_name)) {
			rx_buf_str(out, rx_str(found->pw_name));
			return;
		}
	}
#endif
	rx_buf_printf(out, "uid:%" PRIuMAX, (uintmax_t)uid);
}

/* Descriptors from..to: close, or mark to be closed in programs that are started. */
static void close_span(unsigned from, unsigned to, unsigned flags)
{
#ifdef SYS_close_range
	if (from <= to)
		(void)syscall(SYS_close_range, from, to, flags);
#else
	(void)from, (void)to, (void)flags;
#endif
}

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4U
#endif

void rxr_process_prepare(void)
{
	static const struct rlimit no_core = { 0, 0 };
	mode_t mask;

	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_WRONLY : O_RDONLY) < 0)
			break;
	}
	close_span(3, ~0U, CLOSE_RANGE_CLOEXEC);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	(void)setrlimit(RLIMIT_CORE, &no_core);
	mask = umask(0);
	(void)umask(mask | S_IWGRP | S_IWOTH);
}

void rxr_process_close(int keep)
{
	static const char *const kept[] = { "TZ", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
					    "http_proxy", "https_proxy", "all_proxy", "no_proxy" };
	char *values[RX_COUNT(kept)];

	if (keep < 3) {
		close_span(3, ~0U, 0);
	} else {
		close_span(3, (unsigned)keep - 1, 0);
		close_span((unsigned)keep + 1, ~0U, 0);
	}
	for (size_t i = 0; i < RX_COUNT(kept); i++)
		values[i] = getenv(kept[i]);
	/* the strings stay where they are: only the table of pointers goes */
	clearenv();
	for (size_t i = 0; i < RX_COUNT(kept); i++) {
		if (values[i])
			(void)setenv(kept[i], values[i], 1);
	}
}
