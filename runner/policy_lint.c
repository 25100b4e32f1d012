/*
 * rexi policy lint: policies that are valid and allow more (or less) than their author may think. Each rule has a name;
 * @nolint("rule, rule") on a policy silences rules, @nolint all of them.
 */
#include <config.h>

#include <stdio.h>

#include "cedar/set.h"
#include "cedar/walk.h"
#include "runner/policy_tool.h"

#include "base/error.h"

enum lint_rule {
	LINT_UNCONSTRAINED,
	LINT_LIKE_PATH,
	LINT_UNREACHABLE,
	LINT_INTERPRETER,
	LINT_ANY_PROGRAM,
	LINT_ANY_URL,
	LINT_NO_RULE,
	LINT_RULES
};

static const struct {
	const char *name, *message;
} rules[LINT_RULES] = {
	[LINT_UNCONSTRAINED] = { "unconstrained-permit", "permits every action on everything to everyone" },
	[LINT_LIKE_PATH] = { "like-path", "a `*` also matches `/`, so this reaches into every directory below; "
					  "`resource in file_system::Dir::\"...\"` names a directory and what is in it" },
	[LINT_UNREACHABLE] = { "unreachable", "no request can satisfy this policy" },
	[LINT_INTERPRETER] = { "execute-interpreter", "executing an interpreter is executing anything" },
	[LINT_ANY_PROGRAM] = { "execute-any", "permits the execution of every program; name the programs, as in "
					      "`resource == file_system::File::\"/usr/bin/...\"`" },
	[LINT_NO_RULE] = { "no-such-rule", "@nolint names a rule that does not exist, so it silences nothing" },
	[LINT_ANY_URL] = { "any-url", "permits every address; constrain `resource.url`" },
};

struct linter {
	struct rxr_tool *tool;
	const char *path;
	const struct rexi_cedar_policies *policies; /* not built: it has its trees */
	const struct rxc_template *body;
	size_t findings;
};

/* ---- Reporting ---- */

/* `list` holds names between commas and spaces. */
static bool lists(struct rexi_str list, struct rexi_str name)
{
	size_t at = 0;

	while ((at = rx_str_find(list, name, at)) != SIZE_MAX) {
		bool starts = at == 0 || list.ptr[at - 1] == ',' || list.ptr[at - 1] == ' ';
		size_t end = at + name.len;

		if (starts && (end == list.len || list.ptr[end] == ',' || list.ptr[end] == ' '))
			return true;
		at = end;
	}
	return false;
}

static bool is_silenced(const struct linter *linter, enum lint_rule rule)
{
	for (uint32_t i = 0; i < linter->body->annotation_count; i++) {
		const struct rxc_annotation *annotation = &linter->body->annotations[i];

		if (rx_str_eq(annotation->key->text, RX_STR("nolint")) &&
		    (annotation->value.len == 0 || lists(annotation->value, rx_str(rules[rule].name))))
			return true;
	}
	return false;
}

static void report(struct linter *linter, enum lint_rule rule, struct rexi_span span, struct rexi_str detail)
{
	struct rexi_error at = { .span = span };
	struct rx_buf *out = &linter->tool->out;

	if (is_silenced(linter, rule))
		return;
	if (linter->body->source && span.end > span.start)
		rx_error_locate(&at, *linter->body->source);
	if (linter->tool->json) {
		rx_buf_str(out, linter->findings ? RX_STR(",{") : RX_STR("{"));
		rxr_tool_member(linter->tool, "file", rx_str(linter->path));
		rxr_tool_member(linter->tool, "rule", rx_str(rules[rule].name));
		rxr_tool_member(linter->tool, "policy", linter->body->id);
		rxr_tool_member(linter->tool, "message", rx_str(rules[rule].message));
		if (detail.len)
			rxr_tool_member(linter->tool, "detail", detail);
		rx_buf_printf(out, ",\"line\":%u,\"column\":%u,\"start\":%u,\"end\":%u}", at.line, at.column, span.start, span.end);
	} else {
		rx_buf_printf(out, "%s:%u:%u: %.*s: %s", linter->path, at.line, at.column, RX_STR_ARG(linter->body->id),
			      rules[rule].message);
		if (detail.len)
			rx_buf_printf(out, " (%.*s)", RX_STR_ARG(detail));
		rx_buf_printf(out, " [%s]\n", rules[rule].name);
	}
	linter->findings++;
}

/* ---- Looking at policies ---- */

/* Calls `visit` for the expression and everything in it. */
typedef void (*visit_fn)(void *ctx, const struct rxc_expr *expr);

static void walk(const struct rxc_expr *expr, visit_fn visit, void *ctx)
{
	const struct rxc_expr *part;

	visit(ctx, expr);
	for (uint32_t i = 0; (part = rxc_expr_part(expr, i)) != NULL; i++)
		walk(part, visit, ctx);
}

static void find_resource(void *ctx, const struct rxc_expr *expr)
{
	bool *found = ctx;

	*found = *found || (expr->kind == RXC_VAR && expr->sub == RXC_RESOURCE);
}

static bool mentions_resource(const struct rxc_template *body)
{
	bool found = false;

	for (uint32_t i = 0; i < body->condition_count; i++)
		walk(body->conditions[i].body, find_resource, &found);
	return found;
}

/* Does the action scope admit this action, by name or by the name of its group? */
static bool admits(const struct rxc_scope *scope, const char *type, const char *id, const char *group)
{
	const struct rxc_uid *const *uids = scope->op == RXC_SCOPE_IN_SET ? scope->uids : &scope->uid;
	uint32_t count = scope->op == RXC_SCOPE_IN_SET ? scope->count : 1;

	if (scope->op == RXC_SCOPE_ANY)
		return true;
	for (uint32_t i = 0; i < count; i++)
		if (uids[i] && rx_str_eq(uids[i]->uid.type->text, rx_str(type)) &&
		    (rx_str_eq(uids[i]->uid.id, rx_str(id)) || (scope->op != RXC_SCOPE_EQ && rx_str_eq(uids[i]->uid.id, rx_str(group)))))
			return true;
	return false;
}

static bool is_bare(const struct rxc_scope *scope)
{
	return scope->op == RXC_SCOPE_ANY;
}

/* A type test alone leaves every object of the type. */
static bool any_object(const struct rxc_scope *scope)
{
	return scope->op == RXC_SCOPE_ANY || scope->op == RXC_SCOPE_IS;
}

static void check_unconstrained(struct linter *linter)
{
	const struct rxc_template *body = linter->body;

	if (!body->forbid && is_bare(&body->principal) && is_bare(&body->action) && is_bare(&body->resource) &&
	    body->condition_count == 0)
		report(linter, LINT_UNCONSTRAINED, body->span, RX_STR(""));
}

static bool is_path(const struct rxc_expr *expr)
{
	return expr->kind == RXC_ATTR &&
	       (rx_str_eq(expr->name->text, RX_STR("path")) || rx_str_eq(expr->name->text, RX_STR("parent_path")));
}

static void find_like(void *ctx, const struct rxc_expr *expr)
{
	struct linter *linter = ctx;
	bool wild = false;

	if (expr->kind != RXC_LIKE || !is_path(expr->left) || linter->body->forbid)
		return;
	for (uint32_t i = 0; i < expr->pattern->part_count; i++)
		wild = wild || expr->pattern->parts[i].wildcards > 0;
	if (wild)
		report(linter, LINT_LIKE_PATH, expr->span, RX_STR(""));
}

static struct rexi_str base_name(struct rexi_str path)
{
	size_t start = path.len;

	while (start > 0 && path.ptr[start - 1] != '/')
		start--;
	return rx_str_sub(path, start, path.len);
}

/* sh, python3, python3.11, perl5.36 */
static bool is_interpreter(struct rexi_str path)
{
	static const char *const names[] = { "sh",   "bash", "dash", "zsh",  "ksh",  "fish",  "csh",  "tcsh", "ash",    "busybox", "python",
					     "perl", "ruby", "node", "nodejs", "lua", "php", "awk", "gawk", "mawk", "tclsh", "env",
					     "xargs", "find", "sudo", "su", "expect", "gdb", "vim", "vi", "ed", "sed", "make", "ssh" };
	struct rexi_str name = base_name(path);

	while (name.len > 1 && (name.ptr[name.len - 1] == '.' || (name.ptr[name.len - 1] >= '0' && name.ptr[name.len - 1] <= '9')))
		name.len--;
	for (size_t i = 0; i < RX_COUNT(names); i++)
		if (rx_str_eq(name, rx_str(names[i])))
			return true;
	return false;
}

static void check_execute(struct linter *linter)
{
	const struct rxc_template *body = linter->body;
	const struct rxc_scope *resource = &body->resource;

	if (body->forbid || !admits(&body->action, "file_system::Action", "execute", "SafeIO") || is_bare(&body->action))
		return;
	if (resource->op == RXC_SCOPE_EQ && resource->uid && is_interpreter(resource->uid->uid.id))
		report(linter, LINT_INTERPRETER, resource->span, resource->uid->uid.id);
	else if (any_object(resource) && !mentions_resource(body))
		report(linter, LINT_ANY_PROGRAM, body->action.span, RX_STR(""));
}

static void find_interpreter(void *ctx, const struct rxc_expr *expr)
{
	struct linter *linter = ctx;
	const struct rxc_expr *literal = NULL;

	if (expr->kind == RXC_EQ && (expr->right->kind == RXC_UID || expr->right->kind == RXC_STRING))
		literal = expr->right;
	else if (expr->kind == RXC_EQ && (expr->left->kind == RXC_UID || expr->left->kind == RXC_STRING))
		literal = expr->left;
	if (!literal)
		return;
	if (literal->kind == RXC_UID ? rx_str_eq(literal->uid->uid.type->text, RX_STR("file_system::File")) &&
					       is_interpreter(literal->uid->uid.id)
				     : rx_str_starts(literal->text, RX_STR("/")) && is_interpreter(literal->text))
		report(linter, LINT_INTERPRETER, expr->span, literal->kind == RXC_UID ? literal->uid->uid.id : literal->text);
}

static bool is_any_address(struct rexi_str text)
{
	return text.len == 0 || rx_str_eq(text, RX_STR("http")) || rx_str_eq(text, RX_STR("http://")) ||
	       rx_str_eq(text, RX_STR("https://")) || rx_str_eq(text, RX_STR("://"));
}

/* resource.url like a star alone, or a star after the scheme. */
static void find_any_url(void *ctx, const struct rxc_expr *expr)
{
	struct linter *linter = ctx;
	bool any = true, wild = false;

	if (expr->kind != RXC_LIKE || expr->left->kind != RXC_ATTR || !rx_str_eq(expr->left->name->text, RX_STR("url")))
		return;
	for (uint32_t i = 0; i < expr->pattern->part_count; i++) {
		wild = wild || expr->pattern->parts[i].wildcards > 0;
		any = any && (expr->pattern->parts[i].wildcards > 0 || is_any_address(expr->pattern->parts[i].text));
	}
	if (any && wild)
		report(linter, LINT_ANY_URL, expr->span, RX_STR(""));
}

static void check_network(struct linter *linter)
{
	const struct rxc_template *body = linter->body;

	if (body->forbid || is_bare(&body->action) ||
	    !(admits(&body->action, "network::Action", "GET", "NetworkAction") ||
	      admits(&body->action, "network::Action", "connect", "NetworkAction")))
		return;
	if (any_object(&body->resource) && !mentions_resource(body)) {
		report(linter, LINT_ANY_URL, body->action.span, RX_STR(""));
		return;
	}
	for (uint32_t i = 0; i < body->condition_count; i++)
		if (!body->conditions[i].unless)
			walk(body->conditions[i].body, find_any_url, linter);
}

/* A permit is without effect when a forbid covers everything that it may permit: here, a forbid without conditions whose
 * scope is bare or the same. */
static bool covers(const struct rxc_scope *forbid, const struct rxc_scope *permit)
{
	if (forbid->op == RXC_SCOPE_ANY)
		return true;
	if (forbid->op != permit->op || forbid->flags & RXC_SCOPE_SLOT || permit->flags & RXC_SCOPE_SLOT || forbid->type != permit->type)
		return false;
	if (forbid->op == RXC_SCOPE_IN_SET) {
		for (uint32_t i = 0; i < forbid->count || i < permit->count; i++)
			if (i >= forbid->count || i >= permit->count || forbid->uids[i] != permit->uids[i])
				return false;
		return true;
	}
	return forbid->op == RXC_SCOPE_IS || forbid->uid == permit->uid;
}

static void check_forbidden(struct linter *linter)
{
	const struct rxc_template *body = linter->body;

	for (size_t i = 0; i < linter->policies->policy_count && !body->forbid && body->slots == 0; i++) {
		const struct rxc_template *other = rxc_policy_body(linter->policies->policies[i])->tree;

		if (!other->forbid || other->slots != 0 || other->condition_count > 0 || !covers(&other->principal, &body->principal) ||
		    !covers(&other->action, &body->action) || !covers(&other->resource, &body->resource))
			continue;
		report(linter, LINT_UNREACHABLE, body->span, other->id);
		return;
	}
}

/* Policies that the validator knows to be false for every request. */
static void check_impossible(struct linter *linter, const struct rexi_cedar_validation *validation)
{
	struct rexi_cedar_finding finding;

	for (size_t i = 0; rexi_cedar_validation_finding(validation, i, &finding); i++)
		if (!strcmp(finding.kind, "impossible-policy") && rx_str_eq(finding.policy, linter->body->id))
			report(linter, LINT_UNREACHABLE, linter->body->span, RX_STR(""));
}

/* A misspelt rule would leave its author thinking that it was looked at. */
static void check_nolint(struct linter *linter)
{
	for (uint32_t i = 0; i < linter->body->annotation_count; i++) {
		const struct rxc_annotation *annotation = &linter->body->annotations[i];
		struct rexi_str rest = annotation->value;

		if (!rx_str_eq(annotation->key->text, RX_STR("nolint")))
			continue;
		while (rest.len) {
			size_t end = 0, rule = 0;

			while (end < rest.len && rest.ptr[end] != ',' && rest.ptr[end] != ' ')
				end++;
			while (rule < LINT_RULES && !rx_str_eq(rx_str_sub(rest, 0, end), rx_str(rules[rule].name)))
				rule++;
			if (end > 0 && rule == LINT_RULES)
				report(linter, LINT_NO_RULE, annotation->span, rx_str_sub(rest, 0, end));
			rest = rx_str_sub(rest, end + 1, rest.len);
		}
	}
}

static void lint_policy(struct linter *linter, const struct rxc_template *body, const struct rexi_cedar_validation *validation)
{
	linter->body = body;
	check_nolint(linter);
	check_unconstrained(linter);
	check_forbidden(linter);
	check_impossible(linter, validation);
	check_execute(linter);
	check_network(linter);
	for (uint32_t i = 0; i < body->condition_count; i++) {
		if (body->conditions[i].unless)
			continue;
		walk(body->conditions[i].body, find_like, linter);
		if (!body->forbid && admits(&body->action, "file_system::Action", "execute", "SafeIO"))
			walk(body->conditions[i].body, find_interpreter, linter);
	}
}

static int lint_file(struct rxr_tool *tool, const struct rexi_cedar_schema *schema, const char *path, void *user)
{
	size_t *findings = user;
	struct rexi_cedar_validation *validation = NULL;
	struct rexi_cedar_policies *policies;
	struct rexi_error err;
	struct rx_buf text;
	struct linter linter;
	int status = rxr_tool_policies(tool, path, false, &text, &policies);

	if (status)
		return status;
	linter = (struct linter){ .tool = tool, .path = path, .policies = policies, .findings = *findings };
	if (rexi_cedar_validate(schema, policies, NULL, &validation, &err) == REXI_OK) {
		for (size_t i = 0; i < policies->template_count; i++)
			lint_policy(&linter, policies->templates[i]->tree, validation);
		for (size_t i = 0; i < policies->policy_count; i++)
			if (!rxc_policy_link(policies->policies[i]))
				lint_policy(&linter, rxc_policy_body(policies->policies[i])->tree, validation);
	} else {
		status = rxr_tool_error(tool, path, &err);
	}
	*findings = linter.findings;
	rexi_cedar_validation_free(validation);
	rexi_cedar_policies_free(policies);
	rx_buf_fini(&text);
	return status;
}

int rxr_policy_lint(struct rxr_tool *tool)
{
	size_t findings = 0;
	int worst = rxr_tool_each_file(tool, lint_file, &findings);

	return worst ? worst : findings ? TOOL_NO : TOOL_OK;
}
