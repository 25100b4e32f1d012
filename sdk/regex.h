/*
 * Regular expressions of the dialect that the reference takes (Rust's regex crate) on PCRE2 with its JIT: what that
 * dialect does not have (look-around, back-references, possessive and atomic groups, \K, recursion) is refused, Unicode
 * classes are on, matching has limits on steps and depth. The longest literal that every match must hold is looked for
 * first.
 */
#ifndef RXS_REGEX_H
#define RXS_REGEX_H

#include "base/buf.h"
#include "base/str.h"

struct rxs_session;
struct rxs_regex;

/* ValidationError "Invalid regex pattern: '<pattern>' - <detail>" when it does not compile. *out: rxs_regex_free. */
RX_NODISCARD enum rexi_status rxs_regex_new(struct rxs_session *session, struct rexi_str pattern, bool ignore_case,
					    struct rxs_regex **out);
void rxs_regex_free(struct rxs_regex *regex);

struct rxs_match {
	size_t start, end;
};

/* text must be valid UTF-8. *found false when there is no match at or after `from`. REXI_LIMIT: the match gave up. */
RX_NODISCARD enum rexi_status rxs_regex_find(const struct rxs_regex *regex, struct rexi_str text, size_t from, bool *found,
					     struct rxs_match *match);
/* The answer alone, which cannot run out of steps; `ascii` when every byte of text is below 0x80. */
RX_NODISCARD enum rexi_status rxs_regex_matches(const struct rxs_regex *regex, struct rexi_str text, bool ascii,
						bool *found);
/* rxs_regex_find on a text whose every byte is below 0x80. */
RX_NODISCARD enum rexi_status rxs_regex_find_ascii(const struct rxs_regex *regex, struct rexi_str text, size_t from,
						   bool *found, struct rxs_match *match);
/* Group i of the last rxs_regex_find; false when it took no part. */
bool rxs_regex_group(const struct rxs_regex *regex, unsigned i, struct rxs_match *match);
/* Replace the first or every match; $1, ${1}, $name, ${name} and $$ in `with` as Rust's regex expands them. Appends. */
RX_NODISCARD enum rexi_status rxs_regex_replace(const struct rxs_regex *regex, struct rexi_str text, struct rexi_str with,
						bool all, struct rx_buf *out);
/* A literal that stands in every match; len 0 when none is known. Lives as long as the regex. */
struct rexi_str rxs_regex_literal(const struct rxs_regex *regex);
/* Where it stands in text at or after `from`; SIZE_MAX when it does not. */
size_t rxs_regex_find_literal(const struct rxs_regex *regex, struct rexi_str text, size_t from);
/* True when the pattern is that literal and nothing else. */
bool rxs_regex_is_literal(const struct rxs_regex *regex);
/* True when a match could span a newline or depends on where lines or the text end: then lines have to be tried one by
 * one; else a block of lines can be searched at once. */
bool rxs_regex_needs_lines(const struct rxs_regex *regex);

/* Literal replacement, first or all. Appends. */
void rxs_replace_literal(struct rexi_str text, struct rexi_str what, struct rexi_str with, bool all, struct rx_buf *out);

/* Shell patterns (spec 9.3): `?` `*` `**` `[abc]` `[a-z]` `[!x]`, no escapes. ValidationError
 * "Invalid glob pattern: - Pattern syntax error near position <n>: <detail>". */
struct rxs_glob;
RX_NODISCARD enum rexi_status rxs_glob_new(struct rxs_session *session, struct rexi_str pattern, bool ignore_case,
					   struct rxs_glob **out);
void rxs_glob_free(struct rxs_glob *glob);
bool rxs_glob_matches(const struct rxs_glob *glob, struct rexi_str name);

#endif
