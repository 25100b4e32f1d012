/* The parts of an expression, for whoever walks a whole tree and treats few kinds of node apart. */
#ifndef RXC_WALK_H
#define RXC_WALK_H

#include "cedar/ast.h"

/* How the parts of a node are kept. */
enum rxc_shape { RXC_SHAPE_LEAF, RXC_SHAPE_LEFT, RXC_SHAPE_BOTH, RXC_SHAPE_IS_IN, RXC_SHAPE_THREE, RXC_SHAPE_ITEMS, RXC_SHAPE_FIELDS };

RX_INLINE enum rxc_shape rxc_expr_shape(const struct rxc_expr *expr)
{
	switch ((enum rxc_expr_kind)expr->kind) {
	case RXC_BOOL:
	case RXC_LONG:
	case RXC_STRING:
	case RXC_UID:
	case RXC_VAR:
	case RXC_SLOT: return RXC_SHAPE_LEAF;
	case RXC_NOT:
	case RXC_NEG:
	case RXC_IS_EMPTY:
	case RXC_ATTR:
	case RXC_HAS:
	case RXC_HAS_PATH:
	case RXC_LIKE:
	case RXC_IS: return RXC_SHAPE_LEFT;
	case RXC_IS_IN: return RXC_SHAPE_IS_IN;
	case RXC_EQ:
	case RXC_NE:
	case RXC_LT:
	case RXC_LE:
	case RXC_GT:
	case RXC_GE:
	case RXC_IN:
	case RXC_ADD:
	case RXC_SUB:
	case RXC_MUL:
	case RXC_CONTAINS:
	case RXC_CONTAINS_ALL:
	case RXC_CONTAINS_ANY:
	case RXC_GET_TAG:
	case RXC_HAS_TAG: return RXC_SHAPE_BOTH;
	case RXC_IF: return RXC_SHAPE_THREE;
	case RXC_AND:
	case RXC_OR:
	case RXC_SET:
	case RXC_CALL: return RXC_SHAPE_ITEMS;
	case RXC_RECORD: return RXC_SHAPE_FIELDS;
	case RXC_EXPR_KINDS: break;
	}
	rx_unreachable();
}

/* Part number `at`, from 0, in the order written; NULL past the last. Depth is bounded by the parser's limit. */
RX_INLINE const struct rxc_expr *rxc_expr_part(const struct rxc_expr *expr, uint32_t at)
{
	switch (rxc_expr_shape(expr)) {
	case RXC_SHAPE_LEAF: return NULL;
	case RXC_SHAPE_LEFT: return at == 0 ? expr->left : NULL;
	case RXC_SHAPE_BOTH: return at == 0 ? expr->left : at == 1 ? expr->right : NULL;
	case RXC_SHAPE_IS_IN: return at == 0 ? expr->left : at == 1 ? expr->is_in->in : NULL;
	case RXC_SHAPE_THREE: return at < 3 ? expr->items[at] : NULL;
	case RXC_SHAPE_ITEMS: return at < expr->count ? expr->items[at] : NULL;
	case RXC_SHAPE_FIELDS: return at < expr->count ? expr->fields[at].value : NULL;
	}
	rx_unreachable();
}

#endif
