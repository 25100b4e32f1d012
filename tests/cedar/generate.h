/* Random policies, entities and requests from a seed, and the comparison of ways to decide them. */
#ifndef TESTS_CEDAR_GENERATE_H
#define TESTS_CEDAR_GENERATE_H

#include <rexi/cedar.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"

struct generator {
	uint64_t state;
	char text[1 << 16];
	size_t len;
};

static unsigned pick(struct generator *g, unsigned below)
{
	g->state = g->state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)((g->state >> 33) % below);
}

RX_PRINTF(2, 3) static void put(struct generator *g, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(g->text + g->len, sizeof(g->text) - g->len, format, args);
	va_end(args);
	if (n > 0 && g->len + (size_t)n < sizeof(g->text))
		g->len += (size_t)n;
}

static const char *const generator_types[] = { "User", "Group", "Doc", "N::Folder" };

static void put_uid(struct generator *g)
{
	put(g, "%s::\"%u\"", generator_types[pick(g, 4)], pick(g, 4));
}

static void put_expr(struct generator *g, unsigned depth)
{
	static const char *const vars[] = { "principal", "resource", "context", "action" };
	static const char *const names[] = { "a", "b", "owner", "tags", "n" };

	switch (depth ? pick(g, 16) : pick(g, 5)) {
	case 0: put(g, "%u", pick(g, 3)); return;
	case 1: put(g, pick(g, 2) ? "true" : "false"); return;
	case 2: put(g, "%s", vars[pick(g, 4)]); return;
	case 3: put_uid(g); return;
	case 4: put(g, "\"%u\"", pick(g, 3)); return;
	case 5: put(g, "%s.%s", vars[pick(g, 4)], names[pick(g, 5)]); return;
	case 6: put(g, "%s has %s", vars[pick(g, 4)], names[pick(g, 5)]); return;
	case 7: put(g, "(%s in ", vars[pick(g, 2)]); put_uid(g); put(g, ")"); return;
	case 8: put(g, "%s == ", vars[pick(g, 2)]); put_uid(g); return;
	case 9: put(g, "%s is %s", vars[pick(g, 2)], generator_types[pick(g, 4)]); return;
	case 10: put(g, "!("); put_expr(g, depth - 1); put(g, ")"); return;
	case 11: put(g, "["); put_expr(g, depth - 1); put(g, ", "); put_expr(g, 0); put(g, "].contains("); put_expr(g, 0); put(g, ")"); return;
	case 12: put(g, "if ("); put_expr(g, depth - 1); put(g, ") then ("); put_expr(g, depth - 1); put(g, ") else ("); put_expr(g, 0); put(g, ")"); return;
	default: {
		static const char *const ops[] = { "&&", "||", "==", "<", "+", "&&" };
		const char *op = ops[pick(g, 6)];

		put(g, "(");
		put_expr(g, depth - 1);
		put(g, ") %s (", op);
		put_expr(g, depth - 1);
		put(g, ")");
	}
	}
}

static void put_scope(struct generator *g, const char *var)
{
	put(g, "%s", var);
	switch (pick(g, 5)) {
	case 0: put(g, " == "); put_uid(g); return;
	case 1: put(g, " in "); put_uid(g); return;
	case 2: put(g, " is %s", generator_types[pick(g, 4)]); return;
	case 3: put(g, " is %s in ", generator_types[pick(g, 4)]); put_uid(g); return;
	default: return;
	}
}

static void put_policies(struct generator *g, unsigned count)
{
	g->len = 0;
	for (unsigned i = 0; i < count; i++) {
		put(g, "%s (", pick(g, 3) ? "permit" : "forbid");
		put_scope(g, "principal");
		switch (pick(g, 4)) {
		case 0: put(g, ", action == Action::\"%u\", ", pick(g, 4)); break;
		case 1: put(g, ", action in Action::\"%u\", ", pick(g, 4)); break;
		case 2: put(g, ", action in [Action::\"%u\", Action::\"%u\"], ", pick(g, 4), pick(g, 4)); break;
		default: put(g, ", action, "); break;
		}
		put_scope(g, "resource");
		put(g, ")");
		for (unsigned k = pick(g, 3); k > 0; k--) {
			put(g, " %s { ", pick(g, 3) ? "when" : "unless");
			put_expr(g, 2);
			put(g, " }");
		}
		put(g, ";\n");
	}
}

/* Entities 0..3 of every type; parents have a higher number or a later type, so that there is no cycle. */
static void put_entities(struct generator *g)
{
	bool first = true;

	g->len = 0;
	put(g, "[");
	for (unsigned type = 0; type < 5; type++) {
		for (unsigned id = 0; id < 4; id++) {
			const char *name = type == 4 ? "Action" : generator_types[type];

			if (pick(g, 4) == 0)
				continue;
			put(g, "%s{\"uid\":{\"type\":\"%s\",\"id\":\"%u\"},\"attrs\":{", first ? "" : ",", name, id);
			first = false;
			if (type != 4 && pick(g, 2))
				put(g, "\"a\":%u,\"owner\":{\"__entity\":{\"type\":\"User\",\"id\":\"%u\"}}", pick(g, 3), pick(g, 4));
			else if (type != 4 && pick(g, 2))
				put(g, "\"b\":true,\"tags\":[\"%u\"],\"n\":{\"a\":1}", pick(g, 3));
			put(g, "},\"parents\":[");
			if (id < 3 && pick(g, 2))
				put(g, "{\"type\":\"%s\",\"id\":\"%u\"}", name, id + 1 + pick(g, 3 - id));
			else if (type < 3 && pick(g, 2))
				put(g, "{\"type\":\"%s\",\"id\":\"%u\"}", generator_types[type + 1], pick(g, 4));
			put(g, "]}");
		}
	}
	put(g, "]");
}

static void put_request(struct generator *g)
{
	static const char *const contexts[] = { "{}", "{\"a\":1}", "{\"b\":false,\"n\":2}", "{\"owner\":{\"__entity\":{\"type\":\"User\",\"id\":\"1\"}}}" };

	g->len = 0;
	put(g, "{\"principal\":{\"type\":\"%s\",\"id\":\"%u\"},\"action\":{\"type\":\"Action\",\"id\":\"%u\"},\"resource\":{\"type\":\"%s\",\"id\":\"%u\"},\"context\":%s}",
	    generator_types[pick(g, 4)], pick(g, 5), pick(g, 5), generator_types[pick(g, 4)], pick(g, 5), contexts[pick(g, 4)]);
}

/* A copy of what a comparison needs: the decision itself lives in the authorizer. */
struct outcome {
	bool allow;
	size_t reasons, errors;
	uint32_t reason[64];
	struct { size_t policy; int kind; } error[64];
};

static void take_outcome(struct outcome *out, const struct rexi_cedar_decision *decision)
{
	memset(out, 0, sizeof(*out));
	RX_ASSERT(decision->reason_count <= 64 && decision->error_count <= 64);
	out->allow = decision->allow;
	out->reasons = decision->reason_count;
	out->errors = decision->error_count;
	for (size_t i = 0; i < out->reasons; i++)
		out->reason[i] = decision->reasons[i];
	for (size_t i = 0; i < out->errors; i++) {
		out->error[i].policy = decision->errors[i].policy;
		out->error[i].kind = (int)decision->errors[i].kind;
	}
}

/* Returns the number of decisions compared. */
static size_t generate_and_compare(uint64_t seed, unsigned requests)
{
	static const unsigned ways[] = { 0, REXI_CEDAR_LINEAR, 0, REXI_CEDAR_EXPLAIN };
	struct generator *g = malloc(sizeof(*g));
	struct rexi_cedar_engine *engine;
	struct rexi_cedar_policies *set, *again;
	struct rexi_cedar_entities *store;
	struct rexi_cedar_authorizer *authorizer;
	struct rexi_cedar_request *request;
	struct rexi_cedar_text json;
	unsigned count;

	RX_ASSERT(g);
	g->state = seed;
	RX_ASSERT(rexi_cedar_engine_new(NULL, NULL, &engine, NULL) == REXI_OK);
	RX_ASSERT(rexi_cedar_policies_new(engine, &set, NULL) == REXI_OK && rexi_cedar_policies_new(engine, &again, NULL) == REXI_OK);
	RX_ASSERT(rexi_cedar_entities_new(engine, &store, NULL) == REXI_OK);
	RX_ASSERT(rexi_cedar_authorizer_new(engine, &authorizer, NULL) == REXI_OK && rexi_cedar_request_new(engine, &request, NULL) == REXI_OK);
	count = 1 + pick(g, 40);
	put_policies(g, count);
	if (rexi_cedar_policies_add_text(set, (struct rexi_str){ g->text, g->len }, 0, NULL) != REXI_OK) {
		requests = 0; /* a relation within a relation: not a policy */
	} else {
		RX_ASSERT(rexi_cedar_policies_count(set) == count);
		RX_ASSERT(rexi_cedar_policies_build(set, 0, NULL) == REXI_OK);
		RX_ASSERT(rexi_cedar_policies_to_json(set, &json, NULL) == REXI_OK);
		RX_ASSERT(rexi_cedar_policies_add_json(again, (struct rexi_str){ "p", 1 }, (struct rexi_str){ json.ptr, json.len }, NULL) == REXI_OK);
		RX_ASSERT(rexi_cedar_policies_build(again, REXI_CEDAR_NO_INDEX, NULL) == REXI_OK);
		rexi_cedar_text_free(engine, &json);
		put_entities(g);
		RX_ASSERT(rexi_cedar_entities_add_json(store, (struct rexi_str){ g->text, g->len }, NULL, NULL, NULL) == REXI_OK);
	}
	for (unsigned i = 0; i < requests; i++) {
		struct outcome want, got;
		struct rexi_cedar_decision decision;

		put_request(g);
		RX_ASSERT(rexi_cedar_request_set_json(request, (struct rexi_str){ g->text, g->len }, NULL, NULL, NULL, NULL) == REXI_OK);
		for (unsigned way = 0; way < 4; way++) {
			RX_ASSERT(rexi_cedar_authorize(authorizer, set, store, NULL, request, ways[way], &decision, NULL) == REXI_OK);
			take_outcome(way ? &got : &want, &decision);
			RX_ASSERT(!way || memcmp(&got, &want, sizeof(got)) == 0);
		}
		/* ids are sorted in JSON, so that only the verdict and the counts compare */
		RX_ASSERT(rexi_cedar_authorize(authorizer, again, store, NULL, request, 0, &decision, NULL) == REXI_OK);
		RX_ASSERT(decision.allow == want.allow && decision.reason_count == want.reasons && decision.error_count == want.errors);
	}
	rexi_cedar_request_free(request);
	rexi_cedar_authorizer_free(authorizer);
	rexi_cedar_entities_free(store);
	rexi_cedar_policies_free(set);
	rexi_cedar_policies_free(again);
	rexi_cedar_engine_free(engine);
	free(g);
	return requests;
}

#endif
