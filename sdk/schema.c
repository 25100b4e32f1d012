#include <config.h>

#include "sdk/schema.h"

#include "base/error.h"
#include "base/unicode.h"
#include "cedar/schema_api.h"

#include "base/banned.h"

static const char schema_text[] = {
#include "sdk/rex_schema.inc"
};

/* The same, resolved while rexi was built: a run need not read it. */
#include "sdk/rex_resolved.inc"

struct rexi_str rxs_schema_text(void)
{
	return (struct rexi_str){ schema_text, sizeof(schema_text) };
}

enum rexi_status rxs_schema_new(const struct rexi_cedar_engine *engine, struct rexi_str extra, struct rexi_cedar_schema **out,
				bool *extra_at_fault, struct rexi_error *err)
{
	struct rexi_str texts[2] = { rxs_schema_text(), extra };
	size_t text = 0;
	enum rexi_status status;

	if (extra.len == 0)
		return rxc_schema_borrow(engine, &resolved, out, err);
	status = rexi_cedar_schema_new(engine, texts, 2, out, &text, err);
	if (extra_at_fault)
		*extra_at_fault = status != REXI_OK && text == 1;
	return status;
}

/* The message without "for policy `id`, " before it: the line begins with the id. */
static struct rexi_str without_prefix(struct rexi_str message)
{
	size_t end = rx_str_starts(message, RX_STR("for policy `")) ? rx_str_find(message, RX_STR("`"), 12) : SIZE_MAX;

	return end == SIZE_MAX ? message : rx_str_sub(message, end + 3, message.len);
}

void rxs_finding_print(struct rx_buf *buf, const struct rexi_cedar_finding *finding)
{
	if (finding->is_warning)
		RX_BUF_LIT(buf, "warning: ");
	rx_unicode_debug(buf, finding->policy);
	if (finding->line > 0)
		rx_buf_printf(buf, " (line %u, column %u)", finding->line, finding->column);
	RX_BUF_LIT(buf, ": ");
	rx_buf_str(buf, without_prefix(finding->message));
	if (finding->help.len > 0) {
		RX_BUF_LIT(buf, "; ");
		rx_buf_str(buf, finding->help);
	}
}

enum rexi_status rxs_policy_check(const struct rexi_cedar_engine *engine, const struct rexi_cedar_policies *policies,
				  struct rexi_str extra, bool *passed, struct rx_buf *findings, struct rexi_error *err)
{
	struct rexi_cedar_validation *validation = NULL;
	struct rexi_cedar_schema *schema = NULL;
	struct rexi_cedar_finding finding;
	enum rexi_status status;

	*passed = false;
	RX_TRY(rxs_schema_new(engine, extra, &schema, NULL, err));
	status = rexi_cedar_validate(schema, policies, NULL, &validation, err);
	rexi_cedar_schema_free(schema);
	RX_TRY(status);
	*passed = rexi_cedar_validation_passed(validation);
	for (size_t i = 0; findings && rexi_cedar_validation_finding(validation, i, &finding); i++) {
		if (i > 0)
			rx_buf_byte(findings, '\n');
		rxs_finding_print(findings, &finding);
	}
	rexi_cedar_validation_free(validation);
	if (findings && findings->failed) {
		*passed = false;
		return rx_fail_memory(err);
	}
	return REXI_OK;
}
