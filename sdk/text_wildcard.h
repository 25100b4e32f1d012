/* File-name patterns in the dialect of Rust's `glob` 0.3. Source: sdk-filesystem.md 9.3. */
#ifndef RXS_TEXT_WILDCARD_H
#define RXS_TEXT_WILDCARD_H

#include "base/buf.h"

struct rxs_wildcard;

/**
 * Compile: `?` one character, `*` any run (slashes and leading dots too), `**` only as a whole path component,
 * `[abc]` `[a-z]` `[!...]`; no braces, no escapes.
 *
 * fold  ASCII letters match in either case.
 * why   receives, with REXI_SYNTAX, "Pattern syntax error near position N: ..."; may be NULL.
 */
RX_NODISCARD enum rexi_status rxs_wildcard_new(struct rx_memory *memory, struct rexi_str pattern, bool fold,
					   struct rxs_wildcard **out, struct rx_buf *why);
void rxs_wildcard_free(struct rxs_wildcard *glob);

/* The whole of `text` (valid UTF-8). Cost at most pattern length times text length; no recursion. */
bool rxs_wildcard_matches(const struct rxs_wildcard *glob, struct rexi_str text);

#endif
