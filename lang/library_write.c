#include <config.h>

#include "lang/library_write.h"

#include <stdio.h>
#include <stdlib.h>

#include "lang/engine.h"

#define ROWS_MAX 8192

struct signature {
	unsigned count, takes_fn, at; /* where it was printed */
	uint16_t types[RXL_PARAMS_MAX];
};

struct writer {
	const struct rxl_library_row *rows;
	size_t row_count, type_count, name_count, kind_count;
	const char *const *types;
	const char *names[ROWS_MAX];         /* distinct, in order */
	size_t name_of[ROWS_MAX];            /* by row */
	struct signature kinds[ROWS_MAX];    /* distinct */
	size_t kind_of[ROWS_MAX];            /* by row */
	size_t kept[ROWS_MAX];               /* rows of the name at hand */
	struct rxl_library_slot slots[4 * ROWS_MAX];
};

static int failed(const char *what, const char *name)
{
	fprintf(stderr, "index of natives: %s: %s\n", what, name);
	return EXIT_FAILURE;
}

static bool read_type(const struct writer *writer, struct rexi_str name, uint16_t *out)
{
	if (rxl_type_of_name(name, out))
		return true;
	for (size_t i = 0; i < writer->type_count; i++)
		if (rx_str_eq(name, rx_str(writer->types[i]))) {
			*out = (uint16_t)(RXL_TYPE_COUNT + i);
			return true;
		}
	return false;
}

static bool read_params(const struct writer *writer, const char *params, struct signature *out)
{
	*out = (struct signature){ .count = 0 };
	while (*params) {
		size_t len = strcspn(params, " ");
		uint16_t *type = &out->types[out->count];

		if (len) {
			if (out->count == RXL_PARAMS_MAX || !read_type(writer, rx_str_make(params, len), type))
				return false;
			out->takes_fn |= *type == RXL_FN || (*type == RXL_ANY_TYPE && out->count);
			out->count++;
		}
		params += len + (params[len] == ' ');
	}
	return true;
}

static bool same(const struct signature *a, const struct signature *b)
{
	return a->count == b->count && memcmp(a->types, b->types, sizeof(a->types)) == 0;
}

static int read_rows(struct writer *writer)
{
	for (size_t i = 0; i < writer->row_count; i++) {
		struct signature *kind = &writer->kinds[writer->kind_count];
		size_t at = 0;

		while (at < writer->name_count && strcmp(writer->names[at], writer->rows[i].name) != 0)
			at++;
		writer->names[at] = writer->rows[i].name;
		writer->name_count += at == writer->name_count;
		writer->name_of[i] = at;
		if (!read_params(writer, writer->rows[i].params, kind))
			return failed("unknown type", writer->rows[i].params);
		for (at = 0; at < writer->kind_count && !same(&writer->kinds[at], kind); at++)
			;
		writer->kind_count += at == writer->kind_count;
		writer->kind_of[i] = at;
	}
	return EXIT_SUCCESS;
}

/* Rows of a name; of equal types the last one, where the first one stood. */
static size_t keep_rows(struct writer *writer, size_t name)
{
	size_t count = 0;

	for (size_t i = 0; i < writer->row_count; i++) {
		size_t at = 0;

		if (writer->name_of[i] != name)
			continue;
		while (at < count && writer->kind_of[writer->kept[at]] != writer->kind_of[i])
			at++;
		writer->kept[at] = i;
		count += at == count;
	}
	return count;
}

static void print_names(struct writer *writer, const char *name)
{
	size_t at = 0;

	printf("static const char %s_texts[] = {\n", name);
	for (size_t i = 0; i < writer->name_count; i++) {
		for (const char *text = writer->names[i]; *text; text++)
			printf("%d,", *text);
		printf("0,\n");
	}
	printf("};\nstatic const struct rxl_library_name %s_names[] = {\n", name);
	for (size_t i = 0, row = 0; i < writer->name_count; i++) {
		printf("{%zu,%zu},\n", at, row);
		at += strlen(writer->names[i]) + 1;
		row += keep_rows(writer, i);
		if (i + 1 == writer->name_count)
			printf("{%zu,%zu}\n};\n", at, row);
	}
	printf("static const uint16_t %s_rows[] = {\n", name);
	for (size_t i = 0; i < writer->name_count; i++) {
		size_t count = keep_rows(writer, i);

		for (size_t k = 0; k < count; k++)
			printf("%zu,", writer->kept[k]);
		printf("\n");
	}
	printf("};\n");
}

static void print_params(struct writer *writer, const char *name)
{
	unsigned at = 0;

	printf("static const uint16_t %s_params[] = {\n", name);
	for (size_t i = 0; i < writer->kind_count; i++) {
		struct signature *kind = &writer->kinds[i];

		kind->at = at;
		at += 2 + kind->count;
		printf("%u,%u,", kind->count, kind->takes_fn);
		for (unsigned k = 0; k < kind->count; k++)
			printf("%u,", kind->types[k]);
		printf("\n");
	}
	printf("};\nstatic const uint16_t %s_params_at[] = {\n", name);
	for (size_t i = 0; i < writer->row_count; i++)
		printf("%u,\n", writer->kinds[writer->kind_of[i]].at);
	printf("};\n");
}

static size_t print_slots(struct writer *writer, const char *name)
{
	size_t cap = 1;

	while (cap < 2 * writer->name_count)
		cap *= 2;
	for (size_t i = 0; i < writer->name_count; i++) {
		uint32_t hash = rxl_library_hash(writer->names[i], strlen(writer->names[i]));
		size_t at = hash & (cap - 1);

		while (writer->slots[at].name)
			at = (at + 1) & (cap - 1);
		writer->slots[at] = (struct rxl_library_slot){ (uint16_t)(i + 1), (uint16_t)(hash >> 16) };
	}
	printf("static const struct rxl_library_slot %s_slots[] = {\n", name);
	for (size_t i = 0; i < cap; i++)
		printf("{%u,%u},\n", writer->slots[i].name, writer->slots[i].tag);
	printf("};\n");
	return cap;
}

int rxl_library_write(const char *name, const struct rxl_library_row *rows, size_t row_count, const char *const *types,
		      size_t type_count)
{
	struct writer *writer = (struct writer *)calloc(1, sizeof(*writer));
	size_t cap;
	int result;

	if (!writer || row_count > ROWS_MAX)
		return failed("too many rows", name);
	writer->rows = rows;
	writer->row_count = row_count;
	writer->types = types;
	writer->type_count = type_count;
	result = read_rows(writer);
	if (result == EXIT_SUCCESS) {
		printf("/* Made by lang/library_write.c. */\n");
		print_names(writer, name);
		print_params(writer, name);
		cap = print_slots(writer, name);
		printf("static const struct rxl_library_index %s = { %s_texts, %s_names, %s_slots, %s_rows, %s_params_at, %s_params, "
		       "%zu, %zu, %zu };\n", name, name, name, name, name, name, name, writer->name_count, row_count, cap - 1);
	}
	free(writer);
	return result == EXIT_SUCCESS && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
