/*
 * Certificates (sdk/certificate.c): the input as leaf, root and intermediate at once.
 * Invariant: an answer or an error; nothing stays behind.
 */
#include <config.h>

#include "fuzz/sdk_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bench_start("let h = @; try { h.verify_cert(h) } catch { } try { h.verify_cert_chain(h, [h], VerifyCertOptions().host(\"a.b\")"
		    ".purpose(\"any\").all_roots(true).build()) } catch { }", NULL, 0);
	bench_write(data, size);
	bench_run();
	return 0;
}
