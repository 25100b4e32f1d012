/* lang/std: the list of functions against the specification's, and every function with edge values of its types. */
#include <config.h>

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "lang/engine.h"
#include "lang/std/std.h"
#include "tests/suite.h"

enum { ROWS_EXPECTED = 440, LINE_MAX_LEN = 256, PARAMS_MAX = 4, CHOICES_MAX = 12 };

/* ---- the list ---------------------------------------------------------------------------------------------------- */

static const char *mode_of(const struct rxl_native *row)
{
	if (row->flags & RXL_MUT)
		return "change";
	return row->flags & RXL_REF ? "place" : "value";
}

static const struct rxl_native *find_row(const char *name, const char *params)
{
	for (size_t p = 0; p < rxl_std_package_count; p++)
		for (size_t i = 0; i < rxl_std_packages[p]->count; i++) {
			const struct rxl_native *row = &rxl_std_packages[p]->rows[i];

			if (strcmp(row->name, name) == 0 && strcmp(row->params, params) == 0)
				return row;
		}
	return NULL;
}

START_TEST(test_rows)
{
	char path[4096], line[LINE_MAX_LEN], name[64], mode[16];
	const char *source = getenv("REXI_SRC");
	int number, rows = 0, used;
	size_t have = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/tests/data/std-rows.txt", source ? source : ".");
	file = fopen(path, "r");
	ck_assert_msg(file != NULL, "%s cannot be read", path);
	while (fgets(line, sizeof(line), file)) {
		const struct rxl_native *row;
		const char *params;

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#')
			continue;
		ck_assert_msg(sscanf(line, "%d %63s %15s%n", &number, name, mode, &used) == 3, "%s", line);
		params = line + used + (line[used] == ' ');
		row = find_row(name, params);
		ck_assert_msg(row != NULL, "row %d is missing: %s(%s)", number, name, params);
		if (strcmp(mode, "volatile") == 0)
			ck_assert_msg(row->flags & RXL_VOLATILE, "%s(%s) is not volatile", name, params);
		else
			ck_assert_msg(strcmp(mode_of(row), mode) == 0, "%s(%s) is not by %s", name, params, mode);
		rows++;
	}
	fclose(file);
	ck_assert_int_eq(rows, ROWS_EXPECTED);
	for (size_t p = 0; p < rxl_std_package_count; p++)
		have += rxl_std_packages[p]->count;
	ck_assert_uint_eq(have, ROWS_EXPECTED);
}
END_TEST

START_TEST(test_help)
{
	for (size_t p = 0; p < rxl_std_package_count; p++)
		for (size_t i = 0; i < rxl_std_packages[p]->count; i++) {
			const char *help = rxl_std_packages[p]->rows[i].help;

			ck_assert(help && *help && help[strlen(help) - 1] != '.');
		}
}
END_TEST

/* ---- edge values ------------------------------------------------------------------------------------------------- */

static struct rxl_engine *engine;

static void setup(void)
{
	engine = rxl_engine_new(NULL, 64 << 20);
	ck_assert_ptr_nonnull(engine);
	ck_assert_int_eq(rxl_std_register(engine, NULL), REXI_OK);
}

static void teardown(void)
{
	rxl_engine_free(engine);
}

static struct rxl_value text(const char *ptr)
{
	struct rxl_value out = rxl_unit();

	ck_assert_int_eq(rxl_string_new(&engine->heap, rx_str(ptr), &out), REXI_OK);
	return out;
}

static struct rxl_value array(const struct rxl_value *items, size_t count)
{
	struct rxl_value out = rxl_unit();

	ck_assert_int_eq(rxl_array_new(&engine->heap, count, &out), REXI_OK);
	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(rxl_array_push(&engine->heap, &out, items[i]), REXI_OK);
	return out;
}

/* Value number `choice` of a type given by its name; false when there are not that many. */
static bool make(const char *type, unsigned choice, struct rxl_value *out)
{
	static const int64_t ints[] = { 0, 1, -1, 3, -64, 64, INT64_MAX, INT64_MIN };
	static const double floats[] = { 0, -0.0, 1.5, -2.5, 1e300, -1e-300, (double)INFINITY, (double)NAN };
	static const uint32_t chars[] = { 'a', 0xDF, 0x1F600, 0 };
	static const char *const texts[] = { "", "a", "abc abc", "h\xC3\xA9llo w\xC3\xB6rld, longer", "\xF0\x9F\x98\x80", "-12", "{}", "abs" };
	static const char *const functions[] = { "abs", "is_empty", "nothing_of_that_name", "==" };
	static const char *const types[] = { "()", "bool", "int", "float", "char", "string", "array", "map", "blob", "range", "Fn", "timestamp" };
	struct rxl_heap *heap = &engine->heap;

	if (strcmp(type, "?") == 0)
		return choice < RX_COUNT(types) && make(types[choice], 1, out);
	if (strcmp(type, "()") == 0) {
		*out = rxl_unit();
		return choice < 2;
	}
	if (strcmp(type, "bool") == 0)
		*out = rxl_bool(choice == 1);
	else if (strcmp(type, "int") == 0 && choice < RX_COUNT(ints))
		*out = rxl_int(ints[choice]);
	else if (strcmp(type, "float") == 0 && choice < RX_COUNT(floats))
		*out = rxl_float(floats[choice]);
	else if (strcmp(type, "char") == 0 && choice < RX_COUNT(chars))
		*out = rxl_char(chars[choice]);
	else if (strcmp(type, "timestamp") == 0 && choice < 3)
		*out = rxl_time(choice == 2 ? INT64_MAX : choice);
	else if (strcmp(type, "string") == 0 && choice < RX_COUNT(texts))
		*out = text(texts[choice]);
	else if (strcmp(type, "Fn") == 0 && choice < RX_COUNT(functions))
		return rxl_fn_new(heap, rx_str(functions[choice]), out) == REXI_OK;
	else if (strcmp(type, "range") == 0 && choice < 4)
		return rxl_range_new(heap, ints[choice], choice == 3 ? INT64_MAX : 2, false, out) == REXI_OK;
	else if (strcmp(type, "range=") == 0 && choice < 4)
		return rxl_range_new(heap, ints[choice], choice == 3 ? INT64_MAX : 2, true, out) == REXI_OK;
	else if (strcmp(type, "blob") == 0 && choice < 3)
		return rxl_blob_new(heap, "0123456789abcdef", choice * 5, out) == REXI_OK;
	else if (strcmp(type, "array") == 0 && choice < 5) {
		struct rxl_value mixed[] = { rxl_int(1), text("x"), rxl_float(2) };
		struct rxl_value numbers[] = { rxl_int(3), rxl_int(1), rxl_int(3), rxl_int(3) };

		if (choice == 1)
			*out = array(numbers, RX_COUNT(numbers));
		else if (choice == 2)
			*out = array(mixed, RX_COUNT(mixed));
		else
			*out = array(NULL, 0);
		if (choice >= 3) /* longer than what is sorted by insertion; [0] empty */
			for (int i = 0; i < 70; i++)
				ck_assert_int_eq(rxl_array_push(heap, out, choice == 3 ? rxl_int(i * 37 % 64) : text(i % 3 ? "b" : "aaaaaaaaab")),
						 REXI_OK);
	} else if (strcmp(type, "map") == 0 && choice < 3) {
		ck_assert_int_eq(rxl_map_new(heap, 0, out), REXI_OK);
		for (unsigned i = 0; i < choice * 15; i++) {
			char key[16];

			snprintf(key, sizeof(key), "key %u", i * 7 % 30);
			ck_assert_int_eq(rxl_map_put(heap, out, rx_str(key), rxl_int(i)), REXI_OK);
		}
	} else {
		return false;
	}
	return !(strcmp(type, "bool") == 0 && choice > 1);
}

/* The names in a list of parameters. */
static unsigned split(const char *params, char names[PARAMS_MAX][16])
{
	unsigned count = 0;

	while (*params) {
		size_t len = strcspn(params, " ");

		ck_assert(count < PARAMS_MAX && len < 16);
		memcpy(names[count], params, len);
		names[count++][len] = '\0';
		params += len + (params[len] == ' ');
	}
	return count;
}

static enum rexi_status invoke(const struct rxl_native *row, struct rxl_value *values, unsigned count, struct rxl_value *out)
{
	struct rxl_call call = rxl_vm_call_of(&engine->vm, rx_str(row->name));
	enum rexi_status status;

	call.native = row;
	status = row->fn(&call, count ? &values[0] : NULL, values + 1, count ? count - 1 : 0, out);
	ck_assert_msg(status != REXI_INTERNAL, "%s(%s)", row->name, row->params);
	ck_assert_msg(status != REXI_RUNTIME || engine->vm.error, "%s(%s) raised nothing", row->name, row->params);
	rxl_error_free(&engine->heap, engine->vm.error);
	engine->vm.error = NULL;
	return status;
}

/* The result and what became of the arguments must be whole: printing touches all of it. */
static void check_whole(struct rxl_value *value)
{
	struct rx_buf buf;

	rx_buf_init(&buf, &engine->heap.memory, 1 << 20);
	rxl_value_debug(value, &buf);
	rx_buf_fini(&buf);
	rxl_value_drop(&engine->heap, value);
}

static bool is_skipped(const struct rxl_native *row)
{
	return strcmp(row->name, "sleep") == 0; /* INT64_MAX seconds */
}

/* Every combination of the values of all parameters. */
static unsigned call_all(const struct rxl_native *row)
{
	char names[PARAMS_MAX][16];
	unsigned count = split(row->params, names), choice[PARAMS_MAX] = { 0 }, calls = 0, at;

	do {
		struct rxl_value values[PARAMS_MAX + 1] = { 0 }, out = rxl_unit();

		for (at = 0; at < count && make(names[at], choice[at], &values[at]); at++)
			;
		if (at < count) { /* the choices of parameter `at` are used up */
			for (unsigned i = 0; i < at; i++)
				rxl_value_drop(&engine->heap, &values[i]);
			choice[at] = 0;
			if (at == 0)
				break;
			choice[at - 1]++;
			continue;
		}
		(void)invoke(row, values, count, &out);
		calls++;
		check_whole(&out);
		for (unsigned i = 0; i < count; i++)
			check_whole(&values[i]);
		if (count)
			choice[count - 1]++;
	} while (count);
	return calls;
}

START_TEST(test_edges)
{
	const struct rxl_package *package = rxl_std_packages[_i];

	for (size_t i = 0; i < package->count; i++)
		if (!is_skipped(&package->rows[i]))
			ck_assert_uint_gt(call_all(&package->rows[i]), 0);
}
END_TEST

/* Each allocation failing in turn, until the call succeeds. */
static void call_without_memory(const struct rxl_native *row)
{
	char names[PARAMS_MAX][16];
	unsigned count = split(row->params, names);

	for (size_t fail_at = 1; fail_at < 500; fail_at++) {
		struct rxl_value values[PARAMS_MAX + 1] = { 0 }, out = rxl_unit();
		bool failed;

		for (unsigned i = 0; i < count; i++)
			ck_assert(make(names[i], 1, &values[i]));
		engine->heap.memory.fail_at = fail_at;
		(void)invoke(row, values, count, &out);
		failed = engine->heap.memory.fail_at == 0;
		engine->heap.memory.fail_at = 0;
		check_whole(&out);
		for (unsigned i = 0; i < count; i++)
			check_whole(&values[i]);
		if (!failed)
			return;
	}
	ck_abort_msg("%s(%s) never ran out of allocations", row->name, row->params);
}

/* The index made while rexi is built agrees with the tables; what an engine is given later comes after them. */
START_TEST(test_index)
{
	const struct rxl_native *row, own = { "len", "string", rxl_std_core.rows[0].fn, RXL_PURE, "another", NULL };
	const struct rxl_overload *each;
	struct rexi_error err;

	for (unsigned n = 0; (row = rxl_std_row(NULL, n, NULL)) != NULL; n++) {
		const struct rxl_native *later;

		for (each = rxl_engine_overloads_of(engine, rx_str(row->name)); each && each->row != row; each = each->next)
			;
		for (unsigned k = n + 1; !each && (later = rxl_std_row(NULL, k, NULL)) != NULL; k++)
			if (strcmp(later->name, row->name) == 0 && strcmp(later->params, row->params) == 0)
				row = later;
		for (each = rxl_engine_overloads_of(engine, rx_str(row->name)); each && each->row != row; each = each->next)
			;
		ck_assert_msg(each != NULL, "%s(%s)", row->name, row->params);
	}
	ck_assert_ptr_null(rxl_engine_overloads_of(engine, RX_STR("no such function")));
	ck_assert_ptr_null(rxl_engine_overloads_of(engine, rx_str_make("len\0", 4)));
	ck_assert_ptr_null(rxl_engine_overloads_of(engine, RX_STR("le")));
	ck_assert_ptr_null(rxl_engine_overloads_of(engine, RX_STR("lengt")));
	ck_assert_int_eq(rxl_engine_register(engine, &own, 1, &err), REXI_OK);
	for (each = rxl_engine_overloads_of(engine, RX_STR("len")); each && each->row != &own; each = each->next)
		ck_assert_msg(strcmp(each->row->params, "string") != 0, "len(string) was not replaced");
	ck_assert_ptr_nonnull(each);
	ck_assert_int_eq(rxl_std_register(engine, &err), REXI_INVALID);
}
END_TEST

START_TEST(test_no_memory)
{
	const struct rxl_package *package = rxl_std_packages[_i];

	for (size_t i = 0; i < package->count; i++)
		if (!is_skipped(&package->rows[i]))
			call_without_memory(&package->rows[i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lang");
	TCase *tc = tcase_create("std");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_rows);
	tcase_add_test(tc, test_help);
	tcase_add_test(tc, test_index);
	tcase_add_loop_test(tc, test_edges, 0, (int)rxl_std_package_count);
	tcase_add_loop_test(tc, test_no_memory, 0, (int)rxl_std_package_count);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
