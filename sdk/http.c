#include <config.h>

#include "sdk/http.h"

#include <errno.h>

#include "base/number.h"
#include "sdk/error.h"
#include "sdk/resolver.h"
#include "sdk/session.h"

#include "base/banned.h"

enum { HEAD_BYTES_MAX = 256 * 1024, READ_BYTES = 64 * 1024, RESOLVE_MS = 5000, INTERIM_MAX = 16 };

struct link {
	struct rxs_session *session;
	int fd;
	struct rxs_tls *tls;
	uint64_t deadline;
	struct rx_buf in; /* bytes read; those from `at` on are still to be looked at */
	size_t at;
	bool ended;
	int os_errno;
};

/* ---- the connection ------------------------------------------------------------------------------------------------------------- */

static int link_open(struct link *l, const struct rxs_grant *get, const struct rxs_url *url)
{
	const struct rxs_resolution how = { .timeout_ms = RESOLVE_MS };
	struct rxs_addresses addresses = { NULL, 0, 0 };
	struct rexi_str host = url->host;
	struct rxs_address literal;
	struct rx_buf name;
	enum rexi_status status;
	int error = EHOSTUNREACH;

	if (host.ptr[0] == '[')
		host = rx_str_sub(host, 1, host.len - 2);
	rx_buf_init(&name, l->session->memory, 0);
	status = rxs_resolve(get, host, &how, &addresses, &name);
	rx_buf_clear(&name);
	rx_buf_str(&name, host);
	if (status != REXI_OK || !rx_buf_cstr(&name))
		error = status == REXI_TERMINATED ? EINTR : status == REXI_OK || status == REXI_NO_MEMORY ? ENOMEM : EIO;
	for (size_t i = 0; status == REXI_OK && i < addresses.count && error && error != EINTR; i++) {
		addresses.items[i].port = url->port;
		error = rxs_host_dial(get, &addresses.items[i], false, l->deadline, &l->fd);
	}
	if (status == REXI_OK && !error && url->secure)
		error = rxs_host_tls_begin(l->session, l->fd, name.ptr, rxs_address_parse(host, &literal), l->deadline, &l->tls);
	rxs_failure_clear(l->session);
	rx_buf_fini(&name);
	rxs_addresses_fini(l->session, &addresses);
	return error;
}

static int link_tell(struct link *l, struct rexi_str text)
{
	return l->tls ? rxs_host_tls_tell(l->tls, text.ptr, text.len, l->deadline) :
			rxs_host_tell(l->session, l->fd, text.ptr, text.len, l->deadline);
}

/* Reads more behind what is there; false: the end, or l->os_errno. */
static bool link_fill(struct link *l)
{
	size_t got = 0;

	if (l->ended || l->os_errno)
		return false;
	if (l->at) {
		memmove(l->in.ptr, l->in.ptr + l->at, l->in.len - l->at);
		l->in.len -= l->at;
		l->at = 0;
	}
	if (!rx_buf_reserve(&l->in, READ_BYTES)) {
		l->os_errno = ENOMEM;
		return false;
	}
	l->os_errno = l->tls ? rxs_host_tls_hear(l->tls, l->in.ptr + l->in.len, READ_BYTES, &got, l->deadline) :
			       rxs_host_hear(l->session, l->fd, l->in.ptr + l->in.len, READ_BYTES, &got, l->deadline);
	l->in.len += got;
	if (l->session->hooks.moved && got)
		l->session->hooks.moved(l->session->hooks.user, false, l->in.ptr + l->in.len - got, got);
	l->session->bytes_read += got;
	l->ended = got == 0;
	return got > 0;
}

/* The next line without its end; false when none comes. Valid until the next call. */
static bool link_line(struct link *l, struct rexi_str *line)
{
	for (size_t searched = 0;;) {
		const char *start = l->in.ptr + l->at;
		size_t len = l->in.len - l->at;
		const char *end = len > searched ? memchr(start + searched, '\n', len - searched) : NULL;

		if (end) {
			l->at += (size_t)(end - start) + 1;
			if (end > start && end[-1] == '\r')
				end--;
			*line = rx_str_make(start, (size_t)(end - start));
			return true;
		}
		searched = len;
		if (len > HEAD_BYTES_MAX || !link_fill(l))
			return false;
	}
}

/* ---- the request ------------------------------------------------------------------------------------------------------------------ */

static void put_base64(struct rx_buf *out, struct rexi_str text)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < text.len; i += 3) {
		unsigned word = 0;
		size_t count = text.len - i < 3 ? text.len - i : 3;

		for (size_t k = 0; k < 3; k++)
			word = word << 8 | (k < count ? (unsigned char)text.ptr[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			rx_buf_byte(out, k <= count ? letters[word >> (18 - 6 * k) & 63] : '=');
	}
}

static int request_send(struct link *l, const struct rxs_url *url, struct rexi_str referer)
{
	size_t host_at = url->scheme.len + 3;
	struct rx_buf text;
	int error;

	rx_buf_init(&text, l->session->memory, 0);
	RX_BUF_LIT(&text, "GET ");
	rx_buf_str(&text, url->target);
	RX_BUF_LIT(&text, " HTTP/1.1\r\nhost: ");
	rx_buf_bytes(&text, url->text.ptr + host_at, url->text.len - url->target.len - host_at); /* with an unusual port */
	RX_BUF_LIT(&text, "\r\naccept: */*\r\n");
	if (referer.len) {
		RX_BUF_LIT(&text, "referer: ");
		rx_buf_str(&text, referer);
		RX_BUF_LIT(&text, "\r\n");
	}
	if (url->user.len) {
		RX_BUF_LIT(&text, "authorization: Basic ");
		put_base64(&text, rx_buf_view(&url->user));
		RX_BUF_LIT(&text, "\r\n");
	}
	RX_BUF_LIT(&text, "connection: close\r\n\r\n");
	error = text.failed ? ENOMEM : link_tell(l, rx_buf_view(&text));
	rx_buf_fini(&text);
	return error;
}

/* ---- the reply ---------------------------------------------------------------------------------------------------------------------- */

struct head {
	uint64_t length;
	bool has_length, chunked;
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static struct rexi_str trimmed(struct rexi_str text)
{
	while (text.len && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
		text = rx_str_sub(text, 1, SIZE_MAX);
	while (text.len && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
		text.len--;
	return text;
}

static bool is_word(struct rexi_str text, const char *small)
{
	if (text.len != strlen(small))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (lower(text.ptr[i]) != small[i])
			return false;
	return true;
}

/* "HTTP/1.1 200 OK" */
static bool status_read(struct rexi_str line, unsigned *status)
{
	uint64_t number;

	if (!rx_str_starts(line, RX_STR("HTTP/1.")) || line.len < 12 || line.ptr[8] != ' ' || (line.len > 12 && line.ptr[12] != ' ') ||
	    rx_number_parse_u64(rx_str_sub(line, 9, 3), 10, &number) != RX_NUMBER_OK || number < 100)
		return false;
	*status = (unsigned)number;
	return true;
}

/* A header that decides where the body ends must be plain: two lengths that differ, or one that is no number, are refused. */
static bool header_read(struct rexi_str line, struct head *head, struct rxs_reply *reply)
{
	size_t colon = rx_str_find(line, RX_STR(":"), 0);
	struct rexi_str name, value;
	uint64_t length;

	if (colon == SIZE_MAX || colon == 0)
		return false;
	name = rx_str_sub(line, 0, colon);
	value = trimmed(rx_str_sub(line, colon + 1, SIZE_MAX));
	if (is_word(name, "content-length")) {
		if (value.len == 0 || value.ptr[0] < '0' || value.ptr[0] > '9' ||
		    rx_number_parse_u64(value, 10, &length) != RX_NUMBER_OK || (head->has_length && head->length != length))
			return false;
		head->length = length;
		head->has_length = true;
	} else if (is_word(name, "transfer-encoding")) {
		if (!is_word(value, "chunked"))
			return false;
		head->chunked = true;
	} else if (is_word(name, "location") && reply->location.len == 0) {
		rx_buf_str(&reply->location, value);
	}
	return true;
}

static bool head_read(struct link *l, struct head *head, struct rxs_reply *reply)
{
	struct rexi_str line;
	size_t bytes = 0;

	for (unsigned interim = 0; interim < INTERIM_MAX; interim++) {
		*head = (struct head){ .length = 0 };
		rx_buf_clear(&reply->location);
		if (!link_line(l, &line) || !status_read(line, &reply->status))
			return false;
		for (;;) {
			if (!link_line(l, &line) || (bytes += line.len) > HEAD_BYTES_MAX)
				return false;
			if (line.len == 0)
				break;
			if (!header_read(line, head, reply))
				return false;
		}
		if (reply->status >= 200)
			return true;
	}
	return false;
}

struct limits {
	uint64_t most, hold; /* bytes wanted; bytes that may be held */
};

/* Moves up to `count` bytes to the body. False: they do not come. *done: enough. */
static bool body_take(struct link *l, uint64_t count, const struct limits *limits, struct rx_buf *body, bool *done)
{
	while (count) {
		uint64_t left = limits->most - body->len, there = l->in.len - l->at, part = there < count ? there : count;

		if (left == 0 || body->len > limits->hold || body->failed) {
			*done = true;
			return true;
		}
		if (part == 0) {
			if (!link_fill(l))
				return false;
			continue;
		}
		part = part < left ? part : left;
		rx_buf_bytes(body, l->in.ptr + l->at, (size_t)part);
		l->at += (size_t)part;
		count -= part;
	}
	return true;
}

static bool body_chunks(struct link *l, const struct limits *limits, struct rx_buf *body)
{
	struct rexi_str line;
	uint64_t size;
	bool done = false;

	for (;;) {
		size_t end = 0;

		if (!link_line(l, &line))
			return false;
		while (end < line.len && line.ptr[end] != ';' && line.ptr[end] != ' ')
			end++;
		if (end == 0 || rx_number_parse_u64(rx_str_sub(line, 0, end), 16, &size) != RX_NUMBER_OK)
			return false;
		if (size == 0)
			return true; /* what may follow is of no interest: the connection ends */
		if (!body_take(l, size, limits, body, &done))
			return false;
		if (done)
			return true;
		if (!link_line(l, &line) || line.len)
			return false;
	}
}

static bool body_read(struct link *l, const struct head *head, const struct limits *limits, struct rxs_reply *reply)
{
	bool done = false;

	if (reply->status == 204 || reply->status == 304)
		return true;
	if (head->chunked)
		return body_chunks(l, limits, &reply->body);
	if (head->has_length)
		return body_take(l, head->length, limits, &reply->body, &done);
	return body_take(l, UINT64_MAX, limits, &reply->body, &done) || (l->ended && !l->os_errno);
}

static enum rxs_http_result outcome(int error, enum rxs_http_result usual)
{
	if (error == EINTR)
		return RXS_HTTP_STOPPED;
	if (error == ENOMEM)
		return RXS_HTTP_MEMORY;
	if (error == ENOSYS)
		return RXS_HTTP_NO_TLS;
	return usual;
}

enum rxs_http_result rxs_http_get(const struct rxs_grant *get, const struct rxs_url *url, struct rexi_str referer, uint64_t most,
				  uint64_t deadline, struct rxs_reply *reply, int *os_errno)
{
	struct rxs_session *session = rxs_grant_session(get);
	struct link l = { .session = session, .fd = -1, .deadline = deadline };
	struct limits limits = { most, session->limits.read_bytes };
	enum rxs_http_result result = RXS_HTTP_OK;
	struct head head;

	rx_buf_init(&l.in, session->memory, 0);
	l.os_errno = link_open(&l, get, url);
	if (!l.os_errno)
		l.os_errno = request_send(&l, url, referer);
	if (l.os_errno || !head_read(&l, &head, reply))
		result = outcome(l.os_errno, RXS_HTTP_UNREACHED);
	else if (!body_read(&l, &head, &limits, reply))
		result = outcome(l.os_errno, RXS_HTTP_BROKEN);
	else if (reply->body.failed || reply->location.failed)
		result = RXS_HTTP_MEMORY;
	else if (reply->body.len > limits.hold)
		result = RXS_HTTP_FLOOD;
	*os_errno = l.os_errno;
	rxs_host_tls_end(l.tls);
	rxs_host_hang_up(l.fd);
	rx_buf_fini(&l.in);
	return result;
}
