/* The rexi command. */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runner/audit.h"
#include "runner/commands.h"
#include "runner/limits.h"
#include "runner/options.h"
#include "runner/process.h"
#include "runner/run.h"

/* stdio would allocate and buffer; results are whole texts. */
static int put(int fd, struct rx_buf *buf)
{
	const char *at = buf->ptr;
	size_t len = buf->len;

	while (len) {
		ssize_t done = write(fd, at, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return RXR_EXIT_INTERNAL;
		at += done;
		len -= (size_t)done;
	}
	return buf->failed ? RXR_EXIT_INTERNAL : RXR_EXIT_SUCCESS;
}

static int completions(struct rxr_options *options, struct rx_buf *buf)
{
	if (options->word_count == 1 && rxr_completions(buf, options->words[0]))
		return put(STDOUT_FILENO, buf);
	if (options->word_count == 1 && (!strcmp(options->words[0], "--help") || !strcmp(options->words[0], "-h"))) {
		rxr_help(buf, RXR_COMMAND_COMPLETION);
		return put(STDOUT_FILENO, buf);
	}
	RX_BUF_LIT(buf, "error: a shell is needed: bash, zsh or fish\n\nUsage: rexi completions bash|zsh|fish\n");
	put(STDERR_FILENO, buf);
	return RXR_EXIT_USAGE;
}

/* The words of a command that reads its own. */
static int with_words(struct rxr_options *options, int (*command)(int argc, char **argv))
{
	return command((int)options->word_count, options->words);
}

static int dispatch(struct rxr_options *options, struct rx_buf *buf)
{
	if (options->given[RXR_OPTION_HELP]) {
		rxr_help(buf, options->command);
		return put(STDOUT_FILENO, buf);
	}
	if (options->given[RXR_OPTION_VERSION]) {
		rxr_version(buf);
		return put(STDOUT_FILENO, buf);
	}
	if (options->given[RXR_OPTION_PRINT_FUNCTIONS])
		return rxr_functions_main();
	switch (options->command) {
	case RXR_COMMAND_RUN:
		return rxr_run_main(options);
	case RXR_COMMAND_CHECK:
		return rxr_check_main(options);
	case RXR_COMMAND_POLICY:
		return with_words(options, rexi_policy_main);
	case RXR_COMMAND_CEDAR:
		return with_words(options, rexi_cedar_main);
	case RXR_COMMAND_API:
		return with_words(options, rexi_api_main);
	case RXR_COMMAND_AUDIT:
		return with_words(options, rxr_audit_main);
	case RXR_COMMAND_LIMITS:
		rxr_limits_list(buf, options->given[RXR_OPTION_JSON]);
		return put(STDOUT_FILENO, buf);
	case RXR_COMMAND_DEBUG:
		return rxr_bytecode_main(options);
	case RXR_COMMAND_COMPLETION:
		return completions(options, buf);
	case RXR_COMMAND_COUNT:
		break;
	}
	rx_unreachable();
}

int main(int argc, char **argv)
{
	struct rxr_options options;
	struct rx_memory memory;
	struct rx_buf buf;
	int result = RXR_EXIT_USAGE;

	rxr_process_prepare();
	rx_memory_init(&memory, NULL, 0);
	rx_buf_init(&buf, &memory, 0);
	if (!rxr_options_parse(&options, &memory, argc, argv, &buf))
		put(STDERR_FILENO, &buf);
	else
		result = dispatch(&options, &buf);
	rxr_options_fini(&options);
	rx_buf_fini(&buf);
	return result;
}
