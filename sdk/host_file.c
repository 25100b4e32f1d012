/* Content and attributes of open descriptors. */
#include <config.h>

#include "sdk/host_fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "sdk/fs.h"
#include "sdk/host_session.h"

#include "base/banned.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

#define COPY_CHUNK (1u << 17)

#define MAY(action) (1u << (RXS_##action))

/* A grant for another action is a defect of ours, never a script's doing. */
static struct rxs_session *enter(const struct rxs_grant *grant, unsigned actions)
{
	struct rxs_session *session = rxs_grant_session(grant);

	RX_ASSERT(actions & (1u << rxs_grant_action(grant)));
	session->host_calls++;
	return session;
}

/* Counts bytes and shows them to whoever keeps a record; bytes NULL: moved by the kernel. */
static void moved(struct rxs_session *session, bool written, const void *bytes, uint64_t len)
{
	*(written ? &session->bytes_written : &session->bytes_read) += len;
	if (session->hooks.moved && len)
		session->hooks.moved(session->hooks.user, written, bytes, (size_t)len);
}

int rxs_host_read(const struct rxs_grant *grant, int fd, uint64_t offset, void *bytes, size_t len, size_t *got)
{
	struct rxs_session *session;
	ssize_t done;

	session = enter(grant, MAY(FS_READ) | MAY(FS_REDACTED_READ) | MAY(FS_EXECUTE));
	if (offset > INT64_MAX)
		return EINVAL;
	do
		done = pread(fd, bytes, len, (off_t)offset);
	while (done < 0 && errno == EINTR && !rxs_should_stop(session));
	if (done < 0) {
		*got = 0;
		return errno;
	}
	moved(session, false, bytes, (size_t)done);
	*got = (size_t)done;
	return 0;
}

int rxs_host_write(const struct rxs_grant *grant, int fd, uint64_t offset, const void *bytes, size_t len)
{
	const char *at = (const char *)bytes;
	bool seeks = false;

	moved(enter(grant, MAY(FS_WRITE)), true, bytes, len);
	if (offset > INT64_MAX || len > (uint64_t)INT64_MAX - offset)
		return EFBIG;
	while (len > 0) {
		ssize_t done = seeks ? write(fd, at, len) : pwrite(fd, at, len, (off_t)offset);

		if (done < 0) {
			if (errno == EINTR)
				continue;
			/* Files of /proc take bytes only where their offset is (W-47). */
			if (errno == ESPIPE && !seeks && lseek(fd, (off_t)offset, SEEK_SET) == (off_t)offset) {
				seeks = true;
				continue;
			}
			return errno;
		}
		if (done == 0)
			return EIO;
		at += done;
		offset += (uint64_t)done;
		len -= (size_t)done;
	}
	return 0;
}

int rxs_host_append(const struct rxs_grant *grant, int fd, const void *bytes, size_t len)
{
	const char *at = (const char *)bytes;

	moved(enter(grant, MAY(FS_WRITE)), true, bytes, len);
	while (len > 0) {
		ssize_t done = write(fd, at, len);

		if (done < 0) {
			if (errno == EINTR)
				continue;
			return errno;
		}
		if (done == 0)
			return EIO;
		at += done;
		len -= (size_t)done;
	}
	return 0;
}

int rxs_host_truncate(const struct rxs_grant *grant, int fd, uint64_t size)
{
	(void)enter(grant, MAY(FS_WRITE));
	if (size > INT64_MAX)
		return EFBIG;
	return ftruncate(fd, (off_t)size) == 0 ? 0 : errno;
}

int rxs_host_allocate(const struct rxs_grant *grant, int fd, uint64_t length)
{
	(void)enter(grant, MAY(FS_WRITE));
	if (length > INT64_MAX)
		return EFBIG;
	for (;;) {
		if (fallocate(fd, 0, 0, (off_t)length) == 0)
			return 0;
		if (errno != EINTR)
			return errno;
	}
}

int rxs_host_sync(struct rxs_session *session, int fd)
{
	session->host_calls++;
	return fsync(fd) == 0 ? 0 : errno;
}

int rxs_host_chmod(const struct rxs_grant *grant, int fd, mode_t mode)
{
	struct rxs_session *session = enter(grant, MAY(FS_CHMOD) | MAY(FS_WRITE) | MAY(FS_CREATE));
	char name[48];

	mode &= 07777;
	if (fchmod(fd, mode) == 0)
		return 0;
	if (errno != EBADF)
		return errno;
	/* An O_PATH descriptor: by the newer call, else through /proc. */
	if (syscall(SYS_fchmodat2, fd, "", mode, AT_EMPTY_PATH) == 0)
		return 0;
	if (errno != ENOSYS && errno != EPERM && errno != EINVAL)
		return errno;
	if (rxs_host_proc_fds(session) < 0)
		return EOPNOTSUPP;
	snprintf(name, sizeof(name), "%d", fd);
	return fchmodat(rxs_host_proc_fds(session), name, mode, 0) == 0 ? 0 : errno;
}

int rxs_host_chown(const struct rxs_grant *grant, int fd, uint32_t uid, uint32_t gid)
{
	(void)enter(grant, MAY(FS_CHOWN) | MAY(FS_WRITE) | MAY(FS_CREATE));
	return fchownat(fd, "", (uid_t)uid, (gid_t)gid, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno;
}

static struct timespec time_spec(struct rxs_time time)
{
	struct timespec spec = { .tv_sec = (time_t)time.seconds, .tv_nsec = (long)time.nanoseconds };

	if (time.nanoseconds == UINT32_MAX)
		spec.tv_nsec = UTIME_OMIT;
	else if (time.nanoseconds == UINT32_MAX - 1)
		spec.tv_nsec = UTIME_NOW;
	return spec;
}

int rxs_host_set_times(const struct rxs_grant *grant, int fd, struct rxs_time accessed, struct rxs_time modified)
{
	struct timespec times[2] = { time_spec(accessed), time_spec(modified) };

	(void)enter(grant, MAY(FS_WRITE) | MAY(FS_CREATE));
	if (futimens(fd, times) == 0)
		return 0;
	if (errno != EBADF)
		return errno;
	return utimensat(fd, "", times, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno;
}

/* Bytes from `offset` to `end` (or the end of the file) by read and write. */
static int copy_plain(struct rxs_session *session, int src, int dst, uint64_t *offset, uint64_t end)
{
	char *chunk = (char *)rx_memory_take(session->memory, COPY_CHUNK);
	int error = chunk ? 0 : ENOMEM;

	while (!error && *offset < end) {
		uint64_t left = end - *offset;
		ssize_t got = pread(src, chunk, left < COPY_CHUNK ? (size_t)left : COPY_CHUNK, (off_t)*offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			error = errno;
		if (got <= 0)
			break;
		for (ssize_t put = 0; put < got && !error;) {
			ssize_t done = pwrite(dst, chunk + put, (size_t)(got - put), (off_t)*offset + put);

			if (done > 0)
				put += done;
			else if (done == 0 || errno != EINTR)
				error = done == 0 ? EIO : errno;
		}
		if (!error)
			*offset += (uint64_t)got;
		if (rxs_should_stop(session))
			error = EINTR;
	}
	rx_memory_give(session->memory, chunk, COPY_CHUNK);
	return error;
}

/* One run of data; the kernel copies where it can, from wherever it stops we go on by hand. */
static int copy_run(struct rxs_session *session, int src, int dst, uint64_t *offset, uint64_t end)
{
	off_t in = (off_t)*offset, out = (off_t)*offset;

	while ((uint64_t)in < end) {
		uint64_t left = end - (uint64_t)in;
		ssize_t done = copy_file_range(src, &in, dst, &out, left < (16u << 20) ? (size_t)left : 16u << 20, 0);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG || errno == EIO))
			return errno;
		if (done <= 0)
			break; /* pseudo files, other file systems, old kernels: zero or an error long before the end */
		if (rxs_should_stop(session))
			return EINTR;
	}
	*offset = (uint64_t)in;
	return copy_plain(session, src, dst, offset, end);
}

int rxs_host_copy(const struct rxs_grant *read, int src, const struct rxs_grant *write, int dst, uint64_t *copied_out)
{
	struct rxs_session *session = enter(read, MAY(FS_READ));
	uint64_t offset = 0;
	struct stat status, target;
	int error = 0;
	bool holes;

	(void)enter(write, MAY(FS_WRITE));
	if (fstat(src, &status) != 0 || fstat(dst, &target) != 0)
		return errno;
	/* Old content must not shine through where the source has holes. */
	if ((status.st_dev != target.st_dev || status.st_ino != target.st_ino) && target.st_size > 0 && ftruncate(dst, 0) != 0)
		return errno;
	/* Only a file with holes is read by runs of data, so that a huge sparse file stays one. */
	holes = S_ISREG(status.st_mode) && (uint64_t)status.st_blocks * 512 < (uint64_t)status.st_size;
	while (holes && !error) {
		off_t data = lseek(src, (off_t)offset, SEEK_DATA), hole;

		if (data < 0) {
			if (errno != ENXIO) {
				holes = false;
				break;
			}
			/* A hole to the end. */
			if (fstat(src, &status) == 0 && (uint64_t)status.st_size > offset)
				offset = (uint64_t)status.st_size;
			break;
		}
		hole = lseek(src, data, SEEK_HOLE);
		if (hole < 0)
			hole = (off_t)INT64_MAX;
		offset = (uint64_t)data;
		error = copy_run(session, src, dst, &offset, (uint64_t)hole);
		if (offset < (uint64_t)hole)
			break;
	}
	if (!holes && !error)
		error = copy_run(session, src, dst, &offset, INT64_MAX);
	if (!error && ftruncate(dst, (off_t)offset) != 0)
		error = errno;
	moved(session, false, NULL, offset);
	moved(session, true, NULL, offset);
	*copied_out = offset;
	return error;
}

int rxs_host_get_xattr(const struct rxs_grant *grant, int fd, const char *name, void *bytes, size_t cap, size_t *len_out)
{
	ssize_t len;

	(void)enter(grant, MAY(FS_SET_X_ATTR) | MAY(FS_READ));
	len = fgetxattr(fd, name, bytes, cap);
	if (len < 0)
		return errno;
	*len_out = (size_t)len;
	return 0;
}

int rxs_host_set_xattr(const struct rxs_grant *grant, int fd, const char *name, const void *bytes, size_t len)
{
	(void)enter(grant, MAY(FS_SET_X_ATTR));
	return fsetxattr(fd, name, bytes, len, 0) == 0 ? 0 : errno;
}
