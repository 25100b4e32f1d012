/* The policy of a run: parsed, validated strictly against the schema of the SDK, built for deciding. */
#ifndef RXR_POLICY_H
#define RXR_POLICY_H

#include <rexi/cedar.h>

#include "base/buf.h"
#include "runner/schema.h"

enum rxr_policy_state {
	RXR_POLICY_OK,
	RXR_POLICY_MALFORMED, /* it or a schema does not parse, or the schemas do not agree */
	RXR_POLICY_INVALID,   /* does not validate; usable if the caller insists */
	RXR_POLICY_FAILED     /* out of memory and the like */
};

struct rxr_policy {
	struct rexi_cedar_engine *cedar;
	struct rexi_cedar_policies *policies;
};

/* What to load and where to say what is wrong with it. */
struct rxr_policy_source {
	struct rexi_str text;
	const struct rxr_schema_text *schemas; /* beside the built-in one */
	size_t schema_count;
	struct rx_buf *complaint; /* takes the reason of anything but OK */
	struct rx_buf *warnings;  /* may be NULL; takes a line for each finding that does not refuse the policy */
};

/* rxr_policy_free ends *policy whatever the state. */
RX_NODISCARD enum rxr_policy_state rxr_policy_load(struct rxr_policy *policy, const struct rxr_policy_source *source);
void rxr_policy_free(struct rxr_policy *policy);

#endif
