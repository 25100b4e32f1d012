/* Run-time errors as values, texts and catch maps. spec 3 */
#include <config.h>

#include "lang/error.h"

#include <inttypes.h>
#include <string.h>

#include "base/banned.h"

static const struct {
	const char *name;
	bool catchable;
} kinds[] = {
#define KIND(name, text, catchable) { text, catchable },
	RXL_ERROR_LIST(KIND)
#undef KIND
};
_Static_assert(RX_COUNT(kinds) == RXL_ERROR_KINDS, "one row a kind");

const char *rxl_error_kind_name(enum rxl_error_kind kind)
{
	return kinds[kind].name;
}

struct rxl_error *rxl_error_new(struct rxl_heap *heap, enum rxl_error_kind kind)
{
	struct rxl_error *error = rxl_heap_take(heap, sizeof(*error));

	if (error)
		*error = (struct rxl_error){ .kind = kind };
	return error;
}

void rxl_error_free(struct rxl_heap *heap, struct rxl_error *error)
{
	while (error) {
		struct rxl_error *inner = error->inner;

		rxl_value_drop(heap, &error->text);
		rxl_value_drop(heap, &error->extra);
		rxl_value_drop(heap, &error->value);
		rxl_heap_give(heap, error, sizeof(*error));
		error = inner;
	}
}

bool rxl_error_is_system(const struct rxl_error *error)
{
	return !kinds[error->kind].catchable;
}

bool rxl_error_is_catchable(const struct rxl_error *error)
{
	return kinds[error->kind].catchable;
}

const struct rxl_error *rxl_error_root(const struct rxl_error *error)
{
	while (error->inner)
		error = error->inner;
	return error;
}

void rxl_error_pos_text(uint32_t pos, struct rx_buf *out)
{
	if (pos)
		rx_buf_printf(out, " (line %u, position %u)", pos >> 16, pos & 0xFFFF);
}

static struct rexi_str view(const struct rxl_value *value)
{
	return rxl_is_string(value) ? rxl_string_view(value) : RX_STR("");
}

static void with_text(struct rx_buf *out, const char *prefix, const struct rxl_error *error)
{
	rx_buf_str(out, rx_str(prefix));
	rx_buf_str(out, view(&error->text));
}

static void bounds_text(const struct rxl_error *error, struct rx_buf *out, const char *what, const char *item,
			const char *container)
{
	rx_buf_printf(out, "%s index %" PRId64 " out of bounds: ", what, error->index);
	if (error->count == 0)
		rx_buf_printf(out, "%s is empty", container);
	else
		rx_buf_printf(out, "only %zu %s%s in %s", error->count, item, error->count == 1 ? "" : "s", container);
}

static void types_text(const struct rxl_error *error, struct rx_buf *out, const char *what)
{
	rx_buf_str(out, rx_str(what));
	if (view(&error->extra).len) {
		RX_BUF_LIT(out, ": ");
		rx_buf_str(out, view(&error->extra));
		RX_BUF_LIT(out, " (expecting ");
		rx_buf_str(out, view(&error->text));
		RX_BUF_LIT(out, ")");
	} else {
		RX_BUF_LIT(out, ", expecting ");
		rx_buf_str(out, view(&error->text));
	}
}

static void non_pure_text(const struct rxl_error *error, struct rx_buf *out)
{
	struct rexi_str name = view(&error->text);

	if (rx_str_starts(name, RX_STR("get$")))
		rx_buf_printf(out, "Non-pure property %.*s cannot be accessed on constant", RX_STR_ARG(rx_str_sub(name, 4, SIZE_MAX)));
	else if (rx_str_starts(name, RX_STR("set$")))
		rx_buf_printf(out, "Cannot modify property '%.*s' of constant", RX_STR_ARG(rx_str_sub(name, 4, SIZE_MAX)));
	else if (rx_str_eq(name, RX_STR("index$get")))
		RX_BUF_LIT(out, "Non-pure indexer cannot be accessed on constant");
	else if (rx_str_eq(name, RX_STR("index$set")))
		RX_BUF_LIT(out, "Cannot assign to indexer of constant");
	else
		rx_buf_printf(out, "Non-pure method '%.*s' cannot be called on constant", RX_STR_ARG(name));
}

static void message(const struct rxl_error *error, struct rx_buf *out)
{
	switch (error->kind) {
	case RXL_ERROR_SYSTEM:
		with_text(out, "", error);
		return;
	case RXL_ERROR_PARSING:
		with_text(out, "Syntax error: ", error);
		return;
	case RXL_ERROR_VARIABLE_EXISTS:
		with_text(out, "Variable already defined: ", error);
		return;
	case RXL_ERROR_FORBIDDEN_VARIABLE:
		with_text(out, "Forbidden variable name: ", error);
		return;
	case RXL_ERROR_VARIABLE_NOT_FOUND:
		with_text(out, "Variable not found: ", error);
		return;
	case RXL_ERROR_PROPERTY_NOT_FOUND:
		with_text(out, "Property not found: ", error);
		return;
	case RXL_ERROR_INDEX_NOT_FOUND:
		with_text(out, "Invalid index: ", error);
		return;
	case RXL_ERROR_FUNCTION_NOT_FOUND:
		with_text(out, "Function not found: ", error);
		return;
	case RXL_ERROR_MODULE_NOT_FOUND:
		with_text(out, "Module not found: ", error);
		return;
	case RXL_ERROR_IN_FUNCTION_CALL:
		message(error->inner, out);
		if (view(&error->extra).len)
			rx_buf_printf(out, " @ '%.*s'", RX_STR_ARG(view(&error->extra)));
		rxl_error_pos_text(error->inner->pos, out);
		if (rx_str_starts(view(&error->text), RX_STR("anon$")))
			RX_BUF_LIT(out, "\nin closure call");
		else
			rx_buf_printf(out, "\nin call to function '%.*s'", RX_STR_ARG(view(&error->text)));
		if (view(&error->extra).len)
			rx_buf_printf(out, " (from '%.*s')", RX_STR_ARG(view(&error->extra)));
		return;
	case RXL_ERROR_IN_MODULE:
		rxl_error_text(error->inner, out, true);
		if (view(&error->text).len)
			rx_buf_printf(out, "\nin module '%.*s'", RX_STR_ARG(view(&error->text)));
		else
			RX_BUF_LIT(out, "\nin module");
		return;
	case RXL_ERROR_UNBOUND_THIS:
		RX_BUF_LIT(out, "'this' not bound");
		return;
	case RXL_ERROR_MISMATCH_DATA_TYPE:
		types_text(error, out, "Data type incorrect");
		return;
	case RXL_ERROR_MISMATCH_OUTPUT_TYPE:
		types_text(error, out, "Output type incorrect");
		return;
	case RXL_ERROR_INDEXING_TYPE:
		with_text(out, "Indexer unavailable: ", error);
		return;
	case RXL_ERROR_ARRAY_BOUNDS:
		bounds_text(error, out, "Array", "element", "array");
		return;
	case RXL_ERROR_STRING_BOUNDS:
		bounds_text(error, out, "String", "character", "string");
		return;
	case RXL_ERROR_BIT_FIELD_BOUNDS:
		bounds_text(error, out, "Bit-field", "bit", "bit-field");
		return;
	case RXL_ERROR_FOR:
		RX_BUF_LIT(out, "For loop expects iterable type");
		return;
	case RXL_ERROR_DATA_RACE:
		RX_BUF_LIT(out, "Data race detected");
		if (view(&error->text).len)
			with_text(out, " on ", error);
		return;
	case RXL_ERROR_NON_PURE:
		non_pure_text(error, out);
		return;
	case RXL_ERROR_ASSIGNMENT_TO_CONSTANT:
		with_text(out, "Cannot modify constant ", error);
		return;
	case RXL_ERROR_DOT_EXPR:
		with_text(out, view(&error->text).len ? "" : "Malformed dot expression", error);
		return;
	case RXL_ERROR_ARITHMETIC:
		with_text(out, view(&error->text).len ? "" : "Arithmetic error", error);
		return;
	case RXL_ERROR_RUNTIME:
		RX_BUF_LIT(out, "Runtime error");
		if (error->value.type == RXL_UNIT || (rxl_is_string(&error->value) && view(&error->value).len == 0))
			return;
		RX_BUF_LIT(out, ": ");
		if (error->value.type == RXL_ARRAY || error->value.type == RXL_MAP || error->value.type == RXL_ITER)
			rxl_value_host_display(&error->value, out);
		else
			rxl_value_display(&error->value, out);
		return;
	case RXL_ERROR_TOO_MANY_OPERATIONS:
		RX_BUF_LIT(out, "Too many operations");
		return;
	case RXL_ERROR_TOO_MANY_VARIABLES:
		RX_BUF_LIT(out, "Too many variables defined");
		return;
	case RXL_ERROR_TOO_MANY_MODULES:
		RX_BUF_LIT(out, "Too many modules imported");
		return;
	case RXL_ERROR_STACK_OVERFLOW:
		RX_BUF_LIT(out, "Stack overflow");
		return;
	case RXL_ERROR_DATA_TOO_LARGE:
		with_text(out, "", error);
		RX_BUF_LIT(out, " too large");
		return;
	case RXL_ERROR_TERMINATED:
		RX_BUF_LIT(out, "Script terminated");
		return;
	case RXL_ERROR_CUSTOM_SYNTAX:
		with_text(out, "", error);
		return;
	case RXL_ERROR_MEMORY:
		RX_BUF_LIT(out, "Out of memory");
		return;
	case RXL_ERROR_EXIT:
		RX_BUF_LIT(out, "NOT AN ERROR - exit value");
		return;
	case RXL_ERROR_KINDS:
		break;
	}
	rx_unreachable();
}

void rxl_error_text(const struct rxl_error *error, struct rx_buf *out, bool with_pos)
{
	message(error, out);
	if (with_pos)
		rxl_error_pos_text(error->pos, out);
}

/* The key of spec 3.5's "fields" column under which `text` is found, or NULL. */
static const char *text_field(enum rxl_error_kind kind)
{
	switch (kind) {
	case RXL_ERROR_VARIABLE_EXISTS:
	case RXL_ERROR_FORBIDDEN_VARIABLE:
	case RXL_ERROR_VARIABLE_NOT_FOUND:
	case RXL_ERROR_PROPERTY_NOT_FOUND:
	case RXL_ERROR_DATA_RACE:
	case RXL_ERROR_ASSIGNMENT_TO_CONSTANT:
		return "variable";
	case RXL_ERROR_INDEX_NOT_FOUND:
		return "index";
	case RXL_ERROR_FUNCTION_NOT_FOUND:
	case RXL_ERROR_IN_FUNCTION_CALL:
	case RXL_ERROR_NON_PURE:
		return "function";
	case RXL_ERROR_MODULE_NOT_FOUND:
	case RXL_ERROR_IN_MODULE:
		return "module";
	case RXL_ERROR_MISMATCH_DATA_TYPE:
	case RXL_ERROR_MISMATCH_OUTPUT_TYPE:
		return "requested";
	case RXL_ERROR_INDEXING_TYPE:
	case RXL_ERROR_DATA_TOO_LARGE:
		return "type";
	case RXL_ERROR_DOT_EXPR:
		return "property";
	default:
		return NULL;
	}
}

static enum rexi_status put_copy(struct rxl_heap *heap, struct rxl_value *map, const char *key, const struct rxl_value *value)
{
	struct rxl_value copy;

	if (!rxl_is_string(value))
		return rxl_map_put_text(heap, map, key, RX_STR(""));
	copy = rxl_value_copy(value);
	return rxl_map_put(heap, map, rx_str(key), copy);
}

static enum rexi_status caught_map(struct rxl_heap *heap, const struct rxl_error *error, struct rxl_value *map)
{
	const char *field = text_field(error->kind);
	struct rxl_value text;
	struct rx_buf buf;

	rx_buf_init(&buf, &heap->memory, 0);
	rxl_error_text(error, &buf, false);
	RX_TRY(rxl_string_from_buf(heap, &buf, &text));
	RX_TRY(rxl_map_put(heap, map, RX_STR("message"), text));
	RX_TRY(rxl_map_put_text(heap, map, "error", rx_str(rxl_error_kind_name(error->kind))));
	if (error->pos) {
		RX_TRY(rxl_map_put_int(heap, map, "line", error->pos >> 16));
		RX_TRY(rxl_map_put_int(heap, map, "position", error->pos & 0xFFFF));
	}
	if (field)
		RX_TRY(put_copy(heap, map, field, &error->text));
	if (error->kind == RXL_ERROR_IN_FUNCTION_CALL)
		RX_TRY(put_copy(heap, map, "source", &error->extra));
	if (error->kind == RXL_ERROR_MISMATCH_DATA_TYPE || error->kind == RXL_ERROR_MISMATCH_OUTPUT_TYPE)
		RX_TRY(put_copy(heap, map, "actual", &error->extra));
	if (error->kind == RXL_ERROR_ARRAY_BOUNDS || error->kind == RXL_ERROR_STRING_BOUNDS ||
	    error->kind == RXL_ERROR_BIT_FIELD_BOUNDS) {
		RX_TRY(rxl_map_put_int(heap, map, "length", (int64_t)error->count));
		RX_TRY(rxl_map_put_int(heap, map, "index", error->index));
	}
	return REXI_OK;
}

enum rexi_status rxl_error_caught(struct rxl_heap *heap, const struct rxl_error *error, struct rxl_value *out)
{
	const struct rxl_error *root = rxl_error_root(error);
	size_t most_text = heap->max_string, most_entries = heap->max_map;
	enum rexi_status status;

	if (root->kind == RXL_ERROR_RUNTIME) {
		*out = rxl_value_copy(&root->value);
		return REXI_OK;
	}
	/* errors are not of the script's making: its size limits do not hold for them */
	heap->max_string = heap->max_map = SIZE_MAX;
	status = rxl_map_new(heap, 8, out);
	if (status == REXI_OK)
		status = caught_map(heap, error, out);
	heap->max_string = most_text;
	heap->max_map = most_entries;
	if (status != REXI_OK)
		rxl_value_drop(heap, out);
	return status;
}
