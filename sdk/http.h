/* One GET over HTTP/1.1 on a connection of its own. Source: sdk-system.md 1.1; RFC 9110, 9112. */
#ifndef RXS_HTTP_H
#define RXS_HTTP_H

#include "sdk/authorize.h"
#include "sdk/url.h"

struct rxs_reply {
	unsigned status;
	struct rx_buf location; /* of a redirect; empty when there is none */
	struct rx_buf body;
};

enum rxs_http_result {
	RXS_HTTP_OK,
	RXS_HTTP_UNREACHED, /* no answer: name, connection, TLS, time; os_errno says more where the kernel does */
	RXS_HTTP_BROKEN,    /* the body broke off or is no HTTP */
	RXS_HTTP_FLOOD,     /* more than the session may hold */
	RXS_HTTP_STOPPED,   /* the run is to end */
	RXS_HTTP_MEMORY,
	RXS_HTTP_NO_TLS     /* https is not built in */
};

/*
 * Fetches the URL: resolves its host, tries its addresses in turn, sends the request, reads the reply. most: bytes of the
 * body that are wanted (the rest is not read), UINT64_MAX for all. referer: NULL or the URL that led here. The grant is
 * GET on that URL.
 */
enum rxs_http_result rxs_http_get(const struct rxs_grant *get, const struct rxs_url *url, struct rexi_str referer, uint64_t most,
				  uint64_t deadline, struct rxs_reply *reply, int *os_errno);

#endif
