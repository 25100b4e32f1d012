/*
 * Libraries: constant tables of natives that an engine looks a name up in when it first meets it. Attaching one costs the
 * same whatever its size: nothing is entered anywhere. The index of names is made when rexi is built
 * (lang/library_write.h).
 */
#ifndef RXL_LIBRARY_H
#define RXL_LIBRARY_H

#include "lang/native.h"
#include "lang/symbols.h"

struct rxl_overload;

/* A name: where its text stands, and its first row in `rows`; the next name's `first` ends them. */
struct rxl_library_name {
	uint16_t text, first;
};

/* Open addressing by rxl_library_hash; name is one more than its number, 0 is free. */
struct rxl_library_slot {
	uint16_t name, tag;
};

/* Generated, constant, without pointers inside its tables: nothing to relocate. */
struct rxl_library_index {
	const char *texts;
	const struct rxl_library_name *names; /* one more than there are, in order of first registration */
	const struct rxl_library_slot *slots;
	const uint16_t *rows;     /* rows by name, in order of registration, replaced ones left out */
	const uint16_t *params_at; /* by row: where its parameters stand */
	const uint16_t *params;   /* count, takes_fn, then types; RXL_TYPE_COUNT + n is the library's class n */
	uint16_t name_count, row_count, slot_mask;
};

struct rxl_library {
	const struct rxl_library_index *index;
	/* Row n: a constant, or `space` filled in; `space` lasts as long as the engine. */
	const struct rxl_native *(*row)(void *user, unsigned n, struct rxl_native *space);
	/* Host types; their ids are dense from 0, so a library with types is the first to be attached. */
	const struct rxl_class *classes;
	uint16_t class_count;
	/* Modules of constants and functions: whether there is one of that name, and making it on first use. May be NULL. */
	bool (*has_module)(struct rexi_str name);
	enum rexi_status (*module)(struct rxl_engine *engine, void *user, struct rxl_module *module, struct rexi_str name);
};

#define RXL_LIBRARIES_MAX 4

/* What an engine keeps of a library. */
struct rxl_attached {
	const struct rxl_library *library;
	void *user;
	uint16_t class_base;           /* id of its class 0 */
	struct rxl_overload **lists;   /* by name: all overloads, of later libraries too; NULL until asked for */
	struct rxl_overload *overloads; /* room for all rows; in the order in which they are asked for */
	struct rxl_native *spaces;     /* the same, for `row` to fill */
	uint16_t made;                 /* of both, used so far */
};

/* FNV-1a: the names are constants, nothing can be made to collide. */
RX_INLINE uint32_t rxl_library_hash(const char *text, size_t len)
{
	uint32_t hash = 2166136261U;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * 16777619U;
	return hash ^ hash >> 15;
}

/*
 * Attaches a library; it is borrowed. Libraries come before anything is registered by hand: what comes later replaces
 * rows of equal name and types. class_base: the id of its first class, 0 for a library with classes of its own.
 * REXI_INVALID: too late, or too many.
 */
enum rexi_status rxl_engine_attach(struct rxl_engine *engine, const struct rxl_library *library, void *user,
				   uint16_t class_base, struct rexi_error *err);
void rxl_libraries_free(struct rxl_engine *engine);
/* Whether one of them has a module of that name. */
bool rxl_libraries_have_module(const struct rxl_engine *engine, struct rexi_str name);

/* Overloads of a name in the libraries; NULL when they have none. Takes no memory. */
struct rxl_overload *rxl_libraries_find(struct rxl_engine *engine, struct rexi_str name);
/* Overloads of a name that may never have become a symbol. */
const struct rxl_overload *rxl_engine_overloads_of(struct rxl_engine *engine, struct rexi_str name);
/* The library's function of a module, as module `a`, name `a::b`, for rxl_library.module. */
enum rexi_status rxl_library_module_rows(struct rxl_engine *engine, const struct rxl_library *library,
					 struct rxl_module *module, struct rexi_str name);

#endif
