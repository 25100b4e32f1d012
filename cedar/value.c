#include <config.h>

#include "cedar/value.h"

#include <stdlib.h>

#include "base/unicode.h"
#include "base/utf8.h"

#include "base/banned.h"

/* ---- order and equality -------------------------------------------------------------------------------------------- */

static struct rexi_str base_name(struct rexi_str name)
{
	for (size_t i = name.len; i > 1; i--)
		if (name.ptr[i - 1] == ':')
			return rx_str_sub(name, i, SIZE_MAX);
	return name;
}

/* The reference orders names by their last part, then by the path before it, part by part. */
static int name_compare(const struct rexi_cedar_name *a, const struct rexi_cedar_name *b)
{
	struct rexi_str x, y;
	int order;

	if (rxc_name_eq(a, b))
		return 0;
	x = base_name(a->text);
	y = base_name(b->text);
	order = rx_str_cmp(x, y);
	/* `:` sorts after digits and before letters; as a separator it must sort first */
	for (size_t i = 0; !order; i++) {
		bool more_x = i + x.len < a->text.len, more_y = i + y.len < b->text.len;
		unsigned char p, q;

		if (!more_x || !more_y)
			return (int)more_x - (int)more_y;
		p = (unsigned char)a->text.ptr[i];
		q = (unsigned char)b->text.ptr[i];
		order = (p == ':' ? 0 : p) - (q == ':' ? 0 : q);
	}
	return order;
}

static int uid_compare(const struct rexi_cedar_uid *a, const struct rexi_cedar_uid *b)
{
	int order = name_compare(a->type, b->type);

	return order ? order : rx_str_cmp(a->id, b->id);
}

/* bool, long, string, entity, set, record, then extensions by the names of their types */
static unsigned rank(const struct rexi_cedar_value *value)
{
	static const uint8_t ranks[] = {
		[REXI_CEDAR_BOOL] = 0,	 [REXI_CEDAR_LONG] = 1,	    [REXI_CEDAR_STRING] = 2,  [REXI_CEDAR_ENTITY] = 3, [REXI_CEDAR_SET] = 4,
		[REXI_CEDAR_RECORD] = 5, [REXI_CEDAR_DATETIME] = 6, [REXI_CEDAR_DECIMAL] = 7, [REXI_CEDAR_DURATION] = 8,
		[REXI_CEDAR_IPADDR] = 9,
	};

	return ranks[value->kind];
}

static int integer_compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int ip_compare(const struct rexi_cedar_ext *a, const struct rexi_cedar_ext *b)
{
	int order = (int)a->is_v6 - (int)b->is_v6;

	if (!order)
		order = memcmp(a->address, b->address, a->is_v6 ? 16 : 4);
	return order ? order : (int)a->prefix - (int)b->prefix;
}

static int set_compare(const struct rexi_cedar_set *a, const struct rexi_cedar_set *b)
{
	for (uint32_t i = 0; i < a->count && i < b->count; i++) {
		int order = rxc_value_compare(&a->items[i], &b->items[i]);

		if (order)
			return order;
	}
	return (a->count > b->count) - (a->count < b->count);
}

static int record_compare(const struct rexi_cedar_record *a, const struct rexi_cedar_record *b)
{
	for (uint32_t i = 0; i < a->count && i < b->count; i++) {
		const struct rxc_slotted *x = &a->fields[i], *y = &b->fields[i];
		int order = x->name == y->name && x->name_len == y->name_len
				    ? 0 : rx_str_cmp(rx_str_make(x->name, x->name_len), rx_str_make(y->name, y->name_len));

		if (!order)
			order = rxc_value_compare(&x->value, &y->value);
		if (order)
			return order;
	}
	return (a->count > b->count) - (a->count < b->count);
}

int rxc_value_compare(const struct rexi_cedar_value *a, const struct rexi_cedar_value *b)
{
	if (a->kind != b->kind)
		return (int)rank(a) - (int)rank(b);
	switch ((enum rexi_cedar_kind)a->kind) {
	case REXI_CEDAR_BOOL:
	case REXI_CEDAR_LONG:
		return integer_compare(a->as.integer, b->as.integer);
	case REXI_CEDAR_STRING:
		return rx_str_cmp(rxc_value_text(a), rxc_value_text(b));
	case REXI_CEDAR_ENTITY:
		return uid_compare(a->as.uid, b->as.uid);
	case REXI_CEDAR_SET:
		return a->as.set == b->as.set ? 0 : set_compare(a->as.set, b->as.set);
	case REXI_CEDAR_RECORD:
		return a->as.record == b->as.record ? 0 : record_compare(a->as.record, b->as.record);
	case REXI_CEDAR_IPADDR:
		return ip_compare(a->as.ext, b->as.ext);
	case REXI_CEDAR_DECIMAL:
	case REXI_CEDAR_DATETIME:
	case REXI_CEDAR_DURATION:
		return integer_compare(a->as.ext->integer, b->as.ext->integer);
	}
	rx_unreachable();
}

bool rxc_value_eq(const struct rexi_cedar_value *a, const struct rexi_cedar_value *b)
{
	if (a->kind != b->kind)
		return false;
	switch ((enum rexi_cedar_kind)a->kind) {
	case REXI_CEDAR_BOOL:
	case REXI_CEDAR_LONG:
		return a->as.integer == b->as.integer;
	case REXI_CEDAR_STRING:
		return rxc_value_same_text(a, b);
	case REXI_CEDAR_ENTITY:
		return rxc_value_same_entity(a, b);
	case REXI_CEDAR_SET:
		return a->as.set->count == b->as.set->count && rxc_value_compare(a, b) == 0;
	case REXI_CEDAR_RECORD:
		return a->as.record->count == b->as.record->count && rxc_value_compare(a, b) == 0;
	case REXI_CEDAR_DECIMAL:
	case REXI_CEDAR_IPADDR:
	case REXI_CEDAR_DATETIME:
	case REXI_CEDAR_DURATION:
		return rxc_value_compare(a, b) == 0;
	}
	rx_unreachable();
}

/* ---- sets and records ---------------------------------------------------------------------------------------------- */

struct sortable {
	struct rexi_cedar_value value;
	size_t at;
};

static int by_value(const void *a, const void *b)
{
	const struct sortable *x = a, *y = b;
	int order = rxc_value_compare(&x->value, &y->value);

	return order ? order : (x->at > y->at) - (x->at < y->at);
}

/* rxc_value_compare, quick for records that differ in a number that comes first. */
static int order_of(const struct rexi_cedar_value *a, const struct rexi_cedar_value *b)
{
	if (a->kind == REXI_CEDAR_RECORD && b->kind == REXI_CEDAR_RECORD && a->as.record->count && b->as.record->count) {
		const struct rxc_slotted *x = &a->as.record->fields[0], *y = &b->as.record->fields[0];

		if (x->name == y->name && x->name_len == y->name_len && x->value.kind == REXI_CEDAR_LONG && y->value.kind == REXI_CEDAR_LONG &&
		    x->value.as.integer != y->value.as.integer)
			return x->value.as.integer < y->value.as.integer ? -1 : 1;
	}
	return rxc_value_compare(a, b);
}

/* Stable, as sorting by qsort is with `at`. */
static void sort_few(struct rexi_cedar_value *items, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		const struct rexi_cedar_value item = items[i];
		size_t low = 0, high = i;

		if (order_of(&items[i - 1], &item) <= 0)
			continue;
		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (order_of(&items[middle], &item) <= 0)
				low = middle + 1;
			else
				high = middle;
		}
		memmove(&items[low + 1], &items[low], (i - low) * sizeof(*items));
		items[low] = item;
	}
}

static bool sort_many(struct rx_memory *memory, struct rexi_cedar_value *items, size_t count)
{
	struct sortable *order = rx_memory_take_zeroed(memory, count, sizeof(*order));

	if (!order)
		return false;
	for (size_t i = 0; i < count; i++)
		order[i] = (struct sortable){ items[i], i };
	qsort(order, count, sizeof(*order), by_value);
	for (size_t i = 0; i < count; i++)
		items[i] = order[i].value;
	rx_memory_give(memory, order, count * sizeof(*order));
	return true;
}

const struct rexi_cedar_set *rxc_set_make(struct rx_arena *arena, struct rexi_cedar_value *items, size_t count)
{
	enum { FEW = 48 };
	struct rexi_cedar_set *set;
	bool sorted = true;

	if (count > UINT32_MAX / 2)
		return NULL;
	set = rx_arena_bytes(arena, sizeof(*set) + count * sizeof(set->items[0]));
	if (!set)
		return NULL;
	set->count = 0;
	set->flags = RXC_SET_ENTITIES;
	for (size_t i = 1; i < count && sorted; i++)
		sorted = order_of(&items[i - 1], &items[i]) < 0;
	if (!sorted && count <= FEW)
		sort_few(items, count);
	else if (!sorted && !sort_many(arena->memory, items, count))
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (items[i].kind != REXI_CEDAR_ENTITY)
			set->flags = 0;
		/* of equal values the last stays, as in the reference: it shows in how extension values print */
		if (!sorted && set->count && order_of(&set->items[set->count - 1], &items[i]) == 0)
			set->count--;
		set->items[set->count++] = items[i];
	}
	return set;
}

bool rxc_set_contains(const struct rexi_cedar_set *set, const struct rexi_cedar_value *item)
{
	enum { FEW = 8 };
	uint32_t low = 0, high = set->count;

	if (set->count <= FEW) {
		for (uint32_t i = 0; i < set->count; i++)
			if (rxc_value_eq(&set->items[i], item))
				return true;
		return false;
	}
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = rxc_value_compare(&set->items[middle], item);

		if (!order)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static int by_field_name(const void *a, const void *b)
{
	const struct rxc_slotted *x = a, *y = b;

	return rx_str_cmp(rx_str_make(x->name, x->name_len), rx_str_make(y->name, y->name_len));
}

void rxc_fields_sort(struct rxc_slotted *fields, size_t count, size_t *duplicate_out)
{
	bool sorted = true;

	if (duplicate_out)
		*duplicate_out = SIZE_MAX;
	for (size_t i = 1; i < count && sorted; i++)
		sorted = by_field_name(&fields[i - 1], &fields[i]) < 0;
	if (sorted)
		return;
	qsort(fields, count, sizeof(*fields), by_field_name);
	for (size_t i = 1; i < count && duplicate_out; i++)
		if (by_field_name(&fields[i - 1], &fields[i]) == 0)
			*duplicate_out = i;
}

const struct rexi_cedar_value *rxc_fields_find(const struct rxc_slotted *fields, uint32_t count, uint32_t hash,
					       struct rexi_str name)
{
	enum { FEW = 12 };
	uint32_t low = 0, high = count;

	if (count <= FEW) {
		for (uint32_t i = 0; i < count; i++)
			if (fields[i].hash == hash && fields[i].name_len == name.len &&
			    (name.len == 0 || memcmp(fields[i].name, name.ptr, name.len) == 0))
				return &fields[i].value;
		return NULL;
	}
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = rx_str_cmp(rx_str_make(fields[middle].name, fields[middle].name_len), name);

		if (!order)
			return &fields[middle].value;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct rexi_cedar_value *rxc_record_find(const struct rexi_cedar_record *record, const struct rexi_cedar_name *name)
{
	return rxc_fields_find(record->fields, record->count, (uint32_t)name->hash, name->text);
}

/* ---- text ---------------------------------------------------------------------------------------------------------- */

/* Rust's str::escape_debug: a character that extends graphemes is escaped only where it comes first. */
void rxc_escape(struct rx_buf *buf, struct rexi_str text)
{
	for (size_t at = 0; at < text.len;) {
		size_t start = at;
		uint32_t code = rx_utf8_next(text, &at);

		switch (code) {
		case 0: RX_BUF_LIT(buf, "\\0"); continue;
		case '\t': RX_BUF_LIT(buf, "\\t"); continue;
		case '\n': RX_BUF_LIT(buf, "\\n"); continue;
		case '\r': RX_BUF_LIT(buf, "\\r"); continue;
		case '"': RX_BUF_LIT(buf, "\\\""); continue;
		case '\'': RX_BUF_LIT(buf, "\\'"); continue;
		case '\\': RX_BUF_LIT(buf, "\\\\"); continue;
		default: break;
		}
		if (code >= 0x20 && code < 0x7F)
			rx_buf_byte(buf, (char)code);
		else if (start == 0 ? rx_unicode_is_escaped(code) : rx_unicode_is_unprintable(code))
			rx_buf_printf(buf, "\\u{%x}", (unsigned)code);
		else
			rx_buf_bytes(buf, text.ptr + start, at - start);
	}
}

void rxc_quote(struct rx_buf *buf, struct rexi_str text)
{
	rx_buf_byte(buf, '"');
	rxc_escape(buf, text);
	rx_buf_byte(buf, '"');
}

void rxc_uid_print(struct rx_buf *buf, const struct rexi_cedar_uid *uid)
{
	rx_buf_str(buf, uid->type->text);
	RX_BUF_LIT(buf, "::");
	rxc_quote(buf, uid->id);
}

void rxc_value_type_name(struct rx_buf *buf, const struct rexi_cedar_value *value)
{
	static const char *const names[] = { "bool", "long", "string", "", "set", "record", "decimal", "ipaddr", "datetime", "duration" };

	if (value->kind == REXI_CEDAR_ENTITY)
		rx_buf_printf(buf, "(entity of type `%.*s`)", RX_STR_ARG(value->as.uid->type->text));
	else
		rx_buf_str(buf, rx_str(names[value->kind]));
}

static void ext_print(struct rx_buf *buf, const struct rexi_cedar_ext *ext)
{
	static const char *const constructors[] = {
		[REXI_CEDAR_DECIMAL] = "decimal", [REXI_CEDAR_IPADDR] = "ip", [REXI_CEDAR_DATETIME] = "datetime", [REXI_CEDAR_DURATION] = "duration",
	};

	if (ext->computed && ext->kind == REXI_CEDAR_DATETIME) {
		rx_buf_printf(buf, "datetime(\"1970-01-01\").offset(duration(\"%lldms\"))", (long long)ext->integer);
	} else if (ext->computed) {
		rx_buf_printf(buf, "duration(\"%lldms\")", (long long)ext->integer);
	} else {
		rx_buf_printf(buf, "%s(", constructors[ext->kind]);
		rxc_quote(buf, ext->written);
		rx_buf_byte(buf, ')');
	}
}

static int by_text(const void *a, const void *b)
{
	const struct rexi_str *x = a, *y = b;

	return rx_str_cmp(*x, *y);
}

/* Extension values of a set (they come last) print in the order of their text. */
static void exts_print(struct rx_buf *buf, const struct rexi_cedar_value *items, uint32_t count)
{
	struct rx_buf texts;
	struct rexi_str *views = rx_memory_take_zeroed(buf->memory, count, sizeof(*views));
	size_t at = 0, size = count * sizeof(*views);

	rx_buf_init(&texts, buf->memory, 0);
	for (uint32_t i = 0; views && i < count; i++) {
		size_t before = texts.len;

		ext_print(&texts, items[i].as.ext);
		views[i].len = texts.len - before;
	}
	if (!views || texts.failed) {
		buf->failed = true;
		count = 0;
	}
	for (uint32_t i = 0; i < count; at += views[i++].len)
		views[i].ptr = texts.ptr + at;
	if (count)
		qsort(views, count, sizeof(*views), by_text);
	for (uint32_t i = 0; i < count; i++) {
		if (i)
			RX_BUF_LIT(buf, ", ");
		rx_buf_str(buf, views[i]);
	}
	rx_memory_give(buf->memory, views, views ? size : 0);
	rx_buf_fini(&texts);
}

static void set_print(struct rx_buf *buf, const struct rexi_cedar_set *set)
{
	uint32_t plain = set->count;

	while (plain && set->items[plain - 1].kind >= REXI_CEDAR_DECIMAL)
		plain--;
	rx_buf_byte(buf, '[');
	for (uint32_t i = 0; i < plain; i++) {
		if (i)
			RX_BUF_LIT(buf, ", ");
		rxc_value_print(buf, &set->items[i]);
	}
	if (plain < set->count) {
		if (plain)
			RX_BUF_LIT(buf, ", ");
		exts_print(buf, set->items + plain, set->count - plain);
	}
	rx_buf_byte(buf, ']');
}

void rxc_value_print(struct rx_buf *buf, const struct rexi_cedar_value *value)
{
	switch ((enum rexi_cedar_kind)value->kind) {
	case REXI_CEDAR_BOOL:
		rx_buf_str(buf, value->as.integer ? RX_STR("true") : RX_STR("false"));
		return;
	case REXI_CEDAR_LONG:
		rx_buf_i64(buf, value->as.integer);
		return;
	case REXI_CEDAR_STRING:
		rxc_quote(buf, rxc_value_text(value));
		return;
	case REXI_CEDAR_ENTITY:
		rxc_uid_print(buf, value->as.uid);
		return;
	case REXI_CEDAR_SET:
		set_print(buf, value->as.set);
		return;
	case REXI_CEDAR_RECORD:
		rx_buf_byte(buf, '{');
		for (uint32_t i = 0; i < value->as.record->count; i++) {
			const struct rxc_slotted *field = &value->as.record->fields[i];

			if (i)
				RX_BUF_LIT(buf, ", ");
			rxc_quote(buf, rx_str_make(field->name, field->name_len));
			RX_BUF_LIT(buf, ": ");
			rxc_value_print(buf, &field->value);
		}
		rx_buf_byte(buf, '}');
		return;
	case REXI_CEDAR_DECIMAL:
	case REXI_CEDAR_IPADDR:
	case REXI_CEDAR_DATETIME:
	case REXI_CEDAR_DURATION:
		ext_print(buf, value->as.ext);
		return;
	}
	rx_unreachable();
}

/* ---- JSON ---------------------------------------------------------------------------------------------------------- */

void rxc_uid_json(struct rx_buf *buf, const struct rexi_cedar_uid *uid)
{
	RX_BUF_LIT(buf, "{\"id\":");
	rx_buf_json_string(buf, uid->id);
	RX_BUF_LIT(buf, ",\"type\":");
	rx_buf_json_string(buf, uid->type->text);
	rx_buf_byte(buf, '}');
}

static void ext_json(struct rx_buf *buf, const struct rexi_cedar_ext *ext)
{
	static const char *const functions[] = {
		[REXI_CEDAR_DECIMAL] = "decimal", [REXI_CEDAR_IPADDR] = "ip", [REXI_CEDAR_DATETIME] = "datetime", [REXI_CEDAR_DURATION] = "duration",
	};

	if (ext->computed && ext->kind == REXI_CEDAR_DATETIME) {
		rx_buf_printf(buf, "{\"__extn\":{\"args\":[{\"__extn\":{\"arg\":\"1970-01-01\",\"fn\":\"datetime\"}},"
				   "{\"__extn\":{\"arg\":\"%lldms\",\"fn\":\"duration\"}}],\"fn\":\"offset\"}}", (long long)ext->integer);
	} else if (ext->computed) {
		rx_buf_printf(buf, "{\"__extn\":{\"arg\":\"%lldms\",\"fn\":\"duration\"}}", (long long)ext->integer);
	} else {
		RX_BUF_LIT(buf, "{\"__extn\":{\"arg\":");
		rx_buf_json_string(buf, ext->written);
		rx_buf_printf(buf, ",\"fn\":\"%s\"}}", functions[ext->kind]);
	}
}

static bool record_json(struct rx_buf *buf, const struct rexi_cedar_record *record, const char **reserved_out)
{
	static const char *const reserved[] = { "__entity", "__extn", "__expr" };
	bool good = true;

	rx_buf_byte(buf, '{');
	for (uint32_t i = 0; i < record->count && good; i++) {
		const struct rxc_slotted *field = &record->fields[i];
		struct rexi_str name = rx_str_make(field->name, field->name_len);

		for (unsigned k = 0; k < RX_COUNT(reserved); k++) {
			if (!rx_str_eq(name, rx_str(reserved[k])))
				continue;
			if (reserved_out)
				*reserved_out = reserved[k];
			return false;
		}
		if (i)
			rx_buf_byte(buf, ',');
		rx_buf_json_string(buf, name);
		rx_buf_byte(buf, ':');
		good = rxc_value_json(buf, &field->value, reserved_out);
	}
	rx_buf_byte(buf, '}');
	return good;
}

bool rxc_value_json(struct rx_buf *buf, const struct rexi_cedar_value *value, const char **reserved_out)
{
	bool good = true;

	switch ((enum rexi_cedar_kind)value->kind) {
	case REXI_CEDAR_BOOL:
	case REXI_CEDAR_LONG:
		rxc_value_print(buf, value);
		return true;
	case REXI_CEDAR_STRING:
		rx_buf_json_string(buf, rxc_value_text(value));
		return true;
	case REXI_CEDAR_ENTITY:
		RX_BUF_LIT(buf, "{\"__entity\":");
		rxc_uid_json(buf, value->as.uid);
		rx_buf_byte(buf, '}');
		return true;
	case REXI_CEDAR_SET:
		rx_buf_byte(buf, '[');
		for (uint32_t i = 0; i < value->as.set->count && good; i++) {
			if (i)
				rx_buf_byte(buf, ',');
			good = rxc_value_json(buf, &value->as.set->items[i], reserved_out);
		}
		rx_buf_byte(buf, ']');
		return good;
	case REXI_CEDAR_RECORD:
		return record_json(buf, value->as.record, reserved_out);
	case REXI_CEDAR_DECIMAL:
	case REXI_CEDAR_IPADDR:
	case REXI_CEDAR_DATETIME:
	case REXI_CEDAR_DURATION:
		ext_json(buf, value->as.ext);
		return true;
	}
	rx_unreachable();
}
