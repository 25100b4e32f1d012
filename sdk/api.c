/* `rexi api`: what the tables say, for people and programs. */
#include <config.h>

#include "sdk/native.h"
#include "sdk/natives.h"
#include "sdk/options.h"

#include <stdlib.h>

#include "base/banned.h"

#define ALL_MAX 2048

static bool is_getter(const struct rxs_native *native)
{
	return rx_str_starts(rx_str(native->name), RX_STR("get$"));
}

static const char *shown_name(const struct rxs_native *native)
{
	return is_getter(native) ? native->name + 4 : native->name;
}

static bool is_builder(const struct rxs_native *native)
{
	return rx_str_starts(rx_str(native->id), RX_STR("new_")) || rx_str_starts(rx_str(native->id), RX_STR("set_")) ||
	       rx_str_starts(rx_str(native->id), RX_STR("build_"));
}

/* "_builder" in a type's name is " builder" for readers. */
static void type_print(struct rx_buf *out, struct rexi_str word)
{
	struct rexi_str tail = RX_STR("_builder");

	if (rx_str_ends(word, tail)) {
		rx_buf_str(out, rx_str_sub(word, 0, word.len - tail.len));
		RX_BUF_LIT(out, " builder");
	} else {
		rx_buf_str(out, word);
	}
}

/* "DirHandle, string": with `from` 1, what follows the receiver. */
static void params_print(struct rx_buf *out, const char *params, unsigned from)
{
	unsigned at = 0;
	bool first = true;

	while (*params) {
		size_t len = strcspn(params, " ");

		if (at++ >= from) {
			if (!first)
				RX_BUF_LIT(out, ", ");
			first = false;
			type_print(out, rx_str_make(params, len));
		}
		params += len;
		params += strspn(params, " ");
	}
}

static void signature_print(struct rx_buf *out, const struct rxs_native *native)
{
	if (is_getter(native)) {
		type_print(out, rx_str_make(native->params, strcspn(native->params, " ")));
		rx_buf_printf(out, ".%s", shown_name(native));
	} else {
		rx_buf_printf(out, "%s(", native->name);
		params_print(out, native->params, 0);
		rx_buf_byte(out, ')');
	}
	rx_buf_printf(out, " -> %s", native->result);
}

/* ---- order and choice --------------------------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	const struct rxs_native *x = *(const struct rxs_native *const *)a, *y = *(const struct rxs_native *const *)b;
	int order = strcmp(shown_name(x), shown_name(y));

	return order ? order : strcmp(x->params, y->params);
}

static bool is_wanted(const struct rxs_native *native, const char *filter)
{
	return !filter || strstr(shown_name(native), filter) || strstr(native->help, filter);
}

/* ---- the forms ------------------------------------------------------------------------------------------------------------- */

static void print_plain(struct rx_buf *out, const struct rxs_native *native)
{
	signature_print(out, native);
	rx_buf_printf(out, "\n    %s", native->help);
	if (native->actions[0])
		rx_buf_printf(out, "\n    asks: %s on %s", native->actions, native->resource);
	rx_buf_byte(out, '\n');
}

static void member(struct rx_buf *out, const char *key, struct rexi_str value)
{
	rx_buf_printf(out, "\"%s\":", key);
	rx_buf_json_string(out, value);
	rx_buf_byte(out, ',');
}

static void words_json(struct rx_buf *out, const char *words)
{
	bool first = true;

	rx_buf_byte(out, '[');
	while (*words) {
		size_t len = strcspn(words, " ");

		if (!first)
			rx_buf_byte(out, ',');
		first = false;
		rx_buf_json_string(out, rx_str_make(words, len));
		words += len;
		words += strspn(words, " ");
	}
	rx_buf_byte(out, ']');
}

static void print_json(struct rx_buf *out, const struct rxs_native *native)
{
	struct rx_buf signature;

	rx_buf_init(&signature, out->memory, 0);
	signature_print(&signature, native);
	rx_buf_byte(out, '{');
	member(out, "id", rx_str(native->id));
	member(out, "name", rx_str(shown_name(native)));
	member(out, "kind", is_getter(native) ? RX_STR("property") : RX_STR("function"));
	member(out, "signature", rx_buf_view(&signature));
	RX_BUF_LIT(out, "\"parameters\":");
	words_json(out, native->params);
	rx_buf_byte(out, ',');
	member(out, "result", rx_str(native->result));
	RX_BUF_LIT(out, "\"actions\":");
	words_json(out, native->actions);
	rx_buf_byte(out, ',');
	member(out, "resource", rx_str(native->resource));
	member(out, "help", rx_str(native->help));
	RX_BUF_LIT(out, "\"example\":");
	rx_buf_json_string(out, rx_str(native->example));
	rx_buf_byte(out, '}');
	rx_buf_fini(&signature);
}

static void code(struct rx_buf *out, const char *text)
{
	rx_buf_byte(out, '`');
	for (; *text; text++) {
		if (*text == '|')
			rx_buf_byte(out, '\\'); /* a column's border otherwise */
		rx_buf_byte(out, *text);
	}
	rx_buf_byte(out, '`');
}

static void print_markdown(struct rx_buf *out, const struct rxs_native *native)
{
	RX_BUF_LIT(out, "| `");
	signature_print(out, native);
	rx_buf_printf(out, "` | %s | ", native->help);
	if (native->actions[0])
		rx_buf_printf(out, "%s: %s", native->actions, native->resource);
	RX_BUF_LIT(out, " | ");
	if (native->example[0])
		code(out, native->example);
	RX_BUF_LIT(out, " |\n");
}

static const char markdown_head[] =
	"| signature | meaning | asks for | example |\n"
	"|---|---|---|---|\n";

enum rexi_status rxs_api_print(enum rxs_api_form form, const char *filter, struct rx_buf *out)
{
	const struct rxs_native *all[ALL_MAX];
	size_t count;
	const struct rxs_native *const *listed = rxs_natives(&count);
	bool first = true;

	RX_ASSERT(count <= ALL_MAX);
	memcpy(all, listed, count * sizeof(*listed));
	qsort(all, count, sizeof(all[0]), by_name);
	if (form == RXS_API_JSON)
		RX_BUF_LIT(out, "{\"functions\":[");
	for (unsigned pass = 0; pass < 2; pass++) {
		/* Markdown: functions first, builders of options after them; else one list. */
		if (form != RXS_API_MARKDOWN && pass == 1)
			break;
		if (form == RXS_API_MARKDOWN) {
			rx_buf_str(out, rx_str(pass == 0 ? "## Functions and properties\n\n" : "\n## Builders of options\n\n"));
			rx_buf_str(out, rx_str(markdown_head));
		}
		for (size_t i = 0; i < count; i++) {
			if (!is_wanted(all[i], filter) || (form == RXS_API_MARKDOWN && is_builder(all[i]) != (pass == 1)))
				continue;
			if (form == RXS_API_JSON && !first)
				RX_BUF_LIT(out, ",\n");
			first = false;
			if (form == RXS_API_PLAIN)
				print_plain(out, all[i]);
			else if (form == RXS_API_JSON)
				print_json(out, all[i]);
			else
				print_markdown(out, all[i]);
		}
	}
	if (form == RXS_API_JSON)
		RX_BUF_LIT(out, "]}\n");
	return out->failed ? REXI_NO_MEMORY : REXI_OK;
}
