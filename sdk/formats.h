/* What gzip, archives, ELF and core files, and certificates share. Source: sdk-filesystem.md 12. */
#ifndef RXS_FORMATS_H
#define RXS_FORMATS_H

#include "sdk/fs.h"
#include "sdk/commands.h"
#include "sdk/native.h"

/* UnsupportedOperationError: the part was left out at build time. Asked after the permissions. */
RX_NODISCARD RX_COLD enum rexi_status rxs_fail_not_built(struct rxs_session *session, const char *part);

RXS_COMMAND(rxs_compress_gzip);
RXS_COMMAND(rxs_read_gzip_lines);
RXS_COMMAND(rxs_gzip_info);
RXS_COMMAND(rxs_search_gzip);
RXS_COMMAND(rxs_search_gzip_exists);
RXS_COMMAND(rxs_extract_archive);
RXS_COMMAND(rxs_elf_info);
RXS_COMMAND(rxs_verify_cert);
RXS_COMMAND(rxs_verify_cert_chain);
RXS_COMMAND(rxs_core_dump);
/* What gdb printed of a process's threads, as a TracedProcess. pid 0: the number of the first thread. *parsed false: there
 * was none in it. */
RX_NODISCARD enum rexi_status rxs_trace_value(struct rxs_session *session, struct rxl_call *call, struct rexi_str text,
					      int64_t pid, bool *parsed, struct rxl_value *out);
RXS_COMMAND(rxs_core_backtrace);
RXS_COMMAND(rxs_core_variables);

/* ---- gzip as a stream (sdk/gzip.c): all members, bounded memory ---- */

struct rxs_gzip;

RX_NODISCARD enum rexi_status rxs_gzip_open(struct rxs_file *file, const struct rxs_grant *read, struct rxs_gzip **out);
void rxs_gzip_close(struct rxs_gzip *gzip);
/* The next block of unpacked bytes, valid until the next call; len 0 at the end. */
RX_NODISCARD enum rexi_status rxs_gzip_block(struct rxs_gzip *gzip, struct rexi_str *block);
/* The next line without its end; ptr NULL at the end. IoError when it is not UTF-8. */
RX_NODISCARD enum rexi_status rxs_gzip_line(struct rxs_gzip *gzip, struct rexi_str *line);

#endif
