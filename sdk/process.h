/* One process as a policy sees it, for the parts that act on processes. Source: sdk-system.md 4. */
#ifndef RXS_PROCESS_H
#define RXS_PROCESS_H

#include "sdk/host_system.h"
#include "sdk/kinds.h"

#define RXS_FAIL_PROCESS(session, kind, ...)                                                                              \
	rxs_fail_from((session), RXS_SOURCE_PROCESS, RXS_PROCESS_KIND_##kind, __VA_ARGS__)

struct rxs_known {
	struct rxs_process p;
	struct rx_buf user, command;
};

void rxs_known_init(struct rxs_known *k, struct rxs_session *session);
void rxs_known_fini(struct rxs_known *k);
/* False when there is no such process. */
bool rxs_known_read(struct rxs_known *k, struct rxs_session *session, int64_t pid, int64_t thread_of);
/* Asks for the action on the process, with its name, user and command. */
RX_NODISCARD enum rexi_status rxs_known_ask(struct rxs_session *session, const struct rxs_known *k, enum rxs_action action,
					    const struct rxs_grant **grant);
/* A denial that only leaves the process out: true, and the failure is cleared. */
bool rxs_denial_skipped(struct rxs_session *session, enum rexi_status status);

/* What sizes and times are measured by. */
struct rxs_units {
	double uptime;
	uint64_t memory_bytes;
};
struct rxs_units rxs_units_read(struct rxs_session *session);
/* A ProcessInfo; takes `namespace`. recent: its use of the processor lately, or unit. */
RX_NODISCARD enum rexi_status rxs_process_value(struct rxl_call *call, const struct rxs_known *k, const struct rxs_units *units,
						struct rxl_value namespace, struct rxl_value recent, struct rxl_value *out);

#endif
