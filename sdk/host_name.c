/* Names in a directory: make, link, remove, rename, replace. */
#include <config.h>

#include "sdk/host_fs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "sdk/fs.h"
#include "sdk/host_session.h"

#include "base/banned.h"

#define MAY(action) (1u << (RXS_##action))

/* The name of the grant's path in `dir`; ESTALE when the directory is not its parent (any more). */
static int name_in(const struct rxs_grant *grant, unsigned actions, const struct rxs_dir *dir, const char **name)
{
	const struct rxs_path *path = rxs_grant_resource(grant)->path;

	RX_ASSERT(actions & (1u << rxs_grant_action(grant)));
	rxs_grant_session(grant)->host_calls++;
	if (!rxs_path_is_child(path, dir->path))
		return ESTALE;
	*name = path->text + path->name_at;
	return 0;
}

int rxs_host_mkdir(const struct rxs_grant *grant, const struct rxs_dir *dir, mode_t mode)
{
	const char *name;
	int error = name_in(grant, MAY(FS_CREATE), dir, &name);

	if (error)
		return error;
	return mkdirat(dir->fd, name, mode) == 0 ? 0 : errno;
}

/* A name that nobody chose: dot, so that listings of users stay clean. */
static void temporary_name(struct rxs_session *session, char out[48])
{
	char uuid[37];

	rxs_uuid(session, uuid);
	snprintf(out, 48, ".rexi-%s", uuid);
}

int rxs_host_symlink(const struct rxs_grant *grant, const struct rxs_dir *dir, struct rexi_str target, bool replace)
{
	char text[4096], temporary[48];
	struct stat status;
	const char *name;
	int error = name_in(grant, MAY(FS_CREATE), dir, &name);

	if (error)
		return error;
	if (target.len == 0)
		return ENOENT;
	if (target.len >= sizeof(text))
		return ENAMETOOLONG;
	if (memchr(target.ptr, '\0', target.len))
		return EINVAL;
	memcpy(text, target.ptr, target.len);
	text[target.len] = '\0';
	if (!replace)
		return symlinkat(text, dir->fd, name) == 0 ? 0 : errno;
	if (fstatat(dir->fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode))
		return EISDIR;
	temporary_name(rxs_grant_session(grant), temporary);
	if (symlinkat(text, dir->fd, temporary) != 0)
		return errno;
	if (renameat(dir->fd, temporary, dir->fd, name) == 0)
		return 0;
	error = errno;
	unlinkat(dir->fd, temporary, 0);
	return error;
}

/* Is the name still this object? */
static int still_is(int dir_fd, const char *name, const struct rxs_stat *expect)
{
	struct stat status;

	if (!expect)
		return 0;
	if (fstatat(dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return errno;
	return (uint64_t)status.st_ino == expect->inode && (uint64_t)status.st_dev == expect->device ? 0 : ESTALE;
}

int rxs_host_remove(const struct rxs_grant *grant, const struct rxs_dir *dir, const struct rxs_stat *expect, bool is_dir)
{
	const char *name;
	int error = name_in(grant, MAY(FS_DELETE), dir, &name);

	if (!error)
		error = still_is(dir->fd, name, expect);
	if (error)
		return error;
	return unlinkat(dir->fd, name, is_dir ? AT_REMOVEDIR : 0) == 0 ? 0 : errno;
}

int rxs_host_rename(const struct rxs_grant *move, const struct rxs_dir *src, const struct rxs_stat *expect,
		    const struct rxs_grant *create, const struct rxs_dir *dst, bool no_replace)
{
	const char *from, *to;
	int error = name_in(move, MAY(FS_MOVE) | MAY(FS_WRITE), src, &from);

	rxs_grant_session(move)->moves++;
	if (!error)
		error = name_in(create, MAY(FS_CREATE), dst, &to);
	if (!error)
		error = still_is(src->fd, from, expect);
	if (error)
		return error;
	if (no_replace) {
		if (syscall(SYS_renameat2, src->fd, from, dst->fd, to, RENAME_NOREPLACE) == 0)
			return 0;
		if (errno != ENOSYS && errno != EINVAL)
			return errno;
		if (still_is(dst->fd, to, &(struct rxs_stat){ .inode = 0 }) != ENOENT)
			return EEXIST;
	}
	return renameat(src->fd, from, dst->fd, to) == 0 ? 0 : errno;
}

/* ---- replacing a file's content ------------------------------------------------------------------------------------- */

struct rxs_replacement {
	struct rxs_session *session;
	struct rxs_path *path; /* of the name to be replaced */
	int dir_fd;            /* own descriptor of the directory */
	int fd;                /* the new inode */
	bool named;            /* `temporary` exists in the directory */
	char temporary[48];
};

/* Every extended attribute of the old file, ACLs and security labels included, as far as the kernel lets us. */
static void attributes_copy(struct rxs_session *session, int from, int to)
{
	char list[16384], *value;
	const size_t cap = 65536;
	ssize_t len = flistxattr(from, list, sizeof(list));

	if (len <= 0)
		return;
	value = (char *)rx_memory_take(session->memory, cap);
	if (!value)
		return;
	for (ssize_t at = 0; at < len; at += (ssize_t)strlen(list + at) + 1) {
		ssize_t size = fgetxattr(from, list + at, value, cap);

		/* A capability on a program must not survive a change of its content. */
		if (size >= 0 && strcmp(list + at, "security.capability") != 0)
			(void)fsetxattr(to, list + at, value, (size_t)size, 0);
	}
	rx_memory_give(session->memory, value, cap);
}

static int temporary_open(struct rxs_replacement *r)
{
	r->fd = openat(r->dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	/* Nameless files can be given a name only through /proc. */
	if (r->fd >= 0 && rxs_host_proc_fds(r->session) >= 0)
		return 0;
	if (r->fd >= 0)
		close(r->fd);
	else if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT && errno != EINVAL)
		return errno;
	temporary_name(r->session, r->temporary);
	r->fd = openat(r->dir_fd, r->temporary, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, 0600);
	if (r->fd < 0)
		return errno;
	r->named = true;
	return 0;
}

static int attributes_set(struct rxs_replacement *r, int old_fd, mode_t mode, bool keep_owner)
{
	struct stat old, now;

	if (old_fd >= 0) {
		if (fstat(old_fd, &old) != 0 || fstat(r->fd, &now) != 0)
			return errno;
		mode = old.st_mode & 07777;
		attributes_copy(r->session, old_fd, r->fd);
		if (keep_owner && (old.st_uid != now.st_uid || old.st_gid != now.st_gid) &&
		    fchown(r->fd, old.st_uid, old.st_gid) != 0)
			return errno;
		/* Another owner's set-id bits are not ours to hand on. */
		if (!keep_owner && (old.st_uid != now.st_uid || old.st_gid != now.st_gid))
			mode &= 01777;
	}
	return fchmod(r->fd, mode) == 0 ? 0 : errno;
}

int rxs_host_replace_begin(const struct rxs_grant *write, const struct rxs_dir *dir, int old_fd, mode_t mode, bool keep_owner,
			   struct rxs_replacement **out)
{
	struct rxs_session *session = rxs_grant_session(write);
	struct rxs_replacement *r;
	const char *name;
	int error = name_in(write, MAY(FS_WRITE), dir, &name);

	if (error)
		return error;
	r = (struct rxs_replacement *)rx_memory_take_zeroed(session->memory, 1, sizeof(*r));
	if (!r)
		return ENOMEM;
	r->session = session;
	r->path = rxs_path_ref(rxs_grant_resource(write)->path);
	r->fd = -1;
	r->dir_fd = openat(dir->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->dir_fd < 0 && errno == EACCES) /* may be entered but not listed: good enough, but for its fsync */
		r->dir_fd = openat(dir->fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	error = r->dir_fd < 0 ? errno : temporary_open(r);
	if (!error)
		error = attributes_set(r, old_fd, mode, keep_owner);
	if (error)
		rxs_host_replace_abort(&r);
	else
		*out = r;
	return error;
}

int rxs_host_replace_fd(const struct rxs_replacement *replacement)
{
	return replacement->fd;
}

static void replacement_free(struct rxs_replacement *r)
{
	if (r->dir_fd >= 0)
		close(r->dir_fd);
	rxs_path_unref(r->path);
	rx_memory_give(r->session->memory, r, sizeof(*r));
}

void rxs_host_replace_abort(struct rxs_replacement **replacement)
{
	struct rxs_replacement *r = *replacement;

	*replacement = NULL;
	if (!r)
		return;
	if (r->named)
		unlinkat(r->dir_fd, r->temporary, 0);
	if (r->fd >= 0)
		close(r->fd);
	replacement_free(r);
}

static int temporary_link(struct rxs_replacement *r)
{
	char name[16];

	if (r->named)
		return 0;
	snprintf(name, sizeof(name), "%d", r->fd);
	temporary_name(r->session, r->temporary);
	if (linkat(rxs_host_proc_fds(r->session), name, r->dir_fd, r->temporary, AT_SYMLINK_FOLLOW) != 0)
		return errno;
	r->named = true;
	return 0;
}

int rxs_host_replace_commit(struct rxs_replacement **replacement, int *fd_out)
{
	struct rxs_replacement *r = *replacement;
	int error = 0;

	r->session->host_calls++;
	if (fsync(r->fd) != 0 && errno != EINVAL && errno != EROFS)
		error = errno;
	if (!error)
		error = temporary_link(r);
	if (!error && renameat(r->dir_fd, r->temporary, r->dir_fd, r->path->text + r->path->name_at) != 0)
		error = errno;
	if (error) {
		rxs_host_replace_abort(replacement);
		return error;
	}
	(void)fsync(r->dir_fd); /* EBADF on O_PATH; the content itself is safe either way */
	*fd_out = r->fd;
	*replacement = NULL;
	replacement_free(r);
	return 0;
}

/* ---- a directory in the making ---------------------------------------------------------------------------------------- */

struct rxs_stage {
	struct rxs_session *session;
	struct rxs_path *path;
	int dir_fd;
	char temporary[48];
};

int rxs_host_stage_begin(const struct rxs_grant *create, const struct rxs_dir *dir, struct rxs_stage **out, int *fd_out,
			 struct rxs_stat *stat)
{
	struct rxs_session *session = rxs_grant_session(create);
	struct rxs_stage *stage;
	const char *name;
	int fd = -1, error = name_in(create, MAY(FS_CREATE), dir, &name);

	if (error)
		return error;
	stage = (struct rxs_stage *)rx_memory_take_zeroed(session->memory, 1, sizeof(*stage));
	if (!stage)
		return ENOMEM;
	stage->session = session;
	stage->path = rxs_path_ref(rxs_grant_resource(create)->path);
	stage->dir_fd = openat(dir->fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	temporary_name(session, stage->temporary);
	if (stage->dir_fd < 0 || mkdirat(stage->dir_fd, stage->temporary, 0700) != 0) {
		error = errno;
		stage->temporary[0] = '\0';
	} else {
		fd = openat(stage->dir_fd, stage->temporary, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		error = fd < 0 ? errno : rxs_host_identify(session, fd, stat);
	}
	if (error) {
		if (fd >= 0)
			close(fd);
		rxs_host_stage_abort(&stage);
		return error;
	}
	*fd_out = fd;
	*out = stage;
	return 0;
}

static void stage_free(struct rxs_stage *stage)
{
	if (stage->dir_fd >= 0)
		close(stage->dir_fd);
	rxs_path_unref(stage->path);
	rx_memory_give(stage->session->memory, stage, sizeof(*stage));
}

int rxs_host_stage_commit(struct rxs_stage **stage)
{
	struct rxs_stage *s = *stage;

	s->session->moves++;
	if (renameat(s->dir_fd, s->temporary, s->dir_fd, s->path->text + s->path->name_at) != 0)
		return errno;
	*stage = NULL;
	stage_free(s);
	return 0;
}

/* Removes what lies below a directory that nobody else knows of. */
static void stage_clear(struct rxs_session *session, int dir_fd, const char *name, unsigned depth)
{
	char listing[4096];
	long len;
	int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	while (fd >= 0 && depth < 256 && (len = syscall(SYS_getdents64, fd, listing, sizeof(listing))) > 0) {
		for (long at = 0; at < len;) {
			const struct { uint64_t inode; int64_t next; uint16_t len; unsigned char type; char name[]; } *entry =
				(const void *)(listing + at);

			at += entry->len;
			if (strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0)
				continue;
			if (unlinkat(fd, entry->name, 0) != 0 && (errno == EISDIR || errno == EPERM))
				stage_clear(session, fd, entry->name, depth + 1);
		}
	}
	if (fd >= 0)
		close(fd);
	unlinkat(dir_fd, name, AT_REMOVEDIR);
}

void rxs_host_stage_abort(struct rxs_stage **stage)
{
	struct rxs_stage *s = *stage;

	*stage = NULL;
	if (!s)
		return;
	if (s->temporary[0])
		stage_clear(s->session, s->dir_fd, s->temporary, 0);
	stage_free(s);
}

int rxs_host_duplicate(struct rxs_session *session, int fd, int *fd_out)
{
	session->host_calls++;
	*fd_out = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return *fd_out < 0 ? errno : 0;
}
