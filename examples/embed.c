/* A program that runs a script: one function of its own, guarded by a policy. Build: cc embed.c $(pkg-config --libs librexi) */
#include <inttypes.h>
#include <rexi/rexi.h>
#include <stdio.h>

static const char schema[] =
	"namespace Shop { entity Order; action refund appliesTo { principal: User, resource: Order }; }";
static const char policy[] =
	"permit(principal, action == Shop::Action::\"refund\", resource == Shop::Order::\"A-17\");";
static const char *const scripts[] = {
	"refund(\"A-17\", 250) + 1",
	"refund(\"B-99\", 250)",
	"let r = 0; try { r = refund(\"B-99\", 1); } catch (e) { r = -1; } r",
	"refund(\"A-17\")",
};

/* refund(order, cents): asks the policy first, acts second. */
static enum rexi_status refund(struct rexi_call *call, void *user)
{
	enum rexi_status status = rexi_call_authorize(call, "Shop::Action", "refund", "Shop::Order", rexi_call_string(call, 0));

	if (status != REXI_OK)
		return status;
	*(int64_t *)user += rexi_call_int(call, 1);
	return rexi_return_int(call, rexi_call_int(call, 1));
}

int main(void)
{
	struct rexi_options options = { .size = sizeof(options), .principal = "alice", .schema = schema };
	struct rexi_error err;
	struct rexi *rexi = NULL;
	int64_t refunded = 0;

	if (rexi_new(&options, policy, &rexi, &err) != REXI_OK ||
	    rexi_define(rexi, "refund", "string int", refund, &refunded, &err) != REXI_OK) {
		fprintf(stderr, "%s\n", err.message);
		rexi_free(rexi);
		return 1;
	}
	for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++) {
		struct rexi_result *result = NULL;

		if (rexi_run(rexi, scripts[i], &result, &err) != REXI_OK)
			fprintf(stderr, "%s\n", err.message);
		else if (rexi_result_ok(result))
			printf("value: %s\n", rexi_result_output(result));
		else
			printf("%s: %s\n", rexi_status_name(rexi_result_status(result)), rexi_result_message(result));
		rexi_result_free(result);
	}
	printf("refunded: %" PRId64 "\n", refunded);
	rexi_free(rexi);
	return 0;
}
