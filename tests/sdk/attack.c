/*
 * Attacks: a second process that swaps names while scripts run, spellings, special files, hostile names and sizes. Each
 * row says what must never be seen in the answer or on the disk; a row that hangs fails by time.
 */
#include "host.h"
#include "tests/suite.h"

#include <time.h>

#define D "DirConfig().path(\"@\").build().open(OpenDirOptions().build())"
#define DIR(name) "DirConfig().path(\"@/" name "\").build().open(OpenDirOptions().build())"
#define FDIR(name) "DirConfig().path(\"@/" name "\").build().open(OpenDirOptions().follow_symlinks(true).build())"
#define R "OpenFileOptions().read(true).build()"
#define FR "OpenFileOptions().read(true).follow_symlinks(true).build()"
#define W "OpenFileOptions().write(true).build()"
#define RW "OpenFileOptions().read(true).write(true).build()"
/* Everything below in/, nothing in out/, where the secret is. */
#define POLICY_IN "permit(principal, action, resource in file_system::Dir::\"@/in\"); permit(principal, action == file_system::Action::\"open\", resource == file_system::Dir::\"@\");"
#define POLICY_NOT_SECRET POLICY_ALL "forbid(principal, action, resource in file_system::Dir::\"@/out\");"
#define TREE "mkdir -p in/d out/d; echo SECRET > out/s; echo SECRET > out/d/s; echo plain > in/p; echo plain > in/d/s; "
#define CATCH(call) "let r = \"\"; try { r = \"\" + (" call "); } catch (e) { r = \"\" + e; } r"
/* The call many times, everything it ever answered in one text. */
#define LOOP(call) "let r = \"\"; for i in 0..120 { try { r += " call "; } catch (e) { } } r"

struct attack {
	const char *name, *setup, *policy;
	const char *racer;  /* shell loop body run by a second process while the script runs, or NULL */
	const char *script;
	const char *never;  /* a text that the answer must not hold */
	const char *want;   /* a text that it must hold, or NULL */
	const char *state;  /* shell condition afterwards, or NULL */
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static const struct attack attacks[] = {
	/* races: names swapped between check and use */
	{ "file becomes a link", TREE, POLICY_IN, "ln -sf ../out/s in/p; rm -f in/p; echo plain > in/p", LOOP(DIR("in") ".open_file(\"p\", " R ").read()"), "SECRET", NULL, NULL },
	{ "file becomes a link, followed", TREE, POLICY_IN, "ln -sf ../out/s in/p; rm -f in/p; echo plain > in/p", LOOP(DIR("in") ".open_file(\"p\", " FR ").read()"), "SECRET", NULL, NULL },
	{ "directory becomes a link", TREE, POLICY_IN, "mv in/d in/e; ln -s ../out/d in/d; rm in/d; mv in/e in/d", LOOP(DIR("in/d") ".open_file(\"s\", " R ").read()"), "SECRET", NULL, NULL },
	{ "directory becomes a link, followed", TREE, POLICY_IN, "mv in/d in/e; ln -s ../out/d in/d; rm in/d; mv in/e in/d", LOOP(FDIR("in/d") ".open_file(\"s\", " FR ").read()"), "SECRET", NULL, NULL },
	{ "cat while the file is swapped", TREE, POLICY_IN, "ln -sf ../out/s in/p; rm -f in/p; echo plain > in/p", LOOP("cat(\"@/in/p\")"), "SECRET", NULL, NULL },
	{ "link retargeted", TREE "ln -s p in/l", POLICY_IN, "ln -sfn ../out/s in/l; ln -sfn p in/l", LOOP(DIR("in") ".open_file(\"l\", " FR ").read()"), "SECRET", NULL, NULL },
	{ "file becomes a FIFO", TREE, POLICY_IN, "rm -f in/p; mkfifo in/p; rm -f in/p; echo plain > in/p", LOOP(DIR("in") ".open_file(\"p\", " R ").read()"), "SECRET", NULL, NULL },
	{ "file exchanged with the secret", TREE, POLICY_NOT_SECRET, "mv in/p in/q; ln out/s in/p 2>/dev/null && rm -f in/p; mv in/q in/p", LOOP(DIR("in") ".open_file(\"p\", " R ").metadata().num_hardlinks()"), "SECRET", NULL, NULL },
	{ "write while the file becomes a link", TREE, POLICY_IN, "ln -sf ../out/s in/p; rm -f in/p; echo plain > in/p", LOOP(DIR("in") ".open_file(\"p\", " RW ").write(\"EVIL\").read()"), "SECRET", NULL, "[ \"$(cat out/s)\" = SECRET ]" },
	{ "write in place while the file becomes a link", TREE, POLICY_IN, "ln -sf ../out/s in/p; rm -f in/p; echo plain > in/p", LOOP(DIR("in") ".open_file(\"p\", " RW ").write_in_place(\"EVIL\")"), "SECRET", NULL, "[ \"$(cat out/s)\" = SECRET ]" },
	{ "create while the name becomes a link", TREE, POLICY_IN, "ln -sf ../out/made in/n; rm -f in/n", LOOP(DIR("in") ".open_file(\"n\", OpenFileOptions().create(true).build()).metadata().file_size()"), "SECRET", NULL, "[ ! -e out/made ]" },
	{ "create followed while the link moves", TREE, POLICY_IN, "ln -sf ../out/made in/n; rm -f in/n; ln -sf fine in/n; rm -f in/n", LOOP(DIR("in") ".open_file(\"n\", OpenFileOptions().create(true).follow_symlinks(true).build()).metadata().file_size()"), "SECRET", NULL, "[ ! -e out/made ]" },
	{ "recursive delete while a child becomes a link", TREE, POLICY_IN "", "mkdir -p in/d/x; rm -rf in/d/x; ln -s ../../out in/d/x; rm -f in/d/x", "let r = \"\"; for i in 0..40 { try { " DIR("in/d") ".delete(DeleteDirOptions().recursive(true).build()); } catch (e) { } } r", "SECRET", NULL, "[ \"$(cat out/s)\" = SECRET ] && [ \"$(cat out/d/s)\" = SECRET ]" },
	{ "recursive chmod while a child becomes a link", TREE "chmod 600 out/s", POLICY_IN, "rm -rf in/d/x; ln -s ../../out/s in/d/x; rm -f in/d/x; echo y > in/d/x", "for i in 0..40 { try { " DIR("in/d") ".chmod(ChmodDirOptions().permissions(0o777).recursive(true).build()); } catch (e) { } } \"\"", "SECRET", NULL, "[ \"$(stat -c %a out/s)\" = 600 ]" },
	{ "find while a child becomes a link", TREE, POLICY_IN, "rm -rf in/d/x; ln -s ../../out in/d/x; rm -f in/d/x; mkdir in/d/x", "let r = \"\"; for i in 0..40 { try { " DIR("in") ".find(FindOptions().follow_symlinks(true).build(), |e| { try { r += e.open_as_file(" R ").read(); } catch (x) { } }); } catch (e) { } } r", "SECRET", NULL, NULL },
	{ "directory moved away under the handle", TREE, POLICY_NOT_SECRET, "mv in/d out/e; mv out/e in/d", "let r = \"\"; for i in 0..120 { try { let d = " DIR("in/d") "; r += d.open_file(\"s\", " R ").read(); } catch (e) { } } r", "SECRET", NULL, NULL },
	{ "move while the destination becomes a link", TREE, POLICY_IN, "ln -sfn ../out in/t; rm -f in/t", "for i in 0..60 { try { " DIR("in") ".open_file(\"q\", OpenFileOptions().create(true).build()).move(" DIR("in") ", \"t\", MoveOptions().build()); } catch (e) { } } \"\"", "SECRET", NULL, "[ ! -e out/q ]" },
	{ "the file grows while it is read", TREE, POLICY_IN, "head -c 65536 /dev/zero | tr '\\0' x >> in/p; truncate -s 6 in/p", "for i in 0..40 { try { " DIR("in") ".open_file(\"p\", " R ").read(); " DIR("in") ".open_file(\"p\", " R ").counts(); } catch (e) { } } \"done\"", "SECRET", "done", NULL },
	{ "permissions change midway", TREE, POLICY_IN, "chmod 0 in/p; chmod 644 in/p", LOOP(DIR("in") ".open_file(\"p\", " R ").read()"), "SECRET", NULL, NULL },
	{ "chmod through a link that is retargeted", TREE "chmod 600 out/s; ln -s p in/l", POLICY_IN, "ln -sfn ../out/s in/l; ln -sfn p in/l", LOOP(DIR("in") ".open_file(\"l\", " FR ").chmod(0o666)"), "SECRET", NULL, "[ \"$(stat -c %a out/s)\" = 600 ]" },
	{ "write through a link that is retargeted", TREE "ln -s p in/l", POLICY_IN, "ln -sfn ../out/s in/l; ln -sfn p in/l", LOOP(DIR("in") ".open_file(\"l\", OpenFileOptions().read(true).write(true).follow_symlinks(true).build()).write(\"EVIL\").read()"), "SECRET", NULL, "[ \"$(cat out/s)\" = SECRET ]" },
	{ "copy while the destination becomes a link", TREE, POLICY_IN, "ln -sf ../out/s in/q; rm -f in/q; : > in/q", LOOP("cp([cp::f], \"@/in/p\", \"@/in/q\")"), "SECRET", NULL, "[ \"$(cat out/s)\" = SECRET ]" },
	{ "write::r while the file becomes a link", TREE, POLICY_IN, "ln -sf ../out/s in/p; rm -f in/p; echo plain > in/p", LOOP("write([write::r], \"@/in/p\", \"EVIL\")"), "SECRET", NULL, "[ \"$(cat out/s)\" = SECRET ]" },
	{ "append while the file becomes a link", TREE, POLICY_IN, "ln -sf ../out/s in/p; rm -f in/p; echo plain > in/p", LOOP("write(\"@/in/p\", \"EVIL\")"), "SECRET", NULL, "[ \"$(cat out/s)\" = SECRET ]" },
	{ "sed::i while the file becomes a link", TREE, POLICY_IN, "ln -sf ../out/s in/p; rm -f in/p; echo plain > in/p", LOOP("sed([sed::i], \"a\", \"EVIL\", \"@/in/p\")"), "SECRET", NULL, "[ \"$(cat out/s)\" = SECRET ]" },
	{ "touch while the file becomes a link", TREE "touch -d '2020-01-01 UTC' out/s", POLICY_IN, "ln -sf ../out/s in/p; rm -f in/p; echo plain > in/p", LOOP("touch(\"@/in/p\")"), "SECRET", NULL, "[ \"$(stat -c %Y out/s)\" = 1577836800 ]" },
	{ "rm -r while a child becomes a link", TREE, POLICY_IN, "mkdir -p in/d/x; rm -rf in/d/x; ln -s ../../out in/d/x; rm -f in/d/x", "for i in 0..60 { try { rm([rm::r], \"@/in/d\"); } catch (e) { } } \"\"", "SECRET", NULL, "[ \"$(cat out/s)\" = SECRET ] && [ \"$(cat out/d/s)\" = SECRET ]" },
	{ "mkdir -p while a parent becomes a link", TREE, POLICY_IN, "rm -rf in/m; ln -s ../out in/m; rm -f in/m; mkdir in/m", "for i in 0..120 { try { mkdir([mkdir::p], \"@/in/m/made/x\"); } catch (e) { } } \"\"", "SECRET", NULL, "[ ! -e out/made ]" },
	{ "create deep while a parent becomes a link", TREE, POLICY_IN, "rm -rf in/m; ln -s ../out in/m; rm -f in/m; mkdir in/m", "for i in 0..120 { try { DirConfig().path(\"@/in/m/made/x\").build().open(OpenDirOptions().create(true).recursive(true).build()); } catch (e) { } } \"\"", "SECRET", NULL, "[ ! -e out/made ]" },
	{ "extract while a directory becomes a link", TREE "mkdir -p t/m in/o; echo EVIL > t/m/s; tar -C t -czf in/t.tgz m/s", POLICY_IN, "rm -rf in/o/m; ln -s ../../out in/o/m; rm -f in/o/m; mkdir in/o/m", "for i in 0..60 { try { " DIR("in") ".open_file(\"t.tgz\", " R ").extract_archive(" DIR("in/o") ", ExtractArchiveOptions().build()); } catch (e) { } } \"\"", "SECRET", NULL, "[ \"$(cat out/s)\" = SECRET ]" },
	{ "mv while the source becomes a link", TREE, POLICY_IN, "ln -sf ../out/s in/p; rm -f in/p; echo plain > in/p", "for i in 0..120 { try { mv(\"@/in/p\", \"@/in/q\"); } catch (e) { } try { cat(\"@/in/q\") } catch (e) { } } \"\"", "SECRET", NULL, "[ -f out/s ] && [ \"$(cat out/s)\" = SECRET ]" },
	{ "chown while the file becomes a link", TREE, POLICY_IN, "ln -sf ../out/s in/p; rm -f in/p; echo plain > in/p", LOOP(DIR("in") ".open_file(\"p\", " R ").set_ownership(SetOwnershipOptions().user(\"nobody\").build())"), "SECRET", NULL, "[ \"$(stat -c %U out/s)\" != nobody ]" },
	{ "execute while the program is swapped", TREE "printf '#!/bin/sh\\necho fine\\n' > in/run; printf '#!/bin/sh\\necho SECRET\\n' > out/evil; chmod 755 in/run out/evil", POLICY_IN, "mv in/run in/r2; ln -s ../out/evil in/run; rm -f in/run; mv in/r2 in/run", "let r = \"\"; for i in 0..40 { try { r += " DIR("in") ".open_file(\"run\", " R ").execute(ExecuteOptions().build()).stdout; } catch (e) { } } r", "SECRET", NULL, NULL },
	{ "delete while the name becomes another file", TREE "echo keep > in/k", POLICY_IN, "echo x > in/v; mv in/k in/v2; mv in/v in/w; mv in/v2 in/v; mv in/v in/k", "for i in 0..120 { try { " DIR("in") ".open_file(\"v\", OpenFileOptions().create(true).build()).delete(DeleteFileOptions().build()); } catch (e) { } } \"\"", "SECRET", NULL, "[ \"$(cat out/s)\" = SECRET ]" },
	{ "the file shrinks while its format is read", TREE "cp /bin/sh in/e; seq 1 20000 | gzip > in/z", POLICY_IN, "truncate -s 100 in/e; cp /bin/sh in/e; truncate -s 100 in/z; seq 1 20000 | gzip > in/z", "for i in 0..60 { for n in [\"e\", \"z\"] { let f = (); try { f = " DIR("in") ".open_file(n, " R "); } catch (e) { continue; } try { f.elf_info(); } catch (e) { } try { f.read_gzip_lines(ReadLinesOptions().count(-3).build()); } catch (e) { } try { f.extract_strings(); } catch (e) { } try { f.read_lines(ReadLinesOptions().count(-3).build()); } catch (e) { } } } \"done\"", "SECRET", "done", NULL },
	{ "entries are listed while names change", TREE, POLICY_IN, "touch in/a1 in/a2 in/a3; rm -f in/a1; mv in/a2 in/a4; ln -s ../out in/a2; rm -f in/a2 in/a3 in/a4", "let r = \"\"; for i in 0..60 { try { for e in " DIR("in") ".list_entries().values() { try { r += e.open_as_file(" FR ").read(); } catch (x) { } try { r += e.open_as_dir(OpenDirOptions().build()).open_file(\"s\", " R ").read(); } catch (x) { } } } catch (e) { } } r.contains(\"SECRET\")", "true", NULL, NULL },
	{ "handles after the directory moved out", TREE, POLICY_IN, "mv in/d out/e; mv out/e in/d", "let r = \"\"; let d = (); for i in 0..400 { if i % 40 == 0 { try { d = " DIR("in/d") "; } catch (e) { } } try { d.open_file(\"made\", OpenFileOptions().create(true).build()).write_in_place(\"x\"); } catch (e) { } } r", "SECRET", NULL, NULL },
	/* spellings */
	{ "double slash", TREE, POLICY_NOT_SECRET, NULL, CATCH("cat(\"@//out//s\")"), "SECRET", "denied", NULL },
	{ "dots", TREE, POLICY_NOT_SECRET, NULL, CATCH("cat(\"@/./out/./s\")"), "SECRET", "denied", NULL },
	{ "parent", TREE, POLICY_IN, NULL, CATCH("cat(\"@/in/../out/s\")"), "SECRET", "traversal", NULL },
	{ "parent at the end", TREE, POLICY_IN, NULL, CATCH("DirConfig().path(\"@/in/..\").build().open(OpenDirOptions().build())"), "SECRET", "traversal", NULL },
	{ "parent as a name", TREE, POLICY_IN, NULL, CATCH(DIR("in") ".open_file(\"..\", " R ")"), "SECRET", "traversal", NULL },
	{ "trailing slashes", TREE, POLICY_NOT_SECRET, NULL, CATCH("DirConfig().path(\"@/out///\").build().open(OpenDirOptions().build())"), "SECRET", "denied", NULL },
	{ "trailing dot", TREE, POLICY_NOT_SECRET, NULL, CATCH("DirConfig().path(\"@/out/.\").build().open(OpenDirOptions().build())"), "SECRET", "denied", NULL },
	{ "NUL", TREE, POLICY_IN, NULL, CATCH(DIR("in") ".open_file(\"p\\x00.txt\", " R ").read()"), "plain", "invalid characters", NULL },
	{ "absolute name", TREE, POLICY_IN, NULL, CATCH(DIR("in") ".open_file(\"@/out/s\", " R ").read()"), "SECRET", "denied", NULL },
	{ "letter case", TREE, POLICY_NOT_SECRET, NULL, CATCH("cat(\"@/OUT/s\")"), "SECRET", "os error 2", NULL },
	{ "over-long name", TREE, POLICY_IN, NULL, "let n = \"\"; n.pad(300, 'x'); " CATCH(DIR("in") ".open_file(n, " R ").read()"), "SECRET", "os error 36", NULL },
	{ "over-long path", TREE, POLICY_ALL, NULL, "let n = \"@\"; for i in 0..600 { n += \"/aaaaaaaaaa\"; } " CATCH("DirConfig().path(n).build().open(OpenDirOptions().build())"), "SECRET", "os error", NULL },
	{ "a huge path", TREE, POLICY_ALL, NULL, "let n = \"/\"; n.pad(200000, 'x'); " CATCH("cat(n)"), "SECRET", "os error 36", NULL },
	{ "many slashes and dots", TREE, POLICY_NOT_SECRET, NULL, CATCH("cat(\"/////././@/.//./out/././/s\")"), "SECRET", "denied", NULL },
	{ "trailing slash of a file", TREE, POLICY_NOT_SECRET, NULL, CATCH("cat(\"@/out/s/\")"), "SECRET", "denied", NULL },
	{ "name with a slash in front", TREE, POLICY_NOT_SECRET, NULL, CATCH(D ".open_file(\"/out/s\", " R ").read()"), "SECRET", NULL, NULL },
	{ "name in two parts", TREE, POLICY_IN, NULL, CATCH(DIR("in") ".open_file(\"d/s\", " R ").read()"), "plain", "only a filename", NULL },
	{ "bytes outside UTF-8 beside the text that shows them", TREE "echo SECRET > \"$(printf 'in/g\\377')\"; echo fine > \"$(printf 'in/g\\357\\277\\275ff')\"", "permit(principal, action, resource in file_system::Dir::\"@/in\"); forbid(principal, action in [file_system::Action::\"read\", file_system::Action::\"redacted_read\"], resource == file_system::File::\"@/in/g\357\277\275ff\");", NULL, "let r = \"\"; for e in " DIR("in") ".list_entries().values() { if e.name.starts_with(\"g\") { try { r += e.open_as_file(" R ").read(); } catch (x) { } } } r", "SECRET", "fine", NULL },
	{ "backslashes are no separators", TREE, POLICY_NOT_SECRET, NULL, CATCH("cat(\"@\\\\out\\\\s\")"), "SECRET", NULL, NULL },
	{ "percent signs are not decoded", TREE, POLICY_NOT_SECRET, NULL, CATCH("cat(\"@/%6fut/s\")"), "SECRET", "os error 2", NULL },
	{ "full-width dots and slashes", TREE, POLICY_NOT_SECRET, NULL, CATCH("cat(\"@/in/\357\274\216\357\274\216/out/s\")"), "SECRET", "os error 2", NULL },
	/* links and /proc */
	{ "link out of the tree", TREE "ln -s ../out/s in/l", POLICY_IN, NULL, CATCH(DIR("in") ".open_file(\"l\", " FR ").read()"), "SECRET", "denied", NULL },
	{ "link to a directory out of the tree", TREE "ln -s ../out in/l", POLICY_IN, NULL, CATCH(FDIR("in/l") ".list_entries().keys()"), "\"s\"", "denied", NULL },
	{ "links through links", TREE "ln -s b in/a; ln -s c in/b; ln -s ../out/s in/c", POLICY_IN, NULL, CATCH(DIR("in") ".open_file(\"a\", " FR ").read()"), "SECRET", "denied", NULL },
	{ "entry of a link", TREE "ln -s ../out in/l", POLICY_IN, NULL, CATCH(DIR("in") ".list_entries()[\"l\"].open_as_dir(OpenDirOptions().build()).list_entries()"), "\"s\"", "denied", NULL },
	{ "/proc/self/root", TREE, POLICY_NOT_SECRET, NULL, CATCH("cat(\"/proc/self/root@/out/s\")"), "SECRET", NULL, NULL },
	{ "/proc/self/cwd", TREE, POLICY_NOT_SECRET, NULL, CATCH("DirConfig().path(\"/proc/self/cwd\").build().open(OpenDirOptions().follow_symlinks(true).build())"), "SECRET", "os error 40", NULL },
	{ "/proc/self/fd", TREE, POLICY_NOT_SECRET, NULL, "let f = " D ".open_file(\"in/../x\", " R ")", "SECRET", "traversal", NULL },
	{ "/proc/self/fd of an open handle", TREE, POLICY_NOT_SECRET, NULL, "let f = " DIR("in") ".open_file(\"p\", " R "); let r = \"\"; for i in 3..40 { try { r += cat(\"/proc/self/fd/\" + i); } catch (e) { } } r", "SECRET", NULL, NULL },
	{ "magic link followed as a file", TREE, POLICY_NOT_SECRET, NULL, CATCH("DirConfig().path(\"/proc/self\").build().open(OpenDirOptions().follow_symlinks(true).build()).open_file(\"exe\", " FR ").metadata().file_size()"), "SECRET", "os error 40", NULL },
	{ "link loop", TREE "ln -s l2 in/l1; ln -s l1 in/l2", POLICY_IN, NULL, CATCH(DIR("in") ".open_file(\"l1\", " FR ").read()"), "SECRET", "os error 40", NULL },
	/* special files */
	{ "FIFO", TREE "mkfifo in/f", POLICY_IN, NULL, CATCH("cat(\"@/in/f\")"), "SECRET", "not a file", NULL },
	{ "FIFO behind a link", TREE "mkfifo in/f; ln -s f in/l", POLICY_IN, NULL, CATCH(DIR("in") ".open_file(\"l\", " FR ").read()"), "SECRET", "not a file", NULL },
	{ "device", TREE, POLICY_ALL, NULL, CATCH("cat(\"/dev/zero\")"), "SECRET", "not a file", NULL },
	{ "terminal", TREE, POLICY_ALL, NULL, CATCH("cat(\"/dev/tty\")"), "SECRET", "not a file", NULL },
	{ "write to a device", TREE, POLICY_ALL, NULL, CATCH("DirConfig().path(\"/dev\").build().open(OpenDirOptions().build()).open_file(\"null\", " W ")"), "SECRET", "not a file", NULL },
	{ "copy from a FIFO", TREE "mkfifo in/f", POLICY_IN, NULL, CATCH("cp(\"@/in/f\", \"@/in/g\")"), "SECRET", "not a file", NULL },
	{ "socket", TREE "python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"in/k\")' 2>/dev/null || mkfifo in/k", POLICY_IN, NULL, CATCH("cat(\"@/in/k\")"), "SECRET", "not a file", NULL },
	{ "appending to a FIFO", TREE "mkfifo in/f", POLICY_IN, NULL, CATCH("write(\"@/in/f\", \"x\")"), "SECRET", "not a file", NULL },
	{ "renaming over a FIFO does not open it", TREE "mkfifo in/f", POLICY_IN, NULL, CATCH("{ mv(\"@/in/p\", \"@/in/f\"); cat(\"@/in/f\") }"), "SECRET", "plain", NULL },
	{ "a tree with special files is measured", TREE "mkfifo in/f; ln -s /dev/zero in/z", POLICY_IN, NULL, CATCH("{ du([du::a], \"@/in\"); \"done\" }"), "SECRET", "done", NULL },
	/* sizes */
	{ "huge sparse file", TREE "truncate -s 8T in/big 2>/dev/null || truncate -s 1T in/big", POLICY_IN, NULL, CATCH("cat(\"@/in/big\")"), "SECRET", "read_bytes", NULL },
	{ "huge sparse file, one line", TREE "truncate -s 1T in/big", POLICY_IN, NULL, CATCH(DIR("in") ".open_file(\"big\", " R ").read_lines(ReadLinesOptions().count(1).build())"), "SECRET", "line_bytes", NULL },
	{ "huge sparse file, searched", TREE "truncate -s 1T in/big", POLICY_IN, NULL, CATCH(DIR("in") ".open_file(\"big\", " R ").search(\"x\")"), "SECRET", "line_bytes", NULL },
	{ "endless file of zeros as strings", TREE "head -c 100000000 /dev/zero | tr '\\0' a > in/big", POLICY_IN, NULL, CATCH(DIR("in") ".open_file(\"big\", " R ").extract_strings()"), "SECRET", "line_bytes", NULL },
	{ "deep tree", "p=in; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do p=$p/d/e/f/g/h; done; mkdir -p out $p; echo SECRET > out/s", POLICY_IN, NULL, "let n = 0; " DIR("in") ".find(FindOptions().build(), |e| n += 1); " DIR("in/d") ".delete(DeleteDirOptions().recursive(true).build()); n", "SECRET", "100", "[ ! -e in/d ]" },
	{ "many handles", TREE, POLICY_IN, NULL, "let d = " DIR("in") "; let a = []; " CATCH("{ for i in 0..3000 { a.push(d.open_file(\"p\", " R ")); } a.len() }"), "SECRET", "open_handles", NULL },
	{ "catastrophic pattern", TREE "head -c 20000 /dev/zero | tr '\\0' a > in/a", POLICY_IN, NULL, CATCH(DIR("in") ".open_file(\"a\", " R ").search(\"(a+)+$b\").len()"), "SECRET", NULL, NULL },
	/* names */
	{ "hard link to the secret", TREE "ln out/s in/h", POLICY_NOT_SECRET, NULL, CATCH(DIR("in") ".open_file(\"h\", " R ").metadata().num_hardlinks()"), "SECRET", "2", NULL },
	{ "a name that looks deleted", TREE "echo fine > 'in/x (deleted)'", POLICY_IN, NULL, CATCH(DIR("in") ".open_file(\"x (deleted)\", " R ").read()"), "SECRET", "fine", NULL },
	{ "a directory that looks deleted", TREE "mkdir 'in/y (deleted)'; echo fine > 'in/y (deleted)/f'", POLICY_IN, NULL, CATCH("{ let d = " DIR("in/y (deleted)") "; d.open_file(\"f\", " R ").read() }"), "SECRET", "fine", NULL },
	{ "quotes and backslashes in ids", TREE "mkdir 'in/a\\b'; echo fine > 'in/a\\b/f'", POLICY_IN, NULL, CATCH(DIR("in/a\\\\b") ".open_file(\"f\", " R ").read()"), "SECRET", "fine", NULL },
	{ "set-id bits do not survive another's write", TREE "chmod 4755 in/p", POLICY_IN, NULL, DIR("in") ".open_file(\"p\", " RW ").chmod(0o4755)", "SECRET", "ValidationError", NULL },
};

/* The second process: the loop body again and again until it is told to end. */
static pid_t racer_start(const struct host *host, const char *body)
{
	char command[2048];
	pid_t child;

	snprintf(command, sizeof(command), "while :; do %s; done 2>/dev/null", body);
	child = fork();
	if (child == 0) {
		if (chdir(host->dir) != 0 || setpgid(0, 0) != 0)
			_exit(99);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(98);
	}
	ck_assert_int_gt(child, 0);
	setpgid(child, child);
	return child;
}

START_TEST(test_attack)
{
	const struct attack *attack = &attacks[_i];
	struct host host;
	const char *got;
	pid_t racer = 0;
	int64_t until;

	host_start(&host, attack->policy);
	host_shell(&host, attack->setup);
	if (attack->racer)
		racer = racer_start(&host, attack->racer);
	/* `make attack` gives each race more time. */
	until = racer && getenv("REXI_ATTACK_SECONDS") ? now_ms() + 1000 * atoll(getenv("REXI_ATTACK_SECONDS")) : 0;
	do {
		got = host_run(&host, attack->script);
		if (strstr(got, attack->never))
			break;
	} while (now_ms() < until);
	if (racer) {
		kill(-racer, SIGKILL);
		waitpid(racer, NULL, 0);
	}
	ck_assert_msg(strstr(got, attack->never) == NULL, "%s: %.600s", attack->name, got);
	if (attack->want)
		ck_assert_msg(strstr(got, attack->want) != NULL, "%s: %.600s", attack->name, got);
	if (attack->state)
		host_shell(&host, attack->state);
	host_stop(&host);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("attacks");
	TCase *tcase = tcase_create("files");

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, test_attack, 0, (int)RX_COUNT(attacks));
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
