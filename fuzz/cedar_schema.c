/*
 * Target: rxc_fragment_read, rxc_schema_resolve, rxc_fragment_to_cedar, rxc_fragment_to_json (Cedar syntax and JSON).
 * Invariant: no crash, no leak; what is printed in either syntax reads back and prints the same.
 */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>

#include "cedar/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_print(struct rx_memory *memory, struct rx_arena *arena, const struct rxc_fragment *fragment)
{
	struct rxc_fragment *again;
	struct rx_buf cedar, json, json_again;
	struct rexi_error err;

	rx_buf_init(&cedar, memory, 0);
	rx_buf_init(&json, memory, 0);
	rx_buf_init(&json_again, memory, 0);
	if (rxc_fragment_to_json(fragment, &json, &err) != REXI_OK)
		abort();
	if (rxc_fragment_read_json(arena, rx_buf_view(&json), &again, &err) != REXI_OK ||
	    rxc_fragment_to_json(again, &json_again, &err) != REXI_OK || !rx_str_eq(rx_buf_view(&json), rx_buf_view(&json_again)))
		abort();
	if (rxc_fragment_to_cedar(fragment, &cedar, &err) == REXI_OK && !fragment->is_json) {
		rx_buf_clear(&json_again);
		if (rxc_fragment_read_cedar(arena, rx_buf_view(&cedar), &again, &err) != REXI_OK ||
		    rxc_fragment_to_cedar(again, &json_again, &err) != REXI_OK ||
		    !rx_str_eq(rx_buf_view(&cedar), rx_buf_view(&json_again)))
			abort();
	}
	rx_buf_fini(&cedar);
	rx_buf_fini(&json);
	rx_buf_fini(&json_again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rexi_str text = { (const char *)data, size };
	struct rxc_fragment *fragment;
	struct rxc_schema *schema = NULL;
	struct rx_memory memory;
	struct rx_arena arena;
	struct rexi_error err;

	rx_memory_init(&memory, NULL, 64u << 20);
	rx_arena_init(&arena, &memory);
	if (rxc_fragment_read(&arena, text, &fragment, &err) == REXI_OK) {
		check_print(&memory, &arena, fragment);
		(void)!rxc_schema_resolve(&memory, &fragment, 1, &schema, NULL, &err);
		rxc_schema_free(schema);
	} else if (err.span.start > size || err.span.end > size + 1) {
		abort();
	}
	rx_arena_fini(&arena);
	if (memory.used != 0)
		abort();
	return 0;
}
