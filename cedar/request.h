/* A request, and the memory its values live in. */
#ifndef RXC_REQUEST_H
#define RXC_REQUEST_H

#include "cedar/eval.h"

struct rexi_cedar_request {
	struct rexi_cedar_scratch scratch;
	struct rx_memory memory;
	struct rexi_cedar_uid uids[3]; /* by enum rxc_var */
	bool has_uids;
	struct rexi_cedar_value context;      /* always a record */
	struct rexi_cedar_record *building;   /* the record that add_context extends; in the scratch memory */
	uint32_t building_cap;
};

#endif
