/* rexi policy: which tool, its options, and what the tools share. */
#include <config.h>

#include "runner/policy_tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/number.h"
#include "runner/commands.h"
#include "runner/schema.h"

enum { INPUT_MOST = 64 << 20 };

/* ---- The tools and their options ---- */

static const struct tool_row {
	const char *name, *words, *help;
	int (*run)(struct rxr_tool *);
} tools[] = {
	{ "validate", "FILE...", "typecheck policies against the schema of the host operations and --schema", rxr_policy_validate },
	{ "fmt", "[FILE...]", "format policies: to standard output, in place with --write, or only tell with --check", rxr_policy_fmt },
	{ "test", "POLICIES TESTS", "decide the requests of a JSON file and compare; output in TAP", rxr_policy_test },
	{ "why", "POLICIES", "decide one request and explain", rxr_policy_why },
	{ "diff", "POLICIES POLICIES REQUESTS", "which requests two policy sets decide differently", rxr_policy_diff },
	{ "lint", "FILE...", "find policies that allow more than they seem to; silence with @nolint(\"rule\")", rxr_policy_lint },
	{ "schema", "[FILE...]", "check schemas, print the built-in one, or convert with --to cedar|json", rxr_policy_schema },
};

/* X(long name, short or 0, what it takes, "meaning") */
enum option_kind { TAKES_NOTHING, TAKES_TEXT, TAKES_NUMBER };
static const struct option_row {
	const char *name;
	char letter;
	enum option_kind kind;
	const char *argument, *help;
} options[] = {
	{ "json", 'j', TAKES_NOTHING, "", "output as JSON" },
	{ "schema-file", 's', TAKES_TEXT, "FILE", "a schema of your own, Cedar or JSON, beside the built-in one; repeatable" },
	{ "no-builtin", 0, TAKES_NOTHING, "", "without the schema of the host operations" },
	{ "permissive", 0, TAKES_NOTHING, "", "validate: permissive typing instead of strict" },
	{ "level", 0, TAKES_NUMBER, "N", "validate: no policy may look deeper than N entities" },
	{ "deny-warnings", 0, TAKES_NOTHING, "", "validate: warnings fail too" },
	{ "check", 'c', TAKES_NOTHING, "", "fmt: change nothing, exit 1 when a file would change" },
	{ "write", 'w', TAKES_NOTHING, "", "fmt: write files in place" },
	{ "width", 0, TAKES_NUMBER, "N", "fmt: columns of a line (80)" },
	{ "indent", 0, TAKES_NUMBER, "N", "fmt: columns of a step (2)" },
	{ "entities", 'e', TAKES_TEXT, "FILE", "test, why, diff: entities in JSON" },
	{ "request", 0, TAKES_TEXT, "FILE", "why: the request in JSON" },
	{ "principal", 'l', TAKES_TEXT, "UID", "why: as in User::\"alice\"" },
	{ "action", 'a', TAKES_TEXT, "UID", "why" },
	{ "resource", 'r', TAKES_TEXT, "UID", "why" },
	{ "context", 0, TAKES_TEXT, "FILE", "why: the context in JSON" },
	{ "to", 0, TAKES_TEXT, "SYNTAX", "schema: convert to cedar or json" },
};

static bool store_option(struct rxr_tool *tool, size_t row, const char *text, uint64_t number)
{
	switch (row) {
	case 0: tool->json = true; return true;
	case 1:
		if (tool->schema_count == TOOL_FILES_MOST)
			return false;
		tool->schemas[tool->schema_count++] = text;
		return true;
	case 2: tool->builtin = false; return true;
	case 3: tool->permissive = true; return true;
	case 4:
		tool->levels = true;
		tool->level = number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
		return true;
	case 5: tool->deny_warnings = true; return true;
	case 6: tool->check = true; return true;
	case 7: tool->write = true; return true;
	case 8: tool->width = (unsigned)(number > 10000 ? 10000 : number); return true;
	case 9: tool->indent = (unsigned)(number > 100 ? 100 : number); return true;
	case 10: tool->entities = text; return true;
	case 11: tool->request = text; return true;
	case 12: tool->principal = text; return true;
	case 13: tool->action = text; return true;
	case 14: tool->resource = text; return true;
	case 15: tool->context = text; return true;
	case 16: tool->to = text; return true;
	default: return false;
	}
}

static void help(struct rx_buf *out)
{
	RX_BUF_LIT(out, "Usage: rexi policy TOOL [OPTIONS] ...\n\nTools:\n");
	for (size_t i = 0; i < RX_COUNT(tools); i++)
		rx_buf_printf(out, "  %-9s %-28s %s\n", tools[i].name, tools[i].words, tools[i].help);
	RX_BUF_LIT(out, "\nOptions:\n");
	for (size_t i = 0; i < RX_COUNT(options); i++) {
		char name[40];

		snprintf(name, sizeof(name), "--%s%s%s", options[i].name, *options[i].argument ? " " : "", options[i].argument);
		if (options[i].letter)
			rx_buf_printf(out, "  -%c, %-20s %s\n", options[i].letter, name, options[i].help);
		else
			rx_buf_printf(out, "      %-20s %s\n", name, options[i].help);
	}
	RX_BUF_LIT(out, "\nExit: 0 yes, 1 no (tests failed, decisions differ, findings, would change), 2 usage or unreadable input,\n"
			"3 denied (why), 4 a policy or schema is not valid.\n");
}

static size_t find_option(const char *word)
{
	/* the old name of an option that has its name from rexi run */
	if (!strcmp(word, "--schema") || !strncmp(word, "--schema=", sizeof("--schema=") - 1))
		word = word[sizeof("--schema") - 1] ? "--schema-file=" : "--schema-file";
	for (size_t i = 0; i < RX_COUNT(options); i++) {
		size_t len = strlen(options[i].name);

		if (word[1] == '-' ? !strncmp(word + 2, options[i].name, len) && (word[2 + len] == '\0' || word[2 + len] == '=')
				   : options[i].letter && word[1] == options[i].letter && word[2] == '\0')
			return i;
	}
	return SIZE_MAX;
}

/* 0, or an exit status after a complaint. */
static int parse(struct rxr_tool *tool, int argc, char **argv)
{
	bool only_words = false;

	for (int i = 1; i < argc; i++) {
		const char *word = argv[i], *value = NULL, *equals = strchr(word, '=');
		uint64_t number = 0;
		size_t row;

		if (only_words || word[0] != '-' || word[1] == '\0') {
			if (tool->word_count == TOOL_FILES_MOST)
				return rxr_tool_fail(tool, TOOL_USAGE, "more than %d files", TOOL_FILES_MOST);
			tool->words[tool->word_count++] = word;
			continue;
		}
		if (!strcmp(word, "--")) {
			only_words = true;
			continue;
		}
		row = find_option(word);
		if (row == SIZE_MAX)
			return rxr_tool_fail(tool, TOOL_USAGE, "unknown option %s", word);
		if (options[row].kind != TAKES_NOTHING) {
			value = word[1] == '-' && equals ? equals + 1 : i + 1 < argc ? argv[++i] : NULL;
			if (!value)
				return rxr_tool_fail(tool, TOOL_USAGE, "%s needs %s", word, options[row].argument);
		} else if (word[1] == '-' && equals) {
			return rxr_tool_fail(tool, TOOL_USAGE, "--%s takes no value", options[row].name);
		}
		if (options[row].kind == TAKES_NUMBER && rx_number_parse_u64(rx_str(value), 10, &number) != RX_NUMBER_OK)
			return rxr_tool_fail(tool, TOOL_USAGE, "--%s takes a number, not %s", options[row].name, value);
		if (!store_option(tool, row, value, number))
			return rxr_tool_fail(tool, TOOL_USAGE, "too many --%s", options[row].name);
	}
	return 0;
}

static int put(struct rx_buf *buf)
{
	size_t at = 0;

	while (at < buf->len) {
		ssize_t done = write(STDOUT_FILENO, buf->ptr + at, buf->len - at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return TOOL_INTERNAL;
		at += (size_t)done;
	}
	return buf->failed ? TOOL_INTERNAL : TOOL_OK;
}

static int run(struct rxr_tool *tool, const struct tool_row *row, int argc, char **argv)
{
	struct rexi_error err;
	int status = parse(tool, argc, argv);

	if (status == 0 && rexi_cedar_engine_new(NULL, NULL, &tool->engine, &err) != REXI_OK)
		status = rxr_tool_fail(tool, TOOL_INTERNAL, "%s", err.message);
	if (status == 0)
		status = row->run(tool);
	rexi_cedar_engine_free(tool->engine);
	return status;
}

int rexi_policy_main(int argc, char **argv)
{
	struct rxr_tool tool = { .builtin = true, .command = argc > 0 ? argv[0] : "" };
	const struct tool_row *row = NULL;
	bool asked = argc > 0 && (!strcmp(argv[0], "--help") || !strcmp(argv[0], "-h") || !strcmp(argv[0], "help"));
	int status = TOOL_USAGE, written;

	rx_memory_init(&tool.memory, NULL, 0);
	rx_buf_init(&tool.out, &tool.memory, 0);
	for (size_t i = 0; i < RX_COUNT(tools) && argc > 0; i++)
		if (!strcmp(argv[0], tools[i].name))
			row = &tools[i];
	for (int i = 1; i < argc; i++)
		asked = asked || !strcmp(argv[i], "--help") || !strcmp(argv[i], "-h");
	if (asked) {
		help(&tool.out);
		status = TOOL_OK;
	} else if (row) {
		status = run(&tool, row, argc, argv);
	} else {
		help(&tool.out);
		fprintf(stderr, "error: %s%s\n\n%s", argc > 0 ? "unknown tool " : "a tool is needed", tool.command,
			tool.out.ptr ? rx_buf_cstr(&tool.out) : "");
		rx_buf_clear(&tool.out);
	}
	written = put(&tool.out);
	rx_buf_fini(&tool.out);
	return written ? written : status;
}

/* ---- What they share ---- */

int rxr_tool_fail(struct rxr_tool *tool, int status, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "rexi policy %s: ", tool->command);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return status;
}

int rxr_tool_error(struct rxr_tool *tool, const char *path, const struct rexi_error *err)
{
	int status = err->status == REXI_NO_MEMORY || err->status == REXI_INTERNAL ? TOOL_INTERNAL : TOOL_INVALID;

	if (err->line > 0)
		fprintf(stderr, "%s:%u:%u: error: %s\n", path, err->line, err->column, err->message);
	else
		fprintf(stderr, "%s: error: %s\n", path, err->message);
	(void)tool;
	return status;
}

bool rxr_tool_read(struct rxr_tool *tool, const char *path, struct rx_buf *out)
{
	bool standard = !strcmp(path, "-");
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t done = 0;

	rx_buf_init(out, &tool->memory, INPUT_MOST);
	if (fd < 0) {
		rxr_tool_fail(tool, TOOL_USAGE, "%s: %s", path, strerror(errno));
		return false;
	}
	while (rx_buf_reserve(out, 65536)) {
		done = read(fd, out->ptr + out->len, 65536);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			break;
		out->len += (size_t)done;
	}
	if (done < 0)
		rxr_tool_fail(tool, TOOL_USAGE, "%s: %s", path, strerror(errno));
	else if (out->failed)
		rxr_tool_fail(tool, TOOL_USAGE, "%s: larger than %d bytes", path, INPUT_MOST);
	if (!standard)
		(void)close(fd);
	if (done == 0 && !out->failed)
		return true;
	rx_buf_fini(out);
	return false;
}

int rxr_tool_schema(struct rxr_tool *tool, struct rexi_cedar_schema **out)
{
	struct rxr_schema_text texts[TOOL_FILES_MOST];
	struct rx_buf files[TOOL_FILES_MOST], complaint;
	enum rexi_status status;
	int result = TOOL_OK;
	size_t read = 0;

	rx_buf_init(&complaint, &tool->memory, 0);
	for (; read < tool->schema_count && rxr_tool_read(tool, tool->schemas[read], &files[read]); read++)
		texts[read] = (struct rxr_schema_text){ tool->schemas[read], rx_buf_view(&files[read]) };
	if (read < tool->schema_count) {
		result = TOOL_USAGE;
	} else {
		status = rxr_schema_new(tool->engine, tool->builtin, texts, read, out, &complaint);
		if (status != REXI_OK)
			result = rxr_tool_fail(tool, status == REXI_NO_MEMORY || status == REXI_INTERNAL ? TOOL_INTERNAL : TOOL_INVALID, "%s",
					       rx_buf_cstr(&complaint) ? complaint.ptr : "out of memory");
	}
	while (read-- > 0)
		rx_buf_fini(&files[read]);
	rx_buf_fini(&complaint);
	return result;
}

int rxr_tool_each_file(struct rxr_tool *tool,
		       int (*one)(struct rxr_tool *tool, const struct rexi_cedar_schema *schema, const char *path, void *user),
		       void *user)
{
	struct rexi_cedar_schema *schema = NULL;
	int worst;

	if (tool->word_count == 0)
		return rxr_tool_fail(tool, TOOL_USAGE, "a policy file is needed");
	worst = rxr_tool_schema(tool, &schema);
	if (worst)
		return worst;
	if (tool->json)
		rx_buf_byte(&tool->out, '[');
	for (size_t i = 0; i < tool->word_count; i++) {
		int status = one(tool, schema, tool->words[i], user);

		worst = status > worst ? status : worst;
	}
	if (tool->json)
		RX_BUF_LIT(&tool->out, "]\n");
	rexi_cedar_schema_free(schema);
	return worst;
}

static bool is_json(struct rexi_str text)
{
	size_t at = 0;

	while (at < text.len && (text.ptr[at] == ' ' || (text.ptr[at] >= '\t' && text.ptr[at] <= '\r')))
		at++;
	return at < text.len && text.ptr[at] == '{';
}

int rxr_tool_policies(struct rxr_tool *tool, const char *path, bool build, struct rx_buf *text, struct rexi_cedar_policies **out)
{
	struct rexi_cedar_policies *policies = NULL;
	struct rexi_error err;
	enum rexi_status status;
	int result = TOOL_OK;

	*out = NULL;
	if (!rxr_tool_read(tool, path, text))
		return TOOL_USAGE;
	status = rexi_cedar_policies_new(tool->engine, &policies, &err);
	if (status == REXI_OK)
		status = is_json(rx_buf_view(text))
				 ? rexi_cedar_policies_add_json(policies, RX_STR("policy0"), rx_buf_view(text), &err)
				 : rexi_cedar_policies_add_text(policies, rx_buf_view(text), REXI_CEDAR_ID_ANNOTATION, &err);
	if (status == REXI_OK && build)
		status = rexi_cedar_policies_build(policies, 0, &err);
	if (status != REXI_OK) {
		size_t count = policies ? rexi_cedar_policies_error_count(policies) : 0;

		result = rxr_tool_error(tool, path, &err);
		for (size_t i = 1; i < count; i++)
			(void)rxr_tool_error(tool, path, rexi_cedar_policies_error(policies, i));
		rexi_cedar_policies_free(policies);
		rx_buf_fini(text);
		return result;
	}
	*out = policies;
	return TOOL_OK;
}

int rxr_tool_entities(struct rxr_tool *tool, const struct rexi_cedar_schema *schema, struct rexi_cedar_entities **out)
{
	struct rexi_cedar_entities *entities = NULL;
	struct rexi_error err;
	struct rx_buf text = { 0 };
	enum rexi_status status;
	int result = TOOL_OK;

	*out = NULL;
	if (tool->entities && !rxr_tool_read(tool, tool->entities, &text))
		return TOOL_USAGE;
	status = rexi_cedar_entities_new(tool->engine, &entities, &err);
	/* An empty array with a schema still brings the schema's actions. */
	if (status == REXI_OK)
		status = rexi_cedar_entities_add_json(entities, tool->entities ? rx_buf_view(&text) : RX_STR("[]"), schema, NULL, &err);
	if (tool->entities)
		rx_buf_fini(&text);
	if (status != REXI_OK) {
		result = rxr_tool_error(tool, tool->entities ? tool->entities : "(no entities)", &err);
		rexi_cedar_entities_free(entities);
		return result;
	}
	*out = entities;
	return TOOL_OK;
}

void rxr_tool_member(struct rxr_tool *tool, const char *key, struct rexi_str value)
{
	if (tool->out.len > 0 && tool->out.ptr[tool->out.len - 1] != '{')
		rx_buf_byte(&tool->out, ',');
	rx_buf_json_string(&tool->out, rx_str(key));
	rx_buf_byte(&tool->out, ':');
	rx_buf_json_string(&tool->out, value);
}
