#include <config.h>

#include "base/number.h"

#include <math.h>

#include "base/power10.h"

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 10;
	return 99;
}

enum rx_number_status rx_number_parse_u64(struct rexi_str text, unsigned radix, uint64_t *out)
{
	uint64_t value = 0;
	bool over = false;

	if (text.len == 0)
		return RX_NUMBER_EMPTY;
	for (size_t i = 0; i < text.len; i++) {
		int digit = digit_of(text.ptr[i]);

		if (digit >= (int)radix)
			return RX_NUMBER_MALFORMED;
		over |= __builtin_mul_overflow(value, radix, &value);
		over |= __builtin_add_overflow(value, (uint64_t)digit, &value);
	}
	*out = value;
	return over ? RX_NUMBER_TOO_LARGE : RX_NUMBER_OK;
}

enum rx_number_status rx_number_parse_i64(struct rexi_str text, unsigned radix, int64_t *out)
{
	bool negative = text.len && text.ptr[0] == '-', sign = negative || (text.len && text.ptr[0] == '+');
	uint64_t value;
	enum rx_number_status status;

	if (text.len == 0)
		return RX_NUMBER_EMPTY;
	if (sign && text.len == 1)
		return RX_NUMBER_MALFORMED;
	status = rx_number_parse_u64(rx_str_sub(text, sign, text.len), radix, &value);
	if (status == RX_NUMBER_OK && value > (uint64_t)INT64_MAX + negative)
		status = RX_NUMBER_TOO_LARGE;
	if (status == RX_NUMBER_TOO_LARGE && negative)
		return RX_NUMBER_TOO_SMALL;
	if (status == RX_NUMBER_OK)
		*out = negative ? (int64_t)(0 - value) : (int64_t)value;
	return status;
}

/* The high 64 bits of power * factor, with every lower bit folded into the last one ("round to odd"). */
static uint64_t scaled(struct rx_product power, uint64_t factor)
{
	struct rx_product low = rx_product_of(power.low, factor), high = rx_product_of(power.high, factor);
	uint64_t middle = high.low + low.high;

	return (high.high + (middle < high.low)) | (middle > 1);
}

/*
 * Giulietti's Schubfach (2020): x = c * 2^q; among the multiples of 10^k and 10^(k+1) that round to x take the shortest,
 * then the nearest. Ties between two nearest go up, as in Rust's float formatting.
 */
static uint64_t shortest(double x, int *exponent)
{
	uint64_t bits, fraction, c, odd, lower, upper, middle, s, tenth;
	int biased, q, k, h;
	bool closer, low_in, high_in;
	struct rx_product power;

	memcpy(&bits, &x, sizeof(bits));
	fraction = bits & ((UINT64_C(1) << 52) - 1);
	biased = (int)(bits >> 52 & 0x7FF);
	c = biased ? fraction | UINT64_C(1) << 52 : fraction;
	q = (biased ? biased : 1) - 1075;
	if (q <= 0 && q > -53 && (c & ((UINT64_C(1) << -q) - 1)) == 0) {
		*exponent = 0;
		return c >> -q; /* an integer below 2^53 is its own shortest text */
	}
	/* Below a power of two the neighbour is half as far away. */
	closer = fraction == 0 && biased > 1;
	odd = c & 1;
	k = (q * 1262611 - (closer ? 524031 : 0)) >> 22;
	h = q + rx_log2_of_power10(-k) + 1;
	power = (struct rx_product){ rx_power10[-k - RX_POWER10_MIN][0], rx_power10[-k - RX_POWER10_MIN][1] };
	if (-k < 0 || -k > RX_POWER10_EXACT) {
		power.low++; /* rounded up */
		power.high += power.low == 0;
	}
	lower = scaled(power, (4 * c - 2 + closer) << h) + odd;
	middle = scaled(power, (4 * c) << h);
	upper = scaled(power, (4 * c + 2) << h) - odd;
	s = middle / 4;
	if (s >= 10) {
		tenth = s / 10;
		low_in = lower <= 40 * tenth;
		high_in = 40 * tenth + 40 <= upper;
		if (low_in != high_in) {
			*exponent = k + 1;
			return tenth + high_in;
		}
	}
	low_in = lower <= 4 * s;
	high_in = 4 * s + 4 <= upper;
	*exponent = k;
	return low_in != high_in ? s + high_in : s + (middle >= 4 * s + 2);
}

int rx_number_shortest(double x, char digits[17], int *exponent)
{
	char text[20];
	int power, at = (int)sizeof(text), len;
	uint64_t number = shortest(x, &power);

	while (number % 10 == 0) {
		number /= 10;
		power++;
	}
	for (; number; number /= 10)
		text[--at] = (char)('0' + number % 10);
	len = (int)sizeof(text) - at;
	memcpy(digits, text + at, (size_t)len);
	*exponent = power + len;
	return len;
}

/* NaN, infinities and zeros; true when x was one of them. */
static bool special(struct rx_buf *buf, double x, const char *zero)
{
	if (isnan(x)) {
		RX_BUF_LIT(buf, "NaN");
		return true;
	}
	if (signbit(x))
		rx_buf_byte(buf, '-');
	if (isinf(x))
		RX_BUF_LIT(buf, "inf");
	else if (x == 0)
		rx_buf_str(buf, rx_str(zero));
	else
		return false;
	return true;
}

void rx_number_plain(struct rx_buf *buf, double x)
{
	char digits[17];
	int len, exponent;

	if (special(buf, x, "0"))
		return;
	len = rx_number_shortest(x, digits, &exponent);
	if (exponent <= 0) {
		RX_BUF_LIT(buf, "0.");
		rx_buf_repeat(buf, '0', (size_t)-exponent);
		rx_buf_bytes(buf, digits, (size_t)len);
	} else if (len <= exponent) {
		rx_buf_bytes(buf, digits, (size_t)len);
		rx_buf_repeat(buf, '0', (size_t)(exponent - len));
	} else {
		rx_buf_bytes(buf, digits, (size_t)exponent);
		rx_buf_byte(buf, '.');
		rx_buf_bytes(buf, digits + exponent, (size_t)(len - exponent));
	}
}

void rx_number_scientific(struct rx_buf *buf, double x)
{
	char digits[17];
	int len, exponent;

	if (special(buf, x, "0e0"))
		return;
	len = rx_number_shortest(x, digits, &exponent);
	rx_buf_byte(buf, digits[0]);
	if (len > 1) {
		rx_buf_byte(buf, '.');
		rx_buf_bytes(buf, digits + 1, (size_t)len - 1);
	}
	rx_buf_byte(buf, 'e');
	rx_buf_i64(buf, exponent - 1);
}

/* Thresholds of Rhai's display form: 1e13 and 1e-13 rounded to single precision (spec 4.3). */
static const double DISPLAY_MAX = 9999999827968.0, DISPLAY_MIN = 9.99999982451670044e-14;

void rx_number_display(struct rx_buf *buf, double x)
{
	double size = fabs(x);

	if (x == 0) {
		RX_BUF_LIT(buf, "0.0");
	} else if (isfinite(x) && (size > DISPLAY_MAX || size < DISPLAY_MIN)) {
		rx_number_scientific(buf, x);
	} else {
		rx_number_plain(buf, x);
		if (isfinite(x) && x == trunc(x))
			RX_BUF_LIT(buf, ".0");
	}
}

void rx_number_debug(struct rx_buf *buf, double x)
{
	double size = fabs(x);

	if (isfinite(x) && x != 0 && (size >= 1e16 || size < 1e-4)) {
		rx_number_scientific(buf, x);
	} else {
		rx_number_plain(buf, x);
		if (isfinite(x) && x == trunc(x))
			RX_BUF_LIT(buf, ".0");
	}
}
