#include <config.h>

#include "base/number.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

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

enum rx_number_status rx_number_parse_f64(struct rexi_str text, double *out)
{
	char copy[1100], *end;

	if (text.len == 0)
		return RX_NUMBER_EMPTY;
	if (text.len >= sizeof(copy))
		return RX_NUMBER_MALFORMED;
	for (size_t i = 0; i < text.len; i++)
		if (!strchr("0123456789+-.eEinfatyINFATY", text.ptr[i]) || text.ptr[i] == '\0')
			return RX_NUMBER_MALFORMED;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	*out = strtod(copy, &end);
	return *end || end == copy ? RX_NUMBER_MALFORMED : RX_NUMBER_OK;
}

int rx_number_shortest(double x, char digits[17], int *exponent)
{
	char text[40];
	int len = 0, precision = 0;

	for (; precision < 17; precision++) {
		snprintf(text, sizeof(text), "%.*e", precision, fabs(x));
		if (strtod(text, NULL) == fabs(x))
			break;
	}
	for (const char *p = text; *p != 'e'; p++)
		if (*p >= '0' && *p <= '9')
			digits[len++] = *p;
	while (len > 1 && digits[len - 1] == '0')
		len--;
	*exponent = atoi(strchr(text, 'e') + 1) + 1;
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
