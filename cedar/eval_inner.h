/* What the parts of the evaluator share: failures, and calls of extension functions. */
#ifndef RXC_EVAL_INNER_H
#define RXC_EVAL_INNER_H

#include "cedar/eval.h"

/* A text in a message, cut. */
#define CUT(text) RX_STR_ARG(rx_str_sub((text), 0, 400))
#define ANY_ENTITY "(entity of type `any_entity_type`)"

/* The expression that the instruction pc came from; for failures alone. */
#define NODE rxc_eval_node(eval, pc)
const struct rxc_expr *rxc_eval_node(struct rxc_eval *eval, const struct rxc_instr *pc);

/* Begins a failure; what is then written to eval->message is its message up to rxc_eval_end_message, its help after it. All
 * return false. */
bool rxc_eval_fail(struct rxc_eval *eval, enum rexi_cedar_eval_kind kind, const struct rxc_expr *node);
bool rxc_eval_end_message(struct rxc_eval *eval);
bool rxc_eval_fail_type(struct rxc_eval *eval, const struct rxc_expr *node, const char *expected, const struct rexi_cedar_value *got);
/* The decision ends: memory, limit, provider. */
bool rxc_eval_fail_status(struct rxc_eval *eval, enum rexi_status status);

/* eval_call.c: the function pc->sub of `count` arguments; args[0] becomes the result. */
bool rxc_eval_function(struct rxc_eval *eval, const struct rxc_instr *pc, struct rexi_cedar_value *args, unsigned count);

#endif
