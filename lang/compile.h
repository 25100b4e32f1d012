/* Compiled scripts: units, functions, instructions; and the compiler that makes them from trees. */
#ifndef RXL_COMPILE_H
#define RXL_COMPILE_H

#include <string.h>

#include "lang/ast.h"
#include "lang/native.h"

enum rxl_op {
#define RXL_OP(name, text) RXL_OP_##name,
#include "lang/opcodes.def"
#undef RXL_OP
	RXL_OP_COUNT
};

struct rxl_function;

struct rxl_ins {
	uint8_t op, flags;
	uint16_t a;
	union {
		struct {
			uint16_t b, c;
		};
		int32_t n; /* of compare and branch: the integer or the constant */
	};
	union {
		int64_t i;
		double f;
		struct rxl_function *fn;
		const struct rxl_ins *to; /* of jumps, in finished code */
		struct {
			int32_t jump; /* relative to the next instruction */
			int32_t k;
		};
	};
};
_Static_assert(sizeof(struct rxl_ins) == 16, "an instruction is 16 bytes");
#define RXL_NO_REG UINT16_MAX

/* A position packed in 32 bits; 0 is none. */
RX_INLINE uint32_t rxl_pos_pack(struct rxl_pos pos)
{
	return (uint32_t)pos.line << 16 | pos.column;
}

/* Errors raised between start and end (instruction indexes) go on at target. Innermost first. */
struct rxl_handler {
	uint32_t start, end, target;
	uint16_t top;   /* registers from here on are dead at target */
	uint16_t saved; /* handler body: register with the kept error to raise again on `throw ()`; else RXL_NO_REG */
	bool value;     /* the handler begins with CATCH_VALUE */
	bool keep;      /* ... and then KEEP_ERROR */
};

/* What a call site or property site remembers. */
struct rxl_site {
	rxl_symbol name;
	uint32_t arg_count;                   /* receiver included for functions, not for methods */
	uint32_t text;                        /* constant with the name, of methods and paths */
	uint32_t hint;                        /* where a map had the name last */
	uint64_t key;                         /* argument types that `native` was found for; 0: nothing yet */
	const struct rxl_overload *native;
	struct rxl_function *method;          /* untyped script method of that name and arity, or NULL */
	bool global;                          /* path global::name, which no module of that name hides */
	bool typed;                           /* some typed script method of that name and arity exists */
	uint8_t special;                      /* enum rxl_special of a method-style special function, or 0 */
	const struct rxl_ast_path *path;      /* module path, or NULL */
	uint16_t module_reg;                  /* register of the path's first part, or RXL_NO_REG */
	const struct rxl_ast_call *call;      /* name!(...) */
	struct rxl_node *const *args;         /* argument expressions, for positions; or NULL */
	struct rxl_function *compiled;        /* name!(...): the body compiled for this place */
};

/* Where the visible variables are, for eval, name!() and is_def_var. */
struct rxl_scope_var {
	rxl_symbol name;
	uint16_t reg;
	uint16_t slot;              /* place in the reference's scope */
	bool is_const, is_module;
};

struct rxl_scope_map {
	struct rxl_scope_var *vars; /* outermost first */
	uint32_t count;
	uint16_t top;               /* first free register */
	uint16_t slots;             /* places taken in the reference's scope */
	bool global;                /* at the script's global level */
};

/* Hash of a subject of switch. */
RX_INLINE uint32_t rxl_switch_hash(const struct rxl_value *value)
{
	const struct rxl_value tag = { .tag = -1 };
	struct rxl_words words;
	uint64_t mix;

	if (value->type != RXL_TEXT && value->type != RXL_INT && value->type != RXL_CHAR)
		return (uint32_t)rxl_value_hash(value, 0);
	words = rxl_words_of(value);
	mix = ((words.head & ~rxl_words_of(&tag).head) ^ words.body ^ words.body >> 29) * UINT64_C(0x9E3779B97F4A7C15);
	return (uint32_t)(mix >> 32);
}

struct rxl_case {
	struct rxl_value value;
	int32_t target; /* instruction index */
	int32_t next;   /* in the hash chain, -1 ends */
};

struct rxl_switch {
	bool dense;           /* integers min .. min + count - 1 by `targets` */
	int64_t min;
	uint32_t span;        /* dense: number of targets */
	uint32_t count;
	int32_t *targets;     /* dense; -1: fallback */
	struct rxl_case *cases;
	int32_t *buckets;
	uint32_t bucket_mask;
	int32_t fallback;     /* ranges, then the default arm */
};

/* An object map literal: its keys in order, each with the place of its value among the operands. */
struct rxl_shape {
	uint32_t *keys; /* constants */
	uint16_t *from;
	uint16_t count;
};

struct rxl_capture {
	uint16_t from;       /* register in the maker */
	uint16_t slot;       /* of the variable, see rxl_scope_var */
	rxl_symbol name;
	uint32_t pos;
	bool missing;        /* no such variable: error when the closure is made */
};

struct rxl_function {
	struct rxl_unit *unit;
	rxl_symbol name;         /* closures: "anon$..." */
	rxl_symbol this_type;    /* or RXL_NO_SYMBOL */
	bool is_private, is_closure, is_main;
	bool is_scoped;          /* shares its caller's registers below first_reg */
	uint16_t first_reg;
	uint16_t param_count;    /* captures of a closure included, first */
	uint16_t capture_count;
	uint16_t reg_count;
	uint32_t code_count;
	struct rxl_ins *code;
	uint32_t *positions;     /* one per instruction */
	struct rxl_handler *handlers;
	uint32_t handler_count;
	struct rxl_capture *captures;
	const struct rxl_ast_fn *ast; /* NULL for main */
};

/* A compiled script. Counted: function pointers and modules keep it alive. Belongs to one engine. */
struct rxl_unit {
	uint32_t refs;
	struct rxl_engine *engine;
	struct rxl_ast ast;
	struct rexi_str source_name;    /* "" none; in the tree's arena */
	struct rxl_function **functions;/* the script's own first, in the order of ast.fns, then closures */
	uint32_t function_count, own_count;
	size_t function_cap;
	uint32_t *index;                /* hash of own function names: number + 1 */
	uint32_t index_mask;
	struct rxl_function *main;
	struct rxl_value *constants;
	uint32_t constant_count;
	size_t constant_cap;
	struct rxl_site *sites;
	uint32_t site_count;
	size_t site_cap;
	struct rxl_switch *switches;
	uint32_t switch_count;
	size_t switch_cap;
	struct rxl_shape *shapes;
	uint32_t shape_count;
	size_t shape_cap;
	struct rxl_scope_map *scopes;
	uint32_t scope_count;
	size_t scope_cap;
	struct rxl_unit *parent;        /* eval: the unit around; its functions are visible */
	/* main's variables at its end, for the host's scope */
	struct rxl_scope_var *globals;
	uint32_t global_count;
	uint64_t closure_seed;          /* of the closures that eval makes while this runs */
	uint32_t host_count;            /* variables of the host's scope, registers 0 .. host_count - 1 */
	/* state of a run */
	struct rxl_value global_consts; /* map or unit */
	rxl_symbol *import_names;       /* made at global level in this run */
	struct rxl_module **imports;
	uint32_t import_count;
	size_t import_cap, import_name_cap;
	struct rxl_module *module;      /* when this is the script of a module */
};

struct rxl_compile_options {
	bool strict_variables;
	const char *hidden_module; /* of the host; the strict check does not know it. NULL: none */
	struct rexi_str source_name;
	/* Host scope before the script. */
	const struct rxl_scope_var *vars;
	uint32_t var_count;
	/* eval and name!(): the scope around; registers are the maker's. */
	struct rxl_unit *parent;
	struct rxl_function *frame;  /* the function whose registers are shared */
	const struct rxl_scope_map *around;
};

/* Parses and compiles. On REXI_SYNTAX `message` (owned string value) and `pos` say why. */
enum rexi_status rxl_compile(struct rxl_engine *engine, struct rexi_str source, const struct rxl_compile_options *options,
			     struct rxl_unit **out, struct rxl_value *message, uint32_t *pos);
/* name!(...): the body of `fn` compiled into `unit` for the variables of `around`, its parameters from register top on. */
enum rexi_status rxl_compile_in_scope(struct rxl_unit *unit, const struct rxl_ast_fn *fn,
				      const struct rxl_scope_map *around, struct rxl_function **out);
void rxl_unit_ref(struct rxl_unit *unit);
void rxl_unit_unref(struct rxl_unit *unit);
/* Ends what a run left in the unit: global constants, imports. */
void rxl_unit_end_run(struct rxl_unit *unit);
/* Builds the look-up of own functions. */
bool rxl_unit_index(struct rxl_unit *unit);
/* The script function of that name and number of parameters without a this-type, in the unit or around it; or NULL. */
struct rxl_function *rxl_unit_function(const struct rxl_unit *unit, rxl_symbol name, uint32_t params);
/* The same for a typed method. */
struct rxl_function *rxl_unit_typed(const struct rxl_unit *unit, rxl_symbol type, rxl_symbol name, uint32_t params);
/* An instruction of finished code as the compiler wrote it: registers by number, jumps in instructions. */
struct rxl_ins rxl_ins_plain(const struct rxl_ins *ins);
/* Whether all that the machine takes for granted holds of the code; else why not, appended to complaint. For tests. */
bool rxl_unit_verify(const struct rxl_unit *unit, struct rx_buf *complaint);
/* Text of the byte code, for people. */
void rxl_unit_dump(const struct rxl_unit *unit, struct rx_buf *out);

/* Special functions of spec 6.8. */
enum rxl_special {
	RXL_SPECIAL_NONE,
	RXL_SPECIAL_TYPE_OF,
	RXL_SPECIAL_FN,
	RXL_SPECIAL_CALL,
	RXL_SPECIAL_CURRY,
	RXL_SPECIAL_IS_SHARED,
	RXL_SPECIAL_IS_DEF_VAR,
	RXL_SPECIAL_IS_DEF_FN,
	RXL_SPECIAL_EVAL,
};

#endif
