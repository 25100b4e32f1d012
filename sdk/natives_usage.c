/* disk_usage for scripts. */
#include <config.h>

#include "sdk/objects.h"
#include "sdk/options.h"
#include "sdk/record.h"

#include "base/banned.h"

#define NATIVE(name)                                                                                                  \
	enum rexi_status name(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,                 \
			      struct rxl_value *args, unsigned argc, struct rxl_value *out)
#define UNUSED_ARGS ((void)session, (void)call, (void)self, (void)args, (void)argc, (void)out)

struct collect {
	struct rxs_session *session;
	struct rxl_call *call;
	struct rxl_value *array;
	uint64_t count;
};

static enum rexi_status entry_value(struct rxl_call *call, struct rexi_str path, uint64_t bytes, uint64_t inodes,
				    struct rxl_value *out)
{
	struct rxl_heap *heap = call->heap;
	struct rxl_value map;
	enum rexi_status status;

	RX_TRY(rxl_map_new(heap, 3, &map));
	status = rxl_map_put_int(heap, &map, "inode_count", (int64_t)inodes);
	if (status == REXI_OK)
		status = rxl_map_put_text(heap, &map, "path", path);
	if (status == REXI_OK)
		status = rxl_map_put_int(heap, &map, "size_bytes", (int64_t)bytes);
	if (status != REXI_OK) {
		rxl_value_drop(heap, &map);
		return status;
	}
	return rxs_record_new(call, RXS_TYPE_DiskUsageEntry, map, out);
}

static enum rexi_status collect_entry(void *user, struct rexi_str path, uint64_t bytes, uint64_t inodes, uint64_t depth)
{
	struct collect *collect = (struct collect *)user;
	struct rxl_value item;

	(void)depth;
	if (++collect->count > collect->session->limits.list_entries)
		return rxs_fail_limit(collect->session, "list_entries", collect->session->limits.list_entries);
	RX_TRY(entry_value(collect->call, path, bytes, inodes, &item));
	return rxl_array_push(collect->call->heap, collect->array, item);
}

static enum rexi_status result_value(struct rxl_call *call, struct rxl_value *entries, struct rxs_dir **largest,
				     struct rxl_value *out)
{
	struct rxl_heap *heap = call->heap;
	struct rxl_value map, handle = rxl_unit();
	enum rexi_status status;

	RX_TRY(rxl_map_new(heap, 2, &map));
	status = rxl_map_put(heap, &map, RX_STR("entries"), rxl_value_take(entries));
	if (status == REXI_OK && *largest) {
		status = rxs_dir_value(call, *largest, &handle);
		*largest = NULL;
	}
	if (status == REXI_OK)
		status = rxl_map_put(heap, &map, RX_STR("largest_subdir_handle"), handle);
	if (status != REXI_OK) {
		rxl_value_drop(heap, &map);
		return status;
	}
	return rxs_record_new(call, RXS_TYPE_DiskUsageResult, map, out);
}

NATIVE(rxs_native_disk_usage_dir)
{
	const struct rxs_options *options = rxs_options_need(call, &args[0]);
	struct rxl_value entries;
	struct collect collect = { .session = session, .call = call, .array = &entries };
	struct rxs_usage_options usage = {
		.summarize = rxs_option_bool(options, RXS_OPT_DiskUsageOptions_summarize),
		.all_files = rxs_option_bool(options, RXS_OPT_DiskUsageOptions_all_files),
		.one_file_system = rxs_option_bool(options, RXS_OPT_DiskUsageOptions_one_file_system),
		.count_hard_links = rxs_option_bool(options, RXS_OPT_DiskUsageOptions_count_hard_links),
		.apparent_size = rxs_option_bool(options, RXS_OPT_DiskUsageOptions_apparent_size),
		.track_largest = rxs_option_bool(options, RXS_OPT_DiskUsageOptions_track_largest_subdir),
		.max_depth = rxs_option_int(options, RXS_OPT_DiskUsageOptions_max_depth),
		.user = &collect,
		.entry = collect_entry,
	};
	struct rxs_dir *largest = NULL;
	uint64_t bytes, inodes;
	enum rexi_status status;

	UNUSED_ARGS;
	RX_TRY(rxl_array_new(call->heap, 0, &entries));
	status = rxs_usage((struct rxs_dir *)rxs_need(call, self, RXS_TYPE_DirHandle), &usage, &bytes, &inodes, &largest);
	if (status == REXI_OK)
		status = result_value(call, &entries, &largest, out);
	rxs_dir_unref(largest);
	rxl_value_drop(call->heap, &entries);
	return status;
}

NATIVE(rxs_native_disk_usage_file)
{
	const struct rxs_options *options = rxs_options_need(call, &args[0]);
	struct rxs_file *file = (struct rxs_file *)rxs_need(call, self, RXS_TYPE_FileHandle);
	struct rxs_stat stat;

	UNUSED_ARGS;
	RX_TRY(rxs_file_stat(file, &stat));
	return entry_value(call, file->path->uid,
			   rxs_option_bool(options, RXS_OPT_DiskUsageOptions_apparent_size) ? stat.size : stat.blocks * 512, 1, out);
}
