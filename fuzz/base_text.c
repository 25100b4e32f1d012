/*
 * UTF-8, Unicode and numbers of base/.
 * Invariants: lossy decoding gives valid UTF-8 and leaves valid text as it is; counting and offsets agree; the debug form
 * is valid UTF-8; a number that parses prints to a text that reads back as the same number.
 */
#include <config.h>

#include <math.h>
#include <stdint.h>

#include "base/number.h"
#include "base/unicode.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(struct rx_memory *memory, struct rexi_str text)
{
	struct rx_buf lossy, debug;
	size_t valid = rx_utf8_valid(text);

	rx_buf_init(&lossy, memory, 0);
	rx_buf_init(&debug, memory, 0);
	rx_utf8_lossy(&lossy, text);
	text = rx_buf_view(&lossy);
	RX_ASSERT(rx_utf8_valid(text) == text.len);
	RX_ASSERT(valid <= text.len);
	RX_ASSERT(rx_utf8_offset(text, rx_utf8_count(text)) == text.len);
	rx_unicode_debug(&debug, text);
	RX_ASSERT(rx_utf8_valid(rx_buf_view(&debug)) == debug.len);
	rx_buf_clear(&debug);
	rx_unicode_upper_str(&debug, text);
	rx_unicode_lower_str(&debug, text);
	RX_ASSERT(rx_utf8_valid(rx_buf_view(&debug)) == debug.len);
	RX_ASSERT(rx_unicode_trim(text).len <= text.len);
	rx_buf_fini(&lossy);
	rx_buf_fini(&debug);
}

static void check_number(struct rx_memory *memory, struct rexi_str text)
{
	struct rx_buf out;
	double x, back;
	int64_t i, again;

	rx_buf_init(&out, memory, 0);
	if (rx_number_parse_f64(text, &x) == RX_NUMBER_OK && isfinite(x)) {
		rx_number_scientific(&out, x);
		RX_ASSERT(rx_number_parse_f64(rx_buf_view(&out), &back) == RX_NUMBER_OK && back == x);
		rx_buf_clear(&out);
		rx_number_plain(&out, x);
		RX_ASSERT(rx_number_parse_f64(rx_buf_view(&out), &back) == RX_NUMBER_OK && back == x);
	}
	rx_buf_clear(&out);
	if (rx_number_parse_i64(text, 10, &i) == RX_NUMBER_OK) {
		rx_buf_i64(&out, i);
		RX_ASSERT(rx_number_parse_i64(rx_buf_view(&out), 10, &again) == RX_NUMBER_OK && again == i);
	}
	rx_buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rexi_str text = { (const char *)data, size };
	struct rx_memory memory;

	rx_memory_init(&memory, NULL, 64 << 20);
	check_text(&memory, text);
	check_number(&memory, text);
	RX_ASSERT(memory.used == 0);
	return 0;
}
