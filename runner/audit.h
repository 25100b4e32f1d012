/*
 * The record of a run: JSON Lines, each with the SHA-256 of the line before, so that a change, a removal, an insertion
 * or another order shows. One write for a record: a crash at any byte leaves a prefix that verifies. Several runs may
 * write to one file at a time; they make one chain.
 *
 * A line is   {"seq":N,"run":"ID","time":"...","type":"...", members ...,"prev":"HEX","hash":"HEX"}
 * hash is of the bytes before `,"hash":`; prev is the hash of the line before, zeros for the first.
 */
#ifndef RXR_AUDIT_H
#define RXR_AUDIT_H

#include "base/buf.h"
#include "runner/sha256.h"

#define RXR_HASH_HEX 64

enum rxr_sink { RXR_SINK_NONE, RXR_SINK_FILE, RXR_SINK_FD, RXR_SINK_SYSLOG, RXR_SINK_JOURNALD };

struct rxr_audit {
	enum rxr_sink sink;
	int fd;               /* -1: none */
	bool shared;          /* a regular file, which other runs may append to */
	bool fast;            /* hash by rxr_sha256_fast */
	bool broken;          /* a record could not be written */
	int os_errno;         /* why */
	uint64_t seq;         /* of the next record of this run */
	uint64_t size;        /* of the file after our last record */
	char run[17];         /* random name of the run */
	char head[RXR_HASH_HEX + 1]; /* hash of the last record */
	struct rx_buf line;   /* the record in the making */
	int64_t second;       /* the second that `clock` shows */
	char clock[20];       /* 2025-10-21T14:30:00 */
};

/* sink: FILE, fd:N, syslog[:SOCKET] or journald[:SOCKET]. A file is made with mode 0600, and continued when it is there. On failure
 * err->message says why; the caller ends *audit with rxr_audit_close either way. */
RX_NODISCARD enum rexi_status rxr_audit_open(struct rxr_audit *audit, struct rx_memory *memory, const char *sink,
					     struct rexi_error *err);
void rxr_audit_close(struct rxr_audit *audit);

/* Begins a record of a type, to which the caller adds members, each led by a comma, through the buffer returned. */
struct rx_buf *rxr_audit_begin(struct rxr_audit *audit, const char *type);
/* Writes it. false: it could not be written whole. */
bool rxr_audit_end(struct rxr_audit *audit);

/* A constant piece of a record, without a call where there is room. */
RX_INLINE void rxr_put(struct rx_buf *buf, const char *text, size_t len)
{
	size_t after = buf->len + len;

	if (RX_LIKELY(after <= buf->cap && after <= buf->limit && !buf->failed)) {
		memcpy(buf->ptr + buf->len, text, len);
		buf->len = after;
	} else {
		rx_buf_bytes(buf, text, len);
	}
}
#define RXR_PUT(buf, literal) rxr_put((buf), "" literal, sizeof(literal) - 1)

/* Members: ,"key":value */
void rxr_member(struct rx_buf *buf, const char *key, struct rexi_str text);
void rxr_member_number(struct rx_buf *buf, const char *key, int64_t number);

/* ,"key":"HEX" */
void rxr_member_digest(struct rx_buf *buf, const char *key, struct rxr_sha256 *sha);

/* SHA-256 as 64 hexadecimal digits and a NUL. */
void rxr_sha256(char hex[RXR_HASH_HEX + 1], const void *bytes, size_t len);

/* `rexi audit verify|show`; prints to stdout, complaints to stderr; the exit status. */
int rxr_audit_main(int argc, char **argv);

/* What verification found. */
struct rxr_audit_finding {
	uint64_t records; /* that verify, from the first on */
	uint64_t runs, open_runs;
	uint64_t line;    /* of the first that does not verify, from 1; 0 when all do */
	bool torn;        /* the last line is incomplete: a run was cut off while it wrote */
	char message[200];
	char head[RXR_HASH_HEX + 1];
};

/* Verifies a whole record. true: every line is intact and in order (runs may still be open). */
bool rxr_audit_verify(struct rx_memory *memory, struct rexi_str text, struct rxr_audit_finding *out);

#endif
