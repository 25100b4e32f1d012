/*
 * The host seam for the network: interfaces, owners of sockets, names, connections. Functions that act take the grant.
 */
#ifndef RXS_HOST_NET_H
#define RXS_HOST_NET_H

#include "base/buf.h"
#include "sdk/authorize.h"

/* Every interface once with an empty address, then each of its addresses as text, in the kernel's order. The grant is
 * sysinfo list. *os_errno: why nothing could be told. */
typedef enum rexi_status (*rxs_interface_fn)(void *user, struct rexi_str name, struct rexi_str address);
RX_NODISCARD enum rexi_status rxs_host_interfaces(const struct rxs_grant *list, rxs_interface_fn each, void *user,
						  int *os_errno);

/* Every socket that a process holds, by its inode, in the order of the processes' numbers; processes that may not be looked
 * at are left out. The grant is Read on the file /proc. */
typedef enum rexi_status (*rxs_socket_fn)(void *user, int64_t pid, uint64_t inode);
RX_NODISCARD enum rexi_status rxs_host_sockets(const struct rxs_grant *read, rxs_socket_fn each, void *user, int *os_errno);

/* An address of either family, in network order, with its port. */
struct rxs_address {
	bool v6;
	unsigned char bytes[16]; /* the first four for IPv4 */
	uint32_t scope;
	uint16_t port;
};
/* "127.0.0.1", "::1"; without the port. */
void rxs_address_show(struct rx_buf *out, const struct rxs_address *address);
/* An address in the textual form of either family, without brackets and scope. */
bool rxs_address_parse(struct rexi_str text, struct rxs_address *out);


/* ---- connections ---------------------------------------------------------------------------------------------------------------- */

/* Milliseconds of a clock that only goes forward; deadlines are points of it. */
uint64_t rxs_host_clock_ms(void);

/* A connection to one address; the grant is GET, connect or resolve_hostname. An errno, ETIMEDOUT at the deadline, EINTR
 * when the run is to end. *fd_out: rxs_host_hang_up. */
int rxs_host_dial(const struct rxs_grant *grant, const struct rxs_address *to, bool udp, uint64_t deadline, int *fd_out);
void rxs_host_hang_up(int fd);
/* The system's D-Bus: DBUS_SYSTEM_BUS_ADDRESS when it says unix:path= or unix:abstract=, else its usual place. The grant is
 * one of systemd's actions. */
int rxs_host_dial_bus(const struct rxs_grant *grant, uint64_t deadline, int *fd_out);
uint32_t rxs_host_effective_user(void);
/* All bytes (one datagram), or an errno. */
int rxs_host_tell(struct rxs_session *session, int fd, const void *bytes, size_t len, uint64_t deadline);
/* What has come, at most len; *got 0 is the end. */
int rxs_host_hear(struct rxs_session *session, int fd, void *bytes, size_t len, size_t *got, uint64_t deadline);
/* Until the descriptor can be read (or written). */
int rxs_host_wait(struct rxs_session *session, int fd, bool writing, uint64_t deadline);

/* /etc/hosts, /etc/resolv.conf; nothing when there is none. The grant as for rxs_host_dial. */
int rxs_host_hosts(const struct rxs_grant *grant, struct rx_buf *out);
int rxs_host_resolv_conf(const struct rxs_grant *grant, struct rx_buf *out);

/* ---- TLS over a connection --------------------------------------------------------------------------------------------------------- */

struct rxs_tls;
/* Shakes hands and checks the server's certificate for `host` against the system's roots. ENOSYS: not built in; EPROTO: it
 * failed. The descriptor stays the caller's. */
int rxs_host_tls_begin(struct rxs_session *session, int fd, const char *host, bool host_is_address, uint64_t deadline,
		       struct rxs_tls **out);
int rxs_host_tls_tell(struct rxs_tls *tls, const void *bytes, size_t len, uint64_t deadline);
int rxs_host_tls_hear(struct rxs_tls *tls, void *bytes, size_t len, size_t *got, uint64_t deadline);
void rxs_host_tls_end(struct rxs_tls *tls);

#endif
