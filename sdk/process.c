/* Processes: listing, who holds what, signals, System V IPC. Source: sdk-system.md 4 and 6. */
#include <config.h>

#include "sdk/system.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "base/number.h"
#include "base/utf8.h"
#include "sdk/error.h"
#include "sdk/fs.h"
#include "sdk/host_system.h"
#include "sdk/host_user.h"
#include "sdk/kinds.h"
#include "sdk/options.h"
#include "sdk/process.h"
#include "sdk/record.h"
#include "sdk/text_lines.h"

#include "base/banned.h"

#define FAIL RXS_FAIL_PROCESS

static enum rexi_status finish(struct rxs_session *session, enum rexi_status status)
{
	return rxs_failure_as(session, RXS_SOURCE_PROCESS, status);
}

/* ---- what is known of a process ---------------------------------------------------------------------------------------------- */

void rxs_known_init(struct rxs_known *k, struct rxs_session *session)
{
	rx_buf_init(&k->p.command, session->memory, 0);
	rx_buf_init(&k->user, session->memory, 0);
	rx_buf_init(&k->command, session->memory, 0);
}

void rxs_known_fini(struct rxs_known *k)
{
	rx_buf_fini(&k->p.command);
	rx_buf_fini(&k->user);
	rx_buf_fini(&k->command);
}

bool rxs_known_read(struct rxs_known *k, struct rxs_session *session, int64_t pid, int64_t thread_of)
{
	struct rexi_str raw, first;
	size_t blank, slash = 0;

	rx_buf_clear(&k->user);
	rx_buf_clear(&k->command);
	if (!rxs_host_process(session, pid, thread_of, &k->p))
		return false;
	(void)rxs_identity_user(session, (uint32_t)k->p.uid, &k->user);
	raw = rx_buf_view(&k->p.command);
	blank = rx_str_find(raw, RX_STR(" "), 0);
	first = rx_str_sub(raw, 0, blank == SIZE_MAX ? raw.len : blank);
	for (size_t i = 0; i < first.len; i++)
		if (first.ptr[i] == '/')
			slash = i + 1;
	rx_utf8_lossy(&k->command, rx_str_sub(raw, slash, SIZE_MAX));
	return true;
}

enum rexi_status rxs_known_ask(struct rxs_session *session, const struct rxs_known *k, enum rxs_action action,
			       const struct rxs_grant **grant)
{
	char id[32];
	const struct rexi_str name = rx_str(k->p.name);
	(void)snprintf(id, sizeof(id), "%lld", (long long)k->p.pid);
	const struct rxs_field attributes[] = {
		{ .name = RX_STR_INIT("name"), .value = { .kind = RXS_DATA_STRING, .string = name } },
		{ .name = RX_STR_INIT("username"), .value = { .kind = RXS_DATA_STRING, .string = rx_buf_view(&k->user) } },
		{ .name = RX_STR_INIT("command"), .value = { .kind = RXS_DATA_STRING, .string = rx_buf_view(&k->command) } },
		{ .name = RX_STR_INIT("pid"), .value = { .kind = RXS_DATA_STRING, .string = rx_str(id) } },
	};
	const struct rxs_resource resource = { .type = RXS_PROCESS, .id = rx_str(id), .attributes = attributes,
					       .attribute_count = RX_COUNT(attributes) };

	return rxs_authorize(session, action, &resource, grant);
}

bool rxs_denial_skipped(struct rxs_session *session, enum rexi_status status)
{
	if (status != REXI_DENIED)
		return false;
	rxs_failure_clear(session);
	return true;
}

enum rexi_status rxs_process_listed(struct rxs_session *session, int64_t pid, bool *listed, struct rx_buf *name)
{
	size_t mark = rxs_grants_mark(session);
	const struct rxs_grant *grant;
	enum rexi_status status = REXI_OK;
	struct rxs_known k;

	*listed = false;
	rxs_known_init(&k, session);
	if (rxs_known_read(&k, session, pid, 0)) {
		status = rxs_known_ask(session, &k, RXS_PROCESS_LIST, &grant);
		*listed = status == REXI_OK;
		if (*listed)
			rx_utf8_lossy(name, rx_str(k.p.name));
	}
	rxs_known_fini(&k);
	rxs_grants_release(session, mark);
	return rxs_denial_skipped(session, status) ? REXI_OK : status;
}

/* ---- the manager -------------------------------------------------------------------------------------------------------------- */

/* Processes seen by processes() and its like: what kill by pattern chooses from. */
struct seen {
	int64_t pid;
	uint64_t start_ticks;
};

struct rxs_process_manager {
	struct rx_memory *memory;
	struct seen *seen;
	size_t count, cap;
};

void rxs_show_process_manager(const void *payload, struct rx_buf *out, bool debug)
{
	(void)payload;
	(void)debug;
	RX_BUF_LIT(out, "ProcessManager");
}

void rxs_free_process_manager(void *payload)
{
	struct rxs_process_manager *m = payload;

	rx_memory_give(m->memory, m->seen, m->cap * sizeof(*m->seen));
	rx_memory_give(m->memory, m, sizeof(*m));
}

RXS_COMMAND(rxs_process_manager_new)
{
	struct rxs_process_manager *m = rx_memory_take_zeroed(session->memory, 1, sizeof(*m));

	(void)self;
	(void)args;
	(void)argc;
	if (!m)
		return rxs_fail_memory(session);
	m->memory = session->memory;
	return rxs_object(call, RXS_TYPE_ProcessManager, m, out);
}

static enum rexi_status remember(struct rxs_session *session, struct rxs_process_manager *m, const struct rxs_known *k)
{
	if (!m)
		return REXI_OK;
	for (size_t i = 0; i < m->count; i++) {
		if (m->seen[i].pid == k->p.pid) {
			m->seen[i].start_ticks = k->p.start_ticks;
			return REXI_OK;
		}
	}
	if (!RX_GROW(m->memory, &m->seen, &m->cap, m->count + 1))
		return rxs_fail_memory(session);
	m->seen[m->count++] = (struct seen){ k->p.pid, k->p.start_ticks };
	return REXI_OK;
}

/* ---- listing -------------------------------------------------------------------------------------------------------------------- */

struct rxs_units rxs_units_read(struct rxs_session *session)
{
	struct rxs_units units = { 0, 0 };
	struct rx_buf text;
	struct rexi_str word;
	size_t at = 0;

	rx_buf_init(&text, session->memory, 0);
	if (rxs_host_proc_text(session, "uptime", &text) && rxs_word_next(rx_buf_view(&text), &at, &word))
		(void)rx_number_parse_f64(word, &units.uptime);
	rx_buf_clear(&text);
	at = 0;
	if (rxs_host_proc_text(session, "meminfo", &text) && rxs_word_next(rx_buf_view(&text), &at, &word) &&
	    rxs_word_next(rx_buf_view(&text), &at, &word)) {
		(void)rx_number_parse_u64(word, 10, &units.memory_bytes);
		units.memory_bytes *= 1024;
	}
	rx_buf_fini(&text);
	return units;
}

static struct rexi_str state_name(char state, char space[16])
{
	static const struct {
		char letter;
		const char *name;
	} names[] = { { 'R', "Run" }, { 'S', "Sleep" }, { 'I', "Idle" }, { 'D', "UninterruptibleDiskSleep" }, { 'Z', "Zombie" },
		      { 'T', "Stop" }, { 't', "Tracing" }, { 'X', "Dead" }, { 'x', "Dead" }, { 'K', "Wakekill" },
		      { 'W', "Waking" }, { 'P', "Parked" } };

	for (size_t i = 0; i < RX_COUNT(names); i++)
		if (names[i].letter == state)
			return rx_str(names[i].name);
	(void)snprintf(space, 16, "Unknown(%d)", state);
	return rx_str(space);
}

/* "pid:[N]" and the last number of NSpid; unit when any of it may not be seen. */
static enum rexi_status namespace_value(struct rxs_session *session, struct rxl_call *call, int64_t pid, struct rxl_value *out)
{
	static const struct rxs_open_dir plain = { .follow = false };
	char path[48];
	struct rxs_dir *dir = NULL, *spaces = NULL;
	struct rx_buf link, status_text;
	uint64_t id = 0, inner = 0;
	enum rexi_status status;

	(void)snprintf(path, sizeof(path), "/proc/%lld", (long long)pid);
	rx_buf_init(&link, session->memory, 0);
	rx_buf_init(&status_text, session->memory, 0);
	status = rxs_dir_open(session, rx_str(path), &plain, &dir);
	if (status == REXI_OK)
		status = rxs_dir_child(dir, RX_STR("ns"), false, false, &spaces);
	if (status == REXI_OK)
		status = rxs_dir_link_target(spaces, RX_STR("pid"), &link);
	if (status == REXI_OK)
		status = rxs_read_safely(session, path, "status", &status_text);
	if (status == REXI_OK) {
		struct rexi_str text = rx_buf_view(&link), line, word;
		size_t open_at = rx_str_find(text, RX_STR("["), 0), at;
		if (open_at != SIZE_MAX && text.len > open_at + 2)
			(void)rx_number_parse_u64(rx_str_sub(text, open_at + 1, text.len - open_at - 2), 10, &id);
		for (size_t pos = 0; rxs_line_next(rx_buf_view(&status_text), &pos, &line);)
			if (rx_str_starts(line, RX_STR("NSpid:")))
				for (at = strlen("NSpid:"); rxs_word_next(line, &at, &word);)
					(void)rx_number_parse_u64(word, 10, &inner);
	}
	rxs_dir_unref(spaces);
	rxs_dir_unref(dir);
	rx_buf_fini(&link);
	rx_buf_fini(&status_text);
	if (status == REXI_DENIED || status == REXI_HOST || status == REXI_RUNTIME) {
		rxs_failure_clear(session);
		return REXI_OK;
	}
	if (status != REXI_OK)
		return status;
	struct rxl_value map = rxl_unit();
	status = rxl_map_new(call->heap, 2, &map);
	if (status == REXI_OK)
		status = rxl_map_put_int(call->heap, &map, "namespace_id", (int64_t)id);
	if (status == REXI_OK)
		status = rxl_map_put_int(call->heap, &map, "child_ns_pid", (int64_t)inner);
	if (status == REXI_OK)
		return rxs_record_new(call, RXS_TYPE_PidNamespace, map, out);
	rxl_value_drop(call->heap, &map);
	return status;
}

enum rexi_status rxs_process_value(struct rxl_call *call, const struct rxs_known *k, const struct rxs_units *units,
				   struct rxl_value namespace, struct rxl_value recent, struct rxl_value *out)
{
	struct rxl_heap *heap = call->heap;
	struct rxl_value map = rxl_unit();
	uint64_t resident = k->p.resident_pages * rxs_host_page_size();
	double run = units->uptime - (double)k->p.start_ticks / (double)rxs_host_ticks();
	double cpu = run >= 1.0 ? (double)k->p.cpu_ticks / (double)rxs_host_ticks() / run * 100.0 : 0.0;
	uint64_t hundredths = units->memory_bytes ? resident * 10000 / units->memory_bytes : 0;
	char space[16];
	const struct {
		const char *name;
		struct rxl_value value;
	} plain[] = { { "pid", rxl_int(k->p.pid) }, { "ppid", rxl_int(k->p.ppid) },
		      { "uid", k->p.uid >= 0 ? rxl_int(k->p.uid) : rxl_unit() }, { "memory_usage", rxl_int((int64_t)resident) },
		      { "memory_percent", rxl_float((double)hundredths / 100.0) }, { "recent_cpu_usage", recent },
		      { "historical_cpu_usage", rxl_float((double)(float)cpu) } };
	const struct {
		const char *name;
		struct rexi_str text;
	} texts[] = { { "username", rx_buf_view(&k->user) }, { "command", rx_buf_view(&k->command) },
		      { "state", state_name(k->p.state, space) } };
	struct rxl_value name = rxl_unit();
	enum rexi_status status = rxl_map_new(heap, 12, &map);

	if (status == REXI_OK)
		status = rxl_map_put(heap, &map, RX_STR("pid_namespace"), namespace);
	else
		rxl_value_drop(heap, &namespace);
	for (size_t i = 0; i < RX_COUNT(plain) && status == REXI_OK; i++)
		status = rxl_map_put(heap, &map, rx_str(plain[i].name), plain[i].value);
	for (size_t i = 0; i < RX_COUNT(texts) && status == REXI_OK; i++)
		status = rxl_map_put_text(heap, &map, texts[i].name, texts[i].text);
	if (status == REXI_OK)
		status = rxs_text_value(call, rx_str(k->p.name), &name);
	if (status == REXI_OK)
		status = rxl_map_put(heap, &map, RX_STR("name"), name);
	if (status == REXI_OK)
		return rxs_record_new(call, RXS_TYPE_ProcessInfo, map, out);
	rxl_value_drop(heap, &map);
	return status;
}

struct listing {
	struct rxs_session *session;
	struct rxl_call *call;
	struct rxs_process_manager *manager;
	bool namespaces, threads;
	struct rxs_units units;
	struct rxl_value list;
};

static enum rexi_status list_one(struct listing *l, int64_t pid, int64_t thread_of)
{
	size_t mark = rxs_grants_mark(l->session);
	struct rxl_value namespace = rxl_unit(), item = rxl_unit();
	const struct rxs_grant *grant;
	struct rxs_known k;
	enum rexi_status status = REXI_OK;

	rxs_known_init(&k, l->session);
	if (rxs_known_read(&k, l->session, pid, thread_of)) {
		if (l->namespaces)
			status = namespace_value(l->session, l->call, pid, &namespace);
		if (status == REXI_OK)
			status = rxs_known_ask(l->session, &k, RXS_PROCESS_LIST, &grant);
		if (status == REXI_OK && thread_of == 0)
			status = remember(l->session, l->manager, &k);
		if (status == REXI_OK)
			status = rxs_process_value(l->call, &k, &l->units, rxl_value_take(&namespace), rxl_unit(), &item);
		if (status == REXI_OK)
			status = rxl_array_push(l->call->heap, &l->list, item);
		rxl_value_drop(l->call->heap, &namespace);
	}
	rxs_known_fini(&k);
	rxs_grants_release(l->session, mark);
	return rxs_denial_skipped(l->session, status) ? REXI_OK : status;
}

static enum rexi_status list_threads(struct listing *l, int64_t pid)
{
	int64_t *threads = NULL;
	size_t count = 0, cap = 0;
	enum rexi_status status = REXI_OK;

	(void)rxs_host_processes(l->session, pid, &threads, &count, &cap);
	for (size_t i = 0; i < count && status == REXI_OK; i++)
		if (threads[i] != pid)
			status = list_one(l, threads[i], pid);
	rx_memory_give(l->session->memory, threads, cap * sizeof(*threads));
	return status;
}

static enum rexi_status list_all(struct listing *l)
{
	int64_t *pids = NULL;
	size_t count = 0, cap = 0;
	int error = rxs_host_processes(l->session, 0, &pids, &count, &cap);
	enum rexi_status status = error ? rxs_fail_errno(l->session, error) : rxl_array_new(l->call->heap, 0, &l->list);

	l->units = rxs_units_read(l->session);
	for (size_t i = 0; i < count && status == REXI_OK; i++) {
		if (rxs_should_stop(l->session))
			status = REXI_TERMINATED;
		if (status == REXI_OK)
			status = list_one(l, pids[i], 0);
		if (status == REXI_OK && l->threads)
			status = list_threads(l, pids[i]);
	}
	rx_memory_give(l->session->memory, pids, cap * sizeof(*pids));
	return status;
}

/* ps(), processes(), processes(ProcessOptions). */
RXS_COMMAND(rxs_process_list)
{
	struct listing l = { .session = session, .call = call };
	enum rexi_status status;

	if (self)
		l.manager = rxs_payload(call, self, RXS_TYPE_ProcessManager);
	if (argc > 0) {
		const struct rxs_options *options = rxs_options_need(call, &args[0]);
		l.namespaces = rxs_option_bool(options, RXS_OPT_ProcessOptions_load_namespace_info);
		l.threads = rxs_option_bool(options, RXS_OPT_ProcessOptions_include_threads);
	}
	status = list_all(&l);
	if (status == REXI_OK)
		*out = l.list;
	else
		rxl_value_drop(call->heap, &l.list);
	return finish(session, status);
}

/* ---- who holds what ---------------------------------------------------------------------------------------------------------------- */

static const char *const hold_names[] = {
	[RXS_HOLD_CWD] = "Working directory", [RXS_HOLD_ROOT] = "Root directory", [RXS_HOLD_EXE] = "Executable",
	[RXS_HOLD_MAPPED] = "Memory mapped", [RXS_HOLD_FD] = "File descriptor",
};

struct holding {
	struct rxs_session *session;
	struct rxl_call *call;
	const struct rxs_known *who;
	struct rexi_str target; /* ptr NULL: everything */
	bool below;
	unsigned found; /* bits by enum rxs_hold */
	char exe[4096];
	struct rxl_value *list; /* OpenFileInfo; NULL: only `found` */
};

static bool wanted(const struct holding *h, struct rexi_str path)
{
	if (!h->target.ptr || rx_str_eq(path, h->target))
		return true;
	return h->below && rx_str_starts(path, h->target) && path.len > h->target.len &&
	       (path.ptr[h->target.len] == '/' || rx_str_eq(h->target, RX_STR("/")));
}

static enum rexi_status open_file_value(struct holding *h, enum rxs_hold hold, const char *type, struct rexi_str path)
{
	struct rxl_heap *heap = h->call->heap;
	struct rxl_value map = rxl_unit(), shown = rxl_unit(), item = rxl_unit(), name = rxl_unit();
	enum rexi_status status = rxl_map_new(heap, 8, &map);

	if (status == REXI_OK)
		status = rxl_map_put_int(heap, &map, "pid", h->who->p.pid);
	if (status == REXI_OK)
		status = rxs_text_value(h->call, rx_str(h->who->p.name), &name);
	if (status == REXI_OK)
		status = rxl_map_put(heap, &map, RX_STR("process_name"), name);
	if (status == REXI_OK)
		status = rxl_map_put_text(heap, &map, "user", rx_buf_view(&h->who->user));
	if (status == REXI_OK)
		status = rxl_map_put_text(heap, &map, "command", rx_buf_view(&h->who->command));
	if (status == REXI_OK)
		status = rxl_map_put_text(heap, &map, "access_type", rx_str(hold_names[hold]));
	if (status == REXI_OK)
		status = rxl_map_put_text(heap, &map, "@access", rx_str(hold_names[hold]));
	if (status == REXI_OK)
		status = rxl_map_put_text(heap, &map, "file_type", rx_str(type));
	if (status == REXI_OK)
		status = rxs_text_value(h->call, path, &shown);
	if (status == REXI_OK)
		status = rxl_map_put(heap, &map, RX_STR("file_path"), shown);
	if (status != REXI_OK) {
		rxl_value_drop(heap, &map);
		return status;
	}
	RX_TRY(rxs_record_new(h->call, RXS_TYPE_OpenFileInfo, map, &item));
	return rxl_array_push(heap, h->list, item);
}

static enum rexi_status one_hold(void *user, enum rxs_hold hold, const char *type, struct rexi_str path)
{
	struct holding *h = user;

	if (hold == RXS_HOLD_EXE)
		(void)snprintf(h->exe, sizeof(h->exe), "%.*s", (int)(path.len < sizeof(h->exe) ? path.len : 0), path.ptr);
	if (!wanted(h, path))
		return REXI_OK;
	h->found |= 1u << hold;
	if (!h->list || (hold == RXS_HOLD_MAPPED && rx_str_eq(path, rx_str(h->exe))))
		return REXI_OK;
	return open_file_value(h, hold, type, path);
}

static enum rexi_status user_value(struct holding *h, struct rxl_value *list)
{
	static const enum rxs_hold order[] = { RXS_HOLD_FD, RXS_HOLD_MAPPED, RXS_HOLD_CWD, RXS_HOLD_EXE, RXS_HOLD_ROOT };
	struct rxl_heap *heap = h->call->heap;
	struct rxl_value map = rxl_unit(), types = rxl_unit(), item = rxl_unit();
	struct rx_buf access;
	enum rexi_status status = rxl_map_new(heap, 6, &map);

	rx_buf_init(&access, h->session->memory, 0);
	if (status == REXI_OK)
		status = rxl_array_new(heap, 0, &types);
	for (size_t i = 0; i < RX_COUNT(order) && status == REXI_OK; i++) {
		if (!(h->found >> order[i] & 1))
			continue;
		if (access.len)
			RX_BUF_LIT(&access, ", ");
		rx_buf_str(&access, rx_str(hold_names[order[i]]));
		status = rxl_string_new(heap, rx_str(hold_names[order[i]]), &item);
		if (status == REXI_OK)
			status = rxl_array_push(heap, &types, rxl_value_take(&item));
	}
	if (status == REXI_OK)
		status = rxl_map_put(heap, &map, RX_STR("access_types"), types);
	else
		rxl_value_drop(heap, &types);
	if (status == REXI_OK)
		status = rxl_map_put_text(heap, &map, "@access", rx_buf_view(&access));
	if (status == REXI_OK)
		status = rxl_map_put_int(heap, &map, "pid", h->who->p.pid);
	if (status == REXI_OK)
		status = rxl_map_put_text(heap, &map, "user", rx_buf_view(&h->who->user));
	if (status == REXI_OK)
		status = rxl_map_put_text(heap, &map, "command", rx_buf_view(&h->who->command));
	rx_buf_fini(&access);
	if (status != REXI_OK) {
		rxl_value_drop(heap, &map);
		return status;
	}
	RX_TRY(rxs_record_new(h->call, RXS_TYPE_FuserInfo, map, &item));
	return rxl_array_push(heap, list, item);
}

/* Open and Read on Dir /proc, then where the path leads. */
static enum rexi_status ask_proc(struct rxs_session *session, const struct rxs_grant **read)
{
	const struct rxs_grant *open;
	struct rxs_path *proc;
	enum rexi_status status;

	RX_TRY(rxs_path_parse(session, RX_STR("/proc"), NULL, &proc));
	status = rxs_authorize_dir(session, RXS_FS_OPEN, proc, &open);
	if (status == REXI_OK)
		status = rxs_authorize_dir(session, RXS_FS_READ, proc, read);
	rxs_path_unref(proc);
	return status;
}

static enum rexi_status canonical(struct rxs_session *session, const struct rxs_grant *grant, struct rexi_str path,
				  struct rx_buf *out)
{
	struct rexi_str copy;
	struct rx_arena arena;
	int error;

	rx_arena_init(&arena, session->memory);
	copy = rx_arena_copy(&arena, path);
	error = !copy.ptr ? ENOMEM : memchr(copy.ptr, '\0', copy.len) ? EINVAL : rxs_host_canonical(grant, copy.ptr, out);
	rx_arena_fini(&arena);
	if (!error)
		return REXI_OK;
	enum rexi_status status = FAIL(session, ValidationError, "Validation error: Failed to canonicalize path ");
	rxs_path_show(&session->failure.message, path);
	RX_BUF_LIT(&session->failure.message, ": ");
	rxs_errno_text(&session->failure.message, error);
	return status;
}

/* One process for either function; list_fds denied leaves it out unless it was named. */
static enum rexi_status look_at(struct holding *h, struct rxs_process_manager *m, int64_t pid, bool named, struct rxl_value *users)
{
	size_t mark = rxs_grants_mark(h->session);
	const struct rxs_grant *grant;
	struct rxs_known k;
	enum rexi_status status = REXI_OK;

	rxs_known_init(&k, h->session);
	if (rxs_known_read(&k, h->session, pid, 0)) {
		h->who = &k;
		h->found = 0;
		h->exe[0] = '\0';
		status = rxs_known_ask(h->session, &k, RXS_PROCESS_LIST_FDS, &grant);
		if (status == REXI_OK)
			status = remember(h->session, m, &k);
		if (status == REXI_OK)
			status = rxs_host_holds(grant, pid, one_hold, h);
		if (status == REXI_OK && users && h->found)
			status = user_value(h, users);
	} else if (named) {
		status = FAIL(h->session, ProcessNotFound,
			      "Process not found: Process with PID %lld does not exist: PID %lld", (long long)pid, (long long)pid);
	}
	rxs_known_fini(&k);
	rxs_grants_release(h->session, mark);
	return !named && rxs_denial_skipped(h->session, status) ? REXI_OK : status;
}

static enum rexi_status look_at_all(struct holding *h, struct rxs_process_manager *m, struct rxl_value *users)
{
	int64_t *pids = NULL;
	size_t count = 0, cap = 0;
	int error = rxs_host_processes(h->session, 0, &pids, &count, &cap);
	enum rexi_status status = error ? rxs_fail_errno(h->session, error) : REXI_OK;

	for (size_t i = 0; i < count && status == REXI_OK; i++)
		status = rxs_should_stop(h->session) ? REXI_TERMINATED : look_at(h, m, pids[i], false, users);
	rx_memory_give(h->session->memory, pids, cap * sizeof(*pids));
	return status;
}

RXS_COMMAND(rxs_process_users)
{
	struct rxs_process_manager *m = rxs_need(call, self, RXS_TYPE_ProcessManager);
	struct rxl_value list = rxl_unit();
	struct holding *h = rx_memory_take_zeroed(session->memory, 1, sizeof(*h));
	const struct rxs_grant *read;
	struct rx_buf path;
	enum rexi_status status;

	(void)argc;
	if (!h)
		return rxs_fail_memory(session);
	h->session = session;
	h->call = call;
	rx_buf_init(&path, session->memory, 0);
	status = ask_proc(session, &read); /* before anything is looked at (W-44) */
	if (status == REXI_OK)
		status = canonical(session, read, rxl_string_view(&args[0]), &path);
	h->target = rx_buf_view(&path);
	if (status == REXI_OK)
		status = rxl_array_new(call->heap, 0, &list);
	if (status == REXI_OK)
		status = look_at_all(h, m, &list);
	rx_buf_fini(&path);
	rx_memory_give(session->memory, h, sizeof(*h));
	if (status == REXI_OK)
		*out = list;
	else
		rxl_value_drop(call->heap, &list);
	return finish(session, status);
}

RXS_COMMAND(rxs_process_open_files)
{
	struct rxs_process_manager *m = rxs_need(call, self, RXS_TYPE_ProcessManager);
	const struct rxs_options *options = rxs_options_need(call, &args[0]);
	bool by_pid = rxs_option_is_set(options, RXS_OPT_LsofOptions_pid);
	struct rxl_value list = rxl_unit();
	struct holding *h = rx_memory_take_zeroed(session->memory, 1, sizeof(*h));
	const struct rxs_grant *read;
	struct rx_buf path;
	enum rexi_status status;

	(void)argc;
	if (!h)
		return rxs_fail_memory(session);
	*h = (struct holding){ .session = session, .call = call, .list = &list };
	h->below = rxs_option_bool(options, RXS_OPT_LsofOptions_include_subdir);
	rx_buf_init(&path, session->memory, 0);
	status = ask_proc(session, &read);
	if (status == REXI_OK && !by_pid) {
		status = canonical(session, read, rxs_option_str(options, RXS_OPT_LsofOptions_path), &path);
		h->target = rx_buf_view(&path);
	}
	if (status == REXI_OK)
		status = rxl_array_new(call->heap, 0, &list);
	if (status == REXI_OK)
		status = by_pid ? look_at(h, m, rxs_option_int(options, RXS_OPT_LsofOptions_pid), true, NULL)
				: look_at_all(h, m, NULL);
	rx_buf_fini(&path);
	rx_memory_give(session->memory, h, sizeof(*h));
	if (status == REXI_OK)
		*out = list;
	else
		rxl_value_drop(call->heap, &list);
	return finish(session, status);
}

enum rexi_status rxs_check_lsof(struct rxs_session *session, const struct rxs_options *options)
{
	bool pid = rxs_option_is_set(options, RXS_OPT_LsofOptions_pid), path = rxs_option_is_set(options, RXS_OPT_LsofOptions_path);

	if (pid && path)
		return rxs_fail_text(session, "Validation error: pid and path are mutually exclusive");
	if (!pid && !path)
		return rxs_fail_text(session, "Validation error: Either path or pid is required");
	if (path && rxs_option_str(options, RXS_OPT_LsofOptions_path).len == 0)
		return rxs_fail_text(session, "Validation error: Path cannot be empty");
	return REXI_OK;
}

/* ---- System V IPC -------------------------------------------------------------------------------------------------------------------- */

static enum rexi_status ipc_file(struct rxs_session *session, struct rxl_call *call, const char *file, const char *key,
				 struct rxl_value *map)
{
	struct rx_buf text;
	enum rexi_status status;

	rx_buf_init(&text, session->memory, 0);
	status = rxs_read_safely(session, "/proc/sysvipc", file, &text);
	if (status == REXI_OK)
		status = rxl_map_put_text(call->heap, map, key, rx_buf_view(&text));
	rx_buf_fini(&text);
	return status;
}

RXS_COMMAND(rxs_process_ipcs)
{
	struct rxl_value map = rxl_unit();
	enum rexi_status status = rxl_map_new(call->heap, 3, &map);

	(void)self;
	(void)args;
	(void)argc;
	if (status == REXI_OK)
		status = ipc_file(session, call, "shm", "shared_memory", &map);
	if (status == REXI_OK)
		status = ipc_file(session, call, "sem", "semaphores", &map);
	if (status == REXI_OK)
		status = ipc_file(session, call, "msg", "queues", &map);
	if (status == REXI_OK)
		return rxs_record_new(call, RXS_TYPE_IpcsInfo, map, out);
	rxl_value_drop(call->heap, &map);
	return finish(session, status);
}

RXS_COMMAND(rxs_process_ipcs_text)
{
	const struct rxs_record *r = rxs_need(call, self, RXS_TYPE_IpcsInfo);
	struct rx_buf text;

	(void)session;
	(void)args;
	(void)argc;
	rx_buf_init(&text, &call->heap->memory, 0);
	RX_BUF_LIT(&text, "Shared Memory Segments:\n");
	rx_buf_str(&text, rxl_string_view(rxs_record_field(r, "shared_memory")));
	RX_BUF_LIT(&text, "\n\nMessage Queues:\n");
	rx_buf_str(&text, rxl_string_view(rxs_record_field(r, "queues")));
	RX_BUF_LIT(&text, "\n\nSemaphore Arrays:\n");
	rx_buf_str(&text, rxl_string_view(rxs_record_field(r, "semaphores")));
	return rxl_string_from_buf(call->heap, &text, out);
}

/* ---- signals ------------------------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	int number;
} signals[] = { { "SIGTERM", SIGTERM }, { "SIGQUIT", SIGQUIT }, { "SIGHUP", SIGHUP }, { "SIGKILL", SIGKILL } };

const char *rxs_signal_name(unsigned index)
{
	return index < RX_COUNT(signals) ? signals[index].name : NULL;
}

void rxs_show_signal(const void *payload, struct rx_buf *out, bool debug)
{
	const char *name = rxs_signal_name((unsigned)(uintptr_t)payload - 1);

	(void)debug;
	rx_buf_str(out, rx_str(name ? name : ""));
}

struct killing {
	struct rxs_session *session;
	struct rxl_call *call;
	int signal_number;
	struct rxl_value list;
};

static enum rexi_status kill_one(struct killing *kill, const struct rxs_known *k, struct rexi_str shown)
{
	const struct rxs_grant *grant;
	struct rxl_value map = rxl_unit(), name = rxl_unit();
	enum rexi_status status;
	int error;

	RX_TRY(rxs_known_ask(kill->session, k, kill->signal_number == SIGHUP ? RXS_PROCESS_INTERRUPT : RXS_PROCESS_KILL, &grant));
	error = rxs_host_signal(grant, k->p.pid, k->p.start_ticks, kill->signal_number);
	if (error)
		return rxs_fail_errno(kill->session, error);
	status = rxl_map_new(kill->call->heap, 2, &map);
	if (status == REXI_OK)
		status = rxs_text_value(kill->call, shown, &name);
	if (status == REXI_OK)
		status = rxl_map_put(kill->call->heap, &map, RX_STR("name"), name);
	if (status == REXI_OK)
		status = rxl_map_put_int(kill->call->heap, &map, "pid", k->p.pid);
	if (status == REXI_OK)
		return rxl_array_push(kill->call->heap, &kill->list, map);
	rxl_value_drop(kill->call->heap, &map);
	return status;
}

static enum rexi_status kill_pid(struct killing *kill, int64_t pid)
{
	struct rxs_known k;
	enum rexi_status status;

	rxs_known_init(&k, kill->session);
	if (rxs_known_read(&k, kill->session, pid, 0))
		status = kill_one(kill, &k, rx_str(k.p.name));
	else
		status = FAIL(kill->session, ProcessNotFound, "Process not found: Process not found: PID %lld", (long long)pid);
	rxs_known_fini(&k);
	return status;
}

static bool text_matches(struct rexi_str text, const struct rxs_options *options, enum rxs_option option, bool exact)
{
	struct rexi_str want = rxs_option_str(options, option);

	if (!rxs_option_is_set(options, option))
		return true;
	return exact ? rx_str_eq(text, want) : rx_str_find(text, want, 0) != SIZE_MAX;
}

static enum rexi_status kill_pattern(struct killing *kill, const struct rxs_process_manager *m, const struct rxs_options *options)
{
	bool exact = rxs_option_bool(options, RXS_OPT_KillOptions_exact_match);
	bool by_command = rxs_option_is_set(options, RXS_OPT_KillOptions_command);

	for (size_t i = 0; i < m->count; i++) {
		size_t mark = rxs_grants_mark(kill->session);
		enum rexi_status status = REXI_OK;
		struct rxs_known k;
		rxs_known_init(&k, kill->session);
		/* what is known now decides, and the number must still be the process that was seen */
		if (rxs_known_read(&k, kill->session, m->seen[i].pid, 0) && k.p.start_ticks == m->seen[i].start_ticks &&
		    text_matches(rx_str(k.p.name), options, RXS_OPT_KillOptions_process_name, exact) &&
		    text_matches(rx_buf_view(&k.command), options, RXS_OPT_KillOptions_command, exact) &&
		    text_matches(rx_buf_view(&k.user), options, RXS_OPT_KillOptions_username, true))
			status = kill_one(kill, &k, by_command ? rx_buf_view(&k.command) : rx_str(k.p.name));
		rxs_known_fini(&k);
		rxs_grants_release(kill->session, mark);
		if (status == REXI_DENIED || status == REXI_HOST || status == REXI_RUNTIME) {
			rxs_log(kill->session, RXS_LOG_ERROR, "kill: %.*s", RX_STR_ARG(rx_buf_view(&kill->session->failure.message)));
			rxs_failure_clear(kill->session);
		} else if (status != REXI_OK) {
			return status;
		}
	}
	if (rxl_array_count(&kill->list) == 0)
		return FAIL(kill->session, ProcessNotFound, "Process not found: No matching processes found: PID 0");
	return REXI_OK;
}

enum rexi_status rxs_check_kill(struct rxs_session *session, const struct rxs_options *options)
{
	bool pid = rxs_option_is_set(options, RXS_OPT_KillOptions_pid), user = rxs_option_is_set(options, RXS_OPT_KillOptions_username);
	bool name = rxs_option_is_set(options, RXS_OPT_KillOptions_process_name);
	bool command = rxs_option_is_set(options, RXS_OPT_KillOptions_command);

	if (!rxs_option_is_set(options, RXS_OPT_KillOptions_signal))
		return rxs_fail_text(session, "Validation error: signal is required");
	if (pid && rxs_option_int(options, RXS_OPT_KillOptions_pid) < 0)
		return rxs_fail_text(session, "Validation error: PID cannot be negative");
	if (!pid && !name && !user && !command)
		return rxs_fail_text(session, "Validation error: At least one targeting method must be specified: pid, process_name, "
					      "username, or command");
	if (pid && (name || user || command))
		return rxs_fail_text(session, "Validation error: pid cannot be used together with process_name, username, or command");
	if (name && command)
		return rxs_fail_text(session, "Validation error: process_name and command cannot be used together - choose either "
					      "name-based or command-based targeting");
	return REXI_OK;
}

RXS_COMMAND(rxs_process_kill)
{
	const struct rxs_process_manager *m = rxs_need(call, self, RXS_TYPE_ProcessManager);
	const struct rxs_options *options = rxs_options_need(call, &args[0]);
	const struct rxl_value *signal_value = rxs_option_value(options, RXS_OPT_KillOptions_signal);
	unsigned index = signal_value ? (unsigned)(uintptr_t)signal_value->as.host->payload - 1 : 0;
	struct killing kill = { .session = session, .call = call };
	enum rexi_status status = rxl_array_new(call->heap, 0, &kill.list);

	(void)argc;
	kill.signal_number = signals[index < RX_COUNT(signals) ? index : 0].number;
	if (status == REXI_OK && rxs_option_is_set(options, RXS_OPT_KillOptions_pid))
		status = kill_pid(&kill, rxs_option_int(options, RXS_OPT_KillOptions_pid));
	else if (status == REXI_OK)
		status = kill_pattern(&kill, m, options);
	if (status == REXI_OK)
		*out = kill.list;
	else
		rxl_value_drop(call->heap, &kill.list);
	return finish(session, status);
}

/* kill(pid), kill([signal], pid). Denials keep their kind; other failures are ValidationError, as in the reference. */
RXS_COMMAND(rxs_process_kill_command)
{
	struct killing kill = { .session = session, .call = call, .signal_number = SIGTERM };
	const struct rxl_value *flags = self->type == RXL_ARRAY ? self : NULL;
	int64_t pid = flags ? args[0].as.i : self->as.i;
	enum rexi_status status;

	(void)argc;
	for (size_t i = 0; flags && i < rxl_array_count(flags); i++) {
		const struct rxl_value *item = &rxl_array_items(flags)[i];
		const void *payload = rxs_payload(call, item, RXS_TYPE_Signal);
		if (!payload)
			return FAIL(session, ValidationError, "Validation error: kill: expected KillFlag flag, got %s",
				    rxl_value_type_name(item));
		kill.signal_number = signals[(uintptr_t)payload - 1].number;
	}
	if (pid < 0)
		return FAIL(session, ValidationError,
			    "Validation error: kill: failed to build options: Validation error: PID cannot be negative");
	status = rxl_array_new(call->heap, 0, &kill.list);
	if (status == REXI_OK)
		status = kill_pid(&kill, pid);
	if (status == REXI_OK) {
		*out = kill.list;
		return REXI_OK;
	}
	rxl_value_drop(call->heap, &kill.list);
	status = finish(session, status);
	if (session->failure.set && !session->failure.denied && session->failure.source == RXS_SOURCE_PROCESS) {
		session->failure.kind = RXS_PROCESS_KIND_ValidationError;
		struct rx_buf text;
		rx_buf_init(&text, session->memory, 0);
		RX_BUF_LIT(&text, "Validation error: kill: ");
		rx_buf_str(&text, rx_buf_view(&session->failure.message));
		rx_buf_clear(&session->failure.message);
		rx_buf_str(&session->failure.message, rx_buf_view(&text));
		rx_buf_fini(&text);
	}
	return status;
}
