#include <config.h>

#include "runner/policy.h"

#include <rexi/cedar_schema.h>

#include "sdk/schema.h"

#define FINDINGS_SHOWN 5

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

/* Errors, and policies that can never apply: a forbid of that kind forbids nothing, which nobody can have meant. */
static bool is_refused(const struct rexi_cedar_finding *finding)
{
	return !finding->is_warning || strcmp(finding->kind, "impossible-policy") == 0;
}

static bool has_refused(const struct rexi_cedar_validation *validation)
{
	struct rexi_cedar_finding finding;

	for (size_t i = 0; rexi_cedar_validation_finding(validation, i, &finding); i++) {
		if (is_refused(&finding))
			return true;
	}
	return false;
}

/* "policy0 (line 3, position 9): message (help)" */
static void describe_finding(const struct rexi_cedar_finding *finding, struct rx_buf *out)
{
	rx_buf_str(out, finding->policy);
	if (finding->line)
		rx_buf_printf(out, " (line %u, position %u)", finding->line, finding->column);
	RX_BUF_LIT(out, ": ");
	rx_buf_str(out, finding->message);
	if (finding->help.len) {
		RX_BUF_LIT(out, " (");
		rx_buf_str(out, finding->help);
		RX_BUF_LIT(out, ")");
	}
}

/* The first few of what the policy is refused for. */
static void describe_findings(const struct rexi_cedar_validation *validation, struct rx_buf *complaint)
{
	struct rexi_cedar_finding finding;
	size_t shown = 0;

	for (size_t i = 0; rexi_cedar_validation_finding(validation, i, &finding); i++) {
		if (!is_refused(&finding))
			continue;
		if (shown == FINDINGS_SHOWN) {
			RX_BUF_LIT(complaint, "; ...");
			return;
		}
		if (shown++)
			RX_BUF_LIT(complaint, "; ");
		describe_finding(&finding, complaint);
	}
}

static void describe_warnings(const struct rexi_cedar_validation *validation, struct rx_buf *warnings)
{
	struct rexi_cedar_finding finding;

	for (size_t i = 0; warnings && rexi_cedar_validation_finding(validation, i, &finding); i++) {
		if (is_refused(&finding))
			continue;
		describe_finding(&finding, warnings);
		rx_buf_byte(warnings, '\n');
	}
}

static enum rxr_policy_state validate(struct rxr_policy *policy, const struct rxr_policy_source *source)
{
	struct rexi_cedar_validation *validation = NULL;
	struct rexi_cedar_schema *schema = NULL;
	enum rxr_policy_state state = RXR_POLICY_OK;
	struct rx_buf *complaint = source->complaint;
	size_t before = complaint->len;
	struct rexi_error err;
	enum rexi_status status;

	RX_BUF_LIT(complaint, "Failed to parse Cedar schema: ");
	status = rxr_schema_new(policy->cedar, true, source->schemas, source->schema_count, &schema, complaint);
	if (status != REXI_OK)
		return status == REXI_NO_MEMORY ? RXR_POLICY_FAILED : RXR_POLICY_MALFORMED;
	complaint->len = before;
	if (rexi_cedar_validate(schema, policy->policies, NULL, &validation, &err) != REXI_OK) {
		rx_buf_str(complaint, rx_str(err.message));
		state = RXR_POLICY_FAILED;
	} else {
		describe_warnings(validation, source->warnings);
		if (has_refused(validation)) {
			RX_BUF_LIT(complaint, "Failed to validate Cedar policy: ");
			describe_findings(validation, complaint);
			state = RXR_POLICY_INVALID;
		}
	}
	rexi_cedar_validation_free(validation);
	rexi_cedar_schema_free(schema);
	return state;
}

enum rxr_policy_state rxr_policy_load(struct rxr_policy *policy, const struct rxr_policy_source *source)
{
	struct rexi_error err;
	enum rexi_status status;

	memset(policy, 0, sizeof(*policy));
	status = rexi_cedar_engine_new(NULL, NULL, &policy->cedar, &err);
	if (status == REXI_OK)
		status = rexi_cedar_policies_new(policy->cedar, &policy->policies, &err);
	if (status == REXI_OK) {
		status = rexi_cedar_policies_add_text(policy->policies, source->text, 0, &err);
		if (status != REXI_OK && status != REXI_NO_MEMORY) {
			RX_BUF_LIT(source->complaint, "Failed to parse Cedar policy - check syntax and structure: ");
			describe_errors(policy, &err, source->complaint);
			return RXR_POLICY_MALFORMED;
		}
	}
	if (status == REXI_OK)
		status = rexi_cedar_policies_build(policy->policies, 0, &err);
	if (status != REXI_OK) {
		rx_buf_str(source->complaint, rx_str(err.message));
		return RXR_POLICY_FAILED;
	}
	/* an empty set has nothing that could be wrong with it */
	if (!rexi_cedar_policies_count(policy->policies) && !rexi_cedar_policies_template_count(policy->policies) &&
	    !source->schema_count)
		return RXR_POLICY_OK;
	return validate(policy, source);
}

void rxr_policy_free(struct rxr_policy *policy)
{
	rexi_cedar_policies_free(policy->policies);
	rexi_cedar_engine_free(policy->cedar);
	memset(policy, 0, sizeof(*policy));
}
