#include <config.h>

#include "runner/json.h"

#include <math.h>

#include "base/number.h"

static void line(struct rxr_json *json)
{
	if (json->pretty) {
		rx_buf_byte(json->buf, '\n');
		rx_buf_repeat(json->buf, ' ', (size_t)json->depth * 2);
	}
}

/* What stands before an element: comma, line, key. */
static void lead_str(struct rxr_json *json, struct rexi_str key)
{
	if (json->begun)
		rx_buf_byte(json->buf, ',');
	if (json->depth)
		line(json);
	json->begun = true;
	if (key.ptr) {
		rx_buf_json_string(json->buf, key);
		rx_buf_byte(json->buf, ':');
		if (json->pretty)
			rx_buf_byte(json->buf, ' ');
	}
}

static void lead(struct rxr_json *json, const char *key)
{
	lead_str(json, rx_str(key));
}

void rxr_json_open(struct rxr_json *json, const char *key, char bracket)
{
	lead(json, key);
	rx_buf_byte(json->buf, bracket);
	json->depth++;
	json->begun = false;
}

void rxr_json_close(struct rxr_json *json, char bracket)
{
	json->depth--;
	if (json->begun)
		line(json);
	rx_buf_byte(json->buf, bracket);
	json->begun = true;
}

void rxr_json_string(struct rxr_json *json, const char *key, struct rexi_str text)
{
	lead(json, key);
	rx_buf_json_string(json->buf, text);
}

void rxr_json_pair(struct rxr_json *json, struct rexi_str key, struct rexi_str text)
{
	lead_str(json, key);
	rx_buf_json_string(json->buf, text);
}

void rxr_json_text(struct rxr_json *json, const char *key, const char *text)
{
	rxr_json_string(json, key, rx_str(text));
}

void rxr_json_integer(struct rxr_json *json, const char *key, int64_t number)
{
	lead(json, key);
	rx_buf_i64(json->buf, number);
}

void rxr_json_boolean(struct rxr_json *json, const char *key, bool truth)
{
	lead(json, key);
	truth ? RX_BUF_LIT(json->buf, "true") : RX_BUF_LIT(json->buf, "false");
}

static void print_float(struct rx_buf *buf, double number)
{
	char digits[17];
	int exponent, count;

	if (signbit(number))
		rx_buf_byte(buf, '-');
	if (number == 0) {
		RX_BUF_LIT(buf, "0.0");
		return;
	}
	count = rx_number_shortest(number, digits, &exponent);
	if (exponent > 16 || exponent <= -5) {
		rx_buf_byte(buf, digits[0]);
		if (count > 1) {
			rx_buf_byte(buf, '.');
			rx_buf_bytes(buf, digits + 1, (size_t)count - 1);
		}
		rx_buf_printf(buf, "e%d", exponent - 1);
	} else if (exponent <= 0) {
		RX_BUF_LIT(buf, "0.");
		rx_buf_repeat(buf, '0', (size_t)-exponent);
		rx_buf_bytes(buf, digits, (size_t)count);
	} else if (exponent >= count) {
		rx_buf_bytes(buf, digits, (size_t)count);
		rx_buf_repeat(buf, '0', (size_t)(exponent - count));
		RX_BUF_LIT(buf, ".0");
	} else {
		rx_buf_bytes(buf, digits, (size_t)exponent);
		rx_buf_byte(buf, '.');
		rx_buf_bytes(buf, digits + exponent, (size_t)(count - exponent));
	}
}

void rxr_json_float(struct rxr_json *json, const char *key, double number)
{
	lead(json, key);
	if (isfinite(number))
		print_float(json->buf, number);
	else
		RX_BUF_LIT(json->buf, "null");
}
