/* The entity store. */
#ifndef RXC_ENTITY_H
#define RXC_ENTITY_H

#include "cedar/set.h"
#include "cedar/value.h"

/* flag of a value of kind ENTITY: as.uid is the `uid` of a struct rxc_uid of the store that is being asked */
enum { RXC_VALUE_STORED = 1 };

struct rxc_ancestor {
	const struct rxc_uid *uid;
	uint32_t id; /* uid->id in a store */
	uint32_t reserved;
};

struct rxc_entity {
	const struct rxc_uid *uid;
	struct rxc_slotted *attrs, *tags; /* sorted by name */
	uint32_t attr_count, tag_count;
	struct rxc_ancestor *ancestors; /* sorted by uid->id, without the entity itself; set by building */
	uint32_t ancestor_count, parent_count;
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
	uint64_t serial; /* of the build */
	bool built;
};

/* NULL when absent. */
const struct rxc_entity *rxc_entities_find(const struct rexi_cedar_entities *store, const struct rexi_cedar_uid *uid);
/* Whether `uid` is among the ancestors. */
bool rxc_entity_has_ancestor(const struct rxc_entity *entity, const struct rxc_uid *uid);
bool rxc_entity_equal(const struct rxc_entity *a, const struct rxc_entity *b);

/* Adds an entity whose parts live in the store's arena; REXI_DUPLICATE when a different one is there. */
RX_NODISCARD enum rexi_status rxc_entities_insert(struct rexi_cedar_entities *store, struct rxc_entity *entity, bool replace,
						  struct rexi_error *err);
/* A deep copy of a value in the store: uids interned and marked, texts copied unless `keep`. False: no memory. */
RX_NODISCARD bool rxc_entities_value(struct rexi_cedar_entities *store, const struct rexi_cedar_value *from, bool keep,
				     struct rexi_cedar_value *out);

/* Reading of values and references in JSON, shared by entities, contexts and policies: see value_json.c. */

#endif
