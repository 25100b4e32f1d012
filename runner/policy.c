#include <config.h>

#include "runner/policy.h"

/* "<message> (line L, position P)" for each error of the parse, the first few. */
static void describe_errors(const struct rxr_policy *policy, const struct rexi_error *first, struct rx_buf *complaint)
{
	size_t count = rexi_cedar_policies_error_count(policy->policies);

	for (size_t i = 0; i < (count ? count : 1) && i < 3; i++) {
		const struct rexi_error *err = count ? rexi_cedar_policies_error(policy->policies, i) : first;

		if (!err)
			break;
		if (i)
			RX_BUF_LIT(complaint, "; ");
		rx_buf_str(complaint, rx_str(err->message));
		if (err->line)
			rx_buf_printf(complaint, " (line %u, position %u)", err->line, err->column);
	}
}

enum rxr_policy_state rxr_policy_load(struct rxr_policy *policy, struct rx_memory *memory, struct rexi_str text,
				      struct rx_buf *complaint)
{
	return rxr_policy_load_with(policy, memory, text, rx_str_make("", 0), complaint);
}

enum rxr_policy_state rxr_policy_load_with(struct rxr_policy *policy, struct rx_memory *memory, struct rexi_str text,
					   struct rexi_str schema, struct rx_buf *complaint)
{
	struct rexi_error err;
	enum rexi_status status;

	(void)memory, (void)schema;
	memset(policy, 0, sizeof(*policy));
	status = rexi_cedar_engine_new(NULL, NULL, &policy->cedar, &err);
	if (status == REXI_OK)
		status = rexi_cedar_policies_new(policy->cedar, &policy->policies, &err);
	if (status == REXI_OK) {
		status = rexi_cedar_policies_add_text(policy->policies, text, 0, &err);
		if (status != REXI_OK && status != REXI_NO_MEMORY) {
			RX_BUF_LIT(complaint, "Failed to parse Cedar policy - check syntax and structure: ");
			describe_errors(policy, &err, complaint);
			return RXR_POLICY_MALFORMED;
		}
	}
	if (status == REXI_OK)
		status = rexi_cedar_policies_build(policy->policies, 0, &err);
	if (status != REXI_OK) {
		rx_buf_str(complaint, rx_str(err.message));
		return RXR_POLICY_FAILED;
	}
	return RXR_POLICY_OK;
}

void rxr_policy_free(struct rxr_policy *policy)
{
	rexi_cedar_policies_free(policy->policies);
	rexi_cedar_engine_free(policy->cedar);
	memset(policy, 0, sizeof(*policy));
}
