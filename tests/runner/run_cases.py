#!/usr/bin/env python3
"""Runs the cases of tests/runner/*.cases through the rexi command and checks what each case says about the result.

A case begins with `=== id [NAME=VALUE of the environment ...]`; NEEDS=NAME skips it when no function has that name. Its sections: setup (POSIX sh in a fresh directory),
policy, script, args (one word a line), expect. Without a policy section the policy is empty, without a script section
the case gives its own command line in args. @DIR@ is the directory, @USER@ the user.

Lines of expect, all of which must hold:
  exit N                 the exit status
  type NAME              error.error_type; `type -` for a success
  message TEXT           error.message, whole; \\n is a line break
  message~ REGEX         found in error.message
  output TEXT            output, whole; \\n is a line break
  output~ REGEX          found in output
  stdout TEXT, stdout~ REGEX, stderr TEXT, stderr~ REGEX   the streams
  log LEVEL LINE TEXT    the next log of the script
  logs N                 number of logs
  alarm TYPE[: TEXT]     an alarm with these details
  noalarm TYPE           no alarm of that type
  metric NAME [VALUE [UNIT]]  a metric
  nometric NAME
  json EXPR              a Python expression over `d`, the document (or other JSON on stdout), that must be true
  after TEXT             what `sh -c` of the section `after` prints
  within MS              the run took no longer, in milliseconds of wall time, at least once of five times; after a
                         signal the time from it is meant
"""
import argparse
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SECTIONS = ("setup", "policy", "script", "args", "signal", "after", "expect")
USER = pwd.getpwuid(os.getuid()).pw_name


def read_cases(path):
    cases = []
    section = None
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.startswith("=== "):
            ident, *env = line[4:].split()
            cases.append({"id": ident, "env": dict(e.split("=", 1) for e in env)})
            section = None
        elif line.startswith("--- ") and line[4:] in SECTIONS:
            section = line[4:]
            cases[-1][section] = ""
        elif section:
            cases[-1][section] += line + "\n"
    for case in cases:
        for name in SECTIONS:
            if name in case:
                case[name] = case[name].strip("\n") + ("\n" if case[name].strip("\n") else "")
    return cases


def unescape(text):
    return text.replace("\\n", "\n")


def judge(line, run):
    """Why the line does not hold, or None."""
    word, _, rest = line.partition(" ")
    d = run["doc"]
    error = (d or {}).get("error", {})
    logs = [log["attributes"] for log in (d or {}).get("logs", []) if "rhai_api_name" not in log["attributes"]]
    if word == "exit":
        return None if run["status"] == int(rest) else f"exit status is {run['status']}"
    if word == "within":
        return None if run["ms"] <= int(rest) else f"took {run['ms']:.0f} ms"
    if word in ("stdout", "stderr", "after"):
        return None if run[word].rstrip("\n") == unescape(rest) else f"{word} is {run[word]!r}"
    if word in ("stdout~", "stderr~", "after~"):
        return None if re.search(rest, run[word[:-1]]) else f"{word[:-1]} is {run[word[:-1]]!r}"
    if word == "json" and run["any"] is not None:
        d = run["any"]
    if d is None:
        return f"no document: stdout {run['stdout'][:200]!r} stderr {run['stderr'][:300]!r}"
    if word == "type":
        return None if error.get("error_type", "-") == rest else f"type is {error.get('error_type')}: {error.get('message')}"
    if word == "message":
        return None if error.get("message") == unescape(rest) else f"message is {error.get('message')!r}"
    if word == "message~":
        return None if re.search(rest, error.get("message", "")) else f"message is {error.get('message')!r}"
    if word == "output":
        return None if d["output"] == unescape(rest) and not error else f"output is {d['output']!r}, error {error}"
    if word == "output~":
        return None if re.search(rest, d["output"]) else f"output is {d['output']!r}, error {error}"
    if word == "logs":
        return None if len(logs) == int(rest) else f"{len(logs)} logs"
    if word == "log":
        at = run["log_at"]
        run["log_at"] += 1
        got = "{level} {line_number} {message}".format(**logs[at]) if at < len(logs) else "none"
        return None if got == rest else f"log is {got!r}"
    if word == "alarm":
        kind, _, details = rest.partition(": ")
        found = [a for a in d.get("alarms", []) if a["alarm_type"] == kind and (not details or a.get("alarm_details") == details)]
        return None if found else f"alarms are {d.get('alarms')}"
    if word == "noalarm":
        return None if all(a["alarm_type"] != rest for a in d.get("alarms", [])) else "the alarm is there"
    if word == "metric":
        parts = rest.split()
        for m in d.get("metrics", []):
            if m["metric_name"] == parts[0] and (len(parts) < 2 or m["metric_value"] == float(parts[1])) \
                    and (len(parts) < 3 or m["metric_unit"] == parts[2]):
                return None
        return f"metrics are {[m['metric_name'] for m in d.get('metrics', [])]}"
    if word == "nometric":
        return None if all(m["metric_name"] != rest for m in d.get("metrics", [])) else "the metric is there"
    if word == "json":
        try:
            holds = eval(rest, {"d": d, "len": len, "re": re, "any": any, "all": all})
        except (KeyError, IndexError, TypeError):
            holds = False
        return None if holds else f"document is {json.dumps(d)[:900]}"
    return "unknown expectation"


def run_case(case, rexi):
    base = pathlib.Path(tempfile.mkdtemp(prefix="rexi-case-"))
    directory = base / "d"
    directory.mkdir()

    def fill(text):
        return text.replace("@DIR@", str(directory)).replace("@USER@", USER).replace("@REXI@", rexi)

    env = {"PATH": os.environ["PATH"], "HOME": "/", "LC_ALL": "C", "TZ": "UTC", "SYSLOG_ENABLE": "0"} | case["env"]
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
        if name in os.environ:
            env[name] = os.environ[name]
    try:
        if "setup" in case:
            subprocess.run(["sh", "-c", fill(case["setup"])], cwd=directory, env=env, check=True, stdin=subprocess.DEVNULL)
        command = [rexi]
        if "script" in case:
            (base / "script").write_text(fill(case["script"]).rstrip("\n"), encoding="utf-8")
            (base / "policy").write_text(fill(case.get("policy", "")), encoding="utf-8")
            command += ["-s", str(base / "script"), "-p", str(base / "policy")]
        command += [fill(word) for word in case.get("args", "").split("\n") if word]
        started = time.monotonic()
        process = subprocess.Popen(command, cwd=directory, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, start_new_session=True)
        if "signal" in case:
            name, delay = case["signal"].split()
            time.sleep(float(delay))
            started = time.monotonic()
            process.send_signal(getattr(signal, name))
        try:
            out, err = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return ["did not end"]
        run = {"status": process.returncode, "stdout": out.decode(errors="replace"), "stderr": err.decode(errors="replace"),
               "ms": (time.monotonic() - started) * 1000, "doc": None, "after": "", "log_at": 0, "any": None}
        try:
            run["doc"] = run["any"] = json.loads(run["stdout"])
            if not isinstance(run["doc"], dict) or "status" not in run["doc"]:
                run["doc"] = None
        except ValueError:
            pass
        if "after" in case:
            run["after"] = subprocess.run(["sh", "-c", fill(case["after"])], cwd=directory, env=env, stdout=subprocess.PIPE,
                                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL).stdout.decode(errors="replace")
        complaints = []
        for line in fill(case["expect"]).split("\n"):
            if line:
                why = judge(line, run)
                if why:
                    complaints.append(f"{line}\n      {why}")
        return complaints
    finally:
        subprocess.run(["chmod", "-R", "u+rwx", str(base)], stderr=subprocess.DEVNULL)
        shutil.rmtree(base, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rexi", default=os.path.join(os.environ.get("REXI_BUILD", "."), "rexi"))
    parser.add_argument("--only", action="append")
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    os.umask(0o022)
    files = options.files or sorted(pathlib.Path(__file__).parent.glob("*.cases"))
    passed = failed = skipped = 0
    functions = subprocess.run([options.rexi, "--print-functions"], stdout=subprocess.PIPE).stdout.decode()
    for path in files:
        for case in read_cases(path):
            if options.only and case["id"] not in options.only:
                continue
            if "NEEDS" in case["env"] and "\n" + case["env"]["NEEDS"] + "(" not in functions:
                skipped += 1
                continue
            complaints = run_case(case, os.path.abspath(options.rexi))
            for _ in range(4):  # a busy machine may be late once: only a rule that never holds is broken
                if complaints and all(complaint.startswith("within ") for complaint in complaints):
                    complaints = run_case(case, os.path.abspath(options.rexi))
            if complaints:
                failed += 1
                print(f"{path.name}: {case['id']}")
                for complaint in complaints:
                    print("    " + complaint)
            else:
                passed += 1
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped: functions that are not there" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
