/* Words on schemas, validation and format. */
#include <config.h>

#include "cedar_cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

/* ---- validation -------------------------------------------------------------------------------------------------------- */

static int compare_findings(const void *a, const void *b)
{
	const struct rexi_cedar_finding *left = a, *right = b;
	int order = (int)left->is_warning - (int)right->is_warning;

	if (!order)
		order = rx_str_cmp(left->policy, right->policy);
	return order ? order : strcmp(left->kind, right->kind);
}

/* One line for an id and kind, whatever the number of findings. */
static void print_findings(const struct rexi_cedar_validation *validation)
{
	size_t count = rexi_cedar_validation_count(validation);
	struct rexi_cedar_finding *findings = calloc(count + 1, sizeof(*findings));

	if (!findings)
		abort();
	for (size_t i = 0; i < count; i++)
		(void)rexi_cedar_validation_finding(validation, i, &findings[i]);
	qsort(findings, count, sizeof(*findings), compare_findings);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && compare_findings(&findings[i - 1], &findings[i]) == 0)
			continue;
		printf("%s ", findings[i].is_warning ? "vwarn" : "verr");
		cc_id(findings[i].policy);
		printf(": %s | ", findings[i].kind);
		for (size_t j = 0; j < findings[i].message.len; j++) {
			if (findings[i].message.ptr[j] == '\n')
				fputs("\\n", stdout);
			else
				putchar(findings[i].message.ptr[j]);
		}
		putchar('\n');
	}
	free(findings);
}

static void validate(struct cc_case *test, const char *name, const struct rexi_cedar_validate_options *options)
{
	struct rexi_cedar_validation *validation = NULL;
	struct rexi_error err;

	if (!cc_need_policies(test) || !cc_need_schema(test))
		return;
	if (!test->schema) {
		(void)cc_parse_error(test, "schema", NULL, "no schema");
		return;
	}
	if (rexi_cedar_validate(test->schema, test->policies, options, &validation, &err) != REXI_OK) {
		printf("%s error\n", name);
		cc_message(err.message);
		return;
	}
	printf("%s %s\n", name, rexi_cedar_validation_passed(validation) ? "ok" : "fail");
	print_findings(validation);
	rexi_cedar_validation_free(validation);
}

static void word_validate(struct cc_case *test, const char *argument)
{
	(void)argument;
	validate(test, "validation", NULL);
}

static void word_validate_permissive(struct cc_case *test, const char *argument)
{
	struct rexi_cedar_validate_options options = { sizeof(options), true, false, 0 };

	(void)argument;
	validate(test, "validation-permissive", &options);
}

static void word_level(struct cc_case *test, const char *argument)
{
	struct rexi_cedar_validate_options options = { sizeof(options), false, true, 0 };
	char name[40];
	uint64_t level = 0;

	(void)rx_number_parse_u64(rx_str(argument), 10, &level);
	options.level = (uint32_t)level;
	(void)snprintf(name, sizeof(name), "level=%s", argument);
	validate(test, name, &options);
}

int cc_validates(const struct rexi_cedar_schema *schema, const struct rexi_cedar_policies *policies)
{
	struct rexi_cedar_validation *validation = NULL;
	struct rexi_error err;
	int passed;

	if (rexi_cedar_validate(schema, policies, NULL, &validation, &err) != REXI_OK)
		return -1;
	passed = rexi_cedar_validation_passed(validation);
	rexi_cedar_validation_free(validation);
	return passed;
}

/* ---- schemas and format ------------------------------------------------------------------------------------------------ */

static void convert(struct cc_case *test, const char *name, bool json)
{
	struct rexi_str text = test->sections[CC_SCHEMA];
	struct rexi_cedar_text out;
	struct rexi_error err;
	enum rexi_status status = (json ? rexi_cedar_schema_to_json : rexi_cedar_schema_to_cedar)(test->engine, text, &out, &err);

	if (status == REXI_SYNTAX || status == REXI_LIMIT) {
		(void)cc_parse_error(test, "schema", NULL, err.message);
	} else if (status != REXI_OK) {
		printf("%s-error\n", name);
		cc_message(err.message);
	} else {
		puts(name);
		cc_indented((struct rexi_str){ out.ptr, out.len });
		rexi_cedar_text_free(test->engine, &out);
	}
}

static void word_schema_to_json(struct cc_case *test, const char *argument)
{
	(void)argument;
	convert(test, "schema-to-json", true);
}

static void word_schema_to_cedar(struct cc_case *test, const char *argument)
{
	(void)argument;
	convert(test, "schema-to-cedar", false);
}

static bool starts_json(struct rexi_str text)
{
	size_t at = 0;

	while (at < text.len && (text.ptr[at] == ' ' || (text.ptr[at] >= '\t' && text.ptr[at] <= '\r')))
		at++;
	return at < text.len && text.ptr[at] == '{';
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The reference warns about Cedar syntax only. */
static void word_schema_warnings(struct cc_case *test, const char *argument)
{
	struct rexi_cedar_schema_warning warning;
	char *lines[CC_MOST];
	size_t count = 0, shown = 0;

	(void)argument;
	if (!cc_need_schema(test))
		return;
	while (test->schema && !starts_json(test->sections[CC_SCHEMA]) && count < CC_MOST &&
	       rexi_cedar_schema_warning(test->schema, count, &warning)) {
		size_t size = warning.message.len + 40;

		lines[count] = malloc(size);
		if (!lines[count])
			abort();
		(void)snprintf(lines[count++], size, "swarn %s | %.*s", warning.kind, (int)warning.message.len, warning.message.ptr);
	}
	qsort(lines, count, sizeof(*lines), compare_lines);
	for (size_t i = 0; i < count; i++)
		shown += i == 0 || strcmp(lines[i - 1], lines[i]) != 0;
	printf("schema-warnings %zu\n", shown);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || strcmp(lines[i - 1], lines[i]) != 0)
			puts(lines[i]);
	for (size_t i = 0; i < count; i++)
		free(lines[i]);
}

static void word_format(struct cc_case *test, const char *argument)
{
	struct rexi_cedar_text out;
	struct rexi_error err;

	(void)argument;
	if (!cc_need_policies(test))
		return;
	if (rexi_cedar_format_as_reference(test->engine, test->sections[CC_POLICIES], 0, 0, &out, &err) != REXI_OK) {
		puts("format-error");
		cc_message(err.message);
		return;
	}
	puts("format");
	cc_indented((struct rexi_str){ out.ptr, out.len });
	rexi_cedar_text_free(test->engine, &out);
}

const struct cc_word cc_tool_words[] = {
	{ "validate", word_validate },
	{ "validate-permissive", word_validate_permissive },
	{ "level=", word_level },
	{ "format", word_format },
	{ "schema-to-json", word_schema_to_json },
	{ "schema-to-cedar", word_schema_to_cedar },
	{ "schema-warnings", word_schema_warnings },
};
const size_t cc_tool_word_count = RX_COUNT(cc_tool_words);
