#include <config.h>

#include "runner/signals.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

/* Nothing at all came of it in ten seconds, not even of the hook: the process ends without a result. */
#define LAST_TICK 1000

static volatile sig_atomic_t got_signal, time_is_up, ticks, printing;
static volatile rxr_ending_hook watcher;
static void *volatile watcher_user;

static void tell(void)
{
	rxr_ending_hook hook = watcher;

	if (hook)
		hook(watcher_user, (unsigned)ticks);
}

static void repeat(void)
{
	struct itimerval often = { { 0, RXR_TICK_MS * 1000 }, { 0, RXR_TICK_MS * 1000 } };

	setitimer(ITIMER_REAL, &often, NULL);
}

static void on_signal(int number)
{
	int saved = errno;

	if (printing)
		_exit(6);
	if (!got_signal)
		got_signal = number;
	repeat();
	tell();
	errno = saved;
}

static void on_alarm(int number)
{
	int saved = errno;

	(void)number;
	if (printing)
		_exit(got_signal ? 6 : 5);
	if (!got_signal && !time_is_up) {
		time_is_up = 1;
		repeat();
	} else if (++ticks > LAST_TICK) {
		_exit(got_signal ? 6 : 5);
	}
	tell();
	errno = saved;
}

void rxr_signals_watch(rxr_ending_hook hook, void *user)
{
	watcher = NULL;
	watcher_user = user;
	watcher = hook;
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
	struct itimerval last = { { 0, 0 }, { 0, 0 } };
	sigset_t all;

	watcher = NULL;
	printing = 1;
	if (got_signal || time_is_up)
		last.it_value.tv_sec = LAST_TICK * RXR_TICK_MS / 1000;
	setitimer(ITIMER_REAL, &last, NULL);
	sigfillset(&all);
	(void)sigprocmask(SIG_UNBLOCK, &all, NULL);
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
