/* Moving files and directories, also to another file system. spec/sdk-filesystem.md 6.13, 7.8. */
#include <config.h>

#include "sdk/handle.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/banned.h"

/* context.destination of the action `move`. */
struct destination {
	struct rxs_field inner[3], outer;
};

static void destination_init(struct destination *d, const struct rxs_path *path, const struct rxs_dir *dir, struct rexi_str name)
{
	d->inner[0] = (struct rxs_field){ RX_STR("path"), { .kind = RXS_DATA_STRING, .string = path->uid } };
	d->inner[1] = (struct rxs_field){ RX_STR("name"), { .kind = RXS_DATA_STRING, .string = name } };
	d->inner[2] = (struct rxs_field){ RX_STR("parent_path"), { .kind = RXS_DATA_STRING, .string = dir->path->uid } };
	d->outer = (struct rxs_field){ RX_STR("destination"), { .kind = RXS_DATA_RECORD, .record = { d->inner, 3 } } };
}

static enum rexi_status fail_move(struct rxs_session *session, int error, bool file, struct rexi_str name,
				  const struct rxs_path *from, const struct rxs_path *to)
{
	struct rx_buf *message = &session->failure.message;
	enum rexi_status status;

	if (error == ESTALE)
		return rxs_fail_at(session, file ? RXS_IO_FileError : RXS_IO_DirectoryError,
				   file ? "File error: not the file that was opened" :
					  "Directory error: not the directory that was opened", rxs_path_str(from));
	if (error == EACCES || error == EPERM)
		return rxs_fail_errno(session, error);
	status = rxs_fail(session, file ? RXS_IO_FileError : RXS_IO_DirectoryError, "%s: Error moving %s ",
			  file ? "File error" : "Directory error", file ? "file" : "dir");
	session->failure.os_errno = error;
	rxs_path_show(message, name);
	RX_BUF_LIT(message, " from '");
	rx_buf_str(message, from->uid);
	RX_BUF_LIT(message, "' to '");
	rx_buf_str(message, to->uid);
	RX_BUF_LIT(message, "': ");
	rx_buf_str(message, from->uid);
	return status;
}

/* Asks `move` for the source with the destination as context, then `create` for the destination. */
static enum rexi_status ask_move(struct rxs_session *session, enum rxs_resource_type type, struct rxs_path *from,
				 struct rxs_dir *dst, struct rxs_path *to, struct rexi_str name,
				 const struct rxs_spelling *spelling, const struct rxs_grant **move,
				 const struct rxs_grant **create)
{
	struct rxs_resource resource = { .type = type, .path = from };
	struct destination destination;

	destination_init(&destination, to, dst, name);
	RX_TRY(rxs_authorize_in(session, RXS_FS_MOVE, &resource, &destination.outer, 1, move));
	RX_TRY(rxs_basename_rule(session, spelling)); /* before anything moves (W-25) */
	resource.path = to;
	RX_TRY(rxs_authorize(session, RXS_FS_CREATE, &resource, create));
	if (spelling->empty || spelling->self)
		return fail_move(session, spelling->empty ? ENOENT : EBUSY, type == RXS_FILE, rxs_path_name(from), from, to);
	return REXI_OK;
}

/* ---- files --------------------------------------------------------------------------------------------------------------------- */

/*
 * The content with mode, owner, times and attributes to another file system: complete under its new name before the old
 * one is removed (W-02, W-45).
 */
static enum rexi_status copy_across(struct rxs_session *session, int src_fd, struct rxs_path *src_path, struct rxs_dir *dst,
				    struct rxs_path *to, int *fd_out)
{
	const struct rxs_grant *read, *write;
	struct rxs_replacement *replacement = NULL;
	struct rxs_stat stat;
	uint64_t copied;
	int reading = -1, error;

	RX_TRY(rxs_authorize_file(session, RXS_FS_READ, src_path, &read));
	RX_TRY(rxs_authorize_file(session, RXS_FS_WRITE, to, &write));
	error = rxs_host_reopen(read, src_fd, RXS_OPEN_READ, &reading);
	if (!error)
		error = rxs_host_identify(session, reading, &stat);
	if (!error)
		error = rxs_host_replace_begin(write, dst, reading, 0600, true, &replacement);
	if (error == EPERM) /* who may not give files away keeps them */
		error = rxs_host_replace_begin(write, dst, reading, 0600, false, &replacement);
	if (!error)
		error = rxs_host_copy(read, reading, write, rxs_host_replace_fd(replacement), &copied);
	if (!error)
		error = rxs_host_set_times(write, rxs_host_replace_fd(replacement), stat.accessed, stat.modified);
	if (!error)
		error = rxs_host_replace_commit(&replacement, fd_out);
	rxs_host_replace_abort(&replacement);
	rxs_host_close(session, reading);
	return error ? rxs_fail_errno(session, error) : REXI_OK;
}

static enum rexi_status move_across(struct rxs_file *file, struct rxs_dir *dst, struct rxs_path *to, struct rxs_file **out)
{
	struct rxs_session *session = file->session;
	const struct rxs_grant *delete;
	struct rxs_stat expect = { .device = file->entry_device, .inode = file->entry_inode }, stat;
	enum rexi_status status;
	int fd, error;

	if (!rxs_path_eq(file->path, file->entry)) /* a link is moved as a link */
		return rxs_fail(session, RXS_IO_UnsupportedOperationError,
				"Unsupported Operation error: Symlink directory entry is not supported");
	RX_TRY(rxs_authorize_file(session, RXS_FS_DELETE, file->entry, &delete));
	RX_TRY(copy_across(session, file->fd, file->path, dst, to, &fd));
	error = rxs_host_identify(session, fd, &stat);
	if (!error)
		error = rxs_host_remove(delete, file->dir, &expect, false);
	if (error) {
		rxs_host_close(session, fd);
		return rxs_fail_errno(session, error);
	}
	status = rxs_file_adopt(dst, fd, to, to, &file->how, &stat, &stat, out);
	return status;
}

enum rexi_status rxs_file_move(struct rxs_file *file, struct rxs_dir *dst, struct rexi_str name, bool backup, bool verbose,
			       struct rxs_file **out)
{
	struct rxs_session *session = file->session;
	const struct rxs_grant *move, *create, *open;
	struct rxs_stat expect, stat;
	struct rxs_spelling spelling;
	struct rxs_path *to;
	enum rexi_status status;
	int fd, error;

	(void)backup; /* both ways across file systems replace in one step */
	RX_TRY(rxs_file_refresh(file));
	RX_TRY(rxs_dir_refresh(file->dir));
	RX_TRY(rxs_dir_refresh(dst));
	RX_TRY(rxs_path_join(session, dst->path, name, &spelling, &to));
	expect = (struct rxs_stat){ .device = file->entry_device, .inode = file->entry_inode };
	status = ask_move(session, RXS_FILE, file->entry, dst, to, name, &spelling, &move, &create);
	/* The handle that comes back is asked for before anything moves. */
	if (status == REXI_OK)
		status = rxs_authorize_file(session, RXS_FS_OPEN, to, &open);
	if (status != REXI_OK) {
		rxs_path_unref(to);
		return status;
	}
	error = rxs_host_rename(move, file->dir, &expect, create, dst, false);
	if (error == EXDEV) {
		status = move_across(file, dst, to, out);
	} else if (error) {
		status = fail_move(session, error, true, rxs_path_name(file->entry), file->entry, to);
	} else if (rxs_path_eq(file->path, file->entry)) {
		error = rxs_host_duplicate(session, file->fd, &fd);
		if (!error)
			error = rxs_host_identify(session, fd, &stat);
		status = error ? rxs_fail_errno(session, error) :
				 rxs_file_adopt(dst, fd, to, to, &file->how, &stat, &stat, out);
	} else {
		status = rxs_file_open(dst, rxs_path_name(to), true, &file->how, out);
	}
	if (status == REXI_OK && verbose)
		rxs_log(session, RXS_LOG_INFO, "Moved file from '%.*s' to '%.*s'", RX_STR_ARG(file->entry->uid), RX_STR_ARG(to->uid));
	rxs_path_unref(to);
	return status;
}

/* ---- directories ------------------------------------------------------------------------------------------------------------------ */

/* A copy of a tree in the making: directories of the source beside those of the copy, level by level. */
struct tree_copy {
	struct rxs_session *session;
	bool apply;
	struct rxs_dir **targets; /* by depth; in the asking pass only their paths count */
	size_t cap;
};

static enum rexi_status target_set(struct tree_copy *copy, uint64_t depth, struct rxs_dir *dir)
{
	size_t cap = copy->cap;

	if (!RX_GROW(copy->session->memory, &copy->targets, &copy->cap, depth + 1)) {
		rxs_dir_unref(dir);
		return rxs_fail_memory(copy->session);
	}
	memset(copy->targets + cap, 0, (copy->cap - cap) * sizeof(*copy->targets));
	rxs_dir_unref(copy->targets[depth]);
	copy->targets[depth] = dir;
	return REXI_OK;
}

/* A handle without descriptor, for the paths of the asking pass. */
static enum rexi_status target_dry(struct rxs_session *session, struct rxs_path *path, struct rxs_dir **out)
{
	static const struct rxs_stat none = { .inode = 0 };

	return rxs_dir_adopt(session, -1, path, &none, out);
}

static enum rexi_status copy_dir(struct tree_copy *copy, struct rxs_dir *target, struct rxs_path *to, struct rxs_dir *source,
				 uint64_t depth)
{
	struct rxs_session *session = copy->session;
	const struct rxs_grant *create;
	struct rxs_stat stat, from;
	struct rxs_dir *made;
	enum rexi_status status;
	int fd, error;

	RX_TRY(rxs_authorize_dir(session, RXS_FS_CREATE, to, &create));
	if (!copy->apply) {
		RX_TRY(target_dry(session, to, &made));
		return target_set(copy, depth, made);
	}
	error = rxs_host_identify(session, source->fd, &from);
	if (!error)
		error = rxs_host_mkdir(create, target, 0700);
	if (!error)
		error = rxs_host_open_dir(create, target, &fd, &stat);
	if (error)
		return rxs_fail_errno(session, error);
	status = rxs_dir_adopt(session, fd, to, &stat, &made);
	if (status != REXI_OK)
		return status;
	error = rxs_host_chown(create, fd, from.uid, from.gid);
	if (!error || error == EPERM)
		error = rxs_host_chmod(create, fd, (mode_t)(from.mode & 07777));
	if (error) {
		rxs_dir_unref(made);
		return rxs_fail_errno(session, error);
	}
	return target_set(copy, depth, made);
}

static enum rexi_status copy_file(struct tree_copy *copy, struct rxs_dir *dir, const struct rxs_entry *entry,
				  struct rxs_path *from, struct rxs_dir *target, struct rxs_path *to)
{
	struct rxs_session *session = copy->session;
	const struct rxs_grant *open, *grant;
	struct rxs_stat stat;
	enum rexi_status status;
	int fd, made, error;

	RX_TRY(rxs_authorize_file(session, RXS_FS_OPEN, from, &open));
	RX_TRY(rxs_authorize_file(session, RXS_FS_CREATE, to, &grant));
	if (!copy->apply) {
		RX_TRY(rxs_authorize_file(session, RXS_FS_READ, from, &grant));
		return rxs_authorize_file(session, RXS_FS_WRITE, to, &grant);
	}
	error = rxs_host_open_link(open, dir, &fd, &stat);
	if (error)
		return rxs_fail_errno(session, error);
	if (rxs_entry_type_of_mode(stat.mode) != entry->type)
		status = rxs_fail_errno(session, ESTALE);
	else
		status = copy_across(session, fd, from, target, to, &made);
	rxs_host_close(session, fd);
	if (status == REXI_OK)
		rxs_host_close(session, made);
	return status;
}

static enum rexi_status copy_link(struct tree_copy *copy, struct rxs_dir *dir, struct rxs_path *from, struct rxs_dir *target,
				  struct rxs_path *to)
{
	struct rxs_session *session = copy->session;
	const struct rxs_grant *read, *create;
	struct rx_buf text;
	int error;

	RX_TRY(rxs_authorize_file(session, RXS_FS_READ, from, &read));
	RX_TRY(rxs_authorize_file(session, RXS_FS_CREATE, to, &create));
	if (!copy->apply)
		return REXI_OK;
	rx_buf_init(&text, session->memory, 0);
	error = rxs_host_link_text_at(read, dir, &text);
	if (!error)
		error = rxs_host_symlink(create, target, rx_buf_view(&text), false);
	rx_buf_fini(&text);
	return error ? rxs_fail_errno(session, error) : REXI_OK;
}

static enum rexi_status copy_entry(void *user, struct rxs_dir *dir, const struct rxs_entry *entry, struct rxs_dir *child,
				   uint64_t depth, bool *skip)
{
	struct tree_copy *copy = (struct tree_copy *)user;
	struct rxs_session *session = copy->session;
	struct rxs_dir *target = copy->targets[depth - 1];
	struct rxs_path *from = NULL, *to = NULL;
	size_t mark = rxs_grants_mark(session);
	enum rexi_status status = rxs_path_child(session, dir->path, entry->name, &from);

	(void)skip;
	if (status == REXI_OK)
		status = rxs_path_child(session, target->path, entry->name, &to);
	if (status != REXI_OK)
		;
	else if (child)
		status = copy_dir(copy, target, to, child, depth);
	else if (entry->type == RXS_ENTRY_FILE)
		status = copy_file(copy, dir, entry, from, target, to);
	else if (entry->type == RXS_ENTRY_SYMLINK)
		status = copy_link(copy, dir, from, target, to);
	else
		status = rxs_fail(session, RXS_IO_UnsupportedOperationError,
				  "Unsupported Operation error: %s directory entry is not supported",
				  rxs_entry_type_name(entry->type));
	rxs_path_unref(from);
	rxs_path_unref(to);
	rxs_grants_release(session, mark);
	return status;
}

static enum rexi_status copy_pass(struct tree_copy *copy, struct rxs_dir *src, struct rxs_dir *top, bool apply)
{
	struct rxs_walk_options walk = { .min_depth = 1, .max_depth = UINT64_MAX, .strict = true, .user = copy,
					 .entry = copy_entry };

	copy->apply = apply;
	RX_TRY(target_set(copy, 0, rxs_dir_ref(top)));
	return rxs_walk(src, &walk);
}

static void copy_fini(struct tree_copy *copy)
{
	for (size_t i = 0; i < copy->cap; i++)
		rxs_dir_unref(copy->targets[i]);
	rx_memory_give(copy->session->memory, copy->targets, copy->cap * sizeof(*copy->targets));
}

/*
 * To another file system: everything is asked for, then copied into a hidden sibling of the destination, then renamed to
 * it; only a complete copy lets the source go (W-02).
 */
static enum rexi_status move_tree(struct rxs_dir *src, struct rxs_dir *dst, const struct rxs_grant *create, struct rxs_path *to,
				  struct rxs_dir **out)
{
	struct rxs_session *session = src->session;
	struct tree_copy copy = { .session = session };
	struct rxs_stat stat, from;
	struct rxs_stage *stage = NULL;
	struct rxs_dir *top = NULL, *dry = NULL;
	enum rexi_status status;
	int fd, error;

	RX_TRY(target_dry(session, to, &dry));
	status = copy_pass(&copy, src, dry, false);
	rxs_dir_unref(dry);
	if (status == REXI_OK)
		status = rxs_dir_may_delete(src);
	if (status == REXI_OK) {
		error = rxs_host_identify(session, src->fd, &from);
		if (!error)
			error = rxs_host_stage_begin(create, dst, &stage, &fd, &stat);
		status = error ? rxs_fail_errno(session, error) : rxs_dir_adopt(session, fd, to, &stat, &top);
	}
	if (status == REXI_OK)
		status = copy_pass(&copy, src, top, true);
	if (status == REXI_OK) {
		(void)rxs_host_chown(create, top->fd, from.uid, from.gid);
		error = rxs_host_chmod(create, top->fd, (mode_t)(from.mode & 07777));
		if (!error)
			error = rxs_host_stage_commit(&stage);
		if (error)
			status = rxs_fail_errno(session, error);
	}
	copy_fini(&copy);
	rxs_host_stage_abort(&stage);
	if (status == REXI_OK)
		status = rxs_dir_delete(src, false, true);
	if (status == REXI_OK)
		*out = top;
	else
		rxs_dir_unref(top);
	return status;
}

/* SRC as the parent's child, verified by identity (W-13). */
static enum rexi_status source_check(struct rxs_dir *parent, struct rxs_dir *src)
{
	if (rxs_path_is_child(src->path, parent->path))
		return REXI_OK;
	return rxs_fail_at(parent->session, RXS_IO_InvalidPath, "Invalid path: source is not in the parent directory",
			   rxs_path_str(src->path));
}

enum rexi_status rxs_dir_move(struct rxs_dir *parent, struct rxs_dir *src, struct rxs_dir *dst, struct rexi_str name,
			      bool verbose, struct rxs_dir **out)
{
	struct rxs_session *session = src->session;
	struct rxs_stat expect = { .device = src->device, .inode = src->inode }, stat;
	const struct rxs_grant *move, *create, *open;
	struct rxs_spelling spelling;
	struct rxs_path *to, *inside;
	struct rxs_dir *existing;
	enum rexi_status status;
	int fd, error;

	RX_TRY(rxs_dir_refresh(parent));
	RX_TRY(rxs_dir_refresh(src));
	RX_TRY(rxs_dir_refresh(dst));
	RX_TRY(rxs_path_join(session, dst->path, name, &spelling, &to));
	status = ask_move(session, RXS_DIR, src->path, dst, to, name, &spelling, &move, &create);
	if (status == REXI_OK)
		status = source_check(parent, src);
	if (status == REXI_OK)
		status = rxs_authorize_dir(session, RXS_FS_OPEN, to, &open);
	if (status != REXI_OK) {
		rxs_path_unref(to);
		return status;
	}
	error = rxs_host_rename(move, parent, &expect, create, dst, false);
	if (error == ENOTEMPTY || error == EEXIST) {
		/* Into the directory that is there, under the old name: asked for as what it is (W-13). */
		status = rxs_dir_child(dst, name, false, false, &existing);
		if (status == REXI_OK) {
			status = rxs_path_child(session, existing->path, rxs_path_name(src->path), &inside);
			if (status == REXI_OK) {
				rxs_path_unref(to);
				to = inside;
				status = ask_move(session, RXS_DIR, src->path, existing, to, rxs_path_name(src->path),
						  &(struct rxs_spelling){ .empty = false }, &move, &create);
			}
			if (status == REXI_OK)
				status = rxs_authorize_dir(session, RXS_FS_OPEN, to, &open);
			if (status == REXI_OK)
				error = rxs_host_rename(move, parent, &expect, create, existing, false);
			if (status == REXI_OK && (error == ENOTEMPTY || error == EEXIST))
				status = rxs_fail_at(session, RXS_IO_DirectoryNotEmpty,
						     "Directory not empty: A path led to a non-empty directory location. To include contents of "
						     "this directory, use the recursive flag", rxs_path_str(to));
			else if (status == REXI_OK && error)
				status = fail_move(session, error, false, rxs_path_name(src->path), src->path, to);
			if (status == REXI_OK) {
				error = rxs_host_open_dir(open, existing, &fd, &stat);
				status = error ? rxs_fail_errno(session, error) : rxs_dir_adopt(session, fd, to, &stat, out);
			}
			rxs_dir_unref(existing);
		}
	} else if (error == EXDEV) {
		status = move_tree(src, dst, create, to, out);
	} else if (error) {
		status = fail_move(session, error, false, rxs_path_name(src->path), src->path, to);
	} else {
		error = rxs_host_open_dir(open, dst, &fd, &stat);
		status = error ? rxs_fail_errno(session, error) : rxs_dir_adopt(session, fd, to, &stat, out);
	}
	if (status == REXI_OK && verbose)
		rxs_log(session, RXS_LOG_INFO, "Moved directory from '%.*s' to '%.*s'", RX_STR_ARG(src->path->uid),
			RX_STR_ARG(to->uid));
	rxs_path_unref(to);
	return status;
}
