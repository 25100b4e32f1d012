/*
 * rexi check: what can be known about a script and its policy before a run (issue: unknown functions, wrong number of
 * arguments, unused variables, operations that no permit could ever allow, what a run would need).
 */
#include <config.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/utf8.h"
#include "lang/engine.h"
#include "lang/parse.h"
#include "runner/input.h"
#include "runner/json.h"
#include "runner/policy.h"
#include "runner/process.h"
#include "runner/run.h"
#include "runner/script.h"
#include "sdk/native.h"

#define DEPTH_MAX 2000 /* the parser's own limit is far below */

enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

struct finding {
	enum severity severity;
	const char *kind;  /* static: "unknown-function", ... */
	struct rxl_pos pos;
	size_t start, len; /* in `texts` */
};

/* An action that some function of the script asks for. */
struct need {
	enum rxs_action action;
	const char *function;
	struct rxl_pos pos; /* of the first call */
	bool possible;
};

struct variable {
	rxl_symbol name;
	struct rxl_pos pos;
	bool used, reported;
};

struct checker {
	struct rx_memory memory;
	struct rx_arena arena;
	struct rx_buf texts, scratch;
	struct finding *findings;
	size_t finding_count, finding_cap;
	struct need *needs;
	size_t need_count, need_cap;
	struct variable *variables; /* visible ones, a stack */
	size_t variable_count, variable_cap;
	const struct rxl_symbols *symbols;
	struct rxl_engine *engine;
	const struct rxl_ast *ast;
	struct rexi_str *names;     /* of all functions, for candidates */
	size_t name_count, name_cap;
	const struct rxs_native *const *natives; /* of the SDK */
	size_t native_count;
	unsigned depth;
	bool failed;
};

RX_PRINTF(5, 6) static void add(struct checker *checker, enum severity severity, const char *kind, struct rxl_pos pos,
				const char *format, ...)
{
	char text[512];
	va_list list;
	struct finding made = { severity, kind, pos, checker->texts.len, 0 };

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	rx_utf8_lossy(&checker->texts, rx_str(text));
	made.len = checker->texts.len - made.start;
	if (!RX_GROW(&checker->memory, &checker->findings, &checker->finding_cap, checker->finding_count + 1)) {
		checker->failed = true;
		return;
	}
	checker->findings[checker->finding_count++] = made;
}

static struct rexi_str text_of(const struct checker *checker, rxl_symbol symbol)
{
	return rxl_symbol_text(checker->symbols, symbol);
}

/* ---- variables ---- */

static void declare(struct checker *checker, rxl_symbol name, struct rxl_pos pos, bool silent)
{
	if (name == RXL_NO_SYMBOL)
		return;
	if (!RX_GROW(&checker->memory, &checker->variables, &checker->variable_cap, checker->variable_count + 1)) {
		checker->failed = true;
		return;
	}
	checker->variables[checker->variable_count++] = (struct variable){ name, pos, silent, false };
}

static void use(struct checker *checker, rxl_symbol name)
{
	for (size_t i = checker->variable_count; i-- > 0;) {
		if (checker->variables[i].name == name) {
			checker->variables[i].used = true;
			return;
		}
	}
}

/* Ends the scopes above `mark`. Names that begin with _ are unused on purpose. */
static void leave(struct checker *checker, size_t mark)
{
	while (checker->variable_count > mark) {
		const struct variable *variable = &checker->variables[--checker->variable_count];
		struct rexi_str name = text_of(checker, variable->name);

		if (!variable->used && !(name.len && name.ptr[0] == '_'))
			add(checker, SEVERITY_WARNING, "unused-variable", variable->pos, "variable '%.*s' is never used",
			    RX_STR_ARG(name));
	}
}

/* ---- calls ---- */

static bool is_special(struct rexi_str name)
{
	static const char *const names[] = { "type_of", "Fn", "call", "curry", "is_shared", "is_def_var", "is_def_fn", "eval",
					     "debug", "print" };

	for (size_t i = 0; i < RX_COUNT(names); i++) {
		if (rx_str_eq(name, rx_str(names[i])))
			return true;
	}
	return false;
}

static void each_name(void *user, const struct rxl_overload *overload)
{
	struct checker *checker = (struct checker *)user;
	const struct rxl_native *row = overload->row;

	if (strchr(row->name, '$') || !((row->name[0] | 0x20) >= 'a' && (row->name[0] | 0x20) <= 'z'))
		return;
	if (!RX_GROW(&checker->memory, &checker->names, &checker->name_cap, checker->name_count + 1)) {
		checker->failed = true;
		return;
	}
	checker->names[checker->name_count++] = rx_str(row->name);
}

/* The action of that name in the namespace of a descriptor's resource; RXS_ACTION_COUNT when there is none. */
static enum rxs_action find_action(struct rexi_str name, const char *resource)
{
	static const struct {
		const char *word, *space;
	} areas[] = { { "Process", "process_system" }, { "Service", "systemd" }, { "Systemd", "systemd" }, { "Sysctl", "sysctl" },
		      { "url", "network" }, { "Url", "network" }, { "Hostname", "sysinfo" }, { "Sysinfo", "sysinfo" },
		      { "Uname", "sysinfo" } };
	const char *space = "file_system";

	for (size_t i = 0; i < RX_COUNT(areas); i++) {
		if (strstr(resource, areas[i].word))
			space = areas[i].space;
	}
	for (int action = 0; action < RXS_ACTION_COUNT; action++) {
		if (rx_str_eq(rxs_action_name((enum rxs_action)action), name) &&
		    rx_str_eq(rxs_action_space((enum rxs_action)action), rx_str(space)))
			return (enum rxs_action)action;
	}
	return RXS_ACTION_COUNT;
}

static void need_action(struct checker *checker, enum rxs_action action, const char *function, struct rxl_pos pos)
{
	for (size_t i = 0; i < checker->need_count; i++) {
		if (checker->needs[i].action == action && strcmp(checker->needs[i].function, function) == 0)
			return;
	}
	if (!RX_GROW(&checker->memory, &checker->needs, &checker->need_cap, checker->need_count + 1)) {
		checker->failed = true;
		return;
	}
	checker->needs[checker->need_count++] = (struct need){ action, function, pos, true };
}

/* What the SDK functions of that name may ask for. */
static void need_actions(struct checker *checker, struct rexi_str name, size_t argc, struct rxl_pos pos)
{
	const struct rxs_native *const *natives = checker->natives;

	for (size_t i = 0; i < checker->native_count; i++) {
		struct rexi_str rest;
		size_t params = 0;

		if (!rx_str_eq(rx_str(natives[i]->name), name))
			continue;
		for (const char *p = natives[i]->params; *p; p++)
			params += *p == ' ';
		params += *natives[i]->params != '\0';
		if (params != argc)
			continue;
		for (rest = rx_str(natives[i]->actions); rest.len;) {
			size_t blank = rx_str_find(rest, RX_STR(" "), 0);
			struct rexi_str word = rx_str_sub(rest, 0, blank == SIZE_MAX ? rest.len : blank);
			enum rxs_action action = find_action(word, natives[i]->resource);

			rest = rx_str_sub(rest, word.len + 1, rest.len);
			if (action != RXS_ACTION_COUNT)
				need_action(checker, action, natives[i]->name, pos);
		}
	}
}

static bool script_defines(const struct checker *checker, rxl_symbol name, bool *arity_fits, size_t argc)
{
	bool found = false;

	for (uint32_t i = 0; i < checker->ast->fn_count; i++) {
		const struct rxl_ast_fn *fn = checker->ast->fns[i];

		if (fn->name != name)
			continue;
		found = true;
		/* as a method the first argument is `this` */
		*arity_fits |= fn->param_count == argc || fn->param_count + 1 == argc;
	}
	return found;
}

static void check_call(struct checker *checker, rxl_symbol symbol, size_t argc, struct rxl_pos pos, bool method)
{
	struct rexi_str name = text_of(checker, symbol), near;
	char counts[64] = "";
	size_t at = 0, last = SIZE_MAX;
	bool fits = false;

	need_actions(checker, name, argc, pos);
	if (is_special(name) || (script_defines(checker, symbol, &fits, argc) && fits))
		return;
	for (size_t i = 0; i < checker->variable_count; i++) {
		/* a closure in a variable, called by the variable's name in method style */
		if (checker->variables[i].name == symbol)
			return;
	}
	for (const struct rxl_overload *o = rxl_engine_overloads(checker->engine, symbol); o; o = o->next) {
		if (o->count == argc)
			return;
		if (o->count != last && at + 8 < sizeof(counts)) {
			at += (size_t)snprintf(counts + at, sizeof(counts) - at, "%s%u", at ? ", " : "", o->count);
			last = o->count;
		}
	}
	for (uint32_t i = 0; i < checker->ast->fn_count; i++) {
		if (checker->ast->fns[i]->name == symbol && at + 8 < sizeof(counts))
			at += (size_t)snprintf(counts + at, sizeof(counts) - at, "%s%u", at ? ", " : "", checker->ast->fns[i]->param_count);
	}
	if (at) {
		add(checker, SEVERITY_ERROR, "wrong-arity", pos, "'%.*s' takes %s arguments, not %zu", RX_STR_ARG(name), counts, argc);
		return;
	}
	/* a method may be a closure that a map holds: only the run can tell */
	near = rx_str_nearest(name, checker->names, checker->name_count);
	if (near.ptr)
		add(checker, method ? SEVERITY_WARNING : SEVERITY_ERROR, "unknown-function", pos,
		    "no function is called '%.*s'; did you mean '%.*s'?", RX_STR_ARG(name), RX_STR_ARG(near));
	else
		add(checker, method ? SEVERITY_WARNING : SEVERITY_ERROR, "unknown-function", pos, "no function is called '%.*s'",
		    RX_STR_ARG(name));
}

/* ---- the tree ---- */

static void walk(struct checker *checker, const struct rxl_node *node);

static void walk_all(struct checker *checker, struct rxl_node *const *items, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		walk(checker, items[i]);
}

static void walk_scope(struct checker *checker, const struct rxl_node *node)
{
	size_t mark = checker->variable_count;

	walk(checker, node);
	leave(checker, mark);
}

static void walk_fn(struct checker *checker, const struct rxl_ast_fn *fn)
{
	size_t mark = checker->variable_count;

	for (uint32_t i = 0; i < fn->capture_count; i++)
		use(checker, fn->captures[i].name);
	for (uint32_t i = 0; i < fn->param_count; i++)
		declare(checker, fn->params[i].name, fn->params[i].pos, true);
	walk(checker, fn->body);
	leave(checker, mark);
}

static void walk_chain(struct checker *checker, const struct rxl_ast_chain *chain)
{
	walk(checker, chain->root);
	for (uint32_t i = 0; i < chain->count; i++) {
		const struct rxl_ast_link *link = &chain->links[i];

		if (link->kind == RXL_LINK_INDEX) {
			walk(checker, link->index);
		} else if (link->kind == RXL_LINK_METHOD) {
			check_call(checker, link->name, (size_t)link->arg_count + 1, link->name_pos, true);
			walk_all(checker, link->args, link->arg_count);
		}
	}
}

static void walk_switch(struct checker *checker, const struct rxl_ast_switch *node)
{
	walk(checker, node->subject);
	for (uint32_t i = 0; i < node->arm_count; i++) {
		walk(checker, node->arms[i].guard);
		walk_scope(checker, node->arms[i].body);
	}
}

static void walk_loop(struct checker *checker, const struct rxl_node *node)
{
	const struct rxl_ast_for *loop = node->u.for_stmt;
	size_t mark = checker->variable_count;

	if (node->kind != RXL_NODE_FOR) {
		walk(checker, node->u.loop.cond);
		walk_scope(checker, node->u.loop.body);
		return;
	}
	walk(checker, loop->iterable);
	declare(checker, loop->name, loop->name_pos, true); /* counting rounds needs a name */
	declare(checker, loop->counter, loop->counter_pos, false);
	walk(checker, loop->body);
	leave(checker, mark);
}

static void walk_node(struct checker *checker, const struct rxl_node *node)
{
	size_t mark;

	switch ((enum rxl_node_kind)node->kind) {
	case RXL_NODE_UNIT: case RXL_NODE_BOOL: case RXL_NODE_INT: case RXL_NODE_FLOAT: case RXL_NODE_CHAR: case RXL_NODE_STRING:
	case RXL_NODE_THIS: case RXL_NODE_CONTINUE: case RXL_NODE_PATH_VAR:
		return;
	case RXL_NODE_INTERPOLATION: case RXL_NODE_ARRAY:
		walk_all(checker, node->u.list.items, node->u.list.count);
		return;
	case RXL_NODE_BLOCK:
		mark = checker->variable_count;
		walk_all(checker, node->u.list.items, node->u.list.count);
		leave(checker, mark);
		return;
	case RXL_NODE_MAP:
		for (uint32_t i = 0; i < node->u.map.count; i++)
			walk(checker, node->u.map.entries[i].value);
		return;
	case RXL_NODE_VAR:
		use(checker, node->u.name);
		return;
	case RXL_NODE_UNARY:
		walk(checker, node->u.operand);
		return;
	case RXL_NODE_BINARY:
		walk(checker, node->u.binary.left);
		walk(checker, node->u.binary.right);
		return;
	case RXL_NODE_ASSIGN:
		/* x = ... alone is no use of x; x += ... is */
		if (node->u.binary.left->kind != RXL_NODE_VAR || node->op != RXL_ASSIGN)
			walk(checker, node->u.binary.left);
		walk(checker, node->u.binary.right);
		return;
	case RXL_NODE_CALL:
		if (!node->u.call->path)
			check_call(checker, node->u.call->name, node->u.call->arg_count, node->pos, false);
		walk_all(checker, node->u.call->args, node->u.call->arg_count);
		return;
	case RXL_NODE_CHAIN:
		walk_chain(checker, node->u.chain);
		return;
	case RXL_NODE_CLOSURE:
		walk_fn(checker, node->u.fn);
		return;
	case RXL_NODE_IF:
		walk(checker, node->u.if_stmt->cond);
		walk_scope(checker, node->u.if_stmt->then);
		walk(checker, node->u.if_stmt->otherwise);
		return;
	case RXL_NODE_SWITCH:
		walk_switch(checker, node->u.switch_stmt);
		return;
	case RXL_NODE_WHILE: case RXL_NODE_DO: case RXL_NODE_FOR:
		walk_loop(checker, node);
		return;
	case RXL_NODE_TRY:
		walk_scope(checker, node->u.try_stmt->body);
		mark = checker->variable_count;
		declare(checker, node->u.try_stmt->name, node->u.try_stmt->name_pos, true);
		walk(checker, node->u.try_stmt->handler);
		leave(checker, mark);
		return;
	case RXL_NODE_LET:
		walk(checker, node->u.let.init);
		declare(checker, node->u.let.name, node->u.let.name_pos, (node->flags & RXL_LET_EXPORT) != 0);
		return;
	case RXL_NODE_BREAK: case RXL_NODE_RETURN: case RXL_NODE_THROW:
		walk(checker, node->u.value);
		return;
	case RXL_NODE_IMPORT:
		walk(checker, node->u.import.path);
		return;
	case RXL_NODE_EXPORT:
		use(checker, node->u.export_stmt.name);
		return;
	}
}

static void walk(struct checker *checker, const struct rxl_node *node)
{
	if (!node || checker->depth >= DEPTH_MAX)
		return;
	checker->depth++;
	walk_node(checker, node);
	checker->depth--;
}

/* ---- the policy ---- */

/* Whether some permit could allow the action for this principal: its scope's principal and action must hold, the rest
 * is a matter of the resource. */
static void test_needs(struct checker *checker, const struct rxr_policy *policy, const char *principal)
{
	struct rxs_session_options options = { .size = sizeof(options), .cedar = policy->cedar, .policies = policy->policies,
					       .principal = principal, .groups = true };
	struct rxs_session *session = NULL;

	if (rxs_session_new(&options, &session, NULL) != REXI_OK) {
		checker->failed = true;
		return;
	}
	for (size_t i = 0; i < checker->need_count; i++)
		checker->needs[i].possible = rxs_action_possible(session, checker->needs[i].action);
	rxs_session_free(session);
	for (size_t i = 0; i < checker->need_count; i++) {
		const struct need *need = &checker->needs[i];
		/* asked for only with certain options or states of the host, where the function has others that may pass */
		bool optional = need->action == RXS_FS_CREATE || need->action == RXS_FS_REDACTED_READ ||
				need->action == RXS_FS_CHMOD || need->action == RXS_FS_CHOWN;
		bool partly = false, instead = false;

		for (size_t k = 0; k < checker->need_count; k++) {
			const struct need *other = &checker->needs[k];

			if (!other->possible || strcmp(other->function, need->function) != 0)
				continue;
			partly = true;
			/* asked for where read is refused, and the other way round */
			instead |= (need->action == RXS_FS_REDACTED_READ && other->action == RXS_FS_READ) ||
				   (need->action == RXS_FS_READ && other->action == RXS_FS_REDACTED_READ);
		}
		if (!need->possible && !instead)
			add(checker, SEVERITY_WARNING, "never-permitted", need->pos,
			    "'%s' %s %.*s::Action::\"%.*s\", which no permit of the policy can allow", need->function,
			    partly && optional ? "may need" : "needs", RX_STR_ARG(rxs_action_space(need->action)),
			    RX_STR_ARG(rxs_action_name(need->action)));
	}
}

/* ---- the report ---- */

static int by_position(const void *a, const void *b)
{
	const struct finding *x = (const struct finding *)a, *y = (const struct finding *)b;
	int order = (x->pos.line > y->pos.line) - (x->pos.line < y->pos.line);

	return order ? order : (x->pos.column > y->pos.column) - (x->pos.column < y->pos.column);
}

static void print_human(const struct checker *checker, const char *script, const char *policy, struct rx_buf *out)
{
	for (size_t i = 0; i < checker->finding_count; i++) {
		const struct finding *finding = &checker->findings[i];

		rx_utf8_lossy(out, rx_str(strcmp(finding->kind, "policy") == 0 ? policy : script));
		if (finding->pos.line)
			rx_buf_printf(out, ":%u:%u", finding->pos.line, finding->pos.column);
		rx_buf_printf(out, ": %s: ", finding->severity == SEVERITY_ERROR ? "error" : "warning");
		rx_buf_bytes(out, checker->texts.ptr + finding->start, finding->len);
		rx_buf_byte(out, '\n');
	}
	if (checker->need_count)
		RX_BUF_LIT(out, "A run may ask for:\n");
	for (size_t i = 0; i < checker->need_count; i++) {
		const struct need *need = &checker->needs[i];

		rx_buf_printf(out, "  %.*s::Action::\"%.*s\"  for %s() at line %u\n", RX_STR_ARG(rxs_action_space(need->action)),
			      RX_STR_ARG(rxs_action_name(need->action)), need->function, need->pos.line);
	}
}

static void print_json(const struct checker *checker, bool ok, bool pretty, struct rx_buf *out)
{
	struct rxr_json json = { out, pretty, false, 0 };

	rxr_json_open(&json, NULL, '{');
	rxr_json_boolean(&json, "ok", ok);
	rxr_json_open(&json, "findings", '[');
	for (size_t i = 0; i < checker->finding_count; i++) {
		const struct finding *finding = &checker->findings[i];

		rxr_json_open(&json, NULL, '{');
		rxr_json_text(&json, "severity", finding->severity == SEVERITY_ERROR ? "error" : "warning");
		rxr_json_text(&json, "kind", finding->kind);
		rxr_json_integer(&json, "line", finding->pos.line);
		rxr_json_integer(&json, "column", finding->pos.column);
		rxr_json_string(&json, "message", rx_str_make(checker->texts.ptr + finding->start, finding->len));
		rxr_json_close(&json, '}');
	}
	rxr_json_close(&json, ']');
	rxr_json_open(&json, "needs", '[');
	for (size_t i = 0; i < checker->need_count; i++) {
		const struct need *need = &checker->needs[i];
		char action[128];

		snprintf(action, sizeof(action), "%.*s::Action::\"%.*s\"", RX_STR_ARG(rxs_action_space(need->action)),
			 RX_STR_ARG(rxs_action_name(need->action)));
		rxr_json_open(&json, NULL, '{');
		rxr_json_text(&json, "action", action);
		rxr_json_text(&json, "function", need->function);
		rxr_json_integer(&json, "line", need->pos.line);
		rxr_json_boolean(&json, "possible", need->possible);
		rxr_json_close(&json, '}');
	}
	rxr_json_close(&json, ']');
	rxr_json_close(&json, '}');
	rx_buf_byte(out, '\n');
}

/* ---- the command ---- */

/* A syntax error without its lead and its place, which a finding has of its own. */
static struct rexi_str bare_message(struct rexi_str text)
{
	struct rexi_str lead = RX_STR("Syntax error: ");

	if (rx_str_starts(text, lead))
		text = rx_str_sub(text, lead.len, text.len);
	for (size_t at = text.len; at-- > 0;) {
		if (rx_str_starts(rx_str_sub(text, at, text.len), RX_STR(" (line ")))
			return rx_str_sub(text, 0, at);
	}
	return text;
}

struct inputs {
	struct rxr_input script, policy, arguments;
	struct rxr_input schema_files[RXR_SCHEMAS_MOST];
	struct rxr_schema_text schemas[RXR_SCHEMAS_MOST];
	size_t schema_count;
	struct rxr_args args;
	struct rx_arena arena;
	struct rxr_policy loaded;
	struct rx_buf principal;
};

static bool load_path(struct checker *checker, const struct rxr_options *options, struct rxr_input *input, const char *path)
{
	rx_buf_clear(&checker->scratch);
	RX_BUF_LIT(&checker->scratch, "error: cannot read ");
	rx_utf8_lossy(&checker->scratch, rx_str(path));
	RX_BUF_LIT(&checker->scratch, ": ");
	if (rxr_input_read(input, &checker->memory, path, rxr_limit_rows[RXR_LIMIT_SOURCE].value,
			   options->given[RXR_OPTION_CHECK_OWNER], &checker->scratch) == RXR_INPUT_OK)
		return true;
	rx_buf_byte(&checker->scratch, '\n');
	return false;
}

static bool load(struct checker *checker, const struct rxr_options *options, struct rxr_input *input, enum rxr_option option)
{
	return load_path(checker, options, input, options->value[option]);
}

static bool load_schemas(struct checker *checker, const struct rxr_options *options, struct inputs *inputs)
{
	for (size_t i = 0; i < options->item_count; i++) {
		struct rxr_input *file = &inputs->schema_files[inputs->schema_count];

		if (options->items[i].option != RXR_OPTION_SCHEMA)
			continue;
		if (inputs->schema_count == RXR_SCHEMAS_MOST) {
			rx_buf_clear(&checker->scratch);
			rx_buf_printf(&checker->scratch, "error: more than %d schemas\n", RXR_SCHEMAS_MOST);
			return false;
		}
		inputs->schema_count++;
		if (!load_path(checker, options, file, options->items[i].value))
			return false;
		inputs->schemas[inputs->schema_count - 1] = (struct rxr_schema_text){ options->items[i].value, rx_buf_view(&file->text) };
	}
	return true;
}

static bool load_all(struct checker *checker, const struct rxr_options *options, struct inputs *inputs)
{
	char complaint[256] = "";
	bool ok = load(checker, options, &inputs->script, RXR_OPTION_SCRIPT) &&
		  load(checker, options, &inputs->policy, RXR_OPTION_POLICY) && load_schemas(checker, options, inputs);

	if (!ok)
		return false;
	if (options->given[RXR_OPTION_ARGUMENTS_FILE])
		ok = load(checker, options, &inputs->arguments, RXR_OPTION_ARGUMENTS_FILE) &&
		     rxr_args_read(&inputs->args, rx_buf_view(&inputs->arguments.text), true, complaint);
	for (size_t i = 0; i < options->item_count && ok; i++) {
		struct rexi_str text = rx_str(options->items[i].value);

		if (options->items[i].option == RXR_OPTION_ARGUMENTS)
			ok = text.len && text.ptr[0] == '{' ? rxr_args_read(&inputs->args, text, false, complaint)
							    : rxr_args_word(&inputs->args, text, complaint);
	}
	for (size_t i = 0; i < options->word_count && ok; i++)
		ok = rxr_args_word(&inputs->args, rx_str(options->words[i]), complaint);
	if (!ok && complaint[0]) {
		rx_buf_clear(&checker->scratch);
		rx_buf_printf(&checker->scratch, "error: script arguments: %s\n", complaint);
	}
	return ok;
}

/* One warning a line. */
static void add_lines(struct checker *checker, struct rexi_str text)
{
	while (text.len) {
		size_t end = rx_str_find(text, RX_STR("\n"), 0);

		add(checker, SEVERITY_WARNING, "policy", (struct rxl_pos){ 0, 0 }, "%.*s", RX_STR_ARG(rx_str_sub(text, 0, end)));
		text = end == SIZE_MAX ? RX_STR("") : rx_str_sub(text, end + 1, SIZE_MAX);
	}
}

static enum rxr_exit check(struct checker *checker, struct inputs *inputs)
{
	struct rxr_limits limits;
	struct rxr_report report;
	struct rxs_session_options session_options = { .size = sizeof(session_options) };
	struct rxr_script_options options = { .limits = &limits, .report = &report };
	struct rxr_script *script = NULL;
	struct rxs_session *session = NULL;
	struct rxr_result result;
	struct rexi_error err = { .message = "" };
	struct rx_buf warnings;
	const struct rxr_policy_source source = { .text = rx_buf_view(&inputs->policy.text), .schemas = inputs->schemas,
						  .schema_count = inputs->schema_count, .complaint = &checker->scratch,
						  .warnings = &warnings };
	enum rxr_policy_state state;
	enum rxr_exit exit = RXR_EXIT_SUCCESS;

	rx_buf_clear(&checker->scratch);
	rx_buf_init(&warnings, &checker->memory, 0);
	state = rxr_policy_load(&inputs->loaded, &source);
	add_lines(checker, rx_buf_view(&warnings));
	rx_buf_fini(&warnings);
	if (state != RXR_POLICY_OK) {
		add(checker, SEVERITY_ERROR, "policy", (struct rxl_pos){ 0, 0 }, "%s", rx_buf_cstr(&checker->scratch));
		exit = RXR_EXIT_POLICY;
	}
	rxr_limits_init(&limits);
	rxr_report_init(&report, &checker->memory);
	if (rxs_session_new(&session_options, &session, &err) == REXI_OK)
		options.session = session;
	if (!session || rxr_script_new(&checker->memory, &options, &script, &err) != REXI_OK ||
	    rxr_script_arguments(script, &inputs->args, &err) != REXI_OK) {
		add(checker, SEVERITY_ERROR, "internal", (struct rxl_pos){ 0, 0 }, "%s", err.message);
		exit = RXR_EXIT_INTERNAL;
	} else {
		rx_buf_clear(&checker->scratch);
		if (rxr_script_compile(script, rx_buf_view(&inputs->script.text), &checker->scratch, &result) != RXR_OUTCOME_VALUE) {
			struct rexi_str told = bare_message(rx_buf_view(&checker->scratch));

			add(checker, SEVERITY_ERROR, "syntax", (struct rxl_pos){ (uint16_t)result.line, (uint16_t)result.column },
			    "%.*s", RX_STR_ARG(told));
			exit = exit ? exit : RXR_EXIT_ERROR;
		} else {
			checker->engine = rxr_script_engine(script);
			checker->symbols = &checker->engine->symbols;
			checker->ast = rxr_script_tree(script);
			rxl_engine_natives(checker->engine, each_name, checker);
			checker->natives = rxs_natives(&checker->native_count);
			for (const struct rxr_arg *arg = inputs->args.first; arg; arg = arg->next)
				declare(checker, rxl_symbol_find(checker->symbols, arg->name), (struct rxl_pos){ 0, 0 }, true);
			for (uint32_t i = 0; i < checker->ast->fn_count; i++)
				walk_fn(checker, checker->ast->fns[i]);
			walk(checker, checker->ast->body);
			checker->variable_count = 0;
			if (state == RXR_POLICY_OK || state == RXR_POLICY_INVALID)
				test_needs(checker, &inputs->loaded, rx_buf_cstr(&inputs->principal));
		}
	}
	for (size_t i = 0; i < checker->finding_count && !exit; i++)
		exit = checker->findings[i].severity == SEVERITY_ERROR ? RXR_EXIT_ERROR : RXR_EXIT_SUCCESS;
	rxr_script_free(script);
	rxs_session_free(session);
	rxr_report_fini(&report);
	return exit;
}

static void write_out(int fd, const struct rx_buf *buf)
{
	for (size_t at = 0; at < buf->len;) {
		ssize_t done = write(fd, buf->ptr + at, buf->len - at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return;
		at += (size_t)done;
	}
}

int rxr_check_main(const struct rxr_options *options)
{
	unsigned format = options->given[RXR_OPTION_FORMAT] ? options->choice[RXR_OPTION_FORMAT] : RXR_FORMAT_HUMAN;
	struct checker checker = { .failed = false };
	struct inputs inputs;
	struct rx_buf out;
	enum rxr_exit exit = RXR_EXIT_USAGE;

	memset(&inputs, 0, sizeof(inputs));
	rx_memory_init(&checker.memory, NULL, 0);
	rx_buf_init(&checker.texts, &checker.memory, 0);
	rx_buf_init(&checker.scratch, &checker.memory, 0);
	rx_buf_init(&out, &checker.memory, 0);
	rx_buf_init(&inputs.principal, &checker.memory, 0);
	rx_arena_init(&inputs.arena, &checker.memory);
	rxr_args_init(&inputs.args, &inputs.arena);
	if (!load_all(&checker, options, &inputs)) {
		write_out(STDERR_FILENO, &checker.scratch);
	} else {
		rxr_process_principal(&inputs.principal);
		exit = check(&checker, &inputs);
		if (checker.finding_count)
			qsort(checker.findings, checker.finding_count, sizeof(*checker.findings), by_position);
		if (format == RXR_FORMAT_HUMAN)
			print_human(&checker, options->value[RXR_OPTION_SCRIPT], options->value[RXR_OPTION_POLICY], &out);
		else
			print_json(&checker, exit == RXR_EXIT_SUCCESS, format == RXR_FORMAT_PRETTY, &out);
		write_out(STDOUT_FILENO, &out);
		if (checker.failed || out.failed)
			exit = RXR_EXIT_INTERNAL;
	}
	rxr_policy_free(&inputs.loaded);
	rxr_input_fini(&inputs.script);
	rxr_input_fini(&inputs.policy);
	for (size_t i = 0; i < inputs.schema_count; i++)
		rxr_input_fini(&inputs.schema_files[i]);
	rxr_input_fini(&inputs.arguments);
	rx_arena_fini(&inputs.arena);
	rx_buf_fini(&inputs.principal);
	rx_memory_give(&checker.memory, checker.findings, checker.finding_cap * sizeof(*checker.findings));
	rx_memory_give(&checker.memory, checker.needs, checker.need_cap * sizeof(*checker.needs));
	rx_memory_give(&checker.memory, checker.variables, checker.variable_cap * sizeof(*checker.variables));
	rx_memory_give(&checker.memory, checker.names, checker.name_cap * sizeof(*checker.names));
	rx_buf_fini(&checker.texts);
	rx_buf_fini(&checker.scratch);
	rx_buf_fini(&out);
	return (int)exit;
}
