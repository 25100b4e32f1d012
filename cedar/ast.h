/*
 * The abstract syntax of policies, templates and expressions, and the names they use. Everything lives in the arena of
 * its policy set (or schema): nothing is freed alone. Trees are immutable once built.
 *
 * Spans are byte offsets in the text the policy came from; they are empty in policies read from JSON.
 */
#ifndef RXC_AST_H
#define RXC_AST_H

#include <rexi/cedar.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/str.h"

/* ---- names --------------------------------------------------------------------------------------------------------- */

/* flags of rexi_cedar_name */
enum {
	RXC_NAME_TYPE = 1,   /* was checked as an entity type name */
	RXC_NAME_ACTION = 2  /* a type name whose last part is `Action` */
};

/* A uid as a set or store holds it: interned, so that within one of them equality is equality of pointers. */
struct rxc_uid {
	struct rexi_cedar_uid uid;
	uint32_t id; /* dense, from 0, in the order of interning */
	uint32_t reserved; /* in a set: see rxc_action_bit; in a store: the last list that it was in */
	struct rxc_entity *entity; /* in a store: the entity, when there is one */
};

/* Interned names (type names, attributes, record keys: one space) and uids, with dense ids. */
struct rxc_names {
	struct rx_arena *arena; /* borrowed; holds names and uids */
	struct rx_memory *memory;
	uint64_t seed;
	const struct rexi_cedar_name **names; /* by id */
	struct rxc_uid **uids;                /* by id */
	uint32_t name_count, uid_count;
	size_t name_cap, uid_cap;
	struct rxc_names_slot *name_slots;
	struct rxc_uid_slot *uid_slots;
	uint32_t name_slot_cap, uid_slot_cap; /* powers of two or 0 */
	bool frozen;                          /* of another, which must not change: what is not there cannot be added */
};

void rxc_names_init(struct rxc_names *names, struct rx_arena *arena, struct rx_memory *memory, uint64_t seed);
void rxc_names_fini(struct rxc_names *names);
/* NULL when memory refuses. The text is copied into the arena unless `keep` (it already lives as long). */
RX_NODISCARD const struct rexi_cedar_name *rxc_names_intern(struct rxc_names *names, struct rexi_str text, bool keep);
/* Room for that many more uids, so that the table need not grow in between; false when memory refuses. */
RX_NODISCARD bool rxc_names_reserve_uids(struct rxc_names *names, size_t more);
/* The type must be interned here. */
RX_NODISCARD const struct rxc_uid *rxc_names_uid(struct rxc_names *names, const struct rexi_cedar_name *type,
						 struct rexi_str id, bool keep);
/* 8 bytes a slot, so that probing touches few cache lines; id is one more than the number, 0 is free. */
struct rxc_names_slot {
	uint32_t hash, id;
};

/* Uids are many and looked up in every decision: the pointer saves a step. */
struct rxc_uid_slot {
	uint32_t hash, reserved;
	struct rxc_uid *uid; /* NULL: free */
};

/* Where a look-up by that hash begins; then the uid it most likely finds. */
RX_INLINE void rxc_names_prefetch_slot(const struct rxc_names *names, uint64_t hash)
{
	if (names->uid_slot_cap)
		RX_PREFETCH(&names->uid_slots[(uint32_t)hash & (names->uid_slot_cap - 1)]);
}

RX_INLINE void rxc_names_prefetch_uid(const struct rxc_names *names, uint64_t hash)
{
	const struct rxc_uid *uid = names->uid_slot_cap ? names->uid_slots[(uint32_t)hash & (names->uid_slot_cap - 1)].uid : NULL;

	if (!uid)
		return;
	RX_PREFETCH(uid);
	RX_PREFETCH((const char *)uid + 64);
}

/* NULL when absent. The uid may come from anywhere (same seed). */
const struct rxc_uid *rxc_names_find_uid(const struct rxc_names *names, const struct rexi_cedar_uid *uid);
const struct rexi_cedar_name *rxc_names_find(const struct rxc_names *names, uint64_t hash, struct rexi_str text);

uint64_t rxc_name_hash(struct rexi_str text, uint64_t seed);
uint64_t rxc_uid_hash(const struct rexi_cedar_name *type, struct rexi_str id, uint64_t seed);

RX_INLINE bool rxc_name_eq(const struct rexi_cedar_name *a, const struct rexi_cedar_name *b)
{
	return a == b || (a->hash == b->hash && rx_str_same(a->text, b->text));
}

RX_INLINE bool rxc_uid_eq(const struct rexi_cedar_uid *a, const struct rexi_cedar_uid *b)
{
	return a == b || (a->hash == b->hash && rx_str_same(a->id, b->id) && rxc_name_eq(a->type, b->type));
}

/* ---- expressions --------------------------------------------------------------------------------------------------- */

/* RXC_EXPR(NAME, "key of the JSON form", members of the union in use) */
#define RXC_EXPR_LIST(X)                                                                                 \
	X(BOOL, "Value")        /* integer: 0 or 1 */                                                    \
	X(LONG, "Value")        /* integer */                                                            \
	X(STRING, "Value")      /* text */                                                               \
	X(UID, "Value")         /* uid */                                                                \
	X(VAR, "Var")           /* sub: enum rxc_var */                                                  \
	X(SLOT, "Slot")         /* sub: enum rxc_slot; only in scopes of trees that pass the parser */   \
	X(NOT, "!")             /* left */                                                               \
	X(NEG, "neg")           /* left */                                                               \
	X(IS_EMPTY, "isEmpty")  /* left */                                                               \
	X(AND, "&&")            /* items, count >= 2: a && b && c, grouped from the left */              \
	X(OR, "||")             /* items, count >= 2 */                                                  \
	X(EQ, "==")             /* left, right, down to HAS_TAG */                                       \
	X(NE, "!=")                                                                                      \
	X(LT, "<")                                                                                       \
	X(LE, "<=")                                                                                      \
	X(GT, ">")                                                                                       \
	X(GE, ">=")                                                                                      \
	X(IN, "in")                                                                                      \
	X(ADD, "+")                                                                                      \
	X(SUB, "-")                                                                                      \
	X(MUL, "*")                                                                                      \
	X(CONTAINS, "contains")                                                                          \
	X(CONTAINS_ALL, "containsAll")                                                                   \
	X(CONTAINS_ANY, "containsAny")                                                                   \
	X(GET_TAG, "getTag")                                                                             \
	X(HAS_TAG, "hasTag")                                                                             \
	X(ATTR, ".")            /* left, name */                                                         \
	X(HAS, "has")           /* left, name */                                                         \
	X(HAS_PATH, "has")      /* left, names, count >= 2: e has a.b.c */                               \
	X(LIKE, "like")         /* left, pattern */                                                      \
	X(IS, "is")             /* left, name (interned type) */                                         \
	X(IS_IN, "is")          /* left, is_in: e is T in x */                                           \
	X(IF, "if-then-else")   /* items[3] */                                                           \
	X(SET, "Set")           /* items, count */                                                       \
	X(RECORD, "Record")     /* fields, count; keys distinct, in the order written */                 \
	X(CALL, "")             /* sub: enum rxc_function, items (receiver first), count, name */

enum rxc_expr_kind {
#define RXC_EXPR_ENUM(name, key) RXC_##name,
	RXC_EXPR_LIST(RXC_EXPR_ENUM)
#undef RXC_EXPR_ENUM
	RXC_EXPR_KINDS
};

enum rxc_var { RXC_PRINCIPAL, RXC_ACTION, RXC_RESOURCE, RXC_CONTEXT };
enum rxc_slot { RXC_SLOT_PRINCIPAL, RXC_SLOT_RESOURCE };

/* RXC_FN(NAME, "name", is a method, number of arguments with the receiver, result type, argument types)
 * Types: b bool, l long, s string, d decimal, i ipaddr, t datetime, u duration. */
#define RXC_FUNCTION_LIST(X)                                                     \
	X(DECIMAL, "decimal", false, 1, 'd', "s")                                \
	X(LESS_THAN, "lessThan", true, 2, 'b', "dd")                             \
	X(LESS_THAN_OR_EQUAL, "lessThanOrEqual", true, 2, 'b', "dd")             \
	X(GREATER_THAN, "greaterThan", true, 2, 'b', "dd")                       \
	X(GREATER_THAN_OR_EQUAL, "greaterThanOrEqual", true, 2, 'b', "dd")       \
	X(IP, "ip", false, 1, 'i', "s")                                          \
	X(IS_IPV4, "isIpv4", true, 1, 'b', "i")                                  \
	X(IS_IPV6, "isIpv6", true, 1, 'b', "i")                                  \
	X(IS_LOOPBACK, "isLoopback", true, 1, 'b', "i")                          \
	X(IS_MULTICAST, "isMulticast", true, 1, 'b', "i")                        \
	X(IS_IN_RANGE, "isInRange", true, 2, 'b', "ii")                          \
	X(DATETIME, "datetime", false, 1, 't', "s")                              \
	X(OFFSET, "offset", true, 2, 't', "tu")                                  \
	X(DURATION_SINCE, "durationSince", true, 2, 'u', "tt")                   \
	X(TO_DATE, "toDate", true, 1, 't', "t")                                  \
	X(TO_TIME, "toTime", true, 1, 'u', "t")                                  \
	X(DURATION, "duration", false, 1, 'u', "s")                              \
	X(TO_MILLISECONDS, "toMilliseconds", true, 1, 'l', "u")                  \
	X(TO_SECONDS, "toSeconds", true, 1, 'l', "u")                            \
	X(TO_MINUTES, "toMinutes", true, 1, 'l', "u")                            \
	X(TO_HOURS, "toHours", true, 1, 'l', "u")                                \
	X(TO_DAYS, "toDays", true, 1, 'l', "u")

enum rxc_function {
#define RXC_FUNCTION_ENUM(name, text, method, args, result, params) RXC_FN_##name,
	RXC_FUNCTION_LIST(RXC_FUNCTION_ENUM)
#undef RXC_FUNCTION_ENUM
	RXC_FUNCTIONS,
	RXC_FN_UNKNOWN = RXC_FUNCTIONS /* only from a JSON `Value`: parses, errs when evaluated */
};

struct rxc_function_info {
	const char *name;
	bool is_method;
	uint8_t arg_count;
	char result;
	const char *params;
};
extern const struct rxc_function_info rxc_functions[RXC_FUNCTIONS];
/* RXC_FN_UNKNOWN when there is none. */
enum rxc_function rxc_function_find(struct rexi_str name);

/* A pattern: literal runs and wildcards in turn. Wildcards are never adjacent in `parts`, but the JSON form keeps them
 * (wildcards counts them all). */
struct rxc_pattern {
	struct rexi_str json; /* as JSON had it; {NULL, 0}: from text, where every character is a Literal */
	uint32_t part_count;
	struct rxc_pattern_part {
		uint32_t wildcards; /* 0: a literal; else that many wildcards written */
		struct rexi_str text;
	} parts[];
};

/* flags of an expression */
enum {
	RXC_EXPR_PAREN = 1,   /* was written in parentheses */
	RXC_EXPR_INDEX = 2,   /* ATTR written e["a"]; HAS written e has "a" */
	RXC_EXPR_VALUE = 4,   /* came from a JSON `Value` (SET, RECORD, CALL) */
	RXC_EXPR_ESCAPED = 8, /* CALL from {"__extn": {"fn","args"}} */
	RXC_EXPR_CONST = 16   /* SET, RECORD: all literals, all the way down */
};

struct rxc_expr {
	uint8_t kind;  /* enum rxc_expr_kind */
	uint8_t sub;   /* variable, slot or function */
	uint8_t flags;
	uint8_t reserved;
	uint32_t count;
	struct rexi_span span;
	union {
		int64_t integer;
		struct rexi_str text;
		const struct rxc_uid *uid;
		struct {
			const struct rxc_expr *left;
			union {
				const struct rxc_expr *right;
				const struct rexi_cedar_name *name;
				const struct rexi_cedar_name *const *names;
				const struct rxc_pattern *pattern;
				const struct rxc_is_in *is_in;
			};
		};
		struct {
			const struct rxc_expr *const *items;
			const struct rexi_cedar_name *function; /* CALL: the name as written */
		};
		const struct rxc_field *fields;
	};
};
_Static_assert(sizeof(struct rxc_expr) == 32, "an expression node is half a cache line");

struct rxc_is_in {
	const struct rexi_cedar_name *type;
	const struct rxc_expr *in;
};

struct rxc_field {
	const struct rexi_cedar_name *name;
	struct rexi_span span; /* of the key */
	const struct rxc_expr *value;
};

/* ---- policies ------------------------------------------------------------------------------------------------------ */

enum rxc_scope_op {
	RXC_SCOPE_ANY,
	RXC_SCOPE_EQ,    /* == uid or slot */
	RXC_SCOPE_IN,    /* in uid or slot */
	RXC_SCOPE_IS,    /* is type */
	RXC_SCOPE_IS_IN, /* is type in uid or slot */
	RXC_SCOPE_IN_SET /* action in [uids] */
};

/* flags of a scope constraint */
enum {
	RXC_SCOPE_SLOT = 1,      /* the uid is the slot of its variable; uid is NULL */
	RXC_SCOPE_ESCAPED = 2,   /* JSON wrote {"__entity": ...} */
	RXC_SCOPE_REST_SHIFT = 8
};

struct rxc_scope {
	uint8_t op;    /* enum rxc_scope_op */
	uint8_t flags;
	uint16_t reserved;
	uint32_t count;                    /* IN_SET: of uids, may be 0 */
	struct rexi_span span;             /* from the variable to the end of its constraint */
	const struct rexi_cedar_name *type; /* IS, IS_IN */
	union {
		const struct rxc_uid *uid;         /* EQ, IN, IS_IN without slot */
		const struct rxc_uid *const *uids; /* IN_SET */
	};
	const bool *escaped; /* IN_SET: which of them JSON wrote as {"__entity": ...}; NULL: none */
};

struct rxc_annotation {
	const struct rexi_cedar_name *key;
	struct rexi_str value;
	bool has_value; /* @key("...") rather than @key */
	struct rexi_span span;
};

struct rxc_condition {
	const struct rxc_expr *body;
	bool unless;
	struct rexi_span span; /* from `when` or `unless` to the closing brace */
};

/* A policy or template as written: the tree of it. */
struct rxc_template {
	struct rexi_str id;
	const struct rexi_str *source; /* the text the spans point into; NULL when it was JSON */
	struct rexi_span span;
	bool forbid;
	bool is_template;       /* has slots, or JSON listed it under `templates` */
	uint8_t slots;          /* bit 1 << enum rxc_slot; 0: a static policy */
	uint16_t annotation_count;
	uint32_t condition_count;
	struct rxc_scope principal, action, resource;
	const struct rxc_annotation *annotations;
	const struct rxc_condition *conditions; /* in the order written */
};

/* flags of a body */
enum {
	RXC_BODY_FORBID = 1,
	RXC_BODY_TEMPLATE = 2,   /* has slots, or JSON listed it under `templates` */
	RXC_BODY_ANNOTATIONS = 4 /* has annotations with escapes: the word before it is a pointer to all of them */
};

/* `scopes` of a body: enum rxc_scope_op, and: */
enum { RXC_BODY_OP = 0x0F, RXC_BODY_SLOT = 0x10 };

/*
 * What a set keeps of a policy or template to decide with. The tree of a policy from text is given up when the set is
 * built; whoever asks for it then reads the text again (set.h, rxc_trees). Uids and types are their numbers in the set.
 */
struct rxc_body {
	struct rxc_code *code;           /* NULL: no conditions */
	const struct rxc_template *tree; /* NULL: given up */
	const char *id;
	uint32_t id_len;
	uint32_t source;                 /* sources[source - 1] of the set is the text the spans point into; 0: it was JSON */
	struct rexi_span span;
	uint32_t links;                  /* of a template: number of links */
	uint32_t condition_count;
	uint16_t annotation_count;
	uint8_t flags;                   /* RXC_BODY_* */
	uint8_t slots;                   /* bit 1 << enum rxc_slot */
	uint8_t scopes[3];               /* by enum rxc_var */
	uint8_t reserved;
	uint32_t principal, principal_type, resource, resource_type; /* as the operators of their scopes need them */
	union {
		uint32_t action;         /* EQ, IN */
		const uint32_t *actions; /* IN_SET: their count, then they */
	};
};
_Static_assert(sizeof(struct rxc_body) <= 80, "a policy is small");

struct rxc_link {
	struct rxc_body *body;
	struct rexi_str id;
	const struct rxc_uid *slots[2]; /* by enum rxc_slot; NULL when not bound */
};

/* What is evaluated: a static policy, which is its body, or a link, whose address has its lowest bit set. */
struct rxc_policy {
	uintptr_t ref;
};

RX_INLINE struct rxc_policy rxc_policy_of_link(const struct rxc_link *link)
{
	return (struct rxc_policy){ (uintptr_t)link | 1 };
}

RX_INLINE struct rxc_policy rxc_policy_of_body(const struct rxc_body *body)
{
	return (struct rxc_policy){ (uintptr_t)body };
}

/* NULL: static. */
RX_INLINE const struct rxc_link *rxc_policy_link(struct rxc_policy policy)
{
	return policy.ref & 1 ? (const struct rxc_link *)(policy.ref - 1) : NULL;
}

RX_INLINE struct rxc_body *rxc_policy_body(struct rxc_policy policy)
{
	return policy.ref & 1 ? rxc_policy_link(policy)->body : (struct rxc_body *)policy.ref;
}

RX_INLINE struct rexi_str rxc_body_id(const struct rxc_body *body)
{
	return (struct rexi_str){ body->id, body->id_len };
}

RX_INLINE struct rexi_str rxc_policy_id(struct rxc_policy policy)
{
	return policy.ref & 1 ? rxc_policy_link(policy)->id : rxc_body_id(rxc_policy_body(policy));
}

RX_INLINE const struct rxc_uid *rxc_policy_slot(struct rxc_policy policy, enum rxc_slot slot)
{
	return policy.ref & 1 ? rxc_policy_link(policy)->slots[slot] : NULL;
}

#endif
