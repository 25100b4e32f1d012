/* Calling script functions for elements. spec 6.7 */
#ifndef RXL_STD_CALLBACK_H
#define RXL_STD_CALLBACK_H

#include "lang/std/common.h"

/*
 * A callback given as a function pointer, or by name (the deprecated forms of the reference): then `made` holds the
 * pointer made for it.
 */
struct std_callback {
	struct rxl_callback how;
	struct rxl_value made;
	bool begun;
};

RX_INLINE enum rexi_status std_callback_init(struct std_callback *callback, struct rxl_call *call,
					     const struct rxl_value *fn, unsigned normal, unsigned extra, int insert_at)
{
	*callback = (struct std_callback){
		.how = { .fn = fn, .normal = normal, .extra = extra, .insert_at = insert_at, .caller = call->native->name },
	};
	if (fn->type != RXL_FN) {
		RX_TRY(rxl_call_fn_pointer(call, fn, &callback->made));
		callback->how.fn = &callback->made;
	}
	rxl_callbacks_begin(call);
	callback->begun = true;
	return REXI_OK;
}

RX_INLINE void std_callback_fini(struct std_callback *callback, struct rxl_call *call)
{
	if (callback->begun)
		rxl_callbacks_end(call);
	rxl_value_drop(call->heap, &callback->made);
}

/* A predicate: anything but true is false. */
RX_INLINE enum rexi_status std_callback_test(struct std_callback *callback, struct rxl_call *call,
					     struct rxl_value *element, const struct rxl_value *args, bool *out)
{
	struct rxl_value result = rxl_unit();
	enum rexi_status status = rxl_call_callback(call, &callback->how, element, args, &result);

	*out = status == REXI_OK && result.type == RXL_BOOL && result.as.b;
	rxl_value_drop(call->heap, &result);
	return status;
}

#endif
