/*
 * Cedar schemas: the declarations as written (a fragment), and what they mean (a resolved schema).
 *
 *   text or JSON ── rxc_fragment_read ──► struct rxc_fragment ── rxc_schema_resolve ──► struct rxc_schema
 *
 * A fragment prints back in either syntax. A resolved schema answers the validator, the conformance checks of requests
 * and entities, and schema-directed reading of JSON. Source: spec/cedar.md, section 6.
 */
#ifndef RXC_SCHEMA_H
#define RXC_SCHEMA_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "cedar/types.h"

/* Deepest nesting of types in one schema, common types followed; what recurses over types is bounded by it. */
#define RXC_SCHEMA_MAX_DEPTH 200
/* Longest schema text in bytes. */
#define RXC_SCHEMA_MAX_LEN (64u << 20)

/* ---- 1. A fragment: one text, as written -------------------------------------------------------------------- */

struct rxc_annotation_decl {
	struct rexi_str key, value;
	bool has_value; /* false: JSON null */
	struct rexi_span span;
	struct rxc_annotation_decl *next;
};

enum rxc_type_form {
	RXC_FORM_BOOL,       /* JSON "Boolean" */
	RXC_FORM_LONG,       /* JSON "Long" */
	RXC_FORM_STRING,     /* JSON "String" */
	RXC_FORM_SET,        /* element */
	RXC_FORM_RECORD,     /* attrs, additional */
	RXC_FORM_ENTITY,     /* name: entity types only */
	RXC_FORM_EXTENSION,  /* name: ipaddr, decimal, ... */
	RXC_FORM_EITHER,     /* name: common type, then entity type (every name in Cedar syntax) */
	RXC_FORM_COMMON,     /* name: common types only */
};

struct rxc_attr_decl;
struct rxc_type_decl {
	enum rxc_type_form form;
	bool additional; /* RECORD: additionalAttributes was true */
	struct rexi_span span;
	struct rexi_str name;
	struct rxc_type_decl *element;
	struct rxc_attr_decl *attrs; /* in source order */
	uint32_t depth;              /* of this declaration alone: 1 for a name */
};

struct rxc_attr_decl {
	struct rexi_str name;
	bool required;
	struct rexi_span span;
	struct rxc_type_decl *type;
	struct rxc_annotation_decl *annotations;
	struct rxc_attr_decl *next;
};

struct rxc_name_ref {
	struct rexi_str type; /* a path; empty for an action parent written without a type */
	struct rexi_str id;   /* action parents only */
	struct rexi_span span;
	struct rxc_name_ref *next;
};

struct rxc_entity_decl {
	struct rexi_str name;
	struct rexi_span span;
	bool is_enum;
	bool is_external; /* RFC 116: only a name and parents */
	struct rxc_name_ref *members; /* enum: eids in `id` */
	struct rxc_name_ref *parents;
	struct rxc_type_decl *shape;  /* NULL: {} */
	struct rxc_type_decl *tags;   /* NULL: none */
	struct rxc_annotation_decl *annotations;
	struct rxc_entity_decl *next;
};

struct rxc_action_decl {
	struct rexi_str name;
	struct rexi_span span;
	bool has_parents; /* JSON: memberOf was there */
	bool has_applies; /* JSON: appliesTo was there and not null */
	bool is_external; /* RFC 116: only a name and parents */
	struct rxc_name_ref *parents, *principals, *resources;
	struct rxc_type_decl *context; /* NULL: {} */
	struct rxc_annotation_decl *annotations;
	struct rxc_action_decl *next;
};

struct rxc_common_decl {
	struct rexi_str name;
	struct rexi_span span;
	struct rxc_type_decl *type;
	struct rxc_annotation_decl *annotations;
	struct rxc_common_decl *next;
};

struct rxc_namespace_decl {
	struct rexi_str path; /* "" is the empty namespace */
	struct rexi_span span;
	struct rxc_annotation_decl *annotations;
	struct rxc_entity_decl *entities;
	struct rxc_action_decl *actions;
	struct rxc_common_decl *commons;
	/* Ends of the lists while they are built. */
	struct rxc_entity_decl **entities_end;
	struct rxc_action_decl **actions_end;
	struct rxc_common_decl **commons_end;
	struct rxc_namespace_decl *next;
};

struct rxc_fragment {
	struct rx_arena *arena;
	bool is_json;
	struct rxc_namespace_decl *namespaces; /* in source order; the empty one only if it declares something (or is in JSON) */
};

/* True when the text is schema JSON: its first character that is not white space is `{`. */
bool rxc_schema_text_is_json(struct rexi_str text);

/*
 * Reads schema text or JSON (told apart by rxc_schema_text_is_json). Everything lives in `arena`, nothing is shared
 * with `text`. REXI_SYNTAX with span, line and column (JSON: of syntax errors; other JSON errors name the place in the
 * message); REXI_LIMIT for nesting or length; REXI_NO_MEMORY.
 */
RX_NODISCARD enum rexi_status rxc_fragment_read(struct rx_arena *arena, struct rexi_str text, struct rxc_fragment **out,
						struct rexi_error *err);
RX_NODISCARD enum rexi_status rxc_fragment_read_cedar(struct rx_arena *arena, struct rexi_str text,
						      struct rxc_fragment **out, struct rexi_error *err);
RX_NODISCARD enum rexi_status rxc_fragment_read_json(struct rx_arena *arena, struct rexi_str text,
						     struct rxc_fragment **out, struct rexi_error *err);

/* Prints a fragment: Cedar syntax (REXI_INVALID when a shape or a name cannot be written), or compact JSON with sorted
 * keys. Names need not resolve. */
RX_NODISCARD enum rexi_status rxc_fragment_to_cedar(const struct rxc_fragment *fragment, struct rx_buf *buf,
						    struct rexi_error *err);
RX_NODISCARD enum rexi_status rxc_fragment_to_json(const struct rxc_fragment *fragment, struct rx_buf *buf,
						   struct rexi_error *err);

enum rxc_schema_warning_kind { RXC_SHADOWS_BUILTIN, RXC_SHADOWS_ENTITY };
struct rxc_schema_warning {
	enum rxc_schema_warning_kind kind;
	struct rexi_str name;
	struct rexi_str message;
	struct rexi_span span;
	struct rxc_schema_warning *next;
};
/* Warnings of a fragment, in source order; they live in its arena. */
RX_NODISCARD enum rexi_status rxc_fragment_warnings(const struct rxc_fragment *fragment, struct rxc_schema_warning **out,
						    struct rexi_error *err);

/* ---- 2. A resolved schema ------------------------------------------------------------------------------------ */

/* A sorted set of indices. */
struct rxc_ids {
	const uint32_t *at;
	uint32_t count;
};

bool rxc_ids_has(struct rxc_ids ids, uint32_t id);

struct rxc_entity_type {
	struct rexi_str name;          /* "N::T" */
	bool is_action;                /* last component is Action; has declared actions; no attributes, tags, parents */
	bool is_enum;
	bool is_external;              /* declared without a definition: nothing is known of its entities */
	const struct rexi_str *members; /* enum: the eids, as declared */
	uint32_t member_count;
	const struct rxc_type *type;   /* Entity{this} */
	const struct rxc_type *shape;  /* closed record of the attributes; never NULL */
	const struct rxc_type *tags;   /* NULL: none */
	struct rxc_ids ancestors;      /* entity types this one may be in, transitive; without itself unless cyclic */
	struct rxc_ids descendants;    /* the inverse. For action types: the types of the declared actions' hierarchy */
	struct rexi_span span;
};

struct rxc_action_type {
	uint32_t type;                 /* entity type index of "N::Action" */
	bool is_external;              /* declared without a definition: applies to nothing */
	struct rexi_str id;
	struct rxc_ids principals, resources; /* entity types */
	const struct rxc_type *context; /* closed record; never NULL */
	struct rxc_ids ancestors;      /* actions, transitive */
	struct rxc_ids descendants;
	struct rxc_ids parents;        /* actions, direct */
	struct rexi_span span;
};

struct rxc_schema {
	struct rx_arena arena;
	struct rxc_types types;
	const struct rxc_entity_type *entity_types; /* sorted by name, bytewise */
	uint32_t entity_type_count;
	const struct rxc_action_type *actions;      /* sorted by type name, then id */
	uint32_t action_count;
	struct rx_table type_table;                 /* name -> entity type; empty in a constant schema */
	uint32_t *action_slots;                     /* open addressing, action index + 1; NULL in a constant schema */
	uint32_t action_mask;
	uint64_t seed;
};

#define RXC_NONE UINT32_MAX

/*
 * Resolves the names of one or more fragments together (a namespace may be split over several). `memory` is borrowed
 * and must outlive the schema; fragments are not needed afterwards. REXI_INVALID with the span of the declaration in
 * its fragment, REXI_LIMIT, REXI_NO_MEMORY. *index_out (may be NULL) is the fragment the error's span belongs to.
 */
RX_NODISCARD enum rexi_status rxc_schema_resolve(struct rx_memory *memory, struct rxc_fragment *const *fragments,
						 size_t count, struct rxc_schema **out, size_t *index_out,
						 struct rexi_error *err);
/* rxc_fragment_read and rxc_schema_resolve of one text. */
RX_NODISCARD enum rexi_status rxc_schema_read(struct rx_memory *memory, struct rexi_str text, struct rxc_schema **out,
					      struct rexi_error *err);
void rxc_schema_free(struct rxc_schema *schema);

/* RXC_NONE when not declared. An action type counts as declared when an action of that type is. */
uint32_t rxc_schema_find_type(const struct rxc_schema *schema, struct rexi_str name);
/* type is an entity type index or RXC_NONE (then RXC_NONE). */
uint32_t rxc_schema_find_action(const struct rxc_schema *schema, uint32_t type, struct rexi_str id);
/* The same by type name. */
uint32_t rxc_schema_find_action_named(const struct rxc_schema *schema, struct rexi_str type, struct rexi_str id);
/* An eid that the type admits: always true for a type that is not an enum. */
bool rxc_entity_type_has_member(const struct rxc_entity_type *type, struct rexi_str id);

/* The nearest declared entity type name, {NULL, 0} when none is near. */
struct rexi_str rxc_schema_nearest_type(const struct rxc_schema *schema, struct rexi_str name);

/* ---- 3. Names ------------------------------------------------------------------------------------------------ */

/* true false if then else in is like has */
bool rxc_name_is_reserved(struct rexi_str ident);
/* [_a-zA-Z][_a-zA-Z0-9]* */
bool rxc_name_is_ident(struct rexi_str text);
/* Identifiers joined by "::", nothing reserved; what JSON accepts as a type name. */
bool rxc_name_is_path(struct rexi_str text);
/* The last component is `Action`. */
bool rxc_name_is_action(struct rexi_str type);
/* The component after the last "::". */
struct rexi_str rxc_name_base(struct rexi_str path);
/* What is before the last "::"; empty when there is none. */
struct rexi_str rxc_name_namespace(struct rexi_str path);
/* Appends Type::"escaped id". */
void rxc_name_print_uid(struct rx_buf *buf, struct rexi_str type, struct rexi_str id);

#endif
