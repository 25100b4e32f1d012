#include <config.h>

#include "runner/schema.h"

#include "base/str.h"

/* spec/runner.md 14.4. Process has the attribute `pid`, which requests carry and the reference's schema lacks (W11). */
static const char text[] =
	"entity User;\n"
	"namespace file_system {\n"
	"  entity Dir in [Dir] = { path: String };\n"
	"  entity File in [Dir] = { path: String };\n"
	"  entity Arguments = { keys: Set<String>, flags: Set<String>, positional_values: Set<String> } tags String;\n"
	"  entity Environment = { names: Set<String> } tags String;\n"
	"  action SafeIO;\n"
	"  action write, network_namespace, redacted_read in [SafeIO] appliesTo { principal: [User], resource: [File] };\n"
	"  action open, chmod, chown, create, delete, read, stat in [SafeIO]\n"
	"    appliesTo { principal: [User], resource: [File, Dir] };\n"
	"  action set_x_attr in [SafeIO]\n"
	"    appliesTo { principal: [User], resource: [File, Dir], context: { xattr: { name: String } } };\n"
	"  action execute in [SafeIO] appliesTo { principal: [User], resource: [File], context: {\n"
	"    arguments: Arguments, environment: Environment, user: { username: String, uid: Long },\n"
	"    group: { groupname: String, gid: Long }, namespace?: { target_process_id: Long } } };\n"
	"  action move in [SafeIO] appliesTo { principal: [User], resource: [File, Dir],\n"
	"    context: { destination: { path: String, name: String, parent_path: String } } };\n"
	"  action unmount in [SafeIO] appliesTo { principal: [User], resource: [Dir] };\n"
	"}\n"
	"namespace sysinfo {\n"
	"  entity Uname, Sysinfo;\n"
	"  entity Hostname = { hostname: String };\n"
	"  action SysinfoAction;\n"
	"  action list in [SysinfoAction] appliesTo { principal: [User], resource: [Uname, Sysinfo] };\n"
	"  action resolve_hostname in [SysinfoAction] appliesTo { principal: [User], resource: [Hostname] };\n"
	"}\n"
	"namespace network {\n"
	"  entity url = { url: String };\n"
	"  action NetworkAction;\n"
	"  action GET, connect in [NetworkAction] appliesTo { principal: [User], resource: [url] };\n"
	"}\n"
	"namespace process_system {\n"
	"  entity Process = { name: String, username: String, command: String, pid: String };\n"
	"  action ProcessAction;\n"
	"  action list, list_fds, mount_namespace, network_namespace, kill, interrupt, trace in [ProcessAction]\n"
	"    appliesTo { principal: [User], resource: [Process] };\n"
	"}\n"
	"namespace systemd {\n"
	"  entity Service = { name: String };\n"
	"  entity Systemd;\n"
	"  action SystemdAction;\n"
	"  action start, stop, restart, status in [SystemdAction] appliesTo { principal: [User], resource: [Service] };\n"
	"  action daemon_reload in [SystemdAction] appliesTo { principal: [User], resource: [Systemd] };\n"
	"}\n"
	"namespace sysctl {\n"
	"  entity Sysctl;\n"
	"  action SysctlAction;\n"
	"  action load in [SysctlAction] appliesTo { principal: [User], resource: [Sysctl] };\n"
	"}\n";

struct rexi_str rxr_schema_text(void)
{
	return rx_str_make(text, sizeof(text) - 1);
}
