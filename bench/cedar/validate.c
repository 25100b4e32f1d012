/*
 * Times strict validation of one workload folder (policies.cedar, schema.cedarschema) and prints one JSON object: processor
 * time per policy, the least of several passes.
 *
 *     validate DIR
 */
#include <config.h>

#include <rexi/cedar_schema.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static char *read_file(const char *folder, const char *name, size_t *len)
{
	char path[4096];
	FILE *file;
	char *text;
	long size;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "rb");
	if (!file || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	rewind(file);
	text = malloc((size_t)size + 1);
	if (!text || fread(text, 1, (size_t)size, file) != (size_t)size)
		exit(EXIT_FAILURE);
	fclose(file);
	*len = (size_t)size;
	return text;
}

/* Processor time: a busy machine must not count. */
static double now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
	struct rexi_str policies_text, schema_text;
	struct rexi_cedar_policies *policies;
	struct rexi_cedar_engine *engine;
	struct rexi_cedar_schema *schema;
	double least = 0, spent = 0;
	struct rexi_error err;
	bool passed = true;
	size_t count;

	if (argc != 2) {
		fprintf(stderr, "usage: validate DIR\n");
		return 2;
	}
	policies_text.ptr = read_file(argv[1], "policies.cedar", &policies_text.len);
	schema_text.ptr = read_file(argv[1], "schema.cedarschema", &schema_text.len);
	if (rexi_cedar_engine_new(NULL, NULL, &engine, &err) != REXI_OK ||
	    rexi_cedar_policies_new(engine, &policies, &err) != REXI_OK ||
	    rexi_cedar_policies_add_text(policies, policies_text, 0, &err) != REXI_OK ||
	    rexi_cedar_schema_new(engine, &schema_text, 1, &schema, NULL, &err) != REXI_OK) {
		fprintf(stderr, "%s\n", err.message);
		return EXIT_FAILURE;
	}
	count = rexi_cedar_policies_count(policies) + rexi_cedar_policies_template_count(policies);
	for (unsigned round = 0; round < 3 || (spent < 1e9 && round < 1000); round++) {
		struct rexi_cedar_validation *validation;
		double start = now_ns(), took;

		if (rexi_cedar_validate(schema, policies, NULL, &validation, &err) != REXI_OK) {
			fprintf(stderr, "%s\n", err.message);
			return EXIT_FAILURE;
		}
		took = now_ns() - start;
		passed = passed && rexi_cedar_validation_passed(validation);
		rexi_cedar_validation_free(validation);
		least = round == 0 || took < least ? took : least;
		spent += took;
	}
	printf("{\"policies\":%zu,\"passed\":%s,\"validate_ns_per_policy\":%.1f}\n", count, passed ? "true" : "false",
	       least / (double)(count ? count : 1));
	rexi_cedar_schema_free(schema);
	rexi_cedar_policies_free(policies);
	rexi_cedar_engine_free(engine);
	free((char *)(uintptr_t)policies_text.ptr);
	free((char *)(uintptr_t)schema_text.ptr);
	return EXIT_SUCCESS;
}
