#include <config.h>

#include "sdk/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "sdk/session.h"

#include "base/banned.h"

static const char *const io_kind_names[RXS_IO_KIND_COUNT] = {
#define RXS_IO_KIND_NAME(name) #name,
	RXS_IO_KIND_LIST(RXS_IO_KIND_NAME)
#undef RXS_IO_KIND_NAME
};

static const char *const source_names[RXS_SOURCE_COUNT] = {
	[RXS_SOURCE_TEXT] = "",
	[RXS_SOURCE_IO] = "IoErrorKind",
	[RXS_SOURCE_PROCESS] = "ProcessErrorKind",
	[RXS_SOURCE_SYSINFO] = "SysteminfoErrorKind",
	[RXS_SOURCE_DISKINFO] = "DiskinfoErrorKind",
	[RXS_SOURCE_NETWORK] = "NetworkErrorKind",
	[RXS_SOURCE_COMMON] = "CommonUtilsErrorKind",
};

const char *rxs_io_kind_name(unsigned kind)
{
	return kind < RXS_IO_KIND_COUNT ? io_kind_names[kind] : "Unknown";
}

const char *rxs_source_name(enum rxs_source source)
{
	return source_names[source];
}

/* Starts a new failure; what was there before is replaced. */
static struct rxs_failure *failure_begin(struct rxs_session *session, enum rxs_source source, unsigned kind)
{
	struct rxs_failure *failure = &session->failure;

	failure->set = true;
	failure->source = source;
	failure->kind = kind;
	failure->os_errno = 0;
	failure->denied = false;
	failure->denial = 0;
	failure->path_at = 0;
	rx_buf_clear(&failure->message);
	return failure;
}

/* rx_buf_printf with a va_list: most messages fit the space on the stack. */
static RX_PRINTF(2, 0) void append_format(struct rx_buf *buf, const char *format, va_list list)
{
	char space[512];
	va_list again;
	int len;

	va_copy(again, list);
	len = vsnprintf(space, sizeof(space), format, list);
	if (len >= 0 && (size_t)len < sizeof(space))
		rx_buf_bytes(buf, space, (size_t)len);
	else if (len >= 0 && rx_buf_reserve(buf, (size_t)len + 1))
		buf->len += (size_t)vsnprintf(buf->ptr + buf->len, (size_t)len + 1, format, again);
	va_end(again);
}

enum rexi_status rxs_fail(struct rxs_session *session, enum rxs_io_kind kind, const char *format, ...)
{
	struct rxs_failure *failure = failure_begin(session, RXS_SOURCE_IO, kind);
	va_list list;

	va_start(list, format);
	append_format(&failure->message, format, list);
	va_end(list);
	failure->denied = kind == RXS_IO_PermissionDenied;
	return failure->denied ? REXI_DENIED : REXI_RUNTIME;
}

enum rexi_status rxs_fail_from(struct rxs_session *session, enum rxs_source source, unsigned kind, const char *format, ...)
{
	struct rxs_failure *failure = failure_begin(session, source, kind);
	va_list list;

	va_start(list, format);
	append_format(&failure->message, format, list);
	va_end(list);
	return REXI_RUNTIME;
}

enum rexi_status rxs_fail_text(struct rxs_session *session, const char *format, ...)
{
	struct rxs_failure *failure = failure_begin(session, RXS_SOURCE_TEXT, 0);
	va_list list;

	va_start(list, format);
	append_format(&failure->message, format, list);
	va_end(list);
	return REXI_RUNTIME;
}

void rxs_errno_text(struct rx_buf *buf, int os_errno)
{
	char space[128];
	const char *text = strerror_r(os_errno, space, sizeof(space));

	rx_buf_printf(buf, "%s (os error %d)", text, os_errno);
}

enum rexi_status rxs_fail_errno_as(struct rxs_session *session, enum rxs_io_kind kind, int os_errno)
{
	struct rxs_failure *failure = failure_begin(session, RXS_SOURCE_IO, kind);

	failure->os_errno = os_errno;
	rxs_errno_text(&failure->message, os_errno);
	return REXI_HOST;
}

enum rexi_status rxs_fail_errno(struct rxs_session *session, int os_errno)
{
	if (os_errno == 12 /* ENOMEM */)
		return rxs_fail_memory(session);
	return rxs_fail_errno_as(session, RXS_IO_IoError, os_errno);
}

enum rexi_status rxs_fail_memory(struct rxs_session *session)
{
	rxs_failure_clear(session);
	return REXI_NO_MEMORY;
}

enum rexi_status rxs_fail_limit(struct rxs_session *session, const char *name, uint64_t limit)
{
	struct rxs_failure *failure = failure_begin(session, RXS_SOURCE_IO, RXS_IO_FileContentTooLargeError);

	rx_buf_printf(&failure->message, "Limit reached: %s (%llu)", name, (unsigned long long)limit);
	if (!session->limit) {
		session->limit = name;
		(void)snprintf(session->limit_text, sizeof(session->limit_text), "Limit reached: %s (%llu)", name,
			       (unsigned long long)limit);
	}
	return REXI_LIMIT;
}

void rxs_failure_prefix(struct rxs_session *session, enum rxs_io_kind kind, const char *prefix, const char *suffix)
{
	struct rxs_failure *failure = &session->failure;
	struct rx_buf whole;

	if (!failure->set)
		return;
	rx_buf_init(&whole, session->memory, 0);
	rx_buf_str(&whole, rx_str(prefix));
	rx_buf_str(&whole, rx_buf_view(&failure->message));
	rx_buf_str(&whole, rx_str(suffix));
	if (whole.failed) { /* the message stays as it was */
		rx_buf_fini(&whole);
		return;
	}
	rx_buf_fini(&failure->message);
	failure->message = whole;
	failure->path_at = 0;
	if (!failure->denied)
		failure->kind = kind;
}

void rxs_failure_clear(struct rxs_session *session)
{
	session->failure.set = false;
	session->failure.denied = false;
	session->failure.os_errno = 0;
	rx_buf_clear(&session->failure.message);
}

void rxs_failure_save(struct rxs_session *session, struct rxs_failure *saved)
{
	*saved = session->failure;
	rx_buf_init(&session->failure.message, session->memory, 0);
	session->failure.set = false;
	session->failure.denied = false;
	session->failure.os_errno = 0;
}

void rxs_failure_restore(struct rxs_session *session, struct rxs_failure *saved)
{
	rx_buf_fini(&session->failure.message);
	session->failure = *saved;
	rx_buf_init(&saved->message, session->memory, 0);
}
