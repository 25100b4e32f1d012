/* Entities that a run answers from their names, for decisions outside of a run: a file is in every directory above it. */
#ifndef RXR_POLICY_WORLD_H
#define RXR_POLICY_WORLD_H

#include <rexi/cedar.h>

#include "base/compiler.h"

struct rxr_world {
	struct rexi_cedar_provider provider;
	const struct rexi_cedar_entities *entities; /* borrowed; what they have is told as they have it */
	struct rexi_cedar_name directory;
};

/* The engine must outlive *world. */
RX_NODISCARD enum rexi_status rxr_world_init(struct rxr_world *world, const struct rexi_cedar_engine *engine,
					     const struct rexi_cedar_entities *entities, struct rexi_error *err);

#endif
