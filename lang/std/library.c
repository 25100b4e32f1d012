/* The standard library for an engine: its rows by the index made from them. */
#include <config.h>

#include "lang/library.h"
#include "lang/std/std.h"

#include "lang/std/index.inc"

static const struct rxl_library library = { .index = &names, .row = rxl_std_row };

enum rexi_status rxl_std_register(struct rxl_engine *engine, struct rexi_error *err)
{
	return rxl_engine_attach(engine, &library, NULL, 0, err);
}
