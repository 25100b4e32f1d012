/* Directory entries as values of scripts. */
#ifndef RXS_ENTRY_H
#define RXS_ENTRY_H

#include "sdk/fs.h"
#include "sdk/native.h"

/* A DirEntry; dir and link (may be NULL: the handle that later calls find ready) get references of their own. */
RX_NODISCARD enum rexi_status rxs_entry_value(struct rxl_call *call, struct rxs_dir *dir, const struct rxs_entry *entry,
					      struct rxs_link *link, struct rxl_value *out);

#endif
