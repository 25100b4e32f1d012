/* What requests of scripts say of their resources, made from the names alone (spec/runner.md 14.5). */
#include <config.h>

#include "runner/policy_world.h"

#include "base/str.h"
#include "cedar/entity.h"

static const struct world_row {
	const char *type, *attribute; /* whose value is the name */
} rows[] = {
	{ "file_system::File", "path" },    { "file_system::Dir", "path" },         { "network::url", "url" },
	{ "systemd::Service", "name" },     { "sysinfo::Hostname", "hostname" },
};
enum { PATHS = 2 }; /* rows of paths, which come first */

/* NULL: not made from its name, or told by the entities of the caller. */
static const struct world_row *row_of(const struct rxr_world *world, const struct rexi_cedar_uid *uid)
{
	for (size_t i = 0; i < RX_COUNT(rows); i++)
		if (rx_str_eq(uid->type->text, rx_str(rows[i].type)))
			return i < PATHS && (uid->id.len == 0 || uid->id.ptr[0] != '/')       ? NULL
			       : world->entities && rxc_entities_find(world->entities, uid) ? NULL
											     : &rows[i];
	return NULL;
}

static enum rexi_cedar_answer exists(void *user, const struct rexi_cedar_uid *uid)
{
	return row_of((const struct rxr_world *)user, uid) ? REXI_CEDAR_FOUND : REXI_CEDAR_PASS;
}

static enum rexi_cedar_answer attribute(void *user, struct rexi_cedar_scratch *scratch, const struct rexi_cedar_uid *uid,
					const struct rexi_cedar_name *name, struct rexi_cedar_value *out)
{
	const struct world_row *row = row_of((const struct rxr_world *)user, uid);

	(void)scratch;
	if (!row)
		return REXI_CEDAR_PASS;
	if (!rx_str_eq(name->text, rx_str(row->attribute)))
		return REXI_CEDAR_ABSENT;
	*out = rexi_cedar_string(uid->id); /* of the policies or the request, which outlive the decision */
	return REXI_CEDAR_FOUND;
}

static enum rexi_cedar_answer tag(void *user, struct rexi_cedar_scratch *scratch, const struct rexi_cedar_uid *uid,
				  struct rexi_str name, struct rexi_cedar_value *out)
{
	(void)scratch, (void)name, (void)out;
	return row_of((const struct rxr_world *)user, uid) ? REXI_CEDAR_ABSENT : REXI_CEDAR_PASS;
}

static enum rexi_cedar_answer ancestors(void *user, const struct rexi_cedar_uid *uid, struct rexi_cedar_walk *walk)
{
	const struct rxr_world *world = (const struct rxr_world *)user;
	const struct world_row *row = row_of(world, uid);
	size_t len = uid->id.len;

	if (!row)
		return REXI_CEDAR_PASS;
	while (row < rows + PATHS && len > 1) {
		while (uid->id.ptr[len - 1] != '/')
			len--;
		len = len > 1 ? len - 1 : 1;
		if (!rexi_cedar_walk_ancestor(walk, &world->directory, rx_str_sub(uid->id, 0, len)) || len == 1)
			break;
	}
	return REXI_CEDAR_FOUND;
}

enum rexi_status rxr_world_init(struct rxr_world *world, const struct rexi_cedar_engine *engine,
				const struct rexi_cedar_entities *entities, struct rexi_error *err)
{
	*world = (struct rxr_world){ .entities = entities };
	world->provider = (struct rexi_cedar_provider){ .size = sizeof(world->provider), .user = world, .exists = exists,
							.attribute = attribute, .tag = tag, .ancestors = ancestors };
	return rexi_cedar_type_init(engine, &world->directory, RX_STR("file_system::Dir"), err);
}
