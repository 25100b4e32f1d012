/* Capabilities: what a condition has established about attributes and tags. Source: spec/cedar.md, section 7.4. */
#include <config.h>

#include "cedar/validate_check.h"
#include "cedar/walk.h"

#include "base/banned.h"

static uint64_t mix_ptr(uint64_t hash, const void *ptr)
{
	return rx_hash_mix(hash, (uint64_t)(uintptr_t)ptr);
}

/* Names and uids are interned in the policy set, so their addresses stand for them. Records are equal whatever the order
 * of their keys, so only their number counts. */
static uint64_t hash_expr(const struct rxc_expr *expr)
{
	uint64_t hash = rx_hash_mix(expr->kind, expr->sub);
	const struct rxc_expr *part;

	switch ((enum rxc_expr_kind)expr->kind) {
	case RXC_BOOL:
	case RXC_LONG: return rx_hash_mix(hash, (uint64_t)expr->integer);
	case RXC_STRING: return rx_hash_mix(hash, rx_hash_bytes(expr->text.ptr, expr->text.len, 0));
	case RXC_UID: return mix_ptr(hash, expr->uid);
	case RXC_RECORD: return rx_hash_mix(hash, expr->count);
	case RXC_ATTR:
	case RXC_HAS:
	case RXC_IS: hash = mix_ptr(hash, expr->name); break;
	default: break;
	}
	for (uint32_t i = 0; (part = rxc_expr_part(expr, i)) != NULL; i++)
		hash = rx_hash_mix(hash, hash_expr(part));
	return hash;
}

static bool same_pattern(const struct rxc_pattern *a, const struct rxc_pattern *b)
{
	if (a->part_count != b->part_count)
		return false;
	for (uint32_t i = 0; i < a->part_count; i++)
		if (a->parts[i].wildcards != b->parts[i].wildcards || !rx_str_eq(a->parts[i].text, b->parts[i].text))
			return false;
	return true;
}

/* Records are equal whatever the order of their keys. */
static bool same_fields(const struct rxc_expr *a, const struct rxc_expr *b)
{
	for (uint32_t i = 0; i < a->count; i++) {
		uint32_t j = 0;

		while (j < b->count && !rxc_name_eq(a->fields[i].name, b->fields[j].name))
			j++;
		if (j == b->count || !rxc_expr_same(a->fields[i].value, b->fields[j].value))
			return false;
	}
	return true;
}

/* What a node is beside its parts. */
static bool same_node(const struct rxc_expr *a, const struct rxc_expr *b)
{
	if (a->kind != b->kind || a->sub != b->sub || a->count != b->count)
		return false;
	switch ((enum rxc_expr_kind)a->kind) {
	case RXC_BOOL:
	case RXC_LONG: return a->integer == b->integer;
	case RXC_STRING: return rx_str_eq(a->text, b->text);
	case RXC_UID: return rxc_uid_eq(&a->uid->uid, &b->uid->uid);
	case RXC_ATTR:
	case RXC_HAS:
	case RXC_IS: return rxc_name_eq(a->name, b->name);
	case RXC_HAS_PATH:
		for (uint32_t i = 0; i < a->count; i++)
			if (!rxc_name_eq(a->names[i], b->names[i]))
				return false;
		return true;
	case RXC_LIKE: return same_pattern(a->pattern, b->pattern);
	case RXC_IS_IN: return rxc_name_eq(a->is_in->type, b->is_in->type);
	default: return true;
	}
}

bool rxc_expr_same(const struct rxc_expr *a, const struct rxc_expr *b)
{
	const struct rxc_expr *part;

	if (a == b)
		return true;
	if (!same_node(a, b))
		return false;
	if (a->kind == RXC_RECORD)
		return same_fields(a, b);
	for (uint32_t i = 0; (part = rxc_expr_part(a, i)) != NULL; i++)
		if (!rxc_expr_same(part, rxc_expr_part(b, i)))
			return false;
	return true;
}

static bool has_cap(struct rxc_caps caps, uint64_t hash, const struct rxc_expr *on, const struct rexi_cedar_name *attr,
		    const struct rxc_expr *tag)
{
	for (const struct rxc_cap *cap = caps.first; cap; cap = cap->next) {
		if (cap->hash != hash || (cap->attr == NULL) != (attr == NULL) || !rxc_expr_same(cap->on, on))
			continue;
		if (attr ? rxc_name_eq(cap->attr, attr) : rxc_expr_same(cap->tag, tag))
			return true;
	}
	return false;
}

static uint64_t cap_hash(const struct rxc_expr *on, const struct rexi_cedar_name *attr, const struct rxc_expr *tag)
{
	return attr ? mix_ptr(hash_expr(on), attr) : rx_hash_mix(hash_expr(on), hash_expr(tag));
}

bool rxc_caps_has_attr(struct rxc_caps caps, const struct rxc_expr *on, const struct rexi_cedar_name *attr)
{
	return caps.first && has_cap(caps, cap_hash(on, attr, NULL), on, attr, NULL);
}

bool rxc_caps_has_tag(struct rxc_caps caps, const struct rxc_expr *on, const struct rxc_expr *tag)
{
	return caps.first && has_cap(caps, cap_hash(on, NULL, tag), on, NULL, tag);
}

static struct rxc_caps with(struct rxc_check *check, struct rxc_caps caps, const struct rxc_cap *cap)
{
	struct rxc_cap *copy = RX_ARENA_NEW(&check->scratch, struct rxc_cap);

	if (!copy) {
		rxc_check_no_memory(check);
		return caps;
	}
	*copy = *cap;
	copy->next = caps.first;
	return (struct rxc_caps){ copy, caps.count + 1 };
}

struct rxc_caps rxc_caps_one(struct rxc_check *check, const struct rxc_expr *on, const struct rexi_cedar_name *attr,
			     const struct rxc_expr *tag)
{
	struct rxc_cap cap = { cap_hash(on, attr, tag), on, attr, tag, NULL };

	return with(check, RXC_NO_CAPS, &cap);
}

/* The smaller set is copied before the larger one. */
struct rxc_caps rxc_caps_union(struct rxc_check *check, struct rxc_caps a, struct rxc_caps b)
{
	struct rxc_caps large = a.count < b.count ? b : a, small = a.count < b.count ? a : b;

	if (small.first == large.first)
		return large;
	for (const struct rxc_cap *cap = small.first; cap; cap = cap->next)
		large = with(check, large, cap);
	return large;
}

struct rxc_caps rxc_caps_intersection(struct rxc_check *check, struct rxc_caps a, struct rxc_caps b)
{
	struct rxc_caps both = RXC_NO_CAPS;

	for (const struct rxc_cap *cap = a.first; cap && b.first; cap = cap->next)
		if (has_cap(b, cap->hash, cap->on, cap->attr, cap->tag))
			both = with(check, both, cap);
	return both;
}
