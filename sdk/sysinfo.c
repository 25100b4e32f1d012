/* Facts of the system: memory, host, kernel statistics, slabs, log, names, sysctl. Source: sdk-system.md 2 and 6. */
#include <config.h>

#include "sdk/system.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/number.h"
#include "base/utf8.h"
#include "sdk/command.h"
#include "sdk/datetime.h"
#include "sdk/error.h"
#include "sdk/execute.h"
#include "sdk/fs.h"
#include "sdk/host_system.h"
#include "sdk/kinds.h"
#include "sdk/options.h"
#include "sdk/record.h"
#include "sdk/natives.h"
#include "sdk/regex.h"
#include "sdk/resolver.h"
#include "sdk/text_lines.h"

#include "base/banned.h"

enum { FILE_MAX_BYTES = 64 * 1024 * 1024, RESOLVE_SECONDS = 5, RESOLVE_SECONDS_MAX = 3600 };

/* Methods fail with a map of this part's kinds, commands with a plain string (sdk-system.md 0). */
static enum rexi_status finish(struct rxs_session *session, struct rxl_call *call, enum rexi_status status)
{
	const char *params = rxs_call_native(call)->params;

	if (status == REXI_OK || !session->failure.set)
		return status;
	if (strncmp(params, "SystemInfo", 10) == 0 || strncmp(params, "SysctlManager", 13) == 0)
		return rxs_failure_as(session, RXS_SOURCE_SYSINFO, status);
	session->failure.source = RXS_SOURCE_TEXT;
	return status;
}

#define SYSINFO(name)                                                                                                    \
	static enum rexi_status do_##name(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,    \
					  struct rxl_value *args, struct rxl_value *out);                                \
	RXS_COMMAND(rxs_sys_##name)                                                                                      \
	{                                                                                                                \
		(void)argc;                                                                                              \
		return finish(session, call, do_##name(session, call, self, args, out));                                 \
	}                                                                                                                \
	static enum rexi_status do_##name(struct rxs_session *session RX_UNUSED, struct rxl_call *call RX_UNUSED,        \
					  struct rxl_value *self RX_UNUSED, struct rxl_value *args RX_UNUSED,            \
					  struct rxl_value *out RX_UNUSED)

/* A value of a type that has no content. */
RXS_COMMAND(rxs_sys_handle)
{
	const char *result = rxs_call_native(call)->result;

	(void)session;
	(void)self;
	(void)args;
	(void)argc;
	return rxs_object(call, strcmp(result, "SystemInfo") == 0 ? RXS_TYPE_SystemInfo : RXS_TYPE_SysctlManager,
			  (void *)(uintptr_t)1, out);
}

void rxs_show_plain_handle(const void *payload, struct rx_buf *out, bool debug)
{
	(void)payload;
	(void)debug;
	RX_BUF_LIT(out, "handle");
}

/* Read(File path), and its content as text. */
enum rexi_status rxs_read_proc(struct rxs_session *session, const char *path, struct rx_buf *out)
{
	const struct rxs_grant *read;
	struct rxs_path *object;
	struct rx_buf bytes;
	enum rexi_status status;
	int error;

	RX_TRY(rxs_path_parse(session, rx_str(path), NULL, &object));
	status = rxs_authorize_file(session, RXS_FS_READ, object, &read);
	rx_buf_init(&bytes, session->memory, 0);
	if (status == REXI_OK) {
		error = rxs_host_read_whole(read, FILE_MAX_BYTES, &bytes);
		if (error)
			status = rxs_fail_errno(session, error);
		else
			rx_utf8_lossy(out, rx_buf_view(&bytes));
		if (status == REXI_OK && out->failed)
			status = rxs_fail_memory(session);
	}
	rx_buf_fini(&bytes);
	rxs_path_unref(object);
	return status;
}

static enum rexi_status ask_list(struct rxs_session *session, const struct rxs_grant **grant)
{
	struct rxs_resource resource = { .type = RXS_SYSINFO, .id = RX_STR(RXS_ONLY_ID) };

	return rxs_authorize(session, RXS_SYSINFO_LIST, &resource, grant);
}

/* The next blank-separated word. */
bool rxs_word_next(struct rexi_str line, size_t *at, struct rexi_str *word)
{
	size_t start;

	while (*at < line.len && (line.ptr[*at] == ' ' || line.ptr[*at] == '\t'))
		++*at;
	start = *at;
	while (*at < line.len && line.ptr[*at] != ' ' && line.ptr[*at] != '\t')
		++*at;
	*word = rx_str_sub(line, start, *at - start);
	return word->len > 0;
}

static uint64_t number_of(struct rexi_str word)
{
	uint64_t value = 0;

	return rx_number_parse_u64(word, 10, &value) == RX_NUMBER_OK ? value : 0;
}

/* ---- memory ------------------------------------------------------------------------------------------------------------------ */

/* The kilobytes of one line of /proc/meminfo in bytes. */
static int64_t memory_field(struct rexi_str text, const char *name)
{
	struct rexi_str line, word;

	for (size_t pos = 0; rxs_line_next(text, &pos, &line);) {
		size_t at = 0;
		if (rxs_word_next(line, &at, &word) && word.len == strlen(name) + 1 && rx_str_starts(word, rx_str(name)) &&
		    rxs_word_next(line, &at, &word))
			return (int64_t)(number_of(word) * 1024);
	}
	return 0;
}

SYSINFO(memory)
{
	struct rxl_value map = rxl_unit();
	struct rxl_heap *heap = call->heap;
	struct rx_buf text;
	enum rexi_status status;

	rx_buf_init(&text, session->memory, 0);
	status = rxs_read_proc(session, "/proc/meminfo", &text);
	if (status == REXI_OK)
		status = rxl_map_new(heap, 7, &map);
	if (status == REXI_OK) {
		struct rexi_str all = rx_buf_view(&text);
		int64_t total = memory_field(all, "MemTotal"), available = memory_field(all, "MemAvailable");
		const struct {
			const char *name;
			int64_t value;
		} fields[] = { { "total", total }, { "available", available }, { "used", total - available },
			       { "free", memory_field(all, "MemFree") }, { "buffers", memory_field(all, "Buffers") },
			       { "cached", memory_field(all, "Cached") }, { "shared_mem", memory_field(all, "Shmem") } };
		for (size_t i = 0; i < RX_COUNT(fields) && status == REXI_OK; i++)
			status = rxl_map_put_int(heap, &map, fields[i].name, fields[i].value);
	}
	rx_buf_fini(&text);
	if (status == REXI_OK)
		return rxs_record_new(call, RXS_TYPE_Meminfo, map, out);
	rxl_value_drop(heap, &map);
	return status;
}

SYSINFO(swap)
{
	struct rxl_value map = rxl_unit();
	struct rxl_heap *heap = call->heap;
	struct rx_buf text;
	enum rexi_status status;

	rx_buf_init(&text, session->memory, 0);
	status = rxs_read_proc(session, "/proc/meminfo", &text);
	if (status == REXI_OK)
		status = rxl_map_new(heap, 3, &map);
	int64_t total = memory_field(rx_buf_view(&text), "SwapTotal"), left = memory_field(rx_buf_view(&text), "SwapFree");
	if (status == REXI_OK)
		status = rxl_map_put_int(heap, &map, "total", total);
	if (status == REXI_OK)
		status = rxl_map_put_int(heap, &map, "free", left);
	if (status == REXI_OK)
		status = rxl_map_put_int(heap, &map, "used", total - left);
	rx_buf_fini(&text);
	if (status == REXI_OK)
		return rxs_record_new(call, RXS_TYPE_Swapinfo, map, out);
	rxl_value_drop(heap, &map);
	return status;
}

SYSINFO(free)
{
	struct rxl_value map = rxl_unit(), memory = rxl_unit(), swap = rxl_unit();
	enum rexi_status status = do_memory(session, call, self, args, &memory);

	if (status == REXI_OK)
		status = do_swap(session, call, self, args, &swap);
	if (status == REXI_OK)
		status = rxl_map_new(call->heap, 2, &map);
	if (status == REXI_OK)
		status = rxl_map_put(call->heap, &map, RX_STR("memory"), rxl_value_take(&memory));
	if (status == REXI_OK)
		status = rxl_map_put(call->heap, &map, RX_STR("swap"), rxl_value_take(&swap));
	rxl_value_drop(call->heap, &memory);
	rxl_value_drop(call->heap, &swap);
	if (status == REXI_OK)
		*out = map;
	else
		rxl_value_drop(call->heap, &map);
	return status;
}

static int64_t field_int(const struct rxs_record *record, const char *name)
{
	const struct rxl_value *value = rxs_record_field(record, name);

	return value && value->type == RXL_INT ? value->as.i : 0;
}

static double field_float(const struct rxs_record *record, const char *name)
{
	const struct rxl_value *value = rxs_record_field(record, name);

	return value && value->type == RXL_FLOAT ? value->as.f : 0;
}

/* to_string of the memory types: a title and a line for each field. */
RXS_COMMAND(rxs_sys_memory_text)
{
	static const char *const memory[][2] = { { "Total", "total" }, { "Free", "free" }, { "Available", "available" },
						 { "Used", "used" }, { "Buffers", "buffers" }, { "Cached", "cached" },
						 { "Shared", "shared_mem" } };
	bool swap = strncmp(rxs_call_native(call)->params, "Swapinfo", 8) == 0;
	const struct rxs_record *record = rxs_need(call, self, swap ? RXS_TYPE_Swapinfo : RXS_TYPE_Meminfo);
	struct rx_buf text;

	(void)session;
	(void)args;
	(void)argc;
	rx_buf_init(&text, &call->heap->memory, 0);
	rx_buf_str(&text, rx_str(swap ? "Swap Info:" : "Memory Info:"));
	for (size_t i = 0; i < RX_COUNT(memory); i++)
		if (rxs_record_field(record, memory[i][1]))
			rx_buf_printf(&text, "\n  %s: %lld bytes", memory[i][0], (long long)field_int(record, memory[i][1]));
	return rxl_string_from_buf(call->heap, &text, out);
}

/* ---- host and kernel ----------------------------------------------------------------------------------------------------------- */

SYSINFO(hostname)
{
	const struct rxs_grant *list;
	struct rxs_uname name;

	RX_TRY(ask_list(session, &list));
	if (rxs_host_uname(list, &name) != 0)
		return rxs_fail(session, RXS_IO_Other, "Could not get hostname");
	return rxs_text_value(call, rx_str(name.nodename), out);
}

SYSINFO(uname)
{
	static const char *const names[] = { "kernel_name", "nodename", "kernel_release", "kernel_version", "machine", "processor",
					     "hardware_platform", "operating_system" };
	const struct rxs_grant *list;
	struct rxl_value map = rxl_unit();
	struct rxs_uname u;
	enum rexi_status status;
	int error;

	RX_TRY(ask_list(session, &list));
	error = rxs_host_uname(list, &u);
	if (error)
		return rxs_fail_errno(session, error);
	const char *values[] = { u.sysname, u.nodename, u.release, u.version, u.machine, u.machine, u.machine, "GNU/Linux" };
	status = rxl_map_new(call->heap, RX_COUNT(names), &map);
	for (size_t i = 0; i < RX_COUNT(names) && status == REXI_OK; i++)
		status = rxl_map_put_text(call->heap, &map, names[i], rx_str(values[i]));
	if (status == REXI_OK)
		return rxs_record_new(call, RXS_TYPE_UnameInfo, map, out);
	rxl_value_drop(call->heap, &map);
	return status;
}

RXS_COMMAND(rxs_sys_uname_text)
{
	static const char *const names[] = { "kernel_name", "nodename", "kernel_release", "kernel_version", "machine", "processor",
					     "hardware_platform", "operating_system" };
	const struct rxs_record *record = rxs_need(call, self, RXS_TYPE_UnameInfo);
	struct rx_buf text;

	(void)session;
	(void)args;
	(void)argc;
	rx_buf_init(&text, &call->heap->memory, 0);
	for (size_t i = 0; i < RX_COUNT(names); i++) {
		if (i)
			rx_buf_byte(&text, ' ');
		rx_buf_str(&text, rxl_string_view(rxs_record_field(record, names[i])));
	}
	return rxl_string_from_buf(call->heap, &text, out);
}

static bool is_cpu_line(struct rexi_str word)
{
	return word.len > 3 && rx_str_starts(word, RX_STR("cpu")) && word.ptr[3] >= '0' && word.ptr[3] <= '9';
}

SYSINFO(cpu_count)
{
	const struct rxs_grant *list;
	struct rexi_str line, word;
	struct rx_buf text;
	int64_t count = 0;
	int error;

	RX_TRY(ask_list(session, &list));
	rx_buf_init(&text, session->memory, 0);
	error = rxs_host_stat_text(list, &text);
	for (size_t pos = 0; !error && rxs_line_next(rx_buf_view(&text), &pos, &line);) {
		size_t at = 0;
		if (rxs_word_next(line, &at, &word) && is_cpu_line(word))
			count++;
	}
	rx_buf_fini(&text);
	if (error)
		return rxs_fail_errno(session, error);
	*out = rxl_int(count);
	return REXI_OK;
}

static enum rexi_status cpu_time(struct rxl_call *call, struct rexi_str line, size_t at, struct rxl_value *out)
{
	static const char *const names[] = { "user", "nice", "system", "idle", "iowait", "irq", "softirq", "stolen", "guest",
					     "guest_nice" };
	int64_t per_tick = (int64_t)(1000 / rxs_host_ticks());
	struct rxl_value map = rxl_unit();
	struct rexi_str word;
	enum rexi_status status = rxl_map_new(call->heap, 2 * RX_COUNT(names), &map);

	for (size_t i = 0; i < RX_COUNT(names) && status == REXI_OK; i++) {
		int64_t ticks = rxs_word_next(line, &at, &word) ? (int64_t)number_of(word) : 0;
		char key[32];
		(void)snprintf(key, sizeof(key), "%s_ticks", names[i]);
		status = rxl_map_put_int(call->heap, &map, key, ticks);
		(void)snprintf(key, sizeof(key), "%s_ms", names[i]);
		if (status == REXI_OK)
			status = rxl_map_put_int(call->heap, &map, key, ticks * per_tick);
	}
	if (status == REXI_OK)
		return rxs_record_new(call, RXS_TYPE_CpuTime, map, out);
	rxl_value_drop(call->heap, &map);
	return status;
}

static enum rexi_status read_kernel_stats(struct rxl_call *call, struct rexi_str text, struct rxl_value *map)
{
	static const char *const names[][2] = { { "procs_running", "procs_running" }, { "procs_blocked", "procs_blocked" },
						{ "ctxt", "context_switches" }, { "btime", "boot_time" }, { "processes", "forks" } };
	struct rxl_heap *heap = call->heap;
	struct rxl_value cpus = rxl_unit(), value = rxl_unit();
	struct rexi_str line, word;
	enum rexi_status status = rxl_array_new(heap, 0, &cpus);

	for (size_t i = 0; i < RX_COUNT(names) && status == REXI_OK; i++)
		status = rxl_map_put_int(heap, map, names[i][1], 0);
	for (size_t pos = 0; status == REXI_OK && rxs_line_next(text, &pos, &line);) {
		size_t at = 0;
		if (!rxs_word_next(line, &at, &word))
			continue;
		if (rx_str_eq(word, RX_STR("cpu")) || is_cpu_line(word)) {
			status = cpu_time(call, line, at, &value);
			if (status == REXI_OK && word.len == 3)
				status = rxl_map_put(heap, map, RX_STR("total_cpu_time"), rxl_value_take(&value));
			else if (status == REXI_OK)
				status = rxl_array_push(heap, &cpus, rxl_value_take(&value));
			continue;
		}
		for (size_t i = 0; i < RX_COUNT(names); i++) {
			struct rexi_str number;
			size_t next = at;
			if (status == REXI_OK && rx_str_eq(word, rx_str(names[i][0])) && rxs_word_next(line, &next, &number))
				status = rxl_map_put_int(heap, map, names[i][1], (int64_t)number_of(number));
		}
	}
	if (status == REXI_OK)
		return rxl_map_put(heap, map, RX_STR("cpu_time"), cpus);
	rxl_value_drop(heap, &cpus);
	return status;
}

SYSINFO(kernel_stats)
{
	struct rxl_value map = rxl_unit();
	struct rx_buf text;
	enum rexi_status status;

	rx_buf_init(&text, session->memory, 0);
	status = rxs_read_proc(session, "/proc/stat", &text);
	if (status == REXI_OK)
		status = rxl_map_new(call->heap, 7, &map);
	if (status == REXI_OK)
		status = read_kernel_stats(call, rx_buf_view(&text), &map);
	rx_buf_fini(&text);
	if (status == REXI_OK)
		return rxs_record_new(call, RXS_TYPE_KernelStats, map, out);
	rxl_value_drop(call->heap, &map);
	return status;
}

/* ---- slabs --------------------------------------------------------------------------------------------------------------------- */

struct slab {
	struct rexi_str name;
	uint64_t active, objs, size, per_slab, pages, active_slabs, slabs;
	double cache_kb;
};

struct slab_sums {
	uint64_t active, objs, active_slabs, slabs, active_caches, caches;
	double active_kb, total_kb, min_kb, max_kb;
};

static int more_objects(const void *a, const void *b)
{
	const struct slab *x = a, *y = b;

	if (x->objs != y->objs)
		return x->objs < y->objs ? 1 : -1;
	return x->name.ptr < y->name.ptr ? -1 : x->name.ptr > y->name.ptr; /* stable: as they stand in the file */
}

/* `# name <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables ... : slabdata <active_slabs> <num_slabs> ...` */
static bool read_slab(struct rexi_str line, struct slab *out)
{
	uint64_t numbers[12] = { 0 };
	struct rexi_str word;
	size_t at = 0, count = 0;

	if (!rxs_word_next(line, &at, &out->name))
		return false;
	while (count < RX_COUNT(numbers) && rxs_word_next(line, &at, &word))
		if (rx_number_parse_u64(word, 10, &numbers[count]) == RX_NUMBER_OK)
			count++;
	if (count < 9)
		return false;
	out->active = numbers[0];
	out->objs = numbers[1];
	out->size = numbers[2];
	out->per_slab = numbers[3];
	out->pages = numbers[4];
	out->active_slabs = numbers[8];
	out->slabs = count > 9 ? numbers[9] : numbers[8];
	return true;
}

static enum rexi_status slab_value(struct rxl_call *call, const struct slab *slab, struct rxl_value *out)
{
	uint64_t cache_kb = slab->active_slabs * slab->pages * (rxs_host_page_size() / 1024);
	const struct {
		const char *name;
		uint64_t value;
	} fields[] = { { "objs", slab->objs }, { "active", slab->active }, { "slabs", slab->active_slabs },
		       { "obj_per_slab", slab->per_slab }, { "pages_per_slab", slab->pages }, { "obj_size_bytes", slab->size },
		       { "@use_percent", slab->objs ? slab->active * 100 / slab->objs : 0 }, { "@cache_size_kb", cache_kb } };
	struct rxl_heap *heap = call->heap;
	struct rxl_value map = rxl_unit();
	enum rexi_status status = rxl_map_new(heap, 12, &map);

	if (status == REXI_OK)
		status = rxl_map_put_text(heap, &map, "name", slab->name);
	for (size_t i = 0; i < RX_COUNT(fields) && status == REXI_OK; i++)
		status = rxl_map_put_int(heap, &map, fields[i].name, (int64_t)fields[i].value);
	/* computed fields: getters have them, to_map does not */
	if (status == REXI_OK)
		status = rxl_map_put(heap, &map, RX_STR("@obj_size_kb"), rxl_float((double)slab->size / 1024.0));
	if (status == REXI_OK)
		status = rxl_map_put(heap, &map, RX_STR("@active_size_kb"),
				     rxl_float(slab->objs ? (double)cache_kb * (double)slab->active / (double)slab->objs : 0.0));
	if (status == REXI_OK)
		return rxs_record_new(call, RXS_TYPE_SlabEntry, map, out);
	rxl_value_drop(heap, &map);
	return status;
}

static double percent(double part, double whole)
{
	return whole > 0 ? part * 100.0 / whole : 0.0;
}

static enum rexi_status summary_value(struct rxl_call *call, const struct slab_sums *s, struct rxl_value *out)
{
	const struct {
		const char *name;
		uint64_t value;
	} counts[] = { { "active_objects", s->active }, { "total_objects", s->objs }, { "active_slabs", s->active_slabs },
		       { "total_slabs", s->slabs }, { "active_caches", s->active_caches }, { "total_caches", s->caches } };
	const struct {
		const char *name;
		double value;
	} sizes[] = { { "objects_usage_percent", percent((double)s->active, (double)s->objs) },
		      { "slabs_usage_percent", percent((double)s->active_slabs, (double)s->slabs) },
		      { "caches_usage_percent", percent((double)s->active_caches, (double)s->caches) },
		      { "size_usage_percent", percent(s->active_kb, s->total_kb) }, { "active_size_kb", s->active_kb },
		      { "total_size_kb", s->total_kb }, { "min_obj_size_kb", s->min_kb },
		      { "avg_obj_size_kb", s->objs ? s->total_kb / (double)s->objs : 0.0 }, { "max_obj_size_kb", s->max_kb } };
	struct rxl_value map = rxl_unit();
	enum rexi_status status = rxl_map_new(call->heap, 15, &map);

	for (size_t i = 0; i < RX_COUNT(counts) && status == REXI_OK; i++)
		status = rxl_map_put_int(call->heap, &map, counts[i].name, (int64_t)counts[i].value);
	for (size_t i = 0; i < RX_COUNT(sizes) && status == REXI_OK; i++)
		status = rxl_map_put(call->heap, &map, rx_str(sizes[i].name), rxl_float(sizes[i].value));
	if (status == REXI_OK)
		return rxs_record_new(call, RXS_TYPE_SlabSummary, map, out);
	rxl_value_drop(call->heap, &map);
	return status;
}

RXS_COMMAND(rxs_sys_slab_text)
{
	const struct rxs_record *r = rxs_need(call, self, RXS_TYPE_SlabSummary);
	struct rx_buf text;

	(void)session;
	(void)args;
	(void)argc;
	rx_buf_init(&text, &call->heap->memory, 0);
	rx_buf_printf(&text, "Active / Total Objects (%% used)    : %lld / %lld (%.1f%%)\n", (long long)field_int(r, "active_objects"),
		      (long long)field_int(r, "total_objects"), field_float(r, "objects_usage_percent"));
	rx_buf_printf(&text, "Active / Total Slabs (%% used)      : %lld / %lld (%.1f%%)\n", (long long)field_int(r, "active_slabs"),
		      (long long)field_int(r, "total_slabs"), field_float(r, "slabs_usage_percent"));
	rx_buf_printf(&text, "Active / Total Caches (%% used)     : %lld / %lld (%.1f%%)\n", (long long)field_int(r, "active_caches"),
		      (long long)field_int(r, "total_caches"), field_float(r, "caches_usage_percent"));
	rx_buf_printf(&text, "Active / Total Size (%% used)       : %.2fK / %.0fK (%.1f%%)\n", field_float(r, "active_size_kb"),
		      field_float(r, "total_size_kb"), field_float(r, "size_usage_percent"));
	rx_buf_printf(&text, "Minimum / Average / Maximum Object : %.2fK / %.2fK / %.2fK", field_float(r, "min_obj_size_kb"),
		      field_float(r, "avg_obj_size_kb"), field_float(r, "max_obj_size_kb"));
	return rxl_string_from_buf(call->heap, &text, out);
}

static enum rexi_status collect_slabs(struct rxs_session *session, struct rexi_str text, struct slab **slabs, size_t *count,
				      size_t *cap)
{
	struct rexi_str line;
	size_t pos = 0;

	if (!rxs_line_next(text, &pos, &line))
		return rxs_fail(session, RXS_IO_Other, "Failed to parse slabinfo data: Missing version line in /proc/slabinfo");
	size_t colon = rx_str_find(line, RX_STR(": "), 0);
	if (colon == SIZE_MAX)
		return rxs_fail(session, RXS_IO_Other, "Failed to parse slabinfo data: Unable to parse version from /proc/slabinfo");
	if (!rx_str_ends(line, RX_STR("2.1")))
		return rxs_fail(session, RXS_IO_Other,
				"Failed to parse slabinfo. This version %.*s of slabinfo is not supported",
				RX_STR_ARG(rx_str_sub(line, colon + 2, SIZE_MAX)));
	(void)rxs_line_next(text, &pos, &line); /* names of the columns */
	while (rxs_line_next(text, &pos, &line)) {
		if (!RX_GROW(session->memory, slabs, cap, *count + 1))
			return rxs_fail_memory(session);
		if (!read_slab(line, &(*slabs)[*count]))
			return rxs_fail(session, RXS_IO_Other,
					"Failed to parse slabinfo data: Failed to parse /proc/slabinfo content");
		++*count;
	}
	if (*count == 0)
		return rxs_fail(session, RXS_IO_Other, "Failed to parse slabinfo data: No slab entries found");
	qsort(*slabs, *count, sizeof(**slabs), more_objects);
	return REXI_OK;
}

static enum rexi_status make_slab_info(struct rxl_call *call, const struct slab *slabs, size_t count, struct rxl_value *map)
{
	struct slab_sums sums = { .min_kb = 1e300 };
	struct rxl_value list = rxl_unit(), item = rxl_unit();
	enum rexi_status status = rxl_array_new(call->heap, count, &list);

	for (size_t i = 0; i < count && status == REXI_OK; i++) {
		const struct slab *s = &slabs[i];
		double kb = (double)s->size / 1024.0;
		sums.active += s->active;
		sums.objs += s->objs;
		sums.active_slabs += s->active_slabs;
		sums.slabs += s->slabs;
		sums.active_caches += s->active > 0;
		sums.caches++;
		sums.active_kb += (double)s->active * kb;
		sums.total_kb += (double)s->objs * kb;
		sums.min_kb = kb < sums.min_kb ? kb : sums.min_kb;
		sums.max_kb = kb > sums.max_kb ? kb : sums.max_kb;
		status = slab_value(call, s, &item);
		if (status == REXI_OK)
			status = rxl_array_push(call->heap, &list, rxl_value_take(&item));
	}
	if (status == REXI_OK)
		status = summary_value(call, &sums, &item);
	if (status == REXI_OK)
		status = rxl_map_put(call->heap, map, RX_STR("summary"), rxl_value_take(&item));
	if (status == REXI_OK)
		return rxl_map_put(call->heap, map, RX_STR("slabs"), list);
	rxl_value_drop(call->heap, &list);
	return status;
}

/* Open(Dir) Open(File) Read(File) of a file in a directory of /proc, as the file-system SDK reads it. */
enum rexi_status rxs_read_safely(struct rxs_session *session, const char *dir_path, const char *name, struct rx_buf *out)
{
	static const struct rxs_open_dir open_dir = { .follow = false };
	static const struct rxs_open_file open_file = { .read = true };
	const struct rxs_grant *read;
	struct rxs_file *file = NULL;
	struct rxs_dir *dir;
	struct rx_buf bytes;
	enum rexi_status status;

	RX_TRY(rxs_dir_open(session, rx_str(dir_path), &open_dir, &dir));
	status = rxs_file_open(dir, rx_str(name), false, &open_file, &file);
	rxs_dir_unref(dir);
	rx_buf_init(&bytes, session->memory, FILE_MAX_BYTES);
	if (status == REXI_OK)
		status = rxs_file_may_read(file, &read);
	if (status == REXI_OK)
		status = rxs_file_bytes(file, read, &bytes);
	if (status == REXI_OK) {
		rx_utf8_lossy(out, rx_buf_view(&bytes));
		status = out->failed ? rxs_fail_memory(session) : REXI_OK;
	}
	rx_buf_fini(&bytes);
	rxs_file_unref(file);
	return status;
}

SYSINFO(slab_info)
{
	struct rxl_value map = rxl_unit();
	struct slab *slabs = NULL;
	size_t count = 0, cap = 0;
	struct rx_buf text;
	enum rexi_status status;

	rx_buf_init(&text, session->memory, 0);
	status = rxs_read_safely(session, "/proc", "slabinfo", &text);
	if (status == REXI_OK)
		status = collect_slabs(session, rx_buf_view(&text), &slabs, &count, &cap);
	if (status == REXI_OK)
		status = rxl_map_new(call->heap, 2, &map);
	if (status == REXI_OK)
		status = make_slab_info(call, slabs, count, &map);
	rx_memory_give(session->memory, slabs, cap * sizeof(*slabs));
	rx_buf_fini(&text);
	if (status == REXI_OK)
		return rxs_record_new(call, RXS_TYPE_SlabInfo, map, out);
	rxl_value_drop(call->heap, &map);
	return status;
}

/* ---- the kernel's log ------------------------------------------------------------------------------------------------------------ */

/* "PRI,SEQ,USEC,FLAGS;MESSAGE"; false for lines of another form. */
static bool log_line(struct rexi_str line, uint64_t *usec, struct rexi_str *message)
{
	size_t semicolon = rx_str_find(line, RX_STR(";"), 0), at = 0;
	uint64_t numbers[3];

	if (semicolon == SIZE_MAX || semicolon + 1 >= line.len)
		return false;
	for (int i = 0; i < 3; i++) {
		size_t comma = rx_str_find(line, RX_STR(","), at);
		if (comma == SIZE_MAX || comma > semicolon ||
		    rx_number_parse_u64(rx_str_sub(line, at, comma - at), 10, &numbers[i]) != RX_NUMBER_OK)
			return false;
		at = comma + 1;
	}
	*usec = numbers[2];
	*message = rx_str_sub(line, semicolon + 1, SIZE_MAX);
	return true;
}

static enum rexi_status log_entry(struct rxl_call *call, uint64_t usec, struct rexi_str message, int64_t boot, bool human,
				  struct rxl_value *list)
{
	char stamp[64];
	struct rxl_value map = rxl_unit(), item = rxl_unit();
	enum rexi_status status;

	if (human)
		rxs_human_time(boot + (int64_t)(usec / 1000000), stamp);
	else
		(void)snprintf(stamp, sizeof(stamp), "%5llu.%06llu", (unsigned long long)(usec / 1000000),
			       (unsigned long long)(usec % 1000000));
	status = rxl_map_new(call->heap, 2, &map);
	if (status == REXI_OK)
		status = rxl_map_put_text(call->heap, &map, "timestamp_from_system_start", rx_str(stamp));
	if (status == REXI_OK)
		status = rxl_map_put_text(call->heap, &map, "message", message);
	if (status != REXI_OK) {
		rxl_value_drop(call->heap, &map);
		return status;
	}
	RX_TRY(rxs_record_new(call, RXS_TYPE_DmesgEntry, map, &item));
	return rxl_array_push(call->heap, list, item);
}

static int64_t boot_time(struct rxs_session *session, const struct rxs_grant *read)
{
	struct rexi_str line, word;
	struct rx_buf text;
	int64_t boot = 0;

	rx_buf_init(&text, session->memory, 0);
	if (rxs_host_stat_text(read, &text) == 0) {
		for (size_t pos = 0; rxs_line_next(rx_buf_view(&text), &pos, &line);) {
			size_t at = 0;
			if (rxs_word_next(line, &at, &word) && rx_str_eq(word, RX_STR("btime")) && rxs_word_next(line, &at, &word))
				boot = (int64_t)number_of(word);
		}
	}
	rx_buf_fini(&text);
	return boot;
}

SYSINFO(dmesg)
{
	bool human = args && rxs_call_native(call)->params[0] == 'S' &&
		     rxs_option_bool(rxs_options_need(call, &args[0]), RXS_OPT_DmesgOptions_human_readable_time);
	struct rxl_value list = rxl_unit();
	const struct rxs_grant *read;
	struct rx_buf bytes, text;
	struct rxs_path *path;
	struct rexi_str line, message;
	uint64_t usec;
	int64_t boot = 0;
	enum rexi_status status;

	RX_TRY(rxs_path_parse(session, RX_STR("/dev/kmsg"), NULL, &path));
	status = rxs_authorize_file(session, RXS_FS_READ, path, &read);
	rxs_path_unref(path);
	RX_TRY(status);
	rx_buf_init(&bytes, session->memory, 0);
	rx_buf_init(&text, session->memory, 0);
	int error = rxs_host_read_kmsg(read, FILE_MAX_BYTES, &bytes);
	if (error) {
		status = rxs_fail(session, RXS_IO_Other, "RMesgError:: Unable to open file /dev/kmsg: ");
		rxs_errno_text(&session->failure.message, error);
	}
	if (status == REXI_OK && human)
		boot = boot_time(session, read);
	rx_utf8_lossy(&text, rx_buf_view(&bytes));
	if (status == REXI_OK)
		status = rxl_array_new(call->heap, 0, &list);
	for (size_t pos = 0; status == REXI_OK && rxs_line_next(rx_buf_view(&text), &pos, &line);)
		if (log_line(line, &usec, &message))
			status = log_entry(call, usec, message, boot, human, &list);
	rx_buf_fini(&bytes);
	rx_buf_fini(&text);
	if (status == REXI_OK)
		*out = list;
	else
		rxl_value_drop(call->heap, &list);
	return status;
}

RXS_COMMAND(rxs_sys_dmesg_text)
{
	const struct rxs_record *r = rxs_need(call, self, RXS_TYPE_DmesgEntry);
	struct rx_buf text;

	(void)session;
	(void)args;
	(void)argc;
	rx_buf_init(&text, &call->heap->memory, 0);
	rx_buf_byte(&text, '[');
	rx_buf_str(&text, rxl_string_view(rxs_record_field(r, "timestamp_from_system_start")));
	RX_BUF_LIT(&text, "] ");
	rx_buf_str(&text, rxl_string_view(rxs_record_field(r, "message")));
	return rxl_string_from_buf(call->heap, &text, out);
}

/* ---- names ---------------------------------------------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
	return rx_str_cmp(rxl_string_view(a), rxl_string_view(b));
}

static enum rexi_status push_address(struct rxl_heap *heap, struct rxl_value *list, struct rexi_str text)
{
	struct rxl_value item = rxl_unit();

	for (size_t i = 0; i < rxl_array_count(list); i++)
		if (rx_str_eq(rxl_string_view(&rxl_array_items(list)[i]), text))
			return REXI_OK;
	RX_TRY(rxl_string_new(heap, text, &item));
	return rxl_array_push(heap, list, item);
}

static enum rexi_status resolve(struct rxs_session *session, struct rxl_call *call, struct rexi_str name,
				const struct rxs_resolution *how, struct rxl_value *list)
{
	const struct rxs_field attributes[] = { { .name = RX_STR_INIT("hostname"),
						  .value = { .kind = RXS_DATA_STRING, .string = name } } };
	const struct rxs_resource resource = { .type = RXS_HOSTNAME, .id = name, .attributes = attributes, .attribute_count = 1 };
	struct rxs_addresses addresses = { NULL, 0, 0 };
	const struct rxs_grant *grant;
	struct rx_buf why;
	enum rexi_status status;

	RX_TRY(rxs_authorize(session, RXS_SYSINFO_RESOLVE_HOSTNAME, &resource, &grant));
	if (how->server.ptr && !rxs_is_address(how->server))
		return rxs_fail(session, RXS_IO_Other,
				"DNS resolution failed for hostname: %.*s, reason: failed to parse resolver IP address: invalid IP "
				"address syntax", RX_STR_ARG(name));
	rx_buf_init(&why, session->memory, 0);
	status = rxs_resolve(grant, name, how, &addresses, &why);
	for (size_t i = 0; status == REXI_OK && i < addresses.count; i++) {
		rx_buf_clear(&why);
		rxs_address_show(&why, &addresses.items[i]);
		status = push_address(call->heap, list, rx_buf_view(&why));
	}
	if (status == REXI_OK && addresses.count == 0)
		status = rxs_fail(session, RXS_IO_Other, "DNS resolution failed for hostname: %.*s, reason: %.*s", RX_STR_ARG(name),
				  RX_STR_ARG(rx_buf_view(&why)));
	rx_buf_fini(&why);
	rxs_addresses_fini(session, &addresses);
	return status;
}

SYSINFO(resolve)
{
	const struct rxs_options *options = rxl_is_string(self) ? NULL : rxs_options_need(call, &args[0]);
	struct rexi_str name = options ? rxs_option_str(options, RXS_OPT_ResolveOptions_hostname) : rxl_string_view(self);
	struct rxs_resolution how = { .timeout_ms = RESOLVE_SECONDS * 1000 };
	struct rxl_value list = rxl_unit();
	enum rexi_status status;

	if (options) {
		const struct rxl_value *transport = rxs_option_value(options, RXS_OPT_ResolveOptions_protocol);
		int64_t seconds = rxs_option_int(options, RXS_OPT_ResolveOptions_timeout);

		if (rxs_option_is_set(options, RXS_OPT_ResolveOptions_resolver))
			how.server = rxs_option_str(options, RXS_OPT_ResolveOptions_resolver);
		if (transport)
			how.transport = (enum rxs_transport)rxs_kind_number(transport->as.host->payload);
		how.timeout_ms = (uint64_t)(seconds < RESOLVE_SECONDS_MAX ? seconds : RESOLVE_SECONDS_MAX) * 1000;
	}
	RX_TRY(rxl_array_new(call->heap, 0, &list));
	status = resolve(session, call, name, &how, &list);
	if (status == REXI_OK && rxl_array_count(&list) > 1) {
		status = rxl_array_edit(call->heap, &list);
		if (status == REXI_OK)
			qsort(list.as.array->items, list.as.array->count, sizeof(struct rxl_value), by_text);
	}
	if (status == REXI_OK)
		*out = list;
	else
		rxl_value_drop(call->heap, &list);
	return status;
}

/* ---- sysctl --------------------------------------------------------------------------------------------------------------------- */

/* kernel.ostype as /proc/sys/kernel and ostype; a key that already has slashes is taken as it is. */
static enum rexi_status key_path(struct rxs_session *session, struct rexi_str key, struct rx_buf *path, size_t *name_at)
{
	bool slashes = key.len && memchr(key.ptr, '/', key.len);

	RX_BUF_LIT(path, "/proc/sys/");
	*name_at = path->len;
	for (size_t i = 0; i < key.len; i++) {
		char c = key.ptr[i] == '.' && !slashes ? '/' : key.ptr[i];
		rx_buf_byte(path, c);
		if (c == '/')
			*name_at = path->len;
	}
	return rx_buf_cstr(path) ? REXI_OK : rxs_fail_memory(session);
}

static enum rexi_status open_key(struct rxs_session *session, struct rexi_str key, const struct rxs_open_file *how,
				 struct rxs_file **out)
{
	static const struct rxs_open_dir open_dir = { .follow = false };
	struct rx_buf path;
	struct rxs_dir *dir;
	size_t name_at;
	enum rexi_status status;

	rx_buf_init(&path, session->memory, 0);
	status = key_path(session, key, &path, &name_at);
	if (status == REXI_OK)
		status = rxs_dir_open(session, rx_str_make(path.ptr, name_at - 1), &open_dir, &dir);
	if (status == REXI_OK) {
		status = rxs_file_open(dir, rx_str_sub(rx_buf_view(&path), name_at, SIZE_MAX), false, how, out);
		rxs_dir_unref(dir);
	}
	rx_buf_fini(&path);
	return status;
}

SYSINFO(sysctl_read)
{
	static const struct rxs_open_file how = { .read = true };
	struct rexi_str key = rxl_string_view(rxl_is_string(self) ? self : &args[0]);
	const struct rxs_grant *read;
	struct rxs_file *file;
	struct rx_buf bytes, text;
	enum rexi_status status;

	RX_TRY(open_key(session, key, &how, &file));
	rx_buf_init(&bytes, session->memory, FILE_MAX_BYTES);
	rx_buf_init(&text, &call->heap->memory, 0);
	status = rxs_file_may_read(file, &read);
	if (status == REXI_OK)
		status = rxs_file_bytes(file, read, &bytes);
	rxs_file_unref(file);
	while (bytes.len && (bytes.ptr[bytes.len - 1] == '\n' || bytes.ptr[bytes.len - 1] == ' ' || bytes.ptr[bytes.len - 1] == '\t'))
		bytes.len--;
	if (status == REXI_OK) {
		rx_utf8_lossy(&text, rx_buf_view(&bytes));
		status = rxl_string_from_buf(call->heap, &text, out);
	} else {
		rx_buf_fini(&text);
	}
	rx_buf_fini(&bytes);
	return status;
}

SYSINFO(sysctl_write)
{
	static const struct rxs_open_file how = { .write = true };
	bool method = !rxl_is_string(self);
	struct rexi_str key = rxl_string_view(method ? &args[0] : self), value = rxl_string_view(&args[method]);
	const struct rxs_grant *write;
	struct rxs_file *file;
	enum rexi_status status;
	int error;

	RX_TRY(open_key(session, key, &how, &file));
	status = rxs_file_may_write(file, &write);
	if (status == REXI_OK) {
		error = rxs_host_write(write, file->fd, 0, value.ptr, value.len);
		if (error)
			status = rxs_fail_errno(session, error);
	}
	rxs_file_unref(file);
	return status;
}

struct sysctl_find {
	struct rxl_call *call;
	struct rxs_session *session;
	const struct rxs_regex *pattern;
	struct rxl_value *list;
	bool records; /* the method's SysctlEntry, not the command's maps */
};

static enum rexi_status found_key(struct sysctl_find *f, struct rexi_str key, struct rexi_str value)
{
	struct rxl_heap *heap = f->call->heap;
	struct rxl_value map = rxl_unit(), entry = rxl_unit();
	enum rexi_status status = rxl_map_new(heap, 2, &map);

	if (status == REXI_OK)
		status = rxl_map_put_text(heap, &map, "key", key);
	if (status == REXI_OK)
		status = rxl_map_put_text(heap, &map, "value", value);
	if (status != REXI_OK) {
		rxl_value_drop(heap, &map);
		return status;
	}
	if (!f->records)
		return rxl_array_push(heap, f->list, map);
	RX_TRY(rxs_record_new(f->call, RXS_TYPE_SysctlEntry, map, &entry));
	return rxl_array_push(heap, f->list, entry);
}

/* Files that do something when they are read, or only say that they are obsolete. */
static bool is_left_alone(struct rexi_str name)
{
	return rx_str_eq(name, RX_STR("base_reachable_time")) || rx_str_eq(name, RX_STR("retrans_time")) ||
	       rx_str_eq(name, RX_STR("stat_refresh"));
}

/* A file whose path the pattern finds: read, and passed over when it may not be. */
static enum rexi_status find_entry(void *user, struct rxs_dir *dir, const struct rxs_entry *entry, struct rxs_dir *child,
				   uint64_t depth, bool *skip)
{
	static const struct rxs_open_file how = { .read = true };
	struct sysctl_find *f = user;
	const struct rxs_grant *read;
	struct rxs_file *file = NULL;
	struct rx_buf path, bytes, text;
	bool matches = false;
	enum rexi_status status = REXI_OK;

	(void)child;
	(void)depth;
	(void)skip;
	if (entry->type != RXS_ENTRY_FILE || is_left_alone(entry->name))
		return REXI_OK;
	rx_buf_init(&path, f->session->memory, 0);
	rx_buf_init(&bytes, f->session->memory, FILE_MAX_BYTES);
	rx_buf_init(&text, f->session->memory, 0);
	rx_buf_str(&path, rxs_path_str(dir->path));
	rx_buf_byte(&path, '/');
	rxs_path_show(&path, entry->name);
	status = path.failed ? rxs_fail_memory(f->session) : rxs_regex_matches(f->pattern, rx_buf_view(&path), false, &matches);
	if (status == REXI_OK && matches) {
		status = rxs_file_open(dir, entry->name, true, &how, &file);
		if (status == REXI_OK)
			status = rxs_file_may_read(file, &read);
		if (status == REXI_OK)
			status = rxs_file_bytes(file, read, &bytes);
		if (status == REXI_DENIED || status == REXI_HOST || status == REXI_RUNTIME) {
			rxs_failure_clear(f->session);
			status = REXI_OK;
			matches = false;
		}
	}
	if (status == REXI_OK && matches) {
		struct rexi_str key = rx_str_sub(rx_buf_view(&path), strlen("/proc/sys/"), SIZE_MAX);
		for (size_t i = strlen("/proc/sys/"); i < path.len; i++)
			if (path.ptr[i] == '/')
				path.ptr[i] = '.';
		while (bytes.len && bytes.ptr[bytes.len - 1] == '\n')
			bytes.len--;
		rx_utf8_lossy(&text, rx_buf_view(&bytes));
		status = found_key(f, key, rx_buf_view(&text));
	}
	rxs_file_unref(file);
	rx_buf_fini(&path);
	rx_buf_fini(&bytes);
	rx_buf_fini(&text);
	return status;
}

SYSINFO(sysctl_find)
{
	static const struct rxs_open_dir open_dir = { .follow = false };
	struct rexi_str pattern = rxl_string_view(rxl_is_string(self) ? self : &args[0]);
	struct rxl_value list = rxl_unit();
	struct sysctl_find f = { .call = call, .session = session, .list = &list, .records = !rxl_is_string(self) };
	struct rxs_walk_options walk = { .max_depth = UINT64_MAX, .user = &f, .entry = find_entry };
	struct rxs_regex *regex = NULL;
	struct rxs_dir *dir;
	enum rexi_status status;

	RX_TRY(rxs_dir_open(session, RX_STR("/proc/sys"), &open_dir, &dir));
	status = rxs_regex_new(session, pattern, false, &regex);
	f.pattern = regex;
	if (status == REXI_OK)
		status = rxl_array_new(call->heap, 0, &list);
	if (status == REXI_OK)
		status = rxs_walk(dir, &walk);
	rxs_regex_free(regex);
	rxs_dir_unref(dir);
	if (status == REXI_OK)
		*out = list;
	else
		rxl_value_drop(call->heap, &list);
	return status;
}

static enum rexi_status load_system(struct rxs_session *session)
{
	static const struct rxs_open_file how = { .read = true, .follow = true };
	static const struct rexi_str words[] = { RX_STR_INIT("--system") };
	struct rxs_child child = { .end = RXS_CHILD_EXITED };
	struct rxs_file *program;
	enum rexi_status status;

	RX_TRY(rxs_command_open(session, RX_STR("/usr/sbin/sysctl"), false, &how, &program));
	rx_buf_init(&child.out, session->memory, 0);
	rx_buf_init(&child.err, session->memory, 0);
	status = rxs_execute_words(session, program, words, RX_COUNT(words), &child);
	if (status == REXI_OK && child.exit_code != 0)
		status = rxs_fail(session, RXS_IO_Other, "sysctl --system failed with status %d", child.exit_code);
	rx_buf_fini(&child.out);
	rx_buf_fini(&child.err);
	rxs_file_unref(program);
	return status;
}

SYSINFO(sysctl_load)
{
	struct rxs_resource resource = { .type = RXS_SYSCTL, .id = RX_STR(RXS_ONLY_ID) };
	const struct rxs_grant *load;

	RX_TRY(rxs_authorize(session, RXS_SYSCTL_LOAD, &resource, &load));
	return load_system(session);
}
