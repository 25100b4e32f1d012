/* Lines and fields of text in memory, the way the commands see them: pure functions, no host access. */
#ifndef RXS_TEXT_LINES_H
#define RXS_TEXT_LINES_H

#include "base/buf.h"

/* The next line of text at *pos without its end (`\n` or `\r\n`), as Rust's str::lines; false at the end. A final newline
 * begins no further line. */
bool rxs_line_next(struct rexi_str text, size_t *pos, struct rexi_str *line);

/* Field `number` (from 1) of a line split at each occurrence of `delimiter`, as Rust's str::split: an empty delimiter
 * splits between all characters, with an empty field at either end. False when there are not that many. */
bool rxs_field(struct rexi_str line, struct rexi_str delimiter, uint64_t number, struct rexi_str *field);

/* The pieces of text between delimiters one after the other: *state starts at 0; false when there is no further one. */
struct rxs_split {
	size_t at;
	unsigned stage;
};
bool rxs_split_next(struct rxs_split *split, struct rexi_str text, struct rexi_str delimiter, struct rexi_str *piece);

/* Running counts as `wc`: newlines, words (maximal runs of bytes other than space \t \n \r \f \v), bytes. */
struct rxs_word_counter {
	uint64_t lines, words, bytes;
	bool in_word;
};
void rxs_word_counter_add(struct rxs_word_counter *counts, struct rexi_str block);

/* Number of newlines in a block. */
size_t rxs_text_newlines(struct rexi_str block);

/* `number` right-aligned in `width` columns, a tab, the text: the line of `cat -n`. */
void rxs_number_line(struct rx_buf *out, uint64_t number, struct rexi_str line);

/* First or every occurrence of `old` replaced, as Rust's replacen and replace: an empty `old` is found before, between and
 * after all characters. */
void rxs_text_replace(struct rexi_str text, struct rexi_str old, struct rexi_str new, bool all, struct rx_buf *out);

#endif
