"""Scripts with mistakes: the recorded cases with tokens left out, put in, exchanged or cut off."""
import glob
import os
import re

TOKEN = re.compile(r'`[^`]*`|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|\s+|[A-Za-z_]\w*|\d[\d_.]*|[-+*/%=<>!&|^?:.#]{1,3}|.', re.S)
TOKENS = r"""true false let const if else switch do while until loop for in !in fn continue break return throw try catch
private import export as global print debug type_of eval Fn call curry is_def_fn is_def_var is_shared this var static match
new nil a x f foo _ __ _1 1 -1 1.5 0xff "s" 'c' `t` `a${1}b` `${ #"r"# () ( ) { } #{ [ ] ?[ . ?. .. ..= ... , ; : :: => ??
+ - * / % ** << >> & | ^ && || ! == != < > <= >= = += -= **= === -> <- := :; ::< (* *) # #! @ $ ? ++ -- ~ |> !. 'ab' "abc é
\ // /* */ 1e5 1e+ 9999999999999999999 |x| || {} [] #{} #{a:1} (1) 1..2 ..5 1.. _=>""".split()


def read_scripts(folder, longest=600):
    scripts = []
    for path in sorted(glob.glob(os.path.join(folder, "**", "*.cases"), recursive=True)):
        with open(path, encoding="utf-8", newline="") as text:
            parts = re.split(r"^=== .*\n", text.read(), flags=re.M)[1:]
        scripts += [p.rstrip("\n") for p in parts if len(p) < longest and "\n--- " not in "\n" + p]
    return scripts


class Mutations:
    def __init__(self, random, folder):
        self.random = random
        self.scripts = read_scripts(folder)
        if not self.scripts:
            raise SystemExit("no recorded cases found in " + folder)

    def program(self):
        while True:
            script = self.mutation()
            # What sleeps or fills memory is left to the other modes.
            if not re.search(r"sleep|pad|\r|range\(|blob\(", script):
                return script

    def mutation(self):
        pick, chance = self.random.choice, self.random.random
        if chance() < 0.15:
            return " ".join(pick(TOKENS) for _ in range(self.random.randrange(1, 8)))
        tokens = TOKEN.findall(pick(self.scripts))
        for _ in range(pick([1, 1, 1, 2, 3])):
            tokens = tokens or ["1"]
            at, how = self.random.randrange(len(tokens)), chance()
            if how < 0.3:
                del tokens[at]
            elif how < 0.6:
                tokens.insert(at, pick(TOKENS) + pick(["", " "]))
            elif how < 0.8:
                tokens[at] = pick(TOKENS)
            elif how < 0.87:
                other = self.random.randrange(len(tokens))
                tokens[at], tokens[other] = tokens[other], tokens[at]
            elif how < 0.94:
                tokens = tokens[:at]
            else:
                other = TOKEN.findall(pick(self.scripts))
                start = self.random.randrange(len(other) + 1)
                tokens[at:at] = other[start:start + self.random.randrange(1, 6)]
        return "".join(tokens)
