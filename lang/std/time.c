/* Timestamps: instants of a clock that never goes back. spec 8.11 */
#include <config.h>

#include <time.h>

#include "lang/operators.h"
#include "lang/std/common.h"

static int64_t now(void)
{
	struct timespec spec;

	clock_gettime(CLOCK_MONOTONIC, &spec);
	return (int64_t)spec.tv_sec * INT64_C(1000000000) + spec.tv_nsec;
}

STD_NATIVE(timestamp)
{
	*out = rxl_time(now());
	return REXI_OK;
}

STD_NATIVE(elapsed)
{
	int64_t current = now();

	if (self->as.i > current)
		return rxl_raise_text(call, RXL_ERROR_ARITHMETIC, "Time-stamp is later than now");
	*out = rxl_float((double)((rx_i128)current - self->as.i) / 1e9);
	return REXI_OK;
}

/* The native of an operator is the built-in operator. */
#define OPERATOR(function, op)                                           \
	STD_NATIVE(function)                                             \
	{                                                                \
		bool found;                                              \
									 \
		return rxl_operator_apply(call, op, self, &args[0], out, &found); \
	}

OPERATOR(add, RXL_BINARY_ADD)
OPERATOR(subtract, RXL_BINARY_SUB)
OPERATOR(equal, RXL_BINARY_EQ)
OPERATOR(unequal, RXL_BINARY_NE)
OPERATOR(before, RXL_BINARY_LT)
OPERATOR(not_after, RXL_BINARY_LE)
OPERATOR(after, RXL_BINARY_GT)
OPERATOR(not_before, RXL_BINARY_GE)

STD_NATIVE(move_on)
{
	return rxl_operator_time_shift(call, self, &args[0], true);
}

STD_NATIVE(move_back)
{
	return rxl_operator_time_shift(call, self, &args[0], false);
}

static const struct rxl_native rows[] = {
	{ "timestamp", "", timestamp, RXL_PURE | RXL_VOLATILE, "now", NULL },
	{ "elapsed", "timestamp", elapsed, RXL_PURE | RXL_VOLATILE, "seconds since then", NULL },
	{ "get$elapsed", "timestamp", elapsed, RXL_PURE | RXL_VOLATILE, "seconds since then", NULL },
	{ "-", "timestamp timestamp", subtract, RXL_PURE, "seconds between two instants", NULL },
	{ "+", "timestamp int", add, RXL_PURE, "the instant so many seconds later", NULL },
	{ "+", "timestamp float", add, RXL_PURE, "the instant so many seconds later", NULL },
	{ "-", "timestamp int", subtract, RXL_PURE, "the instant so many seconds earlier", NULL },
	{ "-", "timestamp float", subtract, RXL_PURE, "the instant so many seconds earlier", NULL },
	{ "+=", "timestamp int", move_on, RXL_MUT, "move it so many seconds on", NULL },
	{ "+=", "timestamp float", move_on, RXL_MUT, "move it so many seconds on", NULL },
	{ "-=", "timestamp int", move_back, RXL_MUT, "move it so many seconds back", NULL },
	{ "-=", "timestamp float", move_back, RXL_MUT, "move it so many seconds back", NULL },
	{ "==", "timestamp timestamp", equal, RXL_PURE, "the same instant?", NULL },
	{ "!=", "timestamp timestamp", unequal, RXL_PURE, "another instant?", NULL },
	{ "<", "timestamp timestamp", before, RXL_PURE, "is the first earlier?", NULL },
	{ "<=", "timestamp timestamp", not_after, RXL_PURE, "is the first not later?", NULL },
	{ ">", "timestamp timestamp", after, RXL_PURE, "is the first later?", NULL },
	{ ">=", "timestamp timestamp", not_before, RXL_PURE, "is the first not earlier?", NULL },
};

STD_PACKAGE(rxl_std_time, "Timestamps", rows);
