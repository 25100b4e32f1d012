/* Looking names up in constant tables of natives. */
#include <config.h>

#include "lang/engine.h"

#include "base/error.h"
#include "base/banned.h"

static struct rxl_attached *attached_of(struct rxl_engine *engine, const struct rxl_library *library)
{
	for (uint32_t i = 0; i < engine->attached_count; i++)
		if (engine->attached[i].library == library)
			return &engine->attached[i];
	return NULL;
}

static size_t space_size(const struct rxl_library_index *index)
{
	return index->name_count * sizeof(struct rxl_overload *) +
	       index->row_count * (sizeof(struct rxl_overload) + sizeof(struct rxl_native));
}

enum rexi_status rxl_engine_attach(struct rxl_engine *engine, const struct rxl_library *library, void *user, uint16_t class_base,
				   struct rexi_error *err)
{
	const struct rxl_library_index *index = library->index;
	struct rxl_attached *attached = &engine->attached[engine->attached_count];
	char *space;

	if (engine->attached_count == RXL_LIBRARIES_MAX || engine->registered ||
	    (library->class_count && (engine->class_count || engine->fixed_class_count)))
		return rx_fail(err, REXI_INVALID, RX_NO_SPAN, "libraries are attached first");
	/* only what is looked up is ever written to, or read */
	space = (char *)rx_memory_take(&engine->heap.memory, space_size(index));
	if (!space)
		return rx_fail_memory(err);
	*attached = (struct rxl_attached){
		.library = library,
		.user = user,
		.class_base = class_base,
		.lists = (struct rxl_overload **)(void *)space,
	};
	memset(attached->lists, 0, index->name_count * sizeof(*attached->lists));
	space += index->name_count * sizeof(*attached->lists);
	attached->overloads = (struct rxl_overload *)(void *)space;
	attached->spaces = (struct rxl_native *)(void *)(space + index->row_count * sizeof(*attached->overloads));
	if (library->class_count) {
		engine->fixed_classes = library->classes;
		engine->fixed_class_count = library->class_count;
	}
	engine->attached_count++;
	return REXI_OK;
}

void rxl_libraries_free(struct rxl_engine *engine)
{
	for (uint32_t i = 0; i < engine->attached_count; i++)
		rx_memory_give(&engine->heap.memory, engine->attached[i].lists, space_size(engine->attached[i].library->index));
	engine->attached_count = 0;
}

/* The number of a name; name_count when there is none of that text. */
static unsigned index_find(const struct rxl_library_index *index, struct rexi_str name, uint32_t hash)
{
	for (unsigned at = hash & index->slot_mask; index->slots[at].name; at = (at + 1) & index->slot_mask) {
		const struct rxl_library_slot *slot = &index->slots[at];
		unsigned number = slot->name - 1U;

		if (slot->tag == (uint16_t)(hash >> 16)) {
			const char *text = index->texts + index->names[number].text;

			if (strncmp(text, name.ptr, name.len) == 0 && !text[name.len])
				return number;
		}
	}
	return index->name_count;
}

/* Each row is asked for once: there is room. */
static struct rxl_overload *overload_of(struct rxl_attached *attached, unsigned row)
{
	const struct rxl_library_index *index = attached->library->index;
	const uint16_t *params = index->params + index->params_at[row];
	unsigned at = attached->made++;
	struct rxl_overload *overload = &attached->overloads[at];

	*overload = (struct rxl_overload){
		.row = attached->library->row(attached->user, row, &attached->spaces[at]),
		.count = (uint8_t)params[0],
		.takes_fn = params[1],
	};
	for (unsigned i = 0; i < overload->count; i++) {
		uint16_t type = params[2 + i];

		overload->types[i] = type >= RXL_TYPE_COUNT && type != RXL_ANY_TYPE ? (uint16_t)(type + attached->class_base) : type;
	}
	return overload;
}

/* Adds the library's rows of a name; one with the types of an earlier library's replaces it. */
static void list_extend(struct rxl_attached *attached, unsigned name, struct rxl_overload **head)
{
	const struct rxl_library_index *index = attached->library->index;
	bool first = !*head;

	for (unsigned i = index->names[name].first; i < index->names[name + 1].first; i++) {
		struct rxl_overload *made = overload_of(attached, index->rows[i]);

		if (first) {
			*head = made;
			head = &made->next;
		} else {
			rxl_overload_enter(head, made);
		}
	}
}

static bool text_is_plain(struct rexi_str name)
{
	return name.len && name.len < UINT8_MAX && !memchr(name.ptr, 0, name.len);
}

struct rxl_overload *rxl_libraries_find(struct rxl_engine *engine, struct rexi_str name)
{
	struct rxl_overload **list = NULL;
	uint32_t hash;

	if (!engine->attached_count || !text_is_plain(name))
		return NULL;
	hash = rxl_library_hash(name.ptr, name.len);
	for (uint32_t i = 0; i < engine->attached_count; i++) {
		struct rxl_attached *attached = &engine->attached[i];
		unsigned number = index_find(attached->library->index, name, hash);

		if (number == attached->library->index->name_count)
			continue;
		if (!list) {
			list = &attached->lists[number];
			if (*list)
				return *list;
		}
		list_extend(attached, number, list);
	}
	return list ? *list : NULL;
}

const struct rxl_overload *rxl_engine_overloads_of(struct rxl_engine *engine, struct rexi_str name)
{
	rxl_symbol symbol = rxl_symbol_find(&engine->symbols, name);
	const struct rxl_overload *list;

	if (symbol)
		return rxl_engine_overloads(engine, symbol);
	list = rxl_libraries_find(engine, name);
	/* as a symbol it is found sooner next time; without memory it is found the slow way */
	if (list)
		(void)!rxl_symbol_intern(&engine->symbols, name);
	return list;
}

bool rxl_libraries_have_module(const struct rxl_engine *engine, struct rexi_str name)
{
	for (uint32_t i = 0; i < engine->attached_count; i++)
		if (engine->attached[i].library->has_module && engine->attached[i].library->has_module(name))
			return true;
	return false;
}

enum rexi_status rxl_library_module_rows(struct rxl_engine *engine, const struct rxl_library *library, struct rxl_module *module,
					 struct rexi_str name)
{
	struct rxl_attached *attached = attached_of(engine, library);
	const struct rxl_library_index *index = library->index;

	for (unsigned number = 0; number < index->name_count; number++) {
		struct rexi_str text = rx_str(index->texts + index->names[number].text);
		rxl_symbol symbol;

		if (text.len < name.len + 3 || memcmp(text.ptr, name.ptr, name.len) != 0 || text.ptr[name.len] != ':')
			continue;
		symbol = rxl_symbol_intern(&engine->symbols, rx_str_sub(text, name.len + 2, text.len));
		if (!symbol)
			return REXI_NO_MEMORY;
		for (unsigned i = index->names[number].first; i < index->names[number + 1].first; i++) {
			struct rxl_overload *made = overload_of(attached, index->rows[i]);

			made->name = symbol;
			made->next = module->overloads;
			module->overloads = made;
		}
	}
	return REXI_OK;
}

void rxl_engine_natives(struct rxl_engine *engine, void (*each)(void *user, const struct rxl_overload *overload), void *user)
{
	for (uint32_t i = 0; i < engine->attached_count; i++) {
		const struct rxl_library_index *index = engine->attached[i].library->index;

		for (unsigned number = 0; number < index->name_count; number++) {
			struct rexi_str name = rx_str(index->texts + index->names[number].text);
			uint32_t hash = rxl_library_hash(name.ptr, name.len);
			bool told = rx_str_find(name, RX_STR("::"), 0) != SIZE_MAX;

			for (uint32_t k = 0; k < i && !told; k++) {
				const struct rxl_library_index *other = engine->attached[k].library->index;

				told = index_find(other, name, hash) < other->name_count;
			}
			for (const struct rxl_overload *o = told ? NULL : rxl_engine_overloads_of(engine, name); o; o = o->next)
				each(user, o);
		}
	}
	for (rxl_symbol symbol = 1; symbol < engine->symbols.count; symbol++) {
		const struct rxl_overload *o = engine->symbols.entries[symbol].natives;

		if (o && !rxl_libraries_find(engine, rxl_symbol_text(&engine->symbols, symbol)))
			for (; o; o = o->next)
				if (o->row)
					each(user, o);
	}
}
