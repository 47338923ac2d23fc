#!/usr/bin/env python3
"""kill -9 at each single system call that changes anything on the disk.

Each command that writes runs once under strace, which counts its calls; each run of the
campaign kills it just before one of them (strace -e inject=CALL:signal=SIGKILL:when=N) and then
asks the store for everything (crashkit.py). --runs takes a sample that depends on the seed; with
--budget alone it goes on to the last call. The planted fault is a store that is put back or cut
after the kill. A run without strace, or without the right to trace, is left out."""

import os
import random
import re
import shutil
import subprocess
import sys
from collections import Counter

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import crashkit
from kit import Skip, main

CALLS = ("pwrite64 pwritev pwritev2 writev write fdatasync fsync msync syncfs ftruncate truncate "
         "fallocate rename renameat renameat2 link linkat symlink unlink unlinkat rmdir mkdir "
         "mkdirat openat").split()  # fmt: skip


def strace(c, *options):
    """Without --seccomp-bpf, under which strace 6.1 injects no signals."""
    return ["strace", "-f", "-qq", "-o", os.path.join(c.base, "trace"), *options]


def calls_of(c, scene):
    """(call, how often by then) of each call of the program's own thread that changes
    something; None where the scene does not work here. Others are ended by the same kill."""
    printed = crashkit.undisturbed(c, scene, strace(c, "-e", "trace=" + ",".join(CALLS)))
    if printed is None:
        return []
    found, seen, main_thread = [], Counter(), None
    with open(os.path.join(c.base, "trace")) as f:
        for line in f:
            m = re.match(r"(\d+) +(\w+)\(", line)
            if not m:
                continue
            main_thread = main_thread or m[1]
            if m[1] != main_thread:
                continue
            seen[m[2]] += 1
            if m[2] != "openat" or "O_CREAT" in line or "O_TRUNC" in line:
                found.append((m[2], seen[m[2]]))
    return found


def set_up(c):
    if not shutil.which("strace"):
        raise Skip("there is no strace")
    if subprocess.run([*strace(c, "-e", "trace=fsync"), "true"], capture_output=True).returncode:
        raise Skip("strace may not trace here")
    crashkit.be_traced()
    crashkit.set_up(c, heavy=False)
    # In turns from each scene, so that a sample has some of all.
    each = []
    for s in c.scenes:
        points = [(s, *call) for call in calls_of(c, s)]
        random.Random(f"{c.seed}:{s.name}").shuffle(points)
        each.append(points)
    c.points = [p[k] for k in range(max(map(len, each))) for p in each if k < len(p)]
    c.limit = len(c.points)
    c.count("points", len(c.points))


def one(c, i, rng):
    scene, call, n = c.points[i % len(c.points)]
    at = c.path("at")
    os.mkdir(at)
    scene.start_from(c, at)
    out = c.path("stdout")
    with open(scene.stdin_path(c), "rb") as stdin, open(out, "wb") as stdout:
        r = subprocess.run(
            [*strace(c, "-e", f"inject={call}:signal=SIGKILL:when={n}", "-e", f"trace={call}"),
             c.program, "-s", os.path.join(at, "store"), *scene.command(c, at)],
            stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, timeout=120)  # fmt: skip
    with open(out, "rb") as f:
        printed = f.read()
    killed = r.returncode in (-9, 137)
    c.count("kills" if killed else "late")
    if not killed and r.returncode:
        c.bad(f"{scene.name}: exit {r.returncode}: {r.stderr.decode()[-300:]}")
    if c.control:
        crashkit.plant(c, scene, at, printed)
    before = c.n_bad
    crashkit.check(c, scene, at, printed, finished=not killed)
    if c.n_bad > before and not c.control:
        print(f"syscalls: that was {scene.name}, {call} number {n}", file=sys.stderr)


if __name__ == "__main__":
    crashkit.on_fast_disk()
    main("syscalls", __doc__, one, ci_runs=400, setup=set_up)
