/* An engine that lives long does not grow: what closures and their variables hold in cycles goes when a run has ended. */
#include <config.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rexi/lang.h>

#include "tests/suite.h"

#define COUNT(rows) (int)(sizeof(rows) / sizeof((rows)[0]))

struct books {
	size_t bytes, most, fail_at;
};

static void *books_take(void *user, void *ptr, size_t old_size, size_t new_size)
{
	struct books *books = user;
	void *fresh;

	if (new_size && books->fail_at && --books->fail_at == 0)
		return NULL;
	fresh = new_size ? realloc(ptr, new_size) : (free(ptr), NULL);
	if (fresh || !new_size)
		books->bytes += new_size - (ptr ? old_size : 0);
	if (books->bytes > books->most)
		books->most = books->bytes;
	return fresh;
}

static struct rexi_str text(const char *s)
{
	return (struct rexi_str){ s, strlen(s) };
}

static struct rexi_lang *engine(struct books *books)
{
	struct rexi_allocator allocator = { books_take, books };
	struct rexi_lang_options options = { .size = sizeof(options), .allocator = &allocator };
	struct rexi_lang *lang = rexi_lang_new(&options, NULL);

	ck_assert_ptr_nonnull(lang);
	return lang;
}

static struct rexi_script *compiled(struct rexi_lang *lang, const char *source, const struct rexi_scope *scope)
{
	struct rexi_script *script;
	struct rexi_error err;

	ck_assert_msg(rexi_lang_compile(lang, text(source), text(""), scope, &script, &err) == REXI_OK, "%s: %s", source, err.message);
	return script;
}

/* What each of these leaves behind holds itself. */
static const char *const rounds[] = {
	"let f = (); f = || f; 1",
	"let m = #{ n: 0 }; m.next = || { m.n += 1; m.n }; m.next.call()",
	"let a = []; let f = || a; a += f; a += [f, #{ f: f }]; 1",
	"let a = (); let b = (); a = || b; b = || a; 1",
	"let a = [1, 2, 3]; let g = |x| { a.push(x); a }; a += g; let h = || g; a += h; h.call().call(5); 1",
	"let text = \"something that is longer than a value\"; let f = || text; let text2 = [f]; text = text2; 1",
	"fn node(next) { let me = #{ next: next }; me.self = || me; me } let n = (); for i in 0..10 { n = node(n); } 1",
	"let m = #{}; m.f = || m; m.g = m.f; try { throw m; } catch (e) { e.again = m; } 1",
	"let m = #{}; m.f = || m; throw m",
	"let it = chars(\"abc\"); let a = [it]; a += [|| a]; 1",
	"let f = Fn(\"+\").curry(1); let x = #{ f: f }; x.g = || x; x.h = x.g.curry(x.f); 1",
	"let a = []; for i in 0..20 { let x = [a]; let f = || x; x += f; a.push(x); } 1",
	"eval(\"let e = #{}; e.f = || e;\"); 1",
	"let x = #{}; let y = || x; x.y = y; exit(5)",
};

START_TEST(test_rounds)
{
	struct books books = { 0 };
	struct rexi_lang *lang = engine(&books);
	struct rexi_script *script = compiled(lang, rounds[_i], NULL);
	size_t settled = 0;

	for (int round = 0; round < 10000; round++) {
		struct rexi_value out;
		struct rexi_error err;
		enum rexi_status status = rexi_lang_run(lang, script, NULL, &out, &err);

		ck_assert_msg(status == REXI_OK || status == REXI_RUNTIME, "%s: %s", rounds[_i], err.message);
		rexi_value_free(lang, &out);
		if (round == 100)
			settled = books.bytes;
	}
	ck_assert_msg(books.bytes <= settled + 512, "%s: %zu bytes, then %zu", rounds[_i], settled, books.bytes);
	rexi_script_free(script);
	rexi_lang_free(lang);
	ck_assert_uint_eq(books.bytes, 0);
}
END_TEST

/* 100,000 runs, each of a script compiled for it. */
START_TEST(test_many_scripts)
{
	struct books books = { 0 };
	struct rexi_lang *lang = engine(&books);
	size_t settled = 0;

	for (int round = 0; round < 100000; round++) {
		struct rexi_script *script =
			compiled(lang, "let n = 0; let m = #{}; m.up = || { n += 1; n }; m.me = || m; m.up.call() + m.up.call()", NULL);
		struct rexi_value out;
		struct rexi_error err;
		int64_t sum = 0;

		ck_assert_int_eq(rexi_lang_run(lang, script, NULL, &out, &err), REXI_OK);
		ck_assert(rexi_value_as_int(&out, &sum));
		ck_assert_int_eq(sum, 3);
		rexi_script_free(script);
		if (round == 100)
			settled = books.most;
	}
	ck_assert_msg(books.most <= settled + 512, "%zu bytes, then %zu", settled, books.most);
	rexi_lang_free(lang);
	ck_assert_uint_eq(books.bytes, 0);
}
END_TEST

/* What a host's variable holds stays whole, from run to run, while others come and go. */
START_TEST(test_kept)
{
	struct books books = { 0 };
	struct rexi_lang *lang = engine(&books);
	struct rexi_scope *scope = rexi_scope_new(lang);
	struct rexi_script *make, *use;
	struct rexi_value out;
	struct rexi_error err;
	size_t settled = 0;
	int64_t n = 0;

	ck_assert_int_eq(rexi_scope_set(scope, text("kept"), rexi_value_unit()), REXI_OK);
	make = compiled(lang, "let n = 0; let state = #{}; state.list = [|| { n += 1; n }, || state]; kept = state;", scope);
	ck_assert_int_eq(rexi_lang_run(lang, make, scope, &out, &err), REXI_OK);
	rexi_value_free(lang, &out);
	use = compiled(lang, "let x = #{ big: [] }; x.big.pad(100, 7); x.f = || x; let y = kept.list[0]; y.call()", scope);
	for (int round = 1; round <= 20000; round++) {
		ck_assert_msg(rexi_lang_run(lang, use, scope, &out, &err) == REXI_OK, "%s", err.message);
		ck_assert(rexi_value_as_int(&out, &n));
		ck_assert_int_eq(n, round);
		if (round == 200)
			settled = books.most;
	}
	ck_assert_msg(books.most <= settled + 512, "%zu bytes, then %zu", settled, books.most);
	rexi_script_free(make);
	rexi_script_free(use);
	rexi_scope_free(scope);
	rexi_lang_free(lang);
	ck_assert_uint_eq(books.bytes, 0);
}
END_TEST

/* Within one long run: the cycles it leaves do not fill its memory, and what it still holds is untouched. */
static const struct {
	const char *source;
	int64_t want;
} long_runs[] = {
	{ "for i in 0..300000 { let n = #{ i: i }; n.f = || n; } 7", 7 },
	{ "for i in 0..3000 { let n = []; n.pad(2000, i); n += [|| n]; } 7", 7 },
	{ "let keep = []; for i in 0..100000 { let n = #{ i: i }; n.f = || n.i; if i % 1000 == 0 { keep.push(n); } }"
	  "let sum = 0; for k in keep { sum += k.f.call(); } sum", 4950000 },
	{ "fn make(i) { let me = #{ v: i }; me.get = || me.v; me.get } let sum = 0; for i in 0..100000 { sum += make(i).call(); } sum", 4999950000 },
	{ "let all = [3, 1, 2]; let calls = 0; for i in 0..20000 { all.sort(|a, b| { let c = [a]; c += [|| c]; calls += 1; a - b }); } all[0] + all[2] + calls * 0", 4 },
	{ "let a = [1, 2, 3, 4, 5, 6, 7, 8]; let s = 0; for i in 0..3000 { let b = a.map(|x| { let c = #{ x: x }; c.f = || c; c });"
	  "b.retain(|c| { let d = [c]; d += [|| d]; c.x % 2 == 0 }); b.drain(|c| { let d = [c]; d += [|| d]; c.x > 4 }); for c in b { s += c.x; } } s", 18000 },
};

START_TEST(test_long_run)
{
	struct books books = { 0 };
	struct rexi_lang *lang = engine(&books);
	struct rexi_script *script = compiled(lang, long_runs[_i].source, NULL);
	struct rexi_value out;
	struct rexi_error err;
	int64_t got = 0;

	ck_assert_msg(rexi_lang_run(lang, script, NULL, &out, &err) == REXI_OK, "%s: %s", long_runs[_i].source, err.message);
	ck_assert(rexi_value_as_int(&out, &got));
	ck_assert_int_eq(got, long_runs[_i].want);
	ck_assert_msg(books.most < 32U << 20, "%s: %zu bytes", long_runs[_i].source, books.most);
	rexi_script_free(script);
	rexi_lang_free(lang);
	ck_assert_uint_eq(books.bytes, 0);
}
END_TEST

/* Collecting needs memory where much is alive; without it nothing is lost, and the next run makes up for it. */
START_TEST(test_no_memory)
{
	for (size_t fail_at = 1; fail_at < 400; fail_at++) {
		struct books books = { 0 };
		struct rexi_lang *lang = engine(&books);
		struct rexi_scope *scope = rexi_scope_new(lang);
		struct rexi_script *script;
		struct rexi_value out;
		struct rexi_error err;
		enum rexi_status status = REXI_OK;
		int64_t got = 0;

		ck_assert_int_eq(rexi_scope_set(scope, text("all"), rexi_value_unit()), REXI_OK);
		script = compiled(lang, "let list = []; for i in 0..100 { let x = #{ i: i }; x.f = || x.i; list.push(x); let y = [x]; y += [|| y]; }"
					"if type_of(all) == \"array\" { let s = 0; for x in all { s += x.f.call(); } all = list; s } else { all = list; 0 }",
				  scope);
		for (int round = 0; round < 3; round++) {
			if (round == 1)
				books.fail_at = fail_at;
			status = rexi_lang_run(lang, script, scope, &out, &err);
			ck_assert_msg(status == REXI_OK || status == REXI_NO_MEMORY, "%zu: %s", fail_at, err.message);
			if (status == REXI_OK && round) {
				ck_assert(rexi_value_as_int(&out, &got));
				ck_assert_int_eq(got, 4950);
			}
			rexi_value_free(lang, &out);
			books.fail_at = 0;
		}
		rexi_script_free(script);
		rexi_scope_free(scope);
		rexi_lang_free(lang);
		ck_assert_uint_eq(books.bytes, 0);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lang");
	TCase *tc = tcase_create("cycles");

	tcase_add_loop_test(tc, test_rounds, 0, COUNT(rounds));
	tcase_add_test(tc, test_many_scripts);
	tcase_add_test(tc, test_kept);
	tcase_add_loop_test(tc, test_long_run, 0, COUNT(long_runs));
	tcase_add_test(tc, test_no_memory);
	tcase_set_timeout(tc, 120);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
