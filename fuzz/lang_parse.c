/*
 * rxl_parse: lexer and parser of scripts.
 * Invariants: the same answer twice; an error has a message and a place inside the source; every node of a tree lies in
 * the source and, where it has parts, has them; nothing leaks, also when an allocation fails at any point.
 */
#include <config.h>

#include "base/utf8.h"
#include "lang/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_node(const struct rxl_node *node, size_t len);

static void check_list(struct rxl_node *const *items, uint32_t count, size_t len)
{
	for (uint32_t at = 0; at < count; at++)
		check_node(items[at], len);
}

static void check_chain(const struct rxl_ast_chain *chain, size_t len)
{
	RX_ASSERT(chain->count > 0 && chain->root->kind != RXL_NODE_CHAIN);
	check_node(chain->root, len);
	for (uint32_t at = 0; at < chain->count; at++) {
		const struct rxl_ast_link *link = &chain->links[at];

		if (link->kind == RXL_LINK_INDEX)
			check_node(link->index, len);
		else
			RX_ASSERT(link->name != RXL_NO_SYMBOL);
		check_list(link->args, link->arg_count, len);
	}
}

static void check_switch(const struct rxl_ast_switch *stmt, size_t len)
{
	check_node(stmt->subject, len);
	RX_ASSERT(stmt->default_arm == UINT32_MAX || stmt->default_arm < stmt->arm_count);
	for (uint32_t at = 0; at < stmt->label_count; at++) {
		RX_ASSERT(stmt->labels[at].arm < stmt->arm_count);
		check_node(stmt->labels[at].value, len);
	}
	for (uint32_t at = 0; at < stmt->arm_count; at++) {
		if (stmt->arms[at].guard)
			check_node(stmt->arms[at].guard, len);
		check_node(stmt->arms[at].body, len);
	}
}

static void check_parts(const struct rxl_node *node, size_t len)
{
	switch ((enum rxl_node_kind)node->kind) {
	case RXL_NODE_UNIT:
	case RXL_NODE_BOOL:
	case RXL_NODE_INT:
	case RXL_NODE_FLOAT:
	case RXL_NODE_CHAR:
	case RXL_NODE_THIS:
	case RXL_NODE_CONTINUE:
		break;
	case RXL_NODE_STRING:
		RX_ASSERT(rx_utf8_valid(node->u.string) == node->u.string.len);
		break;
	case RXL_NODE_INTERPOLATION:
	case RXL_NODE_ARRAY:
	case RXL_NODE_BLOCK:
		check_list(node->u.list.items, node->u.list.count, len);
		break;
	case RXL_NODE_MAP:
		for (uint32_t at = 0; at < node->u.map.count; at++)
			check_node(node->u.map.entries[at].value, len);
		break;
	case RXL_NODE_VAR:
		RX_ASSERT(node->u.name != RXL_NO_SYMBOL);
		break;
	case RXL_NODE_PATH_VAR:
		RX_ASSERT(node->u.path_var.path->count > 0);
		break;
	case RXL_NODE_UNARY:
		check_node(node->u.operand, len);
		break;
	case RXL_NODE_BINARY:
	case RXL_NODE_ASSIGN:
		check_node(node->u.binary.left, len);
		check_node(node->u.binary.right, len);
		break;
	case RXL_NODE_CALL:
		check_list(node->u.call->args, node->u.call->arg_count, len);
		break;
	case RXL_NODE_CHAIN:
		check_chain(node->u.chain, len);
		break;
	case RXL_NODE_CLOSURE:
		check_node(node->u.fn->body, len);
		break;
	case RXL_NODE_IF:
		check_node(node->u.if_stmt->cond, len);
		check_node(node->u.if_stmt->then, len);
		if (node->u.if_stmt->otherwise)
			check_node(node->u.if_stmt->otherwise, len);
		break;
	case RXL_NODE_SWITCH:
		check_switch(node->u.switch_stmt, len);
		break;
	case RXL_NODE_WHILE:
	case RXL_NODE_DO:
		if (node->u.loop.cond)
			check_node(node->u.loop.cond, len);
		check_node(node->u.loop.body, len);
		break;
	case RXL_NODE_FOR:
		check_node(node->u.for_stmt->iterable, len);
		check_node(node->u.for_stmt->body, len);
		break;
	case RXL_NODE_TRY:
		check_node(node->u.try_stmt->body, len);
		check_node(node->u.try_stmt->handler, len);
		break;
	case RXL_NODE_LET:
		if (node->u.let.init)
			check_node(node->u.let.init, len);
		break;
	case RXL_NODE_BREAK:
	case RXL_NODE_RETURN:
	case RXL_NODE_THROW:
		if (node->u.value)
			check_node(node->u.value, len);
		break;
	case RXL_NODE_IMPORT:
		check_node(node->u.import.path, len);
		break;
	case RXL_NODE_EXPORT:
		RX_ASSERT(node->u.export_stmt.name != RXL_NO_SYMBOL);
		break;
	}
}

static void check_node(const struct rxl_node *node, size_t len)
{
	RX_ASSERT(node->start <= node->end && node->end <= len);
	check_parts(node, len);
}

static enum rexi_status run(struct rexi_str source, bool strict, size_t fail_at)
{
	static const struct rexi_str disabled[] = { RX_STR_INIT("eval"), RX_STR_INIT("**") };
	struct rxl_parse_options options = { .strict_variables = strict,
					     .disabled = disabled,
					     .disabled_count = strict ? RX_COUNT(disabled) : 0 };
	struct rxl_parse_error error, again;
	struct rxl_symbols symbols;
	struct rx_memory memory;
	struct rxl_ast ast, other;
	enum rexi_status status;

	rx_memory_init(&memory, NULL, (size_t)1 << 30);
	memory.fail_at = fail_at;
	rxl_symbols_init(&symbols, &memory, 0);
	rxl_ast_init(&ast, &memory);
	rxl_ast_init(&other, &memory);
	status = rxl_parse(source, &options, &symbols, &ast, &error);
	if (status == REXI_OK) {
		check_node(ast.body, source.len);
		for (uint32_t at = 0; at < ast.fn_count; at++)
			check_node(ast.fns[at]->body, source.len);
	} else if (status == REXI_SYNTAX) {
		RX_ASSERT(error.message.len > 0 && error.start <= error.end && error.end <= source.len);
	}
	if (!fail_at) {
		RX_ASSERT(rxl_parse(source, &options, &symbols, &other, &again) == status);
		RX_ASSERT(again.kind == error.kind && again.pos.line == error.pos.line &&
			  again.pos.column == error.pos.column && rx_str_eq(again.message, error.message));
	}
	rxl_ast_fini(&other);
	rxl_ast_fini(&ast);
	rxl_symbols_fini(&symbols);
	RX_ASSERT(memory.used == 0);
	return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rexi_str source = { (const char *)data, size };

	run(source, false, 0);
	run(source, true, 0);
	run(source, false, 1 + size % 97);
	return 0;
}
