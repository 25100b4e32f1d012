/* Disk usage of trees. spec/sdk-filesystem.md 6.14, without its weaknesses 29, 30 and 53. */
#include <config.h>

#include "sdk/handle.h"

#include <sys/stat.h>

#include "base/hash.h"

#include "base/banned.h"

struct sum {
	uint64_t bytes, inodes;
};

struct usage {
	struct rxs_session *session;
	const struct rxs_usage_options *options;
	struct sum *sums;      /* of the directories on the way down */
	size_t cap;
	uint64_t *seen;        /* pairs of device and inode of files with several names */
	size_t seen_count, seen_cap;
	uint64_t root_device;
	uint64_t largest_bytes;
	struct rxs_dir *largest;
};

static uint64_t size_of(const struct usage *usage, const struct rxs_stat *stat)
{
	return usage->options->apparent_size ? stat->size : stat->blocks * 512;
}

static enum rexi_status list(struct usage *usage, struct rxs_path *path, struct sum sum, uint64_t depth)
{
	const struct rxs_usage_options *options = usage->options;

	if (!options->entry || options->max_depth < 0 || depth > (uint64_t)options->max_depth)
		return REXI_OK;
	return options->entry(options->user, path->uid, sum.bytes, sum.inodes, depth);
}

/* Files with several names are counted once. */
static enum rexi_status first_name(struct usage *usage, const struct rxs_stat *stat, bool *first)
{
	size_t mask, at;

	*first = true;
	if (usage->options->count_hard_links || stat->links < 2)
		return REXI_OK;
	if ((usage->seen_count + 1) * 2 > usage->seen_cap) {
		size_t cap = usage->seen_cap ? usage->seen_cap * 2 : 128;
		uint64_t *grown = (uint64_t *)rx_memory_take_zeroed(usage->session->memory, cap * 2, sizeof(uint64_t));

		if (!grown)
			return rxs_fail_memory(usage->session);
		for (size_t i = 0; i < usage->seen_cap; i++) {
			if (!usage->seen[2 * i + 1])
				continue;
			at = rx_hash_mix(usage->seen[2 * i + 1], usage->seen[2 * i]) & (cap - 1);
			while (grown[2 * at + 1])
				at = (at + 1) & (cap - 1);
			grown[2 * at] = usage->seen[2 * i];
			grown[2 * at + 1] = usage->seen[2 * i + 1];
		}
		rx_memory_give(usage->session->memory, usage->seen, usage->seen_cap * 2 * sizeof(uint64_t));
		usage->seen = grown;
		usage->seen_cap = cap;
	}
	mask = usage->seen_cap - 1;
	at = rx_hash_mix(stat->inode, stat->device) & mask;
	while (usage->seen[2 * at + 1] && (usage->seen[2 * at + 1] != stat->inode || usage->seen[2 * at] != stat->device))
		at = (at + 1) & mask;
	*first = usage->seen[2 * at + 1] == 0;
	if (*first) {
		usage->seen[2 * at] = stat->device;
		usage->seen[2 * at + 1] = stat->inode;
		usage->seen_count++;
	}
	return REXI_OK;
}

static enum rexi_status sum_at(struct usage *usage, uint64_t depth, struct sum **out)
{
	size_t cap = usage->cap;

	if (!RX_GROW(usage->session->memory, &usage->sums, &usage->cap, depth + 1))
		return rxs_fail_memory(usage->session);
	memset(usage->sums + cap, 0, (usage->cap - cap) * sizeof(*usage->sums));
	*out = &usage->sums[depth];
	return REXI_OK;
}

static enum rexi_status passed_over(struct usage *usage, enum rexi_status status)
{
	if (status != REXI_DENIED && status != REXI_HOST && status != REXI_RUNTIME)
		return status;
	rxs_log(usage->session, RXS_LOG_WARN, "disk usage: %.*s",
		RX_STR_ARG(rx_buf_view(&usage->session->failure.message)));
	rxs_failure_clear(usage->session);
	return REXI_OK;
}

static enum rexi_status usage_file(struct usage *usage, struct rxs_dir *dir, const struct rxs_entry *entry, uint64_t depth)
{
	struct sum own = { .inodes = 1 }, *sum;
	struct rxs_path *path;
	struct rxs_stat stat;
	enum rexi_status status = rxs_entry_stat(dir, entry, &stat, NULL, NULL);
	bool counted = entry->type == RXS_ENTRY_FILE, first = true;

	if (status != REXI_OK)
		return passed_over(usage, status);
	if (usage->options->one_file_system && stat.device != usage->root_device)
		return REXI_OK;
	RX_TRY(first_name(usage, &stat, &first));
	if (!first)
		return REXI_OK;
	own.bytes = size_of(usage, &stat);
	if (counted) {
		RX_TRY(sum_at(usage, depth - 1, &sum));
		sum->bytes += own.bytes;
		sum->inodes += own.inodes;
	}
	if (!usage->options->all_files)
		return REXI_OK;
	RX_TRY(rxs_path_child(usage->session, dir->path, entry->name, &path));
	status = list(usage, path, own, depth);
	rxs_path_unref(path);
	return status;
}

static enum rexi_status usage_entry(void *user, struct rxs_dir *dir, const struct rxs_entry *entry, struct rxs_dir *child,
				    uint64_t depth, bool *skip)
{
	struct usage *usage = (struct usage *)user;
	size_t mark = rxs_grants_mark(usage->session);
	struct sum *sum;
	struct rxs_stat stat;
	enum rexi_status status;

	if (!child) {
		status = usage_file(usage, dir, entry, depth);
		rxs_grants_release(usage->session, mark);
		return status;
	}
	RX_TRY(sum_at(usage, depth, &sum));
	*sum = (struct sum){ 0, 0 };
	status = rxs_dir_stat(child, &stat);
	rxs_grants_release(usage->session, mark);
	if (status != REXI_OK) {
		*skip = true;
		return passed_over(usage, status);
	}
	if (usage->options->one_file_system && stat.device != usage->root_device) {
		*skip = true;
		return REXI_OK;
	}
	usage->sums[depth] = (struct sum){ size_of(usage, &stat), 1 };
	return REXI_OK;
}

static enum rexi_status usage_leave(void *user, struct rxs_dir *dir, const struct rxs_entry *entry, uint64_t depth)
{
	struct usage *usage = (struct usage *)user;
	const struct rxs_usage_options *options = usage->options;
	struct sum sum = usage->sums[depth];

	(void)entry;
	if (depth > 0) {
		usage->sums[depth - 1].bytes += sum.bytes;
		usage->sums[depth - 1].inodes += sum.inodes;
	}
	if (depth > 0 && options->track_largest && !options->summarize && options->max_depth >= 0 &&
	    depth <= (uint64_t)options->max_depth && (!usage->largest || sum.bytes > usage->largest_bytes)) {
		rxs_dir_unref(usage->largest);
		usage->largest = rxs_dir_ref(dir);
		usage->largest_bytes = sum.bytes;
	}
	return depth > 0 && options->summarize ? REXI_OK : list(usage, dir->path, sum, depth);
}

enum rexi_status rxs_usage(struct rxs_dir *root, const struct rxs_usage_options *options, uint64_t *total_bytes,
			   uint64_t *total_inodes, struct rxs_dir **largest)
{
	struct usage usage = { .session = root->session, .options = options };
	struct rxs_walk_options walk = {
		.min_depth = 1,
		.max_depth = UINT64_MAX,
		.post = true,
		.user = &usage,
		.entry = usage_entry,
		.leave = usage_leave,
	};
	struct rxs_stat stat;
	struct sum *sum;
	enum rexi_status status;

	*total_bytes = *total_inodes = 0;
	if (largest)
		*largest = NULL;
	RX_TRY(rxs_dir_stat(root, &stat));
	usage.root_device = stat.device;
	status = sum_at(&usage, 0, &sum);
	if (status == REXI_OK) {
		*sum = (struct sum){ size_of(&usage, &stat), 1 };
		status = rxs_walk(root, &walk);
	}
	if (status == REXI_OK) {
		*total_bytes = usage.sums[0].bytes;
		*total_inodes = usage.sums[0].inodes;
		if (largest) {
			*largest = usage.largest;
			usage.largest = NULL;
		}
	}
	rxs_dir_unref(usage.largest);
	rx_memory_give(usage.session->memory, usage.sums, usage.cap * sizeof(*usage.sums));
	rx_memory_give(usage.session->memory, usage.seen, usage.seen_cap * 2 * sizeof(uint64_t));
	return status;
}
