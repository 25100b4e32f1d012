/*
 * Archives (sdk/tar.c): the input is the tar stream; it is put into gzip data without compression, and records that look
 * like headers get the checksum they need, so that the reader goes on.
 * Invariant: entries whose content is as long as they say, or an error; nothing stays behind. Names may be anything: the
 * paths made of them are checked where they are asked for.
 */
#include <config.h>

#include "base/compiler.h"
#include "fuzz/sdk_file.h"
#include "sdk/tar.h"

#ifdef HAVE_ZLIB
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RECORD = 512, MOST = 1 << 16 };

static void checksums(unsigned char *bytes, size_t size)
{
	for (size_t at = 0; at + RECORD <= size; at += RECORD) {
		unsigned sum = 8 * ' ';

		if (memcmp(bytes + at + 257, "ustar", 5) != 0)
			continue;
		for (size_t i = 0; i < RECORD; i++)
			sum += i < 148 || i >= 156 ? bytes[at + i] : 0;
		snprintf((char *)bytes + at + 148, 8, "%06o", sum);
		bytes[at + 155] = ' ';
	}
}

/* Stored blocks in one member. */
static size_t gzip_stored(const unsigned char *bytes, size_t size, unsigned char *out)
{
	static const unsigned char head[10] = { 0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255 };
	unsigned long crc = crc32(0, bytes, (uInt)size);
	size_t at = sizeof(head), done = 0;

	memcpy(out, head, sizeof(head));
	do {
		size_t part = size - done < 65535 ? size - done : 65535;

		out[at++] = done + part == size;
		out[at++] = (unsigned char)part;
		out[at++] = (unsigned char)(part >> 8);
		out[at++] = (unsigned char)~part;
		out[at++] = (unsigned char)(~part >> 8);
		memcpy(out + at, bytes + done, part);
		at += part;
		done += part;
	} while (done < size);
	for (int i = 0; i < 4; i++)
		out[at++] = (unsigned char)(crc >> 8 * i);
	for (int i = 0; i < 4; i++)
		out[at++] = (unsigned char)(size >> 8 * i);
	return at;
}

static void read_all(struct rxs_file *file, const struct rxs_grant *read)
{
	struct rxs_tar *tar;
	struct rxs_tar_entry entry;
	struct rexi_str part;
	bool found = true;
	unsigned turn = 0;

	if (rxs_tar_open(file, read, &tar) != REXI_OK)
		return;
	while (rxs_tar_next(tar, &entry, &found) == REXI_OK && found) {
		uint64_t len = 0;

		NEED(entry.nanoseconds < 1000000000);
		if (entry.type != RXS_TAR_FILE || turn++ % 3 == 2) /* some are passed over */
			continue;
		do {
			if (rxs_tar_content(tar, &part) != REXI_OK)
				goto out;
			len += part.len;
		} while (part.len);
		NEED(len == entry.size);
	}
out:
	rxs_tar_close(tar);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct rxs_open_file how = { .read = true };
	static const struct rxs_open_dir plain = { .follow = false };
	static unsigned char bytes[MOST], packed[MOST + 1024];
	const struct rxs_grant *read;
	struct rxs_dir *dir;
	struct rxs_file *file;

	if (size > MOST)
		return 0;
	bench_start(NULL, NULL, 0);
	memcpy(bytes, data, size);
	checksums(bytes, size);
	bench_write(packed, gzip_stored(bytes, size, packed));
	NEED(rxs_dir_open(bench.session, rx_str(bench.dir), &plain, &dir) == REXI_OK);
	NEED(rxs_file_open(dir, RX_STR("f"), false, &how, &file) == REXI_OK);
	NEED(rxs_file_may_read(file, &read) == REXI_OK);
	read_all(file, read);
	rxs_file_unref(file);
	rxs_dir_unref(dir);
	rxs_grants_release(bench.session, 0);
	rxs_failure_clear(bench.session);
	return 0;
}
#else
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	(void)data, (void)size;
	return 0;
}
#endif
