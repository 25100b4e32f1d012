/* One conformance case, and what the parts of the driver share. */
#ifndef CEDAR_CASES_H
#define CEDAR_CASES_H

#include <rexi/cedar_schema.h>

#include "base/buf.h"
#include "base/str.h"

enum { CC_POLICIES, CC_SCHEMA, CC_ENTITIES, CC_LINKS, CC_DO, CC_SECTIONS };
enum { CC_MOST = 256, CC_MOST_ERRORS = 16 };

struct cc_case {
	struct rexi_str id;
	struct rexi_str sections[CC_SECTIONS];
	bool has[CC_SECTIONS];
	struct rexi_str requests[CC_MOST], expressions[CC_MOST];
	size_t request_count, expression_count;
	struct rexi_cedar_engine *engine;
	struct rexi_cedar_policies *policies;
	struct rexi_cedar_schema *schema;
	struct rexi_cedar_entities *entities;
	struct rexi_cedar_authorizer *authorizer;
	struct rexi_cedar_request *request;
	int policies_state, schema_state, entities_state; /* 0: not tried, 1: read, -1: refused */
	char errors[CC_MOST_ERRORS][80];                  /* parse-error lines that were printed */
	size_t error_count;
};

/* A word of `do`; a name that ends in = takes an argument. */
struct cc_word {
	const char *word;
	void (*run)(struct cc_case *test, const char *argument);
};
extern const struct cc_word cc_tool_words[];
extern const size_t cc_tool_word_count;

/* Read the section (once), or print its parse-error line and answer false. */
bool cc_need_policies(struct cc_case *test);
bool cc_need_schema(struct cc_case *test);
bool cc_need_entities(struct cc_case *test);

/* `parse-error SECTION DETAIL` once per case, with a message; always false. */
bool cc_parse_error(struct cc_case *test, const char *section, const char *detail, const char *message);
/* Text after a word: every line indented by two. */
void cc_indented(struct rexi_str text);
/* "| text" lines. */
void cc_message(const char *text);
void cc_id(struct rexi_str id);
/* NULL when it cannot be read; NUL-terminated, malloc. */
char *cc_read_file(const char *path, size_t *len);

/* Runs a directory in the layout of the published integration tests; the program's exit status. */
int cc_run_corpus(const char *root);
/* Strict validation of a case: 1 passed, 0 failed, -1 not available. */
int cc_validates(const struct rexi_cedar_schema *schema, const struct rexi_cedar_policies *policies);

#endif
