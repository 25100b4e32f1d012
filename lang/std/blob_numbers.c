/* Numbers and texts in BLOBs. A number is 8 bytes; a shorter part holds the first of them. spec 8.9 */
#include <config.h>

#include "lang/std/common.h"

enum { WIDTH = 8 };

/* Bytes in the order they stand in the BLOB; big-endian is the other way round. */
static uint64_t decode(const unsigned char bytes[WIDTH], bool big)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < WIDTH; i++)
		number |= (uint64_t)bytes[i] << 8 * (big ? WIDTH - 1 - i : i);
	return number;
}

static void encode(unsigned char bytes[WIDTH], uint64_t number, bool big)
{
	for (unsigned i = 0; i < WIDTH; i++)
		bytes[i] = (unsigned char)(number >> 8 * (big ? WIDTH - 1 - i : i));
}

static uint64_t read_bits(const struct rxl_value *self, const struct rxl_value *args, bool big)
{
	unsigned char bytes[WIDTH] = { 0 };
	unsigned used;
	struct std_part part = std_args_part(args, self->as.blob->count, &used);

	if (part.count)
		memcpy(bytes, self->as.blob->bytes + part.at, part.count < WIDTH ? part.count : WIDTH);
	return decode(bytes, big);
}

static struct rxl_value float_of(uint64_t bits)
{
	double number;

	memcpy(&number, &bits, sizeof(number));
	return rxl_float(number);
}

STD_NATIVE(parse_le_int)
{
	*out = rxl_int((int64_t)read_bits(self, args, false));
	return REXI_OK;
}

STD_NATIVE(parse_be_int)
{
	*out = rxl_int((int64_t)read_bits(self, args, true));
	return REXI_OK;
}

STD_NATIVE(parse_le_float)
{
	*out = float_of(read_bits(self, args, false));
	return REXI_OK;
}

STD_NATIVE(parse_be_float)
{
	*out = float_of(read_bits(self, args, true));
	return REXI_OK;
}

static enum rexi_status write(struct rxl_call *call, struct rxl_value *self, struct std_part part, const void *bytes,
			      size_t len)
{
	size_t count = part.count < len ? part.count : len;

	if (count == 0)
		return REXI_OK;
	RX_TRY(rxl_blob_edit(call->heap, self));
	memcpy(self->as.blob->bytes + part.at, bytes, count);
	return REXI_OK;
}

static enum rexi_status write_number(struct rxl_call *call, struct rxl_value *self, const struct rxl_value *args, bool big)
{
	unsigned char bytes[WIDTH];
	unsigned used;
	struct std_part part = std_args_part(args, self->as.blob->count, &used);

	encode(bytes, (uint64_t)args[used].as.i, big); /* a float's bits are where an integer's are */
	return write(call, self, part, bytes, WIDTH);
}

STD_NATIVE(write_le)
{
	return write_number(call, self, args, false);
}

STD_NATIVE(write_be)
{
	return write_number(call, self, args, true);
}

STD_NATIVE(write_utf8)
{
	unsigned used;
	struct std_part part = std_args_part(args, self->as.blob->count, &used);
	struct rexi_str text = rxl_string_view(&args[used]);

	return write(call, self, part, text.ptr, text.len);
}

/* The text without its other characters. */
STD_NATIVE(write_ascii)
{
	unsigned used;
	struct std_part part = std_args_part(args, self->as.blob->count, &used);
	struct rexi_str text = rxl_string_view(&args[used]);
	size_t to = part.at;

	if (part.count == 0)
		return REXI_OK;
	RX_TRY(rxl_blob_edit(call->heap, self));
	for (size_t i = 0; i < text.len && to < part.at + part.count; i++)
		if ((unsigned char)text.ptr[i] < 0x80)
			self->as.blob->bytes[to++] = (unsigned char)text.ptr[i];
	return REXI_OK;
}

/* The three ways to say which part. */
#define PARTS(name, tail, function, flags, help)                       \
	{ name, "blob int int" tail, function, flags, help, NULL },    \
	{ name, "blob range" tail, function, flags, help, NULL },      \
	{ name, "blob range=" tail, function, flags, help, NULL }

static const struct rxl_native rows[] = {
	PARTS("parse_le_int", "", parse_le_int, RXL_REF, "the integer whose bytes stand there, lowest first"),
	PARTS("parse_be_int", "", parse_be_int, RXL_REF, "the integer whose bytes stand there, highest first"),
	PARTS("parse_le_float", "", parse_le_float, RXL_REF, "the float whose bytes stand there, lowest first"),
	PARTS("parse_be_float", "", parse_be_float, RXL_REF, "the float whose bytes stand there, highest first"),
	PARTS("write_le", " int", write_le, RXL_MUT, "write the bytes of an integer, lowest first"),
	PARTS("write_be", " int", write_be, RXL_MUT, "write the bytes of an integer, highest first"),
	PARTS("write_le", " float", write_le, RXL_MUT, "write the bytes of a float, lowest first"),
	PARTS("write_be", " float", write_be, RXL_MUT, "write the bytes of a float, highest first"),
	PARTS("write_utf8", " string", write_utf8, RXL_MUT, "write a text in UTF-8"),
	PARTS("write_ascii", " string", write_ascii, RXL_MUT, "write the ASCII characters of a text"),
};

STD_PACKAGE(rxl_std_blob_numbers, "Numbers and texts in BLOBs", rows);
