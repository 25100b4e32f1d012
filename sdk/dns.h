/* Questions to a name server and its answers, as bytes (RFC 1035); no host access. */
#ifndef RXS_DNS_H
#define RXS_DNS_H

#include "base/buf.h"
#include "sdk/host_net.h"

enum rxs_dns_type { RXS_DNS_A = 1, RXS_DNS_AAAA = 28 };
enum { RXS_DNS_NAME_MAX = 253, RXS_DNS_UDP_MAX = 1232 };

enum rxs_dns_result {
	RXS_DNS_OK,        /* answered, possibly without an address */
	RXS_DNS_NO_NAME,   /* there is no such name */
	RXS_DNS_TRUNCATED, /* ask again by TCP */
	RXS_DNS_REFUSED,   /* the server does not want, or failed */
	RXS_DNS_FOREIGN    /* not an answer to this question */
};

/* Appends a question for an ASCII name (a final dot may stand). False when it is no domain name. */
bool rxs_dns_question(struct rx_buf *out, uint16_t id, struct rexi_str name, enum rxs_dns_type type);
/* Reads the answer to `question` (what rxs_dns_question appended); each address of the name, CNAMEs followed. A false from
 * `each` ends it. */
enum rxs_dns_result rxs_dns_answer(struct rexi_str question, struct rexi_str answer, enum rxs_dns_type type,
				   bool (*each)(void *user, const struct rxs_address *address), void *user);

#endif
