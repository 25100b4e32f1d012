/* The library under hostile programs, and what a host can hook into: modules, prints, memory, signals, reports. */
#include <config.h>

#include <check.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include <rexi/lang.h>

#include "tests/suite.h"

#define COUNT(rows) (int)(sizeof(rows) / sizeof((rows)[0]))

static struct rexi_str text(const char *s)
{
	return (struct rexi_str){ s, strlen(s) };
}

static enum rexi_status run_text(struct rexi_lang *lang, struct rexi_str source, struct rexi_value *out, struct rexi_error *err)
{
	struct rexi_script *script;
	enum rexi_status status = rexi_lang_compile(lang, source, text("main"), NULL, &script, err);

	*out = rexi_value_unit();
	if (status != REXI_OK)
		return status;
	status = rexi_lang_run(lang, script, NULL, out, err);
	rexi_script_free(script);
	return status;
}

static enum rexi_status run(struct rexi_lang *lang, const char *source, struct rexi_value *out, struct rexi_error *err)
{
	return run_text(lang, text(source), out, err);
}

/* The display text of a run's result, or its error; the caller frees. */
static char *outcome(struct rexi_lang *lang, const char *source)
{
	struct rexi_value out, shown;
	struct rexi_error err;
	struct rexi_str view = { "", 0 };
	char *copy;

	if (run(lang, source, &out, &err) == REXI_OK) {
		ck_assert_int_eq(rexi_value_to_string(lang, &out, &shown), REXI_OK);
		ck_assert(rexi_value_as_string(&shown, &view));
		copy = strndup(view.ptr, view.len);
		rexi_value_free(lang, &shown);
	} else {
		view = rexi_lang_error_text(lang);
		copy = strndup(view.ptr, view.len);
	}
	rexi_value_free(lang, &out);
	return copy;
}

/* ---- hostile programs -------------------------------------------------------------------------------------------------- */

/* `open` repeated, then `middle`, then `close` repeated. */
static char *tower(const char *open, const char *middle, const char *close, size_t count)
{
	size_t a = strlen(open), b = strlen(middle), c = strlen(close);
	char *made = malloc(count * (a + c) + b + 1), *at = made;

	ck_assert_ptr_nonnull(made);
	for (size_t i = 0; i < count; i++, at += a)
		memcpy(at, open, a);
	memcpy(at, middle, b);
	at += b;
	for (size_t i = 0; i < count; i++, at += c)
		memcpy(at, close, c);
	*at = 0;
	return made;
}

static const struct {
	const char *label, *open, *middle, *close;
	size_t count;
	enum rexi_status status;
} towers[] = {
	{ "parentheses", "(", "", "", 10U << 20, REXI_SYNTAX },
	{ "brackets", "[", "", "", 10U << 20, REXI_SYNTAX },
	{ "maps", "#{a:", "1", "}", 200000, REXI_SYNTAX },
	{ "blocks", "{", "1", "}", 100000, REXI_SYNTAX },
	{ "closures", "|x|", "x", "", 100000, REXI_SYNTAX },
	{ "minus", "-", "1", "", 100000, REXI_SYNTAX },
	{ "not", "!", "true", "", 100000, REXI_SYNTAX },
	{ "indexes", "a[", "0", "]", 100000, REXI_SYNTAX },
	{ "calls", "f(", "0", ")", 100000, REXI_SYNTAX },
	{ "interpolations", "`${", "0", "}`", 20000, REXI_SYNTAX },
	{ "ifs", "if true {", "0", "}", 100000, REXI_SYNTAX },
	{ "else ifs", "if false {} else ", "{}", "", 100000, REXI_SYNTAX },
	{ "tries", "try {", "0", "} catch {}", 100000, REXI_SYNTAX },
	{ "switches", "switch 1 { 1 => ", "0", "}", 100000, REXI_SYNTAX },
	{ "array of a million", "[0", ",0", "", 1, REXI_SYNTAX },
	{ "comments", "/*", "", "", 1000000, REXI_OK },
	{ "statements", ";", "1", "", 1000000, REXI_OK },
	{ "elements", "", "[]", "", 1, REXI_OK },
};

START_TEST(test_towers)
{
	struct rexi_lang_options options = { .size = sizeof(options), .memory_limit = 512U << 20 };
	struct rexi_lang *lang = rexi_lang_new(&options, NULL);
	char *source = tower(towers[_i].open, towers[_i].middle, towers[_i].close, towers[_i].count);
	struct rexi_value out;
	struct rexi_error err;

	ck_assert_msg(run(lang, source, &out, &err) == towers[_i].status, "%s: %s", towers[_i].label, err.message);
	rexi_value_free(lang, &out);
	free(source);
	rexi_lang_free(lang);
}
END_TEST

START_TEST(test_million)
{
	struct rexi_lang *lang = rexi_lang_new(NULL, NULL);
	char *source = tower("1,", "", "", 1000000);
	char *whole = malloc(strlen(source) + 16);
	struct rexi_value out;
	struct rexi_error err;
	int64_t len = 0;

	sprintf(whole, "[%s].len()", source);
	ck_assert_msg(run(lang, whole, &out, &err) == REXI_OK, "%s", err.message);
	ck_assert(rexi_value_as_int(&out, &len));
	ck_assert_int_eq(len, 1000000);
	rexi_lang_set_limit(lang, REXI_LANG_ARRAY_ITEMS, 1000);
	ck_assert_int_eq(run(lang, whole, &out, &err), REXI_SYNTAX);
	free(whole);
	free(source);
	rexi_lang_free(lang);
}
END_TEST

static const struct {
	const char *source;
	enum rexi_status status;
} hostile[] = {
	/* deep values are made, printed, compared, copied and freed without recursion that follows them */
	{ "let a = []; for i in 0..200000 { a = [a]; } 1", REXI_OK },
	{ "let a = []; for i in 0..200000 { a = [a]; } a == a", REXI_OK },
	{ "let a = []; for i in 0..20000 { a = [a]; } a.to_string().len() > 0", REXI_OK },
	{ "let a = []; for i in 0..20000 { a = [a]; } #{a: a}.to_json().len() > 0", REXI_RUNTIME },
	{ "let a = #{}; for i in 0..200000 { a = #{a: a}; } 1", REXI_OK },
	{ "let f = || 0; for i in 0..100000 { let g = f; f = || g; } 1", REXI_OK },
	{ "let f = Fn(\"x\"); for i in 0..100000 { f = Fn(\"x\").curry(f); } 1", REXI_OK },
	/* what holds itself through shared values */
	{ "let a = []; let f = || a; a.push(1); a += f; a += [f, f]; a.len()", REXI_OK },
	{ "let m = #{}; m.f = || m; for i in 0..1000 { let n = #{}; n.f = || n; } 1", REXI_OK },
	{ "let a = []; a.push(a); for i in 0..25 { a.push(a); } a.len()", REXI_OK },
	/* growth */
	{ "let s = \"x\"; loop { s += s; }", REXI_NO_MEMORY },
	{ "let s = \"x\"; loop { s = s + s; }", REXI_NO_MEMORY },
	{ "let s = \"x\"; loop { s = `${s}${s}`; }", REXI_NO_MEMORY },
	{ "let s = \"ab\"; loop { s.replace(\"a\", s); }", REXI_NO_MEMORY },
	{ "let a = [1]; loop { a += a; }", REXI_NO_MEMORY },
	{ "let a = [1]; loop { a.append(a); }", REXI_NO_MEMORY },
	{ "let a = [1]; loop { a.splice(0..0, a); }", REXI_NO_MEMORY },
	{ "let b = blob(1); loop { b += b; }", REXI_NO_MEMORY },
	{ "let s = \"\"; s.pad(1152921504606846976, \"x\")", REXI_LIMIT },
	{ "let a = []; a.pad(1152921504606846976, 0)", REXI_LIMIT },
	{ "let b = blob(); b.pad(1152921504606846976, 0)", REXI_LIMIT },
	{ "blob(1152921504606846976)", REXI_LIMIT },
	{ "(0..1152921504606846976).to_array()", REXI_RUNTIME },
	{ "let a = []; for i in 0..1152921504606846976 { a.push(i); }", REXI_NO_MEMORY },
	{ "let m = #{}; for i in 0..1152921504606846976 { m[`k${i}`] = i; }", REXI_NO_MEMORY },
	{ "fn f(a) { f([a, a]) } f(1)", REXI_LIMIT },
	{ "let f = |f, n| f.call(f, n + 1); f.call(f, 0)", REXI_LIMIT },
	{ "[1].map(|x| [x].map(|y| [y].map(|z| z)))", REXI_OK },
	{ "fn f(x) { [x].map(|y| f(y)) } f(1)", REXI_LIMIT },
	{ "fn f(x) { [2, 1].sort(|a, b| f(a)) } f(1)", REXI_OK },
	{ "let a = [3, 2, 1]; a.sort(|x, y| { throw 1; }); a.len()", REXI_OK },
	{ "let a = [3, 1, 2, 5, 4, 9, 8, 7, 6, 0]; a.sort(|x, y| 1); a.len()", REXI_OK },
	{ "let a = [3, 1, 2, 5, 4, 9, 8, 7, 6, 0]; a.sort(|x, y| -1); a.len()", REXI_OK },
	{ "eval(\"eval(\\\"1\\\")\")", REXI_OK },
	{ "let s = \"1\"; for i in 0..200 { s = `eval(${s.to_debug()})`; if s.len() > 100000 { break; } } eval(s)", REXI_OK },
};

START_TEST(test_hostile)
{
	struct rexi_lang_options options = { .size = sizeof(options), .memory_limit = 96U << 20 };
	struct rexi_lang *lang = rexi_lang_new(&options, NULL);
	struct rexi_value out;
	struct rexi_error err;
	enum rexi_status status;

	rexi_lang_set_limit(lang, REXI_LANG_TIME_MS, 30000);
	status = run(lang, hostile[_i].source, &out, &err);
	ck_assert_msg(status == hostile[_i].status, "%s: %s: %s", hostile[_i].source, rexi_status_name(status), status ? err.message : "");
	rexi_value_free(lang, &out);
	ck_assert_int_eq(run(lang, "1 + 1", &out, &err), REXI_OK);
	rexi_lang_free(lang);
}
END_TEST

/* ---- limits ------------------------------------------------------------------------------------------------------------ */

static bool modules(void *user, struct rexi_str path, struct rexi_str from, struct rexi_str *source_out)
{
	static const struct {
		const char *path, *source;
	} rows[] = {
		{ "one", "export const X = 1; fn f(n) { n + g() } private fn g() { X() } fn X() { 41 }" },
		{ "two", "import \"one\" as o; export let y = o::X + 1; fn deep() { 2 } fn int.triple() { this * 3 }" },
		{ "three", "import \"two\" as t; fn both() { t::y + t::deep() }" },
		{ "self", "import \"self\" as s; 1" },
		{ "broken", "let x = ;" },
		{ "throws", "throw 5;" },
		{ "maker", "fn mk(n) { |x| x + n }" },
		{ "consts", "const K = 7; fn k() { global::K }" },
	};

	(void)user, (void)from;
	for (int i = 0; i < COUNT(rows); i++)
		if (path.len == strlen(rows[i].path) && memcmp(path.ptr, rows[i].path, path.len) == 0) {
			*source_out = text(rows[i].source);
			return true;
		}
	return false;
}

static const struct {
	const char *label;
	enum rexi_lang_limit limit;
	uint64_t value;
	const char *within, *past;
	enum rexi_status status;
	const char *message;
} limits[] = {
	{ "variables", REXI_LANG_VARIABLES, 3, "let a = 1; let b = 2; let c = 3; a", "let a = 1; let b = 2; let c = 3; let d = 4; a", REXI_LIMIT,
	  "Too many variables defined" },
	{ "expression depth", REXI_LANG_EXPRESSION_DEPTH, 5, "(1 + 2)", "((((((1))))))", REXI_SYNTAX, "maximum complexity" },
	{ "expression depth in functions", REXI_LANG_FUNCTION_EXPRESSION_DEPTH, 5, "fn f() { 1 + 2 } ((((((((((((1))))))))))))",
	  "fn f() { ((((((1)))))) } 1", REXI_SYNTAX, "maximum complexity" },
	{ "source", REXI_LANG_SOURCE_BYTES, 10, "1234567890", "12345678901", REXI_SYNTAX, "" },
	{ "modules", REXI_LANG_MODULES, 2, "import \"one\" as a; import \"consts\" as b; 1",
	  "import \"one\" as a; import \"consts\" as b; import \"maker\" as c; 1", REXI_LIMIT, "Too many modules imported" },
	{ "string literal", REXI_LANG_STRING_BYTES, 4, "\"abcd\"", "\"abcde\"", REXI_SYNTAX, "Length of string" },
	{ "array literal", REXI_LANG_ARRAY_ITEMS, 3, "[1, 2, 3]", "[1, 2, 3, 4]", REXI_SYNTAX, "Size of array" },
	{ "map literal", REXI_LANG_MAP_ENTRIES, 2, "#{a: 1, b: 2}", "#{a: 1, b: 2, c: 3}", REXI_SYNTAX, "Number of properties" },
	{ "string by a function", REXI_LANG_STRING_BYTES, 8, "let s = \"abcd\"; s.pad(8, 'x'); s", "let s = \"abcd\"; s.pad(9, 'x'); s", REXI_LIMIT,
	  "Length of string too large" },
	{ "array by a function", REXI_LANG_ARRAY_ITEMS, 4, "let a = [1]; a.pad(4, 0); a", "let a = [1]; a.pad(5, 0); a", REXI_LIMIT,
	  "Size of array/BLOB too large" },
	{ "array by split", REXI_LANG_ARRAY_ITEMS, 3, "\"a,b,c\".split(\",\")", "\"a,b,c,d\".split(\",\")", REXI_LIMIT, "too large" },
	{ "blob", REXI_LANG_ARRAY_ITEMS, 4, "blob(4)", "blob(5)", REXI_LIMIT, "too large" },
	{ "map by a function", REXI_LANG_MAP_ENTRIES, 2, "let m = #{a: 1}; m += #{b: 2}; m", "let m = #{a: 1}; m += #{b: 2, c: 3}; m", REXI_LIMIT,
	  "Size of object map too large" },
	{ "map by JSON", REXI_LANG_MAP_ENTRIES, 2, "parse_json(`{\"a\":1,\"b\":2}`)", "parse_json(`{\"a\":1,\"b\":2,\"c\":3}`)", REXI_LIMIT, "" },
};

START_TEST(test_limits)
{
	struct rexi_lang *lang = rexi_lang_new(NULL, NULL);
	struct rexi_value out;
	struct rexi_error err;
	enum rexi_status status;

	rexi_lang_on_import(lang, modules, NULL);
	rexi_lang_set_limit(lang, limits[_i].limit, limits[_i].value);
	ck_assert_msg(run(lang, limits[_i].within, &out, &err) == REXI_OK, "%s within: %s", limits[_i].label, err.message);
	rexi_value_free(lang, &out);
	status = run(lang, limits[_i].past, &out, &err);
	ck_assert_msg(status == limits[_i].status && strstr(err.message, limits[_i].message), "%s past it: %s %s", limits[_i].label,
		      rexi_status_name(status), status ? err.message : "");
	rexi_value_free(lang, &out);
	rexi_lang_free(lang);
}
END_TEST

/* ---- modules ------------------------------------------------------------------------------------------------------------ */

static const struct {
	const char *source, *want;
} imports[] = {
	{ "import \"one\" as m; m::f(1)", "42" },
	{ "import \"one\" as m; m::X", "1" },
	{ "import \"one\" as m; m::g()", "Function not found: m::g () (line 1, position 23)" },
	{ "import \"one\" as m; m::f(\"a\")", "a41" },
	{ "import \"one\" as m; m::Y", "Variable not found: m::Y (line 1, position 20)" },
	{ "import \"two\" as m; [m::y, m::deep(), m::o::X, m::o::f(0), 5.triple()]", "[2, 2, 1, 41, 15]" },
	{ "import \"three\" as m; m::both()", "4" },
	{ "{ import \"one\" as m; } m::f(1)", "Module not found: m (line 1, position 24)" },
	{ "fn f() { m::X } import \"one\" as m; f()", "1" },
	{ "for i in 0..3 { import \"one\" as m; if i == 1 { break; } } 1", "1" },
	{ "import \"nowhere\" as m; 1", "Module not found: nowhere (line 1, position 8)" },
	{ "try { import \"nowhere\" as m; } catch (e) { e[\"module\"] }", "" },
	{ "import \"self\" as m; 1", "Stack overflow (line 1, position 8)" },
	{ "import \"broken\" as m; 1", NULL },
	{ "import \"throws\" as m; 1", NULL },
	{ "try { import \"throws\" as m; } catch (e) { print(e); } 1", "1" },
	{ "import \"maker\" as m; let f = m::mk(1); f.call(10)", "11" },
	{ "import \"consts\" as m; m::k()", "7" },
	{ "import \"consts\" as m; m::K", "Variable not found: m::K (line 1, position 23)" },
	{ "import \"one\" as m; import \"one\" as n; m::X + n::X", "2" },
	{ "import \"one\" as m; m::X = 5", "Cannot modify constant X (line 1, position 23)" },
	{ "let x = 5; export x; export x as y; x", "5" },
	{ "export nothing", "Variable not found: nothing (line 1, position 8)" },
	{ "for i in 0..3 { eval(\"let q = i\"); if q == 1 { break; } } is_def_var(\"q\")", "false" },
	{ "loop { eval(\"let q = 1\"); break; } is_def_var(\"q\")", "false" },
	{ "let o = 0; while o < 3 { o += 1; eval(\"let w = o\"); if w == 2 { continue; } } is_def_var(\"w\")", "false" },
	{ "eval(\"let top = 3\"); top + 1", "4" },
};

START_TEST(test_imports)
{
	struct rexi_lang *lang = rexi_lang_new(NULL, NULL);
	char *got;

	rexi_lang_on_import(lang, modules, NULL);
	got = outcome(lang, imports[_i].source);
	if (imports[_i].want)
		ck_assert_msg(strcmp(got, imports[_i].want) == 0, "%s: %s", imports[_i].source, got);
	else
		ck_assert_msg(strstr(got, "\nin module '") || got[0] == '[', "%s: %s", imports[_i].source, got);
	free(got);
	rexi_lang_free(lang);
}
END_TEST

/* ---- variables of the host ---------------------------------------------------------------------------------------------- */

static const char *const scoped[] = {
	"1", "s", "s.len()", "s.truncate(3)", "let s = s; s", "let t = s; let s = t; throw 1", "s = [s, s]", "a.push(s)", "let f = || s; f.call()",
	"a = (); s = ()", "exit(s)", "eval(\"s = a\")", "import \"nowhere\" as m;", "loop {}",
};

/* Values that are counted, twice through one scope, whatever the end of the run. */
START_TEST(test_scope)
{
	struct rexi_lang *lang = rexi_lang_new(NULL, NULL);
	struct rexi_scope *scope = rexi_scope_new(lang);
	struct rexi_script *script;
	struct rexi_value s, a, out;
	struct rexi_error err;

	ck_assert_int_eq(rexi_value_string(lang, text("longer than what a value holds"), &s), REXI_OK);
	ck_assert_int_eq(rexi_value_array(lang, &a), REXI_OK);
	ck_assert_int_eq(rexi_scope_set(scope, text("s"), s), REXI_OK);
	ck_assert_int_eq(rexi_scope_set(scope, text("a"), a), REXI_OK);
	rexi_lang_set_limit(lang, REXI_LANG_OPERATIONS, 10000);
	ck_assert_int_eq(rexi_lang_compile(lang, text(scoped[_i]), text(""), scope, &script, &err), REXI_OK);
	for (int round = 0; round < 2; round++) {
		enum rexi_status status = rexi_lang_run(lang, script, scope, &out, &err);

		ck_assert(status == REXI_OK || status == REXI_RUNTIME || status == REXI_LIMIT);
		rexi_value_free(lang, &out);
	}
	s = rexi_scope_get(scope, text("s"));
	if (_i == 1) {
		struct rexi_str got;

		ck_assert(rexi_value_as_string(&s, &got));
		ck_assert_uint_eq(got.len, 30);
	}
	rexi_value_free(lang, &s);
	rexi_script_free(script);
	rexi_scope_free(scope);
	rexi_lang_free(lang);
}
END_TEST

/* ---- settings and hooks ------------------------------------------------------------------------------------------------- */

START_TEST(test_settings)
{
	struct rexi_lang_options options = { .size = sizeof(options), .strict_variables = true };
	struct rexi_lang *lang = rexi_lang_new(&options, NULL), *bare;
	struct rexi_value out;
	struct rexi_error err;

	ck_assert_int_eq(run(lang, "let f = |x| x + nobody; 1", &out, &err), REXI_SYNTAX);
	ck_assert_ptr_nonnull(strstr(err.message, "Undefined variable: nobody"));
	ck_assert_int_eq(run(lang, "m::x()", &out, &err), REXI_SYNTAX);
	ck_assert_int_eq(rexi_lang_disable(lang, text("while")), REXI_OK);
	ck_assert_int_eq(rexi_lang_disable(lang, text("+=")), REXI_OK);
	ck_assert_int_eq(rexi_lang_disable(lang, text("eval")), REXI_OK);
	ck_assert_int_eq(run(lang, "while true {}", &out, &err), REXI_SYNTAX);
	ck_assert_ptr_nonnull(strstr(err.message, "'while' is a reserved keyword"));
	ck_assert_int_eq(run(lang, "let x = 1; x += 1", &out, &err), REXI_SYNTAX);
	ck_assert_int_eq(run(lang, "eval(\"1\")", &out, &err), REXI_SYNTAX);
	ck_assert_int_eq(run(lang, "let x = 1; x = x + 1; loop { break; } x", &out, &err), REXI_OK);
	rexi_lang_free(lang);
	options = (struct rexi_lang_options){ .size = sizeof(options), .no_library = true };
	bare = rexi_lang_new(&options, NULL);
	ck_assert_int_eq(run(bare, "1 + 2 * 3", &out, &err), REXI_OK);
	ck_assert_int_eq(run(bare, "[1].len()", &out, &err), REXI_RUNTIME);
	rexi_lang_free(bare);
}
END_TEST

struct heard {
	char text[256];
	uint32_t line, column;
};

static void heard_print(void *user, struct rexi_str said)
{
	struct heard *heard = user;

	snprintf(heard->text + strlen(heard->text), sizeof(heard->text) - strlen(heard->text), "%.*s|", (int)said.len, said.ptr);
}

static void heard_debug(void *user, struct rexi_str said, struct rexi_str source, uint32_t line, uint32_t column)
{
	struct heard *heard = user;

	ck_assert_int_eq((int)source.len, 4);
	heard_print(user, said);
	heard->line = line;
	heard->column = column;
}

START_TEST(test_hooks)
{
	struct rexi_lang *lang = rexi_lang_new(NULL, NULL);
	struct heard heard = { .text = "" };
	struct rexi_value out;
	struct rexi_error err;

	rexi_lang_on_print(lang, heard_print, &heard);
	rexi_lang_on_debug(lang, heard_debug, &heard);
	ck_assert_int_eq(run(lang, "print(\"a\"); print(); print([1, \"b\"]);\n debug(\"c\")", &out, &err), REXI_OK);
	ck_assert_str_eq(heard.text, "a||[1, \"b\"]|\"c\"|");
	ck_assert_uint_eq(heard.line, 2);
	ck_assert_uint_eq(heard.column, 2);
	rexi_lang_free(lang);
}
END_TEST

struct books {
	size_t blocks, bytes, fail_at;
};

static void *books_take(void *user, void *ptr, size_t old_size, size_t new_size)
{
	struct books *books = user;
	void *fresh;

	if (new_size && books->fail_at && --books->fail_at == 0)
		return NULL;
	if (!new_size) {
		books->blocks--;
		books->bytes -= old_size;
		free(ptr);
		return NULL;
	}
	fresh = realloc(ptr, new_size);
	if (fresh) {
		books->blocks += !ptr;
		books->bytes += new_size - (ptr ? old_size : 0);
	}
	return fresh;
}

START_TEST(test_allocator)
{
	static const char script[] = "let a = [1, 2, 3].map(|x| `item ${x} is long enough`); let m = #{a: a}; fn f(n) { n + 1 }"
				     "let g = || a; try { throw m.to_json(); } catch (e) { e.len() + f(1) }";
	struct books books = { 0 };
	struct rexi_allocator allocator = { books_take, &books };
	struct rexi_lang_options options = { .size = sizeof(options), .allocator = &allocator };
	struct rexi_value out;
	struct rexi_error err;
	int64_t ok = 0;

	/* every allocation fails in turn, until one time none does; nothing is left behind */
	for (size_t fail_at = 1; fail_at < 5000 && !ok; fail_at++) {
		struct rexi_lang *lang;

		books.fail_at = fail_at;
		lang = rexi_lang_new(&options, &err);
		if (lang) {
			enum rexi_status status = run(lang, script, &out, &err);

			ck_assert_msg(status == REXI_OK || status == REXI_NO_MEMORY || status == REXI_RUNTIME, "%zu: %s", fail_at,
				      rexi_status_name(status));
			ok = status == REXI_OK && books.fail_at > 0;
			rexi_value_free(lang, &out);
			rexi_lang_free(lang);
		}
		ck_assert_msg(books.blocks == 0 && books.bytes == 0, "%zu: %zu blocks, %zu bytes", fail_at, books.blocks, books.bytes);
	}
	ck_assert(ok);
}
END_TEST

/* ---- ended from outside -------------------------------------------------------------------------------------------------- */

static struct rexi_lang *victim;

static void *terminate_soon(void *unused)
{
	struct timespec pause = { 0, 50000000 };

	nanosleep(&pause, NULL);
	rexi_lang_terminate(victim);
	return unused;
}

static void on_alarm(int number)
{
	(void)number;
	rexi_lang_terminate(victim);
}

static const char *const endless[] = {
	"loop {}",
	"do {} until false",
	"do {} while !false",
	"while !false {}",
	"let x = 1; do {} until x == 2",
	"let x = 1; do {} until x == 2 && x == 3",
	"let x = 1.5; while !(x == 2.5 || x > 3) {}",
	"do { continue; } until true",
	"fn f() { do { if false { break; } } until false } f()",
	"do {} until ({ false })",
	"try { loop { try { throw 1; } catch {} } } catch { 1 }",
	"fn f(n) { if n > 0 { f(n - 1) } } loop { f(20); }",
	"loop { [3, 1, 2].sort(|a, b| a - b); }",
	"let a = []; loop { a.push(1); a.clear(); }",
	"for i in (0..) {}",
	"loop { eval(\"1\"); }",
	"let s = \"x\"; loop { s.to_upper(); }",
	/* every way back counts */
	"let n = 0; do { 1; } until n >= 5;",
	"let n = 0; do { 1; } while n < 5;",
	"let n = false; do { } until n;",
	"let n = false; do { } while !n;",
	"let n = true; do { } until !n;",
	"let n = 0; do { } until !(n < 5);",
	"let n = 0; do { } until n > 5 || n < 0;",
	"let n = 0; do { } until n > 5 && n > 0;",
	"let n = 0; do { continue; } until n > 5;",
	"let n = false; while !n { }",
	"let n = 0; while !(n > 5) { }",
	"let n = 0; while n < 5 && !(n > 5) { }",
	"let n = 0; while n < 0 || !(n > 5) { }",
	"let n = 0; while !(n > 5) || n < 0 { continue; }",
	"let n = 0; while !(n > 5 || n < 0) { }",
	"do { } until false;",
	"do { } while true;",
	"while true { }",
	"while !false { }",
	"let n = (); while n == () { }",
	"for (x, i) in 0..9223372036854775807 { }",
	"for x in range(0, 9223372036854775807, 1) { }",
	"loop { switch 1 { 1 => continue, _ => break } }",
	"fn f() { 1 } loop { f(); }",
	"let f = || 1; loop { f.call(); }",
	"loop { try { throw 1; } catch { continue; } }",
	/* much work in few steps */
	"let a = [1]; let b = [1]; for i in 0..60 { a = [a, a]; b = [b, b]; } a == b",
	"let a = [1]; let b = [1]; for i in 0..60 { a = [a, a]; b = [b, b]; } a in [b]",
	"let a = #{ x: 1 }; let b = #{ x: 1 }; for i in 0..60 { a = #{ a: a, b: a }; b = #{ a: b, b: b }; } a == b",
	"let a = [1]; let b = [1]; for i in 0..60 { a = [a, a]; b = [b, b]; } [a, b, a, b].dedup()",
	"let a = []; a.pad(1000000, 1); loop { let b = a; b.push(1); }",
	"let a = []; a.pad(1000000, 1); loop { a.contains(2); }",
	"let a = []; a.pad(1000000, 1); loop { a.insert(0, 2); a.remove(0) }",
	"let a = []; a.pad(1000000, 1); let b = a + [1]; b.pop(); loop { a == b; }",
	"let a = []; a.pad(300000, 1); loop { a.sort(); a.reverse(); }",
	"let m = #{}; for i in 0..20000 { m[`k${i}`] = i; } loop { let n = m; n.x = 1; }",
	"let m = #{}; for i in 0..20000 { m[`k${i}`] = i; } loop { m.keys(); }",
	"let b = blob(10000000); loop { b.contains(7); }",
	"let b = blob(10000000); let c = b + blob(); loop { b == c; }",
	"let s = \"ab\"; for i in 0..20 { s += s; } loop { s.to_upper(); }",
	"let s = \"ab\"; for i in 0..22 { s += s; } let t = s + \"\"; loop { s == t; }",
	"let s = \"é\"; for i in 0..20 { s += s; } loop { s[1000000]; }",
	"let s = \"ab\"; for i in 0..22 { s += s; } loop { s.index_of(\"abb\"); }",
	"let s = \"ab\"; for i in 0..20 { s += s; } loop { `${s}`; }",
};

/* 50 ms, what it takes to make the values, and some for sanitizers */
#ifdef REXI_SANITIZED
#define SOON 20
#else
#define SOON 2
#endif

static double processor_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

START_TEST(test_thread)
{
	struct rexi_value out;
	struct rexi_error err;
	pthread_t thread;
	double begun;

	victim = rexi_lang_new(NULL, NULL);
	begun = processor_seconds();
	ck_assert_int_eq(pthread_create(&thread, NULL, terminate_soon, NULL), 0);
	ck_assert_int_eq(run(victim, endless[_i], &out, &err), REXI_TERMINATED);
	pthread_join(thread, NULL);
	begun = processor_seconds() - begun;
	ck_assert_msg(begun < SOON, "%s: ended after %.1f s", endless[_i], begun);
	ck_assert_int_eq(run(victim, "1", &out, &err), REXI_OK);
	rexi_lang_free(victim);
}
END_TEST

START_TEST(test_signal)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct itimerval timer = { .it_value = { 0, 50000 } };
	struct rexi_value out;
	struct rexi_error err;

	victim = rexi_lang_new(NULL, NULL);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	ck_assert_int_eq(run(victim, endless[_i], &out, &err), REXI_TERMINATED);
	rexi_lang_free(victim);
}
END_TEST

/* ---- reports -------------------------------------------------------------------------------------------------------------- */

/* Their texts stand in tests/data/lang/reports.cases. */
static const char *const reported[] = {
	"let x = ;", "let a = 1;\n\tfoo(a);\n", "let s = \"héé\"; é", "fn f(n) { if n == 0 { throw 1 } else { f(n - 1) } } f(40)",
	"fn f(n) { g(n) } fn g(n) { if n == 0 { throw 1 } else { f(n - 1) } } f(20)", "\xFF", "loop {}",
};

START_TEST(test_report)
{
	struct rexi_lang *lang = rexi_lang_new(NULL, NULL);
	struct rexi_str source = text(reported[_i]), got;
	struct rexi_script *script = NULL;
	struct rexi_value out, report;
	struct rexi_error err;

	rexi_lang_set_limit(lang, REXI_LANG_OPERATIONS, 1000);
	ck_assert_int_eq(rexi_lang_error_report(lang, NULL, source, &report), REXI_NOT_FOUND);
	if (rexi_lang_compile(lang, source, text(""), NULL, &script, &err) == REXI_OK)
		ck_assert_int_ne(rexi_lang_run(lang, script, NULL, &out, &err), REXI_OK);
	ck_assert_int_eq(rexi_lang_error_report(lang, script, source, &report), REXI_OK);
	ck_assert(rexi_value_as_string(&report, &got));
	ck_assert(got.len > 10 && got.len < 4000 && memcmp(got.ptr, "error: ", 7) == 0);
	rexi_value_free(lang, &report);
	/* without its text there are no lines of it */
	ck_assert_int_eq(rexi_lang_error_report(lang, NULL, text(""), &report), REXI_OK);
	rexi_value_free(lang, &report);
	rexi_script_free(script);
	rexi_lang_free(lang);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("host");
	TCase *tc = tcase_create("host");

	tcase_add_loop_test(tc, test_towers, 0, COUNT(towers));
	tcase_add_test(tc, test_million);
	tcase_add_loop_test(tc, test_hostile, 0, COUNT(hostile));
	tcase_add_loop_test(tc, test_limits, 0, COUNT(limits));
	tcase_add_loop_test(tc, test_imports, 0, COUNT(imports));
	tcase_add_loop_test(tc, test_scope, 0, COUNT(scoped));
	tcase_add_test(tc, test_settings);
	tcase_add_test(tc, test_hooks);
	tcase_add_test(tc, test_allocator);
	tcase_add_loop_test(tc, test_thread, 0, COUNT(endless));
	tcase_add_loop_test(tc, test_signal, 0, COUNT(endless));
	tcase_add_loop_test(tc, test_report, 0, COUNT(reported));
	tcase_set_timeout(tc, 120);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
