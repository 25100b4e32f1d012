/*
 * parse-cases [--print] [FILE.cases...]: parses every case.
 *
 * Without --print it compares with FILE.expect: a recorded parse-error must be answered with the same text and position,
 * every other case must parse. Without files it reads tests/data/rhai. Exit 0, 1 for a difference, 77 when there is
 * nothing to read. --print shows the answers: `parsed`, or `parse-error` and the text.
 */
#include <config.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "lang/parse.h"

struct entry {
	struct rexi_str id, flags, body;
};

static struct rexi_str read_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct rexi_str text = { NULL, 0 };
	char *bytes = NULL;
	long size;

	if (!file)
		return text;
	if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0 &&
	    (bytes = malloc((size_t)size + 1)) != NULL && fread(bytes, 1, (size_t)size, file) == (size_t)size)
		text = rx_str_make(bytes, (size_t)size);
	else
		free(bytes);
	fclose(file);
	return text;
}

/* The next entry of a .cases or .expect file, from *at on; false at the end. */
static bool next_entry(struct rexi_str text, size_t *at, struct entry *out)
{
	size_t line_end, body, end;
	struct rexi_str head;
	const char *space;

	while (*at < text.len && !rx_str_starts(rx_str_sub(text, *at, 4), RX_STR("=== "))) {
		line_end = rx_str_find(text, RX_STR("\n"), *at);
		*at = line_end == SIZE_MAX ? text.len : line_end + 1;
	}
	if (*at >= text.len)
		return false;
	line_end = rx_str_find(text, RX_STR("\n"), *at);
	if (line_end == SIZE_MAX)
		line_end = text.len;
	head = rx_str_sub(text, *at + 4, line_end - *at - 4);
	space = memchr(head.ptr, ' ', head.len);
	out->id = rx_str_sub(head, 0, space ? (size_t)(space - head.ptr) : head.len);
	out->flags = rx_str_sub(head, out->id.len, head.len);
	body = line_end < text.len ? line_end + 1 : text.len;
	end = rx_str_find(text, RX_STR("\n=== "), body ? body - 1 : 0);
	if (end == SIZE_MAX)
		end = text.len && text.ptr[text.len - 1] == '\n' ? text.len - 1 : text.len;
	out->body = end > body ? rx_str_sub(text, body, end - body) : RX_STR("");
	*at = end < text.len ? end + 1 : text.len;
	return true;
}

static char *answer(const struct entry *entry)
{
	static const struct rexi_str disabled[] = { RX_STR_INIT("eval"), RX_STR_INIT("print") };
	struct rxl_parse_options options = { .strict_variables = false };
	struct rxl_parse_error error;
	struct rxl_symbols symbols;
	struct rx_memory memory;
	struct rxl_ast ast;
	struct rx_buf out;
	enum rexi_status status;
	char *text;

	if (rx_str_find(entry->flags, RX_STR("strict"), 0) != SIZE_MAX)
		options.strict_variables = true;
	if (rx_str_find(entry->flags, RX_STR("rex"), 0) != SIZE_MAX) {
		options.strict_variables = true;
		options.disabled = disabled;
		options.disabled_count = RX_COUNT(disabled);
	}
	rx_memory_init(&memory, NULL, 0);
	rxl_symbols_init(&symbols, &memory, 0);
	rxl_ast_init(&ast, &memory);
	rx_buf_init(&out, &memory, 0);
	status = rxl_parse(entry->body, &options, &symbols, &ast, &error);
	if (status == REXI_OK) {
		RX_BUF_LIT(&out, "parsed");
	} else if (status == REXI_SYNTAX) {
		RX_BUF_LIT(&out, "parse-error\n");
		rx_buf_str(&out, error.message);
		if (error.pos.line)
			rx_buf_printf(&out, " (line %u, position %u)", error.pos.line, error.pos.column);
	} else {
		rx_buf_printf(&out, "status %s", rexi_status_name(status));
	}
	text = malloc(out.len + 1);
	if (text) {
		if (out.len)
			memcpy(text, out.ptr, out.len);
		text[out.len] = 0;
	}
	rx_buf_fini(&out);
	rxl_ast_fini(&ast);
	rxl_symbols_fini(&symbols);
	if (memory.used != 0) {
		fprintf(stderr, "%.*s: %zu bytes leaked\n", RX_STR_ARG(entry->id), memory.used);
		exit(1);
	}
	return text;
}

/* The recorded answer, or one of them where there are two. */
static bool matches(struct rexi_str got, struct rexi_str want)
{
	bool wants_error = rx_str_starts(want, RX_STR("parse-error\n"));
	size_t end = want.len;

	if (!wants_error)
		return rx_str_eq(got, RX_STR("parsed"));
	while (end && want.ptr[end - 1] == '\n')
		end--;
	return rx_str_eq(got, rx_str_sub(want, 0, end));
}

static size_t run_file(const char *path, bool print, size_t *count)
{
	struct rexi_str cases = read_file(path), expect = { NULL, 0 };
	size_t len = strlen(path), at = 0, expect_at = 0, failed = 0;
	struct entry entry, want;
	char expect_path[4096];

	if (!cases.ptr) {
		fprintf(stderr, "%s: cannot be read\n", path);
		exit(1);
	}
	if (!print && len > 6 && len < sizeof(expect_path) - 8) {
		snprintf(expect_path, sizeof(expect_path), "%.*s.expect", (int)(len - 6), path);
		expect = read_file(expect_path);
	}
	while (next_entry(cases, &at, &entry)) {
		char *got = answer(&entry);

		(*count)++;
		if (print) {
			printf("=== %.*s\n%s\n", RX_STR_ARG(entry.id), got ? got : "");
		} else if (!expect.ptr || !next_entry(expect, &expect_at, &want) || !rx_str_eq(want.id, entry.id)) {
			printf("%s: %.*s: no recorded answer\n", path, RX_STR_ARG(entry.id));
			failed++;
		} else if (!got || !matches(rx_str(got), want.body)) {
			printf("%s: %.*s\n%.*s\n  got:  %s\n  want: %.*s\n", path, RX_STR_ARG(entry.id),
			       RX_STR_ARG(entry.body), got ? got : "", RX_STR_ARG(want.body));
			failed++;
		}
		free(got);
	}
	free((void *)(uintptr_t)cases.ptr);
	free((void *)(uintptr_t)expect.ptr);
	return failed;
}

static size_t run_folder(const char *folder, size_t *count)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	size_t failed = 0;
	char path[4096];

	if (!dir)
		return 0;
	while ((entry = readdir(dir)) != NULL) {
		if (!rx_str_ends(rx_str(entry->d_name), RX_STR(".cases")))
			continue;
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) >= sizeof(path))
			continue;
		failed += run_file(path, false, count);
	}
	closedir(dir);
	return failed;
}

int main(int argc, char **argv)
{
	bool print = argc > 1 && strcmp(argv[1], "--print") == 0;
	const char *source = getenv("REXI_SRC");
	size_t count = 0, failed = 0;
	char folder[4096];

	for (int at = print ? 2 : 1; at < argc; at++)
		failed += run_file(argv[at], print, &count);
	if (argc == 1) {
		snprintf(folder, sizeof(folder), "%s/tests/data/rhai", source ? source : ".");
		failed += run_folder(folder, &count);
	}
	if (print)
		return 0;
	if (!count)
		return 77;
	printf("%zu passed, %zu failed\n", count - failed, failed);
	return failed ? 1 : 0;
}
