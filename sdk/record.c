#include <config.h>

#include "sdk/record.h"

#include <stdio.h>

#include "base/banned.h"

enum { NEST_MAX = 8 };

struct rxs_record {
	struct rxl_heap *heap;
	enum rxs_type type;
	struct rxl_value map;
};

enum rexi_status rxs_record_new(struct rxl_call *call, enum rxs_type type, struct rxl_value map, struct rxl_value *out)
{
	struct rxs_record *record = rxl_heap_take(call->heap, sizeof(*record));

	if (!record) {
		rxl_value_drop(call->heap, &map);
		return REXI_NO_MEMORY;
	}
	*record = (struct rxs_record){ call->heap, type, map };
	return rxs_object(call, type, record, out);
}

void rxs_free_record(void *payload)
{
	struct rxs_record *record = payload;

	rxl_value_drop(record->heap, &record->map);
	rxl_heap_give(record->heap, record, sizeof(*record));
}

const struct rxl_value *rxs_record_field(const struct rxs_record *record, const char *name)
{
	return rxl_map_find(&record->map, rx_str(name));
}

/* NULL when the value is no record: all types of records, and they alone, share one free function. */
static struct rxs_record *find_record(const struct rxl_value *value)
{
	return value->type == RXL_OBJECT && value->as.host->type->free == rxs_free_record ? value->as.host->payload : NULL;
}

/* The name is "get$field"; an absent field is unit. */
enum rexi_status rxs_record_get(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,
				struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	const struct rxs_record *record = find_record(self);
	const struct rxl_value *field;

	(void)session;
	(void)args;
	(void)argc;
	RX_ASSERT(record);
	field = rxs_record_field(record, rxs_call_native(call)->name + strlen("get$"));
	if (!field) { /* a field that to_map leaves out */
		char hidden[64];
		(void)snprintf(hidden, sizeof(hidden), "@%s", rxs_call_native(call)->name + strlen("get$"));
		field = rxs_record_field(record, hidden);
	}
	if (field)
		*out = rxl_value_copy(field);
	return REXI_OK;
}

static enum rexi_status plain(struct rxl_call *call, const struct rxl_value *value, unsigned depth, bool names,
			      struct rxl_value *out);

static enum rexi_status plain_map(struct rxl_call *call, const struct rxl_value *map, unsigned depth, bool names,
				  struct rxl_value *out)
{
	const struct rxl_entry *entries = rxl_map_entries(call->heap, map);
	size_t count = rxl_map_count(map);

	if (count && !entries)
		return REXI_NO_MEMORY;
	RX_TRY(rxl_map_new(call->heap, count, out));
	for (size_t i = 0; i < count; i++) {
		struct rxl_value item = rxl_unit();
		if (rx_str_starts(rxl_string_view(&entries[i].key), RX_STR("@")))
			continue;
		RX_TRY(plain(call, &entries[i].value, depth, names, &item));
		RX_TRY(rxl_map_put(call->heap, out, rxl_string_view(&entries[i].key), item));
	}
	return REXI_OK;
}

/* What an object shows as. */
static enum rexi_status name_of(struct rxl_call *call, const struct rxl_value *value, struct rxl_value *out)
{
	struct rx_buf text;

	rx_buf_init(&text, &call->heap->memory, 0);
	value->as.host->type->display(value->as.host->payload, &text, false);
	return rxl_string_from_buf(call->heap, &text, out);
}

/* Records nested in arrays become maps too; names: other objects their names. */
static enum rexi_status plain(struct rxl_call *call, const struct rxl_value *value, unsigned depth, bool names,
			      struct rxl_value *out)
{
	const struct rxs_record *record = find_record(value);

	if (names && value->type == RXL_OBJECT && (!record || record->type == RXS_TYPE_SocketAddr))
		return name_of(call, value, out);

	if (depth > NEST_MAX || (!record && value->type != RXL_ARRAY)) {
		*out = rxl_value_copy(value);
		return REXI_OK;
	}
	if (record)
		return plain_map(call, &record->map, depth + 1, names, out);
	RX_TRY(rxl_array_new(call->heap, rxl_array_count(value), out));
	for (size_t i = 0; i < rxl_array_count(value); i++) {
		struct rxl_value item = rxl_unit();
		RX_TRY(plain(call, &rxl_array_items(value)[i], depth + 1, names, &item));
		RX_TRY(rxl_array_push(call->heap, out, item));
	}
	return REXI_OK;
}

static enum rexi_status to_map(struct rxl_call *call, const struct rxl_value *self, bool names, struct rxl_value *out)
{
	struct rxl_value map = rxl_unit();
	enum rexi_status status = plain(call, self, 0, names, &map);

	if (status != REXI_OK) {
		rxl_value_drop(call->heap, &map);
		return status;
	}
	*out = map;
	return REXI_OK;
}

enum rexi_status rxs_record_to_map(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,
				   struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	(void)session;
	(void)args;
	(void)argc;
	return to_map(call, self, false, out);
}

enum rexi_status rxs_record_to_names(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,
				     struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	(void)session;
	(void)args;
	(void)argc;
	return to_map(call, self, true, out);
}

void rxs_show_record(const void *payload, struct rx_buf *out, bool debug)
{
	const struct rxs_record *record = payload;

	(void)debug;
	rxl_value_debug(&record->map, out);
}
