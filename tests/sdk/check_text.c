/* The text engines of the commands: patterns, wildcards, lines, fields, counts, redaction. */
#include <config.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "sdk/text_lines.h"
#include "sdk/text_pattern.h"
#include "sdk/text_redact.h"
#include "sdk/text_wildcard.h"
#include "tests/memory.h"
#include "tests/suite.h"

/* The whole match, or NULL: none; "!" in front of the text a refusal must hold. */
static const struct {
	const char *pattern, *subject, *want;
} pattern_rows[] = {
	{ "a+", "baac", "aa" },
	{ "a+?", "baac", "a" },
	{ "(?U)a+", "baac", "a" },
	{ "(?U)a+?", "baac", "aa" },
	{ "sam|samwise", "samwise", "sam" }, /* leftmost-first */
	{ "^b", "a\nb", NULL },
	{ "(?m)^b", "a\nb", "b" },
	{ "(?m)^$", "a\n", "" },     /* also behind the last newline */
	{ "a$", "a\n", NULL },        /* $ is the very end, not before a final newline */
	{ "(?m)a$", "a\n", "a" },
	{ "a\\z", "a", "a" },
	{ ".+", "a\nb", "a" },
	{ "(?s).+", "a\nb", "a\nb" },
	{ "(?R)(?m)a$", "a\r\n", "a" },
	{ "(?Rm)^b$", "a\r\nb\r\n", "b" },
	{ "(?R).+", "a\r\n", "a" },
	{ "\\d+", "x\xd9\xa3\xd9\xa4", "\xd9\xa3\xd9\xa4" }, /* Arabic-Indic digits */
	{ "(?-u)\\d+", "x\xd9\xa3" "4", "4" },
	{ "[[:digit:]]+", "\xd9\xa3" "4", "4" },
	{ "[[:alpha:]]+", "\xc3\xa9" "e", "e" },
	{ "\\w+", "-\xc3\xa9t\xc3\xa9-", "\xc3\xa9t\xc3\xa9" },
	{ "\\bfoo\\b", "xfoo foo", "foo" },
	{ "\\bt", "\xc3\xa9t t", "t" },
	{ "\\b{start}b", "ab b", "b" },
	{ "\\<b\\>", "ab b", "b" },
	{ "\\v", "\x0b", "\x0b" },
	{ "\\s", "\xc2\x85", "\xc2\x85" },
	{ "a{2}", "aaa", "aa" },
	{ "a{2,}", "aaa", "aaa" },
	{ "a{1,2}?", "aaa", "a" },
	{ "a**", "baa", "" },        /* a repetition may be repeated, nothing is possessive */
	{ "(?:a*+)b", "aab", "aab" },
	{ "a++ab", "aaab", "aaab" },
	{ "[a-c&&b-d]+", "abcd", "bc" },
	{ "[a-z--aeiou]+", "aebcd", "bcd" },
	{ "[a-c~~b-d]+", "bad", "ad" },
	{ "[^a-c&&b]+", "bax", "ax" },
	{ "[a[bc]]+", "xabc", "abc" },
	{ "[^[^a]]+", "bab", "a" },
	{ "[\\W]+", "ab -c", " -" },
	{ "[]a]+", "x]a", "]a" },
	{ "[-a]+", "b-a", "-a" },
	{ "[a-]+", "b-a", "-a" },
	{ "[\\]x]+", "]x", "]x" },
	{ "[^\\x00-\\x7F]", "ab\xc3\xa9", "\xc3\xa9" },
	{ "(?i)STRASSE", "strasse", "strasse" },
	{ "(?i)k", "\xe2\x84\xaa", "\xe2\x84\xaa" }, /* Kelvin sign folds to k */
	{ "(?i)\xc3\x89t\xc3\x89", "\xc3\xa9T\xc3\xa9", "\xc3\xa9T\xc3\xa9" },
	{ "(?i:a)b", "Ab", "Ab" },
	{ "(?i:a)b", "AB", NULL },
	{ "(?i)a(?-i)b", "AB", NULL },
	{ "(?i)\\p{Lu}", "a", "a" },
	{ "\\p{Greek}+", "a\xce\xb1\xce\xb2", "\xce\xb1\xce\xb2" },
	{ "\\p{Lowercase_Letter}+", "Ab", "b" },
	{ "\\pL+", "1ab", "ab" },
	{ "\\PL+", "1ab", "1" },
	{ "\\p{gc=Nd}", "a1", "1" },
	{ "\\p{gc!=Nd}", "1a", "a" },
	{ "\\p{script=Cyrillic}", "a\xd0\xb1", "\xd0\xb1" },
	{ "\\x41\\x{42}\\u0043\\u{44}\\U00000045", "ABCDE", "ABCDE" },
	{ "(?x) a b # c\n c", "abc", "abc" },
	{ "(?P<y>\\d{4})", "in 2024", "2024" },
	{ "(?<y.1>\\d{4})", "in 2024", "2024" },
	{ "\\.\\*\\-\\/", ".*-/", ".*-/" },
	{ "]", "]", "]" },
	{ "}", "}", "}" },
	{ "()", "a", "" },
	{ "(|a)+", "aaa", "" },
	{ "a||b", "b", "" },
	{ "x\\x00y", "x?y", NULL },
	{ "(a|b)*c", "ababc", "ababc" },
	{ "", "abc", "" },
	{ "level=ERROR.*timeout", "l level=ERROR x timeout y", "level=ERROR x timeout" },
	{ "[", "", "!unclosed character class" },
	{ "(", "", "!unclosed group" },
	{ "a)", "", "!unopened group" },
	{ "*a", "", "!repetition operator missing expression" },
	{ "a{2,1}", "", "!invalid repetition count range, the start must be <= the end" },
	{ "a{", "", "!unclosed counted repetition" },
	{ "a{,3}", "", "!repetition quantifier expects a valid decimal" },
	{ "(?=a)", "", "!look-around, including look-ahead and look-behind, is not supported" },
	{ "(?<!a)", "", "!look-around, including look-ahead and look-behind, is not supported" },
	{ "(a)\\1", "", "!backreferences are not supported" },
	{ "(?>a)", "", "!unrecognized flag" },
	{ "\\K", "", "!unrecognized escape sequence" },
	{ "\\Z", "", "!unrecognized escape sequence" },
	{ "(?R)", "x", "" },
	{ "(*UTF8)", "", "!repetition operator missing expression" },
	{ "[z-a]", "", "!invalid character class range, the start must be <= the end" },
	{ "[\\d-z]", "", "!invalid range boundary, must be a literal" },
	{ "(?P<a>x)(?P<a>y)", "", "!duplicate capture group name" },
	{ "(?P<1>x)", "", "!invalid capture group character" },
	{ "\\p{Nope}", "", "!Unicode property not found" },
	{ "\\x{110000}", "", "!hexadecimal literal is not a Unicode scalar value" },
	{ "(?ii)", "", "!duplicate flag" },
	{ "(?i-)", "", "!dangling flag negation operator" },
	{ "(?-u).", "", "!pattern can match invalid UTF-8" },
	{ "((((a{100}){100}){100}){100})", "", "!Compiled regex exceeds size limit" },
};

START_TEST(test_pattern_meaning)
{
	struct rexi_str subject = rx_str(pattern_rows[_i].subject);
	const char *want = pattern_rows[_i].want;
	struct rxs_pattern *pattern;
	struct rx_buf why;
	bool found;

	rx_buf_init(&why, &memory, 0);
	enum rexi_status status = rxs_pattern_new(&memory, rx_str(pattern_rows[_i].pattern), 0, &pattern, &why);
	if (want && want[0] == '!') {
		ck_assert_msg(status == REXI_SYNTAX, "%s is accepted", pattern_rows[_i].pattern);
		ck_assert_msg(strstr(rx_buf_cstr(&why), want + 1) != NULL, "%s: %s", pattern_rows[_i].pattern,
			      rx_buf_cstr(&why));
		rx_buf_fini(&why);
		return;
	}
	ck_assert_msg(status == REXI_OK, "%s: %s", pattern_rows[_i].pattern, rx_buf_cstr(&why));
	/* both compiled forms, and the answer without spans, agree */
	for (unsigned form = 0; form < 4; form++) {
		bool ascii = form & 1;
		struct rxs_pattern_match match;
		for (size_t i = 0; ascii && i < subject.len; i++)
			ascii = (unsigned char)subject.ptr[i] < 0x80;
		status = rxs_pattern_find(pattern, subject, 0, ascii ? RXS_PATTERN_ASCII : 0, &found, form & 2 ? NULL : &match);
		ck_assert_int_eq(status, REXI_OK);
		ck_assert_msg(found == (want != NULL), "%s on %s, form %u", pattern_rows[_i].pattern, subject.ptr, form);
		if (found && !(form & 2)) {
			ck_assert_msg(match.offsets[1] - match.offsets[0] == strlen(want) &&
				      memcmp(subject.ptr + match.offsets[0], want, strlen(want)) == 0,
				      "%s on %s: %.*s", pattern_rows[_i].pattern, subject.ptr,
				      (int)(match.offsets[1] - match.offsets[0]), subject.ptr + match.offsets[0]);
		}
	}
	rxs_pattern_free(pattern);
	rx_buf_fini(&why);
}
END_TEST

static const struct {
	const char *pattern, *text, *with, *one, *all;
} replace_rows[] = {
	{ "k=(\\d)", "k=1 k=2", "v=$1", "v=1 k=2", "v=1 v=2" },
	{ "^c", "ab\ncd", "X", "ab\ncd", "ab\ncd" },
	{ "(?m)^c", "ab\ncd", "X", "ab\nXd", "ab\nXd" },
	{ "(?P<a>\\w+) (?P<b>\\w+)", "john smith", "${b} ${a}", "smith john", "smith john" },
	{ "\\d", "5", "$$9", "$9", "$9" },
	{ "x*", "ab\n", "-", "-ab\n", "-a-b-\n-" },
	{ "x*", "axb", "-", "-axb", "-a-b-" },
	{ "a", "aa", "$1a", "a", "" },      /* group "1a" does not exist */
	{ "(a)", "aa", "${1}a", "aaa", "aaaa" },
	{ "a", "a", "$", "$", "$" },
	{ "a", "a", "${x", "${x", "${x" },
	{ "a", "a", "$-", "$-", "$-" },
	{ "(b)?a", "a", "[$1]", "[]", "[]" },
	{ "", "\xc3\xa9x", "-", "-\xc3\xa9x", "-\xc3\xa9-x-" },
};

START_TEST(test_pattern_replace)
{
	struct rxs_pattern *pattern;
	struct rx_buf out;

	rx_buf_init(&out, &memory, 0);
	ck_assert_int_eq(rxs_pattern_new(&memory, rx_str(replace_rows[_i].pattern), 0, &pattern, NULL), REXI_OK);
	for (int all = 0; all < 2; all++) {
		const char *want = all ? replace_rows[_i].all : replace_rows[_i].one;
		rx_buf_clear(&out);
		ck_assert_int_eq(rxs_pattern_replace(pattern, rx_str(replace_rows[_i].text), rx_str(replace_rows[_i].with), all,
						     &out), REXI_OK);
		if (!(want[0] == '\0' && !all))
			ck_assert_msg(rx_str_eq(rx_buf_view(&out), rx_str(want)), "%s: %s", replace_rows[_i].pattern,
				      rx_buf_cstr(&out));
	}
	rxs_pattern_free(pattern);
	rx_buf_fini(&out);
}
END_TEST

/* A pattern that makes a backtracking matcher explode still answers, and a replacement with it ends with a limit. */
START_TEST(test_pattern_explosion)
{
	struct rxs_pattern *pattern;
	struct rx_buf text, out;
	bool found;

	rx_buf_init(&text, &memory, 0);
	rx_buf_init(&out, &memory, 0);
	rx_buf_repeat(&text, 'a', 5000);
	rx_buf_byte(&text, 'b');
	ck_assert_int_eq(rxs_pattern_new(&memory, RX_STR("(a*)*(a*)*[^b]*[c-z]$"), 0, &pattern, NULL), REXI_OK);
	ck_assert_int_eq(rxs_pattern_find(pattern, rx_buf_view(&text), 0, 0, &found, NULL), REXI_OK);
	ck_assert(!found);
	enum rexi_status status = rxs_pattern_replace(pattern, rx_buf_view(&text), RX_STR("x"), true, &out);
	ck_assert(status == REXI_OK || status == REXI_LIMIT);
	rxs_pattern_free(pattern);
	rx_buf_fini(&text);
	rx_buf_fini(&out);
}
END_TEST

START_TEST(test_pattern_depth)
{
	struct rxs_pattern *pattern;
	struct rx_buf text;

	rx_buf_init(&text, &memory, 0);
	for (int n = 249; n <= 251; n += 2) {
		rx_buf_clear(&text);
		rx_buf_repeat(&text, '(', (size_t)n);
		rx_buf_repeat(&text, ')', (size_t)n);
		ck_assert_int_eq(rxs_pattern_new(&memory, rx_buf_view(&text), 0, &pattern, NULL), n < 250 ? REXI_OK : REXI_SYNTAX);
		if (n < 250)
			rxs_pattern_free(pattern);
		rx_buf_clear(&text);
		rx_buf_repeat(&text, '[', (size_t)n);
		rx_buf_byte(&text, 'a');
		rx_buf_repeat(&text, ']', (size_t)n);
		ck_assert_int_eq(rxs_pattern_new(&memory, rx_buf_view(&text), 0, &pattern, NULL), n < 250 ? REXI_OK : REXI_SYNTAX);
		if (n < 250)
			rxs_pattern_free(pattern);
	}
	rx_buf_fini(&text);
}
END_TEST

/* Every allocation failing in turn is REXI_NO_MEMORY and leaves nothing behind. */
START_TEST(test_pattern_memory)
{
	for (size_t n = 1; n < 200; n++) {
		struct rxs_pattern *pattern = NULL;
		bool found;
		memory.fail_at = n;
		enum rexi_status status = rxs_pattern_new(&memory, RX_STR("(?P<n>a[b-d&&c]+|x)\\w"), 0, &pattern, NULL);
		if (status == REXI_OK)
			status = rxs_pattern_find(pattern, RX_STR("zacc"), 0, RXS_PATTERN_ASCII, &found, NULL);
		ck_assert(status == REXI_OK || status == REXI_NO_MEMORY);
		rxs_pattern_free(pattern);
		bool reached = memory.fail_at != 0;
		memory.fail_at = 0;
		ck_assert_uint_eq(memory.used, 0);
		if (reached)
			return;
	}
	ck_abort_msg("the pattern never got its memory");
}
END_TEST

static const struct {
	const char *pattern, *literal;
	bool whole;
} literal_rows[] = {
	{ "abc", "abc", true },      { "a.bcd", "bcd", false },    { "(abc)d", "abcd", false },
	{ "abc|d", "", false },      { "(?i)abc", "", false },     { "ab*cde", "cde", false },
	{ "(?:ab)+c", "ab", false }, { "^abc$", "abc", false },    { "x(?:y|z)ww", "ww", false },
	{ "[0-9]{3}", "", false },   { "level=ERROR.*timeout", "level=ERROR", false },
};

START_TEST(test_pattern_literal)
{
	struct rxs_pattern *pattern;
	bool whole;

	ck_assert_int_eq(rxs_pattern_new(&memory, rx_str(literal_rows[_i].pattern), 0, &pattern, NULL), REXI_OK);
	struct rexi_str literal = rxs_pattern_literal(pattern, &whole);
	ck_assert_msg(rx_str_eq(literal, rx_str(literal_rows[_i].literal)), "%s: %.*s", literal_rows[_i].pattern,
		      (int)literal.len, literal.ptr);
	ck_assert_int_eq(whole, literal_rows[_i].whole);
	rxs_pattern_free(pattern);
}
END_TEST

START_TEST(test_text_find)
{
	static char hay[5000];
	unsigned state = 7;

	for (int round = 0; round < 300; round++) {
		for (size_t i = 0; i < sizeof(hay); i++) {
			state = state * 1103515245u + 12345u;
			hay[i] = "aab"[(state >> 16) % 3];
		}
		size_t at = state % 4900, len = 1 + state % 19;
		struct rexi_str text = rx_str_make(hay, sizeof(hay)), needle = rx_str_make(hay + at, len);
		const char *want = memmem(hay, sizeof(hay), needle.ptr, needle.len);
		ck_assert_uint_eq(rxs_text_find(text, needle, 0), (size_t)(want - hay));
		want = memmem(hay + at, sizeof(hay) - at, needle.ptr, needle.len);
		ck_assert_uint_eq(rxs_text_find(text, needle, at), (size_t)(want - hay));
	}
	ck_assert_uint_eq(rxs_text_find(RX_STR("abc"), RX_STR("abcd"), 0), SIZE_MAX);
	ck_assert_uint_eq(rxs_text_find(RX_STR("abc"), RX_STR(""), 3), 3);
	ck_assert_uint_eq(rxs_text_find(RX_STR("abc"), RX_STR(""), 4), SIZE_MAX);
}
END_TEST

static const struct {
	const char *pattern, *text;
	bool fold, want;
} wildcard_rows[] = {
	{ "*.log", "a.log", false, true },    { "*.log", "a.txt", false, false },  { "*", "", false, true },
	{ "*", ".hidden", false, true },      { "?", "\xc3\xa9", false, true },    { "?", "", false, false },
	{ "a*b*c", "axxbyybzc", false, true },{ "a*b*c", "axxbyy", false, false }, { "[abc]", "b", false, true },
	{ "[a-c]x", "bx", false, true },      { "[!a-c]", "d", false, true },      { "[!a-c]", "b", false, false },
	{ "[]]", "]", false, true },          { "[!]]", "a", false, true },        { "[-a]", "-", false, true },
	{ "[*]", "*", false, true },          { "[*]", "x", false, false },        { "*.LOG", "a.log", true, true },
	{ "[A-C]", "b", true, true },         { "[a-c]", "B", true, true },        { "**", "abc", false, true },
	{ "**/b", "b", false, true },         { "**/b", "a/x/b", false, true },    { "**/b", "ab", false, false },
	{ "a/**", "a/b/c", false, true },     { "a*", "a/b", false, true },        { "", "", false, true },
	{ "", "a", false, false },            { "{a,b}", "{a,b}", false, true },   { "\\*", "\\x", false, true },
};

START_TEST(test_wildcard)
{
	struct rxs_wildcard *wildcard;

	ck_assert_int_eq(rxs_wildcard_new(&memory, rx_str(wildcard_rows[_i].pattern), wildcard_rows[_i].fold, &wildcard, NULL),
			 REXI_OK);
	ck_assert_msg(rxs_wildcard_matches(wildcard, rx_str(wildcard_rows[_i].text)) == wildcard_rows[_i].want, "%s on %s",
		      wildcard_rows[_i].pattern, wildcard_rows[_i].text);
	rxs_wildcard_free(wildcard);
}
END_TEST

static const struct {
	const char *pattern, *why;
} wildcard_bad_rows[] = {
	{ "a**b", "Pattern syntax error near position 0: recursive wildcards must form a single path component" },
	{ "a/**b", "Pattern syntax error near position 4: recursive wildcards must form a single path component" },
	{ "***", "Pattern syntax error near position 2: wildcards are either regular `*` or recursive `**`" },
	{ "x[", "Pattern syntax error near position 1: invalid range pattern" },
	{ "x[]", "Pattern syntax error near position 1: invalid range pattern" },
	{ "[!]", "Pattern syntax error near position 0: invalid range pattern" },
	{ "ab[!", "Pattern syntax error near position 2: invalid range pattern" },
};

START_TEST(test_wildcard_refused)
{
	struct rxs_wildcard *wildcard;
	struct rx_buf why;

	rx_buf_init(&why, &memory, 0);
	ck_assert_int_eq(rxs_wildcard_new(&memory, rx_str(wildcard_bad_rows[_i].pattern), false, &wildcard, &why), REXI_SYNTAX);
	ck_assert_str_eq(rx_buf_cstr(&why), wildcard_bad_rows[_i].why);
	rx_buf_fini(&why);
}
END_TEST

/* Many stars cost pattern times text, not more. */
START_TEST(test_wildcard_stars)
{
	struct rxs_wildcard *wildcard;
	struct rx_buf pattern, text;

	rx_buf_init(&pattern, &memory, 0);
	rx_buf_init(&text, &memory, 0);
	for (int i = 0; i < 200; i++)
		RX_BUF_LIT(&pattern, "a*");
	RX_BUF_LIT(&pattern, "b");
	rx_buf_repeat(&text, 'a', 20000);
	ck_assert_int_eq(rxs_wildcard_new(&memory, rx_buf_view(&pattern), false, &wildcard, NULL), REXI_OK);
	ck_assert(!rxs_wildcard_matches(wildcard, rx_buf_view(&text)));
	rxs_wildcard_free(wildcard);
	rx_buf_fini(&pattern);
	rx_buf_fini(&text);
}
END_TEST

START_TEST(test_lines)
{
	struct rexi_str text = RX_STR("a\r\nb\n\n\rc\r"), line;
	static const char *const want[] = { "a", "b", "", "\rc\r" };
	size_t pos = 0, n = 0;

	while (rxs_line_next(text, &pos, &line)) {
		ck_assert_uint_lt(n, RX_COUNT(want));
		ck_assert(rx_str_eq(line, rx_str(want[n])));
		n++;
	}
	ck_assert_uint_eq(n, RX_COUNT(want));
	pos = 0;
	ck_assert(!rxs_line_next(RX_STR(""), &pos, &line));
}
END_TEST

static const struct {
	const char *line, *delimiter;
	uint64_t number;
	const char *want;
} field_rows[] = {
	{ "a:b:c", ":", 1, "a" }, { "a:b:c", ":", 3, "c" }, { "a:b:c", ":", 4, NULL }, { "a::c", ":", 2, "" },
	{ "", ":", 1, "" },       { "", ":", 2, NULL },     { "ab", "", 1, "" },       { "ab", "", 2, "a" },
	{ "ab", "", 4, "" },      { "ab", "", 5, NULL },    { "a--b", "--", 2, "b" },  { "a:", ":", 2, "" },
	{ "x", ":", 0, NULL },
};

START_TEST(test_field)
{
	struct rexi_str field;
	bool got = rxs_field(rx_str(field_rows[_i].line), rx_str(field_rows[_i].delimiter), field_rows[_i].number, &field);

	ck_assert_int_eq(got, field_rows[_i].want != NULL);
	if (got)
		ck_assert(rx_str_eq(field, rx_str(field_rows[_i].want)));
}
END_TEST

static const struct {
	const char *text;
	uint64_t lines, words, bytes;
} count_rows[] = {
	{ "a b\n\tc\x0b" "d", 1, 4, 8 }, { "one two\nthree", 1, 3, 13 }, { "", 0, 0, 0 }, { "  \n\t\n", 2, 0, 5 },
	{ "\n\n\n\n\n\n\n\n\n\n", 10, 0, 10 }, { "\x8a\x8a\x8a\x8a\x8a\x8a\x8a\x8a", 0, 1, 8 }, { "a\fb\rc", 0, 3, 5 },
};

/* Against the rule spelled out, over lengths and cuts that end inside and outside of the steps of sixteen and 255. */
START_TEST(test_word_counter_long)
{
	static const char letters[] = "ab \n\tc\r\v\fd\x1c\x85\xA0";
	static char text[9000];
	uint32_t random = 12345;

	for (size_t i = 0; i < sizeof(text); i++) {
		random = random * 1664525 + 1013904223;
		text[i] = letters[(random >> 16) % (sizeof(letters) - 1)];
	}
	for (size_t len = 0; len < sizeof(text); len += len < 100 ? 1 : 397) {
		struct rxs_word_counter counts = { 0, 0, 0, false };
		uint64_t lines = 0, words = 0;
		bool in_word = false;

		for (size_t i = 0; i < len; i++) {
			bool space = text[i] == ' ' || (text[i] >= '\t' && text[i] <= '\r');

			words += !space && !in_word;
			in_word = !space;
			lines += text[i] == '\n';
		}
		rxs_word_counter_add(&counts, rx_str_make(text, len / 3));
		rxs_word_counter_add(&counts, rx_str_make(text + len / 3, len - len / 3));
		ck_assert_uint_eq(counts.lines, lines);
		ck_assert_uint_eq(counts.words, words);
		ck_assert_uint_eq(counts.bytes, len);
		ck_assert_uint_eq(rxs_text_newlines(rx_str_make(text, len)), lines);
	}
}
END_TEST

START_TEST(test_word_counter)
{
	struct rexi_str text = rx_str(count_rows[_i].text);

	for (size_t cut = 0; cut <= text.len; cut++) { /* however it is cut into blocks */
		struct rxs_word_counter counts = { 0, 0, 0, false };
		rxs_word_counter_add(&counts, rx_str_sub(text, 0, cut));
		rxs_word_counter_add(&counts, rx_str_sub(text, cut, SIZE_MAX));
		ck_assert_uint_eq(counts.lines, count_rows[_i].lines);
		ck_assert_uint_eq(counts.words, count_rows[_i].words);
		ck_assert_uint_eq(counts.bytes, count_rows[_i].bytes);
	}
}
END_TEST

static const struct {
	const char *text, *old, *one, *all;
} literal_replace_rows[] = {
	{ "a.b a.b axb", "a.b", "X a.b axb", "X X axb" }, { "abc", "", "Xabc", "XaXbXcX" }, { "abc", "z", "abc", "abc" },
	{ "aaa", "aa", "Xa", "Xa" }, { "", "", "X", "X" }, { "", "a", "", "" },
};

START_TEST(test_replace_literal)
{
	struct rx_buf out;

	for (int all = 0; all < 2; all++) {
		rx_buf_init(&out, &memory, 0);
		rxs_text_replace(rx_str(literal_replace_rows[_i].text), rx_str(literal_replace_rows[_i].old), RX_STR("X"), all,
				 &out);
		ck_assert(rx_str_eq(rx_buf_view(&out), rx_str(all ? literal_replace_rows[_i].all : literal_replace_rows[_i].one)));
		rx_buf_fini(&out);
	}
}
END_TEST

/* W-38: literals stand for themselves, `%%` is a percent sign, anchors are wanted ones. NULL: the template is dropped. */
static const struct {
	const char *template, *line;
	bool shows;
} redact_rows[] = {
	{ "error %d: auth failed for user \"%s\"", "error -5: auth failed for user \"bob\"", true },
	{ "error %d: auth failed for user \"%s\"", "x error 5: auth failed for user \"bob\" y", true },
	{ "error %d", "error x", false },
	{ "count %5.2u", "count 12", true },
	{ "size %zu", "size 12", true },
	{ "long %ld", "long -12", true },
	{ "%f", "1.5", false },      /* not understood: shows nothing */
	{ "100%% of %s", "100% of it", true },
	{ "a.b", "axb", false },     /* W-38 */
	{ "a.b", "a.b", true },
	{ "[%s] (ok)", "[net] (ok)", true },
	{ "[%s] (ok)", "n", false },
	{ "^start %d", "not start 5", false },
	{ "^start %d", "start 5 more", true },
	{ "end %d$", "the end 5", true },
	{ "end %d$", "the end 5 x", false },
	{ "open: %m", "open: whatever", true },
	{ "tail %", "tail ", true },
	{ "# comment", "# comment", false },
};

START_TEST(test_redact_w38)
{
	struct rxs_redactor *redactor;

	ck_assert_int_eq(rxs_redactor_new(&memory, rx_str(redact_rows[_i].template), &redactor), REXI_OK);
	ck_assert_msg(rxs_redactor_shows(redactor, rx_str(redact_rows[_i].line)) == redact_rows[_i].shows, "%s on %s",
		      redact_rows[_i].template, redact_rows[_i].line);
	rxs_redactor_free(redactor);
}
END_TEST

START_TEST(test_redact_text)
{
	struct rxs_redactor *redactor;
	struct rx_buf out;

	rx_buf_init(&out, &memory, 0);
	ck_assert_int_eq(rxs_redactor_new(&memory, RX_STR("# dictionary\n\n  user %s  \nport %d\n"), &redactor), REXI_OK);
	ck_assert_uint_eq(rxs_redactor_count(redactor), 2);
	rxs_redactor_apply(redactor, RX_STR("user bob\r\nsecret\nport 5\n"), &out);
	ck_assert_str_eq(rx_buf_cstr(&out), "user bob\n[REDACTED]\nport 5");
	rxs_redactor_free(redactor);
	rx_buf_clear(&out);
	ck_assert_int_eq(rxs_redactor_new(&memory, RX_STR("%f\n"), &redactor), REXI_OK);
	rxs_redactor_apply(redactor, RX_STR("a\nb"), &out);
	ck_assert_str_eq(rx_buf_cstr(&out), "[REDACTED]\n[REDACTED]");
	rxs_redactor_free(redactor);
	rx_buf_fini(&out);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sdk");
	TCase *tc = tcase_create("text");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_pattern_meaning, 0, RX_COUNT(pattern_rows));
	tcase_add_loop_test(tc, test_pattern_replace, 0, RX_COUNT(replace_rows));
	tcase_add_loop_test(tc, test_pattern_literal, 0, RX_COUNT(literal_rows));
	tcase_add_test(tc, test_pattern_explosion);
	tcase_add_test(tc, test_pattern_depth);
	tcase_add_test(tc, test_pattern_memory);
	tcase_add_test(tc, test_text_find);
	tcase_add_loop_test(tc, test_wildcard, 0, RX_COUNT(wildcard_rows));
	tcase_add_loop_test(tc, test_wildcard_refused, 0, RX_COUNT(wildcard_bad_rows));
	tcase_add_test(tc, test_wildcard_stars);
	tcase_add_test(tc, test_lines);
	tcase_add_loop_test(tc, test_field, 0, RX_COUNT(field_rows));
	tcase_add_test(tc, test_word_counter_long);
	tcase_add_loop_test(tc, test_word_counter, 0, RX_COUNT(count_rows));
	tcase_add_loop_test(tc, test_replace_literal, 0, RX_COUNT(literal_replace_rows));
	tcase_add_loop_test(tc, test_redact_w38, 0, RX_COUNT(redact_rows));
	tcase_add_test(tc, test_redact_text);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
