/* Prints the index of the standard library's names; runs while rexi is built. */
#include <config.h>

#include <stdlib.h>

#include "lang/library_write.h"
#include "lang/std/std.h"

int main(void)
{
	static struct rxl_library_row rows[4096];
	const struct rxl_native *row;
	size_t count = 0;

	while ((row = rxl_std_row(NULL, (unsigned)count, NULL)) != NULL) {
		if (count == RX_COUNT(rows))
			return EXIT_FAILURE;
		rows[count++] = (struct rxl_library_row){ row->name, row->params };
	}
	return rxl_library_write("names", rows, count, NULL, 0);
}
