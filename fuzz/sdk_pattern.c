/*
 * Patterns of scripts: regular expressions (sdk/text_pattern*.c), file-name patterns (text_wildcard.c), redaction templates
 * (text_redact.c). The first line is the pattern or dictionary, the rest the text.
 * Invariants: matches lie inside the text at characters' borders and in order; a replacement is valid UTF-8; redaction keeps
 * the number of lines and shows whole lines or nothing; no memory stays behind.
 */
#include <config.h>

#include <stdint.h>
#include <string.h>

#include "base/compiler.h"
#include "base/utf8.h"
#include "sdk/text_pattern.h"
#include "sdk/text_redact.h"
#include "sdk/text_wildcard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_regex(struct rx_memory *memory, struct rexi_str pattern, struct rexi_str text)
{
	struct rxs_pattern *regex = NULL;
	struct rxs_pattern_match match;
	struct rx_buf why, out;
	bool found = true;
	size_t from = 0;

	rx_buf_init(&why, memory, 0);
	rx_buf_init(&out, memory, 1 << 20);
	if (rxs_pattern_new(memory, pattern, (unsigned)(text.len & 1), &regex, &why) == REXI_OK) {
		for (int i = 0; i < 64 && from <= text.len; i++) {
			if (rxs_pattern_find(regex, text, from, 0, &found, &match) != REXI_OK || !found)
				break;
			RX_ASSERT(match.count > 0 && match.offsets[0] >= from && match.offsets[0] <= match.offsets[1] &&
				  match.offsets[1] <= text.len);
			RX_ASSERT(rx_utf8_valid(rx_str_sub(text, 0, match.offsets[0])) == match.offsets[0]);
			RX_ASSERT(rx_utf8_valid(rx_str_sub(text, 0, match.offsets[1])) == match.offsets[1]);
			from = match.offsets[1] > from ? match.offsets[1] : text.len + 1;
		}
		if (rxs_pattern_replace(regex, text, RX_STR("<$0$1${a}$$>"), true, &out) == REXI_OK && !out.failed)
			RX_ASSERT(rx_utf8_valid(rx_buf_view(&out)) == out.len);
	}
	rxs_pattern_free(regex);
	rx_buf_fini(&why);
	rx_buf_fini(&out);
}

static void check_wildcard(struct rx_memory *memory, struct rexi_str pattern, struct rexi_str text)
{
	struct rxs_wildcard *glob = NULL;
	struct rx_buf why;

	rx_buf_init(&why, memory, 0);
	if (rxs_wildcard_new(memory, pattern, text.len & 1, &glob, &why) == REXI_OK)
		(void)rxs_wildcard_matches(glob, text);
	rxs_wildcard_free(glob);
	rx_buf_fini(&why);
}

static void check_redaction(struct rx_memory *memory, struct rexi_str dictionary, struct rexi_str text)
{
	struct rxs_redactor *redactor = NULL;
	struct rx_buf out;

	rx_buf_init(&out, memory, 0);
	if (rxs_redactor_new(memory, dictionary, &redactor) == REXI_OK) {
		size_t from = 0;

		rxs_redactor_apply(redactor, text, &out);
		RX_ASSERT(out.failed || rx_utf8_valid(rx_buf_view(&out)) == out.len);
		for (size_t at = 0; at < out.len && !out.failed;) {
			struct rexi_str rest = rx_str_sub(rx_buf_view(&out), at, SIZE_MAX), line;
			size_t end = rx_str_find(rest, RX_STR("\n"), 0);

			line = rx_str_sub(rest, 0, end == SIZE_MAX ? rest.len : end);
			if (!rx_str_eq(line, RX_STR(RXS_REDACTED)) && line.len) {
				size_t place = rx_str_find(text, line, from);

				RX_ASSERT(place != SIZE_MAX); /* whole lines of the text, in its order */
				from = place + line.len;
			}
			at += line.len + 1;
		}
	}
	rxs_redactor_free(redactor);
	rx_buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rx_memory memory;
	struct rx_buf input;
	struct rexi_str all, pattern, text;
	size_t end;

	if (size > 4096)
		return 0;
	rx_memory_init(&memory, NULL, 256 << 20);
	rx_buf_init(&input, &memory, 0);
	rx_utf8_lossy(&input, (struct rexi_str){ (const char *)data, size });
	all = rx_buf_view(&input);
	end = rx_str_find(all, RX_STR("\n"), 0);
	pattern = rx_str_sub(all, 0, end == SIZE_MAX ? all.len : end);
	text = rx_str_sub(all, pattern.len + 1, SIZE_MAX);
	check_regex(&memory, pattern, text);
	check_wildcard(&memory, pattern, text);
	check_redaction(&memory, pattern, text);
	rx_buf_fini(&input);
	RX_ASSERT(memory.used == 0);
	return 0;
}
