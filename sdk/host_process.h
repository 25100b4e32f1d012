/*
 * The host seam for child processes: one program, from an open descriptor, to its end. The child gets a clean environment,
 * no descriptor but its three standard ones, default signal actions, a process group of its own, and no_new_privs.
 */
#ifndef RXS_HOST_PROCESS_H
#define RXS_HOST_PROCESS_H

#include "base/buf.h"
#include "sdk/authorize.h"

struct rxs_spawn {
	int fd;                  /* the program, open for reading; the object that was authorised */
	const char *const *argv; /* NULL-terminated */
	const char *const *envp; /* NULL-terminated; may be empty */
	bool set_user, set_group;
	uint32_t uid, gid;       /* with set_user, gid is set as well and supplementary groups are dropped (W-19) */
	uint64_t capabilities;   /* bits by number; raised as inheritable and ambient; none: both sets are cleared */
	bool in_namespace;
	int64_t namespace_pid;   /* whose PID namespace the child joins */
	struct rexi_str input;   /* standard input; ptr NULL: empty */
	uint64_t timeout_ms;     /* 0: none */
	uint64_t output_max;     /* bytes of each stream */
	uint64_t grace_ms;       /* between the host's wish to end and SIGKILL */
};

enum rxs_child_end {
	RXS_CHILD_EXITED,    /* exit_code: its status, or minus the signal that ended it */
	RXS_CHILD_FAILED,    /* never ran: `step` failed with os_errno */
	RXS_CHILD_TIMED_OUT, /* ended by us, as are the next two */
	RXS_CHILD_FLOODED,
	RXS_CHILD_STOPPED
};

struct rxs_child {
	enum rxs_child_end end;
	int exit_code, os_errno;
	const char *step; /* "pidfd", "setns", "setgid", "setgroups", "setuid", "capabilities", "execute", ...; static */
	int64_t pid;
	struct rx_buf out, err; /* the caller's; initialised by it */
};

/*
 * Runs the program to its end, collecting both streams. The grant is Execute on the file behind spawn->fd. Never leaves a
 * child behind that it did not wait for: on every early end the child's whole process group is killed.
 */
void rxs_host_run(const struct rxs_grant *execute, const struct rxs_spawn *spawn, struct rxs_child *child);

/* Number of a capability by its name ("CAP_CHOWN"), -1 when there is none of that name. */
int rxs_capability_number(struct rexi_str name);

/* The real user and group of this process. */
void rxs_host_real_ids(uint32_t *uid, uint32_t *gid);

/* The number of this process. */
int64_t rxs_host_pid(void);

/* The mask of modes for new files. */
unsigned rxs_host_umask(struct rxs_session *session);

#endif
