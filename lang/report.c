/* The last error for people: the source with a caret under each place, the calls that led there, near names. */
#include <config.h>

#include "lang/report.h"

#include "base/utf8.h"
#include "base/banned.h"

#define LAYERS_MAX 16U   /* calls shown: the innermost and the outermost halves */
#define EXCERPT_MAX 120U /* characters of a line shown */
#define NAMES_MAX 5U

/* Line `number` of the source, without its end; false when there is none. */
static bool line_find(struct rexi_str source, uint32_t number, struct rexi_str *out)
{
	size_t start = 0, end;

	while (--number) {
		start = rx_str_find(source, RX_STR("\n"), start);
		if (start == SIZE_MAX)
			return false;
		start++;
	}
	end = rx_str_find(source, RX_STR("\n"), start);
	*out = rx_str_sub(source, start, (end == SIZE_MAX ? source.len : end) - start);
	return true;
}

/* The line with a caret under column `column` (from 1, in characters); long lines are shown around it. */
static void excerpt(struct rx_buf *out, struct rexi_str line, uint32_t number, uint32_t column)
{
	uint32_t first = column > EXCERPT_MAX * 3 / 4 ? column - EXCERPT_MAX / 2 : 1, at = 1;
	struct rx_buf pad;
	size_t width;

	rx_buf_init(&pad, out->memory, 0);
	rx_buf_printf(&pad, "%u", number);
	width = pad.len;
	pad.len = 0;
	rx_buf_repeat(out, ' ', width + 1);
	rx_buf_printf(out, "|\n%u | ", number);
	for (size_t i = 0; i < line.len && at < first + EXCERPT_MAX; at++) {
		size_t len = 1;

		while (i + len < line.len && ((unsigned char)line.ptr[i + len] & 0xC0) == 0x80)
			len++;
		if (at >= first) {
			/* a tab keeps the caret in place; other control characters would move the terminal's cursor */
			bool control = (unsigned char)line.ptr[i] < 0x20 && line.ptr[i] != '\t';

			rx_buf_str(out, control ? RX_STR(" ") : rx_str_sub(line, i, len));
			if (at < column)
				rx_buf_byte(&pad, line.ptr[i] == '\t' ? '\t' : ' ');
		}
		i += len;
	}
	rx_buf_byte(out, '\n');
	rx_buf_repeat(out, ' ', width + 1);
	RX_BUF_LIT(out, "| ");
	rx_buf_str(out, rx_buf_view(&pad));
	RX_BUF_LIT(out, "^\n");
	rx_buf_fini(&pad);
}

static void place(struct rx_buf *out, struct rexi_str source, uint32_t pos, bool foreign)
{
	struct rexi_str line;
	uint32_t number = pos >> 16;

	if (!pos)
		return;
	rx_buf_printf(out, "  --> line %u, position %u\n", number, pos & 0xFFFF);
	/* lines past 65,535 all have that number */
	if (!foreign && number && number < 0xFFFF && (pos & 0xFFFF) && line_find(source, number, &line))
		excerpt(out, line, number, pos & 0xFFFF);
}

/* ---- near names ------------------------------------------------------------------------------------------------------ */

struct names {
	struct rexi_str wanted, best;
	size_t distance;
	struct rx_buf *out;
	unsigned same;
};

static void consider(struct names *names, struct rexi_str name)
{
	size_t most = names->wanted.len < 3 ? 1 : names->wanted.len / 3, distance;

	if (!name.len || rx_str_find(name, RX_STR("$"), 0) != SIZE_MAX || rx_str_eq(name, names->wanted))
		return;
	distance = rx_str_distance(names->wanted, name, most);
	if (distance < names->distance) {
		names->distance = distance;
		names->best = name;
	}
}

static void same_name(struct names *names, struct rexi_str name)
{
	rx_buf_str(names->out, names->same++ ? RX_STR(", ") : RX_STR("help: there is "));
	rx_buf_str(names->out, name);
}

static void each_native(void *user, const struct rxl_overload *overload)
{
	struct names *names = user;
	struct rexi_str name = rx_str(overload->row->name), params = rx_str(overload->row->params);

	if (!rx_str_eq(name, names->wanted)) {
		consider(names, name);
		return;
	}
	if (names->same >= NAMES_MAX)
		return;
	same_name(names, name);
	rx_buf_byte(names->out, '(');
	for (size_t i = 0; i < params.len; i++)
		rx_buf_str(names->out, params.ptr[i] == ' ' ? RX_STR(", ") : rx_str_sub(params, i, 1));
	rx_buf_byte(names->out, ')');
}

static void near_names(struct rxl_engine *engine, const struct rxl_unit *unit, const struct rxl_error *root, struct rx_buf *out)
{
	struct rexi_str text = rxl_is_string(&root->text) ? rxl_string_view(&root->text) : RX_STR("");
	bool function = root->kind == RXL_ERROR_FUNCTION_NOT_FOUND;
	struct names names = { .wanted = text, .out = out };
	size_t end = rx_str_find(text, RX_STR(" ("), 0);

	if (!function && root->kind != RXL_ERROR_VARIABLE_NOT_FOUND)
		return;
	if (function && end != SIZE_MAX)
		names.wanted = rx_str_sub(text, 0, end);
	names.distance = (names.wanted.len < 3 ? 1 : names.wanted.len / 3) + 1;
	for (uint32_t i = 0; function && unit && i < unit->own_count; i++) {
		struct rexi_str name = rxl_symbol_text(&engine->symbols, unit->functions[i]->name);

		if (!rx_str_eq(name, names.wanted)) {
			consider(&names, name);
		} else if (names.same < NAMES_MAX) {
			uint16_t count = unit->functions[i]->param_count;

			same_name(&names, name);
			rx_buf_printf(out, " with %u parameter%s", count, count == 1 ? "" : "s");
		}
	}
	for (uint32_t i = 0; !function && unit && i < unit->global_count; i++)
		consider(&names, rxl_symbol_text(&engine->symbols, unit->globals[i].name));
	if (function)
		rxl_engine_natives(engine, each_native, &names);
	if (names.same) {
		rx_buf_byte(out, '\n');
	} else if (names.best.ptr) {
		RX_BUF_LIT(out, "help: did you mean '");
		rx_buf_str(out, names.best);
		RX_BUF_LIT(out, "'?\n");
	}
}

/* ---- the report ------------------------------------------------------------------------------------------------------- */

void rxl_report_compile(struct rexi_str message, uint32_t pos, struct rexi_str source, struct rx_buf *out)
{
	RX_BUF_LIT(out, "error: ");
	rx_buf_str(out, message);
	rx_buf_byte(out, '\n');
	place(out, source, pos, false);
}

static void layer(const struct rxl_error *error, struct rexi_str source, bool foreign, struct rx_buf *out)
{
	struct rexi_str name = rxl_is_string(&error->text) ? rxl_string_view(&error->text) : RX_STR("");

	if (error->kind == RXL_ERROR_IN_MODULE)
		rx_buf_printf(out, "in module '%.*s'\n", RX_STR_ARG(name));
	else if (rx_str_starts(name, RX_STR("anon$")))
		RX_BUF_LIT(out, "in a closure called from\n");
	else
		rx_buf_printf(out, "in '%.*s' called from\n", RX_STR_ARG(name));
	place(out, source, error->pos, foreign);
}

void rxl_report_run(struct rxl_engine *engine, const struct rxl_unit *unit, const struct rxl_error *error, struct rexi_str source,
		    struct rx_buf *out)
{
	const struct rxl_error *root = rxl_error_root(error), *at;
	unsigned count = 0, depth;
	bool foreign = false;

	for (at = error; at != root; at = at->inner) {
		struct rexi_str from = rxl_is_string(&at->extra) ? rxl_string_view(&at->extra) : RX_STR("");

		/* what happened below is placed in another text */
		foreign |= at->kind == RXL_ERROR_IN_MODULE || (from.len && unit && !rx_str_eq(from, unit->source_name));
		count++;
	}
	RX_BUF_LIT(out, "error: ");
	rxl_error_text(root, out, false);
	rx_buf_byte(out, '\n');
	place(out, source, root->pos, foreign);
	for (depth = 1; depth <= count; depth++) {
		unsigned steps = count - depth;
		bool above = false;

		if (count > LAYERS_MAX && depth == LAYERS_MAX / 2 + 1) {
			rx_buf_printf(out, "... %u more calls ...\n", count - LAYERS_MAX);
			depth = count - LAYERS_MAX / 2;
			continue;
		}
		for (at = error; steps; steps--) {
			above |= at->kind == RXL_ERROR_IN_MODULE;
			at = at->inner;
		}
		layer(at, source, above, out);
	}
	near_names(engine, unit, root, out);
}
