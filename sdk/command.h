/* What the shell-like commands share: flags, paths in two parts, opening. Source: sdk-filesystem.md 10. */
#ifndef RXS_COMMAND_H
#define RXS_COMMAND_H

#include "sdk/fs.h"
#include "sdk/native.h"
#include "sdk/reader.h"

/* Every flag once: RXS_FLAG(module, constant, type, id). */
enum rxs_flag_id {
#define RXS_FLAG(module, name, type, id) RXS_FLAG_##id,
#define RXS_FLAG_ALIAS(module, name, type, id)
#define RXS_FLAG_VALUE(type, id) RXS_FLAG_##id,
#include "sdk/flags.def"
#undef RXS_FLAG
#undef RXS_FLAG_ALIAS
#undef RXS_FLAG_VALUE
	RXS_FLAG_COUNT
};

struct rxs_flag {
	struct rx_memory *memory;
	enum rxs_type type;
	enum rxs_flag_id id;
	int64_t first, second; /* of flags with values */
};

/* The flags of one call: which were given, and the values of the first of each kind. */
struct rxs_flags {
	uint64_t given;
	int64_t first[RXS_FLAG_COUNT], second[RXS_FLAG_COUNT];
};

/*
 * Reads a flag array. A foreign element is kind Other, "<command>: expected <Type>Flag flag, got <type name>". `list` NULL:
 * no flags.
 */
RX_NODISCARD enum rexi_status rxs_flags_read(struct rxs_session *session, struct rxl_call *call, const char *command,
					     enum rxs_type type, const struct rxl_value *list, struct rxs_flags *out);
RX_INLINE bool rxs_flag_given(const struct rxs_flags *flags, enum rxs_flag_id id)
{
	return flags->given >> id & 1;
}

/* Calls `add` for every constant of flags.def: its module, its name, its type and the payload that stands for it. */
RX_NODISCARD enum rexi_status rxs_flags_register(enum rexi_status (*add)(void *user, const char *module, const char *name,
									 enum rxs_type type, void *payload),
						 void *user);
/* The payload of a flag without values. */
void *rxs_flag_plain(enum rxs_flag_id id);

/* Commands come as `cmd(args...)` and `cmd([flags], args...)`: the argument at `index` of the first form. */
struct rxs_arguments {
	const struct rxl_value *self, *args, *flags;
};

RX_INLINE struct rxs_arguments rxs_arguments_of(const struct rxl_value *self, const struct rxl_value *args)
{
	bool flags = self->type == RXL_ARRAY;

	return (struct rxs_arguments){ self, args, flags ? self : NULL };
}

RX_INLINE const struct rxl_value *rxs_argument(const struct rxs_arguments *a, unsigned index)
{
	if (a->flags)
		return &a->args[index];
	return index == 0 ? a->self : &a->args[index - 1];
}

RX_INLINE struct rexi_str rxs_text_argument(const struct rxs_arguments *a, unsigned index)
{
	return rxl_string_view(rxs_argument(a, index));
}

/* For types.def. */
void rxs_show_flag(const void *payload, struct rx_buf *out, bool debug);
void rxs_free_flag(void *payload);

/*
 * A path argument in two parts, by text: trailing slashes and `.` components do not count. No last name (`/`, `..`):
 * InvalidArguments "Invalid <what> path: <path>".
 */
struct rxs_split_path {
	struct rexi_str dir, name;
};
RX_NODISCARD enum rexi_status rxs_split_path(struct rxs_session *session, struct rexi_str path, const char *what,
					     struct rxs_split_path *out);
/* The same without a failure; false when there is no last name. */
bool rxs_try_split_path(struct rexi_str path, struct rxs_split_path *out);

/* FD-open (links followed) or ND-open of the directory part, then the file itself, never through a link. */
RX_NODISCARD enum rexi_status rxs_command_open(struct rxs_session *session, struct rexi_str path, bool follow_dir,
					       const struct rxs_open_file *how, struct rxs_file **out);

/* DR, then every line of the file in order, redacted when that is all that is allowed. */
RX_NODISCARD enum rexi_status rxs_each_line(struct rxs_file *file, rxs_line_fn each, void *user);

#endif
