/*
 * Times decisions as an enforcement point of file operations asks for them, and prints one JSON object.
 *
 *     files [POLICIES]
 *
 * A File whose Dir ancestors follow from its path (eight of them, given by a provider), a user in two groups of a store,
 * two context fields, 200 policies. Making the request is part of what is timed: hashing the path, the context, and the
 * walk over the directories.
 */
#include <config.h>

#include <rexi/cedar.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { REQUESTS = 1000, PASSES = 400, DEPTH = 8 };

struct bench {
	struct rexi_cedar_engine *engine;
	struct rexi_cedar_policies *policies;
	struct rexi_cedar_entities *entities;
	struct rexi_cedar_authorizer *authorizer;
	struct rexi_cedar_request *request;
	struct rexi_cedar_name user, action, file, dir, hour, remote, size;
	struct rexi_cedar_uid actions[4];
	struct { char path[128], user[16]; unsigned action, hour; } requests[REQUESTS];
	size_t allowed;
};

static struct rexi_str str(const char *text)
{
	return (struct rexi_str){ text, strlen(text) };
}

static void need(enum rexi_status status, const struct rexi_error *err)
{
	if (status == REXI_OK)
		return;
	fprintf(stderr, "files: %s\n", err->message);
	exit(1);
}

static unsigned next(unsigned below)
{
	static uint64_t state = 1;

	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)((state >> 33) % below);
}

static enum rexi_cedar_answer ancestors(void *user, const struct rexi_cedar_uid *uid, struct rexi_cedar_walk *walk)
{
	const struct bench *bench = user;

	if (uid->type != &bench->file)
		return REXI_CEDAR_PASS;
	for (size_t len = uid->id.len; len > 1; len--)
		if (uid->id.ptr[len - 1] == '/' && !rexi_cedar_walk_ancestor(walk, &bench->dir, (struct rexi_str){ uid->id.ptr, len - 1 }))
			break;
	return REXI_CEDAR_FOUND;
}

static enum rexi_cedar_answer attribute(void *user, struct rexi_cedar_scratch *scratch, const struct rexi_cedar_uid *uid,
					const struct rexi_cedar_name *name, struct rexi_cedar_value *out)
{
	const struct bench *bench = user;

	(void)scratch;
	if (uid->type != &bench->file)
		return REXI_CEDAR_PASS;
	if (name->hash != bench->size.hash)
		return REXI_CEDAR_ABSENT;
	*out = rexi_cedar_long((int64_t)uid->id.len);
	return REXI_CEDAR_FOUND;
}

/* /srv/tN/... with as many directories as asked for. */
static void put_path(char *out, size_t cap, unsigned dirs)
{
	size_t at = (size_t)snprintf(out, cap, "/srv");

	for (unsigned i = 1; i < dirs; i++)
		at += (size_t)snprintf(out + at, cap - at, "/%s%u", i == 1 ? "tenant" : "d", next(i == 1 ? 40 : 3));
}

static void load(struct bench *bench, unsigned count)
{
	static const char *const names[] = { "read", "write", "delete", "list" };
	size_t cap = 400 * ((size_t)count + 64), at = 0;
	char *text = malloc(cap), path[128];
	struct rexi_error err;

	if (!text)
		exit(1);
	for (unsigned i = 0; i < count; i++) {
		put_path(path, sizeof(path), 2 + next(3));
		if (i % 4 == 0)
			at += (size_t)snprintf(text + at, cap - at, "permit(principal == User::\"u%u\", action == Action::\"%s\", resource in Dir::\"%s\");\n", next(50), names[next(4)], path);
		else if (i % 10 == 9)
			at += (size_t)snprintf(text + at, cap - at, "forbid(principal, action in [Action::\"write\", Action::\"delete\"], resource in Dir::\"%s\") when { context.hour > 20 };\n", path);
		else
			at += (size_t)snprintf(text + at, cap - at, "permit(principal in Group::\"g%u\", action == Action::\"%s\", resource in Dir::\"%s\") when { context.hour < 22 && resource.size < 1000 };\n", next(12), names[next(4)], path);
	}
	need(rexi_cedar_policies_add_text(bench->policies, (struct rexi_str){ text, at }, 0, &err), &err);
	need(rexi_cedar_policies_build(bench->policies, 0, &err), &err);
	at = (size_t)snprintf(text, cap, "[");
	for (unsigned i = 0; i < 50; i++)
		at += (size_t)snprintf(text + at, cap - at, "%s{\"uid\":{\"type\":\"User\",\"id\":\"u%u\"},\"attrs\":{},\"parents\":[{\"type\":\"Group\",\"id\":\"g%u\"},{\"type\":\"Group\",\"id\":\"g%u\"}]}",
				       i ? "," : "", i, next(12), next(12));
	at += (size_t)snprintf(text + at, cap - at, "]");
	need(rexi_cedar_entities_add_json(bench->entities, (struct rexi_str){ text, at }, NULL, NULL, &err), &err);
	free(text);
	need(rexi_cedar_type_init(bench->engine, &bench->user, str("User"), &err), &err);
	need(rexi_cedar_type_init(bench->engine, &bench->action, str("Action"), &err), &err);
	need(rexi_cedar_type_init(bench->engine, &bench->file, str("File"), &err), &err);
	need(rexi_cedar_type_init(bench->engine, &bench->dir, str("Dir"), &err), &err);
	rexi_cedar_attribute_init(bench->engine, &bench->hour, str("hour"));
	rexi_cedar_attribute_init(bench->engine, &bench->remote, str("remote"));
	rexi_cedar_attribute_init(bench->engine, &bench->size, str("size"));
	for (unsigned i = 0; i < 4; i++)
		rexi_cedar_uid_init(bench->engine, &bench->actions[i], &bench->action, str(names[i]));
	for (unsigned i = 0; i < REQUESTS; i++) {
		put_path(bench->requests[i].path, sizeof(bench->requests[i].path), DEPTH);
		strncat(bench->requests[i].path, "/report.txt", sizeof(bench->requests[i].path) - strlen(bench->requests[i].path) - 1);
		snprintf(bench->requests[i].user, sizeof(bench->requests[i].user), "u%u", next(50));
		bench->requests[i].action = next(4);
		bench->requests[i].hour = next(24);
	}
}

static void decide(struct bench *bench, size_t at, const struct rexi_cedar_provider *provider)
{
	struct rexi_cedar_value hour = rexi_cedar_long(bench->requests[at].hour), remote = rexi_cedar_bool(false);
	struct rexi_cedar_uid principal, resource;
	struct rexi_cedar_decision decision;
	struct rexi_error err;

	rexi_cedar_uid_init(bench->engine, &principal, &bench->user, str(bench->requests[at].user));
	rexi_cedar_uid_init(bench->engine, &resource, &bench->file, str(bench->requests[at].path));
	rexi_cedar_request_reset(bench->request);
	rexi_cedar_request_set(bench->request, &principal, &bench->actions[bench->requests[at].action], &resource);
	need(rexi_cedar_request_add_context(bench->request, &bench->hour, &hour, &err), &err);
	need(rexi_cedar_request_add_context(bench->request, &bench->remote, &remote, &err), &err);
	need(rexi_cedar_authorize(bench->authorizer, bench->policies, bench->entities, provider, bench->request, 0, &decision, &err), &err);
	bench->allowed += decision.allow;
}

int main(int argc, char **argv)
{
	static struct bench bench;
	const struct rexi_cedar_provider provider = { .size = sizeof(provider), .user = &bench, .ancestors = ancestors, .attribute = attribute };
	unsigned count = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 200;
	struct rexi_error err;
	double best = 0;

	need(rexi_cedar_engine_new(NULL, NULL, &bench.engine, &err), &err);
	need(rexi_cedar_policies_new(bench.engine, &bench.policies, &err), &err);
	need(rexi_cedar_entities_new(bench.engine, &bench.entities, &err), &err);
	need(rexi_cedar_authorizer_new(bench.engine, &bench.authorizer, &err), &err);
	need(rexi_cedar_request_new(bench.engine, &bench.request, &err), &err);
	load(&bench, count);
	for (int pass = 0; pass < PASSES; pass++) {
		struct timespec from, to;
		double spent;

		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
		bench.allowed = 0;
		for (size_t i = 0; i < REQUESTS; i++)
			decide(&bench, i, &provider);
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
		spent = ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) / REQUESTS;
		if (pass == 0 || spent < best)
			best = spent;
	}
	printf("{\"policies\": %u, \"requests\": %d, \"dirs\": %d, \"mean_ns\": %.1f, \"allowed\": %zu}\n", count, REQUESTS, DEPTH, best, bench.allowed);
	return 0;
}
