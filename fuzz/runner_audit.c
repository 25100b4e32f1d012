/*
 * Hostile records: rxr_audit_verify on any bytes. It answers with a finding inside the text and valid counts, the same
 * twice; a record of our own with the bytes spliced in never verifies whole; `rexi audit show` prints no control
 * character but the newline; nothing is leaked.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runner/audit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
	if (!holds)
		__builtin_trap();
}

static bool whole(struct rx_memory *memory, struct rexi_str text)
{
	struct rxr_audit_finding one, two;
	bool ok = rxr_audit_verify(memory, text, &one);
	uint64_t lines = 0;

	need(ok == rxr_audit_verify(memory, text, &two) && one.records == two.records && one.line == two.line);
	for (size_t i = 0; i < text.len; i++)
		lines += text.ptr[i] == '\n';
	need(one.records <= lines && one.runs <= one.records && one.open_runs <= one.runs);
	need(ok ? one.line == 0 : one.line >= 1 && one.line <= lines + 1 && strnlen(one.message, 200) < 200);
	return ok && one.records && !one.torn && !one.open_runs;
}

/* What show prints, through a file of the kernel's memory; both streams go to another. */
static void show(const uint8_t *data, size_t size)
{
	int in = memfd_create("record", MFD_CLOEXEC), out = memfd_create("shown", MFD_CLOEXEC), old, old_err;
	char path[32], byte[4096], verb[] = "show";
	char *argv[] = { verb, path };
	ssize_t got;

	need(in >= 0 && out >= 0 && write(in, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", in);
	fflush(stdout);
	fflush(stderr);
	old = dup(1);
	old_err = dup(2);
	dup2(out, 1);
	dup2(out, 2);
	(void)rxr_audit_main(2, argv);
	fflush(stdout);
	fflush(stderr);
	dup2(old, 1);
	dup2(old_err, 2);
	close(old);
	close(old_err);
	lseek(out, 0, SEEK_SET);
	while ((got = read(out, byte, sizeof(byte))) > 0)
		for (ssize_t i = 0; i < got; i++)
			need((unsigned char)byte[i] >= 0x20 || byte[i] == '\n');
	close(in);
	close(out);
}

/* A whole record, made by the rule of runner/audit.h. */
static const char own[] =
	"{\"seq\":0,\"run\":\"0123456789abcdef\",\"time\":\"2026-01-01T00:00:00.000000Z\",\"type\":\"run\",\""
	"version\":\"0\",\"prev\":\"0000000000000000000000000000000000000000000000000000000000000000\",\"hash"
	"\":\"8f708c33bc62706a408f9aaf6f3e8459bfeaefca43a6889bfda5d3587e2f6fff\"}\n"
	"{\"seq\":1,\"run\":\"0123456789abcdef\",\"time\":\"2026-01-01T00:00:00.000000Z\",\"type\":\"decision"
	"\",\"number\":1,\"decision\":\"deny\",\"prev\":\"8f708c33bc62706a408f9aaf6f3e8459bfeaefca43a6889bfda"
	"5d3587e2f6fff\",\"hash\":\"18046817c1b2ed19b0329395770fe4f2652f78a41b3f3e7a7676182e826fcbee\"}\n"
	"{\"seq\":2,\"run\":\"0123456789abcdef\",\"time\":\"2026-01-01T00:00:00.000000Z\",\"type\":\"end\",\""
	"status\":\"ERROR\",\"prev\":\"18046817c1b2ed19b0329395770fe4f2652f78a41b3f3e7a7676182e826fcbee\",\"h"
	"ash\":\"2e9102c52dfa280c99d10567332ab8a77c57e7a47650675ed657b2e594b91e9a\"}\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rx_memory memory;
	struct rx_buf spliced;

	rx_memory_init(&memory, NULL, 64u << 20);
	(void)whole(&memory, rx_str_make((const char *)data, size));
	if (size < 4096)
		show(data, size);
	need(whole(&memory, rx_str_make(own, sizeof(own) - 1)));
	if (size > 2) {
		/* the first two bytes say where */
		size_t at = ((size_t)data[0] << 8 | data[1]) % sizeof(own);

		rx_buf_init(&spliced, &memory, 0);
		rx_buf_bytes(&spliced, own, at);
		rx_buf_bytes(&spliced, data + 2, size - 2);
		rx_buf_bytes(&spliced, own + at, sizeof(own) - 1 - at);
		need(!whole(&memory, rx_buf_view(&spliced)));
		rx_buf_fini(&spliced);
	}
	need(memory.used == 0);
	return 0;
}
