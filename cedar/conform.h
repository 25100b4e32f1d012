/*
 * Requests and entities against a schema. Source: spec/cedar.md, section 8.
 *
 * The seam for whoever reads JSON with a schema (spec 5.1): while reading, ask the schema for the expected type
 *   - of an attribute:  rxc_type_attr(schema->entity_types[t].shape, name)->type     (t from rxc_schema_find_type)
 *   - of a tag:         schema->entity_types[t].tags                                 (NULL: no tags)
 *   - of a context:     schema->actions[a].context                                   (a from rxc_schema_find_action_named)
 * and follow it down: kind SET has `element`, RECORD has attrs (rxc_type_attr), EXTENSION has `ext`, ENTITY `entities`.
 * When all entities are read: rxc_conform_entity on each entity that is not an action (parents as listed, before the
 * closure), then, after the closure, rxc_conform_action on each action entity; then the schema's own actions are added
 * with rxc_schema_actions (their ancestors are closed already).
 */
#ifndef RXC_CONFORM_H
#define RXC_CONFORM_H

#include "cedar/schema.h"
#include "cedar/value.h"

/* An entity as it was read. */
struct rxc_conform_entity {
	const struct rexi_cedar_uid *uid;
	const struct rxc_slotted *attrs, *tags;
	uint32_t attr_count, tag_count, ancestor_count;
	const struct rexi_cedar_uid *const *ancestors;
};

/*
 * kind_out (may be NULL) receives a static string: unexpected-entity-type, invalid-enum-entity,
 * missing-required-entity-attr, unexpected-entity-attr, type-mismatch, undeclared-action, invalid-ancestor-type,
 * unexpected-entity-tag. REXI_INVALID when the entity does not conform.
 */
RX_NODISCARD enum rexi_status rxc_conform_entity(const struct rxc_schema *schema, const struct rxc_conform_entity *entity,
						 const char **kind_out, struct rexi_error *err);
/* An action entity must be declared and equal its declaration: undeclared-action, action-declaration-mismatch. */
RX_NODISCARD enum rexi_status rxc_conform_action(const struct rxc_schema *schema, const struct rxc_conform_entity *entity,
						 const char **kind_out, struct rexi_error *err);

/* undeclared-principal-type, undeclared-resource-type, invalid-enum-entity, undeclared-action, invalid-principal-type,
 * invalid-resource-type, invalid-context. The context is a record value or NULL for an empty one. */
RX_NODISCARD enum rexi_status rxc_conform_request(const struct rxc_schema *schema, const struct rexi_cedar_uid *principal,
						  const struct rexi_cedar_uid *action,
						  const struct rexi_cedar_uid *resource,
						  const struct rexi_cedar_value *context, const char **kind_out,
						  struct rexi_error *err);

/* True when the value is of the type; entities by their type name alone. Nothing is allocated. */
bool rxc_conform_value(const struct rxc_schema *schema, const struct rexi_cedar_value *value, const struct rxc_type *type);

/* Appends the type as messages on JSON show it: `long`, `[string]`, `{ "a" => (required) long }`, `ipaddr`, `` `User` ``. */
void rxc_conform_print_type(struct rx_buf *buf, const struct rxc_schema *schema, const struct rxc_type *type);

#endif
