/* gzip: compress, lines, sizes, search. Source: sdk-filesystem.md 12.1; W-23 W-24. */
#include <config.h>

#include "sdk/formats.h"

#include <errno.h>

#ifdef HAVE_ZLIB
#include <zlib.h>
#endif

#include "sdk/error.h"
#include "sdk/options.h"
#include "sdk/reader.h"
#include "sdk/record.h"
#include "sdk/regex.h"

#include "base/banned.h"

enum { BLOCK = 128 * 1024 };

enum rexi_status rxs_fail_not_built(struct rxs_session *session, const char *part)
{
	return rxs_fail(session, RXS_IO_UnsupportedOperationError, "Unsupported Operation error: %s: not built in", part);
}

#ifdef HAVE_ZLIB

/* Memory of zlib comes from the session; zlib gives no sizes back, so each block remembers its own. */
static voidpf take_block(voidpf user, uInt count, uInt size)
{
	size_t bytes = (size_t)count * size + 16, *block = rx_memory_take(user, bytes);

	if (!block)
		return NULL;
	block[0] = bytes;
	return block + 2;
}

static void give_block(voidpf user, voidpf ptr)
{
	size_t *block = (size_t *)ptr - 2;

	rx_memory_give(user, block, block[0]);
}

/* ---- unpacking ---------------------------------------------------------------------------------------------------------- */

struct rxs_gzip {
	struct rxs_session *session;
	const struct rxs_grant *read;
	int fd;
	uint64_t offset;
	z_stream stream;
	bool started; /* inflateInit2 has succeeded */
	bool in_member, any_member, input_ended, ended;
	struct rx_buf line; /* unpacked and not yet given out, from line_at */
	size_t line_at;
	unsigned char in[BLOCK], out[BLOCK];
};

enum rexi_status rxs_gzip_open(struct rxs_file *file, const struct rxs_grant *read, struct rxs_gzip **out)
{
	struct rxs_session *session = file->session;
	struct rxs_gzip *gzip = rx_memory_take_zeroed(session->memory, 1, sizeof(*gzip));

	*out = NULL;
	if (!gzip)
		return rxs_fail_memory(session);
	gzip->session = session;
	gzip->read = read;
	gzip->fd = file->fd;
	rx_buf_init(&gzip->line, session->memory, 0);
	gzip->stream.zalloc = take_block;
	gzip->stream.zfree = give_block;
	gzip->stream.opaque = session->memory;
	if (inflateInit2(&gzip->stream, 15 + 16) != Z_OK) {
		rxs_gzip_close(gzip);
		return rxs_fail_memory(session);
	}
	gzip->started = true;
	*out = gzip;
	return REXI_OK;
}

void rxs_gzip_close(struct rxs_gzip *gzip)
{
	if (!gzip)
		return;
	if (gzip->started)
		(void)inflateEnd(&gzip->stream);
	rx_buf_fini(&gzip->line);
	rx_memory_give(gzip->session->memory, gzip, sizeof(*gzip));
}

static enum rexi_status refill(struct rxs_gzip *gzip)
{
	size_t got;
	int os_errno;

	if (gzip->stream.avail_in || gzip->input_ended)
		return REXI_OK;
	if (rxs_should_stop(gzip->session))
		return REXI_TERMINATED;
	os_errno = rxs_host_read(gzip->read, gzip->fd, gzip->offset, gzip->in, BLOCK, &got);
	if (os_errno)
		return rxs_fail_errno(gzip->session, os_errno);
	gzip->offset += got;
	gzip->input_ended = got == 0;
	gzip->stream.next_in = gzip->in;
	gzip->stream.avail_in = (uInt)got;
	return REXI_OK;
}

/* Between members: what follows is another member, zero padding, or not gzip. */
static enum rexi_status next_member(struct rxs_gzip *gzip)
{
	for (;;) {
		RX_TRY(refill(gzip));
		if (gzip->stream.avail_in == 0) {
			if (!gzip->any_member)
				return rxs_fail(gzip->session, RXS_IO_IoError, "unexpected end of file");
			gzip->ended = true;
			return REXI_OK;
		}
		if (*gzip->stream.next_in != 0 || !gzip->any_member)
			break;
		gzip->stream.next_in++;
		gzip->stream.avail_in--;
	}
	/* A header has ten bytes: in less the reference sees the end before it sees that this is no gzip. */
	if (!gzip->any_member && gzip->offset < 10)
		return rxs_fail(gzip->session, RXS_IO_IoError, "unexpected end of file");
	if (*gzip->stream.next_in != 0x1F)
		return rxs_fail(gzip->session, RXS_IO_IoError, "invalid gzip header");
	(void)inflateReset(&gzip->stream);
	gzip->in_member = true;
	return REXI_OK;
}

static enum rexi_status inflate_failed(struct rxs_gzip *gzip, int code)
{
	const char *text = gzip->stream.msg ? gzip->stream.msg : "";

	if (code == Z_MEM_ERROR)
		return rxs_fail_memory(gzip->session);
	if (strstr(text, "header") || strstr(text, "method") || strstr(text, "magic"))
		return rxs_fail(gzip->session, RXS_IO_IoError, "invalid gzip header");
	if (strstr(text, "data check") || strstr(text, "length check"))
		return rxs_fail(gzip->session, RXS_IO_IoError, "corrupt gzip stream does not have a matching checksum");
	return rxs_fail(gzip->session, RXS_IO_IoError, "corrupt deflate stream");
}

enum rexi_status rxs_gzip_block(struct rxs_gzip *gzip, struct rexi_str *block)
{
	*block = rx_str_make((const char *)gzip->out, 0);
	gzip->stream.next_out = gzip->out;
	gzip->stream.avail_out = BLOCK;
	while (gzip->stream.avail_out && !gzip->ended) {
		if (!gzip->in_member) {
			RX_TRY(next_member(gzip));
			continue;
		}
		RX_TRY(refill(gzip));
		if (gzip->stream.avail_in == 0)
			return rxs_fail(gzip->session, RXS_IO_IoError, "unexpected end of file");
		int code = inflate(&gzip->stream, Z_NO_FLUSH);
		if (code == Z_STREAM_END) {
			gzip->in_member = false;
			gzip->any_member = true;
		} else if (code != Z_OK && code != Z_BUF_ERROR) {
			return inflate_failed(gzip, code);
		}
	}
	block->len = BLOCK - gzip->stream.avail_out;
	return REXI_OK;
}

enum rexi_status rxs_gzip_line(struct rxs_gzip *gzip, struct rexi_str *line)
{
	struct rx_buf *buf = &gzip->line;
	size_t searched = 0;

	*line = (struct rexi_str){ NULL, 0 };
	for (;;) {
		struct rexi_str rest = rx_str_sub(rx_buf_view(buf), gzip->line_at, SIZE_MAX), block;
		const char *end = rest.len > searched ? memchr(rest.ptr + searched, '\n', rest.len - searched) : NULL;
		if (end || (gzip->ended && rest.len)) {
			size_t len = end ? (size_t)(end - rest.ptr) : rest.len;
			gzip->line_at += len + (end != NULL);
			if (end && len && rest.ptr[len - 1] == '\r')
				len--;
			*line = rx_str_make(rest.ptr, len);
			return rxs_require_utf8(gzip->session, *line);
		}
		if (gzip->ended)
			return REXI_OK;
		searched = rest.len;
		if (rest.len > gzip->session->limits.line_bytes)
			return rxs_fail_limit(gzip->session, "line_bytes", gzip->session->limits.line_bytes);
		if (gzip->line_at) {
			memmove(buf->ptr, rest.ptr, rest.len);
			buf->len = rest.len;
			gzip->line_at = 0;
		}
		RX_TRY(rxs_gzip_block(gzip, &block));
		rx_buf_str(buf, block);
		if (buf->failed)
			return rxs_fail_memory(gzip->session);
	}
}

/* ---- compress_gzip ------------------------------------------------------------------------------------------------------ */

struct packer {
	struct rxs_session *session;
	const struct rxs_grant *read, *write;
	struct rxs_file *src, *dst;
	z_stream stream;
	uint64_t from, to;
	unsigned char in[BLOCK], out[BLOCK];
};

static enum rexi_status pack(struct packer *p)
{
	int flush = Z_NO_FLUSH, code = Z_OK, os_errno;
	size_t got;

	do {
		if (rxs_should_stop(p->session))
			return REXI_TERMINATED;
		os_errno = rxs_host_read(p->read, p->src->fd, p->from, p->in, BLOCK, &got);
		if (os_errno)
			return rxs_fail_errno(p->session, os_errno);
		p->from += got;
		flush = got ? Z_NO_FLUSH : Z_FINISH;
		p->stream.next_in = p->in;
		p->stream.avail_in = (uInt)got;
		do {
			p->stream.next_out = p->out;
			p->stream.avail_out = BLOCK;
			code = deflate(&p->stream, flush);
			size_t packed = BLOCK - p->stream.avail_out;
			os_errno = rxs_host_write(p->write, p->dst->fd, p->to, p->out, packed);
			if (os_errno)
				return rxs_fail_errno(p->session, os_errno);
			p->to += packed;
		} while (p->stream.avail_out == 0);
	} while (code != Z_STREAM_END);
	/* W-23: no tail of an older, longer content */
	os_errno = rxs_host_truncate(p->write, p->dst->fd, p->to);
	return os_errno ? rxs_fail_errno(p->session, os_errno) : REXI_OK;
}

static enum rexi_status compress_file(struct rxs_session *session, struct rxs_file *src, const struct rxs_grant *read,
				      struct rxs_file *dst, const struct rxs_grant *write, int level)
{
	/* no name, no time, unknown system: the same bytes for the same content */
	gz_header header = { .os = 255 };
	struct packer *p;
	enum rexi_status status;

	if (src->device == dst->device && src->inode == dst->inode)
		return rxs_fail(session, RXS_IO_InvalidArguments, "Invalid arguments: source and destination are the same file");
	p = rx_memory_take_zeroed(session->memory, 1, sizeof(*p));
	if (!p)
		return rxs_fail_memory(session);
	p->session = session;
	p->read = read;
	p->write = write;
	p->src = src;
	p->dst = dst;
	p->stream.zalloc = take_block;
	p->stream.zfree = give_block;
	p->stream.opaque = session->memory;
	if (deflateInit2(&p->stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK) {
		(void)deflateSetHeader(&p->stream, &header);
		status = pack(p);
		(void)deflateEnd(&p->stream);
	} else {
		status = rxs_fail_memory(session);
	}
	rx_memory_give(session->memory, p, sizeof(*p));
	return status;
}

/* ---- lines and search --------------------------------------------------------------------------------------------------- */

/* The last `max` values pushed, or all of them, in order. */
struct window {
	struct rxl_heap *heap;
	struct rxl_value items;
	uint64_t max, pushed;
};

static enum rexi_status window_push(struct window *w, struct rxl_value item)
{
	size_t count = rxl_array_count(&w->items);

	if (count < w->max) {
		w->pushed++;
		return rxl_array_push(w->heap, &w->items, item);
	}
	if (w->max) {
		enum rexi_status status = rxl_array_edit(w->heap, &w->items);
		if (status != REXI_OK) {
			rxl_value_drop(w->heap, &item);
			return status;
		}
		rxl_value_set(w->heap, &w->items.as.array->items[w->pushed++ % w->max], item);
	} else {
		rxl_value_drop(w->heap, &item);
	}
	return REXI_OK;
}

/* Puts the ring in order. */
static enum rexi_status window_take(struct window *w, struct rxl_value *out)
{
	size_t count = rxl_array_count(&w->items);

	if (count && w->pushed > count) {
		size_t first = (size_t)(w->pushed % w->max);
		struct rxl_value ordered = rxl_unit();
		RX_TRY(rxl_array_new(w->heap, count, &ordered));
		for (size_t i = 0; i < count; i++) {
			struct rxl_value item = rxl_value_copy(&rxl_array_items(&w->items)[(first + i) % count]);
			RX_TRY(rxl_array_push(w->heap, &ordered, item));
		}
		rxl_value_set(w->heap, &w->items, ordered);
	}
	*out = rxl_value_take(&w->items);
	return REXI_OK;
}

static enum rexi_status push_line(struct window *w, struct rexi_str line)
{
	struct rxl_value item = rxl_unit();

	RX_TRY(rxl_string_new(w->heap, line, &item));
	return window_push(w, item);
}

static enum rexi_status gzip_lines(struct rxs_gzip *gzip, struct window *w, uint64_t first, uint64_t last)
{
	struct rxs_session *session = gzip->session;
	struct rexi_str line;

	for (uint64_t number = 1; number <= last; number++) {
		RX_TRY(rxs_gzip_line(gzip, &line));
		if (!line.ptr)
			return REXI_OK;
		if (number < first)
			continue;
		if (rxl_array_count(&w->items) >= session->limits.matches)
			return rxs_fail_limit(session, "matches", session->limits.matches);
		RX_TRY(push_line(w, line));
	}
	return REXI_OK;
}

struct gzip_search {
	const struct rxs_regex *pattern, *exclude;
	struct rxl_call *call;
	struct window window;
	uint64_t stop_after; /* matches; UINT64_MAX: none */
	uint64_t found;
	bool only_whether;
};

static enum rexi_status match_value(struct rxl_call *call, uint64_t number, struct rexi_str line, struct rxl_value *out)
{
	struct rxl_value map = rxl_unit();
	enum rexi_status status = rxl_map_new(call->heap, 2, &map);

	if (status == REXI_OK)
		status = rxl_map_put_int(call->heap, &map, "line_number", (int64_t)number);
	if (status == REXI_OK)
		status = rxl_map_put_text(call->heap, &map, "line_content", line);
	if (status == REXI_OK)
		return rxs_record_new(call, RXS_TYPE_Match, map, out);
	rxl_value_drop(call->heap, &map);
	return status;
}

static enum rexi_status search_lines(struct rxs_gzip *gzip, struct gzip_search *s)
{
	struct rexi_str line;
	bool found, excluded;

	for (uint64_t number = 1; s->found < s->stop_after; number++) {
		RX_TRY(rxs_gzip_line(gzip, &line));
		if (!line.ptr)
			return REXI_OK;
		RX_TRY(rxs_regex_matches(s->pattern, line, false, &found));
		excluded = false;
		if (found && s->exclude)
			RX_TRY(rxs_regex_matches(s->exclude, line, false, &excluded));
		if (!found || excluded)
			continue;
		s->found++;
		if (!s->only_whether) {
			struct rxl_value match = rxl_unit();
			if (rxl_array_count(&s->window.items) >= gzip->session->limits.matches)
				return rxs_fail_limit(gzip->session, "matches", gzip->session->limits.matches);
			RX_TRY(match_value(s->call, number, line, &match));
			RX_TRY(window_push(&s->window, match));
		}
	}
	return REXI_OK;
}

#else

enum rexi_status rxs_gzip_open(struct rxs_file *file, const struct rxs_grant *read, struct rxs_gzip **out)
{
	(void)read;
	*out = NULL;
	return rxs_fail_not_built(file->session, "gzip");
}

void rxs_gzip_close(struct rxs_gzip *gzip)
{
	(void)gzip;
}

enum rexi_status rxs_gzip_block(struct rxs_gzip *gzip, struct rexi_str *block)
{
	(void)gzip;
	*block = rx_str_make("", 0);
	return REXI_NOT_BUILT;
}

#endif /* HAVE_ZLIB */

/* ---- natives ------------------------------------------------------------------------------------------------------------ */

enum rexi_status rxs_compress_gzip(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,
				   struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	struct rxs_file *src = rxs_need(call, self, RXS_TYPE_FileHandle), *dst = rxs_need(call, &args[0], RXS_TYPE_FileHandle);
	const struct rxs_options *options = rxs_options_need(call, &args[1]);
	const struct rxs_grant *read, *write;

	(void)argc;
	(void)out;
	RX_TRY(rxs_file_may_read(src, &read));
	if (!dst->how.write)
		return rxs_fail(session, RXS_IO_InvalidFileMode,
				"Invalid file mode: Attempted to write a file without opening it with the write option.: %s",
				dst->path->text);
	RX_TRY(rxs_file_may_write(dst, &write));
#ifdef HAVE_ZLIB
	return compress_file(session, src, read, dst, write, (int)rxs_option_int(options, RXS_OPT_CompressGzipOptions_level));
#else
	(void)options;
	return rxs_fail_not_built(session, "gzip");
#endif
}

enum rexi_status rxs_read_gzip_lines(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,
				     struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	struct rxs_file *file = rxs_need(call, self, RXS_TYPE_FileHandle);
	const struct rxs_options *options = rxs_options_need(call, &args[0]);
	bool has_count = rxs_option_is_set(options, RXS_OPT_ReadLinesOptions_count);
	bool has_start = rxs_option_is_set(options, RXS_OPT_ReadLinesOptions_start);
	int64_t count = rxs_option_int(options, RXS_OPT_ReadLinesOptions_count);
	uint64_t start = (uint64_t)rxs_option_int(options, RXS_OPT_ReadLinesOptions_start);
	const struct rxs_grant *read;

	(void)argc;
	RX_TRY(rxs_file_may_read(file, &read));
	if (!has_count && !has_start)
		return rxs_fail(session, RXS_IO_ValidationError, "Validation error: Must specify count or start option");
#ifdef HAVE_ZLIB
	struct window w = { .heap = call->heap, .max = UINT64_MAX };
	uint64_t first = has_start ? start : 1, last = UINT64_MAX;
	struct rxs_gzip *gzip;
	enum rexi_status status;
	if (has_count && count >= 0) {
		last = (uint64_t)count > UINT64_MAX - first ? UINT64_MAX : first - 1 + (uint64_t)count;
	} else if (has_count) { /* the last |count| lines, of the file or of its first `start` lines */
		w.max = (uint64_t)-(count + 1) + 1;
		last = has_start ? start : UINT64_MAX;
		first = 1;
	}
	RX_TRY(rxs_gzip_open(file, read, &gzip));
	status = rxl_array_new(call->heap, 0, &w.items);
	if (status == REXI_OK)
		status = gzip_lines(gzip, &w, first, last);
	if (status == REXI_OK)
		status = window_take(&w, out);
	rxl_value_drop(call->heap, &w.items);
	rxs_gzip_close(gzip);
	return status;
#else
	(void)count;
	(void)start;
	(void)out;
	return rxs_fail_not_built(session, "gzip");
#endif
}

/* Sizes only: works without zlib, and on any file, as the reference's. */
enum rexi_status rxs_gzip_info(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,
			       struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	struct rxs_file *file = rxs_need(call, self, RXS_TYPE_FileHandle);
	const struct rxs_grant *read;
	struct rxl_value map = rxl_unit();
	unsigned char tail[4];
	struct rxs_stat stat;
	enum rexi_status status;
	size_t got = 0;
	int os_errno;

	(void)args;
	(void)argc;
	RX_TRY(rxs_file_may_read(file, &read));
	os_errno = rxs_host_identify(session, file->fd, &stat);
	if (!os_errno && stat.size < 4)
		os_errno = EINVAL;
	if (!os_errno)
		os_errno = rxs_host_read(read, file->fd, stat.size - 4, tail, 4, &got);
	if (os_errno || got < 4)
		return rxs_fail_errno(session, os_errno ? os_errno : EINVAL);
	uint64_t unpacked = tail[0] | (uint64_t)tail[1] << 8 | (uint64_t)tail[2] << 16 | (uint64_t)tail[3] << 24;
	status = rxl_map_new(call->heap, 3, &map);
	if (status == REXI_OK)
		status = rxl_map_put_int(call->heap, &map, "compressed_size_bytes", (int64_t)stat.size);
	if (status == REXI_OK)
		status = rxl_map_put_int(call->heap, &map, "uncompressed_size_bytes", (int64_t)unpacked);
	if (status == REXI_OK)
		status = rxl_map_put(call->heap, &map, RX_STR("compression_ratio"),
				     rxl_float((double)unpacked / (double)stat.size));
	if (status != REXI_OK) {
		rxl_value_drop(call->heap, &map);
		return status;
	}
	return rxs_record_new(call, RXS_TYPE_GzipInfo, map, out);
}

/* only_whether: search_gzip_exists. Errors of the file are reported, not taken for its end (W-24). */
static enum rexi_status search_native(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,
				      struct rxl_value *args, bool only_whether, struct rxl_value *out)
{
	struct rxs_file *file = rxs_need(call, self, RXS_TYPE_FileHandle);
	const struct rxs_options *options = rxs_options_need(call, &args[1]);
	bool ignore_case = rxs_option_bool(options, RXS_OPT_SearchGzipOptions_case_insensitive);
	int64_t max = rxs_option_int(options, RXS_OPT_SearchGzipOptions_max_results);
	struct rxs_regex *pattern = NULL, *exclude = NULL;
	const struct rxs_grant *read;
	enum rexi_status status;

	RX_TRY(rxs_file_may_read(file, &read));
	status = rxs_regex_new(session, rxl_string_view(&args[0]), ignore_case, &pattern);
	if (status == REXI_OK && rxs_option_is_set(options, RXS_OPT_SearchGzipOptions_exclude_pattern))
		status = rxs_regex_new(session, rxs_option_str(options, RXS_OPT_SearchGzipOptions_exclude_pattern), false, &exclude);
#ifdef HAVE_ZLIB
	struct gzip_search s = { .pattern = pattern, .exclude = exclude, .call = call, .only_whether = only_whether };
	struct rxs_gzip *gzip = NULL;
	s.window = (struct window){ .heap = call->heap, .max = max < 0 ? (uint64_t)-(max + 1) + 1 : UINT64_MAX };
	s.stop_after = only_whether ? 1 : max > 0 ? (uint64_t)max : UINT64_MAX;
	if (status == REXI_OK)
		status = rxs_gzip_open(file, read, &gzip);
	if (status == REXI_OK)
		status = rxl_array_new(call->heap, 0, &s.window.items);
	if (status == REXI_OK)
		status = search_lines(gzip, &s);
	if (status == REXI_OK && only_whether)
		*out = rxl_bool(s.found > 0);
	else if (status == REXI_OK)
		status = window_take(&s.window, out);
	rxl_value_drop(call->heap, &s.window.items);
	rxs_gzip_close(gzip);
#else
	(void)max;
	(void)only_whether;
	(void)out;
	if (status == REXI_OK)
		status = rxs_fail_not_built(session, "gzip");
#endif
	rxs_regex_free(pattern);
	rxs_regex_free(exclude);
	return status;
}

enum rexi_status rxs_search_gzip(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,
				 struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	(void)argc;
	return search_native(session, call, self, args, false, out);
}

enum rexi_status rxs_search_gzip_exists(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,
					struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	(void)argc;
	return search_native(session, call, self, args, true, out);
}
