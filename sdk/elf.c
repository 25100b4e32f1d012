/*
 * Facts of an ELF file by bounded positional reads (W-51): nothing is mapped, no table is held in memory, every offset is
 * checked before it is used. Source: sdk-filesystem.md 12.3.
 */
#include <config.h>

#include "sdk/formats.h"

#include "base/utf8.h"
#include "sdk/error.h"
#include "sdk/record.h"

#include "base/banned.h"

enum {
	SEGMENTS_MAX = 65535,
	NOTES_MAX = 64 * 1024 * 1024, /* bytes of one note segment that are looked at */
	TEXT_MAX = 4096,
	PT_LOAD_ = 1, PT_INTERP_ = 3, PT_NOTE_ = 4,
	NT_AUXV_ = 6, AT_PLATFORM_ = 15, AT_EXECFN_ = 31,
};

struct segment {
	uint32_t type;
	uint64_t offset, address, file_size, memory_size;
};

struct elf {
	struct rxs_session *session;
	const struct rxs_grant *read;
	int fd;
	bool wide, big;
	uint64_t size;
	uint64_t table, sections;
	uint32_t entry_size, count, section_size, section_count;
	bool has_auxv;
	uint64_t execfn, platform; /* addresses; 0: none */
};

static RX_COLD enum rexi_status malformed(struct elf *elf, const char *what)
{
	return rxs_fail(elf->session, RXS_IO_ValidationError, "Validation error: Failed to parse ELF file: %s", what);
}

/* Exactly len bytes at offset. */
static enum rexi_status bytes_at(struct elf *elf, uint64_t offset, void *out, size_t len, const char *what)
{
	size_t done = 0, got;

	if (offset > elf->size || len > elf->size - offset)
		return malformed(elf, what);
	while (done < len) {
		int os_errno = rxs_host_read(elf->read, elf->fd, offset + done, (char *)out + done, len - done, &got);
		if (os_errno)
			return rxs_fail_errno(elf->session, os_errno);
		if (got == 0)
			return malformed(elf, what); /* it shrank */
		done += got;
	}
	return REXI_OK;
}

static uint64_t number(const struct elf *elf, const unsigned char *at, unsigned len)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < len; i++)
		value |= (uint64_t)at[i] << 8 * (elf->big ? len - 1 - i : i);
	return value;
}

static enum rexi_status read_header(struct elf *elf)
{
	unsigned char head[64] = { 0 };

	RX_TRY(bytes_at(elf, 0, head, 16, "the file is too short"));
	if (memcmp(head, "\x7f" "ELF", 4) != 0)
		return malformed(elf, "bad magic number");
	if (head[4] != 1 && head[4] != 2)
		return malformed(elf, "bad class");
	if (head[5] != 1 && head[5] != 2)
		return malformed(elf, "bad byte order");
	if (head[6] != 1)
		return malformed(elf, "bad version");
	elf->wide = head[4] == 2;
	elf->big = head[5] == 2;
	RX_TRY(bytes_at(elf, 0, head, elf->wide ? 64 : 52, "the header is cut off"));
	unsigned word = elf->wide ? 8 : 4, at = 24 + word; /* e_phoff */
	elf->table = number(elf, head + at, word);
	elf->sections = number(elf, head + at + word, word);
	at += 2 * word + 6; /* e_phentsize */
	elf->entry_size = (uint32_t)number(elf, head + at, 2);
	elf->count = (uint32_t)number(elf, head + at + 2, 2);
	elf->section_size = (uint32_t)number(elf, head + at + 4, 2);
	elf->section_count = (uint32_t)number(elf, head + at + 6, 2);
	if (elf->count && elf->entry_size < (elf->wide ? 56u : 32u))
		return malformed(elf, "bad size of program headers");
	if (elf->count && (elf->table > elf->size || (uint64_t)elf->count * elf->entry_size > elf->size - elf->table))
		return malformed(elf, "program headers lie outside the file");
	if (elf->section_count && elf->section_size < (elf->wide ? 64u : 40u))
		return malformed(elf, "bad size of section headers");
	if (elf->section_count && (elf->sections > elf->size ||
				   (uint64_t)elf->section_count * elf->section_size > elf->size - elf->sections))
		return malformed(elf, "section headers lie outside the file");
	return REXI_OK;
}

static enum rexi_status read_segment(struct elf *elf, uint32_t index, struct segment *out)
{
	unsigned char bytes[56];

	RX_TRY(bytes_at(elf, elf->table + (uint64_t)index * elf->entry_size, bytes, elf->wide ? 56 : 32,
			"a program header is cut off"));
	out->type = (uint32_t)number(elf, bytes, 4);
	if (elf->wide) {
		out->offset = number(elf, bytes + 8, 8);
		out->address = number(elf, bytes + 16, 8);
		out->file_size = number(elf, bytes + 32, 8);
		out->memory_size = number(elf, bytes + 40, 8);
	} else {
		out->offset = number(elf, bytes + 4, 4);
		out->address = number(elf, bytes + 8, 4);
		out->file_size = number(elf, bytes + 16, 4);
		out->memory_size = number(elf, bytes + 20, 4);
	}
	return REXI_OK;
}

/* A NUL-terminated UTF-8 text; *found false when there is none of at most TEXT_MAX bytes. */
static enum rexi_status text_at(struct elf *elf, uint64_t offset, struct rx_buf *out, bool *found)
{
	char space[256];

	*found = false;
	rx_buf_clear(out);
	while (offset < elf->size && out->len < TEXT_MAX) {
		size_t want = elf->size - offset < sizeof(space) ? (size_t)(elf->size - offset) : sizeof(space);
		RX_TRY(bytes_at(elf, offset, space, want, "a text is cut off"));
		const char *end = memchr(space, '\0', want);
		rx_buf_bytes(out, space, end ? (size_t)(end - space) : want);
		if (end) {
			*found = rx_utf8_valid(rx_buf_view(out)) == out->len;
			break;
		}
		offset += want;
	}
	return out->failed ? rxs_fail_memory(elf->session) : REXI_OK;
}

static enum rexi_status read_auxv(struct elf *elf, uint64_t offset, uint64_t len)
{
	unsigned word = elf->wide ? 8 : 4;
	unsigned char pair[16];

	elf->has_auxv = true;
	for (uint64_t at = 0; at + 2 * word <= len; at += 2 * word) {
		RX_TRY(bytes_at(elf, offset + at, pair, 2 * word, "a note is cut off"));
		uint64_t type = number(elf, pair, word), value = number(elf, pair + word, word);
		if (type == AT_EXECFN_)
			elf->execfn = value;
		else if (type == AT_PLATFORM_)
			elf->platform = value;
		else if (type == 0)
			break;
	}
	return REXI_OK;
}

/* The first NT_AUXV of a note segment. */
static enum rexi_status read_notes(struct elf *elf, const struct segment *segment)
{
	unsigned char head[12];
	uint64_t at = 0, end = segment->file_size;

	if (segment->offset > elf->size || end > elf->size - segment->offset)
		return rxs_fail(elf->session, RXS_IO_ValidationError, "Validation error: Failed to parse note: it lies outside the file");
	if (end > NOTES_MAX)
		end = NOTES_MAX;
	while (!elf->has_auxv && at + 12 <= end) {
		RX_TRY(bytes_at(elf, segment->offset + at, head, 12, "a note is cut off"));
		uint64_t name = number(elf, head, 4), content = number(elf, head + 4, 4), type = number(elf, head + 8, 4);
		uint64_t start = at + 12 + ((name + 3) & ~UINT64_C(3));
		if (start > end || content > end - start)
			return rxs_fail(elf->session, RXS_IO_ValidationError,
					"Validation error: Failed to parse note: its content is cut off");
		if (type == NT_AUXV_)
			RX_TRY(read_auxv(elf, segment->offset + start, content));
		at = start + ((content + 3) & ~UINT64_C(3));
	}
	return REXI_OK;
}

/* The text at a virtual address, through the loaded segments. */
static enum rexi_status text_at_address(struct elf *elf, uint64_t address, struct rx_buf *out, bool *found)
{
	*found = false;
	for (uint32_t i = 0; address && i < elf->count; i++) {
		struct segment segment;
		RX_TRY(read_segment(elf, i, &segment));
		if (segment.type == PT_LOAD_ && address >= segment.address && address - segment.address < segment.memory_size &&
		    address - segment.address < segment.file_size)
			return text_at(elf, address - segment.address + segment.offset, out, found);
	}
	return REXI_OK;
}

static enum rexi_status put_text(struct rxl_call *call, struct rxl_value *map, const char *name, const struct rx_buf *text,
				 bool found)
{
	return found ? rxl_map_put_text(call->heap, map, name, rx_buf_view(text))
		     : rxl_map_put(call->heap, map, rx_str(name), rxl_unit());
}

static enum rexi_status collect(struct elf *elf, struct rxl_call *call, struct rx_buf *text, struct rxl_value *map)
{
	bool found, has_interpreter = false;

	RX_TRY(read_header(elf));
	for (uint32_t i = 0; i < elf->count; i++) {
		struct segment segment;
		if (rxs_should_stop(elf->session))
			return REXI_TERMINATED;
		RX_TRY(read_segment(elf, i, &segment));
		if (segment.type == PT_NOTE_ && !elf->has_auxv)
			RX_TRY(read_notes(elf, &segment));
		if (segment.type == PT_INTERP_ && !has_interpreter) {
			RX_TRY(text_at(elf, segment.offset, text, &found));
			RX_TRY(put_text(call, map, "interpreter", text, found));
			has_interpreter = true;
		}
	}
	if (!has_interpreter)
		RX_TRY(put_text(call, map, "interpreter", text, false));
	RX_TRY(text_at_address(elf, elf->execfn, text, &found));
	RX_TRY(put_text(call, map, "execfn", text, found));
	RX_TRY(text_at_address(elf, elf->platform, text, &found));
	RX_TRY(put_text(call, map, "platform", text, found));
	return rxl_map_put_bool(call->heap, map, "is_64bit", elf->wide);
}

enum rexi_status rxs_elf_info(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,
			      struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	struct rxs_file *file = rxs_need(call, self, RXS_TYPE_FileHandle);
	struct elf elf = { .session = session, .fd = file->fd };
	struct rxl_value map = rxl_unit();
	struct rxs_stat stat;
	struct rx_buf text;
	enum rexi_status status;
	int os_errno;

	(void)args;
	(void)argc;
	RX_TRY(rxs_file_may_read(file, &elf.read));
	os_errno = rxs_host_identify(session, file->fd, &stat);
	if (os_errno)
		return rxs_fail_errno(session, os_errno);
	elf.size = stat.size;
	rx_buf_init(&text, session->memory, 0);
	status = rxl_map_new(call->heap, 4, &map);
	if (status == REXI_OK)
		status = collect(&elf, call, &text, &map);
	rx_buf_fini(&text);
	if (status == REXI_OK)
		return rxs_record_new(call, RXS_TYPE_ElfInfo, map, out);
	rxl_value_drop(call->heap, &map);
	return status;
}
