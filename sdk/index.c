/* Prints the index of the SDK's names; runs while rexi is built. The rows stand in the order of sdk/native.c. */
#include <config.h>

#include "lang/library_write.h"

#include "base/str.h"

static const struct rxl_library_row rows[] = {
#define RXS_NATIVE(id, name, params, ...) { name, params },
#define RXS_NATIVE_DATA(id, name, params, ...) { name, params },
#include "sdk/natives.def"
#undef RXS_NATIVE
#undef RXS_NATIVE_DATA
#define BOOL "bool"
#define INT "int"
#define STRING "string"
#define ARRAY "array"
#define MAP "map"
#define OBJECT(name) #name
#define OPTIONS(name) #name
#define RXS_BUILDER(b, missing, check, help) { #b, "" }, { "build", #b "_builder" },
#define RXS_FIELD(b, field, type, fallback, required, set, help) { #field, #b "_builder " type },
#include "sdk/options.def"
#undef RXS_BUILDER
#undef RXS_FIELD
};

static const char *const types[] = {
#define RXS_TYPE(id, path, show, end) #id,
#define RXS_TYPE_SHORT(id, path, show, end) #id,
#define RXS_TYPE_PLAIN(id, path, show) #id,
#define RXS_TYPE_KIND(id, path, show) #id,
#include "sdk/types.def"
#undef RXS_TYPE
#undef RXS_TYPE_SHORT
#undef RXS_TYPE_PLAIN
#undef RXS_TYPE_KIND
#define RXS_BUILDER(b, missing, check, help) #b, #b "_builder",
#define RXS_FIELD(builder, field, type, fallback, required, set, help)
#include "sdk/options.def"
#undef RXS_BUILDER
#undef RXS_FIELD
};

int main(void)
{
	return rxl_library_write("names", rows, RX_COUNT(rows), types, RX_COUNT(types));
}
