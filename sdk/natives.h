/* The functions behind natives.def, and what their files share. */
#ifndef RXS_NATIVES_H
#define RXS_NATIVES_H

#include "sdk/native.h"

#define RXS_NATIVE(id, name, params, result, fn, flags, actions, resource, help, example)                              \
	enum rexi_status fn(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,                   \
			    struct rxl_value *args, unsigned argc, struct rxl_value *out);
#define RXS_NATIVE_DATA(id, name, params, result, fn, flags, actions, resource, help, example, data)                   \
	RXS_NATIVE(id, name, params, result, fn, flags, actions, resource, help, example)
#include "sdk/natives.def"
#undef RXS_NATIVE
#undef RXS_NATIVE_DATA

#define RXS_TYPE(id, path, show, end)                                                                                  \
	void show(const void *payload, struct rx_buf *out, bool debug);                                                   \
	void end(void *payload);
#define RXS_TYPE_SHORT RXS_TYPE
#define RXS_TYPE_PLAIN(id, path, show) void show(const void *payload, struct rx_buf *out, bool debug);
#define RXS_TYPE_KIND RXS_TYPE_PLAIN
#include "sdk/types.def"
#undef RXS_TYPE
#undef RXS_TYPE_SHORT
#undef RXS_TYPE_PLAIN
#undef RXS_TYPE_KIND

const struct rxl_class *rxs_class(const struct rxs_session *session, enum rxs_type type);
/* The session's failure, or a bare status, as the language's error. */
RX_NODISCARD enum rexi_status rxs_raise_status(struct rxs_session *session, struct rxl_call *call, enum rexi_status status);
/* Numbers behind kinds, entry types and units, whose objects need no memory. */
unsigned rxs_kind_number(const void *payload);
int rxs_kind_errno(const void *payload);
/* Every constant of every module, in the order of the tables. `payload` is a number (rxs_kind_number) or a flag's. */
typedef enum rexi_status (*rxs_constant_fn)(void *user, const char *module, const char *name, enum rxs_type type, void *payload);
RX_NODISCARD enum rexi_status rxs_constants_each(rxs_constant_fn add, void *user);

#endif
