/* The machine: registers, frames, and what calls into and out of it need. */
#ifndef RXL_VM_H
#define RXL_VM_H

#include "lang/compile.h"
#include "lang/error.h"

struct rxl_frame {
	const struct rxl_ins *pc;   /* where to go on; its predecessor is the call in progress */
	struct rxl_value *base;
	struct rxl_function *fn;
	struct rxl_value *self;     /* `this`, or NULL */
	union {
		struct rxl_cell *lock;  /* locked while this frame runs, or NULL */
		struct rxl_each *each;  /* what comes after it */
	};
	struct rxl_value dynamic;   /* variables that eval made: a map, or unit */
	uint8_t flags;              /* FRAME_* of vm.c */
};

/* A run of registers that never moves; a frame lies in one whole. */
struct rxl_segment {
	struct rxl_segment *older;
	struct rxl_value *end;   /* registers up to here are units or in use */
	struct rxl_value *limit; /* end can be moved up to here */
	size_t size;
	struct rxl_value registers[];
};

/* A property read before: short names by type, so that a getter's name need not be made and looked up each time. */
struct rxl_getter {
	struct rxl_words name; /* a TEXT with tag 0 */
	unsigned type;         /* rxl_value_type_id */
	const struct rxl_overload *native; /* NULL: nothing yet */
};
#define RXL_GETTERS 16

struct rxl_vm {
	struct rxl_engine *engine;
	struct rxl_heap *heap;
	struct rxl_frame *frames; /* [0] is the script */
	uint32_t depth;           /* frames in use */
	size_t frame_cap;
	uint32_t depth_room;      /* below it a call needs no look at frame_cap and level_max */
	uint32_t level, level_max;/* nested script calls */
	uint32_t callback_level;  /* natives that are calling back; each counts as a call */
	uint32_t native_depth, native_max; /* nested entries of the loop: bounds the C stack */
	struct rxl_segment *segment;
	struct rxl_segment *spare;
	struct rxl_error *error;  /* in flight; NULL: the bare status says it */
	uint32_t locks;           /* cells that are RXL_CELL_COUNTED; depth_room is 0 meanwhile */
	unsigned bad_arg;         /* number of the argument that a special function refused, from 1 */
	struct rxl_error *caught; /* between a handler's entry and KEEP_ERROR */
	int64_t budget;           /* steps until the next look at limits; a signal handler may set it to -1 */
	int64_t budget_last;      /* what budget was set to */
	size_t work;              /* amount of work without steps, since the last look */
	uint64_t steps;           /* counted so far, without those of the running budget */
	uint64_t deadline_ns;     /* monotonic; 0 none */
	struct rxl_getter getters[RXL_GETTERS]; /* by a hash of the name; forgotten when natives are registered */
};

/* Takes nothing until the first run. */
void rxl_vm_init(struct rxl_vm *vm, struct rxl_engine *engine);
void rxl_vm_fini(struct rxl_vm *vm);
/* Natives have been registered. */
void rxl_vm_forget(struct rxl_vm *vm);

/* Runs a unit's main function; `vars` are the host's variables (host_count values, moved in). After the run, globals
 * (unit->global_count) are moved to `globals_out` when that is not NULL. */
enum rexi_status rxl_vm_run_main(struct rxl_vm *vm, struct rxl_unit *unit, struct rxl_value *vars, struct rxl_value *out,
				 struct rxl_value *globals_out);
/* Calls a script function from C; args are moved in. */
enum rexi_status rxl_vm_call(struct rxl_vm *vm, struct rxl_function *fn, struct rxl_value *self, bool self_constant,
			     struct rxl_cell *lock, struct rxl_value *args, unsigned argc, struct rxl_value *out);
/* The same for a closure with as many arguments (borrowed) as it takes. */
enum rexi_status rxl_vm_call_closure(struct rxl_vm *vm, const struct rxl_fn *fn, struct rxl_value *self, bool self_constant,
				     struct rxl_cell *lock, const struct rxl_value *args, unsigned argc, struct rxl_value *out);
/* The same for an element of a settled callback (rxl_call_callback); of args the first is moved in when callback->takes. */
enum rexi_status rxl_vm_call_back(struct rxl_vm *vm, struct rxl_callback *callback, struct rxl_value *element,
				  bool self_constant, const struct rxl_value *args, struct rxl_value *out);
/* A first call has found where the registers of a callback's function are, and there is room for a frame. */
RX_INLINE bool rxl_vm_can_call_each(const struct rxl_vm *vm, const struct rxl_callback *callback)
{
	return callback->base && vm->depth < vm->depth_room && vm->native_depth < vm->native_max;
}
/* The call that each->next has just prepared and all that follow. */
enum rexi_status rxl_vm_call_each(struct rxl_vm *vm, struct rxl_each *each);
/* Runs a scoped function in the registers of the frame at the top. */
enum rexi_status rxl_vm_call_scoped(struct rxl_vm *vm, struct rxl_function *fn, struct rxl_value *out);

/* The unit whose functions are visible to the code now running. */
struct rxl_unit *rxl_vm_unit(const struct rxl_vm *vm);

/* ---- lang/call.c: natives, function pointers, special functions -------------------------------------------------- */

/* Finds the native for these types; NULL when there is none. */
/* The best of a list for these arguments, NULL when none fits. */
const struct rxl_overload *rxl_native_pick(const struct rxl_overload *list, const struct rxl_value *self,
					   const struct rxl_value *args, unsigned argc);
/* By a name that need not be a symbol yet. */
const struct rxl_overload *rxl_native_find_text(struct rxl_engine *engine, struct rexi_str name, const struct rxl_value *self,
						const struct rxl_value *args, unsigned argc);
const struct rxl_overload *rxl_native_find(struct rxl_engine *engine, rxl_symbol name, const struct rxl_value *self,
					   const struct rxl_value *args, unsigned argc);
enum rexi_status rxl_native_call(struct rxl_vm *vm, const struct rxl_overload *native, struct rexi_str name, bool method,
				 bool self_constant, struct rxl_value *self, struct rxl_value *args, unsigned argc,
				 struct rxl_value *out);
/* f.call(args) with a machine in the background; args are borrowed. */
enum rexi_status rxl_fn_call(struct rxl_vm *vm, const struct rxl_value *fn, struct rxl_value *self, bool self_constant,
			     struct rxl_cell *lock, const struct rxl_value *args, unsigned argc, struct rxl_value *out);
/*
 * Data races, as the reference sees them: an argument that holds a cell that is locked, or `cell`, which is about to be
 * (NULL: none). Checked where cell or vm->locks says that there may be one. self NULL: not looked at; else it is number
 * 1. `first` is the number of args[0]. spec 4.5
 */
enum rexi_status rxl_race_check(struct rxl_vm *vm, const struct rxl_cell *cell, struct rexi_str name,
				const struct rxl_value *self, const struct rxl_value *args, unsigned argc, unsigned first);
/* The same for the arguments of a function pointer, curried ones first. */
enum rexi_status rxl_fn_race_check(struct rxl_vm *vm, const struct rxl_cell *cell, const struct rxl_value *fn,
				   const struct rxl_value *args, unsigned argc);
/* `target op= value`, which the reference first tries as a function of that name. */
enum rexi_status rxl_assign_race_check(struct rxl_vm *vm, const struct rxl_cell *cell, enum rxl_binary op,
				       const struct rxl_value *target, const struct rxl_value *value);
/* The cell is locked (and kept alive) until it is unlocked. */
void rxl_cell_lock(struct rxl_vm *vm, struct rxl_cell *cell);
void rxl_cell_unlock(struct rxl_vm *vm, struct rxl_cell *cell);
/*
 * call(f, args...) whose first argument is the variable at `place` (a cell when it is shared; NULL: args[0] is it): when the
 * pointer is but the name of a native, that is called with the variable itself.
 */
enum rexi_status rxl_fn_call_place(struct rxl_vm *vm, const struct rxl_value *fn, struct rxl_value *place, bool constant,
				   struct rxl_value *args, unsigned argc, struct rxl_value *out);
/* Where a function pointer leads: a script function, or NULL for a native of that name. */
struct rxl_function *rxl_fn_target(struct rxl_vm *vm, const struct rxl_value *fn, unsigned argc);
enum rexi_status rxl_special(struct rxl_vm *vm, enum rxl_special special, rxl_symbol name, struct rxl_value *args,
			     unsigned argc, struct rxl_value *out);
/* a op b through natives and built-ins. */
enum rexi_status rxl_binary_slow(struct rxl_vm *vm, enum rxl_binary op, const struct rxl_value *a, const struct rxl_value *b,
				 struct rxl_value *out);
enum rexi_status rxl_assign_slow(struct rxl_vm *vm, enum rxl_binary op, struct rxl_value *target, const struct rxl_value *value);

/* ---- raising from inside ------------------------------------------------------------------------------------------ */

struct rxl_call rxl_vm_call_of(struct rxl_vm *vm, struct rexi_str name);
/* Sets the error; the position is added where it is known. Returns REXI_RUNTIME. */
RX_COLD RX_PRINTF(3, 4) enum rexi_status rxl_vm_raise(struct rxl_vm *vm, enum rxl_error_kind kind, const char *format, ...);
/* Data race on argument `number` (from 1) of a function; has no position. */
RX_COLD enum rexi_status rxl_vm_raise_race(struct rxl_vm *vm, unsigned number, struct rexi_str name);
/* Both names borrowed: rxl_value_host_type of the value, but type_of's where an Fn is expected (spec 11, Q19). */
RX_COLD enum rexi_status rxl_vm_raise_type(struct rxl_vm *vm, const char *requested, const char *actual);
RX_COLD enum rexi_status rxl_vm_raise_not_found(struct rxl_vm *vm, const char *prefix, struct rexi_str name,
						const struct rxl_value *self, const struct rxl_value *args, unsigned argc);
/* Turns a bare status of value.h into an error when none is in flight. */
RX_COLD enum rexi_status rxl_vm_status(struct rxl_vm *vm, enum rexi_status status);
/* The kept error of a handler, taken out of its register; NULL when there is none. */
struct rxl_error *rxl_error_unkeep(struct rxl_value *value);
enum rexi_status rxl_error_keep(struct rxl_heap *heap, struct rxl_error *error, struct rxl_value *out);
uint64_t rxl_clock_ns(void);
/* Steps ran out: limits, progress, termination. */
enum rexi_status rxl_vm_poll(struct rxl_vm *vm);
/* Elements or bytes were looked at or moved without a step being counted; after much of it the next step polls. */
void rxl_vm_worked(struct rxl_vm *vm, size_t amount);
/* For long walks through values (struct rxl_walk): a step for 64 parts. */
enum rexi_status rxl_vm_walked(void *user, uint64_t parts);
/* The next step that is counted polls. */
void rxl_vm_poll_soon(struct rxl_vm *vm);

/* ---- lang/chain.c: properties and indexers ------------------------------------------------------------------------- */

/* base.key and base[index] for values that are no place; *out is owned. */
enum rexi_status rxl_property_get(struct rxl_vm *vm, struct rxl_value *base, const struct rxl_value *key, bool constant,
				  struct rxl_value *out);
/* map.name, which is not there: the hook's value, unit, or an error where the engine wants one. *out is owned. */
RX_COLD enum rexi_status rxl_property_missing(struct rxl_vm *vm, const struct rxl_value *map, struct rexi_str name,
					      struct rxl_value *out);
/* True for a property of a host type that has a getter and no setter. */
bool rxl_property_is_read_only(struct rxl_vm *vm, const struct rxl_value *base, const struct rxl_value *key,
			       const struct rxl_value *value);
enum rexi_status rxl_property_set(struct rxl_vm *vm, struct rxl_value *base, const struct rxl_value *key,
				  struct rxl_value value, bool constant);
enum rexi_status rxl_index_get(struct rxl_vm *vm, struct rxl_value *base, const struct rxl_value *index, uint32_t bracket_pos,
			       bool constant, struct rxl_value *out);
enum rexi_status rxl_index_set(struct rxl_vm *vm, struct rxl_value *base, const struct rxl_value *index, uint32_t bracket_pos,
			       struct rxl_value value);

#endif
