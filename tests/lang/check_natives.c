/*
 * Every native of the library on edge values, by the tables it registers: no call makes a value larger than the limits of
 * sizes, none takes more memory than it may or runs on, and each ends in a value or an error. The same for operators.
 */
#include <config.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lang/engine.h"
#include "lang/scope.h"
#include "lang/std/std.h"
#include "tests/suite.h"

#define MAX_STRING 100
#define MAX_ARRAY 10
#define MAX_MAP 5
#define PARAMS 6

/* Values of each type, within the limits and as large as they allow; or hostile numbers. */
static const char candidates_source[] =
	"let a10 = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]; let s100 = \"\"; s100.pad(100, 'x'); let b10 = blob(10, 0x41);"
	"let m5 = #{ a: 1, b: 2, c: 3, d: 4, e: 5 }; let wide = \"\"; wide.pad(25, '😀'); let s50 = s100.sub_string(0, 50);"
	"fn same(x) { x } fn more(x) { [x, x] } fn text(x) { `${x}${x}` }"
	"let all = #{};"
	"all.string = [\"\", \"x\", s50, s100, wide, \"{\\\"a\\\":[1,2,3]}\", \"1,2,3,4,5,6,7,8,9,10,11,12\", \"é\", \"\\u0130\"];"
	"all.int = [0, 1, -1, 5, 10, 11, 101, 70000, 9223372036854775807, -9223372036854775807 - 1];"
	"all.float = [0.0, -1.5, 1e300, 3.0];"
	"all.char = ['a', '😀', '\\u0130']; all.bool = [true, false];"
	"all.array = [[], [1], a10, [a10.len(), [1, [2, 3]], \"x\"], [s100, s50], [m5], [0, 1, 2, 3, 4, 5, 6, 7, 8], [b10.extract(0, 5), 1]];"
	"all.blob = [blob(), blob(1), b10, blob(9, 0xFF)];"
	"all.map = [#{}, #{ a: 1 }, m5, #{ x: s100 }, #{ l: [1, 2, 3, 4, 5, 6, 7, 8, 9] }, #{ n: #{ o: #{ p: 1 } } }];"
	"all[\"Fn\"] = [Fn(\"same\"), Fn(\"more\"), Fn(\"text\"), |x| x, |x, y| [x, y], || [this, this], |a, b| 1, |a, b| true, || s50 + s50, Fn(\"len\")];"
	"all.range = [0..3, 0..0, 5..9223372036854775807, -5..5, 2..1000000]; all[\"range=\"] = [0..=3, 0..=9223372036854775807, -1..=1];"
	"all.iterator = [chars(\"abc\"), range(0, 100, 7), bits(5)];"
	"all.unit = [()]; all.timestamp = [timestamp()];"
	"all.any = [(), 1, -1, 2.5, 'c', true, \"x\", s100, a10, m5, b10, Fn(\"same\"), 0..5];"
	"all";

struct bench {
	struct rxl_engine *engine;
	struct rxl_scope *scope;
	struct rxl_unit *unit; /* of the candidates, whose functions they name */
	struct rxl_value all;
	uint64_t calls, raised;
};

static struct rexi_str type_key(struct rexi_str type)
{
	if (rx_str_eq(type, RX_STR("?")))
		return RX_STR("any");
	if (rx_str_eq(type, RX_STR("()")))
		return RX_STR("unit");
	if (rx_str_eq(type, RX_STR("u8")))
		return RX_STR("int");
	return type;
}

static struct rxl_unit *compiled(struct bench *bench, const char *source)
{
	struct rxl_compile_options options = { .source_name = RX_STR_INIT(""), .vars = rxl_scope_vars(bench->scope),
					       .var_count = (uint32_t)rxl_scope_count(bench->scope) };
	struct rxl_value message;
	struct rxl_unit *unit = NULL;
	uint32_t pos;

	if (rxl_compile(bench->engine, rx_str(source), &options, &unit, &message, &pos) != REXI_OK)
		ck_abort_msg("%.60s: %.*s (%u)", source, RX_STR_ARG(rxl_is_string(&message) ? rxl_string_view(&message) : RX_STR("?")),
			     pos & 0xFFFF);
	return unit;
}

static void bench_init(struct bench *bench, size_t memory)
{
	char name[8];

	memset(bench, 0, sizeof(*bench));
	bench->engine = rxl_engine_new(NULL, memory);
	ck_assert_ptr_nonnull(bench->engine);
	ck_assert_int_eq(rxl_std_register(bench->engine, NULL), REXI_OK);
	bench->scope = rxl_scope_new(bench->engine);
	bench->unit = compiled(bench, candidates_source);
	ck_assert_int_eq(rxl_engine_run(bench->engine, bench->unit, NULL, &bench->all), REXI_OK);
	for (unsigned i = 0; i < PARAMS; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		ck_assert_int_eq(rxl_scope_push(bench->scope, rx_str(name), rxl_unit(), false), REXI_OK);
	}
}

static void bench_fini(struct bench *bench)
{
	rxl_value_drop(&bench->engine->heap, &bench->all);
	rxl_unit_unref(bench->unit);
	rxl_scope_free(bench->scope);
	rxl_engine_free(bench->engine);
}

static void within(const struct rxl_value *value, const char *source, const char *what)
{
	struct rxl_sizes sizes = { .array = 0 };

	if (value->type < RXL_TEXT)
		return;
	rxl_value_sizes(value, &sizes);
	ck_assert_msg(sizes.string <= MAX_STRING && sizes.array <= MAX_ARRAY && sizes.map <= MAX_MAP,
		      "%s: %s has a string of %zu, %zu elements, %zu properties", source, what, sizes.string, sizes.array, sizes.map);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Runs the unit for every combination of candidates. */
static void run_all(struct bench *bench, const char *source, const struct rexi_str *types, unsigned count, bool sizes)
{
	struct rxl_unit *unit = compiled(bench, source);
	const struct rxl_value *lists[PARAMS];
	size_t at[PARAMS] = { 0 };
	unsigned k;

	for (k = 0; k < count; k++) {
		lists[k] = rxl_map_find(&bench->all, type_key(types[k]));
		ck_assert_msg(lists[k] && rxl_array_count(lists[k]), "%s: no values of type %.*s", source, RX_STR_ARG(types[k]));
	}
	do {
		struct rxl_heap *heap = &bench->engine->heap;
		struct rxl_value result;
		char what[16];
		double begun = seconds();
		size_t before;
		bool ran;

		for (k = 0; k < count; k++) {
			snprintf(what, sizeof(what), "p%u", k);
			ck_assert_int_eq(rxl_scope_set(bench->scope, rx_str(what), rxl_value_copy(&rxl_array_items(lists[k])[at[k]])), REXI_OK);
		}
		before = heap->memory.peak = heap->memory.used;
		bench->calls++;
		ran = rxl_engine_run(bench->engine, unit, bench->scope, &result) == REXI_OK;
		bench->raised += !ran;
		if (sizes) {
			within(&result, source, "the result");
			/* the reference too changes first and looks then */
			for (k = 0; ran && k < count; k++) {
				snprintf(what, sizeof(what), "p%u", k);
				within(rxl_scope_find(bench->scope, rx_str(what)), source, what);
			}
			ck_assert_msg(heap->memory.peak - before < 1U << 20, "%s: takes %zu bytes", source, heap->memory.peak - before);
		}
		rxl_value_drop(heap, &result);
		for (k = 0; k < count; k++) {
			snprintf(what, sizeof(what), "p%u", k);
			ck_assert_int_eq(rxl_scope_set(bench->scope, rx_str(what), rxl_unit()), REXI_OK);
		}
		ck_assert_msg(seconds() - begun < 5, "%s: takes %.1f s", source, seconds() - begun);
		for (k = 0; k < count && ++at[k] == rxl_array_count(lists[k]); k++)
			at[k] = 0;
	} while (k < count);
	rxl_unit_unref(unit);
}

static bool is_name(const char *name)
{
	return (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') || *name == '_';
}

/* A script that calls the native, as a method where its first argument can be changed; false: none can. */
static bool call_of(const struct rxl_overload *overload, char *out, size_t size)
{
	const char *name = overload->row->name;
	char args[64] = "";

	for (unsigned k = 1; k < overload->count; k++)
		snprintf(args + strlen(args), sizeof(args) - strlen(args), "%sp%u", k > 1 ? ", " : "", k);
	/* these wait, or end the run */
	if (strcmp(name, "sleep") == 0 || strcmp(name, "exit") == 0)
		return false;
	if (strncmp(name, "get$", 4) == 0)
		snprintf(out, size, "p0.%s", name + 4);
	else if (strncmp(name, "set$", 4) == 0)
		snprintf(out, size, "p0.%s = p1", name + 4);
	else if (strcmp(name, "index$get") == 0)
		snprintf(out, size, "p0[p1]");
	else if (strcmp(name, "index$set") == 0)
		snprintf(out, size, "p0[p1] = p2");
	else if (strcmp(name, "print") == 0 || strcmp(name, "debug") == 0)
		snprintf(out, size, "%s(%s)", name, overload->count ? "p0" : "");
	else if (is_name(name) && overload->count == 0)
		snprintf(out, size, "%s()", name);
	else if (is_name(name))
		snprintf(out, size, "p0.%s(%s)", name, args);
	else if (overload->count == 2)
		snprintf(out, size, "p0 %s p1", name);
	else
		snprintf(out, size, "%s p0", name);
	return true;
}

struct walk {
	struct bench *bench;
	bool sizes;
	unsigned natives;
};

static void each_native(void *user, const struct rxl_overload *overload)
{
	struct walk *walk = user;
	struct rexi_str rest = rx_str(overload->row->params), types[PARAMS];
	char source[128];
	unsigned count = 0;

	if (!call_of(overload, source, sizeof(source)))
		return;
	while (rest.len) {
		size_t end = rx_str_find(rest, RX_STR(" "), 0);

		ck_assert_uint_lt(count, PARAMS);
		types[count++] = rx_str_sub(rest, 0, end == SIZE_MAX ? rest.len : end);
		rest = rx_str_sub(rest, end == SIZE_MAX ? rest.len : end + 1, rest.len);
	}
	run_all(walk->bench, source, types, count, walk->sizes);
	walk->natives++;
}

static const char *const operators[] = {
	"p0 + p1", "p0 - p1", "p0 * p1", "p0 ** p1", "p0 << p1", "p0 .. p1", "p0..=p1", "p0 == p1", "p0 < p1", "p1 in p0",
	"p0 += p1", "p0 -= p1", "p0 *= p1", "p0 **= p1", "p0 <<= p1", "p0 ?? p1",
	"`${p0}${p1}`", "[p0, p1]", "#{ a: p0, b: p1 }", "[p0, [p1, #{ c: p0 }]]", "let x = [p0]; x += p1; x", "let x = [p0]; x[0] = p1; x",
	"let x = #{ a: p0 }; x.b = p1; x", "let x = #{ a: #{ b: [p0] } }; x.a.b[0] = p1; x", "let x = #{ a: #{ b: [p0] } }; x.a.b += p1; x",
	"let x = #{ a: [p0] }; x.a.push(p1); x", "let x = []; for y in p0 { x += p1; } x", "let x = \"\"; for y in p0 { x += p1; } x",
	"let x = [p0]; for i in 0..3 { x.push(p1); } x", "let x = #{}; for i in 0..9 { x[`k${i}`] = p1; } x", "p0[0] = p1; p0", "p0.a = p1; p0",
	"let f = || p0; p0 = [f.call(), p1]; p0", "fn pair(a, b) { [a, b] } pair(p0, p1)", "let f = |x| [x, p1]; f.call(p0)",
	"p0.map(|x| [x, p1])", "switch p0 { 1 => p1, _ => [p0] }", "if p0 == p1 { [p0] } else { [p1] }", "eval(\"[p0, p1]\")",
	"let x = p0; x.push(x); x", "let x = p0; x += x; x", "let x = p0; x.insert(0, p1); x", "this_is(p0); fn this_is(x) { x += x; x }",
	"try { throw [p0, p1]; } catch (e) { e }", "let x = Fn(\"pair\").curry(p0).curry(p1); [x, x]", "const X = [p0]; [X, p1]",
};

static void limit_sizes(struct rxl_engine *engine)
{
	engine->limits.sizes = true;
	engine->heap.max_string = MAX_STRING;
	engine->heap.max_array = MAX_ARRAY;
	engine->heap.max_map = MAX_MAP;
}

START_TEST(test_sizes)
{
	struct bench bench;
	struct walk walk = { .bench = &bench, .sizes = true };

	bench_init(&bench, 0);
	limit_sizes(bench.engine);
	bench.engine->limits.operations = 100000;
	rxl_engine_natives(bench.engine, each_native, &walk);
	ck_assert_uint_gt(walk.natives, 400);
	ck_assert_uint_gt(bench.raised, bench.calls / 20);
	ck_assert_uint_gt(bench.calls - bench.raised, bench.calls / 20);
	if (getenv("VERBOSE"))
		printf("%u natives, %llu calls, %llu of them raised\n", walk.natives, (unsigned long long)bench.calls, (unsigned long long)bench.raised);
	bench_fini(&bench);
}
END_TEST

START_TEST(test_operator_sizes)
{
	static const struct rexi_str types[] = { RX_STR_INIT("string"), RX_STR_INIT("array"), RX_STR_INIT("map"), RX_STR_INIT("blob"),
						 RX_STR_INIT("any"), RX_STR_INIT("char"), RX_STR_INIT("int"), RX_STR_INIT("range") };
	struct bench bench;

	bench_init(&bench, 0);
	limit_sizes(bench.engine);
	bench.engine->limits.operations = 100000;
	for (size_t a = 0; a < RX_COUNT(types); a++)
		for (size_t b = 0; b < RX_COUNT(types); b++) {
			struct rexi_str both[] = { types[a], types[b] };

			run_all(&bench, operators[_i], both, 2, true);
		}
	bench_fini(&bench);
}
END_TEST

/* At the limit, and one past it, by everything that makes values grow. s: 100 characters, a: 10 elements, m: 5 properties, b: 10 bytes. */
static const struct {
	const char *within, *past;
} grows[] = {
	/* strings */
	{ "s + \"\"", "s + \"x\"" }, { "\"\" + s", "\"x\" + s" }, { "s += \"\"", "s += 'x'" }, { "`${s}`", "`${s}x`" }, { "`${s}${\"\"}`", "`${s}${1}`" },
	{ "s.pad(100, 'x')", "s.pad(101, 'x')" }, { "let t = \"\"; t.pad(100, \"ab\")", "let t = \"\"; t.pad(101, \"ab\")" },
	{ "s.append(\"\")", "s.append(\"x\")" }, { "s.replace(\"x\", \"y\")", "s.replace(\"x\", \"yz\")" },
	{ "s.replace('x', \"y\")", "s.replace('x', \"yz\")" }, { "s[0] = 'y'", "s[0] = 'é'" }, { "s.to_upper()", "s.replace(\"x\", \"ß\")" },
	{ "s.set(0, 'y')", "s.set(0, 'é')" }, { "let t = \"\"; for i in 0..100 { t += 'x'; }", "let t = \"\"; for i in 0..101 { t += 'x'; }" },
	{ "s.sub_string(2).to_debug()", "s.to_debug()" }, { "[s.sub_string(4)].to_string()", "[s].to_string()" }, { "#{ a: 1 }.to_json()", "#{ a: s }.to_json()" },
	{ "a.to_string()", "[a, 1234567890123, 1234567890123, 1234567890123, 1234567890123, 1234567890123].to_string()" },
	{ "to_string(s)", "to_string([s])" }, { "b.as_string()", "let t = s; t += b.as_string()" },
	{ "0.to_binary()", "let t = 0.to_binary(); for i in 0..7 { t += t; }" },
	{ "\"a\".to_upper()", "let t = \"\"; t.pad(100, \"ŉ\"); t.to_upper()" },
	/* arrays */
	{ "a.pop(); a.push(1)", "a.push(1)" }, { "a.pop(); a += 1", "a += 1" }, { "a += []", "a += [1]" }, { "a + []", "a + [1]" }, { "a.append([])", "a.append([1])" },
	{ "a.pop(); a.insert(0, 1)", "a.insert(0, 1)" }, { "a.pad(10, 0)", "a.pad(11, 0)" }, { "a.splice(0..1, [1])", "a.splice(0..1, [1, 2])" },
	{ "a.pop(); a.push(())", "a.push(())" }, { "a.pop(); [a]", "[a]" }, { "[1, [2, 3, 4, 5], [6, 7, 8]]", "[1, [2, 3, 4, 5], [6, 7, 8, 9]]" },
	{ "a[0] = 5", "a[0] = [5]" }, { "let x = [[1, 2, 3], 4]; x[0].push(5); x[0].push(5); x[0].push(5); x[0].push(5); x[0].push(5)",
					"let x = [[1, 2, 3], 4]; x[0].push(5); x[0].push(5); x[0].push(5); x[0].push(5); x[0].push(5); x[0].push(5)" },
	{ "a.map(|x| x)", "a.map(|x| [x])" }, { "\"1,2,3,4,5,6,7,8,9,10\".split(\",\")", "\"1,2,3,4,5,6,7,8,9,10,11\".split(\",\")" },
	{ "\"abcdefghij\".to_chars()", "\"abcdefghijk\".to_chars()" }, { "\"a b c d e f g h i j\".split()", "\"a b c d e f g h i j k\".split()" },
	{ "s.split(0)", "s.split(\"\")" }, { "\"1,2,3\".split(\",\", 3)", "s.split_rev(\"\", 50)" }, { "m.keys()", "let m = #{}; for c in 0..11 { m[`${c}`] = 1; } m.keys()" },
	{ "m.values()", "m.values() + [1, 2, 3, 4, 5, 6]" }, { "parse_json(\"{\\\"a\\\":[1,2,3,4,5,6,7,8,9]}\")", "parse_json(\"{\\\"a\\\":[1,2,3,4,5,6,7,8,9,10,11]}\")" },
	{ "let x = []; for i in 0..10 { x.push(i); }", "let x = []; for i in 0..11 { x.push(i); }" },
	{ "let x = []; for i in 0..10 { x += [i]; }", "let x = []; for i in 0..11 { x += [i]; }" },
	{ "a.filter(|x| true)", "[a.filter(|x| true)]" }, { "a.extract(0)", "[a.extract(0), 1]" }, { "a.zip([], |x, y| x)", "a.zip(a, |x, y| [x, y])" },
	{ "a.chop(10)", "let x = [1]; for i in 0..4 { x += x; }" }, { "a.dedup(); a", "let x = a; x.push(x)" }, { "a.split(5)", "[a.split(5), a]" },
	{ "let f = || 1; [f, f]", "let f = || 1; [f, f, a]" }, { "let x = #{ l: [] }; x.l.push(1)", "let x = #{ l: [1, 2, 3, 4, 5] }; x.m = [1, 2, 3, 4, 5, 6]" },
	{ "try { throw a; } catch (e) { e }", "try { throw a; } catch (e) { [e] }" }, { "switch 1 { 1 => a }", "switch 1 { 1 => [a] }" },
	{ "fn id(x) { x } id(a)", "fn two(x) { [x, x] } two(a)" }, { "let f = |x| x; f.call(a)", "let f = |x| [x]; f.call(a)" }, { "eval(\"a\")", "eval(\"[a]\")" },
	/* blobs */
	{ "blob(10)", "blob(11)" }, { "blob(10, 1)", "blob(11, 1)" }, { "b.pad(10, 1)", "b.pad(11, 1)" }, { "b.truncate(9); b.push(1)", "b.push(1)" },
	{ "b.truncate(9); b += 1", "b += 1" }, { "b.append(blob())", "b.append(blob(1))" }, { "b + blob()", "b + blob(1)" }, { "b.append(\"\")", "b.append(\"x\")" },
	{ "b.truncate(8); b.append(\"xy\")", "b.append(s)" }, { "b.splice(0..1, blob(1))", "b.splice(0..1, blob(2))" }, { "b.truncate(9); b.insert(0, 1)", "b.insert(0, 1)" },
	{ "\"abcdefghij\".to_blob()", "\"abcdefghijk\".to_blob()" }, { "b.to_array()", "[b.to_array(), 1]" }, { "[b.extract(0, 9)]", "[b]" },
	/* maps */
	{ "m.a = 9", "m.z = 9" }, { "m[\"a\"] = 9", "m[\"z\"] = 9" }, { "m += #{ a: 1 }", "m += #{ z: 1 }" }, { "m + #{ a: 1 }", "m + #{ z: 1 }" }, { "m.set(\"a\", 1)", "m.set(\"z\", 1)" },
	{ "m.mixin(#{ a: 1 })", "m.mixin(#{ z: 1 })" }, { "m.fill_with(#{ a: 1 })", "m.fill_with(#{ z: 1 })" }, { "#{ a: #{ b: #{ c: #{ d: 1 } } } }", "#{ a: m }" },
	{ "m.remove(\"a\"); m.z = 1", "m.a = #{ b: 1 }" }, { "let x = #{}; for i in 0..5 { x[`${i}`] = i; }", "let x = #{}; for i in 0..6 { x[`${i}`] = i; }" },
	{ "parse_json(\"{\\\"a\\\":{\\\"b\\\":1}}\")", "parse_json(\"{\\\"a\\\":{\\\"b\\\":1,\\\"c\\\":1,\\\"d\\\":1,\\\"e\\\":1,\\\"f\\\":1}}\")" },
	{ "m.filter(|k| true)", "[m, #{ z: 1 }]" }, { "[#{ a: 1 }, #{ b: 1 }]", "[m, m]" },
};

START_TEST(test_grows)
{
	static const char lead[] = "let s = \"\"; s.pad(100, 'x'); let a = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]; let b = blob(10, 1);"
				   "let m = #{ a: 1, b: 2, c: 3, d: 4, e: 5 };";
	const char *sources[] = { grows[_i].within, grows[_i].past };
	char whole[1024];

	for (unsigned past = 0; past < 2; past++) {
		struct bench bench;
		struct rxl_unit *unit;
		struct rxl_value result;
		enum rexi_status status;

		bench_init(&bench, 0);
		limit_sizes(bench.engine);
		snprintf(whole, sizeof(whole), "%s%s", lead, sources[past]);
		unit = compiled(&bench, whole);
		status = rxl_engine_run(bench.engine, unit, bench.scope, &result);
		if (past)
			ck_assert_msg(status == REXI_LIMIT && bench.engine->vm.error && bench.engine->vm.error->kind == RXL_ERROR_DATA_TOO_LARGE,
				      "%s: %s", sources[past], rexi_status_name(status));
		else
			ck_assert_msg(status == REXI_OK, "%s: %s", sources[past], rexi_status_name(status));
		rxl_value_drop(&bench.engine->heap, &result);
		rxl_unit_unref(unit);
		bench_fini(&bench);
	}
}
END_TEST

/* The verifier finds what was changed in finished code. */
static const struct {
	const char *label;
	unsigned op;
	int what; /* 'a', 'b', 'k', 'j' */
	int value;
	const char *complaint;
} tampered[] = {
	{ "register", RXL_OP_RET, 'a', 60000, "RET: no such register: 60000" },
	{ "constant", RXL_OP_CONST, 'k', 5000, "CONST: no such constant: 5000" },
	{ "site", RXL_OP_METHOD, 'k', 999, "METHOD: no such site: 999" },
	{ "function", RXL_OP_CLOSURE, 'k', 77, "CLOSURE: no such function: 77" },
	{ "way out", RXL_OP_JUMP, 'j', 4000, "JUMP: leads out of the code" },
	{ "way back", RXL_OP_JUMP, 'j', -2, "JUMP: leads back without a step" },
};

START_TEST(test_verify)
{
	struct bench bench;
	struct rxl_unit *unit;
	struct rx_buf complaint;
	bool found = false;

	bench_init(&bench, 0);
	unit = compiled(&bench, "let s = \"a text that is a constant\"; let f = || s; let n = 0; while n < 5 { n += s.index_of(\"x\", n);"
				"if n == 3 { n += 1; } else { n += 2; } } f.call(); s.pad(5, \"another constant text\"); n");
	rx_buf_init(&complaint, &bench.engine->heap.memory, 0);
	ck_assert_msg(rxl_unit_verify(unit, &complaint), "%s", rx_buf_cstr(&complaint));
	ck_assert(rxl_unit_verify(bench.unit, &complaint));
	for (uint32_t i = 0; i < unit->main->code_count && !found; i++) {
		struct rxl_ins *ins = &unit->main->code[i], was = *ins;

		if (ins->op != tampered[_i].op)
			continue;
		found = true;
		if (tampered[_i].what == 'a')
			ins->a = (uint16_t)tampered[_i].value;
		else if (tampered[_i].what == 'k')
			ins->k = tampered[_i].value;
		else
			ins->to = ins + 1 + tampered[_i].value;
		ck_assert(!rxl_unit_verify(unit, &complaint));
		ck_assert_msg(strstr(rx_buf_cstr(&complaint), tampered[_i].complaint), "%s: %s", tampered[_i].label, rx_buf_cstr(&complaint));
		*ins = was;
	}
	ck_assert_msg(found, "%s", tampered[_i].label);
	rx_buf_fini(&complaint);
	rxl_unit_unref(unit);
	bench_fini(&bench);
}
END_TEST

/* Without limits of sizes: memory and time alone. */
START_TEST(test_memory)
{
	struct bench bench;
	struct walk walk = { .bench = &bench };

	bench_init(&bench, 24 << 20);
	bench.engine->limits.operations = 200000;
	rxl_engine_natives(bench.engine, each_native, &walk);
	ck_assert_uint_le(bench.engine->heap.memory.peak, 24 << 20);
	bench_fini(&bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lang");
	TCase *tc = tcase_create("natives");

	tcase_add_test(tc, test_sizes);
	tcase_add_loop_test(tc, test_operator_sizes, 0, RX_COUNT(operators));
	tcase_add_loop_test(tc, test_grows, 0, RX_COUNT(grows));
	tcase_add_loop_test(tc, test_verify, 0, RX_COUNT(tampered));
	tcase_add_test(tc, test_memory);
	tcase_set_timeout(tc, 600);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
