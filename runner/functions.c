/* rexi --print-functions and rexi debug bytecode: an engine without a policy to run under. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/utf8.h"
#include "lang/engine.h"
#include "runner/input.h"
#include "runner/run.h"
#include "runner/script.h"

struct tool {
	struct rx_memory memory;
	struct rxr_limits limits;
	struct rxr_report report;
	struct rxs_session *session;
	struct rxr_script *script;
};

static bool tool_init(struct tool *tool)
{
	struct rxs_session_options session = { .size = sizeof(session) };
	struct rxr_script_options options = { .limits = &tool->limits, .report = &tool->report };

	memset(tool, 0, sizeof(*tool));
	options.limits = &tool->limits;
	rx_memory_init(&tool->memory, NULL, 0);
	rxr_limits_init(&tool->limits);
	rxr_report_init(&tool->report, &tool->memory);
	if (rxs_session_new(&session, &tool->session, NULL) != REXI_OK)
		return false;
	options.session = tool->session;
	return rxr_script_new(&tool->memory, &options, &tool->script, NULL) == REXI_OK;
}

static void tool_fini(struct tool *tool)
{
	rxr_script_free(tool->script);
	rxs_session_free(tool->session);
	rxr_report_fini(&tool->report);
}

static int put(int fd, const struct rx_buf *buf)
{
	for (size_t at = 0; at < buf->len;) {
		ssize_t done = write(fd, buf->ptr + at, buf->len - at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return RXR_EXIT_INTERNAL;
		at += (size_t)done;
	}
	return buf->failed ? RXR_EXIT_INTERNAL : RXR_EXIT_SUCCESS;
}

/* ---- functions ---- */

struct lines {
	struct rxl_engine *engine;
	struct rx_memory *memory;
	struct rx_buf text;
	size_t *starts;
	size_t count, cap;
};

/* Host types are known to scripts by their names, not by the words of the tables. */
static void print_type(const struct rxl_engine *engine, uint16_t type, struct rexi_str word, struct rx_buf *out)
{
	const struct rxl_class *host = type >= RXL_TYPE_COUNT ? rxl_engine_class(engine, type - (uint32_t)RXL_TYPE_COUNT) : NULL;

	rx_buf_str(out, host ? rx_str(host->name) : word);
}

/* name(type, type) */
static void each_row(void *user, const struct rxl_overload *overload)
{
	const struct rxl_native *row = overload->row;
	struct lines *lines = (struct lines *)user;
	unsigned param = 0;

	if (!RX_GROW(lines->memory, &lines->starts, &lines->cap, lines->count + 1)) {
		lines->text.failed = true;
		return;
	}
	lines->starts[lines->count++] = lines->text.len;
	rx_buf_str(&lines->text, rx_str(row->name));
	rx_buf_byte(&lines->text, '(');
	for (struct rexi_str rest = rx_str(row->params); rest.len;) {
		size_t blank = rx_str_find(rest, RX_STR(" "), 0);

		print_type(lines->engine, overload->types[param++], rx_str_sub(rest, 0, blank == SIZE_MAX ? rest.len : blank), &lines->text);
		if (blank != SIZE_MAX)
			RX_BUF_LIT(&lines->text, ", ");
		rest = blank == SIZE_MAX ? rx_str_make("", 0) : rx_str_sub(rest, blank + 1, rest.len);
	}
	RX_BUF_LIT(&lines->text, ")\n");
	rx_buf_byte(&lines->text, '\0');
}

static int by_text(const void *a, const void *b, void *text)
{
	return strcmp((const char *)text + *(const size_t *)a, (const char *)text + *(const size_t *)b);
}

int rxr_functions_main(void)
{
	struct lines lines = { .count = 0 };
	struct tool tool;
	struct rx_buf out;
	int result = RXR_EXIT_INTERNAL;

	if (tool_init(&tool)) {
		lines.memory = &tool.memory;
		rx_buf_init(&lines.text, &tool.memory, 0);
		rx_buf_init(&out, &tool.memory, 0);
		lines.engine = rxr_script_engine(tool.script);
		rxl_engine_natives(lines.engine, each_row, &lines);
		if (lines.count && !lines.text.failed)
			qsort_r(lines.starts, lines.count, sizeof(*lines.starts), by_text, lines.text.ptr);
		for (size_t i = 0; i < lines.count && !lines.text.failed; i++) {
			const char *line = lines.text.ptr + lines.starts[i];

			if (!i || strcmp(line, lines.text.ptr + lines.starts[i - 1]) != 0)
				rx_buf_bytes(&out, line, strlen(line));
		}
		out.failed |= lines.text.failed;
		result = put(STDOUT_FILENO, &out);
		rx_buf_fini(&out);
		rx_buf_fini(&lines.text);
		rx_memory_give(&tool.memory, lines.starts, lines.cap * sizeof(*lines.starts));
	}
	tool_fini(&tool);
	return result;
}

/* ---- byte code ---- */

int rxr_bytecode_main(const struct rxr_options *options)
{
	const char *path = options->value[RXR_OPTION_SCRIPT];
	struct rxr_result result;
	struct rxr_input input;
	struct tool tool;
	struct rx_buf out;
	int exit = RXR_EXIT_INTERNAL;

	memset(&input, 0, sizeof(input));
	if (tool_init(&tool)) {
		rx_buf_init(&out, &tool.memory, 0);
		RX_BUF_LIT(&out, "error: cannot read ");
		rx_utf8_lossy(&out, rx_str(path));
		RX_BUF_LIT(&out, ": ");
		if (rxr_input_read(&input, &tool.memory, path, tool.limits.value[RXR_LIMIT_SOURCE], false, &out) != RXR_INPUT_OK) {
			rx_buf_byte(&out, '\n');
			put(STDERR_FILENO, &out);
			exit = RXR_EXIT_USAGE;
		} else {
			rx_buf_clear(&out);
			RX_BUF_LIT(&out, "error: ");
			if (rxr_script_compile(tool.script, rx_buf_view(&input.text), &out, &result) != RXR_OUTCOME_VALUE) {
				rx_buf_byte(&out, '\n');
				put(STDERR_FILENO, &out);
				exit = RXR_EXIT_ERROR;
			} else {
				rx_buf_clear(&out);
				rxr_script_dump(tool.script, &out);
				exit = put(STDOUT_FILENO, &out);
			}
		}
		rx_buf_fini(&out);
	}
	rxr_input_fini(&input);
	tool_fini(&tool);
	return exit;
}
