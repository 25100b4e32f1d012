/* The public schema object. */
#ifndef RXC_SCHEMA_API_H
#define RXC_SCHEMA_API_H

#include <rexi/cedar_schema.h>

#include "cedar/schema.h"
#include "cedar/set.h"

struct rexi_cedar_schema {
	const struct rexi_cedar_engine *engine;
	struct rx_memory memory;
	const struct rxc_schema *resolved;
	struct rxc_schema *owned; /* resolved, or NULL when that is borrowed */
	struct rx_arena arena; /* of the warnings */
	struct rexi_cedar_schema_warning *warnings;
	size_t warning_count, warning_cap;
};

/* A schema object around a resolved schema that is borrowed: a constant. It has no warnings. */
RX_NODISCARD enum rexi_status rxc_schema_borrow(const struct rexi_cedar_engine *engine, const struct rxc_schema *resolved,
						struct rexi_cedar_schema **out, struct rexi_error *err);

#endif
