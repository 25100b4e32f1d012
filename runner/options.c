#include <config.h>

#include "runner/options.h"

#include "base/utf8.h"

enum { R = 1 << RXR_COMMAND_RUN, C = 1 << RXR_COMMAND_CHECK, D = 1 << RXR_COMMAND_DEBUG, A = 1 << RXR_COMMAND_AUDIT,
       L = 1 << RXR_COMMAND_LIMITS };

const struct rxr_option_row rxr_option_rows[RXR_OPTION_COUNT] = {
#define REXI_OPTION(id, name, letter, kind, value, commands, help) \
	{ name, letter, RXR_KIND_##kind, value, (unsigned)(commands), help },
#include "runner/options.def"
#undef REXI_OPTION
};

const struct rxr_command_row rxr_command_rows[RXR_COMMAND_COUNT] = {
#define REXI_COMMAND(id, name, rest, help) { name, rest, help },
#include "runner/options.def"
#undef REXI_COMMAND
};

struct parser {
	struct rxr_options *out;
	struct rx_buf *complaint;
	int argc, at;
	char **argv;
};

/* The clap spelling of an option in a message: --output-format <FORMAT>. */
static void name_option(struct rx_buf *buf, const struct rxr_option_row *row)
{
	rx_buf_printf(buf, "--%s", row->name);
	if (row->kind != RXR_KIND_FLAG)
		rx_buf_printf(buf, " <%s>", row->value);
}

static bool usage_error(struct parser *parser)
{
	const struct rxr_command_row *row = &rxr_command_rows[parser->out->command];

	if (parser->out->command == RXR_COMMAND_RUN)
		RX_BUF_LIT(parser->complaint, "\n\nUsage: rexi --script-file <FILE> --policy-file <FILE> [OPTIONS]"
					      "\n\nFor more information, try '--help'.\n");
	else
		rx_buf_printf(parser->complaint, "\n\nUsage: rexi %s %s\n\nFor more information, try '--help'.\n", row->name,
			      row->rest);
	return false;
}

static bool unexpected(struct parser *parser, struct rexi_str word)
{
	struct rexi_str names[RXR_OPTION_COUNT], near;
	size_t count = 0;

	RX_BUF_LIT(parser->complaint, "error: unexpected argument '");
	rx_utf8_lossy(parser->complaint, word);
	RX_BUF_LIT(parser->complaint, "' found");
	if (word.len > 2 && word.ptr[0] == '-' && word.ptr[1] == '-') {
		for (int i = 0; i < RXR_OPTION_COUNT; i++) {
			if (rxr_option_rows[i].commands & 1U << parser->out->command)
				names[count++] = rx_str(rxr_option_rows[i].name);
		}
		near = rx_str_nearest(rx_str_sub(word, 2, word.len), names, count);
		if (near.ptr)
			rx_buf_printf(parser->complaint, "\n\n  tip: a similar argument exists: '--%.*s'", RX_STR_ARG(near));
	}
	return usage_error(parser);
}

static bool choose(struct parser *parser, enum rxr_option option, const char *value)
{
	const struct rxr_option_row *row = &rxr_option_rows[option];
	struct rexi_str rest = rx_str(row->value);

	for (unsigned number = 0;; number++) {
		size_t bar = rx_str_find(rest, RX_STR("|"), 0);

		if (rx_str_eq(rx_str_sub(rest, 0, bar == SIZE_MAX ? rest.len : bar), rx_str(value))) {
			parser->out->choice[option] = number;
			return true;
		}
		if (bar == SIZE_MAX)
			break;
		rest = rx_str_sub(rest, bar + 1, rest.len);
	}
	RX_BUF_LIT(parser->complaint, "error: invalid value '");
	rx_utf8_lossy(parser->complaint, rx_str(value));
	rx_buf_printf(parser->complaint, "' for '--%s'\n  [possible values: ", row->name);
	for (const char *p = row->value; *p; p++)
		*p == '|' ? RX_BUF_LIT(parser->complaint, ", ") : rx_buf_byte(parser->complaint, *p);
	rx_buf_byte(parser->complaint, ']');
	return usage_error(parser);
}

static bool take(struct parser *parser, enum rxr_option option, const char *value)
{
	const struct rxr_option_row *row = &rxr_option_rows[option];
	struct rxr_options *out = parser->out;

	if (out->given[option] && row->kind != RXR_KIND_LIST && option != RXR_OPTION_HELP && option != RXR_OPTION_VERSION) {
		RX_BUF_LIT(parser->complaint, "error: the argument '");
		name_option(parser->complaint, row);
		RX_BUF_LIT(parser->complaint, "' cannot be used multiple times");
		return usage_error(parser);
	}
	out->given[option] = true;
	if (row->kind == RXR_KIND_LIST) {
		if (!RX_GROW(out->memory, &out->items, &out->item_cap, out->item_count + 1))
			return false;
		out->items[out->item_count++] = (struct rxr_list_item){ option, value };
	}
	out->value[option] = value;
	return row->kind != RXR_KIND_CHOICE || choose(parser, option, value);
}

/* The value stands in the next word. As in the reference's parser a word that looks like an option is none. */
static bool take_next(struct parser *parser, enum rxr_option option)
{
	const char *word = parser->at < parser->argc ? parser->argv[parser->at] : NULL;

	if (!word || (word[0] == '-' && word[1])) {
		RX_BUF_LIT(parser->complaint, "error: a value is required for '");
		name_option(parser->complaint, &rxr_option_rows[option]);
		RX_BUF_LIT(parser->complaint, "' but none was supplied");
		return usage_error(parser);
	}
	parser->at++;
	return take(parser, option, word);
}

static bool parse_long(struct parser *parser, char *word)
{
	struct rexi_str text = rx_str(word + 2);
	size_t equals = rx_str_find(text, RX_STR("="), 0);
	struct rexi_str name = rx_str_sub(text, 0, equals == SIZE_MAX ? text.len : equals);

	for (int i = 0; i < RXR_OPTION_COUNT; i++) {
		const struct rxr_option_row *row = &rxr_option_rows[i];

		if (!(row->commands & 1U << parser->out->command) || !rx_str_eq(name, rx_str(row->name)))
			continue;
		if (row->kind != RXR_KIND_FLAG)
			return equals == SIZE_MAX ? take_next(parser, (enum rxr_option)i)
						  : take(parser, (enum rxr_option)i, word + 2 + equals + 1);
		if (equals != SIZE_MAX) {
			rx_buf_printf(parser->complaint, "error: unexpected value '");
			rx_utf8_lossy(parser->complaint, rx_str(word + 2 + equals + 1));
			rx_buf_printf(parser->complaint, "' for '--%s' found; no more were expected", row->name);
			return usage_error(parser);
		}
		return take(parser, (enum rxr_option)i, "");
	}
	return unexpected(parser, rx_str_make(word, 2 + name.len));
}

static bool parse_letters(struct parser *parser, char *word)
{
	for (char *p = word + 1; *p; p++) {
		int option = 0;

		while (option < RXR_OPTION_COUNT && (rxr_option_rows[option].letter != *p ||
						     !(rxr_option_rows[option].commands & 1U << parser->out->command)))
			option++;
		if (option == RXR_OPTION_COUNT) {
			char shown[5] = { '-', *p, 0, 0, 0 };

			return unexpected(parser, (unsigned char)*p < 0x80 ? rx_str(shown) : rx_str(word));
		}
		if (rxr_option_rows[option].kind != RXR_KIND_FLAG) {
			if (!p[1])
				return take_next(parser, (enum rxr_option)option);
			return take(parser, (enum rxr_option)option, p + 1 + (p[1] == '='));
		}
		if (!take(parser, (enum rxr_option)option, ""))
			return false;
	}
	return true;
}

/* Its words are read by the command itself. */
static bool has_own_words(enum rxr_command command)
{
	return command == RXR_COMMAND_POLICY || command == RXR_COMMAND_CEDAR || command == RXR_COMMAND_API ||
	       command == RXR_COMMAND_AUDIT || command == RXR_COMMAND_COMPLETION;
}

static bool require(struct parser *parser)
{
	static const struct {
		enum rxr_option option;
		unsigned commands;
	} needed[] = { { RXR_OPTION_SCRIPT, R | C | D }, { RXR_OPTION_POLICY, R | C } };
	bool missing = false;

	for (size_t i = 0; i < RX_COUNT(needed); i++) {
		if (parser->out->given[needed[i].option] || !(needed[i].commands & 1U << parser->out->command))
			continue;
		if (!missing)
			RX_BUF_LIT(parser->complaint, "error: the following required arguments were not provided:");
		missing = true;
		RX_BUF_LIT(parser->complaint, "\n  ");
		name_option(parser->complaint, &rxr_option_rows[needed[i].option]);
	}
	return !missing || usage_error(parser);
}

/* What contradicts itself. */
static bool agree(struct parser *parser)
{
	static const enum rxr_option inputs[] = { RXR_OPTION_SCRIPT, RXR_OPTION_POLICY, RXR_OPTION_ARGUMENTS_FILE };
	const struct rxr_options *out = parser->out;
	const char *digest = out->value[RXR_OPTION_POLICY_SHA256];
	unsigned standard = 0;

	for (size_t i = 0; i < RX_COUNT(inputs); i++)
		standard += out->value[inputs[i]] && strcmp(out->value[inputs[i]], "-") == 0;
	if (standard > 1) {
		RX_BUF_LIT(parser->complaint, "error: standard input '-' can be given once");
		return usage_error(parser);
	}
	if (out->given[RXR_OPTION_AUDIT_REQUIRED] && !out->given[RXR_OPTION_AUDIT]) {
		RX_BUF_LIT(parser->complaint, "error: '--audit-required' needs '--audit <SINK>'");
		return usage_error(parser);
	}
	if (digest && (strlen(digest) != 64 || strspn(digest, "0123456789abcdefABCDEF") != 64)) {
		RX_BUF_LIT(parser->complaint, "error: invalid value for '--policy-sha256 <HEX>': 64 hexadecimal digits are wanted");
		return usage_error(parser);
	}
	return true;
}

static void find_command(struct parser *parser)
{
	if (parser->argc < 2)
		return;
	for (int i = 0; i < RXR_COMMAND_COUNT; i++) {
		if (strcmp(parser->argv[1], rxr_command_rows[i].name) == 0) {
			parser->out->command = (enum rxr_command)i;
			parser->out->named = true;
			parser->at++;
		}
	}
}

bool rxr_options_parse(struct rxr_options *out, struct rx_memory *memory, int argc, char **argv, struct rx_buf *complaint)
{
	struct parser parser = { out, complaint, argc, 1, argv };

	memset(out, 0, sizeof(*out));
	out->memory = memory;
	out->command = RXR_COMMAND_RUN;
	find_command(&parser);
	out->words = argv + parser.at;
	if (has_own_words(out->command)) {
		out->word_count = (size_t)(argc - parser.at);
		return true;
	}
	if (out->command == RXR_COMMAND_DEBUG) {
		if (parser.at >= argc || strcmp(argv[parser.at], "bytecode") != 0) {
			if (parser.at < argc && (!strcmp(argv[parser.at], "--help") || !strcmp(argv[parser.at], "-h")))
				return out->given[RXR_OPTION_HELP] = true;
			RX_BUF_LIT(complaint, "error: 'debug' needs the word 'bytecode'");
			return usage_error(&parser);
		}
		parser.at++;
	}
	while (parser.at < argc) {
		char *word = argv[parser.at++];

		if (strcmp(word, "--") == 0 && out->command <= RXR_COMMAND_CHECK) {
			out->words = argv + parser.at;
			out->word_count = (size_t)(argc - parser.at);
			break;
		}
		if (word[0] != '-' || !word[1])
			return unexpected(&parser, rx_str(word));
		if (!(word[1] == '-' ? parse_long(&parser, word) : parse_letters(&parser, word)))
			return false;
		if (out->given[RXR_OPTION_HELP] || out->given[RXR_OPTION_VERSION] || out->given[RXR_OPTION_PRINT_FUNCTIONS])
			return true;
	}
	return require(&parser) && agree(&parser);
}

void rxr_options_fini(struct rxr_options *options)
{
	if (options->memory)
		rx_memory_give(options->memory, options->items, options->item_cap * sizeof(*options->items));
	options->items = NULL;
	options->item_cap = options->item_count = 0;
}
