/* The HTTP client and plain connections. Source: sdk-system.md 1.1, 1.2 and 6; weaknesses 1, 2, 3, 4 and 7. */
#include <config.h>

#include "sdk/network.h"

#include <errno.h>

#include "base/utf8.h"
#include "sdk/error.h"
#include "sdk/handle.h"
#include "sdk/http.h"
#include "sdk/kinds.h"
#include "sdk/natives.h"
#include "sdk/record.h"
#include "sdk/resolver.h"

#include "base/banned.h"

#define FAIL(session, kind, ...) rxs_fail_from((session), RXS_SOURCE_NETWORK, RXS_NETWORK_KIND_##kind, __VA_ARGS__)

enum { REQUEST_MS = 30000, CONNECT_MS = 5000, REDIRECTS_MAX = 10 };

/* Methods' errors are maps, commands' plain strings. */
static enum rexi_status finish(struct rxs_session *session, enum rexi_status status, bool command)
{
	if (status == REXI_OK || !session->failure.set)
		return status;
	if (!command)
		return rxs_failure_as(session, RXS_SOURCE_NETWORK, status);
	session->failure.source = RXS_SOURCE_TEXT;
	return status;
}

/* ---- clients and requests ---------------------------------------------------------------------------------------------------------- */

/* A record whose max_text_size is `limit` (taken). */
static enum rexi_status client_value(struct rxl_call *call, struct rxl_value limit, struct rxl_value *out)
{
	struct rxl_value map = rxl_unit();
	enum rexi_status status = rxl_map_new(call->heap, 1, &map);

	if (status == REXI_OK)
		status = rxl_map_put(call->heap, &map, RX_STR("max_text_size"), limit);
	if (status == REXI_OK)
		return rxs_record_new(call, RXS_TYPE_Client, map, out);
	rxl_value_drop(call->heap, &map);
	return status;
}

RXS_COMMAND(rxs_net_client)
{
	(void)session;
	(void)self;
	(void)args;
	(void)argc;
	return client_value(call, rxl_unit(), out);
}

RXS_COMMAND(rxs_net_max_text)
{
	(void)self;
	(void)argc;
	if (args[0].as.i < 0)
		return rxs_fail_text(session, "Parameter 'size' conversion failed: out of range integral type conversion attempted");
	return client_value(call, rxl_int(args[0].as.i), out);
}

RXS_COMMAND(rxs_net_get)
{
	const struct rxs_record *client = rxs_need(call, self, RXS_TYPE_Client);
	struct rxl_value map = rxl_unit();
	enum rexi_status status = rxl_map_new(call->heap, 3, &map);

	(void)session;
	(void)argc;
	if (status == REXI_OK)
		status = rxl_map_put(call->heap, &map, RX_STR("url"), rxl_value_copy(&args[0]));
	if (status == REXI_OK)
		status = rxl_map_put_text(call->heap, &map, "method", RX_STR("Get"));
	if (status == REXI_OK)
		status = rxl_map_put(call->heap, &map, RX_STR("max_text_size"),
				     rxl_value_copy(rxs_record_field(client, "max_text_size")));
	if (status == REXI_OK)
		return rxs_record_new(call, RXS_TYPE_Request, map, out);
	rxl_value_drop(call->heap, &map);
	return status;
}

/* ---- asking ---------------------------------------------------------------------------------------------------------------------------- */

/* GET on a URL under one of its spellings; `parts` says what it means when it could be read. */
static enum rexi_status ask(struct rxs_session *session, struct rexi_str url, const struct rxs_url *parts,
			    const struct rxs_grant **grant)
{
	struct rxs_field attributes[5] = { { RX_STR("url"), { .kind = RXS_DATA_STRING, .string = url } } };
	struct rxs_resource resource = { .type = RXS_URL, .id = url, .attributes = attributes, .attribute_count = 1 };

	if (parts) {
		attributes[1] = (struct rxs_field){ RX_STR("scheme"), { .kind = RXS_DATA_STRING, .string = parts->scheme } };
		attributes[2] = (struct rxs_field){ RX_STR("host"), { .kind = RXS_DATA_STRING, .string = parts->host } };
		attributes[3] = (struct rxs_field){ RX_STR("port"), { .kind = RXS_DATA_LONG, .number = parts->port } };
		attributes[4] = (struct rxs_field){ RX_STR("path"), { .kind = RXS_DATA_STRING, .string = parts->path } };
		resource.attribute_count = 5;
	}
	return rxs_authorize(session, RXS_NETWORK_GET, &resource, grant);
}

/* As it was written, as the reference asks; and where that is not its normal form, as what it means (weakness 2). */
static enum rexi_status ask_written(struct rxs_session *session, struct rexi_str written, const struct rxs_url *parts,
				    const struct rxs_grant **grant)
{
	if (memchr(written.ptr ? written.ptr : "", '"', written.len)) /* the reference cannot ask for it */
		return FAIL(session, AuthorizationError, "Authorization check failed");
	RX_TRY(ask(session, written, parts, grant));
	if (!parts || rx_str_eq(rx_buf_view(&parts->text), written))
		return REXI_OK;
	return ask(session, rx_buf_view(&parts->text), parts, grant);
}

/* ---- sending ----------------------------------------------------------------------------------------------------------------------------- */

struct fetching {
	struct rxs_session *session;
	struct rxs_url here, next;
	struct rx_buf referer;
	struct rxs_reply reply;
	uint64_t most, deadline;
};

static void fetching_init(struct fetching *f, struct rxs_session *session)
{
	f->session = session;
	rxs_url_init(&f->here, session->memory);
	rxs_url_init(&f->next, session->memory);
	rx_buf_init(&f->referer, session->memory, 0);
	rx_buf_init(&f->reply.location, session->memory, 0);
	rx_buf_init(&f->reply.body, session->memory, 0);
	f->most = UINT64_MAX;
	f->deadline = rxs_host_clock_ms() + REQUEST_MS;
}

static void fetching_fini(struct fetching *f)
{
	rxs_url_fini(&f->here);
	rxs_url_fini(&f->next);
	rx_buf_fini(&f->referer);
	rx_buf_fini(&f->reply.location);
	rx_buf_fini(&f->reply.body);
}

static enum rexi_status fail_request(struct fetching *f, const char *what)
{
	enum rexi_status status = FAIL(f->session, RequestError, "Failed to send a request: reason: %s for url (", what);

	rx_buf_str(&f->session->failure.message, rx_buf_view(&f->here.text));
	rx_buf_byte(&f->session->failure.message, ')');
	return status;
}

static enum rexi_status fail_fetch(struct fetching *f, enum rxs_http_result result, int os_errno)
{
	enum rexi_status status;

	switch (result) {
	case RXS_HTTP_OK:
		return REXI_OK;
	case RXS_HTTP_UNREACHED:
		status = fail_request(f, "error sending request");
		f->session->failure.os_errno = os_errno;
		return status;
	case RXS_HTTP_BROKEN:
		return FAIL(f->session, RequestError, "Failed to send a request: reason: error decoding response body");
	case RXS_HTTP_FLOOD:
		return rxs_fail_limit(f->session, "read_bytes", f->session->limits.read_bytes);
	case RXS_HTTP_STOPPED:
		return REXI_TERMINATED;
	case RXS_HTTP_MEMORY:
		return rxs_fail_memory(f->session);
	case RXS_HTTP_NO_TLS:
		return FAIL(f->session, RequestError, "Failed to send a request: reason: https is not built in");
	}
	rx_unreachable();
}

static bool is_redirect(const struct rxs_reply *reply)
{
	return reply->location.len > 0 && (reply->status == 301 || reply->status == 302 || reply->status == 303 ||
					    reply->status == 307 || reply->status == 308);
}

/* The URL that led on, unless that would tell a plain-text server what was read in secret. */
static void referer_set(struct fetching *f)
{
	rx_buf_clear(&f->referer);
	if (!f->here.secure || f->next.secure)
		rx_buf_str(&f->referer, rx_buf_view(&f->here.text));
}

/* Every hop is asked for under its own URL before it is followed (weakness 1). */
static enum rexi_status fetch(struct fetching *f, struct rexi_str written)
{
	bool understood = rxs_url_parse(&f->here, written, NULL);
	const struct rxs_grant *grant;
	size_t mark = rxs_grants_mark(f->session);

	RX_TRY(ask_written(f->session, written, understood ? &f->here : NULL, &grant));
	if (!understood)
		return FAIL(f->session, RequestError, "Failed to send a request: reason: builder error");
	for (unsigned hops = 0;; hops++) {
		struct rxs_url led;
		int os_errno = 0;

		rx_buf_clear(&f->reply.body);
		RX_TRY(fail_fetch(f, rxs_http_get(grant, &f->here, rx_buf_view(&f->referer), f->most, f->deadline, &f->reply, &os_errno),
				  os_errno));
		if (!is_redirect(&f->reply))
			return REXI_OK;
		if (hops == REDIRECTS_MAX || !rxs_url_parse(&f->next, rx_buf_view(&f->reply.location), &f->here))
			return fail_request(f, "error following redirect");
		referer_set(f);
		rxs_grants_release(f->session, mark);
		RX_TRY(ask(f->session, rx_buf_view(&f->next.text), &f->next, &grant));
		led = f->here;
		f->here = f->next;
		f->next = led;
	}
}

static enum rexi_status response_value(struct fetching *f, struct rxl_call *call, struct rxl_value *out)
{
	struct rxl_value map = rxl_unit();
	struct rx_buf text;
	enum rexi_status status = rxl_map_new(call->heap, 2, &map);

	rx_buf_init(&text, f->session->memory, 0);
	rx_utf8_lossy(&text, rx_buf_view(&f->reply.body));
	if (status == REXI_OK && text.failed)
		status = rxs_fail_memory(f->session);
	if (status == REXI_OK)
		status = rxl_map_put_int(call->heap, &map, "status", f->reply.status);
	if (status == REXI_OK)
		status = rxl_map_put_text(call->heap, &map, "text", rx_buf_view(&text));
	rx_buf_fini(&text);
	if (status == REXI_OK)
		return rxs_record_new(call, RXS_TYPE_Response, map, out);
	rxl_value_drop(call->heap, &map);
	return status;
}

static enum rexi_status send_request(struct rxs_session *session, struct rxl_call *call, struct rexi_str url, uint64_t most,
				     struct rxl_value *out)
{
	struct fetching f = { .most = 0 };
	enum rexi_status status;

	fetching_init(&f, session);
	f.most = most;
	status = fetch(&f, url);
	if (status == REXI_OK)
		status = response_value(&f, call, out);
	fetching_fini(&f);
	return status;
}

RXS_COMMAND(rxs_net_send)
{
	const struct rxs_record *request = rxs_need(call, self, RXS_TYPE_Request);
	const struct rxl_value *limit = rxs_record_field(request, "max_text_size");

	(void)args;
	(void)argc;
	return finish(session, send_request(session, call, rxl_string_view(rxs_record_field(request, "url")),
					    limit->type == RXL_INT ? (uint64_t)limit->as.i : UINT64_MAX, out), false);
}

RXS_COMMAND(rxs_net_curl)
{
	(void)args;
	(void)argc;
	return finish(session, send_request(session, call, rxl_string_view(self), UINT64_MAX, out), true);
}

/* ---- connections ---------------------------------------------------------------------------------------------------------------------------- */

struct connection {
	struct rxs_session *session;
	int fd;
};

void rxs_show_connection(const void *payload, struct rx_buf *out, bool debug)
{
	(void)payload;
	(void)debug;
	RX_BUF_LIT(out, "Connection");
}

void rxs_free_connection(void *payload)
{
	struct connection *connection = (struct connection *)payload;

	rxs_host_hang_up(connection->fd);
	connection->session->handles--;
	rx_memory_give(connection->session->memory, connection, sizeof(*connection));
}

/* The port and the protocol are in the question too (weakness 7). */
static enum rexi_status ask_connect(struct rxs_session *session, struct rexi_str endpoint, int64_t port,
				    enum rxs_transport transport, const struct rxs_grant **grant)
{
	static const char *const names[] = { "auto", "udp", "tcp" };
	const struct rxs_field attributes[] = {
		{ RX_STR("url"), { .kind = RXS_DATA_STRING, .string = endpoint } },
		{ RX_STR("host"), { .kind = RXS_DATA_STRING, .string = endpoint } },
		{ RX_STR("port"), { .kind = RXS_DATA_LONG, .number = port } },
		{ RX_STR("protocol"), { .kind = RXS_DATA_STRING, .string = rx_str(names[transport]) } },
	};
	const struct rxs_resource resource = { .type = RXS_URL, .id = endpoint, .attributes = attributes,
					       .attribute_count = RX_COUNT(attributes) };

	return rxs_authorize(session, RXS_NETWORK_CONNECT, &resource, grant);
}

static enum rexi_status find_addresses(struct rxs_session *session, const struct rxs_grant *grant, struct rexi_str endpoint,
				       uint16_t port, struct rxs_addresses *out)
{
	const struct rxs_resolution how = { .timeout_ms = CONNECT_MS };
	struct rexi_str name = endpoint;
	struct rxs_address literal;
	struct rx_buf why;
	enum rexi_status status = REXI_OK;
	bool bracketed = name.len > 2 && name.ptr[0] == '[' && name.ptr[name.len - 1] == ']';

	if (bracketed)
		name = rx_str_sub(name, 1, name.len - 2);
	rx_buf_init(&why, session->memory, 0);
	/* an IPv6 address needs its brackets, and nothing else may have any */
	if (rxs_address_parse(name, &literal) ? literal.v6 == bracketed : !bracketed)
		status = rxs_resolve(grant, name, &how, out, &why);
	rx_buf_fini(&why);
	for (size_t i = 0; i < out->count; i++)
		out->items[i].port = port;
	if (status == REXI_HOST)
		rxs_failure_clear(session);
	if ((status != REXI_OK && status != REXI_HOST) || out->count)
		return status;
	status = FAIL(session, Other, "Invalid address format: ");
	rx_buf_str(&session->failure.message, endpoint);
	rx_buf_printf(&session->failure.message, ":%u", port);
	return status;
}

static int dial_all(const struct rxs_grant *grant, const struct rxs_addresses *addresses, bool udp, int *fd)
{
	int error = EHOSTUNREACH;

	for (size_t i = 0; i < addresses->count && error && error != EINTR; i++)
		error = rxs_host_dial(grant, &addresses->items[i], udp, rxs_host_clock_ms() + CONNECT_MS, fd);
	return error;
}

static enum rexi_status fail_connect(struct rxs_session *session, int error)
{
	enum rexi_status status;

	if (error == EINTR)
		return REXI_TERMINATED;
	if (error == ETIMEDOUT)
		return FAIL(session, Other, "connection timed out");
	status = FAIL(session, Other, "%s", "");
	rxs_errno_text(&session->failure.message, error);
	session->failure.os_errno = error;
	return status;
}

static enum rexi_status connection_value(struct rxs_session *session, struct rxl_call *call, int fd, struct rxl_value *out)
{
	struct connection *connection;
	enum rexi_status status = rxs_handle_count(session);

	if (status == REXI_OK) {
		connection = (struct connection *)rx_memory_take(session->memory, sizeof(*connection));
		if (connection) {
			*connection = (struct connection){ session, fd };
			return rxs_object(call, RXS_TYPE_Connection, connection, out);
		}
		session->handles--;
		status = rxs_fail_memory(session);
	}
	rxs_host_hang_up(fd);
	return status;
}

RXS_COMMAND(rxs_net_connect)
{
	enum rxs_transport transport = (enum rxs_transport)rxs_kind_number(rxs_need(call, &args[1], RXS_TYPE_TransportProtocol));
	struct rexi_str endpoint = rxl_string_view(self);
	struct rxs_addresses addresses = { NULL, 0, 0 };
	const struct rxs_grant *grant;
	enum rexi_status status;
	int fd = -1, error;

	(void)argc;
	if (args[0].as.i < 0 || args[0].as.i > UINT16_MAX)
		return rxs_fail_text(session, "Parameter 'port' conversion failed: out of range integral type conversion attempted");
	status = ask_connect(session, endpoint, args[0].as.i, transport, &grant);
	if (status == REXI_OK)
		status = find_addresses(session, grant, endpoint, (uint16_t)args[0].as.i, &addresses);
	if (status == REXI_OK) {
		error = dial_all(grant, &addresses, transport == RXS_TRANSPORT_UDP, &fd);
		if (error && error != EINTR && transport == RXS_TRANSPORT_AUTO)
			error = dial_all(grant, &addresses, true, &fd);
		status = error ? fail_connect(session, error) : connection_value(session, call, fd, out);
	}
	rxs_addresses_fini(session, &addresses);
	return finish(session, status, false);
}
