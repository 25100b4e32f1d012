/* Run-time values: the public rexi_cedar_value and what it points to. */
#ifndef RXC_VALUE_H
#define RXC_VALUE_H

#include "base/buf.h"
#include "cedar/ast.h"

/* flag of a value of kind ENTITY: as.uid is the `uid` of a struct rxc_uid of the store that is being asked, len its number
 * there */
enum { RXC_VALUE_STORED = 1 };

RX_INLINE struct rexi_cedar_value rxc_value_stored(const struct rxc_uid *uid)
{
	return (struct rexi_cedar_value){ .kind = REXI_CEDAR_ENTITY, .flags = RXC_VALUE_STORED, .len = uid->id, .as.uid = &uid->uid };
}

/* For two values of kind ENTITY. Uids of one store are one object each. */
RX_INLINE bool rxc_value_same_entity(const struct rexi_cedar_value *a, const struct rexi_cedar_value *b)
{
	return a->as.uid == b->as.uid || (!(a->flags & b->flags & RXC_VALUE_STORED) && rxc_uid_eq(a->as.uid, b->as.uid));
}

/* Sorted by rxc_value_compare, no two equal. */
struct rexi_cedar_set {
	uint32_t count;
	uint32_t flags;
	struct rexi_cedar_value items[];
};

/* flags of a set */
enum { RXC_SET_ENTITIES = 1 /* every item is an entity (true for the empty set) */ };

/* A field of a record or an entity's attribute; `hash` is the low half of the name's, to skip most comparisons. */
struct rxc_slotted {
	const char *name;
	uint32_t name_len;
	uint32_t hash;
	struct rexi_cedar_value value;
};

/* Fields sorted by name, bytewise. */
struct rexi_cedar_record {
	uint32_t count;
	uint32_t reserved;
	struct rxc_slotted fields[];
};

/* decimal: integer is the value times 10^4. datetime, duration: milliseconds. ipaddr: the address in network order. */
struct rexi_cedar_ext {
	uint8_t kind;   /* enum rexi_cedar_kind */
	uint8_t is_v6;  /* ipaddr */
	uint8_t prefix; /* ipaddr */
	uint8_t computed; /* not made by a constructor call: printed canonically */
	uint32_t reserved;
	union {
		int64_t integer;
		unsigned char address[16];
	};
	struct rexi_str written; /* the constructor's argument */
};

RX_INLINE struct rexi_cedar_value rxc_value_bool(bool truth)
{
	return (struct rexi_cedar_value){ .kind = REXI_CEDAR_BOOL, .as.integer = truth };
}

RX_INLINE struct rexi_cedar_value rxc_value_long(int64_t number)
{
	return (struct rexi_cedar_value){ .kind = REXI_CEDAR_LONG, .as.integer = number };
}

/* A few bits of a text, in `reserved` of string values: different marks, different texts. 0 says nothing. */
RX_INLINE uint16_t rxc_text_mark(struct rexi_str text)
{
	const unsigned char *p = (const unsigned char *)text.ptr;

	return text.len ? (uint16_t)(((uint32_t)p[text.len - 1] | (uint32_t)p[text.len / 2] << 8) ^ (uint32_t)p[0] << 4) : 0;
}

RX_INLINE struct rexi_cedar_value rxc_value_string(struct rexi_str text)
{
	return (struct rexi_cedar_value){ .kind = REXI_CEDAR_STRING, .reserved = rxc_text_mark(text), .len = (uint32_t)text.len, .as.text = text.ptr };
}

/* A value that came from outside, without what only the library may say of it. */
RX_INLINE struct rexi_cedar_value rxc_value_outside(struct rexi_cedar_value value)
{
	if (value.kind == REXI_CEDAR_STRING)
		return rxc_value_string((struct rexi_str){ value.as.text, value.len });
	value.flags = 0;
	value.reserved = 0;
	return value;
}

RX_INLINE bool rxc_value_same_text(const struct rexi_cedar_value *a, const struct rexi_cedar_value *b)
{
	return a->len == b->len && (a->reserved == b->reserved || !a->reserved || !b->reserved) && rx_bytes_same(a->as.text, b->as.text, a->len);
}

RX_INLINE struct rexi_str rxc_value_text(const struct rexi_cedar_value *value)
{
	return (struct rexi_str){ value->as.text, value->len };
}

RX_INLINE struct rexi_cedar_value rxc_value_uid(const struct rexi_cedar_uid *uid)
{
	return (struct rexi_cedar_value){ .kind = REXI_CEDAR_ENTITY, .as.uid = uid };
}

RX_INLINE struct rexi_cedar_value rxc_value_ext(const struct rexi_cedar_ext *ext)
{
	return (struct rexi_cedar_value){ .kind = ext->kind, .as.ext = ext };
}

/* Cedar's equality: total, never errs. */
bool rxc_value_eq(const struct rexi_cedar_value *a, const struct rexi_cedar_value *b);
/* Canonical order: bool, long, string, entity (type, then id), set, record, extension; 0 exactly when equal. */
int rxc_value_compare(const struct rexi_cedar_value *a, const struct rexi_cedar_value *b);
/* Sorts items in place, drops duplicates and copies them into a new set; NULL when memory refuses. */
RX_NODISCARD const struct rexi_cedar_set *rxc_set_make(struct rx_arena *arena, struct rexi_cedar_value *items, size_t count);
bool rxc_set_contains(const struct rexi_cedar_set *set, const struct rexi_cedar_value *item);
/* Sorts fields in place by name; *duplicate_out (may be NULL) is the index of a repeated name or SIZE_MAX. */
void rxc_fields_sort(struct rxc_slotted *fields, size_t count, size_t *duplicate_out);
/* NULL when absent. */
const struct rexi_cedar_value *rxc_record_find(const struct rexi_cedar_record *record, const struct rexi_cedar_name *name);
const struct rexi_cedar_value *rxc_fields_find(const struct rxc_slotted *fields, uint32_t count, uint32_t hash,
					       struct rexi_str name);

/* The name of the value's type in messages: "long", "(entity of type `User`)". */
void rxc_value_type_name(struct rx_buf *buf, const struct rexi_cedar_value *value);
/* Cedar syntax, canonical. */
void rxc_value_print(struct rx_buf *buf, const struct rexi_cedar_value *value);
void rxc_uid_print(struct rx_buf *buf, const struct rexi_cedar_uid *uid);
/* Policy-set ids, strings: "..." with Rust's escape_debug. */
void rxc_quote(struct rx_buf *buf, struct rexi_str text);
/* The inside of it. */
void rxc_escape(struct rx_buf *buf, struct rexi_str text);
/* {"id":...,"type":...} */
void rxc_uid_json(struct rx_buf *buf, const struct rexi_cedar_uid *uid);
/* The value as entity JSON; false when a record uses a reserved key (its name is in *reserved_out). */
bool rxc_value_json(struct rx_buf *buf, const struct rexi_cedar_value *value, const char **reserved_out);

#endif
