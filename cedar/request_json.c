/* Requests, contexts and lone uids from text. */
#include <config.h>

#include "cedar/request.h"

#include "cedar/conform.h"
#include "cedar/value_json.h"

#include "base/banned.h"

enum { MOST_NESTING = 128 };

/* ---- uids in Cedar syntax ---------------------------------------------------------------------------------------------- */

/* As the reference: only the text that the uid prints as. */
static enum rexi_status check_normal(struct rexi_cedar_policies *set, const struct rxc_uid *uid, struct rexi_str text, struct rexi_error *err)
{
	enum rexi_status status = REXI_OK;
	struct rx_buf buf;

	rx_buf_init(&buf, &set->memory, 0);
	rxc_uid_print(&buf, &uid->uid);
	if (buf.failed)
		status = rx_fail_memory(err);
	else if (!rx_str_eq(rx_buf_view(&buf), text))
		status = rx_fail(err, REXI_SYNTAX, RX_NO_SPAN, "`Entity UID` needs to be normalized (e.g., whitespace removed): %.*s",
				 RX_STR_ARG(rx_str_sub(text, 0, 120)));
	rx_buf_fini(&buf);
	return status;
}

enum rexi_status rexi_cedar_uid_parse(struct rexi_cedar_scratch *scratch, struct rexi_str text, struct rexi_cedar_uid *out, struct rexi_error *err)
{
	struct rexi_cedar_policies *set;
	struct rexi_cedar_name *type;
	const struct rexi_str *source;
	const struct rxc_expr *expr = NULL;
	enum rexi_status status;
	struct rexi_str id;

	RX_TRY(rexi_cedar_policies_new(scratch->engine, &set, err));
	status = rxc_parse_expression(set, text, &expr, &source, err);
	if (status == REXI_OK && expr->kind != RXC_UID)
		status = rx_fail(err, REXI_SYNTAX, RX_NO_SPAN, "`%.*s` is not an entity uid", RX_STR_ARG(rx_str_sub(text, 0, 80)));
	if (status == REXI_OK)
		status = check_normal(set, expr->uid, text, err);
	if (status == REXI_OK) {
		type = rx_arena_bytes(&scratch->arena, sizeof(*type));
		id = rx_arena_copy(&scratch->arena, expr->uid->uid.id);
		if (type && id.ptr) {
			*type = *expr->uid->uid.type;
			type->text = rx_arena_copy(&scratch->arena, type->text);
			rexi_cedar_uid_init(scratch->engine, out, type, id);
		}
		if (!type || !id.ptr || !type->text.ptr)
			status = rx_fail_memory(err);
	}
	rexi_cedar_policies_free(set);
	return status;
}

/* ---- contexts ------------------------------------------------------------------------------------------------------------ */

static void reader_init(struct rxc_value_reader *reader, struct rexi_cedar_request *request, const struct rexi_cedar_schema *schema,
			struct rexi_error *err)
{
	*reader = (struct rxc_value_reader){
		.engine = request->scratch.engine, .arena = &request->scratch.arena, .schema = schema ? schema->resolved : NULL,
		.last_wins = true, .where = "while parsing context", .evaluation = "evaluation", .kind = "json", .err = err,
	};
	rx_buf_init(&reader->message, &request->memory, 0);
}

static enum rexi_status read_context(struct rxc_value_reader *reader, struct rexi_cedar_request *request, const struct rxc_json *json)
{
	const struct rexi_cedar_uid *action = &request->uids[RXC_ACTION];
	const struct rxc_type *type = NULL;
	struct rexi_cedar_value value;
	uint32_t number;

	if (reader->schema) {
		number = request->has_uids ? rxc_schema_find_action_named(reader->schema, action->type->text, action->id) : RXC_NONE;
		if (number == RXC_NONE || reader->schema->actions[number].is_external) {
			reader->kind = "missing-action";
			return rx_fail(reader->err, REXI_INVALID, RX_NO_SPAN, "action `%.*s::\"%.*s\"` is not defined in the supplied schema",
				       RX_STR_ARG(rx_str_sub(action->type->text, 0, 60)), RX_STR_ARG(rx_str_sub(action->id, 0, 60)));
		}
		type = reader->schema->actions[number].context;
	}
	RX_TRY(rxc_read_value(reader, json, type, &value));
	if (value.kind == REXI_CEDAR_RECORD)
		RX_TRY(rxc_read_end(reader));
	if (value.kind != REXI_CEDAR_RECORD) {
		reader->kind = "not-a-record";
		return rx_fail(reader->err, REXI_INVALID, json->span, "while parsing context, expression is not a record");
	}
	request->context = value;
	request->building = NULL;
	return REXI_OK;
}

/* A text in the request's memory, and its tree. */
static enum rexi_status parse_text(struct rexi_cedar_request *request, struct rexi_str json, struct rxc_json *out, struct rexi_error *err)
{
	const struct rexi_cedar_limits *limits = &request->scratch.engine->limits;
	struct rexi_str text;

	if (json.len > limits->source_bytes)
		return rx_fail(err, REXI_LIMIT, RX_NO_SPAN, "the text has %zu bytes, the limit is %zu", json.len, limits->source_bytes);
	text = rx_arena_copy(&request->scratch.arena, json);
	if (!text.ptr)
		return rx_fail_memory(err);
	return rxc_json_parse(&request->scratch.arena, text, limits->nesting < MOST_NESTING ? limits->nesting : MOST_NESTING, out, err);
}

enum rexi_status rexi_cedar_request_context_json(struct rexi_cedar_request *request, struct rexi_str json, const struct rexi_cedar_schema *schema,
						 const char **detail_out, struct rexi_error *err)
{
	struct rxc_value_reader reader;
	struct rxc_json document;
	enum rexi_status status;

	reader_init(&reader, request, schema, err);
	status = parse_text(request, json, &document, err);
	if (status == REXI_OK)
		status = read_context(&reader, request, &document);
	rx_buf_fini(&reader.message);
	if (detail_out)
		*detail_out = status == REXI_OK ? NULL : reader.kind;
	return status;
}

/* ---- requests ------------------------------------------------------------------------------------------------------------ */

static enum rexi_status read_uid(struct rxc_value_reader *reader, struct rexi_cedar_request *request, const struct rxc_json *json,
				 struct rexi_cedar_uid *out)
{
	const struct rexi_cedar_uid *uid;

	if (!json)
		return rx_fail(reader->err, REXI_SYNTAX, RX_NO_SPAN, "the request needs principal, action and resource");
	if (json->kind == RXC_JSON_STRING)
		return rexi_cedar_uid_parse(&request->scratch, json->text, out, reader->err);
	RX_TRY(rxc_read_uid(reader, json, &uid));
	*out = *uid;
	return REXI_OK;
}

static enum rexi_status read_request(struct rxc_value_reader *reader, struct rexi_cedar_request *request, const struct rxc_json *json,
				     const char **kind_out, const char **detail_out)
{
	static const char *const names[] = { "principal", "action", "resource" };
	struct rexi_cedar_uid uids[3];
	const struct rxc_json *context;
	enum rexi_status status;

	*kind_out = "uid";
	if (json->kind != RXC_JSON_OBJECT)
		return rx_fail(reader->err, REXI_SYNTAX, json->span, "a request is a JSON object");
	reader->where = "in the request";
	for (unsigned i = 0; i < 3; i++)
		RX_TRY(read_uid(reader, request, rxc_json_get(json, names[i]), &uids[i]));
	rexi_cedar_request_set(request, &uids[0], &uids[1], &uids[2]);
	context = rxc_json_get(json, "context");
	*kind_out = "context";
	reader->where = "while parsing context";
	reader->kind = "json";
	if (context || reader->schema) {
		struct rxc_json empty = { .kind = RXC_JSON_OBJECT };

		status = read_context(reader, request, context ? context : &empty);
		*detail_out = reader->kind;
		if (status != REXI_OK)
			return status;
	}
	*detail_out = NULL;
	if (!reader->schema)
		return REXI_OK;
	return rxc_conform_request(reader->schema, &request->uids[RXC_PRINCIPAL], &request->uids[RXC_ACTION], &request->uids[RXC_RESOURCE],
				   &request->context, kind_out, reader->err);
}

enum rexi_status rexi_cedar_request_set_json(struct rexi_cedar_request *request, struct rexi_str json, const struct rexi_cedar_schema *schema,
					     const char **kind_out, const char **detail_out, struct rexi_error *err)
{
	const char *kind = "json", *detail = NULL;
	struct rxc_value_reader reader;
	struct rxc_json document;
	enum rexi_status status;

	rexi_cedar_request_reset(request);
	reader_init(&reader, request, schema, err);
	status = parse_text(request, json, &document, err);
	if (status == REXI_OK)
		status = read_request(&reader, request, &document, &kind, &detail);
	rx_buf_fini(&reader.message);
	if (kind_out)
		*kind_out = status == REXI_OK ? NULL : kind;
	if (detail_out)
		*detail_out = status == REXI_OK ? NULL : detail;
	return status;
}
