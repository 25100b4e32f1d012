#include <config.h>

#include "runner/signals.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

/* Time for the run to end, print and close the record before the process is ended under it. */
#define REPEAT_US 10000
#define LAST_TICK 1000

static volatile sig_atomic_t got_signal, time_is_up, ticks;

static void repeat(void)
{
	struct itimerval often = { { 0, REPEAT_US }, { 0, REPEAT_US } };

	setitimer(ITIMER_REAL, &often, NULL);
}

static void on_signal(int number)
{
	int saved = errno;

	if (!got_signal)
		got_signal = number;
	repeat();
	errno = saved;
}

/* A blocking call that does not come back within ten seconds has lost its right to a result. */
static void on_alarm(int number)
{
	int saved = errno;

	(void)number;
	if (!got_signal && !time_is_up) {
		time_is_up = 1;
		repeat();
	} else if (++ticks > LAST_TICK) {
		_exit(got_signal ? 6 : 5);
	}
	errno = saved;
}

bool rxr_signals_start(uint64_t time_ms)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal };

	sigfillset(&action.sa_mask);
	for (unsigned i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		struct sigaction old;

		/* nohup and background jobs of a shell ignore them on purpose */
		if (sigaction(numbers[i], NULL, &old) < 0)
			return false;
		if (old.sa_handler != SIG_IGN && sigaction(numbers[i], &action, NULL) < 0)
			return false;
	}
	action.sa_handler = SIG_IGN;
	if (sigaction(SIGPIPE, &action, NULL) < 0)
		return false;
	action.sa_handler = on_alarm;
	if (sigaction(SIGALRM, &action, NULL) < 0)
		return false;
	if (time_ms) {
		struct itimerval once = { { 0, 0 }, { (time_t)(time_ms / 1000), (suseconds_t)(time_ms % 1000 * 1000) } };

		return setitimer(ITIMER_REAL, &once, NULL) == 0;
	}
	return true;
}

void rxr_signals_stop(void)
{
	struct itimerval never = { { 0, 0 }, { 0, 0 } };

	setitimer(ITIMER_REAL, &never, NULL);
}

enum rxr_ending rxr_signals_ending(void)
{
	if (__builtin_expect(got_signal, 0))
		return RXR_ENDING_SIGNAL;
	return __builtin_expect(time_is_up, 0) ? RXR_ENDING_TIME : RXR_GO_ON;
}

const char *rxr_signals_name(void)
{
	return got_signal == SIGINT ? "SIGINT" : got_signal == SIGHUP ? "SIGHUP" : "SIGTERM";
}
