#include <config.h>

#include "sdk/text_wildcard.h"

#include "base/utf8.h"

#include "base/banned.h"

enum token_kind { TOKEN_CHAR, TOKEN_ANY, TOKEN_RUN, TOKEN_COMPONENTS, TOKEN_WITHIN, TOKEN_EXCEPT };

struct range {
	uint32_t low, high;
};

struct token {
	enum token_kind kind;
	uint32_t code;         /* TOKEN_CHAR */
	uint32_t first, count; /* ranges of TOKEN_WITHIN and TOKEN_EXCEPT */
};

struct rxs_wildcard {
	struct rx_memory *memory;
	struct token *tokens;
	size_t count, cap;
	struct range *ranges;
	size_t range_count, range_cap;
	bool fold;
	char *suffix; /* `*` and then only characters, the usual form: the bytes behind the star */
	size_t suffix_len;
	bool suffix_only;
};

static uint32_t fold_code(uint32_t c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static enum rexi_status fail_at(struct rx_buf *why, size_t position, const char *message)
{
	if (why)
		rx_buf_printf(why, "Pattern syntax error near position %zu: %s", position, message);
	return REXI_SYNTAX;
}

static bool push(struct rxs_wildcard *glob, struct token token)
{
	if (!RX_GROW(glob->memory, &glob->tokens, &glob->cap, glob->count + 1))
		return false;
	glob->tokens[glob->count++] = token;
	return true;
}

static bool push_range(struct rxs_wildcard *glob, uint32_t low, uint32_t high)
{
	if (!RX_GROW(glob->memory, &glob->ranges, &glob->range_cap, glob->range_count + 1))
		return false;
	glob->ranges[glob->range_count++] = (struct range){ low, high };
	return true;
}

/* chars[from, to) is the inside of brackets: `a-z` where three characters allow it, else single ones. */
static enum rexi_status read_set(struct rxs_wildcard *glob, const uint32_t *chars, size_t from, size_t to, bool except)
{
	struct token token = { .kind = except ? TOKEN_EXCEPT : TOKEN_WITHIN, .first = (uint32_t)glob->range_count };

	while (from < to) {
		bool dash = from + 3 <= to && chars[from + 1] == '-';
		if (!push_range(glob, chars[from], chars[dash ? from + 2 : from]))
			return REXI_NO_MEMORY;
		from += dash ? 3 : 1;
	}
	token.count = (uint32_t)glob->range_count - token.first;
	return push(glob, token) ? REXI_OK : REXI_NO_MEMORY;
}

static size_t find_bracket(const uint32_t *chars, size_t from, size_t count)
{
	while (from < count && chars[from] != ']')
		from++;
	return from;
}

static enum rexi_status read_pattern(struct rxs_wildcard *glob, const uint32_t *chars, size_t count, struct rx_buf *why)
{
	static const char components[] = "recursive wildcards must form a single path component";

	for (size_t i = 0; i < count;) {
		if (chars[i] == '?') {
			if (!push(glob, (struct token){ .kind = TOKEN_ANY }))
				return REXI_NO_MEMORY;
			i++;
		} else if (chars[i] == '*') {
			size_t start = i;
			while (i < count && chars[i] == '*')
				i++;
			if (i - start > 2)
				return fail_at(why, start + 2, "wildcards are either regular `*` or recursive `**`");
			if (i - start == 1) {
				if (!push(glob, (struct token){ .kind = TOKEN_RUN }))
					return REXI_NO_MEMORY;
				continue;
			}
			if (start > 0 && chars[start - 1] != '/')
				return fail_at(why, start - 1, components);
			if (i < count && chars[i] != '/')
				return fail_at(why, i, components);
			if (i < count)
				i++;
			bool repeated = glob->count > 1 && glob->tokens[glob->count - 1].kind == TOKEN_COMPONENTS;
			if (!repeated && !push(glob, (struct token){ .kind = TOKEN_COMPONENTS }))
				return REXI_NO_MEMORY;
		} else if (chars[i] == '[') {
			bool except = i + 1 < count && chars[i + 1] == '!';
			size_t body = i + 1 + except, close = find_bracket(chars, body + 1, count);
			if (close >= count)
				return fail_at(why, i, "invalid range pattern");
			RX_TRY(read_set(glob, chars, body, close, except));
			i = close + 1;
		} else {
			if (!push(glob, (struct token){ .kind = TOKEN_CHAR, .code = chars[i] }))
				return REXI_NO_MEMORY;
			i++;
		}
	}
	return REXI_OK;
}

/* `*.log`: the tail of the name decides. */
static enum rexi_status find_suffix(struct rxs_wildcard *glob)
{
	struct rx_buf text;

	if (glob->fold || glob->count == 0 || glob->tokens[0].kind != TOKEN_RUN)
		return REXI_OK;
	rx_buf_init(&text, glob->memory, 0);
	for (size_t i = 1; i < glob->count; i++) {
		if (glob->tokens[i].kind != TOKEN_CHAR) {
			rx_buf_fini(&text);
			return REXI_OK;
		}
		rx_buf_char(&text, glob->tokens[i].code);
	}
	if (!text.failed && (glob->suffix = rx_memory_take(glob->memory, text.len + 1))) {
		if (text.len)
			memcpy(glob->suffix, text.ptr, text.len);
		glob->suffix_len = text.len;
		glob->suffix_only = true;
	}
	rx_buf_fini(&text);
	return glob->suffix_only ? REXI_OK : REXI_NO_MEMORY;
}

enum rexi_status rxs_wildcard_new(struct rx_memory *memory, struct rexi_str pattern, bool fold, struct rxs_wildcard **out,
			      struct rx_buf *why)
{
	struct rxs_wildcard *glob = rx_memory_take_zeroed(memory, 1, sizeof(*glob));
	size_t count = 0, chars_size = (pattern.len + 1) * sizeof(uint32_t);
	uint32_t *chars = rx_memory_take(memory, chars_size);
	enum rexi_status status = REXI_NO_MEMORY;

	*out = NULL;
	if (glob && chars) {
		glob->memory = memory;
		glob->fold = fold;
		for (size_t at = 0; at < pattern.len;)
			chars[count++] = rx_utf8_next(pattern, &at);
		status = read_pattern(glob, chars, count, why);
		if (status == REXI_OK)
			status = find_suffix(glob);
	}
	rx_memory_give(memory, chars, chars ? chars_size : 0);
	if (status != REXI_OK) {
		if (glob)
			glob->memory = memory;
		rxs_wildcard_free(glob);
		return status;
	}
	*out = glob;
	return REXI_OK;
}

void rxs_wildcard_free(struct rxs_wildcard *glob)
{
	if (!glob)
		return;
	rx_memory_give(glob->memory, glob->tokens, glob->cap * sizeof(*glob->tokens));
	rx_memory_give(glob->memory, glob->ranges, glob->range_cap * sizeof(*glob->ranges));
	rx_memory_give(glob->memory, glob->suffix, glob->suffix ? glob->suffix_len + 1 : 0);
	rx_memory_give(glob->memory, glob, sizeof(*glob));
}

static bool in_range(const struct range *range, uint32_t c, bool fold)
{
	if (c >= range->low && c <= range->high)
		return true;
	if (!fold || !((c | 32) >= 'a' && (c | 32) <= 'z'))
		return false;
	return (c ^ 32) >= range->low && (c ^ 32) <= range->high;
}

static bool token_takes(const struct rxs_wildcard *glob, const struct token *token, uint32_t c)
{
	bool within = false;

	switch (token->kind) {
	case TOKEN_CHAR:
		return c == token->code || (glob->fold && fold_code(c) == fold_code(token->code));
	case TOKEN_ANY:
		return true;
	case TOKEN_WITHIN:
	case TOKEN_EXCEPT:
		for (uint32_t i = 0; i < token->count && !within; i++)
			within = in_range(&glob->ranges[token->first + i], c, glob->fold);
		return within == (token->kind == TOKEN_WITHIN);
	case TOKEN_RUN:
	case TOKEN_COMPONENTS:
		return false;
	}
	rx_unreachable();
}

bool rxs_wildcard_matches(const struct rxs_wildcard *glob, struct rexi_str text)
{
	/* Only the latest run can usefully take one character more; a run of components only up to the next slash. Components
	 * can hand back to an earlier run, so that one is remembered too. */
	size_t token = 0, at = 0;
	struct { size_t token, at; bool set; } run = { 0, 0, false }, parts = { 0, 0, false };

	if (glob->suffix_only)
		return rx_str_ends(text, rx_str_make(glob->suffix, glob->suffix_len));
	for (;;) {
		if (token < glob->count && glob->tokens[token].kind == TOKEN_RUN) {
			run.token = ++token;
			run.at = at;
			run.set = true;
			continue;
		}
		if (token < glob->count && glob->tokens[token].kind == TOKEN_COMPONENTS) {
			parts.token = ++token;
			parts.at = at;
			parts.set = true;
			run.set = false;
			if (token == glob->count)
				return true;
			continue;
		}
		if (token == glob->count && at == text.len)
			return true;
		if (token < glob->count && at < text.len) {
			size_t next = at;
			if (token_takes(glob, &glob->tokens[token], rx_utf8_next(text, &next))) {
				token++;
				at = next;
				continue;
			}
		}
		if (run.set && run.at < text.len) {
			(void)rx_utf8_next(text, &run.at);
			at = run.at;
			token = run.token;
			continue;
		}
		if (!parts.set)
			return false;
		size_t slash = rx_str_find(text, RX_STR("/"), parts.at);
		if (slash == SIZE_MAX)
			return false;
		parts.at = at = slash + 1;
		token = parts.token;
		run.set = false;
	}
}
