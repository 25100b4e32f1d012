/* Behind options.def: the rules of single setters and of build(), and the natives that the table makes. */
#ifndef RXS_BUILDERS_H
#define RXS_BUILDERS_H

#include "sdk/options.h"

#define RXS_OPTION_SETTER(name)                                                                                      \
	enum rexi_status name(struct rxs_session *session, struct rxl_call *call, struct rxs_options *options,          \
			      enum rxs_option option, struct rxl_value *value)
RXS_OPTION_SETTER(rxs_set_unsigned);    /* not negative */
RXS_OPTION_SETTER(rxs_set_u32);         /* 0 to 2^32 - 1 */
RXS_OPTION_SETTER(rxs_set_create);      /* true sets `write` too */
RXS_OPTION_SETTER(rxs_set_permissions); /* masked with 0777 */

#define RXS_OPTION_CHECK(name) enum rexi_status name(struct rxs_session *session, const struct rxs_options *options)
RXS_OPTION_CHECK(rxs_check_read_lines);
RXS_OPTION_CHECK(rxs_check_read_page);
RXS_OPTION_CHECK(rxs_check_find);
RXS_OPTION_CHECK(rxs_check_compress);
RXS_OPTION_CHECK(rxs_check_usage);
RXS_OPTION_CHECK(rxs_check_fallocate);
RXS_OPTION_CHECK(rxs_check_verify);     /* a known purpose */

/* SizeRange: bounds in bytes, inclusive. */
struct rxs_size_range {
	struct rxl_heap *heap;
	bool has_min, has_max;
	int64_t min, max;
};

void rxs_options_free(void *payload);
void rxs_options_show(const void *payload, struct rx_buf *out, bool debug);

enum rxs_builder {
#define RXS_BUILDER(name, missing, check, help) RXS_BUILDER_##name,
#define RXS_FIELD(builder, field, type, fallback, required, set, help)
#include "sdk/options.def"
#undef RXS_BUILDER
#undef RXS_FIELD
	RXS_BUILDER_COUNT
};

/* The descriptors that options.def makes: by builder, by builder, by option. */
extern const struct rxs_native rxs_start_rows[], rxs_build_rows[], rxs_set_rows[];

#endif
