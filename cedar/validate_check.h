/* What the parts of the validator share: one validation under way. */
#ifndef RXC_VALIDATE_CHECK_H
#define RXC_VALIDATE_CHECK_H

#include "cedar/validate.h"

/* A fact that holds where the expression it came from is true: `on` has attribute `attr`, or tag `tag`. */
struct rxc_cap {
	uint64_t hash;
	const struct rxc_expr *on;
	const struct rexi_cedar_name *attr;
	const struct rxc_expr *tag; /* instead of attr */
	const struct rxc_cap *next;
};

/* An immutable set of them. */
struct rxc_caps {
	const struct rxc_cap *first;
	uint32_t count;
};

#define RXC_NO_CAPS ((struct rxc_caps){ NULL, 0 })

struct rxc_env {
	uint32_t principal, action, resource; /* entity type, action, entity type */
};

/* Types by expression, kept for the level check. */
struct rxc_typed_slot {
	const struct rxc_expr *expr;
	const struct rxc_type *type;
};

struct rxc_check {
	const struct rxc_schema *schema;
	const struct rexi_cedar_policies *policies;
	bool strict, levels, quiet; /* quiet: findings are not recorded */
	uint32_t level;
	struct rxc_validation *out;
	struct rx_arena scratch; /* of the policy at hand */
	struct rexi_error *err;
	enum rexi_status status; /* the first failure that is not a finding */
	const struct rxc_template *body;
	struct rexi_str id; /* of the policy at hand */
	size_t first_finding; /* of the policy at hand */
	struct rxc_env env;
	uint32_t *type_of_name; /* by name id: entity type, RXC_NONE, or UNSEEN */
	uint32_t *action_of_uid; /* by uid id, likewise */
	uint32_t *type_marks, type_mark; /* by entity type: scope verdicts of the policy at hand */
	struct rxc_typed_slot *typed; /* level check: open addressing, cap a power of two */
	size_t typed_cap, typed_count;
};

/* The declared entity type of a name of the policy set, RXC_NONE when there is none. */
uint32_t rxc_check_type(struct rxc_check *check, const struct rexi_cedar_name *name);
uint32_t rxc_check_action(struct rxc_check *check, const struct rxc_uid *uid);

/* Records a finding once; help may be NULL. */
RX_COLD RX_PRINTF(5, 6) void rxc_check_report(struct rxc_check *check, enum rxc_finding_kind kind, struct rexi_span span,
					      const char *help, const char *format, ...);
RX_COLD void rxc_check_no_memory(struct rxc_check *check);

/* ---- capabilities ---- */
bool rxc_caps_has_attr(struct rxc_caps caps, const struct rxc_expr *on, const struct rexi_cedar_name *attr);
bool rxc_caps_has_tag(struct rxc_caps caps, const struct rxc_expr *on, const struct rxc_expr *tag);
struct rxc_caps rxc_caps_one(struct rxc_check *check, const struct rxc_expr *on, const struct rexi_cedar_name *attr,
			     const struct rxc_expr *tag);
struct rxc_caps rxc_caps_union(struct rxc_check *check, struct rxc_caps a, struct rxc_caps b);
struct rxc_caps rxc_caps_intersection(struct rxc_check *check, struct rxc_caps a, struct rxc_caps b);
/* Structure alone: positions and ways of writing do not count. */
bool rxc_expr_same(const struct rxc_expr *a, const struct rxc_expr *b);

/* ---- expressions ---- */
struct rxc_answer {
	const struct rxc_type *type; /* NULL: none, not even to go on with */
	struct rxc_caps caps;        /* empty when not ok */
	bool ok;
};

/* Typechecks an expression in check->env. */
void rxc_check_expr(struct rxc_check *check, const struct rxc_expr *expr, struct rxc_caps prior, struct rxc_answer *out);
/* The same; anything but a Bool is reported. */
void rxc_check_bool(struct rxc_check *check, const struct rxc_expr *expr, struct rxc_caps prior, struct rxc_answer *out);
/* a && b of two answers, where b was checked because a's type is not False. */
void rxc_check_and(struct rxc_check *check, const struct rxc_answer *a, const struct rxc_answer *b, struct rxc_answer *out);

/* ---- levels ---- */
void rxc_check_levels(struct rxc_check *check, const struct rxc_expr *expr);
/* NULL when the expression was not reached. */
const struct rxc_type *rxc_check_typed(const struct rxc_check *check, const struct rxc_expr *expr);

/* ---- text ---- */
void rxc_check_texts(struct rxc_check *check);

#endif
