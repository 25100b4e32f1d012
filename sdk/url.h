/* URLs of the web in one normal form; no host access. Source: RFC 3986; sdk-system.md 10, weakness 2. */
#ifndef RXS_URL_H
#define RXS_URL_H

#include "base/buf.h"

struct rxs_url {
	struct rx_buf text;           /* the normal form: scheme://host[:port]/path[?query], no user, no fragment */
	struct rx_buf user;           /* "name:password" with %-escapes undone; empty when there is none */
	struct rexi_str scheme, host; /* parts of text; an IPv6 host has its brackets */
	struct rexi_str target;       /* path and query */
	struct rexi_str path;
	uint16_t port;
	bool secure;                  /* https */
};

void rxs_url_init(struct rxs_url *url, struct rx_memory *memory);
void rxs_url_fini(struct rxs_url *url);
/*
 * An http or https URL; `base` (may be NULL) is what a relative one is taken against. Schemes and hosts become small, the
 * usual port goes, dot segments are resolved, %-escapes that need none are undone and others are in capitals. False when
 * it is none: another scheme, a host that is no name or address (numbers in other notations included), control characters
 * or backslashes, or memory refuses.
 */
bool rxs_url_parse(struct rxs_url *url, struct rexi_str text, const struct rxs_url *base);

#endif
