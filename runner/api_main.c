/* rexi api: every function of the SDK with its signature, what it asks for, and an example. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "runner/commands.h"
#include "sdk/native.h"

/* rexi api [--json | --md] [WORD]: only functions whose name or meaning holds WORD. */
int rexi_api_main(int argc, char **argv)
{
	enum rxs_api_form form = RXS_API_PLAIN;
	const char *filter = NULL;
	struct rx_memory memory;
	struct rx_buf text;
	int result = 0;

	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0) {
			form = RXS_API_JSON;
		} else if (strcmp(argv[i], "--md") == 0) {
			form = RXS_API_MARKDOWN;
		} else if (argv[i][0] == '-' || filter) {
			fprintf(stderr, "error: usage: rexi api [--json | --md] [WORD]\n");
			return 2;
		} else {
			filter = argv[i];
		}
	}
	rx_memory_init(&memory, NULL, 0);
	rx_buf_init(&text, &memory, 0);
	if (rxs_api_print(form, filter, &text) != REXI_OK || fwrite(text.ptr ? text.ptr : "", 1, text.len, stdout) != text.len ||
	    fflush(stdout) != 0)
		result = 70;
	rx_buf_fini(&text);
	return result;
}
