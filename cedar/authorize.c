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

void rexi_cedar_authorizer_free(struct rexi_cedar_authorizer *authorizer)
{
	struct rx_memory memory;

	if (!authorizer)
		return;
	rexi_cedar_policies_free(authorizer->expression);
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
	if (request->scratch.engine != engine || (entities && entities->engine != engine))
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "objects of two engines");
	if (entities && !entities->built)
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "the entity store was edited and not built");
	if (provider && provider->size != sizeof(*provider))
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "the provider is of another version of the library");
	eval->engine = engine;
	eval->arena = &authorizer->scratch.arena;
	eval->store = entities;
	eval->provider = provider;
	eval->context = request->context;
	eval->slots = NULL;
	eval->steps = 0;
	eval->status = REXI_OK;
	eval->message = &authorizer->message;
	for (unsigned i = 0; i < 3; i++)
		if (!rxc_subject_init(eval, &eval->subjects[i], &request->uids[i]))
			return ended(authorizer, err);
	return REXI_OK;
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
	const struct rxc_policy *policy = &authorizer->set->policies[number];
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
		.id = policy->id,
		.kind = eval->kind,
		.forbid = policy->body->forbid,
		.span = eval->node ? eval->node->span : RX_NO_SPAN,
		.message = rx_str_sub(text, 0, eval->message_len),
		.help = rx_str_sub(text, eval->message_len, SIZE_MAX),
	};
	return true;
}

/* Tries one policy; false when the decision ends. */
static bool try_policy(struct rexi_cedar_authorizer *authorizer, uint32_t number)
{
	const struct rxc_policy *policy = &authorizer->set->policies[number];
	const struct rxc_template *body = policy->body;
	struct rexi_cedar_value result;

	authorizer->tested++;
	if (!rxc_eval_scope(&authorizer->eval, policy))
		return authorizer->eval.status == REXI_OK;
	if (body->code) {
		authorizer->eval.slots = policy->slots;
		if (!rxc_eval_run(&authorizer->eval, body->code, &result))
			return authorizer->eval.status == REXI_OK && push_error(authorizer, number);
		if (!result.as.integer)
			return true;
	}
	return body->forbid ? push_number(authorizer, &authorizer->forbids, &authorizer->forbid_count, &authorizer->forbid_cap, number)
			    : push_number(authorizer, &authorizer->permits, &authorizer->permit_count, &authorizer->permit_cap, number);
}

/* ---- the index --------------------------------------------------------------------------------------------------------- */

RX_INLINE uint32_t digest(uint64_t hash)
{
	return (uint32_t)hash ? (uint32_t)hash : 1;
}

static uint64_t filter_of(const struct rxc_subject *subject)
{
	uint64_t filter = UINT64_C(1) << (digest(subject->uid.hash) & 63) | UINT64_C(1) << (digest(subject->uid.type->hash) & 63);

	for (uint32_t i = 0; i < subject->ancestor_count; i++)
		filter |= UINT64_C(1) << (digest(subject->ancestors[i].hash) & 63);
	return filter;
}

static bool has_digest(const struct rxc_subject *subject, uint32_t wanted)
{
	if (digest(subject->uid.hash) == wanted || digest(subject->uid.type->hash) == wanted)
		return true;
	for (uint32_t i = 0; i < subject->ancestor_count; i++)
		if (digest(subject->ancestors[i].hash) == wanted)
			return true;
	return false;
}

/* The entries of one run; `other` is the side that entry->other is about, NULL when they have none. */
static bool try_entries(struct rexi_cedar_authorizer *authorizer, const struct rxc_entry *entry, uint32_t count, const struct rxc_subject *other,
			uint64_t filter)
{
	uint32_t actions = authorizer->actions;

	for (; count; count--, entry++) {
		if (!(entry->actions & actions))
			continue;
		if (entry->other && (!(filter >> (entry->other & 63) & 1) || !has_digest(other, entry->other)))
			continue;
		if (!try_policy(authorizer, entry->policy))
			return false;
	}
	return true;
}

static bool try_key(struct rexi_cedar_authorizer *authorizer, uint64_t key, const struct rxc_subject *other, uint64_t filter)
{
	const struct rxc_index *index = authorizer->set->index;
	const struct rxc_bucket *bucket = rxc_index_find(index, key);

	return !bucket || try_entries(authorizer, index->entries + bucket->first, bucket->count, other, filter);
}

static bool try_side(struct rexi_cedar_authorizer *authorizer, const struct rxc_subject *subject, const struct rxc_subject *other,
		     uint64_t filter, uint64_t uid_key, uint64_t type_key)
{
	if (!try_key(authorizer, subject->uid.hash ^ uid_key, other, filter) ||
	    !try_key(authorizer, subject->uid.type->hash ^ type_key, other, filter))
		return false;
	for (uint32_t i = 0; i < subject->ancestor_count; i++)
		if (!try_key(authorizer, subject->ancestors[i].hash ^ uid_key, other, filter))
			return false;
	return true;
}

static bool try_indexed(struct rexi_cedar_authorizer *authorizer)
{
	const struct rxc_index *index = authorizer->set->index;
	const struct rxc_subject *principal = &authorizer->eval.subjects[RXC_PRINCIPAL], *action = &authorizer->eval.subjects[RXC_ACTION],
				 *resource = &authorizer->eval.subjects[RXC_RESOURCE];

	authorizer->actions = RXC_ACTIONS_REQUEST | rxc_action_bit(action->uid.hash);
	for (uint32_t i = 0; i < action->ancestor_count; i++)
		authorizer->actions |= rxc_action_bit(action->ancestors[i].hash);
	if (!try_side(authorizer, principal, resource, filter_of(resource), RXC_KEY_PRINCIPAL, RXC_KEY_PRINCIPAL_TYPE) ||
	    !try_side(authorizer, resource, principal, filter_of(principal), RXC_KEY_RESOURCE, RXC_KEY_RESOURCE_TYPE) ||
	    !try_key(authorizer, action->uid.hash ^ RXC_KEY_ACTION, NULL, 0))
		return false;
	for (uint32_t i = 0; i < action->ancestor_count; i++)
		if (!try_key(authorizer, action->ancestors[i].hash ^ RXC_KEY_ACTION, NULL, 0))
			return false;
	return try_entries(authorizer, index->entries + index->general, index->entry_count - index->general, NULL, 0);
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

enum rexi_status rexi_cedar_authorize(struct rexi_cedar_authorizer *authorizer, const struct rexi_cedar_policies *policies,
				      const struct rexi_cedar_entities *entities, const struct rexi_cedar_provider *provider,
				      const struct rexi_cedar_request *request, unsigned flags, struct rexi_cedar_decision *out,
				      struct rexi_error *err)
{
	*out = (struct rexi_cedar_decision){ .allow = false };
	if (policies->engine != authorizer->scratch.engine)
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "objects of two engines");
	if (!policies->built)
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "the policy set was edited and not built");
	RX_TRY(rxc_authorizer_begin(authorizer, entities, provider, request, err));
	authorizer->set = policies;
	if (!(policies->index->linear || flags & REXI_CEDAR_LINEAR ? try_linear(authorizer) : try_indexed(authorizer)))
		return ended(authorizer, err);
	decide(authorizer, out);
	if (!(flags & REXI_CEDAR_EXPLAIN))
		return REXI_OK;
	RX_TRY(rxc_explain(authorizer, err));
	out->near = authorizer->near;
	out->near_count = authorizer->near_count;
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
	RX_TRY(rxc_authorizer_begin(authorizer, entities, provider, request, err));
	if (rxc_eval_run(eval, code, out))
		return REXI_OK;
	if (eval->status != REXI_OK)
		return ended(authorizer, err);
	if (kind_out)
		*kind_out = eval->kind;
	return rx_fail(err, REXI_RUNTIME, eval->node ? eval->node->span : RX_NO_SPAN, "%.*s",
		       RX_STR_ARG(rx_str_sub(rx_buf_view(eval->message), 0, eval->message_len)));
}
