/* Natives of files. */
#include <config.h>

#include "sdk/objects.h"

#include <errno.h>

#include "base/utf8.h"
#include "sdk/options.h"
#include "sdk/reader.h"
#include "sdk/record.h"
#include "sdk/regex.h"

#include "base/banned.h"

#define NATIVE(name)                                                                                                  \
	enum rexi_status name(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,                 \
			      struct rxl_value *args, unsigned argc, struct rxl_value *out)
#define UNUSED_ARGS ((void)session, (void)call, (void)self, (void)args, (void)argc, (void)out)

#define XATTR_MAX 1024

static struct rxs_file *file_of(struct rxl_call *call, const struct rxl_value *value)
{
	return (struct rxs_file *)rxs_need(call, value, RXS_TYPE_FileHandle);
}

static struct rxs_dir *dir_of(struct rxl_call *call, const struct rxl_value *value)
{
	return (struct rxs_dir *)rxs_need(call, value, RXS_TYPE_DirHandle);
}

/* ---- reading ----------------------------------------------------------------------------------------------------------------- */

NATIVE(rxs_native_read)
{
	struct rxs_file *file = file_of(call, self);
	struct rx_buf text;
	enum rexi_status status;

	UNUSED_ARGS;
	rx_buf_init(&text, &call->heap->memory, 0);
	status = rxs_file_read(file, &text);
	if (status != REXI_OK) {
		rx_buf_fini(&text);
		return status;
	}
	file->offset = 0;
	return rxl_string_from_buf(call->heap, &text, out);
}

/* Lines collected into an array. */
struct collect {
	struct rxs_session *session;
	struct rxl_call *call;
	struct rxl_value *array;
	uint64_t count;
};

static enum rexi_status collect_item(struct collect *collect, struct rxl_value item)
{
	if (++collect->count > collect->session->limits.matches) {
		rxl_value_drop(collect->call->heap, &item);
		return rxs_fail_limit(collect->session, "matches", collect->session->limits.matches);
	}
	return rxl_array_push(collect->call->heap, collect->array, item);
}

static enum rexi_status collect_line(void *user, struct rexi_str line)
{
	struct collect *collect = (struct collect *)user;
	struct rxl_value item;

	RX_TRY(rxl_string_new(collect->call->heap, line, &item));
	return collect_item(collect, item);
}

/* An array that ends in *out or is dropped. */
static enum rexi_status array_finish(struct rxl_call *call, enum rexi_status status, struct rxl_value *array,
				     struct rxl_value *out)
{
	if (status == REXI_OK)
		*out = rxl_value_take(array);
	else
		rxl_value_drop(call->heap, array);
	return status;
}

NATIVE(rxs_native_read_lines)
{
	struct rxs_file *file = file_of(call, self);
	const struct rxs_options *options = rxs_options_need(call, &args[0]);
	struct rxs_lines which = {
		.has_count = rxs_option_is_set(options, RXS_OPT_ReadLinesOptions_count),
		.has_start = rxs_option_is_set(options, RXS_OPT_ReadLinesOptions_start),
		.count = rxs_option_int(options, RXS_OPT_ReadLinesOptions_count),
		.start = (uint64_t)rxs_option_int(options, RXS_OPT_ReadLinesOptions_start),
	};
	struct rxl_value array;
	struct collect collect = { .session = session, .call = call, .array = &array };
	const struct rxs_grant *grant;
	enum rexi_status status;

	UNUSED_ARGS;
	RX_TRY(rxs_file_may_read(file, &grant));
	if (!which.has_count && !which.has_start)
		return rxs_fail(session, RXS_IO_InvalidArguments, "Invalid arguments: No read line mode specified");
	RX_TRY(rxl_array_new(call->heap, 0, &array));
	status = rxs_read_lines(file, grant, &which, collect_line, &collect);
	if (status == REXI_OK)
		file->offset = 0;
	return array_finish(call, status, &array, out);
}

NATIVE(rxs_native_read_page)
{
	struct rxs_file *file = file_of(call, self);
	const struct rxs_options *options = rxs_options_need(call, &args[0]);
	int64_t left = rxs_option_int(options, RXS_OPT_ReadPageOptions_num_lines);
	struct rxl_value array;
	struct collect collect = { .session = session, .call = call, .array = &array };
	const struct rxs_grant *grant;
	struct rxs_reader reader;
	enum rexi_status status = REXI_OK;

	UNUSED_ARGS;
	RX_TRY(rxs_file_may_read(file, &grant));
	RX_TRY(rxl_array_new(call->heap, 0, &array));
	rxs_reader_init(&reader, file, grant, file->offset);
	for (; left > 0 && status == REXI_OK; left--) {
		struct rexi_str line;

		status = rxs_reader_line(&reader, true, &line);
		if (status != REXI_OK || !line.ptr)
			break;
		status = rxs_require_utf8(session, line);
		if (status == REXI_OK)
			status = collect_line(&collect, line);
	}
	if (status == REXI_OK)
		file->offset = reader.offset;
	rxs_reader_fini(&reader);
	return array_finish(call, status, &array, out);
}

static enum rexi_status collect_match(void *user, uint64_t number, struct rexi_str line)
{
	struct collect *collect = (struct collect *)user;
	struct rxl_heap *heap = collect->call->heap;
	struct rxl_value map, item;
	enum rexi_status status;

	RX_TRY(rxl_map_new(heap, 2, &map));
	status = rxl_map_put_text(heap, &map, "line_content", line);
	if (status == REXI_OK)
		status = rxl_map_put_int(heap, &map, "line_number", (int64_t)number);
	if (status != REXI_OK) {
		rxl_value_drop(heap, &map);
		return status;
	}
	RX_TRY(rxs_record_new(collect->call, RXS_TYPE_Match, map, &item));
	return collect_item(collect, item);
}

NATIVE(rxs_native_search)
{
	struct rxs_file *file = file_of(call, self);
	struct rxl_value array;
	struct collect collect = { .session = session, .call = call, .array = &array };
	struct rxs_regex *regex = NULL;
	enum rexi_status status = rxs_regex_new(session, rxl_string_view(&args[0]), false, &regex);

	UNUSED_ARGS;
	if (status != REXI_OK) {
		/* Who may not read learns that first, whatever the pattern. */
		const struct rxs_grant *grant;
		struct rxs_failure saved;
		bool redacted;

		rxs_failure_save(session, &saved);
		if (rxs_file_may_read_redacted(file, &redacted, &grant) == REXI_OK)
			rxs_failure_restore(session, &saved);
		else
			rx_buf_fini(&saved.message);
		return status;
	}
	status = rxl_array_new(call->heap, 0, &array);
	if (status == REXI_OK) {
		status = rxs_file_search(file, regex, false, collect_match, &collect);
		if (status == REXI_OK)
			file->offset = 0;
		status = array_finish(call, status, &array, out);
	}
	rxs_regex_free(regex);
	return status;
}

NATIVE(rxs_native_counts)
{
	struct rxl_heap *heap = call->heap;
	struct rxs_counts counts;
	struct rxl_value map;
	enum rexi_status status;

	UNUSED_ARGS;
	RX_TRY(rxs_file_counts(file_of(call, self), &counts));
	RX_TRY(rxl_map_new(heap, 3, &map));
	status = rxl_map_put_int(heap, &map, "byte_count", (int64_t)counts.bytes);
	if (status == REXI_OK)
		status = rxl_map_put_int(heap, &map, "line_count", (int64_t)counts.lines);
	if (status == REXI_OK)
		status = rxl_map_put_int(heap, &map, "word_count", (int64_t)counts.words);
	if (status != REXI_OK) {
		rxl_value_drop(heap, &map);
		return status;
	}
	return rxs_record_new(call, RXS_TYPE_WordCount, map, out);
}

/* Runs of bytes 0x20..0x7E and TAB, four and more, across block borders. */
static enum rexi_status strings_collect(struct rxs_file *file, const struct rxs_grant *grant, struct rx_buf *run, char *block,
					size_t cap, struct collect *collect)
{
	struct rxs_session *session = file->session;
	uint64_t offset = 0;

	for (;;) {
		size_t got;
		int error = rxs_host_read(grant, file->fd, offset, block, cap, &got);

		if (error)
			return rxs_fail_errno(session, error);
		if (rxs_should_stop(session))
			return REXI_TERMINATED;
		for (size_t i = 0; i < got; i++) {
			unsigned char c = (unsigned char)block[i];

			if ((c >= 0x20 && c < 0x7F) || c == '\t') {
				rx_buf_byte(run, (char)c);
				continue;
			}
			if (run->failed)
				return rxs_fail_limit(session, "line_bytes", session->limits.line_bytes);
			if (run->len >= 4)
				RX_TRY(collect_line(collect, rx_buf_view(run)));
			rx_buf_clear(run);
		}
		if (run->failed)
			return rxs_fail_limit(session, "line_bytes", session->limits.line_bytes);
		if (got == 0)
			return run->len >= 4 ? collect_line(collect, rx_buf_view(run)) : REXI_OK;
		offset += got;
	}
}

NATIVE(rxs_native_extract_strings)
{
	const size_t cap = 65536;
	struct rxs_file *file = file_of(call, self);
	struct rxl_value array;
	struct collect collect = { .session = session, .call = call, .array = &array };
	const struct rxs_grant *grant;
	struct rx_buf run;
	enum rexi_status status;
	char *block;

	UNUSED_ARGS;
	RX_TRY(rxs_file_may_read(file, &grant));
	RX_TRY(rxl_array_new(call->heap, 0, &array));
	block = (char *)rx_memory_take(session->memory, cap);
	rx_buf_init(&run, session->memory, session->limits.line_bytes);
	status = block ? strings_collect(file, grant, &run, block, cap, &collect) : rxs_fail_memory(session);
	rx_buf_fini(&run);
	rx_memory_give(session->memory, block, cap);
	return array_finish(call, status, &array, out);
}

/* ---- writing --------------------------------------------------------------------------------------------------------------------- */

NATIVE(rxs_native_write)
{
	struct rxs_file *file = file_of(call, self), *fresh;
	enum rexi_status status;

	UNUSED_ARGS;
	/* The owner is kept where the system lets us; who asks for it by WriteOptions is told when it does not (W-20). */
	status = rxs_file_write(file, rxl_string_view(&args[0]), true, &fresh);
	if (status != REXI_OK && session->failure.set && session->failure.os_errno == EPERM) {
		rxs_failure_clear(session);
		status = rxs_file_write(file, rxl_string_view(&args[0]), false, &fresh);
	}
	return status == REXI_OK ? rxs_file_value(call, fresh, out) : status;
}

NATIVE(rxs_native_write_with)
{
	const struct rxs_options *options = rxs_options_need(call, &args[1]);
	struct rxs_file *fresh;

	UNUSED_ARGS;
	RX_TRY(rxs_file_write(file_of(call, self), rxl_string_view(&args[0]),
			      rxs_option_bool(options, RXS_OPT_WriteOptions_preserve_ownership), &fresh));
	return rxs_file_value(call, fresh, out);
}

NATIVE(rxs_native_write_in_place)
{
	struct rxs_file *file = file_of(call, self);

	UNUSED_ARGS;
	RX_TRY(rxs_file_write_in_place(file, rxl_string_view(&args[0])));
	file->offset = 0;
	return REXI_OK;
}

NATIVE(rxs_native_copy)
{
	const struct rxs_options *options = rxs_options_need(call, &args[1]);

	UNUSED_ARGS;
	RX_TRY(rxs_file_copy(file_of(call, self), file_of(call, &args[0]),
			     rxs_option_bool(options, RXS_OPT_CopyFileOptions_force),
			     rxs_option_bool(options, RXS_OPT_CopyFileOptions_preserve)));
	*out = rxl_value_copy(&args[0]);
	return REXI_OK;
}

/* size * unit, checked (W-48). */
static enum rexi_status sized(struct rxs_session *session, const struct rxs_options *options, enum rxs_option size,
			      enum rxs_option unit, uint64_t *out)
{
	const struct rxl_value *format = rxs_option_value(options, unit);
	int64_t bytes;

	if (__builtin_mul_overflow(rxs_option_int(options, size), format ? rxs_unit_bytes(format) : 1, &bytes))
		return rxs_fail(session, RXS_IO_InvalidArguments, "Invalid arguments: Size is too large");
	*out = (uint64_t)bytes;
	return REXI_OK;
}

NATIVE(rxs_native_truncate)
{
	struct rxs_file *file = file_of(call, self);
	const struct rxs_options *options = rxs_options_need(call, &args[0]);
	const struct rxs_grant *grant;
	uint64_t size = 0;
	int error;

	UNUSED_ARGS;
	RX_TRY(rxs_file_refresh(file));
	RX_TRY(rxs_authorize_file(session, RXS_FS_WRITE, file->path, &grant));
	if (rxs_option_int(options, RXS_OPT_TruncateOptions_size) < 0)
		return rxs_fail(session, RXS_IO_InvalidArguments,
				"Invalid arguments: Size must be greater than or equal to 0");
	RX_TRY(sized(session, options, RXS_OPT_TruncateOptions_size, RXS_OPT_TruncateOptions_format, &size));
	error = rxs_host_truncate(grant, file->fd, size);
	return error ? rxs_fail_errno_as(session, RXS_IO_RustixError, error) : REXI_OK;
}

NATIVE(rxs_native_fallocate)
{
	struct rxs_file *file = file_of(call, self);
	const struct rxs_options *options = rxs_options_need(call, &args[0]);
	const struct rxs_grant *grant;
	uint64_t length = 0;
	int error;

	UNUSED_ARGS;
	RX_TRY(rxs_file_may_write(file, &grant));
	RX_TRY(sized(session, options, RXS_OPT_FallocateOptions_length, RXS_OPT_FallocateOptions_format, &length));
	error = rxs_host_allocate(grant, file->fd, length);
	return error ? rxs_fail_errno_as(session, RXS_IO_RustixError, error) : REXI_OK;
}

/* ---- names, status, mode ------------------------------------------------------------------------------------------------------------- */

NATIVE(rxs_native_delete_file)
{
	const struct rxs_options *options = rxs_options_need(call, &args[0]);

	UNUSED_ARGS;
	return rxs_file_delete(file_of(call, self), rxs_option_bool(options, RXS_OPT_DeleteFileOptions_force));
}

NATIVE(rxs_native_move_file)
{
	const struct rxs_options *options = rxs_options_need(call, &args[2]);
	struct rxs_file *moved;

	UNUSED_ARGS;
	RX_TRY(rxs_file_move(file_of(call, self), dir_of(call, &args[0]), rxl_string_view(&args[1]),
			     rxs_option_bool(options, RXS_OPT_MoveOptions_backup),
			     rxs_option_bool(options, RXS_OPT_MoveOptions_verbose), &moved));
	return rxs_file_value(call, moved, out);
}

NATIVE(rxs_native_metadata_file)
{
	struct rxs_stat stat;

	UNUSED_ARGS;
	RX_TRY(rxs_file_stat(file_of(call, self), &stat));
	return rxs_metadata_value(session, call, &stat, NULL, out);
}

NATIVE(rxs_native_ownership_file)
{
	struct rxs_stat stat;

	UNUSED_ARGS;
	RX_TRY(rxs_file_stat(file_of(call, self), &stat));
	return rxs_ownership_value(session, call, stat.uid, stat.gid, out);
}

NATIVE(rxs_native_modified)
{
	struct rxs_stat stat;
	int64_t nanoseconds;

	UNUSED_ARGS;
	RX_TRY(rxs_file_stat(file_of(call, self), &stat));
	if (__builtin_mul_overflow(stat.modified.seconds, INT64_C(1000000000), &nanoseconds) ||
	    __builtin_add_overflow(nanoseconds, (int64_t)stat.modified.nanoseconds, &nanoseconds))
		return rxs_fail_text(session,
				     "Return value conversion failed: out of range integral type conversion attempted");
	*out = rxl_int(nanoseconds);
	return REXI_OK;
}

NATIVE(rxs_native_chmod_file)
{
	UNUSED_ARGS;
	return rxs_file_chmod(file_of(call, self), args[0].as.i);
}

/* ---- the SELinux label, spec 7.20 ------------------------------------------------------------------------------------------------------- */

struct label_part {
	const char *name;
	enum rxs_option option;
};

static const struct label_part label_parts[4] = {
	{ "user", RXS_OPT_SetXAttrOptions_selinux_user },
	{ "role", RXS_OPT_SetXAttrOptions_selinux_role },
	{ "type", RXS_OPT_SetXAttrOptions_selinux_type },
	{ "level", RXS_OPT_SetXAttrOptions_selinux_level },
};

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Levels may hold colons between sensitivity and categories (W-31); the other parts may not. */
static enum rexi_status part_check(struct rxs_session *session, const struct label_part *part, struct rexi_str text)
{
	const char *wrong = NULL;
	bool blank = true, control = false, colon = false;

	for (size_t i = 0; i < text.len; i++) {
		blank = blank && is_space(text.ptr[i]);
		control = control || (unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7F;
		colon = colon || text.ptr[i] == ':';
	}
	if (blank)
		wrong = "cannot be empty or whitespace-only";
	else if (is_space(text.ptr[0]) || is_space(text.ptr[text.len - 1]))
		wrong = "cannot have leading or trailing whitespace";
	else if (colon && part->option != RXS_OPT_SetXAttrOptions_selinux_level)
		wrong = "cannot contain ':' character as it is the context delimiter";
	else if (control)
		wrong = "cannot contain control characters";
	if (!wrong)
		return REXI_OK;
	return rxs_fail(session, RXS_IO_InvalidArguments, "Invalid arguments: SELinux %s %s", part->name, wrong);
}

/* user:role:type:level, the level with everything behind the third colon. */
static enum rexi_status label_split(struct rxs_session *session, struct rexi_str name, struct rexi_str label,
				    struct rexi_str parts[4])
{
	size_t count = 0, start = 0;

	if (label.len && label.ptr[label.len - 1] == '\0')
		label.len--;
	if (label.len == 0)
		return rxs_fail(session, RXS_IO_ValidationError, "Validation error: SELinux extended attribute '%.*s' is empty",
				RX_STR_ARG(name));
	for (size_t i = 0; i < label.len && count < 3; i++) {
		if (label.ptr[i] == ':') {
			parts[count++] = rx_str_sub(label, start, i - start);
			start = i + 1;
		}
	}
	parts[count++] = rx_str_sub(label, start, SIZE_MAX);
	if (count == 4)
		return REXI_OK;
	return rxs_fail(session, RXS_IO_ValidationError,
			"Validation error: Invalid xattr format for '%.*s': expected 4 colon-separated components, got %zu",
			RX_STR_ARG(name), count);
}

NATIVE(rxs_native_set_xattr)
{
	struct rxs_file *file = file_of(call, self);
	const struct rxs_options *options = rxs_options_need(call, &args[0]);
	struct rexi_str name = rxs_option_str(options, RXS_OPT_SetXAttrOptions_name), parts[4];
	struct rxs_field inner = { RX_STR("name"), { .kind = RXS_DATA_STRING, .string = name } };
	struct rxs_field context = { RX_STR("xattr"), { .kind = RXS_DATA_RECORD, .record = { &inner, 1 } } };
	struct rxs_resource resource = { .type = RXS_FILE };
	const struct rxs_grant *grant;
	char label[XATTR_MAX];
	struct rx_buf text;
	enum rexi_status status;
	size_t len;
	int error;

	UNUSED_ARGS;
	RX_TRY(rxs_file_refresh(file));
	resource.path = file->path;
	RX_TRY(rxs_authorize_in(session, RXS_FS_SET_X_ATTR, &resource, &context, 1, &grant));
	if (!rx_str_eq(name, RX_STR("security.selinux")))
		return rxs_fail(session, RXS_IO_UnsupportedOperationError,
				"Unsupported Operation error: Extended attribute for '%.*s' is not supported. Only 'security.selinux' "
				"is supported.", RX_STR_ARG(name));
	for (size_t i = 0; i < 4; i++)
		if (rxs_option_is_set(options, label_parts[i].option))
			RX_TRY(part_check(session, &label_parts[i], rxs_option_str(options, label_parts[i].option)));
	error = rxs_host_get_xattr(grant, file->fd, "security.selinux", label, sizeof(label), &len);
	if (error)
		return rxs_fail_errno_as(session, RXS_IO_RustixError, error);
	RX_TRY(label_split(session, name, rx_str_make(label, len), parts));
	rx_buf_init(&text, session->memory, 0);
	for (size_t i = 0; i < 4; i++) {
		if (rxs_option_is_set(options, label_parts[i].option))
			parts[i] = rxs_option_str(options, label_parts[i].option);
		if (i)
			rx_buf_byte(&text, ':');
		rx_buf_str(&text, parts[i]);
	}
	rx_buf_byte(&text, '\0'); /* as the kernel's own tools write it */
	status = text.failed ? rxs_fail_memory(session) : REXI_OK;
	if (status == REXI_OK) {
		error = rxs_host_set_xattr(grant, file->fd, "security.selinux", text.ptr, text.len);
		if (error)
			status = rxs_fail_errno_as(session, RXS_IO_RustixError, error);
	}
	rx_buf_fini(&text);
	return status;
}

/* ---- texts -------------------------------------------------------------------------------------------------------------------------------- */

NATIVE(rxs_native_replace_text)
{
	const struct rxs_options *options = rxs_options_need(call, &args[2]);
	bool all = rxs_option_bool(options, RXS_OPT_ReplacementOptions_replace_all);
	struct rexi_str text = rxl_string_view(self), what = rxl_string_view(&args[0]), with = rxl_string_view(&args[1]);
	struct rxs_regex *regex;
	struct rx_buf result;
	enum rexi_status status = REXI_OK;

	UNUSED_ARGS;
	rx_buf_init(&result, &call->heap->memory, 0);
	if (!rxs_option_bool(options, RXS_OPT_ReplacementOptions_is_regex)) {
		rxs_replace_literal(text, what, with, all, &result);
	} else {
		status = rxs_regex_new(session, what, false, &regex);
		if (status == REXI_OK) {
			status = rxs_regex_replace(regex, text, with, all, &result);
			rxs_regex_free(regex);
		}
	}
	if (status != REXI_OK) {
		rx_buf_fini(&result);
		return status;
	}
	return rxl_string_from_buf(call->heap, &result, out);
}
