/*
 * Decimal text to the nearest double, ties to even.
 *
 * Three steps, each exact when it answers: small numbers by one exact operation (Clinger 1990), nearly all others by a
 * 64 x 128 bit product (Lemire 2021, "Number Parsing at a Gigabyte per Second"), the rest by comparing big integers.
 */
#include <config.h>

#include <float.h>
#include <math.h>

#include "base/number.h"
#include "base/power10.h"

enum {
	FRACTION_BITS = 52,
	EXPONENT_BIAS = 1023,
	EXPONENT_MAX = 2047,
	/* A double's halfway points have at most 767 significant digits; a last digit 1 stands for all that follow. */
	DIGITS_MAX = 769,
	LIMBS = 96, /* 6,144 bits: 769 digits are 2,555, 5^1111 is 2,580, and 2^1140 of alignment */
};

/* value = digits * 10^exponent, where the digits are those of text[from, to) without the point. */
struct decimal {
	const char *from, *to;
	uint64_t leading; /* the first 19 significant digits */
	int64_t leading_exponent; /* leading * 10^leading_exponent is the value, truncated */
	int64_t exponent;
	bool truncated; /* there are more than 19 */
};

/* mantissa has the bits of a double's fraction with its hidden bit; power is the biased exponent, 0 for subnormals. */
struct binary {
	uint64_t mantissa;
	int power;
	bool sure;
};

struct big {
	uint32_t len;
	uint32_t limb[2 * LIMBS]; /* least significant first */
};

static void big_multiply_add(struct big *big, uint32_t factor, uint32_t more)
{
	uint64_t carry = more;

	for (uint32_t i = 0; i < big->len; i++) {
		carry += (uint64_t)big->limb[i] * factor;
		big->limb[i] = (uint32_t)carry;
		carry >>= 32;
	}
	if (carry) {
		RX_ASSERT(big->len < RX_COUNT(big->limb));
		big->limb[big->len++] = (uint32_t)carry;
	}
}

static void big_multiply_power5(struct big *big, uint32_t power)
{
	for (; power >= 13; power -= 13)
		big_multiply_add(big, 1220703125, 0); /* 5^13 */
	for (; power; power--)
		big_multiply_add(big, 5, 0);
}

static void big_shift(struct big *big, uint32_t bits)
{
	uint32_t limbs = bits / 32;

	if (big->len == 0)
		return;
	big_multiply_add(big, UINT32_C(1) << bits % 32, 0);
	RX_ASSERT(big->len + limbs <= RX_COUNT(big->limb));
	memmove(big->limb + limbs, big->limb, big->len * sizeof(big->limb[0]));
	memset(big->limb, 0, limbs * sizeof(big->limb[0]));
	big->len += limbs;
}

static int big_compare(const struct big *a, const struct big *b)
{
	if (a->len != b->len)
		return a->len > b->len ? 1 : -1;
	for (uint32_t i = a->len; i-- > 0;)
		if (a->limb[i] != b->limb[i])
			return a->limb[i] > b->limb[i] ? 1 : -1;
	return 0;
}

/* All significant digits; returns the power of ten that goes with them. */
static int64_t big_read(struct big *big, const struct decimal *decimal)
{
	int64_t exponent = decimal->exponent;
	uint32_t count = 0;
	bool rest = false;

	big->len = 0;
	for (const char *p = decimal->from; p < decimal->to; p++) {
		if (*p == '.')
			continue;
		if (count < DIGITS_MAX - 1) {
			big_multiply_add(big, 10, (uint32_t)(*p - '0'));
			count += big->len != 0;
		} else {
			rest |= *p != '0';
			exponent++;
		}
	}
	if (rest) {
		big_multiply_add(big, 10, 1);
		exponent--;
	}
	return exponent;
}

static double binary_double(struct binary binary)
{
	uint64_t bits = (binary.mantissa & ((UINT64_C(1) << FRACTION_BITS) - 1)) |
			(uint64_t)binary.power << FRACTION_BITS;
	double out;

	memcpy(&out, &bits, sizeof(out));
	return out;
}

/*
 * The largest double that is certainly not much above digits * 10^power: the true value lies between it and its
 * successor, give or take far less than half a step. `sure` when the nearest double is known.
 */
static struct binary product(uint64_t digits, int64_t power, bool round)
{
	const struct binary infinite = { 0, EXPONENT_MAX, true };
	struct rx_product head, tail;
	uint64_t row_low, bits;
	int lead, upper, shift, exponent;
	bool sure = true;

	if (digits == 0 || power < RX_POWER10_MIN)
		return (struct binary){ .sure = true };
	if (power > 308)
		return infinite;
	lead = __builtin_clzll(digits);
	digits <<= lead;
	/* Rows 10^-27 .. 10^-1 are rounded up: exact quotients by a power of five must not fall short of themselves. */
	row_low = rx_power10[power - RX_POWER10_MIN][1] + (power < 0 && power >= -27);
	head = rx_product_of(digits, rx_power10[power - RX_POWER10_MIN][0]);
	if ((head.high & 0x1FF) == 0x1FF) {
		tail = rx_product_of(digits, row_low);
		head.low += tail.high;
		head.high += tail.high > head.low;
	}
	if (head.low == UINT64_MAX && (power < -27 || power > RX_POWER10_EXACT))
		sure = false;
	upper = (int)(head.high >> 63);
	shift = upper + 64 - FRACTION_BITS - 3;
	bits = head.high >> shift;
	exponent = rx_log2_of_power10((int)power) + 63 + upper - lead + EXPONENT_BIAS;
	if (exponent <= 0) {
		if (1 - exponent >= 64)
			return (struct binary){ .sure = true };
		bits >>= 1 - exponent;
		exponent = 0;
	}
	if (!round)
		return (struct binary){ bits >> 1, exponent, false };
	/* Exactly halfway and even below: possible only where 5^power fits. */
	if (exponent && head.low <= 1 && power >= -4 && power <= 23 && (bits & 3) == 1 && bits << shift == head.high)
		bits &= ~UINT64_C(1);
	bits += bits & 1;
	bits >>= 1;
	if (exponent == 0) {
		exponent = bits >= UINT64_C(1) << FRACTION_BITS;
	} else if (bits >= UINT64_C(2) << FRACTION_BITS) {
		bits >>= 1;
		exponent++;
	}
	return exponent >= EXPONENT_MAX ? infinite : (struct binary){ bits, exponent, sure };
}

/* Compares the value with the point halfway between `low` and its successor, in integers. */
static struct binary nearest(const struct decimal *decimal)
{
	struct binary low = product(decimal->leading, decimal->leading_exponent, false);
	struct big value, half;
	int64_t power = big_read(&value, decimal);
	int shift, order;

	if (low.power >= EXPONENT_MAX)
		return low;
	half = (struct big){ 2, { (uint32_t)(low.mantissa << 1 | 1), (uint32_t)(low.mantissa >> 31) } };
	/* half * 2^shift: one bit below the last place. */
	shift = (low.power ? low.power : 1) - EXPONENT_BIAS - FRACTION_BITS - 1;
	while (half.len && half.limb[half.len - 1] == 0)
		half.len--;
	/* value * 5^power * 2^power against half * 2^shift */
	if (power >= 0)
		big_multiply_power5(&value, (uint32_t)power);
	else
		big_multiply_power5(&half, (uint32_t)-power);
	if (power > shift)
		big_shift(&value, (uint32_t)(power - shift));
	else
		big_shift(&half, (uint32_t)(shift - power));
	order = big_compare(&value, &half);
	if (order > 0 || (order == 0 && (low.mantissa & 1)))
		low.mantissa++;
	if (low.mantissa >= UINT64_C(2) << FRACTION_BITS) {
		low.mantissa >>= 1;
		low.power++;
	} else if (low.power == 0 && low.mantissa >= UINT64_C(1) << FRACTION_BITS) {
		low.power = 1;
	}
	if (low.power >= EXPONENT_MAX)
		low.mantissa = 0;
	return low;
}

static double convert(const struct decimal *decimal)
{
	static const double exact[] = { 1e0,  1e1,  1e2,  1e3,	1e4,  1e5,  1e6,  1e7,	1e8,  1e9,  1e10, 1e11,
					1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
	int64_t power = decimal->leading_exponent;
	struct binary binary, above;

#if FLT_EVAL_METHOD == 0
	if (!decimal->truncated && decimal->leading <= UINT64_C(1) << 53 && power >= -22 && power <= 22)
		return power < 0 ? (double)decimal->leading / exact[-power] : (double)decimal->leading * exact[power];
#endif
	binary = product(decimal->leading, power, true);
	if (binary.sure && decimal->truncated) {
		above = product(decimal->leading + 1, power, true);
		binary.sure = above.sure && above.mantissa == binary.mantissa && above.power == binary.power;
	}
	return binary_double(binary.sure ? binary : nearest(decimal));
}

static bool same_word(struct rexi_str text, const char *word)
{
	if (text.len != strlen(word))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if ((text.ptr[i] | 0x20) != word[i])
			return false;
	return true;
}

/* e[+-]digits up to the end; saturates far outside of any double. */
static bool read_exponent(const char *p, const char *end, int64_t *out)
{
	bool negative = p < end && *p == '-';
	int64_t value = 0;

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	if (p == end)
		return false;
	for (; p < end; p++) {
		if (*p < '0' || *p > '9')
			return false;
		if (value < INT64_C(1) << 50)
			value = value * 10 + (*p - '0');
	}
	*out = negative ? -value : value;
	return true;
}

enum rx_number_status rx_number_parse_f64(struct rexi_str text, double *out)
{
	struct decimal decimal = { 0 };
	const char *p = text.ptr, *end = text.ptr + text.len;
	bool negative, point = false;
	int64_t written = 0, digits = 0, significant = 0, dropped = 0, fraction = 0;
	double value;

	if (text.len == 0)
		return RX_NUMBER_EMPTY;
	negative = *p == '-';
	p += *p == '-' || *p == '+';
	if (p < end && *p != '.' && (*p < '0' || *p > '9')) {
		struct rexi_str word = { p, (size_t)(end - p) };

		if (same_word(word, "inf") || same_word(word, "infinity"))
			value = HUGE_VAL;
		else if (same_word(word, "nan"))
			value = NAN;
		else
			return RX_NUMBER_MALFORMED;
		*out = negative ? -value : value;
		return RX_NUMBER_OK;
	}
	decimal.from = p;
	for (; p < end; p++) {
		if (*p == '.') {
			if (point)
				return RX_NUMBER_MALFORMED;
			point = true;
			continue;
		}
		if (*p < '0' || *p > '9')
			break;
		digits++;
		fraction += point;
		if (significant == 0 && *p == '0')
			continue;
		if (significant < 19) {
			decimal.leading = decimal.leading * 10 + (uint64_t)(*p - '0');
			significant++;
		} else {
			decimal.truncated |= *p != '0';
			dropped++;
		}
	}
	decimal.to = p;
	if (digits == 0)
		return RX_NUMBER_MALFORMED;
	if (p < end && ((*p | 0x20) != 'e' || !read_exponent(p + 1, end, &written)))
		return RX_NUMBER_MALFORMED;
	decimal.exponent = written - fraction;
	decimal.leading_exponent = decimal.exponent + dropped;
	value = convert(&decimal);
	*out = negative ? -value : value;
	return RX_NUMBER_OK;
}
