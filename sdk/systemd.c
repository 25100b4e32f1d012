/* Units of systemd over the system bus. Source: sdk-system.md 4.9; weakness 33. */
#include <config.h>

#include "sdk/system.h"

#include <errno.h>
#include <stdio.h>

#include "base/utf8.h"
#include "sdk/bus.h"
#include "sdk/error.h"
#include "sdk/host_net.h"
#include "sdk/kinds.h"
#include "sdk/natives.h"
#include "sdk/process.h"
#include "sdk/record.h"

#include "base/banned.h"

#define FAIL RXS_FAIL_PROCESS

enum { BUS_MS = 30000, AUTH_LINE_MAX = 512, STRAY_MESSAGES_MAX = 10000 };

static const char systemd[] = "org.freedesktop.systemd1", manager_path[] = "/org/freedesktop/systemd1",
		  manager_interface[] = "org.freedesktop.systemd1.Manager";

/* ---- states ------------------------------------------------------------------------------------------------------------------------ */

static const struct {
	const char *constant, *shown;
	bool active;
} states[] = {
	{ "ACTIVE", "active", true }, { "INACTIVE", "inactive", false }, { "FAILED", "failed", false },
	{ "ACTIVATING", "activating", false }, { "DEACTIVATING", "deactivating", false }, { "MAINTENANCE", "maintenance", false },
	{ "RELOADING", "reloading", true }, { "REFRESHING", "refreshing", true }, { "UNKNOWN", "unknown", false },
};
enum { STATE_UNKNOWN = RX_COUNT(states) - 1 };

const char *rxs_unit_state_name(unsigned index)
{
	return index < RX_COUNT(states) ? states[index].constant : NULL;
}

void rxs_show_unit_state(const void *payload, struct rx_buf *out, bool debug)
{
	unsigned number = rxs_kind_number(payload);

	(void)debug;
	rx_buf_str(out, rx_str(number < RX_COUNT(states) ? states[number].shown : ""));
}

static unsigned state_of(struct rexi_str text)
{
	unsigned at = 0;

	while (at < STATE_UNKNOWN && !rx_str_eq(text, rx_str(states[at].shown)))
		at++;
	return at;
}

RXS_COMMAND(rxs_unit_state_active)
{
	unsigned number = rxs_kind_number(rxs_need(call, self, RXS_TYPE_State));

	(void)session;
	(void)args;
	(void)argc;
	*out = rxl_bool(number < RX_COUNT(states) && states[number].active);
	return REXI_OK;
}

/* ---- the bus -------------------------------------------------------------------------------------------------------------------------- */

struct bus {
	struct rxs_session *session;
	const struct rxs_grant *grant;
	int fd;
	uint32_t serial;
	uint64_t deadline;
	struct rx_buf out, in; /* the message sent; the answer, which `reply` looks into */
	struct rxs_bus_message reply;
};

static enum rexi_status fail_bus(struct bus *b, const char *what, int error)
{
	enum rexi_status status;

	if (error == EINTR)
		return REXI_TERMINATED;
	if (error == ENOMEM)
		return rxs_fail_memory(b->session);
	status = FAIL(b->session, DBusError, "%s: ", what);
	rxs_errno_text(&b->session->failure.message, error);
	b->session->failure.os_errno = error;
	return status;
}

static int hear_all(struct bus *b, char *bytes, size_t len)
{
	while (len) {
		size_t got;
		int error = rxs_host_hear(b->session, b->fd, bytes, len, &got, b->deadline);

		if (error || got == 0)
			return error ? error : ECONNRESET;
		bytes += got;
		len -= got;
	}
	return 0;
}

/* "OK <id>\r\n", byte by byte: what follows belongs to the messages. */
static int hear_ok(struct bus *b)
{
	char line[AUTH_LINE_MAX];
	size_t len = 0;

	do {
		int error = len < sizeof(line) ? hear_all(b, line + len, 1) : EPROTO;

		if (error)
			return error;
	} while (line[len++] != '\n');
	return len > 3 && memcmp(line, "OK ", 3) == 0 ? 0 : EACCES;
}

/* EXTERNAL: the bus asks the kernel who we are. The number goes over as hexadecimal of its decimal digits. */
static int authenticate(struct bus *b)
{
	static const char hex[] = "0123456789abcdef";
	char number[24];
	int len = snprintf(number, sizeof(number), "%lu", (unsigned long)rxs_host_effective_user()), error;

	rx_buf_clear(&b->out);
	rx_buf_byte(&b->out, 0);
	RX_BUF_LIT(&b->out, "AUTH EXTERNAL ");
	for (int i = 0; i < len; i++) {
		rx_buf_byte(&b->out, hex[(unsigned char)number[i] >> 4]);
		rx_buf_byte(&b->out, hex[(unsigned char)number[i] & 15]);
	}
	RX_BUF_LIT(&b->out, "\r\n");
	error = b->out.failed ? ENOMEM : rxs_host_tell(b->session, b->fd, b->out.ptr, b->out.len, b->deadline);
	if (!error)
		error = hear_ok(b);
	return error ? error : rxs_host_tell(b->session, b->fd, "BEGIN\r\n", 7, b->deadline);
}

/* The next message, whole. */
static int hear_message(struct bus *b)
{
	size_t length;
	int error;

	rx_buf_clear(&b->in);
	if (!rx_buf_reserve(&b->in, RXS_BUS_HEAD))
		return ENOMEM;
	error = hear_all(b, b->in.ptr, RXS_BUS_HEAD);
	if (error)
		return error;
	b->in.len = RXS_BUS_HEAD;
	length = rxs_bus_length(rx_buf_view(&b->in));
	if (length < RXS_BUS_HEAD)
		return EPROTO;
	if (!rx_buf_reserve(&b->in, length - RXS_BUS_HEAD))
		return ENOMEM;
	error = hear_all(b, b->in.ptr + RXS_BUS_HEAD, length - RXS_BUS_HEAD);
	b->in.len = length;
	return error ? error : rxs_bus_parse(rx_buf_view(&b->in), &b->reply) ? 0 : EPROTO;
}

/* Calls and waits for the answer; signals and answers to nothing are passed over. An errno; b->reply may be an error. */
static int bus_call(struct bus *b, const struct rxs_bus_target *target, const struct rexi_str *texts, size_t count)
{
	int error;

	rx_buf_clear(&b->out);
	rxs_bus_call(&b->out, ++b->serial, target, texts, count);
	error = b->out.failed ? ENOMEM : rxs_host_tell(b->session, b->fd, b->out.ptr, b->out.len, b->deadline);
	for (unsigned i = 0; !error && i < STRAY_MESSAGES_MAX; i++) {
		error = hear_message(b);
		if (!error && b->reply.reply_to == b->serial && (b->reply.type == RXS_BUS_REPLY || b->reply.type == RXS_BUS_ERROR))
			return 0;
	}
	return error ? error : EPROTO;
}

/* What the other side said: "name: words". */
static enum rexi_status fail_reply(struct bus *b)
{
	enum rexi_status status = FAIL(b->session, DBusError, "D-Bus operation failed: ");
	struct rxs_bus_value words;

	rx_buf_str(&b->session->failure.message, b->reply.error);
	if (rxs_bus_first(&b->reply, &words) && words.type == 's') {
		RX_BUF_LIT(&b->session->failure.message, ": ");
		rx_buf_str(&b->session->failure.message, words.text);
	}
	return status;
}

static enum rexi_status call_manager(struct bus *b, const char *member, const struct rexi_str *texts, size_t count)
{
	const struct rxs_bus_target target = { systemd, manager_path, manager_interface, member };
	int error = bus_call(b, &target, texts, count);

	return error ? fail_bus(b, "D-Bus operation failed", error) : REXI_OK;
}

static void bus_close(struct bus *b)
{
	rxs_host_hang_up(b->fd);
	rx_buf_fini(&b->out);
	rx_buf_fini(&b->in);
}

/* *b is ended by bus_close either way. */
static enum rexi_status bus_open(struct bus *b, struct rxs_session *session, const struct rxs_grant *grant)
{
	static const struct rxs_bus_target hello = { "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello" };
	int error;

	*b = (struct bus){ .session = session, .grant = grant, .fd = -1 };
	rx_buf_init(&b->out, session->memory, 0);
	rx_buf_init(&b->in, session->memory, 0);
	b->deadline = rxs_host_clock_ms() + BUS_MS;
	error = rxs_host_dial_bus(grant, b->deadline, &b->fd);
	if (!error)
		error = authenticate(b);
	if (!error)
		error = bus_call(b, &hello, NULL, 0);
	if (error)
		return fail_bus(b, "Failed to connect to system bus", error);
	return b->reply.type == RXS_BUS_ERROR ? fail_reply(b) : REXI_OK;
}

/* ---- operations ---------------------------------------------------------------------------------------------------------------------- */

static enum rexi_status finish(struct rxs_session *session, enum rexi_status status)
{
	return rxs_failure_as(session, RXS_SOURCE_PROCESS, status);
}

static enum rexi_status ask_unit(struct rxs_session *session, enum rxs_action action, struct rexi_str name,
				 const struct rxs_grant **grant)
{
	const struct rxs_field attributes[] = { { RX_STR("name"), { .kind = RXS_DATA_STRING, .string = name } } };
	const struct rxs_resource resource = { .type = RXS_SERVICE, .id = name, .attributes = attributes, .attribute_count = 1 };

	return rxs_authorize(session, action, &resource, grant);
}

static enum rexi_status fail_unit(struct rxs_session *session, struct rexi_str name)
{
	enum rexi_status status = FAIL(session, ServiceNotFound, "Unit: ");

	rxs_path_show(&session->failure.message, name);
	return status;
}

/* The name and words of a text must be what the bus takes: no NUL. */
static bool is_plain(struct rexi_str text)
{
	return !text.len || !memchr(text.ptr, 0, text.len);
}

struct unit_method {
	const char *name, *member;
	enum rxs_action action;
};

static const struct unit_method methods[] = {
	{ "start", "StartUnit", RXS_SYSTEMD_START },
	{ "stop", "StopUnit", RXS_SYSTEMD_STOP },
	{ "restart", "RestartUnit", RXS_SYSTEMD_RESTART },
	{ "try_restart", "TryRestartUnit", RXS_SYSTEMD_RESTART },
};

/* start(name), stop(name), restart(name), try_restart(name): done once the job is queued. */
RXS_COMMAND(rxs_unit_operate)
{
	const struct unit_method *method = methods;
	const struct rexi_str texts[2] = { rxl_string_view(&args[0]), RX_STR("replace") };
	const struct rxs_grant *grant;
	enum rexi_status status;
	struct bus b;

	(void)self;
	(void)argc;
	(void)out;
	while (strcmp(method->name, rxs_call_native(call)->name) != 0)
		method++;
	status = ask_unit(session, method->action, texts[0], &grant);
	if (status == REXI_OK && !is_plain(texts[0]))
		status = fail_unit(session, texts[0]);
	if (status != REXI_OK)
		return finish(session, status);
	status = bus_open(&b, session, grant);
	if (status == REXI_OK)
		status = call_manager(&b, method->member, texts, 2);
	if (status == REXI_OK && b.reply.type == RXS_BUS_ERROR)
		status = rx_str_eq(b.reply.error, RX_STR("org.freedesktop.systemd1.NoSuchUnit")) ? fail_unit(session, texts[0]) :
											      fail_reply(&b);
	bus_close(&b);
	return finish(session, status);
}

RXS_COMMAND(rxs_unit_daemon_reload)
{
	struct rxs_resource resource = { .type = RXS_SYSTEMD };
	const struct rxs_grant *grant;
	enum rexi_status status;
	struct bus b;
	char id[37];

	(void)call;
	(void)self;
	(void)args;
	(void)argc;
	(void)out;
	rxs_uuid(session, id);
	resource.id = rx_str(id);
	status = rxs_authorize(session, RXS_SYSTEMD_DAEMON_RELOAD, &resource, &grant);
	if (status != REXI_OK)
		return finish(session, status);
	status = bus_open(&b, session, grant);
	if (status == REXI_OK)
		status = call_manager(&b, "Reload", NULL, 0);
	if (status == REXI_OK && b.reply.type == RXS_BUS_ERROR)
		status = fail_reply(&b);
	bus_close(&b);
	return finish(session, status);
}

/* ---- status ---------------------------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *property, *key;
} text_properties[] = {
	{ "Description", "description" },	{ "LoadState", "load_state" },		    { "FragmentPath", "load_path" },
	{ "UnitFileState", "unit_file_state" }, { "UnitFilePreset", "unit_file_preset" }, { "SubState", "sub_state" },
}, number_properties[] = { { "MainPID", "main_pid" }, { "TasksCurrent", "tasks" }, { "MemoryCurrent", "memory" } };

struct describing {
	struct rxl_call *call;
	struct rxl_value map;
	enum rexi_status status;
	unsigned state;
};

static enum rexi_status put_documentation(struct describing *d, const struct rxs_bus_value *value)
{
	struct rxl_heap *heap = d->call->heap;
	struct rxl_value list = rxl_unit(), item = rxl_unit();
	struct rexi_str text;

	RX_TRY(rxl_array_new(heap, 0, &list));
	for (size_t at = 0; rxs_bus_next_text(value, &at, &text);) {
		RX_TRY(rxl_string_new(heap, text, &item));
		RX_TRY(rxl_array_push(heap, &list, item));
	}
	return rxl_map_put(heap, &d->map, RX_STR("documentation"), list);
}

static bool one_unit_property(void *user, struct rexi_str name, const struct rxs_bus_value *value)
{
	struct describing *d = (struct describing *)user;

	for (size_t i = 0; i < RX_COUNT(text_properties) && value->type == 's'; i++)
		if (rx_str_eq(name, rx_str(text_properties[i].property)))
			d->status = rxl_map_put_text(d->call->heap, &d->map, text_properties[i].key, value->text);
	if (rx_str_eq(name, RX_STR("ActiveState")) && value->type == 's')
		d->state = state_of(value->text);
	else if (rx_str_eq(name, RX_STR("NeedDaemonReload")) && value->type == 'b')
		d->status = rxl_map_put(d->call->heap, &d->map, RX_STR("need_daemon_reload"), rxl_bool(value->number != 0));
	else if (rx_str_eq(name, RX_STR("Documentation")) && value->type == 'a')
		d->status = put_documentation(d, value);
	return d->status == REXI_OK;
}

/* What is not counted (all bits set) is no number. */
static bool one_service_property(void *user, struct rexi_str name, const struct rxs_bus_value *value)
{
	struct describing *d = (struct describing *)user;

	for (size_t i = 0; i < RX_COUNT(number_properties) && value->type == 'u' && value->number <= INT64_MAX; i++)
		if (rx_str_eq(name, rx_str(number_properties[i].property)))
			d->status = rxl_map_put_int(d->call->heap, &d->map, number_properties[i].key, (int64_t)value->number);
	return d->status == REXI_OK;
}

static enum rexi_status read_properties(struct bus *b, struct rexi_str path, const char *interface, struct describing *d,
					bool (*each)(void *user, struct rexi_str name, const struct rxs_bus_value *value))
{
	struct rx_buf object;
	const struct rexi_str wanted = rx_str(interface);
	enum rexi_status status = REXI_OK;
	int error = ENOMEM;

	rx_buf_init(&object, b->session->memory, 0);
	rx_buf_str(&object, path);
	if (rx_buf_cstr(&object)) {
		const struct rxs_bus_target target = { systemd, object.ptr, "org.freedesktop.DBus.Properties", "GetAll" };

		error = bus_call(b, &target, &wanted, 1);
	}
	rx_buf_fini(&object);
	if (error)
		return fail_bus(b, "D-Bus operation failed", error);
	if (b->reply.type == RXS_BUS_ERROR)
		return fail_reply(b);
	if (!rxs_bus_properties(&b->reply, each, d))
		status = d->status != REXI_OK ? d->status : fail_bus(b, "D-Bus operation failed", EPROTO);
	return status;
}

/* Every field is there, if only as nothing. */
static enum rexi_status prepare(struct describing *d, struct rexi_str name)
{
	struct rxl_heap *heap = d->call->heap;
	struct rxl_value item = rxl_unit();

	RX_TRY(rxl_map_new(heap, 13, &d->map));
	RX_TRY(rxs_text_value(d->call, name, &item));
	RX_TRY(rxl_map_put(heap, &d->map, RX_STR("name"), item));
	for (size_t i = 0; i < RX_COUNT(text_properties); i++)
		RX_TRY(rxl_map_put_text(heap, &d->map, text_properties[i].key, RX_STR("")));
	for (size_t i = 0; i < RX_COUNT(number_properties); i++)
		RX_TRY(rxl_map_put(heap, &d->map, rx_str(number_properties[i].key), rxl_unit()));
	RX_TRY(rxl_map_put(heap, &d->map, RX_STR("need_daemon_reload"), rxl_bool(false)));
	RX_TRY(rxl_array_new(heap, 0, &item));
	return rxl_map_put(heap, &d->map, RX_STR("documentation"), item);
}

/* The numbers of a service; a unit of another kind has none (weakness 33). */
static enum rexi_status describe_service(struct bus *b, struct rexi_str path, struct describing *d)
{
	enum rexi_status status = read_properties(b, path, "org.freedesktop.systemd1.Service", d, one_service_property);

	if (status == REXI_RUNTIME && b->reply.type == RXS_BUS_ERROR) {
		rxs_failure_clear(b->session);
		return REXI_OK;
	}
	return status;
}

static enum rexi_status describe(struct bus *b, struct rexi_str name, struct describing *d)
{
	struct rxl_value state = rxl_unit();
	struct rxs_bus_value loaded;
	struct rx_buf path;
	enum rexi_status status;

	RX_TRY(call_manager(b, "LoadUnit", &name, 1));
	if (b->reply.type == RXS_BUS_ERROR || !rxs_bus_first(&b->reply, &loaded) || loaded.type != 's')
		return fail_unit(b->session, name);
	rx_buf_init(&path, b->session->memory, 0);
	rx_buf_str(&path, loaded.text);
	status = prepare(d, name);
	if (status == REXI_OK)
		status = read_properties(b, rx_buf_view(&path), "org.freedesktop.systemd1.Unit", d, one_unit_property);
	if (status == REXI_OK && states[d->state].active)
		status = describe_service(b, rx_buf_view(&path), d);
	rx_buf_fini(&path);
	if (status == REXI_OK)
		status = rxs_object(d->call, RXS_TYPE_State, (void *)(uintptr_t)(d->state + 1), &state);
	return status == REXI_OK ? rxl_map_put(d->call->heap, &d->map, RX_STR("active_state"), state) : status;
}

RXS_COMMAND(rxs_unit_status)
{
	struct describing d = { .call = call, .map = rxl_unit(), .state = STATE_UNKNOWN };
	struct rexi_str name = rxl_string_view(&args[0]);
	const struct rxs_grant *grant;
	enum rexi_status status;
	struct bus b;

	(void)self;
	(void)argc;
	status = ask_unit(session, RXS_SYSTEMD_STATUS, name, &grant);
	if (status == REXI_OK && !is_plain(name))
		status = fail_unit(session, name);
	if (status != REXI_OK)
		return finish(session, status);
	status = bus_open(&b, session, grant);
	if (status == REXI_OK)
		status = describe(&b, name, &d);
	bus_close(&b);
	if (status == REXI_OK)
		return rxs_record_new(call, RXS_TYPE_ServiceInfo, d.map, out);
	rxl_value_drop(call->heap, &d.map);
	return finish(session, status);
}

/* ---- what was found, as map and text -------------------------------------------------------------------------------------------------- */

/* Numbers of tasks and bytes are texts in the map, as in the reference. */
RXS_COMMAND(rxs_unit_to_map)
{
	struct rxl_value map = rxl_unit();
	enum rexi_status status;

	RX_TRY(rxs_record_to_names(session, call, self, args, argc, &map));
	status = rxl_map_edit(call->heap, &map);
	for (size_t i = 1; i < RX_COUNT(number_properties) && status == REXI_OK; i++) {
		const struct rxl_value *number = rxl_map_find(&map, rx_str(number_properties[i].key));
		char text[32];

		if (!number || number->type != RXL_INT)
			continue;
		(void)snprintf(text, sizeof(text), "%lld", (long long)number->as.i);
		status = rxl_map_put_text(call->heap, &map, number_properties[i].key, rx_str(text));
	}
	if (status == REXI_OK)
		*out = map;
	else
		rxl_value_drop(call->heap, &map);
	return status;
}

static void put_json(struct rx_buf *out, const struct rxl_value *value)
{
	struct rx_buf shown;

	if (value->type == RXL_UNIT) {
		RX_BUF_LIT(out, "null");
	} else if (value->type == RXL_BOOL || value->type == RXL_INT) {
		rxl_value_display(value, out);
	} else if (value->type == RXL_ARRAY) {
		size_t count = rxl_array_count(value);

		rx_buf_byte(out, '[');
		for (size_t i = 0; i < count; i++) {
			rx_buf_str(out, rx_str(i ? ",\n    " : "\n    "));
			put_json(out, &rxl_array_items(value)[i]);
		}
		rx_buf_str(out, rx_str(count ? "\n  ]" : "]"));
	} else {
		rx_buf_init(&shown, out->memory, 0);
		rxl_value_display(value, &shown);
		rx_buf_json_string(out, rx_buf_view(&shown));
		rx_buf_fini(&shown);
	}
}

RXS_COMMAND(rxs_unit_text)
{
	static const char *const order[] = { "name", "description", "load_state", "load_path", "unit_file_state", "unit_file_preset",
					     "active_state", "sub_state", "main_pid", "tasks", "memory", "documentation",
					     "need_daemon_reload" };
	const struct rxs_record *info = rxs_need(call, self, RXS_TYPE_ServiceInfo);
	struct rx_buf text;

	(void)session;
	(void)args;
	(void)argc;
	rx_buf_init(&text, &call->heap->memory, 0);
	for (size_t i = 0; i < RX_COUNT(order); i++) {
		rx_buf_printf(&text, "%s\n  \"%s\": ", i ? "," : "{", order[i]);
		put_json(&text, rxs_record_field(info, order[i]));
	}
	RX_BUF_LIT(&text, "\n}");
	return rxl_string_from_buf(call->heap, &text, out);
}

RXS_COMMAND(rxs_unit_manager)
{
	(void)session;
	(void)self;
	(void)args;
	(void)argc;
	return rxs_object(call, RXS_TYPE_SystemctlManager, (void *)(uintptr_t)1, out);
}
