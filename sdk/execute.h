/* Programs run from scripts, and the one way in which other parts (core dumps) run theirs. */
#ifndef RXS_EXECUTE_H
#define RXS_EXECUTE_H

#include "sdk/host_process.h"
#include "sdk/options.h"

/* execute(FileHandle, ExecuteOptions). */
enum rexi_status rxs_file_execute(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,
				  struct rxl_value *args, unsigned argc, struct rxl_value *out);

/* Runs with the session's limits on time, output and number of children; the buffers of `child` are the caller's. */
RX_NODISCARD enum rexi_status rxs_run_child(struct rxs_session *session, const struct rxs_grant *grant,
					    struct rxs_spawn *spawn, struct rxs_child *child);

/* The same for a part of the SDK that runs a program of its own (gdb): asks Execute like a script's call, with the words as
 * arguments and an empty environment (W-09). */
struct rxs_file;
RX_NODISCARD enum rexi_status rxs_execute_words(struct rxs_session *session, struct rxs_file *file,
						const struct rexi_str *words, size_t count, struct rxs_child *child);

/* Setters and the check of ExecuteOptions, for options.def. */
enum rexi_status rxs_set_args(struct rxs_session *session, struct rxl_call *call, struct rxs_options *options,
			      enum rxs_option option, struct rxl_value *value);
enum rexi_status rxs_set_env(struct rxs_session *session, struct rxl_call *call, struct rxs_options *options,
			     enum rxs_option option, struct rxl_value *value);
enum rexi_status rxs_set_capabilities(struct rxs_session *session, struct rxl_call *call, struct rxs_options *options,
				      enum rxs_option option, struct rxl_value *value);
enum rexi_status rxs_check_execute(struct rxs_session *session, const struct rxs_options *options);

#endif
