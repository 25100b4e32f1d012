/* Opening: from an authorised path to a descriptor of that very object. */
#include <config.h>

#include "sdk/host_fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifdef HAVE_LINUX_OPENAT2_H
#include <linux/openat2.h>
#endif

#include "sdk/fs.h"
#include "sdk/host_session.h"

#include "base/banned.h"

#ifndef RESOLVE_NO_MAGICLINKS
#define RESOLVE_NO_MAGICLINKS 0x02
#define RESOLVE_NO_SYMLINKS 0x04
#define RESOLVE_BENEATH 0x08
struct open_how {
	uint64_t flags, mode, resolve;
};
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif

#define NO_LINKS (RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS)
/* As the kernel's own limit. */
#define LINKS_MAX 40
#define TRIES 4
#define PROC_MAGIC 0x9fa0

static void stat_take(struct rxs_stat *out, const struct stat *in)
{
	*out = (struct rxs_stat){
		.device = (uint64_t)in->st_dev,
		.inode = (uint64_t)in->st_ino,
		.size = in->st_size < 0 ? 0 : (uint64_t)in->st_size,
		.blocks = in->st_blocks < 0 ? 0 : (uint64_t)in->st_blocks,
		.links = (uint64_t)in->st_nlink,
		.mode = (uint32_t)in->st_mode,
		.uid = (uint32_t)in->st_uid,
		.gid = (uint32_t)in->st_gid,
		.accessed = { in->st_atim.tv_sec, (uint32_t)in->st_atim.tv_nsec },
		.modified = { in->st_mtim.tv_sec, (uint32_t)in->st_mtim.tv_nsec },
		.changed = { in->st_ctim.tv_sec, (uint32_t)in->st_ctim.tv_nsec },
	};
}

static int fd_stat(int fd, struct rxs_stat *out)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return errno;
	stat_take(out, &status);
	return 0;
}

static bool same_object(const struct rxs_stat *a, const struct rxs_stat *b)
{
	return a->device == b->device && a->inode == b->inode && (a->mode & S_IFMT) == (b->mode & S_IFMT);
}

/* A component-by-component open for kernels without openat2: no link, no `..`. */
static int open_walk(int base, const char *relative, int flags, mode_t mode, int *fd_out)
{
	char name[256];
	int at = base, next;

	for (;;) {
		const char *slash = strchr(relative, '/');
		size_t len = slash ? (size_t)(slash - relative) : strlen(relative);
		int error = 0;

		if (len >= sizeof(name)) {
			error = ENAMETOOLONG;
		} else {
			memcpy(name, relative, len);
			name[len] = '\0';
			if (strcmp(name, "..") == 0)
				error = EXDEV;
		}
		next = -1;
		if (!error) {
			if (slash)
				next = openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			else
				next = openat(at, name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
			if (next < 0)
				error = errno;
		}
		if (at != base)
			close(at);
		if (error)
			return error;
		if (!slash) {
			*fd_out = next;
			return 0;
		}
		at = next;
		relative = slash + 1;
	}
}

/* openat2, or the walk when the kernel has none (or a system-call filter forbids it). Only without links. */
static int open_no_links(int base, const char *relative, int flags, mode_t mode, int *fd_out)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_NOFOLLOW | O_CLOEXEC),
		.mode = flags & (O_CREAT | O_TMPFILE) ? mode : 0,
		.resolve = NO_LINKS,
	};

	for (int i = 0; i < TRIES; i++) {
		long fd = syscall(SYS_openat2, base, relative, &how, sizeof(how));

		if (fd >= 0) {
			*fd_out = (int)fd;
			return 0;
		}
		if (errno == ENOSYS || errno == EPERM) {
			int error = open_walk(base, relative, flags, mode, fd_out);

			return error ? error : 0;
		}
		if (errno != EAGAIN && errno != EINTR)
			return errno;
	}
	return EAGAIN;
}

/* "/a/b" below the root descriptor; the root itself is ".". */
static const char *relative_text(const struct rxs_path *path)
{
	return path->len == 1 ? "." : path->text + 1;
}

/* The authorised path as a base descriptor and a relative name. ESTALE when `from` is not its parent (any more). */
static int place(const struct rxs_grant *grant, const struct rxs_dir *from, int *base, const char **relative)
{
	struct rxs_session *session = rxs_grant_session(grant);
	const struct rxs_path *path = rxs_grant_resource(grant)->path;
	int error = 0;

	session->host_calls++;
	if (!from) {
		*base = rxs_host_root(session, &error);
		*relative = relative_text(path);
		return error;
	}
	if (!rxs_path_is_child(path, from->path))
		return ESTALE;
	*base = from->fd;
	*relative = path->text + path->name_at;
	return 0;
}

int rxs_host_open_dir(const struct rxs_grant *grant, const struct rxs_dir *from, int *fd_out, struct rxs_stat *stat)
{
	const char *relative;
	int base, fd, error = place(grant, from, &base, &relative);

	if (!error)
		error = open_no_links(base, relative, O_PATH | O_DIRECTORY, 0, &fd);
	if (error)
		return error;
	if (stat && (error = fd_stat(fd, stat)) != 0) {
		close(fd);
		return error;
	}
	*fd_out = fd;
	return 0;
}

bool rxs_host_where(struct rxs_session *session, int fd, struct rx_buf *out)
{
	static const char gone[] = " (deleted)";
	char name[16], space[4096];
	struct rxs_stat here, there;
	struct stat status;
	int proc = rxs_host_proc_fds(session);
	ssize_t len;

	if (proc < 0)
		return false;
	snprintf(name, sizeof(name), "%d", fd);
	len = readlinkat(proc, name, space, sizeof(space));
	if (len <= 0 || (size_t)len >= sizeof(space) || space[0] != '/')
		return false;
	if ((size_t)len >= sizeof(gone) && memcmp(space + len - (sizeof(gone) - 1), gone, sizeof(gone) - 1) == 0) {
		/* Either it has been removed, or that is how its name ends. */
		space[len] = '\0';
		if (lstat(space, &status) != 0 || fd_stat(fd, &here) != 0)
			return false;
		stat_take(&there, &status);
		if (!same_object(&here, &there))
			return false;
	}
	rx_buf_bytes(out, space, (size_t)len);
	return !out->failed;
}

/* ---- following links ----------------------------------------------------------------------------------------------- */

/* State of a resolution in user space: the directory reached, and the text still to go. */
struct resolution {
	struct rxs_session *session;
	int at;            /* O_PATH; owned unless it is the root's */
	char rest[8192];   /* NUL-terminated */
	unsigned links;
};

static void resolution_move(struct resolution *r, int fd)
{
	if (r->at != r->session->root_fd)
		close(r->at);
	r->at = fd;
}

/* Puts a link's text before the rest; an absolute one starts again at the root. */
static int resolution_splice(struct resolution *r, int link_fd)
{
	char text[4096], joined[sizeof(r->rest)];
	struct statfs fs;
	ssize_t len;
	int written, error = 0;

	if (++r->links > LINKS_MAX)
		return ELOOP;
	len = readlinkat(link_fd, "", text, sizeof(text) - 1);
	if (len < 0)
		return errno;
	text[len] = '\0';
	/* Links of /proc that stand for descriptors and roots jump anywhere: only `self` and relative ones are names. */
	if (fstatfs(link_fd, &fs) == 0 && fs.f_type == PROC_MAGIC && (text[0] == '/' || strchr(text, ':')))
		return ELOOP;
	/* No slash at the end of its own: that would ask for a directory. */
	written = snprintf(joined, sizeof(joined), r->rest[0] ? "%s/%s" : "%s%s", text, r->rest);
	if (written < 0 || (size_t)written >= sizeof(joined))
		return ENAMETOOLONG;
	memcpy(r->rest, joined, (size_t)written + 1);
	if (text[0] == '/')
		resolution_move(r, rxs_host_root(r->session, &error));
	return error;
}

static int parent_of(int fd, int *out)
{
	*out = openat(fd, "..", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return *out < 0 ? errno : 0;
}

/*
 * Resolves until the last component: r->at is its directory, r->rest its name (empty: the directory itself). A last
 * component that is a link is followed. *last_fd is an O_PATH descriptor of it, -1 when it does not exist.
 */
static int resolve_all(struct resolution *r, int *last_fd)
{
	*last_fd = -1;
	for (;;) {
		char name[256];
		size_t skip = strspn(r->rest, "/"), len = strcspn(r->rest + skip, "/"), more;
		struct rxs_stat status;
		int fd, error;

		if (len == 0) {
			r->rest[0] = '\0';
			return 0;
		}
		if (len >= sizeof(name))
			return ENAMETOOLONG;
		memcpy(name, r->rest + skip, len);
		name[len] = '\0';
		more = skip + len + strspn(r->rest + skip + len, "/");
		if (strcmp(name, ".") == 0) {
			memmove(r->rest, r->rest + more, strlen(r->rest + more) + 1);
			continue;
		}
		if (strcmp(name, "..") == 0) {
			error = parent_of(r->at, &fd);
			if (error)
				return error;
			resolution_move(r, fd);
			memmove(r->rest, r->rest + more, strlen(r->rest + more) + 1);
			continue;
		}
		fd = openat(r->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0) {
			if (errno == ENOENT && r->rest[more] == '\0') {
				memmove(r->rest, name, len + 1);
				return ENOENT;
			}
			return errno;
		}
		error = fd_stat(fd, &status);
		if (!error && S_ISLNK(status.mode)) {
			memmove(r->rest, r->rest + more, strlen(r->rest + more) + 1);
			error = resolution_splice(r, fd);
			close(fd);
			if (error)
				return error;
			continue;
		}
		if (!error && r->rest[more] == '\0') {
			bool slash = more > skip + len;

			if (slash && !S_ISDIR(status.mode))
				error = ENOTDIR;
			else {
				memmove(r->rest, name, len + 1);
				*last_fd = fd;
				return 0;
			}
		} else if (!error && !S_ISDIR(status.mode)) {
			error = ENOTDIR;
		}
		if (error) {
			close(fd);
			return error;
		}
		resolution_move(r, fd);
		memmove(r->rest, r->rest + more, strlen(r->rest + more) + 1);
	}
}

static int resolution_start(struct resolution *r, struct rxs_session *session, int base, const char *relative)
{
	int error = 0, written;

	r->session = session;
	r->links = 0;
	if (rxs_host_root(session, &error) < 0)
		return error;
	r->at = base == session->root_fd ? base : openat(base, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (r->at < 0)
		return errno;
	written = snprintf(r->rest, sizeof(r->rest), "%s", relative);
	if (written < 0 || (size_t)written >= sizeof(r->rest)) {
		resolution_move(r, session->root_fd);
		return ENAMETOOLONG;
	}
	return 0;
}

/* As the kernel resolves, but never through /proc's magic links. */
static int follow(struct rxs_session *session, int base, const char *relative, int flags, int *fd_out)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(O_PATH | O_CLOEXEC | flags),
		.resolve = RESOLVE_NO_MAGICLINKS,
	};
	struct resolution r;
	struct rxs_stat status;
	int error, last;

	for (int i = 0; i < TRIES; i++) {
		long fd = syscall(SYS_openat2, base, relative, &how, sizeof(how));

		if (fd >= 0) {
			*fd_out = (int)fd;
			return 0;
		}
		if (errno == ENOSYS || errno == EPERM)
			break;
		if (errno != EAGAIN && errno != EINTR)
			return errno;
	}
	error = resolution_start(&r, session, base, relative);
	if (error)
		return error;
	error = resolve_all(&r, &last);
	if (!error && last < 0) { /* the directory itself */
		last = openat(r.at, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (last < 0)
			error = errno;
	}
	resolution_move(&r, session->root_fd);
	if (!error && (flags & O_DIRECTORY) && ((error = fd_stat(last, &status)) != 0 || !S_ISDIR(status.mode))) {
		close(last);
		return error ? error : ENOTDIR;
	}
	if (!error)
		*fd_out = last;
	return error;
}

/* What was opened and where it is, for a descriptor that links led to; closed on error. */
static int followed(struct rxs_session *session, int fd, int *fd_out, struct rxs_stat *stat, struct rx_buf *real_out)
{
	int error = fd_stat(fd, stat);

	/* Without /proc nobody can say where the links led: refuse rather than authorise a guess. */
	if (!error && !rxs_host_where(session, fd, real_out))
		error = real_out->failed ? ENOMEM : ENOENT;
	if (error)
		close(fd);
	else
		*fd_out = fd;
	return error;
}

static int follow_common(const struct rxs_grant *grant, const struct rxs_dir *from, int flags, int *fd_out,
			 struct rxs_stat *stat, struct rx_buf *real_out)
{
	struct rxs_session *session = rxs_grant_session(grant);
	const char *relative;
	int base, fd, error = place(grant, from, &base, &relative);

	if (!error)
		error = follow(session, base, relative, flags, &fd);
	if (error)
		return error;
	return followed(session, fd, fd_out, stat, real_out);
}

int rxs_host_follow_dir(const struct rxs_grant *grant, const struct rxs_dir *from, int *fd_out, struct rxs_stat *stat,
			struct rx_buf *real_out)
{
	struct rxs_stat unused;
	int error = rxs_host_open_dir(grant, from, fd_out, stat ? stat : &unused);

	/* Mostly no link is on the way: then the path is the real one, and nobody need be asked where the descriptor is. */
	if (error != ELOOP && error != ENOTDIR)
		return error;
	return follow_common(grant, from, O_DIRECTORY, fd_out, stat ? stat : &unused, real_out);
}

int rxs_host_follow_file(const struct rxs_grant *grant, const struct rxs_dir *from, int *fd_out, struct rxs_stat *stat,
			 struct rx_buf *real_out)
{
	return follow_common(grant, from, 0, fd_out, stat, real_out);
}

int rxs_host_follow_parent(const struct rxs_grant *grant, int *fd_out, struct rxs_stat *stat, struct rx_buf *real_out)
{
	struct rxs_session *session = rxs_grant_session(grant);
	const struct rxs_path *path = rxs_grant_resource(grant)->path;
	char space[4096];
	size_t len = path->parent_len ? path->parent_len : 1;
	int base, fd, error = 0;

	session->host_calls++;
	if (len >= sizeof(space))
		return ENAMETOOLONG;
	memcpy(space, path->text, len);
	space[len] = '\0';
	base = rxs_host_root(session, &error);
	if (!error)
		error = follow(session, base, len == 1 ? "." : space + 1, O_DIRECTORY, &fd);
	if (error)
		return error;
	return followed(session, fd, fd_out, stat, real_out);
}

int rxs_host_follow_missing(const struct rxs_grant *grant, const struct rxs_dir *from, struct rx_buf *real_out)
{
	struct rxs_session *session = rxs_grant_session(grant);
	struct resolution r;
	const char *relative;
	int base, last = -1, error = place(grant, from, &base, &relative);

	if (!error)
		error = resolution_start(&r, session, base, relative);
	if (error)
		return error;
	error = resolve_all(&r, &last);
	if (error == ENOENT && r.rest[0] && !strchr(r.rest, '/')) {
		error = 0;
		if (!rxs_host_where(session, r.at, real_out))
			error = ENOENT;
		if (real_out->len > 1)
			rx_buf_byte(real_out, '/');
		rx_buf_str(real_out, rx_str(r.rest));
		if (real_out->failed)
			error = ENOMEM;
	} else if (!error) {
		error = EEXIST; /* it appeared meanwhile */
	}
	if (last >= 0)
		close(last);
	resolution_move(&r, session->root_fd);
	return error;
}

/* ---- files ----------------------------------------------------------------------------------------------------------- */

static int access_flags(unsigned flags)
{
	int access = flags & RXS_OPEN_WRITE ? flags & RXS_OPEN_READ ? O_RDWR : O_WRONLY : O_RDONLY;

	/* Not blocking and no controlling terminal, whatever the name turns out to be; regular files do not care. */
	return access | O_NONBLOCK | O_NOCTTY | (flags & RXS_OPEN_APPEND ? O_APPEND : 0);
}

static int name_stat(int base, const char *name, struct rxs_stat *out)
{
	struct stat status;

	if (fstatat(base, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return errno;
	stat_take(out, &status);
	return 0;
}

static int type_check(const struct rxs_stat *stat, unsigned flags)
{
	if (S_ISREG(stat->mode))
		return 0;
	if (S_ISLNK(stat->mode))
		return ELOOP;
	if (S_ISDIR(stat->mode))
		return EISDIR;
	return flags & RXS_OPEN_SPECIAL ? 0 : ENXIO;
}

int rxs_host_open_file(const struct rxs_grant *grant, const struct rxs_dir *from, unsigned flags, mode_t mode, int *fd_out,
		       struct rxs_stat *stat)
{
	const char *name;
	int base, error = place(grant, from, &base, &name);

	RX_ASSERT(from);
	if (error)
		return error;
	for (int i = 0; i < TRIES; i++) {
		struct rxs_stat before = { 0 };
		int fd = -1;

		error = name_stat(base, name, &before);
		if (error == ENOENT && (flags & (RXS_OPEN_CREATE | RXS_OPEN_EXCL))) {
			error = open_no_links(base, name, access_flags(flags) | O_CREAT | O_EXCL, mode, &fd);
			if (error == EEXIST && !(flags & RXS_OPEN_EXCL))
				continue; /* it appeared meanwhile: look again */
			if (!error)
				error = fd_stat(fd, stat);
		} else if (!error) {
			if (flags & RXS_OPEN_EXCL)
				return EEXIST;
			error = type_check(&before, flags);
			if (!error)
				error = open_no_links(base, name, access_flags(flags), 0, &fd);
			if (error == ENOENT)
				continue; /* it went away between the look and the open */
			if (!error)
				error = fd_stat(fd, stat);
			if (!error && !same_object(&before, stat)) {
				close(fd); /* swapped between the look and the open */
				error = ESTALE;
				continue;
			}
		}
		if (error) {
			if (fd >= 0)
				close(fd);
			return error;
		}
		*fd_out = fd;
		return 0;
	}
	return error;
}

int rxs_host_reopen(const struct rxs_grant *grant, int path_fd, unsigned flags, int *fd_out)
{
	struct rxs_session *session = rxs_grant_session(grant);
	const struct rxs_path *path = rxs_grant_resource(grant)->path;
	struct rxs_stat before = { 0 }, after = { 0 };
	char name[16];
	int proc = rxs_host_proc_fds(session), fd, error = fd_stat(path_fd, &before);

	session->host_calls++;
	if (!error)
		error = type_check(&before, flags);
	if (error)
		return error;
	if (proc >= 0) {
		snprintf(name, sizeof(name), "%d", path_fd);
		fd = openat(proc, name, access_flags(flags) | O_CLOEXEC);
		if (fd >= 0) {
			*fd_out = fd;
			return 0;
		}
		if (errno != ENOENT)
			return errno;
	}
	error = open_no_links(rxs_host_root(session, &error), relative_text(path), access_flags(flags), 0, &fd);
	if (error)
		return error;
	error = fd_stat(fd, &after);
	if (!error && !same_object(&before, &after))
		error = ESTALE;
	if (error)
		close(fd);
	else
		*fd_out = fd;
	return error;
}

int rxs_host_open_link(const struct rxs_grant *grant, const struct rxs_dir *from, int *fd_out, struct rxs_stat *stat)
{
	const char *name;
	int base, fd, error = place(grant, from, &base, &name);

	RX_ASSERT(from);
	if (error)
		return error;
	fd = openat(base, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno;
	error = fd_stat(fd, stat);
	if (error)
		close(fd);
	else
		*fd_out = fd;
	return error;
}

int rxs_host_stat_at(const struct rxs_grant *grant, const struct rxs_dir *from, struct rxs_stat *stat)
{
	const char *name;
	int base, error = place(grant, from, &base, &name);

	RX_ASSERT(from);
	return error ? error : name_stat(base, name, stat);
}

static int link_read(int base, const char *name, struct rx_buf *out)
{
	char space[4097];
	ssize_t len = readlinkat(base, name, space, sizeof(space));

	if (len < 0)
		return errno;
	if ((size_t)len >= sizeof(space))
		return ENAMETOOLONG;
	rx_buf_bytes(out, space, (size_t)len);
	return out->failed ? ENOMEM : 0;
}

int rxs_host_link_text(const struct rxs_grant *grant, int link_fd, struct rx_buf *out)
{
	rxs_grant_session(grant)->host_calls++;
	return link_read(link_fd, "", out);
}

int rxs_host_link_text_at(const struct rxs_grant *grant, const struct rxs_dir *from, struct rx_buf *out)
{
	const char *name;
	int base, error = place(grant, from, &base, &name);

	RX_ASSERT(from);
	return error ? error : link_read(base, name, out);
}

void rxs_host_close(struct rxs_session *session, int fd)
{
	(void)session;
	if (fd >= 0)
		close(fd);
}

int rxs_host_stat(const struct rxs_grant *grant, int fd, struct rxs_stat *stat)
{
	rxs_grant_session(grant)->host_calls++;
	return fd_stat(fd, stat);
}

int rxs_host_identify(struct rxs_session *session, int fd, struct rxs_stat *stat)
{
	(void)session;
	return fd_stat(fd, stat);
}

int rxs_host_parent(struct rxs_session *session, const struct rxs_path *path, int *fd_out, struct rxs_stat *stat)
{
	char space[4096];
	int base, fd, error = 0;
	size_t len = path->parent_len ? path->parent_len : 1;

	if (len >= sizeof(space))
		return ENAMETOOLONG;
	memcpy(space, path->text, len);
	space[len] = '\0';
	base = rxs_host_root(session, &error);
	if (!error)
		error = open_no_links(base, len == 1 ? "." : space + 1, O_PATH | O_DIRECTORY, 0, &fd);
	if (error)
		return error;
	error = fd_stat(fd, stat);
	if (error)
		close(fd);
	else
		*fd_out = fd;
	return error;
}

bool rxs_host_can_say_where(struct rxs_session *session)
{
	return rxs_host_proc_fds(session) >= 0;
}

bool rxs_host_is_at(struct rxs_session *session, const struct rxs_path *path, uint64_t device, uint64_t inode)
{
	struct rxs_stat status;
	int base, fd, error = 0;
	bool same;

	base = rxs_host_root(session, &error);
	if (error || open_no_links(base, relative_text(path), O_PATH, 0, &fd) != 0)
		return false;
	same = fd_stat(fd, &status) == 0 && status.device == device && status.inode == inode;
	close(fd);
	return same;
}
