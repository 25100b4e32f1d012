/* rexi policy test, why, diff: requests decided outside a run. */
#include <config.h>

#include <stdio.h>

#include "cedar/json.h"
#include "runner/policy_tool.h"
#include "runner/policy_world.h"

#include "base/arena.h"
#include "base/error.h"

enum { JSON_NESTING = 200 };

/* One policy set with all that a decision needs. */
struct decider {
	struct rxr_tool *tool;
	struct rexi_cedar_schema *schema;
	struct rexi_cedar_entities *entities;
	struct rexi_cedar_authorizer *authorizer;
	struct rexi_cedar_request *request;
	struct rxr_world world; /* with the built-in schema: files and the like as in a run */
};

static void decider_fini(struct decider *decider)
{
	rexi_cedar_request_free(decider->request);
	rexi_cedar_authorizer_free(decider->authorizer);
	rexi_cedar_entities_free(decider->entities);
	rexi_cedar_schema_free(decider->schema);
}

/* 0 or an exit status. */
static int decider_init(struct decider *decider, struct rxr_tool *tool)
{
	struct rexi_error err;
	int status;

	*decider = (struct decider){ .tool = tool };
	status = rxr_tool_schema(tool, &decider->schema);
	if (!status)
		status = rxr_tool_entities(tool, decider->schema, &decider->entities);
	if (!status && (rexi_cedar_entities_build(decider->entities, &err) != REXI_OK ||
			rexi_cedar_authorizer_new(tool->engine, &decider->authorizer, &err) != REXI_OK ||
			rexi_cedar_request_new(tool->engine, &decider->request, &err) != REXI_OK ||
			rxr_world_init(&decider->world, tool->engine, decider->entities, &err) != REXI_OK))
		status = rxr_tool_fail(tool, TOOL_INTERNAL, "%s", err.message);
	return status;
}

/* Without a schema at all (--no-builtin and no --schema), requests are taken as they are. */
static const struct rexi_cedar_schema *request_schema(const struct decider *decider)
{
	return decider->tool->builtin || decider->tool->schema_count > 0 ? decider->schema : NULL;
}

static enum rexi_status set_request(struct decider *decider, struct rexi_str json, struct rexi_error *err)
{
	const char *kind = NULL, *detail = NULL;

	rexi_cedar_request_reset(decider->request);
	return rexi_cedar_request_set_json(decider->request, json, request_schema(decider), &kind, &detail, err);
}

static enum rexi_status decide(struct decider *decider, const struct rexi_cedar_policies *policies, unsigned flags,
			       struct rexi_cedar_decision *out, struct rexi_error *err)
{
	return rexi_cedar_authorize(decider->authorizer, policies, decider->entities,
				    decider->tool->builtin ? &decider->world.provider : NULL, decider->request, flags, out, err);
}

static struct rexi_str reason_id(const struct rexi_cedar_policies *policies, const struct rexi_cedar_decision *decision, size_t at)
{
	struct rexi_cedar_policy_info info = { .id = { "", 0 } };

	(void)rexi_cedar_policies_info(policies, decision->reasons[at], &info);
	return info.id;
}

/* ---- The file of tests ---- */

struct tests {
	struct rx_arena arena;
	struct rx_buf text;
	struct rxc_json json; /* an array */
};

static void tests_fini(struct tests *tests)
{
	rx_arena_fini(&tests->arena);
	rx_buf_fini(&tests->text);
}

static int tests_read(struct rxr_tool *tool, const char *path, struct tests *tests)
{
	struct rexi_error err;

	rx_arena_init(&tests->arena, &tool->memory);
	if (!rxr_tool_read(tool, path, &tests->text)) {
		tests->text = (struct rx_buf){ .memory = &tool->memory };
		return TOOL_USAGE;
	}
	if (rxc_json_parse(&tests->arena, rx_buf_view(&tests->text), JSON_NESTING, &tests->json, &err) != REXI_OK) {
		(void)rxr_tool_error(tool, path, &err);
		return TOOL_USAGE;
	}
	if (tests->json.kind != RXC_JSON_ARRAY)
		return rxr_tool_fail(tool, TOOL_USAGE, "%s: an array of requests is expected", path);
	return TOOL_OK;
}

/* A test is {"request": {...}, ...}; a request alone will do where nothing is expected of it. */
static struct rexi_str request_text(const struct tests *tests, const struct rxc_json *test)
{
	const struct rxc_json *request = rxc_json_get(test, "request");
	struct rexi_span span = request ? request->span : test->span;

	return rx_str_sub(rx_buf_view(&tests->text), span.start, span.end - span.start);
}

static struct rexi_str test_name(const struct rxc_json *test, size_t at, char buf[32])
{
	const struct rxc_json *name = rxc_json_get(test, "name");

	if (!name)
		name = rxc_json_get(test, "description");
	if (rxc_json_is(name, RXC_JSON_STRING))
		return name->text;
	snprintf(buf, 32, "request %zu", at);
	return rx_str(buf);
}

/* ---- test ---- */

static bool has_reason(const struct rexi_cedar_policies *policies, const struct rexi_cedar_decision *decision, struct rexi_str id)
{
	for (size_t i = 0; i < decision->reason_count; i++)
		if (rx_str_eq(reason_id(policies, decision, i), id))
			return true;
	return false;
}

/* Why the decision is not what the test expects, in `why`; empty when it is. */
static void judge(const struct rxc_json *test, const struct rexi_cedar_policies *policies,
		  const struct rexi_cedar_decision *decision, struct rx_buf *why)
{
	const struct rxc_json *wanted = rxc_json_get(test, "decision"), *reason = rxc_json_get(test, "reason");
	const struct rxc_json *errors = rxc_json_get(test, "num_errors");
	struct rexi_str got = decision->allow ? RX_STR("allow") : RX_STR("deny");

	if (!rxc_json_is(wanted, RXC_JSON_STRING) ||
	    (!rx_str_eq(wanted->text, RX_STR("allow")) && !rx_str_eq(wanted->text, RX_STR("deny"))))
		RX_BUF_LIT(why, "the test has no \"decision\" of \"allow\" or \"deny\"");
	else if (!rx_str_eq(wanted->text, got))
		rx_buf_printf(why, "expected %.*s, got %.*s", RX_STR_ARG(wanted->text), RX_STR_ARG(got));
	for (uint32_t i = 0; rxc_json_is(reason, RXC_JSON_ARRAY) && i < reason->count && why->len == 0; i++)
		if (!rxc_json_is(&reason->items[i], RXC_JSON_STRING) || !has_reason(policies, decision, reason->items[i].text))
			rx_buf_printf(why, "policy %.*s is not among the deciding ones", RX_STR_ARG(reason->items[i].text));
	if (rxc_json_is(errors, RXC_JSON_INTEGER) && errors->integer != (int64_t)decision->error_count && why->len == 0)
		rx_buf_printf(why, "expected %lld erring policies, got %zu", (long long)errors->integer, decision->error_count);
}

static void tap_line(struct rxr_tool *tool, size_t at, struct rexi_str name, struct rexi_str why)
{
	rx_buf_printf(&tool->out, "%s %zu - ", why.len ? "not ok" : "ok", at + 1);
	for (size_t i = 0; i < name.len; i++) /* TAP: a # begins a directive, a line end a new line */
		rx_buf_byte(&tool->out, name.ptr[i] == '#' || name.ptr[i] == '\n' ? ' ' : name.ptr[i]);
	rx_buf_byte(&tool->out, '\n');
	if (why.len)
		rx_buf_printf(&tool->out, "# %.*s\n", RX_STR_ARG(why));
}

static void run_test(struct decider *decider, const struct tests *tests, size_t at, const struct rexi_cedar_policies *policies,
		     struct rx_buf *why)
{
	const struct rxc_json *test = &tests->json.items[at];
	struct rexi_cedar_decision decision = { .allow = false };
	struct rexi_error err;

	if (set_request(decider, request_text(tests, test), &err) != REXI_OK)
		rx_buf_printf(why, "the request is not valid: %s", err.message);
	else if (decide(decider, policies, 0, &decision, &err) != REXI_OK)
		rx_buf_printf(why, "no decision: %s", err.message);
	else
		judge(test, policies, &decision, why);
}

static int run_tests(struct rxr_tool *tool, struct decider *decider, const struct tests *tests,
		     const struct rexi_cedar_policies *policies)
{
	size_t failed = 0;
	struct rx_buf why;

	rx_buf_init(&why, &tool->memory, 0);
	if (tool->json)
		RX_BUF_LIT(&tool->out, "{\"tests\":[");
	else
		rx_buf_printf(&tool->out, "TAP version 13\n1..%u\n", tests->json.count);
	for (size_t i = 0; i < tests->json.count; i++) {
		char number[32];
		struct rexi_str name = test_name(&tests->json.items[i], i, number);

		rx_buf_clear(&why);
		run_test(decider, tests, i, policies, &why);
		failed += why.len > 0;
		if (tool->json) {
			rx_buf_str(&tool->out, i ? RX_STR(",{") : RX_STR("{"));
			rxr_tool_member(tool, "name", name);
			rx_buf_printf(&tool->out, ",\"ok\":%s", why.len ? "false" : "true");
			if (why.len)
				rxr_tool_member(tool, "why", rx_buf_view(&why));
			rx_buf_byte(&tool->out, '}');
		} else {
			tap_line(tool, i, name, rx_buf_view(&why));
		}
	}
	if (tool->json)
		rx_buf_printf(&tool->out, "],\"passed\":%zu,\"failed\":%zu}\n", tests->json.count - failed, failed);
	else
		rx_buf_printf(&tool->out, "# %zu passed, %zu failed\n", tests->json.count - failed, failed);
	rx_buf_fini(&why);
	return failed ? TOOL_NO : TOOL_OK;
}

int rxr_policy_test(struct rxr_tool *tool)
{
	struct rexi_cedar_policies *policies = NULL;
	struct decider decider;
	struct tests tests;
	struct rx_buf text;
	int status;

	if (tool->word_count != 2)
		return rxr_tool_fail(tool, TOOL_USAGE, "a policy file and a file of tests are needed");
	status = decider_init(&decider, tool);
	if (!status)
		status = rxr_tool_policies(tool, tool->words[0], true, &text, &policies);
	if (!status) {
		status = tests_read(tool, tool->words[1], &tests);
		if (!status)
			status = run_tests(tool, &decider, &tests, policies);
		tests_fini(&tests);
		rx_buf_fini(&text);
	}
	rexi_cedar_policies_free(policies);
	decider_fini(&decider);
	return status;
}

/* ---- why ---- */

/* Is it of the form Type::"id"? What is more wrong with it the reader of requests says. */
static int check_uid(struct rxr_tool *tool, const char *option, const char *uid, const char *example)
{
	return strstr(uid, "::\"") ? TOOL_OK
				    : rxr_tool_fail(tool, TOOL_USAGE, "--%s takes an entity such as %s, not %s", option, example, uid);
}

/* The request of --request, or of --principal, --action, --resource and --context, as one JSON text. */
static int compose_request(struct rxr_tool *tool, struct rx_buf *out)
{
	struct rx_buf context;

	if (tool->request)
		return rxr_tool_read(tool, tool->request, out) ? TOOL_OK : TOOL_USAGE;
	rx_buf_init(out, &tool->memory, 0);
	if (!tool->principal || !tool->action || !tool->resource)
		return rxr_tool_fail(tool, TOOL_USAGE, "--request, or --principal, --action and --resource are needed");
	if (check_uid(tool, "principal", tool->principal, "User::\"alice\"") ||
	    check_uid(tool, "action", tool->action, "file_system::Action::\"read\"") ||
	    check_uid(tool, "resource", tool->resource, "file_system::File::\"/etc/hosts\""))
		return TOOL_USAGE;
	RX_BUF_LIT(out, "{\"principal\":");
	rx_buf_json_string(out, rx_str(tool->principal));
	RX_BUF_LIT(out, ",\"action\":");
	rx_buf_json_string(out, rx_str(tool->action));
	RX_BUF_LIT(out, ",\"resource\":");
	rx_buf_json_string(out, rx_str(tool->resource));
	if (tool->context) {
		if (!rxr_tool_read(tool, tool->context, &context))
			return TOOL_USAGE;
		RX_BUF_LIT(out, ",\"context\":");
		rx_buf_str(out, rx_buf_view(&context));
		rx_buf_fini(&context);
	}
	rx_buf_byte(out, '}');
	return TOOL_OK;
}

static void place(struct rxr_tool *tool, const char *path, struct rexi_str source, struct rexi_span span)
{
	struct rexi_error at = { .span = span };

	if (span.end <= span.start) {
		rx_buf_printf(&tool->out, "%s: ", path);
		return;
	}
	rx_error_locate(&at, source);
	rx_buf_printf(&tool->out, "%s:%u:%u: ", path, at.line, at.column);
}

static void why_text(struct rxr_tool *tool, const char *path, struct rexi_str source, const struct rexi_cedar_policies *policies,
		     const struct rexi_cedar_decision *decision)
{
	struct rx_buf *out = &tool->out;

	rx_buf_str(out, decision->allow ? RX_STR("ALLOW\n") : RX_STR("DENY\n"));
	for (size_t i = 0; i < decision->reason_count; i++) {
		struct rexi_cedar_policy_info info;

		if (!rexi_cedar_policies_info(policies, decision->reasons[i], &info))
			continue;
		RX_BUF_LIT(out, "  decided by ");
		place(tool, path, source, info.span);
		rx_buf_printf(out, "%s %.*s\n", info.forbid ? "forbid" : "permit", RX_STR_ARG(info.id));
	}
	if (decision->reason_count == 0)
		RX_BUF_LIT(out, "  no policy applies: what no policy permits is denied\n");
	for (size_t i = 0; i < decision->error_count; i++) {
		const struct rexi_cedar_policy_error *error = &decision->errors[i];

		RX_BUF_LIT(out, "  erred: ");
		place(tool, path, source, error->span);
		rx_buf_printf(out, "%.*s: %.*s\n", RX_STR_ARG(error->id), RX_STR_ARG(error->message));
	}
	for (size_t i = 0; i < decision->near_count; i++) {
		const struct rexi_cedar_near *near = &decision->near[i];

		rx_buf_str(out, near->forbid ? RX_STR("  did not forbid: ") : RX_STR("  did not permit: "));
		place(tool, path, source, near->span);
		rx_buf_printf(out, "%.*s: %.*s", RX_STR_ARG(near->id), RX_STR_ARG(near->clause));
		if (near->values.len)
			rx_buf_printf(out, " (%.*s)", RX_STR_ARG(near->values));
		rx_buf_printf(out, " [%u of %u clauses held]\n", near->clauses_held, near->clauses_total);
	}
}

static void why_json(struct rxr_tool *tool, const struct rexi_cedar_policies *policies, const struct rexi_cedar_decision *decision)
{
	struct rx_buf *out = &tool->out;

	rx_buf_byte(out, '{');
	rxr_tool_member(tool, "decision", decision->allow ? RX_STR("allow") : RX_STR("deny"));
	RX_BUF_LIT(out, ",\"reason\":[");
	for (size_t i = 0; i < decision->reason_count; i++) {
		if (i)
			rx_buf_byte(out, ',');
		rx_buf_json_string(out, reason_id(policies, decision, i));
	}
	RX_BUF_LIT(out, "],\"errors\":[");
	for (size_t i = 0; i < decision->error_count; i++) {
		rx_buf_str(out, i ? RX_STR(",{") : RX_STR("{"));
		rxr_tool_member(tool, "policy", decision->errors[i].id);
		rxr_tool_member(tool, "kind", rx_str(rexi_cedar_eval_kind_name(decision->errors[i].kind)));
		rxr_tool_member(tool, "message", decision->errors[i].message);
		rx_buf_byte(out, '}');
	}
	RX_BUF_LIT(out, "],\"near\":[");
	for (size_t i = 0; i < decision->near_count; i++) {
		const struct rexi_cedar_near *near = &decision->near[i];

		rx_buf_str(out, i ? RX_STR(",{") : RX_STR("{"));
		rxr_tool_member(tool, "policy", near->id);
		rxr_tool_member(tool, "effect", near->forbid ? RX_STR("forbid") : RX_STR("permit"));
		rxr_tool_member(tool, "clause", near->clause);
		rxr_tool_member(tool, "values", near->values);
		rx_buf_printf(out, ",\"held\":%u,\"clauses\":%u}", near->clauses_held, near->clauses_total);
	}
	RX_BUF_LIT(out, "]}\n");
}

static int explain(struct rxr_tool *tool, struct decider *decider, const struct rexi_cedar_policies *policies, struct rexi_str source)
{
	struct rexi_cedar_decision decision = { .allow = false };
	struct rexi_error err;
	struct rx_buf request;
	int status = compose_request(tool, &request);

	if (status)
		return status;
	if (set_request(decider, rx_buf_view(&request), &err) != REXI_OK) {
		rx_buf_fini(&request);
		return rxr_tool_fail(tool, TOOL_USAGE, "the request is not valid: %s", err.message);
	}
	if (decide(decider, policies, REXI_CEDAR_EXPLAIN, &decision, &err) != REXI_OK)
		status = rxr_tool_fail(tool, TOOL_INTERNAL, "no decision: %s", err.message);
	else if (tool->json)
		why_json(tool, policies, &decision);
	else
		why_text(tool, tool->words[0], source, policies, &decision);
	rx_buf_fini(&request);
	return status ? status : decision.allow ? TOOL_OK : TOOL_DENIED;
}

int rxr_policy_why(struct rxr_tool *tool)
{
	struct rexi_cedar_policies *policies = NULL;
	struct decider decider;
	struct rx_buf text;
	int status;

	if (tool->word_count != 1)
		return rxr_tool_fail(tool, TOOL_USAGE, "a policy file is needed");
	status = decider_init(&decider, tool);
	if (!status)
		status = rxr_tool_policies(tool, tool->words[0], true, &text, &policies);
	if (!status) {
		status = explain(tool, &decider, policies, rx_buf_view(&text));
		rx_buf_fini(&text);
	}
	rexi_cedar_policies_free(policies);
	decider_fini(&decider);
	return status;
}

/* ---- diff ---- */

static int diff_one(struct rxr_tool *tool, struct decider *decider, const struct tests *tests, size_t at,
		    struct rexi_cedar_policies *const sets[2], size_t *flips)
{
	const struct rxc_json *test = &tests->json.items[at];
	struct rexi_cedar_decision decision;
	bool allowed[2];
	char number[32];
	struct rexi_str name = test_name(test, at, number);
	struct rexi_error err;

	if (set_request(decider, request_text(tests, test), &err) != REXI_OK)
		return rxr_tool_fail(tool, TOOL_USAGE, "%s: request %zu is not valid: %s", tool->words[2], at, err.message);
	for (size_t i = 0; i < 2; i++) {
		if (decide(decider, sets[i], 0, &decision, &err) != REXI_OK)
			return rxr_tool_fail(tool, TOOL_INTERNAL, "no decision: %s", err.message);
		allowed[i] = decision.allow;
	}
	if (allowed[0] == allowed[1])
		return TOOL_OK;
	if (tool->json) {
		rx_buf_str(&tool->out, *flips ? RX_STR(",{") : RX_STR("{"));
		rxr_tool_member(tool, "name", name);
		rx_buf_printf(&tool->out, ",\"request\":%zu,\"before\":\"%s\",\"after\":\"%s\"}", at, allowed[0] ? "allow" : "deny",
			      allowed[1] ? "allow" : "deny");
	} else {
		rx_buf_printf(&tool->out, "%s -> %s: %.*s\n", allowed[0] ? "allow" : "deny", allowed[1] ? "allow" : "deny",
			      RX_STR_ARG(name));
	}
	++*flips;
	return TOOL_OK;
}

static int diff_all(struct rxr_tool *tool, struct decider *decider, const struct tests *tests,
		    struct rexi_cedar_policies *const sets[2])
{
	size_t flips = 0;
	int status = TOOL_OK;

	if (tool->json)
		RX_BUF_LIT(&tool->out, "{\"flips\":[");
	for (size_t i = 0; i < tests->json.count && !status; i++)
		status = diff_one(tool, decider, tests, i, sets, &flips);
	if (tool->json)
		rx_buf_printf(&tool->out, "],\"requests\":%u}\n", tests->json.count);
	else if (!status)
		rx_buf_printf(&tool->out, "%zu of %u requests are decided differently\n", flips, tests->json.count);
	return status ? status : flips ? TOOL_NO : TOOL_OK;
}

int rxr_policy_diff(struct rxr_tool *tool)
{
	struct rexi_cedar_policies *sets[2] = { NULL, NULL };
	struct rx_buf texts[2];
	struct decider decider;
	struct tests tests;
	int status;

	if (tool->word_count != 3)
		return rxr_tool_fail(tool, TOOL_USAGE, "two policy files and a file of requests are needed");
	status = decider_init(&decider, tool);
	for (size_t i = 0; i < 2 && !status; i++) {
		status = rxr_tool_policies(tool, tool->words[i], true, &texts[i], &sets[i]);
		if (!status)
			rx_buf_fini(&texts[i]);
	}
	if (!status) {
		status = tests_read(tool, tool->words[2], &tests);
		if (!status)
			status = diff_all(tool, &decider, &tests, sets);
		tests_fini(&tests);
	}
	rexi_cedar_policies_free(sets[0]);
	rexi_cedar_policies_free(sets[1]);
	decider_fini(&decider);
	return status;
}
