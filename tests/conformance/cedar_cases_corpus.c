/* The published integration tests: one JSON file per case beside its policies, schema and entities. */
#include <config.h>

#include "cedar_cases.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cedar/json.h"

struct corpus {
	const char *root;
	struct rexi_cedar_engine *engine;
	struct rexi_cedar_authorizer *authorizer;
	struct rexi_cedar_request *request;
	size_t passed, failed, shown;
	size_t requests, validations;
};

/* Paths in a case are relative to the root of the tests, or to a folder above the case. */
static char *read_named(const struct corpus *corpus, const char *case_path, const struct rxc_json *name, size_t *len)
{
	char path[4096];
	char *text;

	if (!rxc_json_is(name, RXC_JSON_STRING))
		return NULL;
	(void)snprintf(path, sizeof(path), "%s/%.*s", corpus->root, (int)name->text.len, name->text.ptr);
	text = cc_read_file(path, len);
	for (const char *slash = strrchr(case_path, '/'); !text && slash; slash = memrchr(case_path, '/', (size_t)(slash - case_path))) {
		(void)snprintf(path, sizeof(path), "%.*s/%.*s", (int)(slash - case_path), case_path, (int)name->text.len, name->text.ptr);
		text = cc_read_file(path, len);
	}
	return text;
}

struct loaded {
	char *policy_text, *schema_text, *entity_text;
	struct rexi_cedar_policies *policies;
	struct rexi_cedar_schema *schema;
	struct rexi_cedar_entities *entities;
};

static bool same_ids(const struct rxc_json *want, const struct rexi_str *got, size_t count)
{
	if (!rxc_json_is(want, RXC_JSON_ARRAY) || want->count != count)
		return false;
	for (uint32_t i = 0; i < want->count; i++) {
		bool found = false;

		for (size_t k = 0; k < count && !found; k++)
			found = rxc_json_is(&want->items[i], RXC_JSON_STRING) && rx_str_eq(want->items[i].text, got[k]);
		if (!found)
			return false;
	}
	return true;
}

static bool same_answer(const struct loaded *loaded, const struct rxc_json *json, const struct rexi_cedar_decision *decision)
{
	const struct rxc_json *want = rxc_json_get(json, "decision");
	struct rexi_str *ids = calloc(decision->reason_count + decision->error_count + 1, sizeof(*ids));
	struct rexi_cedar_policy_info info;
	bool good;

	if (!ids)
		abort();
	for (size_t i = 0; i < decision->reason_count; i++)
		if (rexi_cedar_policies_info(loaded->policies, decision->reasons[i], &info))
			ids[i] = info.id;
	good = rxc_json_is(want, RXC_JSON_STRING) && rx_str_eq(want->text, decision->allow ? RX_STR("allow") : RX_STR("deny")) &&
	       same_ids(rxc_json_get(json, "reason"), ids, decision->reason_count);
	for (size_t i = 0; i < decision->error_count; i++)
		ids[i] = decision->errors[i].id;
	good = good && same_ids(rxc_json_get(json, "errors"), ids, decision->error_count);
	free(ids);
	return good;
}

static const char *run_request(struct corpus *corpus, const struct loaded *loaded, const struct rxc_json *json, struct rexi_str text, struct rexi_error *err)
{
	struct rexi_cedar_decision decision;
	const char *kind, *detail;
	struct rexi_str request = rx_str_sub(text, json->span.start, json->span.end - json->span.start);

	corpus->requests++;
	if (rexi_cedar_request_set_json(corpus->request, request, loaded->schema, &kind, &detail, err) != REXI_OK)
		return "the request is refused";
	if (rexi_cedar_authorize(corpus->authorizer, loaded->policies, loaded->entities, NULL, corpus->request, 0, &decision, err) != REXI_OK)
		return "no decision";
	err->message[0] = '\0';
	return same_answer(loaded, json, &decision) ? NULL : "another decision, reason or error";
}

static const char *load(struct corpus *corpus, const char *path, const struct rxc_json *json, struct loaded *loaded, struct rexi_error *err)
{
	size_t policy_len, schema_len, entity_len;
	struct rexi_str schema;
	const char *kind;

	loaded->policy_text = read_named(corpus, path, rxc_json_get(json, "policies"), &policy_len);
	loaded->schema_text = read_named(corpus, path, rxc_json_get(json, "schema"), &schema_len);
	loaded->entity_text = read_named(corpus, path, rxc_json_get(json, "entities"), &entity_len);
	if (!loaded->policy_text || !loaded->schema_text || !loaded->entity_text)
		return "a file of the case cannot be read";
	if (rexi_cedar_policies_new(corpus->engine, &loaded->policies, err) != REXI_OK ||
	    rexi_cedar_policies_add_text(loaded->policies, (struct rexi_str){ loaded->policy_text, policy_len }, 0, err) != REXI_OK ||
	    rexi_cedar_policies_build(loaded->policies, 0, err) != REXI_OK)
		return "the policies are refused";
	schema = (struct rexi_str){ loaded->schema_text, schema_len };
	if (rexi_cedar_schema_new(corpus->engine, &schema, 1, &loaded->schema, NULL, err) != REXI_OK)
		return "the schema is refused";
	if (rexi_cedar_entities_new(corpus->engine, &loaded->entities, err) != REXI_OK ||
	    rexi_cedar_entities_add_json(loaded->entities, (struct rexi_str){ loaded->entity_text, entity_len }, loaded->schema, &kind, err) != REXI_OK)
		return "the entities are refused";
	return NULL;
}

static void report(struct corpus *corpus, const char *path, const char *what, const struct rexi_error *err)
{
	enum { MOST_SHOWN = 40 };

	if (corpus->shown++ < MOST_SHOWN)
		printf("%s: %s%s%s\n", path, what, err->message[0] ? ": " : "", err->message);
}

/* A case passes when everything in it does. */
static void run_case(struct corpus *corpus, const char *path, const struct rxc_json *json, struct rexi_str text)
{
	const struct rxc_json *requests = rxc_json_get(json, "requests"), *validate = rxc_json_get(json, "shouldValidate");
	struct rexi_error err = { .message = "" };
	struct loaded loaded = { 0 };
	const char *trouble = load(corpus, path, json, &loaded, &err);
	int verdict;

	if (!trouble && validate) {
		verdict = cc_validates(loaded.schema, loaded.policies);
		corpus->validations += verdict >= 0;
		if (verdict >= 0 && verdict != (validate->kind == RXC_JSON_TRUE))
			trouble = verdict ? "validates, and should not" : "does not validate, and should";
	}
	for (uint32_t i = 0; !trouble && requests && i < requests->count; i++)
		trouble = run_request(corpus, &loaded, &requests->items[i], text, &err);
	if (trouble) {
		report(corpus, path, trouble, &err);
		corpus->failed++;
	} else {
		corpus->passed++;
	}
	rexi_cedar_entities_free(loaded.entities);
	rexi_cedar_schema_free(loaded.schema);
	rexi_cedar_policies_free(loaded.policies);
	free(loaded.policy_text);
	free(loaded.schema_text);
	free(loaded.entity_text);
}

static void try_file(struct corpus *corpus, const char *path)
{
	struct rx_memory memory;
	struct rx_arena arena;
	struct rxc_json json;
	size_t len;
	char *text = cc_read_file(path, &len);

	if (!text)
		return;
	rx_memory_init(&memory, NULL, 0);
	rx_arena_init(&arena, &memory);
	if (rxc_json_parse(&arena, (struct rexi_str){ text, len }, 1000, &json, NULL) == REXI_OK && rxc_json_get(&json, "requests") &&
	    rxc_json_get(&json, "policies"))
		run_case(corpus, path, &json, (struct rexi_str){ text, len });
	rx_arena_fini(&arena);
	free(text);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void walk(struct corpus *corpus, const char *folder)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, NULL, by_name);

	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name, *dot = strrchr(name, '.');
		char path[4096];
		struct stat info;

		(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
		if (name[0] != '.' && stat(path, &info) == 0 && S_ISDIR(info.st_mode))
			walk(corpus, path);
		else if (dot && strcmp(dot, ".json") == 0 && !strstr(name, ".entities.json") && !strstr(name, ".cedarschema.json"))
			try_file(corpus, path);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

int cc_run_corpus(const char *root)
{
	struct corpus corpus = { .root = root };
	struct rexi_error err;

	if (rexi_cedar_engine_new(NULL, NULL, &corpus.engine, &err) != REXI_OK ||
	    rexi_cedar_authorizer_new(corpus.engine, &corpus.authorizer, &err) != REXI_OK ||
	    rexi_cedar_request_new(corpus.engine, &corpus.request, &err) != REXI_OK)
		return 2;
	walk(&corpus, root);
	rexi_cedar_request_free(corpus.request);
	rexi_cedar_authorizer_free(corpus.authorizer);
	rexi_cedar_engine_free(corpus.engine);
	printf("%zu requests decided, %zu cases validated\n", corpus.requests, corpus.validations);
	printf("%zu passed, %zu failed\n", corpus.passed, corpus.failed);
	return corpus.failed ? 1 : 0;
}
