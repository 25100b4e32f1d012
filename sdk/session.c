#include <config.h>

#include "sdk/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lang/native.h"
#include "sdk/decide.h"
#include "sdk/host_session.h"
#include "sdk/natives.h"
#include "sdk/redact.h"

#include "base/banned.h"

void rxs_limits_init(struct rxs_limits *limits)
{
	*limits = (struct rxs_limits){
#define RXS_LIMIT_INIT(name, value, text) .name = value,
		RXS_LIMIT_LIST(RXS_LIMIT_INIT)
#undef RXS_LIMIT_INIT
	};
}

static enum rexi_status principal_set(struct rxs_session *session, const char *name)
{
	struct rx_buf text;
	char *copy;

	rx_buf_init(&text, session->memory, 0);
	if (name)
		rx_buf_str(&text, rx_str(name));
	else
		rxs_host_account(session, &text);
	if (text.len == 0)
		RX_BUF_LIT(&text, "unknown");
	copy = text.failed ? NULL : (char *)rx_memory_take(session->memory, text.len);
	if (copy) {
		memcpy(copy, text.ptr, text.len);
		session->principal = rx_str_make(copy, text.len);
	}
	rx_buf_fini(&text);
	return copy ? REXI_OK : REXI_NO_MEMORY;
}

enum rexi_status rxs_session_new(const struct rxs_session_options *options, struct rxs_session **out, struct rexi_error *err)
{
	struct rx_memory *memory = options->memory;
	struct rx_memory own;
	struct rxs_session *session;
	enum rexi_status status;

	if (!memory) {
		rx_memory_init(&own, NULL, 0);
		memory = &own;
	}
	session = (struct rxs_session *)rx_memory_take_zeroed(memory, 1, sizeof(*session));
	if (!session)
		return rx_fail_memory(err);
	if (!options->memory) {
		session->own_memory = own;
		memory = &session->own_memory;
	}
	session->memory = memory;
	session->policies = options->policies;
	session->permissive = options->permissive;
	session->groups = options->groups;
	session->hooks = options->hooks;
	session->proc_fds = -1;
	session->root_fd = -1;
	if (options->limits)
		session->limits = *options->limits;
	else
		rxs_limits_init(&session->limits);
	rx_buf_init(&session->failure.message, memory, 0);
	rx_arena_init(&session->denial_arena, memory);
	status = principal_set(session, options->principal);
	if (status == REXI_OK)
		status = rxs_decider_new(session, options->cedar, &session->decider, err);
	else
		status = rx_fail_memory(err);
	if (status != REXI_OK) {
		rxs_session_free(session);
		return status;
	}
	session->host_calls = 0; /* the account's name was looked up; from here on a call means an allowed operation */
	*out = session;
	return REXI_OK;
}

void rxs_session_free(struct rxs_session *session)
{
	struct rx_memory last, *memory;

	if (!session)
		return;
	rxs_redact_free(session);
	rxs_grants_release(session, 0);
	rxs_grants_fini(session);
	rxs_decider_free(session, session->decider);
	rxs_host_session_end(session);
	rx_buf_fini(&session->failure.message);
	rx_arena_fini(&session->denial_arena);
	rx_memory_give(session->memory, (char *)(uintptr_t)session->principal.ptr, session->principal.len);
	if (session->memory != &session->own_memory) {
		rx_memory_give(session->memory, session, sizeof(*session));
		return;
	}
	last = session->own_memory;
	memory = &last;
	rx_memory_give(memory, session, sizeof(*session));
}

void rxs_log(struct rxs_session *session, enum rxs_log_level level, const char *format, ...)
{
	char space[1024];
	uint32_t line = 0, column = 0;
	va_list list;
	int len;

	if (!session->hooks.log)
		return;
	va_start(list, format);
	len = vsnprintf(space, sizeof(space), format, list);
	va_end(list);
	if (len < 0)
		return;
	if ((size_t)len >= sizeof(space))
		len = (int)sizeof(space) - 1;
	if (session->call)
		rxl_call_position(session->call, &line, &column);
	session->hooks.log(session->hooks.user, level, line, rx_str_make(space, (size_t)len));
}

bool rxs_should_stop(const struct rxs_session *session)
{
	return session->hooks.stop && session->hooks.stop(session->hooks.user);
}

void rxs_uuid(struct rxs_session *session, char out[37])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[16];
	size_t at = 0;

	rxs_host_random(session, bytes, sizeof(bytes));
	bytes[6] = (unsigned char)(0x40 | (bytes[6] & 0x0F));
	bytes[8] = (unsigned char)(0x80 | (bytes[8] & 0x3F));
	for (unsigned i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			out[at++] = '-';
		out[at++] = digits[bytes[i] >> 4];
		out[at++] = digits[bytes[i] & 15];
	}
	out[at] = '\0';
}

void rxs_effect(struct rxs_session *session, const char *name, int64_t number)
{
	if (session->hooks.effect)
		session->hooks.effect(session->hooks.user, NULL, rx_str(name), number);
}
