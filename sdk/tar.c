#include <config.h>

#include "sdk/tar.h"

#include "base/number.h"
#include "sdk/error.h"

#include "base/banned.h"

enum { RECORD = 512, NAME_MAX_BYTES = 64 * 1024, PAX_MAX_BYTES = 1024 * 1024 };

struct rxs_tar {
	struct rxs_session *session;
	struct rxs_gzip *gzip;
	struct rexi_str block; /* unpacked and not yet used */
	uint64_t left, padding; /* of the present content */
	struct rx_buf name, user, group; /* of the present entry, or of one that a special record has announced */
	bool has_name, has_user, has_group, has_size, has_time, sparse;
	uint64_t size;
	int64_t seconds;
	uint32_t nanoseconds;
};

enum rexi_status rxs_tar_open(struct rxs_file *file, const struct rxs_grant *read, struct rxs_tar **out)
{
	struct rxs_session *session = file->session;
	struct rxs_tar *tar = rx_memory_take_zeroed(session->memory, 1, sizeof(*tar));
	enum rexi_status status;

	*out = NULL;
	if (!tar)
		return rxs_fail_memory(session);
	tar->session = session;
	rx_buf_init(&tar->name, session->memory, 0);
	rx_buf_init(&tar->user, session->memory, 0);
	rx_buf_init(&tar->group, session->memory, 0);
	status = rxs_gzip_open(file, read, &tar->gzip);
	if (status == REXI_OK)
		*out = tar;
	else
		rxs_tar_close(tar);
	return status;
}

void rxs_tar_close(struct rxs_tar *tar)
{
	if (!tar)
		return;
	rxs_gzip_close(tar->gzip);
	rx_buf_fini(&tar->name);
	rx_buf_fini(&tar->user);
	rx_buf_fini(&tar->group);
	rx_memory_give(tar->session->memory, tar, sizeof(*tar));
}

static RX_COLD enum rexi_status malformed(struct rxs_tar *tar, const char *what)
{
	return rxs_fail(tar->session, RXS_IO_IoError, "%s", what);
}

/* Up to `most` bytes of what comes next; len 0 at the end of the data. */
static enum rexi_status some(struct rxs_tar *tar, uint64_t most, struct rexi_str *out)
{
	if (tar->block.len == 0)
		RX_TRY(rxs_gzip_block(tar->gzip, &tar->block));
	*out = rx_str_sub(tar->block, 0, most < tar->block.len ? (size_t)most : tar->block.len);
	tar->block = rx_str_sub(tar->block, out->len, SIZE_MAX);
	return REXI_OK;
}

static enum rexi_status pass_over(struct rxs_tar *tar, uint64_t count)
{
	while (count) {
		struct rexi_str part;
		RX_TRY(some(tar, count, &part));
		if (part.len == 0)
			return malformed(tar, "unexpected end of file");
		count -= part.len;
	}
	return REXI_OK;
}

/* A whole record; *got is less than RECORD at the end of the data only. */
static enum rexi_status read_record(struct rxs_tar *tar, char record[RECORD], size_t *got)
{
	*got = 0;
	while (*got < RECORD) {
		struct rexi_str part;
		RX_TRY(some(tar, RECORD - *got, &part));
		if (part.len == 0)
			return REXI_OK;
		memcpy(record + *got, part.ptr, part.len);
		*got += part.len;
	}
	return REXI_OK;
}

/* Octal digits between blanks, or binary when the first bit is set. */
static bool read_number(const char *field, size_t len, uint64_t *out)
{
	size_t i = 0;

	*out = 0;
	if ((unsigned char)field[0] & 0x80) {
		if ((unsigned char)field[0] & 0x40)
			return false; /* negative */
		for (i = 0; i < len; i++) {
			unsigned char byte = (unsigned char)field[i] & (i ? 0xFF : 0x7F);
			if (*out >> 56)
				return false;
			*out = *out << 8 | byte;
		}
		return true;
	}
	while (i < len && field[i] == ' ')
		i++;
	for (; i < len && field[i] >= '0' && field[i] <= '7'; i++)
		*out = *out << 3 | (uint64_t)(field[i] - '0');
	return i == len || field[i] == ' ' || field[i] == '\0';
}

static bool checksum_holds(const char record[RECORD])
{
	uint64_t want, plain = 0;
	int64_t with_sign = 0;

	for (size_t i = 0; i < RECORD; i++) {
		char c = i >= 148 && i < 156 ? ' ' : record[i];
		plain += (unsigned char)c;
		with_sign += (signed char)c;
	}
	return read_number(record + 148, 8, &want) && (want == plain || (int64_t)want == with_sign);
}

static struct rexi_str text_field(const char *field, size_t len)
{
	const char *end = memchr(field, '\0', len);

	return rx_str_make(field, end ? (size_t)(end - field) : len);
}

/* The content of a special record, which describes the next entry. */
static enum rexi_status read_special(struct rxs_tar *tar, uint64_t size, size_t max, struct rx_buf *out)
{
	if (size > max)
		return malformed(tar, "an archive record is too long");
	rx_buf_clear(out);
	while (out->len < size) {
		struct rexi_str part;
		RX_TRY(some(tar, size - out->len, &part));
		if (part.len == 0)
			return malformed(tar, "unexpected end of file");
		rx_buf_str(out, part);
		if (out->failed)
			return rxs_fail_memory(tar->session);
	}
	return pass_over(tar, (RECORD - size % RECORD) % RECORD);
}

static enum rexi_status keep(struct rxs_tar *tar, struct rx_buf *buf, bool *has, struct rexi_str text)
{
	rx_buf_clear(buf);
	rx_buf_str(buf, text);
	*has = true;
	return buf->failed ? rxs_fail_memory(tar->session) : REXI_OK;
}

/* "12.5" seconds. */
static void read_time(struct rxs_tar *tar, struct rexi_str text)
{
	size_t point = rx_str_find(text, RX_STR("."), 0);
	uint32_t scale = 100000000;

	if (rx_number_parse_i64(rx_str_sub(text, 0, point == SIZE_MAX ? text.len : point), 10, &tar->seconds) != RX_NUMBER_OK)
		return;
	tar->has_time = true;
	tar->nanoseconds = 0;
	for (size_t i = point == SIZE_MAX ? text.len : point + 1; i < text.len && scale; i++, scale /= 10)
		if (text.ptr[i] >= '0' && text.ptr[i] <= '9')
			tar->nanoseconds += (uint32_t)(text.ptr[i] - '0') * scale;
}

static enum rexi_status pax_field(struct rxs_tar *tar, struct rexi_str key, struct rexi_str value)
{
	if (rx_str_eq(key, RX_STR("path")))
		return keep(tar, &tar->name, &tar->has_name, value);
	if (rx_str_eq(key, RX_STR("uname")))
		return keep(tar, &tar->user, &tar->has_user, value);
	if (rx_str_eq(key, RX_STR("gname")))
		return keep(tar, &tar->group, &tar->has_group, value);
	if (rx_str_eq(key, RX_STR("mtime")))
		read_time(tar, value);
	else if (rx_str_eq(key, RX_STR("size")))
		tar->has_size = rx_number_parse_u64(value, 10, &tar->size) == RX_NUMBER_OK;
	else if (rx_str_starts(key, RX_STR("GNU.sparse.")))
		tar->sparse = true;
	return REXI_OK;
}

/* Lines "LENGTH KEY=VALUE\n", where the length counts the whole line. */
static enum rexi_status read_pax(struct rxs_tar *tar, struct rexi_str text)
{
	while (text.len) {
		size_t blank = rx_str_find(text, RX_STR(" "), 0);
		uint64_t len;
		if (blank == SIZE_MAX || rx_number_parse_u64(rx_str_sub(text, 0, blank), 10, &len) != RX_NUMBER_OK ||
		    len <= blank + 1 || len > text.len || text.ptr[len - 1] != '\n')
			return malformed(tar, "malformed pax extension");
		struct rexi_str line = rx_str_sub(text, blank + 1, (size_t)len - blank - 2);
		size_t equals = rx_str_find(line, RX_STR("="), 0);
		if (equals == SIZE_MAX)
			return malformed(tar, "malformed pax extension");
		RX_TRY(pax_field(tar, rx_str_sub(line, 0, equals), rx_str_sub(line, equals + 1, SIZE_MAX)));
		text = rx_str_sub(text, (size_t)len, SIZE_MAX);
	}
	return REXI_OK;
}

/* Old GNU sparse files may carry more header records behind the first. */
static enum rexi_status pass_sparse_map(struct rxs_tar *tar, bool more)
{
	char record[RECORD];
	size_t got;

	while (more) {
		RX_TRY(read_record(tar, record, &got));
		if (got < RECORD)
			return malformed(tar, "unexpected end of file");
		more = record[504] != 0;
	}
	return REXI_OK;
}

static enum rexi_status describe(struct rxs_tar *tar, const char record[RECORD], uint64_t size, struct rxs_tar_entry *entry)
{
	struct rexi_str prefix = text_field(record + 345, 155), name = text_field(record, 100);
	uint64_t mode = 0, seconds = 0;
	char type = record[156];

	if (!tar->has_name) {
		rx_buf_clear(&tar->name);
		if (memcmp(record + 257, "ustar\0", 6) == 0 && prefix.len) {
			rx_buf_str(&tar->name, prefix);
			rx_buf_byte(&tar->name, '/');
		}
		rx_buf_str(&tar->name, name);
	}
	if (!tar->has_user)
		RX_TRY(keep(tar, &tar->user, &tar->has_user, text_field(record + 265, 32)));
	if (!tar->has_group)
		RX_TRY(keep(tar, &tar->group, &tar->has_group, text_field(record + 297, 32)));
	if (tar->name.failed)
		return rxs_fail_memory(tar->session);
	if (!read_number(record + 100, 8, &mode) || !read_number(record + 136, 12, &seconds) || seconds > INT64_MAX)
		return malformed(tar, "numeric field was not a number in an archive header");
	entry->name = rx_buf_view(&tar->name);
	entry->user = rx_buf_view(&tar->user);
	entry->group = rx_buf_view(&tar->group);
	entry->mode = (uint32_t)(mode & 07777);
	entry->seconds = tar->has_time ? tar->seconds : (int64_t)seconds;
	entry->nanoseconds = tar->has_time ? tar->nanoseconds : 0;
	entry->size = size;
	if (type == '5')
		entry->type = RXS_TAR_DIR;
	else if ((type == '0' || type == '\0') && !tar->sparse)
		entry->type = entry->name.len && entry->name.ptr[entry->name.len - 1] == '/' ? RXS_TAR_DIR : RXS_TAR_FILE;
	else
		entry->type = RXS_TAR_OTHER;
	return REXI_OK;
}

enum rexi_status rxs_tar_next(struct rxs_tar *tar, struct rxs_tar_entry *entry, bool *found)
{
	*found = false;
	RX_TRY(pass_over(tar, tar->left));
	RX_TRY(pass_over(tar, tar->padding));
	tar->left = tar->padding = 0;
	tar->has_name = tar->has_user = tar->has_group = tar->has_size = tar->has_time = tar->sparse = false;
	for (;;) {
		static const char zeros[RECORD];
		char record[RECORD];
		struct rx_buf pax;
		uint64_t size;
		size_t got;
		enum rexi_status status;
		RX_TRY(read_record(tar, record, &got));
		if (got == 0 || (got == RECORD && memcmp(record, zeros, RECORD) == 0))
			return REXI_OK;
		if (got < RECORD)
			return malformed(tar, "failed to read entire block");
		if (!checksum_holds(record))
			return malformed(tar, "archive header checksum mismatch");
		if (!read_number(record + 124, 12, &size))
			return malformed(tar, "numeric field was not a number in an archive header");
		switch (record[156]) {
		case 'L':
			RX_TRY(read_special(tar, size, NAME_MAX_BYTES, &tar->name));
			while (tar->name.len && tar->name.ptr[tar->name.len - 1] == '\0')
				tar->name.len--;
			tar->has_name = true;
			continue;
		case 'x':
			rx_buf_init(&pax, tar->session->memory, 0);
			status = read_special(tar, size, PAX_MAX_BYTES, &pax);
			if (status == REXI_OK)
				status = read_pax(tar, rx_buf_view(&pax));
			rx_buf_fini(&pax);
			RX_TRY(status);
			continue;
		case 'K':
		case 'g':
			RX_TRY(pass_over(tar, size));
			RX_TRY(pass_over(tar, (RECORD - size % RECORD) % RECORD));
			continue;
		case 'S':
			RX_TRY(pass_sparse_map(tar, record[482] != 0));
			break;
		default:
			break;
		}
		if (tar->has_size)
			size = tar->size;
		/* links and special files have no content, whatever the field says */
		if (record[156] >= '1' && record[156] <= '6' && record[156] != '5')
			size = 0;
		RX_TRY(describe(tar, record, size, entry));
		tar->left = size;
		tar->padding = (RECORD - size % RECORD) % RECORD;
		*found = true;
		return REXI_OK;
	}
}

enum rexi_status rxs_tar_content(struct rxs_tar *tar, struct rexi_str *part)
{
	*part = rx_str_make("", 0);
	if (tar->left == 0)
		return REXI_OK;
	RX_TRY(some(tar, tar->left, part));
	if (part->len == 0)
		return malformed(tar, "unexpected end of file");
	tar->left -= part->len;
	return REXI_OK;
}
