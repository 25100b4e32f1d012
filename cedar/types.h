/*
 * Cedar types: what schemas declare and the validator computes with. Source: spec/cedar.md, section 7.3.
 *
 * Types are immutable and live in the arena of a store; equal types may be distinct objects, but the schema's are
 * shared, so that comparing pointers first settles nearly every question.
 */
#ifndef RXC_TYPES_H
#define RXC_TYPES_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"

enum rxc_type_kind {
	RXC_TYPE_NEVER,
	RXC_TYPE_TRUE,
	RXC_TYPE_FALSE,
	RXC_TYPE_BOOL,
	RXC_TYPE_LONG,
	RXC_TYPE_STRING,
	RXC_TYPE_SET,        /* element; NULL is Any */
	RXC_TYPE_RECORD,     /* attrs sorted by name; open */
	RXC_TYPE_ENTITY,     /* one or more entity types, sorted indices */
	RXC_TYPE_ANY_ENTITY,
	RXC_TYPE_EXTENSION,  /* ext */
};

enum rxc_extension_type { RXC_TYPE_IPADDR, RXC_TYPE_DECIMAL, RXC_TYPE_DATETIME, RXC_TYPE_DURATION };
#define RXC_EXTENSION_TYPES 4

struct rxc_type;
struct rxc_attr {
	struct rexi_str name;
	const struct rxc_type *type;
	bool required;
};

struct rxc_type {
	uint8_t kind;   /* enum rxc_type_kind */
	uint8_t ext;    /* enum rxc_extension_type */
	bool open;      /* RECORD */
	uint32_t count; /* RECORD: attrs; ENTITY: entities */
	union {
		const struct rxc_type *element;
		const struct rxc_attr *attrs;
		const uint32_t *entities;
	};
};

/* Types that need no store. */
extern const struct rxc_type rxc_type_never, rxc_type_true, rxc_type_false, rxc_type_bool, rxc_type_long,
	rxc_type_string, rxc_type_any_entity, rxc_type_any_set, rxc_type_empty_record, rxc_type_open_record,
	rxc_type_any_entity_set;
extern const struct rxc_type rxc_type_extensions[RXC_EXTENSION_TYPES];

/* "ipaddr" ...; static. */
struct rexi_str rxc_extension_type_name(unsigned ext);
/* RXC_EXTENSION_TYPES when unknown. */
unsigned rxc_extension_type_find(struct rexi_str name);

/* The attribute of a record type, NULL when it has none of that name. */
const struct rxc_attr *rxc_type_attr(const struct rxc_type *record, struct rexi_str name);

/* Where the display finds the names of entity types. */
struct rxc_types {
	const struct rexi_str *names; /* by entity type index */
	uint32_t count;
};

/* Appends the type as messages show it: `Set<Long>`, `{a: Long,b?: String,}`, `__cedar::internal::True`. Output past
 * about 2,000 bytes is cut, since shared types can print exponentially. */
void rxc_type_print(struct rx_buf *buf, const struct rxc_types *types, const struct rxc_type *type);

/* Structural equality. */
bool rxc_type_equal(const struct rxc_type *a, const struct rxc_type *b);
/* Subtyping; strict demands equal optionality and equal entity types. */
bool rxc_type_is_subtype(const struct rxc_type *a, const struct rxc_type *b, bool strict);

/* Why two types have no least upper bound: help texts of section 7.3. */
enum rxc_lub_reason { RXC_LUB_OK, RXC_LUB_NO_MEMORY, RXC_LUB_ENTITY_RECORD, RXC_LUB_ENTITIES, RXC_LUB_KEYS, RXC_LUB_OPTIONALITY,
	RXC_LUB_OTHER };
/* NULL and the reason when there is none; new types go to `arena`. */
const struct rxc_type *rxc_type_lub(struct rx_arena *arena, const struct rxc_type *a, const struct rxc_type *b, bool strict,
				    enum rxc_lub_reason *reason);
/* static text */
const char *rxc_lub_reason_text(enum rxc_lub_reason reason);

#endif
