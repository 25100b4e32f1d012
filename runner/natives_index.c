/* Prints the index of the runner's own names; runs while rexi is built. */
#include <config.h>

#include "lang/library_write.h"
#include "runner/natives.h"

static const struct rxl_library_row rows[] = {
#define RXR_NATIVE(name, params, fn, flags, help) { name, params },
#include "runner/natives.def"
#undef RXR_NATIVE
};

static const char *const types[] = {
#define RXR_CLASS(id, name) name,
	RXR_CLASS_LIST(RXR_CLASS)
#undef RXR_CLASS
};

int main(void)
{
	return rxl_library_write("index_of_names", rows, RX_COUNT(rows), types, RX_COUNT(types));
}
