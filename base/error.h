/* Filling a caller's struct rexi_error; every function here accepts err == NULL. */
#ifndef RX_ERROR_H
#define RX_ERROR_H

#include <rexi/base.h>

#include "base/compiler.h"

/* Fills *err and returns status, so that `return rx_fail(err, REXI_TYPE, span, "...", ...)` is one line. */
RX_NODISCARD RX_COLD RX_PRINTF(4, 5) enum rexi_status rx_fail(struct rexi_error *err, enum rexi_status status,
							      struct rexi_span span, const char *format, ...);
/* The same for an operating-system error; appends ": strerror text". */
RX_NODISCARD RX_COLD RX_PRINTF(3, 4) enum rexi_status rx_fail_os(struct rexi_error *err, int os_errno,
								 const char *format, ...);
RX_NODISCARD RX_COLD enum rexi_status rx_fail_memory(struct rexi_error *err);

/* Sets err->line and err->column from err->span.start; columns count code points. */
void rx_error_locate(struct rexi_error *err, struct rexi_str source);
/* The same when `earlier`, an error of the same source that was located, stands before it or at it; else from the start. */
void rx_error_locate_after(struct rexi_error *err, struct rexi_str source, const struct rexi_error *earlier);

#define RX_NO_SPAN ((struct rexi_span){ 0, 0 })

#endif
