/* Texts that may not be what they look like. Source: UTS 39, Unicode Security Mechanisms. */
#ifndef RX_UNICODE_SECURITY_H
#define RX_UNICODE_SECURITY_H

#include "base/str.h"

/* Embeddings, overrides and isolates of the bidirectional algorithm and their ends: U+202A to U+202E, U+2066 to U+2069. */
bool rx_unicode_is_bidi_control(uint32_t code);

/* Identifier_Status is Allowed: the General Security Profile, UTS 39, 3.1. */
bool rx_unicode_is_identifier(uint32_t code);

/* The scripts that what was added so far may be written in: UTS 39, 5.1, resolved script sets. */
struct rx_scripts {
	uint64_t bits[3]; /* by script */
};

/* All scripts. */
void rx_scripts_init(struct rx_scripts *scripts);
/* Leaves those that the character is used in; unassigned and private characters are used in none. */
void rx_scripts_add(struct rx_scripts *scripts, uint32_t code);
/* One script writes all of it (an empty text is written in all). */
bool rx_scripts_is_single(const struct rx_scripts *scripts);

#endif
