/* What the lexer, the grammar and the builders of Cedar-syntax schemas share. */
#ifndef RXC_SCHEMA_FRONT_H
#define RXC_SCHEMA_FRONT_H

#include "cedar/schema.h"

/* A list under construction. */
struct rxc_decl_list {
	void *first, *last;
};

/* The parts of one appliesTo block. */
struct rxc_applies {
	bool has_principals, has_resources, has_context;
	struct rxc_name_ref *principals, *resources;
	struct rxc_type_decl *context;
	struct rexi_span span;
};

struct rxc_schema_front {
	struct rx_arena *arena;
	struct rxc_fragment *fragment;
	struct rxc_namespace_decl *space; /* the namespace that takes declarations */
	struct rxc_namespace_decl *top;   /* the empty one; NULL before its first declaration */
	struct rxc_namespace_decl **spaces_end;
	struct rexi_str source;           /* followed by a NUL */
	const unsigned char *cursor;
	struct rexi_error *err;
	enum rexi_status status;          /* the first failure */
};

/* The next token of enum rxc_schema_yytokentype; its span and, for identifiers and strings, its text (unescaped). */
int rxc_schema_lex(struct rxc_schema_front *front, struct rexi_str *text, struct rexi_span *span);

/* Builders: NULL or false when front->status was set. */
bool rxc_build_ident(struct rxc_schema_front *front, struct rexi_str name, struct rexi_span span);
bool rxc_build_path(struct rxc_schema_front *front, struct rexi_str *path, struct rexi_str more, struct rexi_span span);
bool rxc_build_annotation(struct rxc_schema_front *front, struct rxc_decl_list *list, struct rexi_str key,
			  struct rexi_str value, struct rexi_span span);
struct rxc_name_ref *rxc_build_ref(struct rxc_schema_front *front, struct rexi_str type, struct rexi_str id,
				   struct rexi_span span);
void rxc_build_ref_append(struct rxc_decl_list *list, struct rxc_name_ref *ref);
struct rxc_type_decl *rxc_build_name_type(struct rxc_schema_front *front, struct rexi_str path, enum rxc_type_form form,
					  struct rexi_span span);
struct rxc_type_decl *rxc_build_set(struct rxc_schema_front *front, struct rxc_type_decl *element, struct rexi_span span);
struct rxc_type_decl *rxc_build_record(struct rxc_schema_front *front, struct rxc_attr_decl *attrs, struct rexi_span span);
struct rxc_attr_decl *rxc_build_attr(struct rxc_schema_front *front, struct rxc_annotation_decl *annotations,
				     struct rexi_str name, bool required, struct rxc_type_decl *type, struct rexi_span span);
void rxc_build_attr_append(struct rxc_decl_list *list, struct rxc_attr_decl *attr);
bool rxc_build_namespace_open(struct rxc_schema_front *front, struct rxc_annotation_decl *annotations, struct rexi_str path,
			      struct rexi_span span);
void rxc_build_namespace_close(struct rxc_schema_front *front);
bool rxc_build_entities(struct rxc_schema_front *front, struct rxc_annotation_decl *annotations, struct rxc_name_ref *names,
			const struct rxc_entity_decl *model);
bool rxc_build_actions(struct rxc_schema_front *front, struct rxc_annotation_decl *annotations, struct rxc_name_ref *names,
		       struct rxc_name_ref *parents, const struct rxc_applies *applies);
/* RFC 116: names and parents alone. */
bool rxc_build_external_actions(struct rxc_schema_front *front, struct rxc_annotation_decl *annotations, struct rxc_name_ref *names,
				struct rxc_name_ref *parents);
bool rxc_build_common(struct rxc_schema_front *front, struct rxc_annotation_decl *annotations, struct rexi_str name,
		      struct rxc_type_decl *type, struct rexi_span span);
enum rxc_applies_key { RXC_APPLIES_PRINCIPAL, RXC_APPLIES_RESOURCE, RXC_APPLIES_CONTEXT };
bool rxc_build_applies(struct rxc_schema_front *front, struct rxc_applies *applies, enum rxc_applies_key key,
		       struct rxc_name_ref *names, struct rxc_type_decl *context, struct rexi_span span);

/* The same checks for both syntaxes, over a whole fragment. */
RX_NODISCARD enum rexi_status rxc_fragment_check(struct rxc_fragment *fragment, struct rexi_error *err);
struct rxc_namespace_decl *rxc_fragment_namespace(struct rx_arena *arena, struct rexi_str path, struct rexi_span span);

/* Records the first failure; returns its status. */
RX_COLD RX_PRINTF(4, 5) enum rexi_status rxc_front_fail(struct rxc_schema_front *front, enum rexi_status status,
							 struct rexi_span span, const char *format, ...);
#endif
