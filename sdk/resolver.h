/* Names to addresses: literals, /etc/hosts, name servers. Source: sdk-system.md 2.6. */
#ifndef RXS_RESOLVER_H
#define RXS_RESOLVER_H

#include "sdk/host_net.h"

enum rxs_transport { RXS_TRANSPORT_AUTO, RXS_TRANSPORT_UDP, RXS_TRANSPORT_TCP };

struct rxs_resolution {
	enum rxs_transport transport;
	struct rexi_str server;  /* address of a name server; ptr NULL: the system's */
	uint64_t timeout_ms;     /* of each question */
};

struct rxs_addresses {
	struct rxs_address *items;
	size_t count, cap;
};
void rxs_addresses_fini(struct rxs_session *session, struct rxs_addresses *addresses);

/*
 * Every address of a name, IPv4 first, no two alike. The grant is resolve_hostname on it, or what the connection needs.
 * Nothing found: *why says it in the reference's words and count is 0; that is REXI_OK. REXI_TERMINATED when the run is to
 * end.
 */
RX_NODISCARD enum rexi_status rxs_resolve(const struct rxs_grant *grant, struct rexi_str name,
					  const struct rxs_resolution *how, struct rxs_addresses *out, struct rx_buf *why);

#endif
