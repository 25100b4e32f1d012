/* Facts of the system, its disks and processes: natives and what their files share. Source: sdk-system.md. */
#ifndef RXS_SYSTEM_H
#define RXS_SYSTEM_H

#include "sdk/commands.h"
#include "sdk/authorize.h"
#include "sdk/options.h"

/* Read(File path) and the file's content as text. */
RX_NODISCARD enum rexi_status rxs_read_proc(struct rxs_session *session, const char *path, struct rx_buf *out);
/* Open(Dir) Open(File) Read(File), and the content as text. */
RX_NODISCARD enum rexi_status rxs_read_safely(struct rxs_session *session, const char *dir, const char *name,
					      struct rx_buf *out);
/* The next word of a line, between blanks and tabs; false at the end. */
bool rxs_word_next(struct rexi_str line, size_t *at, struct rexi_str *word);

void rxs_show_plain_handle(const void *payload, struct rx_buf *out, bool debug);

/* "SIGTERM" of Signal's first value, and so on; NULL behind the last. */
const char *rxs_signal_name(unsigned index);
void rxs_show_signal(const void *payload, struct rx_buf *out, bool debug);
void rxs_show_process_manager(const void *payload, struct rx_buf *out, bool debug);
void rxs_free_process_manager(void *payload);
enum rexi_status rxs_check_lsof(struct rxs_session *session, const struct rxs_options *options);
enum rexi_status rxs_check_monitor(struct rxs_session *session, const struct rxs_options *options);
enum rexi_status rxs_check_kill(struct rxs_session *session, const struct rxs_options *options);

/* Asks `list` for a process: *listed, and then its name. Gone or not allowed is no failure. */
RX_NODISCARD enum rexi_status rxs_process_listed(struct rxs_session *session, int64_t pid, bool *listed, struct rx_buf *name);

/* "ACTIVE" of State's first value, and so on; NULL behind the last. */
const char *rxs_unit_state_name(unsigned index);
void rxs_show_unit_state(const void *payload, struct rx_buf *out, bool debug);
RXS_COMMAND(rxs_unit_manager);
RXS_COMMAND(rxs_unit_operate);
RXS_COMMAND(rxs_unit_daemon_reload);
RXS_COMMAND(rxs_unit_status);
RXS_COMMAND(rxs_unit_to_map);
RXS_COMMAND(rxs_unit_text);
RXS_COMMAND(rxs_unit_state_active);

/* "BYTES" of Unit's first value, and so on; NULL behind the last. */
const char *rxs_disk_unit_name(unsigned index);
void rxs_show_disk_unit(const void *payload, struct rx_buf *out, bool debug);

RXS_COMMAND(rxs_disk_filesystems_new);
RXS_COMMAND(rxs_disk_filesystems);
RXS_COMMAND(rxs_disk_unmount);
RXS_COMMAND(rxs_disk_format_bytes);
RXS_COMMAND(rxs_disk_iostat);
RXS_COMMAND(rxs_disk_iostat_text);
RXS_COMMAND(rxs_disk_lsblk);

RXS_COMMAND(rxs_process_manager_new);
RXS_COMMAND(rxs_process_list);
RXS_COMMAND(rxs_process_users);
RXS_COMMAND(rxs_process_open_files);
RXS_COMMAND(rxs_process_ipcs);
RXS_COMMAND(rxs_process_ipcs_text);
RXS_COMMAND(rxs_process_kill);
RXS_COMMAND(rxs_process_kill_command);
RXS_COMMAND(rxs_process_monitor);
RXS_COMMAND(rxs_process_enter);
RXS_COMMAND(rxs_process_trace);

RXS_COMMAND(rxs_sys_handle);
RXS_COMMAND(rxs_sys_memory);
RXS_COMMAND(rxs_sys_swap);
RXS_COMMAND(rxs_sys_free);
RXS_COMMAND(rxs_sys_memory_text);
RXS_COMMAND(rxs_sys_hostname);
RXS_COMMAND(rxs_sys_uname);
RXS_COMMAND(rxs_sys_uname_text);
RXS_COMMAND(rxs_sys_cpu_count);
RXS_COMMAND(rxs_sys_kernel_stats);
RXS_COMMAND(rxs_sys_slab_info);
RXS_COMMAND(rxs_sys_slab_text);
RXS_COMMAND(rxs_sys_dmesg);
RXS_COMMAND(rxs_sys_dmesg_text);
RXS_COMMAND(rxs_sys_resolve);
RXS_COMMAND(rxs_sys_sysctl_read);
RXS_COMMAND(rxs_sys_sysctl_write);
RXS_COMMAND(rxs_sys_sysctl_find);
RXS_COMMAND(rxs_sys_sysctl_load);

#endif
