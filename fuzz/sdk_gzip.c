/*
 * The readers of gzip data (sdk/gzip.c): lines from both ends, searches, sizes.
 * Invariant: the same text gives the same lines whichever end it is read from; nothing stays behind.
 */
#include <config.h>

#include "fuzz/sdk_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum rexi_status defect(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc,
			       struct rxl_value *out)
{
	(void)call, (void)self, (void)args, (void)argc, (void)out;
	abort();
}

static const struct rxl_native differs[] = { { .name = "defect", .params = "", .fn = defect, .flags = RXL_VOLATILE } };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bench_start("let h = @; let all = (); try { all = h.read_gzip_lines(ReadLinesOptions().count(100000).build()); } catch { }"
		    "try { h.gzip_info().to_map() } catch { }"
		    "try { h.search_gzip(\"a.*b|c\", SearchGzipOptions().max_results(-3).exclude_pattern(\"x\").build()) } catch { }"
		    "if all != () { let end = h.read_gzip_lines(ReadLinesOptions().count(-100000).build());"
		    "if end != all { defect(); } }", differs, RX_COUNT(differs));
	bench_write(data, size);
	bench_run();
	return 0;
}
