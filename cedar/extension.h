/* The extension types: decimal, ipaddr, datetime, duration (specification 2.3 to 2.6). */
#ifndef RXC_EXTENSION_H
#define RXC_EXTENSION_H

#include "cedar/value.h"

enum { RXC_EXT_MESSAGE = 160 };

/* A constructor: function is DECIMAL, IP, DATETIME or DURATION. The text is borrowed into out->written. False when it is
 * malformed: message says why, without the "error while evaluating" before it. */
bool rxc_ext_parse(enum rxc_function function, struct rexi_str text, struct rexi_cedar_ext *out, char message[RXC_EXT_MESSAGE]);

bool rxc_ip_is_loopback(const struct rexi_cedar_ext *ip);
bool rxc_ip_is_multicast(const struct rexi_cedar_ext *ip);
bool rxc_ip_is_in_range(const struct rexi_cedar_ext *ip, const struct rexi_cedar_ext *range);

/* False on overflow. */
bool rxc_datetime_to_date(int64_t datetime, int64_t *out);
int64_t rxc_datetime_to_time(int64_t datetime);

#endif
