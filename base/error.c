#include <config.h>

#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *rexi_status_name(enum rexi_status status)
{
	static const char *const names[] = {
#define NAME(name, text) #name,
		REXI_STATUS_LIST(NAME)
#undef NAME
	};

	return (size_t)status < RX_COUNT(names) ? names[status] : "UNKNOWN";
}

const char *rexi_status_text(enum rexi_status status)
{
	static const char *const texts[] = {
#define TEXT(name, text) text,
		REXI_STATUS_LIST(TEXT)
#undef TEXT
	};

	return (size_t)status < RX_COUNT(texts) ? texts[status] : "unknown status";
}

const char *rexi_version(void)
{
	return PACKAGE_VERSION;
}

/* Drops an incomplete UTF-8 sequence at the end of a message that was cut. */
static void cut_at_boundary(char *text)
{
	size_t len = strlen(text), back = 0;

	while (back < 3 && back < len && ((unsigned char)text[len - 1 - back] & 0xC0) == 0x80)
		back++;
	if (back < len) {
		unsigned char lead = (unsigned char)text[len - 1 - back];
		size_t want = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;

		if (want > back)
			text[len - 1 - back] = '\0';
	}
}

enum rexi_status rx_fail(struct rexi_error *err, enum rexi_status status, struct rexi_span span, const char *format, ...)
{
	va_list args;

	if (!err)
		return status;
	*err = (struct rexi_error){ .status = status, .span = span };
	va_start(args, format);
	vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	cut_at_boundary(err->message);
	return status;
}

enum rexi_status rx_fail_os(struct rexi_error *err, int os_errno, const char *format, ...)
{
	char what[64];
	va_list args;
	size_t len;

	if (!err)
		return REXI_HOST;
	*err = (struct rexi_error){ .status = REXI_HOST, .os_errno = os_errno };
	va_start(args, format);
	vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	len = strlen(err->message);
	snprintf(err->message + len, sizeof(err->message) - len, ": %s", strerror_r(os_errno, what, sizeof(what)));
	cut_at_boundary(err->message);
	return REXI_HOST;
}

enum rexi_status rx_fail_memory(struct rexi_error *err)
{
	return rx_fail(err, REXI_NO_MEMORY, RX_NO_SPAN, "%s", rexi_status_text(REXI_NO_MEMORY));
}

void rx_error_locate(struct rexi_error *err, struct rexi_str source)
{
	rx_error_locate_after(err, source, NULL);
}

void rx_error_locate_after(struct rexi_error *err, struct rexi_str source, const struct rexi_error *earlier)
{
	size_t start, end;

	if (!err)
		return;
	end = err->span.start < source.len ? err->span.start : source.len;
	if (earlier && (!earlier->line || earlier->span.start > end))
		earlier = NULL;
	start = earlier ? earlier->span.start : 0;
	err->line = earlier ? earlier->line : 1;
	err->column = earlier ? earlier->column : 1;
	for (size_t i = start; i < end; i++) {
		if (source.ptr[i] == '\n') {
			err->line++;
			err->column = 1;
		} else if (((unsigned char)source.ptr[i] & 0xC0) != 0x80) {
			err->column++;
		}
	}
}
