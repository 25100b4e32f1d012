/* What can be asked of function pointers. spec 8.12 */
#include <config.h>

#include "lang/std/common.h"

STD_NATIVE(name)
{
	*out = rxl_value_copy(&self->as.fn->name);
	return REXI_OK;
}

STD_NATIVE(is_anonymous)
{
	*out = rxl_bool(rxl_fn_is_anonymous(self));
	return REXI_OK;
}

static const struct rxl_native rows[] = {
	{ "name", "Fn", name, RXL_REF, "name of its function", NULL },
	{ "get$name", "Fn", name, RXL_REF, "name of its function", NULL },
	{ "is_anonymous", "Fn", is_anonymous, RXL_REF, "is it a closure?", NULL },
	{ "get$is_anonymous", "Fn", is_anonymous, RXL_REF, "is it a closure?", NULL },
};

STD_PACKAGE(rxl_std_fnptr, "Function pointers", rows);
