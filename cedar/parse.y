/*
 * The permissive grammar of policies (specification 1.3). Operators by precedence rather than by levels of rules, which
 * saves most reductions; relations are kept non-associative. Words such as `permit` or `principal` are plain
 * identifiers here, and `in has like is then else` are identifiers where an operand may stand.
 */
%code requires {
#include "cedar/cst.h"
}
%code {
#include <stdio.h>

#define YYLLOC_DEFAULT(current, rhs, n)                                  \
	do {                                                             \
		if (n) {                                                 \
			(current).start = YYRHSLOC(rhs, 1).start;        \
			(current).end = YYRHSLOC(rhs, n).end;            \
		} else {                                                 \
			(current).start = (current).end = YYRHSLOC(rhs, 0).end; \
		}                                                        \
	} while (0)
/* The parser's stack grows in an arena of its own, so that its memory is counted. */
#define YYMAXDEPTH 100000
#define YYSTACK_ALLOC(size) rx_arena_bytes(&parser->stack, (size))
#define YYSTACK_ALLOC_MAXIMUM YYSIZE_MAXIMUM
#define JOIN(first, last) ((struct rexi_span){ (first).start, (last).end })
static int lex(YYSTYPE *value, struct rexi_span *span, struct rxc_parser *parser);
static void rxc_yyerror(const struct rexi_span *span, struct rxc_parser *parser, const char *text);
#define rxc_yylex lex
#define NEW(kind, at) rxc_cst_new(parser, RXC_CST_##kind, (at))
#define NODE(kind, at, op, a, b, c) rxc_cst_node(parser, RXC_CST_##kind, (at), (op), (a), (b), (c))
#define LISTED(kind, at, list) rxc_cst_listed(parser, RXC_CST_##kind, (at), (list))
#define CHECK                                                            \
	do {                                                             \
		if (parser->no_memory || parser->too_deep)               \
			YYABORT;                                         \
	} while (0)

static bool is_relation(const struct rxc_cst *node)
{
	return node->kind == RXC_CST_HAS || node->kind == RXC_CST_LIKE || node->kind == RXC_CST_IS ||
	       (node->kind == RXC_CST_BINARY && (node->op == '=' || (node->op >= EQ && node->op <= GE) || node->op == IN));
}

static struct rxc_cst *is_node(struct rxc_parser *parser, struct rexi_span at, struct rxc_cst *left, struct rxc_cst *type)
{
	if (type->kind == RXC_CST_BINARY && type->op == IN)
		return NODE(IS, at, 0, left, type->a, type->b);
	if (is_relation(type))
		rxc_parser_error(parser, type->span, "relations must be used with parentheses to make ordering explicit");
	return NODE(IS, at, 0, left, type, NULL);
}
}
%define api.pure full
%define api.prefix {rxc_yy}
%define api.location.type {struct rexi_span}
%define parse.error custom
%locations
%expect 0
%param {struct rxc_parser *parser}

%union {
	struct rxc_cst *node;
	struct rxc_cst_list list;
	uint32_t number;
}

%token START_POLICIES START_EXPRESSION
%token TRUE "true" FALSE "false" IF "if" THEN "then" ELSE "else" IN "in" IS "is" HAS "has" LIKE "like"
%token IDENT "identifier" SLOT "template slot" NUMBER "number" STRING "string literal" INVALID "invalid token"
%token PATH "::" EQ "==" NE "!=" LT "<" LE "<=" GT ">" GE ">=" OR "||" AND "&&"

%type <node> policy_effect word common_word vardef expr op unary member primary name name_path ref literal string init
%type <node> access operand_type
%type <list> annotations vardefs vardef_list conditions exprs expr_list inits init_list path accesses
%type <number> bangs dashes relop

%left OR
%left AND
/* `a is T in b`: the operand of `is` takes what follows; is_node() sorts it out. */
%precedence IS_OPERAND
%nonassoc EQ NE LT LE GT GE IN '=' HAS LIKE IS
%left '+' '-'
%left '*' '/' '%'

%%

start:
	START_POLICIES policies
	| START_EXPRESSION expr { parser->expression = rxc_convert_expression(parser, $2); }
	;

policies:
	%empty
	| policies policy { CHECK; }
	| policies error ';' { rx_arena_reset(&parser->tree); CHECK; }
	;

policy:
	annotations policy_effect '(' vardefs ')' conditions ';' {
		/* without what stands before it: comments, and the end of the policy before */
		rxc_convert_policy(parser, JOIN($1.first ? @1 : @2, @7), $1, $2, $4, $6);
		rx_arena_reset(&parser->tree);
	}
	;

policy_effect: word ;

annotations:
	%empty { $$ = (struct rxc_cst_list){ 0 }; }
	| annotations '@' word {
		@$.start = $1.first ? @1.start : @2.start;
		$$ = $1;
		$3->kind = RXC_CST_ANNOTATION;
		rxc_cst_append(&$$, $3);
	}
	| annotations '@' word '(' string ')' {
		@$.start = $1.first ? @1.start : @2.start;
		$$ = $1;
		$3->kind = RXC_CST_ANNOTATION;
		$3->a = $5;
		rxc_cst_append(&$$, $3);
	}
	;

vardefs:
	%empty { $$ = (struct rxc_cst_list){ 0 }; }
	| vardef_list
	| vardef_list ',' { $$ = $1; }
	;
vardef_list:
	vardef { $$ = (struct rxc_cst_list){ 0 }; rxc_cst_append(&$$, $1); }
	| vardef_list ',' vardef { $$ = $1; rxc_cst_append(&$$, $3); }
	;

vardef:
	word { $$ = NODE(SCOPE, @$, 0, $1, NULL, NULL); }
	| word ':' name { $$ = NODE(SCOPE, @$, 0, $1, $3, NULL); }
	| word operand_type { $$ = NODE(SCOPE, @$, 0, $1, NULL, $2); }
	| word ':' name operand_type { $$ = NODE(SCOPE, @$, 0, $1, $3, $4); }
	| word relop expr { $$ = NODE(SCOPE, @$, (int)$2, $1, NULL, NULL); $$->d = $3; }
	| word ':' name relop expr { $$ = NODE(SCOPE, @$, (int)$4, $1, $3, NULL); $$->d = $5; }
	| word operand_type relop expr { $$ = NODE(SCOPE, @$, (int)$3, $1, NULL, $2); $$->d = $4; }
	| word ':' name operand_type relop expr { $$ = NODE(SCOPE, @$, (int)$5, $1, $3, $4); $$->d = $6; }
	;

operand_type: IS op %prec '+' { $$ = $2; } ;

relop:
	EQ { $$ = EQ; }
	| NE { $$ = NE; }
	| LT { $$ = LT; }
	| LE { $$ = LE; }
	| GT { $$ = GT; }
	| GE { $$ = GE; }
	| IN { $$ = IN; }
	| '=' { $$ = '='; }
	;

conditions:
	%empty { $$ = (struct rxc_cst_list){ 0 }; }
	| conditions word '{' '}' { $$ = $1; rxc_cst_append(&$$, NODE(CONDITION, JOIN(@2, @4), 0, $2, NULL, NULL)); }
	| conditions word '{' expr '}' { $$ = $1; rxc_cst_append(&$$, NODE(CONDITION, JOIN(@2, @5), 0, $2, $4, NULL)); }
	;

expr:
	IF expr THEN expr ELSE expr { $$ = NODE(IF, @$, 0, $2, $4, $6); }
	| op
	;

op:
	op OR op { $$ = rxc_cst_chain(parser, RXC_CST_OR, @$, $1, $3); }
	| op AND op { $$ = rxc_cst_chain(parser, RXC_CST_AND, @$, $1, $3); }
	| op EQ op { $$ = NODE(BINARY, @$, EQ, $1, $3, NULL); }
	| op NE op { $$ = NODE(BINARY, @$, NE, $1, $3, NULL); }
	| op LT op { $$ = NODE(BINARY, @$, LT, $1, $3, NULL); }
	| op LE op { $$ = NODE(BINARY, @$, LE, $1, $3, NULL); }
	| op GT op { $$ = NODE(BINARY, @$, GT, $1, $3, NULL); }
	| op GE op { $$ = NODE(BINARY, @$, GE, $1, $3, NULL); }
	| op IN op { $$ = NODE(BINARY, @$, IN, $1, $3, NULL); }
	| op '=' op { $$ = NODE(BINARY, @$, '=', $1, $3, NULL); }
	| op HAS op { $$ = NODE(HAS, @$, 0, $1, $3, NULL); }
	| op HAS IF { $$ = NODE(HAS, @$, 0, $1, NULL, NULL); }
	| op LIKE op { $$ = NODE(LIKE, @$, 0, $1, $3, NULL); }
	| op IS op %prec IS_OPERAND { $$ = is_node(parser, @$, $1, $3); }
	| op '+' op { $$ = NODE(BINARY, @$, '+', $1, $3, NULL); }
	| op '-' op { $$ = NODE(BINARY, @$, '-', $1, $3, NULL); }
	| op '*' op { $$ = NODE(BINARY, @$, '*', $1, $3, NULL); }
	| op '/' op { $$ = NODE(BINARY, @$, '/', $1, $3, NULL); }
	| op '%' op { $$ = NODE(BINARY, @$, '%', $1, $3, NULL); }
	| unary
	;

unary:
	member
	| bangs member { $$ = NODE(NOT, @$, 0, $2, NULL, NULL); $$->count = $1; }
	| dashes member { $$ = NODE(NEG, @$, 0, $2, NULL, NULL); $$->count = $1; }
	;
bangs: '!' { $$ = 1; } | bangs '!' { $$ = $1 + 1; } ;
dashes: '-' { $$ = 1; } | dashes '-' { $$ = $1 + 1; } ;

member:
	primary
	| primary accesses { $$ = LISTED(MEMBER, @$, $2); $$->a = $1; rxc_cst_deepen(parser, $$, $1->depth + $2.count); }
	;
accesses:
	access { $$ = (struct rxc_cst_list){ 0 }; rxc_cst_append(&$$, $1); }
	| accesses access { $$ = $1; rxc_cst_append(&$$, $2); }
	;
access:
	'.' word { $$ = $2; $$->kind = RXC_CST_FIELD; }
	| '(' exprs ')' { $$ = LISTED(CALL, @$, $2); }
	| '[' expr ']' { $$ = NODE(INDEX, @$, 0, $2, NULL, NULL); }
	;

exprs:
	%empty { $$ = (struct rxc_cst_list){ 0 }; }
	| expr_list
	| expr_list ',' { $$ = $1; }
	;
expr_list:
	expr { $$ = (struct rxc_cst_list){ 0 }; rxc_cst_append(&$$, $1); }
	| expr_list ',' expr { $$ = $1; rxc_cst_append(&$$, $3); }
	;

primary:
	literal
	| ref
	| name
	| SLOT { $$ = NEW(SLOT, @$); }
	| '(' expr ')' { $$ = NODE(PAREN, @$, 0, $2, NULL, NULL); }
	| '[' exprs ']' { $$ = LISTED(SET, @$, $2); }
	| '{' inits '}' { $$ = LISTED(RECORD, @$, $2); }
	;

literal:
	TRUE { $$ = NEW(TRUE, @$); }
	| FALSE { $$ = NEW(FALSE, @$); }
	| NUMBER { $$ = NEW(NUMBER, @$); }
	| string
	;
string: STRING { $$ = NEW(STRING, @$); } ;

ref:
	path PATH string {
		struct rexi_span at = { @1.start, @1.end };

		$$ = NODE(REF, @$, 0, LISTED(NAME, at, $1), $3, NULL);
	}
	| path PATH '{' inits '}' { $$ = NEW(BRACES, @$); (void)$4; }
	;

name:
	common_word { struct rxc_cst_list list = { 0 }; rxc_cst_append(&list, $1); $$ = LISTED(NAME, @$, list); }
	| name_path
	;
name_path: path PATH word { $$ = NULL; rxc_cst_append(&$1, $3); $$ = LISTED(NAME, @$, $1); } ;
path:
	word { $$ = (struct rxc_cst_list){ 0 }; rxc_cst_append(&$$, $1); }
	| path PATH word { $$ = $1; rxc_cst_append(&$$, $3); }
	;

inits:
	%empty { $$ = (struct rxc_cst_list){ 0 }; }
	| init_list
	| init_list ',' { $$ = $1; }
	;
init_list:
	init { $$ = (struct rxc_cst_list){ 0 }; rxc_cst_append(&$$, $1); }
	| init_list ',' init { $$ = $1; rxc_cst_append(&$$, $3); }
	;
init:
	expr ':' expr { $$ = NODE(INIT, @$, 0, $1, $3, NULL); }
	| IF ':' expr { $$ = NODE(INIT, @$, 0, NULL, $3, NULL); }
	;

common_word: IDENT { $$ = NEW(IDENT, @$); } | THEN { $$ = NEW(IDENT, @$); } | ELSE { $$ = NEW(IDENT, @$); }
	| IN { $$ = NEW(IDENT, @$); } | IS { $$ = NEW(IDENT, @$); } | HAS { $$ = NEW(IDENT, @$); }
	| LIKE { $$ = NEW(IDENT, @$); } ;
word: common_word | TRUE { $$ = NEW(IDENT, @$); } | FALSE { $$ = NEW(IDENT, @$); } | IF { $$ = NEW(IDENT, @$); } ;

%%

static int lex(YYSTYPE *value, struct rexi_span *span, struct rxc_parser *parser)
{
	(void)value;
	return rxc_lex(parser, span);
}

/* Only "memory exhausted" comes this way. */
static void rxc_yyerror(const struct rexi_span *span, struct rxc_parser *parser, const char *text)
{
	(void)span, (void)text;
	parser->too_deep = true;
}

static int yyreport_syntax_error(const yypcontext_t *context, struct rxc_parser *parser)
{
	enum { SHOWN = 8 };
	yysymbol_kind_t expected[SHOWN], token = yypcontext_token(context);
	const struct rexi_span *at = yypcontext_location(context);
	int count = yypcontext_expected_tokens(context, expected, SHOWN);
	char list[200] = "";
	size_t len = 0;

	for (int i = 0; i < count && len < sizeof(list) - 40; i++) {
		const char *name = yysymbol_name(expected[i]);
		int n = snprintf(list + len, sizeof(list) - len, "%s%s", i == 0 ? ": expected " : i + 1 == count ? " or " : ", ", name);

		len += n > 0 ? (size_t)n : 0;
	}
	if (token == YYSYMBOL_YYEOF || token == YYSYMBOL_YYEMPTY)
		rxc_parser_error(parser, *at, "unexpected end of input%s", list);
	else if (token == YYSYMBOL_INVALID)
		rxc_parser_error(parser, *at, "invalid token");
	else
		rxc_parser_error(parser, *at, "unexpected token `%.*s`%s", (int)(at->end - at->start > 60 ? 60 : at->end - at->start),
				 parser->source->ptr + at->start, list);
	return 0;
}
