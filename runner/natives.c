#include <config.h>

#include "runner/natives.h"

#include "lang/engine.h"

/* A builder is its fields; setters answer with a changed copy, as the reference's take the builder by value. */
enum { FIELD_NAME, FIELD_VALUE, FIELD_UNIT, FIELD_DIMENSIONS, FIELD_COUNT };
enum { ALARM_TYPE, ALARM_DETAILS };

struct builder {
	struct rxl_heap *heap;
	struct rxl_value fields[FIELD_COUNT];
};

static const char *const units[] = { "UNDEFINED", "COUNT", "TIME", "MEGABYTES", "PERCENT" };

static void builder_free(void *payload)
{
	struct builder *builder = payload;
	struct rxl_heap *heap = builder->heap;

	for (int i = 0; i < FIELD_COUNT; i++)
		rxl_value_drop(heap, &builder->fields[i]);
	rxl_heap_give(heap, builder, sizeof(*builder));
}

static void unit_display(const void *payload, struct rx_buf *out, bool debug)
{
	const char *name = ((const char *const *)payload)[0];

	(void)debug;
	rx_buf_bytes(out, name, strlen(name));
}

static bool unit_equal(const void *a, const void *b)
{
	return a == b;
}

static const struct rxr_natives *natives_of(const struct rxl_call *call)
{
	return rxl_call_data(call);
}

static const struct rxl_class *class_of(const struct rxl_call *call, enum rxr_class which)
{
	return &natives_of(call)->classes[which];
}

/* A new object of `which`, a copy of `from` (NULL: empty) with one field replaced; owns value. */
static enum rexi_status make(struct rxl_call *call, enum rxr_class which, const struct builder *from, int field,
			     struct rxl_value value, struct rxl_value *out)
{
	struct builder *builder = rxl_heap_take(call->heap, sizeof(*builder));

	if (!builder) {
		rxl_value_drop(call->heap, &value);
		return REXI_NO_MEMORY;
	}
	builder->heap = call->heap;
	for (int i = 0; i < FIELD_COUNT; i++)
		builder->fields[i] = from ? rxl_value_copy(&from->fields[i]) : rxl_unit();
	if (field >= 0)
		rxl_value_set(call->heap, &builder->fields[field], value);
	return rxl_object_new(call->heap, class_of(call, which), builder, out);
}

static const struct builder *self_of(struct rxl_call *call, const struct rxl_value *self, enum rxr_class which)
{
	return rxl_object_payload(self, class_of(call, which));
}

/* ---- logs ---- */

static enum rexi_status log_text(struct rxl_call *call, enum rxr_level level, struct rexi_str text)
{
	const struct rxr_natives *natives = natives_of(call);
	uint32_t line, column;

	rxl_call_position(call, &line, &column);
	rxr_report_log(natives->report, level, line, NULL, text);
	if (natives->report->failed)
		return REXI_NO_MEMORY;
	return natives->logged ? natives->logged(natives->user, call) : REXI_OK;
}

#define LOG_NATIVE(name, level)                                                                                       \
	static enum rexi_status log_##name(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args,     \
					   unsigned argc, struct rxl_value *out)                                      \
	{                                                                                                             \
		(void)args, (void)argc, (void)out;                                                                    \
		return log_text(call, level, rxl_string_view(self));                                                  \
	}
LOG_NATIVE(error, RXR_LEVEL_ERROR)
LOG_NATIVE(warn, RXR_LEVEL_WARN)
LOG_NATIVE(info, RXR_LEVEL_INFO)
LOG_NATIVE(trace, RXR_LEVEL_TRACE)

/* A string is logged as it is; other values in their debug form. */
static enum rexi_status log_debug(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc,
				  struct rxl_value *out)
{
	enum rexi_status status = REXI_OK;
	struct rx_buf text;

	(void)args, (void)argc, (void)out;
	if (!self)
		return log_text(call, RXR_LEVEL_DEBUG, RX_STR(""));
	if (rxl_is_string(self))
		return log_text(call, RXR_LEVEL_DEBUG, rxl_string_view(self));
	if (natives_of(call)->report->level < RXR_LEVEL_DEBUG)
		return REXI_OK;
	rx_buf_init(&text, &call->heap->memory, 0);
	status = rxl_call_debug_text(call, self, &text);
	if (status == REXI_OK)
		status = text.failed ? REXI_NO_MEMORY : log_text(call, RXR_LEVEL_DEBUG, rx_buf_view(&text));
	rx_buf_fini(&text);
	return status;
}

/* ---- alarms ---- */

static enum rexi_status alarm_new(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc,
				  struct rxl_value *out)
{
	(void)self, (void)args, (void)argc;
	return make(call, RXR_ALARM_BUILDER, NULL, -1, rxl_unit(), out);
}

static enum rexi_status alarm_type(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc,
				   struct rxl_value *out)
{
	(void)argc;
	return make(call, RXR_ALARM_BUILDER, self_of(call, self, RXR_ALARM_BUILDER), ALARM_TYPE, rxl_value_take(&args[0]), out);
}

static enum rexi_status alarm_details(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc,
				      struct rxl_value *out)
{
	(void)argc;
	return make(call, RXR_ALARM_BUILDER, self_of(call, self, RXR_ALARM_BUILDER), ALARM_DETAILS, rxl_value_take(&args[0]),
		    out);
}

/* Names that begin with rex, in any case, are the runner's own. */
static bool is_reserved(struct rexi_str name)
{
	return name.len >= 3 && (name.ptr[0] | 0x20) == 'r' && (name.ptr[1] | 0x20) == 'e' && (name.ptr[2] | 0x20) == 'x';
}

static enum rexi_status alarm_publish(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc,
				      struct rxl_value *out)
{
	const struct builder *builder = self_of(call, self, RXR_ALARM_BUILDER);
	struct rxr_report *report = natives_of(call)->report;
	struct rexi_str type, details = { NULL, 0 };

	(void)args, (void)argc, (void)out;
	if (!rxl_is_string(&builder->fields[ALARM_TYPE]))
		return rxl_raise_message(call, "`alarm_type` must be initialized");
	type = rxl_string_view(&builder->fields[ALARM_TYPE]);
	if (is_reserved(type))
		return rxl_raise_message(call, "Invalid alarm type '%.*s': Script alarms cannot start with Rex", RX_STR_ARG(type));
	if (report->alarm_count >= RXR_ALARMS)
		return rxl_raise_message(call, "more than %d alarms", RXR_ALARMS);
	if (rxl_is_string(&builder->fields[ALARM_DETAILS]))
		details = rxl_string_view(&builder->fields[ALARM_DETAILS]);
	rxr_report_alarm(report, type, details);
	return report->failed ? REXI_NO_MEMORY : REXI_OK;
}

/* ---- metrics ---- */

static enum rexi_status metric_new(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc,
				   struct rxl_value *out)
{
	(void)self, (void)args, (void)argc;
	return make(call, RXR_METRIC_BUILDER, NULL, -1, rxl_unit(), out);
}

static enum rexi_status metric_set(struct rxl_call *call, const struct rxl_value *self, struct rxl_value *arg, int field,
				   struct rxl_value *out)
{
	return make(call, RXR_METRIC_BUILDER, self_of(call, self, RXR_METRIC_BUILDER), field, rxl_value_take(arg), out);
}

#define METRIC_SETTER(name, field)                                                                                      \
	static enum rexi_status metric_##name(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args,    \
					      unsigned argc, struct rxl_value *out)                                     \
	{                                                                                                               \
		(void)argc;                                                                                             \
		return metric_set(call, self, &args[0], field, out);                                                    \
	}
METRIC_SETTER(name, FIELD_NAME)
METRIC_SETTER(value, FIELD_VALUE)
METRIC_SETTER(unit, FIELD_UNIT)
METRIC_SETTER(dimensions, FIELD_DIMENSIONS)

/* The dimensions object of a metric as borrowed texts; *count 0 when there is none. */
static enum rexi_status read_dimensions(struct rxl_call *call, const struct rxl_value *object, struct rxr_dimension **out,
					size_t *count)
{
	const struct builder *builder = object->type == RXL_OBJECT ? rxl_object_payload(object, class_of(call, RXR_DIMENSIONS))
								   : NULL;
	const struct rxl_entry *entries;

	*out = NULL;
	*count = 0;
	if (!builder || builder->fields[0].type != RXL_MAP || !rxl_map_count(&builder->fields[0]))
		return REXI_OK;
	entries = rxl_map_entries(call->heap, &builder->fields[0]);
	*out = rxl_heap_take(call->heap, rxl_map_count(&builder->fields[0]) * sizeof(**out));
	if (!entries || !*out)
		return REXI_NO_MEMORY;
	*count = rxl_map_count(&builder->fields[0]);
	for (size_t i = 0; i < *count; i++) {
		struct rexi_str key = rxl_string_view(&entries[i].key), value = rxl_string_view(&entries[i].value);

		(*out)[i].key = (struct rxr_text){ (char *)(uintptr_t)key.ptr, key.len };
		(*out)[i].value = (struct rxr_text){ (char *)(uintptr_t)value.ptr, value.len };
	}
	return REXI_OK;
}

static enum rexi_status metric_publish(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc,
				       struct rxl_value *out)
{
	const struct builder *builder = self_of(call, self, RXR_METRIC_BUILDER);
	struct rxr_report *report = natives_of(call)->report;
	struct rxr_dimension *dimensions;
	struct rexi_str name;
	size_t count;
	enum rexi_status status;

	(void)args, (void)argc, (void)out;
	if (!rxl_is_string(&builder->fields[FIELD_NAME]))
		return rxl_raise_message(call, "`metric_name` must be initialized");
	if (builder->fields[FIELD_VALUE].type != RXL_FLOAT)
		return rxl_raise_message(call, "`metric_value` must be initialized");
	if (builder->fields[FIELD_UNIT].type != RXL_OBJECT)
		return rxl_raise_message(call, "`metric_unit` must be initialized");
	name = rxl_string_view(&builder->fields[FIELD_NAME]);
	if (is_reserved(name))
		return rxl_raise_message(call, "Invalid metric name '%.*s': Script metrics cannot start with Rex",
					 RX_STR_ARG(name));
	if (report->metric_count >= RXR_ALARMS)
		return rxl_raise_message(call, "more than %d metrics", RXR_ALARMS);
	status = read_dimensions(call, &builder->fields[FIELD_DIMENSIONS], &dimensions, &count);
	if (status == REXI_OK)
		rxr_report_metric(report, name, builder->fields[FIELD_VALUE].as.f,
				  ((const char *const *)builder->fields[FIELD_UNIT].as.host->payload)[0], dimensions, count);
	if (dimensions)
		rxl_heap_give(call->heap, dimensions, count * sizeof(*dimensions));
	return status == REXI_OK && report->failed ? REXI_NO_MEMORY : status;
}

static enum rexi_status dimensions_new(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc,
				       struct rxl_value *out)
{
	struct rxl_value map = rxl_unit();

	(void)self, (void)args, (void)argc;
	RX_TRY(rxl_map_new(call->heap, 0, &map));
	return make(call, RXR_DIMENSIONS_BUILDER, NULL, 0, map, out);
}

static enum rexi_status dimensions_add(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc,
				       struct rxl_value *out)
{
	const struct builder *builder = self_of(call, self, RXR_DIMENSIONS_BUILDER);
	struct rxl_value map = rxl_value_copy(&builder->fields[0]);
	enum rexi_status status;

	(void)argc;
	status = rxl_map_put(call->heap, &map, rxl_string_view(&args[0]), rxl_value_take(&args[1]));
	if (status != REXI_OK) {
		rxl_value_drop(call->heap, &map);
		return status;
	}
	return make(call, RXR_DIMENSIONS_BUILDER, builder, 0, map, out);
}

static enum rexi_status dimensions_build(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc,
					 struct rxl_value *out)
{
	(void)args, (void)argc;
	return make(call, RXR_DIMENSIONS, self_of(call, self, RXR_DIMENSIONS_BUILDER), -1, rxl_unit(), out);
}

static enum rexi_status unit_to_string(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc,
				       struct rxl_value *out)
{
	(void)args, (void)argc;
	return rxl_string_new(call->heap, rx_str(((const char *const *)self->as.host->payload)[0]), out);
}

static const struct rxl_native table[] = {
#define RXR_NATIVE(name, params, fn, flags, help) { name, params, fn, flags, help, NULL },
#include "runner/natives.def"
#undef RXR_NATIVE
};

#include "runner/natives_index.inc"

static const struct rxl_native *library_row(void *user, unsigned n, struct rxl_native *space)
{
	*space = table[n];
	space->data = user;
	return space;
}

static bool library_has_module(struct rexi_str name)
{
	return rx_str_eq(name, RX_STR("MetricUnitType"));
}

static enum rexi_status library_module(struct rxl_engine *engine, void *user, struct rxl_module *module, struct rexi_str name)
{
	struct rxr_natives *natives = (struct rxr_natives *)user;

	(void)name;
	for (size_t i = 0; i < RX_COUNT(units); i++) {
		struct rxl_value value = rxl_unit();

		RX_TRY(rxl_object_new(&engine->heap, &natives->classes[RXR_UNIT_TYPE], (void *)(uintptr_t)&units[i],
				      &value));
		RX_TRY(rxl_module_const(engine, module, units[i], value));
	}
	return REXI_OK;
}

static const struct rxl_library library = {
	.index = &index_of_names, .row = library_row, .has_module = library_has_module, .module = library_module
};

enum rexi_status rxr_natives_register(struct rxr_natives *natives, struct rxl_engine *engine, struct rexi_error *err)
{
	static const char *const names[] = {
#define RXR_CLASS(id, name) name,
		RXR_CLASS_LIST(RXR_CLASS)
#undef RXR_CLASS
	};

	for (int i = 0; i < RXR_CLASSES; i++) {
		struct rxl_class *type = &natives->classes[i];

		*type = (struct rxl_class){ .path = names[i], .name = names[i], .free = builder_free };
		if (i == RXR_UNIT_TYPE) {
			type->free = NULL;
			type->display = unit_display;
			type->equal = unit_equal;
		}
		RX_TRY(rxl_engine_type(engine, type, err));
	}
	return rxl_engine_attach(engine, &library, natives, natives->classes[0].id, err);
}
