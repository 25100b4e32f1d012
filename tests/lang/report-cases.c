/*
 * report-cases [--write] [FILE.cases]: the report of each case's error, compared with the one recorded below it.
 *
 * Without a file it reads tests/data/lang/reports.cases. --write prints the file with the reports as they are now. A script
 * is called "main"; modules are "broken", "throws", "deep". Exit 0, 1 for a difference, 77 when there is nothing to read.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rexi/lang.h>

static struct rexi_str text(const char *s)
{
	return (struct rexi_str){ s, strlen(s) };
}

static bool modules(void *user, struct rexi_str path, struct rexi_str from, struct rexi_str *source_out)
{
	static const char *const rows[][2] = {
		{ "broken", "let x = 1;\nlet y = ;" },
		{ "throws", "\nthrow \"from a module\";" },
		{ "deep", "fn f(x) {\n\tg(x)\n}\nfn g(x) { x.nothing() }" },
	};

	(void)user, (void)from;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (path.len == strlen(rows[i][0]) && memcmp(path.ptr, rows[i][0], path.len) == 0) {
			*source_out = text(rows[i][1]);
			return true;
		}
	return false;
}

/* The caller frees. */
static char *report_of(struct rexi_str source)
{
	struct rexi_lang *lang = rexi_lang_new(NULL, NULL);
	struct rexi_script *script = NULL;
	struct rexi_value out = rexi_value_unit(), report = rexi_value_unit();
	struct rexi_error err;
	struct rexi_str view = { "no error\n", 9 };
	char *copy;

	rexi_lang_on_import(lang, modules, NULL);
	rexi_lang_set_limit(lang, REXI_LANG_OPERATIONS, 100000);
	if ((rexi_lang_compile(lang, source, text("main"), NULL, &script, &err) != REXI_OK ||
	     rexi_lang_run(lang, script, NULL, &out, &err) != REXI_OK) &&
	    rexi_lang_error_report(lang, script, source, &report) == REXI_OK)
		(void)rexi_value_as_string(&report, &view);
	copy = malloc(view.len + 1);
	memcpy(copy, view.ptr, view.len);
	copy[view.len] = 0;
	rexi_value_free(lang, &report);
	rexi_value_free(lang, &out);
	rexi_script_free(script);
	rexi_lang_free(lang);
	return copy;
}

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	char *bytes;
	long size;

	if (!file)
		return NULL;
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	rewind(file);
	bytes = malloc((size_t)size + 1);
	bytes[fread(bytes, 1, (size_t)size, file)] = 0;
	fclose(file);
	return bytes;
}

/* The source without the newline before the report; `\r`, `\e`, `\R` and `\N` stand for what no editor should have to keep. */
static struct rexi_str source_of(const char *from, const char *to, char *space)
{
	static const char *const marks[][2] = { { "<CR>", "\r" }, { "<ESC>", "\x1b" }, { "<RLO>", "\xE2\x80\xAE" }, { "<BAD>", "\xFF" } };
	size_t len = 0;

	while (from < to) {
		size_t i = 0;

		while (i < sizeof(marks) / sizeof(marks[0]) && strncmp(from, marks[i][0], strlen(marks[i][0])) != 0)
			i++;
		if (i < sizeof(marks) / sizeof(marks[0])) {
			memcpy(space + len, marks[i][1], strlen(marks[i][1]));
			len += strlen(marks[i][1]);
			from += strlen(marks[i][0]);
		} else {
			space[len++] = *from++;
		}
	}
	return (struct rexi_str){ space, len };
}

int main(int argc, char **argv)
{
	bool write = argc > 1 && strcmp(argv[1], "--write") == 0;
	const char *src = getenv("REXI_SRC"), *path = argc > 1 + write ? argv[1 + write] : NULL;
	char standard[4096], *bytes, *at;
	unsigned passed = 0, failed = 0;

	snprintf(standard, sizeof(standard), "%s/tests/data/lang/reports.cases", src ? src : ".");
	bytes = read_file(path ? path : standard);
	if (!bytes)
		return 77;
	for (at = bytes; (at = strstr(at, "=== ")) != NULL;) {
		char *id = at + 4, *source = strchr(id, '\n') + 1, *end = strstr(source, "\n--- report\n"), *want, *next, *got, *space;
		size_t want_len;

		if (!end)
			break;
		want = end + strlen("\n--- report\n");
		next = strstr(want, "\n=== ");
		want_len = next ? (size_t)(next + 1 - want) : strlen(want);
		space = malloc((size_t)(end - source) + 1);
		got = report_of(source_of(source, end, space));
		if (write) {
			printf("=== %.*s%.*s\n--- report\n%s", (int)(source - id), id, (int)(end - source), source, got);
		} else if (strlen(got) == want_len && memcmp(got, want, want_len) == 0) {
			passed++;
		} else {
			failed++;
			printf("%.*swant:\n%.*sgot:\n%s", (int)(source - id), id, (int)want_len, want, got);
		}
		free(got);
		free(space);
		at = want + want_len;
	}
	free(bytes);
	if (!write)
		printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
