/* Limits at their value and one past it, work that grows with the input and no faster, hostile input. */
#include <config.h>

#include <rexi/cedar.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/suite.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct rexi_str str(const char *text)
{
	return (struct rexi_str){ text, strlen(text) };
}

static struct rexi_cedar_engine *engine_with(const struct rexi_allocator *allocator, const struct rexi_cedar_limits *limits)
{
	struct rexi_cedar_engine *engine;

	ck_assert_int_eq(rexi_cedar_engine_new(allocator, limits, &engine, NULL), REXI_OK);
	return engine;
}

/* ---- texts of any size ------------------------------------------------------------------------------------------------- */

struct text {
	char *ptr;
	size_t len, cap;
};

/* Adds a piece in which % stands for the number. */
static void put(struct text *text, const char *piece, size_t number)
{
	enum { MOST_DIGITS = 24 };

	for (; *piece; piece++) {
		if (text->len + MOST_DIGITS > text->cap) {
			text->cap = text->cap ? text->cap * 2 : 1024;
			text->ptr = realloc(text->ptr, text->cap);
			ck_assert_ptr_nonnull(text->ptr);
		}
		if (*piece == '%')
			text->len += (size_t)snprintf(text->ptr + text->len, MOST_DIGITS, "%zu", number);
		else
			text->ptr[text->len++] = *piece;
	}
}

static struct rexi_str view(const struct text *text)
{
	return (struct rexi_str){ text->ptr, text->len };
}

/* before, `count` times `each` with its number for %, after. */
static struct text repeat(const char *before, const char *each, size_t count, const char *after)
{
	struct text text = { NULL, 0, 0 };

	put(&text, before, 0);
	for (size_t i = 0; i < count; i++)
		put(&text, each, i);
	put(&text, after, 0);
	return text;
}

#define HEAD "permit(principal,action,resource)"
#define ENTITY "{\"uid\":{\"type\":\"U\",\"id\":\"%\"},\"attrs\":{\"a\":1,\"b\":[\"x\",\"y\"]},\"parents\":[{\"type\":\"G\",\"id\":\"g\"}]},\n"
#define LAST "{\"uid\":{\"type\":\"U\",\"id\":\"last\"},\"attrs\":{},\"parents\":[]}]"

static enum rexi_status add_policies(const struct rexi_cedar_engine *engine, struct rexi_str text, bool build, size_t *memory_out, struct rexi_error *err)
{
	struct rexi_cedar_policies *set;
	enum rexi_status status;

	if (rexi_cedar_policies_new(engine, &set, err) != REXI_OK)
		return REXI_NO_MEMORY;
	status = rexi_cedar_policies_add_text(set, text, 0, err);
	if (status == REXI_OK && build)
		status = rexi_cedar_policies_build(set, 0, err);
	if (memory_out)
		*memory_out = rexi_cedar_policies_memory(set);
	rexi_cedar_policies_free(set);
	return status;
}

static enum rexi_status add_entities(const struct rexi_cedar_engine *engine, struct rexi_str text, size_t *memory_out, struct rexi_error *err)
{
	struct rexi_cedar_entities *store;
	enum rexi_status status;

	if (rexi_cedar_entities_new(engine, &store, err) != REXI_OK)
		return REXI_NO_MEMORY;
	status = rexi_cedar_entities_add_json(store, text, NULL, NULL, err);
	if (memory_out)
		*memory_out = rexi_cedar_entities_memory(store);
	rexi_cedar_entities_free(store);
	return status;
}

/* ---- errors of a parse ------------------------------------------------------------------------------------------------- */

static const struct { size_t limit, wrong, kept; } error_rows[] = { { 1, 1, 1 }, { 1, 2, 1 }, { 3, 2, 2 }, { 3, 3, 3 }, { 3, 4, 3 }, { 0, 64, 64 }, { 0, 65, 64 }, { 10000, 10000, 10000 }, { 10000, 10001, 10000 } };
START_TEST(test_limit_of_errors)
{
	struct rexi_cedar_limits limits = { .size = sizeof(limits), .errors = error_rows[_i].limit };
	struct rexi_cedar_engine *engine = engine_with(NULL, &limits);
	struct text text = repeat("", "allow(principal,action,resource);\n", error_rows[_i].wrong, "");
	struct rexi_cedar_policies *set;
	struct rexi_error err;

	ck_assert_int_eq(rexi_cedar_policies_new(engine, &set, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_policies_add_text(set, view(&text), 0, &err), REXI_SYNTAX);
	ck_assert_uint_eq(rexi_cedar_policies_error_count(set), error_rows[_i].kept);
	ck_assert_uint_eq(err.line, 1);
	ck_assert_uint_eq(rexi_cedar_policies_error(set, error_rows[_i].kept - 1)->line, error_rows[_i].kept);
	ck_assert_ptr_null(rexi_cedar_policies_error(set, error_rows[_i].kept));
	rexi_cedar_policies_free(set);
	rexi_cedar_engine_free(engine);
	free(text.ptr);
}
END_TEST

/* ---- memory: the least that suffices, and a byte less ------------------------------------------------------------------- */

enum what { POLICIES, ENTITIES, DECISION, WHATS };

static enum rexi_status with_memory(enum what what, size_t bytes)
{
	struct rexi_cedar_limits limits = { .size = sizeof(limits) };
	struct rexi_cedar_engine *engine;
	struct rexi_cedar_authorizer *authorizer = NULL;
	struct rexi_cedar_policies *set;
	struct rexi_cedar_request *request = NULL;
	struct rexi_cedar_decision decision = { .allow = true };
	struct text text;
	enum rexi_status status;
	size_t used = 0;

	if (what == DECISION)
		limits.decision_bytes = bytes;
	else
		limits.memory_bytes = bytes;
	engine = engine_with(NULL, &limits);
	if (what == POLICIES) {
		text = repeat("", HEAD " when { context.n == % && context.s == \"text\" };\n", 50, "");
		status = add_policies(engine, view(&text), true, &used, NULL);
		free(text.ptr);
		ck_assert(used <= bytes);
	} else if (what == ENTITIES) {
		text = repeat("[", ENTITY, 50, LAST);
		status = add_entities(engine, view(&text), &used, NULL);
		free(text.ptr);
		ck_assert(used <= bytes);
	} else {
		ck_assert_int_eq(rexi_cedar_policies_new(engine, &set, NULL), REXI_OK);
		ck_assert_int_eq(rexi_cedar_policies_add_text(set, str(HEAD " when { [[context.n], [2]].contains([1]) };"
								   "forbid(principal,action,resource) when { context.n + \"x\" == 1 };"), 0, NULL), REXI_OK);
		ck_assert_int_eq(rexi_cedar_policies_build(set, 0, NULL), REXI_OK);
		status = rexi_cedar_authorizer_new(engine, &authorizer, NULL);
		if (status == REXI_OK)
			status = rexi_cedar_request_new(engine, &request, NULL);
		if (status == REXI_OK)
			status = rexi_cedar_request_set_json(request, str("{\"principal\":\"U::\\\"a\\\"\",\"action\":\"Action::\\\"v\\\"\",\"resource\":\"U::\\\"r\\\"\","
									  "\"context\":{\"n\":1}}"), NULL, NULL, NULL, NULL);
		if (status == REXI_OK) {
			status = rexi_cedar_authorize(authorizer, set, NULL, NULL, request, 0, &decision, NULL);
			ck_assert_int_eq(decision.allow, status == REXI_OK);
			ck_assert(status != REXI_OK || (decision.error_count == 1 && decision.errors[0].span.end > decision.errors[0].span.start));
		}
		rexi_cedar_request_free(request);
		rexi_cedar_authorizer_free(authorizer);
		rexi_cedar_policies_free(set);
	}
	ck_assert(status == REXI_OK || status == REXI_NO_MEMORY);
	rexi_cedar_engine_free(engine);
	return status;
}

START_TEST(test_limit_of_memory)
{
	size_t low = 1, high = 1 << 20;

	ck_assert_int_eq(with_memory((enum what)_i, high), REXI_OK);
	while (low + 1 < high) {
		size_t middle = low + (high - low) / 2;

		if (with_memory((enum what)_i, middle) == REXI_OK)
			high = middle;
		else
			low = middle;
	}
	ck_assert_int_eq(with_memory((enum what)_i, high), REXI_OK);
	ck_assert_int_eq(with_memory((enum what)_i, high - 1), REXI_NO_MEMORY);
}
END_TEST

/* ---- ancestors --------------------------------------------------------------------------------------------------------- */

/* A chain of n entities has n (n + 1) / 2 ancestors: the last parent is none. */
START_TEST(test_limit_of_ancestors)
{
	struct rexi_cedar_limits limits = { .size = sizeof(limits), .ancestors = 10 * 11 / 2 };
	struct rexi_cedar_engine *engine;
	struct rexi_error err;

	for (size_t n = 10; n <= 11; n++) {
		struct text text = { NULL, 0, 0 };

		put(&text, "[", 0);
		for (size_t i = 0; i < n; i++) {
			put(&text, "{\"uid\":{\"type\":\"U\",\"id\":\"%\"},\"attrs\":{},", i);
			put(&text, "\"parents\":[{\"type\":\"U\",\"id\":\"%\"}]}", i + 1);
			put(&text, i + 1 < n ? "," : "]", 0);
		}
		engine = engine_with(NULL, &limits);
		ck_assert_int_eq(add_entities(engine, view(&text), NULL, &err), n == 10 ? REXI_OK : REXI_LIMIT);
		if (n == 11)
			ck_assert_ptr_nonnull(strstr(err.message, "ancestors"));
		rexi_cedar_engine_free(engine);
		free(text.ptr);
	}
}
END_TEST

/* ---- growth -------------------------------------------------------------------------------------------------------------- */

/* What an allocator sees of the work: bytes taken anew or moved when an array grows. */
struct counted {
	size_t bytes, calls;
};

static void *counted_resize(void *user, void *ptr, size_t old_size, size_t new_size)
{
	struct counted *counted = user;

	if (!new_size) {
		free(ptr);
		return NULL;
	}
	counted->calls++;
	counted->bytes += new_size + (ptr ? old_size : 0);
	return realloc(ptr, new_size);
}

/* Work that doubles with the input: from n to 2 n and from 2 n to 4 n by no more than this. */
#define ALMOST_TWICE 2.5

static const struct { const char *name; enum what what; const char *before, *each, *after; size_t count; } growth_rows[] = {
	{ "policies", POLICIES, "", "permit(principal == U::\"%\", action, resource in F::\"f\") when { context.n < 3 && resource.owner == principal };\n", "", 4000 },
	{ "policies without scope", POLICIES, "", HEAD " when { context.n < % };\n", "", 4000 },
	{ "policies of one type", POLICIES, "", "forbid(principal is User, action, resource) when { context.n < % };\n", "", 4000 },
	{ "entities", ENTITIES, "[", ENTITY, LAST, 4000 },
	{ "annotations", POLICIES, "", "@a%(\"x\")\n", HEAD ";", 10000 },
	{ "actions of a scope", POLICIES, "permit(principal, action in [", "Action::\"%\",", "Action::\"z\"], resource);", 20000 },
	{ "a set", POLICIES, HEAD " when { [", "%,", "0].contains(1) };", 20000 },
	{ "a record", POLICIES, HEAD " when { {", "k%:1,", "z:1} == context };", 20000 },
	{ "conditions", POLICIES, HEAD, " when { context.n != % }", ";", 20000 },
	{ "terms", POLICIES, HEAD " when { true", " && context.n != %", " };", 20000 },
	{ "parents", ENTITIES, "[{\"uid\":{\"type\":\"U\",\"id\":\"a\"},\"attrs\":{},\"parents\":[", "{\"type\":\"G\",\"id\":\"%\"},", "{\"type\":\"G\",\"id\":\"z\"}]}]", 20000 },
	{ "attributes", ENTITIES, "[{\"uid\":{\"type\":\"U\",\"id\":\"a\"},\"parents\":[],\"attrs\":{", "\"k%\":%,", "\"z\":1}}]", 20000 },
	{ "equal attributes", ENTITIES, "[{\"uid\":{\"type\":\"U\",\"id\":\"a\"},\"parents\":[],\"attrs\":{\"s\":[", "%,", "1]}}]", 20000 },
};
START_TEST(test_growth)
{
	struct counted counted = { 0, 0 };
	const struct rexi_allocator allocator = { counted_resize, &counted };
	struct rexi_cedar_engine *engine = engine_with(&allocator, NULL);
	size_t bytes[3], calls[3];

	for (unsigned i = 0; i < 3; i++) {
		struct text text = repeat(growth_rows[_i].before, growth_rows[_i].each, growth_rows[_i].count << i, growth_rows[_i].after);
		struct rexi_error err;
		enum rexi_status status;

		counted = (struct counted){ 0, 0 };
		status = growth_rows[_i].what == POLICIES ? add_policies(engine, view(&text), true, NULL, &err) : add_entities(engine, view(&text), NULL, &err);
		ck_assert_msg(status == REXI_OK, "%s: %s", growth_rows[_i].name, err.message);
		bytes[i] = counted.bytes;
		calls[i] = counted.calls;
		free(text.ptr);
	}
	for (unsigned i = 1; i < 3; i++) {
		ck_assert_msg((double)bytes[i] < ALMOST_TWICE * (double)bytes[i - 1], "%s: %zu bytes, then %zu", growth_rows[_i].name, bytes[i - 1], bytes[i]);
		ck_assert_msg((double)calls[i] < ALMOST_TWICE * (double)calls[i - 1] + 100, "%s: %zu calls, then %zu", growth_rows[_i].name, calls[i - 1], calls[i]);
	}
	rexi_cedar_engine_free(engine);
}
END_TEST

/* ---- chosen keys ----------------------------------------------------------------------------------------------------------- */

/* Ids that share the low bits of their hashes, which is where a table looks first, in one engine do not in another. */
START_TEST(test_collisions_do_not_carry_over)
{
	enum { BITS = 8, WANTED = 256, MOST_ALIKE = 32 };
	struct rexi_cedar_engine *known = engine_with(NULL, NULL), *attacked = engine_with(NULL, NULL);
	struct rexi_cedar_name types[2];
	struct rexi_cedar_uid uid;
	size_t found = 0, alike[1 << BITS] = { 0 }, most = 0;
	char id[32];

	ck_assert_int_eq(rexi_cedar_type_init(known, &types[0], str("U"), NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_type_init(attacked, &types[1], str("U"), NULL), REXI_OK);
	for (unsigned i = 0; found < WANTED; i++) {
		(void)snprintf(id, sizeof(id), "id-%u", i);
		rexi_cedar_uid_init(known, &uid, &types[0], str(id));
		if (uid.hash & ((1 << BITS) - 1))
			continue;
		found++;
		rexi_cedar_uid_init(attacked, &uid, &types[1], str(id));
		alike[uid.hash & ((1 << BITS) - 1)]++;
	}
	for (size_t i = 0; i < COUNT(alike); i++)
		most = alike[i] > most ? alike[i] : most;
	ck_assert_msg(most < MOST_ALIKE, "%zu of %d collide again", most, WANTED);
	rexi_cedar_engine_free(known);
	rexi_cedar_engine_free(attacked);
}
END_TEST

/* ---- hostile input -------------------------------------------------------------------------------------------------------- */

/* Each ends within the time that a test has (seconds), and in the status that it says. Anything that grows with the square
 * of the input would not. */
static const struct { const char *name; enum what what; const char *before, *each, *after; size_t count; enum rexi_status status; } hostile_rows[] = {
	{ "deep parentheses", POLICIES, HEAD " when { ", "(", "", 300000, REXI_LIMIT },
	{ "deep sets", POLICIES, HEAD " when { ", "[", "", 300000, REXI_LIMIT },
	{ "deep records", POLICIES, HEAD " when { ", "{a:", "", 300000, REXI_LIMIT },
	{ "deep if", POLICIES, HEAD " when { ", "if ", "", 300000, REXI_LIMIT },
	{ "many nots", POLICIES, HEAD " when { ", "!", "true };", 300000, REXI_SYNTAX },
	{ "many minus", POLICIES, HEAD " when { ", "-", "1 };", 300000, REXI_SYNTAX },
	{ "long sum", POLICIES, HEAD " when { 1", " + %", " == 1 };", 300000, REXI_LIMIT },
	{ "long path", POLICIES, HEAD " when { context", ".a", " };", 300000, REXI_LIMIT },
	{ "long has", POLICIES, HEAD " when { context has a", ".a", " };", 300000, REXI_LIMIT },
	{ "long conjunction", POLICIES, HEAD " when { true", " && true", " };", 300000, REXI_OK },
	{ "long disjunction", POLICIES, HEAD " when { true", " || true", " };", 300000, REXI_OK },
	{ "many stars", POLICIES, HEAD " when { context.s like \"", "*a", "\" };", 300000, REXI_OK },
	{ "many escapes", POLICIES, HEAD " when { context.s == \"", "\\u{41}", "\" };", 300000, REXI_OK },
	{ "equal keys", POLICIES, HEAD " when { {", "k:1,", "k:1} == context };", 100000, REXI_SYNTAX },
	{ "equal annotations", POLICIES, "", "@a ", HEAD ";", 65000, REXI_SYNTAX },
	{ "annotations", POLICIES, "", "@a% ", HEAD ";", 65535, REXI_OK },
	{ "one annotation too many", POLICIES, "", "@a% ", HEAD ";", 65536, REXI_SYNTAX },
	{ "errors everywhere", POLICIES, "", HEAD " when { 1 + };", "", 50000, REXI_SYNTAX },
	{ "wrong escapes", POLICIES, HEAD " when { [", "\"\\q\",", "1] == 1 };", 50000, REXI_SYNTAX },
	{ "types of many parts", POLICIES, HEAD " when { principal is A", "::A", " };", 300000, REXI_OK },
	{ "parents", ENTITIES, "[{\"uid\":{\"type\":\"U\",\"id\":\"a\"},\"attrs\":{},\"parents\":[", "{\"type\":\"G\",\"id\":\"%\"},", "{\"type\":\"G\",\"id\":\"z\"}]}]", 100000, REXI_OK },
	{ "equal parents", ENTITIES, "[{\"uid\":{\"type\":\"U\",\"id\":\"a\"},\"attrs\":{},\"parents\":[", "{\"type\":\"G\",\"id\":\"g\"},", "{\"type\":\"G\",\"id\":\"z\"}]}]", 100000, REXI_OK },
	{ "equal attributes", ENTITIES, "[{\"uid\":{\"type\":\"U\",\"id\":\"a\"},\"parents\":[],\"attrs\":{", "\"k\":1,", "\"k\":1}}]", 100000, REXI_SYNTAX },
	{ "equal fields", ENTITIES, "[{\"uid\":{\"type\":\"U\",\"id\":\"a\"},\"parents\":[],\"attrs\":{\"r\":{", "\"k\":1,", "\"k\":1}}}]", 100000, REXI_SYNTAX },
	{ "one entity again and again", ENTITIES, "[", "{\"uid\":{\"type\":\"U\",\"id\":\"a\"},\"attrs\":{},\"parents\":[]},", LAST, 100000, REXI_OK },
	{ "deep attribute", ENTITIES, "[{\"uid\":{\"type\":\"U\",\"id\":\"a\"},\"parents\":[],\"attrs\":{\"x\":", "[", "", 300000, REXI_LIMIT },
	{ "set of records", ENTITIES, "[{\"uid\":{\"type\":\"U\",\"id\":\"a\"},\"parents\":[],\"attrs\":{\"x\":[", "{\"a\":1,\"b\":[%]},", "1]}}]", 100000, REXI_OK },
};
START_TEST(test_hostile)
{
	struct rexi_cedar_engine *engine = engine_with(NULL, NULL);
	struct text text = repeat(hostile_rows[_i].before, hostile_rows[_i].each, hostile_rows[_i].count, hostile_rows[_i].after);
	struct rexi_error err = { .status = REXI_OK };
	enum rexi_status status;

	status = hostile_rows[_i].what == POLICIES ? add_policies(engine, view(&text), true, NULL, &err) : add_entities(engine, view(&text), NULL, &err);
	ck_assert_msg(status == hostile_rows[_i].status, "%s: %d %s", hostile_rows[_i].name, (int)status, err.message);
	rexi_cedar_engine_free(engine);
	free(text.ptr);
}
END_TEST

/* A chain of entities, longer than any C stack could walk; the first is in a cycle or not. */
START_TEST(test_hostile_chain)
{
	enum { CHAIN = 100000 };
	static const enum rexi_status wanted[] = { REXI_LIMIT, REXI_INVALID };
	struct rexi_cedar_engine *engine;
	struct rexi_cedar_limits limits = { .size = sizeof(limits), .ancestors = 1 << 22 };
	struct text text = { NULL, 0, 0 };

	put(&text, "[", 0);
	for (size_t i = 0; i < CHAIN; i++) {
		put(&text, "{\"uid\":{\"type\":\"U\",\"id\":\"%\"},\"attrs\":{},", i);
		put(&text, "\"parents\":[{\"type\":\"U\",\"id\":\"%\"}]}", i + 1 < CHAIN || _i == 0 ? i + 1 : 0);
		put(&text, i + 1 < CHAIN ? "," : "]", 0);
	}
	engine = engine_with(NULL, &limits);
	ck_assert_int_eq(add_entities(engine, view(&text), NULL, NULL), wanted[_i]);
	rexi_cedar_engine_free(engine);
	free(text.ptr);
}
END_TEST

/* Conditions that look at a long text of the context. */
static const struct { const char *condition; bool allow, erred; } long_rows[] = {
	{ "context.x like \"*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b\"", false, false },
	{ "context.x like \"*aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab*\"", false, false },
	{ "context.x like \"a*a\"", true, false },
	{ "context.x == context.x", true, false },
	{ "decimal(context.x) == decimal(\"1.0\")", false, true },
	{ "ip(context.x).isLoopback()", false, true },
	{ "datetime(context.x) == datetime(\"2024-01-01\")", false, true },
	{ "duration(context.x) == duration(\"1d\")", false, true },
	{ "principal.hasTag(context.x)", false, false },
	{ "[context.x, \"a\"].contains(context.x)", true, false },
};
START_TEST(test_hostile_long_text)
{
	enum { LONG = 10 << 20 };
	struct rexi_cedar_engine *engine = engine_with(NULL, NULL);
	struct rexi_cedar_policies *set;
	struct rexi_cedar_authorizer *authorizer;
	struct rexi_cedar_request *request;
	struct rexi_cedar_decision decision;
	struct rexi_cedar_name type, attribute;
	struct rexi_cedar_uid uid;
	struct rexi_cedar_value value;
	char *text = malloc(LONG), policy[400];

	ck_assert_ptr_nonnull(text);
	memset(text, 'a', LONG);
	(void)snprintf(policy, sizeof(policy), HEAD " when { %s };", long_rows[_i].condition);
	ck_assert_int_eq(rexi_cedar_policies_new(engine, &set, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_policies_add_text(set, str(policy), 0, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_policies_build(set, 0, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_authorizer_new(engine, &authorizer, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_request_new(engine, &request, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_type_init(engine, &type, str("U"), NULL), REXI_OK);
	rexi_cedar_uid_init(engine, &uid, &type, str("u"));
	rexi_cedar_attribute_init(engine, &attribute, str("x"));
	value = rexi_cedar_string((struct rexi_str){ text, LONG });
	rexi_cedar_request_set(request, &uid, &uid, &uid);
	ck_assert_int_eq(rexi_cedar_request_add_context(request, &attribute, &value, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_authorize(authorizer, set, NULL, NULL, request, REXI_CEDAR_EXPLAIN, &decision, NULL), REXI_OK);
	ck_assert(decision.allow == long_rows[_i].allow && (decision.error_count == 1) == long_rows[_i].erred);
	rexi_cedar_request_free(request);
	rexi_cedar_authorizer_free(authorizer);
	rexi_cedar_policies_free(set);
	rexi_cedar_engine_free(engine);
	free(text);
}
END_TEST

/* An explanation looks at every policy and keeps what it says of a few: many do not take more memory than a decision has. */
START_TEST(test_explaining_many)
{
	struct rexi_cedar_limits limits = { .size = sizeof(limits), .decision_bytes = 4 << 20 };
	struct rexi_cedar_engine *engine = engine_with(NULL, &limits);
	struct text text = repeat("", HEAD " when { context.n == % && principal.name like \"a*\" };\n", 20000, "");
	struct rexi_cedar_policies *set;
	struct rexi_cedar_authorizer *authorizer;
	struct rexi_cedar_request *request;
	struct rexi_cedar_decision decision;

	ck_assert_int_eq(rexi_cedar_policies_new(engine, &set, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_policies_add_text(set, view(&text), 0, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_policies_build(set, 0, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_authorizer_new(engine, &authorizer, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_request_new(engine, &request, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_request_set_json(request, str("{\"principal\":\"U::\\\"a\\\"\",\"action\":\"Action::\\\"v\\\"\",\"resource\":\"U::\\\"r\\\"\","
								   "\"context\":{\"n\":-1}}"), NULL, NULL, NULL, NULL), REXI_OK);
	ck_assert_int_eq(rexi_cedar_authorize(authorizer, set, NULL, NULL, request, REXI_CEDAR_EXPLAIN, &decision, NULL), REXI_OK);
	ck_assert(!decision.allow && decision.near_count > 0 && decision.near[0].part.len > 0);
	rexi_cedar_request_free(request);
	rexi_cedar_authorizer_free(authorizer);
	rexi_cedar_policies_free(set);
	rexi_cedar_engine_free(engine);
	free(text.ptr);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cedar limits");
	TCase *tcase = tcase_create("limits");

	tcase_set_timeout(tcase, 20);
	tcase_add_loop_test(tcase, test_limit_of_errors, 0, COUNT(error_rows));
	tcase_add_loop_test(tcase, test_limit_of_memory, 0, WHATS);
	tcase_add_test(tcase, test_limit_of_ancestors);
	tcase_add_loop_test(tcase, test_growth, 0, COUNT(growth_rows));
	tcase_add_test(tcase, test_collisions_do_not_carry_over);
	tcase_add_loop_test(tcase, test_hostile, 0, COUNT(hostile_rows));
	tcase_add_loop_test(tcase, test_hostile_chain, 0, 2);
	tcase_add_test(tcase, test_explaining_many);
	tcase_add_loop_test(tcase, test_hostile_long_text, 0, COUNT(long_rows));
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
