/*
 * rxl_compile and rxl_engine_run: a script compiled and run under limits, the same twice, and with an allocation failing.
 * Invariants: both runs end alike, with the same value or error; an error has a text and its place lies in the source;
 * what a limit ends, ends; nothing leaks; the byte code holds what the verifier asks.
 */
#include <config.h>

#include "base/hash.h"
#include "lang/engine.h"
#include "lang/std/std.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OPERATIONS = 20000, MEMORY = 32 << 20, ITEMS = 5000, TEXT = 200000 };

static struct rxl_engine *engine_make(size_t fail_at)
{
	struct rxl_engine *engine = rxl_engine_new(NULL, MEMORY);

	RX_ASSERT(engine);
	RX_ASSERT(rxl_std_register(engine, NULL) == REXI_OK);
	/* no clock, and nothing waits */
	RX_ASSERT(rxl_engine_disable(engine, RX_STR("sleep")) == REXI_OK);
	RX_ASSERT(rxl_engine_disable(engine, RX_STR("timestamp")) == REXI_OK);
	engine->limits.operations = OPERATIONS;
	engine->limits.sizes = true;
	engine->heap.max_string = TEXT;
	engine->heap.max_array = ITEMS;
	engine->heap.max_map = ITEMS;
	engine->closure_seed = 1;
	if (fail_at)
		engine->heap.memory.fail_at = fail_at;
	return engine;
}

struct answer {
	enum rexi_status status;
	uint64_t hash;
};

static struct answer run(struct rexi_str source, bool strict, size_t fail_at)
{
	struct rxl_engine *engine = engine_make(fail_at);
	struct rxl_compile_options options = { .strict_variables = strict };
	struct answer answer = { .hash = 0 };
	struct rxl_value message, result;
	struct rxl_unit *unit;
	struct rx_memory plain;
	struct rx_buf text;
	uint32_t pos;

	rx_memory_init(&plain, NULL, 0);
	rx_buf_init(&text, &plain, (size_t)1 << 20);
	engine->strict_variables = strict;
	answer.status = rxl_compile(engine, source, &options, &unit, &message, &pos);
	if (answer.status == REXI_OK) {
		RX_ASSERT(rxl_unit_verify(unit, &text));
		answer.status = rxl_engine_run(engine, unit, NULL, &result);
		if (answer.status == REXI_OK) {
			rxl_value_host_debug(&result, &text);
		} else if (engine->vm.error) {
			rxl_error_text(engine->vm.error, &text, true);
			RX_ASSERT(text.len > 0 || text.failed);
			RX_ASSERT((engine->vm.error->pos >> 16) <= source.len + 1);
		} else {
			RX_ASSERT(answer.status == REXI_NO_MEMORY);
		}
		rxl_value_drop(&engine->heap, &result);
		rxl_unit_unref(unit);
	} else {
		RX_ASSERT(answer.status == REXI_NO_MEMORY || rxl_is_string(&message));
		if (rxl_is_string(&message))
			rx_buf_str(&text, rxl_string_view(&message));
		rxl_value_drop(&engine->heap, &message);
	}
	answer.hash = text.failed ? 1 : rx_hash_bytes(text.ptr ? text.ptr : "", text.len, 0);
	rx_buf_fini(&text);
	rxl_engine_free(engine);
	return answer;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rexi_str source = { (const char *)data, size };
	struct answer first = run(source, size & 1, 0), second = run(source, size & 1, 0);

	RX_ASSERT(first.status == second.status && first.hash == second.hash);
	run(source, size & 1, 300 + size % 997);
	return 0;
}
