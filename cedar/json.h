/*
 * JSON as Cedar's formats need it: 64-bit integers kept exact and told apart from other numbers, members in the order
 * written with repeated keys visible, byte spans for errors, a limit on nesting. RFC 8259, nothing more lenient.
 * Strings without escapes are views into the text; others are in the arena.
 */
#ifndef RXC_JSON_H
#define RXC_JSON_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

enum rxc_json_kind {
	RXC_JSON_NULL,
	RXC_JSON_FALSE,
	RXC_JSON_TRUE,
	RXC_JSON_INTEGER, /* in the range of int64_t */
	RXC_JSON_NUMBER,  /* any other number: text is how it was written */
	RXC_JSON_STRING,
	RXC_JSON_ARRAY,
	RXC_JSON_OBJECT
};

enum { RXC_JSON_REPEATS = 1, RXC_JSON_REPEATS_BELOW = 2 };

struct rxc_json {
	uint8_t kind;      /* enum rxc_json_kind */
	uint8_t duplicate; /* RXC_JSON_REPEATS when a key of this object is repeated, RXC_JSON_REPEATS_BELOW somewhere in it */
	uint16_t numbers;  /* it is, or holds somewhere, a NUMBER; of a repeated key the last counts */
	uint32_t count;    /* ARRAY, OBJECT: items, members */
	struct rexi_span span;
	union {
		int64_t integer;
		struct rexi_str text;                 /* STRING, NUMBER */
		struct rxc_json *items;               /* ARRAY */
		struct rxc_json_member *members;      /* OBJECT */
	};
};

struct rxc_json_member {
	struct rexi_str key;
	struct rexi_span span; /* of the key with its quotes */
	struct rxc_json value;
};

/* The whole text is one JSON value. text must outlive the tree. REXI_SYNTAX, REXI_LIMIT (nesting), REXI_NO_MEMORY. */
RX_NODISCARD enum rexi_status rxc_json_parse(struct rx_arena *arena, struct rexi_str text, size_t nesting,
					     struct rxc_json *out, struct rexi_error *err);
/* The same with the strings that have escapes in an arena of their own, which may outlive the tree. */
RX_NODISCARD enum rexi_status rxc_json_parse_into(struct rx_arena *arena, struct rx_arena *strings, struct rexi_str text,
						  size_t nesting, struct rxc_json *out, struct rexi_error *err);
/* The same, item by item: when the text is an array, `each` is called with every item, which is gone when it returns; *out
 * then has their count and no items. Any other value is *out. */
typedef void (*rxc_json_item_fn)(void *user, const struct rxc_json *item);
RX_NODISCARD enum rexi_status rxc_json_parse_items(struct rx_arena *arena, struct rx_arena *strings, struct rexi_str text,
						   size_t nesting, rxc_json_item_fn each, void *user, struct rxc_json *out,
						   struct rexi_error *err);
/* The last member of that key; NULL when absent or not an object. */
const struct rxc_json *rxc_json_get(const struct rxc_json *object, const char *key);
RX_INLINE bool rxc_json_is(const struct rxc_json *json, enum rxc_json_kind kind)
{
	return json && json->kind == kind;
}

/* Leaves the last member of each key, here and below; false when memory refuses. */
RX_NODISCARD bool rxc_json_last_wins(struct rxc_json *json, struct rx_memory *memory);

struct rx_buf;
/* Compact; keys in the order of the tree. */
void rxc_json_print(struct rx_buf *buf, const struct rxc_json *json);

#endif
