/* The network's natives and what their files share. Source: sdk-system.md 1 and 6. */
#ifndef RXS_NETWORK_H
#define RXS_NETWORK_H

#include "sdk/commands.h"

#define RXS_NETWORK_KIND_LIST(X) X(AuthorizationError) X(PermissionDenied) X(RequestError) X(Other)
#define RXS_KIND_ENUM_NETWORK(name) RXS_NETWORK_KIND_##name,
enum rxs_network_kind { RXS_NETWORK_KIND_LIST(RXS_KIND_ENUM_NETWORK) RXS_NETWORK_KIND_COUNT };

/* Constants of NetworkProtocol, TcpState, UnixProtocol and UnixSocketState, for the registry. */
RX_NODISCARD enum rexi_status rxs_network_constants(enum rexi_status (*add)(void *user, const char *module, const char *name,
									    enum rxs_type type, void *payload),
						    void *user);

RXS_COMMAND(rxs_net_interfaces);
RXS_COMMAND(rxs_net_stats);
RXS_COMMAND(rxs_net_netstat);
RXS_COMMAND(rxs_net_address_text);
RXS_COMMAND(rxs_net_client);
RXS_COMMAND(rxs_net_max_text);
RXS_COMMAND(rxs_net_get);
RXS_COMMAND(rxs_net_send);
RXS_COMMAND(rxs_net_curl);
RXS_COMMAND(rxs_net_connect);

#endif
