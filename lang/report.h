/* Errors for people: for terminals and logs, not for programs. */
#ifndef RXL_REPORT_H
#define RXL_REPORT_H

#include "lang/engine.h"

/* A failed compilation: the message, and the line of the source with a caret. pos is packed; 0 none. */
void rxl_report_compile(struct rexi_str message, uint32_t pos, struct rexi_str source, struct rx_buf *out);
/*
 * A failed run: the innermost error with its line, the calls that led there, and for a function or variable that was not
 * found what is there under that name or a near one. unit: the script that ran, or NULL. source: its text, may be empty.
 */
void rxl_report_run(struct rxl_engine *engine, const struct rxl_unit *unit, const struct rxl_error *error, struct rexi_str source,
		    struct rx_buf *out);

#endif
