/* Entities of a store against a schema. */
#include <config.h>

#include "cedar/conform.h"
#include "cedar/entity.h"
#include "cedar/schema_api.h"

#include "base/banned.h"

enum rexi_status rxc_entities_conform(struct rexi_cedar_entities *store, const struct rxc_schema *schema, const struct rxc_entity *entity,
				      const char **kind_out, struct rexi_error *err)
{
	bool action = entity->uid->uid.type->flags & RXC_NAME_ACTION;
	uint32_t count = action ? entity->ancestor_count : entity->parent_count;
	const struct rexi_cedar_uid **above = rx_memory_take_zeroed(&store->memory, count + 1u, sizeof(*above));
	struct rxc_conform_entity as = {
		.uid = &entity->uid->uid, .attrs = entity->attrs, .tags = entity->tags, .attr_count = entity->attr_count,
		.tag_count = entity->tag_count, .ancestor_count = count, .ancestors = above,
	};
	enum rexi_status status;

	if (!above)
		return rx_fail_memory(err);
	for (uint32_t i = 0; i < count; i++)
		above[i] = action ? &store->names.uids[entity->ancestors[i]]->uid : &entity->parents[i]->uid;
	status = action ? rxc_conform_action(schema, &as, kind_out, err) : rxc_conform_entity(schema, &as, kind_out, err);
	rx_memory_give(&store->memory, above, (count + 1u) * sizeof(*above));
	return status;
}

void rexi_cedar_entities_check(struct rexi_cedar_entities *entities, const struct rexi_cedar_schema *schema)
{
	entities->schema = schema;
}

enum rexi_status rxc_entities_check_added(struct rexi_cedar_entities *store, const struct rxc_entity *entity, struct rexi_error *err)
{
	if (!store->schema || entity->uid->uid.type->flags & RXC_NAME_ACTION)
		return REXI_OK;
	return rxc_entities_conform(store, store->schema->resolved, entity, NULL, err);
}

enum rexi_status rxc_entities_check_actions(struct rexi_cedar_entities *store, struct rexi_error *err)
{
	for (size_t i = 0; store->schema && i < store->count; i++)
		if (store->entities[i]->uid->uid.type->flags & RXC_NAME_ACTION)
			RX_TRY(rxc_entities_conform(store, store->schema->resolved, store->entities[i], NULL, err));
	return REXI_OK;
}
