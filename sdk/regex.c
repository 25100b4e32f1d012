#include <config.h>

#include "sdk/regex.h"

#include "sdk/error.h"
#include "sdk/session.h"
#include "sdk/text_lines.h"
#include "sdk/text_pattern.h"
#include "sdk/text_wildcard.h"

#include "base/banned.h"

/* What changes while matching, apart from the regex itself, so that a regex can be passed around as const. */
struct regex_state {
	struct rxs_pattern *pattern;
	struct rxs_pattern_match last;
};

struct rxs_regex {
	struct rxs_session *session;
	struct regex_state *state;
};

enum rexi_status rxs_regex_new(struct rxs_session *session, struct rexi_str pattern, bool ignore_case,
			       struct rxs_regex **out)
{
	struct rxs_regex *regex = rx_memory_take_zeroed(session->memory, 1, sizeof(*regex) + sizeof(struct regex_state));
	enum rexi_status status;
	struct rx_buf why;

	*out = NULL;
	if (!regex)
		return rxs_fail_memory(session);
	regex->session = session;
	regex->state = (struct regex_state *)(void *)(regex + 1);
	rx_buf_init(&why, session->memory, 0);
	status = rxs_pattern_new(session->memory, pattern, ignore_case ? RXS_PATTERN_IGNORE_CASE : 0, &regex->state->pattern,
				 &why);
	if (status == REXI_SYNTAX) {
		const char *detail = rx_buf_cstr(&why);
		status = rxs_fail(session, RXS_IO_ValidationError, "Validation error: Invalid regex pattern: '%s%.*s' - %s",
				  ignore_case ? "(?i)" : "", RX_STR_ARG(pattern), detail ? detail : "");
	} else if (status != REXI_OK) {
		status = rxs_fail_memory(session);
	}
	rx_buf_fini(&why);
	if (status == REXI_OK)
		*out = regex;
	else
		rxs_regex_free(regex);
	return status;
}

void rxs_regex_free(struct rxs_regex *regex)
{
	if (!regex)
		return;
	rxs_pattern_free(regex->state->pattern);
	rx_memory_give(regex->session->memory, regex, sizeof(*regex) + sizeof(struct regex_state));
}

static enum rexi_status matching_failed(struct rxs_session *session, enum rexi_status status)
{
	if (status == REXI_LIMIT)
		return rxs_fail(session, RXS_IO_ValidationError, "Validation error: the pattern takes too many steps to match");
	return status == REXI_OK ? REXI_OK : rxs_fail_memory(session);
}

static enum rexi_status find(const struct rxs_regex *regex, struct rexi_str text, size_t from, unsigned flags, bool *found,
			     struct rxs_match *match)
{
	struct regex_state *state = regex->state;
	enum rexi_status status = rxs_pattern_find(state->pattern, text, from, flags, found, match ? &state->last : NULL);

	if (status != REXI_OK)
		return matching_failed(regex->session, status);
	if (*found && match)
		*match = (struct rxs_match){ state->last.offsets[0], state->last.offsets[1] };
	return REXI_OK;
}

enum rexi_status rxs_regex_find(const struct rxs_regex *regex, struct rexi_str text, size_t from, bool *found,
				struct rxs_match *match)
{
	return find(regex, text, from, 0, found, match);
}

enum rexi_status rxs_regex_find_ascii(const struct rxs_regex *regex, struct rexi_str text, size_t from, bool *found,
				      struct rxs_match *match)
{
	return find(regex, text, from, RXS_PATTERN_ASCII, found, match);
}

enum rexi_status rxs_regex_matches(const struct rxs_regex *regex, struct rexi_str text, bool ascii, bool *found)
{
	return matching_failed(regex->session,
			       rxs_pattern_find(regex->state->pattern, text, 0, ascii ? RXS_PATTERN_ASCII : 0, found, NULL));
}

bool rxs_regex_group(const struct rxs_regex *regex, unsigned i, struct rxs_match *match)
{
	const struct rxs_pattern_match *last = &regex->state->last;

	if (i >= last->count || last->offsets[2 * i] == SIZE_MAX)
		return false;
	*match = (struct rxs_match){ last->offsets[2 * i], last->offsets[2 * i + 1] };
	return true;
}

enum rexi_status rxs_regex_replace(const struct rxs_regex *regex, struct rexi_str text, struct rexi_str with, bool all,
				   struct rx_buf *out)
{
	return matching_failed(regex->session, rxs_pattern_replace(regex->state->pattern, text, with, all, out));
}

struct rexi_str rxs_regex_literal(const struct rxs_regex *regex)
{
	bool whole;

	return rxs_pattern_literal(regex->state->pattern, &whole);
}

size_t rxs_regex_find_literal(const struct rxs_regex *regex, struct rexi_str text, size_t from)
{
	return rxs_text_find(text, rxs_regex_literal(regex), from);
}

bool rxs_regex_is_literal(const struct rxs_regex *regex)
{
	bool whole;

	(void)rxs_pattern_literal(regex->state->pattern, &whole);
	return whole;
}

bool rxs_regex_needs_lines(const struct rxs_regex *regex)
{
	return rxs_pattern_needs_lines(regex->state->pattern);
}

void rxs_replace_literal(struct rexi_str text, struct rexi_str what, struct rexi_str with, bool all, struct rx_buf *out)
{
	rxs_text_replace(text, what, with, all, out);
}

struct rxs_glob {
	struct rxs_session *session;
	struct rxs_wildcard *wildcard;
};

enum rexi_status rxs_glob_new(struct rxs_session *session, struct rexi_str pattern, bool ignore_case, struct rxs_glob **out)
{
	struct rxs_glob *glob = rx_memory_take_zeroed(session->memory, 1, sizeof(*glob));
	enum rexi_status status;
	struct rx_buf why;

	*out = NULL;
	if (!glob)
		return rxs_fail_memory(session);
	glob->session = session;
	rx_buf_init(&why, session->memory, 0);
	status = rxs_wildcard_new(session->memory, pattern, ignore_case, &glob->wildcard, &why);
	if (status == REXI_SYNTAX) {
		const char *detail = rx_buf_cstr(&why);
		status = rxs_fail(session, RXS_IO_ValidationError, "Validation error: Invalid glob pattern: - %s",
				  detail ? detail : "");
	} else if (status != REXI_OK) {
		status = rxs_fail_memory(session);
	}
	rx_buf_fini(&why);
	if (status == REXI_OK)
		*out = glob;
	else
		rxs_glob_free(glob);
	return status;
}

void rxs_glob_free(struct rxs_glob *glob)
{
	if (!glob)
		return;
	rxs_wildcard_free(glob->wildcard);
	rx_memory_give(glob->session->memory, glob, sizeof(*glob));
}

bool rxs_glob_matches(const struct rxs_glob *glob, struct rexi_str name)
{
	return rxs_wildcard_matches(glob->wildcard, name);
}
