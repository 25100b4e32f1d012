/* Listings and their entries. spec/sdk-filesystem.md 6.3, 8.2. */
#include <config.h>

#include "sdk/handle.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "base/banned.h"

static const char *const type_names[RXS_ENTRY_TYPE_COUNT] = {
	[RXS_ENTRY_FILE] = "File",       [RXS_ENTRY_DIR] = "Dir",
	[RXS_ENTRY_SYMLINK] = "Symlink", [RXS_ENTRY_UNKNOWN] = "Unknown",
	[RXS_ENTRY_FIFO] = "Fifo",       [RXS_ENTRY_SOCKET] = "Socket",
	[RXS_ENTRY_CHAR_DEVICE] = "CharDevice", [RXS_ENTRY_BLOCK_DEVICE] = "BlockDevice",
};

const char *rxs_entry_type_name(enum rxs_entry_type type)
{
	return type_names[type];
}

enum rxs_entry_type rxs_entry_type_of_mode(uint32_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return RXS_ENTRY_FILE;
	case S_IFDIR:
		return RXS_ENTRY_DIR;
	case S_IFLNK:
		return RXS_ENTRY_SYMLINK;
	case S_IFIFO:
		return RXS_ENTRY_FIFO;
	case S_IFSOCK:
		return RXS_ENTRY_SOCKET;
	case S_IFCHR:
		return RXS_ENTRY_CHAR_DEVICE;
	case S_IFBLK:
		return RXS_ENTRY_BLOCK_DEVICE;
	default:
		return RXS_ENTRY_UNKNOWN;
	}
}

static enum rxs_entry_type type_of_dirent(unsigned char type)
{
	switch (type) {
	case DT_REG:
		return RXS_ENTRY_FILE;
	case DT_DIR:
		return RXS_ENTRY_DIR;
	case DT_LNK:
		return RXS_ENTRY_SYMLINK;
	case DT_FIFO:
		return RXS_ENTRY_FIFO;
	case DT_SOCK:
		return RXS_ENTRY_SOCKET;
	case DT_CHR:
		return RXS_ENTRY_CHAR_DEVICE;
	case DT_BLK:
		return RXS_ENTRY_BLOCK_DEVICE;
	default:
		return RXS_ENTRY_UNKNOWN;
	}
}

/* Everything a scan gives, into the listing's arena. */
static enum rexi_status scan_collect(struct rxs_session *session, struct rxs_scan *scan, struct rxs_listing *listing)
{
	struct rxs_dirent found;

	for (;;) {
		struct rxs_entry *entry;
		int error = rxs_host_scan_next(scan, &found);

		if (error)
			return rxs_fail_errno(session, error);
		if (!found.name.ptr)
			return REXI_OK;
		if (listing->count >= session->limits.list_entries)
			return rxs_fail_limit(session, "list_entries", session->limits.list_entries);
		if (!RX_ARENA_GROW(&listing->arena, &listing->entries, &listing->cap, listing->count + 1))
			return rxs_fail_memory(session);
		entry = &listing->entries[listing->count++];
		*entry = (struct rxs_entry){ .name = rx_arena_copy(&listing->arena, found.name), .inode = found.inode,
					     .type = type_of_dirent(found.type) };
		if (!entry->name.ptr)
			return rxs_fail_memory(session);
		if ((listing->count & 4095) == 0 && rxs_should_stop(session))
			return REXI_TERMINATED;
	}
}

enum rexi_status rxs_listing_fill(struct rxs_dir *dir, const struct rxs_grant *grant, struct rxs_listing *listing)
{
	struct rxs_session *session = dir->session;
	struct rxs_scan *scan;
	enum rexi_status status;
	int error = rxs_host_scan_begin(grant, dir, &scan);

	if (error)
		return rxs_fail_errno(session, error);
	status = scan_collect(session, scan, listing);
	rxs_host_scan_end(scan);
	return status;
}

void rxs_listing_init(struct rxs_session *session, struct rxs_listing *listing)
{
	*listing = (struct rxs_listing){ .count = 0 };
	rx_arena_init(&listing->arena, session->memory);
}

void rxs_listing_reset(struct rxs_listing *listing)
{
	rx_arena_reset(&listing->arena);
	listing->entries = NULL;
	listing->count = listing->cap = 0;
}

enum rexi_status rxs_dir_list(struct rxs_dir *dir, struct rxs_listing *out)
{
	const struct rxs_grant *grant;
	enum rexi_status status;

	RX_TRY(rxs_dir_refresh(dir));
	RX_TRY(rxs_authorize_dir(dir->session, RXS_FS_READ, dir->path, &grant));
	rxs_listing_init(dir->session, out);
	status = rxs_listing_fill(dir, grant, out);
	if (status != REXI_OK)
		rxs_listing_fini(out);
	return status;
}

void rxs_listing_fini(struct rxs_listing *listing)
{
	rx_arena_fini(&listing->arena);
	listing->entries = NULL;
	listing->count = listing->cap = 0;
}

/* A link's text where `read` allows it; a denial of that alone is no failure. */
static enum rexi_status target_read(struct rxs_dir *dir, struct rxs_path *path, struct rx_buf *target, bool *has_target)
{
	struct rxs_session *session = dir->session;
	const struct rxs_grant *read;
	enum rexi_status status = rxs_authorize_file(session, RXS_FS_READ, path, &read);
	int error;

	*has_target = false;
	if (status == REXI_DENIED) {
		rxs_failure_clear(session);
		return REXI_OK;
	}
	if (status != REXI_OK)
		return status;
	error = rxs_host_link_text_at(read, dir, target);
	if (error)
		return rxs_fail_errno(session, error);
	*has_target = true;
	return REXI_OK;
}

/*
 * Metadata through a followed link: what it leads to, under its real name. spec 9.3.7: Open on the link's path, Open and
 * Stat on the target.
 */
static enum rexi_status followed_stat(struct rxs_dir *dir, struct rxs_path *path, enum rxs_entry_type type,
				      struct rxs_stat *out)
{
	struct rxs_session *session = dir->session;
	const struct rxs_grant *open, *stat;
	struct rxs_path *real = NULL;
	struct rx_buf where;
	enum rexi_status status;
	int fd = -1, error;
	bool is_dir = type == RXS_ENTRY_DIR;

	rx_buf_init(&where, session->memory, 0);
	status = rxs_authorize_file(session, RXS_FS_OPEN, path, &open);
	if (status == REXI_OK) {
		error = rxs_host_follow_file(open, dir, &fd, out, &where);
		if (error)
			status = rxs_fail_errno(session, error);
	}
	if (status == REXI_OK) {
		is_dir = S_ISDIR(out->mode);
		status = rxs_path_kernel(session, rx_buf_view(&where), &real);
	}
	if (status == REXI_OK)
		status = is_dir ? rxs_authorize_dir(session, RXS_FS_OPEN, real, &open) :
				  rxs_authorize_file(session, RXS_FS_OPEN, real, &open);
	if (status == REXI_OK)
		status = is_dir ? rxs_authorize_dir(session, RXS_FS_STAT, real, &stat) :
				  rxs_authorize_file(session, RXS_FS_STAT, real, &stat);
	rxs_host_close(session, fd);
	rxs_path_unref(real);
	rx_buf_fini(&where);
	return status;
}

enum rexi_status rxs_entry_stat(struct rxs_dir *dir, const struct rxs_entry *entry, struct rxs_stat *out,
				struct rx_buf *target, bool *has_target)
{
	struct rxs_session *session = dir->session;
	const struct rxs_grant *open, *stat;
	size_t mark = rxs_grants_mark(session);
	struct rxs_path *path;
	enum rexi_status status;
	int error;
	bool is_dir = entry->type == RXS_ENTRY_DIR;

	if (has_target)
		*has_target = false;
	RX_TRY(rxs_dir_refresh_lately(dir));
	RX_TRY(rxs_path_child(session, dir->path, entry->name, &path));
	if (entry->followed) {
		status = followed_stat(dir, path, entry->type, out);
		rxs_path_unref(path);
		rxs_grants_release(session, mark);
		return status;
	}
	status = REXI_OK;
	if (is_dir)
		status = rxs_authorize_dir(session, RXS_FS_OPEN, path, &open);
	else if (entry->type == RXS_ENTRY_FILE || entry->type == RXS_ENTRY_SYMLINK)
		status = rxs_authorize_file(session, RXS_FS_OPEN, path, &open);
	if (status == REXI_OK)
		status = is_dir ? rxs_authorize_dir(session, RXS_FS_STAT, path, &stat) :
				  rxs_authorize_file(session, RXS_FS_STAT, path, &stat);
	if (status == REXI_OK) {
		error = rxs_host_stat_at(stat, dir, out);
		if (error)
			status = rxs_fail_errno(session, error);
		else if (S_ISDIR(out->mode) != is_dir) /* asked as one kind, is another by now */
			status = rxs_fail_errno(session, is_dir ? ENOTDIR : EISDIR);
	}
	if (status == REXI_OK && target && S_ISLNK(out->mode))
		status = target_read(dir, path, target, has_target);
	rxs_path_unref(path);
	rxs_grants_release(session, mark);
	return status;
}

/* ---- links as handles -------------------------------------------------------------------------------------------------- */

struct rxs_link *rxs_link_ref(struct rxs_link *link)
{
	link->refs++;
	return link;
}

void rxs_link_unref(struct rxs_link *link)
{
	if (!link || --link->refs > 0)
		return;
	rxs_host_close(link->session, link->fd);
	rxs_path_unref(link->path);
	rxs_dir_unref(link->dir);
	link->session->handles--;
	rx_memory_give(link->session->memory, link, sizeof(*link));
}

static enum rexi_status link_adopt(struct rxs_dir *dir, int fd, struct rxs_path *path, const struct rxs_stat *stat,
				   struct rxs_link **out)
{
	struct rxs_session *session = dir->session;
	enum rexi_status status = rxs_handle_count(session);
	struct rxs_link *link = NULL;

	if (status == REXI_OK) {
		link = (struct rxs_link *)rx_memory_take(session->memory, sizeof(*link));
		if (!link) {
			session->handles--;
			status = rxs_fail_memory(session);
		}
	}
	if (status != REXI_OK) {
		rxs_host_close(session, fd);
		return status;
	}
	*link = (struct rxs_link){ .refs = 1, .fd = fd, .session = session, .dir = rxs_dir_ref(dir),
				   .path = rxs_path_ref(path), .device = stat->device, .inode = stat->inode };
	*out = link;
	return REXI_OK;
}

enum rexi_status rxs_link_open(struct rxs_dir *dir, struct rexi_str name, bool trusted, struct rxs_link **out)
{
	struct rxs_session *session = dir->session;
	const struct rxs_grant *grant;
	struct rxs_spelling spelling = { .empty = false };
	struct rxs_path *path;
	struct rxs_stat stat;
	enum rexi_status status;
	int fd, error;

	RX_TRY(rxs_dir_refresh_lately(dir));
	if (trusted)
		RX_TRY(rxs_path_child(session, dir->path, name, &path));
	else
		RX_TRY(rxs_path_join(session, dir->path, name, &spelling, &path));
	status = rxs_authorize_file(session, RXS_FS_OPEN, path, &grant);
	if (status == REXI_OK)
		status = rxs_basename_rule(session, &spelling);
	if (status == REXI_OK && spelling.empty)
		status = rxs_fail_errno(session, ENOENT);
	if (status == REXI_OK && spelling.self)
		status = rxs_fail(session, RXS_IO_ValidationError, "Validation error: argument is not a symlink");
	if (status == REXI_OK) {
		error = rxs_host_open_link(grant, dir, &fd, &stat);
		if (error) {
			status = rxs_fail_errno(session, error);
		} else if (!S_ISLNK(stat.mode)) {
			rxs_host_close(session, fd);
			status = rxs_fail(session, RXS_IO_ValidationError, "Validation error: argument is not a symlink");
		} else {
			status = link_adopt(dir, fd, path, &stat, out);
		}
	}
	rxs_path_unref(path);
	return status;
}

static enum rexi_status link_refresh(struct rxs_link *link)
{
	bool moved;

	return rxs_path_renew(link->session, link->fd, link->device, link->inode, &link->path, &moved);
}

enum rexi_status rxs_link_stat(struct rxs_link *link, struct rxs_stat *out, struct rx_buf *target, bool *has_target)
{
	struct rxs_session *session = link->session;
	const struct rxs_grant *stat, *read;
	enum rexi_status status;
	int error;

	*has_target = false;
	RX_TRY(link_refresh(link));
	RX_TRY(rxs_authorize_file(session, RXS_FS_STAT, link->path, &stat));
	error = rxs_host_stat(stat, link->fd, out);
	if (error)
		return rxs_fail_errno(session, error);
	status = rxs_authorize_file(session, RXS_FS_READ, link->path, &read);
	if (status == REXI_DENIED) {
		rxs_failure_clear(session);
		return REXI_OK;
	}
	if (status != REXI_OK)
		return status;
	error = rxs_host_link_text(read, link->fd, target);
	if (error)
		return rxs_fail_errno(session, error);
	*has_target = true;
	return REXI_OK;
}

enum rexi_status rxs_link_chown(struct rxs_link *link, const struct rexi_str *user, const struct rexi_str *group)
{
	struct rxs_session *session = link->session;
	const struct rxs_grant *grant;
	uint32_t uid, gid;
	int error;

	RX_TRY(link_refresh(link));
	RX_TRY(rxs_authorize_file(session, RXS_FS_CHOWN, link->path, &grant));
	RX_TRY(rxs_owner_ids(session, user, group, &uid, &gid));
	error = rxs_host_chown(grant, link->fd, uid, gid);
	return error ? rxs_fail_chown(session, error) : REXI_OK;
}
