/*
 * Archives (gzip and tar) unpacked beneath a directory, each entry authorised on its own. Names cannot leave it: absolute
 * ones and those with `..` are skipped, no link is followed on the way, links and special files are never made. Source:
 * sdk-filesystem.md 12.2; W-15.
 */
#include <config.h>

#include "sdk/formats.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "sdk/error.h"
#include "sdk/handle.h"
#include "sdk/host_process.h"
#include "sdk/options.h"
#include "sdk/tar.h"

#include "base/banned.h"

/* What an entry says of itself; texts are borrowed from the entry. */
struct attributes {
	uint32_t mode;
	struct rxs_time modified;
	struct rexi_str user, group;
};

/* Directories get their attributes last, deepest first: a mode of theirs could shut their content out. */
struct late_dir {
	struct rxs_path *path;
	struct attributes attributes; /* texts in the arena */
};

struct extract {
	struct rxs_session *session;
	struct rxs_dir *dest;
	struct rx_arena arena;
	bool permissions, ownership, times;
	struct rxs_tar *tar;
	/* the directory of the last entry, which is often that of the next */
	struct rxs_dir *last_dir;
	struct late_dir *dirs;
	size_t dir_count, dir_cap;
	uint64_t entries, bytes;
	/* the first thing that went wrong; the rest is logged (the call goes on and reports it at the end) */
	bool failed;
	enum rexi_status status;
	struct rxs_failure first;
};

/* An entry that could not be unpacked; true when the whole must end (memory, limits, termination). */
static bool entry_failed(struct extract *x, enum rexi_status status)
{
	if (status != REXI_DENIED && status != REXI_HOST && status != REXI_RUNTIME)
		return true;
	rxs_log(x->session, RXS_LOG_WARN, "archive entry: %.*s", RX_STR_ARG(rx_buf_view(&x->session->failure.message)));
	if (x->failed) {
		rxs_failure_clear(x->session);
		return false;
	}
	x->failed = true;
	x->status = status;
	rxs_failure_save(x->session, &x->first);
	return false;
}

/* ---- names ---------------------------------------------------------------------------------------------------------------- */

/* *out NULL: an entry to pass over, which was logged. */
static enum rexi_status entry_path(struct extract *x, struct rexi_str name, struct rxs_path **out)
{
	struct rxs_session *session = x->session;
	enum rexi_status status;

	*out = NULL;
	if (name.len && name.ptr[0] == '/') {
		rxs_log(session, RXS_LOG_WARN, "archive entry skipped, its name is absolute: %.*s", RX_STR_ARG(name));
		return REXI_OK;
	}
	status = rxs_path_join(session, x->dest->path, name, NULL, out);
	if (status == REXI_RUNTIME) {
		rxs_log(session, RXS_LOG_WARN, "archive entry skipped: %.*s", RX_STR_ARG(rx_buf_view(&session->failure.message)));
		rxs_failure_clear(session);
		return REXI_OK;
	}
	if (status == REXI_OK && (rxs_path_eq(*out, x->dest->path) || !rxs_path_is_in(*out, x->dest->path))) {
		rxs_path_unref(*out); /* `./` names the destination, whose attributes are not the archive's business */
		*out = NULL;
	}
	return status;
}

/* The directory of one level, made when it is missing; Create(Dir) is asked either way. */
static enum rexi_status enter_level(struct extract *x, struct rxs_dir *at, struct rxs_path *path, struct rxs_dir **out)
{
	const struct rxs_grant *create;
	struct rxs_stat stat;
	int fd, error;

	RX_TRY(rxs_authorize_dir(x->session, RXS_FS_CREATE, path, &create));
	error = rxs_host_mkdir(create, at, 0777);
	if (!error || error == EEXIST)
		error = rxs_host_open_dir(create, at, &fd, &stat);
	if (error)
		return rxs_fail_errno(x->session, error);
	return rxs_dir_adopt(x->session, fd, path, &stat, out);
}

/* The directory at `len` bytes of a path below the destination, every level on the way made without following a link. */
static enum rexi_status enter(struct extract *x, const struct rxs_path *path, uint32_t len, struct rxs_dir **out)
{
	struct rxs_dir *at = rxs_dir_ref(x->dest);
	enum rexi_status status = REXI_OK;

	if (x->last_dir && x->last_dir->path->len == len && memcmp(x->last_dir->path->text, path->text, len) == 0) {
		rxs_dir_unref(at);
		*out = rxs_dir_ref(x->last_dir);
		return REXI_OK;
	}
	while (status == REXI_OK && at->path->len < len) {
		uint32_t end = at->path->len == 1 ? 1 : at->path->len + 1;
		struct rxs_path *level;
		struct rxs_dir *next = NULL;
		while (end < len && path->text[end] != '/')
			end++;
		status = rxs_path_kernel(x->session, rx_str_make(path->text, end), &level);
		if (status == REXI_OK) {
			status = enter_level(x, at, level, &next);
			rxs_path_unref(level);
		}
		if (status == REXI_OK) {
			rxs_dir_unref(at);
			at = next;
		}
	}
	if (status != REXI_OK) {
		rxs_dir_unref(at);
		return status;
	}
	rxs_dir_unref(x->last_dir);
	x->last_dir = rxs_dir_ref(at);
	*out = at;
	return REXI_OK;
}

/* ---- attributes ----------------------------------------------------------------------------------------------------------- */

static struct attributes entry_attributes(const struct rxs_tar_entry *entry)
{
	return (struct attributes){
		.mode = entry->mode & 0777, /* no set-id and sticky bits (W-15) */
		.modified = { entry->seconds, entry->nanoseconds },
		.user = entry->user,
		.group = entry->group,
	};
}

/* Owner before mode: a change of owner clears bits. `create` is the grant for making the object. */
static enum rexi_status apply(struct extract *x, struct rxs_path *path, bool is_dir, int fd, const struct attributes *a,
			      const struct rxs_grant *create)
{
	enum rxs_resource_type type = is_dir ? RXS_DIR : RXS_FILE;
	const struct rxs_resource resource = { .type = type, .path = path };
	struct rxs_session *session = x->session;
	const struct rxs_grant *chmod_grant = NULL, *chown_grant;
	int error = 0;

	if (x->permissions)
		RX_TRY(rxs_authorize(session, RXS_FS_CHMOD, &resource, &chmod_grant));
	if (x->ownership && (a->user.len || a->group.len)) {
		uint32_t uid = UINT32_MAX, gid = UINT32_MAX;
		RX_TRY(rxs_authorize(session, RXS_FS_CHOWN, &resource, &chown_grant));
		RX_TRY(rxs_owner_ids(session, a->user.len ? &a->user : NULL, a->group.len ? &a->group : NULL, &uid, &gid));
		error = rxs_host_chown(chown_grant, fd, uid, gid);
		if (error)
			return rxs_fail_chown(session, error);
	}
	if (chmod_grant)
		error = rxs_host_chmod(chmod_grant, fd, (mode_t)a->mode);
	if (!error && x->times) {
		struct rxs_time keep = { 0, UINT32_MAX };
		error = rxs_host_set_times(create, fd, keep, a->modified);
	}
	return error ? rxs_fail_errno(session, error) : REXI_OK;
}

/* ---- entries -------------------------------------------------------------------------------------------------------------- */

/* *broken: the archive itself cannot be read on, which ends the whole. */
static enum rexi_status copy_content(struct extract *x, const struct rxs_grant *write, int fd, bool *broken)
{
	struct rxs_session *session = x->session;
	uint64_t to = 0;

	for (;;) {
		struct rexi_str part;
		enum rexi_status status = rxs_tar_content(x->tar, &part);
		int error;
		*broken = status != REXI_OK;
		if (status != REXI_OK || part.len == 0)
			return status;
		if (part.len > session->limits.archive_bytes - x->bytes)
			return rxs_fail_limit(session, "archive_bytes", session->limits.archive_bytes);
		x->bytes += part.len;
		error = rxs_host_write(write, fd, to, part.ptr, part.len);
		if (error)
			return rxs_fail_errno(session, error);
		to += part.len;
	}
}

static enum rexi_status extract_file(struct extract *x, const struct rxs_tar_entry *entry, struct rxs_path *path, bool *broken)
{
	struct attributes a = entry_attributes(entry);
	struct rxs_session *session = x->session;
	const struct rxs_grant *create, *write;
	struct rxs_replacement *file;
	struct rxs_dir *dir;
	enum rexi_status status;
	int fd = -1, error;

	RX_TRY(rxs_authorize_file(session, RXS_FS_CREATE, path, &create));
	RX_TRY(rxs_authorize_file(session, RXS_FS_WRITE, path, &write));
	RX_TRY(enter(x, path, path->parent_len, &dir));
	error = rxs_host_replace_begin(write, dir, -1, (mode_t)(0666 & ~rxs_host_umask(session)), false, &file);
	if (error) {
		rxs_dir_unref(dir);
		return rxs_fail_errno(session, error);
	}
	status = copy_content(x, write, rxs_host_replace_fd(file), broken);
	if (status == REXI_OK) {
		/* attributes that may not be set leave the content (spec 12.2), and are reported */
		enum rexi_status attributes = apply(x, path, false, rxs_host_replace_fd(file), &a, create);
		error = rxs_host_replace_commit(&file, &fd);
		if (!error)
			rxs_host_close(session, fd);
		else if (attributes == REXI_OK)
			attributes = rxs_fail_errno(session, error);
		status = attributes;
	} else {
		rxs_host_replace_abort(&file);
	}
	rxs_dir_unref(dir);
	return status;
}

static enum rexi_status remember_dir(struct extract *x, const struct rxs_tar_entry *entry, struct rxs_path *path)
{
	struct attributes a = entry_attributes(entry);

	if (!RX_GROW(x->session->memory, &x->dirs, &x->dir_cap, x->dir_count + 1))
		return rxs_fail_memory(x->session);
	a.user = rx_arena_copy(&x->arena, a.user);
	a.group = rx_arena_copy(&x->arena, a.group);
	if (!a.user.ptr || !a.group.ptr)
		return rxs_fail_memory(x->session);
	x->dirs[x->dir_count++] = (struct late_dir){ rxs_path_ref(path), a };
	return REXI_OK;
}

static enum rexi_status finish_dir(struct extract *x, const struct late_dir *late)
{
	struct rxs_session *session = x->session;
	const struct rxs_grant *open, *create;
	struct rxs_dir *dir;
	enum rexi_status status;

	RX_TRY(enter(x, late->path, late->path->len, &dir));
	status = rxs_authorize_dir(session, RXS_FS_OPEN, late->path, &open);
	if (status == REXI_OK)
		status = rxs_authorize_dir(session, RXS_FS_CREATE, late->path, &create);
	if (status == REXI_OK)
		status = apply(x, late->path, true, dir->fd, &late->attributes, create);
	rxs_dir_unref(dir);
	return status;
}

static int deeper_first(const void *a, const void *b)
{
	const struct late_dir *x = a, *y = b;

	return rx_str_cmp(rxs_path_str(y->path), rxs_path_str(x->path));
}

static enum rexi_status finish_dirs(struct extract *x)
{
	if (x->dir_count)
		qsort(x->dirs, x->dir_count, sizeof(*x->dirs), deeper_first);
	for (size_t i = 0; i < x->dir_count; i++) {
		size_t mark = rxs_grants_mark(x->session);
		enum rexi_status status = finish_dir(x, &x->dirs[i]);
		rxs_grants_release(x->session, mark);
		if (status != REXI_OK && entry_failed(x, status))
			return status;
	}
	return REXI_OK;
}

static enum rexi_status extract_entry(struct extract *x, const struct rxs_tar_entry *entry, bool *broken)
{
	struct rxs_path *path = NULL;
	enum rexi_status status;

	if (entry->type == RXS_TAR_OTHER) {
		rxs_log(x->session, RXS_LOG_DEBUG, "archive entry skipped, neither file nor directory: %.*s",
			RX_STR_ARG(entry->name));
		return REXI_OK;
	}
	RX_TRY(entry_path(x, entry->name, &path));
	if (!path)
		return REXI_OK;
	status = entry->type == RXS_TAR_FILE ? extract_file(x, entry, path, broken) : remember_dir(x, entry, path);
	rxs_path_unref(path);
	return status;
}

static enum rexi_status extract_all(struct extract *x)
{
	for (;;) {
		size_t mark = rxs_grants_mark(x->session);
		struct rxs_tar_entry entry;
		bool found, broken = false;
		enum rexi_status status = rxs_tar_next(x->tar, &entry, &found);
		if (status != REXI_OK || !found)
			return status;
		if (x->entries++ >= x->session->limits.archive_entries)
			return rxs_fail_limit(x->session, "archive_entries", x->session->limits.archive_entries);
		status = extract_entry(x, &entry, &broken);
		rxs_grants_release(x->session, mark);
		if (status != REXI_OK && (broken || entry_failed(x, status)))
			return status;
	}
}

static enum rexi_status extract_run(struct extract *x, struct rxs_file *file, const struct rxs_grant *read)
{
	enum rexi_status status;

	RX_TRY(rxs_tar_open(file, read, &x->tar));
	status = extract_all(x);
	if (status == REXI_OK)
		status = finish_dirs(x);
	rxs_tar_close(x->tar);
	if (status == REXI_OK && x->failed) {
		rxs_failure_restore(x->session, &x->first);
		x->failed = false;
		status = x->status;
	}
	return status;
}

static enum rexi_status extract_archive(struct rxs_session *session, struct rxs_file *file, const struct rxs_grant *read,
					struct rxs_dir *dest, const struct rxs_options *options)
{
	struct extract x = { .session = session, .dest = dest };
	enum rexi_status status;

	rx_arena_init(&x.arena, session->memory);
	x.permissions = rxs_option_bool(options, RXS_OPT_ExtractArchiveOptions_preserve_permissions);
	x.ownership = rxs_option_bool(options, RXS_OPT_ExtractArchiveOptions_preserve_ownership);
	x.times = rxs_option_bool(options, RXS_OPT_ExtractArchiveOptions_preserve_timestamps);
	status = rxs_dir_refresh(dest);
	if (status == REXI_OK)
		status = extract_run(&x, file, read);
	if (x.failed)
		rx_buf_fini(&x.first.message);
	rxs_dir_unref(x.last_dir);
	for (size_t i = 0; i < x.dir_count; i++)
		rxs_path_unref(x.dirs[i].path);
	rx_memory_give(session->memory, x.dirs, x.dir_cap * sizeof(*x.dirs));
	rx_arena_fini(&x.arena);
	return status;
}

enum rexi_status rxs_extract_archive(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,
				     struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	struct rxs_file *file = rxs_need(call, self, RXS_TYPE_FileHandle);
	struct rxs_dir *dest = rxs_need(call, &args[0], RXS_TYPE_DirHandle);
	const struct rxs_options *options = rxs_options_need(call, &args[1]);
	const struct rxs_grant *read;

	(void)argc;
	(void)out;
	RX_TRY(rxs_file_may_read(file, &read));
	return extract_archive(session, file, read, dest, options);
}
