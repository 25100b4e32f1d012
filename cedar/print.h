/* Policies and expressions as Cedar text and as JSON. */
#ifndef RXC_PRINT_H
#define RXC_PRINT_H

#include "base/buf.h"
#include "cedar/set.h"

/* As the reference displays its AST: != > >= as negations, `is T in x` as two tests (specification 1.8 a). */
void rxc_expr_print(struct rx_buf *buf, const struct rxc_expr *expr);
void rxc_scope_print(struct rx_buf *buf, const char *variable, const struct rxc_scope *scope);
void rxc_template_print(struct rx_buf *buf, const struct rxc_template *body);

/* The policy format of JSON (specification 5.3), compact, keys sorted; as written where the tree keeps it. */
void rxc_expr_json(struct rx_buf *buf, const struct rxc_expr *expr);
void rxc_template_json(struct rx_buf *buf, const struct rxc_template *body);

/* rexi_cedar_policies_to_cedar; with `links`, each link has a line where it sorts, which does not parse. */
RX_NODISCARD enum rexi_status rxc_set_to_cedar(const struct rexi_cedar_policies *set, bool links, struct rexi_cedar_text *out,
					       struct rexi_error *err);

struct rexi_str rxc_field_id(const void *fields, size_t at);
/* Numbers of an array of ids, sorted by them, bytewise. NULL when memory refuses; `count` elements to give back. */
uint32_t *rxc_sorted_ids(struct rx_memory *memory, size_t count, struct rexi_str (*id)(const void *, size_t), const void *from);

#endif
