/* Values: the names of types; function pointers and host objects. */
#include <config.h>

#include "lang/value.h"

#include "base/banned.h"

const char *rxl_value_type_name(const struct rxl_value *value)
{
	switch ((enum rxl_type)value->type) {
	case RXL_UNIT: return "()";
	case RXL_BOOL: return "bool";
	case RXL_INT: return "i64";
	case RXL_FLOAT: return "f64";
	case RXL_CHAR: return "char";
	case RXL_TIME: return "timestamp";
	case RXL_BYTE: return "u8";
	case RXL_TEXT:
	case RXL_STRING: return "string";
	case RXL_ARRAY: return "array";
	case RXL_BLOB: return "blob";
	case RXL_MAP: return "map";
	case RXL_FN: return "Fn";
	case RXL_RANGE: return "range";
	case RXL_RANGE_INCLUSIVE: return "range=";
	case RXL_ITER: return "range";
	case RXL_OBJECT: return value->as.host->type->name;
	case RXL_CELL: return rxl_value_type_name(&value->as.cell->value);
	case RXL_TYPE_COUNT:
	case RXL_ANY: break;
	}
	return "?";
}

const char *rxl_value_signature_name(const struct rxl_value *value)
{
	if (value->type == RXL_CELL)
		value = &value->as.cell->value;
	if (rxl_is_string(value))
		return "&str | ImmutableString | String";
	if (value->type == RXL_OBJECT)
		return value->as.host->type->path;
	return rxl_value_type_name(value);
}

enum rexi_status rxl_fn_new(struct rxl_heap *heap, struct rexi_str name, struct rxl_value *out)
{
	struct rxl_fn *fn;
	struct rxl_value text;

	RX_TRY(rxl_string_new(heap, name, &text));
	fn = rxl_heap_take(heap, sizeof(*fn));
	if (!fn) {
		rxl_value_drop(heap, &text);
		return REXI_NO_MEMORY;
	}
	*fn = (struct rxl_fn){ .head = { .refs = 1, .kind = RXL_FN }, .name = text };
	*out = (struct rxl_value){ .type = RXL_FN, .as.fn = fn };
	return REXI_OK;
}

enum rexi_status rxl_fn_curry(struct rxl_heap *heap, const struct rxl_value *value, const struct rxl_value *args, size_t count,
			      struct rxl_value *out)
{
	const struct rxl_fn *from = value->as.fn;
	struct rxl_value *curry = NULL;
	size_t total = from->curry_count + count;
	struct rxl_fn *fn;

	if (total > UINT32_MAX / 2)
		return REXI_NO_MEMORY;
	if (total) {
		curry = rxl_heap_take(heap, total * sizeof(*curry));
		if (!curry)
			return REXI_NO_MEMORY;
	}
	fn = rxl_heap_take(heap, sizeof(*fn));
	if (!fn) {
		rxl_heap_give(heap, curry, total * sizeof(*curry));
		return REXI_NO_MEMORY;
	}
	for (size_t i = 0; i < total; i++)
		curry[i] = rxl_value_copy(i < from->curry_count ? &from->curry[i] : &args[i - from->curry_count]);
	*fn = (struct rxl_fn){
		.head = { .refs = 1, .kind = RXL_FN, .flags = from->head.flags },
		.name = rxl_value_copy(&from->name),
		.target = from->target,
		.unit = from->unit,
		.curry = curry,
		.curry_count = (uint32_t)total,
	};
	if (fn->unit)
		heap->unit_ref(fn->unit);
	*out = (struct rxl_value){ .type = RXL_FN, .tag = value->tag, .as.fn = fn };
	return REXI_OK;
}

enum rexi_status rxl_object_new(struct rxl_heap *heap, const struct rxl_class *type, void *payload, struct rxl_value *out)
{
	struct rxl_host *host = rxl_heap_take(heap, sizeof(*host));

	if (!host) {
		if (type->free)
			type->free(payload);
		return REXI_NO_MEMORY;
	}
	*host = (struct rxl_host){ .head = { .refs = 1, .kind = RXL_OBJECT }, .type = type, .payload = payload };
	*out = (struct rxl_value){ .type = RXL_OBJECT, .as.host = host };
	return REXI_OK;
}
