/* rexi audit verify|show */
#include <config.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "runner/audit.h"
#include "runner/input.h"
#include "runner/options.h"

static const char usage[] =
	"Usage: rexi audit verify [--head HEX] [--allow-open] FILE\n"
	"       rexi audit show FILE\n"
	"\n"
	"verify   check that no record was changed, removed, inserted or moved, and that every run has ended\n"
	"         --head HEX     the last record must have this hash (as verify printed it before)\n"
	"         --allow-open   a run without an end is no finding (it goes on, or was killed)\n"
	"show     print the record for people\n"
	"FILE may be - for standard input. Exit: 0 intact, 1 a finding, 2 usage or unreadable.\n";

static int verify(struct rx_memory *memory, struct rexi_str text, const char *name, const char *head, bool allow_open)
{
	struct rxr_audit_finding finding;
	bool intact = rxr_audit_verify(memory, text, &finding);

	if (!intact) {
		fprintf(stderr, "%s:%llu: %s\n%llu records before it verify\n", name, (unsigned long long)finding.line,
			finding.message, (unsigned long long)finding.records);
		return 1;
	}
	if (!finding.records) {
		fprintf(stderr, "%s: no record\n", name);
		return 1;
	}
	printf("%llu records of %llu runs verify; head %s\n", (unsigned long long)finding.records,
	       (unsigned long long)finding.runs, finding.head);
	fflush(stdout);
	if (finding.torn)
		fprintf(stderr, "%s: the last line is cut off\n", name);
	if (finding.open_runs)
		fprintf(stderr, "%s: %llu runs have no end: cut off, or killed\n", name, (unsigned long long)finding.open_runs);
	if (head && strcmp(head, finding.head) != 0) {
		fprintf(stderr, "%s: the last record is not the expected one\n", name);
		return 1;
	}
	return (finding.torn || finding.open_runs) && !allow_open ? 1 : 0;
}

static const char *text_of(const json_t *record, const char *key)
{
	const char *text = json_string_value(json_object_get(record, key));

	return text ? text : "";
}

/* Controls would let a record paint on the terminal. */
static void put(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7F)
			printf("\\x%02x", (unsigned char)*text);
		else
			putchar(*text);
	}
}

static void put_members(const json_t *record, const char *const *skip)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)record, key, value) {
		bool known = false;
		char *dump;

		for (size_t i = 0; skip[i]; i++)
			known |= strcmp(skip[i], key) == 0;
		if (known)
			continue;
		dump = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
		printf("  %s=", key);
		put(dump ? dump : json_string_value(value) ? json_string_value(value) : "");
		free(dump);
	}
}

static void show_record(const json_t *record)
{
	static const char *const common[] = { "seq", "run", "time", "type", "prev", "hash", NULL };
	static const char *const decision[] = { "seq",    "run",       "time",   "type",     "prev",   "hash", "decision", "action",
						"resource", "principal", "number", "function", "line", "column", NULL };
	const char *type = text_of(record, "type");

	put(text_of(record, "time"));
	printf(" %.6s ", text_of(record, "run"));
	if (strcmp(type, "decision") == 0) {
		printf("%-5s ", text_of(record, "decision"));
		put(text_of(record, "action"));
		printf(" on ");
		put(text_of(record, "resource"));
		printf("  by ");
		put(text_of(record, "principal"));
		if (*text_of(record, "function")) {
			printf("  in ");
			put(text_of(record, "function"));
			printf("() at %lld:%lld", (long long)json_integer_value(json_object_get(record, "line")),
			       (long long)json_integer_value(json_object_get(record, "column")));
		}
		put_members(record, decision);
	} else {
		put(type);
		put_members(record, common);
	}
	putchar('\n');
}

static int show(struct rexi_str text, const char *name)
{
	uint64_t number = 0;
	int result = 0;

	for (size_t at = 0; at < text.len;) {
		size_t end = rx_str_find(text, RX_STR("\n"), at);
		struct rexi_str line = rx_str_sub(text, at, end == SIZE_MAX ? text.len - at : end - at);
		json_t *record = json_loadb(line.ptr, line.len, JSON_ALLOW_NUL, NULL);

		number++;
		at += line.len + 1;
		if (json_is_object(record)) {
			show_record(record);
		} else if (line.len) {
			fprintf(stderr, "%s:%llu: not a record\n", name, (unsigned long long)number);
			result = 1;
		}
		json_decref(record);
	}
	return result;
}

int rxr_audit_main(int argc, char **argv)
{
	const char *file = NULL, *head = NULL;
	bool allow_open = false, bad = false, verifying;
	struct rxr_input input;
	struct rx_memory memory;
	struct rx_buf complaint;
	int result = RXR_EXIT_USAGE;

	if (argc > 0 && (!strcmp(argv[0], "--help") || !strcmp(argv[0], "-h")))
		return fputs(usage, stdout) < 0 ? RXR_EXIT_INTERNAL : 0;
	verifying = argc > 0 && strcmp(argv[0], "verify") == 0;
	bad = argc < 1 || (!verifying && strcmp(argv[0], "show") != 0);
	for (int i = 1; i < argc && !bad; i++) {
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return fputs(usage, stdout) < 0 ? RXR_EXIT_INTERNAL : 0;
		if (verifying && !strcmp(argv[i], "--allow-open"))
			allow_open = true;
		else if (verifying && !strcmp(argv[i], "--head") && i + 1 < argc)
			head = argv[++i];
		else if (!file && (argv[i][0] != '-' || !argv[i][1]))
			file = argv[i];
		else
			bad = true;
	}
	if (bad || !file) {
		fputs(usage, stderr);
		return RXR_EXIT_USAGE;
	}
	rx_memory_init(&memory, NULL, 0);
	rx_buf_init(&complaint, &memory, 0);
	if (rxr_input_read(&input, &memory, file, 0, false, &complaint) != RXR_INPUT_OK)
		fprintf(stderr, "error: cannot read %s: %s\n", file, rx_buf_cstr(&complaint));
	else
		result = verifying ? verify(&memory, rx_buf_view(&input.text), file, head, allow_open)
				   : show(rx_buf_view(&input.text), file);
	rxr_input_fini(&input);
	rx_buf_fini(&complaint);
	return result;
}
