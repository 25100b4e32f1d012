/* Interfaces and sockets. Source: sdk-system.md 1.3, 1.4 and 6; weaknesses 8 and 9. */
#include <config.h>

#include "sdk/network.h"

#include <errno.h>
#include <stdlib.h>

#include "base/number.h"
#include "base/utf8.h"
#include "sdk/error.h"
#include "sdk/host_net.h"
#include "sdk/host_system.h"
#include "sdk/kinds.h"
#include "sdk/natives.h"
#include "sdk/record.h"
#include "sdk/system.h"
#include "sdk/text_lines.h"

#include "base/banned.h"

enum { FILE_BYTES_MAX = 256 * 1024 * 1024 };

/* ---- names of states and protocols --------------------------------------------------------------------------------------------- */

struct name_row {
	const char *constant, *shown;
};

static const struct name_row protocols[] = { { "TCP", "Tcp" }, { "TCP6", "Tcp6" }, { "UDP", "Udp" }, { "UDP6", "Udp6" } };
/* In the order of the kernel's numbers, from 1. */
static const struct name_row tcp_states[] = {
	{ "ESTABLISHED", "Established" }, { "SYN_SENT", "SynSent" }, { "SYN_RECV", "SynRecv" }, { "FIN_WAIT1", "FinWait1" },
	{ "FIN_WAIT2", "FinWait2" }, { "TIME_WAIT", "TimeWait" }, { "CLOSE", "Close" }, { "CLOSE_WAIT", "CloseWait" },
	{ "LAST_ACK", "LastAck" }, { "LISTEN", "Listen" }, { "CLOSING", "Closing" }, { "NEW_SYN_RECV", "NewSynRecv" },
	{ "NONE", "None" }
};
static const struct name_row unix_protocols[] = { { "STREAM", "Stream" }, { "DGRAM", "Dgram" }, { "SEQPACKET", "Seqpacket" } };
static const struct name_row unix_states[] = { { "UNCONNECTED", "Unconnected" }, { "CONNECTING", "Connecting" },
					       { "CONNECTED", "Connected" }, { "DISCONNECTING", "Disconnecting" } };
enum { TCP_NONE = RX_COUNT(tcp_states) - 1 };

static const struct {
	const char *module;
	enum rxs_type type;
	const struct name_row *rows;
	unsigned count;
} enumerations[] = {
	{ "NetworkProtocol", RXS_TYPE_NetworkProtocol, protocols, RX_COUNT(protocols) },
	{ "TcpState", RXS_TYPE_TcpState, tcp_states, RX_COUNT(tcp_states) },
	{ "UnixProtocol", RXS_TYPE_UnixProtocol, unix_protocols, RX_COUNT(unix_protocols) },
	{ "UnixSocketState", RXS_TYPE_UnixSocketState, unix_states, RX_COUNT(unix_states) },
};

enum rexi_status rxs_network_constants(enum rexi_status (*add)(void *user, const char *module, const char *name,
							       enum rxs_type type, void *payload),
				       void *user)
{
	for (size_t e = 0; e < RX_COUNT(enumerations); e++)
		for (unsigned i = 0; i < enumerations[e].count; i++)
			RX_TRY(add(user, enumerations[e].module, enumerations[e].rows[i].constant, enumerations[e].type,
				   (void *)(uintptr_t)(i + 1)));
	return REXI_OK;
}

static void show_row(const struct name_row *rows, unsigned count, const void *payload, struct rx_buf *out)
{
	unsigned number = rxs_kind_number(payload);

	rx_buf_str(out, rx_str(number < count ? rows[number].shown : ""));
}

#define SHOW(function, rows)                                                                                               \
	void function(const void *payload, struct rx_buf *out, bool debug)                                                \
	{                                                                                                                 \
		(void)debug;                                                                                              \
		show_row(rows, RX_COUNT(rows), payload, out);                                                             \
	}
SHOW(rxs_show_network_protocol, protocols)
SHOW(rxs_show_tcp_state, tcp_states)
SHOW(rxs_show_unix_protocol, unix_protocols)
SHOW(rxs_show_unix_state, unix_states)

/* Methods' errors are maps, commands' plain strings. */
static enum rexi_status finish(struct rxs_session *session, enum rexi_status status, enum rxs_source source, bool command)
{
	if (status == REXI_OK || !session->failure.set)
		return status;
	if (!command)
		return rxs_failure_as(session, source, status);
	session->failure.source = RXS_SOURCE_TEXT;
	return status;
}

/* ---- interfaces ------------------------------------------------------------------------------------------------------------------ */

struct interfaces {
	struct rxs_session *session;
	struct rxl_call *call;
	struct rxl_value names, addresses; /* arrays, side by side */
};

static enum rexi_status one_interface(void *user, struct rexi_str name, struct rexi_str address)
{
	struct interfaces *all = (struct interfaces *)user;
	struct rxl_heap *heap = all->call->heap;
	struct rxl_value item = rxl_unit();
	size_t at = 0, count = rxl_array_count(&all->names);

	while (at < count && !rx_str_eq(rxl_string_view(&rxl_array_items(&all->names)[at]), name))
		at++;
	if (at == count) {
		RX_TRY(rxs_text_value(all->call, name, &item));
		RX_TRY(rxl_array_push(heap, &all->names, item));
		RX_TRY(rxl_array_new(heap, 0, &item));
		RX_TRY(rxl_array_push(heap, &all->addresses, item));
	}
	if (address.len == 0)
		return REXI_OK;
	RX_TRY(rxl_string_new(heap, address, &item));
	RX_TRY(rxl_array_edit(heap, &all->addresses));
	return rxl_array_push(heap, &all->addresses.as.array->items[at], item);
}

static enum rexi_status interface_values(struct interfaces *all, struct rxl_value *out)
{
	struct rxl_heap *heap = all->call->heap;

	RX_TRY(rxl_array_new(heap, rxl_array_count(&all->names), out));
	for (size_t i = 0; i < rxl_array_count(&all->names); i++) {
		struct rxl_value map = rxl_unit(), item = rxl_unit();
		enum rexi_status status = rxl_map_new(heap, 2, &map);

		if (status == REXI_OK)
			status = rxl_map_put(heap, &map, RX_STR("interface_name"), rxl_value_copy(&rxl_array_items(&all->names)[i]));
		if (status == REXI_OK)
			status = rxl_map_put(heap, &map, RX_STR("addresses"), rxl_value_copy(&rxl_array_items(&all->addresses)[i]));
		if (status != REXI_OK) {
			rxl_value_drop(heap, &map);
			return status;
		}
		RX_TRY(rxs_record_new(all->call, RXS_TYPE_Network, map, &item));
		RX_TRY(rxl_array_push(heap, out, item));
	}
	return REXI_OK;
}

RXS_COMMAND(rxs_net_interfaces)
{
	bool command = strcmp(rxs_call_native(call)->name, "ip_addr") == 0;
	struct interfaces all = { .session = session, .call = call };
	struct rxl_value list = rxl_unit();
	const struct rxs_grant *grant;
	char id[37];
	struct rxs_resource resource = { .type = RXS_SYSINFO };
	enum rexi_status status;
	int error = 0;

	(void)self;
	(void)args;
	(void)argc;
	rxs_uuid(session, id);
	resource.id = rx_str(id);
	status = rxs_authorize(session, RXS_SYSINFO_LIST, &resource, &grant);
	if (status == REXI_OK)
		status = rxl_array_new(call->heap, 4, &all.names);
	if (status == REXI_OK)
		status = rxl_array_new(call->heap, 4, &all.addresses);
	if (status == REXI_OK)
		status = rxs_host_interfaces(grant, one_interface, &all, &error);
	if (error)
		status = rxs_fail_errno(session, error);
	if (status == REXI_OK)
		status = interface_values(&all, &list);
	rxl_value_drop(call->heap, &all.names);
	rxl_value_drop(call->heap, &all.addresses);
	if (status == REXI_OK)
		*out = list;
	else
		rxl_value_drop(call->heap, &list);
	return finish(session, status, RXS_SOURCE_SYSINFO, command);
}

/* ---- owners of sockets -------------------------------------------------------------------------------------------------------------- */

struct owner {
	uint64_t inode;
	size_t process; /* index */
};

struct holder {
	int64_t pid;
	bool asked;
	struct rxl_value value; /* NetworkProcessInfo, or unit when the policy does not let it be listed */
};

struct stats {
	struct rxs_session *session;
	struct rxl_call *call;
	bool maps; /* netstat: plain maps, no owners */
	struct owner *owners;
	size_t owner_count, owner_cap;
	struct holder *holders;
	size_t holder_count, holder_cap;
	struct rxl_value internet, sockets;
};

static enum rexi_status one_owner(void *user, int64_t pid, uint64_t inode)
{
	struct stats *s = (struct stats *)user;
	struct rx_memory *memory = s->session->memory;

	if (s->holder_count == 0 || s->holders[s->holder_count - 1].pid != pid) {
		if (!RX_GROW(memory, &s->holders, &s->holder_cap, s->holder_count + 1))
			return rxs_fail_memory(s->session);
		s->holders[s->holder_count++] = (struct holder){ .pid = pid };
	}
	if (!RX_GROW(memory, &s->owners, &s->owner_cap, s->owner_count + 1))
		return rxs_fail_memory(s->session);
	s->owners[s->owner_count++] = (struct owner){ inode, s->holder_count - 1 };
	return REXI_OK;
}

static int by_inode(const void *a, const void *b)
{
	const struct owner *one = (const struct owner *)a, *two = (const struct owner *)b;

	if (one->inode != two->inode)
		return one->inode < two->inode ? -1 : 1;
	return (one->process > two->process) - (one->process < two->process);
}

/* Shown when the process may be listed. */
static enum rexi_status holder_value(struct stats *s, struct holder *holder)
{
	struct rxl_heap *heap = s->call->heap;
	struct rxl_value map = rxl_unit();
	struct rx_buf name;
	bool listed = false;
	enum rexi_status status;

	holder->asked = true;
	rx_buf_init(&name, s->session->memory, 0);
	status = rxs_process_listed(s->session, holder->pid, &listed, &name);
	if (status == REXI_OK && listed) {
		status = rxl_map_new(heap, 2, &map);
		if (status == REXI_OK)
			status = rxl_map_put_int(heap, &map, "pid", holder->pid);
		if (status == REXI_OK)
			status = rxl_map_put_text(heap, &map, "process_name", name.len ? rx_buf_view(&name) : RX_STR("unknown"));
		if (status == REXI_OK)
			status = rxs_record_new(s->call, RXS_TYPE_NetworkProcessInfo, map, &holder->value);
		else
			rxl_value_drop(heap, &map);
	}
	rx_buf_fini(&name);
	return status;
}

/* Of several owners the one with the smallest number. */
static enum rexi_status owner_of(struct stats *s, uint64_t inode, struct rxl_value *out)
{
	size_t low = 0, high = s->owner_count;
	struct holder *holder;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->owners[middle].inode < inode)
			low = middle + 1;
		else
			high = middle;
	}
	if (inode == 0 || low == s->owner_count || s->owners[low].inode != inode)
		return REXI_OK;
	holder = &s->holders[s->owners[low].process];
	if (!holder->asked)
		RX_TRY(holder_value(s, holder));
	*out = rxl_value_copy(&holder->value);
	return REXI_OK;
}

static void stats_fini(struct stats *s)
{
	for (size_t i = 0; i < s->holder_count; i++)
		rxl_value_drop(s->call->heap, &s->holders[i].value);
	rx_memory_give(s->session->memory, s->holders, s->holder_cap * sizeof(*s->holders));
	rx_memory_give(s->session->memory, s->owners, s->owner_cap * sizeof(*s->owners));
	rxl_value_drop(s->call->heap, &s->internet);
	rxl_value_drop(s->call->heap, &s->sockets);
}

/* ---- sockets ------------------------------------------------------------------------------------------------------------------------- */

static bool hex(struct rexi_str text, uint64_t *out)
{
	return rx_number_parse_u64(text, 16, out) == RX_NUMBER_OK;
}

/* "0100007F:0016": words in the machine's byte order, the port as a number. */
static bool parse_address(struct rexi_str text, struct rxs_address *out)
{
	size_t colon = rx_str_find(text, RX_STR(":"), 0);
	uint64_t port;

	*out = (struct rxs_address){ .v6 = colon == 32 };
	if ((colon != 8 && colon != 32) || !hex(rx_str_sub(text, colon + 1, SIZE_MAX), &port) || port > UINT16_MAX)
		return false;
	for (size_t i = 0; i < colon / 8; i++) {
		uint64_t word;
		uint32_t bytes;

		if (!hex(rx_str_sub(text, 8 * i, 8), &word))
			return false;
		bytes = (uint32_t)word;
		memcpy(out->bytes + 4 * i, &bytes, 4);
	}
	out->port = (uint16_t)port;
	return true;
}

static enum rexi_status address_value(struct stats *s, const struct rxs_address *address, struct rxl_value *out)
{
	struct rxl_heap *heap = s->call->heap;
	struct rxl_value map = rxl_unit();
	struct rx_buf text;
	enum rexi_status status;

	rx_buf_init(&text, s->session->memory, 0);
	if (address->v6)
		rx_buf_byte(&text, '[');
	rxs_address_show(&text, address);
	rx_buf_printf(&text, address->v6 ? "]:%u" : ":%u", address->port);
	if (s->maps) {
		status = rxl_string_new(heap, rx_buf_view(&text), out);
	} else {
		status = rxl_map_new(heap, 1, &map);
		if (status == REXI_OK)
			status = rxl_map_put_text(heap, &map, "address", rx_buf_view(&text));
		if (status == REXI_OK)
			status = rxs_record_new(s->call, RXS_TYPE_SocketAddr, map, out);
		else
			rxl_value_drop(heap, &map);
	}
	rx_buf_fini(&text);
	return status;
}

void rxs_show_socket_address(const void *payload, struct rx_buf *out, bool debug)
{
	(void)debug;
	rxl_value_display(rxs_record_field((const struct rxs_record *)payload, "address"), out);
}

RXS_COMMAND(rxs_net_address_text)
{
	(void)session;
	(void)args;
	(void)argc;
	*out = rxl_value_copy(rxs_record_field(rxs_need(call, self, RXS_TYPE_SocketAddr), "address"));
	return REXI_OK;
}

/* An enumeration's value, or in a map its name. */
static enum rexi_status named(struct stats *s, enum rxs_type type, const struct name_row *rows, unsigned number,
			      struct rxl_value *out)
{
	if (s->maps)
		return rxl_string_new(s->call->heap, rx_str(rows[number].shown), out);
	return rxs_object(s->call, type, (void *)(uintptr_t)(number + 1), out);
}

struct member {
	const char *key;
	struct rxl_value value;
};

/* Takes the members' values. */
static enum rexi_status socket_value(struct stats *s, enum rxs_type type, struct member *members, size_t count,
				     struct rxl_value *list)
{
	struct rxl_heap *heap = s->call->heap;
	struct rxl_value map = rxl_unit(), item = rxl_unit();
	enum rexi_status status = rxl_map_new(heap, count, &map);

	for (size_t i = 0; i < count; i++) {
		if (status == REXI_OK)
			status = rxl_map_put(heap, &map, rx_str(members[i].key), members[i].value);
		else
			rxl_value_drop(heap, &members[i].value);
	}
	if (status != REXI_OK) {
		rxl_value_drop(heap, &map);
		return status;
	}
	if (s->maps)
		item = map;
	else
		RX_TRY(rxs_record_new(s->call, type, map, &item));
	return rxl_array_push(heap, list, item);
}

enum { COLUMN_LOCAL = 1, COLUMN_REMOTE, COLUMN_STATE, COLUMN_QUEUES, COLUMN_INODE = 9, COLUMNS };

static size_t split(struct rexi_str line, struct rexi_str *words, size_t most)
{
	size_t at = 0, count = 0;

	while (count < most && rxs_word_next(line, &at, &words[count]))
		count++;
	return count;
}

/* A line that is not understood is left out: one odd socket does not hide the others. */
static enum rexi_status internet_line(struct stats *s, struct rexi_str line, unsigned protocol)
{
	struct rexi_str words[COLUMNS];
	struct rxs_address local, remote;
	uint64_t state, sending, receiving, inode;
	size_t colon;
	bool udp = protocol >= 2;

	if (split(line, words, COLUMNS) < COLUMNS || !parse_address(words[COLUMN_LOCAL], &local) ||
	    !parse_address(words[COLUMN_REMOTE], &remote) || !hex(words[COLUMN_STATE], &state))
		return REXI_OK;
	colon = rx_str_find(words[COLUMN_QUEUES], RX_STR(":"), 0);
	if (colon == SIZE_MAX || !hex(rx_str_sub(words[COLUMN_QUEUES], 0, colon), &sending) ||
	    !hex(rx_str_sub(words[COLUMN_QUEUES], colon + 1, SIZE_MAX), &receiving) ||
	    rx_number_parse_u64(words[COLUMN_INODE], 10, &inode) != RX_NUMBER_OK)
		return REXI_OK;
	struct member members[8] = {
		{ "protocol", rxl_unit() }, { "state", rxl_unit() }, { "local_address", rxl_unit() }, { "remote_address", rxl_unit() },
		{ "recv_queue", rxl_int((int64_t)receiving) }, { "send_queue", rxl_int((int64_t)sending) },
		{ "inode", rxl_int((int64_t)inode) }, { "process_info", rxl_unit() },
	};
	unsigned number = udp || state < 1 || state > TCP_NONE ? TCP_NONE : (unsigned)state - 1;
	enum rexi_status status = named(s, RXS_TYPE_NetworkProtocol, protocols, protocol, &members[0].value);

	if (status == REXI_OK)
		status = named(s, RXS_TYPE_TcpState, tcp_states, number, &members[1].value);
	if (status == REXI_OK)
		status = address_value(s, &local, &members[2].value);
	if (status == REXI_OK)
		status = address_value(s, &remote, &members[3].value);
	if (status == REXI_OK && !s->maps)
		status = owner_of(s, inode, &members[7].value);
	if (status == REXI_OK)
		return socket_value(s, RXS_TYPE_InternetConnection, members, s->maps ? 6 : 8, &s->internet);
	for (size_t i = 0; i < RX_COUNT(members); i++)
		rxl_value_drop(s->call->heap, &members[i].value);
	return status;
}

/* "0000…: RefCount Protocol Flags Type St Inode Path"; the path is the rest of the line, blanks and all. */
static enum rexi_status unix_line(struct stats *s, struct rexi_str line)
{
	struct rexi_str words[7], path;
	uint64_t references, type, state, inode;
	size_t at;

	if (split(line, words, 7) < 7 || !hex(words[1], &references) || !hex(words[4], &type) || !hex(words[5], &state) ||
	    rx_number_parse_u64(words[6], 10, &inode) != RX_NUMBER_OK)
		return REXI_OK;
	at = (size_t)(words[6].ptr - line.ptr) + words[6].len;
	path = rx_str_sub(line, at + 1, SIZE_MAX);
	struct member members[6] = {
		{ "protocol", rxl_unit() }, { "state", rxl_unit() }, { "path", rxl_unit() },
		{ "ref_count", rxl_int((int64_t)references) }, { "inode", rxl_int((int64_t)inode) }, { "process_info", rxl_unit() },
	};
	enum rexi_status status = named(s, RXS_TYPE_UnixProtocol, unix_protocols, type == 2 ? 1 : type == 5 ? 2 : 0,
					&members[0].value);

	if (status == REXI_OK)
		status = named(s, RXS_TYPE_UnixSocketState, unix_states, state >= 1 && state <= 4 ? (unsigned)state - 1 : 0,
			       &members[1].value);
	if (status == REXI_OK)
		status = rxs_text_value(s->call, path, &members[2].value);
	if (status == REXI_OK && !s->maps)
		status = owner_of(s, inode, &members[5].value);
	if (status == REXI_OK)
		return socket_value(s, RXS_TYPE_UnixSocket, members, s->maps ? 4 : 6, &s->sockets);
	for (size_t i = 0; i < RX_COUNT(members); i++)
		rxl_value_drop(s->call->heap, &members[i].value);
	return status;
}

/* ---- reading -------------------------------------------------------------------------------------------------------------------------- */

/* The network part names files by their path alone (sdk-system.md 9, scenario 23). */
static void name_bare(struct rxs_session *session)
{
	static const char type[] = "file_system::File::";
	struct rx_buf *message = &session->failure.message;
	size_t at = rx_str_find(rx_buf_view(message), RX_STR(" for file_system::File::"), 0), len = sizeof(type) - 1;

	if (!session->failure.denied || at == SIZE_MAX)
		return;
	at += strlen(" for ");
	memmove(message->ptr + at, message->ptr + at + len, message->len - at - len);
	message->len -= len;
}

/* Open and Read on the File. */
static enum rexi_status ask_file(struct rxs_session *session, const char *path, const struct rxs_grant **read)
{
	const struct rxs_grant *open;
	struct rxs_path *object;
	enum rexi_status status;

	RX_TRY(rxs_path_parse(session, rx_str(path), NULL, &object));
	status = rxs_authorize_file(session, RXS_FS_OPEN, object, &open);
	if (status == REXI_OK)
		status = rxs_authorize_file(session, RXS_FS_READ, object, read);
	rxs_path_unref(object);
	if (status != REXI_OK)
		name_bare(session);
	return status;
}

static const char *const files[] = { "/proc/net/tcp", "/proc/net/tcp6", "/proc/net/udp", "/proc/net/udp6", "/proc/net/unix" };
enum { FILES = RX_COUNT(files), FILE_UNIX = FILES - 1 };

/* A file that is not there (no IPv6) has no sockets. */
static enum rexi_status read_file(struct rxs_session *session, const char *path, struct rx_buf *out)
{
	const struct rxs_grant *read;
	int error;

	RX_TRY(ask_file(session, path, &read));
	error = rxs_host_read_whole(read, FILE_BYTES_MAX, out);
	return error && error != ENOENT ? rxs_fail_errno(session, error) : REXI_OK;
}

static enum rexi_status parse_file(struct stats *s, unsigned file, struct rexi_str text)
{
	struct rexi_str line;
	size_t pos = 0;

	(void)rxs_line_next(text, &pos, &line); /* the heads of the columns */
	while (rxs_line_next(text, &pos, &line))
		RX_TRY(file == FILE_UNIX ? unix_line(s, line) : internet_line(s, line, file));
	return REXI_OK;
}

static enum rexi_status collect(struct stats *s, struct rx_buf *texts)
{
	const struct rxs_grant *read;
	enum rexi_status status;
	int error = 0;

	for (unsigned i = 0; i < FILES; i++)
		RX_TRY(read_file(s->session, files[i], &texts[i]));
	RX_TRY(ask_file(s->session, "/proc", &read));
	if (!s->maps) {
		status = rxs_host_sockets(read, one_owner, s, &error);
		if (error)
			return rxs_fail_from(s->session, RXS_SOURCE_NETWORK, RXS_NETWORK_KIND_Other,
					     "Process enumeration failed: Failed to enumerate processes: %d", error);
		RX_TRY(status);
		if (s->owner_count)
			qsort(s->owners, s->owner_count, sizeof(*s->owners), by_inode);
	}
	RX_TRY(rxl_array_new(s->call->heap, 0, &s->internet));
	RX_TRY(rxl_array_new(s->call->heap, 0, &s->sockets));
	for (unsigned i = 0; i < FILES; i++)
		RX_TRY(parse_file(s, i, rx_buf_view(&texts[i])));
	return REXI_OK;
}

static enum rexi_status stats_new(struct rxs_session *session, struct rxl_call *call, bool maps, struct rxl_value *out)
{
	struct stats s = { .session = session, .call = call, .maps = maps };
	struct rxl_value map = rxl_unit();
	struct rx_buf texts[FILES];
	enum rexi_status status;

	for (unsigned i = 0; i < FILES; i++)
		rx_buf_init(&texts[i], session->memory, 0);
	status = collect(&s, texts);
	for (unsigned i = 0; i < FILES; i++)
		rx_buf_fini(&texts[i]);
	if (status == REXI_OK)
		status = rxl_map_new(call->heap, 2, &map);
	if (status == REXI_OK)
		status = rxl_map_put(call->heap, &map, maps ? RX_STR("internet") : RX_STR("internet_connections"),
				     rxl_value_take(&s.internet));
	if (status == REXI_OK)
		status = rxl_map_put(call->heap, &map, maps ? RX_STR("unix") : RX_STR("unix_sockets"), rxl_value_take(&s.sockets));
	stats_fini(&s);
	if (status == REXI_OK && !maps)
		return rxs_record_new(call, RXS_TYPE_NetworkStats, map, out);
	if (status == REXI_OK)
		*out = map;
	else
		rxl_value_drop(call->heap, &map);
	return status;
}

RXS_COMMAND(rxs_net_stats)
{
	(void)self;
	(void)args;
	(void)argc;
	return finish(session, stats_new(session, call, false, out), RXS_SOURCE_NETWORK, false);
}

RXS_COMMAND(rxs_net_netstat)
{
	(void)self;
	(void)args;
	(void)argc;
	return finish(session, stats_new(session, call, true, out), RXS_SOURCE_NETWORK, true);
}
