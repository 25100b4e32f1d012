/*
 * libcedar: schemas, the validator and the formatter. Rules of ownership and threads as in <rexi/cedar.h>; a schema
 * never changes after it was made and may be shared by threads.
 */
#ifndef REXI_CEDAR_SCHEMA_H
#define REXI_CEDAR_SCHEMA_H

#include <rexi/cedar.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- schemas ----------------------------------------------------------------------------------------------------- */

/*
 * Reads one or more schema texts (Cedar syntax, or JSON when the first character is `{`) and resolves them together:
 * a namespace may be split over several texts, nothing may be declared twice. On failure err has the place, and
 * *text_out (may be NULL) the number of the text that it is in. Copies what it needs.
 */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_schema_new(const struct rexi_cedar_engine *engine,
							       const struct rexi_str *texts, size_t count,
							       struct rexi_cedar_schema **out, size_t *text_out,
							       struct rexi_error *err);
REXI_API void rexi_cedar_schema_free(struct rexi_cedar_schema *schema);

struct rexi_cedar_schema_warning {
	const char *kind; /* "shadows-builtin" or "shadows-entity"; static */
	size_t text;      /* which of the texts */
	struct rexi_span span;
	struct rexi_str message;
};
/* False past the end. */
REXI_API bool rexi_cedar_schema_warning(const struct rexi_cedar_schema *schema, size_t at,
					struct rexi_cedar_schema_warning *out);

/* One schema text in the other syntax, or in its own in normal form. Names need not resolve. */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_schema_to_json(const struct rexi_cedar_engine *engine,
								   struct rexi_str text, struct rexi_cedar_text *out,
								   struct rexi_error *err);
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_schema_to_cedar(const struct rexi_cedar_engine *engine,
								    struct rexi_str text, struct rexi_cedar_text *out,
								    struct rexi_error *err);

/* Introspection: declared entity types and actions, sorted; false past the end. */
struct rexi_cedar_schema_action {
	struct rexi_str type, id;      /* "N::Action", "read" */
	size_t principal_count, resource_count;
	bool is_group; /* other actions are in it */
};
REXI_API bool rexi_cedar_schema_type(const struct rexi_cedar_schema *schema, size_t at, struct rexi_str *name_out);
REXI_API bool rexi_cedar_schema_action(const struct rexi_cedar_schema *schema, size_t at, struct rexi_cedar_schema_action *out);

/* ---- validation -------------------------------------------------------------------------------------------------- */

struct rexi_cedar_validate_options {
	size_t size;       /* sizeof(struct rexi_cedar_validate_options) */
	bool permissive;   /* the default is strict */
	bool levels;       /* no policy may dereference deeper than `level` */
	uint32_t level;
};

struct rexi_cedar_finding {
	const char *kind;       /* "unexpected-type", "impossible-policy", ...; static */
	bool is_warning;
	struct rexi_str policy; /* id of the policy, template or link */
	struct rexi_str message, help; /* help may be empty */
	struct rexi_span span;  /* in the text the policy was read from; empty when it was JSON */
	uint32_t line, column;  /* of span.start in that text; 0 when unknown */
};

struct rexi_cedar_validation;
/*
 * Validates a policy set. REXI_OK whatever is found: ask rexi_cedar_validation_passed. options may be NULL. The result
 * borrows nothing and is freed by the caller. Linear in the number of policies.
 */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_validate(const struct rexi_cedar_schema *schema,
							     const struct rexi_cedar_policies *policies,
							     const struct rexi_cedar_validate_options *options,
							     struct rexi_cedar_validation **out, struct rexi_error *err);
REXI_API void rexi_cedar_validation_free(struct rexi_cedar_validation *validation);
/* No errors; warnings do not count. */
REXI_API bool rexi_cedar_validation_passed(const struct rexi_cedar_validation *validation);
REXI_API size_t rexi_cedar_validation_count(const struct rexi_cedar_validation *validation);
/* False past the end. The views live as long as the validation. */
REXI_API bool rexi_cedar_validation_finding(const struct rexi_cedar_validation *validation, size_t at,
					    struct rexi_cedar_finding *out);

/*
 * Checks the parts of a request against the schema, as rexi_cedar_request_set_json does: declared types, an action that
 * applies to them, a context of the action's type (a record; NULL for the empty one). REXI_INVALID and *kind_out (may be
 * NULL; static): undeclared-action, invalid-principal-type, invalid-context, ... Allocates only for messages.
 */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_schema_check_request(const struct rexi_cedar_schema *schema,
									 const struct rexi_cedar_uid *principal,
									 const struct rexi_cedar_uid *action,
									 const struct rexi_cedar_uid *resource,
									 const struct rexi_cedar_value *context,
									 const char **kind_out, struct rexi_error *err);

/* ---- formatting -------------------------------------------------------------------------------------------------- */

/*
 * Policies in one style: lines of at most `width` columns where that is possible (0 takes 80), `indent` columns a step
 * (0 takes 2); comments stay where they were. Idempotent; what the policies mean is compared before the text is given
 * out. REXI_SYNTAX when the text does not parse.
 */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_format(const struct rexi_cedar_engine *engine, struct rexi_str text,
							   unsigned width, unsigned indent, struct rexi_cedar_text *out,
							   struct rexi_error *err);
/*
 * The same, with the text of the reference's formatter to the byte. It differs where a line of comment stands after a string:
 * the reference moves it behind the string, and formatting again moves it once more.
 */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_format_as_reference(const struct rexi_cedar_engine *engine,
									struct rexi_str text, unsigned width,
									unsigned indent, struct rexi_cedar_text *out,
									struct rexi_error *err);

#ifdef __cplusplus
}
#endif
#endif
