/* Tokens of policies. Cedar's lexer: Unicode white space, line comments, ASCII identifiers, strings that may span lines. */
#include <config.h>

#include "cedar/cst.h"

#include "cedar/parse.h"

#include "base/banned.h"

/*!re2c
	re2c:define:YYCTYPE = "unsigned char";
	re2c:define:YYCURSOR = cursor;
	re2c:define:YYMARKER = marker;
	re2c:define:YYLIMIT = limit;
	re2c:yyfill:enable = 0;
	re2c:eof = 0;
	re2c:encoding:utf8 = 1;

	space = [\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000];
	word = [_a-zA-Z][_a-zA-Z0-9]*;
	any = [^];
*/

int rxc_lex(struct rxc_parser *parser, struct rexi_span *span)
{
	const unsigned char *cursor = (const unsigned char *)parser->cursor;
	const unsigned char *limit = (const unsigned char *)parser->limit;
	const unsigned char *marker = cursor, *start;
	int token;

	if (parser->start) {
		token = parser->start;
		parser->start = 0;
		*span = RX_NO_SPAN;
		return token;
	}
	if (RX_UNLIKELY(parser->stop && parser->cursor >= parser->stop)) {
		*span = RX_NO_SPAN;
		return 0;
	}
again:
	start = cursor;
	/*!re2c
		space+ { goto again; }
		"//" [^\n\r]* [\n\r]* { goto again; }
		"true" { token = TRUE; goto done; }
		"false" { token = FALSE; goto done; }
		"if" { token = IF; goto done; }
		"then" { token = THEN; goto done; }
		"else" { token = ELSE; goto done; }
		"in" { token = IN; goto done; }
		"is" { token = IS; goto done; }
		"has" { token = HAS; goto done; }
		"like" { token = LIKE; goto done; }
		word { token = IDENT; goto done; }
		"?" word { token = SLOT; goto done; }
		[0-9]+ { token = NUMBER; goto done; }
		["] ([\\] [^\n] | [^"\\])* ["] { token = STRING; goto done; }
		"@" { token = '@'; goto done; }
		"." { token = '.'; goto done; }
		"," { token = ','; goto done; }
		";" { token = ';'; goto done; }
		":" { token = ':'; goto done; }
		"::" { token = PATH; goto done; }
		"(" { token = '('; goto done; }
		")" { token = ')'; goto done; }
		"{" { token = '{'; goto done; }
		"}" { token = '}'; goto done; }
		"[" { token = '['; goto done; }
		"]" { token = ']'; goto done; }
		"==" { token = EQ; goto done; }
		"!=" { token = NE; goto done; }
		"<" { token = LT; goto done; }
		"<=" { token = LE; goto done; }
		">" { token = GT; goto done; }
		">=" { token = GE; goto done; }
		"||" { token = OR; goto done; }
		"&&" { token = AND; goto done; }
		"+" { token = '+'; goto done; }
		"-" { token = '-'; goto done; }
		"*" { token = '*'; goto done; }
		"/" { token = '/'; goto done; }
		"%" { token = '%'; goto done; }
		"!" { token = '!'; goto done; }
		"=" { token = '='; goto done; }
		any { token = INVALID; goto done; }
		* { token = INVALID; goto done; }
		$ { token = 0; goto done; }
	*/
done:
	parser->cursor = (const char *)cursor;
	span->start = (uint32_t)(start - (const unsigned char *)parser->source->ptr);
	span->end = (uint32_t)(cursor - (const unsigned char *)parser->source->ptr);
	return token;
}
