/* Tokens of a policy text that is known to parse, with the comments around them. */
#ifndef RXC_FORMAT_LEX_H
#define RXC_FORMAT_LEX_H

#include "base/arena.h"
#include "base/str.h"

struct rxc_format_comment {
	struct rexi_str text; /* from the slashes to before the line's end, white space after it removed */
	const struct rxc_format_comment *next;
};

struct rxc_format_token {
	struct rexi_str text; /* empty at the end of the input */
	const struct rxc_format_comment *before; /* on lines of their own before the token */
	const struct rxc_format_comment *after;  /* on the token's line */
};

/* Past the end of the string (comment) that starts at `at`. */
size_t rxc_format_string_end(struct rexi_str source, size_t at);
size_t rxc_format_comment_end(struct rexi_str source, size_t at);

/* The last token is empty. False when memory refuses. */
RX_NODISCARD bool rxc_format_lex(struct rx_arena *arena, struct rexi_str source, struct rxc_format_token **out,
				 size_t *count_out);

#endif
