/* Byte code as text, for people. */
#include <config.h>

#include "lang/engine.h"

#include "base/banned.h"

static const char *const names[] = {
#define RXL_OP(name, text) #name,
#include "lang/opcodes.def"
#undef RXL_OP
};

static void function_dump(const struct rxl_unit *unit, const struct rxl_function *fn, struct rx_buf *out)
{
	const struct rxl_symbols *symbols = &unit->engine->symbols;

	RX_BUF_LIT(out, "function ");
	rx_buf_str(out, fn->is_main ? RX_STR("(script)") : rxl_symbol_text(symbols, fn->name));
	rx_buf_printf(out, ": %u parameters, %u registers, %u instructions\n", fn->param_count, fn->reg_count, fn->code_count);
	for (uint32_t i = 0; i < fn->code_count; i++) {
		const struct rxl_ins plain = rxl_ins_plain(&fn->code[i]), *ins = &plain;

		rx_buf_printf(out, "%5u  %-11s a=%u b=%u c=%u", i, names[ins->op], ins->a, ins->b, ins->c);
		if (ins->flags)
			rx_buf_printf(out, " flags=%u", ins->flags);
		if ((ins->op >= RXL_OP_ADDF && ins->op <= RXL_OP_DIVF) || ins->op == RXL_OP_FROMF || ins->op == RXL_OP_OVERF)
			rx_buf_printf(out, " f=%g", ins->f);
		else if ((ins->op >= RXL_OP_ADDI && ins->op <= RXL_OP_GEI) || ins->op == RXL_OP_INT || ins->op == RXL_OP_CUR_OPI ||
			 ins->op == RXL_OP_FROMI)
			rx_buf_printf(out, " i=%lld", (long long)ins->i);
		else if (ins->i)
			rx_buf_printf(out, " jump=%d k=%d", ins->jump, ins->k);
		if (fn->positions[i])
			rx_buf_printf(out, "  ; %u:%u", fn->positions[i] >> 16, fn->positions[i] & 0xFFFF);
		rx_buf_byte(out, '\n');
	}
	for (uint32_t i = 0; i < fn->handler_count; i++)
		rx_buf_printf(out, "       errors in %u..%u go to %u\n", fn->handlers[i].start, fn->handlers[i].end, fn->handlers[i].target);
}

void rxl_unit_dump(const struct rxl_unit *unit, struct rx_buf *out)
{
	for (uint32_t i = 0; i < unit->function_count; i++)
		function_dump(unit, unit->functions[i], out);
}
