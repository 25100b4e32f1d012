/* A script under a policy, in ten lines. Build: cc embed_run.c $(pkg-config --cflags --libs librexi) */
#include <rexi/rexi.h>
#include <stdio.h>

int main(void)
{
	const char *policy = "permit(principal, action in file_system::Action::\"SafeIO\", resource in file_system::Dir::\"/proc/sys/kernel\");";
	struct rexi_error err;
	struct rexi *rexi = NULL;
	struct rexi_result *result = NULL;
	bool ok = rexi_new(NULL, policy, &rexi, &err) == REXI_OK &&
		  rexi_run(rexi, "cat(\"/proc/sys/kernel/ostype\").split(\"\\n\")[0]", &result, &err) == REXI_OK;

	puts(!ok ? err.message : rexi_result_ok(result) ? rexi_result_output(result) : rexi_result_message(result));
	rexi_result_free(result);
	rexi_free(rexi);
	return !ok;
}
