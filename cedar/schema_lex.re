/* Lexer of Cedar-syntax schemas. Source: spec/cedar.md, sections 1.1, 1.2, 6.1. */
#include <config.h>

#include "cedar/schema_front.h"

#include "base/utf8.h"
#include "cedar/schema_parse.h"

#include "base/banned.h"

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The character after `\u`: {1 to 6 hex digits, underscores after the first}. */
static bool unescape_unicode(const char **at, const char *end, uint32_t *code)
{
	const char *p = *at;
	unsigned digits = 0;
	uint32_t value = 0;

	if (p == end || *p++ != '{')
		return false;
	for (; p < end && *p != '}'; p++) {
		int digit = hex_value(*p);

		if (*p == '_' && digits > 0)
			continue;
		if (digit < 0 || ++digits > 6)
			return false;
		value = value * 16 + (uint32_t)digit;
	}
	if (p == end || digits == 0 || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
		return false;
	*code = value;
	*at = p + 1;
	return true;
}

static bool unescape_one(const char **at, const char *end, uint32_t *code)
{
	const char *p = *at;
	int high, low;

	if (p == end)
		return false;
	switch (*p++) {
	case 'n': *code = '\n'; break;
	case 'r': *code = '\r'; break;
	case 't': *code = '\t'; break;
	case '\\': *code = '\\'; break;
	case '0': *code = 0; break;
	case '\'': *code = '\''; break;
	case '"': *code = '"'; break;
	case 'x':
		if (end - p < 2 || (high = hex_value(p[0])) < 0 || high > 7 || (low = hex_value(p[1])) < 0)
			return false;
		*code = (uint32_t)(high * 16 + low);
		p += 2;
		break;
	case 'u':
		if (!unescape_unicode(&p, end, code))
			return false;
		break;
	default: return false;
	}
	*at = p;
	return true;
}

/* The inside of a string literal; false when an escape is malformed, or a bare CR stands in it. An unescaped text is never
 * longer than the literal. */
static bool unescape(struct rxc_schema_front *front, const char *at, const char *end, struct rexi_str *out)
{
	char *copy = rx_arena_bytes(front->arena, (size_t)(end - at) + 1);
	size_t len = 0;
	uint32_t code;

	if (!copy) {
		rxc_front_fail(front, REXI_NO_MEMORY, RX_NO_SPAN, "out of memory");
		return true;
	}
	while (at < end) {
		if (*at == '\r')
			return false;
		if (*at != '\\') {
			copy[len++] = *at++;
			continue;
		}
		at++;
		if (!unescape_one(&at, end, &code))
			return false;
		len += rx_utf8_encode(copy + len, code);
	}
	copy[len] = '\0';
	*out = (struct rexi_str){ copy, len };
	return true;
}

int rxc_schema_lex(struct rxc_schema_front *front, struct rexi_str *text, struct rexi_span *span)
{
	const unsigned char *base = (const unsigned char *)front->source.ptr, *limit = base + front->source.len;
	const unsigned char *cursor = front->cursor, *start, *YYMARKER;
	int token;

#define TOKEN(kind) do { token = (kind); goto done; } while (0)
again:
	start = cursor;
	/*!re2c
	re2c:eof = 0;
	re2c:yyfill:enable = 0;
	re2c:encoding:utf8 = 1;
	re2c:define:YYCTYPE = "unsigned char";
	re2c:define:YYCURSOR = cursor;
	re2c:define:YYLIMIT = limit;

	space = [\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000];
	ident = [_a-zA-Z][_a-zA-Z0-9]*;

	space+                     { goto again; }
	"//" [^\n\r]*              { goto again; }
	"namespace"                { TOKEN(TOKEN_NAMESPACE); }
	"entity"                   { TOKEN(TOKEN_ENTITY); }
	"action"                   { TOKEN(TOKEN_ACTION); }
	"type"                     { TOKEN(TOKEN_TYPE); }
	"enum"                     { TOKEN(TOKEN_ENUM); }
	"tags"                     { TOKEN(TOKEN_TAGS); }
	"appliesTo"                { TOKEN(TOKEN_APPLIES_TO); }
	"attributes"               { TOKEN(TOKEN_ATTRIBUTES); }
	"principal"                { TOKEN(TOKEN_PRINCIPAL); }
	"resource"                 { TOKEN(TOKEN_RESOURCE); }
	"context"                  { TOKEN(TOKEN_CONTEXT); }
	"external"                 { TOKEN(TOKEN_EXTERNAL); }
	"Set"                      { TOKEN(TOKEN_SET); }
	"in"                       { TOKEN(TOKEN_IN); }
	"true" | "false" | "if" | "then" | "else" | "is" | "like" | "has" { TOKEN(TOKEN_RESERVED); }
	ident                      { TOKEN(TOKEN_IDENT); }
	["] ([\\] [^\n] | [^"\\])* ["] {
		*span = (struct rexi_span){ (uint32_t)(start - base), (uint32_t)(cursor - base) };
		front->cursor = cursor;
		if (!unescape(front, (const char *)start + 1, (const char *)cursor - 1, text))
			rxc_front_fail(front, REXI_SYNTAX, *span, "error parsing schema: invalid escape codes in %.60s",
				       cursor - start <= 60 ? "this string" : "a string");
		return front->status == REXI_OK ? TOKEN_STRING : TOKEN_INVALID;
	}
	"::"                       { TOKEN(TOKEN_COLONS); }
	[@.,;:(){}[\]?<>=]        { TOKEN(*start); }
	*                          { TOKEN(TOKEN_INVALID); }
	$                          { cursor = limit; TOKEN(TOKEN_YYEOF); }
	*/
done:
	front->cursor = cursor;
	*span = (struct rexi_span){ (uint32_t)(start - base), (uint32_t)(cursor - base) };
	*text = (struct rexi_str){ (const char *)start, (size_t)(cursor - start) };
	return token;
#undef TOKEN
}
