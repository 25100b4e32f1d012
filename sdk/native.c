/* The border between the language and the host operations: registration, entry, raising. */
#include <config.h>

#include "sdk/native.h"

#include <stdio.h>

#include "base/utf8.h"
#include "lang/engine.h"
#include "sdk/builders.h"
#include "sdk/kinds.h"
#include "sdk/natives.h"

#include "base/banned.h"

#include "sdk/index.inc"

/* ---- the list ------------------------------------------------------------------------------------------------------------- */

#define PURE RXL_PURE
#define REF RXL_REF
#define MUT RXL_MUT
#define VOLATILE RXL_VOLATILE

static const struct rxs_native rows[] = {
#define RXS_NATIVE(id_, name_, params_, result_, fn_, flags_, actions_, resource_, help_, example_)                      \
	{ .id = #id_, .name = name_, .params = params_, .result = result_, .actions = actions_, .resource = resource_,     \
	  .help = help_, .example = example_, .fn = fn_, .flags = flags_ },
#define RXS_NATIVE_DATA(id_, name_, params_, result_, fn_, flags_, actions_, resource_, help_, example_, data_)          \
	{ .id = #id_, .name = name_, .params = params_, .result = result_, .actions = actions_, .resource = resource_,     \
	  .help = help_, .example = example_, .fn = fn_, .flags = flags_, .data = data_ },
#include "sdk/natives.def"
#undef RXS_NATIVE
#undef RXS_NATIVE_DATA
};

#undef PURE
#undef REF
#undef MUT
#undef VOLATILE

enum row {
#define RXS_NATIVE(id_, ...) ROW_##id_,
#define RXS_NATIVE_DATA(id_, ...) ROW_##id_,
#include "sdk/natives.def"
#undef RXS_NATIVE
#undef RXS_NATIVE_DATA
	ROW_COUNT
};

static const struct rxs_native *const all[] = {
#define RXS_NATIVE(id_, ...) &rows[ROW_##id_],
#define RXS_NATIVE_DATA(id_, ...) &rows[ROW_##id_],
#include "sdk/natives.def"
#undef RXS_NATIVE
#undef RXS_NATIVE_DATA
#define RXS_BUILDER(name, missing, check, help) &rxs_start_rows[RXS_BUILDER_##name], &rxs_build_rows[RXS_BUILDER_##name],
#define RXS_FIELD(builder, field, type, fallback, required, set, help) &rxs_set_rows[RXS_OPT_##builder##_##field],
#include "sdk/options.def"
#undef RXS_BUILDER
#undef RXS_FIELD
};

const struct rxs_native *const *rxs_natives(size_t *count)
{
	*count = RX_COUNT(all);
	return all;
}

/* ---- types ------------------------------------------------------------------------------------------------------------------ */

static bool same_number(const void *a, const void *b)
{
	return rxs_kind_number(a) == rxs_kind_number(b);
}

/* Their ids are their numbers: an engine has these types before any other. */
static const struct rxl_class classes[RXS_TYPE_COUNT] = {
#define CLASS(type_, path_, name_, display_, free_, equal_)                                                              \
	[RXS_TYPE_##type_] = { .id = RXS_TYPE_##type_, .path = path_, .name = name_, .free = free_, .display = display_,   \
			       .equal = equal_ },
#define RXS_TYPE(id, path, show, end) CLASS(id, path, path, show, end, NULL)
/* Two types of two parts are called ProcessInfo. */
#define SHORT_NAME(id) (RXS_TYPE_##id == RXS_TYPE_NetworkProcessInfo ? &(#id)[sizeof("Network") - 1] : #id)
/* An error's kind is equal by number, whatever place it carries. */
#define RXS_TYPE_SHORT(id, path, show, end)                                                                              \
	CLASS(id, path, SHORT_NAME(id), show, end, RXS_TYPE_##id == RXS_TYPE_RhaiSafeIoErrorKind ? same_number : NULL)
#define RXS_TYPE_PLAIN(id, path, show) CLASS(id, path, path, show, NULL, same_number)
#define RXS_TYPE_KIND(id, path, show) CLASS(id, path, #id, show, NULL, same_number)
#include "sdk/types.def"
#undef RXS_TYPE
#undef RXS_TYPE_SHORT
#undef RXS_TYPE_PLAIN
#undef RXS_TYPE_KIND
#define OPTIONS_PATH "rust_safe_io::options::"
#define RXS_BUILDER(b, missing, check, help)                                                                           \
	CLASS(b, OPTIONS_PATH #b, OPTIONS_PATH #b, rxs_options_show, rxs_options_free, NULL)                             \
	CLASS(b##_builder, OPTIONS_PATH #b "Builder", OPTIONS_PATH #b "Builder", rxs_options_show, rxs_options_free, NULL)
#define RXS_FIELD(builder, field, type, fallback, required, set, help)
#include "sdk/options.def"
#undef RXS_BUILDER
#undef RXS_FIELD
};

/* ---- entry --------------------------------------------------------------------------------------------------------------------- */

static enum rexi_status native_enter(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc,
				     struct rxl_value *out)
{
	const struct rxs_native *native = rxs_call_native(call);
	struct rxs_session *session = (struct rxs_session *)rxl_call_user(call);
	struct rxl_call *outer = session->call;
	uint64_t outer_id = session->call_id;
	uint64_t host_calls = session->host_calls;
	uint64_t bytes_read = session->bytes_read, bytes_written = session->bytes_written;
	size_t mark = rxs_grants_mark(session), base = session->grant_base;
	enum rexi_status status;

	session->call = call;
	session->call_id = ++session->calls;
	session->grant_base = mark;
	status = native->fn(session, call, self, args, argc, out);
	if (session->bytes_read != bytes_read && !outer)
		rxs_effect(session, "bytes_read", (int64_t)(session->bytes_read - bytes_read));
	if (session->bytes_written != bytes_written && !outer)
		rxs_effect(session, "bytes_written", (int64_t)(session->bytes_written - bytes_written));
	if (status != REXI_OK)
		status = rxs_raise_status(session, call, status);
	else if (session->host_calls != host_calls && rxs_should_stop(session)) /* what it moved was too much, or time is up */
		status = rxl_raise_terminated(call, rxl_unit());
	rxs_grants_release(session, mark); /* after raising: an error says which object it was about */
	session->grant_base = base;
	session->call_id = outer_id;
	session->call = outer;
	return status;
}

/* ---- the library ---------------------------------------------------------------------------------------------------------------- */

static const struct rxl_native *library_row(void *user, unsigned n, struct rxl_native *space)
{
	const struct rxs_native *native = all[n];
	const char *colons = strstr(native->name, "::");

	(void)user;
	*space = (struct rxl_native){ .name = colons ? colons + 2 : native->name, .params = native->params, .fn = native_enter,
				      .flags = native->flags, .help = native->help, .data = native };
	return space;
}

static bool begins_with_module(const char *text, struct rexi_str module)
{
	return strncmp(text, module.ptr, module.len) == 0 && text[module.len] == ':';
}

/* Stops at the first constant of the module. */
static enum rexi_status module_seen(void *user, const char *module, const char *name, enum rxs_type type, void *payload)
{
	(void)name, (void)type, (void)payload;
	return rx_str_eq(*(const struct rexi_str *)user, rx_str(module)) ? REXI_DUPLICATE : REXI_OK;
}

static bool library_has_module(struct rexi_str name)
{
	if (name.len == 0 || memchr(name.ptr, 0, name.len))
		return false;
	if (rxs_constants_each(module_seen, &name) != REXI_OK)
		return true;
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (begins_with_module(rows[i].name, name))
			return true;
	return false;
}

struct module_target {
	struct rxl_engine *engine;
	struct rxl_module *module;
	struct rexi_str name;
};

/* A constant of the module being made; its payload belongs to the value. */
static enum rexi_status constant_add(void *user, const char *module, const char *name, enum rxs_type type, void *payload)
{
	const struct module_target *target = (const struct module_target *)user;
	struct rxl_value value;

	if (!rx_str_eq(target->name, rx_str(module)))
		return REXI_OK;
	RX_TRY(rxl_object_new(&target->engine->heap, &classes[type], payload, &value));
	return rxl_module_const(target->engine, target->module, name, value);
}

static enum rexi_status library_module(struct rxl_engine *engine, void *user, struct rxl_module *module, struct rexi_str name);

static const struct rxl_library library = {
	.index = &names,
	.row = library_row,
	.classes = classes,
	.class_count = RXS_TYPE_COUNT,
	.has_module = library_has_module,
	.module = library_module,
};

static enum rexi_status library_module(struct rxl_engine *engine, void *user, struct rxl_module *module, struct rexi_str name)
{
	(void)user;
	RX_TRY(rxs_constants_each(constant_add, &(struct module_target){ engine, module, name }));
	return rxl_library_module_rows(engine, &library, module, name);
}

enum rexi_status rxs_register(struct rxl_engine *engine, struct rxs_session *session, struct rexi_error *err)
{
	rxl_engine_set_user(engine, session);
	return rxl_engine_attach(engine, &library, NULL, 0, err);
}

/* ---- values ------------------------------------------------------------------------------------------------------------------------ */

const struct rxl_class *rxs_class(const struct rxs_session *session, enum rxs_type type)
{
	(void)session;
	return &classes[type];
}

static const struct rxl_class *class_of(struct rxl_call *call, enum rxs_type type)
{
	return rxs_class((const struct rxs_session *)rxl_call_user(call), type);
}

enum rexi_status rxs_object(struct rxl_call *call, enum rxs_type type, void *payload, struct rxl_value *out)
{
	return rxl_object_new(call->heap, class_of(call, type), payload, out);
}

void *rxs_payload(struct rxl_call *call, const struct rxl_value *value, enum rxs_type type)
{
	return rxl_object_payload(value, class_of(call, type));
}

void *rxs_need(struct rxl_call *call, const struct rxl_value *value, enum rxs_type type)
{
	void *payload = rxs_payload(call, value, type);

	RX_ASSERT(payload);
	return payload;
}

enum rexi_status rxs_text_value(struct rxl_call *call, struct rexi_str text, struct rxl_value *out)
{
	struct rx_buf shown;

	if (rx_utf8_is_ascii(text))
		return rxl_string_new(call->heap, text, out);
	rx_buf_init(&shown, &call->heap->memory, 0);
	rxs_path_show(&shown, text);
	return rxl_string_from_buf(call->heap, &shown, out);
}

enum rexi_status rxs_u64_value(struct rxs_session *session, uint64_t number, struct rxl_value *out)
{
	if (number > INT64_MAX)
		return rxs_fail_text(session,
				     "Return value conversion failed: out of range integral type conversion attempted");
	*out = rxl_int((int64_t)number);
	return REXI_OK;
}

/* ---- raising ------------------------------------------------------------------------------------------------------------------------- */

/*
 * Kinds are objects without memory of their own: the pointer is the number, above it an errno, above that the number of
 * the decision that was a denial. The kind of an error about a file or directory knows its place too: its payload then is
 * a real pointer, moved up over a low byte that no number has. Where pointers are too short for that, there is no place.
 */
#define KIND_BITS 8
#define ERRNO_BITS 16
#define DENIAL_SHIFT (KIND_BITS + ERRNO_BITS)
#define DENIAL_MOST (UINTPTR_MAX >> DENIAL_SHIFT)
#define PLACED 0xFFu

struct placed_kind {
	struct rxl_heap *heap;
	unsigned kind;
	int os_errno;
	uint64_t denial;
	size_t len;
	char path[];
};

static void *kind_payload(unsigned kind, int os_errno)
{
	return (void *)(uintptr_t)((uintptr_t)(kind + 1) | (uintptr_t)((unsigned)os_errno & 0xFFFFu) << KIND_BITS);
}

static struct placed_kind *kind_placed(const void *payload)
{
	return ((uintptr_t)payload & PLACED) == PLACED ? (struct placed_kind *)((uintptr_t)payload >> KIND_BITS) : NULL;
}

unsigned rxs_kind_number(const void *payload)
{
	const struct placed_kind *placed = kind_placed(payload);

	return placed ? placed->kind : (unsigned)((uintptr_t)payload & ((1u << KIND_BITS) - 1)) - 1;
}

int rxs_kind_errno(const void *payload)
{
	const struct placed_kind *placed = kind_placed(payload);

	return placed ? placed->os_errno : (int)((uintptr_t)payload >> KIND_BITS & 0xFFFFu);
}

uint64_t rxs_kind_denial(const struct rxl_value *kind)
{
	const struct placed_kind *placed;

	if (!kind || kind->type != RXL_OBJECT || !rx_str_ends(rx_str(kind->as.host->type->path), RX_STR("ErrorKind")))
		return 0;
	placed = kind_placed(kind->as.host->payload);
	return placed ? placed->denial : (uintptr_t)kind->as.host->payload >> DENIAL_SHIFT;
}

struct rexi_str rxs_kind_path(const struct rxl_value *kind)
{
	const struct placed_kind *placed;

	if (!kind || kind->type != RXL_OBJECT || !rx_str_ends(rx_str(kind->as.host->type->path), RX_STR("ErrorKind")))
		return (struct rexi_str){ NULL, 0 };
	placed = kind_placed(kind->as.host->payload);
	return placed ? rx_str_make(placed->path, placed->len) : (struct rexi_str){ NULL, 0 };
}

void rxs_free_io_kind(void *payload)
{
	struct placed_kind *placed = kind_placed(payload);

	if (placed)
		rxl_heap_give(placed->heap, placed, sizeof(*placed) + placed->len);
}

/* The file or directory that the present failure is about; empty when it is about none. */
static struct rexi_str failure_place(const struct rxs_session *session)
{
	const struct rxs_failure *failure = &session->failure;
	const struct rxs_resource *resource;

	if (failure->path_at)
		return rx_str_sub(rx_buf_view(&failure->message), failure->path_at, SIZE_MAX);
	if (failure->denied)
		return session->denial.type == RXS_FILE || session->denial.type == RXS_DIR ? session->denial.resource :
											     (struct rexi_str){ NULL, 0 };
	if (session->grant_count <= session->grant_base)
		return (struct rexi_str){ NULL, 0 };
	resource = rxs_grant_resource(session->grants[session->grant_count - 1]);
	return resource->path ? resource->path->uid : (struct rexi_str){ NULL, 0 };
}

static enum rexi_status io_kind_value(struct rxs_session *session, struct rxl_call *call, struct rxl_value *out)
{
	const struct rxs_failure *failure = &session->failure;
	struct rexi_str path = failure_place(session);
	struct placed_kind *placed;

	if (path.len == 0 || sizeof(void *) < 8)
		return rxs_object(call, RXS_TYPE_RhaiSafeIoErrorKind, kind_payload(failure->kind, failure->os_errno), out);
	placed = (struct placed_kind *)rxl_heap_take(call->heap, sizeof(*placed) + path.len);
	if (!placed)
		return REXI_NO_MEMORY;
	*placed = (struct placed_kind){ .heap = call->heap, .kind = failure->kind, .os_errno = failure->os_errno,
					.denial = failure->denial, .len = path.len };
	memcpy(placed->path, path.ptr, path.len);
	return rxs_object(call, RXS_TYPE_RhaiSafeIoErrorKind, (void *)((uintptr_t)placed << KIND_BITS | PLACED), out);
}

enum rexi_status rxs_entry_type_value(struct rxl_call *call, unsigned type, struct rxl_value *out)
{
	return rxs_object(call, RXS_TYPE_EntryType, kind_payload(type, 0), out);
}

/* A message as a value; whatever host bytes slipped in are made text. */
static enum rexi_status message_value(struct rxl_call *call, struct rexi_str text, struct rxl_value *out)
{
	struct rx_buf clean;

	if (rx_utf8_valid(text) == text.len)
		return rxl_string_new(call->heap, text, out);
	rx_buf_init(&clean, &call->heap->memory, 0);
	rx_utf8_lossy(&clean, text);
	return rxl_string_from_buf(call->heap, &clean, out);
}

static enum rexi_status kind_value(struct rxs_session *session, struct rxl_call *call, struct rxl_value *out)
{
	const struct rxs_failure *failure = &session->failure;

	if (failure->source == RXS_SOURCE_IO)
		RX_TRY(io_kind_value(session, call, out));
	else
		RX_TRY(rxs_kind_value(call, failure->source, failure->kind, out));
	if (failure->denial && failure->denial <= DENIAL_MOST && out->type == RXL_OBJECT && !kind_placed(out->as.host->payload))
		out->as.host->payload = (void *)((uintptr_t)out->as.host->payload | (uintptr_t)failure->denial << DENIAL_SHIFT);
	return REXI_OK;
}

static enum rexi_status map_value(struct rxs_session *session, struct rxl_call *call, struct rxl_value *out)
{
	struct rxl_heap *heap = call->heap;
	struct rxl_value map, item;
	enum rexi_status status;

	RX_TRY(rxl_map_new(heap, 3, &map));
	status = kind_value(session, call, &item);
	if (status == REXI_OK)
		status = rxl_map_put(heap, &map, RX_STR("kind"), item);
	if (status == REXI_OK)
		status = message_value(call, rx_buf_view(&session->failure.message), &item);
	if (status == REXI_OK)
		status = rxl_map_put(heap, &map, RX_STR("message"), item);
	if (status == REXI_OK)
		status = rxl_map_put_text(heap, &map, "source", rx_str(rxs_source_name(session->failure.source)));
	if (status == REXI_OK)
		*out = map;
	else
		rxl_value_drop(heap, &map);
	return status;
}

enum rexi_status rxs_raise(struct rxs_session *session, struct rxl_call *call)
{
	struct rxl_value thrown;
	enum rexi_status status = session->failure.source == RXS_SOURCE_TEXT ?
					  message_value(call, rx_buf_view(&session->failure.message), &thrown) :
					  map_value(session, call, &thrown);

	rxs_failure_clear(session);
	return status == REXI_OK ? rxl_raise_runtime(call, thrown) : status;
}

bool rxs_is_denial(const struct rxs_session *session, const struct rxl_value *thrown)
{
	const struct rxl_value *kind = thrown->type == RXL_MAP ? rxl_map_find(thrown, RX_STR("kind")) : NULL;
	const void *payload = kind ? rxl_object_payload(kind, rxs_class(session, RXS_TYPE_RhaiSafeIoErrorKind)) : NULL;

	return payload && rxs_kind_number(payload) == RXS_IO_PermissionDenied;
}

enum rexi_status rxs_raise_status(struct rxs_session *session, struct rxl_call *call, enum rexi_status status)
{
	if (session->failure.set && status == REXI_LIMIT) {
		/* no script code can catch a limit */
		if (!session->limit)
			session->limit = "";
		rxs_failure_clear(session);
		return rxl_raise_terminated(call, rxl_unit());
	}
	if (session->failure.set)
		return rxs_raise(session, call);
	if (status == REXI_TERMINATED)
		return rxl_raise_terminated(call, rxl_unit());
	return status; /* out of memory, or an error that the language has already raised */
}
