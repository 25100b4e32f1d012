/* The runner's own script functions: logs, alarms, metrics (spec/runner.md 12.1 and 13.2). */
#ifndef RXR_NATIVES_H
#define RXR_NATIVES_H

#include "lang/native.h"
#include "runner/report.h"

enum rxr_class { RXR_ALARM_BUILDER, RXR_METRIC_BUILDER, RXR_DIMENSIONS_BUILDER, RXR_DIMENSIONS, RXR_UNIT_TYPE, RXR_CLASSES };

#define RXR_NATIVE_ROWS 32

struct rxr_natives {
	struct rxr_report *report; /* borrowed */
	/* Asked after each logged line; not REXI_OK ends the call with that status. May be NULL. */
	enum rexi_status (*logged)(void *user, struct rxl_call *call);
	void *user;
	struct rxl_class classes[RXR_CLASSES];
	struct rxl_native rows[RXR_NATIVE_ROWS]; /* the table with `data` pointing here */
};

/* *natives must stay where it is and outlive the engine. */
RX_NODISCARD enum rexi_status rxr_natives_register(struct rxr_natives *natives, struct rxl_engine *engine,
						   struct rexi_error *err);

#endif
