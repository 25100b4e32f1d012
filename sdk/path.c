#include <config.h>

#include "sdk/path.h"

#include "base/unicode.h"
#include "base/utf8.h"
#include "sdk/error.h"
#include "sdk/session.h"

#include "base/banned.h"

/* Longest text of a path; far above what the kernel takes in one call, so that only tricks reach it. */
#define PATH_LEN_MAX (64u << 10)

/* U+FFFD in UTF-8. */
static const char replacement[3] = { '\xEF', '\xBF', '\xBD' };

static bool needs_escape(struct rexi_str bytes)
{
	if (rx_utf8_is_ascii(bytes))
		return false;
	return rx_utf8_valid(bytes) != bytes.len || rx_str_find(bytes, rx_str_make(replacement, 3), 0) != SIZE_MAX;
}

static void show_byte(struct rx_buf *buf, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";

	rx_buf_bytes(buf, replacement, 3);
	rx_buf_byte(buf, digits[byte >> 4]);
	rx_buf_byte(buf, digits[byte & 15]);
}

void rxs_path_show(struct rx_buf *buf, struct rexi_str bytes)
{
	size_t at = 0;

	if (!needs_escape(bytes)) {
		rx_buf_str(buf, bytes);
		return;
	}
	while (at < bytes.len) {
		struct rexi_str rest = rx_str_sub(bytes, at, SIZE_MAX);
		size_t good = rx_utf8_valid(rest);
		size_t mark = rx_str_find(rx_str_sub(rest, 0, good), rx_str_make(replacement, 3), 0);

		if (mark != SIZE_MAX) {
			rx_buf_bytes(buf, rest.ptr, mark);
			for (unsigned i = 0; i < 3; i++)
				show_byte(buf, (unsigned char)replacement[i]);
			at += mark + 3;
			continue;
		}
		rx_buf_bytes(buf, rest.ptr, good);
		at += good;
		if (at < bytes.len)
			show_byte(buf, (unsigned char)bytes.ptr[at++]);
	}
}

/* Makes the object from text that is already in normal form. */
static enum rexi_status path_make(struct rxs_session *session, struct rexi_str normal, struct rxs_path **out)
{
	struct rx_memory *memory = session->memory;
	struct rxs_path *path;
	struct rx_buf shown;
	size_t shown_len = 0;

	if (normal.len > PATH_LEN_MAX)
		return rxs_fail_errno(session, 36 /* ENAMETOOLONG */);
	rx_buf_init(&shown, memory, 0);
	if (needs_escape(normal)) {
		rxs_path_show(&shown, normal);
		shown_len = shown.len;
	}
	path = shown.failed ? NULL : (struct rxs_path *)rx_memory_take(memory, sizeof(*path) + normal.len + 1 + shown_len);
	if (!path) {
		rx_buf_fini(&shown);
		return rxs_fail_memory(session);
	}
	path->refs = 1;
	path->memory = memory;
	path->len = (uint32_t)normal.len;
	memcpy(path->text, normal.ptr, normal.len);
	path->text[normal.len] = '\0';
	path->uid = rx_str_make(path->text, normal.len);
	if (shown_len) {
		memcpy(path->text + normal.len + 1, shown.ptr, shown_len);
		path->uid = rx_str_make(path->text + normal.len + 1, shown_len);
	}
	rx_buf_fini(&shown);
	path->name_at = path->len;
	while (path->name_at > 0 && path->text[path->name_at - 1] != '/')
		path->name_at--;
	path->parent_len = path->len == 1 ? 0 : path->name_at == 1 ? 1 : path->name_at - 1;
	*out = path;
	return REXI_OK;
}

/* The inverse of path_make's size. */
static size_t path_size(const struct rxs_path *path)
{
	size_t shown = path->uid.ptr == path->text ? 0 : path->uid.len;

	return sizeof(*path) + path->len + 1 + shown;
}

struct rxs_path *rxs_path_ref(struct rxs_path *path)
{
	path->refs++;
	return path;
}

void rxs_path_unref(struct rxs_path *path)
{
	if (path && --path->refs == 0)
		rx_memory_give(path->memory, path, path_size(path));
}

/* Appends the components of text to a buffer in normal form; the buffer holds "" (root) or "/a/b". */
static void append_normal(struct rx_buf *buf, struct rexi_str text)
{
	size_t at = 0;

	while (at < text.len) {
		size_t start, len;

		while (at < text.len && text.ptr[at] == '/')
			at++;
		start = at;
		while (at < text.len && text.ptr[at] != '/')
			at++;
		len = at - start;
		if (len == 0 || (len == 1 && text.ptr[start] == '.'))
			continue;
		rx_buf_byte(buf, '/');
		rx_buf_bytes(buf, text.ptr + start, len);
	}
}

static bool has_forbidden_character(struct rexi_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c < 0x20 || c == '<' || c == '>' || c == '"' || c == '|' || c == '?' || c == '*')
			return true;
	}
	return false;
}

static bool has_parent_component(struct rexi_str text)
{
	for (size_t i = 0; i + 1 < text.len; i++)
		if (text.ptr[i] == '.' && text.ptr[i + 1] == '.' && (i == 0 || text.ptr[i - 1] == '/') &&
		    (i + 2 == text.len || text.ptr[i + 2] == '/'))
			return true;
	return false;
}

/* spec 2.1, in its order. */
static enum rexi_status text_check(struct rxs_session *session, struct rexi_str text)
{
	const char *what = NULL;
	struct rx_buf shown;
	enum rexi_status status;

	if (has_forbidden_character(text))
		what = "Path contains invalid characters ";
	else if (text.len == 0 || text.ptr[0] != '/')
		what = "Path is not absolute ";
	else if (has_parent_component(text))
		what = "Path traversal detected ";
	if (!what)
		return REXI_OK;
	rx_buf_init(&shown, session->memory, 0);
	rxs_path_show(&shown, text);
	if (rx_buf_cstr(&shown)) {
		/* A NUL in the text must not cut the message short. */
		status = rxs_fail(session, RXS_IO_Other, "%s", what);
		rx_buf_str(&session->failure.message, rx_buf_view(&shown));
	} else {
		status = rxs_fail_memory(session);
	}
	rx_buf_fini(&shown);
	return status;
}

/* What the basename rule and opening need to know about how a name was written (spec 2.5). */
static void spelling_read(struct rexi_str name, struct rxs_spelling *out)
{
	size_t end = name.len, start;

	*out = (struct rxs_spelling){ .empty = name.len == 0 };
	for (;;) {
		while (end > 0 && name.ptr[end - 1] == '/')
			end--;
		if (end > 0 && name.ptr[end - 1] == '.' && (end == 1 || name.ptr[end - 2] == '/'))
			end--;
		else
			break;
	}
	out->must_be_dir = end < name.len;
	out->self = end == 0 && name.len > 0;
	start = end;
	while (start > 0 && name.ptr[start - 1] != '/')
		start--;
	out->nested = end > 0 && start > 0;
}

static enum rexi_status from_parts(struct rxs_session *session, struct rexi_str dir, struct rexi_str name,
				   struct rxs_path **out)
{
	char space[512];
	struct rx_buf buf;
	enum rexi_status status;

	/* Short paths are put together on the stack. */
	if (dir.len + name.len + 2 <= sizeof(space)) {
		rx_buf_init(&buf, session->memory, 0);
		buf.ptr = space;
		buf.cap = sizeof(space);
		append_normal(&buf, dir);
		append_normal(&buf, name);
		if (buf.len == 0)
			space[buf.len++] = '/';
		return path_make(session, rx_str_make(space, buf.len), out);
	}
	rx_buf_init(&buf, session->memory, 0);
	append_normal(&buf, dir);
	append_normal(&buf, name);
	if (buf.len == 0)
		rx_buf_byte(&buf, '/');
	status = buf.failed ? rxs_fail_memory(session) : path_make(session, rx_buf_view(&buf), out);
	rx_buf_fini(&buf);
	return status;
}

enum rexi_status rxs_path_parse(struct rxs_session *session, struct rexi_str text, struct rxs_spelling *spelling,
				struct rxs_path **out)
{
	RX_TRY(text_check(session, text));
	if (spelling)
		spelling_read(text, spelling);
	return from_parts(session, text, rx_str_make("", 0), out);
}

enum rexi_status rxs_path_join(struct rxs_session *session, const struct rxs_path *dir, struct rexi_str name,
			       struct rxs_spelling *spelling, struct rxs_path **out)
{
	bool absolute = name.len > 0 && name.ptr[0] == '/';

	if (spelling)
		spelling_read(name, spelling);
	if (absolute) {
		RX_TRY(text_check(session, name));
		return from_parts(session, rx_str_make("", 0), name, out);
	}
	if (has_forbidden_character(name) || has_parent_component(name)) {
		struct rx_buf joined;
		enum rexi_status status;

		rx_buf_init(&joined, session->memory, 0);
		rx_buf_str(&joined, rxs_path_str(dir));
		if (dir->len > 1)
			rx_buf_byte(&joined, '/');
		rx_buf_str(&joined, name);
		/* The directory's own text came from the kernel or passed the test before: only the name can fail it. */
		status = joined.failed ? rxs_fail_memory(session) : text_check(session, rx_buf_view(&joined));
		rx_buf_fini(&joined);
		return status;
	}
	return from_parts(session, rxs_path_str(dir), name, out);
}

enum rexi_status rxs_path_child(struct rxs_session *session, const struct rxs_path *dir, struct rexi_str name,
				struct rxs_path **out)
{
	if (name.len == 0 || memchr(name.ptr, '/', name.len) || memchr(name.ptr, '\0', name.len) ||
	    rx_str_eq(name, RX_STR(".")) || rx_str_eq(name, RX_STR("..")))
		return rxs_fail(session, RXS_IO_InvalidPath, "Invalid path: file path must contain only a filename");
	return from_parts(session, rxs_path_str(dir), name, out);
}

enum rexi_status rxs_path_kernel(struct rxs_session *session, struct rexi_str text, struct rxs_path **out)
{
	if (text.len == 0 || text.ptr[0] != '/' || has_parent_component(text))
		return rxs_fail(session, RXS_IO_InvalidPath, "Invalid path: the real path is not known");
	return from_parts(session, text, rx_str_make("", 0), out);
}

enum rexi_status rxs_path_parent(struct rxs_session *session, const struct rxs_path *path, struct rxs_path **out)
{
	return path_make(session, rx_str_make(path->text, path->parent_len ? path->parent_len : 1), out);
}

bool rxs_path_is_in(const struct rxs_path *path, const struct rxs_path *dir)
{
	if (dir->len == 1)
		return true;
	return path->len >= dir->len && memcmp(path->text, dir->text, dir->len) == 0 &&
	       (path->len == dir->len || path->text[dir->len] == '/');
}

bool rxs_path_is_child(const struct rxs_path *path, const struct rxs_path *dir)
{
	return path->parent_len == dir->len && memcmp(path->text, dir->text, dir->len) == 0;
}
