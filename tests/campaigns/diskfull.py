#!/usr/bin/env python3
"""Disks of every size: each command that writes, with room for so many pages and no more.

Each run gives a command a file system with K pages of 4 kB to spare (a tmpfs in a mount
namespace of its own), or a limit on the size of a file (RLIMIT_FSIZE). When it does not fit,
the command has to end with 3 and the words "disk full" (or name the limit), what was there
before is still there and verifies on the full disk, and once there is room the same command
succeeds. Without the right to mount there are only the limit and failing calls, and "mounted"
in the last line is false. The planted fault hides that a write failed."""

import ctypes
import os
import random
import sys

sys.dont_write_bytecode = True
here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(os.path.dirname(here), "faults")]

from commands import Bench
from kit import main

PAGE = 4096
ROOM = "size=256m"
CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
MS_REMOUNT, MS_REC, MS_PRIVATE, MNT_DETACH = 32, 0x4000, 1 << 18, 2
NAMES = ("init", "ingest-new", "ingest", "ingest-tar", "export", "export-tar", "report", "dups",
         "clusters", "config", "reindex", "compact", "backup", "salvage", "migrate")  # fmt: skip

libc = ctypes.CDLL(None, use_errno=True)


def mount(where, options, flags=0, kind=b"tmpfs"):
    data = options.encode() if options else None
    if libc.mount(b"none", where.encode(), kind, ctypes.c_ulong(flags), data) < 0:
        raise OSError(ctypes.get_errno(), f"cannot mount at {where}")


def may_mount(c):
    """From here on this process has mounts of its own, which end with it."""
    own = CLONE_NEWNS if os.getuid() == 0 else CLONE_NEWNS | CLONE_NEWUSER
    if libc.unshare(own) < 0:
        return False
    try:
        mount("/", None, MS_REC | MS_PRIVATE, None)
        where = os.path.join(c.base, "try")
        os.mkdir(where)
        mount(where, ROOM)
        libc.umount2(where.encode(), MNT_DETACH)
        return True
    except OSError:
        return False


def used(folder):
    v = os.statvfs(folder)
    return (v.f_blocks - v.f_bfree) * v.f_frsize // PAGE


def largest(folder):
    """In pages, of the files that the command made or changed."""
    sizes = [os.path.getsize(os.path.join(at, n)) for at, _, names in os.walk(folder)
             for n in names if not os.path.islink(os.path.join(at, n))]  # fmt: skip
    return max(sizes, default=0) // PAGE + 1


def growth(c, command):
    """Pages that it takes undisturbed, and those of the largest file."""
    c.folder = os.path.join(c.base, "measure")
    os.mkdir(c.folder)
    if c.mounted:
        mount(c.folder, ROOM)
    c.bench.prepare(command, c.folder)
    before = used(c.folder)
    c.bench.run(c, command, fresh=False)
    grown, large = used(c.folder) - before, largest(c.folder)
    if c.mounted:
        libc.umount2(c.folder.encode(), MNT_DETACH)
        os.rmdir(c.folder)
    else:
        os.rename(c.folder, os.path.join(c.base, "measured." + command.name))
    return max(grown, 1), large


def setup(c):
    c.mounted = may_mount(c)
    c.counts["mounted"] = c.mounted
    if not c.mounted:
        print("diskfull: no right to mount: limits and failing calls instead", file=sys.stderr)
    c.bench = Bench(c, articles=60)
    piles = []
    for command in c.bench.commands:
        if command.name not in NAMES:
            continue
        pages, large = growth(c, command)
        pile = [(command, "room", k) for k in range(pages + 3) if c.mounted]
        if not c.control:
            pile += [(command, "limit", k) for k in range(large + 1)]
        if not c.mounted:
            pile += [(command, "call", k) for k in range(1, 40)]
        random.Random(f"{c.seed}:{command.name}").shuffle(pile)
        piles.append(pile)
    c.cases = [pile[depth] for depth in range(max(map(len, piles)))
               for pile in piles if depth < len(pile)]  # fmt: skip
    c.limit = len(c.cases)
    c.count("cases", c.limit)


def in_room(c, command, k):
    mount(c.folder, ROOM)
    try:
        c.bench.prepare(command, c.folder)
        # The kernel counts the pages of folders and links as well, so: as many as are taken.
        mount(c.folder, f"size={(used(c.folder) + k) * PAGE}", MS_REMOUNT)
        fault = "writes:1:hide:sticky" if c.control else None
        got = c.bench.run(c, command, fresh=False, fault=fault)
        got.fault = f"{k} pages of room"
        c.bench.judge(c, got, words=rb"disk full",
                      free=lambda: mount(c.folder, ROOM, MS_REMOUNT))  # fmt: skip
    finally:
        libc.umount2(c.folder.encode(), MNT_DETACH)


def one(c, i, rng):
    command, how, k = c.cases[i]
    c.count(how)
    if how == "room":
        in_room(c, command, k)
    elif how == "limit":
        got = c.bench.run(c, command, limits={"RLIMIT_FSIZE": k * PAGE})
        c.bench.judge(c, got, words=rb"disk full|limit on file sizes|File too large")
    else:
        function = rng.choice(("pwrite", "write", "writev", "fdatasync", "fsync"))
        what = "hide" if c.control else rng.choice(("ENOSPC", "EDQUOT", "short"))
        got = c.bench.run(c, command, fault=f"{function}:{k}:{what}:sticky")
        c.bench.judge(c, got, words=None if what == "short" else rb"disk full")


if __name__ == "__main__":
    main("diskfull", __doc__, one, ci_runs=64, setup=setup)
