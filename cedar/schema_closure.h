/* Sorted sets of indices and transitive closures over them; parts of resolving a schema. */
#ifndef RXC_SCHEMA_CLOSURE_H
#define RXC_SCHEMA_CLOSURE_H

#include "cedar/schema.h"

/* Sorts in place and drops repetitions; the count that is left. */
uint32_t rxc_ids_sort(uint32_t *ids, uint32_t count);
/* By name, bytewise. */
void rxc_attrs_sort(struct rxc_attr *attrs, uint32_t count);

/* up[i]: everything reachable from i over parents, i itself only when it lies on a cycle; down is the inverse. The sets
 * live in `arena`. REXI_LIMIT when they or the work would grow past a bound. */
RX_NODISCARD enum rexi_status rxc_closure(struct rx_arena *arena, struct rx_memory *memory, const struct rxc_ids *parents,
					  uint32_t count, struct rxc_ids *up, struct rxc_ids *down, struct rexi_error *err);

RX_NODISCARD struct rxc_schema *rxc_schema_new(struct rx_memory *memory, uint64_t seed);
/* Descendants of action types: the types of what is below their actions. Actions must be in place. */
RX_NODISCARD enum rexi_status rxc_relate_action_types(struct rxc_schema *schema, struct rxc_entity_type *types,
						      struct rx_memory *memory, struct rexi_error *err);
/* Fills action_slots; false when memory refuses. */
RX_NODISCARD bool rxc_schema_index_actions(struct rxc_schema *schema);

#endif
