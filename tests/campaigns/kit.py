"""What the campaigns stand on: runs that can be replayed one by one, and one JSON line at the end.

A campaign is a file NAME.py beside this one:

    def one(c, i, rng): ...             run number i; c.bad(what) when it went wrong
    main("kill", __doc__, one, ci_runs=150)

 1. Run i depends on the seed and on i alone (its rng is made of both), so each failure is
    replayed with --seed N --only I. What it prints as a failure says that command.
 2. A campaign ends by --runs or by --budget, whichever comes first, or when c.limit is reached.
 3. With --control a fault is planted (c.control is set) that the campaign must find: then it
    fails when nothing was bad. A campaign that cannot fail proves nothing.
 4. The last line of stdout is {"name", "runs", "bad", "seconds", "cpu", "seed"}, and what the
    campaign counts besides (c.count); cpu is what it and all its programs took, user and system. Exit 0 as it should be, 1 not, 77 left out on this machine.
"""

import argparse
import json
import os
import random
import resource
import shutil
import sys
import tempfile
import time


class Skip(Exception):
    """This machine cannot do it; the words say why."""


class Campaign:
    def __init__(self, name, args):
        self.name = name
        self.program = os.path.abspath(args.program)
        self.tools = os.path.abspath(args.tools)  # the build folder
        self.seed = args.seed
        self.control = args.control
        self.budget = args.budget  # seconds, None when the number of runs is given
        self.keep = args.keep
        self.counts = {}
        self.n_bad = 0
        self.index = None
        self.folder = None
        self.limit = None  # set by setup(): so many runs are all there are

    def bad(self, what):
        """The run that is on went wrong."""
        self.n_bad += 1
        if self.n_bad <= 20 and not self.control:
            print(f"{self.name}: run {self.index}: {what}\n"
                  f"  again: tools/campaign {self.name} --seed {self.seed} --only {self.index}",
                  file=sys.stderr)  # fmt: skip

    def count(self, what, n=1):
        self.counts[what] = self.counts.get(what, 0) + n

    def path(self, *parts):
        """In the folder of the run, which is removed after it."""
        return os.path.join(self.folder, *parts)

    def is_sanitized(self):
        """Is the program built with AddressSanitizer?"""
        with open(self.program, "rb") as f:
            return b"__asan_" in f.read()

    def tool(self, name):
        """A program of the build folder, by its path below it."""
        path = os.path.join(self.tools, name)
        if not os.path.exists(path):
            raise Skip(f"{path} was not built")
        return path


def cpu_seconds():
    of = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in of)


def arguments(doc, ci_runs):
    p = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("--program", required=True, help="the sillok to be tried")
    p.add_argument("--tools", required=True, help="the build folder")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--runs", type=int, default=None, help=f"as many runs (CI: {ci_runs})")
    p.add_argument("--budget", type=float, default=None, help="as many seconds")
    p.add_argument("--only", type=int, default=None, help="this run alone")
    p.add_argument("--control", action="store_true", help="with a planted fault")
    p.add_argument("--keep", action="store_true", help="leave the folders of bad runs")
    args = p.parse_args()
    if args.runs is None and args.budget is None:
        args.runs = ci_runs
    return args


def main(name, doc, one, ci_runs, setup=None, finish=None):
    """`setup(c)` once before, in c.base, a folder that lasts; `finish(c)` once after."""
    args = arguments(doc, ci_runs)
    c = Campaign(name, args)
    began = time.monotonic()
    n = 0
    c.base = tempfile.mkdtemp(prefix=f"sillok-{name}.")
    try:
        if setup:
            setup(c)
        if c.limit is not None and (args.only or 0) >= c.limit:
            raise Skip(f"there are {c.limit} cases")
        while args.only is None or n == 0:
            if args.runs is not None and n >= args.runs or n == c.limit:
                break
            if args.budget is not None and time.monotonic() - began >= args.budget:
                break
            c.index = n if args.only is None else args.only
            c.folder = tempfile.mkdtemp(prefix=f"{c.index}.", dir=c.base)
            before = c.n_bad
            one(c, c.index, random.Random(f"{c.seed}:{c.index}"))
            n += 1
            if not (c.keep and c.n_bad > before):
                shutil.rmtree(c.folder, ignore_errors=True)
        if finish:
            finish(c)
    except Skip as why:
        print(f"{name}: left out: {why}", file=sys.stderr)
        sys.exit(77)
    finally:
        if c.keep and c.n_bad:
            print(f"{name}: the folder stays: {c.base}", file=sys.stderr)
        else:
            shutil.rmtree(c.base, ignore_errors=True)
    line = {"name": name, "runs": n, "bad": c.n_bad,
            "seconds": round(time.monotonic() - began, 1), "cpu": round(cpu_seconds(), 1),
            "seed": c.seed}  # fmt: skip
    if c.control:
        line["control"] = True
    line.update(c.counts)
    print(json.dumps(line))
    if n == 0:
        sys.exit(1)
    sys.exit(0 if (c.n_bad > 0) == c.control else 1)
