/* What the two halves of the conversion from tree to AST share. */
#ifndef RXC_CONVERT_H
#define RXC_CONVERT_H

#include "cedar/cst.h"

struct rexi_str rxc_cst_text(const struct rxc_parser *parser, const struct rxc_cst *node);
/* Type::"id"; NULL after an error. */
const struct rxc_uid *rxc_convert_ref(struct rxc_parser *parser, const struct rxc_cst *node);
/* A type name after `is`; NULL after an error. */
const struct rexi_cedar_name *rxc_convert_type(struct rxc_parser *parser, const struct rxc_cst *node);
/* The text of a string literal. */
bool rxc_convert_string(struct rxc_parser *parser, const struct rxc_cst *node, struct rexi_str *out);

#endif
