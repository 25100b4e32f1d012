/*
 * rexi_cedar_authorize on random policies, entities and requests, which the input's bytes choose.
 * Invariants: with and without the index, and twice, the same decision, reasons and errors; explaining changes nothing;
 * the policies printed and parsed again decide alike.
 */
#include <config.h>

#include "../tests/cedar/generate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t seed = 1469598103934665603u;

	for (size_t i = 0; i < size; i++)
		seed = (seed ^ data[i]) * 1099511628211u;
	generate_and_compare(seed, 4);
	return 0;
}
