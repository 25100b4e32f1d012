/* Decides a few requests with libcedar; docs/cedar-embedding.md goes through it. */
#include <rexi/cedar.h>

#include <stdio.h>
#include <string.h>

/* [policies] */
static const char policies_text[] =
	"@id(\"staff read\") permit(principal in Group::\"staff\", action == Action::\"read\", resource in Dir::\"/srv\")\n"
	"when { context.hour >= 8 && context.hour < 18 };\n"
	"@id(\"no secrets\") forbid(principal, action, resource) when { resource.path like \"*.key\" };\n";

static const char entities_text[] =
	"[{\"uid\": {\"type\": \"User\", \"id\": \"alice\"}, \"attrs\": {}, \"parents\": [{\"type\": \"Group\", \"id\": \"staff\"}]}]";

/* [provider] Files are not in the store: their directories and their path come from the id. */
struct files {
	struct rexi_cedar_name file, dir;
};

static enum rexi_cedar_answer ancestors(void *user, const struct rexi_cedar_uid *uid, struct rexi_cedar_walk *walk)
{
	const struct files *files = user;

	if (uid->type != &files->file)
		return REXI_CEDAR_PASS;
	for (size_t len = uid->id.len; len > 1; len--)
		if (uid->id.ptr[len - 1] == '/' &&
		    !rexi_cedar_walk_ancestor(walk, &files->dir, (struct rexi_str){ uid->id.ptr, len - 1 }))
			break;
	return REXI_CEDAR_FOUND;
}

static enum rexi_cedar_answer attribute(void *user, struct rexi_cedar_scratch *scratch, const struct rexi_cedar_uid *uid,
					const struct rexi_cedar_name *name, struct rexi_cedar_value *out)
{
	const struct files *files = user;

	(void)scratch;
	if (uid->type != &files->file)
		return REXI_CEDAR_PASS;
	if (name->text.len != 4 || memcmp(name->text.ptr, "path", 4) != 0)
		return REXI_CEDAR_ABSENT;
	*out = rexi_cedar_string(uid->id);
	return REXI_CEDAR_FOUND;
}

struct embedding {
	struct rexi_cedar_engine *engine;
	struct rexi_cedar_policies *policies;
	struct rexi_cedar_entities *entities;
	struct rexi_cedar_authorizer *authorizer;
	struct rexi_cedar_request *request;
	struct files files;
	struct rexi_cedar_name user, action_type, hour;
	struct rexi_cedar_uid read;
};

static struct rexi_str str(const char *text)
{
	return (struct rexi_str){ text, strlen(text) };
}

/* [start] Once per program. */
static enum rexi_status start(struct embedding *e, struct rexi_error *err)
{
	enum rexi_status status = rexi_cedar_engine_new(NULL, NULL, &e->engine, err);

	if (status == REXI_OK)
		status = rexi_cedar_policies_new(e->engine, &e->policies, err);
	if (status == REXI_OK)
		status = rexi_cedar_policies_add_text(e->policies, str(policies_text), REXI_CEDAR_ID_ANNOTATION, err);
	if (status == REXI_OK)
		status = rexi_cedar_policies_build(e->policies, 0, err);
	if (status == REXI_OK)
		status = rexi_cedar_entities_new(e->engine, &e->entities, err);
	if (status == REXI_OK)
		status = rexi_cedar_entities_add_json(e->entities, str(entities_text), NULL, NULL, err);
	/* names are resolved once; a request then costs no parsing */
	if (status == REXI_OK)
		status = rexi_cedar_type_init(e->engine, &e->files.file, str("File"), err);
	if (status == REXI_OK)
		status = rexi_cedar_type_init(e->engine, &e->files.dir, str("Dir"), err);
	if (status == REXI_OK)
		status = rexi_cedar_type_init(e->engine, &e->user, str("User"), err);
	if (status == REXI_OK)
		status = rexi_cedar_type_init(e->engine, &e->action_type, str("Action"), err);
	if (status != REXI_OK)
		return status;
	rexi_cedar_attribute_init(e->engine, &e->hour, str("hour"));
	rexi_cedar_uid_init(e->engine, &e->read, &e->action_type, str("read"));
	/* one of each per thread */
	status = rexi_cedar_authorizer_new(e->engine, &e->authorizer, err);
	return status == REXI_OK ? rexi_cedar_request_new(e->engine, &e->request, err) : status;
}

/* [decide] Once per request; allocates nothing in the steady state. */
static enum rexi_status decide(struct embedding *e, const char *user, const char *path, int64_t hour, struct rexi_cedar_decision *out,
			       struct rexi_error *err)
{
	const struct rexi_cedar_provider provider = { .size = sizeof(provider), .user = &e->files, .ancestors = ancestors, .attribute = attribute };
	struct rexi_cedar_value value = rexi_cedar_long(hour);
	struct rexi_cedar_uid principal, resource;
	enum rexi_status status;

	rexi_cedar_uid_init(e->engine, &principal, &e->user, str(user));
	rexi_cedar_uid_init(e->engine, &resource, &e->files.file, str(path));
	rexi_cedar_request_reset(e->request);
	rexi_cedar_request_set(e->request, &principal, &e->read, &resource);
	status = rexi_cedar_request_add_context(e->request, &e->hour, &value, err);
	if (status != REXI_OK)
		return status;
	return rexi_cedar_authorize(e->authorizer, e->policies, e->entities, &provider, e->request, REXI_CEDAR_EXPLAIN, out, err);
}

/* [batch] Several requests with one set; each decision is seen in turn and need not be kept. */
static bool count_allowed(void *user, size_t at, enum rexi_status status, const struct rexi_cedar_decision *decision, const struct rexi_error *err)
{
	size_t *allowed = user;

	(void)at;
	(void)err;
	*allowed += status == REXI_OK && decision->allow;
	return true; /* go on */
}

/* How many of two users may read the file. */
static size_t count_readers(struct embedding *e, const char *path, int64_t hour)
{
	const struct rexi_cedar_provider provider = { .size = sizeof(provider), .user = &e->files, .ancestors = ancestors, .attribute = attribute };
	static const char *const users[2] = { "alice", "bob" };
	struct rexi_cedar_request *requests[2] = { NULL, NULL };
	struct rexi_cedar_value value = rexi_cedar_long(hour);
	struct rexi_cedar_uid principal, resource;
	enum rexi_status status = REXI_OK;
	size_t allowed = 0;

	rexi_cedar_uid_init(e->engine, &resource, &e->files.file, str(path));
	for (size_t i = 0; i < 2 && status == REXI_OK; i++) {
		rexi_cedar_uid_init(e->engine, &principal, &e->user, str(users[i]));
		status = rexi_cedar_request_new(e->engine, &requests[i], NULL);
		if (status == REXI_OK) {
			rexi_cedar_request_set(requests[i], &principal, &e->read, &resource);
			status = rexi_cedar_request_add_context(requests[i], &e->hour, &value, NULL);
		}
	}
	if (status == REXI_OK)
		status = rexi_cedar_authorize_batch(e->authorizer, e->policies, e->entities, &provider,
						    (const struct rexi_cedar_request *const *)requests, 2, 0, count_allowed, &allowed, NULL);
	rexi_cedar_request_free(requests[0]);
	rexi_cedar_request_free(requests[1]);
	return status == REXI_OK ? allowed : 0;
}

/* [report] */
static void report(const struct embedding *e, const struct rexi_cedar_decision *decision)
{
	struct rexi_cedar_policy_info info;

	printf("%s\n", decision->allow ? "allow" : "deny");
	for (size_t i = 0; i < decision->reason_count; i++)
		if (rexi_cedar_policies_info(e->policies, decision->reasons[i], &info))
			printf("  because of \"%.*s\"\n", (int)info.id.len, info.id.ptr);
	for (size_t i = 0; i < decision->error_count; i++)
		printf("  \"%.*s\" erred: %.*s\n", (int)decision->errors[i].id.len, decision->errors[i].id.ptr,
		       (int)decision->errors[i].message.len, decision->errors[i].message.ptr);
	for (size_t i = 0; i < decision->near_count && !decision->allow; i++)
		printf("  \"%.*s\" held in %u of %u clauses; %.*s\n", (int)decision->near[i].id.len, decision->near[i].id.ptr,
		       decision->near[i].clauses_held, decision->near[i].clauses_total, (int)decision->near[i].values.len,
		       decision->near[i].values.ptr);
}

int main(void)
{
	static const struct { const char *user, *path; int64_t hour; bool allow; } rows[] = {
		{ "alice", "/srv/data/report.txt", 9, true },
		{ "alice", "/srv/data/report.txt", 20, false },
		{ "alice", "/srv/data/host.key", 9, false },
		{ "bob", "/srv/data/report.txt", 9, false },
	};
	struct embedding e = { .engine = NULL };
	struct rexi_cedar_decision decision;
	struct rexi_error err;
	int wrong = 0;

	if (start(&e, &err) != REXI_OK) {
		fprintf(stderr, "%u:%u: %s\n", err.line, err.column, err.message);
		return 1;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (decide(&e, rows[i].user, rows[i].path, rows[i].hour, &decision, &err) != REXI_OK)
			decision.allow = false; /* no decision is a denial */
		printf("%s %s at %d: ", rows[i].user, rows[i].path, (int)rows[i].hour);
		report(&e, &decision);
		wrong += decision.allow != rows[i].allow;
	}
	wrong += count_readers(&e, "/srv/data/report.txt", 9) != 1;
	rexi_cedar_request_free(e.request);
	rexi_cedar_authorizer_free(e.authorizer);
	rexi_cedar_entities_free(e.entities);
	rexi_cedar_policies_free(e.policies);
	rexi_cedar_engine_free(e.engine);
	return wrong;
}
