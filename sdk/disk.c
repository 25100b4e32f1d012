/* File systems, their input and output, block devices. Source: sdk-system.md 3 and 6. */
#include <config.h>

#include "sdk/system.h"

#include <errno.h>
#include <stdio.h>

#include "base/number.h"
#include "base/utf8.h"
#include "sdk/error.h"
#include "sdk/fs.h"
#include "sdk/host_system.h"
#include "sdk/kinds.h"
#include "sdk/options.h"
#include "sdk/record.h"
#include "sdk/text_lines.h"

#include "base/banned.h"

/* Methods and unmount fail with a map of this part's kinds, commands with a plain string. */
static enum rexi_status finish(struct rxs_session *session, struct rxl_call *call, enum rexi_status status)
{
	const struct rxs_native *native = rxs_call_native(call);

	if (status == REXI_OK || !session->failure.set)
		return status;
	if (strncmp(native->params, "Filesystems", 11) == 0 || strcmp(native->name, "unmount") == 0)
		return rxs_failure_as(session, RXS_SOURCE_DISKINFO, status);
	session->failure.source = RXS_SOURCE_TEXT;
	return status;
}

static uint64_t number_of(struct rexi_str word)
{
	uint64_t value = 0;

	return rx_number_parse_u64(word, 10, &value) == RX_NUMBER_OK ? value : 0;
}

/* ---- file systems -------------------------------------------------------------------------------------------------------------- */

struct mount {
	struct rexi_str device, point, kind, options; /* as in /proc/mounts, octal escapes resolved */
};

/* `\040` and its like, in place. */
static struct rexi_str unescape(struct rx_arena *arena, struct rexi_str word)
{
	struct rexi_str copy = rx_arena_copy(arena, word);
	char *text = rx_arena_bytes(arena, word.len + 1);
	size_t len = 0;

	if (!copy.ptr || !text)
		return (struct rexi_str){ NULL, 0 };
	for (size_t i = 0; i < copy.len; i++) {
		if (copy.ptr[i] == '\\' && i + 3 < copy.len) {
			unsigned value = 0;
			for (size_t k = 1; k <= 3; k++)
				value = value * 8 + (unsigned)(copy.ptr[i + k] - '0');
			text[len++] = (char)value;
			i += 3;
		} else {
			text[len++] = copy.ptr[i];
		}
	}
	return rx_str_make(text, len);
}

static bool is_left_out(const struct mount *m)
{
	static const char *const kinds[] = { "rootfs", "sysfs", "proc", "devtmpfs", "cgroup", "cgroup2", "pstore", "squashfs",
					     "rpc_pipefs", "iso9660", "devpts", "hugetlbfs", "mqueue" };
	static const char *const points[] = { "/sys", "/proc", "/run" };

	for (size_t i = 0; i < RX_COUNT(kinds); i++)
		if (rx_str_eq(m->kind, rx_str(kinds[i])))
			return true;
	if (rx_str_starts(m->device, RX_STR("sunrpc")))
		return true;
	for (size_t i = 0; i < RX_COUNT(points); i++) {
		struct rexi_str point = rx_str(points[i]);
		if (rx_str_starts(m->point, point) && (m->point.len == point.len || m->point.ptr[point.len] == '/'))
			return !rx_str_starts(m->point, RX_STR("/run/media"));
	}
	return false;
}

static bool is_local(const struct mount *m)
{
	static const char *const remote[] = { "nfs", "smb", "cifs", "efs", "autofs" };

	if (rx_str_starts(m->device, RX_STR("/dev/")))
		return true;
	for (size_t i = 0; i < RX_COUNT(remote); i++)
		if (rx_str_find(m->device, rx_str(remote[i]), 0) != SIZE_MAX)
			return false;
	return !rx_str_starts(m->device, RX_STR("//")) && rx_str_find(m->device, RX_STR(":"), 0) == SIZE_MAX;
}

static bool is_target(const struct rxl_value *targets, const struct mount *m)
{
	if (!targets || targets->type != RXL_ARRAY || rxl_array_count(targets) == 0)
		return true;
	for (size_t i = 0; i < rxl_array_count(targets); i++) {
		const struct rxl_value *item = &rxl_array_items(targets)[i];
		if (rxl_is_string(item) && rx_str_starts(m->point, rxl_string_view(item)))
			return true;
	}
	return false;
}

static enum rexi_status options_value(struct rxl_call *call, struct rexi_str options, struct rxl_value *out)
{
	struct rxs_split split = { 0, 0 };
	struct rexi_str piece;

	RX_TRY(rxl_array_new(call->heap, 0, out));
	while (rxs_split_next(&split, options, RX_STR(","), &piece)) {
		struct rxl_value item = rxl_unit();
		RX_TRY(rxs_text_value(call, piece, &item));
		RX_TRY(rxl_array_push(call->heap, out, item));
	}
	return REXI_OK;
}

static double share(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / (double)whole * 100.0 : 0.0;
}

static enum rexi_status filesystem_value(struct rxl_call *call, const struct mount *m, const struct rxs_statfs *s,
					 struct rxl_value *out)
{
	uint64_t size = s->blocks * s->fragment, available = s->available * s->fragment;
	uint64_t used = size > available ? size - available : 0, inodes_used = s->files > s->files_free ? s->files - s->files_free : 0;
	const struct {
		const char *name;
		uint64_t value;
	} numbers[] = { { "size", size }, { "block_available", available }, { "block_used", used }, { "kb_blocks", size / 1024 },
			{ "mb_blocks", size / 1048576 }, { "inodes", s->files }, { "ifree", s->files_free }, { "iused", inodes_used } };
	const struct {
		const char *name;
		struct rexi_str text;
	} texts[] = { { "fs_device", m->device }, { "fs_kind", m->kind }, { "mounted_on", m->point } };
	struct rxl_heap *heap = call->heap;
	struct rxl_value map = rxl_unit(), item = rxl_unit();
	enum rexi_status status = rxl_map_new(heap, 14, &map);

	for (size_t i = 0; i < RX_COUNT(numbers) && status == REXI_OK; i++)
		status = rxl_map_put_int(heap, &map, numbers[i].name, (int64_t)numbers[i].value);
	for (size_t i = 0; i < RX_COUNT(texts) && status == REXI_OK; i++) {
		status = rxs_text_value(call, texts[i].text, &item);
		if (status == REXI_OK)
			status = rxl_map_put(heap, &map, rx_str(texts[i].name), rxl_value_take(&item));
	}
	if (status == REXI_OK)
		status = rxl_map_put(heap, &map, RX_STR("block_use_percent"), rxl_float(share(used, size)));
	if (status == REXI_OK)
		status = rxl_map_put(heap, &map, RX_STR("iuse_percent"), rxl_float(share(inodes_used, s->files)));
	if (status == REXI_OK)
		status = options_value(call, m->options, &item);
	if (status == REXI_OK)
		status = rxl_map_put(heap, &map, RX_STR("mount_options"), rxl_value_take(&item));
	rxl_value_drop(heap, &item);
	if (status == REXI_OK)
		return rxs_record_new(call, RXS_TYPE_Filesystem, map, out);
	rxl_value_drop(heap, &map);
	return status;
}

/* Stat(Dir of the mount point) and its sizes; one that the system refuses to show is passed over. */
static enum rexi_status add_mount(struct rxs_session *session, struct rxl_call *call, const struct mount *m,
				  struct rxl_value *list)
{
	const struct rxs_grant *stat;
	struct rxs_statfs info;
	struct rxs_path *path;
	struct rxl_value item = rxl_unit();
	enum rexi_status status;
	int error;

	RX_TRY(rxs_path_kernel(session, m->point, &path));
	status = rxs_authorize_dir(session, RXS_FS_STAT, path, &stat);
	rxs_path_unref(path);
	RX_TRY(status);
	error = rxs_host_statfs(stat, &info);
	if (error == EACCES || error == ENOENT) /* not ours to see, or unmounted meanwhile */
		return REXI_OK;
	if (error)
		return rxs_fail_errno(session, error);
	RX_TRY(filesystem_value(call, m, &info, &item));
	return rxl_array_push(call->heap, list, item);
}

static enum rexi_status each_mount(struct rxs_session *session, struct rxl_call *call, const struct rxs_record *options,
				   struct rx_arena *arena, struct rexi_str text, struct rxl_value *list)
{
	const struct rxl_value *targets = options ? rxs_record_field(options, "targets") : NULL;
	const struct rxl_value *local = options ? rxs_record_field(options, "local") : NULL;
	struct rexi_str line;

	for (size_t pos = 0; rxs_line_next(text, &pos, &line);) {
		size_t at = 0, mark = rxs_grants_mark(session);
		struct rexi_str words[4];
		bool whole = true;
		for (size_t i = 0; i < 4 && whole; i++)
			whole = rxs_word_next(line, &at, &words[i]);
		if (!whole)
			continue;
		const struct mount m = { unescape(arena, words[0]), unescape(arena, words[1]), words[2], words[3] };
		if (!m.device.ptr || !m.point.ptr)
			return rxs_fail_memory(session);
		if (is_left_out(&m) || !is_target(targets, &m) || (local && local->type == RXL_BOOL && local->as.i && !is_local(&m)))
			continue;
		enum rexi_status status = add_mount(session, call, &m, list);
		rxs_grants_release(session, mark);
		RX_TRY(status);
	}
	return REXI_OK;
}

/* Filesystems.filesystems(), df(). */
RXS_COMMAND(rxs_disk_filesystems)
{
	const struct rxs_record *options = self ? rxs_payload(call, self, RXS_TYPE_Filesystems) : NULL;
	struct rxl_value list = rxl_unit();
	struct rx_buf mounts, stats;
	struct rx_arena arena;
	enum rexi_status status;

	(void)args;
	(void)argc;
	rx_arena_init(&arena, session->memory);
	rx_buf_init(&mounts, session->memory, 0);
	rx_buf_init(&stats, session->memory, 0);
	status = rxs_read_proc(session, "/proc/mounts", &mounts);
	if (status == REXI_OK)
		status = rxs_read_proc(session, "/proc/diskstats", &stats);
	if (status == REXI_OK)
		status = rxl_array_new(call->heap, 0, &list);
	if (status == REXI_OK)
		status = each_mount(session, call, options, &arena, rx_buf_view(&mounts), &list);
	rx_buf_fini(&mounts);
	rx_buf_fini(&stats);
	rx_arena_fini(&arena);
	if (status == REXI_OK)
		*out = list;
	else
		rxl_value_drop(call->heap, &list);
	return finish(session, call, status);
}

RXS_COMMAND(rxs_disk_filesystems_new)
{
	const struct rxs_options *options = rxs_options_need(call, self);
	const struct rxl_value *targets = rxs_option_value(options, RXS_OPT_FilesystemOptions_targets);
	struct rxl_value map = rxl_unit();
	enum rexi_status status = rxl_map_new(call->heap, 2, &map);

	(void)session;
	(void)args;
	(void)argc;
	if (status == REXI_OK && targets)
		status = rxl_map_put(call->heap, &map, RX_STR("targets"), rxl_value_copy(targets));
	if (status == REXI_OK)
		status = rxl_map_put_bool(call->heap, &map, "local", rxs_option_bool(options, RXS_OPT_FilesystemOptions_local));
	if (status == REXI_OK)
		return rxs_record_new(call, RXS_TYPE_Filesystems, map, out);
	rxl_value_drop(call->heap, &map);
	return status;
}

RXS_COMMAND(rxs_disk_unmount)
{
	const struct rxs_options *options = rxs_options_need(call, self);
	struct rexi_str text = rxs_option_str(options, RXS_OPT_UnmountOptions_path);
	const struct rxs_grant *grant;
	struct rxs_path *path;
	enum rexi_status status;
	int error;

	(void)args;
	(void)argc;
	(void)out;
	status = rxs_path_parse(session, text, NULL, &path);
	if (status != REXI_OK)
		return finish(session, call, status);
	status = rxs_authorize_dir(session, RXS_FS_UNMOUNT, path, &grant);
	if (status == REXI_OK) {
		error = rxs_host_unmount(grant);
		if (error) {
			status = rxs_fail(session, RXS_IO_Other, "Failed to unmount %s: ", path->text);
			rxs_errno_text(&session->failure.message, error);
		}
	}
	rxs_path_unref(path);
	return finish(session, call, status);
}

static const struct {
	const char *name;
	int64_t bytes;
} units[] = { { "BYTES", 1 }, { "KILOBYTES", 1024 }, { "MEGABYTES", 1048576 } };

const char *rxs_disk_unit_name(unsigned index)
{
	return index < RX_COUNT(units) ? units[index].name : NULL;
}

void rxs_show_disk_unit(const void *payload, struct rx_buf *out, bool debug)
{
	const char *name = rxs_disk_unit_name((unsigned)(uintptr_t)payload - 1);

	(void)debug;
	rx_buf_str(out, rx_str(name ? name : ""));
}

RXS_COMMAND(rxs_disk_format_bytes)
{
	unsigned index = (unsigned)(uintptr_t)args[0].as.host->payload - 1;

	(void)session;
	(void)call;
	(void)argc;
	*out = rxl_int(self->as.i / units[index < RX_COUNT(units) ? index : 0].bytes);
	return REXI_OK;
}

/* ---- input and output ------------------------------------------------------------------------------------------------------------- */

static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : 0.0;
}

struct named {
	const char *name;
	double value;
};

static enum rexi_status floats_value(struct rxl_call *call, enum rxs_type type, const struct named *fields, size_t count,
				     const struct rexi_str *device, struct rxl_value *out)
{
	struct rxl_value map = rxl_unit();
	enum rexi_status status = rxl_map_new(call->heap, count + 1, &map);

	for (size_t i = 0; i < count && status == REXI_OK; i++)
		status = rxl_map_put(call->heap, &map, rx_str(fields[i].name), rxl_float(fields[i].value));
	if (status == REXI_OK && device)
		status = rxl_map_put_text(call->heap, &map, "device_name", *device);
	if (status == REXI_OK)
		return rxs_record_new(call, type, map, out);
	rxl_value_drop(call->heap, &map);
	return status;
}

static enum rexi_status cpu_stats(struct rxl_call *call, struct rexi_str text, struct rxl_value *out)
{
	double t[8] = { 0 }, all = 0;
	struct rexi_str line = { "", 0 }, word;
	size_t pos = 0, at = 0;

	if (rxs_line_next(text, &pos, &line) && rxs_word_next(line, &at, &word))
		for (size_t i = 0; i < RX_COUNT(t) && rxs_word_next(line, &at, &word); i++)
			t[i] = (double)number_of(word);
	for (size_t i = 0; i < RX_COUNT(t); i++)
		all += t[i];
	const struct named fields[] = {
		{ "user_percent", ratio(t[0], all) * 100 },   { "nice_percent", ratio(t[1], all) * 100 },
		{ "system_percent", ratio(t[2] + t[5] + t[6], all) * 100 }, { "idle_percent", ratio(t[3], all) * 100 },
		{ "iowait_percent", ratio(t[4], all) * 100 }, { "steal_percent", ratio(t[7], all) * 100 },
	};
	return floats_value(call, RXS_TYPE_CpuStats, fields, RX_COUNT(fields), NULL, out);
}

static enum rexi_status device_stats(struct rxl_call *call, struct rexi_str line, double uptime, struct rxl_value *list)
{
	double n[11] = { 0 }; /* reads merged sectors ms, writes merged sectors ms, in flight, busy ms, weighted ms */
	struct rexi_str word, device;
	struct rxl_value item = rxl_unit();
	size_t at = 0;

	if (!rxs_word_next(line, &at, &word) || !rxs_word_next(line, &at, &word) || !rxs_word_next(line, &at, &device))
		return REXI_OK;
	for (size_t i = 0; i < RX_COUNT(n) && rxs_word_next(line, &at, &word); i++)
		n[i] = (double)number_of(word);
	double requests = n[0] + n[4], busy = ratio(n[9], uptime * 1000) * 100;
	const struct named fields[] = {
		{ "rrqm_per_sec", ratio(n[1], uptime) },          { "wrqm_per_sec", ratio(n[5], uptime) },
		{ "read_requests_per_sec", ratio(n[0], uptime) }, { "write_requests_per_sec", ratio(n[4], uptime) },
		{ "rkb_per_sec", ratio(n[2] / 2, uptime) },       { "wkb_per_sec", ratio(n[6] / 2, uptime) },
		{ "avg_request_size", ratio(n[2] + n[6], requests) }, { "avg_queue_size", ratio(n[10], uptime * 1000) },
		{ "avg_wait", ratio(n[3] + n[7], requests) },     { "avg_read_wait", ratio(n[3], n[0]) },
		{ "avg_write_wait", ratio(n[7], n[4]) },          { "svctm", ratio(n[9], requests) },
		{ "util_percent", busy > 100 ? 100 : busy },
	};
	RX_TRY(floats_value(call, RXS_TYPE_DeviceStats, fields, RX_COUNT(fields), &device, &item));
	return rxl_array_push(call->heap, list, item);
}

static enum rexi_status make_snapshot(struct rxl_call *call, struct rexi_str stat, struct rexi_str disks, double uptime,
				      struct rxl_value *out)
{
	struct rxl_heap *heap = call->heap;
	struct rxl_value map = rxl_unit(), list = rxl_unit(), cpu = rxl_unit();
	struct rexi_str line;
	enum rexi_status status = rxl_map_new(heap, 2, &map);

	if (status == REXI_OK)
		status = cpu_stats(call, stat, &cpu);
	if (status == REXI_OK)
		status = rxl_map_put(heap, &map, RX_STR("cpu_stats"), cpu);
	if (status == REXI_OK)
		status = rxl_array_new(heap, 0, &list);
	for (size_t pos = 0; status == REXI_OK && rxs_line_next(disks, &pos, &line);)
		status = device_stats(call, line, uptime, &list);
	if (status == REXI_OK)
		status = rxl_map_put(heap, &map, RX_STR("device_stats"), rxl_value_take(&list));
	rxl_value_drop(heap, &list);
	if (status == REXI_OK)
		return rxs_record_new(call, RXS_TYPE_IoStatSnapshot, map, out);
	rxl_value_drop(heap, &map);
	return status;
}

/* Averages since the start of the system. */
RXS_COMMAND(rxs_disk_iostat)
{
	struct rx_buf stat, disks, text;
	struct rexi_str word;
	double uptime = 0;
	size_t at = 0;
	enum rexi_status status;

	(void)self;
	(void)args;
	(void)argc;
	rx_buf_init(&stat, session->memory, 0);
	rx_buf_init(&disks, session->memory, 0);
	rx_buf_init(&text, session->memory, 0);
	status = rxs_read_proc(session, "/proc/stat", &stat);
	if (status == REXI_OK)
		status = rxs_read_proc(session, "/proc/diskstats", &disks);
	if (status == REXI_OK && rxs_host_proc_text(session, "uptime", &text) &&
	    rxs_word_next(rx_buf_view(&text), &at, &word))
		(void)rx_number_parse_f64(word, &uptime);
	if (status == REXI_OK)
		status = make_snapshot(call, rx_buf_view(&stat), rx_buf_view(&disks), uptime, out);
	rx_buf_fini(&stat);
	rx_buf_fini(&disks);
	rx_buf_fini(&text);
	return finish(session, call, status);
}

static double field(const struct rxs_record *record, const char *name)
{
	const struct rxl_value *value = rxs_record_field(record, name);

	return value && value->type == RXL_FLOAT ? value->as.f : 0.0;
}

RXS_COMMAND(rxs_disk_iostat_text)
{
	static const struct {
		const char *name;
		int width;
	} columns[] = { { "rrqm_per_sec", 8 }, { "wrqm_per_sec", 8 }, { "read_requests_per_sec", 7 }, { "write_requests_per_sec", 7 },
			{ "rkb_per_sec", 8 }, { "wkb_per_sec", 8 }, { "avg_request_size", 8 }, { "avg_queue_size", 8 },
			{ "avg_wait", 7 }, { "avg_read_wait", 7 }, { "avg_write_wait", 7 }, { "svctm", 6 }, { "util_percent", 6 } };
	const struct rxs_record *r = rxs_need(call, self, RXS_TYPE_IoStatSnapshot);
	const struct rxs_record *cpu = rxs_need(call, rxs_record_field(r, "cpu_stats"), RXS_TYPE_CpuStats);
	const struct rxl_value *devices = rxs_record_field(r, "device_stats");
	struct rx_buf text;

	(void)session;
	(void)args;
	(void)argc;
	rx_buf_init(&text, &call->heap->memory, 0);
	RX_BUF_LIT(&text, "avg-cpu:  %user   %nice %system %iowait  %steal   %idle\n");
	rx_buf_printf(&text, "          %6.2f  %6.2f  %6.2f  %6.2f  %6.2f  %6.2f\n\n", field(cpu, "user_percent"),
		      field(cpu, "nice_percent"), field(cpu, "system_percent"), field(cpu, "iowait_percent"),
		      field(cpu, "steal_percent"), field(cpu, "idle_percent"));
	RX_BUF_LIT(&text, "Device:         rrqm/s   wrqm/s     r/s     w/s    rkB/s    wkB/s avgrq-sz avgqu-sz   await r_await w_await  "
			  "svctm  %util\n");
	for (size_t i = 0; i < rxl_array_count(devices); i++) {
		const struct rxs_record *device = rxs_need(call, &rxl_array_items(devices)[i], RXS_TYPE_DeviceStats);
		rx_buf_printf(&text, "%-15.*s", RX_STR_ARG(rxl_string_view(rxs_record_field(device, "device_name"))));
		for (size_t k = 0; k < RX_COUNT(columns); k++)
			rx_buf_printf(&text, "%s%*.2f", k ? " " : "", columns[k].width, field(device, columns[k].name));
		rx_buf_byte(&text, '\n');
	}
	return rxl_string_from_buf(call->heap, &text, out);
}

/* ---- block devices ------------------------------------------------------------------------------------------------------------------ */

/* One line of /proc/partitions as a map; what /sys tells of it is added when it may be read. */
static enum rexi_status block_device(struct rxs_session *session, struct rxl_call *call, struct rexi_str line,
				     struct rexi_str mounts, struct rxl_value *devices)
{
	static const struct rxs_open_dir follow = { .follow = true };
	struct rxl_heap *heap = call->heap;
	struct rexi_str major, minor, blocks, name, other, kind = RX_STR("unknown"), point = { "", 0 };
	struct rxl_value map = rxl_unit(), children = rxl_unit();
	struct rxs_dir *dir = NULL;
	char path[64];
	size_t at = 0;
	enum rexi_status status;

	if (!rxs_word_next(line, &at, &major) || !rxs_word_next(line, &at, &minor) || !rxs_word_next(line, &at, &blocks) ||
	    !rxs_word_next(line, &at, &name) || rx_str_eq(major, RX_STR("major")))
		return REXI_OK;
	(void)snprintf(path, sizeof(path), "/sys/dev/block/%.*s:%.*s", (int)(major.len & 15), major.ptr, (int)(minor.len & 15), minor.ptr);
	status = rxs_dir_open(session, rx_str(path), &follow, &dir);
	const char *facts[] = { "uevent", "removable", "ro" };
	struct rx_buf texts[3];
	for (size_t i = 0; i < RX_COUNT(facts); i++) {
		static const struct rxs_open_file how = { .read = true };
		const struct rxs_grant *read;
		struct rxs_file *file = NULL;
		rx_buf_init(&texts[i], session->memory, 0);
		/* a fact that may not be read stays at its default */
		if (status == REXI_OK && (rxs_file_open(dir, rx_str(facts[i]), false, &how, &file) != REXI_OK ||
					  rxs_file_may_read(file, &read) != REXI_OK ||
					  rxs_file_bytes(file, read, &texts[i]) != REXI_OK)) {
			rx_buf_clear(&texts[i]);
			rxs_failure_clear(session);
		}
		rxs_file_unref(file);
		while (texts[i].len && texts[i].ptr[texts[i].len - 1] == '\n')
			texts[i].len--;
	}
	rxs_dir_unref(dir);
	if (rx_str_find(rx_buf_view(&texts[0]), RX_STR("DEVTYPE=disk"), 0) != SIZE_MAX)
		kind = RX_STR("disk");
	else if (rx_str_find(rx_buf_view(&texts[0]), RX_STR("DEVTYPE=partition"), 0) != SIZE_MAX)
		kind = RX_STR("partition");
	for (size_t pos = 0; rxs_line_next(mounts, &pos, &other);) {
		struct rexi_str device, where;
		size_t k = 0;
		if (rxs_word_next(other, &k, &device) && rxs_word_next(other, &k, &where) &&
		    rx_str_starts(device, RX_STR("/dev/")) && rx_str_eq(rx_str_sub(device, 5, SIZE_MAX), name))
			point = where;
	}
	if (status == REXI_OK)
		status = rxl_map_new(heap, 9, &map);
	const struct {
		const char *name;
		struct rexi_str text;
	} fields[] = { { "name", name }, { "type", kind }, { "maj", major }, { "min", minor }, { "mount_point", point },
		       { "removable", texts[1].len ? rx_buf_view(&texts[1]) : RX_STR("0") },
		       { "read_only", texts[2].len ? rx_buf_view(&texts[2]) : RX_STR("0") } };
	for (size_t i = 0; i < RX_COUNT(fields) && status == REXI_OK; i++)
		status = rxl_map_put_text(heap, &map, fields[i].name, fields[i].text);
	if (status == REXI_OK)
		status = rxl_map_put_int(heap, &map, "size_kib", (int64_t)number_of(blocks));
	if (status == REXI_OK)
		status = rxl_array_new(heap, 0, &children);
	if (status == REXI_OK)
		status = rxl_map_put(heap, &map, RX_STR("children"), children);
	for (size_t i = 0; i < RX_COUNT(facts); i++)
		rx_buf_fini(&texts[i]);
	if (status == REXI_OK)
		return rxl_map_put(heap, devices, name, map);
	rxl_value_drop(heap, &map);
	return status;
}

RXS_COMMAND(rxs_disk_lsblk)
{
	struct rxl_value devices = rxl_unit();
	struct rx_buf partitions, mounts;
	struct rexi_str line;
	enum rexi_status status;

	(void)self;
	(void)args;
	(void)argc;
	rx_buf_init(&partitions, session->memory, 0);
	rx_buf_init(&mounts, session->memory, 0);
	status = rxs_read_safely(session, "/proc", "partitions", &partitions);
	if (status == REXI_OK)
		status = rxs_read_proc(session, "/proc/mounts", &mounts);
	if (status == REXI_OK)
		status = rxl_map_new(call->heap, 0, &devices);
	for (size_t pos = 0; status == REXI_OK && rxs_line_next(rx_buf_view(&partitions), &pos, &line);)
		status = block_device(session, call, line, rx_buf_view(&mounts), &devices);
	rx_buf_fini(&partitions);
	rx_buf_fini(&mounts);
	if (status == REXI_OK)
		*out = devices;
	else
		rxl_value_drop(call->heap, &devices);
	return finish(session, call, status);
}
