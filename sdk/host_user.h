/* User and group names from /etc/passwd and /etc/group, kept per session and read again when the files change. */
#ifndef RXS_HOST_USER_H
#define RXS_HOST_USER_H

#include "sdk/session.h"

/* Appends the name; false when there is none. */
bool rxs_identity_user(struct rxs_session *session, uint32_t uid, struct rx_buf *out);
bool rxs_identity_group(struct rxs_session *session, uint32_t gid, struct rx_buf *out);
void rxs_identity_free(struct rxs_session *session);

#endif
