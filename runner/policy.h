/* The policy of a run: parsed, validated strictly against the schema of the SDK, built for deciding. */
#ifndef RXR_POLICY_H
#define RXR_POLICY_H

#include <rexi/cedar.h>

#include "base/buf.h"

enum rxr_policy_state {
	RXR_POLICY_OK,
	RXR_POLICY_MALFORMED, /* does not parse */
	RXR_POLICY_INVALID,   /* does not validate; usable if the caller insists */
	RXR_POLICY_FAILED     /* out of memory and the like */
};

struct rxr_policy {
	struct rexi_cedar_engine *cedar;
	struct rexi_cedar_policies *policies;
};

/* Anything but OK appends the reason. rxr_policy_free ends *policy either way. */
RX_NODISCARD enum rxr_policy_state rxr_policy_load(struct rxr_policy *policy, struct rx_memory *memory, struct rexi_str text,
						   struct rx_buf *complaint);
/* With further schema texts beside the built-in one. */
RX_NODISCARD enum rxr_policy_state rxr_policy_load_with(struct rxr_policy *policy, struct rx_memory *memory,
							struct rexi_str text, struct rexi_str schema, struct rx_buf *complaint);
void rxr_policy_free(struct rxr_policy *policy);

#endif
