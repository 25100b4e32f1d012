/*
 * Prints a schema, resolved, as constant C: `static const struct rxc_schema NAME`. Runs while rexi is built.
 * Usage: schema_write NAME FILE
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "cedar/schema.h"

#define TYPES_MAX 65536

static const struct rxc_type *known[TYPES_MAX]; /* those printed, by number */
static size_t known_count;
static size_t ids_count;

static int failed(const char *what)
{
	fprintf(stderr, "schema_write: %s\n", what);
	return EXIT_FAILURE;
}

static void print_text(struct rexi_str text)
{
	printf("{ \"");
	for (size_t i = 0; i < text.len; i++)
		printf("\\%03o", (unsigned char)text.ptr[i]);
	printf("\", %zu }", text.len);
}

/* The name of a type that needs no store; NULL for others. */
static const char *shared_name(const struct rxc_type *type)
{
	static const struct {
		const struct rxc_type *type;
		const char *name;
	} rows[] = {
#define SHARED(name) { &name, "&" #name }
		SHARED(rxc_type_never), SHARED(rxc_type_true), SHARED(rxc_type_false), SHARED(rxc_type_bool), SHARED(rxc_type_long),
		SHARED(rxc_type_string), SHARED(rxc_type_any_entity), SHARED(rxc_type_any_set), SHARED(rxc_type_empty_record),
		SHARED(rxc_type_open_record), SHARED(rxc_type_any_entity_set), SHARED(rxc_type_extensions[0]),
		SHARED(rxc_type_extensions[1]), SHARED(rxc_type_extensions[2]), SHARED(rxc_type_extensions[3]),
	};

	for (size_t i = 0; i < RX_COUNT(rows); i++)
		if (rows[i].type == type)
			return rows[i].name;
	return NULL;
}

static void print_type_name(const struct rxc_type *type)
{
	const char *name = type ? shared_name(type) : "NULL";

	for (size_t i = 0; i < known_count && !name; i++)
		if (known[i] == type) {
			printf("&type_%zu", i);
			return;
		}
	printf("%s", name ? name : "missing");
}

static size_t print_ids(const uint32_t *ids, uint32_t count)
{
	printf("static const uint32_t ids_%zu[] = {", ids_count);
	for (uint32_t i = 0; i < count; i++)
		printf(" %u,", ids[i]);
	printf(" };\n");
	return ids_count++;
}

/* A type after those that it is made of. The nesting of a schema is bounded by RXC_SCHEMA_MAX_DEPTH. */
static void print_type(const struct rxc_type *type)
{
	size_t ids = 0, number;

	if (!type || shared_name(type))
		return;
	for (size_t i = 0; i < known_count; i++)
		if (known[i] == type)
			return;
	if (type->kind == RXC_TYPE_SET)
		print_type(type->element);
	for (uint32_t i = 0; type->kind == RXC_TYPE_RECORD && i < type->count; i++)
		print_type(type->attrs[i].type);
	if (known_count == TYPES_MAX)
		exit(failed("too many types"));
	if (type->kind == RXC_TYPE_ENTITY)
		ids = print_ids(type->entities, type->count);
	number = known_count;
	if (type->kind == RXC_TYPE_RECORD && type->count) {
		printf("static const struct rxc_attr attrs_%zu[] = {\n", number);
		for (uint32_t i = 0; i < type->count; i++) {
			printf("\t{ .name = ");
			print_text(type->attrs[i].name);
			printf(", .type = ");
			print_type_name(type->attrs[i].type);
			printf(", .required = %d },\n", type->attrs[i].required);
		}
		printf("};\n");
	}
	known[known_count++] = type;
	printf("static const struct rxc_type type_%zu = { .kind = %u, .ext = %u, .open = %d, .count = %u, ", number, type->kind,
	       type->ext, type->open, type->count);
	if (type->kind == RXC_TYPE_SET) {
		printf(".element = ");
		print_type_name(type->element);
	} else if (type->kind == RXC_TYPE_ENTITY) {
		printf(".entities = ids_%zu", ids);
	} else if (type->count) {
		printf(".attrs = attrs_%zu", number);
	} else {
		printf(".attrs = NULL");
	}
	printf(" };\n");
}

/* Lists of a declaration are printed before it; a declaration names them by their numbers in the same order. */
static size_t print_set(struct rxc_ids ids)
{
	return ids.count ? print_ids(ids.at, ids.count) : 0;
}

static void print_set_name(const char *field, struct rxc_ids ids, size_t number)
{
	if (ids.count)
		printf("\t  .%s = { ids_%zu, %u },\n", field, number, ids.count);
}

static void print_entity_types(const struct rxc_schema *schema)
{
	size_t (*sets)[2] = calloc(schema->entity_type_count + 1, sizeof(*sets));

	if (!sets)
		exit(failed("out of memory"));
	for (uint32_t i = 0; i < schema->entity_type_count; i++) {
		const struct rxc_entity_type *type = &schema->entity_types[i];

		print_type(type->type);
		print_type(type->shape);
		print_type(type->tags);
		sets[i][0] = print_set(type->ancestors);
		sets[i][1] = print_set(type->descendants);
		if (!type->member_count)
			continue;
		printf("static const struct rexi_str members_%u[] = {\n", i);
		for (uint32_t k = 0; k < type->member_count; k++) {
			print_text(type->members[k]);
			printf(",\n");
		}
		printf("};\n");
	}
	printf("static const struct rexi_str type_names[] = {\n");
	for (uint32_t i = 0; i < schema->types.count; i++) {
		print_text(schema->types.names[i]);
		printf(",\n");
	}
	printf("};\nstatic const struct rxc_entity_type entity_types[] = {\n");
	for (uint32_t i = 0; i < schema->entity_type_count; i++) {
		const struct rxc_entity_type *type = &schema->entity_types[i];

		printf("\t{ .name = ");
		print_text(type->name);
		printf(",\n\t  .is_action = %d, .is_enum = %d, ", type->is_action, type->is_enum);
		if (type->member_count)
			printf(".members = members_%u, .member_count = %u, ", i, type->member_count);
		printf(".type = ");
		print_type_name(type->type);
		printf(", .shape = ");
		print_type_name(type->shape);
		printf(", .tags = ");
		print_type_name(type->tags);
		printf(",\n");
		print_set_name("ancestors", type->ancestors, sets[i][0]);
		print_set_name("descendants", type->descendants, sets[i][1]);
		printf("\t  .span = { %u, %u } },\n", type->span.start, type->span.end);
	}
	printf("};\n");
	free(sets);
}

static void print_actions(const struct rxc_schema *schema)
{
	size_t (*sets)[5] = calloc(schema->action_count + 1, sizeof(*sets));

	if (!sets)
		exit(failed("out of memory"));
	for (uint32_t i = 0; i < schema->action_count; i++) {
		const struct rxc_action_type *action = &schema->actions[i];

		print_type(action->context);
		sets[i][0] = print_set(action->principals);
		sets[i][1] = print_set(action->resources);
		sets[i][2] = print_set(action->ancestors);
		sets[i][3] = print_set(action->descendants);
		sets[i][4] = print_set(action->parents);
	}
	printf("static const struct rxc_action_type actions[] = {\n");
	for (uint32_t i = 0; i < schema->action_count; i++) {
		const struct rxc_action_type *action = &schema->actions[i];

		printf("\t{ .type = %u, .id = ", action->type);
		print_text(action->id);
		printf(", .context = ");
		print_type_name(action->context);
		printf(",\n");
		print_set_name("principals", action->principals, sets[i][0]);
		print_set_name("resources", action->resources, sets[i][1]);
		print_set_name("ancestors", action->ancestors, sets[i][2]);
		print_set_name("descendants", action->descendants, sets[i][3]);
		print_set_name("parents", action->parents, sets[i][4]);
		printf("\t  .span = { %u, %u } },\n", action->span.start, action->span.end);
	}
	printf("};\n");
	free(sets);
}

static void print_schema(const char *name, const struct rxc_schema *schema)
{
	printf("/* Made by cedar/schema_write.c. */\n");
	print_entity_types(schema);
	print_actions(schema);
	printf("static const struct rxc_schema %s = {\n\t.types = { type_names, %u },\n"
	       "\t.entity_types = entity_types, .entity_type_count = %u,\n\t.actions = actions, .action_count = %u,\n};\n",
	       name, schema->types.count, schema->entity_type_count, schema->action_count);
}

int main(int argc, char **argv)
{
	static char text[1 << 20];
	struct rxc_schema *schema;
	struct rx_memory memory;
	struct rexi_error err;
	FILE *file = argc == 3 ? fopen(argv[2], "rb") : NULL;
	size_t len = file ? fread(text, 1, sizeof(text), file) : 0;

	if (!file || len == sizeof(text))
		return failed("usage: schema_write NAME FILE");
	fclose(file);
	rx_memory_init(&memory, NULL, 0);
	if (rxc_schema_read(&memory, rx_str_make(text, len), &schema, &err) != REXI_OK)
		return failed(err.message);
	print_schema(argv[1], schema);
	rxc_schema_free(schema);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
