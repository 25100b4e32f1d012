/* Runs one script without policy or host and prints its value: for benchmarks of the language alone. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/engine.h"
#include "lang/std/std.h"

int main(int argc, char **argv)
{
	struct rxl_engine *engine = rxl_engine_new(NULL, 0);
	struct rxl_compile_options options = { 0 };
	FILE *file = argc > 1 ? fopen(argv[argc - 1], "rb") : NULL;
	char *text = NULL;
	size_t len = 0, cap = 0, got;
	struct rxl_unit *unit;
	struct rxl_value message, result = rxl_unit();
	struct rx_buf buf;
	uint32_t pos;
	enum rexi_status status;

	if (!engine || rxl_std_register(engine, NULL) != REXI_OK || !file) {
		fprintf(stderr, "usage: rhai-run [--bytecode] FILE\n");
		return 2;
	}
	do {
		if (cap - len < 65536 && !(text = realloc(text, cap = cap * 2 + 131072)))
			return 2;
		got = fread(text + len, 1, 65536, file);
		len += got;
	} while (got);
	fclose(file);
	rx_buf_init(&buf, &engine->heap.memory, 0);
	status = rxl_compile(engine, rx_str_make(text, len), &options, &unit, &message, &pos);
	free(text);
	if (status != REXI_OK) {
		if (rxl_is_string(&message))
			rx_buf_str(&buf, rxl_string_view(&message));
		rxl_error_pos_text(pos, &buf);
		fprintf(stderr, "%.*s\n", (int)buf.len, buf.ptr ? buf.ptr : "");
		return 1;
	}
	if (argc > 2 && strcmp(argv[1], "--bytecode") == 0) {
		rxl_unit_dump(unit, &buf);
		fwrite(buf.ptr, 1, buf.len, stdout);
		return 0;
	}
	status = rxl_engine_run(engine, unit, NULL, &result);
	if (status == REXI_OK)
		rxl_value_display(&result, &buf);
	else if (engine->vm.error)
		rxl_error_text(engine->vm.error, &buf, true);
	fprintf(status == REXI_OK ? stdout : stderr, "%.*s\n", (int)buf.len, buf.ptr ? buf.ptr : "");
	rx_buf_fini(&buf);
	rxl_value_drop(&engine->heap, &result);
	rxl_unit_unref(unit);
	rxl_engine_free(engine);
	return status != REXI_OK;
}
