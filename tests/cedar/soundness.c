/* Random policies until N have validated strictly (an argument; 2,000 by default): none may err. Deterministic. */
#include <config.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

extern unsigned long rxc_sound_validated;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
	unsigned long wanted = argc > 1 ? strtoul(argv[1], NULL, 10) : 2000, tried = 0;
	uint64_t state = 88172645463325252u;
	uint8_t bytes[256];

	while (rxc_sound_validated < wanted && tried < wanted * 1000 + 1000) {
		for (size_t i = 0; i < sizeof(bytes); i += 8) {
			state ^= state << 13;
			state ^= state >> 7;
			state ^= state << 17;
			for (size_t j = 0; j < 8; j++)
				bytes[i + j] = (uint8_t)(state >> (8 * j));
		}
		(void)LLVMFuzzerTestOneInput(bytes, sizeof(bytes));
		tried++;
	}
	printf("%lu policies validated of %lu, none erred\n", rxc_sound_validated, tried);
	return rxc_sound_validated >= wanted ? EXIT_SUCCESS : EXIT_FAILURE;
}
