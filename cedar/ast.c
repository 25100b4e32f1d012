#include <config.h>

#include "cedar/ast.h"

#include "cedar/set.h"

#include "base/banned.h"

const struct rxc_function_info rxc_functions[RXC_FUNCTIONS] = {
#define ROW(id, text, method, args, result, params) { text, method, args, result, params },
	RXC_FUNCTION_LIST(ROW)
#undef ROW
};

enum rxc_function rxc_function_find(struct rexi_str name)
{
	for (unsigned i = 0; i < RXC_FUNCTIONS; i++)
		if (rx_str_eq(name, rx_str(rxc_functions[i].name)))
			return (enum rxc_function)i;
	return RXC_FN_UNKNOWN;
}

bool rxc_is_reserved(struct rexi_str word)
{
	static const char *const reserved[] = { "true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar" };

	if (word.len < 2 || word.len > 7 || !strchr("tfielh_", word.ptr[0]))
		return false;
	for (unsigned i = 0; i < RX_COUNT(reserved); i++)
		if (rx_str_eq(word, rx_str(reserved[i])))
			return true;
	return false;
}

bool rxc_is_identifier(struct rexi_str word)
{
	if (!word.len)
		return false;
	for (size_t i = 0; i < word.len; i++) {
		char c = word.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (i && c >= '0' && c <= '9')))
			return false;
	}
	return true;
}

bool rxc_is_type_name(struct rexi_str text)
{
	size_t at = 0;

	for (;;) {
		size_t end = rx_str_find(text, RX_STR("::"), at);
		struct rexi_str word = rx_str_sub(text, at, end == SIZE_MAX ? SIZE_MAX : end - at);

		if (!rxc_is_identifier(word) || rxc_is_reserved(word))
			return false;
		if (end == SIZE_MAX)
			return true;
		at = end + 2;
	}
}
