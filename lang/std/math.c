/* Mathematics on floats, and numbers from and to text. spec 8.3 */
#include <config.h>

#include <inttypes.h>
#include <math.h>

#include "base/number.h"
#include "base/unicode.h"
#include "lang/std/common.h"

/* A native that is one function of one float. */
#define FLOAT_NATIVE(name, expression)           \
	STD_NATIVE(name)                         \
	{                                        \
		double x = self->as.f;           \
						 \
		*out = rxl_float(expression);    \
		return REXI_OK;                  \
	}

#define BOOL_NATIVE(name, expression)            \
	STD_NATIVE(name)                         \
	{                                        \
		double x = self->as.f;           \
						 \
		*out = rxl_bool(expression);     \
		return REXI_OK;                  \
	}

FLOAT_NATIVE(float_sin, sin(x))
FLOAT_NATIVE(float_cos, cos(x))
FLOAT_NATIVE(float_tan, tan(x))
FLOAT_NATIVE(float_sinh, sinh(x))
FLOAT_NATIVE(float_cosh, cosh(x))
FLOAT_NATIVE(float_tanh, tanh(x))
FLOAT_NATIVE(float_asin, asin(x))
FLOAT_NATIVE(float_acos, acos(x))
FLOAT_NATIVE(float_atan, atan(x))
/* The inverse hyperbolic functions by the formulas of the reference's library, whose last digits differ from libm's. */
FLOAT_NATIVE(float_asinh, copysign(log1p(fabs(x) + fabs(x) / (hypot(1, 1 / fabs(x)) + 1 / fabs(x))), x))
FLOAT_NATIVE(float_acosh, x < 1 ? NAN : log(x + sqrt(x - 1) * sqrt(x + 1)))
FLOAT_NATIVE(float_atanh, 0.5 * log1p(2 * x / (1 - x)))
FLOAT_NATIVE(to_radians, x * (M_PI / 180))
FLOAT_NATIVE(to_degrees, x * (180 / M_PI))
FLOAT_NATIVE(float_sqrt, sqrt(x))
FLOAT_NATIVE(float_exp, exp(x))
FLOAT_NATIVE(float_ln, log(x))
FLOAT_NATIVE(float_log10, log10(x))
FLOAT_NATIVE(float_floor, floor(x))
FLOAT_NATIVE(float_ceiling, ceil(x))
FLOAT_NATIVE(float_round, round(x))
FLOAT_NATIVE(float_int, trunc(x))
FLOAT_NATIVE(float_fraction, x - trunc(x))
BOOL_NATIVE(float_is_nan, isnan(x))
BOOL_NATIVE(float_is_finite, isfinite(x))
BOOL_NATIVE(float_is_infinite, isinf(x))

STD_NATIVE(float_atan2)
{
	*out = rxl_float(atan2(self->as.f, args[0].as.f));
	return REXI_OK;
}

STD_NATIVE(float_hypot)
{
	*out = rxl_float(hypot(self->as.f, args[0].as.f));
	return REXI_OK;
}

STD_NATIVE(float_log)
{
	*out = rxl_float(log(self->as.f) / log(args[0].as.f));
	return REXI_OK;
}

STD_NATIVE(constant_e)
{
	*out = rxl_float(M_E);
	return REXI_OK;
}

STD_NATIVE(constant_pi)
{
	*out = rxl_float(M_PI);
	return REXI_OK;
}

STD_NATIVE(identity)
{
	*out = rxl_value_copy(self);
	return REXI_OK;
}

STD_NATIVE(char_to_int)
{
	*out = rxl_int(self->as.c);
	return REXI_OK;
}

/* 2^63 itself counts as in range and becomes the largest integer, as the comparison in floats has it. */
STD_NATIVE(float_to_int)
{
	const double limit = 9223372036854775808.0;
	double x = self->as.f;
	struct rx_buf text;
	enum rexi_status status;

	if (x > limit || x < -limit) {
		rx_buf_init(&text, &call->heap->memory, 0);
		rx_number_plain(&text, x);
		status = text.failed ? REXI_NO_MEMORY
				     : rxl_raise_text(call, RXL_ERROR_ARITHMETIC, "Integer overflow: to_int(%.*s)",
						      RX_STR_ARG(rx_buf_view(&text)));
		rx_buf_fini(&text);
		return status;
	}
	*out = rxl_int(isnan(x) ? 0 : x >= limit ? INT64_MAX : (int64_t)x);
	return REXI_OK;
}

STD_NATIVE(int_to_float)
{
	*out = rxl_float((double)self->as.i);
	return REXI_OK;
}

static enum rexi_status parse_int(struct rxl_call *call, struct rexi_str text, int64_t radix, struct rxl_value *out)
{
	static const char *const why[] = {
		[RX_NUMBER_OK] = "",
		[RX_NUMBER_EMPTY] = "cannot parse integer from empty string",
		[RX_NUMBER_MALFORMED] = "invalid digit found in string",
		[RX_NUMBER_TOO_LARGE] = "number too large to fit in target type",
		[RX_NUMBER_TOO_SMALL] = "number too small to fit in target type",
	};
	int64_t number = 0;
	enum rx_number_status status;

	if (radix < 2 || radix > 36)
		return rxl_raise_text(call, RXL_ERROR_ARITHMETIC, "Invalid radix: '%" PRId64 "'", radix);
	status = rx_number_parse_i64(rx_unicode_trim(text), (unsigned)radix, &number);
	if (status != RX_NUMBER_OK)
		return rxl_raise_text(call, RXL_ERROR_ARITHMETIC, "Error parsing integer number '%.*s': %s", RX_STR_ARG(text),
				      why[status]);
	*out = rxl_int(number);
	return REXI_OK;
}

STD_NATIVE(string_parse_int)
{
	return parse_int(call, rxl_string_view(self), 10, out);
}

STD_NATIVE(string_parse_int_radix)
{
	return parse_int(call, rxl_string_view(self), args[0].as.i, out);
}

STD_NATIVE(string_parse_float)
{
	struct rexi_str text = rxl_string_view(self);
	double number = 0;
	enum rx_number_status status = rx_number_parse_f64(rx_unicode_trim(text), &number);

	if (status != RX_NUMBER_OK)
		return rxl_raise_text(call, RXL_ERROR_ARITHMETIC, "Error parsing floating-point number '%.*s': %s",
				      RX_STR_ARG(text),
				      status == RX_NUMBER_EMPTY ? "cannot parse float from empty string"
								: "invalid float literal");
	*out = rxl_float(number);
	return REXI_OK;
}

/* Two's complement in digits of `bits` bits each. */
static enum rexi_status in_radix(struct rxl_call *call, int64_t number, unsigned bits, struct rxl_value *out)
{
	static const char digits[] = "0123456789abcdef";
	char text[64];
	size_t at = sizeof(text);
	uint64_t left = (uint64_t)number;

	do {
		text[--at] = digits[left & ((1U << bits) - 1)];
		left >>= bits;
	} while (left);
	return rxl_string_new(call->heap, rx_str_make(text + at, sizeof(text) - at), out);
}

STD_NATIVE(int_to_hex)
{
	return in_radix(call, self->as.i, 4, out);
}

STD_NATIVE(int_to_octal)
{
	return in_radix(call, self->as.i, 3, out);
}

STD_NATIVE(int_to_binary)
{
	return in_radix(call, self->as.i, 1, out);
}

static const struct rxl_native rows[] = {
	{ "sin", "float", float_sin, RXL_PURE, "sine of an angle in radians", NULL },
	{ "cos", "float", float_cos, RXL_PURE, "cosine of an angle in radians", NULL },
	{ "tan", "float", float_tan, RXL_PURE, "tangent of an angle in radians", NULL },
	{ "sinh", "float", float_sinh, RXL_PURE, "hyperbolic sine", NULL },
	{ "cosh", "float", float_cosh, RXL_PURE, "hyperbolic cosine", NULL },
	{ "tanh", "float", float_tanh, RXL_PURE, "hyperbolic tangent", NULL },
	{ "asin", "float", float_asin, RXL_PURE, "arc sine in radians", NULL },
	{ "acos", "float", float_acos, RXL_PURE, "arc cosine in radians", NULL },
	{ "atan", "float", float_atan, RXL_PURE, "arc tangent in radians", NULL },
	{ "atan", "float float", float_atan2, RXL_PURE, "angle of the point whose y and x are given", NULL },
	{ "asinh", "float", float_asinh, RXL_PURE, "inverse hyperbolic sine", NULL },
	{ "acosh", "float", float_acosh, RXL_PURE, "inverse hyperbolic cosine", NULL },
	{ "atanh", "float", float_atanh, RXL_PURE, "inverse hyperbolic tangent", NULL },
	{ "hypot", "float float", float_hypot, RXL_PURE, "length of the hypotenuse", NULL },
	{ "E", "", constant_e, RXL_PURE, "Euler's number", NULL },
	{ "PI", "", constant_pi, RXL_PURE, "the circle's circumference by its diameter", NULL },
	{ "to_radians", "float", to_radians, RXL_PURE, "degrees as radians", NULL },
	{ "to_degrees", "float", to_degrees, RXL_PURE, "radians as degrees", NULL },
	{ "sqrt", "float", float_sqrt, RXL_PURE, "square root", NULL },
	{ "exp", "float", float_exp, RXL_PURE, "Euler's number to the power of it", NULL },
	{ "ln", "float", float_ln, RXL_PURE, "natural logarithm", NULL },
	{ "log", "float float", float_log, RXL_PURE, "logarithm to the given base", NULL },
	{ "log", "float", float_log10, RXL_PURE, "logarithm to base 10", NULL },
	{ "floor", "float", float_floor, RXL_PURE, "largest whole number not above it", NULL },
	{ "get$floor", "float", float_floor, RXL_PURE, "largest whole number not above it", NULL },
	{ "ceiling", "float", float_ceiling, RXL_PURE, "smallest whole number not below it", NULL },
	{ "get$ceiling", "float", float_ceiling, RXL_PURE, "smallest whole number not below it", NULL },
	{ "round", "float", float_round, RXL_PURE, "nearest whole number, halves away from zero", NULL },
	{ "get$round", "float", float_round, RXL_PURE, "nearest whole number, halves away from zero", NULL },
	{ "int", "float", float_int, RXL_PURE, "its whole part, as a float", NULL },
	{ "get$int", "float", float_int, RXL_PURE, "its whole part, as a float", NULL },
	{ "fraction", "float", float_fraction, RXL_PURE, "what is behind the point", NULL },
	{ "get$fraction", "float", float_fraction, RXL_PURE, "what is behind the point", NULL },
	{ "is_nan", "float", float_is_nan, RXL_PURE, "is it not a number?", NULL },
	{ "get$is_nan", "float", float_is_nan, RXL_PURE, "is it not a number?", NULL },
	{ "is_finite", "float", float_is_finite, RXL_PURE, "is it neither infinite nor NaN?", NULL },
	{ "get$is_finite", "float", float_is_finite, RXL_PURE, "is it neither infinite nor NaN?", NULL },
	{ "is_infinite", "float", float_is_infinite, RXL_PURE, "is it infinite?", NULL },
	{ "get$is_infinite", "float", float_is_infinite, RXL_PURE, "is it infinite?", NULL },
	{ "to_int", "int", identity, RXL_PURE, "the number itself", NULL },
	{ "to_int", "char", char_to_int, RXL_PURE, "its code point", NULL },
	{ "to_int", "float", float_to_int, RXL_PURE, "its whole part as an integer; NaN gives 0, overflow is an error", NULL },
	{ "to_float", "int", int_to_float, RXL_PURE, "the nearest float", NULL },
	{ "to_float", "float", identity, RXL_PURE, "the number itself", NULL },
	{ "parse_int", "string", string_parse_int, RXL_PURE, "the integer that a text writes in decimal", NULL },
	{ "parse_int", "string int", string_parse_int_radix, RXL_PURE, "the integer that a text writes in a radix of 2 to 36",
	  NULL },
	{ "parse_float", "string", string_parse_float, RXL_PURE, "the float that a text writes", NULL },
	{ "to_hex", "int", int_to_hex, RXL_PURE, "hexadecimal digits of its two's complement", NULL },
	{ "to_octal", "int", int_to_octal, RXL_PURE, "octal digits of its two's complement", NULL },
	{ "to_binary", "int", int_to_binary, RXL_PURE, "binary digits of its two's complement", NULL },
};

STD_PACKAGE(rxl_std_math, "Mathematics", rows);
