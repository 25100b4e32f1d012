#include <config.h>

#include "sdk/url.h"

#include "base/number.h"
#include "sdk/host_net.h"

#include "base/banned.h"

enum { URL_BYTES_MAX = 64 * 1024 };

void rxs_url_init(struct rxs_url *url, struct rx_memory *memory)
{
	*url = (struct rxs_url){ .port = 0 };
	rx_buf_init(&url->text, memory, 0);
	rx_buf_init(&url->user, memory, 0);
}

void rxs_url_fini(struct rxs_url *url)
{
	rx_buf_fini(&url->text);
	rx_buf_fini(&url->user);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool all_digits(struct rexi_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_digit(text.ptr[i]))
			return false;
	return true;
}

static bool is_letter(char c)
{
	return lower(c) >= 'a' && lower(c) <= 'z';
}

static bool is_unreserved(char c)
{
	return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	c = lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void put_escape(struct rx_buf *out, unsigned char byte)
{
	static const char digits[] = "0123456789ABCDEF";

	rx_buf_byte(out, '%');
	rx_buf_byte(out, digits[byte >> 4]);
	rx_buf_byte(out, digits[byte & 15]);
}

/* Escapes in one form; what may not stand in a path or query is escaped, a percent sign that begins no escape too: undoing
 * its neighbour must not make it begin one. */
static void put_normal(struct rx_buf *out, struct rexi_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		int high = c == '%' && i + 2 < text.len ? hex_value(text.ptr[i + 1]) : -1;
		int low = high >= 0 ? hex_value(text.ptr[i + 2]) : -1;

		if (low >= 0) {
			char byte = (char)(high * 16 + low);

			if (is_unreserved(byte))
				rx_buf_byte(out, byte);
			else
				put_escape(out, (unsigned char)byte);
			i += 2;
		} else if (c == '%' || (unsigned char)c >= 127 || memchr(" \"<>`{}|^", c, 9)) {
			put_escape(out, (unsigned char)c);
		} else {
			rx_buf_byte(out, c);
		}
	}
}

/* Segments `.` and `..` of the path from `start` on; it begins with a slash. */
static void remove_dots(struct rx_buf *out, size_t start)
{
	size_t put = start, at = start;

	while (at < out->len) {
		size_t end = at + 1, len;

		while (end < out->len && out->ptr[end] != '/')
			end++;
		len = end - at - 1;
		if (len == 1 && out->ptr[at + 1] == '.') {
			if (end == out->len)
				out->ptr[put++] = '/';
		} else if (len == 2 && out->ptr[at + 1] == '.' && out->ptr[at + 2] == '.') {
			while (put > start && out->ptr[--put] != '/')
				;
			if (end == out->len)
				out->ptr[put++] = '/';
		} else {
			memmove(out->ptr + put, out->ptr + at, end - at);
			put += end - at;
		}
		at = end;
	}
	if (put == start)
		out->ptr[put++] = '/';
	out->len = put;
}

/* Name, dotted IPv4, or IPv6 in brackets. */
static bool put_host(struct rx_buf *out, struct rexi_str host)
{
	struct rxs_address address;
	struct rexi_str last;
	size_t start = out->len;

	if (host.len && host.ptr[0] == '[') {
		if (host.ptr[host.len - 1] != ']' || !rxs_address_parse(rx_str_sub(host, 1, host.len - 2), &address) || !address.v6)
			return false;
		rx_buf_byte(out, '[');
		rxs_address_show(out, &address);
		rx_buf_byte(out, ']');
		return true;
	}
	if (host.len == 0 || host.len > 253)
		return false;
	for (size_t i = 0; i < host.len; i++) {
		char c = lower(host.ptr[i]);

		if (!is_letter(c) && !is_digit(c) && c != '-' && c != '.' && c != '_')
			return false;
		if (c == '.' && (i == 0 || host.ptr[i - 1] == '.'))
			return false;
		rx_buf_byte(out, c);
	}
	last = rx_str_sub(rx_buf_view(out), start, SIZE_MAX);
	if (last.len && last.ptr[last.len - 1] == '.')
		last.len--;
	for (size_t i = last.len; i > 0; i--)
		if (last.ptr[i - 1] == '.') {
			last = rx_str_sub(last, i, SIZE_MAX);
			break;
		}
	/* 127.1, 0x7f.1 and 2130706433 are addresses to some and names to others: refused */
	if (last.len && is_digit(last.ptr[0]) && (rx_str_starts(last, RX_STR("0x")) || all_digits(last)))
		return rxs_address_parse(rx_str_sub(rx_buf_view(out), start, SIZE_MAX), &address);
	return true;
}

static bool put_authority(struct rxs_url *url, struct rexi_str authority)
{
	size_t at = SIZE_MAX, colon = SIZE_MAX, host_at;
	uint64_t port = url->secure ? 443 : 80, usual = port;
	struct rexi_str host;

	for (size_t i = 0; i < authority.len; i++)
		if (authority.ptr[i] == '@')
			at = i;
	if (at != SIZE_MAX) {
		for (size_t i = 0; i < at; i++) {
			int high = authority.ptr[i] == '%' && i + 2 < at ? hex_value(authority.ptr[i + 1]) : -1;
			int low = high >= 0 ? hex_value(authority.ptr[i + 2]) : -1;

			rx_buf_byte(&url->user, low >= 0 ? (char)(high * 16 + low) : authority.ptr[i]);
			i += low >= 0 ? 2 : 0;
		}
		if (url->user.len && !memchr(url->user.ptr, ':', url->user.len))
			rx_buf_byte(&url->user, ':');
		authority = rx_str_sub(authority, at + 1, SIZE_MAX);
	}
	for (size_t i = 0; i < authority.len; i++) {
		if (authority.ptr[i] == ':')
			colon = i;
		else if (authority.ptr[i] == ']')
			colon = SIZE_MAX;
	}
	host = rx_str_sub(authority, 0, colon == SIZE_MAX ? authority.len : colon);
	if (colon != SIZE_MAX && colon + 1 < authority.len &&
	    (rx_number_parse_u64(rx_str_sub(authority, colon + 1, SIZE_MAX), 10, &port) != RX_NUMBER_OK || port > UINT16_MAX ||
	     !is_digit(authority.ptr[colon + 1])))
		return false;
	host_at = url->text.len;
	if (!put_host(&url->text, host))
		return false;
	url->host.len = url->text.len - host_at;
	url->port = (uint16_t)port;
	if (port != usual)
		rx_buf_printf(&url->text, ":%u", url->port);
	return true;
}

/* Everything behind the authority: path and query, without the fragment. */
static bool put_target(struct rxs_url *url, struct rexi_str rest)
{
	size_t fragment = rx_str_find(rest, RX_STR("#"), 0), query, start = url->text.len;

	if (fragment != SIZE_MAX)
		rest.len = fragment;
	query = rx_str_find(rest, RX_STR("?"), 0);
	put_normal(&url->text, rx_str_sub(rest, 0, query == SIZE_MAX ? rest.len : query));
	if (!rx_buf_reserve(&url->text, 1))
		return false;
	remove_dots(&url->text, start);
	url->path.len = url->text.len - start;
	if (query != SIZE_MAX)
		put_normal(&url->text, rx_str_sub(rest, query, SIZE_MAX));
	url->target.len = url->text.len - start;
	return !url->text.failed && !url->user.failed;
}

/* The views, once the text will not move any more. */
static bool settle(struct rxs_url *url)
{
	size_t target_at = url->text.len - url->target.len;

	if (!rx_buf_cstr(&url->text))
		return false;
	url->scheme = rx_str_make(url->text.ptr, url->secure ? 5 : 4);
	url->host.ptr = url->text.ptr + url->scheme.len + 3;
	url->target.ptr = url->path.ptr = url->text.ptr + target_at;
	return url->text.len <= URL_BYTES_MAX;
}

static bool take_scheme(struct rxs_url *url, struct rexi_str *text)
{
	static const struct {
		const char *name;
		bool secure;
	} schemes[] = { { "http", false }, { "https", true } };
	size_t colon = rx_str_find(*text, RX_STR(":"), 0);

	for (size_t s = 0; s < RX_COUNT(schemes) && colon != SIZE_MAX; s++) {
		size_t i = 0;

		if (colon != strlen(schemes[s].name))
			continue;
		while (i < colon && lower(text->ptr[i]) == schemes[s].name[i])
			i++;
		if (i < colon)
			continue;
		url->secure = schemes[s].secure;
		*text = rx_str_sub(*text, colon + 1, SIZE_MAX);
		return true;
	}
	return false;
}

static bool has_scheme(struct rexi_str text)
{
	size_t i = 0;

	if (text.len == 0 || !is_letter(text.ptr[0]))
		return false;
	while (i < text.len && (is_letter(text.ptr[i]) || is_digit(text.ptr[i]) || text.ptr[i] == '+' || text.ptr[i] == '-' ||
				text.ptr[i] == '.'))
		i++;
	return i < text.len && text.ptr[i] == ':';
}

static size_t authority_end(struct rexi_str text)
{
	size_t end = 0;

	while (end < text.len && text.ptr[end] != '/' && text.ptr[end] != '?' && text.ptr[end] != '#')
		end++;
	return end;
}

bool rxs_url_parse(struct rxs_url *url, struct rexi_str text, const struct rxs_url *base)
{
	struct rx_memory *memory = url->text.memory;
	size_t end;

	rx_buf_clear(&url->text);
	rx_buf_clear(&url->user);
	while (text.len && text.ptr[0] == ' ')
		text = rx_str_sub(text, 1, SIZE_MAX);
	while (text.len && text.ptr[text.len - 1] == ' ')
		text.len--;
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 127 || text.ptr[i] == '\\')
			return false;
	url->secure = base && base->secure;
	if (base ? has_scheme(text) && !take_scheme(url, &text) : !take_scheme(url, &text))
		return false;
	rx_buf_str(&url->text, rx_str(url->secure ? "https://" : "http://"));
	if (rx_str_starts(text, RX_STR("//"))) {
		text = rx_str_sub(text, 2, SIZE_MAX);
		end = authority_end(text);
		return put_authority(url, rx_str_sub(text, 0, end)) && put_target(url, rx_str_sub(text, end, SIZE_MAX)) && settle(url);
	}
	if (!base)
		return false;
	/* relative: the base's host, and its path up to the last slash */
	url->secure = base->secure;
	rx_buf_clear(&url->text);
	rx_buf_bytes(&url->text, base->text.ptr, base->text.len - base->target.len);
	url->host.len = base->host.len;
	url->port = base->port;
	if (text.len && text.ptr[0] == '/')
		return put_target(url, text) && settle(url);
	struct rx_buf joined;
	bool made;

	rx_buf_init(&joined, memory, 0);
	if (text.len && text.ptr[0] != '?' && text.ptr[0] != '#') {
		size_t keep = base->path.len;

		while (keep && base->path.ptr[keep - 1] != '/')
			keep--;
		rx_buf_bytes(&joined, base->path.ptr, keep);
	} else {
		rx_buf_str(&joined, text.len && text.ptr[0] == '?' ? base->path : base->target);
	}
	rx_buf_str(&joined, text);
	made = !joined.failed && put_target(url, rx_buf_view(&joined)) && settle(url);
	rx_buf_fini(&joined);
	return made;
}
