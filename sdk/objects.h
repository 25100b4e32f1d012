/* Payloads of the host types of files (types.def) and how their values are made. */
#ifndef RXS_OBJECTS_H
#define RXS_OBJECTS_H

#include "sdk/entry.h"
#include "sdk/fs.h"
#include "sdk/natives.h"

/* A DirEntry: what a listing or a walk found, and what was opened through it, each with the options it was opened with. */
struct rxs_entry_object {
	struct rx_memory *memory;
	struct rxs_dir *dir;
	struct rxs_entry entry; /* name points behind the structure */
	struct rxs_file *file;
	struct rxs_open_file file_how;
	struct rxs_dir *opened;
	struct rxs_link *link;
	char name[];
};

struct rxs_metadata {
	struct rx_memory *memory;
	struct rxs_session *session;
	struct rxs_stat stat;
	char *target; /* NULL: not a link, or its text may not be read */
	size_t target_len;
};

/* Each takes the reference it is given, also on failure. */
RX_NODISCARD enum rexi_status rxs_dir_value(struct rxl_call *call, struct rxs_dir *dir, struct rxl_value *out);
RX_NODISCARD enum rexi_status rxs_file_value(struct rxl_call *call, struct rxs_file *file, struct rxl_value *out);
/* target NULL: none. */
RX_NODISCARD enum rexi_status rxs_metadata_value(struct rxs_session *session, struct rxl_call *call,
						 const struct rxs_stat *stat, const struct rexi_str *target,
						 struct rxl_value *out);
/* Ownership {user, group}. */
RX_NODISCARD enum rexi_status rxs_ownership_value(struct rxs_session *session, struct rxl_call *call, uint32_t uid,
						  uint32_t gid, struct rxl_value *out);
/* A script's callback raised an error: it becomes an error of the kind given, its text behind `prefix`. A denial stays what
 * it is, and what cannot be caught goes on. */
RX_NODISCARD enum rexi_status rxs_callback_failed(struct rxs_session *session, struct rxl_call *call, enum rexi_status status,
						  enum rxs_source source, unsigned kind, const char *prefix);
/* Bytes of a SizeUnit. */
int64_t rxs_unit_bytes(const struct rxl_value *unit);
/* The fields of OpenFileOptions. */
struct rxs_options;
struct rxs_open_file rxs_open_file_from(const struct rxs_options *options);

#endif
