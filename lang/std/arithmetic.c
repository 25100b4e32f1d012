/* Signs, parity, extremes. spec 8.2 */
#include <config.h>

#include <inttypes.h>
#include <math.h>

#include "lang/std/common.h"

STD_NATIVE(int_negate)
{
	if (self->as.i == INT64_MIN)
		return rxl_raise_text(call, RXL_ERROR_ARITHMETIC, "integer overflow");
	*out = rxl_int(-self->as.i);
	return REXI_OK;
}

STD_NATIVE(float_negate)
{
	*out = rxl_float(-self->as.f);
	return REXI_OK;
}

STD_NATIVE(identity)
{
	*out = rxl_value_copy(self);
	return REXI_OK;
}

STD_NATIVE(int_abs)
{
	if (self->as.i == INT64_MIN)
		return rxl_raise_text(call, RXL_ERROR_ARITHMETIC, "Negation overflow: -%" PRId64, self->as.i);
	*out = rxl_int(self->as.i < 0 ? -self->as.i : self->as.i);
	return REXI_OK;
}

STD_NATIVE(float_abs)
{
	*out = rxl_float(fabs(self->as.f));
	return REXI_OK;
}

STD_NATIVE(int_sign)
{
	*out = rxl_int((self->as.i > 0) - (self->as.i < 0));
	return REXI_OK;
}

STD_NATIVE(float_sign)
{
	if (isnan(self->as.f))
		return rxl_raise_text(call, RXL_ERROR_ARITHMETIC, "Sign of NaN is undefined");
	*out = rxl_int((self->as.f > 0) - (self->as.f < 0));
	return REXI_OK;
}

STD_NATIVE(int_is_zero)
{
	*out = rxl_bool(self->as.i == 0);
	return REXI_OK;
}

STD_NATIVE(float_is_zero)
{
	*out = rxl_bool(self->as.f == 0);
	return REXI_OK;
}

STD_NATIVE(is_odd)
{
	*out = rxl_bool(self->as.i & 1);
	return REXI_OK;
}

STD_NATIVE(is_even)
{
	*out = rxl_bool(!(self->as.i & 1));
	return REXI_OK;
}

STD_NATIVE(not)
{
	*out = rxl_bool(!self->as.b);
	return REXI_OK;
}

/* The number as a float, for pairs of int and float. */
static double as_float(const struct rxl_value *value)
{
	return value->type == RXL_INT ? (double)value->as.i : value->as.f;
}

STD_NATIVE(int_max)
{
	*out = rxl_int(self->as.i >= args[0].as.i ? self->as.i : args[0].as.i);
	return REXI_OK;
}

STD_NATIVE(int_min)
{
	*out = rxl_int(self->as.i <= args[0].as.i ? self->as.i : args[0].as.i);
	return REXI_OK;
}

STD_NATIVE(float_max)
{
	double x = as_float(self), y = as_float(&args[0]);

	*out = rxl_float(x >= y ? x : y);
	return REXI_OK;
}

STD_NATIVE(float_min)
{
	double x = as_float(self), y = as_float(&args[0]);

	*out = rxl_float(x <= y ? x : y);
	return REXI_OK;
}

STD_NATIVE(char_max)
{
	*out = rxl_char(self->as.c >= args[0].as.c ? self->as.c : args[0].as.c);
	return REXI_OK;
}

STD_NATIVE(char_min)
{
	*out = rxl_char(self->as.c <= args[0].as.c ? self->as.c : args[0].as.c);
	return REXI_OK;
}

STD_NATIVE(string_max)
{
	int order = rx_str_cmp(rxl_string_view(self), rxl_string_view(&args[0]));

	*out = rxl_value_copy(order >= 0 ? self : &args[0]);
	return REXI_OK;
}

STD_NATIVE(string_min)
{
	int order = rx_str_cmp(rxl_string_view(self), rxl_string_view(&args[0]));

	*out = rxl_value_copy(order <= 0 ? self : &args[0]);
	return REXI_OK;
}

static const struct rxl_native rows[] = {
	{ "-", "int", int_negate, RXL_PURE, "the number with the other sign; overflow is an error", NULL },
	{ "-", "float", float_negate, RXL_PURE, "the number with the other sign", NULL },
	{ "+", "int", identity, RXL_PURE, "the number itself", NULL },
	{ "+", "float", identity, RXL_PURE, "the number itself", NULL },
	{ "abs", "int", int_abs, RXL_PURE, "absolute value; overflow is an error", NULL },
	{ "abs", "float", float_abs, RXL_PURE, "absolute value", NULL },
	{ "sign", "int", int_sign, RXL_PURE, "-1, 0 or 1", NULL },
	{ "sign", "float", float_sign, RXL_PURE, "-1, 0 or 1 as an integer; NaN is an error", NULL },
	{ "is_zero", "int", int_is_zero, RXL_PURE, "is it 0?", NULL },
	{ "is_zero", "float", float_is_zero, RXL_PURE, "is it 0.0 or -0.0?", NULL },
	{ "get$is_zero", "int", int_is_zero, RXL_PURE, "is it 0?", NULL },
	{ "get$is_zero", "float", float_is_zero, RXL_PURE, "is it 0.0 or -0.0?", NULL },
	{ "is_odd", "int", is_odd, RXL_PURE, "is it odd?", NULL },
	{ "is_even", "int", is_even, RXL_PURE, "is it even?", NULL },
	{ "get$is_odd", "int", is_odd, RXL_PURE, "is it odd?", NULL },
	{ "get$is_even", "int", is_even, RXL_PURE, "is it even?", NULL },
	{ "!", "bool", not, RXL_PURE, "logical not", NULL },
	{ "max", "int int", int_max, RXL_PURE, "the larger of two", NULL },
	{ "max", "float float", float_max, RXL_PURE, "the larger of two; with NaN the second", NULL },
	{ "max", "int float", float_max, RXL_PURE, "the larger of two, as a float", NULL },
	{ "max", "float int", float_max, RXL_PURE, "the larger of two, as a float", NULL },
	{ "max", "char char", char_max, RXL_PURE, "the later of two characters", NULL },
	{ "max", "string string", string_max, RXL_PURE, "the later of two texts in code point order", NULL },
	{ "min", "int int", int_min, RXL_PURE, "the smaller of two", NULL },
	{ "min", "float float", float_min, RXL_PURE, "the smaller of two; with NaN the second", NULL },
	{ "min", "int float", float_min, RXL_PURE, "the smaller of two, as a float", NULL },
	{ "min", "float int", float_min, RXL_PURE, "the smaller of two, as a float", NULL },
	{ "min", "char char", char_min, RXL_PURE, "the earlier of two characters", NULL },
	{ "min", "string string", string_min, RXL_PURE, "the earlier of two texts in code point order", NULL },
};

STD_PACKAGE(rxl_std_arithmetic, "Arithmetic and logic", rows);
