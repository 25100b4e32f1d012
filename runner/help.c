/* Texts made from the tables of the command line: help, version, completions, tables of the manual pages. */
#include <config.h>

#include "runner/limits.h"
#include "runner/options.h"

static void pad_to(struct rx_buf *buf, size_t start, size_t width)
{
	while (!buf->failed && buf->len - start < width)
		rx_buf_byte(buf, ' ');
}

static void help_options(struct rx_buf *buf, enum rxr_command command)
{
	for (int i = 0; i < RXR_OPTION_COUNT; i++) {
		const struct rxr_option_row *row = &rxr_option_rows[i];
		size_t start = buf->len;

		if (!(row->commands & 1U << command))
			continue;
		if (row->letter)
			rx_buf_printf(buf, "  -%c, --%s", row->letter, row->name);
		else
			rx_buf_printf(buf, "      --%s", row->name);
		if (row->kind == RXR_KIND_CHOICE)
			rx_buf_printf(buf, " %s", i == RXR_OPTION_FORMAT ? "FORM" : "HOW");
		else if (row->kind != RXR_KIND_FLAG)
			rx_buf_printf(buf, " %s", row->value);
		pad_to(buf, start, 36);
		if (i == RXR_OPTION_FORMAT)
			RX_BUF_LIT(buf, "json (default), pretty-json or human");
		else
			rx_buf_bytes(buf, row->help, strlen(row->help));
		rx_buf_byte(buf, '\n');
	}
}

void rxr_help(struct rx_buf *buf, enum rxr_command command)
{
	const struct rxr_command_row *row = &rxr_command_rows[command];

	if (command != RXR_COMMAND_RUN) {
		rx_buf_printf(buf, "Usage: rexi %s %s\n\n%s\n", row->name, row->rest, row->help);
		RX_BUF_LIT(buf, "\n");
		help_options(buf, command);
		return;
	}
	RX_BUF_LIT(buf, "Run a Rhai script; every operation on the host needs a permit of a Cedar policy.\n"
			"Usage: rexi -s FILE -p FILE [options] [-- NAME=VALUE...]\n");
	help_options(buf, command);
	RX_BUF_LIT(buf, "Commands:");
	for (int i = 0; i < RXR_COMMAND_COUNT; i++)
		rx_buf_printf(buf, " %s", rxr_command_rows[i].name);
	RX_BUF_LIT(buf, "\nExit: 0 ok 1 error 2 usage 3 denied 4 policy 5 limit 6 signal 70 defect\n");
}

void rxr_version(struct rx_buf *buf)
{
	static const struct {
		const char *name;
		bool in;
	} parts[] = {
#ifdef HAVE_ZLIB
		{ "gzip", true },
#else
		{ "gzip", false },
#endif
#ifdef HAVE_CRYPTO
		{ "certificates", true },
#else
		{ "certificates", false },
#endif
#ifdef HAVE_SSL
		{ "https", true },
#else
		{ "https", false },
#endif
	};

	rx_buf_printf(buf, "rexi %s\nlanguage: Rhai 1.27; policies: Cedar 4\nbuilt in: audit unicode regex", PACKAGE_VERSION);
	for (size_t i = 0; i < RX_COUNT(parts); i++) {
		if (parts[i].in)
			rx_buf_printf(buf, " %s", parts[i].name);
	}
	for (size_t i = 0, out = 0; i < RX_COUNT(parts); i++) {
		if (!parts[i].in)
			rx_buf_printf(buf, "%s %s", out++ ? "" : "\nleft out:", parts[i].name);
	}
	RX_BUF_LIT(buf, "\n");
}

/* ---- completions ---- */

/* The values that an option completes to: "file", "limit", "words:A B" or nothing. */
static const char *values_of(int option)
{
	switch ((enum rxr_option)option) {
	case RXR_OPTION_SCRIPT:
	case RXR_OPTION_POLICY:
	case RXR_OPTION_SCHEMA:
	case RXR_OPTION_ARGUMENTS_FILE:
	case RXR_OPTION_AUDIT:
		return "file";
	case RXR_OPTION_LIMIT:
		return "limit";
	default:
		return rxr_option_rows[option].kind == RXR_KIND_CHOICE ? "choice" : "";
	}
}

static void choices(struct rx_buf *buf, int option, char between)
{
	for (const char *p = rxr_option_rows[option].value; *p; p++)
		rx_buf_byte(buf, *p == '|' ? between : *p);
}

static void limit_names(struct rx_buf *buf, const char *after)
{
	for (int i = 0; i < RXR_LIMIT_COUNT; i++)
		rx_buf_printf(buf, "%s%s%s", i ? " " : "", rxr_limit_rows[i].name, after);
}

static void command_names(struct rx_buf *buf)
{
	for (int i = 0; i < RXR_COMMAND_COUNT; i++)
		rx_buf_printf(buf, "%s%s", i ? " " : "", rxr_command_rows[i].name);
}

static void bash(struct rx_buf *buf)
{
	RX_BUF_LIT(buf, "# bash completion for rexi\n_rexi()\n{\n"
			"    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
			"    COMPREPLY=()\n    case $prev in\n");
	for (int i = 0; i < RXR_OPTION_COUNT; i++) {
		const struct rxr_option_row *row = &rxr_option_rows[i];
		const char *values = values_of(i);

		if (row->kind == RXR_KIND_FLAG)
			continue;
		rx_buf_printf(buf, "    --%s", row->name);
		if (row->letter)
			rx_buf_printf(buf, "|-%c", row->letter);
		if (*values == 'f') {
			RX_BUF_LIT(buf, ") COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n");
		} else if (*values == 'c' || *values == 'l') {
			RX_BUF_LIT(buf, ") COMPREPLY=($(compgen -W '");
			*values == 'c' ? choices(buf, i, ' ') : limit_names(buf, "=");
			RX_BUF_LIT(buf, "' -- \"$cur\")); return ;;\n");
		} else {
			RX_BUF_LIT(buf, ") return ;;\n");
		}
	}
	RX_BUF_LIT(buf, "    completions) COMPREPLY=($(compgen -W 'bash zsh fish' -- \"$cur\")); return ;;\n"
			"    audit) COMPREPLY=($(compgen -W 'verify show' -- \"$cur\")); return ;;\n"
			"    debug) COMPREPLY=($(compgen -W 'bytecode' -- \"$cur\")); return ;;\n    esac\n"
			"    if [[ $cur == -* ]]; then\n        COMPREPLY=($(compgen -W '");
	for (int i = 0; i < RXR_OPTION_COUNT; i++)
		rx_buf_printf(buf, "%s--%s", i ? " " : "", rxr_option_rows[i].name);
	RX_BUF_LIT(buf, "' -- \"$cur\"))\n    elif [[ $COMP_CWORD -eq 1 ]]; then\n        COMPREPLY=($(compgen -W '");
	command_names(buf);
	RX_BUF_LIT(buf, "' -- \"$cur\"))\n    else\n        COMPREPLY=($(compgen -f -- \"$cur\"))\n    fi\n}\n"
			"complete -o filenames -F _rexi rexi\n");
}

/* A text inside single quotes of a shell, with the marks of zsh's _arguments escaped. */
static void quoted(struct rx_buf *buf, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			RX_BUF_LIT(buf, "'\\''");
		else if (*text == '[' || *text == ']' || *text == ':')
			rx_buf_printf(buf, "\\%c", *text);
		else
			rx_buf_byte(buf, *text);
	}
}

static void zsh(struct rx_buf *buf)
{
	RX_BUF_LIT(buf, "#compdef rexi\n# zsh completion for rexi\n_rexi() {\n  _arguments -s \\\n");
	for (int i = 0; i < RXR_OPTION_COUNT; i++) {
		const struct rxr_option_row *row = &rxr_option_rows[i];
		const char *values = values_of(i), *repeat = row->kind == RXR_KIND_LIST ? "*" : "";

		for (int form = 0; form < (row->letter ? 2 : 1); form++) {
			rx_buf_printf(buf, "    '%s", repeat);
			if (form)
				rx_buf_printf(buf, "-%c%s[", row->letter, row->kind == RXR_KIND_FLAG ? "" : "+");
			else
				rx_buf_printf(buf, "--%s%s[", row->name, row->kind == RXR_KIND_FLAG ? "" : "=");
			quoted(buf, row->help);
			rx_buf_byte(buf, ']');
			if (*values == 'f') {
				RX_BUF_LIT(buf, ":file:_files");
			} else if (*values == 'c' || *values == 'l') {
				RX_BUF_LIT(buf, ":value:(");
				*values == 'c' ? choices(buf, i, ' ') : limit_names(buf, "=");
				rx_buf_byte(buf, ')');
			} else if (row->kind != RXR_KIND_FLAG) {
				RX_BUF_LIT(buf, ":value:");
			}
			RX_BUF_LIT(buf, "' \\\n");
		}
	}
	RX_BUF_LIT(buf, "    '1:command:((");
	for (int i = 0; i < RXR_COMMAND_COUNT; i++) {
		rx_buf_printf(buf, "%s%s\\:\"", i ? " " : "", rxr_command_rows[i].name);
		quoted(buf, rxr_command_rows[i].help);
		rx_buf_byte(buf, '"');
	}
	RX_BUF_LIT(buf, "))' \\\n    '*:file:_files'\n}\n_rexi \"$@\"\n");
}

static void fish(struct rx_buf *buf)
{
	RX_BUF_LIT(buf, "# fish completion for rexi\n");
	for (int i = 0; i < RXR_COMMAND_COUNT; i++) {
		rx_buf_printf(buf, "complete -c rexi -n __fish_use_subcommand -f -a %s -d '", rxr_command_rows[i].name);
		for (const char *p = rxr_command_rows[i].help; *p; p++)
			*p == '\'' ? RX_BUF_LIT(buf, "\\'") : rx_buf_byte(buf, *p);
		RX_BUF_LIT(buf, "'\n");
	}
	for (int i = 0; i < RXR_OPTION_COUNT; i++) {
		const struct rxr_option_row *row = &rxr_option_rows[i];
		const char *values = values_of(i);

		rx_buf_printf(buf, "complete -c rexi -l %s", row->name);
		if (row->letter)
			rx_buf_printf(buf, " -s %c", row->letter);
		if (row->kind != RXR_KIND_FLAG)
			rx_buf_printf(buf, " %s", *values == 'f' ? "-r -F" : "-x");
		if (*values == 'c' || *values == 'l') {
			RX_BUF_LIT(buf, " -a '");
			*values == 'c' ? choices(buf, i, ' ') : limit_names(buf, "=");
			RX_BUF_LIT(buf, "'");
		}
		RX_BUF_LIT(buf, " -d '");
		for (const char *p = row->help; *p; p++)
			*p == '\'' ? RX_BUF_LIT(buf, "\\'") : rx_buf_byte(buf, *p);
		RX_BUF_LIT(buf, "'\n");
	}
}

/* ---- tables of the manual pages ---- */

static void mdoc_text(struct rx_buf *buf, const char *text)
{
	size_t start = buf->len;

	for (const char *p = text; *p; p++) {
		/* a new line for a new sentence or clause is mdoc's way */
		if (p[0] == ';' && p[1] == ' ') {
			RX_BUF_LIT(buf, ";\n");
			p++;
		} else if (*p == '\\') {
			RX_BUF_LIT(buf, "\\e");
		} else {
			rx_buf_byte(buf, *p);
		}
	}
	(void)start;
	RX_BUF_LIT(buf, ".\n");
}

static void mdoc_options(struct rx_buf *buf)
{
	RX_BUF_LIT(buf, ".Bl -tag -width Ds\n");
	for (int i = 0; i < RXR_OPTION_COUNT; i++) {
		const struct rxr_option_row *row = &rxr_option_rows[i];

		RX_BUF_LIT(buf, ".It ");
		if (row->letter)
			rx_buf_printf(buf, "Fl %c , ", row->letter);
		rx_buf_printf(buf, "Fl \\-%s", row->name);
		if (row->kind == RXR_KIND_CHOICE) {
			RX_BUF_LIT(buf, " Cm ");
			for (const char *p = row->value; *p; p++)
				*p == '|' ? RX_BUF_LIT(buf, " | ") : rx_buf_byte(buf, *p);
		} else if (row->kind != RXR_KIND_FLAG) {
			RX_BUF_LIT(buf, " Ar ");
			for (const char *p = row->value; *p; p++)
				*p == '|' ? RX_BUF_LIT(buf, " | ") : rx_buf_byte(buf, *p);
		}
		rx_buf_byte(buf, '\n');
		mdoc_text(buf, row->help);
	}
	RX_BUF_LIT(buf, ".El\n");
}

static void mdoc_pairs(struct rx_buf *buf, const char *which)
{
	RX_BUF_LIT(buf, ".Bl -tag -width Ds\n");
	if (strcmp(which, "mdoc-commands") == 0) {
		for (int i = 0; i < RXR_COMMAND_COUNT; i++) {
			rx_buf_printf(buf, ".It Cm %s Ar %s\n", rxr_command_rows[i].name, rxr_command_rows[i].rest);
			mdoc_text(buf, rxr_command_rows[i].help);
		}
	} else if (strcmp(which, "mdoc-exit") == 0) {
#define REXI_EXIT(id, number, text)           \
	rx_buf_printf(buf, ".It %d\n", number); \
	mdoc_text(buf, text);
#include "runner/options.def"
#undef REXI_EXIT
	} else if (strcmp(which, "mdoc-environment") == 0) {
#define REXI_ENVIRONMENT(name, text)             \
	rx_buf_printf(buf, ".It Ev %s\n", name); \
	mdoc_text(buf, text);
#include "runner/options.def"
#undef REXI_ENVIRONMENT
	} else {
		for (int i = 0; i < RXR_LIMIT_COUNT; i++) {
			rx_buf_printf(buf, ".It Cm %s\nDefault ", rxr_limit_rows[i].name);
			rxr_limit_print(buf, (enum rxr_limit)i, rxr_limit_rows[i].value);
			rx_buf_printf(buf, ".\nError type\n.Dv %s .\n", rxr_limit_rows[i].error_type);
			rx_buf_byte(buf, (char)(rxr_limit_rows[i].meaning[0] & ~0x20));
			mdoc_text(buf, rxr_limit_rows[i].meaning + 1);
		}
	}
	RX_BUF_LIT(buf, ".El\n");
}

bool rxr_completions(struct rx_buf *buf, const char *shell)
{
	static const char *const tables[] = { "mdoc-commands", "mdoc-exit", "mdoc-environment", "mdoc-limits" };

	if (strcmp(shell, "bash") == 0)
		return bash(buf), true;
	if (strcmp(shell, "zsh") == 0)
		return zsh(buf), true;
	if (strcmp(shell, "fish") == 0)
		return fish(buf), true;
	if (strcmp(shell, "mdoc-options") == 0)
		return mdoc_options(buf), true;
	for (size_t i = 0; i < RX_COUNT(tables); i++) {
		if (strcmp(shell, tables[i]) == 0)
			return mdoc_pairs(buf, shell), true;
	}
	return false;
}
