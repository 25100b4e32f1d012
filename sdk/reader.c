#include <config.h>

#include "sdk/reader.h"

#include "base/utf8.h"
#include "sdk/error.h"
#include "sdk/redact.h"
#include "sdk/regex.h"
#include "sdk/text_lines.h"

#include "base/banned.h"

enum { BLOCK = 256 * 1024 };

void rxs_reader_init(struct rxs_reader *reader, struct rxs_file *file, const struct rxs_grant *read, uint64_t offset)
{
	*reader = (struct rxs_reader){ .session = file->session, .grant = read, .fd = file->fd, .offset = offset };
	rx_buf_init(&reader->block, file->session->memory, 0);
}

void rxs_reader_fini(struct rxs_reader *reader)
{
	rx_buf_fini(&reader->block);
}

/* Bytes read and not yet given out. */
static struct rexi_str rest(const struct rxs_reader *reader)
{
	return rx_str_sub(rx_buf_view(&reader->block), reader->at, SIZE_MAX);
}

/* Reads one block more behind what is there. */
static enum rexi_status fill(struct rxs_reader *reader)
{
	struct rx_buf *block = &reader->block;
	size_t got;
	int os_errno;

	if (rxs_should_stop(reader->session))
		return REXI_TERMINATED;
	if (reader->at) {
		size_t left = block->len - reader->at;
		if (left)
			memmove(block->ptr, block->ptr + reader->at, left);
		block->len = left;
		reader->at = 0;
	}
	if (block->len > reader->session->limits.line_bytes)
		return rxs_fail_limit(reader->session, "line_bytes", reader->session->limits.line_bytes);
	if (!rx_buf_reserve(block, BLOCK))
		return rxs_fail_memory(reader->session);
	os_errno = rxs_host_read(reader->grant, reader->fd, reader->offset + block->len, block->ptr + block->len, BLOCK, &got);
	if (os_errno)
		return rxs_fail_errno(reader->session, os_errno);
	block->len += got;
	reader->ended = got == 0;
	return REXI_OK;
}

static void give_out(struct rxs_reader *reader, size_t count)
{
	reader->at += count;
	reader->offset += count;
}

enum rexi_status rxs_reader_line(struct rxs_reader *reader, bool trim_cr, struct rexi_str *line)
{
	size_t searched = 0;

	*line = (struct rexi_str){ NULL, 0 };
	for (;;) {
		struct rexi_str text = rest(reader);
		const char *end = text.len > searched ? memchr(text.ptr + searched, '\n', text.len - searched) : NULL;
		if (end || (reader->ended && text.len)) {
			size_t len = end ? (size_t)(end - text.ptr) : text.len;
			give_out(reader, len + (end != NULL));
			if (trim_cr && end && len && text.ptr[len - 1] == '\r')
				len--;
			*line = rx_str_make(text.ptr, len);
			reader->line_number++;
			return REXI_OK;
		}
		if (reader->ended)
			return REXI_OK;
		searched = text.len;
		RX_TRY(fill(reader));
	}
}

enum rexi_status rxs_reader_block(struct rxs_reader *reader, struct rexi_str *block)
{
	for (;;) {
		struct rexi_str text = rest(reader);
		const char *end = text.len ? memrchr(text.ptr, '\n', text.len) : NULL;
		if (end || reader->ended) {
			*block = rx_str_make(text.ptr ? text.ptr : "", end ? (size_t)(end - text.ptr) + 1 : text.len);
			give_out(reader, block->len);
			return REXI_OK;
		}
		RX_TRY(fill(reader));
	}
}

enum rexi_status rxs_require_utf8(struct rxs_session *session, struct rexi_str text)
{
	if (rx_utf8_is_ascii(text) || rx_utf8_valid(text) == text.len)
		return REXI_OK;
	return rxs_fail(session, RXS_IO_IoError, "stream did not contain valid UTF-8");
}

/* ---- read_lines ------------------------------------------------------------------------------------------------------ */

/* Lines first..last (from 1, last UINT64_MAX is the end) of what the reader gives. */
static enum rexi_status give_range(struct rxs_reader *reader, uint64_t first, uint64_t last, rxs_line_fn each, void *user)
{
	struct rexi_str line;

	for (uint64_t given = 0; reader->line_number < last;) {
		RX_TRY(rxs_reader_line(reader, true, &line));
		if (!line.ptr)
			return REXI_OK;
		if (reader->line_number < first)
			continue;
		RX_TRY(rxs_require_utf8(reader->session, line));
		if (given++ >= reader->session->limits.matches)
			return rxs_fail_limit(reader->session, "matches", reader->session->limits.matches);
		RX_TRY(each(user, line));
	}
	return REXI_OK;
}

/* The offset at which the last `count` lines before byte `size` begin; a newline right before `size` ends the last line. */
static enum rexi_status find_tail(struct rxs_file *file, const struct rxs_grant *read, uint64_t size, uint64_t count,
				  uint64_t *start)
{
	struct rxs_session *session = file->session;
	char *block = rx_memory_take(session->memory, BLOCK);
	uint64_t at = size, found = 0;
	enum rexi_status status = block ? REXI_OK : rxs_fail_memory(session);
	/* the last lines of a log are short: begin with little */
	size_t want = 16 * 1024;

	*start = 0;
	while (status == REXI_OK && at > 0) {
		size_t len = at < want ? (size_t)at : want, got = 0;
		int os_errno = 0;
		while (got < len && !os_errno) {
			size_t more;
			os_errno = rxs_host_read(read, file->fd, at - len + got, block + got, len - got, &more);
			if (!more)
				break;
			got += more;
		}
		if (os_errno || rxs_should_stop(session)) {
			status = os_errno ? rxs_fail_errno(session, os_errno) : REXI_TERMINATED;
			break;
		}
		size_t end = got;
		if (at == size && end && block[end - 1] == '\n')
			end--;
		while (end) {
			const char *newline = memrchr(block, '\n', end);
			if (!newline)
				break;
			end = (size_t)(newline - block);
			if (++found == count) {
				*start = at - len + end + 1;
				goto out;
			}
		}
		at -= len;
		want = BLOCK;
	}
out:
	rx_memory_give(session->memory, block, block ? BLOCK : 0);
	return status;
}

enum rexi_status rxs_read_lines(struct rxs_file *file, const struct rxs_grant *read, const struct rxs_lines *which,
				rxs_line_fn each, void *user)
{
	uint64_t first = which->has_start ? which->start : 1, last = UINT64_MAX, offset = 0;
	struct rxs_reader reader;
	enum rexi_status status = REXI_OK;

	if (first == 0)
		first = 1;
	if (which->has_count && which->count >= 0) {
		uint64_t count = (uint64_t)which->count;
		if (count == 0)
			return REXI_OK;
		last = first - 1 > UINT64_MAX - count ? UINT64_MAX : first - 1 + count;
	} else if (which->has_count) {
		uint64_t count = (uint64_t)-(which->count + 1) + 1;
		if (which->has_start) {
			/* the last `count` lines that end with line `start`, or with the file when it is shorter */
			struct rexi_str line;
			uint64_t lines = 0;
			rxs_reader_init(&reader, file, read, 0);
			while (status == REXI_OK && lines < which->start) {
				status = rxs_reader_line(&reader, false, &line);
				if (status != REXI_OK || !line.ptr)
					break;
				lines++;
			}
			rxs_reader_fini(&reader);
			first = lines > count ? lines - count + 1 : 1;
			last = lines;
			if (lines == 0)
				return status;
		} else {
			struct rxs_stat stat;
			int os_errno = rxs_host_identify(file->session, file->fd, &stat);
			if (os_errno)
				return rxs_fail_errno(file->session, os_errno);
			status = find_tail(file, read, stat.size, count, &offset);
			last = count;
		}
	}
	if (status != REXI_OK)
		return status;
	rxs_reader_init(&reader, file, read, offset);
	status = give_range(&reader, first, last, each, user);
	rxs_reader_fini(&reader);
	return status;
}

/* ---- counts ---------------------------------------------------------------------------------------------------------- */

enum rexi_status rxs_file_counts(struct rxs_file *file, struct rxs_counts *out)
{
	struct rxs_word_counter counter = { 0, 0, 0, false };
	const struct rxs_grant *read;
	enum rexi_status status = REXI_OK;
	char *block;
	size_t got;

	RX_TRY(rxs_file_may_read(file, &read));
	if (!(block = rx_memory_take(file->session->memory, BLOCK)))
		return rxs_fail_memory(file->session);
	for (uint64_t offset = 0;; offset += got) {
		int os_errno = rxs_host_read(read, file->fd, offset, block, BLOCK, &got);
		if (os_errno)
			status = rxs_fail_errno(file->session, os_errno);
		else if (rxs_should_stop(file->session))
			status = REXI_TERMINATED;
		if (status != REXI_OK || got == 0)
			break;
		rxs_word_counter_add(&counter, rx_str_make(block, got));
	}
	rx_memory_give(file->session->memory, block, BLOCK);
	*out = (struct rxs_counts){ counter.lines, counter.words, counter.bytes };
	return status;
}

/* ---- search ---------------------------------------------------------------------------------------------------------- */

struct search {
	struct rxs_session *session;
	const struct rxs_regex *regex;
	struct rexi_str literal;
	bool invert, redacted, by_line;
	rxs_match_fn each;
	void *user;
	uint64_t number; /* lines before `counted` */
	uint64_t given;
	bool stopped;
	struct rx_buf shown; /* a redacted line */
};

/* The line around byte `at`, without its end; *next is where the following one begins. */
static struct rexi_str line_around(struct rexi_str block, size_t at, size_t *start, size_t *next)
{
	const char *before = at ? memrchr(block.ptr, '\n', at) : NULL;
	const char *after = memchr(block.ptr + at, '\n', block.len - at);
	size_t end;

	*start = before ? (size_t)(before - block.ptr) + 1 : 0;
	end = after ? (size_t)(after - block.ptr) : block.len;
	*next = end + (after != NULL);
	if (after && end > *start && block.ptr[end - 1] == '\r')
		end--;
	return rx_str_make(block.ptr + *start, end - *start);
}

static enum rexi_status give(struct search *s, struct rexi_str line)
{
	enum rexi_status status;

	if (s->given++ >= s->session->limits.matches)
		return rxs_fail_limit(s->session, "matches", s->session->limits.matches);
	status = s->each(s->user, s->number, line);
	if (status == REXI_LIMIT && !s->session->failure.set) {
		s->stopped = true;
		return REXI_OK;
	}
	return status;
}

/* The next line of the block, at or after `from`, that the pattern matches; *start SIZE_MAX when there is none. */
static enum rexi_status next_match(struct search *s, struct rexi_str block, bool ascii, size_t from, size_t *start,
				   size_t *next, struct rexi_str *line)
{
	while (from < block.len) {
		bool found = true;
		size_t at = from;
		if (s->literal.len) {
			at = rxs_regex_find_literal(s->regex, block, from);
			found = at != SIZE_MAX;
		} else if (!s->by_line) {
			struct rxs_match match = { 0, 0 };
			enum rexi_status status = ascii ? rxs_regex_find_ascii(s->regex, block, from, &found, &match)
							: rxs_regex_find(s->regex, block, from, &found, &match);
			if (status == REXI_NO_MEMORY)
				return status;
			if (status == REXI_OK) {
				at = match.start < block.len ? match.start : block.len - 1;
			} else { /* too many steps for a whole block: line by line it is bounded */
				rxs_failure_clear(s->session);
				s->by_line = found = true;
			}
		}
		if (!found)
			break;
		*line = line_around(block, at, start, next);
		RX_TRY(rxs_regex_matches(s->regex, *line, ascii, &found));
		if (found)
			return REXI_OK;
		from = *next;
	}
	*start = SIZE_MAX;
	return REXI_OK;
}

/* Lines [from, to) of a block, none of which matches. */
static enum rexi_status give_between(struct search *s, struct rexi_str block, size_t from, size_t to)
{
	struct rexi_str part = rx_str_sub(block, from, to - from), line;

	if (!s->invert) {
		s->number += rxs_text_newlines(part);
		return REXI_OK;
	}
	for (size_t pos = 0; !s->stopped && rxs_line_next(part, &pos, &line);) {
		s->number++;
		RX_TRY(give(s, line));
	}
	return REXI_OK;
}

static enum rexi_status search_block(struct search *s, struct rexi_str block)
{
	bool ascii = rx_utf8_is_ascii(block);
	size_t from = 0, start, next;
	struct rexi_str line;

	if (!ascii)
		RX_TRY(rxs_require_utf8(s->session, block));
	while (!s->stopped) {
		RX_TRY(next_match(s, block, ascii, from, &start, &next, &line));
		if (start == SIZE_MAX)
			return give_between(s, block, from, block.len);
		RX_TRY(give_between(s, block, from, start));
		if (s->stopped)
			break;
		s->number++;
		if (!s->invert)
			RX_TRY(give(s, line));
		from = next;
	}
	return REXI_OK;
}

/* What may be seen is what is searched (W-16): hidden lines are matched as their replacement. */
static enum rexi_status search_redacted(struct search *s, struct rexi_str block)
{
	struct rexi_str line;
	bool found;

	RX_TRY(rxs_require_utf8(s->session, block));
	for (size_t pos = 0; !s->stopped && rxs_line_next(block, &pos, &line);) {
		rx_buf_clear(&s->shown);
		RX_TRY(rxs_redact_line(s->session, line, &s->shown));
		s->number++;
		RX_TRY(rxs_regex_matches(s->regex, rx_buf_view(&s->shown), false, &found));
		if (found != s->invert)
			RX_TRY(give(s, rx_buf_view(&s->shown)));
	}
	return REXI_OK;
}

enum rexi_status rxs_file_search(struct rxs_file *file, const struct rxs_regex *regex, bool invert, rxs_match_fn each,
				 void *user)
{
	struct search s = { .session = file->session, .regex = regex, .invert = invert, .each = each, .user = user };
	const struct rxs_grant *read;
	struct rxs_reader reader;
	struct rexi_str block;
	enum rexi_status status;

	RX_TRY(rxs_file_may_read_redacted(file, &s.redacted, &read));
	if (s.redacted)
		RX_TRY(rxs_redact_load(file->session));
	s.literal = rxs_regex_literal(regex);
	s.by_line = rxs_regex_needs_lines(regex);
	rx_buf_init(&s.shown, file->session->memory, 0);
	rxs_reader_init(&reader, file, read, 0);
	do {
		status = rxs_reader_block(&reader, &block);
		if (status == REXI_OK && block.len)
			status = s.redacted ? search_redacted(&s, block) : search_block(&s, block);
	} while (status == REXI_OK && block.len && !s.stopped);
	rxs_reader_fini(&reader);
	rx_buf_fini(&s.shown);
	return status;
}
