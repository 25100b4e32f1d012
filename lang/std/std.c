#include <config.h>

#include "lang/std/common.h"

const struct rxl_package *const rxl_std_packages[] = {
	&rxl_std_core,	      &rxl_std_arithmetic, &rxl_std_math, &rxl_std_bits, &rxl_std_range, &rxl_std_print,
	&rxl_std_string,      &rxl_std_text_parts, &rxl_std_array, &rxl_std_array_parts, &rxl_std_array_calls, &rxl_std_sort,
	&rxl_std_blob,	      &rxl_std_blob_numbers, &rxl_std_map, &rxl_std_json, &rxl_std_time, &rxl_std_fnptr,
};
const size_t rxl_std_package_count = RX_COUNT(rxl_std_packages);

const struct rxl_native *rxl_std_row(void *user, unsigned n, struct rxl_native *space)
{
	(void)user, (void)space;
	if (n < rxl_std_byte.count)
		return &rxl_std_byte.rows[n];
	n -= (unsigned)rxl_std_byte.count;
	for (size_t i = 0; i < rxl_std_package_count; i++) {
		if (n < rxl_std_packages[i]->count)
			return &rxl_std_packages[i]->rows[n];
		n -= (unsigned)rxl_std_packages[i]->count;
	}
	return NULL;
}

enum rexi_status rxl_std_equal(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc RX_UNUSED,
			       struct rxl_value *out)
{
	bool same;

	RX_TRY(rxl_call_equal_strict(call, self, &args[0], &same));
	*out = rxl_bool(same);
	return REXI_OK;
}

enum rexi_status rxl_std_unequal(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc,
				 struct rxl_value *out)
{
	RX_TRY(rxl_std_equal(call, self, args, argc, out));
	*out = rxl_bool(!out->as.b);
	return REXI_OK;
}

enum rexi_status rxl_std_too_large(struct rxl_call *call, const char *what)
{
	return rxl_raise_text(call, RXL_ERROR_DATA_TOO_LARGE, "%s", what);
}
