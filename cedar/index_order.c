#include <config.h>

#include "cedar/index.h"

#include "cedar/code.h"

#include "base/banned.h"

/*
 * Policies that every request tries stand in an order that a processor foresees: those whose conditions begin with the
 * same instructions together, and among them by the constant that these compare with. The order of trying does not
 * show: what a decision reports is in the order of the set.
 */

enum { DIGIT_BITS = 8, DIGITS = 64 / DIGIT_BITS, VALUES = 1 << DIGIT_BITS, FEW = 4, SHORT = 32 };

struct keyed {
	uint64_t key;
	uint32_t from, reserved;
};

/* Alike for constants that are likely to compare alike. */
static uint32_t constant_key(const struct rxc_instr *pc)
{
	const int64_t integer = rxc_instr_payload(pc).integer;
	const struct rexi_cedar_value value = { .kind = pc->sub, .len = pc->at, .as.integer = integer };
	uint32_t key = 0;

	switch ((enum rexi_cedar_kind)pc->sub) {
	case REXI_CEDAR_LONG:
		return integer < -INT32_MAX ? 0 : integer > INT32_MAX ? UINT32_MAX : (uint32_t)(integer + INT32_MAX);
	case REXI_CEDAR_STRING:
		for (uint32_t i = 0; i < 4; i++)
			key = key << 8 | (i < value.len ? (unsigned char)value.as.text[i] : 0);
		return key;
	case REXI_CEDAR_ENTITY:
		return (uint32_t)value.as.uid->hash;
	case REXI_CEDAR_BOOL:
		return (uint32_t)integer;
	case REXI_CEDAR_SET:
	case REXI_CEDAR_RECORD:
	case REXI_CEDAR_DECIMAL:
	case REXI_CEDAR_IPADDR:
	case REXI_CEDAR_DATETIME:
	case REXI_CEDAR_DURATION:
		return 0;
	}
	rx_unreachable();
}

/* The instructions up to the next that may leave out others, in 16 bits; *pc moves past it. */
static uint32_t shape(const struct rxc_instr **pc, uint32_t *constant)
{
	uint32_t hash = 0;

	for (const struct rxc_instr *at = *pc;; at += rxc_op_has_payload(at->op) ? 2 : 1) {
		bool named = at->op == RXC_OP_VAR_ATTR || at->op == RXC_OP_ATTR || at->op == RXC_OP_HAS || at->op == RXC_OP_IS;

		hash = (hash ^ at->op ^ (uint32_t)at->sub << 8 ^ (named ? at->at << 12 : 0)) * UINT32_C(0x9E3779B1);
		if (at->op == RXC_OP_CONSTANT)
			*constant = constant_key(at);
		else if (at->op == RXC_OP_VAR_IN)
			*constant = rxc_instr_payload(at).uid->id;
		*pc = at + 1;
		if (at->op == RXC_OP_AND || at->op == RXC_OP_OR || at->op == RXC_OP_BRANCH || at->op == RXC_OP_END)
			return hash >> 16;
	}
}

static uint64_t order_key(const struct rxc_code *code)
{
	uint32_t constant = 0, ignored = 0, first, second = 0;
	const struct rxc_instr *pc;

	if (!code)
		return 0;
	pc = code->instrs;
	first = shape(&pc, &constant);
	if (pc[-1].op != RXC_OP_END)
		second = shape(&pc, &ignored);
	return (uint64_t)first << 48 | (uint64_t)constant << 16 | second;
}

/* One pass of a sort by digits, which is linear. */
static void sort_digit(const struct keyed *from, struct keyed *to, size_t count, unsigned shift)
{
	size_t starts[VALUES] = { 0 }, at = 0;

	for (size_t i = 0; i < count; i++)
		starts[from[i].key >> shift & (VALUES - 1)]++;
	for (unsigned i = 0; i < VALUES; i++) {
		size_t here = starts[i];

		starts[i] = at;
		at += here;
	}
	for (size_t i = 0; i < count; i++)
		to[starts[from[i].key >> shift & (VALUES - 1)]++] = from[i];
}

/* By insertion, where that is less than a look at every digit. */
static void order_short(struct rxc_entry *entries, size_t count)
{
	uint64_t keys[SHORT];

	for (size_t i = 0; i < count; i++) {
		const struct rxc_entry entry = entries[i];
		uint64_t key = order_key(entry.code);
		size_t at = i;

		for (; at > 0 && keys[at - 1] > key; at--) {
			entries[at] = entries[at - 1];
			keys[at] = keys[at - 1];
		}
		entries[at] = entry;
		keys[at] = key;
	}
}

void rxc_index_order(struct rx_memory *memory, struct rxc_entry *entries, size_t count)
{
	struct keyed *keyed, *other, *swap;
	struct rxc_entry *copy;

	if (count < FEW)
		return;
	if (count <= SHORT) {
		order_short(entries, count);
		return;
	}
	keyed = rx_memory_take_zeroed(memory, count, sizeof(*keyed));
	other = rx_memory_take_zeroed(memory, count, sizeof(*other));
	copy = rx_memory_take_zeroed(memory, count, sizeof(*copy));
	if (keyed && other && copy) {
		for (size_t i = 0; i < count; i++)
			keyed[i] = (struct keyed){ .key = order_key(entries[i].code), .from = (uint32_t)i };
		for (unsigned digit = 0; digit < DIGITS; digit++) {
			sort_digit(keyed, other, count, digit * DIGIT_BITS);
			swap = keyed;
			keyed = other;
			other = swap;
		}
		memcpy(copy, entries, count * sizeof(*copy));
		for (size_t i = 0; i < count; i++)
			entries[i] = copy[keyed[i].from];
	}
	rx_memory_give(memory, keyed, keyed ? count * sizeof(*keyed) : 0);
	rx_memory_give(memory, other, other ? count * sizeof(*other) : 0);
	rx_memory_give(memory, copy, copy ? count * sizeof(*copy) : 0);
}
