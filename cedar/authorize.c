#include <config.h>

#include "cedar/authorize.h"

#include <stdlib.h>

#include "base/banned.h"

enum rexi_status rexi_cedar_authorizer_new(const struct rexi_cedar_engine *engine, struct rexi_cedar_authorizer **out, struct rexi_error *err)
{
	struct rexi_cedar_authorizer *authorizer;
	struct rx_memory memory;

	rx_memory_init(&memory, &engine->allocator, engine->limits.decision_bytes);
	authorizer = rx_memory_take_zeroed(&memory, 1, sizeof(*authorizer));
	if (!authorizer)
		return rx_fail_memory(err);
	authorizer->memory = memory;
	authorizer->scratch.engine = engine;
	rx_arena_init(&authorizer->scratch.arena, &authorizer->memory);
	rx_buf_init(&authorizer->message, &authorizer->memory, 0);
	*out = authorizer;
	return REXI_OK;
}

static void map_free(struct rexi_cedar_authorizer *authorizer)
{
	rx_memory_give(&authorizer->memory, authorizer->map, authorizer->map_count * sizeof(*authorizer->map));
	rx_memory_give(&authorizer->memory, authorizer->types, authorizer->type_count * sizeof(*authorizer->types));
	authorizer->map = authorizer->types = NULL;
	authorizer->map_count = authorizer->type_count = 0;
	authorizer->map_set = authorizer->map_store = 0;
}

void rexi_cedar_authorizer_free(struct rexi_cedar_authorizer *authorizer)
{
	struct rx_memory memory;

	if (!authorizer)
		return;
	rexi_cedar_policies_free(authorizer->expression);
	rxc_trees_fini(&authorizer->trees);
	map_free(authorizer);
	for (unsigned i = 0; i < 3; i++) {
		rx_memory_give(&authorizer->memory, authorizer->known[i].tokens, authorizer->known[i].cap * sizeof(uint32_t));
		rx_memory_give(&authorizer->memory, authorizer->known[i].keys, authorizer->known[i].key_cap * sizeof(uint32_t));
	}
	rx_memory_give(&authorizer->memory, authorizer->memo, authorizer->memo_count * sizeof(*authorizer->memo));
	rx_buf_fini(&authorizer->message);
	rx_memory_give(&authorizer->memory, authorizer->permits, authorizer->permit_cap * sizeof(*authorizer->permits));
	rx_memory_give(&authorizer->memory, authorizer->forbids, authorizer->forbid_cap * sizeof(*authorizer->forbids));
	rx_memory_give(&authorizer->memory, authorizer->errors, authorizer->error_cap * sizeof(*authorizer->errors));
	rx_memory_give(&authorizer->memory, authorizer->near, authorizer->near_cap * sizeof(*authorizer->near));
	rx_arena_fini(&authorizer->scratch.arena);
	memory = authorizer->memory;
	rx_memory_give(&memory, authorizer, sizeof(*authorizer));
}

/* ---- failures that end a decision ------------------------------------------------------------------------------------ */

static enum rexi_status ended(const struct rexi_cedar_authorizer *authorizer, struct rexi_error *err)
{
	const struct rxc_eval *eval = &authorizer->eval;

	if (eval->status == REXI_LIMIT)
		return rx_fail(err, REXI_LIMIT, RX_NO_SPAN, "the decision took more than %zu steps", eval->engine->limits.steps);
	if (eval->status == REXI_HOST)
		return rx_fail(err, REXI_HOST, RX_NO_SPAN, "the entity provider failed");
	return rx_fail_memory(err);
}

enum rexi_status rxc_authorizer_begin(struct rexi_cedar_authorizer *authorizer, const struct rexi_cedar_entities *entities,
				      const struct rexi_cedar_provider *provider, const struct rexi_cedar_request *request,
				      struct rexi_error *err)
{
	const struct rexi_cedar_engine *engine = authorizer->scratch.engine;
	struct rxc_eval *eval = &authorizer->eval;

	rx_arena_reset(&authorizer->scratch.arena);
	authorizer->permit_count = authorizer->forbid_count = authorizer->error_count = authorizer->near_count = authorizer->tested = 0;
	if (!request->has_uids)
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "the request has no principal, action and resource");
	if (request->scratch.engine != engine)
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "objects of two engines");
	eval->engine = engine;
	eval->arena = &authorizer->scratch.arena;
	eval->store = entities;
	eval->provider = provider;
	eval->context = request->context;
	eval->slots = NULL;
	eval->known = NULL;
	eval->memo = NULL;
	eval->steps = 0;
	eval->status = REXI_OK;
	eval->message = &authorizer->message;
	return rxc_subjects_init(eval, request->uids) ? REXI_OK : ended(authorizer, err);
}

/* ---- policies -------------------------------------------------------------------------------------------------------- */

static bool push_number(struct rexi_cedar_authorizer *authorizer, uint32_t **numbers, size_t *count, size_t *cap, uint32_t number)
{
	if (*count == *cap && !rx_memory_grow(&authorizer->memory, (void **)(void *)numbers, cap, *count + 1, sizeof(**numbers))) {
		authorizer->eval.status = REXI_NO_MEMORY;
		return false;
	}
	(*numbers)[(*count)++] = number;
	return true;
}

RX_COLD static bool push_error(struct rexi_cedar_authorizer *authorizer, uint32_t number)
{
	struct rxc_policy policy = authorizer->set->policies[number];
	struct rxc_eval *eval = &authorizer->eval;
	struct rexi_cedar_policy_error *error;
	struct rexi_str text;

	if (!RX_GROW(&authorizer->memory, &authorizer->errors, &authorizer->error_cap, authorizer->error_count + 1) || eval->message->failed) {
		eval->status = REXI_NO_MEMORY;
		return false;
	}
	text = rx_arena_copy(eval->arena, rx_buf_view(eval->message));
	if (!text.ptr) {
		eval->status = REXI_NO_MEMORY;
		return false;
	}
	error = &authorizer->errors[authorizer->error_count++];
	*error = (struct rexi_cedar_policy_error){
		.policy = number,
		.id = rxc_policy_id(policy),
		.kind = eval->kind,
		.forbid = rxc_policy_body(policy)->flags & RXC_BODY_FORBID,
		.span = eval->node ? eval->node->span : RX_NO_SPAN,
		.message = rx_str_sub(text, 0, eval->message_len),
		.help = rx_str_sub(text, eval->message_len, SIZE_MAX),
	};
	return true;
}

/* Runs the conditions of a policy whose scope holds; false when the decision ends. */
RX_INLINE bool run_policy(struct rexi_cedar_authorizer *authorizer, uint32_t number, const struct rxc_code *code, bool forbid)
{
	struct rexi_cedar_value result;

	if (code) {
		authorizer->eval.policy = number;
		if (RX_UNLIKELY(!rxc_eval_run(&authorizer->eval, code, &result)))
			return authorizer->eval.status == REXI_OK && push_error(authorizer, number);
		if (!result.as.integer)
			return true;
	}
	return forbid ? push_number(authorizer, &authorizer->forbids, &authorizer->forbid_count, &authorizer->forbid_cap, number)
		      : push_number(authorizer, &authorizer->permits, &authorizer->permit_count, &authorizer->permit_cap, number);
}

/* The same after its scope was checked. */
static bool try_policy(struct rexi_cedar_authorizer *authorizer, uint32_t number)
{
	struct rxc_policy policy = authorizer->set->policies[number];

	authorizer->tested++;
	if (!rxc_eval_scope(&authorizer->eval, policy))
		return authorizer->eval.status == REXI_OK;
	return run_policy(authorizer, number, rxc_policy_body(policy)->code, rxc_policy_body(policy)->flags & RXC_BODY_FORBID);
}

/* ---- the numbers that the set gave to what the request is about ------------------------------------------------------- */

static uint32_t *take_map(struct rexi_cedar_authorizer *authorizer, size_t count)
{
	return rx_memory_take_zeroed(&authorizer->memory, count, sizeof(uint32_t));
}

/* A map is worth its memory when the same set and store come a second time in a row. */
static void prepare_map(struct rexi_cedar_authorizer *authorizer)
{
	const struct rexi_cedar_entities *store = authorizer->eval.store;
	uint64_t set_serial = authorizer->set->serial, store_serial = store ? store->serial : 0;
	bool again = authorizer->last_set == set_serial && authorizer->last_store == store_serial;

	if (authorizer->map_set == set_serial && authorizer->map_store == store_serial)
		return;
	authorizer->last_set = set_serial;
	authorizer->last_store = store_serial;
	map_free(authorizer);
	if (!store || !again || !store->names.uid_count)
		return;
	authorizer->map = take_map(authorizer, store->names.uid_count);
	authorizer->types = authorizer->map ? take_map(authorizer, store->names.name_count) : NULL;
	/* without maps it only takes longer */
	authorizer->map_count = authorizer->map ? store->names.uid_count : 0;
	authorizer->type_count = authorizer->types ? store->names.name_count : 0;
	authorizer->map_set = set_serial;
	authorizer->map_store = store_serial;
}

/* What a map says of a uid: 0 nothing yet; else MAP_MET, the roles that the uid has in the set's index, and its number. */
enum { MAP_MET = 1, MAP_ROLES_SHIFT = 1, MAP_NUMBER_SHIFT = 1 + RXC_USES };
#define MAP_ABSENT (UINT32_MAX << MAP_NUMBER_SHIFT)
_Static_assert(RXC_MOST_UIDS <= UINT32_MAX >> MAP_NUMBER_SHIFT, "every number fits");

static uint32_t met(const struct rexi_cedar_authorizer *authorizer, const struct rxc_uid *found)
{
	if (!found)
		return MAP_ABSENT | MAP_MET;
	return found->id << MAP_NUMBER_SHIFT | (uint32_t)authorizer->set->index->uses[found->id] << MAP_ROLES_SHIFT | MAP_MET;
}

/* Of a uid that the store does not know. */
static uint32_t look_up(const struct rexi_cedar_authorizer *authorizer, const struct rexi_cedar_uid *uid)
{
	return met(authorizer, rxc_names_find_uid(&authorizer->set->names, uid));
}

/* Of a uid by its number in the store. */
RX_INLINE uint32_t look_up_stored(struct rexi_cedar_authorizer *authorizer, uint32_t stored)
{
	uint32_t mapped = stored < authorizer->map_count ? authorizer->map[stored] : 0;

	if (RX_LIKELY(mapped))
		return mapped;
	mapped = look_up(authorizer, &authorizer->eval.store->names.uids[stored]->uid);
	if (stored < authorizer->map_count)
		authorizer->map[stored] = mapped;
	return mapped;
}

static uint32_t look_up_type(struct rexi_cedar_authorizer *authorizer, const struct rxc_subject *subject)
{
	uint32_t stored = subject->value.flags & RXC_VALUE_STORED ? subject->value.as.uid->type->id : UINT32_MAX;
	const struct rexi_cedar_name *type;
	uint32_t number;

	if (stored < authorizer->type_count && authorizer->types[stored])
		return authorizer->types[stored] - 2; /* 1, unknown there, wraps to UINT32_MAX */
	type = rxc_names_find(&authorizer->set->names, subject->uid.type->hash, subject->uid.type->text);
	number = type ? type->id : UINT32_MAX;
	if (stored < authorizer->type_count)
		authorizer->types[stored] = number + 2;
	return number;
}

RX_INLINE void hold(struct rxc_known *known, uint32_t token)
{
	known->tokens[known->count++] = token;
	known->bits |= rxc_token_bit(token);
}

/* Keeps a number if it plays a part for this variable. */
RX_INLINE void know(const struct rxc_index *index, struct rxc_known *known, enum rxc_var var, uint32_t mapped)
{
	static const uint8_t key_uses[] = { [RXC_PRINCIPAL] = RXC_USE_PRINCIPAL, [RXC_RESOURCE] = RXC_USE_RESOURCE, [RXC_ACTION] = RXC_USE_ACTION };
	uint32_t number = mapped >> MAP_NUMBER_SHIFT;

	if (mapped & (uint32_t)RXC_USE_OTHER << MAP_ROLES_SHIFT)
		hold(known, RXC_TOKEN(number, RXC_TOKEN_IN));
	if (mapped & (uint32_t)key_uses[var] << MAP_ROLES_SHIFT) {
		known->keys[known->key_count++] = number;
		RX_PREFETCH(&index->uid_first[RXC_ROLES * (size_t)number]);
	}
}

static bool pad_tokens(struct rxc_known *known)
{
	for (size_t i = known->count; i & 3; i++)
		known->tokens[i] = RXC_TOKEN_NONE; /* which is there anyway */
	return true;
}

enum { MORE_TOKENS = 8 }; /* none, type, itself twice, and room to pad */

static bool number_subject(struct rexi_cedar_authorizer *authorizer, enum rxc_var var)
{
	const struct rxc_subject *subject = &authorizer->eval.subjects[var];
	const struct rxc_index *index = authorizer->set->index;
	struct rxc_known *known = &authorizer->known[var];
	uint32_t self, count = index->var_uses[var] ? subject->ancestor_count : 0;

	if (RX_UNLIKELY(known->cap < count + MORE_TOKENS)) {
		if (!RX_GROW(&authorizer->memory, &known->tokens, &known->cap, count + MORE_TOKENS) ||
		    !RX_GROW(&authorizer->memory, &known->keys, &known->key_cap, count + MORE_TOKENS)) {
			authorizer->eval.status = REXI_NO_MEMORY;
			return false;
		}
	}
	known->type = index->type_uses ? look_up_type(authorizer, subject) : UINT32_MAX;
	known->count = known->key_count = 0;
	known->self = UINT32_MAX;
	known->bits = 0;
	hold(known, RXC_TOKEN_NONE);
	if (known->type != UINT32_MAX)
		hold(known, RXC_TOKEN(known->type, RXC_TOKEN_TYPE));
	if (!index->var_uses[var])
		return pad_tokens(known);
	self = subject->stored != UINT32_MAX ? look_up_stored(authorizer, subject->stored) : look_up(authorizer, &subject->uid);
	if (self < MAP_ABSENT) {
		known->self = self >> MAP_NUMBER_SHIFT;
		if (self & (uint32_t)RXC_USE_OTHER << MAP_ROLES_SHIFT)
			hold(known, RXC_TOKEN(known->self, RXC_TOKEN_EQ));
		know(index, known, var, self);
	}
	for (uint32_t i = 0; i < count; i++)
		know(index, known, var, subject->ancestors ? look_up_stored(authorizer, subject->ancestors[i])
							   : look_up(authorizer, &subject->provided_ancestors[i]));
	return pad_tokens(known);
}

/* For what went wrong and why: trees of policies are asked for then. */
static void prepare_trees(struct rexi_cedar_authorizer *authorizer)
{
	authorizer->eval.trees = &authorizer->trees;
	if (RX_LIKELY(authorizer->trees.set == authorizer->set && authorizer->trees_serial == authorizer->set->serial)) {
		if (RX_UNLIKELY(authorizer->trees.view.arena.block))
			rxc_trees_reset(&authorizer->trees);
		return;
	}
	rxc_trees_fini(&authorizer->trees);
	rxc_trees_init(&authorizer->trees, authorizer->set, &authorizer->memory);
	authorizer->trees_serial = authorizer->set->serial;
}

/* Room for what attributes of the variables turn out to be during this decision; without it they are asked for each time. */
static void prepare_memo(struct rexi_cedar_authorizer *authorizer)
{
	enum { MOST_NAMES = 1024 };
	size_t names = authorizer->set->names.name_count, count = names * 4;

	if (names > MOST_NAMES)
		return;
	if (RX_UNLIKELY(authorizer->memo_count < count || authorizer->memo_stamp == UINT32_MAX)) {
		struct rxc_memo *fresh = rx_memory_take_zeroed(&authorizer->memory, count, sizeof(*fresh));

		if (!fresh)
			return;
		rx_memory_give(&authorizer->memory, authorizer->memo, authorizer->memo_count * sizeof(*authorizer->memo));
		authorizer->memo = fresh;
		authorizer->memo_count = count;
		authorizer->memo_stamp = 0;
	}
	authorizer->eval.memo = authorizer->memo;
	authorizer->eval.memo_names = (uint32_t)names;
	authorizer->eval.memo_stamp = ++authorizer->memo_stamp;
}

/* ---- the index --------------------------------------------------------------------------------------------------------- */

/* Runs the policies of the entries that passed. That they wait for each other hides how far away their code is. */
static bool run_pending(struct rexi_cedar_authorizer *authorizer)
{
	for (unsigned i = 0; i < authorizer->pending_count; i++) {
		const struct rxc_entry *entry = authorizer->pending[i];

		if (entry->flags & RXC_ENTRY_CHECK) {
			if (!try_policy(authorizer, entry->policy))
				return false;
			continue;
		}
		authorizer->tested++;
		if (!run_policy(authorizer, entry->policy, entry->code, entry->flags & RXC_ENTRY_FORBID))
			return false;
	}
	authorizer->pending_count = 0;
	return true;
}

/* The entries from first to end; self: their key is the uid itself; other: what their tokens are about. Most entries fail
 * the first test, and do so in one jump. */
static bool try_entries(struct rexi_cedar_authorizer *authorizer, uint32_t first, uint32_t end, bool self, const struct rxc_known *other)
{
	const struct rxc_index *index = authorizer->set->index;
	const struct rxc_entry *entry = index->entries + first;
	uint64_t actions = authorizer->actions, bits = other ? other->bits : UINT64_MAX;

	for (; first < end; first++, entry++) {
		uint32_t flags = entry->flags;

		if (!(((entry->actions & actions) != 0) & ((bits & rxc_token_bit(entry->other)) != 0)))
			continue;
		if ((flags & RXC_ENTRY_KEY_EQ && !self) || (other && !rxc_known_holds(other, entry->other)))
			continue;
		if (authorizer->pending_count == RX_COUNT(authorizer->pending) && !run_pending(authorizer))
			return false;
		authorizer->pending[authorizer->pending_count++] = entry;
		if (entry->code) {
			RX_PREFETCH(entry->code);
			RX_PREFETCH((const char *)entry->code + 64);
		}
	}
	return true;
}

static void prefetch_side(const struct rxc_index *index, enum rxc_role role, const struct rxc_known *known)
{
	for (size_t i = 0; i < known->key_count; i++) {
		const char *first = (const char *)&index->entries[index->uid_first[RXC_ROLES * (size_t)known->keys[i] + role]];

		RX_PREFETCH(first);
		RX_PREFETCH(first + 64);
	}
}

static bool try_side(struct rexi_cedar_authorizer *authorizer, enum rxc_role role, const struct rxc_known *known, const struct rxc_known *other)
{
	const struct rxc_index *index = authorizer->set->index;

	for (size_t i = 0; i < known->key_count; i++) {
		const uint32_t *first = &index->uid_first[RXC_ROLES * (size_t)known->keys[i] + role];

		if (!try_entries(authorizer, first[0], first[1], known->keys[i] == known->self, other))
			return false;
	}
	if (role != RXC_ROLE_ACTION && known->type != UINT32_MAX) {
		const uint32_t *first = &index->type_first[2 * (size_t)known->type + role];

		return first[0] == first[1] || try_entries(authorizer, first[0], first[1], true, other);
	}
	return true;
}

static void number_action(struct rexi_cedar_authorizer *authorizer, uint32_t mapped, bool self)
{
	const struct rxc_uid *uid;

	if (!(mapped & (uint32_t)RXC_USE_ACTIONS << MAP_ROLES_SHIFT))
		return;
	uid = authorizer->set->names.uids[mapped >> MAP_NUMBER_SHIFT];
	authorizer->actions |= rxc_action_bit(uid);
	if (self)
		authorizer->actions |= rxc_action_bit(uid) << RXC_ACTIONS_EQ_SHIFT;
}

/* The bits of the action and its groups. */
static void number_actions(struct rexi_cedar_authorizer *authorizer)
{
	const struct rxc_subject *subject = &authorizer->eval.subjects[RXC_ACTION];

	authorizer->actions = RXC_ACTIONS_REQUEST;
	number_action(authorizer, subject->stored != UINT32_MAX ? look_up_stored(authorizer, subject->stored) : look_up(authorizer, &subject->uid), true);
	for (uint32_t i = 0; i < subject->ancestor_count; i++)
		number_action(authorizer, subject->ancestors ? look_up_stored(authorizer, subject->ancestors[i])
							     : look_up(authorizer, &subject->provided_ancestors[i]), false);
}

/* Puts the request in the numbers of the set. */
static bool number_request(struct rexi_cedar_authorizer *authorizer)
{
	if (authorizer->set->index->linear)
		return true;
	prepare_map(authorizer);
	for (unsigned i = 0; i < 3; i++)
		if (!number_subject(authorizer, (enum rxc_var)i))
			return false;
	number_actions(authorizer);
	authorizer->eval.known = authorizer->known;
	return true;
}

static bool try_indexed(struct rexi_cedar_authorizer *authorizer)
{
	const struct rxc_index *index = authorizer->set->index;
	const struct rxc_known *principal = &authorizer->known[RXC_PRINCIPAL], *resource = &authorizer->known[RXC_RESOURCE];

	authorizer->pending_count = 0;
	prefetch_side(index, RXC_ROLE_PRINCIPAL, principal);
	prefetch_side(index, RXC_ROLE_RESOURCE, resource);
	return try_side(authorizer, RXC_ROLE_PRINCIPAL, principal, resource) && try_side(authorizer, RXC_ROLE_RESOURCE, resource, principal) &&
	       try_side(authorizer, RXC_ROLE_ACTION, &authorizer->known[RXC_ACTION], NULL) &&
	       try_entries(authorizer, index->general, index->entry_count, false, NULL) && run_pending(authorizer);
}

static bool try_linear(struct rexi_cedar_authorizer *authorizer)
{
	for (uint32_t i = 0; i < authorizer->set->policy_count; i++)
		if (!try_policy(authorizer, i))
			return false;
	return true;
}

/* ---- the decision ------------------------------------------------------------------------------------------------------ */

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Ascending, each once: a policy may hang under several keys. */
static size_t tidy(uint32_t *numbers, size_t count)
{
	enum { FEW = 16 };
	size_t kept = 0;

	if (count > FEW)
		qsort(numbers, count, sizeof(*numbers), by_number);
	for (size_t i = 1; i < count && count <= FEW; i++) {
		uint32_t number = numbers[i];
		size_t at = i;

		for (; at > 0 && numbers[at - 1] > number; at--)
			numbers[at] = numbers[at - 1];
		numbers[at] = number;
	}
	for (size_t i = 0; i < count; i++)
		if (i == 0 || numbers[i] != numbers[i - 1])
			numbers[kept++] = numbers[i];
	return kept;
}

static int by_policy(const void *a, const void *b)
{
	const struct rexi_cedar_policy_error *x = a, *y = b;

	return (x->policy > y->policy) - (x->policy < y->policy);
}

static void tidy_errors(struct rexi_cedar_authorizer *authorizer)
{
	size_t kept = 0;

	if (authorizer->error_count < 2)
		return;
	qsort(authorizer->errors, authorizer->error_count, sizeof(*authorizer->errors), by_policy);
	for (size_t i = 0; i < authorizer->error_count; i++)
		if (i == 0 || authorizer->errors[i].policy != authorizer->errors[i - 1].policy)
			authorizer->errors[kept++] = authorizer->errors[i];
	authorizer->error_count = kept;
}

/* Cedar spec, isAuthorized: Allow exactly when a permit is satisfied and no forbid is; erring policies are skipped. */
static void decide(struct rexi_cedar_authorizer *authorizer, struct rexi_cedar_decision *out)
{
	authorizer->permit_count = tidy(authorizer->permits, authorizer->permit_count);
	authorizer->forbid_count = tidy(authorizer->forbids, authorizer->forbid_count);
	tidy_errors(authorizer);
	out->allow = authorizer->permit_count && !authorizer->forbid_count;
	out->reasons = authorizer->forbid_count ? authorizer->forbids : authorizer->permits;
	out->reason_count = authorizer->forbid_count ? authorizer->forbid_count : authorizer->permit_count;
	out->errors = authorizer->errors;
	out->error_count = authorizer->error_count;
	for (size_t i = 0; i < authorizer->error_count; i++)
		out->forbid_erred |= authorizer->errors[i].forbid;
	out->tested = authorizer->tested;
}

/* Whether what a decision needs goes together and is ready. */
static enum rexi_status check_objects(const struct rexi_cedar_authorizer *authorizer, const struct rexi_cedar_policies *policies,
				      const struct rexi_cedar_entities *entities, const struct rexi_cedar_provider *provider, struct rexi_error *err)
{
	if (policies && policies->engine != authorizer->scratch.engine)
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "objects of two engines");
	if (policies && !policies->built)
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "the policy set was edited and not built");
	if (entities && entities->engine != authorizer->scratch.engine)
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "objects of two engines");
	if (entities && !entities->built)
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "the entity store was edited and not built");
	if (provider && provider->size != sizeof(*provider))
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "the provider is of another version of the library");
	return REXI_OK;
}

enum rexi_status rexi_cedar_authorize(struct rexi_cedar_authorizer *authorizer, const struct rexi_cedar_policies *policies,
				      const struct rexi_cedar_entities *entities, const struct rexi_cedar_provider *provider,
				      const struct rexi_cedar_request *request, unsigned flags, struct rexi_cedar_decision *out,
				      struct rexi_error *err)
{
	*out = (struct rexi_cedar_decision){ .allow = false };
	RX_TRY(check_objects(authorizer, policies, entities, provider, err));
	RX_TRY(rxc_authorizer_begin(authorizer, entities, provider, request, err));
	authorizer->set = policies;
	authorizer->eval.names = policies->names.names;
	authorizer->eval.set = policies;
	prepare_trees(authorizer);
	prepare_memo(authorizer);
	if (!number_request(authorizer) ||
	    !(policies->index->linear || flags & REXI_CEDAR_LINEAR ? try_linear(authorizer) : try_indexed(authorizer)))
		return ended(authorizer, err);
	decide(authorizer, out);
	if (!(flags & REXI_CEDAR_EXPLAIN))
		return REXI_OK;
	RX_TRY(rxc_explain(authorizer, err));
	out->near = authorizer->near;
	out->near_count = authorizer->near_count;
	return REXI_OK;
}

enum rexi_status rexi_cedar_authorize_batch(struct rexi_cedar_authorizer *authorizer, const struct rexi_cedar_policies *policies,
					    const struct rexi_cedar_entities *entities, const struct rexi_cedar_provider *provider,
					    const struct rexi_cedar_request *const *requests, size_t count, unsigned flags,
					    rexi_cedar_each_fn each, void *user, struct rexi_error *err)
{
	RX_TRY(check_objects(authorizer, policies, entities, provider, err));
	for (size_t i = 0; i < count; i++) {
		struct rexi_cedar_decision decision;
		struct rexi_error error = { .status = REXI_OK };
		enum rexi_status status = rexi_cedar_authorize(authorizer, policies, entities, provider, requests[i], flags, &decision, &error);

		if (!each(user, i, status, &decision, &error))
			break;
	}
	return REXI_OK;
}

/* ---- one expression ---------------------------------------------------------------------------------------------------- */

enum rexi_status rexi_cedar_evaluate(struct rexi_cedar_authorizer *authorizer, struct rexi_str expression,
				     const struct rexi_cedar_entities *entities, const struct rexi_cedar_provider *provider,
				     const struct rexi_cedar_request *request, struct rexi_cedar_value *out,
				     enum rexi_cedar_eval_kind *kind_out, struct rexi_error *err)
{
	struct rxc_eval *eval = &authorizer->eval;
	const struct rexi_str *source;
	const struct rxc_expr *expr;
	struct rxc_code *code;

	if (kind_out)
		*kind_out = REXI_CEDAR_EVAL_NONE;
	rexi_cedar_policies_free(authorizer->expression);
	authorizer->expression = NULL;
	RX_TRY(rexi_cedar_policies_new(authorizer->scratch.engine, &authorizer->expression, err));
	RX_TRY(rxc_parse_expression(authorizer->expression, expression, &expr, &source, err));
	code = rxc_compile_expression(&authorizer->expression->arena, &authorizer->memory, expr);
	if (!code)
		return rx_fail_memory(err);
	RX_TRY(check_objects(authorizer, NULL, entities, provider, err));
	RX_TRY(rxc_authorizer_begin(authorizer, entities, provider, request, err));
	eval->names = authorizer->expression->names.names;
	eval->set = NULL;
	eval->whole = expr;
	if (rxc_eval_run(eval, code, out))
		return REXI_OK;
	if (eval->status != REXI_OK)
		return ended(authorizer, err);
	if (kind_out)
		*kind_out = eval->kind;
	return rx_fail(err, REXI_RUNTIME, eval->node ? eval->node->span : RX_NO_SPAN, "%.*s",
		       RX_STR_ARG(rx_str_sub(rx_buf_view(eval->message), 0, eval->message_len)));
}
