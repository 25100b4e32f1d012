/* libcedar through its public header: decisions, providers, editing, limits, failing memory, threads. */
#include <config.h>

#include <rexi/cedar.h>
#include <rexi/cedar_schema.h>

#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/suite.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct rexi_str str(const char *text)
{
	return (struct rexi_str){ text, strlen(text) };
}

#define ONE "permit(principal,action,resource);"

static struct rexi_cedar_engine *engine_with(const struct rexi_allocator *allocator, const struct rexi_cedar_limits *limits)
{
	struct rexi_cedar_engine *engine;

	ck_assert_int_eq(rexi_cedar_engine_new(allocator, limits, &engine, NULL), REXI_OK);
	return engine;
}

static struct rexi_cedar_policies *policies_of(const struct rexi_cedar_engine *engine, const char *text)
{
	struct rexi_cedar_policies *set;
	struct rexi_error err;

	ck_assert_int_eq(rexi_cedar_policies_new(engine, &set, &err), REXI_OK);
	ck_assert_msg(rexi_cedar_policies_add_text(set, str(text), 0, &err) == REXI_OK, "%s", err.message);
	ck_assert_int_eq(rexi_cedar_policies_build(set, 0, &err), REXI_OK);
	return set;
}

/* ---- a built set reads its texts again ------------------------------------------------------------------------------- */

static const char *const again_rows[] = {
	"permit(principal, action, resource);",
	"// first\n@id(\"a\") // second\n permit(principal, action, resource);",
	"@a @b(\"two\") @c ( \"th\\u{72}ee\" ) forbid ( principal == ?principal , action in [Action::\"x\", N::Action::\"y\"], resource is A::B in ?resource ) ;",
	"@plain(\"\") // between\n@next(\"x;y@z(\")\npermit(principal is User in Group::\"a\\n\", action == Action::\"x\", resource in Folder :: \"f\")"
	" when { principal has a.b.c && resource[\"two words\"] like \"a*\\*b\" } unless { context.x in [User::\"u\"] || {a: [1, -2], \"b c\": decimal(\"1.0\")}.a.isEmpty() };\n"
	"forbid(principal, action in [], resource) when { if context.ok then ip(\"::1\").isLoopback() else resource.hasTag(\"t\") };",
	"permit(principal, action, resource) when { \"\xC3\xA4\\u{1F600}\" == context[\"x\"] };",
};

static void expect_same_text(const struct rexi_cedar_policies *set, const struct rexi_cedar_engine *engine, const char *json, const char *cedar)
{
	struct rexi_cedar_text text;

	ck_assert_int_eq(rexi_cedar_policies_to_json(set, &text, NULL), REXI_OK);
	ck_assert_str_eq(text.ptr, json);
	rexi_cedar_text_free(engine, &text);
	ck_assert_int_eq(rexi_cedar_policies_to_cedar(set, &text, NULL), REXI_OK);
	ck_assert_str_eq(text.ptr, cedar);
	rexi_cedar_text_free(engine, &text);
}

/* JSON, text, infos and annotations do not change by building; neither does what is merged into another set. */
START_TEST(test_policies_built_sets_read_again)
{
	struct rexi_cedar_engine *engine = engine_with(NULL, NULL);
	struct rexi_cedar_text json, cedar;
	struct rexi_cedar_policies *set, *copy;
	struct rexi_cedar_policy_info before, after;
	struct rexi_str keys[2], values[2];
	struct rexi_error err;

	ck_assert_int_eq(rexi_cedar_policies_new(engine, &set, NULL), REXI_OK);
	ck_assert_msg(rexi_cedar_policies_add_text(set, str(again_rows[_i]), 0, &err) == REXI_OK, "row %d: %s", _i, err.message);
	ck_assert_int_eq(rexi_cedar_policies_to_json(set, &json, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_policies_to_cedar(set, &cedar, NULL), REXI_OK);
	for (int round = 0; round < 3; round++) {
		size_t policies = rexi_cedar_policies_count(set);

		if (policies) {
			ck_assert(rexi_cedar_policies_info(set, 0, &before));
			for (size_t i = 0; i < before.annotation_count; i++) {
				ck_assert(rexi_cedar_policies_annotation(set, 0, i, &keys[0], &values[0]));
				ck_assert_int_eq(rexi_cedar_policies_build(set, 0, NULL), REXI_OK);
				ck_assert(rexi_cedar_policies_annotation(set, 0, i, &keys[1], &values[1]));
				ck_assert(keys[0].len == keys[1].len && !memcmp(keys[0].ptr, keys[1].ptr, keys[0].len));
				ck_assert(values[0].len == values[1].len && !memcmp(values[0].ptr, values[1].ptr, values[0].len));
			}
			ck_assert(!rexi_cedar_policies_annotation(set, 0, before.annotation_count, &keys[0], &values[0]));
		}
		ck_assert_int_eq(rexi_cedar_policies_build(set, 0, NULL), REXI_OK);
		if (policies) {
			ck_assert(rexi_cedar_policies_info(set, 0, &after));
			ck_assert(after.text.ptr == before.text.ptr && after.text.len == before.text.len && after.annotation_count == before.annotation_count);
		}
		expect_same_text(set, engine, json.ptr, cedar.ptr);
		ck_assert_int_eq(rexi_cedar_policies_new(engine, &copy, NULL), REXI_OK);
		ck_assert_int_eq(rexi_cedar_policies_merge(copy, set, &err), REXI_OK);
		expect_same_text(copy, engine, json.ptr, cedar.ptr);
		ck_assert_int_eq(rexi_cedar_policies_build(copy, 0, NULL), REXI_OK);
		expect_same_text(copy, engine, json.ptr, cedar.ptr);
		if (round == 0) { /* the copy lives on without the set it came from */
			rexi_cedar_policies_free(set);
			set = copy;
			continue;
		}
		rexi_cedar_policies_free(copy);
		/* an edit after building: what is new has its tree, what is old has not */
		ck_assert_int_eq(rexi_cedar_policies_add_one(set, str("new"), str("permit(principal, action, resource);"), NULL), REXI_OK);
		ck_assert_int_eq(rexi_cedar_policies_build(set, 0, NULL), REXI_OK);
		ck_assert_int_eq(rexi_cedar_policies_remove(set, str("new"), NULL), REXI_OK);
	}
	rexi_cedar_text_free(engine, &json);
	rexi_cedar_text_free(engine, &cedar);
	rexi_cedar_policies_free(set);
	rexi_cedar_engine_free(engine);
}
END_TEST

/* ---- errors of a text ------------------------------------------------------------------------------------------------ */

static const struct { const char *source; size_t errors; uint32_t line, column; } error_rows[] = {
	{ "permit(principal, action, resource)", 1, 1, 36 },
	{ "permit(principal, action);\nforbid(principal, action, resource) when {};\npermit(principal, action, resource);", 2, 1, 1 },
	{ "permit(principal, action, resource)\nwhen { principal.if };", 1, 2, 18 },
	{ "permit(principal, action, resource) when { 1 + };\nallow(principal, action, resource);", 2, 1, 48 },
	{ "permit(principal, action, resource) when { \"\\q\" };", 1, 1, 44 },
	{ "permit(principal, action, resource) when { 'x' };", 1, 1, 44 },
};
START_TEST(test_policies_errors)
{
	struct rexi_cedar_engine *engine = engine_with(NULL, NULL);
	struct rexi_cedar_policies *set;
	struct rexi_error err;

	ck_assert_int_eq(rexi_cedar_policies_new(engine, &set, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_policies_add_text(set, str(error_rows[_i].source), 0, &err), REXI_SYNTAX);
	ck_assert_msg(rexi_cedar_policies_error_count(set) == error_rows[_i].errors, "row %d: %zu errors", _i, rexi_cedar_policies_error_count(set));
	ck_assert_msg(err.line == error_rows[_i].line && err.column == error_rows[_i].column, "row %d: %u:%u %s", _i, err.line, err.column, err.message);
	ck_assert_uint_eq(rexi_cedar_policies_count(set), 0);
	rexi_cedar_policies_free(set);
	rexi_cedar_engine_free(engine);
}
END_TEST

/* ---- decisions ------------------------------------------------------------------------------------------------------- */

static const char entities_text[] =
	"[{\"uid\":{\"type\":\"User\",\"id\":\"alice\"},\"attrs\":{\"level\":3},\"parents\":[{\"type\":\"Group\",\"id\":\"admin\"}]},"
	"{\"uid\":{\"type\":\"Group\",\"id\":\"admin\"},\"attrs\":{},\"parents\":[{\"type\":\"Group\",\"id\":\"staff\"}]},"
	"{\"uid\":{\"type\":\"Doc\",\"id\":\"d\"},\"attrs\":{\"cls\":2,\"owner\":{\"__entity\":{\"type\":\"User\",\"id\":\"alice\"}}},"
	"\"parents\":[{\"type\":\"Dir\",\"id\":\"/srv\"}],\"tags\":{\"k\":\"v\"}}]";
static const char request_text[] = "{\"principal\":\"User::\\\"alice\\\"\",\"action\":\"Action::\\\"read\\\"\",\"resource\":\"Doc::\\\"d\\\"\",\"context\":{\"n\":1}}";

static const struct { const char *policies; bool allow; size_t reasons, errors; enum rexi_cedar_eval_kind kind; } decision_rows[] = {
	{ "", false, 0, 0, 0 },
	{ "permit(principal, action, resource);", true, 1, 0, 0 },
	{ "permit(principal in Group::\"staff\", action == Action::\"read\", resource in Dir::\"/srv\");", true, 1, 0, 0 },
	{ "permit(principal == Group::\"staff\", action, resource);", false, 0, 0, 0 },
	{ "permit(principal, action in Action::\"write\", resource);", false, 0, 0, 0 },
	{ "permit(principal, action, resource); permit(principal is User, action, resource is Doc in Dir::\"/srv\"); forbid(principal, action, resource) when { false };", true, 2, 0, 0 },
	{ "permit(principal, action, resource); forbid(principal == User::\"alice\", action, resource);", false, 1, 0, 0 },
	{ "permit(principal, action, resource); forbid(principal, action, resource) when { principal.missing };", true, 1, 1, REXI_CEDAR_EVAL_ATTRIBUTE_MISSING },
	{ "permit(principal, action, resource) when { resource.cls <= principal.level && resource.owner == principal };", true, 1, 0, 0 },
	{ "permit(principal, action, resource) when { resource.getTag(\"k\") == \"v\" && !resource.hasTag(\"z\") };", true, 1, 0, 0 },
	{ "permit(principal, action, resource) when { context.n + 9223372036854775807 == 0 };", false, 0, 1, REXI_CEDAR_EVAL_OVERFLOW },
	{ "permit(principal, action, resource) when { context.n };", false, 0, 1, REXI_CEDAR_EVAL_TYPE_ERROR },
	{ "permit(principal, action, resource) when { User::\"bob\".x };", false, 0, 1, REXI_CEDAR_EVAL_ENTITY_MISSING },
	{ "permit(principal, action, resource) when { ip(\"x\").isIpv4() };", false, 0, 1, REXI_CEDAR_EVAL_EXTENSION_ERROR },
	{ "permit(principal, action, resource) when { principal == User::\"alice\" && context.n == 1 };", true, 1, 0, 0 },
	{ "permit(principal, action, resource) when { principal in Group::\"none\" && context.zz };", false, 0, 0, 0 },
};
START_TEST(test_authorize_decision)
{
	static const unsigned ways[] = { 0, REXI_CEDAR_LINEAR, 0, 0, REXI_CEDAR_EXPLAIN };
	struct rexi_cedar_engine *engine = engine_with(NULL, NULL);
	struct rexi_cedar_policies *set = policies_of(engine, decision_rows[_i].policies);
	struct rexi_cedar_authorizer *authorizer;
	struct rexi_cedar_entities *store;
	struct rexi_cedar_request *request;
	struct rexi_cedar_decision decision;

	ck_assert_int_eq(rexi_cedar_authorizer_new(engine, &authorizer, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_request_new(engine, &request, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_entities_new(engine, &store, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_entities_add_json(store, str(entities_text), NULL, NULL, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_request_set_json(request, str(request_text), NULL, NULL, NULL, NULL), REXI_OK);
	for (size_t way = 0; way < COUNT(ways); way++) {
		ck_assert_int_eq(rexi_cedar_authorize(authorizer, set, store, NULL, request, ways[way], &decision, NULL), REXI_OK);
		ck_assert_msg(decision.allow == decision_rows[_i].allow && decision.reason_count == decision_rows[_i].reasons &&
			      decision.error_count == decision_rows[_i].errors, "row %d way %zu", _i, way);
		if (decision.error_count) {
			ck_assert_int_eq(decision.errors[0].kind, decision_rows[_i].kind);
			ck_assert(decision.errors[0].message.len > 0 && decision.errors[0].span.end > decision.errors[0].span.start);
		}
	}
	rexi_cedar_entities_free(store);
	rexi_cedar_request_free(request);
	rexi_cedar_authorizer_free(authorizer);
	rexi_cedar_policies_free(set);
	rexi_cedar_engine_free(engine);
}
END_TEST

START_TEST(test_authorize_explains)
{
	struct rexi_cedar_engine *engine = engine_with(NULL, NULL);
	struct rexi_cedar_policies *set = policies_of(engine, "permit(principal, action, resource) when { context.n > 5 };"
							      "permit(principal == User::\"bob\", action, resource);");
	struct rexi_cedar_authorizer *authorizer;
	struct rexi_cedar_request *request;
	struct rexi_cedar_decision decision;

	ck_assert_int_eq(rexi_cedar_authorizer_new(engine, &authorizer, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_request_new(engine, &request, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_request_set_json(request, str(request_text), NULL, NULL, NULL, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_authorize(authorizer, set, NULL, NULL, request, REXI_CEDAR_EXPLAIN, &decision, NULL), REXI_OK);
	ck_assert(!decision.allow);
	ck_assert_uint_eq(decision.near_count, 2);
	ck_assert_uint_eq(decision.near[0].policy, 0);
	ck_assert_uint_eq(decision.near[0].clauses_held, 3);
	ck_assert_msg(decision.near[0].values.len == 13 && memcmp(decision.near[0].values.ptr, "context.n = 1", 13) == 0, "%.*s",
		      (int)decision.near[0].values.len, decision.near[0].values.ptr);
	ck_assert_uint_eq(decision.near[1].clauses_held, 2);
	rexi_cedar_request_free(request);
	rexi_cedar_authorizer_free(authorizer);
	rexi_cedar_policies_free(set);
	rexi_cedar_engine_free(engine);
}
END_TEST

static bool is(struct rexi_str text, const char *wanted)
{
	return text.len == strlen(wanted) && (text.len == 0 || memcmp(text.ptr, wanted, text.len) == 0);
}

/* What a denial says of the policy that came nearest. request_text has context.n = 1 and principal User::"alice". */
static const struct { const char *policy, *clause, *part; bool part_holds; const char *values; } explain_rows[] = {
	{ "permit(principal == User::\"bob\", action, resource);", "principal == User::\"bob\"", "", false, "principal = User::\"alice\"" },
	{ "permit(principal, action, resource) when { context.n > 5 };", "when { context.n > 5 }", "context.n > 5", false, "context.n = 1" },
	{ "permit(principal, action, resource) when { context.n == 1 && context.n > 5 && context.zz };", NULL, "context.n > 5", false, "context.n = 1" },
	{ "permit(principal, action, resource) when { context.n == 1 && (context.n == 1 && !(context.n < 2)) };", NULL, "context.n < 2", true, "context.n = 1" },
	{ "permit(principal, action, resource) when { context.n == 2 || context.n == 3 };", NULL, "context.n == 2 || context.n == 3", false, "context.n = 1, context.n = 1" },
	{ "permit(principal, action, resource) when { true } unless { context.n == 2 || context.n == 1 };", "unless { context.n == 2 || context.n == 1 }", "context.n == 1", true, "context.n = 1" },
	{ "permit(principal, action, resource) unless { context.n == 1 && principal is User };", NULL, "context.n == 1 && principal is User", true, "context.n = 1, principal = User::\"alice\"" },
	{ "permit(principal, action, resource) when { if context.n == 1 then context.n > 7 else true };", NULL, "if context.n == 1 then context.n > 7 else true", false, "context.n = 1, context.n = 1" },
	{ "permit(principal, action, resource) when { context has other };", NULL, "context has other", false, "context = {\"n\": 1}" },
	{ "permit(principal, action, resource) when { false };", NULL, "false", false, "" },
};
START_TEST(test_authorize_explains_parts)
{
	static const char json_head[] = "{\"principal\":\"User::\\\"alice\\\"\",\"action\":\"Action::\\\"read\\\"\",\"resource\":\"File::\\\"f\\\"\",\"context\":{\"n\":1}}";
	struct rexi_cedar_engine *engine = engine_with(NULL, NULL);
	struct rexi_cedar_policies *text = policies_of(engine, explain_rows[_i].policy), *read;
	struct rexi_cedar_authorizer *authorizer;
	struct rexi_cedar_request *request;
	struct rexi_cedar_decision decision;
	struct rexi_cedar_text json;

	ck_assert_int_eq(rexi_cedar_policies_to_json(text, &json, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_policies_new(engine, &read, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_policies_add_json(read, str("policy0"), (struct rexi_str){ json.ptr, json.len }, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_policies_build(read, 0, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_authorizer_new(engine, &authorizer, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_request_new(engine, &request, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_request_set_json(request, str(json_head), NULL, NULL, NULL, NULL), REXI_OK);
	for (int round = 0; round < 2; round++) { /* from text, from JSON */
		const struct rexi_cedar_near *near;

		ck_assert_int_eq(rexi_cedar_authorize(authorizer, round ? read : text, NULL, NULL, request, REXI_CEDAR_EXPLAIN, &decision, NULL), REXI_OK);
		ck_assert(!decision.allow && decision.near_count == 1);
		near = decision.near;
		if (explain_rows[_i].clause && !round)
			ck_assert_msg(is(near->clause, explain_rows[_i].clause), "%.*s",
				      (int)near->clause.len, near->clause.ptr);
		if (!round)
			ck_assert_msg(is(near->part, explain_rows[_i].part), "%.*s",
				      (int)near->part.len, near->part.ptr);
		ck_assert_int_eq(near->part.len != 0, explain_rows[_i].part[0] != 0);
		ck_assert_int_eq(near->part_holds, explain_rows[_i].part_holds);
		ck_assert_msg(is(near->values, explain_rows[_i].values), "%.*s",
			      (int)near->values.len, near->values.ptr);
	}
	rexi_cedar_text_free(engine, &json);
	rexi_cedar_request_free(request);
	rexi_cedar_authorizer_free(authorizer);
	rexi_cedar_policies_free(text);
	rexi_cedar_policies_free(read);
	rexi_cedar_engine_free(engine);
}
END_TEST

/* ---- providers: a file whose directories are its ancestors ------------------------------------------------------------- */

struct files {
	struct rexi_cedar_name file, dir;
	bool fail;
};

static enum rexi_cedar_answer file_ancestors(void *user, const struct rexi_cedar_uid *uid, struct rexi_cedar_walk *walk)
{
	struct files *files = user;

	if (files->fail)
		return REXI_CEDAR_FAIL;
	if (uid->type != &files->file)
		return REXI_CEDAR_PASS;
	for (size_t len = uid->id.len; len > 1; len--)
		if (uid->id.ptr[len - 1] == '/' && !rexi_cedar_walk_ancestor(walk, &files->dir, (struct rexi_str){ uid->id.ptr, len - 1 }))
			break;
	return REXI_CEDAR_FOUND;
}

static enum rexi_cedar_answer file_attribute(void *user, struct rexi_cedar_scratch *scratch, const struct rexi_cedar_uid *uid,
					     const struct rexi_cedar_name *name, struct rexi_cedar_value *out)
{
	struct files *files = user;

	(void)scratch;
	if (uid->type != &files->file)
		return REXI_CEDAR_PASS;
	if (name->text.len != 4 || memcmp(name->text.ptr, "path", 4) != 0)
		return REXI_CEDAR_ABSENT;
	*out = rexi_cedar_string(uid->id);
	return REXI_CEDAR_FOUND;
}

static const struct { const char *policy, *path; bool allow; size_t errors; } provider_rows[] = {
	{ "permit(principal, action, resource in Dir::\"/a/b\");", "/a/b/c/d", true, 0 },
	{ "permit(principal, action, resource in Dir::\"/a/b\");", "/a/bc/d", false, 0 },
	{ "permit(principal, action, resource) when { resource in Dir::\"/a\" && resource.path like \"*.log\" };", "/a/x.log", true, 0 },
	{ "permit(principal, action, resource) when { resource in [Dir::\"/z\", Dir::\"/a\"] };", "/a/x.log", true, 0 },
	{ "permit(principal, action, resource) when { resource.size > 1 };", "/a/x.log", false, 1 },
	{ "permit(principal, action, resource) when { resource has size };", "/a/x.log", false, 0 },
};
START_TEST(test_authorize_provider)
{
	struct rexi_cedar_engine *engine = engine_with(NULL, NULL);
	struct rexi_cedar_policies *set = policies_of(engine, provider_rows[_i].policy);
	struct files files = { .fail = false };
	const struct rexi_cedar_provider provider = { .size = sizeof(provider), .user = &files, .ancestors = file_ancestors, .attribute = file_attribute };
	struct rexi_cedar_authorizer *authorizer;
	struct rexi_cedar_request *request;
	struct rexi_cedar_decision decision;
	struct rexi_cedar_name user, action_type;
	struct rexi_cedar_uid principal, action, resource;
	struct rexi_error err;

	ck_assert_int_eq(rexi_cedar_type_init(engine, &files.file, str("File"), NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_type_init(engine, &files.dir, str("Dir"), NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_type_init(engine, &user, str("User"), NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_type_init(engine, &action_type, str("Action"), NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_type_init(engine, &action_type, str("not a type"), NULL), REXI_SYNTAX);
	rexi_cedar_uid_init(engine, &principal, &user, str("u"));
	rexi_cedar_uid_init(engine, &action, &action_type, str("open"));
	rexi_cedar_uid_init(engine, &resource, &files.file, str(provider_rows[_i].path));
	ck_assert_int_eq(rexi_cedar_authorizer_new(engine, &authorizer, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_request_new(engine, &request, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_authorize(authorizer, set, NULL, &provider, request, 0, &decision, &err), REXI_INVALID);
	rexi_cedar_request_set(request, &principal, &action, &resource);
	for (unsigned flags = 0; flags <= REXI_CEDAR_LINEAR; flags += REXI_CEDAR_LINEAR) {
		ck_assert_int_eq(rexi_cedar_authorize(authorizer, set, NULL, &provider, request, flags, &decision, &err), REXI_OK);
		ck_assert_msg(decision.allow == provider_rows[_i].allow && decision.error_count == provider_rows[_i].errors, "row %d", _i);
	}
	files.fail = true;
	ck_assert_int_eq(rexi_cedar_authorize(authorizer, set, NULL, &provider, request, 0, &decision, &err), REXI_HOST);
	ck_assert(!decision.allow);
	rexi_cedar_request_free(request);
	rexi_cedar_authorizer_free(authorizer);
	rexi_cedar_policies_free(set);
	rexi_cedar_engine_free(engine);
}
END_TEST

/* ---- editing ----------------------------------------------------------------------------------------------------------- */

START_TEST(test_policies_edit)
{
	struct rexi_cedar_engine *engine = engine_with(NULL, NULL);
	struct rexi_cedar_policies *set, *other;
	struct rexi_cedar_name user;
	struct rexi_cedar_binding binding = { .slot = "?principal" };
	enum rexi_cedar_link_error kind;
	struct rexi_cedar_policy_info info;
	struct rexi_error err;

	ck_assert_int_eq(rexi_cedar_type_init(engine, &user, str("User"), NULL), REXI_OK);
	rexi_cedar_uid_init(engine, &binding.uid, &user, str("bob"));
	ck_assert_int_eq(rexi_cedar_policies_new(engine, &set, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_policies_add_one(set, str("t"), str("@id(\"x\") permit(principal == ?principal, action, resource);"), NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_policies_add_one(set, str("t"), str("permit(principal, action, resource);"), &err), REXI_DUPLICATE);
	ck_assert_int_eq(rexi_cedar_policies_add_one(set, str("s"), str("permit(principal, action, resource);"), NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_policies_link(set, str("t"), str("l"), &binding, 0, &kind, &err), REXI_INVALID);
	ck_assert_int_eq(kind, REXI_CEDAR_LINK_ARITY);
	ck_assert_int_eq(rexi_cedar_policies_link(set, str("s"), str("l"), &binding, 1, &kind, &err), REXI_INVALID);
	ck_assert_int_eq(kind, REXI_CEDAR_LINK_EXPECTED_TEMPLATE);
	ck_assert_int_eq(rexi_cedar_policies_link(set, str("none"), str("l"), &binding, 1, &kind, &err), REXI_NOT_FOUND);
	ck_assert_int_eq(rexi_cedar_policies_link(set, str("t"), str("s"), &binding, 1, &kind, &err), REXI_DUPLICATE);
	ck_assert_int_eq(rexi_cedar_policies_link(set, str("t"), str("l"), &binding, 1, &kind, &err), REXI_OK);
	ck_assert_int_eq(rexi_cedar_policies_remove_template(set, str("t"), &err), REXI_INVALID);
	ck_assert_int_eq(rexi_cedar_policies_new(engine, &other, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_policies_merge(other, set, &err), REXI_OK);
	ck_assert_int_eq(rexi_cedar_policies_merge(other, set, &err), REXI_DUPLICATE);
	ck_assert_uint_eq(rexi_cedar_policies_count(other), 2);
	ck_assert_uint_eq(rexi_cedar_policies_template_count(other), 1);
	ck_assert_int_eq(rexi_cedar_policies_remove(set, str("s"), &err), REXI_OK);
	ck_assert_int_eq(rexi_cedar_policies_remove(set, str("s"), &err), REXI_NOT_FOUND);
	ck_assert_int_eq(rexi_cedar_policies_remove(set, str("l"), &err), REXI_OK);
	ck_assert_int_eq(rexi_cedar_policies_remove_template(set, str("t"), &err), REXI_OK);
	ck_assert_uint_eq(rexi_cedar_policies_count(set), 0);
	rexi_cedar_policies_free(set);
	ck_assert_uint_eq(rexi_cedar_policies_find(other, str("s")), 0);
	ck_assert(rexi_cedar_policies_info(other, 1, &info) && info.template_id.len == 1 && info.text.len > 0);
	ck_assert(!rexi_cedar_policies_info(other, 2, &info));
	ck_assert_int_eq(rexi_cedar_policies_build(other, 0, NULL), REXI_OK);
	rexi_cedar_policies_free(other);
	rexi_cedar_engine_free(engine);
}
END_TEST

/* Random edits of a set of few ids beside a list that shows what must be there, in its order. */
START_TEST(test_policies_edit_at_random)
{
	enum { IDS = 40, EDITS = 4000, TEMPLATES = IDS / 4 };
	struct rexi_cedar_engine *engine = engine_with(NULL, NULL);
	struct rexi_cedar_policies *set;
	struct rexi_cedar_policy_info info;
	size_t policies[IDS], templates[TEMPLATES], count = 0, template_count = 0;
	uint64_t random = 88172645463325252u;
	char ids[IDS][8];

	ck_assert_int_eq(rexi_cedar_policies_new(engine, &set, NULL), REXI_OK);
	for (size_t i = 0; i < IDS; i++)
		(void)snprintf(ids[i], sizeof(ids[i]), "p%zu", i);
	for (int edit = 0; edit < EDITS; edit++) {
		size_t id, at = 0;
		bool is_template, there;
		enum rexi_status status;

		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		id = (size_t)(random >> 8) % IDS;
		is_template = id < TEMPLATES;
		while (at < (is_template ? template_count : count) && (is_template ? templates : policies)[at] != id)
			at++;
		there = at < (is_template ? template_count : count);
		if (random & 1) {
			status = rexi_cedar_policies_add_one(set, str(ids[id]), str(is_template ? "permit(principal == ?principal, action, resource);" : ONE), NULL);
			ck_assert_int_eq(status, there ? REXI_DUPLICATE : REXI_OK);
			if (status == REXI_OK && is_template)
				templates[template_count++] = id;
			else if (status == REXI_OK)
				policies[count++] = id;
		} else {
			status = is_template ? rexi_cedar_policies_remove_template(set, str(ids[id]), NULL) : rexi_cedar_policies_remove(set, str(ids[id]), NULL);
			ck_assert_int_eq(status, there ? REXI_OK : REXI_NOT_FOUND);
			if (status == REXI_OK && is_template)
				memmove(&templates[at], &templates[at + 1], (--template_count - at) * sizeof(templates[0]));
			else if (status == REXI_OK)
				memmove(&policies[at], &policies[at + 1], (--count - at) * sizeof(policies[0]));
		}
		if (edit % 50 == 0)
			ck_assert_int_eq(rexi_cedar_policies_build(set, 0, NULL), REXI_OK);
		ck_assert_uint_eq(rexi_cedar_policies_count(set), count);
		ck_assert_uint_eq(rexi_cedar_policies_template_count(set), template_count);
		for (size_t i = 0; i < count; i++) {
			ck_assert_uint_eq(rexi_cedar_policies_find(set, str(ids[policies[i]])), i);
			ck_assert(rexi_cedar_policies_info(set, i, &info) && !memcmp(info.id.ptr, ids[policies[i]], info.id.len));
		}
		for (size_t i = 0; i < template_count; i++)
			ck_assert(rexi_cedar_policies_template_info(set, i, &info) && !memcmp(info.id.ptr, ids[templates[i]], info.id.len));
	}
	rexi_cedar_policies_free(set);
	rexi_cedar_engine_free(engine);
}
END_TEST

START_TEST(test_entities_edit)
{
	struct rexi_cedar_engine *engine = engine_with(NULL, NULL);
	struct rexi_cedar_entities *store;
	struct rexi_cedar_name user, level;
	struct rexi_cedar_uid alice, bob;
	struct rexi_cedar_value three = rexi_cedar_long(3);
	struct rexi_cedar_field field = { &level, three };
	struct rexi_cedar_entity_parts parts = { .uid = &alice, .attributes = &field, .attribute_count = 1, .parents = &bob, .parent_count = 1 };
	struct rexi_error err;
	const char *kind;

	ck_assert_int_eq(rexi_cedar_type_init(engine, &user, str("User"), NULL), REXI_OK);
	rexi_cedar_attribute_init(engine, &level, str("level"));
	rexi_cedar_uid_init(engine, &alice, &user, str("alice"));
	rexi_cedar_uid_init(engine, &bob, &user, str("bob"));
	ck_assert_int_eq(rexi_cedar_entities_new(engine, &store, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_entities_add(store, &parts, 0, &err), REXI_OK);
	ck_assert_int_eq(rexi_cedar_entities_add(store, &parts, 0, &err), REXI_OK); /* the same again */
	parts.attribute_count = 0;
	ck_assert_int_eq(rexi_cedar_entities_add(store, &parts, 0, &err), REXI_DUPLICATE);
	ck_assert_int_eq(rexi_cedar_entities_add(store, &parts, REXI_CEDAR_REPLACE, &err), REXI_OK);
	ck_assert_int_eq(rexi_cedar_entities_build(store, &err), REXI_OK);
	parts.uid = &bob;
	parts.parents = &alice;
	ck_assert_int_eq(rexi_cedar_entities_add(store, &parts, 0, &err), REXI_OK);
	ck_assert_int_eq(rexi_cedar_entities_build(store, &err), REXI_INVALID); /* a cycle */
	ck_assert_int_eq(rexi_cedar_entities_remove(store, &bob, &err), REXI_OK);
	ck_assert_int_eq(rexi_cedar_entities_remove(store, &bob, &err), REXI_NOT_FOUND);
	ck_assert_int_eq(rexi_cedar_entities_build(store, &err), REXI_OK);
	/* all or nothing */
	ck_assert_int_ne(rexi_cedar_entities_add_json(store, str("[{\"uid\":{\"type\":\"A\",\"id\":\"1\"},\"attrs\":{},\"parents\":[{\"type\":\"A\",\"id\":\"1\"}]}]"),
						      NULL, &kind, &err), REXI_OK);
	ck_assert_str_eq(kind, "has-cycle");
	ck_assert_uint_eq(rexi_cedar_entities_count(store), 1);
	rexi_cedar_entities_free(store);
	rexi_cedar_engine_free(engine);
}
END_TEST


/* Entities from parts are checked where a schema is set. */
START_TEST(test_entities_checked)
{
	struct rexi_cedar_engine *engine = engine_with(NULL, NULL);
	struct rexi_str text = str("entity Group; entity User in [Group] { level: Long }; action all; action view in [all];");
	struct rexi_cedar_schema *schema;
	struct rexi_cedar_entities *store;
	struct rexi_cedar_name user, group, action, level;
	struct rexi_cedar_uid alice, staff, view, all;
	struct rexi_cedar_field field = { &level, rexi_cedar_long(3) };
	struct rexi_cedar_entity_parts parts = { .uid = &alice, .attributes = &field, .attribute_count = 1, .parents = &staff, .parent_count = 1 };

	ck_assert_int_eq(rexi_cedar_schema_new(engine, &text, 1, &schema, NULL, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_type_init(engine, &user, str("User"), NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_type_init(engine, &group, str("Group"), NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_type_init(engine, &action, str("Action"), NULL), REXI_OK);
	rexi_cedar_attribute_init(engine, &level, str("level"));
	rexi_cedar_uid_init(engine, &alice, &user, str("alice"));
	rexi_cedar_uid_init(engine, &staff, &group, str("staff"));
	rexi_cedar_uid_init(engine, &view, &action, str("view"));
	rexi_cedar_uid_init(engine, &all, &action, str("all"));
	ck_assert_int_eq(rexi_cedar_entities_new(engine, &store, NULL), REXI_OK);
	rexi_cedar_entities_check(store, schema);
	ck_assert_int_eq(rexi_cedar_entities_add(store, &parts, 0, NULL), REXI_OK);
	field.value = rexi_cedar_bool(true);
	ck_assert_int_eq(rexi_cedar_entities_add(store, &parts, REXI_CEDAR_REPLACE, NULL), REXI_INVALID); /* another type */
	parts.attribute_count = 0;
	ck_assert_int_eq(rexi_cedar_entities_add(store, &parts, REXI_CEDAR_REPLACE, NULL), REXI_INVALID); /* missing */
	parts.uid = &staff;
	parts.parents = &alice;
	ck_assert_int_eq(rexi_cedar_entities_add(store, &parts, 0, NULL), REXI_INVALID); /* no such parent */
	parts.parent_count = 0;
	ck_assert_int_eq(rexi_cedar_entities_add(store, &parts, 0, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_entities_build(store, NULL), REXI_OK);
	parts.uid = &view;
	ck_assert_int_eq(rexi_cedar_entities_add(store, &parts, 0, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_entities_build(store, NULL), REXI_INVALID); /* it is in `all` */
	parts.parents = &all;
	parts.parent_count = 1;
	ck_assert_int_eq(rexi_cedar_entities_add(store, &parts, REXI_CEDAR_REPLACE, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_entities_build(store, NULL), REXI_OK);
	field.value = rexi_cedar_long(3);
	rexi_cedar_entities_check(store, NULL);
	parts.uid = &alice;
	ck_assert_int_eq(rexi_cedar_entities_add(store, &parts, REXI_CEDAR_REPLACE, NULL), REXI_OK);
	rexi_cedar_entities_free(store);
	rexi_cedar_schema_free(schema);
	rexi_cedar_engine_free(engine);
}
END_TEST

/* ---- several requests --------------------------------------------------------------------------------------------------- */

struct batch {
	size_t seen, allowed, failed, stop_at;
};

static bool batch_each(void *user, size_t at, enum rexi_status status, const struct rexi_cedar_decision *decision, const struct rexi_error *err)
{
	struct batch *batch = user;

	ck_assert_uint_eq(at, batch->seen++);
	ck_assert(status == REXI_OK || (!decision->allow && err->status == status));
	batch->allowed += decision->allow;
	batch->failed += status != REXI_OK;
	return batch->seen != batch->stop_at;
}

START_TEST(test_authorize_batch)
{
	struct rexi_cedar_limits limits = { .size = sizeof(limits), .steps = 5 };
	struct rexi_cedar_engine *engine = engine_with(NULL, &limits);
	struct rexi_cedar_policies *set = policies_of(engine, "permit(principal,action,resource) when { context.n == 1 };"
							      "forbid(principal == User::\"bob\",action,resource) when { context.n == 2 };");
	struct rexi_cedar_request *requests[4];
	struct rexi_cedar_authorizer *authorizer;
	struct batch batch = { .stop_at = SIZE_MAX };

	static const char *const texts[] = {
		"{\"principal\":\"User::\\\"a\\\"\",\"action\":\"Action::\\\"v\\\"\",\"resource\":\"D::\\\"d\\\"\",\"context\":{\"n\":1}}",
		"{\"principal\":\"User::\\\"bob\\\"\",\"action\":\"Action::\\\"v\\\"\",\"resource\":\"D::\\\"d\\\"\",\"context\":{\"n\":1}}", /* two conditions: too many steps */
		"{\"principal\":\"User::\\\"a\\\"\",\"action\":\"Action::\\\"v\\\"\",\"resource\":\"D::\\\"d\\\"\",\"context\":{\"n\":2}}",
		"{\"principal\":\"User::\\\"c\\\"\",\"action\":\"Action::\\\"v\\\"\",\"resource\":\"D::\\\"d\\\"\",\"context\":{\"n\":1}}",
	};
	ck_assert_int_eq(rexi_cedar_authorizer_new(engine, &authorizer, NULL), REXI_OK);
	for (size_t i = 0; i < COUNT(requests); i++) {
		ck_assert_int_eq(rexi_cedar_request_new(engine, &requests[i], NULL), REXI_OK);
		ck_assert_int_eq(rexi_cedar_request_set_json(requests[i], str(texts[i]), NULL, NULL, NULL, NULL), REXI_OK);
	}
	ck_assert_int_eq(rexi_cedar_authorize_batch(authorizer, set, NULL, NULL, (const struct rexi_cedar_request *const *)requests, 4, 0,
						    batch_each, &batch, NULL), REXI_OK);
	ck_assert(batch.seen == 4 && batch.allowed == 2 && batch.failed == 1);
	batch = (struct batch){ .stop_at = 2 };
	ck_assert_int_eq(rexi_cedar_authorize_batch(authorizer, set, NULL, NULL, (const struct rexi_cedar_request *const *)requests, 4, 0,
						    batch_each, &batch, NULL), REXI_OK);
	ck_assert_uint_eq(batch.seen, 2);
	batch = (struct batch){ .stop_at = SIZE_MAX };
	ck_assert_int_eq(rexi_cedar_policies_add_one(set, str("more"), str(ONE), NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_authorize_batch(authorizer, set, NULL, NULL, (const struct rexi_cedar_request *const *)requests, 4, 0,
						    batch_each, &batch, NULL), REXI_INVALID); /* not built */
	ck_assert_uint_eq(batch.seen, 0);
	for (size_t i = 0; i < COUNT(requests); i++)
		rexi_cedar_request_free(requests[i]);
	rexi_cedar_authorizer_free(authorizer);
	rexi_cedar_policies_free(set);
	rexi_cedar_engine_free(engine);
}
END_TEST

/* ---- limits: at the value, and one past it ------------------------------------------------------------------------------ */

static enum rexi_status add_with(const struct rexi_cedar_limits *limits, const char *text)
{
	struct rexi_cedar_engine *engine = engine_with(NULL, limits);
	struct rexi_cedar_policies *set;
	enum rexi_status status;

	ck_assert_int_eq(rexi_cedar_policies_new(engine, &set, NULL), REXI_OK);
	status = rexi_cedar_policies_add_text(set, str(text), 0, NULL);
	rexi_cedar_policies_free(set);
	rexi_cedar_engine_free(engine);
	return status;
}

START_TEST(test_limits_of_policies)
{
	struct rexi_cedar_limits limits = { .size = sizeof(limits), .source_bytes = strlen(ONE) };

	ck_assert_int_eq(add_with(&limits, ONE), REXI_OK);
	ck_assert_int_eq(add_with(&limits, ONE " "), REXI_LIMIT);
	limits = (struct rexi_cedar_limits){ .size = sizeof(limits), .policies = 2 };
	ck_assert_int_eq(add_with(&limits, ONE ONE), REXI_OK);
	ck_assert_int_eq(add_with(&limits, ONE ONE ONE), REXI_LIMIT);
	limits = (struct rexi_cedar_limits){ .size = sizeof(limits), .attribute_bytes = 3 };
	ck_assert_int_eq(add_with(&limits, "permit(principal,action,resource) when { \"abc\" == \"\" };"), REXI_OK);
	ck_assert_int_eq(add_with(&limits, "permit(principal,action,resource) when { \"abcd\" == \"\" };"), REXI_LIMIT);
	limits = (struct rexi_cedar_limits){ .size = sizeof(limits), .nesting = 4 };
	ck_assert_int_eq(add_with(&limits, "permit(principal,action,resource) when { [[[1]]] };"), REXI_LIMIT);
	ck_assert_int_eq(add_with(&limits, "permit(principal,action,resource) when { [[1]] };"), REXI_OK);
	limits = (struct rexi_cedar_limits){ .size = sizeof(limits), .memory_bytes = 3000 };
	ck_assert_int_eq(add_with(&limits, ONE), REXI_NO_MEMORY);
}
END_TEST

static enum rexi_status entities_with(const struct rexi_cedar_limits *limits, const char *text)
{
	struct rexi_cedar_engine *engine = engine_with(NULL, limits);
	struct rexi_cedar_entities *store;
	enum rexi_status status;

	ck_assert_int_eq(rexi_cedar_entities_new(engine, &store, NULL), REXI_OK);
	status = rexi_cedar_entities_add_json(store, str(text), NULL, NULL, NULL);
	rexi_cedar_entities_free(store);
	rexi_cedar_engine_free(engine);
	return status;
}

#define ENTITY(id, attrs) "{\"uid\":{\"type\":\"U\",\"id\":\"" id "\"},\"attrs\":{" attrs "},\"parents\":[]}"

START_TEST(test_limits_of_entities)
{
	static const char one[] = "[" ENTITY("a", "") "]";
	struct rexi_cedar_limits limits = { .size = sizeof(limits), .source_bytes = strlen(one) };

	ck_assert_int_eq(entities_with(&limits, one), REXI_OK);
	ck_assert_int_eq(entities_with(&limits, "[" ENTITY("a", "") " ]"), REXI_LIMIT);
	limits = (struct rexi_cedar_limits){ .size = sizeof(limits), .entities = 1 };
	ck_assert_int_eq(entities_with(&limits, one), REXI_OK);
	ck_assert_int_eq(entities_with(&limits, "[" ENTITY("a", "") "," ENTITY("b", "") "]"), REXI_LIMIT);
	limits = (struct rexi_cedar_limits){ .size = sizeof(limits), .attribute_bytes = 3 };
	ck_assert_int_eq(entities_with(&limits, "[" ENTITY("a", "\"x\":\"abc\"") "]"), REXI_OK);
	ck_assert_int_eq(entities_with(&limits, "[" ENTITY("a", "\"x\":\"abcd\"") "]"), REXI_LIMIT);
	ck_assert_int_eq(entities_with(&limits, "[" ENTITY("abcd", "") "]"), REXI_LIMIT);
	limits = (struct rexi_cedar_limits){ .size = sizeof(limits), .nesting = 5 }; /* array, entity, attrs, and two */
	ck_assert_int_eq(entities_with(&limits, "[" ENTITY("a", "\"x\":[[]]") "]"), REXI_OK);
	ck_assert_int_eq(entities_with(&limits, "[" ENTITY("a", "\"x\":[[[]]]") "]"), REXI_LIMIT);
	limits = (struct rexi_cedar_limits){ .size = sizeof(limits), .memory_bytes = 3000 };
	ck_assert_int_eq(entities_with(&limits, one), REXI_NO_MEMORY);
}
END_TEST

/* Memory of a decision: an authorizer that may take little says so and denies. */
START_TEST(test_limits_of_decision_memory)
{
	struct rexi_cedar_limits limits = { .size = sizeof(limits) };
	bool refused = false, decided = false;

	for (size_t bytes = 1000; bytes < 200000 && !decided; bytes += 500) {
		struct rexi_cedar_engine *engine;
		struct rexi_cedar_policies *set;
		struct rexi_cedar_authorizer *authorizer = NULL;
		struct rexi_cedar_request *request;
		struct rexi_cedar_decision decision = { .allow = false };
		enum rexi_status status;

		limits.decision_bytes = bytes;
		engine = engine_with(NULL, &limits);
		set = policies_of(engine, "permit(principal,action,resource) when { [[context.n], [2]].contains([1]) };");
		ck_assert_int_eq(rexi_cedar_request_new(engine, &request, NULL), REXI_OK);
		ck_assert_int_eq(rexi_cedar_request_set_json(request, str(request_text), NULL, NULL, NULL, NULL), REXI_OK);
		status = rexi_cedar_authorizer_new(engine, &authorizer, NULL);
		if (status == REXI_OK)
			status = rexi_cedar_authorize(authorizer, set, NULL, NULL, request, 0, &decision, NULL);
		ck_assert(status == REXI_NO_MEMORY || status == REXI_OK);
		ck_assert(decision.allow == (status == REXI_OK));
		refused |= status == REXI_NO_MEMORY;
		decided = status == REXI_OK;
		rexi_cedar_authorizer_free(authorizer);
		rexi_cedar_request_free(request);
		rexi_cedar_policies_free(set);
		rexi_cedar_engine_free(engine);
	}
	ck_assert(refused && decided);
}
END_TEST

START_TEST(test_limits_have_maxima)
{
	struct rexi_cedar_limits limits = { .size = sizeof(limits), .nesting = 4001 };
	struct rexi_cedar_engine *engine;

	ck_assert_int_eq(rexi_cedar_engine_new(NULL, &limits, &engine, NULL), REXI_INVALID);
	limits.nesting = 4000;
	ck_assert_int_eq(rexi_cedar_engine_new(NULL, &limits, &engine, NULL), REXI_OK);
	rexi_cedar_engine_free(engine);
	limits.size--;
	ck_assert_int_eq(rexi_cedar_engine_new(NULL, &limits, &engine, NULL), REXI_INVALID);
}
END_TEST

START_TEST(test_limits_of_nesting_do_not_crash)
{
	enum { DEEP = 200000 };
	char *text = malloc(DEEP + 200);
	size_t len;

	ck_assert_ptr_nonnull(text);
	len = (size_t)sprintf(text, "permit(principal,action,resource) when { ");
	memset(text + len, '(', DEEP);
	text[len + DEEP] = '\0';
	ck_assert_int_eq(add_with(NULL, text), REXI_LIMIT);
	free(text);
}
END_TEST

START_TEST(test_limits_of_a_decision)
{
	struct rexi_cedar_limits limits = { .size = sizeof(limits), .steps = 5 }; /* the first costs five */
	struct rexi_cedar_engine *engine = engine_with(NULL, &limits);
	struct rexi_cedar_policies *set = policies_of(engine, "permit(principal,action,resource) when { context.n == 1 };");
	struct rexi_cedar_policies *more = policies_of(engine, "permit(principal,action,resource) when { !(context.n == 2) };");
	struct rexi_cedar_authorizer *authorizer;
	struct rexi_cedar_request *request;
	struct rexi_cedar_decision decision;

	ck_assert_int_eq(rexi_cedar_authorizer_new(engine, &authorizer, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_request_new(engine, &request, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_request_set_json(request, str(request_text), NULL, NULL, NULL, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_authorize(authorizer, set, NULL, NULL, request, 0, &decision, NULL), REXI_OK);
	ck_assert(decision.allow);
	ck_assert_int_eq(rexi_cedar_authorize(authorizer, more, NULL, NULL, request, 0, &decision, NULL), REXI_LIMIT);
	ck_assert(!decision.allow);
	rexi_cedar_request_free(request);
	rexi_cedar_authorizer_free(authorizer);
	rexi_cedar_policies_free(set);
	rexi_cedar_policies_free(more);
	rexi_cedar_engine_free(engine);
}
END_TEST

/* ---- every allocation failing in turn ----------------------------------------------------------------------------------- */

struct failing {
	long until; /* allocations before the one that fails; negative: none fails */
	long live;
};

static void *failing_resize(void *user, void *ptr, size_t old_size, size_t new_size)
{
	struct failing *failing = user;
	void *fresh;

	(void)old_size;
	if (!new_size) {
		failing->live -= ptr != NULL;
		free(ptr);
		return NULL;
	}
	if (failing->until == 0)
		return NULL;
	if (failing->until > 0)
		failing->until--;
	fresh = realloc(ptr, new_size);
	failing->live += fresh && !ptr;
	return fresh;
}

/* The whole way of a decision; true when nothing was refused. */
static bool whole_way(const struct rexi_allocator *allocator)
{
	static const char policies[] = "@a(\"x\\n\") permit(principal in Group::\"staff\", action in [Action::\"read\"], resource) when { resource.cls < 3 && {a: [1, context.n]}.a.contains(1) };"
				       "forbid(principal, action, resource) when { principal.zz like \"*a\" }; permit(principal == ?principal, action, resource);";
	struct rexi_cedar_engine *engine = NULL;
	struct rexi_cedar_policies *set = NULL, *copy = NULL;
	struct rexi_cedar_entities *store = NULL;
	struct rexi_cedar_authorizer *authorizer = NULL;
	struct rexi_cedar_request *request = NULL;
	struct rexi_cedar_text json = { NULL, 0, 0 }, text = { NULL, 0, 0 }, entities = { NULL, 0, 0 };
	struct rexi_cedar_decision decision;
	enum rexi_status status;

	status = rexi_cedar_engine_new(allocator, NULL, &engine, NULL);
	if (status == REXI_OK)
		status = rexi_cedar_policies_new(engine, &set, NULL);
	if (status == REXI_OK)
		status = rexi_cedar_policies_add_text(set, str(policies), 0, NULL);
	if (status == REXI_OK)
		status = rexi_cedar_policies_to_json(set, &json, NULL);
	if (status == REXI_OK)
		status = rexi_cedar_policies_to_cedar(set, &text, NULL);
	if (status == REXI_OK)
		status = rexi_cedar_policies_new(engine, &copy, NULL);
	if (status == REXI_OK)
		status = rexi_cedar_policies_merge(copy, set, NULL);
	if (status == REXI_OK)
		status = rexi_cedar_policies_build(set, 0, NULL);
	if (status == REXI_OK)
		status = rexi_cedar_entities_new(engine, &store, NULL);
	if (status == REXI_OK)
		status = rexi_cedar_entities_add_json(store, str(entities_text), NULL, NULL, NULL);
	if (status == REXI_OK)
		status = rexi_cedar_entities_to_json(store, &entities, NULL);
	if (status == REXI_OK)
		status = rexi_cedar_request_new(engine, &request, NULL);
	if (status == REXI_OK)
		status = rexi_cedar_request_set_json(request, str(request_text), NULL, NULL, NULL, NULL);
	if (status == REXI_OK)
		status = rexi_cedar_authorizer_new(engine, &authorizer, NULL);
	if (status == REXI_OK)
		status = rexi_cedar_authorize(authorizer, set, store, NULL, request, REXI_CEDAR_EXPLAIN, &decision, NULL);
	ck_assert_msg(status == REXI_OK || status == REXI_NO_MEMORY, "status %d", status);
	if (status == REXI_OK)
		ck_assert(decision.allow && decision.error_count == 1);
	if (engine) {
		rexi_cedar_text_free(engine, &json);
		rexi_cedar_text_free(engine, &text);
		rexi_cedar_text_free(engine, &entities);
	}
	rexi_cedar_authorizer_free(authorizer);
	rexi_cedar_request_free(request);
	rexi_cedar_entities_free(store);
	rexi_cedar_policies_free(copy);
	rexi_cedar_policies_free(set);
	rexi_cedar_engine_free(engine);
	return status == REXI_OK;
}

START_TEST(test_every_allocation_fails)
{
	bool done = false;

	for (long n = 0; !done; n++) {
		struct failing failing = { .until = n };
		const struct rexi_allocator allocator = { failing_resize, &failing };

		done = whole_way(&allocator);
		ck_assert_msg(failing.live == 0, "after %ld allocations %ld are left", n, failing.live);
		ck_assert_int_lt(n, 2000);
	}
}
END_TEST

/* ---- threads that share a set and a store --------------------------------------------------------------------------------- */

struct shared {
	struct rexi_cedar_engine *engine;
	struct rexi_cedar_policies *set;
	struct rexi_cedar_entities *store;
	size_t allowed;
};

static void *decide_many(void *user)
{
	struct shared *shared = user;
	struct rexi_cedar_authorizer *authorizer;
	struct rexi_cedar_request *request;
	struct rexi_cedar_decision decision;

	if (rexi_cedar_authorizer_new(shared->engine, &authorizer, NULL) != REXI_OK || rexi_cedar_request_new(shared->engine, &request, NULL) != REXI_OK)
		return NULL;
	for (int i = 0; i < 2000; i++) { /* errors and explanations read the texts of the set again */
		struct rexi_cedar_text json;

		if (rexi_cedar_request_set_json(request, str(request_text), NULL, NULL, NULL, NULL) == REXI_OK &&
		    rexi_cedar_authorize(authorizer, shared->set, shared->store, NULL, request, i % 10 ? 0 : REXI_CEDAR_EXPLAIN, &decision, NULL) == REXI_OK &&
		    decision.error_count == 2 && decision.errors[0].span.end > decision.errors[0].span.start)
			shared->allowed += decision.allow;
		if (i % 100 == 0 && rexi_cedar_policies_to_json(shared->set, &json, NULL) == REXI_OK)
			rexi_cedar_text_free(shared->engine, &json);
	}
	rexi_cedar_request_free(request);
	rexi_cedar_authorizer_free(authorizer);
	return NULL;
}

START_TEST(test_threads_share)
{
	enum { THREADS = 4 };
	struct rexi_cedar_engine *engine = engine_with(NULL, NULL);
	struct shared shared[THREADS];
	pthread_t threads[THREADS];

	shared[0] = (struct shared){ .engine = engine, .set = policies_of(engine, "permit(principal in Group::\"staff\", action, resource) when { resource.cls < 3 };"
												  "forbid(principal, action, resource) when { context.n + \"x\" == 1 };"
												  "forbid(principal, action, resource) when { context.n like \"*\" && [context.n].contains(7) };") };
	ck_assert_int_eq(rexi_cedar_entities_new(engine, &shared[0].store, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_entities_add_json(shared[0].store, str(entities_text), NULL, NULL, NULL), REXI_OK);
	for (int i = 1; i < THREADS; i++)
		shared[i] = shared[0];
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, decide_many, &shared[i]), 0);
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	for (int i = 0; i < THREADS; i++)
		ck_assert_uint_eq(shared[i].allowed, 2000);
	rexi_cedar_entities_free(shared[0].store);
	rexi_cedar_policies_free(shared[0].set);
	rexi_cedar_engine_free(engine);
}
END_TEST

/* ---- engines do not mix ----------------------------------------------------------------------------------------------------- */

START_TEST(test_engines_do_not_mix)
{
	struct rexi_cedar_engine *one = engine_with(NULL, NULL), *two = engine_with(NULL, NULL);
	struct rexi_cedar_policies *set = policies_of(one, ONE);
	struct rexi_cedar_authorizer *authorizer;
	struct rexi_cedar_request *request;
	struct rexi_cedar_decision decision;

	ck_assert_int_eq(rexi_cedar_authorizer_new(two, &authorizer, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_request_new(two, &request, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_request_set_json(request, str(request_text), NULL, NULL, NULL, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_authorize(authorizer, set, NULL, NULL, request, 0, &decision, NULL), REXI_INVALID);
	ck_assert(!decision.allow);
	rexi_cedar_request_free(request);
	rexi_cedar_authorizer_free(authorizer);
	rexi_cedar_policies_free(set);
	rexi_cedar_engine_free(one);
	rexi_cedar_engine_free(two);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cedar");
	TCase *tcase = tcase_create("cedar");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, test_policies_built_sets_read_again, 0, COUNT(again_rows));
	tcase_add_loop_test(tcase, test_policies_errors, 0, COUNT(error_rows));
	tcase_add_loop_test(tcase, test_authorize_decision, 0, COUNT(decision_rows));
	tcase_add_test(tcase, test_authorize_explains);
	tcase_add_loop_test(tcase, test_authorize_explains_parts, 0, COUNT(explain_rows));
	tcase_add_loop_test(tcase, test_authorize_provider, 0, COUNT(provider_rows));
	tcase_add_test(tcase, test_policies_edit);
	tcase_add_test(tcase, test_policies_edit_at_random);
	tcase_add_test(tcase, test_entities_edit);
	tcase_add_test(tcase, test_limits_of_policies);
	tcase_add_test(tcase, test_entities_checked);
	tcase_add_test(tcase, test_authorize_batch);
	tcase_add_test(tcase, test_limits_of_entities);
	tcase_add_test(tcase, test_limits_of_decision_memory);
	tcase_add_test(tcase, test_limits_have_maxima);
	tcase_add_test(tcase, test_limits_of_nesting_do_not_crash);
	tcase_add_test(tcase, test_limits_of_a_decision);
	tcase_add_test(tcase, test_every_allocation_fails);
	tcase_add_test(tcase, test_threads_share);
	tcase_add_test(tcase, test_engines_do_not_mix);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
