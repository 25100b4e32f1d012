#include <config.h>

#include "runner/limits.h"

#include <inttypes.h>

#include "base/number.h"

const struct rxr_limit_row rxr_limit_rows[RXR_LIMIT_COUNT] = {
#define REXI_LIMIT_ROW(id, name, unit, value, most, type, message, meaning) \
	{ name, RXR_UNIT_##unit, UINT64_C(value), UINT64_C(most), type, message, meaning },
#include "runner/limits.def"
#undef REXI_LIMIT_ROW
};

static const struct suffix {
	const char *text;
	enum rxr_limit_unit unit;
	uint64_t factor;
} suffixes[] = {
	{ "k", RXR_UNIT_COUNT, 1000 },           { "m", RXR_UNIT_COUNT, 1000000 },
	{ "g", RXR_UNIT_COUNT, 1000000000 },     { "k", RXR_UNIT_BYTES, UINT64_C(1) << 10 },
	{ "m", RXR_UNIT_BYTES, UINT64_C(1) << 20 }, { "g", RXR_UNIT_BYTES, UINT64_C(1) << 30 },
	{ "kib", RXR_UNIT_BYTES, UINT64_C(1) << 10 }, { "mib", RXR_UNIT_BYTES, UINT64_C(1) << 20 },
	{ "gib", RXR_UNIT_BYTES, UINT64_C(1) << 30 }, { "ms", RXR_UNIT_TIME, 1 },
	{ "s", RXR_UNIT_TIME, 1000 },            { "m", RXR_UNIT_TIME, 60000 },
	{ "h", RXR_UNIT_TIME, 3600000 },
};

void rxr_limits_init(struct rxr_limits *limits)
{
	for (int i = 0; i < RXR_LIMIT_COUNT; i++)
		limits->value[i] = rxr_limit_rows[i].value;
}

static bool same_ignoring_case(struct rexi_str a, const char *b)
{
	size_t i;

	for (i = 0; i < a.len && b[i]; i++) {
		if ((a.ptr[i] | (a.ptr[i] >= 'A' && a.ptr[i] <= 'Z' ? 0x20 : 0)) != b[i])
			return false;
	}
	return i == a.len && !b[i];
}

/* Digits, then a suffix of the unit; a number alone counts seconds for times. `none` and `0` are no limit. */
static bool parse_value(struct rexi_str text, enum rxr_limit_unit unit, uint64_t *out)
{
	size_t digits = 0;
	uint64_t factor = unit == RXR_UNIT_TIME ? 1000 : 1;
	struct rexi_str suffix;

	if (same_ignoring_case(text, "none")) {
		*out = 0;
		return true;
	}
	while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
		digits++;
	if (rx_number_parse_u64(rx_str_sub(text, 0, digits), 10, out) != RX_NUMBER_OK)
		return false;
	suffix = rx_str_sub(text, digits, text.len);
	if (suffix.len) {
		size_t i = 0;

		while (i < RX_COUNT(suffixes) && (suffixes[i].unit != unit || !same_ignoring_case(suffix, suffixes[i].text)))
			i++;
		if (i == RX_COUNT(suffixes))
			return false;
		factor = suffixes[i].factor;
	}
	return !__builtin_mul_overflow(*out, factor, out);
}

bool rxr_limits_set(struct rxr_limits *limits, const char *setting, struct rx_buf *complaint)
{
	struct rexi_str text = rx_str(setting), name, names[RXR_LIMIT_COUNT], near;
	size_t equals = rx_str_find(text, RX_STR("="), 0);

	if (equals == SIZE_MAX) {
		rx_buf_printf(complaint, "a limit is NAME=VALUE, found '%.*s'", RX_STR_ARG(text));
		return false;
	}
	name = rx_str_sub(text, 0, equals);
	for (int i = 0; i < RXR_LIMIT_COUNT; i++) {
		const struct rxr_limit_row *row = &rxr_limit_rows[i];
		uint64_t value;

		names[i] = rx_str(row->name);
		if (!rx_str_eq(name, names[i]))
			continue;
		if (!parse_value(rx_str_sub(text, equals + 1, text.len), row->unit, &value)) {
			rx_buf_printf(complaint, "limit '%s' takes %s, found '%s'", row->name,
				      row->unit == RXR_UNIT_TIME    ? "a time such as 500ms, 30s, 5m"
				      : row->unit == RXR_UNIT_BYTES ? "a number of bytes such as 4096, 64k, 512m, 1g"
								    : "a number such as 1000, 10k, 5m",
				      setting + equals + 1);
			return false;
		}
		if (row->most && (value > row->most || value == 0)) {
			rx_buf_printf(complaint, "limit '%s' can be at most ", row->name);
			rxr_limit_print(complaint, (enum rxr_limit)i, row->most);
			return false;
		}
		limits->value[i] = value;
		return true;
	}
	near = rx_str_nearest(name, names, RXR_LIMIT_COUNT);
	rx_buf_printf(complaint, "no limit is called '%.*s'", RX_STR_ARG(name));
	if (near.ptr)
		rx_buf_printf(complaint, "; did you mean '%.*s'?", RX_STR_ARG(near));
	else
		RX_BUF_LIT(complaint, "; 'rexi limits' lists them");
	return false;
}

static void print_grouped(struct rx_buf *buf, uint64_t value)
{
	if (value >= 1000) {
		print_grouped(buf, value / 1000);
		rx_buf_printf(buf, ",%03u", (unsigned)(value % 1000));
	} else {
		rx_buf_u64(buf, value);
	}
}

void rxr_limit_print(struct rx_buf *buf, enum rxr_limit limit, uint64_t value)
{
	static const char *const powers[] = { "bytes", "KiB", "MiB", "GiB" };
	unsigned power = 0;

	if (!value) {
		RX_BUF_LIT(buf, "none");
		return;
	}
	switch (rxr_limit_rows[limit].unit) {
	case RXR_UNIT_COUNT:
		print_grouped(buf, value);
		return;
	case RXR_UNIT_BYTES:
		while (power < 3 && value % 1024 == 0) {
			value /= 1024;
			power++;
		}
		print_grouped(buf, value);
		rx_buf_printf(buf, " %s", powers[power]);
		return;
	case RXR_UNIT_TIME:
		if (value % 1000)
			rx_buf_printf(buf, "%" PRIu64 " ms", value);
		else
			rx_buf_printf(buf, "%" PRIu64 " s", value / 1000);
		return;
	}
	rx_unreachable();
}

void rxr_limits_list(struct rx_buf *buf, bool json)
{
	static const char *const units[] = { "count", "bytes", "milliseconds" };

	if (json)
		RX_BUF_LIT(buf, "[");
	for (int i = 0; i < RXR_LIMIT_COUNT; i++) {
		const struct rxr_limit_row *row = &rxr_limit_rows[i];
		size_t start = buf->len;

		if (json) {
			rx_buf_printf(buf, "%s{\"name\":\"%s\",\"unit\":\"%s\",\"default\":%" PRIu64 ",\"error_type\":\"%s\",\"meaning\":",
				      i ? "," : "", row->name, units[row->unit], row->value, row->error_type);
			rx_buf_json_string(buf, rx_str(row->meaning));
			rx_buf_byte(buf, '}');
			continue;
		}
		rx_buf_printf(buf, "%-12s", row->name);
		rxr_limit_print(buf, (enum rxr_limit)i, row->value);
		while (!buf->failed && buf->len - start < 28)
			rx_buf_byte(buf, ' ');
		rx_buf_printf(buf, "%s\n", row->meaning);
	}
	if (json)
		RX_BUF_LIT(buf, "]\n");
}
