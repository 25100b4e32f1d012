/* Dates of scripts. Source: sdk-system.md 5. */
#ifndef RXS_DATETIME_H
#define RXS_DATETIME_H

#include "sdk/commands.h"

/* DateTimeFormat's values: numbers where a payload's pointer stands. */
enum { RXS_FORMAT_RFC3339 = 1, RXS_FORMAT_RFC2822 = 2 };

/* `Www Mmm dd HH:MM:SS yyyy` of seconds since 1970, in UTC; out holds 64 bytes. */
void rxs_human_time(int64_t seconds, char *out);

void rxs_show_datetime(const void *payload, struct rx_buf *out, bool debug);
void rxs_free_datetime(void *payload);
void rxs_show_datetime_format(const void *payload, struct rx_buf *out, bool debug);

RXS_COMMAND(rxs_datetime_new);
RXS_COMMAND(rxs_datetime_from_seconds);
RXS_COMMAND(rxs_datetime_from_nanos);
RXS_COMMAND(rxs_datetime_now);
RXS_COMMAND(rxs_datetime_now_nanos);
RXS_COMMAND(rxs_datetime_parse);
RXS_COMMAND(rxs_datetime_epoch_seconds);
RXS_COMMAND(rxs_datetime_get);
RXS_COMMAND(rxs_datetime_to_string);
RXS_COMMAND(rxs_datetime_month_str);
RXS_COMMAND(rxs_datetime_add);
RXS_COMMAND(rxs_datetime_subtract);
RXS_COMMAND(rxs_datetime_difference);
RXS_COMMAND(rxs_datetime_compare);
RXS_COMMAND(rxs_random_alphanumeric);

#endif
