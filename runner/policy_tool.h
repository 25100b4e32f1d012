/* What the `rexi policy` tools share: their options, their inputs, their output. */
#ifndef RXR_POLICY_TOOL_H
#define RXR_POLICY_TOOL_H

#include <rexi/cedar_schema.h>

#include "base/buf.h"

/* Exit statuses, as those of a run. */
enum { TOOL_OK = 0, TOOL_NO = 1, TOOL_USAGE = 2, TOOL_DENIED = 3, TOOL_INVALID = 4, TOOL_INTERNAL = 70 };

enum { TOOL_FILES_MOST = 64 };

struct rxr_tool {
	struct rx_memory memory;
	struct rexi_cedar_engine *engine;
	struct rx_buf out; /* standard output, written at the end */
	const char *command;
	/* Options */
	bool json, builtin, permissive, levels, deny_warnings, check, write;
	uint32_t level;
	unsigned width, indent;
	const char *schemas[TOOL_FILES_MOST];
	size_t schema_count;
	const char *entities, *request, *principal, *action, *resource, *context, *to;
	const char *words[TOOL_FILES_MOST]; /* what is not an option: mostly files; "-" is standard input */
	size_t word_count;
};

/* A whole file (or standard input for "-"); owned by the caller, give back with rxr_tool_free. False after a complaint. */
RX_NODISCARD bool rxr_tool_read(struct rxr_tool *tool, const char *path, struct rx_buf *out);
/* Complains on standard error: "rexi policy validate: ..."; returns `status`. */
RX_PRINTF(3, 4) int rxr_tool_fail(struct rxr_tool *tool, int status, const char *format, ...);
/* "file:line:column: message" on standard error; 4 for texts that are not right, 70 when the machine failed. */
int rxr_tool_error(struct rxr_tool *tool, const char *path, const struct rexi_error *err);

/* The built-in schema (unless --no-builtin) and those of --schema, resolved together. 0 or an exit status. */
RX_NODISCARD int rxr_tool_schema(struct rxr_tool *tool, struct rexi_cedar_schema **out);
/* Each policy file of the command line in turn, an array of what `one` prints for JSON; the worst exit status of all. */
RX_NODISCARD int rxr_tool_each_file(struct rxr_tool *tool, int (*one)(struct rxr_tool *tool, const struct rexi_cedar_schema *schema,
								       const char *path, void *user), void *user);
/* The policies of a file: Cedar text (ids by @id or position), or JSON. `text` keeps the source. */
RX_NODISCARD int rxr_tool_policies(struct rxr_tool *tool, const char *path, bool build, struct rx_buf *text,
				   struct rexi_cedar_policies **out);
/* The entities of --entities, or an empty store. */
RX_NODISCARD int rxr_tool_entities(struct rxr_tool *tool, const struct rexi_cedar_schema *schema,
				   struct rexi_cedar_entities **out);

/* Appends `"key":"value"` for JSON output, with a comma before it unless it is the first of its object. */
void rxr_tool_member(struct rxr_tool *tool, const char *key, struct rexi_str value);

/* The tools; argv as they parsed it. Exit statuses. */
int rxr_policy_validate(struct rxr_tool *tool);
int rxr_policy_fmt(struct rxr_tool *tool);
int rxr_policy_schema(struct rxr_tool *tool);
int rxr_policy_lint(struct rxr_tool *tool);
int rxr_policy_test(struct rxr_tool *tool);
int rxr_policy_why(struct rxr_tool *tool);
int rxr_policy_diff(struct rxr_tool *tool);

#endif
