/*
 * How host operations become functions of the language: one descriptor each (natives.def, options.def), one entry point
 * that keeps the session's books (call number, grants, failure) around every call.
 */
#ifndef RXS_NATIVE_H
#define RXS_NATIVE_H

#include "lang/native.h"
#include "sdk/session.h"

/* As rxl_native_fn, with the session. A failure is reported with rxs_fail*; what the language raised passes through. */
typedef enum rexi_status (*rxs_native_fn)(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,
					  struct rxl_value *args, unsigned argc, struct rxl_value *out);

struct rxs_native {
	const char *id;       /* unique: "open_dir", for tests and links in the documentation */
	const char *name;     /* "cat"; "grep::m" in a module; "get$len" a getter */
	const char *params;   /* with self: "DirHandle string OpenFileOptions", by the short names of types.def */
	const char *result;   /* "FileHandle", "()", "string", ... */
	const char *actions;  /* "open create"; "" when it asks nothing */
	const char *resource; /* "Dir P", "File P/name": in words */
	const char *help;     /* one line */
	const char *example;  /* one line of script, or "" */
	rxs_native_fn fn;
	uint8_t flags;        /* RXL_PURE, RXL_REF, RXL_MUT, RXL_VOLATILE */
	const void *data;     /* rxs_call_native(call)->data */
};

/* The descriptor of the running native. */
RX_INLINE const struct rxs_native *rxs_call_native(const struct rxl_call *call)
{
	return (const struct rxs_native *)rxl_call_data(call);
}

/* Host types (types.def). Each engine has its own classes, made by rxs_register. */
enum rxs_type {
#define RXS_TYPE(id, path, show, end) RXS_TYPE_##id,
#define RXS_TYPE_SHORT(id, path, show, end) RXS_TYPE_##id,
#define RXS_TYPE_PLAIN(id, path, show) RXS_TYPE_##id,
#define RXS_TYPE_KIND(id, path, show) RXS_TYPE_##id,
#include "sdk/types.def"
#undef RXS_TYPE
#undef RXS_TYPE_SHORT
#undef RXS_TYPE_PLAIN
#undef RXS_TYPE_KIND
#define RXS_BUILDER(name, missing, check, help) RXS_TYPE_##name, RXS_TYPE_##name##_builder,
#define RXS_FIELD(builder, field, type, fallback, required, set, help)
#include "sdk/options.def"
#undef RXS_BUILDER
#undef RXS_FIELD
	RXS_TYPE_COUNT
};

/*
 * Registers every function, type and constant of the SDK with an engine and gives it the session. The session must
 * outlive the engine's values. Tables are borrowed: they are constant data.
 */
RX_NODISCARD enum rexi_status rxs_register(struct rxl_engine *engine, struct rxs_session *session, struct rexi_error *err);

/* A host object of a type; owns payload, also on failure. */
RX_NODISCARD enum rexi_status rxs_object(struct rxl_call *call, enum rxs_type type, void *payload, struct rxl_value *out);
/* The payload when value is of that type, else NULL. */
void *rxs_payload(struct rxl_call *call, const struct rxl_value *value, enum rxs_type type);
/* For natives whose parameter list has already been matched: never NULL. */
void *rxs_need(struct rxl_call *call, const struct rxl_value *value, enum rxs_type type);

/* A text of the host as a string value: shown as rxs_path_show does. */
RX_NODISCARD enum rexi_status rxs_text_value(struct rxl_call *call, struct rexi_str text, struct rxl_value *out);
/* u64 to INT; fails with "Return value conversion failed: ..." above INT64_MAX. */
RX_NODISCARD enum rexi_status rxs_u64_value(struct rxs_session *session, uint64_t number, struct rxl_value *out);

/* Raises the session's failure in the script: a map, a string, or a limit that cannot be caught. */
RX_NODISCARD enum rexi_status rxs_raise(struct rxs_session *session, struct rxl_call *call);

/* The number of the decision behind a caught error's kind when it was a denial; 0 for any other value. */
uint64_t rxs_kind_denial(const struct rxl_value *kind);
/* The file or directory that a caught error is about, from its kind; empty when it is about none. Lives as long as kind. */
struct rexi_str rxs_kind_path(const struct rxl_value *kind);
RX_NODISCARD enum rexi_status rxs_entry_type_value(struct rxl_call *call, unsigned type, struct rxl_value *out);

/* All descriptors: natives.def first, then those that options.def makes. Constant data. */
const struct rxs_native *const *rxs_natives(size_t *count);
/* True when what a script threw is a denial by policy: a map whose `kind` is PermissionDenied of one of the SDK's kinds. */
bool rxs_is_denial(const struct rxs_session *session, const struct rxl_value *thrown);

/*
 * The list of functions, for `rexi api`: plain (one line each), JSON or Markdown; `filter` NULL or a part of the name.
 * Appends to out.
 */
enum rxs_api_form { RXS_API_PLAIN, RXS_API_JSON, RXS_API_MARKDOWN };
RX_NODISCARD enum rexi_status rxs_api_print(enum rxs_api_form form, const char *filter, struct rx_buf *out);

#endif
