/*
 * The floor below the machine: two workloads assembled by hand for a register machine that does no more than Rhai's
 * rules ask for (16-byte tagged values, a test of each operand's type, checked integers, a step counted on each jump
 * back and each call, a limit on depth). What the machine takes beyond it goes into everything else it can do.
 *
 * Usage: floor count|fib -- the programs bench/lang/count.* and bench/lang/fib.*; prints their result.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum type { UNIT, INT };

struct value {
	uint64_t type;
	int64_t i;
};

enum op { SET, MODI, NOT_EQUAL_JUMP, ADD, ADDI, LESS_LOOP, NOT_LESS_JUMP, CALL, RETURN, STOP };

struct ins {
	unsigned char op, a, b, c;
	int jump; /* relative to the next instruction */
	int64_t i;
};

struct frame {
	const struct ins *next;
	struct value *base;
};

static const struct ins count_code[] = {
	{ SET, 0, 0, 0, 0, 0 },
	{ SET, 1, 0, 0, 0, 0 },
	{ MODI, 2, 0, 0, 0, 3 },
	{ NOT_EQUAL_JUMP, 2, 0, 0, 1, 0 },
	{ ADD, 1, 1, 0, 0, 0 },
	{ ADDI, 0, 0, 0, 0, 1 },
	{ LESS_LOOP, 0, 0, 0, -5, 5000000 },
	{ STOP, 1, 0, 0, 0, 0 },
};

static const struct ins fib_code[] = {
	{ SET, 0, 0, 0, 0, 29 },
	{ CALL, 0, 0, 0, 1, 0 },
	{ STOP, 0, 0, 0, 0, 0 },
	{ NOT_LESS_JUMP, 0, 0, 0, 1, 2 },
	{ RETURN, 0, 0, 0, 0, 0 },
	{ ADDI, 1, 0, 0, 0, -1 },
	{ CALL, 1, 0, 0, -4, 0 },
	{ ADDI, 2, 0, 0, 0, -2 },
	{ CALL, 2, 0, 0, -6, 0 },
	{ ADD, 0, 1, 2, 0, 0 },
	{ RETURN, 0, 0, 0, 0, 0 },
};

/* The result, or -1 for what a script could do wrong. */
static int64_t run(const struct ins *pc, int64_t steps)
{
	static struct value registers[1024];
	static struct frame frames[128];
	struct value *r = registers;
	unsigned depth = 0;

	for (;;) {
		const struct ins *i = pc++;

		switch ((enum op)i->op) {
		case SET:
			r[i->a] = (struct value){ INT, i->i };
			continue;
		case MODI:
			if (r[i->b].type != INT || i->i <= 0)
				return -1;
			r[i->a] = (struct value){ INT, r[i->b].i % i->i };
			continue;
		case NOT_EQUAL_JUMP:
			if (r[i->a].type != INT)
				return -1;
			if (r[i->a].i != i->i)
				pc += i->jump;
			continue;
		case ADD:
			if (r[i->b].type != INT || r[i->c].type != INT || __builtin_add_overflow(r[i->b].i, r[i->c].i, &r[i->a].i))
				return -1;
			r[i->a].type = INT;
			continue;
		case ADDI:
			if (r[i->b].type != INT || __builtin_add_overflow(r[i->b].i, i->i, &r[i->a].i))
				return -1;
			r[i->a].type = INT;
			continue;
		case LESS_LOOP:
			if (r[i->a].type != INT)
				return -1;
			if (r[i->a].i < i->i) {
				pc += i->jump;
				if (--steps < 0)
					return -1;
			}
			continue;
		case NOT_LESS_JUMP:
			if (r[i->a].type != INT)
				return -1;
			if (r[i->a].i >= i->i)
				pc += i->jump;
			continue;
		case CALL:
			if (--steps < 0 || depth == 64)
				return -1;
			frames[depth++] = (struct frame){ pc, r };
			r += i->a;
			pc += i->jump;
			continue;
		case RETURN: {
			struct value result = r[i->a];

			depth--;
			pc = frames[depth].next;
			r[0] = result;
			r = frames[depth].base;
			continue;
		}
		case STOP:
			return r[i->a].i;
		}
	}
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "count") == 0)
		printf("%" PRId64 "\n", run(count_code, INT64_MAX));
	else if (argc == 2 && strcmp(argv[1], "fib") == 0)
		printf("%" PRId64 "\n", run(fib_code, INT64_MAX));
	else if (argc == 2 && strcmp(argv[1], "empty") == 0)
		puts("");
	else
		return 2;
	return 0;
}
