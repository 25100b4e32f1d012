/* One decision in words: members of a record, and the receipt of a denial. */
#ifndef RXR_RECEIPT_H
#define RXR_RECEIPT_H

#include <rexi/cedar.h>

#include "base/buf.h"
#include "runner/report.h"
#include "sdk/session.h"

/* Members for the audit record: number, decision, reason, action, resource, principal, context, policies, erring, ... */
void rxr_record_decision(struct rx_buf *buf, const struct rxs_decision *decision);

/*
 * The receipt of the session's last denial: the members of a JSON object without its braces, and lines for people.
 * policies is what the session decides with; NULL when there are none.
 */
void rxr_receipt(struct rxs_session *session, const struct rexi_cedar_policies *policies, struct rx_buf *json,
		 struct rx_buf *text);

/* Counts the session's last denial and keeps its receipt, the first RXR_DENIALS of a run. */
void rxr_receipt_keep(struct rxs_session *session, struct rxr_report *report);
/* The receipt of the denial of that decision; the session's last one is made now if it was not kept. NULL: it is gone. */
const struct rxr_denial *rxr_receipt_find(struct rxs_session *session, struct rxr_report *report, uint64_t number);

#endif
