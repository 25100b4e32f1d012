/* <rexi/lang.h> call by call where the other tests of the library do not reach: values, host types, memory, threads. */
#include <config.h>

#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rexi/lang.h>

#include "tests/suite.h"

#define COUNT(rows) (int)(sizeof(rows) / sizeof((rows)[0]))

static struct rexi_str text(const char *s)
{
	return (struct rexi_str){ s, strlen(s) };
}

static enum rexi_status run(struct rexi_lang *lang, const char *source, struct rexi_scope *scope, struct rexi_value *out,
			    struct rexi_error *err)
{
	struct rexi_script *script;
	enum rexi_status status = rexi_lang_compile(lang, text(source), text("main"), scope, &script, err);

	*out = rexi_value_unit();
	if (status != REXI_OK)
		return status;
	status = rexi_lang_run(lang, script, scope, out, err);
	rexi_script_free(script);
	return status;
}

/* ---- values ------------------------------------------------------------------------------------------------------------ */

static const struct {
	const char *source, *type;
	enum rexi_kind kind;
	size_t count;
} kinds[] = {
	{ "()", "()", REXI_KIND_UNIT, 0 },
	{ "true", "bool", REXI_KIND_BOOL, 0 },
	{ "7", "i64", REXI_KIND_INT, 0 },
	{ "1.5", "f64", REXI_KIND_FLOAT, 0 },
	{ "'x'", "char", REXI_KIND_CHAR, 0 },
	{ "\"x\"", "string", REXI_KIND_STRING, 0 },
	{ "\"longer than a value\"", "string", REXI_KIND_STRING, 0 },
	{ "[1, 2, 3]", "array", REXI_KIND_ARRAY, 3 },
	{ "blob(4)", "blob", REXI_KIND_BLOB, 4 },
	{ "#{ a: 1, b: 2 }", "map", REXI_KIND_MAP, 2 },
	{ "|| 1", "Fn", REXI_KIND_FUNCTION, 0 },
	{ "1..5", "range", REXI_KIND_OTHER, 0 },
	{ "timestamp()", "timestamp", REXI_KIND_OTHER, 0 },
};

START_TEST(test_kinds)
{
	struct rexi_lang *lang = rexi_lang_new(NULL, NULL);
	struct rexi_value out, copy;
	struct rexi_error err;
	struct rexi_str view;
	int64_t i = -1;
	double f = -1;
	bool b = false;

	ck_assert_int_eq(run(lang, kinds[_i].source, NULL, &out, &err), REXI_OK);
	copy = rexi_value_copy(&out);
	rexi_value_free(lang, &out);
	ck_assert_int_eq(rexi_value_kind(&out), REXI_KIND_UNIT);
	ck_assert_int_eq(rexi_value_kind(&copy), kinds[_i].kind);
	ck_assert_str_eq(rexi_value_type(&copy), kinds[_i].type);
	ck_assert_uint_eq(rexi_value_count(&copy), kinds[_i].count);
	ck_assert_int_eq(rexi_value_as_bool(&copy, &b), kinds[_i].kind == REXI_KIND_BOOL);
	ck_assert_int_eq(rexi_value_as_int(&copy, &i), kinds[_i].kind == REXI_KIND_INT);
	ck_assert_int_eq(rexi_value_as_float(&copy, &f), kinds[_i].kind == REXI_KIND_FLOAT);
	ck_assert_int_eq(rexi_value_as_string(&copy, &view), kinds[_i].kind == REXI_KIND_STRING);
	ck_assert((kinds[_i].kind == REXI_KIND_INT) == (i == 7) && (kinds[_i].kind == REXI_KIND_FLOAT) == (f > 0) &&
		  (kinds[_i].kind == REXI_KIND_BOOL) == b);
	ck_assert_ptr_null(rexi_value_payload(&copy, NULL));
	rexi_value_free(lang, &copy);
	rexi_lang_free(lang);
}
END_TEST

START_TEST(test_containers)
{
	struct rexi_lang *lang = rexi_lang_new(NULL, NULL);
	struct rexi_scope *scope = rexi_scope_new(lang);
	struct rexi_value map, list, s, out, copy;
	struct rexi_error err;
	const struct rexi_value *found;
	struct rexi_str view;
	int64_t i = 0;
	double f = 0;

	ck_assert_int_eq(rexi_value_map(lang, &map), REXI_OK);
	ck_assert_int_eq(rexi_value_array(lang, &list), REXI_OK);
	ck_assert_int_eq(rexi_value_string(lang, text("a string that has its own memory"), &s), REXI_OK);
	ck_assert_int_eq(rexi_value_push(lang, &list, rexi_value_int(1)), REXI_OK);
	ck_assert_int_eq(rexi_value_push(lang, &list, rexi_value_float(2.5)), REXI_OK);
	ck_assert_int_eq(rexi_value_push(lang, &list, rexi_value_bool(true)), REXI_OK);
	ck_assert_int_eq(rexi_value_push(lang, &list, s), REXI_OK);
	copy = rexi_value_copy(&list);
	ck_assert_int_eq(rexi_value_put(lang, &map, text("list"), list), REXI_OK);
	ck_assert_int_eq(rexi_value_put(lang, &map, text("n"), rexi_value_int(5)), REXI_OK);
	ck_assert_int_eq(rexi_value_put(lang, &map, text("n"), rexi_value_int(6)), REXI_OK);
	/* what the host keeps is its own: the script changes another */
	ck_assert_int_eq(rexi_scope_set_const(scope, text("config"), rexi_value_copy(&map)), REXI_OK);
	ck_assert_int_eq(rexi_scope_set(scope, text("mine"), map), REXI_OK);
	ck_assert_int_eq(run(lang, "mine.list.push(config.n); mine.added = config.list.len(); mine", scope, &out, &err), REXI_OK);
	ck_assert_uint_eq(rexi_value_count(&copy), 4);
	found = rexi_value_get(&out, text("list"));
	ck_assert(found && rexi_value_count(found) == 5);
	ck_assert(rexi_value_as_int(rexi_value_at(found, 4), &i) && i == 6);
	ck_assert(rexi_value_as_float(rexi_value_at(found, 1), &f) && f > 2.4);
	ck_assert(rexi_value_as_string(rexi_value_at(found, 3), &view) && view.len == 32);
	ck_assert(rexi_value_as_int(rexi_value_get(&out, text("added")), &i) && i == 4);
	ck_assert_ptr_null(rexi_value_at(found, 5));
	ck_assert_ptr_null(rexi_value_get(&out, text("nothing")));
	ck_assert_ptr_null(rexi_value_at(&out, 0));
	ck_assert_ptr_null(rexi_value_get(found, text("x")));
	rexi_value_free(lang, &out);
	ck_assert_int_eq(run(lang, "config.n = 7", scope, &out, &err), REXI_RUNTIME);
	ck_assert_ptr_nonnull(strstr(err.message, "Cannot modify constant config"));
	rexi_value_free(lang, &copy);
	rexi_scope_free(scope);
	rexi_lang_free(lang);
}
END_TEST

/* ---- a type with operators, properties, an indexer and iteration -------------------------------------------------------- */

struct point {
	int64_t x, y;
	int *living;
};

struct host {
	struct rexi_type *type;
	int living;
};

static void point_free(void *payload)
{
	struct point *point = payload;

	--*point->living;
	free(point);
}

static bool point_iterate(void *payload, uint64_t position, struct rexi_value *out)
{
	const struct point *point = payload;

	if (position > 1)
		return false;
	*out = rexi_value_int(position ? point->y : point->x);
	return true;
}

static enum rexi_status point_make(struct rexi_native *call, int64_t x, int64_t y, struct rexi_value *out)
{
	struct host *host = rexi_native_user(call);
	struct point *point = malloc(sizeof(*point));

	if (!point)
		return REXI_NO_MEMORY;
	*point = (struct point){ x, y, &host->living };
	host->living++;
	return rexi_value_object(rexi_native_lang(call), host->type, point, out);
}

static struct point *point_of(struct rexi_native *call, const struct rexi_value *value)
{
	return rexi_value_payload(value, ((struct host *)rexi_native_user(call))->type);
}

static enum rexi_status point_new(struct rexi_native *call, struct rexi_value *args, unsigned argc, struct rexi_value *out)
{
	int64_t x = 0, y = 0;

	(void)argc;
	return rexi_value_as_int(&args[0], &x) && rexi_value_as_int(&args[1], &y)
		       ? point_make(call, x, y, out)
		       : rexi_native_fail(call, text("two integers"));
}

static enum rexi_status point_add(struct rexi_native *call, struct rexi_value *args, unsigned argc, struct rexi_value *out)
{
	const struct point *a = point_of(call, &args[0]), *b = point_of(call, &args[1]);

	(void)argc;
	return point_make(call, a->x + b->x, a->y + b->y, out);
}

static enum rexi_status point_equal(struct rexi_native *call, struct rexi_value *args, unsigned argc, struct rexi_value *out)
{
	const struct point *a = point_of(call, &args[0]), *b = point_of(call, &args[1]);

	(void)argc;
	*out = rexi_value_bool(a->x == b->x && a->y == b->y);
	return REXI_OK;
}

static enum rexi_status point_x(struct rexi_native *call, struct rexi_value *args, unsigned argc, struct rexi_value *out)
{
	(void)argc;
	*out = rexi_value_int(point_of(call, &args[0])->x);
	return REXI_OK;
}

static enum rexi_status point_set_x(struct rexi_native *call, struct rexi_value *args, unsigned argc, struct rexi_value *out)
{
	(void)argc, (void)out;
	return rexi_value_as_int(&args[1], &point_of(call, &args[0])->x) ? REXI_OK : rexi_native_fail(call, text("an integer"));
}

static enum rexi_status point_at(struct rexi_native *call, struct rexi_value *args, unsigned argc, struct rexi_value *out)
{
	int64_t i = 0;

	(void)argc;
	if (!rexi_value_as_int(&args[1], &i) || i < 0 || i > 1)
		return rexi_native_fail(call, text("a point has two"));
	*out = rexi_value_int(i ? point_of(call, &args[0])->y : point_of(call, &args[0])->x);
	return REXI_OK;
}

static enum rexi_status point_put(struct rexi_native *call, struct rexi_value *args, unsigned argc, struct rexi_value *out)
{
	struct point *point = point_of(call, &args[0]);
	int64_t i = 0;

	(void)argc, (void)out;
	return rexi_value_as_int(&args[1], &i) && rexi_value_as_int(&args[2], i ? &point->y : &point->x)
		       ? REXI_OK
		       : rexi_native_fail(call, text("integers"));
}

static enum rexi_status point_each(struct rexi_native *call, struct rexi_value *args, unsigned argc, struct rexi_value *out)
{
	struct rexi_value both[2] = { rexi_value_int(point_of(call, &args[0])->x), rexi_value_int(point_of(call, &args[0])->y) };

	(void)argc;
	return rexi_native_call_back(call, &args[1], both, 2, out);
}

static struct rexi_lang *points(struct host *host, const struct rexi_lang_options *options)
{
	static const struct {
		const char *name, *params;
		rexi_lang_function fn;
		unsigned flags;
	} rows[] = {
		{ "point", "int int", point_new, 0 }, { "+", "Point Point", point_add, 0 }, { "==", "Point Point", point_equal, 0 },
		{ "get$x", "Point", point_x, 0 }, { "set$x", "Point int", point_set_x, REXI_LANG_CHANGES },
		{ "index$get", "Point int", point_at, 0 }, { "index$set", "Point int int", point_put, REXI_LANG_CHANGES },
		{ "both", "Point Fn", point_each, 0 },
	};
	static const struct rexi_type_options type = { sizeof(type), "Point", point_free, point_iterate };
	struct rexi_error err;
	struct rexi_lang *lang = rexi_lang_new(options, &err);

	host->living = 0;
	if (!lang)
		return NULL;
	host->type = rexi_lang_type(lang, &type, &err);
	for (int i = 0; host->type && i < COUNT(rows); i++)
		if (rexi_lang_register(lang, rows[i].name, rows[i].params, rows[i].fn, rows[i].flags, host, &err) != REXI_OK)
			host->type = NULL;
	if (host->type)
		return lang;
	rexi_lang_free(lang);
	return NULL;
}

static const struct {
	const char *source;
	int64_t want; /* -1: an error */
} objects[] = {
	{ "let p = point(1, 2) + point(3, 4); p.x * 10 + p[1]", 46 },
	{ "let p = point(1, 2); p.x = 7; p[1] = 8; p[0] + p[1]", 15 },
	{ "let p = point(1, 2); p.x += 5; p[1] *= 10; p.x + p[1]", 26 },
	{ "let s = 0; for i in point(20, 22) { s += i; } s", 42 },
	{ "let s = 0; for (v, i) in point(20, 22) { s += v * i; } s", 22 },
	{ "if point(1, 2) == point(1, 2) { 1 } else { 0 }", 1 },
	{ "if [point(1, 2)] == [point(1, 2)] { 1 } else { 0 }", 1 },
	{ "if point(1, 2) in [point(0, 0), point(1, 2)] { 1 } else { 0 }", 1 },
	{ "point(20, 22).both(|x, y| x + y)", 42 },
	{ "let all = []; for i in 0..50 { all.push(point(i, i)); } let t = point(0, 0); for p in all { t = t + p; } t.x", 1225 },
	{ "let p = point(1, 2); let m = #{ p: p }; m.p.x = 9; p.x", 9 },
	{ "let p = point(1, 2); let f = || p.x; p.x = 5; f.call()", 5 },
	{ "type_of(point(1, 2)).len", 5 },
	{ "let r = 0; try { point(1, 2)[5] } catch (e) { r = e.len; } r", 15 },
	{ "fn Point.sum() { this.x + this[1] } point(3, 4).sum()", 7 },
	{ "point(1, 2)[5]", -1 },
	{ "point(1, 2).y", -1 },
	{ "point(1, 2) - point(1, 2)", -1 },
	{ "point(1, 2).both(|x, y| throw x)", -1 },
	{ "point(\"a\", 2)", -1 },
};

START_TEST(test_objects)
{
	struct host host;
	struct rexi_lang *lang = points(&host, NULL);
	struct rexi_value out;
	struct rexi_error err;
	enum rexi_status status;
	int64_t got = -1;

	ck_assert_ptr_nonnull(lang);
	status = run(lang, objects[_i].source, NULL, &out, &err);
	ck_assert_msg(status == (objects[_i].want < 0 ? REXI_RUNTIME : REXI_OK), "%s: %s", objects[_i].source, status ? err.message : "");
	if (objects[_i].want >= 0)
		ck_assert_msg(rexi_value_as_int(&out, &got) && got == objects[_i].want, "%s: %lld", objects[_i].source, (long long)got);
	rexi_value_free(lang, &out);
	rexi_lang_free(lang);
	ck_assert_int_eq(host.living, 0);
}
END_TEST

/* ---- every allocation fails in turn ------------------------------------------------------------------------------------- */

struct books {
	size_t blocks, fail_at;
};

static void *books_take(void *user, void *ptr, size_t old_size, size_t new_size)
{
	struct books *books = user;
	void *fresh;

	(void)old_size;
	if (new_size && books->fail_at && --books->fail_at == 0)
		return NULL;
	if (!new_size) {
		books->blocks -= ptr != NULL;
		free(ptr);
		return NULL;
	}
	fresh = realloc(ptr, new_size);
	books->blocks += fresh && !ptr;
	return fresh;
}

static bool import(void *user, struct rexi_str path, struct rexi_str from, struct rexi_str *source_out)
{
	(void)user, (void)path, (void)from;
	*source_out = text("export const K = 5; fn f(x) { [x, K] }");
	return true;
}

static const char *const tortured[] = {
	"import \"m\" as m; let p = m::f(point(1, 2)); p[0].x + p[1]",
	"let a = [3, 1, 2]; a.sort(|x, y| x - y); let s = a.map(|x| `text ${x} of some length`).reduce(|r, s| r + s, \"\"); s.len()",
	"let m = parse_json(`{\"a\":[1,2,{\"b\":\"long enough to be a string\"}]}`); m.to_json().len()",
	"eval(\"let x = [1, 2, 3]; fn_missing(x)\")",
	"let f = |x| { let g = |y| [x, y]; g.call(f_missing) }; f.call(1)",
	"switch \"some string or other\" { \"another string here\" => 1, \"some string or other\" => throw #{ a: [1] } }",
	"let b = blob(100, 7); b.append(\"a text for the blob\"); b.to_array().filter(|x| x > 7).len()",
	"fn f(n) { if n == 0 { throw \"deep in the calls\" } else { f(n - 1) } } try { f(20) } catch (e) { e.len() }",
	"let x = #{ a: #{ b: [#{ c: \"something\" }] } }; x.a.b[0].c += \" and more than that\"; x.a.b[0].c.len()",
	"let f = Fn(\"+\").curry(\"a prefix of some length \"); [\"x\", \"y\"].map(f).len()",
};

START_TEST(test_torture)
{
	bool done = false;

	for (size_t fail_at = 1; fail_at < 20000 && !done; fail_at++) {
		struct books books = { .fail_at = fail_at };
		struct rexi_allocator allocator = { books_take, &books };
		struct rexi_lang_options options = { .size = sizeof(options), .allocator = &allocator };
		struct host host;
		struct rexi_lang *lang = points(&host, &options);

		if (lang) {
			struct rexi_value out, report = rexi_value_unit();
			struct rexi_error err;
			enum rexi_status status;

			rexi_lang_on_import(lang, import, NULL);
			status = run(lang, tortured[_i], NULL, &out, &err);
			ck_assert_msg(status == REXI_OK || status == REXI_NO_MEMORY || status == REXI_RUNTIME || status == REXI_SYNTAX, "%s: %zu: %s",
				      tortured[_i], fail_at, rexi_status_name(status));
			if (status != REXI_OK && rexi_lang_error_report(lang, NULL, text(tortured[_i]), &report) == REXI_OK)
				rexi_value_free(lang, &report);
			done = books.fail_at > 0;
			rexi_value_free(lang, &out);
			rexi_lang_free(lang);
		}
		ck_assert_msg(books.blocks == 0, "%s: %zu: %zu blocks are left", tortured[_i], fail_at, books.blocks);
		ck_assert_int_eq(host.living, 0);
	}
	ck_assert(done);
}
END_TEST

/* ---- engines side by side ------------------------------------------------------------------------------------------------ */

static void *one_engine(void *user)
{
	static const char source[] = "let n = 0; let m = #{}; m.up = || { n += 1; n }; for i in 0..2000 { m.up.call(); }"
				     "let words = \"b a c\".split(); words.sort(); parse_json(`{\"w\":\"${words[0]}\"}`).w + n";
	struct host host;

	for (int round = 0; round < 20; round++) {
		struct rexi_lang *lang = points(&host, NULL);
		struct rexi_value out;
		struct rexi_error err;
		struct rexi_str got;

		if (!lang || run(lang, source, NULL, &out, &err) != REXI_OK || !rexi_value_as_string(&out, &got) || got.len != 5 ||
		    memcmp(got.ptr, "a2000", 5) != 0)
			*(int *)user = 1;
		rexi_value_free(lang, &out);
		rexi_lang_free(lang);
	}
	return NULL;
}

START_TEST(test_threads)
{
	pthread_t threads[4];
	int failed[4] = { 0 };

	for (int i = 0; i < COUNT(threads); i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, one_engine, &failed[i]), 0);
	for (int i = 0; i < COUNT(threads); i++) {
		pthread_join(threads[i], NULL);
		ck_assert_int_eq(failed[i], 0);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lang");
	TCase *tc = tcase_create("api");

	tcase_add_loop_test(tc, test_kinds, 0, COUNT(kinds));
	tcase_add_test(tc, test_containers);
	tcase_add_loop_test(tc, test_objects, 0, COUNT(objects));
	tcase_add_loop_test(tc, test_torture, 0, COUNT(tortured));
	tcase_add_test(tc, test_threads);
	tcase_set_timeout(tc, 240);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
