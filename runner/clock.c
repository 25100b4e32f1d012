#include <config.h>

#include "runner/clock.h"

/* Days since 1970 to a date by eras of 400 years that begin in March (H. Hinnant, "chrono-compatible low-level date
 * algorithms"). */
struct rxr_utc rxr_clock_utc(int64_t seconds)
{
	int64_t days = seconds / 86400, rest = seconds % 86400;
	int64_t era, of_era, of_year, year, of_march;
	struct rxr_utc utc;

	if (rest < 0) {
		rest += 86400;
		days--;
	}
	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	of_era = days - era * 146097;
	year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	of_year = of_era - (365 * year + year / 4 - year / 100);
	of_march = (5 * of_year + 2) / 153;
	utc.day = (unsigned)(of_year - (153 * of_march + 2) / 5 + 1);
	utc.month = (unsigned)(of_march < 10 ? of_march + 3 : of_march - 9);
	utc.year = year + era * 400 + (utc.month <= 2);
	utc.hour = (unsigned)(rest / 3600);
	utc.minute = (unsigned)(rest / 60 % 60);
	utc.second = (unsigned)(rest % 60);
	return utc;
}

char *rxr_clock_digits(char *out, uint64_t number, unsigned digits)
{
	for (unsigned i = digits; i-- > 0; number /= 10)
		out[i] = (char)('0' + number % 10);
	return out + digits;
}

void rxr_clock_text(char out[RXR_CLOCK_TEXT], int64_t seconds, char between)
{
	struct rxr_utc utc = rxr_clock_utc(seconds);

	out = rxr_clock_digits(out, (uint64_t)(utc.year < 0 ? 0 : utc.year > 9999 ? 9999 : utc.year), 4);
	*out++ = '-';
	out = rxr_clock_digits(out, utc.month, 2);
	*out++ = '-';
	out = rxr_clock_digits(out, utc.day, 2);
	*out++ = between;
	out = rxr_clock_digits(out, utc.hour, 2);
	*out++ = ':';
	out = rxr_clock_digits(out, utc.minute, 2);
	*out++ = ':';
	out = rxr_clock_digits(out, utc.second, 2);
	*out = '\0';
}
