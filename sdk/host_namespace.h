/* The host seam for namespaces: this process enters others' and comes back. */
#ifndef RXS_HOST_NAMESPACE_H
#define RXS_HOST_NAMESPACE_H

#include "sdk/authorize.h"

/* Where this process was: its namespaces, and with a mount namespace its root and working directory. */
struct rxs_place {
	struct rxs_session *session;
	int mount, net, root, cwd; /* -1 when not kept */
};

/* Keeps what will be left; the grant is mount_namespace or network_namespace. An errno. */
int rxs_host_place_keep(const struct rxs_grant *grant, bool mount, bool net, struct rxs_place *out);
/* Enters namespaces of the very process that was checked; expect its start time. Grants that are NULL are not entered. */
int rxs_host_enter_process(const struct rxs_grant *mount, const struct rxs_grant *net, int64_t pid, uint64_t start_ticks);
/* Enters the network namespace behind an open file; the grant is network_namespace on it. */
int rxs_host_enter_file(const struct rxs_grant *grant, int fd);
/* Back to where it was. 0, or an errno: then this process is somewhere else. Ends *place either way. */
int rxs_host_place_return(struct rxs_place *place);
void rxs_host_place_forget(struct rxs_place *place);

#endif
