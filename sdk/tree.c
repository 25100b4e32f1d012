/* Changes to whole trees: every element is asked for before the first one is touched (W-10, W-14). */
#include <config.h>

#include "sdk/handle.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/banned.h"

/* ---- mode and owner -------------------------------------------------------------------------------------------------- */

struct change {
	struct rxs_session *session;
	enum rxs_action action; /* RXS_FS_CHMOD or RXS_FS_CHOWN */
	uint32_t mode, uid, gid;
	bool apply; /* false: only ask */
};

static int change_apply(const struct change *change, const struct rxs_grant *grant, int fd)
{
	return change->action == RXS_FS_CHMOD ? rxs_host_chmod(grant, fd, (mode_t)change->mode) :
						rxs_host_chown(grant, fd, change->uid, change->gid);
}

static enum rexi_status change_failed(const struct change *change, int error)
{
	return change->action == RXS_FS_CHMOD ? rxs_fail_errno(change->session, error) :
						rxs_fail_chown(change->session, error);
}

static enum rexi_status change_dir(const struct change *change, struct rxs_dir *dir)
{
	const struct rxs_grant *grant;
	int error;

	RX_TRY(rxs_authorize_dir(change->session, change->action, dir->path, &grant));
	if (!change->apply)
		return REXI_OK;
	error = change_apply(change, grant, dir->fd);
	return error ? change_failed(change, error) : REXI_OK;
}

static enum rexi_status change_file(const struct change *change, struct rxs_dir *dir, const struct rxs_entry *entry)
{
	struct rxs_session *session = change->session;
	const struct rxs_grant *open, *grant;
	struct rxs_path *path;
	struct rxs_stat stat;
	enum rexi_status status;
	int fd, error;

	RX_TRY(rxs_path_child(session, dir->path, entry->name, &path));
	status = rxs_authorize_file(session, RXS_FS_OPEN, path, &open);
	if (status == REXI_OK)
		status = rxs_authorize_file(session, change->action, path, &grant);
	rxs_path_unref(path);
	if (status != REXI_OK || !change->apply)
		return status;
	error = rxs_host_open_link(open, dir, &fd, &stat);
	if (error)
		return rxs_fail_errno(session, error);
	/* What was asked for as a file must still be one, what was a link still a link. */
	if (rxs_entry_type_of_mode(stat.mode) != entry->type)
		error = ESTALE;
	else
		error = change_apply(change, grant, fd);
	rxs_host_close(session, fd);
	return error ? change_failed(change, error) : REXI_OK;
}

static enum rexi_status change_entry(void *user, struct rxs_dir *dir, const struct rxs_entry *entry, struct rxs_dir *child,
				     uint64_t depth, bool *skip)
{
	const struct change *change = (const struct change *)user;
	size_t mark = rxs_grants_mark(change->session);
	enum rexi_status status = REXI_OK;

	(void)depth;
	(void)skip;
	(void)child; /* directories on the way out, so that a mode without search does not cut the walk short */
	if (entry->type == RXS_ENTRY_FILE || (entry->type == RXS_ENTRY_SYMLINK && change->action == RXS_FS_CHOWN))
		status = change_file(change, dir, entry);
	rxs_grants_release(change->session, mark);
	return status;
}

static enum rexi_status change_leave(void *user, struct rxs_dir *dir, const struct rxs_entry *entry, uint64_t depth)
{
	const struct change *change = (const struct change *)user;
	size_t mark = rxs_grants_mark(change->session);
	enum rexi_status status = change_dir(change, dir);

	(void)entry;
	(void)depth;
	rxs_grants_release(change->session, mark);
	return status;
}

static enum rexi_status change_tree(struct rxs_dir *dir, struct change *change)
{
	struct rxs_walk_options options = {
		.max_depth = UINT64_MAX,
		.strict = true,
		.post = true,
		.user = change,
		.entry = change_entry,
		.leave = change_leave,
	};

	change->apply = false;
	RX_TRY(rxs_walk(dir, &options));
	change->apply = true;
	return rxs_walk(dir, &options);
}

enum rexi_status rxs_dir_chmod(struct rxs_dir *dir, int64_t mode, bool recursive)
{
	struct change change = { .session = dir->session, .action = RXS_FS_CHMOD, .apply = true };
	const struct rxs_grant *grant;
	int error;

	RX_TRY(rxs_dir_refresh(dir));
	RX_TRY(rxs_authorize_dir(dir->session, RXS_FS_CHMOD, dir->path, &grant));
	RX_TRY(rxs_mode_check(dir->session, mode, &change.mode));
	if (recursive)
		return change_tree(dir, &change);
	error = rxs_host_chmod(grant, dir->fd, (mode_t)change.mode);
	return error ? change_failed(&change, error) : REXI_OK;
}

enum rexi_status rxs_dir_chown(struct rxs_dir *dir, const struct rexi_str *user, const struct rexi_str *group, bool recursive)
{
	struct change change = { .session = dir->session, .action = RXS_FS_CHOWN, .apply = true };
	const struct rxs_grant *grant;
	int error;

	RX_TRY(rxs_dir_refresh(dir));
	RX_TRY(rxs_authorize_dir(dir->session, RXS_FS_CHOWN, dir->path, &grant));
	RX_TRY(rxs_owner_ids(dir->session, user, group, &change.uid, &change.gid));
	if (recursive)
		return change_tree(dir, &change);
	error = rxs_host_chown(grant, dir->fd, change.uid, change.gid);
	return error ? change_failed(&change, error) : REXI_OK;
}

/* ---- removing ----------------------------------------------------------------------------------------------------------- */

struct level {
	struct rxs_dir *dir;
	struct rxs_listing listing;
	size_t next;
};

struct removal {
	struct rxs_session *session;
	struct level **levels;
	size_t count, cap;
	bool apply;
};

static enum rexi_status fail_remove(struct rxs_session *session, int error, const struct rxs_path *path)
{
	enum rexi_status status;

	if (error == ENOENT)
		status = rxs_fail_at(session, RXS_IO_NotFound, "No such file or directory found", rxs_path_str(path));
	else if (error == ENOTEMPTY || error == EEXIST)
		status = rxs_fail_at(session, RXS_IO_DirectoryNotEmpty,
				     "Directory not empty: A path led to a non-empty directory location. To include contents of this "
				     "directory, use the recursive flag", rxs_path_str(path));
	else if (error == ESTALE)
		status = rxs_fail_at(session, RXS_IO_DirectoryError, "Directory error: not the directory that was opened",
				     rxs_path_str(path));
	else
		status = rxs_fail_at(session, RXS_IO_DirectoryError, "Directory error: Error removing directory",
				     rxs_path_str(path));
	session->failure.os_errno = error;
	return status;
}

static void removal_fini(struct removal *removal)
{
	for (size_t i = 0; i < removal->cap && removal->levels[i]; i++) {
		rxs_dir_unref(removal->levels[i]->dir);
		rxs_listing_fini(&removal->levels[i]->listing);
		rx_memory_give(removal->session->memory, removal->levels[i], sizeof(struct level));
	}
	rx_memory_give(removal->session->memory, removal->levels, removal->cap * sizeof(struct level *));
	removal->levels = NULL;
	removal->cap = removal->count = 0;
}

/* Takes over the reference to dir. The permission to remove a directory is the permission to see what must go with it. */
static enum rexi_status removal_enter(struct removal *removal, struct rxs_dir *dir, const struct rxs_grant *grant)
{
	struct rxs_session *session = removal->session;
	size_t cap = removal->cap;
	struct level *level = NULL;
	enum rexi_status status = REXI_OK;

	if (removal->count >= session->limits.walk_depth)
		status = rxs_fail_limit(session, "walk_depth", session->limits.walk_depth);
	else if (removal->count == cap && !RX_GROW(session->memory, &removal->levels, &removal->cap, cap + 1))
		status = rxs_fail_memory(session);
	else if (removal->cap != cap)
		memset(removal->levels + cap, 0, (removal->cap - cap) * sizeof(struct level *));
	if (status == REXI_OK && !removal->levels[removal->count]) {
		level = (struct level *)rx_memory_take_zeroed(session->memory, 1, sizeof(*level));
		if (level)
			rxs_listing_init(session, &level->listing);
		else
			status = rxs_fail_memory(session);
		removal->levels[removal->count] = level;
	}
	if (status != REXI_OK) {
		rxs_dir_unref(dir);
		return status;
	}
	level = removal->levels[removal->count++];
	rxs_listing_reset(&level->listing);
	level->next = 0;
	level->dir = dir;
	return rxs_listing_fill(dir, grant, &level->listing);
}

/* One entry: a directory is entered, anything else asked for and, in the second pass, removed. */
static enum rexi_status removal_entry(struct removal *removal, struct level *level, const struct rxs_entry *entry)
{
	struct rxs_session *session = removal->session;
	const struct rxs_grant *grant;
	struct rxs_path *path;
	struct rxs_dir *child;
	struct rxs_stat stat;
	enum rexi_status status;
	int fd, error;
	bool is_dir = entry->type == RXS_ENTRY_DIR;

	RX_TRY(rxs_path_child(session, level->dir->path, entry->name, &path));
	status = is_dir ? rxs_authorize_dir(session, RXS_FS_DELETE, path, &grant) :
			  rxs_authorize_file(session, RXS_FS_DELETE, path, &grant);
	if (status == REXI_OK && is_dir) {
		error = rxs_host_open_dir(grant, level->dir, &fd, &stat);
		status = error ? fail_remove(session, error, path) : rxs_dir_adopt(session, fd, path, &stat, &child);
		if (status == REXI_OK)
			status = removal_enter(removal, child, grant);
	} else if (status == REXI_OK && removal->apply) {
		error = rxs_host_remove(grant, level->dir, NULL, false);
		if (error && error != ENOENT)
			status = fail_remove(session, error, path);
	}
	rxs_path_unref(path);
	return status;
}

/* The directory that has been emptied, by the name it has in the level above. */
static enum rexi_status removal_leave(struct removal *removal)
{
	struct rxs_session *session = removal->session;
	struct level *level = removal->levels[--removal->count];
	struct rxs_dir *dir = level->dir;
	const struct rxs_grant *grant;
	enum rexi_status status = REXI_OK;

	level->dir = NULL;
	if (removal->apply && removal->count > 0) {
		struct rxs_stat expect = { .device = dir->device, .inode = dir->inode };
		int error;

		status = rxs_authorize_dir(session, RXS_FS_DELETE, dir->path, &grant);
		if (status == REXI_OK) {
			error = rxs_host_remove(grant, removal->levels[removal->count - 1]->dir, &expect, true);
			if (error)
				status = fail_remove(session, error, dir->path);
		}
	}
	rxs_dir_unref(dir);
	return status;
}

static enum rexi_status removal_pass(struct rxs_dir *root, const struct rxs_grant *grant, bool apply)
{
	struct removal removal = { .session = root->session, .apply = apply };
	enum rexi_status status = removal_enter(&removal, rxs_dir_ref(root), grant);
	uint64_t steps = 0;

	while (status == REXI_OK && removal.count > 0) {
		struct level *level = removal.levels[removal.count - 1];
		size_t mark = rxs_grants_mark(root->session);

		if ((++steps & 1023) == 0 && rxs_should_stop(root->session))
			status = REXI_TERMINATED;
		else if (level->next < level->listing.count)
			status = removal_entry(&removal, level, &level->listing.entries[level->next++]);
		else
			status = removal_leave(&removal);
		rxs_grants_release(root->session, mark);
	}
	removal_fini(&removal);
	return status;
}

enum rexi_status rxs_dir_may_delete(struct rxs_dir *dir)
{
	const struct rxs_grant *grant;

	RX_TRY(rxs_authorize_dir(dir->session, RXS_FS_DELETE, dir->path, &grant));
	return removal_pass(dir, grant, false);
}

enum rexi_status rxs_dir_delete(struct rxs_dir *dir, bool force, bool recursive)
{
	struct rxs_session *session = dir->session;
	struct rxs_stat expect = { .device = dir->device, .inode = dir->inode };
	const struct rxs_grant *grant;
	struct rxs_dir *parent;
	enum rexi_status status;
	int error;

	RX_TRY(rxs_dir_refresh(dir));
	RX_TRY(rxs_authorize_dir(session, RXS_FS_DELETE, dir->path, &grant));
	status = rxs_dir_of(session, dir->path, &parent, &error);
	if (status == REXI_OK) {
		/* Is it still there at all? Asked before anything inside is removed. */
		if (recursive)
			status = removal_pass(dir, grant, false);
		if (status == REXI_OK && recursive)
			status = removal_pass(dir, grant, true);
		if (status == REXI_OK) {
			error = rxs_host_remove(grant, parent, &expect, true);
			if (error)
				status = fail_remove(session, error, dir->path);
		}
		rxs_dir_unref(parent);
	} else if (error) {
		status = fail_remove(session, error, dir->path);
	}
	if (status != REXI_OK && force && session->failure.set && session->failure.kind == RXS_IO_NotFound) {
		rxs_failure_clear(session);
		return REXI_OK;
	}
	return status;
}
