/* Attributes and tags of types, and what to say when they are not there. */
#ifndef RXC_VALIDATE_ACCESS_H
#define RXC_VALIDATE_ACCESS_H

#include "cedar/validate_check.h"

struct rxc_attr_lookup {
	const struct rxc_type *type; /* NULL: not declared (for every member of a union) */
	bool required;
	bool may_exist; /* when type is NULL: some value of the base type may have it all the same */
};

void rxc_attr_lookup(struct rxc_check *check, const struct rxc_type *base, struct rexi_str name, struct rxc_attr_lookup *out);
/* False when no member of the type declares tags; *tags_out is their common type or NULL. */
bool rxc_tag_lookup(struct rxc_check *check, const struct rxc_type *base, const struct rxc_type **tags_out);

void rxc_report_no_attr(struct rxc_check *check, const struct rxc_expr *access, const struct rxc_type *base, bool may_exist);
void rxc_report_optional_attr(struct rxc_check *check, const struct rxc_expr *access, const struct rxc_type *base);
void rxc_report_unsafe_tag(struct rxc_check *check, const struct rxc_expr *access, const struct rxc_type *base);
void rxc_report_no_tags(struct rxc_check *check, const struct rxc_expr *access, const struct rxc_type *base);

#endif
