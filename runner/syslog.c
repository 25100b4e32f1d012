#include <config.h>

#include "runner/syslog.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "runner/clock.h"

#define MESSAGE_MAX 2048
#define FACILITY_DAEMON (3u << 3)

int rxr_syslog_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

/* Decimal digits of a number; how many. */
static size_t digits(char *out, unsigned long number)
{
	unsigned long rest = number;
	unsigned count = 1;

	while (rest >= 10) {
		rest /= 10;
		count++;
	}
	rxr_clock_digits(out, number, count);
	return count;
}

/* "<30>Oct 21 14:30:00 ident[123]: ", the form that every daemon reads. Returns its length; `ident` is short. */
static size_t lead(char *out, unsigned priority, const char *ident)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct rxr_utc utc = rxr_clock_utc(time(NULL));
	size_t at = 0;

	out[at++] = '<';
	at += digits(out + at, priority);
	out[at++] = '>';
	memcpy(out + at, months + 3 * (utc.month - 1), 3);
	at += 3;
	out[at++] = ' ';
	out[at++] = utc.day < 10 ? ' ' : (char)('0' + utc.day / 10);
	out[at++] = (char)('0' + utc.day % 10);
	out[at++] = ' ';
	rxr_clock_digits(out + at, utc.hour, 2);
	out[at + 2] = ':';
	rxr_clock_digits(out + at + 3, utc.minute, 2);
	out[at + 5] = ':';
	rxr_clock_digits(out + at + 6, utc.second, 2);
	at += 8;
	out[at++] = ' ';
	memcpy(out + at, ident, strlen(ident));
	at += strlen(ident);
	out[at++] = '[';
	at += digits(out + at, (unsigned long)getpid());
	memcpy(out + at, "]: ", 3);
	return at + 3;
}

bool rxr_syslog_send(int fd, unsigned priority, const char *ident, const char *text, size_t len, bool wait)
{
	char space[128];
	struct iovec parts[2] = { { space, lead(space, priority, ident) }, { (void *)(uintptr_t)text, len } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };

	return sendmsg(fd, &message, MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT)) >= 0;
}

void rxr_messages_init(struct rxr_messages *messages)
{
	const char *enable = getenv("SYSLOG_ENABLE"), *path = getenv("SYSLOG_SOCKET");

	*messages = (struct rxr_messages){ .path = path && *path ? path : RXR_SYSLOG_SOCKET,
					   .level = rxr_level_parse(getenv("LOG_LEVEL")),
					   .fd = -1 };
	if (enable && strcmp(enable, "0") == 0)
		messages->path = NULL;
}

void rxr_messages_close(struct rxr_messages *messages)
{
	if (messages->fd >= 0)
		close(messages->fd);
	messages->fd = -1;
}

void rxr_messages_say(struct rxr_messages *messages, enum rxr_level level, const char *where, const char *format, ...)
{
	/* err, warning, notice, info, debug */
	static const unsigned severities[] = { 3, 4, 5, 6, 7 };
	char text[MESSAGE_MAX];
	int begun, rest;
	va_list list;
	size_t len;

	if (!messages->path || messages->fd == -2 || level > messages->level)
		return;
	if (messages->fd < 0)
		messages->fd = rxr_syslog_connect(messages->path);
	if (messages->fd < 0) {
		messages->fd = -2;
		return;
	}
	begun = snprintf(text, sizeof(text), "%5s ThreadId(01) runner_execution_span: %s: ", rxr_level_name(level), where);
	va_start(list, format);
	rest = vsnprintf(text + begun, sizeof(text) - (size_t)begun, format, list);
	va_end(list);
	len = rest < 0 ? 0 : (size_t)begun + (size_t)rest;
	len = len < sizeof(text) ? len : sizeof(text) - 1;
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < 0x20)
			text[i] = ' '; /* a line is one line */
	}
	(void)rxr_syslog_send(messages->fd, FACILITY_DAEMON | severities[level], "rex_runner", text, len, false);
}
