/* The command line: parsed by the rules of the reference's parser (clap): --name=value, -n value, -nvalue, -ab. */
#ifndef RXR_OPTIONS_H
#define RXR_OPTIONS_H

#include "base/buf.h"

enum rxr_command {
#define REXI_COMMAND(id, name, rest, help) RXR_COMMAND_##id,
#include "runner/options.def"
#undef REXI_COMMAND
	RXR_COMMAND_COUNT
};

enum rxr_option {
#define REXI_OPTION(id, name, letter, kind, value, commands, help) RXR_OPTION_##id,
#include "runner/options.def"
#undef REXI_OPTION
	RXR_OPTION_COUNT
};

enum rxr_exit {
#define REXI_EXIT(id, number, text) RXR_EXIT_##id = number,
#include "runner/options.def"
#undef REXI_EXIT
};

enum rxr_option_kind { RXR_KIND_FLAG, RXR_KIND_TEXT, RXR_KIND_CHOICE, RXR_KIND_LIST };

struct rxr_option_row {
	const char *name;
	char letter; /* 0 for none */
	enum rxr_option_kind kind;
	const char *value; /* its name, or the choices split by | */
	unsigned commands; /* bits of 1 << enum rxr_command */
	const char *help;
};

struct rxr_command_row {
	const char *name, *rest, *help;
};

extern const struct rxr_option_row rxr_option_rows[RXR_OPTION_COUNT];
extern const struct rxr_command_row rxr_command_rows[RXR_COMMAND_COUNT];

/* A value given to a LIST option, in the order of the command line. */
struct rxr_list_item {
	enum rxr_option option;
	const char *value; /* borrowed from argv */
};

struct rxr_options {
	enum rxr_command command;
	bool named;                             /* the command stood on the command line */
	bool given[RXR_OPTION_COUNT];
	const char *value[RXR_OPTION_COUNT];    /* of TEXT options; borrowed from argv */
	unsigned choice[RXR_OPTION_COUNT];      /* of CHOICE options: number of the word, 0 when not given */
	struct rxr_list_item *items;            /* of LIST options */
	size_t item_count, item_cap;
	char **words;                           /* what follows the command name or `--`, borrowed from argv */
	size_t word_count;
	struct rx_memory *memory;
};

/*
 * Parses argv. The commands that read their own words (policy, cedar, api, audit, completions) get them in `words`
 * unparsed. false: a usage error, whose text (with the usage line) was appended to `complaint`.
 * The caller ends *out with rxr_options_fini() either way.
 */
RX_NODISCARD bool rxr_options_parse(struct rxr_options *out, struct rx_memory *memory, int argc, char **argv,
				    struct rx_buf *complaint);
void rxr_options_fini(struct rxr_options *options);

/* Texts made from the tables. */
void rxr_help(struct rx_buf *buf, enum rxr_command command);
void rxr_version(struct rx_buf *buf);
/* shell: bash, zsh, fish; or mdoc-options, mdoc-commands, mdoc-exit, mdoc-environment, mdoc-limits, the tables of the
 * manual pages. false when unknown. */
bool rxr_completions(struct rx_buf *buf, const char *shell);

#endif
