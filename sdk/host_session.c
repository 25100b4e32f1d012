#include <config.h>

#include "sdk/host_session.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "sdk/host_user.h"

#include "base/banned.h"

void rxs_host_account(struct rxs_session *session, struct rx_buf *out)
{
#ifndef REXI_STATIC_NSS
	struct passwd entry, *found = NULL;
	char space[4096];
#endif

	session->host_calls++;
#ifndef REXI_STATIC_NSS
	if (getpwuid_r(geteuid(), &entry, space, sizeof(space), &found) == 0 && found) {
		rx_buf_str(out, rx_str(found->pw_name));
		return;
	}
#endif
	(void)rxs_identity_user(session, (uint32_t)geteuid(), out);
}

void rxs_host_random(struct rxs_session *session, void *bytes, size_t len)
{
	unsigned char *at = (unsigned char *)bytes;
	size_t done = 0;

	while (done < len) {
		ssize_t got = getrandom(at + done, len - done, 0);

		if (got > 0) {
			done += (size_t)got;
		} else if (errno != EINTR) {
			/* No random source: names stay unique in the session, which is all they are for. */
			struct timespec now;

			clock_gettime(CLOCK_REALTIME, &now);
			session->decisions++;
			for (; done < len; done++)
				at[done] = (unsigned char)rx_hash_mix((uint64_t)now.tv_nsec + session->decisions, done);
		}
	}
}

int rxs_host_root(struct rxs_session *session, int *os_errno)
{
	if (session->root_fd < 0) {
		session->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (session->root_fd < 0)
			*os_errno = errno;
	}
	return session->root_fd;
}

int rxs_host_proc_fds(struct rxs_session *session)
{
	if (session->proc_fds == -1) {
		session->proc_fds = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (session->proc_fds < 0)
			session->proc_fds = -2;
	}
	return session->proc_fds;
}

uint64_t rxs_host_place_mark(const struct rxs_session *session)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return ((uint64_t)now.tv_sec << 30 | (uint64_t)now.tv_nsec) << 20 ^ (session->moves + 1);
}

void rxs_host_session_end(struct rxs_session *session)
{
	rxs_identity_free(session);
	if (session->root_fd >= 0)
		close(session->root_fd);
	if (session->proc_fds >= 0)
		close(session->proc_fds);
	session->root_fd = -1;
	session->proc_fds = -1;
}
