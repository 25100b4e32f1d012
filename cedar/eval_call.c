/* Calls of extension functions: decimal, ipaddr, datetime, duration. */
#include <config.h>

#include "cedar/eval_inner.h"

#include <inttypes.h>

#include "cedar/extension.h"

#include "base/banned.h"

RX_COLD static bool fail_call_arity(struct rxc_eval *eval, const struct rxc_expr *node, unsigned got)
{
	const struct rxc_function_info *info = &rxc_functions[node->sub];

	rxc_eval_fail(eval, REXI_CEDAR_EVAL_ARITY, node);
	rx_buf_printf(eval->message, "wrong number of arguments provided to extension function `%s`: expected %u, got %u", info->name,
		      (unsigned)info->arg_count, got);
	return rxc_eval_end_message(eval);
}

RX_COLD static bool fail_unknown(struct rxc_eval *eval, const struct rxc_expr *node)
{
	rxc_eval_fail(eval, REXI_CEDAR_EVAL_EXTENSION_UNKNOWN, node);
	rx_buf_printf(eval->message, "extension function `%.*s` does not exist", CUT(node->function ? node->function->text : RX_STR("unknown")));
	return rxc_eval_end_message(eval);
}

RX_COLD static bool fail_extension(struct rxc_eval *eval, const struct rxc_expr *node, const char *extension, const char *message, const char *help)
{
	rxc_eval_fail(eval, REXI_CEDAR_EVAL_EXTENSION_ERROR, node);
	rx_buf_printf(eval->message, "error while evaluating `%s` extension function: %s", extension, message);
	rxc_eval_end_message(eval);
	rx_buf_str(eval->message, rx_str(help));
	return false;
}

static const char *constructor_help(enum rxc_function function, const char *message)
{
	if (function == RXC_FN_IP)
		return "valid IP strings are IPv4/IPv6 addresses or CIDR ranges like `127.0.0.1`, `127.0.0.1/24`, or `ffee::/64`";
	if (function == RXC_FN_DATETIME)
		return "valid datetime strings start with `YYYY-MM-DD` and may optionally include `THH:MM:SS` plus `Z`, `.SSSZ`, or an offset like `+0700`";
	if (function == RXC_FN_DURATION)
		return "valid duration strings are concatenated quantity-unit pairs with an optional leading `-`, for example `1d2h3m4s50ms`";
	if (strncmp(message, "too many", 8) == 0)
		return "at most 4 digits are supported";
	if (strncmp(message, "overflow", 8) == 0)
		return "the value must be in range -922337203685477.5808 to 922337203685477.5807";
	return "valid decimal strings look like `12.34`: digits are required on both sides of `.`, up to 4 fractional digits are allowed, "
	       "and the value must be in range -922337203685477.5808 to 922337203685477.5807";
}

/* Checks the arguments' types; `params` in the letters of RXC_FUNCTION_LIST. */
static bool check_arguments(struct rxc_eval *eval, const struct rxc_instr *pc, const struct rexi_cedar_value *args)
{
	static const struct { const char *type, *constructor; uint8_t kind; char letter; } types[] = {
		{ "string", NULL, REXI_CEDAR_STRING, 's' },	      { "decimal", "decimal", REXI_CEDAR_DECIMAL, 'd' },
		{ "ipaddr", "ip", REXI_CEDAR_IPADDR, 'i' },	      { "datetime", "datetime", REXI_CEDAR_DATETIME, 't' },
		{ "duration", "duration", REXI_CEDAR_DURATION, 'u' },
	};
	const char *params = rxc_functions[pc->sub].params;

	for (unsigned i = 0; params[i]; i++) {
		unsigned k = 0;

		while (types[k].letter != params[i])
			k++;
		if (RX_LIKELY(args[i].kind == types[k].kind))
			continue;
		rxc_eval_fail_type(eval, i < NODE->count ? NODE->items[i] : NODE, types[k].type, &args[i]);
		if (args[i].kind == REXI_CEDAR_STRING && types[k].constructor)
			rx_buf_printf(eval->message, "maybe you forgot to apply the `%s` constructor?", types[k].constructor);
		return false;
	}
	return true;
}

static bool construct(struct rxc_eval *eval, const struct rxc_instr *pc, struct rexi_cedar_value *args)
{
	static const char *const names[] = { "decimal", "ipaddr", "datetime", "duration" };
	enum rxc_function function = (enum rxc_function)pc->sub;
	char message[RXC_EXT_MESSAGE];
	struct rexi_cedar_ext *ext = rx_arena_bytes(eval->arena, sizeof(*ext));
	unsigned which = function == RXC_FN_DECIMAL ? 0 : function == RXC_FN_IP ? 1 : function == RXC_FN_DATETIME ? 2 : 3;

	if (!ext)
		return rxc_eval_fail_status(eval, REXI_NO_MEMORY);
	if (!rxc_ext_parse(function, rxc_value_text(&args[0]), ext, message))
		return fail_extension(eval, NODE, names[which], message, constructor_help(function, message));
	args[0] = rxc_value_ext(ext);
	return true;
}

static bool computed(struct rxc_eval *eval, struct rexi_cedar_value *out, enum rexi_cedar_kind kind, int64_t number)
{
	struct rexi_cedar_ext *ext = rx_arena_bytes(eval->arena, sizeof(*ext));

	if (!ext)
		return rxc_eval_fail_status(eval, REXI_NO_MEMORY);
	*ext = (struct rexi_cedar_ext){ .kind = (uint8_t)kind, .computed = 1, .integer = number };
	*out = rxc_value_ext(ext);
	return true;
}

RX_COLD static bool fail_time(struct rxc_eval *eval, const struct rxc_expr *node, const char *function, const char *what,
			      const struct rexi_cedar_value *a, const struct rexi_cedar_value *b)
{
	rxc_eval_fail(eval, REXI_CEDAR_EVAL_EXTENSION_ERROR, node);
	rx_buf_printf(eval->message, "error while evaluating `%s` extension function: overflows when %s ", function, what);
	rxc_value_print(eval->message, a);
	if (b && b->kind == REXI_CEDAR_DURATION)
		rx_buf_printf(eval->message, "+(%" PRId64 "ms)", b->as.ext->integer);
	if (b && b->kind == REXI_CEDAR_DATETIME) {
		RX_BUF_LIT(eval->message, " and ");
		rxc_value_print(eval->message, b);
	}
	return rxc_eval_end_message(eval);
}

bool rxc_eval_function(struct rxc_eval *eval, const struct rxc_instr *pc, struct rexi_cedar_value *args, unsigned count)
{
	enum rxc_function function = (enum rxc_function)pc->sub;
	const struct rexi_cedar_ext *a, *b;
	int64_t number;

	if (function == RXC_FN_UNKNOWN)
		return fail_unknown(eval, NODE);
	if (count != rxc_functions[function].arg_count)
		return fail_call_arity(eval, NODE, count);
	if (!check_arguments(eval, pc, args))
		return false;
	a = args[0].as.ext;
	b = count > 1 ? args[1].as.ext : NULL;
	switch (function) {
	case RXC_FN_DECIMAL:
	case RXC_FN_IP:
	case RXC_FN_DATETIME:
	case RXC_FN_DURATION:
		return construct(eval, pc, args);
	case RXC_FN_LESS_THAN:
		args[0] = rxc_value_bool(a->integer < b->integer);
		return true;
	case RXC_FN_LESS_THAN_OR_EQUAL:
		args[0] = rxc_value_bool(a->integer <= b->integer);
		return true;
	case RXC_FN_GREATER_THAN:
		args[0] = rxc_value_bool(a->integer > b->integer);
		return true;
	case RXC_FN_GREATER_THAN_OR_EQUAL:
		args[0] = rxc_value_bool(a->integer >= b->integer);
		return true;
	case RXC_FN_IS_IPV4:
		args[0] = rxc_value_bool(!a->is_v6);
		return true;
	case RXC_FN_IS_IPV6:
		args[0] = rxc_value_bool(a->is_v6);
		return true;
	case RXC_FN_IS_LOOPBACK:
		args[0] = rxc_value_bool(rxc_ip_is_loopback(a));
		return true;
	case RXC_FN_IS_MULTICAST:
		args[0] = rxc_value_bool(rxc_ip_is_multicast(a));
		return true;
	case RXC_FN_IS_IN_RANGE:
		args[0] = rxc_value_bool(rxc_ip_is_in_range(a, b));
		return true;
	case RXC_FN_OFFSET:
		if (__builtin_add_overflow(a->integer, b->integer, &number))
			return fail_time(eval, NODE, "offset", "adding an offset:", &args[0], &args[1]);
		return computed(eval, &args[0], REXI_CEDAR_DATETIME, number);
	case RXC_FN_DURATION_SINCE:
		if (__builtin_sub_overflow(a->integer, b->integer, &number))
			return fail_time(eval, NODE, "durationSince", "computing the duration between", &args[0], &args[1]);
		return computed(eval, &args[0], REXI_CEDAR_DURATION, number);
	case RXC_FN_TO_DATE:
		if (!rxc_datetime_to_date(a->integer, &number))
			return fail_time(eval, NODE, "toDate", "computing the date of", &args[0], NULL);
		return computed(eval, &args[0], REXI_CEDAR_DATETIME, number);
	case RXC_FN_TO_TIME:
		return computed(eval, &args[0], REXI_CEDAR_DURATION, rxc_datetime_to_time(a->integer));
	case RXC_FN_TO_MILLISECONDS:
		args[0] = rxc_value_long(a->integer);
		return true;
	case RXC_FN_TO_SECONDS:
		args[0] = rxc_value_long(a->integer / 1000);
		return true;
	case RXC_FN_TO_MINUTES:
		args[0] = rxc_value_long(a->integer / 60000);
		return true;
	case RXC_FN_TO_HOURS:
		args[0] = rxc_value_long(a->integer / 3600000);
		return true;
	case RXC_FN_TO_DAYS:
		args[0] = rxc_value_long(a->integer / 86400000);
		return true;
	case RXC_FN_UNKNOWN:
		break;
	}
	rx_unreachable();
}

bool rxc_eval_call(struct rxc_eval *eval, enum rxc_function function, const struct rexi_cedar_name *name,
		   struct rexi_cedar_value *args, unsigned count)
{
	struct rxc_expr node = { .kind = RXC_CALL, .sub = (uint8_t)function, .function = name };
	struct rxc_instr instr = { .op = RXC_OP_CALL, .sub = (uint8_t)function, .at = count };
	bool good;

	eval->whole = &node;
	eval->code = NULL;
	good = rxc_eval_function(eval, &instr, args, count);
	eval->node = NULL;
	return good;
}
