/* Grammar of Cedar-syntax schemas. Source: spec/cedar.md, section 6.1. Every keyword may be a name as well. */
%code top {
#include <config.h>

#include <stdio.h>
}
%code requires {
#include "cedar/schema_front.h"
}
%define api.pure full
%define api.prefix {rxc_schema_yy}
%define api.token.prefix {TOKEN_}
%define api.location.type {struct rexi_span}
%define parse.error custom
%define parse.lac none
%locations
%expect 0
%param {struct rxc_schema_front *front}

%union {
	struct rexi_str text;
	struct rxc_decl_list list;
	struct rxc_type_decl *type;
	struct rxc_attr_decl *attr;
	struct rxc_name_ref *refs;
	struct rxc_annotation_decl *annotations;
	struct rxc_applies applies;
	enum rxc_applies_key key;
	bool flag;
}

%code {
#define YYLLOC_DEFAULT(current, rhs, n)                                                             \
	((current) = (n) ? (struct rexi_span){ YYRHSLOC(rhs, 1).start, YYRHSLOC(rhs, n).end } \
			 : (struct rexi_span){ YYRHSLOC(rhs, 0).end, YYRHSLOC(rhs, 0).end })

static int rxc_schema_yylex(YYSTYPE *value, struct rexi_span *span, struct rxc_schema_front *front);
static void rxc_schema_yyerror(struct rexi_span *span, struct rxc_schema_front *front, const char *message);
#define CHECK(call) do { if (!(call)) YYABORT; } while (0)
}

%token <text> IDENT "identifier" STRING "string literal" RESERVED "reserved word"
%token <text> NAMESPACE "namespace" ENTITY "entity" ACTION "action" TYPE "type" ENUM "enum" TAGS "tags"
%token <text> APPLIES_TO "appliesTo" ATTRIBUTES "attributes" PRINCIPAL "principal" RESOURCE "resource" CONTEXT "context"
%token <text> EXTERNAL "external"
%token <text> SET "Set" IN "in" COLONS "::" INVALID "invalid token"
%token YYEOF 0 "end of input"

%type <text> any_ident ident keyword name path
%type <list> annotations names idents paths qual_names strings attr_decls
%type <refs> entity_parents path_list action_parents qual_name
%type <type> type record attr_block tags_part context_type
%type <attr> attr attrs
%type <applies> applies applies_block applies_decls
%type <key> applies_key
%type <flag> optional

%%

schema:
	%empty
	| schema item
	;

item:
	annotations NAMESPACE path
		{ CHECK(rxc_build_namespace_open(front, $1.first, $3, @3)); }
	'{' declarations '}'
		{ rxc_build_namespace_close(front); }
	| declaration
	;

declarations:
	%empty
	| declarations declaration
	;

declaration:
	annotations ENTITY idents entity_parents attr_block tags_part ';'
		{
			struct rxc_entity_decl model = { .parents = $4, .shape = $5, .tags = $6, .span = @$ };
			CHECK(rxc_build_entities(front, $1.first, $3.first, &model));
		}
	| annotations ENTITY idents ENUM '[' strings ']' ';'
		{
			struct rxc_entity_decl model = { .is_enum = true, .members = $6.first, .span = @$ };
			CHECK(rxc_build_entities(front, $1.first, $3.first, &model));
		}
	| annotations EXTERNAL ENTITY idents entity_parents ';'
		{
			struct rxc_entity_decl model = { .is_external = true, .parents = $5, .span = @$ };
			CHECK(rxc_build_entities(front, $1.first, $4.first, &model));
		}
	| annotations EXTERNAL ACTION names action_parents ';'
		{ CHECK(rxc_build_external_actions(front, $1.first, $4.first, $5)); }
	| annotations ACTION names action_parents applies action_attributes ';'
		{ CHECK(rxc_build_actions(front, $1.first, $3.first, $4, &$5)); }
	| annotations TYPE ident '=' type ';'
		{ CHECK(rxc_build_common(front, $1.first, $3, $5, @3)); }
	;

annotations:
	%empty                                  { $$ = (struct rxc_decl_list){ NULL, NULL }; }
	| annotations '@' any_ident             { $$ = $1; CHECK(rxc_build_annotation(front, &$$, $3, RX_STR(""), @3)); }
	| annotations '@' any_ident '(' STRING ')' { $$ = $1; CHECK(rxc_build_annotation(front, &$$, $3, $5, @3)); }
	;

entity_parents:
	%empty                                  { $$ = NULL; }
	| IN path                               { CHECK($$ = rxc_build_ref(front, $2, RX_STR(""), @2)); }
	| IN path_list                          { $$ = $2; }
	;

path_list:
	'[' ']'                                 { $$ = NULL; }
	| '[' paths ']'                         { $$ = $2.first; }
	;

paths:
	path                                    { struct rxc_name_ref *ref; CHECK(ref = rxc_build_ref(front, $1, RX_STR(""), @1));
						  $$ = (struct rxc_decl_list){ NULL, NULL }; rxc_build_ref_append(&$$, ref); }
	| paths ',' path                        { struct rxc_name_ref *ref; CHECK(ref = rxc_build_ref(front, $3, RX_STR(""), @3));
						  $$ = $1; rxc_build_ref_append(&$$, ref); }
	;

attr_block:
	%empty                                  { $$ = NULL; }
	| record                                { $$ = $1; }
	| '=' record                            { $$ = $2; }
	;

tags_part:
	%empty                                  { $$ = NULL; }
	| TAGS type                             { $$ = $2; }
	;

idents:
	ident                                   { struct rxc_name_ref *ref; CHECK(ref = rxc_build_ref(front, $1, RX_STR(""), @1));
						  $$ = (struct rxc_decl_list){ NULL, NULL }; rxc_build_ref_append(&$$, ref); }
	| idents ',' ident                      { struct rxc_name_ref *ref; CHECK(ref = rxc_build_ref(front, $3, RX_STR(""), @3));
						  $$ = $1; rxc_build_ref_append(&$$, ref); }
	;

strings:
	STRING                                  { struct rxc_name_ref *ref; CHECK(ref = rxc_build_ref(front, RX_STR(""), $1, @1));
						  $$ = (struct rxc_decl_list){ NULL, NULL }; rxc_build_ref_append(&$$, ref); }
	| strings ',' STRING                    { struct rxc_name_ref *ref; CHECK(ref = rxc_build_ref(front, RX_STR(""), $3, @3));
						  $$ = $1; rxc_build_ref_append(&$$, ref); }
	;

names:
	name                                    { struct rxc_name_ref *ref; CHECK(ref = rxc_build_ref(front, RX_STR(""), $1, @1));
						  $$ = (struct rxc_decl_list){ NULL, NULL }; rxc_build_ref_append(&$$, ref); }
	| names ',' name                        { struct rxc_name_ref *ref; CHECK(ref = rxc_build_ref(front, RX_STR(""), $3, @3));
						  $$ = $1; rxc_build_ref_append(&$$, ref); }
	;

action_parents:
	%empty                                  { $$ = NULL; }
	| IN qual_name                          { $$ = $2; }
	| IN '[' qual_names ']'                 { $$ = $3.first; }
	;

qual_names:
	qual_name                               { $$ = (struct rxc_decl_list){ NULL, NULL }; rxc_build_ref_append(&$$, $1); }
	| qual_names ',' qual_name              { $$ = $1; rxc_build_ref_append(&$$, $3); }
	;

qual_name:
	name                                    { CHECK($$ = rxc_build_ref(front, RX_STR(""), $1, @1)); }
	| path COLONS STRING                    { CHECK($$ = rxc_build_ref(front, $1, $3, @$)); }
	;

applies:
	%empty                                  { $$ = (struct rxc_applies){ .span = @$ }; }
	| APPLIES_TO applies_block              { $$ = $2; }
	;

applies_block:
	'{' applies_decls '}'                   { $$ = $2; $$.span = @$; }
	| '{' applies_decls ',' '}'             { $$ = $2; $$.span = @$; }
	;

applies_decls:
	applies_key ':' path
		{
			struct rxc_name_ref *ref;
			$$ = (struct rxc_applies){ .span = @$ };
			CHECK(ref = rxc_build_ref(front, $3, RX_STR(""), @3));
			CHECK(rxc_build_applies(front, &$$, $1, ref, NULL, @1));
		}
	| applies_key ':' path_list
		{ $$ = (struct rxc_applies){ .span = @$ }; CHECK(rxc_build_applies(front, &$$, $1, $3, NULL, @1)); }
	| CONTEXT ':' context_type
		{ $$ = (struct rxc_applies){ .span = @$ }; CHECK(rxc_build_applies(front, &$$, RXC_APPLIES_CONTEXT, NULL, $3, @1)); }
	| applies_decls ',' applies_key ':' path
		{
			struct rxc_name_ref *ref;
			$$ = $1;
			CHECK(ref = rxc_build_ref(front, $5, RX_STR(""), @5));
			CHECK(rxc_build_applies(front, &$$, $3, ref, NULL, @3));
		}
	| applies_decls ',' applies_key ':' path_list
		{ $$ = $1; CHECK(rxc_build_applies(front, &$$, $3, $5, NULL, @3)); }
	| applies_decls ',' CONTEXT ':' context_type
		{ $$ = $1; CHECK(rxc_build_applies(front, &$$, RXC_APPLIES_CONTEXT, NULL, $5, @3)); }
	;

applies_key:
	PRINCIPAL                               { $$ = RXC_APPLIES_PRINCIPAL; }
	| RESOURCE                              { $$ = RXC_APPLIES_RESOURCE; }
	;

context_type:
	path                                    { CHECK($$ = rxc_build_name_type(front, $1, RXC_FORM_COMMON, @1)); }
	| record                                { $$ = $1; }
	;

action_attributes:
	%empty
	| ATTRIBUTES '{' '}'
	;

type:
	path                                    { CHECK($$ = rxc_build_name_type(front, $1, RXC_FORM_EITHER, @1)); }
	| SET '<' type '>'                      { CHECK($$ = rxc_build_set(front, $3, @$)); }
	| record                                { $$ = $1; }
	;

record:
	'{' attrs '}'                           { CHECK($$ = rxc_build_record(front, $2, @$)); }
	;

attrs:
	%empty                                  { $$ = NULL; }
	| attr_decls                            { $$ = $1.first; }
	| attr_decls ','                        { $$ = $1.first; }
	;

attr_decls:
	attr                                    { $$ = (struct rxc_decl_list){ NULL, NULL }; rxc_build_attr_append(&$$, $1); }
	| attr_decls ',' attr                   { $$ = $1; rxc_build_attr_append(&$$, $3); }
	;

attr:
	annotations name optional ':' type      { CHECK($$ = rxc_build_attr(front, $1.first, $2, !$3, $5, @2)); }
	;

optional:
	%empty                                  { $$ = false; }
	| '?'                                   { $$ = true; }
	;

name:
	ident                                   { $$ = $1; }
	| STRING                                { $$ = $1; }
	;

path:
	ident                                   { $$ = $1; }
	| path COLONS ident                     { $$ = $1; CHECK(rxc_build_path(front, &$$, $3, @$)); }
	;

ident:
	IDENT                                   { $$ = $1; }
	| keyword                               { $$ = $1; }
	| RESERVED                              { $$ = $1; CHECK(rxc_build_ident(front, $1, @1)); }
	;

any_ident:
	IDENT | keyword | RESERVED | IN
	;

keyword:
	NAMESPACE | EXTERNAL | ENTITY | ACTION | TYPE | ENUM | TAGS | APPLIES_TO | ATTRIBUTES | PRINCIPAL | RESOURCE | CONTEXT | SET
	;

%%

static int rxc_schema_yylex(YYSTYPE *value, struct rexi_span *span, struct rxc_schema_front *front)
{
	return rxc_schema_lex(front, &value->text, span);
}

/* Only the parser's own failures come here: its stack. */
static void rxc_schema_yyerror(struct rexi_span *span, struct rxc_schema_front *front, const char *message)
{
	(void)message;
	rxc_front_fail(front, REXI_LIMIT, *span, "error parsing schema: nested too deeply");
}

static int yyreport_syntax_error(const yypcontext_t *context, struct rxc_schema_front *front)
{
	enum { SHOWN = 5 };
	yysymbol_kind_t expected[SHOWN];
	yysymbol_kind_t seen = yypcontext_token(context);
	struct rexi_span span = *yypcontext_location(context);
	struct rexi_str text = rx_str_sub(front->source, span.start, span.end - span.start);
	char hint[160] = "";
	size_t len = 0;
	int count = yypcontext_expected_tokens(context, expected, SHOWN);

	for (int i = 0; i < count && len < sizeof(hint) - 48; i++) {
		const char *lead = i == 0 ? ": expected " : i + 1 == count ? " or " : ", ";

		len += (size_t)snprintf(hint + len, sizeof(hint) - len, "%s`%s`", lead, yysymbol_name(expected[i]));
	}
	if (seen == YYSYMBOL_RESERVED || seen == YYSYMBOL_IN)
		rxc_front_fail(front, REXI_SYNTAX, span, "error parsing schema: `%.*s` is a reserved identifier", RX_STR_ARG(text));
	else if (seen == YYSYMBOL_YYEOF)
		rxc_front_fail(front, REXI_SYNTAX, span, "error parsing schema: unexpected end of input%s", hint);
	else if (seen == YYSYMBOL_INVALID)
		rxc_front_fail(front, REXI_SYNTAX, span, "error parsing schema: invalid token");
	else
		rxc_front_fail(front, REXI_SYNTAX, span, "error parsing schema: unexpected token `%.*s`%s",
			       (int)(text.len > 60 ? 60 : text.len), text.ptr, hint);
	return 0;
}
