/* Making the index of a library: part of programs that run while rexi is built, not of the libraries. */
#ifndef RXL_LIBRARY_WRITE_H
#define RXL_LIBRARY_WRITE_H

#include <stddef.h>

struct rxl_library_row {
	const char *name, *params;
};

/*
 * Prints `static const struct rxl_library_index NAME` and its tables as C to standard output. types: the names by which
 * params name the library's classes, in order of their ids. Returns the program's exit status.
 */
int rxl_library_write(const char *name, const struct rxl_library_row *rows, size_t row_count, const char *const *types,
		      size_t type_count);

#endif
