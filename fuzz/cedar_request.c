/*
 * rexi_cedar_request_set_json, with and without a schema, and the decision on what it reads.
 * Invariants: the same verdict and kind twice; a decision is reached on whatever is read, the same with and without the index;
 * uids print as text that parses to the same uid.
 */
#include <config.h>

#include <rexi/cedar_schema.h>

#include <string.h>

#include "base/compiler.h"

#define STR(literal) ((struct rexi_str){ literal, sizeof(literal) - 1 })

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char policies[] =
	"permit(principal in Group::\"g\", action, resource) when { context has n && context.n > 1 };"
	"permit(principal == User::\"alice\", action == Action::\"view\", resource is Doc) when { context.ip.isInRange(ip(\"10.0.0.0/8\")) };"
	"forbid(principal, action, resource) when { context has tags && context.tags.contains(principal) };";
static const char schema_text[] =
	"entity Group; entity User in [Group]; entity Doc;"
	"action view, edit appliesTo { principal: User, resource: Doc, context: { n?: Long, ip?: ipaddr, tags?: Set<User>, r?: { a: String } } };";

struct session {
	struct rexi_cedar_engine *engine;
	struct rexi_cedar_schema *schema;
	struct rexi_cedar_policies *set;
	struct rexi_cedar_authorizer *authorizer;
	struct rexi_cedar_request *request;
};

static enum rexi_status read_twice(struct session *session, struct rexi_str source, const struct rexi_cedar_schema *schema)
{
	const char *kind, *again;
	enum rexi_status status = rexi_cedar_request_set_json(session->request, source, schema, &kind, NULL, NULL);

	RX_ASSERT(rexi_cedar_request_set_json(session->request, source, schema, &again, NULL, NULL) == status);
	RX_ASSERT((status == REXI_OK) == (kind == NULL) && (kind == again || (kind && again && strcmp(kind, again) == 0)));
	return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rexi_str source = { (const char *)data, size }, text = STR(schema_text);
	const struct rexi_cedar_limits limits = { .size = sizeof(limits), .nesting = 60, .memory_bytes = 256u << 20 };
	struct rexi_cedar_decision decision;
	struct rexi_cedar_uid uid;
	struct session session;
	bool checked;

	RX_ASSERT(rexi_cedar_engine_new(NULL, &limits, &session.engine, NULL) == REXI_OK);
	RX_ASSERT(rexi_cedar_schema_new(session.engine, &text, 1, &session.schema, NULL, NULL) == REXI_OK);
	RX_ASSERT(rexi_cedar_policies_new(session.engine, &session.set, NULL) == REXI_OK);
	RX_ASSERT(rexi_cedar_policies_add_text(session.set, STR(policies), 0, NULL) == REXI_OK && rexi_cedar_policies_build(session.set, 0, NULL) == REXI_OK);
	RX_ASSERT(rexi_cedar_authorizer_new(session.engine, &session.authorizer, NULL) == REXI_OK);
	RX_ASSERT(rexi_cedar_request_new(session.engine, &session.request, NULL) == REXI_OK);
	checked = read_twice(&session, source, session.schema) == REXI_OK;
	if (checked)
		RX_ASSERT(rexi_cedar_authorize(session.authorizer, session.set, NULL, NULL, session.request, 0, &decision, NULL) == REXI_OK);
	if (read_twice(&session, source, NULL) == REXI_OK) {
		size_t reasons, errors;
		bool allow;

		RX_ASSERT(rexi_cedar_authorize(session.authorizer, session.set, NULL, NULL, session.request, 0, &decision, NULL) == REXI_OK);
		allow = decision.allow;
		reasons = decision.reason_count;
		errors = decision.error_count;
		RX_ASSERT(rexi_cedar_authorize(session.authorizer, session.set, NULL, NULL, session.request, REXI_CEDAR_LINEAR, &decision, NULL) == REXI_OK);
		RX_ASSERT(decision.allow == allow && decision.reason_count == reasons && decision.error_count == errors);
	}
	if (rexi_cedar_uid_parse(rexi_cedar_request_scratch(session.request), source, &uid, NULL) == REXI_OK) {
		char printed[4096];
		size_t len = rexi_cedar_uid_print(&uid, printed, sizeof(printed));
		struct rexi_cedar_uid again;

		if (len < sizeof(printed)) {
			RX_ASSERT(rexi_cedar_uid_parse(rexi_cedar_request_scratch(session.request), (struct rexi_str){ printed, len }, &again, NULL) == REXI_OK);
			RX_ASSERT(again.hash == uid.hash && again.id.len == uid.id.len && (uid.id.len == 0 || memcmp(again.id.ptr, uid.id.ptr, uid.id.len) == 0));
		}
	}
	rexi_cedar_request_free(session.request);
	rexi_cedar_authorizer_free(session.authorizer);
	rexi_cedar_policies_free(session.set);
	rexi_cedar_schema_free(session.schema);
	rexi_cedar_engine_free(session.engine);
	return 0;
}
