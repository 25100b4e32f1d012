/* Interfaces, socket owners, addresses as text. */
#include <config.h>

#include "sdk/host_net.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/number.h"
#include "sdk/session.h"

#include "base/banned.h"

/* ---- addresses ---------------------------------------------------------------------------------------------------------------- */

void rxs_address_show(struct rx_buf *out, const struct rxs_address *address)
{
	char text[INET6_ADDRSTRLEN] = "";

	(void)inet_ntop(address->v6 ? AF_INET6 : AF_INET, address->bytes, text, sizeof(text));
	rx_buf_str(out, rx_str(text));
}

bool rxs_address_parse(struct rexi_str text, struct rxs_address *out)
{
	char host[64];

	*out = (struct rxs_address){ .v6 = false };
	if (text.len == 0 || text.len >= sizeof(host) || memchr(text.ptr, '\0', text.len))
		return false;
	memcpy(host, text.ptr, text.len);
	host[text.len] = '\0';
	if (inet_pton(AF_INET, host, out->bytes) == 1)
		return true;
	out->v6 = inet_pton(AF_INET6, host, out->bytes) == 1;
	return out->v6;
}

/* ---- interfaces --------------------------------------------------------------------------------------------------------------- */

static enum rexi_status tell_address(const struct ifaddrs *at, rxs_interface_fn each, void *user)
{
	struct rxs_address address = { .v6 = at->ifa_addr->sa_family == AF_INET6 };
	struct rx_memory memory;
	struct rx_buf text;
	char space[64];

	if (address.v6)
		memcpy(address.bytes, &((const struct sockaddr_in6 *)(const void *)at->ifa_addr)->sin6_addr, 16);
	else
		memcpy(address.bytes, &((const struct sockaddr_in *)(const void *)at->ifa_addr)->sin_addr, 4);
	rx_memory_init(&memory, NULL, 0);
	rx_buf_init(&text, &memory, sizeof(space));
	text.ptr = space;
	text.cap = sizeof(space);
	rxs_address_show(&text, &address);
	return each(user, rx_str(at->ifa_name), rx_buf_view(&text));
}

enum rexi_status rxs_host_interfaces(const struct rxs_grant *list, rxs_interface_fn each, void *user, int *os_errno)
{
	struct ifaddrs *all;
	enum rexi_status status = REXI_OK;

	RX_ASSERT(rxs_grant_action(list) == RXS_SYSINFO_LIST);
	rxs_grant_session(list)->host_calls++;
	*os_errno = 0;
	if (getifaddrs(&all) != 0) {
		*os_errno = errno;
		return REXI_HOST;
	}
	for (const struct ifaddrs *at = all; at && status == REXI_OK; at = at->ifa_next)
		if (at->ifa_name && (!at->ifa_addr || at->ifa_addr->sa_family == AF_PACKET))
			status = each(user, rx_str(at->ifa_name), rx_str_make("", 0));
	for (const struct ifaddrs *at = all; at && status == REXI_OK; at = at->ifa_next)
		if (at->ifa_name && at->ifa_addr && (at->ifa_addr->sa_family == AF_INET || at->ifa_addr->sa_family == AF_INET6))
			status = tell_address(at, each, user);
	freeifaddrs(all);
	return status;
}

/* ---- who holds a socket -------------------------------------------------------------------------------------------------------- */

static enum rexi_status sockets_of(int64_t pid, rxs_socket_fn each, void *user)
{
	static const char mark[] = "socket:[";
	const struct dirent *entry;
	char path[64], text[64];
	enum rexi_status status = REXI_OK;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%lld/fd", (long long)pid);
	dir = opendir(path);
	if (!dir)
		return REXI_OK;
	while (status == REXI_OK && (entry = readdir(dir))) {
		ssize_t len = entry->d_name[0] == '.' ? -1 : readlinkat(dirfd(dir), entry->d_name, text, sizeof(text));
		uint64_t inode;

		if (len <= (ssize_t)sizeof(mark) || (size_t)len >= sizeof(text) || memcmp(text, mark, sizeof(mark) - 1) != 0)
			continue;
		if (rx_number_parse_u64(rx_str_make(text + sizeof(mark) - 1, (size_t)len - sizeof(mark)), 10, &inode) ==
		    RX_NUMBER_OK)
			status = each(user, pid, inode);
	}
	(void)closedir(dir);
	return status;
}

enum rexi_status rxs_host_sockets(const struct rxs_grant *read, rxs_socket_fn each, void *user, int *os_errno)
{
	struct rxs_session *session = rxs_grant_session(read);
	const struct dirent *entry;
	enum rexi_status status = REXI_OK;
	DIR *dir;

	RX_ASSERT(rxs_grant_action(read) == RXS_FS_READ);
	session->host_calls++;
	*os_errno = 0;
	dir = opendir("/proc");
	if (!dir) {
		*os_errno = errno;
		return REXI_HOST;
	}
	while (status == REXI_OK && (entry = readdir(dir))) {
		uint64_t pid;

		if (rx_number_parse_u64(rx_str(entry->d_name), 10, &pid) != RX_NUMBER_OK || pid > INT32_MAX)
			continue;
		status = rxs_should_stop(session) ? REXI_TERMINATED : sockets_of((int64_t)pid, each, user);
	}
	(void)closedir(dir);
	return status;
}
