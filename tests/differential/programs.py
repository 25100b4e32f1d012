"""Random Rhai programs: mostly sensible ones, so that they run far, with mistakes of every kind among them."""

TYPES = ["int", "float", "bool", "str", "char", "arr", "map", "range", "fn", "unit"]
INTS = ["0", "1", "2", "3", "-1", "7", "10", "63", "64", "-64", "255", "9223372036854775807", "-9223372036854775808", "0xff"]
FLOATS = ["0.0", "-0.0", "1.0", "0.1", "2.5", "-3.75", "1e10", "1e300", "-1e-7", "0.5"]
STRINGS = ['""', '"a"', '"abc"', '"x y"', '"12"', '"-5"', '"3.5"', '"héé"', '"\\n\\t"', '`t`', '"true"', '"😀b"', '"aXbXc"', '"i64"']
CHARS = ["'a'", "'b'", "'Z'", "'0'", "'é'", "'\\n'", "' '"]
KEYS = ["a", "b", "c", "k1"]
INT_OPS = ["+", "-", "*", "/", "%", "**", "<<", ">>", "&", "|", "^"]
COMPARE = ["==", "!=", "<", "<=", ">", ">="]
ASSIGN = ["=", "+=", "-=", "*=", "/=", "%=", "**=", "<<=", ">>=", "&=", "|=", "^="]


class Programs:
    def __init__(self, random):
        self.random = random

    def pick(self, items):
        return self.random.choice(items)

    def chance(self, share):
        return self.random.random() < share

    # Names: [(name, type, is_const)] of the function being written, innermost last.

    def name_of(self, kind):
        names = [n for n, t, _ in self.names if t == kind]
        return self.pick(names) if names else None

    def any_name(self):
        return self.pick(self.names)[0] if self.names else "nobody"

    def fresh(self):
        self.count += 1
        # Few names, so that shadowing is common.
        return self.pick("abcdefgh") if self.chance(0.7) else f"v{self.count}"

    # Expressions

    def literal(self, kind, depth):
        if kind == "int":
            return self.pick(INTS)
        if kind == "float":
            return self.pick(FLOATS)
        if kind == "bool":
            return self.pick(["true", "false"])
        if kind == "str":
            return self.pick(STRINGS)
        if kind == "char":
            return self.pick(CHARS)
        if kind == "unit":
            return "()"
        if kind == "range":
            return self.pick(["0..3", "1..=4", "-2..2", "3..1", "..2", "(1..)", "0..0", "2..=1"]) if self.chance(0.7) else \
                f"({self.expr('int', depth + 1)}{self.pick(['..', '..='])}{self.expr('int', depth + 1)})"
        if kind == "arr":
            return "[" + ", ".join(self.expr(self.element(), depth + 1) for _ in range(self.random.randrange(4))) + "]"
        if kind == "map":
            keys = self.random.sample(KEYS, self.random.randrange(4))
            return "#{" + ", ".join(f"{k}: {self.expr(self.element(), depth + 1)}" for k in keys) + "}"
        return self.closure(depth)

    def element(self):
        return self.pick(["int", "int", "int", "str", "float", "bool", "char", "arr", "map", "unit", "fn"])

    def closure(self, depth):
        params = self.random.sample(["p", "q", "x", "a"], self.random.randrange(3))
        outer = self.names
        self.names = outer + [(p, "int", False) for p in params]
        was, self.in_loop, self.in_fn = (self.in_loop, self.in_fn), False, True
        if self.chance(0.6):
            body = self.expr(self.pick(TYPES), depth + 1)
        elif self.chance(0.5) and outer:
            body = "{ " + self.assignment(depth + 1) + "; " + self.expr("int", depth + 1) + " }"
        else:
            body = self.block(depth + 2)
        self.names = outer
        self.in_loop, self.in_fn = was
        return (f"|{', '.join(params)}| " if params else "|| ") + body

    def expr(self, kind, depth=0):
        if self.chance(0.03):
            kind = self.pick(TYPES)
        if kind == "any":
            kind = self.pick(TYPES)
        name = self.name_of(kind)
        if depth > 4 or self.chance(0.25):
            return name if name and self.chance(0.7) else self.literal(kind, depth) if depth < 6 else self.pick(INTS)
        if name and self.chance(0.3):
            return name
        if self.chance(0.02):
            return self.any_name()
        return getattr(self, "make_" + kind)(depth + 1)

    def common(self, kind, depth):
        """Forms that give any type."""
        form = self.random.randrange(11)
        if form == 0:
            return f"(if {self.expr('bool', depth)} {{ {self.expr(kind, depth)} }} else {{ {self.expr(kind, depth)} }})"
        if form == 1:
            return f"({self.expr(kind, depth)})"
        if form == 2:
            return f"({self.pick(['()', self.expr('unit', depth), self.expr(kind, depth)])} ?? {self.expr(kind, depth)})"
        if form == 3:
            return "{ " + f"let z = {self.expr(kind, depth)}; z" + " }"
        if form == 4 and self.fns:
            name, arity = self.pick(self.fns)
            return f"{name}({', '.join(self.expr('any', depth) for _ in range(arity))})"
        if form == 5:
            return f"{self.expr('arr', depth)}{self.pick(['[', '[', '?['])}{self.expr('int', depth)}]"
        if form == 6:
            return f"{self.place_of('map', depth)}{self.pick(['.', '.', '?.'])}{self.pick(KEYS)}"
        if form == 7:
            return f"{self.expr('fn', depth) if self.chance(0.2) else (self.name_of('fn') or 'f')}.call({', '.join(self.expr('any', depth) for _ in range(self.random.randrange(3)))})"
        if form == 8:
            return self.switch(kind, depth)
        if form == 9:
            return f"[{self.expr(kind, depth)}][0]"
        return f"#{{a: {self.expr(kind, depth)}}}.a"

    def place_of(self, kind, depth):
        name = self.name_of(kind)
        return name if name else f"{self.literal(kind, depth + 1)}"

    def switch(self, kind, depth):
        subject = self.pick(["int", "int", "str", "char", "bool", "float", "any"])
        arms = []
        for _ in range(self.random.randrange(1, 4)):
            labels = " | ".join(self.pick(INTS + STRINGS + CHARS + ["true", "()", "0..5", "1..=3", "[1]", "2.5"])
                                for _ in range(self.pick([1, 1, 2])))
            guard = f" if {self.expr('bool', depth + 1)}" if self.chance(0.3) else ""
            arms.append(f"{labels}{guard} => {self.expr(kind, depth + 1)}")
        if self.chance(0.8):
            arms.append(f"_ => {self.expr(kind, depth + 1)}")
        return f"(switch {self.expr(subject, depth + 1)} {{ {', '.join(arms)} }})"

    def make_int(self, depth):
        form = self.random.randrange(9)
        if form <= 3:
            return f"{self.operand('int', depth)} {self.pick(INT_OPS)} {self.operand('int', depth)}"
        if form == 4:
            return f"-{self.operand('int', depth)}"
        if form == 5:
            return f"{self.operand(self.pick(['str', 'arr', 'map']), depth)}.len()"
        if form == 6:
            return f"{self.operand('str', depth)}.len"
        if form == 7:
            return f"{self.pick(['min', 'max'])}({self.expr('int', depth)}, {self.expr('int', depth)})"
        return self.common("int", depth)

    def operand(self, kind, depth):
        text = self.expr(kind, depth)
        return text if self.chance(0.4) or text.isidentifier() else f"({text})"

    def make_float(self, depth):
        form = self.random.randrange(5)
        if form <= 2:
            a, b = self.pick([("float", "float"), ("int", "float"), ("float", "int")])
            return f"{self.operand(a, depth)} {self.pick(['+', '-', '*', '/', '%', '**'])} {self.operand(b, depth)}"
        if form == 3:
            return f"{self.operand('int', depth)}.to_float()"
        return self.common("float", depth)

    def make_bool(self, depth):
        form = self.random.randrange(8)
        if form <= 2:
            kind = self.pick(["int", "int", "float", "str", "char", "any"])
            other = kind if self.chance(0.85) else "any"
            return f"{self.operand(kind, depth)} {self.pick(COMPARE)} {self.operand(other, depth)}"
        if form == 3:
            return f"{self.operand('bool', depth)} {self.pick(['&&', '||', '&', '|', '^'])} {self.operand('bool', depth)}"
        if form == 4:
            return f"!{self.operand('bool', depth)}"
        if form == 5:
            kind, item = self.pick([("arr", "any"), ("str", "str"), ("str", "char"), ("map", "str"), ("range", "int")])
            return f"{self.operand(item, depth)} {self.pick(['in', '!in'])} {self.operand(kind, depth)}"
        if form == 6:
            return self.pick([f"is_def_var({self.pick(STRINGS)})", 'is_def_var("a")', 'is_def_fn("f0", 1)',
                              f"{self.any_name()}.is_shared()", f"is_shared({self.any_name()})"])
        return self.common("bool", depth)

    def make_str(self, depth):
        form = self.random.randrange(9)
        if form <= 1:
            return f"{self.operand('str', depth)} + {self.operand('any', depth)}"
        if form == 2:
            return f"{self.operand('any', depth)} + {self.operand('str', depth)}"
        if form == 3:
            return "`" + "".join(self.pick(["x", " ", "é", "${" + self.expr("any", depth + 1) + "}"])
                                 for _ in range(self.random.randrange(4))).replace("``", "") + "`"
        if form == 4:
            return f"{self.operand('any', depth)}.to_string()"
        if form == 5:
            return f"type_of({self.expr('any', depth)})"
        if form == 6:
            return f"{self.operand('str', depth)}[{self.literal('range', depth)}]"
        if form == 7:
            return f"{self.operand('str', depth)}.{self.pick(['to_upper()', 'to_lower()', 'sub_string(1)', 'sub_string(1, 2)'])}"
        return self.common("str", depth)

    def make_char(self, depth):
        return f"{self.operand('str', depth)}[{self.expr('int', depth)}]" if self.chance(0.5) else self.common("char", depth)

    def make_arr(self, depth):
        form = self.random.randrange(7)
        if form == 0:
            return f"{self.operand('arr', depth)} + {self.operand('arr', depth)}"
        if form == 1:
            return f"{self.operand('arr', depth)}.map(|x| {self.with_names([('x', 'int', False)], 'any', depth)})"
        if form == 2:
            return f"{self.operand('arr', depth)}.filter(|x| {self.with_names([('x', 'int', False)], 'bool', depth)})"
        if form == 3:
            return f"{self.operand('map', depth)}.{self.pick(['keys', 'values'])}()"
        return self.literal("arr", depth) if form < 6 else self.common("arr", depth)

    def with_names(self, names, kind, depth):
        outer = self.names
        self.names = outer + names
        text = self.expr(kind, depth + 1)
        self.names = outer
        return text

    def make_map(self, depth):
        return self.literal("map", depth) if self.chance(0.6) else self.common("map", depth)

    def make_range(self, depth):
        return self.literal("range", depth)

    def make_fn(self, depth):
        form = self.random.randrange(5)
        if form == 0 and self.fns:
            return f'Fn("{self.pick(self.fns)[0]}")'
        if form == 1:
            return f"{self.operand('fn', depth)}.curry({self.expr('any', depth)})"
        if form == 2 and self.fns:
            return self.pick(self.fns)[0]
        return "(" + self.closure(depth) + ")"

    def make_unit(self, depth):
        return "()" if self.chance(0.5) else self.common("unit", depth)

    # Statements

    def block(self, depth):
        outer = list(self.names)
        lines = [self.statement(depth + 1) for _ in range(self.random.randrange(1, 4))]
        if self.chance(0.4):
            lines.append(self.expr("any", depth + 1))
        self.names = outer
        return "{\n" + "\n".join(lines) + "\n}"

    def assignment(self, depth):
        name, kind, is_const = self.pick(self.names) if self.names else ("nobody", "int", False)
        if is_const and self.chance(0.9):
            return f"{name}.to_string()"
        op = self.pick(ASSIGN) if self.chance(0.5) else "="
        if kind == "map" and self.chance(0.8):
            path = self.pick([f".{self.pick(KEYS)}", f'["{self.pick(KEYS)}"]', f".{self.pick(KEYS)}.{self.pick(KEYS)}", f"?.{self.pick(KEYS)}"])
            return f"{name}{path} {op} {self.expr('any', depth)}"
        if kind == "arr" and self.chance(0.8):
            path = self.pick([f"[{self.expr('int', depth)}]", "[0]", "[-1]", f"[0].{self.pick(KEYS)}", "[0][1]"])
            return f"{name}{path} {op} {self.expr('any', depth)}"
        if kind == "str" and self.chance(0.3):
            return f"{name}[{self.pick(['0', '1', '-1', '0..1', '1..=2'])}] {op} {self.expr(self.pick(['char', 'str']), depth)}"
        if kind == "int" and self.chance(0.1):
            return f"{name}[{self.pick(['0', '1', '63', '-1', '0..4', '4..=7', '64'])}] {op} {self.expr(self.pick(['bool', 'int']), depth)}"
        return f"{name} {op} {self.expr(kind if self.chance(0.8) else 'any', depth)}"

    def statement(self, depth=0):
        form = self.random.randrange(22)
        if form <= 5 or not self.names:
            kind = self.pick(TYPES)
            text = self.expr(kind)
            name = self.fresh()
            is_const = self.chance(0.12)
            self.names = self.names + [(name, kind, is_const)]
            return f"{'const' if is_const else 'let'} {name} = {text};" if self.chance(0.97) else f"let {name};"
        if form <= 9:
            return self.assignment(depth) + ";"
        if depth > 3:
            return f"print({self.expr('any')});"
        if form == 10:
            return f"if {self.expr('bool')} {self.block(depth)}" + (f" else {self.block(depth)}" if self.chance(0.5) else "")
        if form == 11:
            outer, was = self.names, self.in_loop
            self.in_loop = True
            names = [(self.fresh(), "int", False)]
            if self.chance(0.3):
                names.append(("n", "int", False))
            self.names = outer + names
            head = names[0][0] if len(names) == 1 else f"({names[0][0]}, n)"
            if len(names) == 2 and names[0][0] == "n":
                head = "n"
            where = self.pick(["0..3", "0..=2", "[1, \"s\", 2.5]", '"abc"', "3..0", "range(0, 7, 3)", "range(5, 0, -2)"]) if self.chance(0.7) else \
                self.operand("arr", 2)
            text = f"for {head} in {where} {self.block(depth)}"
            self.names, self.in_loop = outer, was
            return text
        if form == 12:
            was, self.in_loop = self.in_loop, True
            self.count += 1
            guard = f"w{self.count}"
            text = f"let {guard} = 0;\n{self.pick(['while true', 'loop', f'while {guard} < 3'])} {{\n{guard} += 1;\nif {guard} > 3 {{ break; }}\n{self.block(depth)}\n}}"
            if self.chance(0.3):
                text = f"let {guard} = 0;\ndo {{\n{guard} += 1;\nif {guard} > 4 {{ break; }}\n{self.block(depth)}\n}} {self.pick(['while', 'until'])} {self.expr('bool', 2)};"
            self.in_loop = was
            return text
        if form == 13:
            outer = self.names
            body = self.block(depth)
            name = self.pick(["e", "a", None])
            if name:
                self.names = self.names + [(name, "any", False)]
            text = f"try {body} catch {'(' + name + ') ' if name else ''}{self.block(depth)}"
            self.names = outer
            return text
        if form == 14 and self.in_loop:
            return self.pick([f"if {self.expr('bool')} {{ break; }}", f"if {self.expr('bool')} {{ continue; }}", f"if {self.expr('bool')} {{ break {self.expr('any')}; }}"])
        if form == 15:
            return f"if {self.expr('bool')} {{ throw {self.expr('any')}; }}" if self.chance(0.5) else f"if {self.expr('bool')} {{ return {self.expr('any')}; }}"
        if form == 16:
            name = self.name_of("arr")
            if name:
                return f"{name}.{self.pick(['push', 'insert', 'pop', 'shift', 'reverse', 'clear', 'remove', 'truncate', 'append', 'sort'])}({', '.join(self.expr(self.pick(['int', 'any']), 2) for _ in range(self.pick([0, 1, 1, 2])))});"
        if form == 17:
            name = self.name_of("arr")
            if name:
                return f"push({name}, {self.expr('any')});"
        if form == 18:
            return self.block(depth)
        if form == 19 and self.fns:
            name, arity = self.pick(self.fns)
            return f"{self.operand('any', 2)}.{name}({', '.join(self.expr('any', 2) for _ in range(arity))});"
        return f"print({self.expr('any')});"

    def function(self, name):
        arity = self.random.randrange(3)
        params = self.random.sample(["a", "b", "x", "n"], arity)
        self.names, self.in_loop, self.in_fn = [(p, "int", False) for p in params], False, True
        kind = f"{self.pick(['int', 'string', 'array', 'map', 'float'])}." if self.chance(0.1) else ""
        body = [self.statement(2) for _ in range(self.random.randrange(3))]
        if self.chance(0.3):
            body.append(self.pick(["this += 1;", "this.a = 1;", "this[0] = 5;", "let t = this;", "return this;"]))
        body.append(self.expr("any", 2))
        self.in_fn = False
        return (name, arity), f"fn {kind}{name}({', '.join(params)}) {{\n" + "\n".join(body) + "\n}"

    def program(self):
        self.names, self.fns, self.count, self.in_loop, self.in_fn = [], [], 0, False, False
        lines = []
        for number in range(self.pick([0, 0, 1, 2, 3])):
            made, text = self.function(f"f{number}")
            self.fns = self.fns + [made]
            lines.append(text)
        self.names = []
        for _ in range(self.random.randrange(1, 9)):
            lines.append(self.statement())
        seen = sorted({n for n, _, _ in self.names})
        if self.chance(0.8):
            lines.append("[" + ", ".join(self.random.sample(seen, min(len(seen), 6))) + "]")
        else:
            lines.append(self.expr("any"))
        return "\n".join(lines)
