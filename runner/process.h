/* What the process is before a script runs in it: who it acts for, and what it holds. */
#ifndef RXR_PROCESS_H
#define RXR_PROCESS_H

#include "base/buf.h"

/*
 * Appends the principal's id: the account name of the real user, "uid:NUMBER" when there is none. /etc/passwd is read
 * first, other databases are asked only for users that it lacks (and not at all by a static program).
 */
void rxr_process_principal(struct rx_buf *out);

/* At the very start: standard descriptors exist, others do not reach programs that the script starts, no new
 * privileges, no core files, new files not writable by others. */
void rxr_process_prepare(void);

/* After the inputs were read: every descriptor above 2 is closed but `keep` (-1: none), and the environment holds
 * nothing but what local time and the network client use. */
void rxr_process_close(int keep);

#endif
