#include <config.h>

#include "cedar/request.h"

#include "cedar/extension.h"

#include "base/banned.h"

static const struct rexi_cedar_record empty_record;

enum rexi_status rexi_cedar_request_new(const struct rexi_cedar_engine *engine, struct rexi_cedar_request **out, struct rexi_error *err)
{
	struct rexi_cedar_request *request;
	struct rx_memory memory;

	rx_memory_init(&memory, &engine->allocator, engine->limits.memory_bytes);
	request = rx_memory_take_zeroed(&memory, 1, sizeof(*request));
	if (!request)
		return rx_fail_memory(err);
	request->memory = memory;
	request->scratch.engine = engine;
	rx_arena_init(&request->scratch.arena, &request->memory);
	rexi_cedar_request_reset(request);
	*out = request;
	return REXI_OK;
}

void rexi_cedar_request_free(struct rexi_cedar_request *request)
{
	struct rx_memory memory;

	if (!request)
		return;
	rx_arena_fini(&request->scratch.arena);
	memory = request->memory;
	rx_memory_give(&memory, request, sizeof(*request));
}

void rexi_cedar_request_reset(struct rexi_cedar_request *request)
{
	rx_arena_reset(&request->scratch.arena);
	request->has_uids = false;
	request->context = (struct rexi_cedar_value){ .kind = REXI_CEDAR_RECORD, .as.record = &empty_record };
	request->building = NULL;
	request->building_cap = 0;
}

struct rexi_cedar_scratch *rexi_cedar_request_scratch(struct rexi_cedar_request *request)
{
	return &request->scratch;
}

void rexi_cedar_request_set(struct rexi_cedar_request *request, const struct rexi_cedar_uid *principal, const struct rexi_cedar_uid *action,
			    const struct rexi_cedar_uid *resource)
{
	request->uids[RXC_PRINCIPAL] = *principal;
	request->uids[RXC_ACTION] = *action;
	request->uids[RXC_RESOURCE] = *resource;
	request->has_uids = true;
}

enum rexi_status rexi_cedar_request_set_context(struct rexi_cedar_request *request, const struct rexi_cedar_value *record, struct rexi_error *err)
{
	if (record->kind != REXI_CEDAR_RECORD)
		return rx_fail(err, REXI_TYPE, RX_NO_SPAN, "expression is not a record");
	request->context = rxc_value_outside(*record);
	request->building = NULL;
	return REXI_OK;
}

/* Room for one more field in the record under construction. */
static bool reserve_field(struct rexi_cedar_request *request)
{
	enum { FIRST = 8 };
	uint32_t count = request->context.as.record->count, cap = request->building_cap ? request->building_cap * 2 : FIRST;
	struct rexi_cedar_record *bigger;

	if (request->building && count < request->building_cap)
		return true;
	while (cap <= count)
		cap *= 2;
	bigger = rx_arena_bytes(&request->scratch.arena, sizeof(*bigger) + cap * sizeof(bigger->fields[0]));
	if (!bigger)
		return false;
	*bigger = (struct rexi_cedar_record){ .count = count };
	if (count)
		memcpy(bigger->fields, request->context.as.record->fields, count * sizeof(bigger->fields[0]));
	request->building = bigger;
	request->building_cap = cap;
	request->context.as.record = bigger;
	return true;
}

enum rexi_status rexi_cedar_request_add_context(struct rexi_cedar_request *request, const struct rexi_cedar_name *name,
						const struct rexi_cedar_value *value, struct rexi_error *err)
{
	struct rxc_slotted *fields;
	uint32_t at;
	int order = 1;

	if (!reserve_field(request))
		return rx_fail_memory(err);
	fields = request->building->fields;
	for (at = request->building->count; at > 0; at--) {
		order = rx_str_cmp(rx_str_make(fields[at - 1].name, fields[at - 1].name_len), name->text);
		if (order <= 0)
			break;
	}
	if (at > 0 && order == 0)
		return rx_fail(err, REXI_DUPLICATE, RX_NO_SPAN, "context attribute `%.*s` is given twice", RX_STR_ARG(rx_str_sub(name->text, 0, 80)));
	memmove(&fields[at + 1], &fields[at], (request->building->count - at) * sizeof(*fields));
	fields[at] = (struct rxc_slotted){ name->text.ptr, (uint32_t)name->text.len, (uint32_t)name->hash, rxc_value_outside(*value) };
	request->building->count++;
	return REXI_OK;
}

/* ---- values made by callers ------------------------------------------------------------------------------------------ */

struct rexi_cedar_value rexi_cedar_bool(bool truth)
{
	return rxc_value_bool(truth);
}

struct rexi_cedar_value rexi_cedar_long(int64_t number)
{
	return rxc_value_long(number);
}

struct rexi_cedar_value rexi_cedar_string(struct rexi_str text)
{
	return rxc_value_string(rx_str_sub(text, 0, UINT32_MAX));
}

struct rexi_cedar_value rexi_cedar_entity(const struct rexi_cedar_uid *uid)
{
	return rxc_value_uid(uid);
}

enum rexi_status rexi_cedar_set_new(struct rexi_cedar_scratch *scratch, const struct rexi_cedar_value *items, size_t count,
				    struct rexi_cedar_value *out, struct rexi_error *err)
{
	struct rexi_cedar_value *copy = RX_ARENA_ARRAY(&scratch->arena, struct rexi_cedar_value, count + 1);
	const struct rexi_cedar_set *set;

	if (!copy)
		return rx_fail_memory(err);
	for (size_t i = 0; i < count; i++)
		copy[i] = rxc_value_outside(items[i]);
	set = rxc_set_make(&scratch->arena, copy, count);
	if (!set)
		return rx_fail_memory(err);
	*out = (struct rexi_cedar_value){ .kind = REXI_CEDAR_SET, .as.set = set };
	return REXI_OK;
}

enum rexi_status rexi_cedar_record_new(struct rexi_cedar_scratch *scratch, const struct rexi_cedar_field *fields, size_t count,
				       struct rexi_cedar_value *out, struct rexi_error *err)
{
	struct rexi_cedar_record *record = rx_arena_alloc(&scratch->arena, 1, sizeof(*record) + count * sizeof(record->fields[0]));
	size_t duplicate;

	if (!record || count > UINT32_MAX / 2)
		return rx_fail_memory(err);
	record->count = (uint32_t)count;
	for (size_t i = 0; i < count; i++)
		record->fields[i] = (struct rxc_slotted){ fields[i].name->text.ptr, (uint32_t)fields[i].name->text.len,
							  (uint32_t)fields[i].name->hash, rxc_value_outside(fields[i].value) };
	rxc_fields_sort(record->fields, count, &duplicate);
	if (duplicate != SIZE_MAX)
		return rx_fail(err, REXI_DUPLICATE, RX_NO_SPAN, "field `%.*s` is given twice",
			       RX_STR_ARG(rx_str_sub(rx_str_make(record->fields[duplicate].name, record->fields[duplicate].name_len), 0, 80)));
	*out = (struct rexi_cedar_value){ .kind = REXI_CEDAR_RECORD, .as.record = record };
	return REXI_OK;
}

enum rexi_status rexi_cedar_extension_new(struct rexi_cedar_scratch *scratch, struct rexi_str function, struct rexi_str argument,
					  struct rexi_cedar_value *out, struct rexi_error *err)
{
	enum rxc_function which = rxc_function_find(function);
	struct rexi_cedar_ext *ext = rx_arena_bytes(&scratch->arena, sizeof(*ext));
	char message[RXC_EXT_MESSAGE];

	if (!ext)
		return rx_fail_memory(err);
	if (which != RXC_FN_IP && which != RXC_FN_DECIMAL && which != RXC_FN_DATETIME && which != RXC_FN_DURATION)
		return rx_fail(err, REXI_NOT_FOUND, RX_NO_SPAN, "extension function `%.*s` does not exist", RX_STR_ARG(rx_str_sub(function, 0, 80)));
	argument = rx_arena_copy(&scratch->arena, argument);
	if (!argument.ptr)
		return rx_fail_memory(err);
	if (!rxc_ext_parse(which, argument, ext, message))
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "%s", message);
	*out = rxc_value_ext(ext);
	return REXI_OK;
}

struct rexi_str rexi_cedar_text_copy(struct rexi_cedar_scratch *scratch, struct rexi_str text)
{
	return rx_arena_copy(&scratch->arena, text);
}

/* ---- printing into the caller's storage ------------------------------------------------------------------------------ */

static size_t give_text(struct rx_buf *buf, char *out, size_t cap)
{
	size_t len = buf->len, fits = len < cap ? len : cap ? cap - 1 : 0;

	if (cap) {
		if (fits)
			memcpy(out, buf->ptr, fits);
		out[fits] = '\0';
	}
	rx_buf_fini(buf);
	return len;
}

size_t rexi_cedar_value_print(const struct rexi_cedar_value *value, char *out, size_t cap)
{
	struct rx_memory memory;
	struct rx_buf buf;

	rx_memory_init(&memory, NULL, 0);
	rx_buf_init(&buf, &memory, 0);
	rxc_value_print(&buf, value);
	return give_text(&buf, out, cap);
}

size_t rexi_cedar_uid_print(const struct rexi_cedar_uid *uid, char *out, size_t cap)
{
	struct rexi_cedar_value value = rxc_value_uid(uid);

	return rexi_cedar_value_print(&value, out, cap);
}
