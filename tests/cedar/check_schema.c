/* Schemas, the validator, conformance, the formatter: what the data-driven cases do not reach. */
#include <config.h>

#include <rexi/cedar_schema.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cedar/conform.h"
#include "cedar/schema.h"
#include "cedar/validate.h"
#include "tests/memory.h"
#include "tests/suite.h"

/* ---- Refusals, with place and reason ---- */

static const struct {
	const char *label, *text;
	enum rexi_status status;
	uint32_t line, column;
	const char *says;
} refusals[] = {
	{ "unknown declaration", "entity A;\ngroup B;", REXI_SYNTAX, 2, 1, "unexpected token `group`" },
	{ "reserved word", "entity in;", REXI_SYNTAX, 1, 8, "reserved" },
	{ "bad escape", "@a(\"\\q\") entity A;", REXI_SYNTAX, 1, 4, "escape" },
	{ "unresolved", "entity User;\nentity Doc { owner: Usr };", REXI_INVALID, 2, 21, "did you mean `User`" },
	{ "twice", "entity A;\nentity A;", REXI_SYNTAX, 2, 8, "declared twice" },
	{ "shadowing", "entity A;\nnamespace N { entity A; }", REXI_INVALID, 2, 22, "illegally shadows" },
	{ "action cycle", "action a in b;\naction b in a;", REXI_INVALID, 1, 8, "cycle in action hierarchy" },
	{ "type cycle", "type A = Set<B>;\ntype B = A;", REXI_INVALID, 2, 6, "cycle in common type" },
	{ "not UTF-8", "entity A; // \xff", REXI_SYNTAX, 1, 14, "UTF-8" },
	{ "JSON: unknown field", "{\"\": {\"entityTypes\": {}, \"actions\": {},\n \"extra\": 1}}", REXI_SYNTAX, 2, 2, "unknown field `extra`" },
	{ "JSON: duplicate", "{\"\":{\"entityTypes\":{\"A\":{},\"A\":{}},\"actions\":{}}}", REXI_SYNTAX, 1, 20, "duplicate" },
};

START_TEST(test_schema_refusal)
{
	struct rxc_schema *schema = NULL;
	struct rexi_error err = { .line = 0 };
	enum rexi_status status = rxc_schema_read(&memory, rx_str(refusals[_i].text), &schema, &err);

	ck_assert_msg(status == refusals[_i].status, "%s: status %d: %s", refusals[_i].label, status, err.message);
	ck_assert_ptr_null(schema);
	ck_assert_msg(err.line == refusals[_i].line && err.column == refusals[_i].column, "%s: at %u:%u: %s", refusals[_i].label, err.line,
		      err.column, err.message);
	ck_assert_msg(strstr(err.message, refusals[_i].says) != NULL, "%s: %s", refusals[_i].label, err.message);
}
END_TEST

/* ---- Limits: at the limit and one past it ---- */

static char *nested(const char *before, const char *open, size_t depth, const char *inner, const char *close, const char *after)
{
	size_t size = strlen(before) + depth * (strlen(open) + strlen(close)) + strlen(inner) + strlen(after) + 1;
	char *text = malloc(size), *at = text;

	ck_assert_ptr_nonnull(text);
	at += snprintf(at, size, "%s", before);
	for (size_t i = 0; i < depth; i++)
		at += snprintf(at, size - (size_t)(at - text), "%s", open);
	at += snprintf(at, size - (size_t)(at - text), "%s", inner);
	for (size_t i = 0; i < depth; i++)
		at += snprintf(at, size - (size_t)(at - text), "%s", close);
	(void)snprintf(at, size - (size_t)(at - text), "%s", after);
	return text;
}

static enum rexi_status read_nested(const char *before, const char *open, size_t depth, const char *inner, const char *close,
				    const char *after)
{
	char *text = nested(before, open, depth, inner, close, after);
	struct rxc_schema *schema = NULL;
	struct rexi_error err;
	enum rexi_status status = rxc_schema_read(&memory, rx_str(text), &schema, &err);

	rxc_schema_free(schema);
	free(text);
	return status;
}

START_TEST(test_schema_depth)
{
	/* A name is one level, a record and a set one each. */
	ck_assert_int_eq(read_nested("type T = ", "Set<", RXC_SCHEMA_MAX_DEPTH - 1, "Long", ">", ";"), REXI_OK);
	ck_assert_int_eq(read_nested("type T = ", "Set<", RXC_SCHEMA_MAX_DEPTH, "Long", ">", ";"), REXI_LIMIT);
	ck_assert_int_eq(read_nested("entity A ", "{ a: ", RXC_SCHEMA_MAX_DEPTH - 1, "Long", "}", ";"), REXI_OK);
	ck_assert_int_eq(read_nested("entity A ", "{ a: ", RXC_SCHEMA_MAX_DEPTH, "Long", "}", ";"), REXI_LIMIT);
	ck_assert_int_ne(read_nested("entity A ", "{ a: ", 100000, "Long", "}", ";"), REXI_OK);
	ck_assert_int_ne(read_nested("{\"\":{\"entityTypes\":{\"A\":{\"tags\":", "{\"type\":\"Set\",\"element\":", 100000, "{\"type\":\"Long\"}",
				     "}", "}},\"actions\":{}}}"), REXI_OK);
}
END_TEST

/* Common types that double: T0 = {a: T1, b: T1}, ... stand for 2^n types. */
START_TEST(test_schema_expansion)
{
	for (size_t count = 10; count <= 60; count += 50) {
		struct rxc_schema *schema = NULL;
		struct rexi_error err;
		enum rexi_status status;
		struct rx_buf text;

		rx_buf_init(&text, &memory, 0);
		for (size_t i = 0; i < count; i++)
			rx_buf_printf(&text, "type T%zu = { a: T%zu, b: T%zu };\n", i, i + 1, i + 1);
		rx_buf_printf(&text, "type T%zu = Long;", count);
		status = rxc_schema_read(&memory, rx_buf_view(&text), &schema, &err);
		ck_assert_int_eq(status, count == 10 ? REXI_OK : REXI_LIMIT);
		rxc_schema_free(schema);
		rx_buf_fini(&text);
	}
}
END_TEST

/* ---- Every allocation failing in turn ---- */

static const char whole[] =
	"@doc(\"x\") namespace N { entity User in [Group] { name: String, age?: Long, r: { x: Set<Long> } } tags String; entity Group;"
	" entity Color enum [\"red\"]; type T = { a?: Bool, b: ipaddr }; action g; action view in [g] appliesTo { principal: [User],"
	" resource: [User, Group], context: T }; }";
static const char whole_json[] =
	"{\"\":{\"entityTypes\":{\"A\":{\"memberOfTypes\":[\"A\"],\"shape\":{\"type\":\"Record\",\"attributes\":{\"x\":{\"type\":\"Set\","
	"\"element\":{\"type\":\"Long\"}}}}}},\"actions\":{\"a\":{\"memberOf\":[{\"id\":\"b\"}],\"appliesTo\":{\"principalTypes\":[\"A\"],"
	"\"resourceTypes\":[\"A\"]}},\"b\":{}}}}";

static enum rexi_status read_and_print(const char *text, struct rexi_error *err)
{
	struct rxc_fragment *fragment;
	struct rxc_schema *schema = NULL;
	enum rexi_status status;
	struct rx_arena arena;
	struct rx_buf buf;

	rx_arena_init(&arena, &memory);
	rx_buf_init(&buf, &memory, 0);
	status = rxc_fragment_read(&arena, rx_str(text), &fragment, err);
	if (status == REXI_OK)
		status = rxc_schema_resolve(&memory, &fragment, 1, &schema, NULL, err);
	if (status == REXI_OK)
		status = rxc_fragment_to_cedar(fragment, &buf, err);
	if (status == REXI_OK)
		status = rxc_fragment_to_json(fragment, &buf, err);
	rxc_schema_free(schema);
	rx_buf_fini(&buf);
	rx_arena_fini(&arena);
	return status;
}

START_TEST(test_schema_memory)
{
	const char *text = _i ? whole_json : whole;
	enum rexi_status status = REXI_NO_MEMORY;
	struct rexi_error err;

	for (size_t nth = 1; status != REXI_OK; nth++) {
		memory.fail_at = nth;
		status = read_and_print(text, &err);
		ck_assert_msg(status == REXI_OK || status == REXI_NO_MEMORY, "allocation %zu: status %d: %s", nth, status, err.message);
		ck_assert_uint_eq(memory.used, 0);
		ck_assert_uint_lt(nth, 10000);
	}
	memory.fail_at = 0;
}
END_TEST

/* ---- Printing and reading again gives the same ---- */

START_TEST(test_schema_round_trip)
{
	struct rexi_cedar_engine *engine;
	struct rexi_cedar_text cedar, json, again;
	struct rexi_error err;

	ck_assert_int_eq(rexi_cedar_engine_new(NULL, NULL, &engine, &err), REXI_OK);
	ck_assert_int_eq(rexi_cedar_schema_to_cedar(engine, rx_str(whole), &cedar, &err), REXI_OK);
	ck_assert_int_eq(rexi_cedar_schema_to_json(engine, (struct rexi_str){ cedar.ptr, cedar.len }, &json, &err), REXI_OK);
	ck_assert_int_eq(rexi_cedar_schema_to_cedar(engine, (struct rexi_str){ json.ptr, json.len }, &again, &err), REXI_OK);
	ck_assert_str_eq(cedar.ptr, again.ptr);
	rexi_cedar_text_free(engine, &cedar);
	rexi_cedar_text_free(engine, &json);
	rexi_cedar_text_free(engine, &again);
	rexi_cedar_engine_free(engine);
}
END_TEST

/* ---- Several texts ---- */

START_TEST(test_schema_merge)
{
	static const char first[] = "namespace N { entity A; } entity U;", more[] = "namespace N { entity B in [A]; }";
	static const char again[] = "namespace N { entity A; }";
	struct rexi_str texts[2] = { RX_STR_INIT("namespace N { entity A; } entity U;"), { more, sizeof(more) - 1 } };
	struct rexi_cedar_schema *schema = NULL;
	struct rexi_cedar_engine *engine;
	struct rexi_error err;
	struct rexi_str name;
	size_t text = 9;

	(void)first;
	ck_assert_int_eq(rexi_cedar_engine_new(NULL, NULL, &engine, &err), REXI_OK);
	ck_assert_int_eq(rexi_cedar_schema_new(engine, texts, 2, &schema, &text, &err), REXI_OK);
	ck_assert(rexi_cedar_schema_type(schema, 1, &name) && rx_str_eq(name, RX_STR("N::B")));
	ck_assert(!rexi_cedar_schema_type(schema, 3, &name));
	rexi_cedar_schema_free(schema);
	texts[1] = rx_str(again);
	ck_assert_int_eq(rexi_cedar_schema_new(engine, texts, 2, &schema, &text, &err), REXI_INVALID);
	ck_assert_uint_eq(text, 1);
	ck_assert_uint_eq(err.column, 22);
	rexi_cedar_engine_free(engine);
}
END_TEST

/* ---- Validation ---- */

static const char app[] = "entity User in [Group] { name: String, age?: Long }; entity Group; entity Doc { owner: User };"
			  "action view, edit appliesTo { principal: [User], resource: [Doc], context: { n: Long } }; action other;";

static const struct {
	const char *policy, *kind, *help; /* kind NULL: passes */
	uint32_t column;
} findings[] = {
	{ "permit(principal, action == Action::\"view\", resource);", NULL, NULL, 0 },
	{ "permit(principal, action == Action::\"veiw\", resource);", "unrecognized-action-id", "did you mean `Action::\"view\"`?", 19 },
	{ "permit(principal is Usr, action, resource);", "unrecognized-entity-type", "did you mean `User`?", 8 },
	{ "permit(principal, action, resource) when { principal.nam == \"x\" };", "unsafe-attribute-access", "did you mean `name`?", 44 },
	{ "permit(principal, action, resource) when { principal.age == 1 };", "unsafe-optional-attribute-access",
	  "try testing for the attribute's presence with `principal has age && ..`", 44 },
	{ "permit(principal, action, resource) when { context.n + \"a\" == 1 };", "unexpected-type",
	  "Cedar does not support string concatenation", 56 },
	{ "permit(principal, action, resource) when { [] == [1] };", "empty-set-forbidden", "", 44 },
	{ "permit(principal, action, resource) when { ip(\"x\").isIpv4() };", "function-argument-validation", NULL, 44 },
};

START_TEST(test_validate_finding)
{
	struct rexi_str texts[1] = { { app, sizeof(app) - 1 } };
	struct rexi_cedar_validation *validation = NULL;
	struct rexi_cedar_schema *schema = NULL;
	struct rexi_cedar_policies *policies;
	struct rexi_cedar_engine *engine;
	struct rexi_cedar_finding finding;
	struct rexi_error err;

	ck_assert_int_eq(rexi_cedar_engine_new(NULL, NULL, &engine, &err), REXI_OK);
	ck_assert_int_eq(rexi_cedar_schema_new(engine, texts, 1, &schema, NULL, &err), REXI_OK);
	ck_assert_int_eq(rexi_cedar_policies_new(engine, &policies, &err), REXI_OK);
	ck_assert_int_eq(rexi_cedar_policies_add_text(policies, rx_str(findings[_i].policy), 0, &err), REXI_OK);
	ck_assert_int_eq(rexi_cedar_validate(schema, policies, NULL, &validation, &err), REXI_OK);
	ck_assert(rexi_cedar_validation_passed(validation) == !findings[_i].kind);
	if (findings[_i].kind) {
		ck_assert(rexi_cedar_validation_finding(validation, 0, &finding));
		ck_assert_str_eq(finding.kind, findings[_i].kind);
		ck_assert_msg(finding.column == findings[_i].column, "%s: column %u", findings[_i].policy, finding.column);
		if (findings[_i].help)
			ck_assert_msg(rx_str_eq(finding.help, rx_str(findings[_i].help)), "help: %.*s", RX_STR_ARG(finding.help));
	}
	rexi_cedar_validation_free(validation);
	rexi_cedar_policies_free(policies);
	rexi_cedar_schema_free(schema);
	rexi_cedar_engine_free(engine);
}
END_TEST

START_TEST(test_validate_memory)
{
	static const char text[] =
		"permit(principal in Group::\"g\", action in [Action::\"view\", Action::\"edit\"], resource) when { principal has age &&"
		" principal.age > context.n && (resource.owner == principal || [1, 2].contains(principal.age)) && principal.zz };"
		"permit(principal, action, resource) when { {a: 1, b: \"x\"} == {a: principal.name, b: 1} };"
		"permit(principal == Use::\"x\", action == Action::\"vie\", resource) unless { principal.age.x.y };";
	enum rexi_status status = REXI_NO_MEMORY;
	struct rexi_cedar_policies *policies;
	struct rexi_cedar_engine *engine;
	struct rxc_schema *schema = NULL;
	struct rexi_error err;

	ck_assert_int_eq(rexi_cedar_engine_new(NULL, NULL, &engine, &err), REXI_OK);
	ck_assert_int_eq(rexi_cedar_policies_new(engine, &policies, &err), REXI_OK);
	ck_assert_int_eq(rexi_cedar_policies_add_text(policies, rx_str(text), 0, &err), REXI_OK);
	ck_assert_int_eq(rxc_schema_read(&memory, rx_str(app), &schema, &err), REXI_OK);
	for (size_t nth = 1; status != REXI_OK; nth++) {
		struct rxc_validate_options options = { .levels = true, .level = 1 };
		struct rxc_validation validation;
		size_t before = memory.used;

		memory.fail_at = nth;
		rxc_validation_init(&validation, &memory);
		status = rxc_validate(schema, policies, &options, &validation, &err);
		ck_assert(status == REXI_OK || status == REXI_NO_MEMORY);
		if (status == REXI_OK)
			ck_assert_uint_ge(validation.error_count, 5);
		rxc_validation_fini(&validation);
		ck_assert_uint_eq(memory.used, before);
		ck_assert_uint_lt(nth, 10000);
	}
	memory.fail_at = 0;
	rxc_schema_free(schema);
	rexi_cedar_policies_free(policies);
	rexi_cedar_engine_free(engine);
}
END_TEST

/* ---- The formatter ---- */

START_TEST(test_format_deep)
{
	char *text = nested("permit(principal,action,resource)when{", "(", 300, "true", ")", "};");
	struct rexi_cedar_engine *engine;
	struct rexi_cedar_text once, twice;
	struct rexi_error err;

	ck_assert_int_eq(rexi_cedar_engine_new(NULL, NULL, &engine, &err), REXI_OK);
	ck_assert_int_eq(rexi_cedar_format(engine, rx_str(text), 0, 0, &once, &err), REXI_OK);
	ck_assert_int_eq(rexi_cedar_format(engine, (struct rexi_str){ once.ptr, once.len }, 0, 0, &twice, &err), REXI_OK);
	ck_assert_str_eq(once.ptr, twice.ptr);
	rexi_cedar_text_free(engine, &once);
	rexi_cedar_text_free(engine, &twice);
	free(text);
	text = nested("permit(principal,action,resource)when{", "[", 100000, "true", "]", "};");
	ck_assert_int_ne(rexi_cedar_format(engine, rx_str(text), 0, 0, &once, &err), REXI_OK);
	free(text);
	ck_assert_int_eq(rexi_cedar_format(engine, RX_STR("permit("), 0, 0, &once, &err), REXI_SYNTAX);
	rexi_cedar_engine_free(engine);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cedar");
	TCase *tc = tcase_create("schema");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_schema_refusal, 0, RX_COUNT(refusals));
	tcase_add_test(tc, test_schema_depth);
	tcase_add_test(tc, test_schema_expansion);
	tcase_add_loop_test(tc, test_schema_memory, 0, 2);
	tcase_add_test(tc, test_schema_round_trip);
	tcase_add_test(tc, test_schema_merge);
	tcase_add_loop_test(tc, test_validate_finding, 0, RX_COUNT(findings));
	tcase_add_test(tc, test_validate_memory);
	tcase_add_test(tc, test_format_deep);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
