/* rexi policy validate, fmt, schema. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/policy_tool.h"
#include "sdk/schema.h"

/* ---- validate ---- */

static void finding_json(struct rxr_tool *tool, const struct rexi_cedar_finding *finding, bool first)
{
	rx_buf_str(&tool->out, first ? RX_STR("{") : RX_STR(",{"));
	rxr_tool_member(tool, "severity", finding->is_warning ? RX_STR("warning") : RX_STR("error"));
	rxr_tool_member(tool, "kind", rx_str(finding->kind));
	rxr_tool_member(tool, "policy", finding->policy);
	rxr_tool_member(tool, "message", finding->message);
	if (finding->help.len > 0)
		rxr_tool_member(tool, "help", finding->help);
	rx_buf_printf(&tool->out, ",\"line\":%u,\"column\":%u,\"start\":%u,\"end\":%u}", finding->line, finding->column,
		      finding->span.start, finding->span.end);
}

/* The help of several findings in a row is shown once, after the last. */
static void finding_text(struct rxr_tool *tool, const char *path, const struct rexi_cedar_finding *finding, bool help_follows)
{
	if (finding->line > 0)
		rx_buf_printf(&tool->out, "%s:%u:%u: ", path, finding->line, finding->column);
	else
		rx_buf_printf(&tool->out, "%s: ", path);
	rx_buf_printf(&tool->out, "%s: ", finding->is_warning ? "warning" : "error");
	rx_buf_str(&tool->out, finding->message);
	rx_buf_printf(&tool->out, " [%s]\n", finding->kind);
	if (finding->help.len > 0 && !help_follows) {
		RX_BUF_LIT(&tool->out, "    help: ");
		rx_buf_str(&tool->out, finding->help);
		rx_buf_byte(&tool->out, '\n');
	}
}

static int validate_file(struct rxr_tool *tool, const struct rexi_cedar_schema *schema, const char *path, void *user RX_UNUSED)
{
	struct rexi_cedar_validate_options how = { sizeof(how), tool->permissive, tool->levels, tool->level };
	struct rexi_cedar_validation *validation = NULL;
	struct rexi_cedar_policies *policies;
	struct rexi_cedar_finding finding, next;
	struct rexi_error err;
	struct rx_buf text;
	bool passed;
	int status = rxr_tool_policies(tool, path, false, &text, &policies);

	if (status)
		return status;
	if (rexi_cedar_validate(schema, policies, &how, &validation, &err) != REXI_OK) {
		rexi_cedar_policies_free(policies);
		rx_buf_fini(&text);
		return rxr_tool_error(tool, path, &err);
	}
	passed = rexi_cedar_validation_passed(validation) &&
		 !(tool->deny_warnings && rexi_cedar_validation_count(validation) > 0);
	if (tool->json) {
		rx_buf_str(&tool->out, tool->out.len > 1 ? RX_STR(",{") : RX_STR("{"));
		rxr_tool_member(tool, "file", rx_str(path));
		rx_buf_printf(&tool->out, ",\"passed\":%s,\"policies\":%zu,\"findings\":[", passed ? "true" : "false",
			      rexi_cedar_policies_count(policies) + rexi_cedar_policies_template_count(policies));
	}
	for (size_t i = 0; rexi_cedar_validation_finding(validation, i, &finding); i++) {
		if (tool->json)
			finding_json(tool, &finding, i == 0);
		else
			finding_text(tool, path, &finding, rexi_cedar_validation_finding(validation, i + 1, &next) &&
								   rx_str_eq(next.help, finding.help));
	}
	if (tool->json)
		RX_BUF_LIT(&tool->out, "]}");
	else
		rx_buf_printf(&tool->out, "%s: %s\n", path, passed ? "policy set validation passed" : "policy set validation failed");
	rexi_cedar_validation_free(validation);
	rexi_cedar_policies_free(policies);
	rx_buf_fini(&text);
	return passed ? TOOL_OK : TOOL_INVALID;
}

int rxr_policy_validate(struct rxr_tool *tool)
{
	return rxr_tool_each_file(tool, validate_file, NULL);
}

/* ---- fmt ---- */

/* Beside the file and then renamed, so that a reader sees the old text or the new one; with the file's mode, and where it is
 * when the path is a link. */
static int write_file(struct rxr_tool *tool, const char *link, struct rexi_str text)
{
	char *path = realpath(link, NULL);
	int fd, status = TOOL_OK;
	struct rx_buf beside;
	const char *name;
	struct stat st;
	size_t at = 0;

	if (!path || stat(path, &st) != 0) {
		free(path);
		return rxr_tool_fail(tool, TOOL_USAGE, "%s: %s", link, strerror(errno));
	}

	rx_buf_init(&beside, &tool->memory, 0);
	rx_buf_printf(&beside, "%s.rexi-%ld", path, (long)getpid());
	name = rx_buf_cstr(&beside);
	fd = name ? open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
	while (fd >= 0 && at < text.len) {
		ssize_t done = write(fd, text.ptr + at, text.len - at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			break;
		at += (size_t)done;
	}
	if (fd < 0 || at < text.len || fchmod(fd, st.st_mode & 07777) != 0 || close(fd) != 0 || rename(name, path) != 0) {
		status = rxr_tool_fail(tool, TOOL_USAGE, "%s: %s", link, strerror(errno));
		if (fd >= 0)
			(void)unlink(name);
	}
	rx_buf_fini(&beside);
	free(path);
	return status;
}

static int fmt_file(struct rxr_tool *tool, const char *path)
{
	struct rexi_cedar_text formatted;
	struct rexi_error err;
	struct rx_buf text;
	int status = TOOL_OK;
	bool same;

	if (!rxr_tool_read(tool, path, &text))
		return TOOL_USAGE;
	if (rexi_cedar_format(tool->engine, rx_buf_view(&text), tool->width, tool->indent, &formatted, &err) != REXI_OK) {
		rx_buf_fini(&text);
		return rxr_tool_error(tool, path, &err);
	}
	same = rx_str_eq(rx_buf_view(&text), rx_str_make(formatted.ptr, formatted.len));
	if (tool->json) {
		rx_buf_str(&tool->out, tool->out.len > 1 ? RX_STR(",{") : RX_STR("{"));
		rxr_tool_member(tool, "file", rx_str(path));
		rx_buf_printf(&tool->out, ",\"changed\":%s", same ? "false" : "true");
		if (!tool->check && !tool->write)
			rxr_tool_member(tool, "text", rx_str_make(formatted.ptr, formatted.len));
		rx_buf_byte(&tool->out, '}');
	} else if (tool->check) {
		if (!same)
			rx_buf_printf(&tool->out, "%s: would change\n", path);
	} else if (!tool->write) {
		rx_buf_bytes(&tool->out, formatted.ptr, formatted.len);
	}
	if (tool->check && !same)
		status = TOOL_NO;
	else if (tool->write && !tool->check && !same)
		status = write_file(tool, path, rx_str_make(formatted.ptr, formatted.len));
	rexi_cedar_text_free(tool->engine, &formatted);
	rx_buf_fini(&text);
	return status;
}

int rxr_policy_fmt(struct rxr_tool *tool)
{
	int worst = TOOL_OK;

	if (tool->word_count == 0)
		tool->words[tool->word_count++] = "-";
	if (tool->json)
		rx_buf_byte(&tool->out, '[');
	for (size_t i = 0; i < tool->word_count; i++) {
		int status = tool->write && !strcmp(tool->words[i], "-")
				     ? rxr_tool_fail(tool, TOOL_USAGE, "--write needs a file")
				     : fmt_file(tool, tool->words[i]);

		worst = status > worst ? status : worst;
	}
	if (tool->json)
		RX_BUF_LIT(&tool->out, "]\n");
	return worst;
}

/* ---- schema ---- */

static int convert_schema(struct rxr_tool *tool, const char *path, struct rexi_str text)
{
	bool json = !strcmp(tool->to, "json");
	struct rexi_cedar_text converted;
	struct rexi_error err;

	if (!json && strcmp(tool->to, "cedar"))
		return rxr_tool_fail(tool, TOOL_USAGE, "--to takes cedar or json, not %s", tool->to);
	if ((json ? rexi_cedar_schema_to_json : rexi_cedar_schema_to_cedar)(tool->engine, text, &converted, &err) != REXI_OK)
		return rxr_tool_error(tool, path, &err);
	rx_buf_bytes(&tool->out, converted.ptr, converted.len);
	if (json)
		rx_buf_byte(&tool->out, '\n');
	rexi_cedar_text_free(tool->engine, &converted);
	return TOOL_OK;
}

static void describe_schema(struct rxr_tool *tool, const struct rexi_cedar_schema *schema)
{
	struct rexi_cedar_schema_warning warning;
	struct rexi_cedar_schema_action action;
	size_t types = 0, actions = 0, warnings = 0;
	struct rexi_str name;

	while (rexi_cedar_schema_type(schema, types, &name))
		types++;
	while (rexi_cedar_schema_action(schema, actions, &action))
		actions++;
	if (tool->json)
		rx_buf_printf(&tool->out, "{\"valid\":true,\"entityTypes\":%zu,\"actions\":%zu,\"warnings\":[", types, actions);
	for (; rexi_cedar_schema_warning(schema, warnings, &warning); warnings++) {
		if (tool->json) {
			rx_buf_str(&tool->out, warnings ? RX_STR(",{") : RX_STR("{"));
			rxr_tool_member(tool, "kind", rx_str(warning.kind));
			rxr_tool_member(tool, "message", warning.message);
			rx_buf_byte(&tool->out, '}');
		} else {
			rx_buf_printf(&tool->out, "warning: %.*s [%s]\n", RX_STR_ARG(warning.message), warning.kind);
		}
	}
	if (tool->json)
		RX_BUF_LIT(&tool->out, "]}\n");
	else
		rx_buf_printf(&tool->out, "the schema is valid: %zu entity types, %zu actions\n", types, actions);
}

int rxr_policy_schema(struct rxr_tool *tool)
{
	struct rexi_cedar_schema *schema = NULL;
	struct rx_buf text;
	int status = TOOL_OK;

	if (tool->word_count == 0 && tool->schema_count == 0) {
		if (tool->to)
			return convert_schema(tool, "(built-in schema)", rxs_schema_text());
		rx_buf_str(&tool->out, rxs_schema_text());
		return TOOL_OK;
	}
	for (size_t i = 0; i < tool->word_count && tool->to && !status; i++) {
		if (!rxr_tool_read(tool, tool->words[i], &text))
			return TOOL_USAGE;
		status = convert_schema(tool, tool->words[i], rx_buf_view(&text));
		rx_buf_fini(&text);
	}
	if (tool->to)
		return status;
	/* Files are checked together with the built-in schema, as a run would use them. */
	for (size_t i = 0; i < tool->word_count && tool->schema_count < TOOL_FILES_MOST; i++)
		tool->schemas[tool->schema_count++] = tool->words[i];
	status = rxr_tool_schema(tool, &schema);
	if (!status)
		describe_schema(tool, schema);
	rexi_cedar_schema_free(schema);
	return status;
}
