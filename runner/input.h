/* The files of a run, read whole before anything else happens (spec/runner.md 3). */
#ifndef RXR_INPUT_H
#define RXR_INPUT_H

#include "base/buf.h"
#include "runner/audit.h"

enum rxr_input_failure { RXR_INPUT_OK, RXR_INPUT_UNREADABLE, RXR_INPUT_TOO_LARGE, RXR_INPUT_ENDED };

struct rxr_input {
	struct rx_buf text;
	char sha256[RXR_HASH_HEX + 1]; /* empty until asked for with rxr_input_digest */
};

/* path "-" is standard input. limit in bytes, 0 is none. check_owner: the file must belong to root or to the real user
 * and nobody else may write to it. On failure the reason, as the reference words it, was appended to `complaint`. */
RX_NODISCARD enum rxr_input_failure rxr_input_read(struct rxr_input *input, struct rx_memory *memory, const char *path,
						   uint64_t limit, bool check_owner, struct rx_buf *complaint);
void rxr_input_fini(struct rxr_input *input);
const char *rxr_input_digest(struct rxr_input *input);

#endif
