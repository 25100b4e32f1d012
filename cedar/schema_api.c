#include <config.h>

#include "cedar/schema_api.h"

#include "cedar/conform.h"
#include "cedar/format.h"
#include "cedar/validate.h"

#include "base/banned.h"

/* ---- Schemas ---- */

void rexi_cedar_schema_free(struct rexi_cedar_schema *schema)
{
	struct rx_memory memory;

	if (!schema)
		return;
	rxc_schema_free(schema->owned);
	rx_arena_fini(&schema->arena);
	memory = schema->memory;
	rx_memory_give(&memory, schema, sizeof(*schema));
}

static enum rexi_status keep_warnings(struct rexi_cedar_schema *schema, const struct rxc_fragment *fragment, size_t text,
				      struct rexi_error *err)
{
	struct rxc_schema_warning *first;

	RX_TRY(rxc_fragment_warnings(fragment, &first, err));
	for (; first; first = first->next) {
		struct rexi_cedar_schema_warning warning = {
			.kind = first->kind == RXC_SHADOWS_BUILTIN ? "shadows-builtin" : "shadows-entity", .text = text, .span = first->span
		};

		warning.message = rx_arena_copy(&schema->arena, first->message);
		if (!warning.message.ptr ||
		    !RX_ARENA_GROW(&schema->arena, &schema->warnings, &schema->warning_cap, schema->warning_count + 1))
			return rx_fail_memory(err);
		schema->warnings[schema->warning_count++] = warning;
	}
	return REXI_OK;
}

static enum rexi_status read_texts(struct rexi_cedar_schema *schema, struct rx_arena *arena, const struct rexi_str *texts,
				   size_t count, size_t *text_out, struct rexi_error *err)
{
	struct rxc_fragment **fragments = RX_ARENA_ARRAY(arena, struct rxc_fragment *, count);
	enum rexi_status status;

	if (!fragments)
		return rx_fail_memory(err);
	for (size_t i = 0; i < count; i++) {
		*text_out = i;
		RX_TRY(rxc_fragment_read(arena, texts[i], &fragments[i], err));
		RX_TRY(keep_warnings(schema, fragments[i], i, err));
	}
	status = rxc_schema_resolve(&schema->memory, fragments, count, &schema->owned, text_out, err);
	schema->resolved = schema->owned;
	if (status != REXI_OK && *text_out < count)
		rx_error_locate(err, texts[*text_out]);
	return status;
}

static enum rexi_status schema_take(const struct rexi_cedar_engine *engine, struct rexi_cedar_schema **out, struct rexi_error *err)
{
	struct rexi_cedar_schema *schema;
	struct rx_memory memory;

	rx_memory_init(&memory, &engine->allocator, engine->limits.memory_bytes);
	schema = rx_memory_take_zeroed(&memory, 1, sizeof(*schema));
	if (!schema)
		return rx_fail_memory(err);
	schema->engine = engine;
	schema->memory = memory;
	rx_arena_init(&schema->arena, &schema->memory);
	*out = schema;
	return REXI_OK;
}

enum rexi_status rxc_schema_borrow(const struct rexi_cedar_engine *engine, const struct rxc_schema *resolved,
				   struct rexi_cedar_schema **out, struct rexi_error *err)
{
	RX_TRY(schema_take(engine, out, err));
	(*out)->resolved = resolved;
	return REXI_OK;
}

enum rexi_status rexi_cedar_schema_new(const struct rexi_cedar_engine *engine, const struct rexi_str *texts, size_t count,
				       struct rexi_cedar_schema **out, size_t *text_out, struct rexi_error *err)
{
	struct rexi_cedar_schema *schema;
	enum rexi_status status;
	struct rx_arena arena;
	size_t text = 0;

	RX_TRY(schema_take(engine, &schema, err));
	rx_arena_init(&arena, &schema->memory);
	status = read_texts(schema, &arena, texts, count, &text, err);
	rx_arena_fini(&arena);
	if (text_out)
		*text_out = text;
	if (status == REXI_OK)
		*out = schema;
	else
		rexi_cedar_schema_free(schema);
	return status;
}

bool rexi_cedar_schema_warning(const struct rexi_cedar_schema *schema, size_t at, struct rexi_cedar_schema_warning *out)
{
	if (at >= schema->warning_count)
		return false;
	*out = schema->warnings[at];
	return true;
}

bool rexi_cedar_schema_type(const struct rexi_cedar_schema *schema, size_t at, struct rexi_str *name_out)
{
	if (at >= schema->resolved->entity_type_count)
		return false;
	*name_out = schema->resolved->types.names[at];
	return true;
}

bool rexi_cedar_schema_action(const struct rexi_cedar_schema *schema, size_t at, struct rexi_cedar_schema_action *out)
{
	const struct rxc_action_type *action;

	if (at >= schema->resolved->action_count)
		return false;
	action = &schema->resolved->actions[at];
	*out = (struct rexi_cedar_schema_action){ schema->resolved->types.names[action->type], action->id, action->principals.count,
						  action->resources.count, action->descendants.count > 0 };
	return true;
}

typedef enum rexi_status (*print_fn)(const struct rxc_fragment *, struct rx_buf *, struct rexi_error *);

static enum rexi_status convert(const struct rexi_cedar_engine *engine, struct rexi_str text, print_fn print,
				struct rexi_cedar_text *out, struct rexi_error *err)
{
	struct rxc_fragment *fragment;
	enum rexi_status status;
	struct rx_memory memory;
	struct rx_arena arena;
	struct rx_buf buf;

	rx_memory_init(&memory, &engine->allocator, engine->limits.memory_bytes);
	rx_arena_init(&arena, &memory);
	rx_buf_init(&buf, &memory, 0);
	status = rxc_fragment_read(&arena, text, &fragment, err);
	if (status == REXI_OK)
		status = print(fragment, &buf, err);
	rx_arena_fini(&arena);
	if (status == REXI_OK)
		status = rxc_text_take(&buf, out, err);
	else
		rx_buf_fini(&buf);
	return status;
}

enum rexi_status rexi_cedar_schema_to_json(const struct rexi_cedar_engine *engine, struct rexi_str text,
					   struct rexi_cedar_text *out, struct rexi_error *err)
{
	return convert(engine, text, rxc_fragment_to_json, out, err);
}

enum rexi_status rexi_cedar_schema_to_cedar(const struct rexi_cedar_engine *engine, struct rexi_str text,
					    struct rexi_cedar_text *out, struct rexi_error *err)
{
	return convert(engine, text, rxc_fragment_to_cedar, out, err);
}

/* ---- Validation ---- */

struct rexi_cedar_validation {
	struct rx_memory memory;
	struct rxc_validation result;
	struct position {
		uint32_t line, column;
	} *positions; /* by finding */
};

void rexi_cedar_validation_free(struct rexi_cedar_validation *validation)
{
	struct rx_memory memory;

	if (!validation)
		return;
	rxc_validation_fini(&validation->result);
	memory = validation->memory;
	rx_memory_give(&memory, validation, sizeof(*validation));
}

/* The set may be edited or freed later, so ids are copied and positions found now. */
static bool settle(struct rexi_cedar_validation *validation)
{
	struct rxc_validation *result = &validation->result;

	validation->positions = RX_ARENA_ARRAY(&result->arena, struct position, result->count);
	if (!validation->positions)
		return false;
	for (size_t i = 0; i < result->count; i++) {
		struct rxc_finding *finding = &result->findings[i];
		struct rexi_error at = { .span = finding->span };

		if (finding->source && finding->span.end > finding->span.start)
			rx_error_locate(&at, *finding->source);
		validation->positions[i] = (struct position){ at.line, at.column };
		finding->source = NULL;
		finding->policy = rx_arena_copy(&result->arena, finding->policy);
		if (!finding->policy.ptr)
			return false;
	}
	return true;
}

enum rexi_status rexi_cedar_validate(const struct rexi_cedar_schema *schema, const struct rexi_cedar_policies *policies,
				     const struct rexi_cedar_validate_options *options, struct rexi_cedar_validation **out,
				     struct rexi_error *err)
{
	struct rxc_validate_options inner = { false, false, 0 };
	struct rexi_cedar_validation *validation;
	enum rexi_status status;
	struct rx_memory memory;

	if (options && options->size != sizeof(*options))
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "the options are of another version of the library");
	if (options)
		inner = (struct rxc_validate_options){ options->permissive, options->levels, options->level };
	rx_memory_init(&memory, &schema->engine->allocator, schema->engine->limits.memory_bytes);
	validation = rx_memory_take_zeroed(&memory, 1, sizeof(*validation));
	if (!validation)
		return rx_fail_memory(err);
	validation->memory = memory;
	rxc_validation_init(&validation->result, &validation->memory);
	status = rxc_validate(schema->resolved, policies, &inner, &validation->result, err);
	if (status == REXI_OK && !settle(validation))
		status = rx_fail_memory(err);
	if (status == REXI_OK)
		*out = validation;
	else
		rexi_cedar_validation_free(validation);
	return status;
}

bool rexi_cedar_validation_passed(const struct rexi_cedar_validation *validation)
{
	return validation->result.error_count == 0;
}

size_t rexi_cedar_validation_count(const struct rexi_cedar_validation *validation)
{
	return validation->result.count;
}

bool rexi_cedar_validation_finding(const struct rexi_cedar_validation *validation, size_t at, struct rexi_cedar_finding *out)
{
	const struct rxc_finding *finding;

	if (at >= validation->result.count)
		return false;
	finding = &validation->result.findings[at];
	*out = (struct rexi_cedar_finding){ rxc_finding_name(finding->kind), finding->is_warning, finding->policy, finding->message,
					    finding->help, finding->span, validation->positions[at].line,
					    validation->positions[at].column };
	return true;
}

enum rexi_status rexi_cedar_schema_check_request(const struct rexi_cedar_schema *schema, const struct rexi_cedar_uid *principal,
						 const struct rexi_cedar_uid *action, const struct rexi_cedar_uid *resource,
						 const struct rexi_cedar_value *context, const char **kind_out,
						 struct rexi_error *err)
{
	return rxc_conform_request(schema->resolved, principal, action, resource, context, kind_out, err);
}

/* ---- Formatting ---- */

static enum rexi_status check_parses(const struct rexi_cedar_engine *engine, struct rexi_str text, struct rexi_error *err)
{
	struct rexi_cedar_policies *policies;
	enum rexi_status status;

	RX_TRY(rexi_cedar_policies_new(engine, &policies, err));
	status = rexi_cedar_policies_add_text(policies, text, 0, err);
	rexi_cedar_policies_free(policies);
	return status;
}

static enum rexi_status format(const struct rexi_cedar_engine *engine, struct rexi_str text, unsigned width, unsigned indent,
			       bool as_reference, struct rexi_cedar_text *out, struct rexi_error *err)
{
	enum rexi_status status;
	struct rx_memory memory;
	struct rx_buf buf;

	RX_TRY(check_parses(engine, text, err));
	rx_memory_init(&memory, &engine->allocator, engine->limits.memory_bytes);
	rx_buf_init(&buf, &memory, 0);
	status = rxc_format(&buf, text, width, indent, as_reference, err);
	if (status == REXI_OK)
		status = rxc_text_take(&buf, out, err);
	else
		rx_buf_fini(&buf);
	return status;
}

enum rexi_status rexi_cedar_format(const struct rexi_cedar_engine *engine, struct rexi_str text, unsigned width, unsigned indent,
				   struct rexi_cedar_text *out, struct rexi_error *err)
{
	return format(engine, text, width, indent, false, out, err);
}

enum rexi_status rexi_cedar_format_as_reference(const struct rexi_cedar_engine *engine, struct rexi_str text, unsigned width,
						unsigned indent, struct rexi_cedar_text *out, struct rexi_error *err)
{
	return format(engine, text, width, indent, true, out, err);
}
