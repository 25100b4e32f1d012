"""Runs scripts through the reference and through rexi, and says where they differ."""
import os
import re
import subprocess
import tempfile

HEAD = re.compile(r"^=== t(\d+)(?: .*)?$")
ADDRESS_SPACE_KB = 6000000


def write_cases(path, scripts, flags):
    with open(path, "w", newline="", encoding="utf-8") as out:
        for number, script in enumerate(scripts):
            out.write(f"=== t{number}{' ' + flags if flags else ''}\n{script}\n")


def read_answers(text):
    answers, lines = {}, None
    for line in text.split("\n"):
        head = HEAD.match(line)
        if head:
            lines = answers.setdefault(int(head.group(1)), [])
        elif lines is not None:
            lines.append(line)
    return {number: "\n".join(lines).rstrip("\n") for number, lines in answers.items()}


class Engines:
    def __init__(self, reference, ours, flags=""):
        self.reference, self.ours, self.flags = reference, ours, flags
        self.folder = tempfile.TemporaryDirectory(prefix="differential-")
        self.compared = self.skipped = 0

    def _run(self, command, scripts, flags=None):
        """Answers by number; what is missing was never printed."""
        path = os.path.join(self.folder.name, "batch.cases")
        write_cases(path, scripts, self.flags)
        limits = f"ulimit -v {ADDRESS_SPACE_KB}; ulimit -c 0; exec timeout 900 \"$@\""
        done = subprocess.run(["sh", "-c", limits, "sh", *command, path], capture_output=True, check=False)
        return read_answers(done.stdout.decode("utf-8", "replace")), done

    def reference_answers(self, scripts, level="none"):
        """Who takes the reference's process down has no answer; those after it are run again without it."""
        answers, start = {}, 0
        while start < len(scripts):
            some, _ = self._run([self.reference, "--opt", level, "--time-limit", "1"], scripts[start:])
            answers.update({start + n: a for n, a in some.items()})
            start += len(some) + 1
        return answers

    def our_answers(self, scripts, seed="1"):
        answers, done = self._run([self.ours, "--time-limit", "1", "--closure-seed", seed], scripts)
        if len(answers) == len(scripts) and done.returncode == 0:
            return answers
        if len(scripts) == 1:
            noise = done.stderr.decode("utf-8", "replace").strip().split("\n")
            return {0: f"crash {done.returncode} {' '.join(noise[:3])}"}
        # Somebody took the process down: find out who.
        half = len(scripts) // 2
        answers = self.our_answers(scripts[:half], seed)
        answers.update({half + n: a for n, a in self.our_answers(scripts[half:], seed).items()})
        return answers

    def differences(self, scripts):
        """[(script, reference's answer, our answer)]"""
        want, got = self.reference_answers(scripts), self.our_answers(scripts)
        bad = []
        for number, script in enumerate(scripts):
            answer, ours = want.get(number), got.get(number, "no answer")
            if answer is None or answer.startswith("panic") or "\npanic" in answer or "Script terminated" in answer:
                self.skipped += 1
                if ours.startswith("crash"):
                    bad.append((script, answer or "no answer", ours))
                continue
            self.compared += 1
            if plain(answer) != plain(ours):
                bad.append((script, answer, ours))
        if bad:
            # What depends on the digits of a closure's name is not compared.
            seeds = [self.our_answers([b[0] for b in bad], seed) for seed in ("2", "3", "4")]
            bad = [b for number, b in enumerate(bad) if all(plain(answers.get(number, b[2])) == plain(b[2]) for answers in seeds)]
        if bad:
            # The reference's optimiser may be what differs; either answer is right.
            simple = self.reference_answers([b[0] for b in bad], "simple")
            bad = [b for number, b in enumerate(bad) if plain(simple.get(number)) != plain(b[2])]
        return bad


def plain(answer):
    """Iterators have no name of their own in scripts: the reference prints the type that implements them."""
    return re.sub(r"rhai::packages::\w+::\w+(<[^<>]*>)?|core::iter::[\w:]+(<.*>)?", "range", answer or "")
