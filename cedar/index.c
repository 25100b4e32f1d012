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
	rx_memory_give(&set->memory, index, sizeof(*index));
	set->index = NULL;
}

/* ---- what a policy says ---------------------------------------------------------------------------------------------- */

static void scope_side(const struct rxc_names *names, struct side *side, uint8_t scope, uint32_t uid, uint32_t type, const struct rxc_uid *slot)
{
	unsigned op = scope & RXC_BODY_OP;

	if (op == RXC_SCOPE_EQ || op == RXC_SCOPE_IN || op == RXC_SCOPE_IS_IN)
		side->uid = scope & RXC_BODY_SLOT ? slot : names->uids[uid];
	side->eq = op == RXC_SCOPE_EQ;
	if (op == RXC_SCOPE_IS || op == RXC_SCOPE_IS_IN)
		side->type = names->names[type];
}

/* Whether what a jump there finds on the stack is the value of the whole. */
static bool is_end(const struct rxc_code *code, uint32_t at)
{
	while (code->instrs[at].op == RXC_OP_AND)
		at = code->instrs[at].at;
	return code->instrs[at].op == RXC_OP_END;
}

static bool is_subject(const struct rxc_instr *pc)
{
	return pc->op == RXC_OP_VAR && pc->sub != RXC_CONTEXT;
}

static bool is_uid(const struct rxc_instr *pc)
{
	return pc->op == RXC_OP_CONSTANT && pc->sub == REXI_CEDAR_ENTITY;
}

static const struct rxc_uid *uid_of(const struct rxc_instr *pc)
{
	const struct rexi_cedar_uid *uid = (const struct rexi_cedar_uid *)(uintptr_t)rxc_instr_payload(pc).integer;

	return RX_CONTAINER_OF((uintptr_t)uid, const struct rxc_uid, uid);
}

/*
 * Takes what one test that cannot err says about principal or resource, and moves *pc past it. False when it is another.
 * VAR_IN; VAR, uid, EQ and the other way round; VAR, IS; VAR, IS_THEN, uid, IN.
 */
static bool leading_test(const struct rxc_names *names, struct plan *plan, const struct rxc_instr **pc)
{
	struct side none = { 0 }, *const sides[] = { [RXC_PRINCIPAL] = &plan->principal, [RXC_ACTION] = &none, [RXC_RESOURCE] = &plan->resource };
	const struct rexi_cedar_name *type = NULL;
	const struct rxc_instr *at = *pc;
	const struct rxc_uid *uid = NULL;
	struct side *side;
	bool eq = false;

	if (at->op == RXC_OP_VAR_IN) {
		side = sides[at->sub];
		uid = rxc_instr_payload(at).uid;
		at += 2;
	} else if (is_uid(at) && is_subject(at + 2) && at[3].op == RXC_OP_EQ) {
		side = sides[at[2].sub];
		uid = uid_of(at);
		eq = true;
		at += 4;
	} else if (!is_subject(at)) {
		return false;
	} else if (is_uid(at + 1) && at[3].op == RXC_OP_EQ) {
		side = sides[at->sub];
		uid = uid_of(at + 1);
		eq = true;
		at += 4;
	} else if (at[1].op == RXC_OP_IS) {
		side = sides[at->sub];
		type = names->names[at[1].at];
		at += 2;
	} else if (at[1].op == RXC_OP_IS_THEN && is_uid(at + 3) && at[5].op == RXC_OP_IN) {
		side = sides[at->sub];
		type = rxc_instr_payload(at + 1).name;
		uid = uid_of(at + 3);
		at += 6;
	} else {
		return false;
	}
	if (type && !side->type)
		side->type = type;
	if (uid && !side->uid) {
		side->uid = uid;
		side->eq = eq;
	}
	*pc = at;
	return true;
}

static void read_policy(const struct rxc_names *names, struct plan *plan, struct rxc_policy policy)
{
	const struct rxc_body *body = rxc_policy_body(policy);
	const struct rxc_instr *pc;
	struct plan more;

	*plan = (struct plan){ .principal = { .uid = NULL } };
	scope_side(names, &plan->principal, body->scopes[RXC_PRINCIPAL], body->principal, body->principal_type, rxc_policy_slot(policy, RXC_SLOT_PRINCIPAL));
	scope_side(names, &plan->resource, body->scopes[RXC_RESOURCE], body->resource, body->resource_type, rxc_policy_slot(policy, RXC_SLOT_RESOURCE));
	if (!body->code)
		return;
	pc = body->code->instrs;
	for (more = *plan; leading_test(names, &more, &pc) && (pc->op == RXC_OP_END || (pc->op == RXC_OP_AND && is_end(body->code, pc->at))); more = *plan) {
		*plan = more;
		if (pc++->op == RXC_OP_END)
			return;
	}
}

/* ---- entries ------------------------------------------------------------------------------------------------------- */

/* The actions that a scope names; `any` when it does not constrain them. */
struct actions {
	const uint32_t *ids;
	uint32_t count;
	bool any, eq;
};

static struct actions actions_of(const struct rxc_body *body)
{
	unsigned op = body->scopes[RXC_ACTION] & RXC_BODY_OP;

	if (op == RXC_SCOPE_ANY)
		return (struct actions){ .any = true };
	if (op == RXC_SCOPE_IN_SET)
		return (struct actions){ .ids = body->actions + 1, .count = body->actions[0] };
	return (struct actions){ .ids = &body->action, .count = 1, .eq = op == RXC_SCOPE_EQ };
}

/* Numbers the actions of scopes, and says how often each uid is a constraint. */
static void count_uses(struct builder *builder)
{
	struct rexi_cedar_policies *set = builder->set;

	for (uint32_t i = 0; i < set->names.uid_count; i++)
		set->names.uids[i]->reserved = 0;
	for (uint32_t i = 0; i < set->policy_count; i++) {
		struct actions actions = actions_of(rxc_policy_body(set->policies[i]));
		struct plan plan;

		for (uint32_t k = 0; k < actions.count; k++) {
			uint32_t id = actions.ids[k];

			builder->index->uses[id] |= RXC_USE_ACTIONS;
			if (!set->names.uids[id]->reserved)
				set->names.uids[id]->reserved = ++builder->actions;
		}
		read_policy(&set->names, &plan, set->policies[i]);
		if (plan.principal.uid)
			builder->principal_uses[plan.principal.uid->id]++;
		if (plan.resource.uid)
			builder->resource_uses[plan.resource.uid->id]++;
	}
}

static void describe_action(const struct builder *builder, struct rxc_entry *entry, struct actions actions)
{
	entry->actions = actions.any ? RXC_ACTIONS_ANY : 0;
	if (!actions.any && builder->actions > RXC_ACTION_BITS)
		entry->flags |= RXC_ENTRY_CHECK; /* bits are shared */
	for (uint32_t i = 0; i < actions.count; i++)
		entry->actions |= rxc_action_bit(builder->set->names.uids[actions.ids[i]]) << (actions.eq ? RXC_ACTIONS_EQ_SHIFT : 0);
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
	const struct rxc_body *body = rxc_policy_body(builder->set->policies[number]);
	struct actions actions = actions_of(body);
	struct rxc_index *index = builder->index;
	struct rxc_entry entry = { .policy = number & RXC_ENTRY_POLICIES, .other = RXC_TOKEN_NONE, .flags = body->flags & RXC_BODY_FORBID ? RXC_ENTRY_FORBID & 15u : 0, .code = body->code };
	const struct rxc_uid *principal, *resource;
	struct plan plan;

	read_policy(&builder->set->names, &plan, builder->set->policies[number]);
	principal = plan.principal.uid;
	resource = plan.resource.uid;
	if ((principal && plan.principal.type) || (resource && plan.resource.type))
		entry.flags |= RXC_ENTRY_CHECK;
	describe_action(builder, &entry, actions);
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
	} else if (actions.any) {
		each(builder, &index->general, &entry);
	} else {
		for (uint32_t i = 0; i < actions.count; i++) {
			index->uses[actions.ids[i]] |= RXC_USE_ACTION;
			index->var_uses[RXC_ACTION] = true;
			each(builder, &index->uid_first[RXC_ROLES * (size_t)actions.ids[i] + RXC_ROLE_ACTION], &entry);
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
		if (!rxc_policy_link(set->policies[i]))
			mark_code(index, rxc_policy_body(set->policies[i])->code);
}

static void order_keys(struct rexi_cedar_policies *set, const uint32_t *first, size_t keys)
{
	for (size_t i = 0; i + 1 < keys; i++)
		rxc_index_order(&set->memory, set->index->entries + first[i], first[i + 1] - first[i]);
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
	order_keys(set, index->uid_first, index->uid_keys);
	order_keys(set, index->type_first, index->type_keys);
	rxc_index_order(&set->memory, index->entries + general, index->entry_count - general);
	return true;
}

/* ---- the set ------------------------------------------------------------------------------------------------------- */

/* Code and bodies are all that decisions need of policies from text. */
static void give_up_trees(struct rexi_cedar_policies *set)
{
	for (size_t i = 0; i < set->template_count; i++)
		if (set->templates[i]->source)
			set->templates[i]->tree = NULL;
	for (size_t i = 0; i < set->policy_count; i++)
		if (rxc_policy_body(set->policies[i])->source)
			rxc_policy_body(set->policies[i])->tree = NULL;
	rx_arena_fini(&set->trees);
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
	builder.index = policies->index;
	builder.index->linear = flags & REXI_CEDAR_NO_INDEX || policies->names.uid_count >= RXC_MOST_UIDS;
	builder.principal_uses = rx_memory_take_zeroed(&policies->memory, uids, sizeof(uint32_t));
	builder.resource_uses = rx_memory_take_zeroed(&policies->memory, uids, sizeof(uint32_t));
	good = builder.principal_uses && builder.resource_uses && (builder.index->linear || build_index(&builder));
	rx_memory_give(&policies->memory, builder.principal_uses, builder.principal_uses ? uids * sizeof(uint32_t) : 0);
	rx_memory_give(&policies->memory, builder.resource_uses, builder.resource_uses ? uids * sizeof(uint32_t) : 0);
	if (!good) {
		rxc_index_free(policies);
		return rx_fail_memory(err);
	}
	give_up_trees(policies);
	trim_arrays(policies);
	policies->serial = rxc_engine_serial(policies->engine);
	policies->built = true;
	return REXI_OK;
}
