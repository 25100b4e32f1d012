/*
 * rexi_cedar_entities_add_json.
 * Invariants: the same verdict twice, in the same store and in another; what loads prints as JSON that loads again and
 * prints alike (parents are closed by then).
 */
#include <config.h>

#include <rexi/cedar.h>

#include <string.h>

#include "base/compiler.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_store(const struct rexi_cedar_engine *engine, const struct rexi_cedar_entities *store)
{
	struct rexi_cedar_entities *again;
	struct rexi_cedar_text json, other;

	if (rexi_cedar_entities_to_json(store, &json, NULL) != REXI_OK)
		return; /* a record uses a reserved key */
	RX_ASSERT(rexi_cedar_entities_new(engine, &again, NULL) == REXI_OK);
	RX_ASSERT(rexi_cedar_entities_add_json(again, (struct rexi_str){ json.ptr, json.len }, NULL, NULL, NULL) == REXI_OK);
	RX_ASSERT(rexi_cedar_entities_to_json(again, &other, NULL) == REXI_OK);
	RX_ASSERT(json.len == other.len && memcmp(json.ptr, other.ptr, json.len) == 0);
	rexi_cedar_text_free(engine, &json);
	rexi_cedar_text_free(engine, &other);
	rexi_cedar_entities_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rexi_str source = { (const char *)data, size };
	const struct rexi_cedar_limits limits = { .size = sizeof(limits), .nesting = 60, .memory_bytes = 256u << 20 };
	struct rexi_cedar_engine *engine;
	struct rexi_cedar_entities *store;
	const char *kind;
	enum rexi_status status;

	RX_ASSERT(rexi_cedar_engine_new(NULL, &limits, &engine, NULL) == REXI_OK);
	RX_ASSERT(rexi_cedar_entities_new(engine, &store, NULL) == REXI_OK);
	status = rexi_cedar_entities_add_json(store, source, NULL, &kind, NULL);
	RX_ASSERT((status == REXI_OK) == (kind == NULL));
	if (status != REXI_OK)
		RX_ASSERT(rexi_cedar_entities_count(store) == 0);
	RX_ASSERT(rexi_cedar_entities_add_json(store, source, NULL, NULL, NULL) == status);
	if (status == REXI_OK)
		check_store(engine, store);
	rexi_cedar_entities_free(store);
	rexi_cedar_engine_free(engine);
	return 0;
}
