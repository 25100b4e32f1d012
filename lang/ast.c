#include <config.h>

#include "lang/ast.h"

void rxl_ast_init(struct rxl_ast *ast, struct rx_memory *memory)
{
	*ast = (struct rxl_ast){ .body = NULL };
	rx_arena_init(&ast->arena, memory);
}

void rxl_ast_fini(struct rxl_ast *ast)
{
	if (!ast)
		return;
	rx_arena_fini(&ast->arena);
	ast->body = NULL;
	ast->fns = NULL;
	ast->fn_count = 0;
}

struct rxl_pos rxl_node_start(const struct rxl_node *node)
{
	for (;;) {
		if (node->kind == RXL_NODE_CHAIN)
			node = node->u.chain->root;
		else if (node->kind == RXL_NODE_BINARY && node->op >= RXL_BINARY_AND)
			node = node->u.binary.left;
		else if (node->kind == RXL_NODE_PATH_VAR)
			return node->u.path_var.path->pos;
		else if (node->kind == RXL_NODE_CALL && node->u.call->path)
			return node->u.call->path->pos;
		else
			return node->pos;
	}
}

bool rxl_node_is_constant(const struct rxl_node *node)
{
	if (node->kind <= RXL_NODE_STRING || (node->kind == RXL_NODE_CLOSURE && node->u.fn->capture_count == 0))
		return true;
	if (node->kind == RXL_NODE_ARRAY) {
		for (uint32_t at = 0; at < node->u.list.count; at++)
			if (!rxl_node_is_constant(node->u.list.items[at]))
				return false;
		return true;
	}
	if (node->kind == RXL_NODE_MAP) {
		for (uint32_t at = 0; at < node->u.map.count; at++)
			if (!rxl_node_is_constant(node->u.map.entries[at].value))
				return false;
		return true;
	}
	return false;
}

const char *rxl_binary_text(enum rxl_binary op)
{
	static const char *const texts[] = {
#define RXL_BINARY_TEXT(name, text, precedence) text,
		RXL_BINARY_LIST(RXL_BINARY_TEXT)
#undef RXL_BINARY_TEXT
	};

	return texts[op];
}

const char *rxl_unary_text(enum rxl_unary op)
{
	static const char *const texts[] = { "-", "+", "!" };

	return texts[op];
}
