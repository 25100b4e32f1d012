/*
 * What scripts can do with the u8 values that a loop over a blob yields, besides the operators of two of them. The
 * reference has them in its packages for other widths; they are not among the numbered functions of spec 8.
 */
#include <config.h>

#include "lang/std/common.h"

static enum rexi_status digits(struct rxl_call *call, int64_t value, unsigned shift, struct rxl_value *out)
{
	char text[8];
	size_t at = sizeof(text);

	do {
		text[--at] = "0123456789abcdef"[value & ((1 << shift) - 1)];
		value >>= shift;
	} while (value);
	return rxl_string_new(call->heap, rx_str_make(text + at, sizeof(text) - at), out);
}

STD_NATIVE(to_hex)
{
	(void)args, (void)argc;
	return digits(call, self->as.i, 4, out);
}

STD_NATIVE(to_octal)
{
	(void)args, (void)argc;
	return digits(call, self->as.i, 3, out);
}

STD_NATIVE(to_binary)
{
	(void)args, (void)argc;
	return digits(call, self->as.i, 1, out);
}

STD_NATIVE(to_int)
{
	(void)call, (void)args, (void)argc;
	*out = rxl_int(self->as.i);
	return REXI_OK;
}

STD_NATIVE(to_float)
{
	(void)call, (void)args, (void)argc;
	*out = rxl_float((double)self->as.i);
	return REXI_OK;
}

STD_NATIVE(is_odd)
{
	(void)call, (void)args, (void)argc;
	*out = rxl_bool(self->as.i & 1);
	return REXI_OK;
}

STD_NATIVE(is_even)
{
	(void)call, (void)args, (void)argc;
	*out = rxl_bool(!(self->as.i & 1));
	return REXI_OK;
}

STD_NATIVE(is_zero)
{
	(void)call, (void)args, (void)argc;
	*out = rxl_bool(self->as.i == 0);
	return REXI_OK;
}

STD_NATIVE(larger)
{
	(void)call, (void)argc;
	*out = self->as.i >= args[0].as.i ? *self : args[0];
	return REXI_OK;
}

STD_NATIVE(smaller)
{
	(void)call, (void)argc;
	*out = self->as.i <= args[0].as.i ? *self : args[0];
	return REXI_OK;
}

/* Bits that leave are lost, as for integers. */
STD_NATIVE(shift_left)
{
	int64_t count = args[0].as.i;

	(void)call, (void)argc;
	*out = rxl_byte((unsigned char)(count < 0 || count > 7 ? 0U : (uint64_t)self->as.i << count & 255));
	return REXI_OK;
}

STD_NATIVE(shift_right)
{
	int64_t count = args[0].as.i;

	(void)call, (void)argc;
	*out = rxl_byte((unsigned char)(count < 0 || count > 7 ? 0U : (uint64_t)self->as.i >> count & 255));
	return REXI_OK;
}

STD_NATIVE(power)
{
	int64_t result = 1;

	(void)argc;
	if (args[0].as.i < 0)
		return rxl_raise_text(call, RXL_ERROR_ARITHMETIC, "Integer raised to a negative power: %d ** %lld", (int)self->as.i,
				      (long long)args[0].as.i);
	for (int64_t i = 0; i < args[0].as.i && result != 0; i++) {
		result *= self->as.i;
		if (result > 255)
			return rxl_raise_text(call, RXL_ERROR_ARITHMETIC, "Exponential overflow: %d ** %lld", (int)self->as.i,
					      (long long)args[0].as.i);
		if (self->as.i == 1)
			break;
	}
	*out = rxl_byte((unsigned char)result);
	return REXI_OK;
}

static const struct rxl_native rows[] = {
	{ "to_hex", "u8", to_hex, RXL_PURE, "Hexadecimal digits.", NULL },
	{ "to_octal", "u8", to_octal, RXL_PURE, "Octal digits.", NULL },
	{ "to_binary", "u8", to_binary, RXL_PURE, "Binary digits.", NULL },
	{ "to_int", "u8", to_int, RXL_PURE, "As an integer.", NULL },
	{ "to_float", "u8", to_float, RXL_PURE, "As a float.", NULL },
	{ "is_odd", "u8", is_odd, RXL_PURE, "Whether it is odd.", NULL },
	{ "get$is_odd", "u8", is_odd, RXL_PURE, "Whether it is odd.", NULL },
	{ "is_even", "u8", is_even, RXL_PURE, "Whether it is even.", NULL },
	{ "get$is_even", "u8", is_even, RXL_PURE, "Whether it is even.", NULL },
	{ "is_zero", "u8", is_zero, RXL_PURE, "Whether it is zero.", NULL },
	{ "get$is_zero", "u8", is_zero, RXL_PURE, "Whether it is zero.", NULL },
	{ "max", "u8 u8", larger, RXL_PURE, "The larger one.", NULL },
	{ "min", "u8 u8", smaller, RXL_PURE, "The smaller one.", NULL },
	{ "<<", "u8 int", shift_left, RXL_PURE, "Bits moved to the left.", NULL },
	{ ">>", "u8 int", shift_right, RXL_PURE, "Bits moved to the right.", NULL },
	{ "**", "u8 int", power, RXL_PURE, "Power.", NULL },
};

const struct rxl_package rxl_std_byte = { "Bytes", rows, RX_COUNT(rows) };
