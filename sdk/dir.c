/* Directories: opening, making, looking, attributes. spec/sdk-filesystem.md 6. */
#include <config.h>

#include "sdk/handle.h"

#include <errno.h>
#include <sys/stat.h>

#include "sdk/host_session.h"

#include "base/banned.h"

/* ---- shared by the handle files ---------------------------------------------------------------------------------------- */

enum rexi_status rxs_handle_count(struct rxs_session *session)
{
	if (session->handles >= session->limits.open_handles)
		return rxs_fail_limit(session, "open_handles", session->limits.open_handles);
	session->handles++;
	return REXI_OK;
}

enum rexi_status rxs_basename_rule(struct rxs_session *session, const struct rxs_spelling *spelling)
{
	if (!spelling->nested)
		return REXI_OK;
	return rxs_fail(session, RXS_IO_InvalidPath, "Invalid path: file path must contain only a filename");
}

enum rexi_status rxs_fail_at(struct rxs_session *session, enum rxs_io_kind kind, const char *reason, struct rexi_str path)
{
	enum rexi_status status = rxs_fail(session, kind, "%s: ", reason);

	session->failure.path_at = session->failure.message.len;
	rxs_path_show(&session->failure.message, path);
	return status;
}

enum rexi_status rxs_fail_chown(struct rxs_session *session, int error)
{
	enum rexi_status status;

	if (error != EPERM)
		return rxs_fail_errno_as(session, RXS_IO_RustixError, error);
	status = rxs_fail(session, RXS_IO_IoError, "Failed to change ownership. CAP_CHOWN capability is required when changing "
			  "ownership to a different user.");
	session->failure.os_errno = error;
	return status;
}

enum rexi_status rxs_owner_ids(struct rxs_session *session, const struct rexi_str *user, const struct rexi_str *group,
			       uint32_t *uid, uint32_t *gid)
{
	*uid = *gid = UINT32_MAX;
	if (user)
		RX_TRY(rxs_user_id(session, *user, uid, NULL));
	if (group)
		RX_TRY(rxs_group_id(session, *group, gid));
	return REXI_OK;
}

enum rexi_status rxs_mode_check(struct rxs_session *session, int64_t mode, uint32_t *out)
{
	if (mode < 0 || mode > UINT32_MAX)
		return rxs_fail(session, RXS_IO_TryFromIntError, "out of range integral type conversion attempted");
	if (mode > 0777)
		return rxs_fail(session, RXS_IO_ValidationError,
				"Validation error: Invalid permissions. Permissions must be in the range 0-777 octal: 0o%llo",
				(unsigned long long)mode);
	*out = (uint32_t)mode;
	return REXI_OK;
}

enum rexi_status rxs_path_renew(struct rxs_session *session, int fd, uint64_t device, uint64_t inode, struct rxs_path **path,
				bool *moved)
{
	struct rx_buf where;
	struct rxs_path *now;
	enum rexi_status status;
	char space[256];

	*moved = false;
	if (!rxs_host_can_say_where(session)) {
		/* Nobody can say where it went, only whether it still is where it was. */
		return rxs_host_is_at(session, *path, device, inode) ? REXI_OK : rxs_fail_errno(session, ESTALE);
	}
	rx_buf_init(&where, session->memory, 0);
	where.ptr = space;
	where.cap = sizeof(space);
	where.limit = sizeof(space);
	if (!rxs_host_where(session, fd, &where)) {
		if (!where.failed)
			return REXI_OK; /* removed: its last name stands for it */
		rx_buf_init(&where, session->memory, 0);
		if (!rxs_host_where(session, fd, &where)) {
			rx_buf_fini(&where);
			return REXI_OK;
		}
	}
	if (rx_str_eq(rx_buf_view(&where), rxs_path_str(*path))) {
		status = REXI_OK;
	} else {
		status = rxs_path_kernel(session, rx_buf_view(&where), &now);
		if (status == REXI_OK) {
			rxs_path_unref(*path);
			*path = now;
			*moved = true;
		}
	}
	if (where.ptr != space)
		rx_buf_fini(&where);
	return status;
}

/* ---- handles ----------------------------------------------------------------------------------------------------------- */

struct rxs_dir *rxs_dir_ref(struct rxs_dir *dir)
{
	dir->refs++;
	return dir;
}

void rxs_dir_unref(struct rxs_dir *dir)
{
	if (!dir || --dir->refs > 0)
		return;
	rxs_host_close(dir->session, dir->fd);
	rxs_path_unref(dir->path);
	dir->session->handles--;
	rx_memory_give(dir->session->memory, dir, sizeof(*dir));
}

enum rexi_status rxs_dir_adopt(struct rxs_session *session, int fd, struct rxs_path *path, const struct rxs_stat *stat,
			       struct rxs_dir **out)
{
	enum rexi_status status = rxs_handle_count(session);
	struct rxs_dir *dir = NULL;

	if (status == REXI_OK) {
		dir = (struct rxs_dir *)rx_memory_take(session->memory, sizeof(*dir));
		if (!dir) {
			session->handles--;
			status = rxs_fail_memory(session);
		}
	}
	if (status != REXI_OK) {
		rxs_host_close(session, fd);
		return status;
	}
	*dir = (struct rxs_dir){ .refs = 1, .fd = fd, .session = session, .path = rxs_path_ref(path),
				 .device = stat->device, .inode = stat->inode, .fresh_at = rxs_host_place_mark(session),
				 .fresh_call = session->call_id };
	*out = dir;
	return REXI_OK;
}

enum rexi_status rxs_dir_of(struct rxs_session *session, struct rxs_path *path, struct rxs_dir **out, int *os_errno)
{
	struct rxs_path *parent;
	struct rxs_stat stat;
	enum rexi_status status;
	int fd;

	*os_errno = rxs_host_parent(session, path, &fd, &stat);
	if (*os_errno)
		return rxs_fail_errno(session, *os_errno);
	status = rxs_path_parent(session, path, &parent);
	if (status != REXI_OK) {
		rxs_host_close(session, fd);
		return status;
	}
	status = rxs_dir_adopt(session, fd, parent, &stat, out);
	rxs_path_unref(parent);
	return status;
}

static enum rexi_status dir_refresh(struct rxs_dir *dir, bool lately)
{
	uint64_t mark = rxs_host_place_mark(dir->session);
	bool moved;

	if (dir->fresh_at == mark && (lately || dir->fresh_call == dir->session->call_id))
		return REXI_OK;
	RX_TRY(rxs_path_renew(dir->session, dir->fd, dir->device, dir->inode, &dir->path, &moved));
	dir->fresh_at = mark;
	dir->fresh_call = dir->session->call_id;
	return REXI_OK;
}

enum rexi_status rxs_dir_refresh(struct rxs_dir *dir)
{
	return dir_refresh(dir, false);
}

enum rexi_status rxs_dir_refresh_lately(struct rxs_dir *dir)
{
	return dir_refresh(dir, true);
}

/* ---- opening ------------------------------------------------------------------------------------------------------------- */

static enum rexi_status fail_open_dir(struct rxs_session *session, int error, const struct rxs_path *path)
{
	if (error == ELOOP || error == ENOTDIR || error == EXDEV)
		return rxs_fail_at(session, RXS_IO_DirectoryOpenError,
				   "Directory error: Not a directory, enable follow_symlinks to open the target directory",
				   rxs_path_str(path));
	return rxs_fail_errno(session, error);
}

/* Through links: the place where they lead is asked for under its own name before anybody gets the handle. */
static enum rexi_status open_followed(struct rxs_session *session, const struct rxs_grant *grant, const struct rxs_dir *from,
				      struct rxs_dir **out)
{
	const struct rxs_grant *real_grant;
	struct rxs_path *real = NULL;
	struct rxs_stat stat;
	struct rx_buf where;
	enum rexi_status status;
	int fd, error;

	rx_buf_init(&where, session->memory, 0);
	error = rxs_host_follow_dir(grant, from, &fd, &stat, &where);
	if (error || where.len == 0) {
		rx_buf_fini(&where);
		return error ? rxs_fail_errno(session, error) :
			       rxs_dir_adopt(session, fd, rxs_grant_resource(grant)->path, &stat, out);
	}
	status = rxs_path_kernel(session, rx_buf_view(&where), &real);
	rx_buf_fini(&where);
	if (status == REXI_OK)
		status = rxs_authorize_dir(session, RXS_FS_OPEN, real, &real_grant);
	if (status == REXI_OK)
		status = rxs_dir_adopt(session, fd, real, &stat, out);
	else
		rxs_host_close(session, fd);
	rxs_path_unref(real);
	return status;
}

static enum rexi_status open_made(struct rxs_session *session, const struct rxs_grant *grant, struct rxs_path *path,
				  struct rxs_dir *parent, const char *reason, struct rxs_dir **out)
{
	struct rxs_stat stat;
	int fd, error = rxs_host_open_dir(grant, parent, &fd, &stat);

	if (error)
		return rxs_fail_at(session, RXS_IO_DirectoryOpenError, reason, rxs_path_name(path));
	return rxs_dir_adopt(session, fd, path, &stat, out);
}

/* One new directory whose parent must be there. */
static enum rexi_status open_created(struct rxs_session *session, const struct rxs_grant *create, struct rxs_path *path,
				     struct rxs_dir **out)
{
	struct rxs_dir *parent;
	enum rexi_status status;
	int error;

	if (path->parent_len == 0)
		return rxs_fail(session, RXS_IO_InvalidPath, "Invalid path: parent path invalid");
	status = rxs_dir_of(session, path, &parent, &error);
	if (status != REXI_OK)
		return error ? rxs_fail_at(session, RXS_IO_DirectoryOpenError, "Directory error: failed to open parent",
					   rx_str_sub(rxs_path_str(path), 1, path->parent_len - 1)) : status;
	error = rxs_host_mkdir(create, parent, 0777);
	if (error) {
		status = rxs_fail_at(session, RXS_IO_DirectoryOpenError, "Directory error: failed to create directory",
				     rxs_path_name(path));
		session->failure.os_errno = error;
	} else {
		status = open_made(session, create, path, parent, "Directory error: failed to open leaf", out);
	}
	rxs_dir_unref(parent);
	return status;
}

/* The deepest directory on the way to `path` that is there, and how many bytes of the path it takes. */
static enum rexi_status deepest_existing(struct rxs_session *session, struct rxs_path *path, struct rxs_dir **out)
{
	struct rxs_path *at = rxs_path_ref(path), *parent;
	enum rexi_status status;
	int error;

	for (;;) {
		status = rxs_dir_of(session, at, out, &error);
		if (status == REXI_OK || error != ENOENT || at->parent_len <= 1)
			break;
		status = rxs_path_parent(session, at, &parent);
		if (status != REXI_OK)
			break;
		rxs_path_unref(at);
		at = parent;
	}
	rxs_path_unref(at);
	return status == REXI_OK || !error ? status : fail_open_dir(session, error, path);
}

/* The path of the next level below `dir` on the way to `path`. */
static enum rexi_status next_level(struct rxs_session *session, const struct rxs_path *dir, const struct rxs_path *path,
				   struct rxs_path **out)
{
	uint32_t end = dir->len == 1 ? 1 : dir->len + 1;

	while (end < path->len && path->text[end] != '/')
		end++;
	return rxs_path_kernel(session, rx_str_make(path->text, end), out);
}

/* Asks `create` for every level that is missing (W-11), before anything is made. */
static enum rexi_status ask_levels(struct rxs_session *session, const struct rxs_dir *start, struct rxs_path *path)
{
	struct rxs_path *at = rxs_path_ref(start->path), *next;
	const struct rxs_grant *grant;
	enum rexi_status status = REXI_OK;

	while (status == REXI_OK && at->len < path->parent_len) {
		status = next_level(session, at, path, &next);
		if (status != REXI_OK)
			break;
		rxs_path_unref(at);
		at = next;
		status = rxs_authorize_dir(session, RXS_FS_CREATE, at, &grant);
	}
	rxs_path_unref(at);
	return status;
}

static enum rexi_status make_level(struct rxs_session *session, struct rxs_dir *parent, struct rxs_path *path,
				   struct rxs_dir **out)
{
	const struct rxs_grant *grant;
	struct rxs_stat stat;
	int fd, error;

	RX_TRY(rxs_authorize_dir(session, RXS_FS_CREATE, path, &grant));
	error = rxs_host_mkdir(grant, parent, 0777);
	if (!error || error == EEXIST)
		error = rxs_host_open_dir(grant, parent, &fd, &stat);
	if (error) {
		enum rexi_status status = rxs_fail_at(session, RXS_IO_DirectoryOpenError,
						      "Directory error: failed to open directory", rxs_path_name(path));

		session->failure.os_errno = error;
		return status;
	}
	return rxs_dir_adopt(session, fd, path, &stat, out);
}

static enum rexi_status open_created_deep(struct rxs_session *session, const struct rxs_grant *open, struct rxs_path *path,
					  struct rxs_dir **out)
{
	struct rxs_dir *at, *next;
	struct rxs_path *level;
	struct rxs_stat stat;
	enum rexi_status status;
	int fd, error = rxs_host_open_dir(open, NULL, &fd, &stat);

	if (!error)
		return rxs_dir_adopt(session, fd, path, &stat, out);
	if (error != ENOENT)
		return fail_open_dir(session, error, path);
	RX_TRY(deepest_existing(session, path, &at));
	status = ask_levels(session, at, path);
	while (status == REXI_OK && !rxs_path_eq(at->path, path)) {
		status = next_level(session, at->path, path, &level);
		if (status != REXI_OK)
			break;
		status = make_level(session, at, level, &next);
		rxs_path_unref(level);
		if (status == REXI_OK) {
			rxs_dir_unref(at);
			at = next;
		}
	}
	if (status == REXI_OK)
		*out = at;
	else
		rxs_dir_unref(at);
	return status;
}

enum rexi_status rxs_dir_open_path(struct rxs_session *session, struct rxs_path *path, const struct rxs_open_dir *how,
				   struct rxs_dir **out)
{
	const struct rxs_grant *open, *create = NULL;
	struct rxs_stat stat;
	int fd, error;

	RX_TRY(rxs_authorize_dir(session, RXS_FS_OPEN, path, &open));
	if (how->create)
		RX_TRY(rxs_authorize_dir(session, RXS_FS_CREATE, path, &create));
	if (how->follow)
		return open_followed(session, open, NULL, out);
	if (how->create)
		return how->recursive ? open_created_deep(session, open, path, out) : open_created(session, create, path, out);
	error = rxs_host_open_dir(open, NULL, &fd, &stat);
	if (error)
		return fail_open_dir(session, error, path);
	return rxs_dir_adopt(session, fd, path, &stat, out);
}

enum rexi_status rxs_dir_open(struct rxs_session *session, struct rexi_str text, const struct rxs_open_dir *how,
			      struct rxs_dir **out)
{
	struct rxs_path *path;
	enum rexi_status status;

	RX_TRY(rxs_path_parse(session, text, NULL, &path));
	status = rxs_dir_open_path(session, path, how, out);
	rxs_path_unref(path);
	return status;
}

static enum rexi_status name_path(struct rxs_dir *dir, struct rexi_str name, bool trusted, struct rxs_spelling *spelling,
				  struct rxs_path **out)
{
	RX_TRY(rxs_dir_refresh(dir));
	*spelling = (struct rxs_spelling){ .empty = false };
	return trusted ? rxs_path_child(dir->session, dir->path, name, out) :
			 rxs_path_join(dir->session, dir->path, name, spelling, out);
}

enum rexi_status rxs_dir_child(struct rxs_dir *dir, struct rexi_str name, bool trusted, bool follow, struct rxs_dir **out)
{
	struct rxs_session *session = dir->session;
	const struct rxs_grant *grant;
	struct rxs_spelling spelling;
	struct rxs_path *path;
	struct rxs_stat stat;
	enum rexi_status status;
	int fd, error;

	RX_TRY(name_path(dir, name, trusted, &spelling, &path));
	status = rxs_authorize_dir(session, RXS_FS_OPEN, path, &grant);
	if (status == REXI_OK)
		status = rxs_basename_rule(session, &spelling);
	if (status == REXI_OK && spelling.empty)
		status = rxs_fail_errno(session, ENOENT);
	if (status == REXI_OK && follow) {
		status = open_followed(session, grant, spelling.self ? NULL : dir, out);
	} else if (status == REXI_OK) {
		error = rxs_host_open_dir(grant, spelling.self ? NULL : dir, &fd, &stat);
		status = error ? fail_open_dir(session, error, path) : rxs_dir_adopt(session, fd, path, &stat, out);
	}
	rxs_path_unref(path);
	return status;
}

enum rexi_status rxs_dir_make(struct rxs_dir *dir, struct rexi_str name, struct rxs_dir **out)
{
	struct rxs_session *session = dir->session;
	const struct rxs_grant *grant;
	struct rxs_spelling spelling;
	struct rxs_path *path;
	struct rxs_stat stat;
	enum rexi_status status;
	int fd, error;

	RX_TRY(name_path(dir, name, false, &spelling, &path));
	status = rxs_authorize_dir(session, RXS_FS_CREATE, path, &grant);
	if (status == REXI_OK)
		status = rxs_basename_rule(session, &spelling);
	if (status == REXI_OK && (spelling.empty || spelling.self))
		status = rxs_fail_errno(session, EEXIST);
	if (status == REXI_OK) {
		error = rxs_host_mkdir(grant, dir, 0777);
		if (!error && out)
			error = rxs_host_open_dir(grant, dir, &fd, &stat);
		if (error)
			status = rxs_fail_errno(session, error);
		else if (out)
			status = rxs_dir_adopt(session, fd, path, &stat, out);
	}
	rxs_path_unref(path);
	return status;
}

/* ---- looking --------------------------------------------------------------------------------------------------------------- */

enum rexi_status rxs_dir_stat(struct rxs_dir *dir, struct rxs_stat *out)
{
	const struct rxs_grant *grant;
	int error;

	RX_TRY(rxs_dir_refresh_lately(dir));
	RX_TRY(rxs_authorize_dir(dir->session, RXS_FS_STAT, dir->path, &grant));
	error = rxs_host_stat(grant, dir->fd, out);
	return error ? rxs_fail_errno(dir->session, error) : REXI_OK;
}

/* The directory behind a name with several parts, through relative links that stay below `dir`, and the name's real path
 * there; `read` is asked for under that name too where it differs. */
static enum rexi_status link_holder(struct rxs_dir *dir, struct rxs_path **path, const struct rxs_grant **grant,
				    struct rxs_dir **out)
{
	struct rxs_session *session = dir->session;
	struct rxs_path *holder = NULL, *real = NULL;
	struct rxs_stat stat;
	struct rx_buf where;
	enum rexi_status status;
	int fd, error;

	rx_buf_init(&where, session->memory, 0);
	error = rxs_host_follow_parent(*grant, &fd, &stat, &where);
	status = error ? rxs_fail_errno(session, error) : rxs_path_kernel(session, rx_buf_view(&where), &holder);
	rx_buf_fini(&where);
	if (error)
		return status;
	if (status == REXI_OK && !rxs_path_is_in(holder, dir->path))
		status = rxs_fail(session, RXS_IO_IoError, "a path led outside of the filesystem");
	if (status == REXI_OK)
		status = rxs_path_child(session, holder, rxs_path_name(*path), &real);
	if (status == REXI_OK && !rxs_path_eq(real, *path))
		status = rxs_authorize_file(session, RXS_FS_READ, real, grant);
	if (status == REXI_OK)
		status = rxs_dir_adopt(session, fd, holder, &stat, out);
	else
		rxs_host_close(session, fd);
	rxs_path_unref(holder);
	if (status == REXI_OK) {
		rxs_path_unref(*path);
		*path = real;
	} else {
		rxs_path_unref(real);
	}
	return status;
}

enum rexi_status rxs_dir_link_target(struct rxs_dir *dir, struct rexi_str name, struct rx_buf *out)
{
	struct rxs_session *session = dir->session;
	const struct rxs_grant *grant;
	struct rxs_spelling spelling;
	struct rxs_path *path;
	struct rxs_dir *holder = NULL;
	enum rexi_status status;

	RX_TRY(name_path(dir, name, false, &spelling, &path));
	status = rxs_authorize_file(session, RXS_FS_READ, path, &grant);
	if (status == REXI_OK && (spelling.empty || spelling.self))
		status = rxs_fail_errno(session, spelling.empty ? ENOENT : EINVAL);
	if (status == REXI_OK && !rxs_path_is_child(path, dir->path))
		status = link_holder(dir, &path, &grant, &holder);
	if (status == REXI_OK) {
		struct rx_buf text;
		int error;

		rx_buf_init(&text, session->memory, 0);
		error = rxs_host_link_text_at(grant, holder ? holder : dir, &text);
		if (error)
			status = rxs_fail_errno(session, error);
		else
			rx_buf_str(out, rx_buf_view(&text));
		rx_buf_fini(&text);
	}
	rxs_dir_unref(holder);
	rxs_path_unref(path);
	return status;
}

enum rexi_status rxs_dir_symlink(struct rxs_dir *dir, struct rexi_str target, struct rexi_str name, bool force)
{
	struct rxs_session *session = dir->session;
	const struct rxs_grant *create, *delete;
	struct rxs_spelling spelling;
	struct rxs_path *path;
	enum rexi_status status;
	int error;

	RX_TRY(name_path(dir, name, false, &spelling, &path));
	status = rxs_authorize_file(session, RXS_FS_CREATE, path, &create);
	if (status == REXI_OK)
		status = rxs_basename_rule(session, &spelling);
	if (status == REXI_OK && force)
		status = rxs_authorize_file(session, RXS_FS_DELETE, path, &delete);
	if (status == REXI_OK && (spelling.empty || spelling.self))
		status = rxs_fail_errno(session, spelling.empty ? ENOENT : EEXIST);
	if (status == REXI_OK) {
		error = rxs_host_symlink(create, dir, target, force);
		if (error)
			status = rxs_fail_errno(session, error);
	}
	rxs_path_unref(path);
	return status;
}
