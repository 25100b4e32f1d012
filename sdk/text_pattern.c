/* Rust's regex meaning on PCRE2: two compiled forms (any text, ASCII text), a required literal, limits, replacement. */
#include <config.h>

#include "sdk/text_pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/utf8.h"
#include "sdk/text_pattern_node.h"

#include "base/banned.h"

enum {
	MATCH_LIMIT = 5000000,        /* PCRE2's steps for one match */
	DEPTH_LIMIT = 200000,
	HEAP_LIMIT_KIB = 64 * 1024,
	JIT_STACK_MAX = 1024 * 1024,
	NEST_LIMIT = 4000,            /* the translation adds groups of its own to the 250 of the syntax */
	DFA_WORKSPACE = 20000,        /* ints */
	PATTERN_MAX = 1024 * 1024,    /* bytes of translated pattern; the reference stops at 10 MiB of program */
};

struct form {
	pcre2_code *code;
	bool tried;
};

struct rxs_pattern {
	struct rx_memory *memory;
	struct rx_arena arena;
	struct rxs_re_tree tree;
	struct form forms[2]; /* any text, ASCII */
	pcre2_general_context *general;
	pcre2_compile_context *compile;
	pcre2_match_context *match;
	pcre2_match_data *data;
	pcre2_jit_stack *stack;
	int *workspace;
	struct rexi_str literal;
	size_t offsets[2];
	bool whole, sees_lines;
};

/* PCRE2 gives no sizes back, so each block remembers its own. */
static void *take_block(PCRE2_SIZE size, void *user)
{
	size_t *block;

	if (size > SIZE_MAX - 16 || !(block = rx_memory_take(user, size + 16)))
		return NULL;
	block[0] = size + 16;
	return block + 2;
}

static void give_block(void *ptr, void *user)
{
	if (ptr) {
		size_t *block = (size_t *)ptr - 2;
		rx_memory_give(user, block, block[0]);
	}
}

static void write_pcre_error(struct rx_buf *why, int error)
{
	PCRE2_UCHAR text[160];

	if (!why)
		return;
	if (error == PCRE2_ERROR_UNKNOWN_UNICODE_PROPERTY || error == PCRE2_ERROR_MALFORMED_UNICODE_PROPERTY) {
		RX_BUF_LIT(why, "regex parse error:\nerror: Unicode property not found");
	} else if (error == PCRE2_ERROR_PATTERN_TOO_LARGE || error == PCRE2_ERROR_QUANTIFIER_TOO_BIG ||
		   error == PCRE2_ERROR_PATTERN_TOO_COMPLICATED || error == PCRE2_ERROR_PARENTHESES_NEST_TOO_DEEP) {
		RX_BUF_LIT(why, "Compiled regex exceeds size limit of 10485760 bytes.");
	} else {
		int len = pcre2_get_error_message(error, text, sizeof(text));
		RX_BUF_LIT(why, "regex parse error:\nerror: ");
		rx_buf_bytes(why, text, len > 0 ? (size_t)len : 0);
	}
}

static enum rexi_status form_compile(struct rxs_pattern *regex, bool ascii, struct rx_buf *why)
{
	struct form *form = &regex->forms[ascii];
	uint32_t options = PCRE2_MULTILINE | PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_CIRCUMFLEX |
			   PCRE2_NEVER_BACKSLASH_C;
	enum rexi_status status = REXI_OK;
	struct rx_buf text;
	PCRE2_SIZE at;
	int error;

	form->tried = true;
	rx_buf_init(&text, regex->memory, PATTERN_MAX);
	if (!rxs_re_emit(&regex->tree, ascii, &text)) {
		rx_buf_fini(&text);
		return REXI_OK; /* this form does not exist */
	}
	if (text.failed) {
		bool too_long = text.len > PATTERN_MAX / 2; /* else memory refused */
		if (too_long && why)
			RX_BUF_LIT(why, "Compiled regex exceeds size limit of 10485760 bytes.");
		rx_buf_fini(&text);
		return too_long ? REXI_SYNTAX : REXI_NO_MEMORY;
	}
	if (!ascii)
		options |= PCRE2_UTF | PCRE2_UCP | PCRE2_NO_UTF_CHECK;
	form->code = pcre2_compile((PCRE2_SPTR)(text.ptr ? text.ptr : ""), text.len, options, &error, &at, regex->compile);
	if (!form->code) {
		status = error == PCRE2_ERROR_NOMEMORY || error == PCRE2_ERROR_HEAP_FAILED ? REXI_NO_MEMORY : REXI_SYNTAX;
		if (status == REXI_SYNTAX)
			write_pcre_error(why, error);
	} else {
#ifndef REXI_WITHOUT_JIT
		(void)pcre2_jit_compile(form->code, PCRE2_JIT_COMPLETE); /* without it the interpreter runs */
#endif
	}
	rx_buf_fini(&text);
	return status;
}

static enum rexi_status regex_setup(struct rxs_pattern *regex)
{
#ifdef REXI_WITHOUT_JIT
	rxs_text_nojit();
#endif
	regex->general = pcre2_general_context_create(take_block, give_block, regex->memory);
	if (!regex->general)
		return REXI_NO_MEMORY;
	regex->compile = pcre2_compile_context_create(regex->general);
	regex->match = pcre2_match_context_create(regex->general);
	if (!regex->compile || !regex->match)
		return REXI_NO_MEMORY;
	pcre2_set_newline(regex->compile, PCRE2_NEWLINE_LF);
	pcre2_set_parens_nest_limit(regex->compile, NEST_LIMIT);
	pcre2_set_match_limit(regex->match, MATCH_LIMIT);
	pcre2_set_depth_limit(regex->match, DEPTH_LIMIT);
	pcre2_set_heap_limit(regex->match, HEAP_LIMIT_KIB);
	return REXI_OK;
}

enum rexi_status rxs_pattern_new(struct rx_memory *memory, struct rexi_str pattern, unsigned flags, struct rxs_pattern **out,
			       struct rx_buf *why)
{
	struct rxs_pattern *regex = rx_memory_take_zeroed(memory, 1, sizeof(*regex));
	enum rexi_status status;

	*out = NULL;
	if (!regex)
		return REXI_NO_MEMORY;
	regex->memory = memory;
	rx_arena_init(&regex->arena, memory);
	regex->tree.arena = &regex->arena;
	status = rxs_re_parse(&regex->tree, pattern, flags & RXS_PATTERN_IGNORE_CASE ? RXS_RE_I : 0, why);
	if (status == REXI_OK)
		status = regex_setup(regex);
	if (status == REXI_OK)
		status = form_compile(regex, false, why);
	if (status == REXI_OK && !(regex->data = pcre2_match_data_create_from_pattern(regex->forms[0].code, regex->general)))
		status = REXI_NO_MEMORY;
	if (status != REXI_OK) {
		rxs_pattern_free(regex);
		return status;
	}
	regex->literal = rxs_re_literal(&regex->tree, &regex->arena, &regex->whole);
	regex->sees_lines = rxs_re_sees_lines(regex->tree.root);
	*out = regex;
	return REXI_OK;
}

void rxs_pattern_free(struct rxs_pattern *regex)
{
	if (!regex)
		return;
	pcre2_match_data_free(regex->data);
#ifndef REXI_WITHOUT_JIT
	pcre2_jit_stack_free(regex->stack);
#endif
	pcre2_code_free(regex->forms[0].code);
	pcre2_code_free(regex->forms[1].code);
	pcre2_match_context_free(regex->match);
	pcre2_compile_context_free(regex->compile);
	pcre2_general_context_free(regex->general);
	rx_memory_give(regex->memory, regex->workspace, regex->workspace ? DFA_WORKSPACE * sizeof(int) : 0);
	rx_arena_fini(&regex->arena);
	rx_memory_give(regex->memory, regex, sizeof(*regex));
}

struct rexi_str rxs_pattern_literal(const struct rxs_pattern *regex, bool *whole)
{
	*whole = regex->whole;
	return regex->literal;
}

bool rxs_pattern_needs_lines(const struct rxs_pattern *regex)
{
	return regex->sees_lines;
}

/* PCRE2's other matcher keeps all states at once: no backtracking, so no explosion; it tells only whether there is a match. */
static int match_linear(struct rxs_pattern *regex, const pcre2_code *code, struct rexi_str subject, size_t from)
{
	if (!regex->workspace)
		regex->workspace = rx_memory_take(regex->memory, DFA_WORKSPACE * sizeof(int));
	if (!regex->workspace)
		return PCRE2_ERROR_NOMEMORY;
	return pcre2_dfa_match(code, (PCRE2_SPTR)subject.ptr, subject.len, from, PCRE2_NO_UTF_CHECK | PCRE2_DFA_SHORTEST,
			       regex->data, regex->match, regex->workspace, DFA_WORKSPACE);
}

static const pcre2_code *pick_form(struct rxs_pattern *regex, unsigned flags)
{
	struct form *ascii = &regex->forms[1];

	if (flags & RXS_PATTERN_ASCII) {
		if (!ascii->tried && form_compile(regex, true, NULL) != REXI_OK)
			ascii->code = NULL; /* the other form does it as well */
		if (ascii->code)
			return ascii->code;
	}
	return regex->forms[0].code;
}

enum rexi_status rxs_pattern_find(struct rxs_pattern *regex, struct rexi_str subject, size_t from, unsigned flags,
				bool *found, struct rxs_pattern_match *match)
{
	const pcre2_code *code;
	int got;

	*found = false;
	if (from > subject.len)
		return REXI_OK;
	if (!subject.ptr)
		subject.ptr = "";
	if (regex->literal.len) {
		size_t at = rxs_text_find(subject, regex->literal, from);
		if (at == SIZE_MAX)
			return REXI_OK;
		if (regex->whole) {
			regex->offsets[0] = at;
			regex->offsets[1] = at + regex->literal.len;
			*found = true;
			if (match)
				*match = (struct rxs_pattern_match){ regex->offsets, 1 };
			return REXI_OK;
		}
	}
	code = pick_form(regex, flags);
	got = pcre2_match(code, (PCRE2_SPTR)subject.ptr, subject.len, from, PCRE2_NO_UTF_CHECK, regex->data, regex->match);
#ifndef REXI_WITHOUT_JIT
	if (got == PCRE2_ERROR_JIT_STACKLIMIT && !regex->stack) {
		regex->stack = pcre2_jit_stack_create((size_t)32 * 1024, JIT_STACK_MAX, regex->general);
		if (regex->stack) {
			pcre2_jit_stack_assign(regex->match, NULL, regex->stack);
			got = pcre2_match(code, (PCRE2_SPTR)subject.ptr, subject.len, from, PCRE2_NO_UTF_CHECK, regex->data,
					  regex->match);
		}
	}
#endif
	if (got < 0 && got != PCRE2_ERROR_NOMATCH && !match)
		got = match_linear(regex, code, subject, from);
	if (got >= 0) {
		*found = true;
		if (match)
			*match = (struct rxs_pattern_match){ pcre2_get_ovector_pointer(regex->data),
						     pcre2_get_ovector_count(regex->data) };
		return REXI_OK;
	}
	if (got == PCRE2_ERROR_NOMATCH)
		return REXI_OK;
	return got == PCRE2_ERROR_NOMEMORY ? REXI_NO_MEMORY : REXI_LIMIT;
}

static void append_group(struct rx_buf *out, struct rexi_str text, const struct rxs_pattern_match *match, size_t index)
{
	if (index >= match->count)
		return;
	size_t start = match->offsets[2 * index], end = match->offsets[2 * index + 1];
	if (start != SIZE_MAX && end >= start)
		rx_buf_bytes(out, text.ptr + start, end - start);
}

static size_t group_index(const struct rxs_pattern *regex, struct rexi_str name)
{
	size_t number = 0;
	bool digits = name.len > 0;

	for (size_t i = 0; i < name.len; i++) {
		digits &= name.ptr[i] >= '0' && name.ptr[i] <= '9';
		if (digits && number < 1000000)
			number = number * 10 + (size_t)(name.ptr[i] - '0');
	}
	if (digits)
		return number;
	for (size_t i = 0; i < regex->tree.name_count; i++)
		if (rx_str_eq(regex->tree.names[i].name, name))
			return regex->tree.names[i].index;
	return SIZE_MAX;
}

static bool word_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* `$$`, `$name` (the longest run of [0-9A-Za-z_]), `${name}`; a dollar that begins none of these stays. */
static void expand(const struct rxs_pattern *regex, struct rexi_str text, const struct rxs_pattern_match *match,
		   struct rexi_str replacement, struct rx_buf *out)
{
	for (size_t i = 0; i < replacement.len;) {
		const char *dollar = memchr(replacement.ptr + i, '$', replacement.len - i);
		size_t at = dollar ? (size_t)(dollar - replacement.ptr) : replacement.len, end;
		rx_buf_bytes(out, replacement.ptr + i, at - i);
		if (!dollar)
			return;
		i = at + 1;
		if (i < replacement.len && replacement.ptr[i] == '$') {
			rx_buf_byte(out, '$');
			i++;
			continue;
		}
		if (i < replacement.len && replacement.ptr[i] == '{') {
			const char *close = memchr(replacement.ptr + i, '}', replacement.len - i);
			if (close) {
				end = (size_t)(close - replacement.ptr);
				append_group(out, text, match, group_index(regex, rx_str_sub(replacement, i + 1, end - i - 1)));
				i = end + 1;
				continue;
			}
		} else {
			for (end = i; end < replacement.len && word_byte(replacement.ptr[end]);)
				end++;
			if (end > i) {
				append_group(out, text, match, group_index(regex, rx_str_sub(replacement, i, end - i)));
				i = end;
				continue;
			}
		}
		rx_buf_byte(out, '$');
	}
}

enum rexi_status rxs_pattern_replace(struct rxs_pattern *regex, struct rexi_str text, struct rexi_str replacement, bool all,
				   struct rx_buf *out)
{
	unsigned flags = rx_utf8_is_ascii(text) ? RXS_PATTERN_ASCII : 0;
	size_t copied = 0, from = 0, last_end = SIZE_MAX;
	struct rxs_pattern_match match;
	bool found;

	while (from <= text.len && !out->failed) {
		RX_TRY(rxs_pattern_find(regex, text, from, flags, &found, &match));
		if (!found)
			break;
		size_t start = match.offsets[0], end = match.offsets[1];
		if (start == end && end == last_end) {
			/* an empty match right behind the last one does not count (Rust's find_iter) */
			if (from >= text.len)
				break;
			(void)rx_utf8_next(text, &from);
			continue;
		}
		rx_buf_bytes(out, text.ptr + copied, start - copied);
		expand(regex, text, &match, replacement, out);
		copied = from = last_end = end;
		if (!all)
			break;
	}
	if (copied < text.len)
		rx_buf_bytes(out, text.ptr + copied, text.len - copied);
	return REXI_OK;
}

/* How common a byte is in text; the rarest byte of a needle is looked for first. Letters by their frequency in English. */
static unsigned commonness(unsigned char c)
{
	static const char order[] = " etaoinsrhldcumfpgwybvkxjqz";
	const char *at;

	if (c == '\0')
		return 40;
	if ((at = strchr(order, c)) != NULL)
		return 250u - 6u * (unsigned)(at - order);
	if (c >= '0' && c <= '9')
		return 150;
	if (c == '\n' || c == '.' || c == ',' || c == '/' || c == '-' || c == ':' || c == '=' || c == '"')
		return 140;
	if (c >= 'A' && c <= 'Z')
		return 60;
	if (c >= 0x80)
		return 50;
	return 30;
}

size_t rxs_text_find(struct rexi_str text, struct rexi_str needle, size_t from)
{
	size_t rare = 0, misses = 0;
	unsigned best = UINT32_MAX;

	if (from > text.len || needle.len > text.len - from)
		return SIZE_MAX;
	if (needle.len == 0)
		return from;
	for (size_t i = 0; i < needle.len && i < 64; i++) {
		unsigned weight = commonness((unsigned char)needle.ptr[i]);
		if (weight < best) {
			best = weight;
			rare = i;
		}
	}
	const char *at = text.ptr + from, *last = text.ptr + (text.len - needle.len);
	while (at <= last) {
		const char *hit = memchr(at + rare, needle.ptr[rare], (size_t)(last - at) + 1);
		if (!hit)
			return SIZE_MAX;
		at = hit - rare;
		if (memcmp(at, needle.ptr, needle.len) == 0)
			return (size_t)(at - text.ptr);
		at++;
		if (++misses > 64 && misses * 16 > (size_t)(at - text.ptr - (ptrdiff_t)from)) {
			/* the byte is common here after all */
			const char *found = at <= last ? memmem(at, (size_t)(text.ptr + text.len - at), needle.ptr, needle.len) : NULL;
			return found ? (size_t)(found - text.ptr) : SIZE_MAX;
		}
	}
	return SIZE_MAX;
}
