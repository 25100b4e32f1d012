/*
 * SHA-256 of one stretch of memory: by the processor's own instructions where it has them, which takes a seventh of the
 * time of portable code (a record is hashed before each operation on the host), else by that.
 */
#ifndef RXR_SHA256_H
#define RXR_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RXR_SHA256_BYTES 32

/* Whether the processor has the instructions. Asking costs microseconds on a virtual machine: ask once. */
bool rxr_sha256_fast(void);
/* fast: only with the answer of rxr_sha256_fast. Both ways give the same digest. */
void rxr_sha256_digest(unsigned char digest[RXR_SHA256_BYTES], const void *bytes, size_t len, bool fast);

/* A digest that is taken piece by piece. */
struct rxr_sha256 {
	uint32_t state[8];
	unsigned char rest[64];
	uint64_t len;
	bool fast;
};

void rxr_sha256_begin(struct rxr_sha256 *sha, bool fast);
void rxr_sha256_add(struct rxr_sha256 *sha, const void *bytes, size_t len);
void rxr_sha256_end(struct rxr_sha256 *sha, unsigned char digest[RXR_SHA256_BYTES]);

#endif
