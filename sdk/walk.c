/* The tree walk under find, disk usage and the recursive changes. spec/sdk-filesystem.md 9.1, 9.2. */
#include <config.h>

#include "sdk/handle.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/hash.h"

#include "base/banned.h"

/* One directory on the way down; its listing is read before its children are looked at. */
struct level {
	struct rxs_dir *dir;
	struct rxs_listing listing;
	size_t next;
	struct rxs_entry self; /* of this directory in the level above; name borrowed from there */
};

/* Inodes seen, with the smallest depth for directories. */
struct seen {
	uint64_t device, inode, depth;
	bool used;
};

struct walk {
	struct rxs_session *session;
	const struct rxs_walk_options *options;
	struct level **levels; /* kept when popped, so that their memory is used again */
	size_t count, cap;
	struct seen *seen;
	size_t seen_count, seen_cap;
	uint64_t steps;
};

static void walk_fini(struct walk *walk)
{
	for (size_t i = 0; i < walk->cap && walk->levels[i]; i++) {
		rxs_dir_unref(walk->levels[i]->dir);
		rxs_listing_fini(&walk->levels[i]->listing);
		rx_memory_give(walk->session->memory, walk->levels[i], sizeof(*walk->levels[i]));
	}
	rx_memory_give(walk->session->memory, walk->levels, walk->cap * sizeof(struct level *));
	rx_memory_give(walk->session->memory, walk->seen, walk->seen_cap * sizeof(*walk->seen));
}

/* A failure that a tolerant walk passes over: it is logged, and the element skipped. */
static enum rexi_status passed_over(struct walk *walk, enum rexi_status status, const char *what)
{
	struct rxs_session *session = walk->session;

	if (walk->options->strict || (status != REXI_DENIED && status != REXI_HOST && status != REXI_RUNTIME))
		return status;
	rxs_log(session, RXS_LOG_WARN, "%s: %.*s", what, RX_STR_ARG(rx_buf_view(&session->failure.message)));
	rxs_failure_clear(session);
	return REXI_OK;
}

/* Takes over the reference to dir in any case. *entered false: its listing may not be read, which a tolerant walk bears. */
static enum rexi_status level_enter(struct walk *walk, struct rxs_dir *dir, const struct rxs_entry *self, bool *entered)
{
	struct rxs_session *session = walk->session;
	const struct rxs_grant *read;
	size_t mark = rxs_grants_mark(session), cap = walk->cap;
	struct level *level;
	enum rexi_status status;

	*entered = false;
	if (walk->count >= session->limits.walk_depth) {
		rxs_dir_unref(dir);
		return rxs_fail_limit(session, "walk_depth", session->limits.walk_depth);
	}
	if (walk->count == cap) {
		if (!RX_GROW(session->memory, &walk->levels, &walk->cap, walk->count + 1)) {
			rxs_dir_unref(dir);
			return rxs_fail_memory(session);
		}
		memset(walk->levels + cap, 0, (walk->cap - cap) * sizeof(struct level *));
	}
	level = walk->levels[walk->count];
	if (!level) {
		level = (struct level *)rx_memory_take_zeroed(session->memory, 1, sizeof(*level));
		if (!level) {
			rxs_dir_unref(dir);
			return rxs_fail_memory(session);
		}
		rxs_listing_init(session, &level->listing);
		walk->levels[walk->count] = level;
	} else {
		rxs_listing_reset(&level->listing);
	}
	level->next = 0;
	level->dir = dir;
	level->self = *self;
	status = rxs_authorize_dir(session, RXS_FS_READ, dir->path, &read);
	if (status == REXI_OK)
		status = rxs_listing_fill(dir, read, &level->listing);
	rxs_grants_release(session, mark);
	if (status != REXI_OK) {
		rxs_dir_unref(dir);
		level->dir = NULL;
		if (walk->count == 0 && walk->options->strict_root)
			return status;
		return passed_over(walk, status, "cannot list directory");
	}
	walk->count++;
	*entered = true;
	return REXI_OK;
}

/* True when the object is to be reported: new, or a directory reached on a shorter way. */
static enum rexi_status first_time(struct walk *walk, const struct rxs_stat *stat, uint64_t depth, bool *first)
{
	struct rxs_session *session = walk->session;
	size_t mask, at;

	if ((walk->seen_count + 1) * 2 > walk->seen_cap) {
		size_t cap = walk->seen_cap ? walk->seen_cap * 2 : 256;
		struct seen *grown = (struct seen *)rx_memory_take_zeroed(session->memory, cap, sizeof(*grown));

		if (!grown)
			return rxs_fail_memory(session);
		for (size_t i = 0; i < walk->seen_cap; i++) {
			if (!walk->seen[i].used)
				continue;
			at = rx_hash_mix(walk->seen[i].inode, walk->seen[i].device) & (cap - 1);
			while (grown[at].used)
				at = (at + 1) & (cap - 1);
			grown[at] = walk->seen[i];
		}
		rx_memory_give(session->memory, walk->seen, walk->seen_cap * sizeof(*walk->seen));
		walk->seen = grown;
		walk->seen_cap = cap;
	}
	mask = walk->seen_cap - 1;
	at = rx_hash_mix(stat->inode, stat->device) & mask;
	while (walk->seen[at].used && (walk->seen[at].inode != stat->inode || walk->seen[at].device != stat->device))
		at = (at + 1) & mask;
	*first = !walk->seen[at].used || (S_ISDIR(stat->mode) && depth < walk->seen[at].depth);
	if (!walk->seen[at].used)
		walk->seen_count++;
	if (*first)
		walk->seen[at] = (struct seen){ stat->device, stat->inode, depth, true };
	return REXI_OK;
}

/* spec 9.3.7: what a link leads to takes its place, under the link's name. *keep false: not to be reported. */
static enum rexi_status follow_entry(struct walk *walk, struct rxs_dir *dir, struct rxs_entry *entry, uint64_t depth,
				     bool *keep)
{
	struct rxs_stat stat;
	enum rexi_status status;

	*keep = false;
	if (entry->type == RXS_ENTRY_SYMLINK) {
		const struct rxs_grant *grant;
		struct rxs_path *path;

		if (depth < walk->options->min_depth)
			return REXI_OK;
		RX_TRY(rxs_path_child(walk->session, dir->path, entry->name, &path));
		status = rxs_authorize_file(walk->session, RXS_FS_STAT, path, &grant);
		rxs_path_unref(path);
		if (status != REXI_OK)
			return passed_over(walk, status, "cannot follow link");
		entry->followed = true;
	}
	status = rxs_entry_stat(dir, entry, &stat, NULL, NULL);
	if (status != REXI_OK)
		return passed_over(walk, status, "cannot look at entry");
	entry->type = rxs_entry_type_of_mode(stat.mode);
	return first_time(walk, &stat, depth, keep);
}

static enum rexi_status visit(struct walk *walk, struct level *level, struct rxs_entry *entry)
{
	struct rxs_session *session = walk->session;
	const struct rxs_walk_options *options = walk->options;
	uint64_t depth = walk->count;
	struct rxs_dir *child = NULL;
	enum rexi_status status;
	bool keep = true, skip = false, entered;

	if (options->follow) {
		RX_TRY(follow_entry(walk, level->dir, entry, depth, &keep));
		if (!keep)
			return REXI_OK;
	}
	if (entry->type == RXS_ENTRY_DIR) {
		size_t mark = rxs_grants_mark(session);

		status = rxs_dir_child(level->dir, entry->name, true, entry->followed, &child);
		rxs_grants_release(session, mark);
		if (status != REXI_OK)
			return passed_over(walk, status, "cannot open directory");
	}
	if (depth >= options->min_depth) {
		status = options->entry(options->user, level->dir, entry, child, depth, &skip);
		if (status != REXI_OK) {
			rxs_dir_unref(child);
			return status;
		}
	}
	if (!child)
		return REXI_OK;
	if (skip || depth >= options->max_depth) {
		rxs_dir_unref(child);
		return REXI_OK;
	}
	/* The callback may have moved it. */
	status = rxs_dir_refresh(child);
	if (status != REXI_OK) {
		rxs_dir_unref(child);
		return passed_over(walk, status, "cannot enter directory");
	}
	return level_enter(walk, child, entry, &entered);
}

static enum rexi_status level_leave(struct walk *walk)
{
	struct level *level = walk->levels[walk->count - 1];
	enum rexi_status status = REXI_OK;

	if (walk->options->post && walk->options->leave)
		status = walk->options->leave(walk->options->user, level->dir, &level->self, walk->count - 1);
	rxs_dir_unref(level->dir);
	level->dir = NULL;
	walk->count--;
	return status;
}

enum rexi_status rxs_walk(struct rxs_dir *root, const struct rxs_walk_options *options)
{
	struct walk walk = { .session = root->session, .options = options };
	struct rxs_entry self = { .name = rxs_path_name(root->path), .inode = root->inode, .type = RXS_ENTRY_DIR };
	enum rexi_status status = rxs_dir_refresh(root);
	bool entered;

	if (status == REXI_OK)
		status = level_enter(&walk, rxs_dir_ref(root), &self, &entered);
	if (status == REXI_OK && !entered && options->post && options->leave)
		status = options->leave(options->user, root, &self, 0);
	while (status == REXI_OK && walk.count > 0) {
		struct level *level = walk.levels[walk.count - 1];

		if ((++walk.steps & 1023) == 0 && rxs_should_stop(walk.session))
			status = REXI_TERMINATED;
		else if (level->next < level->listing.count)
			status = visit(&walk, level, &level->listing.entries[level->next++]);
		else
			status = level_leave(&walk);
	}
	walk_fini(&walk);
	return status;
}
