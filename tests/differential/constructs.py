"""Programs from a grammar of every construct of the language: variables of all types in front, then statements whose errors
are mostly caught and printed, field by field. `<name>` in a row is replaced by a row of that name; `<?name>` is it or nothing."""
import re

ROWS = {}


def rows(name, text):
    ROWS.setdefault(name, []).extend(line.strip().replace("⏎", "\n") for line in text.strip().split("\n"))


rows("int", """
0\n1\n2\n3\n-1\n7\n10\n63\n64\n-64\n255\n1_000\n0xff\n0b101\n0o17\n9223372036854775807\n-9223372036854775808\ni\ni\nj\nK\nK
<int> + <int>\n<int> - <int>\n<int> * <int>\n<int> / <int>\n<int> % <int>\n<int> ** <int>\n<int> << <int>\n<int> >> <int>
<int> & <int>\n<int> | <int>\n<int> ^ <int>\n-<int>\n(<int>)\n- -<int>\n+<int>\n(<int>).abs()\na.len\na.len()\ns.len()\nm.len()\na[<int>]\nm.a\nm["a"]
m.l[<int>]\nm.d.e\no?.a\no?.d?.e\nu ?? <int>\n<any> ?? <int>\nif <bool> { <int> } else { <int> }\n{ <stmt> <int> }\n<switch>\nf.call(<int>)
h1(<int>)\nh2(<int>, <int>)\nh2(<any>, <any>)\ni.meth(<int>)\n<any>.meth(<int>)\ni.tw()\nglobal::K\nw[<int>]\nr.start\nr.end\nto_int(<float>)\nparse_int(<str>)
a.reduce(|z, v| (z ?? 0) + v)\n[1, 2, 3].reduce(|z, v| z + v, <int>)\na.index_of(<any>)\ni[0..4]\ni[<int>..=<int>]\ni.get_bits(0..3)\nmax(<int>, <int>)\nmin(<int>, <int>)\nsign(<int>)
eval("<evalint>")\nswitch <int> { 0 => 1, 1..5 => 2, _ => <int> }\nloop { break <int>; }\nrec(<small>)\nthrower(<int>)\nf2.call(<int>, <int>)\nf2.curry(<int>).call(<int>)
m.fn1(<int>)\nm.fn2(<int>)\nm.fn1.call(<int>)\ncounter.call()\n(|z| z + 1).call(<int>)\nh1!(<int>)\nFn("h1").call(<int>)\ncall(f, <lit>)\ncall(Fn("h2"), <int>, <int>)
""")
rows("small", "0\n1\n2\n3\n5\n8")
rows("evalint", "1 + 2\ni\ni + j\nlet q = 5; q\ni += 1; i\nnope\n1 +\n1 / 0\nK\nm.a\nh1(2)\nreturn 7; 8\nthrow 5\na[9]\nlet i = 3; i")
rows("float", """
0.0\n-0.0\n1.0\n0.1\n2.5\n-3.75\n1e10\n1e300\n1.5e-7\nx\nx\ny\nF\n<float> + <float>\n<float> - <int>\n<int> * <float>\n<float> / <float>\n<int> / <float>\n<float> % <float>\n<float> ** <int>\n2 ** <float>
-<float>\nx.floor()\nx.round()\nx.sqrt()\nsqrt(<float>)\nm.x\n(<int>).to_float()\nparse_float(<str>)\nx.fraction\nx.int\n<float>.to_int() + 0.5\nPI()\nsin(<float>)\nhypot(3.0, 4.0)\nexp(<float>)\nln(<float>)\n(<float>).abs()\nswitch x { 2.5 => 1.0, _ => <float> }
""")
rows("str", """
""\n"a"\n"abc"\n"héé"\n"12"\n"x y"\n`t`\ns\ns\nt\nS\n<str> + <str>\n<str> + <char>\n<char> + <str>\n<str> + <any>\n<any> + <str>\n<str> - <str>\n<str> - <char>\n`<${><any>}`\n`a<${><int>}b<${><str>}c`\n`<${> let z = <int>; z * 2 }`\n`<${>if <bool> { <str> } else { <char> }}`
s[0..2]\ns[1..=2]\ns[<int>..<int>]\ns[..2]\ns[1..]\ns.sub_string(<int>, <int>)\ns.to_upper()\nto_string(<any>)\n(<any>).to_string()\ntype_of(<any>)\n(<any>).type_of()\nm.s\no.n?.s\ns.split(<char>)[0]\n(<any>).to_debug()\nto_json(m)\nf.name.len().to_string()\n<int>.to_hex()\n"a\\tb\\x41\\u0042\\"q"\n#"raw "q" \\n"#\n`line <${>1}⏎  two`\nif <bool> { <str> } else { <str> }\nu ?? <str>\n`<${>`in <${><int>}`}`\n`<${>}`
""")
rows("char", "'a'\n'b'\n'é'\n'\\n'\n'\\x41'\n'\\''\nc\nc\ns[0]\ns[-1]\ns[<int>]\nt?[0]\nc.to_upper()\nm.c\nu ?? <char>\n(<str>).pop()\ns.chars().type_of()[0]")
rows("bool", """
true\nfalse\np\nq\n!<bool>\n!!<bool>\n<bool> && <bool>\n<bool> || <bool>\n<bool> & <bool>\n<bool> | <bool>\n<bool> ^ <bool>\n<int> == <int>\n<int> != <int>\n<int> < <int>\n<int> >= <int>\n<float> <= <float>\n<int> > <float>\n<str> == <str>\n<str> < <str>\n<char> == <str>\n<char> < <char>
<any> == <any>\n<any> != <any>\n<any> < <any>\n<any> >= <any>\n<any> in <any>\n<any> !in <any>\n<int> in a\n<str> in m\n<str> !in m\n<char> in s\n<int> in <range>\n<int> in w\na == b\nm == o\nis_def_var(<varname>)\nis_def_fn(<fnname>, <small>)\nis_def_fn("i64", "tw", 0)\nis_shared(<var>)\n<var>.is_shared()\na.is_empty\ni.is_odd\nx.is_nan\nf.is_anonymous\nr.is_empty\ni[<int>]
a.contains(<any>)\na.some(|z| z == <int>)\na.all(|z| type_of(z) == "i64")\n(<bool>)\nu == ()\nu ?? <bool>\nif <bool> { <bool> } else { <bool> }\nswitch <int> { 1 => true, _ => false }\n<bool> == <bool>\n'a' in "abc"\n!(<any> in <any>)\nnot_there(<int>)
""")
rows("varname", '"i"\n"a"\n"K"\n"nope"\n"f"\n"h1"\n"e"\n"z"\n"this"\n`s`\n<str>')
rows("fnname", '"h1"\n"h2"\n"rec"\n"tw"\n"abs"\n"print"\n<str>')
rows("var", "i\ni\nj\nx\ny\ns\nt\nc\na\na\nb\nm\nm\no\nf\ng\nw\nr\nu\np\nq\nK\nL\nM\nS\ncounter\nnope\nf2\nF")
rows("arr", """
[]\n[1]\n[1, 2, 3]\n[<any>]\n[<any>, <any>]\n[<int>, <str>, <float>,]\na\na\nb\nL\nm.l\n<arr> + <arr>\na.map(|z| z)\na.map(|z, n| [z, n])\na.filter(|z| z != 1)\n[[1, 2], [3]]\na.extract(1..)\n<str>.split(',')\nm.keys()\nm.values()\n[3, 1, 2].order()\nto_array(w)\ns.to_chars()\n(0..3).map(|z| z)\na[0..1]\nif <bool> { <arr> } else { <arr> }\nu ?? <arr>\na.map(h1)\na.map(Fn("h1"))\na.map("h1")\n[1, 2].zip([3, 4], |v, z| v + z)\n{ let z = <arr>; z.push(<any>); z }\na.drain(|z| z == 1)\na.splice(0..1, [<any>])
""")
rows("map", """
#{}\n#{a: 1}\n#{a: <any>, b: <any>}\n#{"a b": <any>, c: #{d: <int>}}\nm\nm\no\nM\nm.d\n<map> + <map>\n#{a: <int>,}\nif <bool> { <map> } else { <map> }\nu ?? <map>\n#{f: |z| z + 1, v: <int>}\n#{f: || this.v, v: <any>}\nparse_json("{\\"a\\": [1, 2.5, null, true]}")\n#{h1: 5}\n#{len: 5}
""")
rows("range", "0..3\n1..=2\n(..2)\n3..1\nr\n<small>..<small>\n(<small>..=<small>)\n0..0\nrange(0, 6, 2)\nrange(5, 0, -2)")
rows("fn", """
f\ng\nf2\ncounter\nh1\n|z| z\n|| <any>\n|z| <any>\n|z, v| z\n|z| { <stmt> z }\n|| { <stmt> <any> }\nFn("h1")\nFn("abs")\nFn(<str>)\nf2.curry(<any>)\ncurry(f2, <lit>)\n|z| this\n|z| this.a\n|z| i + z\n|z| this<link>\n|z| this <op> z\n|z| this<plink> <op> <any>\n|z| { i += 1; z }\n|| a.push(1)\n|z| |v| [z, v, i]\n|z| f.call(z)\nm.fn1\n|z| throw z\n|z| return z
""")
rows("blob", "blob()\nblob(3)\nblob(2, 65)\nw\nw\ns.to_blob()\n<blob> + <blob>")
rows("any", "<int>\n<int>\n<int>\n<float>\n<str>\n<str>\n<char>\n<bool>\n<arr>\n<map>\n<range>\n<fn>\n<blob>\n()\nu\n<var>\n<var>\n<read>\n<switch>\n(<any>)\n<call>")
rows("json", r"""
"{}"
"{\"a\": 1}"
"{\"a\": [1, 2.5, null, true, \"x\"], \"b\": {\"c\": {}}}"
"[1]"
"{\"a\": }"
"{\"a\" 1}"
""
"{"
to_json(m)
""")
rows("key", "a\nb\nl\nd\ns\nx\nzz\nlen\nv\nfn1")
rows("idx", "<int>\n<int>\n0\n1\n-1\n5\n\"a\"\n\"zz\"\n<str>\n<any>\n0..2\n..")
rows("dot", ".\n.\n.\n?.")
rows("bra", "[\n[\n[\n?[")
rows("link", "<dot><key>\n<dot><key>\n<bra><idx>]\n<bra><idx>]\n<dot><method>")
rows("plink", "<dot><key>\n<dot><key>\n<bra><idx>]\n<bra><idx>]")
rows("read", "<var><link>\n<var><link>\n<var><link><link>\n<var><link><link><link>\n(<any>)<link>\nm.d.e\nm.l[0]\nm[\"d\"].e\no.none.deep\no?.none?.deep\no.none?.deep.er\no?[\"none\"]\nh3(<any>)<link>\n[<any>, <any>]<link>\n<str><link>")
rows("place", "i\nj\nx\ns\nc\na\nm\no\nf\nu\np\nK\nM\nnope\nw\na[<idx>]\nm.a\nm.l[<int>]\nm.d.e\nm[<str>]\n<var><plink>\ns[<int>]\ns[<int>..<int>]\ni[<int>]\ni[0..4]\nw[<int>]\na[0]\nm.zz\nm.zz.yy\n<var><plink>\n<var><plink><plink>\no?.a\no?.none.x\na?[0]\nL[0]\nM.a\n(a)[0]\n(i)\nglobal::K")
rows("method", """
len()\npush(<any>)\npop()\nshift()\ninsert(<int>, <any>)\nremove(<any>)\nreverse()\nsort()\nclear()\ntruncate(<int>)\nappend(<any>)\nto_string()\nto_debug()\ntype_of()\nis_shared()\nkeys()\nvalues()\nmixin(<any>)\nget(<any>)\nset(<any>, <any>)\ncontains(<any>)\nmap(<fn>)\nfilter(<fn>)\nreduce(<fn>)\nfor_each(<fn>)\nindex_of(<any>)\nsplit(<any>)\nsub_string(<int>)\ncrop(<int>, <int>)\nreplace(<str>, <str>)\nstarts_with(<str>)\nto_upper()\nmake_upper()\ntrim()\nabs()\nmeth(<any>)\nmeth(<int>)\ntw()\ngrow(<any>)\ncall(<any>)\ncall()\ncall(<fn>, <any>)\ncurry(<any>)\nh1(<any>)\nh2(<any>)\nbits()\nset_bit(<int>, <bool>)\nset_tag(<int>)\ntag\nnope()\nnope(<any>)\nmutate()\nsetv(<any>)\nfn1(<any>)\nfn2(<any>)\nfill_with(<map>)\nextract(<int>, <int>)\nsplice(<int>, <int>, <arr>)\nretain(<fn>)\ndrain(<fn>)\nsome(<fn>)\ndedup()\nzip(<arr>, <fn>)\nfind(<fn>)\nsort(<fn>)\nto_json()\nfloor()\nto_int()\nis_empty()\nname()\nstart()\nto_array()\nas_string()
""")
rows("call", """
h1(<any>)\nh2(<any>, <any>)\nh2(<any>)\nh1()\nh3(<any>)\nrec(<small>)\nmeth(<any>)\ntw()\nnope(<any>)\n<var>.<method>\n<var>.<method>\n<any>.<method>\nm.l.<method>\nm.d.<method>\na[0].<method>\ns[0].<method>\nlen(<any>)\npush(a, <any>)\nprint(<any>)\ndebug(<any>)\ntype_of(<any>)\nis_shared(<any>)\nf.call(<any>)\nf.call()\ng.call(<any>, <any>)\ncall(<fn>, <lit>)\ncurry(<fn>, <lit>)\ncall(Fn("h1"), <any>)\ncall(Fn("push"), <var>, <any>)\ncall(Fn("meth"), <any>)\n<fn>.call(<any>)\n(<fn>).call(<any>)\n(<fn>).call()\nmod::fun(<any>)\nglobal::h1(<any>)\nh1!(<any>)\nscoped!(<any>)\nscoped(<any>)\nmax(<any>, <any>)\nrange(<int>, <int>)\nblob(<small>)\nto_int(<any>)\nparse_int(<any>)\nparse_json(<json>)\nmaker(<any>).call(<any>)\nthrower(<any>)\nexit_if(<bool>)\ndeep1(<any>)\npriv(<any>)\nswap(<any>, <any>)
""")
rows("lit", "0\n1\n2\n-1\n5\n2.5\n'a'\n\"a\"\n\"abc\"\ntrue\nfalse\n()\n[1]\n[1, 2, 3]\n#{a: 1}\n`t`\n0xff")
rows("rlit", "0..5\n1..=3\n-5..0\n..3\n0..100\n<lit> | 0..3")
rows("rarm", "<rlit> => <any>\n5.. => <any>\n<rlit> if <bool> => <any>\n<rlit> | <rlit> => <any>")
rows("label", "<lit>\n<lit>\n<lit> | <lit>\n<lit> | <lit> | <lit>")
rows("arm", "<label> => <any>\n<label> => <any>\n<label> if <bool> => <any>\n<label> => { <stmt> <any> }\n<label> if <read> => <int>\n<label> => <call>\n<label> => <place> <op> <any>\n<label> => throw <any>")
rows("default", "_ => <any>\n_ => <any>\n_ => <int>\n_ => { <stmt> }\n_ => <call>\n_ => <place> <op> <any>\n_ => <any>\n_ => <any>")
rows("switch", "switch <any> { <arm>, <default> }\nswitch <int> { <arm>, <arm>, <default> }\nswitch <str> { <arm>, <arm>, <arm>, <default>, }\nswitch <var> { <arm> }\nswitch <lit> { <arm>, <arm>, <default> }\nswitch <int> { <arm>, <rarm>, _ => <any> }\nswitch <any> { <arm>, <rarm>, <rarm>, <default> }\nswitch <float> { <rarm>, <rarm>, _ => <any> }\nswitch i { <rarm>, <default> }")
rows("op", "=\n=\n=\n+=\n+=\n-=\n*=\n/=\n%=\n**=\n<<=\n>>=\n&=\n|=\n^=")
rows("simple", "<place> <op> <any>\n<place> <op> <any>\n<place> = <any>\n<place> += <int>\ni <op> <int>\nx <op> <float>\ns += <any>\na += <any>\nm += <any>\np <op> <bool>\n<call>\n<call>\nprint(<any>)\nprint(<any>)\nlet z = <any>\nlet <newname> = <any>\nconst <newname> = <any>\nlet z\n(<any>)\nimport <str> as im\nlet i = <int>\nlet s = <str>\nconst j = <int>")
rows("newname", "z\nz\nv\ni\ns\na\nm\nk2\ne")
rows("iter", "0..3\n0..=2\na\nb\ns\nw\nr\n<range>\n<arr>\n(<read>)\n<var>\n[1, \"s\", 2.5]\n\"abc\"\ns.chars()\ni.bits()\nm.keys()\nrange(0, 5, 2)\nrange(0.0, 1.0, 0.25)\nm\nu\nf")
rows("forvar", "z\nz\nz\ni\n(z, n)\n(z, n)\n(n, i)")
rows("body", "{ <stmt> }\n{ <stmt> <stmt> }\n{ <stmt> <any> }\n{ }\n{ <any> }\n{ let z = <any>; <stmt> z }\n{ <stmt> <stmt> <stmt> }")
rows("loopbody", "{ <stmt> }\n{ if <bool> { break; } <stmt> }\n{ if <bool> { continue; } <stmt> }\n{ if <bool> { break <any>; } <stmt> }\n{ print(z); }\n{ fs.push(|| z); }\n{ let y2 = z; fs.push(|| y2); }\n{ <stmt> <stmt> }\n{ z += 1; print(z); }")
rows("shown", "print(e);\nprint(e.message);\nprint(`<${>e.error} <${>e.message} <${>e.line}:<${>e.position}`);\nprint([e?.function, e?.variable, e?.index, e?.length, e?.type, e?.requested, e?.actual, e?.property, e?.source, e?[\"module\"]]);\nprint(type_of(e));\nthrow e;\nthrow;\nthrow `again <${>e}`;\nprint(e?.keys());\nif type_of(e) == \"map\" { print(e.error); print(e.line); print(e.position); } else { print(e); }")
rows("stmt", """
<simple>;\n<simple>;\n<simple>;\n<simple>;\n<simple>;\nprint(<any>);\nif <bool> <body>\nif <bool> <body> else <body>\nif <bool> <body> else if <bool> <body> else <body>\nif (<read>) <body>\nif <bool> { throw <any>; }\nif <bool> { return <any>; }\nfor <forvar> in <iter> <loopbody>\nfor <forvar> in <iter> <loopbody>\nlet n1 = 0; while n1 < 3 { n1 += 1; <stmt> }\nlet n1 = 0; loop { n1 += 1; if n1 > 2 { break; } <stmt> }\nlet n1 = 0; do { n1 += 1; <stmt> } while n1 < 3;\nlet n1 = 0; do { n1 += 1; if n1 > 4 { break; } <stmt> } until <bool>;\nlet n1 = 0; let lv = while n1 < 5 { n1 += 1; if n1 == <small> { break n1 * 10; } }; print(lv);\nlet lv = for <forvar> in <iter> { if <bool> { break <any>; } }; print(lv);
<try>\n<try>\n<try>\n<switch>\n<switch>;\n{ <stmt> <stmt> }\nlet z = { <stmt> <any> };\nlet z = <any>; let z = <any>; print(z);\n{ let i = <any>; <stmt> }\nlet f = <fn>;\nlet g = <fn>; <stmt>\nfs.push(<fn>); print(fs.map(|z| z.call()));\nlet z = <any>; let g3 = || z; z <op> <any>; print(g3.call());\nlet z = <any>; let g3 = |v| { z <op> v; z }; print(g3.call(<any>)); print(z);\neval("<evalstmt>");\n<var>.<method>;\n;\n(<any>); <stmt>\n{ const k2 = <any>; <stmt> print(k2); }
""")
rows("evalstmt", "let ev = 5;\ni = 9;\nprint(i);\nlet i = 77;\nfn q() {}\nlet a =\nthrow 3;\nconst K = 4;\nx += 1\nfor z in 0..2 { print(z); }\nev\n")
rows("try", "try <body> catch { print(\"c\"); }\ntry <body> catch (e) { <shown> }\ntry { <stmt> } catch (e) { <shown> }\ntry { <stmt> <stmt> } catch (e) { <shown> <stmt> }\ntry { try <body> catch (e) { <shown> } } catch (e) { <shown> }\ntry { try <body> catch { throw; } } catch (e) { <shown> }\ntry { <call>; } catch (e) { <shown> }\ntry { <place> <op> <any>; } catch (e) { <shown> }\ntry { <place> <op> <any>; } catch (e) { <shown> }\ntry { print(<any>); } catch (e) { <shown> }")
rows("guarded", "try { <stmt> } catch (e) { print(e); }\ntry {⏎    <stmt>⏎} catch (err) { print(err); }\ntry { print(<any>); } catch (e) { print(`<${>e}`); }\n<stmt>\n<try>\n<stmt>")

FUNCTIONS = r"""
fn h1(z) { z + 1 }
fn h1(z) { <stmt> z }
fn h1(z) { <any> }
fn h2(z, v) { [z, v] }
fn h2(z, v) { <stmt> z + v }
fn h3(z) { z }
fn h3(z) { #{a: z, l: [z]} }
fn rec(n) { if n <= 0 { 0 } else { n + rec(n - 1) } }
fn rec(n) { if n <= 0 { throw "bottom" } rec(n - 1) }
fn rec(n) { if n <= 0 { nope } else { rec(n - 1) } }
fn meth(v) { [this, v] }
fn meth(v) { this += v; this }
fn meth(v) { <stmt> this }
fn int.meth(v) { this * 10 + v }
fn string.meth(v) { this + v }
fn array.meth(v) { this.push(v); this.len() }
fn map.meth(v) { this.a = v; this }
fn "()".meth(v) { v }
fn "Fn".meth(v) { this.call(v) }
fn int.tw() { this * 2 }
fn int.tw() { this *= 2; }
fn float.tw() { this * 2.0 }
fn tw() { "any" }
fn tw() { this }
fn grow(v) { this.push(v); }
fn grow(v) { this.a = v; this.l[0] += 1; }
fn mutate() { this = 5; }
fn mutate() { this += 1; }
fn setv(v) { this = v; }
fn setv(v) { this.v = v; }
fn thrower(v) { throw v }
fn thrower(v) { if v == 1 { throw #{code: v} } v }
fn thrower(v) { try { throw v } catch (e) { throw `<${>e}!` } }
fn exit_if(v) { if v { exit("left") } }
fn deep1(v) { deep2(v) } fn deep2(v) { deep3(v) } fn deep3(v) { <any> }
fn deep1(v) {\n    deep2(v)\n}\nfn deep2(v) {\n    <stmt>\n    v.nope()\n}
private fn priv(v) { v }
fn maker(v) { |z| v + z }
fn maker(v) { let n = v; |z| { n += z; n } }
fn scoped(v) { i + v }
fn scoped(v) { let loc = v; i = v; loc }
fn swap(z, v) { let t = z; z = v; v = t; [z, v] }
fn swap(z, v) { this.a = z; this }
fn print2(v) { print(v); v }
fn h1() { "none" }
fn h1(z, v) { "two" }
fn abs(z) { "own" }
fn len() { "own len" }
fn contains(z, v) { true }
fn int.h1(v) { "int.h1" }
fn to_debug(z) { "own debug" }
""".strip().split("\n")

# What differential runs have found to be thin ice.
rows("fn", 'Fn("tw")\nFn("meth")\nFn("len")\nFn("push")\ntw\nmeth\nf.curry(<lit>)')
rows("native", "push\npop\nlen\nabs\nclear\nmake_upper\nto_string\nreverse\nsort\nmax\ninsert\nremove\ncontains\nis_odd\nset_tag\ntype_of_nothing\nh1\ntw\nmeth\nappend\nsplit\ntrim")
rows("callback", '<fn>\n"h1"\n"tw"\n"meth"\n"abs"\n"len"\n<str>')
rows("call", 'call(Fn("<native>"), <var>, <any>)\ncall(Fn("<native>"), <var>)\nFn("<native>").call(<var>, <any>)\n<var>.call(Fn("<native>"))\n<var>.call(Fn("<native>"), <any>)\n<native>(<var>)\n<native>(<var>, <any>)\n<native>(<read>, <any>)\n<var>.<native>(<any>)\n<read>.<native>()\na.map(<callback>)\na.filter(<callback>)\na.index_of(<callback>)\na.some(<callback>)\na.all(<callback>)\na.find(<callback>)\nb.reduce(<callback>, <any>)\nb.sort(<fn>)\nb.for_each(<fn>)\nm.map(<fn>)\nm.filter(<fn>)\na.find_map(<callback>)\n[1, 2].zip(a, <fn>)\na.drain(<callback>)\nb.dedup(<fn>)\nis_def_fn(<var>, <var>)\nis_shared(<read>)')
rows("simple", "<var>.tag = <int>\nprint(<var>.tag)\n<var>.tag <op> <int>\n<place>.tag = <int>\nprint(<read>.tag)\ns[<small>].make_upper()\ns[<small>..<small>].<method>\ni[0..<small>].set_bit(<small>, <bool>)\ni[<small>].<method>\nS[0].make_upper()\nL[0].<method>\nM.a.<method>\nL.<method>\nM.<method>\nK.<method>\nS.<method>\nS[0..2].<method>\nw[0].<method>\nm.s[0].make_upper()\na[1][0].<method>\ns[0..2][0] <op> <any>\ni[0..8][0] <op> <any>\nm.s[1..] <op> <str>\ns[<small>] = <char>\nL[0] <op> <any>\nM.a <op> <any>\nM.d.e <op> <int>")
rows("stmt", "let n1 = 0; do { n1 += 1; if n1 > 3 { break; } <stmt> } until <bool> && <bool>;\nlet n1 = 0; while !(n1 > 2 || <bool>) { n1 += 1; <stmt> }\nlet n1 = 0; while n1 < 2 && <bool> { n1 += 1; <stmt> }\nfor z in <iter> { fs.push(|v| [z, v]); z = <any>; }\nlet z = <any>; fs.push(|| { z = <any>; z }); print(z);\nlet <newname> = <any>; let <newname> = <any>;\nif <bool> { let <newname> = <any>; print(<any>); }\nlet lv = loop { <stmt> break <any>; }; print(lv);\nlet g4 = |z| { if z == <lit> { return <any>; } <stmt> z }; print(g4.call(<any>));\nprint(<var> ?? <any>); print(<read> ?? <any>);")
rows("read", "<var>[<small>..<small>]<link>\n<var>[0]<link><link>\ns[0..2][0]\ni[0..8][1..3]\nu[0]?[0]<link>\nu?[0]<link>\nm.none?[0]<link>\nm[\"none\"]?[0][1]\n<var>.tag\n(<var><link>)<link>\n(<var>)<link><plink>\n-<var><link>\n!<var><link>")
FUNCTIONS_MORE = r"""
fn body_of(v) { push(this, v); this.len() }
fn poke() { this[0] += 1; this }
fn poke() { this.a += 1; this.push(1); }
fn via(v) { call(Fn("push"), this, v) }
fn via(v) { [v].map(Fn("tw")) }
fn int.body_of(v) { this + v }
fn float.meth(v) { this * 2.0 + v }
fn char.meth(v) { this + v }
fn bool.tw() { !this }
fn string.tw() { this + this }
fn array.tw() { this + this }
fn range.tw() { this.start }
fn local(v) { let i = v; let c = || { i += 1; i }; c.call(); [i, c.call()] }
fn late(v) { if v == 0 { return; } let r = late(v - 1); r ?? v }
fn consts(v) { [global::K, global::L, v] }
fn consts(v) { global::M.a + v }
""".strip().split("\n")
rows("call", "<var>.body_of(<any>)\n<var>.poke()\n<var>.via(<any>)\nL.poke()\nM.poke()\nL.via(1)\nlocal(<int>)\nlate(<small>)\nconsts(<any>)\na.poke()\nm.poke()")

DECLARE = [
    ("i", ["5", "0", "-3", "<int>"]), ("j", ["2", "7"]), ("x", ["2.5", "0.0", "<float>"]), ("y", ["-1.25"]), ("s", ['"abc"', '"héllo"', "<str>"]),
    ("t", ['"a,b"', '""']), ("c", ["'c'", "'é'"]), ("a", ["[1, 2, 3]", '[1, "s", 2.5, \'c\', true]', "[]", "[[1], #{a: 1}]", "<arr>"]), ("b", ["[1, 2, 3]", "[]"]),
    ("m", ["#{a: 1, l: [1, 2, 3], d: #{e: 5}, s: \"text\", x: 1.5, c: 'q', fn1: |z| z * 2, fn2: Fn(\"h1\"), v: 3}", "#{a: 1}", "#{}", "#{a: 5, fn1: |z| this.a + z, fn2: |z| { this.a += z; this.a }}"]),
    ("o", ["#{a: 2, d: ()}", "()", "#{}"]), ("f", ["|z| z", "|z| z + i", "|z| { i += 1; z }", "<fn>", "|| 5", "|z| z + j"]), ("g", ["|z, v| z", "|z, v| z + v", "<fn>"]),
    ("f2", ["|z, v| z + v", "|z, v| [z, v]", 'Fn("h2")']), ("w", ["blob(3, 65)", "blob()"]), ("r", ["0..3", "1..=4"]), ("u", ["()"]), ("p", ["true"]), ("q", ["false"]), ("fs", ["[]"]),
    ("counter", ["{ let n = 0; || { n += 1; n } }", "|| i"]),
]
FUNCTIONS = [f.replace("\\n", "\n") for f in FUNCTIONS + FUNCTIONS_MORE]
CONSTS = [("K", ["42", "<int>"]), ("F", ["0.5"]), ("L", ["[1, [2]]", "[]"]), ("M", ["#{a: 1, d: #{e: 1}}", "#{}"]), ("S", ['"const"'])]
SLOT = re.compile(r"<(\??)(\w+|\$\{)>")


class Constructs:
    def __init__(self, random):
        self.random = random

    def fill(self, text, depth):
        def slot(match):
            maybe, name = match.groups()
            if name == "${":
                return "${"
            if maybe and self.random.random() < 0.5:
                return ""
            return self.one(name, depth + 1)
        return SLOT.sub(slot, text)

    def one(self, name, depth):
        choices = ROWS[name]
        if depth > self.deepest:
            plain = [row for row in choices if "<" not in row.replace("<${>", "")]
            if plain:
                return self.fill(self.random.choice(plain), depth)
            if depth > self.deepest + 6:
                return {"stmt": ";", "body": "{ }", "try": ";", "switch": "0"}.get(name, "1")
        elif depth > 3 and self.random.random() < 0.3:
            plain = [row for row in choices if "<" not in row]
            choices = plain or choices
        return self.fill(self.random.choice(choices), depth)

    def program(self):
        while True:
            text = self.made()
            if len(text) < 6000 and not re.search(r"sleep|pad\(|\nfn .*\n=== ", text):
                return text

    def made(self):
        chance, pick = self.random.random, self.random.choice
        self.deepest = pick([2, 3, 3, 4, 5])
        lines = []
        order = list(DECLARE)
        if chance() < 0.05:
            self.random.shuffle(order)
        for name, values in order:
            if chance() < 0.99:
                lines.append(f"{'const' if chance() < 0.06 else 'let'} {name} = {pick([v for v in values if '<' not in v])};")
        for name, values in CONSTS:
            if chance() < 0.98:
                lines.append(f"const {name} = {pick([v for v in values if '<' not in v])};")
        for name, values in DECLARE + CONSTS:
            values = [v for v in values if "<" in v]
            if values and chance() < 0.2:
                lines.append(f"let {name} = {self.fill(pick(values), self.deepest - 1)};")
        functions, seen = [], set()
        for text in self.random.sample(FUNCTIONS, self.random.randrange(3, 22)):
            heads = re.findall(r"fn ((?:\w+\.|\"[^\"]*\"\.)?\w+)\(([^)]*)\)", text)
            keys = {(n, len([p for p in a.split(",") if p.strip()])) for n, a in heads}
            if keys & seen and chance() < 0.99:
                continue
            seen |= keys
            functions.append(self.fill(text, max(0, self.deepest - 2)))
        # which variables a closure captures decides how they are kept
        if chance() < 0.4:
            lines.append("let cap = || [" + ", ".join(self.random.sample([n for n, _ in DECLARE[:13]], 3)) + "];")
        statements = [self.one("guarded", 0) for _ in range(self.random.randrange(1, 9))]
        end = pick(["[i, j, x, s, a, m]", "<any>", "[a, b, m, o]", "[i, s, K]", "fs.map(|z| z.call())", "<int>", "", "[i, x, s, c, a, m, o, w, u, p]"])
        where = chance()
        if where < 0.15:
            statements = [pick(["fn body() {\n%s\n}\nbody()", "(|| {\n%s\n}).call();", "{\n%s\n}", "if true {\n%s\n}", "for n in 0..2 {\n%s\n}", "fn body(i, a, m, s) {\n%s\n}\nbody(i, a, m, s);",
                                "fn body() {\n%s\n}\nm.body();", "fn body() {\n%s\n}\na.body();", "fn body() {\n%s\n}\ni.body();", "try {\n%s\n} catch (e) { print(e); }"]) % "\n".join(statements)]
        parts = [functions, lines, statements, [self.fill(end, 1)]] if chance() < 0.6 else [lines, functions, statements, [self.fill(end, 1)]]
        return "\n".join(line for part in parts for line in part if line)
