#include <config.h>

#include "sdk/dns.h"

#include "base/banned.h"

enum { HEAD = 12, LABEL_MAX = 63, CLASS_IN = 1, TYPE_CNAME = 5, JUMPS_MAX = 64, CHAIN_MAX = 16 };

static void put_u16(struct rx_buf *out, unsigned number)
{
	rx_buf_byte(out, (char)(number >> 8));
	rx_buf_byte(out, (char)(number & 255));
}

static unsigned byte_at(struct rexi_str text, size_t at)
{
	return at < text.len ? (unsigned char)text.ptr[at] : 0;
}

static unsigned u16_at(struct rexi_str text, size_t at)
{
	return byte_at(text, at) << 8 | byte_at(text, at + 1);
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool rxs_dns_question(struct rx_buf *out, uint16_t id, struct rexi_str name, enum rxs_dns_type type)
{
	if (name.len && name.ptr[name.len - 1] == '.')
		name.len--;
	if (name.len == 0 || name.len > RXS_DNS_NAME_MAX)
		return false;
	put_u16(out, id);
	put_u16(out, 0x0100); /* recursion is desired */
	put_u16(out, 1);
	put_u16(out, 0);
	put_u16(out, 0);
	put_u16(out, 0);
	for (size_t at = 0; at <= name.len;) {
		size_t dot = rx_str_find(name, RX_STR("."), at), end = dot == SIZE_MAX ? name.len : dot;

		if (end == at || end - at > LABEL_MAX)
			return false;
		rx_buf_byte(out, (char)(end - at));
		for (; at < end; at++) {
			unsigned char c = (unsigned char)name.ptr[at];

			if (c <= ' ' || c >= 127)
				return false;
			rx_buf_byte(out, (char)c);
		}
		at = end + 1;
	}
	rx_buf_byte(out, 0);
	put_u16(out, type);
	put_u16(out, CLASS_IN);
	return !out->failed;
}

/* The name at *at as text in lower case; *at moves behind it. False when it is malformed or longer than a name may be. */
static bool name_read(struct rexi_str message, size_t *at, char out[RXS_DNS_NAME_MAX + 2], size_t *out_len)
{
	size_t pos = *at, len = 0;
	bool jumped = false;

	for (unsigned jumps = 0; jumps < JUMPS_MAX;) {
		unsigned label = byte_at(message, pos);

		if (pos >= message.len)
			return false;
		if ((label & 0xC0) == 0xC0) {
			if (!jumped)
				*at = pos + 2;
			jumped = true;
			jumps++;
			pos = u16_at(message, pos) & 0x3FFF;
			continue;
		}
		if (label > LABEL_MAX || label >= message.len - pos)
			return false;
		pos++;
		if (label == 0) {
			if (!jumped)
				*at = pos;
			*out_len = len;
			return true;
		}
		if (len + label + 1 > RXS_DNS_NAME_MAX + 1)
			return false;
		for (unsigned i = 0; i < label; i++)
			out[len++] = lower(message.ptr[pos++]);
		out[len++] = '.';
	}
	return false;
}

/* The answer repeats the question, in whatever case. */
static bool same_question(struct rexi_str question, struct rexi_str answer)
{
	if (answer.len < question.len || u16_at(answer, 0) != u16_at(question, 0) || !(byte_at(answer, 2) & 0x80) ||
	    u16_at(answer, 4) != 1)
		return false;
	for (size_t i = HEAD; i < question.len; i++)
		if (lower(answer.ptr[i]) != lower(question.ptr[i]))
			return false;
	return true;
}

struct record {
	char owner[RXS_DNS_NAME_MAX + 2];
	size_t owner_len, data_at, data_len;
	unsigned type;
};

static bool record_read(struct rexi_str answer, size_t *at, struct record *out)
{
	unsigned class;

	if (!name_read(answer, at, out->owner, &out->owner_len) || answer.len - *at < 10)
		return false;
	out->type = u16_at(answer, *at);
	class = u16_at(answer, *at + 2);
	out->data_len = u16_at(answer, *at + 8);
	out->data_at = *at + 10;
	if (out->data_len > answer.len - out->data_at)
		return false;
	*at = out->data_at + out->data_len;
	if (class != CLASS_IN)
		out->type = 0;
	return true;
}

/* One pass over the answers: addresses of `wanted` are told, or its CNAME becomes what is wanted (*moved). */
static bool pass(struct rexi_str answer, size_t at, unsigned count, enum rxs_dns_type type, char *wanted, size_t *wanted_len,
		 bool *moved, bool (*each)(void *user, const struct rxs_address *address), void *user)
{
	struct record record;
	size_t bytes = type == RXS_DNS_A ? 4 : 16;

	for (unsigned i = 0; i < count; i++) {
		if (!record_read(answer, &at, &record))
			return false;
		if (record.owner_len != *wanted_len || memcmp(record.owner, wanted, *wanted_len) != 0)
			continue;
		if (record.type == TYPE_CNAME) {
			size_t data_at = record.data_at;

			*moved = true;
			return name_read(answer, &data_at, wanted, wanted_len);
		}
		if (record.type == (unsigned)type && record.data_len == bytes) {
			struct rxs_address address = { .v6 = type == RXS_DNS_AAAA };

			memcpy(address.bytes, answer.ptr + record.data_at, bytes);
			if (!each(user, &address))
				return true;
		}
	}
	return true;
}

enum rxs_dns_result rxs_dns_answer(struct rexi_str question, struct rexi_str answer, enum rxs_dns_type type,
				   bool (*each)(void *user, const struct rxs_address *address), void *user)
{
	char wanted[RXS_DNS_NAME_MAX + 2];
	size_t wanted_len, at = HEAD;
	unsigned code;

	if (!same_question(question, answer))
		return RXS_DNS_FOREIGN;
	if (byte_at(answer, 2) & 0x02)
		return RXS_DNS_TRUNCATED;
	code = byte_at(answer, 3) & 15;
	if (code)
		return code == 3 ? RXS_DNS_NO_NAME : RXS_DNS_REFUSED;
	if (!name_read(answer, &at, wanted, &wanted_len))
		return RXS_DNS_FOREIGN;
	at = question.len;
	for (unsigned chain = 0; chain < CHAIN_MAX; chain++) {
		bool moved = false;

		if (!pass(answer, at, u16_at(answer, 6), type, wanted, &wanted_len, &moved, each, user))
			return RXS_DNS_REFUSED;
		if (!moved)
			break;
	}
	return RXS_DNS_OK;
}
