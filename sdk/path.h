/* Absolute path names in one normal form: what a policy sees, what a denial says, and what the kernel is given. */
#ifndef RXS_PATH_H
#define RXS_PATH_H

#include "base/buf.h"
#include "base/memory.h"
#include "base/str.h"

struct rxs_session;

/*
 * An immutable, reference-counted, absolute path. Runs of `/` and components `.` are gone, there is no `..`, no NUL and
 * no trailing `/` (the root is "/"). `text` ends in a NUL that `len` does not count: the bytes authorised are the bytes
 * given to the kernel (DESIGN, invariant 2).
 */
struct rxs_path {
	uint32_t refs;
	uint32_t len;
	uint32_t parent_len; /* bytes of the parent's text ("/" is 1); 0 for the root, which has none */
	uint32_t name_at;    /* where the last component starts; len for the root */
	struct rx_memory *memory;
	struct rexi_str uid; /* what policies and messages see: text, or its escaped form when it is not plain UTF-8 */
	char text[];
};

/* How a name was written, where that matters after normalisation. */
struct rxs_spelling {
	bool must_be_dir; /* ended in `/` or `/.`: opening it as a file is ENOTDIR */
	bool empty;       /* the name was "": ENOENT after the check */
	bool self;        /* the name was only dots and slashes and names the directory itself */
	bool nested;      /* has a part before the last component: refused after the check ("basename rule") */
};

/*
 * A path as a script wrote it. The tests of spec/sdk-filesystem.md 2.1 in their order: forbidden characters (below
 * U+0020, or one of <>"|?* or NUL), not absolute, a `..` component; each fills the session's failure with kind Other.
 * spelling may be NULL. *out is owned by the caller (rxs_path_unref).
 */
RX_NODISCARD enum rexi_status rxs_path_parse(struct rxs_session *session, struct rexi_str text,
					     struct rxs_spelling *spelling, struct rxs_path **out);

/* The same for a name inside a directory, as `dir.join(name)`: an absolute name replaces the directory. */
RX_NODISCARD enum rexi_status rxs_path_join(struct rxs_session *session, const struct rxs_path *dir, struct rexi_str name,
					    struct rxs_spelling *spelling, struct rxs_path **out);

/* A child whose name came from the kernel (a directory listing): any bytes but NUL and `/`, not `.` or `..`, not empty.
 * Names that a script could not write are fine here, so that a tree can be walked and removed whatever it holds. */
RX_NODISCARD enum rexi_status rxs_path_child(struct rxs_session *session, const struct rxs_path *dir, struct rexi_str name,
					     struct rxs_path **out);

/* A path that the kernel reported (readlink of /proc/self/fd/N); absolute, without `..`. */
RX_NODISCARD enum rexi_status rxs_path_kernel(struct rxs_session *session, struct rexi_str text, struct rxs_path **out);

/* The directory that holds `path`; the root is its own parent. Owned by the caller. */
RX_NODISCARD enum rexi_status rxs_path_parent(struct rxs_session *session, const struct rxs_path *path,
					      struct rxs_path **out);

struct rxs_path *rxs_path_ref(struct rxs_path *path);
void rxs_path_unref(struct rxs_path *path);

/* True when `path` is `dir` itself or lies below it. */
bool rxs_path_is_in(const struct rxs_path *path, const struct rxs_path *dir);
/* True when `path` is directly inside `dir`. */
bool rxs_path_is_child(const struct rxs_path *path, const struct rxs_path *dir);

RX_INLINE struct rexi_str rxs_path_name(const struct rxs_path *path)
{
	return rx_str_make(path->text + path->name_at, path->len - path->name_at);
}

RX_INLINE struct rexi_str rxs_path_str(const struct rxs_path *path)
{
	return rx_str_make(path->text, path->len);
}

RX_INLINE bool rxs_path_eq(const struct rxs_path *a, const struct rxs_path *b)
{
	return rx_str_eq(rxs_path_str(a), rxs_path_str(b));
}

/*
 * Bytes of a host name as text for policies and scripts. Valid UTF-8 without U+FFFD passes as it is; elsewhere each byte
 * that is not part of a character, and each byte of a U+FFFD, becomes U+FFFD and two hex digits, so that two different
 * names never have one text.
 */
void rxs_path_show(struct rx_buf *buf, struct rexi_str bytes);

#endif
