#include <config.h>

#include "cedar/format_lex.h"

#include "base/unicode.h"
#include "base/utf8.h"

#include "base/banned.h"

static bool is_word(char c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Moves past white space; *lines counts the line ends. */
static size_t skip_space(struct rexi_str source, size_t at, bool *line_end)
{
	while (at < source.len) {
		size_t next = at;
		uint32_t code = rx_utf8_next(source, &next);

		if (!rx_unicode_is_space(code))
			break;
		*line_end = *line_end || code == '\n' || code == '\r';
		at = next;
	}
	return at;
}

size_t rxc_format_comment_end(struct rexi_str source, size_t at)
{
	while (at < source.len && source.ptr[at] != '\n' && source.ptr[at] != '\r')
		at++;
	return at;
}

size_t rxc_format_string_end(struct rexi_str source, size_t at)
{
	for (at++; at < source.len && source.ptr[at] != '"'; at++)
		if (source.ptr[at] == '\\')
			at++;
	return at < source.len ? at + 1 : source.len;
}

static size_t token_end(struct rexi_str source, size_t at)
{
	static const char pairs[][3] = { "::", "==", "!=", "<=", ">=", "&&", "||" };
	char c = source.ptr[at];

	if (c == '"')
		return rxc_format_string_end(source, at);
	if (is_word(c) || c == '?') {
		at++;
		while (at < source.len && is_word(source.ptr[at]))
			at++;
		return at;
	}
	for (size_t i = 0; i < RX_COUNT(pairs); i++)
		if (at + 1 < source.len && c == pairs[i][0] && source.ptr[at + 1] == pairs[i][1])
			return at + 2;
	return at + 1;
}

struct comments {
	const struct rxc_format_comment *first;
	const struct rxc_format_comment **end;
};

static bool add_comment(struct rx_arena *arena, struct comments *list, struct rexi_str text)
{
	struct rxc_format_comment *comment = RX_ARENA_NEW(arena, struct rxc_format_comment);

	if (!comment)
		return false;
	comment->text = rx_unicode_trim(text);
	*list->end = comment;
	list->end = &comment->next;
	return true;
}

bool rxc_format_lex(struct rx_arena *arena, struct rexi_str source, struct rxc_format_token **out, size_t *count_out)
{
	struct rxc_format_token *tokens = NULL;
	size_t count = 0, cap = 0, at = 0;

	for (;;) {
		struct comments before = { NULL, NULL };
		bool line_end = count == 0;

		before.end = &before.first;
		for (;;) {
			size_t start = skip_space(source, at, &line_end);
			struct comments after = { NULL, NULL };

			at = start;
			if (at + 1 >= source.len || source.ptr[at] != '/' || source.ptr[at + 1] != '/')
				break;
			at = rxc_format_comment_end(source, at);
			after.end = count > 0 ? &tokens[count - 1].after : NULL;
			if (!add_comment(arena, !line_end && count > 0 ? &after : &before, rx_str_sub(source, start, at - start)))
				return false;
			line_end = true;
		}
		if (!RX_ARENA_GROW(arena, &tokens, &cap, count + 1))
			return false;
		tokens[count] = (struct rxc_format_token){ .before = before.first };
		if (at >= source.len)
			break;
		tokens[count].text = rx_str_sub(source, at, token_end(source, at) - at);
		at += tokens[count++].text.len;
	}
	*out = tokens;
	*count_out = count + 1;
	return true;
}
