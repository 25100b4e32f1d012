/* The entity store. */
#ifndef RXC_ENTITY_H
#define RXC_ENTITY_H

#include "cedar/set.h"
#include "cedar/value.h"

/* What decisions read comes first. */
struct rxc_entity {
	const uint32_t *ancestors;  /* numbers of uids, ascending, without the entity itself; set by building. Padded: see rxc_ids_have */
	uint64_t above;             /* bits rxc_above_bit of the ancestors */
	struct rxc_slotted *attrs;  /* sorted by name, as are tags */
	uint32_t ancestor_count, attr_count;
	struct rxc_slotted *tags;
	uint32_t tag_count, parent_count;
	const struct rxc_uid *uid;
	const struct rxc_uid **parents; /* as given, repetitions dropped */
	uint32_t at;    /* in entities[] */
	uint32_t state; /* of building */
};

struct rexi_cedar_entities {
	const struct rexi_cedar_engine *engine;
	struct rx_memory memory;
	struct rx_arena arena;
	struct rxc_names names;
	struct rxc_entity **entities;
	size_t count, cap;
	const struct rexi_cedar_schema *schema; /* what is added is checked against it; NULL: nothing is */
	uint64_t serial; /* of the build */
	uint32_t mention; /* see rxc_entities_mention */
	bool built;
};

/* Begins a list of uids of the store; then, whether the uid was not in that list before. */
void rxc_entities_list(struct rexi_cedar_entities *store);
bool rxc_entities_mention(struct rexi_cedar_entities *store, const struct rxc_uid *uid);

/* NULL when absent. */
const struct rxc_entity *rxc_entities_find(const struct rexi_cedar_entities *store, const struct rexi_cedar_uid *uid);
RX_INLINE uint64_t rxc_above_bit(uint32_t id)
{
	return UINT64_C(1) << (id * UINT32_C(0x9E3779B1) >> 26);
}

/* Whether `id` is among ascending numbers; the array goes on to a multiple of RXC_IDS_STEP with UINT32_MAX. */
enum { RXC_IDS_STEP = 4 };
bool rxc_ids_have(const uint32_t *ids, uint32_t count, uint32_t id);

/* Whether the uid of that number is among the ancestors. */
RX_INLINE bool rxc_entity_has_ancestor(const struct rxc_entity *entity, uint32_t id)
{
	return entity->above & rxc_above_bit(id) && rxc_ids_have(entity->ancestors, entity->ancestor_count, id);
}

struct rxc_schema;
/* entity_check.c: an entity by its parents, an action by its ancestors. kind_out may be NULL. */
RX_NODISCARD enum rexi_status rxc_entities_conform(struct rexi_cedar_entities *store, const struct rxc_schema *schema,
						   const struct rxc_entity *entity, const char **kind_out, struct rexi_error *err);
/* The same with store->schema, if there is one: of an entity that is to be added; of all actions after building. */
RX_NODISCARD enum rexi_status rxc_entities_check_added(struct rexi_cedar_entities *store, const struct rxc_entity *entity,
						       struct rexi_error *err);
RX_NODISCARD enum rexi_status rxc_entities_check_actions(struct rexi_cedar_entities *store, struct rexi_error *err);

/* Adds an entity whose parts live in the store's arena; REXI_DUPLICATE when a different one is there. */
RX_NODISCARD enum rexi_status rxc_entities_insert(struct rexi_cedar_entities *store, struct rxc_entity *entity, bool replace,
						  struct rexi_error *err);
/* A deep copy of a value in the store: uids interned and marked, texts copied unless `keep`. False: no memory. */
RX_NODISCARD bool rxc_entities_value(struct rexi_cedar_entities *store, const struct rexi_cedar_value *from, bool keep,
				     struct rexi_cedar_value *out);

/* Reading of values and references in JSON, shared by entities, contexts and policies: see value_json.c. */

#endif
