/* Conditions as flat code: a stack machine without loops, so that a policy costs at most its own length. */
#ifndef RXC_CODE_H
#define RXC_CODE_H

#include "cedar/value.h"

/* Operand: `node` unless it says otherwise. */
#define RXC_OP_LIST(X)                                                                             \
	X(CONSTANT)       /* push the value of kind sub with len `at` and payload */                 \
	X(VAR)            /* push variable sub */                                                  \
	X(SLOT)           /* push the binding of slot sub */                                       \
	X(ATTR)           /* e -> e.name */                                                        \
	X(VAR_ATTR)       /* push variable sub, then ATTR */                                       \
	X(VAR_IN)         /* push variable sub in the uid of number `at` in the set (node: VAR in UID) */ \
	X(HAS)            /* e -> e has name */                                                    \
	X(HAS_PATH)       /* e -> e has a.b.c */                                                   \
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
	union {
		const struct rxc_expr *node;
		int64_t payload; /* as.integer of a value, or the pointer in its place */
		const struct rexi_cedar_name *const *names;
	};
};

struct rxc_code {
	uint32_t count;
	uint32_t stack; /* most values on the stack at once */
	struct rxc_instr instrs[];
};

/* The conditions of a body as one bool: in order, each `when` true and each `unless` false. NULL: no memory. A body
 * without conditions has no code and is not compiled. */
RX_NODISCARD struct rxc_code *rxc_compile_conditions(struct rx_arena *arena, struct rx_memory *scratch,
						     const struct rxc_condition *conditions, uint32_t count);
RX_NODISCARD struct rxc_code *rxc_compile_expression(struct rx_arena *arena, struct rx_memory *scratch, const struct rxc_expr *expr);

#endif
