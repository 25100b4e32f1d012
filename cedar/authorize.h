/* The policy decision point. */
#ifndef RXC_AUTHORIZE_H
#define RXC_AUTHORIZE_H

#include "cedar/index.h"
#include "cedar/request.h"

struct rexi_cedar_authorizer {
	struct rexi_cedar_scratch scratch; /* of the decision */
	struct rx_memory memory;
	struct rx_buf message;
	struct rxc_eval eval;
	/* of the decision at hand */
	const struct rexi_cedar_policies *set;
	uint64_t actions; /* see RXC_ACTIONS_* */
	/* Entries that passed, whose code is on its way from memory. */
	const struct rxc_entry *pending[32];
	unsigned pending_count;
	struct rxc_known known[3]; /* by enum rxc_var */
	/* From numbers of a store's uids and type names to the set's, filled as they are met (authorize.c). Good for one build
	 * of a set and one of a store; taken up when the same two come again. */
	uint32_t *map, *types;
	size_t map_count, type_count;
	uint64_t map_set, map_store, last_set, last_store;
	struct rxc_memo *memo; /* see struct rxc_eval */
	size_t memo_count;
	uint32_t memo_stamp;
	uint32_t *permits, *forbids; /* satisfied policies */
	size_t permit_count, permit_cap, forbid_count, forbid_cap;
	struct rexi_cedar_policy_error *errors;
	size_t error_count, error_cap;
	struct rexi_cedar_near *near;
	size_t near_count, near_cap;
	size_t tested;
	struct rxc_trees trees; /* of the set */
	uint64_t trees_serial;
	struct rexi_cedar_policies *expression; /* where rexi_cedar_evaluate parses; NULL until it is used */
};

/* Prepares the evaluator for a request; REXI_HOST, REXI_NO_MEMORY. */
RX_NODISCARD enum rexi_status rxc_authorizer_begin(struct rexi_cedar_authorizer *authorizer, const struct rexi_cedar_entities *entities,
						   const struct rexi_cedar_provider *provider, const struct rexi_cedar_request *request,
						   struct rexi_error *err);
/* explain.c: fills authorizer->near. */
RX_NODISCARD enum rexi_status rxc_explain(struct rexi_cedar_authorizer *authorizer, struct rexi_error *err);

#endif
