/* What a process holds: working directory, root, executable, mapped files, descriptors. Part of the host seam. */
#include <config.h>

#include "sdk/host_system.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/number.h"
#include "sdk/session.h"

#include "base/banned.h"

static bool link_text(const char *path, char out[PATH_MAX])
{
	ssize_t len = readlink(path, out, PATH_MAX - 1);

	if (len < 0)
		return false;
	out[len] = '\0';
	return true;
}

static const char *type_name(const char *path, const char *target)
{
	struct stat info;

	if (strncmp(target, "socket:", 7) == 0)
		return "SOCK";
	if (strncmp(target, "pipe:", 5) == 0)
		return "FIFO";
	if (strncmp(target, "anon_inode:", 11) == 0)
		return "ANON_INODE";
	if (stat(path, &info) != 0)
		return "UNK";
	switch (info.st_mode & S_IFMT) {
	case S_IFDIR:
		return "DIR";
	case S_IFREG:
		return "REG";
	case S_IFLNK:
		return "LNK";
	case S_IFSOCK:
		return "SOCK";
	case S_IFCHR:
		return "CHR";
	case S_IFBLK:
		return "BLK";
	case S_IFIFO:
		return "FIFO";
	default:
		return "UNK";
	}
}

struct visit {
	int64_t pid;
	rxs_link_fn each;
	void *user;
	char target[PATH_MAX];
};

static enum rexi_status one_link(struct visit *v, const char *name, enum rxs_hold hold)
{
	char path[96];

	(void)snprintf(path, sizeof(path), "/proc/%lld/%s", (long long)v->pid, name);
	if (!link_text(path, v->target))
		return REXI_OK;
	return v->each(v->user, hold, hold == RXS_HOLD_FD ? type_name(path, v->target) :
		       hold == RXS_HOLD_CWD || hold == RXS_HOLD_ROOT ? "DIR" : "REG", rx_str(v->target));
}

/* One entry for each mapped file (device and inode). */
static enum rexi_status mapped(struct visit *v, struct rxs_session *session)
{
	char path[64], line[PATH_MAX + 256], last[PATH_MAX] = "";
	enum rexi_status status = REXI_OK;
	FILE *maps;

	(void)session;
	(void)snprintf(path, sizeof(path), "/proc/%lld/maps", (long long)v->pid);
	maps = fopen(path, "re");
	if (!maps)
		return REXI_OK;
	while (status == REXI_OK && fgets(line, sizeof(line), maps)) {
		const char *file = strchr(line, '/');
		size_t len = file ? strcspn(file, "\n") : 0;
		if (!file || len >= sizeof(v->target))
			continue;
		memcpy(v->target, file, len);
		v->target[len] = '\0';
		if (strcmp(v->target, last) == 0)
			continue; /* the next part of the same file */
		memcpy(last, v->target, len + 1);
		status = v->each(v->user, RXS_HOLD_MAPPED, "REG", rx_str(v->target));
	}
	(void)fclose(maps);
	return status;
}

static enum rexi_status descriptors(struct visit *v)
{
	const struct dirent *entry;
	char path[64], name[280];
	enum rexi_status status = REXI_OK;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%lld/fd", (long long)v->pid);
	dir = opendir(path);
	if (!dir)
		return REXI_OK;
	while (status == REXI_OK && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(name, sizeof(name), "fd/%s", entry->d_name);
		status = one_link(v, name, RXS_HOLD_FD);
	}
	(void)closedir(dir);
	return status;
}

enum rexi_status rxs_host_holds(const struct rxs_grant *list, int64_t pid, rxs_link_fn each, void *user)
{
	struct rxs_session *session = rxs_grant_session(list);
	struct visit *v;
	enum rexi_status status;

	RX_ASSERT(rxs_grant_action(list) == RXS_PROCESS_LIST_FDS);
	session->host_calls++;
	v = rx_memory_take_zeroed(session->memory, 1, sizeof(*v));
	if (!v)
		return REXI_NO_MEMORY;
	v->pid = pid;
	v->each = each;
	v->user = user;
	status = one_link(v, "cwd", RXS_HOLD_CWD);
	if (status == REXI_OK)
		status = one_link(v, "root", RXS_HOLD_ROOT);
	if (status == REXI_OK)
		status = one_link(v, "exe", RXS_HOLD_EXE);
	if (status == REXI_OK)
		status = mapped(v, session);
	if (status == REXI_OK)
		status = descriptors(v);
	rx_memory_give(session->memory, v, sizeof(*v));
	return status;
}

int rxs_host_canonical(const struct rxs_grant *grant, const char *path, struct rx_buf *out)
{
	char *real;

	rxs_grant_session(grant)->host_calls++;
	real = realpath(path, NULL);
	if (!real)
		return errno;
	rx_buf_str(out, rx_str(real));
	free(real);
	return out->failed ? ENOMEM : 0;
}

bool rxs_host_proc_text(struct rxs_session *session, const char *name, struct rx_buf *out)
{
	char path[128], block[4096];
	size_t got;
	FILE *file;

	session->host_calls++;
	(void)snprintf(path, sizeof(path), "/proc/%s", name);
	file = fopen(path, "re");
	if (!file)
		return false;
	while ((got = fread(block, 1, sizeof(block), file)) > 0)
		rx_buf_bytes(out, block, got);
	(void)fclose(file);
	return !out->failed;
}
