"""Random calls of the standard library: any function on edge values of every type, the receiver printed afterwards."""
import os

VALUES = {
    "int": ["0", "1", "-1", "2", "3", "5", "-3", "63", "64", "100", "-100", "9223372036854775807", "-9223372036854775808", "0xff", "16", "36"],
    "float": ["0.0", "-0.0", "1.0", "-1.5", "0.1", "2.5", "1e10", "1e300", "-1e300", "1e-300", "(0.0/0.0)", "(1.0/0.0)", "(-1.0/0.0)", "9007199254740993.0", "0.5", "123.456"],
    "bool": ["true", "false"],
    "char": ["'a'", "'Z'", "'é'", "'ß'", "'0'", "' '", "'\\n'", "'😀'", "'İ'"],
    "string": ['""', '"a"', '"abc"', '"Hello, World"', '"  pad me \\t"', '"12"', '"-7"', '"0x1f"', '"3.25"', '"1e5"', '"ÀéîÖß"', '"日本語"', '"😀😁"', '"a,b,,c"', '"aaa"', '"line\\nline"', '"inf"', '"true"', '"{\\"a\\": [1, 2.5, null]}"', '"\\x00\\x01"', '"İI"'],
    "array": ["[]", "[1]", "[1, 2, 3]", "[3, 1, 2]", "[1, 1, 2, 2, 1]", '["b", "a", "c"]', "[1, \"a\", 2.5, 'c', true, ()]", "[[1, 2], [3], []]", "[#{a: 1}, #{a: 2}]", "[2.5, 1, -1.0]", "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]", "[true, false]"],
    "map": ["#{}", "#{a: 1}", "#{a: 1, b: 2, c: 3}", '#{"": 0, "x y": "z", a: #{b: [1]}}', "#{b: (), a: 1.5}"],
    "blob": ["blob()", "blob(3)", "blob(5, 0x41)", "blob(10, 255)", '"hé😀".to_blob()', "blob(1, -1)"],
    "range": ["0..3", "1..2", "-2..2", "3..1", "0..0", "..2", "(1..)", "-100..100", "5..9223372036854775807"],
    "range=": ["0..=3", "1..=1", "-2..=2", "3..=1", "0..=0", "..=2", "-100..=100"],
    "Fn": ["|x| x", "|x| x > 1", "|x, y| x + y", "|a, b| a > b", "|| 1", "|x| true", "|a, b| if a > b { 1 } else if a < b { -1 } else { 0 }", "|x| ()", "|k, v| v == 1", "|x| x.len()", "|x, i| i", 'Fn("abs")', 'Fn("len")', 'Fn("nobody")', "|x| throw x", "|a, b, c| c", "|x| x == 'a'", "|x| this"],
    "()": ["()"],
}
KINDS = list(VALUES)
# What has no answer of its own: time, sleeping, ending, printing addresses, or sizes that fill memory.
LEFT_OUT = {"sleep", "timestamp", "elapsed", "exit", "pad", "get_fn_metadata_list", "print", "debug"}


def functions(source):
    """[(name, [types])], every overload that a script can reach."""
    rows = set()
    with open(os.path.join(source, "tests", "data", "std-rows.txt"), encoding="utf-8") as text:
        for line in text:
            words = line.split()
            if words and words[0].isdigit():
                rows.add((words[1], tuple(words[3:])))
    return sorted(rows)


class Library:
    def __init__(self, random, source):
        self.random = random
        self.rows = [r for r in functions(source) if r[0] not in LEFT_OUT and "timestamp" not in r[1]]
        if not self.rows:
            raise SystemExit("no tables of the standard library found")

    def value(self, kind):
        if kind not in VALUES or self.random.random() < 0.06:
            kind = self.random.choice(KINDS)
        return self.random.choice(VALUES[kind])

    def program(self):
        name, kinds = self.random.choice(self.rows)
        values = [self.value(kind) for kind in kinds]
        if self.random.random() < 0.05:
            values.append(self.value("?"))
        if self.random.random() < 0.03 and values:
            values.pop()
        receiver = "const r" if self.random.random() < 0.05 else "let r"
        lines = [f"{receiver} = {values[0]};"] if values else []
        rest = ", ".join(values[1:])
        if name.startswith("get$"):
            call = f"r.{name[4:]}"
        elif name.startswith("set$"):
            lines.append(f"r.{name[4:]} = {rest or '()'};")
            call = f"r.{name[4:]}"
        elif name.startswith("index$"):
            call = f"r[{rest or '0'}]"
        elif not name[0].isalpha():
            if name == "!" or len(values) < 2:
                call = f"{name}r"
            elif name.endswith("=") and name not in ("==", "!=", "<=", ">="):
                lines.append(f"r {name} {rest};")
                call = "r"
            else:
                call = f"r {name} ({rest})"
        elif not values:
            call = f"{name}()"
        else:
            form = self.random.random()
            call = f"{name}(r{', ' + rest if rest else ''})" if form < 0.3 else f"r.{name}({rest})"
        lines.append(f"let got = {call};")
        lines.append("[got, r]" if values else "got")
        return "\n".join(lines)
