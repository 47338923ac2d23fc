#!/usr/bin/env python3
"""Bad input, case by case: what the user should see, and what must never happen.

    cases.py PATH_TO_SILLOK [NUMBER...]

Each case is a function case_NN_words in case_*.py and runs in a process and a temporary folder
of its own, two or more at a time. Output is TAP; the folder of a failed case stays. Some parts
need root (mounts, devices) and are left out otherwise, which a comment line says. Cases 48, 54,
55 and 57 take calls that fail or functions put in another's place: unit/failing and the
campaign ioerror, unit/kv, unit/locks and unit/collision.
"""

import os
import re
import shutil
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import case_article
import case_input
import case_store
import case_system
import case_web
from kit import Case, Failure, Skip

SLOW = (45, 65, 34)  # begun first, so that the others run beside them


def all_cases():
    """(number, words, function), by number."""
    found = []
    for module in (case_article, case_input, case_store, case_system, case_web):
        for name, fn in vars(module).items():
            m = re.fullmatch(r"case_(\d+)_(\w+)", name)
            if m:
                found.append((int(m[1]), m[2].replace("_", " "), fn))
    return sorted(found)


def is_sanitized(program):
    """Sanitizers, and counters of branches, take memory and time of their own, so those limits
    are not asked for."""
    with open(program, "rb") as f:
        code = f.read()
    return b"__asan_" in code or b"__gcov_" in code


def run_case(case, program, sanitized, report):
    """In a child: run, write the verdict to `report`, never return."""
    number, words, fn = case
    folder = tempfile.mkdtemp(prefix=f"sillok-case-{number:02}.")
    os.chmod(folder, 0o755)
    began = time.monotonic()
    c = Case(program, folder, sanitized)
    name = f"{number} {words}"
    try:
        fn(c)
        verdict, lines = f"ok - {name}", []
        if c.failures:
            raise Failure("\n".join(c.failures))
    except Skip as why:
        verdict, lines = f"ok - {name} # SKIP {why}", []
    except Failure as why:
        failures = [f for f in c.failures if f not in str(why)]
        verdict, lines = f"not ok - {name}", "\n".join([*failures, str(why)]).splitlines()
    except BaseException:
        verdict, lines = f"not ok - {name}", traceback.format_exc().splitlines()
    if verdict.startswith("not"):
        lines.append(f"the folder stays: {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    lines += c.notes
    if os.environ.get("CASES_TIMES"):
        lines.append(f"{time.monotonic() - began:.1f} s")
    with open(report, "w") as f:
        f.write("\n".join([verdict] + ["# " + l for l in lines]) + "\n")
    sys.stdout.flush()
    os._exit(0)


def main():
    if len(sys.argv) < 2 or not os.access(sys.argv[1], os.X_OK):
        sys.exit("usage: cases.py PATH_TO_SILLOK [NUMBER...]")
    program = os.path.abspath(sys.argv[1])
    wanted = [int(n) for n in sys.argv[2:]]
    cases = [c for c in all_cases() if not wanted or c[0] in wanted]
    sanitized = is_sanitized(program)
    if not wanted:
        print(f"1..{len(cases)}", flush=True)
    reports = tempfile.mkdtemp(prefix="sillok-cases.")
    waiting = sorted(enumerate(cases), key=lambda c: (c[1][0] not in SLOW, c[0]))
    running, done, failed, next_out = {}, {}, 0, 0
    while waiting or running:
        while waiting and len(running) < max(2, os.cpu_count() or 1):
            i, case = waiting.pop(0)
            report = os.path.join(reports, str(i))
            pid = os.fork()
            if pid == 0:
                run_case(case, program, sanitized, report)
            running[pid] = (i, report)
        pid, _ = os.wait()
        i, report = running.pop(pid)
        try:
            with open(report) as f:
                done[i] = f.read()
        except OSError:
            done[i] = f"not ok - {cases[i][0]} {cases[i][1]}\n# it ended without a verdict\n"
        while next_out in done:
            failed += done[next_out].startswith("not")
            print(done[next_out], end="", flush=True)
            next_out += 1
    shutil.rmtree(reports)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
