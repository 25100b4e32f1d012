/* index_equality [decisions]: random decisions with and without the index. `make check` runs a few, and
 * `make check-cedar-index` a million. */
#include <config.h>

#include "generate.h"

int main(int argc, char **argv)
{
	unsigned long want = argc > 1 ? strtoul(argv[1], NULL, 10) : 8000;
	unsigned long done = 0;

	for (uint64_t seed = 1; done < want; seed++)
		done += generate_and_compare(seed * 0x9E3779B97F4A7C15u, 20);
	printf("%lu decisions alike with and without the index\n", done);
	return 0;
}
