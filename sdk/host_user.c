#include <config.h>

#include "sdk/host_user.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/number.h"
#include "base/utf8.h"
#include "sdk/fs.h"

#include "base/banned.h"

/* Larger user files than this are read in part: names beyond show as numbers. */
#define FILE_MAX (16u << 20)
/* How long a look at the file's times holds: every stat of a file asks for two names. */
#define RECHECK_NS INT64_C(100000000)

struct account {
	struct rexi_str name;
	uint32_t id, group;
};

struct table {
	struct account *accounts; /* in the file's order; the first of an id or name wins */
	size_t count, cap;
	char *text;
	size_t text_len;
	struct timespec modified;
	uint64_t inode;
	int64_t checked_ns;
	bool loaded;
	uint32_t last_id; /* most files have one owner: index of the account found last */
	size_t last_at;
};

struct rxs_identity {
	struct table users, groups;
};

static void table_clear(struct rx_memory *memory, struct table *table)
{
	rx_memory_give(memory, table->text, table->text_len);
	rx_memory_give(memory, table->accounts, table->cap * sizeof(*table->accounts));
	table->text = NULL;
	table->accounts = NULL;
	table->text_len = table->count = table->cap = 0;
	table->last_at = SIZE_MAX;
}

/* name:x:id:group:... ; group lines have no third number and it stays 0. */
static void line_add(struct rx_memory *memory, struct table *table, struct rexi_str line)
{
	struct rexi_str fields[4] = { { NULL, 0 } };
	size_t start = 0, count = 0;
	uint64_t id, group = 0;

	for (size_t i = 0; i <= line.len && count < 4; i++) {
		if (i == line.len || line.ptr[i] == ':') {
			fields[count++] = rx_str_make(line.ptr + start, i - start);
			start = i + 1;
		}
	}
	if (count < 3 || fields[0].len == 0 || fields[0].ptr[0] == '#' ||
	    rx_number_parse_u64(fields[2], 10, &id) != RX_NUMBER_OK || id > UINT32_MAX)
		return;
	if (count > 3 && (rx_number_parse_u64(fields[3], 10, &group) != RX_NUMBER_OK || group > UINT32_MAX))
		group = 0;
	if (!RX_GROW(memory, &table->accounts, &table->cap, table->count + 1))
		return;
	table->accounts[table->count++] = (struct account){ fields[0], (uint32_t)id, (uint32_t)group };
}

static void table_parse(struct rx_memory *memory, struct table *table)
{
	size_t start = 0;

	for (size_t i = 0; i <= table->text_len; i++) {
		if (i == table->text_len || table->text[i] == '\n') {
			line_add(memory, table, rx_str_make(table->text + start, i - start));
			start = i + 1;
		}
	}
}

static void table_load(struct rxs_session *session, struct table *table, const char *file)
{
	struct rx_memory *memory = session->memory;
	struct timespec now;
	struct stat status;
	int64_t now_ns;
	int fd;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	now_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	if (table->loaded && now_ns - table->checked_ns < RECHECK_NS)
		return;
	table->checked_ns = now_ns;
	if (stat(file, &status) != 0) {
		table_clear(memory, table);
		table->loaded = true;
		return;
	}
	if (table->loaded && status.st_ino == table->inode && status.st_mtim.tv_sec == table->modified.tv_sec &&
	    status.st_mtim.tv_nsec == table->modified.tv_nsec)
		return;
	table_clear(memory, table);
	table->loaded = true;
	table->inode = status.st_ino;
	table->modified = status.st_mtim;
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (status.st_size > 0 && status.st_size <= FILE_MAX)
		table->text = (char *)rx_memory_take(memory, (size_t)status.st_size);
	if (table->text) {
		size_t cap = (size_t)status.st_size, len = 0;
		ssize_t got;

		table->text_len = cap;
		while (len < cap && (got = read(fd, table->text + len, cap - len)) > 0)
			len += (size_t)got;
		memset(table->text + len, '\n', cap - len);
		table_parse(memory, table);
	}
	close(fd);
}

static struct table *table_get(struct rxs_session *session, bool users)
{
	struct table *table;

	if (!session->identity) {
		session->identity = (struct rxs_identity *)rx_memory_take_zeroed(session->memory, 1, sizeof(*session->identity));
		if (!session->identity)
			return NULL;
		session->identity->users.last_at = session->identity->groups.last_at = SIZE_MAX;
	}
	table = users ? &session->identity->users : &session->identity->groups;
	table_load(session, table, users ? "/etc/passwd" : "/etc/group");
	return table;
}

static bool name_append(struct rxs_session *session, bool users, uint32_t id, struct rx_buf *out)
{
	struct table *table = table_get(session, users);

	if (!table)
		return false;
	if (table->last_at >= table->count || table->last_id != id) {
		size_t at = 0;

		while (at < table->count && table->accounts[at].id != id)
			at++;
		table->last_at = at;
		table->last_id = id;
	}
	if (table->last_at >= table->count)
		return false;
	rxs_path_show(out, table->accounts[table->last_at].name);
	return true;
}

bool rxs_identity_user(struct rxs_session *session, uint32_t uid, struct rx_buf *out)
{
	return name_append(session, true, uid, out);
}

bool rxs_identity_group(struct rxs_session *session, uint32_t gid, struct rx_buf *out)
{
	return name_append(session, false, gid, out);
}

bool rxs_identity_groups(struct rxs_session *session, struct rx_arena *arena, const struct rexi_str **out, size_t *count)
{
	int more = getgroups(0, NULL);
	gid_t *gids = more < 0 ? NULL : RX_ARENA_ARRAY(arena, gid_t, (size_t)more + 1);
	struct rexi_str *names;
	struct rx_buf name;

	*count = 0;
	if (!gids || (more && (more = getgroups(more, gids + 1)) < 0))
		return false;
	gids[0] = getgid();
	names = RX_ARENA_ARRAY(arena, struct rexi_str, (size_t)more + 1);
	if (!names)
		return false;
	rx_buf_init(&name, session->memory, 0);
	for (int i = 0; i <= more; i++) {
		rx_buf_clear(&name);
		if (!rxs_identity_group(session, gids[i], &name) || rx_utf8_valid(rx_buf_view(&name)) != name.len) {
			rx_buf_clear(&name);
			RX_BUF_LIT(&name, "gid:");
			rx_buf_u64(&name, gids[i]);
		}
		names[i] = rx_arena_copy(arena, rx_buf_view(&name));
		if (name.failed || !names[i].ptr) {
			rx_buf_fini(&name);
			return false;
		}
	}
	rx_buf_fini(&name);
	*out = names;
	*count = (size_t)more + 1;
	return true;
}

void rxs_identity_free(struct rxs_session *session)
{
	if (!session->identity)
		return;
	table_clear(session->memory, &session->identity->users);
	table_clear(session->memory, &session->identity->groups);
	rx_memory_give(session->memory, session->identity, sizeof(*session->identity));
	session->identity = NULL;
}

static enum rexi_status name_or_number(struct rxs_session *session, bool users, uint32_t id, struct rx_buf *out)
{
	if (!name_append(session, users, id, out))
		rx_buf_u64(out, id);
	return out->failed ? rxs_fail_memory(session) : REXI_OK;
}

enum rexi_status rxs_user_name(struct rxs_session *session, uint32_t uid, struct rx_buf *out)
{
	return name_or_number(session, true, uid, out);
}

enum rexi_status rxs_group_name(struct rxs_session *session, uint32_t gid, struct rx_buf *out)
{
	return name_or_number(session, false, gid, out);
}

static const struct account *account_by_name(struct rxs_session *session, bool users, struct rexi_str name)
{
	const struct table *table = table_get(session, users);

	for (size_t i = 0; table && i < table->count; i++)
		if (rx_str_eq(table->accounts[i].name, name))
			return &table->accounts[i];
	return NULL;
}

static enum rexi_status unknown_name(struct rxs_session *session, const char *what, struct rexi_str name)
{
	enum rexi_status status = rxs_fail(session, RXS_IO_IdentityResolutionError, "Identity resolution error: %s: ", what);

	rx_buf_str(&session->failure.message, name);
	return status;
}

enum rexi_status rxs_user_id(struct rxs_session *session, struct rexi_str name, uint32_t *uid_out, uint32_t *gid_out)
{
	const struct account *account = account_by_name(session, true, name);

	if (!account)
		return unknown_name(session, "No user mapping found for uid", name);
	*uid_out = account->id;
	if (gid_out)
		*gid_out = account->group;
	return REXI_OK;
}

enum rexi_status rxs_group_id(struct rxs_session *session, struct rexi_str name, uint32_t *gid_out)
{
	const struct account *account = account_by_name(session, false, name);

	if (!account)
		return unknown_name(session, "No group mapping found for gid", name);
	*gid_out = account->id;
	return REXI_OK;
}
