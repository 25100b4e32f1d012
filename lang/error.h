/* Run-time errors: what was raised, where, and through which calls (spec 3). */
#ifndef RXL_ERROR_H
#define RXL_ERROR_H

#include "lang/native.h"

/* One error, or one layer around another. Values are owned. */
struct rxl_error {
	enum rxl_error_kind kind;
	uint32_t pos;           /* packed; 0 none */
	bool no_pos;            /* the machine must not add one */
	struct rxl_value text;  /* message, name, signature; MISMATCH: requested */
	struct rxl_value extra; /* MISMATCH: actual; IN_FUNCTION_CALL: source */
	struct rxl_value value; /* RUNTIME: what was thrown; TERMINATED: token; EXIT: result */
	int64_t index;          /* bounds */
	size_t count;
	struct rxl_error *inner;
};

/* NULL when memory refuses. */
struct rxl_error *rxl_error_new(struct rxl_heap *heap, enum rxl_error_kind kind);
void rxl_error_free(struct rxl_heap *heap, struct rxl_error *error);
/* Limits, termination, exit: no catching, no wrapping by function calls. */
bool rxl_error_is_system(const struct rxl_error *error);
bool rxl_error_is_catchable(const struct rxl_error *error);
/* The error under all layers of calls and modules. */
const struct rxl_error *rxl_error_root(const struct rxl_error *error);
/* Message as the reference words it; with_pos: followed by " (line L, position P)" when known. */
void rxl_error_text(const struct rxl_error *error, struct rx_buf *out, bool with_pos);
void rxl_error_pos_text(uint32_t pos, struct rx_buf *out);
/* What `catch (e)` binds. */
enum rexi_status rxl_error_caught(struct rxl_heap *heap, const struct rxl_error *error, struct rxl_value *out);
/* "ErrorRuntime", ... */
const char *rxl_error_kind_name(enum rxl_error_kind kind);

#endif
