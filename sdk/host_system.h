/* The host seam for facts of the system: whole small files by a read grant, names, mounts, signals, resolution. */
#ifndef RXS_HOST_SYSTEM_H
#define RXS_HOST_SYSTEM_H

#include "base/buf.h"
#include "sdk/authorize.h"

/* The content of the file that the grant (Read) is for, links followed, at most `max` bytes; for /proc and its like. An
 * errno, 0 for success. Never blocks. */
int rxs_host_read_whole(const struct rxs_grant *read, size_t max, struct rx_buf *out);
/* Records of /dev/kmsg from the start, one a line of out (each ends in a newline); the grant is Read on it. */
int rxs_host_read_kmsg(const struct rxs_grant *read, size_t max, struct rx_buf *out);

/* The text of /proc/stat; the grant is sysinfo list, or Read on the kernel's log. */
int rxs_host_stat_text(const struct rxs_grant *grant, struct rx_buf *out);

struct rxs_uname {
	char sysname[65], nodename[65], release[65], version[65], machine[65];
};
/* The grant is sysinfo list. */
int rxs_host_uname(const struct rxs_grant *list, struct rxs_uname *out);

struct rxs_statfs {
	uint64_t blocks, available, fragment, files, files_free;
};
/* The grant is Stat on the mount point. */
int rxs_host_statfs(const struct rxs_grant *stat, struct rxs_statfs *out);
/* The grant is Unmount. */
int rxs_host_unmount(const struct rxs_grant *unmount);

/* Is the text an IPv4 or IPv6 address? */
bool rxs_is_address(struct rexi_str text);

uint64_t rxs_host_page_size(void);
uint64_t rxs_host_ticks(void);

/* Processes: what the kernel shows of one. Reads of /proc/<pid> before the check that they are the subject of: the request
 * cannot be made without name, user and command. */
struct rxs_process {
	int64_t pid, ppid, uid;
	char name[64];
	char state;
	uint64_t resident_pages, cpu_ticks, start_ticks;
	struct rx_buf command; /* arguments joined by blanks; the caller's buffer */
};
/* False when there is no such process. `thread_of` > 0: pid is a thread of it. */
bool rxs_host_process(struct rxs_session *session, int64_t pid, int64_t thread_of, struct rxs_process *out);
/* Numbers of all processes, or of all threads of one (of > 0), in out (pairs); an errno. */
int rxs_host_processes(struct rxs_session *session, int64_t of, int64_t **out, size_t *count, size_t *cap);
/* Whether the number still is the process that started then. */
bool rxs_host_is_process(struct rxs_session *session, int64_t pid, uint64_t start_ticks);
/* Its PID namespace, and its number there. False when that may not be seen. */
bool rxs_host_pid_namespace(struct rxs_session *session, int64_t pid, uint64_t *space, int64_t *number);
/* Waits; false when the run is to end. */
bool rxs_host_pause(struct rxs_session *session, uint64_t milliseconds);
/* What a process holds, in the order of lsof: working directory, root, executable, mapped files, descriptors. The grant is
 * list_fds on it. type is "DIR", "REG", ...; target as the kernel shows it. */
enum rxs_hold { RXS_HOLD_CWD, RXS_HOLD_ROOT, RXS_HOLD_EXE, RXS_HOLD_MAPPED, RXS_HOLD_FD };
typedef enum rexi_status (*rxs_link_fn)(void *user, enum rxs_hold hold, const char *type, struct rexi_str target);
RX_NODISCARD enum rexi_status rxs_host_holds(const struct rxs_grant *list, int64_t pid, rxs_link_fn each, void *user);
/* Where a path leads through links; an errno. */
int rxs_host_canonical(const struct rxs_grant *grant, const char *path, struct rx_buf *out);
/* A file of /proc that tells nothing of its own but units for what was authorised ("meminfo", "uptime"). */
bool rxs_host_proc_text(struct rxs_session *session, const char *name, struct rx_buf *out);

/* A signal to the very process that was checked; expect its start time. The grant is kill or interrupt. */
int rxs_host_signal(const struct rxs_grant *kill, int64_t pid, uint64_t start_ticks, int signal_number);

#endif
