/* Text of values, to the host and to strings. spec 8.6, 4.2 */
#include <config.h>

#include "lang/std/common.h"

STD_NATIVE(print_nothing)
{
	return rxl_call_print(call, RX_STR(""));
}

STD_NATIVE(print_value)
{
	struct rx_buf buf;
	enum rexi_status status;

	if (rxl_is_string(self))
		return rxl_call_print(call, rxl_string_view(self));
	std_text_buf(call, &buf);
	status = rxl_call_display(call, self, &buf);
	if (status == REXI_OK && buf.failed)
		status = std_text_failed(call);
	if (status == REXI_OK)
		status = rxl_call_print(call, rx_buf_view(&buf));
	rx_buf_fini(&buf);
	return status;
}

STD_NATIVE(debug_nothing)
{
	return rxl_call_debug(call, RX_STR(""));
}

STD_NATIVE(debug_value)
{
	struct rx_buf buf;
	enum rexi_status status;

	std_text_buf(call, &buf);
	status = rxl_call_debug_text(call, self, &buf);
	if (status == REXI_OK && buf.failed)
		status = std_text_failed(call);
	if (status == REXI_OK)
		status = rxl_call_debug(call, rx_buf_view(&buf));
	rx_buf_fini(&buf);
	return status;
}

STD_NATIVE(to_string)
{
	struct rx_buf buf;
	enum rexi_status status;

	if (rxl_is_string(self)) {
		*out = rxl_value_copy(self);
		out->tag = 0;
		return REXI_OK;
	}
	if (self->type < RXL_FIRST_COUNTED)
		return rxl_value_to_string(call->heap, self, out);
	std_text_buf(call, &buf);
	status = rxl_call_display(call, self, &buf);
	if (status == REXI_OK)
		return rxl_string_from_buf(call->heap, &buf, out);
	rx_buf_fini(&buf);
	return status;
}

STD_NATIVE(to_debug)
{
	struct rx_buf buf;
	enum rexi_status status;

	std_text_buf(call, &buf);
	status = rxl_call_debug_text(call, self, &buf);
	if (status == REXI_OK)
		return rxl_string_from_buf(call->heap, &buf, out);
	rx_buf_fini(&buf);
	return status;
}

/* The reference has these overloads by type; one function serves them all. */
#define ROW(name, type, function, help) { name, type, function, RXL_REF, help, NULL }
#define PRINT_HELP "send its text to the host"
#define DEBUG_HELP "send its debug text to the host"
#define STRING_HELP "its text"
#define DEBUG_TEXT_HELP "its text as a literal would write it"

static const struct rxl_native rows[] = {
	ROW("print", "", print_nothing, "send an empty line to the host"),
	ROW("print", "?", print_value, PRINT_HELP),
	ROW("print", "string", print_value, PRINT_HELP),
	ROW("print", "char", print_value, PRINT_HELP),
	ROW("print", "bool", print_value, PRINT_HELP),
	ROW("print", "()", print_value, PRINT_HELP),
	ROW("print", "float", print_value, PRINT_HELP),
	ROW("print", "array", print_value, PRINT_HELP),
	ROW("print", "map", print_value, PRINT_HELP),
	ROW("debug", "", debug_nothing, "send an empty line to the host"),
	ROW("debug", "?", debug_value, DEBUG_HELP),
	ROW("debug", "string", debug_value, DEBUG_HELP),
	ROW("debug", "char", debug_value, DEBUG_HELP),
	ROW("debug", "bool", debug_value, DEBUG_HELP),
	ROW("debug", "()", debug_value, DEBUG_HELP),
	ROW("debug", "float", debug_value, DEBUG_HELP),
	ROW("debug", "array", debug_value, DEBUG_HELP),
	ROW("debug", "map", debug_value, DEBUG_HELP),
	ROW("debug", "Fn", debug_value, DEBUG_HELP),
	ROW("to_string", "?", to_string, STRING_HELP),
	ROW("to_string", "string", to_string, STRING_HELP),
	ROW("to_string", "char", to_string, STRING_HELP),
	ROW("to_string", "bool", to_string, STRING_HELP),
	ROW("to_string", "()", to_string, STRING_HELP),
	ROW("to_string", "float", to_string, STRING_HELP),
	ROW("to_string", "array", to_string, STRING_HELP),
	ROW("to_string", "map", to_string, STRING_HELP),
	ROW("to_debug", "?", to_debug, DEBUG_TEXT_HELP),
	ROW("to_debug", "string", to_debug, DEBUG_TEXT_HELP),
	ROW("to_debug", "char", to_debug, DEBUG_TEXT_HELP),
	ROW("to_debug", "bool", to_debug, DEBUG_TEXT_HELP),
	ROW("to_debug", "()", to_debug, DEBUG_TEXT_HELP),
	ROW("to_debug", "float", to_debug, DEBUG_TEXT_HELP),
	ROW("to_debug", "array", to_debug, DEBUG_TEXT_HELP),
	ROW("to_debug", "map", to_debug, DEBUG_TEXT_HELP),
	ROW("to_debug", "Fn", to_debug, DEBUG_TEXT_HELP),
};

STD_PACKAGE(rxl_std_print, "Printing and conversion to text", rows);
