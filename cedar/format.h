/* The formatter of policies. Source: spec/cedar.md, section 9.1; layout as the reference's. */
#ifndef RXC_FORMAT_H
#define RXC_FORMAT_H

#include "base/buf.h"
#include "base/error.h"

/*
 * Appends the formatted text. source must parse as policies (the caller has seen to that). REXI_INTERNAL when the result
 * would not have the same tokens and comments, in order: then nothing useful was appended. as_reference: a line of comment
 * that follows a string joins the string's line, as in the reference, whose result another formatting changes.
 */
RX_NODISCARD enum rexi_status rxc_format(struct rx_buf *buf, struct rexi_str source, unsigned width, unsigned indent,
					 bool as_reference, struct rexi_error *err);

#endif
