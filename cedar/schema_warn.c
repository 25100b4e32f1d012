/* Names that a schema may declare but that hide others. Source: spec/cedar.md, section 6.1. */
#include <config.h>

#include "cedar/schema.h"

#include "base/hash.h"

#include "base/banned.h"

struct warner {
	struct rx_arena *arena;
	struct rxc_schema_warning **end;
};

static bool warn(struct warner *warner, enum rxc_schema_warning_kind kind, struct rexi_str name, struct rexi_span span)
{
	struct rxc_schema_warning *warning = RX_ARENA_NEW(warner->arena, struct rxc_schema_warning);
	struct rx_buf buf;

	if (!warning)
		return false;
	rx_buf_init(&buf, warner->arena->memory, 0);
	if (kind == RXC_SHADOWS_BUILTIN)
		rx_buf_printf(&buf, "The name `%.*s` shadows a builtin Cedar name. You'll have to refer to the builtin as `__cedar::%.*s`.",
			      RX_STR_ARG(name), RX_STR_ARG(name));
	else
		rx_buf_printf(&buf, "The common type name %.*s shadows an entity name", RX_STR_ARG(name));
	*warning = (struct rxc_schema_warning){ .kind = kind, .name = name, .span = span };
	warning->message = rx_arena_copy(warner->arena, rx_buf_view(&buf));
	if (buf.failed)
		warning->message.ptr = NULL;
	rx_buf_fini(&buf);
	*warner->end = warning;
	warner->end = &warning->next;
	return warning->message.ptr != NULL;
}

static bool is_builtin(struct rexi_str name)
{
	return rxc_extension_type_find(name) < RXC_EXTENSION_TYPES || rx_str_eq(name, RX_STR("Bool")) ||
	       rx_str_eq(name, RX_STR("Long")) || rx_str_eq(name, RX_STR("String"));
}

static bool warn_namespace(struct warner *warner, const struct rxc_namespace_decl *space, struct rx_table *entities)
{
	for (const struct rxc_entity_decl *entity = space->entities; entity; entity = entity->next) {
		if (!rx_table_set(entities, entity->name, 0))
			return false;
		if (is_builtin(entity->name) && !warn(warner, RXC_SHADOWS_BUILTIN, entity->name, entity->span))
			return false;
	}
	for (const struct rxc_common_decl *common = space->commons; common; common = common->next) {
		if (is_builtin(common->name) && !warn(warner, RXC_SHADOWS_BUILTIN, common->name, common->span))
			return false;
		if (rx_table_find(entities, common->name) != RX_TABLE_NONE &&
		    !warn(warner, RXC_SHADOWS_ENTITY, common->name, common->span))
			return false;
	}
	return true;
}

enum rexi_status rxc_fragment_warnings(const struct rxc_fragment *fragment, struct rxc_schema_warning **out,
				       struct rexi_error *err)
{
	struct warner warner = { fragment->arena, out };
	bool ok = true;

	*out = NULL;
	for (const struct rxc_namespace_decl *space = fragment->namespaces; space && ok; space = space->next) {
		struct rx_table entities;

		rx_table_init(&entities, fragment->arena->memory, rx_hash_seed());
		ok = warn_namespace(&warner, space, &entities);
		rx_table_fini(&entities);
	}
	return ok ? REXI_OK : rx_fail_memory(err);
}
