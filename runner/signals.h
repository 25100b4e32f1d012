/*
 * What ends a run from outside: SIGTERM, SIGINT, SIGHUP and the wall clock. Handlers set a mark; loops ask for it, and a
 * timer that repeats from then on breaks every blocking call with EINTR, so that the asking happens at once. A run that
 * does not come back all the same, because it is deep in a long computation, is ended from the handler: what it has to
 * tell is printed there.
 *
 * The marks are the one mutable global of the program: a signal has nowhere else to put them. librexi does not use them.
 */
#ifndef RXR_SIGNALS_H
#define RXR_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

enum rxr_ending { RXR_GO_ON, RXR_ENDING_SIGNAL, RXR_ENDING_TIME };

/* Milliseconds between two ticks once the run is to end. */
#define RXR_TICK_MS 10

/*
 * Called by the handlers with `user` from the moment the run is to end, at every tick (number counts from 0), until it
 * has. Async-signal-safe: it may end the process.
 */
typedef void (*rxr_ending_hook)(void *user, unsigned tick);

/* Installs the handlers; time_ms 0 is no limit. false: errno. */
bool rxr_signals_start(uint64_t time_ms);
/* NULL: nobody is called. */
void rxr_signals_watch(rxr_ending_hook hook, void *user);
/* The run has ended and is printed: the clock stops, and another signal ends the process at once. A run that was ended has
 * ten seconds to get its result written. Unblocks the signals: a handler may call it. */
void rxr_signals_stop(void);

/* Asked millions of times. */
enum rxr_ending rxr_signals_ending(void);
/* "SIGTERM", "SIGINT", "SIGHUP"; static. */
const char *rxr_signals_name(void);

#endif
