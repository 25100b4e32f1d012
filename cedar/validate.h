/*
 * The validator: can these policies mean what their author thinks, under this schema? Source: spec/cedar.md, section 7.
 *
 * Every policy and template is typechecked in each request environment the schema allows (and its scope does not rule
 * out). Findings are errors or warnings; a policy set passes when there are no errors. Cost: linear in the policies,
 * times the environments a policy's scope leaves.
 */
#ifndef RXC_VALIDATE_H
#define RXC_VALIDATE_H

#include "cedar/schema.h"
#include "cedar/set.h"

/* X(NAME, "kind", is a warning) */
#define RXC_FINDING_LIST(X)                                                        \
	X(UNRECOGNIZED_ENTITY_TYPE, "unrecognized-entity-type", false)             \
	X(UNRECOGNIZED_ACTION_ID, "unrecognized-action-id", false)                 \
	X(INVALID_ENUM_ENTITY, "invalid-enum-entity", false)                       \
	X(INVALID_ACTION_APPLICATION, "invalid-action-application", false)         \
	X(UNEXPECTED_TYPE, "unexpected-type", false)                               \
	X(INCOMPATIBLE_TYPES, "incompatible-types", false)                         \
	X(UNSAFE_ATTRIBUTE_ACCESS, "unsafe-attribute-access", false)               \
	X(UNSAFE_OPTIONAL_ATTRIBUTE_ACCESS, "unsafe-optional-attribute-access", false) \
	X(UNSAFE_TAG_ACCESS, "unsafe-tag-access", false)                           \
	X(NO_TAGS_ALLOWED, "no-tags-allowed", false)                               \
	X(UNDEFINED_FUNCTION, "undefined-function", false)                         \
	X(WRONG_NUMBER_ARGUMENTS, "wrong-number-arguments", false)                 \
	X(FUNCTION_ARGUMENT_VALIDATION, "function-argument-validation", false)     \
	X(EMPTY_SET_FORBIDDEN, "empty-set-forbidden", false)                       \
	X(NON_LIT_EXT_CONSTRUCTOR, "non-lit-ext-constructor", false)               \
	X(ENTITY_DEREF_LEVEL_VIOLATION, "entity-deref-level-violation", false)     \
	X(TOO_DEEP, "internal-invariant-violation", false)                         \
	X(INCOMPLETE_SCHEMA, "incomplete-schema", false)                           \
	X(IMPOSSIBLE_POLICY, "impossible-policy", true)                            \
	X(MIXED_SCRIPT_STRING, "mixed-script-string", true)                        \
	X(BIDI_CHARS_IN_STRING, "bidi-chars-in-string", true)                      \
	X(BIDI_CHARS_IN_IDENTIFIER, "bidi-chars-in-identifier", true)              \
	X(MIXED_SCRIPT_IDENTIFIER, "mixed-script-identifier", true)                \
	X(CONFUSABLE_IDENTIFIER, "confusable-identifier", true)

enum rxc_finding_kind {
#define RXC_FINDING_ENUM(name, text, warning) RXC_FINDING_##name,
	RXC_FINDING_LIST(RXC_FINDING_ENUM)
#undef RXC_FINDING_ENUM
	RXC_FINDINGS
};

/* "unexpected-type" ...; static. */
const char *rxc_finding_name(enum rxc_finding_kind kind);
bool rxc_finding_is_warning(enum rxc_finding_kind kind);

struct rxc_finding {
	enum rxc_finding_kind kind;
	bool is_warning;
	struct rexi_str policy; /* the id; of the link for findings about links */
	const struct rexi_str *source; /* of the policy; NULL when it was JSON */
	struct rexi_span span; /* in *source; empty when unknown */
	struct rexi_str message, help; /* help may be empty */
};

struct rxc_validation {
	struct rx_arena arena; /* of texts and findings */
	struct rxc_finding *findings; /* by policy in the order of the set, templates first among links */
	size_t count, cap;
	size_t error_count;
};

struct rxc_validate_options {
	bool permissive;
	bool levels;     /* check that no policy dereferences deeper than `level` */
	uint32_t level;
};

void rxc_validation_init(struct rxc_validation *validation, struct rx_memory *memory);
void rxc_validation_fini(struct rxc_validation *validation);

/*
 * Validates all templates, static policies and links of a set. Findings are added to `out`. REXI_OK whatever was found;
 * REXI_NO_MEMORY and REXI_LIMIT reach no verdict. options may be NULL (strict).
 */
RX_NODISCARD enum rexi_status rxc_validate(const struct rxc_schema *schema, const struct rexi_cedar_policies *policies,
					   const struct rxc_validate_options *options, struct rxc_validation *out,
					   struct rexi_error *err);

#endif
