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

/* ---- options and examples --------------------------------------------------------------------------------------------- */

static const char *const type_names[RXS_TYPE_COUNT] = {
#define RXS_TYPE(id, path, show, end) #id,
#define RXS_TYPE_SHORT RXS_TYPE
#define RXS_TYPE_PLAIN(id, path, show) #id,
#define RXS_TYPE_KIND RXS_TYPE_PLAIN
#include "sdk/types.def"
#undef RXS_TYPE
#undef RXS_TYPE_SHORT
#undef RXS_TYPE_PLAIN
#undef RXS_TYPE_KIND
};

/* A value to show for an option: by its name where the name says what fits, else by its type. */
static const struct {
	const char *name, *value;
} sample_values[] = {
	{ "args", "[\"-v\", [\"--level\", \"2\"]]" }, { "capabilities", "[\"CAP_NET_ADMIN\"]" }, { "command", "\"nginx\"" },
	{ "env", "#{LANG: \"C\"}" }, { "exclude_pattern", "\"debug\"" }, { "group", "\"adm\"" },
	{ "host", "\"example.org\"" }, { "hostname", "\"localhost\"" }, { "iname", "\"*.LOG\"" }, { "level", "9" }, { "name", "\"*.log\"" },
	{ "path", "\"/var/log\"" }, { "permissions", "0o640" }, { "pid", "4711" }, { "process_name", "\"nginx\"" },
	{ "purpose", "\"client\"" }, { "regex", "\"\\\\.log$\"" }, { "resolver", "\"127.0.0.1\"" }, { "selinux_level", "\"s0\"" },
	{ "selinux_role", "\"object_r\"" }, { "selinux_type", "\"httpd_log_t\"" }, { "selinux_user", "\"system_u\"" },
	{ "stdin", "\"yes\\n\"" }, { "target_process", "4711" }, { "targets", "[\"/\"]" }, { "timeout", "5" }, { "user", "\"root\"" },
	{ "username", "\"root\"" },
	{ "array", "[]" }, { "bool", "true" }, { "int", "10" }, { "map", "#{}" }, { "string", "\"text\"" },
	{ "ChildNamespaceOptions", "ChildNamespaceOptions().target_process(4711).build()" }, { "DateTime", "now()" },
	{ "Signal", "Signal::SIGTERM" }, { "SizeRange", "SizeRange::min_only(1, SizeUnit::MEBIBYTES)" },
	{ "SizeUnit", "SizeUnit::KIBIBYTES" }, { "TransportProtocol", "TransportProtocol::UDP" },
};

static const char *sample_value(struct rexi_str builder, const char *name, struct rexi_str type)
{
	if (rx_str_eq(builder, RX_STR("SetXAttrOptions")) && strcmp(name, "name") == 0)
		return "\"security.selinux\"";
	for (unsigned pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < RX_COUNT(sample_values); i++)
			if (rx_str_eq(rx_str(sample_values[i].name), pass ? type : rx_str(name)))
				return sample_values[i].value;
	return "()";
}

static void setter_print(struct rx_buf *out, struct rexi_str builder, const struct rxs_option_info *option)
{
	rx_buf_printf(out, ".%s(%s)", option->name, sample_value(builder, option->name, rx_str(option->type)));
}

/* Builders have no example in their table: one is made from the options. */
static void example_print(struct rx_buf *out, const struct rxs_native *native)
{
	struct rexi_str id = rx_str(native->id), builder, wanted = { NULL, 0 };
	struct rxs_option_info option;
	bool build = rx_str_starts(id, RX_STR("build_")), any = false;

	if (native->example[0] || !is_builder(native)) {
		rx_buf_str(out, rx_str(native->example));
		return;
	}
	if (rx_str_starts(id, RX_STR("new_"))) {
		rx_buf_printf(out, "%s()", native->name);
		return;
	}
	builder = rx_str_make(native->params, strcspn(native->params, " "));
	builder.len -= rx_str_ends(builder, RX_STR("_builder")) ? RX_STR("_builder").len : 0;
	rx_buf_str(out, builder);
	RX_BUF_LIT(out, "()");
	if (!build)
		wanted = rx_str(native->name);
	for (size_t i = 0; rxs_builder_option(builder, i, &option); i++) {
		if (build ? !option.required : !rx_str_eq(wanted, rx_str(option.name)))
			continue;
		setter_print(out, builder, &option);
		any = true;
	}
	if (build && !any && rxs_builder_option(builder, 0, &option))
		setter_print(out, builder, &option);
	if (build)
		RX_BUF_LIT(out, ".build()");
}

/* Calls `each` for every option of every builder among the parameters; gives back how many. */
static size_t options_each(struct rx_buf *out, const struct rxs_native *native,
			   void (*each)(struct rx_buf *out, struct rexi_str builder, const struct rxs_option_info *option, size_t n))
{
	const char *at = native->params;
	size_t n = 0;

	while (*at) {
		struct rexi_str word = rx_str_make(at, strcspn(at, " "));
		struct rxs_option_info option;

		for (size_t i = 0; rxs_builder_option(word, i, &option); i++)
			each(out, word, &option, n++);
		at += word.len;
		at += strspn(at, " ");
	}
	return n;
}

static void default_print(struct rx_buf *out, const struct rxs_option_info *option)
{
	if (option->required)
		RX_BUF_LIT(out, "required");
	else if (strcmp(option->type, "bool") == 0)
		rx_buf_str(out, rx_str(option->fallback ? "true" : "false"));
	else if (strcmp(option->type, "int") == 0 && option->fallback > 0 && option->fallback < INT64_MAX)
		rx_buf_printf(out, "%lld", (long long)option->fallback);
	else
		RX_BUF_LIT(out, "unset");
}

static void option_plain(struct rx_buf *out, struct rexi_str builder, const struct rxs_option_info *option, size_t n)
{
	(void)n;
	rx_buf_printf(out, "    %.*s.%s(%s), ", RX_STR_ARG(builder), option->name, option->type);
	default_print(out, option);
	rx_buf_printf(out, ": %s\n", option->help);
}

static void option_markdown(struct rx_buf *out, struct rexi_str builder, const struct rxs_option_info *option, size_t n)
{
	(void)builder;
	rx_buf_printf(out, "%s`%s`", n ? " " : "", option->name);
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
	(void)options_each(out, native, option_plain);
	RX_BUF_LIT(out, "    example: ");
	example_print(out, native);
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

static void option_json(struct rx_buf *out, struct rexi_str builder, const struct rxs_option_info *option, size_t n)
{
	struct rx_buf fallback;

	rx_buf_init(&fallback, out->memory, 0);
	default_print(&fallback, option);
	rx_buf_str(out, rx_str(n ? ",{" : "{"));
	member(out, "builder", builder);
	member(out, "name", rx_str(option->name));
	member(out, "type", rx_str(option->type));
	member(out, "default", rx_buf_view(&fallback));
	RX_BUF_LIT(out, "\"help\":");
	rx_buf_json_string(out, rx_str(option->help));
	rx_buf_byte(out, '}');
	rx_buf_fini(&fallback);
}

static void print_json(struct rx_buf *out, const struct rxs_native *native)
{
	struct rx_buf signature, example;

	rx_buf_init(&signature, out->memory, 0);
	rx_buf_init(&example, out->memory, 0);
	signature_print(&signature, native);
	example_print(&example, native);
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
	RX_BUF_LIT(out, "\"options\":[");
	(void)options_each(out, native, option_json);
	RX_BUF_LIT(out, "],\"example\":");
	rx_buf_json_string(out, rx_buf_view(&example));
	rx_buf_byte(out, '}');
	rx_buf_fini(&signature);
	rx_buf_fini(&example);
}

static void code(struct rx_buf *out, struct rexi_str text)
{
	rx_buf_byte(out, '`');
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '|')
			rx_buf_byte(out, '\\'); /* a column's border otherwise */
		rx_buf_byte(out, text.ptr[i]);
	}
	rx_buf_byte(out, '`');
}

static void print_markdown(struct rx_buf *out, const struct rxs_native *native)
{
	struct rx_buf example;

	rx_buf_init(&example, out->memory, 0);
	example_print(&example, native);
	RX_BUF_LIT(out, "| `");
	signature_print(out, native);
	rx_buf_printf(out, "` | %s | ", native->help);
	(void)options_each(out, native, option_markdown);
	RX_BUF_LIT(out, " | ");
	if (native->actions[0])
		rx_buf_printf(out, "%s: %s", native->actions, native->resource);
	RX_BUF_LIT(out, " | ");
	if (example.len)
		code(out, rx_buf_view(&example));
	RX_BUF_LIT(out, " |\n");
	rx_buf_fini(&example);
}

/* ---- constants ------------------------------------------------------------------------------------------------------------ */

struct constants {
	struct rx_buf *out;
	enum rxs_api_form form;
	const char *filter;
	bool first;
};

static enum rexi_status constant_print(void *user, const char *module, const char *name, enum rxs_type type, void *payload)
{
	struct constants *c = (struct constants *)user;

	(void)payload;
	if (c->filter && !strstr(module, c->filter) && !strstr(name, c->filter))
		return REXI_OK;
	switch (c->form) {
	case RXS_API_PLAIN:
		rx_buf_printf(c->out, "%s::%s: %s\n", module, name, type_names[type]);
		break;
	case RXS_API_JSON:
		rx_buf_printf(c->out, "%s{\"name\":\"%s::%s\",\"type\":\"%s\"}", c->first ? "" : ",\n", module, name,
			      type_names[type]);
		break;
	case RXS_API_MARKDOWN:
		rx_buf_printf(c->out, "| `%s::%s` | %s |\n", module, name, type_names[type]);
		break;
	}
	c->first = false;
	return c->out->failed ? REXI_NO_MEMORY : REXI_OK;
}

static const char markdown_head[] =
	"| signature | meaning | options | asks for | example |\n"
	"|---|---|---|---|---|\n";
static const char markdown_constants[] =
	"\n## Constants\n\n"
	"| constant | type |\n"
	"|---|---|\n";

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
		RX_BUF_LIT(out, "],\n\"constants\":[");
	else if (form == RXS_API_MARKDOWN)
		rx_buf_str(out, rx_str(markdown_constants));
	RX_TRY(rxs_constants_each(constant_print, &(struct constants){ out, form, filter, true }));
	if (form == RXS_API_JSON)
		RX_BUF_LIT(out, "]}\n");
	return out->failed ? REXI_NO_MEMORY : REXI_OK;
}
