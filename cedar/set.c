/* Engines, and policy sets: ids, adding, linking, removing, merging. */
#include <config.h>

#include "cedar/set.h"

#include "cedar/code.h"
#include "cedar/index.h"

#include "base/banned.h"

/* ---- engine -------------------------------------------------------------------------------------------------------- */

static enum rexi_status fill_limits(struct rexi_cedar_limits *to, const struct rexi_cedar_limits *from, struct rexi_error *err)
{
	*to = (struct rexi_cedar_limits){ .size = sizeof(*to) };
	if (from && from->size != sizeof(*from))
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "the limits are of another version of the library");
#define FILL(field, fallback, most, text)                                                                              \
	to->field = from && from->field ? from->field : (size_t)(fallback);                                             \
	if (from && from->field > (size_t)(most))                                                                       \
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "limit " #field " is %zu, at most %zu is possible", from->field, (size_t)(most));
	REXI_CEDAR_LIMIT_LIST(FILL)
#undef FILL
	return REXI_OK;
}

enum rexi_status rexi_cedar_engine_new(const struct rexi_allocator *allocator, const struct rexi_cedar_limits *limits,
				       struct rexi_cedar_engine **out, struct rexi_error *err)
{
	struct rexi_cedar_limits filled;
	struct rexi_cedar_engine *engine;
	struct rx_memory memory;

	RX_TRY(fill_limits(&filled, limits, err));
	rx_memory_init(&memory, allocator, 0);
	engine = rx_memory_take_zeroed(&memory, 1, sizeof(*engine));
	if (!engine)
		return rx_fail_memory(err);
	engine->memory = memory;
	engine->allocator = memory.source;
	engine->limits = filled;
	engine->seed = rx_hash_seed();
	*out = engine;
	return REXI_OK;
}

void rexi_cedar_engine_free(struct rexi_cedar_engine *engine)
{
	struct rx_memory memory;

	if (!engine)
		return;
	memory = engine->memory;
	rx_memory_give(&memory, engine, sizeof(*engine));
}

enum rexi_status rexi_cedar_type_init(const struct rexi_cedar_engine *engine, struct rexi_cedar_name *out, struct rexi_str text,
				      struct rexi_error *err)
{
	if (!rxc_is_type_name(text))
		return rx_fail(err, REXI_SYNTAX, RX_NO_SPAN, "`%.*s` is not an entity type name", RX_STR_ARG(rx_str_sub(text, 0, 80)));
	rexi_cedar_attribute_init(engine, out, text);
	out->flags = rx_str_eq(text, RX_STR("Action")) || rx_str_ends(text, RX_STR("::Action")) ? RXC_NAME_ACTION : 0;
	return REXI_OK;
}

void rexi_cedar_attribute_init(const struct rexi_cedar_engine *engine, struct rexi_cedar_name *out, struct rexi_str text)
{
	*out = (struct rexi_cedar_name){ .text = text, .hash = rxc_name_hash(text, engine->seed) };
}

void rexi_cedar_uid_init(const struct rexi_cedar_engine *engine, struct rexi_cedar_uid *out, const struct rexi_cedar_name *type,
			 struct rexi_str id)
{
	*out = (struct rexi_cedar_uid){ .type = type, .id = id, .hash = rxc_uid_hash(type, id, engine->seed) };
}

void rexi_cedar_text_free(const struct rexi_cedar_engine *engine, struct rexi_cedar_text *text)
{
	if (text && text->ptr)
		(void)engine->allocator.resize(engine->allocator.user, text->ptr, text->cap, 0);
	if (text)
		*text = (struct rexi_cedar_text){ NULL, 0, 0 };
}

enum rexi_status rxc_text_take(struct rx_buf *buf, struct rexi_cedar_text *out, struct rexi_error *err)
{
	if (!rx_buf_cstr(buf)) {
		rx_buf_fini(buf);
		return rx_fail_memory(err);
	}
	*out = (struct rexi_cedar_text){ buf->ptr, buf->len, buf->cap };
	buf->ptr = NULL;
	buf->len = buf->cap = 0;
	return REXI_OK;
}

/* ---- ids ----------------------------------------------------------------------------------------------------------- */

static struct rexi_str id_of(const struct rexi_cedar_policies *set, uint32_t value)
{
	return value & 1 ? rxc_body_id(set->templates[value >> 1]) : rxc_policy_id(set->policies[value >> 1]);
}

static uint32_t id_hash(const struct rexi_cedar_policies *set, struct rexi_str id)
{
	return (uint32_t)rx_hash_bytes(id.ptr, id.len, set->engine->seed);
}

/* UINT32_MAX when absent. */
static uint32_t ids_find(const struct rexi_cedar_policies *set, struct rexi_str id)
{
	uint32_t hash = id_hash(set, id), mask = set->ids.cap - 1;

	if (!set->ids.cap)
		return UINT32_MAX;
	for (uint32_t at = hash & mask; set->ids.slots[at].value; at = (at + 1) & mask) {
		const struct rxc_set_slot *slot = &set->ids.slots[at];

		if (slot->hash == hash && slot->value != UINT32_MAX && rx_str_eq(id_of(set, slot->value - 1), id))
			return slot->value - 1;
	}
	return UINT32_MAX;
}

static bool ids_rehash(struct rexi_cedar_policies *set, uint32_t cap)
{
	struct rxc_set_slot *fresh = rx_memory_take_zeroed(&set->memory, cap, sizeof(*fresh));
	uint32_t used = 0;

	if (!fresh)
		return false;
	for (uint32_t i = 0; i < set->ids.cap; i++) {
		struct rxc_set_slot slot = set->ids.slots[i];
		uint32_t at = slot.hash & (cap - 1);

		if (!slot.value || slot.value == UINT32_MAX)
			continue;
		while (fresh[at].value)
			at = (at + 1) & (cap - 1);
		fresh[at] = slot;
		used++;
	}
	rx_memory_give(&set->memory, set->ids.slots, set->ids.cap * sizeof(*set->ids.slots));
	set->ids.slots = fresh;
	set->ids.cap = cap;
	set->ids.used = used;
	return true;
}

static bool ids_reserve(struct rexi_cedar_policies *set)
{
	enum { FIRST = 32 };
	uint32_t live = (uint32_t)(set->policy_count + set->template_count + 1);

	if (set->ids.used + 1 + (set->ids.used + 1) / 2 < set->ids.cap)
		return true;
	return ids_rehash(set, live + live / 2 < set->ids.cap ? set->ids.cap : set->ids.cap ? set->ids.cap * 2 : FIRST);
}

/* There is room, and the id is not in the table. */
static void ids_add(struct rexi_cedar_policies *set, struct rexi_str id, uint32_t value)
{
	uint32_t hash = id_hash(set, id), mask = set->ids.cap - 1, at = hash & mask;

	while (set->ids.slots[at].value)
		at = (at + 1) & mask;
	set->ids.slots[at] = (struct rxc_set_slot){ hash, value + 1 };
	set->ids.used++;
}

/* One number is gone, and those of its kind above it moved down. */
static void ids_remove(struct rexi_cedar_policies *set, uint32_t gone)
{
	for (uint32_t i = 0; i < set->ids.cap; i++) {
		struct rxc_set_slot *slot = &set->ids.slots[i];
		uint32_t value = slot->value - 1;

		if (!slot->value || slot->value == UINT32_MAX || (value & 1) != (gone & 1))
			continue;
		if (value == gone)
			slot->value = UINT32_MAX;
		else if (value > gone)
			slot->value -= 2;
	}
}

/* The numbers moved: every id again. */
static void ids_refill(struct rexi_cedar_policies *set)
{
	if (!set->ids.cap)
		return;
	memset(set->ids.slots, 0, set->ids.cap * sizeof(*set->ids.slots));
	set->ids.used = 0;
	for (size_t i = 0; i < set->policy_count; i++)
		ids_add(set, rxc_policy_id(set->policies[i]), (uint32_t)i << 1);
	for (size_t i = 0; i < set->template_count; i++)
		ids_add(set, rxc_body_id(set->templates[i]), (uint32_t)i << 1 | 1);
}

size_t rxc_set_find_policy(const struct rexi_cedar_policies *set, struct rexi_str id)
{
	uint32_t value = ids_find(set, id);

	return value == UINT32_MAX || value & 1 ? SIZE_MAX : value >> 1;
}

size_t rxc_set_find_template(const struct rexi_cedar_policies *set, struct rexi_str id)
{
	uint32_t value = ids_find(set, id);

	return value == UINT32_MAX || !(value & 1) ? SIZE_MAX : value >> 1;
}

/* ---- sets ---------------------------------------------------------------------------------------------------------- */

enum rexi_status rexi_cedar_policies_new(const struct rexi_cedar_engine *engine, struct rexi_cedar_policies **out,
					 struct rexi_error *err)
{
	struct rexi_cedar_policies *set;
	struct rx_memory memory;

	rx_memory_init(&memory, &engine->allocator, engine->limits.memory_bytes);
	set = rx_memory_take_zeroed(&memory, 1, sizeof(*set));
	if (!set)
		return rx_fail_memory(err);
	set->engine = engine;
	set->memory = memory;
	rx_arena_init(&set->arena, &set->memory);
	rx_arena_init(&set->code, &set->memory);
	rx_arena_init(&set->trees, &set->memory);
	rxc_names_init(&set->names, &set->arena, &set->memory, engine->seed);
	*out = set;
	return REXI_OK;
}

void rexi_cedar_policies_free(struct rexi_cedar_policies *policies)
{
	struct rx_memory memory;

	if (!policies)
		return;
	rxc_index_free(policies);
	rxc_names_fini(&policies->names);
	rx_memory_give(&policies->memory, policies->sources, policies->source_cap * sizeof(*policies->sources));
	rx_memory_give(&policies->memory, policies->templates, policies->template_cap * sizeof(*policies->templates));
	rx_memory_give(&policies->memory, policies->policies, policies->policy_cap * sizeof(*policies->policies));
	rx_memory_give(&policies->memory, policies->ids.slots, policies->ids.cap * sizeof(*policies->ids.slots));
	rx_memory_give(&policies->memory, policies->errors, policies->error_cap * sizeof(*policies->errors));
	rx_arena_fini(&policies->arena);
	rx_arena_fini(&policies->code);
	rx_arena_fini(&policies->trees);
	memory = policies->memory;
	rx_memory_give(&memory, policies, sizeof(*policies));
}

struct rxc_set_mark rxc_set_mark(const struct rexi_cedar_policies *set)
{
	return (struct rxc_set_mark){ set->template_count, set->policy_count };
}

void rxc_set_rollback(struct rexi_cedar_policies *set, struct rxc_set_mark mark)
{
	if (set->template_count == mark.templates && set->policy_count == mark.policies)
		return;
	for (size_t i = mark.policies; i < set->policy_count; i++)
		if (rxc_policy_link(set->policies[i]))
			rxc_policy_body(set->policies[i])->links--;
	set->template_count = mark.templates;
	set->policy_count = mark.policies;
	ids_refill(set);
}

void rxc_set_changed(struct rexi_cedar_policies *set)
{
	rxc_index_free(set);
}

static enum rexi_status check_new_id(const struct rexi_cedar_policies *set, struct rexi_str id, struct rexi_error *err)
{
	if (set->policy_count + set->template_count >= set->engine->limits.policies)
		return rx_fail(err, REXI_LIMIT, RX_NO_SPAN, "a policy set holds at most %zu policies and templates", set->engine->limits.policies);
	if (ids_find(set, id) != UINT32_MAX)
		return rx_fail(err, REXI_DUPLICATE, RX_NO_SPAN, "duplicate template or policy id `%.*s`", RX_STR_ARG(rx_str_sub(id, 0, 120)));
	return REXI_OK;
}

static enum rexi_status push_policy(struct rexi_cedar_policies *set, struct rxc_policy policy, struct rexi_error *err)
{
	if (!RX_GROW(&set->memory, &set->policies, &set->policy_cap, set->policy_count + 1) || !ids_reserve(set))
		return rx_fail_memory(err);
	set->policies[set->policy_count] = policy;
	ids_add(set, rxc_policy_id(policy), (uint32_t)set->policy_count << 1);
	set->policy_count++;
	return REXI_OK;
}

/* ---- bodies -------------------------------------------------------------------------------------------------------- */

static void pack_scope(struct rxc_body *body, enum rxc_var var, const struct rxc_scope *scope, uint32_t *uid, uint32_t *type)
{
	body->scopes[var] = (uint8_t)(scope->op | (scope->flags & RXC_SCOPE_SLOT ? RXC_BODY_SLOT : 0));
	if (scope->op != RXC_SCOPE_ANY && scope->op != RXC_SCOPE_IS && !(scope->flags & RXC_SCOPE_SLOT))
		*uid = scope->uid->id;
	if (scope->op == RXC_SCOPE_IS || scope->op == RXC_SCOPE_IS_IN)
		*type = scope->type->id;
}

static bool pack_action(struct rexi_cedar_policies *set, struct rxc_body *body, const struct rxc_scope *scope)
{
	uint32_t *list, ignored;

	if (scope->op != RXC_SCOPE_IN_SET) {
		pack_scope(body, RXC_ACTION, scope, &body->action, &ignored);
		return true;
	}
	body->scopes[RXC_ACTION] = RXC_SCOPE_IN_SET;
	list = RX_ARENA_ARRAY(&set->arena, uint32_t, scope->count + 1u);
	if (!list)
		return false;
	list[0] = scope->count;
	for (uint32_t i = 0; i < scope->count; i++)
		list[i + 1] = scope->uids[i]->id;
	body->actions = list;
	return true;
}

/* Whether all annotations of a text are views of it, so that it can be asked again. */
static bool annotations_in_text(const struct rxc_template *tree)
{
	for (uint32_t i = 0; i < tree->annotation_count; i++) {
		const struct rxc_annotation *annotation = &tree->annotations[i];
		uintptr_t at = (uintptr_t)annotation->value.ptr, text = (uintptr_t)tree->source->ptr;

		if (annotation->has_value && annotation->value.len && (at < text || at >= text + tree->source->len))
			return false;
	}
	return true;
}

/* A body with what stands before it: see RXC_BODY_ANNOTATIONS. */
static struct rxc_body *new_body(struct rexi_cedar_policies *set, const struct rxc_template *tree)
{
	struct rxc_annotation *annotations;
	struct rxc_body *body;
	void **before;

	if (!tree->source || annotations_in_text(tree))
		return RX_ARENA_NEW(&set->arena, struct rxc_body);
	before = rx_arena_alloc(&set->arena, 1, sizeof(*before) + sizeof(*body));
	annotations = RX_ARENA_ARRAY(&set->arena, struct rxc_annotation, tree->annotation_count);
	if (!before || !annotations)
		return NULL;
	memcpy(annotations, tree->annotations, tree->annotation_count * sizeof(*annotations));
	*before = annotations;
	body = (struct rxc_body *)(void *)(before + 1);
	body->flags = RXC_BODY_ANNOTATIONS;
	return body;
}

static bool number_source(struct rexi_cedar_policies *set, const struct rexi_str *source, uint32_t *out)
{
	*out = 0;
	if (!source)
		return true;
	if (set->source_count == 0 || set->sources[set->source_count - 1] != source) {
		if (set->source_count >= UINT32_MAX || !RX_GROW(&set->memory, &set->sources, &set->source_cap, set->source_count + 1))
			return false;
		set->sources[set->source_count++] = source;
	}
	*out = (uint32_t)set->source_count;
	return true;
}

/* NULL when memory refuses. */
static struct rxc_body *make_body(struct rexi_cedar_policies *set, const struct rxc_template *tree)
{
	struct rxc_body *body = new_body(set, tree);

	if (!body || !number_source(set, tree->source, &body->source))
		return NULL;
	body->tree = tree;
	body->id = tree->id.ptr;
	body->id_len = (uint32_t)tree->id.len;
	body->span = tree->span;
	body->condition_count = tree->condition_count;
	body->annotation_count = tree->annotation_count;
	body->flags |= (uint8_t)((tree->forbid ? RXC_BODY_FORBID : 0) | (tree->is_template ? RXC_BODY_TEMPLATE : 0));
	body->slots = tree->slots;
	pack_scope(body, RXC_PRINCIPAL, &tree->principal, &body->principal, &body->principal_type);
	pack_scope(body, RXC_RESOURCE, &tree->resource, &body->resource, &body->resource_type);
	if (!pack_action(set, body, &tree->action))
		return NULL;
	if (tree->condition_count == 0)
		return body;
	body->code = rxc_compile_conditions(&set->code, &set->memory, tree->conditions, tree->condition_count);
	return body->code ? body : NULL;
}

enum rexi_status rxc_set_add(struct rexi_cedar_policies *set, const struct rxc_template *tree, struct rexi_error *err)
{
	struct rxc_body *body;

	if (set->arena.next_block > RXC_SET_BLOCK)
		set->arena.next_block = RXC_SET_BLOCK;
	if (set->code.next_block > RXC_SET_BLOCK + set->policy_count * 8) /* an eighth of what it holds: few large blocks */
		set->code.next_block = RXC_SET_BLOCK + set->policy_count * 8;
	*err = (struct rexi_error){ .status = REXI_OK };
	RX_TRY(check_new_id(set, tree->id, err));
	body = make_body(set, tree);
	if (!body)
		return rx_fail_memory(err);
	if (!tree->is_template)
		return push_policy(set, rxc_policy_of_body(body), err);
	if (!RX_GROW(&set->memory, &set->templates, &set->template_cap, set->template_count + 1) || !ids_reserve(set))
		return rx_fail_memory(err);
	set->templates[set->template_count] = body;
	ids_add(set, tree->id, (uint32_t)set->template_count << 1 | 1);
	set->template_count++;
	return REXI_OK;
}

/* ---- links --------------------------------------------------------------------------------------------------------- */

static enum rexi_status link_refused(enum rexi_cedar_link_error *out, enum rexi_cedar_link_error kind, enum rexi_status status)
{
	if (out)
		*out = kind;
	return status;
}

static const char *const slot_names[] = { "?principal", "?resource" };

/* Which slots the bindings name; false when one is unknown or named twice. */
static bool slots_given(const struct rexi_cedar_binding *bindings, size_t count, const struct rexi_cedar_uid *by_slot[2])
{
	by_slot[0] = by_slot[1] = NULL;
	for (size_t i = 0; i < count; i++) {
		unsigned slot;

		for (slot = 0; slot < 2; slot++)
			if (rx_str_eq(rx_str(bindings[i].slot), rx_str(slot_names[slot])))
				break;
		if (slot == 2 || by_slot[slot])
			return false;
		by_slot[slot] = &bindings[i].uid;
	}
	return true;
}

static enum rexi_status wrong_slots(unsigned missing, unsigned extra, struct rexi_error *err)
{
	static const char *const lists[] = { "", "?principal", "?resource", "?principal, ?resource" };
	static const char absent[] = "the following slots were not provided as arguments: ";
	static const char surplus[] = "he following slots were provided as arguments, but did not exist in the template: ";

	if (missing && extra)
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "%s%s. T%s%s", absent, lists[missing], surplus, lists[extra]);
	if (missing)
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "%s%s", absent, lists[missing]);
	return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "t%s%s", surplus, lists[extra]);
}

static const struct rxc_uid *copy_uid(struct rexi_cedar_policies *set, const struct rexi_cedar_uid *uid)
{
	const struct rexi_cedar_name *type = rxc_names_intern(&set->names, uid->type->text, false);

	return type ? rxc_names_uid(&set->names, type, uid->id, false) : NULL;
}

enum rexi_status rexi_cedar_policies_link(struct rexi_cedar_policies *policies, struct rexi_str template_id, struct rexi_str new_id,
					  const struct rexi_cedar_binding *bindings, size_t count,
					  enum rexi_cedar_link_error *kind_out, struct rexi_error *err)
{
	const struct rexi_cedar_uid *given[2];
	struct rxc_body *body;
	struct rxc_link *link;
	unsigned have = 0;
	size_t at = rxc_set_find_template(policies, template_id);
	enum rexi_status status;

	if (kind_out)
		*kind_out = REXI_CEDAR_LINK_OK;
	if (!slots_given(bindings, count, given)) {
		return link_refused(kind_out, REXI_CEDAR_LINK_JSON,
				    rx_fail(err, REXI_INVALID, RX_NO_SPAN, "a slot is ?principal or ?resource, each at most once"));
	}
	if (at == SIZE_MAX) {
		if (rxc_set_find_policy(policies, template_id) != SIZE_MAX) {
			return link_refused(kind_out, REXI_CEDAR_LINK_EXPECTED_TEMPLATE,
					    rx_fail(err, REXI_INVALID, RX_NO_SPAN, "expected a template, but a static policy was provided"));
		}
		return link_refused(kind_out, REXI_CEDAR_LINK_NO_SUCH_TEMPLATE,
				    rx_fail(err, REXI_NOT_FOUND, RX_NO_SPAN, "failed to find a template with id `%.*s`",
					    RX_STR_ARG(rx_str_sub(template_id, 0, 120))));
	}
	body = policies->templates[at];
	have = (given[0] ? 1u : 0) | (given[1] ? 2u : 0);
	if (have != body->slots)
		return link_refused(kind_out, REXI_CEDAR_LINK_ARITY, wrong_slots(body->slots & ~have, have & ~(unsigned)body->slots, err));
	status = check_new_id(policies, new_id, err);
	if (status == REXI_DUPLICATE)
		status = rx_fail(err, REXI_DUPLICATE, RX_NO_SPAN, "template-linked policy id `%.*s` conflicts with an existing policy id",
			      RX_STR_ARG(rx_str_sub(new_id, 0, 120)));
	if (status != REXI_OK)
		return link_refused(kind_out, status == REXI_DUPLICATE ? REXI_CEDAR_LINK_ID_CONFLICT : REXI_CEDAR_LINK_MEMORY, status);
	link = RX_ARENA_NEW(&policies->arena, struct rxc_link);
	if (!link)
		return link_refused(kind_out, REXI_CEDAR_LINK_MEMORY, rx_fail_memory(err));
	link->body = body;
	link->id = rx_arena_copy(&policies->arena, new_id);
	for (unsigned i = 0; i < 2; i++)
		link->slots[i] = given[i] ? copy_uid(policies, given[i]) : NULL;
	if (!link->id.ptr || (given[0] && !link->slots[0]) || (given[1] && !link->slots[1]))
		return link_refused(kind_out, REXI_CEDAR_LINK_MEMORY, rx_fail_memory(err));
	status = push_policy(policies, rxc_policy_of_link(link), err);
	if (status != REXI_OK)
		return link_refused(kind_out, REXI_CEDAR_LINK_MEMORY, status);
	body->links++;
	rxc_set_changed(policies);
	return REXI_OK;
}

/* ---- removing and merging ------------------------------------------------------------------------------------------ */

enum rexi_status rexi_cedar_policies_remove(struct rexi_cedar_policies *policies, struct rexi_str id, struct rexi_error *err)
{
	size_t at = rxc_set_find_policy(policies, id);

	if (at == SIZE_MAX)
		return rx_fail(err, REXI_NOT_FOUND, RX_NO_SPAN, "unable to remove policy `%.*s` because it does not exist",
			       RX_STR_ARG(rx_str_sub(id, 0, 120)));
	rxc_set_changed(policies);
	if (rxc_policy_link(policies->policies[at]))
		rxc_policy_body(policies->policies[at])->links--;
	memmove(policies->policies + at, policies->policies + at + 1, (policies->policy_count - at - 1) * sizeof(*policies->policies));
	policies->policy_count--;
	ids_remove(policies, (uint32_t)at << 1);
	return REXI_OK;
}

enum rexi_status rexi_cedar_policies_remove_template(struct rexi_cedar_policies *policies, struct rexi_str id, struct rexi_error *err)
{
	size_t at = rxc_set_find_template(policies, id);

	if (at == SIZE_MAX)
		return rx_fail(err, REXI_NOT_FOUND, RX_NO_SPAN, "unable to remove template id `%.*s` because it does not exist",
			       RX_STR_ARG(rx_str_sub(id, 0, 120)));
	if (policies->templates[at]->links)
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "unable to remove template id `%.*s` from template list because it still has active links",
			       RX_STR_ARG(rx_str_sub(id, 0, 120)));
	rxc_set_changed(policies);
	memmove(policies->templates + at, policies->templates + at + 1, (policies->template_count - at - 1) * sizeof(struct rxc_body *));
	policies->template_count--;
	ids_remove(policies, (uint32_t)at << 1 | 1);
	return REXI_OK;
}

static enum rexi_status merge_body(struct rxc_copy *copy, struct rxc_trees *trees, const struct rxc_body *body, struct rexi_error *err)
{
	const struct rxc_template *tree = rxc_trees_get(trees, body);
	struct rexi_error ignored;

	tree = tree ? rxc_copy_template(copy, tree) : NULL;
	if (!tree)
		return rx_fail_memory(err);
	rxc_trees_reset(trees);
	return rxc_set_add(copy->set, tree, err ? err : &ignored);
}

static enum rexi_status merge_all(struct rexi_cedar_policies *set, const struct rexi_cedar_policies *other, struct rxc_trees *trees,
				  struct rexi_error *err)
{
	struct rxc_copy copy = { .set = set };

	for (size_t i = 0; i < other->template_count; i++)
		RX_TRY(merge_body(&copy, trees, other->templates[i], err));
	for (size_t i = 0; i < other->policy_count; i++) {
		struct rxc_policy policy = other->policies[i];
		struct rexi_cedar_binding bindings[2];
		size_t count = 0;

		if (!rxc_policy_link(policy)) {
			RX_TRY(merge_body(&copy, trees, rxc_policy_body(policy), err));
			continue;
		}
		for (unsigned k = 0; k < 2; k++)
			if (rxc_policy_slot(policy, (enum rxc_slot)k))
				bindings[count++] = (struct rexi_cedar_binding){ slot_names[k], rxc_policy_slot(policy, (enum rxc_slot)k)->uid };
		RX_TRY(rexi_cedar_policies_link(set, rxc_body_id(rxc_policy_body(policy)), rxc_policy_id(policy), bindings, count, NULL, err));
	}
	return REXI_OK;
}

enum rexi_status rexi_cedar_policies_merge(struct rexi_cedar_policies *policies, const struct rexi_cedar_policies *other,
					   struct rexi_error *err)
{
	struct rxc_set_mark mark = rxc_set_mark(policies);
	enum rexi_status status;
	struct rxc_trees trees;

	if (other->engine != policies->engine)
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "the policy sets belong to two engines");
	rxc_trees_init(&trees, other, &policies->memory);
	status = merge_all(policies, other, &trees, err);
	rxc_trees_fini(&trees);
	if (status != REXI_OK)
		rxc_set_rollback(policies, mark);
	rxc_set_changed(policies);
	return status;
}

/* ---- questions ----------------------------------------------------------------------------------------------------- */

size_t rexi_cedar_policies_error_count(const struct rexi_cedar_policies *policies)
{
	return policies->error_count;
}

const struct rexi_error *rexi_cedar_policies_error(const struct rexi_cedar_policies *policies, size_t at)
{
	return at < policies->error_count ? &policies->errors[at] : NULL;
}

size_t rexi_cedar_policies_count(const struct rexi_cedar_policies *policies)
{
	return policies->policy_count;
}

size_t rexi_cedar_policies_template_count(const struct rexi_cedar_policies *policies)
{
	return policies->template_count;
}

size_t rexi_cedar_policies_memory(const struct rexi_cedar_policies *policies)
{
	return policies->memory.used;
}

static void fill_info(const struct rexi_cedar_policies *set, struct rexi_cedar_policy_info *out, struct rexi_str id, const struct rxc_body *body)
{
	*out = (struct rexi_cedar_policy_info){ .id = id, .forbid = body->flags & RXC_BODY_FORBID, .span = body->span, .annotation_count = body->annotation_count };
	if (body->source)
		out->text = rx_str_sub(*rxc_body_source(set, body), body->span.start, body->span.end - body->span.start);
}

bool rexi_cedar_policies_info(const struct rexi_cedar_policies *policies, size_t at, struct rexi_cedar_policy_info *out)
{
	struct rxc_policy policy;

	if (at >= policies->policy_count)
		return false;
	policy = policies->policies[at];
	fill_info(policies, out, rxc_policy_id(policy), rxc_policy_body(policy));
	if (rxc_policy_link(policy))
		out->template_id = rxc_body_id(rxc_policy_body(policy));
	return true;
}

bool rexi_cedar_policies_template_info(const struct rexi_cedar_policies *policies, size_t at, struct rexi_cedar_policy_info *out)
{
	if (at >= policies->template_count)
		return false;
	fill_info(policies, out, rxc_body_id(policies->templates[at]), policies->templates[at]);
	return true;
}

size_t rexi_cedar_policies_find(const struct rexi_cedar_policies *policies, struct rexi_str id)
{
	return rxc_set_find_policy(policies, id);
}

bool rexi_cedar_policies_annotation(const struct rexi_cedar_policies *policies, size_t at, size_t annotation, struct rexi_str *key_out,
				    struct rexi_str *value_out)
{
	const struct rxc_annotation *annotations;
	const struct rxc_body *body;

	if (at >= policies->policy_count)
		return false;
	body = rxc_policy_body(policies->policies[at]);
	if (annotation >= body->annotation_count)
		return false;
	if (!body->tree && !(body->flags & RXC_BODY_ANNOTATIONS))
		return rxc_annotation_read(policies, body, annotation, key_out, value_out);
	annotations = body->tree ? body->tree->annotations : *((const struct rxc_annotation *const *)(const void *)body - 1);
	*key_out = annotations[annotation].key->text;
	*value_out = annotations[annotation].value;
	return true;
}
