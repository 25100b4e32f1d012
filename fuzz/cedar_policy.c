/*
 * rexi_cedar_policies_add_text and its printers.
 * Invariants: the same verdict twice; errors have a message and a span inside the text; what parses prints as text that
 * parses again and prints alike, and as JSON that reads back and prints alike; a built set, which reads its text again,
 * prints and has annotations as before, and so has a copy of it.
 */
#include <config.h>

#include <rexi/cedar.h>

#include <string.h>

#include "base/compiler.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(const struct rexi_cedar_text *a, const struct rexi_cedar_text *b)
{
	return a->len == b->len && memcmp(a->ptr, b->ptr, a->len) == 0;
}

static void check_errors(const struct rexi_cedar_policies *set, size_t size)
{
	for (size_t i = 0; i < rexi_cedar_policies_error_count(set); i++) {
		const struct rexi_error *err = rexi_cedar_policies_error(set, i);

		RX_ASSERT(err->message[0] && err->span.start <= err->span.end && err->span.end <= size);
	}
}

/* Text without links stands for the whole set. */
static void check_printing(const struct rexi_cedar_engine *engine, const struct rexi_cedar_policies *set)
{
	struct rexi_cedar_text json, json_again, text, text_again;
	struct rexi_cedar_policies *from_json, *from_text;

	RX_ASSERT(rexi_cedar_policies_to_json(set, &json, NULL) == REXI_OK && rexi_cedar_policies_to_cedar(set, &text, NULL) == REXI_OK);
	RX_ASSERT(rexi_cedar_policies_new(engine, &from_json, NULL) == REXI_OK && rexi_cedar_policies_new(engine, &from_text, NULL) == REXI_OK);
	if (rexi_cedar_policies_add_json(from_json, (struct rexi_str){ "policy0", 7 }, (struct rexi_str){ json.ptr, json.len }, NULL) == REXI_OK) {
		RX_ASSERT(rexi_cedar_policies_to_json(from_json, &json_again, NULL) == REXI_OK && same(&json, &json_again));
		rexi_cedar_text_free(engine, &json_again);
		RX_ASSERT(rexi_cedar_policies_to_cedar(from_json, &text_again, NULL) == REXI_OK && same(&text, &text_again));
		rexi_cedar_text_free(engine, &text_again);
	}
	RX_ASSERT(rexi_cedar_policies_add_text(from_text, (struct rexi_str){ text.ptr, text.len }, 0, NULL) == REXI_OK);
	rexi_cedar_policies_free(from_json);
	rexi_cedar_policies_free(from_text);
	rexi_cedar_text_free(engine, &json);
	rexi_cedar_text_free(engine, &text);
}

static void check_alike(const struct rexi_cedar_engine *engine, const struct rexi_cedar_policies *set, const struct rexi_cedar_policies *other)
{
	struct rexi_cedar_text json[2], text[2];

	RX_ASSERT(rexi_cedar_policies_to_json(set, &json[0], NULL) == REXI_OK && rexi_cedar_policies_to_json(other, &json[1], NULL) == REXI_OK);
	RX_ASSERT(rexi_cedar_policies_to_cedar(set, &text[0], NULL) == REXI_OK && rexi_cedar_policies_to_cedar(other, &text[1], NULL) == REXI_OK);
	RX_ASSERT(same(&json[0], &json[1]) && same(&text[0], &text[1]));
	for (unsigned i = 0; i < 2; i++) {
		rexi_cedar_text_free(engine, &json[i]);
		rexi_cedar_text_free(engine, &text[i]);
	}
	for (size_t i = 0; i < rexi_cedar_policies_count(set); i++) {
		struct rexi_str keys[2], values[2];
		size_t at = 0;

		for (; rexi_cedar_policies_annotation(set, i, at, &keys[0], &values[0]); at++) {
			RX_ASSERT(rexi_cedar_policies_annotation(other, i, at, &keys[1], &values[1]));
			RX_ASSERT(keys[0].len == keys[1].len && memcmp(keys[0].ptr, keys[1].ptr, keys[0].len) == 0);
			RX_ASSERT(values[0].len == values[1].len && memcmp(values[0].ptr, values[1].ptr, values[0].len) == 0);
		}
		RX_ASSERT(!rexi_cedar_policies_annotation(other, i, at, &keys[1], &values[1]));
	}
}

/* `built` is of the same text as `set`. */
static void check_building(const struct rexi_cedar_engine *engine, const struct rexi_cedar_policies *set, struct rexi_cedar_policies *built)
{
	struct rexi_cedar_policies *copy;

	RX_ASSERT(rexi_cedar_policies_build(built, 0, NULL) == REXI_OK);
	check_alike(engine, set, built);
	RX_ASSERT(rexi_cedar_policies_new(engine, &copy, NULL) == REXI_OK && rexi_cedar_policies_merge(copy, built, NULL) == REXI_OK);
	RX_ASSERT(rexi_cedar_policies_build(copy, 0, NULL) == REXI_OK);
	check_alike(engine, set, copy);
	rexi_cedar_policies_free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rexi_str source = { (const char *)data, size };
	const struct rexi_cedar_limits limits = { .size = sizeof(limits), .nesting = 60, .memory_bytes = 256u << 20 };
	struct rexi_cedar_engine *engine;
	struct rexi_cedar_policies *first, *second;
	struct rexi_error err;
	enum rexi_status status;

	RX_ASSERT(rexi_cedar_engine_new(NULL, &limits, &engine, NULL) == REXI_OK);
	RX_ASSERT(rexi_cedar_policies_new(engine, &first, NULL) == REXI_OK && rexi_cedar_policies_new(engine, &second, NULL) == REXI_OK);
	status = rexi_cedar_policies_add_text(first, source, 0, &err);
	RX_ASSERT(rexi_cedar_policies_add_text(second, source, 0, NULL) == status);
	if (status == REXI_OK) {
		check_printing(engine, first);
		check_building(engine, first, second);
	} else {
		check_errors(first, size);
	}
	rexi_cedar_policies_free(first);
	rexi_cedar_policies_free(second);
	rexi_cedar_engine_free(engine);
	return 0;
}
