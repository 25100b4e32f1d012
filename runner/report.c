#include <config.h>

#include "runner/report.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/number.h"
#include "base/utf8.h"
#include "runner/clock.h"
#include "runner/json.h"

static const char *const level_names[] = { "ERROR", "WARN", "INFO", "DEBUG", "TRACE" };

/* Marks the report as being changed until the end of the block, on every way out of it. */
static struct rxr_report *change(struct rxr_report *report)
{
	report->changing++;
	return report;
}

static void changed(struct rxr_report **report)
{
	(*report)->changing--;
}

#define CHANGES(report) __attribute__((cleanup(changed), unused)) struct rxr_report *changes_ = change(report)

void rxr_report_init(struct rxr_report *report, struct rx_memory *memory)
{
	memset(report, 0, sizeof(*report));
	report->memory = memory;
	report->level = RXR_LEVEL_INFO;
	rx_buf_init(&report->output, memory, 0);
	rx_buf_init(&report->message, memory, 0);
	rx_buf_init(&report->explanation, memory, 0);
}

static void text_free(struct rxr_report *report, struct rxr_text *text)
{
	rx_memory_give(report->memory, text->ptr, text->len);
	*text = (struct rxr_text){ NULL, 0 };
}

static bool text_copy(struct rxr_report *report, struct rxr_text *out, struct rexi_str text)
{
	*out = (struct rxr_text){ rx_memory_take(report->memory, text.len), text.len };
	if (!out->ptr) {
		*out = (struct rxr_text){ NULL, 0 };
		report->failed = true;
		return false;
	}
	if (text.len)
		memcpy(out->ptr, text.ptr, text.len);
	return true;
}

static struct rexi_str view(const struct rxr_text *text)
{
	return rx_str_make(text->ptr, text->len);
}

static void metric_free(struct rxr_report *report, struct rxr_metric *metric)
{
	for (size_t i = 0; i < metric->dimension_count; i++) {
		text_free(report, &metric->dimensions[i].key);
		text_free(report, &metric->dimensions[i].value);
	}
	rx_memory_give(report->memory, metric->dimensions, metric->dimension_count * sizeof(*metric->dimensions));
	text_free(report, &metric->name);
}

static void denial_free(struct rxr_report *report, struct rxr_denial *denial)
{
	text_free(report, &denial->message);
	text_free(report, &denial->json);
	text_free(report, &denial->text);
}

void rxr_report_fini(struct rxr_report *report)
{
	for (size_t i = 0; i < report->log_count; i++)
		text_free(report, &report->logs[i].message);
	if (report->logs)
		rx_memory_give(report->memory, report->logs, RXR_LOG_ENTRIES * sizeof(*report->logs));
	for (size_t i = 0; i < report->alarm_count; i++) {
		text_free(report, &report->alarms[i].type);
		text_free(report, &report->alarms[i].details);
	}
	rx_memory_give(report->memory, report->alarms, report->alarm_cap * sizeof(*report->alarms));
	for (size_t i = 0; i < report->metric_count; i++)
		metric_free(report, &report->metrics[i]);
	rx_memory_give(report->memory, report->metrics, report->metric_cap * sizeof(*report->metrics));
	for (size_t i = 0; i < report->denial_count; i++)
		denial_free(report, &report->denials[i]);
	rx_memory_give(report->memory, report->denials, report->denial_cap * sizeof(*report->denials));
	rx_buf_fini(&report->output);
	rx_buf_fini(&report->message);
	rx_buf_fini(&report->explanation);
}

enum rxr_level rxr_level_parse(const char *text)
{
	for (size_t level = 0; text && level < RX_COUNT(level_names); level++) {
		size_t i = 0;

		while (text[i] && level_names[level][i] && (text[i] & ~0x20) == level_names[level][i])
			i++;
		if (!text[i] && !level_names[level][i])
			return (enum rxr_level)level;
	}
	return RXR_LEVEL_INFO;
}

void rxr_cut(struct rx_buf *buf, struct rexi_str text, size_t most, const char *mark)
{
	size_t keep;

	if (text.len <= most) {
		rx_buf_str(buf, text);
		return;
	}
	keep = most - strlen(mark);
	while (keep && ((unsigned char)text.ptr[keep] & 0xC0) == 0x80)
		keep--;
	rx_buf_bytes(buf, text.ptr, keep);
	rx_buf_bytes(buf, mark, strlen(mark));
}

static bool cut_copy(struct rxr_report *report, struct rxr_text *out, struct rexi_str text, size_t most, const char *mark)
{
	char space[RXR_LOG_MAX];
	struct rx_buf cut;
	bool ok;

	if (text.len <= most)
		return text_copy(report, out, text);
	rx_buf_init(&cut, report->memory, 0);
	rxr_cut(&cut, text, most, mark);
	RX_ASSERT(cut.len <= sizeof(space));
	if (cut.len)
		memcpy(space, cut.ptr, cut.len);
	ok = !cut.failed && text_copy(report, out, rx_str_make(space, cut.len));
	rx_buf_fini(&cut);
	return ok;
}

void rxr_report_log(struct rxr_report *report, enum rxr_level level, uint32_t line, const char *api, struct rexi_str text)
{
	struct rxr_log *log, made = { .level = level, .line = line, .api = api };
	CHANGES(report);

	if (level > report->level)
		return;
	report->log_total++;
	if (!report->logs)
		report->logs = rx_memory_take(report->memory, RXR_LOG_ENTRIES * sizeof(*report->logs));
	if (!report->logs || !cut_copy(report, &made.message, text, RXR_LOG_MAX, "...[truncate]")) {
		report->failed = true;
		return;
	}
	clock_gettime(CLOCK_REALTIME, &made.time);
	log = &report->logs[report->log_next];
	if (report->log_count == RXR_LOG_ENTRIES)
		text_free(report, &log->message);
	else
		report->log_count++;
	*log = made;
	report->log_next = (report->log_next + 1) % RXR_LOG_ENTRIES;
}

void rxr_report_alarm(struct rxr_report *report, struct rexi_str type, struct rexi_str details)
{
	struct rxr_alarm made = { .has_details = details.ptr != NULL };
	CHANGES(report);

	if (report->alarm_count >= RXR_ALARMS + 16 ||
	    !RX_GROW(report->memory, &report->alarms, &report->alarm_cap, report->alarm_count + 1)) {
		report->failed = true;
		return;
	}
	if (!cut_copy(report, &made.type, type, RXR_MESSAGE_MAX, "...") ||
	    (details.ptr && !cut_copy(report, &made.details, details, RXR_MESSAGE_MAX, "..."))) {
		text_free(report, &made.type);
		return;
	}
	report->alarms[report->alarm_count++] = made;
}

void rxr_report_metric(struct rxr_report *report, struct rexi_str name, double value, const char *unit,
		       const struct rxr_dimension *dimensions, size_t dimension_count)
{
	struct rxr_metric made = { .value = value, .unit = unit };
	size_t at = 0;
	CHANGES(report);

	clock_gettime(CLOCK_REALTIME, &made.time);
	while (at < report->metric_count && !rx_str_eq(view(&report->metrics[at].name), name))
		at++;
	if (at == report->metric_count &&
	    (at >= RXR_ALARMS + 16 || !RX_GROW(report->memory, &report->metrics, &report->metric_cap, at + 1))) {
		report->failed = true;
		return;
	}
	made.dimensions = rx_memory_take_zeroed(report->memory, dimension_count, sizeof(*made.dimensions));
	if (!made.dimensions || !text_copy(report, &made.name, name)) {
		rx_memory_give(report->memory, made.dimensions, dimension_count * sizeof(*made.dimensions));
		report->failed = true;
		return;
	}
	made.dimension_count = dimension_count;
	for (size_t i = 0; i < dimension_count; i++) {
		if (!text_copy(report, &made.dimensions[i].key, view(&dimensions[i].key)) ||
		    !text_copy(report, &made.dimensions[i].value, view(&dimensions[i].value))) {
			metric_free(report, &made);
			return;
		}
	}
	if (at == report->metric_count)
		report->metric_count++;
	else
		metric_free(report, &report->metrics[at]);
	report->metrics[at] = made;
}

void rxr_report_own_metric(struct rxr_report *report, const char *name, double value, const char *unit, const char *info)
{
	char key[] = "MetricInfo", text[32];
	size_t len = strlen(info) < sizeof(text) ? strlen(info) : sizeof(text);
	struct rxr_dimension dimension = { { key, sizeof(key) - 1 }, { text, len } };

	memcpy(text, info, len);
	rxr_report_metric(report, rx_str(name), value, unit, &dimension, 1);
}

const struct rxr_denial *rxr_report_find_denial(const struct rxr_report *report, uint64_t number)
{
	for (size_t i = 0; number && i < report->denial_count; i++) {
		if (report->denials[i].number == number)
			return &report->denials[i];
	}
	return NULL;
}

const struct rxr_denial *rxr_report_told_denial(const struct rxr_report *report, struct rexi_str text, bool whole)
{
	for (size_t i = report->denial_count; i-- > 0;) {
		struct rexi_str message = view(&report->denials[i].message);

		if (message.len && (whole ? rx_str_eq(text, message) : rx_str_find(text, message, 0) != SIZE_MAX))
			return &report->denials[i];
	}
	return NULL;
}

void rxr_report_denial(struct rxr_report *report, uint64_t number, struct rexi_str message, struct rexi_str json,
		       struct rexi_str text)
{
	struct rxr_denial made = { .number = number };
	CHANGES(report);

	if (report->denial_count > RXR_DENIALS)
		denial_free(report, &report->denials[--report->denial_count]);
	if (RX_GROW(report->memory, &report->denials, &report->denial_cap, report->denial_count + 1) &&
	    text_copy(report, &made.message, message) && text_copy(report, &made.json, json) &&
	    text_copy(report, &made.text, text)) {
		report->denials[report->denial_count++] = made;
		return;
	}
	denial_free(report, &made);
	report->failed = true;
}

void rxr_report_error(struct rxr_report *report, const char *type, struct rexi_str message)
{
	CHANGES(report);

	report->error_type = type;
	rx_buf_clear(&report->message);
	rx_buf_str(&report->message, message);
	rx_buf_clear(&report->output);
}

void rxr_report_explain(struct rxr_report *report, struct rexi_str lines)
{
	CHANGES(report);

	rx_buf_clear(&report->explanation);
	rx_buf_str(&report->explanation, lines);
}

/* ---- times ---- */

/* As many digits of a fraction as it needs, in groups of three; then the zone. Ends with a NUL. */
void rxr_time_text(char text[RXR_TIME_TEXT], struct timespec time, char between, const char *zone)
{
	unsigned digits = time.tv_nsec % 1000000 ? time.tv_nsec % 1000 ? 9 : 6 : time.tv_nsec ? 3 : 0;
	char *end = text + RXR_CLOCK_TEXT - 1;

	rxr_clock_text(text, time.tv_sec, between);
	if (digits) {
		*end++ = '.';
		end = rxr_clock_digits(end, (uint64_t)time.tv_nsec / (digits == 3 ? 1000000 : digits == 6 ? 1000 : 1), digits);
	}
	memcpy(end, zone, strlen(zone) + 1);
}

/* ---- the document ---- */

static void json_time(struct rxr_json *json, const char *key, struct timespec time, char between, const char *zone)
{
	char text[RXR_TIME_TEXT];

	rxr_time_text(text, time, between, zone);
	rxr_json_text(json, key, text);
}

static void write_log(struct rxr_json *json, const struct rxr_log *log, struct rexi_str message)
{
	char number[16];
	struct rx_buf line = { .ptr = number, .cap = sizeof(number), .limit = sizeof(number) };

	rx_buf_u64(&line, log->line);
	number[line.len] = '\0';
	rxr_json_open(json, NULL, '{');
	rxr_json_open(json, "attributes", '{');
	json_time(json, "timestamp", log->time, ' ', " UTC");
	rxr_json_text(json, "level", level_names[log->level]);
	rxr_json_string(json, "message", message);
	rxr_json_text(json, "line_number", number);
	if (log->api)
		rxr_json_text(json, "rhai_api_name", log->api);
	rxr_json_close(json, '}');
	rxr_json_close(json, '}');
}

const char *rxr_level_name(enum rxr_level level)
{
	return level_names[level];
}

static uint64_t dropped_logs(const struct rxr_report *report)
{
	return report->log_total - report->log_count;
}

const struct rxr_log *rxr_report_log_at(const struct rxr_report *report, size_t i)
{
	size_t first = report->log_count == RXR_LOG_ENTRIES ? report->log_next : 0;

	return &report->logs[(first + i) % RXR_LOG_ENTRIES];
}

static void drop_message(struct rx_buf *buf, uint64_t dropped)
{
	rx_buf_printf(buf, "Warning: Log buffer capacity exceeded. %" PRIu64 " earlier log entries were removed to fit new logs.",
		      dropped);
}

static void write_logs(struct rxr_json *json, const struct rxr_report *report)
{
	rxr_json_open(json, "logs", '[');
	if (report->log_count && dropped_logs(report)) {
		struct rxr_log warning = { .level = RXR_LEVEL_WARN, .time = rxr_report_log_at(report, 0)->time };
		struct rx_memory own;
		struct rx_buf text;

		rx_memory_init(&own, NULL, 0);
		rx_buf_init(&text, &own, 0);
		drop_message(&text, dropped_logs(report));
		write_log(json, &warning, rx_buf_view(&text));
		rx_buf_fini(&text);
	}
	for (size_t i = 0; i < report->log_count; i++)
		write_log(json, rxr_report_log_at(report, i), view(&rxr_report_log_at(report, i)->message));
	rxr_json_close(json, ']');
}

static void write_metric(struct rxr_json *json, const struct rxr_metric *metric)
{
	rxr_json_open(json, NULL, '{');
	rxr_json_string(json, "metric_name", view(&metric->name));
	rxr_json_float(json, "metric_value", metric->value);
	rxr_json_text(json, "metric_unit", metric->unit);
	rxr_json_open(json, "metric_dimension", '{');
	for (size_t i = 0; i < metric->dimension_count; i++)
		rxr_json_pair(json, view(&metric->dimensions[i].key), view(&metric->dimensions[i].value));
	rxr_json_close(json, '}');
	json_time(json, "metric_timestamp", metric->time, 'T', "Z");
	rxr_json_close(json, '}');
}

/* The members of a receipt are kept as compact JSON; in pretty form they stay on the lines of the receipt. */
static void write_denial(struct rxr_json *json, const char *key, const struct rxr_denial *denial)
{
	rxr_json_open(json, key, '{');
	json->begun = false;
	if (json->pretty) {
		rx_buf_byte(json->buf, '\n');
		rx_buf_repeat(json->buf, ' ', (size_t)json->depth * 2);
	}
	rx_buf_str(json->buf, view(&denial->json));
	json->begun = true;
	rxr_json_close(json, '}');
}

static void write_document(const struct rxr_report *report, bool pretty, struct rx_buf *out)
{
	struct rxr_json json = { out, pretty, false, 0 };

	rxr_json_open(&json, NULL, '{');
	rxr_json_string(&json, "output", rx_buf_view(&report->output));
	rxr_json_text(&json, "status", report->error_type ? "ERROR" : "SUCCESS");
	if (report->error_type) {
		rxr_json_open(&json, "error", '{');
		rxr_json_text(&json, "error_type", report->error_type);
		{
			struct rx_memory own;
			struct rx_buf cut;

			rx_memory_init(&own, NULL, 0);
			rx_buf_init(&cut, &own, 0);
			rxr_cut(&cut, rx_buf_view(&report->message), RXR_MESSAGE_MAX, "...");
			rxr_json_string(&json, "message", rx_buf_view(&cut));
			rx_buf_fini(&cut);
		}
		if (report->limit)
			rxr_json_text(&json, "limit", report->limit);
		if (report->denial)
			write_denial(&json, "denial", report->denial);
		rxr_json_close(&json, '}');
	}
	if (report->alarm_count) {
		rxr_json_open(&json, "alarms", '[');
		for (size_t i = 0; i < report->alarm_count; i++) {
			rxr_json_open(&json, NULL, '{');
			rxr_json_string(&json, "alarm_type", view(&report->alarms[i].type));
			if (report->alarms[i].has_details)
				rxr_json_string(&json, "alarm_details", view(&report->alarms[i].details));
			rxr_json_close(&json, '}');
		}
		rxr_json_close(&json, ']');
	}
	if (report->metric_count) {
		rxr_json_open(&json, "metrics", '[');
		for (size_t i = 0; i < report->metric_count; i++)
			write_metric(&json, &report->metrics[i]);
		rxr_json_close(&json, ']');
	}
	if (!report->early)
		write_logs(&json, report);
	if (report->denial_count) {
		rxr_json_open(&json, "denials", '[');
		for (size_t i = 0; i < report->denial_count; i++)
			write_denial(&json, NULL, &report->denials[i]);
		rxr_json_close(&json, ']');
		if (report->denial_total > report->denial_count)
			rxr_json_integer(&json, "denials_omitted", (int64_t)(report->denial_total - report->denial_count));
	}
	if (report->audit_records) {
		rxr_json_open(&json, "audit", '{');
		rxr_json_integer(&json, "records", (int64_t)report->audit_records);
		rxr_json_text(&json, "sha256", report->audit_head);
		rxr_json_close(&json, '}');
	}
	rxr_json_close(&json, '}');
}

static void write_human(const struct rxr_report *report, bool verbose, struct rx_buf *out, struct rx_buf *err)
{
	if (verbose && report->log_count && dropped_logs(report)) {
		RX_BUF_LIT(out, "[WARN] ");
		drop_message(out, dropped_logs(report));
		rx_buf_byte(out, '\n');
	}
	for (size_t i = 0; verbose && i < report->log_count; i++) {
		rx_buf_printf(out, "[%s] ", level_names[rxr_report_log_at(report, i)->level]);
		rx_buf_str(out, view(&rxr_report_log_at(report, i)->message));
		rx_buf_byte(out, '\n');
	}
	if (report->error_type) {
		RX_BUF_LIT(err, "error: ");
		rxr_cut(err, rx_buf_view(&report->message), RXR_MESSAGE_MAX, "...");
		rx_buf_byte(err, '\n');
		if (report->explanation.len) {
			rx_buf_byte(err, '\n');
			rx_buf_str(err, rx_buf_view(&report->explanation));
		}
		if (report->denial) {
			rx_buf_byte(err, '\n');
			rx_buf_str(err, view(&report->denial->text));
		}
	} else if (report->output.len) {
		rx_buf_str(out, rx_buf_view(&report->output));
		rx_buf_byte(out, '\n');
	}
	if (verbose && report->metric_count) {
		RX_BUF_LIT(out, "--- metrics ---\n");
		for (size_t i = 0; i < report->metric_count; i++) {
			rx_buf_str(out, view(&report->metrics[i].name));
			RX_BUF_LIT(out, ": ");
			rx_number_plain(out, report->metrics[i].value);
			rx_buf_byte(out, '\n');
		}
	}
	if (verbose && report->alarm_count) {
		RX_BUF_LIT(out, "--- alarms ---\n");
		for (size_t i = 0; i < report->alarm_count; i++) {
			rx_buf_str(out, view(&report->alarms[i].type));
			if (report->alarms[i].has_details) {
				RX_BUF_LIT(out, ": ");
				rx_buf_str(out, view(&report->alarms[i].details));
			}
			rx_buf_byte(out, '\n');
		}
	}
}

void rxr_report_print(const struct rxr_report *report, enum rxr_format format, bool verbose, struct rx_buf *out,
		      struct rx_buf *err)
{
	if (format == RXR_FORMAT_HUMAN)
		write_human(report, verbose, out, err);
	else
		write_document(report, format == RXR_FORMAT_PRETTY, out);
}
