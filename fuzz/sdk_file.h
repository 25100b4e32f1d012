/*
 * A file that holds the input, behind a session that permits everything, for the targets of readers of file formats. The
 * only one that writes to the host: one file in a folder of its own, removed at the end.
 */
#ifndef FUZZ_SDK_FILE_H
#define FUZZ_SDK_FILE_H

#include <fcntl.h>
#include <rexi/cedar.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lang/engine.h"
#include "lang/error.h"
#include "lang/scope.h"
#include "lang/std/std.h"
#include "sdk/fs.h"
#include "sdk/native.h"

#define NEED(condition) RX_ASSERT(condition)

struct bench {
	char dir[64], path[80];
	int fd;
	struct rexi_cedar_engine *cedar;
	struct rexi_cedar_policies *policies;
	struct rxs_session *session;
	struct rxl_engine *engine;
	struct rxl_unit *unit;
};

static struct bench bench;

static void bench_end(void)
{
	rxl_unit_unref(bench.unit);
	rxl_engine_free(bench.engine);
	NEED(bench.session->handles == 0);
	rxs_session_free(bench.session);
	rexi_cedar_policies_free(bench.policies);
	rexi_cedar_engine_free(bench.cedar);
	close(bench.fd);
	unlink(bench.path);
	rmdir(bench.dir);
}

/* Once: the session, and a script (or NULL) in which @ stands for an open handle on the file. */
static void bench_start(const char *script, const struct rxl_native *natives, size_t native_count)
{
	static const char policy[] = "permit(principal, action, resource);";
	struct rxs_session_options options = { .size = sizeof(options), .principal = "fuzz" };
	struct rxl_compile_options compile = { .strict_variables = false };
	struct rxl_value message = rxl_unit();
	struct rexi_error err = { .message = "" };
	char text[4096], *out = text;
	uint32_t pos;

	if (bench.session)
		return;
	snprintf(bench.dir, sizeof(bench.dir), "%s/rexi-fuzz-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	NEED(mkdtemp(bench.dir));
	snprintf(bench.path, sizeof(bench.path), "%s/f", bench.dir);
	bench.fd = open(bench.path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	NEED(bench.fd >= 0);
	NEED(rexi_cedar_engine_new(NULL, NULL, &bench.cedar, &err) == REXI_OK);
	NEED(rexi_cedar_policies_new(bench.cedar, &bench.policies, &err) == REXI_OK);
	NEED(rexi_cedar_policies_add_text(bench.policies, rx_str(policy), 0, &err) == REXI_OK);
	NEED(rexi_cedar_policies_build(bench.policies, 0, &err) == REXI_OK);
	options.cedar = bench.cedar;
	options.policies = bench.policies;
	NEED(rxs_session_new(&options, &bench.session, &err) == REXI_OK);
	bench.session->limits.read_bytes = 4 << 20;
	bench.session->limits.line_bytes = 1 << 20;
	bench.session->limits.archive_bytes = 8 << 20;
	bench.engine = rxl_engine_new(NULL, 0);
	NEED(bench.engine && rxl_std_register(bench.engine, &err) == REXI_OK);
	NEED(rxs_register(bench.engine, bench.session, &err) == REXI_OK);
	if (native_count)
		NEED(rxl_engine_register(bench.engine, natives, native_count, &err) == REXI_OK);
	atexit(bench_end);
	if (!script)
		return;
	for (; *script; script++)
		if (*script == '@')
			out += snprintf(out, sizeof(text) - (size_t)(out - text),
					"DirConfig().path(\"%s\").build().open(OpenDirOptions().build()).open_file(\"f\", "
					"OpenFileOptions().read(true).build())", bench.dir);
		else
			*out++ = *script;
	*out = '\0';
	NEED(rxl_compile(bench.engine, rx_str(text), &compile, &bench.unit, &message, &pos) == REXI_OK);
}

static RX_UNUSED void bench_write(const void *data, size_t size)
{
	NEED(ftruncate(bench.fd, 0) == 0);
	NEED(pwrite(bench.fd, data, size, 0) == (ssize_t)size);
}

/* Runs the script; whatever it says is fine, but nothing stays behind. */
static RX_UNUSED void bench_run(void)
{
	struct rxl_value value = rxl_unit();

	(void)rxl_engine_run(bench.engine, bench.unit, NULL, &value);
	if (bench.engine->vm.error) {
		rxl_error_free(&bench.engine->heap, bench.engine->vm.error);
		bench.engine->vm.error = NULL;
	}
	rxl_value_drop(&bench.engine->heap, &value);
	bench.session->limit = NULL;
	NEED(bench.session->handles == 0 && bench.session->grant_count == 0);
}

#endif
