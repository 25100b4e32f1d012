/*
 * The built-in binary operators by the types of both sides (spec 5.1 - 5.4), and their in-place forms. The machine
 * does int and float, bool and short comparisons itself and comes here for the rest.
 */
#ifndef RXL_OPERATORS_H
#define RXL_OPERATORS_H

#include "lang/ast.h"
#include "lang/native.h"

/*
 * a op b for the operators ADD .. RANGE_INCLUSIVE. *found is false when there is no built-in for the two types (`out`
 * is untouched then): the machine goes on with natives, last with rxl_operator_unlike. Host objects have no built-ins.
 */
enum rexi_status rxl_operator_apply(struct rxl_call *call, enum rxl_binary op, const struct rxl_value *a,
				    const struct rxl_value *b, struct rxl_value *out, bool *found);

/*
 * target op= value in place, for the pairs that have such a form (spec 5.4); `value` is borrowed. *found false: the
 * machine computes target op value and assigns it.
 */
enum rexi_status rxl_operator_assign(struct rxl_call *call, enum rxl_binary op, struct rxl_value *target,
				     const struct rxl_value *value, bool *found);

/* Comparison of values of different types that no function knows: unequal, never ordered. False: not applicable. */
bool rxl_operator_unlike(enum rxl_binary op, const struct rxl_value *a, const struct rxl_value *b, struct rxl_value *out);

/* int op int, checked; RANGE forms are not among them. */
enum rexi_status rxl_operator_int(struct rxl_call *call, enum rxl_binary op, int64_t a, int64_t b, struct rxl_value *out);

/* The comparisons of spec 4.4 with a relative tolerance; op is EQ .. GE. */
bool rxl_operator_float_compare(enum rxl_binary op, double a, double b);

/* The pieces that are functions of the library too. */
enum rexi_status rxl_operator_concat(struct rxl_call *call, const struct rxl_value *a, const struct rxl_value *b,
				     struct rxl_value *out);
/* left without every occurrence of `gone`. */
enum rexi_status rxl_operator_without(struct rxl_call *call, const struct rxl_value *left, struct rexi_str gone,
				      struct rxl_value *out);
/* *target, a string, with the display text of value at its end; blobs as UTF-8, lossily. */
enum rexi_status rxl_operator_append(struct rxl_call *call, struct rxl_value *target, const struct rxl_value *value);
/* target with the entries of `more`, which win. */
enum rexi_status rxl_operator_mixin(struct rxl_call *call, struct rxl_value *target, const struct rxl_value *more);
/* *time moved by int or float seconds, forwards or back. */
enum rexi_status rxl_operator_time_shift(struct rxl_call *call, struct rxl_value *time, const struct rxl_value *seconds,
					 bool forwards);

#endif
