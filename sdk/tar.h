/* Tar read from gzip data as a stream: ustar, GNU long names, PAX (path, size, mtime, uname, gname). No host access of its own,
 * bounded memory. Source: sdk-filesystem.md 12.2. */
#ifndef RXS_TAR_H
#define RXS_TAR_H

#include "sdk/formats.h"

enum rxs_tar_type { RXS_TAR_FILE, RXS_TAR_DIR, RXS_TAR_OTHER };

struct rxs_tar_entry {
	enum rxs_tar_type type;
	struct rexi_str name, user, group; /* raw bytes; valid until the next entry */
	uint32_t mode;
	uint64_t size;
	int64_t seconds;
	uint32_t nanoseconds;
};

struct rxs_tar;

RX_NODISCARD enum rexi_status rxs_tar_open(struct rxs_file *file, const struct rxs_grant *read, struct rxs_tar **out);
void rxs_tar_close(struct rxs_tar *tar);
/* The next entry; *found false at the end. What is left of the last one's content is passed over. IoError when the archive is
 * malformed or cut off. */
RX_NODISCARD enum rexi_status rxs_tar_next(struct rxs_tar *tar, struct rxs_tar_entry *entry, bool *found);
/* The next part of the entry's content, valid until the next call; len 0 at its end. */
RX_NODISCARD enum rexi_status rxs_tar_content(struct rxs_tar *tar, struct rexi_str *part);

#endif
