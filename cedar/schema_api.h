/* The public schema object. */
#ifndef RXC_SCHEMA_API_H
#define RXC_SCHEMA_API_H

#include <rexi/cedar_schema.h>

#include "cedar/schema.h"
#include "cedar/set.h"

struct rexi_cedar_schema {
	const struct rexi_cedar_engine *engine;
	struct rx_memory memory;
	struct rxc_schema *resolved;
	struct rx_arena arena; /* of the warnings */
	struct rexi_cedar_schema_warning *warnings;
	size_t warning_count, warning_cap;
};

#endif
