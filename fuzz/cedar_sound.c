/*
 * Target: rexi_cedar_validate and the evaluator together.
 * Invariant (soundness): a policy that validates strictly never errs on requests and entities that conform to the
 * schema, but for integer overflow and extension values.
 *
 * The input is a stream of choices from which a policy is written, mostly well typed.
 */
#include <config.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <rexi/cedar_schema.h>

#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char schema_text[] =
	"type Rec = { a: Long, b?: String, c?: { d?: Bool, e: Set<Long> } };"
	"entity Group in [Group] { level: Long, lead?: User } tags Long;"
	"entity User in [Group] { name: String, age?: Long, admin: Bool, boss?: User, r: Rec, ip?: ipaddr, roles: Set<String>,"
	" peers: Set<User>, since: datetime, ttl?: duration, cost: decimal, \"odd name\"?: Long } tags String;"
	"entity Doc in [Folder] { owner: User, size?: Long, r?: Rec, when?: datetime } tags Set<Long>;"
	"entity Folder in [Folder]; entity Color enum [\"red\", \"green\"];"
	"action read; action write in [read];"
	"action view in [read] appliesTo { principal: [User, Group], resource: [Doc, Folder], context: { n: Long, m?: Rec, who?: User,"
	" at?: ipaddr } };"
	"action edit in [write] appliesTo { principal: User, resource: Doc, context: { n: Long, s: String } };"
	"action paint appliesTo { principal: User, resource: Color };";

static const char entities_text[] =
	"[{\"uid\":{\"type\":\"User\",\"id\":\"a\"},\"attrs\":{\"name\":\"x\",\"age\":3,\"admin\":true,\"boss\":{\"type\":\"User\",\"id\":\"b\"},"
	"\"r\":{\"a\":1,\"b\":\"q\",\"c\":{\"d\":true,\"e\":[1,2]}},\"ip\":\"10.0.0.1/8\",\"roles\":[\"x\",\"y\"],\"peers\":[{\"type\":\"User\","
	"\"id\":\"b\"}],\"since\":\"2024-01-01\",\"ttl\":\"1h\",\"cost\":\"1.5\",\"odd name\":7},\"parents\":[{\"type\":\"Group\",\"id\":\"g\"}],"
	"\"tags\":{\"x\":\"y\",\"q\":\"\"}},"
	"{\"uid\":{\"type\":\"User\",\"id\":\"b\"},\"attrs\":{\"name\":\"\",\"admin\":false,\"r\":{\"a\":-1},\"roles\":[],\"peers\":[],"
	"\"since\":\"1970-01-01\",\"cost\":\"-0.1\"},\"parents\":[]},"
	"{\"uid\":{\"type\":\"Group\",\"id\":\"g\"},\"attrs\":{\"level\":2,\"lead\":{\"type\":\"User\",\"id\":\"a\"}},\"parents\":[],\"tags\":{\"x\":1}},"
	"{\"uid\":{\"type\":\"Group\",\"id\":\"h\"},\"attrs\":{\"level\":0},\"parents\":[{\"type\":\"Group\",\"id\":\"g\"}]},"
	"{\"uid\":{\"type\":\"Doc\",\"id\":\"d\"},\"attrs\":{\"owner\":{\"type\":\"User\",\"id\":\"a\"},\"size\":9,\"r\":{\"a\":5,\"c\":{\"e\":[]}},"
	"\"when\":\"2030-01-01\"},\"parents\":[{\"type\":\"Folder\",\"id\":\"f\"}],\"tags\":{\"x\":[1]}},"
	"{\"uid\":{\"type\":\"Doc\",\"id\":\"e\"},\"attrs\":{\"owner\":{\"type\":\"User\",\"id\":\"b\"}},\"parents\":[]},"
	"{\"uid\":{\"type\":\"Folder\",\"id\":\"f\"},\"attrs\":{},\"parents\":[]}]";

static const char *const requests[] = {
	("{\"principal\":\"User::\\\"a\\\"\",\"action\":\"Action::\\\"view\\\"\",\"resource\":\"Doc::\\\"d\\\"\",\"context\":{\"n\":1,\"m\":{\"a\":2,"
	"\"b\":\"z\",\"c\":{\"d\":false,\"e\":[3]}},\"who\":{\"type\":\"User\",\"id\":\"b\"},\"at\":\"::1\"}}"),
	"{\"principal\":\"User::\\\"b\\\"\",\"action\":\"Action::\\\"view\\\"\",\"resource\":\"Folder::\\\"f\\\"\",\"context\":{\"n\":0}}",
	"{\"principal\":\"Group::\\\"h\\\"\",\"action\":\"Action::\\\"view\\\"\",\"resource\":\"Doc::\\\"e\\\"\",\"context\":{\"n\":-5,\"m\":{\"a\":0}}}",
	"{\"principal\":\"User::\\\"b\\\"\",\"action\":\"Action::\\\"edit\\\"\",\"resource\":\"Doc::\\\"e\\\"\",\"context\":{\"n\":7,\"s\":\"x\"}}",
	"{\"principal\":\"User::\\\"a\\\"\",\"action\":\"Action::\\\"paint\\\"\",\"resource\":\"Color::\\\"red\\\"\"}",
};

/* ---- Writing a policy ---- */

struct writer {
	const uint8_t *data;
	size_t size, at;
	struct rx_buf *buf;
};

static unsigned choose(struct writer *writer, unsigned count)
{
	return writer->at < writer->size ? writer->data[writer->at++] % count : 0;
}

static void put(struct writer *writer, const char *text)
{
	rx_buf_str(writer->buf, rx_str(text));
}

static void pick(struct writer *writer, const char *const *texts, unsigned count)
{
	put(writer, texts[choose(writer, count)]);
}
#define PICK(writer, ...) pick((writer), (const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void write_bool(struct writer *writer, unsigned depth);
static void write_long(struct writer *writer, unsigned depth);
static void write_string(struct writer *writer, unsigned depth);

static void write_entity(struct writer *writer, unsigned depth)
{
	(void)depth;
	PICK(writer, "principal", "resource", "User::\"a\"", "User::\"b\"", "principal.boss", "resource.owner", "Group::\"g\"", "context.who",
	     "Doc::\"d\"", "Folder::\"f\"", "action", "Action::\"view\"", "Action::\"read\"", "Color::\"red\"", "principal.lead",
	     "resource.owner.boss", "principal.boss.boss", "User::\"a\".boss", "Color::\"green\"", "context.who.boss", "Group::\"g\".lead");
}

static void write_long(struct writer *writer, unsigned depth)
{
	switch (depth ? choose(writer, 6) : 0) {
	case 0:
		PICK(writer, "1", "0", "-3", "principal.age", "context.n", "principal.r.a", "resource.size", "principal.level", "context.m.a",
		     "principal[\"odd name\"]", "principal.getTag(\"x\")", "resource.owner.age");
		return;
	case 1: put(writer, "("); write_long(writer, depth - 1); PICK(writer, " + ", " - ", " * "); write_long(writer, depth - 1); put(writer, ")"); return;
	case 2: put(writer, "-("); write_long(writer, depth - 1); put(writer, ")"); return;
	case 3: put(writer, "(if "); write_bool(writer, depth - 1); put(writer, " then "); write_long(writer, depth - 1); put(writer, " else "); write_long(writer, depth - 1); put(writer, ")"); return;
	case 4: put(writer, "{ k: "); write_long(writer, depth - 1); put(writer, ", l: "); write_string(writer, depth - 1); put(writer, " }.k"); return;
	default: PICK(writer, "principal.since.toTime().toDays()", "duration(\"1d\").toSeconds()", "principal.ttl.toHours()"); return;
	}
}

static void write_string(struct writer *writer, unsigned depth)
{
	(void)depth;
	PICK(writer, "\"x\"", "\"\"", "principal.name", "context.s", "principal.r.b", "principal.getTag(\"x\")", "principal.getTag(principal.name)");
}

static void write_guard(struct writer *writer)
{
	PICK(writer, "principal has age", "principal has boss", "principal has boss.age", "principal has boss && principal.boss has boss",
	     "resource has size", "resource has r.c.d", "resource has owner", "principal.hasTag(\"x\")", "principal.hasTag(principal.name)",
	     "context has m", "context has m.b", "context has who", "principal has ttl", "principal has \"odd name\"", "principal has lead",
	     "principal.r has b", "resource.owner has age", "principal is User", "principal is Group", "resource is Doc",
	     "action == Action::\"view\"", "action in Action::\"read\"", "context has m.c.d", "context has who.boss.ttl", "resource has owner.boss.boss",
	     "principal has boss.ip && context has at", "principal has r.c", "resource.hasTag(\"x\")", "resource.owner.hasTag(context.s)",
	     "principal is User in Group::\"g\"", "resource is Doc in Folder::\"f\"", "resource is Color", "context.who has age",
	     "principal.boss has r.c.e", "principal has boss && principal.boss.hasTag(\"x\")", "resource has when", "resource.owner has boss", "User::\"a\" has boss");
}

static void write_bool(struct writer *writer, unsigned depth)
{
	switch (depth ? choose(writer, 14) : choose(writer, 2)) {
	case 0: PICK(writer, "true", "false", "principal.admin", "principal.r.c.d", "context.at.isIpv6()", "principal.ip.isLoopback()"); return;
	case 1: write_guard(writer); return;
	case 2:
	case 3: put(writer, "("); write_guard(writer); put(writer, " && "); write_bool(writer, depth - 1); put(writer, ")"); return;
	case 4: put(writer, "("); write_bool(writer, depth - 1); put(writer, " && "); write_bool(writer, depth - 1); put(writer, ")"); return;
	case 5: put(writer, "("); write_bool(writer, depth - 1); put(writer, " || "); write_bool(writer, depth - 1); put(writer, ")"); return;
	case 6: put(writer, "!("); write_bool(writer, depth - 1); put(writer, ")"); return;
	case 7: put(writer, "("); write_long(writer, depth - 1); PICK(writer, " < ", " <= ", " == ", " != ", " > ", " >= "); write_long(writer, depth - 1); put(writer, ")"); return;
	case 8: put(writer, "("); write_string(writer, depth - 1); PICK(writer, " == ", " != "); write_string(writer, depth - 1); put(writer, ")"); return;
	case 9: put(writer, "("); write_entity(writer, 0); PICK(writer, " == ", " in ", " != "); write_entity(writer, 0); put(writer, ")"); return;
	case 10: put(writer, "(if "); write_bool(writer, depth - 1); put(writer, " then "); write_bool(writer, depth - 1); put(writer, " else "); write_bool(writer, depth - 1); put(writer, ")"); return;
	case 11: put(writer, "["); write_long(writer, depth - 1); put(writer, ", "); write_long(writer, depth - 1); put(writer, "].contains("); write_long(writer, depth - 1); put(writer, ")"); return;
	case 12:
		PICK(writer, "principal.roles.contains(\"x\")", "principal.name like \"*x\"", "principal.peers.contains(User::\"b\")",
		     "principal.roles.containsAny([\"x\"])", "principal.roles.isEmpty()", "principal.since < datetime(\"2025-01-01\")",
		     "principal.cost.lessThan(decimal(\"2.0\"))", "context.at.isInRange(ip(\"10.0.0.0/8\"))",
		     "principal.since.offset(duration(\"1h\")) >= resource.when", "resource.getTag(\"x\").contains(1)",
		     "principal.r == {a: 1}", "principal.r.c.e.contains(1)", "principal in [Group::\"g\", Group::\"h\"]",
		     "principal is User in Group::\"g\"", "principal.boss in principal.peers", "resource.owner.getTag(context.s) == \"\"",
		     "principal.boss.getTag(\"x\") like \"*\"", "resource is Doc in [Folder::\"f\"]", "principal is User in resource.owner",
		     "context.m.c.d", "context.who.boss.ttl > duration(\"1s\")", "principal.boss.r.c.e.isEmpty()", "resource == Color::\"red\"",
		     "[Color::\"red\", Color::\"green\"].contains(resource)", "principal.peers.containsAll([resource.owner])",
		     "resource.when.durationSince(principal.since) > duration(\"1d\")", "resource.when.toDate() == resource.when",
		     "principal.cost.greaterThanOrEqual(decimal(\"-0.1\"))", "principal.ip.isInRange(context.at)",
		     "resource.owner.boss.boss.admin", "{a: principal.age, b: context.n} == {a: 1, b: 2}", "context.m == principal.r");
		return;
	default: put(writer, "("); write_entity(writer, 0); PICK(writer, " has age", " has name", " has level", " is User", ".hasTag(\"x\")"); put(writer, ")"); return;
	}
}

static void write_policy(struct writer *writer)
{
	PICK(writer, "permit", "forbid");
	PICK(writer, "(principal, ", "(principal is User, ", "(principal in Group::\"g\", ", "(principal == User::\"a\", ", "(principal is Group, ");
	PICK(writer, "action, ", "action == Action::\"view\", ", "action in Action::\"read\", ", "action in [Action::\"edit\", Action::\"view\"], ");
	PICK(writer, "resource) ", "resource is Doc) ", "resource in Folder::\"f\") ", "resource == Doc::\"d\") ");
	PICK(writer, "when { ", "unless { ");
	write_bool(writer, 5);
	put(writer, " };");
}

/* ---- Checking it ---- */

struct stage {
	struct rexi_cedar_engine *engine;
	struct rexi_cedar_schema *schema;
	struct rexi_cedar_entities *entities;
	struct rexi_cedar_authorizer *authorizer;
	struct rexi_cedar_request *request;
};

/* Made once: it never changes, and is still reachable at the end. */
static struct stage *stage(void)
{
	static struct stage made;
	struct rexi_str text = { schema_text, sizeof(schema_text) - 1 };
	struct rexi_error err;

	if (made.engine)
		return &made;
	if (rexi_cedar_engine_new(NULL, NULL, &made.engine, &err) != REXI_OK ||
	    rexi_cedar_schema_new(made.engine, &text, 1, &made.schema, NULL, &err) != REXI_OK ||
	    rexi_cedar_entities_new(made.engine, &made.entities, &err) != REXI_OK ||
	    rexi_cedar_entities_add_json(made.entities, rx_str(entities_text), made.schema, NULL, &err) != REXI_OK ||
	    rexi_cedar_entities_build(made.entities, &err) != REXI_OK ||
	    rexi_cedar_authorizer_new(made.engine, &made.authorizer, &err) != REXI_OK ||
	    rexi_cedar_request_new(made.engine, &made.request, &err) != REXI_OK) {
		fprintf(stderr, "%s\n", err.message);
		abort();
	}
	return &made;
}

static void decide_all(const struct rexi_cedar_policies *policies, struct rexi_str text)
{
	struct rexi_cedar_decision decision;
	struct rexi_error err;

	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		rexi_cedar_request_reset(stage()->request);
		if (rexi_cedar_request_set_json(stage()->request, rx_str(requests[i]), stage()->schema, NULL, NULL, &err) != REXI_OK) {
			fprintf(stderr, "request %zu: %s\n", i, err.message);
			abort();
		}
		if (rexi_cedar_authorize(stage()->authorizer, policies, stage()->entities, NULL, stage()->request, 0, &decision, &err) != REXI_OK)
			abort();
		for (size_t j = 0; j < decision.error_count; j++) {
			if (decision.errors[j].kind == REXI_CEDAR_EVAL_OVERFLOW || decision.errors[j].kind == REXI_CEDAR_EVAL_EXTENSION_ERROR)
				continue;
			fprintf(stderr, "request %zu: %.*s\n%.*s\n", i, (int)decision.errors[j].message.len, decision.errors[j].message.ptr,
				(int)text.len, text.ptr);
			abort();
		}
	}
}

/* How many policies validated, for the program that counts. */
unsigned long rxc_sound_validated;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rexi_cedar_validation *validation = NULL;
	struct rexi_cedar_policies *policies = NULL;
	struct writer writer = { .data = data, .size = size };
	struct rx_memory memory;
	struct rexi_error err;
	struct rx_buf text;

	rx_memory_init(&memory, NULL, 1u << 20);
	rx_buf_init(&text, &memory, 0);
	writer.buf = &text;
	write_policy(&writer);
	if (!text.failed && rexi_cedar_policies_new(stage()->engine, &policies, &err) == REXI_OK &&
	    rexi_cedar_policies_add_text(policies, rx_buf_view(&text), 0, &err) == REXI_OK &&
	    rexi_cedar_validate(stage()->schema, policies, NULL, &validation, &err) == REXI_OK &&
	    rexi_cedar_validation_passed(validation) && rexi_cedar_policies_build(policies, 0, &err) == REXI_OK) {
		rxc_sound_validated++;
		decide_all(policies, rx_buf_view(&text));
	}
	rexi_cedar_validation_free(validation);
	rexi_cedar_policies_free(policies);
	rx_buf_fini(&text);
	return 0;
}
