"""Variants of the recorded cases that still parse, mostly: literals, operators, types, names, arities and forms of call
exchanged; statements of two cases mixed; whole scripts put inside functions, closures, loops, handlers, eval."""
import os
import re

import library
import mutate

LITERALS = ["0", "1", "-1", "2", "3", "5", "63", "64", "255", "9223372036854775807", "-9223372036854775808", "0.0", "-0.0", "1.0",
            "2.5", "-0.5", "1e10", "1e300", "true", "false", "()", "'a'", "'é'", "'\\n'", '""', '"a"', '"abc"', '"héllo"', '"12"',
            '"a\\tb\\x41"', "`x${1}y`", "[]", "[1]", "[1, 2, 3]", '["b", "a"]', "[[1], #{a: 1}]", "#{}", "#{a: 1}", '#{a: 1, "b c": [1, 2]}',
            "blob(3, 65)", "0..3", "1..=2", "(..2)", "(1..)", "|x| x", "|| 1", "|x, y| x + y", 'Fn("abs")', "range(0, 6, 2)", 
            "this", "x", "type_of(x)", "-(-1)", "!true", "() ?? 1", "1 in [1]", "if true {1} else {2}", "switch 1 {1 => 2, _ => 3}", "{ 1 }"]
BINARY = ["+", "-", "*", "/", "%", "**", "<<", ">>", "&", "|", "^", "&&", "||", "==", "!=", "<", ">", "<=", ">=", "??", "in", "!in", "..", "..="]
ASSIGN = ["=", "+=", "-=", "*=", "/=", "%=", "**=", "<<=", ">>=", "&=", "|=", "^="]
TYPES = ["int", "float", "string", "array", "map", "bool", "char", "Fn", "range", "blob", "i64", "timestamp"]
METHODS = """abs len push pop shift insert remove reverse sort sort_desc dedup append extract split drain retain splice truncate chop map filter reduce
reduce_rev some all for_each find find_map index_of contains zip order set get keys values mixin fill_with clear to_string to_debug to_json type_of is_shared
to_upper to_lower make_upper trim sub_string crop replace pad starts_with ends_with chars bytes to_chars to_blob as_string to_int to_float parse_int
floor round sign is_odd tag set_tag take name is_anonymous call curry start end is_empty bits get_bit set_bit set_bits get_bits to_array max min""".split()
NAME = re.compile(r"[A-Za-z_]\w*$")
LITERAL = re.compile(r"""\d|"|'|`|true$|false$""")
KEYWORDS = set("""true false let const if else switch do while until loop for in fn continue break return throw try catch private import
export as global this eval Fn call curry print debug type_of is_def_fn is_def_var is_shared""".split())
WRAPS = ["{{ {0} }}", "if true {{ {0} }} else {{ 0 }}", "try {{ {0} }} catch (oops) {{ print(oops); throw oops; }}", "try {{ {0} }} catch (oops) {{ oops }}",
         "try {{ {0} }} catch {{ throw; }}",
         "(|| {{ {0} }}).call()", "let wrapped = || {{ {0} }}; wrapped.call()", "fn wrapped() {{ {0} }} wrapped()", "fn wrapped() {{ {0} }} [1, wrapped()]",
         "fn outer(a) {{ inner(a) }} fn inner(x) {{ {0} }} outer(5)", "fn int.wrapped(y) {{ {0} }} let x = 7; x.wrapped(1) + x", "for i in 0..2 {{ {0} }}", "for (x, i) in [1, \"b\"] {{ {0} }}",
         "let n = 0; while n < 2 {{ n += 1; {0} }}", "let n = 0; do {{ n += 1; {0} }} until n > 1", "loop {{ {0}; break; }}", "let x = loop {{ {0}; break 5; }}; x", "switch 1 {{ 1 => {{ {0} }}, _ => 2 }}",
         "let x = 5; let c = || x; {0}; [x, c.call(), is_shared(x)]", "[1, 2].map(|x| {{ {0} }})", "let v = {{ {0} }}; [v, type_of(v)]", "`<${{ {0} }}>`", "#{{a: {{ {0} }}}}",
         "let a = [1, 2, 3]; let m = #{{a: 1}}; let s = \"abc\"; {0}; [a, m, s]", "const x = 1; const a = [1]; {0}", "let x; {0}", "{0};", "{0}; ;", "[{{ {0} }}]", "print({{ {0} }}); debug({{ {0} }})",
         "let f = |x| {{ {0} }}; let g = f.curry(3); g.call()", "let o = #{{x: 1, f: || {{ {0} }}}}; o.f()", "throw {{ {0} }}", "return {{ {0} }}; 1"]


def statements(tokens):
    """Slices of the top level between semicolons and closing braces."""
    depth, start, out = 0, 0, []
    for at, token in enumerate(tokens):
        if token and (token in "([{" or token.endswith("{") or token.endswith("[")) and token[0] not in "\"'`":
            depth += 1
        elif token in (")", "]", "}"):
            depth -= 1
        if depth == 0 and (token == ";" or (token == "}" and "\n" in "".join(tokens[at + 1:at + 2]))):
            out.append(tokens[start:at + 1])
            start = at + 1
    if start < len(tokens):
        out.append(tokens[start:])
    return out


class Variants:
    def __init__(self, random, source):
        self.random = random
        self.scripts = [mutate.TOKEN.findall(s) for s in mutate.read_scripts(os.path.join(source, "tests", "data"), 1500)]
        self.names = sorted({r[0] for r in library.functions(source) if r[0][0].isalpha() and "$" not in r[0]} - {"sleep", "exit"}) + METHODS

    def program(self):
        while True:
            script = self.variant()
            if len(script) < 3000 and not re.search(r"sleep|pad|\r|timestamp\(\)[^-]*$|timestamp.*1e|blob\(\s*-?\d{4}|elapsed|get_fn_metadata", script):
                return script

    def variant(self):
        chance = self.random.random
        tokens = list(self.random.choice(self.scripts))
        how = chance()
        if how < 0.18:
            tokens = self.mixed(tokens)
        for _ in range(self.random.choice([0, 1, 1, 2, 2, 3, 5]) if how < 0.4 else self.random.choice([1, 1, 2, 3])):
            self.change(tokens)
        text = "".join(tokens)
        if chance() < 0.25:
            text = self.random.choice(WRAPS).format(text)
            if chance() < 0.2:
                text = self.random.choice(WRAPS).format(text)
        if chance() < 0.02 and "\n" not in text:
            text = 'eval("' + text.replace("\\", "\\\\").replace('"', '\\"') + '")'
        return text

    def mixed(self, tokens):
        mine, other = statements(tokens), statements(self.random.choice(self.scripts))
        picked = mine[:]
        for part in self.random.sample(other, min(len(other), self.random.choice([1, 2, 3, 9]))):
            picked.insert(self.random.randrange(len(picked) + 1), part + [";" if part[-1] != ";" else "", "\n"])
        return [t for part in picked for t in part]

    def change(self, tokens):
        pick, chance = self.random.choice, self.random.random
        for _ in range(20):
            if not tokens:
                return
            at = self.random.randrange(len(tokens))
            token = tokens[at]
            if not token or token.isspace() or token.startswith("//"):
                continue
            if token in ASSIGN:
                if chance() < 0.5:
                    tokens[at] = pick(ASSIGN)
                    return
            elif token in BINARY:
                tokens[at] = pick(BINARY) if chance() < 0.9 else pick([" - ", " -", "- ", "-"])
                return
            elif token in (".", "?.", "[", "?["):
                if chance() < 0.3:
                    tokens[at] = {".": "?.", "?.": ".", "[": "?[", "?[": "["}[token]
                    return
            elif LITERAL.match(token):
                tokens[at] = pick(LITERALS) if chance() < 0.8 else f"({pick(LITERALS)})"
                return
            elif token in ("let", "const"):
                if chance() < 0.3:
                    tokens[at] = "const" if token == "let" else "let"
                    return
            elif token in TYPES:
                tokens[at] = pick(TYPES)
                return
            elif token in ("while", "until", "break", "continue", "return", "throw"):
                if chance() < 0.2:
                    tokens[at] = {"while": "until", "until": "while", "break": pick(["continue", "return", "break 1"]), "continue": "break", "return": pick(["throw", "break"]), "throw": "return"}[token]
                    return
            elif NAME.match(token) and token not in KEYWORDS:
                if at + 1 < len(tokens) and tokens[at + 1] in ("(", "()") and at and tokens[at - 1] != "fn" and chance() < 0.9:
                    if chance() < 0.5:
                        tokens[at] = pick(self.names)
                    elif not self.form(tokens, at):
                        self.arity(tokens, at + 1)
                    return
                names = [t for t in tokens if NAME.match(t) and t not in KEYWORDS]
                how = chance()
                if how < 0.3:
                    tokens[at] = pick(names)
                elif how < 0.45:
                    tokens[at] = pick(LITERALS)
                elif how < 0.55:
                    tokens[at] = token + pick([".", "?."]) + pick(names)
                elif how < 0.65:
                    tokens[at] = token + pick(["[", "?["]) + pick(LITERALS + names) + "]"
                elif how < 0.75:
                    tokens[at] = token + "." + pick(self.names) + "(" + pick(["", "", pick(LITERALS), pick(LITERALS) + ", " + pick(LITERALS)]) + ")"
                elif how < 0.8:
                    tokens[at] = f"{token} {pick(BINARY)} {pick(LITERALS)}"
                elif how < 0.85:
                    tokens[at] = f"{pick(['-', '!', '(', 'type_of('])}{token}"
                    if tokens[at][-len(token) - 1] == "(":
                        tokens[at] += ")"
                else:
                    return
                return
            elif token == ";" and chance() < 0.4:
                tokens[at] = "; " + pick(["x += 1;", "a.push(1);", "m.a = 5;", "let x = 5;", "const x = 1;", "print(x);", "break;", "return;", "throw 1;", "x", "let c = |q| { x += q; x };",
                                          "s += 'x';", "a[0] = 1;", "s[0] = 'z';", "x = x + 1;", "let y = x;", "import \"m\" as m;", "export x;"])
                return
            elif token == "(" and chance() < 0.3:
                self.arity(tokens, at)
                return

    def span(self, tokens, at):
        """Index of the token that closes the bracket at `at`, and the commas between; None when it is open."""
        depth, commas = 0, []
        for here in range(at, len(tokens)):
            token = tokens[here]
            if token in ("(", "[", "{", "#{", "?["):
                depth += 1
            elif token in (")", "]", "}"):
                depth -= 1
                if depth == 0:
                    return here, commas
            elif token == "," and depth == 1:
                commas.append(here)
        return None, commas

    def arity(self, tokens, at):
        if tokens[at] == "()":
            tokens[at] = "(" + self.random.choice(LITERALS) + ")"
            return
        end, commas = self.span(tokens, at)
        if end is None:
            return
        if self.random.random() < 0.5:
            more = self.random.choice(LITERALS)
            tokens[end] = (more if end == at + 1 else ", " + more) + ")"
        elif commas:
            del tokens[commas[-1]:end]
        else:
            del tokens[at + 1:end]

    def form(self, tokens, at):
        """f(x, y) becomes x.f(y), x.f(y) becomes f(x, y)."""
        if tokens[at + 1] != "(":
            return False
        end, commas = self.span(tokens, at + 1)
        if end is None:
            return False
        if at >= 2 and tokens[at - 1] == "." and NAME.match(tokens[at - 2]):
            inner = "".join(tokens[at + 2:end])
            tokens[at - 2:end + 1] = [f"{tokens[at]}({tokens[at - 2]}{', ' + inner if inner.strip() else ''})"]
            return True
        if at and tokens[at - 1] == ".":
            return False
        first = "".join(tokens[at + 2:commas[0] if commas else end]).strip()
        if not first:
            return False
        rest = "".join(tokens[commas[0] + 1:end]).strip() if commas else ""
        tokens[at:end + 1] = [f"({first}).{tokens[at]}({rest})" if not NAME.match(first) else f"{first}.{tokens[at]}({rest})"]
        return True
