/* BLOBs as sequences of bytes; numbers and texts in them are in blob_numbers.c. spec 8.9 */
#include <config.h>

#include "base/utf8.h"
#include "lang/operators.h"
#include "lang/std/common.h"

static size_t count_of(const struct rxl_value *blob)
{
	return blob->as.blob->count;
}

static unsigned char byte_of(const struct rxl_value *value)
{
	return (unsigned char)value->as.i;
}

STD_NATIVE(blob_new)
{
	int64_t count = self ? self->as.i : 0;

	if (count < 0)
		count = 0;
	if (!std_array_fits(call, (uint64_t)count))
		return rxl_std_too_large(call, STD_TOO_MANY);
	RX_TRY(rxl_blob_new(call->heap, NULL, (size_t)count, out));
	if (argc && count)
		memset(out->as.blob->bytes, byte_of(&args[0]), (size_t)count);
	return REXI_OK;
}

STD_NATIVE(to_array)
{
	size_t count = count_of(self);
	struct rxl_array *array;

	RX_TRY(rxl_array_new(call->heap, count, out));
	array = out->as.array;
	for (; array->count < count; array->count++)
		array->items[array->count] = rxl_int(self->as.blob->bytes[array->count]);
	return REXI_OK;
}

STD_NATIVE(as_string)
{
	struct rexi_str bytes = rx_str_make((const char *)self->as.blob->bytes, count_of(self));
	struct rx_buf buf;

	if (rx_utf8_valid(bytes) == bytes.len)
		return rxl_string_new(call->heap, bytes, out);
	rx_buf_init(&buf, &call->heap->memory, 0);
	rx_utf8_lossy(&buf, bytes);
	return rxl_string_from_buf(call->heap, &buf, out);
}

STD_NATIVE(len)
{
	*out = rxl_int((int64_t)count_of(self));
	return REXI_OK;
}

STD_NATIVE(is_empty)
{
	*out = rxl_bool(count_of(self) == 0);
	return REXI_OK;
}

STD_NATIVE(contains)
{
	*out = rxl_bool(count_of(self) && memchr(self->as.blob->bytes, byte_of(&args[0]), count_of(self)));
	return REXI_OK;
}

STD_NATIVE(get)
{
	size_t at = std_offset(args[0].as.i, count_of(self));

	*out = rxl_int(at < count_of(self) ? self->as.blob->bytes[at] : 0);
	return REXI_OK;
}

STD_NATIVE(set)
{
	size_t at = std_offset(args[0].as.i, count_of(self));

	if (at == count_of(self))
		return REXI_OK;
	RX_TRY(rxl_blob_edit(call->heap, self));
	self->as.blob->bytes[at] = byte_of(&args[1]);
	return REXI_OK;
}

STD_NATIVE(append)
{
	bool found;

	return rxl_operator_assign(call, RXL_BINARY_ADD, self, &args[0], &found);
}

/* Replaces `gone` bytes at `at` by `count` others, which may be the blob's own. */
static enum rexi_status replace(struct rxl_call *call, struct rxl_value *self, size_t at, size_t gone,
				const unsigned char *bytes, size_t count)
{
	size_t old = count_of(self), tail = old - at - gone;
	struct rxl_value keep = rxl_unit();
	enum rexi_status status = REXI_OK;

	if (count > gone && !std_array_fits(call, (uint64_t)old + (count - gone)))
		return rxl_std_too_large(call, STD_TOO_MANY);
	if (count)
		keep = rxl_value_copy(self); /* so that bytes stay where they are */
	if (count > gone)
		status = rxl_blob_resize(call->heap, self, old + (count - gone));
	else
		status = rxl_blob_edit(call->heap, self);
	if (status == REXI_OK) {
		unsigned char *to = self->as.blob->bytes;

		if (tail)
			memmove(to + at + count, to + at + gone, tail);
		if (count)
			memcpy(to + at, bytes, count);
		if (count < gone)
			status = rxl_blob_resize(call->heap, self, old - (gone - count));
	}
	rxl_value_drop(call->heap, &keep);
	return status;
}

STD_NATIVE(insert)
{
	unsigned char byte = byte_of(&args[1]);
	size_t count = count_of(self), at = std_offset(args[0].as.i, count);

	if (!std_array_fits(call, (uint64_t)count + 1))
		return rxl_std_too_large(call, STD_TOO_MANY);
	RX_TRY(rxl_blob_resize(call->heap, self, count + 1));
	memmove(self->as.blob->bytes + at + 1, self->as.blob->bytes + at, count - at);
	self->as.blob->bytes[at] = byte;
	return REXI_OK;
}

STD_NATIVE(pad)
{
	size_t count = count_of(self);

	if (args[0].as.i <= 0 || (uint64_t)args[0].as.i <= count)
		return REXI_OK;
	if (!std_array_fits(call, (uint64_t)args[0].as.i))
		return rxl_std_too_large(call, "Size of BLOB");
	RX_TRY(rxl_blob_resize(call->heap, self, (size_t)args[0].as.i));
	memset(self->as.blob->bytes + count, byte_of(&args[1]), (size_t)args[0].as.i - count);
	return REXI_OK;
}

/* The byte that goes; 0 when there is none. */
static enum rexi_status take_at(struct rxl_call *call, struct rxl_value *self, size_t at, struct rxl_value *out)
{
	*out = rxl_int(at < count_of(self) ? self->as.blob->bytes[at] : 0);
	return at < count_of(self) ? replace(call, self, at, 1, NULL, 0) : REXI_OK;
}

STD_NATIVE(pop)
{
	return take_at(call, self, count_of(self) - 1, out);
}

STD_NATIVE(shift)
{
	return take_at(call, self, 0, out);
}

STD_NATIVE(remove)
{
	size_t at = SIZE_MAX;

	(void)std_index(args[0].as.i, count_of(self), &at);
	return take_at(call, self, at, out);
}

STD_NATIVE(clear)
{
	return rxl_blob_resize(call->heap, self, 0);
}

STD_NATIVE(truncate)
{
	size_t count = count_of(self), keep = args[0].as.i > 0 ? (size_t)args[0].as.i : 0;

	return keep < count ? rxl_blob_resize(call->heap, self, keep) : REXI_OK;
}

STD_NATIVE(chop)
{
	size_t count = count_of(self), keep = args[0].as.i > 0 ? (size_t)args[0].as.i : 0;

	return keep < count ? replace(call, self, 0, count - keep, NULL, 0) : REXI_OK;
}

STD_NATIVE(reverse)
{
	size_t count = count_of(self);

	RX_TRY(rxl_blob_edit(call->heap, self));
	for (size_t i = 0; i < count / 2; i++) {
		unsigned char byte = self->as.blob->bytes[i];

		self->as.blob->bytes[i] = self->as.blob->bytes[count - 1 - i];
		self->as.blob->bytes[count - 1 - i] = byte;
	}
	return REXI_OK;
}

/* ---- parts ------------------------------------------------------------------------------------------------------ */

static struct std_part part_of(const struct rxl_value *self, const struct rxl_value *args, unsigned argc, unsigned *used)
{
	if (argc == 1 && args[0].type == RXL_INT) {
		*used = 1;
		return std_part(args[0].as.i, INT64_MAX, count_of(self));
	}
	return std_args_part(args, count_of(self), used);
}

/* An empty part appends, as the reference does for BLOBs (not for arrays). */
STD_NATIVE(splice)
{
	unsigned used;
	struct std_part part = part_of(self, args, argc, &used);
	const struct rxl_blob *with = args[used].as.blob;

	return replace(call, self, part.count ? part.at : count_of(self), part.count, with->bytes, with->count);
}

STD_NATIVE(extract)
{
	unsigned used;
	struct std_part part = part_of(self, args, argc, &used);

	return rxl_blob_new(call->heap, part.count ? self->as.blob->bytes + part.at : NULL, part.count, out);
}

static enum rexi_status cut(struct rxl_call *call, struct rxl_value *self, struct std_part part, struct rxl_value *out)
{
	RX_TRY(rxl_blob_new(call->heap, part.count ? self->as.blob->bytes + part.at : NULL, part.count, out));
	return part.count ? replace(call, self, part.at, part.count, NULL, 0) : REXI_OK;
}

STD_NATIVE(split)
{
	size_t count = count_of(self), at = std_offset(args[0].as.i, count);

	return cut(call, self, (struct std_part){ at, count - at }, out);
}

STD_NATIVE(drain)
{
	unsigned used;

	return cut(call, self, part_of(self, args, argc, &used), out);
}

/* A start beyond the end keeps nothing, where a count of nothing keeps everything. */
STD_NATIVE(retain)
{
	unsigned used;
	struct std_part part = part_of(self, args, argc, &used);
	size_t count = count_of(self);
	int64_t start, wanted;
	unsigned char *gone;

	if (args[0].type == RXL_INT)
		wanted = args[1].as.i;
	else
		std_range(&args[0], &start, &wanted);
	if (wanted <= 0 || count == 0)
		return rxl_blob_new(call->heap, NULL, 0, out);
	RX_TRY(rxl_blob_new(call->heap, NULL, count - part.count, out));
	gone = out->as.blob->bytes;
	if (part.at)
		memcpy(gone, self->as.blob->bytes, part.at);
	if (count > part.at + part.count)
		memcpy(gone + part.at, self->as.blob->bytes + part.at + part.count, count - part.at - part.count);
	RX_TRY(rxl_blob_resize(call->heap, self, part.at + part.count));
	return replace(call, self, 0, part.at, NULL, 0);
}

#define BOTH(name, tail, function, help) \
	{ name, "blob range" tail, function, RXL_MUT, help, NULL }, { name, "blob range=" tail, function, RXL_MUT, help, NULL }

static const struct rxl_native rows[] = {
	{ "blob", "", blob_new, RXL_PURE, "an empty BLOB", NULL },
	{ "blob", "int", blob_new, RXL_PURE, "a BLOB of so many zero bytes", NULL },
	{ "blob", "int int", blob_new, RXL_PURE, "a BLOB of so many equal bytes", NULL },
	{ "to_array", "blob", to_array, RXL_REF, "its bytes as integers", NULL },
	{ "as_string", "blob", as_string, RXL_REF, "its bytes as UTF-8, malformed ones replaced", NULL },
	{ "len", "blob", len, RXL_REF | RXL_BRIEF, "number of bytes", NULL },
	{ "get$len", "blob", len, RXL_REF | RXL_BRIEF, "number of bytes", NULL },
	{ "is_empty", "blob", is_empty, RXL_REF | RXL_BRIEF, "is it without bytes?", NULL },
	{ "get$is_empty", "blob", is_empty, RXL_REF, "is it without bytes?", NULL },
	{ "contains", "blob int", contains, RXL_REF, "does the byte occur in it?", NULL },
	{ "get", "blob int", get, RXL_REF | RXL_BRIEF, "a byte, counted from the end when negative; 0 beyond", NULL },
	{ "set", "blob int int", set, RXL_MUT | RXL_BRIEF, "replace a byte; nothing beyond the end", NULL },
	{ "push", "blob int", append, RXL_MUT | RXL_BRIEF, "add a byte at the end", NULL },
	{ "append", "blob int", append, RXL_MUT, "add a byte at the end", NULL },
	{ "append", "blob blob", append, RXL_MUT, "add another BLOB's bytes at the end", NULL },
	{ "append", "blob string", append, RXL_MUT, "add a text in UTF-8 at the end", NULL },
	{ "append", "blob char", append, RXL_MUT, "add a character in UTF-8 at the end", NULL },
	{ "insert", "blob int int", insert, RXL_MUT, "insert a byte before a position, at the end beyond", NULL },
	{ "pad", "blob int int", pad, RXL_MUT, "add copies of a byte up to a length", NULL },
	{ "pop", "blob", pop, RXL_MUT | RXL_BRIEF, "remove the last byte and give it; 0 when empty", NULL },
	{ "shift", "blob", shift, RXL_MUT, "remove the first byte and give it; 0 when empty", NULL },
	{ "remove", "blob int", remove, RXL_MUT, "remove a byte and give it; 0 when there is none", NULL },
	{ "clear", "blob", clear, RXL_MUT, "remove all bytes", NULL },
	{ "truncate", "blob int", truncate, RXL_MUT, "keep so many bytes from the start", NULL },
	{ "chop", "blob int", chop, RXL_MUT, "keep so many bytes at the end", NULL },
	{ "reverse", "blob", reverse, RXL_MUT, "turn the order around", NULL },
	{ "splice", "blob int int blob", splice, RXL_MUT, "replace so many bytes from a position by another BLOB's", NULL },
	BOTH("splice", " blob", splice, "replace the bytes of a range by another BLOB's"),
	{ "extract", "blob int", extract, RXL_MUT, "a copy of the bytes from a position", NULL },
	{ "extract", "blob int int", extract, RXL_MUT, "a copy of so many bytes from a position", NULL },
	BOTH("extract", "", extract, "a copy of the bytes of a range"),
	{ "split", "blob int", split, RXL_MUT, "cut at a position and give the tail", NULL },
	{ "drain", "blob int int", drain, RXL_MUT, "remove so many bytes from a position and give them", NULL },
	BOTH("drain", "", drain, "remove the bytes of a range and give them"),
	{ "retain", "blob int int", retain, RXL_MUT, "keep so many bytes from a position and give the others", NULL },
	BOTH("retain", "", retain, "keep the bytes of a range and give the others"),
};

STD_PACKAGE(rxl_std_blob, "BLOBs", rows);
