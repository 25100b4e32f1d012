/*
 * rexi_cedar_policies_add_json, rexi_cedar_request_set_json.
 * Invariants: the same verdict twice; what reads prints as JSON that reads again and prints alike.
 */
#include <config.h>

#include <rexi/cedar.h>

#include <string.h>

#include "base/compiler.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_set(const struct rexi_cedar_engine *engine, const struct rexi_cedar_policies *set)
{
	struct rexi_cedar_policies *again;
	struct rexi_cedar_text json, other;

	RX_ASSERT(rexi_cedar_policies_to_json(set, &json, NULL) == REXI_OK);
	RX_ASSERT(rexi_cedar_policies_new(engine, &again, NULL) == REXI_OK);
	RX_ASSERT(rexi_cedar_policies_add_json(again, (struct rexi_str){ "p", 1 }, (struct rexi_str){ json.ptr, json.len }, NULL) == REXI_OK);
	RX_ASSERT(rexi_cedar_policies_to_json(again, &other, NULL) == REXI_OK);
	RX_ASSERT(json.len == other.len && memcmp(json.ptr, other.ptr, json.len) == 0);
	rexi_cedar_text_free(engine, &json);
	rexi_cedar_text_free(engine, &other);
	rexi_cedar_policies_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rexi_str source = { (const char *)data, size };
	const struct rexi_cedar_limits limits = { .size = sizeof(limits), .nesting = 60, .memory_bytes = 256u << 20 };
	struct rexi_cedar_engine *engine;
	struct rexi_cedar_policies *first, *second;
	struct rexi_cedar_request *request;
	enum rexi_status status;

	RX_ASSERT(rexi_cedar_engine_new(NULL, &limits, &engine, NULL) == REXI_OK);
	RX_ASSERT(rexi_cedar_policies_new(engine, &first, NULL) == REXI_OK && rexi_cedar_policies_new(engine, &second, NULL) == REXI_OK);
	RX_ASSERT(rexi_cedar_request_new(engine, &request, NULL) == REXI_OK);
	status = rexi_cedar_policies_add_json(first, (struct rexi_str){ "p", 1 }, source, NULL);
	RX_ASSERT(rexi_cedar_policies_add_json(second, (struct rexi_str){ "p", 1 }, source, NULL) == status);
	if (status == REXI_OK)
		check_set(engine, first);
	status = rexi_cedar_request_set_json(request, source, NULL, NULL, NULL, NULL);
	RX_ASSERT(rexi_cedar_request_set_json(request, source, NULL, NULL, NULL, NULL) == status);
	rexi_cedar_request_free(request);
	rexi_cedar_policies_free(first);
	rexi_cedar_policies_free(second);
	rexi_cedar_engine_free(engine);
	return 0;
}
