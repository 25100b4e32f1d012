#include <config.h>

#include "runner/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/number.h"
#include "runner/clock.h"
#include "runner/signals.h"
#include "runner/syslog.h"
#include "runner/sha256.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"
#define TAIL_STEP 65536      /* read from the end of the file at a time */
#define LINE_MAX_BYTES (1 << 24) /* of one record */
#define FLUSH_BYTES (4u << 20)   /* are sent on their way to the disk at a time, so that little is left to wait for at the end */

static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";

static void to_hex(char *hex, const unsigned char *bytes, size_t count)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < count; i++) {
		hex[2 * i] = digits[bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 15];
	}
	hex[2 * count] = '\0';
}

static void hash_hex(char hex[RXR_HASH_HEX + 1], const void *bytes, size_t len, bool fast)
{
	unsigned char digest[RXR_SHA256_BYTES];

	rxr_sha256_digest(digest, bytes, len, fast);
	to_hex(hex, digest, sizeof(digest));
}

void rxr_sha256(char hex[RXR_HASH_HEX + 1], const void *bytes, size_t len)
{
	hash_hex(hex, bytes, len, false);
}

void rxr_member(struct rx_buf *buf, const char *key, struct rexi_str text)
{
	RX_BUF_LIT(buf, ",\"");
	rx_buf_bytes(buf, key, strlen(key));
	RX_BUF_LIT(buf, "\":");
	rx_buf_json_string(buf, text);
}

void rxr_member_number(struct rx_buf *buf, const char *key, int64_t number)
{
	RX_BUF_LIT(buf, ",\"");
	rx_buf_bytes(buf, key, strlen(key));
	RX_BUF_LIT(buf, "\":");
	rx_buf_i64(buf, number);
}

void rxr_member_digest(struct rx_buf *buf, const char *key, struct rxr_sha256 *sha)
{
	unsigned char digest[RXR_SHA256_BYTES];
	char hex[RXR_HASH_HEX + 1];

	rxr_sha256_end(sha, digest);
	to_hex(hex, digest, sizeof(digest));
	rxr_member(buf, key, rx_str(hex));
}

/* ---- opening ---- */

static enum rexi_status open_file(struct rxr_audit *audit, const char *path, struct rexi_error *err)
{
	struct stat st;

	audit->fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	if (audit->fd < 0 || fstat(audit->fd, &st) < 0)
		return rx_fail_os(err, errno, "cannot open the audit record %s", path);
	if (S_ISDIR(st.st_mode) || S_ISBLK(st.st_mode))
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "the audit record %s is not a file", path);
	audit->shared = S_ISREG(st.st_mode);
	if (!audit->shared)
		fcntl(audit->fd, F_SETFL, fcntl(audit->fd, F_GETFL) & ~O_NONBLOCK);
	return REXI_OK;
}

static enum rexi_status open_fd(struct rxr_audit *audit, struct rexi_str number, struct rexi_error *err)
{
	uint64_t fd;

	if (rx_number_parse_u64(number, 10, &fd) != RX_NUMBER_OK || fd > INT32_MAX || fcntl((int)fd, F_GETFD) < 0)
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "the audit sink fd:%.*s is not an open descriptor",
			       RX_STR_ARG(number));
	audit->fd = fcntl((int)fd, F_DUPFD_CLOEXEC, 3);
	if (audit->fd < 0)
		return rx_fail_os(err, errno, "cannot use the audit sink fd:%.*s", RX_STR_ARG(number));
	return REXI_OK;
}

static enum rexi_status open_socket(struct rxr_audit *audit, const char *path, const char *what, struct rexi_error *err)
{
	audit->fd = rxr_syslog_connect(path);
	return audit->fd < 0 ? rx_fail_os(err, errno, "cannot reach the %s at %s", what, path) : REXI_OK;
}

/* The path after "syslog:" or the usual one after "syslog"; NULL when the sink is another. */
static const char *socket_of(const char *sink, const char *name, const char *usual)
{
	size_t len = strlen(name);

	if (strncmp(sink, name, len) != 0 || (sink[len] && sink[len] != ':'))
		return NULL;
	return sink[len] ? sink + len + 1 : usual;
}

enum rexi_status rxr_audit_open(struct rxr_audit *audit, struct rx_memory *memory, const char *sink, struct rexi_error *err)
{
	unsigned char name[8];
	const char *path;

	memset(audit, 0, sizeof(*audit));
	audit->fd = -1;
	audit->second = INT64_MIN;
	rx_buf_init(&audit->line, memory, LINE_MAX_BYTES);
	memcpy(audit->head, zeros, sizeof(audit->head));
	if (!sink)
		return REXI_OK;
	if (getrandom(name, sizeof(name), 0) != (ssize_t)sizeof(name))
		return rx_fail_os(err, errno, "no random numbers for the audit record");
	to_hex(audit->run, name, sizeof(name));
	audit->fast = rxr_sha256_fast();
	if ((path = socket_of(sink, "syslog", RXR_SYSLOG_SOCKET)) != NULL) {
		RX_TRY(open_socket(audit, path, "system log", err));
		audit->sink = RXR_SINK_SYSLOG;
	} else if ((path = socket_of(sink, "journald", JOURNAL_SOCKET)) != NULL) {
		RX_TRY(open_socket(audit, path, "journal", err));
		audit->sink = RXR_SINK_JOURNALD;
	} else if (strncmp(sink, "fd:", 3) == 0) {
		RX_TRY(open_fd(audit, rx_str(sink + 3), err));
		audit->sink = RXR_SINK_FD;
	} else {
		RX_TRY(open_file(audit, sink, err));
		audit->sink = RXR_SINK_FILE;
	}
	return REXI_OK;
}

void rxr_audit_close(struct rxr_audit *audit)
{
	if (audit->fd >= 0) {
		if (audit->shared)
			fdatasync(audit->fd);
		close(audit->fd);
	}
	audit->fd = -1;
	audit->sink = RXR_SINK_NONE;
	rx_buf_fini(&audit->line);
}

/* ---- writing ---- */

struct rx_buf *rxr_audit_begin(struct rxr_audit *audit, const char *type)
{
	struct rx_buf *line = &audit->line;
	struct timespec now;
	char micros[7] = ".";

	clock_gettime(CLOCK_REALTIME, &now);
	if (now.tv_sec != audit->second) {
		rxr_clock_text(audit->clock, now.tv_sec, 'T');
		audit->second = now.tv_sec;
	}
	rxr_clock_digits(micros + 1, (uint64_t)now.tv_nsec / 1000, 6);
	rx_buf_clear(line);
	(void)rx_buf_reserve(line, 1024); /* mostly enough */
	RXR_PUT(line, "{\"seq\":");
	rx_buf_u64(line, audit->seq);
	RXR_PUT(line, ",\"run\":\"");
	rxr_put(line, audit->run, 16);
	RXR_PUT(line, "\",\"time\":\"");
	rxr_put(line, audit->clock, 19);
	rxr_put(line, micros, 7);
	RXR_PUT(line, "Z\",\"type\":\"");
	rx_buf_bytes(line, type, strlen(type));
	rx_buf_byte(line, '"');
	return line;
}

static bool give_up(struct rxr_audit *audit, int os_errno)
{
	audit->broken = true;
	audit->os_errno = os_errno;
	return false;
}

/* Whether to try again after EINTR: a run that is to end waits for a reader or a lock a few ticks, no longer. */
static bool again(unsigned *ticks)
{
	return errno == EINTR && (rxr_signals_ending() == RXR_GO_ON || ++*ticks < 4);
}

static bool write_all(struct rxr_audit *audit, const char *bytes, size_t len)
{
	unsigned ticks = 0;

	while (len) {
		ssize_t done = write(audit->fd, bytes, len);

		if (done < 0 && again(&ticks))
			continue;
		if (done <= 0)
			return give_up(audit, done < 0 ? errno : EIO);
		bytes += done;
		len -= (size_t)done;
	}
	return true;
}

/* Whether a line without its newline ends in ,"hash":"64 digits"}; *hash is where the digits begin. */
static bool find_hash(struct rexi_str line, size_t *body, size_t *hash)
{
	static const char mark[] = ",\"hash\":\"";
	size_t tail = sizeof(mark) - 1 + RXR_HASH_HEX + 2;

	if (line.len < tail || memcmp(line.ptr + line.len - tail, mark, sizeof(mark) - 1) != 0 ||
	    memcmp(line.ptr + line.len - 2, "\"}", 2) != 0)
		return false;
	*body = line.len - tail;
	*hash = *body + sizeof(mark) - 1;
	for (size_t i = 0; i < RXR_HASH_HEX; i++) {
		char c = line.ptr[*hash + i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
	}
	return true;
}

/*
 * The hash of the last whole record of the file, when somebody else has written since our last record. Bytes after the
 * last newline are the torn line of a run that was killed: the line is ended and the next record says so. A line that
 * lacks nothing but its newline is a record like any other.
 */
static bool follow(struct rxr_audit *audit, uint64_t size, bool *unended, uint64_t *torn)
{
	struct rx_buf tail;
	bool found = false;

	*torn = 0;
	*unended = false;
	rx_buf_init(&tail, audit->line.memory, LINE_MAX_BYTES + TAIL_STEP);
	for (uint64_t span = TAIL_STEP; !found; span *= 4) {
		uint64_t start = size > span ? size - span : 0;
		struct rexi_str text;
		size_t end, begin, body, hash;

		rx_buf_clear(&tail);
		if (!rx_buf_reserve(&tail, (size_t)(size - start)))
			break;
		while (tail.len < size - start) {
			ssize_t got = pread(audit->fd, tail.ptr + tail.len, (size_t)(size - start) - tail.len,
					    (off_t)(start + tail.len));

			if (got <= 0 && errno != EINTR)
				break;
			tail.len += got > 0 ? (size_t)got : 0;
		}
		text = rx_buf_view(&tail);
		for (end = text.len; end && text.ptr[end - 1] != '\n'; end--)
			;
		*torn = text.len - end;
		*unended = *torn != 0;
		if (*torn && find_hash(rx_str_sub(text, end, *torn), &body, &hash)) {
			memcpy(audit->head, text.ptr + end + hash, RXR_HASH_HEX);
			*torn = 0;
			found = true;
		}
		while (end && !found) {
			for (begin = end - 1; begin && text.ptr[begin - 1] != '\n'; begin--)
				;
			if (find_hash(rx_str_make(text.ptr + begin, end - 1 - begin), &body, &hash)) {
				memcpy(audit->head, text.ptr + begin + hash, RXR_HASH_HEX);
				found = true;
			}
			end = begin;
		}
		if (!found && start == 0) {
			memcpy(audit->head, zeros, sizeof(audit->head));
			found = true;
		}
	}
	rx_buf_fini(&tail);
	return found;
}

/* Ends the line in the making: prev, hash, newline. */
static void seal(struct rxr_audit *audit)
{
	char hash[RXR_HASH_HEX + 1];

	RXR_PUT(&audit->line, ",\"prev\":\"");
	rxr_put(&audit->line, audit->head, RXR_HASH_HEX);
	RXR_PUT(&audit->line, "\"");
	hash_hex(hash, audit->line.ptr, audit->line.len, audit->fast);
	RXR_PUT(&audit->line, ",\"hash\":\"");
	rxr_put(&audit->line, hash, RXR_HASH_HEX);
	RXR_PUT(&audit->line, "\"}\n");
	if (!audit->line.failed)
		memcpy(audit->head, hash, sizeof(hash));
}

static bool write_shared(struct rxr_audit *audit)
{
	uint64_t torn = 0;
	bool ok = true, unended = false;
	off_t size;

	while (flock(audit->fd, LOCK_EX) < 0) {
		if (errno != EINTR)
			return give_up(audit, errno);
	}
	size = lseek(audit->fd, 0, SEEK_END); /* a third of the time of fstat */
	if (size < 0)
		ok = give_up(audit, errno);
	else if ((uint64_t)size != audit->size && !follow(audit, (uint64_t)size, &unended, &torn))
		ok = give_up(audit, EIO);
	if (ok && torn)
		rxr_member_number(&audit->line, "torn", (int64_t)torn);
	if (ok) {
		seal(audit);
		ok = audit->line.failed ? give_up(audit, ENOMEM) : (!unended || write_all(audit, "\n", 1)) &&
		     write_all(audit, audit->line.ptr, audit->line.len);
		audit->size = (uint64_t)size + (unended ? 1 : 0) + audit->line.len;
		if (audit->size / FLUSH_BYTES != (uint64_t)size / FLUSH_BYTES)
			(void)sync_file_range(audit->fd, 0, 0, SYNC_FILE_RANGE_WRITE); /* starts only; the end of a run waits */
	}
	flock(audit->fd, LOCK_UN);
	return ok;
}

#define AUTHPRIV_INFO (10u << 3 | 6u)

/* The journal's own protocol: fields, the last without the final newline of the record. */
static bool send_journal(const struct rxr_audit *audit)
{
	static const char lead[] = "PRIORITY=6\nSYSLOG_IDENTIFIER=rexi\nMESSAGE=";
	struct iovec parts[2] = { { (void *)(uintptr_t)lead, sizeof(lead) - 1 }, { audit->line.ptr, audit->line.len } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };

	return sendmsg(audit->fd, &message, MSG_NOSIGNAL) >= 0;
}

static bool write_datagram(struct rxr_audit *audit)
{
	unsigned ticks = 0;

	for (;;) {
		if (audit->sink == RXR_SINK_JOURNALD ? send_journal(audit)
						     : rxr_syslog_send(audit->fd, AUTHPRIV_INFO, "rexi", audit->line.ptr,
								       audit->line.len - 1, true))
			return true;
		if (!again(&ticks))
			return give_up(audit, errno);
	}
}

bool rxr_audit_end(struct rxr_audit *audit)
{
	bool ok;

	if (audit->sink == RXR_SINK_NONE)
		return true;
	if (audit->broken && rxr_signals_ending() != RXR_GO_ON)
		return false; /* it would wait again */
	audit->seq++;
	if (audit->shared) {
		ok = write_shared(audit);
	} else {
		seal(audit);
		if (audit->line.failed)
			ok = give_up(audit, ENOMEM);
		else if (audit->sink == RXR_SINK_SYSLOG || audit->sink == RXR_SINK_JOURNALD)
			ok = write_datagram(audit);
		else
			ok = write_all(audit, audit->line.ptr, audit->line.len);
	}
	return ok;
}

/* ---- verifying ---- */

/* The text of a string member written without escapes; empty when absent. */
static struct rexi_str member_text(struct rexi_str line, const char *key)
{
	char mark[32];
	size_t at, end;

	snprintf(mark, sizeof(mark), "\"%s\":\"", key);
	at = rx_str_find(line, rx_str(mark), 0);
	if (at == SIZE_MAX)
		return rx_str_make("", 0);
	at += strlen(mark);
	end = rx_str_find(line, RX_STR("\""), at);
	return rx_str_sub(line, at, end == SIZE_MAX ? 0 : end - at);
}

static int64_t member_number(struct rexi_str line, const char *key)
{
	char mark[32];
	size_t at, end;
	int64_t number;

	snprintf(mark, sizeof(mark), "\"%s\":", key);
	at = rx_str_find(line, rx_str(mark), 0);
	if (at == SIZE_MAX)
		return -1;
	at += strlen(mark);
	for (end = at; end < line.len && line.ptr[end] >= '0' && line.ptr[end] <= '9'; end++)
		;
	return rx_number_parse_i64(rx_str_sub(line, at, end - at), 10, &number) == RX_NUMBER_OK ? number : -1;
}

struct open_run {
	struct rexi_str name;
	int64_t next;
	bool ended;
};

struct verifier {
	struct rx_memory *memory;
	struct rxr_audit_finding *out;
	bool fast;
	struct open_run *runs;
	size_t count, cap;
	struct rx_table by_name;
};

RX_PRINTF(2, 3) static bool broken(struct verifier *verifier, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(verifier->out->message, sizeof(verifier->out->message), format, list);
	va_end(list);
	return false;
}

/* Records of one run count up from 0 without a gap, begin with `run` and stop at `end`. */
static bool check_run(struct verifier *verifier, struct rexi_str line)
{
	struct rexi_str name = member_text(line, "run"), type = member_text(line, "type");
	int64_t seq = member_number(line, "seq");
	uint32_t at = rx_table_find(&verifier->by_name, name);

	if (rx_str_eq(type, RX_STR("run"))) {
		if (at != RX_TABLE_NONE || seq != 0)
			return broken(verifier, "run %.*s begins twice", RX_STR_ARG(name));
		if (!RX_GROW(verifier->memory, &verifier->runs, &verifier->cap, verifier->count + 1) ||
		    !rx_table_set(&verifier->by_name, name, (uint32_t)verifier->count))
			return broken(verifier, "out of memory");
		verifier->runs[verifier->count++] = (struct open_run){ name, 1, false };
		return true;
	}
	if (at == RX_TABLE_NONE)
		return broken(verifier, "run %.*s has no beginning", RX_STR_ARG(name));
	if (verifier->runs[at].ended)
		return broken(verifier, "a record of run %.*s after its end", RX_STR_ARG(name));
	if (seq != verifier->runs[at].next)
		return broken(verifier, "record %" PRId64 " of run %.*s where %" PRId64 " was expected", seq, RX_STR_ARG(name),
			      verifier->runs[at].next);
	verifier->runs[at].next++;
	verifier->runs[at].ended = rx_str_eq(type, RX_STR("end"));
	return true;
}

static bool check_line(struct verifier *verifier, struct rexi_str line, uint64_t torn)
{
	struct rxr_audit_finding *out = verifier->out;
	char hash[RXR_HASH_HEX + 1];
	struct rexi_str prev, rest;
	size_t body, at;
	int64_t noted;

	if (!rx_str_starts(line, RX_STR("{\"seq\":")) || !find_hash(line, &body, &at))
		return broken(verifier, "not a record");
	hash_hex(hash, line.ptr, body, verifier->fast);
	if (memcmp(hash, line.ptr + at, RXR_HASH_HEX) != 0)
		return broken(verifier, "the record was changed");
	if (body < RXR_HASH_HEX + 10)
		return broken(verifier, "not a record");
	rest = rx_str_sub(line, body - RXR_HASH_HEX - 10, RXR_HASH_HEX + 10);
	prev = rx_str_sub(rest, 9, RXR_HASH_HEX);
	if (!rx_str_starts(rest, RX_STR(",\"prev\":\"")))
		return broken(verifier, "not a record");
	if (memcmp(prev.ptr, out->head, RXR_HASH_HEX) != 0)
		return broken(verifier, "does not follow the record before it: records were removed, inserted or moved");
	/* the last member before prev, so that no text of a script can pose as it */
	noted = 0;
	if (torn) {
		size_t comma = body - RXR_HASH_HEX - 10;

		while (comma && line.ptr[comma - 1] != ',')
			comma--;
		noted = member_number(rx_str_sub(line, comma, body - RXR_HASH_HEX - 10 - comma), "torn");
	}
	if (torn && noted != (int64_t)torn)
		return broken(verifier, "not a record");
	if (!check_run(verifier, line))
		return false;
	memcpy(out->head, hash, sizeof(hash));
	out->records++;
	return true;
}

bool rxr_audit_verify(struct rx_memory *memory, struct rexi_str text, struct rxr_audit_finding *out)
{
	struct verifier verifier = { .memory = memory, .out = out, .fast = rxr_sha256_fast() };
	uint64_t number = 0, torn = 0, torn_line = 0;
	bool ok = true;

	memset(out, 0, sizeof(*out));
	memcpy(out->head, zeros, sizeof(out->head));
	rx_table_init(&verifier.by_name, memory, rx_hash_seed());
	for (size_t at = 0; at < text.len && ok;) {
		size_t end = rx_str_find(text, RX_STR("\n"), at), body, hash;
		struct rexi_str line = rx_str_sub(text, at, end == SIZE_MAX ? text.len - at : end - at);

		number++;
		if (end == SIZE_MAX) {
			out->torn = true;
			break;
		}
		at = end + 1;
		if (!torn && line.len && !find_hash(line, &body, &hash)) {
			torn = line.len; /* accepted only if the next record says so */
			torn_line = number;
			continue;
		}
		ok = check_line(&verifier, line, torn);
		if (!ok)
			out->line = torn ? torn_line : number;
		torn = 0;
	}
	if (ok && torn) {
		ok = broken(&verifier, "not a record");
		out->line = torn_line;
	}
	out->runs = verifier.count;
	for (size_t i = 0; i < verifier.count; i++)
		out->open_runs += !verifier.runs[i].ended;
	rx_table_fini(&verifier.by_name);
	rx_memory_give(memory, verifier.runs, verifier.cap * sizeof(*verifier.runs));
	return ok;
}
