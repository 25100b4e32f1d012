#include <config.h>

#include "cedar/schema.h"

#include "base/unicode.h"

#include "base/banned.h"

bool rxc_name_is_reserved(struct rexi_str ident)
{
	static const struct rexi_str words[] = {
		RX_STR_INIT("true"), RX_STR_INIT("false"), RX_STR_INIT("if"), RX_STR_INIT("then"), RX_STR_INIT("else"),
		RX_STR_INIT("in"),   RX_STR_INIT("is"),    RX_STR_INIT("like"), RX_STR_INIT("has"),
	};

	for (size_t i = 0; i < RX_COUNT(words); i++)
		if (rx_str_eq(words[i], ident))
			return true;
	return false;
}

bool rxc_name_is_ident(struct rexi_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (!(c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (i > 0 && c >= '0' && c <= '9')))
			return false;
	}
	return text.len > 0;
}

bool rxc_name_is_path(struct rexi_str text)
{
	size_t start = 0, end;

	do {
		struct rexi_str part;

		end = rx_str_find(text, RX_STR("::"), start);
		part = rx_str_sub(text, start, (end == SIZE_MAX ? text.len : end) - start);
		if (!rxc_name_is_ident(part) || rxc_name_is_reserved(part))
			return false;
		start = end + 2;
	} while (end != SIZE_MAX);
	return true;
}

struct rexi_str rxc_name_base(struct rexi_str path)
{
	for (size_t at = path.len; at >= 2; at--)
		if (path.ptr[at - 1] == ':' && path.ptr[at - 2] == ':')
			return rx_str_sub(path, at, path.len - at);
	return path;
}

struct rexi_str rxc_name_namespace(struct rexi_str path)
{
	struct rexi_str base = rxc_name_base(path);

	return rx_str_sub(path, 0, base.len == path.len ? 0 : path.len - base.len - 2);
}

bool rxc_name_is_action(struct rexi_str type)
{
	return rx_str_ends(type, RX_STR("Action")) &&
	       (type.len == 6 || (type.len > 8 && type.ptr[type.len - 7] == ':'));
}

void rxc_name_print_uid(struct rx_buf *buf, struct rexi_str type, struct rexi_str id)
{
	rx_buf_str(buf, type);
	RX_BUF_LIT(buf, "::\"");
	rx_unicode_debug(buf, id);
	rx_buf_byte(buf, '"');
}
