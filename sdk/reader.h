/* Lines and blocks of an open file by positional reads: bounded memory whatever the file's size. */
#ifndef RXS_READER_H
#define RXS_READER_H

#include "base/buf.h"
#include "sdk/fs.h"

struct rxs_reader {
	struct rxs_session *session;
	const struct rxs_grant *grant; /* Read on the file; borrowed */
	int fd;
	struct rx_buf block;  /* bytes read and not yet given out start at `at` */
	size_t at;
	uint64_t offset;      /* file offset of block.ptr[at] */
	bool ended;
	uint64_t line_number; /* of the line given out last, from 1 */
};

/* Starts at `offset`. The grant must stay alive. */
void rxs_reader_init(struct rxs_reader *reader, struct rxs_file *file, const struct rxs_grant *read, uint64_t offset);
void rxs_reader_fini(struct rxs_reader *reader);
/* The next line without its `\n` (and, with trim_cr, without a `\r` before it); line->ptr NULL at the end. Valid until
 * the next call. */
RX_NODISCARD enum rexi_status rxs_reader_line(struct rxs_reader *reader, bool trim_cr, struct rexi_str *line);
/* The next run of whole lines (up to about 256 KiB, more when one line is longer), newlines included; len 0 at the end. */
RX_NODISCARD enum rexi_status rxs_reader_block(struct rxs_reader *reader, struct rexi_str *block);

/* ReadLinesOptions on a file, spec 7.2: negative counts read backwards from the end. each() gets every line in order. */
struct rxs_lines {
	bool has_count, has_start;
	int64_t count;
	uint64_t start;
};
typedef enum rexi_status (*rxs_line_fn)(void *user, struct rexi_str line);
RX_NODISCARD enum rexi_status rxs_read_lines(struct rxs_file *file, const struct rxs_grant *read,
					     const struct rxs_lines *which, rxs_line_fn each, void *user);

/* IoError "stream did not contain valid UTF-8" when text is not. */
RX_NODISCARD enum rexi_status rxs_require_utf8(struct rxs_session *session, struct rexi_str text);

struct rxs_counts {
	uint64_t lines, words, bytes;
};
/* RR. */
RX_NODISCARD enum rexi_status rxs_file_counts(struct rxs_file *file, struct rxs_counts *out);

/* DR: every line that the pattern matches, in order; stop early by returning REXI_LIMIT from each (then REXI_OK comes
 * back). invert: the lines that do not match. The number counts lines from 1. */
typedef enum rexi_status (*rxs_match_fn)(void *user, uint64_t number, struct rexi_str line);
struct rxs_regex;
RX_NODISCARD enum rexi_status rxs_file_search(struct rxs_file *file, const struct rxs_regex *regex, bool invert,
					      rxs_match_fn each, void *user);

#endif
