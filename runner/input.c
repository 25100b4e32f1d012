#include <config.h>

#include "runner/input.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/utf8.h"
#include "runner/signals.h"

#define STEP 65536

/* Rust's text of an operating-system error. */
static enum rxr_input_failure os_failure(struct rx_buf *complaint, int number)
{
	rx_buf_printf(complaint, "%s (os error %d)", strerror(number), number);
	return RXR_INPUT_UNREADABLE;
}

static bool owner_is_safe(const struct stat *st, struct rx_buf *complaint)
{
	if (st->st_uid != 0 && st->st_uid != getuid()) {
		rx_buf_printf(complaint, "belongs to user %u, not to root or to the caller", (unsigned)st->st_uid);
		return false;
	}
	if (S_ISREG(st->st_mode) && st->st_mode & (S_IWGRP | S_IWOTH)) {
		rx_buf_printf(complaint, "others can write to it (mode %04o)", (unsigned)st->st_mode & 07777);
		return false;
	}
	return true;
}

static enum rxr_input_failure read_all(struct rxr_input *input, int fd, uint64_t limit, struct rx_buf *complaint)
{
	struct stat st;
	size_t step = STEP;

	/* one byte more than the size, so that the end is met without growing */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= 0)
		step = (uint64_t)st.st_size < STEP ? (size_t)st.st_size + 1 : STEP;
	for (;;) {
		ssize_t got;

		if (rxr_signals_ending() != RXR_GO_ON)
			return RXR_INPUT_ENDED;
		if (!rx_buf_reserve(&input->text, step)) {
			RX_BUF_LIT(complaint, "out of memory");
			return RXR_INPUT_TOO_LARGE;
		}
		got = read(fd, input->text.ptr + input->text.len, step);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return os_failure(complaint, errno);
		if (got == 0)
			return RXR_INPUT_OK;
		input->text.len += (size_t)got;
		if (limit && input->text.len > limit) {
			rx_buf_printf(complaint, "larger than the limit of %llu bytes", (unsigned long long)limit);
			return RXR_INPUT_TOO_LARGE;
		}
		if (step < STEP && (size_t)got == step)
			step = STEP;
	}
}

enum rxr_input_failure rxr_input_read(struct rxr_input *input, struct rx_memory *memory, const char *path, uint64_t limit,
				      bool check_owner, struct rx_buf *complaint)
{
	bool standard = strcmp(path, "-") == 0;
	enum rxr_input_failure failure = RXR_INPUT_OK;
	struct stat st;
	int fd;

	rx_buf_init(&input->text, memory, 0);
	input->sha256[0] = '\0';
	do
		fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	while (fd < 0 && errno == EINTR && rxr_signals_ending() == RXR_GO_ON);
	if (fd < 0)
		return rxr_signals_ending() != RXR_GO_ON ? RXR_INPUT_ENDED : os_failure(complaint, errno);
	if (check_owner && fstat(fd, &st) == 0 && !owner_is_safe(&st, complaint))
		failure = RXR_INPUT_UNREADABLE;
	if (failure == RXR_INPUT_OK)
		failure = read_all(input, fd, limit, complaint);
	if (!standard)
		close(fd);
	if (failure == RXR_INPUT_OK && rx_utf8_valid(rx_buf_view(&input->text)) != input->text.len) {
		RX_BUF_LIT(complaint, "stream did not contain valid UTF-8");
		failure = RXR_INPUT_UNREADABLE;
	}
	return failure;
}

void rxr_input_fini(struct rxr_input *input)
{
	rx_buf_fini(&input->text);
}

const char *rxr_input_digest(struct rxr_input *input)
{
	if (!input->sha256[0])
		rxr_sha256(input->sha256, input->text.ptr ? input->text.ptr : "", input->text.len);
	return input->sha256;
}
