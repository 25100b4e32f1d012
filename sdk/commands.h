/* The natives of the commands, for natives_commands.def. Source: sdk-filesystem.md 10. */
#ifndef RXS_COMMANDS_H
#define RXS_COMMANDS_H

#include "sdk/native.h"

#define RXS_COMMAND(name)                                                                                                \
	enum rexi_status name(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,                \
			      struct rxl_value *args, unsigned argc, struct rxl_value *out)

RXS_COMMAND(rxs_flag_make);
RXS_COMMAND(rxs_cat);
RXS_COMMAND(rxs_ls);
RXS_COMMAND(rxs_grep);
RXS_COMMAND(rxs_tail);
RXS_COMMAND(rxs_sed);
RXS_COMMAND(rxs_awk_split);
RXS_COMMAND(rxs_awk_field);
RXS_COMMAND(rxs_awk_filter);
RXS_COMMAND(rxs_awk_filter_field);
RXS_COMMAND(rxs_awk_sum);
RXS_COMMAND(rxs_awk_count_unique);
RXS_COMMAND(rxs_awk_filter_range);
RXS_COMMAND(rxs_wc);
RXS_COMMAND(rxs_find_files);
RXS_COMMAND(rxs_du);
RXS_COMMAND(rxs_seq);
RXS_COMMAND(rxs_rm);
RXS_COMMAND(rxs_cp);
RXS_COMMAND(rxs_mv);
RXS_COMMAND(rxs_mkdir);
RXS_COMMAND(rxs_touch);
RXS_COMMAND(rxs_write);

#endif
