/* The last error for people: the source with a caret under each place, the calls that led there, near names. */
#include <config.h>

#include "lang/report.h"

#include <string.h>

#include "base/unicode.h"
#include "base/utf8.h"
#include "base/banned.h"

#define LAYERS_MAX 16U   /* calls shown: the innermost and the outermost halves */
#define EXCERPT_MAX 100U /* columns of a line shown */
#define NAMES_MAX 5U
#define MESSAGE_MAX 8192U /* bytes of a message shown */
#define NAME_MAX_LEN 60U /* longer ones are not compared */

static void paint(const struct rxl_report *report, const char *style)
{
	if (report->color)
		rx_buf_str(report->out, rx_str(style));
}
#define RED "\x1b[1;31m"
#define BLUE "\x1b[1;34m"
#define BOLD "\x1b[1m"
#define PLAIN "\x1b[0m"

/* ---- the source ------------------------------------------------------------------------------------------------------- */

/* What would do something to the terminal, or show what follows in another order. */
static bool is_unsafe(uint32_t code)
{
	return (code < 0x20 && code != '\t') || (code >= 0x7F && code < 0xA0) || code == 0x061C || code == 0x200E || code == 0x200F ||
	       (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
}

static unsigned code_put(struct rx_buf *out, uint32_t code)
{
	char bytes[4];

	if (is_unsafe(code))
		code = 0xFFFD;
	rx_buf_bytes(out, bytes, rx_utf8_encode(bytes, code));
	return code == '\t' ? 1 : rx_unicode_width(code);
}

/* Text of the script's making; its lines stay lines. */
static void text_put(struct rx_buf *out, struct rexi_str text)
{
	size_t at = 0;

	while (at < text.len) {
		uint32_t code = rx_utf8_next(text, &at);

		if (code == '\n')
			rx_buf_byte(out, '\n');
		else
			code_put(out, code);
	}
}

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
	if (out->len && out->ptr[out->len - 1] == '\r')
		out->len--;
	return true;
}

static bool is_name(uint32_t code)
{
	return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') || (code >= '0' && code <= '9') || code == '_';
}

/* The part of a line around `column` (from 1, in characters), and under it the word or character there. */
struct excerpt {
	struct rx_buf shown, under;
	unsigned width;  /* columns in `shown` */
	bool underlined; /* the word has begun */
	bool ended;
};

static void excerpt_add(struct excerpt *excerpt, uint32_t code, uint32_t at, uint32_t column)
{
	unsigned width = code_put(&excerpt->shown, code);

	excerpt->width += width;
	if (at < column) {
		/* a tab keeps the caret in place */
		if (code == '\t')
			rx_buf_byte(&excerpt->under, '\t');
		else
			rx_buf_repeat(&excerpt->under, ' ', width);
	} else if (at == column || (excerpt->underlined && !excerpt->ended && is_name(code))) {
		excerpt->ended = !is_name(code);
		excerpt->underlined = true;
		rx_buf_repeat(&excerpt->under, '^', at == column && !width ? 1 : width);
	} else {
		excerpt->ended = true;
	}
}

static void gutter(const struct rxl_report *report, size_t width, uint32_t number)
{
	char digits[16];
	struct rx_buf text = { .ptr = digits, .cap = sizeof(digits), .limit = sizeof(digits) };

	if (number)
		rx_buf_u64(&text, number);
	paint(report, BLUE);
	rx_buf_repeat(report->out, ' ', width - text.len);
	rx_buf_str(report->out, rx_buf_view(&text));
	RX_BUF_LIT(report->out, " |");
	paint(report, PLAIN);
}

static void line_show(const struct rxl_report *report, size_t width, struct rexi_str line, uint32_t number, uint32_t column)
{
	uint32_t first = column > EXCERPT_MAX * 3 / 4 ? column - EXCERPT_MAX / 2 : 1, at = 1;
	struct excerpt excerpt = { .width = 0 };
	struct rx_buf whole;
	size_t i = 0;

	rx_buf_init(&excerpt.shown, report->out->memory, 0);
	rx_buf_init(&excerpt.under, report->out->memory, 0);
	rx_buf_init(&whole, report->out->memory, 0);
	rx_utf8_lossy(&whole, line);
	line = rx_buf_view(&whole);
	if (first > 1) {
		RX_BUF_LIT(&excerpt.shown, "... ");
		rx_buf_repeat(&excerpt.under, ' ', 4);
	}
	for (; i < line.len && excerpt.width < EXCERPT_MAX; at++) {
		uint32_t code = rx_utf8_next(line, &i);

		if (at >= first)
			excerpt_add(&excerpt, code, at, column);
	}
	if (!excerpt.underlined)
		rx_buf_byte(&excerpt.under, '^');
	if (i < line.len)
		RX_BUF_LIT(&excerpt.shown, " ...");
	gutter(report, width, 0);
	rx_buf_byte(report->out, '\n');
	gutter(report, width, number);
	if (excerpt.shown.len)
		rx_buf_byte(report->out, ' ');
	rx_buf_str(report->out, rx_buf_view(&excerpt.shown));
	rx_buf_byte(report->out, '\n');
	gutter(report, width, 0);
	rx_buf_byte(report->out, ' ');
	paint(report, RED);
	rx_buf_str(report->out, rx_buf_view(&excerpt.under));
	paint(report, PLAIN);
	rx_buf_byte(report->out, '\n');
	rx_buf_fini(&excerpt.shown);
	rx_buf_fini(&excerpt.under);
	rx_buf_fini(&whole);
}

/* Which text a position lies in. */
struct where {
	bool evaluated;       /* a text given to eval */
	bool elsewhere;       /* a module's text; */
	struct rexi_str name; /* its name, when it has one */
};

static void place(const struct rxl_report *report, size_t width, uint32_t pos, const struct where *where)
{
	struct rexi_str name = where->elsewhere ? where->name : report->name, line;
	uint32_t number = pos >> 16, column = pos & 0xFFFF;
	struct rx_buf *out = report->out;

	if (!pos)
		return;
	rx_buf_repeat(out, ' ', width);
	paint(report, BLUE);
	RX_BUF_LIT(out, "-->");
	paint(report, PLAIN);
	if (where->evaluated) {
		rx_buf_printf(out, " line %u, position %u of the evaluated text\n", number, column);
		return;
	}
	rx_buf_byte(out, ' ');
	if (name.len) {
		rx_utf8_lossy(out, name);
		rx_buf_printf(out, ":%u:%u\n", number, column);
	} else {
		rx_buf_printf(out, "line %u, position %u\n", number, column);
	}
	/* lines past 65,535 all have that number */
	if (!where->elsewhere && number && number < 0xFFFF && column && line_find(report->source, number, &line))
		line_show(report, width, line, number, column);
}

static size_t digits_of(uint32_t pos)
{
	uint32_t number = pos >> 16;

	return number < 10 ? 1 : number < 100 ? 2 : number < 1000 ? 3 : number < 10000 ? 4 : 5;
}

/* ---- near names ------------------------------------------------------------------------------------------------------ */

struct names {
	const struct rxl_report *report;
	struct rexi_str wanted, best;
	struct rexi_str type;   /* of a property */
	size_t distance, width;
	unsigned same;
	bool property, method;  /* the property is a function */
};

static void help(const struct names *names)
{
	rx_buf_repeat(names->report->out, ' ', names->width + 1);
	paint(names->report, BLUE);
	RX_BUF_LIT(names->report->out, "= ");
	paint(names->report, PLAIN);
	paint(names->report, BOLD);
	RX_BUF_LIT(names->report->out, "help:");
	paint(names->report, PLAIN);
	rx_buf_byte(names->report->out, ' ');
}

static bool is_disabled(const struct rxl_engine *engine, struct rexi_str name)
{
	for (uint32_t i = 0; engine && i < engine->disabled_count; i++)
		if (rx_str_eq(engine->disabled[i], name))
			return true;
	return false;
}

static void consider(struct names *names, struct rexi_str name)
{
	size_t most = names->wanted.len < 3 ? 1 : names->wanted.len / 3, distance;

	if (!name.len || name.len > NAME_MAX_LEN || names->wanted.len > NAME_MAX_LEN || !is_name((unsigned char)name.ptr[0]) ||
	    rx_str_find(name, RX_STR("$"), 0) != SIZE_MAX || rx_str_eq(name, names->wanted) ||
	    is_disabled(names->report->engine, name))
		return;
	distance = rx_str_distance(names->wanted, name, most);
	if (distance <= most && distance < names->distance) {
		names->distance = distance;
		names->best = name;
	}
}

static void same_name(struct names *names, struct rexi_str name)
{
	if (names->same++) {
		RX_BUF_LIT(names->report->out, ", ");
	} else {
		help(names);
		RX_BUF_LIT(names->report->out, "there is ");
	}
	rx_buf_str(names->report->out, name);
}

static void each_native(void *user, const struct rxl_overload *overload)
{
	struct names *names = user;
	struct rexi_str name = rx_str(overload->row->name), params = rx_str(overload->row->params);

	if (!rx_str_eq(name, names->wanted)) {
		consider(names, name);
		return;
	}
	if (is_disabled(names->report->engine, name))
		return;
	if (names->same >= NAMES_MAX) {
		names->same++;
		return;
	}
	same_name(names, name);
	rx_buf_byte(names->report->out, '(');
	for (size_t i = 0; i < params.len; i++)
		rx_buf_str(names->report->out, params.ptr[i] == ' ' ? RX_STR(", ") : rx_str_sub(params, i, 1));
	rx_buf_byte(names->report->out, ')');
}

/* Getters of the type, and its functions without more arguments. */
static void each_property(void *user, const struct rxl_overload *overload)
{
	struct names *names = user;
	struct rexi_str name = rx_str(overload->row->name);
	bool getter = rx_str_starts(name, RX_STR("get$"));
	struct rexi_str type = rx_str(overload->row->params);

	if (rx_str_eq(names->type, RX_STR("i64")) ? !rx_str_eq(type, RX_STR("int"))
	    : rx_str_eq(names->type, RX_STR("f64")) ? !rx_str_eq(type, RX_STR("float")) : !rx_str_eq(type, names->type))
		return;
	if (!getter && rx_str_eq(name, names->wanted))
		names->method = true;
	if (getter)
		consider(names, rx_str_sub(name, 4, name.len));
}

static struct rexi_str word_at(struct rexi_str source, size_t *at)
{
	size_t start = *at;

	while (*at < source.len && is_name((unsigned char)source.ptr[*at]))
		++*at;
	return rx_str_sub(source, start, *at - start);
}

/* Names up to `end` or the end of the line. */
static void parameters(struct names *names, size_t *at, char end)
{
	struct rexi_str source = names->report->source;

	while (*at < source.len && source.ptr[*at] != end && source.ptr[*at] != '\n') {
		if (is_name((unsigned char)source.ptr[*at]))
			consider(names, word_at(source, at));
		else
			++*at;
	}
}

/* Variables as the source declares them, wherever: after let, const, for and as, and as parameters. */
static void declared_names(struct names *names)
{
	struct rexi_str source = names->report->source;
	bool declares = false;
	size_t at = 0;

	while (at < source.len) {
		struct rexi_str word = word_at(source, &at);

		if (!word.len) {
			at++;
			if (source.ptr[at - 1] == '|' && at < source.len && source.ptr[at] != '|')
				parameters(names, &at, '|');
			continue;
		}
		if (declares)
			consider(names, word);
		declares = rx_str_eq(word, RX_STR("let")) || rx_str_eq(word, RX_STR("const")) || rx_str_eq(word, RX_STR("for")) ||
			   rx_str_eq(word, RX_STR("as"));
		if (rx_str_eq(word, RX_STR("fn"))) {
			while (at < source.len && source.ptr[at] != '(' && source.ptr[at] != '\n')
				at++;
			parameters(names, &at, ')');
		}
	}
}

static struct rexi_str quoted_after(struct rexi_str text, struct rexi_str lead)
{
	size_t at = rx_str_find(text, lead, 0), end;

	if (at == SIZE_MAX)
		return RX_STR("");
	at += lead.len;
	end = rx_str_find(text, RX_STR("'"), at);
	return rx_str_sub(text, at, end == SIZE_MAX ? 0 : end - at);
}

static void best_name(const struct names *names)
{
	if (!names->best.ptr)
		return;
	help(names);
	RX_BUF_LIT(names->report->out, "did you mean '");
	rx_buf_str(names->report->out, names->best);
	RX_BUF_LIT(names->report->out, "'?\n");
}

static void near_variable(struct names *names)
{
	const struct rxl_engine *engine = names->report->engine;
	const struct rxl_unit *unit = names->report->unit;

	for (uint32_t i = 0; unit && i < unit->global_count; i++)
		consider(names, rxl_symbol_text(&engine->symbols, unit->globals[i].name));
	for (uint32_t i = 0; engine && i < engine->shared_count; i++)
		consider(names, rxl_symbol_text(&engine->symbols, engine->shared_vars[i].name));
	declared_names(names);
	best_name(names);
}

static void near_function(struct names *names)
{
	struct rxl_engine *engine = names->report->engine;
	const struct rxl_unit *unit = names->report->unit;

	for (uint32_t i = 0; unit && i < unit->own_count; i++) {
		struct rexi_str name = rxl_symbol_text(&engine->symbols, unit->functions[i]->name);

		if (!rx_str_eq(name, names->wanted)) {
			consider(names, name);
		} else if (names->same < NAMES_MAX) {
			uint16_t count = unit->functions[i]->param_count;

			same_name(names, name);
			rx_buf_printf(names->report->out, " with %u parameter%s", count, count == 1 ? "" : "s");
		}
	}
	rxl_engine_natives(engine, each_native, names);
	if (names->same > NAMES_MAX)
		rx_buf_printf(names->report->out, " and %u more", names->same - NAMES_MAX);
	if (names->same)
		rx_buf_byte(names->report->out, '\n');
	else
		best_name(names);
}

static void near_names(const struct rxl_report *report, size_t width, enum rxl_error_kind kind, struct rexi_str text)
{
	struct names names = { .report = report, .wanted = text, .width = width };
	size_t end = rx_str_find(text, RX_STR(" ("), 0);

	if (kind == RXL_ERROR_FUNCTION_NOT_FOUND)
		names.wanted = rx_str_sub(text, 0, end == SIZE_MAX ? text.len : end);
	if (kind == RXL_ERROR_DOT_EXPR) {
		names.wanted = quoted_after(text, RX_STR("Unknown property '"));
		names.type = quoted_after(text, RX_STR("for type '"));
	}
	/* operators are no names; nobody misspells them */
	if (!names.wanted.len || !is_name((unsigned char)names.wanted.ptr[0]))
		return;
	names.distance = SIZE_MAX;
	if (kind == RXL_ERROR_FUNCTION_NOT_FOUND) {
		near_function(&names);
	} else if (kind == RXL_ERROR_VARIABLE_NOT_FOUND) {
		near_variable(&names);
	} else if (kind == RXL_ERROR_DOT_EXPR) {
		rxl_engine_natives(report->engine, each_property, &names);
		if (names.method) {
			help(&names);
			rx_buf_printf(report->out, "'%.*s' is a function: .%.*s()\n", RX_STR_ARG(names.wanted), RX_STR_ARG(names.wanted));
		} else {
			best_name(&names);
		}
	}
}

/* ---- the report ------------------------------------------------------------------------------------------------------- */

static void head(const struct rxl_report *report)
{
	paint(report, RED);
	RX_BUF_LIT(report->out, "error:");
	paint(report, PLAIN);
	rx_buf_byte(report->out, ' ');
}

void rxl_report_compile(const struct rxl_report *report, struct rexi_str message, uint32_t pos)
{
	static const struct where here = { .evaluated = false };
	static const struct rexi_str lead = RX_STR_INIT("Undefined variable: ");

	if (!report->bare) {
		head(report);
		text_put(report->out, message);
		rx_buf_byte(report->out, '\n');
	}
	place(report, digits_of(pos), pos, &here);
	if (rx_str_starts(message, lead))
		near_names(report, digits_of(pos), RXL_ERROR_VARIABLE_NOT_FOUND, rx_str_sub(message, lead.len, message.len));
}

static struct rexi_str text_of(const struct rxl_value *value)
{
	return rxl_is_string(value) ? rxl_string_view(value) : RX_STR("");
}

/* Where what happened directly inside of a layer is placed; `modules`: the layer or one around it is a module. */
static struct where where_inside(const struct rxl_report *report, const struct rxl_error *layer, struct rexi_str module)
{
	struct where where = { .elsewhere = module.len > 0, .name = module };
	struct rexi_str from;

	if (!layer)
		return where;
	from = text_of(&layer->extra);
	if (layer->kind == RXL_ERROR_IN_FUNCTION_CALL) {
		where.evaluated = rx_str_eq(text_of(&layer->text), RX_STR("eval"));
		if (from.len && report->unit && !rx_str_eq(from, report->unit->source_name)) {
			where.elsewhere = true;
			where.name = from;
		}
	}
	return where;
}

/* Layer `depth` of the error, 0 outermost, and the innermost module among it and those around. */
static const struct rxl_error *layer_at(const struct rxl_error *error, unsigned depth, struct rexi_str *module)
{
	*module = RX_STR("");
	for (;; error = error->inner) {
		if (error->kind == RXL_ERROR_IN_MODULE)
			*module = text_of(&error->text);
		if (!depth--)
			return error;
	}
}

static void layer_show(const struct rxl_report *report, size_t width, const struct rxl_error *layer, const struct where *where)
{
	struct rexi_str name = text_of(&layer->text);

	if (layer->kind == RXL_ERROR_IN_MODULE)
		RX_BUF_LIT(report->out, "in module '");
	else if (rx_str_starts(name, RX_STR("anon$")))
		RX_BUF_LIT(report->out, "in a closure called from\n");
	else
		RX_BUF_LIT(report->out, "in '");
	if (layer->kind == RXL_ERROR_IN_MODULE || !rx_str_starts(name, RX_STR("anon$"))) {
		text_put(report->out, name);
		rx_buf_str(report->out, layer->kind == RXL_ERROR_IN_MODULE ? RX_STR("' imported from\n") : RX_STR("' called from\n"));
	}
	place(report, width, layer->pos, where);
}

/* The same call at the same place, as recursion has them. */
static bool same_call(const struct rxl_error *a, const struct rxl_error *b)
{
	return a->kind == b->kind && a->pos == b->pos && rx_str_eq(text_of(&a->text), text_of(&b->text)) &&
	       rx_str_eq(text_of(&a->extra), text_of(&b->extra));
}

void rxl_report_run(const struct rxl_report *report, const struct rxl_error *error)
{
	const struct rxl_error *root = rxl_error_root(error), *at;
	unsigned count = 0;
	size_t width = digits_of(root->pos);
	struct rexi_str module = RX_STR("");
	struct where where;

	for (at = error; at != root; at = at->inner, count++)
		if (digits_of(at->pos) > width)
			width = digits_of(at->pos);
	if (!report->bare) {
		struct rx_buf text;

		rx_buf_init(&text, report->out->memory, MESSAGE_MAX);
		rxl_error_text(root, &text, false);
		head(report);
		text_put(report->out, rx_str_sub(rx_buf_view(&text), 0, rx_utf8_valid(rx_buf_view(&text))));
		if (text.failed)
			RX_BUF_LIT(report->out, " ...");
		rx_buf_byte(report->out, '\n');
		rx_buf_fini(&text);
	}
	at = count ? layer_at(error, count - 1, &module) : NULL;
	where = where_inside(report, at, module);
	place(report, width, root->pos, &where);
	near_names(report, width, root->kind, text_of(&root->text));
	for (unsigned depth = count; depth-- > 0;) {
		const struct rxl_error *layer = layer_at(error, depth, &module);
		unsigned again = 0;

		if (count > LAYERS_MAX && depth == count - LAYERS_MAX / 2 - 1) {
			rx_buf_printf(report->out, "... %u more calls ...\n", count - LAYERS_MAX);
			depth = LAYERS_MAX / 2;
			continue;
		}
		at = depth ? layer_at(error, depth - 1, &module) : NULL;
		if (!depth)
			module = RX_STR("");
		where = where_inside(report, at, module);
		layer_show(report, width, layer, &where);
		while (depth && same_call(layer, layer_at(error, depth - 1, &module))) {
			again++;
			depth--;
		}
		if (again)
			rx_buf_printf(report->out, "... and %u more time%s\n", again, again == 1 ? "" : "s");
		/* those are told: the rest is counted anew */
		if (again > LAYERS_MAX / 2)
			count = depth + LAYERS_MAX / 2;
	}
}
