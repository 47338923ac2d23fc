#!/usr/bin/env python3
"""kill -9 at any moment: what was reported is there, and the same command goes on from there.

Each run is one command that writes, killed at a random moment, twice in a row on the same
store; after each the store is asked for everything (crashkit.py), and at last the command runs
to its end. The moment is drawn from the run's number, what the program does at that moment is
not, so --only repeats a run without hitting the same instruction. The planted fault is a store
that is put back or cut after the kill."""

import os
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import crashkit
from kit import main


def set_up(c):
    crashkit.set_up(c, heavy=True)
    c.took = {}
    for s in list(c.scenes):
        began = time.monotonic()
        if crashkit.undisturbed(c, s) is None:
            c.scenes.remove(s)
        c.took[s.name] = time.monotonic() - began


def run_and_kill(c, scene, at, after):
    """Gives (what it had printed, whether it had ended by itself)."""
    out = c.path("stdout")
    with open(scene.stdin_path(c), "rb") as stdin, open(out, "wb") as stdout:
        p = subprocess.Popen(
            [c.program, "-s", os.path.join(at, "store"), *scene.command(c, at)],
            stdin=stdin, stdout=stdout, stderr=subprocess.PIPE)  # fmt: skip
        time.sleep(after)
        p.kill()
        err = p.communicate()[1]
    with open(out, "rb") as f:
        printed = f.read()
    ended = p.returncode != -9
    if ended and p.returncode not in (0, 2):
        c.bad(f"{scene.name}: exit {p.returncode} by itself: {err.decode()[-300:]}")
    c.count("late" if ended else "kills")
    return printed, p.returncode == 0


def one(c, i, rng):
    # The heavy one takes a second; one in twelve is enough of it.
    scene = rng.choice([s for s in c.scenes if s.heavy == (i % 12 == 11)])
    at = c.path("at")
    os.mkdir(at)
    scene.start_from(c, at)
    for k in range(2):
        out, finished = run_and_kill(c, scene, at, rng.uniform(0, c.took[scene.name]))
        if c.control:
            crashkit.plant(c, scene, at, out)
        if not crashkit.check(c, scene, at, out, finished, again=k == 1):
            return


def finish(c):
    if not c.control and c.index > 20 and not c.counts.get("reported"):
        c.bad("no file was ever reported before a kill: nothing was shown")


if __name__ == "__main__":
    crashkit.on_fast_disk()
    main("kill", __doc__, one, ci_runs=75, setup=set_up, finish=finish)
