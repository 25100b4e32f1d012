/* What `redacted_read` gives instead of the content: spec/sdk-filesystem.md 13. */
#ifndef RXS_REDACT_H
#define RXS_REDACT_H

#include "base/buf.h"
#include "base/str.h"

struct rxs_session;
struct rxs_path;

/* True for the dictionary itself, which is never read through redaction. */
bool rxs_redact_is_dictionary(const struct rxs_path *path);
/* Makes the session's dictionary ready: asks Open and Read for it as for any file, once; later calls are free. */
RX_NODISCARD enum rexi_status rxs_redact_load(struct rxs_session *session);
/* Text with every line that no template matches replaced by [REDACTED]; lines joined by `\n`, no final newline. Appends. */
RX_NODISCARD enum rexi_status rxs_redact_text(struct rxs_session *session, struct rexi_str text, struct rx_buf *out);
/* One line (without its newline): kept, or [REDACTED]. Appends. */
RX_NODISCARD enum rexi_status rxs_redact_line(struct rxs_session *session, struct rexi_str line, struct rx_buf *out);
void rxs_redact_free(struct rxs_session *session);

#endif
