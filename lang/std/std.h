/*
 * The standard library of the language: every function that scripts find without importing anything, as rows of
 * tables, one table a package. spec 8.
 */
#ifndef RXL_STD_H
#define RXL_STD_H

#include "lang/native.h"

struct rxl_package {
	const char *name; /* heading of the manual */
	const struct rxl_native *rows;
	size_t count;
};

/* In the order of the specification. */
extern const struct rxl_package rxl_std_core, rxl_std_arithmetic, rxl_std_math, rxl_std_bits, rxl_std_range, rxl_std_print,
	rxl_std_string, rxl_std_text_parts, rxl_std_array, rxl_std_array_parts, rxl_std_array_calls, rxl_std_sort, rxl_std_blob,
	rxl_std_blob_numbers, rxl_std_map, rxl_std_json, rxl_std_time, rxl_std_fnptr;

/* Values of type u8: registered too, but not part of the specification's list. */
extern const struct rxl_package rxl_std_byte;

extern const struct rxl_package *const rxl_std_packages[];
extern const size_t rxl_std_package_count;

/* Row n of all of them, in order of registration; NULL after the last. A row of a library (lang/library.h). */
const struct rxl_native *rxl_std_row(void *user, unsigned n, struct rxl_native *space);

/* Gives an engine all packages. Before anything else is registered with it. */
enum rexi_status rxl_std_register(struct rxl_engine *engine, struct rexi_error *err);

#endif
