#include <config.h>

#include "runner/sha256.h"

#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)
#define HAVE_SHA_INSTRUCTIONS 1
#include <cpuid.h>
#include <immintrin.h>
#endif

enum { BLOCK = 64 };

/* FIPS 180-4, 4.2.2 */
static const uint32_t round_constants[64] = {
	0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
	0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
	0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
	0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
	0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
	0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
	0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
	0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2,
};

static uint32_t rotated(uint32_t word, unsigned by)
{
	return word >> by | word << (32 - by);
}

/* FIPS 180-4, 6.2.2 */
static void compress(uint32_t state[8], const unsigned char *blocks, size_t count)
{
	for (; count; count--, blocks += BLOCK) {
		uint32_t words[64], v[8];

		for (size_t i = 0; i < 16; i++) {
			uint32_t word;

			memcpy(&word, blocks + 4 * i, sizeof(word));
			words[i] = __builtin_bswap32(word);
		}
		for (size_t i = 16; i < 64; i++) {
			uint32_t early = words[i - 15], late = words[i - 2];

			words[i] = words[i - 16] + words[i - 7] + (rotated(early, 7) ^ rotated(early, 18) ^ early >> 3) +
				   (rotated(late, 17) ^ rotated(late, 19) ^ late >> 10);
		}
		memcpy(v, state, sizeof(v));
		for (size_t i = 0; i < 64; i++) {
			uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]), most = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
			uint32_t first = v[7] + (rotated(v[4], 6) ^ rotated(v[4], 11) ^ rotated(v[4], 25)) + choice +
					 round_constants[i] + words[i];
			uint32_t second = (rotated(v[0], 2) ^ rotated(v[0], 13) ^ rotated(v[0], 22)) + most;

			memmove(v + 1, v, 7 * sizeof(*v));
			v[4] += first;
			v[0] = first + second;
		}
		for (size_t i = 0; i < 8; i++)
			state[i] += v[i];
	}
}

#ifdef HAVE_SHA_INSTRUCTIONS

static __m128i load(const void *from)
{
	return _mm_loadu_si128((const __m128i *)from);
}

/* The instructions hold the state as the words FEBA and HGDC, lowest first. */
__attribute__((target("sha,sse4.1,ssse3"))) static void compress_fast(uint32_t state[8], const unsigned char *blocks,
								       size_t count)
{
	const __m128i big_endian = _mm_set_epi64x(0x0C0D0E0F08090A0B, 0x0405060700010203);
	__m128i badc = _mm_shuffle_epi32(load(state), 0xB1), hgfe = _mm_shuffle_epi32(load(state + 4), 0x1B);
	__m128i feba = _mm_alignr_epi8(badc, hgfe, 8), hgdc = _mm_blend_epi16(hgfe, badc, 0xF0);

	for (; count; count--, blocks += BLOCK) {
		__m128i words[4], feba_before = feba, hgdc_before = hgdc;

		for (size_t i = 0; i < 4; i++)
			words[i] = _mm_shuffle_epi8(load(blocks + 16 * i), big_endian);
#pragma GCC unroll 16
		for (size_t i = 0; i < 16; i++) {
			__m128i *oldest = &words[i % 4], newest = words[(i + 3) % 4];
			__m128i step = _mm_add_epi32(*oldest, load(round_constants + 4 * i));

			hgdc = _mm_sha256rnds2_epu32(hgdc, feba, step);
			feba = _mm_sha256rnds2_epu32(feba, hgdc, _mm_shuffle_epi32(step, 0x0E));
			*oldest = _mm_add_epi32(_mm_sha256msg1_epu32(*oldest, words[(i + 1) % 4]),
						_mm_alignr_epi8(newest, words[(i + 2) % 4], 4));
			*oldest = _mm_sha256msg2_epu32(*oldest, newest); /* the last four are not needed */
		}
		feba = _mm_add_epi32(feba, feba_before);
		hgdc = _mm_add_epi32(hgdc, hgdc_before);
	}
	badc = _mm_shuffle_epi32(feba, 0x1B); /* abef */
	hgdc = _mm_shuffle_epi32(hgdc, 0xB1); /* ghcd */
	_mm_storeu_si128((__m128i *)(void *)state, _mm_blend_epi16(badc, hgdc, 0xF0));
	_mm_storeu_si128((__m128i *)(void *)(state + 4), _mm_alignr_epi8(hgdc, badc, 8));
}

bool rxr_sha256_fast(void)
{
	unsigned a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) || !(c & bit_SSE4_1))
		return false;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

#else

bool rxr_sha256_fast(void)
{
	return false;
}

#endif

static void compress_by(bool fast, uint32_t state[8], const unsigned char *blocks, size_t count)
{
#ifdef HAVE_SHA_INSTRUCTIONS
	if (fast) {
		compress_fast(state, blocks, count);
		return;
	}
#endif
	(void)fast;
	compress(state, blocks, count);
}

void rxr_sha256_begin(struct rxr_sha256 *sha, bool fast)
{
	/* FIPS 180-4, 5.3.3 */
	static const uint32_t start[8] = { 0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
					   0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19 };

	memcpy(sha->state, start, sizeof(start));
	sha->len = 0;
	sha->fast = fast;
}

void rxr_sha256_add(struct rxr_sha256 *sha, const void *text, size_t len)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t held = sha->len % BLOCK;

	if (!len)
		return;
	sha->len += len;
	if (held) {
		size_t take = len < BLOCK - held ? len : BLOCK - held;

		memcpy(sha->rest + held, bytes, take);
		if (held + take < BLOCK)
			return;
		compress_by(sha->fast, sha->state, sha->rest, 1);
		bytes += take;
		len -= take;
	}
	compress_by(sha->fast, sha->state, bytes, len / BLOCK);
	if (len % BLOCK)
		memcpy(sha->rest, bytes + (len - len % BLOCK), len % BLOCK);
}

void rxr_sha256_end(struct rxr_sha256 *sha, unsigned char digest[RXR_SHA256_BYTES])
{
	unsigned char tail[2 * BLOCK] = { 0 };
	size_t rest = sha->len % BLOCK, blocks = rest + 9 > BLOCK ? 2 : 1;
	uint64_t bits = __builtin_bswap64(sha->len * 8);

	memcpy(tail, sha->rest, rest);
	tail[rest] = 0x80;
	memcpy(tail + blocks * BLOCK - 8, &bits, 8);
	compress_by(sha->fast, sha->state, tail, blocks);
	for (size_t i = 0; i < 8; i++) {
		uint32_t word = __builtin_bswap32(sha->state[i]);

		memcpy(digest + 4 * i, &word, 4);
	}
}

void rxr_sha256_digest(unsigned char digest[RXR_SHA256_BYTES], const void *text, size_t len, bool fast)
{
	struct rxr_sha256 sha;

	rxr_sha256_begin(&sha, fast);
	rxr_sha256_add(&sha, text, len);
	rxr_sha256_end(&sha, digest);
}
