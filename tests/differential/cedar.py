"""
Cedar cases that nobody recorded: recorded ones with tokens, numbers, strings, JSON values and whole sections changed, and
random calls of the extension types. Each goes through the reference's cedar-cases and ours; answers are compared as
tests/conformance/check_cases.py compares them, without the wording of messages.
"""
import copy
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "conformance"))
import cedar_schemas  # noqa: E402
import check_cases  # noqa: E402

NAMES = ("policies", "schema", "entities", "links", "request", "expression", "do")
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*\n?|[A-Za-z_]\w*|\d+|::|==|!=|<=|>=|&&|\|\||\?\w+|\s+|.', re.S)
TOKENS = r"""true false if then else in like has is permit forbid when unless principal action resource context __cedar
?principal ?resource ?foo == != < <= > >= && || ! - + * / % = . , ; : :: ( ) { } [ ] @ 0 1 -1 007 9223372036854775807
9223372036854775808 18446744073709551616 "" "a" "a*b" "\*" "\u{2a}" "\x2a" "\0" "\u{1F600}" "\q" "é" User::"alice" Action::"view"
Doc::"d" N::M::User::"x" User T N::T contains containsAll containsAny isEmpty getTag hasTag decimal ip datetime duration
lessThan isInRange isIpv4 offset durationSince toDate toTime toMilliseconds toDays entity namespace type enum appliesTo tags
Set Long Bool String Boolean Record __cedar::Long ipaddr principal: resource: context: ? @id @doc("x") a b name
[1,2] {a:1} {"if":1} (1) unknown && true || false .a .contains(1) has a.b is User in // c
""".split()
STRINGS = ["", "a", " ", "*", "\\*", "\\\\", "\\n", "\\u{0}", "\\u{10FFFF}", "\\u{110000}", "\\u{d800}", "\\x7f", "\\x80", "\\'",
           "\u00e9", "\u0301", "\u200b", "\ufeff", "\u2028", "\U0001F600", "__cedar", "if", "a b", "A::B", "0", "-1", "1.0", "\t", "\u007f",
           "\u00ad", "\ue000", "e\u0301", "\u1100\u1161", "\\u{_1}", "\\u{1_0}"]
JSON_VALUES = [None, True, False, 0, -1, 1, 9223372036854775807, -9223372036854775808, 9223372036854775808, 1.5, 1e3, "", "a", "User",
               "alice", "1.2.3.4", "1.0", "1d", "2024-01-01", [], {}, [1], [1, "a"], {"a": 1}, {"type": "User", "id": "alice"},
               {"__entity": {"type": "User", "id": "alice"}}, {"__entity": {"type": "User"}}, {"__entity": "x"},
               {"__extn": {"fn": "ip", "arg": "1.2.3.4"}}, {"__extn": {"fn": "decimal", "arg": "1.x"}}, {"__extn": {"fn": "nope", "arg": "x"}},
               {"__extn": {"fn": "offset", "args": [{"__extn": {"fn": "datetime", "arg": "2024-01-01"}}, {"__extn": {"fn": "duration", "arg": "1d"}}]}},
               {"fn": "ip", "arg": "::1"}, {"__extn": {"fn": "ip", "args": ["1.1.1.1"]}}, {"__expr": "1 + 1"}, {"__expr": 1},
               {"__entity": {"type": "User", "id": "a", "z": 1}}, {"__entity": {"type": "User", "id": "a"}, "z": 1},
               {"op": "All"}, {"op": "==", "slot": "?principal"}, {"op": "is", "entity_type": "User"}, {"Var": "principal"}, {"Value": 1},
               {"Value": "x"}, {"Slot": "?principal"}, {"Set": []}, {"Record": {}}, {"!": {"arg": {"Value": True}}}, "Long", "String",
               {"type": "Long"}, {"type": "Set", "element": {"type": "Long"}}, {"type": "Record", "attributes": {}}, {"type": "Entity", "name": "User"},
               {"type": "EntityOrCommon", "name": "User"}, {"type": "Extension", "name": "ipaddr"}, {"type": "Set"}]
EXTENSION = {
    "decimal": (["lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual"], True),
    "ip": (["isIpv4", "isIpv6", "isLoopback", "isMulticast", "isInRange"], None),
    "datetime": (["offset", "durationSince", "toDate", "toTime"], None),
    "duration": (["toMilliseconds", "toSeconds", "toMinutes", "toHours", "toDays"], False),
}


class Case:
    def __init__(self, sections):
        self.sections = sections

    def text(self):
        return "\n".join(f"--- {name}\n{body}" for name, body in self.sections)

    def sound(self):
        return any(name != "do" for name, _ in self.sections) and all("\n=== " not in "\n" + body and not re.search(r"^--- (%s)$" % "|".join(NAMES), body, re.M) for _, body in self.sections)


def read_cases(folder):
    out = []
    for path in sorted(glob.glob(os.path.join(folder, "*.cases"))):
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as text:
            parts = re.split(r"^=== .*\n", text.read(), flags=re.M)[1:]
        for part in parts:
            sections = []
            for line in part[:-1].split("\n") if part.endswith("\n") else part.split("\n"):
                head = re.match(r"--- (%s)$" % "|".join(NAMES), line)
                if head:
                    sections.append([head.group(1), []])
                elif sections:
                    sections[-1][1].append(line)
            out.append((os.path.basename(path)[:-6], Case([(n, "\n".join(b)) for n, b in sections])))
    return out


class Mutations:
    def __init__(self, random, folder):
        self.random = random
        self.cases = [c for _, c in read_cases(folder) if len(c.text()) < 6000]
        if not self.cases:
            raise SystemExit("no recorded cases found in " + folder)
        self.pool = {name: [] for name in NAMES}
        self.tokens = {name: [] for name in NAMES}
        for case in self.cases:
            for name, body in case.sections:
                self.pool[name].append(body)
                self.tokens[name] += [t for t in TOKEN.findall(body) if not t.isspace()]

    # ---- extension types -------------------------------------------------------------------------------------------

    def digits(self, low=0, high=20):
        r = self.random
        return "".join(r.choice("0123456789") for _ in range(r.choice([low, 1, 2, 3, 4, r.randint(low, high)])))

    def decimal(self):
        r = self.random
        return r.choice(["", "", "", "-", "+", " "]) + r.choice([self.digits(), "922337203685477", "0", "00", "\u0661"]) + r.choice([".", ".", ".", "", ",", ".."]) + \
            r.choice([self.digits(0, 6), "5807", "5808", "0", "", "0000", "1234", "00000"])

    def ip(self):
        r = self.random
        if r.random() < 0.5:
            text = ".".join(r.choice(["0", "1", "10", "127", "224", "239", "255", "256", "01", "", self.digits(1, 3)]) for _ in range(r.choice([4, 4, 4, 4, 3, 5])))
        else:
            groups = [r.choice(["0", "1", "ffff", "fe80", "ff00", "FF02", "abcd", "12345", "g", "00", "", "7f"]) if r.random() < 0.8 else "" for _ in range(r.choice([8, 8, 7, 4, 3, 2, 9]))]
            text = r.choice([":".join(groups), ":".join(g or "0" for g in groups), "::" + ":".join(g or "1" for g in groups[:3]), ":".join(g or "2" for g in groups[:4]) + "::",
                             "::1", "::", "::ffff:1.2.3.4", "ff00::1", "1::2:3"])
        return text + r.choice(["", "", "", "/", "/0", "/8", "/24", "/32", "/33", "/64", "/127", "/128", "/129", "/08", "/ 8", "/-1", "/7", "/4", "/3", "/999", "/1000", "/a"])

    def datetime(self):
        r = self.random
        number = lambda width, edge: r.choice(edge + [str(r.randint(0, 10 ** width - 1)).zfill(width)])
        date = number(4, ["0000", "1970", "2024", "9999", "2023", "1900", "2000", "24"]) + r.choice("----/") + number(2, ["01", "02", "12", "13", "00", "1"]) + "-" + \
            number(2, ["01", "28", "29", "30", "31", "32", "00"])
        if r.random() < 0.3:
            return date
        time = number(2, ["00", "23", "24", "12"]) + ":" + number(2, ["00", "59", "60"]) + ":" + number(2, ["00", "59", "60"])
        return date + r.choice(["T", "T", "T", "T", "t", " "]) + time + r.choice(["", "", ".000", ".999", ".1", ".1234", "." + number(3, ["001"])]) + \
            r.choice(["Z", "Z", "z", "", "+0000", "-2359", "+2400", "+0060", "+01:00", "-0130", "+" + number(4, ["1200"])]) + r.choice(["", "", "", " ", "x"])

    def duration(self):
        r = self.random
        units = ["d", "h", "m", "s", "ms"]
        if r.random() < 0.25:
            r.shuffle(units)
        parts = [r.choice([self.digits(1, 20), "9223372036854775807", "9223372036854775808", "0", "1", "106751991167", "2562047788015"]) + u
                 for u in units if r.random() < 0.4]
        return r.choice(["", "", "-", "-", "+"]) + "".join(parts) + r.choice(["", "", "", "", "1", "1w", "1.5h", "ms"])

    def value(self, kind):
        return f'{kind}("{getattr(self, kind)()}")'

    def extension(self):
        r = self.random
        out = []
        for _ in range(12):
            kind = r.choice(list(EXTENSION))
            methods, pair = EXTENSION[kind]
            method = r.choice(methods)
            left = self.value(kind)
            if r.random() < 0.2:
                out.append(left)
            elif r.random() < 0.2:
                out.append(f'{left} {r.choice(["==", "<", "<=", ">", ">=", "!="])} {self.value(r.choice([kind, kind, r.choice(list(EXTENSION))]))}')
            elif method == "offset":
                out.append(f"{left}.offset({self.value('duration')})" + r.choice(["", ".toDate()", ".toTime()", ".durationSince(datetime(\"2024-02-29\"))"]))
            elif method == "durationSince":
                out.append(f"{left}.durationSince({self.value('datetime')})" + r.choice(["", ".toDays()", ".toHours()"]))
            elif pair or method == "isInRange":
                out.append(f"{left}.{method}({self.value(kind)})")
            else:
                out.append(f"{left}.{method}()")
        return Case([("expression", e) for e in out] + [("do", "evaluate")])

    # ---- changes of a text -----------------------------------------------------------------------------------------

    def change_tokens(self, name, body):
        r = self.random
        tokens = TOKEN.findall(body)
        for _ in range(r.choice([1, 1, 1, 2, 3])):
            tokens = tokens or [""]
            solid = [i for i, t in enumerate(tokens) if not t.isspace()] or [0]
            at, how = r.choice(solid), r.random()
            fresh = r.choice(TOKENS) if r.random() < 0.4 else r.choice(self.tokens[name] or TOKENS)
            if how < 0.2:
                del tokens[at]
            elif how < 0.4:
                tokens.insert(at, r.choice(["", " "]) + fresh + r.choice(["", " "]))
            elif how < 0.6:
                tokens[at] = fresh
            elif how < 0.7:
                other = r.choice(solid)
                tokens[at], tokens[other] = tokens[other], tokens[at]
            elif how < 0.75:
                tokens = tokens[:at]
            elif how < 0.85:
                other = TOKEN.findall(r.choice(self.pool[name] or [""]))
                start = r.randrange(len(other) + 1)
                tokens[at:at] = other[start:start + r.randrange(1, 8)]
            elif how < 0.9:
                tokens.insert(at, r.choice([" ", "\n", "\t", "\u00a0", "\u2028", "// note\n", "\r\n", "/* */"]))
            else:
                self.change_literal(tokens, at)
        return "".join(tokens)

    def change_literal(self, tokens, at):
        r = self.random
        text = tokens[at]
        if text.startswith('"') and len(text) > 1:
            inner = text[1:-1]
            where = r.randrange(len(inner) + 1)
            tokens[at] = '"' + r.choice([inner[:where] + r.choice(STRINGS) + inner[where:], r.choice(STRINGS), inner[:where], inner + inner]) + '"'
        elif text.isdigit():
            tokens[at] = r.choice(["0", "1", "9223372036854775807", "9223372036854775808", "9223372036854775809", "00" + text, "-" + text, text + text])
        else:
            where = r.randrange(len(text) + 1)
            tokens[at] = text[:where] + r.choice("\u00e9_0aA ") + text[where:]

    def nodes(self, value, path=()):
        yield path
        if isinstance(value, dict):
            for key in value:
                yield from self.nodes(value[key], path + (key,))
        elif isinstance(value, list):
            for i, item in enumerate(value):
                yield from self.nodes(item, path + (i,))

    def change_json(self, name, body):
        r = self.random
        try:
            value = json.loads(body)
        except ValueError:
            return self.change_tokens(name, body)
        for _ in range(r.choice([1, 1, 2])):
            paths = [p for p in self.nodes(value) if p] or [()]
            path = r.choice(paths)
            if not path:
                return self.change_tokens(name, body)
            holder = value
            for step in path[:-1]:
                holder = holder[step]
            last, how = path[-1], r.random()
            if how < 0.2:
                del holder[last]
            elif how < 0.5:
                holder[last] = copy.deepcopy(r.choice(JSON_VALUES))
            elif how < 0.65:
                other = r.choice(paths)
                found = value
                for step in other:
                    found = found[step]
                holder[last] = copy.deepcopy(found)
            elif how < 0.8 and isinstance(holder, dict):
                holder[r.choice(["type", "id", "__entity", "__extn", "fn", "arg", "args", "uid", "attrs", "parents", "tags", "a", "op", "entity", "slot", "Value",
                                 "left", "right", "required", "element", "attributes", "memberOf", "annotations", "x y", "if"])] = copy.deepcopy(r.choice(JSON_VALUES))
            elif isinstance(holder, dict):
                moved = holder.pop(last)
                holder[r.choice([str(last) + "x", "a", "type", "==", "in", "&&", "has", "like", "is", "Value", "Set", "contains", "neg", "isEmpty", ".", "getTag",
                                 "ip", "decimal", "offset"])] = moved
            else:
                holder.insert(r.randrange(len(holder) + 1), copy.deepcopy(r.choice(holder) if holder and r.random() < 0.5 else r.choice(JSON_VALUES)))
        text = json.dumps(value, ensure_ascii=r.random() < 0.3)
        if r.random() < 0.1:  # a repeated key
            text = re.sub(r'("\w+"): ([\d"\w]+)([,}])', lambda m: f"{m.group(1)}: {m.group(2)}, {m.group(1)}: 1{m.group(3)}", text, count=1)
        return text

    def change_expression(self, body):
        r = self.random
        other = r.choice(self.pool["expression"])
        return r.choice([f"({body}) {r.choice(['==', '!=', '<', '<=', '>', '>=', '&&', '||', '+', '-', '*', 'in'])} ({other})",
                         f"[{body}, {other}].contains({other})", f"if {body} then {other} else {body}", f"{{a: {body}, \"b\": {other}}}.a",
                         f"!({body})", f"-({body})", f"({body}) has a", f"({body}).a", f"({body}) like \"*a*\"", f"({body}) is User",
                         f"({body}) is User in ({other})", f"({body}).containsAll([{other}])", f"[{body}].containsAny([{other}, {body}])", f"({body}).isEmpty()",
                         f"({body}).getTag({other})", f"({body}).hasTag(\"t\")", f"[{body}, {other}, 1, \"a\"]"])

    def case(self):
        r = self.random
        if r.random() < 0.1:
            return self.extension()
        case = Case([list(s) for s in r.choice(self.cases).sections])
        if r.random() < 0.15:  # a section of another case
            other = r.choice(r.choice(self.cases).sections)
            same = [s for s in case.sections if s[0] == other[0]]
            if same and other[0] != "do":
                r.choice(same)[1] = other[1]
        if r.random() < 0.15:
            words = r.choice(["parse", "authorize", "evaluate", "validate", "validate-permissive", "level=1", "level=0", "to-json", "to-cedar", "format",
                              "schema-to-json", "schema-to-cedar", "schema-warnings", "check-entities", "entities-to-json", "check-requests"])
            for section in case.sections:
                if section[0] == "do":
                    if words not in section[1].split():
                        section[1] += " " + words
                    break
            else:
                case.sections.append(["do", words])
        for _ in range(r.choice([1, 1, 2])):
            choices = [s for s in case.sections if s[0] != "do"]
            if not choices:
                break
            section = r.choice(choices)
            if section[0] == "expression" and r.random() < 0.4:
                section[1] = self.change_expression(section[1])
            elif section[1].lstrip()[:1] in ("{", "[") and section[0] != "expression" and r.random() < 0.8:
                section[1] = self.change_json(*section)
            else:
                section[1] = self.change_tokens(*section)
        return case


# ---- both programs -----------------------------------------------------------------------------------------------------

def run(program, cases, folder):
    """Answers by number, as lines; what is missing was never printed."""
    path = os.path.join(folder, "batch.cases")
    with open(path, "w", encoding="utf-8", errors="replace", newline="") as out:
        for number, text in enumerate(cases):
            out.write(f"=== t{number}\n{text}\n")
    done = subprocess.run(["sh", "-c", "ulimit -v 6000000; ulimit -c 0; exec timeout 120 \"$@\"", "sh", program, path], capture_output=True, check=False)
    answers = os.path.join(folder, "batch.expect")
    with open(answers, "wb") as out:
        out.write(done.stdout)
    found = {int(name[1:]): lines for name, lines in check_cases.blocks(answers) if re.match(r"t\d+$", name)}
    if done.returncode == 0 or len(cases) == 1:
        return found if done.returncode == 0 else {0: ["crash %d %s" % (done.returncode, done.stderr[-300:].decode("utf-8", "replace"))]}
    half = len(cases) // 2  # somebody took the process down: find out who
    found = run(program, cases[:half], folder)
    found.update({half + n: a for n, a in run(program, cases[half:], folder).items()})
    return found


def plain(lines):
    """Version 4.12 made an error of what 4.14 warns of (the corpus wants the error). The slots of a link print in hash order."""
    out = [line for line in check_cases.comparable(lines) if line]
    out = [re.sub(r"slots: \[(.*)\]$", lambda m: "slots: " + " ".join(sorted(m.group(1).split(","))), line) for line in out]
    if any("invalid-action-application" in line for line in out):
        out = [re.sub(r"^(validation\S*|level=\d+) (ok|fail)$", r"\1", line) for line in out if "invalid-action-application" not in line]
    return out


def differences(reference, ours, cases, folder):
    want, got = run(reference, cases, folder), run(ours, cases, folder)
    bad = []
    for number, text in enumerate(cases):
        if number not in want or want[number][:1] and want[number][0].startswith(("crash", "panic")):
            continue
        if plain(want[number]) != plain(got.get(number, ["no answer"])):
            bad.append((text, want[number], got.get(number, ["no answer"])))
    return bad


def shape(want, got):
    """What must stay so that it is still the same difference."""
    first = next(((a, b) for a, b in zip(plain(want) + [""], plain(got) + [""]) if a != b), ("", ""))
    return tuple(" ".join(re.sub(r"\d+", "0", line).split(" ")[:2]) for line in first)


def shrink(reference, ours, text, want, got, folder):
    """Leaves out sections, lines and tokens while the programs still differ in the same way."""
    best, kept = text, shape(want, got)
    for _ in range(40):
        lines, tokens, tries = best.split("\n"), TOKEN.findall(best), []
        for size in (8, 4, 2, 1):
            tries += ["\n".join(lines[:i] + lines[i + size:]) for i in range(0, len(lines), size)]
        for size in (16, 6, 3, 2, 1):
            tries += ["".join(tokens[:i] + tokens[i + size:]) for i in range(0, len(tokens), max(1, size // 2))]
        tries = [t for t in dict.fromkeys(tries) if len(t) < len(best) and t.startswith("--- ")][:400]
        found = [d for d in differences(reference, ours, tries, folder) if shape(d[1], d[2]) == kept]
        if not found:
            break
        best = min((f[0] for f in found), key=len)
    last = differences(reference, ours, [best], folder)
    return last[0] if last else (text, want, got)


def compare(options, generator, source):
    crate = os.path.join(source, "..", "shared", "oracle", "cedar")
    reference = os.environ.get("REXI_ORACLE_CEDAR")
    ours = os.path.join(os.environ.get("REXI_BUILD", "."), "tests", "conformance", "cedar-cases")
    if not reference and os.path.isdir(crate):
        target = os.path.abspath("oracle-cedar")
        done = subprocess.run(["cargo", "build", "--release", "--quiet", "--manifest-path", os.path.join(crate, "Cargo.toml"), "--target-dir", target], check=False)
        reference = os.path.join(target, "release", "cedar-cases") if done.returncode == 0 else None
    if not reference:
        print("differential: no reference here: skipped")
        return 77
    make = (cedar_schemas.Schemas if options.mode == "schema" else Mutations)(generator, os.path.join(source, "tests", "data", "cedar"))
    done = found = shown = 0
    shapes = set()
    with tempfile.TemporaryDirectory(prefix="differential-") as folder:
        while done < options.count:
            batch = []
            while len(batch) < min(options.batch, options.count - done):
                case = make.case()
                if case.sound():
                    batch.append(case.text())
            done += len(batch)
            for text, want, got in differences(reference, ours, batch, folder):
                found += 1
                if shape(want, got) in shapes or shown >= options.show:
                    continue
                shapes.add(shape(want, got))
                shown += 1
                text, want, got = shrink(reference, ours, text, want, got, folder)
                print("--- difference %d\n%s\n  reference:\n    %s\n  rexi:\n    %s" % (found, text, "\n    ".join(want), "\n    ".join(got)), flush=True)
                if options.save:
                    with open(os.path.join(options.save, f"cedar-{found}.cases"), "w", encoding="utf-8", errors="replace", newline="") as out:
                        out.write(f"=== find-{found}\n{text}\n")
                    with open(os.path.join(options.save, f"cedar-{found}.expect"), "w", encoding="utf-8", errors="replace", newline="") as out:
                        out.write("=== find-%d\n%s\n" % (found, "\n".join(want)))
    print(f"differential: mode {options.mode}: {done} cases, {found} differences", flush=True)
    return 1 if found else 0
