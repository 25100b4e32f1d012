/*
 * Values of the language: 16 bytes each, scalars and short strings inside, everything else a counted object that is
 * copied when it is written and has another owner ("copy on write"), so that Rhai's value semantics costs nothing
 * until somebody writes. spec 4.1.
 *
 * Ownership: a `struct rxl_value` either owns one reference (registers, elements, results) or is borrowed (`const
 * struct rxl_value *`). `rxl_value_copy` makes another owner, `rxl_value_drop` ends one, a plain C assignment moves.
 * Functions here that take `struct rxl_value value` by value own it from then on, also when they fail.
 * All of them return REXI_OK, REXI_NO_MEMORY, or REXI_LIMIT (a size limit; the heap remembers which): a native passes
 * these on with RX_TRY and the virtual machine words the error.
 */
#ifndef RXL_VALUE_H
#define RXL_VALUE_H

#include <string.h>

#include "base/buf.h"
#include "base/memory.h"
#include "base/str.h"

struct rxl_heap;

/* What a value is made of. Scripts see fewer types: TEXT and STRING are both `string`. */
enum rxl_type {
	RXL_UNIT,  /* all bits zero is the unit value */
	RXL_BOOL,
	RXL_INT,
	RXL_FLOAT,
	RXL_CHAR,
	RXL_TIME,  /* monotonic instant in nanoseconds, as.i */
	RXL_BYTE,  /* u8, as.i: what a loop over a blob yields */
	RXL_TEXT,  /* string of at most RXL_TEXT_MAX bytes, inside the value; such short strings are never STRING */
	RXL_STRING,/* first of the counted types */
	RXL_ARRAY,
	RXL_BLOB,
	RXL_MAP,
	RXL_FN,
	RXL_RANGE, /* a..b */
	RXL_RANGE_INCLUSIVE,
	RXL_ITER,  /* range(a, b, step), chars(), bits(): restarts at each loop */
	RXL_OBJECT,/* a host type */
	RXL_CELL,  /* shared variable; only in variable slots and curried arguments, natives never see one */
	RXL_TYPE_COUNT,
	RXL_ANY = 0xFF /* in parameter lists: `?` */
};
#define RXL_FIRST_COUNTED RXL_STRING
#define RXL_TEXT_MAX 10

/* Every counted object starts with this. */
struct rxl_object {
	uint32_t refs;
	uint8_t kind; /* enum rxl_type */
	uint8_t flags;
	uint16_t extra;
};

struct rxl_value {
	int32_t tag;    /* spec 4.1: script-visible, copied with the value, 0 by default */
	uint8_t type;   /* enum rxl_type */
	uint8_t len;    /* TEXT: bytes */
	char text[2];   /* TEXT: its first bytes; the others follow in `as` */
	union {
		bool b;
		int64_t i;
		double f;
		uint32_t c;
		char text_more[8];
		struct rxl_object *object;
		struct rxl_string *string;
		struct rxl_array *array;
		struct rxl_blob *blob;
		struct rxl_map *map;
		struct rxl_fn *fn;
		struct rxl_range *range;
		struct rxl_iter *iter;
		struct rxl_host *host;
		struct rxl_cell *cell;
	} as;
};
_Static_assert(sizeof(struct rxl_value) == 16, "a value is 16 bytes");

/* Immutable while refs > 1. Valid UTF-8, more than RXL_TEXT_MAX bytes. */
struct rxl_string {
	struct rxl_object head; /* flags: RXL_STRING_ASCII or RXL_STRING_WIDE once known */
	uint32_t len, cap;
	char bytes[];
};
#define RXL_STRING_ASCII 1 /* every byte below 0x80 */
#define RXL_STRING_WIDE 2  /* some byte above */

struct rxl_array {
	struct rxl_object head;
	struct rxl_object *next; /* queue of the dying */
	struct rxl_value *items;
	uint32_t count, cap;
};

struct rxl_blob {
	struct rxl_object head;
	unsigned char *bytes;
	uint32_t count, cap;
};

/* key is a TEXT or STRING with tag 0; its type is RXL_UNIT in an entry that was removed. */
struct rxl_entry {
	struct rxl_value key, value;
};

/*
 * Up to RXL_MAP_SMALL entries: sorted by key bytes, no index. More: entries in order of arrival behind a sorted part,
 * an index by hash, and sorting when somebody wants the order. rxl_map_entries gives the sorted, gapless view.
 */
struct rxl_map {
	struct rxl_object head;
	struct rxl_object *next;
	struct rxl_entry *entries;
	uint32_t count;   /* live entries */
	uint32_t used;    /* entries in use, removed ones included */
	uint32_t cap;
	uint32_t sorted;  /* the first `sorted` entries are in order */
	struct rxl_map_index *index; /* NULL in small maps */
};
#define RXL_MAP_SMALL 12
#define RXL_MAP_ADDED 1 /* in head.flags: rxl_map_is_added */

struct rxl_range {
	struct rxl_object head;
	int64_t start, end; /* end INT64_MAX: open */
};

enum rxl_iter_kind { RXL_ITER_INT, RXL_ITER_FLOAT, RXL_ITER_CHARS, RXL_ITER_BITS, RXL_ITER_HOST };

/* The description of an iteration; loops keep their own position, so one value can be iterated many times. */
struct rxl_iter {
	struct rxl_object head;
	struct rxl_object *next;
	enum rxl_iter_kind kind;
	union {
		struct { int64_t from, to, step; } ints;     /* to is exclusive, step not 0 */
		struct { double from, to, step; } floats;
		struct { uint32_t start, end; } chars;       /* byte offsets in source */
		struct { uint64_t bits; uint32_t from, to; } bits;
	} u;
	struct rxl_value source; /* CHARS: the string; HOST: the object */
};

/* A host type; made by rxl_engine_type (lang/native.h), owned by the engine, borrowed by objects. */
struct rxl_class {
	uint16_t id;           /* dense, from 0 */
	const char *path;      /* "my::Type", used in function signatures of errors */
	const char *name;      /* what type_of says */
	void (*free)(void *payload);                             /* may be NULL */
	/* Both may be NULL: then objects print as their type's name and are equal to themselves only. */
	void (*display)(const void *payload, struct rx_buf *out, bool debug);
	bool (*equal)(const void *a, const void *b);
	/* Deep copy for value semantics; NULL: copies share the payload (handles). Returns NULL when out of memory. */
	void *(*clone)(const void *payload);
	/* Iteration: position starts at 0; returns false at the end. NULL: not iterable. `call` is a struct rxl_call. */
	bool (*iterate)(void *payload, uint64_t position, struct rxl_heap *heap, struct rxl_value *out);
	/* The same with the class at hand; used when iterate is NULL. */
	bool (*iterate_of)(const struct rxl_class *type, void *payload, uint64_t position, struct rxl_value *out);
	void *user;
};

struct rxl_host {
	struct rxl_object head;
	struct rxl_object *next;
	const struct rxl_class *type;
	void *payload;
};

struct rxl_unit;
struct rxl_function; /* compiled script function: lang/compile.h */

struct rxl_fn {
	struct rxl_object head;      /* flags: RXL_FN_* */
	struct rxl_object *next;
	struct rxl_value name;       /* a string; closures "anon$..." */
	struct rxl_function *target; /* bound script function, else NULL: found by name at the call */
	struct rxl_unit *unit;       /* keeps target alive; NULL without target */
	struct rxl_value *curry;     /* curried arguments, may be CELLs */
	uint32_t curry_count;
};
#define RXL_FN_CLOSURE 1

struct rxl_cell {
	struct rxl_object head; /* extra: readers; flags: RXL_CELL_LOCKED while a receiver */
	struct rxl_object *next;
	struct rxl_value value;
	struct rxl_cell *older, *newer; /* heap's list of all cells: closures can be held by what they capture */
};
#define RXL_CELL_LOCKED 1
#define RXL_CELL_COUNTED 2 /* somebody beside the variable and the lock has it: calls look for it in their arguments */

/* ---- the heap --------------------------------------------------------------------------------------------------- */

#define RXL_POOL_CLASSES 17 /* blocks of 16, 32, ... 256 bytes */

/* How deep printing, comparing and measuring go into nested values. */
#define RXL_NESTING_MAX 1000

struct rxl_heap {
	struct rx_memory memory;
	/* Size limits of spec 9, in bytes, elements, properties; SIZE_MAX is none. */
	size_t max_string, max_array, max_map;
	const char *too_large;          /* what the last REXI_LIMIT was about: "Length of string", ... */
	struct rxl_object *dying;       /* freed by a loop, never by recursion */
	bool freeing;
	struct rxl_cell *cells;         /* newest first */
	size_t cell_count;
	struct {
		size_t cells, work, bytes;
	} collected;                    /* what was left of cells and memory, and how much was looked at, by rxl_heap_collect */
	uint64_t seed;
	void *pool[RXL_POOL_CLASSES];   /* free blocks by size class */
	struct rxl_slab *slabs;
	char *slab_next, *slab_end;
	void (*unit_ref)(struct rxl_unit *unit); /* set by the engine */
	void (*unit_unref)(struct rxl_unit *unit);
	void (*worked)(void *user, size_t amount); /* told of large blocks: whoever took one may have worked for long; or NULL */
	void *user;
};

/* source NULL: malloc; memory_limit 0: none. */
void rxl_heap_init(struct rxl_heap *heap, const struct rexi_allocator *source, size_t memory_limit);
/* A cell that owns value; NULL when memory refuses (value stays the caller's). */
RX_NODISCARD struct rxl_cell *rxl_cell_new(struct rxl_heap *heap, struct rxl_value value);
/* Empties all cells, so that cycles through them end. Nothing may run any more. */
void rxl_heap_break_cycles(struct rxl_heap *heap);
/*
 * Frees shared variables that only hold each other, and what hangs on them. Values may be in use anywhere, as long as
 * every use is counted. Its work grows with all that shared variables lead to; it does nothing when memory refuses.
 */
void rxl_heap_collect(struct rxl_heap *heap);
/* So many shared variables were made since that collecting takes no larger share of the time than making them did. */
bool rxl_heap_collect_due(const struct rxl_heap *heap, bool within_run);
/* Every value must have been dropped. */
void rxl_heap_fini(struct rxl_heap *heap);
/* Counted blocks of any size, small ones from pools; give needs the size that was asked for. Not zeroed. */
RX_NODISCARD void *rxl_heap_take(struct rxl_heap *heap, size_t size);
void rxl_heap_give(struct rxl_heap *heap, void *ptr, size_t size);
RX_NODISCARD void *rxl_heap_resize(struct rxl_heap *heap, void *ptr, size_t old_size, size_t new_size);

/* Called when refs reached 0. */
void rxl_object_free(struct rxl_heap *heap, struct rxl_object *object);

/* ---- every value ------------------------------------------------------------------------------------------------ */

RX_INLINE bool rxl_is_counted(const struct rxl_value *value)
{
	return value->type >= RXL_FIRST_COUNTED;
}

RX_INLINE bool rxl_is_string(const struct rxl_value *value)
{
	return (unsigned)value->type - RXL_TEXT <= RXL_STRING - RXL_TEXT;
}

/*
 * A value as two words, for copies where time counts: they are loaded one by one, because a load of all 16 bytes of a
 * value that was just written in halves has to wait until both have left the store buffer.
 */
struct rxl_words {
	uint64_t head, body;
};

RX_INLINE struct rxl_words rxl_words_of(const struct rxl_value *value)
{
	struct rxl_words words;

	memcpy(&words.head, value, 8);
	memcpy(&words.body, (const char *)value + 8, 8);
	RX_OPAQUE(words.head);
	RX_OPAQUE(words.body);
	return words;
}

RX_INLINE void rxl_words_put(struct rxl_value *to, struct rxl_words words)
{
	memcpy(to, &words.head, 8);
	memcpy((char *)to + 8, &words.body, 8);
}

/*
 * Short strings are made and joined in registers: written byte by byte, their words would have to wait for the store
 * buffer when they are read next. The bytes are one number, the first of them the lowest; those past the length are zero.
 */
RX_INLINE rx_u128 rxl_short_load(const char *ptr, size_t len)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	/* two reads that overlap */
	if (len >= 8) {
		uint64_t low;
		uint16_t high = 0;

		memcpy(&low, ptr, 8);
		if (len > 8)
			memcpy(&high, ptr + len - 2, 2);
		return (rx_u128)high << 8 * (len - 2) | low;
	}
	if (len >= 4) {
		uint32_t low, high;

		memcpy(&low, ptr, 4);
		memcpy(&high, ptr + len - 4, 4);
		return (uint64_t)high << 8 * (len - 4) | low;
	}
	if (len >= 2) {
		uint16_t low, high;

		memcpy(&low, ptr, 2);
		memcpy(&high, ptr + len - 2, 2);
		return (uint64_t)high << 8 * (len - 2) | low;
	}
	return len ? (unsigned char)ptr[0] : 0;
#else
	rx_u128 bytes = 0;

	while (len-- > 0)
		bytes = bytes << 8 | (unsigned char)ptr[len];
	return bytes;
#endif
}

/* A TEXT with tag 0 of `len` such bytes. */
RX_INLINE struct rxl_words rxl_short_words(rx_u128 bytes, size_t len)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return (struct rxl_words){ (uint64_t)RXL_TEXT << 32 | (uint64_t)len << 40 | (uint64_t)bytes << 48, (uint64_t)(bytes >> 16) };
#else
	struct rxl_value value = { .type = RXL_TEXT, .len = (uint8_t)len };

	for (size_t i = 0; i < len; i++)
		((char *)&value)[offsetof(struct rxl_value, text) + i] = (char)(unsigned char)(bytes >> 8 * i);
	return rxl_words_of(&value);
#endif
}

/* The bytes of a TEXT. */
RX_INLINE rx_u128 rxl_short_bytes(const struct rxl_value *text)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	struct rxl_words words = rxl_words_of(text);

	return (rx_u128)words.body << 16 | words.head >> 48;
#else
	return rxl_short_load((const char *)text + offsetof(struct rxl_value, text), text->len);
#endif
}

RX_INLINE struct rxl_value rxl_unit(void)
{
	return (struct rxl_value){ .type = RXL_UNIT, .as.i = 0 };
}

RX_INLINE struct rxl_value rxl_bool(bool b)
{
	return (struct rxl_value){ .type = RXL_BOOL, .as.i = b };
}

RX_INLINE struct rxl_value rxl_int(int64_t i)
{
	return (struct rxl_value){ .type = RXL_INT, .as.i = i };
}

RX_INLINE struct rxl_value rxl_float(double f)
{
	return (struct rxl_value){ .type = RXL_FLOAT, .as.f = f };
}

RX_INLINE struct rxl_value rxl_byte(unsigned char byte)
{
	return (struct rxl_value){ .type = RXL_BYTE, .as.i = byte };
}

/* code is a Unicode scalar value. */
RX_INLINE struct rxl_value rxl_char(uint32_t code)
{
	return (struct rxl_value){ .type = RXL_CHAR, .as.i = code };
}

RX_INLINE struct rxl_value rxl_time(int64_t nanoseconds)
{
	return (struct rxl_value){ .type = RXL_TIME, .as.i = nanoseconds };
}

/* Another owner of the same value. */
RX_INLINE struct rxl_value rxl_value_copy(const struct rxl_value *value)
{
	if (rxl_is_counted(value))
		value->as.object->refs++;
	return *value;
}

/* Ends this owner and leaves unit. */
RX_INLINE void rxl_value_drop(struct rxl_heap *heap, struct rxl_value *value)
{
	if (rxl_is_counted(value) && --value->as.object->refs == 0)
		rxl_object_free(heap, value->as.object);
	*value = rxl_unit();
}

/* Moves the value out and leaves unit. */
RX_INLINE struct rxl_value rxl_value_take(struct rxl_value *value)
{
	struct rxl_value taken = *value;

	*value = rxl_unit();
	return taken;
}

/* *dst = value (owned); the old one is dropped. */
RX_INLINE void rxl_value_set(struct rxl_heap *heap, struct rxl_value *dst, struct rxl_value value)
{
	struct rxl_value old = *dst;

	*dst = value;
	if (rxl_is_counted(&old) && --old.as.object->refs == 0)
		rxl_object_free(heap, old.as.object);
}

/* type_of: "i64", "string", "array", ..., the friendly name of a host type. Static or owned by the class. */
const char *rxl_value_type_name(const struct rxl_value *value);
/* As the reference's host sees it: type_of, but ranges and iterators by the path of what implements them there. */
const char *rxl_value_host_type(const struct rxl_value *value);
/* As in function signatures of errors: strings are "&str | ImmutableString | String", host types their path. */
const char *rxl_value_signature_name(const struct rxl_value *value);
/* Type for overloads: TEXT counts as STRING; host types are RXL_TYPE_COUNT + class id. */
RX_INLINE unsigned rxl_value_type_id(const struct rxl_value *value)
{
	if (value->type == RXL_TEXT)
		return RXL_STRING;
	if (value->type == RXL_OBJECT)
		return RXL_TYPE_COUNT + value->as.host->type->id;
	return value->type;
}

/* Appends the display or debug text of spec 4.2; nesting past 1,000 levels prints as "...". */
void rxl_value_display(const struct rxl_value *value, struct rx_buf *out);
void rxl_value_debug(const struct rxl_value *value, struct rx_buf *out);
/* The same as the reference shows values to hosts: characters quoted inside containers, function pointers in full. */
void rxl_value_host_display(const struct rxl_value *value, struct rx_buf *out);
void rxl_value_host_debug(const struct rxl_value *value, struct rx_buf *out);
/* Display text as a string value; strings come back as themselves. */
enum rexi_status rxl_value_to_string(struct rxl_heap *heap, const struct rxl_value *value, struct rxl_value *out);

/*
 * Built-in equality of spec 4.4 without host operators: RXL_EQUAL, RXL_UNEQUAL, or RXL_NO_EQUAL for two of one type
 * that has no `==` (Fn, ...). Inside containers such pairs are RXL_NO_EQUAL too.
 */
enum rxl_equality { RXL_UNEQUAL, RXL_EQUAL, RXL_NO_EQUAL };
/*
 * Where a long walk through values asks whether it may go on: values that hold each other twice at each of 60 levels are
 * small, but have 2^60 parts.
 */
struct rxl_walk {
	enum rexi_status (*ask)(void *user, uint64_t parts);
	void *user;
	uint32_t parts;          /* since the last question */
	enum rexi_status status; /* anything but REXI_OK: it may not, and its result means nothing */
};
/* walk NULL: it never asks. */
enum rxl_equality rxl_value_equal(const struct rxl_value *a, const struct rxl_value *b, struct rxl_walk *walk);
/* Same type and same value, floats by bits: switch cases. */
bool rxl_value_same(const struct rxl_value *a, const struct rxl_value *b);
uint64_t rxl_value_hash(const struct rxl_value *value, uint64_t seed);
/* Relative-epsilon comparison of spec 4.4: a == b. */
bool rxl_float_equal(double a, double b);

/* A function pointer in it, at any depth, has the cell (NULL: none), or one that is locked, among its curried arguments. */
bool rxl_value_holds(const struct rxl_value *value, const struct rxl_cell *cell);

/* Number of elements, of properties, and longest string, nested ones counted as spec 9 counts them. */
struct rxl_sizes {
	size_t array, map, string;
	size_t parts; /* looked at; above RXL_SIZES_PARTS the rest was not */
};
#define RXL_SIZES_PARTS ((size_t)1 << 24)
void rxl_value_sizes(const struct rxl_value *value, struct rxl_sizes *out);

/* ---- strings ---------------------------------------------------------------------------------------------------- */

/* text must be valid UTF-8 (natives that read bytes from outside check with rx_utf8_valid or use rx_utf8_lossy). */
enum rexi_status rxl_string_new(struct rxl_heap *heap, struct rexi_str text, struct rxl_value *out);
/* A string of `len` bytes that the caller writes through *bytes, which points into *out for short ones: valid UTF-8. */
enum rexi_status rxl_string_make(struct rxl_heap *heap, size_t len, struct rxl_value *out, char **bytes);
/* From a buffer, which is finished in any case; a failed buffer is REXI_NO_MEMORY (or LIMIT if it hit its limit). */
enum rexi_status rxl_string_from_buf(struct rxl_heap *heap, struct rx_buf *buf, struct rxl_value *out);
/* a followed by b. */
enum rexi_status rxl_string_join(struct rxl_heap *heap, struct rexi_str a, struct rexi_str b, struct rxl_value *out);
/* The bytes; the view of a TEXT points into *value, so it lives as long as that very value stays where it is. */
RX_INLINE struct rexi_str rxl_string_view(const struct rxl_value *value)
{
	if (value->type == RXL_TEXT)
		return (struct rexi_str){ (const char *)value + offsetof(struct rxl_value, text), value->len };
	return (struct rexi_str){ value->as.string->bytes, value->as.string->len };
}
/* Number of scalar values; O(1) for strings known to be ASCII. */
size_t rxl_string_chars(const struct rxl_value *value);
/* Scans once, then remembers. */
bool rxl_string_is_ascii(const struct rxl_value *value);
/*
 * *out = a + b when that is a short string: a TEXT and a TEXT, an ASCII character or an integer. False for others, and when a
 * limit of the heap might forbid it.
 */
bool rxl_short_join(const struct rxl_heap *heap, const struct rxl_value *a, const struct rxl_value *b, struct rxl_value *out);
/* *value += text, in place when there is room and one owner; text may point into *value. */
enum rexi_status rxl_string_append(struct rxl_heap *heap, struct rxl_value *value, struct rexi_str text);

/* ---- arrays ----------------------------------------------------------------------------------------------------- */

enum rexi_status rxl_array_new(struct rxl_heap *heap, size_t reserve, struct rxl_value *out);
/* Makes *value the only owner of its array, to be written through value->as.array->items; elements keep their owners. */
enum rexi_status rxl_array_edit(struct rxl_heap *heap, struct rxl_value *value);
/* The following make the array writable themselves. Indexes must be in range (at <= count for insert and splice). */
enum rexi_status rxl_array_reserve(struct rxl_heap *heap, struct rxl_value *value, size_t more);
enum rexi_status rxl_array_push(struct rxl_heap *heap, struct rxl_value *value, struct rxl_value item);
enum rexi_status rxl_array_insert(struct rxl_heap *heap, struct rxl_value *value, size_t at, struct rxl_value item);
enum rexi_status rxl_array_remove(struct rxl_heap *heap, struct rxl_value *value, size_t at, struct rxl_value *out);
enum rexi_status rxl_array_truncate(struct rxl_heap *heap, struct rxl_value *value, size_t count);
/* Replaces `gone` elements at `at` by copies of items[0..count); the removed ones go to `removed` (an array or NULL). */
enum rexi_status rxl_array_splice(struct rxl_heap *heap, struct rxl_value *value, size_t at, size_t gone,
				  const struct rxl_value *items, size_t count, struct rxl_value *removed);
/* A new array of copies of `count` elements from `at`. */
enum rexi_status rxl_array_slice(struct rxl_heap *heap, const struct rxl_value *value, size_t at, size_t count,
				 struct rxl_value *out);

RX_INLINE size_t rxl_array_count(const struct rxl_value *value)
{
	return value->as.array->count;
}

/* Borrowed elements. */
RX_INLINE const struct rxl_value *rxl_array_items(const struct rxl_value *value)
{
	return value->as.array->items;
}

/* ---- blobs ------------------------------------------------------------------------------------------------------ */

/* bytes NULL: zeroed. */
enum rexi_status rxl_blob_new(struct rxl_heap *heap, const void *bytes, size_t count, struct rxl_value *out);
/* Makes *value the only owner, to be written through value->as.blob->bytes. */
enum rexi_status rxl_blob_edit(struct rxl_heap *heap, struct rxl_value *value);
/* Edit, then make it `count` bytes long; new bytes are zero. */
enum rexi_status rxl_blob_resize(struct rxl_heap *heap, struct rxl_value *value, size_t count);
enum rexi_status rxl_blob_append(struct rxl_heap *heap, struct rxl_value *value, const void *bytes, size_t count);

/* ---- maps ------------------------------------------------------------------------------------------------------- */

enum rexi_status rxl_map_new(struct rxl_heap *heap, size_t reserve, struct rxl_value *out);
enum rexi_status rxl_map_edit(struct rxl_heap *heap, struct rxl_value *value);
RX_INLINE size_t rxl_map_count(const struct rxl_value *value)
{
	return value->as.map->count;
}
/*
 * What was added to a constant map is no constant itself. Remembered for maps that were empty then: all they have was
 * added. rxl_map_set_added is told after an entry was added.
 */
RX_INLINE bool rxl_map_is_added(const struct rxl_value *map)
{
	return map->as.map->head.flags & RXL_MAP_ADDED;
}

RX_INLINE void rxl_map_set_added(const struct rxl_value *map, bool is_constant)
{
	if (is_constant && map->as.map->count == 1)
		map->as.map->head.flags |= RXL_MAP_ADDED;
}

/* Borrowed value of a key, NULL when absent. */
const struct rxl_value *rxl_map_find(const struct rxl_value *map, struct rexi_str key);
/* The place of a key for writing (the map is made writable first); *slot is NULL when absent. */
enum rexi_status rxl_map_find_edit(struct rxl_heap *heap, struct rxl_value *map, struct rexi_str key,
				   struct rxl_value **slot);
/* The same, inserting unit when absent. */
enum rexi_status rxl_map_slot(struct rxl_heap *heap, struct rxl_value *map, struct rexi_str key, struct rxl_value **slot);
/* Inserts or replaces. */
enum rexi_status rxl_map_put(struct rxl_heap *heap, struct rxl_value *map, struct rexi_str key, struct rxl_value value);
/* Short form for natives that build results: key is a C string. */
enum rexi_status rxl_map_put_text(struct rxl_heap *heap, struct rxl_value *map, const char *key, struct rexi_str text);
enum rexi_status rxl_map_put_int(struct rxl_heap *heap, struct rxl_value *map, const char *key, int64_t i);
enum rexi_status rxl_map_put_bool(struct rxl_heap *heap, struct rxl_value *map, const char *key, bool b);
/* *found says whether it was there; the value moves to *out (unit when absent). */
enum rexi_status rxl_map_remove(struct rxl_heap *heap, struct rxl_value *map, struct rexi_str key, bool *found,
				struct rxl_value *out);
enum rexi_status rxl_map_clear(struct rxl_heap *heap, struct rxl_value *map);
/*
 * The entries in key order without gaps, count = rxl_map_count; borrowed until the map changes. Sorting happens in
 * place and is invisible to other owners. NULL (with count > 0) when memory refuses.
 */
const struct rxl_entry *rxl_map_entries(struct rxl_heap *heap, const struct rxl_value *map);

/* Puts the entries in order, without gaps; false when memory refuses (then only the gaps are gone). */
bool rxl_map_order(struct rxl_map *map, struct rx_memory *memory);
void rxl_map_index_free(struct rxl_heap *heap, struct rxl_map *map);
/* The engine's own forms by key value (a TEXT or STRING, its tag does not count); `hint` remembers a position at a call site. */
struct rxl_value *rxl_map_lookup(const struct rxl_map *map, const struct rxl_value *key, uint32_t *hint);
RX_INLINE const struct rxl_value *rxl_map_find_value(const struct rxl_value *map, const struct rxl_value *key)
{
	uint32_t hint = UINT32_MAX;

	return rxl_map_lookup(map->as.map, key, &hint);
}

enum rexi_status rxl_map_place(struct rxl_heap *heap, struct rxl_value *map, const struct rxl_value *key, uint32_t *hint,
			       struct rxl_value **slot);

/* ---- ranges, iterators, function pointers, host objects ----------------------------------------------------------- */

enum rexi_status rxl_range_new(struct rxl_heap *heap, int64_t start, int64_t end, bool inclusive, struct rxl_value *out);
enum rexi_status rxl_iter_ints(struct rxl_heap *heap, int64_t from, int64_t to, int64_t step, struct rxl_value *out);
enum rexi_status rxl_iter_floats(struct rxl_heap *heap, double from, double to, double step, struct rxl_value *out);
/* Byte offsets start..end of a string. */
enum rexi_status rxl_iter_chars(struct rxl_heap *heap, const struct rxl_value *string, size_t start, size_t end,
				struct rxl_value *out);
enum rexi_status rxl_iter_bits(struct rxl_heap *heap, int64_t bits, unsigned from, unsigned to, struct rxl_value *out);

/*
 * One step of any iterable value. *position starts at 0. Returns true and stores an owned element, false at the end.
 * Works on arrays, blobs, strings, ranges, iterators and host types with `iterate`.
 */
bool rxl_value_is_iterable(const struct rxl_value *value);
bool rxl_value_next(struct rxl_heap *heap, const struct rxl_value *value, uint64_t *position, struct rxl_value *out);

enum rexi_status rxl_fn_new(struct rxl_heap *heap, struct rexi_str name, struct rxl_value *out);
RX_INLINE struct rexi_str rxl_fn_name(const struct rxl_value *value)
{
	return rxl_string_view(&value->as.fn->name);
}
RX_INLINE bool rxl_fn_is_anonymous(const struct rxl_value *value)
{
	return rx_str_starts(rxl_string_view(&value->as.fn->name), RX_STR("anon$"));
}
/* A new function pointer with copies of `count` more curried arguments. */
enum rexi_status rxl_fn_curry(struct rxl_heap *heap, const struct rxl_value *fn, const struct rxl_value *args, size_t count,
			      struct rxl_value *out);

/* The object owns payload from then on, also when this fails (then type->free has run). */
enum rexi_status rxl_object_new(struct rxl_heap *heap, const struct rxl_class *type, void *payload, struct rxl_value *out);
/* NULL when the value is not an object of that class. */
RX_INLINE void *rxl_object_payload(const struct rxl_value *value, const struct rxl_class *type)
{
	return value->type == RXL_OBJECT && value->as.host->type == type ? value->as.host->payload : NULL;
}

#endif
