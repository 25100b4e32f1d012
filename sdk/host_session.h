/* What a session keeps at the host seam: cached descriptors, the account's name, random bytes. */
#ifndef RXS_HOST_SESSION_H
#define RXS_HOST_SESSION_H

#include "sdk/session.h"

/* Account name of the effective user from the user database; appends nothing when there is none. */
void rxs_host_account(struct rxs_session *session, struct rx_buf *out);
/* Bytes of the kernel's random source. */
void rxs_host_random(struct rxs_session *session, void *bytes, size_t len);
/* Descriptor of "/" or of /proc/self/fd, opened once; -1 and *os_errno when that fails. */
int rxs_host_root(struct rxs_session *session, int *os_errno);
int rxs_host_proc_fds(struct rxs_session *session);
/* What is known about places holds while this number stays the same: until the next tick of the clock (some
 * milliseconds, the kernel's own granularity) and until this session moves something or runs a program. */
uint64_t rxs_host_place_mark(const struct rxs_session *session);
/* Closes and frees everything the seam cached. */
void rxs_host_session_end(struct rxs_session *session);

#endif
