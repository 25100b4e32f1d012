/*
 * Results with named fields: what `execute`, `gzip_info`, `elf_info`, `backtrace` and their like give back. One map of
 * values behind a host type; getters read a field, `to_map` gives a copy of all.
 */
#ifndef RXS_RECORD_H
#define RXS_RECORD_H

#include "sdk/native.h"

struct rxs_record;

/* A record of the given type with the fields of `map`, which it owns from then on (also on failure). */
RX_NODISCARD enum rexi_status rxs_record_new(struct rxl_call *call, enum rxs_type type, struct rxl_value map,
					     struct rxl_value *out);
/* Borrowed field of a record, NULL when it has none of that name. */
const struct rxl_value *rxs_record_field(const struct rxs_record *record, const char *name);

/* Getters ("get$field") and to_map of every record type. */
enum rexi_status rxs_record_get(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,
				struct rxl_value *args, unsigned argc, struct rxl_value *out);
enum rexi_status rxs_record_to_map(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,
				   struct rxl_value *args, unsigned argc, struct rxl_value *out);

/* to_map with enumerations and addresses as their names. */
enum rexi_status rxs_record_to_names(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,
				     struct rxl_value *args, unsigned argc, struct rxl_value *out);

/* For types.def. */
void rxs_show_record(const void *payload, struct rx_buf *out, bool debug);
void rxs_free_record(void *payload);

#endif
