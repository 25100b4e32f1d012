#include <config.h>

#include "cedar/types.h"

#include "base/banned.h"

const struct rxc_type rxc_type_never = { .kind = RXC_TYPE_NEVER };
const struct rxc_type rxc_type_true = { .kind = RXC_TYPE_TRUE };
const struct rxc_type rxc_type_false = { .kind = RXC_TYPE_FALSE };
const struct rxc_type rxc_type_bool = { .kind = RXC_TYPE_BOOL };
const struct rxc_type rxc_type_long = { .kind = RXC_TYPE_LONG };
const struct rxc_type rxc_type_string = { .kind = RXC_TYPE_STRING };
const struct rxc_type rxc_type_any_entity = { .kind = RXC_TYPE_ANY_ENTITY };
const struct rxc_type rxc_type_any_set = { .kind = RXC_TYPE_SET };
const struct rxc_type rxc_type_any_entity_set = { .kind = RXC_TYPE_SET, .element = &rxc_type_any_entity };
const struct rxc_type rxc_type_empty_record = { .kind = RXC_TYPE_RECORD };
const struct rxc_type rxc_type_open_record = { .kind = RXC_TYPE_RECORD, .open = true };
const struct rxc_type rxc_type_extensions[RXC_EXTENSION_TYPES] = {
	{ .kind = RXC_TYPE_EXTENSION, .ext = RXC_TYPE_IPADDR },
	{ .kind = RXC_TYPE_EXTENSION, .ext = RXC_TYPE_DECIMAL },
	{ .kind = RXC_TYPE_EXTENSION, .ext = RXC_TYPE_DATETIME },
	{ .kind = RXC_TYPE_EXTENSION, .ext = RXC_TYPE_DURATION },
};

static const struct rexi_str extension_names[RXC_EXTENSION_TYPES] = {
	RX_STR_INIT("ipaddr"), RX_STR_INIT("decimal"), RX_STR_INIT("datetime"), RX_STR_INIT("duration"),
};

struct rexi_str rxc_extension_type_name(unsigned ext)
{
	return ext < RXC_EXTENSION_TYPES ? extension_names[ext] : RX_STR("");
}

unsigned rxc_extension_type_find(struct rexi_str name)
{
	unsigned ext = 0;

	while (ext < RXC_EXTENSION_TYPES && !rx_str_eq(extension_names[ext], name))
		ext++;
	return ext;
}

const struct rxc_attr *rxc_type_attr(const struct rxc_type *record, struct rexi_str name)
{
	uint32_t low = 0, high = record->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = rx_str_cmp(record->attrs[middle].name, name);

		if (order == 0)
			return &record->attrs[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* ---- Display ---- */

enum { PRINT_MOST = 2000 };

static bool is_identifier(struct rexi_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (!(c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (i > 0 && c >= '0' && c <= '9')))
			return false;
	}
	return text.len > 0;
}

static void print(struct rx_buf *buf, const struct rxc_types *types, const struct rxc_type *type, size_t most)
{
	if (buf->len > most) {
		if (!rx_str_ends(rx_buf_view(buf), RX_STR("...")))
			RX_BUF_LIT(buf, "...");
		return;
	}
	switch ((enum rxc_type_kind)type->kind) {
	case RXC_TYPE_NEVER: RX_BUF_LIT(buf, "__cedar::internal::Never"); return;
	case RXC_TYPE_TRUE: RX_BUF_LIT(buf, "__cedar::internal::True"); return;
	case RXC_TYPE_FALSE: RX_BUF_LIT(buf, "__cedar::internal::False"); return;
	case RXC_TYPE_BOOL: RX_BUF_LIT(buf, "Bool"); return;
	case RXC_TYPE_LONG: RX_BUF_LIT(buf, "Long"); return;
	case RXC_TYPE_STRING: RX_BUF_LIT(buf, "String"); return;
	case RXC_TYPE_ANY_ENTITY: RX_BUF_LIT(buf, "__cedar::internal::AnyEntity"); return;
	case RXC_TYPE_EXTENSION: rx_buf_str(buf, rxc_extension_type_name(type->ext)); return;
	case RXC_TYPE_SET:
		RX_BUF_LIT(buf, "Set<");
		if (type->element)
			print(buf, types, type->element, most);
		else
			RX_BUF_LIT(buf, "__cedar::internal::Any");
		rx_buf_byte(buf, '>');
		return;
	case RXC_TYPE_ENTITY:
		if (type->count > 1)
			RX_BUF_LIT(buf, "__cedar::internal::Union<");
		for (uint32_t i = 0; i < type->count; i++) {
			if (i > 0)
				RX_BUF_LIT(buf, ", ");
			rx_buf_str(buf, types->names[type->entities[i]]);
		}
		if (type->count > 1)
			rx_buf_byte(buf, '>');
		return;
	case RXC_TYPE_RECORD:
		if (type->open)
			RX_BUF_LIT(buf, "__cedar::internal::OpenRecord");
		rx_buf_byte(buf, '{');
		for (uint32_t i = 0; i < type->count && buf->len <= most; i++) {
			const struct rxc_attr *attr = &type->attrs[i];

			if (is_identifier(attr->name))
				rx_buf_str(buf, attr->name);
			else
				rx_buf_json_string(buf, attr->name);
			rx_buf_str(buf, attr->required ? RX_STR(": ") : RX_STR("?: "));
			print(buf, types, attr->type, most);
			rx_buf_byte(buf, ',');
		}
		rx_buf_byte(buf, '}');
		return;
	}
	rx_unreachable();
}

void rxc_type_print(struct rx_buf *buf, const struct rxc_types *types, const struct rxc_type *type)
{
	print(buf, types, type, buf->len + PRINT_MOST);
}

/* ---- Subtyping ---- */

static bool same_ids(const uint32_t *a, uint32_t a_count, const uint32_t *b, uint32_t b_count)
{
	return a_count == b_count && (a == b || memcmp(a, b, a_count * sizeof(*a)) == 0);
}

static bool ids_within(const struct rxc_type *a, const struct rxc_type *b)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < a->count; i++) {
		while (at < b->count && b->entities[at] < a->entities[i])
			at++;
		if (at == b->count || b->entities[at] != a->entities[i])
			return false;
	}
	return true;
}

static bool attr_fits(const struct rxc_attr *a, const struct rxc_attr *b, bool strict)
{
	if (strict ? a->required != b->required : !a->required && b->required)
		return false;
	return rxc_type_is_subtype(a->type, b->type, strict);
}

static bool record_fits(const struct rxc_type *a, const struct rxc_type *b, bool strict)
{
	if (a->open && !b->open)
		return false;
	if (b->open && !strict) {
		for (uint32_t i = 0; i < b->count; i++) {
			const struct rxc_attr *attr = rxc_type_attr(a, b->attrs[i].name);

			if (!attr || !attr_fits(attr, &b->attrs[i], strict))
				return false;
		}
		return true;
	}
	if (a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++)
		if (!rx_str_eq(a->attrs[i].name, b->attrs[i].name) || !attr_fits(&a->attrs[i], &b->attrs[i], strict))
			return false;
	return true;
}

bool rxc_type_is_subtype(const struct rxc_type *a, const struct rxc_type *b, bool strict)
{
	if (a == b || a->kind == RXC_TYPE_NEVER)
		return true;
	switch ((enum rxc_type_kind)b->kind) {
	case RXC_TYPE_NEVER: return false;
	case RXC_TYPE_TRUE:
	case RXC_TYPE_FALSE:
	case RXC_TYPE_LONG:
	case RXC_TYPE_STRING: return a->kind == b->kind;
	case RXC_TYPE_BOOL: return a->kind == RXC_TYPE_BOOL || a->kind == RXC_TYPE_TRUE || a->kind == RXC_TYPE_FALSE;
	case RXC_TYPE_EXTENSION: return a->kind == b->kind && a->ext == b->ext;
	case RXC_TYPE_ANY_ENTITY: return a->kind == b->kind || (a->kind == RXC_TYPE_ENTITY && !strict);
	case RXC_TYPE_SET:
		if (a->kind != RXC_TYPE_SET)
			return false;
		return !b->element || (a->element && rxc_type_is_subtype(a->element, b->element, strict));
	case RXC_TYPE_ENTITY:
		if (a->kind != RXC_TYPE_ENTITY)
			return false;
		return strict ? same_ids(a->entities, a->count, b->entities, b->count) : ids_within(a, b);
	case RXC_TYPE_RECORD: return a->kind == RXC_TYPE_RECORD && record_fits(a, b, strict);
	}
	rx_unreachable();
}

bool rxc_type_equal(const struct rxc_type *a, const struct rxc_type *b)
{
	if (a == b)
		return true;
	if (a->kind != b->kind)
		return false;
	switch ((enum rxc_type_kind)a->kind) {
	case RXC_TYPE_NEVER:
	case RXC_TYPE_TRUE:
	case RXC_TYPE_FALSE:
	case RXC_TYPE_BOOL:
	case RXC_TYPE_LONG:
	case RXC_TYPE_STRING:
	case RXC_TYPE_ANY_ENTITY: return true;
	case RXC_TYPE_EXTENSION: return a->ext == b->ext;
	case RXC_TYPE_SET: return a->element && b->element ? rxc_type_equal(a->element, b->element) : a->element == b->element;
	case RXC_TYPE_ENTITY: return same_ids(a->entities, a->count, b->entities, b->count);
	case RXC_TYPE_RECORD:
		if (a->open != b->open || a->count != b->count)
			return false;
		for (uint32_t i = 0; i < a->count; i++)
			if (!rx_str_eq(a->attrs[i].name, b->attrs[i].name) || a->attrs[i].required != b->attrs[i].required ||
			    !rxc_type_equal(a->attrs[i].type, b->attrs[i].type))
				return false;
		return true;
	}
	rx_unreachable();
}

/* ---- Least upper bounds ---- */

static bool is_bool(const struct rxc_type *type)
{
	return type->kind == RXC_TYPE_BOOL || type->kind == RXC_TYPE_TRUE || type->kind == RXC_TYPE_FALSE;
}

static struct rxc_type *new_type(struct rx_arena *arena, enum rxc_type_kind kind, enum rxc_lub_reason *reason)
{
	struct rxc_type *type = RX_ARENA_NEW(arena, struct rxc_type);

	if (type)
		type->kind = (uint8_t)kind;
	else
		*reason = RXC_LUB_NO_MEMORY;
	return type;
}

static const struct rxc_type *lub_entities(struct rx_arena *arena, const struct rxc_type *a, const struct rxc_type *b,
					   enum rxc_lub_reason *reason)
{
	struct rxc_type *type = new_type(arena, RXC_TYPE_ENTITY, reason);
	uint32_t *ids = type ? RX_ARENA_ARRAY(arena, uint32_t, (size_t)a->count + b->count) : NULL;
	uint32_t i = 0, j = 0, count = 0;

	if (!ids) {
		*reason = RXC_LUB_NO_MEMORY;
		return NULL;
	}
	while (i < a->count || j < b->count) {
		uint32_t left = i < a->count ? a->entities[i] : UINT32_MAX;
		uint32_t right = j < b->count ? b->entities[j] : UINT32_MAX;

		ids[count++] = left < right ? left : right;
		i += left <= right;
		j += right <= left;
	}
	type->entities = ids;
	type->count = count;
	return type;
}

static const struct rxc_type *lub_records_strict(struct rx_arena *arena, const struct rxc_type *a, const struct rxc_type *b,
						 enum rxc_lub_reason *reason)
{
	struct rxc_type *type;
	struct rxc_attr *attrs;

	*reason = RXC_LUB_KEYS;
	if (a->open || b->open || a->count != b->count)
		return NULL;
	for (uint32_t i = 0; i < a->count; i++)
		if (!rx_str_eq(a->attrs[i].name, b->attrs[i].name))
			return NULL;
	type = new_type(arena, RXC_TYPE_RECORD, reason);
	attrs = type ? RX_ARENA_ARRAY(arena, struct rxc_attr, a->count) : NULL;
	if (!attrs) {
		*reason = RXC_LUB_NO_MEMORY;
		return NULL;
	}
	for (uint32_t i = 0; i < a->count; i++) {
		attrs[i].name = a->attrs[i].name;
		attrs[i].required = a->attrs[i].required;
		attrs[i].type = rxc_type_lub(arena, a->attrs[i].type, b->attrs[i].type, true, reason);
		if (!attrs[i].type)
			return NULL;
		if (a->attrs[i].required != b->attrs[i].required) {
			*reason = RXC_LUB_OPTIONALITY;
			return NULL;
		}
	}
	type->attrs = attrs;
	type->count = a->count;
	*reason = RXC_LUB_OK;
	return type;
}

static const struct rxc_type *lub_records_wide(struct rx_arena *arena, const struct rxc_type *a, const struct rxc_type *b,
					       enum rxc_lub_reason *reason)
{
	struct rxc_type *type = new_type(arena, RXC_TYPE_RECORD, reason);
	struct rxc_attr *attrs = type ? RX_ARENA_ARRAY(arena, struct rxc_attr, a->count) : NULL;
	uint32_t count = 0;

	if (!attrs) {
		*reason = RXC_LUB_NO_MEMORY;
		return NULL;
	}
	for (uint32_t i = 0; i < a->count; i++) {
		const struct rxc_attr *other = rxc_type_attr(b, a->attrs[i].name);

		if (!other)
			continue;
		attrs[count].name = a->attrs[i].name;
		attrs[count].required = a->attrs[i].required && other->required;
		attrs[count].type = rxc_type_lub(arena, a->attrs[i].type, other->type, false, reason);
		if (attrs[count].type)
			count++;
		else if (*reason == RXC_LUB_NO_MEMORY)
			return NULL;
	}
	type->attrs = attrs;
	type->count = count;
	type->open = a->open || b->open || count < a->count || count < b->count;
	*reason = RXC_LUB_OK;
	return type;
}

const struct rxc_type *rxc_type_lub(struct rx_arena *arena, const struct rxc_type *a, const struct rxc_type *b, bool strict,
				    enum rxc_lub_reason *reason)
{
	const struct rxc_type *element;
	struct rxc_type *set;
	bool a_entity = a->kind == RXC_TYPE_ENTITY || a->kind == RXC_TYPE_ANY_ENTITY;
	bool b_entity = b->kind == RXC_TYPE_ENTITY || b->kind == RXC_TYPE_ANY_ENTITY;

	*reason = RXC_LUB_OK;
	if (rxc_type_is_subtype(a, b, strict))
		return b;
	if (rxc_type_is_subtype(b, a, strict))
		return a;
	if (is_bool(a) && is_bool(b))
		return &rxc_type_bool;
	if (a->kind == RXC_TYPE_SET && b->kind == RXC_TYPE_SET) {
		element = rxc_type_lub(arena, a->element, b->element, strict, reason);
		set = element ? new_type(arena, RXC_TYPE_SET, reason) : NULL;
		if (set)
			set->element = element;
		return set;
	}
	if (a->kind == RXC_TYPE_RECORD && b->kind == RXC_TYPE_RECORD)
		return strict ? lub_records_strict(arena, a, b, reason) : lub_records_wide(arena, a, b, reason);
	if (a_entity && b_entity && !strict)
		return a->kind == RXC_TYPE_ANY_ENTITY ? a : b->kind == RXC_TYPE_ANY_ENTITY ? b
											   : lub_entities(arena, a, b, reason);
	if ((a_entity && b->kind == RXC_TYPE_RECORD) || (b_entity && a->kind == RXC_TYPE_RECORD))
		*reason = RXC_LUB_ENTITY_RECORD;
	else if (a_entity && b_entity)
		*reason = RXC_LUB_ENTITIES;
	else
		*reason = RXC_LUB_OTHER;
	return NULL;
}

const char *rxc_lub_reason_text(enum rxc_lub_reason reason)
{
	switch (reason) {
	case RXC_LUB_OK: return "";
	case RXC_LUB_NO_MEMORY: return "out of memory";
	case RXC_LUB_ENTITY_RECORD:
		return "Entity and record types are never compatible even when their attributes would be compatible";
	case RXC_LUB_ENTITIES: return "Different entity types are never compatible even when their attributes would be compatible";
	case RXC_LUB_KEYS: return "Compatible record types must have exactly the same attributes";
	case RXC_LUB_OPTIONALITY:
		return "Corresponding attributes of compatible record types must have the same optionality, either both being required "
		       "or both being optional";
	case RXC_LUB_OTHER: return "Types must be exactly equal to be compatible";
	}
	rx_unreachable();
}
