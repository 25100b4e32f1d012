#include <config.h>

#include "sdk/command.h"

#include "sdk/commands.h"
#include "sdk/error.h"
#include "sdk/redact.h"

#include "base/banned.h"

_Static_assert(RXS_FLAG_COUNT <= 64, "flags of one call are bits of a number");

/* Flags without values are numbers where a pointer stands: constants cost no memory. */
static bool is_plain(const void *payload)
{
	return (uintptr_t)payload <= RXS_FLAG_COUNT;
}

void *rxs_flag_plain(enum rxs_flag_id id)
{
	return (void *)((uintptr_t)id + 1);
}

void rxs_show_flag(const void *payload, struct rx_buf *out, bool debug)
{
	static const struct {
		enum rxs_flag_id id;
		const char *module, *name;
	} names[] = {
#define RXS_FLAG(module, name, type, id) { RXS_FLAG_##id, module, name },
#define RXS_FLAG_ALIAS(module, name, type, id)
#define RXS_FLAG_VALUE(type, id)
#include "sdk/flags.def"
#undef RXS_FLAG
#undef RXS_FLAG_ALIAS
#undef RXS_FLAG_VALUE
	};
	const struct rxs_flag *flag = payload;

	(void)debug;
	if (is_plain(payload)) {
		for (size_t i = 0; i < RX_COUNT(names); i++)
			if (rxs_flag_plain(names[i].id) == payload)
				rx_buf_printf(out, "%s::%s", names[i].module, names[i].name);
		return;
	}
	switch (flag->id) {
	case RXS_FLAG_GREP_MAX_COUNT:
		RX_BUF_LIT(out, "grep::max_count(");
		break;
	case RXS_FLAG_TAIL_N:
		RX_BUF_LIT(out, "tail::n(");
		break;
	case RXS_FLAG_TAIL_FROM:
		RX_BUF_LIT(out, "tail::from(");
		break;
	case RXS_FLAG_TAIL_RANGE:
		RX_BUF_LIT(out, "tail::range(");
		break;
	case RXS_FLAG_SEQ_STEP:
		RX_BUF_LIT(out, "seq::step(");
		break;
	default:
		RX_BUF_LIT(out, "du::max_depth(");
		break;
	}
	rx_buf_i64(out, flag->first);
	if (flag->id == RXS_FLAG_TAIL_RANGE) {
		RX_BUF_LIT(out, ", ");
		rx_buf_i64(out, flag->second);
	}
	rx_buf_byte(out, ')');
}

void rxs_free_flag(void *payload)
{
	struct rxs_flag *flag = payload;

	if (!is_plain(payload))
		rx_memory_give(flag->memory, flag, sizeof(*flag));
}

static struct rxs_flag *flag_new(struct rx_memory *memory, enum rxs_type type, enum rxs_flag_id id)
{
	struct rxs_flag *flag = rx_memory_take(memory, sizeof(*flag));

	if (flag)
		*flag = (struct rxs_flag){ .memory = memory, .type = type, .id = id };
	return flag;
}

enum rexi_status rxs_flags_register(enum rexi_status (*add)(void *user, const char *module, const char *name,
							    enum rxs_type type, void *payload),
				    void *user)
{
	static const struct {
		const char *module, *name;
		enum rxs_type type;
		enum rxs_flag_id id;
	} rows[] = {
#define RXS_FLAG(module, name, type, id) { module, name, RXS_TYPE_##type, RXS_FLAG_##id },
#define RXS_FLAG_ALIAS RXS_FLAG
#define RXS_FLAG_VALUE(type, id)
#include "sdk/flags.def"
#undef RXS_FLAG
#undef RXS_FLAG_ALIAS
#undef RXS_FLAG_VALUE
	};

	for (size_t i = 0; i < RX_COUNT(rows); i++)
		RX_TRY(add(user, rows[i].module, rows[i].name, rows[i].type, rxs_flag_plain(rows[i].id)));
	return REXI_OK;
}

/* Functions that make flags, by the name of their row. */
static const struct flag_maker {
	const char *name;
	enum rxs_type type;
	enum rxs_flag_id id;
} flag_makers[] = {
	{ "grep::max_count", RXS_TYPE_GrepFlag, RXS_FLAG_GREP_MAX_COUNT }, { "grep::m", RXS_TYPE_GrepFlag, RXS_FLAG_GREP_MAX_COUNT },
	{ "tail::n", RXS_TYPE_TailFlag, RXS_FLAG_TAIL_N },                 { "tail::from", RXS_TYPE_TailFlag, RXS_FLAG_TAIL_FROM },
	{ "tail::range", RXS_TYPE_TailFlag, RXS_FLAG_TAIL_RANGE },         { "seq::step", RXS_TYPE_SeqFlag, RXS_FLAG_SEQ_STEP },
	{ "du::max_depth", RXS_TYPE_DuFlag, RXS_FLAG_DU_MAX_DEPTH },       { "du::d", RXS_TYPE_DuFlag, RXS_FLAG_DU_MAX_DEPTH },
};

RXS_COMMAND(rxs_flag_make)
{
	const char *name = rxs_call_native(call)->name;
	const struct flag_maker *maker = flag_makers;
	struct rxs_flag *flag;

	while (strcmp(maker->name, name) != 0)
		RX_ASSERT(++maker < flag_makers + RX_COUNT(flag_makers));
	flag = flag_new(session->memory, maker->type, maker->id);
	if (!flag)
		return rxs_fail_memory(session);
	flag->first = self->as.i;
	flag->second = argc > 0 ? args[0].as.i : 0;
	return rxs_object(call, maker->type, flag, out);
}

enum rexi_status rxs_flags_read(struct rxs_session *session, struct rxl_call *call, const char *command, enum rxs_type type,
				const struct rxl_value *list, struct rxs_flags *out)
{
	static const struct {
		enum rxs_type type;
		const char *name;
	} names[] = {
		{ RXS_TYPE_CatFlag, "CatFlag" }, { RXS_TYPE_LsFlag, "LsFlag" },     { RXS_TYPE_GrepFlag, "GrepFlag" },
		{ RXS_TYPE_TailFlag, "TailFlag" }, { RXS_TYPE_SedFlag, "SedFlag" }, { RXS_TYPE_RmFlag, "RmFlag" },
		{ RXS_TYPE_SeqFlag, "SeqFlag" }, { RXS_TYPE_GlobFlag, "GlobFlag" }, { RXS_TYPE_WcFlag, "WcFlag" },
		{ RXS_TYPE_CpFlag, "CpFlag" },   { RXS_TYPE_MvFlag, "MvFlag" },     { RXS_TYPE_MkdirFlag, "MkdirFlag" },
		{ RXS_TYPE_DuFlag, "DuFlag" },   { RXS_TYPE_WriteFlag, "WriteFlag" },
	};
	const char *name = "";

	out->given = 0;
	for (size_t i = 0; i < RX_COUNT(names); i++)
		if (names[i].type == type)
			name = names[i].name;
	for (size_t i = 0; list && i < rxl_array_count(list); i++) {
		const struct rxl_value *item = &rxl_array_items(list)[i];
		const struct rxs_flag *flag = rxs_payload(call, item, type);
		if (!flag) {
			const char *got = item->type == RXL_OBJECT ? item->as.host->type->path : rxl_value_type_name(item);
			return rxs_fail(session, RXS_IO_Other, "%s: expected %s flag, got %s", command, name, got);
		}
		enum rxs_flag_id id = is_plain(flag) ? (enum rxs_flag_id)((uintptr_t)flag - 1) : flag->id;
		if (rxs_flag_given(out, id))
			continue; /* of repeated values the first counts */
		out->given |= UINT64_C(1) << id;
		if (!is_plain(flag)) {
			out->first[id] = flag->first;
			out->second[id] = flag->second;
		}
	}
	return REXI_OK;
}

/* ---- paths and opening ------------------------------------------------------------------------------------------------ */

bool rxs_try_split_path(struct rexi_str path, struct rxs_split_path *out)
{
	size_t end = path.len, start;

	for (;;) { /* "/d/f/", "/d/f/." and "/d/f/./" all end in f */
		if (end > 0 && path.ptr[end - 1] == '/')
			end--;
		else if (end > 1 && path.ptr[end - 1] == '.' && path.ptr[end - 2] == '/')
			end--;
		else
			break;
	}
	for (start = end; start > 0 && path.ptr[start - 1] != '/';)
		start--;
	out->name = rx_str_sub(path, start, end - start);
	if (out->name.len == 0 || rx_str_eq(out->name, RX_STR("..")) || rx_str_eq(out->name, RX_STR(".")))
		return false;
	while (start > 1 && path.ptr[start - 1] == '/')
		start--;
	out->dir = rx_str_sub(path, 0, start);
	return true;
}

enum rexi_status rxs_split_path(struct rxs_session *session, struct rexi_str path, const char *what,
				struct rxs_split_path *out)
{
	enum rexi_status status;

	if (rxs_try_split_path(path, out))
		return REXI_OK;
	status = rxs_fail(session, RXS_IO_InvalidArguments, "Invalid arguments: Invalid %s%spath: ", what, what[0] ? " " : "");
	rxs_path_show(&session->failure.message, path);
	return status;
}

enum rexi_status rxs_command_open(struct rxs_session *session, struct rexi_str path, bool follow_dir,
				  const struct rxs_open_file *how, struct rxs_file **out)
{
	const struct rxs_open_dir open_dir = { .follow = follow_dir };
	struct rxs_split_path split;
	struct rxs_dir *dir;
	enum rexi_status status;

	RX_TRY(rxs_split_path(session, path, "file", &split));
	RX_TRY(rxs_dir_open(session, split.dir, &open_dir, &dir));
	status = rxs_file_open(dir, split.name, false, how, out);
	rxs_dir_unref(dir);
	return status;
}

enum rexi_status rxs_each_line(struct rxs_file *file, rxs_line_fn each, void *user)
{
	struct rxs_session *session = file->session;
	const struct rxs_grant *read;
	struct rxs_reader reader;
	struct rexi_str line;
	struct rx_buf shown;
	enum rexi_status status;
	bool redacted;

	RX_TRY(rxs_file_may_read_redacted(file, &redacted, &read));
	if (redacted)
		RX_TRY(rxs_redact_load(session));
	rx_buf_init(&shown, session->memory, 0);
	rxs_reader_init(&reader, file, read, 0);
	do {
		status = rxs_reader_line(&reader, true, &line);
		if (status != REXI_OK || !line.ptr)
			break;
		status = rxs_require_utf8(session, line);
		if (status == REXI_OK && redacted) {
			rx_buf_clear(&shown);
			status = rxs_redact_line(session, line, &shown);
			line = rx_buf_view(&shown);
		}
		if (status == REXI_OK)
			status = each(user, line);
	} while (status == REXI_OK);
	rxs_reader_fini(&reader);
	rx_buf_fini(&shown);
	return status;
}
