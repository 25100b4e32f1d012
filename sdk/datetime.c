/* DateTime (UTC) and random texts. Source: sdk-system.md 5. */
#include <config.h>

#include "sdk/datetime.h"

#include <stdio.h>
#include <time.h>

#include "base/number.h"
#include "sdk/error.h"
#include "sdk/host_session.h"
#include "sdk/kinds.h"

#include "base/banned.h"

struct rxs_datetime {
	struct rx_memory *memory;
	int64_t year, month, day, hour, minute, second, nanosecond;
};

enum { YEAR_MIN = -9999, YEAR_MAX = 9999, RANDOM_MAX = 16 * 1024 * 1024 };

static const char *const month_names[12] = { "January", "February", "March", "April", "May", "June", "July", "August",
					     "September", "October", "November", "December" };
static const char *const day_names[7] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };


#define FAIL(session, kind, ...) rxs_fail_from((session), RXS_SOURCE_COMMON, RXS_COMMON_##kind, __VA_ARGS__)

/* ---- the calendar ----------------------------------------------------------------------------------------------------------- */

/* Days since 1970-01-01 of a proleptic Gregorian date: years counted from March, in eras of 400. */
static int64_t days_from_date(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month <= 2 ? year - 1 : year, era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void date_from_days(int64_t days, struct rxs_datetime *out)
{
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, of_era = z - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;

	out->day = of_year - (153 * month + 2) / 5 + 1;
	out->month = month < 10 ? month + 3 : month - 9;
	out->year = year + era * 400 + (out->month <= 2);
}

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t days_of_month(int64_t year, int64_t month)
{
	static const unsigned char days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

static int64_t seconds_of(const struct rxs_datetime *date)
{
	return days_from_date(date->year, date->month, date->day) * 86400 + date->hour * 3600 + date->minute * 60 + date->second;
}

static bool in_range(int64_t seconds)
{
	return seconds >= days_from_date(YEAR_MIN, 1, 1) * 86400 && seconds < days_from_date(YEAR_MAX + 1, 1, 1) * 86400;
}

static void from_seconds(int64_t seconds, int64_t nanosecond, struct rxs_datetime *out)
{
	int64_t days = seconds / 86400, rest = seconds % 86400;

	if (rest < 0) {
		rest += 86400;
		days--;
	}
	date_from_days(days, out);
	out->hour = rest / 3600;
	out->minute = rest / 60 % 60;
	out->second = rest % 60;
	out->nanosecond = nanosecond;
}

static enum rexi_status check_part(struct rxs_session *session, const char *name, int64_t value, int64_t low, int64_t high,
				   const char *suffix)
{
	if (value >= low && value <= high)
		return REXI_OK;
	return FAIL(session, InvalidArguments, "Invalid arguments: Invalid time component: %s must be in the range %lld..=%lld%s",
		    name, (long long)low, (long long)high, suffix);
}

static enum rexi_status check_date(struct rxs_session *session, const struct rxs_datetime *d)
{
	RX_TRY(check_part(session, "year", d->year, YEAR_MIN, YEAR_MAX, ""));
	RX_TRY(check_part(session, "month", d->month, 1, 12, ""));
	RX_TRY(check_part(session, "day", d->day, 1, days_of_month(d->year, d->month), " given the month and year"));
	RX_TRY(check_part(session, "hour", d->hour, 0, 23, ""));
	RX_TRY(check_part(session, "minute", d->minute, 0, 59, ""));
	RX_TRY(check_part(session, "second", d->second, 0, 59, ""));
	return check_part(session, "nanosecond", d->nanosecond, 0, 999999999, "");
}

/* ---- values ------------------------------------------------------------------------------------------------------------------ */

static enum rexi_status date_value(struct rxs_session *session, struct rxl_call *call, const struct rxs_datetime *date,
				   struct rxl_value *out)
{
	struct rxs_datetime *copy = rx_memory_take(session->memory, sizeof(*copy));

	if (!copy)
		return rxs_fail_memory(session);
	*copy = *date;
	copy->memory = session->memory;
	return rxs_object(call, RXS_TYPE_DateTime, copy, out);
}

static enum rexi_status seconds_value(struct rxs_session *session, struct rxl_call *call, int64_t seconds, int64_t nanosecond,
				      struct rxl_value *out)
{
	struct rxs_datetime date = { .memory = NULL };

	if (!in_range(seconds))
		return FAIL(session, InvalidArguments,
			    "Invalid arguments: Invalid time component: timestamp must be in the range %lld..=%lld",
			    (long long)(days_from_date(YEAR_MIN, 1, 1) * 86400),
			    (long long)(days_from_date(YEAR_MAX + 1, 1, 1) * 86400 - 1));
	from_seconds(seconds, nanosecond, &date);
	return date_value(session, call, &date, out);
}

void rxs_free_datetime(void *payload)
{
	struct rxs_datetime *date = payload;

	rx_memory_give(date->memory, date, sizeof(*date));
}

static void write_fraction(struct rx_buf *out, int64_t nanosecond)
{
	char digits[10];
	int len = 9;

	if (nanosecond == 0)
		return;
	for (int i = 8; i >= 0; i--, nanosecond /= 10)
		digits[i] = (char)('0' + nanosecond % 10);
	while (digits[len - 1] == '0')
		len--;
	rx_buf_byte(out, '.');
	rx_buf_bytes(out, digits, (size_t)len);
}

static void write_rfc3339(struct rx_buf *out, const struct rxs_datetime *d)
{
	rx_buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d", (int)d->year, (int)d->month, (int)d->day, (int)d->hour,
		      (int)d->minute, (int)d->second);
	write_fraction(out, d->nanosecond);
	rx_buf_byte(out, 'Z');
}

static void write_rfc2822(struct rx_buf *out, const struct rxs_datetime *d)
{
	int64_t weekday = (days_from_date(d->year, d->month, d->day) + 4) % 7;

	rx_buf_printf(out, "%s, %02d %.3s %04d %02d:%02d:%02d +0000", day_names[weekday < 0 ? weekday + 7 : weekday], (int)d->day,
		      month_names[d->month - 1], (int)d->year, (int)d->hour, (int)d->minute, (int)d->second);
}

void rxs_human_time(int64_t seconds, char *out)
{
	struct rxs_datetime d;
	int64_t weekday;

	from_seconds(seconds, 0, &d);
	weekday = (days_from_date(d.year, d.month, d.day) + 4) % 7;
	(void)snprintf(out, 64, "%s %.3s %02d %02d:%02d:%02d %04d", day_names[weekday < 0 ? weekday + 7 : weekday],
		       month_names[d.month - 1], (int)d.day, (int)d.hour, (int)d.minute, (int)d.second, (int)d.year);
}

void rxs_show_datetime(const void *payload, struct rx_buf *out, bool debug)
{
	(void)debug;
	write_rfc3339(out, payload);
}

/* DateTimeFormat: numbers where a pointer stands. */
void rxs_show_datetime_format(const void *payload, struct rx_buf *out, bool debug)
{
	(void)debug;
	rx_buf_str(out, rx_str((uintptr_t)payload == RXS_FORMAT_RFC2822 ? "RFC2822" : "RFC3339"));
}

static bool wants_2822(const struct rxl_call *call, const struct rxl_value *value)
{
	(void)call;
	return (uintptr_t)value->as.host->payload == RXS_FORMAT_RFC2822;
}

static const struct rxs_datetime *date_of(struct rxl_call *call, const struct rxl_value *value)
{
	return rxs_need(call, value, RXS_TYPE_DateTime);
}

/* ---- making ------------------------------------------------------------------------------------------------------------------ */

RXS_COMMAND(rxs_datetime_new)
{
	static const char *const names[] = { "month", "day", "hour", "minute", "second" };
	struct rxs_datetime date = { .year = self->as.i, .month = args[0].as.i, .day = args[1].as.i, .hour = args[2].as.i,
				     .minute = args[3].as.i, .second = args[4].as.i, .nanosecond = args[5].as.i };

	(void)argc;
	for (size_t i = 0; i < RX_COUNT(names); i++)
		if (args[i].as.i < 0)
			return rxs_fail_text(session,
					     "Parameter '%s' conversion failed: out of range integral type conversion attempted",
					     names[i]);
	RX_TRY(check_date(session, &date));
	return date_value(session, call, &date, out);
}

RXS_COMMAND(rxs_datetime_from_seconds)
{
	(void)args;
	(void)argc;
	return seconds_value(session, call, self->as.i, 0, out);
}

RXS_COMMAND(rxs_datetime_from_nanos)
{
	int64_t nanos = args[0].as.i;

	(void)argc;
	if (nanos < 0 || nanos > 999999999)
		return FAIL(session, InvalidArguments,
			    "Invalid arguments: Invalid nanos portion: %lld. Must be 0-999,999,999", (long long)nanos);
	return seconds_value(session, call, self->as.i, nanos, out);
}

static enum rexi_status now_value(struct rxs_session *session, struct rxl_call *call, bool nanos, struct rxl_value *out)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return seconds_value(session, call, now.tv_sec, nanos ? now.tv_nsec : 0, out);
}

RXS_COMMAND(rxs_datetime_now)
{
	(void)self;
	(void)args;
	(void)argc;
	return now_value(session, call, false, out);
}

RXS_COMMAND(rxs_datetime_now_nanos)
{
	(void)self;
	(void)args;
	(void)argc;
	return now_value(session, call, true, out);
}

/* ---- reading ------------------------------------------------------------------------------------------------------------------ */

struct reader {
	struct rexi_str text;
	size_t at;
};

/* Exactly `digits` digits. */
static bool take_number(struct reader *r, int digits, int64_t *out)
{
	*out = 0;
	for (int i = 0; i < digits; i++, r->at++) {
		if (r->at >= r->text.len || r->text.ptr[r->at] < '0' || r->text.ptr[r->at] > '9')
			return false;
		*out = *out * 10 + (r->text.ptr[r->at] - '0');
	}
	return true;
}

static bool take_char(struct reader *r, char c)
{
	if (r->at >= r->text.len || (r->text.ptr[r->at] | 32) != (c | 32))
		return false;
	r->at++;
	return true;
}

static void take_fraction(struct reader *r, int64_t *nanosecond)
{
	int64_t scale = 100000000;

	*nanosecond = 0;
	for (; r->at < r->text.len && r->text.ptr[r->at] >= '0' && r->text.ptr[r->at] <= '9'; r->at++, scale /= 10)
		*nanosecond += (r->text.ptr[r->at] - '0') * scale;
}

/* Minutes east of UTC of "+02:00", "-0130". */
static bool take_offset(struct reader *r, bool colon, int64_t *minutes)
{
	int64_t hours, rest;
	bool minus = take_char(r, '-');

	if (!minus && !(r->at < r->text.len && r->text.ptr[r->at] == '+' && r->at++ < r->text.len))
		return false;
	if (!take_number(r, 2, &hours) || (colon && !take_char(r, ':')) || !take_number(r, 2, &rest) || hours > 23 || rest > 59)
		return false;
	*minutes = (hours * 60 + rest) * (minus ? -1 : 1);
	return true;
}

static bool parse_rfc3339(struct reader *r, struct rxs_datetime *d, int64_t *offset)
{
	*offset = 0;
	if (!take_number(r, 4, &d->year) || !take_char(r, '-') || !take_number(r, 2, &d->month) || !take_char(r, '-') ||
	    !take_number(r, 2, &d->day) || r->at >= r->text.len)
		return false;
	r->at++; /* any single separator */
	if (!take_number(r, 2, &d->hour) || !take_char(r, ':') || !take_number(r, 2, &d->minute) || !take_char(r, ':') ||
	    !take_number(r, 2, &d->second))
		return false;
	d->nanosecond = 0;
	if (take_char(r, '.')) {
		size_t start = r->at;
		take_fraction(r, &d->nanosecond);
		if (r->at == start)
			return false;
	}
	if (!take_char(r, 'z') && !take_offset(r, true, offset))
		return false;
	return r->at == r->text.len;
}

static void skip_blank(struct reader *r)
{
	int depth = 0;

	for (; r->at < r->text.len; r->at++) {
		char c = r->text.ptr[r->at];
		if (c == '(')
			depth++;
		else if (c == ')' && depth > 0)
			depth--;
		else if (depth == 0 && c != ' ' && c != '\t' && c != '\r' && c != '\n')
			return;
	}
}

static int take_name(struct reader *r, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t start = r->at, k = 0;
		while (k < 3 && take_char(r, names[i][k]))
			k++;
		if (k == 3)
			return (int)i;
		r->at = start;
	}
	return -1;
}

static bool take_zone(struct reader *r, int64_t *offset)
{
	static const struct {
		char name[4];
		int hours;
	} zones[] = { { "GMT", 0 }, { "EST", -5 }, { "EDT", -4 }, { "CST", -6 }, { "CDT", -5 }, { "MST", -7 },
		      { "MDT", -6 }, { "PST", -8 }, { "PDT", -7 } };

	if (take_offset(r, false, offset))
		return true;
	for (size_t i = 0; i < RX_COUNT(zones); i++) {
		const char *name = zones[i].name;
		if (take_name(r, &name, 1) == 0) {
			*offset = zones[i].hours * 60;
			return true;
		}
	}
	*offset = 0;
	if (take_char(r, 'u'))
		return take_char(r, 't');
	return take_char(r, 'z');
}

/* "Tue, 21 Oct 2025 14:30:00 +0000": the weekday and the seconds may be missing, comments stand anywhere. */
static bool parse_rfc2822(struct reader *r, struct rxs_datetime *d, int64_t *offset)
{
	size_t start;
	int month;

	d->nanosecond = d->second = 0;
	skip_blank(r);
	if (take_name(r, day_names, 7) >= 0) {
		skip_blank(r);
		if (!take_char(r, ','))
			return false;
		skip_blank(r);
	}
	start = r->at;
	if (!take_number(r, 2, &d->day)) {
		r->at = start;
		if (!take_number(r, 1, &d->day))
			return false;
	}
	skip_blank(r);
	month = take_name(r, month_names, 12);
	if (month < 0)
		return false;
	d->month = month + 1;
	skip_blank(r);
	if (!take_number(r, 4, &d->year))
		return false;
	skip_blank(r);
	if (!take_number(r, 2, &d->hour) || !take_char(r, ':') || !take_number(r, 2, &d->minute))
		return false;
	if (take_char(r, ':') && !take_number(r, 2, &d->second))
		return false;
	skip_blank(r);
	if (!take_zone(r, offset))
		return false;
	skip_blank(r);
	return r->at == r->text.len;
}

static bool is_date(const struct rxs_datetime *d)
{
	return d->month >= 1 && d->month <= 12 && d->day >= 1 && d->day <= days_of_month(d->year, d->month) && d->hour <= 23 &&
	       d->minute <= 59 && d->second <= 60;
}

RXS_COMMAND(rxs_datetime_parse)
{
	struct reader r = { rxl_string_view(self), 0 };
	struct rxs_datetime date = { .memory = NULL };
	bool mail = wants_2822(call, &args[0]);
	int64_t offset;

	(void)argc;
	if (!(mail ? parse_rfc2822(&r, &date, &offset) : parse_rfc3339(&r, &date, &offset)))
		return FAIL(session, ParseError, "Parse Error: Failed to parse %s datetime from '%.*s': unexpected character at %zu",
			    mail ? "RFC2822" : "RFC3339", RX_STR_ARG(r.text), r.at);
	if (!is_date(&date))
		return FAIL(session, ParseError, "Parse Error: Failed to parse %s datetime from '%.*s': a component is out of range",
			    mail ? "RFC2822" : "RFC3339", RX_STR_ARG(r.text));
	if (date.second == 60)
		date.second = 59; /* a leap second has no number of its own */
	return seconds_value(session, call, seconds_of(&date) - offset * 60, date.nanosecond, out);
}

/* ---- asking ------------------------------------------------------------------------------------------------------------------- */

RXS_COMMAND(rxs_datetime_epoch_seconds)
{
	(void)session;
	(void)args;
	(void)argc;
	*out = rxl_int(seconds_of(date_of(call, self)));
	return REXI_OK;
}

RXS_COMMAND(rxs_datetime_get)
{
	const struct rxs_datetime *d = date_of(call, self);
	const char *name = rxs_call_native(call)->name;
	const struct {
		const char *name;
		int64_t value;
	} fields[] = { { "year", d->year }, { "month", d->month }, { "day", d->day }, { "hour", d->hour }, { "minute", d->minute },
		       { "second", d->second }, { "nanosecond", d->nanosecond }, { "nanos", d->nanosecond } };

	(void)session;
	(void)args;
	(void)argc;
	if (strncmp(name, "get$", 4) == 0)
		name += 4;
	for (size_t i = 0; i < RX_COUNT(fields); i++)
		if (strcmp(fields[i].name, name) == 0)
			*out = rxl_int(fields[i].value);
	return REXI_OK;
}

RXS_COMMAND(rxs_datetime_to_string)
{
	const struct rxs_datetime *d = date_of(call, self);
	bool mail = wants_2822(call, &args[0]);
	struct rx_buf text;

	(void)argc;
	if (d->year < (mail ? 1900 : 0))
		return FAIL(session, FormatError, "Format Error: Failed to format datetime as %s: the year is out of range",
			    mail ? "RFC2822" : "RFC3339");
	rx_buf_init(&text, &call->heap->memory, 0);
	if (mail)
		write_rfc2822(&text, d);
	else
		write_rfc3339(&text, d);
	return rxl_string_from_buf(call->heap, &text, out);
}

RXS_COMMAND(rxs_datetime_month_str)
{
	const struct rxs_datetime *d = date_of(call, self);
	bool brief = strcmp(rxs_call_native(call)->name, "month_str_short") == 0;
	const char *name = month_names[d->month - 1];

	(void)session;
	(void)args;
	(void)argc;
	return rxl_string_new(call->heap, rx_str_make(name, brief ? 3 : strlen(name)), out);
}

/* ---- computing ----------------------------------------------------------------------------------------------------------------- */

static enum rexi_status shifted(struct rxs_session *session, struct rxl_call *call, const struct rxl_value *self, int64_t by,
				bool minus, struct rxl_value *out)
{
	const struct rxs_datetime *d = date_of(call, self);
	int64_t seconds = seconds_of(d);

	if (minus ? __builtin_sub_overflow(seconds, by, &seconds) : __builtin_add_overflow(seconds, by, &seconds))
		seconds = INT64_MAX; /* out of range below */
	return seconds_value(session, call, seconds, d->nanosecond, out);
}

RXS_COMMAND(rxs_datetime_add)
{
	(void)argc;
	return shifted(session, call, self, args[0].as.i, false, out);
}

RXS_COMMAND(rxs_datetime_subtract)
{
	(void)argc;
	return shifted(session, call, self, args[0].as.i, true, out);
}

RXS_COMMAND(rxs_datetime_difference)
{
	(void)session;
	(void)argc;
	*out = rxl_int(seconds_of(date_of(call, self)) - seconds_of(date_of(call, &args[0])));
	return REXI_OK;
}

RXS_COMMAND(rxs_datetime_compare)
{
	const struct rxs_datetime *a = date_of(call, self), *b = date_of(call, &args[0]);
	int64_t x = seconds_of(a), y = seconds_of(b);
	int order = x != y ? (x > y) - (x < y) : (a->nanosecond > b->nanosecond) - (a->nanosecond < b->nanosecond);
	const char *name = rxs_call_native(call)->name;
	bool equal = name[1] == '=';

	(void)session;
	(void)argc;
	switch (name[0]) {
	case '=':
		*out = rxl_bool(order == 0);
		break;
	case '!':
		*out = rxl_bool(order != 0);
		break;
	case '<':
		*out = rxl_bool(order < 0 || (equal && order == 0));
		break;
	default:
		*out = rxl_bool(order > 0 || (equal && order == 0));
		break;
	}
	return REXI_OK;
}

/* ---- random texts --------------------------------------------------------------------------------------------------------------- */

RXS_COMMAND(rxs_random_alphanumeric)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	int64_t wanted = self->as.i;
	unsigned char bytes[256];
	struct rx_buf text;

	(void)args;
	(void)argc;
	if (wanted < 0)
		return FAIL(session, InvalidArguments, "Invalid arguments: the length cannot be negative: %lld", (long long)wanted);
	if (wanted > RANDOM_MAX)
		return FAIL(session, InvalidArguments, "Invalid arguments: the length cannot be above %d: %lld", RANDOM_MAX,
			    (long long)wanted);
	rx_buf_init(&text, &call->heap->memory, 0);
	while (text.len < (size_t)wanted && !text.failed) {
		rxs_host_random(session, bytes, sizeof(bytes));
		/* 248 is four times 62: higher bytes would favour some letters */
		for (size_t i = 0; i < sizeof(bytes) && text.len < (size_t)wanted; i++)
			if (bytes[i] < 248)
				rx_buf_byte(&text, letters[bytes[i] % 62]);
	}
	return rxl_string_from_buf(call->heap, &text, out);
}
