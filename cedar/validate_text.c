/* Texts that may not be what they look like. Source: spec/cedar.md, section 7.12. */
#include <config.h>

#include "cedar/validate_check.h"

#include "base/unicode.h"
#include "base/unicode_security.h"
#include "base/utf8.h"
#include "cedar/walk.h"

#include "base/banned.h"

/* Bytes of a text that a message shows. */
enum { SHOWN_MOST = 240 };

static void shown(struct rx_buf *buf, struct rexi_str text)
{
	struct rexi_str part = rx_str_sub(text, 0, SHOWN_MOST);

	rx_unicode_debug(buf, rx_str_sub(part, 0, rx_utf8_valid(part)));
	if (part.len < text.len)
		RX_BUF_LIT(buf, "...");
}

/* `code` is the character outside of the profile. */
static RX_NOINLINE void report(struct rxc_check *check, enum rxc_finding_kind kind, struct rexi_span span, struct rexi_str text,
			       uint32_t code)
{
	bool string = kind == RXC_FINDING_MIXED_SCRIPT_STRING || kind == RXC_FINDING_BIDI_CHARS_IN_STRING;
	bool bidi = kind == RXC_FINDING_BIDI_CHARS_IN_STRING || kind == RXC_FINDING_BIDI_CHARS_IN_IDENTIFIER;
	struct rx_buf buf, character;
	char bytes[4];

	rx_buf_init(&buf, check->scratch.memory, 0);
	rx_buf_init(&character, check->scratch.memory, 0);
	shown(&buf, text);
	rx_unicode_debug(&character, (struct rexi_str){ bytes, rx_utf8_encode(bytes, code) });
	if (!rx_buf_cstr(&buf) || !rx_buf_cstr(&character))
		rxc_check_no_memory(check);
	else if (kind == RXC_FINDING_CONFUSABLE_IDENTIFIER)
		rxc_check_report(check, kind, span, NULL,
				 "identifier `%s` contains the character `%s` which is not a printable ASCII character and falls "
				 "outside of the General Security Profile for Identifiers",
				 rx_buf_cstr(&buf), rx_buf_cstr(&character));
	else
		rxc_check_report(check, kind, span, NULL, "%s `%s%s%s` contains %s", string ? "string" : "identifier",
				 string ? "\"" : "", rx_buf_cstr(&buf), string ? "\"" : "",
				 bidi ? "BIDI control characters" : "mixed scripts");
	rx_buf_fini(&buf);
	rx_buf_fini(&character);
}

/* Printable ASCII, what nearly all texts are: one script, nothing hidden. */
static bool is_plain(struct rexi_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] < 0x20 || text.ptr[i] > 0x7E)
			return false;
	return true;
}

static void check_string(struct rxc_check *check, struct rexi_str text, struct rexi_span span)
{
	struct rx_scripts scripts;
	bool bidi = false;

	if (is_plain(text))
		return;
	rx_scripts_init(&scripts);
	for (size_t at = 0; at < text.len && !bidi;) {
		uint32_t code = rx_utf8_next(text, &at);

		bidi = rx_unicode_is_bidi_control(code);
		rx_scripts_add(&scripts, code);
	}
	if (bidi)
		report(check, RXC_FINDING_BIDI_CHARS_IN_STRING, span, text, 0);
	else if (!rx_scripts_is_single(&scripts))
		report(check, RXC_FINDING_MIXED_SCRIPT_STRING, span, text, 0);
}

static void check_identifier(struct rxc_check *check, struct rexi_str text, struct rexi_span span)
{
	uint32_t outside = 0;
	bool bidi = false, is_outside = false;
	struct rx_scripts scripts;

	if (is_plain(text))
		return;
	rx_scripts_init(&scripts);
	for (size_t at = 0; at < text.len && !bidi;) {
		uint32_t code = rx_utf8_next(text, &at);

		bidi = rx_unicode_is_bidi_control(code);
		rx_scripts_add(&scripts, code);
		if (!is_outside && !rx_unicode_is_identifier(code)) {
			is_outside = true;
			outside = code;
		}
	}
	if (bidi)
		report(check, RXC_FINDING_BIDI_CHARS_IN_IDENTIFIER, span, text, 0);
	else if (is_outside)
		report(check, RXC_FINDING_CONFUSABLE_IDENTIFIER, span, text, outside);
	else if (!rx_scripts_is_single(&scripts))
		report(check, RXC_FINDING_MIXED_SCRIPT_IDENTIFIER, span, text, 0);
}

/*
 * A pattern counts as it is printed: what is not printable is an escape there, whose letters are Latin, and so neither are
 * bidirectional controls found in patterns.
 */
static void check_pattern(struct rxc_check *check, const struct rxc_pattern *pattern, struct rexi_span span)
{
	struct rx_scripts scripts;
	bool plain = true;
	struct rx_buf text;

	for (uint32_t i = 0; i < pattern->part_count && plain; i++)
		plain = is_plain(pattern->parts[i].text);
	if (plain)
		return;
	rx_scripts_init(&scripts);
	rx_buf_init(&text, check->scratch.memory, 0);
	for (uint32_t i = 0; i < pattern->part_count; i++) {
		const struct rxc_pattern_part *part = &pattern->parts[i];

		for (uint32_t j = 0; j < part->wildcards; j++)
			rx_buf_byte(&text, '*');
		for (size_t at = 0; at < part->text.len;) {
			uint32_t code = rx_utf8_next(part->text, &at);

			if (code == 0)
				continue;
			rx_scripts_add(&scripts, rx_unicode_is_escaped(code) ? 'u' : code);
		}
		rx_buf_str(&text, part->text);
	}
	if (text.failed)
		rxc_check_no_memory(check);
	else if (!rx_scripts_is_single(&scripts))
		report(check, RXC_FINDING_MIXED_SCRIPT_STRING, span, rx_buf_view(&text), 0);
	rx_buf_fini(&text);
}

static void check_scope(struct rxc_check *check, const struct rxc_scope *scope)
{
	if (scope->op == RXC_SCOPE_IN_SET)
		for (uint32_t i = 0; i < scope->count; i++)
			check_identifier(check, scope->uids[i]->uid.id, scope->span);
	else if (scope->op != RXC_SCOPE_ANY && scope->op != RXC_SCOPE_IS && scope->uid)
		check_identifier(check, scope->uid->uid.id, scope->span);
}

/* Names of types, functions and variables are ASCII by their syntax. */
static void check_texts(struct rxc_check *check, const struct rxc_expr *expr)
{
	const struct rxc_expr *part;

	switch ((enum rxc_expr_kind)expr->kind) {
	case RXC_STRING: check_string(check, expr->text, expr->span); return;
	case RXC_UID: check_identifier(check, expr->uid->uid.id, expr->span); return;
	case RXC_ATTR:
	case RXC_HAS: check_identifier(check, expr->name->text, expr->span); break;
	case RXC_HAS_PATH:
		for (uint32_t i = 0; i < expr->count; i++)
			check_identifier(check, expr->names[i]->text, expr->span);
		break;
	case RXC_LIKE: check_pattern(check, expr->pattern, expr->span); break;
	case RXC_RECORD:
		for (uint32_t i = 0; i < expr->count; i++)
			check_identifier(check, expr->fields[i].name->text, expr->fields[i].span);
		break;
	default: break;
	}
	for (uint32_t i = 0; (part = rxc_expr_part(expr, i)) != NULL; i++)
		check_texts(check, part);
}

void rxc_check_texts(struct rxc_check *check)
{
	check_scope(check, &check->body->principal);
	check_scope(check, &check->body->action);
	check_scope(check, &check->body->resource);
	for (uint32_t i = 0; i < check->body->condition_count; i++)
		check_texts(check, check->body->conditions[i].body);
}
