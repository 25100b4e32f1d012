#include <config.h>

#include "cedar/index.h"

#include "cedar/code.h"

#include "base/banned.h"

/* What the scope and the leading tests of a policy say about one side. */
struct side {
	const struct rxc_uid *uid;
	const struct rexi_cedar_name *type;
};

struct plan {
	struct side principal, resource;
	uint64_t keys[2]; /* keys[0] of the policy; 0: none */
	uint32_t actions, other;
};

struct builder {
	struct rexi_cedar_policies *set;
	struct rxc_index *index;
	uint32_t *principal_uses, *resource_uses; /* by uid id */
};

void rxc_index_free(struct rexi_cedar_policies *set)
{
	struct rxc_index *index = set->index;

	set->built = false;
	if (!index)
		return;
	rx_memory_give(&set->memory, index->buckets, index->bucket_cap * sizeof(*index->buckets));
	rx_memory_give(&set->memory, index->entries, index->entry_count * sizeof(*index->entries));
	rx_arena_fini(&index->arena);
	rx_memory_give(&set->memory, index, sizeof(*index));
	set->index = NULL;
}

/* ---- what a policy says ---------------------------------------------------------------------------------------------- */

static void scope_side(struct side *side, const struct rxc_scope *scope, const struct rxc_uid *slot)
{
	if (scope->op == RXC_SCOPE_EQ || scope->op == RXC_SCOPE_IN || scope->op == RXC_SCOPE_IS_IN)
		side->uid = scope->flags & RXC_SCOPE_SLOT ? slot : scope->uid;
	side->type = scope->type;
}

/* Takes what `expr` says about principal or resource. False when it could err, or is not understood. */
static bool leading_test(struct plan *plan, const struct rxc_expr *expr)
{
	const struct rxc_expr *var = expr->left, *other = expr->right;
	struct side *side, none = { 0 };

	if (expr->kind == RXC_EQ && var->kind == RXC_UID && other->kind == RXC_VAR) {
		const struct rxc_expr *left = var;

		var = other;
		other = left;
	}
	if (expr->kind != RXC_EQ && expr->kind != RXC_IN && expr->kind != RXC_IS && expr->kind != RXC_IS_IN)
		return false;
	if (var->kind != RXC_VAR || var->sub == RXC_CONTEXT)
		return false;
	side = var->sub == RXC_PRINCIPAL ? &plan->principal : var->sub == RXC_RESOURCE ? &plan->resource : &none;
	if (expr->kind == RXC_IS) {
		if (!side->type)
			side->type = expr->name;
		return true;
	}
	if (expr->kind == RXC_IS_IN) {
		if (expr->is_in->in->kind != RXC_UID)
			return false;
		if (!side->type)
			side->type = expr->is_in->type;
		other = expr->is_in->in;
	}
	if (other->kind != RXC_UID)
		return false;
	if (!side->uid)
		side->uid = other->uid;
	return true;
}

static void read_policy(struct plan *plan, const struct rxc_policy *policy)
{
	const struct rxc_template *body = policy->body;
	const struct rxc_expr *first;

	*plan = (struct plan){ .actions = RXC_ACTIONS_ANY };
	scope_side(&plan->principal, &body->principal, policy->slots[RXC_SLOT_PRINCIPAL]);
	scope_side(&plan->resource, &body->resource, policy->slots[RXC_SLOT_RESOURCE]);
	if (body->action.op == RXC_SCOPE_EQ || body->action.op == RXC_SCOPE_IN)
		plan->actions = rxc_action_bit(body->action.uid->uid.hash);
	if (body->action.op == RXC_SCOPE_IN_SET) {
		plan->actions = 0;
		for (uint32_t i = 0; i < body->action.count; i++)
			plan->actions |= rxc_action_bit(body->action.uids[i]->uid.hash);
	}
	if (!body->condition_count || body->conditions[0].unless)
		return;
	first = body->conditions[0].body;
	if (first->kind != RXC_AND) {
		(void)leading_test(plan, first);
		return;
	}
	for (uint32_t i = 0; i < first->count && leading_test(plan, first->items[i]); i++)
		;
}

static uint32_t digest(uint64_t hash)
{
	return (uint32_t)hash ? (uint32_t)hash : 1;
}

static uint32_t side_digest(const struct side *side)
{
	return side->uid ? digest(side->uid->uid.hash) : side->type ? digest(side->type->hash) : 0;
}

/* The key of a policy, by rarity; actions are keys of last resort and handled apart. */
static void choose_key(const struct builder *builder, struct plan *plan)
{
	const struct rxc_uid *principal = plan->principal.uid, *resource = plan->resource.uid;

	if (principal && resource && builder->principal_uses[principal->id] > builder->resource_uses[resource->id])
		principal = NULL;
	if (principal) {
		plan->keys[0] = principal->uid.hash ^ RXC_KEY_PRINCIPAL;
		plan->other = side_digest(&plan->resource);
	} else if (resource) {
		plan->keys[0] = resource->uid.hash ^ RXC_KEY_RESOURCE;
		plan->other = side_digest(&plan->principal);
	} else if (plan->principal.type) {
		plan->keys[0] = plan->principal.type->hash ^ RXC_KEY_PRINCIPAL_TYPE;
		plan->other = side_digest(&plan->resource);
	} else if (plan->resource.type) {
		plan->keys[0] = plan->resource.type->hash ^ RXC_KEY_RESOURCE_TYPE;
	}
}

/* ---- buckets ------------------------------------------------------------------------------------------------------- */

static struct rxc_bucket *bucket_for(struct rxc_index *index, uint64_t key)
{
	uint32_t mask = index->bucket_cap - 1, at = (uint32_t)key & mask;

	while (index->buckets[at].count && index->buckets[at].key != key)
		at = (at + 1) & mask;
	index->buckets[at].key = key;
	return &index->buckets[at];
}

/* Calls `each` for every key of a policy; without a key it is general. */
static void for_keys(const struct builder *builder, uint32_t number, void (*each)(const struct builder *, uint64_t, const struct rxc_entry *))
{
	const struct rxc_policy *policy = &builder->set->policies[number];
	const struct rxc_scope *action = &policy->body->action;
	struct rxc_entry entry = { .policy = number };
	struct plan plan;

	read_policy(&plan, policy);
	choose_key(builder, &plan);
	entry.actions = plan.actions;
	entry.other = plan.other;
	if (plan.keys[0] || action->op == RXC_SCOPE_ANY) {
		each(builder, plan.keys[0], &entry);
	} else if (action->op == RXC_SCOPE_IN_SET) {
		for (uint32_t i = 0; i < action->count; i++)
			each(builder, action->uids[i]->uid.hash ^ RXC_KEY_ACTION, &entry);
	} else {
		each(builder, action->uid->uid.hash ^ RXC_KEY_ACTION, &entry);
	}
}

static void count_entry(const struct builder *builder, uint64_t key, const struct rxc_entry *entry)
{
	(void)entry;
	builder->index->entry_count++;
	if (key)
		bucket_for(builder->index, key)->count++;
}

static void place_entry(const struct builder *builder, uint64_t key, const struct rxc_entry *entry)
{
	struct rxc_index *index = builder->index;
	uint32_t at;

	if (key) {
		struct rxc_bucket *bucket = bucket_for(index, key);

		at = bucket->first++; /* put back when all are placed */
	} else {
		at = index->general++;
	}
	index->entries[at] = *entry;
}

static void count_uses(struct builder *builder)
{
	for (uint32_t i = 0; i < builder->set->policy_count; i++) {
		struct plan plan;

		read_policy(&plan, &builder->set->policies[i]);
		if (plan.principal.uid)
			builder->principal_uses[plan.principal.uid->id]++;
		if (plan.resource.uid)
			builder->resource_uses[plan.resource.uid->id]++;
	}
}

/* Enough for every key to be distinct; shrunk to what is needed afterwards. */
static size_t most_keys(const struct rexi_cedar_policies *set)
{
	size_t keys = 0;

	for (size_t i = 0; i < set->policy_count; i++)
		keys += set->policies[i].body->action.op == RXC_SCOPE_IN_SET ? set->policies[i].body->action.count : 1;
	return keys;
}

static bool take_buckets(struct builder *builder, size_t keys)
{
	struct rxc_index *index = builder->index;
	uint32_t cap = 16;

	while (cap < keys + keys / 2 && cap < UINT32_C(1) << 31)
		cap *= 2;
	index->buckets = rx_memory_take_zeroed(&builder->set->memory, cap, sizeof(*index->buckets));
	index->bucket_cap = index->buckets ? cap : 0;
	return index->buckets != NULL;
}

/* With half of the slots or more left over, a smaller table serves the cache better. */
static bool shrink_buckets(struct builder *builder)
{
	struct rxc_index *index = builder->index;
	struct rxc_bucket *old = index->buckets;
	uint32_t old_cap = index->bucket_cap;
	size_t used = 0;

	for (uint32_t i = 0; i < old_cap; i++)
		used += old[i].count != 0;
	if (used + used / 2 > old_cap / 2 || old_cap <= 16)
		return true;
	if (!take_buckets(builder, used)) {
		index->buckets = old;
		index->bucket_cap = old_cap;
		return false;
	}
	for (uint32_t i = 0; i < old_cap; i++)
		if (old[i].count)
			*bucket_for(index, old[i].key) = old[i];
	rx_memory_give(&builder->set->memory, old, old_cap * sizeof(*old));
	return true;
}

static bool build_index(struct builder *builder)
{
	struct rexi_cedar_policies *set = builder->set;
	struct rxc_index *index = builder->index;
	uint32_t at = 0;

	count_uses(builder);
	if (!take_buckets(builder, most_keys(set)))
		return false;
	for (uint32_t i = 0; i < set->policy_count; i++)
		for_keys(builder, i, count_entry);
	if (!shrink_buckets(builder))
		return false;
	index->entries = rx_memory_take_zeroed(&set->memory, index->entry_count, sizeof(*index->entries));
	if (!index->entries) {
		index->entry_count = 0;
		return false;
	}
	for (uint32_t i = 0; i < index->bucket_cap; i++) {
		index->buckets[i].first = at;
		at += index->buckets[i].count;
	}
	index->general = at;
	for (uint32_t i = 0; i < set->policy_count; i++)
		for_keys(builder, i, place_entry);
	for (uint32_t i = 0; i < index->bucket_cap; i++)
		index->buckets[i].first -= index->buckets[i].count;
	index->general = at;
	return true;
}

/* ---- the set ------------------------------------------------------------------------------------------------------- */

static bool compile_body(struct rexi_cedar_policies *set, struct rxc_template *body)
{
	body->code = NULL;
	if (!body->condition_count)
		return true;
	body->code = rxc_compile_conditions(&set->index->arena, &set->memory, body->conditions, body->condition_count);
	return body->code != NULL;
}

static bool compile_all(struct rexi_cedar_policies *set)
{
	for (size_t i = 0; i < set->template_count; i++)
		if (!compile_body(set, set->templates[i]))
			return false;
	for (size_t i = 0; i < set->policy_count; i++)
		if (!rxc_template_is_template(set->policies[i].body) && !compile_body(set, set->policies[i].body))
			return false;
	return true;
}

enum rexi_status rexi_cedar_policies_build(struct rexi_cedar_policies *policies, unsigned flags, struct rexi_error *err)
{
	size_t uids = policies->names.uid_count + 1u;
	struct builder builder = { .set = policies };
	bool good;

	rxc_index_free(policies);
	policies->index = rx_memory_take_zeroed(&policies->memory, 1, sizeof(*policies->index));
	if (!policies->index)
		return rx_fail_memory(err);
	rx_arena_init(&policies->index->arena, &policies->memory);
	builder.index = policies->index;
	builder.index->linear = flags & REXI_CEDAR_NO_INDEX;
	builder.principal_uses = rx_memory_take_zeroed(&policies->memory, uids, sizeof(uint32_t));
	builder.resource_uses = rx_memory_take_zeroed(&policies->memory, uids, sizeof(uint32_t));
	good = builder.principal_uses && builder.resource_uses && compile_all(policies) && (builder.index->linear || build_index(&builder));
	rx_memory_give(&policies->memory, builder.principal_uses, builder.principal_uses ? uids * sizeof(uint32_t) : 0);
	rx_memory_give(&policies->memory, builder.resource_uses, builder.resource_uses ? uids * sizeof(uint32_t) : 0);
	if (!good) {
		rxc_index_free(policies);
		return rx_fail_memory(err);
	}
	policies->built = true;
	return REXI_OK;
}
