/* Core files through gdb. Source: sdk-filesystem.md 12.4; W-09 W-26 W-27 W-32. */
#include <config.h>

#include "sdk/formats.h"

#include "base/number.h"
#include "base/utf8.h"
#include "sdk/command.h"
#include "sdk/error.h"
#include "sdk/execute.h"
#include "sdk/host_process.h"
#include "sdk/record.h"

#include "base/banned.h"

enum { WORDS_MAX = 4096, NAME_MAX_BYTES = 1024 };

RXS_COMMAND(rxs_core_dump)
{
	struct rxl_value map = rxl_unit();
	enum rexi_status status = rxl_map_new(call->heap, 2, &map);

	(void)session;
	(void)argc;
	if (status == REXI_OK)
		status = rxl_map_put(call->heap, &map, RX_STR("exe_path"), rxl_value_copy(self));
	if (status == REXI_OK)
		status = rxl_map_put(call->heap, &map, RX_STR("core_dump_path"), rxl_value_copy(&args[0]));
	if (status == REXI_OK)
		return rxs_record_new(call, RXS_TYPE_CoreDump, map, out);
	rxl_value_drop(call->heap, &map);
	return status;
}

/* ---- running gdb ----------------------------------------------------------------------------------------------------------- */

struct gdb {
	struct rxs_session *session;
	struct rx_arena arena;
	struct rexi_str exe, core; /* as the script named them */
	struct rxs_file *program, *exe_file, *core_file;
	struct rexi_str *words;
	size_t count;
	struct rx_buf out, err; /* text of gdb, made valid UTF-8 */
};

static enum rexi_status word(struct gdb *g, const char *text)
{
	struct rexi_str copy = rx_arena_copy(&g->arena, rx_str(text));

	if (!copy.ptr || g->count == WORDS_MAX)
		return rxs_fail_memory(g->session);
	g->words[g->count++] = copy;
	return REXI_OK;
}

static enum rexi_status command(struct gdb *g, const char *option, struct rx_buf *text)
{
	const char *line = rx_buf_cstr(text);
	enum rexi_status status;

	if (!line)
		return rxs_fail_memory(g->session);
	status = word(g, option);
	return status == REXI_OK ? word(g, line) : status;
}

static enum rexi_status plain_command(struct gdb *g, const char *option, const char *line)
{
	RX_TRY(word(g, option));
	return word(g, line);
}

/* Open(Dir) Open(File) Read(File); no link is followed. */
static enum rexi_status open_input(struct gdb *g, struct rexi_str path, struct rxs_file **out)
{
	static const struct rxs_open_file how = { .read = true };
	const struct rxs_grant *read;

	RX_TRY(rxs_command_open(g->session, path, false, &how, out));
	return rxs_file_may_read(*out, &read);
}

static enum rexi_status gdb_open(struct gdb *g)
{
	static const struct rxs_open_file how = { .read = true, .follow = true };

	RX_TRY(rxs_command_open(g->session, RX_STR("/usr/bin/gdb"), false, &how, &g->program));
	RX_TRY(open_input(g, g->exe, &g->exe_file));
	RX_TRY(open_input(g, g->core, &g->core_file));
	/* neither the user's nor the program's own scripts */
	RX_TRY(word(g, "-nx"));
	RX_TRY(word(g, "-batch"));
	RX_TRY(plain_command(g, "-iex", "set auto-load off"));
	return plain_command(g, "-iex", "set print elements 4096");
}

static enum rexi_status gdb_run(struct gdb *g)
{
	struct rxs_child child = { .end = RXS_CHILD_EXITED };
	struct rxs_file *files[2] = { g->exe_file, g->core_file };
	struct rx_buf name;
	enum rexi_status status = REXI_OK;

	rx_buf_init(&name, g->session->memory, 0);
	for (int i = 0; i < 2 && status == REXI_OK; i++) { /* the very objects that were opened */
		rx_buf_clear(&name);
		rx_buf_printf(&name, "/proc/%lld/fd/%d", (long long)rxs_host_pid(), files[i]->fd);
		status = rx_buf_cstr(&name) ? word(g, name.ptr) : rxs_fail_memory(g->session);
	}
	rx_buf_fini(&name);
	rx_buf_init(&child.out, g->session->memory, 0);
	rx_buf_init(&child.err, g->session->memory, 0);
	if (status == REXI_OK)
		status = rxs_execute_words(g->session, g->program, g->words, g->count, &child);
	if (status == REXI_OK) {
		rx_utf8_lossy(&g->out, rx_buf_view(&child.out));
		rx_utf8_lossy(&g->err, rx_buf_view(&child.err));
		if (g->out.failed || g->err.failed)
			status = rxs_fail_memory(g->session);
	}
	rx_buf_fini(&child.out);
	rx_buf_fini(&child.err);
	if (status == REXI_OK && rx_str_find(rx_buf_view(&g->err), RX_STR("not in executable format"), 0) != SIZE_MAX)
		status = rxs_fail(g->session, RXS_IO_Other, "Invalid executable: %.*s", RX_STR_ARG(g->exe));
	return status;
}

static enum rexi_status gdb_init(struct gdb *g, struct rxs_session *session, struct rxl_call *call,
				 const struct rxl_value *core)
{
	const struct rxs_record *record = rxs_need(call, core, RXS_TYPE_CoreDump);

	*g = (struct gdb){ .session = session };
	rx_arena_init(&g->arena, session->memory);
	rx_buf_init(&g->out, session->memory, 0);
	rx_buf_init(&g->err, session->memory, 0);
	g->exe = rxl_string_view(rxs_record_field(record, "exe_path"));
	g->core = rxl_string_view(rxs_record_field(record, "core_dump_path"));
	g->words = RX_ARENA_ARRAY(&g->arena, struct rexi_str, WORDS_MAX);
	return g->words ? REXI_OK : rxs_fail_memory(session);
}

static void gdb_fini(struct gdb *g)
{
	rxs_file_unref(g->program);
	rxs_file_unref(g->exe_file);
	rxs_file_unref(g->core_file);
	rx_buf_fini(&g->out);
	rx_buf_fini(&g->err);
	rx_arena_fini(&g->arena);
}

/* ---- backtrace -------------------------------------------------------------------------------------------------------------- */

static bool read_number(struct rexi_str text, size_t *at, int64_t *out)
{
	size_t start = *at;

	while (*at < text.len && text.ptr[*at] >= '0' && text.ptr[*at] <= '9')
		++*at;
	return *at > start && rx_number_parse_i64(rx_str_sub(text, start, *at - start), 10, out) == RX_NUMBER_OK;
}

static bool skip(struct rexi_str text, size_t *at, const char *what)
{
	if (!rx_str_starts(rx_str_sub(text, *at, SIZE_MAX), rx_str(what)))
		return false;
	*at += strlen(what);
	return true;
}

/* "Thread 2 (Thread 0x7f... (LWP 12)):", "Thread 1 (LWP 12):", "Current thread is 1 (... (LWP 12))". */
static bool thread_line(struct rexi_str line, int64_t *id, int64_t *tid)
{
	size_t current = rx_str_find(line, RX_STR("Current thread is "), 0), at = 0, lwp;

	if (current != SIZE_MAX)
		at = current + strlen("Current thread is ");
	else if (!skip(line, &at, "Thread "))
		return false;
	if (!read_number(line, &at, id))
		return false;
	lwp = rx_str_find(line, RX_STR("(LWP "), at);
	if (lwp == SIZE_MAX)
		return false;
	at = lwp + strlen("(LWP ");
	return read_number(line, &at, tid);
}

struct frame {
	int64_t number, line;
	struct rexi_str address, function, source;
	bool has_line;
};

static size_t find_last(struct rexi_str text, const char *what)
{
	size_t found = SIZE_MAX;

	for (size_t at = 0; (at = rx_str_find(text, rx_str(what), at)) != SIZE_MAX; at++)
		found = at;
	return found;
}

/* `name (arguments)`: the name ends at the first blank and parenthesis outside template brackets. */
static struct rexi_str function_name(struct rexi_str text)
{
	int depth = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (c == '<')
			depth++;
		else if (c == '>' && depth > 0)
			depth--;
		else if (c == ' ' && depth == 0 && i > 0 && i + 1 < text.len && text.ptr[i + 1] == '(')
			return rx_str_sub(text, 0, i);
	}
	while (text.len && text.ptr[text.len - 1] == ' ')
		text.len--;
	return text;
}

/* "#0  0x00005 in main (argc=1) at a.c:7": a location counts only when it stands at the end in that form (W-32). */
static bool frame_line(struct rexi_str line, struct frame *out)
{
	size_t at = 1, place;
	struct rexi_str text;

	*out = (struct frame){ .has_line = false };
	if (!rx_str_starts(line, RX_STR("#")) || !read_number(line, &at, &out->number))
		return false;
	while (skip(line, &at, " "))
		;
	text = rx_str_sub(line, at, SIZE_MAX);
	size_t in = rx_str_find(text, RX_STR(" in "), 0);
	if (rx_str_starts(text, RX_STR("0x")) && in != SIZE_MAX) {
		out->address = rx_str_sub(text, 0, in);
		text = rx_str_sub(text, in + 4, SIZE_MAX);
	}
	place = find_last(text, " at ");
	if (place != SIZE_MAX) {
		struct rexi_str where = rx_str_sub(text, place + 4, SIZE_MAX);
		size_t colon = find_last(where, ":"), digits = colon + 1;
		if (colon != SIZE_MAX && read_number(where, &digits, &out->line) && digits == where.len) {
			out->source = rx_str_sub(where, 0, colon);
			out->has_line = true;
			text = rx_str_sub(text, 0, place);
		}
	}
	if (!out->has_line && (place = find_last(text, " from ")) != SIZE_MAX) {
		out->source = rx_str_sub(text, place + 6, SIZE_MAX);
		text = rx_str_sub(text, 0, place);
	}
	out->function = function_name(text);
	return true;
}

struct trace {
	struct rxl_call *call;
	struct rxl_value threads; /* id as text of 20 digits to [tid, frames]; sorted by being a map */
	struct rxl_value frames;  /* number as text to Frame */
	int64_t id, tid;
	bool has_tid, open;
};

static void sortable(char out[24], int64_t number)
{
	uint64_t rest = (uint64_t)number;

	for (int i = 19; i >= 0; i--, rest /= 10)
		out[i] = (char)('0' + rest % 10);
	out[20] = '\0';
}

static enum rexi_status put_text_or_unit(struct rxl_heap *heap, struct rxl_value *map, const char *key, struct rexi_str text)
{
	return text.ptr ? rxl_map_put_text(heap, map, key, text) : rxl_map_put(heap, map, rx_str(key), rxl_unit());
}

static enum rexi_status add_frame(struct trace *t, const struct frame *frame)
{
	struct rxl_heap *heap = t->call->heap;
	struct rxl_value map = rxl_unit(), object = rxl_unit();
	char key[24];
	enum rexi_status status = rxl_map_new(heap, 5, &map);

	t->open = true;
	if (status == REXI_OK)
		status = rxl_map_put_int(heap, &map, "frame_number", frame->number);
	if (status == REXI_OK)
		status = rxl_map_put_text(heap, &map, "function_name", frame->function);
	if (status == REXI_OK)
		status = put_text_or_unit(heap, &map, "instruction_ptr", frame->address);
	if (status == REXI_OK)
		status = put_text_or_unit(heap, &map, "source", frame->source);
	if (status == REXI_OK)
		status = rxl_map_put(heap, &map, RX_STR("line_number"), frame->has_line ? rxl_int(frame->line) : rxl_unit());
	if (status != REXI_OK) {
		rxl_value_drop(heap, &map);
		return status;
	}
	RX_TRY(rxs_record_new(t->call, RXS_TYPE_Frame, map, &object));
	sortable(key, frame->number);
	return rxl_map_put(heap, &t->frames, rx_str(key), object);
}

/* The values of a map in key order as an array. */
static enum rexi_status values_of(struct rxl_heap *heap, const struct rxl_value *map, struct rxl_value *out)
{
	const struct rxl_entry *entries = rxl_map_entries(heap, map);
	size_t count = rxl_map_count(map);

	if (count && !entries)
		return REXI_NO_MEMORY;
	RX_TRY(rxl_array_new(heap, count, out));
	for (size_t i = 0; i < count; i++) {
		enum rexi_status status = rxl_array_push(heap, out, rxl_value_copy(&entries[i].value));

		if (status != REXI_OK) {
			rxl_value_drop(heap, out);
			return status;
		}
	}
	return REXI_OK;
}

static enum rexi_status end_thread(struct trace *t)
{
	struct rxl_heap *heap = t->call->heap;
	struct rxl_value map = rxl_unit(), frames = rxl_unit(), object = rxl_unit();
	char key[24];
	enum rexi_status status;

	if (!t->open)
		return REXI_OK;
	t->open = false;
	RX_TRY(values_of(heap, &t->frames, &frames));
	rxl_value_drop(heap, &t->frames);
	RX_TRY(rxl_map_new(heap, 0, &t->frames));
	status = rxl_map_new(heap, 3, &map);
	if (status == REXI_OK)
		status = rxl_map_put_int(heap, &map, "id", t->id);
	if (status == REXI_OK)
		status = rxl_map_put(heap, &map, RX_STR("tid"), t->has_tid ? rxl_int(t->tid) : rxl_unit());
	if (status == REXI_OK)
		status = rxl_map_put(heap, &map, RX_STR("frames"), frames);
	else
		rxl_value_drop(heap, &frames);
	if (status != REXI_OK) {
		rxl_value_drop(heap, &map);
		return status;
	}
	RX_TRY(rxs_record_new(t->call, RXS_TYPE_TracedThread, map, &object));
	sortable(key, t->id);
	return rxl_map_put(heap, &t->threads, rx_str(key), object); /* a thread met again replaces what was seen of it */
}

static enum rexi_status read_trace(struct trace *t, struct rexi_str text)
{
	while (text.len) {
		size_t end = rx_str_find(text, RX_STR("\n"), 0);
		struct rexi_str line = rx_str_sub(text, 0, end == SIZE_MAX ? text.len : end);
		int64_t id, tid;
		struct frame frame;
		text = rx_str_sub(text, line.len + 1, SIZE_MAX);
		if (thread_line(line, &id, &tid)) {
			RX_TRY(end_thread(t));
			t->id = id;
			t->tid = tid;
			t->has_tid = t->open = true;
		} else if (frame_line(line, &frame)) {
			RX_TRY(add_frame(t, &frame));
		}
	}
	return end_thread(t);
}

/* pid: the process, where it is known. */
static enum rexi_status make_process(struct trace *t, struct rxl_value pid, struct rxl_value *out)
{
	struct rxl_heap *heap = t->call->heap;
	struct rxl_value map = rxl_unit(), threads = rxl_unit();
	enum rexi_status status = values_of(heap, &t->threads, &threads);

	for (size_t i = 0; status == REXI_OK && i < rxl_array_count(&threads); i++) {
		const struct rxs_record *thread = rxs_need(t->call, &rxl_array_items(&threads)[i], RXS_TYPE_TracedThread);
		if (pid.type == RXL_UNIT && rxs_record_field(thread, "id")->as.i == 1)
			pid = rxl_value_copy(rxs_record_field(thread, "tid"));
	}
	if (status == REXI_OK)
		status = rxl_map_new(heap, 2, &map);
	if (status == REXI_OK)
		status = rxl_map_put(heap, &map, RX_STR("pid"), pid);
	if (status == REXI_OK)
		status = rxl_map_put(heap, &map, RX_STR("threads"), rxl_value_take(&threads));
	rxl_value_drop(heap, &threads);
	if (status == REXI_OK)
		return rxs_record_new(t->call, RXS_TYPE_TracedProcess, map, out);
	rxl_value_drop(heap, &map);
	return status;
}

enum rexi_status rxs_trace_value(struct rxs_session *session, struct rxl_call *call, struct rexi_str text, int64_t pid,
				 bool *parsed, struct rxl_value *out)
{
	struct trace t = { .call = call, .id = 1 };
	enum rexi_status status = rxl_map_new(call->heap, 0, &t.threads);

	(void)session;
	*parsed = false;
	if (pid) { /* of a process with one thread no thread is named */
		t.tid = pid;
		t.has_tid = true;
	}
	if (status == REXI_OK)
		status = rxl_map_new(call->heap, 0, &t.frames);
	if (status == REXI_OK)
		status = read_trace(&t, text);
	if (status == REXI_OK && rxl_map_count(&t.threads) > 0) {
		*parsed = true;
		status = make_process(&t, pid ? rxl_int(pid) : rxl_unit(), out);
	}
	rxl_value_drop(call->heap, &t.threads);
	rxl_value_drop(call->heap, &t.frames);
	return status;
}

RXS_COMMAND(rxs_core_backtrace)
{
	bool parsed = false;
	struct gdb g;
	enum rexi_status status;

	(void)args;
	(void)argc;
	status = gdb_init(&g, session, call, self);
	if (status == REXI_OK)
		status = gdb_open(&g);
	if (status == REXI_OK)
		status = plain_command(&g, "-ex", "thread apply all bt"); /* W-27 */
	if (status == REXI_OK)
		status = gdb_run(&g);
	if (status == REXI_OK)
		status = rxs_trace_value(session, call, rx_buf_view(&g.out), 0, &parsed, out);
	if (status == REXI_OK && !parsed)
		status = rxs_fail(session, RXS_IO_Other, "Unable to parse trace for executable %.*s and core file %.*s",
				  RX_STR_ARG(g.exe), RX_STR_ARG(g.core));
	gdb_fini(&g);
	return status;
}

/* ---- variables -------------------------------------------------------------------------------------------------------------- */

static bool name_start(char c)
{
	return c == '_' || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static size_t identifier(struct rexi_str text, size_t at)
{
	size_t start = at;

	if (at < text.len && name_start(text.ptr[at]))
		while (at < text.len && (name_start(text.ptr[at]) || (text.ptr[at] >= '0' && text.ptr[at] <= '9')))
			at++;
	return at - start;
}

/* `*p`, `&x`, `a.b->c[3]`, `ns::x`: names and members only; gdb evaluates whatever else it is given (W-26). */
static bool is_variable(struct rexi_str text)
{
	size_t at = 0, len;

	if (text.len > NAME_MAX_BYTES)
		return false;
	while (at < text.len && (text.ptr[at] == '*' || text.ptr[at] == '&'))
		at++;
	len = identifier(text, at);
	if (len == 0)
		return false;
	for (at += len; at < text.len; at += len) {
		if (skip(text, &at, "[")) {
			int64_t index;
			if (!read_number(text, &at, &index) || !skip(text, &at, "]"))
				return false;
			len = 0;
			continue;
		}
		if (!skip(text, &at, "->") && !skip(text, &at, ".") && !skip(text, &at, "::"))
			return false;
		len = identifier(text, at);
		if (len == 0)
			return false;
	}
	return true;
}

static enum rexi_status parameter(struct rxs_session *session, const char *name, int64_t value)
{
	if (value < 0)
		return rxs_fail_text(session,
				     "Parameter '%s' conversion failed: out of range integral type conversion attempted", name);
	return REXI_OK;
}

/* A line before each answer tells whose it is, so that errors cannot shift values to other names (W-32). */
static enum rexi_status ask_variables(struct gdb *g, struct rxl_call *call, const struct rxl_value *names, const char *mark)
{
	struct rx_buf line;
	enum rexi_status status = REXI_OK;

	rx_buf_init(&line, g->session->memory, 0);
	for (size_t i = 0; status == REXI_OK && i < rxl_array_count(names); i++) {
		struct rx_buf name;
		rx_buf_init(&name, g->session->memory, 0);
		status = rxl_call_display(call, &rxl_array_items(names)[i], &name);
		if (status == REXI_OK && !is_variable(rx_buf_view(&name)))
			status = rxs_fail(g->session, RXS_IO_InvalidArguments, "Invalid arguments: not a variable's name: %.*s",
					  RX_STR_ARG(rx_buf_view(&name)));
		if (status == REXI_OK) {
			rx_buf_clear(&line);
			rx_buf_printf(&line, "echo \\n%s:%zu\\n", mark, i);
			status = command(g, "-ex", &line);
		}
		if (status == REXI_OK) {
			rx_buf_clear(&line);
			RX_BUF_LIT(&line, "print ");
			rx_buf_str(&line, rx_buf_view(&name));
			status = command(g, "-ex", &line);
		}
		rx_buf_fini(&name);
	}
	rx_buf_fini(&line);
	return status;
}

/* "$3 = value" behind the mark of a name; the value may go on over several lines. */
static enum rexi_status read_variables(struct gdb *g, struct rxl_call *call, const struct rxl_value *names, const char *mark,
				       struct rxl_value *map)
{
	struct rexi_str text = rx_buf_view(&g->out);
	struct rx_buf label, name;
	enum rexi_status status = REXI_OK;

	rx_buf_init(&label, g->session->memory, 0);
	rx_buf_init(&name, g->session->memory, 0);
	for (size_t i = 0; status == REXI_OK && i < rxl_array_count(names); i++) {
		rx_buf_clear(&label);
		rx_buf_clear(&name);
		rx_buf_printf(&label, "%s:%zu\n", mark, i);
		size_t at = rx_str_find(text, rx_buf_view(&label), 0);
		if (at == SIZE_MAX)
			continue;
		struct rexi_str part = rx_str_sub(text, at + label.len, SIZE_MAX);
		size_t end = rx_str_find(part, rx_str(mark), 0), pos = 0;
		int64_t number;
		part = rx_str_sub(part, 0, end == SIZE_MAX ? part.len : end);
		if (!skip(part, &pos, "$") || !read_number(part, &pos, &number) || !skip(part, &pos, " = "))
			continue;
		part = rx_str_sub(part, pos, SIZE_MAX);
		while (part.len && part.ptr[part.len - 1] == '\n')
			part.len--;
		status = rxl_call_display(call, &rxl_array_items(names)[i], &name);
		if (status == REXI_OK) {
			struct rxl_value value = rxl_unit();
			status = rxl_string_new(call->heap, part, &value);
			if (status == REXI_OK)
				status = rxl_map_put(call->heap, map, rx_buf_view(&name), value);
		}
	}
	rx_buf_fini(&label);
	rx_buf_fini(&name);
	return status;
}

static enum rexi_status select_frame(struct gdb *g, bool has_thread, int64_t thread, int64_t frame)
{
	struct rx_buf line;
	enum rexi_status status = REXI_OK;

	rx_buf_init(&line, g->session->memory, 0);
	if (has_thread) {
		rx_buf_printf(&line, "thread %lld", (long long)thread);
		status = command(g, "-ex", &line);
	}
	rx_buf_clear(&line);
	rx_buf_printf(&line, "frame %lld", (long long)frame);
	if (status == REXI_OK)
		status = command(g, "-ex", &line);
	rx_buf_fini(&line);
	return status;
}

/* get_variables(frame, names) and get_variables(thread, frame, names). */
RXS_COMMAND(rxs_core_variables)
{
	bool has_thread = argc == 3;
	int64_t thread = has_thread ? args[0].as.i : 0, frame = args[has_thread].as.i;
	const struct rxl_value *names = &args[1 + has_thread];
	struct rxl_value map = rxl_unit();
	char mark[37];
	struct gdb g;
	enum rexi_status status;

	if (has_thread)
		RX_TRY(parameter(session, "thread_number", thread));
	RX_TRY(parameter(session, "frame_number", frame));
	if (rxl_array_count(names) > WORDS_MAX / 8)
		return rxs_fail(session, RXS_IO_InvalidArguments, "Invalid arguments: too many names");
	rxs_uuid(session, mark);
	status = gdb_init(&g, session, call, self);
	if (status == REXI_OK)
		status = gdb_open(&g);
	if (status == REXI_OK)
		status = select_frame(&g, has_thread, thread, frame);
	if (status == REXI_OK)
		status = ask_variables(&g, call, names, mark);
	if (status == REXI_OK)
		status = gdb_run(&g);
	if (status == REXI_OK)
		status = rxl_map_new(call->heap, 0, &map);
	if (status == REXI_OK)
		status = read_variables(&g, call, names, mark, &map);
	gdb_fini(&g);
	if (status == REXI_OK)
		*out = map;
	else
		rxl_value_drop(call->heap, &map);
	return status;
}
