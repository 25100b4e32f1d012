/* How much of a processor some processes use over time. Source: sdk-system.md 4.8; weakness 30. */
#include <config.h>

#include "sdk/system.h"

#include "sdk/error.h"
#include "sdk/host_net.h"
#include "sdk/options.h"
#include "sdk/process.h"

#include "base/banned.h"

enum { PAUSE_MS = 200, DELAY_SECONDS_MAX = 86400 };

struct sample {
	int64_t id; /* process or thread */
	uint64_t start_ticks, cpu_ticks;
};

struct samples {
	struct sample *items;
	size_t count, cap;
	uint64_t taken_ms;
};

struct monitor {
	struct rxs_session *session;
	struct rxl_call *call;
	const struct rxl_value *pids;
	bool threads;
	struct samples before, now;
	struct rxs_units units;
};

static enum rexi_status note(struct monitor *m, const struct rxs_known *k)
{
	if (!RX_GROW(m->session->memory, &m->now.items, &m->now.cap, m->now.count + 1))
		return rxs_fail_memory(m->session);
	m->now.items[m->now.count++] = (struct sample){ k->p.pid, k->p.start_ticks, k->p.cpu_ticks };
	return REXI_OK;
}

/* Percent of one processor since the sample before; 0 for what was not there then. */
static double recent_use(const struct monitor *m, const struct rxs_known *k)
{
	double seconds = (double)(m->now.taken_ms - m->before.taken_ms) / 1000.0;

	for (size_t i = 0; i < m->before.count; i++) {
		const struct sample *then = &m->before.items[i];

		if (then->id == k->p.pid && then->start_ticks == k->p.start_ticks && k->p.cpu_ticks >= then->cpu_ticks && seconds > 0.0)
			return (double)(k->p.cpu_ticks - then->cpu_ticks) / (double)rxs_host_ticks() / seconds * 100.0;
	}
	return 0.0;
}

static enum rexi_status push(struct monitor *m, const struct rxs_known *k, double recent, struct rxl_value *list)
{
	size_t mark = rxs_grants_mark(m->session);
	struct rxl_value item = rxl_unit();
	const struct rxs_grant *grant;
	enum rexi_status status = rxs_known_ask(m->session, k, RXS_PROCESS_LIST, &grant);

	if (status == REXI_OK)
		status = rxs_process_value(m->call, k, &m->units, rxl_unit(), rxl_float((double)(float)recent), &item);
	if (status == REXI_OK)
		status = rxl_array_push(m->call->heap, list, item);
	rxs_grants_release(m->session, mark);
	return rxs_denial_skipped(m->session, status) ? REXI_OK : status;
}

/* The threads of a process but the main one; *used: their use together. list NULL: only samples. */
static enum rexi_status look_at_threads(struct monitor *m, int64_t pid, double *used, struct rxl_value *list)
{
	int64_t *threads = NULL;
	size_t count = 0, cap = 0;
	enum rexi_status status = REXI_OK;
	struct rxs_known k;

	(void)rxs_host_processes(m->session, pid, &threads, &count, &cap);
	rxs_known_init(&k, m->session);
	for (size_t i = 0; i < count && status == REXI_OK; i++) {
		double recent;

		if (threads[i] == pid || !rxs_known_read(&k, m->session, threads[i], pid))
			continue;
		status = note(m, &k);
		recent = recent_use(m, &k);
		*used += recent;
		if (status == REXI_OK && list)
			status = push(m, &k, recent, list);
	}
	rxs_known_fini(&k);
	rx_memory_give(m->session->memory, threads, cap * sizeof(*threads));
	return status;
}

/* One process and, when wanted, its threads; what has gone is left out. list NULL: only samples. */
static enum rexi_status look_at(struct monitor *m, int64_t pid, struct rxl_value *list)
{
	struct rxl_value threads = rxl_unit();
	enum rexi_status status = REXI_OK;
	double in_threads = 0.0, recent;
	struct rxs_known k;

	rxs_known_init(&k, m->session);
	if (rxs_known_read(&k, m->session, pid, 0)) {
		status = note(m, &k);
		recent = recent_use(m, &k);
		if (status == REXI_OK && m->threads && list)
			status = rxl_array_new(m->call->heap, 0, &threads);
		if (status == REXI_OK && m->threads)
			status = look_at_threads(m, pid, &in_threads, list ? &threads : NULL);
		if (status == REXI_OK && list)
			status = push(m, &k, recent > in_threads ? recent - in_threads : 0.0, list);
		for (size_t i = 0; status == REXI_OK && m->threads && list && i < rxl_array_count(&threads); i++)
			status = rxl_array_push(m->call->heap, list, rxl_value_copy(&rxl_array_items(&threads)[i]));
		rxl_value_drop(m->call->heap, &threads);
	}
	rxs_known_fini(&k);
	return status;
}

static enum rexi_status snapshot(struct monitor *m, struct rxl_value *list)
{
	struct samples old = m->before;
	enum rexi_status status = REXI_OK;

	m->before = m->now;
	m->now = (struct samples){ old.items, 0, old.cap, rxs_host_clock_ms() };
	m->units = rxs_units_read(m->session);
	for (size_t i = 0; m->pids && i < rxl_array_count(m->pids) && status == REXI_OK; i++) {
		const struct rxl_value *pid = &rxl_array_items(m->pids)[i];

		if (rxs_should_stop(m->session))
			return REXI_TERMINATED;
		if (pid->type == RXL_INT && pid->as.i > 0 && pid->as.i <= INT32_MAX)
			status = look_at(m, pid->as.i, list);
	}
	return status;
}

static enum rexi_status run_batches(struct monitor *m, int64_t batches, uint64_t delay_ms, struct rxl_value *out)
{
	struct rxl_heap *heap = m->call->heap;

	RX_TRY(rxl_array_new(heap, 0, out));
	RX_TRY(snapshot(m, NULL));
	for (int64_t i = 0; i < batches; i++) {
		struct rxl_value list = rxl_unit();
		enum rexi_status status;

		if (!rxs_host_pause(m->session, i == 0 ? PAUSE_MS : delay_ms))
			return REXI_TERMINATED;
		RX_TRY(rxl_array_new(heap, 0, &list));
		status = snapshot(m, &list);
		if (status != REXI_OK) {
			rxl_value_drop(heap, &list);
			return status;
		}
		RX_TRY(rxl_array_push(heap, out, list));
	}
	return REXI_OK;
}

RXS_COMMAND(rxs_process_monitor)
{
	const struct rxs_options *options = rxs_options_need(call, &args[0]);
	int64_t delay = rxs_option_int(options, RXS_OPT_MonitorProcessesCpuOptions_delay_in_seconds);
	struct monitor m = { .session = session, .call = call };
	struct rxl_value list = rxl_unit();
	enum rexi_status status;

	(void)self;
	(void)argc;
	m.pids = rxs_option_value(options, RXS_OPT_MonitorProcessesCpuOptions_pids_to_monitor);
	m.threads = rxs_option_bool(options, RXS_OPT_MonitorProcessesCpuOptions_include_threads);
	if (delay > DELAY_SECONDS_MAX)
		delay = DELAY_SECONDS_MAX;
	status = run_batches(&m, rxs_option_int(options, RXS_OPT_MonitorProcessesCpuOptions_batches),
			     delay ? (uint64_t)delay * 1000 : PAUSE_MS, &list);
	rx_memory_give(session->memory, m.before.items, m.before.cap * sizeof(*m.before.items));
	rx_memory_give(session->memory, m.now.items, m.now.cap * sizeof(*m.now.items));
	if (status == REXI_OK)
		*out = list;
	else
		rxl_value_drop(call->heap, &list);
	return rxs_failure_as(session, RXS_SOURCE_PROCESS, status);
}

enum rexi_status rxs_check_monitor(struct rxs_session *session, const struct rxs_options *options)
{
	const struct rxl_value *pids = rxs_option_value(options, RXS_OPT_MonitorProcessesCpuOptions_pids_to_monitor);

	return pids && rxl_array_count(pids) == 0 ? rxs_fail_text(session, "Validation error: PIDs array cannot be empty") : REXI_OK;
}
