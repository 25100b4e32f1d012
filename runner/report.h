/*
 * What a run has to tell: its value or error, logs, alarms, metrics, denials; and the forms in which it is printed
 * (spec/runner.md 7 to 9, 12, 13).
 */
#ifndef RXR_REPORT_H
#define RXR_REPORT_H

#include <signal.h>
#include <time.h>

#include "base/buf.h"

enum rxr_format { RXR_FORMAT_JSON, RXR_FORMAT_PRETTY, RXR_FORMAT_HUMAN };
enum rxr_level { RXR_LEVEL_ERROR, RXR_LEVEL_WARN, RXR_LEVEL_INFO, RXR_LEVEL_DEBUG, RXR_LEVEL_TRACE };

#define RXR_MESSAGE_MAX 1024 /* bytes of an error message and of alarm details */
#define RXR_LOG_MAX 2048     /* bytes of a log message */
#define RXR_LOG_ENTRIES 1000 /* kept; older ones are dropped and counted */
#define RXR_ALARMS 10000     /* alarms, metrics and dimensions of one run, each */
#define RXR_DENIALS 100      /* receipts kept; the rest are counted */

/* Owned text in the report's memory. */
struct rxr_text {
	char *ptr;
	size_t len;
};

struct rxr_log {
	struct timespec time;
	enum rxr_level level;
	uint32_t line;
	const char *api; /* static, NULL for the script's own lines */
	struct rxr_text message;
};

struct rxr_alarm {
	struct rxr_text type, details;
	bool has_details;
};

struct rxr_dimension {
	struct rxr_text key, value;
};

struct rxr_metric {
	struct rxr_text name;
	double value;
	const char *unit; /* static */
	struct rxr_dimension *dimensions;
	size_t dimension_count;
	struct timespec time;
};

/* One refused operation, in strings that the report owns. */
struct rxr_denial {
	uint64_t number;      /* of the decision */
	struct rxr_text message; /* what the script was told */
	struct rxr_text json; /* the members of the receipt object, comma-separated, without braces; compact */
	struct rxr_text text; /* as people read it, lines ended by newlines */
};

struct rxr_report {
	struct rx_memory *memory;
	struct rx_buf output;   /* the value of the run */
	struct rx_buf message;  /* of the error, whole */
	struct rx_buf explanation; /* of the error, for people; lines */
	const char *error_type; /* static; NULL on success */
	const char *limit;      /* name of the limit that ended the run, else NULL */
	bool early;             /* nothing was run: no `logs` in the document */
	struct rxr_log *logs;   /* ring of RXR_LOG_ENTRIES, made on first use */
	size_t log_count, log_next;
	uint64_t log_total;
	enum rxr_level level; /* lines above it are not kept */
	struct rxr_alarm *alarms;
	size_t alarm_count, alarm_cap;
	struct rxr_metric *metrics;
	size_t metric_count, metric_cap;
	struct rxr_denial *denials;
	size_t denial_count, denial_cap;
	uint64_t denial_total; /* counted by whoever keeps them */
	const struct rxr_denial *denial; /* the error, one of `denials`; NULL: the error is none of them */
	uint64_t audit_records; /* written by this run; 0: no record is kept */
	const char *audit_head; /* hash of the last of them; borrowed */
	bool failed;   /* memory refused something */
	/* Not 0 while a function of this file changes the report: a signal handler must not look at it then. */
	volatile sig_atomic_t changing;
};

void rxr_report_init(struct rxr_report *report, struct rx_memory *memory);
void rxr_report_fini(struct rxr_report *report);

/* LOG_LEVEL's text (NULL when unset) as a level; anything unknown is INFO. */
enum rxr_level rxr_level_parse(const char *text);

/* Keeps a line unless the level is filtered out; longer messages are cut at a character boundary. */
void rxr_report_log(struct rxr_report *report, enum rxr_level level, uint32_t line, const char *api, struct rexi_str text);
/* details.ptr NULL: none. */
void rxr_report_alarm(struct rxr_report *report, struct rexi_str type, struct rexi_str details);
/* dimensions are copied; a metric of the same name is replaced. */
void rxr_report_metric(struct rxr_report *report, struct rexi_str name, double value, const char *unit,
		       const struct rxr_dimension *dimensions, size_t dimension_count);
/* A metric of the runner, with its one dimension MetricInfo. */
void rxr_report_own_metric(struct rxr_report *report, const char *name, double value, const char *unit, const char *info);
/* Keeps a receipt; beyond RXR_DENIALS there is one place, for the latest. */
void rxr_report_denial(struct rxr_report *report, uint64_t number, struct rexi_str message, struct rexi_str json,
		       struct rexi_str text);
/* The latest kept receipt of a denial with that message (whole, or inside `text`), or NULL. */
const struct rxr_denial *rxr_report_told_denial(const struct rxr_report *report, struct rexi_str text, bool whole);
/* The kept receipt of that decision, or NULL. */
const struct rxr_denial *rxr_report_find_denial(const struct rxr_report *report, uint64_t number);
/* The error of the run: type is static, message copied. A second call replaces the first. */
void rxr_report_error(struct rxr_report *report, const char *type, struct rexi_str message);

/* What the error is about, in lines for people; goes with the human form alone. */
void rxr_report_explain(struct rxr_report *report, struct rexi_str lines);

/* The kept lines in order, i < log_count. */
const struct rxr_log *rxr_report_log_at(const struct rxr_report *report, size_t i);
/* "INFO", ... */
const char *rxr_level_name(enum rxr_level level);

/* The whole result: what goes to stdout and, in human form, to stderr. */
void rxr_report_print(const struct rxr_report *report, enum rxr_format format, bool verbose, struct rx_buf *out,
		      struct rx_buf *err);

/* Appends text, when it is longer than `most` bytes cut at a character boundary so that with `mark` it is at most `most`. */
void rxr_cut(struct rx_buf *buf, struct rexi_str text, size_t most, const char *mark);

#define RXR_TIME_TEXT 40
/* 2025-10-21T14:30:00.123Z with 'T' between and the zone "Z"; the fraction has 0, 3, 6 or 9 digits as needed. */
void rxr_time_text(char text[RXR_TIME_TEXT], struct timespec time, char between, const char *zone);

#endif
