/*
 * Which policies can match a request: built once, by action, uid, type and ancestry.
 *
 * A policy hangs under one key: the rarer of its principal and resource uid; else a type; else its actions; else it is
 * tried always. A uid in a leading `principal == U`, `principal in U` (likewise resource) of the first condition counts
 * as one in the scope when the scope has none: these tests never err, so that a policy whose test is false is false.
 * A request looks under the numbers that the set gave to its uids, their ancestors and types. An entry says the rest of
 * the scope, so that a policy that cannot match is never touched.
 */
#ifndef RXC_INDEX_H
#define RXC_INDEX_H

#include "cedar/set.h"

enum rxc_role { RXC_ROLE_PRINCIPAL, RXC_ROLE_RESOURCE, RXC_ROLE_ACTION, RXC_ROLES };

/* What a uid is used for: bits of rxc_index.uses. */
enum {
	RXC_USE_PRINCIPAL = 1, /* a key for principals, for resources, for actions */
	RXC_USE_RESOURCE = 2,
	RXC_USE_ACTION = 4,
	RXC_USE_OTHER = 8,     /* `other` of an entry */
	RXC_USE_ACTIONS = 16,  /* has a bit of its own */
	RXC_USES = 5           /* how many bits */
};

/* flags of an entry */
enum {
	RXC_ENTRY_KEY_EQ = 1, /* the key must be the uid itself, not an ancestor */
	RXC_ENTRY_CHECK = 2,  /* the scope says more: check it exactly */
	RXC_ENTRY_FORBID = 4
};

/* Bits of actions: of `==` in the upper half, of `in` in the lower. A request has its action's bit in both, those of its
 * groups in the lower, and RXC_ACTIONS_REQUEST, which only entries for any action have. */
#define RXC_ACTIONS_ANY UINT64_MAX
#define RXC_ACTIONS_REQUEST (UINT64_C(1) << 63)
#define RXC_ACTIONS_EQ_SHIFT 32
#define RXC_ACTION_BITS 31u

#define RXC_ENTRY_POLICIES ((UINT32_C(1) << 28) - 1) /* the most a set may hold */

/* What must hold of the side that is not the key, as one number that a request either has or has not. */
enum { RXC_TOKEN_IN, RXC_TOKEN_EQ, RXC_TOKEN_TYPE, RXC_TOKEN_NONE }; /* of a uid, a uid, a name */
#define RXC_TOKEN(id, what) ((uint32_t)(id) << 2 | (what))

RX_INLINE uint64_t rxc_token_bit(uint32_t token)
{
	return UINT64_C(1) << (token * UINT32_C(0x9E3779B1) >> 26);
}

struct rxc_entry {
	uint64_t actions;
	uint32_t other; /* a token */
	uint32_t policy : 28, flags : 4;
	const struct rxc_code *code; /* NULL: no conditions */
};
_Static_assert(sizeof(struct rxc_entry) == 24, "entries are small");

#define RXC_MOST_UIDS ((UINT32_C(1) << 26) - 1) /* larger sets are tried one by one */

struct rxc_index {
	struct rxc_entry *entries;
	uint32_t entry_count;
	uint32_t general;       /* entries[general..] are tried for every request */
	uint32_t *uid_first;    /* [RXC_ROLES * uid id + role] .. the next: entries under that uid */
	uint32_t *type_first;   /* [2 * name id + role] .. the next: entries under that type */
	size_t uid_keys, type_keys;
	uint8_t *uses;          /* by uid id: RXC_USE_* */
	size_t use_count;
	bool var_uses[3];       /* by enum rxc_var: uids of that variable or its ancestors matter to some entry */
	bool type_uses;         /* types do */
	bool linear;            /* built without the index */
};

/* The bit of an action that occurs in scopes; numbered by rxc_uid.reserved from 1. */
RX_INLINE uint64_t rxc_action_bit(const struct rxc_uid *action)
{
	return UINT64_C(1) << (action->reserved - 1) % RXC_ACTION_BITS;
}

/* What a request says of one variable, in the numbers of a set. */
struct rxc_known {
	uint32_t *tokens, *keys; /* RXC_TOKEN_* that hold of this variable, padded to a multiple of 4; keys of the index */
	size_t count, cap, key_count, key_cap;
	uint64_t bits;           /* of the tokens */
	uint32_t self;           /* number of the uid itself in the set; UINT32_MAX: unknown */
	uint32_t type;           /* number of its type's name in the set; UINT32_MAX: unknown */
};

/* Whether the token holds. */
RX_INLINE bool rxc_known_holds(const struct rxc_known *known, uint32_t token)
{
	const uint32_t *tokens = known->tokens;
	uint32_t found = 0;

	if (!(known->bits & rxc_token_bit(token)))
		return false;
	for (size_t i = 0; i < known->count; i += 4)
		found |= (uint32_t)(tokens[i] == token) | (uint32_t)(tokens[i + 1] == token) | (uint32_t)(tokens[i + 2] == token) |
			 (uint32_t)(tokens[i + 3] == token);
	return found != 0;
}

/* Puts entries that are all tried into an order that is quick to try (index_order.c); as they are when memory refuses. */
void rxc_index_order(struct rx_memory *memory, struct rxc_entry *entries, size_t count);

/* Gives back the index of a set (if any) and marks it as not built. */
void rxc_index_free(struct rexi_cedar_policies *set);

#endif
