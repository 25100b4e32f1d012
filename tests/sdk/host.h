/* A directory of its own, a policy and scripts: what the tests of the SDK run in. */
#ifndef TESTS_SDK_HOST_H
#define TESTS_SDK_HOST_H

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <rexi/cedar.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/compiler.h"
#include "lang/engine.h"
#include "lang/error.h"
#include "lang/scope.h"
#include "lang/std/std.h"
#include "sdk/fs.h"
#include "sdk/native.h"

struct host {
	char dir[256]; /* real path */
	struct rexi_cedar_engine *cedar;
	struct rexi_cedar_policies *policies;
	struct rxs_session *session;
	struct rxl_engine *engine;
	struct rx_memory memory;
	struct rx_buf text; /* of the last run: the value, or the error's text */
	bool failed;
	uint64_t decisions, denied;
};

static enum rexi_status host_decision(void *user, const struct rxs_decision *decision)
{
	struct host *host = user;

	host->decisions++;
	host->denied += decision->refusal != RXS_ALLOWED;
	return REXI_OK;
}

/* Text with every @ replaced by the directory. */
static char *host_text(const struct host *host, const char *text)
{
	size_t len = strlen(text), extra = strlen(host->dir), at = 0;
	char *out = malloc(len * (extra + 1) + 1);

	ck_assert_ptr_nonnull(out);
	for (; *text; text++) {
		if (*text == '@') {
			memcpy(out + at, host->dir, extra);
			at += extra;
		} else {
			out[at++] = *text;
		}
	}
	out[at] = '\0';
	return out;
}

static void host_shell(const struct host *host, const char *command)
{
	char *whole = host_text(host, command);
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		if (chdir(host->dir) != 0)
			_exit(99);
		umask(022);
		execl("/bin/sh", "sh", "-c", whole, (char *)NULL);
		_exit(98);
	}
	ck_assert_int_gt(child, 0);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "setup failed: %s", whole);
	free(whole);
}

static void host_start(struct host *host, const char *policy)
{
	char template[] = "/tmp/rexi-sdk-XXXXXX", *real;
	struct rexi_error err = { .message = "" };
	struct rxs_session_options options = { .size = sizeof(options) };

	memset(host, 0, sizeof(*host));
	umask(022);
	real = realpath(mkdtemp(template), NULL);
	ck_assert_ptr_nonnull(real);
	snprintf(host->dir, sizeof(host->dir), "%s", real);
	free(real);
	rx_memory_init(&host->memory, NULL, 0);
	rx_buf_init(&host->text, &host->memory, 0);
	ck_assert_int_eq(rexi_cedar_engine_new(NULL, NULL, &host->cedar, &err), REXI_OK);
	ck_assert_int_eq(rexi_cedar_policies_new(host->cedar, &host->policies, &err), REXI_OK);
	if (policy) {
		char *text = host_text(host, policy);

		ck_assert_msg(rexi_cedar_policies_add_text(host->policies, rx_str(text), 0, &err) == REXI_OK, "%s: %s", err.message,
			      text);
		free(text);
	}
	ck_assert_int_eq(rexi_cedar_policies_build(host->policies, 0, &err), REXI_OK);
	options.cedar = host->cedar;
	options.policies = host->policies;
	options.principal = "tester";
	options.hooks.user = host;
	options.hooks.decision = host_decision;
	ck_assert_int_eq(rxs_session_new(&options, &host->session, &err), REXI_OK);
	host->engine = rxl_engine_new(NULL, 0);
	ck_assert_ptr_nonnull(host->engine);
	ck_assert_int_eq(rxl_std_register(host->engine, &err), REXI_OK);
	ck_assert_msg(rxs_register(host->engine, host->session, &err) == REXI_OK, "%s", err.message);
}

static void host_stop(struct host *host)
{
	char command[600];

	rxl_engine_free(host->engine);
	ck_assert_uint_eq(host->session->handles, 0);
	rxs_session_free(host->session);
	rexi_cedar_policies_free(host->policies);
	rexi_cedar_engine_free(host->cedar);
	rx_buf_fini(&host->text);
	ck_assert_uint_eq(host->memory.used, 0);
	snprintf(command, sizeof(command), "chmod -R u+rwx '%s' 2>/dev/null; rm -rf '%s'", host->dir, host->dir);
	ck_assert_int_eq(system(command), 0);
}

static void host_error(struct host *host, const struct rxl_error *error)
{
	const struct rxl_error *root = rxl_error_root(error);
	const struct rxl_value *kind, *message;

	if (root->kind == RXL_ERROR_RUNTIME && root->value.type == RXL_MAP &&
	    (kind = rxl_map_find(&root->value, RX_STR("kind"))) && (message = rxl_map_find(&root->value, RX_STR("message")))) {
		rxl_value_display(kind, &host->text);
		RX_BUF_LIT(&host->text, ": ");
		rxl_value_display(message, &host->text);
		return;
	}
	rxl_error_text(error, &host->text, false);
}

/* Runs a script (@ is the directory); host->text is then the value's or the error's text. */
static const char *host_run(struct host *host, const char *script)
{
	struct rxl_compile_options options = { .strict_variables = false };
	char *source = host_text(host, script);
	struct rxl_value message = rxl_unit(), value = rxl_unit();
	struct rxl_unit *unit = NULL;
	enum rexi_status status;
	uint32_t pos = 0;

	rx_buf_clear(&host->text);
	status = rxl_compile(host->engine, rx_str(source), &options, &unit, &message, &pos);
	ck_assert_msg(status == REXI_OK, "does not compile: %s", source);
	status = rxl_engine_run(host->engine, unit, NULL, &value);
	host->failed = status != REXI_OK;
	if (status == REXI_OK)
		rxl_value_display(&value, &host->text);
	else if (host->session->limit)
		rx_buf_str(&host->text, rx_str(host->session->limit_text));
	else if (host->engine->vm.error)
		host_error(host, host->engine->vm.error);
	else
		rx_buf_str(&host->text, rx_str(rexi_status_name(status)));
	if (host->engine->vm.error) {
		rxl_error_free(&host->engine->heap, host->engine->vm.error);
		host->engine->vm.error = NULL;
	}
	rxl_value_drop(&host->engine->heap, &value);
	rxl_value_drop(&host->engine->heap, &message);
	rxl_unit_unref(unit);
	free(source);
	return rx_buf_cstr(&host->text);
}

/* Content of a file in the directory; static storage. */
static RX_UNUSED const char *host_content(const struct host *host, const char *name)
{
	static char space[65536];
	char path[512];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", host->dir, name);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	if (fd < 0)
		return NULL;
	len = read(fd, space, sizeof(space) - 1);
	close(fd);
	space[len > 0 ? len : 0] = '\0';
	return space;
}

static RX_UNUSED bool host_has(const struct host *host, const char *name)
{
	char path[512];
	struct stat status;

	snprintf(path, sizeof(path), "%s/%s", host->dir, name);
	return lstat(path, &status) == 0;
}

/* Most tests: everything in the directory but what a forbid takes away. */
#define POLICY_DIR "permit(principal, action, resource in file_system::Dir::\"@\");"
#define POLICY_ALL "permit(principal, action, resource);"

#endif
