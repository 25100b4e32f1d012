/* Regular expressions with the syntax and meaning of Rust's `regex` 1.11, matched by PCRE2 with match and depth limits. */
#ifndef RXS_TEXT_PATTERN_H
#define RXS_TEXT_PATTERN_H

#include "base/buf.h"

struct rxs_pattern;

enum {
	RXS_PATTERN_IGNORE_CASE = 1, /* as `(?i)` in front of the pattern */
	RXS_PATTERN_ASCII = 1,       /* rxs_pattern_find: every byte of the subject is below 0x80 */
};

/* One match: group i spans [start[i], end[i]); SIZE_MAX when the group took no part. */
struct rxs_pattern_match {
	const size_t *offsets; /* pairs; owned by the regex, valid until its next use */
	size_t count;          /* groups, the whole match included */
};

/**
 * Compile a pattern.
 *
 * pattern  borrowed; valid UTF-8.
 * why      receives, with REXI_SYNTAX, the text that Rust's regex crate would print (several lines); may be NULL.
 * out      owned by the caller; rxs_pattern_free.
 *
 * Refused as in the reference: look-around, back-references, possessive and atomic groups, nesting above 250, programs
 * of more than 10 MiB (here: what PCRE2 cannot hold). Source: sdk-filesystem.md 9.3.
 */
RX_NODISCARD enum rexi_status rxs_pattern_new(struct rx_memory *memory, struct rexi_str pattern, unsigned flags,
					    struct rxs_pattern **out, struct rx_buf *why);
void rxs_pattern_free(struct rxs_pattern *regex);

/**
 * The leftmost match at or after byte `from`. *found tells whether there is one; match (may be NULL when only the answer
 * is wanted, which also cannot run into REXI_LIMIT for want of steps but by PCRE2's linear matcher) gets its spans.
 *
 * subject  valid UTF-8. flags  RXS_PATTERN_ASCII when known.
 * REXI_LIMIT when the match or depth limit was reached, REXI_NO_MEMORY when the heap limit was.
 */
RX_NODISCARD enum rexi_status rxs_pattern_find(struct rxs_pattern *regex, struct rexi_str subject, size_t from,
					     unsigned flags, bool *found, struct rxs_pattern_match *match);

/* Bytes that every match contains, {NULL, 0} when none is known; *whole is set when the pattern is nothing else. */
struct rexi_str rxs_pattern_literal(const struct rxs_pattern *regex, bool *whole);
/* True when a match could span a newline or look at its surroundings beyond the line: such patterns cannot be searched
 * in a block of lines at once. */
bool rxs_pattern_needs_lines(const struct rxs_pattern *regex);

/* Appends `text` with the first or every match replaced; `$1`, `$name`, `${name}` expand and `$$` is a dollar (Rust's
 * Captures::expand). REXI_LIMIT as in rxs_pattern_find; a refusal of the buffer shows in out->failed. */
RX_NODISCARD enum rexi_status rxs_pattern_replace(struct rxs_pattern *regex, struct rexi_str text,
						struct rexi_str replacement, bool all, struct rx_buf *out);

/* Byte offset of the first occurrence of `needle` at or after `from`, SIZE_MAX when there is none; by its rarest byte. */
size_t rxs_text_find(struct rexi_str text, struct rexi_str needle, size_t from);

/* sdk/text_nojit.c: nothing, where PCRE2's compiler is left out. */
void rxs_text_nojit(void);

#endif
