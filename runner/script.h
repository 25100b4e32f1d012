/*
 * The script of a run: an engine with the runner's and the SDK's functions, the arguments as variables, and what became
 * of it in the runner's words. Everything the runner asks of the language engine stands behind this header.
 */
#ifndef RXR_SCRIPT_H
#define RXR_SCRIPT_H

#include "runner/args.h"
#include "runner/limits.h"
#include "runner/natives.h"
#include "sdk/session.h"

enum rxr_outcome {
	RXR_OUTCOME_VALUE,
	RXR_OUTCOME_SYNTAX, /* it does not compile */
	RXR_OUTCOME_ERROR,  /* it raised an error that it did not catch */
	RXR_OUTCOME_DENIED, /* the error is a denial */
	RXR_OUTCOME_LIMIT,
	RXR_OUTCOME_ENDED,  /* the stop hook, or a fatal operation, ended it */
	RXR_OUTCOME_INTERNAL
};

struct rxr_script;
struct rxl_ast;

struct rxr_script_options {
	const struct rxr_limits *limits; /* borrowed for the call */
	struct rxr_report *report;       /* borrowed: logs, alarms, metrics */
	struct rxs_session *session;     /* borrowed; NULL: no functions of the SDK (debug, checks) */
	/* What went wrong for people, with lines of the source; NULL: nobody will read it. Borrowed. */
	struct rx_buf *explanation;
	bool color;                      /* for a terminal */
	const char *name;                /* of the script's file, for the explanation */
	/* Asked often; true ends the script. May be NULL. */
	bool (*stop)(void *user);
	void *user;
};

/* A limit was reached while the script ran: what the natives call instead of going on. */
struct rxr_result {
	enum rxr_outcome outcome;
	int limit;                     /* enum rxr_limit with RXR_OUTCOME_LIMIT, else -1 */
	bool told;                     /* a limit that the message names better than the table */
	uint32_t line, column;         /* of the error; 0 when unknown */
	uint64_t denial;               /* number of the decision with RXR_OUTCOME_DENIED; 0 when the host's own function refused */
	uint64_t run_ns;               /* the evaluation alone; 0 when nothing was evaluated */
};

RX_NODISCARD enum rexi_status rxr_script_new(struct rx_memory *memory, const struct rxr_script_options *options,
					     struct rxr_script **out, struct rexi_error *err);
void rxr_script_free(struct rxr_script *script);

/* Makes the arguments variables of the outermost scope; lists and maps become arrays and object maps. */
RX_NODISCARD enum rexi_status rxr_script_arguments(struct rxr_script *script, const struct rxr_args *args,
						   struct rexi_error *err);

/* Compiles. On RXR_OUTCOME_SYNTAX the message ("Syntax error: ... (line L, position P)") was appended. */
enum rxr_outcome rxr_script_compile(struct rxr_script *script, struct rexi_str source, struct rx_buf *message,
				    struct rxr_result *result);
/* Runs what was compiled. The value's text is appended to output, the error's to message. */
void rxr_script_run(struct rxr_script *script, struct rx_buf *output, struct rx_buf *message, struct rxr_result *result);

/* Ends the run at its next step. Async-signal-safe. */
void rxr_script_interrupt(struct rxr_script *script);

/* The host's own function at that place was refused by the policy: an error from there is a denial. */
void rxr_script_denied(struct rxr_script *script, uint32_t line, uint32_t column);

/* The byte code as text. */
void rxr_script_dump(struct rxr_script *script, struct rx_buf *out);
/* The tree of what was compiled. */
const struct rxl_ast *rxr_script_tree(const struct rxr_script *script);
struct rxl_engine *rxr_script_engine(struct rxr_script *script);

#endif
