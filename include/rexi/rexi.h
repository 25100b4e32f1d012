/*
 * librexi: scripts that a program runs for somebody else, every operation on the host under a policy.
 *
 * A `struct rexi` holds a policy and the functions that scripts can call: the language's own, those of the SDK (files,
 * processes, services, network, system), and the program's. Ten lines:
 *
 *     struct rexi_error err;
 *     struct rexi *rexi = NULL;
 *     struct rexi_result *result = NULL;
 *     if (rexi_new(NULL, policy_text, &rexi, &err) != REXI_OK ||
 *         rexi_run(rexi, script_text, &result, &err) != REXI_OK)
 *         fprintf(stderr, "%s\n", err.message);
 *     else if (rexi_result_ok(result))
 *         puts(rexi_result_output(result));
 *     else
 *         fprintf(stderr, "%s\n", rexi_result_message(result));
 *     rexi_result_free(result);
 *     rexi_free(rexi);
 *
 * Objects and threads. A struct rexi belongs to one thread at a time; several in several threads do not know of each
 * other. The library installs no signal handlers, changes nothing of the process, prints nothing and never ends it.
 * Texts are UTF-8 and borrowed for the call. Functions that return a status fill *err (which may be NULL) when it is
 * not REXI_OK and leave their out-parameters as they were.
 */
#ifndef REXI_REXI_H
#define REXI_REXI_H

#include <rexi/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rexi;
struct rexi_result;
struct rexi_call; /* a call of one of the program's functions, in progress */

/* ---- making one ------------------------------------------------------------------------------------------------- */

struct rexi_options {
	size_t size; /* sizeof(struct rexi_options) */
	/* Who acts: the id of the principal, User::"...". NULL takes the account name of the real user. */
	const char *principal;
	/* Declarations for the program's own actions and resources, in Cedar schema syntax, beside the built-in ones; NULL
	 * for none. The policy is validated strictly against all of them. */
	const char *schema;
	/* "time=5s", "memory=64m", ...: limits as for `rexi --limit`, ended by NULL. NULL takes the defaults. */
	const char *const *limits;
	void *user; /* handed to the hooks */
	/* Asked every few thousand steps and in long operations; true ends the run. */
	bool (*stop)(void *user);
	/* One line that the script logged; level is "INFO", ... */
	void (*log)(void *user, const char *level, const char *text);
	/* Every decision before anything happens, as the members of a JSON object (the audit record's, rexi-audit(8)). false
	 * refuses the operation. */
	bool (*decision)(void *user, const char *json);
};

/*
 * Parses and validates the policy and registers the SDK. options may be NULL. REXI_SYNTAX: the policy or the schema does
 * not parse; REXI_INVALID: it does not validate, or a limit is malformed; err->message says what and where.
 */
REXI_API REXI_NODISCARD enum rexi_status rexi_new(const struct rexi_options *options, const char *policy, struct rexi **out,
						  struct rexi_error *err);
REXI_API void rexi_free(struct rexi *rexi);

/* ---- functions of the program ------------------------------------------------------------------------------------- */

/* Returns REXI_OK after one of rexi_return_*, or what rexi_call_fail or rexi_call_authorize returned. */
typedef enum rexi_status (*rexi_function)(struct rexi_call *call, void *user);

/*
 * Adds a function that scripts can call. params are the types of its parameters, separated by blanks: string int float
 * bool char array map blob Fn, or ? for any. Several functions may have one name if their types differ. name and params
 * must outlive *rexi. REXI_NOT_FOUND: an unknown type.
 */
REXI_API REXI_NODISCARD enum rexi_status rexi_define(struct rexi *rexi, const char *name, const char *params,
						     rexi_function function, void *user, struct rexi_error *err);

/* Arguments of the call, from 0, of the type that was declared; the view lives until the function returns. */
REXI_API size_t rexi_call_count(const struct rexi_call *call);
REXI_API struct rexi_str rexi_call_string(const struct rexi_call *call, size_t at);
REXI_API int64_t rexi_call_int(const struct rexi_call *call, size_t at);
REXI_API double rexi_call_float(const struct rexi_call *call, size_t at);
REXI_API bool rexi_call_bool(const struct rexi_call *call, size_t at);

/*
 * Asks the policy: may the principal perform `action` (Type::"id", such as "Shop::Action", "refund") on the resource?
 * Type names and ids go in as they are: nothing is parsed, an id can hold anything. Attributes and ancestors of the
 * resource are not known to the policy. Anything but REXI_OK is an error that was raised in the script: return it.
 */
REXI_API REXI_NODISCARD enum rexi_status rexi_call_authorize(struct rexi_call *call, const char *action_type,
							     const char *action_id, const char *resource_type,
							     struct rexi_str resource_id);

REXI_API enum rexi_status rexi_return_unit(struct rexi_call *call);
REXI_API enum rexi_status rexi_return_bool(struct rexi_call *call, bool value);
REXI_API enum rexi_status rexi_return_int(struct rexi_call *call, int64_t value);
REXI_API enum rexi_status rexi_return_float(struct rexi_call *call, double value);
/* Copied; malformed parts become U+FFFD. */
REXI_API enum rexi_status rexi_return_string(struct rexi_call *call, struct rexi_str value);
/* Raises an error with that text, which the script can catch. */
REXI_API enum rexi_status rexi_call_fail(struct rexi_call *call, const char *text);

/* ---- running ------------------------------------------------------------------------------------------------------ */

/* Variables of the scripts run from now on. A later one of the same name replaces it. */
REXI_API REXI_NODISCARD enum rexi_status rexi_set_string(struct rexi *rexi, const char *name, struct rexi_str value,
							 struct rexi_error *err);
REXI_API REXI_NODISCARD enum rexi_status rexi_set_int(struct rexi *rexi, const char *name, int64_t value,
						      struct rexi_error *err);
REXI_API REXI_NODISCARD enum rexi_status rexi_set_float(struct rexi *rexi, const char *name, double value,
							struct rexi_error *err);
REXI_API REXI_NODISCARD enum rexi_status rexi_set_bool(struct rexi *rexi, const char *name, bool value,
						       struct rexi_error *err);

/*
 * Runs a script to its end. REXI_OK also when the script failed: the result says so. Other statuses mean that there is
 * no result (REXI_NO_MEMORY, REXI_INTERNAL).
 */
REXI_API REXI_NODISCARD enum rexi_status rexi_run(struct rexi *rexi, const char *script, struct rexi_result **out,
						  struct rexi_error *err);
REXI_API void rexi_result_free(struct rexi_result *result);

/* REXI_OK, REXI_SYNTAX (it does not compile), REXI_RUNTIME, REXI_DENIED, REXI_LIMIT, REXI_TERMINATED, REXI_INTERNAL. */
REXI_API enum rexi_status rexi_result_status(const struct rexi_result *result);
REXI_API bool rexi_result_ok(const struct rexi_result *result);
/* The value as text; "" when it failed. Owned by the result, as the following ones. */
REXI_API const char *rexi_result_output(const struct rexi_result *result);
/* The error; "" when it succeeded. */
REXI_API const char *rexi_result_message(const struct rexi_result *result);
/* With REXI_DENIED: why, in lines for people; else "". */
REXI_API const char *rexi_result_receipt(const struct rexi_result *result);
/* The whole result as the JSON document that the command prints. */
REXI_API const char *rexi_result_json(const struct rexi_result *result);

#ifdef __cplusplus
}
#endif
#endif
