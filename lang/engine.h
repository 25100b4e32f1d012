/* The engine: registered natives, types and modules, settings, one machine. */
#ifndef RXL_ENGINE_H
#define RXL_ENGINE_H

#include <stdatomic.h>

#include "lang/compile.h"
#include "lang/library.h"
#include "lang/parse.h"
#include "lang/vm.h"

#define RXL_PARAMS_MAX 16

/* A registered native with its parameters resolved. */
struct rxl_overload {
	const struct rxl_native *row;   /* NULL in rxl_overload_none */
	struct rxl_overload *next;      /* of the same name, in order of registration */
	rxl_symbol name;
	uint8_t count;
	bool takes_fn;                  /* an Fn or ? parameter: a callback can change elements of a pure receiver */
	uint16_t types[RXL_PARAMS_MAX]; /* rxl_value_type_id or RXL_ANY_TYPE */
};
#define RXL_ANY_TYPE UINT16_MAX

struct rxl_module_const {
	rxl_symbol name;
	struct rxl_value value;
};

/* A module: of the host (natives and constants), or an imported script. */
struct rxl_module {
	uint32_t refs;
	struct rxl_engine *engine;
	rxl_symbol name;
	struct rxl_module *next;           /* engine's list */
	struct rxl_overload *overloads;
	struct rxl_module_const *consts;
	uint32_t const_count;
	size_t const_cap;
	struct rxl_module **subs;
	rxl_symbol *sub_names;
	uint32_t sub_count;
	size_t sub_cap, sub_name_cap;
	struct rxl_unit *unit;             /* imported script, or NULL */
	struct rexi_str path;
};

struct rxl_limits {
	uint64_t operations;     /* 0 none */
	uint32_t call_depth;     /* default 64 */
	uint32_t variables;      /* UINT32_MAX none */
	uint32_t modules;
	uint32_t functions;
	uint64_t time_ms;        /* 0 none */
	bool sizes;              /* some size limit is set */
	struct rxl_parse_limits parse;
};

typedef void (*rxl_text_hook)(void *user, struct rexi_str text);
typedef void (*rxl_debug_hook)(void *user, struct rexi_str text, struct rexi_str source, uint32_t line, uint32_t column);
/* Fills the module's source text (freed with `done`) or returns false: not found. */
typedef bool (*rxl_resolve_hook)(void *user, struct rexi_str path, struct rexi_str from, struct rexi_str *source_out);
/* A property of a map that is not there: true when *out (unit on entry) was filled with an owned value in its place. */
typedef bool (*rxl_missing_hook)(void *user, const struct rxl_value *map, struct rexi_str name, struct rxl_value *out);
/* Returns true to end the script with *token (unit on entry). */
typedef bool (*rxl_progress_hook)(void *user, uint64_t steps, struct rxl_value *token);

struct rxl_engine {
	struct rxl_heap heap;
	struct rxl_symbols symbols;
	struct rxl_vm vm;
	struct rx_arena arena;           /* overloads and modules */
	struct rxl_attached attached[RXL_LIBRARIES_MAX];
	uint32_t attached_count;
	bool registered;                 /* something was, beside libraries */
	const struct rxl_class *fixed_classes; /* of a library; then those registered one by one */
	uint32_t fixed_class_count;
	const struct rxl_class **classes;
	uint32_t class_count;
	size_t class_cap;
	struct rxl_module *modules;
	struct rxl_limits limits;
	bool strict_variables;
	/* Variables of the host that functions see too, as constants; borrowed, set before compiling. */
	const struct rxl_scope_var *shared_vars;
	const struct rxl_value *shared_values;
	uint32_t shared_count;
	uint32_t switches;
	bool fail_on_missing_property;
	/* to_json writes JSON only: characters, ranges and host values as strings, what is no number as null. The reference's
	 * text is no JSON there. */
	bool strict_json;
	struct rexi_str *disabled;
	uint32_t disabled_count;
	size_t disabled_cap;
	rxl_text_hook on_print;
	rxl_debug_hook on_debug;
	rxl_resolve_hook on_resolve;
	rxl_progress_hook on_progress;
	rxl_missing_hook on_missing;
	void *print_user, *debug_user, *resolve_user, *progress_user, *missing_user;
	void *user;
	atomic_bool terminate;
	bool shared_result;     /* a script's value may be a cell, for hosts that show it as the reference does */
	uint64_t closure_first; /* closure_seed where a script begins */
	uint64_t closure_seed;
	uint32_t module_count;           /* loaded in this run */
	struct rxl_module **loaded;      /* imports by path */
	uint32_t loaded_count;
	size_t loaded_cap;
};

/* allocator NULL: malloc; memory_limit 0: none. Registers nothing. NULL: out of memory. */
struct rxl_engine *rxl_engine_new(const struct rexi_allocator *allocator, size_t memory_limit);
void rxl_engine_free(struct rxl_engine *engine);
/*
 * Runs a compiled script. The error of a failed run is engine->vm.error (until the next run). exit() is success.
 * scope: variables of the host, read before and written after the run, also after a failed one; NULL: none.
 * The scope's variables must be those the unit was compiled with.
 */
struct rxl_scope;
enum rexi_status rxl_engine_run(struct rxl_engine *engine, struct rxl_unit *unit, struct rxl_scope *scope, struct rxl_value *out);
/* Calls a script function from outside a run; args are moved in. */
enum rexi_status rxl_engine_call(struct rxl_engine *engine, struct rxl_function *fn, struct rxl_value *args, unsigned argc,
				 struct rxl_value *out);
void rxl_engine_set_user(struct rxl_engine *engine, void *user);
/* Ends the run at its next step or poll. Async-signal-safe, for a handler on the thread that runs the script; the mark on
 * the budget may be lost to the step in progress, so it is set again until the run has ended. */
void rxl_engine_interrupt(struct rxl_engine *engine);
/* Disables a keyword, operator or function name; the text is copied. */
enum rexi_status rxl_engine_disable(struct rxl_engine *engine, struct rexi_str symbol);
/* The parser with the engine's settings. */
enum rexi_status rxl_engine_parse(struct rxl_engine *engine, struct rexi_str source, const struct rxl_compile_options *options,
				  struct rxl_ast *ast, struct rxl_parse_error *error);
/* A type of the language by its name in parameter lists: "int", "?". */
bool rxl_type_of_name(struct rexi_str name, uint16_t *out);
/* Stands where a name was looked up and is no native's. */
extern const struct rxl_overload rxl_overload_none;
struct rxl_overload *rxl_overloads_look_up(struct rxl_engine *engine, rxl_symbol name);
/* Enters an overload into the list: in place of one of equal types, or at its end. */
void rxl_overload_enter(struct rxl_overload **list, struct rxl_overload *made);
/* Overloads of a name, in order of registration. Takes no memory. */
RX_INLINE const struct rxl_overload *rxl_engine_overloads(struct rxl_engine *engine, rxl_symbol name)
{
	struct rxl_overload *list = engine->symbols.entries[name].natives;

	if (RX_UNLIKELY(!list))
		list = rxl_overloads_look_up(engine, name);
	return list == &rxl_overload_none ? NULL : list;
}
/* Calls `each` for every overload that scripts can call without a module's name. */
void rxl_engine_natives(struct rxl_engine *engine, void (*each)(void *user, const struct rxl_overload *overload), void *user);
/* A type by its number; NULL above the last. */
const struct rxl_class *rxl_engine_class(const struct rxl_engine *engine, uint32_t id);
/* A module of the host, made now when a library has it; NULL when there is none. */
enum rexi_status rxl_engine_find_module(struct rxl_engine *engine, rxl_symbol name, struct rxl_module **out);

/* Why `Fn(name)` is refused: "keyword", "symbol", or NULL. */
const char *rxl_reserved_kind(struct rexi_str name);

/* lang/module.c */
/* A constant by symbol; owns value. */
enum rexi_status rxl_module_set(struct rxl_engine *engine, struct rxl_module *module, rxl_symbol name, struct rxl_value value);
void rxl_module_unref(struct rxl_engine *engine, struct rxl_module *module);
/* The value that a module alias has in its register. */
extern const struct rxl_class rxl_module_class;
extern const struct rxl_class rxl_error_class;

#endif
