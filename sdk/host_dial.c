/* Connections: dialling, telling and hearing with a deadline. */
#include <config.h>

#include "sdk/host_net.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "sdk/host_system.h"
#include "sdk/session.h"

#include "base/banned.h"

enum { STEP_MS = 100, /* how long the wish to end may wait */ CONF_BYTES_MAX = 64 * 1024, HOSTS_BYTES_MAX = 16 * 1024 * 1024 };

uint64_t rxs_host_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool may_dial(const struct rxs_grant *grant)
{
	enum rxs_action action = rxs_grant_action(grant);

	return action == RXS_NETWORK_GET || action == RXS_NETWORK_CONNECT || action == RXS_SYSINFO_RESOLVE_HOSTNAME;
}

int rxs_host_wait(struct rxs_session *session, int fd, bool writing, uint64_t deadline)
{
	for (;;) {
		struct pollfd one = { .fd = fd, .events = writing ? POLLOUT : POLLIN };
		uint64_t now = rxs_host_clock_ms();
		int ready;

		if (rxs_should_stop(session))
			return EINTR;
		if (now >= deadline)
			return ETIMEDOUT;
		ready = poll(&one, 1, (int)(deadline - now < STEP_MS ? deadline - now : STEP_MS));
		if (ready > 0)
			return 0;
		if (ready < 0 && errno != EINTR)
			return errno;
	}
}

static socklen_t to_sockaddr(const struct rxs_address *address, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof(*out));
	if (address->v6) {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(address->port);
		in6->sin6_scope_id = address->scope;
		memcpy(&in6->sin6_addr, address->bytes, 16);
		return sizeof(*in6);
	}
	struct sockaddr_in *in = (struct sockaddr_in *)out;

	in->sin_family = AF_INET;
	in->sin_port = htons(address->port);
	memcpy(&in->sin_addr, address->bytes, 4);
	return sizeof(*in);
}

int rxs_host_dial(const struct rxs_grant *grant, const struct rxs_address *to, bool udp, uint64_t deadline, int *fd_out)
{
	struct rxs_session *session = rxs_grant_session(grant);
	struct sockaddr_storage address;
	socklen_t len = to_sockaddr(to, &address), size = sizeof(int);
	int fd, error = 0;

	RX_ASSERT(may_dial(grant));
	session->host_calls++;
	fd = socket(to->v6 ? AF_INET6 : AF_INET, (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return errno;
	if (connect(fd, (const struct sockaddr *)&address, len) != 0) {
		error = errno;
		if (error == EINPROGRESS || error == EINTR) {
			error = rxs_host_wait(session, fd, true, deadline);
			if (!error && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
				error = errno;
		}
	}
	if (error)
		(void)close(fd);
	else
		*fd_out = fd;
	return error;
}

/* The socket of the first address that is one of ours, as connect() takes it; its length, 0 when there is none. */
static socklen_t bus_address(struct sockaddr_un *out)
{
	static const char usual[] = "unix:path=/run/dbus/system_bus_socket", path_key[] = "unix:path=", name_key[] = "unix:abstract=";
	const char *text = secure_getenv("DBUS_SYSTEM_BUS_ADDRESS"), *value;
	size_t len;
	bool named;

	if (!text || !*text)
		text = usual;
	named = strncmp(text, name_key, sizeof(name_key) - 1) == 0;
	if (!named && strncmp(text, path_key, sizeof(path_key) - 1) != 0)
		return 0;
	value = text + (named ? sizeof(name_key) : sizeof(path_key)) - 1;
	len = strcspn(value, ",;");
	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (len == 0 || len + 1 >= sizeof(out->sun_path))
		return 0;
	memcpy(out->sun_path + named, value, len);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1);
}

int rxs_host_dial_bus(const struct rxs_grant *grant, uint64_t deadline, int *fd_out)
{
	struct rxs_session *session = rxs_grant_session(grant);
	struct sockaddr_un address;
	socklen_t len = bus_address(&address);
	int fd, error = 0;

	RX_ASSERT(rxs_grant_action(grant) >= RXS_SYSTEMD_START && rxs_grant_action(grant) <= RXS_SYSTEMD_DAEMON_RELOAD);
	session->host_calls++;
	if (len == 0)
		return EAFNOSUPPORT;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return errno;
	while (connect(fd, (const struct sockaddr *)&address, len) != 0 && !error) {
		error = errno;
		if (error == EINTR)
			error = 0;
		else if (error == EAGAIN) /* its queue is full */
			error = rxs_host_pause(session, 10) ? rxs_host_clock_ms() < deadline ? 0 : ETIMEDOUT : EINTR;
	}
	if (error)
		(void)close(fd);
	else
		*fd_out = fd;
	return error;
}

uint32_t rxs_host_effective_user(void)
{
	return (uint32_t)geteuid();
}

void rxs_host_hang_up(int fd)
{
	if (fd >= 0)
		(void)close(fd);
}

int rxs_host_tell(struct rxs_session *session, int fd, const void *bytes, size_t len, uint64_t deadline)
{
	const char *at = (const char *)bytes;

	while (len) {
		ssize_t sent = send(fd, at, len, MSG_NOSIGNAL);

		if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
			int error = rxs_host_wait(session, fd, true, deadline);

			if (error)
				return error;
			continue;
		}
		if (sent < 0)
			return errno;
		at += sent;
		len -= (size_t)sent;
	}
	return 0;
}

int rxs_host_hear(struct rxs_session *session, int fd, void *bytes, size_t len, size_t *got, uint64_t deadline)
{
	*got = 0;
	for (;;) {
		ssize_t heard = recv(fd, bytes, len, 0);
		int error;

		if (heard >= 0) {
			*got = (size_t)heard;
			return 0;
		}
		if (errno != EAGAIN && errno != EINTR)
			return errno;
		error = rxs_host_wait(session, fd, false, deadline);
		if (error)
			return error;
	}
}

static int read_conf(const struct rxs_grant *grant, const char *path, size_t most, struct rx_buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), error = 0;

	RX_ASSERT(may_dial(grant));
	rxs_grant_session(grant)->host_calls++;
	if (fd < 0)
		return errno == ENOENT ? 0 : errno;
	while (!error && out->len < most) {
		char block[4096];
		ssize_t got = read(fd, block, sizeof(block));

		if (got == 0)
			break;
		if (got > 0)
			rx_buf_bytes(out, block, (size_t)got);
		else if (errno != EINTR)
			error = errno;
	}
	(void)close(fd);
	return out->failed ? ENOMEM : error;
}

int rxs_host_hosts(const struct rxs_grant *grant, struct rx_buf *out)
{
	return read_conf(grant, "/etc/hosts", HOSTS_BYTES_MAX, out);
}

int rxs_host_resolv_conf(const struct rxs_grant *grant, struct rx_buf *out)
{
	return read_conf(grant, "/etc/resolv.conf", CONF_BYTES_MAX, out);
}
