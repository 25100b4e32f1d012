/* Commands, programs, gzip, archives, ELF files, redaction and system facts through scripts: scenarios of the specification
 * and weaknesses of the reference, by number. */
#include "host.h"
#include "tests/suite.h"

#define D "DirConfig().path(\"@\").build().open(OpenDirOptions().build())"
#define R "OpenFileOptions().read(true).build()"
#define RW "OpenFileOptions().read(true).write(true).build()"
#define FILE_(name) D ".open_file(\"" name "\", " R ")"
#define RUN(options) FILE_("run") ".execute(ExecuteOptions()" options ".build())"
#define EXTRACT FILE_("t.tgz") ".extract_archive(DirConfig().path(\"@/out\").build().open(OpenDirOptions().build()), ExtractArchiveOptions().build())"
#define FORBID(action, type, path)                                                                                     \
	POLICY_DIR "forbid(principal, action == file_system::Action::\"" action "\", resource == file_system::" type "::\"@" path "\");"
#define DENIED(action, type, path)                                                                                     \
	"PermissionDenied: Permission denied: tester unauthorized to perform file_system::Action::\"" action                \
	"\" for file_system::" type "::@" path
#define SH "printf '#!/bin/sh\\n%s\\n' "
#define CONTEXT(condition)                                                                                             \
	"permit(principal, action in [file_system::Action::\"open\", file_system::Action::\"read\"], resource);"            \
	"permit(principal, action == file_system::Action::\"execute\", resource) when { " condition " };"

/* As in check_fs.c: a leading ~ asks for a part of the text. */
static const struct row {
	const char *name, *setup, *policy, *script, *want, *state;
} rows[] = {
	/* scenarios */
	{ "T75 cat numbered", "printf 'a\\nb\\n' > p", POLICY_DIR, "cat([cat::n], \"@/p\")", "     1\ta\n     2\tb", NULL },
	{ "T76 foreign flag", "touch p", POLICY_DIR, "cat([ls::all], \"@/p\")", "Other: cat: expected CatFlag flag, got rhai_safe_io::command::ls::LsFlag", NULL },
	{ "T77 ls of a link", "mkdir real; ln -s real ln", POLICY_DIR, "let e = ls(\"@/ln\"); [e.keys(), e.ln.type() == EntryType::SYMLINK]", "[[\"ln\"], true]", NULL },
	{ "T77 ls of a file", "touch file", POLICY_DIR, "ls(\"@/file\")", "InvalidArguments: Invalid arguments: ls: @/file: Not a directory or symlink", NULL },
	{ "ls link/ lists the target", "mkdir real; touch real/x; ln -s real ln", POLICY_DIR, "ls(\"@/ln/\").keys()", "[\"x\"]", NULL },
	{ "T78 grep", "printf 'err\\nErr\\nx\\n' > p", POLICY_DIR, "[grep([grep::i, grep::n, grep::m(1)], \"ERR\", \"@/p\"), grep([grep::v, grep::c], \"x\", \"@/p\")]", "[[\"1:err\"], [\"2\"]]", NULL },
	{ "grep across blocks", "seq 1 200000 > p", POLICY_DIR, "[grep(\"^1?99999$\", \"@/p\"), grep([grep::n], \"199999\", \"@/p\"), grep([grep::c, grep::v], \"7\", \"@/p\")]", "[[\"99999\", \"199999\"], [\"199999:199999\"], [\"118098\"]]", NULL },
	{ "grep with carriage returns", "printf 'ab\\r\\nb\\r\\n' > p", POLICY_DIR, "[grep(\"b$\", \"@/p\"), grep(\"a.\", \"@/p\"), grep(\"b.\", \"@/p\")]", "[[\"ab\", \"b\"], [\"ab\"], []]", NULL },
	{ "T79 tail", "seq 1 10 > p", POLICY_DIR, "[tail([tail::n(3)], \"@/p\"), tail([tail::n(-3)], \"@/p\"), tail([tail::range(3, 6)], \"@/p\"), tail([tail::from(9)], \"@/p\"), tail([tail::from(-1)], \"@/p\")]", "[[\"1\", \"2\", \"3\"], [\"8\", \"9\", \"10\"], [\"3\", \"4\", \"5\", \"6\"], [\"9\", \"10\"], []]", NULL },
	{ "tail reads back over blocks", "seq 1 100000 > p", POLICY_DIR, "let t = tail([tail::n(-60000)], \"@/p\"); [t.len(), t[0], t[59999]]", "[60000, \"40001\", \"100000\"]", NULL },
	{ "tail without a last newline", "printf 'a\\nb' > p", POLICY_DIR, "tail([tail::n(-1)], \"@/p\")", "[\"b\"]", NULL },
	{ "T81 rm -f of what is missing", "true", POLICY_DIR, "rm([rm::f], \"@/none\")", "IoError: No such file or directory (os error 2)", NULL },
	{ "T81 rm of a full directory", "mkdir d; touch d/f", POLICY_DIR, "rm(\"@/d\")", "~DirectoryNotEmpty: Directory not empty", "[ -f d/f ]" },
	{ "T82 seq", "true", POLICY_DIR, "[seq([seq::step(-2)], 5, 1), seq(9223372036854775806, 9223372036854775807)]", "[[5, 3, 1], [9223372036854775806, 9223372036854775807]]", NULL },
	{ "T82 seq without a step", "true", POLICY_DIR, "seq([seq::step(0)], 1, 2)", "InvalidArguments: Invalid arguments: seq: step cannot be zero", NULL },
	{ "T85 cp into a directory", "touch a; mkdir sub", POLICY_DIR, "cp(\"@/a\", \"@/sub\")", "IoError: Is a directory (os error 21)", NULL },
	{ "T85 cp behind a link", "mkdir d; touch d/a; ln -s d ln", POLICY_DIR, "cp(\"@/ln/a\", \"@/b\")", "~DirectoryOpenError", "[ ! -e b ]" },
	{ "T86 mkdir -p is all or nothing", "true", FORBID("create", "Dir", "/x/y/z"), "mkdir([mkdir::p], \"@/x/y/z\")", DENIED("create", "Dir", "/x/y/z"), "[ ! -e x ]" },
	{ "T87 du throws text", "true", POLICY_DIR, "let k = 0; try { du(\"@/none\") } catch (e) { k = type_of(e) } k", "string", NULL },
	{ "T91 arguments", SH "'echo $*' > run; chmod 755 run", POLICY_DIR, RUN(".args([\"a\", [\"-k\", \"v\"], [\"b\"]])") ".stdout", "a -k v b\n", NULL },
	{ "T92 no environment", "cp \"$(command -v env)\" run", POLICY_DIR, RUN("") ".stdout", "", NULL },
	{ "T94 ended by a signal", SH "'kill -9 $$' > run; chmod 755 run", POLICY_DIR, RUN("") ".exit_code", "-9", NULL },
	{ "T95 a writable handle", SH "'echo' > run; chmod 755 run", POLICY_DIR, D ".open_file(\"run\", " RW ").execute(ExecuteOptions().build())", "~InvalidFileMode: Invalid file mode: Attempted to execute a file opened with write permissions.", NULL },
	{ "T96 tags", SH "'echo ok' > run; chmod 755 run", CONTEXT("context.arguments.hasTag(\"--dport\") && context.arguments.getTag(\"--dport\") == \"80\""), "let out = [" RUN(".args([[\"--dport\", \"80\"]])") ".stdout]; try { " RUN(".args([[\"--dport\", \"81\"]])") " } catch (e) { out.push(e.kind.to_string()) } out", "[\"ok\\n\", \"PermissionDenied\"]", NULL },
	{ "T99 both streams full", SH "'head -c 1048576 /dev/zero | tr \"\\\\0\" x; head -c 1048576 /dev/zero | tr \"\\\\0\" y >&2' > run; chmod 755 run", POLICY_DIR, "let r = " RUN(".env(#{PATH: \"/usr/bin:/bin\"})") "; [r.stdout.len(), r.stderr.len()]", "[1048576, 1048576]", NULL },
	{ "T100 unknown user comes first", SH "echo > run", "permit(principal, action == file_system::Action::\"open\", resource);", RUN(".user(\"no-such-user\")"), "IdentityResolutionError: Identity resolution error: No user mapping found for uid: no-such-user", NULL },
	{ "T105 not gzip", "echo plain text > a", POLICY_DIR, FILE_("a") ".read_gzip_lines(ReadLinesOptions().count(1).build())", "IoError: invalid gzip header", NULL },
	{ "T106 gzip_info", "printf 12345678 > a", POLICY_DIR, FILE_("a") ".gzip_info().compressed_size_bytes", "8", NULL },
	{ "T108 the last matches", "seq 1 30 | gzip > a", POLICY_DIR, FILE_("a") ".search_gzip(\"1\", SearchGzipOptions().max_results(-2).build()).map(|m| m.line_number)", "[19, 21]", NULL },
	{ "T109 hostile archive", "mkdir out; mkdir -p t/d; echo ok > t/d/ok.txt; ln -s /etc t/d/l; tar -C t/d -czPf t.tgz --transform 's,^ok,../ok,' ok.txt l; ls > /dev/null", POLICY_DIR, EXTRACT "; ls(\"@/out\").len()", "0", "[ ! -e ok.txt ]" },
	{ "T109 absolute names", "mkdir out; echo x > abs; tar -czPf t.tgz @/abs; rm abs", POLICY_DIR, EXTRACT "; ls(\"@/out\").len()", "0", "[ ! -e abs ]" },
	{ "T110 one entry denied", "mkdir out t; echo a > t/a.txt; echo b > t/b.txt; tar -C t -czf t.tgz a.txt b.txt", FORBID("create", "File", "/out/b.txt"), EXTRACT, DENIED("create", "File", "/out/b.txt"), "[ -f out/a.txt ] && [ ! -e out/b.txt ]" },
	{ "T112 modes of directories", "mkdir -p out t/s; touch t/s/f; chmod 700 t/s; tar -C t -czf t.tgz s", POLICY_DIR, EXTRACT "; 1", "1", "[ \"$(stat -c %a out/s)\" = 700 ] && [ -f out/s/f ]" },
	{ "T113 ELF", "cp /bin/ls run; echo text > t", POLICY_DIR, "let out = [" FILE_("run") ".elf_info().interpreter != (), " FILE_("run") ".elf_info().execfn]; try { " FILE_("t") ".elf_info() } catch (e) { out.push(e.kind.to_string()) } out", "[true, (), \"ValidationError\"]", NULL },
	{ "T119 T118 redaction without dictionary", "echo secret > f", "permit(principal, action in [file_system::Action::\"open\", file_system::Action::\"redacted_read\"], resource);", "cat(\"@/f\")", "~Failed to open redaction dictionary", NULL },
	{ "T120 redacted_read is not read", "echo x > f", "permit(principal, action in [file_system::Action::\"open\", file_system::Action::\"redacted_read\"], resource);", "wc(\"@/f\")", DENIED("read", "File", "/f"), NULL },
	/* weaknesses */
	{ "W-01 spellings of a path", "mkdir s; echo x > s/f", FORBID("open", "File", "/s/f"), "cat(\"@//s/./f\")", DENIED("open", "File", "/s/f"), NULL },
	{ "W-06 FIFO", "mkfifo p", POLICY_DIR, "cat(\"@/p\")", "ValidationError: Validation error: argument is not a file", NULL },
	{ "W-06 rm of a FIFO", "mkfifo p", POLICY_DIR, "rm(\"@/p\"); 1", "1", "[ ! -e p ]" },
	{ "W-07 cp of a /proc file", "touch b", POLICY_ALL, "cp([cp::f], \"/proc/version\", \"@/b\"); cat(\"@/b\") == cat(\"/proc/version\")", "true", NULL },
	{ "W-08 append reads nothing", "printf 'old\\n' > f", FORBID("read", "File", "/f"), "write(\"@/f\", \"new\"); 1", "1", "[ \"$(cat f)\" = \"$(printf 'old\\nnew')\" ]" },
	{ "W-08 append to bytes", "printf '\\377' > f", POLICY_DIR, "write(\"@/f\", \"ab\"); 1", "1", "[ \"$(od -An -tx1 f | tr -d ' ')\" = ff6162 ]" },
	{ "W-08 sed never writes redacted text", "printf 'secret\\n' > f", "permit(principal, action in [file_system::Action::\"open\", file_system::Action::\"redacted_read\", file_system::Action::\"write\"], resource);", "sed([sed::i], \"s\", \"x\", \"@/f\")", DENIED("read", "File", "/f"), "[ \"$(cat f)\" = secret ]" },
	{ "W-09 certificates ask read", "echo x > leaf; echo x > root", "permit(principal, action == file_system::Action::\"open\", resource);", FILE_("leaf") ".verify_cert(" FILE_("root") ")", DENIED("read", "File", "/leaf"), NULL },
	{ "W-09 gdb asks execute", "echo x > exe; echo x > core", "permit(principal, action in [file_system::Action::\"open\", file_system::Action::\"read\"], resource);", "let k = 0; try { CoreDump(\"@/exe\", \"@/core\").backtrace() } catch (e) { k = e.message.contains(\"No such file\") || e.message.contains(\"execute\") } k", "true", NULL },
	{ "W-10 rm -r asks for each", "mkdir -p d/k; touch d/k/f d/g", FORBID("delete", "File", "/d/k/f"), "rm([rm::r], \"@/d\")", DENIED("delete", "File", "/d/k/f"), "[ -f d/k/f ] && [ -f d/g ]" },
	{ "W-12 rm of a link to a directory", "mkdir real; touch real/x; ln -s real l", POLICY_DIR, "rm([rm::r], \"@/l\")", "FileError: File error: file is a symbolic link but follow_symlinks is not enabled: @/l", "[ -f real/x ] && [ -L l ]" },
	{ "W-15 set-id bits", "mkdir out t; touch t/a; chmod 6755 t/a; tar -C t -czf t.tgz a", POLICY_DIR, EXTRACT "; 1", "1", "[ \"$(stat -c %a out/a)\" = 755 ]" },
	{ "W-15 names with dots", "mkdir out t; echo a > t/a; tar -C t -czf t.tgz ./a", "permit(principal, action in [file_system::Action::\"open\", file_system::Action::\"read\", file_system::Action::\"chmod\"], resource in file_system::Dir::\"@\"); permit(principal, action in [file_system::Action::\"create\", file_system::Action::\"write\"], resource == file_system::File::\"@/out/a\");", EXTRACT "; 1", "1", "[ -f out/a ]" },
	{ "W-15 links on the way", "mkdir out t t/d other; echo a > t/d/a; tar -C t -czf t.tgz d/a; ln -s ../other out/d", POLICY_DIR, "let k = 0; try { " EXTRACT " } catch (e) { k = e.kind.to_string() } k", "IoError", "[ ! -e other/a ]" },
	{ "W-17 capabilities are seen", SH "'echo ok' > run; chmod 755 run", CONTEXT("!(context has capabilities)"), "let out = [" RUN("") ".stdout]; try { " RUN(".capabilities([\"CAP_CHOWN\"])") " } catch (e) { out.push(e.kind.to_string()) } out", "[\"ok\\n\", \"PermissionDenied\"]", NULL },
	{ "W-18 forged tag", SH "echo > run; chmod 755 run", POLICY_DIR, RUN(".args([\"x\", [\"$ARG0\", \"safe\"]])"), "InvalidArguments: Invalid arguments: '$ARG0' is a reserved argument name", NULL },
	{ "W-18 hidden value", SH "echo > run; chmod 755 run", POLICY_DIR, RUN(".args([[\"-f\", \"evil\"], [\"-f\", \"good\"]])"), "InvalidArguments: Invalid arguments: argument key '-f' is given twice with different values", NULL },
	{ "W-18 the same option twice", SH "'echo $#' > run; chmod 755 run", POLICY_DIR, RUN(".args([\"-v\", \"-v\"])") ".stdout", "2\n", NULL },
	{ "W-23 compress truncates", "printf x > a; head -c 5000 /dev/zero > b", POLICY_DIR, FILE_("a") ".compress_gzip(" D ".open_file(\"b\", OpenFileOptions().write(true).build()), CompressGzipOptions().build()); 1", "1", "[ \"$(gzip -dc < b)\" = x ]" },
	{ "W-23 compress onto itself", "printf x > a", POLICY_DIR, FILE_("a") ".compress_gzip(" D ".open_file(\"a\", OpenFileOptions().write(true).build()), CompressGzipOptions().build())", "InvalidArguments: Invalid arguments: source and destination are the same file", "[ \"$(cat a)\" = x ]" },
	{ "W-24 all members", "(echo one | gzip; echo two | gzip; head -c 100 /dev/zero) > c", POLICY_DIR, FILE_("c") ".read_gzip_lines(ReadLinesOptions().count(9).build())", "[\"one\", \"two\"]", NULL },
	{ "W-24 a cut member", "seq 1 9999 | gzip | head -c 2000 > c", POLICY_DIR, FILE_("c") ".search_gzip(\"nothing\", SearchGzipOptions().build())", "IoError: unexpected end of file", NULL },
	{ "W-24 a changed member", "seq 1 99 | gzip > c; printf '\\377' | dd of=c bs=1 seek=$(($(wc -c < c) - 8)) conv=notrunc 2> /dev/null", POLICY_DIR, FILE_("c") ".read_gzip_lines(ReadLinesOptions().count(999).build())", "IoError: corrupt gzip stream does not have a matching checksum", NULL },
	{ "W-26 only names reach gdb", "true", POLICY_ALL, "let k = 0; try { CoreDump(\"/usr/bin/ls\", \"/usr/bin/ls\").get_variables(0, [\"$_shell(1)\"]) } catch (e) { k = if e.message.contains(\"No such file\") { \"InvalidArguments\" } else { e.kind.to_string() } } k", "InvalidArguments", NULL },
	{ "W-29 totals of the root", "mkdir -p d/e; printf 12345 > d/e/f", POLICY_DIR, "let r = du([du::apparent_size], \"@\"); r.total_inode_count", "4", NULL },
	{ "W-33 descriptors stay here", SH "'ls /proc/self/fd | wc -l' > run; chmod 755 run", POLICY_DIR, "let f = " FILE_("run") "; let n = parse_int(f.execute(ExecuteOptions().env(#{PATH: \"/usr/bin:/bin\"}).build()).stdout.split(\"\\n\")[0]); n <= 5", "true", NULL },
	{ "W-34 what cannot run says so", "echo text > run", POLICY_DIR, RUN(""), "IoError: execute failed: Permission denied (os error 13)", NULL },
	{ "W-34 stdin is empty", SH "'cat; echo end' > run; chmod 755 run", POLICY_DIR, RUN(".env(#{PATH: \"/usr/bin:/bin\"})") ".stdout", "end\n", NULL },
	{ "W-34 a grandchild holds the output", SH "'sleep 30 & echo started' > run; chmod 755 run", POLICY_DIR, RUN(".env(#{PATH: \"/usr/bin:/bin\"})") ".stdout", "started\n", NULL },
	{ "W-41 touch", "touch -d '2020-01-01 UTC' f", POLICY_DIR, "touch(\"@/f\"); 1", "1", "[ \"$(stat -c %Y f)\" -gt 1700000000 ]" },
	{ "W-41 mkdir -p over a file", "touch f", POLICY_DIR, "mkdir([mkdir::p], \"@/f\")", "IoError: File exists (os error 17)", NULL },
	{ "W-45 W-46 replacing keeps mode and attributes", "printf old > f; chmod 640 f", POLICY_DIR, "write([write::r], \"@/f\", \"new\"); 1", "1", "[ \"$(stat -c %a f)\" = 640 ] && [ \"$(cat f)\" = new ]" },
	{ "replacing keeps other names", "printf old > f; ln f g", POLICY_DIR, "write([write::r], \"@/f\", \"new\"); 1", "1", "[ \"$(cat g)\" = new ]" },
	{ "W-51 hostile ELF headers", "printf '\\177ELF\\002\\001\\001\\000%056d' 0 | tr 0 '\\377' > e", POLICY_DIR, "let k = 0; try { " FILE_("e") ".elf_info() } catch (e) { k = e.kind.to_string() } k", "ValidationError", NULL },
	/* archives in every dress */
	{ "long names and PAX", "mkdir -p out t/$(printf 'n%.0s' $(seq 1 120)); echo a > t/$(printf 'n%.0s' $(seq 1 120))/b; for f in gnu pax ustar v7; do mkdir out/$f; tar -C t --format=$f -cf $f.tar . 2> /dev/null || true; gzip -c $f.tar > $f.tgz; done", POLICY_DIR, "let n = 0; for f in [\"gnu\", \"pax\"] { " D ".open_file(f + \".tgz\", " R ").extract_archive(DirConfig().path(\"@/out/\" + f).build().open(OpenDirOptions().build()), ExtractArchiveOptions().build()); n += find_files([glob::r], \"b\", \"@/out/\" + f).len() } n", "2", NULL },
	{ "an archive cut off", "mkdir out t; seq 1 99999 > t/a; tar -C t -cf - a | head -c 200000 | gzip > t.tgz", POLICY_DIR, EXTRACT, "IoError: unexpected end of file", "[ ! -e out/a ]" },
	{ "a changed header", "mkdir out t; echo x > t/a; tar -C t -cf t.tar a; printf Z | dd of=t.tar bs=1 seek=10 conv=notrunc 2> /dev/null; gzip -c t.tar > t.tgz", POLICY_DIR, EXTRACT, "IoError: archive header checksum mismatch", NULL },
	{ "text in gzip is no archive", "mkdir out; seq 1 500 | gzip > t.tgz", POLICY_DIR, EXTRACT, "IoError: archive header checksum mismatch", NULL },
	{ "names that are not ASCII", "mkdir out t; echo x > t/$(printf '\\303\\251'); tar -C t --format=pax -czf t.tgz .", POLICY_DIR, EXTRACT "; ls(\"@/out\").keys()", "[\"\xc3\xa9\"]", NULL },
	{ "sparse and linked entries are passed over", "mkdir out t; truncate -s 1M t/s; echo y >> t/s; echo x > t/a; ln t/a t/z; tar -C t -S --format=gnu -czf t.tgz s a z", POLICY_DIR, EXTRACT "; ls(\"@/out\").keys()", "[\"a\"]", NULL },
	/* dates and kinds */
	{ "dates", "true", NULL, "[parse_datetime(\"2025-10-21T10:00:00+02:00\", DateTimeFormat::RFC3339).hour, (from_epoch_nanos(10, 5) + 1).nanos(), DateTime(2024, 2, 29, 0, 0, 0, 0) + 86400 == DateTime(2024, 3, 1, 0, 0, 0, 0), from_epoch_seconds(-1).to_string(DateTimeFormat::RFC2822)]", "[8, 5, true, \"Wed, 31 Dec 1969 23:59:59 +0000\"]", NULL },
	{ "impossible dates", "true", NULL, "DateTime(2023, 2, 29, 0, 0, 0, 0)", "InvalidArguments: Invalid arguments: Invalid time component: day must be in the range 1..=28 given the month and year", NULL },
	{ "denials keep their kind elsewhere", "true", NULL, "let k = 0; try { SystemInfo().slab_info() } catch (e) { k = [e.kind == SysteminfoErrorKind::PermissionDenied, e.source] } k", "[true, \"SysteminfoErrorKind\"]", NULL },
};

START_TEST(test_row)
{
	const struct row *row = &rows[_i];
	struct host host;
	const char *got;
	char *want;

	host_start(&host, row->policy);
	host_shell(&host, row->setup);
	got = host_run(&host, row->script);
	want = host_text(&host, row->want);
	if (want[0] == '~')
		ck_assert_msg(strstr(got, want + 1) != NULL, "%s: got %s", row->name, got);
	else
		ck_assert_msg(strcmp(got, want) == 0, "%s: got %s", row->name, got);
	if (row->state)
		host_shell(&host, row->state);
	free(want);
	host_stop(&host);
}
END_TEST

/* Limits of child processes: at the end of the output, of the time, of the number. */
START_TEST(test_execute_limits)
{
	struct host host;

	host_start(&host, POLICY_DIR);
	host_shell(&host, SH "'head -c 1000 /dev/zero' > run; chmod 755 run; " SH "'sleep 20' > slow; chmod 755 slow");
	host.session->limits.output_bytes = 1000;
	ck_assert_str_eq(host_run(&host, RUN(".env(#{PATH: \"/usr/bin:/bin\"})") ".stdout.len()"), "1000");
	host.session->limits.output_bytes = 999;
	(void)host_run(&host, RUN(".env(#{PATH: \"/usr/bin:/bin\"})"));
	ck_assert(host.failed);
	host.session->limits.execute_ms = 200;
	(void)host_run(&host, FILE_("slow") ".execute(ExecuteOptions().env(#{PATH: \"/usr/bin:/bin\"}).build())");
	ck_assert(host.failed);
	host.session->limits.children = host.session->children;
	(void)host_run(&host, RUN(""));
	ck_assert(host.failed);
	host_stop(&host);
}
END_TEST

/* Limits of archives: at the number of entries and bytes, and one past them. */
START_TEST(test_archive_limits)
{
	struct host host;

	host_start(&host, POLICY_DIR);
	host_shell(&host, "mkdir out t; printf 12345 > t/a; printf 12345 > t/b; tar -C t -czf t.tgz a b");
	host.session->limits.archive_entries = 2;
	host.session->limits.archive_bytes = 10;
	ck_assert_str_eq(host_run(&host, EXTRACT "; 1"), "1");
	host.session->limits.archive_bytes = 9;
	(void)host_run(&host, EXTRACT);
	ck_assert(host.failed);
	host.session->limits.archive_bytes = 10;
	host.session->limits.archive_entries = 1;
	(void)host_run(&host, EXTRACT);
	ck_assert(host.failed);
	host_stop(&host);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sdk");
	TCase *tc = tcase_create("commands");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_row, 0, (int)RX_COUNT(rows));
	tcase_add_test(tc, test_execute_limits);
	tcase_add_test(tc, test_archive_limits);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
