/* Built-in binary operators by type pair. spec 5 */
#include <config.h>

#include "lang/operators.h"
#include "lang/vm.h"

#include <inttypes.h>
#include <math.h>

#include "base/number.h"
#include "base/utf8.h"

/* Both types in one number, for switches. */
#define PAIR(a, b) ((unsigned)(a) << 8 | (unsigned)(b))

static unsigned plain_type(const struct rxl_value *value)
{
	return value->type == RXL_TEXT ? RXL_STRING : value->type;
}

static bool is_comparison(enum rxl_binary op)
{
	return op >= RXL_BINARY_EQ && op <= RXL_BINARY_GE;
}

/* order is negative, 0 or positive as memcmp's. */
static bool compared(enum rxl_binary op, int order)
{
	switch (op) {
	case RXL_BINARY_EQ: return order == 0;
	case RXL_BINARY_NE: return order != 0;
	case RXL_BINARY_LT: return order < 0;
	case RXL_BINARY_LE: return order <= 0;
	case RXL_BINARY_GT: return order > 0;
	default: return order >= 0;
	}
}

/* ---- numbers ---------------------------------------------------------------------------------------------------- */

static RX_COLD enum rexi_status int_fails(struct rxl_call *call, const char *what, int64_t a, const char *op, int64_t b)
{
	return rxl_raise_text(call, RXL_ERROR_ARITHMETIC, "%s: %" PRId64 " %s %" PRId64, what, a, op, b);
}

static enum rexi_status int_power(struct rxl_call *call, int64_t a, int64_t b, int64_t *out)
{
	int64_t result = 1, square = a;
	bool over = false;

	if (b < 0)
		return int_fails(call, "Integer raised to a negative power", a, "**", b);
	if (b > UINT32_MAX)
		return int_fails(call, "Exponential overflow", a, "**", b);
	while (b) {
		if (b & 1)
			over |= __builtin_mul_overflow(result, square, &result);
		b >>= 1;
		if (b && __builtin_mul_overflow(square, square, &square)) {
			over = true;
			break;
		}
	}
	*out = result;
	return over ? REXI_ARITHMETIC : REXI_OK;
}

/* Shifts by negative counts go the other way; bits that leave are lost. */
static int64_t shift_left(int64_t a, uint64_t count)
{
	return count < 64 ? (int64_t)((uint64_t)a << count) : 0;
}

static int64_t shift_right(int64_t a, uint64_t count)
{
	return a >> (count < 64 ? count : 63);
}

enum rexi_status rxl_operator_int(struct rxl_call *call, enum rxl_binary op, int64_t a, int64_t b, struct rxl_value *out)
{
	int64_t c = 0;
	enum rexi_status status;

	if (is_comparison(op)) {
		*out = rxl_bool(compared(op, (a > b) - (a < b)));
		return REXI_OK;
	}
	switch (op) {
	case RXL_BINARY_ADD:
		if (__builtin_add_overflow(a, b, &c))
			return int_fails(call, "Addition overflow", a, "+", b);
		break;
	case RXL_BINARY_SUB:
		if (__builtin_sub_overflow(a, b, &c))
			return int_fails(call, "Subtraction overflow", a, "-", b);
		break;
	case RXL_BINARY_MUL:
		if (__builtin_mul_overflow(a, b, &c))
			return int_fails(call, "Multiplication overflow", a, "*", b);
		break;
	case RXL_BINARY_DIV:
		if (b == 0)
			return int_fails(call, "Division by zero", a, "/", b);
		if (b == -1 && a == INT64_MIN)
			return int_fails(call, "Division overflow", a, "/", b);
		c = a / b;
		break;
	case RXL_BINARY_MOD:
		if (b == 0 || (b == -1 && a == INT64_MIN))
			return int_fails(call, "Modulo division by zero or overflow", a, "%", b);
		c = a % b;
		break;
	case RXL_BINARY_POW:
		status = int_power(call, a, b, &c);
		if (status == REXI_ARITHMETIC)
			return int_fails(call, "Exponential overflow", a, "**", b);
		RX_TRY(status);
		break;
	case RXL_BINARY_SHL: c = b < 0 ? shift_right(a, 0 - (uint64_t)b) : shift_left(a, (uint64_t)b); break;
	case RXL_BINARY_SHR: c = b < 0 ? shift_left(a, 0 - (uint64_t)b) : shift_right(a, (uint64_t)b); break;
	case RXL_BINARY_BIT_AND: c = a & b; break;
	case RXL_BINARY_BIT_OR: c = a | b; break;
	case RXL_BINARY_BIT_XOR: c = a ^ b; break;
	default: return REXI_INTERNAL;
	}
	*out = rxl_int(c);
	return REXI_OK;
}

bool rxl_operator_float_compare(enum rxl_binary op, double a, double b)
{
	double size = a * b == 0 ? 1 : fmax(fabs(a), fabs(b));
	double epsilon = 2.220446049250313e-16;

	/* no number beside zero counts as zero */
	if (size == 0)
		return op == RXL_BINARY_EQ || op == RXL_BINARY_LE || op == RXL_BINARY_GE;
	switch (op) {
	case RXL_BINARY_EQ: return fabs(a - b) / size <= epsilon;
	case RXL_BINARY_NE: return fabs(a - b) / size > epsilon;
	case RXL_BINARY_LT: return (b - a) / size > epsilon;
	case RXL_BINARY_LE: return (b - a) / size > -epsilon;
	case RXL_BINARY_GT: return (a - b) / size > epsilon;
	default: return (a - b) / size > -epsilon;
	}
}

static bool float_apply(enum rxl_binary op, double a, double b, struct rxl_value *out)
{
	if (is_comparison(op)) {
		*out = rxl_bool(rxl_operator_float_compare(op, a, b));
		return true;
	}
	switch (op) {
	case RXL_BINARY_ADD: *out = rxl_float(a + b); return true;
	case RXL_BINARY_SUB: *out = rxl_float(a - b); return true;
	case RXL_BINARY_MUL: *out = rxl_float(a * b); return true;
	case RXL_BINARY_DIV: *out = rxl_float(a / b); return true;
	case RXL_BINARY_MOD: *out = rxl_float(fmod(a, b)); return true;
	case RXL_BINARY_POW: *out = rxl_float(pow(a, b)); return true;
	default: return false;
	}
}

static double as_float(const struct rxl_value *value)
{
	return value->type == RXL_INT ? (double)value->as.i : value->as.f;
}

static bool bool_apply(enum rxl_binary op, bool a, bool b, struct rxl_value *out)
{
	if (is_comparison(op)) {
		*out = rxl_bool(compared(op, (int)a - (int)b));
		return true;
	}
	switch (op) {
	case RXL_BINARY_BIT_AND: *out = rxl_bool(a & b); return true;
	case RXL_BINARY_BIT_OR: *out = rxl_bool(a | b); return true;
	case RXL_BINARY_BIT_XOR: *out = rxl_bool(a ^ b); return true;
	default: return false;
	}
}

/* ---- texts ------------------------------------------------------------------------------------------------------ */

/* The bytes of a string, or of a character written to `bytes`. */
static struct rexi_str text_of(const struct rxl_value *value, char bytes[4])
{
	if (value->type == RXL_CHAR)
		return rx_str_make(bytes, rx_utf8_encode(bytes, value->as.c));
	return rxl_string_view(value);
}

/* A character beside a string is compared with the string's first two characters. */
static struct rexi_str first_two(const struct rxl_value *value, char bytes[4])
{
	struct rexi_str text = text_of(value, bytes);

	return value->type == RXL_CHAR ? text : rx_str_sub(text, 0, rx_utf8_offset(text, 2));
}

static enum rexi_status concat_with_text(struct rxl_call *call, const struct rxl_value *value, struct rx_buf *buf)
{
	if (value->type == RXL_BLOB)
		rx_utf8_lossy(buf, rx_str_make((const char *)value->as.blob->bytes, value->as.blob->count));
	else
		return rxl_call_display(call, value, buf);
	return REXI_OK;
}

static enum rexi_status text_result(struct rxl_call *call, struct rx_buf *buf, enum rexi_status status,
				    struct rxl_value *out)
{
	if (status == REXI_OK)
		return rxl_string_from_buf(call->heap, buf, out);
	rx_buf_fini(buf);
	return status;
}

static void text_buf(struct rxl_call *call, struct rx_buf *buf)
{
	rx_buf_init(buf, &call->heap->memory, call->heap->max_string == SIZE_MAX ? 0 : call->heap->max_string);
}

enum rexi_status rxl_operator_concat(struct rxl_call *call, const struct rxl_value *a, const struct rxl_value *b,
				     struct rxl_value *out)
{
	bool a_text = rxl_is_string(a) || a->type == RXL_CHAR, b_text = rxl_is_string(b) || b->type == RXL_CHAR;
	char a_bytes[4], b_bytes[4];
	struct rx_buf buf;
	enum rexi_status status;

	if (a_text && b_text)
		return rxl_string_join(call->heap, text_of(a, a_bytes), text_of(b, b_bytes), out);
	if (a->type == RXL_UNIT || b->type == RXL_UNIT) {
		*out = rxl_value_copy(a->type == RXL_UNIT ? b : a);
		return REXI_OK;
	}
	text_buf(call, &buf);
	status = concat_with_text(call, a, &buf);
	if (status == REXI_OK)
		status = concat_with_text(call, b, &buf);
	return text_result(call, &buf, status, out);
}

enum rexi_status rxl_operator_append(struct rxl_call *call, struct rxl_value *target, const struct rxl_value *value)
{
	char bytes[4];
	struct rx_buf buf;
	enum rexi_status status;

	if (value->type == RXL_UNIT)
		return REXI_OK;
	if (rxl_is_string(value) || value->type == RXL_CHAR)
		return rxl_string_append(call->heap, target, text_of(value, bytes));
	text_buf(call, &buf);
	status = concat_with_text(call, value, &buf);
	if (status == REXI_OK && buf.failed)
		status = call->heap->max_string == SIZE_MAX
				 ? REXI_NO_MEMORY
				 : rxl_raise_text(call, RXL_ERROR_DATA_TOO_LARGE, "Length of string");
	if (status == REXI_OK)
		status = rxl_string_append(call->heap, target, rx_buf_view(&buf));
	rx_buf_fini(&buf);
	return status;
}

enum rexi_status rxl_operator_without(struct rxl_call *call, const struct rxl_value *left, struct rexi_str gone,
				      struct rxl_value *out)
{
	struct rexi_str text = rxl_string_view(left);
	size_t at = gone.len ? rx_str_find(text, gone, 0) : SIZE_MAX, from = 0;
	struct rx_buf buf;

	if (at == SIZE_MAX) {
		*out = rxl_value_copy(left);
		return REXI_OK;
	}
	rx_buf_init(&buf, &call->heap->memory, 0);
	rx_buf_reserve(&buf, text.len);
	for (; at != SIZE_MAX; at = rx_str_find(text, gone, from)) {
		rx_buf_bytes(&buf, text.ptr + from, at - from);
		from = at + gone.len;
	}
	rx_buf_bytes(&buf, text.ptr + from, text.len - from);
	return rxl_string_from_buf(call->heap, &buf, out);
}

/* string op string or char. The difference of nothing and a text is the text, as the reference has it. */
static enum rexi_status text_apply(struct rxl_call *call, enum rxl_binary op, const struct rxl_value *a,
				   const struct rxl_value *b, struct rxl_value *out, bool *found)
{
	char a_bytes[4], b_bytes[4];
	struct rexi_str a_text = text_of(a, a_bytes), b_text = text_of(b, b_bytes);

	if (op == RXL_BINARY_ADD)
		return rxl_operator_concat(call, a, b, out);
	if (is_comparison(op)) {
		if (a_text.len >= 16384)
			rxl_vm_worked(call->vm, a_text.len / 16);
		if (plain_type(a) != plain_type(b)) {
			a_text = first_two(a, a_bytes);
			b_text = first_two(b, b_bytes);
		}
		if ((op == RXL_BINARY_EQ || op == RXL_BINARY_NE) && a_text.len != b_text.len)
			*out = rxl_bool(op == RXL_BINARY_NE);
		else
			*out = rxl_bool(compared(op, rx_str_cmp(a_text, b_text)));
		return REXI_OK;
	}
	if (op == RXL_BINARY_SUB && a->type != RXL_CHAR) {
		if (a_text.len == 0 && b->type != RXL_CHAR) {
			*out = rxl_value_copy(b);
			return REXI_OK;
		}
		return rxl_operator_without(call, a, b_text, out);
	}
	*found = false;
	return REXI_OK;
}

/* ---- containers, ranges, times ---------------------------------------------------------------------------------- */

enum rexi_status rxl_operator_mixin(struct rxl_call *call, struct rxl_value *target, const struct rxl_value *more)
{
	const struct rxl_entry *entries;
	size_t count = rxl_map_count(more);

	if (count == 0)
		return REXI_OK;
	entries = rxl_map_entries(call->heap, more);
	if (!entries)
		return REXI_NO_MEMORY;
	for (size_t i = 0; i < count; i++)
		RX_TRY(rxl_map_put(call->heap, target, rxl_string_view(&entries[i].key), rxl_value_copy(&entries[i].value)));
	return REXI_OK;
}

/* A copy of `a` changed in place: what a + b is for containers. */
static enum rexi_status changed_copy(struct rxl_call *call, enum rxl_binary op, const struct rxl_value *a,
				     const struct rxl_value *b, struct rxl_value *out, bool *found)
{
	struct rxl_value copy = rxl_value_copy(a);
	enum rexi_status status = rxl_operator_assign(call, op, &copy, b, found);

	if (status != REXI_OK)
		rxl_value_drop(call->heap, &copy);
	else
		*out = copy;
	return status;
}

/* Equality of two of one container type; not found when elements have no `==`, so that the native can say which. */
static enum rexi_status equality(struct rxl_call *call, enum rxl_binary op, const struct rxl_value *a, const struct rxl_value *b,
				 struct rxl_value *out, bool *found)
{
	struct rxl_walk walk = { .ask = rxl_vm_walked, .user = call->vm };
	enum rxl_equality equal = rxl_value_equal(a, b, &walk);

	if ((op != RXL_BINARY_EQ && op != RXL_BINARY_NE) || equal == RXL_NO_EQUAL)
		*found = false;
	else
		*out = rxl_bool((equal == RXL_EQUAL) == (op == RXL_BINARY_EQ));
	return walk.status;
}

static RX_COLD enum rexi_status time_fails(struct rxl_call *call, const struct rxl_value *seconds, bool forwards)
{
	struct rx_buf text;
	enum rexi_status status;

	if (seconds->type == RXL_INT)
		return rxl_raise_text(call, RXL_ERROR_ARITHMETIC, "Timestamp overflow when %s %" PRId64 " second(s)",
				      forwards ? "adding" : "subtracting", seconds->as.i);
	rx_buf_init(&text, &call->heap->memory, 0);
	rx_number_plain(&text, seconds->as.f);
	status = text.failed ? REXI_NO_MEMORY
			     : rxl_raise_text(call, RXL_ERROR_ARITHMETIC, "Integer overflow for timestamp %s: %.*s",
					      forwards ? "add" : "subtract", RX_STR_ARG(rx_buf_view(&text)));
	rx_buf_fini(&text);
	return status;
}

enum rexi_status rxl_operator_time_shift(struct rxl_call *call, struct rxl_value *time, const struct rxl_value *seconds,
					 bool forwards)
{
	int64_t shift = 0, moved;
	bool over;

	if (seconds->type == RXL_INT) {
		over = __builtin_mul_overflow(seconds->as.i, INT64_C(1000000000), &shift);
	} else {
		double ms = seconds->as.f * 1000;

		over = fabs(ms) > 9.2e12;
		if (!over && !isnan(ms))
			shift = (int64_t)ms * 1000000;
	}
	over = over || (forwards ? __builtin_add_overflow(time->as.i, shift, &moved)
				 : __builtin_sub_overflow(time->as.i, shift, &moved));
	if (over)
		return time_fails(call, seconds, forwards);
	time->as.i = moved;
	return REXI_OK;
}

static enum rexi_status time_apply(struct rxl_call *call, enum rxl_binary op, const struct rxl_value *a,
				   const struct rxl_value *b, struct rxl_value *out, bool *found)
{
	struct rxl_value moved = *a;

	if (b->type == RXL_TIME && op == RXL_BINARY_SUB) {
		*out = rxl_float((double)((rx_i128)a->as.i - b->as.i) / 1e9);
	} else if (b->type == RXL_TIME && is_comparison(op)) {
		*out = rxl_bool(compared(op, (a->as.i > b->as.i) - (a->as.i < b->as.i)));
	} else if (b->type != RXL_TIME && (op == RXL_BINARY_ADD || op == RXL_BINARY_SUB)) {
		RX_TRY(rxl_operator_time_shift(call, &moved, b, op == RXL_BINARY_ADD));
		*out = moved;
	} else {
		*found = false;
	}
	return REXI_OK;
}

static void range_apply(enum rxl_binary op, const struct rxl_value *a, const struct rxl_value *b, struct rxl_value *out,
			bool *found)
{
	const struct rxl_range *x = a->as.range, *y = b->as.range;
	bool equal = a->type == b->type && x->start == y->start && x->end == y->end;

	if (op == RXL_BINARY_NE || (op == RXL_BINARY_EQ && a->type == b->type))
		*out = rxl_bool(equal == (op == RXL_BINARY_EQ));
	else
		*found = false;
}

static void unit_apply(enum rxl_binary op, struct rxl_value *out, bool *found)
{
	if (is_comparison(op))
		*out = rxl_bool(op == RXL_BINARY_EQ);
	else
		*found = false;
}

/* ---- both together ---------------------------------------------------------------------------------------------- */

/* One side is a string and `+` takes the text of the other. */
static bool takes_text(enum rxl_binary op, const struct rxl_value *a, const struct rxl_value *b)
{
	return op == RXL_BINARY_ADD && (rxl_is_string(a) || rxl_is_string(b)) && a->type != RXL_OBJECT &&
	       b->type != RXL_OBJECT;
}

enum rexi_status rxl_operator_apply(struct rxl_call *call, enum rxl_binary op, const struct rxl_value *a,
				    const struct rxl_value *b, struct rxl_value *out, bool *found)
{
	*found = true;
	switch (PAIR(plain_type(a), plain_type(b))) {
	case PAIR(RXL_INT, RXL_INT):
		if (op == RXL_BINARY_RANGE || op == RXL_BINARY_RANGE_INCLUSIVE)
			return rxl_range_new(call->heap, a->as.i, b->as.i, op == RXL_BINARY_RANGE_INCLUSIVE, out);
		return rxl_operator_int(call, op, a->as.i, b->as.i, out);
	case PAIR(RXL_FLOAT, RXL_FLOAT):
	case PAIR(RXL_INT, RXL_FLOAT):
	case PAIR(RXL_FLOAT, RXL_INT):
		*found = float_apply(op, as_float(a), as_float(b), out);
		return REXI_OK;
	case PAIR(RXL_BOOL, RXL_BOOL):
		*found = bool_apply(op, a->as.b, b->as.b, out);
		return REXI_OK;
	case PAIR(RXL_UNIT, RXL_UNIT):
		unit_apply(op, out, found);
		return REXI_OK;
	case PAIR(RXL_CHAR, RXL_CHAR):
	case PAIR(RXL_CHAR, RXL_STRING):
	case PAIR(RXL_STRING, RXL_CHAR):
	case PAIR(RXL_STRING, RXL_STRING):
		return text_apply(call, op, a, b, out, found);
	case PAIR(RXL_ARRAY, RXL_ARRAY):
	case PAIR(RXL_MAP, RXL_MAP):
	case PAIR(RXL_BLOB, RXL_BLOB):
		if (op == RXL_BINARY_ADD)
			return changed_copy(call, op, a, b, out, found);
		return equality(call, op, a, b, out, found);
	case PAIR(RXL_BLOB, RXL_CHAR):
		if (op == RXL_BINARY_ADD)
			return changed_copy(call, op, a, b, out, found);
		break;
	case PAIR(RXL_TIME, RXL_TIME):
	case PAIR(RXL_TIME, RXL_INT):
	case PAIR(RXL_TIME, RXL_FLOAT):
		return time_apply(call, op, a, b, out, found);
	case PAIR(RXL_RANGE, RXL_RANGE):
	case PAIR(RXL_RANGE, RXL_RANGE_INCLUSIVE):
	case PAIR(RXL_RANGE_INCLUSIVE, RXL_RANGE):
	case PAIR(RXL_RANGE_INCLUSIVE, RXL_RANGE_INCLUSIVE):
		range_apply(op, a, b, out, found);
		return REXI_OK;
	default: break;
	}
	*found = takes_text(op, a, b);
	return *found ? rxl_operator_concat(call, a, b, out) : REXI_OK;
}

static enum rexi_status array_assign(struct rxl_call *call, struct rxl_value *target, const struct rxl_value *value)
{
	struct rxl_value more;
	size_t count;
	enum rexi_status status;

	if (value->type != RXL_ARRAY)
		return rxl_array_push(call->heap, target, rxl_value_copy(value));
	more = rxl_value_copy(value); /* may be target itself */
	count = rxl_array_count(&more);
	status = rxl_array_reserve(call->heap, target, count);
	for (size_t i = 0; i < count && status == REXI_OK; i++)
		status = rxl_array_push(call->heap, target, rxl_value_copy(&rxl_array_items(&more)[i]));
	rxl_value_drop(call->heap, &more);
	return status;
}

static enum rexi_status blob_assign(struct rxl_call *call, struct rxl_value *target, const struct rxl_value *value,
				    bool *found)
{
	char bytes[4];
	unsigned char byte;
	struct rexi_str text;
	struct rxl_value more;
	enum rexi_status status;

	if (value->type == RXL_INT) {
		byte = (unsigned char)value->as.i;
		return rxl_blob_append(call->heap, target, &byte, 1);
	}
	if (value->type == RXL_CHAR || rxl_is_string(value)) {
		text = text_of(value, bytes);
		return rxl_blob_append(call->heap, target, text.ptr, text.len);
	}
	if (value->type != RXL_BLOB) {
		*found = false;
		return REXI_OK;
	}
	more = rxl_value_copy(value);
	status = rxl_blob_append(call->heap, target, more.as.blob->bytes, more.as.blob->count);
	rxl_value_drop(call->heap, &more);
	return status;
}

/*
 * The scalar forms: target op value has target's type and goes into its place, of arithmetic and of texts with its tag.
 */
static enum rexi_status scalar_assign(struct rxl_call *call, enum rxl_binary op, struct rxl_value *target,
				      const struct rxl_value *value)
{
	struct rxl_value result;
	bool found;

	RX_TRY(rxl_operator_apply(call, op, target, value, &result, &found));
	if ((op <= RXL_BINARY_POW && target->type != RXL_CHAR) || target->type == RXL_BOOL)
		result.tag = target->tag;
	rxl_value_set(call->heap, target, result);
	return REXI_OK;
}

enum rexi_status rxl_operator_assign(struct rxl_call *call, enum rxl_binary op, struct rxl_value *target,
				     const struct rxl_value *value, bool *found)
{
	bool add = op == RXL_BINARY_ADD, sub = op == RXL_BINARY_SUB;
	bool text = rxl_is_string(value) || value->type == RXL_CHAR;
	struct rxl_value more;
	enum rexi_status status;

	*found = true;
	switch (plain_type(target)) {
	case RXL_INT:
		if (value->type == RXL_INT && op <= RXL_BINARY_BIT_XOR)
			return scalar_assign(call, op, target, value);
		break;
	case RXL_FLOAT:
		if ((value->type == RXL_INT || value->type == RXL_FLOAT) && op <= RXL_BINARY_POW)
			return scalar_assign(call, op, target, value);
		break;
	case RXL_BOOL:
		if (value->type == RXL_BOOL && op >= RXL_BINARY_BIT_AND && op <= RXL_BINARY_BIT_XOR)
			return scalar_assign(call, op, target, value);
		break;
	case RXL_CHAR:
		if (add && rxl_is_string(value) && rxl_string_view(value).len == 0)
			return REXI_OK; /* stays a character */
		if (add && text)
			return scalar_assign(call, op, target, value);
		break;
	case RXL_STRING:
		if (add && value->type != RXL_OBJECT)
			return rxl_operator_append(call, target, value);
		if (sub && text)
			return scalar_assign(call, op, target, value);
		break;
	case RXL_ARRAY:
		if (add)
			return array_assign(call, target, value);
		break;
	case RXL_BLOB:
		if (add)
			return blob_assign(call, target, value, found);
		break;
	case RXL_MAP:
		if (add && value->type == RXL_MAP) {
			more = rxl_value_copy(value);
			status = rxl_operator_mixin(call, target, &more);
			rxl_value_drop(call->heap, &more);
			return status;
		}
		break;
	case RXL_TIME:
		if ((add || sub) && (value->type == RXL_INT || value->type == RXL_FLOAT))
			return rxl_operator_time_shift(call, target, value, add);
		break;
	default: break;
	}
	*found = false;
	return REXI_OK;
}

bool rxl_operator_unlike(enum rxl_binary op, const struct rxl_value *a, const struct rxl_value *b, struct rxl_value *out)
{
	if (!is_comparison(op) || rxl_value_type_id(a) == rxl_value_type_id(b))
		return false;
	/* A range and its inclusive form are one type to the reference's `!=` alone. */
	if (op != RXL_BINARY_NE && (a->type == RXL_RANGE || a->type == RXL_RANGE_INCLUSIVE) &&
	    (b->type == RXL_RANGE || b->type == RXL_RANGE_INCLUSIVE))
		return false;
	*out = rxl_bool(op == RXL_BINARY_NE);
	return true;
}
