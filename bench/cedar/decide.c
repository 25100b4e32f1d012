/*
 * Times libcedar on one workload folder (policies.cedar, entities.json, requests.jsonl) and prints one JSON object.
 *
 *     decide DIR [DECISIONS-FILE [linear]]
 *
 * A decision starts from three uids and a context value, as an embedder has them at hand: making the request, looking
 * its names up in the store and collecting the reasons is part of what is timed. `stream_mean_ns` is the mean of a pass over the requests in turn. `linear` does not use the index.
 */
#include <config.h>

#include <rexi/cedar.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "cedar/json.h"

struct bench {
	struct rexi_cedar_engine *engine;
	struct rexi_cedar_policies *policies;
	struct rexi_cedar_entities *entities;
	struct rexi_cedar_authorizer *authorizer;
	struct rexi_cedar_request *request, *holder;
	struct rexi_cedar_scratch *scratch; /* of the holder: what requests are made of */
	struct held {
		struct rexi_cedar_uid uids[3];
		struct rexi_cedar_value context;
	} *requests;
	size_t count, cap;
	unsigned flags;
	size_t tested, errors, allowed;
};

/* Processor time: a busy machine must not count. */
static double now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void die(const char *what, const struct rexi_error *err)
{
	fprintf(stderr, "%s: %s (%u:%u)\n", what, err->message, err->line, err->column);
	exit(1);
}

static struct rexi_str read_file(const char *folder, const char *name)
{
	char path[4096];
	FILE *file;
	long size;
	char *text;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "rb");
	if (!file || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0) {
		fprintf(stderr, "%s: cannot be read\n", path);
		exit(2);
	}
	rewind(file);
	text = malloc((size_t)size + 1);
	if (!text || fread(text, 1, (size_t)size, file) != (size_t)size)
		exit(2);
	fclose(file);
	text[size] = '\0';
	return (struct rexi_str){ text, (size_t)size };
}

/* One name object for each type, as an embedder would have. */
static const struct rexi_cedar_name *type_named(struct bench *bench, struct rexi_str text)
{
	static struct rexi_cedar_name names[64];
	static size_t count;
	struct rexi_error err;

	for (size_t i = 0; i < count; i++)
		if (rx_str_eq(names[i].text, text))
			return &names[i];
	if (count == sizeof(names) / sizeof(names[0]) ||
	    rexi_cedar_type_init(bench->engine, &names[count], rexi_cedar_text_copy(bench->scratch, text), &err) != REXI_OK)
		exit(2);
	return &names[count++];
}

static struct rexi_cedar_uid uid_of(struct bench *bench, const struct rxc_json *json)
{
	const struct rxc_json *type = rxc_json_get(json, "type"), *id = rxc_json_get(json, "id");
	struct rexi_cedar_uid uid;

	if (!rxc_json_is(type, RXC_JSON_STRING) || !rxc_json_is(id, RXC_JSON_STRING))
		exit(2);
	rexi_cedar_uid_init(bench->engine, &uid, type_named(bench, type->text), rexi_cedar_text_copy(bench->scratch, id->text));
	return uid;
}

static struct rexi_cedar_value value_of(struct bench *bench, const struct rxc_json *json)
{
	const struct rxc_json *call = rxc_json_get(json, "__extn"), *fn = rxc_json_get(call, "fn"), *arg = rxc_json_get(call, "arg");
	struct rexi_cedar_value value;
	struct rexi_error err;

	if (json->kind == RXC_JSON_TRUE || json->kind == RXC_JSON_FALSE)
		return rexi_cedar_bool(json->kind == RXC_JSON_TRUE);
	if (json->kind == RXC_JSON_INTEGER)
		return rexi_cedar_long(json->integer);
	if (json->kind == RXC_JSON_STRING)
		return rexi_cedar_string(rexi_cedar_text_copy(bench->scratch, json->text));
	if (!fn || !arg || rexi_cedar_extension_new(bench->scratch, fn->text, arg->text, &value, &err) != REXI_OK) {
		fprintf(stderr, "a context value is not of the kinds that the workloads have\n");
		exit(2);
	}
	return value;
}

static struct rexi_cedar_value context_of(struct bench *bench, const struct rxc_json *json)
{
	struct rexi_cedar_field fields[16];
	struct rexi_cedar_name names[16];
	struct rexi_cedar_value context;
	struct rexi_error err;
	uint32_t count = json ? json->count : 0;

	if (count > sizeof(fields) / sizeof(fields[0]))
		exit(2);
	for (uint32_t i = 0; i < count; i++) {
		rexi_cedar_attribute_init(bench->engine, &names[i], rexi_cedar_text_copy(bench->scratch, json->members[i].key));
		fields[i] = (struct rexi_cedar_field){ &names[i], value_of(bench, &json->members[i].value) };
	}
	if (rexi_cedar_record_new(bench->scratch, fields, count, &context, &err) != REXI_OK)
		die("context", &err);
	return context;
}

static void read_requests(struct bench *bench, struct rexi_str text)
{
	struct rexi_error err;
	struct rx_memory memory;
	struct rx_arena arena;

	rx_memory_init(&memory, NULL, 0);
	rx_arena_init(&arena, &memory);
	for (const char *line = text.ptr; line < text.ptr + text.len;) {
		const char *end = strchr(line, '\n');
		size_t len = end ? (size_t)(end - line) : strlen(line);
		struct rxc_json json;
		struct held *held;

		if (len) {
			if (bench->count == bench->cap) {
				bench->cap = bench->cap ? bench->cap * 2 : 1024;
				bench->requests = realloc(bench->requests, bench->cap * sizeof(*bench->requests));
				if (!bench->requests)
					exit(2);
			}
			if (rxc_json_parse(&arena, (struct rexi_str){ line, len }, 128, &json, &err) != REXI_OK)
				die("request", &err);
			held = &bench->requests[bench->count++];
			held->uids[0] = uid_of(bench, rxc_json_get(&json, "principal"));
			held->uids[1] = uid_of(bench, rxc_json_get(&json, "action"));
			held->uids[2] = uid_of(bench, rxc_json_get(&json, "resource"));
			held->context = context_of(bench, rxc_json_get(&json, "context"));
		}
		line += len + 1;
	}
	rx_arena_fini(&arena);
}

static bool decide(struct bench *bench, size_t at)
{
	const struct held *held = &bench->requests[at];
	struct rexi_cedar_decision decision;
	struct rexi_error err;

	rexi_cedar_request_reset(bench->request);
	rexi_cedar_request_set(bench->request, &held->uids[0], &held->uids[1], &held->uids[2]);
	if (rexi_cedar_request_set_context(bench->request, &held->context, &err) != REXI_OK ||
	    rexi_cedar_authorize(bench->authorizer, bench->policies, bench->entities, NULL, bench->request, bench->flags, &decision, &err) != REXI_OK)
		die("decision", &err);
	bench->tested += decision.tested;
	bench->errors += decision.error_count != 0;
	return decision.allow;
}

static int ascending(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Nanoseconds of each request, least of some rounds, each repeated long enough for the clock. */
static void time_each(struct bench *bench, double *best)
{
	for (int round = 0; round < 5; round++) {
		for (size_t i = 0; i < bench->count; i++) {
			double start = now_ns(), once, spent;
			unsigned repeat;

			(void)decide(bench, i);
			once = now_ns() - start;
			repeat = once > 100000 ? 1 : (unsigned)(20000 / (once < 20 ? 20 : once)) + 1;
			start = now_ns();
			for (unsigned k = 0; k < repeat; k++)
				(void)decide(bench, i);
			spent = (now_ns() - start) / repeat;
			if (round == 0 || spent < best[i])
				best[i] = spent;
		}
	}
	qsort(best, bench->count, sizeof(*best), ascending);
}

static double time_stream(struct bench *bench, int passes)
{
	double best = 0;

	for (int pass = 0; pass < passes; pass++) {
		double start = now_ns(), spent;

		for (size_t i = 0; i < bench->count; i++)
			(void)decide(bench, i);
		spent = (now_ns() - start) / (double)bench->count;
		if (pass == 0 || spent < best)
			best = spent;
	}
	return best;
}

/* Parsing and building, least of a few times. */
static double load_policies(struct bench *bench, struct rexi_str text, double *build_ns)
{
	struct rexi_error err;
	double least = 0;

	for (int round = 0; round < 5; round++) {
		double start = now_ns(), parsed, built;

		rexi_cedar_policies_free(bench->policies);
		if (rexi_cedar_policies_new(bench->engine, &bench->policies, &err) != REXI_OK ||
		    rexi_cedar_policies_add_text(bench->policies, text, 0, &err) != REXI_OK)
			die("policies", &err);
		parsed = now_ns();
		if (rexi_cedar_policies_build(bench->policies, 0, &err) != REXI_OK)
			die("policies", &err);
		built = now_ns();
		if (round == 0 || built - start < least) {
			least = built - start;
			*build_ns = built - parsed;
		}
	}
	return least;
}

static double load_entities(struct bench *bench, struct rexi_str text)
{
	struct rexi_error err;
	double least = 0;

	for (int round = 0; round < 3; round++) {
		double start = now_ns(), spent;

		rexi_cedar_entities_free(bench->entities);
		if (rexi_cedar_entities_new(bench->engine, &bench->entities, &err) != REXI_OK ||
		    rexi_cedar_entities_add_json(bench->entities, text, NULL, NULL, &err) != REXI_OK)
			die("entities", &err);
		spent = now_ns() - start;
		if (round == 0 || spent < least)
			least = spent;
	}
	return least;
}

int main(int argc, char **argv)
{
	struct bench bench = { .flags = argc > 3 && strcmp(argv[3], "linear") == 0 ? REXI_CEDAR_LINEAR : 0 };
	double parse_ns, build_ns = 0, entities_ns, stream, *best;
	struct rexi_str policies, entities, requests;
	struct rexi_error err;
	double count, tested;
	FILE *marks;
	int passes = 40;

	if (argc > 4)
		passes = atoi(argv[4]);
	if (argc < 2) {
		fprintf(stderr, "usage: decide DIR [DECISIONS-FILE [linear]]\n");
		return 2;
	}
	if (rexi_cedar_engine_new(NULL, NULL, &bench.engine, &err) != REXI_OK ||
	    rexi_cedar_authorizer_new(bench.engine, &bench.authorizer, &err) != REXI_OK ||
	    rexi_cedar_request_new(bench.engine, &bench.request, &err) != REXI_OK ||
	    rexi_cedar_request_new(bench.engine, &bench.holder, &err) != REXI_OK)
		die("engine", &err);
	bench.scratch = rexi_cedar_request_scratch(bench.holder);
	policies = read_file(argv[1], "policies.cedar");
	entities = read_file(argv[1], "entities.json");
	requests = read_file(argv[1], "requests.jsonl");
	parse_ns = load_policies(&bench, policies, &build_ns);
	entities_ns = load_entities(&bench, entities);
	read_requests(&bench, requests);
	count = (double)rexi_cedar_policies_count(bench.policies);
	marks = argc > 2 && argv[2][0] ? fopen(argv[2], "w") : NULL;
	for (size_t i = 0; i < bench.count; i++) {
		bool allow = decide(&bench, i);

		bench.allowed += allow;
		if (marks)
			fputc(allow ? 'A' : 'D', marks);
	}
	if (marks)
		fclose(marks);
	tested = (double)bench.tested / (double)bench.count;
	best = calloc(bench.count + 1, sizeof(*best));
	if (!best)
		return 2;
	{
		size_t errors = bench.errors;

		time_each(&bench, best);
		stream = time_stream(&bench, passes);
		bench.errors = errors;
	}
	printf("{\"engine\": \"rexi\", \"policies\": %.0f, \"requests\": %zu, \"parse_ns_per_policy\": %.1f, \"build_ns_per_policy\": %.1f, "
	       "\"entities_ms\": %.3f, \"entity_ns\": %.1f, \"p50_ns\": %.1f, \"p99_ns\": %.1f, \"stream_mean_ns\": %.1f, \"tested\": %.2f, "
	       "\"policies_kib\": %.1f, \"policy_bytes\": %.1f, \"entity_bytes\": %.1f, \"allowed\": %zu, \"errors\": %zu}\n",
	       count, bench.count, parse_ns / count, build_ns / count, entities_ns / 1e6,
	       entities_ns / (double)rexi_cedar_entities_count(bench.entities), best[bench.count / 2], best[bench.count * 99 / 100], stream, tested,
	       (double)rexi_cedar_policies_memory(bench.policies) / 1024, (double)rexi_cedar_policies_memory(bench.policies) / count,
	       (double)rexi_cedar_entities_memory(bench.entities) / (double)rexi_cedar_entities_count(bench.entities), bench.allowed, bench.errors);
	return 0;
}
