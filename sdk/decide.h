/* The session's Cedar side, for sdk/session.c and sdk/authorize.c alone. */
#ifndef RXS_DECIDE_H
#define RXS_DECIDE_H

#include "sdk/session.h"

RX_NODISCARD enum rexi_status rxs_decider_new(struct rxs_session *session, const struct rexi_cedar_engine *cedar,
					      struct rxs_decider **out, struct rexi_error *err);
void rxs_decider_free(struct rxs_session *session, struct rxs_decider *decider);
void rxs_grants_fini(struct rxs_session *session);

#endif
