/* Policies from JSON (specification 5.3). */
#include <config.h>

#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"
#include "cedar/value_json.h"

#include "base/banned.h"

struct reader {
	struct rexi_cedar_policies *set;
	struct rexi_error *err;
	const char *clause; /* of the condition at hand */
};

static const struct rxc_expr *read_expr(struct reader *reader, const struct rxc_json *json);

RX_COLD RX_PRINTF(3, 4) static void *refuse(struct reader *reader, const struct rxc_json *json, const char *format, ...)
{
	char text[160];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (rx_fail(reader->err, REXI_SYNTAX, json->span, "error deserializing a policy/template from JSON: %s", text) == REXI_OK)
		rx_unreachable();
	return NULL;
}

RX_COLD static void *no_memory(struct reader *reader)
{
	if (rx_fail_memory(reader->err) == REXI_OK)
		rx_unreachable();
	return NULL;
}

#define CUT(text) RX_STR_ARG(rx_str_sub((text), 0, 60))

/* Every key of an object is among `fields` (space separated). */
static bool known_fields(struct reader *reader, const struct rxc_json *json, const char *fields)
{
	if (json->kind != RXC_JSON_OBJECT) {
		refuse(reader, json, "expected an object with %s", fields);
		return false;
	}
	for (uint32_t i = 0; i < json->count; i++) {
		struct rexi_str key = json->members[i].key, rest = rx_str(fields);
		bool known = false;

		while (rest.len && !known) {
			size_t space = rx_str_find(rest, RX_STR(" "), 0);

			known = rx_str_eq(rx_str_sub(rest, 0, space), key);
			rest = rx_str_sub(rest, space == SIZE_MAX ? rest.len : space + 1, SIZE_MAX);
		}
		if (!known) {
			refuse(reader, &json->members[i].value, "unknown field `%.*s`, expected one of %s", CUT(key), fields);
			return false;
		}
	}
	return true;
}

/* An object as it is; an array of at least `least` values as the object of these fields in their order (the reference's
 * reader takes structures in this form, too). */
static const struct rxc_json *fields_of(struct reader *reader, const struct rxc_json *json, const char *const *fields, uint32_t least, uint32_t most)
{
	struct rxc_json *object;

	if (json->kind != RXC_JSON_ARRAY)
		return json;
	if (json->count < least || json->count > most)
		return refuse(reader, json, "invalid length %u", (unsigned)json->count);
	object = RX_ARENA_NEW(&reader->set->arena, struct rxc_json);
	if (!object)
		return no_memory(reader);
	*object = (struct rxc_json){ .kind = RXC_JSON_OBJECT, .duplicate = json->duplicate, .count = json->count, .span = json->span };
	object->members = RX_ARENA_ARRAY(&reader->set->arena, struct rxc_json_member, json->count);
	if (!object->members)
		return no_memory(reader);
	for (uint32_t i = 0; i < json->count; i++)
		object->members[i] = (struct rxc_json_member){ .key = rx_str(fields[i]), .span = json->items[i].span, .value = json->items[i] };
	return object;
}

static const struct rxc_json *need(struct reader *reader, const struct rxc_json *json, const char *field)
{
	const struct rxc_json *value = rxc_json_get(json, field);

	return value ? value : refuse(reader, json, "missing field `%s`", field);
}

static const struct rexi_str *need_string(struct reader *reader, const struct rxc_json *json, const char *field)
{
	const struct rxc_json *value = need(reader, json, field);

	if (value && value->kind != RXC_JSON_STRING)
		return refuse(reader, value, "field `%s`: expected a string", field);
	return value ? &value->text : NULL;
}

static const struct rexi_cedar_name *intern(struct reader *reader, struct rexi_str text)
{
	const struct rexi_cedar_name *name = rxc_names_intern(&reader->set->names, text, false);

	return name ? name : no_memory(reader);
}

static const struct rexi_cedar_name *read_type(struct reader *reader, const struct rxc_json *json, struct rexi_str text)
{
	if (!rxc_is_type_name(text))
		return refuse(reader, json, "invalid entity type: `%.*s`", CUT(text));
	return intern(reader, text);
}

static const struct rxc_uid *make_uid(struct reader *reader, const struct rxc_json *json, struct rexi_str type, struct rexi_str id)
{
	const struct rexi_cedar_name *name = read_type(reader, json, type);
	const struct rxc_uid *uid = name ? rxc_names_uid(&reader->set->names, name, id, false) : NULL;

	return uid ? uid : name ? no_memory(reader) : NULL;
}

static const struct rxc_uid *read_uid(struct reader *reader, const struct rxc_json *json, bool *escaped_out)
{
	struct rexi_str type, id;

	if (!rxc_json_uid(json, &type, &id, escaped_out))
		return refuse(reader, json, "expected a literal entity reference");
	return make_uid(reader, json, type, id);
}

/* ---- nodes ------------------------------------------------------------------------------------------------------------- */

static struct rxc_expr *make(struct reader *reader, enum rxc_expr_kind kind)
{
	struct rxc_expr *expr = RX_ARENA_NEW(&reader->set->arena, struct rxc_expr);

	if (!expr)
		return no_memory(reader);
	expr->kind = (uint8_t)kind;
	return expr;
}

typedef const struct rxc_expr *(*read_fn)(struct reader *, const struct rxc_json *);

static const struct rxc_expr **read_items(struct reader *reader, const struct rxc_json *json, read_fn read)
{
	const struct rxc_expr **items = RX_ARENA_ARRAY(&reader->set->arena, const struct rxc_expr *, json->count + 1u);

	if (!items)
		return no_memory(reader);
	for (uint32_t i = 0; i < json->count; i++) {
		items[i] = read(reader, &json->items[i]);
		if (!items[i])
			return NULL;
	}
	return items;
}

static bool is_constant(const struct rxc_expr *expr)
{
	return expr->kind <= RXC_UID || expr->flags & RXC_EXPR_CONST;
}

static const struct rxc_expr *read_set(struct reader *reader, const struct rxc_json *json, read_fn read)
{
	const struct rxc_expr **items;
	struct rxc_expr *expr;

	if (json->kind != RXC_JSON_ARRAY)
		return refuse(reader, json, "expected an array");
	items = read_items(reader, json, read);
	expr = items ? make(reader, RXC_SET) : NULL;
	if (!expr)
		return NULL;
	expr->items = items;
	expr->count = json->count;
	expr->flags = RXC_EXPR_CONST;
	for (uint32_t i = 0; i < expr->count; i++)
		if (!is_constant(items[i]))
			expr->flags = 0;
	return expr;
}

static bool is_last(const struct rxc_json *json, uint32_t at)
{
	for (uint32_t k = at + 1; json->duplicate && k < json->count; k++)
		if (rx_str_eq(json->members[k].key, json->members[at].key))
			return false;
	return true;
}

static const struct rxc_expr *read_record(struct reader *reader, const struct rxc_json *json, read_fn read)
{
	struct rxc_field *fields;
	struct rxc_expr *expr;
	uint32_t count = 0;
	bool constant = true;

	if (json->kind != RXC_JSON_OBJECT)
		return refuse(reader, json, "expected an object");
	if (json->duplicate & RXC_JSON_REPEATS)
		return refuse(reader, json, "the same key occurs two or more times in a record");
	fields = RX_ARENA_ARRAY(&reader->set->arena, struct rxc_field, json->count + 1u);
	expr = make(reader, RXC_RECORD);
	if (!fields || !expr)
		return no_memory(reader);
	for (uint32_t i = 0; i < json->count; i++) {
		if (!is_last(json, i))
			continue;
		fields[count].name = intern(reader, json->members[i].key);
		fields[count].value = fields[count].name ? read(reader, &json->members[i].value) : NULL;
		if (!fields[count].value)
			return NULL;
		constant &= is_constant(fields[count++].value);
	}
	expr->fields = fields;
	expr->count = count;
	expr->flags = constant ? RXC_EXPR_CONST : 0;
	return expr;
}

/* ---- values ------------------------------------------------------------------------------------------------------------ */

static const struct rxc_expr *read_value(struct reader *reader, const struct rxc_json *json);

static const struct rxc_expr *mark_value(const struct rxc_expr *expr)
{
	struct rxc_expr *own = (struct rxc_expr *)(uintptr_t)expr; /* made just now */

	if (own)
		own->flags |= RXC_EXPR_VALUE;
	return expr;
}

static const struct rxc_expr *read_extension(struct reader *reader, const struct rxc_json *json, const struct rxc_json *parts)
{
	const struct rxc_json *fn = rxc_json_get(parts, "fn"), *arg = rxc_json_get(parts, "arg"), *args = rxc_json_get(parts, "args");
	const struct rxc_json one = { .kind = RXC_JSON_ARRAY, .count = 1, .items = (struct rxc_json *)(uintptr_t)arg };
	struct rxc_expr *expr;

	if (!rxc_is_type_name(fn->text))
		return refuse(reader, json, "failed to parse escape `__extn`: `%.*s` is not a function name", CUT(fn->text));
	expr = make(reader, RXC_CALL);
	if (!expr)
		return NULL;
	expr->sub = (uint8_t)rxc_function_find(fn->text);
	expr->items = read_items(reader, arg ? &one : args, read_value);
	expr->count = arg ? 1 : args->count;
	expr->function = expr->items ? intern(reader, fn->text) : NULL;
	expr->flags = (uint8_t)(RXC_EXPR_VALUE | (arg ? 0 : RXC_EXPR_ESCAPED));
	return expr->function ? expr : NULL;
}

static const struct rxc_expr *read_object_value(struct reader *reader, const struct rxc_json *json)
{
	const struct rxc_json *inner = json->count == 1 ? &json->members[0].value : NULL;
	struct rexi_str key = inner ? json->members[0].key : RX_STR("");
	struct rexi_str type, id;
	struct rxc_expr *expr;

	if (rx_str_eq(key, RX_STR("__expr")) && inner->kind == RXC_JSON_STRING)
		return refuse(reader, json, "the `__expr` escape is no longer supported");
	if (rx_str_eq(key, RX_STR("__entity")) && rxc_json_type_and_id(inner, &type, &id)) {
		expr = make(reader, RXC_UID);
		if (expr)
			expr->uid = make_uid(reader, json, type, id);
		return expr && expr->uid ? expr : NULL;
	}
	if (rx_str_eq(key, RX_STR("__extn")) && rxc_json_is(rxc_json_get(inner, "fn"), RXC_JSON_STRING) &&
	    (rxc_json_get(inner, "arg") || rxc_json_is(rxc_json_get(inner, "args"), RXC_JSON_ARRAY)))
		return read_extension(reader, json, inner);
	return mark_value(read_record(reader, json, read_value));
}

static const struct rxc_expr *read_value(struct reader *reader, const struct rxc_json *json)
{
	struct rxc_expr *expr;

	if (json->numbers)
		return refuse(reader, json, "a number is no 64-bit integer");
	switch ((enum rxc_json_kind)json->kind) {
	case RXC_JSON_NULL:
		return refuse(reader, json, "found a `null`; JSON `null`s are not allowed in Cedar");
	case RXC_JSON_NUMBER:
		return refuse(reader, json, "`%.*s` is no 64-bit integer", CUT(json->text));
	case RXC_JSON_FALSE:
	case RXC_JSON_TRUE:
		expr = make(reader, RXC_BOOL);
		if (expr)
			expr->integer = json->kind == RXC_JSON_TRUE;
		return expr;
	case RXC_JSON_INTEGER:
		expr = make(reader, RXC_LONG);
		if (expr)
			expr->integer = json->integer;
		return expr;
	case RXC_JSON_STRING:
		if (json->text.len > reader->set->engine->limits.attribute_bytes)
			return refuse(reader, json, "a string is longer than %zu bytes", reader->set->engine->limits.attribute_bytes);
		expr = make(reader, RXC_STRING);
		if (expr)
			expr->text = json->text;
		return expr;
	case RXC_JSON_ARRAY:
		return mark_value(read_set(reader, json, read_value));
	case RXC_JSON_OBJECT:
		return read_object_value(reader, json);
	}
	rx_unreachable();
}

/* ---- expressions ------------------------------------------------------------------------------------------------------- */

static const struct rxc_expr *read_field(struct reader *reader, const struct rxc_json *json, const char *field)
{
	const struct rxc_json *inner = need(reader, json, field);

	return inner ? read_expr(reader, inner) : NULL;
}

static const struct rxc_expr *read_word(struct reader *reader, const struct rxc_json *json, enum rxc_expr_kind kind)
{
	static const char *const words[] = { "principal", "action", "resource", "context", "?principal", "?resource" };
	unsigned first = kind == RXC_VAR ? 0 : 4, last = kind == RXC_VAR ? 4 : 6;

	for (unsigned i = first; json->kind == RXC_JSON_STRING && i < last; i++) {
		struct rxc_expr *expr;

		if (!rx_str_eq(json->text, rx_str(words[i])))
			continue;
		if (kind == RXC_SLOT)
			return refuse(reader, json, "found template slot %s in a `%s` clause", words[i], reader->clause);
		expr = make(reader, kind);
		if (expr)
			expr->sub = (uint8_t)(i - first);
		return expr;
	}
	return refuse(reader, json, kind == RXC_VAR ? "expected one of `principal`, `action`, `resource`, `context`" : "unknown slot");
}

static const struct rxc_expr *read_unary(struct reader *reader, const struct rxc_json *json, enum rxc_expr_kind kind)
{
	const struct rxc_expr *left = known_fields(reader, json, "arg") ? read_field(reader, json, "arg") : NULL;
	struct rxc_expr *expr = left ? make(reader, kind) : NULL;

	if (expr)
		expr->left = left;
	return expr;
}

static const struct rxc_expr *read_binary(struct reader *reader, const struct rxc_json *json, enum rxc_expr_kind kind)
{
	const struct rxc_expr *left = known_fields(reader, json, "left right") ? read_field(reader, json, "left") : NULL;
	const struct rxc_expr *right = left ? read_field(reader, json, "right") : NULL, **items;
	struct rxc_expr *expr = right ? make(reader, kind) : NULL;
	uint32_t count;

	if (!expr)
		return NULL;
	if (kind != RXC_AND && kind != RXC_OR) {
		expr->left = left;
		expr->right = right;
		return expr;
	}
	count = left->kind == kind ? left->count : 1;
	items = RX_ARENA_ARRAY(&reader->set->arena, const struct rxc_expr *, count + 1u);
	if (!items)
		return no_memory(reader);
	if (left->kind == kind)
		memcpy(items, left->items, count * sizeof(*items));
	else
		items[0] = left;
	items[count] = right;
	expr->items = items;
	expr->count = count + 1;
	return expr;
}

static const struct rxc_expr *read_has_path(struct reader *reader, struct rxc_expr *expr, const struct rxc_json *attr)
{
	const struct rexi_cedar_name **names = RX_ARENA_ARRAY(&reader->set->arena, const struct rexi_cedar_name *, attr->count + 1u);

	if (!names)
		return no_memory(reader);
	if (!attr->count)
		return refuse(reader, attr, "`attr` of `has` must not be empty");
	for (uint32_t i = 0; i < attr->count; i++) {
		if (attr->items[i].kind != RXC_JSON_STRING)
			return refuse(reader, attr, "`attr` of `has` is a string or an array of strings");
		names[i] = intern(reader, attr->items[i].text);
		if (!names[i])
			return NULL;
	}
	if (attr->count == 1) {
		expr->name = names[0];
		expr->flags = RXC_EXPR_ESCAPED; /* printed as an array again */
		return expr;
	}
	expr->kind = RXC_HAS_PATH;
	expr->names = names;
	expr->count = attr->count;
	return expr;
}

static const struct rxc_expr *read_attribute(struct reader *reader, const struct rxc_json *json, enum rxc_expr_kind kind)
{
	/* `has` comes in two forms and is not strict about others */
	bool known = kind == RXC_HAS && json->kind == RXC_JSON_OBJECT ? true : known_fields(reader, json, "left attr");
	const struct rxc_expr *left = known ? read_field(reader, json, "left") : NULL;
	const struct rxc_json *attr = left ? need(reader, json, "attr") : NULL;
	struct rxc_expr *expr = attr ? make(reader, kind) : NULL;

	if (!expr)
		return NULL;
	expr->left = left;
	if (kind == RXC_HAS && attr->kind == RXC_JSON_ARRAY)
		return read_has_path(reader, expr, attr);
	if (attr->kind != RXC_JSON_STRING)
		return refuse(reader, attr, "field `attr`: expected a string");
	expr->name = intern(reader, attr->text);
	return expr->name ? expr : NULL;
}

static bool keep_json(struct reader *reader, struct rxc_pattern *pattern, const struct rxc_json *json)
{
	struct rx_buf buf;

	rx_buf_init(&buf, &reader->set->memory, 0);
	rxc_json_print(&buf, json);
	if (!buf.failed)
		pattern->json = rx_arena_copy(&reader->set->arena, rx_buf_view(&buf));
	rx_buf_fini(&buf);
	return pattern->json.ptr != NULL;
}

static const struct rxc_pattern *read_pattern(struct reader *reader, const struct rxc_json *json)
{
	struct rxc_pattern *pattern;
	size_t len = 0;
	char *text;

	if (!json)
		return NULL;
	if (json->kind != RXC_JSON_ARRAY)
		return refuse(reader, json, "a pattern is an array");
	for (uint32_t i = 0; i < json->count; i++) {
		const struct rxc_json *item = &json->items[i], *literal = rxc_json_get(item, "Literal");

		if (item->kind == RXC_JSON_STRING && rx_str_eq(item->text, RX_STR("Wildcard")))
			continue;
		if (item->kind != RXC_JSON_OBJECT || item->count != 1 || !rxc_json_is(literal, RXC_JSON_STRING))
			return refuse(reader, item, "an element of a pattern is \"Wildcard\" or {\"Literal\": string}");
		len += literal->text.len;
	}
	pattern = rx_arena_alloc(&reader->set->arena, 1, sizeof(*pattern) + (json->count + 1u) * sizeof(pattern->parts[0]));
	text = rx_arena_bytes(&reader->set->arena, len + 1);
	if (!pattern || !text)
		return no_memory(reader);
	len = 0;
	for (uint32_t i = 0; i < json->count; i++) {
		struct rxc_pattern_part *last = pattern->part_count ? &pattern->parts[pattern->part_count - 1] : NULL;
		const struct rxc_json *literal = rxc_json_get(&json->items[i], "Literal");

		if (!literal) {
			if (!last || !last->wildcards)
				last = &pattern->parts[pattern->part_count++];
			last->wildcards++;
			continue;
		}
		if (!literal->text.len)
			continue;
		memcpy(text + len, literal->text.ptr, literal->text.len);
		if (!last || last->wildcards) {
			last = &pattern->parts[pattern->part_count++];
			last->text.ptr = text + len;
		}
		last->text.len += literal->text.len;
		len += literal->text.len;
	}
	if (!keep_json(reader, pattern, json))
		return no_memory(reader);
	return pattern;
}

static const struct rxc_expr *read_like(struct reader *reader, const struct rxc_json *json)
{
	const struct rxc_expr *left = known_fields(reader, json, "left pattern") ? read_field(reader, json, "left") : NULL;
	const struct rxc_pattern *pattern = left ? read_pattern(reader, need(reader, json, "pattern")) : NULL;
	struct rxc_expr *expr = pattern ? make(reader, RXC_LIKE) : NULL;

	if (expr) {
		expr->left = left;
		expr->pattern = pattern;
	}
	return expr;
}

static const struct rxc_expr *read_is(struct reader *reader, const struct rxc_json *json)
{
	const struct rxc_expr *left = known_fields(reader, json, "left entity_type in") ? read_field(reader, json, "left") : NULL;
	const struct rexi_str *text = left ? need_string(reader, json, "entity_type") : NULL;
	const struct rexi_cedar_name *type = text ? read_type(reader, json, *text) : NULL;
	const struct rxc_json *in = rxc_json_get(json, "in");
	struct rxc_expr *expr = type ? make(reader, in && in->kind != RXC_JSON_NULL ? RXC_IS_IN : RXC_IS) : NULL;
	struct rxc_is_in *is_in;

	if (!expr)
		return NULL;
	expr->left = left;
	if (expr->kind == RXC_IS) {
		expr->name = type;
		return expr;
	}
	is_in = RX_ARENA_NEW(&reader->set->arena, struct rxc_is_in);
	if (!is_in)
		return no_memory(reader);
	is_in->type = type;
	is_in->in = read_expr(reader, in);
	expr->is_in = is_in;
	return is_in->in ? expr : NULL;
}

static const struct rxc_expr *read_if(struct reader *reader, const struct rxc_json *json)
{
	const struct rxc_expr **items = RX_ARENA_ARRAY(&reader->set->arena, const struct rxc_expr *, 3);
	static const char *const fields[] = { "if", "then", "else" };
	struct rxc_expr *expr;

	if (!items)
		return no_memory(reader);
	if (!known_fields(reader, json, "if then else"))
		return NULL;
	for (unsigned i = 0; i < 3; i++) {
		items[i] = read_field(reader, json, fields[i]);
		if (!items[i])
			return NULL;
	}
	expr = make(reader, RXC_IF);
	if (expr) {
		expr->items = items;
		expr->count = 3;
	}
	return expr;
}

static const struct rxc_expr *read_call(struct reader *reader, struct rexi_str name, const struct rxc_json *json)
{
	enum rxc_function function = rxc_function_find(name);
	struct rxc_expr *expr;

	if (function == RXC_FN_UNKNOWN)
		return refuse(reader, json, "unknown variant `%.*s`, expected one of `Value`, `Var`, ...", CUT(name));
	if (json->kind != RXC_JSON_ARRAY)
		return refuse(reader, json, "the arguments of `%.*s` are an array", CUT(name));
	expr = make(reader, RXC_CALL);
	if (!expr)
		return NULL;
	expr->sub = (uint8_t)function;
	expr->items = read_items(reader, json, read_expr);
	expr->count = json->count;
	return expr->items ? expr : NULL;
}

static const struct rxc_expr *read_expr(struct reader *reader, const struct rxc_json *json)
{
	static const char *const keys[] = {
#define KEY(name, text) text,
		RXC_EXPR_LIST(KEY)
#undef KEY
	};
	const struct rxc_json *inner;
	struct rexi_str key;
	unsigned kind;

	if (json->kind != RXC_JSON_OBJECT)
		return refuse(reader, json, "expected JSON object representing an expression");
	if (json->count == 0)
		return refuse(reader, json, "empty map is not a valid expression");
	if (json->count > 1)
		return refuse(reader, json, "JSON object representing an `Expr` should have only one key, but found two keys: `%.*s` and `%.*s`",
			      CUT(json->members[0].key), CUT(json->members[1].key));
	key = json->members[0].key;
	inner = &json->members[0].value;
	for (kind = 0; kind < RXC_CALL; kind++)
		if (rx_str_eq(key, rx_str(keys[kind])))
			break;
	switch ((enum rxc_expr_kind)kind) {
	case RXC_BOOL: case RXC_LONG: case RXC_STRING: case RXC_UID:
		return read_value(reader, inner);
	case RXC_VAR: case RXC_SLOT:
		return read_word(reader, inner, (enum rxc_expr_kind)kind);
	case RXC_NOT: case RXC_NEG: case RXC_IS_EMPTY:
		return read_unary(reader, inner, (enum rxc_expr_kind)kind);
	case RXC_AND: case RXC_OR: case RXC_EQ: case RXC_NE: case RXC_LT: case RXC_LE: case RXC_GT: case RXC_GE: case RXC_IN: case RXC_ADD:
	case RXC_SUB: case RXC_MUL: case RXC_CONTAINS: case RXC_CONTAINS_ALL: case RXC_CONTAINS_ANY: case RXC_GET_TAG: case RXC_HAS_TAG:
		return read_binary(reader, inner, (enum rxc_expr_kind)kind);
	case RXC_ATTR: case RXC_HAS: case RXC_HAS_PATH:
		return read_attribute(reader, inner, kind == RXC_ATTR ? RXC_ATTR : RXC_HAS);
	case RXC_LIKE: return read_like(reader, inner);
	case RXC_IS: case RXC_IS_IN: return read_is(reader, inner);
	case RXC_IF: return read_if(reader, inner);
	case RXC_SET: return read_set(reader, inner, read_expr);
	case RXC_RECORD: return read_record(reader, inner, read_expr);
	case RXC_CALL: return read_call(reader, key, inner);
	case RXC_EXPR_KINDS: break;
	}
	rx_unreachable();
}

/* ---- scopes ------------------------------------------------------------------------------------------------------------ */

/* {"entity": U} or {"slot": S}; an entity wins where both stand. */
static bool read_target(struct reader *reader, const struct rxc_json *json, const char *variable, struct rxc_scope *scope)
{
	const struct rxc_json *entity = rxc_json_get(json, "entity"), *slot = rxc_json_get(json, "slot");
	char wanted[16];
	bool escaped;

	if (entity) {
		scope->uid = read_uid(reader, entity, &escaped);
		scope->flags |= escaped ? RXC_SCOPE_ESCAPED : 0;
		return scope->uid != NULL;
	}
	(void)snprintf(wanted, sizeof(wanted), "?%s", variable);
	if (rxc_json_is(slot, RXC_JSON_STRING) && variable[0] != 'a') {
		if (rx_str_eq(slot->text, rx_str(wanted))) {
			scope->flags |= RXC_SCOPE_SLOT;
			return true;
		}
		refuse(reader, slot, "invalid slot name or slot used in wrong position");
		return false;
	}
	refuse(reader, json, "data did not match any variant of untagged enum EqConstraint");
	return false;
}

static bool check_action(struct reader *reader, const struct rxc_json *json, const struct rxc_uid *uid)
{
	if (uid->uid.type->flags & RXC_NAME_ACTION)
		return true;
	refuse(reader, json, "expected an entity uid with type `Action` but got `%.*s::\"%.*s\"`", CUT(uid->uid.type->text), CUT(uid->uid.id));
	return false;
}

static bool read_action_list(struct reader *reader, const struct rxc_json *json, struct rxc_scope *scope)
{
	const struct rxc_uid **uids = RX_ARENA_ARRAY(&reader->set->arena, const struct rxc_uid *, json->count + 1u);
	bool *escaped = RX_ARENA_ARRAY(&reader->set->arena, bool, json->count + 1u);

	if (!uids || !escaped)
		return no_memory(reader) != NULL;
	for (uint32_t i = 0; i < json->count; i++) {
		uids[i] = read_uid(reader, &json->items[i], &escaped[i]);
		if (!uids[i] || !check_action(reader, json, uids[i]))
			return false;
	}
	scope->escaped = escaped;
	scope->op = RXC_SCOPE_IN_SET;
	scope->uids = uids;
	scope->count = json->count;
	return true;
}

static bool read_is_scope(struct reader *reader, const struct rxc_json *json, const char *variable, struct rxc_scope *scope)
{
	const struct rxc_json *in = rxc_json_get(json, "in");
	const struct rexi_str *type;

	if (variable[0] == 'a') {
		refuse(reader, json, "`is` cannot appear in the action scope");
		return false;
	}
	if (!known_fields(reader, json, "op entity_type in"))
		return false;
	type = need_string(reader, json, "entity_type");
	scope->type = type ? read_type(reader, json, *type) : NULL;
	scope->op = in && in->kind != RXC_JSON_NULL ? RXC_SCOPE_IS_IN : RXC_SCOPE_IS;
	return scope->type && (scope->op == RXC_SCOPE_IS || read_target(reader, in, variable, scope));
}

static bool read_scope(struct reader *reader, const struct rxc_json *policy, const char *variable, struct rxc_scope *scope)
{
	static const char *const fields[] = { "op", "entity_type", "in" };
	const struct rxc_json *json = need(reader, policy, variable), *entities;
	const struct rexi_str *op;
	uint32_t count = 1;

	/* in a row: ["All"] and ["is", type, in] */
	if (rxc_json_is(json, RXC_JSON_ARRAY) && json->count && json->items[0].kind == RXC_JSON_STRING && rx_str_eq(json->items[0].text, RX_STR("is")))
		count = RX_COUNT(fields);
	json = json ? fields_of(reader, json, fields, count, count) : NULL;
	op = json ? need_string(reader, json, "op") : NULL;

	if (!op)
		return false;
	if (rx_str_eq(*op, RX_STR("All")) || rx_str_eq(*op, RX_STR("all"))) {
		scope->op = RXC_SCOPE_ANY;
		return true;
	}
	if (rx_str_eq(*op, RX_STR("is")))
		return read_is_scope(reader, json, variable, scope);
	if (!rx_str_eq(*op, RX_STR("==")) && !rx_str_eq(*op, RX_STR("in"))) {
		refuse(reader, json, "unknown variant `%.*s`, expected one of `All`, `all`, `==`, `in`, `is`", CUT(*op));
		return false;
	}
	scope->op = rx_str_eq(*op, RX_STR("in")) ? RXC_SCOPE_IN : RXC_SCOPE_EQ;
	entities = rxc_json_get(json, "entities");
	if (scope->op == RXC_SCOPE_IN && variable[0] == 'a' && !rxc_json_get(json, "entity") && rxc_json_is(entities, RXC_JSON_ARRAY))
		return read_action_list(reader, entities, scope);
	return read_target(reader, json, variable, scope) && (variable[0] != 'a' || check_action(reader, json, scope->uid));
}

/* ---- policies ---------------------------------------------------------------------------------------------------------- */

static bool read_annotations(struct reader *reader, const struct rxc_json *json, struct rxc_template *body)
{
	struct rxc_annotation *annotations;

	if (!json)
		return true;
	if (json->kind != RXC_JSON_OBJECT || json->count > UINT16_MAX) {
		refuse(reader, json, "annotations are an object");
		return false;
	}
	annotations = RX_ARENA_ARRAY(&reader->set->arena, struct rxc_annotation, json->count + 1u);
	if (!annotations)
		return no_memory(reader) != NULL;
	for (uint32_t i = 0; i < json->count; i++) {
		const struct rxc_json_member *member = &json->members[i];
		struct rxc_annotation *annotation = &annotations[body->annotation_count];

		if (!is_last(json, i))
			continue;
		if (!rxc_is_identifier(member->key)) {
			refuse(reader, &member->value, "invalid id `%.*s`", CUT(member->key));
			return false;
		}
		if (member->value.kind != RXC_JSON_STRING && member->value.kind != RXC_JSON_NULL) {
			refuse(reader, &member->value, "an annotation is a string or null");
			return false;
		}
		annotation->key = intern(reader, member->key);
		annotation->has_value = member->value.kind == RXC_JSON_STRING;
		annotation->value = annotation->has_value ? member->value.text : RX_STR("");
		if (!annotation->key)
			return false;
		body->annotation_count++;
	}
	body->annotations = annotations;
	return true;
}

static bool read_conditions(struct reader *reader, const struct rxc_json *json, struct rxc_template *body)
{
	struct rxc_condition *conditions;

	if (!json)
		return false;
	if (json->kind != RXC_JSON_ARRAY) {
		refuse(reader, json, "conditions are an array");
		return false;
	}
	conditions = RX_ARENA_ARRAY(&reader->set->arena, struct rxc_condition, json->count + 1u);
	if (!conditions)
		return no_memory(reader) != NULL;
	for (uint32_t i = 0; i < json->count; i++) {
		static const char *const fields[] = { "kind", "body" };
		const struct rxc_json *item = fields_of(reader, &json->items[i], fields, RX_COUNT(fields), RX_COUNT(fields));
		const struct rexi_str *kind = item && known_fields(reader, item, "kind body") ? need_string(reader, item, "kind") : NULL;

		if (!kind)
			return false;
		conditions[i].unless = rx_str_eq(*kind, RX_STR("unless"));
		if (!conditions[i].unless && !rx_str_eq(*kind, RX_STR("when"))) {
			refuse(reader, item, "unknown variant `%.*s`, expected `when` or `unless`", CUT(*kind));
			return false;
		}
		reader->clause = conditions[i].unless ? "unless" : "when";
		conditions[i].body = read_field(reader, item, "body");
		if (!conditions[i].body)
			return false;
	}
	body->conditions = conditions;
	body->condition_count = json->count;
	return true;
}

static struct rxc_template *read_policy(struct reader *reader, const struct rxc_json *json, struct rexi_str id)
{
	static const char *const fields[] = { "effect", "principal", "action", "resource", "conditions", "annotations" };
	struct rxc_template *body = RX_ARENA_NEW(&reader->set->arena, struct rxc_template);
	const struct rexi_str *effect;

	if (!body)
		return no_memory(reader);
	json = fields_of(reader, json, fields, RX_COUNT(fields) - 1, RX_COUNT(fields));
	if (!json)
		return NULL;
	if (!known_fields(reader, json, "effect principal action resource conditions annotations"))
		return NULL;
	effect = need_string(reader, json, "effect");
	if (!effect)
		return NULL;
	body->forbid = rx_str_eq(*effect, RX_STR("forbid"));
	if (!body->forbid && !rx_str_eq(*effect, RX_STR("permit")))
		return refuse(reader, json, "unknown variant `%.*s`, expected `permit` or `forbid`", CUT(*effect));
	if (!read_scope(reader, json, "principal", &body->principal) || !read_scope(reader, json, "action", &body->action) ||
	    !read_scope(reader, json, "resource", &body->resource) || !read_conditions(reader, need(reader, json, "conditions"), body) ||
	    !read_annotations(reader, rxc_json_get(json, "annotations"), body))
		return NULL;
	body->slots = (uint8_t)((body->principal.flags & RXC_SCOPE_SLOT ? 1 << RXC_SLOT_PRINCIPAL : 0) |
				(body->resource.flags & RXC_SCOPE_SLOT ? 1 << RXC_SLOT_RESOURCE : 0));
	body->id = rx_arena_copy(&reader->set->arena, id);
	return body->id.ptr ? body : no_memory(reader);
}

static bool add_policy(struct reader *reader, const struct rxc_json *json, struct rexi_str id, const char *where)
{
	struct rxc_template *body = read_policy(reader, json, id);
	struct rexi_error err;

	if (!body)
		return false;
	if (where && where[0] == 's' && body->slots) {
		refuse(reader, json, "expected a static policy, got a template containing a slot");
		return false;
	}
	body->is_template = body->slots || (where && where[0] == 't'); /* there although it may have no slots */
	if (rxc_set_add(reader->set, body, &err) == REXI_OK)
		return true;
	if (reader->err)
		*reader->err = err;
	return false;
}

static bool read_link(struct reader *reader, const struct rxc_json *json)
{
	const struct rexi_str *template_id, *new_id;
	const struct rxc_json *values;
	struct rexi_cedar_binding bindings[2];
	struct rexi_cedar_name types[2];
	char slots[2][16];
	size_t count = 0;
	bool escaped;

	if (!known_fields(reader, json, "templateId newId values"))
		return false;
	template_id = need_string(reader, json, "templateId");
	new_id = template_id ? need_string(reader, json, "newId") : NULL;
	values = new_id ? need(reader, json, "values") : NULL;
	if (!values)
		return false;
	if (values->kind != RXC_JSON_OBJECT || values->count > 2) {
		refuse(reader, values, "the values of a link are an object of at most two slots");
		return false;
	}
	for (; count < values->count; count++) {
		const struct rxc_json_member *member = &values->members[count];
		const struct rxc_uid *uid = read_uid(reader, &member->value, &escaped);

		if (!uid)
			return false;
		if (member->key.len >= sizeof(slots[0])) {
			refuse(reader, values, "`%.*s` is no slot", CUT(member->key));
			return false;
		}
		memcpy(slots[count], member->key.ptr, member->key.len);
		slots[count][member->key.len] = '\0';
		types[count] = *uid->uid.type;
		bindings[count] = (struct rexi_cedar_binding){ slots[count], uid->uid };
		bindings[count].uid.type = &types[count];
	}
	return rexi_cedar_policies_link(reader->set, *template_id, *new_id, bindings, count, NULL, reader->err) == REXI_OK;
}

static bool read_group(struct reader *reader, const struct rxc_json *json, const char *field)
{
	const struct rxc_json *group = need(reader, json, field);

	if (!group)
		return false;
	if (group->kind != RXC_JSON_OBJECT) {
		refuse(reader, group, "`%s` is an object", field);
		return false;
	}
	for (uint32_t i = 0; i < group->count; i++)
		if (!add_policy(reader, &group->members[i].value, group->members[i].key, field))
			return false;
	return true;
}

static bool read_document(struct reader *reader, struct rxc_json *json, struct rexi_str id)
{
	const struct rxc_json *links;

	if (json->kind == RXC_JSON_OBJECT && rxc_json_get(json, "effect")) {
		if (!rxc_json_last_wins(json, &reader->set->memory))
			return no_memory(reader) != NULL;
		return add_policy(reader, json, id, NULL);
	}
	if (!known_fields(reader, json, "templates staticPolicies templateLinks"))
		return false;
	if (rxc_json_repeats(json)) {
		refuse(reader, json, "the same key occurs two or more times in the same JSON object");
		return false;
	}
	links = need(reader, json, "templateLinks");
	if (!links || !read_group(reader, json, "templates") || !read_group(reader, json, "staticPolicies"))
		return false;
	if (links->kind != RXC_JSON_ARRAY) {
		refuse(reader, links, "`templateLinks` is an array");
		return false;
	}
	for (uint32_t i = 0; i < links->count; i++)
		if (!read_link(reader, &links->items[i]))
			return false;
	return true;
}

enum rexi_status rexi_cedar_policies_add_json(struct rexi_cedar_policies *policies, struct rexi_str id, struct rexi_str json, struct rexi_error *err)
{
	enum { LEVELS_PER_NODE = 3 }; /* {"&&": {"left": ... */
	struct rxc_set_mark mark = rxc_set_mark(policies);
	struct reader reader = { .set = policies, .err = err };
	struct rexi_error own;
	struct rxc_json document;
	struct rx_arena tree;
	enum rexi_status status;
	struct rexi_str text;

	if (!err)
		reader.err = &own;
	policies->error_count = 0;
	if (json.len > policies->engine->limits.source_bytes)
		return rx_fail(err, REXI_LIMIT, RX_NO_SPAN, "the text has %zu bytes, the limit is %zu", json.len, policies->engine->limits.source_bytes);
	text = rx_arena_copy(&policies->arena, json);
	if (!text.ptr)
		return rx_fail_memory(err);
	rx_arena_init(&tree, &policies->memory);
	status = rxc_json_parse_into(&tree, &policies->arena, text, policies->engine->limits.nesting * LEVELS_PER_NODE, &document, reader.err);
	if (status == REXI_OK && !read_document(&reader, &document, id))
		status = reader.err->status;
	rx_arena_fini(&tree);
	if (status != REXI_OK)
		rxc_set_rollback(policies, mark);
	rxc_set_changed(policies);
	return status;
}
