/* Where the threads of a running process are, by gstack. Source: sdk-system.md 4.6; weakness 32. */
#include <config.h>

#include "sdk/system.h"

#include <stdio.h>

#include "base/utf8.h"
#include "sdk/command.h"
#include "sdk/error.h"
#include "sdk/execute.h"
#include "sdk/formats.h"
#include "sdk/options.h"
#include "sdk/process.h"

#include "base/banned.h"

#define FAIL RXS_FAIL_PROCESS

static enum rexi_status fail_rights(struct rxs_session *session, int64_t pid)
{
	return FAIL(session, Other,
		    "Unable to trace process %lld. Likely you need to set the CAP_SYS_PTRACE linux capability.", (long long)pid);
}

/* What gstack printed, as a TracedProcess. */
static enum rexi_status read_output(struct rxs_session *session, struct rxl_call *call, int64_t pid,
				    const struct rxs_child *child, struct rxl_value *out)
{
	struct rexi_str printed = rx_buf_view(&child->out), complaint = rx_buf_view(&child->err);
	struct rx_buf text;
	enum rexi_status status = REXI_OK;
	bool parsed = false, forbidden = rx_str_find(complaint, RX_STR("peration not permitted"), 0) != SIZE_MAX;

	if (child->exit_code != 0 && forbidden)
		return fail_rights(session, pid);
	rx_buf_init(&text, session->memory, 0);
	if (child->exit_code != 0) {
		rx_utf8_lossy(&text, complaint);
		status = FAIL(session, Other, "Unable to trace process %lld. Error details: ", (long long)pid);
		rx_buf_str(&session->failure.message, rx_buf_view(&text));
	} else if (printed.len == 0) {
		status = FAIL(session, Other, "Attempting to trace pid %lld returned empty output. Likely you need to set the "
					      "CAP_SYS_PTRACE linux capability.", (long long)pid);
	} else {
		rx_utf8_lossy(&text, printed);
		status = text.failed ? rxs_fail_memory(session) : rxs_trace_value(session, call, rx_buf_view(&text), pid, &parsed, out);
		if (status == REXI_OK && !parsed)
			status = FAIL(session, Other, "Unable to trace process %lld. Error details: its output could not be read",
				      (long long)pid);
	}
	rx_buf_fini(&text);
	return status;
}

static enum rexi_status run_gstack(struct rxs_session *session, struct rxl_call *call, int64_t pid, const struct rxs_known *inside,
				   struct rxl_value *out)
{
	static const struct rxs_open_file how = { .read = true, .follow = true };
	struct rxs_child child = { .end = RXS_CHILD_EXITED };
	const struct rxs_grant *grant;
	struct rxs_file *program;
	struct rexi_str word;
	enum rexi_status status = REXI_OK;
	char number[32];

	(void)snprintf(number, sizeof(number), "%lld", (long long)pid);
	word = rx_str(number);
	RX_TRY(rxs_command_open(session, RX_STR("/usr/bin/gstack"), false, &how, &program));
	if (inside)
		status = rxs_known_ask(session, inside, RXS_PROCESS_MOUNT_NAMESPACE, &grant);
	rx_buf_init(&child.out, session->memory, 0);
	rx_buf_init(&child.err, session->memory, 0);
	if (status == REXI_OK)
		status = rxs_execute_words(session, program, &word, 1, &child);
	rxs_file_unref(program);
	if (status == REXI_OK)
		status = read_output(session, call, pid, &child, out);
	rx_buf_fini(&child.out);
	rx_buf_fini(&child.err);
	return status;
}

/* The process that is `inner` in the PID namespace of `k`; 0 when there is none. */
static int64_t find_inside(struct rxs_session *session, const struct rxs_known *k, int64_t inner)
{
	int64_t *pids = NULL, found = 0;
	size_t count = 0, cap = 0;
	uint64_t space = 0, other;
	int64_t number;

	if (!rxs_host_pid_namespace(session, k->p.pid, &space, &number))
		return 0;
	(void)rxs_host_processes(session, 0, &pids, &count, &cap);
	for (size_t i = 0; i < count && !found; i++)
		if (rxs_host_pid_namespace(session, pids[i], &other, &number) && other == space && number == inner)
			found = pids[i];
	rx_memory_give(session->memory, pids, cap * sizeof(*pids));
	return found;
}

static enum rexi_status trace(struct rxs_session *session, struct rxl_call *call, int64_t pid, const struct rxs_options *options,
			      struct rxl_value *out)
{
	struct rxs_known k, inside;
	const struct rxs_grant *grant;
	enum rexi_status status = REXI_OK;
	int64_t real = pid;

	rxs_known_init(&k, session);
	rxs_known_init(&inside, session);
	if (options) {
		int64_t ns_pid = rxs_option_int(options, RXS_OPT_TraceOptions_ns_pid);

		real = ns_pid > 0 && rxs_known_read(&inside, session, ns_pid, 0) ? find_inside(session, &inside, pid) : 0;
		if (!real)
			status = FAIL(session, Other, "PID namespace not found for PID %lld: it is not in the namespace of process %lld",
				      (long long)pid, (long long)ns_pid);
	}
	if (status == REXI_OK && (real <= 0 || real > INT32_MAX || !rxs_known_read(&k, session, real, 0)))
		status = FAIL(session, ProcessNotFound, "Process not found: Process not found: PID %lld", (long long)real);
	if (status == REXI_OK)
		status = rxs_known_ask(session, &k, RXS_PROCESS_TRACE, &grant);
	if (status == REXI_OK)
		status = run_gstack(session, call, real, options ? &inside : NULL, out);
	rxs_known_fini(&k);
	rxs_known_fini(&inside);
	return status;
}

RXS_COMMAND(rxs_process_trace)
{
	(void)self;
	return rxs_failure_as(session, RXS_SOURCE_PROCESS,
			      trace(session, call, args[0].as.i, argc > 1 ? rxs_options_need(call, &args[1]) : NULL, out));
}
