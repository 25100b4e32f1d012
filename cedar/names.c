#include <config.h>

#include "cedar/ast.h"

#include "base/banned.h"

enum { FIRST_SLOTS = 64 };

uint64_t rxc_name_hash(struct rexi_str text, uint64_t seed)
{
	return rx_hash_bytes(text.ptr, text.len, seed);
}

uint64_t rxc_uid_hash(const struct rexi_cedar_name *type, struct rexi_str id, uint64_t seed)
{
	return rx_hash_bytes(id.ptr, id.len, seed ^ type->hash);
}

void rxc_names_init(struct rxc_names *names, struct rx_arena *arena, struct rx_memory *memory, uint64_t seed)
{
	*names = (struct rxc_names){ .arena = arena, .memory = memory, .seed = seed };
}

void rxc_names_fini(struct rxc_names *names)
{
	rx_memory_give(names->memory, names->names, names->name_cap * sizeof(*names->names));
	rx_memory_give(names->memory, names->uids, names->uid_cap * sizeof(*names->uids));
	rx_memory_give(names->memory, names->name_slots, names->name_slot_cap * sizeof(*names->name_slots));
	rx_memory_give(names->memory, names->uid_slots, names->uid_slot_cap * sizeof(*names->uid_slots));
	rxc_names_init(names, names->arena, names->memory, names->seed);
}

/* Keeps the table at most two thirds full. */
static bool make_room(struct rx_memory *memory, struct rxc_names_slot **slots, uint32_t *cap, uint32_t count)
{
	uint32_t new_cap, at;
	struct rxc_names_slot *fresh;

	if (count + count / 2 < *cap)
		return true;
	if (*cap >= UINT32_C(1) << 31)
		return false;
	new_cap = *cap ? *cap * 2 : FIRST_SLOTS;
	fresh = rx_memory_take_zeroed(memory, new_cap, sizeof(*fresh));
	if (!fresh)
		return false;
	for (uint32_t i = 0; i < *cap; i++) {
		if (!(*slots)[i].id)
			continue;
		for (at = (*slots)[i].hash & (new_cap - 1); fresh[at].id; at = (at + 1) & (new_cap - 1))
			;
		fresh[at] = (*slots)[i];
	}
	rx_memory_give(memory, *slots, *cap * sizeof(**slots));
	*slots = fresh;
	*cap = new_cap;
	return true;
}

static bool make_uid_room(struct rxc_names *names, uint32_t more)
{
	uint32_t count = names->uid_count + more, cap = names->uid_slot_cap, new_cap = cap ? cap : FIRST_SLOTS, at;
	struct rxc_uid_slot *fresh;

	if (count + count / 2 < cap)
		return true;
	while (count + count / 2 >= new_cap && new_cap < UINT32_C(1) << 31)
		new_cap *= 2;
	if (count + count / 2 >= new_cap)
		return false;
	fresh = rx_memory_take_zeroed(names->memory, new_cap, sizeof(*fresh));
	if (!fresh)
		return false;
	for (uint32_t i = 0; i < cap; i++) {
		if (!names->uid_slots[i].uid)
			continue;
		for (at = names->uid_slots[i].hash & (new_cap - 1); fresh[at].uid; at = (at + 1) & (new_cap - 1))
			;
		fresh[at] = names->uid_slots[i];
	}
	rx_memory_give(names->memory, names->uid_slots, cap * sizeof(*names->uid_slots));
	names->uid_slots = fresh;
	names->uid_slot_cap = new_cap;
	return true;
}

const struct rexi_cedar_name *rxc_names_find(const struct rxc_names *names, uint64_t hash, struct rexi_str text)
{
	uint32_t mask = names->name_slot_cap - 1;

	if (!names->name_slot_cap)
		return NULL;
	for (uint32_t at = (uint32_t)hash & mask; names->name_slots[at].id; at = (at + 1) & mask) {
		const struct rexi_cedar_name *name;

		if (names->name_slots[at].hash != (uint32_t)hash)
			continue;
		name = names->names[names->name_slots[at].id - 1];
		if (name->hash == hash && rx_str_eq(name->text, text))
			return name;
	}
	return NULL;
}

const struct rexi_cedar_name *rxc_names_intern(struct rxc_names *names, struct rexi_str text, bool keep)
{
	uint64_t hash = rxc_name_hash(text, names->seed);
	const struct rexi_cedar_name *found = rxc_names_find(names, hash, text);
	struct rexi_cedar_name *name;
	uint32_t at;

	if (found)
		return found;
	if (names->frozen || !make_room(names->memory, &names->name_slots, &names->name_slot_cap, names->name_count + 1) ||
	    !RX_GROW(names->memory, &names->names, &names->name_cap, names->name_count + 1))
		return NULL;
	name = rx_arena_bytes(names->arena, sizeof(*name));
	if (!name)
		return NULL;
	*name = (struct rexi_cedar_name){ .text = keep ? text : rx_arena_copy(names->arena, text), .hash = hash };
	if (!name->text.ptr)
		return NULL;
	if (rx_str_eq(text, RX_STR("Action")) || rx_str_ends(text, RX_STR("::Action")))
		name->flags = RXC_NAME_ACTION;
	name->id = names->name_count;
	names->names[names->name_count++] = name;
	for (at = (uint32_t)hash & (names->name_slot_cap - 1); names->name_slots[at].id; at = (at + 1) & (names->name_slot_cap - 1))
		;
	names->name_slots[at] = (struct rxc_names_slot){ (uint32_t)hash, names->name_count };
	return name;
}

const struct rxc_uid *rxc_names_find_uid(const struct rxc_names *names, const struct rexi_cedar_uid *uid)
{
	uint32_t mask = names->uid_slot_cap - 1;

	if (!names->uid_slot_cap)
		return NULL;
	for (uint32_t at = (uint32_t)uid->hash & mask; names->uid_slots[at].uid; at = (at + 1) & mask)
		if (names->uid_slots[at].hash == (uint32_t)uid->hash && rxc_uid_eq(&names->uid_slots[at].uid->uid, uid))
			return names->uid_slots[at].uid;
	return NULL;
}

bool rxc_names_reserve_uids(struct rxc_names *names, size_t more)
{
	enum { MOST = 1 << 28 };

	return more > MOST || names->uid_count > MOST || make_uid_room(names, (uint32_t)more + 1);
}

const struct rxc_uid *rxc_names_uid(struct rxc_names *names, const struct rexi_cedar_name *type, struct rexi_str id, bool keep)
{
	struct rexi_cedar_uid key = { .type = type, .id = id, .hash = rxc_uid_hash(type, id, names->seed) };
	const struct rxc_uid *found = rxc_names_find_uid(names, &key);
	struct rxc_uid *uid;
	uint32_t at;

	if (found)
		return found;
	if (names->frozen || !make_uid_room(names, 1) || !RX_GROW(names->memory, &names->uids, &names->uid_cap, names->uid_count + 1))
		return NULL;
	uid = rx_arena_bytes(names->arena, sizeof(*uid) + (keep ? 0 : id.len + 1)); /* the id beside its uid: one cache line */
	if (!uid)
		return NULL;
	if (!keep) {
		char *copy = (char *)(uid + 1);

		if (id.len)
			memcpy(copy, id.ptr, id.len);
		copy[id.len] = '\0';
		key.id.ptr = copy;
	}
	*uid = (struct rxc_uid){ .uid = key, .id = names->uid_count };
	names->uids[names->uid_count++] = uid;
	for (at = (uint32_t)key.hash & (names->uid_slot_cap - 1); names->uid_slots[at].uid; at = (at + 1) & (names->uid_slot_cap - 1))
		;
	names->uid_slots[at] = (struct rxc_uid_slot){ .hash = (uint32_t)key.hash, .uid = uid };
	return uid;
}
