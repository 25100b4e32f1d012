/* rexi cedar: single requests and policy files with plain Cedar, in the formats of the reference's command line. */
#include <config.h>

#include <rexi/cedar_schema.h>

#include <jansson.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/commands.h"

/* Exit statuses of the reference's command. */
enum { CEDAR_OK = 0, CEDAR_FAILED = 1, CEDAR_DENIED = 2 };

struct cedar {
	const char *policies, *policy_format, *links, *schema_path, *entities_path, *request_path, *context_path;
	const char *principal, *action, *resource, *template_id, *new_id, *arguments, *expression;
	bool verbose, validate;
	struct rexi_cedar_engine *engine;
	struct rexi_cedar_policies *set;
	struct rexi_cedar_schema *schema;
	struct rexi_cedar_entities *entities;
	struct rexi_cedar_request *request;
	struct rexi_cedar_authorizer *authorizer;
};

static int failed(const char *what, const struct rexi_error *err)
{
	if (err->line)
		fprintf(stderr, "rexi cedar: %s:%u:%u: %s\n", what, err->line, err->column, err->message);
	else
		fprintf(stderr, "rexi cedar: %s: %s\n", what, err->message);
	return CEDAR_FAILED;
}

/* The whole of a file, or of standard input for "-" and NULL; NULL after a message. */
static char *read_all(const char *path, struct rexi_str *out)
{
	FILE *file = path && strcmp(path, "-") != 0 ? fopen(path, "rb") : stdin;
	size_t cap = 1 << 16, len = 0, got;
	char *text = file ? malloc(cap) : NULL, *bigger;

	while (text && (got = fread(text + len, 1, cap - len, file)) > 0) {
		len += got;
		if (len < cap)
			continue;
		bigger = realloc(text, cap *= 2);
		if (!bigger) {
			free(text);
			text = NULL;
			break;
		}
		text = bigger;
	}
	if (file && (ferror(file) || !text)) {
		free(text);
		text = NULL;
	}
	if (!text)
		fprintf(stderr, "rexi cedar: cannot read %s\n", path ? path : "standard input");
	if (file && file != stdin)
		fclose(file);
	*out = (struct rexi_str){ text, len };
	return text;
}

static bool is_json(const struct cedar *cedar, struct rexi_str text)
{
	if (cedar->policy_format)
		return strcmp(cedar->policy_format, "json") == 0;
	for (size_t i = 0; i < text.len; i++)
		if (!strchr(" \t\r\n", text.ptr[i]))
			return text.ptr[i] == '{';
	return false;
}

/* ---- links ----------------------------------------------------------------------------------------------------------- */

/* {"?principal": "T::\"e\"", ...} */
static int link_one(struct cedar *cedar, const char *template_id, const char *new_id, json_t *arguments)
{
	struct rexi_cedar_scratch *scratch = rexi_cedar_request_scratch(cedar->request);
	struct rexi_cedar_binding bindings[2];
	struct rexi_error err = { .message = "a link needs template_id, link_id and args" };
	size_t count = 0;
	const char *slot;
	json_t *value;

	if (!template_id || !new_id || !json_is_object(arguments) || json_object_size(arguments) > 2)
		return failed("link", &err);
	json_object_foreach(arguments, slot, value) {
		const char *text = json_string_value(value);

		if (!text || rexi_cedar_uid_parse(scratch, (struct rexi_str){ text, strlen(text) }, &bindings[count].uid, &err) != REXI_OK)
			return failed("link", &err);
		bindings[count++].slot = slot;
	}
	if (rexi_cedar_policies_link(cedar->set, (struct rexi_str){ template_id, strlen(template_id) },
				     (struct rexi_str){ new_id, strlen(new_id) }, bindings, count, NULL, &err) != REXI_OK)
		return failed("link", &err);
	return CEDAR_OK;
}

/* [{"template_id", "link_id", "args"}]; an absent file is an empty list for `link`. */
static json_t *read_links(const char *path, bool may_be_absent)
{
	json_error_t problem;
	FILE *file = fopen(path, "rb");
	json_t *links;

	if (!file && may_be_absent)
		return json_array();
	if (!file) {
		fprintf(stderr, "rexi cedar: cannot read %s\n", path);
		return NULL;
	}
	links = json_loadf(file, 0, &problem);
	fclose(file);
	if (json_is_array(links))
		return links;
	fprintf(stderr, "rexi cedar: %s: %s\n", path, links ? "links are an array" : problem.text);
	json_decref(links);
	return NULL;
}

static int apply_links(struct cedar *cedar, json_t *links)
{
	int status = CEDAR_OK;
	json_t *link;
	size_t at;

	json_array_foreach(links, at, link) {
		status = link_one(cedar, json_string_value(json_object_get(link, "template_id")),
				  json_string_value(json_object_get(link, "link_id")), json_object_get(link, "args"));
		if (status != CEDAR_OK)
			return status;
	}
	return status;
}

/* ---- inputs ---------------------------------------------------------------------------------------------------------- */

static int load_policies(struct cedar *cedar)
{
	struct rexi_error err;
	enum rexi_status status;
	struct rexi_str text;
	char *own = read_all(cedar->policies, &text);
	json_t *links;
	int result;

	if (!own)
		return CEDAR_FAILED;
	if (is_json(cedar, text))
		status = rexi_cedar_policies_add_json(cedar->set, (struct rexi_str){ "policy0", 7 }, text, &err);
	else
		status = rexi_cedar_policies_add_text(cedar->set, text, REXI_CEDAR_ID_ANNOTATION, &err);
	free(own);
	if (status != REXI_OK) {
		for (size_t i = 1; i < rexi_cedar_policies_error_count(cedar->set); i++)
			(void)failed(cedar->policies ? cedar->policies : "policies", rexi_cedar_policies_error(cedar->set, i - 1));
		return failed(cedar->policies ? cedar->policies : "policies",
			      rexi_cedar_policies_error_count(cedar->set)
				      ? rexi_cedar_policies_error(cedar->set, rexi_cedar_policies_error_count(cedar->set) - 1) : &err);
	}
	if (!cedar->links)
		return CEDAR_OK;
	links = read_links(cedar->links, cedar->new_id != NULL);
	if (!links)
		return CEDAR_FAILED;
	result = apply_links(cedar, links);
	json_decref(links);
	return result;
}

static int load_schema(struct cedar *cedar)
{
	struct rexi_error err;
	enum rexi_status status;
	struct rexi_str text;
	char *own;

	if (!cedar->schema_path)
		return CEDAR_OK;
	own = read_all(cedar->schema_path, &text);
	if (!own)
		return CEDAR_FAILED;
	status = rexi_cedar_schema_new(cedar->engine, &text, 1, &cedar->schema, NULL, &err);
	free(own);
	return status == REXI_OK ? CEDAR_OK : failed(cedar->schema_path, &err);
}

static int load_entities(struct cedar *cedar)
{
	struct rexi_error err;
	enum rexi_status status;
	struct rexi_str text;
	char *own;

	if (rexi_cedar_entities_new(cedar->engine, &cedar->entities, &err) != REXI_OK)
		return failed("entities", &err);
	if (!cedar->entities_path)
		return CEDAR_OK;
	own = read_all(cedar->entities_path, &text);
	if (!own)
		return CEDAR_FAILED;
	status = rexi_cedar_entities_add_json(cedar->entities, text, cedar->schema, NULL, &err);
	free(own);
	return status == REXI_OK ? CEDAR_OK : failed(cedar->entities_path, &err);
}

/* The request from options as the JSON that --request-json would hold. */
static char *request_from_options(const struct cedar *cedar)
{
	json_t *context = NULL, *request;
	json_error_t problem;
	char *text;

	if (!cedar->principal || !cedar->action || !cedar->resource) {
		fprintf(stderr, "rexi cedar: a request needs --principal, --action and --resource, or --request-json\n");
		return NULL;
	}
	if (cedar->context_path) {
		context = json_load_file(cedar->context_path, 0, &problem);
		if (!context) {
			fprintf(stderr, "rexi cedar: %s: %s\n", cedar->context_path, problem.text);
			return NULL;
		}
	}
	request = json_pack("{s:s, s:s, s:s, s:o}", "principal", cedar->principal, "action", cedar->action, "resource", cedar->resource, "context",
			    context ? context : json_object());
	text = request ? json_dumps(request, JSON_COMPACT) : NULL;
	json_decref(request);
	if (!text)
		fprintf(stderr, "rexi cedar: the request is not valid text\n");
	return text;
}

static int load_request(struct cedar *cedar)
{
	const char *kind, *detail;
	struct rexi_error err;
	enum rexi_status status;
	struct rexi_str text;
	char *own;

	if (cedar->request_path) {
		own = read_all(cedar->request_path, &text);
	} else {
		own = request_from_options(cedar);
		text = (struct rexi_str){ own, own ? strlen(own) : 0 };
	}
	if (!own)
		return CEDAR_FAILED;
	status = rexi_cedar_request_set_json(cedar->request, text, cedar->validate ? cedar->schema : NULL, &kind, &detail, &err);
	free(own);
	return status == REXI_OK ? CEDAR_OK : failed("request", &err);
}

/* ---- commands -------------------------------------------------------------------------------------------------------- */

/* On one line: white space outside of strings is one space, comments are left out. */
static void print_flat(struct rexi_str text)
{
	bool quoted = false, space = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (!quoted && c == '/' && i + 1 < text.len && text.ptr[i + 1] == '/') {
			while (i + 1 < text.len && text.ptr[i + 1] != '\n')
				i++;
			space = true;
			continue;
		}
		if (!quoted && (c == ' ' || (c >= '\t' && c <= '\r'))) {
			space = true;
			continue;
		}
		if (space)
			putchar(' ');
		space = false;
		putchar(c);
		if (quoted && c == '\\' && i + 1 < text.len)
			putchar(text.ptr[++i]);
		else if (c == '"')
			quoted = !quoted;
	}
}

static void print_near(const struct rexi_cedar_decision *decision)
{
	for (size_t i = 0; i < decision->near_count; i++) {
		const struct rexi_cedar_near *near = &decision->near[i];

		printf("%s: %s `%.*s` held in %u of %u clauses; then not: ", i ? "     " : "\nnear", near->forbid ? "forbid" : "permit",
		       (int)near->id.len, near->id.ptr, near->clauses_held, near->clauses_total);
		print_flat(near->clause);
		if (near->part.len) {
			printf("\n       because `");
			print_flat(near->part);
			printf("` is %s", near->part_holds ? "true" : "false");
		}
		if (near->values.len)
			printf("%s%.*s", near->part.len ? ", with " : "  with ", (int)near->values.len, near->values.ptr);
		putchar('\n');
	}
}

static int run_authorize(struct cedar *cedar)
{
	struct rexi_cedar_decision decision;
	struct rexi_error err;
	int status;

	if ((status = load_policies(cedar)) || (status = load_schema(cedar)) || (status = load_entities(cedar)) || (status = load_request(cedar)))
		return status;
	if (rexi_cedar_policies_build(cedar->set, 0, &err) != REXI_OK ||
	    rexi_cedar_authorize(cedar->authorizer, cedar->set, cedar->entities, NULL, cedar->request, cedar->verbose ? REXI_CEDAR_EXPLAIN : 0,
				 &decision, &err) != REXI_OK)
		return failed("authorize", &err);
	printf("\n%s\n", decision.allow ? "ALLOW" : "DENY");
	if (decision.error_count)
		puts("");
	for (size_t i = 0; i < decision.error_count; i++)
		printf("while evaluating policy `%.*s`: %.*s\n", (int)decision.errors[i].id.len, decision.errors[i].id.ptr,
		       (int)decision.errors[i].message.len, decision.errors[i].message.ptr);
	if (cedar->verbose && decision.reason_count) {
		puts("\nnote: this decision was due to the following policies:");
		for (size_t i = 0; i < decision.reason_count; i++) {
			struct rexi_cedar_policy_info info;

			if (rexi_cedar_policies_info(cedar->set, decision.reasons[i], &info))
				printf("  %.*s\n", (int)info.id.len, info.id.ptr);
		}
	} else if (cedar->verbose) {
		puts("\nnote: no policies applied to this request");
	}
	print_near(&decision);
	return decision.allow ? CEDAR_OK : CEDAR_DENIED;
}

static int run_parse(struct cedar *cedar)
{
	int status;

	if ((status = load_policies(cedar)) || (status = load_schema(cedar)))
		return status;
	return cedar->entities_path ? load_entities(cedar) : CEDAR_OK;
}

static int print_text(struct cedar *cedar, enum rexi_status status, struct rexi_cedar_text *text, const struct rexi_error *err)
{
	if (status != REXI_OK)
		return failed("output", err);
	fwrite(text->ptr, 1, text->len, stdout);
	puts("");
	rexi_cedar_text_free(cedar->engine, text);
	return CEDAR_OK;
}

static int run_to_json(struct cedar *cedar)
{
	int status = load_policies(cedar);
	struct rexi_cedar_text text;
	struct rexi_error err;

	return status ? status : print_text(cedar, rexi_cedar_policies_to_json(cedar->set, &text, &err), &text, &err);
}

static int run_to_cedar(struct cedar *cedar)
{
	int status = load_policies(cedar);
	struct rexi_cedar_text text;
	struct rexi_error err;

	return status ? status : print_text(cedar, rexi_cedar_policies_to_cedar(cedar->set, &text, &err), &text, &err);
}

/* Links a template and, with --template-linked, appends the link to that file. */
static int run_link(struct cedar *cedar)
{
	json_error_t problem;
	json_t *arguments, *links = NULL;
	int status = load_policies(cedar);

	if (status)
		return status;
	arguments = cedar->arguments ? json_loads(cedar->arguments, 0, &problem) : json_object();
	status = arguments ? link_one(cedar, cedar->template_id, cedar->new_id, arguments) : CEDAR_FAILED;
	if (!arguments)
		fprintf(stderr, "rexi cedar: --arguments: %s\n", problem.text);
	if (status == CEDAR_OK && cedar->links) {
		links = read_links(cedar->links, true);
		if (!links || json_array_append_new(links, json_pack("{s:s, s:s, s:O}", "template_id", cedar->template_id, "link_id", cedar->new_id,
								     "args", arguments)) != 0 ||
		    json_dump_file(links, cedar->links, JSON_INDENT(2)) != 0) {
			fprintf(stderr, "rexi cedar: cannot write %s\n", cedar->links);
			status = CEDAR_FAILED;
		}
	}
	if (status == CEDAR_OK)
		printf("Template-linked policy added: %s from %s\n", cedar->new_id, cedar->template_id);
	json_decref(links);
	json_decref(arguments);
	return status;
}

static int run_evaluate(struct cedar *cedar)
{
	const char *text = cedar->expression ? cedar->expression : "";
	enum rexi_cedar_eval_kind kind;
	struct rexi_cedar_value value;
	struct rexi_error err;
	size_t len;
	char *out;
	int status;

	if (!cedar->request_path && !cedar->principal) {
		cedar->principal = "Principal::\"unknown\"";
		cedar->action = "Action::\"unknown\"";
		cedar->resource = "Resource::\"unknown\"";
	}
	if ((status = load_schema(cedar)) || (status = load_entities(cedar)) || (status = load_request(cedar)))
		return status;
	if (rexi_cedar_evaluate(cedar->authorizer, (struct rexi_str){ text, strlen(text) }, cedar->entities, NULL, cedar->request, &value, &kind,
				&err) != REXI_OK)
		return failed("evaluate", &err);
	len = rexi_cedar_value_print(&value, NULL, 0);
	out = malloc(len + 1);
	if (!out)
		return CEDAR_FAILED;
	(void)rexi_cedar_value_print(&value, out, len + 1);
	puts(out);
	free(out);
	return CEDAR_OK;
}

/* ---- options --------------------------------------------------------------------------------------------------------- */

static const struct command {
	const char *name;
	int (*run)(struct cedar *cedar);
	const char *help;
} commands[] = {
	{ "authorize", run_authorize, "decide one request: exit 0 allowed, 2 denied, 1 failed" },
	{ "evaluate", run_evaluate, "print the value of one expression" },
	{ "parse", run_parse, "check that policies, schema and entities can be read" },
	{ "to-json", run_to_json, "policies as JSON" },
	{ "to-cedar", run_to_cedar, "policies as Cedar text" },
	{ "link", run_link, "link a template" },
};

static void print_usage(FILE *file)
{
	fputs("usage: rexi cedar COMMAND [OPTION...]\n\n", file);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(file, "  %-10s %s\n", commands[i].name, commands[i].help);
	fputs("\n  -p, --policies FILE            policies (standard input when absent)\n"
	      "      --policy-format cedar|json told from the text when absent\n"
	      "  -k, --template-linked FILE     links: [{\"template_id\", \"link_id\", \"args\"}]\n"
	      "  -s, --schema FILE              schema, Cedar syntax or JSON\n"
	      "      --entities FILE            entities, JSON\n"
	      "  -l, --principal, -a, --action, -r, --resource UID   the request, in Cedar syntax\n"
	      "  -c, --context FILE             the context, JSON\n"
	      "      --request-json FILE        the request as one JSON object\n"
	      "      --request-validation true|false   check the request against the schema (true)\n"
	      "      --template-id ID, -n, --new-id ID, --arguments JSON   for link\n"
	      "  -v, --verbose                  say which policies decided, and how near others came\n", file);
}

static bool take_options(struct cedar *cedar, int argc, char **argv)
{
	const struct { const char *short_name, *name; const char **value; } options[] = {
		{ "-p", "--policies", &cedar->policies },	{ "", "--policy-format", &cedar->policy_format },
		{ "-k", "--template-linked", &cedar->links },	{ "-s", "--schema", &cedar->schema_path },
		{ "", "--entities", &cedar->entities_path },	{ "-l", "--principal", &cedar->principal },
		{ "-a", "--action", &cedar->action },		{ "-r", "--resource", &cedar->resource },
		{ "-c", "--context", &cedar->context_path },	{ "", "--request-json", &cedar->request_path },
		{ "", "--template-id", &cedar->template_id },	{ "-n", "--new-id", &cedar->new_id },
		{ "", "--arguments", &cedar->arguments },
	};

	for (int i = 0; i < argc; i++) {
		size_t k, name_len = strcspn(argv[i], "=");

		for (k = 0; k < sizeof(options) / sizeof(options[0]); k++)
			if (strcmp(argv[i], options[k].short_name) == 0 ||
			    (strlen(options[k].name) == name_len && strncmp(argv[i], options[k].name, name_len) == 0))
				break;
		if (k < sizeof(options) / sizeof(options[0])) {
			if (argv[i][name_len] == '=')
				*options[k].value = argv[i] + name_len + 1;
			else if (i + 1 < argc)
				*options[k].value = argv[++i];
			else
				return false;
		} else if (strcmp(argv[i], "-v") == 0 || strcmp(argv[i], "--verbose") == 0) {
			cedar->verbose = true;
		} else if (strcmp(argv[i], "--request-validation") == 0 && i + 1 < argc) {
			cedar->validate = strcmp(argv[++i], "false") != 0;
		} else if (argv[i][0] != '-' && !cedar->expression) {
			cedar->expression = argv[i];
		} else {
			return false;
		}
	}
	return true;
}

int rexi_cedar_main(int argc, char **argv)
{
	struct cedar cedar = { .validate = true };
	const struct command *command = NULL;
	struct rexi_error err;
	int status = CEDAR_FAILED;

	for (size_t i = 0; argc && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[0], commands[i].name) == 0)
			command = &commands[i];
	if (argc && (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "help") == 0)) {
		print_usage(stdout);
		return CEDAR_OK;
	}
	if (!command || !take_options(&cedar, argc - 1, argv + 1)) {
		print_usage(stderr);
		return 2;
	}
	if (rexi_cedar_engine_new(NULL, NULL, &cedar.engine, &err) != REXI_OK ||
	    rexi_cedar_policies_new(cedar.engine, &cedar.set, &err) != REXI_OK ||
	    rexi_cedar_request_new(cedar.engine, &cedar.request, &err) != REXI_OK ||
	    rexi_cedar_authorizer_new(cedar.engine, &cedar.authorizer, &err) != REXI_OK)
		(void)failed("start", &err);
	else
		status = command->run(&cedar);
	rexi_cedar_authorizer_free(cedar.authorizer);
	rexi_cedar_request_free(cedar.request);
	rexi_cedar_entities_free(cedar.entities);
	rexi_cedar_schema_free(cedar.schema);
	rexi_cedar_policies_free(cedar.set);
	rexi_cedar_engine_free(cedar.engine);
	return status;
}
