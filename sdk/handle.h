/* What the files that make up sdk/fs.h share: making handles, common failures. */
#ifndef RXS_HANDLE_H
#define RXS_HANDLE_H

#include "sdk/fs.h"

/* Takes the descriptor in any case; path and dir get a reference of their own. */
RX_NODISCARD enum rexi_status rxs_dir_adopt(struct rxs_session *session, int fd, struct rxs_path *path,
					    const struct rxs_stat *stat, struct rxs_dir **out);
RX_NODISCARD enum rexi_status rxs_file_adopt(struct rxs_dir *dir, int fd, struct rxs_path *entry, struct rxs_path *path,
					     const struct rxs_open_file *how, const struct rxs_stat *stat,
					     const struct rxs_stat *entry_stat, struct rxs_file **out);
/* The directory that holds `path`, for acting on names in it; asks nothing. */
RX_NODISCARD enum rexi_status rxs_dir_of(struct rxs_session *session, struct rxs_path *path, struct rxs_dir **out,
					 int *os_errno);
/* One more handle; fails past limits.open_handles. */
RX_NODISCARD enum rexi_status rxs_handle_count(struct rxs_session *session);

/* "Invalid path: file path must contain only a filename" when the name was more than one component. */
RX_NODISCARD enum rexi_status rxs_basename_rule(struct rxs_session *session, const struct rxs_spelling *spelling);
/* Appends ": <path>" to the failure and returns status. */
RX_NODISCARD enum rexi_status rxs_fail_at(struct rxs_session *session, enum rxs_io_kind kind, const char *reason,
					  struct rexi_str path);
/* Failed chown: the CAP_CHOWN text for EPERM, else RustixError. */
RX_NODISCARD enum rexi_status rxs_fail_chown(struct rxs_session *session, int error);
/* Ids of the names in SetOwnershipOptions; UINT32_MAX for NULL. */
RX_NODISCARD enum rexi_status rxs_owner_ids(struct rxs_session *session, const struct rexi_str *user,
					    const struct rexi_str *group, uint32_t *uid, uint32_t *gid);
/* The path of an object after a look at /proc: *path is replaced when it has moved. */
RX_NODISCARD enum rexi_status rxs_path_renew(struct rxs_session *session, int fd, uint64_t device, uint64_t inode,
					     struct rxs_path **path, bool *moved);

/* Asks Delete for a directory and everything in it, without removing anything. */
RX_NODISCARD enum rexi_status rxs_dir_may_delete(struct rxs_dir *dir);

/* A listing in storage that is used again (walks); the grant is for reading or deleting the directory. */
void rxs_listing_init(struct rxs_session *session, struct rxs_listing *listing);
void rxs_listing_reset(struct rxs_listing *listing);
RX_NODISCARD enum rexi_status rxs_listing_fill(struct rxs_dir *dir, const struct rxs_grant *grant,
					       struct rxs_listing *listing);

#endif
