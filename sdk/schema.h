/* The schema of the host operations, and policies against it. */
#ifndef RXS_SCHEMA_H
#define RXS_SCHEMA_H

#include <rexi/cedar_schema.h>

#include "base/buf.h"

/* sdk/rex.cedarschema as it was when the library was built. */
struct rexi_str rxs_schema_text(void);

/*
 * The built-in schema together with `extra` (schema text or JSON of types of the caller's own; empty when there is none):
 * it may add declarations, also to our namespaces, but redefine nothing. *extra_at_fault (may be NULL) tells whether an
 * error's position is in `extra`.
 */
RX_NODISCARD enum rexi_status rxs_schema_new(const struct rexi_cedar_engine *engine, struct rexi_str extra,
					     struct rexi_cedar_schema **out, bool *extra_at_fault, struct rexi_error *err);

/*
 * Validates a policy set strictly before a script starts. *passed is false when there are errors; what was found, errors
 * and warnings, is appended to `findings` (may be NULL), a line each: "policy0 (line 3, column 5): ...". Any status but
 * REXI_OK is a failure to decide (the extra schema is malformed, no memory), which a caller must treat as not passed.
 */
RX_NODISCARD enum rexi_status rxs_policy_check(const struct rexi_cedar_engine *engine,
					       const struct rexi_cedar_policies *policies, struct rexi_str extra,
					       bool *passed, struct rx_buf *findings, struct rexi_error *err);

/* One finding as such a line, without the line end. */
void rxs_finding_print(struct rx_buf *buf, const struct rexi_cedar_finding *finding);

#endif
