/* base: every module's rules, as rows. */
#include <config.h>

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/number.h"
#include "base/unicode.h"
#include "base/unicode_security.h"
#include "base/utf8.h"
#include "tests/memory.h"
#include "tests/suite.h"

static const struct {
	double value;
	const char *plain, *scientific;
} float_rows[] = {
	{ 1, "1", "1e0" },
	{ 0.1, "0.1", "1e-1" },
	{ 1.5e-9, "0.0000000015", "1.5e-9" },
	{ 1e14, "100000000000000", "1e14" },
	{ 5e-324, "0." "00000000000000000000000000000000000000000000000000000000000000000000000000000000" "00000000000000000000000000000000000000000000000000000000000000000000000000000000" "00000000000000000000000000000000000000000000000000000000000000000000000000000000" "00000000000000000000000000000000000000000000000000000000000000000000000000000000" "0005", "5e-324" },
	{ 1.7976931348623157e308, NULL, "1.7976931348623157e308" },
	{ -123456.789, "-123456.789", "-1.23456789e5" },
	{ 9007199254740993.0, "9007199254740992", "9.007199254740992e15" },
};

START_TEST(test_number_float)
{
	struct rx_buf buf;
	double back;

	rx_buf_init(&buf, &memory, 0);
	rx_number_scientific(&buf, float_rows[_i].value);
	ck_assert_str_eq(rx_buf_cstr(&buf), float_rows[_i].scientific);
	ck_assert_int_eq(rx_number_parse_f64(rx_buf_view(&buf), &back), RX_NUMBER_OK);
	ck_assert_double_eq(back, float_rows[_i].value);
	rx_buf_clear(&buf);
	rx_number_plain(&buf, float_rows[_i].value);
	if (float_rows[_i].plain)
		ck_assert_str_eq(rx_buf_cstr(&buf), float_rows[_i].plain);
	rx_buf_fini(&buf);
}
END_TEST

static const struct {
	const char *text;
	enum rx_number_status status;
	int64_t value;
} int_rows[] = {
	{ "0", RX_NUMBER_OK, 0 },
	{ "-9223372036854775808", RX_NUMBER_OK, INT64_MIN },
	{ "9223372036854775807", RX_NUMBER_OK, INT64_MAX },
	{ "9223372036854775808", RX_NUMBER_TOO_LARGE, 0 },
	{ "-9223372036854775809", RX_NUMBER_TOO_SMALL, 0 },
	{ "+7", RX_NUMBER_OK, 7 },
	{ "-", RX_NUMBER_MALFORMED, 0 },
	{ "", RX_NUMBER_EMPTY, 0 },
	{ "1_0", RX_NUMBER_MALFORMED, 0 },
	{ " 1", RX_NUMBER_MALFORMED, 0 },
};

START_TEST(test_number_int)
{
	int64_t value = 0;

	ck_assert_int_eq(rx_number_parse_i64(rx_str(int_rows[_i].text), 10, &value), int_rows[_i].status);
	ck_assert_int_eq(value, int_rows[_i].value);
}
END_TEST

static const struct {
	struct rexi_str text;
	size_t valid, count;
	const char *lossy;
} utf8_rows[] = {
	{ RX_STR_INIT("plain ascii text"), 16, 16, "plain ascii text" },
	{ RX_STR_INIT("h\xC3\xA9llo \xE2\x82\xAC \xF0\x9F\x98\x80"), 15, 9, "h\xC3\xA9llo \xE2\x82\xAC \xF0\x9F\x98\x80" },
	{ RX_STR_INIT("a\xFFz"), 1, 3, "a\xEF\xBF\xBDz" },
	{ RX_STR_INIT("\xED\xA0\x80"), 0, 1, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" },
	{ RX_STR_INIT("\xC0\xAF"), 0, 1, "\xEF\xBF\xBD\xEF\xBF\xBD" },
	{ RX_STR_INIT("\xE2\x82"), 0, 1, "\xEF\xBF\xBD" },
	{ RX_STR_INIT("\xF4\x90\x80\x80"), 0, 1, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" },
};

START_TEST(test_utf8)
{
	struct rx_buf buf;

	ck_assert_uint_eq(rx_utf8_valid(utf8_rows[_i].text), utf8_rows[_i].valid);
	if (utf8_rows[_i].valid == utf8_rows[_i].text.len)
		ck_assert_uint_eq(rx_utf8_count(utf8_rows[_i].text), utf8_rows[_i].count);
	rx_buf_init(&buf, &memory, 0);
	rx_utf8_lossy(&buf, utf8_rows[_i].text);
	ck_assert_str_eq(rx_buf_cstr(&buf), utf8_rows[_i].lossy);
	rx_buf_fini(&buf);
}
END_TEST

START_TEST(test_utf8_offset)
{
	static const char *const texts[] = { "", "abc", "h\xC3\xA9llo \xE2\x82\xAC \xF0\x9F\x98\x80 and then some more text behind it",
					     "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E\xE6\x97\xA5\xE6\x9C\xAC" };

	for (size_t t = 0; t < RX_COUNT(texts); t++) {
		struct rexi_str text = rx_str(texts[t]);
		size_t at = 0, index = 0;

		for (; at < text.len; index++) {
			ck_assert_uint_eq(rx_utf8_offset(text, index), at);
			rx_utf8_next(text, &at);
		}
		ck_assert_uint_eq(rx_utf8_offset(text, index), text.len);
		ck_assert_uint_eq(rx_utf8_offset(text, SIZE_MAX), text.len);
		ck_assert_uint_eq(rx_utf8_count(text), index);
	}
}
END_TEST

START_TEST(test_memory_limit)
{
	struct rx_memory small;
	void *first, *second;

	rx_memory_init(&small, NULL, 100);
	first = rx_memory_take(&small, 100);
	ck_assert_ptr_nonnull(first);
	second = rx_memory_take(&small, 1);
	ck_assert_ptr_null(second);
	rx_memory_give(&small, first, 100);
	ck_assert_uint_eq(small.used, 0);
	ck_assert_uint_eq(small.peak, 100);
	ck_assert_ptr_null(rx_memory_take_zeroed(&small, SIZE_MAX, 2));
}
END_TEST

START_TEST(test_buf_limit)
{
	struct rx_buf buf;

	rx_buf_init(&buf, &memory, 4);
	rx_buf_bytes(&buf, "abcd", 4);
	ck_assert(!buf.failed);
	ck_assert_str_eq(rx_buf_cstr(&buf), "abcd");
	rx_buf_byte(&buf, 'e');
	ck_assert(buf.failed);
	ck_assert_uint_eq(buf.len, 4);
	rx_buf_fini(&buf);
}
END_TEST

START_TEST(test_buf_json)
{
	struct rx_buf buf;

	rx_buf_init(&buf, &memory, 0);
	rx_buf_json_string(&buf, RX_STR("a\"b\\c\n\t\x01/\xC3\xA9"));
	ck_assert_str_eq(rx_buf_cstr(&buf), "\"a\\\"b\\\\c\\n\\t\\u0001/\xC3\xA9\"");
	rx_buf_fini(&buf);
}
END_TEST

/* Eight bytes are looked at at a time: what is escaped shows wherever it stands, and nothing else is. */
START_TEST(test_buf_json_everywhere)
{
	struct rx_buf buf;
	char text[40], want[80];

	rx_buf_init(&buf, &memory, 0);
	for (int c = 0; c < 256; c++)
		for (size_t at = 0; at < 24; at++) {
			memset(text, 'a', 24);
			text[at] = (char)c;
			rx_buf_clear(&buf);
			rx_buf_json(&buf, rx_str_make(text, 24));
			if (c == '"' || c == '\\' || c < 0x20) {
				ck_assert_uint_ge(buf.len, 25);
				ck_assert_int_eq(buf.ptr[at], '\\');
				ck_assert(c >= 0x20 || strchr("bfnrtu", buf.ptr[at + 1]));
				memset(want, 'a', sizeof(want));
				ck_assert_mem_eq(buf.ptr + buf.len - (23 - at), want, 23 - at);
			} else {
				ck_assert_uint_eq(buf.len, 24);
				ck_assert_mem_eq(buf.ptr, text, 24);
			}
			ck_assert(rx_utf8_is_ascii(rx_str_make(text, 24)) == (c < 0x80));
		}
	rx_buf_fini(&buf);
}
END_TEST

START_TEST(test_ascii_everywhere)
{
	char text[200];

	for (size_t len = 0; len < sizeof(text); len++)
		for (size_t at = 0; at < len; at++) {
			memset(text, 'a', sizeof(text));
			ck_assert(rx_utf8_is_ascii(rx_str_make(text, len)));
			text[at] = (char)0x80;
			ck_assert(!rx_utf8_is_ascii(rx_str_make(text, len)));
		}
}
END_TEST

START_TEST(test_arena)
{
	struct rx_arena arena;
	unsigned dirty = 0;
	char *large;

	rx_arena_init(&arena, &memory);
	for (size_t i = 1; i < 3000; i++) {
		unsigned char *bytes = rx_arena_alloc(&arena, 1, i);

		ck_assert_ptr_nonnull(bytes);
		ck_assert_uint_eq((uintptr_t)bytes % 8, 0);
		for (size_t j = 0; j < i; j++)
			dirty |= bytes[j];
		ck_assert_uint_eq(dirty, 0);
		memset(bytes, 0xAA, i);
	}
	large = rx_arena_bytes(&arena, 5 << 20);
	ck_assert_ptr_nonnull(large);
	ck_assert_ptr_null(rx_arena_alloc(&arena, SIZE_MAX, 8));
	rx_arena_reset(&arena);
	ck_assert_ptr_nonnull(rx_arena_bytes(&arena, 100));
	rx_arena_fini(&arena);
}
END_TEST

/* Texts that make one factor of a product zero under hashing by products whose keys are constants: such texts collide
 * whatever the seed is. */
static const struct {
	const char *label;
	uint64_t first, second; /* XORed into the first and the second word */
	size_t head;            /* bytes before the sixteen */
} collision_rows[] = {
	{ "second factor", 0, UINT64_C(0xD6E8FEB86659FD93), 0 },
	{ "first factor", UINT64_C(0x9E3779B97F4A7C15), 0, 0 },
	{ "second factor, later block", 0, UINT64_C(0xD6E8FEB86659FD93), 16 },
	{ "both", UINT64_C(0x9E3779B97F4A7C15), UINT64_C(0xD6E8FEB86659FD93), 32 },
	{ "words of the key's making", UINT64_C(0xA0761D6478BD642F), UINT64_C(0xE7037ED1A0B428DB), 0 },
};

START_TEST(test_hash_collisions)
{
	enum { TEXTS = 200 };
	uint64_t seen[TEXTS];

	for (uint64_t seed = 0; seed < 5; seed++) {
		for (uint64_t i = 0; i < TEXTS; i++) {
			unsigned char text[64] = { 0 };
			uint64_t first = collision_rows[_i].first, second = collision_rows[_i].second, counter = i * UINT64_C(0x0101010101010101);

			/* what varies stands before the zero factor, or in the other one */
			if (collision_rows[_i].head)
				memcpy(text, &counter, sizeof(counter));
			else if (collision_rows[_i].second)
				first ^= counter;
			else
				second ^= counter;
			memcpy(text + collision_rows[_i].head, &first, 8);
			memcpy(text + collision_rows[_i].head + 8, &second, 8);
			seen[i] = rx_hash_bytes(text, collision_rows[_i].head + 16, seed * UINT64_C(0x9E3779B97F4A7C15));
			for (uint64_t k = 0; k < i; k++)
				ck_assert_msg((uint32_t)seen[k] != (uint32_t)seen[i], "%s: %u and %u", collision_rows[_i].label, (unsigned)k, (unsigned)i);
		}
	}
}
END_TEST

/* Every byte and the length count, at every length; the low bits spread. */
START_TEST(test_hash_bytes)
{
	unsigned char text[80] = { 0 };
	unsigned used[256] = { 0 };

	for (size_t len = 0; len <= 70; len++) {
		uint64_t whole = rx_hash_bytes(text, len, 7);

		ck_assert_uint_ne(whole, rx_hash_bytes(text, len + 1, 7));
		ck_assert_uint_ne(whole, rx_hash_bytes(text, len, 8));
		for (size_t i = 0; i < len; i++) {
			text[i] = 1;
			ck_assert_uint_ne(whole, rx_hash_bytes(text, len, 7));
			text[i] = 0;
		}
	}
	for (unsigned i = 0; i < 25600; i++) {
		memcpy(text, &i, sizeof(i));
		used[rx_hash_bytes(text, 12, 7) & 255]++;
	}
	for (unsigned i = 0; i < 256; i++)
		ck_assert_msg(used[i] > 50 && used[i] < 150, "%u texts in bucket %u", used[i], i);
	ck_assert_uint_ne(rx_hash_pair(1, UINT64_C(0xD6E8FEB86659FD93), 3), rx_hash_pair(2, UINT64_C(0xD6E8FEB86659FD93), 3));
}
END_TEST

START_TEST(test_table)
{
	struct rx_table table;
	char names[1000][8];

	rx_table_init(&table, &memory, rx_hash_seed());
	ck_assert_uint_eq(rx_table_find(&table, RX_STR("none")), RX_TABLE_NONE);
	for (uint32_t i = 0; i < 1000; i++) {
		snprintf(names[i], sizeof(names[i]), "n%u", i);
		ck_assert(rx_table_set(&table, rx_str(names[i]), i));
	}
	for (uint32_t i = 0; i < 1000; i++)
		ck_assert_uint_eq(rx_table_find(&table, rx_str(names[i])), i);
	ck_assert(rx_table_set(&table, rx_str(names[7]), 70));
	ck_assert_uint_eq(rx_table_find(&table, RX_STR("n7")), 70);
	ck_assert_uint_eq(table.count, 1000);
	rx_table_fini(&table);
}
END_TEST

static const struct {
	const char *name, *nearest;
} nearest_rows[] = {
	{ "lenght", "length" },
	{ "raed", "read" },
	{ "xyzzy", NULL },
	{ "read", "read" },
};

START_TEST(test_nearest)
{
	static const struct rexi_str names[] = { RX_STR_INIT("length"), RX_STR_INIT("read"), RX_STR_INIT("write") };
	struct rexi_str found = rx_str_nearest(rx_str(nearest_rows[_i].name), names, RX_COUNT(names));

	if (nearest_rows[_i].nearest)
		ck_assert(rx_str_eq(found, rx_str(nearest_rows[_i].nearest)));
	else
		ck_assert_ptr_null(found.ptr);
}
END_TEST

START_TEST(test_error)
{
	struct rexi_error err;
	char longer[400];

	memset(longer, 'x', sizeof(longer));
	memcpy(longer + 252, "\xE2\x82\xAC", 3);
	longer[399] = '\0';
	ck_assert_int_eq(rx_fail(&err, REXI_TYPE, (struct rexi_span){ 5, 6 }, "%s", longer), REXI_TYPE);
	ck_assert_uint_eq(rx_utf8_valid(rx_str(err.message)), strlen(err.message));
	rx_error_locate(&err, RX_STR("a\n\xC3\xA9" "bc"));
	ck_assert_uint_eq(err.line, 2);
	ck_assert_uint_eq(err.column, 3);
	ck_assert_int_eq(rx_fail(NULL, REXI_LIMIT, RX_NO_SPAN, "x"), REXI_LIMIT);
}
END_TEST

START_TEST(test_unicode)
{
	struct rx_buf buf;

	rx_buf_init(&buf, &memory, 0);
	rx_unicode_debug(&buf, RX_STR("a\"\x7F\xE2\x80\x8B\xCC\x81'\n"));
	ck_assert_str_eq(rx_buf_cstr(&buf), "a\\\"\\u{7f}\\u{200b}\\u{301}'\\n");
	rx_buf_fini(&buf);
	ck_assert(rx_str_eq(rx_unicode_trim(RX_STR(" \xC2\xA0x y\t")), RX_STR("x y")));
}
END_TEST

static const struct {
	const char *text, *upper, *lower;
} case_rows[] = {
	{ "Hello, World 12", "HELLO, WORLD 12", "hello, world 12" },
	{ "stra\xC3\x9F" "e", "STRASSE", "stra\xC3\x9F" "e" },
	{ "\xEF\xAC\x83", "FFI", "\xEF\xAC\x83" },                                     /* ffi ligature */
	{ "\xC4\xB0", "\xC4\xB0", "i\xCC\x87" },                                       /* dotted capital i */
	{ "\xCE\x91\xCE\xA3", "\xCE\x91\xCE\xA3", "\xCE\xB1\xCF\x82" },                /* final sigma */
	{ "\xCE\x91\xCE\xA3.", "\xCE\x91\xCE\xA3.", "\xCE\xB1\xCF\x82." },
	{ "\xCE\x91\xCE\xA3.x", "\xCE\x91\xCE\xA3.X", "\xCE\xB1\xCF\x83.x" },
	{ "\xCE\xA3", "\xCE\xA3", "\xCF\x83" },
	{ "\xEA\x9F\x8B", "\xEA\x9F\x8B", "\xC9\xA4" },                                /* Unicode 16 */
};

START_TEST(test_unicode_case)
{
	struct rx_buf buf;

	rx_buf_init(&buf, &memory, 0);
	rx_unicode_upper_str(&buf, rx_str(case_rows[_i].text));
	ck_assert_str_eq(rx_buf_cstr(&buf), case_rows[_i].upper);
	rx_buf_clear(&buf);
	rx_unicode_lower_str(&buf, rx_str(case_rows[_i].text));
	ck_assert_str_eq(rx_buf_cstr(&buf), case_rows[_i].lower);
	rx_buf_fini(&buf);
}
END_TEST

/* Over all characters: fit for identifiers, used in every script, and (of the others) uses in one script. */
START_TEST(test_unicode_security)
{
	uint32_t identifiers = 0, everywhere = 0, uses = 0;
	struct rx_scripts scripts;

	for (uint32_t code = 0; code < 0x110000; code++) {
		unsigned count = 0;

		if ((code >= 0xD800 && code <= 0xDFFF) || (code >= 0x40000 && code < 0xE0000) || code >= 0xE0200)
			continue; /* surrogates; what nothing is assigned to, and private use */
		rx_scripts_init(&scripts);
		rx_scripts_add(&scripts, code);
		for (size_t i = 0; i < RX_COUNT(scripts.bits); i++)
			count += (unsigned)__builtin_popcountll(scripts.bits[i]);
		identifiers += rx_unicode_is_identifier(code);
		everywhere += count == 192;
		uses += count == 192 ? 0 : count;
		ck_assert(rx_scripts_is_single(&scripts) == (count > 0));
	}
	ck_assert_uint_eq(identifiers, 33820);
	ck_assert_uint_eq(everywhere, 9405);
	ck_assert_uint_eq(uses, 487990);
	ck_assert(rx_unicode_is_bidi_control(0x202E) && rx_unicode_is_bidi_control(0x2066) && !rx_unicode_is_bidi_control(0x200F));
}
END_TEST

START_TEST(test_unicode_char)
{
	ck_assert_uint_eq(rx_unicode_upper(0xDF), 0xDF);  /* would be two */
	ck_assert_uint_eq(rx_unicode_upper(0xE9), 0xC9);
	ck_assert_uint_eq(rx_unicode_lower(0x130), 0x130);
	ck_assert_uint_eq(rx_unicode_lower(0x10D50), 0x10D70);
	ck_assert(rx_unicode_is_escaped(0x345));
	ck_assert(!rx_unicode_is_escaped(0x20C1));
	ck_assert(rx_unicode_is_escaped(0x10FFFF));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("base");
	TCase *tc = tcase_create("base");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_number_float, 0, RX_COUNT(float_rows));
	tcase_add_loop_test(tc, test_number_int, 0, RX_COUNT(int_rows));
	tcase_add_loop_test(tc, test_utf8, 0, RX_COUNT(utf8_rows));
	tcase_add_loop_test(tc, test_nearest, 0, RX_COUNT(nearest_rows));
	tcase_add_test(tc, test_utf8_offset);
	tcase_add_test(tc, test_memory_limit);
	tcase_add_test(tc, test_buf_limit);
	tcase_add_test(tc, test_buf_json);
	tcase_add_test(tc, test_buf_json_everywhere);
	tcase_add_test(tc, test_ascii_everywhere);
	tcase_add_test(tc, test_arena);
	tcase_add_test(tc, test_table);
	tcase_add_loop_test(tc, test_hash_collisions, 0, RX_COUNT(collision_rows));
	tcase_add_test(tc, test_hash_bytes);
	tcase_add_test(tc, test_error);
	tcase_add_test(tc, test_unicode);
	tcase_add_loop_test(tc, test_unicode_case, 0, RX_COUNT(case_rows));
	tcase_add_test(tc, test_unicode_char);
	tcase_add_test(tc, test_unicode_security);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
