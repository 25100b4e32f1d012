/* Files as handles: opening, looking, reading whole, writing. spec/sdk-filesystem.md 6.2, 7. */
#include <config.h>

#include "sdk/handle.h"

#include <errno.h>
#include <sys/stat.h>

#include "sdk/host_session.h"
#include "sdk/reader.h"
#include "sdk/redact.h"

#include "base/banned.h"

/* ---- handles ----------------------------------------------------------------------------------------------------------- */

struct rxs_file *rxs_file_ref(struct rxs_file *file)
{
	file->refs++;
	return file;
}

void rxs_file_unref(struct rxs_file *file)
{
	if (!file || --file->refs > 0)
		return;
	rxs_host_close(file->session, file->fd);
	rxs_path_unref(file->path);
	rxs_path_unref(file->entry);
	rxs_dir_unref(file->dir);
	file->session->handles--;
	rx_memory_give(file->session->memory, file, sizeof(*file));
}

enum rexi_status rxs_file_adopt(struct rxs_dir *dir, int fd, struct rxs_path *entry, struct rxs_path *path,
				const struct rxs_open_file *how, const struct rxs_stat *stat,
				const struct rxs_stat *entry_stat, struct rxs_file **out)
{
	struct rxs_session *session = dir->session;
	enum rexi_status status = rxs_handle_count(session);
	struct rxs_file *file = NULL;

	if (status == REXI_OK) {
		file = (struct rxs_file *)rx_memory_take(session->memory, sizeof(*file));
		if (!file) {
			session->handles--;
			status = rxs_fail_memory(session);
		}
	}
	if (status != REXI_OK) {
		rxs_host_close(session, fd);
		return status;
	}
	*file = (struct rxs_file){
		.refs = 1,
		.fd = fd,
		.session = session,
		.dir = rxs_dir_ref(dir),
		.entry = rxs_path_ref(entry),
		.path = rxs_path_ref(path),
		.how = *how,
		.device = stat->device,
		.inode = stat->inode,
		.entry_device = entry_stat->device,
		.entry_inode = entry_stat->inode,
		.fresh_at = rxs_host_place_mark(session),
		.fresh_call = session->call_id,
	};
	*out = file;
	return REXI_OK;
}

/* Where the object and its name are now (W-05). */
static enum rexi_status file_refresh(struct rxs_file *file, bool lately)
{
	struct rxs_session *session = file->session;
	bool moved, linked = !rxs_path_eq(file->path, file->entry);
	struct rxs_path *entry;
	struct rxs_dir *dir;
	uint64_t mark = rxs_host_place_mark(session);
	int error;

	if (file->fresh_at == mark && (lately || file->fresh_call == session->call_id))
		return REXI_OK;
	RX_TRY(rxs_path_renew(session, file->fd, file->device, file->inode, &file->path, &moved));
	if (linked) { /* the name is a link: it moves with its directory */
		RX_TRY(rxs_dir_refresh(file->dir));
		if (!rxs_path_is_child(file->entry, file->dir->path)) {
			RX_TRY(rxs_path_child(session, file->dir->path, rxs_path_name(file->entry), &entry));
			rxs_path_unref(file->entry);
			file->entry = entry;
		}
	} else if (moved) {
		RX_TRY(rxs_dir_of(session, file->path, &dir, &error));
		rxs_dir_unref(file->dir);
		file->dir = dir;
		rxs_path_unref(file->entry);
		file->entry = rxs_path_ref(file->path);
	}
	file->fresh_at = mark;
	file->fresh_call = session->call_id;
	return REXI_OK;
}

enum rexi_status rxs_file_refresh(struct rxs_file *file)
{
	return file_refresh(file, false);
}

enum rexi_status rxs_file_refresh_lately(struct rxs_file *file)
{
	return file_refresh(file, true);
}

/* ---- opening ------------------------------------------------------------------------------------------------------------- */

static unsigned open_flags(const struct rxs_open_file *how)
{
	return (how->read ? RXS_OPEN_READ : 0u) | (how->write ? RXS_OPEN_WRITE : 0u) | (how->create ? RXS_OPEN_CREATE : 0u) |
	       (how->special ? RXS_OPEN_SPECIAL : 0u) | (how->append ? RXS_OPEN_APPEND : 0u);
}

static mode_t open_mode(const struct rxs_open_file *how)
{
	if (how->has_permissions)
		return (mode_t)(how->permissions & 0777);
	return how->follow ? 0644 : 0666;
}

static enum rexi_status fail_not_file(struct rxs_session *session)
{
	return rxs_fail(session, RXS_IO_ValidationError, "Validation error: argument is not a file");
}

static enum rexi_status fail_open(struct rxs_session *session, int error, const struct rxs_open_file *how,
				  const struct rxs_path *path)
{
	if (error == ELOOP && !how->follow)
		return rxs_fail_at(session, RXS_IO_FileError,
				   "File error: file is a symbolic link but follow_symlinks is not enabled", rxs_path_str(path));
	if (error == ENXIO || (error == EISDIR && !how->write))
		return fail_not_file(session);
	return rxs_fail_errno_as(session, how->follow ? RXS_IO_RustixError : RXS_IO_IoError, error);
}

static enum rexi_status open_plain(struct rxs_dir *dir, const struct rxs_grant *grant, struct rxs_path *path,
				   const struct rxs_open_file *how, struct rxs_file **out)
{
	struct rxs_session *session = dir->session;
	struct rxs_stat stat;
	int fd, error = rxs_host_open_file(grant, dir, open_flags(how), open_mode(how), &fd, &stat);

	if (error)
		return fail_open(session, error, how, path);
	return rxs_file_adopt(dir, fd, path, path, how, &stat, &stat, out);
}

/* A link that leads to nothing, with `create`: the file is made where it leads, if that is allowed under its own name. */
static enum rexi_status open_missing(struct rxs_dir *dir, const struct rxs_grant *grant, struct rxs_path *path,
				     const struct rxs_open_file *how, const struct rxs_stat *link, struct rxs_file **out)
{
	struct rxs_session *session = dir->session;
	const struct rxs_grant *create;
	struct rxs_path *real = NULL;
	struct rxs_dir *holder = NULL;
	struct rxs_stat stat;
	struct rx_buf where;
	enum rexi_status status;
	int fd, error;

	rx_buf_init(&where, session->memory, 0);
	error = rxs_host_follow_missing(grant, dir, &where);
	status = error ? fail_open(session, error, how, path) : rxs_path_kernel(session, rx_buf_view(&where), &real);
	rx_buf_fini(&where);
	if (status == REXI_OK)
		status = rxs_authorize_file(session, RXS_FS_OPEN, real, &create);
	if (status == REXI_OK)
		status = rxs_authorize_file(session, RXS_FS_CREATE, real, &create);
	if (status == REXI_OK)
		status = rxs_dir_of(session, real, &holder, &error);
	if (status == REXI_OK) {
		error = rxs_host_open_file(create, holder, open_flags(how) | RXS_OPEN_EXCL, open_mode(how), &fd, &stat);
		status = error ? fail_open(session, error, how, real) :
				 rxs_file_adopt(dir, fd, path, real, how, &stat, link, out);
	}
	rxs_dir_unref(holder);
	rxs_path_unref(real);
	return status;
}

static enum rexi_status open_followed(struct rxs_dir *dir, const struct rxs_grant *grant, struct rxs_path *path,
				      const struct rxs_open_file *how, struct rxs_file **out)
{
	struct rxs_session *session = dir->session;
	const struct rxs_grant *real_grant = grant;
	struct rxs_path *real = NULL;
	struct rxs_stat stat, link;
	struct rx_buf where;
	enum rexi_status status;
	int path_fd, fd, error = rxs_host_stat_at(grant, dir, &link);

	/* Not a link: as without following, but for the mode of a new file. */
	if (error ? error == ENOENT && how->create : !S_ISLNK(link.mode))
		return open_plain(dir, grant, path, how, out);
	if (error)
		return fail_open(session, error, how, path);
	rx_buf_init(&where, session->memory, 0);
	error = rxs_host_follow_file(grant, dir, &path_fd, &stat, &where);
	if (error == ENOENT && how->create) {
		rx_buf_fini(&where);
		return open_missing(dir, grant, path, how, &link, out);
	}
	status = error ? fail_open(session, error, how, path) : rxs_path_kernel(session, rx_buf_view(&where), &real);
	rx_buf_fini(&where);
	if (error)
		return status;
	if (status == REXI_OK && !rxs_path_eq(real, path))
		status = rxs_authorize_file(session, RXS_FS_OPEN, real, &real_grant);
	if (status == REXI_OK) {
		error = rxs_host_reopen(real_grant, path_fd, open_flags(how), &fd);
		status = error ? fail_open(session, error, how, real) :
				 rxs_file_adopt(dir, fd, path, real, how, &stat, &link, out);
	}
	rxs_host_close(session, path_fd);
	rxs_path_unref(real);
	return status;
}

/* What the spelling of the name decides before the object is looked at (spec 2.5). */
static enum rexi_status spelling_rule(struct rxs_dir *dir, const struct rxs_grant *grant, const struct rxs_spelling *spelling,
				      const struct rxs_open_file *how)
{
	struct rxs_session *session = dir->session;
	struct rxs_stat stat;
	int error;

	RX_TRY(rxs_basename_rule(session, spelling));
	if (!how->read && !how->write)
		return rxs_fail(session, RXS_IO_InvalidArguments,
				"Invalid arguments: Invalid open file options: at least one of read, write or create flags must be true");
	if (how->create && !how->write)
		return rxs_fail_errno(session, EINVAL);
	if (spelling->empty)
		return rxs_fail_errno(session, ENOENT);
	if (spelling->self)
		return how->write ? rxs_fail_errno(session, EISDIR) : fail_not_file(session);
	if (!spelling->must_be_dir)
		return REXI_OK;
	error = rxs_host_stat_at(grant, dir, &stat);
	if (!error && !S_ISDIR(stat.mode))
		error = ENOTDIR;
	else if (!error && !how->write)
		return fail_not_file(session);
	return rxs_fail_errno(session, error ? error : EISDIR);
}

enum rexi_status rxs_file_open(struct rxs_dir *dir, struct rexi_str name, bool trusted, const struct rxs_open_file *how,
			       struct rxs_file **out)
{
	struct rxs_session *session = dir->session;
	const struct rxs_grant *open, *create = NULL;
	struct rxs_spelling spelling = { .empty = false };
	struct rxs_path *path;
	enum rexi_status status;

	RX_TRY(how->create ? rxs_dir_refresh(dir) : rxs_dir_refresh_lately(dir));
	if (trusted)
		RX_TRY(rxs_path_child(session, dir->path, name, &path));
	else
		RX_TRY(rxs_path_join(session, dir->path, name, &spelling, &path));
	if (path->parent_len == 0)
		status = rxs_fail(session, RXS_IO_Other, "No parent path");
	else
		status = rxs_authorize_file(session, RXS_FS_OPEN, path, &open);
	if (status == REXI_OK && how->create)
		status = rxs_authorize_file(session, RXS_FS_CREATE, path, &create);
	if (status == REXI_OK)
		status = spelling_rule(dir, open, &spelling, how);
	if (status == REXI_OK)
		status = how->follow ? open_followed(dir, open, path, how, out) : open_plain(dir, open, path, how, out);
	rxs_path_unref(path);
	return status;
}

/* ---- permission rules ------------------------------------------------------------------------------------------------------ */

static enum rexi_status fail_mode(struct rxs_file *file, const char *reason)
{
	return rxs_fail_at(file->session, RXS_IO_InvalidFileMode, reason, rxs_path_str(file->path));
}

static enum rexi_status need_read(struct rxs_file *file)
{
	return file->how.read ? REXI_OK :
				fail_mode(file, "Invalid file mode: Attempted to read a file without opening it with the read "
					  "option.");
}

static enum rexi_status need_write(struct rxs_file *file)
{
	return file->how.write ? REXI_OK :
				 fail_mode(file, "Invalid file mode: Attempted to write a file without opening it with the write "
					   "option.");
}

enum rexi_status rxs_file_may_read(struct rxs_file *file, const struct rxs_grant **grant_out)
{
	RX_TRY(rxs_file_refresh(file));
	RX_TRY(rxs_authorize_file(file->session, RXS_FS_READ, file->path, grant_out));
	return need_read(file);
}

enum rexi_status rxs_file_may_read_redacted(struct rxs_file *file, bool *redacted, const struct rxs_grant **grant_out)
{
	struct rxs_session *session = file->session;
	struct rxs_failure denied;
	enum rexi_status status, second;

	*redacted = false;
	RX_TRY(rxs_file_refresh(file));
	status = rxs_authorize_file(session, RXS_FS_READ, file->path, grant_out);
	if (status == REXI_OK)
		return need_read(file);
	if (status != REXI_DENIED)
		return status;
	rxs_failure_save(session, &denied);
	second = rxs_authorize_file(session, RXS_FS_REDACTED_READ, file->path, grant_out);
	if (second != REXI_OK) {
		rxs_failure_restore(session, &denied);
		return status;
	}
	rx_buf_fini(&denied.message);
	if (rxs_redact_is_dictionary(file->path))
		return rxs_fail(session, RXS_IO_UnsupportedOperationError,
				"Unsupported Operation error: Trying to redacted_read the redaction dictionary is not supported/allowed");
	*redacted = true;
	return need_read(file);
}

enum rexi_status rxs_file_may_write(struct rxs_file *file, const struct rxs_grant **grant_out)
{
	RX_TRY(rxs_file_refresh(file));
	RX_TRY(rxs_authorize_file(file->session, RXS_FS_WRITE, file->path, grant_out));
	return need_write(file);
}

enum rexi_status rxs_file_stat(struct rxs_file *file, struct rxs_stat *out)
{
	const struct rxs_grant *grant;
	int error;

	RX_TRY(rxs_file_refresh_lately(file));
	RX_TRY(rxs_authorize_file(file->session, RXS_FS_STAT, file->path, &grant));
	error = rxs_host_stat(grant, file->fd, out);
	return error ? rxs_fail_errno(file->session, error) : REXI_OK;
}

/* ---- reading whole ----------------------------------------------------------------------------------------------------------- */

enum rexi_status rxs_file_bytes(struct rxs_file *file, const struct rxs_grant *read, struct rx_buf *out)
{
	struct rxs_session *session = file->session;
	uint64_t limit = session->limits.read_bytes;
	size_t start = out->len, step = 16384;
	struct rxs_stat stat = { .size = 0 };

	/* The size is a hint only: files of /proc say 0, others grow while they are read. */
	if (rxs_host_identify(session, file->fd, &stat) == 0 && stat.size < limit && stat.size + 1 > step)
		step = (size_t)stat.size + 1;
	for (;;) {
		size_t got;
		int error;

		if (!rx_buf_reserve(out, step))
			return rxs_fail_memory(session);
		error = rxs_host_read(read, file->fd, out->len - start, out->ptr + out->len, step, &got);
		if (error)
			return rxs_fail_errno(session, error);
		if (got == 0)
			return REXI_OK;
		out->len += got;
		if (out->len - start > limit)
			return rxs_fail_limit(session, "read_bytes", limit);
		/* Less than was asked for, and just what it says it holds: that was the end. */
		if (got < step && S_ISREG(stat.mode) && out->len - start == stat.size)
			return REXI_OK;
		step = got < step ? step - got : 65536;
		if (step < 512)
			step = 65536;
		if (rxs_should_stop(session))
			return REXI_TERMINATED;
	}
}

enum rexi_status rxs_file_read(struct rxs_file *file, struct rx_buf *out)
{
	struct rxs_session *session = file->session;
	const struct rxs_grant *grant;
	struct rx_buf bytes;
	enum rexi_status status;
	bool redacted;
	size_t start = out->len;

	RX_TRY(rxs_file_may_read_redacted(file, &redacted, &grant));
	if (!redacted) {
		RX_TRY(rxs_file_bytes(file, grant, out));
		return rxs_require_utf8(session, rx_str_sub(rx_buf_view(out), start, SIZE_MAX));
	}
	/* The dictionary first: without it nothing of the file is read. */
	RX_TRY(rxs_redact_load(session));
	rx_buf_init(&bytes, session->memory, 0);
	status = rxs_file_bytes(file, grant, &bytes);
	if (status == REXI_OK)
		status = rxs_require_utf8(session, rx_buf_view(&bytes));
	if (status == REXI_OK)
		status = rxs_redact_text(session, rx_buf_view(&bytes), out);
	rx_buf_fini(&bytes);
	return status;
}

/* ---- writing ------------------------------------------------------------------------------------------------------------------ */

/* The directory in which the object's own name stands: the handle's, unless a link was followed (W-03). */
static enum rexi_status own_dir(struct rxs_file *file, struct rxs_dir **out)
{
	int error;

	if (rxs_path_eq(file->path, file->entry)) {
		*out = rxs_dir_ref(file->dir);
		return REXI_OK;
	}
	return rxs_dir_of(file->session, file->path, out, &error);
}

static enum rexi_status fail_replace(struct rxs_file *file, int error, bool owner)
{
	if (owner && error == EPERM)
		return rxs_fail_chown(file->session, error);
	return rxs_fail_errno(file->session, error);
}

enum rexi_status rxs_file_write(struct rxs_file *file, struct rexi_str content, bool keep_owner, struct rxs_file **out)
{
	struct rxs_session *session = file->session;
	const struct rxs_grant *grant;
	struct rxs_replacement *replacement = NULL;
	struct rxs_open_file how;
	struct rxs_stat stat;
	struct rxs_dir *dir;
	enum rexi_status status;
	int fd = -1, error;
	bool linked;

	RX_TRY(rxs_file_may_write(file, &grant));
	linked = !rxs_path_eq(file->path, file->entry);
	RX_TRY(own_dir(file, &dir));
	error = rxs_host_replace_begin(grant, dir, file->fd, 0666, keep_owner, &replacement);
	if (!error)
		error = rxs_host_write(grant, rxs_host_replace_fd(replacement), 0, content.ptr, content.len);
	if (!error)
		error = rxs_host_replace_commit(&replacement, &fd);
	rxs_host_replace_abort(&replacement);
	if (!error)
		error = rxs_host_identify(session, fd, &stat);
	if (error) {
		rxs_host_close(session, fd);
		status = fail_replace(file, error, keep_owner);
	} else {
		struct rxs_stat entry = linked ? (struct rxs_stat){ .device = file->entry_device, .inode = file->entry_inode } :
						 stat;

		how = file->how;
		status = rxs_file_adopt(file->dir, fd, file->entry, file->path, &how, &stat, &entry, out);
		/* The name now is the new inode, put there by this very handle. */
		file->entry_device = entry.device;
		file->entry_inode = entry.inode;
	}
	rxs_dir_unref(dir);
	return status;
}

enum rexi_status rxs_file_write_in_place(struct rxs_file *file, struct rexi_str content)
{
	struct rxs_session *session = file->session;
	const struct rxs_grant *grant;
	struct rxs_stat before;
	int error;
	bool pseudo;

	RX_TRY(rxs_file_may_write(file, &grant));
	error = rxs_host_identify(session, file->fd, &before);
	/* Files of /proc and /sys have no length to set and nothing to sync (W-47). */
	pseudo = !error && before.size == 0 && before.blocks == 0;
	if (!error)
		error = rxs_host_write(grant, file->fd, 0, content.ptr, content.len);
	if (!error) {
		error = rxs_host_truncate(grant, file->fd, content.len);
		if (pseudo && (error == EINVAL || error == EPERM || error == EACCES))
			error = 0;
	}
	if (!error) {
		error = rxs_host_sync(session, file->fd);
		if (error == EINVAL || error == EROFS)
			error = 0;
	}
	return error ? rxs_fail_errno(session, error) : REXI_OK;
}

enum rexi_status rxs_file_append(struct rxs_file *file, struct rexi_str content)
{
	const struct rxs_grant *grant;
	int error;

	RX_TRY(rxs_file_may_write(file, &grant));
	error = rxs_host_append(grant, file->fd, content.ptr, content.len);
	return error ? rxs_fail_errno(file->session, error) : REXI_OK;
}

static enum rexi_status fail_copy(struct rxs_session *session, int error)
{
	enum rexi_status status = rxs_fail(session, RXS_IO_FileCopyError, "File copy failed: ");

	session->failure.os_errno = error;
	rxs_errno_text(&session->failure.message, error);
	return status;
}

enum rexi_status rxs_file_copy(struct rxs_file *src, struct rxs_file *dst, bool force, bool preserve)
{
	struct rxs_session *session = src->session;
	const struct rxs_grant *read, *write;
	struct rxs_stat from, to;
	uint64_t copied;
	int error;

	RX_TRY(rxs_file_may_read(src, &read));
	RX_TRY(rxs_file_may_write(dst, &write));
	error = rxs_host_identify(session, dst->fd, &to);
	if (!error)
		error = rxs_host_identify(session, src->fd, &from);
	if (error)
		return rxs_fail_errno(session, error);
	if (!force && to.size > 0) {
		enum rexi_status status = rxs_fail(session, RXS_IO_DestinationFileNotEmptyError, "Destination file not empty: File: ");

		rxs_path_show(&session->failure.message, rxs_path_str(dst->path));
		rx_buf_printf(&session->failure.message, ", Size: %llu bytes", (unsigned long long)to.size);
		return status;
	}
	error = rxs_host_copy(read, src->fd, write, dst->fd, &copied);
	if (error == EINTR && rxs_should_stop(session))
		return REXI_TERMINATED;
	if (error)
		return fail_copy(session, error);
	src->offset = dst->offset = 0;
	if (preserve) {
		error = rxs_host_chmod(write, dst->fd, (mode_t)(from.mode & 07777));
		if (!error)
			error = rxs_host_set_times(write, dst->fd, from.accessed, from.modified);
		if (error)
			return rxs_fail_errno(session, error);
	}
	return REXI_OK;
}

/* ---- names and attributes -------------------------------------------------------------------------------------------------------- */

enum rexi_status rxs_file_delete(struct rxs_file *file, bool force)
{
	struct rxs_session *session = file->session;
	const struct rxs_grant *grant;
	struct rxs_stat expect;
	enum rexi_status status;
	int error;

	RX_TRY(rxs_file_refresh(file));
	RX_TRY(rxs_dir_refresh(file->dir));
	RX_TRY(rxs_authorize_file(session, RXS_FS_DELETE, file->entry, &grant));
	expect = (struct rxs_stat){ .device = file->entry_device, .inode = file->entry_inode };
	error = rxs_host_remove(grant, file->dir, &expect, false);
	if (!error || (error == ENOENT && force))
		return REXI_OK;
	if (error == ENOENT)
		status = rxs_fail_at(session, RXS_IO_NotFound, "No such file or directory found", rxs_path_str(file->dir->path));
	else if (error == ESTALE)
		status = rxs_fail_at(session, RXS_IO_FileError, "File error: not the file that was opened",
				     rxs_path_str(file->entry));
	else
		status = rxs_fail_at(session, RXS_IO_FileError, "File error: Error removing file", rxs_path_str(file->dir->path));
	session->failure.os_errno = error;
	return status;
}

enum rexi_status rxs_file_chmod(struct rxs_file *file, int64_t mode)
{
	const struct rxs_grant *grant;
	uint32_t bits;
	int error;

	RX_TRY(rxs_file_refresh(file));
	RX_TRY(rxs_authorize_file(file->session, RXS_FS_CHMOD, file->path, &grant));
	RX_TRY(rxs_mode_check(file->session, mode, &bits));
	error = rxs_host_chmod(grant, file->fd, (mode_t)bits);
	return error ? rxs_fail_errno(file->session, error) : REXI_OK;
}

enum rexi_status rxs_file_chown(struct rxs_file *file, const struct rexi_str *user, const struct rexi_str *group)
{
	const struct rxs_grant *grant;
	uint32_t uid, gid;
	int error;

	RX_TRY(rxs_file_refresh(file));
	RX_TRY(rxs_authorize_file(file->session, RXS_FS_CHOWN, file->path, &grant));
	RX_TRY(rxs_owner_ids(file->session, user, group, &uid, &gid));
	error = rxs_host_chown(grant, file->fd, uid, gid);
	return error ? rxs_fail_chown(file->session, error) : REXI_OK;
}

enum rexi_status rxs_file_touch(struct rxs_file *file)
{
	static const struct rxs_time now = { .nanoseconds = UINT32_MAX - 1 };
	const struct rxs_grant *grant;
	int error;

	RX_TRY(rxs_file_refresh(file));
	RX_TRY(rxs_authorize_file(file->session, RXS_FS_WRITE, file->path, &grant));
	error = rxs_host_set_times(grant, file->fd, now, now);
	return error ? rxs_fail_errno(file->session, error) : REXI_OK;
}
