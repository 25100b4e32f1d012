/*
 * elf_info on any bytes (sdk/elf.c).
 * Invariant: facts or an error; no handle, grant or memory stays behind.
 */
#include <config.h>

#include "fuzz/sdk_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bench_start("try { @.elf_info().to_map() } catch { }", NULL, 0);
	bench_write(data, size);
	bench_run();
	return 0;
}
