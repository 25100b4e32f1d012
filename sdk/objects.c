/* Values of the host types of files: making, showing, freeing; metadata, kinds, sizes, constants. */
#include <config.h>

#include "sdk/objects.h"

#include <sys/stat.h>

#include "lang/engine.h"
#include "lang/error.h"
#include "sdk/builders.h"
#include "sdk/command.h"
#include "sdk/kinds.h"
#include "sdk/options.h"
#include "sdk/record.h"

#include "base/banned.h"

#define NATIVE(name)                                                                                                  \
	enum rexi_status name(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,                 \
			      struct rxl_value *args, unsigned argc, struct rxl_value *out)
#define UNUSED_ARGS ((void)session, (void)call, (void)self, (void)args, (void)argc, (void)out)

/* ---- handles ------------------------------------------------------------------------------------------------------------------ */

enum rexi_status rxs_dir_value(struct rxl_call *call, struct rxs_dir *dir, struct rxl_value *out)
{
	return rxs_object(call, RXS_TYPE_DirHandle, dir, out);
}

enum rexi_status rxs_file_value(struct rxl_call *call, struct rxs_file *file, struct rxl_value *out)
{
	return rxs_object(call, RXS_TYPE_FileHandle, file, out);
}

static void show_path(struct rx_buf *out, const char *type, const struct rxs_path *path)
{
	rx_buf_printf(out, "%s(", type);
	rx_buf_str(out, path->uid);
	rx_buf_byte(out, ')');
}

void rxs_show_dir(const void *payload, struct rx_buf *out, bool debug)
{
	(void)debug;
	show_path(out, "DirHandle", ((const struct rxs_dir *)payload)->path);
}

void rxs_free_dir(void *payload)
{
	rxs_dir_unref((struct rxs_dir *)payload);
}

void rxs_show_file(const void *payload, struct rx_buf *out, bool debug)
{
	(void)debug;
	show_path(out, "FileHandle", ((const struct rxs_file *)payload)->path);
}

void rxs_free_file(void *payload)
{
	rxs_file_unref((struct rxs_file *)payload);
}

void rxs_show_link(const void *payload, struct rx_buf *out, bool debug)
{
	(void)debug;
	show_path(out, "SymlinkHandle", ((const struct rxs_link *)payload)->path);
}

void rxs_free_link(void *payload)
{
	rxs_link_unref((struct rxs_link *)payload);
}

/* ---- entries -------------------------------------------------------------------------------------------------------------------- */

enum rexi_status rxs_entry_value(struct rxl_call *call, struct rxs_dir *dir, const struct rxs_entry *entry,
				 struct rxs_link *link, struct rxl_value *out)
{
	struct rxs_session *session = dir->session;
	struct rxs_entry_object *object =
		(struct rxs_entry_object *)rx_memory_take(session->memory, sizeof(*object) + entry->name.len);

	if (!object)
		return rxs_fail_memory(session);
	*object = (struct rxs_entry_object){ .memory = session->memory, .dir = rxs_dir_ref(dir), .entry = *entry,
					     .link = link ? rxs_link_ref(link) : NULL };
	memcpy(object->name, entry->name.ptr, entry->name.len);
	object->entry.name.ptr = object->name;
	return rxs_object(call, RXS_TYPE_DirEntry, object, out);
}

void rxs_free_entry(void *payload)
{
	struct rxs_entry_object *object = (struct rxs_entry_object *)payload;

	if (!object)
		return;
	rxs_file_unref(object->file);
	rxs_link_unref(object->link);
	rxs_dir_unref(object->opened);
	rxs_dir_unref(object->dir);
	rx_memory_give(object->memory, object, sizeof(*object) + object->entry.name.len);
}

void rxs_show_entry(const void *payload, struct rx_buf *out, bool debug)
{
	const struct rxs_entry_object *object = (const struct rxs_entry_object *)payload;

	(void)debug;
	rx_buf_printf(out, "DirEntry(%s ", rxs_entry_type_name(object->entry.type));
	rxs_path_show(out, object->entry.name);
	rx_buf_byte(out, ')');
}

static struct rxs_entry_object *entry_of(struct rxl_call *call, const struct rxl_value *value)
{
	return (struct rxs_entry_object *)rxs_need(call, value, RXS_TYPE_DirEntry);
}

NATIVE(rxs_native_entry_name)
{
	UNUSED_ARGS;
	return rxs_text_value(call, entry_of(call, self)->entry.name, out);
}

NATIVE(rxs_native_entry_inode)
{
	UNUSED_ARGS;
	return rxs_u64_value(session, entry_of(call, self)->entry.inode, out);
}

NATIVE(rxs_native_entry_path)
{
	const struct rxs_entry_object *object = entry_of(call, self);
	struct rxs_path *path;
	enum rexi_status status;

	UNUSED_ARGS;
	RX_TRY(rxs_path_child(session, object->dir->path, object->entry.name, &path));
	status = rxl_string_new(call->heap, path->uid, out);
	rxs_path_unref(path);
	return status;
}

NATIVE(rxs_native_type_entry)
{
	UNUSED_ARGS;
	return rxs_entry_type_value(call, entry_of(call, self)->entry.type, out);
}

NATIVE(rxs_native_map_entry)
{
	const struct rxs_entry_object *object = entry_of(call, self);
	struct rxl_heap *heap = call->heap;
	struct rxl_value map, name;
	enum rexi_status status;

	UNUSED_ARGS;
	RX_TRY(rxl_map_new(heap, 3, &map));
	status = rxl_map_put_int(heap, &map, "inode", (int64_t)object->entry.inode);
	if (status == REXI_OK)
		status = rxl_map_put_text(heap, &map, "type", rx_str(rxs_entry_type_name(object->entry.type)));
	if (status == REXI_OK)
		status = rxs_text_value(call, object->entry.name, &name);
	if (status == REXI_OK)
		status = rxl_map_put(heap, &map, RX_STR("name"), name);
	if (status == REXI_OK)
		*out = map;
	else
		rxl_value_drop(heap, &map);
	return status;
}

/* ---- metadata ---------------------------------------------------------------------------------------------------------------------- */

enum rexi_status rxs_metadata_value(struct rxs_session *session, struct rxl_call *call, const struct rxs_stat *stat,
				    const struct rexi_str *target, struct rxl_value *out)
{
	struct rxs_metadata *data = (struct rxs_metadata *)rx_memory_take(session->memory, sizeof(*data));

	if (!data)
		return rxs_fail_memory(session);
	*data = (struct rxs_metadata){ .memory = session->memory, .session = session, .stat = *stat };
	if (target) {
		data->target = (char *)rx_memory_take(session->memory, target->len);
		if (!data->target) {
			rx_memory_give(session->memory, data, sizeof(*data));
			return rxs_fail_memory(session);
		}
		memcpy(data->target, target->ptr, target->len);
		data->target_len = target->len;
	}
	return rxs_object(call, RXS_TYPE_Metadata, data, out);
}

void rxs_free_metadata(void *payload)
{
	struct rxs_metadata *data = (struct rxs_metadata *)payload;

	if (!data)
		return;
	rx_memory_give(data->memory, data->target, data->target_len);
	rx_memory_give(data->memory, data, sizeof(*data));
}

void rxs_show_metadata(const void *payload, struct rx_buf *out, bool debug)
{
	const struct rxs_metadata *data = (const struct rxs_metadata *)payload;

	(void)debug;
	rx_buf_printf(out, "Metadata(%s, %llu bytes, mode 0o%o)", rxs_entry_type_name(rxs_entry_type_of_mode(data->stat.mode)),
		      (unsigned long long)data->stat.size, data->stat.mode & 07777);
}

static const struct rxs_metadata *metadata_of(struct rxl_call *call, const struct rxl_value *value)
{
	return (const struct rxs_metadata *)rxs_need(call, value, RXS_TYPE_Metadata);
}

#define METADATA_NUMBER(name, expression)                                       \
	NATIVE(name)                                                             \
	{                                                                        \
		const struct rxs_stat *stat = &metadata_of(call, self)->stat;       \
                                                                                 \
		UNUSED_ARGS;                                                     \
		return rxs_u64_value(session, expression, out);                  \
	}

METADATA_NUMBER(rxs_native_file_size, stat->size)
METADATA_NUMBER(rxs_native_blocks, stat->blocks)
METADATA_NUMBER(rxs_native_allocated_size, stat->blocks * 512)
METADATA_NUMBER(rxs_native_num_hardlinks, stat->links)
METADATA_NUMBER(rxs_native_permissions, stat->mode)
METADATA_NUMBER(rxs_native_last_modified_nanos, stat->modified.nanoseconds)

NATIVE(rxs_native_last_modified)
{
	UNUSED_ARGS;
	*out = rxl_int(metadata_of(call, self)->stat.modified.seconds);
	return REXI_OK;
}

NATIVE(rxs_native_type_metadata)
{
	UNUSED_ARGS;
	return rxs_entry_type_value(call, rxs_entry_type_of_mode(metadata_of(call, self)->stat.mode), out);
}

static enum rexi_status target_value(struct rxl_call *call, const struct rxs_metadata *data, struct rxl_value *out)
{
	*out = rxl_unit();
	return data->target ? rxs_text_value(call, rx_str_make(data->target, data->target_len), out) : REXI_OK;
}

NATIVE(rxs_native_symlink_target)
{
	UNUSED_ARGS;
	return target_value(call, metadata_of(call, self), out);
}

/* Names of owner and group; the numbers where there are none (W-35). */
static enum rexi_status names_put(struct rxs_session *session, struct rxl_call *call, uint32_t uid, uint32_t gid,
				  const char *user_key, const char *group_key, struct rxl_value *map)
{
	struct rx_buf name;
	enum rexi_status status;

	rx_buf_init(&name, session->memory, 0);
	status = rxs_user_name(session, uid, &name);
	if (status == REXI_OK)
		status = rxl_map_put_text(call->heap, map, user_key, rx_buf_view(&name));
	rx_buf_clear(&name);
	if (status == REXI_OK)
		status = rxs_group_name(session, gid, &name);
	if (status == REXI_OK)
		status = rxl_map_put_text(call->heap, map, group_key, rx_buf_view(&name));
	rx_buf_fini(&name);
	return status;
}

enum rexi_status rxs_ownership_value(struct rxs_session *session, struct rxl_call *call, uint32_t uid, uint32_t gid,
				     struct rxl_value *out)
{
	struct rxl_value map;
	enum rexi_status status;

	RX_TRY(rxl_map_new(call->heap, 2, &map));
	status = names_put(session, call, uid, gid, "user", "group", &map);
	if (status != REXI_OK) {
		rxl_value_drop(call->heap, &map);
		return status;
	}
	return rxs_record_new(call, RXS_TYPE_Ownership, map, out);
}

NATIVE(rxs_native_owner)
{
	const struct rxs_stat *stat = &metadata_of(call, self)->stat;

	UNUSED_ARGS;
	return rxs_ownership_value(session, call, stat->uid, stat->gid, out);
}

NATIVE(rxs_native_map_metadata)
{
	const struct rxs_metadata *data = metadata_of(call, self);
	struct rxl_heap *heap = call->heap;
	const struct {
		const char *key;
		int64_t number;
	} numbers[] = {
		{ "permissions", data->stat.mode },
		{ "file_size", (int64_t)data->stat.size },
		{ "allocated_size", (int64_t)(data->stat.blocks * 512) },
		{ "last_modified_time", data->stat.modified.seconds },
		{ "num_hardlinks", (int64_t)data->stat.links },
	};
	struct rxl_value map, target;
	enum rexi_status status;

	UNUSED_ARGS;
	RX_TRY(rxl_map_new(heap, 9, &map));
	status = rxl_map_put_text(heap, &map, "type", rx_str(rxs_entry_type_name(rxs_entry_type_of_mode(data->stat.mode))));
	for (size_t i = 0; i < RX_COUNT(numbers) && status == REXI_OK; i++)
		status = rxl_map_put_int(heap, &map, numbers[i].key, numbers[i].number);
	if (status == REXI_OK)
		status = names_put(session, call, data->stat.uid, data->stat.gid, "owner_user", "owner_group", &map);
	if (status == REXI_OK)
		status = target_value(call, data, &target);
	if (status == REXI_OK)
		status = rxl_map_put(heap, &map, RX_STR("symlink_target"), target);
	if (status == REXI_OK)
		*out = map;
	else
		rxl_value_drop(heap, &map);
	return status;
}

/* ---- kinds, types, units --------------------------------------------------------------------------------------------------------------- */

static const char *const walk_steps[] = { "SKIP", "STOP" };

static const struct {
	const char *name;
	int64_t bytes;
} units[] = {
	{ "BYTES", 1 },
	{ "KILOBYTES", 1000 },
	{ "KIBIBYTES", 1024 },
	{ "MEGABYTES", 1000000 },
	{ "MEBIBYTES", 1048576 },
	{ "GIGABYTES", 1000000000 },
	{ "GIBIBYTES", 1073741824 },
};

static const char *const type_constants[RXS_ENTRY_TYPE_COUNT] = {
	[RXS_ENTRY_FILE] = "FILE",       [RXS_ENTRY_DIR] = "DIR",
	[RXS_ENTRY_SYMLINK] = "SYMLINK", [RXS_ENTRY_UNKNOWN] = "UNKNOWN",
	[RXS_ENTRY_FIFO] = "FIFO",       [RXS_ENTRY_SOCKET] = "SOCKET",
	[RXS_ENTRY_CHAR_DEVICE] = "CHAR_DEVICE", [RXS_ENTRY_BLOCK_DEVICE] = "BLOCK_DEVICE",
};

void rxs_show_io_kind(const void *payload, struct rx_buf *out, bool debug)
{
	(void)debug;
	rx_buf_str(out, rx_str(rxs_io_kind_name(rxs_kind_number(payload))));
}

void rxs_show_entry_type(const void *payload, struct rx_buf *out, bool debug)
{
	(void)debug;
	rx_buf_str(out, rx_str(rxs_entry_type_name((enum rxs_entry_type)rxs_kind_number(payload))));
}

void rxs_show_size_unit(const void *payload, struct rx_buf *out, bool debug)
{
	(void)debug;
	rx_buf_str(out, rx_str(units[rxs_kind_number(payload)].name));
}

void rxs_show_walk_step(const void *payload, struct rx_buf *out, bool debug)
{
	(void)debug;
	rx_buf_str(out, rx_str(walk_steps[rxs_kind_number(payload)]));
}

NATIVE(rxs_native_kind_text)
{
	struct rx_buf text;

	UNUSED_ARGS;
	rx_buf_init(&text, &call->heap->memory, 0);
	self->as.host->type->display(self->as.host->payload, &text, false);
	return rxl_string_from_buf(call->heap, &text, out);
}

NATIVE(rxs_native_kind_equal)
{
	UNUSED_ARGS;
	*out = rxl_bool(rxs_kind_number(self->as.host->payload) == rxs_kind_number(args[0].as.host->payload));
	return REXI_OK;
}

NATIVE(rxs_native_kind_unequal)
{
	UNUSED_ARGS;
	*out = rxl_bool(rxs_kind_number(self->as.host->payload) != rxs_kind_number(args[0].as.host->payload));
	return REXI_OK;
}

NATIVE(rxs_native_kind_errno)
{
	UNUSED_ARGS;
	*out = rxl_int(rxs_kind_errno(self->as.host->payload));
	return REXI_OK;
}

NATIVE(rxs_native_kind_path)
{
	struct rexi_str path = rxs_kind_path(self);

	UNUSED_ARGS;
	return path.len ? rxl_string_new(call->heap, path, out) : REXI_OK;
}

/* ---- size ranges ---------------------------------------------------------------------------------------------------------------------------- */

int64_t rxs_unit_bytes(const struct rxl_value *unit)
{
	return units[rxs_kind_number(unit->as.host->payload)].bytes;
}

void rxs_free_size_range(void *payload)
{
	struct rxs_size_range *range = (struct rxs_size_range *)payload;

	if (range)
		rxl_heap_give(range->heap, range, sizeof(*range));
}

void rxs_show_size_range(const void *payload, struct rx_buf *out, bool debug)
{
	const struct rxs_size_range *range = (const struct rxs_size_range *)payload;

	(void)debug;
	RX_BUF_LIT(out, "SizeRange(");
	if (range->has_min)
		rx_buf_i64(out, range->min);
	RX_BUF_LIT(out, "..=");
	if (range->has_max)
		rx_buf_i64(out, range->max);
	RX_BUF_LIT(out, " bytes)");
}

/* number * unit; what does not fit is as good as the largest there is (W-48). */
static int64_t range_bytes(const struct rxl_value *number, const struct rxl_value *unit)
{
	int64_t bytes;

	if (__builtin_mul_overflow(number->as.i, rxs_unit_bytes(unit), &bytes))
		return number->as.i < 0 ? INT64_MIN : INT64_MAX;
	return bytes;
}

static enum rexi_status range_value(struct rxs_session *session, struct rxl_call *call, struct rxs_size_range range,
				    struct rxl_value *out)
{
	struct rxs_size_range *made = (struct rxs_size_range *)rxl_heap_take(call->heap, sizeof(*made));

	if (!made)
		return rxs_fail_memory(session);
	*made = range;
	made->heap = call->heap;
	return rxs_object(call, RXS_TYPE_SizeRange, made, out);
}

NATIVE(rxs_native_range_min)
{
	UNUSED_ARGS;
	return range_value(session, call,
			   (struct rxs_size_range){ .has_min = true, .min = range_bytes(self, &args[0]) }, out);
}

NATIVE(rxs_native_range_max)
{
	UNUSED_ARGS;
	return range_value(session, call,
			   (struct rxs_size_range){ .has_max = true, .max = range_bytes(self, &args[0]) }, out);
}

NATIVE(rxs_native_range_between)
{
	UNUSED_ARGS;
	return range_value(session, call,
			   (struct rxs_size_range){ .has_min = true, .has_max = true, .min = range_bytes(self, &args[1]),
						    .max = range_bytes(&args[0], &args[1]) }, out);
}

/* ---- constants --------------------------------------------------------------------------------------------------------------------------------- */

static void *number_payload(unsigned number)
{
	return (void *)(uintptr_t)(number + 1);
}

enum rexi_status rxs_constants_each(rxs_constant_fn add, void *user)
{
	for (unsigned i = 0; i < RXS_ENTRY_TYPE_COUNT; i++)
		RX_TRY(add(user, "EntryType", type_constants[i], RXS_TYPE_EntryType, number_payload(i)));
	for (unsigned i = 0; i < RX_COUNT(units); i++)
		RX_TRY(add(user, "SizeUnit", units[i].name, RXS_TYPE_SizeUnit, number_payload(i)));
	for (unsigned i = 0; i < RXS_IO_KIND_COUNT; i++)
		RX_TRY(add(user, "IoErrorKind", rxs_io_kind_name(i), RXS_TYPE_RhaiSafeIoErrorKind, number_payload(i)));
	for (unsigned i = 0; i < RX_COUNT(walk_steps); i++)
		RX_TRY(add(user, "WalkStep", walk_steps[i], RXS_TYPE_WalkStep, number_payload(i)));
	RX_TRY(rxs_kinds_register(add, user));
	return rxs_flags_register(add, user);
}

/* ---- callbacks ----------------------------------------------------------------------------------------------------------------------------------- */

enum rexi_status rxs_callback_failed(struct rxs_session *session, struct rxl_call *call, enum rexi_status status,
				     enum rxs_source source, unsigned kind, const char *prefix)
{
	const struct rxl_error *error = call->vm->error;
	const struct rxl_error *root = error ? rxl_error_root(error) : NULL;
	struct rx_buf text;

	if (!error || !rxl_error_is_catchable(error) ||
	    (root->kind == RXL_ERROR_RUNTIME && rxs_is_denial(session, &root->value)))
		return status;
	rx_buf_init(&text, session->memory, 0);
	rxl_error_text(error, &text, true);
	if (rxl_call_swallow(call)) {
		status = rxs_fail_from(session, source, kind, "%s", prefix);
		rx_buf_str(&session->failure.message, rx_buf_view(&text));
	}
	rx_buf_fini(&text);
	return status;
}
