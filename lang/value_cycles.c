/*
 * Cycles through shared variables: a closure can be held by what it captures. Counting does not find them; this does, by
 * trial: references that come from inside are taken off all that hangs on shared variables, and what then has references
 * left is held from outside (a register, a host's value), with all that it leads to. The rest hold only each other.
 */
#include <config.h>

#include "lang/value.h"

#include "base/banned.h"

/* head.flags of containers, during a collection only */
#define SEEN 0x40U
#define LIVE 0x80U

#define WORK_PER_CELL 64U   /* objects looked at for each shared variable that was made since */
#define BYTES_PER_WORK 16U  /* the same by memory */
#define SLACK 4096U         /* shared variables a run may make before it is looked at in its midst */
#define SLACK_BYTES ((size_t)4 << 20)

/* Every container begins with head and next, as cells do. */
struct container {
	struct rxl_object head;
	struct rxl_object *next;
};

typedef void (*visit_fn)(void *user, struct rxl_object *object);

static struct rxl_object **link_of(struct rxl_object *object)
{
	return &((struct container *)(void *)object)->next;
}

/* Each use of a container by `values`; what has no children needs no visit. */
static void each_value(const struct rxl_value *values, size_t count, visit_fn visit, void *user)
{
	for (size_t i = 0; i < count; i++)
		if (values[i].type == RXL_ARRAY || values[i].type == RXL_MAP || values[i].type == RXL_FN ||
		    values[i].type == RXL_ITER || values[i].type == RXL_CELL || values[i].type == RXL_OBJECT)
			visit(user, values[i].as.object);
}

/* Returns how much was looked at. */
static size_t each_child(const struct rxl_object *object, visit_fn visit, void *user)
{
	switch ((enum rxl_type)object->kind) {
	case RXL_ARRAY: {
		const struct rxl_array *array = (const struct rxl_array *)(const void *)object;

		each_value(array->items, array->count, visit, user);
		return 1 + (size_t)array->count;
	}
	case RXL_MAP: {
		const struct rxl_map *map = (const struct rxl_map *)(const void *)object;

		for (uint32_t i = 0; i < map->used; i++)
			each_value(&map->entries[i].value, 1, visit, user);
		return 1 + (size_t)map->used;
	}
	case RXL_FN: {
		const struct rxl_fn *fn = (const struct rxl_fn *)(const void *)object;

		each_value(fn->curry, fn->curry_count, visit, user);
		return 1 + (size_t)fn->curry_count;
	}
	case RXL_ITER:
		each_value(&((const struct rxl_iter *)(const void *)object)->source, 1, visit, user);
		return 1;
	case RXL_CELL:
		each_value(&((const struct rxl_cell *)(const void *)object)->value, 1, visit, user);
		return 1;
	default:
		/* what a host's object holds is unknown: it counts as held from outside */
		return 1;
	}
}

/* What was seen, in order, linked by `next`. */
struct seen {
	struct rxl_object *first, *last;
};

static void see(struct seen *seen, struct rxl_object *object)
{
	if (object->flags & SEEN)
		return;
	object->flags |= SEEN;
	*link_of(object) = NULL;
	if (seen->last)
		*link_of(seen->last) = object;
	else
		seen->first = object;
	seen->last = object;
}

/* Looking for a cell: what is in cells is not looked at. */
struct looked {
	struct seen *seen;
	const struct rxl_cell *cell;
	bool found;
};

static void each_held(const struct rxl_value *value, struct looked *looked)
{
	if (value->type == RXL_CELL)
		looked->found |= value->as.cell == looked->cell || (value->as.cell->head.flags & RXL_CELL_COUNTED);
	else if (value->type == RXL_ARRAY || value->type == RXL_MAP || value->type == RXL_FN)
		see(looked->seen, value->as.object);
}

static void take_off(void *user, struct rxl_object *object)
{
	object->refs--;
	see(user, object);
}

static void give_back(void *user, struct rxl_object *object)
{
	(void)user;
	object->refs++;
}

struct living {
	struct rx_memory *memory;
	struct rxl_object **stack;
	size_t count, cap, work;
	bool failed;
};

static void live(struct living *living, struct rxl_object *object)
{
	if (object->flags & LIVE)
		return;
	object->flags |= LIVE;
	if (living->failed || !RX_GROW(living->memory, &living->stack, &living->cap, living->count + 1)) {
		/* its children have not got their references back */
		object->flags &= (uint8_t)~LIVE;
		living->failed = true;
		return;
	}
	living->stack[living->count++] = object;
}

static void live_child(void *user, struct rxl_object *object)
{
	object->refs++;
	live(user, object);
}

/* Marks what is held from outside and gives the references back that come from there; *work is its size. False: out of memory. */
static bool mark(struct rx_memory *memory, const struct seen *seen, size_t *work)
{
	struct living living = { .memory = memory };

	for (struct rxl_object *object = seen->first; object && !living.failed; object = *link_of(object)) {
		if (object->refs)
			live(&living, object);
		while (living.count)
			living.work += each_child(living.stack[--living.count], live_child, &living);
	}
	rx_memory_give(memory, living.stack, living.cap * sizeof(*living.stack));
	*work = living.work;
	return !living.failed;
}

/* All counts are whole again; what was found dead is held by the list that comes back, its shared variables alone. */
static struct rxl_object *settle(const struct seen *seen, bool marked)
{
	struct rxl_object *dead = NULL, *next;

	for (struct rxl_object *object = seen->first; object; object = *link_of(object))
		if (!(object->flags & LIVE))
			each_child(object, give_back, NULL);
	for (struct rxl_object *object = seen->first; object; object = next) {
		bool is_live = object->flags & LIVE;

		next = *link_of(object);
		object->flags &= (uint8_t)~(SEEN | LIVE);
		*link_of(object) = NULL;
		if (marked && !is_live && object->kind == RXL_CELL) {
			object->refs++;
			*link_of(object) = dead;
			dead = object;
		}
	}
	return dead;
}

/* Each container once, however often and however deep it is held. */
bool rxl_value_holds(const struct rxl_value *value, const struct rxl_cell *cell)
{
	struct seen seen = { NULL, NULL };
	struct looked looked = { .seen = &seen, .cell = cell };

	each_held(value, &looked);
	for (struct rxl_object *object = seen.first; object && !looked.found; object = *link_of(object)) {
		if (object->kind == RXL_ARRAY) {
			const struct rxl_array *array = (const struct rxl_array *)(const void *)object;

			for (uint32_t i = 0; i < array->count; i++)
				each_held(&array->items[i], &looked);
		} else if (object->kind == RXL_MAP) {
			const struct rxl_map *map = (const struct rxl_map *)(const void *)object;

			for (uint32_t i = 0; i < map->used; i++)
				if (map->entries[i].key.type != RXL_UNIT)
					each_held(&map->entries[i].value, &looked);
		} else {
			const struct rxl_fn *fn = (const struct rxl_fn *)(const void *)object;

			for (uint32_t i = 0; i < fn->curry_count; i++)
				each_held(&fn->curry[i], &looked);
		}
	}
	for (struct rxl_object *object = seen.first, *next; object; object = next) {
		next = *link_of(object);
		object->flags &= (uint8_t)~SEEN;
		*link_of(object) = NULL;
	}
	return looked.found;
}

void rxl_heap_collect(struct rxl_heap *heap)
{
	struct seen seen = { NULL, NULL };
	struct rxl_object *dead;
	bool marked;

	/* inside of a release `next` has another use */
	if (heap->freeing)
		return;
	for (struct rxl_cell *cell = heap->cells; cell; cell = cell->older)
		see(&seen, &cell->head);
	for (struct rxl_object *object = seen.first; object; object = *link_of(object))
		each_child(object, take_off, &seen);
	marked = mark(&heap->memory, &seen, &heap->collected.work);
	dead = settle(&seen, marked);
	while (dead) {
		struct rxl_cell *cell = (struct rxl_cell *)(void *)dead;
		struct rxl_value value = rxl_value_take(&cell->value);

		dead = cell->next;
		cell->next = NULL;
		rxl_value_drop(heap, &value);
		if (--cell->head.refs == 0)
			rxl_object_free(heap, &cell->head);
	}
	heap->collected.cells = heap->cell_count;
	heap->collected.bytes = heap->memory.used;
}

bool rxl_heap_collect_due(const struct rxl_heap *heap, bool within_run)
{
	size_t made, most;

	if (heap->cell_count <= heap->collected.cells)
		return false;
	made = heap->cell_count - heap->collected.cells;
	most = heap->collected.work / WORK_PER_CELL;
	if (within_run) {
		most += heap->collected.cells + SLACK;
		if (heap->memory.used / 2 > heap->collected.bytes + SLACK_BYTES)
			return true;
	} else if (heap->memory.used > heap->collected.bytes &&
		   heap->memory.used - heap->collected.bytes > heap->collected.work * BYTES_PER_WORK)
		return true;
	return made > most;
}
