"""
Cedar cases made from random schemas: declarations in several namespaces with names that shadow each other, in Cedar syntax
or JSON; policies and templates typed against them, with mistakes; requests and entities that nearly conform; policies with
comments everywhere, for the formatter. Names come from small pools, so that they meet.
"""
import json

PRIMITIVE = ["Long", "String", "Bool"]
EXTENSION = ["ipaddr", "decimal", "datetime", "duration"]
TYPE_NAMES = ["A", "B", "C", "D", "User", "Group", "Doc"]
ODD_NAMES = ["Long", "String", "Bool", "Boolean", "Set", "Record", "Entity", "Extension", "ipaddr", "decimal", "datetime", "Action", "action",
             "entity", "type", "namespace", "N", "principal", "in", "__cedar", "appliesTo", "tags", "enum", "EntityOrCommon", "_", "a1"]
COMMON_NAMES = ["T", "U", "V", "A", "Doc"]
SPACES = ["", "", "N", "M", "N::M"]
ATTRS = ["a", "b", "c", "d", "name", "in", "a b", "", "owner", "é"]
ACTIONS = ["view", "edit", "all", "a b", "", "in", "read"]
IDS = ["x", "y", "alice", "", "a\"b", "é"]


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def is_ident(text):
    return text.isascii() and text.isidentifier() and text not in ("true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar")


class Case:
    def __init__(self, sections):
        self.sections = sections

    def text(self):
        return "\n".join(f"--- {name}\n{body}" for name, body in self.sections)

    def sound(self):
        return True


class Schemas:
    def __init__(self, random, _folder=None):
        self.random = random

    def chance(self, p):
        return self.random.random() < p

    def pick(self, items):
        return self.random.choice(list(items))

    # ---- a schema as a model --------------------------------------------------------------------------------------------
    # types: ("Long",) ("ext", name) ("set", t) ("rec", {attr: (t, required)}) ("ent", full name) ("ref", full name of a common type)

    def type(self, depth=0):
        r = self.random.random()
        if r < 0.3 or depth > 2:
            return (self.pick(PRIMITIVE),)
        if r < 0.42:
            return ("ext", self.pick(EXTENSION))
        if r < 0.55:
            return ("set", self.type(depth + 1))
        if r < 0.7:
            return self.record(depth + 1)
        if r < 0.85 and self.entities:
            return ("ent", self.pick(self.entities))
        if self.commons:
            return ("ref", self.pick(self.commons))
        return ("Long",)

    def record(self, depth=0):
        names = self.random.sample(ATTRS, self.random.choice([0, 1, 1, 2, 2, 3]))
        return ("rec", {n: (self.type(depth), self.chance(0.6)) for n in names})

    def full(self, space, name):
        return f"{space}::{name}" if space else name

    def schema(self):
        spaces = self.random.sample(["", "N", "M", "N::M"], self.random.choice([1, 1, 2, 2, 3]))
        odd = ODD_NAMES if self.chance(0.08) else []
        self.spaces = spaces
        self.entities, self.commons, self.actions = {}, {}, {}
        self.mistake = self.chance(0.12)
        names = [(s, n) for s in spaces for n in self.random.sample(TYPE_NAMES + odd, self.random.choice([1, 2, 3, 4]))]
        outer = {n for s, n in names if not s}
        names = [(s, n) for s, n in names if not s or n not in outer or self.chance(0.01)]  # RFC 70: no shadowing of the outermost
        self.entities = {self.full(s, n): None for s, n in names}
        for s in spaces:
            for n in self.random.sample(COMMON_NAMES + odd, self.random.choice([0, 0, 1, 2])):
                taken = n in outer or n in self.commons or (not s and any(f.endswith("::" + n) for f in list(self.entities) + list(self.commons)))
                if self.full(s, n) not in self.entities and (not taken or self.chance(0.02)):
                    old = self.commons
                    self.commons[self.full(s, n)] = self.type() if self.chance(0.97) or not old else ("ref", self.pick(old))
        for full in self.entities:
            if self.chance(0.15):
                self.entities[full] = {"enum": self.random.sample(IDS, self.random.choice([1, 2, 3]))}
                continue
            parents = self.random.sample(list(self.entities), min(len(self.entities), self.random.choice([0, 0, 1, 1, 2])))
            shape = self.record() if self.chance(0.7) else ("rec", {})
            if self.commons and self.chance(0.01):
                shape = ("ref", self.pick(self.commons))
            self.entities[full] = {"parents": parents, "shape": shape, "tags": self.type(1) if self.chance(0.3) else None}
        self.records = [f for f, t in self.commons.items() if self.resolved(t)[0] == "rec" or self.chance(0.02)]
        for s in spaces:
            for n in self.random.sample(ACTIONS, self.random.choice([0, 1, 2, 2, 3])):
                pool = list(self.entities)
                if any(other == n and not (s and t) for t, other in self.actions) and self.chance(0.98):
                    continue
                self.actions[(s, n)] = {
                    "parents": [], "principals": self.random.sample(pool, min(len(pool), self.random.choice([1, 1, 2]))),
                    "resources": self.random.sample(pool, min(len(pool), self.random.choice([1, 1, 2, 3]))),
                    "context": self.record() if self.chance(0.6) else ("ref", self.pick(self.records)) if self.records and self.chance(0.4) else None,
                    "applies": self.chance(0.9)}
        order = list(self.actions)
        for i, key in enumerate(order):
            if i and self.chance(0.5):
                self.actions[key]["parents"] = self.random.sample(order[:i] if self.chance(0.97) else order, 1)
        self.decorate = self.chance(0.2)

    # ---- printing -------------------------------------------------------------------------------------------------------

    def name_in(self, space, full):
        """As written in a namespace: short where it is declared there (or in the empty namespace)."""
        head, _, base = full.rpartition("::")
        if self.mistake and self.chance(0.06):
            return self.pick(["Nope", base, "N::" + base, "M::" + base, "__cedar::" + base, "__cedar::Long", "ipaddr", "Long", self.pick(ODD_NAMES), "N", full + "::X"])
        if head == space and self.chance(0.7):
            return base
        return full

    def notes(self):
        """Annotations of one declaration."""
        if not self.decorate or not self.chance(0.3):
            return []
        return [(k, self.pick([None, "", "v", "a\"b", "é"])) for k in self.random.sample(["doc", "id", "if", "in", "x"], self.random.choice([1, 2]))]

    def cedar_notes(self, indent):
        return "".join(f"{indent}@{k}" + (f"({quoted(v)})" if v is not None else "") + "\n" for k, v in self.notes())

    def cedar_type(self, space, t):
        if t[0] == "set":
            return f"Set<{self.cedar_type(space, t[1])}>"
        if t[0] == "rec":
            parts = []
            for n, (inner, required) in t[1].items():
                shown = n if is_ident(n) and self.chance(0.8) else quoted(n)
                parts.append(f"{self.cedar_notes('').replace(chr(10), ' ')}{shown}{'' if required else '?'}: {self.cedar_type(space, inner)}")
            return "{" + ", ".join(parts) + self.pick(["", "", ","] if parts else [""]) + "}"
        if t[0] in ("ent", "ref"):
            return self.name_in(space, t[1])
        name = t[1] if t[0] == "ext" else t[0]
        return name if self.chance(0.9) else "__cedar::" + name

    def cedar(self):
        out = []
        for space in self.spaces:
            lines, pad = [], "  " if space else ""
            for full, t in self.commons.items():
                if full.rpartition("::")[0] == space:
                    lines.append(f"{self.cedar_notes(pad)}{pad}type {full.rpartition('::')[2]} = {self.cedar_type(space, t)};")
            for full, e in self.entities.items():
                head, _, base = full.rpartition("::")
                if head != space:
                    continue
                if "enum" in e:
                    lines.append(f"{self.cedar_notes(pad)}{pad}entity {base} enum [{', '.join(quoted(i) for i in e['enum'])}];")
                    continue
                parents = [self.name_in(space, p) for p in e["parents"]]
                text = f"entity {base}"
                if parents:
                    text += " in " + (parents[0] if len(parents) == 1 and self.chance(0.5) else "[" + ", ".join(parents) + "]")
                if e["shape"] != ("rec", {}) or self.chance(0.2):
                    text += self.pick([" ", " = "]) + self.cedar_type(space, e["shape"]) if e["shape"][0] == "rec" else " = " + self.cedar_type(space, e["shape"])
                if e["tags"]:
                    text += " tags " + self.cedar_type(space, e["tags"])
                lines.append(f"{self.cedar_notes(pad)}{pad}{text};")
            for (s, n), a in self.actions.items():
                if s != space:
                    continue
                text = "action " + (n if is_ident(n) and self.chance(0.6) else quoted(n))
                if a["parents"]:
                    shown = []
                    for ps, pn in a["parents"]:
                        shown.append((pn if is_ident(pn) and self.chance(0.5) else quoted(pn)) if ps == s and self.chance(0.7) else
                                     f"{self.full(ps, 'Action')}::{quoted(pn)}")
                    text += " in " + (shown[0] if len(shown) == 1 and self.chance(0.5) else "[" + ", ".join(shown) + "]")
                if a["applies"]:
                    parts = [f"principal: [{', '.join(self.name_in(space, p) for p in a['principals'])}]" if len(a["principals"]) > 1 or self.chance(0.5) else
                             f"principal: {self.name_in(space, a['principals'][0])}",
                             f"resource: [{', '.join(self.name_in(space, p) for p in a['resources'])}]"]
                    if a["context"]:
                        parts.append(f"context: {self.cedar_type(space, a['context'])}")
                    if self.chance(0.2):
                        self.random.shuffle(parts)
                    if self.mistake and self.chance(0.1):
                        parts = parts[:-1]
                    text += " appliesTo {" + ", ".join(parts) + self.pick(["", ","]) + "}"
                lines.append(f"{self.cedar_notes(pad)}{pad}{text};")
            if self.chance(0.3):
                self.random.shuffle(lines)
            body = "\n".join(lines)
            out.append(f"{self.cedar_notes('')}namespace {space} {{\n{body}\n}}" if space else body)
        return "\n".join(out)

    def json_notes(self, into):
        notes = self.notes()
        if notes:
            into["annotations"] = dict(notes)
        return into

    def json_type(self, space, t):
        if t[0] == "set":
            return {"type": "Set", "element": self.json_type(space, t[1])}
        if t[0] == "rec":
            attrs = {}
            for n, (inner, required) in t[1].items():
                attrs[n] = self.json_notes(self.json_type(space, inner))
                if not required or self.chance(0.2):
                    attrs[n]["required"] = required
            out = {"type": "Record", "attributes": attrs}
            if self.chance(0.05):
                out["additionalAttributes"] = self.mistake and self.chance(0.5)
            return out
        if t[0] in ("ent", "ref"):
            name = self.name_in(space, t[1])
            if t[0] == "ent" and self.chance(0.6):
                return {"type": "Entity", "name": name}
            return {"type": name} if self.chance(0.4) else {"type": "EntityOrCommon", "name": name}
        if t[0] == "ext":
            return {"type": "Extension", "name": t[1]} if self.chance(0.7) else {"type": "EntityOrCommon", "name": t[1]}
        if self.chance(0.1):
            return {"type": "EntityOrCommon", "name": t[0]}
        return {"type": "Boolean" if t[0] == "Bool" else t[0]}

    def json(self):
        out = {}
        for space in self.spaces:
            part = self.json_notes({"entityTypes": {}, "actions": {}})
            commons = {f.rpartition("::")[2]: self.json_notes(self.json_type(space, t)) for f, t in self.commons.items() if f.rpartition("::")[0] == space}
            if commons or self.chance(0.2):
                part["commonTypes"] = commons
            for full, e in self.entities.items():
                head, _, base = full.rpartition("::")
                if head != space:
                    continue
                made = self.json_notes({})
                if "enum" in e:
                    made["enum"] = e["enum"]
                else:
                    if e["parents"] or self.chance(0.3):
                        made["memberOfTypes"] = [self.name_in(space, p) for p in e["parents"]]
                    if e["shape"] != ("rec", {}) or self.chance(0.3):
                        made["shape"] = self.json_type(space, e["shape"])
                    if e["tags"]:
                        made["tags"] = self.json_type(space, e["tags"])
                part["entityTypes"][base] = made
            for (s, n), a in self.actions.items():
                if s != space:
                    continue
                made = self.json_notes({})
                if a["parents"]:
                    made["memberOf"] = [{"id": pn} if ps == s and self.chance(0.7) else {"id": pn, "type": self.full(ps, "Action")} for ps, pn in a["parents"]]
                if a["applies"]:
                    made["appliesTo"] = {"principalTypes": [self.name_in(space, p) for p in a["principals"]],
                                         "resourceTypes": [self.name_in(space, p) for p in a["resources"]]}
                    if a["context"]:
                        made["appliesTo"]["context"] = self.json_type(space, a["context"])
                part["actions"][n] = made
            out[space] = part
        return json.dumps(out, ensure_ascii=False)

    def schema_text(self):
        return self.json() if self.chance(0.35) else self.cedar()

    # ---- policies -------------------------------------------------------------------------------------------------------

    def resolved(self, t, depth=0):
        if t is None:
            return ("rec", {})
        if t[0] == "ref":
            return self.resolved(self.commons.get(t[1], ("Long",)), depth + 1) if depth < 8 else ("Long",)
        if t[0] == "set":
            return ("set", self.resolved(t[1], depth + 1))
        if t[0] == "rec":
            return ("rec", {n: (self.resolved(i, depth + 1), q) for n, (i, q) in t[1].items()})
        return t

    def attributes(self, t):
        if t[0] == "rec":
            return t[1]
        if t[0] == "ent":
            e = self.entities.get(t[1]) or {}
            shape = self.resolved(e.get("shape"))
            return shape[1] if shape[0] == "rec" else {}
        return {}

    def access(self, base, name):
        return f"{base}.{name}" if is_ident(name) and self.chance(0.9) else f"{base}[{quoted(name)}]"

    def roots(self):
        action = self.actions.get(self.env[1])
        context = self.resolved(action["context"]) if action else ("rec", {})
        return [("principal", ("ent", self.env[0])), ("resource", ("ent", self.env[2])), ("context", context), ("action", ("act",))]

    def path(self):
        """(text, type, guards)"""
        text, t = self.pick(self.roots())
        guards = []
        for _ in range(self.random.choice([0, 1, 1, 1, 2, 2, 3])):
            attrs = self.attributes(t)
            tags = (self.entities.get(t[1]) or {}).get("tags") if t[0] == "ent" else None
            if tags and self.chance(0.3):
                key = self.pick([quoted("k"), quoted("k"), quoted("j"), "context.name", 'if true then "k" else "j"'])
                if self.chance(0.85):
                    guards.append(f"{text}.hasTag({key if self.chance(0.95) else quoted('j')})")
                text, t = f"{text}.getTag({key})", self.resolved(tags)
                continue
            if not attrs:
                if self.chance(0.05):
                    text, t = self.access(text, self.pick(ATTRS)), ("Long",)
                break
            name = self.pick(attrs) if self.chance(0.97) else self.pick(ATTRS)
            inner, required = attrs.get(name, (("Long",), True))
            if (not required or self.chance(0.1)) and self.chance(0.85):
                guards.append(f"{text} has {name if is_ident(name) and self.chance(0.8) else quoted(name)}")
            text, t = self.access(text, name), inner
        return text, t, guards

    def uid(self, name=None):
        name = name or self.pick(self.entities)
        if self.chance(0.02):
            name = self.pick([name + "x", "Nope", "N::Nope", name.rpartition("::")[2]])
        e = self.entities.get(name) or {}
        return f"{name}::{quoted(self.pick(e['enum']) if 'enum' in e and self.chance(0.8) else self.pick(IDS))}"

    def action_uid(self):
        if not self.actions or self.chance(0.04):
            return f'{self.pick(["Action", "N::Action", "M::Action"])}::{quoted(self.pick(ACTIONS))}'
        s, n = self.pick(self.actions)
        return f"{self.full(s, 'Action')}::{quoted(n)}"

    def literal(self, t):
        k = t[0]
        if k == "Long":
            return self.pick(["0", "1", "-1", "42", "9223372036854775807"])
        if k == "String":
            return quoted(self.pick(["", "a", "k", "é", "a*b"]))
        if k == "Bool":
            return self.pick(["true", "false"])
        if k == "ext":
            good = {"ipaddr": 'ip("10.0.0.1/8")', "decimal": 'decimal("1.5")', "datetime": 'datetime("2024-01-01")', "duration": 'duration("1h")'}[t[1]]
            return good if self.chance(0.95) else self.pick(['ip("x")', 'decimal("1")', 'datetime("x")', 'duration("1x")', "decimal(1)", "ip(context.name)"])
        if k == "set":
            return "[" + ", ".join(self.expr(t[1], 3) for _ in range(self.random.choice([1, 1, 2, 3] if self.chance(0.95) else [0]))) + "]"
        if k == "rec":
            return "{" + ", ".join(f"{n if is_ident(n) else quoted(n)}: {self.expr(i, 3)}" for n, (i, q) in t[1].items() if q or self.chance(0.7)) + "}"
        if k == "ent":
            return self.uid(t[1])
        return self.action_uid()

    def expr(self, t, depth=0):
        """An expression that nearly has the type."""
        if self.chance(0.02):
            t = self.resolved(self.type(1))
        k, r = t[0], self.random.random()
        if k == "Bool" and depth < 4 and r < 0.9:
            return self.boolean(depth)
        if depth < 5 and r < 0.6:
            for _ in range(6):
                text, found, guards = self.path()
                if found == t:
                    return f"(if {' && '.join(guards)} then {text} else {self.literal(t)})" if guards and self.chance(0.8) else text
        if depth < 4 and r < 0.68:
            return f"(if {self.boolean(depth + 1)} then {self.expr(t, depth + 1)} else {self.expr(t, depth + 1)})"
        if k == "Long" and r < 0.8 and depth < 4:
            return self.pick([f"({self.expr(t, depth + 1)} {self.pick(['+', '-', '*'])} {self.expr(t, depth + 1)})", f"-({self.expr(t, depth + 1)})",
                              f"{self.expr(('ext', 'duration'), depth + 1)}.{self.pick(['toDays', 'toHours', 'toMilliseconds', 'toSeconds', 'toMinutes'])}()"])
        if t == ("ext", "datetime") and r < 0.8 and depth < 4:
            return self.pick([f"{self.expr(t, depth + 1)}.offset({self.expr(('ext', 'duration'), depth + 1)})", f"{self.expr(t, depth + 1)}.toDate()"])
        if t == ("ext", "duration") and r < 0.8 and depth < 4:
            return self.pick([f"{self.expr(('ext', 'datetime'), depth + 1)}.durationSince({self.expr(('ext', 'datetime'), depth + 1)})", f"{self.expr(('ext', 'datetime'), depth + 1)}.toTime()"])
        return self.literal(t)

    def some_type(self):
        return self.pick([("Long",), ("String",), ("Bool",), ("ext", self.pick(EXTENSION)), ("ent", self.pick(self.entities)), ("set", ("Long",)), ("set", ("String",)),
                          ("set", ("ent", self.pick(self.entities))), self.resolved(self.type(1))])

    def boolean(self, depth=0):
        pick, deeper = self.pick, depth + 1
        how = self.random.random()
        if depth > 3 or how < 0.03:
            return pick(["true", "false", "principal == resource", 'principal has name', 'action == ' + self.action_uid()])
        if how < 0.2:
            return f"({self.boolean(deeper)} {pick(['&&', '||', '&&'])} {self.boolean(deeper)})"
        if how < 0.25:
            return f"!({self.boolean(deeper)})"
        if how < 0.29:
            return f"(if {self.boolean(deeper)} then {self.boolean(deeper)} else {self.boolean(deeper)})"
        if how < 0.36:
            t = self.some_type()
            return f"({self.expr(t, deeper)} {pick(['==', '=='  , '!='])} {self.expr(t if self.chance(0.9) else self.some_type(), deeper)})"
        if how < 0.42:
            t = pick([("Long",), ("ext", "datetime"), ("ext", "duration")] if self.chance(0.95) else [("String",), ("ext", "decimal")])
            return f"({self.expr(t, deeper)} {pick(['<', '<=', '>', '>='])} {self.expr(t, deeper)})"
        if how < 0.5:
            left = pick(["principal", "resource", "action", self.expr(("ent", pick(self.entities)), deeper)])
            right = pick([self.uid(), self.uid(), "resource", "principal", "[" + ", ".join([self.uid(pick(self.entities))] * pick([1, 2])) + "]", self.action_uid(),
                          f"[{self.action_uid()}, {self.action_uid()}]", self.expr(("set", ("ent", pick(self.entities))), deeper), "action"])
            return f"({left} in {right})"
        if how < 0.56:
            t = pick(["principal", "resource", "action", self.expr(("ent", pick(self.entities)), deeper)])
            name = pick(list(self.entities) + ["Nope", "Action", "N::Action"] if self.chance(0.1) else self.entities)
            return f"({t} is {name}" + pick(["", "", f" in {self.uid()}", " in resource", f" in [{self.uid()}]"]) + ")"
        if how < 0.62:
            t = pick([("Long",), ("String",), ("ent", pick(self.entities))])
            method = pick(["contains", "containsAll", "containsAny", "isEmpty"])
            argument = "" if method == "isEmpty" else self.expr(t if method == "contains" else ("set", t), deeper)
            return f"{self.expr(('set', t), deeper)}.{method}({argument})"
        if how < 0.66:
            return f'({self.expr(("String",), deeper)} like {pick([quoted("*a*"), quoted("a") , quoted("*")])})'
        if how < 0.7:
            method = pick(["isIpv4", "isIpv6", "isLoopback", "isMulticast", "isInRange"])
            return f"{self.expr(('ext', 'ipaddr'), deeper)}.{method}({self.expr(('ext', 'ipaddr'), deeper) if method == 'isInRange' else ''})"
        if how < 0.73:
            return f"{self.expr(('ext', 'decimal'), deeper)}.{pick(['lessThan', 'greaterThan', 'lessThanOrEqual', 'greaterThanOrEqual'])}({self.expr(('ext', 'decimal'), deeper)})"
        if how < 0.8:
            text, t, _ = self.path()
            steps = self.random.sample([a for a in ATTRS if is_ident(a)], pick([1, 1, 2, 3]))
            if self.attributes(t) and self.chance(0.8):
                steps[0] = pick(self.attributes(t))
                inner = self.attributes(t)[steps[0]][0]
                if len(steps) > 1 and self.attributes(inner):
                    steps[1] = pick(self.attributes(inner))
            if all(is_ident(s) for s in steps):
                return f"({text} has {'.'.join(steps)})"
            return f"({text} has {quoted(steps[0])})"
        if how < 0.83:
            text, t, _ = self.path()
            return f"{text}.hasTag({pick([quoted('k'), 'context.name', self.expr(('String',), deeper)])})"
        text, t, guards = self.path()
        use = {"Bool": text, "Long": f"{text} > 0", "String": f'{text} == "a"', "set": f"{text}.isEmpty()"}.get(t[0], f"{text} == {self.literal(t)}")
        return "(" + " && ".join(guards + [f"({use})"]) + ")"

    def scope(self, variable, slot):
        name = self.env[0] if variable == "principal" else self.env[2]
        other = self.pick(self.entities)
        target = lambda: "?" + variable if slot and self.chance(0.7) else self.uid(self.pick([name, name, other]))
        return self.pick([variable, variable, f"{variable} == {target()}", f"{variable} in {target()}", f"{variable} is {self.pick([name, name, other])}",
                          f"{variable} is {self.pick([name, name, other])} in {target()}"])

    def new_env(self):
        key = self.pick(self.actions) if self.actions else ("", "view")
        a = self.actions.get(key)
        self.env = (self.pick(a["principals"]) if a else self.pick(self.entities), key, self.pick(a["resources"]) if a else self.pick(self.entities))

    def policy(self, templates=False):
        self.new_env()
        own = f"{self.full(self.env[1][0], 'Action')}::{quoted(self.env[1][1])}"
        action = self.pick(["action", f"action == {own}", f"action == {own}", f"action == {own}", f"action in {own}", f"action in [{own}, {self.action_uid()}]", f"action == {self.action_uid()}",
                            f"action in [{self.action_uid()}]", "action in []" if self.chance(0.1) else "action"])
        head = f"{self.pick(['permit', 'permit', 'forbid'])} ({self.scope('principal', templates)}, {action}, {self.scope('resource', templates)})"
        tail = "".join(f"\n{self.pick(['when', 'when', 'unless'])} {{ {self.boolean()} }}" for _ in range(self.pick([0, 1, 1, 1, 2])))
        return head + tail + ";"

    # ---- data -----------------------------------------------------------------------------------------------------------

    def uid_json(self, name):
        e = self.entities.get(name) or {}
        wrong = self.wrong()
        return {"type": self.pick([name, self.pick(self.entities), "Nope"]) if wrong else name,
                "id": self.pick(e["enum"]) if "enum" in e and not wrong else self.pick(IDS)}

    def wrong(self):
        """Once at most: of several mistakes the reference reports any."""
        if self.budget and self.chance(0.06):
            self.budget -= 1
            return True
        return False

    def value(self, t, depth=0):
        if self.wrong():
            return self.pick([None, 1, "x", True, [], {}, [1, "x"], {"a": 1}, {"__entity": {"type": "A", "id": "x"}}, {"__extn": {"fn": "ip", "arg": "::1"}}, 1.5,
                              {"__entity": {"type": "Action", "id": "view"}}, {"__expr": "1"}, {"type": "A", "id": "x"}])
        k = t[0]
        if k == "Long":
            return self.pick([0, -1, 7])
        if k == "String":
            return self.pick(["", "a", "é"])
        if k == "Bool":
            return self.pick([True, False])
        if k == "ext":
            fn, text = {"ipaddr": ("ip", "10.0.0.1"), "decimal": ("decimal", "1.5"), "datetime": ("datetime", "2024-01-01"), "duration": ("duration", "1h")}[t[1]]
            return self.pick([text, {"fn": fn, "arg": text}, {"__extn": {"fn": fn, "arg": text}}])
        if k == "set":
            return [self.value(t[1], depth + 1) for _ in range(self.pick([0, 1, 2]))]
        if k == "rec":
            out = {n: self.value(i, depth + 1) for n, (i, q) in t[1].items() if (q or self.chance(0.6)) and not self.wrong()}
            if self.wrong():
                out[self.pick(ATTRS)] = 1
            return out
        uid = self.uid_json(t[1]) if k == "ent" else {"type": "Action", "id": "view"}
        return uid if self.chance(0.6) else {"__entity": uid}

    def entity(self, name, ident):
        e = self.entities[name]
        attrs = self.value(self.resolved(e.get("shape"))) if "shape" in e else {}
        made = {"uid": {"type": name, "id": ident}, "attrs": attrs if isinstance(attrs, dict) else {}, "parents": []}
        if "parents" in e and e["parents"] and self.chance(0.6):
            made["parents"] = [self.uid_json(self.pick(e["parents"]))]
            if made["parents"][0] == made["uid"]:
                made["parents"] = []
        elif self.wrong():
            made["parents"] = [self.uid_json(self.pick(self.entities))]
        if e.get("tags") and self.chance(0.6) or self.wrong():
            made["tags"] = {k: self.value(self.resolved(e.get("tags") or ("Long",))) for k in self.random.sample(["k", "j", ""], self.pick([0, 1, 2]))}
        return made

    def entities_json(self):
        self.budget = self.pick([0, 1, 1])
        out, seen = [], set()
        for _ in range(self.pick([1, 2, 3])):
            name = self.pick(self.entities)
            e = self.entities[name]
            ident = self.pick(e["enum"]) if "enum" in e else self.pick(IDS)
            if (name, ident) not in seen:
                seen.add((name, ident))
                out.append(self.entity(name, ident))
        if self.actions and self.chance(0.15):
            s, n = self.pick(self.actions)
            parents = [{"type": self.full(ps, "Action"), "id": pn} for ps, pn in self.actions[(s, n)]["parents"]]
            out.append({"uid": {"type": self.full(s, "Action"), "id": n}, "attrs": {}, "parents": parents if self.chance(0.8) else []})
        return json.dumps(out, ensure_ascii=False)

    def request(self):
        self.new_env()
        self.budget = self.pick([0, 1, 1])
        a = self.actions.get(self.env[1])
        key = self.pick(self.actions) if self.actions and self.wrong() else self.env[1]
        out = {"principal": self.uid_json(self.env[0]), "action": {"type": self.full(key[0], "Action"), "id": key[1]}, "resource": self.uid_json(self.env[2])}
        if a and (a["context"] or self.chance(0.3)):
            out["context"] = self.value(self.resolved(a["context"]))
        return json.dumps(out, ensure_ascii=False)

    # ---- the formatter --------------------------------------------------------------------------------------------------

    def commented(self, text):
        """Comments and line ends between tokens."""
        out, at, rate = "", 0, self.pick([0.0, 0.02, 0.1, 0.4])
        inside = False
        while at < len(text):
            c = text[at]
            if c == "\\" and inside:
                out += text[at:at + 2]
                at += 2
                continue
            if c == '"':
                inside = not inside
            out += c
            at += 1
            if not inside and (c in " ,(){}[];" or (at < len(text) and text[at] in ",(){}[];")) and self.chance(rate):
                out += self.pick([" // c\n", "// c\n", "\n// c\n", "\n", "\n\n", "  ", "\n  // c\n  // d\n", "//\n"])
        return out

    # ---- cases ----------------------------------------------------------------------------------------------------------

    def case(self):
        self.schema()
        how = self.random.random()
        schema = ["schema", self.schema_text()]
        if how < 0.25:
            return Case([schema, ["do", "parse schema-to-json schema-to-cedar schema-warnings"]])
        if how < 0.65:
            policies = "\n".join(self.policy() for _ in range(self.pick([1, 1, 2, 3])))
            return Case([schema, ["policies", policies], ["do", f"validate validate-permissive level={self.pick([0, 1, 2, 3])}"]])
        if how < 0.72:
            sections = [schema, ["policies", self.policy(True)]]
            values = {"?" + v: {"type": self.pick(self.entities), "id": "x"} for v in ("principal", "resource") if f"?{v}" in sections[1][1]}
            if values:
                sections.append(["links", json.dumps([{"templateId": "policy0", "newId": "l", "values": values}])])
            return Case(sections + [["do", "validate validate-permissive level=1 to-json to-cedar"]])
        if how < 0.8:
            return Case([schema] + [["request", self.request()] for _ in range(self.pick([1, 2, 3]))] + [["do", "check-requests"]])
        if how < 0.88:
            return Case([schema, ["entities", self.entities_json()], ["do", "check-entities entities-to-json"]])
        policies = "\n".join(self.policy(self.chance(0.3)) for _ in range(self.pick([1, 1, 2])))
        if self.chance(0.3):
            policies = "".join(f"@{k}({quoted(v)})\n" for k, v in [("id", "x"), ("doc", "a b")]) + policies
        return Case([["policies", self.commented(policies)], ["do", "format to-json to-cedar"]])
