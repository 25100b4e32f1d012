/* The built-in schema: the constant made while rexi is built is what its text resolves to. */
#include <config.h>

#include <check.h>
#include <stdlib.h>

#include "cedar/schema_api.h"
#include "sdk/schema.h"
#include "tests/suite.h"

static struct rexi_cedar_engine *engine;
static struct rexi_cedar_schema *constant, *read;

static void setup(void)
{
	struct rexi_str text = rxs_schema_text();
	struct rexi_error err;

	ck_assert_int_eq(rexi_cedar_engine_new(NULL, NULL, &engine, &err), REXI_OK);
	ck_assert_int_eq(rxs_schema_new(engine, RX_STR(""), &constant, NULL, &err), REXI_OK);
	ck_assert_int_eq(rexi_cedar_schema_new(engine, &text, 1, &read, NULL, &err), REXI_OK);
}

static void teardown(void)
{
	rexi_cedar_schema_free(constant);
	rexi_cedar_schema_free(read);
	rexi_cedar_engine_free(engine);
}

static void same_ids(struct rxc_ids a, struct rxc_ids b)
{
	ck_assert_uint_eq(a.count, b.count);
	for (uint32_t i = 0; i < a.count; i++)
		ck_assert_uint_eq(a.at[i], b.at[i]);
}

static void same_type(const struct rxc_type *a, const struct rxc_type *b)
{
	ck_assert_int_eq(a != NULL, b != NULL);
	ck_assert(!a || rxc_type_equal(a, b));
}

START_TEST(test_constant)
{
	const struct rxc_schema *a = constant->resolved, *b = read->resolved;

	ck_assert_uint_eq(a->entity_type_count, b->entity_type_count);
	ck_assert_uint_eq(a->action_count, b->action_count);
	ck_assert_uint_eq(a->types.count, b->types.count);
	ck_assert_uint_eq(read->warning_count, 0);
	for (uint32_t i = 0; i < b->entity_type_count; i++) {
		const struct rxc_entity_type *left = &a->entity_types[i], *right = &b->entity_types[i];

		ck_assert(rx_str_eq(left->name, right->name) && rx_str_eq(a->types.names[i], b->types.names[i]));
		ck_assert(left->is_action == right->is_action && left->is_enum == right->is_enum);
		ck_assert_uint_eq(left->member_count, right->member_count);
		for (uint32_t k = 0; k < left->member_count; k++)
			ck_assert(rx_str_eq(left->members[k], right->members[k]));
		same_type(left->type, right->type);
		same_type(left->shape, right->shape);
		same_type(left->tags, right->tags);
		same_ids(left->ancestors, right->ancestors);
		same_ids(left->descendants, right->descendants);
		ck_assert(left->span.start == right->span.start && left->span.end == right->span.end);
		ck_assert_uint_eq(rxc_schema_find_type(a, right->name), i);
	}
	for (uint32_t i = 0; i < b->action_count; i++) {
		const struct rxc_action_type *left = &a->actions[i], *right = &b->actions[i];

		ck_assert(left->type == right->type && rx_str_eq(left->id, right->id));
		same_type(left->context, right->context);
		same_ids(left->principals, right->principals);
		same_ids(left->resources, right->resources);
		same_ids(left->ancestors, right->ancestors);
		same_ids(left->descendants, right->descendants);
		same_ids(left->parents, right->parents);
		ck_assert(left->span.start == right->span.start && left->span.end == right->span.end);
		ck_assert_uint_eq(rxc_schema_find_action(a, right->type, right->id), i);
	}
}
END_TEST

START_TEST(test_absent)
{
	static const char *const names[] = { "", "A", "file_system", "file_system::", "file_system::Fil", "file_system::Filf", "zzz" };

	for (size_t i = 0; i < RX_COUNT(names); i++) {
		ck_assert_uint_eq(rxc_schema_find_type(constant->resolved, rx_str(names[i])), RXC_NONE);
		for (uint32_t type = 0; type < constant->resolved->entity_type_count; type++)
			ck_assert_uint_eq(rxc_schema_find_action(constant->resolved, type, rx_str(names[i])), RXC_NONE);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sdk");
	TCase *tc = tcase_create("schema");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_constant);
	tcase_add_test(tc, test_absent);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
