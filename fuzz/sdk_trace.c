/*
 * What gdb prints about a core file (sdk/core.c): any text, made UTF-8 first as the SDK does.
 * Invariant: a process with threads in the order of their ids and frames in that of their numbers, or an error.
 */
#include <config.h>

#include "base/utf8.h"
#include "fuzz/sdk_file.h"
#include "sdk/formats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct rexi_str input;

static enum rexi_status defect(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc,
			       struct rxl_value *out)
{
	(void)call, (void)self, (void)args, (void)argc, (void)out;
	abort();
}

static enum rexi_status trace(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc,
			      struct rxl_value *out)
{
	struct rx_buf text;
	enum rexi_status status;
	bool parsed;

	(void)self, (void)args, (void)argc;
	rx_buf_init(&text, bench.session->memory, 0);
	rx_utf8_lossy(&text, input);
	status = rxs_trace_value(bench.session, call, rx_buf_view(&text), (int64_t)(input.len & 1), &parsed, out);
	rx_buf_fini(&text);
	return bench.session->failure.set ? rxs_raise(bench.session, call) : status;
}

static const struct rxl_native natives[] = {
	{ .name = "trace", .params = "", .fn = trace, .flags = RXL_VOLATILE },
	{ .name = "defect", .params = "", .fn = defect, .flags = RXL_VOLATILE },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bench_start("try { let p = trace(); let last = -1; for t in p.threads { if t.id < last { defect(); } last = t.id; let n = -1;"
		    "for f in t.frames { if f.frame_number <= n { defect(); } n = f.frame_number; f.to_map(); } } } catch { }",
		    natives, RX_COUNT(natives));
	input = (struct rexi_str){ (const char *)data, size };
	bench_run();
	return 0;
}
