/* A policy set: templates, static policies, links, and what building makes of them. */
#ifndef RXC_SET_H
#define RXC_SET_H

#include "base/buf.h"
#include "cedar/ast.h"

struct rxc_index;

/* From an id to policies[number] (even values) or templates[number] (odd ones). */
struct rxc_set_ids {
	struct rxc_set_slot {
		uint32_t hash, value; /* value + 1; 0 is free, UINT32_MAX was removed */
	} *slots;
	uint32_t cap, used; /* used counts removed ones */
};

struct rexi_cedar_engine {
	struct rexi_allocator allocator;
	struct rexi_cedar_limits limits; /* every field filled */
	uint64_t seed;
	struct rx_memory memory; /* of the engine itself */
	uint64_t serials;        /* builds so far; the only part that changes, atomically */
};

struct rexi_cedar_policies {
	const struct rexi_cedar_engine *engine;
	struct rx_memory memory;
	struct rx_arena arena;
	struct rxc_names names;
	/* Bodies: of static policies (slots == 0) and templates, in the order added. */
	struct rxc_template **templates;
	size_t template_count, template_cap;
	/* Static policies and links, in the order added; `template_only` templates are not among them. */
	struct rxc_policy *policies;
	size_t policy_count, policy_cap;
	struct rxc_set_ids ids; /* ids of policies and templates, one space */
	struct rexi_error *errors; /* of the latest failed add */
	size_t error_count, error_cap;
	struct rxc_index *index; /* NULL until built */
	uint64_t serial; /* of the build */
	bool built;
};

/* A number that no other build of this engine has. */
RX_INLINE uint64_t rxc_engine_serial(const struct rexi_cedar_engine *engine)
{
	struct rexi_cedar_engine *own = (struct rexi_cedar_engine *)(uintptr_t)engine;

	return __atomic_add_fetch(&own->serials, 1, __ATOMIC_RELAXED);
}

/* True when the body is stored as a template: it has slots, or JSON listed it under `templates`. */
RX_INLINE bool rxc_template_is_template(const struct rxc_template *body)
{
	return body->slots != 0 || body->reserved != 0;
}

/* The largest block of a set's arenas: what is left over of the last one counts for small sets. */
enum { RXC_SET_BLOCK = 1 << 14 };

/* Where a failed edit goes back to. */
struct rxc_set_mark {
	size_t templates, policies;
};
struct rxc_set_mark rxc_set_mark(const struct rexi_cedar_policies *set);
void rxc_set_rollback(struct rexi_cedar_policies *set, struct rxc_set_mark mark);
/* The set was edited: the index and compiled code no longer fit. */
void rxc_set_changed(struct rexi_cedar_policies *set);
/* Adds a body under body->id: as a template when it is one, else as a static policy. *err is always filled; REXI_OK in
 * err->status when it was added. */
enum rexi_status rxc_set_add(struct rexi_cedar_policies *set, struct rxc_template *body, struct rexi_error *err);
/* The number, or SIZE_MAX. */
size_t rxc_set_find_policy(const struct rexi_cedar_policies *set, struct rexi_str id);
size_t rxc_set_find_template(const struct rexi_cedar_policies *set, struct rexi_str id);

struct rxc_copy {
	struct rexi_cedar_policies *set;
	const struct rexi_str *source_from, *source_to; /* the text copied last */
};
/* A copy of `from` (of any set) in copy->set's arena; NULL when memory refuses. */
RX_NODISCARD struct rxc_template *rxc_copy_template(struct rxc_copy *copy, const struct rxc_template *from);

/* Gives the buffer's memory to the caller as a text; the buffer is then empty. */
RX_NODISCARD enum rexi_status rxc_text_take(struct rx_buf *buf, struct rexi_cedar_text *out, struct rexi_error *err);

/* One expression of a text, parsed into the arena of `policies` (names are interned there); NULL and errors when it does
 * not parse. Spans point into a copy of the text in the same arena (*source_out). */
RX_NODISCARD enum rexi_status rxc_parse_expression(struct rexi_cedar_policies *policies, struct rexi_str text,
						   const struct rxc_expr **out, const struct rexi_str **source_out,
						   struct rexi_error *err);

/* True when text is a normalised type name: identifiers joined by ::, none of them reserved. */
bool rxc_is_type_name(struct rexi_str text);
/* true false if then else in is like has __cedar */
bool rxc_is_reserved(struct rexi_str word);
bool rxc_is_identifier(struct rexi_str word);

#endif
