/* The commands that look: cat ls grep tail sed awk wc find_files du seq. Source: sdk-filesystem.md 10. */
#include <config.h>

#include "sdk/commands.h"

#include <errno.h>

#include "base/number.h"
#include "base/unicode.h"
#include "base/utf8.h"
#include "sdk/command.h"
#include "sdk/entry.h"
#include "sdk/error.h"
#include "sdk/handle.h"
#include "sdk/regex.h"
#include "sdk/text_lines.h"

#include "base/banned.h"

#define NATIVE RXS_COMMAND

static enum rexi_status push_text(struct rxl_heap *heap, struct rxl_value *array, struct rexi_str text)
{
	struct rxl_value item = rxl_unit();

	RX_TRY(rxl_string_new(heap, text, &item));
	return rxl_array_push(heap, array, item);
}

static const struct rxs_open_file open_read = { .read = true };

/* ---- cat ---------------------------------------------------------------------------------------------------------------- */

NATIVE(rxs_cat)
{
	struct rxs_arguments a = rxs_arguments_of(self, args);
	struct rxs_flags flags;
	struct rxs_file *file;
	struct rx_buf text, numbered;
	enum rexi_status status;

	(void)argc;
	RX_TRY(rxs_flags_read(session, call, "cat", RXS_TYPE_CatFlag, a.flags, &flags));
	RX_TRY(rxs_command_open(session, rxs_text_argument(&a, 0), true, &open_read, &file));
	rx_buf_init(&text, &call->heap->memory, 0);
	rx_buf_init(&numbered, &call->heap->memory, 0);
	status = rxs_file_read(file, &text);
	rxs_file_unref(file);
	if (status == REXI_OK && rxs_flag_given(&flags, RXS_FLAG_CAT_NUMBER)) {
		struct rexi_str line;
		uint64_t number = 0;
		for (size_t pos = 0; rxs_line_next(rx_buf_view(&text), &pos, &line);) {
			if (number++)
				rx_buf_byte(&numbered, '\n');
			rxs_number_line(&numbered, number, line);
		}
		status = rxl_string_from_buf(call->heap, &numbered, out);
	} else if (status == REXI_OK) {
		status = rxl_string_from_buf(call->heap, &text, out);
	}
	rx_buf_fini(&text);
	rx_buf_fini(&numbered);
	return status;
}

/* ---- ls ----------------------------------------------------------------------------------------------------------------- */

static enum rexi_status list_directory(struct rxl_call *call, struct rxs_dir *dir, bool all, struct rxl_value *out)
{
	struct rxs_listing listing;
	struct rxl_value map = rxl_unit();
	enum rexi_status status;

	RX_TRY(rxs_dir_list(dir, &listing));
	status = rxl_map_new(call->heap, listing.count, &map);
	for (size_t i = 0; status == REXI_OK && i < listing.count; i++) {
		const struct rxs_entry *entry = &listing.entries[i];
		struct rxl_value key = rxl_unit(), value = rxl_unit();
		if (!all && entry->name.len && entry->name.ptr[0] == '.')
			continue;
		status = rxs_text_value(call, entry->name, &key);
		if (status == REXI_OK)
			status = rxs_entry_value(call, dir, entry, NULL, &value);
		if (status == REXI_OK)
			status = rxl_map_put(call->heap, &map, rxl_string_view(&key), value);
		rxl_value_drop(call->heap, &key);
	}
	rxs_listing_fini(&listing);
	if (status == REXI_OK)
		*out = map;
	else
		rxl_value_drop(call->heap, &map);
	return status;
}

/* A link lists as itself, with its handle at hand. *is_link false: the name is something else. */
static enum rexi_status list_link(struct rxs_session *session, struct rxl_call *call, const struct rxs_split_path *split,
				  bool *is_link, struct rxl_value *out)
{
	const struct rxs_open_dir follow = { .follow = true };
	struct rxl_value map = rxl_unit(), key = rxl_unit(), value = rxl_unit();
	struct rxs_link *link = NULL;
	struct rxs_dir *dir;
	enum rexi_status status;

	*is_link = false;
	RX_TRY(rxs_dir_open(session, split->dir, &follow, &dir));
	status = rxs_link_open(dir, split->name, false, &link);
	if (status == REXI_OK) {
		const struct rxs_entry entry = { .name = rxs_path_name(link->path), .inode = link->inode,
						 .type = RXS_ENTRY_SYMLINK };
		*is_link = true;
		status = rxl_map_new(call->heap, 1, &map);
		if (status == REXI_OK)
			status = rxs_text_value(call, entry.name, &key);
		if (status == REXI_OK)
			status = rxs_entry_value(call, dir, &entry, link, &value);
		if (status == REXI_OK)
			status = rxl_map_put(call->heap, &map, rxl_string_view(&key), value);
		rxl_value_drop(call->heap, &key);
	}
	rxs_link_unref(link);
	rxs_dir_unref(dir);
	if (status == REXI_OK)
		*out = map;
	else
		rxl_value_drop(call->heap, &map);
	return status;
}

static bool failed_with(const struct rxs_session *session, enum rxs_io_kind kind)
{
	return session->failure.set && session->failure.source == RXS_SOURCE_IO && session->failure.kind == kind;
}

/*
 * What the name is shows when it is opened as a directory, which is asked for first (W-44). A denial there does not settle
 * it: for a link other permissions count.
 */
NATIVE(rxs_ls)
{
	static const struct rxs_open_dir plain = { .follow = false }, follow = { .follow = true };
	struct rxs_arguments a = rxs_arguments_of(self, args);
	struct rexi_str path = rxs_text_argument(&a, 0);
	struct rxs_split_path split;
	struct rxs_failure first;
	struct rxs_flags flags;
	struct rxs_dir *dir;
	enum rexi_status status, first_status;
	bool all, is_link, slash = path.len > 1 && path.ptr[path.len - 1] == '/';

	(void)argc;
	RX_TRY(rxs_flags_read(session, call, "ls", RXS_TYPE_LsFlag, a.flags, &flags));
	all = rxs_flag_given(&flags, RXS_FLAG_LS_ALL);
	status = first_status = rxs_dir_open(session, path, slash ? &follow : &plain, &dir);
	if (status != REXI_OK && (status == REXI_DENIED || failed_with(session, RXS_IO_DirectoryOpenError)) && !slash &&
	    rxs_try_split_path(path, &split)) {
		rxs_failure_save(session, &first);
		status = list_link(session, call, &split, &is_link, out);
		if (status == REXI_OK || is_link) {
			rx_buf_fini(&first.message);
			return status;
		}
		if (first_status == REXI_DENIED) {
			rxs_failure_clear(session);
			rxs_failure_restore(session, &first);
			return first_status;
		}
		rx_buf_fini(&first.message);
		if (!failed_with(session, RXS_IO_ValidationError)) /* "argument is not a symlink" */
			return status;
		rxs_failure_clear(session);
		status = rxs_dir_open(session, path, &follow, &dir); /* a directory behind links */
	}
	if (status != REXI_OK) {
		if (session->failure.os_errno == ENOTDIR && !session->failure.denied) {
			status = rxs_fail(session, RXS_IO_InvalidArguments, "Invalid arguments: ls: ");
			rxs_path_show(&session->failure.message, path);
			RX_BUF_LIT(&session->failure.message, ": Not a directory or symlink");
		}
		return status;
	}
	status = list_directory(call, dir, all, out);
	rxs_dir_unref(dir);
	return status;
}

/* ---- grep --------------------------------------------------------------------------------------------------------------- */

struct grep {
	struct rxl_heap *heap;
	struct rxl_value *lines;
	bool count_only, numbered;
	uint64_t found, max;
	enum rexi_status status;
	struct rx_buf line;
};

static enum rexi_status grep_line(void *user, uint64_t number, struct rexi_str line)
{
	struct grep *g = user;

	g->found++;
	if (!g->count_only && g->numbered) {
		rx_buf_clear(&g->line);
		rx_buf_u64(&g->line, number);
		rx_buf_byte(&g->line, ':');
		rx_buf_str(&g->line, line);
		line = rx_buf_view(&g->line);
	}
	if (!g->count_only)
		g->status = g->line.failed ? REXI_NO_MEMORY : push_text(g->heap, g->lines, line);
	/* REXI_LIMIT ends the search, whatever the reason */
	return g->status != REXI_OK || g->found == g->max ? REXI_LIMIT : REXI_OK;
}

NATIVE(rxs_grep)
{
	struct rxs_arguments a = rxs_arguments_of(self, args);
	struct grep g = { .heap = call->heap, .max = UINT64_MAX };
	struct rxl_value lines = rxl_unit();
	struct rxs_regex *regex = NULL;
	struct rxs_failure bad_pattern;
	struct rxs_flags flags;
	struct rxs_file *file;
	enum rexi_status status, pattern_status;

	(void)argc;
	RX_TRY(rxs_flags_read(session, call, "grep", RXS_TYPE_GrepFlag, a.flags, &flags));
	RX_TRY(rxs_command_open(session, rxs_text_argument(&a, 1), true, &open_read, &file));
	g.lines = &lines;
	g.count_only = rxs_flag_given(&flags, RXS_FLAG_GREP_COUNT);
	g.numbered = rxs_flag_given(&flags, RXS_FLAG_GREP_LINE_NUMBER);
	if (rxs_flag_given(&flags, RXS_FLAG_GREP_MAX_COUNT) && flags.first[RXS_FLAG_GREP_MAX_COUNT] > 0)
		g.max = (uint64_t)flags.first[RXS_FLAG_GREP_MAX_COUNT];
	rx_buf_init(&g.line, session->memory, 0);
	status = pattern_status = rxs_regex_new(session, rxs_text_argument(&a, 0),
						rxs_flag_given(&flags, RXS_FLAG_GREP_IGNORE_CASE), &regex);
	if (status == REXI_OK)
		status = rxl_array_new(call->heap, 0, &lines);
	if (status == REXI_OK) {
		status = rxs_file_search(file, regex, rxs_flag_given(&flags, RXS_FLAG_GREP_INVERT), grep_line, &g);
		if (status == REXI_OK)
			status = g.status;
	} else if (pattern_status != REXI_OK) { /* the permission is asked first all the same (7.14) */
		const struct rxs_grant *grant;
		bool redacted;
		rxs_failure_save(session, &bad_pattern);
		status = rxs_file_may_read_redacted(file, &redacted, &grant);
		if (status == REXI_OK) {
			rxs_failure_restore(session, &bad_pattern);
			status = pattern_status;
		} else {
			rx_buf_fini(&bad_pattern.message);
		}
	}
	if (status == REXI_OK && g.count_only) {
		rx_buf_clear(&g.line);
		rx_buf_u64(&g.line, g.found);
		status = g.line.failed ? REXI_NO_MEMORY : push_text(call->heap, &lines, rx_buf_view(&g.line));
	}
	rxs_regex_free(regex);
	rxs_file_unref(file);
	rx_buf_fini(&g.line);
	if (status == REXI_OK)
		*out = lines;
	else
		rxl_value_drop(call->heap, &lines);
	return status;
}

/* ---- tail --------------------------------------------------------------------------------------------------------------- */

struct collect {
	struct rxl_heap *heap;
	struct rxl_value *lines;
};

static enum rexi_status collect_line(void *user, struct rexi_str line)
{
	struct collect *c = user;

	return push_text(c->heap, c->lines, line);
}

/* *nothing: a range that no line can be in. */
static enum rexi_status tail_window(struct rxs_session *session, const struct rxs_flags *flags, struct rxs_lines *which,
				    bool *nothing)
{
	int64_t start = 1;

	*nothing = false;
	*which = (struct rxs_lines){ .has_count = false };
	if (rxs_flag_given(flags, RXS_FLAG_TAIL_RANGE)) {
		int64_t first = flags->first[RXS_FLAG_TAIL_RANGE], last = flags->second[RXS_FLAG_TAIL_RANGE];
		start = first;
		which->has_start = which->has_count = true;
		if (__builtin_sub_overflow(last, first, &which->count) || __builtin_add_overflow(which->count, 1, &which->count))
			which->count = first > last ? INT64_MIN + 1 : INT64_MAX;
	}
	if (rxs_flag_given(flags, RXS_FLAG_TAIL_FROM)) {
		start = flags->first[RXS_FLAG_TAIL_FROM];
		which->has_start = true;
	}
	if (rxs_flag_given(flags, RXS_FLAG_TAIL_N)) {
		which->count = flags->first[RXS_FLAG_TAIL_N];
		which->has_count = true;
	}
	if (!which->has_start && !which->has_count) {
		which->has_count = true;
		which->count = -10;
	}
	if (start == 0)
		return rxs_fail(session, RXS_IO_InvalidArguments,
				"Invalid arguments: Invalid line to start reading from: must be a positive integer greater than 1 "
				"(>= 1): 0");
	*nothing = start < 0;
	which->start = (uint64_t)start;
	return REXI_OK;
}

NATIVE(rxs_tail)
{
	struct rxs_arguments a = rxs_arguments_of(self, args);
	const struct rxs_grant *read;
	struct rxl_value lines = rxl_unit();
	struct collect c = { call->heap, &lines };
	struct rxs_lines which;
	struct rxs_flags flags;
	struct rxs_file *file;
	enum rexi_status status;
	bool nothing;

	(void)argc;
	RX_TRY(rxs_flags_read(session, call, "tail", RXS_TYPE_TailFlag, a.flags, &flags));
	RX_TRY(tail_window(session, &flags, &which, &nothing));
	RX_TRY(rxs_command_open(session, rxs_text_argument(&a, 0), true, &open_read, &file));
	status = rxs_file_may_read(file, &read);
	if (status == REXI_OK)
		status = rxl_array_new(call->heap, 0, &lines);
	if (status == REXI_OK && !nothing)
		status = rxs_read_lines(file, read, &which, collect_line, &c);
	rxs_file_unref(file);
	if (status == REXI_OK)
		*out = lines;
	else
		rxl_value_drop(call->heap, &lines);
	return status;
}

/* ---- sed ---------------------------------------------------------------------------------------------------------------- */

static enum rexi_status replace(struct rxs_session *session, const struct rxs_flags *flags, struct rexi_str text,
				struct rexi_str old, struct rexi_str new, struct rx_buf *changed)
{
	bool all = rxs_flag_given(flags, RXS_FLAG_SED_ALL);
	struct rxs_regex *regex;
	enum rexi_status status = REXI_OK;

	if (rxs_flag_given(flags, RXS_FLAG_SED_REGEX)) {
		RX_TRY(rxs_regex_new(session, old, false, &regex));
		status = rxs_regex_replace(regex, text, new, all, changed);
		rxs_regex_free(regex);
	} else {
		rxs_replace_literal(text, old, new, all, changed);
	}
	if (status == REXI_OK && changed->failed)
		status = rxs_fail_memory(session);
	return status;
}

NATIVE(rxs_sed)
{
	struct rxs_arguments a = rxs_arguments_of(self, args);
	struct rxs_open_file how = open_read;
	struct rx_buf text, changed;
	const struct rxs_grant *read;
	struct rxs_flags flags;
	struct rxs_file *file, *written = NULL;
	enum rexi_status status;

	(void)argc;
	RX_TRY(rxs_flags_read(session, call, "sed", RXS_TYPE_SedFlag, a.flags, &flags));
	how.write = rxs_flag_given(&flags, RXS_FLAG_SED_IN_PLACE);
	RX_TRY(rxs_command_open(session, rxs_text_argument(&a, 2), true, &how, &file));
	rx_buf_init(&text, session->memory, session->limits.read_bytes);
	rx_buf_init(&changed, &call->heap->memory, session->limits.read_bytes);
	if (how.write) { /* a redacted text is never written back */
		status = rxs_file_may_read(file, &read);
		if (status == REXI_OK)
			status = rxs_file_bytes(file, read, &text);
		if (status == REXI_OK)
			status = rxs_require_utf8(session, rx_buf_view(&text));
	} else {
		status = rxs_file_read(file, &text);
	}
	if (status == REXI_OK)
		status = replace(session, &flags, rx_buf_view(&text), rxs_text_argument(&a, 0), rxs_text_argument(&a, 1), &changed);
	if (status == REXI_OK && how.write)
		status = rxs_file_write(file, rx_buf_view(&changed), true, &written);
	rxs_file_unref(written);
	rxs_file_unref(file);
	rx_buf_fini(&text);
	if (status == REXI_OK)
		return rxl_string_from_buf(call->heap, &changed, out);
	rx_buf_fini(&changed);
	return status;
}

/* ---- awk ---------------------------------------------------------------------------------------------------------------- */

struct awk {
	struct rxl_heap *heap;
	struct rxl_value result; /* array or map */
	struct rexi_str delimiter, wanted;
	uint64_t number, first, last, line;
	double sum;
	enum rexi_status (*each)(struct awk *awk, struct rexi_str line);
};

static enum rexi_status awk_line(void *user, struct rexi_str line)
{
	struct awk *awk = user;

	awk->line++;
	return awk->each(awk, line);
}

static enum rexi_status awk_run(struct rxs_session *session, struct awk *awk, struct rexi_str path)
{
	struct rxs_file *file;
	enum rexi_status status;

	RX_TRY(rxs_command_open(session, path, true, &open_read, &file));
	status = rxs_each_line(file, awk_line, awk);
	rxs_file_unref(file);
	return status;
}

/* Runs and gives the collected value, or drops it. */
static enum rexi_status awk_collect(struct rxs_session *session, struct awk *awk, struct rexi_str path, struct rxl_value *out)
{
	enum rexi_status status = awk_run(session, awk, path);

	if (status == REXI_OK)
		*out = awk->result;
	else
		rxl_value_drop(awk->heap, &awk->result);
	return status;
}

static enum rexi_status field_number(struct rxs_session *session, int64_t number, uint64_t *out)
{
	if (number < 1)
		return rxs_fail(session, RXS_IO_InvalidArguments, "Invalid arguments: awk: field number must be >= 1");
	*out = (uint64_t)number;
	return REXI_OK;
}

NATIVE(rxs_awk_split)
{
	struct rexi_str text = rxl_string_view(self), delimiter = rxl_string_view(&args[0]), piece;
	struct rxs_split split = { 0, 0 };
	struct rxl_value array = rxl_unit();
	enum rexi_status status = rxl_array_new(call->heap, 0, &array);

	(void)session;
	(void)argc;
	while (status == REXI_OK && rxs_split_next(&split, text, delimiter, &piece))
		status = push_text(call->heap, &array, piece);
	if (status == REXI_OK)
		*out = array;
	else
		rxl_value_drop(call->heap, &array);
	return status;
}

static enum rexi_status awk_field_line(struct awk *awk, struct rexi_str line)
{
	struct rexi_str field;

	return rxs_field(line, awk->delimiter, awk->number, &field) ? push_text(awk->heap, &awk->result, field) : REXI_OK;
}

NATIVE(rxs_awk_field)
{
	struct awk awk = { .heap = call->heap, .each = awk_field_line, .delimiter = rxl_string_view(&args[0]) };

	(void)argc;
	RX_TRY(field_number(session, self->as.i, &awk.number));
	RX_TRY(rxl_array_new(call->heap, 0, &awk.result));
	return awk_collect(session, &awk, rxl_string_view(&args[1]), out);
}

static enum rexi_status awk_filter_line(struct awk *awk, struct rexi_str line)
{
	return rx_str_find(line, awk->wanted, 0) != SIZE_MAX ? push_text(awk->heap, &awk->result, line) : REXI_OK;
}

NATIVE(rxs_awk_filter)
{
	struct awk awk = { .heap = call->heap, .each = awk_filter_line, .wanted = rxl_string_view(self) };

	(void)argc;
	RX_TRY(rxl_array_new(call->heap, 0, &awk.result));
	return awk_collect(session, &awk, rxl_string_view(&args[0]), out);
}

static enum rexi_status awk_filter_field_line(struct awk *awk, struct rexi_str line)
{
	struct rexi_str field;

	if (!rxs_field(line, awk->delimiter, awk->number, &field) || rx_str_find(field, awk->wanted, 0) == SIZE_MAX)
		return REXI_OK;
	return push_text(awk->heap, &awk->result, line);
}

NATIVE(rxs_awk_filter_field)
{
	struct awk awk = { .heap = call->heap, .each = awk_filter_field_line, .delimiter = rxl_string_view(&args[0]),
			   .wanted = rxl_string_view(&args[1]) };

	(void)argc;
	RX_TRY(field_number(session, self->as.i, &awk.number));
	RX_TRY(rxl_array_new(call->heap, 0, &awk.result));
	return awk_collect(session, &awk, rxl_string_view(&args[2]), out);
}

static enum rexi_status awk_sum_line(struct awk *awk, struct rexi_str line)
{
	struct rexi_str field;
	double number;

	if (rxs_field(line, awk->delimiter, awk->number, &field) &&
	    rx_number_parse_f64(rx_unicode_trim(field), &number) == RX_NUMBER_OK)
		awk->sum += number;
	return REXI_OK;
}

NATIVE(rxs_awk_sum)
{
	struct awk awk = { .heap = call->heap, .each = awk_sum_line, .delimiter = rxl_string_view(&args[0]) };

	(void)argc;
	RX_TRY(field_number(session, self->as.i, &awk.number));
	RX_TRY(awk_run(session, &awk, rxl_string_view(&args[1])));
	*out = rxl_float(awk.sum);
	return REXI_OK;
}

static enum rexi_status awk_count_line(struct awk *awk, struct rexi_str line)
{
	struct rxl_value *slot;
	struct rexi_str field;

	if (!rxs_field(line, awk->delimiter, awk->number, &field))
		return REXI_OK;
	RX_TRY(rxl_map_slot(awk->heap, &awk->result, field, &slot));
	*slot = rxl_int(slot->type == RXL_INT ? slot->as.i + 1 : 1);
	return REXI_OK;
}

NATIVE(rxs_awk_count_unique)
{
	struct awk awk = { .heap = call->heap, .each = awk_count_line, .delimiter = rxl_string_view(&args[0]) };

	(void)argc;
	RX_TRY(field_number(session, self->as.i, &awk.number));
	RX_TRY(rxl_map_new(call->heap, 0, &awk.result));
	return awk_collect(session, &awk, rxl_string_view(&args[1]), out);
}

static enum rexi_status awk_range_line(struct awk *awk, struct rexi_str line)
{
	return awk->line >= awk->first && awk->line <= awk->last ? push_text(awk->heap, &awk->result, line) : REXI_OK;
}

NATIVE(rxs_awk_filter_range)
{
	int64_t first = self->as.i, last = args[0].as.i;
	struct awk awk = { .heap = call->heap, .each = awk_range_line, .first = (uint64_t)first, .last = (uint64_t)last };

	(void)argc;
	if (first < 1 || last < first)
		return rxs_fail(session, RXS_IO_InvalidArguments, "Invalid arguments: awk: invalid range %lld..%lld",
				(long long)first, (long long)last);
	RX_TRY(rxl_array_new(call->heap, 0, &awk.result));
	return awk_collect(session, &awk, rxl_string_view(&args[1]), out);
}

/* ---- wc ----------------------------------------------------------------------------------------------------------------- */

NATIVE(rxs_wc)
{
	struct rxs_arguments a = rxs_arguments_of(self, args);
	struct rxs_counts counts = { 0, 0, 0 };
	struct rxl_value map = rxl_unit();
	struct rxs_flags flags;
	struct rxs_file *file;
	enum rexi_status status;

	(void)argc;
	RX_TRY(rxs_flags_read(session, call, "wc", RXS_TYPE_WcFlag, a.flags, &flags));
	RX_TRY(rxs_command_open(session, rxs_text_argument(&a, 0), true, &open_read, &file));
	status = rxs_file_counts(file, &counts);
	rxs_file_unref(file);
	if (status == REXI_OK)
		status = rxl_map_new(call->heap, 3, &map);
	if (status == REXI_OK && (!flags.given || rxs_flag_given(&flags, RXS_FLAG_WC_LINES)))
		status = rxl_map_put_int(call->heap, &map, "lines", (int64_t)counts.lines);
	if (status == REXI_OK && (!flags.given || rxs_flag_given(&flags, RXS_FLAG_WC_WORDS)))
		status = rxl_map_put_int(call->heap, &map, "words", (int64_t)counts.words);
	if (status == REXI_OK && (!flags.given || rxs_flag_given(&flags, RXS_FLAG_WC_BYTES)))
		status = rxl_map_put_int(call->heap, &map, "bytes", (int64_t)counts.bytes);
	if (status == REXI_OK)
		*out = map;
	else
		rxl_value_drop(call->heap, &map);
	return status;
}

/* ---- find_files ---------------------------------------------------------------------------------------------------------- */

struct find_files {
	struct rxl_call *call;
	const struct rxs_glob *glob;
	struct rxl_value names;
	struct rx_buf shown;
};

static enum rexi_status found_entry(void *user, struct rxs_dir *dir, const struct rxs_entry *entry, struct rxs_dir *child,
				    uint64_t depth, bool *skip)
{
	struct find_files *f = user;
	struct rexi_str name = entry->name;

	(void)dir;
	(void)child;
	(void)depth;
	(void)skip;
	if (!rx_utf8_is_ascii(name)) {
		rx_buf_clear(&f->shown);
		rxs_path_show(&f->shown, name);
		name = rx_buf_view(&f->shown);
	}
	return rxs_glob_matches(f->glob, name) ? push_text(f->call->heap, &f->names, name) : REXI_OK;
}

NATIVE(rxs_find_files)
{
	const struct rxs_open_dir follow = { .follow = true };
	struct rxs_arguments a = rxs_arguments_of(self, args);
	struct find_files f = { .call = call };
	struct rxs_walk_options walk = { .max_depth = 1, .user = &f, .entry = found_entry };
	const struct rxs_grant *read;
	struct rxs_glob *glob = NULL;
	struct rxs_flags flags;
	struct rxs_dir *dir;
	enum rexi_status status;

	(void)argc;
	RX_TRY(rxs_flags_read(session, call, "glob", RXS_TYPE_GlobFlag, a.flags, &flags));
	RX_TRY(rxs_dir_open(session, rxs_text_argument(&a, 1), &follow, &dir));
	if (rxs_flag_given(&flags, RXS_FLAG_GLOB_RECURSIVE))
		walk.max_depth = UINT64_MAX;
	rx_buf_init(&f.shown, session->memory, 0);
	status = rxs_glob_new(session, rxs_text_argument(&a, 0), false, &glob);
	f.glob = glob;
	/* the walk bears a directory that may not be listed; the one that was named has to be listed */
	if (status == REXI_OK)
		status = rxs_authorize_dir(session, RXS_FS_READ, dir->path, &read);
	if (status == REXI_OK)
		status = rxl_array_new(call->heap, 0, &f.names);
	if (status == REXI_OK)
		status = rxs_walk(dir, &walk);
	rxs_glob_free(glob);
	rxs_dir_unref(dir);
	rx_buf_fini(&f.shown);
	if (status == REXI_OK)
		*out = f.names;
	else
		rxl_value_drop(call->heap, &f.names);
	return status;
}

/* ---- du ----------------------------------------------------------------------------------------------------------------- */

struct du {
	struct rxl_call *call;
	struct rxl_value entries;
};

static enum rexi_status du_entry(void *user, struct rexi_str path, uint64_t bytes, uint64_t inodes, uint64_t depth)
{
	struct du *du = user;
	struct rxl_heap *heap = du->call->heap;
	struct rxl_value map = rxl_unit();
	enum rexi_status status;

	(void)depth;
	RX_TRY(rxl_map_new(heap, 3, &map));
	status = rxl_map_put_text(heap, &map, "path", path);
	if (status == REXI_OK)
		status = rxl_map_put_int(heap, &map, "size_bytes", (int64_t)bytes);
	if (status == REXI_OK)
		status = rxl_map_put_int(heap, &map, "inode_count", (int64_t)inodes);
	if (status == REXI_OK)
		return rxl_array_push(heap, &du->entries, map);
	rxl_value_drop(heap, &map);
	return status;
}

static enum rexi_status du_run(struct rxs_session *session, struct rxl_call *call, struct rexi_str path,
			       struct rxs_usage_options *options, struct rxl_value *out)
{
	const struct rxs_open_dir follow = { .follow = true };
	struct du du = { .call = call };
	struct rxl_heap *heap = call->heap;
	uint64_t bytes = 0, inodes = 0;
	struct rxl_value map = rxl_unit();
	struct rxs_dir *dir;
	enum rexi_status status;

	if (options->summarize && options->all_files)
		return rxs_fail_text(session, "Validation error: cannot both summarize and show all entries");
	RX_TRY(rxs_dir_open(session, path, &follow, &dir));
	options->user = &du;
	options->entry = du_entry;
	status = rxl_array_new(heap, 0, &du.entries);
	if (status == REXI_OK)
		status = rxs_usage(dir, options, &bytes, &inodes, NULL);
	rxs_dir_unref(dir);
	if (status == REXI_OK)
		status = rxl_map_new(heap, 3, &map);
	/* W-29: the totals are those of the root */
	if (status == REXI_OK)
		status = rxl_map_put_int(heap, &map, "total_size_bytes", (int64_t)bytes);
	if (status == REXI_OK)
		status = rxl_map_put_int(heap, &map, "total_inode_count", (int64_t)inodes);
	if (status == REXI_OK) {
		status = rxl_map_put(heap, &map, RX_STR("entries"), rxl_value_take(&du.entries));
	}
	rxl_value_drop(heap, &du.entries);
	if (status == REXI_OK)
		*out = map;
	else
		rxl_value_drop(heap, &map);
	return status;
}

NATIVE(rxs_du)
{
	struct rxs_arguments a = rxs_arguments_of(self, args);
	struct rxs_flags flags;
	struct rxs_usage_options options = { .max_depth = INT64_MAX };
	enum rexi_status status;

	(void)argc;
	RX_TRY(rxs_flags_read(session, call, "du", RXS_TYPE_DuFlag, a.flags, &flags));
	options.summarize = rxs_flag_given(&flags, RXS_FLAG_DU_SUMMARIZE);
	options.all_files = rxs_flag_given(&flags, RXS_FLAG_DU_ALL_FILES);
	options.apparent_size = rxs_flag_given(&flags, RXS_FLAG_DU_APPARENT_SIZE);
	if (rxs_flag_given(&flags, RXS_FLAG_DU_MAX_DEPTH))
		options.max_depth = flags.first[RXS_FLAG_DU_MAX_DEPTH];
	status = du_run(session, call, rxs_text_argument(&a, 0), &options, out);
	if (session->failure.set) /* spec 3.1: every failure of du is a plain string */
		session->failure.source = RXS_SOURCE_TEXT;
	return status;
}

/* ---- seq ---------------------------------------------------------------------------------------------------------------- */

NATIVE(rxs_seq)
{
	struct rxs_arguments a = rxs_arguments_of(self, args);
	int64_t at = rxs_argument(&a, 0)->as.i, end = rxs_argument(&a, 1)->as.i, step = 1;
	struct rxl_value array = rxl_unit();
	struct rxs_flags flags;
	enum rexi_status status;
	uint64_t count = 0;

	(void)argc;
	RX_TRY(rxs_flags_read(session, call, "seq", RXS_TYPE_SeqFlag, a.flags, &flags));
	if (rxs_flag_given(&flags, RXS_FLAG_SEQ_STEP))
		step = flags.first[RXS_FLAG_SEQ_STEP];
	if (step == 0)
		return rxs_fail(session, RXS_IO_InvalidArguments, "Invalid arguments: seq: step cannot be zero");
	status = rxl_array_new(call->heap, 0, &array);
	while (status == REXI_OK && (step > 0 ? at <= end : at >= end)) {
		if (count++ >= session->limits.matches)
			status = rxs_fail_limit(session, "matches", session->limits.matches); /* W-48 */
		else
			status = rxl_array_push(call->heap, &array, rxl_int(at));
		if (__builtin_add_overflow(at, step, &at))
			break;
	}
	if (status == REXI_OK)
		*out = array;
	else
		rxl_value_drop(call->heap, &array);
	return status;
}
