/* User and group names from /etc/passwd and /etc/group, kept per session and read again when the files change. */
#ifndef RXS_HOST_USER_H
#define RXS_HOST_USER_H

#include "sdk/session.h"

/* Appends the name; false when there is none. */
bool rxs_identity_user(struct rxs_session *session, uint32_t uid, struct rx_buf *out);
bool rxs_identity_group(struct rxs_session *session, uint32_t gid, struct rx_buf *out);
/* The names of the groups of this process, the real one first, "gid:N" where one has no name. They live in `arena`.
 * false: out of memory, or the kernel refused. */
bool rxs_identity_groups(struct rxs_session *session, struct rx_arena *arena, const struct rexi_str **out, size_t *count);
void rxs_identity_free(struct rxs_session *session);

#endif
