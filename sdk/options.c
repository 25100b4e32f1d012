#include <config.h>

#include "sdk/options.h"

#include "sdk/execute.h"
#include "sdk/builders.h"
#include "sdk/system.h"

#include "base/banned.h"

enum missing { MISSING_WORDS, MISSING_TICKS, MISSING_BARE };
enum field_kind { FIELD_BOOL, FIELD_INT, FIELD_STRING, FIELD_ARRAY, FIELD_MAP, FIELD_OBJECT };

struct field_row {
	const char *name;
	enum rxs_builder builder;
	enum field_kind kind;
	const char *type; /* as in parameter lists */
	int64_t fallback;
	bool required;
	rxs_option_set_fn set;
	const char *help;
};

struct builder_row {
	const char *name;
	enum missing missing;
	rxs_option_check_fn check;
	const char *help;
	enum rxs_type built, building;
};

#define BOOL FIELD_BOOL, "bool"
#define INT FIELD_INT, "int"
#define STRING FIELD_STRING, "string"
#define ARRAY FIELD_ARRAY, "array"
#define MAP FIELD_MAP, "map"
#define OBJECT(name) FIELD_OBJECT, #name
#define OPTIONS(name) FIELD_OBJECT, #name

static const struct field_row field_rows[RXS_OPTION_COUNT] = {
#define RXS_BUILDER(name, missing, check, help)
#define RXS_FIELD(builder, field, type, fallback, required, set, help) \
	{ #field, RXS_BUILDER_##builder, type, fallback, required, set, help },
#include "sdk/options.def"
#undef RXS_BUILDER
#undef RXS_FIELD
};

#undef BOOL
#undef INT
#undef STRING
#undef ARRAY
#undef MAP
#undef OBJECT
#undef OPTIONS

static const struct builder_row builder_rows[RXS_BUILDER_COUNT] = {
#define RXS_BUILDER(name, missing, check, help) \
	{ #name, MISSING_##missing, check, help, RXS_TYPE_##name, RXS_TYPE_##name##_builder },
#define RXS_FIELD(builder, field, type, fallback, required, set, help)
#include "sdk/options.def"
#undef RXS_BUILDER
#undef RXS_FIELD
};

/* Fields of one builder stand together in the table. */
static void builder_range(enum rxs_builder builder, size_t *first, size_t *count)
{
	size_t at = 0, end;

	while (at < RXS_OPTION_COUNT && field_rows[at].builder != builder)
		at++;
	for (end = at; end < RXS_OPTION_COUNT && field_rows[end].builder == builder;)
		end++;
	*first = at;
	*count = end - at;
}

bool rxs_builder_option(struct rexi_str builder, size_t index, struct rxs_option_info *out)
{
	for (size_t i = 0; i < RXS_BUILDER_COUNT; i++) {
		size_t first, count;
		const struct field_row *row;

		if (!rx_str_eq(rx_str(builder_rows[i].name), builder))
			continue;
		builder_range((enum rxs_builder)i, &first, &count);
		if (index >= count)
			return false;
		row = &field_rows[first + index];
		*out = (struct rxs_option_info){ row->name, row->type, row->help, row->fallback, row->required };
		return true;
	}
	return false;
}

struct rxs_options {
	struct rxl_heap *heap;
	enum rxs_builder builder;
	uint32_t first, count;
	uint64_t set;
	struct rxl_value values[];
};

static size_t options_size(size_t count)
{
	return sizeof(struct rxs_options) + count * sizeof(struct rxl_value);
}

static struct rxs_options *options_new(struct rxl_heap *heap, enum rxs_builder builder)
{
	struct rxs_options *options;
	size_t first, count;

	builder_range(builder, &first, &count);
	options = (struct rxs_options *)rxl_heap_take(heap, options_size(count));
	if (!options)
		return NULL;
	memset(options, 0, options_size(count));
	options->heap = heap;
	options->builder = builder;
	options->first = (uint32_t)first;
	options->count = (uint32_t)count;
	return options;
}

static struct rxs_options *options_copy(const struct rxs_options *options)
{
	struct rxs_options *copy = (struct rxs_options *)rxl_heap_take(options->heap, options_size(options->count));

	if (!copy)
		return NULL;
	memcpy(copy, options, options_size(options->count));
	for (uint32_t i = 0; i < copy->count; i++)
		copy->values[i] = rxl_value_copy(&options->values[i]);
	return copy;
}

void rxs_options_free(void *payload)
{
	struct rxs_options *options = (struct rxs_options *)payload;

	if (!options)
		return;
	for (uint32_t i = 0; i < options->count; i++)
		rxl_value_drop(options->heap, &options->values[i]);
	rxl_heap_give(options->heap, options, options_size(options->count));
}

/* "OpenFileOptions(read: true, create: true)": what was set. */
void rxs_options_show(const void *payload, struct rx_buf *out, bool debug)
{
	const struct rxs_options *options = (const struct rxs_options *)payload;
	bool first = true;

	(void)debug;
	rx_buf_str(out, rx_str(builder_rows[options->builder].name));
	rx_buf_byte(out, '(');
	for (uint32_t i = 0; i < options->count; i++) {
		if (!(options->set >> i & 1))
			continue;
		if (!first)
			RX_BUF_LIT(out, ", ");
		first = false;
		rx_buf_printf(out, "%s: ", field_rows[options->first + i].name);
		rxl_value_debug(&options->values[i], out);
	}
	rx_buf_byte(out, ')');
}

/* ---- reading ------------------------------------------------------------------------------------------------------------- */

const struct rxs_options *rxs_options_need(struct rxl_call *call, const struct rxl_value *value)
{
	(void)call;
	RX_ASSERT(value->type == RXL_OBJECT);
	return (const struct rxs_options *)value->as.host->payload;
}

static size_t slot_of(const struct rxs_options *options, enum rxs_option option)
{
	RX_ASSERT((size_t)option >= options->first && (size_t)option - options->first < options->count);
	return (size_t)option - options->first;
}

bool rxs_option_is_set(const struct rxs_options *options, enum rxs_option option)
{
	return options->set >> slot_of(options, option) & 1;
}

int64_t rxs_option_int(const struct rxs_options *options, enum rxs_option option)
{
	size_t slot = slot_of(options, option);

	return options->set >> slot & 1 ? options->values[slot].as.i : field_rows[option].fallback;
}

bool rxs_option_bool(const struct rxs_options *options, enum rxs_option option)
{
	size_t slot = slot_of(options, option);

	return options->set >> slot & 1 ? options->values[slot].as.b : field_rows[option].fallback != 0;
}

const struct rxl_value *rxs_option_value(const struct rxs_options *options, enum rxs_option option)
{
	size_t slot = slot_of(options, option);

	return options->set >> slot & 1 ? &options->values[slot] : NULL;
}

struct rexi_str rxs_option_str(const struct rxs_options *options, enum rxs_option option)
{
	const struct rxl_value *value = rxs_option_value(options, option);

	return value ? rxl_string_view(value) : rx_str_make(NULL, 0);
}

enum rexi_status rxs_option_store(struct rxl_call *call, struct rxs_options *options, enum rxs_option option,
				  struct rxl_value *value)
{
	size_t slot = slot_of(options, option);

	rxl_value_set(call->heap, &options->values[slot], rxl_value_take(value));
	options->set |= UINT64_C(1) << slot;
	return REXI_OK;
}

/* ---- setters' and build's own rules ---------------------------------------------------------------------------------------- */

static enum rexi_status fail_setter(struct rxs_session *session, enum rxs_option option)
{
	return rxs_fail_text(session, "Parameter conversion failed for %s: out of range integral type conversion attempted",
			     field_rows[option].name);
}

enum rexi_status rxs_set_unsigned(struct rxs_session *session, struct rxl_call *call, struct rxs_options *options,
				  enum rxs_option option, struct rxl_value *value)
{
	if (value->as.i < 0)
		return fail_setter(session, option);
	return rxs_option_store(call, options, option, value);
}

enum rexi_status rxs_set_u32(struct rxs_session *session, struct rxl_call *call, struct rxs_options *options,
			     enum rxs_option option, struct rxl_value *value)
{
	if (value->as.i < 0 || value->as.i > UINT32_MAX)
		return fail_setter(session, option);
	return rxs_option_store(call, options, option, value);
}

/* create(true) sets write at that moment; a later write(false) undoes it. */
enum rexi_status rxs_set_create(struct rxs_session *session, struct rxl_call *call, struct rxs_options *options,
				enum rxs_option option, struct rxl_value *value)
{
	struct rxl_value yes = rxl_bool(true);

	(void)session;
	if (value->as.b)
		RX_TRY(rxs_option_store(call, options, RXS_OPT_OpenFileOptions_write, &yes));
	return rxs_option_store(call, options, option, value);
}

enum rexi_status rxs_set_permissions(struct rxs_session *session, struct rxl_call *call, struct rxs_options *options,
				     enum rxs_option option, struct rxl_value *value)
{
	(void)session;
	value->as.i &= 0777;
	return rxs_option_store(call, options, option, value);
}

enum rexi_status rxs_check_read_lines(struct rxs_session *session, const struct rxs_options *options)
{
	if (rxs_option_is_set(options, RXS_OPT_ReadLinesOptions_start) &&
	    rxs_option_int(options, RXS_OPT_ReadLinesOptions_start) < 1)
		return rxs_fail_text(session, "Invalid line to start reading from: must be a positive integer greater than 1 (>= 1): "
				     "%lld", (long long)rxs_option_int(options, RXS_OPT_ReadLinesOptions_start));
	return REXI_OK;
}

enum rexi_status rxs_check_read_page(struct rxs_session *session, const struct rxs_options *options)
{
	if (rxs_option_int(options, RXS_OPT_ReadPageOptions_num_lines) == 0)
		return rxs_fail_text(session,
				     "Read page options require the num_lines option to be set and greater than zero: 0");
	return REXI_OK;
}

enum rexi_status rxs_check_find(struct rxs_session *session, const struct rxs_options *options)
{
	bool name = rxs_option_is_set(options, RXS_OPT_FindOptions_name);
	bool iname = rxs_option_is_set(options, RXS_OPT_FindOptions_iname);
	bool regex = rxs_option_is_set(options, RXS_OPT_FindOptions_regex);
	const struct rxl_value *range = rxs_option_value(options, RXS_OPT_FindOptions_size_range);

	if (name + iname + regex > 1)
		return rxs_fail_text(session, "Validation error: Only one of 'name', 'iname', or 'regex' can be specified");
	if (rxs_option_bool(options, RXS_OPT_FindOptions_negate_name) && !name && !iname)
		return rxs_fail_text(session,
				     "Validation error: negate_name can only be used with 'name' or 'iname' patterns");
	if (range) {
		const struct rxs_size_range *sizes = (const struct rxs_size_range *)range->as.host->payload;

		if (sizes->has_min && sizes->min < 0)
			return rxs_fail_text(session, "Validation error: Size range minimum must be non-negative");
		if (sizes->has_max && sizes->max < 0)
			return rxs_fail_text(session, "Validation error: Size range maximum must be non-negative");
	}
	return REXI_OK;
}

enum rexi_status rxs_check_compress(struct rxs_session *session, const struct rxs_options *options)
{
	int64_t level = rxs_option_int(options, RXS_OPT_CompressGzipOptions_level);

	if (level >= 1 && level <= 9)
		return REXI_OK;
	return rxs_fail_text(session, "Validation error: Compression level must be between 1 and 9, got %lld",
			     (long long)level);
}

enum rexi_status rxs_check_usage(struct rxs_session *session, const struct rxs_options *options)
{
	if (rxs_option_bool(options, RXS_OPT_DiskUsageOptions_summarize) &&
	    rxs_option_bool(options, RXS_OPT_DiskUsageOptions_all_files))
		return rxs_fail_text(session, "Validation error: cannot both summarize and show all entries");
	return REXI_OK;
}

enum rexi_status rxs_check_fallocate(struct rxs_session *session, const struct rxs_options *options)
{
	if (rxs_option_int(options, RXS_OPT_FallocateOptions_length) > 0)
		return REXI_OK;
	return rxs_fail_text(session, "Validation error: Length must be greater than 0");
}

/* ---- the natives -------------------------------------------------------------------------------------------------------------- */

static enum rexi_status native_start(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,
				     struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	const struct builder_row *row = (const struct builder_row *)rxs_call_native(call)->data;
	struct rxs_options *options = options_new(call->heap, (enum rxs_builder)(row - builder_rows));

	(void)self;
	(void)args;
	(void)argc;
	return options ? rxs_object(call, row->building, options, out) : rxs_fail_memory(session);
}

static enum rexi_status native_set(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,
				   struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	const struct field_row *row = (const struct field_row *)rxs_call_native(call)->data;
	const struct builder_row *builder = &builder_rows[row->builder];
	enum rxs_option option = (enum rxs_option)(row - field_rows);
	struct rxs_options *options = (struct rxs_options *)self->as.host->payload;

	(void)argc;
	if (self->as.host->head.refs > 1) { /* another variable holds this builder: it keeps what it has */
		struct rxl_value own;

		options = options_copy(options);
		if (!options)
			return rxs_fail_memory(session);
		RX_TRY(rxs_object(call, builder->building, options, &own));
		rxl_value_set(call->heap, self, own);
	}
	RX_TRY(row->set ? row->set(session, call, options, option, &args[0]) :
			  rxs_option_store(call, options, option, &args[0]));
	*out = rxl_value_copy(self);
	return REXI_OK;
}

static enum rexi_status native_build(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,
				     struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	const struct builder_row *row = (const struct builder_row *)rxs_call_native(call)->data;
	const struct rxs_options *options = (const struct rxs_options *)self->as.host->payload;
	struct rxs_options *built;

	(void)args;
	(void)argc;
	for (uint32_t i = 0; i < options->count; i++) {
		const struct field_row *field = &field_rows[options->first + i];

		if (!field->required || options->set >> i & 1)
			continue;
		if (row->missing == MISSING_WORDS)
			return rxs_fail_text(session, "Invalid arguments: Field not initialized: %s", field->name);
		if (row->missing == MISSING_BARE)
			return rxs_fail_text(session, "Field not initialized: %s", field->name);
		return rxs_fail_text(session, "`%s` must be initialized", field->name);
	}
	if (row->check)
		RX_TRY(row->check(session, options));
	built = options_copy(options);
	return built ? rxs_object(call, row->built, built, out) : rxs_fail_memory(session);
}

/* Descriptors: one to start and one to build each builder, one for each field. */
const struct rxs_native rxs_start_rows[] = {
#define RXS_BUILDER(b, missing, check, text)                                                                        \
	{ .id = "new_" #b, .name = #b, .params = "", .result = #b " builder", .actions = "", .resource = "", .help = text, \
	  .example = "", .fn = native_start, .flags = RXL_PURE, .data = &builder_rows[RXS_BUILDER_##b] },
#define RXS_FIELD(builder, field, type, fallback, required, set, help)
#include "sdk/options.def"
#undef RXS_BUILDER
#undef RXS_FIELD
};

const struct rxs_native rxs_build_rows[] = {
#define RXS_BUILDER(b, missing, check, text)                                                                             \
	{ .id = "build_" #b, .name = "build", .params = #b "_builder", .result = #b, .actions = "", .resource = "",        \
	  .help = "checks and makes the options", .example = "", .fn = native_build, .flags = RXL_REF,                      \
	  .data = &builder_rows[RXS_BUILDER_##b] },
#define RXS_FIELD(builder, field, type, fallback, required, set, help)
#include "sdk/options.def"
#undef RXS_BUILDER
#undef RXS_FIELD
};

#define BOOL "bool"
#define INT "int"
#define STRING "string"
#define ARRAY "array"
#define MAP "map"
#define OBJECT(name) #name
#define OPTIONS(name) #name

const struct rxs_native rxs_set_rows[] = {
#define RXS_BUILDER(name, missing, check, help)
#define RXS_FIELD(b, field, type, fallback, required, set, text)                                                         \
	{ .id = "set_" #b "_" #field, .name = #field, .params = #b "_builder " type, .result = #b " builder",              \
	  .actions = "", .resource = "", .help = text, .example = "", .fn = native_set, .flags = RXL_MUT,                   \
	  .data = &field_rows[RXS_OPT_##b##_##field] },
#include "sdk/options.def"
#undef RXS_BUILDER
#undef RXS_FIELD
};
