/* Directories, files and links through scripts: behaviour, the weaknesses of the reference (by number), every native
 * denied. */
#include "host.h"

#include "sdk/natives.h"
#include "tests/suite.h"

#define D "DirConfig().path(\"@\").build().open(OpenDirOptions().build())"
#define DIR(name) "DirConfig().path(\"@/" name "\").build().open(OpenDirOptions().build())"
#define R "OpenFileOptions().read(true).build()"
#define W "OpenFileOptions().write(true).build()"
#define RW "OpenFileOptions().read(true).write(true).build()"
#define C "OpenFileOptions().create(true).build()"
#define FOLLOW "OpenFileOptions().read(true).write(true).follow_symlinks(true).build()"
#define FORBID(action, type, path)                                                                                     \
	POLICY_DIR "forbid(principal, action == file_system::Action::\"" action "\", resource == file_system::" type "::\"@" path "\");"
#define DENIED(action, type, path)                                                                                     \
	"PermissionDenied: Permission denied: tester unauthorized to perform file_system::Action::\"" action                \
	"\" for file_system::" type "::@" path

/*
 * want: the value's or the error's whole text; a leading ~ asks for a part of it. state: a shell condition on the
 * directory afterwards, or NULL.
 */
struct row {
	const char *name, *setup, *policy, *script, *want, *state;
};

static const struct row rows[] = {
	/* spec 16 */
	{ "T01 relative path", "true", POLICY_ALL, "DirConfig().path(\"t\").build().open(OpenDirOptions().build())", "Other: Path is not absolute t", NULL },
	{ "T02 traversal", "true", POLICY_ALL, "DirConfig().path(\"@/../t\").build().open(OpenDirOptions().build())", "Other: Path traversal detected @/../t", NULL },
	{ "T04 ancestor permits", "mkdir sub", "permit(principal, action == file_system::Action::\"open\", resource in file_system::Dir::\"@\");", DIR("sub") "; 1", "1", NULL },
	{ "T05 trailing slash", "true", "permit(principal, action == file_system::Action::\"open\", resource == file_system::Dir::\"@\");", "DirConfig().path(\"@/\").build().open(OpenDirOptions().build()); 1", "1", NULL },
	{ "T06 double slash", "mkdir secret", POLICY_DIR "forbid(principal, action, resource in file_system::Dir::\"@/secret\");", "DirConfig().path(\"@//secret\").build().open(OpenDirOptions().build())", DENIED("open", "Dir", "/secret"), NULL },
	{ "T07 no policy", "true", NULL, D, DENIED("open", "Dir", ""), NULL },
	{ "T10 link in the middle", "mkdir -p real/sub; ln -s real ln", POLICY_DIR, DIR("ln/sub"), "~DirectoryOpenError: Directory error: Not a directory, enable follow_symlinks", NULL },
	{ "T11 absolute link in the middle", "mkdir -p real/sub; ln -s @/real ab", POLICY_DIR, DIR("ab/sub"), "~DirectoryOpenError", NULL },
	{ "T13 delete through followed link", "mkdir real; ln -s real ln", "permit(principal, action == file_system::Action::\"open\", resource in file_system::Dir::\"@\"); permit(principal, action == file_system::Action::\"delete\", resource == file_system::Dir::\"@/real\");", "DirConfig().path(\"@/ln\").build().open(OpenDirOptions().follow_symlinks(true).build()).delete(DeleteDirOptions().build()); 1", "1", "[ ! -d real ] && [ -L ln ]" },
	{ "T15 follow a file as directory", "touch f", POLICY_DIR, "DirConfig().path(\"@/f\").build().open(OpenDirOptions().follow_symlinks(true).build())", "IoError: Not a directory (os error 20)", NULL },
	{ "T16 create what is there", "mkdir d", POLICY_DIR, "DirConfig().path(\"@/d\").build().open(OpenDirOptions().create(true).build())", "DirectoryOpenError: Directory error: failed to create directory: d", NULL },
	{ "T18 create without parent", "true", POLICY_DIR, "DirConfig().path(\"@/x/y\").build().open(OpenDirOptions().create(true).build())", "~DirectoryOpenError: Directory error: failed to open parent: ", NULL },
	{ "T20 a name in parts", "mkdir sub; touch a", POLICY_DIR, D ".open_file(\"./a\", " R ")", "InvalidPath: Invalid path: file path must contain only a filename", NULL },
	{ "T21 a directory as file", "mkdir sub", POLICY_DIR, D ".open_file(\"sub\", " R ")", "ValidationError: Validation error: argument is not a file", NULL },
	{ "T21 a directory for writing", "mkdir sub", POLICY_DIR, D ".open_file(\"sub\", " W ")", "IoError: Is a directory (os error 21)", NULL },
	{ "T25 create denied", "true", FORBID("create", "File", "/new"), D ".open_file(\"new\", " C ")", DENIED("create", "File", "/new"), "[ ! -e new ]" },
	{ "T27 permissions are masked", "true", POLICY_DIR, D ".open_file(\"x\", OpenFileOptions().create(true).permissions(0o4777).build()).metadata().permissions() & 0o7777", "493", NULL },
	{ "T28 read through a write-only handle", "echo x > a", POLICY_ALL, D ".open_file(\"a\", " W ").read()", "~InvalidFileMode", NULL },
	{ "T37 write gives a new inode", "printf old > a", POLICY_DIR, "let h = " D ".open_file(\"a\", " RW "); let n = h.write(\"new\"); n.read() + h.read()", "newold", "[ \"$(cat a)\" = new ]" },
	{ "T39 write in place keeps the inode", "printf 'longer text' > a; ln a b", POLICY_DIR, D ".open_file(\"a\", " W ").write_in_place(\"xy\"); 1", "1", "[ \"$(cat b)\" = xy ]" },
	{ "T40 copy onto content", "printf s > a; printf abc > b", POLICY_DIR, D ".open_file(\"a\", " R ").copy(" D ".open_file(\"b\", " W "), CopyFileOptions().build())", "DestinationFileNotEmptyError: Destination file not empty: File: @/b, Size: 3 bytes", "[ \"$(cat b)\" = abc ]" },
	{ "T44 modes out of range", "touch a", POLICY_DIR, D ".open_file(\"a\", " R ").chmod(-1)", "TryFromIntError: out of range integral type conversion attempted", NULL },
	{ "T45 chmod through a link", "touch a; ln -s a l", POLICY_DIR, D ".open_file(\"l\", " FOLLOW ").chmod(0o600); 1", "1", "[ \"$(stat -c %a a)\" = 600 ]" },
	{ "T46 move by context", "echo x > a; mkdir out other", "permit(principal, action in [file_system::Action::\"open\", file_system::Action::\"create\"], resource in file_system::Dir::\"@\"); permit(principal, action == file_system::Action::\"move\", resource) when { context.destination.parent_path == \"@/out\" };", D ".open_file(\"a\", " R ").move(" DIR("out") ", \"n\", MoveOptions().build()); 1", "1", "[ -f out/n ]" },
	{ "T46 move denied by context", "echo x > a; mkdir out other", "permit(principal, action in [file_system::Action::\"open\", file_system::Action::\"create\"], resource in file_system::Dir::\"@\"); permit(principal, action == file_system::Action::\"move\", resource) when { context.destination.parent_path == \"@/out\" };", D ".open_file(\"a\", " R ").move(" DIR("other") ", \"n\", MoveOptions().build())", DENIED("move", "File", "/a"), "[ -f a ]" },
	{ "T49 a bad pattern", "echo x > a", POLICY_DIR, D ".open_file(\"a\", " R ").search(\"[\")", "~ValidationError: Validation error: Invalid regex pattern: '[' - ", NULL },
	{ "T51 counts", "printf 'a b\\n\\tc\\013d' > a", POLICY_DIR, "let c = " D ".open_file(\"a\", " R ").counts(); [c.line_count, c.word_count, c.byte_count]", "[1, 4, 8]", NULL },
	{ "T54 truncate", "echo abc > a", POLICY_DIR, "let f = " D ".open_file(\"a\", " W "); f.truncate(TruncateOptions().size(2).format(SizeUnit::KIBIBYTES).build()); f.metadata().file_size()", "2048", NULL },
	{ "T54 truncate below nothing", "echo abc > a", POLICY_DIR, D ".open_file(\"a\", " W ").truncate(TruncateOptions().size(-1).build())", "InvalidArguments: Invalid arguments: Size must be greater than or equal to 0", NULL },
	{ "T56 other attributes", "touch a", POLICY_DIR, D ".open_file(\"a\", " W ").set_extended_attr(SetXAttrOptions().name(\"user.x\").build())", "~UnsupportedOperationError: Unsupported Operation error: Extended attribute for 'user.x'", NULL },
	{ "T62 metadata of a FIFO", "mkfifo p", POLICY_DIR, D ".list_entries()[\"p\"].metadata().type() == EntryType::FIFO", "true", NULL },
	{ "T64 link without read", "ln -s t l", FORBID("read", "File", "/l"), "let m = " D ".open_symlink(\"l\").metadata(); m.symlink_target() == () && m.type() == EntryType::SYMLINK", "true", NULL },
	{ "T69 find past a closed directory", "mkdir -p open shut; touch open/f shut/g", FORBID("open", "Dir", "/shut"), "let n = []; " D ".find(FindOptions().build(), |e| n.push(e.name)); n.sort(); n", "[\"f\", \"open\"]", NULL },
	{ "T71 an error in the callback", "touch a", POLICY_DIR, "try { " D ".find(FindOptions().build(), |e| { throw \"x\" }) } catch (e) { e.kind.to_string() + \" \" + e.message.starts_with(\"Rhai callback execution failed: Runtime error: x\") }", "", NULL },
	{ "T72 a filter that may not look", "touch a b", FORBID("stat", "File", "/a"), D ".find(FindOptions().size_range(SizeRange::min_only(0, SizeUnit::BYTES)).build(), |e| ())", DENIED("stat", "File", "/a"), NULL },
	{ "T73 loops and hard links", "mkdir d; ln -s ../d d/loop; touch x; ln x y", POLICY_DIR, "let n = 0; " D ".find(FindOptions().follow_symlinks(true).build(), |e| n += 1); n", "2", NULL },
	{ "T128 ownership without stat", "true", FORBID("stat", "Dir", ""), D ".get_ownership()", DENIED("stat", "Dir", ""), NULL },
	/* spec 17 */
	{ "W-01 dot component", "mkdir secret; echo s > secret/f", POLICY_DIR "forbid(principal, action, resource in file_system::Dir::\"@/secret\");", "DirConfig().path(\"@/./secret/.\").build().open(OpenDirOptions().build())", DENIED("open", "Dir", "/secret"), NULL },
	{ "W-03 write through a link", "echo old > a; ln -s a lk", POLICY_DIR, D ".open_file(\"lk\", " FOLLOW ").write(\"new\").read()", "new", "[ -L lk ] && [ \"$(cat a)\" = new ]" },
	{ "W-04 create through a dangling link", "mkdir in out; ln -s ../out/made in/lk", "permit(principal, action, resource in file_system::Dir::\"@/in\"); permit(principal, action == file_system::Action::\"open\", resource in file_system::Dir::\"@/out\");", DIR("in") ".open_file(\"lk\", OpenFileOptions().create(true).follow_symlinks(true).build())", DENIED("create", "File", "/out/made"), "[ ! -e out/made ]" },
	{ "W-04 create where it is allowed", "mkdir in out; ln -s ../out/made in/lk", POLICY_DIR, DIR("in") ".open_file(\"lk\", OpenFileOptions().create(true).follow_symlinks(true).build()); 1", "1", "[ -f out/made ] && [ -L in/lk ]" },
	{ "W-05 checks name the present place", "mkdir a; echo x > a/f", POLICY_DIR "forbid(principal, action in [file_system::Action::\"read\", file_system::Action::\"redacted_read\"], resource in file_system::Dir::\"@/b\");", "let d = " DIR("a") "; let f = d.open_file(\"f\", " R "); " D ".move(d, " D ", \"b\", MoveOptions().build()); f.read()", DENIED("read", "File", "/b/f"), NULL },
	{ "W-05 another file under the name", "echo first > a; echo second > b", POLICY_DIR, "let f = " D ".open_file(\"a\", " R "); mv(\"@/b\", \"@/a\"); f.delete(DeleteFileOptions().build())", "FileError: File error: not the file that was opened: @/a", "[ \"$(cat a)\" = second ]" },
	{ "W-05 own writes keep the name", "echo first > a", POLICY_DIR, "let f = " D ".open_file(\"a\", " RW "); f.write(\"second\"); f.delete(DeleteFileOptions().build()); 1", "1", "[ ! -e a ]" },
	{ "W-06 FIFO for reading", "mkfifo p", POLICY_DIR, D ".open_file(\"p\", " R ")", "ValidationError: Validation error: argument is not a file", NULL },
	{ "W-06 FIFO for writing", "mkfifo p", POLICY_DIR, D ".open_file(\"p\", " W ")", "ValidationError: Validation error: argument is not a file", NULL },
	{ "W-07 copy after a page", "printf 'one\\ntwo\\n' > a; : > b", POLICY_DIR, "let f = " D ".open_file(\"a\", " R "); f.read_page(ReadPageOptions().num_lines(1).build()); f.copy(" D ".open_file(\"b\", " RW "), CopyFileOptions().build()).read()", "one\ntwo\n", NULL },
	{ "W-07 copy of a pseudo file", ": > b", POLICY_ALL, "DirConfig().path(\"/proc/self\").build().open(OpenDirOptions().follow_symlinks(true).build()).open_file(\"status\", " R ").copy(" D ".open_file(\"b\", " RW "), CopyFileOptions().build()).read().contains(\"Name:\")", "true", NULL },
	{ "W-10 delete asks for children", "mkdir -p d/keep; echo x > d/keep/f", FORBID("delete", "File", "/d/keep/f"), DIR("d") ".delete(DeleteDirOptions().recursive(true).build())", DENIED("delete", "File", "/d/keep/f"), "[ -f d/keep/f ]" },
	{ "W-11 create asks per level", "true", "permit(principal, action == file_system::Action::\"open\", resource); permit(principal, action == file_system::Action::\"create\", resource == file_system::Dir::\"@/a/b/c\");", "DirConfig().path(\"@/a/b/c\").build().open(OpenDirOptions().create(true).recursive(true).build())", DENIED("create", "Dir", "/a"), "[ ! -e a ]" },
	{ "W-13 move of somebody else's child", "mkdir -p p/s q/s", POLICY_DIR, DIR("p") ".move(" DIR("q/s") ", " D ", \"x\", MoveOptions().build())", "~InvalidPath", "[ -d q/s ] && [ -d p/s ]" },
	{ "W-13 move into a full directory", "mkdir -p s dst/s; touch s/f dst/keep", FORBID("create", "Dir", "/dst/s"), D ".move(" DIR("s") ", " D ", \"dst\", MoveOptions().build())", DENIED("create", "Dir", "/dst/s"), "[ -f s/f ]" },
	{ "W-14 recursive chmod with a wrong mode", "mkdir d; touch d/f", POLICY_DIR, DIR("d") ".chmod(ChmodDirOptions().permissions(0o1777).recursive(true).build())", "~ValidationError", "[ \"$(stat -c %a d/f)\" = 644 ]" },
	{ "W-14 recursive chmod denied", "mkdir d; touch d/f d/g", FORBID("chmod", "File", "/d/f"), DIR("d") ".chmod(ChmodDirOptions().permissions(0o700).recursive(true).build())", DENIED("chmod", "File", "/d/f"), "[ \"$(stat -c %a d d/g | tr '\\n' ' ')\" = '755 644 ' ]" },
	{ "W-14 recursive chmod", "mkdir -p d/e; touch d/f d/e/g; chmod 0 d/f", POLICY_DIR, DIR("d") ".chmod(ChmodDirOptions().permissions(0o500).recursive(true).build()); 1", "1", "[ \"$(stat -c %a d d/f d/e d/e/g | sort -u)\" = 500 ]; r=$?; chmod -R u+w d; exit $r" },
	{ "W-16 redacted search cannot probe", "echo 'password hunter2' > a", "permit(principal, action in [file_system::Action::\"open\", file_system::Action::\"redacted_read\"], resource in file_system::Dir::\"@\");", "try { " D ".open_file(\"a\", " R ").search(\"hunter\").len() } catch (e) { e.message }", "", NULL },
	{ "W-20 owner is kept", "printf old > a", POLICY_DIR, D ".open_file(\"a\", " RW ").write(\"new\").get_ownership().user == " D ".get_ownership().user", "true", NULL },
	{ "W-21 positional reads", "seq 1 4 > a", POLICY_DIR, "let f = " D ".open_file(\"a\", " R "); f.read_page(ReadPageOptions().num_lines(3).build()); f.read() == f.read()", "true", NULL },
	{ "W-21 positional writes", "printf 'one\\ntwo\\n' > a", POLICY_DIR, "let f = " D ".open_file(\"a\", " RW "); f.read_page(ReadPageOptions().num_lines(1).build()); f.write_in_place(\"new\"); 1", "1", "[ \"$(cat a)\" = new ]" },
	{ "W-22 times", "printf x > a; touch -a -d '2020-01-01 UTC' a; touch -m -d '2024-01-01 UTC' a; : > b", POLICY_DIR, D ".open_file(\"a\", " R ").copy(" D ".open_file(\"b\", " W "), CopyFileOptions().preserve(true).build()); 1", "1", "[ \"$(stat -c %Y b)\" = 1704067200 ]" },
	{ "W-25 slash in a new name", "mkdir sub; echo x > a", POLICY_DIR, D ".open_file(\"a\", " RW ").move(" D ", \"sub/b\", MoveOptions().build())", "InvalidPath: Invalid path: file path must contain only a filename", "[ -f a ]" },
	{ "W-30 files are measured unread", "printf 12345 > a; chmod 0 a", POLICY_DIR, D ".disk_usage(DiskUsageOptions().apparent_size(true).all_files(true).build()).entries[0].size_bytes", "5", NULL },
	{ "W-35 owners without a name", "touch a; [ \"$(id -u)\" = 0 ] && chown 54321:54321 a; true", POLICY_DIR, "let m = " D ".open_file(\"a\", " R ").metadata(); m.owner.user.len() > 0 && m.file_size() == 0", "true", NULL },
	{ "W-37 errno of an error", "true", POLICY_DIR, "try { " D ".open_file(\"none\", " R ") } catch (e) { throw \"\" + e.kind.errno + (e.kind == IoErrorKind::IoError) }", "Runtime error: 2true", NULL },
	{ "W-37 every kind has a constant", "true", POLICY_DIR, "IoErrorKind::CallbackError.to_string() + IoErrorKind::ProcessNamespaceFatalError", "CallbackErrorProcessNamespaceFatalError", NULL },
	{ "W-37 a denial in a callback stays one", "touch a", POLICY_DIR "forbid(principal, action in [file_system::Action::\"read\", file_system::Action::\"redacted_read\"], resource == file_system::File::\"@/a\");", D ".find(FindOptions().build(), |e| e.open_as_file(" R ").read())", DENIED("read", "File", "/a"), NULL },
	{ "W-39 any name can be walked and removed", "mkdir d; touch 'd/a?b' 'd/c\"d' \"$(printf 'd/e\\tf')\" \"$(printf 'd/g\\377')\"", POLICY_DIR, "let n = " DIR("d") ".list_entries(); let s = 0; for e in n.values() { s += e.open_as_file(" R ").metadata().file_size(); } " DIR("d") ".delete(DeleteDirOptions().recursive(true).build()); n.len()", "4", "[ ! -e d ]" },
	{ "W-39 two odd names stay two", "mkdir d; touch \"$(printf 'd/g\\377')\" \"$(printf 'd/g\\376')\"", POLICY_DIR, DIR("d") ".list_entries().len()", "2", NULL },
	{ "W-40 the callback can stop", "touch a b c d", POLICY_DIR, "let n = 0; " D ".find(FindOptions().build(), |e| { n += 1; if n == 2 { WalkStep::STOP } }); n", "2", NULL },
	{ "W-40 the callback can skip", "mkdir -p a/b; touch a/c", POLICY_DIR, "let n = []; " D ".find(FindOptions().build(), |e| { n.push(e.path); WalkStep::SKIP }); n", "[\"@/a\"]", NULL },
	{ "W-42 forced link leaves nothing behind", "touch lk", POLICY_DIR, D ".create_symlink(\"a\", \"lk\", CreateSymlinkOptions().force(true).build()); " D ".list_entries().keys()", "[\"lk\"]", "[ -L lk ]" },
	{ "W-46 extended attributes survive", "printf old > a; chmod 640 a; setfattr -n user.k -v v a 2>/dev/null; true", POLICY_DIR, D ".open_file(\"a\", " RW ").write(\"new\"); 1", "1", "[ \"$(stat -c %a a)\" = 640 ] && { ! command -v getfattr >/dev/null || ! getfattr -n user.k a >/dev/null 2>&1 || [ \"$(getfattr --only-values -n user.k a 2>/dev/null)\" = v ]; }" },
	{ "W-48 sizes that overflow", "touch a", POLICY_DIR, D ".open_file(\"a\", " W ").truncate(TruncateOptions().size(9223372036854775807).format(SizeUnit::GIBIBYTES).build())", "InvalidArguments: Invalid arguments: Size is too large", NULL },
	{ "W-50 nothing is made behind a link", "mkdir real; ln -s real lk", POLICY_DIR, "DirConfig().path(\"@/lk/new\").build().open(OpenDirOptions().create(true).recursive(true).build())", "~DirectoryOpenError", "[ ! -e real/new ]" },
	{ "W-53 depth of a root with a slash", "mkdir -p a/b", POLICY_DIR, "DirConfig().path(\"@/\").build().open(OpenDirOptions().build()).disk_usage(DiskUsageOptions().max_depth(1).build()).entries.len()", "2", NULL },
	{ "W-54 directly under the root", "true", POLICY_ALL, "DirConfig().path(\"/\").build().open(OpenDirOptions().build()).list_entries().contains(\"tmp\")", "true", NULL },
	{ "W-55 other options, other handle", "echo x > a", POLICY_DIR, "let e = " D ".list_entries()[\"a\"]; e.metadata(); e.open_as_file(" R ").read(); e.open_as_file(" W ").write(\"y\"); 1", "1", "[ \"$(cat a)\" = y ]" },
	{ "W-55 the same options, the same handle", "seq 1 3 > a", POLICY_DIR, "let e = " D ".list_entries()[\"a\"]; let p = ReadPageOptions().num_lines(1).build(); e.open_as_file(" R ").read_page(p) + e.open_as_file(" R ").read_page(p)", "[\"1\", \"2\"]", NULL },
	/* large files */
	{ "sparse files stay sparse", "truncate -s 1G big; : > copy", POLICY_DIR, D ".open_file(\"big\", " R ").copy(" D ".open_file(\"copy\", " W "), CopyFileOptions().build()); 1", "1", "[ \"$(stat -c '%s' copy)\" = 1073741824 ] && [ \"$(stat -c %b copy)\" -lt 4096 ]" },
	{ "too large to hold", "truncate -s 1G big", POLICY_DIR, D ".open_file(\"big\", " R ").read()", "~Limit reached: read_bytes", NULL },
	{ "the end of a large file", "truncate -s 1G big; printf '\\nlast\\n' >> big", POLICY_DIR, D ".open_file(\"big\", " R ").read_lines(ReadLinesOptions().count(-1).build())", "[\"last\"]", NULL },
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
		ck_assert_msg(strstr(got, want + 1) != NULL, "%s: got %s, want %s", row->name, got, want);
	else if (want[0])
		ck_assert_msg(strcmp(got, want) == 0, "%s: got %s, want %s", row->name, got, want);
	else
		ck_assert_msg(!strstr(got, "hunter"), "%s: got %s", row->name, got);
	if (row->state)
		host_shell(&host, row->state);
	free(want);
	host_stop(&host);
}
END_TEST

/* ---- to another file system -------------------------------------------------------------------------------------------- */

#define SHM(name) "DirConfig().path(\"/dev/shm@" name "\").build().open(OpenDirOptions().build())"

static const struct row across_rows[] = {
	{ "W-45 a file keeps mode and times", "echo x > a; chmod 640 a; touch -d '2020-01-01 UTC' a", POLICY_ALL, D ".open_file(\"a\", " R ").move(" SHM("") ", \"b\", MoveOptions().build()).read()", "x\n", "[ ! -e a ] && [ \"$(stat -c '%a %Y' /dev/shm@/b)\" = '640 1577836800' ]" },
	{ "W-02 a tree arrives whole", "mkdir -p t/s; echo x > t/f; echo y > t/s/g; ln -s f t/l; chmod 700 t/s", POLICY_ALL, D ".move(" DIR("t") ", " SHM("") ", \"u\", MoveOptions().build()).list_entries().keys()", "[\"f\", \"l\", \"s\"]", "[ ! -e t ] && [ \"$(stat -c %a /dev/shm@/u/s)\" = 700 ] && [ \"$(cat /dev/shm@/u/s/g)\" = y ] && [ \"$(readlink /dev/shm@/u/l)\" = f ]" },
	{ "W-02 what cannot be copied stays", "mkdir t; echo x > t/f; mkfifo t/p", POLICY_ALL, D ".move(" DIR("t") ", " SHM("") ", \"u\", MoveOptions().build())", "~Fifo directory entry is not supported", "[ -f t/f ] && [ -p t/p ] && [ -z \"$(ls -A /dev/shm@)\" ]" },
	{ "W-02 a denied child keeps the tree", "mkdir t; echo x > t/f; echo y > t/g", POLICY_ALL "forbid(principal, action == file_system::Action::\"read\", resource == file_system::File::\"@/t/g\");", D ".move(" DIR("t") ", " SHM("") ", \"u\", MoveOptions().build())", DENIED("read", "File", "/t/g"), "[ -f t/f ] && [ -f t/g ] && [ -z \"$(ls -A /dev/shm@)\" ]" },
	{ "T123b a source that may not be listed stays", "mkdir t; echo x > t/f", POLICY_ALL "forbid(principal, action == file_system::Action::\"read\", resource == file_system::Dir::\"@/t\");", D ".move(" DIR("t") ", " SHM("") ", \"u\", MoveOptions().build())", DENIED("read", "Dir", "/t"), "[ -f t/f ] && [ -z \"$(ls -A /dev/shm@)\" ]" },
};

START_TEST(test_across)
{
	const struct row *row = &across_rows[_i];
	struct stat here, there;
	struct host host;
	const char *got;
	char *want;

	if (stat("/tmp", &here) != 0 || stat("/dev/shm", &there) != 0 || here.st_dev == there.st_dev ||
	    access("/dev/shm", W_OK) != 0)
		return; /* one file system only */
	host_start(&host, row->policy);
	host_shell(&host, "mkdir -p /dev/shm@");
	host_shell(&host, row->setup);
	got = host_run(&host, row->script);
	want = host_text(&host, row->want);
	ck_assert_msg(want[0] == '~' ? strstr(got, want + 1) != NULL : strcmp(got, want) == 0, "%s: got %s, want %s", row->name,
		      got, want);
	host_shell(&host, row->state);
	host_shell(&host, "rm -rf /dev/shm@; rmdir /dev/shm/tmp 2>/dev/null; true");
	free(want);
	host_stop(&host);
}
END_TEST

/* ---- every native under an empty policy set ----------------------------------------------------------------------------- */

static enum rexi_status deny_all(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc,
				 struct rxl_value *out)
{
	struct rxs_session *session = rxl_call_user(call);

	(void)self, (void)args, (void)argc;
	session->policies = NULL;
	*out = rxl_int((int64_t)session->host_calls);
	return REXI_OK;
}

static enum rexi_status host_calls(struct rxl_call *call, struct rxl_value *self, struct rxl_value *args, unsigned argc,
				   struct rxl_value *out)
{
	struct rxs_session *session = rxl_call_user(call);

	(void)self, (void)args, (void)argc;
	*out = rxl_int((int64_t)session->host_calls);
	return REXI_OK;
}

static const struct rxl_native helpers[] = {
	{ .name = "deny_all", .params = "", .fn = deny_all, .flags = RXL_VOLATILE },
	{ .name = "host_calls", .params = "", .fn = host_calls, .flags = RXL_VOLATILE },
};

/* A value of each parameter type, made while everything was allowed. */
static const struct {
	const char *type, *value;
} samples[] = {
	{ "DirHandle", "dir" }, { "FileHandle", "file" }, { "SymlinkHandle", "link" }, { "DirEntry", "entry" },
	{ "Metadata", "file.metadata()" }, { "string", "\"@/f\"" }, { "int", "1" }, { "float", "1.0" }, { "bool", "true" },
	{ "array", "[]" }, { "map", "#{}" }, { "Fn", "|e| ()" }, { "?", "()" }, { "CoreDump", "CoreDump(\"@/f\", \"@/f\")" },
	{ "Request", "Client().get(\"http://127.0.0.1:1/\")" }, { "TransportProtocol", "TransportProtocol::TCP" },
	{ "SystemctlManager", "SystemctlManager()" }, { "State", "State::ACTIVE" },
	{ "TraceOptions", "TraceOptions().ns_pid(1).build()" },
	{ "SystemInfo", "SystemInfo()" }, { "SysctlManager", "SysctlManager()" }, { "ProcessManager", "ProcessManager()" },
	{ "Filesystems", "Filesystems(FilesystemOptions().build())" },
	{ "ResolveOptions", "ResolveOptions().hostname(\"h\").build()" },
	{ "LsofOptions", "LsofOptions().path(\"@/f\").build()" },
	{ "KillOptions", "KillOptions().pid(1).signal(Signal::SIGTERM).build()" },
	{ "NamespaceOptions", "NamespaceOptions().pid(1).net(true).build()" },
	{ "UnmountOptions", "UnmountOptions().path(\"@/d\").build()" },
	{ "DirConfig", "DirConfig().path(\"@/d\").build()" },
	{ "ReadLinesOptions", "ReadLinesOptions().count(1).build()" },
	{ "ReadPageOptions", "ReadPageOptions().num_lines(1).build()" },
	{ "ChmodDirOptions", "ChmodDirOptions().permissions(0o700).recursive(true).build()" },
	{ "FallocateOptions", "FallocateOptions().length(1).build()" },
	{ "ResolveOptions", "ResolveOptions().hostname(\"localhost\").build()" },
	{ "SetXAttrOptions", "SetXAttrOptions().name(\"security.selinux\").build()" },
	{ "OpenFileOptions", "OpenFileOptions().read(true).create(true).build()" },
	{ "OpenDirOptions", "OpenDirOptions().create(true).recursive(true).build()" },
	{ "DeleteDirOptions", "DeleteDirOptions().recursive(true).force(true).build()" },
};

static void sample_append(char *out, size_t cap, const char *type, size_t len)
{
	size_t at = strlen(out);

	for (size_t i = 0; i < RX_COUNT(samples); i++)
		if (strlen(samples[i].type) == len && memcmp(samples[i].type, type, len) == 0) {
			snprintf(out + at, cap - at, "%s", samples[i].value);
			return;
		}
	snprintf(out + at, cap - at, "%.*s().build()", (int)len, type);
}

/*
 * Processes are asked for one by one, each with its name and owner as attributes: these natives have to look at the
 * process before they can ask, and lists leave out what is denied. They end in a denial or in an empty answer all the same.
 */
static bool looks_first(const struct rxs_native *native)
{
	return strstr(native->resource, "Process") != NULL;
}

START_TEST(test_all_denied)
{
	size_t count;
	const struct rxs_native *native = rxs_natives(&count)[_i];
	struct host host;
	struct rexi_error err;
	char script[4096], args[2048] = "";
	const char *at = native->params, *got;

	if (!native->actions[0])
		return;
	host_start(&host, POLICY_ALL);
	host_shell(&host, "mkdir d; printf text > f; ln -s f l");
	ck_assert_int_eq(rxl_engine_register(host.engine, helpers, RX_COUNT(helpers), &err), REXI_OK);
	while (*at) {
		size_t len = strcspn(at, " ");

		if (args[0])
			strcat(args, ", ");
		sample_append(args, sizeof(args), at, len);
		at += len;
		at += strspn(at, " ");
	}
	snprintf(script, sizeof(script),
		 "let dir = " D "; let file = dir.open_file(\"f\", " RW "); let link = dir.open_symlink(\"l\");"
		 "let entry = dir.list_entries()[\"f\"]; let before = deny_all(); let what = \"no error\";"
		 "try { let v = %s(%s); if type_of(v) == \"array\" && v.len() == 0 { what = \"empty\"; } } catch (e) { what = if type_of(e) == \"map\" { e.kind.to_string() } else { e }; }"
		 "what + \" \" + (host_calls() - before)", native->name, args);
	got = host_run(&host, script);
	/* The answer of the first is a report whose list is empty; `trace` has to find the process in its namespace. */
	if (strcmp(native->name, "monitor_processes_cpu") == 0 || strcmp(native->name, "trace") == 0)
		ck_assert_msg(strstr(got, "PermissionDenied") || strncmp(got, "no error ", 9) == 0 || strncmp(got, "Other ", 6) == 0,
			      "%s(%s): %s", native->name, args, got);
	else if (looks_first(native))
		ck_assert_msg(strncmp(got, "PermissionDenied ", 17) == 0 || strncmp(got, "Permission denied: ", 19) == 0 ||
			      strncmp(got, "empty ", 6) == 0, "%s(%s): %s", native->name, args, got);
	else
		ck_assert_msg(strcmp(got, "PermissionDenied 0") == 0 ||
		      (strncmp(got, "Permission denied: ", 19) == 0 && strcmp(got + strlen(got) - 2, " 0") == 0),
		      "%s(%s): %s", native->name, args, got);
	host_shell(&host, "[ \"$(cat f)\" = text ] && [ -d d ] && [ -L l ] && [ \"$(ls | wc -l)\" = 3 ]");
	host_stop(&host);
}
END_TEST

START_TEST(test_actions_exist)
{
	size_t count;
	const struct rxs_native *const *natives = rxs_natives(&count);

	for (size_t i = 0; i < count; i++) {
		const char *at = natives[i]->actions;

		ck_assert_msg(natives[i]->help[0] != '\0', "%s has no help", natives[i]->id);
		ck_assert_msg((natives[i]->actions[0] == '\0') == (natives[i]->resource[0] == '\0'), "%s", natives[i]->id);
		for (size_t j = 0; j < i; j++)
			ck_assert_msg(strcmp(natives[i]->id, natives[j]->id) != 0, "%s twice", natives[i]->id);
		while (*at) {
			size_t len = strcspn(at, " ");
			bool known = false;

			for (unsigned a = 0; a < RXS_ACTION_COUNT; a++)
				known = known || rx_str_eq(rxs_action_name((enum rxs_action)a), rx_str_make(at, len));
			ck_assert_msg(known, "%s names an unknown action: %s", natives[i]->id, at);
			at += len;
			at += strspn(at, " ");
		}
	}
}
END_TEST

static const struct rxl_overload *module_overloads(struct rxl_engine *engine, struct rexi_str name)
{
	rxl_symbol symbol = rxl_symbol_intern(&engine->symbols, name);
	struct rxl_module *module;

	ck_assert_int_eq(rxl_engine_find_module(engine, symbol, &module), REXI_OK);
	ck_assert_msg(module != NULL, "no module %.*s", RX_STR_ARG(name));
	return module->overloads;
}

static bool is_replaced(const struct rxs_native *const *natives, size_t at, size_t count)
{
	for (size_t i = at + 1; i < count; i++)
		if (strcmp(natives[i]->name, natives[at]->name) == 0 && strcmp(natives[i]->params, natives[at]->params) == 0)
			return true;
	return false;
}

static void test_types(const struct rxs_native *native, const struct rxl_overload *overload, const struct rxl_engine *engine)
{
	struct rexi_str rest = rx_str(native->params);
	unsigned count = 0;

	while (rest.len) {
		size_t len = strcspn(rest.ptr, " ");
		uint16_t type;

		if (rxl_type_of_name(rx_str_sub(rest, 0, len), &type)) {
			ck_assert_msg(overload->types[count] == type, "%s", native->id);
		} else {
			const struct rxl_class *host = rxl_engine_class(engine, overload->types[count] - (uint32_t)RXL_TYPE_COUNT);

			ck_assert_msg(host && strstr(host->path, len > 8 && memcmp(rest.ptr + len - 8, "_builder", 8) == 0 ? "Builder" : "::"),
				      "%s", native->id);
		}
		count++;
		rest = rx_str_sub(rest, len + (rest.ptr[len] == ' '), rest.len);
	}
	ck_assert_uint_eq(overload->count, count);
}

static enum rexi_status test_constant(void *user, const char *module, const char *name, enum rxs_type type, void *payload)
{
	struct rxl_engine *engine = user;
	rxl_symbol symbol = rxl_symbol_intern(&engine->symbols, rx_str(module)), wanted;
	struct rxl_module *found;

	(void)payload;
	ck_assert_int_eq(rxl_engine_find_module(engine, symbol, &found), REXI_OK);
	ck_assert_ptr_nonnull(found);
	wanted = rxl_symbol_find(&engine->symbols, rx_str(name));
	for (uint32_t i = 0; i < found->const_count; i++)
		if (found->consts[i].name == wanted && found->consts[i].value.as.host->type == rxs_class(NULL, type))
			return REXI_OK;
	ck_abort_msg("%s::%s is missing", module, name);
}

/* The index of names that is made while rexi is built agrees with the tables that the functions are called by. */
START_TEST(test_index)
{
	size_t count;
	const struct rxs_native *const *natives = rxs_natives(&count);
	struct host host;

	host_start(&host, POLICY_ALL);
	for (size_t i = 0; i < count; i++) {
		struct rexi_str name = rx_str(natives[i]->name);
		size_t colons = rx_str_find(name, RX_STR("::"), 0);
		const struct rxl_overload *each = colons == SIZE_MAX ? rxl_engine_overloads_of(host.engine, name)
								     : module_overloads(host.engine, rx_str_sub(name, 0, colons));

		while (each && each->row->data != natives[i])
			each = each->next;
		ck_assert_msg((each != NULL) != is_replaced(natives, i, count), "%s", natives[i]->id);
		if (each)
			test_types(natives[i], each, host.engine);
	}
	ck_assert_int_eq(rxs_constants_each(test_constant, host.engine), REXI_OK);
	ck_assert_ptr_null(rxl_engine_overloads_of(host.engine, RX_STR("no such function")));
	ck_assert_ptr_null(rxl_engine_overloads_of(host.engine, RX_STR("")));
	host_stop(&host);
}
END_TEST

/* The pages in docs/sdk come from the tables. */
START_TEST(test_pages_are_current)
{
	const char *source = getenv("REXI_SRC");
	struct rx_memory memory;
	struct rx_buf text;
	char path[1024], *page;
	FILE *file;
	size_t len;

	if (!source)
		return;
	rx_memory_init(&memory, NULL, 0);
	rx_buf_init(&text, &memory, 0);
	ck_assert_int_eq(rxs_api_print(RXS_API_MARKDOWN, NULL, &text), REXI_OK);
	snprintf(path, sizeof(path), "%s/docs/sdk/functions.md", source);
	file = fopen(path, "r");
	ck_assert_msg(file != NULL, "%s is missing: rexi api --md > docs/sdk/functions.md", path);
	page = malloc(text.len + 2);
	len = fread(page, 1, text.len + 1, file);
	fclose(file);
	ck_assert_msg(len == text.len && memcmp(page, text.ptr, len) == 0,
		      "docs/sdk/functions.md is not what the tables say: rexi api --md > docs/sdk/functions.md");
	free(page);
	rx_buf_fini(&text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sdk");
	TCase *behaviour = tcase_create("files"), *denied = tcase_create("denied");
	size_t count;

	(void)rxs_natives(&count);
	tcase_set_timeout(behaviour, 60);
	tcase_add_loop_test(behaviour, test_row, 0, (int)RX_COUNT(rows));
	tcase_add_loop_test(behaviour, test_across, 0, (int)RX_COUNT(across_rows));
	tcase_add_test(behaviour, test_actions_exist);
	tcase_add_test(behaviour, test_index);
	tcase_add_test(behaviour, test_pages_are_current);
	tcase_set_timeout(denied, 60);
	tcase_add_loop_test(denied, test_all_denied, 0, (int)count);
	suite_add_tcase(suite, behaviour);
	suite_add_tcase(suite, denied);
	return suite_run(suite);
}
