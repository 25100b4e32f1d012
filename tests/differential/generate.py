"""Random Rhai programs: `program(random)` for the language, `call(random, rows)` for one library function.

Programs are mostly well typed and always end: loops are bounded, recursion counts down, text and containers stay small.
Every program closes with an array of what it made, so that a difference anywhere shows in the printed value.
"""
import re

INTS = ["0", "1", "2", "3", "-1", "7", "10", "63", "64", "-64", "255", "256", "1000", "-7", "9223372036854775807",
        "-9223372036854775808", "4294967296", "0xff", "0b1010", "0o17", "1_000", "-2147483649"]
FLOATS = ["0.0", "1.0", "-1.5", "0.1", "2.5", "1e10", "1e-7", "123456789.125", "1e300", "-0.0", "3.0", "1e16", "0.3"]
CHARS = ["'a'", "'Z'", "' '", "'é'", "'\\n'", "'0'", "'ß'", "'\\u2028'"]
STRINGS = ['""', '"a"', '"abc"', '"Hello, World!"', '"héllo"', '"  trim me "', '"a,b,,c"', '"12"', '"-7"', '"1.5"',
           '"ßǅ"', '"line1\\nline2"', '"q\\"q"', '"日本語テキスト"', '"aaaaaaaaaaaaaaaaaaaaaaaa"', "`tick ${1 + 1}`"]
RANGES = ["0..3", "1..=4", "0..0", "5..2", "-2..2", "3..=1", "0..=0", "-3..=-1", "0..100"]
NAMES = ["a", "b", "c", "x", "y", "z", "item", "n", "total", "_t", "val2"]
OF_INT = 'type_of(v) != "i64"'
SPLITS = ['","', "", "2", '"l"']
KEYS = ["k", "x", "y", "name", "b1"]


class Scope:
    def __init__(self, names=(), inside_fn=False, depth=0):
        self.vars = dict(names)  # name -> kind
        self.constants = set()
        self.inside_fn, self.depth = inside_fn, depth
        self.loop = False

    def child(self):
        inner = Scope(self.vars, self.inside_fn, self.depth + 1)
        inner.constants, inner.loop = set(self.constants), self.loop
        return inner


class Maker:
    def __init__(self, random):
        self.r = random
        self.fns = []  # (name, arity)
        self.budget = 60

    def pick(self, items):
        return self.r.choice(items)

    def some(self, chance):
        return self.r.random() < chance

    def kind(self):
        return self.r.choices(["int", "float", "bool", "string", "char", "array", "map", "range", "any"],
                              [30, 8, 12, 16, 4, 12, 8, 3, 7])[0]

    def name_of(self, scope, kind):
        names = [n for n, k in scope.vars.items() if k == kind or k != "fn" and (kind == "any" or self.some(0.04))]
        return self.pick(names) if names else None

    def expr(self, scope, kind, depth=0):
        self.budget -= 1
        if depth > (3 if scope.depth < 2 else 2) or self.budget < 0 or self.some(0.3):
            return self.leaf(scope, kind)
        if self.some(0.03):
            kind = self.kind()  # the occasional wrong type
        make = getattr(self, "make_" + kind)
        return make(scope, depth + 1)

    def leaf(self, scope, kind):
        name = self.name_of(scope, kind)
        if name and self.some(0.65):
            return name
        if kind == "any":
            kind = self.kind()
            kind = "int" if kind == "any" else kind
        return {"int": lambda: self.pick(INTS) if self.some(0.2) else str(self.r.randint(0, 12)),
                "float": lambda: self.pick(FLOATS), "bool": lambda: self.pick(["true", "false"]),
                "string": lambda: self.pick(STRINGS), "char": lambda: self.pick(CHARS),
                "array": lambda: self.pick(["[]", "[1, 2, 3]", "[3, 1, 2]", '["x", 1.5, true]', "[[1], [2, 3]]", "['b', 'a']"]),
                "map": lambda: self.pick(["#{}", "#{k: 1}", '#{x: "s", y: [1, 2]}', "#{name: #{b1: 5}, k: 2.5}"]),
                "range": lambda: "(" + self.pick(RANGES) + ")", "fn": lambda: "|v| v"}[kind]()

    def make_any(self, scope, d):
        return self.expr(scope, self.pick(["int", "string", "bool", "array", "map", "float"]), d)

    def make_int(self, scope, d):
        e = lambda k="int": self.expr(scope, k, d)
        choice = self.r.randint(0, 19)
        if choice <= 6:
            return f"({e()} {self.pick(['+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>', '+', '-', '**'])} {e()})"
        if choice == 7:
            return f"({self.pick(['-', '+'])}({e()}))"
        if choice == 8:
            return f"{e('array')}.len" + self.pick(["", "()"])
        if choice == 9:
            return f"{e('string')}.len" + self.pick(["", "()"])
        if choice == 10:
            return f"(if {e('bool')} {{ {e()} }} else {{ {e()} }})"
        if choice == 11:
            return f"(switch {e()} {{ {self.pick(['1', '0', '-1', '2 | 3'])} => {e()}, {self.pick(['0..5', '6..=9', '..3'])} => {e()}, _ => {e()} }})"
        if choice == 12 and self.fns:
            name, arity = self.pick(self.fns)
            return f"{name}({', '.join(e(self.pick(['int', 'int', 'any'])) for _ in range(arity))})"
        if choice == 13:
            return f"{e('array')}[{self.r.randint(-3, 3)}]"
        if choice == 14:
            return f"{e('map')}.{self.pick(KEYS)}"
        if choice == 15:
            return f"({e('map')}?.{self.pick(KEYS)} ?? {e()})"
        if choice == 16:
            return f"{e('array')}.reduce(|s, v| s + v, 0)"
        if choice == 17:
            return f"{e(self.pick(['float', 'char', 'int']))}.to_int()"
        if choice == 18:
            return f"{{ let t_ = {e()}; t_ + 1 }}"
        return f"{e()}.{self.pick(['abs()', 'sign()', 'max(3)', 'min(2)'])}"

    def make_float(self, scope, d):
        e = lambda k="float": self.expr(scope, k, d)
        choice = self.r.randint(0, 6)
        if choice <= 3:
            return f"({e(self.pick(['float', 'int']))} {self.pick(['+', '-', '*', '/', '%'])} {e()})"
        if choice == 4:
            return f"{e('int')}.to_float()"
        if choice == 5:
            return f"{e()}.{self.pick(['floor()', 'ceiling()', 'round()', 'int()', 'abs()', 'fraction()'])}"
        return f"(-{e()})"

    def make_bool(self, scope, d):
        e = lambda k="bool": self.expr(scope, k, d)
        choice = self.r.randint(0, 11)
        if choice <= 3:
            k = self.pick(["int", "int", "float", "string", "char", "any"])
            return f"({e(k)} {self.pick(['==', '!=', '<', '<=', '>', '>='])} {e(k)})"
        if choice <= 5:
            return f"({e()} {self.pick(['&&', '||', '&', '|', '^'])} {e()})"
        if choice == 6:
            return f"!{e()}"
        if choice == 7:
            return f"({e('any')} {self.pick(['in', '!in'])} {e(self.pick(['array', 'string', 'map', 'range']))})"
        if choice == 8:
            return f"{e('string')}.{self.pick(['contains', 'starts_with', 'ends_with'])}({e('string')})"
        if choice == 9:
            return f"{e('array')}.{self.pick(['some', 'all'])}(|v| v == {e('int')})"
        if choice == 10:
            return f"({e('any')} == {e('any')})"
        return f"{e('array')}.is_empty()"

    def make_char(self, scope, d):
        return self.pick([f"{self.expr(scope, 'string', d)}[{self.r.randint(-2, 3)}]", self.pick(CHARS)])

    def make_string(self, scope, d):
        e = lambda k="string": self.expr(scope, k, d)
        choice = self.r.randint(0, 9)
        if choice <= 2:
            return f"({e()} + {e('any')})"
        if choice == 3:
            return f"`<${{{e('any')}}}|${{{e('int')}}}>`"
        if choice == 4:
            return f"{e('any')}.to_string()"
        if choice == 5:
            return f"{e()}.sub_string({self.r.randint(-4, 4)}, {self.r.randint(-1, 5)})"
        if choice == 6:
            return f"{e()}.{self.pick(['to_upper()', 'to_lower()'])}"
        if choice == 7:
            return f"type_of({e('any')})"
        if choice == 8:
            return f"{e()}[{self.pick(RANGES)}]"
        return f"({e()} - {e()})"

    def make_array(self, scope, d):
        e = lambda k: self.expr(scope, k, d)
        choice = self.r.randint(0, 9)
        if choice <= 3:
            return "[" + ", ".join(e(self.kind()) for _ in range(self.r.randint(0, 4))) + "]"
        if choice == 4:
            return f"({e('array')} + {e('array')})"
        if choice == 5:
            return f"{e('array')}.map(|v| {self.pick(['v', 'v + 1', '[v]', 'v.to_string()'])})"
        if choice == 6:
            return f"{e('array')}.filter(|v| {self.pick(['v != 1', 'true', 'v == v', OF_INT])})"
        if choice == 7:
            return f"{e('string')}.split({self.pick(SPLITS)})"
        if choice == 8:
            return f"{e('map')}.{self.pick(['keys()', 'values()'])}"
        return f"{e('array')}.extract({self.r.randint(-3, 3)}, {self.r.randint(-1, 3)})"

    def make_map(self, scope, d):
        e = lambda k: self.expr(scope, k, d)
        if self.some(0.2):
            return f"({e('map')} + {e('map')})"
        keys = self.r.sample(KEYS, self.r.randint(0, 3))
        return "#{" + ", ".join(f"{k}: {e(self.kind())}" for k in keys) + "}"

    def make_fn(self, scope, d):
        return f"|q| {self.expr(scope, 'any', d)}"

    def make_range(self, scope, d):
        return "(" + self.pick(RANGES) + ")"

    # ---- statements

    def block(self, scope, count):
        inner = scope.child()
        return "{ " + " ".join(self.stmt(inner) for _ in range(count)) + " }"

    def target(self, scope):
        names = [n for n in scope.vars if n not in scope.constants or self.some(0.01)]
        if not names:
            return None
        name = self.pick(names)
        kind = scope.vars[name]
        if kind == "array" and self.some(0.5):
            return f"{name}[{self.r.randint(-2, 2)}]", "any"
        if kind == "map" and self.some(0.6):
            return f"{name}.{self.pick(KEYS)}" + (f"[{self.r.randint(0, 1)}]" if self.some(0.1) else ""), "any"
        if kind == "string" and self.some(0.15):
            return f"{name}[{self.r.randint(0, 2)}]", "char"
        return name, kind

    def guarded(self, scope):
        """A statement whose error is shown instead of ending the program."""
        if self.some(0.4):
            kind, name = self.kind(), self.pick(NAMES)
            value = self.expr(scope, kind)
            scope.vars[name] = kind
            scope.constants.discard(name)
            return f"let {name} = (); try {{ {name} = {value}; }} catch (e) {{ print(e); }}"
        inner = scope.child()
        inner.depth = scope.depth
        return f"try {{ {self.stmt(inner)} }} catch (e) {{ print(e); }}"

    def stmt(self, scope):
        choice = self.r.randint(0, 25)
        if scope.depth > 2 and choice > 12:
            choice = self.r.randint(0, 12)
        if choice <= 5:
            kind, name = self.kind(), self.pick(NAMES)
            text = f"{self.pick(['let', 'let', 'let', 'const'])} {name} = {self.expr(scope, kind)};"
            scope.vars[name] = kind
            scope.constants.discard(name)
            if text.startswith("const"):
                scope.constants.add(name)
            return text
        if choice <= 9:
            found = self.target(scope)
            if found:
                place, kind = found
                op = self.pick(["=", "=", "+=", "-=", "*=", "+=", "|=", "<<=", "/=", "%=", "**=", "^="])
                return f"{place} {op} {self.expr(scope, kind)};"
        if choice == 10:
            return self.expr(scope, self.kind()) + ";"
        if choice == 11:
            name = self.name_of(scope, "array")
            if name:
                return self.pick([f"{name}.push({self.expr(scope, 'any')});", f"{name}.insert(1, {self.expr(scope, 'int')});",
                                  f"{name}.reverse();", f"{name}.pop();", f"{name}.remove(0);", f"{name}.truncate(2);",
                                  f"{name}.sort();", f"{name}.dedup();", f"{name} += {self.expr(scope, 'any')};"])
        if choice == 12:
            name = self.name_of(scope, "string")
            if name:
                return self.pick([f"{name}.replace(\"l\", {self.expr(scope, 'string')});", f"{name}.trim();",
                                  f"{name}.make_upper();", f"{name}.pop();", f"{name}.crop(1, 3);", f"{name}.pad(5, '*');"])
        if choice <= 15:
            text = f"if {self.expr(scope, 'bool')} {self.block(scope, 2)}"
            return text + (f" else {self.block(scope, 1)}" if self.some(0.5) else "")
        if choice <= 17:
            inner = scope.child()
            inner.loop = True
            name = self.pick(NAMES)
            inner.vars[name] = "any"
            source = self.expr(scope, self.pick(["array", "range", "string", "array"]))
            if source.endswith("..100)"):
                source = "0..4"
            head = f"for ({name}, idx) in {source}" if self.some(0.3) else f"for {name} in {source}"
            return f"{head} {self.block(inner, 2)}"
        if choice == 18:
            counter = "w" + str(self.r.randint(0, 99))
            inner = scope.child()
            inner.loop = True
            return f"let {counter} = 0; while {counter} < {self.r.randint(1, 4)} {{ {counter} += 1; {self.stmt(inner)} {self.stmt(inner)} }}"
        if choice == 19:
            handler = scope.child()
            handler.vars["e"] = "any"
            return f"try {self.block(scope, 2)} catch (e) {self.block(handler, 1)}"
        if choice == 20:
            return f"switch {self.expr(scope, self.pick(['int', 'string', 'any']))} {{ 1 => {self.expr(scope, 'any')}, \"a\" if {self.expr(scope, 'bool')} => {self.block(scope, 1)} 2..9 => {self.expr(scope, 'any')}, _ => {self.block(scope, 1)} }}"
        if choice == 21 and scope.loop:
            return f"if {self.expr(scope, 'bool')} {{ {self.pick(['break;', 'continue;', 'break 5;'])} }}"
        if choice == 22:
            name = self.pick(["f", "g", "h"])
            scope.vars[name] = "fn"
            inner = scope.child()
            inner.vars["p"] = "any"
            return f"let {name} = |p| {self.expr(inner, 'any')}; {name}.call({self.expr(scope, 'any')});"
        if choice == 23:
            return f"throw {self.expr(scope, 'any')};" if self.some(0.2) else self.block(scope, 2)
        if choice == 24 and scope.inside_fn:
            return f"if {self.expr(scope, 'bool')} {{ return {self.expr(scope, 'any')}; }}"
        return f"print({self.expr(scope, 'any')});" if self.some(0.7) else f"debug({self.expr(scope, 'any')});"

    def function(self):
        name, arity = f"fun{len(self.fns)}", self.r.randint(0, 3)
        scope = Scope({p: "int" for p in ["a", "b", "n"][:arity]}, inside_fn=True, depth=1)
        body = " ".join(self.stmt(scope) for _ in range(self.r.randint(1, 3)))
        text = f"fn {name}({', '.join(['a', 'b', 'n'][:arity])}) {{ {body} {self.expr(scope, 'any')} }}"
        self.fns.append((name, arity))
        return text


def program(random):
    maker = Maker(random)
    lines = [maker.function() for _ in range(random.choice([0, 0, 1, 2]))]
    scope = Scope()
    for _ in range(random.randint(2, 8)):
        maker.budget = 40
        lines.append(maker.guarded(scope) if maker.some(0.6) else maker.stmt(scope))
    shown = [n for n, k in scope.vars.items() if k != "fn"]
    lines.append("[" + ", ".join(shown) + "]" if shown else maker.expr(scope, "any"))
    return "\n".join(lines)


EDGE = {
    "int": INTS + ["5", "-3"], "float": FLOATS + ["1.0/0.0", "-1.0/0.0", "0.0/0.0"], "char": CHARS, "string": STRINGS + ['"abc"', '"a b c"'],
    "bool": ["true", "false"], "()": ["()"], "range": ["0..3", "5..2", "-2..2", "0..0", "1..", "0..9223372036854775807"],
    "range=": ["0..=2", "3..=1", "-3..=-1", "0..=0", "0..="],
    "array": ["[]", "[1, 2, 3]", "[3, 1, 2, 1]", '["b", "a"]', "[1, 2.0, \"x\", 'c', ()]", "[[1], [2]]", "[true, false]", "[2.5, 1.5]", "[1, 1, 2, 2, 1]"],
    "blob": ["blob()", "blob(3)", "blob(5, 0x41)", "blob(10, 255)", '"hey".to_blob()'],
    "map": ["#{}", "#{a: 1}", '#{b: "x", a: [1]}', "#{k: #{n: ()}}"],
    "Fn": ["|x| x", "|x| x > 1", "|x, y| x - y", "|| 1", "|x, y, z| [x, y, z]", "|k, v| k == \"a\"", 'Fn("abs")', "|| this == 1", "|a, v| a + v", "|x| throw x"],
}
EDGE["?"] = [v for values in EDGE.values() for v in values[:3]]
VOLATILE = re.compile(r"^(sleep|timestamp|exit|print|debug|get_fn_metadata_list|elapsed|parse_json|to_json|=|rand)")


def call(random, rows):
    """One call of a library function on edge values: rows are (name, [parameter types])."""
    name, params = random.choice(rows)
    chosen = [random.choice(EDGE.get(p, EDGE["?"])) if random.random() < 0.96 else random.choice(EDGE["?"]) for p in params]
    lines = [f"let v{i} = {text};" for i, text in enumerate(chosen)]
    if random.random() < 0.1 and lines:
        lines[0] = "const" + lines[0][3:]
    args = [f"v{i}" for i in range(len(chosen))]
    if name.startswith("get$"):
        text = f"v0.{name[4:]}"
    elif name.startswith("set$"):
        text = f"{{ v0.{name[4:]} = v1; }}"
    elif not re.match(r"[A-Za-z_]", name):
        if name.endswith("=") and name not in ("==", "!=", "<=", ">="):
            text = f"{{ v0 {name} v1; }}"
        else:
            text = f"{name} v0" if len(args) == 1 else f"(v0 {name} v1)"
    elif args and random.random() < 0.7:
        text = f"v0.{name}({', '.join(args[1:])})"
    else:
        text = f"{name}({', '.join(args)})"
    lines.append(f"let r = ();\nr = {text};")
    if random.random() < 0.3:
        lines[-1] = f"let r = ();\ntry {{ r = {text}; }} catch (e) {{ r = e; }}"
    shown = [f"if type_of(v{i}) == \"Fn\" {{ 0 }} else {{ v{i} }}" for i in range(len(args))]
    lines.append("[" + ", ".join(shown + ["if type_of(r) == \"Fn\" { 0 } else if type_of(r) == \"range\" { let o = []; for i in r { if o.len > 20 { break; } o.push(i); } o } else { r }"]) + "]")
    return "\n".join(lines)


ROW = re.compile(r'\{\s*"((?:[^"\\]|\\.)+)",\s*"([^"]*)",\s*[a-z_0-9]+\s*,')


def library_rows(folder):
    """The rows of the tables in lang/std/*.c."""
    rows = []
    for path in sorted(folder.glob("*.c")):
        for name, params in ROW.findall(path.read_text()):
            if not VOLATILE.match(name) and "timestamp" not in params:
                rows.append((name, params.split()))
    return rows
