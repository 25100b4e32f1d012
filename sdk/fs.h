/*
 * Directories, files and links as handles: every operation asks its permissions (rxs_authorize), then acts on the object
 * that was authorised. The natives for scripts, the commands, archives and process launching are all built on these.
 *
 * All functions report through the session's failure (sdk/error.h). Handles are reference counted; they must not outlive
 * their session.
 */
#ifndef RXS_FS_H
#define RXS_FS_H

#include "base/buf.h"
#include "sdk/authorize.h"
#include "sdk/host_fs.h"
#include "sdk/path.h"
#include "sdk/session.h"

struct rxs_dir {
	uint32_t refs;
	int fd;                  /* O_PATH */
	struct rxs_session *session;
	struct rxs_path *path;   /* P: as opened, or where the kernel says the directory is now */
	uint64_t device, inode;
	uint64_t fresh_at;       /* rxs_host_place_mark when `path` was last confirmed */
	uint64_t fresh_call;     /* and the native in which that was */
};

struct rxs_open_file {
	bool read, write, create, follow;
	bool special;            /* FIFOs and devices too; scripts have no way to set it */
	bool append;
	bool has_permissions;
	uint32_t permissions;    /* & 0777, for a new file */
};

struct rxs_file {
	uint32_t refs;
	int fd;
	struct rxs_session *session;
	struct rxs_dir *dir;     /* where the name is */
	struct rxs_path *entry;  /* E: dir's path and the name; what delete and move act on */
	struct rxs_path *path;   /* F: the object itself; entry's path unless a link was followed */
	struct rxs_open_file how;
	uint64_t device, inode;
	uint64_t entry_inode, entry_device; /* of the name itself (the link's, when one was followed) */
	uint64_t offset;         /* of read_page alone; everything else is positional */
	uint64_t fresh_at, fresh_call; /* as above, of `path` and `entry` */
};

struct rxs_link {
	uint32_t refs;
	int fd;                  /* O_PATH|O_NOFOLLOW on the link itself */
	struct rxs_session *session;
	struct rxs_dir *dir;
	struct rxs_path *path;
	uint64_t device, inode;
};

struct rxs_dir *rxs_dir_ref(struct rxs_dir *dir);
void rxs_dir_unref(struct rxs_dir *dir);
struct rxs_file *rxs_file_ref(struct rxs_file *file);
void rxs_file_unref(struct rxs_file *file);
struct rxs_link *rxs_link_ref(struct rxs_link *link);
void rxs_link_unref(struct rxs_link *link);

/* ---- directories (sdk/dir.c) ---- */

struct rxs_open_dir {
	bool create, recursive, follow;
};

/* open(DirConfig, OpenDirOptions): spec 6.1. Open(Dir); with create, Create(Dir) for every level that is made. */
RX_NODISCARD enum rexi_status rxs_dir_open(struct rxs_session *session, struct rexi_str path,
					   const struct rxs_open_dir *how, struct rxs_dir **out);
RX_NODISCARD enum rexi_status rxs_dir_open_path(struct rxs_session *session, struct rxs_path *path,
						const struct rxs_open_dir *how, struct rxs_dir **out);
/* A child by a name that a script gave (basename rule) or, with `trusted`, that came from a listing. */
RX_NODISCARD enum rexi_status rxs_dir_child(struct rxs_dir *dir, struct rexi_str name, bool trusted, bool follow,
					    struct rxs_dir **out);
/*
 * Present path of the handle, asked of the kernel once in each native, so that checks name where it is now (W-05). The
 * second form asks at each tick of the kernel's clock and after each move of this run: for looking at things and for
 * opening what is there, where what is done next with the new handle is checked under its own present path.
 */
RX_NODISCARD enum rexi_status rxs_dir_refresh(struct rxs_dir *dir);
RX_NODISCARD enum rexi_status rxs_dir_refresh_lately(struct rxs_dir *dir);
RX_NODISCARD enum rexi_status rxs_dir_stat(struct rxs_dir *dir, struct rxs_stat *out); /* Stat(Dir) */
/* mkdir one level: Create(Dir). Existing: EEXIST as IoError. */
RX_NODISCARD enum rexi_status rxs_dir_make(struct rxs_dir *dir, struct rexi_str name, struct rxs_dir **out);
RX_NODISCARD enum rexi_status rxs_dir_chmod(struct rxs_dir *dir, int64_t mode, bool recursive);
RX_NODISCARD enum rexi_status rxs_dir_chown(struct rxs_dir *dir, const struct rexi_str *user, const struct rexi_str *group,
					    bool recursive);
/* Delete(Dir) and, with recursive, Delete of every element before anything is removed. */
RX_NODISCARD enum rexi_status rxs_dir_delete(struct rxs_dir *dir, bool force, bool recursive);
RX_NODISCARD enum rexi_status rxs_dir_move(struct rxs_dir *parent, struct rxs_dir *src, struct rxs_dir *dst,
					   struct rexi_str name, bool verbose, struct rxs_dir **out);
/* Read(File P/N): the text of the link. */
RX_NODISCARD enum rexi_status rxs_dir_link_target(struct rxs_dir *dir, struct rexi_str name, struct rx_buf *out);
RX_NODISCARD enum rexi_status rxs_dir_symlink(struct rxs_dir *dir, struct rexi_str target, struct rexi_str name, bool force);

/* ---- entries: what a listing or a walk finds ---- */

enum rxs_entry_type {
	RXS_ENTRY_FILE, RXS_ENTRY_DIR, RXS_ENTRY_SYMLINK, RXS_ENTRY_UNKNOWN,
	RXS_ENTRY_FIFO, RXS_ENTRY_SOCKET, RXS_ENTRY_CHAR_DEVICE, RXS_ENTRY_BLOCK_DEVICE,
	RXS_ENTRY_TYPE_COUNT
};

enum rxs_entry_type rxs_entry_type_of_mode(uint32_t mode);
const char *rxs_entry_type_name(enum rxs_entry_type type); /* "File", "Dir", "Symlink" ... */

struct rxs_entry {
	struct rexi_str name; /* raw bytes; owned by the listing, or borrowed from the walk */
	uint64_t inode;
	enum rxs_entry_type type;
	bool followed;        /* a link that a walk followed; type is the target's */
};

struct rxs_listing {
	struct rx_arena arena;
	struct rxs_entry *entries; /* in the order of the kernel */
	size_t count, cap;
};

/* Read(Dir P). */
RX_NODISCARD enum rexi_status rxs_dir_list(struct rxs_dir *dir, struct rxs_listing *out);
void rxs_listing_fini(struct rxs_listing *listing);

/* Metadata of an entry, links not followed: Open and Stat on it (file, directory, link), Stat alone for others. With
 * target not NULL and a link: Read too, and its text; *has_target tells whether it was allowed. */
RX_NODISCARD enum rexi_status rxs_entry_stat(struct rxs_dir *dir, const struct rxs_entry *entry, struct rxs_stat *out,
					     struct rx_buf *target, bool *has_target);

/* ---- tree walk (sdk/walk.c), spec 9.1 ---- */

struct rxs_walk_options {
	uint64_t min_depth, max_depth; /* children of the root are depth 1 */
	bool follow;                   /* links; every entry is then stat'ed and each inode reported once */
	bool strict;                   /* a denial or error ends the walk instead of skipping the element */
	bool strict_root;              /* the root must be readable, whatever is skipped below */
	bool post;                     /* call `leave` */
	void *user;
	/* Pre-order. dir is the directory that holds the entry; child is the opened directory when the entry is one.
	 * *skip: do not enter. Not REXI_OK ends the walk with that status. */
	enum rexi_status (*entry)(void *user, struct rxs_dir *dir, const struct rxs_entry *entry, struct rxs_dir *child,
				  uint64_t depth, bool *skip);
	/* After the last entry below `dir`; called for the root too, at depth 0. */
	enum rexi_status (*leave)(void *user, struct rxs_dir *dir, const struct rxs_entry *entry, uint64_t depth);
};

RX_NODISCARD enum rexi_status rxs_walk(struct rxs_dir *root, const struct rxs_walk_options *options);

/* ---- files (sdk/file.c) ---- */

/* open_file(DirHandle, name, OpenFileOptions): spec 6.2. */
RX_NODISCARD enum rexi_status rxs_file_open(struct rxs_dir *dir, struct rexi_str name, bool trusted,
					    const struct rxs_open_file *how, struct rxs_file **out);
RX_NODISCARD enum rexi_status rxs_file_refresh(struct rxs_file *file);
RX_NODISCARD enum rexi_status rxs_file_refresh_lately(struct rxs_file *file);
RX_NODISCARD enum rexi_status rxs_file_stat(struct rxs_file *file, struct rxs_stat *out); /* Stat(File F) */

/* The reading rule (RR): Read(File F), then the handle must be open for reading. */
RX_NODISCARD enum rexi_status rxs_file_may_read(struct rxs_file *file, const struct rxs_grant **grant_out);
/* The dual reading rule (DR): *redacted is set when only redacted_read is allowed. */
RX_NODISCARD enum rexi_status rxs_file_may_read_redacted(struct rxs_file *file, bool *redacted,
							 const struct rxs_grant **grant_out);
/* Write(File F), then the handle must be open for writing. */
RX_NODISCARD enum rexi_status rxs_file_may_write(struct rxs_file *file, const struct rxs_grant **grant_out);

/* Whole content as UTF-8 text (DR; redacted when that is all that is allowed). Appends to out. */
RX_NODISCARD enum rexi_status rxs_file_read(struct rxs_file *file, struct rx_buf *out);
/* Whole content as bytes with a grant in hand. */
RX_NODISCARD enum rexi_status rxs_file_bytes(struct rxs_file *file, const struct rxs_grant *read, struct rx_buf *out);
/* Replace atomically; *out is a handle on the new content. keep_owner: the old file's owner. */
RX_NODISCARD enum rexi_status rxs_file_write(struct rxs_file *file, struct rexi_str content, bool keep_owner,
					     struct rxs_file **out);
RX_NODISCARD enum rexi_status rxs_file_write_in_place(struct rxs_file *file, struct rexi_str content);
/* Write(File F): adds to the end without reading. The handle must have been opened with `append`. */
RX_NODISCARD enum rexi_status rxs_file_append(struct rxs_file *file, struct rexi_str content);
RX_NODISCARD enum rexi_status rxs_file_copy(struct rxs_file *src, struct rxs_file *dst, bool force, bool preserve);
RX_NODISCARD enum rexi_status rxs_file_delete(struct rxs_file *file, bool force);
RX_NODISCARD enum rexi_status rxs_file_move(struct rxs_file *file, struct rxs_dir *dst, struct rexi_str name, bool backup,
					    bool verbose, struct rxs_file **out);
RX_NODISCARD enum rexi_status rxs_file_chmod(struct rxs_file *file, int64_t mode);
RX_NODISCARD enum rexi_status rxs_file_chown(struct rxs_file *file, const struct rexi_str *user, const struct rexi_str *group);
/* Stat(File) and set both times to now: what touch does to an existing file (Write(File F) is asked). */
RX_NODISCARD enum rexi_status rxs_file_touch(struct rxs_file *file);

RX_NODISCARD enum rexi_status rxs_link_open(struct rxs_dir *dir, struct rexi_str name, bool trusted, struct rxs_link **out);
RX_NODISCARD enum rexi_status rxs_link_stat(struct rxs_link *link, struct rxs_stat *out, struct rx_buf *target,
					    bool *has_target);
RX_NODISCARD enum rexi_status rxs_link_chown(struct rxs_link *link, const struct rexi_str *user, const struct rexi_str *group);

/* Bits above 0777, or outside u32, fail as spec 6.10 says. */
RX_NODISCARD enum rexi_status rxs_mode_check(struct rxs_session *session, int64_t mode, uint32_t *out);

/* ---- disk usage (sdk/usage.c), spec 6.14 ---- */

struct rxs_usage_options {
	bool summarize, all_files, one_file_system, count_hard_links, apparent_size, track_largest;
	int64_t max_depth;
	void *user;
	/* Children before parents; path is the entry's shown path, valid for the call. */
	enum rexi_status (*entry)(void *user, struct rexi_str path, uint64_t bytes, uint64_t inodes, uint64_t depth);
};

/* *total_bytes and *total_inodes are the root's; largest (owned, may be NULL) with track_largest. */
RX_NODISCARD enum rexi_status rxs_usage(struct rxs_dir *root, const struct rxs_usage_options *options, uint64_t *total_bytes,
					uint64_t *total_inodes, struct rxs_dir **largest);

/* ---- names of users and groups (sdk/host_user.c) ---- */

/* The name, or the number as text when there is none (W-35). Appends. */
RX_NODISCARD enum rexi_status rxs_user_name(struct rxs_session *session, uint32_t uid, struct rx_buf *out);
RX_NODISCARD enum rexi_status rxs_group_name(struct rxs_session *session, uint32_t gid, struct rx_buf *out);
/* IdentityResolutionError when there is none. A decimal number is not a name. */
RX_NODISCARD enum rexi_status rxs_user_id(struct rxs_session *session, struct rexi_str name, uint32_t *uid_out,
					  uint32_t *gid_out);
RX_NODISCARD enum rexi_status rxs_group_id(struct rxs_session *session, struct rexi_str name, uint32_t *gid_out);

#endif
