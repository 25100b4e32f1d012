/*
 * liblang: the script language alone. Compile a script, run it with variables of the host, call its functions, give it
 * functions and types written in C.
 *
 * An engine and all that was made by it belong to one thread at a time; two engines do not know of each other. Only
 * rexi_lang_terminate may be called from another thread or a signal handler.
 */
#ifndef REXI_LANG_H
#define REXI_LANG_H

#include <rexi/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rexi_lang;   /* an engine */
struct rexi_script; /* a compiled script, to be run any number of times by its engine */
struct rexi_scope;  /* variables that live from run to run */
struct rexi_native;   /* one call of a host function */
struct rexi_type;   /* a registered host type */

/* One owned value. All zero is the unit value (). A plain C copy moves; rexi_value_copy makes another owner. */
struct rexi_value {
	uint64_t words[2];
};

enum rexi_kind {
	REXI_KIND_UNIT,
	REXI_KIND_BOOL,
	REXI_KIND_INT,
	REXI_KIND_FLOAT,
	REXI_KIND_CHAR,
	REXI_KIND_STRING,
	REXI_KIND_ARRAY,
	REXI_KIND_BLOB,
	REXI_KIND_MAP,
	REXI_KIND_FUNCTION,
	REXI_KIND_OBJECT,
	REXI_KIND_OTHER /* ranges, iterators, time stamps */
};

/* ---- engines ------------------------------------------------------------------------------------------------------ */

struct rexi_lang_options {
	size_t size;                            /* sizeof(struct rexi_lang_options) */
	const struct rexi_allocator *allocator; /* NULL: malloc; copied */
	size_t memory_limit;                    /* bytes; 0: none. Reaching it ends the script with REXI_NO_MEMORY */
	bool strict_variables;                  /* unknown variables are errors of compilation */
	bool no_library;                        /* without the standard library */
};

/* options NULL: all defaults. NULL on failure, with err filled. */
REXI_API REXI_NODISCARD struct rexi_lang *rexi_lang_new(const struct rexi_lang_options *options, struct rexi_error *err);
/* Every script, scope and value must be gone. NULL is fine. */
REXI_API void rexi_lang_free(struct rexi_lang *lang);

enum rexi_lang_limit {
	REXI_LANG_OPERATIONS,    /* steps of one run; 0 none (the default) */
	REXI_LANG_CALL_DEPTH,    /* nested calls; default 64 */
	REXI_LANG_TIME_MS,       /* wall-clock time of one run; 0 none */
	REXI_LANG_STRING_BYTES,  /* 0 none */
	REXI_LANG_ARRAY_ITEMS,   /* 0 none; nested ones count */
	REXI_LANG_MAP_ENTRIES,   /* 0 none; nested ones count */
	REXI_LANG_MODULES,       /* imported by one run; 0 none */
	REXI_LANG_FUNCTIONS,     /* defined by one script, closures too; 0 none */
	REXI_LANG_VARIABLES,     /* in scope at one place of a function; 0 none */
	REXI_LANG_EXPRESSION_DEPTH,          /* nesting of expressions outside of functions; default 64, at most 256 */
	REXI_LANG_FUNCTION_EXPRESSION_DEPTH, /* nesting of expressions in functions; default 32, at most 256 */
	REXI_LANG_SOURCE_BYTES   /* of one script; default 64 MiB */
};
REXI_API void rexi_lang_set_limit(struct rexi_lang *lang, enum rexi_lang_limit limit, uint64_t value);
/* A keyword, operator or function name that scripts may not use. */
REXI_API enum rexi_status rexi_lang_disable(struct rexi_lang *lang, struct rexi_str symbol);
/* Ends the running script, or the next one, with REXI_TERMINATED. Safe in signal handlers and from other threads. */
REXI_API void rexi_lang_terminate(struct rexi_lang *lang);
/* What print and debug write; without a hook it is lost. Text is borrowed for the call. */
REXI_API void rexi_lang_on_print(struct rexi_lang *lang, void (*hook)(void *user, struct rexi_str text), void *user);
REXI_API void rexi_lang_on_debug(struct rexi_lang *lang,
				 void (*hook)(void *user, struct rexi_str text, struct rexi_str source, uint32_t line, uint32_t column),
				 void *user);
/* Called now and then; true ends the script with REXI_TERMINATED. */
REXI_API void rexi_lang_on_progress(struct rexi_lang *lang, bool (*hook)(void *user, uint64_t steps), void *user);
/* `import`: sets the module's source text, which must stay until the hook is called again; false: not found (the default). */
REXI_API void rexi_lang_on_import(struct rexi_lang *lang,
				  bool (*hook)(void *user, struct rexi_str path, struct rexi_str from, struct rexi_str *source_out),
				  void *user);

/* ---- scripts ------------------------------------------------------------------------------------------------------- */

/* name: for error texts, may be empty. scope: variables that the script will find, or NULL. */
REXI_API REXI_NODISCARD enum rexi_status rexi_lang_compile(struct rexi_lang *lang, struct rexi_str source, struct rexi_str name,
							   const struct rexi_scope *scope, struct rexi_script **out,
							   struct rexi_error *err);
REXI_API void rexi_script_free(struct rexi_script *script);
/*
 * Runs a script; *out is owned by the caller (unit on failure). scope must be the one it was compiled with, unchanged in
 * its names, or NULL; the script's own variables are in it afterwards. err->message is cut at 255 bytes; the whole text,
 * with the chain of calls, is rexi_lang_error_text.
 */
REXI_API REXI_NODISCARD enum rexi_status rexi_lang_run(struct rexi_lang *lang, struct rexi_script *script,
						       struct rexi_scope *scope, struct rexi_value *out, struct rexi_error *err);
/* Calls a function that the script defines; args are borrowed. */
REXI_API REXI_NODISCARD enum rexi_status rexi_lang_call(struct rexi_lang *lang, struct rexi_script *script, struct rexi_str name,
							const struct rexi_value *args, unsigned argc, struct rexi_value *out,
							struct rexi_error *err);
/* The last failed run's error as the reference words it; valid until the next run. */
REXI_API struct rexi_str rexi_lang_error_text(struct rexi_lang *lang);
/*
 * The last failed compilation or run for people, as a string value: the message, the lines of the source with carets, names
 * near one that was not found, and the calls that led there. script: the one that ran, or NULL; source: its text.
 * REXI_NOT_FOUND when nothing failed.
 */
REXI_API enum rexi_status rexi_lang_error_report(struct rexi_lang *lang, const struct rexi_script *script, struct rexi_str source,
						 struct rexi_value *out);

REXI_API REXI_NODISCARD struct rexi_scope *rexi_scope_new(struct rexi_lang *lang);
REXI_API void rexi_scope_free(struct rexi_scope *scope);
/* Declares or assigns; owns value. */
REXI_API enum rexi_status rexi_scope_set(struct rexi_scope *scope, struct rexi_str name, struct rexi_value value);
REXI_API enum rexi_status rexi_scope_set_const(struct rexi_scope *scope, struct rexi_str name, struct rexi_value value);
/* A copy of the variable; unit when there is none. */
REXI_API struct rexi_value rexi_scope_get(const struct rexi_scope *scope, struct rexi_str name);

/* ---- values -------------------------------------------------------------------------------------------------------- */

REXI_API struct rexi_value rexi_value_unit(void);
REXI_API struct rexi_value rexi_value_bool(bool value);
REXI_API struct rexi_value rexi_value_int(int64_t value);
REXI_API struct rexi_value rexi_value_float(double value);
/* text must be UTF-8. */
REXI_API enum rexi_status rexi_value_string(struct rexi_lang *lang, struct rexi_str text, struct rexi_value *out);
REXI_API enum rexi_status rexi_value_array(struct rexi_lang *lang, struct rexi_value *out);
REXI_API enum rexi_status rexi_value_map(struct rexi_lang *lang, struct rexi_value *out);
REXI_API struct rexi_value rexi_value_copy(const struct rexi_value *value);
REXI_API void rexi_value_free(struct rexi_lang *lang, struct rexi_value *value);

REXI_API enum rexi_kind rexi_value_kind(const struct rexi_value *value);
/* What type_of says. */
REXI_API const char *rexi_value_type(const struct rexi_value *value);
/* False and *out untouched when the value is of another kind. */
REXI_API bool rexi_value_as_bool(const struct rexi_value *value, bool *out);
REXI_API bool rexi_value_as_int(const struct rexi_value *value, int64_t *out);
REXI_API bool rexi_value_as_float(const struct rexi_value *value, double *out);
/* Borrowed from *value, which must stay where it is. */
REXI_API bool rexi_value_as_string(const struct rexi_value *value, struct rexi_str *out);
/* Elements of an array, entries of a map, bytes of a blob; else 0. */
REXI_API size_t rexi_value_count(const struct rexi_value *value);
/* Borrowed elements; NULL when absent. */
REXI_API const struct rexi_value *rexi_value_at(const struct rexi_value *array, size_t index);
REXI_API const struct rexi_value *rexi_value_get(const struct rexi_value *map, struct rexi_str key);
/* Own item. */
REXI_API enum rexi_status rexi_value_push(struct rexi_lang *lang, struct rexi_value *array, struct rexi_value item);
REXI_API enum rexi_status rexi_value_put(struct rexi_lang *lang, struct rexi_value *map, struct rexi_str key, struct rexi_value item);
/* Display text as a string value. */
REXI_API enum rexi_status rexi_value_to_string(struct rexi_lang *lang, const struct rexi_value *value, struct rexi_value *out);

/* ---- functions and types of the host --------------------------------------------------------------------------------- */

/*
 * args[0 .. argc) are borrowed, except that args[0] is the receiver in place when the function was registered with
 * REXI_LANG_CHANGES. *out is unit on entry. Anything but REXI_OK is an error; say why with rexi_native_fail.
 */
typedef enum rexi_status (*rexi_lang_function)(struct rexi_native *call, struct rexi_value *args, unsigned argc,
					       struct rexi_value *out);
#define REXI_LANG_CHANGES 1U /* the first argument is passed in place and may be changed */

/*
 * name: as scripts call it; "get$x", "set$x" for a property x, "index$get", "index$set" for an indexer, "+" for an
 * operator. params: types, space separated ("string int", "?" any, "" none, host types by name). Texts are copied.
 */
REXI_API enum rexi_status rexi_lang_register(struct rexi_lang *lang, const char *name, const char *params, rexi_lang_function fn,
					     unsigned flags, void *user, struct rexi_error *err);
REXI_API struct rexi_lang *rexi_native_lang(struct rexi_native *call);
REXI_API void *rexi_native_user(struct rexi_native *call);
/* Raises a run-time error with this text, which scripts can catch; returns the status to return. */
REXI_API enum rexi_status rexi_native_fail(struct rexi_native *call, struct rexi_str text);
/* Calls a function pointer of the script; args are borrowed. */
REXI_API enum rexi_status rexi_native_call_back(struct rexi_native *call, const struct rexi_value *fn, const struct rexi_value *args,
					 unsigned argc, struct rexi_value *out);

struct rexi_type_options {
	size_t size;                   /* sizeof(struct rexi_type_options) */
	const char *name;              /* what type_of says; kept, not copied */
	void (*free)(void *payload);   /* NULL: nothing to free */
	/* The element of an iteration at `position`, from 0; false at the end. NULL: not iterable. */
	bool (*iterate)(void *payload, uint64_t position, struct rexi_value *out);
};
/* NULL on failure. The engine owns the type. */
REXI_API struct rexi_type *rexi_lang_type(struct rexi_lang *lang, const struct rexi_type_options *options, struct rexi_error *err);
/* An object that owns payload, also when this fails. Objects are shared, not copied, by assignment. */
REXI_API enum rexi_status rexi_value_object(struct rexi_lang *lang, const struct rexi_type *type, void *payload,
					    struct rexi_value *out);
/* NULL when the value is no object of that type. */
REXI_API void *rexi_value_payload(const struct rexi_value *value, const struct rexi_type *type);

/* The byte code of a script as text: a string value. */
REXI_API enum rexi_status rexi_script_bytecode(struct rexi_script *script, struct rexi_value *out);

#ifdef __cplusplus
}
#endif
#endif
