/*
 * Native functions: how C code is called from scripts, how it answers, how it calls back. Used by lang/std, the sdk
 * and, under other names, by hosts through <rexi/lang.h>.
 */
#ifndef RXL_NATIVE_H
#define RXL_NATIVE_H

#include "lang/value.h"

struct rxl_engine;
struct rxl_vm;
struct rxl_native;
struct rxl_module;

/* One native call in progress. Lives on the machine's stack; do not keep it. */
struct rxl_call {
	struct rxl_vm *vm;
	struct rxl_heap *heap;
	struct rxl_engine *engine;
	const struct rxl_native *native; /* the row that was found */
	struct rexi_str name;            /* as the script wrote it */
	uint32_t position;               /* packed: use rxl_call_position */
	bool method;                     /* x.f(...) rather than f(x, ...) */
	bool self_constant;              /* self is a constant: natives flagged RXL_MUT never see this */
};

/*
 * self  the first argument, in place for RXL_REF and RXL_MUT natives (and a temporary otherwise); NULL when there is
 *       none. It stays where it is during callbacks, and nobody else can reach it meanwhile.
 * args  the other arguments (args[0] is the second), temporaries: a native may move one out with rxl_value_take.
 * argc  number of args, self not counted.
 * out   unit on entry; store an owned value.
 * Anything but REXI_OK means that an error was raised (rxl_raise_*), or is the bare status of a function of value.h.
 */
typedef enum rexi_status (*rxl_native_fn)(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args,
					  unsigned argc, struct rxl_value *out);

#define RXL_PURE 0     /* first argument by value */
#define RXL_REF 1      /* first argument in place, not changed ("pure" in the reference) */
#define RXL_MUT 2      /* first argument in place and changed: refused as a method of a constant */
#define RXL_VOLATILE 4 /* result may differ between calls */
#define RXL_BRIEF 8    /* takes no longer when its first argument is large */

struct rxl_native {
	const char *name;   /* "len"; getters "get$len", setters "set$tag", indexers "index$get", "index$set"; operators "+" */
	const char *params; /* types, space separated, as type_of names them: "string int", "array Fn"; "?" any; "" none.
	                     * Aliases: int, float. Host types by friendly name or path. Unit is "()". */
	rxl_native_fn fn;
	uint8_t flags;
	const char *help;   /* one line for the manual */
	const void *data;   /* for the native's own use: rxl_call_data */
};

/*
 * Adds `count` rows; they are borrowed and must outlive the engine. A later row with the same name and types replaces
 * an earlier one. A type name not yet known is REXI_NOT_FOUND.
 */
enum rexi_status rxl_engine_register(struct rxl_engine *engine, const struct rxl_native *rows, size_t count,
				     struct rexi_error *err);
/*
 * A host type. `type` is borrowed and must outlive the engine; its id is filled in. path and name may be equal.
 * The same path twice is REXI_DUPLICATE.
 */
enum rexi_status rxl_engine_type(struct rxl_engine *engine, struct rxl_class *type, struct rexi_error *err);
/* A constant of a module that scripts can name without importing (`IoErrorKind::NotFound`); owns value. */
enum rexi_status rxl_module_const(struct rxl_engine *engine, struct rxl_module *module, const char *name,
				  struct rxl_value value);

/* ---- what a native can ask -------------------------------------------------------------------------------------- */

RX_INLINE const void *rxl_call_data(const struct rxl_call *call)
{
	return call->native->data;
}
/* The host's pointer given to the engine with rxl_engine_set_user. */
void *rxl_call_user(const struct rxl_call *call);
/* Line and column of the call; 0, 0 when unknown. */
void rxl_call_position(const struct rxl_call *call, uint32_t *line, uint32_t *column);
/* The engine's setting of that name. */
bool rxl_call_strict_json(const struct rxl_call *call);
/* Polls limits, termination and the progress callback inside long loops: count is a number of steps to charge. */
enum rexi_status rxl_call_step(struct rxl_call *call, uint64_t count);
/* Looks at limits, termination and the progress hook now: for natives that wait. */
enum rexi_status rxl_call_poll(struct rxl_call *call);
/* print and debug of the engine's hooks. */
enum rexi_status rxl_call_print(struct rxl_call *call, struct rexi_str text);
enum rexi_status rxl_call_debug(struct rxl_call *call, struct rexi_str text);
/* Script functions seen from the call: true when one of that name (and arity, when not negative) exists. */
bool rxl_call_has_function(struct rxl_call *call, struct rexi_str name, int arity);
/* A script function seen from here, for get_fn_metadata_list. */
struct rxl_function_info {
	struct rexi_str name, this_type; /* this_type.len 0: none */
	bool is_private, is_anonymous;
	uint32_t param_count;
	const struct rexi_str *params;
	struct rexi_str space;           /* "" or the import's name */
};
enum rexi_status rxl_call_functions(struct rxl_call *call,
				    enum rexi_status (*each)(void *user, const struct rxl_function_info *info), void *user);
/* Ends the script with this value (owned), as exit(value) does; return its status from the native. */
enum rexi_status rxl_call_exit(struct rxl_call *call, struct rxl_value value);
/* Equality as `==` in scripts, host operators included; pairs without `==` are unequal. */
enum rexi_status rxl_call_equal(struct rxl_call *call, const struct rxl_value *a, const struct rxl_value *b, bool *out);
/* As rxl_call_equal, but two values of one type without `==` raise Function not found, as `==` in scripts does. */
enum rexi_status rxl_call_equal_strict(struct rxl_call *call, const struct rxl_value *a, const struct rxl_value *b,
				       bool *out);
/* The tag and display/debug text with overloads `to_string`/`to_debug` of host types respected. */
enum rexi_status rxl_call_display(struct rxl_call *call, const struct rxl_value *value, struct rx_buf *out);
enum rexi_status rxl_call_debug_text(struct rxl_call *call, const struct rxl_value *value, struct rx_buf *out);

/* ---- calling back ------------------------------------------------------------------------------------------------ */

/*
 * f.call(args) (spec 6.7): curried arguments, then copies of args; `self` is bound to `this` by reference, NULL leaves
 * it unbound. Errors of the callee stay raised.
 */
enum rexi_status rxl_call_fnptr(struct rxl_call *call, const struct rxl_value *fn, struct rxl_value *self,
				const struct rxl_value *args, unsigned argc, struct rxl_value *out);

/* Fn(name) of the language: reserved words and what is no name raise. */
enum rexi_status rxl_call_fn_pointer(struct rxl_call *call, const struct rxl_value *name, struct rxl_value *out);

/*
 * The callback protocol of spec 6.7. `args` holds N normal arguments followed by E extra ones (all borrowed); the
 * element can be bound to `this` or inserted at position M (negative: never inserted). `caller` is the name of the
 * native for the error's wrapping ("in call to function 'map'").
 */
struct rxl_callback {
	const struct rxl_value *fn; /* Fn */
	unsigned normal, extra;
	int insert_at;
	const char *caller;
	bool takes;                 /* the first normal argument is moved in: it is the callee's in any case */
	bool bare;                  /* errors are not wrapped */
	bool not_found;             /* set when the last call found no function for its arguments */
	/* private */
	struct rxl_function *target;/* the script function that is entered for every element; NULL: not known yet, or natives */
	unsigned argc;              /* arguments it gets beside curried ones */
	int element_at;             /* which of them the element is; negative: it is `this` */
	struct rxl_value *base;     /* its registers, where the first call found room for them; or NULL */
};
/* A closure that takes `argc` arguments: rxl_call_fnptr and a callback without an element are the same for it. */
bool rxl_fn_is_closure(const struct rxl_value *fn, unsigned argc);
enum rexi_status rxl_call_callback(struct rxl_call *call, struct rxl_callback *callback, struct rxl_value *element,
				   const struct rxl_value *args, struct rxl_value *out);

/*
 * The calls of a callback for many elements in one go; between them the machine is not left. `next` is called before
 * each and after the last: it takes the result of the call before, which it then owns, from `result` (unit at first) and
 * says with what to call next. False ends the calls, because there are no more or because of `status`.
 */
struct rxl_each {
	struct rxl_callback *how;
	bool (*next)(struct rxl_call *call, struct rxl_each *each);
	struct rxl_value *element;  /* as for rxl_call_callback */
	struct rxl_value args[2];
	struct rxl_value result;
	enum rexi_status status;
	struct rxl_call *call;      /* private */
};
/* The status of a call that failed, or what `next` left. */
enum rexi_status rxl_call_each(struct rxl_call *call, struct rxl_each *each);

/* Around the callbacks of one native: it counts as a call among those that are nested. */
void rxl_callbacks_begin(struct rxl_call *call);
void rxl_callbacks_end(struct rxl_call *call);

/* A function by name with arguments, as a script would call it. */
enum rexi_status rxl_call_named(struct rxl_call *call, struct rexi_str name, struct rxl_value *self,
				const struct rxl_value *args, unsigned argc, struct rxl_value *out);

/* ---- raising ----------------------------------------------------------------------------------------------------- */

/* The variants of spec 3.5; X(NAME, "variant name", catchable). */
#define RXL_ERROR_LIST(X)                                                      \
	X(SYSTEM, "ErrorSystem", 0)                                            \
	X(PARSING, "ErrorParsing", 0)                                          \
	X(VARIABLE_EXISTS, "ErrorVariableExists", 1)                           \
	X(FORBIDDEN_VARIABLE, "ErrorForbiddenVariable", 1)                     \
	X(VARIABLE_NOT_FOUND, "ErrorVariableNotFound", 1)                      \
	X(PROPERTY_NOT_FOUND, "ErrorPropertyNotFound", 1)                      \
	X(INDEX_NOT_FOUND, "ErrorIndexNotFound", 1)                            \
	X(FUNCTION_NOT_FOUND, "ErrorFunctionNotFound", 1)                      \
	X(MODULE_NOT_FOUND, "ErrorModuleNotFound", 1)                          \
	X(IN_FUNCTION_CALL, "ErrorInFunctionCall", 1)                          \
	X(IN_MODULE, "ErrorInModule", 1)                                       \
	X(UNBOUND_THIS, "ErrorUnboundThis", 1)                                 \
	X(MISMATCH_DATA_TYPE, "ErrorMismatchDataType", 1)                      \
	X(MISMATCH_OUTPUT_TYPE, "ErrorMismatchOutputType", 1)                  \
	X(INDEXING_TYPE, "ErrorIndexingType", 1)                               \
	X(ARRAY_BOUNDS, "ErrorArrayBounds", 1)                                 \
	X(STRING_BOUNDS, "ErrorStringBounds", 1)                               \
	X(BIT_FIELD_BOUNDS, "ErrorBitFieldBounds", 1)                          \
	X(FOR, "ErrorFor", 1)                                                  \
	X(DATA_RACE, "ErrorDataRace", 1)                                       \
	X(NON_PURE, "ErrorNonPureMethodCallOnConstant", 1)                     \
	X(ASSIGNMENT_TO_CONSTANT, "ErrorAssignmentToConstant", 1)              \
	X(DOT_EXPR, "ErrorDotExpr", 1)                                         \
	X(ARITHMETIC, "ErrorArithmetic", 1)                                    \
	X(RUNTIME, "ErrorRuntime", 1)                                          \
	X(TOO_MANY_OPERATIONS, "ErrorTooManyOperations", 0)                    \
	X(TOO_MANY_VARIABLES, "ErrorTooManyVariables", 0)                      \
	X(TOO_MANY_MODULES, "ErrorTooManyModules", 0)                          \
	X(STACK_OVERFLOW, "ErrorStackOverflow", 0)                             \
	X(DATA_TOO_LARGE, "ErrorDataTooLarge", 0)                              \
	X(TERMINATED, "ErrorTerminated", 0)                                    \
	X(CUSTOM_SYNTAX, "ErrorCustomSyntax", 0)                               \
	X(MEMORY, "ErrorOutOfMemory", 0)                                       \
	X(EXIT, "Exit", 0)

enum rxl_error_kind {
#define RXL_ERROR_ENUM(name, text, catchable) RXL_ERROR_##name,
	RXL_ERROR_LIST(RXL_ERROR_ENUM)
#undef RXL_ERROR_ENUM
	RXL_ERROR_KINDS
};

/*
 * Each records the error in the machine and returns the status to return from the native. Text arguments are copied.
 * The position is the call's function name, as for every error inside a native.
 */
/* throw value; owns it. */
RX_COLD enum rexi_status rxl_raise_runtime(struct rxl_call *call, struct rxl_value value);
/* ErrorRuntime with a text. */
RX_COLD RX_PRINTF(2, 3) enum rexi_status rxl_raise_message(struct rxl_call *call, const char *format, ...);
/* Kinds whose payload is one text: ARITHMETIC, INDEX_NOT_FOUND, FUNCTION_NOT_FOUND (the whole signature), DATA_TOO_LARGE
 * ("Size of array/BLOB"), MODULE_NOT_FOUND, PARSING, SYSTEM, DATA_RACE, NON_PURE (function name), DOT_EXPR, ... */
RX_COLD RX_PRINTF(3, 4) enum rexi_status rxl_raise_text(struct rxl_call *call, enum rxl_error_kind kind,
							 const char *format, ...);
/* Places the error just raised elsewhere: in a text that a native reads. */
RX_COLD void rxl_call_error_at(struct rxl_call *call, uint32_t line, uint32_t column);
/* ErrorMismatchDataType: "Data type incorrect: actual (expecting requested)". */
RX_COLD enum rexi_status rxl_raise_type(struct rxl_call *call, const char *requested, const char *actual);
/* ErrorMismatchOutputType. */
RX_COLD enum rexi_status rxl_raise_output_type(struct rxl_call *call, const char *requested, const char *actual);
/* kind: ARRAY_BOUNDS, STRING_BOUNDS or BIT_FIELD_BOUNDS. */
RX_COLD enum rexi_status rxl_raise_bounds(struct rxl_call *call, enum rxl_error_kind kind, size_t count, int64_t index);
/* Function not found: name (types of self and args). */
RX_COLD enum rexi_status rxl_raise_not_found(struct rxl_call *call, struct rexi_str name, const struct rxl_value *self,
					      const struct rxl_value *args, unsigned argc);
/* Wraps the error in flight in "in call to function 'name'" at the call's position. */
RX_COLD enum rexi_status rxl_raise_wrapped(struct rxl_call *call, const char *name);
/* The same around any error, also one that passes calls unwrapped (a parse error inside eval). */
RX_COLD enum rexi_status rxl_raise_layer(struct rxl_call *call, const char *name);
/* The host asks the script to end: ErrorTerminated; owns token. */
RX_COLD enum rexi_status rxl_raise_terminated(struct rxl_call *call, struct rxl_value token);
/* Drops the error in flight (a native that swallows a callback's error: sort comparers). False when it is one that
 * must not be swallowed (limits, termination, exit): then return the status you got. */
bool rxl_call_swallow(struct rxl_call *call);
/* The same, also for a name that is no function's (`Fn("let")`). */
bool rxl_call_swallow_parsing(struct rxl_call *call);

/* Helpers for option parsing and the like: true and the result when args[i] exists and has the type. */
RX_INLINE bool rxl_arg_is(const struct rxl_value *args, unsigned argc, unsigned i, enum rxl_type type)
{
	return i < argc && (args[i].type == type || (type == RXL_STRING && args[i].type == RXL_TEXT));
}

#endif
