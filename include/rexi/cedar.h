/*
 * libcedar: Cedar policies, entities and requests; from a request to a decision.
 *
 * Objects and threads. An engine holds what all its objects share (allocator, limits, hash seed) and never changes
 * after it was made. A policy set and an entity store are built by one thread; once built (rexi_cedar_policies_build,
 * rexi_cedar_entities_build) they do not change until the next editing call, and any number of threads may decide with
 * them at once without locks. A request and an authorizer belong to one thread at a time; an authorizer holds the memory
 * of one decision and is reused for the next. Every object must be freed before its engine, and only objects of one
 * engine go together (REXI_INVALID otherwise).
 *
 * Texts are UTF-8, borrowed for the call unless it says otherwise. A function that fails leaves its out-parameters and
 * the object it edits as they were.
 */
#ifndef REXI_CEDAR_H
#define REXI_CEDAR_H

#include <rexi/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rexi_cedar_engine;
struct rexi_cedar_policies;
struct rexi_cedar_entities;
struct rexi_cedar_schema; /* <rexi/cedar_schema.h> */
struct rexi_cedar_request;
struct rexi_cedar_authorizer;
struct rexi_cedar_walk;

/* ---- engine ------------------------------------------------------------------------------------------------------ */

/* X(field, default, hard maximum, "what it bounds") */
#define REXI_CEDAR_LIMIT_LIST(X)                                                                          \
	X(source_bytes, 64u << 20, UINT32_MAX, "bytes of one policy, entity or request text")             \
	X(nesting, 1000, 4000, "levels of nesting in expressions, values and JSON")                       \
	X(policies, 1000000, 1u << 28, "policies, templates and links in a set")                          \
	X(entities, 10000000, 1u << 30, "entities in a store")                                            \
	X(ancestors, 1u << 27, UINT32_MAX, "ancestors of all entities of a store together")               \
	X(attribute_bytes, 16u << 20, UINT32_MAX, "bytes of one string in an entity, context or policy")  \
	X(errors, 64, 10000, "errors kept of one parse")                                                  \
	X(steps, 100000000, UINT32_MAX, "evaluation steps of one decision")                               \
	X(memory_bytes, 0, SIZE_MAX, "bytes held by one object; 0 is no limit")                           \
	X(decision_bytes, 64u << 20, SIZE_MAX, "bytes of memory one decision may take")

struct rexi_cedar_limits {
	size_t size; /* sizeof(struct rexi_cedar_limits) */
#define REXI_CEDAR_LIMIT_FIELD(field, fallback, most, text) size_t field; /* 0 takes the default */
	REXI_CEDAR_LIMIT_LIST(REXI_CEDAR_LIMIT_FIELD)
#undef REXI_CEDAR_LIMIT_FIELD
};

/* allocator and limits may be NULL; both are copied. A limit above its hard maximum is REXI_INVALID. */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_engine_new(const struct rexi_allocator *allocator,
							       const struct rexi_cedar_limits *limits,
							       struct rexi_cedar_engine **out, struct rexi_error *err);
REXI_API void rexi_cedar_engine_free(struct rexi_cedar_engine *engine);

/* ---- names, entity uids, values ------------------------------------------------------------------------------------ */

/* An entity type name or an attribute name, resolved once and used many times. Borrows its text. */
struct rexi_cedar_name {
	struct rexi_str text;
	uint64_t hash;  /* set by the init functions; do not touch */
	uint32_t id;    /* for the library */
	uint32_t flags; /* for the library */
};

/* An entity type name such as "FileSystem::File"; checks the syntax (normalised form only). */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_type_init(const struct rexi_cedar_engine *engine,
							      struct rexi_cedar_name *out, struct rexi_str text,
							      struct rexi_error *err);
/* Any text as an attribute name, tag or record key. */
REXI_API void rexi_cedar_attribute_init(const struct rexi_cedar_engine *engine, struct rexi_cedar_name *out,
					struct rexi_str text);

/* Type::"id". Borrows the type and the id. */
struct rexi_cedar_uid {
	const struct rexi_cedar_name *type;
	struct rexi_str id;
	uint64_t hash; /* set by rexi_cedar_uid_init; do not touch */
};

/* id is any UTF-8 text (the raw id, no escapes). No parsing, no memory: a hash of the id is all it costs. */
REXI_API void rexi_cedar_uid_init(const struct rexi_cedar_engine *engine, struct rexi_cedar_uid *out,
				  const struct rexi_cedar_name *type, struct rexi_str id);

enum rexi_cedar_kind {
	REXI_CEDAR_BOOL,
	REXI_CEDAR_LONG,
	REXI_CEDAR_STRING,
	REXI_CEDAR_ENTITY,
	REXI_CEDAR_SET,
	REXI_CEDAR_RECORD,
	REXI_CEDAR_DECIMAL,
	REXI_CEDAR_IPADDR,
	REXI_CEDAR_DATETIME,
	REXI_CEDAR_DURATION
};

struct rexi_cedar_set;    /* a finite set */
struct rexi_cedar_record; /* names to values */
struct rexi_cedar_ext;    /* decimal, ipaddr, datetime, duration */

/* 16 bytes; a string, uid, set, record or extension value is borrowed from whoever made it. */
struct rexi_cedar_value {
	uint8_t kind; /* enum rexi_cedar_kind */
	uint8_t flags;     /* for the library */
	uint16_t reserved; /* for the library */
	uint32_t len; /* bytes of a string */
	union {
		int64_t integer; /* bool (0, 1), long */
		const char *text;
		const struct rexi_cedar_uid *uid;
		const struct rexi_cedar_set *set;
		const struct rexi_cedar_record *record;
		const struct rexi_cedar_ext *ext;
	} as;
};

struct rexi_cedar_field {
	const struct rexi_cedar_name *name;
	struct rexi_cedar_value value;
};

REXI_API struct rexi_cedar_value rexi_cedar_bool(bool truth);
REXI_API struct rexi_cedar_value rexi_cedar_long(int64_t number);
/* Borrows text, at most UINT32_MAX bytes (cut there otherwise). */
REXI_API struct rexi_cedar_value rexi_cedar_string(struct rexi_str text);
REXI_API struct rexi_cedar_value rexi_cedar_entity(const struct rexi_cedar_uid *uid);

/*
 * Values with parts live in the memory of a request (or of a decision, for providers: see rexi_cedar_provider) and end
 * with its next reset. Items and fields are copied one level deep; duplicates in a set collapse, a repeated field name
 * is REXI_DUPLICATE.
 */
struct rexi_cedar_scratch;
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_set_new(struct rexi_cedar_scratch *scratch,
							    const struct rexi_cedar_value *items, size_t count,
							    struct rexi_cedar_value *out, struct rexi_error *err);
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_record_new(struct rexi_cedar_scratch *scratch,
							       const struct rexi_cedar_field *fields, size_t count,
							       struct rexi_cedar_value *out, struct rexi_error *err);
/* function: "ip", "decimal", "datetime" or "duration"; argument as in policies. REXI_INVALID when it is malformed. */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_extension_new(struct rexi_cedar_scratch *scratch,
								  struct rexi_str function, struct rexi_str argument,
								  struct rexi_cedar_value *out, struct rexi_error *err);
/* A copy of `text` in the scratch memory, for strings and ids that must outlive their source. ptr NULL: no memory. */
REXI_API struct rexi_str rexi_cedar_text_copy(struct rexi_cedar_scratch *scratch, struct rexi_str text);

/* The value in Cedar syntax; returns the length it has, writes at most cap - 1 bytes and a NUL. */
REXI_API size_t rexi_cedar_value_print(const struct rexi_cedar_value *value, char *out, size_t cap);
REXI_API size_t rexi_cedar_uid_print(const struct rexi_cedar_uid *uid, char *out, size_t cap);

/* ---- policy sets --------------------------------------------------------------------------------------------------- */

REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_policies_new(const struct rexi_cedar_engine *engine,
								 struct rexi_cedar_policies **out, struct rexi_error *err);
REXI_API void rexi_cedar_policies_free(struct rexi_cedar_policies *policies);

/*
 * Adds the policies and templates of a Cedar text; ids are policy0, policy1, ... by position in the text, unless
 * REXI_CEDAR_ID_ANNOTATION is given and the policy has @id("..."). All or nothing: on REXI_SYNTAX err is the first
 * error and rexi_cedar_policies_errors() has all of them. An id that is taken is REXI_DUPLICATE. Copies the text.
 */
enum { REXI_CEDAR_ID_ANNOTATION = 1 };
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_policies_add_text(struct rexi_cedar_policies *policies,
								      struct rexi_str text, unsigned flags,
								      struct rexi_error *err);
/* One policy or template under an id of the caller's. */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_policies_add_one(struct rexi_cedar_policies *policies,
								     struct rexi_str id, struct rexi_str text,
								     struct rexi_error *err);
/* A policy set in JSON (staticPolicies, templates, templateLinks), or one policy in JSON, whose id is then `id`. */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_policies_add_json(struct rexi_cedar_policies *policies,
								      struct rexi_str id, struct rexi_str json,
								      struct rexi_error *err);
/* The errors of the latest failed add: count, and each in turn (NULL past the end). Valid until the next edit. */
REXI_API size_t rexi_cedar_policies_error_count(const struct rexi_cedar_policies *policies);
REXI_API const struct rexi_error *rexi_cedar_policies_error(const struct rexi_cedar_policies *policies, size_t at);

struct rexi_cedar_binding {
	const char *slot; /* "?principal" or "?resource" */
	struct rexi_cedar_uid uid;
};
/* Why a link was refused. */
enum rexi_cedar_link_error {
	REXI_CEDAR_LINK_OK,
	REXI_CEDAR_LINK_JSON,
	REXI_CEDAR_LINK_ARITY,
	REXI_CEDAR_LINK_NO_SUCH_TEMPLATE,
	REXI_CEDAR_LINK_ID_CONFLICT,
	REXI_CEDAR_LINK_EXPECTED_TEMPLATE,
	REXI_CEDAR_LINK_MEMORY
};
/* Links a template: exactly its slots must be bound. Copies ids and uids. kind_out may be NULL. */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_policies_link(struct rexi_cedar_policies *policies,
								  struct rexi_str template_id, struct rexi_str new_id,
								  const struct rexi_cedar_binding *bindings, size_t count,
								  enum rexi_cedar_link_error *kind_out,
								  struct rexi_error *err);
/* Removes a static policy or a link (REXI_NOT_FOUND), or a template without links (REXI_INVALID when it has some). */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_policies_remove(struct rexi_cedar_policies *policies,
								    struct rexi_str id, struct rexi_error *err);
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_policies_remove_template(struct rexi_cedar_policies *policies,
									     struct rexi_str id,
									     struct rexi_error *err);
/* Adds copies of all of `other`, which stays as it is. Any id that both have is REXI_DUPLICATE and nothing is added. */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_policies_merge(struct rexi_cedar_policies *policies,
								   const struct rexi_cedar_policies *other,
								   struct rexi_error *err);
/* Compiles conditions and builds the index; linear. Needed after edits, before deciding. REXI_CEDAR_NO_INDEX: every
 * decision tries every policy (for tests). */
enum { REXI_CEDAR_NO_INDEX = 1 };
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_policies_build(struct rexi_cedar_policies *policies, unsigned flags,
								   struct rexi_error *err);

/* Static policies and links, in the order they were added. Removing shifts the later ones down. */
REXI_API size_t rexi_cedar_policies_count(const struct rexi_cedar_policies *policies);
REXI_API size_t rexi_cedar_policies_template_count(const struct rexi_cedar_policies *policies);
/* Bytes of memory that the set holds. */
REXI_API size_t rexi_cedar_policies_memory(const struct rexi_cedar_policies *policies);

struct rexi_cedar_policy_info {
	struct rexi_str id;          /* of the policy or link */
	struct rexi_str template_id; /* {NULL, 0} for a static policy */
	bool forbid;
	struct rexi_str text;   /* the source text; of the template for a link; empty when read from JSON */
	struct rexi_span span;  /* of the policy in the text that was added */
	size_t annotation_count;
};
/* False past the end. The views live until the next edit. */
REXI_API bool rexi_cedar_policies_info(const struct rexi_cedar_policies *policies, size_t at,
				       struct rexi_cedar_policy_info *out);
REXI_API bool rexi_cedar_policies_template_info(const struct rexi_cedar_policies *policies, size_t at,
						struct rexi_cedar_policy_info *out);
/* SIZE_MAX when there is no policy of that id. */
REXI_API size_t rexi_cedar_policies_find(const struct rexi_cedar_policies *policies, struct rexi_str id);
/* An annotation by number; false past the end. value is empty for @key. */
REXI_API bool rexi_cedar_policies_annotation(const struct rexi_cedar_policies *policies, size_t at, size_t annotation,
					     struct rexi_str *key_out, struct rexi_str *value_out);

/* Texts made by the library: taken from the engine's allocator, given back with rexi_cedar_text_free. NUL-terminated. */
struct rexi_cedar_text {
	char *ptr;
	size_t len, cap;
};
REXI_API void rexi_cedar_text_free(const struct rexi_cedar_engine *engine, struct rexi_cedar_text *text);
/* The whole set as JSON; compact, keys sorted. */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_policies_to_json(const struct rexi_cedar_policies *policies,
								     struct rexi_cedar_text *out, struct rexi_error *err);
/* Static policies, then templates, each sorted by id, an empty line between two. Links are not expressible in text. */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_policies_to_cedar(const struct rexi_cedar_policies *policies,
								      struct rexi_cedar_text *out,
								      struct rexi_error *err);

/* ---- entities ------------------------------------------------------------------------------------------------------ */

REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_entities_new(const struct rexi_cedar_engine *engine,
								 struct rexi_cedar_entities **out, struct rexi_error *err);
REXI_API void rexi_cedar_entities_free(struct rexi_cedar_entities *entities);
/*
 * Adds the entities of a JSON array. schema may be NULL; with one, values are read as it directs and every entity is
 * checked against it, and its actions are added. kind_out (may be NULL) receives a static string that names the kind of
 * the first error: json, null, expr-tag, duplicate, has-cycle, type-mismatch, ...
 */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_entities_add_json(struct rexi_cedar_entities *entities,
								      struct rexi_str json,
								      const struct rexi_cedar_schema *schema,
								      const char **kind_out, struct rexi_error *err);
/* One entity from parts; everything is copied. Values must be made of parts that live now. */
struct rexi_cedar_entity_parts {
	const struct rexi_cedar_uid *uid;
	const struct rexi_cedar_field *attributes;
	size_t attribute_count;
	const struct rexi_cedar_field *tags;
	size_t tag_count;
	const struct rexi_cedar_uid *parents;
	size_t parent_count;
};
/*
 * From now on what rexi_cedar_entities_add adds is checked against the schema (borrowed until it is set again or the store
 * is freed; NULL for none): a type, attribute, tag or parent that the schema does not know, a missing attribute or one of
 * another type is REXI_INVALID, and the store stays as it is. What an action entity says of its groups is checked by
 * rexi_cedar_entities_build, when they are known.
 */
REXI_API void rexi_cedar_entities_check(struct rexi_cedar_entities *entities, const struct rexi_cedar_schema *schema);
enum { REXI_CEDAR_REPLACE = 1 }; /* an entity of the same uid is replaced; else it is REXI_DUPLICATE unless equal */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_entities_add(struct rexi_cedar_entities *entities,
								 const struct rexi_cedar_entity_parts *parts,
								 unsigned flags, struct rexi_error *err);
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_entities_remove(struct rexi_cedar_entities *entities,
								    const struct rexi_cedar_uid *uid,
								    struct rexi_error *err);
/* Computes the ancestors after edits; a cycle is REXI_INVALID. (add_json has done it already.) */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_entities_build(struct rexi_cedar_entities *entities,
								   struct rexi_error *err);
REXI_API size_t rexi_cedar_entities_count(const struct rexi_cedar_entities *entities);
REXI_API size_t rexi_cedar_entities_memory(const struct rexi_cedar_entities *entities);
/* A JSON array, sorted by uid; parents are all ancestors. */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_entities_to_json(const struct rexi_cedar_entities *entities,
								     struct rexi_cedar_text *out, struct rexi_error *err);

/* ---- providers ----------------------------------------------------------------------------------------------------- */

enum rexi_cedar_answer {
	REXI_CEDAR_PASS,   /* not this provider's entity: the store is asked, as if there were no provider */
	REXI_CEDAR_ABSENT, /* no such entity (exists, ancestors), attribute or tag */
	REXI_CEDAR_FOUND,
	REXI_CEDAR_FAIL    /* the decision ends in REXI_HOST: no decision, which an enforcement point takes as Deny */
};

/*
 * Answers questions about entities while a decision runs, so that none need to be built. Every callback may be NULL
 * (then it passes). Callbacks must be consistent during one decision. Values and texts that they return must live until
 * the decision ends; `scratch` gives memory that does.
 */
struct rexi_cedar_provider {
	size_t size; /* sizeof(struct rexi_cedar_provider) */
	void *user;
	/* Is the entity there? */
	enum rexi_cedar_answer (*exists)(void *user, const struct rexi_cedar_uid *uid);
	/* ABSENT means: the entity exists, the attribute does not. */
	enum rexi_cedar_answer (*attribute)(void *user, struct rexi_cedar_scratch *scratch,
					    const struct rexi_cedar_uid *uid, const struct rexi_cedar_name *name,
					    struct rexi_cedar_value *out);
	enum rexi_cedar_answer (*tag)(void *user, struct rexi_cedar_scratch *scratch, const struct rexi_cedar_uid *uid,
				      struct rexi_str tag, struct rexi_cedar_value *out);
	/* Calls rexi_cedar_walk_ancestor for every ancestor (not for uid itself; order and repetition do not matter)
	 * until it returns false. FOUND also when there are none. */
	enum rexi_cedar_answer (*ancestors)(void *user, const struct rexi_cedar_uid *uid, struct rexi_cedar_walk *walk);
};
/* The id is borrowed until the decision ends. */
REXI_API bool rexi_cedar_walk_ancestor(struct rexi_cedar_walk *walk, const struct rexi_cedar_name *type,
				       struct rexi_str id);

/* ---- requests ------------------------------------------------------------------------------------------------------ */

REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_request_new(const struct rexi_cedar_engine *engine,
								struct rexi_cedar_request **out, struct rexi_error *err);
REXI_API void rexi_cedar_request_free(struct rexi_cedar_request *request);
/* Forgets everything; keeps the memory for the next request. */
REXI_API void rexi_cedar_request_reset(struct rexi_cedar_request *request);
/* Memory for values of this request, until its next reset. */
REXI_API struct rexi_cedar_scratch *rexi_cedar_request_scratch(struct rexi_cedar_request *request);
/* The uids are copied, their types and ids borrowed until the request is reset. */
REXI_API void rexi_cedar_request_set(struct rexi_cedar_request *request, const struct rexi_cedar_uid *principal,
				     const struct rexi_cedar_uid *action, const struct rexi_cedar_uid *resource);
/* The context as a record value; the default is the empty record. Borrowed until the request is reset. */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_request_set_context(struct rexi_cedar_request *request,
									const struct rexi_cedar_value *record,
									struct rexi_error *err);
/* Adds one field to the context; names are borrowed. A repeated name is found when the request is decided. */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_request_add_context(struct rexi_cedar_request *request,
									const struct rexi_cedar_name *name,
									const struct rexi_cedar_value *value,
									struct rexi_error *err);
/*
 * A request in JSON: {"principal", "action", "resource", "context"?}, entities as {"type", "id"} or as Cedar text.
 * With a schema the context is read and the request is checked against it. kind_out as for entities: json, uid, context,
 * undeclared-action, ...; detail_out (may be NULL) the kind within `context`, else NULL.
 */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_request_set_json(struct rexi_cedar_request *request,
								     struct rexi_str json,
								     const struct rexi_cedar_schema *schema,
								     const char **kind_out, const char **detail_out,
								     struct rexi_error *err);
/* Only the context, from a JSON object. With a schema the request's action must be set before. */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_request_context_json(struct rexi_cedar_request *request,
									 struct rexi_str json,
									 const struct rexi_cedar_schema *schema,
									 const char **detail_out,
									 struct rexi_error *err);
/* An entity uid from Cedar text such as User::"alice", in normal form (no white space, escapes only where they are
 * needed); the parts live in the scratch memory. */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_uid_parse(struct rexi_cedar_scratch *scratch, struct rexi_str text,
							      struct rexi_cedar_uid *out, struct rexi_error *err);

/* ---- decisions ----------------------------------------------------------------------------------------------------- */

/* X(NAME, "kind as printed") */
#define REXI_CEDAR_EVAL_LIST(X)                              \
	X(NONE, "none")                                      \
	X(ENTITY_MISSING, "entity-missing")                  \
	X(ATTRIBUTE_MISSING, "attribute-missing")            \
	X(RECORD_ATTRIBUTE_MISSING, "record-attribute-missing") \
	X(TAG_MISSING, "tag-missing")                        \
	X(TYPE_ERROR, "type-error")                          \
	X(ARITY, "arity")                                    \
	X(OVERFLOW, "overflow")                              \
	X(EXTENSION_ERROR, "extension-error")                \
	X(EXTENSION_UNKNOWN, "extension-unknown")            \
	X(UNLINKED_SLOT, "unlinked-slot")                    \
	X(NON_VALUE, "non-value")                            \
	X(RECURSION, "recursion")

enum rexi_cedar_eval_kind {
#define REXI_CEDAR_EVAL_ENUM(name, text) REXI_CEDAR_EVAL_##name,
	REXI_CEDAR_EVAL_LIST(REXI_CEDAR_EVAL_ENUM)
#undef REXI_CEDAR_EVAL_ENUM
};
REXI_API const char *rexi_cedar_eval_kind_name(enum rexi_cedar_eval_kind kind);

/* An erring policy. */
struct rexi_cedar_policy_error {
	size_t policy; /* number in the set */
	struct rexi_str id;
	enum rexi_cedar_eval_kind kind;
	bool forbid;
	struct rexi_span span; /* in the text the policy came from; empty when it was read from JSON */
	struct rexi_str message, help; /* help may be empty */
};

/* How a permit that did not apply came near (only with REXI_CEDAR_EXPLAIN), or a forbid that was considered. */
struct rexi_cedar_near {
	size_t policy;
	struct rexi_str id;
	bool forbid;
	unsigned clauses_held;  /* scope parts and conditions that held before the first that did not */
	unsigned clauses_total; /* three scope parts and each condition */
	struct rexi_str clause; /* the first that failed, as Cedar text: "principal == User::\"a\"", "when { ... }" */
	struct rexi_span span;
	struct rexi_str values; /* the operands that made it fail: "context.hour = 23, ..."; empty when there are none */
	struct rexi_str part;   /* of a condition the term that decided: "context.hour < 18"; empty for scopes */
	bool part_holds;        /* whether that term is true (in `unless`, under `!`) or false */
};

struct rexi_cedar_decision {
	bool allow;
	size_t reason_count; /* determining policies, ascending numbers in the set */
	const uint32_t *reasons;
	size_t error_count;
	const struct rexi_cedar_policy_error *errors;
	size_t near_count; /* permits by clauses_held, most first; then the forbids that were considered */
	const struct rexi_cedar_near *near;
	size_t tested; /* policies whose scope or condition was looked at */
	bool forbid_erred; /* an erring policy is a forbid: an enforcement point that fails closed denies */
};

REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_authorizer_new(const struct rexi_cedar_engine *engine,
								   struct rexi_cedar_authorizer **out,
								   struct rexi_error *err);
REXI_API void rexi_cedar_authorizer_free(struct rexi_cedar_authorizer *authorizer);

enum {
	REXI_CEDAR_EXPLAIN = 1,   /* fill `near` */
	REXI_CEDAR_LINEAR = 2     /* do not use the index */
};
/*
 * Decides one request. entities and provider may be NULL. The decision lives in the authorizer until its next call.
 * REXI_OK also when policies err: they are skipped and listed (Cedar spec, isAuthorized). REXI_LIMIT, REXI_NO_MEMORY,
 * REXI_HOST (a provider failed) and REXI_INVALID reach no decision and leave out->allow false. Thread-safe for distinct
 * authorizers and requests. Touches no host state.
 */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_authorize(struct rexi_cedar_authorizer *authorizer,
							      const struct rexi_cedar_policies *policies,
							      const struct rexi_cedar_entities *entities,
							      const struct rexi_cedar_provider *provider,
							      const struct rexi_cedar_request *request, unsigned flags,
							      struct rexi_cedar_decision *out, struct rexi_error *err);
/*
 * Decides `count` requests with the same policies, entities and provider, in turn, and gives each decision to `each`: its
 * number, the status and the decision (as of rexi_cedar_authorize; it lives until `each` returns). A request that reaches
 * no decision is a denial with that status and does not keep the others from being decided. `each` returns false to stop:
 * then, and when all were decided, the batch is REXI_OK. REXI_INVALID when nothing can be decided at all (a set that was
 * not built, objects of two engines); `each` has then seen nothing.
 */
typedef bool (*rexi_cedar_each_fn)(void *user, size_t at, enum rexi_status status, const struct rexi_cedar_decision *decision,
				   const struct rexi_error *err);
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_authorize_batch(struct rexi_cedar_authorizer *authorizer,
								    const struct rexi_cedar_policies *policies,
								    const struct rexi_cedar_entities *entities,
								    const struct rexi_cedar_provider *provider,
								    const struct rexi_cedar_request *const *requests, size_t count,
								    unsigned flags, rexi_cedar_each_fn each, void *user,
								    struct rexi_error *err);
/*
 * Evaluates one expression, as a condition would be. REXI_OK: *out lives in the authorizer until its next call.
 * REXI_SYNTAX: it does not parse. REXI_RUNTIME: it erred; *kind_out says how (may be NULL) and err has message and span.
 */
REXI_API REXI_NODISCARD enum rexi_status rexi_cedar_evaluate(struct rexi_cedar_authorizer *authorizer,
							     struct rexi_str expression,
							     const struct rexi_cedar_entities *entities,
							     const struct rexi_cedar_provider *provider,
							     const struct rexi_cedar_request *request,
							     struct rexi_cedar_value *out,
							     enum rexi_cedar_eval_kind *kind_out,
							     struct rexi_error *err);

#ifdef __cplusplus
}
#endif
#endif
