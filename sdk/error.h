/*
 * How a host operation fails: one failure record in the session, raised to the script at the border of the native.
 * Most failures reach a script as the map #{kind, message, source} (spec/sdk-filesystem.md 3); failures of builders,
 * of integer conversion and of most commands are plain strings.
 */
#ifndef RXS_ERROR_H
#define RXS_ERROR_H

#include "base/buf.h"
#include "base/error.h"

struct rxs_session;
struct rxs_path;

/* Where an error map says it comes from: its `source`, and the enumeration of its `kind`. */
enum rxs_source {
	RXS_SOURCE_TEXT, /* a plain string, no map */
	RXS_SOURCE_IO,   /* "IoErrorKind" */
	RXS_SOURCE_PROCESS,
	RXS_SOURCE_SYSINFO,
	RXS_SOURCE_DISKINFO,
	RXS_SOURCE_NETWORK,
	RXS_SOURCE_COMMON,
	RXS_SOURCE_COUNT
};

/* X(name): the kinds of "IoErrorKind"; the first 23 are the reference's constants, in its order. */
#define RXS_IO_KIND_LIST(X)                                                                                             \
	X(InvalidPath) X(InvalidArguments) X(InvalidFileMode) X(ValidationError) X(DirectoryOpenError) X(DirectoryError)  \
	X(FileError) X(DestinationFileNotEmptyError) X(NotFound) X(DirectoryNotEmpty) X(PermissionDenied)                \
	X(AuthorizationError) X(IdentityResolutionError) X(UnsupportedOperationError) X(FileContentTooLargeError)        \
	X(FileCopyError) X(FileReadError) X(EntryTypeMismatchError) X(IoError) X(TryFromIntError) X(RustixError)         \
	X(Utf8Error) X(Other) X(CallbackError) X(ProcessNamespaceFatalError)

enum rxs_io_kind {
#define RXS_IO_KIND_ENUM(name) RXS_IO_##name,
	RXS_IO_KIND_LIST(RXS_IO_KIND_ENUM)
#undef RXS_IO_KIND_ENUM
	RXS_IO_KIND_COUNT
};

/*
 * The failure that the running native will raise. Tolerant code (a walk that skips what it may not open) looks at it and
 * clears it. `kind` is an index into the names of `source`; `message` is the text that scripts see.
 */
struct rxs_failure {
	bool set;
	enum rxs_source source;
	unsigned kind;
	int os_errno;    /* 0 when the kernel had no part in it */
	bool denied;     /* a policy decision, whatever the kind: the run is "denied" when nobody catches it */
	uint64_t denial; /* number of the decision in the session, for the receipt; 0 when not denied */
	size_t path_at;  /* where in `message` the path begins that it ends with; 0: it ends with none */
	struct rx_buf message;
};

/* Record a failure and return its status (REXI_DENIED for PermissionDenied, REXI_HOST with an errno, else REXI_RUNTIME). */
RX_NODISCARD RX_COLD RX_PRINTF(3, 4) enum rexi_status rxs_fail(struct rxs_session *session, enum rxs_io_kind kind,
								 const char *format, ...);
/* The same for any source; `kind` counts in that source's list. */
RX_NODISCARD RX_COLD RX_PRINTF(4, 5) enum rexi_status rxs_fail_from(struct rxs_session *session, enum rxs_source source,
								      unsigned kind, const char *format, ...);
/* A plain string. */
RX_NODISCARD RX_COLD RX_PRINTF(2, 3) enum rexi_status rxs_fail_text(struct rxs_session *session, const char *format, ...);
/* IoError (or `kind`) with the text of an errno as the reference prints it: "No such file or directory (os error 2)". */
RX_NODISCARD RX_COLD enum rexi_status rxs_fail_errno(struct rxs_session *session, int os_errno);
RX_NODISCARD RX_COLD enum rexi_status rxs_fail_errno_as(struct rxs_session *session, enum rxs_io_kind kind, int os_errno);
RX_NODISCARD RX_COLD enum rexi_status rxs_fail_memory(struct rxs_session *session);
/* A session limit; not catchable by scripts. `name` as in the limit's option. */
RX_NODISCARD RX_COLD enum rexi_status rxs_fail_limit(struct rxs_session *session, const char *name, uint64_t limit);

/* Put `prefix` before the message of the present failure; the kind changes to `kind` unless it is a denial (W-37:
 * a denial inside an operation stays PermissionDenied). */
RX_COLD void rxs_failure_prefix(struct rxs_session *session, enum rxs_io_kind kind, const char *prefix, const char *suffix);

void rxs_failure_clear(struct rxs_session *session);
/* Moves the failure out and back, for code that must do something fallible before it reports. *saved owns memory. */
void rxs_failure_save(struct rxs_session *session, struct rxs_failure *saved);
void rxs_failure_restore(struct rxs_session *session, struct rxs_failure *saved);

/* "No such file or directory (os error 2)": the C library's text and the number. */
void rxs_errno_text(struct rx_buf *buf, int os_errno);

/* "NotFound"; static. "Unknown" when out of range. */
const char *rxs_io_kind_name(unsigned kind);
const char *rxs_source_name(enum rxs_source source);

#endif
