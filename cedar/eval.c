#include <config.h>

#include "cedar/eval_inner.h"

#include <inttypes.h>

#include "cedar/index.h"

#include "base/banned.h"

const char *rexi_cedar_eval_kind_name(enum rexi_cedar_eval_kind kind)
{
	static const char *const names[] = {
#define NAME(id, text) text,
		REXI_CEDAR_EVAL_LIST(NAME)
#undef NAME
	};

	return (unsigned)kind < RX_COUNT(names) ? names[kind] : "none";
}

/* ---- failures ------------------------------------------------------------------------------------------------------ */

RX_COLD bool rxc_eval_fail(struct rxc_eval *eval, enum rexi_cedar_eval_kind kind, const struct rxc_expr *node)
{
	eval->kind = kind;
	eval->node = node;
	rx_buf_clear(eval->message);
	eval->message_len = 0;
	return false;
}

RX_COLD bool rxc_eval_fail_status(struct rxc_eval *eval, enum rexi_status status)
{
	eval->status = status;
	return false;
}

/* What was written so far is the message; what follows is the help. */
bool rxc_eval_end_message(struct rxc_eval *eval)
{
	eval->message_len = eval->message->len;
	return false;
}

RX_COLD bool rxc_eval_fail_type(struct rxc_eval *eval, const struct rxc_expr *node, const char *expected, const struct rexi_cedar_value *got)
{
	rxc_eval_fail(eval, REXI_CEDAR_EVAL_TYPE_ERROR, node);
	RX_BUF_LIT(eval->message, "type error: expected ");
	rx_buf_str(eval->message, rx_str(expected));
	RX_BUF_LIT(eval->message, ", got ");
	rxc_value_type_name(eval->message, got);
	return rxc_eval_end_message(eval);
}

RX_COLD static bool fail_entity(struct rxc_eval *eval, const struct rxc_expr *node, const struct rexi_cedar_uid *uid)
{
	rxc_eval_fail(eval, REXI_CEDAR_EVAL_ENTITY_MISSING, node);
	RX_BUF_LIT(eval->message, "entity `");
	rxc_uid_print(eval->message, uid);
	RX_BUF_LIT(eval->message, "` does not exist");
	return rxc_eval_end_message(eval);
}

/* "available attributes: [a,b]", at most five. */
static void list_fields(struct rx_buf *buf, const char *what, const struct rxc_slotted *fields, uint32_t count)
{
	enum { SHOWN = 5 };

	rx_buf_printf(buf, "available %s: [", what);
	for (uint32_t i = 0; i < count && i < SHOWN; i++) {
		if (i)
			rx_buf_byte(buf, ',');
		rx_buf_bytes(buf, fields[i].name, fields[i].name_len);
	}
	if (count > SHOWN)
		rx_buf_printf(buf, ", ... (%u more %s) ", (unsigned)(count - SHOWN), what);
	rx_buf_byte(buf, ']');
}

RX_COLD static bool fail_attribute(struct rxc_eval *eval, const struct rxc_expr *node, const struct rexi_cedar_uid *uid,
				   const struct rxc_entity *entity, struct rexi_str name, bool tag)
{
	const char *what = tag ? "tag" : "attribute";

	rxc_eval_fail(eval, tag ? REXI_CEDAR_EVAL_TAG_MISSING : REXI_CEDAR_EVAL_ATTRIBUTE_MISSING, node);
	rx_buf_byte(eval->message, '`');
	rxc_uid_print(eval->message, uid);
	rx_buf_printf(eval->message, "` does not have the %s `%.*s`", what, CUT(name));
	rxc_eval_end_message(eval);
	if (!entity)
		return false;
	if (tag ? entity->tag_count : entity->attr_count) {
		list_fields(eval->message, tag ? "tags" : "attributes", tag ? entity->tags : entity->attrs,
			    tag ? entity->tag_count : entity->attr_count);
	} else {
		rx_buf_byte(eval->message, '`');
		rxc_uid_print(eval->message, uid);
		rx_buf_printf(eval->message, "` does not have any %ss", what);
	}
	if (!tag && rxc_fields_find(entity->tags, entity->tag_count, (uint32_t)rxc_name_hash(name, eval->engine->seed), name))
		rx_buf_printf(eval->message, "; note that a tag (not an attribute) named `%.*s` does exist", CUT(name));
	return false;
}

RX_COLD static bool fail_record(struct rxc_eval *eval, const struct rxc_expr *node, const struct rexi_cedar_record *record, struct rexi_str name)
{
	rxc_eval_fail(eval, REXI_CEDAR_EVAL_RECORD_ATTRIBUTE_MISSING, node);
	rx_buf_printf(eval->message, "record does not have the attribute `%.*s`", CUT(name));
	rxc_eval_end_message(eval);
	if (record->count)
		list_fields(eval->message, "attributes", record->fields, record->count);
	else
		RX_BUF_LIT(eval->message, "record does not have any attributes");
	return false;
}

RX_COLD static bool fail_overflow(struct rxc_eval *eval, const struct rxc_expr *node, const char *verb, int64_t a, const int64_t *b)
{
	rxc_eval_fail(eval, REXI_CEDAR_EVAL_OVERFLOW, node);
	if (b)
		rx_buf_printf(eval->message, "integer overflow while attempting to %s the values `%" PRId64 "` and `%" PRId64 "`", verb, a, *b);
	else
		rx_buf_printf(eval->message, "integer overflow while attempting to %s the value `%" PRId64 "`", verb, a);
	return rxc_eval_end_message(eval);
}

/* ---- what an instruction came from -------------------------------------------------------------------------------------- */

RX_COLD const struct rxc_expr *rxc_eval_node(struct rxc_eval *eval, const struct rxc_instr *pc)
{
	static const struct rxc_expr nothing = { .kind = RXC_BOOL, .left = &nothing, .right = &nothing };
	const struct rxc_template *tree = NULL;
	const struct rxc_expr *found = NULL;

	if (!eval->code)
		return eval->whole; /* one call on its own */
	if (eval->set)
		tree = rxc_trees_get(eval->trees, rxc_policy_body(eval->set->policies[eval->policy]));
	if (tree || !eval->set)
		found = rxc_compile_find(eval->arena, eval->arena->memory, tree, eval->whole, (uint32_t)(pc - eval->code->instrs));
	if (!found)
		eval->status = REXI_NO_MEMORY;
	return found ? found : &nothing;
}

/* ---- entities: attributes, tags, ancestors ------------------------------------------------------------------------- */

/* The store's entity of a value, NULL when it has none. */
static const struct rxc_entity *stored(const struct rxc_eval *eval, const struct rexi_cedar_value *value)
{
	if (RX_LIKELY(value->flags & RXC_VALUE_STORED))
		return RX_CONTAINER_OF((uintptr_t)value->as.uid, const struct rxc_uid, uid)->entity;
	return eval->store ? rxc_entities_find(eval->store, value->as.uid) : NULL;
}

enum lookup { LOOKUP_FOUND, LOOKUP_NO_ENTITY, LOOKUP_NO_FIELD, LOOKUP_FAILED };

static enum lookup lookup_field(struct rxc_eval *eval, const struct rexi_cedar_value *value, const struct rxc_entity *entity,
				const struct rexi_cedar_name *name, bool tag, struct rexi_cedar_value *out)
{
	const struct rexi_cedar_value *found;

	if (eval->provider) {
		struct rexi_cedar_scratch *scratch = RX_CONTAINER_OF(eval->arena, struct rexi_cedar_scratch, arena);
		enum rexi_cedar_answer answer = REXI_CEDAR_PASS;

		if (tag && eval->provider->tag)
			answer = eval->provider->tag(eval->provider->user, scratch, value->as.uid, name->text, out);
		else if (!tag && eval->provider->attribute)
			answer = eval->provider->attribute(eval->provider->user, scratch, value->as.uid, name, out);
		if (answer == REXI_CEDAR_FOUND) {
			*out = rxc_value_outside(*out);
			return LOOKUP_FOUND;
		}
		if (answer == REXI_CEDAR_FAIL) {
			eval->status = REXI_HOST;
			return LOOKUP_FAILED;
		}
		if (answer == REXI_CEDAR_ABSENT) {
			answer = eval->provider->exists ? eval->provider->exists(eval->provider->user, value->as.uid) : REXI_CEDAR_FOUND;
			return answer == REXI_CEDAR_ABSENT ? LOOKUP_NO_ENTITY : LOOKUP_NO_FIELD;
		}
	}
	if (!entity)
		return LOOKUP_NO_ENTITY;
	found = tag ? rxc_fields_find(entity->tags, entity->tag_count, (uint32_t)name->hash, name->text)
		    : rxc_fields_find(entity->attrs, entity->attr_count, (uint32_t)name->hash, name->text);
	if (!found)
		return LOOKUP_NO_FIELD;
	*out = *found;
	return LOOKUP_FOUND;
}

/* e.name in place; `entity` is the store's entity of an entity value. */
static bool get_attribute(struct rxc_eval *eval, const struct rxc_instr *pc, const struct rexi_cedar_name *name,
			  const struct rexi_cedar_value *from, const struct rxc_entity *entity, struct rexi_cedar_value *out)
{
	struct rexi_cedar_value value = *from;

	if (value.kind == REXI_CEDAR_ENTITY) {
		switch (lookup_field(eval, &value, entity, name, false, out)) {
		case LOOKUP_FOUND: return true;
		case LOOKUP_NO_ENTITY: return fail_entity(eval, NODE, value.as.uid);
		case LOOKUP_NO_FIELD: return fail_attribute(eval, NODE, value.as.uid, entity, name->text, false);
		case LOOKUP_FAILED: return false;
		}
		rx_unreachable();
	}
	if (value.kind == REXI_CEDAR_RECORD) {
		const struct rexi_cedar_value *found = rxc_record_find(value.as.record, name);

		if (!found)
			return fail_record(eval, NODE, value.as.record, name->text);
		*out = *found;
		return true;
	}
	return rxc_eval_fail_type(eval, NODE, "one of [record, " ANY_ENTITY "]", &value);
}

static bool has_attribute(struct rxc_eval *eval, const struct rxc_instr *pc, const struct rexi_cedar_name *name,
			  const struct rexi_cedar_value *from, bool *out)
{
	struct rexi_cedar_value ignored;
	enum lookup found;

	if (from->kind == REXI_CEDAR_ENTITY) {
		found = lookup_field(eval, from, stored(eval, from), name, false, &ignored);
		*out = found == LOOKUP_FOUND;
		return found != LOOKUP_FAILED;
	}
	if (from->kind == REXI_CEDAR_RECORD) {
		*out = rxc_record_find(from->as.record, name) != NULL;
		return true;
	}
	return rxc_eval_fail_type(eval, NODE, "one of [record, " ANY_ENTITY "]", from);
}

/* e has a.b.c: each prefix must have the next. */
static bool has_path(struct rxc_eval *eval, const struct rxc_instr *pc, struct rexi_cedar_value *value)
{
	const struct rexi_cedar_name *const *names = rxc_instr_payload(pc).names;
	struct rexi_cedar_value at = *value;
	bool has = true;

	for (uint32_t i = 0; i < pc->at && has; i++) {
		if (!has_attribute(eval, pc, names[i], &at, &has))
			return false;
		if (has && i + 1 < pc->at &&
		    !get_attribute(eval, pc, names[i], &at, at.kind == REXI_CEDAR_ENTITY ? stored(eval, &at) : NULL, &at))
			return false;
	}
	*value = rxc_value_bool(has);
	return true;
}

static bool tag_operation(struct rxc_eval *eval, const struct rxc_instr *pc, struct rexi_cedar_value *left,
			  const struct rexi_cedar_value *right, bool get)
{
	struct rexi_cedar_value entity = *left, out;
	struct rexi_cedar_name name;

	if (entity.kind != REXI_CEDAR_ENTITY)
		return rxc_eval_fail_type(eval, NODE->left, ANY_ENTITY, left);
	if (right->kind != REXI_CEDAR_STRING)
		return rxc_eval_fail_type(eval, NODE->right, "string", right);
	name = (struct rexi_cedar_name){ .text = rxc_value_text(right) };
	name.hash = rxc_name_hash(name.text, eval->engine->seed);
	switch (lookup_field(eval, &entity, stored(eval, &entity), &name, true, &out)) {
	case LOOKUP_FOUND:
		*left = get ? out : rxc_value_bool(true);
		return true;
	case LOOKUP_NO_ENTITY:
		*left = rxc_value_bool(false);
		return get ? fail_entity(eval, NODE, entity.as.uid) : true;
	case LOOKUP_NO_FIELD:
		*left = rxc_value_bool(false);
		return get ? fail_attribute(eval, NODE, entity.as.uid, stored(eval, &entity), name.text, true) : true;
	case LOOKUP_FAILED:
		return false;
	}
	rx_unreachable();
}

bool rexi_cedar_walk_ancestor(struct rexi_cedar_walk *walk, const struct rexi_cedar_name *type, struct rexi_str id)
{
	struct rxc_eval *eval = walk->eval;
	struct rexi_cedar_uid uid = { .type = type, .id = id, .hash = rxc_uid_hash(type, id, eval->engine->seed) };
	struct rexi_cedar_value value;

	if (walk->wanted) {
		walk->found = rxc_uid_eq(walk->wanted, &uid);
		return !walk->found;
	}
	if (walk->any_of) {
		value = rxc_value_uid(&uid);
		walk->found = rxc_set_contains(walk->any_of, &value);
		return !walk->found;
	}
	if (RX_UNLIKELY(walk->count == walk->cap) && !RX_ARENA_GROW(eval->arena, &walk->items, &walk->cap, walk->cap ? walk->cap * 2 : 16)) {
		eval->status = REXI_NO_MEMORY;
		return false;
	}
	walk->items[walk->count++] = uid;
	return true;
}

static enum rexi_cedar_answer ask_ancestors(struct rxc_eval *eval, const struct rexi_cedar_uid *uid, struct rexi_cedar_walk *walk)
{
	enum rexi_cedar_answer answer;

	walk->eval = eval;
	if (!eval->provider || !eval->provider->ancestors)
		return REXI_CEDAR_PASS;
	answer = eval->provider->ancestors(eval->provider->user, uid, walk);
	if (answer == REXI_CEDAR_FAIL)
		eval->status = REXI_HOST;
	return eval->status == REXI_OK ? answer : REXI_CEDAR_FAIL;
}

/* The provider's answer about a subject. */
static bool ask_subject(struct rxc_eval *eval, struct rxc_subject *subject)
{
	struct rexi_cedar_walk walk = { .wanted = NULL };
	enum rexi_cedar_answer answer = ask_ancestors(eval, &subject->uid, &walk);

	if (answer == REXI_CEDAR_FAIL)
		return false;
	subject->provided = answer != REXI_CEDAR_PASS;
	subject->provided_ancestors = walk.items;
	subject->ancestor_count = answer == REXI_CEDAR_FOUND ? (uint32_t)walk.count : 0;
	return true;
}

static void take_stored(struct rxc_subject *subject, const struct rxc_uid *known)
{
	const struct rxc_entity *entity = known->entity;

	subject->value = rxc_value_stored(known);
	subject->entity = entity;
	subject->stored = known->id;
	if (!entity)
		return;
	RX_PREFETCH(entity->attrs);
	if (subject->provided)
		return;
	subject->ancestors = entity->ancestors;
	subject->ancestor_count = entity->ancestor_count;
	RX_PREFETCH(entity->ancestors);
}

/* What is looked up for the three goes to memory side by side rather than one after the other. */
bool rxc_subjects_init(struct rxc_eval *eval, const struct rexi_cedar_uid uids[3])
{
	const struct rxc_names *names = eval->store ? &eval->store->names : NULL;
	const struct rxc_uid *found[3] = { NULL, NULL, NULL };

	for (unsigned i = 0; i < 3 && names; i++)
		rxc_names_prefetch_slot(names, uids[i].hash);
	for (unsigned i = 0; i < 3; i++) {
		struct rxc_subject *subject = &eval->subjects[i];

		subject->uid = uids[i];
		subject->value = rxc_value_uid(&subject->uid);
		subject->entity = NULL;
		subject->ancestors = NULL;
		subject->provided_ancestors = NULL;
		subject->ancestor_count = 0;
		subject->stored = UINT32_MAX;
		subject->provided = false;
		if (names)
			rxc_names_prefetch_uid(names, uids[i].hash);
		if (eval->provider && !ask_subject(eval, subject))
			return false;
	}
	for (unsigned i = 0; i < 3 && names; i++) {
		found[i] = rxc_names_find_uid(names, &uids[i]);
		if (found[i])
			RX_PREFETCH(found[i]->entity);
	}
	for (unsigned i = 0; i < 3; i++)
		if (found[i])
			take_stored(&eval->subjects[i], found[i]);
	return true;
}

/* ---- in ------------------------------------------------------------------------------------------------------------ */

/* The subject whose uid this value is, NULL when it is none: its ancestors are at hand. */
static const struct rxc_subject *subject_of(const struct rxc_eval *eval, const struct rexi_cedar_value *value)
{
	for (unsigned i = 0; i < 3; i++)
		if (value->as.uid == eval->subjects[i].value.as.uid)
			return &eval->subjects[i];
	return NULL;
}

static bool subject_in(const struct rxc_eval *eval, const struct rxc_subject *subject, const struct rexi_cedar_uid *group)
{
	if (rxc_uid_eq(&subject->uid, group))
		return true;
	for (uint32_t i = 0; i < subject->ancestor_count; i++)
		if (rxc_uid_eq(subject->ancestors ? &eval->store->names.uids[subject->ancestors[i]]->uid : &subject->provided_ancestors[i], group))
			return true;
	return false;
}

/* a in b for two entities. */
static bool entity_in(struct rxc_eval *eval, const struct rexi_cedar_value *a, const struct rexi_cedar_value *b)
{
	const struct rxc_subject *subject;
	const struct rxc_entity *entity;
	const struct rxc_uid *group;

	if (rxc_value_same_entity(a, b))
		return true;
	if (RX_UNLIKELY(eval->provider != NULL)) {
		struct rexi_cedar_walk walk = { .wanted = b->as.uid };

		subject = subject_of(eval, a);
		if (subject)
			return subject_in(eval, subject, b->as.uid);
		if (ask_ancestors(eval, a->as.uid, &walk) != REXI_CEDAR_PASS)
			return walk.found;
	}
	entity = stored(eval, a);
	if (!entity || !entity->ancestor_count)
		return false;
	if (b->flags & RXC_VALUE_STORED)
		return rxc_entity_has_ancestor(entity, b->len);
	group = rxc_names_find_uid(&eval->store->names, b->as.uid);
	return group && rxc_entity_has_ancestor(entity, group->id);
}

static bool entity_in_set(struct rxc_eval *eval, const struct rexi_cedar_value *a, const struct rexi_cedar_set *set)
{
	enum { FEW = 8 };
	const struct rxc_entity *entity;
	struct rexi_cedar_value ancestor;

	if (set->count > FEW && !eval->provider) {
		if (rxc_set_contains(set, a))
			return true;
		entity = stored(eval, a);
		for (uint32_t i = 0; entity && i < entity->ancestor_count; i++) {
			ancestor = rxc_value_stored(eval->store->names.uids[entity->ancestors[i]]);
			if (rxc_set_contains(set, &ancestor))
				return true;
		}
		return false;
	}
	for (uint32_t i = 0; i < set->count; i++)
		if (entity_in(eval, a, &set->items[i]))
			return true;
	return false;
}

RX_COLD static bool fail_in_left(struct rxc_eval *eval, const struct rxc_expr *node, const struct rexi_cedar_value *left,
				 const struct rexi_cedar_value *right)
{
	rxc_eval_fail_type(eval, node->left, ANY_ENTITY, left);
	if (right->kind == REXI_CEDAR_SET)
		RX_BUF_LIT(eval->message, "`in` is for checking the entity hierarchy; use `.contains()` to test set membership");
	else if (right->kind == REXI_CEDAR_RECORD)
		RX_BUF_LIT(eval->message, "`in` is for checking the entity hierarchy; use `has` to test if a record has a key");
	return false;
}

static bool in_operation(struct rxc_eval *eval, const struct rxc_instr *pc, struct rexi_cedar_value *left, const struct rexi_cedar_value *right)
{
	const struct rexi_cedar_set *set = right->as.set;

	if (left->kind != REXI_CEDAR_ENTITY)
		return fail_in_left(eval, NODE, left, right);
	if (right->kind == REXI_CEDAR_ENTITY) {
		*left = rxc_value_bool(entity_in(eval, left, right));
		return eval->status == REXI_OK;
	}
	if (right->kind != REXI_CEDAR_SET)
		return rxc_eval_fail_type(eval, NODE, "one of [set, " ANY_ENTITY "]", right);
	for (uint32_t i = 0; !(set->flags & RXC_SET_ENTITIES) && i < set->count; i++)
		if (set->items[i].kind != REXI_CEDAR_ENTITY)
			return rxc_eval_fail_type(eval, NODE, ANY_ENTITY, &set->items[i]);
	*left = rxc_value_bool(entity_in_set(eval, left, set));
	return eval->status == REXI_OK;
}

/* ---- scopes -------------------------------------------------------------------------------------------------------- */

static bool scope_in(struct rxc_eval *eval, enum rxc_var var, const struct rxc_uid *group)
{
	return subject_in(eval, &eval->subjects[var], &group->uid);
}

/* The uid of a scope constraint that has one; NULL: a slot that is not bound. */
static const struct rxc_uid *scope_uid(const struct rxc_eval *eval, struct rxc_policy policy, const struct rxc_body *body, enum rxc_var var)
{
	if (body->scopes[var] & RXC_BODY_SLOT)
		return rxc_policy_slot(policy, var == RXC_PRINCIPAL ? RXC_SLOT_PRINCIPAL : RXC_SLOT_RESOURCE);
	return eval->set->names.uids[var == RXC_PRINCIPAL ? body->principal : var == RXC_ACTION ? body->action : body->resource];
}

static bool scope_is(const struct rxc_eval *eval, const struct rxc_body *body, enum rxc_var var)
{
	return rxc_name_eq(eval->subjects[var].uid.type, eval->set->names.names[var == RXC_PRINCIPAL ? body->principal_type : body->resource_type]);
}

bool rxc_eval_scope_part(struct rxc_eval *eval, struct rxc_policy policy, enum rxc_var var)
{
	const struct rxc_body *body = rxc_policy_body(policy);
	const struct rxc_uid *uid;

	switch ((enum rxc_scope_op)(body->scopes[var] & RXC_BODY_OP)) {
	case RXC_SCOPE_ANY:
		return true;
	case RXC_SCOPE_EQ:
		uid = scope_uid(eval, policy, body, var);
		return uid && rxc_uid_eq(&eval->subjects[var].uid, &uid->uid);
	case RXC_SCOPE_IN:
		uid = scope_uid(eval, policy, body, var);
		return uid && scope_in(eval, var, uid);
	case RXC_SCOPE_IS:
		return scope_is(eval, body, var);
	case RXC_SCOPE_IS_IN:
		uid = scope_uid(eval, policy, body, var);
		return uid && scope_is(eval, body, var) && scope_in(eval, var, uid);
	case RXC_SCOPE_IN_SET:
		for (uint32_t i = 1; i <= body->actions[0]; i++)
			if (scope_in(eval, var, eval->set->names.uids[body->actions[i]]))
				return true;
		return false;
	}
	rx_unreachable();
}

bool rxc_eval_scope(struct rxc_eval *eval, struct rxc_policy policy)
{
	return rxc_eval_scope_part(eval, policy, RXC_PRINCIPAL) && rxc_eval_scope_part(eval, policy, RXC_ACTION) &&
	       rxc_eval_scope_part(eval, policy, RXC_RESOURCE);
}

/* ---- like ---------------------------------------------------------------------------------------------------------- */

/* Literal runs are looked for from the left, which never goes back further than the last wildcard. UTF-8 makes bytes
 * do for characters. */
bool rxc_like(struct rexi_str text, const struct rxc_pattern *pattern)
{
	uint32_t first = 0, last = pattern->part_count;
	size_t at;

	if (last == 0)
		return text.len == 0;
	if (!pattern->parts[0].wildcards) {
		if (!rx_str_starts(text, pattern->parts[0].text))
			return false;
		text = rx_str_sub(text, pattern->parts[0].text.len, SIZE_MAX);
		if (++first == last)
			return text.len == 0;
	}
	if (!pattern->parts[last - 1].wildcards) {
		if (!rx_str_ends(text, pattern->parts[last - 1].text))
			return false;
		text.len -= pattern->parts[--last].text.len;
	}
	for (uint32_t i = first; i < last; i++) {
		if (pattern->parts[i].wildcards)
			continue;
		at = rx_str_find(text, pattern->parts[i].text, 0);
		if (at == SIZE_MAX)
			return false;
		text = rx_str_sub(text, at + pattern->parts[i].text.len, SIZE_MAX);
	}
	return true;
}

/* ---- comparison, arithmetic ---------------------------------------------------------------------------------------- */

static bool is_comparable(const struct rexi_cedar_value *value)
{
	return value->kind == REXI_CEDAR_DATETIME || value->kind == REXI_CEDAR_DURATION;
}

RX_COLD static bool fail_comparison(struct rxc_eval *eval, const struct rxc_expr *node, const struct rexi_cedar_value *left,
				    const struct rexi_cedar_value *right)
{
	static const char *const names[] = { [REXI_CEDAR_DATETIME] = "datetime", [REXI_CEDAR_DURATION] = "duration" };

	if (left->kind == REXI_CEDAR_LONG)
		return rxc_eval_fail_type(eval, node->right, "long", right);
	if (right->kind == REXI_CEDAR_LONG)
		return rxc_eval_fail_type(eval, node->left, "long", left);
	if (is_comparable(left))
		return rxc_eval_fail_type(eval, node->right, names[left->kind], right);
	if (is_comparable(right))
		return rxc_eval_fail_type(eval, node->left, names[right->kind], left);
	rxc_eval_fail_type(eval, node->left, "one of [long, datetime, duration]", left);
	RX_BUF_LIT(eval->message, "Only types long, datetime, duration support comparison");
	return false;
}

/* *order is negative, zero or positive. */
static bool compare(struct rxc_eval *eval, const struct rxc_instr *pc, const struct rexi_cedar_value *left,
		    const struct rexi_cedar_value *right, int *order)
{
	int64_t a, b;

	if (RX_LIKELY(left->kind == REXI_CEDAR_LONG && right->kind == REXI_CEDAR_LONG)) {
		a = left->as.integer;
		b = right->as.integer;
	} else if (left->kind == right->kind && is_comparable(left)) {
		a = left->as.ext->integer;
		b = right->as.ext->integer;
	} else {
		return fail_comparison(eval, NODE, left, right);
	}
	*order = (a > b) - (a < b);
	return true;
}

static bool arithmetic(struct rxc_eval *eval, const struct rxc_instr *pc, enum rxc_op op, struct rexi_cedar_value *left,
		       const struct rexi_cedar_value *right)
{
	int64_t a = left->as.integer, b = right->as.integer, out;
	bool overflow;

	if (left->kind != REXI_CEDAR_LONG)
		return rxc_eval_fail_type(eval, NODE->left, "long", left);
	if (right->kind != REXI_CEDAR_LONG)
		return rxc_eval_fail_type(eval, NODE->right, "long", right);
	if (op == RXC_OP_ADD)
		overflow = __builtin_add_overflow(a, b, &out);
	else if (op == RXC_OP_SUB)
		overflow = __builtin_sub_overflow(a, b, &out);
	else
		overflow = __builtin_mul_overflow(a, b, &out);
	if (overflow)
		return fail_overflow(eval, NODE, op == RXC_OP_ADD ? "add" : op == RXC_OP_SUB ? "subtract" : "multiply", a, &b);
	*left = rxc_value_long(out);
	return true;
}

static bool set_operation(struct rxc_eval *eval, const struct rxc_instr *pc, enum rxc_op op, struct rexi_cedar_value *left,
			  const struct rexi_cedar_value *right)
{
	const struct rexi_cedar_set *a = left->as.set, *b = right->as.set;
	bool all = op == RXC_OP_CONTAINS_ALL, result = all;

	if (left->kind != REXI_CEDAR_SET)
		return rxc_eval_fail_type(eval, NODE->left, "set", left);
	if (op == RXC_OP_CONTAINS) {
		*left = rxc_value_bool(rxc_set_contains(a, right));
		return true;
	}
	if (right->kind != REXI_CEDAR_SET)
		return rxc_eval_fail_type(eval, NODE->right, "set", right);
	if (!all && a->count < b->count) {
		const struct rexi_cedar_set *shorter = a; /* any of a in b is any of b in a */

		a = b;
		b = shorter;
	}
	for (uint32_t i = 0; i < b->count && result == all; i++)
		result = rxc_set_contains(a, &b->items[i]);
	*left = rxc_value_bool(result);
	return true;
}

/* ---- construction -------------------------------------------------------------------------------------------------- */

static bool make_set(struct rxc_eval *eval, struct rexi_cedar_value *items, uint32_t count)
{
	const struct rexi_cedar_set *set = rxc_set_make(eval->arena, items, count);

	if (!set)
		return rxc_eval_fail_status(eval, REXI_NO_MEMORY);
	items[0] = (struct rexi_cedar_value){ .kind = REXI_CEDAR_SET, .as.set = set };
	return true;
}

static bool make_record(struct rxc_eval *eval, const struct rexi_cedar_name *const *names, struct rexi_cedar_value *items, uint32_t count)
{
	struct rexi_cedar_record *record = rx_arena_bytes(eval->arena, sizeof(*record) + count * sizeof(record->fields[0]));

	if (!record)
		return rxc_eval_fail_status(eval, REXI_NO_MEMORY);
	*record = (struct rexi_cedar_record){ .count = count };
	for (uint32_t i = 0; i < count; i++)
		record->fields[i] = (struct rxc_slotted){ names[i]->text.ptr, (uint32_t)names[i]->text.len, (uint32_t)names[i]->hash, items[i] };
	items[0] = (struct rexi_cedar_value){ .kind = REXI_CEDAR_RECORD, .as.record = record };
	return true;
}

static bool push_slot(struct rxc_eval *eval, const struct rxc_instr *pc, struct rexi_cedar_value *out)
{
	const struct rxc_uid *uid = eval->slots ? eval->slots[pc->sub] : NULL;

	if (!uid) {
		rxc_eval_fail(eval, REXI_CEDAR_EVAL_UNLINKED_SLOT, NODE);
		rx_buf_printf(eval->message, "template slot `?%s` was not linked", pc->sub == RXC_SLOT_PRINCIPAL ? "principal" : "resource");
		return rxc_eval_end_message(eval);
	}
	*out = rxc_value_uid(&uid->uid);
	return true;
}

/* ---- the machine --------------------------------------------------------------------------------------------------- */

RX_INLINE bool check_bool(struct rxc_eval *eval, const struct rxc_instr *pc, const struct rexi_cedar_value *value)
{
	return RX_LIKELY(value->kind == REXI_CEDAR_BOOL) ? true : rxc_eval_fail_type(eval, NODE, "bool", value);
}

RX_INLINE bool recall(const struct rxc_eval *eval, const struct rxc_instr *pc, struct rexi_cedar_value *out)
{
	const struct rxc_memo *memo = eval->memo;

	if (!memo)
		return false;
	memo += (size_t)eval->memo_names * pc->sub + pc->at;
	if (memo->stamp != eval->memo_stamp)
		return false;
	*out = memo->value;
	return true;
}

RX_INLINE void remember(const struct rxc_eval *eval, const struct rxc_instr *pc, const struct rexi_cedar_value *value)
{
	struct rxc_memo *memo = eval->memo;

	if (!memo)
		return;
	memo += (size_t)eval->memo_names * pc->sub + pc->at;
	memo->value = *value;
	memo->stamp = eval->memo_stamp;
}

/* A variable in a uid of the policy: answered by the numbers of the request where there are some. */
RX_INLINE bool var_in(struct rxc_eval *eval, const struct rxc_instr *pc, bool *out)
{
	struct rexi_cedar_value group;

	if (RX_LIKELY(eval->known != NULL)) {
		*out = rxc_known_holds(&eval->known[pc->sub], RXC_TOKEN(pc->at, RXC_TOKEN_IN));
		return true;
	}
	group = rxc_value_uid(&rxc_instr_payload(pc).uid->uid);
	*out = entity_in(eval, &eval->subjects[pc->sub].value, &group);
	return eval->status == REXI_OK;
}

/* A bool as the result at *top; an AND that follows is done at once. Returns where to go on, less one. */
RX_INLINE const struct rxc_instr *give_bool(const struct rxc_code *code, const struct rxc_instr *last, struct rexi_cedar_value **top, bool truth)
{
	const struct rxc_instr *next = last + 1;

	if (next->op == RXC_OP_AND && truth) {
		--*top;
		return next;
	}
	**top = rxc_value_bool(truth);
	return next->op == RXC_OP_AND ? &code->instrs[next->at] - 1 : last;
}

static bool run(struct rxc_eval *eval, const struct rxc_code *code, struct rexi_cedar_value *stack, struct rexi_cedar_value *out)
{
	const struct rxc_instr *pc = code->instrs;
	struct rexi_cedar_value *top = stack - 1; /* the value on top; stack[0] is the first */
	bool truth = false;
	int order = 0;

	for (;; pc++) {
		switch ((enum rxc_op)pc->op) {
		case RXC_OP_CONSTANT:
			*++top = (struct rexi_cedar_value){ .kind = pc->sub, .reserved = pc->mark, .len = pc->at, .as.integer = rxc_instr_payload(pc).integer };
			pc++;
			continue;
		case RXC_OP_VAR:
			*++top = pc->sub == RXC_CONTEXT ? eval->context : eval->subjects[pc->sub].value;
			continue;
		case RXC_OP_SLOT:
			if (!push_slot(eval, pc, ++top))
				return false;
			continue;
		case RXC_OP_ATTR:
			if (!get_attribute(eval, pc, eval->names[pc->at], top, top->kind == REXI_CEDAR_ENTITY ? stored(eval, top) : NULL, top))
				return false;
			continue;
		case RXC_OP_VAR_ATTR:
			top++;
			if (recall(eval, pc, top))
				continue;
			if (pc->sub == RXC_CONTEXT ? !get_attribute(eval, pc, eval->names[pc->at], &eval->context, NULL, top)
						   : !get_attribute(eval, pc, eval->names[pc->at], &eval->subjects[pc->sub].value,
								    eval->subjects[pc->sub].entity, top))
				return false;
			remember(eval, pc, top);
			continue;
		case RXC_OP_VAR_IN:
			if (!var_in(eval, pc, &truth))
				return false;
			top++;
			pc = give_bool(code, pc + 1, &top, truth);
			continue;
		case RXC_OP_HAS:
			if (!has_attribute(eval, pc, eval->names[pc->at], top, &truth))
				return false;
			pc = give_bool(code, pc, &top, truth);
			continue;
		case RXC_OP_HAS_PATH:
			if (!has_path(eval, pc, top))
				return false;
			pc++;
			continue;
		case RXC_OP_NOT:
			if (!check_bool(eval, pc, top))
				return false;
			top->as.integer = !top->as.integer;
			continue;
		case RXC_OP_NEG:
			if (top->kind != REXI_CEDAR_LONG)
				return rxc_eval_fail_type(eval, NODE, "long", top);
			if (top->as.integer == INT64_MIN)
				return fail_overflow(eval, NODE, "negate", top->as.integer, NULL);
			top->as.integer = -top->as.integer;
			continue;
		case RXC_OP_IS_EMPTY:
			if (top->kind != REXI_CEDAR_SET)
				return rxc_eval_fail_type(eval, NODE, "set", top);
			*top = rxc_value_bool(top->as.set->count == 0);
			continue;
		case RXC_OP_EQ:
			top--;
			pc = give_bool(code, pc, &top, rxc_value_eq(&top[0], &top[1]));
			continue;
		case RXC_OP_NE:
			top--;
			pc = give_bool(code, pc, &top, !rxc_value_eq(&top[0], &top[1]));
			continue;
		case RXC_OP_LT:
		case RXC_OP_LE:
		case RXC_OP_GT:
		case RXC_OP_GE:
			top--;
			if (!compare(eval, pc, &top[0], &top[1], &order))
				return false;
			truth = pc->op == RXC_OP_LT ? order < 0 : pc->op == RXC_OP_LE ? order <= 0 : pc->op == RXC_OP_GT ? order > 0 : order >= 0;
			pc = give_bool(code, pc, &top, truth);
			continue;
		case RXC_OP_IN:
			top--;
			if (!in_operation(eval, pc, &top[0], &top[1]))
				return false;
			continue;
		case RXC_OP_ADD:
		case RXC_OP_SUB:
		case RXC_OP_MUL:
			top--;
			if (!arithmetic(eval, pc, (enum rxc_op)pc->op, &top[0], &top[1]))
				return false;
			continue;
		case RXC_OP_CONTAINS:
		case RXC_OP_CONTAINS_ALL:
		case RXC_OP_CONTAINS_ANY:
			top--;
			if (!set_operation(eval, pc, (enum rxc_op)pc->op, &top[0], &top[1]))
				return false;
			continue;
		case RXC_OP_GET_TAG:
		case RXC_OP_HAS_TAG:
			top--;
			if (!tag_operation(eval, pc, &top[0], &top[1], pc->op == RXC_OP_GET_TAG))
				return false;
			continue;
		case RXC_OP_LIKE:
			if (top->kind != REXI_CEDAR_STRING)
				return rxc_eval_fail_type(eval, NODE, "string", top);
			*top = rxc_value_bool(rxc_like(rxc_value_text(top), rxc_instr_payload(pc).pattern));
			pc++;
			continue;
		case RXC_OP_IS:
			if (top->kind != REXI_CEDAR_ENTITY)
				return rxc_eval_fail_type(eval, NODE, ANY_ENTITY, top);
			*top = rxc_value_bool(rxc_name_eq(top->as.uid->type, eval->names[pc->at]));
			continue;
		case RXC_OP_IS_THEN:
			if (top->kind != REXI_CEDAR_ENTITY)
				return rxc_eval_fail_type(eval, NODE, ANY_ENTITY, top);
			if (rxc_name_eq(top->as.uid->type, rxc_instr_payload(pc).name)) {
				pc++;
				continue;
			}
			*top = rxc_value_bool(false);
			pc = &code->instrs[pc->at] - 1;
			continue;
		case RXC_OP_AND:
		case RXC_OP_OR:
			if (!check_bool(eval, pc, top))
				return false;
			if (top->as.integer == (pc->op == RXC_OP_OR))
				pc = &code->instrs[pc->at] - 1;
			else
				top--;
			continue;
		case RXC_OP_CHECK_BOOL:
			if (!check_bool(eval, pc, top))
				return false;
			continue;
		case RXC_OP_BRANCH:
			if (!check_bool(eval, pc, top))
				return false;
			if (!top->as.integer)
				pc = &code->instrs[pc->at] - 1;
			top--;
			continue;
		case RXC_OP_JUMP:
			pc = &code->instrs[pc->at] - 1;
			continue;
		case RXC_OP_SET:
			top -= (ptrdiff_t)pc->at - 1;
			if (!make_set(eval, top, pc->at))
				return false;
			continue;
		case RXC_OP_RECORD:
			top -= (ptrdiff_t)pc->at - 1;
			if (!make_record(eval, rxc_instr_payload(pc).names, top, pc->at))
				return false;
			pc++;
			continue;
		case RXC_OP_CALL:
			top -= (ptrdiff_t)pc->at - 1;
			if (!rxc_eval_function(eval, pc, top, pc->at))
				return false;
			continue;
		case RXC_OP_END:
			*out = *top;
			return true;
		}
		rx_unreachable();
	}
}

bool rxc_eval_run(struct rxc_eval *eval, const struct rxc_code *code, struct rexi_cedar_value *out)
{
	enum { SMALL = 16 };
	struct rexi_cedar_value small[SMALL + 1], *stack = small;

	eval->code = code;
	eval->steps += code->count;
	if (RX_UNLIKELY(eval->steps > eval->engine->limits.steps))
		return rxc_eval_fail_status(eval, REXI_LIMIT);
	if (RX_UNLIKELY(code->stack > SMALL)) {
		stack = rx_arena_bytes(eval->arena, (code->stack + 1u) * sizeof(*stack));
		if (!stack)
			return rxc_eval_fail_status(eval, REXI_NO_MEMORY);
	}
	return run(eval, code, stack + 1, out);
}
