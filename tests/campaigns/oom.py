#!/usr/bin/env python3
"""Memory that is not there: the nth allocation of every command fails, and too little of it.

Each run lets one allocation of one command fail, once or from there on, or gives the command
so much address space and no more. It has to end with 3 and a sentence that names memory, or do
what it does undisturbed; the store is whole, and the same command succeeds afterwards.
The planted fault is a null pointer that is followed."""

import os
import random
import subprocess
import sys

sys.dont_write_bytecode = True
here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(os.path.dirname(here), "faults")]

from commands import MEMORY_WORDS, Bench, limited
from kit import Skip, main

LIMITS_MB = range(16, 1040, 16)


def least_mb(c):
    """The first limit with which the dynamic linker, which is not ours, gets its libraries in."""
    for n in LIMITS_MB:
        r = subprocess.run([c.program, "version"], capture_output=True,
                           preexec_fn=limited({"RLIMIT_AS": n << 20}))  # fmt: skip
        if r.returncode != 127:
            return n
    raise Skip("the program cannot be loaded into 1 GB")


def setup(c):
    c.bench = Bench(c)
    c.bench.count(c)
    least = least_mb(c)
    c.count("least_mb", least)
    piles = []
    for command in c.bench.commands:
        pile = [(command, f"memory:{n}:{'crash' if c.control else 'ENOMEM'}:{mode}", None)
                for n in range(1, command.counts["memory"] + 1)
                for mode in ("once", "sticky")]  # fmt: skip
        pile += [(command, None, {"RLIMIT_AS": n << 20}) for n in LIMITS_MB
                 if n >= least and not c.control]
        random.Random(f"{c.seed}:{command.name}").shuffle(pile)
        piles.append(pile)
    # Round and round the commands, so that the long ones do not crowd the others out.
    c.cases = [pile[depth] for depth in range(max(map(len, piles)))
               for pile in piles if depth < len(pile)]  # fmt: skip
    c.limit = len(c.cases)
    c.count("cases", c.limit)


def one(c, i, rng):
    command, fault, limits = c.cases[i]
    got = c.bench.run(c, command, fault=fault, limits=limits)
    c.bench.judge(c, got, words=MEMORY_WORDS)
    c.count("limited" if limits else "sticky" if fault.endswith("sticky") else "once")


if __name__ == "__main__":
    main("oom", __doc__, one, ci_runs=500, setup=setup)
