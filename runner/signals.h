/*
 * What ends a run from outside: SIGTERM, SIGINT, SIGHUP and the wall clock. Handlers only set a mark; loops ask for it,
 * and a timer that repeats from then on breaks every blocking call with EINTR, so that the asking happens at once.
 *
 * The marks are the one mutable global of the program: a signal has nowhere else to put them. librexi does not use them.
 */
#ifndef RXR_SIGNALS_H
#define RXR_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

enum rxr_ending { RXR_GO_ON, RXR_ENDING_SIGNAL, RXR_ENDING_TIME };

/* Installs the handlers; time_ms 0 is no limit. false: errno. */
bool rxr_signals_start(uint64_t time_ms);
/* Stops the timer; signals stay handled, so that the result is printed whole. */
void rxr_signals_stop(void);

/* Asked millions of times. */
enum rxr_ending rxr_signals_ending(void);
/* "SIGTERM", "SIGINT", "SIGHUP"; static. */
const char *rxr_signals_name(void);

#endif
