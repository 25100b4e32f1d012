/* Raising errors from inside the machine and from natives; errors that a handler keeps for a bare throw. */
#include <config.h>

#include "lang/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

/* ---- raising ------------------------------------------------------------------------------------------------------- */

struct rxl_call rxl_vm_call_of(struct rxl_vm *vm, struct rexi_str name)
{
	return (struct rxl_call){ .vm = vm, .heap = vm->heap, .engine = vm->engine, .name = name };
}

static enum rexi_status status_of(enum rxl_error_kind kind)
{
	switch (kind) {
	case RXL_ERROR_TERMINATED: return REXI_TERMINATED;
	case RXL_ERROR_MEMORY: return REXI_NO_MEMORY;
	case RXL_ERROR_TOO_MANY_OPERATIONS:
	case RXL_ERROR_TOO_MANY_VARIABLES:
	case RXL_ERROR_TOO_MANY_MODULES:
	case RXL_ERROR_STACK_OVERFLOW:
	case RXL_ERROR_DATA_TOO_LARGE: return REXI_LIMIT;
	default: return REXI_RUNTIME;
	}
}

struct rxl_error *rxl_error_begin(struct rxl_vm *vm, enum rxl_error_kind kind)
{
	struct rxl_error *error = rxl_error_new(vm->heap, kind);

	rxl_error_free(vm->heap, vm->error);
	vm->error = error;
	return error;
}

/* Texts of errors are not the script's: its size limits do not hold for them. */
static enum rexi_status text_new(struct rxl_heap *heap, struct rexi_str text, struct rxl_value *out)
{
	size_t most = heap->max_string;
	enum rexi_status status;

	heap->max_string = SIZE_MAX;
	status = rxl_string_new(heap, text, out);
	heap->max_string = most;
	return status;
}

static enum rexi_status text_from_buf(struct rxl_heap *heap, struct rx_buf *buf, struct rxl_value *out)
{
	enum rexi_status status = buf->failed ? REXI_NO_MEMORY : text_new(heap, rx_buf_view(buf), out);

	rx_buf_fini(buf);
	return status;
}

RX_PRINTF(3, 0) static void error_text(struct rxl_vm *vm, struct rxl_value *out, const char *format, va_list args)
{
	struct rx_buf buf;

	rx_buf_init(&buf, &vm->heap->memory, 0);
	rx_buf_vprintf(&buf, format, args);
	if (text_from_buf(vm->heap, &buf, out) != REXI_OK)
		*out = rxl_unit();
}

RX_PRINTF(3, 0) static enum rexi_status raise_text(struct rxl_vm *vm, enum rxl_error_kind kind, const char *format,
						   va_list args)
{
	struct rxl_value text;
	struct rxl_error *error;

	error_text(vm, &text, format, args);
	error = rxl_error_begin(vm, kind);
	if (!error) {
		rxl_value_drop(vm->heap, &text);
		return REXI_NO_MEMORY;
	}
	error->text = text;
	return status_of(kind);
}

enum rexi_status rxl_vm_raise(struct rxl_vm *vm, enum rxl_error_kind kind, const char *format, ...)
{
	enum rexi_status status;
	va_list args;

	va_start(args, format);
	status = raise_text(vm, kind, format, args);
	va_end(args);
	return status;
}

enum rexi_status rxl_raise_text(struct rxl_call *call, enum rxl_error_kind kind, const char *format, ...)
{
	enum rexi_status status;
	va_list args;

	va_start(args, format);
	status = raise_text(call->vm, kind, format, args);
	va_end(args);
	return status;
}

enum rexi_status rxl_raise_runtime(struct rxl_call *call, struct rxl_value value)
{
	struct rxl_error *error = rxl_error_begin(call->vm, RXL_ERROR_RUNTIME);

	if (!error) {
		rxl_value_drop(call->heap, &value);
		return REXI_NO_MEMORY;
	}
	error->value = value;
	return REXI_RUNTIME;
}

enum rexi_status rxl_raise_message(struct rxl_call *call, const char *format, ...)
{
	struct rxl_value text;
	va_list args;

	va_start(args, format);
	error_text(call->vm, &text, format, args);
	va_end(args);
	return rxl_raise_runtime(call, text);
}

static enum rexi_status raise_types(struct rxl_vm *vm, enum rxl_error_kind kind, const char *requested, const char *actual)
{
	struct rxl_error *error = rxl_error_begin(vm, kind);

	if (!error || text_new(vm->heap, rx_str(requested), &error->text) != REXI_OK ||
	    text_new(vm->heap, rx_str(actual), &error->extra) != REXI_OK)
		return REXI_NO_MEMORY;
	return REXI_RUNTIME;
}

enum rexi_status rxl_vm_raise_race(struct rxl_vm *vm, unsigned number, struct rexi_str name)
{
	enum rexi_status status =
		rxl_vm_raise(vm, RXL_ERROR_DATA_RACE, "argument #%u of function '%.*s'", number, RX_STR_ARG(name));

	if (vm->error)
		vm->error->no_pos = true;
	return status;
}

enum rexi_status rxl_vm_raise_type(struct rxl_vm *vm, const char *requested, const char *actual)
{
	return raise_types(vm, RXL_ERROR_MISMATCH_DATA_TYPE, requested, actual);
}

enum rexi_status rxl_raise_type(struct rxl_call *call, const char *requested, const char *actual)
{
	return raise_types(call->vm, RXL_ERROR_MISMATCH_DATA_TYPE, requested, actual);
}

enum rexi_status rxl_raise_output_type(struct rxl_call *call, const char *requested, const char *actual)
{
	return raise_types(call->vm, RXL_ERROR_MISMATCH_OUTPUT_TYPE, requested, actual);
}

enum rexi_status rxl_raise_bounds(struct rxl_call *call, enum rxl_error_kind kind, size_t count, int64_t index)
{
	struct rxl_error *error = rxl_error_begin(call->vm, kind);

	if (!error)
		return REXI_NO_MEMORY;
	error->count = count;
	error->index = index;
	return REXI_RUNTIME;
}

enum rexi_status rxl_vm_raise_not_found(struct rxl_vm *vm, const char *prefix, struct rexi_str name,
					const struct rxl_value *self, const struct rxl_value *args, unsigned argc)
{
	struct rx_buf buf;
	struct rxl_error *error;
	struct rxl_value text;

	rx_buf_init(&buf, &vm->heap->memory, 0);
	if (prefix) {
		rx_buf_str(&buf, rx_str(prefix));
		RX_BUF_LIT(&buf, "::");
	}
	rx_buf_str(&buf, name);
	RX_BUF_LIT(&buf, " (");
	if (self)
		rx_buf_str(&buf, rx_str(rxl_value_signature_name(self)));
	for (unsigned i = 0; i < argc; i++) {
		if (i || self)
			RX_BUF_LIT(&buf, ", ");
		rx_buf_str(&buf, rx_str(rxl_value_signature_name(&args[i])));
	}
	RX_BUF_LIT(&buf, ")");
	RX_TRY(text_from_buf(vm->heap, &buf, &text));
	error = rxl_error_begin(vm, RXL_ERROR_FUNCTION_NOT_FOUND);
	if (!error) {
		rxl_value_drop(vm->heap, &text);
		return REXI_NO_MEMORY;
	}
	error->text = text;
	return REXI_RUNTIME;
}

enum rexi_status rxl_raise_not_found(struct rxl_call *call, struct rexi_str name, const struct rxl_value *self,
				     const struct rxl_value *args, unsigned argc)
{
	return rxl_vm_raise_not_found(call->vm, NULL, name, self, args, argc);
}

uint32_t rxl_position_now(const struct rxl_vm *vm)
{
	const struct rxl_frame *frame;

	if (!vm->depth)
		return 0;
	frame = &vm->frames[vm->depth - 1];
	return frame->pc > frame->fn->code ? frame->fn->positions[frame->pc - frame->fn->code - 1] : 0;
}

enum rexi_status rxl_raise_wrapped(struct rxl_call *call, const char *name)
{
	struct rxl_vm *vm = call->vm;

	if (!vm->error)
		return REXI_NO_MEMORY;
	if (rxl_error_is_system(vm->error)) {
		bool wrapped = vm->error->kind == RXL_ERROR_PARSING || vm->error->kind == RXL_ERROR_STACK_OVERFLOW ||
			       vm->error->kind == RXL_ERROR_EXIT;

		/* a text that does not parse (Fn("let")), a full stack and exit are wrapped; only eval keeps their place */
		if (!wrapped || strcmp(name, "eval") != 0)
			vm->error->pos = rxl_position_now(vm);
		if (!wrapped)
			return status_of(vm->error->kind);
	}
	return rxl_raise_layer(call, name);
}

/* The layer around any error. */
enum rexi_status rxl_raise_layer(struct rxl_call *call, const char *name)
{
	struct rxl_vm *vm = call->vm;
	struct rxl_error *layer;

	if (!vm->error)
		return REXI_NO_MEMORY;
	layer = rxl_error_new(vm->heap, RXL_ERROR_IN_FUNCTION_CALL);
	if (!layer || text_new(vm->heap, rx_str(name), &layer->text) != REXI_OK ||
	    text_new(vm->heap, RX_STR(""), &layer->extra) != REXI_OK) {
		rxl_error_free(vm->heap, layer);
		return REXI_NO_MEMORY;
	}
	layer->inner = vm->error;
	layer->pos = rxl_position_now(vm);
	vm->error = layer;
	return status_of(rxl_error_root(layer)->kind);
}

enum rexi_status rxl_raise_terminated(struct rxl_call *call, struct rxl_value token)
{
	struct rxl_error *error = rxl_error_begin(call->vm, RXL_ERROR_TERMINATED);

	if (!error) {
		rxl_value_drop(call->heap, &token);
		return REXI_NO_MEMORY;
	}
	error->value = token;
	return REXI_TERMINATED;
}

bool rxl_call_swallow_parsing(struct rxl_call *call)
{
	struct rxl_vm *vm = call->vm;

	if (!vm->error || vm->error->kind != RXL_ERROR_PARSING)
		return rxl_call_swallow(call);
	rxl_error_free(vm->heap, vm->error);
	vm->error = NULL;
	return true;
}

bool rxl_call_swallow(struct rxl_call *call)
{
	struct rxl_vm *vm = call->vm;

	if (!vm->error || (rxl_error_is_system(vm->error) && vm->error->kind != RXL_ERROR_STACK_OVERFLOW && vm->error->kind != RXL_ERROR_EXIT))
		return false;
	rxl_error_free(vm->heap, vm->error);
	vm->error = NULL;
	return true;
}

enum rexi_status rxl_vm_status(struct rxl_vm *vm, enum rexi_status status)
{
	if (vm->error)
		return status;
	if (status == REXI_LIMIT)
		return rxl_vm_raise(vm, RXL_ERROR_DATA_TOO_LARGE, "%s", vm->heap->too_large ? vm->heap->too_large : "Value");
	return rxl_vm_raise(vm, RXL_ERROR_MEMORY, " ") == REXI_NO_MEMORY ? REXI_NO_MEMORY : status;
}

enum rexi_status rxl_call_exit(struct rxl_call *call, struct rxl_value value)
{
	struct rxl_error *error = rxl_error_begin(call->vm, RXL_ERROR_EXIT);

	if (!error) {
		rxl_value_drop(call->heap, &value);
		return REXI_NO_MEMORY;
	}
	error->value = value;
	return REXI_RUNTIME;
}

/* ---- kept errors --------------------------------------------------------------------------------------------------- */

struct kept {
	struct rxl_heap *heap;
	struct rxl_error *error;
};

static void kept_free(void *payload)
{
	struct kept *kept = payload;

	rxl_error_free(kept->heap, kept->error);
	rxl_heap_give(kept->heap, kept, sizeof(*kept));
}

/* As the module's: no host type has this number. */
const struct rxl_class rxl_error_class = { .id = UINT16_MAX - 31, .path = "error", .name = "error", .free = kept_free };

enum rexi_status rxl_error_keep(struct rxl_heap *heap, struct rxl_error *error, struct rxl_value *out)
{
	struct kept *kept = rxl_heap_take(heap, sizeof(*kept));

	if (!kept) {
		rxl_error_free(heap, error);
		return REXI_NO_MEMORY;
	}
	*kept = (struct kept){ heap, error };
	return rxl_object_new(heap, &rxl_error_class, kept, out);
}

struct rxl_error *rxl_error_unkeep(struct rxl_value *value)
{
	struct kept *kept = rxl_object_payload(value, &rxl_error_class);
	struct rxl_error *error;

	if (!kept)
		return NULL;
	error = kept->error;
	kept->error = NULL;
	return error;
}
