/*
 * What the machine takes for granted about finished code, checked: registers, constants, sites and functions exist, jumps lead
 * to instructions, back by counted ones alone, and no way leads past the end. For tests and fuzzing; a run does not need it.
 */
#include <config.h>

#include "lang/compile.h"

#include "base/banned.h"

/*
 * What each operand is. a b c: registers; A B C: registers or none. [: registers a to a + b - 1; (: b to b + c - 1; <: c to
 * c + b - 1; j: `jump` to jump + b - 1. 1, 2: also a + 1, a + 2. k: a constant, s: a site, w: a switch, h: a shape, f: a
 * function, m: a scope. An instruction without a row is looked at for its jumps alone.
 */
static const char *const rules[RXL_OP_COUNT] = {
	[RXL_OP_MOVE] = "ab", [RXL_OP_TAKE] = "ab", [RXL_OP_CONST] = "ak", [RXL_OP_UNIT] = "a", [RXL_OP_TRUE] = "a",
	[RXL_OP_FALSE] = "a", [RXL_OP_INT] = "a", [RXL_OP_DROP] = "[", [RXL_OP_GETV] = "ab", [RXL_OP_SETV] = "ab",
	[RXL_OP_GET_THIS] = "a", [RXL_OP_SET_THIS] = "b", [RXL_OP_DYN_MARK] = "a", [RXL_OP_DYN_RESET] = "a",
	[RXL_OP_ADD] = "abc", [RXL_OP_SUB] = "abc", [RXL_OP_MUL] = "abc", [RXL_OP_DIV] = "abc", [RXL_OP_MOD] = "abc",
	[RXL_OP_POW] = "abc", [RXL_OP_SHL] = "abc", [RXL_OP_SHR] = "abc", [RXL_OP_BIT_AND] = "abc", [RXL_OP_BIT_OR] = "abc",
	[RXL_OP_BIT_XOR] = "abc", [RXL_OP_EQ] = "abc", [RXL_OP_NE] = "abc", [RXL_OP_LT] = "abc", [RXL_OP_LE] = "abc",
	[RXL_OP_GT] = "abc", [RXL_OP_GE] = "abc", [RXL_OP_RANGE] = "abc", [RXL_OP_RANGE_INC] = "abc",
	[RXL_OP_ADDI] = "ab", [RXL_OP_SUBI] = "ab", [RXL_OP_MULI] = "ab", [RXL_OP_DIVI] = "ab", [RXL_OP_MODI] = "ab",
	[RXL_OP_POWI] = "ab", [RXL_OP_SHLI] = "ab", [RXL_OP_SHRI] = "ab", [RXL_OP_BIT_ANDI] = "ab", [RXL_OP_BIT_ORI] = "ab",
	[RXL_OP_BIT_XORI] = "ab", [RXL_OP_EQI] = "ab", [RXL_OP_NEI] = "ab", [RXL_OP_LTI] = "ab", [RXL_OP_LEI] = "ab",
	[RXL_OP_GTI] = "ab", [RXL_OP_GEI] = "ab", [RXL_OP_ADDF] = "ab", [RXL_OP_SUBF] = "ab", [RXL_OP_MULF] = "ab",
	[RXL_OP_DIVF] = "ab", [RXL_OP_MINUS] = "ab", [RXL_OP_PLUS] = "ab", [RXL_OP_NOT] = "ab", [RXL_OP_IN] = "abcs",
	[RXL_OP_JF] = "a", [RXL_OP_JT] = "a", [RXL_OP_JUNIT] = "a", [RXL_OP_JISUNIT] = "a", [RXL_OP_CHECK_BOOL] = "a",
	[RXL_OP_JNEQ] = "ab", [RXL_OP_JNNE] = "ab", [RXL_OP_JNLT] = "ab", [RXL_OP_JNLE] = "ab", [RXL_OP_JNGT] = "ab",
	[RXL_OP_JNGE] = "ab", [RXL_OP_JEQ] = "ab", [RXL_OP_JNE] = "ab", [RXL_OP_JLT] = "ab", [RXL_OP_JLE] = "ab",
	[RXL_OP_JGT] = "ab", [RXL_OP_JGE] = "ab", [RXL_OP_JNEQI] = "a", [RXL_OP_JNNEI] = "a", [RXL_OP_JNLTI] = "a",
	[RXL_OP_JNLEI] = "a", [RXL_OP_JNGTI] = "a", [RXL_OP_JNGEI] = "a", [RXL_OP_JEQI] = "a", [RXL_OP_JNEI] = "a",
	[RXL_OP_JLTI] = "a", [RXL_OP_JLEI] = "a", [RXL_OP_JGTI] = "a", [RXL_OP_JGEI] = "a", [RXL_OP_JNEQK] = "ak",
	[RXL_OP_JNNEK] = "ak", [RXL_OP_JNLTK] = "ak", [RXL_OP_JNLEK] = "ak", [RXL_OP_JNGTK] = "ak", [RXL_OP_JNGEK] = "ak",
	[RXL_OP_JEQK] = "ak", [RXL_OP_JNEK] = "ak", [RXL_OP_JLTK] = "ak", [RXL_OP_JLEK] = "ak", [RXL_OP_JGTK] = "ak",
	[RXL_OP_JGEK] = "ak", [RXL_OP_CALL] = "[", [RXL_OP_CALLN] = "[Cs", [RXL_OP_CALLN_THIS] = "[s", [RXL_OP_METHOD] = "acjs",
	[RXL_OP_METHOD_CUR] = "a<s", [RXL_OP_CALL_PATH] = "[Cs", [RXL_OP_GET_PATH] = "as", [RXL_OP_RET] = "a",
	[RXL_OP_RET_SCOPED] = "ab", [RXL_OP_CLOSURE] = "af", [RXL_OP_THROW] = "a", [RXL_OP_ARRAY] = "a(", [RXL_OP_ARRAY_MORE] = "a(",
	[RXL_OP_MAP] = "abh", [RXL_OP_MAP_PUT] = "abk", [RXL_OP_TEXT] = "a", [RXL_OP_TEXT_ADD] = "ab", [RXL_OP_TEXT_CONST] = "ak",
	[RXL_OP_KEY_RR] = "abk", [RXL_OP_KEY_RC] = "abk", [RXL_OP_KEY_CR] = "ak", [RXL_OP_KEY_CC] = "ak", [RXL_OP_IDX_RR] = "abc",
	[RXL_OP_IDX_RC] = "bc", [RXL_OP_IDX_CR] = "ac", [RXL_OP_IDX_CC] = "c", [RXL_OP_CUR_REG] = "B", [RXL_OP_CUR_GET] = "a",
	[RXL_OP_CUR_UNIT] = "a", [RXL_OP_KEY_W] = "ak", [RXL_OP_IDX_W] = "c", [RXL_OP_KEY_SET] = "bk", [RXL_OP_IDX_SET] = "bc",
	[RXL_OP_KEY_SET_R] = "abk", [RXL_OP_IDX_SET_R] = "abc", [RXL_OP_CUR_SET] = "b", [RXL_OP_CUR_OP] = "b",
	[RXL_OP_FOR_RANGE] = "abc1", [RXL_OP_NEXT_RANGE] = "a1b", [RXL_OP_NEXT_COUNT] = "a1b", [RXL_OP_FOR_INIT] = "ab1",
	[RXL_OP_NEXT_ITEM] = "a1b", [RXL_OP_SWITCH] = "aw", [RXL_OP_IN_CASE] = "ak", [RXL_OP_IMPORT] = "ab", [RXL_OP_EXPORT] = "b",
	[RXL_OP_GLOBAL_CONST] = "b", [RXL_OP_VAR_DYN] = "aB", [RXL_OP_SET_DYN] = "aB", [RXL_OP_KEEP_DYN] = "b", [RXL_OP_EVAL] = "am",
	[RXL_OP_DEF_VAR] = "am", [RXL_OP_ERROR_TEXT] = "k", [RXL_OP_CATCH_VALUE] = "a", [RXL_OP_KEEP_ERROR] = "a",
};

static const char *const names[] = {
#define RXL_OP(name, text) #name,
#include "lang/opcodes.def"
#undef RXL_OP
};

struct check {
	const struct rxl_unit *unit;
	const struct rxl_function *fn;
	struct rx_buf *out;
	uint32_t at;
	bool failed;
};

static void complain(struct check *check, const char *what, long long value)
{
	if (!check->failed)
		rx_buf_printf(check->out, "instruction %u, %s: %s %lld", check->at,
			      check->at < check->fn->code_count ? names[check->fn->code[check->at].op] : "?", what, value);
	check->failed = true;
}

/* Registers from..from+count; */
static void registers(struct check *check, long long from, unsigned count)
{
	if (from < 0 || (count && from + count > check->fn->reg_count))
		complain(check, "no such register:", from + count - 1);
}

static void index_of(struct check *check, const char *what, long long index, uint32_t count)
{
	if (index < 0 || index >= count)
		complain(check, what, index);
}

static void operands(struct check *check, const struct rxl_ins *ins)
{
	const struct rxl_unit *unit = check->unit;

	for (const char *rule = rules[ins->op]; rule && *rule; rule++) {
		switch (*rule) {
		case 'a': registers(check, ins->a, 1); break;
		case 'b': registers(check, ins->b, 1); break;
		case 'c': registers(check, ins->c, 1); break;
		case 'B': registers(check, ins->b, ins->b != RXL_NO_REG); break;
		case 'C': registers(check, ins->c, ins->c != RXL_NO_REG); break;
		case '1': registers(check, ins->a + 1, 1); break;
		case '[': registers(check, ins->a, ins->b); break;
		case '(': registers(check, ins->b, ins->c); break;
		case '<': registers(check, ins->c, ins->b); break;
		case 'j': registers(check, ins->jump, ins->b); break;
		case 'k': index_of(check, "no such constant:", ins->k, unit->constant_count); break;
		case 's': index_of(check, "no such site:", ins->k, unit->site_count); break;
		case 'w': index_of(check, "no such switch:", ins->k, unit->switch_count); break;
		case 'h': index_of(check, "no such shape:", ins->k, unit->shape_count); break;
		case 'f': index_of(check, "no such function:", ins->k, unit->function_count); break;
		case 'm': index_of(check, "no such scope:", ins->k, unit->scope_count); break;
		default: rx_unreachable();
		}
	}
}

/* Jumps that count a step when they are taken. */
static bool counts(unsigned op)
{
	return op == RXL_OP_LOOP || op == RXL_OP_JT || op == RXL_OP_NEXT_RANGE || op == RXL_OP_NEXT_COUNT || op == RXL_OP_NEXT_ITEM ||
	       (op >= RXL_OP_JEQ && op <= RXL_OP_JGE) || (op >= RXL_OP_JEQI && op <= RXL_OP_JGEI) ||
	       (op >= RXL_OP_JEQK && op <= RXL_OP_JGEK);
}

static bool jumps(unsigned op)
{
	return counts(op) || op == RXL_OP_JUMP || op == RXL_OP_JF || op == RXL_OP_JUNIT || op == RXL_OP_JISUNIT ||
	       (op >= RXL_OP_JNEQ && op <= RXL_OP_JGEK) || op == RXL_OP_METHOD_TRY || op == RXL_OP_CUR_UNIT || op == RXL_OP_FOR_RANGE ||
	       op == RXL_OP_IN_CASE;
}

static bool ends(unsigned op)
{
	return op == RXL_OP_RET || op == RXL_OP_RET_UNIT || op == RXL_OP_RET_SCOPED || op == RXL_OP_JUMP || op == RXL_OP_LOOP ||
	       op == RXL_OP_THROW;
}

/* Marks what can follow instruction `at` without a step, after it in `todo`. */
static void follow(const struct check *check, uint32_t at, uint32_t *todo, uint32_t *count, bool *seen)
{
	const struct rxl_ins ins = rxl_ins_plain(&check->fn->code[at]);
	long long ways[2] = { ends(ins.op) ? -1 : (long long)at + 1,
			      jumps(ins.op) && !counts(ins.op) ? (long long)at + 1 + ins.jump : -1 };

	for (unsigned i = 0; i < 2; i++)
		if (ways[i] >= 0 && ways[i] < check->fn->code_count && !seen[ways[i]]) {
			seen[ways[i]] = true;
			todo[(*count)++] = (uint32_t)ways[i];
		}
}

/*
 * Whether the way back to `to` comes around to where it began. Code that stands aside, as METHOD_TRY's walk for writing, leads
 * back without a round. (Arms of a switch lead forward alone.)
 */
static bool comes_around(const struct check *check, uint32_t to)
{
	struct rx_memory *memory = check->out->memory;
	uint32_t total = check->fn->code_count, count = 0, *todo = rx_memory_take(memory, total * sizeof(*todo));
	bool *seen = rx_memory_take_zeroed(memory, total, sizeof(*seen)), found = !todo || !seen;

	if (!found) {
		seen[to] = true;
		todo[count++] = to;
		for (uint32_t i = 0; i < count; i++)
			follow(check, todo[i], todo, &count, seen);
		found = seen[check->at];
	}
	rx_memory_give(memory, todo, total * sizeof(*todo));
	rx_memory_give(memory, seen, total * sizeof(*seen));
	return found;
}

static void target(struct check *check, long long to, bool counted)
{
	if (to < 0 || to >= check->fn->code_count)
		complain(check, "leads out of the code, to", to);
	else if (to <= check->at && !counted && comes_around(check, (uint32_t)to))
		complain(check, "leads back without a step, to", to);
}

static void switch_targets(struct check *check, const struct rxl_switch *table)
{
	for (uint32_t i = 0; table->dense && i < table->span; i++)
		if (table->targets[i] >= 0)
			target(check, table->targets[i], false);
	for (uint32_t i = 0; !table->dense && i < table->count; i++)
		target(check, table->cases[i].target, false);
	target(check, table->fallback, false);
}

static void function_check(struct check *check)
{
	const struct rxl_function *fn = check->fn;
	unsigned last;

	if (fn->param_count > fn->reg_count || fn->capture_count > fn->param_count || fn->first_reg > fn->reg_count)
		complain(check, "parameters without registers:", fn->param_count);
	for (check->at = 0; check->at < fn->code_count; check->at++) {
		struct rxl_ins ins;

		if (fn->code[check->at].op >= RXL_OP_COUNT) {
			complain(check, "no such instruction:", fn->code[check->at].op);
			return;
		}
		ins = rxl_ins_plain(&fn->code[check->at]);
		operands(check, &ins);
		if (jumps(ins.op))
			target(check, (long long)check->at + 1 + ins.jump, counts(ins.op));
		if (ins.op == RXL_OP_SWITCH && !check->failed)
			switch_targets(check, &check->unit->switches[ins.k]);
	}
	check->at = 0;
	last = fn->code_count ? fn->code[fn->code_count - 1].op : RXL_OP_NOP;
	if (!ends(last))
		complain(check, "a way leads past the end, after", fn->code_count);
	for (uint32_t i = 0; i < fn->handler_count; i++) {
		const struct rxl_handler *handler = &fn->handlers[i];

		/* the one for a handler's body knows the error that it keeps, and no place to go on */
		if (handler->start > handler->end || handler->end > fn->code_count ||
		    (handler->saved != RXL_NO_REG ? handler->saved >= fn->reg_count
						  : handler->target >= fn->code_count || handler->top > fn->reg_count))
			complain(check, "a handler out of the code:", i);
	}
}

bool rxl_unit_verify(const struct rxl_unit *unit, struct rx_buf *complaint)
{
	struct check check = { .unit = unit, .out = complaint };

	for (uint32_t i = 0; i <= unit->function_count && !check.failed; i++) {
		check.fn = i < unit->function_count ? unit->functions[i] : unit->main;
		if (check.fn)
			function_check(&check);
	}
	return !check.failed;
}
