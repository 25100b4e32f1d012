#include <config.h>

#include "cedar/index.h"

#include "cedar/code.h"

#include "base/banned.h"

/* What the scope and the leading tests of a policy say about one side. */
struct side {
	const struct rxc_uid *uid;
	const struct rexi_cedar_name *type;
	bool eq; /* the uid itself, not what is in it */
};

struct plan {
	struct side principal, resource;
};

struct builder {
	struct rexi_cedar_policies *set;
	struct rxc_index *index;
	uint32_t *principal_uses, *resource_uses; /* by uid id */
	uint32_t actions;                         /* distinct ones in scopes */
};

void rxc_index_free(struct rexi_cedar_policies *set)
{
	struct rxc_index *index = set->index;

	set->built = false;
	if (!index)
		return;
	rx_memory_give(&set->memory, index->entries, index->entry_count * sizeof(*index->entries));
	rx_memory_give(&set->memory, index->uid_first, index->uid_keys * sizeof(*index->uid_first));
	rx_memory_give(&set->memory, index->uses, index->use_count);
	rx_memory_give(&set->memory, index->type_first, index->type_keys * sizeof(*index->type_first));
	rx_arena_fini(&index->arena);
	rx_memory_give(&set->memory, index, sizeof(*index));
	set->index = NULL;
}

/* ---- what a policy says ---------------------------------------------------------------------------------------------- */

static void scope_side(struct side *side, const struct rxc_scope *scope, const struct rxc_uid *slot)
{
	if (scope->op == RXC_SCOPE_EQ || scope->op == RXC_SCOPE_IN || scope->op == RXC_SCOPE_IS_IN)
		side->uid = scope->flags & RXC_SCOPE_SLOT ? slot : scope->uid;
	side->eq = scope->op == RXC_SCOPE_EQ;
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
	if (!side->uid) {
		side->uid = other->uid;
		side->eq = expr->kind == RXC_EQ;
	}
	return true;
}

static void read_policy(struct plan *plan, const struct rxc_policy *policy)
{
	const struct rxc_template *body = policy->body;
	const struct rxc_expr *first;

	*plan = (struct plan){ .principal = { .uid = NULL } };
	scope_side(&plan->principal, &body->principal, rxc_policy_slot(policy, RXC_SLOT_PRINCIPAL));
	scope_side(&plan->resource, &body->resource, rxc_policy_slot(policy, RXC_SLOT_RESOURCE));
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

/* ---- entries ------------------------------------------------------------------------------------------------------- */

/* Numbers the actions of scopes, and says how often each uid is a constraint. */
static void count_uses(struct builder *builder)
{
	struct rexi_cedar_policies *set = builder->set;

	for (uint32_t i = 0; i < set->names.uid_count; i++)
		set->names.uids[i]->reserved = 0;
	for (uint32_t i = 0; i < set->policy_count; i++) {
		const struct rxc_scope *action = &set->policies[i].body->action;
		uint32_t count = action->op == RXC_SCOPE_ANY ? 0 : action->op == RXC_SCOPE_IN_SET ? action->count : 1;
		struct plan plan;

		for (uint32_t k = 0; k < count; k++) {
			uint32_t id = action->op == RXC_SCOPE_IN_SET ? action->uids[k]->id : action->uid->id;

			builder->index->uses[id] |= RXC_USE_ACTIONS;
			if (!set->names.uids[id]->reserved)
				set->names.uids[id]->reserved = ++builder->actions;
		}
		read_policy(&plan, &set->policies[i]);
		if (plan.principal.uid)
			builder->principal_uses[plan.principal.uid->id]++;
		if (plan.resource.uid)
			builder->resource_uses[plan.resource.uid->id]++;
	}
}

static void describe_action(const struct builder *builder, struct rxc_entry *entry, const struct rxc_scope *action)
{
	entry->actions = RXC_ACTIONS_ANY;
	if (action->op == RXC_SCOPE_ANY)
		return;
	if (builder->actions > RXC_ACTION_BITS)
		entry->flags |= RXC_ENTRY_CHECK; /* bits are shared */
	if (action->op != RXC_SCOPE_IN_SET) {
		entry->actions = rxc_action_bit(action->uid) << (action->op == RXC_SCOPE_EQ ? RXC_ACTIONS_EQ_SHIFT : 0);
		return;
	}
	entry->actions = 0;
	for (uint32_t i = 0; i < action->count; i++)
		entry->actions |= rxc_action_bit(action->uids[i]);
}

static void describe_other(struct rxc_index *index, struct rxc_entry *entry, const struct side *side, enum rxc_var var)
{
	index->type_uses |= side->type != NULL;
	if (side->uid) {
		index->uses[side->uid->id] |= RXC_USE_OTHER;
		index->var_uses[var] = true;
		entry->other = RXC_TOKEN(side->uid->id, side->eq ? RXC_TOKEN_EQ : RXC_TOKEN_IN);
	} else if (side->type) {
		entry->other = RXC_TOKEN(side->type->id, RXC_TOKEN_TYPE);
	}
}

typedef void (*each_fn)(struct builder *builder, uint32_t *first, const struct rxc_entry *entry);

/* Calls `each` with the counter of every key of a policy and its entry. */
static void for_keys(struct builder *builder, uint32_t number, each_fn each)
{
	const struct rxc_policy *policy = &builder->set->policies[number];
	const struct rxc_scope *action = &policy->body->action;
	struct rxc_index *index = builder->index;
	struct rxc_entry entry = { .policy = number & RXC_ENTRY_POLICIES, .other = RXC_TOKEN_NONE, .flags = policy->body->forbid ? RXC_ENTRY_FORBID & 15u : 0, .code = policy->body->code };
	const struct rxc_uid *principal, *resource;
	struct plan plan;

	read_policy(&plan, policy);
	principal = plan.principal.uid;
	resource = plan.resource.uid;
	if ((principal && plan.principal.type) || (resource && plan.resource.type))
		entry.flags |= RXC_ENTRY_CHECK;
	describe_action(builder, &entry, action);
	if (principal && resource && builder->principal_uses[principal->id] > builder->resource_uses[resource->id])
		principal = NULL;
	if (principal) {
		entry.flags |= plan.principal.eq ? RXC_ENTRY_KEY_EQ : 0;
		describe_other(index, &entry, &plan.resource, RXC_RESOURCE);
		index->uses[principal->id] |= RXC_USE_PRINCIPAL;
		index->var_uses[RXC_PRINCIPAL] = true;
		each(builder, &index->uid_first[RXC_ROLES * (size_t)principal->id + RXC_ROLE_PRINCIPAL], &entry);
	} else if (resource) {
		entry.flags |= plan.resource.eq ? RXC_ENTRY_KEY_EQ : 0;
		describe_other(index, &entry, &plan.principal, RXC_PRINCIPAL);
		index->uses[resource->id] |= RXC_USE_RESOURCE;
		index->var_uses[RXC_RESOURCE] = true;
		each(builder, &index->uid_first[RXC_ROLES * (size_t)resource->id + RXC_ROLE_RESOURCE], &entry);
	} else if (plan.principal.type) {
		describe_other(index, &entry, &plan.resource, RXC_RESOURCE);
		index->type_uses = true;
		each(builder, &index->type_first[2 * (size_t)plan.principal.type->id + RXC_ROLE_PRINCIPAL], &entry);
	} else if (plan.resource.type) {
		index->type_uses = true;
		each(builder, &index->type_first[2 * (size_t)plan.resource.type->id + RXC_ROLE_RESOURCE], &entry);
	} else if (action->op == RXC_SCOPE_ANY) {
		each(builder, &index->general, &entry);
	} else {
		uint32_t count = action->op == RXC_SCOPE_IN_SET ? action->count : 1;

		for (uint32_t i = 0; i < count; i++) {
			const struct rxc_uid *uid = action->op == RXC_SCOPE_IN_SET ? action->uids[i] : action->uid;

			index->uses[uid->id] |= RXC_USE_ACTION;
			index->var_uses[RXC_ACTION] = true;
			each(builder, &index->uid_first[RXC_ROLES * (size_t)uid->id + RXC_ROLE_ACTION], &entry);
		}
	}
}

static void count_entry(struct builder *builder, uint32_t *first, const struct rxc_entry *entry)
{
	(void)entry;
	builder->index->entry_count++;
	++*first;
}

static void place_entry(struct builder *builder, uint32_t *first, const struct rxc_entry *entry)
{
	builder->index->entries[(*first)++] = *entry;
}

/* From counts to where each key starts. */
static uint32_t sum(uint32_t *first, size_t keys, uint32_t at)
{
	for (size_t i = 0; i < keys; i++) {
		uint32_t count = first[i];

		first[i] = at;
		at += count;
	}
	return at;
}

/* Placing moved every start to its end, which is the next key's start. */
static void shift(uint32_t *first, size_t keys, uint32_t start)
{
	for (size_t i = keys; i-- > 1;)
		first[i] = first[i - 1];
	first[0] = start;
}

/* What conditions ask in the same numbers: see RXC_OP_VAR_IN. */
static void mark_code(struct rxc_index *index, const struct rxc_code *code)
{
	for (uint32_t i = 0; code && i < code->count; i += rxc_op_has_payload(code->instrs[i].op) ? 2 : 1) {
		if (code->instrs[i].op != RXC_OP_VAR_IN)
			continue;
		index->uses[code->instrs[i].at] |= RXC_USE_OTHER;
		index->var_uses[code->instrs[i].sub] = true;
	}
}

static void mark_conditions(const struct rexi_cedar_policies *set, struct rxc_index *index)
{
	for (size_t i = 0; i < set->template_count; i++)
		mark_code(index, set->templates[i]->code);
	for (size_t i = 0; i < set->policy_count; i++)
		if (!rxc_template_is_template(set->policies[i].body))
			mark_code(index, set->policies[i].body->code);
}

static bool build_index(struct builder *builder)
{
	struct rexi_cedar_policies *set = builder->set;
	struct rxc_index *index = builder->index;
	uint32_t types, general;

	index->uid_keys = RXC_ROLES * (size_t)set->names.uid_count + 1;
	index->type_keys = 2 * (size_t)set->names.name_count + 1;
	index->uid_first = rx_memory_take_zeroed(&set->memory, index->uid_keys, sizeof(*index->uid_first));
	index->type_first = rx_memory_take_zeroed(&set->memory, index->type_keys, sizeof(*index->type_first));
	index->use_count = set->names.uid_count + 1u;
	index->uses = rx_memory_take_zeroed(&set->memory, index->use_count, 1);
	if (!index->uid_first || !index->type_first || !index->uses)
		return false;
	count_uses(builder);
	for (uint32_t i = 0; i < set->policy_count; i++)
		for_keys(builder, i, count_entry);
	index->entries = rx_memory_take_zeroed(&set->memory, index->entry_count, sizeof(*index->entries));
	if (!index->entries) {
		index->entry_count = 0;
		return false;
	}
	mark_conditions(set, index);
	types = sum(index->uid_first, index->uid_keys, 0);
	general = sum(index->type_first, index->type_keys, types);
	index->general = general;
	for (uint32_t i = 0; i < set->policy_count; i++)
		for_keys(builder, i, place_entry);
	shift(index->uid_first, index->uid_keys, 0);
	shift(index->type_first, index->type_keys, types);
	index->general = general;
	return true;
}

/* ---- the set ------------------------------------------------------------------------------------------------------- */

static bool compile_body(struct rexi_cedar_policies *set, struct rxc_template *body)
{
	body->code = NULL;
	if (!body->condition_count)
		return true;
	if (set->index->arena.next_block > RXC_SET_BLOCK)
		set->index->arena.next_block = RXC_SET_BLOCK;
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

static void trim(struct rx_memory *memory, void **array, size_t *cap, size_t count, size_t size)
{
	void *smaller = *cap > count ? rx_memory_resize(memory, *array, *cap * size, count * size) : NULL;

	if (!smaller)
		return; /* it only takes more */
	*array = smaller;
	*cap = count;
}

/* What arrays took to grow is given back; the next edit takes it again. */
static void trim_arrays(struct rexi_cedar_policies *set)
{
	trim(&set->memory, (void **)(void *)&set->policies, &set->policy_cap, set->policy_count, sizeof(*set->policies));
	trim(&set->memory, (void **)(void *)&set->templates, &set->template_cap, set->template_count, sizeof(*set->templates));
	trim(&set->memory, (void **)(void *)&set->names.uids, &set->names.uid_cap, set->names.uid_count, sizeof(*set->names.uids));
	trim(&set->memory, (void **)(void *)&set->names.names, &set->names.name_cap, set->names.name_count, sizeof(*set->names.names));
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
	builder.index->linear = flags & REXI_CEDAR_NO_INDEX || policies->names.uid_count >= RXC_MOST_UIDS;
	builder.principal_uses = rx_memory_take_zeroed(&policies->memory, uids, sizeof(uint32_t));
	builder.resource_uses = rx_memory_take_zeroed(&policies->memory, uids, sizeof(uint32_t));
	good = builder.principal_uses && builder.resource_uses && compile_all(policies) && (builder.index->linear || build_index(&builder));
	rx_memory_give(&policies->memory, builder.principal_uses, builder.principal_uses ? uids * sizeof(uint32_t) : 0);
	rx_memory_give(&policies->memory, builder.resource_uses, builder.resource_uses ? uids * sizeof(uint32_t) : 0);
	if (!good) {
		rxc_index_free(policies);
		return rx_fail_memory(err);
	}
	trim_arrays(policies);
	policies->serial = rxc_engine_serial(policies->engine);
	policies->built = true;
	return REXI_OK;
}
