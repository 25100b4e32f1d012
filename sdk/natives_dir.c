/* Natives of directories, links and entries. */
#include <config.h>

#include "sdk/builders.h"
#include "sdk/objects.h"
#include "sdk/options.h"
#include "sdk/regex.h"

#include "base/banned.h"

#define NATIVE(name)                                                                                                  \
	enum rexi_status name(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,                 \
			      struct rxl_value *args, unsigned argc, struct rxl_value *out)
#define UNUSED_ARGS ((void)session, (void)call, (void)self, (void)args, (void)argc, (void)out)

static struct rxs_dir *dir_of(struct rxl_call *call, const struct rxl_value *value)
{
	return (struct rxs_dir *)rxs_need(call, value, RXS_TYPE_DirHandle);
}

static struct rxs_entry_object *entry_of(struct rxl_call *call, const struct rxl_value *value)
{
	return (struct rxs_entry_object *)rxs_need(call, value, RXS_TYPE_DirEntry);
}

struct rxs_open_file rxs_open_file_from(const struct rxs_options *options)
{
	return (struct rxs_open_file){
		.read = rxs_option_bool(options, RXS_OPT_OpenFileOptions_read),
		.write = rxs_option_bool(options, RXS_OPT_OpenFileOptions_write),
		.create = rxs_option_bool(options, RXS_OPT_OpenFileOptions_create),
		.follow = rxs_option_bool(options, RXS_OPT_OpenFileOptions_follow_symlinks),
		.has_permissions = rxs_option_is_set(options, RXS_OPT_OpenFileOptions_permissions),
		.permissions = (uint32_t)(rxs_option_int(options, RXS_OPT_OpenFileOptions_permissions) & 0777),
	};
}

/* ---- opening --------------------------------------------------------------------------------------------------------------- */

NATIVE(rxs_native_open)
{
	const struct rxs_options *config = rxs_options_need(call, self), *options = rxs_options_need(call, &args[0]);
	struct rxs_open_dir how = {
		.create = rxs_option_bool(options, RXS_OPT_OpenDirOptions_create),
		.recursive = rxs_option_bool(options, RXS_OPT_OpenDirOptions_recursive),
		.follow = rxs_option_bool(options, RXS_OPT_OpenDirOptions_follow_symlinks),
	};
	struct rxs_dir *dir;

	UNUSED_ARGS;
	RX_TRY(rxs_dir_open(session, rxs_option_str(config, RXS_OPT_DirConfig_path), &how, &dir));
	return rxs_dir_value(call, dir, out);
}

NATIVE(rxs_native_open_file)
{
	struct rxs_open_file how = rxs_open_file_from(rxs_options_need(call, &args[1]));
	struct rxs_file *file;

	UNUSED_ARGS;
	RX_TRY(rxs_file_open(dir_of(call, self), rxl_string_view(&args[0]), false, &how, &file));
	return rxs_file_value(call, file, out);
}

static bool same_options(const struct rxs_open_file *a, const struct rxs_open_file *b)
{
	return a->read == b->read && a->write == b->write && a->create == b->create && a->follow == b->follow &&
	       a->has_permissions == b->has_permissions && a->permissions == b->permissions;
}

NATIVE(rxs_native_open_as_file)
{
	struct rxs_entry_object *object = entry_of(call, self);
	struct rxs_open_file how = rxs_open_file_from(rxs_options_need(call, &args[0]));
	struct rxs_file *file;

	UNUSED_ARGS;
	if (object->opened)
		return rxs_fail(session, RXS_IO_EntryTypeMismatchError,
				"Entry type mismatch: DirEntry does not represent a file");
	if (object->entry.followed)
		how.follow = true;
	/* What was opened with the same options is given again; with others the entry is opened anew (W-55). */
	if (object->file && same_options(&object->file_how, &how))
		return rxs_file_value(call, rxs_file_ref(object->file), out);
	RX_TRY(rxs_file_open(object->dir, object->entry.name, true, &how, &file));
	rxs_file_unref(object->file);
	object->file = rxs_file_ref(file);
	object->file_how = how;
	return rxs_file_value(call, file, out);
}

NATIVE(rxs_native_open_as_dir)
{
	struct rxs_entry_object *object = entry_of(call, self);
	bool follow = object->entry.followed || object->entry.type == RXS_ENTRY_SYMLINK;
	struct rxs_dir *dir;

	UNUSED_ARGS;
	if (object->file)
		return rxs_fail(session, RXS_IO_EntryTypeMismatchError,
				"Entry type mismatch: DirEntry does not represent a dir");
	if (object->opened)
		return rxs_dir_value(call, rxs_dir_ref(object->opened), out);
	RX_TRY(rxs_dir_child(object->dir, object->entry.name, true, follow, &dir));
	object->opened = rxs_dir_ref(dir);
	return rxs_dir_value(call, dir, out);
}

NATIVE(rxs_native_open_symlink)
{
	struct rxs_link *link;

	UNUSED_ARGS;
	RX_TRY(rxs_link_open(dir_of(call, self), rxl_string_view(&args[0]), false, &link));
	return rxs_object(call, RXS_TYPE_SymlinkHandle, link, out);
}

/* ---- listing and walking -------------------------------------------------------------------------------------------------------- */

NATIVE(rxs_native_list_entries)
{
	struct rxs_dir *dir = dir_of(call, self);
	struct rxs_listing listing;
	struct rxl_value map;
	enum rexi_status status;

	UNUSED_ARGS;
	RX_TRY(rxs_dir_list(dir, &listing));
	status = rxl_map_new(call->heap, listing.count, &map);
	if (status != REXI_OK) {
		rxs_listing_fini(&listing);
		return status;
	}
	for (size_t i = 0; i < listing.count && status == REXI_OK; i++) {
		struct rxl_value entry;
		struct rx_buf key;

		rx_buf_init(&key, session->memory, 0);
		rxs_path_show(&key, listing.entries[i].name);
		status = key.failed ? rxs_fail_memory(session) :
				      rxs_entry_value(call, dir, &listing.entries[i], NULL, &entry);
		if (status == REXI_OK)
			status = rxl_map_put(call->heap, &map, rx_buf_view(&key), entry);
		rx_buf_fini(&key);
	}
	rxs_listing_fini(&listing);
	if (status == REXI_OK)
		*out = map;
	else
		rxl_value_drop(call->heap, &map);
	return status;
}

/* What find looks at, made ready once. */
struct find {
	struct rxs_session *session;
	struct rxl_call *call;
	const struct rxl_value *fn;
	struct rxs_glob *glob;
	struct rxs_regex *regex;
	bool negate, has_filter, stopped;
	const struct rxs_size_range *sizes;
	bool has_time[4];
	int64_t time[4]; /* min and max of change, min and max of modification: seconds */
};

static enum rexi_status pattern_holds(struct find *find, struct rxs_dir *dir, const struct rxs_entry *entry, bool *holds)
{
	struct rx_buf text;
	enum rexi_status status = REXI_OK;

	*holds = true;
	if (find->glob) {
		*holds = rxs_glob_matches(find->glob, entry->name) != find->negate;
		return REXI_OK;
	}
	if (!find->regex)
		return REXI_OK;
	rx_buf_init(&text, find->session->memory, 0);
	rx_buf_str(&text, rxs_path_str(dir->path));
	if (dir->path->len > 1)
		rx_buf_byte(&text, '/');
	rx_buf_str(&text, entry->name);
	if (text.failed) {
		status = rxs_fail_memory(find->session);
	} else {
		struct rx_buf shown;

		rx_buf_init(&shown, find->session->memory, 0);
		rxs_path_show(&shown, rx_buf_view(&text));
		status = shown.failed ? rxs_fail_memory(find->session) :
					rxs_regex_matches(find->regex, rx_buf_view(&shown), false, holds);
		rx_buf_fini(&shown);
	}
	rx_buf_fini(&text);
	return status;
}

static enum rexi_status filter_holds(struct find *find, struct rxs_dir *dir, const struct rxs_entry *entry, bool *holds)
{
	struct rxs_stat stat;
	int64_t seconds[2];

	*holds = true;
	if (!find->has_filter)
		return REXI_OK;
	RX_TRY(rxs_entry_stat(dir, entry, &stat, NULL, NULL));
	if (find->sizes && ((find->sizes->has_min && stat.size < (uint64_t)find->sizes->min) ||
			    (find->sizes->has_max && stat.size > (uint64_t)find->sizes->max)))
		*holds = false;
	seconds[0] = stat.changed.seconds;
	seconds[1] = stat.modified.seconds;
	for (unsigned i = 0; i < 4; i++)
		if (find->has_time[i] && (i % 2 == 0 ? seconds[i / 2] < find->time[i] : seconds[i / 2] > find->time[i]))
			*holds = false;
	return REXI_OK;
}

/* Calls the script; what it returns is ignored unless it is a WalkStep (W-40). */
static enum rexi_status call_back(struct find *find, struct rxs_dir *dir, const struct rxs_entry *entry, bool *skip)
{
	struct rxl_value item, result = rxl_unit();
	const void *step;
	enum rexi_status status = rxs_entry_value(find->call, dir, entry, NULL, &item);

	if (status != REXI_OK)
		return status;
	status = rxl_call_fnptr(find->call, find->fn, NULL, &item, 1, &result);
	rxl_value_drop(find->call->heap, &item);
	if (status != REXI_OK)
		return rxs_callback_failed(find->session, find->call, status, RXS_SOURCE_IO, RXS_IO_CallbackError,
					   "Rhai callback execution failed: ");
	step = rxl_object_payload(&result, rxs_class(find->session, RXS_TYPE_WalkStep));
	if (step) {
		*skip = rxs_kind_number(step) == 0;
		find->stopped = rxs_kind_number(step) == 1;
	}
	rxl_value_drop(find->call->heap, &result);
	return find->stopped ? REXI_TERMINATED : REXI_OK;
}

static enum rexi_status find_entry(void *user, struct rxs_dir *dir, const struct rxs_entry *entry, struct rxs_dir *child,
				   uint64_t depth, bool *skip)
{
	struct find *find = (struct find *)user;
	bool holds;

	(void)child;
	(void)depth;
	RX_TRY(pattern_holds(find, dir, entry, &holds));
	if (!holds)
		return REXI_OK;
	RX_TRY(filter_holds(find, dir, entry, &holds));
	return holds ? call_back(find, dir, entry, skip) : REXI_OK;
}

/* Seconds of a DateTime, by its own script function: the type belongs to another part. */
static enum rexi_status read_times(struct find *find, const struct rxs_options *options)
{
	static const enum rxs_option fields[4] = { RXS_OPT_FindOptions_min_creation_time, RXS_OPT_FindOptions_max_creation_time,
						   RXS_OPT_FindOptions_min_modification_time,
						   RXS_OPT_FindOptions_max_modification_time };

	for (unsigned i = 0; i < 4; i++) {
		const struct rxl_value *value = rxs_option_value(options, fields[i]);
		struct rxl_value time, seconds = rxl_unit();
		enum rexi_status status;

		if (!value)
			continue;
		time = rxl_value_copy(value);
		status = rxl_call_named(find->call, RX_STR("epoch_seconds"), &time, NULL, 0, &seconds);
		rxl_value_drop(find->call->heap, &time);
		if (status != REXI_OK)
			return status;
		if (seconds.type != RXL_INT)
			return rxs_fail(find->session, RXS_IO_ValidationError, "Validation error: not a time");
		find->has_time[i] = find->has_filter = true;
		find->time[i] = seconds.as.i;
	}
	return REXI_OK;
}

static enum rexi_status find_prepare(struct find *find, const struct rxs_options *options)
{
	struct rxs_session *session = find->session;
	const struct rxl_value *range = rxs_option_value(options, RXS_OPT_FindOptions_size_range);

	if (rxs_option_is_set(options, RXS_OPT_FindOptions_name))
		RX_TRY(rxs_glob_new(session, rxs_option_str(options, RXS_OPT_FindOptions_name), false, &find->glob));
	if (rxs_option_is_set(options, RXS_OPT_FindOptions_iname))
		RX_TRY(rxs_glob_new(session, rxs_option_str(options, RXS_OPT_FindOptions_iname), true, &find->glob));
	if (rxs_option_is_set(options, RXS_OPT_FindOptions_regex))
		RX_TRY(rxs_regex_new(session, rxs_option_str(options, RXS_OPT_FindOptions_regex), false, &find->regex));
	find->negate = rxs_option_bool(options, RXS_OPT_FindOptions_negate_name);
	if (range) {
		find->sizes = (const struct rxs_size_range *)rxs_need(find->call, range, RXS_TYPE_SizeRange);
		find->has_filter = true;
	}
	return read_times(find, options);
}

static enum rexi_status depth_option(struct rxs_session *session, const struct rxs_options *options, enum rxs_option option,
				     uint64_t *out)
{
	int64_t depth = rxs_option_int(options, option);

	if (depth < 0)
		return rxs_fail(session, RXS_IO_TryFromIntError, "out of range integral type conversion attempted");
	*out = (uint64_t)depth;
	return REXI_OK;
}

NATIVE(rxs_native_find)
{
	const struct rxs_options *options = rxs_options_need(call, &args[0]);
	struct find find = { .session = session, .call = call, .fn = &args[1] };
	struct rxs_walk_options walk = {
		.follow = rxs_option_bool(options, RXS_OPT_FindOptions_follow_symlinks),
		.strict_root = true,
		.user = &find,
		.entry = find_entry,
	};
	enum rexi_status status = find_prepare(&find, options);

	UNUSED_ARGS;
	if (status == REXI_OK)
		status = depth_option(session, options, RXS_OPT_FindOptions_min_depth, &walk.min_depth);
	if (status == REXI_OK)
		status = depth_option(session, options, RXS_OPT_FindOptions_max_depth, &walk.max_depth);
	if (status == REXI_OK)
		status = rxs_walk(dir_of(call, self), &walk);
	rxs_glob_free(find.glob);
	rxs_regex_free(find.regex);
	return status == REXI_TERMINATED && find.stopped ? REXI_OK : status;
}

/* ---- links and names --------------------------------------------------------------------------------------------------------------- */

NATIVE(rxs_native_read_link_target)
{
	struct rx_buf text;
	enum rexi_status status;

	UNUSED_ARGS;
	rx_buf_init(&text, session->memory, 0);
	status = rxs_dir_link_target(dir_of(call, self), rxl_string_view(&args[0]), &text);
	if (status == REXI_OK)
		status = rxs_text_value(call, rx_buf_view(&text), out);
	rx_buf_fini(&text);
	return status;
}

NATIVE(rxs_native_create_symlink)
{
	const struct rxs_options *options = rxs_options_need(call, &args[2]);

	UNUSED_ARGS;
	return rxs_dir_symlink(dir_of(call, self), rxl_string_view(&args[0]), rxl_string_view(&args[1]),
			       rxs_option_bool(options, RXS_OPT_CreateSymlinkOptions_force));
}

NATIVE(rxs_native_delete_dir)
{
	const struct rxs_options *options = rxs_options_need(call, &args[0]);

	UNUSED_ARGS;
	return rxs_dir_delete(dir_of(call, self), rxs_option_bool(options, RXS_OPT_DeleteDirOptions_force),
			      rxs_option_bool(options, RXS_OPT_DeleteDirOptions_recursive));
}

NATIVE(rxs_native_move_dir)
{
	const struct rxs_options *options = rxs_options_need(call, &args[3]);
	struct rxs_dir *moved;

	UNUSED_ARGS;
	RX_TRY(rxs_dir_move(dir_of(call, self), dir_of(call, &args[0]), dir_of(call, &args[1]), rxl_string_view(&args[2]),
			    rxs_option_bool(options, RXS_OPT_MoveOptions_verbose), &moved));
	return rxs_dir_value(call, moved, out);
}

/* ---- status, mode, owner -------------------------------------------------------------------------------------------------------------- */

NATIVE(rxs_native_metadata_dir)
{
	struct rxs_stat stat;

	UNUSED_ARGS;
	RX_TRY(rxs_dir_stat(dir_of(call, self), &stat));
	return rxs_metadata_value(session, call, &stat, NULL, out);
}

NATIVE(rxs_native_metadata_entry)
{
	struct rxs_entry_object *object = entry_of(call, self);
	struct rx_buf target;
	struct rexi_str text;
	struct rxs_stat stat;
	enum rexi_status status;
	bool has_target;

	UNUSED_ARGS;
	rx_buf_init(&target, session->memory, 0);
	status = object->link ? rxs_link_stat(object->link, &stat, &target, &has_target) :
				rxs_entry_stat(object->dir, &object->entry, &stat, &target, &has_target);
	text = rx_buf_view(&target);
	if (status == REXI_OK)
		status = rxs_metadata_value(session, call, &stat, has_target ? &text : NULL, out);
	rx_buf_fini(&target);
	return status;
}

NATIVE(rxs_native_metadata_link)
{
	struct rxs_link *link = (struct rxs_link *)rxs_need(call, self, RXS_TYPE_SymlinkHandle);
	struct rx_buf target;
	struct rexi_str text;
	struct rxs_stat stat;
	enum rexi_status status;
	bool has_target;

	UNUSED_ARGS;
	rx_buf_init(&target, session->memory, 0);
	status = rxs_link_stat(link, &stat, &target, &has_target);
	text = rx_buf_view(&target);
	if (status == REXI_OK)
		status = rxs_metadata_value(session, call, &stat, has_target ? &text : NULL, out);
	rx_buf_fini(&target);
	return status;
}

NATIVE(rxs_native_ownership_dir)
{
	struct rxs_stat stat;

	UNUSED_ARGS;
	RX_TRY(rxs_dir_stat(dir_of(call, self), &stat));
	return rxs_ownership_value(session, call, stat.uid, stat.gid, out);
}

/* The names in SetOwnershipOptions; NULL where not set. */
static void owner_options(const struct rxs_options *options, struct rexi_str names[2], const struct rexi_str *set[2])
{
	static const enum rxs_option fields[2] = { RXS_OPT_SetOwnershipOptions_user, RXS_OPT_SetOwnershipOptions_group };

	for (unsigned i = 0; i < 2; i++) {
		names[i] = rxs_option_str(options, fields[i]);
		set[i] = rxs_option_is_set(options, fields[i]) ? &names[i] : NULL;
	}
}

NATIVE(rxs_native_set_ownership_dir)
{
	const struct rxs_options *options = rxs_options_need(call, &args[0]);
	const struct rexi_str *set[2];
	struct rexi_str names[2];

	UNUSED_ARGS;
	owner_options(options, names, set);
	return rxs_dir_chown(dir_of(call, self), set[0], set[1],
			     rxs_option_bool(options, RXS_OPT_SetOwnershipOptions_recursive));
}

NATIVE(rxs_native_set_ownership_file)
{
	const struct rexi_str *set[2];
	struct rexi_str names[2];

	UNUSED_ARGS;
	owner_options(rxs_options_need(call, &args[0]), names, set);
	return rxs_file_chown((struct rxs_file *)rxs_need(call, self, RXS_TYPE_FileHandle), set[0], set[1]);
}

NATIVE(rxs_native_set_ownership_link)
{
	const struct rexi_str *set[2];
	struct rexi_str names[2];

	UNUSED_ARGS;
	owner_options(rxs_options_need(call, &args[0]), names, set);
	return rxs_link_chown((struct rxs_link *)rxs_need(call, self, RXS_TYPE_SymlinkHandle), set[0], set[1]);
}

NATIVE(rxs_native_chmod_dir)
{
	const struct rxs_options *options = rxs_options_need(call, &args[0]);

	UNUSED_ARGS;
	return rxs_dir_chmod(dir_of(call, self), rxs_option_int(options, RXS_OPT_ChmodDirOptions_permissions),
			     rxs_option_bool(options, RXS_OPT_ChmodDirOptions_recursive));
}
