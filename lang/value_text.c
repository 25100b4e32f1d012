/* Values as text: printed, debugged, as the reference writes them for a host. spec 4.2, 4.3 */
#include <config.h>

#include "lang/value.h"

#include <string.h>

#include "base/number.h"
#include "base/unicode.h"
#include "base/utf8.h"
#include "base/banned.h"

/*
 * The form that hosts see, with characters quoted and function pointers with their arguments. A place that holds a shared
 * variable prints it the first time the walk below one variable of the root comes by, and `<shared>` from then on; a place
 * is a cell (or the root) and the way from its value.
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
	if (depth > RXL_NESTING_MAX) {
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
		rx_number_debug(out, value->as.f);
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
		rx_number_display(out, value->as.f);
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
