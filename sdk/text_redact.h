/* Redaction of text by a dictionary of printf-like templates: lines that no template matches are hidden. No host access. */
#ifndef RXS_TEXT_REDACT_H
#define RXS_TEXT_REDACT_H

#include "base/buf.h"

#define RXS_REDACTED "[REDACTED]"

struct rxs_redactor;

/**
 * Compile a dictionary once: one template a line, blank lines and lines that begin with `#` ignored, lines that cannot be
 * understood ignored (they then show nothing, which errs on the side of hiding).
 *
 * `%s %d %u %m` with flags, widths and z/l stand for text, `%%` for a percent sign; all else stands for itself, except `^`
 * in front and `$` at the end, which anchor. Source: sdk-filesystem.md 13 and W-38.
 */
RX_NODISCARD enum rexi_status rxs_redactor_new(struct rx_memory *memory, struct rexi_str dictionary,
					       struct rxs_redactor **out);
void rxs_redactor_free(struct rxs_redactor *redactor);

/* Number of templates that took effect. */
size_t rxs_redactor_count(const struct rxs_redactor *redactor);

/* May this line (valid UTF-8, without its end) be shown? A template that runs into a limit shows nothing. */
bool rxs_redactor_shows(struct rxs_redactor *redactor, struct rexi_str line);

/* Appends the text with hidden lines replaced, lines joined by \n, no final newline. */
void rxs_redactor_apply(struct rxs_redactor *redactor, struct rexi_str text, struct rx_buf *out);

/* For tests: one template as the pattern it becomes; false when the template is dropped. */
bool rxs_redactor_pattern(struct rexi_str template, struct rx_buf *out);

#endif
