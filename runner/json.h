/* Writing JSON documents in the two forms of the result: compact without blanks, pretty with two blanks a level. */
#ifndef RXR_JSON_H
#define RXR_JSON_H

#include "base/buf.h"

struct rxr_json {
	struct rx_buf *buf; /* borrowed; its failure is the document's */
	bool pretty;
	bool begun; /* the present object or array has an element */
	unsigned depth;
};

/* key NULL: an element of an array, or the document itself. bracket is '{' or '['. */
void rxr_json_open(struct rxr_json *json, const char *key, char bracket);
void rxr_json_close(struct rxr_json *json, char bracket);
void rxr_json_string(struct rxr_json *json, const char *key, struct rexi_str text);
void rxr_json_text(struct rxr_json *json, const char *key, const char *text);
/* The same with a key that may hold any bytes. */
void rxr_json_pair(struct rxr_json *json, struct rexi_str key, struct rexi_str text);
void rxr_json_integer(struct rxr_json *json, const char *key, int64_t number);
void rxr_json_boolean(struct rxr_json *json, const char *key, bool truth);
/* Shortest digits that read back the same; ".0" on whole numbers, an exponent from 1e16 and below 1e-5; null when not
 * finite: serde_json's form. */
void rxr_json_float(struct rxr_json *json, const char *key, double number);

#endif
