/* Running compiled conditions against one request. */
#ifndef RXC_EVAL_H
#define RXC_EVAL_H

#include "cedar/code.h"
#include "cedar/entity.h"

/* An entity of the request, looked up once. */
struct rxc_subject {
	struct rexi_cedar_uid uid;
	struct rexi_cedar_value value;    /* of kind ENTITY; marked as stored when the store knows the uid */
	const struct rxc_entity *entity;  /* in the store; NULL when absent or the provider's */
	const uint32_t *ancestors;        /* numbers in the store of the store's entity; NULL when the provider answered */
	const struct rexi_cedar_uid *provided_ancestors; /* collected from the provider */
	uint32_t ancestor_count;          /* of either */
	uint32_t stored;                  /* its number in the store; UINT32_MAX when unknown there */
	bool provided;                    /* the provider answered for its ancestors */
};

/* What an attribute of a variable was found to be in the decision of that stamp. */
struct rxc_memo {
	struct rexi_cedar_value value;
	uint32_t stamp, reserved;
};

struct rxc_known;

struct rxc_eval {
	const struct rexi_cedar_engine *engine;
	struct rx_arena *arena; /* of this decision */
	const struct rexi_cedar_entities *store;        /* may be NULL */
	const struct rexi_cedar_provider *provider;     /* may be NULL */
	struct rxc_subject subjects[3];                 /* by enum rxc_var */
	struct rexi_cedar_value context;
	const struct rexi_cedar_name *const *names;     /* of the set whose code runs, by number */
	const struct rxc_uid *const *slots;             /* of the policy at hand; may be NULL */
	const struct rxc_known *known;                  /* by enum rxc_var, in the numbers of the set whose code runs; may be NULL */
	struct rxc_memo *memo;                          /* [memo_names * variable + name]; may be NULL */
	uint32_t memo_names, memo_stamp;
	uint64_t steps;
	/* of the latest failure */
	enum rexi_status status;                        /* not OK: the decision ends (memory, limit, provider) */
	enum rexi_cedar_eval_kind kind;
	const struct rxc_expr *node;
	const struct rxc_code *code;                    /* that runs; it came from: */
	const struct rexi_cedar_policies *set;          /* the conditions of a policy of this set, */
	uint32_t policy;
	struct rxc_trees *trees;                        /* of that set */
	const struct rxc_expr *whole;                   /* or one expression (when there is no set) */
	struct rx_buf *message;                         /* message, then help, split at message_len */
	size_t message_len;
};

/* What rexi_cedar_scratch is. */
struct rexi_cedar_scratch {
	struct rx_arena arena;
	const struct rexi_cedar_engine *engine;
};

/* False after a failure: eval->status when it is not OK, else eval->kind. */
bool rxc_eval_run(struct rxc_eval *eval, const struct rxc_code *code, struct rexi_cedar_value *out);

/* Whether the scope holds; never errs, but eval->status may become REXI_HOST. */
bool rxc_eval_scope(struct rxc_eval *eval, struct rxc_policy policy);
bool rxc_eval_scope_part(struct rxc_eval *eval, struct rxc_policy policy, enum rxc_var var);

/* The walk of a provider's ancestors. */
struct rexi_cedar_walk {
	struct rxc_eval *eval;
	const struct rexi_cedar_uid *wanted; /* looking for it; NULL: collecting */
	const struct rexi_cedar_set *any_of; /* looking for any of them */
	bool found;
	struct rexi_cedar_uid *items;
	size_t count, cap;
};

/* Fills the subjects for three uids (borrowed). False when memory or the provider fails: eval->status. */
bool rxc_subjects_init(struct rxc_eval *eval, const struct rexi_cedar_uid uids[3]);

/* One extension function outside of any policy: args[0] becomes the result. name is for messages. */
bool rxc_eval_call(struct rxc_eval *eval, enum rxc_function function, const struct rexi_cedar_name *name,
		   struct rexi_cedar_value *args, unsigned count);

bool rxc_like(struct rexi_str text, const struct rxc_pattern *pattern);

#endif
