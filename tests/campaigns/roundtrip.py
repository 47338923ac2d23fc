#!/usr/bin/env python3
"""Byte for byte: whatever crawls went in, in whatever way, come out as they were.

Each run makes crawls of its own, takes them in from folders, a tar or standard input, in one
go or in pieces, and compares every file of every export with the original. The planted fault
is a byte changed in one exported file."""

import os
import subprocess
import sys
import tarfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from kit import main


def sillok(c, *args, stdin=None):
    return subprocess.run([c.program, "-s", c.path("store"), *args], stdin=stdin,
                          capture_output=True, timeout=600)  # fmt: skip


def files_below(folder):
    found = {}
    for at, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(at, name)
            with open(path, "rb") as f:
                found[os.path.relpath(path, folder)] = f.read()
    return found


def take_in(c, rng, crawl):
    folder = c.path("in", crawl)
    way = rng.choice(("folder", "tar.gz", "stdin"))
    c.count(way)
    if way == "folder":
        return sillok(c, "ingest", "--crawl", crawl, folder)
    name = c.path(crawl + ".tar.gz")
    with tarfile.open(name, "w:gz" if way == "tar.gz" else "w") as tar:
        # A folder called like the archive does not count; standard input has no name.
        tar.add(folder, arcname="." if way == "stdin" else rng.choice((".", crawl)))
    if way == "tar.gz":
        return sillok(c, "ingest", "--crawl", crawl, name)
    with open(name, "rb") as f:
        return sillok(c, "ingest", "--crawl", crawl, "-", stdin=f)


def one(c, i, rng):
    made = subprocess.run(
        [c.tool("tools/sample/sillok-sample"), "--seed", str(rng.randrange(1 << 30)), "--articles",
         str(rng.choice((30, 200, 600))), "--crawls", "3", c.path("in")],
        capture_output=True)  # fmt: skip
    if made.returncode:
        raise RuntimeError(made.stderr.decode())
    crawls = [f"crawl-{k}" for k in range(3)]
    rng.shuffle(crawls)
    for crawl in crawls + crawls[: rng.randrange(2)]:
        r = take_in(c, rng, crawl)
        if r.returncode:
            c.bad(f"ingest of {crawl}: exit {r.returncode}: {r.stderr.decode()}")
            return
    os.mkdir(c.path("out"))
    for crawl in crawls:
        r = sillok(c, "export", "--crawl", crawl, c.path("out", crawl))
        want, got = files_below(c.path("in", crawl)), files_below(c.path("out", crawl))
        if c.control:
            name = next(iter(got))
            got[name] = bytes([got[name][0] ^ 1]) + got[name][1:]
        c.count("files", len(want))
        if r.returncode or want != got:
            wrong = [n for n in want.keys() | got.keys() if want.get(n) != got.get(n)]
            c.bad(f"export of {crawl}: exit {r.returncode}, {len(wrong)} files differ: {wrong[:3]}")
    r = sillok(c, "verify")
    if r.returncode:
        c.bad(f"verify: exit {r.returncode}: {r.stdout.decode()}")


if __name__ == "__main__":
    main("roundtrip", __doc__, one, ci_runs=8)
