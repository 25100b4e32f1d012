/* execute: run the program behind a file handle. Source: sdk-filesystem.md 11; W-17 W-18 W-19 W-33 W-34 W-35 W-49. */
#include <config.h>

#include "sdk/execute.h"

#include <errno.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "sdk/error.h"
#include "sdk/fs.h"
#include "sdk/host_process.h"
#include "sdk/options.h"
#include "sdk/record.h"

#include "base/banned.h"

enum {
	SIGTERM_GRACE_MS = 50, /* a run ends within 100 ms of its signal; the reference waits for 5 s (spec 11.3) */
	ARGUMENTS_MAX = 100000,
};

/* ---- the options' setters: formats only; empty texts are found by build() ------------------------------------------ */

enum rexi_status rxs_set_args(struct rxs_session *session, struct rxl_call *call, struct rxs_options *options,
			      enum rxs_option option, struct rxl_value *value)
{
	for (size_t i = 0; i < rxl_array_count(value); i++) {
		const struct rxl_value *item = &rxl_array_items(value)[i];
		if (rxl_is_string(item))
			continue;
		if (item->type != RXL_ARRAY)
			return rxs_fail_text(session, "Argument at index %zu must be a string or an array", i);
		if (rxl_array_count(item) == 0)
			return rxs_fail_text(session, "Argument array at index %zu cannot be empty", i);
		if (rxl_array_count(item) > 2)
			return rxs_fail_text(session, "Argument array at index %zu cannot have more than 2 elements", i);
		if (!rxl_is_string(&rxl_array_items(item)[0]))
			return rxs_fail_text(session, "Argument key must be a string");
		if (rxl_array_count(item) == 2 && !rxl_is_string(&rxl_array_items(item)[1]))
			return rxs_fail_text(session, "Argument value must be a string");
	}
	return rxs_option_store(call, options, option, value);
}

enum rexi_status rxs_set_env(struct rxs_session *session, struct rxl_call *call, struct rxs_options *options,
			     enum rxs_option option, struct rxl_value *value)
{
	const struct rxl_entry *entries = rxl_map_entries(call->heap, value);

	if (rxl_map_count(value) && !entries)
		return REXI_NO_MEMORY;
	for (size_t i = 0; i < rxl_map_count(value); i++) {
		if (!rxl_is_string(&entries[i].value)) {
			struct rexi_str key = rxl_string_view(&entries[i].key);
			return rxs_fail_text(session, "Environment variable value for key '%.*s' must be a string", RX_STR_ARG(key));
		}
		if (rxl_string_view(&entries[i].key).len == 0 || rxl_string_view(&entries[i].value).len == 0)
			return rxs_fail_text(session, "Validation error: Environment variable at index %zu should have non-empty "
						      "key and value", i);
	}
	return rxs_option_store(call, options, option, value);
}

enum rexi_status rxs_set_capabilities(struct rxs_session *session, struct rxl_call *call, struct rxs_options *options,
				      enum rxs_option option, struct rxl_value *value)
{
	for (size_t i = 0; i < rxl_array_count(value); i++) {
		const struct rxl_value *item = &rxl_array_items(value)[i];
		if (!rxl_is_string(item))
			return rxs_fail_text(session, "Capability at index %zu must be a string", i);
		struct rexi_str name = rxl_string_view(item);
		if (rxs_capability_number(name) < 0)
			return rxs_fail_text(session, "Invalid capability format: '%.*s'", RX_STR_ARG(name));
	}
	return rxs_option_store(call, options, option, value);
}

static struct rexi_str argument_key(const struct rxl_value *item)
{
	return rxl_string_view(rxl_is_string(item) ? item : &rxl_array_items(item)[0]);
}

static bool argument_value(const struct rxl_value *item, struct rexi_str *value)
{
	if (rxl_is_string(item) || rxl_array_count(item) < 2)
		return false;
	*value = rxl_string_view(&rxl_array_items(item)[1]);
	return true;
}

enum rexi_status rxs_check_execute(struct rxs_session *session, const struct rxs_options *options)
{
	const struct rxl_value *args = rxs_option_value(options, RXS_OPT_ExecuteOptions_args);
	struct rexi_str value;

	for (size_t i = 0; args && i < rxl_array_count(args); i++) {
		const struct rxl_value *item = &rxl_array_items(args)[i];
		struct rexi_str key = argument_key(item);
		if (key.len == 0)
			return rxs_fail_text(session, "Validation error: Argument key at index %zu cannot be empty", i);
		if (argument_value(item, &value) && value.len == 0)
			return rxs_fail_text(session, "Validation error: Argument value for key '%.*s' at index %zu cannot be empty",
					     RX_STR_ARG(key), i);
	}
	return REXI_OK;
}

/* ---- what the policy sees and what the kernel gets ------------------------------------------------------------------ */

/* All in one arena that lives as long as the call. */
struct launch {
	struct rxs_session *session;
	struct rx_arena arena;
	const char **argv, **envp;
	struct rxs_field *arg_tags, *env_tags;
	size_t arg_tag_count, env_tag_count;
	struct rexi_str *keys, *flags, *positional, *names, *capabilities;
	size_t key_count, flag_count, positional_count, name_count, capability_count;
	struct rxs_spawn spawn;
	struct rx_buf user, group;
};

/* A C string of the very bytes that the policy was shown. */
static enum rexi_status c_string(struct launch *l, struct rexi_str text, const char **out)
{
	struct rexi_str copy;

	if (memchr(text.ptr ? text.ptr : "", '\0', text.len))
		return rxs_fail(l->session, RXS_IO_InvalidArguments,
				"Invalid arguments: an argument or variable holds a NUL character");
	copy = rx_arena_copy(&l->arena, text);
	*out = copy.ptr;
	return copy.ptr ? REXI_OK : rxs_fail_memory(l->session);
}

static struct rxs_field text_field(struct rexi_str name, struct rexi_str value)
{
	return (struct rxs_field){ .name = name, .value = { .kind = RXS_DATA_STRING, .string = value } };
}

/* `$ARG` and digits: names that only the generated tags may have (W-18). */
static bool is_reserved(struct rexi_str key)
{
	if (key.len < 5 || !rx_str_starts(key, RX_STR("$ARG")))
		return false;
	for (size_t i = 4; i < key.len; i++)
		if (key.ptr[i] < '0' || key.ptr[i] > '9')
			return false;
	return true;
}

static void add_unique(struct rexi_str *list, size_t *count, struct rexi_str item)
{
	for (size_t i = 0; i < *count; i++)
		if (rx_str_eq(list[i], item))
			return;
	list[(*count)++] = item;
}

/* A tag that is set twice to different texts would hide one of them from the policy (W-18). */
static enum rexi_status add_tag(struct launch *l, struct rexi_str name, struct rexi_str value)
{
	for (size_t i = 0; i < l->arg_tag_count; i++) {
		if (!rx_str_eq(l->arg_tags[i].name, name))
			continue;
		if (rx_str_eq(l->arg_tags[i].value.string, value))
			return REXI_OK;
		return rxs_fail(l->session, RXS_IO_InvalidArguments,
				"Invalid arguments: argument key '%.*s' is given twice with different values", RX_STR_ARG(name));
	}
	l->arg_tags[l->arg_tag_count++] = text_field(name, value);
	return REXI_OK;
}

/* An argument that stands alone, the next of its kind. */
static enum rexi_status add_word(struct launch *l, struct rexi_str key, size_t *at, size_t *standalone)
{
	struct rexi_str name;
	struct rx_buf tag;

	if (is_reserved(key))
		return rxs_fail(l->session, RXS_IO_InvalidArguments, "Invalid arguments: '%.*s' is a reserved argument name",
				RX_STR_ARG(key));
	RX_TRY(c_string(l, key, &l->argv[(*at)++]));
	rx_buf_init(&tag, l->session->memory, 0);
	RX_BUF_LIT(&tag, "$ARG");
	rx_buf_u64(&tag, (*standalone)++);
	name = rx_arena_copy(&l->arena, rx_buf_view(&tag));
	rx_buf_fini(&tag);
	if (!name.ptr)
		return rxs_fail_memory(l->session);
	l->arg_tags[l->arg_tag_count++] = text_field(name, key);
	if (rx_str_starts(key, RX_STR("-")))
		add_unique(l->flags, &l->flag_count, key);
	else
		add_unique(l->positional, &l->positional_count, key);
	return add_tag(l, key, RX_STR("true"));
}

static enum rexi_status add_argument(struct launch *l, const struct rxl_value *item, size_t *at, size_t *standalone)
{
	struct rexi_str key = argument_key(item), value;

	if (!argument_value(item, &value))
		return add_word(l, key, at, standalone);
	if (is_reserved(key))
		return rxs_fail(l->session, RXS_IO_InvalidArguments, "Invalid arguments: '%.*s' is a reserved argument name",
				RX_STR_ARG(key));
	RX_TRY(c_string(l, key, &l->argv[(*at)++]));
	add_unique(l->keys, &l->key_count, key);
	RX_TRY(c_string(l, value, &l->argv[(*at)++]));
	return add_tag(l, key, value);
}

static enum rexi_status take_arrays(struct launch *l, size_t count)
{
	if (count > ARGUMENTS_MAX)
		return rxs_fail(l->session, RXS_IO_InvalidArguments, "Invalid arguments: more than %d arguments", ARGUMENTS_MAX);
	l->argv = RX_ARENA_ARRAY(&l->arena, const char *, 2 * count + 2);
	l->arg_tags = RX_ARENA_ARRAY(&l->arena, struct rxs_field, 2 * count + 1);
	l->keys = RX_ARENA_ARRAY(&l->arena, struct rexi_str, count + 1);
	l->flags = RX_ARENA_ARRAY(&l->arena, struct rexi_str, count + 1);
	l->positional = RX_ARENA_ARRAY(&l->arena, struct rexi_str, count + 1);
	return l->argv && l->arg_tags && l->keys && l->flags && l->positional ? REXI_OK : rxs_fail_memory(l->session);
}

static enum rexi_status read_arguments(struct launch *l, struct rexi_str program, const struct rxl_value *args)
{
	size_t count = args ? rxl_array_count(args) : 0, at = 0, standalone = 0;

	RX_TRY(take_arrays(l, count));
	RX_TRY(c_string(l, program, &l->argv[at++]));
	for (size_t i = 0; i < count; i++)
		RX_TRY(add_argument(l, &rxl_array_items(args)[i], &at, &standalone));
	return REXI_OK;
}

static enum rexi_status read_environment(struct launch *l, struct rxl_heap *heap, const struct rxl_value *env)
{
	size_t count = env ? rxl_map_count(env) : 0;
	const struct rxl_entry *entries = count ? rxl_map_entries(heap, env) : NULL;
	struct rx_buf line;

	l->envp = RX_ARENA_ARRAY(&l->arena, const char *, count + 1);
	l->env_tags = RX_ARENA_ARRAY(&l->arena, struct rxs_field, count + 1);
	l->names = RX_ARENA_ARRAY(&l->arena, struct rexi_str, count + 1);
	if (!l->envp || !l->env_tags || !l->names || (count && !entries))
		return rxs_fail_memory(l->session);
	for (size_t i = 0; i < count; i++) {
		struct rexi_str name = rxl_string_view(&entries[i].key), value = rxl_string_view(&entries[i].value);
		enum rexi_status status;
		/* NAME=VALUE: an equals sign in the name would move the border between what was checked */
		if (memchr(name.ptr, '=', name.len))
			return rxs_fail(l->session, RXS_IO_InvalidArguments,
					"Invalid arguments: environment variable name '%.*s' holds '='", RX_STR_ARG(name));
		rx_buf_init(&line, l->session->memory, 0);
		rx_buf_str(&line, name);
		rx_buf_byte(&line, '=');
		rx_buf_str(&line, value);
		status = line.failed ? rxs_fail_memory(l->session) : c_string(l, rx_buf_view(&line), &l->envp[i]);
		rx_buf_fini(&line);
		RX_TRY(status);
		l->env_tags[l->env_tag_count++] = text_field(name, value);
		l->names[l->name_count++] = name;
	}
	return REXI_OK;
}

static enum rexi_status read_capabilities(struct launch *l, const struct rxl_value *list)
{
	size_t count = list ? rxl_array_count(list) : 0;

	l->capabilities = RX_ARENA_ARRAY(&l->arena, struct rexi_str, count + 1);
	if (!l->capabilities)
		return rxs_fail_memory(l->session);
	for (size_t i = 0; i < count; i++) {
		struct rexi_str name = rxl_string_view(&rxl_array_items(list)[i]);
		int number = rxs_capability_number(name);
		if (number < 0)
			return rxs_fail(l->session, RXS_IO_InvalidArguments, "Invalid arguments: unknown capability '%.*s'",
					RX_STR_ARG(name));
		l->spawn.capabilities |= UINT64_C(1) << number;
		add_unique(l->capabilities, &l->capability_count, name);
	}
	return REXI_OK;
}

/* The names come first, as in the reference; without them there is no request to ask about. */
static enum rexi_status read_identity(struct launch *l, const struct rxs_options *options)
{
	struct rxs_session *session = l->session;
	uint32_t uid, gid;

	rxs_host_real_ids(&uid, &gid);
	if (rxs_option_is_set(options, RXS_OPT_ExecuteOptions_user)) {
		RX_TRY(rxs_user_id(session, rxs_option_str(options, RXS_OPT_ExecuteOptions_user), &uid, &gid));
		l->spawn.set_user = true; /* the user's own group comes with it (W-19) */
	}
	if (rxs_option_is_set(options, RXS_OPT_ExecuteOptions_group)) {
		RX_TRY(rxs_group_id(session, rxs_option_str(options, RXS_OPT_ExecuteOptions_group), &gid));
		l->spawn.set_group = true;
	}
	l->spawn.uid = uid;
	l->spawn.gid = gid;
	RX_TRY(rxs_user_name(session, uid, &l->user));
	return rxs_group_name(session, gid, &l->group);
}

static struct rxs_data strings(const struct rexi_str *items, size_t count)
{
	return (struct rxs_data){ .kind = RXS_DATA_STRINGS, .strings = { items, count } };
}

static struct rxs_data record(const struct rxs_field *fields, size_t count)
{
	return (struct rxs_data){ .kind = RXS_DATA_RECORD, .record = { fields, count } };
}

static struct rxs_data number(int64_t value)
{
	return (struct rxs_data){ .kind = RXS_DATA_LONG, .number = value };
}

static struct rxs_data text(struct rexi_str value)
{
	return (struct rxs_data){ .kind = RXS_DATA_STRING, .string = value };
}

#define FIELD(label) .name = RX_STR_INIT(label)

static enum rexi_status ask(struct launch *l, struct rxs_file *file, const struct rxs_grant **grant)
{
	char argument_id[37], environment_id[37];
	const struct rxs_field argument_fields[] = {
		{ FIELD("keys"), .value = strings(l->keys, l->key_count) },
		{ FIELD("flags"), .value = strings(l->flags, l->flag_count) },
		{ FIELD("positional_values"), .value = strings(l->positional, l->positional_count) },
	};
	const struct rxs_field environment_fields[] = { { FIELD("names"), .value = strings(l->names, l->name_count) } };
	const struct rxs_field user_fields[] = {
		{ FIELD("username"), .value = text(rx_buf_view(&l->user)) },
		{ FIELD("uid"), .value = number(l->spawn.uid) },
	};
	const struct rxs_field group_fields[] = {
		{ FIELD("groupname"), .value = text(rx_buf_view(&l->group)) },
		{ FIELD("gid"), .value = number(l->spawn.gid) },
	};
	const struct rxs_field namespace_fields[] = {
		{ FIELD("target_process_id"), .value = number(l->spawn.namespace_pid) },
	};

	rxs_uuid(l->session, argument_id);
	rxs_uuid(l->session, environment_id);
	const struct rxs_entity arguments = {
		.type = "file_system::Arguments", .id = rx_str(argument_id), .attributes = argument_fields,
		.attribute_count = RX_COUNT(argument_fields), .tags = l->arg_tags, .tag_count = l->arg_tag_count,
	};
	const struct rxs_entity environment = {
		.type = "file_system::Environment", .id = rx_str(environment_id), .attributes = environment_fields,
		.attribute_count = RX_COUNT(environment_fields), .tags = l->env_tags, .tag_count = l->env_tag_count,
	};
	struct rxs_field context[7] = {
		{ FIELD("arguments"), .value = { .kind = RXS_DATA_ENTITY, .entity = &arguments } },
		{ FIELD("environment"), .value = { .kind = RXS_DATA_ENTITY, .entity = &environment } },
		{ FIELD("user"), .value = record(user_fields, RX_COUNT(user_fields)) },
		{ FIELD("group"), .value = record(group_fields, RX_COUNT(group_fields)) },
	};
	size_t count = 4;
	if (l->spawn.in_namespace)
		context[count++] = (struct rxs_field){ FIELD("namespace"),
						       .value = record(namespace_fields, RX_COUNT(namespace_fields)) };
	if (l->capability_count) /* W-17: only when some are asked for */
		context[count++] = (struct rxs_field){ FIELD("capabilities"),
						       .value = strings(l->capabilities, l->capability_count) };
	if (l->spawn.input.ptr) /* that there is one, never what it says: contexts are recorded */
		context[count++] = (struct rxs_field){ FIELD("stdin"), .value = { .kind = RXS_DATA_BOOL, .number = 1 } };
	const struct rxs_resource resource = { .type = RXS_FILE, .path = file->path };
	return rxs_authorize_in(l->session, RXS_FS_EXECUTE, &resource, context, count, grant);
}

/* ---- running --------------------------------------------------------------------------------------------------------- */

static enum rexi_status child_failed(struct rxs_session *session, const struct rxs_spawn *spawn, const struct rxs_child *child)
{
	struct rx_buf reason;
	const char *shown;
	enum rexi_status status;

	if (strcmp(child->step, "pidfd") == 0)
		return rxs_fail(session, RXS_IO_Other, "File descriptor operation failed: Failed to open pidfd for PID %lld",
				(long long)spawn->namespace_pid);
	rx_buf_init(&reason, session->memory, 0);
	rxs_errno_text(&reason, child->os_errno);
	shown = rx_buf_cstr(&reason);
	if (!shown)
		shown = "";
	if (strcmp(child->step, "setns") == 0) {
		status = rxs_fail(session, RXS_IO_ProcessNamespaceFatalError,
				  "Process namespace fatal error: cannot join the PID namespace of process %lld: %s",
				  (long long)spawn->namespace_pid, shown);
		/* spec 3.1: the script ends even if it catches this */
		(void)snprintf(session->terminate, sizeof(session->terminate), "%s", rx_buf_cstr(&session->failure.message));
	} else if (strcmp(child->step, "capabilities") == 0) {
		status = rxs_fail(session, RXS_IO_Other, "Capability error: %s", shown);
	} else {
		status = rxs_fail(session, RXS_IO_IoError, "%s failed: %s", child->step, shown);
	}
	session->failure.os_errno = child->os_errno;
	rx_buf_fini(&reason);
	return status;
}

enum rexi_status rxs_run_child(struct rxs_session *session, const struct rxs_grant *grant, struct rxs_spawn *spawn,
			       struct rxs_child *child)
{
	bool own_timeout;

	if (session->children >= session->limits.children)
		return rxs_fail_limit(session, "children", session->limits.children);
	own_timeout = spawn->timeout_ms && (!session->limits.execute_ms || spawn->timeout_ms < session->limits.execute_ms);
	if (!own_timeout)
		spawn->timeout_ms = session->limits.execute_ms;
	spawn->output_max = session->limits.output_bytes;
	spawn->grace_ms = SIGTERM_GRACE_MS;
	rxs_host_run(grant, spawn, child);
	if (child->end == RXS_CHILD_EXITED)
		rxs_effect(session, "exit_code", child->exit_code);
	switch (child->end) {
	case RXS_CHILD_EXITED:
		return child->out.failed || child->err.failed ? rxs_fail_memory(session) : REXI_OK;
	case RXS_CHILD_FAILED:
		return child_failed(session, spawn, child);
	case RXS_CHILD_TIMED_OUT:
		if (own_timeout) {
			enum rexi_status status = rxs_fail(session, RXS_IO_IoError, "execute timed out after %llu ms",
							   (unsigned long long)spawn->timeout_ms);

			session->failure.os_errno = ETIMEDOUT;
			return status;
		}
		return rxs_fail_limit(session, "execute_ms", session->limits.execute_ms);
	case RXS_CHILD_FLOODED:
		return rxs_fail_limit(session, "output_bytes", session->limits.output_bytes);
	case RXS_CHILD_STOPPED: /* killed by SIGKILL after the grace: the script's own end follows */
		child->exit_code = -9;
		return REXI_OK;
	}
	rx_unreachable();
}

static enum rexi_status put_output(struct rxl_call *call, struct rxl_value *map, const char *key, const struct rx_buf *bytes)
{
	struct rx_buf shown;
	struct rxl_value value = rxl_unit();

	rx_buf_init(&shown, &call->heap->memory, 0);
	rx_utf8_lossy(&shown, rx_buf_view(bytes));
	RX_TRY(rxl_string_from_buf(call->heap, &shown, &value));
	return rxl_map_put(call->heap, map, rx_str(key), value);
}

static enum rexi_status make_result(struct rxl_call *call, const struct rxs_child *child, struct rxl_value *out)
{
	struct rxl_value map = rxl_unit();
	enum rexi_status status = rxl_map_new(call->heap, 3, &map);

	if (status == REXI_OK)
		status = rxl_map_put_int(call->heap, &map, "exit_code", child->exit_code);
	if (status == REXI_OK)
		status = put_output(call, &map, "stdout", &child->out);
	if (status == REXI_OK)
		status = put_output(call, &map, "stderr", &child->err);
	if (status != REXI_OK) {
		rxl_value_drop(call->heap, &map);
		return status;
	}
	return rxs_record_new(call, RXS_TYPE_ExecuteResult, map, out);
}

static enum rexi_status prepare(struct launch *l, struct rxl_call *call, struct rxs_file *file,
				const struct rxs_options *options)
{
	const struct rxl_value *namespace = rxs_option_value(options, RXS_OPT_ExecuteOptions_namespace);

	RX_TRY(read_identity(l, options));
	RX_TRY(read_arguments(l, rxs_path_name(file->entry), rxs_option_value(options, RXS_OPT_ExecuteOptions_args)));
	RX_TRY(read_environment(l, call->heap, rxs_option_value(options, RXS_OPT_ExecuteOptions_env)));
	RX_TRY(read_capabilities(l, rxs_option_value(options, RXS_OPT_ExecuteOptions_capabilities)));
	if (namespace) {
		l->spawn.in_namespace = true;
		l->spawn.namespace_pid = rxs_option_int(rxs_options_need(call, namespace),
							RXS_OPT_ChildNamespaceOptions_target_process);
	}
	if (rxs_option_is_set(options, RXS_OPT_ExecuteOptions_stdin)) {
		l->spawn.input = rxs_option_str(options, RXS_OPT_ExecuteOptions_stdin);
		if (!l->spawn.input.ptr)
			l->spawn.input.ptr = "";
	}
	l->spawn.timeout_ms = (uint64_t)rxs_option_int(options, RXS_OPT_ExecuteOptions_timeout_ms);
	l->spawn.fd = file->fd;
	l->spawn.argv = l->argv;
	l->spawn.envp = l->envp;
	return rxs_file_refresh(file);
}

static void launch_init(struct launch *l, struct rxs_session *session)
{
	*l = (struct launch){ .session = session };
	rx_arena_init(&l->arena, session->memory);
	rx_buf_init(&l->user, session->memory, 0);
	rx_buf_init(&l->group, session->memory, 0);
}

static void launch_fini(struct launch *l)
{
	rx_buf_fini(&l->user);
	rx_buf_fini(&l->group);
	rx_arena_fini(&l->arena);
}

enum rexi_status rxs_file_execute(struct rxs_session *session, struct rxl_call *call, struct rxl_value *self,
				  struct rxl_value *args, unsigned argc, struct rxl_value *out)
{
	struct rxs_file *file = rxs_need(call, self, RXS_TYPE_FileHandle);
	const struct rxs_options *options = rxs_options_need(call, &args[0]);
	struct rxs_child child = { .end = RXS_CHILD_EXITED };
	struct launch l;
	const struct rxs_grant *grant;
	enum rexi_status status;

	(void)argc;
	launch_init(&l, session);
	rx_buf_init(&child.out, session->memory, 0);
	rx_buf_init(&child.err, session->memory, 0);
	status = prepare(&l, call, file, options);
	if (status == REXI_OK)
		status = ask(&l, file, &grant);
	if (status == REXI_OK && file->how.write)
		status = rxs_fail(session, RXS_IO_InvalidFileMode,
				  "Invalid file mode: Attempted to execute a file opened with write permissions. Files must be "
				  "opened read-only for execution.: %s", file->path->text);
	if (status == REXI_OK)
		status = rxs_run_child(session, grant, &l.spawn, &child);
	if (status == REXI_OK)
		status = make_result(call, &child, out);
	rx_buf_fini(&child.out);
	rx_buf_fini(&child.err);
	launch_fini(&l);
	return status;
}

static enum rexi_status prepare_words(struct launch *l, struct rxs_file *file, const struct rexi_str *words, size_t count)
{
	size_t at = 0, standalone = 0;

	rxs_host_real_ids(&l->spawn.uid, &l->spawn.gid);
	RX_TRY(rxs_user_name(l->session, l->spawn.uid, &l->user));
	RX_TRY(rxs_group_name(l->session, l->spawn.gid, &l->group));
	RX_TRY(take_arrays(l, count));
	RX_TRY(c_string(l, rxs_path_name(file->entry), &l->argv[at++]));
	for (size_t i = 0; i < count; i++)
		RX_TRY(add_word(l, words[i], &at, &standalone));
	RX_TRY(read_environment(l, NULL, NULL));
	l->spawn.fd = file->fd;
	l->spawn.argv = l->argv;
	l->spawn.envp = l->envp;
	return rxs_file_refresh(file);
}

enum rexi_status rxs_execute_words(struct rxs_session *session, struct rxs_file *file, const struct rexi_str *words,
				   size_t count, struct rxs_child *child)
{
	const struct rxs_grant *grant;
	struct launch l;
	enum rexi_status status;

	launch_init(&l, session);
	status = prepare_words(&l, file, words, count);
	if (status == REXI_OK)
		status = ask(&l, file, &grant);
	if (status == REXI_OK)
		status = rxs_run_child(session, grant, &l.spawn, child);
	launch_fini(&l);
	return status;
}
