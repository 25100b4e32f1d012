/* Character properties and case mapping as Rust's standard library has them; the only user of utf8proc. */
#ifndef RX_UNICODE_H
#define RX_UNICODE_H

#include "base/buf.h"

/* White_Space, as char::is_whitespace. */
bool rx_unicode_is_space(uint32_t code);
/* True when Rust's {:?} writes the character as \u{...}: Cc Cf Cs Co Cn Zl Zp Zs (but space), Grapheme_Extend. */
bool rx_unicode_is_escaped(uint32_t code);
/* The same without Grapheme_Extend: what str::escape_debug escapes after the first character. */
bool rx_unicode_is_unprintable(uint32_t code);
/* The full mapping when it is one character, else the character itself, as Rhai's to_upper and to_lower of a char. */
uint32_t rx_unicode_upper(uint32_t code);
uint32_t rx_unicode_lower(uint32_t code);
/* Full mapping of a whole text: str::to_uppercase and str::to_lowercase, final sigma included. */
void rx_unicode_upper_str(struct rx_buf *buf, struct rexi_str text);
void rx_unicode_lower_str(struct rx_buf *buf, struct rexi_str text);
/* text without White_Space at both ends. */
struct rexi_str rx_unicode_trim(struct rexi_str text);
/* Columns that the character takes on a terminal: 0, 1 or 2. */
unsigned rx_unicode_width(uint32_t code);
/* Appends the inside of Rust's {:?} of a str (without quotes). */
void rx_unicode_debug(struct rx_buf *buf, struct rexi_str text);

#endif
