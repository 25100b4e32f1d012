#include <config.h>

#include "cedar/value_json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cedar/conform.h"

#include "base/banned.h"

enum { MOST_WHERE = 220 };

/* The start of a message. Made when there is one: most values are good. */
static const char *where(const struct rxc_value_reader *reader, char out[MOST_WHERE])
{
	struct rexi_str type, id;

	if (reader->where)
		return reader->where;
	type = rx_str_sub(reader->entity->type->text, 0, 50);
	id = rx_str_sub(reader->entity->id, 0, 50);
	if (reader->field)
		(void)snprintf(out, MOST_WHERE, "error during entity deserialization: in %s `%.*s` on `%.*s::\"%.*s\"`", reader->field,
			       RX_STR_ARG(rx_str_sub(reader->field_name, 0, 50)), RX_STR_ARG(type), RX_STR_ARG(id));
	else
		(void)snprintf(out, MOST_WHERE, "error during entity deserialization: in parents field of `%.*s::\"%.*s\"`", RX_STR_ARG(type), RX_STR_ARG(id));
	return out;
}

RX_COLD RX_PRINTF(4, 5) static enum rexi_status refuse(struct rxc_value_reader *reader, const struct rxc_json *json, const char *kind,
						       const char *format, ...)
{
	char text[200], start[MOST_WHERE];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	reader->kind = kind;
	return rx_fail(reader->err, REXI_INVALID, json->span, "%s, %s", where(reader, start), text);
}

static enum rexi_status no_memory(struct rxc_value_reader *reader)
{
	return rx_fail_memory(reader->err);
}

/* The JSON text in a message, cut. */
static struct rexi_str shown(struct rxc_value_reader *reader, const struct rxc_json *json)
{
	rx_buf_clear(&reader->message);
	rxc_json_print(&reader->message, json);
	return rx_str_sub(rx_buf_view(&reader->message), 0, 100);
}

bool rxc_json_repeats(const struct rxc_json *json)
{
	return json->duplicate != 0;
}

/* The value of the only key of an object, NULL when it is another one or there are more. */
static const struct rxc_json *only(const struct rxc_json *json, const char *key)
{
	return rxc_json_is(json, RXC_JSON_OBJECT) && json->count == 1 && rx_str_eq(json->members[0].key, rx_str(key))
		       ? &json->members[0].value : NULL;
}

/* ---- references ------------------------------------------------------------------------------------------------------ */

/* {"type", "id"}, as nearly all are written. */
static bool is_plain_uid(const struct rxc_json *json)
{
	return rxc_json_is(json, RXC_JSON_OBJECT) && json->count == 2 && rx_str_same(json->members[0].key, RX_STR("type")) &&
	       rx_str_same(json->members[1].key, RX_STR("id"));
}

bool rxc_json_type_and_id(const struct rxc_json *json, struct rexi_str *type, struct rexi_str *id)
{
	bool plain = is_plain_uid(json);
	const struct rxc_json *t = plain ? &json->members[0].value : rxc_json_get(json, "type");
	const struct rxc_json *i = plain ? &json->members[1].value : rxc_json_get(json, "id");
	if (!rxc_json_is(t, RXC_JSON_STRING) || !rxc_json_is(i, RXC_JSON_STRING))
		return false;
	*type = t->text;
	*id = i->text;
	return true;
}

/* The same, or [type, id]: where a reference must stand, the reference's reader takes its fields in a row, too. */
static bool uid_parts(const struct rxc_json *json, struct rexi_str *type, struct rexi_str *id)
{
	if (!rxc_json_is(json, RXC_JSON_ARRAY))
		return rxc_json_type_and_id(json, type, id);
	if (json->count != 2 || json->items[0].kind != RXC_JSON_STRING || json->items[1].kind != RXC_JSON_STRING)
		return false;
	*type = json->items[0].text;
	*id = json->items[1].text;
	return true;
}

bool rxc_json_uid(const struct rxc_json *json, struct rexi_str *type, struct rexi_str *id, bool *escaped_out)
{
	bool escaped = !is_plain_uid(json) && uid_parts(rxc_json_get(json, "__entity"), type, id);

	if (escaped_out)
		*escaped_out = escaped;
	return escaped || uid_parts(json, type, id);
}

static const struct rexi_cedar_name **recent_name(struct rxc_value_reader *reader, struct rexi_str key)
{
	size_t at = key.len ? key.len * 5 + (unsigned char)key.ptr[0] + (size_t)(unsigned char)key.ptr[key.len - 1] * 3 : 0;

	return &reader->recent[at % RXC_RECENT_NAMES];
}

const struct rexi_cedar_name *rxc_read_name(struct rxc_value_reader *reader, struct rexi_str key)
{
	const struct rexi_cedar_name **recent = recent_name(reader, key);

	if (!*recent || !rx_str_same((*recent)->text, key))
		*recent = rxc_names_intern(&reader->store->names, key, true);
	return *recent;
}

/* The type of the uid before, most of the time. */
static bool is_known_type(const struct rxc_value_reader *reader, struct rexi_str type)
{
	return reader->last_type && rx_str_same(reader->last_type->text, type);
}

static enum rexi_status make_uid(struct rxc_value_reader *reader, const struct rxc_json *json, struct rexi_str type, struct rexi_str id,
				 const struct rexi_cedar_uid **out)
{
	struct rexi_cedar_name *name;
	struct rexi_cedar_uid *uid;

	if (!is_known_type(reader, type) && !rxc_is_type_name(type))
		return refuse(reader, json, "parse-escape", "failed to parse escape `__entity`: %.*s, errors: `%.*s` is not a normalised type name",
			      RX_STR_ARG(shown(reader, json)), RX_STR_ARG(rx_str_sub(type, 0, 60)));
	if (id.len > reader->engine->limits.attribute_bytes || type.len > reader->engine->limits.attribute_bytes)
		return rx_fail(reader->err, REXI_LIMIT, json->span, "a string has more than %zu bytes", reader->engine->limits.attribute_bytes);
	if (reader->store) {
		const struct rexi_cedar_name *interned = rxc_read_name(reader, type);
		const struct rxc_uid *stored = interned ? rxc_names_uid(&reader->store->names, interned, id, false) : NULL;

		reader->last_type = interned;
		*out = stored ? &stored->uid : NULL;
		return stored ? REXI_OK : no_memory(reader);
	}
	name = rx_arena_bytes(reader->arena, sizeof(*name));
	uid = rx_arena_bytes(reader->arena, sizeof(*uid));
	if (!name || !uid)
		return no_memory(reader);
	rexi_cedar_attribute_init(reader->engine, name, type);
	rexi_cedar_uid_init(reader->engine, uid, name, id);
	*out = uid;
	return REXI_OK;
}

static bool repeats_key(const struct rxc_json *json, const char *key)
{
	unsigned seen = 0;

	for (uint32_t i = 0; json->kind == RXC_JSON_OBJECT && i < json->count; i++)
		seen += rx_str_eq(json->members[i].key, rx_str(key));
	return seen > 1;
}

/* References in entities are read field by field: in the form that is taken none of them may be repeated, others may. */
static bool distinct_uid(const struct rxc_json *json, struct rexi_str *type, struct rexi_str *id)
{
	const struct rxc_json *inner = rxc_json_get(json, "__entity");

	if (inner && !repeats_key(json, "__entity") && !repeats_key(inner, "type") && !repeats_key(inner, "id") && uid_parts(inner, type, id))
		return true;
	return !repeats_key(json, "type") && !repeats_key(json, "id") && uid_parts(json, type, id);
}

enum rexi_status rxc_read_uid(struct rxc_value_reader *reader, const struct rxc_json *json, const struct rexi_cedar_uid **uid_out)
{
	struct rexi_str type, id;

	if (!is_plain_uid(json) && rxc_json_is(rxc_json_get(json, "__expr"), RXC_JSON_STRING))
		return refuse(reader, json, "expr-tag", "the `__expr` escape is no longer supported");
	if (!(reader->store && json->duplicate ? distinct_uid(json, &type, &id) : rxc_json_uid(json, &type, &id, NULL)))
		return refuse(reader, json, "expected-literal-entity-ref", "expected a literal entity reference, but got `%.*s`",
			      RX_STR_ARG(shown(reader, json)));
	return make_uid(reader, json, type, id, uid_out);
}

static enum rexi_status uid_value(struct rxc_value_reader *reader, const struct rexi_cedar_uid *uid, struct rexi_cedar_value *out)
{
	*out = reader->store ? rxc_value_stored(RX_CONTAINER_OF((uintptr_t)uid, const struct rxc_uid, uid)) : rxc_value_uid(uid);
	return REXI_OK;
}

/* ---- extension calls --------------------------------------------------------------------------------------------------- */

static enum rexi_status call(struct rxc_value_reader *reader, const struct rxc_json *json, struct rexi_str function,
			     struct rexi_cedar_value *args, uint32_t count, struct rexi_cedar_value *out)
{
	struct rexi_cedar_name name = { .text = function };
	char start[MOST_WHERE];
	struct rxc_eval eval = { .engine = reader->engine, .arena = reader->arena, .message = &reader->message };

	if (!rxc_eval_call(&eval, rxc_function_find(function), &name, args, count)) {
		if (eval.status != REXI_OK)
			return no_memory(reader);
		if (!reader->call_failed &&
		    rx_fail(&reader->call_error, REXI_INVALID, json->span, "%s, failed to evaluate: %.*s", where(reader, start),
			    RX_STR_ARG(rx_str_sub(rx_buf_view(&reader->message), 0, eval.message_len))) != REXI_OK)
			reader->call_failed = true;
		*out = rxc_value_bool(false); /* never seen: the whole is refused */
		return REXI_OK;
	}
	*out = args[0];
	return REXI_OK;
}

enum rexi_status rxc_read_end(struct rxc_value_reader *reader)
{
	if (!reader->call_failed)
		return REXI_OK;
	reader->kind = reader->evaluation;
	if (reader->err)
		*reader->err = reader->call_error;
	return REXI_INVALID;
}

/* {"fn":s,"arg":v} or {"fn":s,"args":[v...]}: *args_out has one item or several. */
static bool function_parts(const struct rxc_json *json, struct rexi_str *function, const struct rxc_json **args_out, uint32_t *count_out)
{
	const struct rxc_json *fn = rxc_json_get(json, "fn"), *arg = rxc_json_get(json, "arg"), *args = rxc_json_get(json, "args");

	if (!rxc_json_is(fn, RXC_JSON_STRING) || (!arg && !rxc_json_is(args, RXC_JSON_ARRAY)))
		return false;
	*function = fn->text;
	*args_out = arg ? arg : args->items;
	*count_out = arg ? 1 : args->count;
	return true;
}

static const struct rxc_type *parameter_type(char letter)
{
	switch (letter) {
	case 'b': return &rxc_type_bool;
	case 'l': return &rxc_type_long;
	case 'd': return &rxc_type_extensions[RXC_TYPE_DECIMAL];
	case 'i': return &rxc_type_extensions[RXC_TYPE_IPADDR];
	case 't': return &rxc_type_extensions[RXC_TYPE_DATETIME];
	case 'u': return &rxc_type_extensions[RXC_TYPE_DURATION];
	default: return &rxc_type_string;
	}
}

/* guided: arguments are read by the types of the parameters, and their number and the function are checked first. */
static enum rexi_status read_call(struct rxc_value_reader *reader, const struct rxc_json *json, struct rexi_str function,
				  const struct rxc_json *args, uint32_t count, bool guided, struct rexi_cedar_value *out)
{
	enum rxc_function which = rxc_function_find(function);
	struct rexi_cedar_value *values = RX_ARENA_ARRAY(reader->arena, struct rexi_cedar_value, count + 1);

	if (!values)
		return no_memory(reader);
	if (!rxc_is_type_name(function))
		return refuse(reader, json, "parse-escape", "failed to parse escape `__extn`: `%.*s` is not a function name",
			      RX_STR_ARG(rx_str_sub(function, 0, 60)));
	if (guided && which == RXC_FN_UNKNOWN)
		return refuse(reader, json, "failed-extension-function-lookup", "extension function `%.*s` does not exist",
			      RX_STR_ARG(rx_str_sub(function, 0, 60)));
	if (guided && count != rxc_functions[which].arg_count)
		return refuse(reader, json, "incorrect-num-of-arguments", "expected %u arguments for function %.*s but %u arguments are provided",
			      (unsigned)rxc_functions[which].arg_count, RX_STR_ARG(function), (unsigned)count);
	for (uint32_t i = 0; i < count; i++)
		RX_TRY(rxc_read_value(reader, &args[i], guided ? parameter_type(rxc_functions[which].params[i]) : NULL, &values[i]));
	return call(reader, json, function, values, count, out);
}

/* ---- sets and records -------------------------------------------------------------------------------------------------- */

static enum rexi_status read_set(struct rxc_value_reader *reader, const struct rxc_json *json, const struct rxc_type *element,
				 struct rexi_cedar_value *out)
{
	enum { SMALL = 8 };
	struct rexi_cedar_value small[SMALL], *items = small;
	const struct rexi_cedar_set *set;

	if (json->count > SMALL)
		items = RX_ARENA_ARRAY(reader->scratch ? reader->scratch : reader->arena, struct rexi_cedar_value, json->count);
	if (!items)
		return no_memory(reader);
	for (uint32_t i = 0; i < json->count; i++)
		RX_TRY(rxc_read_value(reader, &json->items[i], element, &items[i]));
	set = rxc_set_make(reader->arena, items, json->count);
	if (!set)
		return no_memory(reader);
	*out = (struct rexi_cedar_value){ .kind = REXI_CEDAR_SET, .as.set = set };
	return REXI_OK;
}

static bool slot_name(struct rxc_value_reader *reader, struct rexi_str key, struct rxc_slotted *slot)
{
	if (reader->store) {
		const struct rexi_cedar_name *name = rxc_read_name(reader, key);

		if (!name)
			return false;
		*slot = (struct rxc_slotted){ name->text.ptr, (uint32_t)name->text.len, (uint32_t)name->hash, { 0 } };
		return true;
	}
	*slot = (struct rxc_slotted){ key.ptr, (uint32_t)key.len, (uint32_t)rxc_name_hash(key, reader->engine->seed), { 0 } };
	return true;
}

static int by_key(const void *a, const void *b)
{
	const struct rxc_json_member *x = a, *y = b;
	int order = rx_str_cmp(x->key, y->key);

	/* a repeated key stays in the order written */
	return order ? order : (x->span.start > y->span.start) - (x->span.start < y->span.start);
}

void rxc_json_sort(const struct rxc_json *object)
{
	enum { FEW = 16 };

	for (uint32_t i = 1; i < object->count; i++) {
		struct rxc_json_member member;
		uint32_t at = i;

		if (by_key(&object->members[i - 1], &object->members[i]) < 0)
			continue;
		if (object->count > FEW) {
			qsort(object->members, object->count, sizeof(*object->members), by_key);
			return;
		}
		member = object->members[i];
		do
			object->members[at] = object->members[at - 1];
		while (--at > 0 && by_key(&object->members[at - 1], &member) > 0);
		object->members[at] = member;
	}
}

static enum rexi_status read_member(struct rxc_value_reader *reader, const struct rxc_json_member *member, const struct rxc_type *type,
				    struct rexi_cedar_record *record)
{
	if (!slot_name(reader, member->key, &record->fields[record->count]))
		return no_memory(reader);
	RX_TRY(rxc_read_value(reader, &member->value, type, &record->fields[record->count].value));
	record->count++;
	return REXI_OK;
}

/* The last of several members of the same key; object is sorted. */
static const struct rxc_json_member *last_of(const struct rxc_json *object, uint32_t *at)
{
	while (*at + 1 < object->count && object->duplicate && rx_str_eq(object->members[*at].key, object->members[*at + 1].key))
		++*at;
	return &object->members[*at];
}

/* Errors come in the order of keys: of what the type declares, each read or found missing; then of the rest. With `type` a
 * closed record: what is not declared is an error. */
static enum rexi_status read_record(struct rxc_value_reader *reader, const struct rxc_json *json, const struct rxc_type *type,
				    struct rexi_cedar_value *out)
{
	struct rexi_cedar_record *record = rx_arena_bytes(reader->arena, sizeof(*record) + json->count * sizeof(record->fields[0]));
	const struct rxc_json_member *member;
	uint32_t at = 0, read;

	if (!record)
		return no_memory(reader);
	*record = (struct rexi_cedar_record){ .count = 0 };
	rxc_json_sort(json);
	for (uint32_t i = 0; type && i < type->count; i++) {
		while (at < json->count && rx_str_cmp(json->members[at].key, type->attrs[i].name) < 0)
			at++;
		if (at < json->count && rx_str_eq(json->members[at].key, type->attrs[i].name)) {
			member = last_of(json, &at);
			RX_TRY(read_member(reader, member, type->attrs[i].type, record));
		} else if (type->attrs[i].required) {
			return refuse(reader, json, "missing-required-record-attr", "expected the record to have an attribute `%.*s`, but it does not",
				      RX_STR_ARG(rx_str_sub(type->attrs[i].name, 0, 60)));
		}
	}
	read = record->count;
	for (at = 0; at < json->count; at++) {
		member = last_of(json, &at);
		if (type && rxc_type_attr(type, member->key))
			continue;
		if (type && !type->open)
			return refuse(reader, &member->value, "unexpected-record-attr",
				      "record attribute `%.*s` should not exist according to the schema", RX_STR_ARG(rx_str_sub(member->key, 0, 60)));
		RX_TRY(read_member(reader, member, NULL, record));
	}
	if (read && record->count > read)
		rxc_fields_sort(record->fields, record->count, NULL);
	*out = (struct rexi_cedar_value){ .kind = REXI_CEDAR_RECORD, .as.record = record };
	return REXI_OK;
}

/* ---- values -------------------------------------------------------------------------------------------------------------- */

static enum rexi_status read_object(struct rxc_value_reader *reader, const struct rxc_json *json, struct rexi_cedar_value *out)
{
	const struct rexi_cedar_uid *uid;
	const struct rxc_json *inner, *args;
	struct rexi_str type, id;
	uint32_t count;

	inner = only(json, "__expr");
	if (rxc_json_is(inner, RXC_JSON_STRING))
		return refuse(reader, json, "expr-tag", "the `__expr` escape is no longer supported");
	inner = only(json, "__entity");
	if (inner && rxc_json_type_and_id(inner, &type, &id)) {
		RX_TRY(make_uid(reader, json, type, id, &uid));
		return uid_value(reader, uid, out);
	}
	inner = only(json, "__extn");
	if (inner && function_parts(inner, &type, &args, &count))
		return read_call(reader, json, type, args, count, false, out);
	return read_record(reader, json, NULL, out);
}

/* Such numbers are refused wherever they stand in a value, also where nothing looks at them. */
static enum rexi_status not_integer(struct rxc_value_reader *reader, const struct rxc_json *json)
{
	return refuse(reader, json, "json", "data did not match any variant of untagged enum RawCedarValueJson: `%.*s` is no 64-bit integer",
		      RX_STR_ARG(shown(reader, json)));
}

static enum rexi_status read_plain(struct rxc_value_reader *reader, const struct rxc_json *json, struct rexi_cedar_value *out)
{
	switch ((enum rxc_json_kind)json->kind) {
	case RXC_JSON_NULL:
		return refuse(reader, json, "null", "found a `null`; JSON `null`s are not allowed in Cedar");
	case RXC_JSON_FALSE:
	case RXC_JSON_TRUE:
		*out = rxc_value_bool(json->kind == RXC_JSON_TRUE);
		return REXI_OK;
	case RXC_JSON_INTEGER:
		*out = rxc_value_long(json->integer);
		return REXI_OK;
	case RXC_JSON_NUMBER:
		return not_integer(reader, json);
	case RXC_JSON_STRING:
		if (json->text.len > reader->engine->limits.attribute_bytes)
			return rx_fail(reader->err, REXI_LIMIT, json->span, "a string has %zu bytes, the limit is %zu", json->text.len,
				       reader->engine->limits.attribute_bytes);
		*out = rxc_value_string(json->text);
		return REXI_OK;
	case RXC_JSON_ARRAY:
		return json->numbers ? not_integer(reader, json) : read_set(reader, json, NULL, out);
	case RXC_JSON_OBJECT:
		return json->numbers ? not_integer(reader, json) : read_object(reader, json, out);
	}
	rx_unreachable();
}

/* The type's own constructor is applied to anything that is no explicit call. */
static enum rexi_status read_extension(struct rxc_value_reader *reader, const struct rxc_json *json, const struct rxc_type *type,
				       struct rexi_cedar_value *out)
{
	static const char *const constructors[] = {
		[RXC_TYPE_IPADDR] = "ip", [RXC_TYPE_DECIMAL] = "decimal", [RXC_TYPE_DATETIME] = "datetime", [RXC_TYPE_DURATION] = "duration",
	};
	const struct rxc_json *args;
	struct rexi_cedar_value argument;
	struct rexi_str function;
	uint32_t count;

	if (rxc_json_is(rxc_json_get(json, "__expr"), RXC_JSON_STRING))
		return refuse(reader, json, "expr-tag", "the `__expr` escape is no longer supported");
	if (function_parts(rxc_json_get(json, "__extn"), &function, &args, &count) || function_parts(json, &function, &args, &count))
		return read_call(reader, json, function, args, count, true, out);
	RX_TRY(read_plain(reader, json, &argument));
	return call(reader, json, rx_str(constructors[type->ext]), &argument, 1, out);
}

static enum rexi_status mismatch(struct rxc_value_reader *reader, const struct rxc_json *json, const struct rxc_type *type)
{
	struct rexi_cedar_value actual;
	size_t split;

	RX_TRY(read_plain(reader, json, &actual)); /* what is wrong with the value itself comes first */
	rx_buf_clear(&reader->message);
	rxc_conform_print_type(&reader->message, reader->schema, type);
	split = reader->message.len;
	rxc_value_type_name(&reader->message, &actual);
	return refuse(reader, json, "type-mismatch", "type mismatch: value was expected to have type %.*s, but it actually has type %.*s",
		      RX_STR_ARG(rx_str_sub(rx_buf_view(&reader->message), 0, split)),
		      RX_STR_ARG(rx_str_sub(rx_buf_view(&reader->message), split, SIZE_MAX)));
}

enum rexi_status rxc_read_value(struct rxc_value_reader *reader, const struct rxc_json *json, const struct rxc_type *type,
				struct rexi_cedar_value *out)
{
	const struct rexi_cedar_uid *uid;

	if (!type)
		return read_plain(reader, json, out);
	switch ((enum rxc_type_kind)type->kind) {
	case RXC_TYPE_ENTITY:
	case RXC_TYPE_ANY_ENTITY:
		RX_TRY(rxc_read_uid(reader, json, &uid));
		return uid_value(reader, uid, out);
	case RXC_TYPE_EXTENSION:
		return read_extension(reader, json, type, out);
	case RXC_TYPE_SET:
		return json->kind == RXC_JSON_ARRAY ? read_set(reader, json, type->element, out) : mismatch(reader, json, type);
	case RXC_TYPE_RECORD:
		return json->kind == RXC_JSON_OBJECT ? read_record(reader, json, type, out) : mismatch(reader, json, type);
	case RXC_TYPE_NEVER:
	case RXC_TYPE_TRUE:
	case RXC_TYPE_FALSE:
	case RXC_TYPE_BOOL:
	case RXC_TYPE_LONG:
	case RXC_TYPE_STRING:
		return read_plain(reader, json, out);
	}
	rx_unreachable();
}
