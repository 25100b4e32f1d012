/*
 * Lines to the system's log, by its socket: no thread of it blocks a run, and a line that is lost is known to be. What the
 * C library's syslog() cannot say.
 */
#ifndef RXR_SYSLOG_H
#define RXR_SYSLOG_H

#include <stdbool.h>

#include "base/compiler.h"
#include "runner/report.h"

#define RXR_SYSLOG_SOCKET "/dev/log"

/* A datagram socket connected to `path`; -1 and errno. Close-on-exec. */
int rxr_syslog_connect(const char *path);
/* One line under `priority` (facility * 8 + severity) in the name of `ident` with the process id. wait: until there is
 * room, else a full socket is a failure. false: errno. Async-signal-safe. */
bool rxr_syslog_send(int fd, unsigned priority, const char *ident, const char *text, size_t len, bool wait);

/* The runner's own messages (spec/runner.md 12.3): facility daemon, " INFO ThreadId(01) runner_execution_span: ...". */
struct rxr_messages {
	const char *path;     /* NULL: none are sent */
	enum rxr_level level; /* lines above it are not sent */
	int fd;               /* -1 until the first line; -2 when nobody listens */
};

/* As the environment has it: SYSLOG_ENABLE, SYSLOG_SOCKET, LOG_LEVEL. Strings are borrowed. */
void rxr_messages_init(struct rxr_messages *messages);
void rxr_messages_close(struct rxr_messages *messages);
/* where: the part of the run, "rexi::run". Nobody listening is no failure. */
RX_PRINTF(4, 5) void rxr_messages_say(struct rxr_messages *messages, enum rxr_level level, const char *where, const char *format,
				      ...);

#endif
