/*
 * Which policies can match a request: built once, by action, uid, type and ancestry.
 *
 * A policy hangs under one key: the rarer of its principal and resource uid; else a type; else its actions; else it is
 * tried always. A uid in a leading `principal == U`, `principal in U` (likewise resource) of the first condition counts
 * as one in the scope when the scope has none: these tests never err, so that a policy whose test is false is false. A
 * request probes the keys of its own uids, their ancestors and types. Entries carry a digest of the policy's actions
 * and of its other uid, so that most policies that cannot match are never touched. All of it is a filter: what passes
 * is checked exactly.
 */
#ifndef RXC_INDEX_H
#define RXC_INDEX_H

#include "cedar/set.h"

/* What a key is about; mixed into the hash of a uid or type name. */
#define RXC_KEY_PRINCIPAL UINT64_C(0x9AE16A3B2F90404F)
#define RXC_KEY_RESOURCE UINT64_C(0xC3A5C85C97CB3127)
#define RXC_KEY_PRINCIPAL_TYPE UINT64_C(0xB492B66FBE98F273)
#define RXC_KEY_RESOURCE_TYPE UINT64_C(0x7F4A7C159E3779B9)
#define RXC_KEY_ACTION UINT64_C(0x5851F42D4C957F2D)

#define RXC_ACTIONS_ANY UINT32_MAX
#define RXC_ACTIONS_REQUEST (UINT32_C(1) << 31) /* a bit that only entries for any action share */

RX_INLINE uint32_t rxc_action_bit(uint64_t hash)
{
	return UINT32_C(1) << (hash >> 32) % 31;
}

struct rxc_entry {
	uint32_t actions; /* bits of the actions in its scope */
	uint32_t other;   /* low half of the hash of the uid or type on the other side; 0: none */
	uint32_t policy;
};

struct rxc_bucket {
	uint64_t key;
	uint32_t first, count; /* of entries; count 0: a free slot */
};

struct rxc_index {
	struct rx_arena arena; /* compiled code */
	struct rxc_bucket *buckets;
	uint32_t bucket_cap; /* a power of two */
	struct rxc_entry *entries;
	uint32_t entry_count;
	uint32_t general; /* entries[general..] are tried for every request */
	bool linear;      /* built without the index */
};

RX_INLINE const struct rxc_bucket *rxc_index_find(const struct rxc_index *index, uint64_t key)
{
	uint32_t mask = index->bucket_cap - 1, at = (uint32_t)key & mask;

	while (index->buckets[at].count) {
		if (index->buckets[at].key == key)
			return &index->buckets[at];
		at = (at + 1) & mask;
	}
	return NULL;
}

/* Gives back the index of a set (if any) and marks it as not built. */
void rxc_index_free(struct rexi_cedar_policies *set);

#endif
