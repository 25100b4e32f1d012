/* Properties and indexers of values that are no plain places. spec 5.5, 5.6 */
#include <config.h>

#include "lang/call.h"

#include <string.h>

#include "base/utf8.h"
#include "base/banned.h"

/* The natives called "get$name"; NULL when nobody registered such a thing. */
static const struct rxl_overload *accessors(struct rxl_vm *vm, const char *prefix, struct rexi_str name)
{
	char text[128];

	if (name.len > sizeof(text) - 4)
		return NULL;
	memcpy(text, prefix, 4);
	if (name.len)
		memcpy(text + 4, name.ptr, name.len);
	return rxl_engine_overloads_of(vm->engine, rx_str_make(text, name.len + 4));
}

/* The getter of a property, NULL when there is none. */
static const struct rxl_overload *getter(struct rxl_vm *vm, const struct rxl_value *base, const struct rxl_value *key)
{
	struct rxl_words name = rxl_words_of(key);
	unsigned type = rxl_value_type_id(base);
	uint64_t mix = (name.head >> 40 ^ name.body ^ type) * UINT64_C(0x9E3779B97F4A7C15);
	struct rxl_getter *known = &vm->getters[mix >> 60];
	const struct rxl_overload *native;

	if (known->native && known->type == type && known->name.head == name.head && known->name.body == name.body)
		return known->native;
	native = rxl_native_pick(accessors(vm, "get$", rxl_string_view(key)), base, NULL, 0);
	if (native && key->type == RXL_TEXT)
		*known = (struct rxl_getter){ name, type, native };
	return native;
}

enum rexi_status rxl_property_get(struct rxl_vm *vm, struct rxl_value *base, const struct rxl_value *key, bool constant,
				  struct rxl_value *out)
{
	struct rexi_str name = rxl_string_view(key);
	const struct rxl_overload *native = getter(vm, base, key);
	struct rxl_value copy;
	enum rexi_status status;
	bool found = false;

	*out = rxl_unit();
	if (native) {
		if (native->row->flags & (RXL_REF | RXL_MUT))
			return rxl_native_call(vm, native, name, true, constant, base, NULL, 0, out);
		copy = rxl_value_copy(base);
		status = rxl_native_call(vm, native, name, true, constant, &copy, NULL, 0, out);
		rxl_value_drop(vm->heap, &copy);
		return status;
	}
	if (base->type == RXL_OBJECT) {
		status = rxl_host_index(vm, base, key, NULL, out, &found);
		if (found)
			return status;
	}
	return rxl_vm_raise(vm, RXL_ERROR_DOT_EXPR, "Unknown property '%.*s' - a getter is not registered for type '%s'",
			    RX_STR_ARG(name), rxl_value_type_name(base));
}

bool rxl_property_is_read_only(struct rxl_vm *vm, const struct rxl_value *base, const struct rxl_value *key,
			       const struct rxl_value *value)
{
	if (base->type != RXL_OBJECT || rxl_native_pick(accessors(vm, "set$", rxl_string_view(key)), base, value, 1))
		return false;
	return !rxl_native_find_text(vm->engine, RX_STR("index$set"), base, (struct rxl_value[]){ *key, *value }, 2);
}

enum rexi_status rxl_property_set(struct rxl_vm *vm, struct rxl_value *base, const struct rxl_value *key, struct rxl_value value,
				  bool constant)
{
	struct rexi_str name = rxl_string_view(key);
	const struct rxl_overload *native;
	struct rxl_value none = rxl_unit();
	enum rexi_status status;
	bool found = false;

	if (base->type == RXL_MAP)
		return rxl_map_put(vm->heap, base, name, value);
	native = rxl_native_pick(accessors(vm, "set$", name), base, &value, 1);
	if (native && constant) {
		rxl_value_drop(vm->heap, &value);
		return rxl_vm_raise(vm, RXL_ERROR_NON_PURE, "set$%.*s", RX_STR_ARG(name));
	}
	if (native) {
		status = rxl_native_call(vm, native, name, true, false, base, &value, 1, &none);
	} else {
		status = REXI_OK;
		if (base->type == RXL_OBJECT)
			status = rxl_host_index(vm, base, key, &value, &none, &found);
		if (!found)
			status = rxl_vm_raise(vm, RXL_ERROR_DOT_EXPR,
					      "No writable property '%.*s' - a setter is not registered for type '%s' to handle '%s'",
					      RX_STR_ARG(name), rxl_value_type_name(base), rxl_value_type_name(&value));
	}
	rxl_value_drop(vm->heap, &value);
	rxl_value_drop(vm->heap, &none);
	return status;
}

enum rexi_status rxl_host_index(struct rxl_vm *vm, struct rxl_value *base, const struct rxl_value *index, struct rxl_value *value,
				struct rxl_value *out, bool *found)
{
	struct rexi_str name = value ? RX_STR("index$set") : RX_STR("index$get");
	const struct rxl_overload *native;
	struct rxl_value args[2] = { rxl_unit(), rxl_unit() };
	enum rexi_status status;

	*found = false;
	args[0] = *index;
	if (value)
		args[1] = *value;
	native = rxl_native_find_text(vm->engine, name, base, args, value ? 2 : 1);
	if (!native)
		return REXI_OK;
	*found = true;
	args[0] = rxl_value_copy(index);
	if (value)
		args[1] = rxl_value_copy(value);
	status = rxl_native_call(vm, native, name, true, false, base, args, value ? 2 : 1, out);
	rxl_value_drop(vm->heap, &args[0]);
	rxl_value_drop(vm->heap, &args[1]);
	return status;
}

/* ---- indexes ------------------------------------------------------------------------------------------------------- */

static enum rexi_status out_of_bounds(struct rxl_vm *vm, enum rxl_error_kind kind, size_t count, int64_t index)
{
	struct rxl_call call = rxl_vm_call_of(vm, RX_STR(""));

	return rxl_raise_bounds(&call, kind, count, index);
}

/* Negative counts from the end; false when outside. */
static bool position(int64_t index, size_t count, size_t *out)
{
	if (index < 0) {
		uint64_t back = 0 - (uint64_t)index;

		if (back > count)
			return false;
		*out = count - (size_t)back;
		return true;
	}
	*out = (size_t)index;
	return (uint64_t)index < count;
}

static bool is_range(const struct rxl_value *value)
{
	return value->type == RXL_RANGE || value->type == RXL_RANGE_INCLUSIVE;
}

/* Name of an index type in the error of arrays and blobs (spec 5.5, Q19). */
/* spec 5.5: start and number of characters of a slice; false with *start set: start out of range. */
static bool text_slice(const struct rxl_value *range, size_t count, bool writing, size_t *start, size_t *len)
{
	int64_t from = range->as.range->start, to = range->as.range->end;
	bool inclusive = range->type == RXL_RANGE_INCLUSIVE;
	size_t end;

	(void)writing;
	if (from < 0) {
		uint64_t back = 0 - (uint64_t)from;

		if (back > count)
			return false;
		*start = count - (size_t)back;
	} else {
		*start = (uint64_t)from > count ? count : (size_t)from;
	}
	if (to < 0) {
		uint64_t back = 0 - (uint64_t)to;

		end = back > count ? 0 : count - (size_t)back;
		if (inclusive)
			end += 1;
	} else {
		end = (uint64_t)to > count ? count : (size_t)to;
		if (inclusive && (uint64_t)to < count)
			end += 1;
	}
	*len = end > *start ? end - *start : 0;
	/* the reference takes the inclusive slice of one character for empty (spec Q3), but not when that is the whole text */
	if (inclusive && *len != count && !writing && (to < 0 ? end <= *start + 1 : (uint64_t)to <= *start))
		*len = 0;
	return true;
}

static enum rexi_status string_get(struct rxl_vm *vm, struct rxl_value *base, const struct rxl_value *index, struct rxl_value *out)
{
	struct rexi_str text = rxl_string_view(base);
	size_t count = rxl_string_chars(base), start, len;
	bool ascii = count == text.len;
	size_t from, to;

	if (!ascii && text.len >= 16384)
		rxl_vm_worked(vm, text.len);
	if (index->type == RXL_INT) {
		if (!position(index->as.i, count, &start))
			return out_of_bounds(vm, RXL_ERROR_STRING_BOUNDS, count, index->as.i);
		from = ascii ? start : rx_utf8_offset(text, start);
		*out = rxl_char(rx_utf8_next(text, &from));
		return REXI_OK;
	}
	if (count == 0)
		return rxl_string_new(vm->heap, text, out);
	if (!text_slice(index, count, false, &start, &len))
		return out_of_bounds(vm, RXL_ERROR_STRING_BOUNDS, count, index->as.range->start);
	/* of a text of one character the reference gives that one, whatever an inclusive range ends with */
	if (count == 1 && start == 0 && index->type == RXL_RANGE_INCLUSIVE)
		len = 1;
	from = ascii ? start : rx_utf8_offset(text, start);
	to = ascii ? start + len : rx_utf8_offset(text, start + len);
	return rxl_string_new(vm->heap, rx_str_sub(text, from, to - from), out);
}

/* start and number of bits, checked. */
static enum rexi_status bit_slice(struct rxl_vm *vm, const struct rxl_value *range, unsigned *start, unsigned *len)
{
	int64_t from = range->as.range->start, to = range->as.range->end;
	bool inclusive = range->type == RXL_RANGE_INCLUSIVE;

	if (to == INT64_MAX)
		to = inclusive ? 63 : 64;
	if (from < 0 || from >= 64)
		return out_of_bounds(vm, RXL_ERROR_BIT_FIELD_BOUNDS, 64, from);
	if (to < 0 || to > (inclusive ? 63 : 64))
		return out_of_bounds(vm, RXL_ERROR_BIT_FIELD_BOUNDS, 64, to);
	if (inclusive)
		to++;
	*start = (unsigned)from;
	*len = to > from ? (unsigned)(to - from) : 0;
	return REXI_OK;
}

static uint64_t bit_mask(unsigned len)
{
	return len >= 64 ? UINT64_MAX : (UINT64_C(1) << len) - 1;
}

static enum rexi_status int_get(struct rxl_vm *vm, const struct rxl_value *base, const struct rxl_value *index,
				struct rxl_value *out)
{
	unsigned start, len;
	size_t at;

	if (index->type == RXL_INT) {
		if (!position(index->as.i, 64, &at))
			return out_of_bounds(vm, RXL_ERROR_BIT_FIELD_BOUNDS, 64, index->as.i);
		*out = rxl_bool((uint64_t)base->as.i >> at & 1);
		return REXI_OK;
	}
	RX_TRY(bit_slice(vm, index, &start, &len));
	/* the reference shifts the sign along */
	*out = rxl_int((base->as.i & (int64_t)(len ? bit_mask(len) << start : 0)) >> start);
	return REXI_OK;
}

static enum rexi_status unindexable(struct rxl_vm *vm, const struct rxl_value *base, const struct rxl_value *index,
				    const struct rxl_value *value, uint32_t bracket_pos)
{
	enum rexi_status status =
		value ? rxl_vm_raise(vm, RXL_ERROR_INDEXING_TYPE, "%s [%s] = %s", rxl_value_type_name(base), rxl_value_type_name(index),
				     rxl_value_type_name(value))
		      : rxl_vm_raise(vm, RXL_ERROR_INDEXING_TYPE, "%s [%s]", rxl_value_type_name(base), rxl_value_type_name(index));

	if (vm->error)
		vm->error->pos = bracket_pos;
	return status;
}

enum rexi_status rxl_property_missing(struct rxl_vm *vm, const struct rxl_value *map, struct rexi_str name, struct rxl_value *out)
{
	const struct rxl_engine *engine = vm->engine;

	*out = rxl_unit();
	if (engine->on_missing && engine->on_missing(engine->missing_user, map, name, out))
		return REXI_OK;
	return engine->fail_on_missing_property ? rxl_vm_raise(vm, RXL_ERROR_PROPERTY_NOT_FOUND, "%.*s", RX_STR_ARG(name)) : REXI_OK;
}

enum rexi_status rxl_index_get(struct rxl_vm *vm, struct rxl_value *base, const struct rxl_value *index, uint32_t bracket_pos,
			       bool constant, struct rxl_value *out)
{
	const struct rxl_value *found;
	enum rexi_status status;
	bool host = false;
	size_t at;

	(void)constant;
	*out = rxl_unit();
	switch (base->type) {
	case RXL_ARRAY:
		if (index->type != RXL_INT)
			return rxl_vm_raise_type(vm, "i64", rxl_value_host_type(index));
		if (!position(index->as.i, base->as.array->count, &at))
			return out_of_bounds(vm, RXL_ERROR_ARRAY_BOUNDS, base->as.array->count, index->as.i);
		*out = rxl_value_copy(&base->as.array->items[at]);
		return REXI_OK;
	case RXL_BLOB:
		if (index->type != RXL_INT)
			return rxl_vm_raise_type(vm, "i64", rxl_value_host_type(index));
		if (!position(index->as.i, base->as.blob->count, &at))
			return out_of_bounds(vm, RXL_ERROR_ARRAY_BOUNDS, base->as.blob->count, index->as.i);
		*out = rxl_int(base->as.blob->bytes[at]);
		return REXI_OK;
	case RXL_MAP:
		if (!rxl_is_string(index))
			return rxl_vm_raise_type(vm, "string", rxl_value_host_type(index));
		found = rxl_map_find_value(base, index);
		if (!found)
			return rxl_property_missing(vm, base, rxl_string_view(index), out);
		*out = rxl_value_copy(found);
		return REXI_OK;
	case RXL_TEXT:
	case RXL_STRING:
		if (index->type == RXL_INT || is_range(index))
			return string_get(vm, base, index, out);
		return rxl_vm_raise_type(vm, "i64", rxl_value_host_type(index));
	case RXL_INT:
		if (index->type == RXL_INT || is_range(index))
			return int_get(vm, base, index, out);
		return rxl_vm_raise_type(vm, "i64", rxl_value_host_type(index));
	default:
		break;
	}
	status = rxl_host_index(vm, base, index, NULL, out, &host);
	if (host)
		return status;
	return unindexable(vm, base, index, NULL, bracket_pos);
}

static enum rexi_status string_set(struct rxl_vm *vm, struct rxl_value *base, const struct rxl_value *index,
				   const struct rxl_value *value)
{
	struct rexi_str text = rxl_string_view(base);
	size_t count = rxl_string_chars(base), start, len, from, to;
	struct rx_buf buf;
	struct rxl_value made;
	enum rexi_status status;

	if (index->type == RXL_INT) {
		if (!position(index->as.i, count, &start))
			return out_of_bounds(vm, RXL_ERROR_STRING_BOUNDS, count, index->as.i);
		if (value->type != RXL_CHAR)
			return rxl_vm_raise_type(vm, "char", rxl_value_host_type(value));
		/* the reference writes at the absolute value of a negative index (spec Q4) */
		if (index->as.i < 0)
			start = count - start;
		if (start >= count)
			return REXI_OK;
		len = 1;
	} else if (!text_slice(index, count, true, &start, &len)) {
		if (count)
			return out_of_bounds(vm, RXL_ERROR_STRING_BOUNDS, count, index->as.range->start);
		start = len = 0; /* an empty text has no bounds when it is written */
	}
	from = rx_utf8_offset(text, start);
	to = rx_utf8_offset(text, start + len);
	if (text.len >= 16384)
		rxl_vm_worked(vm, text.len);
	if (is_range(index) && len == 0 && index->as.range->end >= 0) {
		/* a reversed slice repeats what lies between its ends, as the reference does */
		int64_t end = index->as.range->end;

		if (index->type == RXL_RANGE_INCLUSIVE && end != INT64_MAX)
			end++;
		if ((uint64_t)end < start)
			to = rx_utf8_offset(text, (size_t)end);
	}
	rx_buf_init(&buf, &vm->heap->memory, 0);
	rx_buf_str(&buf, rx_str_sub(text, 0, from));
	if (value->type == RXL_ARRAY || value->type == RXL_MAP)
		rxl_value_host_debug(value, &buf); /* characters in it are quoted here, unlike in to_string */
	else
		rxl_value_display(value, &buf);
	rx_buf_str(&buf, rx_str_sub(text, to, SIZE_MAX));
	status = rxl_string_from_buf(vm->heap, &buf, &made);
	if (status != REXI_OK)
		return status;
	made.tag = base->tag;
	rxl_value_set(vm->heap, base, made);
	return REXI_OK;
}

static enum rexi_status int_set(struct rxl_vm *vm, struct rxl_value *base, const struct rxl_value *index,
				const struct rxl_value *value)
{
	uint64_t bits = (uint64_t)base->as.i, mask;
	unsigned start, len;
	size_t at;

	if (index->type == RXL_INT) {
		if (!position(index->as.i, 64, &at))
			return out_of_bounds(vm, RXL_ERROR_BIT_FIELD_BOUNDS, 64, index->as.i);
		if (value->type != RXL_BOOL)
			return rxl_vm_raise_type(vm, "bool", rxl_value_host_type(value));
		bits = value->as.b ? bits | UINT64_C(1) << at : bits & ~(UINT64_C(1) << at);
	} else {
		RX_TRY(bit_slice(vm, index, &start, &len));
		if (value->type != RXL_INT)
			return rxl_vm_raise_type(vm, "integer", rxl_value_host_type(value));
		mask = bit_mask(len) << start;
		bits = (bits & ~mask) | ((uint64_t)value->as.i << start & mask);
	}
	base->as.i = (int64_t)bits;
	return REXI_OK;
}

static enum rexi_status index_set(struct rxl_vm *vm, struct rxl_value *base, const struct rxl_value *index, uint32_t bracket_pos,
				  struct rxl_value *value)
{
	struct rxl_value none = rxl_unit();
	enum rexi_status status;
	bool host = false;
	size_t at;

	switch (base->type) {
	case RXL_ARRAY:
		if (index->type != RXL_INT)
			return rxl_vm_raise_type(vm, "i64", rxl_value_host_type(index));
		if (!position(index->as.i, base->as.array->count, &at))
			return out_of_bounds(vm, RXL_ERROR_ARRAY_BOUNDS, base->as.array->count, index->as.i);
		RX_TRY(rxl_array_edit(vm->heap, base));
		rxl_value_set(vm->heap, &base->as.array->items[at], rxl_value_take(value));
		return REXI_OK;
	case RXL_BLOB:
		if (index->type != RXL_INT)
			return rxl_vm_raise_type(vm, "i64", rxl_value_host_type(index));
		if (!position(index->as.i, base->as.blob->count, &at))
			return out_of_bounds(vm, RXL_ERROR_ARRAY_BOUNDS, base->as.blob->count, index->as.i);
		if (value->type != RXL_INT)
			return rxl_vm_raise_type(vm, "INT", rxl_value_host_type(value));
		RX_TRY(rxl_blob_edit(vm->heap, base));
		base->as.blob->bytes[at] = (unsigned char)(value->as.i & 255);
		return REXI_OK;
	case RXL_MAP:
		if (!rxl_is_string(index))
			return rxl_vm_raise_type(vm, "string", rxl_value_host_type(index));
		return rxl_map_put(vm->heap, base, rxl_string_view(index), rxl_value_take(value));
	case RXL_TEXT:
	case RXL_STRING:
		if (index->type == RXL_INT || is_range(index))
			return string_set(vm, base, index, value);
		return rxl_vm_raise_type(vm, "i64", rxl_value_host_type(index));
	case RXL_INT:
		if (index->type == RXL_INT || is_range(index))
			return int_set(vm, base, index, value);
		return rxl_vm_raise_type(vm, "i64", rxl_value_host_type(index));
	default:
		break;
	}
	status = rxl_host_index(vm, base, index, value, &none, &host);
	rxl_value_drop(vm->heap, &none);
	if (host)
		return status;
	return unindexable(vm, base, index, value, bracket_pos);
}

enum rexi_status rxl_index_set(struct rxl_vm *vm, struct rxl_value *base, const struct rxl_value *index, uint32_t bracket_pos,
			       struct rxl_value value)
{
	enum rexi_status status = index_set(vm, base, index, bracket_pos, &value);

	rxl_value_drop(vm->heap, &value);
	return status;
}
