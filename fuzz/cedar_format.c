/*
 * Target: rexi_cedar_format.
 * Invariant: what parses formats, the result parses, and formatting it again changes nothing.
 */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>

#include <rexi/cedar_schema.h>

#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rexi_cedar_text once, twice;
	struct rexi_cedar_engine *engine;
	struct rexi_error err;

	if (rexi_cedar_engine_new(NULL, NULL, &engine, &err) != REXI_OK)
		return 0;
	switch (rexi_cedar_format(engine, rx_str_make((const char *)data, size), 0, 0, &once, &err)) {
	case REXI_OK:
		if (rexi_cedar_format(engine, rx_str_make(once.ptr, once.len), 0, 0, &twice, &err) != REXI_OK ||
		    !rx_str_eq(rx_str_make(once.ptr, once.len), rx_str_make(twice.ptr, twice.len)))
			abort();
		rexi_cedar_text_free(engine, &once);
		rexi_cedar_text_free(engine, &twice);
		break;
	case REXI_INTERNAL: abort();
	default: break;
	}
	rexi_cedar_engine_free(engine);
	return 0;
}
