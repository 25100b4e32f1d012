#include <config.h>

#include "sdk/resolver.h"

#include <errno.h>

#include "sdk/dns.h"
#include "sdk/error.h"
#include "sdk/host_session.h"
#include "sdk/host_system.h"
#include "sdk/system.h"
#include "sdk/text_lines.h"

#include "base/banned.h"

enum { SERVERS_MAX = 8, SEARCH_MAX = 8, ATTEMPTS = 2, DNS_PORT = 53, ANSWER_MAX = 65535, ADDRESSES_MAX = 1024 };

struct asking {
	struct rxs_session *session;
	const struct rxs_grant *grant;
	const struct rxs_resolution *how;
	struct rxs_address servers[SERVERS_MAX];
	size_t server_count;
	struct rexi_str search[SEARCH_MAX]; /* into conf */
	size_t search_count;
	struct rx_buf conf;
	struct rxs_addresses *out;
	bool failed; /* memory */
	bool heard;  /* some server answered, if only that there is nothing */
	bool timed_out;
	bool silent; /* no server answered a question at all: none is asked another */
};

void rxs_addresses_fini(struct rxs_session *session, struct rxs_addresses *addresses)
{
	rx_memory_give(session->memory, addresses->items, addresses->cap * sizeof(*addresses->items));
	*addresses = (struct rxs_addresses){ NULL, 0, 0 };
}

static bool add(void *user, const struct rxs_address *address)
{
	struct asking *a = (struct asking *)user;

	for (size_t i = 0; i < a->out->count; i++)
		if (a->out->items[i].v6 == address->v6 && memcmp(a->out->items[i].bytes, address->bytes, 16) == 0)
			return true;
	if (a->out->count >= ADDRESSES_MAX)
		return false;
	if (!RX_GROW(a->session->memory, &a->out->items, &a->out->cap, a->out->count + 1)) {
		a->failed = true;
		return false;
	}
	a->out->items[a->out->count++] = *address;
	return true;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Without regard to case and a final dot. */
static bool same_name(struct rexi_str a, struct rexi_str b)
{
	if (a.len && a.ptr[a.len - 1] == '.')
		a.len--;
	if (b.len && b.ptr[b.len - 1] == '.')
		b.len--;
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.ptr[i]) != lower(b.ptr[i]))
			return false;
	return true;
}

static bool is_localhost(struct rexi_str name)
{
	if (name.len && name.ptr[name.len - 1] == '.')
		name.len--;
	return same_name(name, RX_STR("localhost")) || (name.len > 10 && same_name(rx_str_sub(name, name.len - 10, 10), RX_STR(".localhost")));
}

static struct rexi_str uncommented(struct rexi_str line)
{
	for (size_t i = 0; i < line.len; i++)
		if (line.ptr[i] == '#' || line.ptr[i] == ';')
			line.len = i;
	return line;
}

/* Lines of /etc/hosts that carry the name. */
static int from_hosts(struct asking *a, struct rexi_str name)
{
	struct rexi_str line, word;
	struct rxs_address address;
	struct rx_buf text;
	int error;

	rx_buf_init(&text, a->session->memory, 0);
	error = rxs_host_hosts(a->grant, &text);
	for (size_t pos = 0; !error && rxs_line_next(rx_buf_view(&text), &pos, &line);) {
		size_t at = 0;

		line = uncommented(line);
		if (!rxs_word_next(line, &at, &word) || !rxs_address_parse(word, &address))
			continue;
		while (rxs_word_next(line, &at, &word))
			if (same_name(word, name))
				(void)add(a, &address);
	}
	rx_buf_fini(&text);
	return error;
}

static void add_server(struct asking *a, struct rexi_str text)
{
	const char *percent = text.len ? memchr(text.ptr, '%', text.len) : NULL;
	struct rxs_address server;

	if (percent)
		text.len = (size_t)(percent - text.ptr);
	if (a->server_count < SERVERS_MAX && rxs_address_parse(text, &server)) {
		server.port = DNS_PORT;
		a->servers[a->server_count++] = server;
	}
}

static int read_conf(struct asking *a)
{
	struct rexi_str line, word;
	int error = rxs_host_resolv_conf(a->grant, &a->conf);

	for (size_t pos = 0; !error && rxs_line_next(rx_buf_view(&a->conf), &pos, &line);) {
		size_t at = 0;

		line = uncommented(line);
		if (!rxs_word_next(line, &at, &word))
			continue;
		if (rx_str_eq(word, RX_STR("nameserver")) && rxs_word_next(line, &at, &word))
			add_server(a, word);
		else if (rx_str_eq(word, RX_STR("search")) || rx_str_eq(word, RX_STR("domain")))
			for (a->search_count = 0; a->search_count < SEARCH_MAX && rxs_word_next(line, &at, &word);)
				a->search[a->search_count++] = word;
	}
	return error;
}

/* One question to one server. ERANGE: the answer did not fit a datagram. */
static int exchange(struct asking *a, const struct rxs_address *server, bool tcp, struct rexi_str question, struct rx_buf *answer)
{
	uint64_t deadline = rxs_host_clock_ms() + a->how->timeout_ms;
	unsigned char head[2];
	size_t got = 0, want = ANSWER_MAX;
	int fd, error = rxs_host_dial(a->grant, server, !tcp, deadline, &fd);

	if (error)
		return error;
	rx_buf_clear(answer);
	if (!rx_buf_reserve(answer, ANSWER_MAX))
		error = ENOMEM;
	if (!error && tcp) { /* in one piece, as some servers want it (RFC 7766, 8) */
		rx_buf_byte(answer, (char)(question.len >> 8));
		rx_buf_byte(answer, (char)question.len);
		rx_buf_str(answer, question);
		error = rxs_host_tell(a->session, fd, answer->ptr, answer->len, deadline);
		rx_buf_clear(answer);
	} else if (!error) {
		error = rxs_host_tell(a->session, fd, question.ptr, question.len, deadline);
	}
	for (size_t len = 0; !error && tcp && len < sizeof(head); len += got) {
		error = rxs_host_hear(a->session, fd, head + len, sizeof(head) - len, &got, deadline);
		if (!error && got == 0)
			error = ECONNRESET;
	}
	if (tcp)
		want = (size_t)head[0] << 8 | head[1];
	while (!error && answer->len < want) {
		error = rxs_host_hear(a->session, fd, answer->ptr + answer->len, want - answer->len, &got, deadline);
		answer->len += error ? 0 : got;
		if (!error && got == 0)
			error = ECONNRESET;
		/* on a datagram socket, what does not carry our number and question is somebody else's guess */
		if (!error && !tcp) {
			if (answer->len >= 2 && memcmp(answer->ptr, question.ptr, 2) == 0)
				break;
			answer->len = 0;
		}
	}
	rxs_host_hang_up(fd);
	return error;
}

/* False when the run is to end. */
static bool ask_servers(struct asking *a, struct rexi_str name, enum rxs_dns_type type)
{
	struct rx_buf question, answer;
	uint16_t id;
	bool done = false, stopped = false;

	if (a->silent)
		return true;
	rx_buf_init(&question, a->session->memory, 0);
	rx_buf_init(&answer, a->session->memory, 0);
	rxs_host_random(a->session, &id, sizeof(id));
	if (!rxs_dns_question(&question, id, name, type)) {
		a->failed = question.failed;
		done = true;
	}
	for (unsigned attempt = 0; attempt < ATTEMPTS && !done && !stopped; attempt++) {
		for (size_t i = 0; i < a->server_count && !done && !stopped; i++) {
			bool tcp = a->how->transport == RXS_TRANSPORT_TCP;
			enum rxs_dns_result result = RXS_DNS_FOREIGN;
			int error = exchange(a, &a->servers[i], tcp, rx_buf_view(&question), &answer);

			if (!error)
				result = rxs_dns_answer(rx_buf_view(&question), rx_buf_view(&answer), type, add, a);
			if (!error && result == RXS_DNS_TRUNCATED && !tcp && a->how->transport == RXS_TRANSPORT_AUTO) {
				error = exchange(a, &a->servers[i], true, rx_buf_view(&question), &answer);
				result = error ? RXS_DNS_FOREIGN :
						 rxs_dns_answer(rx_buf_view(&question), rx_buf_view(&answer), type, add, a);
			}
			stopped = error == EINTR;
			a->timed_out = a->timed_out || error == ETIMEDOUT;
			a->failed = a->failed || error == ENOMEM;
			done = !error && (result == RXS_DNS_OK || result == RXS_DNS_NO_NAME);
			a->heard = a->heard || done;
		}
	}
	a->silent = !a->heard;
	rx_buf_fini(&question);
	rx_buf_fini(&answer);
	return !stopped;
}

static bool ask_both(struct asking *a, struct rexi_str name)
{
	return ask_servers(a, name, RXS_DNS_A) && ask_servers(a, name, RXS_DNS_AAAA);
}

static bool ask_below(struct asking *a, struct rexi_str name)
{
	struct rx_buf whole;
	bool going = true;

	rx_buf_init(&whole, a->session->memory, 0);
	for (size_t i = 0; i < a->search_count && going && a->out->count == 0; i++) {
		rx_buf_clear(&whole);
		rx_buf_str(&whole, name);
		rx_buf_byte(&whole, '.');
		rx_buf_str(&whole, a->search[i]);
		going = ask_both(a, rx_buf_view(&whole));
	}
	rx_buf_fini(&whole);
	return going;
}

/* The name as it is first when it has a dot, else below the domains of the search list first. */
static bool ask_names(struct asking *a, struct rexi_str name)
{
	bool whole = name.len && name.ptr[name.len - 1] == '.', dotted = rx_str_find(name, RX_STR("."), 0) != SIZE_MAX;

	if (!dotted && !ask_below(a, name))
		return false;
	if (a->out->count == 0 && !ask_both(a, name))
		return false;
	return !dotted || whole || a->out->count > 0 || ask_below(a, name);
}

static void say_why(const struct asking *a, struct rexi_str name, struct rx_buf *why)
{
	if (a->server_count == 0) {
		RX_BUF_LIT(why, "no connections available");
	} else if (a->heard) {
		RX_BUF_LIT(why, "no records found for Query { name: Name(\"");
		rx_buf_str(why, name);
		if (name.len == 0 || name.ptr[name.len - 1] != '.')
			rx_buf_byte(why, '.');
		RX_BUF_LIT(why, "\"), query_type: AAAA, query_class: IN }");
	} else if (a->timed_out) {
		RX_BUF_LIT(why, "request timed out");
	} else {
		RX_BUF_LIT(why, "no connections available");
	}
}

enum rexi_status rxs_resolve(const struct rxs_grant *grant, struct rexi_str name, const struct rxs_resolution *how,
			     struct rxs_addresses *out, struct rx_buf *why)
{
	static const struct rxs_address here[2] = { { .bytes = { 127, 0, 0, 1 } }, { .v6 = true, .bytes = { [15] = 1 } } };
	struct asking a = { .session = rxs_grant_session(grant), .grant = grant, .how = how, .out = out };
	struct rxs_address literal;
	bool going = true;
	int error;

	if (rxs_address_parse(name, &literal)) {
		(void)add(&a, &literal);
		return a.failed ? rxs_fail_memory(a.session) : REXI_OK;
	}
	rx_buf_init(&a.conf, a.session->memory, 0);
	error = from_hosts(&a, name);
	if (!error && is_localhost(name)) {
		(void)add(&a, &here[0]);
		(void)add(&a, &here[1]);
	}
	if (!error && out->count == 0) {
		if (how->server.ptr)
			add_server(&a, how->server);
		else
			error = read_conf(&a);
		if (!error)
			going = ask_names(&a, name);
		if (!error && out->count == 0)
			say_why(&a, name, why);
	}
	rx_buf_fini(&a.conf);
	if (a.failed)
		return rxs_fail_memory(a.session);
	if (!going)
		return REXI_TERMINATED;
	return error ? rxs_fail_errno(a.session, error) : REXI_OK;
}
