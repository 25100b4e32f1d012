/* Reading directories with getdents64, 64 KiB at a time. */
#include <config.h>

#include "sdk/host_fs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sdk/fs.h"

#include "base/banned.h"

#define SCAN_BYTES 65536

/* The kernel's record. */
struct record {
	uint64_t inode;
	int64_t next;
	uint16_t len;
	unsigned char type;
	char name[];
};

struct rxs_scan {
	struct rxs_session *session;
	int fd;
	size_t at, len;
	_Alignas(8) char bytes[SCAN_BYTES];
};

int rxs_host_scan_begin(const struct rxs_grant *read, const struct rxs_dir *dir, struct rxs_scan **out)
{
	struct rxs_session *session = rxs_grant_session(read);
	struct rxs_scan *scan;

	RX_ASSERT(rxs_grant_action(read) == RXS_FS_READ || rxs_grant_action(read) == RXS_FS_DELETE);
	session->host_calls++;
	scan = (struct rxs_scan *)rx_memory_take(session->memory, sizeof(*scan));
	if (!scan)
		return ENOMEM;
	scan->session = session;
	scan->at = scan->len = 0;
	scan->fd = openat(dir->fd, ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (scan->fd < 0) {
		int error = errno;

		rx_memory_give(session->memory, scan, sizeof(*scan));
		return error;
	}
	*out = scan;
	return 0;
}

int rxs_host_scan_next(struct rxs_scan *scan, struct rxs_dirent *entry)
{
	for (;;) {
		const struct record *record;
		size_t name_len;

		if (scan->at >= scan->len) {
			long len;

			do
				len = syscall(SYS_getdents64, scan->fd, scan->bytes, (size_t)SCAN_BYTES);
			while (len < 0 && errno == EINTR);
			if (len < 0)
				return errno == ENOENT ? (entry->name = rx_str_make(NULL, 0), 0) : errno;
			if (len == 0) {
				entry->name = rx_str_make(NULL, 0);
				return 0;
			}
			scan->at = 0;
			scan->len = (size_t)len;
		}
		record = (const struct record *)(const void *)(scan->bytes + scan->at);
		scan->at += record->len;
		name_len = strlen(record->name);
		if (record->name[0] == '.' && (name_len == 1 || (name_len == 2 && record->name[1] == '.')))
			continue;
		entry->name = rx_str_make(record->name, name_len);
		entry->inode = record->inode;
		entry->type = record->type;
		return 0;
	}
}

void rxs_host_scan_end(struct rxs_scan *scan)
{
	if (!scan)
		return;
	close(scan->fd);
	rx_memory_give(scan->session->memory, scan, sizeof(*scan));
}
