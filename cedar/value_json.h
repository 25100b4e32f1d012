/* Values and entity references in JSON: escapes, and reading as a schema directs (specification 5.1). */
#ifndef RXC_VALUE_JSON_H
#define RXC_VALUE_JSON_H

#include "cedar/eval.h"
#include "cedar/json.h"
#include "cedar/schema_api.h"

enum { RXC_RECENT_NAMES = 32 };

struct rxc_value_reader {
	const struct rexi_cedar_engine *engine;
	struct rx_arena *arena;            /* where values live */
	struct rx_arena *scratch;          /* where what is needed while they are made lives; NULL: there, too */
	struct rexi_cedar_entities *store; /* interns uids; NULL: they live in the arena */
	const struct rxc_schema *schema;   /* NULL: none */
	bool last_wins;                    /* of a repeated key the last counts (else it was refused before) */
	struct rx_buf message;             /* scratch for messages */
	const char *where;                 /* "while parsing context"; NULL: the field of an entity: */
	const char *field;                 /* "attribute", "tag"; NULL: its parents */
	struct rexi_str field_name;
	const struct rexi_cedar_uid *entity;
	const char *evaluation;            /* the kind of a failed extension call */
	const char *kind;                  /* of the failure */
	struct rexi_error *err;
	/* Names of fields met lately, by a few bits of them: entities of a type have the same. Of a store only. */
	const struct rexi_cedar_name *recent[RXC_RECENT_NAMES];
	const struct rexi_cedar_name *last_type; /* of the uid before */
	/* Calls are evaluated when everything was read: the first that failed waits until rxc_read_end. */
	bool call_failed;
	struct rexi_error call_error;
};

/* After the last value of an entity or context: the failure of an extension call, if there was one. */
RX_NODISCARD enum rexi_status rxc_read_end(struct rxc_value_reader *reader);

/* The value without a schema; with `type`, as it directs. REXI_SYNTAX or REXI_INVALID: reader->kind says what. */
RX_NODISCARD enum rexi_status rxc_read_value(struct rxc_value_reader *reader, const struct rxc_json *json, const struct rxc_type *type,
					     struct rexi_cedar_value *out);
/* {"type","id"} or {"__entity":{...}}; *uid_out is the store's own when there is a store. */
RX_NODISCARD enum rexi_status rxc_read_uid(struct rxc_value_reader *reader, const struct rxc_json *json,
					   const struct rexi_cedar_uid **uid_out);
/* The parts of {"type", "id"}; false when json is not that. */
bool rxc_json_type_and_id(const struct rxc_json *json, struct rexi_str *type, struct rexi_str *id);
/* A reference's parts without making it, also of [type, id]; false when json is none. *escaped_out (may be NULL): written with __entity. */
bool rxc_json_uid(const struct rxc_json *json, struct rexi_str *type, struct rexi_str *id, bool *escaped_out);

/* A key as a name of reader->store; NULL: no memory. */
RX_NODISCARD const struct rexi_cedar_name *rxc_read_name(struct rxc_value_reader *reader, struct rexi_str key);

/* Sorts the members of an object by key, in place: what is wrong with several of them is reported in that order. */
void rxc_json_sort(const struct rxc_json *object);
/* True when a key is repeated in this value or below. */
bool rxc_json_repeats(const struct rxc_json *json);

#endif
