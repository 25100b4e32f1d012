"""Makes a script that shows a difference small, keeping the difference."""
import re
import time

TOKEN = re.compile(r'`[^`]*`|"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|[A-Za-z_]\w*|\d[\w.]*|\s+|.', re.S)
OPEN, CLOSE = "([{", ")]}"


def partner(tokens, at):
    """Index of the bracket that closes the one at `at`; None when there is none."""
    depth = 0
    for here in range(at, len(tokens)):
        if tokens[here] in OPEN or tokens[here].endswith("{"):
            depth += 1
        elif tokens[here] in CLOSE:
            depth -= 1
            if not depth:
                return here
    return None


def smaller(script):
    """Scripts made from this one by leaving something out, the larger cuts first."""
    lines = script.split("\n")
    size = len(lines) // 2
    while size:
        for start in range(0, len(lines), size):
            yield "\n".join(lines[:start] + lines[start + size:])
        size //= 2
    tokens = TOKEN.findall(script)
    for start, token in enumerate(tokens):
        if token in OPEN and token:
            end = partner(tokens, start)
            if end is not None:
                yield "".join(tokens[:start] + tokens[end + 1:])
                yield "".join(tokens[:start] + tokens[start + 1:end] + tokens[end + 1:])
                yield "".join(tokens[:start + 1] + tokens[end:])
    for size in (16, 8, 4, 3, 2, 1):
        for start in range(0, len(tokens), max(1, size // 2)):
            yield "".join(tokens[:start] + tokens[start + size:])
    for start, token in enumerate(tokens):
        if token[0].isdigit() and token not in ("0", "1"):
            yield "".join(tokens[:start] + ["1"] + tokens[start + 1:])
        elif len(token) > 3 and token[0] in "\"`" and token[-1] == token[0]:
            yield "".join(tokens[:start] + ['"a"'] + tokens[start + 1:])


def kind(answer):
    """What must stay the same so that it is still the same difference."""
    words = answer.split("\n")
    verdict = [w for w in words if w.split(" ")[0] in ("ok", "parse-error", "runtime-error", "crash", "no")]
    return verdict[0].split(" ")[0] if verdict else "none"


def shrink(engines, script, want, got, rounds=60, seconds=10):
    best = (script, want, got)
    wanted = (kind(want), kind(got))
    end = time.monotonic() + seconds
    for _ in range(rounds):
        if time.monotonic() > end:
            return best
        candidates, seen = [], set()
        for candidate in smaller(best[0]):
            if candidate not in seen and len(candidate) < len(best[0]) + 1 and candidate != best[0]:
                seen.add(candidate)
                candidates.append(candidate)
            if len(candidates) >= 150:
                break
        found = [d for d in engines.differences(candidates) if (kind(d[1]), kind(d[2])) == wanted]
        if not found:
            return best
        best = min(found, key=lambda d: len(d[0]))
    return best
