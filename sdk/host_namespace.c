#include <config.h>

#include "sdk/host_namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sdk/host_session.h"
#include "sdk/host_system.h"

#include "base/banned.h"

static bool is_grant(const struct rxs_grant *grant)
{
	enum rxs_action action = rxs_grant_action(grant);

	return action == RXS_PROCESS_MOUNT_NAMESPACE || action == RXS_PROCESS_NETWORK_NAMESPACE ||
	       action == RXS_FS_NETWORK_NAMESPACE;
}

static int keep(const char *path, int flags, int *fd, int error)
{
	if (error)
		return error;
	*fd = open(path, flags | O_CLOEXEC);
	return *fd < 0 ? errno : 0;
}

int rxs_host_place_keep(const struct rxs_grant *grant, bool mount, bool net, struct rxs_place *out)
{
	struct rxs_session *session = rxs_grant_session(grant);
	int error = 0;

	RX_ASSERT(is_grant(grant));
	session->host_calls++;
	*out = (struct rxs_place){ session, -1, -1, -1, -1 };
	if (mount) {
		/* handles' places are asked for through it, inside as well */
		(void)rxs_host_proc_fds(session);
		error = keep("/proc/self/ns/mnt", O_RDONLY, &out->mount, error);
		error = keep("/", O_PATH | O_DIRECTORY, &out->root, error);
		error = keep(".", O_PATH | O_DIRECTORY, &out->cwd, error);
	}
	if (net)
		error = keep("/proc/self/ns/net", O_RDONLY, &out->net, error);
	if (error)
		rxs_host_place_forget(out);
	return error;
}

void rxs_host_place_forget(struct rxs_place *place)
{
	int *const fds[] = { &place->mount, &place->net, &place->root, &place->cwd };

	for (size_t i = 0; i < RX_COUNT(fds); i++) {
		if (*fds[i] >= 0)
			(void)close(*fds[i]);
		*fds[i] = -1;
	}
}

/* Names mean something else from now on. */
static void forget_root(struct rxs_session *session)
{
	if (session->root_fd >= 0)
		(void)close(session->root_fd);
	session->root_fd = -1;
	session->moves++;
}

int rxs_host_enter_process(const struct rxs_grant *mount, const struct rxs_grant *net, int64_t pid, uint64_t start_ticks)
{
	struct rxs_session *session = rxs_grant_session(mount ? mount : net);
	int kinds = (mount ? CLONE_NEWNS : 0) | (net ? CLONE_NEWNET : 0), fd, error = 0;

	RX_ASSERT((!mount || is_grant(mount)) && (!net || is_grant(net)) && kinds);
	session->host_calls++;
	fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0u);
	if (fd < 0)
		return errno;
	if (!rxs_host_is_process(session, pid, start_ticks)) /* the number may have passed on since the check */
		error = ESRCH;
	else if (setns(fd, kinds) != 0)
		error = errno;
	else if (mount)
		forget_root(session);
	(void)close(fd);
	return error;
}

int rxs_host_enter_file(const struct rxs_grant *grant, int fd)
{
	RX_ASSERT(rxs_grant_action(grant) == RXS_FS_NETWORK_NAMESPACE);
	rxs_grant_session(grant)->host_calls++;
	return setns(fd, CLONE_NEWNET) == 0 ? 0 : errno;
}

int rxs_host_place_return(struct rxs_place *place)
{
	int error = 0;

	if (place->net >= 0 && setns(place->net, CLONE_NEWNET) != 0)
		error = errno;
	if (place->mount >= 0) {
		if (setns(place->mount, CLONE_NEWNS) != 0 || fchdir(place->root) != 0 || chroot(".") != 0 || fchdir(place->cwd) != 0)
			error = errno;
		forget_root(place->session);
	}
	rxs_host_place_forget(place);
	return error;
}
