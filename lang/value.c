/* Values: names, text, equality, hashing, strings, ranges, iterators, function pointers, host objects. */
#include <config.h>

#include "lang/value.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/number.h"
#include "base/unicode.h"
#include "base/utf8.h"
#include "base/banned.h"

#define NESTING_MAX 1000

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

/* ---- text (spec 4.2, 4.3) --------------------------------------------------------------------------------------- */

static void float_text(double x, struct rx_buf *out, bool scientific)
{
	if (isnan(x)) {
		RX_BUF_LIT(out, "NaN");
		return;
	}
	if (scientific && !isinf(x)) {
		rx_number_scientific(out, x);
		return;
	}
	rx_number_plain(out, x);
	if (!isinf(x) && x == trunc(x))
		RX_BUF_LIT(out, ".0");
}

void rxl_float_display(double x, struct rx_buf *out)
{
	double size = fabs(x);

	if (x == 0)
		RX_BUF_LIT(out, "0.0");
	else /* the reference's thresholds are 1e13 and 1e-13 in single precision */
		float_text(x, out, size > 9999999827968.0 || size < 9.99999982451670044e-14);
}

void rxl_float_debug(double x, struct rx_buf *out)
{
	double size = fabs(x);

	if (x == 0)
		rx_buf_str(out, signbit(x) ? RX_STR("-0.0") : RX_STR("0.0"));
	else
		float_text(x, out, size >= 1e16 || size < 1e-4);
}

/*
 * The form that hosts see, with characters quoted and function pointers with their arguments. A place that holds a shared variable prints it the first time the walk below one variable of the
 * root comes by, and `<shared>` from then on; a place is a cell (or the root) and the way from its value.
 */
struct host_form {
	const struct rxl_cell *cell; /* innermost that is being printed */
	uint64_t path;               /* from its value to here */
	uint64_t *seen;              /* open addressing, 0: free */
	size_t count, cap;
};

static void debug_text(const struct rxl_value *value, struct rx_buf *out, unsigned depth, struct host_form *host);

/* debug_text of a child at position `at`. */
static void child_text(const struct rxl_value *value, struct rx_buf *out, unsigned depth, struct host_form *host, uint32_t at)
{
	uint64_t path;

	if (!host) {
		debug_text(value, out, depth + 1, NULL);
		return;
	}
	path = host->path;
	host->path = path * 0x9E3779B97F4A7C15U + at + 1;
	debug_text(value, out, depth + 1, host);
	host->path = path;
}

/* False when the place was seen before, or memory refuses. */
static bool seen_add(struct host_form *host, struct rx_buf *out)
{
	uint64_t key = (host->path ^ (uint64_t)(uintptr_t)host->cell * 0xFF51AFD7ED558CCDU) * 0x9E3779B97F4A7C15U;
	size_t at;

	key = key ? key : 1;

	if (host->count * 2 >= host->cap) {
		size_t cap = host->cap ? host->cap * 2 : 32;
		uint64_t *fresh = rx_memory_take_zeroed(out->memory, cap, sizeof(*fresh));

		if (!fresh) {
			out->failed = true;
			return false;
		}
		for (size_t i = 0; i < host->cap; i++)
			if (host->seen[i]) {
				for (at = host->seen[i] & (cap - 1); fresh[at]; at = (at + 1) & (cap - 1))
					;
				fresh[at] = host->seen[i];
			}
		rx_memory_give(out->memory, host->seen, host->cap * sizeof(*fresh));
		host->seen = fresh;
		host->cap = cap;
	}
	for (at = key & (host->cap - 1); host->seen[at]; at = (at + 1) & (host->cap - 1))
		if (host->seen[at] == key)
			return false;
	host->seen[at] = key;
	host->count++;
	return true;
}

static void cell_text(const struct rxl_cell *cell, struct rx_buf *out, unsigned depth, struct host_form *host)
{
	const struct rxl_cell *outer = host->cell;
	uint64_t path = host->path;

	if (!outer) {
		/* a variable of the root: what is below starts anew */
		if (host->cap)
			memset(host->seen, 0, host->cap * sizeof(*host->seen));
		host->count = 0;
	} else if (!seen_add(host, out)) {
		RX_BUF_LIT(out, "<shared>");
		return;
	}
	host->cell = cell;
	host->path = 0;
	debug_text(&cell->value, out, depth + 1, host);
	RX_BUF_LIT(out, " (shared)");
	host->cell = outer;
	host->path = path;
}

static const char *iterator_path(const struct rxl_iter *iter)
{
	switch (iter->kind) {
	case RXL_ITER_INT: return "rhai::packages::iter_basic::StepRange<i64>";
	case RXL_ITER_FLOAT: return "rhai::packages::iter_basic::StepRange<f64>";
	case RXL_ITER_CHARS: return "rhai::packages::iter_basic::CharsStream";
	case RXL_ITER_BITS: return "rhai::packages::iter_basic::BitRange";
	case RXL_ITER_HOST: break;
	}
	return "range";
}

const char *rxl_value_host_type(const struct rxl_value *value)
{
	if (value->type == RXL_RANGE)
		return "core::ops::range::Range<i64>";
	if (value->type == RXL_RANGE_INCLUSIVE)
		return "core::ops::range::RangeInclusive<i64>";
	return value->type == RXL_ITER ? iterator_path(value->as.iter) : rxl_value_type_name(value);
}


static void quoted(struct rexi_str text, struct rx_buf *out)
{
	rx_buf_byte(out, '"');
	rx_unicode_debug(out, text);
	rx_buf_byte(out, '"');
}

static void array_text(const struct rxl_array *array, struct rx_buf *out, unsigned depth, struct host_form *host)
{
	rx_buf_byte(out, '[');
	for (uint32_t i = 0; i < array->count && !out->failed; i++) {
		if (i)
			RX_BUF_LIT(out, ", ");
		child_text(&array->items[i], out, depth, host, i);
	}
	rx_buf_byte(out, ']');
}

/* A sorted view without a heap: maps that are not in order are walked by picking the next larger key. */
static const struct rxl_entry *next_entry(const struct rxl_map *map, const struct rxl_entry *last)
{
	const struct rxl_entry *best = NULL;

	for (uint32_t i = 0; i < map->used; i++) {
		const struct rxl_entry *entry = &map->entries[i];

		if (entry->key.type == RXL_UNIT)
			continue;
		if (last && rx_str_cmp(rxl_string_view(&entry->key), rxl_string_view(&last->key)) <= 0)
			continue;
		if (!best || rx_str_cmp(rxl_string_view(&entry->key), rxl_string_view(&best->key)) < 0)
			best = entry;
	}
	return best;
}

static void map_text(const struct rxl_value *value, struct rx_buf *out, unsigned depth, struct host_form *host)
{
	struct rxl_map *map = value->as.map;
	const struct rxl_entry *entry = NULL;
	bool ordered = rxl_map_order(map, out->memory);

	RX_BUF_LIT(out, "#{");
	for (uint32_t i = 0; i < map->count && !out->failed; i++) {
		if (i)
			RX_BUF_LIT(out, ", ");
		entry = ordered ? &map->entries[i] : next_entry(map, entry);
		quoted(rxl_string_view(&entry->key), out);
		RX_BUF_LIT(out, ": ");
		child_text(&entry->value, out, depth, host, i);
	}
	rx_buf_byte(out, '}');
}

static void blob_text(const struct rxl_blob *blob, struct rx_buf *out)
{
	static const char digits[] = "0123456789abcdef";

	rx_buf_byte(out, '[');
	for (uint32_t i = 0; i < blob->count; i++) {
		if (i && i % 8 == 0)
			rx_buf_byte(out, ' ');
		rx_buf_byte(out, digits[blob->bytes[i] >> 4]);
		rx_buf_byte(out, digits[blob->bytes[i] & 15]);
	}
	rx_buf_byte(out, ']');
}

/* Rust's {:?} of a char: as in a string, but the quote that is escaped is the single one. */
static void quoted_char(uint32_t code, struct rx_buf *out)
{
	char bytes[4];

	rx_buf_byte(out, '\'');
	if (code == '\'')
		RX_BUF_LIT(out, "\\'");
	else if (code == '"')
		rx_buf_byte(out, '"');
	else
		rx_unicode_debug(out, rx_str_make(bytes, rx_utf8_encode(bytes, code)));
	rx_buf_byte(out, '\'');
}

static void fn_text(const struct rxl_fn *fn, struct rx_buf *out, unsigned depth, struct host_form *host)
{
	struct rexi_str name = rxl_string_view(&fn->name);

	if (!host) {
		RX_BUF_LIT(out, "Fn(");
		rx_buf_str(out, name);
		rx_buf_byte(out, ')');
		return;
	}
	rx_buf_str(out, fn->target ? RX_STR("Fn*(") : RX_STR("Fn("));
	quoted(name, out);
	for (uint32_t i = 0; i < fn->curry_count; i++) {
		RX_BUF_LIT(out, ", ");
		child_text(&fn->curry[i], out, depth, host, i);
	}
	rx_buf_byte(out, ')');
}

static void host_text(const struct rxl_value *value, struct rx_buf *out, bool debug)
{
	const struct rxl_host *host = value->as.host;

	if (host->type->display)
		host->type->display(host->payload, out, debug);
	else
		rx_buf_str(out, rx_str(host->type->name));
}

static void debug_text(const struct rxl_value *value, struct rx_buf *out, unsigned depth, struct host_form *host)
{
	if (depth > NESTING_MAX) {
		RX_BUF_LIT(out, "...");
		return;
	}
	switch ((enum rxl_type)value->type) {
	case RXL_UNIT:
		RX_BUF_LIT(out, "()");
		return;
	case RXL_BOOL:
		rx_buf_str(out, value->as.b ? RX_STR("true") : RX_STR("false"));
		return;
	case RXL_INT:
	case RXL_BYTE:
		rx_buf_i64(out, value->as.i);
		return;
	case RXL_FLOAT:
		rxl_float_debug(value->as.f, out);
		return;
	case RXL_CHAR:
		if (host)
			quoted_char((uint32_t)value->as.i, out);
		else
			rx_buf_char(out, (uint32_t)value->as.i);
		return;
	case RXL_TIME:
		RX_BUF_LIT(out, "<timestamp>");
		return;
	case RXL_TEXT:
	case RXL_STRING:
		quoted(rxl_string_view(value), out);
		return;
	case RXL_ARRAY:
		array_text(value->as.array, out, depth, host);
		return;
	case RXL_BLOB:
		blob_text(value->as.blob, out);
		return;
	case RXL_MAP:
		map_text(value, out, depth, host);
		return;
	case RXL_FN:
		fn_text(value->as.fn, out, depth, host);
		return;
	case RXL_RANGE:
	case RXL_RANGE_INCLUSIVE:
		rx_buf_i64(out, value->as.range->start);
		rx_buf_str(out, value->type == RXL_RANGE ? RX_STR("..") : RX_STR("..="));
		if (value->as.range->end != INT64_MAX)
			rx_buf_i64(out, value->as.range->end);
		return;
	case RXL_ITER:
		rx_buf_str(out, host ? rx_str(iterator_path(value->as.iter)) : RX_STR("range"));
		return;
	case RXL_OBJECT:
		host_text(value, out, true);
		return;
	case RXL_CELL:
		if (host)
			cell_text(value->as.cell, out, depth, host);
		else
			debug_text(&value->as.cell->value, out, depth + 1, NULL);
		return;
	case RXL_TYPE_COUNT:
	case RXL_ANY:
		break;
	}
	rx_unreachable();
}

void rxl_value_debug(const struct rxl_value *value, struct rx_buf *out)
{
	debug_text(value, out, 0, NULL);
}

void rxl_value_host_debug(const struct rxl_value *value, struct rx_buf *out)
{
	struct host_form host = { .cell = NULL };

	debug_text(value, out, 0, &host);
	rx_memory_give(out->memory, host.seen, host.cap * sizeof(*host.seen));
}

void rxl_value_host_display(const struct rxl_value *value, struct rx_buf *out)
{
	if (value->type == RXL_ARRAY || value->type == RXL_MAP || value->type == RXL_ITER)
		rxl_value_host_debug(value, out);
	else
		rxl_value_display(value, out);
}

void rxl_value_display(const struct rxl_value *value, struct rx_buf *out)
{
	if (value->type == RXL_CELL)
		value = &value->as.cell->value;
	switch (value->type) {
	case RXL_UNIT:
		return;
	case RXL_FN: /* the debug form tells more */
		RX_BUF_LIT(out, "Fn(");
		rx_buf_str(out, rxl_fn_name(value));
		rx_buf_byte(out, ')');
		return;
	case RXL_CHAR:
		rx_buf_char(out, (uint32_t)value->as.i);
		return;
	case RXL_FLOAT:
		rxl_float_display(value->as.f, out);
		return;
	case RXL_TEXT:
	case RXL_STRING:
		rx_buf_str(out, rxl_string_view(value));
		return;
	case RXL_OBJECT:
		host_text(value, out, false);
		return;
	default:
		debug_text(value, out, 0, NULL);
	}
}

enum rexi_status rxl_value_to_string(struct rxl_heap *heap, const struct rxl_value *value, struct rxl_value *out)
{
	struct rx_buf buf;

	if (rxl_is_string(value)) {
		*out = rxl_value_copy(value);
		return REXI_OK;
	}
	rx_buf_init(&buf, &heap->memory, 0);
	rxl_value_display(value, &buf);
	return rxl_string_from_buf(heap, &buf, out);
}

/* ---- equality and hashing (spec 4.4, 6.4) ----------------------------------------------------------------------- */

bool rxl_float_equal(double x, double y)
{
	double scale = x * y == 0 ? 1 : fmax(fabs(x), fabs(y));

	/* scale 0: no number beside zero, which counts as zero */
	return scale == 0 || fabs(x - y) / scale <= 0x1p-52;
}

static bool as_float(const struct rxl_value *value, double *out)
{
	if (value->type == RXL_INT)
		*out = (double)value->as.i;
	else if (value->type == RXL_FLOAT)
		*out = value->as.f;
	else
		return false;
	return true;
}

static bool char_equals_string(uint32_t c, struct rexi_str text)
{
	size_t pos = 0;

	/* only the first two characters take part (spec Q37): one that follows makes the string the larger */
	return text.len != 0 && rx_utf8_next(text, &pos) == c && pos == text.len;
}

static enum rxl_equality equal(const struct rxl_value *a, const struct rxl_value *b, unsigned depth, struct rxl_walk *walk);

#define WALK_PARTS 65536U

/* False: the walk has been stopped. */
static bool walk_on(struct rxl_walk *walk, uint32_t parts)
{
	if (!walk)
		return true;
	if (walk->parts < WALK_PARTS && parts < WALK_PARTS) {
		walk->parts += parts + 1;
	} else if (walk->status == REXI_OK) {
		walk->status = walk->ask(walk->user, (uint64_t)walk->parts + parts);
		walk->parts = 0;
	}
	return walk->status == REXI_OK;
}

static enum rxl_equality arrays_equal(const struct rxl_array *a, const struct rxl_array *b, unsigned depth, struct rxl_walk *walk)
{
	if (a == b && depth > 64)
		return RXL_EQUAL;
	if (a->count != b->count || !walk_on(walk, a->count))
		return RXL_UNEQUAL;
	for (uint32_t i = 0; i < a->count; i++) {
		enum rxl_equality each = equal(&a->items[i], &b->items[i], depth + 1, walk);

		if (each != RXL_EQUAL)
			return each;
	}
	return RXL_EQUAL;
}

static enum rxl_equality maps_equal(const struct rxl_value *a, const struct rxl_value *b, unsigned depth, struct rxl_walk *walk)
{
	const struct rxl_map *map = a->as.map;

	if (map->count != b->as.map->count || !walk_on(walk, map->count))
		return RXL_UNEQUAL;
	for (uint32_t i = 0; i < map->used; i++) {
		const struct rxl_value *other;
		enum rxl_equality each;

		if (map->entries[i].key.type == RXL_UNIT)
			continue;
		other = rxl_map_find(b, rxl_string_view(&map->entries[i].key));
		if (!other)
			return RXL_UNEQUAL;
		each = equal(&map->entries[i].value, other, depth + 1, walk);
		if (each != RXL_EQUAL)
			return each;
	}
	return RXL_EQUAL;
}

static enum rxl_equality equal(const struct rxl_value *a, const struct rxl_value *b, unsigned depth, struct rxl_walk *walk)
{
	double x, y;

	if (depth > NESTING_MAX)
		return RXL_UNEQUAL;
	if (a->type == RXL_CELL)
		a = &a->as.cell->value;
	if (b->type == RXL_CELL)
		b = &b->as.cell->value;
	if (a->type != b->type) {
		if (as_float(a, &x) && as_float(b, &y))
			return rxl_float_equal(x, y) ? RXL_EQUAL : RXL_UNEQUAL;
		if (a->type == RXL_CHAR && rxl_is_string(b))
			return char_equals_string(a->as.c, rxl_string_view(b)) ? RXL_EQUAL : RXL_UNEQUAL;
		if (b->type == RXL_CHAR && rxl_is_string(a))
			return char_equals_string(b->as.c, rxl_string_view(a)) ? RXL_EQUAL : RXL_UNEQUAL;
		return RXL_UNEQUAL;
	}
	switch ((enum rxl_type)a->type) {
	case RXL_UNIT:
		return RXL_EQUAL;
	case RXL_BOOL:
	case RXL_INT:
	case RXL_CHAR:
	case RXL_TIME:
	case RXL_BYTE:
		return a->as.i == b->as.i ? RXL_EQUAL : RXL_UNEQUAL;
	case RXL_FLOAT:
		return rxl_float_equal(a->as.f, b->as.f) ? RXL_EQUAL : RXL_UNEQUAL;
	case RXL_TEXT:
	case RXL_STRING:
		return rx_str_eq(rxl_string_view(a), rxl_string_view(b)) ? RXL_EQUAL : RXL_UNEQUAL;
	case RXL_ARRAY:
		return arrays_equal(a->as.array, b->as.array, depth, walk);
	case RXL_MAP:
		return maps_equal(a, b, depth, walk);
	case RXL_BLOB:
		if (!walk_on(walk, a->as.blob->count / 64))
			return RXL_UNEQUAL;
		return a->as.blob->count == b->as.blob->count &&
				       (a->as.blob->count == 0 ||
					memcmp(a->as.blob->bytes, b->as.blob->bytes, a->as.blob->count) == 0)
			       ? RXL_EQUAL
			       : RXL_UNEQUAL;
	case RXL_RANGE:
	case RXL_RANGE_INCLUSIVE:
		return a->as.range->start == b->as.range->start && a->as.range->end == b->as.range->end ? RXL_EQUAL
												       : RXL_UNEQUAL;
	case RXL_OBJECT:
		if (a->as.host->type != b->as.host->type)
			return RXL_UNEQUAL;
		if (a->as.host->type->equal)
			return a->as.host->type->equal(a->as.host->payload, b->as.host->payload) ? RXL_EQUAL : RXL_UNEQUAL;
		return RXL_NO_EQUAL;
	case RXL_FN:
	case RXL_ITER:
	case RXL_CELL:
	case RXL_TYPE_COUNT:
	case RXL_ANY:
		break;
	}
	return RXL_NO_EQUAL;
}

enum rxl_equality rxl_value_equal(const struct rxl_value *a, const struct rxl_value *b, struct rxl_walk *walk)
{
	return equal(a, b, 0, walk);
}

static bool same(const struct rxl_value *a, const struct rxl_value *b, unsigned depth)
{
	if (a->type != b->type || depth > NESTING_MAX)
		return false;
	switch ((enum rxl_type)a->type) {
	case RXL_FLOAT:
		return memcmp(&a->as.f, &b->as.f, sizeof(double)) == 0;
	case RXL_ARRAY:
		if (a->as.array->count != b->as.array->count)
			return false;
		for (uint32_t i = 0; i < a->as.array->count; i++)
			if (!same(&a->as.array->items[i], &b->as.array->items[i], depth + 1))
				return false;
		return true;
	case RXL_MAP:
		if (a->as.map->count != b->as.map->count)
			return false;
		for (uint32_t i = 0; i < a->as.map->used; i++) {
			const struct rxl_entry *entry = &a->as.map->entries[i];
			const struct rxl_value *other;

			if (entry->key.type == RXL_UNIT)
				continue;
			other = rxl_map_find(b, rxl_string_view(&entry->key));
			if (!other || !same(&entry->value, other, depth + 1))
				return false;
		}
		return true;
	case RXL_FN:
		return !a->as.fn->target && !b->as.fn->target && !a->as.fn->curry_count && !b->as.fn->curry_count &&
		       rx_str_eq(rxl_fn_name(a), rxl_fn_name(b));
	case RXL_TIME:
	case RXL_ITER:
	case RXL_OBJECT:
		return false;
	default:
		return equal(a, b, depth, NULL) == RXL_EQUAL;
	}
}

bool rxl_value_same(const struct rxl_value *a, const struct rxl_value *b)
{
	return same(a, b, 0);
}

uint64_t rxl_value_hash(const struct rxl_value *value, uint64_t seed)
{
	switch ((enum rxl_type)value->type) {
	case RXL_UNIT:
	case RXL_BOOL:
	case RXL_INT:
	case RXL_CHAR:
	case RXL_FLOAT:
		return rx_hash_mix((uint64_t)value->as.i ^ seed, value->type);
	case RXL_TEXT:
	case RXL_STRING: {
		struct rexi_str text = rxl_string_view(value);

		return rx_hash_bytes(text.ptr, text.len, seed ^ RXL_STRING);
	}
	case RXL_ARRAY:
		return rx_hash_mix(value->as.array->count ^ seed, RXL_ARRAY);
	case RXL_MAP:
		return rx_hash_mix(value->as.map->count ^ seed, RXL_MAP);
	case RXL_RANGE:
	case RXL_RANGE_INCLUSIVE:
		return rx_hash_mix((uint64_t)value->as.range->start ^ seed, (uint64_t)value->as.range->end ^ value->type);
	default:
		return rx_hash_mix(value->type, seed);
	}
}

/* Nothing in it has a size of its own; told without a branch for each element. */
static bool is_flat(const struct rxl_array *array)
{
	unsigned large = 0;

	for (uint32_t i = 0; i < array->count; i++)
		large |= array->items[i].type >= RXL_TEXT;
	return !large;
}

static void sizes(const struct rxl_value *value, struct rxl_sizes *out, unsigned depth)
{
	if (depth > NESTING_MAX || out->parts++ > RXL_SIZES_PARTS)
		return;
	switch (value->type) {
	case RXL_TEXT:
	case RXL_STRING: {
		size_t len = rxl_string_view(value).len;

		out->string = len > out->string ? len : out->string;
		return;
	}
	case RXL_BLOB:
		out->array += value->as.blob->count;
		return;
	case RXL_ARRAY:
		out->array += value->as.array->count;
		out->parts += value->as.array->count / 8;
		if (is_flat(value->as.array))
			return;
		for (uint32_t i = 0; i < value->as.array->count; i++)
			sizes(&value->as.array->items[i], out, depth + 1);
		return;
	case RXL_MAP:
		out->map += value->as.map->count;
		for (uint32_t i = 0; i < value->as.map->used; i++)
			sizes(&value->as.map->entries[i].value, out, depth + 1);
		return;
	default:
		return;
	}
}

void rxl_value_sizes(const struct rxl_value *value, struct rxl_sizes *out)
{
	*out = (struct rxl_sizes){ 0, 0, 0, 0 };
	sizes(value, out, 0);
}

/* ---- strings ---------------------------------------------------------------------------------------------------- */

static char *text_bytes(struct rxl_value *value)
{
	return (char *)value + offsetof(struct rxl_value, text);
}

enum rexi_status rxl_string_make(struct rxl_heap *heap, size_t len, struct rxl_value *out, char **bytes)
{
	struct rxl_string *string;
	size_t size;

	if (len > heap->max_string) {
		heap->too_large = "Length of string";
		return REXI_LIMIT;
	}
	if (len <= RXL_TEXT_MAX) {
		memset(out, 0, sizeof(*out));
		out->type = RXL_TEXT;
		out->len = (uint8_t)len;
		*bytes = text_bytes(out);
		return REXI_OK;
	}
	if (len > UINT32_MAX / 2)
		return REXI_NO_MEMORY;
	size = (sizeof(*string) + len + 15) & ~(size_t)15;
	string = rxl_heap_take(heap, size);
	if (!string)
		return REXI_NO_MEMORY;
	string->head = (struct rxl_object){ .refs = 1, .kind = RXL_STRING };
	string->len = (uint32_t)len;
	string->cap = (uint32_t)(size - sizeof(*string));
	*out = (struct rxl_value){ .type = RXL_STRING, .as.string = string };
	*bytes = string->bytes;
	return REXI_OK;
}

enum rexi_status rxl_string_new(struct rxl_heap *heap, struct rexi_str text, struct rxl_value *out)
{
	char *bytes;

	if (text.len <= RXL_TEXT_MAX && text.len <= heap->max_string) {
		rxl_words_put(out, rxl_short_words(rxl_short_load(text.ptr, text.len), text.len));
		return REXI_OK;
	}
	RX_TRY(rxl_string_make(heap, text.len, out, &bytes));
	memcpy(bytes, text.ptr, text.len);
	return REXI_OK;
}

enum rexi_status rxl_string_join(struct rxl_heap *heap, struct rexi_str a, struct rexi_str b, struct rxl_value *out)
{
	struct rxl_value made;
	size_t len = a.len + b.len;
	char *bytes;

	if (len <= RXL_TEXT_MAX && len <= heap->max_string) {
		rxl_words_put(out, rxl_short_words(rxl_short_load(a.ptr, a.len) | rxl_short_load(b.ptr, b.len) << 8 * a.len, len));
		return REXI_OK;
	}
	RX_TRY(rxl_string_make(heap, len, &made, &bytes));
	if (a.len)
		memcpy(bytes, a.ptr, a.len);
	if (b.len)
		memcpy(bytes + a.len, b.ptr, b.len);
	*out = made;
	return REXI_OK;
}

/* The decimal digits of a number as the bytes of a short string; their count, 0 when there are more than `most`. */
static size_t short_digits(int64_t i, size_t most, rx_u128 *out)
{
	static const uint32_t powers[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000 };
	uint64_t rest = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
	size_t len = i < 0;
	rx_u128 bytes = 0;

	if (most <= len || most - len >= RX_COUNT(powers) || rest >= powers[most - len])
		return 0;
	do {
		bytes = bytes << 8 | (unsigned char)('0' + (uint32_t)rest % 10);
		len++;
		rest = (uint32_t)rest / 10;
	} while (rest);
	*out = i < 0 ? bytes << 8 | '-' : bytes;
	return len;
}

bool rxl_short_join(const struct rxl_heap *heap, const struct rxl_value *a, const struct rxl_value *b, struct rxl_value *out)
{
	rx_u128 bytes = 0;
	size_t len;

	if (a->type != RXL_TEXT)
		return false;
	if (b->type == RXL_TEXT) {
		len = b->len;
		bytes = rxl_short_bytes(b);
	} else if (b->type == RXL_CHAR && b->as.c < 0x80) {
		len = 1;
		bytes = b->as.c;
	} else if (b->type == RXL_INT) {
		len = short_digits(b->as.i, RXL_TEXT_MAX - (size_t)a->len, &bytes);
		if (len == 0)
			return false;
	} else {
		return false;
	}
	len += a->len;
	if (len > RXL_TEXT_MAX || len > heap->max_string)
		return false;
	rxl_words_put(out, rxl_short_words(rxl_short_bytes(a) | bytes << 8 * a->len, len));
	return true;
}

enum rexi_status rxl_string_from_buf(struct rxl_heap *heap, struct rx_buf *buf, struct rxl_value *out)
{
	enum rexi_status status = REXI_NO_MEMORY;

	if (!buf->failed) {
		status = rxl_string_new(heap, rx_buf_view(buf), out);
	} else if (buf->limit <= heap->max_string && heap->max_string != SIZE_MAX) {
		heap->too_large = "Length of string";
		status = REXI_LIMIT;
	}
	rx_buf_fini(buf);
	return status;
}

bool rxl_string_is_ascii(const struct rxl_value *value)
{
	struct rxl_object *head;

	if (value->type == RXL_TEXT)
		return rx_utf8_is_ascii(rxl_string_view(value));
	head = &value->as.string->head;
	if (!(head->flags & (RXL_STRING_ASCII | RXL_STRING_WIDE)))
		head->flags |= rx_utf8_is_ascii(rxl_string_view(value)) ? RXL_STRING_ASCII : RXL_STRING_WIDE;
	return head->flags & RXL_STRING_ASCII;
}

size_t rxl_string_chars(const struct rxl_value *value)
{
	struct rexi_str text = rxl_string_view(value);

	return rxl_string_is_ascii(value) ? text.len : rx_utf8_count(text);
}

/* Copies up to 16 bytes, by two moves that overlap; true when all of them are ASCII. */
RX_INLINE bool copy_few(char *to, const char *from, size_t len)
{
	if (len >= 8) {
		uint64_t first, last;

		memcpy(&first, from, 8);
		memcpy(&last, from + len - 8, 8);
		memcpy(to, &first, 8);
		memcpy(to + len - 8, &last, 8);
		return !((first | last) & UINT64_C(0x8080808080808080));
	}
	if (len >= 4) {
		uint32_t first, last;

		memcpy(&first, from, 4);
		memcpy(&last, from + len - 4, 4);
		memcpy(to, &first, 4);
		memcpy(to + len - 4, &last, 4);
		return !((first | last) & 0x80808080U);
	}
	to[0] = from[0];
	to[len / 2] = from[len / 2];
	to[len - 1] = from[len - 1];
	return !((from[0] | from[len / 2] | from[len - 1]) & 0x80);
}

enum rexi_status rxl_string_append(struct rxl_heap *heap, struct rxl_value *value, struct rexi_str text)
{
	struct rxl_string *string;
	struct rxl_value joined;
	size_t need, cap;

	if (text.len == 0)
		return REXI_OK;
	string = value->as.string;
	if (value->type != RXL_STRING || string->head.refs != 1 || text.len > UINT32_MAX / 2 ||
	    (text.ptr >= string->bytes && text.ptr <= string->bytes + string->len)) {
		RX_TRY(rxl_string_join(heap, rxl_string_view(value), text, &joined));
		joined.tag = value->tag;
		rxl_value_set(heap, value, joined);
		return REXI_OK;
	}
	need = string->len + text.len;
	if (need > heap->max_string) {
		heap->too_large = "Length of string";
		return REXI_LIMIT;
	}
	if (need > string->cap) {
		if (need > UINT32_MAX / 2)
			return REXI_NO_MEMORY;
		cap = (size_t)string->cap + string->cap / 2 + 16;
		if (cap < need)
			cap = need;
		cap = ((sizeof(*string) + cap + 15) & ~(size_t)15) - sizeof(*string);
		string = rxl_heap_resize(heap, string, sizeof(*string) + string->cap, sizeof(*string) + cap);
		if (!string)
			return REXI_NO_MEMORY;
		string->cap = (uint32_t)cap;
		value->as.string = string;
	}
	if (text.len <= 16) {
		if (!copy_few(string->bytes + string->len, text.ptr, text.len) && (string->head.flags & RXL_STRING_ASCII))
			string->head.flags = RXL_STRING_WIDE;
	} else {
		if ((string->head.flags & RXL_STRING_ASCII) && !rx_utf8_is_ascii(text))
			string->head.flags = RXL_STRING_WIDE;
		memcpy(string->bytes + string->len, text.ptr, text.len);
	}
	string->len = (uint32_t)need;
	return REXI_OK;
}

/* ---- ranges and iterators --------------------------------------------------------------------------------------- */

enum rexi_status rxl_range_new(struct rxl_heap *heap, int64_t start, int64_t end, bool inclusive, struct rxl_value *out)
{
	struct rxl_range *range = rxl_heap_take(heap, sizeof(*range));
	uint8_t kind = inclusive ? RXL_RANGE_INCLUSIVE : RXL_RANGE;

	if (!range)
		return REXI_NO_MEMORY;
	*range = (struct rxl_range){ .head = { .refs = 1, .kind = kind }, .start = start, .end = end };
	*out = (struct rxl_value){ .type = kind, .as.range = range };
	return REXI_OK;
}

static enum rexi_status iter_new(struct rxl_heap *heap, enum rxl_iter_kind kind, struct rxl_value *out)
{
	struct rxl_iter *iter = rxl_heap_take(heap, sizeof(*iter));

	if (!iter)
		return REXI_NO_MEMORY;
	*iter = (struct rxl_iter){ .head = { .refs = 1, .kind = RXL_ITER }, .kind = kind };
	*out = (struct rxl_value){ .type = RXL_ITER, .as.iter = iter };
	return REXI_OK;
}

enum rexi_status rxl_iter_ints(struct rxl_heap *heap, int64_t from, int64_t to, int64_t step, struct rxl_value *out)
{
	RX_TRY(iter_new(heap, RXL_ITER_INT, out));
	out->as.iter->u.ints.from = from;
	out->as.iter->u.ints.to = to;
	out->as.iter->u.ints.step = step;
	return REXI_OK;
}

enum rexi_status rxl_iter_floats(struct rxl_heap *heap, double from, double to, double step, struct rxl_value *out)
{
	RX_TRY(iter_new(heap, RXL_ITER_FLOAT, out));
	out->as.iter->u.floats.from = from;
	out->as.iter->u.floats.to = to;
	out->as.iter->u.floats.step = step;
	return REXI_OK;
}

enum rexi_status rxl_iter_chars(struct rxl_heap *heap, const struct rxl_value *string, size_t start, size_t end,
				struct rxl_value *out)
{
	RX_TRY(iter_new(heap, RXL_ITER_CHARS, out));
	out->as.iter->source = rxl_value_copy(string);
	out->as.iter->u.chars.start = (uint32_t)start;
	out->as.iter->u.chars.end = (uint32_t)end;
	return REXI_OK;
}

enum rexi_status rxl_iter_bits(struct rxl_heap *heap, int64_t bits, unsigned from, unsigned to, struct rxl_value *out)
{
	RX_TRY(iter_new(heap, RXL_ITER_BITS, out));
	out->as.iter->u.bits.bits = (uint64_t)bits;
	out->as.iter->u.bits.from = from;
	out->as.iter->u.bits.to = to;
	return REXI_OK;
}

bool rxl_value_is_iterable(const struct rxl_value *value)
{
	switch (value->type) {
	case RXL_TEXT:
	case RXL_STRING:
	case RXL_ARRAY:
	case RXL_BLOB:
	case RXL_RANGE:
	case RXL_RANGE_INCLUSIVE:
	case RXL_ITER:
		return true;
	case RXL_OBJECT:
		return value->as.host->type->iterate != NULL || value->as.host->type->iterate_of != NULL;
	default:
		return false;
	}
}

static bool chars_next(struct rexi_str text, uint64_t start, uint64_t *position, struct rxl_value *out)
{
	size_t at = (size_t)(start + *position);

	if (at >= text.len)
		return false;
	*out = rxl_char(rx_utf8_next(text, &at));
	*position = at - start;
	return true;
}

static bool range_next(const struct rxl_value *value, uint64_t *position, struct rxl_value *out)
{
	int64_t at;

	/* the position counts steps; start + position cannot pass end */
	if (__builtin_add_overflow(value->as.range->start, *position, &at))
		return false;
	if (value->type == RXL_RANGE ? at >= value->as.range->end : at > value->as.range->end)
		return false;
	*out = rxl_int(at);
	++*position;
	return true;
}

static bool iter_next(struct rxl_heap *heap, const struct rxl_iter *iter, uint64_t *position, struct rxl_value *out)
{
	switch (iter->kind) {
	case RXL_ITER_INT: {
		int64_t step = iter->u.ints.step, at, next;

		/* The reference ends before a number whose successor would overflow. */
		if (__builtin_mul_overflow((int64_t)*position, step, &at) ||
		    __builtin_add_overflow(at, iter->u.ints.from, &at) || __builtin_add_overflow(at, step, &next))
			return false;
		if (step > 0 ? at >= iter->u.ints.to : at <= iter->u.ints.to)
			return false;
		*out = rxl_int(at);
		++*position;
		return true;
	}
	case RXL_ITER_FLOAT: {
		double at, step = iter->u.floats.step;

		/* the running sum, as the reference adds: position holds its bits once started */
		if (*position == 0)
			at = iter->u.floats.from;
		else {
			uint64_t bits = *position - 1;

			memcpy(&at, &bits, sizeof(at));
		}
		if (step > 0 ? !(at < iter->u.floats.to) : !(at > iter->u.floats.to))
			return false;
		*out = rxl_float(at);
		at += step;
		memcpy(position, &at, sizeof(at));
		++*position;
		return true;
	}
	case RXL_ITER_CHARS: {
		struct rexi_str text = rxl_string_view(&iter->source);

		text.len = iter->u.chars.end < text.len ? iter->u.chars.end : text.len;
		return chars_next(text, iter->u.chars.start, position, out);
	}
	case RXL_ITER_BITS:
		if (iter->u.bits.from + *position >= iter->u.bits.to)
			return false;
		*out = rxl_bool(iter->u.bits.bits >> (iter->u.bits.from + *position) & 1);
		++*position;
		return true;
	case RXL_ITER_HOST:
		return rxl_value_next(heap, &iter->source, position, out);
	}
	rx_unreachable();
}

bool rxl_value_next(struct rxl_heap *heap, const struct rxl_value *value, uint64_t *position, struct rxl_value *out)
{
	switch (value->type) {
	case RXL_ARRAY:
		if (*position >= value->as.array->count)
			return false;
		*out = rxl_value_copy(&value->as.array->items[(*position)++]);
		return true;
	case RXL_BLOB:
		if (*position >= value->as.blob->count)
			return false;
		*out = rxl_byte(value->as.blob->bytes[(*position)++]);
		return true;
	case RXL_TEXT:
	case RXL_STRING:
		return chars_next(rxl_string_view(value), 0, position, out);
	case RXL_RANGE:
	case RXL_RANGE_INCLUSIVE:
		return range_next(value, position, out);
	case RXL_ITER:
		return iter_next(heap, value->as.iter, position, out);
	case RXL_OBJECT:
		if (value->as.host->type->iterate_of) {
			if (!value->as.host->type->iterate_of(value->as.host->type, value->as.host->payload, *position, out))
				return false;
			++*position;
			return true;
		}
		if (!value->as.host->type->iterate ||
		    !value->as.host->type->iterate(value->as.host->payload, *position, heap, out))
			return false;
		++*position;
		return true;
	default:
		return false;
	}
}

/* ---- function pointers and host objects -------------------------------------------------------------------------- */

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
