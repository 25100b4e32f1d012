#include <config.h>

#include "cedar/format_doc.h"

#include "base/unicode.h"
#include "base/utf8.h"

#include "base/banned.h"

static const struct rxc_doc plain[] = {
	[RXC_DOC_TEXT] = { .kind = RXC_DOC_TEXT },
	[RXC_DOC_LINE] = { .kind = RXC_DOC_LINE },
	[RXC_DOC_SOFT] = { .kind = RXC_DOC_SOFT },
	[RXC_DOC_HARD] = { .kind = RXC_DOC_HARD, .hard = true },
	[RXC_DOC_NIL] = { .kind = RXC_DOC_NIL },
};

static struct rxc_doc *make(struct rxc_docs *docs, enum rxc_doc_kind kind)
{
	struct rxc_doc *doc = RX_ARENA_NEW(docs->arena, struct rxc_doc);

	if (doc)
		doc->kind = (uint8_t)kind;
	else
		docs->failed = true;
	return doc;
}

const struct rxc_doc *rxc_doc_plain(enum rxc_doc_kind kind)
{
	return &plain[kind];
}

const struct rxc_doc *rxc_doc_text(struct rxc_docs *docs, struct rexi_str text)
{
	struct rxc_doc *doc = make(docs, RXC_DOC_TEXT);

	if (!doc)
		return &plain[RXC_DOC_TEXT];
	doc->text = text;
	return doc;
}

static const struct rxc_doc *wrap(struct rxc_docs *docs, enum rxc_doc_kind kind, uint32_t indent, const struct rxc_doc *item)
{
	struct rxc_doc *doc = make(docs, kind);

	if (!doc)
		return item;
	doc->indent = indent;
	doc->item = item;
	doc->hard = item->hard;
	return doc;
}

const struct rxc_doc *rxc_doc_nest(struct rxc_docs *docs, uint32_t indent, const struct rxc_doc *item)
{
	return wrap(docs, RXC_DOC_NEST, indent, item);
}

const struct rxc_doc *rxc_doc_group(struct rxc_docs *docs, const struct rxc_doc *item)
{
	return wrap(docs, RXC_DOC_GROUP, 0, item);
}

void rxc_doc_add(struct rxc_docs *docs, struct rxc_doc_list *list, const struct rxc_doc *item)
{
	if (RX_ARENA_GROW(docs->arena, &list->items, &list->cap, list->count + 1))
		list->items[list->count++] = item;
	else
		docs->failed = true;
}

const struct rxc_doc *rxc_doc_join(struct rxc_docs *docs, const struct rxc_doc_list *list)
{
	struct rxc_doc *doc = make(docs, RXC_DOC_JOIN);

	if (!doc)
		return &plain[RXC_DOC_TEXT];
	doc->items = list->items;
	doc->count = (uint32_t)list->count;
	for (size_t i = 0; i < list->count; i++)
		doc->hard = doc->hard || list->items[i]->hard;
	return doc;
}

/* ---- Rendering ---- */

static size_t columns(struct rexi_str text)
{
	size_t sum = 0;

	for (size_t at = 0; at < text.len;)
		sum += rx_unicode_width(rx_utf8_next(text, &at));
	return sum;
}

struct frame {
	const struct rxc_doc *doc;
	uint32_t indent;
	bool flat;
};

struct stack {
	struct rx_memory *memory;
	struct frame *frames;
	size_t count, cap;
	bool failed;
};

static void push(struct stack *stack, const struct rxc_doc *doc, uint32_t indent, bool flat)
{
	if (RX_GROW(stack->memory, &stack->frames, &stack->cap, stack->count + 1))
		stack->frames[stack->count++] = (struct frame){ doc, indent, flat };
	else
		stack->failed = true;
}

/* Puts the parts of a composite on the stack, the first on top. */
static void expand(struct stack *stack, const struct frame *frame, bool flat)
{
	const struct rxc_doc *doc = frame->doc;

	if (doc->kind == RXC_DOC_JOIN)
		for (size_t i = doc->count; i-- > 0;)
			push(stack, doc->items[i], frame->indent, flat);
	else
		push(stack, doc->item, frame->indent + (doc->kind == RXC_DOC_NEST ? doc->indent : 0), flat);
}

/* Does `doc` on one line, and what follows it up to the next possible line break, fit in `room` columns? `work` is
 * scratch. Looks no further than the room. */
static bool fits(struct stack *work, const struct stack *rest, const struct rxc_doc *doc, size_t room)
{
	size_t below = rest->count;

	work->count = 0;
	push(work, doc, 0, true);
	while (!work->failed) {
		struct frame frame;

		if (work->count > 0) {
			frame = work->frames[--work->count];
		} else if (below > 0) {
			frame = rest->frames[--below];
		} else {
			return true;
		}
		switch ((enum rxc_doc_kind)frame.doc->kind) {
		case RXC_DOC_TEXT: {
			size_t len = columns(frame.doc->text);

			if (len > room)
				return false;
			room -= len;
			break;
		}
		case RXC_DOC_LINE:
			if (!frame.flat)
				return true;
			if (room-- == 0)
				return false;
			break;
		case RXC_DOC_SOFT:
			if (!frame.flat)
				return true;
			break;
		case RXC_DOC_HARD: return true;
		case RXC_DOC_NIL: break;
		case RXC_DOC_GROUP:
		case RXC_DOC_JOIN:
		case RXC_DOC_NEST: expand(work, &frame, frame.flat); break;
		}
	}
	return false;
}

struct writer {
	struct rx_buf *buf;
	size_t column;
};

static void write_text(struct writer *writer, struct rexi_str text)
{
	rx_buf_str(writer->buf, text);
	writer->column += columns(text);
}

/* A line is indented as what comes next is: a break at the end of something indented belongs to what follows it. */
static void write_break(struct writer *writer, const struct stack *stack, uint32_t indent)
{
	for (size_t i = stack->count; i-- > 0;) {
		const struct rxc_doc *next = stack->frames[i].doc;

		if (next->kind == RXC_DOC_NIL || (next->kind == RXC_DOC_JOIN && next->count == 0) ||
		    (next->kind == RXC_DOC_TEXT && next->text.len == 0))
			continue;
		indent = stack->frames[i].indent;
		break;
	}
	rx_buf_byte(writer->buf, '\n');
	rx_buf_repeat(writer->buf, ' ', indent);
	writer->column = indent;
}

static void render_one(struct writer *writer, struct stack *stack, struct stack *work, const struct frame *frame, uint32_t width)
{
	size_t column = writer->column;

	switch ((enum rxc_doc_kind)frame->doc->kind) {
	case RXC_DOC_TEXT: write_text(writer, frame->doc->text); return;
	case RXC_DOC_LINE:
		if (frame->flat)
			write_text(writer, RX_STR(" "));
		else
			write_break(writer, stack, frame->indent);
		return;
	case RXC_DOC_SOFT:
		if (!frame->flat)
			write_break(writer, stack, frame->indent);
		return;
	case RXC_DOC_HARD: write_break(writer, stack, frame->indent); return;
	case RXC_DOC_NIL: return;
	case RXC_DOC_JOIN:
	case RXC_DOC_NEST: expand(stack, frame, frame->flat); return;
	case RXC_DOC_GROUP:
		expand(stack, frame,
		       frame->flat || (!frame->doc->hard && column <= width && fits(work, stack, frame->doc->item, width - column)));
		return;
	}
	rx_unreachable();
}

bool rxc_doc_render(struct rx_buf *buf, const struct rxc_doc *doc, uint32_t width)
{
	struct stack stack = { .memory = buf->memory }, work = { .memory = buf->memory };
	struct writer writer = { .buf = buf };

	push(&stack, doc, 0, false);
	while (stack.count > 0 && !stack.failed) {
		struct frame frame = stack.frames[--stack.count];

		render_one(&writer, &stack, &work, &frame, width);
	}
	rx_memory_give(buf->memory, stack.frames, stack.cap * sizeof(*stack.frames));
	rx_memory_give(buf->memory, work.frames, work.cap * sizeof(*work.frames));
	return !stack.failed && !work.failed && !buf->failed;
}
