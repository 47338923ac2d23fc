#!/usr/bin/env python3
"""The sandbox: from inside, acts that reading never needs are refused, and reading works.

Each run tries one act of tests/sandbox/acts.c from inside the sandbox of an ingest, and from
outside, to see whether it proves anything here ("telling" counts those that succeed outside).
At the end the program itself runs as on kernels without Landlock and without seccomp, and as in
containers that refuse them: it says so once and works, unless the sandbox is required. The planted fault is a sandbox that is off."""

import ctypes
import os
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from kit import main


def landlock_version():
    """0: there is none."""
    create_ruleset, ask_for_version = 444, 1  # of all processors that Linux has it on
    return max(0, ctypes.CDLL(None).syscall(create_ruleset, None, 0, ask_for_version))


def setup(c):
    acts = c.tool("tests/sandbox/sandbox-acts")
    c.landlock = landlock_version()
    c.acts = subprocess.run([acts, "list"], capture_output=True, text=True).stdout.split()


def try_act(c, how, name, within=()):
    for folder in ("in", "store", "outside"):
        os.makedirs(c.path(how, folder))
        with open(c.path(how, folder, "file"), "w") as f:
            f.write("text\n")
    r = subprocess.run([*within, c.tool("tests/sandbox/sandbox-acts"), how, c.path(how), name],
                       capture_output=True, text=True, timeout=60)  # fmt: skip
    words = r.stdout.split()
    return words[1] if len(words) == 3 else "lost: " + r.stderr


def one(c, i, rng):
    name = c.acts[i % len(c.acts)]
    outside = try_act(c, "off", name)
    inside = outside if c.control else try_act(c, "on", name)
    if name.startswith("ok-"):
        if inside != "done":
            c.bad(f"{name}, which is allowed, is {inside}")
        c.count("allowed")
        return
    c.count(inside)
    c.count("telling", 1 if outside == "done" else 0)
    if inside not in ("refused", "killed"):
        # The control must not count what nobody can do here.
        if not (c.control and inside == "impossible"):
            c.bad(f"{name} is {inside}")


def program(c, words, *args, env=None):
    return subprocess.run([*words, c.program, "-s", c.path("store"), *args], capture_output=True,
                          text=True, env={**os.environ, **(env or {})}, timeout=120)  # fmt: skip


def finish(c):
    if c.control:
        return
    c.folder = os.path.join(c.base, "program")
    os.mkdir(c.folder)
    subprocess.run([c.tool("tools/sample/sillok-sample"), "--articles", "20", "--crawls", "1",
                    c.path("in")], check=True, capture_output=True)  # fmt: skip
    crawl = c.path("in", "crawl-0")
    without = c.tool("tests/sandbox/sandbox-without")
    # Landlock before its third version (Linux 6.2) does not know what cutting is.
    cuts = ("truncate-input", "cut-input", "cut-input-by-openat2")
    for name in cuts if c.landlock >= 3 else ():
        c.folder = os.path.join(c.base, name)
        got = try_act(c, "on", name, (without, "seccomp"))
        if got != "refused":
            c.bad(f"without seccomp: {name} is {got}")
    c.folder = os.path.join(c.base, "program")
    lacks = [(n + how, why) for n in ("landlock", "seccomp", "both")
             for how, why in (("", "not in this system"), (":1", os.strerror(1)), (":7", os.strerror(7)))]  # fmt: skip
    for lack, why in lacks:
        r = program(c, [without, lack], "ingest", crawl)
        warned = r.stderr.count("more rights than needed")
        if r.returncode or warned != 1 or why not in r.stderr:
            c.bad(f"without {lack}: exit {r.returncode}, {warned} warnings: {r.stderr}")
        r = program(c, [without, lack], "ingest", "--sandbox", "off", crawl)
        if r.returncode or "rights" in r.stderr:
            c.bad(f"without {lack}, switched off: exit {r.returncode}: {r.stderr}")
        for verb in (("ingest", crawl), ("stats",)):
            r = program(c, [without, lack], *verb, env={"SILLOK_SANDBOX": "require"})
            if r.returncode != 3 or "a sandbox is required" not in r.stderr or why not in r.stderr:
                c.bad(f"without {lack}, required: {verb[0]}: exit {r.returncode}: {r.stderr}")
        r = program(c, [without, lack], "verify")
        if r.returncode or r.stderr:
            c.bad(f"without {lack}: verify: exit {r.returncode}: {r.stderr}")
    r = program(c, [], "verify", "--sandbox", "require")
    if r.returncode:
        c.bad(f"required, and there: exit {r.returncode}: {r.stderr}")


if __name__ == "__main__":
    main("sandbox", __doc__, one, ci_runs=46, setup=setup, finish=finish)
