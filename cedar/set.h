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
	struct rx_arena arena; /* of what stays */
	struct rx_arena code;  /* of conditions: decisions touch nothing else of a policy, so it stands together */
	struct rx_arena trees; /* of trees of policies from text, until the set is built */
	struct rxc_names names;
	const struct rexi_str **sources; /* texts that policies came from */
	size_t source_count, source_cap;
	/* Bodies of templates, in the order added. */
	struct rxc_body **templates;
	size_t template_count, template_cap;
	/* Static policies and links, in the order added. */
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

RX_INLINE bool rxc_body_is_template(const struct rxc_body *body)
{
	return body->flags & RXC_BODY_TEMPLATE;
}

/* NULL when it was JSON. */
RX_INLINE const struct rexi_str *rxc_body_source(const struct rexi_cedar_policies *set, const struct rxc_body *body)
{
	return body->source ? set->sources[body->source - 1] : NULL;
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
/* Compiles a tree and adds its body under its id: as a template when it is one, else as a static policy. The tree lives in
 * set->trees when it has a source, else in set->arena. *err is always filled; REXI_OK in err->status when it was added. */
enum rexi_status rxc_set_add(struct rexi_cedar_policies *set, const struct rxc_template *tree, struct rexi_error *err);
/* The number, or SIZE_MAX. */
size_t rxc_set_find_policy(const struct rexi_cedar_policies *set, struct rexi_str id);
size_t rxc_set_find_template(const struct rexi_cedar_policies *set, struct rexi_str id);

struct rxc_copy {
	struct rexi_cedar_policies *set;
	const struct rexi_str *source_from, *source_to; /* the text copied last */
	struct rx_arena *trees;                         /* of the copy at hand */
};
/* A copy of `from` (of any set) in copy->set; NULL when memory refuses. */
RX_NODISCARD struct rxc_template *rxc_copy_template(struct rxc_copy *copy, const struct rxc_template *from);

/*
 * Trees of the bodies of one set, which does not change while they are open; several may be open at once, in several
 * threads. What rxc_trees_get returns lives until rxc_trees_reset or _fini.
 */
struct rxc_trees {
	const struct rexi_cedar_policies *set;
	struct rexi_cedar_policies view; /* reads texts again with the names of the set, in memory of whoever asks */
};
void rxc_trees_init(struct rxc_trees *trees, const struct rexi_cedar_policies *set, struct rx_memory *memory);
void rxc_trees_reset(struct rxc_trees *trees);
void rxc_trees_fini(struct rxc_trees *trees);
/* NULL when memory refuses. */
RX_NODISCARD const struct rxc_template *rxc_trees_get(struct rxc_trees *trees, const struct rxc_body *body);

/* An annotation of a body that was text, all of them without escapes: a view of that text. False past the end. */
bool rxc_annotation_read(const struct rexi_cedar_policies *set, const struct rxc_body *body, size_t at, struct rexi_str *key_out,
			 struct rexi_str *value_out);

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
