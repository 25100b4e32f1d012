/* A script's function inside the namespaces of a process, or a named network namespace. Source: sdk-system.md 4.7;
 * weakness 31. */
#include <config.h>

#include "sdk/system.h"

#include <stdio.h>

#include "lang/engine.h"
#include "lang/error.h"
#include "sdk/error.h"
#include "sdk/fs.h"
#include "sdk/host_namespace.h"
#include "sdk/options.h"
#include "sdk/objects.h"
#include "sdk/process.h"

#include "base/banned.h"

#define FAIL RXS_FAIL_PROCESS
#define NETNS_DIR "/run/netns"

struct wish {
	bool mount, net;
	bool has_pid;
	int64_t pid;
	struct rexi_str name; /* ptr NULL: none */
};

static enum rexi_status wish_read(struct rxs_session *session, const struct rxs_options *options, struct wish *out)
{
	*out = (struct wish){
		.mount = rxs_option_bool(options, RXS_OPT_NamespaceOptions_mount),
		.net = rxs_option_bool(options, RXS_OPT_NamespaceOptions_net),
		.has_pid = rxs_option_is_set(options, RXS_OPT_NamespaceOptions_pid),
		.pid = rxs_option_int(options, RXS_OPT_NamespaceOptions_pid),
		.name = rxs_option_str(options, RXS_OPT_NamespaceOptions_net_ns_name),
	};
	if (!out->has_pid && !out->name.ptr)
		return FAIL(session, ValidationError,
			    "Validation error: At least one namespace must be enabled. Must specify pid or namespace filename");
	if (out->name.ptr && (out->has_pid || out->mount))
		return FAIL(session, ValidationError, "Validation error: Cannot set both name and pid, and entering a mount namespace "
						      "by filename is not supported");
	if (out->has_pid && !out->mount && !out->net)
		return FAIL(session, ValidationError,
			    "Validation error: At least one namespace type (mount or net) must be enabled");
	return REXI_OK;
}

static enum rexi_status fail_place(struct rxs_session *session, const char *what, int error)
{
	enum rexi_status status = FAIL(session, NamespaceOperationError, "Namespace operation failed: %s: ", what);

	rxs_errno_text(&session->failure.message, error);
	session->failure.os_errno = error;
	return status;
}

static enum rexi_status enter_process(struct rxs_session *session, const struct wish *wish, struct rxs_place *place)
{
	const struct rxs_grant *mount = NULL, *net = NULL;
	struct rxs_known k;
	enum rexi_status status = REXI_OK;
	int error;

	rxs_known_init(&k, session);
	if (wish->pid <= 0 || wish->pid > INT32_MAX || !rxs_known_read(&k, session, wish->pid, 0))
		status = FAIL(session, ProcessNotFound,
			      "Process not found: Process with specified PID does not exist. Hint: use safe_processes method to get the "
			      "target process pid first.: PID %lld", (long long)wish->pid);
	if (status == REXI_OK && wish->mount)
		status = rxs_known_ask(session, &k, RXS_PROCESS_MOUNT_NAMESPACE, &mount);
	if (status == REXI_OK && wish->net)
		status = rxs_known_ask(session, &k, RXS_PROCESS_NETWORK_NAMESPACE, &net);
	if (status == REXI_OK) {
		error = rxs_host_place_keep(mount ? mount : net, wish->mount, wish->net, place);
		if (error)
			status = fail_place(session, "Failed to access current namespace", error);
	}
	if (status == REXI_OK) {
		error = rxs_host_enter_process(mount, net, k.p.pid, k.p.start_ticks);
		if (error) {
			rxs_host_place_forget(place);
			status = fail_place(session, "Failed to enter requested namespaces", error);
		}
	}
	rxs_known_fini(&k);
	return status;
}

/* Open Dir, Open File, and then into what the file stands for. */
static enum rexi_status enter_file(struct rxs_session *session, const struct wish *wish, const struct rxs_grant *grant,
				   struct rxs_place *place)
{
	static const struct rxs_open_dir plain = { .follow = false };
	static const struct rxs_open_file how = { .read = true };
	struct rxs_dir *dir;
	struct rxs_file *file = NULL;
	enum rexi_status status;
	int error;

	RX_TRY(rxs_dir_open(session, RX_STR(NETNS_DIR), &plain, &dir));
	status = rxs_file_open(dir, wish->name, false, &how, &file);
	rxs_dir_unref(dir);
	if (status == REXI_HOST)
		status = FAIL(session, NamespaceOperationError,
			      "Namespace operation failed: Failed to open network namespace at " NETNS_DIR);
	RX_TRY(status);
	error = rxs_host_place_keep(grant, false, true, place);
	if (error) {
		status = fail_place(session, "Failed to access current namespace", error);
	} else if ((error = rxs_host_enter_file(grant, file->fd)) != 0) {
		rxs_host_place_forget(place);
		status = fail_place(session, "Failed to enter requested namespaces", error);
	}
	rxs_file_unref(file);
	return status;
}

static enum rexi_status enter_named(struct rxs_session *session, const struct wish *wish, struct rxs_place *place)
{
	const struct rxs_grant *grant;
	struct rxs_path *path;
	struct rx_buf text;
	enum rexi_status status;

	rx_buf_init(&text, session->memory, 0);
	RX_BUF_LIT(&text, NETNS_DIR "/");
	rx_buf_str(&text, wish->name);
	status = text.failed ? rxs_fail_memory(session) : rxs_path_parse(session, rx_buf_view(&text), NULL, &path);
	rx_buf_fini(&text);
	RX_TRY(status);
	status = rxs_authorize_file(session, RXS_FS_NETWORK_NAMESPACE, path, &grant);
	if (status == REXI_OK)
		status = enter_file(session, wish, grant, place);
	rxs_path_unref(path);
	return status;
}

/* The script must not go on elsewhere without knowing: its run ends. */
static enum rexi_status fail_return(struct rxs_session *session, const struct wish *wish, int error)
{
	enum rexi_status status = fail_place(session, "Failed to restore original namespace", error);
	const char *text;

	if (wish->has_pid)
		rx_buf_printf(&session->failure.message, ": PID %lld", (long long)wish->pid);
	text = rx_buf_cstr(&session->failure.message);
	(void)snprintf(session->terminate, sizeof(session->terminate), "%s", text ? text : "namespaces could not be restored");
	return status;
}

RXS_COMMAND(rxs_process_enter)
{
	struct rxs_place place = { session, -1, -1, -1, -1 };
	struct rxl_value result = rxl_unit();
	struct wish wish;
	enum rexi_status status;
	int error;

	(void)self;
	(void)argc;
	status = wish_read(session, rxs_options_need(call, &args[0]), &wish);
	if (status == REXI_OK)
		status = wish.has_pid ? enter_process(session, &wish, &place) : enter_named(session, &wish, &place);
	if (status != REXI_OK)
		return rxs_failure_as(session, RXS_SOURCE_PROCESS, status);
	status = rxl_call_fnptr(call, &args[1], NULL, NULL, 0, &result);
	error = rxs_host_place_return(&place);
	if (status != REXI_OK)
		status = rxs_callback_failed(session, call, status, RXS_SOURCE_PROCESS, RXS_PROCESS_KIND_CallbackExecutionError,
					     "Callback execution failed: ");
	if (error)
		status = fail_return(session, &wish, error);
	if (status == REXI_OK)
		*out = result;
	else
		rxl_value_drop(call->heap, &result);
	return status;
}
