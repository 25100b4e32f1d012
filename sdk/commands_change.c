/* The commands that change: rm cp mv mkdir touch write. Source: sdk-filesystem.md 10. */
#include <config.h>

#include "sdk/commands.h"

#include <errno.h>
#include <sys/stat.h>

#include "sdk/command.h"
#include "sdk/error.h"
#include "sdk/handle.h"

#include "base/banned.h"

static const struct rxs_open_dir open_plain = { .follow = false }, open_follow = { .follow = true };

/* ---- rm ----------------------------------------------------------------------------------------------------------------- */

static enum rexi_status refuse_link(struct rxs_session *session, const struct rxs_path *path)
{
	return rxs_fail_at(session, RXS_IO_FileError,
			   "File error: file is a symbolic link but follow_symlinks is not enabled", rxs_path_str(path));
}

/* Removes the very object that was looked at. *is_dir: it is a directory, and nothing was done. */
static enum rexi_status remove_name(struct rxs_session *session, struct rxs_dir *dir, struct rexi_str name, bool force,
				    bool *is_dir)
{
	const struct rxs_grant *open, *delete;
	struct rxs_path *path;
	struct rxs_stat stat;
	enum rexi_status status;
	int fd, error;

	RX_TRY(rxs_path_join(session, dir->path, name, NULL, &path));
	status = rxs_authorize_file(session, RXS_FS_OPEN, path, &open);
	if (status == REXI_OK) {
		error = rxs_host_open_link(open, dir, &fd, &stat);
		if (error) {
			status = rxs_fail_errno(session, error);
		} else {
			rxs_host_close(session, fd);
			if (S_ISDIR(stat.mode))
				*is_dir = true;
			else if (S_ISLNK(stat.mode))
				status = refuse_link(session, path);
		}
	}
	if (status == REXI_OK && !*is_dir) {
		status = rxs_authorize_file(session, RXS_FS_DELETE, path, &delete);
		error = status == REXI_OK ? rxs_host_remove(delete, dir, &stat, false) : 0;
		if (error == ENOENT && !force)
			status = rxs_fail_at(session, RXS_IO_NotFound, "No such file or directory found", rxs_path_str(dir->path));
		else if (error && error != ENOENT)
			status = rxs_fail_at(session, RXS_IO_FileError, "File error: Error removing file", rxs_path_str(dir->path));
		if (error)
			session->failure.os_errno = error;
	}
	rxs_path_unref(path);
	return status;
}

/* W-12: what the name is, is found out behind the permission to open it, and never through a link. */
RXS_COMMAND(rxs_rm)
{
	struct rxs_arguments a = rxs_arguments_of(self, args);
	struct rexi_str path = rxs_text_argument(&a, 0);
	struct rxs_split_path split;
	struct rxs_failure first;
	struct rxs_flags flags;
	struct rxs_dir *dir, *target;
	enum rexi_status status;
	bool is_dir = false, force;

	(void)argc;
	(void)out;
	RX_TRY(rxs_flags_read(session, call, "rm", RXS_TYPE_RmFlag, a.flags, &flags));
	force = rxs_flag_given(&flags, RXS_FLAG_RM_FORCE);
	RX_TRY(rxs_split_path(session, path, "file", &split));
	status = rxs_dir_open(session, split.dir, &open_follow, &dir);
	if (status == REXI_OK) {
		status = remove_name(session, dir, split.name, force, &is_dir);
		if (status == REXI_OK && is_dir) {
			status = rxs_dir_child(dir, split.name, false, false, &target);
			if (status == REXI_OK) {
				status = rxs_dir_delete(target, force, rxs_flag_given(&flags, RXS_FLAG_RM_RECURSIVE));
				rxs_dir_unref(target);
			}
		}
		rxs_dir_unref(dir);
		if (status != REXI_DENIED || is_dir)
			return status;
	}
	if (status != REXI_DENIED)
		return status;
	/* Not allowed to look at it from its parent: as a directory in its own right it may be. */
	rxs_failure_save(session, &first);
	if (rxs_dir_open(session, path, &open_plain, &target) == REXI_OK) {
		rx_buf_fini(&first.message);
		status = rxs_dir_delete(target, force, rxs_flag_given(&flags, RXS_FLAG_RM_RECURSIVE));
		rxs_dir_unref(target);
		return status;
	}
	rxs_failure_restore(session, &first);
	return status;
}

/* ---- cp and mv ---------------------------------------------------------------------------------------------------------- */

struct two_paths {
	struct rxs_split_path from, to;
};

static enum rexi_status split_both(struct rxs_session *session, const struct rxs_arguments *a, struct two_paths *out)
{
	RX_TRY(rxs_split_path(session, rxs_text_argument(a, 0), "source", &out->from));
	return rxs_split_path(session, rxs_text_argument(a, 1), "destination", &out->to);
}

/* The source's file and the destination's directory, no link followed on either way. */
static enum rexi_status open_both(struct rxs_session *session, const struct two_paths *paths, const struct rxs_open_file *how,
				  struct rxs_file **file, struct rxs_dir **dst)
{
	struct rxs_dir *dir;
	enum rexi_status status;

	*file = NULL;
	*dst = NULL;
	RX_TRY(rxs_dir_open(session, paths->from.dir, &open_plain, &dir));
	status = rxs_file_open(dir, paths->from.name, false, how, file);
	rxs_dir_unref(dir);
	if (status == REXI_OK)
		status = rxs_dir_open(session, paths->to.dir, &open_plain, dst);
	return status;
}

RXS_COMMAND(rxs_cp)
{
	static const struct rxs_open_file read = { .read = true }, create = { .write = true, .create = true };
	struct rxs_arguments a = rxs_arguments_of(self, args);
	struct rxs_file *src, *dst = NULL;
	struct rxs_flags flags;
	struct two_paths paths;
	struct rxs_dir *dir;
	enum rexi_status status;

	(void)argc;
	(void)out;
	RX_TRY(rxs_flags_read(session, call, "cp", RXS_TYPE_CpFlag, a.flags, &flags));
	RX_TRY(split_both(session, &a, &paths));
	status = open_both(session, &paths, &read, &src, &dir);
	if (status == REXI_OK)
		status = rxs_file_open(dir, paths.to.name, false, &create, &dst);
	if (status == REXI_OK)
		status = rxs_file_copy(src, dst, rxs_flag_given(&flags, RXS_FLAG_CP_FORCE),
				       rxs_flag_given(&flags, RXS_FLAG_CP_PRESERVE));
	rxs_file_unref(dst);
	rxs_dir_unref(dir);
	rxs_file_unref(src);
	return status;
}

RXS_COMMAND(rxs_mv)
{
	static const struct rxs_open_file both = { .read = true, .write = true };
	struct rxs_arguments a = rxs_arguments_of(self, args);
	struct rxs_file *src, *moved = NULL;
	struct rxs_flags flags;
	struct two_paths paths;
	struct rxs_dir *dir;
	enum rexi_status status;

	(void)argc;
	(void)out;
	RX_TRY(rxs_flags_read(session, call, "mv", RXS_TYPE_MvFlag, a.flags, &flags));
	RX_TRY(split_both(session, &a, &paths));
	status = open_both(session, &paths, &both, &src, &dir);
	if (status == REXI_OK)
		status = rxs_file_move(src, dir, paths.to.name, rxs_flag_given(&flags, RXS_FLAG_MV_BACKUP),
				       rxs_flag_given(&flags, RXS_FLAG_MV_VERBOSE), &moved);
	rxs_file_unref(moved);
	rxs_dir_unref(dir);
	rxs_file_unref(src);
	return status;
}

/* ---- mkdir -------------------------------------------------------------------------------------------------------------- */

/* One level; what exists as a directory is fine (spec 10.4). */
static enum rexi_status make_one(struct rxs_session *session, struct rexi_str text)
{
	const struct rxs_grant *create;
	struct rxs_split_path split;
	struct rxs_path *path;
	struct rxs_stat stat;
	struct rxs_dir *dir;
	enum rexi_status status;
	int fd, error;

	RX_TRY(rxs_split_path(session, text, "directory", &split));
	RX_TRY(rxs_dir_open(session, split.dir, &open_follow, &dir));
	status = rxs_path_join(session, dir->path, split.name, NULL, &path);
	if (status != REXI_OK) {
		rxs_dir_unref(dir);
		return status;
	}
	status = rxs_authorize_dir(session, RXS_FS_CREATE, path, &create);
	if (status == REXI_OK) {
		error = rxs_host_mkdir(create, dir, 0777);
		if (error == EEXIST) {
			error = rxs_host_open_dir(create, dir, &fd, &stat);
			if (!error)
				rxs_host_close(session, fd);
			else
				error = EEXIST;
		}
		if (error)
			status = rxs_fail_errno(session, error);
	}
	rxs_path_unref(path);
	rxs_dir_unref(dir);
	return status;
}

/* The levels that are missing, leaf first. */
struct levels {
	struct rxs_path **paths;
	size_t count, cap;
};

static void levels_fini(struct rxs_session *session, struct levels *levels)
{
	for (size_t i = 0; i < levels->count; i++)
		rxs_path_unref(levels->paths[i]);
	rx_memory_give(session->memory, levels->paths, levels->cap * sizeof(struct rxs_path *));
}

/*
 * Goes up from `text` until something can be opened, through links, and remembers the names on the way. Each level is asked
 * for as it is tried (W-44); a level that may not be opened counts as missing, and is refused when it is made.
 */
static enum rexi_status find_ancestor(struct rxs_session *session, struct rexi_str text, struct rexi_str *names, size_t *count,
				      size_t cap, struct rxs_dir **out)
{
	struct rxs_failure denied = { .set = false };
	enum rexi_status status;
	bool has_denial = false, no_dir = false;

	*count = 0;
	for (;;) {
		struct rxs_split_path split;
		status = rxs_dir_open(session, text, &open_follow, out);
		if (status == REXI_OK)
			break;
		/* The path itself is a file (W-41), or something above it is: the next level up tells. */
		no_dir = status == REXI_HOST && session->failure.os_errno == ENOTDIR && *count == 0;
		if (status == REXI_DENIED) {
			if (has_denial)
				rxs_failure_clear(session);
			else
				rxs_failure_save(session, &denied);
			has_denial = true;
		} else if (no_dir || (status == REXI_HOST && session->failure.os_errno == ENOENT)) {
			rxs_failure_clear(session);
		} else {
			break;
		}
		if (*count == cap || !rxs_try_split_path(text, &split)) {
			if (has_denial) {
				rxs_failure_restore(session, &denied);
				has_denial = false;
				return REXI_DENIED;
			}
			return rxs_fail_errno(session, ENOENT);
		}
		names[(*count)++] = split.name;
		text = split.dir;
	}
	if (has_denial)
		rx_buf_fini(&denied.message);
	if (status == REXI_OK && no_dir && *count == 1) {
		rxs_dir_unref(*out);
		*out = NULL;
		return rxs_fail_errno(session, EEXIST);
	}
	return status;
}

static enum rexi_status ask_levels(struct rxs_session *session, const struct rxs_dir *start, const struct rexi_str *names,
				   size_t count, struct levels *levels)
{
	const struct rxs_path *at = start->path;
	const struct rxs_grant *create;

	for (size_t i = count; i-- > 0;) {
		struct rxs_path *path;
		RX_TRY(rxs_path_join(session, at, names[i], NULL, &path));
		if (!RX_GROW(session->memory, &levels->paths, &levels->cap, levels->count + 1)) {
			rxs_path_unref(path);
			return rxs_fail_memory(session);
		}
		levels->paths[levels->count++] = path;
		RX_TRY(rxs_authorize_dir(session, RXS_FS_CREATE, path, &create));
		at = path;
	}
	return REXI_OK;
}

static enum rexi_status make_levels(struct rxs_session *session, struct rxs_dir *start, const struct levels *levels)
{
	struct rxs_dir *at = rxs_dir_ref(start);
	enum rexi_status status = REXI_OK;

	for (size_t i = 0; i < levels->count && status == REXI_OK; i++) {
		const struct rxs_grant *create;
		struct rxs_dir *next;
		struct rxs_stat stat;
		int fd, error;
		status = rxs_authorize_dir(session, RXS_FS_CREATE, levels->paths[i], &create);
		if (status != REXI_OK)
			break;
		error = rxs_host_mkdir(create, at, 0777);
		if (!error || error == EEXIST) {
			int there = rxs_host_open_dir(create, at, &fd, &stat);
			error = there && error ? error : there;
		}
		if (error) {
			status = rxs_fail_errno(session, error);
			break;
		}
		status = rxs_dir_adopt(session, fd, levels->paths[i], &stat, &next);
		if (status == REXI_OK) {
			rxs_dir_unref(at);
			at = next;
		}
	}
	rxs_dir_unref(at);
	return status;
}

enum { LEVELS_MAX = 256 };

static enum rexi_status make_parents(struct rxs_session *session, struct rexi_str text)
{
	struct rexi_str names[LEVELS_MAX];
	struct levels levels = { NULL, 0, 0 };
	struct rxs_split_path split;
	struct rxs_dir *start;
	enum rexi_status status;
	size_t count;

	RX_TRY(rxs_split_path(session, text, "directory", &split));
	RX_TRY(find_ancestor(session, text, names, &count, LEVELS_MAX, &start));
	status = ask_levels(session, start, names, count, &levels);
	if (status == REXI_OK)
		status = make_levels(session, start, &levels);
	levels_fini(session, &levels);
	rxs_dir_unref(start);
	return status;
}

RXS_COMMAND(rxs_mkdir)
{
	struct rxs_arguments a = rxs_arguments_of(self, args);
	struct rxs_flags flags;

	(void)argc;
	(void)out;
	RX_TRY(rxs_flags_read(session, call, "mkdir", RXS_TYPE_MkdirFlag, a.flags, &flags));
	if (rxs_flag_given(&flags, RXS_FLAG_MKDIR_PARENTS))
		return make_parents(session, rxs_text_argument(&a, 0));
	return make_one(session, rxs_text_argument(&a, 0));
}

/* ---- touch -------------------------------------------------------------------------------------------------------------- */

/* A new file costs Open and Create; the times of one that was there already are set to now, which is a change (Write). */
RXS_COMMAND(rxs_touch)
{
	static const struct rxs_open_file existing = { .write = true };
	struct rexi_str text = rxl_string_view(self);
	const struct rxs_grant *open, *create;
	struct rxs_split_path split;
	struct rxs_path *path;
	struct rxs_stat stat;
	struct rxs_file *file;
	struct rxs_dir *dir;
	enum rexi_status status;
	int fd, error = 0;

	(void)call;
	(void)args;
	(void)argc;
	(void)out;
	RX_TRY(rxs_split_path(session, text, "file", &split));
	RX_TRY(rxs_dir_open(session, split.dir, &open_plain, &dir));
	status = rxs_path_join(session, dir->path, split.name, NULL, &path);
	if (status == REXI_OK) {
		status = rxs_authorize_file(session, RXS_FS_OPEN, path, &open);
		if (status == REXI_OK)
			status = rxs_authorize_file(session, RXS_FS_CREATE, path, &create);
		if (status == REXI_OK) {
			error = rxs_host_open_file(create, dir, RXS_OPEN_WRITE | RXS_OPEN_CREATE | RXS_OPEN_EXCL, 0666, &fd, &stat);
			if (!error)
				rxs_host_close(session, fd);
			else if (error != EEXIST && error != ELOOP && error != EISDIR && error != ENXIO)
				status = rxs_fail_errno(session, error);
		}
		if (status == REXI_OK && error) {
			status = rxs_file_open(dir, split.name, false, &existing, &file);
			if (status == REXI_OK) {
				status = rxs_file_touch(file);
				rxs_file_unref(file);
			}
		}
		rxs_path_unref(path);
	}
	rxs_dir_unref(dir);
	return status;
}

/* ---- write -------------------------------------------------------------------------------------------------------------- */

/* Can the content be replaced by a new file beside it? Not where names are not ours to make (/proc, unwritable
 * directories), nor where other names share the inode. */
static bool refused_beside(const struct rxs_session *session)
{
	switch (session->failure.os_errno) {
	case EACCES:
	case EPERM:
	case EROFS:
	case ENOENT:
	case EXDEV:
	case EBUSY:
	case EOPNOTSUPP:
		return !session->failure.denied;
	default:
		return false;
	}
}

static enum rexi_status replace_content(struct rxs_session *session, struct rxs_file *file, struct rexi_str text)
{
	struct rxs_file *written = NULL;
	const struct rxs_grant *write;
	struct rxs_stat stat;
	enum rexi_status status;

	RX_TRY(rxs_file_may_write(file, &write));
	if (rxs_host_identify(session, file->fd, &stat) == 0 && stat.links > 1)
		return rxs_file_write_in_place(file, text);
	status = rxs_file_write(file, text, true, &written);
	if (status == REXI_HOST && refused_beside(session)) {
		rxs_failure_clear(session);
		status = rxs_file_write_in_place(file, text);
	}
	rxs_file_unref(written);
	return status;
}

RXS_COMMAND(rxs_write)
{
	struct rxs_arguments a = rxs_arguments_of(self, args);
	struct rxs_open_file how = { .write = true, .create = true };
	struct rxs_flags flags;
	struct rxs_file *file;
	enum rexi_status status;

	(void)argc;
	(void)out;
	RX_TRY(rxs_flags_read(session, call, "write", RXS_TYPE_WriteFlag, a.flags, &flags));
	how.append = !rxs_flag_given(&flags, RXS_FLAG_WRITE_REPLACE);
	RX_TRY(rxs_command_open(session, rxs_text_argument(&a, 0), true, &how, &file));
	if (how.append) /* W-08: only the new bytes are written, nothing is read */
		status = rxs_file_append(file, rxs_text_argument(&a, 1));
	else
		status = replace_content(session, file, rxs_text_argument(&a, 1));
	rxs_file_unref(file);
	return status;
}
