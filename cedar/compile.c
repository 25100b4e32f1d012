#include <config.h>

#include "cedar/code.h"

#include <stdlib.h>

#include "cedar/extension.h"

#include "base/banned.h"

struct compiler {
	struct rx_arena *arena; /* of constants and the finished code */
	struct rx_memory *memory;
	struct rxc_instr *instrs;
	size_t count, cap;
	uint32_t depth, deepest;
	bool failed;
	uint32_t wanted;              /* a word whose node is looked for; UINT32_MAX: none */
	const struct rxc_expr *found;
};

static void compile(struct compiler *compiler, const struct rxc_expr *expr);

static size_t emit(struct compiler *compiler, enum rxc_op op, unsigned sub, uint32_t at, const struct rxc_expr *node)
{
	if (!RX_GROW(compiler->memory, &compiler->instrs, &compiler->cap, compiler->count + 1)) {
		compiler->failed = true;
		return 0;
	}
	if (compiler->count == compiler->wanted)
		compiler->found = node;
	compiler->instrs[compiler->count] = (struct rxc_instr){ .op = (uint8_t)op, .sub = (uint8_t)sub, .at = at };
	return compiler->count++;
}

/* The word after the instruction just emitted. */
static void emit_payload(struct compiler *compiler, union rxc_payload payload)
{
	if (compiler->failed)
		return;
	if (!RX_GROW(compiler->memory, &compiler->instrs, &compiler->cap, compiler->count + 1)) {
		compiler->failed = true;
		return;
	}
	memcpy(&compiler->instrs[compiler->count++], &payload, sizeof(payload));
}

/* The instruction at `from` jumps to what comes next. */
static void land(struct compiler *compiler, size_t from)
{
	if (!compiler->failed)
		compiler->instrs[from].at = (uint32_t)compiler->count;
}

static void pushed(struct compiler *compiler)
{
	if (++compiler->depth > compiler->deepest)
		compiler->deepest = compiler->depth;
}

/* ---- constants ----------------------------------------------------------------------------------------------------- */

static bool constant(struct compiler *compiler, const struct rxc_expr *expr, struct rexi_cedar_value *out);

static bool constant_set(struct compiler *compiler, const struct rxc_expr *expr, struct rexi_cedar_value *out)
{
	struct rexi_cedar_value *items = rx_memory_take_zeroed(compiler->memory, expr->count + 1u, sizeof(*items));
	const struct rexi_cedar_set *set = NULL;
	uint32_t i = 0;

	while (items && i < expr->count && constant(compiler, expr->items[i], &items[i]))
		i++;
	if (items && i == expr->count) {
		set = rxc_set_make(compiler->arena, items, expr->count);
		compiler->failed |= !set;
	}
	compiler->failed |= !items;
	rx_memory_give(compiler->memory, items, (expr->count + 1u) * sizeof(*items));
	*out = (struct rexi_cedar_value){ .kind = REXI_CEDAR_SET, .as.set = set };
	return set != NULL;
}

static bool constant_record(struct compiler *compiler, const struct rxc_expr *expr, struct rexi_cedar_value *out)
{
	struct rexi_cedar_record *record =
		rx_arena_alloc(compiler->arena, 1, sizeof(*record) + expr->count * sizeof(record->fields[0]));

	if (!record) {
		compiler->failed = true;
		return false;
	}
	record->count = expr->count;
	for (uint32_t i = 0; i < expr->count; i++) {
		const struct rexi_cedar_name *name = expr->fields[i].name;
		struct rxc_slotted *field = &record->fields[i];

		*field = (struct rxc_slotted){ name->text.ptr, (uint32_t)name->text.len, (uint32_t)name->hash, { 0 } };
		if (!constant(compiler, expr->fields[i].value, &field->value))
			return false;
	}
	rxc_fields_sort(record->fields, record->count, NULL);
	*out = (struct rexi_cedar_value){ .kind = REXI_CEDAR_RECORD, .as.record = record };
	return true;
}

/* A constructor of a literal that does not err is a value; one that errs must err whenever it is evaluated. */
static bool constant_call(struct compiler *compiler, const struct rxc_expr *expr, struct rexi_cedar_value *out)
{
	char message[RXC_EXT_MESSAGE];
	struct rexi_cedar_ext ext, *kept;

	if (expr->count != 1 || expr->items[0]->kind != RXC_STRING ||
	    (expr->sub != RXC_FN_DECIMAL && expr->sub != RXC_FN_IP && expr->sub != RXC_FN_DATETIME && expr->sub != RXC_FN_DURATION) ||
	    !rxc_ext_parse((enum rxc_function)expr->sub, expr->items[0]->text, &ext, message))
		return false;
	kept = rx_arena_bytes(compiler->arena, sizeof(*kept));
	if (!kept) {
		compiler->failed = true;
		return false;
	}
	*kept = ext;
	*out = rxc_value_ext(kept);
	return true;
}

static bool constant(struct compiler *compiler, const struct rxc_expr *expr, struct rexi_cedar_value *out)
{
	switch (expr->kind) {
	case RXC_BOOL:
		*out = rxc_value_bool(expr->integer != 0);
		return true;
	case RXC_LONG:
		*out = rxc_value_long(expr->integer);
		return true;
	case RXC_STRING:
		*out = rxc_value_string(expr->text);
		return true;
	case RXC_UID:
		*out = rxc_value_uid(&expr->uid->uid);
		return true;
	case RXC_SET:
		return constant_set(compiler, expr, out);
	case RXC_RECORD:
		return constant_record(compiler, expr, out);
	case RXC_CALL:
		return constant_call(compiler, expr, out);
	default:
		return false;
	}
}

static bool emit_constant(struct compiler *compiler, const struct rxc_expr *expr)
{
	struct rexi_cedar_value value;
	size_t at;

	if (!constant(compiler, expr, &value))
		return false;
	at = emit(compiler, RXC_OP_CONSTANT, value.kind, value.len, NULL);
	if (!compiler->failed && value.kind == REXI_CEDAR_STRING)
		compiler->instrs[at].mark = value.reserved;
	emit_payload(compiler, (union rxc_payload){ .integer = value.as.integer });
	pushed(compiler);
	return true;
}

/* ---- expressions --------------------------------------------------------------------------------------------------- */

static bool is_bool(const struct rxc_expr *expr)
{
	switch ((enum rxc_expr_kind)expr->kind) {
	case RXC_BOOL: case RXC_NOT: case RXC_IS_EMPTY: case RXC_AND: case RXC_OR: case RXC_EQ: case RXC_NE: case RXC_LT: case RXC_LE:
	case RXC_GT: case RXC_GE: case RXC_IN: case RXC_CONTAINS: case RXC_CONTAINS_ALL: case RXC_CONTAINS_ANY: case RXC_HAS_TAG:
	case RXC_HAS: case RXC_HAS_PATH: case RXC_LIKE: case RXC_IS: case RXC_IS_IN:
		return true;
	default:
		return false;
	}
}

/* The value on top must be a bool, unless it can be nothing else. */
static void emit_check(struct compiler *compiler, const struct rxc_expr *expr)
{
	if (!is_bool(expr))
		emit(compiler, RXC_OP_CHECK_BOOL, 0, 0, expr);
}

/* a && b && c: every item but the last jumps to the end when it decides. */
static void compile_chain(struct compiler *compiler, const struct rxc_expr *expr, enum rxc_op op)
{
	uint32_t pending = UINT32_MAX; /* the jumps that wait for the end, linked through `at` */

	for (uint32_t i = 0; i < expr->count; i++) {
		compile(compiler, expr->items[i]);
		if (i + 1 == expr->count) {
			emit_check(compiler, expr->items[i]);
			break;
		}
		pending = (uint32_t)emit(compiler, op, 0, pending, expr->items[i]);
		compiler->depth--;
	}
	while (pending != UINT32_MAX && !compiler->failed) {
		uint32_t next = compiler->instrs[pending].at;

		land(compiler, pending);
		pending = next;
	}
}

static void compile_if(struct compiler *compiler, const struct rxc_expr *expr)
{
	size_t branch, jump;

	compile(compiler, expr->items[0]);
	branch = emit(compiler, RXC_OP_BRANCH, 0, 0, expr->items[0]);
	compiler->depth--;
	compile(compiler, expr->items[1]);
	jump = emit(compiler, RXC_OP_JUMP, 0, 0, expr);
	compiler->depth--;
	land(compiler, branch);
	compile(compiler, expr->items[2]);
	land(compiler, jump);
}

static int by_key(const void *a, const void *b)
{
	const struct rxc_field *const *x = a, *const *y = b;

	return rx_str_cmp((*x)->name->text, (*y)->name->text);
}

/* The values of a record are evaluated in the order of their keys. */
static void compile_record(struct compiler *compiler, const struct rxc_expr *expr)
{
	const struct rexi_cedar_name **names = RX_ARENA_ARRAY(compiler->arena, const struct rexi_cedar_name *, expr->count + 1u);
	size_t size = (expr->count + 1u) * sizeof(const struct rxc_field *);
	const struct rxc_field **sorted = rx_memory_take(compiler->memory, size);

	if (names && sorted) {
		for (uint32_t i = 0; i < expr->count; i++)
			sorted[i] = &expr->fields[i];
		qsort(sorted, expr->count, sizeof(*sorted), by_key);
		for (uint32_t i = 0; i < expr->count; i++) {
			names[i] = sorted[i]->name;
			compile(compiler, sorted[i]->value);
		}
		emit(compiler, RXC_OP_RECORD, 0, expr->count, NULL);
		emit_payload(compiler, (union rxc_payload){ .names = names });
		compiler->depth -= expr->count;
		pushed(compiler);
	} else {
		compiler->failed = true;
	}
	rx_memory_give(compiler->memory, sorted, size);
}

static void compile_binary(struct compiler *compiler, const struct rxc_expr *expr)
{
	if (expr->kind == RXC_IN && expr->left->kind == RXC_VAR && expr->left->sub != RXC_CONTEXT && expr->right->kind == RXC_UID) {
		emit(compiler, RXC_OP_VAR_IN, expr->left->sub, expr->right->uid->id, expr);
		emit_payload(compiler, (union rxc_payload){ .uid = expr->right->uid });
		pushed(compiler);
		return;
	}
	compile(compiler, expr->left);
	compile(compiler, expr->right);
	emit(compiler, (enum rxc_op)(RXC_OP_EQ + (expr->kind - RXC_EQ)), 0, 0, expr);
	compiler->depth--;
}

_Static_assert(sizeof(int64_t) >= sizeof(void *), "a payload holds a pointer");
_Static_assert(RXC_OP_HAS_TAG - RXC_OP_EQ == RXC_HAS_TAG - RXC_EQ, "binary operators stand in one order");

static void compile_is_in(struct compiler *compiler, const struct rxc_expr *expr)
{
	size_t test;

	compile(compiler, expr->left);
	test = emit(compiler, RXC_OP_IS_THEN, 0, 0, expr);
	emit_payload(compiler, (union rxc_payload){ .name = expr->is_in->type });
	compile(compiler, expr->is_in->in);
	emit(compiler, RXC_OP_IN, 0, 0, expr);
	compiler->depth--;
	land(compiler, test);
}

static void compile_items(struct compiler *compiler, const struct rxc_expr *expr, enum rxc_op op)
{
	for (uint32_t i = 0; i < expr->count; i++)
		compile(compiler, expr->items[i]);
	emit(compiler, op, expr->sub, expr->count, expr);
	compiler->depth -= expr->count;
	pushed(compiler);
}

static void compile_unary(struct compiler *compiler, const struct rxc_expr *expr, enum rxc_op op)
{
	compile(compiler, expr->left);
	emit(compiler, op, 0, 0, expr);
}

static void compile_has_path(struct compiler *compiler, const struct rxc_expr *expr)
{
	const struct rexi_cedar_name **names = RX_ARENA_ARRAY(compiler->arena, const struct rexi_cedar_name *, expr->count);

	if (!names) {
		compiler->failed = true;
		return;
	}
	memcpy(names, expr->names, expr->count * sizeof(*names));
	compile(compiler, expr->left);
	emit(compiler, RXC_OP_HAS_PATH, 0, expr->count, expr);
	emit_payload(compiler, (union rxc_payload){ .names = names });
}

static void compile(struct compiler *compiler, const struct rxc_expr *expr)
{
	if (compiler->failed)
		return;
	switch ((enum rxc_expr_kind)expr->kind) {
	case RXC_BOOL:
	case RXC_LONG:
	case RXC_STRING:
	case RXC_UID:
		(void)emit_constant(compiler, expr);
		return;
	case RXC_VAR:
		emit(compiler, RXC_OP_VAR, expr->sub, 0, expr);
		pushed(compiler);
		return;
	case RXC_SLOT:
		emit(compiler, RXC_OP_SLOT, expr->sub, 0, expr);
		pushed(compiler);
		return;
	case RXC_NOT:
		compile_unary(compiler, expr, RXC_OP_NOT);
		return;
	case RXC_NEG:
		compile_unary(compiler, expr, RXC_OP_NEG);
		return;
	case RXC_IS_EMPTY:
		compile_unary(compiler, expr, RXC_OP_IS_EMPTY);
		return;
	case RXC_AND:
		compile_chain(compiler, expr, RXC_OP_AND);
		return;
	case RXC_OR:
		compile_chain(compiler, expr, RXC_OP_OR);
		return;
	case RXC_EQ: case RXC_NE: case RXC_LT: case RXC_LE: case RXC_GT: case RXC_GE: case RXC_IN: case RXC_ADD: case RXC_SUB: case RXC_MUL:
	case RXC_CONTAINS: case RXC_CONTAINS_ALL: case RXC_CONTAINS_ANY: case RXC_GET_TAG: case RXC_HAS_TAG:
		compile_binary(compiler, expr);
		return;
	case RXC_ATTR:
		if (expr->left->kind == RXC_VAR) {
			emit(compiler, RXC_OP_VAR_ATTR, expr->left->sub, expr->name->id, expr);
			pushed(compiler);
			return;
		}
		compile(compiler, expr->left);
		emit(compiler, RXC_OP_ATTR, 0, expr->name->id, expr);
		return;
	case RXC_HAS:
		compile(compiler, expr->left);
		emit(compiler, RXC_OP_HAS, 0, expr->name->id, expr);
		return;
	case RXC_HAS_PATH:
		compile_has_path(compiler, expr);
		return;
	case RXC_LIKE:
		compile_unary(compiler, expr, RXC_OP_LIKE);
		emit_payload(compiler, (union rxc_payload){ .pattern = expr->pattern });
		return;
	case RXC_IS:
		compile(compiler, expr->left);
		emit(compiler, RXC_OP_IS, 0, expr->name->id, expr);
		return;
	case RXC_IS_IN:
		compile_is_in(compiler, expr);
		return;
	case RXC_IF:
		compile_if(compiler, expr);
		return;
	case RXC_SET:
		if (!emit_constant(compiler, expr))
			compile_items(compiler, expr, RXC_OP_SET);
		return;
	case RXC_RECORD:
		if (!emit_constant(compiler, expr))
			compile_record(compiler, expr);
		return;
	case RXC_CALL:
		if (!emit_constant(compiler, expr))
			compile_items(compiler, expr, RXC_OP_CALL);
		return;
	case RXC_EXPR_KINDS:
		break;
	}
	rx_unreachable();
}

static struct rxc_code *finish(struct compiler *compiler)
{
	struct rxc_code *code = NULL;

	emit(compiler, RXC_OP_END, 0, 0, NULL);
	if (!compiler->failed)
		code = rx_arena_bytes(compiler->arena, sizeof(*code) + compiler->count * sizeof(code->instrs[0]));
	if (code) {
		code->count = (uint32_t)compiler->count;
		code->stack = compiler->deepest;
		memcpy(code->instrs, compiler->instrs, compiler->count * sizeof(code->instrs[0]));
	}
	rx_memory_give(compiler->memory, compiler->instrs, compiler->cap * sizeof(*compiler->instrs));
	return code;
}

static void compile_conditions(struct compiler *compiler, const struct rxc_condition *conditions, uint32_t count)
{
	uint32_t pending = UINT32_MAX;

	for (uint32_t i = 0; i < count; i++) {
		compile(compiler, conditions[i].body);
		if (conditions[i].unless)
			emit(compiler, RXC_OP_NOT, 0, 0, conditions[i].body);
		if (i + 1 == count) {
			if (!conditions[i].unless)
				emit_check(compiler, conditions[i].body);
			break;
		}
		pending = (uint32_t)emit(compiler, RXC_OP_AND, 0, pending, conditions[i].body);
		compiler->depth--;
	}
	while (pending != UINT32_MAX && !compiler->failed) {
		uint32_t next = compiler->instrs[pending].at;

		land(compiler, pending);
		pending = next;
	}
}

struct rxc_code *rxc_compile_expression(struct rx_arena *arena, struct rx_memory *scratch, const struct rxc_expr *expr)
{
	struct compiler compiler = { .arena = arena, .memory = scratch, .wanted = UINT32_MAX };

	compile(&compiler, expr);
	return finish(&compiler);
}

struct rxc_code *rxc_compile_conditions(struct rx_arena *arena, struct rx_memory *scratch, const struct rxc_condition *conditions,
					uint32_t count)
{
	struct compiler compiler = { .arena = arena, .memory = scratch, .wanted = UINT32_MAX };

	compile_conditions(&compiler, conditions, count);
	return finish(&compiler);
}

const struct rxc_expr *rxc_compile_find(struct rx_arena *arena, struct rx_memory *scratch, const struct rxc_template *body,
					const struct rxc_expr *expr, uint32_t at)
{
	struct compiler compiler = { .arena = arena, .memory = scratch, .wanted = at };

	if (body)
		compile_conditions(&compiler, body->conditions, body->condition_count);
	else
		compile(&compiler, expr);
	rx_memory_give(scratch, compiler.instrs, compiler.cap * sizeof(*compiler.instrs));
	return compiler.failed ? NULL : compiler.found;
}
