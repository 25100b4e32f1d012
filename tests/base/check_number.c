/* base/number: every conversion against libc on random and on hard numbers. */
#include <config.h>

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/number.h"
#include "tests/suite.h"

enum { ROUNDS = 400000 };

static struct rx_memory memory;

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Bit patterns, numbers with few significant bits (where halfway cases are), and quotients. */
static double random_double(uint64_t *state)
{
	uint64_t bits = next_random(state);
	double x;

	switch (next_random(state) % 3) {
	case 0: bits &= UINT64_MAX << next_random(state) % 53; break;
	case 1: return (double)(bits >> next_random(state) % 60) / (double)(1 + next_random(state) % 1000);
	default: break;
	}
	memcpy(&x, &bits, sizeof(x));
	return x;
}

static void check_text(const char *text)
{
	double want = strtod(text, NULL), got = 0;

	ck_assert_int_eq(rx_number_parse_f64(rx_str(text), &got), RX_NUMBER_OK);
	ck_assert_msg(memcmp(&want, &got, sizeof(want)) == 0, "%s: %a instead of %a", text, got, want);
}

static void check_shortest(double x)
{
	char digits[17], text[64], fewer[64];
	int exponent, count = rx_number_shortest(x, digits, &exponent);

	ck_assert(count >= 1 && count <= 17 && (count == 1 || digits[count - 1] != '0'));
	snprintf(text, sizeof(text), "0.%.*se%d", count, digits, exponent);
	ck_assert_msg(strtod(text, NULL) == fabs(x), "%a became %s", x, text);
	check_text(text);
	if (count > 1) {
		snprintf(fewer, sizeof(fewer), "%.*e", count - 2, fabs(x));
		ck_assert_msg(strtod(fewer, NULL) != fabs(x), "%s is longer than %s", text, fewer);
	}
}

START_TEST(test_shortest_random)
{
	uint64_t state = UINT64_C(88172645463325252);

	for (int i = 0; i < ROUNDS; i++) {
		double x = random_double(&state);

		if (isfinite(x) && x != 0)
			check_shortest(x);
	}
}
END_TEST

START_TEST(test_shortest_powers)
{
	for (int e = -1074; e < 1024; e++) {
		double x = ldexp(1, e);

		check_shortest(x);
		check_shortest(nextafter(x, 0) == 0 ? x : nextafter(x, 0));
		check_shortest(nextafter(x, 1e308));
	}
}
END_TEST

START_TEST(test_parse_random)
{
	uint64_t state = UINT64_C(0x2545F4914F6CDD1D);
	char text[1100];

	for (int i = 0; i < ROUNDS; i++) {
		uint64_t kind = next_random(&state);
		size_t len = kind % 64 == 0 ? 700 + kind / 64 % 200 : 1 + kind / 64 % 40;
		int exponent = (int)(next_random(&state) % 700) - 350 - (len > 40 ? (int)(next_random(&state) % 900) : 0);

		for (size_t k = 0; k < len; k++)
			text[k] = (char)('0' + next_random(&state) % 10);
		if (len > 1 && (kind & 1))
			text[1 + kind / 64 % (len - 1)] = '.';
		snprintf(text + len, sizeof(text) - len, "e%d", exponent);
		check_text(text);
	}
}
END_TEST

/* Every row of the table of powers, with mantissas that need all of it. */
START_TEST(test_parse_powers)
{
	char text[64];

	for (int k = -345; k < 310; k++) {
		static const char *const mantissas[] = { "1", "9007199254740993", "9999999999999999999", "18446744073709551615",
							 "12345678901234567890123" };

		for (size_t i = 0; i < RX_COUNT(mantissas); i++) {
			snprintf(text, sizeof(text), "%se%d", mantissas[i], k);
			check_text(text);
		}
	}
}
END_TEST

/* Exactly halfway between two doubles, and a little more than that far behind the point. */
START_TEST(test_parse_halfway)
{
	uint64_t state = UINT64_C(0x9E3779B97F4A7C15);
	static char text[2200], more[2300];

	for (int i = 0; i < ROUNDS / 100; i++) {
		double x = fabs(random_double(&state)), up = nextafter(x, HUGE_VAL);
		long double half = ((long double)x + (long double)up) / 2;
		char *e;

		if (!isfinite(x) || !isfinite(up))
			continue;
		snprintf(text, sizeof(text), "%.1100Le", half);
		check_text(text);
		e = strchr(text, 'e');
		snprintf(more, sizeof(more), "%.*s1%s", (int)(e - text), text, e);
		check_text(more);
	}
}
END_TEST

static const struct {
	const char *text;
	enum rx_number_status status;
} form_rows[] = {
	{ "", RX_NUMBER_EMPTY },	 { ".", RX_NUMBER_MALFORMED },	 { "-", RX_NUMBER_MALFORMED },
	{ "e5", RX_NUMBER_MALFORMED },	 { "1e", RX_NUMBER_MALFORMED },	 { "1e+", RX_NUMBER_MALFORMED },
	{ "1.2.3", RX_NUMBER_MALFORMED }, { " 1", RX_NUMBER_MALFORMED },	 { "1_0", RX_NUMBER_MALFORMED },
	{ "0x10", RX_NUMBER_MALFORMED }, { "infin", RX_NUMBER_MALFORMED }, { "1e5x", RX_NUMBER_MALFORMED },
	{ ".5", RX_NUMBER_OK },		 { "5.", RX_NUMBER_OK },	 { "+5.e-3", RX_NUMBER_OK },
	{ "-0", RX_NUMBER_OK },		 { "1e400", RX_NUMBER_OK },	 { "1e-400", RX_NUMBER_OK },
	{ "InFinity", RX_NUMBER_OK },	 { "-inf", RX_NUMBER_OK },	 { "1e99999999999999999999", RX_NUMBER_OK },
	{ "0e99999999999999999999", RX_NUMBER_OK }, { "1e-99999999999999999999", RX_NUMBER_OK },
	{ "2.2250738585072011e-308", RX_NUMBER_OK }, { "2.4703282292062327208e-324", RX_NUMBER_OK },
	{ "2.4703282292062328e-324", RX_NUMBER_OK }, { "1.7976931348623158e308", RX_NUMBER_OK },
	{ "1.7976931348623159e308", RX_NUMBER_OK }, { "6929495644600919.5", RX_NUMBER_OK },
	{ "3.237883913302901e-319", RX_NUMBER_OK }, { "8.98846567431158e307", RX_NUMBER_OK },
};

START_TEST(test_parse_forms)
{
	double got = 7;

	if (form_rows[_i].status == RX_NUMBER_OK)
		check_text(form_rows[_i].text);
	else
		ck_assert_int_eq(rx_number_parse_f64(rx_str(form_rows[_i].text), &got), form_rows[_i].status);
}
END_TEST

static const struct {
	double value;
	const char *display, *debug;
} text_rows[] = {
	{ 1e-5, "0.00001", "1e-5" },
	{ 1e16, "1e16", "1e16" },
	{ 1e15, "1e15", "1000000000000000.0" },
	{ 1e13, "1e13", "10000000000000.0" },
	{ 9999999827968.0, "9999999827968.0", "9999999827968.0" },
	{ 123456789012345.0, "1.23456789012345e14", "123456789012345.0" },
	{ 1e-13, "0.0000000000001", "1e-13" },
	{ 9e-14, "9e-14", "9e-14" },
	{ 0.0001, "0.0001", "0.0001" },
	{ -0.0, "0.0", "-0.0" },
	{ 0.0, "0.0", "0.0" },
	{ -1, "-1.0", "-1.0" },
	{ HUGE_VAL, "inf", "inf" },
	{ -HUGE_VAL, "-inf", "-inf" },
	{ 5.684341886080802e-14, "5.684341886080802e-14", "5.684341886080802e-14" },
	{ 2.98023223876953125e-8, "0.000000029802322387695313", "2.9802322387695313e-8" }, /* a tie goes up */
};

START_TEST(test_text)
{
	struct rx_buf buf;

	rx_buf_init(&buf, &memory, 0);
	rx_number_display(&buf, text_rows[_i].value);
	ck_assert_str_eq(rx_buf_cstr(&buf), text_rows[_i].display);
	rx_buf_clear(&buf);
	rx_number_debug(&buf, text_rows[_i].value);
	ck_assert_str_eq(rx_buf_cstr(&buf), text_rows[_i].debug);
	rx_buf_fini(&buf);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("base");
	TCase *tc = tcase_create("number");

	rx_memory_init(&memory, NULL, 0);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_shortest_random);
	tcase_add_test(tc, test_shortest_powers);
	tcase_add_test(tc, test_parse_random);
	tcase_add_test(tc, test_parse_powers);
	tcase_add_test(tc, test_parse_halfway);
	tcase_add_loop_test(tc, test_parse_forms, 0, RX_COUNT(form_rows));
	tcase_add_loop_test(tc, test_text, 0, RX_COUNT(text_rows));
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
