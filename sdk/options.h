/* Option builders and options, driven by options.def. */
#ifndef RXS_OPTIONS_H
#define RXS_OPTIONS_H

#include "sdk/native.h"

/* One number for each field: RXS_OPT_OpenFileOptions_read. */
enum rxs_option {
#define RXS_BUILDER(name, missing, check, help)
#define RXS_FIELD(builder, field, type, fallback, required, set, help) RXS_OPT_##builder##_##field,
#include "sdk/options.def"
#undef RXS_BUILDER
#undef RXS_FIELD
	RXS_OPTION_COUNT
};

struct rxs_options; /* the values of one builder, or of what it built */

/* The options in a value whose type was matched by the parameter list. */
const struct rxs_options *rxs_options_need(struct rxl_call *call, const struct rxl_value *value);

bool rxs_option_is_set(const struct rxs_options *options, enum rxs_option option);
/* The value, or the table's default. */
bool rxs_option_bool(const struct rxs_options *options, enum rxs_option option);
int64_t rxs_option_int(const struct rxs_options *options, enum rxs_option option);
/* Borrowed; NULL when not set. Strings, arrays, maps, objects, nested options. */
const struct rxl_value *rxs_option_value(const struct rxs_options *options, enum rxs_option option);
/* {NULL, 0} when not set. Lives as long as the options. */
struct rexi_str rxs_option_str(const struct rxs_options *options, enum rxs_option option);

/* For the setters of options.def: check `value` (owned by the caller) and store it, or fail. */
typedef enum rexi_status (*rxs_option_set_fn)(struct rxs_session *session, struct rxl_call *call,
					      struct rxs_options *options, enum rxs_option option, struct rxl_value *value);
/* In build(), after required fields were checked. */
typedef enum rexi_status (*rxs_option_check_fn)(struct rxs_session *session, const struct rxs_options *options);

/* Stores a value: what a setter function does last. */
RX_NODISCARD enum rexi_status rxs_option_store(struct rxl_call *call, struct rxs_options *options, enum rxs_option option,
					       struct rxl_value *value);

/* One option of a builder, for the documentation. Texts are constant. */
struct rxs_option_info {
	const char *name, *type, *help;
	int64_t fallback; /* of `bool` and `int` options that are not required */
	bool required;
};
/* The index-th option of the builder with that name; false past the last, or when there is no such builder. */
bool rxs_builder_option(struct rexi_str builder, size_t index, struct rxs_option_info *out);

#endif
