/*
 * Runs a .cases file and prints its .expect file; both formats are described in tests/data/README.md.
 *
 *     rhai-cases [--time-limit SECONDS] [--closure-seed N] FILE.cases [id]
 *
 * Another seed gives closures other names: what changes with it is nobody's to compare.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "lang/engine.h"
#include "lang/std/std.h"

static char *read_file(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	char *text = NULL;
	size_t cap = 0, got;

	*len = 0;
	if (!file)
		return NULL;
	do {
		if (cap - *len < 65536) {
			char *more = realloc(text, cap = cap * 2 + 131072);

			if (!more)
				break;
			text = more;
		}
		got = fread(text + *len, 1, 65536, file);
		*len += got;
	} while (got);
	fclose(file);
	return text;
}

/* Names of closures without their digits; with `escape`, line ends and backslashes written out. */
static void put_steady(FILE *out, struct rexi_str text, bool escape)
{
	for (size_t i = 0; i < text.len; i++) {
		char c;

		if (i >= 5 && memcmp(text.ptr + i - 5, "anon$", 5) == 0) {
			putc('#', out);
			while (i < text.len && ((text.ptr[i] >= '0' && text.ptr[i] <= '9') || (text.ptr[i] >= 'a' && text.ptr[i] <= 'f') ||
						(text.ptr[i] >= 'A' && text.ptr[i] <= 'F')))
				i++;
			if (i == text.len)
				return;
		}
		c = text.ptr[i];
		if (escape && c == '\\')
			fputs("\\\\", out);
		else if (escape && c == '\n')
			fputs("\\n", out);
		else if (escape && c == '\r')
			fputs("\\r", out);
		else
			putc(c, out);
	}
	if (text.len >= 5 && memcmp(text.ptr + text.len - 5, "anon$", 5) == 0)
		putc('#', out);
}

static void on_print(void *user, struct rexi_str text)
{
	fputs("out: ", user);
	put_steady(user, text, true);
	putc('\n', user);
}

static void on_debug(void *user, struct rexi_str text, struct rexi_str source, uint32_t line, uint32_t column)
{
	(void)source, (void)line, (void)column;
	fputs("dbg: ", user);
	put_steady(user, text, true);
	putc('\n', user);
}

/* ---- cases ------------------------------------------------------------------------------------------------------------ */

static void put_text(struct rx_buf *buf, bool escape)
{
	put_steady(stdout, rx_buf_view(buf), escape);
	rx_buf_fini(buf);
}

static uint64_t time_ms = 10000, closure_seed = 1;

static void run_case(struct rexi_str script, bool strict, bool rex)
{
	struct rxl_engine *engine = rxl_engine_new(NULL, (size_t)1 << 30);
	struct rxl_compile_options options = { .strict_variables = strict || rex };
	struct rxl_unit *unit;
	struct rxl_value message, result;
	struct rx_buf buf;
	uint32_t pos;
	enum rexi_status status;

	if (!engine || rxl_std_register(engine, NULL) != REXI_OK) {
		fputs("no engine\n", stdout);
		exit(1);
	}
	engine->on_print = on_print;
	engine->print_user = stdout;
	engine->on_debug = on_debug;
	engine->debug_user = stdout;
	engine->limits.time_ms = time_ms;
	engine->closure_first = closure_seed;
	engine->shared_result = true;
	engine->strict_variables = strict || rex;
	if (rex && (rxl_engine_disable(engine, RX_STR("eval")) != REXI_OK || rxl_engine_disable(engine, RX_STR("print")) != REXI_OK))
		exit(1);
	rx_buf_init(&buf, &engine->heap.memory, 0);
	status = rxl_compile(engine, script, &options, &unit, &message, &pos);
	if (status == REXI_OK && !rxl_unit_verify(unit, &buf)) {
		fputs("byte code: ", stdout);
		put_text(&buf, false);
		rx_buf_clear(&buf);
	}
	if (status != REXI_OK) {
		fputs("parse-error\n", stdout);
		if (rxl_is_string(&message))
			rx_buf_str(&buf, rxl_string_view(&message));
		else
			rx_buf_str(&buf, rx_str(rexi_status_text(status)));
		rxl_error_pos_text(pos, &buf);
		put_text(&buf, false);
		putchar('\n');
		rxl_value_drop(&engine->heap, &message);
		rxl_engine_free(engine);
		return;
	}
	status = rxl_engine_run(engine, unit, NULL, &result);
	if (status == REXI_OK) {
		printf("ok %s\n", rxl_value_host_type(&result));
		rxl_value_host_debug(&result, &buf);
		put_text(&buf, false);
	} else if (engine->vm.error) {
		printf("runtime-error %s\n", rxl_error_kind_name(engine->vm.error->kind));
		rxl_error_text(engine->vm.error, &buf, true);
		put_text(&buf, false);
	} else {
		printf("runtime-error %s", rexi_status_name(status));
	}
	putchar('\n');
	rxl_value_drop(&engine->heap, &result);
	rxl_unit_unref(unit);
	rxl_engine_free(engine);
}

static bool has_word(struct rexi_str head, const char *word)
{
	size_t len = strlen(word);

	for (size_t at = rx_str_find(head, rx_str(word), 5); at != SIZE_MAX; at = rx_str_find(head, rx_str(word), at + 1))
		if (head.ptr[at - 1] == ' ' && (at + len == head.len || head.ptr[at + len] == ' '))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	size_t len, at = 0;
	char *text;

	if (argc > 2 && strcmp(argv[1], "--time-limit") == 0) {
		uint64_t seconds;

		if (rx_number_parse_u64(rx_str(argv[2]), 10, &seconds) != RX_NUMBER_OK || seconds > 3600)
			return 2;
		time_ms = seconds * 1000;
		argc -= 2;
		argv += 2;
	}
	if (argc > 2 && strcmp(argv[1], "--closure-seed") == 0) {
		if (rx_number_parse_u64(rx_str(argv[2]), 10, &closure_seed) != RX_NUMBER_OK)
			return 2;
		argc -= 2;
		argv += 2;
	}
	text = argc > 1 ? read_file(argv[1], &len) : NULL;
	if (!text) {
		fprintf(stderr, "usage: rhai-cases [--time-limit SECONDS] [--closure-seed N] FILE.cases [id]\n");
		return 2;
	}
	if (len && text[len - 1] == '\n')
		len--;
	while (at < len) {
		const char *eol = memchr(text + at, '\n', len - at);
		size_t head_end = eol ? (size_t)(eol - text) : len, body = head_end + 1, end = len, next = len;
		struct rexi_str head = rx_str_make(text + at, head_end - at), id;
		size_t space;

		if (!rx_str_starts(head, RX_STR("=== "))) {
			at = head_end + 1;
			continue;
		}
		for (size_t scan = head_end; scan < len; scan++)
			if (text[scan] == '\n' && len - scan > 4 && memcmp(text + scan + 1, "=== ", 4) == 0) {
				end = scan;
				next = scan + 1;
				break;
			}
		id = rx_str_sub(head, 4, SIZE_MAX);
		space = rx_str_find(id, RX_STR(" "), 0);
		id = rx_str_sub(id, 0, space == SIZE_MAX ? id.len : space);
		if (argc < 3 || rx_str_eq(id, rx_str(argv[2]))) {
			printf("=== %.*s\n", RX_STR_ARG(id));
			fflush(stdout);
			run_case(body <= end ? rx_str_make(text + body, end - body) : RX_STR(""), has_word(head, "strict"),
				 has_word(head, "rex"));
			fflush(stdout);
		}
		at = next;
	}
	free(text);
	return 0;
}
