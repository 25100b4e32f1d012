#include <config.h>

#include "runner/receipt.h"

#include "runner/audit.h"

#define NEAREST 3

/* ---- values ---- */

static void write_fields(struct rx_buf *buf, const struct rxs_field *fields, size_t count);

static void write_entity(struct rx_buf *buf, const struct rxs_entity *entity)
{
	RX_BUF_LIT(buf, "{\"type\":");
	rx_buf_json_string(buf, rx_str(entity->type));
	RX_BUF_LIT(buf, ",\"id\":");
	rx_buf_json_string(buf, entity->id);
	RX_BUF_LIT(buf, ",\"attributes\":");
	write_fields(buf, entity->attributes, entity->attribute_count);
	if (entity->tag_count) {
		RX_BUF_LIT(buf, ",\"tags\":");
		write_fields(buf, entity->tags, entity->tag_count);
	}
	rx_buf_byte(buf, '}');
}

static void write_strings(struct rx_buf *buf, const struct rexi_str *items, size_t count)
{
	rx_buf_byte(buf, '[');
	for (size_t i = 0; i < count; i++) {
		if (i)
			rx_buf_byte(buf, ',');
		rx_buf_json_string(buf, items[i]);
	}
	rx_buf_byte(buf, ']');
}

static void write_data(struct rx_buf *buf, const struct rxs_data *data)
{
	switch (data->kind) {
	case RXS_DATA_STRING:
		rx_buf_json_string(buf, data->string);
		return;
	case RXS_DATA_LONG:
		rx_buf_i64(buf, data->number);
		return;
	case RXS_DATA_BOOL:
		data->number ? RX_BUF_LIT(buf, "true") : RX_BUF_LIT(buf, "false");
		return;
	case RXS_DATA_STRINGS:
		write_strings(buf, data->strings.items, data->strings.count);
		return;
	case RXS_DATA_RECORD:
		write_fields(buf, data->record.fields, data->record.count);
		return;
	case RXS_DATA_ENTITY:
		write_entity(buf, data->entity);
		return;
	}
	rx_unreachable();
}

/* Nesting is what the SDK builds, three levels at most. */
static void write_fields(struct rx_buf *buf, const struct rxs_field *fields, size_t count)
{
	rx_buf_byte(buf, '{');
	for (size_t i = 0; i < count; i++) {
		if (i)
			rx_buf_byte(buf, ',');
		rx_buf_json_string(buf, fields[i].name);
		rx_buf_byte(buf, ':');
		write_data(buf, &fields[i].value);
	}
	rx_buf_byte(buf, '}');
}

/* ---- members ---- */

static const char *refusal_name(enum rxs_refusal refusal)
{
	switch (refusal) {
	case RXS_ALLOWED:
		return "permitted";
	case RXS_NOT_PERMITTED:
		return "not permitted";
	case RXS_FORBIDDEN:
		return "forbidden";
	case RXS_ERRED:
		return "a forbid could not be evaluated";
	case RXS_UNDECIDED:
		return "no decision was reached";
	case RXS_UNRECORDED:
		return "the record could not be written";
	}
	rx_unreachable();
}

/* ,"action":"file_system::Action::\"open\"" */
static void member_action(struct rx_buf *buf, enum rxs_action action)
{
	RXR_PUT(buf, ",\"action\":\"");
	rx_buf_str(buf, rxs_action_space(action));
	RXR_PUT(buf, "::Action::\\\"");
	rx_buf_str(buf, rxs_action_name(action));
	RXR_PUT(buf, "\\\"\"");
}

/* type::\"id\"" of a member, the id with Cedar's escapes for quote and backslash */
static void write_uid(struct rx_buf *buf, struct rexi_str type, struct rexi_str id)
{
	size_t plain = 0;

	rx_buf_str(buf, type);
	RXR_PUT(buf, "::\\\"");
	for (size_t i = 0; i < id.len; i++) {
		if (id.ptr[i] != '"' && id.ptr[i] != '\\')
			continue;
		rx_buf_json(buf, rx_str_sub(id, plain, i - plain));
		RXR_PUT(buf, "\\\\");
		plain = i;
	}
	rx_buf_json(buf, rx_str_sub(id, plain, id.len - plain));
	RXR_PUT(buf, "\\\"\"");
}

static void member_resource(struct rx_buf *buf, enum rxs_resource_type type, struct rexi_str id)
{
	RXR_PUT(buf, ",\"resource\":\"");
	write_uid(buf, rx_str(rxs_resource_type_name(type)), id);
}

static void member_principal(struct rx_buf *buf, struct rexi_str id)
{
	RXR_PUT(buf, ",\"principal\":\"");
	write_uid(buf, RX_STR("User"), id);
}

static void member_strings(struct rx_buf *buf, const char *key, const struct rexi_str *items, size_t count)
{
	RXR_PUT(buf, ",\"");
	rx_buf_str(buf, rx_str(key));
	RXR_PUT(buf, "\":");
	write_strings(buf, items, count);
}

void rxr_record_decision(struct rx_buf *buf, const struct rxs_decision *decision)
{
	RXR_PUT(buf, ",\"number\":");
	rx_buf_u64(buf, decision->number);
	if (decision->refusal == RXS_ALLOWED || decision->permissive)
		RXR_PUT(buf, ",\"decision\":\"allow\",\"reason\":\"");
	else
		RXR_PUT(buf, ",\"decision\":\"deny\",\"reason\":\"");
	rx_buf_str(buf, rx_str(refusal_name(decision->refusal)));
	RXR_PUT(buf, "\"");
	member_action(buf, decision->action);
	member_resource(buf, decision->resource->type, decision->resource_id);
	member_principal(buf, decision->principal);
	if (decision->resource->attribute_count && !decision->resource->path) {
		RX_BUF_LIT(buf, ",\"attributes\":");
		write_fields(buf, decision->resource->attributes, decision->resource->attribute_count);
	}
	if (decision->context_count) {
		RX_BUF_LIT(buf, ",\"context\":");
		write_fields(buf, decision->context, decision->context_count);
	}
	if (decision->determining_count)
		member_strings(buf, "policies", decision->determining, decision->determining_count);
	if (decision->erring_count)
		member_strings(buf, "erring", decision->erring, decision->erring_count);
	if (decision->error)
		rxr_member(buf, "error", rx_str(decision->error));
	if (decision->function.len) {
		RXR_PUT(buf, ",\"function\":");
		rx_buf_json_string(buf, decision->function);
		RXR_PUT(buf, ",\"line\":");
		rx_buf_u64(buf, decision->line);
		RXR_PUT(buf, ",\"column\":");
		rx_buf_u64(buf, decision->column);
	}
}

/* ---- receipts ---- */

/* The policy of that number's annotation; empty when it has none. */
static struct rexi_str annotation(const struct rexi_cedar_policies *policies, size_t policy, struct rexi_str wanted)
{
	struct rexi_str key, value;

	for (size_t i = 0; rexi_cedar_policies_annotation(policies, policy, i, &key, &value); i++) {
		if (rx_str_eq(key, wanted))
			return value;
	}
	return rx_str_make(NULL, 0);
}

/* The number of the policy that the session calls `name`: its @id, else its id. SIZE_MAX when there is none. */
static size_t find_policy(const struct rexi_cedar_policies *policies, struct rexi_str name)
{
	size_t count = rexi_cedar_policies_count(policies), at = rexi_cedar_policies_find(policies, name);

	for (size_t i = 0; i < count; i++) {
		if (rx_str_eq(annotation(policies, i, RX_STR("id")), name))
			return i;
	}
	return at;
}

struct receipt {
	const struct rexi_cedar_policies *policies;
	struct rx_buf *json, *text;
	struct rexi_str advice; /* of the first policy that has one */
	size_t nearest;
};

static void take_advice(struct receipt *receipt, size_t policy)
{
	struct rexi_str advice;

	if (policy == SIZE_MAX || receipt->advice.len)
		return;
	advice = annotation(receipt->policies, policy, RX_STR("advice"));
	if (advice.len)
		receipt->advice = advice;
}

/* "annotations":{"POLICY":{"KEY":"VALUE"}} of the policies that decided or erred, those that have any. */
static void member_annotations(struct receipt *receipt, const struct rxs_denial *denial)
{
	size_t total = denial->determining_count + denial->erring_count;
	bool begun = false;

	for (size_t i = 0; i < total; i++) {
		struct rexi_str name = i < denial->determining_count ? denial->determining[i]
								     : denial->erring[i - denial->determining_count];
		size_t policy = find_policy(receipt->policies, name);
		struct rexi_str key, value;

		for (size_t at = 0; policy != SIZE_MAX && rexi_cedar_policies_annotation(receipt->policies, policy, at, &key, &value);
		     at++) {
			if (at == 0) {
				rx_buf_bytes(receipt->json, begun ? "," : ",\"annotations\":{", begun ? 1 : 16);
				rx_buf_json_string(receipt->json, name);
			}
			begun = true;
			rx_buf_bytes(receipt->json, at ? "," : ":{", at ? 1 : 2);
			rx_buf_json_string(receipt->json, key);
			rx_buf_byte(receipt->json, ':');
			rx_buf_json_string(receipt->json, value);
		}
		if (policy != SIZE_MAX && rexi_cedar_policies_annotation(receipt->policies, policy, 0, &key, &value))
			rx_buf_byte(receipt->json, '}');
	}
	if (begun)
		rx_buf_byte(receipt->json, '}');
}

static void each_near(void *user, const struct rexi_cedar_near *near, struct rexi_str name)
{
	struct receipt *receipt = (struct receipt *)user;

	if (near->forbid || receipt->nearest >= NEAREST)
		return;
	rx_buf_printf(receipt->json, "%s{\"policy\":", receipt->nearest++ ? "," : ",\"nearest\":[");
	rx_buf_json_string(receipt->json, name);
	rx_buf_printf(receipt->json, ",\"clauses_held\":%u,\"clauses_total\":%u,\"clause\":", near->clauses_held,
		      near->clauses_total);
	rx_buf_json_string(receipt->json, near->clause);
	if (near->part.len) {
		rxr_member(receipt->json, "part", near->part);
		rx_buf_str(receipt->json, near->part_holds ? RX_STR(",\"part_holds\":true") : RX_STR(",\"part_holds\":false"));
	}
	if (near->values.len)
		rxr_member(receipt->json, "values", near->values);
	rx_buf_byte(receipt->json, '}');
	take_advice(receipt, near->policy);
}

static void line_fields(struct rx_buf *text, const char *lead, const struct rxs_field *fields, size_t count)
{
	if (!count)
		return;
	rx_buf_str(text, rx_str(lead));
	write_fields(text, fields, count);
	rx_buf_byte(text, '\n');
}

void rxr_receipt(struct rxs_session *session, const struct rexi_cedar_policies *policies, struct rx_buf *json,
		 struct rx_buf *text)
{
	const struct rxs_denial *denial = rxs_denial_last(session);
	struct receipt receipt = { policies, json, text, { NULL, 0 }, 0 };

	RX_BUF_LIT(json, "\"decision\":");
	rx_buf_json_string(json, rx_str(refusal_name(denial->refusal)));
	member_principal(json, denial->principal);
	member_action(json, denial->action);
	member_resource(json, denial->type, denial->resource);
	if (denial->attribute_count) {
		RX_BUF_LIT(json, ",\"attributes\":");
		write_fields(json, denial->attributes, denial->attribute_count);
	}
	RX_BUF_LIT(json, ",\"context\":");
	write_fields(json, denial->context, denial->context_count);
	if (denial->function.len)
		rxr_member(json, "function", denial->function);
	rxr_member_number(json, "line", denial->line);
	rxr_member_number(json, "column", denial->column);
	member_strings(json, "policies", denial->determining, denial->determining_count);
	member_strings(json, "erring", denial->erring, denial->erring_count);
	if (denial->error.len)
		rxr_member(json, "reason", denial->error);
	if (policies)
		member_annotations(&receipt, denial);
	for (size_t i = 0; policies && i < denial->determining_count; i++)
		take_advice(&receipt, find_policy(policies, denial->determining[i]));
	if (policies && denial->refusal == RXS_NOT_PERMITTED) {
		rxs_denial_near(session, each_near, &receipt);
		if (receipt.nearest)
			rx_buf_byte(json, ']');
	}
	if (receipt.advice.len)
		rxr_member(json, "advice", receipt.advice);
	RX_BUF_LIT(json, ",\"retryable\":false");
	if (rxs_denial_explain(session, text) != REXI_OK)
		return;
	line_fields(text, "  attributes:   ", denial->attributes, denial->attribute_count);
	line_fields(text, "  context:      ", denial->context, denial->context_count);
	if (receipt.advice.len) {
		RX_BUF_LIT(text, "  advice:       ");
		rx_buf_str(text, receipt.advice);
		rx_buf_byte(text, '\n');
	}
}

static void keep(struct rxs_session *session, struct rxr_report *report)
{
	struct rx_buf json, text;

	rx_buf_init(&json, report->memory, 0);
	rx_buf_init(&text, report->memory, 0);
	rxr_receipt(session, session->policies, &json, &text);
	if (json.failed || text.failed)
		report->failed = true;
	else
		rxr_report_denial(report, rxs_denial_last(session)->number, rx_buf_view(&session->failure.message), rx_buf_view(&json),
				  rx_buf_view(&text));
	rx_buf_fini(&json);
	rx_buf_fini(&text);
}

void rxr_receipt_keep(struct rxs_session *session, struct rxr_report *report)
{
	report->denial_total++;
	if (report->denial_count < RXR_DENIALS)
		keep(session, report);
}

const struct rxr_denial *rxr_receipt_find(struct rxs_session *session, struct rxr_report *report, uint64_t number)
{
	const struct rxr_denial *found = rxr_report_find_denial(report, number);

	if (found || !number || rxs_denial_last(session)->number != number)
		return found;
	keep(session, report);
	return rxr_report_find_denial(report, number);
}
