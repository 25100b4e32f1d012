/*
 * Runs Cedar conformance cases. `cedar-cases FILE.cases` prints the answers in the .expect format; `cedar-cases DIR`
 * runs a directory in the layout of the published integration tests and closes with `N passed, M failed`.
 *
 * Words are rows of a table: what schemas, validation and the formatter answer stands in cedar_cases_tools.c.
 */
#include <config.h>

#include "cedar_cases.h"

#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cedar/json.h"
#include "cedar/print.h"
#include "cedar/value_json.h"

/* ---- output ------------------------------------------------------------------------------------------------------------ */

void cc_indented(struct rexi_str text)
{
	size_t at = 0;

	if (text.len && text.ptr[text.len - 1] == '\n')
		text.len--;
	for (;;) {
		const char *end = text.len > at ? memchr(text.ptr + at, '\n', text.len - at) : NULL;
		size_t len = end ? (size_t)(end - text.ptr) - at : text.len - at;

		printf("  %.*s\n", (int)len, text.ptr + at);
		if (!end)
			return;
		at += len + 1;
	}
}

void cc_message(const char *text)
{
	for (;;) {
		size_t len = strcspn(text, "\n");

		printf("| %.*s\n", (int)len, text);
		if (!text[len])
			return;
		text += len + 1;
	}
}

void cc_id(struct rexi_str id)
{
	bool plain = id.len > 0;
	struct rx_memory memory;
	struct rx_buf buf;

	for (size_t i = 0; i < id.len; i++) {
		char c = id.ptr[i];

		plain &= (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
	}
	if (plain) {
		printf("%.*s", (int)id.len, id.ptr);
		return;
	}
	rx_memory_init(&memory, NULL, 0);
	rx_buf_init(&buf, &memory, 0);
	rx_buf_json_string(&buf, id);
	fwrite(buf.ptr, 1, buf.len, stdout);
	rx_buf_fini(&buf);
}

/* The same head line appears once per case. */
bool cc_parse_error(struct cc_case *test, const char *section, const char *detail, const char *message)
{
	char line[80];

	(void)snprintf(line, sizeof(line), "parse-error %s%s%s", section, detail ? " " : "", detail ? detail : "");
	for (size_t i = 0; i < test->error_count; i++)
		if (strcmp(test->errors[i], line) == 0)
			return false;
	if (test->error_count < CC_MOST_ERRORS)
		memcpy(test->errors[test->error_count++], line, sizeof(line));
	puts(line);
	if (message)
		cc_message(message);
	return false;
}

/* ---- sections ------------------------------------------------------------------------------------------------------------ */

static bool is_json(struct rexi_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!strchr(" \t\r\n", text.ptr[i]))
			return text.ptr[i] == '{';
	return false;
}

static const char *link_kind(enum rexi_cedar_link_error kind)
{
	switch (kind) {
	case REXI_CEDAR_LINK_ARITY: return "arity";
	case REXI_CEDAR_LINK_NO_SUCH_TEMPLATE: return "no-such-template";
	case REXI_CEDAR_LINK_ID_CONFLICT: return "policy-id-conflict";
	case REXI_CEDAR_LINK_EXPECTED_TEMPLATE: return "expected-template";
	case REXI_CEDAR_LINK_OK:
	case REXI_CEDAR_LINK_JSON:
	case REXI_CEDAR_LINK_MEMORY:
		break;
	}
	return "json";
}

static bool add_link(struct cc_case *test, const struct rxc_json *json)
{
	const struct rxc_json *template_id = rxc_json_get(json, "templateId"), *new_id = rxc_json_get(json, "newId"),
			      *values = rxc_json_get(json, "values");
	struct rexi_cedar_binding bindings[8];
	struct rexi_cedar_name types[8];
	char slots[8][32];
	size_t count = 0;
	enum rexi_cedar_link_error kind;
	struct rexi_error err;

	if (!rxc_json_is(template_id, RXC_JSON_STRING) || !rxc_json_is(new_id, RXC_JSON_STRING) || !rxc_json_is(values, RXC_JSON_OBJECT) ||
	    values->count > RX_COUNT(bindings))
		return cc_parse_error(test, "links", "json", "a link is {templateId, newId, values}");
	for (uint32_t i = 0; i < values->count; i++) {
		struct rexi_str type, id;
		char slot[sizeof(slots[0])];
		size_t at = 0;

		if (!rxc_json_uid(&values->members[i].value, &type, &id, NULL) || values->members[i].key.len >= sizeof(slots[0]) ||
		    rexi_cedar_type_init(test->engine, &types[i], type, &err) != REXI_OK)
			return cc_parse_error(test, "links", "json", "a slot's value is an entity");
		memcpy(slot, values->members[i].key.ptr, values->members[i].key.len);
		slot[values->members[i].key.len] = '\0';
		while (at < count && strcmp(slots[at], slot) != 0) /* of a repeated key the last counts */
			at++;
		count += at == count;
		memcpy(slots[at], slot, sizeof(slot));
		bindings[at].slot = slots[at];
		rexi_cedar_uid_init(test->engine, &bindings[at].uid, &types[i], id);
	}
	if (rexi_cedar_policies_link(test->policies, template_id->text, new_id->text, bindings, count, &kind, &err) != REXI_OK)
		return cc_parse_error(test, "links", link_kind(kind), err.message);
	return true;
}

static bool need_links(struct cc_case *test)
{
	struct rx_memory memory;
	struct rx_arena arena;
	struct rxc_json json;
	struct rexi_error err;
	bool good;

	if (!test->has[CC_LINKS])
		return true;
	rx_memory_init(&memory, NULL, 0);
	rx_arena_init(&arena, &memory);
	good = rxc_json_parse(&arena, test->sections[CC_LINKS], 128, &json, &err) == REXI_OK && json.kind == RXC_JSON_ARRAY;
	if (!good)
		(void)cc_parse_error(test, "links", "json", "links are a JSON array");
	for (uint32_t i = 0; good && i < json.count; i++)
		good = add_link(test, &json.items[i]);
	rx_arena_fini(&arena);
	return good;
}

bool cc_need_policies(struct cc_case *test)
{
	struct rexi_str text = test->sections[CC_POLICIES];
	struct rexi_error err;
	enum rexi_status status;

	if (test->policies_state)
		return test->policies_state > 0;
	test->policies_state = -1;
	if (rexi_cedar_policies_new(test->engine, &test->policies, &err) != REXI_OK)
		return false;
	if (is_json(text))
		status = rexi_cedar_policies_add_json(test->policies, RX_STR("policy0"), text, &err);
	else
		status = rexi_cedar_policies_add_text(test->policies, text, 0, &err);
	if (status != REXI_OK)
		return cc_parse_error(test, "policies", NULL, err.message);
	if (!need_links(test))
		return false;
	test->policies_state = 1;
	return true;
}

bool cc_need_schema(struct cc_case *test)
{
	struct rexi_error err;

	if (!test->has[CC_SCHEMA] || test->schema_state)
		return test->schema_state >= 0;
	test->schema_state = -1;
	if (rexi_cedar_schema_new(test->engine, &test->sections[CC_SCHEMA], 1, &test->schema, NULL, &err) != REXI_OK)
		return cc_parse_error(test, "schema", NULL, err.message);
	test->schema_state = 1;
	return true;
}

static bool read_entities(struct cc_case *test, const char **kind, struct rexi_error *err)
{
	struct rexi_str text = test->has[CC_ENTITIES] ? test->sections[CC_ENTITIES] : RX_STR("[]");

	*kind = "json";
	return rexi_cedar_entities_new(test->engine, &test->entities, err) == REXI_OK &&
	       rexi_cedar_entities_add_json(test->entities, text, test->schema, kind, err) == REXI_OK;
}

bool cc_need_entities(struct cc_case *test)
{
	struct rexi_error err;
	const char *kind;

	if (test->entities_state)
		return test->entities_state > 0;
	test->entities_state = -1;
	if (!read_entities(test, &kind, &err))
		return cc_parse_error(test, "entities", NULL, err.message);
	test->entities_state = 1;
	return true;
}

/* ---- words ------------------------------------------------------------------------------------------------------------------ */

static void word_parse(struct cc_case *test, const char *argument)
{
	(void)argument;
	if (cc_need_policies(test) && cc_need_schema(test) && cc_need_entities(test))
		puts("parsed");
}

static int by_bytes(const void *a, const void *b)
{
	return rx_str_cmp(*(const struct rexi_str *)a, *(const struct rexi_str *)b);
}

static int by_error_id(const void *a, const void *b)
{
	return rx_str_cmp(((const struct rexi_cedar_policy_error *)a)->id, ((const struct rexi_cedar_policy_error *)b)->id);
}

static void print_decision(struct cc_case *test, const struct rexi_cedar_decision *decision)
{
	struct rexi_str *ids = calloc(decision->reason_count + 1, sizeof(*ids));
	struct rexi_cedar_policy_error *errors = calloc(decision->error_count + 1, sizeof(*errors));
	struct rexi_cedar_policy_info info;

	if (!ids || !errors)
		abort();
	printf("decision %s\n", decision->allow ? "allow" : "deny");
	for (size_t i = 0; i < decision->reason_count; i++)
		if (rexi_cedar_policies_info(test->policies, decision->reasons[i], &info))
			ids[i] = info.id;
	qsort(ids, decision->reason_count, sizeof(*ids), by_bytes);
	for (size_t i = 0; i < decision->reason_count; i++) {
		printf(i ? " " : "reason ");
		cc_id(ids[i]);
	}
	if (decision->reason_count)
		puts("");
	if (decision->error_count)
		memcpy(errors, decision->errors, decision->error_count * sizeof(*errors));
	qsort(errors, decision->error_count, sizeof(*errors), by_error_id);
	for (size_t i = 0; i < decision->error_count; i++) {
		printf("error ");
		cc_id(errors[i].id);
		printf(": %s | %.*s\n", rexi_cedar_eval_kind_name(errors[i].kind), (int)strcspn(errors[i].message.ptr, "\n"), errors[i].message.ptr);
	}
	free(ids);
	free(errors);
}

static void print_refusal(const char *head, const char *kind, const char *detail)
{
	printf("%s %s%s%s\n", head, kind, detail ? " " : "", detail ? detail : "");
}

static void word_authorize(struct cc_case *test, const char *argument)
{
	struct rexi_cedar_decision decision;
	const char *kind, *detail;
	struct rexi_error err;

	(void)argument;
	if (!cc_need_policies(test) || !cc_need_schema(test) || !cc_need_entities(test))
		return;
	if (rexi_cedar_policies_build(test->policies, 0, &err) != REXI_OK)
		abort();
	for (size_t i = 0; i < test->request_count; i++) {
		if (rexi_cedar_request_set_json(test->request, test->requests[i], test->schema, &kind, &detail, &err) != REXI_OK) {
			print_refusal("refused", kind, detail);
			cc_message(err.message);
			continue;
		}
		if (rexi_cedar_authorize(test->authorizer, test->policies, test->entities, NULL, test->request, 0, &decision, &err) != REXI_OK) {
			printf("failed %s\n", err.message);
			continue;
		}
		print_decision(test, &decision);
	}
}

static bool evaluation_request(struct cc_case *test)
{
	const char *kind, *detail;
	struct rexi_error err;
	struct rexi_str text = RX_STR("{\"principal\":{\"type\":\"User\",\"id\":\"alice\"},\"action\":{\"type\":\"Action\",\"id\":\"view\"},"
				      "\"resource\":{\"type\":\"Doc\",\"id\":\"d\"}}");

	if (test->request_count)
		text = test->requests[0];
	if (rexi_cedar_request_set_json(test->request, text, test->schema, &kind, &detail, &err) == REXI_OK)
		return true;
	return cc_parse_error(test, "request", NULL, err.message);
}

static void word_evaluate(struct cc_case *test, const char *argument)
{
	(void)argument;
	if (!cc_need_schema(test) || !cc_need_entities(test) || !evaluation_request(test))
		return;
	for (size_t i = 0; i < test->expression_count; i++) {
		enum rexi_cedar_eval_kind kind;
		struct rexi_cedar_value value;
		struct rexi_error err;
		enum rexi_status status = rexi_cedar_evaluate(test->authorizer, test->expressions[i], test->entities, NULL, test->request,
							      &value, &kind, &err);

		if (status == REXI_OK) {
			size_t len = rexi_cedar_value_print(&value, NULL, 0);
			char *text = malloc(len + 1);

			if (!text)
				abort();
			(void)rexi_cedar_value_print(&value, text, len + 1);
			printf("value %s\n", text);
			free(text);
		} else if (status == REXI_RUNTIME) {
			printf("value-error %s | %.*s\n", rexi_cedar_eval_kind_name(kind), (int)strcspn(err.message, "\n"), err.message);
		} else {
			puts("parse-error expression");
			cc_message(err.message);
		}
	}
}

static void print_text(struct cc_case *test, const char *word, struct rexi_cedar_text *text)
{
	puts(word);
	cc_indented((struct rexi_str){ text->ptr, text->len });
	rexi_cedar_text_free(test->engine, text);
}

static void word_to_json(struct cc_case *test, const char *argument)
{
	struct rexi_cedar_text text;
	struct rexi_error err;

	(void)argument;
	if (!cc_need_policies(test))
		return;
	if (rexi_cedar_policies_to_json(test->policies, &text, &err) == REXI_OK)
		print_text(test, "to-json", &text);
}

/* The set as JSON, read back, printed. */
static void word_to_cedar(struct cc_case *test, const char *argument)
{
	struct rexi_cedar_policies *again = NULL;
	struct rexi_cedar_text json = { 0 }, text;
	struct rexi_error err;

	(void)argument;
	if (!cc_need_policies(test))
		return;
	if (rexi_cedar_policies_to_json(test->policies, &json, &err) == REXI_OK && rexi_cedar_policies_new(test->engine, &again, &err) == REXI_OK &&
	    rexi_cedar_policies_add_json(again, RX_STR("policy0"), (struct rexi_str){ json.ptr, json.len }, &err) == REXI_OK &&
	    rxc_set_to_cedar(again, true, &text, &err) == REXI_OK)
		print_text(test, "to-cedar", &text);
	else
		printf("to-cedar failed: %s\n", err.message);
	rexi_cedar_text_free(test->engine, &json);
	rexi_cedar_policies_free(again);
}

static void word_check_entities(struct cc_case *test, const char *argument)
{
	struct rexi_error err;
	const char *kind;

	(void)argument;
	if (!cc_need_schema(test))
		return;
	rexi_cedar_entities_free(test->entities);
	test->entities = NULL;
	test->entities_state = 0;
	if (read_entities(test, &kind, &err)) {
		test->entities_state = 1;
		puts("entities ok");
		return;
	}
	rexi_cedar_entities_free(test->entities);
	test->entities = NULL;
	printf("entities fail %s\n", kind);
	cc_message(err.message);
}

static void word_entities_to_json(struct cc_case *test, const char *argument)
{
	struct rexi_cedar_text text;
	struct rexi_error err;
	struct rexi_str view;

	(void)argument;
	if (!cc_need_schema(test) || !cc_need_entities(test))
		return;
	if (rexi_cedar_entities_to_json(test->entities, &text, &err) != REXI_OK) {
		puts("entities-to-json-error");
		cc_message(err.message);
		return;
	}
	puts("entities-to-json");
	view = (struct rexi_str){ text.ptr, text.len };
	for (size_t at = 1; at + 1 < view.len;) { /* one entity per line: "[a,\nb]" */
		size_t end = rx_str_find(view, RX_STR(",\n"), at), len = (end == SIZE_MAX ? view.len - 1 : end) - at;

		printf("  %.*s\n", (int)len, view.ptr + at);
		at += len + 2;
	}
	rexi_cedar_text_free(test->engine, &text);
}

static void word_check_requests(struct cc_case *test, const char *argument)
{
	(void)argument;
	if (!cc_need_schema(test))
		return;
	for (size_t i = 0; i < test->request_count; i++) {
		const char *kind, *detail;
		struct rexi_error err;
		char head[40];

		if (rexi_cedar_request_set_json(test->request, test->requests[i], test->schema, &kind, &detail, &err) == REXI_OK) {
			printf("request %zu ok\n", i);
			continue;
		}
		(void)snprintf(head, sizeof(head), "request %zu fail", i);
		print_refusal(head, kind, detail);
		cc_message(err.message);
	}
}

static const struct cc_word words[] = {
	{ "parse", word_parse },
	{ "authorize", word_authorize },
	{ "evaluate", word_evaluate },
	{ "to-json", word_to_json },
	{ "to-cedar", word_to_cedar },
	{ "check-entities", word_check_entities },
	{ "entities-to-json", word_entities_to_json },
	{ "check-requests", word_check_requests },
};

static const struct cc_word *find_word(const struct cc_word *table, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(table[i].word);

		if (strncmp(word, table[i].word, len) == 0 && (!word[len] || word[len - 1] == '='))
			return &table[i];
	}
	return NULL;
}

static void run_words(struct cc_case *test)
{
	char list[512];
	char *word, *rest = list;

	if (test->has[CC_DO])
		(void)snprintf(list, sizeof(list), "%.*s", (int)test->sections[CC_DO].len, test->sections[CC_DO].ptr);
	else
		(void)snprintf(list, sizeof(list), "%s", test->request_count ? "authorize" : "parse");
	while ((word = strsep(&rest, " \n"))) {
		const struct cc_word *found = find_word(words, RX_COUNT(words), word);

		if (!*word)
			continue;
		if (!found)
			found = find_word(cc_tool_words, cc_tool_word_count, word);
		if (found)
			found->run(test, word + strlen(found->word));
		else
			printf("%s: not a word of this program\n", word);
	}
}

/* ---- case files ------------------------------------------------------------------------------------------------------------- */

static const char *const section_names[] = { "policies", "schema", "entities", "links", "do", "request", "expression" };

static void add_section(struct cc_case *test, unsigned section, struct rexi_str text)
{
	if (text.len && text.ptr[text.len - 1] == '\n')
		text.len--;
	if (section == CC_SECTIONS && test->request_count < CC_MOST)
		test->requests[test->request_count++] = text;
	else if (section == CC_SECTIONS + 1 && test->expression_count < CC_MOST)
		test->expressions[test->expression_count++] = text;
	else if (section < CC_SECTIONS) {
		test->sections[section] = text;
		test->has[section] = true;
	}
}

static void run_case(const struct cc_case *parsed)
{
	struct cc_case *test = malloc(sizeof(*test));
	struct rexi_error err;

	if (!test)
		abort();
	*test = *parsed;
	printf("=== %.*s\n", (int)test->id.len, test->id.ptr);
	if (rexi_cedar_engine_new(NULL, NULL, &test->engine, &err) != REXI_OK ||
	    rexi_cedar_authorizer_new(test->engine, &test->authorizer, &err) != REXI_OK ||
	    rexi_cedar_request_new(test->engine, &test->request, &err) != REXI_OK)
		abort();
	fflush(stdout);
	run_words(test);
	if (__fpending(stdout) == 0)
		puts(""); /* no answer at all is an empty line, as the reference has it */
	rexi_cedar_request_free(test->request);
	rexi_cedar_authorizer_free(test->authorizer);
	rexi_cedar_entities_free(test->entities);
	rexi_cedar_schema_free(test->schema);
	rexi_cedar_policies_free(test->policies);
	rexi_cedar_engine_free(test->engine);
	free(test);
}

static void run_file(struct rexi_str text)
{
	static struct cc_case test;
	unsigned section = UINT32_MAX;
	size_t start = 0;
	bool open = false;

	for (size_t at = 0; at <= text.len;) {
		const char *end = at < text.len ? memchr(text.ptr + at, '\n', text.len - at) : NULL;
		struct rexi_str line = { text.ptr + at, at < text.len ? (end ? (size_t)(end - text.ptr) - at : text.len - at) : 0 };
		bool last = at >= text.len, head = !last && rx_str_starts(line, RX_STR("=== "));
		unsigned next = UINT32_MAX;

		for (unsigned i = 0; !last && rx_str_starts(line, RX_STR("--- ")) && i < RX_COUNT(section_names); i++)
			if (rx_str_eq(rx_str_sub(line, 4, SIZE_MAX), rx_str(section_names[i])))
				next = i;
		if (last || head || next != UINT32_MAX) {
			if (open && section != UINT32_MAX)
				add_section(&test, section, rx_str_sub(text, start, at - start));
			section = next;
			start = end ? at + line.len + 1 : text.len;
		}
		if ((head || last) && open)
			run_case(&test);
		if (head) {
			memset(&test, 0, sizeof(test));
			test.id = rx_str_sub(line, 4, strcspn(line.ptr + 4, " \n"));
			open = true;
		}
		if (last)
			return;
		at = end ? at + line.len + 1 : text.len;
	}
}

char *cc_read_file(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	size_t cap = 1 << 16, used = 0, got;
	char *text = malloc(cap);

	if (!file || !text) {
		free(text);
		if (file)
			fclose(file);
		return NULL;
	}
	while ((got = fread(text + used, 1, cap - used - 1, file)) > 0) {
		used += got;
		if (cap - used < 2) {
			char *bigger = realloc(text, cap *= 2);

			if (!bigger)
				abort();
			text = bigger;
		}
	}
	fclose(file);
	text[used] = '\0';
	*len = used;
	return text;
}

int main(int argc, char **argv)
{
	struct stat info;
	size_t len;
	char *text;

	if (argc != 2 || stat(argv[1], &info) != 0) {
		fprintf(stderr, "usage: cedar-cases FILE.cases|DIR\n");
		return 2;
	}
	if (S_ISDIR(info.st_mode))
		return cc_run_corpus(argv[1]);
	text = cc_read_file(argv[1], &len);
	if (!text)
		return 2;
	run_file((struct rexi_str){ text, len });
	free(text);
	return 0;
}
