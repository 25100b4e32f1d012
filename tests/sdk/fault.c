/*
 * Faults at the host seam: each system call of an operation fails in turn, with every errno that matters, is cut short, or
 * is the last thing the process does. A replace leaves the old or the new content, whole; nothing leaks; nobody crashes.
 * REXI_FAULTS=all tries every errno; REXI_FAULTS_SHOWN=1 prints each call that is hit.
 *
 * The C library's functions that sdk/host_*.c calls are taken over here: the linker finds these first.
 */
#include "host.h"
#include "tests/suite.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

enum fault { FAULT_NONE, FAULT_ERROR, FAULT_SHORT, FAULT_KILL };

static struct {
	bool armed;
	enum fault fault;
	int error;
	unsigned at, calls; /* the at-th call from arming is the one, counted from 1 */
	char last[32];      /* the call that was hit */
} injector;

/* True when this call is to fail; errno is set then. */
static bool hit(const char *name, bool *cut)
{
	if (cut)
		*cut = false;
	if (!injector.armed || ++injector.calls != injector.at)
		return false;
	snprintf(injector.last, sizeof(injector.last), "%s", name);
	if (getenv("REXI_FAULTS_SHOWN"))
		fprintf(stderr, "%u %s\n", injector.at, name);
	switch (injector.fault) {
	case FAULT_NONE:
		return false;
	case FAULT_KILL:
		_exit(77);
	case FAULT_SHORT:
		if (cut)
			*cut = true;
		return false;
	case FAULT_ERROR:
		errno = injector.error;
		return true;
	}
	return false;
}

#define TAKE(type, name, parameters, arguments)                                                                          \
	type name parameters;                                                                                              \
	type name parameters                                                                                               \
	{                                                                                                                  \
		static type(*real) parameters;                                                                              \
		if (!real)                                                                                                  \
			*(void **)&real = dlsym(RTLD_NEXT, #name);                                                          \
		return hit(#name, NULL) ? -1 : real arguments;                                                              \
	}

TAKE(int, fsync, (int fd), (fd))
TAKE(int, ftruncate, (int fd, off_t size), (fd, size))
TAKE(int, fchmod, (int fd, mode_t mode), (fd, mode))
TAKE(int, fchown, (int fd, uid_t uid, gid_t gid), (fd, uid, gid))
TAKE(int, fchownat, (int fd, const char *name, uid_t uid, gid_t gid, int flags), (fd, name, uid, gid, flags))
TAKE(int, fsetxattr, (int fd, const char *name, const void *value, size_t size, int flags), (fd, name, value, size, flags))
TAKE(ssize_t, fgetxattr, (int fd, const char *name, void *value, size_t size), (fd, name, value, size))
TAKE(ssize_t, flistxattr, (int fd, char *list, size_t size), (fd, list, size))
TAKE(int, linkat, (int a, const char *from, int b, const char *to, int flags), (a, from, b, to, flags))
TAKE(int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to))
TAKE(int, unlinkat, (int fd, const char *name, int flags), (fd, name, flags))
TAKE(int, mkdirat, (int fd, const char *name, mode_t mode), (fd, name, mode))
TAKE(int, symlinkat, (const char *target, int fd, const char *name), (target, fd, name))
TAKE(int, fstat, (int fd, struct stat *out), (fd, out))
TAKE(int, fstatat, (int fd, const char *restrict name, struct stat *restrict out, int flags), (fd, name, out, flags))
TAKE(int, futimens, (int fd, const struct timespec times[2]), (fd, times))
TAKE(int, utimensat, (int fd, const char *name, const struct timespec times[2], int flags), (fd, name, times, flags))
TAKE(int, fallocate, (int fd, int mode, off_t offset, off_t len), (fd, mode, offset, len))
TAKE(ssize_t, readlinkat, (int fd, const char *restrict name, char *restrict out, size_t size), (fd, name, out, size))
TAKE(int, __openat_2, (int fd, const char *name, int flags), (fd, name, flags))

/* The same with a length that can be cut in half. */
#define TAKE_BYTES(name, parameters, arguments)                                                                          \
	ssize_t name parameters;                                                                                           \
	ssize_t name parameters                                                                                            \
	{                                                                                                                  \
		static ssize_t(*real) parameters;                                                                           \
		bool cut;                                                                                                   \
		if (!real)                                                                                                  \
			*(void **)&real = dlsym(RTLD_NEXT, #name);                                                          \
		if (hit(#name, &cut))                                                                                       \
			return -1;                                                                                          \
		if (cut && len > 1)                                                                                         \
			len /= 2;                                                                                           \
		return real arguments;                                                                                      \
	}

TAKE_BYTES(pwrite, (int fd, const void *bytes, size_t len, off_t offset), (fd, bytes, len, offset))
TAKE_BYTES(write, (int fd, const void *bytes, size_t len), (fd, bytes, len))
TAKE_BYTES(pread, (int fd, void *bytes, size_t len, off_t offset), (fd, bytes, len, offset))
TAKE_BYTES(copy_file_range, (int a, off_t *from, int b, off_t *to, size_t len, unsigned flags), (a, from, b, to, len, flags))

int openat(int fd, const char *name, int flags, ...)
{
	static int (*real)(int, const char *, int, ...);
	va_list list;
	mode_t mode;

	va_start(list, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? (mode_t)va_arg(list, unsigned) : 0;
	va_end(list);
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "openat");
	return hit("openat", NULL) ? -1 : real(fd, name, flags, mode);
}

long syscall(long number, ...)
{
	static long (*real)(long, ...);
	long arguments[6];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		arguments[i] = va_arg(list, long);
	va_end(list);
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "syscall");
	if (hit("syscall", NULL))
		return -1;
	return real(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
}

/* ---- scripts ------------------------------------------------------------------------------------------------------------- */

static enum rexi_status arm(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc,
			    struct rxl_value *out)
{
	(void)call, (void)self, (void)args, (void)argc, (void)out;
	injector.calls = 0;
	injector.armed = true;
	return REXI_OK;
}

static enum rexi_status disarm(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc,
			       struct rxl_value *out)
{
	(void)call, (void)self, (void)args, (void)argc, (void)out;
	injector.armed = false;
	return REXI_OK;
}

static const struct rxl_native helpers[] = {
	{ .name = "arm", .params = "", .fn = arm, .flags = RXL_VOLATILE },
	{ .name = "disarm", .params = "", .fn = disarm, .flags = RXL_VOLATILE },
};

#define D "DirConfig().path(\"@\").build().open(OpenDirOptions().build())"
#define DIR(name) "DirConfig().path(\"@/" name "\").build().open(OpenDirOptions().build())"
#define R "OpenFileOptions().read(true).build()"
#define W "OpenFileOptions().write(true).build()"
#define RW "OpenFileOptions().read(true).write(true).build()"
#define OLD "the old content of the file\n"
#define NEW "what is new: a little longer than what was there before\n"

/*
 * Operations that replace the file `f`, which holds OLD; afterwards it holds OLD or `next`. `before` opens handles. With
 * `killed`, that holds wherever the process ends as well.
 */
static const struct operation {
	const char *name, *setup, *before, *script, *next;
	bool killed;
} replacements[] = {
	{ "write", "true", "let h = " D ".open_file(\"f\", " RW ");", "h.write(\"" "@NEW@" "\");", NEW, true },
	{ "write, owner not kept", "true", "let h = " D ".open_file(\"f\", " RW ");", "h.write(\"@NEW@\", WriteOptions().preserve_ownership(false).build());", NEW, true },
	{ "write through a link", "mkdir d; ln -s ../f d/l", "let h = " DIR("d") ".open_file(\"l\", OpenFileOptions().write(true).follow_symlinks(true).build());", "h.write(\"@NEW@\");", NEW, true },
	{ "write::r", "true", "", "write([write::r], \"@/f\", \"@NEW@\");", NEW, true },
	{ "sed::i", "true", "", "sed([sed::i], \"the old content of the file\\n\", \"@NEW@\", \"@/f\");", NEW, true },
	{ "append", "true", "", "write(\"@/f\", \"@NEW@\");", OLD NEW, true },
	{ "archive over it", "mkdir t; printf '%s' \"$NEW\" > t/f; tar -C t -czf t.tgz f; rm -r t", "let h = " D ".open_file(\"t.tgz\", " R "); let d = " D ";", "h.extract_archive(d, ExtractArchiveOptions().preserve_permissions(false).preserve_timestamps(false).build());", NEW, true },
	{ "move over it", "printf '%s' \"$NEW\" > g", "let h = " D ".open_file(\"g\", " R "); let d = " D ";", "h.move(d, \"f\", MoveOptions().build());", NEW, true },
	{ "move over it from another file system", "mkdir -p /dev/shm@; printf '%s' \"$NEW\" > /dev/shm@/g", "let h = DirConfig().path(\"/dev/shm@\").build().open(OpenDirOptions().build()).open_file(\"g\", " R "); let d = " D ";", "h.move(d, \"f\", MoveOptions().build());", NEW, true },
};

/* Those at the end only with REXI_FAULTS=all: they find nothing that the others do not, and take time. */
#define QUICK 6
static const struct {
	enum fault fault;
	int error;
	const char *name;
} faults[] = {
	{ FAULT_KILL, 0, "killed" },       { FAULT_SHORT, 0, "cut short" },   { FAULT_ERROR, ENOSPC, "ENOSPC" },
	{ FAULT_ERROR, EIO, "EIO" },       { FAULT_ERROR, EINTR, "EINTR" },   { FAULT_ERROR, EMFILE, "EMFILE" },
	{ FAULT_ERROR, EDQUOT, "EDQUOT" }, { FAULT_ERROR, EACCES, "EACCES" }, { FAULT_ERROR, EPERM, "EPERM" },
	{ FAULT_ERROR, ENOENT, "ENOENT" },
};

static bool all_faults(void)
{
	return getenv("REXI_FAULTS") != NULL;
}

/* A text with @NEW@ replaced; static storage. */
static const char *with_new(const char *text)
{
	static char space[8192];
	size_t at = 0;

	while (*text && at + sizeof(NEW) < sizeof(space)) {
		if (strncmp(text, "@NEW@", 5) == 0) {
			for (const char *c = NEW; *c; c++)
				if (*c == '\n') {
					space[at++] = '\\';
					space[at++] = 'n';
				} else {
					space[at++] = *c;
				}
			text += 5;
		} else {
			space[at++] = *text++;
		}
	}
	space[at] = '\0';
	return space;
}

static void prepare(const struct host *host, const struct operation *operation)
{
	char command[2048];
	int fd;

	snprintf(command, sizeof(command), "%s/f", host->dir);
	fd = open(command, O_WRONLY | O_CREAT | O_TRUNC, 0640);
	ck_assert(fd >= 0 && write(fd, OLD, sizeof(OLD) - 1) == sizeof(OLD) - 1 && close(fd) == 0);
	if (strcmp(operation->setup, "true") == 0)
		return;
	snprintf(command, sizeof(command), "NEW='%s'; export NEW; %s", NEW, operation->setup);
	host_shell(host, command);
}

/* The state afterwards; false when content was lost. */
static bool is_whole(const struct host *host, const struct operation *operation, bool must_be_new, char why[256])
{
	const char *content = host_content(host, "f");
	char path[512];
	struct stat status;

	snprintf(path, sizeof(path), "%s/f", host->dir);
	if (!content || stat(path, &status) != 0) {
		snprintf(why, 256, "the file is gone");
		return false;
	}
	if (strcmp(content, operation->next) != 0 && (must_be_new || strcmp(content, OLD) != 0)) {
		snprintf(why, 256, "content is \"%.100s\"%s", content, must_be_new ? " although no error was raised" : "");
		return false;
	}
	return true;
}

static bool has_leftovers(const struct host *host)
{
	DIR *dir = opendir(host->dir);
	struct dirent *entry;
	bool found = false;

	while (dir && (entry = readdir(dir)))
		found = found || strncmp(entry->d_name, ".rexi-", 6) == 0;
	if (dir)
		closedir(dir);
	return found;
}

/* One run with the fault at one call; false once the operation makes no such call any more. */
static bool run_once(const struct operation *operation, unsigned at, size_t which)
{
	char script[16384], why[256] = "";
	struct host host;
	struct rexi_error err;
	bool reached, failed = false;
	const char *text = "";

	host_start(&host, POLICY_ALL);
	prepare(&host, operation);
	injector.at = at;
	injector.fault = faults[which].fault;
	injector.error = faults[which].error;
	injector.last[0] = '\0';
	snprintf(script, sizeof(script), "%s arm(); try { %s disarm(); } catch (e) { disarm(); throw e; }", operation->before,
		 with_new(operation->script));
	if (faults[which].fault == FAULT_KILL) {
		pid_t child = fork();
		int status;

		if (child == 0) {
			ck_assert_int_eq(rxl_engine_register(host.engine, helpers, RX_COUNT(helpers), &err), REXI_OK);
			(void)host_run(&host, script);
			_exit(host.failed ? 78 : 0);
		}
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert_msg(WIFEXITED(status), "%s: the child crashed", operation->name);
		reached = WEXITSTATUS(status) == 77;
		snprintf(injector.last, sizeof(injector.last), "call");
	} else {
		ck_assert_int_eq(rxl_engine_register(host.engine, helpers, RX_COUNT(helpers), &err), REXI_OK);
		text = host_run(&host, script);
		failed = host.failed;
		injector.armed = false;
		reached = injector.last[0] != '\0';
		ck_assert_msg(!has_leftovers(&host), "%s: %s at %s %u leaves a temporary file", operation->name, faults[which].name,
			      injector.last, at);
	}
	ck_assert_msg(is_whole(&host, operation, faults[which].fault != FAULT_KILL && !failed, why), "%s: %s at %s %u: %s (%s)",
		      operation->name, faults[which].name, injector.last, at, why, text);
	if (!reached && faults[which].fault != FAULT_KILL)
		ck_assert_msg(!failed, "%s fails without a fault: %s", operation->name, text);
	if (strstr(operation->setup, "/dev/shm"))
		host_shell(&host, "rm -rf /dev/shm@; rmdir /dev/shm/tmp 2>/dev/null; true");
	host_stop(&host);
	return reached;
}

START_TEST(test_replace)
{
	const struct operation *operation = &replacements[(size_t)_i / RX_COUNT(faults)];
	size_t which = (size_t)_i % RX_COUNT(faults);
	unsigned at = 1;

	if ((strstr(operation->setup, "/dev/shm") && access("/dev/shm", W_OK) != 0) || (which >= QUICK && !all_faults()))
		return;
	while (run_once(operation, at, which))
		ck_assert_uint_lt(at++, 500);
	ck_assert_msg(at > 3, "%s: only %u calls were seen", operation->name, at);
}
END_TEST

/* Everything else: each call fails in turn, the script gets an error or an answer, and nothing stays behind. */
static const char *const others[] = {
	"let d = " D "; d.list_entries()", D ".find(FindOptions().follow_symlinks(true).build(), |e| e.path)",
	D ".disk_usage(DiskUsageOptions().all_files(true).track_largest_subdir(true).build())",
	"let h = " D ".open_file(\"f\", " R "); h.read(); h.read_lines(ReadLinesOptions().count(-1).build()); h.counts(); h.search(\"o\"); h.metadata()",
	"let h = " D ".open_file(\"l\", OpenFileOptions().read(true).follow_symlinks(true).build()); h.read()",
	D ".open_file(\"new\", OpenFileOptions().create(true).build()).write_in_place(\"x\")",
	"cp([cp::f, cp::p], \"@/f\", \"@/g\")", "mv(\"@/f\", \"@/h\")", "rm([rm::r], \"@/d\")", "mkdir([mkdir::p], \"@/x/y/z\")",
	"touch(\"@/f\"); ls(\"@\"); du(\"@\"); find_files([glob::r], \"*\", \"@\")",
	DIR("d") ".chmod(ChmodDirOptions().permissions(0o700).recursive(true).build())",
	DIR("d") ".set_ownership(SetOwnershipOptions().recursive(true).build())",
	D ".move(" DIR("d") ", DirConfig().path(\"/dev/shm\").build().open(OpenDirOptions().build()), \"rexi-fault-tree\", MoveOptions().build())",
	D ".create_symlink(\"a\", \"l\", CreateSymlinkOptions().force(true).build()); " D ".open_symlink(\"l\").metadata(); " D ".read_link_target(\"l\")",
	"DirConfig().path(\"@/a/b/c\").build().open(OpenDirOptions().create(true).recursive(true).build())",
	D ".open_file(\"z.gz\", " R ").read_gzip_lines(ReadLinesOptions().count(-2).build()); " D ".open_file(\"f\", " R ").compress_gzip(" D ".open_file(\"z.gz\", " W "), CompressGzipOptions().build())",
	"for e in " D ".list_entries().values() { e.metadata() }", DIR("d") ".delete(DeleteDirOptions().recursive(true).build())",
	"let h = " D ".open_file(\"f\", " RW "); h.truncate(TruncateOptions().size(3).build()); h.fallocate(FallocateOptions().length(10).build()); h.chmod(0o600); h.delete(DeleteFileOptions().build())",
};

START_TEST(test_each_call)
{
	static const int errors[] = { EIO, EINTR, ENOSYS, EPERM, ENOENT, ELOOP };
	unsigned seen = 0;

	for (size_t e = 0; e < (all_faults() ? RX_COUNT(errors) : 1); e++) {
		for (unsigned at = 1;; at++) {
			char script[4096];
			struct host host;
			struct rexi_error err;

			host_start(&host, POLICY_ALL);
			ck_assert_int_eq(rxl_engine_register(host.engine, helpers, RX_COUNT(helpers), &err), REXI_OK);
			host_shell(&host, "printf 'one\\ntwo\\n' > f; ln -s f l; mkdir -p d/e; echo x > d/e/y; ln -s e d/k; gzip -c f > z.gz; : > g");
			injector.at = at;
			injector.fault = FAULT_ERROR;
			injector.error = errors[e];
			injector.last[0] = '\0';
			snprintf(script, sizeof(script), "arm(); try { %s; } catch (e) { } disarm(); 1", others[_i]);
			(void)host_run(&host, script);
			injector.armed = false;
			if (strstr(others[_i], "/dev/shm"))
				host_shell(&host, "chmod -R u+rwx /dev/shm/rexi-fault-tree 2>/dev/null; rm -rf /dev/shm/rexi-fault-tree");
			host_stop(&host);
			if (!injector.last[0])
				break;
			seen++;
			ck_assert_uint_lt(at, 2000);
		}
	}
	ck_assert_uint_gt(seen, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("faults");
	TCase *tcase = tcase_create("calls");

	tcase_set_timeout(tcase, 240);
	tcase_add_loop_test(tcase, test_replace, 0, (int)(RX_COUNT(replacements) * RX_COUNT(faults)));
	tcase_add_loop_test(tcase, test_each_call, 0, (int)RX_COUNT(others));
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
