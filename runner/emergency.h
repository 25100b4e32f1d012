/* Memory for a signal handler: what it takes comes straight from the kernel and is never given back. */
#ifndef RXR_EMERGENCY_H
#define RXR_EMERGENCY_H

#include "base/memory.h"

/* From now on *memory takes no step of malloc, not even for what malloc gave it before. Async-signal-safe; for a process
 * that is about to end. */
void rxr_emergency_memory(struct rx_memory *memory);

#endif
