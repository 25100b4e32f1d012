/* The library as a host uses it: the examples of docs/embedding.md, limits at their value and one past it. */
#include <config.h>

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <rexi/lang.h>

#include "tests/suite.h"

static struct rexi_str text(const char *s)
{
	return (struct rexi_str){ s, strlen(s) };
}

/* Compiles and runs; frees the script. */
static enum rexi_status run(struct rexi_lang *lang, const char *source, struct rexi_value *out, struct rexi_error *err)
{
	struct rexi_script *script;
	enum rexi_status status = rexi_lang_compile(lang, text(source), text(""), NULL, &script, err);

	*out = rexi_value_unit();
	if (status != REXI_OK)
		return status;
	status = rexi_lang_run(lang, script, NULL, out, err);
	rexi_script_free(script);
	return status;
}

/* ---- example 1: a value out, a variable in --------------------------------------------------------------------------- */

START_TEST(test_scope)
{
	struct rexi_lang *lang = rexi_lang_new(NULL, NULL);
	struct rexi_scope *scope = rexi_scope_new(lang);
	struct rexi_script *script;
	struct rexi_value out, total;
	struct rexi_error err;
	int64_t i = 0;

	ck_assert_int_eq(rexi_scope_set(scope, text("price"), rexi_value_int(20)), REXI_OK);
	ck_assert_int_eq(rexi_lang_compile(lang, text("let total = price * 2; total + 2"), text("sum"), scope, &script, &err), REXI_OK);
	for (int round = 1; round <= 2; round++) {
		ck_assert_int_eq(rexi_lang_run(lang, script, round == 1 ? scope : NULL, &out, &err), round == 1 ? REXI_OK : REXI_INVALID);
		if (round == 1) {
			ck_assert(rexi_value_as_int(&out, &i));
			ck_assert_int_eq(i, 42);
		}
		rexi_value_free(lang, &out);
	}
	total = rexi_scope_get(scope, text("total"));
	ck_assert(rexi_value_as_int(&total, &i));
	ck_assert_int_eq(i, 40);
	rexi_script_free(script);
	rexi_scope_free(scope);
	rexi_lang_free(lang);
}
END_TEST

/* ---- example 2: functions of the host --------------------------------------------------------------------------------- */

static enum rexi_status twice(struct rexi_native *call, struct rexi_value *args, unsigned argc, struct rexi_value *out)
{
	int64_t i;

	(void)argc;
	if (!rexi_value_as_int(&args[0], &i) || i > 1000)
		return rexi_native_fail(call, text("too much"));
	*out = rexi_value_int(2 * i);
	return REXI_OK;
}

static enum rexi_status apply(struct rexi_native *call, struct rexi_value *args, unsigned argc, struct rexi_value *out)
{
	return rexi_native_call_back(call, &args[0], &args[1], argc - 1, out);
}

START_TEST(test_natives)
{
	static const struct {
		const char *source;
		int64_t want;
	} rows[] = {
		{ "twice(21)", 42 },
		{ "21.twice()", 42 },
		{ "apply(|x| x + 1, 41)", 42 },
		{ "try { twice(2000) } catch (e) { if e == \"too much\" { exit(42) } }", 42 },
		{ "fn f(n) { twice(n) } f(21)", 42 },
	};
	struct rexi_lang *lang = rexi_lang_new(NULL, NULL);
	struct rexi_value out;
	struct rexi_error err;
	int64_t i = 0;

	ck_assert_int_eq(rexi_lang_register(lang, "twice", "int", twice, 0, NULL, &err), REXI_OK);
	ck_assert_int_eq(rexi_lang_register(lang, "apply", "Fn ?", apply, 0, NULL, &err), REXI_OK);
	ck_assert_int_eq(rexi_lang_register(lang, "bad", "nonsense", apply, 0, NULL, &err), REXI_NOT_FOUND);
	ck_assert_int_eq(run(lang, rows[_i].source, &out, &err), REXI_OK);
	ck_assert(rexi_value_as_int(&out, &i));
	ck_assert_int_eq(i, rows[_i].want);
	rexi_lang_free(lang);
}
END_TEST

/* ---- example 3: a type of the host ------------------------------------------------------------------------------------ */

struct counter {
	int64_t value;
};

static struct rexi_type *counter_type;

static enum rexi_status counter_new(struct rexi_native *call, struct rexi_value *args, unsigned argc, struct rexi_value *out)
{
	struct counter *counter = calloc(1, sizeof(*counter));

	(void)args, (void)argc;
	if (!counter)
		return REXI_NO_MEMORY;
	return rexi_value_object(rexi_native_lang(call), counter_type, counter, out);
}

static enum rexi_status counter_add(struct rexi_native *call, struct rexi_value *args, unsigned argc, struct rexi_value *out)
{
	struct counter *counter = rexi_value_payload(&args[0], counter_type);
	int64_t more = 0;

	(void)call, (void)argc, (void)out;
	rexi_value_as_int(&args[1], &more);
	counter->value += more;
	return REXI_OK;
}

static enum rexi_status counter_get(struct rexi_native *call, struct rexi_value *args, unsigned argc, struct rexi_value *out)
{
	(void)call, (void)argc;
	*out = rexi_value_int(((struct counter *)rexi_value_payload(&args[0], counter_type))->value);
	return REXI_OK;
}

static enum rexi_status counter_set(struct rexi_native *call, struct rexi_value *args, unsigned argc, struct rexi_value *out)
{
	(void)call, (void)argc, (void)out;
	rexi_value_as_int(&args[1], &((struct counter *)rexi_value_payload(&args[0], counter_type))->value);
	return REXI_OK;
}

static enum rexi_status counter_at(struct rexi_native *call, struct rexi_value *args, unsigned argc, struct rexi_value *out)
{
	int64_t i = 0;

	(void)call, (void)argc;
	rexi_value_as_int(&args[1], &i);
	*out = rexi_value_int(i * 10);
	return REXI_OK;
}

static bool counter_iterate(void *payload, uint64_t position, struct rexi_value *out)
{
	struct counter *counter = payload;

	if (position >= (uint64_t)counter->value)
		return false;
	*out = rexi_value_int((int64_t)position);
	return true;
}

START_TEST(test_type)
{
	static const struct rexi_type_options options = { sizeof(options), "Counter", free, counter_iterate };
	struct rexi_lang *lang = rexi_lang_new(NULL, NULL);
	struct rexi_value out;
	struct rexi_error err;
	struct rexi_str got;

	counter_type = rexi_lang_type(lang, &options, &err);
	ck_assert_ptr_nonnull(counter_type);
	ck_assert_int_eq(rexi_lang_register(lang, "Counter", "", counter_new, 0, NULL, &err), REXI_OK);
	ck_assert_int_eq(rexi_lang_register(lang, "add", "Counter int", counter_add, REXI_LANG_CHANGES, NULL, &err), REXI_OK);
	ck_assert_int_eq(rexi_lang_register(lang, "get$value", "Counter", counter_get, 0, NULL, &err), REXI_OK);
	ck_assert_int_eq(rexi_lang_register(lang, "set$value", "Counter int", counter_set, REXI_LANG_CHANGES, NULL, &err), REXI_OK);
	ck_assert_int_eq(rexi_lang_register(lang, "index$get", "Counter int", counter_at, 0, NULL, &err), REXI_OK);
	ck_assert_int_eq(run(lang,
			     "let c = Counter(); c.add(2); c.value += 1; let seen = []; for x in c { seen.push(x); }"
			     " `${type_of(c)} ${c.value} ${c[4]} ${seen}`",
			     &out, &err),
			 REXI_OK);
	ck_assert(rexi_value_as_string(&out, &got));
	ck_assert_int_eq((int)got.len, (int)strlen("Counter 3 40 [0, 1, 2]"));
	ck_assert_int_eq(memcmp(got.ptr, "Counter 3 40 [0, 1, 2]", got.len), 0);
	rexi_value_free(lang, &out);
	rexi_lang_free(lang);
}
END_TEST

/* ---- limits ------------------------------------------------------------------------------------------------------------ */

static const struct {
	const char *label;
	enum rexi_lang_limit limit;
	uint64_t value;
	const char *within, *past;
	enum rexi_status status;
} limits[] = {
	{ "call depth", REXI_LANG_CALL_DEPTH, 10, "fn f(n) { if n > 0 { f(n - 1) } } f(9)", "fn f(n) { if n > 0 { f(n - 1) } } f(10)",
	  REXI_LIMIT },
	{ "string", REXI_LANG_STRING_BYTES, 12, "let s = \"abcdef\"; s + s", "let s = \"abcdef\"; s + s + \"x\"", REXI_LIMIT },
	{ "string in place", REXI_LANG_STRING_BYTES, 12, "let s = \"abcdef\"; s += s; s", "let s = \"abcdef\"; s += s; s += 'x'; s",
	  REXI_LIMIT },
	{ "array", REXI_LANG_ARRAY_ITEMS, 3, "let a = [1, 2]; a.push(3); a", "let a = [1, 2]; a.push(3); a.push(4); a", REXI_LIMIT },
	{ "nested array", REXI_LANG_ARRAY_ITEMS, 4, "let a = [1, 2]; [a]", "let a = [1, 2, 3]; [a, 1]", REXI_LIMIT },
	{ "map", REXI_LANG_MAP_ENTRIES, 2, "let m = #{a: 1}; m.b = 2; m", "let m = #{a: 1}; m.b = 2; m.c = 3; m", REXI_LIMIT },
	{ "functions", REXI_LANG_FUNCTIONS, 1, "fn f() {} 1", "fn f() {} fn g() {} 1", REXI_SYNTAX },
	{ "operations", REXI_LANG_OPERATIONS, 1000, "for i in 0..900 {}", "for i in 0..1100 {}", REXI_LIMIT },
	{ "time", REXI_LANG_TIME_MS, 20, "1", "loop {}", REXI_TERMINATED },
};

START_TEST(test_limits)
{
	struct rexi_lang *lang = rexi_lang_new(NULL, NULL);
	struct rexi_value out;
	struct rexi_error err;

	rexi_lang_set_limit(lang, limits[_i].limit, limits[_i].value);
	ck_assert_msg(run(lang, limits[_i].within, &out, &err) == REXI_OK, "%s within: %s", limits[_i].label, err.message);
	rexi_value_free(lang, &out);
	ck_assert_msg(run(lang, limits[_i].past, &out, &err) == limits[_i].status, "%s past it", limits[_i].label);
	/* what a limit ends cannot be caught, and the engine goes on afterwards */
	ck_assert_int_eq(run(lang, "1 + 1", &out, &err), REXI_OK);
	rexi_lang_free(lang);
}
END_TEST

START_TEST(test_memory)
{
	static const char *const hostile[] = {
		"let s = \"x\"; loop { s += s; }",
		"let a = [1]; loop { a.push(a); }",
		"let a = []; loop { a.push(\"0123456789abcdef\" + a.len()); }",
		"let m = #{}; let i = 0; loop { m[`key ${i}`] = i; i += 1; }",
	};
	struct rexi_lang_options options = { .size = sizeof(options), .memory_limit = 8U << 20 };
	struct rexi_lang *lang = rexi_lang_new(&options, NULL);
	struct rexi_value out;
	struct rexi_error err;

	ck_assert_int_eq(run(lang, hostile[_i], &out, &err), REXI_NO_MEMORY);
	ck_assert_int_eq(run(lang, "1 + 1", &out, &err), REXI_OK);
	rexi_lang_free(lang);
}
END_TEST

static bool stop_at(void *user, uint64_t steps)
{
	return steps > *(uint64_t *)user;
}

START_TEST(test_termination)
{
	struct rexi_lang *lang = rexi_lang_new(NULL, NULL);
	struct rexi_value out;
	struct rexi_error err;
	uint64_t most = 100000;

	rexi_lang_terminate(lang);
	ck_assert_int_eq(run(lang, "loop {}", &out, &err), REXI_TERMINATED);
	ck_assert_int_eq(run(lang, "1", &out, &err), REXI_OK);
	rexi_lang_on_progress(lang, stop_at, &most);
	ck_assert_int_eq(run(lang, "try { loop {} } catch { 1 }", &out, &err), REXI_TERMINATED);
	rexi_lang_free(lang);
}
END_TEST

START_TEST(test_errors)
{
	struct rexi_lang *lang = rexi_lang_new(NULL, NULL);
	struct rexi_value out;
	struct rexi_error err;
	struct rexi_str whole;

	ck_assert_int_eq(run(lang, "let x = ;", &out, &err), REXI_SYNTAX);
	ck_assert_uint_eq(err.line, 1);
	ck_assert_uint_eq(err.column, 9);
	ck_assert_int_eq(run(lang, "fn f() { throw 5; }\nf()", &out, &err), REXI_RUNTIME);
	ck_assert_uint_eq(err.line, 2);
	whole = rexi_lang_error_text(lang);
	ck_assert_int_eq(memcmp(whole.ptr, "Runtime error: 5 (line 1, position 10)\nin call to function 'f' (line 2, position 1)", whole.len), 0);
	rexi_lang_free(lang);
}
END_TEST

START_TEST(test_call)
{
	struct rexi_lang *lang = rexi_lang_new(NULL, NULL);
	struct rexi_script *script;
	struct rexi_value args[2] = { rexi_value_int(40), rexi_value_int(2) }, out;
	struct rexi_error err;
	int64_t i = 0;

	ck_assert_int_eq(rexi_lang_compile(lang, text("fn add(a, b) { a + b }"), text(""), NULL, &script, &err), REXI_OK);
	ck_assert_int_eq(rexi_lang_call(lang, script, text("add"), args, 2, &out, &err), REXI_OK);
	ck_assert(rexi_value_as_int(&out, &i));
	ck_assert_int_eq(i, 42);
	ck_assert_int_eq(rexi_lang_call(lang, script, text("add"), args, 1, &out, &err), REXI_NOT_FOUND);
	ck_assert_int_eq(rexi_script_bytecode(script, &out), REXI_OK);
	ck_assert_int_eq(rexi_value_kind(&out), REXI_KIND_STRING);
	rexi_value_free(lang, &out);
	rexi_script_free(script);
	rexi_lang_free(lang);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("embed");
	TCase *tc = tcase_create("embed");

	tcase_add_test(tc, test_scope);
	tcase_add_loop_test(tc, test_natives, 0, 5);
	tcase_add_test(tc, test_type);
	tcase_add_loop_test(tc, test_limits, 0, (int)(sizeof(limits) / sizeof(limits[0])));
	tcase_add_loop_test(tc, test_memory, 0, 4);
	tcase_add_test(tc, test_termination);
	tcase_add_test(tc, test_errors);
	tcase_add_test(tc, test_call);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
