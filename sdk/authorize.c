#include <config.h>

#include "sdk/authorize.h"

#include <rexi/cedar.h>

#include "lang/native.h"
#include "sdk/decide.h"
#include "sdk/host_user.h"

#include "base/banned.h"

struct rxs_grant {
	struct rxs_session *session;
	enum rxs_action action;
	struct rxs_resource resource; /* holds a reference to its path */
};

struct action_row {
	struct rexi_str space, name, group;
};

static const struct action_row action_rows[RXS_ACTION_COUNT] = {
#define RXS_ACTION(id, space, name, group) { RX_STR_INIT(space), RX_STR_INIT(name), RX_STR_INIT(group) },
#include "sdk/actions.def"
#undef RXS_ACTION
};

static const char *const type_names[RXS_RESOURCE_TYPE_COUNT] = {
	[RXS_FILE] = "file_system::File",     [RXS_DIR] = "file_system::Dir",
	[RXS_UNAME] = "sysinfo::Uname",       [RXS_SYSINFO] = "sysinfo::Sysinfo",
	[RXS_HOSTNAME] = "sysinfo::Hostname", [RXS_URL] = "network::url",
	[RXS_PROCESS] = "process_system::Process", [RXS_SERVICE] = "systemd::Service",
	[RXS_SYSTEMD] = "systemd::Systemd",   [RXS_SYSCTL] = "sysctl::Sysctl",
};

#define SPACES 6
static const struct {
	struct rexi_str space, type;
} spaces[SPACES] = {
	{ RX_STR_INIT("file_system"), RX_STR_INIT("file_system::Action") },
	{ RX_STR_INIT("sysinfo"), RX_STR_INIT("sysinfo::Action") },
	{ RX_STR_INIT("network"), RX_STR_INIT("network::Action") },
	{ RX_STR_INIT("process_system"), RX_STR_INIT("process_system::Action") },
	{ RX_STR_INIT("systemd"), RX_STR_INIT("systemd::Action") },
	{ RX_STR_INIT("sysctl"), RX_STR_INIT("sysctl::Action") },
};

/* Everything that can be resolved before the first question is. */
struct rxs_decider {
	const struct rexi_cedar_engine *cedar;
	struct rexi_cedar_request *request;
	struct rexi_cedar_authorizer *authorizer;
	struct rexi_cedar_name user_type, group_type, action_types[SPACES], resource_types[RXS_RESOURCE_TYPE_COUNT];
	struct rexi_cedar_uid principal, actions[RXS_ACTION_COUNT];
	const struct rexi_cedar_name *action_type[RXS_ACTION_COUNT];
	struct rexi_cedar_provider provider;
	struct rx_arena arena; /* names and entities of one request's context */
	/* of the question being decided, for the provider */
	const struct rxs_resource *resource;
	struct rexi_str resource_id;
	const struct rxs_entity *const *entities;
	size_t entity_count;
	/* the principal's groups, looked up when a policy first asks for them */
	struct rxs_session *session; /* NULL: it has none */
	struct rx_arena group_arena;
	const struct rexi_str *groups;
	size_t group_count;
};

struct rexi_str rxs_action_space(enum rxs_action action)
{
	return action_rows[action].space;
}

struct rexi_str rxs_action_name(enum rxs_action action)
{
	return action_rows[action].name;
}

const char *rxs_resource_type_name(enum rxs_resource_type type)
{
	return type_names[type];
}

/* ---- what the policies may ask about ---------------------------------------------------------------------------------- */

static bool is_type(const struct rexi_cedar_uid *uid, const struct rexi_cedar_name *type)
{
	return uid->type == type || rx_str_eq(uid->type->text, type->text);
}

/* The resource itself or, for paths, a directory above it: those are the entities there are. */
static bool is_path_entity(const struct rxs_decider *decider, const struct rexi_cedar_uid *uid)
{
	const struct rexi_str *id = &decider->resource_id;

	if (decider->resource->type > RXS_DIR)
		return false;
	if (is_type(uid, &decider->resource_types[decider->resource->type]) && rx_str_eq(uid->id, *id))
		return true;
	if (!is_type(uid, &decider->resource_types[RXS_DIR]) || uid->id.len >= id->len ||
	    memcmp(uid->id.ptr, id->ptr, uid->id.len) != 0)
		return false;
	return uid->id.len == 1 || id->ptr[uid->id.len] == '/';
}

static bool is_resource(const struct rxs_decider *decider, const struct rexi_cedar_uid *uid)
{
	return is_type(uid, &decider->resource_types[decider->resource->type]) && rx_str_eq(uid->id, decider->resource_id);
}

static const struct rxs_entity *context_entity(const struct rxs_decider *decider, const struct rexi_cedar_uid *uid)
{
	for (size_t i = 0; i < decider->entity_count; i++)
		if (rx_str_eq(decider->entities[i]->id, uid->id) &&
		    rx_str_eq(rx_str(decider->entities[i]->type), uid->type->text))
			return decider->entities[i];
	return NULL;
}

static size_t action_find(const struct rxs_decider *decider, const struct rexi_cedar_uid *uid)
{
	for (size_t i = 0; i < RXS_ACTION_COUNT; i++)
		if (rx_str_eq(action_rows[i].name, uid->id) && is_type(uid, decider->action_type[i]))
			return i;
	return RXS_ACTION_COUNT;
}

static enum rexi_cedar_answer answer_exists(void *user, const struct rexi_cedar_uid *uid)
{
	const struct rxs_decider *decider = (const struct rxs_decider *)user;

	if (is_path_entity(decider, uid) || is_resource(decider, uid) || context_entity(decider, uid) ||
	    action_find(decider, uid) < RXS_ACTION_COUNT)
		return REXI_CEDAR_FOUND;
	return REXI_CEDAR_PASS;
}

static enum rexi_status value_of(struct rxs_decider *decider, const struct rxs_data *data, struct rexi_cedar_scratch *scratch,
				 struct rexi_cedar_value *out);

static enum rexi_cedar_answer field_answer(struct rxs_decider *decider, struct rexi_cedar_scratch *scratch,
					   const struct rxs_field *fields, size_t count, struct rexi_str name,
					   struct rexi_cedar_value *out)
{
	/* The last of equal names wins, as in the reference's maps. */
	for (size_t i = count; i-- > 0;)
		if (rx_str_eq(fields[i].name, name))
			return value_of(decider, &fields[i].value, scratch, out) == REXI_OK ? REXI_CEDAR_FOUND :
											     REXI_CEDAR_FAIL;
	return REXI_CEDAR_ABSENT;
}

static enum rexi_cedar_answer answer_attribute(void *user, struct rexi_cedar_scratch *scratch,
					       const struct rexi_cedar_uid *uid, const struct rexi_cedar_name *name,
					       struct rexi_cedar_value *out)
{
	struct rxs_decider *decider = (struct rxs_decider *)user;
	const struct rxs_entity *entity;

	if (is_path_entity(decider, uid)) {
		if (!rx_str_eq(name->text, RX_STR("path")))
			return REXI_CEDAR_ABSENT;
		/* The id may live in the policy; the path's text lives as long as the question. */
		*out = rexi_cedar_string(rx_str_sub(decider->resource_id, 0, uid->id.len));
		return REXI_CEDAR_FOUND;
	}
	if (is_resource(decider, uid))
		return field_answer(decider, scratch, decider->resource->attributes, decider->resource->attribute_count,
				    name->text, out);
	entity = context_entity(decider, uid);
	if (entity)
		return field_answer(decider, scratch, entity->attributes, entity->attribute_count, name->text, out);
	return REXI_CEDAR_PASS;
}

static enum rexi_cedar_answer answer_tag(void *user, struct rexi_cedar_scratch *scratch, const struct rexi_cedar_uid *uid,
					 struct rexi_str tag, struct rexi_cedar_value *out)
{
	struct rxs_decider *decider = (struct rxs_decider *)user;
	const struct rxs_entity *entity = context_entity(decider, uid);

	if (entity)
		return field_answer(decider, scratch, entity->tags, entity->tag_count, tag, out);
	return is_path_entity(decider, uid) || is_resource(decider, uid) ? REXI_CEDAR_ABSENT : REXI_CEDAR_PASS;
}

static enum rexi_cedar_answer answer_ancestors(void *user, const struct rexi_cedar_uid *uid, struct rexi_cedar_walk *walk)
{
	struct rxs_decider *decider = (struct rxs_decider *)user;
	size_t action;

	if (is_path_entity(decider, uid)) {
		struct rexi_str id = decider->resource_id;
		size_t len = uid->id.len;

		if (len == 1)
			return REXI_CEDAR_FOUND;
		while (len > 1) {
			while (id.ptr[len - 1] != '/')
				len--;
			len = len > 1 ? len - 1 : 1;
			if (!rexi_cedar_walk_ancestor(walk, &decider->resource_types[RXS_DIR], rx_str_sub(id, 0, len)) ||
			    len == 1)
				break;
		}
		return REXI_CEDAR_FOUND;
	}
	if (is_type(uid, &decider->user_type) && rx_str_eq(uid->id, decider->principal.id)) {
		if (decider->session && !decider->groups &&
		    !rxs_identity_groups(decider->session, &decider->group_arena, &decider->groups, &decider->group_count))
			return REXI_CEDAR_FAIL;
		for (size_t i = 0; i < decider->group_count; i++)
			if (!rexi_cedar_walk_ancestor(walk, &decider->group_type, decider->groups[i]))
				break;
		return REXI_CEDAR_FOUND;
	}
	action = action_find(decider, uid);
	if (action < RXS_ACTION_COUNT) {
		(void)rexi_cedar_walk_ancestor(walk, decider->action_type[action], action_rows[action].group);
		return REXI_CEDAR_FOUND;
	}
	return is_resource(decider, uid) || context_entity(decider, uid) ? REXI_CEDAR_FOUND : REXI_CEDAR_PASS;
}

/* ---- values of contexts ------------------------------------------------------------------------------------------------ */

static enum rexi_status record_of(struct rxs_decider *decider, const struct rxs_field *fields, size_t count,
				  struct rexi_cedar_scratch *scratch, struct rexi_cedar_value *out)
{
	struct rexi_cedar_name *names = RX_ARENA_ARRAY(&decider->arena, struct rexi_cedar_name, count);
	struct rexi_cedar_field *made = RX_ARENA_ARRAY(&decider->arena, struct rexi_cedar_field, count);

	if (count && (!names || !made))
		return REXI_NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		rexi_cedar_attribute_init(decider->cedar, &names[i], fields[i].name);
		made[i].name = &names[i];
		RX_TRY(value_of(decider, &fields[i].value, scratch, &made[i].value));
	}
	return rexi_cedar_record_new(scratch, made, count, out, NULL);
}

static enum rexi_status set_of(struct rxs_decider *decider, const struct rexi_str *items, size_t count,
			       struct rexi_cedar_scratch *scratch, struct rexi_cedar_value *out)
{
	struct rexi_cedar_value *made = RX_ARENA_ARRAY(&decider->arena, struct rexi_cedar_value, count);

	if (count && !made)
		return REXI_NO_MEMORY;
	for (size_t i = 0; i < count; i++)
		made[i] = rexi_cedar_string(items[i]);
	return rexi_cedar_set_new(scratch, made, count, out, NULL);
}

static enum rexi_status entity_of(struct rxs_decider *decider, const struct rxs_entity *entity, struct rexi_cedar_value *out)
{
	struct rexi_cedar_name *type = RX_ARENA_NEW(&decider->arena, struct rexi_cedar_name);
	struct rexi_cedar_uid *uid = RX_ARENA_NEW(&decider->arena, struct rexi_cedar_uid);

	if (!type || !uid)
		return REXI_NO_MEMORY;
	RX_TRY(rexi_cedar_type_init(decider->cedar, type, rx_str(entity->type), NULL));
	rexi_cedar_uid_init(decider->cedar, uid, type, entity->id);
	*out = rexi_cedar_entity(uid);
	return REXI_OK;
}

static enum rexi_status value_of(struct rxs_decider *decider, const struct rxs_data *data, struct rexi_cedar_scratch *scratch,
				 struct rexi_cedar_value *out)
{
	switch (data->kind) {
	case RXS_DATA_STRING:
		*out = rexi_cedar_string(data->string);
		return REXI_OK;
	case RXS_DATA_LONG:
		*out = rexi_cedar_long(data->number);
		return REXI_OK;
	case RXS_DATA_BOOL:
		*out = rexi_cedar_bool(data->number != 0);
		return REXI_OK;
	case RXS_DATA_STRINGS:
		return set_of(decider, data->strings.items, data->strings.count, scratch, out);
	case RXS_DATA_RECORD:
		return record_of(decider, data->record.fields, data->record.count, scratch, out);
	case RXS_DATA_ENTITY:
		return entity_of(decider, data->entity, out);
	}
	rx_unreachable();
}

/* The entities that stand directly in the context; execute has two. */
static enum rexi_status context_collect(struct rxs_decider *decider, const struct rxs_field *context, size_t count)
{
	const struct rxs_entity **entities = RX_ARENA_ARRAY(&decider->arena, const struct rxs_entity *, count);

	decider->entities = entities;
	decider->entity_count = 0;
	if (!entities)
		return REXI_NO_MEMORY;
	for (size_t i = 0; i < count; i++)
		if (context[i].value.kind == RXS_DATA_ENTITY)
			entities[decider->entity_count++] = context[i].value.entity;
	return REXI_OK;
}

/* ---- making and freeing -------------------------------------------------------------------------------------------------- */

enum rexi_status rxs_decider_new(struct rxs_session *session, const struct rexi_cedar_engine *cedar,
				 struct rxs_decider **out, struct rexi_error *err)
{
	struct rxs_decider *decider;

	if (!session->policies || !cedar) {
		session->policies = NULL;
		*out = NULL;
		return REXI_OK;
	}
	decider = (struct rxs_decider *)rx_memory_take_zeroed(session->memory, 1, sizeof(*decider));
	if (!decider)
		return rx_fail_memory(err);
	*out = decider; /* the session frees it, also when what follows fails */
	decider->cedar = cedar;
	rx_arena_init(&decider->arena, session->memory);
	rx_arena_init(&decider->group_arena, session->memory);
	RX_TRY(rexi_cedar_request_new(cedar, &decider->request, err));
	RX_TRY(rexi_cedar_authorizer_new(cedar, &decider->authorizer, err));
	RX_TRY(rexi_cedar_type_init(cedar, &decider->user_type, RX_STR("User"), err));
	RX_TRY(rexi_cedar_type_init(cedar, &decider->group_type, RX_STR("Group"), err));
	for (size_t i = 0; i < SPACES; i++)
		RX_TRY(rexi_cedar_type_init(cedar, &decider->action_types[i], spaces[i].type, err));
	for (size_t i = 0; i < RXS_RESOURCE_TYPE_COUNT; i++)
		RX_TRY(rexi_cedar_type_init(cedar, &decider->resource_types[i], rx_str(type_names[i]), err));
	for (size_t i = 0; i < RXS_ACTION_COUNT; i++) {
		size_t space = 0;

		while (!rx_str_eq(spaces[space].space, action_rows[i].space))
			space++;
		decider->action_type[i] = &decider->action_types[space];
		rexi_cedar_uid_init(cedar, &decider->actions[i], decider->action_type[i], action_rows[i].name);
	}
	rexi_cedar_uid_init(cedar, &decider->principal, &decider->user_type, session->principal);
	decider->session = session->groups ? session : NULL;
	decider->provider = (struct rexi_cedar_provider){
		.size = sizeof(decider->provider),
		.user = decider,
		.exists = answer_exists,
		.attribute = answer_attribute,
		.tag = answer_tag,
		.ancestors = answer_ancestors,
	};
	return REXI_OK;
}

void rxs_decider_free(struct rxs_session *session, struct rxs_decider *decider)
{
	if (!decider)
		return;
	rexi_cedar_authorizer_free(decider->authorizer);
	rexi_cedar_request_free(decider->request);
	rx_arena_fini(&decider->arena);
	rx_arena_fini(&decider->group_arena);
	rx_memory_give(session->memory, decider, sizeof(*decider));
}

/* ---- grants -------------------------------------------------------------------------------------------------------------- */

static enum rexi_status grant_push(struct rxs_session *session, enum rxs_action action, const struct rxs_resource *resource,
				   const struct rxs_grant **out)
{
	struct rxs_grant *grant;

	if (session->grant_count == session->grant_cap) {
		size_t cap = session->grant_cap;

		if (!RX_GROW(session->memory, &session->grants, &session->grant_cap, cap + 1))
			return rxs_fail_memory(session);
		memset(session->grants + cap, 0, (session->grant_cap - cap) * sizeof(*session->grants));
	}
	grant = session->grants[session->grant_count];
	if (!grant) {
		grant = (struct rxs_grant *)rx_memory_take(session->memory, sizeof(*grant));
		if (!grant)
			return rxs_fail_memory(session);
		session->grants[session->grant_count] = grant;
	}
	*grant = (struct rxs_grant){ .session = session, .action = action, .resource = *resource };
	if (resource->path)
		rxs_path_ref(resource->path);
	session->grant_count++;
	*out = grant;
	return REXI_OK;
}

size_t rxs_grants_mark(const struct rxs_session *session)
{
	return session->grant_count;
}

void rxs_grants_release(struct rxs_session *session, size_t mark)
{
	while (session->grant_count > mark) {
		struct rxs_grant *grant = session->grants[--session->grant_count];

		rxs_path_unref(grant->resource.path);
		grant->resource.path = NULL;
	}
}

void rxs_grants_fini(struct rxs_session *session)
{
	for (size_t i = 0; i < session->grant_cap; i++)
		rx_memory_give(session->memory, session->grants[i], sizeof(*session->grants[i]));
	rx_memory_give(session->memory, session->grants, session->grant_cap * sizeof(*session->grants));
	session->grants = NULL;
	session->grant_cap = 0;
}

enum rxs_action rxs_grant_action(const struct rxs_grant *grant)
{
	return grant->action;
}

const struct rxs_resource *rxs_grant_resource(const struct rxs_grant *grant)
{
	return &grant->resource;
}

struct rxs_session *rxs_grant_session(const struct rxs_grant *grant)
{
	return grant->session;
}

/* ---- deciding -------------------------------------------------------------------------------------------------------------- */

struct answer {
	enum rxs_refusal refusal;
	struct rexi_cedar_decision decision; /* lives in the authorizer until its next call */
	struct rexi_error error;
};

static enum rexi_status question_ask(struct rxs_session *session, enum rxs_action action, const struct rxs_resource *resource,
				     const struct rxs_field *context, size_t context_count, unsigned flags,
				     struct answer *answer)
{
	struct rxs_decider *decider = session->decider;
	struct rexi_cedar_uid resource_uid;

	rexi_cedar_request_reset(decider->request);
	decider->resource = resource;
	decider->resource_id = resource->path ? resource->path->uid : resource->id;
	decider->entity_count = 0;
	rexi_cedar_uid_init(decider->cedar, &resource_uid, &decider->resource_types[resource->type], decider->resource_id);
	rexi_cedar_request_set(decider->request, &decider->principal, &decider->actions[action], &resource_uid);
	if (context_count) {
		struct rexi_cedar_value record;

		rx_arena_reset(&decider->arena);
		RX_TRY(context_collect(decider, context, context_count));
		RX_TRY(record_of(decider, context, context_count, rexi_cedar_request_scratch(decider->request), &record));
		RX_TRY(rexi_cedar_request_set_context(decider->request, &record, &answer->error));
	}
	return rexi_cedar_authorize(decider->authorizer, session->policies, NULL, &decider->provider, decider->request, flags,
				    &answer->decision, &answer->error);
}

static void question_answer(struct rxs_session *session, enum rxs_action action, const struct rxs_resource *resource,
			    const struct rxs_field *context, size_t context_count, unsigned flags, struct answer *answer)
{
	enum rexi_status status;

	answer->error.message[0] = '\0';
	if (!session->policies) {
		answer->decision = (struct rexi_cedar_decision){ .allow = false };
		answer->refusal = RXS_NOT_PERMITTED;
		return;
	}
	status = question_ask(session, action, resource, context, context_count, flags, answer);
	if (status != REXI_OK) {
		answer->decision = (struct rexi_cedar_decision){ .allow = false };
		answer->refusal = RXS_UNDECIDED;
		if (!answer->error.message[0])
			status = rx_fail(&answer->error, status, RX_NO_SPAN, "%s", rexi_status_text(status));
	} else if (answer->decision.allow) {
		/* DESIGN, invariant 1: plain Cedar skips an erring forbid, the enforcement point does not. */
		answer->refusal = answer->decision.forbid_erred ? RXS_ERRED : RXS_ALLOWED;
	} else if (answer->decision.reason_count) {
		answer->refusal = RXS_FORBIDDEN;
	} else {
		answer->refusal = answer->decision.forbid_erred ? RXS_ERRED : RXS_NOT_PERMITTED;
	}
}

/* The @id annotation of a policy, or its id. */
static struct rexi_str policy_name(const struct rxs_session *session, size_t at)
{
	struct rexi_cedar_policy_info info;
	struct rexi_str key, value;

	if (!rexi_cedar_policies_info(session->policies, at, &info))
		return RX_STR("?");
	for (size_t i = 0; i < info.annotation_count; i++)
		if (rexi_cedar_policies_annotation(session->policies, at, i, &key, &value) &&
		    rx_str_eq(key, RX_STR("id")) && value.len)
			return value;
	return info.id;
}

#define NAMES_SMALL 8

/* The record of one decision, put together in the caller's storage. */
struct record {
	struct rxs_decision decision;
	struct rexi_str small[2 * NAMES_SMALL];
	struct rexi_str *names; /* NULL: small */
	size_t name_count;
	char error[256];
};

static void record_fini(struct rxs_session *session, struct record *record)
{
	rx_memory_give(session->memory, record->names, record->name_count * sizeof(*record->names));
}

static void record_make(struct rxs_session *session, enum rxs_action action, const struct rxs_resource *resource,
			const struct rxs_field *context, size_t context_count, const struct answer *answer,
			struct record *record)
{
	const struct rexi_cedar_decision *decision = &answer->decision;
	size_t reasons = decision->reason_count, errors = decision->error_count;
	struct rexi_str *names = record->small;

	record->names = NULL;
	record->name_count = reasons + errors;
	if (record->name_count > RX_COUNT(record->small)) {
		record->names = (struct rexi_str *)rx_memory_take_zeroed(session->memory, record->name_count, sizeof(*names));
		names = record->names;
		if (!names) { /* the record then names as many as there is room for */
			names = record->small;
			reasons = reasons > NAMES_SMALL ? NAMES_SMALL : reasons;
			errors = errors > NAMES_SMALL ? NAMES_SMALL : errors;
			record->name_count = 0;
		}
	}
	for (size_t i = 0; i < reasons; i++)
		names[i] = policy_name(session, decision->reasons[i]);
	for (size_t i = 0; i < errors; i++)
		names[reasons + i] = policy_name(session, decision->errors[i].policy);
	record->error[0] = '\0';
	if (answer->refusal == RXS_UNDECIDED)
		memcpy(record->error, answer->error.message, sizeof(record->error));
	else if (errors) {
		struct rexi_str text = decision->errors[0].message;
		size_t len = text.len < sizeof(record->error) ? text.len : sizeof(record->error) - 1;

		memcpy(record->error, text.ptr, len);
		record->error[len] = '\0';
	}
	record->decision = (struct rxs_decision){
		.number = session->decisions,
		.principal = session->principal,
		.action = action,
		.resource = resource,
		.resource_id = resource->path ? resource->path->uid : resource->id,
		.context = context,
		.context_count = context_count,
		.refusal = answer->refusal,
		.permissive = session->permissive && answer->refusal != RXS_ALLOWED,
		.determining = names,
		.determining_count = reasons,
		.erring = names + reasons,
		.erring_count = errors,
		.error = record->error[0] ? record->error : NULL,
	};
	if (session->call) {
		record->decision.function = session->call->name;
		rxl_call_position(session->call, &record->decision.line, &record->decision.column);
	}
}

/* ---- the last denial -------------------------------------------------------------------------------------------------------- */

static const struct rexi_str *strings_keep(struct rx_arena *arena, const struct rexi_str *items, size_t count)
{
	struct rexi_str *kept = RX_ARENA_ARRAY(arena, struct rexi_str, count ? count : 1);

	for (size_t i = 0; kept && i < count; i++)
		kept[i] = rx_arena_copy(arena, items[i]);
	return kept;
}

static const struct rxs_field *fields_keep(struct rx_arena *arena, const struct rxs_field *fields, size_t count);

static const struct rxs_entity *entity_keep(struct rx_arena *arena, const struct rxs_entity *entity)
{
	struct rxs_entity *kept = RX_ARENA_NEW(arena, struct rxs_entity);

	if (!kept)
		return NULL;
	*kept = *entity;
	kept->id = rx_arena_copy(arena, entity->id);
	kept->attributes = fields_keep(arena, entity->attributes, entity->attribute_count);
	kept->tags = fields_keep(arena, entity->tags, entity->tag_count);
	return kept->attributes && kept->tags ? kept : NULL;
}

/* A deep copy (contexts are three levels at most); NULL when memory refuses. */
static const struct rxs_field *fields_keep(struct rx_arena *arena, const struct rxs_field *fields, size_t count)
{
	struct rxs_field *kept = RX_ARENA_ARRAY(arena, struct rxs_field, count ? count : 1);

	for (size_t i = 0; kept && i < count; i++) {
		struct rxs_data *data = &kept[i].value;

		kept[i] = fields[i];
		kept[i].name = rx_arena_copy(arena, fields[i].name);
		if (data->kind == RXS_DATA_STRING)
			data->string = rx_arena_copy(arena, data->string);
		else if (data->kind == RXS_DATA_STRINGS)
			data->strings.items = strings_keep(arena, data->strings.items, data->strings.count);
		else if (data->kind == RXS_DATA_RECORD)
			data->record.fields = fields_keep(arena, data->record.fields, data->record.count);
		else if (data->kind == RXS_DATA_ENTITY && !(data->entity = entity_keep(arena, data->entity)))
			return NULL;
	}
	return kept;
}

static void denial_keep(struct rxs_session *session, const struct rxs_decision *decision)
{
	struct rx_arena *arena = &session->denial_arena;
	struct rxs_denial *denial = &session->denial;

	rx_arena_reset(arena);
	*denial = (struct rxs_denial){
		.number = decision->number,
		.action = decision->action,
		.type = decision->resource->type,
		.principal = session->principal,
		.resource = rx_arena_copy(arena, decision->resource_id),
		.refusal = decision->refusal,
		.function = rx_arena_copy(arena, decision->function),
		.line = decision->line,
		.column = decision->column,
		.determining = strings_keep(arena, decision->determining, decision->determining_count),
		.erring = strings_keep(arena, decision->erring, decision->erring_count),
		.error = rx_arena_copy(arena, rx_str(decision->error ? decision->error : "")),
		.context = fields_keep(arena, decision->context, decision->context_count),
		.attributes = fields_keep(arena, decision->resource->attributes, decision->resource->attribute_count),
	};
	if (denial->determining)
		denial->determining_count = decision->determining_count;
	if (denial->erring)
		denial->erring_count = decision->erring_count;
	if (denial->context)
		denial->context_count = decision->context_count;
	if (denial->attributes)
		denial->attribute_count = decision->resource->attribute_count;
}

const struct rxs_denial *rxs_denial_last(const struct rxs_session *session)
{
	return &session->denial;
}

/* The resource as the reference prints it in denials (runner.md 14.6). */
static void resource_print(struct rx_buf *out, enum rxs_resource_type type, struct rexi_str id)
{
	const char *name = type_names[type];

	switch (type) {
	case RXS_URL:
		rx_buf_printf(out, "%s::\"", name);
		rx_buf_str(out, id);
		rx_buf_byte(out, '"');
		return;
	case RXS_UNAME:
	case RXS_SYSINFO:
	case RXS_HOSTNAME:
		rx_buf_printf(out, "%s::%s::\"", name, name);
		rx_buf_str(out, id);
		rx_buf_byte(out, '"');
		return;
	case RXS_FILE:
	case RXS_DIR:
	case RXS_PROCESS:
	case RXS_SERVICE:
	case RXS_SYSTEMD:
	case RXS_SYSCTL:
	case RXS_RESOURCE_TYPE_COUNT:
		break;
	}
	rx_buf_printf(out, "%s::", name);
	rx_buf_str(out, id);
}

static enum rexi_status refuse(struct rxs_session *session, const struct rxs_decision *decision)
{
	struct rx_buf *message = &session->failure.message;
	enum rexi_status status;

	if (decision->refusal == RXS_UNDECIDED || decision->refusal == RXS_UNRECORDED) {
		status = rxs_fail(session, RXS_IO_AuthorizationError, "Authorization check failed");
		session->failure.denial = decision->number;
		return status;
	}
	status = rxs_fail(session, RXS_IO_PermissionDenied, "Permission denied: ");
	session->failure.denial = decision->number;
	rx_buf_str(message, session->principal);
	rx_buf_printf(message, " unauthorized to perform %.*s::Action::\"%.*s\" for ",
		      RX_STR_ARG(action_rows[decision->action].space), RX_STR_ARG(action_rows[decision->action].name));
	resource_print(message, decision->resource->type, decision->resource_id);
	return status;
}

enum rexi_status rxs_authorize_in(struct rxs_session *session, enum rxs_action action, const struct rxs_resource *resource,
				  const struct rxs_field *context, size_t context_count, const struct rxs_grant **grant_out)
{
	struct answer answer;
	struct record record;
	enum rexi_status status = REXI_OK;

	session->decisions++;
	question_answer(session, action, resource, context, context_count, 0, &answer);
	if (answer.refusal == RXS_ALLOWED && !session->hooks.decision)
		return grant_push(session, action, resource, grant_out);
	record_make(session, action, resource, context, context_count, &answer, &record);
	if (session->hooks.decision && session->hooks.decision(session->hooks.user, &record.decision) != REXI_OK) {
		record.decision.refusal = RXS_UNRECORDED;
		record.decision.permissive = false;
	}
	if (record.decision.refusal != RXS_ALLOWED) {
		denial_keep(session, &record.decision);
		if (record.decision.permissive)
			rxs_log(session, RXS_LOG_WARN, "PERMISSIVE_MODE_DENY principal: User::\"%.*s\", action: %.*s::Action::\"%.*s\", "
				"resource: %s::\"%.*s\"", RX_STR_ARG(session->principal), RX_STR_ARG(action_rows[action].space),
				RX_STR_ARG(action_rows[action].name), type_names[resource->type],
				RX_STR_ARG(record.decision.resource_id));
		else
			status = refuse(session, &record.decision);
		if (session->hooks.denied)
			session->hooks.denied(session->hooks.user);
	}
	record_fini(session, &record);
	return status == REXI_OK ? grant_push(session, action, resource, grant_out) : status;
}

enum rexi_status rxs_authorize(struct rxs_session *session, enum rxs_action action, const struct rxs_resource *resource,
			       const struct rxs_grant **grant_out)
{
	return rxs_authorize_in(session, action, resource, NULL, 0, grant_out);
}

enum rexi_status rxs_authorize_file(struct rxs_session *session, enum rxs_action action, struct rxs_path *path,
				    const struct rxs_grant **grant_out)
{
	struct rxs_resource resource = { .type = RXS_FILE, .path = path };

	return rxs_authorize_in(session, action, &resource, NULL, 0, grant_out);
}

enum rexi_status rxs_authorize_dir(struct rxs_session *session, enum rxs_action action, struct rxs_path *path,
				   const struct rxs_grant **grant_out)
{
	struct rxs_resource resource = { .type = RXS_DIR, .path = path };

	return rxs_authorize_in(session, action, &resource, NULL, 0, grant_out);
}

/* ---- the receipt ---------------------------------------------------------------------------------------------------------- */

static void names_print(struct rx_buf *out, const char *head, const struct rexi_str *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		rx_buf_str(out, rx_str(i ? ", " : head));
		rx_buf_str(out, names[i]);
	}
	if (count)
		rx_buf_byte(out, '\n');
}

static void near_print(const struct rxs_session *session, struct rx_buf *out, const struct rexi_cedar_near *near)
{
	rx_buf_str(out, rx_str(near->forbid ? "  considered:   forbid " : "  nearest:      permit "));
	rx_buf_str(out, policy_name(session, near->policy));
	rx_buf_printf(out, ", %u of %u parts hold", near->clauses_held, near->clauses_total);
	if (near->clause.len) {
		RX_BUF_LIT(out, "; not: ");
		rx_buf_str(out, near->clause);
	}
	if (near->part.len) {
		RX_BUF_LIT(out, " (`");
		rx_buf_str(out, near->part);
		rx_buf_str(out, near->part_holds ? RX_STR("` is true") : RX_STR("` is false"));
	}
	if (near->values.len) {
		rx_buf_str(out, near->part.len ? RX_STR(": ") : RX_STR(" ("));
		rx_buf_str(out, near->values);
	}
	if (near->part.len || near->values.len)
		RX_BUF_LIT(out, ")");
	rx_buf_byte(out, '\n');
}

static const char *refusal_text(enum rxs_refusal refusal)
{
	switch (refusal) {
	case RXS_ALLOWED:
		return "allowed";
	case RXS_NOT_PERMITTED:
		return "no permit applies";
	case RXS_FORBIDDEN:
		return "forbidden";
	case RXS_ERRED:
		return "a forbid could not be evaluated";
	case RXS_UNDECIDED:
		return "no decision was reached";
	case RXS_UNRECORDED:
		return "the record could not be written";
	}
	rx_unreachable();
}

enum rexi_status rxs_denial_explain(struct rxs_session *session, struct rx_buf *out)
{
	const struct rxs_denial *denial = &session->denial;
	struct rexi_str space, name;
	struct answer answer;
	struct rxs_resource resource = { .type = denial->type, .id = denial->resource, .attributes = denial->attributes,
					 .attribute_count = denial->attribute_count };

	if (!denial->number)
		return REXI_OK;
	space = action_rows[denial->action].space;
	name = action_rows[denial->action].name;
	rx_buf_printf(out, "Permission denied: %.*s::Action::\"%.*s\" on ", RX_STR_ARG(space), RX_STR_ARG(name));
	rx_buf_str(out, denial->resource);
	RX_BUF_LIT(out, "\n  principal:    User::\"");
	rx_buf_str(out, denial->principal);
	rx_buf_printf(out, "\"\n  resource:     %s::\"", type_names[denial->type]);
	rx_buf_str(out, denial->resource);
	RX_BUF_LIT(out, "\"\n");
	if (denial->function.len) {
		RX_BUF_LIT(out, "  script:       ");
		rx_buf_str(out, denial->function);
		if (denial->line)
			rx_buf_printf(out, " at line %u, position %u", denial->line, denial->column);
		rx_buf_byte(out, '\n');
	}
	rx_buf_printf(out, "  decision:     %s\n", refusal_text(denial->refusal));
	names_print(out, "  decided by:   ", denial->determining, denial->determining_count);
	names_print(out, "  erring:       ", denial->erring, denial->erring_count);
	if (denial->error.len) {
		RX_BUF_LIT(out, "  reason:       ");
		rx_buf_str(out, denial->error);
		rx_buf_byte(out, '\n');
	}
	if (session->policies && denial->refusal == RXS_NOT_PERMITTED) {
		question_answer(session, denial->action, &resource, denial->context, denial->context_count, REXI_CEDAR_EXPLAIN,
				&answer);
		for (size_t i = 0, shown = 0; i < answer.decision.near_count && shown < 3; i++) {
			if (answer.decision.near[i].forbid)
				continue;
			near_print(session, out, &answer.decision.near[i]);
			shown++;
		}
	}
	return out->failed ? REXI_NO_MEMORY : REXI_OK;
}

void rxs_denial_near(struct rxs_session *session,
		     void (*each)(void *user, const struct rexi_cedar_near *near, struct rexi_str name), void *user)
{
	const struct rxs_denial *denial = &session->denial;
	struct rxs_resource resource = { .type = denial->type, .id = denial->resource, .attributes = denial->attributes,
					 .attribute_count = denial->attribute_count };
	struct answer answer;

	if (!denial->number || !session->policies)
		return;
	question_answer(session, denial->action, &resource, denial->context, denial->context_count, REXI_CEDAR_EXPLAIN, &answer);
	for (size_t i = 0; i < answer.decision.near_count; i++)
		each(user, &answer.decision.near[i], policy_name(session, answer.decision.near[i].policy));
}

bool rxs_action_possible(struct rxs_session *session, enum rxs_action action)
{
	struct rxs_resource resource = { .type = RXS_HOSTNAME, .id = RX_STR("any") };
	struct answer answer;
	size_t seen;

	if (!session->policies)
		return false;
	question_answer(session, action, &resource, NULL, 0, REXI_CEDAR_EXPLAIN, &answer);
	if (answer.decision.allow)
		return true;
	for (size_t i = 0; i < answer.decision.error_count; i++)
		if (!answer.decision.errors[i].forbid)
			return true; /* its scope holds, its condition asks for what the resource has not */
	for (size_t i = 0; i < answer.decision.near_count; i++) {
		const struct rexi_cedar_near *near = &answer.decision.near[i];

		if (!near->forbid && !rx_str_starts(near->clause, RX_STR("principal")) &&
		    !rx_str_starts(near->clause, RX_STR("action")))
			return true;
	}
	/* a forbid decided: it may be about other resources; a permit that is in no list is one that holds */
	seen = answer.decision.reason_count + answer.decision.error_count + answer.decision.near_count;
	return answer.decision.reason_count && seen < rexi_cedar_policies_count(session->policies);
}
