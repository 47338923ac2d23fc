#!/usr/bin/env python3
"""Calls that fail: the nth read, write, sync, open, map, rename ... of every command.

Each run lets one call of one command fail, once or from there on, with EIO, ENOSPC, EDQUOT,
EMFILE, EINTR or as a short one, and looks whether the command said so or did all the same
what it does undisturbed, whether the store is whole, and whether the same command succeeds
afterwards. Run i is case i of all of them, in an order in which each pair of command and
function comes equally often. The planted fault is a write that is not done and not told."""

import os
import random
import sys

sys.dont_write_bytecode = True
here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(os.path.dirname(here), "faults")]

from commands import Bench
from kit import main

READS = ("read", "pread")
WRITES = ("write", "pwrite", "writev", "pwritev")
INTERRUPTED = READS + WRITES + ("open", "openat", "fsync", "close")
FUNCTIONS = READS + WRITES + (
    "fdatasync", "fsync", "syncfs", "open", "openat", "mmap", "ftruncate", "fallocate", "truncate", "rename",
    "renameat", "renameat2", "link", "mkdir", "mkdirat", "mkdtemp", "close", "fstat", "stat",
    "readdir", "opendir", "fdopendir", "getrandom", "thread")  # fmt: skip
# Where they could come from a full disk, the sentence says so.
TAKES_SPACE = WRITES + ("fdatasync", "fsync", "ftruncate", "truncate", "mkdir", "mkdirat",
                        "mkdtemp", "link", "rename", "renameat", "renameat2")  # fmt: skip


def errors_of(function):
    if function == "thread":
        return ["EAGAIN"]
    some = ["EIO", "ENOSPC", "EDQUOT", "EMFILE"]
    if function in INTERRUPTED:
        some.append("EINTR")
    if function in READS + WRITES:
        some.append("short")
    return some


def all_cases(bench, seed):
    """Round and round the pairs (command, function), each with its cases shuffled."""
    piles = []
    for command in bench.commands:
        for function in FUNCTIONS:
            pile = [(command, function, n, error, mode)
                    for n in range(1, command.counts[function] + 1)
                    for error in errors_of(function)
                    for mode in ("once", "sticky")]  # fmt: skip
            random.Random(f"{seed}:{command.name}:{function}").shuffle(pile)
            if pile:
                piles.append(pile)
    random.Random(seed).shuffle(piles)
    cases = []
    for depth in range(max(map(len, piles))):
        cases += [pile[depth] for pile in piles if depth < len(pile)]
    return cases


def setup(c):
    c.bench = Bench(c)
    c.bench.count(c)
    c.cases = all_cases(c.bench, c.seed)
    if c.control:  # writes of commands that write
        c.cases = [(k, f, n, "lie", "once") for k, f, n, _, mode in c.cases
                   if k.writes and f in WRITES]  # fmt: skip
    c.limit = len(c.cases)
    c.count("cases", c.limit)


def may_fail(function, error, mode):
    """After these the command may fail with 3, the store as it was (docs/reliability.md has the
    reasons). LMDB does not go on writing; opening is tried again, but it reads two headers each
    time, and of one that comes by halves for ever, or interrupted every second time, it never gets
    both. Opening and closing is interrupted by network file systems alone, and whether what was
    written arrived is not known then."""
    if error == "short":
        return function in ("pwrite", "writev") or (function, mode) == ("pread", "sticky")
    return error == "EINTR" and (function in ("open", "openat", "close", "pwrite", "writev") or
                                 (function, mode) == ("pread", "sticky"))  # fmt: skip


def one(c, i, rng):
    command, function, n, error, mode = c.cases[i]
    got = c.bench.run(c, command, fault=f"{function}:{n}:{error}:{mode}")
    whole = error in ("EINTR", "short") and not may_fail(function, error, mode)
    full = error in ("ENOSPC", "EDQUOT") and function in TAKES_SPACE
    c.bench.judge(c, got, whole=whole, words=rb"disk full|no space" if full else None)
    c.count(error)


if __name__ == "__main__":
    main("ioerror", __doc__, one, ci_runs=600, setup=setup)
