/*
 * The policy enforcement point: the one place that turns "do this to that" into a Cedar request, a record and a grant.
 * Host functions (sdk/host_*.h) demand a grant, and only sdk/authorize.c can make one.
 */
#ifndef RXS_AUTHORIZE_H
#define RXS_AUTHORIZE_H

#include "base/buf.h"
#include "base/str.h"
#include "sdk/path.h"

struct rxs_session;

enum rxs_action {
#define RXS_ACTION(id, space, name, group) RXS_##id,
#include "sdk/actions.def"
#undef RXS_ACTION
	RXS_ACTION_COUNT
};

/* file_system::Action::"open" in parts; static. */
struct rexi_str rxs_action_space(enum rxs_action action);
struct rexi_str rxs_action_name(enum rxs_action action);

enum rxs_resource_type {
	RXS_FILE,     /* file_system::File, by path */
	RXS_DIR,      /* file_system::Dir, by path */
	RXS_UNAME,    /* sysinfo::Uname */
	RXS_SYSINFO,  /* sysinfo::Sysinfo */
	RXS_HOSTNAME, /* sysinfo::Hostname */
	RXS_URL,      /* network::url */
	RXS_PROCESS,  /* process_system::Process */
	RXS_SERVICE,  /* systemd::Service */
	RXS_SYSTEMD,  /* systemd::Systemd */
	RXS_SYSCTL,   /* sysctl::Sysctl */
	RXS_RESOURCE_TYPE_COUNT
};

/* "file_system::File"; static. */
const char *rxs_resource_type_name(enum rxs_resource_type type);

/* Values of attributes and contexts, in the caller's storage, borrowed for the call. */
enum rxs_data_kind { RXS_DATA_STRING, RXS_DATA_LONG, RXS_DATA_BOOL, RXS_DATA_STRINGS, RXS_DATA_RECORD, RXS_DATA_ENTITY };

struct rxs_field;

/* An entity that stands in a context (execute's arguments and environment). Tags are strings. */
struct rxs_entity {
	const char *type;    /* "file_system::Arguments" */
	struct rexi_str id;
	const struct rxs_field *attributes;
	size_t attribute_count;
	const struct rxs_field *tags;
	size_t tag_count;
};

struct rxs_data {
	enum rxs_data_kind kind;
	union {
		struct rexi_str string;
		int64_t number; /* LONG; BOOL as 0 or 1 */
		struct {
			const struct rexi_str *items;
			size_t count;
		} strings; /* a set */
		struct {
			const struct rxs_field *fields;
			size_t count;
		} record;
		const struct rxs_entity *entity;
	};
};

struct rxs_field {
	struct rexi_str name;
	struct rxs_data value;
};

/* The id of what a host has one of (Sysinfo, Sysctl, Systemd): always the same, so that policies and records can name it. */
#define RXS_ONLY_ID "00000000-0000-0000-0000-000000000000"

/* What is acted on. Files and directories are their path: attribute `path` and the ancestors follow from its text. */
struct rxs_resource {
	enum rxs_resource_type type;
	struct rxs_path *path;              /* FILE, DIR; borrowed (a grant takes its own reference) */
	struct rexi_str id;                 /* the other types */
	const struct rxs_field *attributes; /* the other types */
	size_t attribute_count;
};

/* How a refusal came about; the words of a receipt. */
enum rxs_refusal {
	RXS_ALLOWED,
	RXS_NOT_PERMITTED, /* no permit holds */
	RXS_FORBIDDEN,     /* a forbid holds */
	RXS_ERRED,         /* a forbid could not be evaluated: fail closed (DESIGN, invariant 1) */
	RXS_UNDECIDED,     /* the request could not be built, or the decision ran into a limit */
	RXS_UNRECORDED     /* allowed, but the record could not be written (DESIGN, invariant 3) */
};

/* One decision, as the audit hook sees it. Everything is borrowed for the call. */
struct rxs_decision {
	uint64_t number; /* counts from 1 in the session */
	struct rexi_str principal; /* the id, without type */
	enum rxs_action action;
	const struct rxs_resource *resource;
	struct rexi_str resource_id; /* the id's text, for paths too */
	const struct rxs_field *context;
	size_t context_count;
	enum rxs_refusal refusal;
	bool permissive;         /* a refusal that the permissive mode let pass */
	struct rexi_str function; /* the native's name as the script called it; empty outside a call */
	uint32_t line, column;   /* of the call in the script; 0 when unknown */
	const struct rexi_str *determining; /* policy ids, or their @id annotation */
	size_t determining_count;
	const struct rexi_str *erring;
	size_t erring_count;
	const char *error; /* with ERRED and UNDECIDED: why; else NULL */
};

struct rxs_grant;

/*
 * Ask the policy decision point. Anything but a definite Allow is a failure of the session (kind PermissionDenied,
 * status REXI_DENIED; kind AuthorizationError when no decision was reached). The record is written first, whichever way
 * it went. The grant lives until rxs_grants_release or the end of the native call.
 */
RX_NODISCARD enum rexi_status rxs_authorize(struct rxs_session *session, enum rxs_action action,
					    const struct rxs_resource *resource, const struct rxs_grant **grant_out);
/* With a context (move, set_x_attr, execute). */
RX_NODISCARD enum rexi_status rxs_authorize_in(struct rxs_session *session, enum rxs_action action,
					       const struct rxs_resource *resource, const struct rxs_field *context,
					       size_t context_count, const struct rxs_grant **grant_out);
/* The two everyday forms. */
RX_NODISCARD enum rexi_status rxs_authorize_file(struct rxs_session *session, enum rxs_action action,
						 struct rxs_path *path, const struct rxs_grant **grant_out);
RX_NODISCARD enum rexi_status rxs_authorize_dir(struct rxs_session *session, enum rxs_action action,
						struct rxs_path *path, const struct rxs_grant **grant_out);

/* Grants are a stack: loops inside one native (walks) mark and release so that it stays small. */
RX_NODISCARD size_t rxs_grants_mark(const struct rxs_session *session);
void rxs_grants_release(struct rxs_session *session, size_t mark);

/* What a grant is for; host functions check it and trap on a mismatch (our own bug). */
enum rxs_action rxs_grant_action(const struct rxs_grant *grant);
const struct rxs_resource *rxs_grant_resource(const struct rxs_grant *grant);
struct rxs_session *rxs_grant_session(const struct rxs_grant *grant);

/* The last refusal, kept for the receipt of an uncaught denial; strings owned by the session. */
struct rxs_denial {
	uint64_t number; /* of the decision; 0 when there was none */
	enum rxs_action action;
	enum rxs_resource_type type;
	struct rexi_str principal, resource;
	enum rxs_refusal refusal;
	struct rexi_str function; /* empty outside a call */
	uint32_t line, column;
	const struct rexi_str *determining, *erring; /* policy names */
	size_t determining_count, erring_count;
	struct rexi_str error;                       /* with ERRED and UNDECIDED: why */
	const struct rxs_field *context;
	size_t context_count;
	const struct rxs_field *attributes;          /* of the resource, where it is no path */
	size_t attribute_count;
};

const struct rxs_denial *rxs_denial_last(const struct rxs_session *session);
/*
 * The receipt of the last denial as text (runner: after the blank line of an uncaught denial): what was asked, which
 * policies decided or erred, how near each permit came. Asks the policy set once more, so it costs only when wanted.
 */
RX_NODISCARD enum rexi_status rxs_denial_explain(struct rxs_session *session, struct rx_buf *out);
/* Whether some permit's principal and action parts hold for the session's principal: false means that the policy set can
 * never allow the action, whatever the resource. For checks before a run; leaves no record. */
bool rxs_action_possible(struct rxs_session *session, enum rxs_action action);
/*
 * How near each policy came to the last denial, as Cedar's explanation has it (permits first, nearest first), with the
 * policy's name. Asks the policy set once more. What `each` gets is borrowed for the call.
 */
struct rexi_cedar_near;
void rxs_denial_near(struct rxs_session *session,
		     void (*each)(void *user, const struct rexi_cedar_near *near, struct rexi_str name), void *user);

#endif
