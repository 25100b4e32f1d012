/* One run's hold on the host: policy set, principal, grants, limits, hooks, and the counters of the host seam. */
#ifndef RXS_SESSION_H
#define RXS_SESSION_H

#include "base/arena.h"
#include "base/memory.h"
#include "sdk/authorize.h"
#include "sdk/error.h"

struct rexi_cedar_engine;
struct rexi_cedar_policies;
struct rxl_call;

enum rxs_log_level { RXS_LOG_ERROR, RXS_LOG_WARN, RXS_LOG_INFO, RXS_LOG_DEBUG, RXS_LOG_TRACE };

/* What the runner hangs on a session; every member may be NULL. `user` is passed back. */
struct rxs_hooks {
	void *user;
	/* Called for every decision before anything happens. Not REXI_OK: the operation is refused (UNRECORDED). */
	enum rexi_status (*decision)(void *user, const struct rxs_decision *decision);
	/* A refusal was kept: rxs_denial_last, rxs_denial_explain and rxs_denial_near speak of it. */
	void (*denied)(void *user);
	/* decision is NULL: the latest is meant. */
	/* What came of an allowed operation: bytes moved, exit status, a link's target. */
	void (*effect)(void *user, const struct rxs_decision *decision, struct rexi_str name, int64_t number);
	/* Bytes of host objects on their way, for digests: read ones after, written ones before. bytes NULL: the kernel moved
	 * them from file to file unseen. */
	void (*moved)(void *user, bool written, const void *bytes, size_t len);
	/* The script's log: text without a final newline. */
	void (*log)(void *user, enum rxs_log_level level, uint32_t line, struct rexi_str text);
	/* Asked inside long operations; true ends them with REXI_TERMINATED. */
	bool (*stop)(void *user);
};

/* X(name, default, "what it bounds") */
#define RXS_LIMIT_LIST(X)                                                                                     \
	X(read_bytes, 256u << 20, "bytes that one call may hold of a file's content")                         \
	X(list_entries, 1000000, "entries of one directory listing held as a map or array")                   \
	X(walk_depth, 4096, "directory levels that a walk enters")                                            \
	X(open_handles, 1024, "directory, file and link handles alive at once")                               \
	X(matches, 10000000, "lines or matches that one call may return")                                     \
	X(line_bytes, 64u << 20, "bytes of one line")                                                         \
	X(output_bytes, 64u << 20, "bytes captured from a child process, for each of stdout and stderr")      \
	X(children, 256, "child processes started in a run")                                                  \
	X(execute_ms, 0, "milliseconds that a child process may run; 0 is no limit")                          \
	X(archive_entries, 1000000, "entries of one archive")                                                 \
	X(archive_bytes, UINT64_C(4) << 30, "bytes that one archive may unpack to")

struct rxs_limits {
#define RXS_LIMIT_FIELD(name, value, text) uint64_t name;
	RXS_LIMIT_LIST(RXS_LIMIT_FIELD)
#undef RXS_LIMIT_FIELD
};

struct rxs_session_options {
	size_t size; /* sizeof(struct rxs_session_options) */
	struct rx_memory *memory;              /* borrowed; NULL takes a private one without limit */
	const struct rexi_cedar_engine *cedar; /* borrowed; needed with policies */
	/* borrowed, built (rexi_cedar_policies_build); NULL is the empty set: everything is denied */
	const struct rexi_cedar_policies *policies;
	const char *principal;                 /* NULL: the account name of the effective user, "unknown" if none */
	bool groups;                           /* the principal is this process's user: it is in the groups of the process */
	bool permissive;                       /* refusals pass and are logged; for libraries only */
	const struct rxs_limits *limits;       /* NULL: the defaults */
	struct rxs_hooks hooks;
};

struct rxs_decider;  /* sdk/authorize.c: resolved Cedar handles and scratch */
struct rxs_identity; /* sdk/host_user.c: user and group names */
struct rxs_redaction;

struct rxs_session {
	struct rx_memory *memory;
	struct rx_memory own_memory; /* used when the options gave none */
	const struct rexi_cedar_policies *policies;
	struct rexi_str principal;
	bool permissive, groups;
	struct rxs_limits limits;
	struct rxs_hooks hooks;
	struct rxs_failure failure;
	struct rxs_decider *decider;
	struct rxs_identity *identity;
	struct rxs_redaction *redaction; /* sdk/redact.c; loaded on first use */
	struct rxs_grant **grants;       /* stack */
	size_t grant_count, grant_cap;
	size_t grant_base;               /* where the grants of the running native begin */
	struct rxs_denial denial;
	struct rx_arena denial_arena; /* holds what `denial` points to */
	uint64_t decisions;        /* asked so far */
	uint64_t host_calls;       /* calls for scripts that reached the host seam; a fully denied run leaves it at 0 */
	uint64_t children;         /* processes started */
	uint64_t handles;          /* alive now */
	int proc_fds;              /* /proc/self/fd, opened on first use; -1 not yet, -2 not there */
	int root_fd;               /* "/" as O_PATH; -1 not yet */
	/* the running native, for records, logs and callbacks; NULL between calls */
	struct rxl_call *call;
	uint64_t calls, call_id;   /* natives entered so far; the running one's number, 0 between calls */
	uint64_t moves;            /* renames made and programs run: places known before may be wrong */
	uint64_t bytes_read, bytes_written; /* of files, by all calls so far */
	const char *limit;        /* name of the session limit that a call ran into; NULL: none yet */
	char limit_text[128];     /* "Limit reached: ..." */
	char terminate[256]; /* set by a fatal operation: the script must end even if it catches the error */
};

/* Tells the effect hook, if there is one, what came of the operation that was decided last. */
void rxs_effect(struct rxs_session *session, const char *name, int64_t number);

/* The defaults of RXS_LIMIT_LIST. */
void rxs_limits_init(struct rxs_limits *limits);

/* *out is owned by the caller and must outlive every value that a script made with it. Makes no host operation but
 * looking up the account name. */
RX_NODISCARD enum rexi_status rxs_session_new(const struct rxs_session_options *options, struct rxs_session **out,
					      struct rexi_error *err);
void rxs_session_free(struct rxs_session *session);

RX_PRINTF(3, 4) void rxs_log(struct rxs_session *session, enum rxs_log_level level, const char *format, ...);
/* True when the run is to end; long loops ask it every few thousand steps. */
bool rxs_should_stop(const struct rxs_session *session);
/* A random version 4 UUID, 36 characters and a NUL. */
void rxs_uuid(struct rxs_session *session, char out[37]);

#endif
