#include <config.h>

#include "cedar/extension.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/banned.h"

enum { MS_PER_DAY = 86400000 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

RX_PRINTF(2, 3) static bool refuse(char message[RXC_EXT_MESSAGE], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(message, RXC_EXT_MESSAGE, format, args);
	va_end(args);
	return false;
}

#define SHORT(text) RX_STR_ARG(rx_str_sub((text), 0, 60))

/* ---- decimal ------------------------------------------------------------------------------------------------------- */

static bool parse_decimal(struct rexi_str text, struct rexi_cedar_ext *out, char *message)
{
	bool negative = text.len && text.ptr[0] == '-';
	size_t at = negative, start = at, point;
	int64_t whole = 0, fraction = 0;
	bool overflow = false;

	for (; at < text.len && is_digit(text.ptr[at]); at++)
		overflow |= __builtin_mul_overflow(whole, 10, &whole) ||
			    __builtin_sub_overflow(whole, text.ptr[at] - '0', &whole); /* the negative range is the larger */
	point = at;
	if (point == start || point + 1 >= text.len || text.ptr[point] != '.')
		return refuse(message, "`%.*s` is not a well-formed decimal value", SHORT(text));
	for (at = point + 1; at < text.len; at++)
		if (!is_digit(text.ptr[at]))
			return refuse(message, "`%.*s` is not a well-formed decimal value", SHORT(text));
	if (overflow || __builtin_mul_overflow(whole, 10000, &whole) || (!negative && whole == INT64_MIN))
		return refuse(message, "overflow when converting to decimal");
	if (text.len - point - 1 > 4)
		return refuse(message, "too many digits after the decimal in `%.*s`", SHORT(text));
	for (size_t i = 0; i < 4; i++)
		fraction = fraction * 10 + (point + 1 + i < text.len ? text.ptr[point + 1 + i] - '0' : 0);
	if (__builtin_sub_overflow(whole, fraction, &whole) || (!negative && whole == INT64_MIN))
		return refuse(message, "overflow when converting to decimal");
	out->kind = REXI_CEDAR_DECIMAL;
	out->integer = negative ? whole : -whole;
	return true;
}

/* ---- ipaddr -------------------------------------------------------------------------------------------------------- */

static bool parse_v4(struct rexi_str text, unsigned char out[16])
{
	size_t at = 0;

	for (unsigned octet = 0; octet < 4; octet++) {
		unsigned value = 0;
		size_t start = at;

		if (octet && (at >= text.len || text.ptr[at] != '.'))
			return false;
		start = at += octet ? 1 : 0;
		for (; at < text.len && is_digit(text.ptr[at]) && at - start < 3; at++)
			value = value * 10 + (unsigned)(text.ptr[at] - '0');
		if (at == start || value > 255 || (at - start > 1 && text.ptr[start] == '0'))
			return false;
		out[octet] = (unsigned char)value;
	}
	return at == text.len;
}

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Groups of one to four hex digits, joined by single colons, from *at; stops before what is no group. */
static unsigned read_groups(struct rexi_str text, size_t *at, unsigned limit, uint16_t groups[8])
{
	unsigned count = 0;

	while (count < limit) {
		size_t pos = *at + (count ? 1 : 0), start = pos;
		unsigned value = 0;

		if (count && (*at >= text.len || text.ptr[*at] != ':'))
			break;
		for (; pos < text.len && pos - start < 4 && hex_value(text.ptr[pos]) >= 0; pos++)
			value = value * 16 + (unsigned)hex_value(text.ptr[pos]);
		if (pos == start || (pos < text.len && hex_value(text.ptr[pos]) >= 0))
			break;
		groups[count++] = (uint16_t)value;
		*at = pos;
	}
	return count;
}

static bool parse_v6(struct rexi_str text, unsigned char out[16])
{
	uint16_t head[8] = { 0 }, tail[8] = { 0 };
	size_t at = 0;
	unsigned heads = read_groups(text, &at, 8, head), tails = 0;

	if (heads < 8) {
		if (at + 2 > text.len || text.ptr[at] != ':' || text.ptr[at + 1] != ':')
			return false;
		at += 2;
		tails = read_groups(text, &at, 7 - heads, tail);
		memcpy(head + 8 - tails, tail, tails * sizeof(*tail));
	}
	if (at != text.len)
		return false;
	for (unsigned i = 0; i < 8; i++) {
		out[2 * i] = (unsigned char)(head[i] >> 8);
		out[2 * i + 1] = (unsigned char)head[i];
	}
	return true;
}

static bool parse_prefix(struct rexi_str text, unsigned max, uint8_t *out, char *message)
{
	size_t longest = max == 32 ? 2 : 3;
	unsigned value = 0;

	if (text.len > longest)
		return refuse(message, "error parsing prefix: string length %zu is too large", text.len);
	for (size_t i = 0; i < text.len; i++) {
		if (!is_digit(text.ptr[i]))
			return refuse(message, "error parsing prefix `%.*s`: encountered non-digit", SHORT(text));
		value = value * 10 + (unsigned)(text.ptr[i] - '0');
	}
	if (text.len > 1 && text.ptr[0] == '0')
		return refuse(message, "error parsing prefix `%.*s`: leading zero(s)", SHORT(text));
	if (!text.len)
		return refuse(message, "error parsing prefix from the string ``: cannot parse integer from empty string");
	if (value > max)
		return refuse(message, "error parsing prefix: %u is larger than the limit %u", value, max);
	*out = (uint8_t)value;
	return true;
}

static bool parse_ip(struct rexi_str text, struct rexi_cedar_ext *out, char *message)
{
	enum { LONGEST = 43 };
	size_t colons = 0, dots = 0, slash = rx_str_find(text, RX_STR("/"), 0);
	struct rexi_str address = rx_str_sub(text, 0, slash);

	if (text.len > LONGEST)
		return refuse(message, "error parsing IP address from string `%.*s`: string length is too large", SHORT(text));
	for (size_t i = 0; i < text.len; i++) {
		colons += text.ptr[i] == ':';
		dots += text.ptr[i] == '.';
	}
	if (colons >= 2 && dots >= 2)
		return refuse(message, "error parsing IP address from string: We do not accept IPv4 embedded in IPv6 (e.g., ::ffff:127.0.0.1). "
				       "Found: `%.*s`", SHORT(text));
	out->kind = REXI_CEDAR_IPADDR;
	memset(out->address, 0, sizeof(out->address));
	if (parse_v4(address, out->address))
		out->is_v6 = 0;
	else if (parse_v6(address, out->address))
		out->is_v6 = 1;
	else if (slash == SIZE_MAX)
		return refuse(message, "invalid IP address: %.*s", SHORT(text));
	else
		return refuse(message, "error parsing IP address from the string `%.*s`: invalid IP address syntax", SHORT(address));
	out->prefix = out->is_v6 ? 128 : 32;
	return slash == SIZE_MAX || parse_prefix(rx_str_sub(text, slash + 1, SIZE_MAX), out->prefix, &out->prefix, message);
}

/* Whether the first `bits` bits of both are the same. */
static bool same_network(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned bytes = bits / 8, rest = bits % 8;

	if (memcmp(a, b, bytes) != 0)
		return false;
	return !rest || (a[bytes] ^ b[bytes]) >> (8 - rest) == 0;
}

bool rxc_ip_is_loopback(const struct rexi_cedar_ext *ip)
{
	static const unsigned char v6_loopback[16] = { [15] = 1 };

	if (ip->is_v6)
		return ip->prefix == 128 && memcmp(ip->address, v6_loopback, 16) == 0;
	return ip->prefix >= 8 && ip->address[0] == 127;
}

bool rxc_ip_is_multicast(const struct rexi_cedar_ext *ip)
{
	if (ip->is_v6)
		return ip->prefix >= 8 && ip->address[0] == 0xFF;
	return ip->prefix >= 4 && ip->address[0] >> 4 == 0xE;
}

/* A network is contained in another exactly when it is the narrower and agrees on the wider's bits. */
bool rxc_ip_is_in_range(const struct rexi_cedar_ext *ip, const struct rexi_cedar_ext *range)
{
	return ip->is_v6 == range->is_v6 && ip->prefix >= range->prefix && same_network(ip->address, range->address, range->prefix);
}

/* ---- datetime ------------------------------------------------------------------------------------------------------ */

/* Exactly `count` digits at *at. */
static bool read_digits(struct rexi_str text, size_t *at, unsigned count, int64_t *out)
{
	int64_t value = 0;

	for (unsigned i = 0; i < count; i++, ++*at) {
		if (*at >= text.len || !is_digit(text.ptr[*at]))
			return false;
		value = value * 10 + (text.ptr[*at] - '0');
	}
	*out = value;
	return true;
}

static bool read_char(struct rexi_str text, size_t *at, char c)
{
	if (*at >= text.len || text.ptr[*at] != c)
		return false;
	++*at;
	return true;
}

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar; year 0..9999. */
static int64_t days_from_date(int64_t year, int64_t month, int64_t day)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	int64_t leaps = year == 0 ? 0 : (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 + 1; /* year 0 is one */

	return year * 365 + leaps + before[month - 1] + (month > 2 && is_leap(year)) + day - 1 - 719528;
}

static bool valid_date(int64_t year, int64_t month, int64_t day)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	if (month < 1 || month > 12 || day < 1)
		return false;
	return day <= days[month - 1] + (month == 2 && is_leap(year));
}

static bool parse_datetime(struct rexi_str text, struct rexi_cedar_ext *out, char *message)
{
	int64_t year, month, day, hour = 0, minute = 0, second = 0, ms = 0, offset_hour = 0, offset_minute = 0, offset;
	bool minus = false;
	size_t at = 0;

	if (!read_digits(text, &at, 4, &year) || !read_char(text, &at, '-') || !read_digits(text, &at, 2, &month) ||
	    !read_char(text, &at, '-') || !read_digits(text, &at, 2, &day))
		return refuse(message, "invalid date pattern");
	if (at < text.len) {
		if (!read_char(text, &at, 'T') || !read_digits(text, &at, 2, &hour) || !read_char(text, &at, ':') ||
		    !read_digits(text, &at, 2, &minute) || !read_char(text, &at, ':') || !read_digits(text, &at, 2, &second))
			return refuse(message, "invalid hour/minute/second pattern");
		if (read_char(text, &at, '.') && !read_digits(text, &at, 3, &ms))
			return refuse(message, "invalid millisecond and/or offset pattern");
		if (!read_char(text, &at, 'Z')) {
			minus = at < text.len && text.ptr[at] == '-';
			if ((!minus && !(at < text.len && text.ptr[at] == '+')) || (at++, false) || !read_digits(text, &at, 2, &offset_hour) ||
			    !read_digits(text, &at, 2, &offset_minute))
				return refuse(message, "invalid millisecond and/or offset pattern");
		}
		if (at != text.len)
			return refuse(message, "invalid millisecond and/or offset pattern");
	}
	if (!valid_date(year, month, day))
		return refuse(message, "invalid date: %.*s", SHORT(rx_str_sub(text, 0, 10)));
	if (hour > 23 || minute > 59 || second > 59)
		return refuse(message, "invalid hour/minute/second: %.*s", SHORT(rx_str_sub(text, 11, 8)));
	if (offset_hour > 23 || offset_minute > 59)
		return refuse(message, "invalid offset range: %d%d", (int)offset_hour, (int)offset_minute);
	offset = (offset_hour * 60 + offset_minute) * 60000;
	out->kind = REXI_CEDAR_DATETIME;
	out->integer = days_from_date(year, month, day) * MS_PER_DAY + ((hour * 60 + minute) * 60 + second) * 1000 + ms -
		       (minus ? -offset : offset);
	return true;
}

bool rxc_datetime_to_date(int64_t datetime, int64_t *out)
{
	int64_t rest = datetime % MS_PER_DAY;

	return !__builtin_sub_overflow(datetime, rest < 0 ? rest + MS_PER_DAY : rest, out);
}

int64_t rxc_datetime_to_time(int64_t datetime)
{
	int64_t rest = datetime % MS_PER_DAY;

	return rest < 0 ? rest + MS_PER_DAY : rest;
}

/* ---- duration ------------------------------------------------------------------------------------------------------ */

static bool parse_duration(struct rexi_str text, struct rexi_cedar_ext *out, char *message)
{
	static const struct { const char *unit; int64_t ms; } units[] = {
		{ "d", MS_PER_DAY }, { "h", 3600000 }, { "m", 60000 }, { "s", 1000 }, { "ms", 1 },
	};
	bool negative = text.len && text.ptr[0] == '-', overflow = false;
	size_t at = negative, next = 0;
	int64_t total = 0; /* counted downwards: the negative range is the larger */

	if (at == text.len)
		return refuse(message, "invalid duration pattern");
	while (at < text.len) {
		uint64_t number = 0;
		size_t start = at, unit, end;
		int64_t part;
		bool large = false;

		for (; at < text.len && is_digit(text.ptr[at]); at++)
			large |= __builtin_mul_overflow(number, (uint64_t)10, &number) ||
				 __builtin_add_overflow(number, (uint64_t)(text.ptr[at] - '0'), &number);
		for (end = at; end < text.len && !is_digit(text.ptr[end]); end++)
			;
		for (unit = next; unit < RX_COUNT(units); unit++)
			if (rx_str_eq(rx_str_sub(text, at, end - at), rx_str(units[unit].unit)))
				break;
		if (at == start || unit == RX_COUNT(units))
			return refuse(message, "invalid duration pattern");
		next = unit + 1;
		at = end;
		overflow |= large || __builtin_mul_overflow(number, -units[unit].ms, &part) || __builtin_add_overflow(total, part, &total);
	}
	if (overflow || (!negative && total == INT64_MIN))
		return refuse(message, "Duration overflows internal representation");
	out->kind = REXI_CEDAR_DURATION;
	out->integer = negative ? total : -total;
	return true;
}

bool rxc_ext_parse(enum rxc_function function, struct rexi_str text, struct rexi_cedar_ext *out, char message[RXC_EXT_MESSAGE])
{
	*out = (struct rexi_cedar_ext){ .written = text };
	if (function == RXC_FN_DECIMAL)
		return parse_decimal(text, out, message);
	if (function == RXC_FN_IP)
		return parse_ip(text, out, message);
	if (function == RXC_FN_DATETIME)
		return parse_datetime(text, out, message);
	RX_ASSERT(function == RXC_FN_DURATION);
	return parse_duration(text, out, message);
}
