/*
 * The host seam for files: the only road from the SDK to the kernel's file system calls. Every function that acts on an
 * object takes the grant that allows it, or a handle that was opened with one. All descriptors are close-on-exec.
 *
 * Opening is descriptor-relative: openat2 with RESOLVE_NO_MAGICLINKS always, RESOLVE_NO_SYMLINKS and RESOLVE_BENEATH
 * unless links are to be followed; a component-by-component walk where the kernel has no openat2. A failing call returns
 * an errno (0 is success), so that callers choose the error's kind; they never see -1.
 */
#ifndef RXS_HOST_FS_H
#define RXS_HOST_FS_H

#include <sys/types.h>

#include "sdk/authorize.h"

struct rxs_dir;
struct rxs_file;

struct rxs_time {
	int64_t seconds;
	uint32_t nanoseconds;
};

struct rxs_stat {
	uint64_t device, inode, size, blocks, links;
	uint32_t mode, uid, gid;
	struct rxs_time accessed, modified, changed;
};

/* Bits of rxs_host_open_file. */
enum {
	RXS_OPEN_READ = 1,
	RXS_OPEN_WRITE = 2,
	RXS_OPEN_CREATE = 4,   /* O_CREAT; an existing file is opened as it is */
	RXS_OPEN_EXCL = 8,     /* O_CREAT|O_EXCL */
	RXS_OPEN_SPECIAL = 16, /* FIFOs, devices and sockets too */
	RXS_OPEN_APPEND = 32
};

/* ---- opening; `from` NULL means the path from the root, else the parent directory of the grant's path ---- */

/* The directory as O_PATH, no link anywhere in the part that is resolved. *stat may be NULL. */
int rxs_host_open_dir(const struct rxs_grant *grant, const struct rxs_dir *from, int *fd_out, struct rxs_stat *stat);
/* The directory that the path leads to through links (never through /proc's magic ones). *real_out: where it is now, to
 * be authorised before the descriptor is used; left empty when there was no link: it is the grant's own path. */
int rxs_host_follow_dir(const struct rxs_grant *grant, const struct rxs_dir *from, int *fd_out, struct rxs_stat *stat,
			struct rx_buf *real_out);
/* A regular file. Looks at it first, so that no FIFO blocks and no device is touched; the open descriptor is compared
 * with what was seen. ELOOP: it is a link. ENXIO: it is neither regular nor wanted as special (EISDIR for a directory). */
int rxs_host_open_file(const struct rxs_grant *grant, const struct rxs_dir *from, unsigned flags, mode_t mode, int *fd_out,
		       struct rxs_stat *stat);
/* What the name leads to through links, as an O_PATH descriptor that can only be looked at, and where it is. */
int rxs_host_follow_file(const struct rxs_grant *grant, const struct rxs_dir *from, int *fd_out, struct rxs_stat *stat,
			 struct rx_buf *real_out);
/* The directory that the path's parent leads to through links, and where it is: the path's own name is not followed. What
 * is done in it is asked for by its real name. */
int rxs_host_follow_parent(const struct rxs_grant *grant, int *fd_out, struct rxs_stat *stat, struct rx_buf *real_out);
/* Where a dangling link would put a new file: the real path of the missing file. */
int rxs_host_follow_missing(const struct rxs_grant *grant, const struct rxs_dir *from, struct rx_buf *real_out);
/* The object behind an O_PATH descriptor, opened for use; the grant is for its real path. */
int rxs_host_reopen(const struct rxs_grant *grant, int path_fd, unsigned flags, int *fd_out);
/* The link itself as O_PATH. ENOTDIR-free: any type may come back, the caller looks at *stat. */
int rxs_host_open_link(const struct rxs_grant *grant, const struct rxs_dir *from, int *fd_out, struct rxs_stat *stat);
/* Status of a name without opening it, links not followed. */
int rxs_host_stat_at(const struct rxs_grant *grant, const struct rxs_dir *from, struct rxs_stat *stat);
/* Text of a link: by the descriptor of rxs_host_open_link, or by name. */
int rxs_host_link_text(const struct rxs_grant *grant, int link_fd, struct rx_buf *out);
int rxs_host_link_text_at(const struct rxs_grant *grant, const struct rxs_dir *from, struct rx_buf *out);

void rxs_host_close(struct rxs_session *session, int fd);

/* One more descriptor of the same open file. */
int rxs_host_duplicate(struct rxs_session *session, int fd, int *fd_out);

/* ---- on open descriptors ---- */

int rxs_host_stat(const struct rxs_grant *grant, int fd, struct rxs_stat *stat);
/* Identity only, for re-checks: needs no grant because it reveals nothing to the script. */
int rxs_host_identify(struct rxs_session *session, int fd, struct rxs_stat *stat);
/* The directory that holds `path`, as O_PATH and without links: for a handle whose object has moved. Needs no grant: what
 * is done in it is asked for by name. */
int rxs_host_parent(struct rxs_session *session, const struct rxs_path *path, int *fd_out, struct rxs_stat *stat);
/* Where the kernel cannot say where a descriptor is: does the path still lead to this object, without links? */
bool rxs_host_is_at(struct rxs_session *session, const struct rxs_path *path, uint64_t device, uint64_t inode);
/* The present path of a descriptor. False when the kernel cannot say (no /proc) or the object is gone: then `out` is
 * left alone. */
bool rxs_host_where(struct rxs_session *session, int fd, struct rx_buf *out);
/* False where /proc is missing. */
bool rxs_host_can_say_where(struct rxs_session *session);

/* Up to len bytes at `offset`; *got 0 is the end of the file. Retries EINTR. */
int rxs_host_read(const struct rxs_grant *grant, int fd, uint64_t offset, void *bytes, size_t len, size_t *got);
/* All bytes or an error; short writes are continued. */
int rxs_host_write(const struct rxs_grant *grant, int fd, uint64_t offset, const void *bytes, size_t len);
/* One write at the end of a descriptor opened with RXS_OPEN_APPEND where the kernel takes it in one. */
int rxs_host_append(const struct rxs_grant *grant, int fd, const void *bytes, size_t len);
int rxs_host_truncate(const struct rxs_grant *grant, int fd, uint64_t size);
int rxs_host_allocate(const struct rxs_grant *grant, int fd, uint64_t length);
int rxs_host_sync(struct rxs_session *session, int fd);
/* Modes 0..07777 by descriptor, O_PATH ones too. */
int rxs_host_chmod(const struct rxs_grant *grant, int fd, mode_t mode);
/* UINT32_MAX leaves an id as it is. The object itself, never a link's target. */
int rxs_host_chown(const struct rxs_grant *grant, int fd, uint32_t uid, uint32_t gid);
/* nanoseconds UINT32_MAX leaves that time as it is, UINT32_MAX - 1 takes the clock. */
int rxs_host_set_times(const struct rxs_grant *grant, int fd, struct rxs_time accessed, struct rxs_time modified);
/* Copies from *offset of src to dst until the end of src; both grants are checked (read, write). */
int rxs_host_copy(const struct rxs_grant *read, int src, const struct rxs_grant *write, int dst, uint64_t *copied_out);
int rxs_host_get_xattr(const struct rxs_grant *grant, int fd, const char *name, void *bytes, size_t cap, size_t *len_out);
int rxs_host_set_xattr(const struct rxs_grant *grant, int fd, const char *name, const void *bytes, size_t len);

/* ---- names in a directory: `dir` must be the parent of the grant's path ---- */

int rxs_host_mkdir(const struct rxs_grant *grant, const struct rxs_dir *dir, mode_t mode);
int rxs_host_symlink(const struct rxs_grant *grant, const struct rxs_dir *dir, struct rexi_str target, bool replace);
/* Removes the name if it still is the object with this device and inode (ESTALE when not); is_dir chooses the call. */
int rxs_host_remove(const struct rxs_grant *grant, const struct rxs_dir *dir, const struct rxs_stat *expect, bool is_dir);
/* Renames src's name to dst's. `expect` as above, may be NULL. EXDEV comes back to the caller. */
int rxs_host_rename(const struct rxs_grant *move, const struct rxs_dir *src, const struct rxs_stat *expect,
		    const struct rxs_grant *create, const struct rxs_dir *dst, bool no_replace);

/*
 * Replace a file's content so that a crash leaves the old or the new one: a nameless temporary beside it, its mode,
 * owner (when keep_owner) and extended attributes taken from `old_fd`, bytes written, fsync, link, rename, fsync of the
 * directory. old_fd -1: there was none, `mode` is used. *fd_out is open for reading and writing on the new inode.
 */
struct rxs_replacement; /* in progress */
int rxs_host_replace_begin(const struct rxs_grant *write, const struct rxs_dir *dir, int old_fd, mode_t mode, bool keep_owner,
			   struct rxs_replacement **out);
int rxs_host_replace_fd(const struct rxs_replacement *replacement);
int rxs_host_replace_commit(struct rxs_replacement **replacement, int *fd_out);
void rxs_host_replace_abort(struct rxs_replacement **replacement);

/*
 * A directory tree in the making, under a name that nobody chose beside the grant's path; commit renames it there, abort
 * removes it with what was put in.
 */
struct rxs_stage;
int rxs_host_stage_begin(const struct rxs_grant *create, const struct rxs_dir *dir, struct rxs_stage **out, int *fd_out,
			 struct rxs_stat *stat);
int rxs_host_stage_commit(struct rxs_stage **stage);
void rxs_host_stage_abort(struct rxs_stage **stage);

/* ---- listing ---- */

struct rxs_dirent {
	struct rexi_str name; /* raw bytes, valid until the next call */
	uint64_t inode;
	unsigned char type; /* DT_* */
};

struct rxs_scan; /* a directory being read, 64 KiB at a time by getdents64 */
int rxs_host_scan_begin(const struct rxs_grant *read, const struct rxs_dir *dir, struct rxs_scan **out);
/* 0 and *entry; 0 and entry->name.ptr NULL at the end; else an errno. `.` and `..` are left out. */
int rxs_host_scan_next(struct rxs_scan *scan, struct rxs_dirent *entry);
void rxs_host_scan_end(struct rxs_scan *scan);

#endif
