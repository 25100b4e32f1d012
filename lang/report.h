/* Errors for people: for terminals and logs, not for programs. */
#ifndef RXL_REPORT_H
#define RXL_REPORT_H

#include "lang/engine.h"

struct rxl_report {
	struct rxl_engine *engine;
	const struct rxl_unit *unit; /* the script that ran, or NULL */
	struct rexi_str source;      /* its text, may be empty */
	struct rexi_str name;        /* what the text is called, a file mostly; may be empty */
	bool bare;                   /* without the first line, "error: " and the message */
	bool color;                  /* for a terminal */
	struct rx_buf *out;
};

/* A failed compilation: the message, and the line of the source with a caret. pos is packed; 0 none. */
void rxl_report_compile(const struct rxl_report *report, struct rexi_str message, uint32_t pos);
/*
 * A failed run: the innermost error with its line, names near one that was not found, and the calls that led there. What
 * would move a terminal's cursor or turn the direction of writing is shown as U+FFFD.
 */
void rxl_report_run(const struct rxl_report *report, const struct rxl_error *error);

#endif
