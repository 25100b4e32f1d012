/* The runner's own script functions: logs, alarms, metrics (spec/runner.md 12.1 and 13.2). */
#ifndef RXR_NATIVES_H
#define RXR_NATIVES_H

#include "lang/native.h"
#include "runner/report.h"

/* Host types, by id and name. */
#define RXR_CLASS_LIST(X)                                                                                                \
	X(ALARM_BUILDER, "AlarmBuilder") X(METRIC_BUILDER, "MetricBuilder")                                                \
	X(DIMENSIONS_BUILDER, "MetricDimensionsBuilder") X(DIMENSIONS, "MetricDimensions") X(UNIT_TYPE, "MetricUnitType")
#define RXR_CLASS_ID(id, name) RXR_##id,
enum rxr_class { RXR_CLASS_LIST(RXR_CLASS_ID) RXR_CLASSES };

struct rxr_natives {
	struct rxr_report *report; /* borrowed */
	/* Asked after each logged line; not REXI_OK ends the call with that status. May be NULL. */
	enum rexi_status (*logged)(void *user, struct rxl_call *call);
	void *user;
	struct rxl_class classes[RXR_CLASSES];
};

/* *natives must stay where it is and outlive the engine. */
RX_NODISCARD enum rexi_status rxr_natives_register(struct rxr_natives *natives, struct rxl_engine *engine,
						   struct rexi_error *err);

#endif
