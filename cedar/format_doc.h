/* Documents that choose their own line breaks (after Wadler, "A prettier printer"). */
#ifndef RXC_FORMAT_DOC_H
#define RXC_FORMAT_DOC_H

#include "base/arena.h"
#include "base/buf.h"

enum rxc_doc_kind {
	RXC_DOC_TEXT,   /* text */
	RXC_DOC_LINE,   /* a space, or a line break */
	RXC_DOC_SOFT,   /* nothing, or a line break */
	RXC_DOC_HARD,   /* a line break: the groups around it do not fit on one line */
	RXC_DOC_NIL,    /* nothing */
	RXC_DOC_JOIN,   /* items, count */
	RXC_DOC_NEST,   /* indent, item */
	RXC_DOC_GROUP,  /* item: on one line when it fits there */
};

struct rxc_doc {
	uint8_t kind;
	bool hard; /* a HARD within */
	uint32_t indent, count;
	union {
		struct rexi_str text;
		const struct rxc_doc *item;
		const struct rxc_doc **items;
	};
};

/* Makers; failed is set when memory refuses and everything stays safe to use. */
struct rxc_docs {
	struct rx_arena *arena;
	bool failed;
};

const struct rxc_doc *rxc_doc_text(struct rxc_docs *docs, struct rexi_str text);
const struct rxc_doc *rxc_doc_plain(enum rxc_doc_kind kind); /* LINE, SOFT, HARD, NIL */
const struct rxc_doc *rxc_doc_nest(struct rxc_docs *docs, uint32_t indent, const struct rxc_doc *item);
const struct rxc_doc *rxc_doc_group(struct rxc_docs *docs, const struct rxc_doc *item);

/* A JOIN under construction. */
struct rxc_doc_list {
	const struct rxc_doc **items;
	size_t count, cap;
};
void rxc_doc_add(struct rxc_docs *docs, struct rxc_doc_list *list, const struct rxc_doc *item);
const struct rxc_doc *rxc_doc_join(struct rxc_docs *docs, const struct rxc_doc_list *list);

/* Appends the document, `width` columns wide where that is possible. A line is indented as what follows the break is. False
 * when memory refuses. */
RX_NODISCARD bool rxc_doc_render(struct rx_buf *buf, const struct rxc_doc *doc, uint32_t width);

#endif
