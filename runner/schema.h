/*
 * The schema that policies are validated against: the built-in one (the reference's, with what requests really carry), and
 * what files add to it.
 */
#ifndef RXR_SCHEMA_H
#define RXR_SCHEMA_H

#include <rexi/cedar_schema.h>

#include "base/buf.h"

enum { RXR_SCHEMAS_MOST = 64 };

/* A schema beside the built-in one; both borrowed. */
struct rxr_schema_text {
	const char *name; /* of its file, for errors; NULL: the host program gave it */
	struct rexi_str text;
};

/*
 * Resolves the built-in schema (unless it is left out) and `count` texts together: each may add to a namespace, none may
 * declare again what another has. On failure "FILE:LINE:COLUMN: what is wrong" is appended to `complaint`; REXI_LIMIT when
 * there are too many.
 */
RX_NODISCARD enum rexi_status rxr_schema_new(const struct rexi_cedar_engine *engine, bool builtin,
					     const struct rxr_schema_text *texts, size_t count,
					     struct rexi_cedar_schema **out, struct rx_buf *complaint);

#endif
