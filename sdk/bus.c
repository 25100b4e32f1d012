#include <config.h>

#include "sdk/bus.h"

#include "base/utf8.h"

#include "base/banned.h"

enum { DEPTH_MAX = 32, FIELD_PATH = 1, FIELD_INTERFACE, FIELD_MEMBER, FIELD_ERROR, FIELD_REPLY, FIELD_DESTINATION, FIELD_SENDER, FIELD_SIGNATURE };

/* ---- writing, in little-endian order ---------------------------------------------------------------------------------------------- */

static void put_u32(struct rx_buf *out, uint32_t number)
{
	for (int i = 0; i < 4; i++)
		rx_buf_byte(out, (char)(number >> 8 * i & 255));
}

/* Alignment counts from the start of the message. */
static void put_align(struct rx_buf *out, size_t start, size_t to)
{
	while ((out->len - start) % to != 0 && !out->failed)
		rx_buf_byte(out, 0);
}

static void put_text(struct rx_buf *out, size_t start, struct rexi_str text)
{
	put_align(out, start, 4);
	put_u32(out, (uint32_t)text.len);
	rx_buf_str(out, text);
	rx_buf_byte(out, 0);
}

static void put_field(struct rx_buf *out, size_t start, char code, char type, struct rexi_str text)
{
	put_align(out, start, 8);
	rx_buf_byte(out, code);
	rx_buf_byte(out, 1);
	rx_buf_byte(out, type);
	rx_buf_byte(out, 0);
	if (type == 'g') {
		rx_buf_byte(out, (char)text.len);
		rx_buf_str(out, text);
		rx_buf_byte(out, 0);
	} else {
		put_text(out, start, text);
	}
}

static void set_u32(struct rx_buf *out, size_t at, size_t number)
{
	for (size_t i = 0; i < 4 && !out->failed; i++)
		out->ptr[at + i] = (char)(number >> 8 * i & 255);
}

void rxs_bus_call(struct rx_buf *out, uint32_t serial, const struct rxs_bus_target *target, const struct rexi_str *texts,
		  size_t count)
{
	static const char signature[] = "ssssssss";
	static const char head[] = { 'l', RXS_BUS_CALL, 0, 1 };
	size_t start = out->len, fields, body;

	RX_ASSERT(count < sizeof(signature));
	rx_buf_bytes(out, head, sizeof(head));
	put_u32(out, 0); /* length of the body, below */
	put_u32(out, serial);
	put_u32(out, 0); /* length of the fields, below */
	fields = out->len;
	put_field(out, start, FIELD_PATH, 'o', rx_str(target->path));
	put_field(out, start, FIELD_INTERFACE, 's', rx_str(target->interface));
	put_field(out, start, FIELD_MEMBER, 's', rx_str(target->member));
	put_field(out, start, FIELD_DESTINATION, 's', rx_str(target->destination));
	if (count)
		put_field(out, start, FIELD_SIGNATURE, 'g', rx_str_make(signature, count));
	set_u32(out, start + 12, out->len - fields);
	put_align(out, start, 8);
	body = out->len;
	for (size_t i = 0; i < count; i++)
		put_text(out, body, texts[i]);
	set_u32(out, start + 4, out->len - body);
}

/* ---- reading ------------------------------------------------------------------------------------------------------------------------- */

struct reader {
	struct rexi_str bytes;
	size_t at, origin; /* origin: what alignment counts from, before `bytes` */
	bool big;
};

static uint32_t word_at(struct rexi_str bytes, size_t at, bool big)
{
	uint32_t word = 0;

	for (size_t i = 0; i < 4; i++)
		word |= (uint32_t)(unsigned char)bytes.ptr[at + i] << 8 * (big ? 3 - i : i);
	return word;
}

static bool align(struct reader *r, size_t to)
{
	while ((r->origin + r->at) % to != 0)
		r->at++;
	return r->at <= r->bytes.len;
}

static bool take(struct reader *r, size_t len, struct rexi_str *out)
{
	if (r->at > r->bytes.len || len > r->bytes.len - r->at)
		return false;
	*out = rx_str_sub(r->bytes, r->at, len);
	r->at += len;
	return true;
}

static bool read_u32(struct reader *r, uint32_t *out)
{
	struct rexi_str word;

	if (!align(r, 4) || !take(r, 4, &word))
		return false;
	*out = word_at(word, 0, r->big);
	return true;
}

/* A text with its NUL, which must be its only one. */
static bool read_text(struct reader *r, bool short_length, struct rexi_str *out)
{
	struct rexi_str byte;
	uint32_t len;

	if (short_length) {
		if (!take(r, 1, &byte))
			return false;
		len = (unsigned char)byte.ptr[0];
	} else if (!read_u32(r, &len)) {
		return false;
	}
	return take(r, len, out) && take(r, 1, &byte) && byte.ptr[0] == 0 && !memchr(out->ptr, 0, out->len) &&
	       rx_utf8_valid(*out) == out->len;
}

static size_t alignment_of(char type)
{
	switch (type) {
	case 'y':
	case 'g':
	case 'v':
		return 1;
	case 'n':
	case 'q':
		return 2;
	case 'x':
	case 't':
	case 'd':
	case '(':
	case '{':
		return 8;
	default:
		return 4;
	}
}

static size_t size_of(char type)
{
	switch (type) {
	case 'y':
		return 1;
	case 'n':
	case 'q':
		return 2;
	case 'b':
	case 'i':
	case 'u':
	case 'h':
		return 4;
	case 'x':
	case 't':
	case 'd':
		return 8;
	default:
		return 0;
	}
}

/* The first complete type of a signature; its length, 0 when there is none. */
static size_t type_length(struct rexi_str signature, unsigned depth)
{
	size_t at = 1, len;
	char close;

	if (signature.len == 0 || depth > DEPTH_MAX)
		return 0;
	if (signature.ptr[0] == 'a') {
		len = type_length(rx_str_sub(signature, 1, SIZE_MAX), depth + 1);
		return len ? len + 1 : 0;
	}
	if (signature.ptr[0] != '(' && signature.ptr[0] != '{')
		return size_of(signature.ptr[0]) || memchr("sogv", signature.ptr[0], 4) ? 1 : 0;
	close = signature.ptr[0] == '(' ? ')' : '}';
	while (at < signature.len && signature.ptr[at] != close) {
		len = type_length(rx_str_sub(signature, at, SIZE_MAX), depth + 1);
		if (!len)
			return 0;
		at += len;
	}
	return at < signature.len && at > 1 ? at + 1 : 0;
}

static bool read_value(struct reader *r, struct rexi_str type, unsigned depth, struct rxs_bus_value *out);

static bool read_array(struct reader *r, struct rexi_str element, struct rxs_bus_value *out)
{
	struct rexi_str bytes;
	uint32_t len;

	/* what is in it is only read when somebody asks: its length says where it ends */
	if (!read_u32(r, &len) || !align(r, alignment_of(element.ptr[0])))
		return false;
	out->array_at = r->origin + r->at;
	if (!take(r, len, &bytes))
		return false;
	out->type = element.ptr[0] == 's' || element.ptr[0] == 'o' ? 'a' : '?';
	out->array = bytes;
	out->big = r->big;
	return true;
}

static bool read_struct(struct reader *r, struct rexi_str inner, unsigned depth)
{
	struct rxs_bus_value ignored;

	if (!align(r, 8))
		return false;
	while (inner.len) {
		size_t len = type_length(inner, depth);

		if (!len || !read_value(r, rx_str_sub(inner, 0, len), depth + 1, &ignored))
			return false;
		inner = rx_str_sub(inner, len, SIZE_MAX);
	}
	return true;
}

static bool read_value(struct reader *r, struct rexi_str type, unsigned depth, struct rxs_bus_value *out)
{
	struct rexi_str bytes;
	size_t size = size_of(type.ptr[0]);

	*out = (struct rxs_bus_value){ .type = '?' };
	if (depth > DEPTH_MAX)
		return false;
	if (size) {
		if (!align(r, size) || !take(r, size, &bytes))
			return false;
		for (size_t i = 0; i < size; i++)
			out->number |= (uint64_t)(unsigned char)bytes.ptr[i] << 8 * (r->big ? size - 1 - i : i);
		out->type = type.ptr[0] == 'd' ? '?' : type.ptr[0] == 'b' ? 'b' : 'u';
		return true;
	}
	switch (type.ptr[0]) {
	case 's':
	case 'o':
	case 'g':
		out->type = 's';
		return read_text(r, type.ptr[0] == 'g', &out->text);
	case 'v':
		return read_text(r, true, &bytes) && type_length(bytes, depth) == bytes.len && bytes.len &&
		       read_value(r, bytes, depth + 1, out);
	case 'a':
		return read_array(r, rx_str_sub(type, 1, SIZE_MAX), out);
	case '(':
	case '{':
		return read_struct(r, rx_str_sub(type, 1, type.len - 2), depth);
	default:
		return false;
	}
}

size_t rxs_bus_length(struct rexi_str head)
{
	size_t fields, body;
	bool big;

	if (head.len < RXS_BUS_HEAD || (head.ptr[0] != 'l' && head.ptr[0] != 'B') || head.ptr[3] != 1)
		return 0;
	big = head.ptr[0] == 'B';
	body = word_at(head, 4, big);
	fields = word_at(head, 12, big);
	if (body > RXS_BUS_MESSAGE_MAX || fields > RXS_BUS_MESSAGE_MAX)
		return 0;
	return RXS_BUS_HEAD + (fields + 7) / 8 * 8 + body;
}

bool rxs_bus_parse(struct rexi_str bytes, struct rxs_bus_message *out)
{
	struct reader r = { .bytes = bytes, .at = RXS_BUS_HEAD };
	size_t end;

	if (rxs_bus_length(rx_str_sub(bytes, 0, RXS_BUS_HEAD)) != bytes.len || bytes.len == 0)
		return false;
	r.big = bytes.ptr[0] == 'B';
	*out = (struct rxs_bus_message){ .type = (enum rxs_bus_type)(unsigned char)bytes.ptr[1], .big = r.big };
	end = RXS_BUS_HEAD + word_at(bytes, 12, r.big);
	out->body = rx_str_sub(bytes, (end + 7) / 8 * 8, SIZE_MAX);
	r.bytes.len = end;
	while (r.at < end) {
		struct rxs_bus_value value;
		struct rexi_str code;

		if (!align(&r, 8) || !take(&r, 1, &code) || !read_value(&r, RX_STR("v"), 0, &value))
			return false;
		if (code.ptr[0] == FIELD_ERROR && value.type == 's')
			out->error = value.text;
		else if (code.ptr[0] == FIELD_SIGNATURE && value.type == 's')
			out->signature = value.text;
		else if (code.ptr[0] == FIELD_REPLY && value.type == 'u')
			out->reply_to = (uint32_t)value.number;
	}
	return true;
}

bool rxs_bus_first(const struct rxs_bus_message *message, struct rxs_bus_value *out)
{
	struct reader r = { .bytes = message->body, .big = message->big };
	size_t len = type_length(message->signature, 0);

	return len && read_value(&r, rx_str_sub(message->signature, 0, len), 0, out);
}

bool rxs_bus_properties(const struct rxs_bus_message *message,
			bool (*each)(void *user, struct rexi_str name, const struct rxs_bus_value *value), void *user)
{
	struct reader r = { .bytes = message->body, .big = message->big };
	uint32_t len;

	if (!rx_str_eq(message->signature, RX_STR("a{sv}")) || !read_u32(&r, &len) || !align(&r, 8) || len > r.bytes.len - r.at)
		return false;
	r.bytes.len = r.at + len;
	while (r.at < r.bytes.len) {
		struct rxs_bus_value value;
		struct rexi_str name;

		if (!align(&r, 8) || !read_text(&r, false, &name) || !read_value(&r, RX_STR("v"), 0, &value) || !each(user, name, &value))
			return false;
	}
	return true;
}

bool rxs_bus_next_text(const struct rxs_bus_value *value, size_t *at, struct rexi_str *text)
{
	struct reader r = { .bytes = value->array, .at = *at, .origin = value->array_at, .big = value->big };

	if (value->type != 'a' || *at >= value->array.len || !read_text(&r, false, text))
		return false;
	*at = r.at;
	return true;
}
