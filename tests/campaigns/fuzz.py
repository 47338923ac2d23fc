#!/usr/bin/env python3
"""Fuzzing: no bytes from outside crash a reader, and what is read is given back.

Each run takes one target of tests/fuzz/ and gives it a few thousand inputs that are made from
its corpus by a mutator of our own; that needs no other compiler. With --budget, where clang
and its libFuzzer are there, each run is libFuzzer for a while instead (ASan and UBSan), and
what it learned stays in build-fuzz/corpus. The planted fault makes every comparison of the
oracle wrong."""

import os
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from kit import Skip, main

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TARGETS = sorted(os.listdir(os.path.join(HERE, "fuzz", "corpus")))
INPUTS = 2000  # a run
SLOW = {"archive": 200, "ref": 1000, "store": 1000}
SECONDS = 60  # a run of libFuzzer


def seeds(name):
    return os.path.join(HERE, "fuzz", "corpus", name)


def words(name):
    path = os.path.join(HERE, "fuzz", name + ".dict")
    return path if os.path.exists(path) else None


def build_libfuzzer(c):
    """The folder of a build with libFuzzer; None where there is no clang for it."""
    clang = next((p for p in ("clang", "clang-14", "clang-15", "clang-16") if shutil.which(p)), None)
    if not clang:
        print("fuzz: there is no clang, so the mutator of our own goes on", file=sys.stderr)
        return None
    root = os.path.dirname(HERE)
    folder = os.path.join(root, "build-fuzz")
    if not os.path.exists(os.path.join(folder, "build.ninja")):
        made = subprocess.run(["meson", "setup", folder, root, "-Dfuzz=true", "-Dtests=false",
                               "-Db_lundef=false"], env={**os.environ, "CC": clang},
                              capture_output=True, text=True)  # fmt: skip
        if made.returncode:
            raise Skip(f"meson setup with {clang} failed: {made.stdout[-300:]}")
    made = subprocess.run(["ninja", "-C", folder, "fuzz"], capture_output=True, text=True)
    if made.returncode:
        raise Skip(f"the build with {clang} failed: {made.stdout[-300:]}")
    return folder


def setup(c):
    c.libfuzzer = build_libfuzzer(c) if c.budget and not c.control else None


def keep(c, name, target):
    """An input that ended a target, beside the build, where the next run does not remove it."""
    made = c.path(name)
    if not os.path.exists(made):
        return "it left no input"
    to = os.path.join(c.tools, f"crash-{target}-{c.seed}-{c.index}")
    shutil.copy(made, to)
    return "the input is " + to


def run_mutator(c, target, rng):
    n = SLOW.get(target, INPUTS)
    args = [c.tool("tests/fuzz/fuzz-" + target), "--mutate", str(rng.randrange(1 << 60)), str(n)]
    if words(target):
        args += ["--words", words(target)]
    if c.control:
        args.append("--plant")
    r = subprocess.run(args + [seeds(target)], cwd=c.folder, capture_output=True, timeout=300)
    if r.returncode:
        c.bad(f"{target}: {r.stderr.decode(errors='replace')[:300]}"
              + ("" if c.control else keep(c, "crash-fuzz-" + target, target)))  # fmt: skip
    else:
        c.count(target, int(r.stdout.split()[-2]))
        c.count("inputs", int(r.stdout.split()[-2]))


def run_libfuzzer(c, target, rng):
    learned = os.path.join(c.libfuzzer, "corpus", target)
    os.makedirs(learned, exist_ok=True)
    args = [os.path.join(c.libfuzzer, "tests", "fuzz", "fuzz-" + target), "-max_len=2000",
            "-timeout=10", "-print_final_stats=1", f"-seed={rng.randrange(1, 1 << 31)}",
            f"-max_total_time={SECONDS}", "-artifact_prefix=" + c.path("crash-")]  # fmt: skip
    if words(target):
        args.append("-dict=" + words(target))
    r = subprocess.run(args + [learned, seeds(target)], cwd=c.folder, capture_output=True)
    for line in r.stderr.decode(errors="replace").splitlines():
        if line.startswith("stat::number_of_executed_units:"):
            c.count(target, int(line.split()[-1]))
            c.count("inputs", int(line.split()[-1]))
    if r.returncode:
        left = [f for f in os.listdir(c.folder) if f.startswith("crash-")]
        c.bad(f"{target}: {r.stderr.decode(errors='replace')[-600:]}"
              + (keep(c, left[0], target) if left else ""))  # fmt: skip


def one(c, i, rng):
    target = TARGETS[i % len(TARGETS)]
    (run_libfuzzer if c.libfuzzer else run_mutator)(c, target, rng)


if __name__ == "__main__":
    main("fuzz", __doc__, one, ci_runs=2 * len(TARGETS), setup=setup)
