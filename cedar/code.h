/* Conditions as flat code: a stack machine without loops, so that a policy costs at most its own length. */
#ifndef RXC_CODE_H
#define RXC_CODE_H

#include "cedar/value.h"

/* What an instruction came from is not in it: see rxc_compile_find. `payload` is the word that follows. */
#define RXC_OP_LIST(X)                                                                             \
	X(CONSTANT)       /* push the value of kind sub with len `at` and payload */                 \
	X(VAR)            /* push variable sub */                                                  \
	X(SLOT)           /* push the binding of slot sub */                                       \
	X(ATTR)           /* e -> e.name */                                                        \
	X(VAR_ATTR)       /* push variable sub, then ATTR */                                       \
	X(VAR_IN)         /* push variable sub in the uid of number `at` in the set (node: VAR in UID) */ \
	X(HAS)            /* e -> e has name */                                                    \
	X(HAS_PATH)       /* e -> e has a.b.c; count and names */                                                   \
	X(NOT) X(NEG) X(IS_EMPTY)                                                                  \
	X(EQ) X(NE) X(LT) X(LE) X(GT) X(GE) X(IN) X(ADD) X(SUB) X(MUL)                             \
	X(CONTAINS) X(CONTAINS_ALL) X(CONTAINS_ANY) X(GET_TAG) X(HAS_TAG)                          \
	X(LIKE) X(IS)                                                                              \
	X(IS_THEN)        /* e -> e when it is of the type; else false and jump */                 \
	X(AND)            /* must be a bool: false stays and jumps, true is dropped */             \
	X(OR)             /* the dual */                                                           \
	X(CHECK_BOOL)     /* must be a bool; stays */                                              \
	X(BRANCH)         /* drop a bool; jump when false */                                       \
	X(JUMP)                                                                                    \
	X(SET)            /* count values -> a set */                                              \
	X(RECORD)         /* count values -> a record; names */                                    \
	X(CALL)           /* count arguments -> result of function sub */                          \
	X(END)

enum rxc_op {
#define RXC_OP_ENUM(name) RXC_OP_##name,
	RXC_OP_LIST(RXC_OP_ENUM)
#undef RXC_OP_ENUM
};

struct rxc_instr {
	uint8_t op; /* enum rxc_op */
	uint8_t sub;
	uint16_t mark; /* CONSTANT of a string: see rxc_text_mark */
	uint32_t at; /* jump target, a count, or the number of the node's name in the set */
};
_Static_assert(sizeof(struct rxc_instr) == 8, "a word");

/* The word after an instruction that has one: see rxc_op_has_payload. */
union rxc_payload {
	int64_t integer; /* as.integer of a value, or the pointer in its place */
	const struct rxc_pattern *pattern;
	const struct rexi_cedar_name *name;
	const struct rexi_cedar_name *const *names;
	const struct rxc_uid *uid;
};
_Static_assert(sizeof(union rxc_payload) == 8, "a word");

RX_INLINE union rxc_payload rxc_instr_payload(const struct rxc_instr *pc)
{
	union rxc_payload payload;

	memcpy(&payload, pc + 1, sizeof(payload));
	return payload;
}

RX_INLINE bool rxc_op_has_payload(unsigned op)
{
	return op == RXC_OP_CONSTANT || op == RXC_OP_LIKE || op == RXC_OP_IS_THEN || op == RXC_OP_HAS_PATH || op == RXC_OP_RECORD || op == RXC_OP_VAR_IN;
}

struct rxc_code {
	uint32_t count; /* words */
	uint32_t stack; /* most values on the stack at once */
	struct rxc_instr instrs[];
};

/* The conditions of a body as one bool: in order, each `when` true and each `unless` false. NULL: no memory. A body
 * without conditions has no code and is not compiled. */
RX_NODISCARD struct rxc_code *rxc_compile_conditions(struct rx_arena *arena, struct rx_memory *scratch,
						     const struct rxc_condition *conditions, uint32_t count);
RX_NODISCARD struct rxc_code *rxc_compile_expression(struct rx_arena *arena, struct rx_memory *scratch, const struct rxc_expr *expr);

/* What the instruction at word `at` of the code of a body, or else of an expression, came from: compiles it again, which only
 * errors need. NULL: no memory. */
const struct rxc_expr *rxc_compile_find(struct rx_arena *arena, struct rx_memory *scratch, const struct rxc_template *body,
					const struct rxc_expr *expr, uint32_t at);

#endif
