/* Messages of D-Bus as bytes: calls with texts as arguments, replies with properties; no host access. Source: D-Bus
 * specification 0.43, "Message Protocol". */
#ifndef RXS_BUS_H
#define RXS_BUS_H

#include "base/buf.h"

enum { RXS_BUS_HEAD = 16, RXS_BUS_MESSAGE_MAX = 16 * 1024 * 1024 };
enum rxs_bus_type { RXS_BUS_CALL = 1, RXS_BUS_REPLY, RXS_BUS_ERROR, RXS_BUS_SIGNAL };

struct rxs_bus_target {
	const char *destination, *path, *interface, *member;
};

/* Appends a call whose arguments are texts. */
void rxs_bus_call(struct rx_buf *out, uint32_t serial, const struct rxs_bus_target *target, const struct rexi_str *texts,
		  size_t count);

/* Length of the whole message from its first RXS_BUS_HEAD bytes; 0: it is none, or too long. */
size_t rxs_bus_length(struct rexi_str head);

struct rxs_bus_message {
	enum rxs_bus_type type;
	uint32_t reply_to;             /* serial of the call; 0 when it is no answer */
	struct rexi_str error;         /* name of the error */
	struct rexi_str signature;     /* of the body */
	struct rexi_str body;
	bool big;                      /* byte order */
};
/* False when it is malformed. Views into `bytes`. */
bool rxs_bus_parse(struct rexi_str bytes, struct rxs_bus_message *out);

/* One value: basic types, and arrays of texts. */
struct rxs_bus_value {
	char type;            /* 's' (also o, g), 'b', 'u' (any number), 'a' (texts), '?' something else */
	struct rexi_str text; /* 's' */
	uint64_t number;      /* 'b' 'u' */
	struct rexi_str array; /* 'a': rxs_bus_next_text */
	size_t array_at;      /* its place in the body, for alignment */
	bool big;
};
/* The first value of a body: a path, or the words of an error. */
bool rxs_bus_first(const struct rxs_bus_message *message, struct rxs_bus_value *out);
/* Each property of a body of signature a{sv}; false when it is malformed, or `each` gives up. */
bool rxs_bus_properties(const struct rxs_bus_message *message,
			bool (*each)(void *user, struct rexi_str name, const struct rxs_bus_value *value), void *user);
/* The texts of an array; *at starts at 0. */
bool rxs_bus_next_text(const struct rxs_bus_value *value, size_t *at, struct rexi_str *text);

#endif
