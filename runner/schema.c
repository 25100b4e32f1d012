#include <config.h>

#include "runner/schema.h"

#include "base/error.h"
#include "base/utf8.h"
#include "sdk/schema.h"

/* Would these texts alone be right? Only asked when something is wrong. */
static bool resolves(const struct rexi_cedar_engine *engine, const struct rexi_str *texts, size_t count)
{
	struct rexi_cedar_schema *schema = NULL;
	bool ok = rexi_cedar_schema_new(engine, texts, count, &schema, NULL, NULL) == REXI_OK;

	rexi_cedar_schema_free(schema);
	return ok;
}

/* Is the text right but for what the built-in schema has? */
static bool clashes(const struct rexi_cedar_engine *engine, struct rexi_str builtin, struct rexi_str text)
{
	const struct rexi_str pair[] = { builtin, text };

	return resolves(engine, &text, 1) && !resolves(engine, pair, 2);
}

static void describe(const struct rexi_cedar_engine *engine, const struct rexi_str *all, bool builtin,
		     const struct rxr_schema_text *texts, size_t count, size_t at, const struct rexi_error *err,
		     struct rx_buf *complaint)
{
	const struct rxr_schema_text *text;
	size_t given = at > 0 ? at : 1;

	/* A name of the built-in schema may be wrong only now that a text has it without a namespace. */
	while (builtin && at == 0 && given < count && !clashes(engine, all[0], all[given]))
		given++;
	text = builtin ? (given <= count ? &texts[given - 1] : NULL) : &texts[at];
	if (text && text->name) {
		rx_utf8_lossy(complaint, rx_str(text->name));
		if (err->line && (at > 0 || !builtin))
			rx_buf_printf(complaint, ":%u:%u", err->line, err->column);
		RX_BUF_LIT(complaint, ": ");
	}
	rx_buf_str(complaint, rx_str(err->message));
	if (text && !text->name && err->line && (at > 0 || !builtin))
		rx_buf_printf(complaint, " (line %u, position %u)", err->line, err->column);
	if (builtin && text && err->status == REXI_INVALID && clashes(engine, all[0], text->text))
		RX_BUF_LIT(complaint, "; the name belongs to the built-in schema, which cannot be changed (see rexi policy schema)");
}

enum rexi_status rxr_schema_new(const struct rexi_cedar_engine *engine, bool builtin, const struct rxr_schema_text *texts,
				size_t count, struct rexi_cedar_schema **out, struct rx_buf *complaint)
{
	struct rexi_str all[RXR_SCHEMAS_MOST + 1];
	struct rexi_error err = { .status = REXI_OK };
	enum rexi_status status;
	size_t at = 0, n = 0;

	if (count > RXR_SCHEMAS_MOST) {
		rx_buf_printf(complaint, "more than %d schemas", RXR_SCHEMAS_MOST);
		return REXI_LIMIT;
	}
	if (builtin)
		all[n++] = rxs_schema_text();
	for (size_t i = 0; i < count; i++)
		all[n++] = texts[i].text;
	/* alone it is at hand resolved */
	status = builtin && count == 0 ? rxs_schema_new(engine, RX_STR(""), out, NULL, &err)
				       : rexi_cedar_schema_new(engine, all, n, out, &at, &err);
	if (status != REXI_OK)
		describe(engine, all, builtin, texts, count, at < n ? at : 0, &err, complaint);
	return status;
}
