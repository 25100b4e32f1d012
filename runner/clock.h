/* Times as text without the C library's zones: nothing is loaded, and a signal handler may ask. */
#ifndef RXR_CLOCK_H
#define RXR_CLOCK_H

#include <stddef.h>
#include <stdint.h>

struct rxr_utc {
	int64_t year;
	unsigned month, day, hour, minute, second; /* month and day from 1 */
};

/* Seconds since 1970 in UTC, proleptic Gregorian. */
struct rxr_utc rxr_clock_utc(int64_t seconds);

#define RXR_CLOCK_TEXT 20 /* 19 characters and a NUL */

/* "2025-10-21T14:30:00", `between` in the place of T; years beyond 0..9999 are cut to these. */
void rxr_clock_text(char out[RXR_CLOCK_TEXT], int64_t seconds, char between);
/* Writes `digits` decimal digits of `number`, with leading zeros, no NUL; returns where they end. */
char *rxr_clock_digits(char *out, uint64_t number, unsigned digits);

#endif
