#include <config.h>

#include "sdk/text_redact.h"

#include "base/unicode.h"
#include "sdk/text_lines.h"
#include "sdk/text_pattern.h"

#include "base/banned.h"

enum { TEMPLATES_MAX = 100000 };

struct rxs_redactor {
	struct rx_memory *memory;
	struct rxs_pattern **templates;
	size_t count, cap;
};

static bool flag_byte(char c)
{
	return (c >= '0' && c <= '9') || c == '#' || c == '-' || c == '+' || c == ' ' || c == '.' || c == '*';
}

static void append_literal(struct rx_buf *out, char c)
{
	static const char meta[] = "\\.+*?()|[]{}^$#&-~";

	if (c != '\0' && strchr(meta, c))
		rx_buf_byte(out, '\\');
	rx_buf_byte(out, c);
}

bool rxs_redactor_pattern(struct rexi_str template, struct rx_buf *out)
{
	size_t i = 0, end = template.len;
	bool tail = false;

	if (end && template.ptr[0] == '^') {
		rx_buf_byte(out, '^');
		i++;
	}
	if (end > i && template.ptr[end - 1] == '$') {
		tail = true;
		end--;
	}
	for (; i < end; i++) {
		if (template.ptr[i] != '%') {
			append_literal(out, template.ptr[i]);
			continue;
		}
		if (++i < end && template.ptr[i] == '%') {
			rx_buf_byte(out, '%');
			continue;
		}
		while (i < end && flag_byte(template.ptr[i]))
			i++;
		while (i < end && (template.ptr[i] == 'z' || template.ptr[i] == 'l'))
			i++;
		if (i >= end)
			break; /* a percent sign at the end stands for nothing */
		switch (template.ptr[i]) {
		case 's':
			RX_BUF_LIT(out, "(?:\\S+)");
			break;
		case 'd':
			RX_BUF_LIT(out, "(?:-?\\d+)");
			break;
		case 'u':
			RX_BUF_LIT(out, "(?:\\d+)");
			break;
		case 'm':
			RX_BUF_LIT(out, ".*?");
			break;
		default:
			return false;
		}
	}
	if (tail)
		rx_buf_byte(out, '$');
	return true;
}

static enum rexi_status add_template(struct rxs_redactor *redactor, struct rexi_str line)
{
	struct rx_buf pattern;
	struct rxs_pattern *regex = NULL;
	enum rexi_status status = REXI_OK;

	rx_buf_init(&pattern, redactor->memory, 0);
	if (rxs_redactor_pattern(line, &pattern))
		status = pattern.failed ? REXI_NO_MEMORY
					: rxs_pattern_new(redactor->memory, rx_buf_view(&pattern), 0, &regex, NULL);
	rx_buf_fini(&pattern);
	if (status == REXI_SYNTAX || (status == REXI_OK && !regex))
		return REXI_OK;
	if (status != REXI_OK)
		return status;
	if (!RX_GROW(redactor->memory, &redactor->templates, &redactor->cap, redactor->count + 1)) {
		rxs_pattern_free(regex);
		return REXI_NO_MEMORY;
	}
	redactor->templates[redactor->count++] = regex;
	return REXI_OK;
}

enum rexi_status rxs_redactor_new(struct rx_memory *memory, struct rexi_str dictionary, struct rxs_redactor **out)
{
	struct rxs_redactor *redactor = rx_memory_take_zeroed(memory, 1, sizeof(*redactor));
	struct rexi_str line;

	*out = NULL;
	if (!redactor)
		return REXI_NO_MEMORY;
	redactor->memory = memory;
	for (size_t pos = 0; rxs_line_next(dictionary, &pos, &line);) {
		line = rx_unicode_trim(line);
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		enum rexi_status status = redactor->count < TEMPLATES_MAX ? add_template(redactor, line) : REXI_LIMIT;
		if (status != REXI_OK) {
			rxs_redactor_free(redactor);
			return status;
		}
	}
	*out = redactor;
	return REXI_OK;
}

void rxs_redactor_free(struct rxs_redactor *redactor)
{
	if (!redactor)
		return;
	for (size_t i = 0; i < redactor->count; i++)
		rxs_pattern_free(redactor->templates[i]);
	rx_memory_give(redactor->memory, redactor->templates, redactor->cap * sizeof(struct rxs_pattern *));
	rx_memory_give(redactor->memory, redactor, sizeof(*redactor));
}

size_t rxs_redactor_count(const struct rxs_redactor *redactor)
{
	return redactor->count;
}

bool rxs_redactor_shows(struct rxs_redactor *redactor, struct rexi_str line)
{
	bool found = false;

	for (size_t i = 0; i < redactor->count && !found; i++)
		if (rxs_pattern_find(redactor->templates[i], line, 0, 0, &found, NULL) != REXI_OK)
			found = false;
	return found;
}

void rxs_redactor_apply(struct rxs_redactor *redactor, struct rexi_str text, struct rx_buf *out)
{
	struct rexi_str line;
	bool first = true;

	for (size_t pos = 0; rxs_line_next(text, &pos, &line) && !out->failed; first = false) {
		if (!first)
			rx_buf_byte(out, '\n');
		rx_buf_str(out, rxs_redactor_shows(redactor, line) ? line : RX_STR(RXS_REDACTED));
	}
}
