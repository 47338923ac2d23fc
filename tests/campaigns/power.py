#!/usr/bin/env python3
"""Power cuts: of what was not synced, anything may be missing, torn or out of order.

Each command that writes runs once under strace, which gives every write with its bytes, every
sync and every report on standard output, in their order. A run of the campaign makes a state
that a disk could be in when the power goes at some point of that log, and asks the store for
everything (crashkit.py):

 1. what a completed fsync, fdatasync or O_DSYNC write covers is there;
 2. of the other writes any subset is, each whole or with any of its sectors of 512 bytes;
 3. of creations, renames and removals whose folder was not synced any subset is there, a
    rename wholly or not at all. A synced file does not bring its name with it;
 4. a write within one sector is atomic, as LMDB takes it to be for its 120 bytes of meta page.
    One run in 25 breaks that too: those are counted as torn_*, and only may not crash;
 5. lock files (*-lock) are written through maps, which no log shows: they are as the log of
    their sizes says, as after the whole run, or missing.

The planted fault is a log without its syncs, of which at least half of the states must be bad."""

import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import crashkit
from kit import Skip, main

SECTOR = 512
CALLS = ("openat open creat write pwrite64 writev pwritev pwritev2 lseek ftruncate truncate "
         "fallocate fsync fdatasync sync syncfs msync sync_file_range rename renameat renameat2 "
         "link linkat symlink symlinkat unlink unlinkat rmdir mkdir mkdirat mmap "
         "copy_file_range sendfile splice").split()  # fmt: skip
UNKNOWN = "symlink symlinkat copy_file_range sendfile splice creat open".split()


# --- the log ------------------------------------------------------------------------------


class Node:
    """A file or folder, whatever it is called. Before the log began it held `base`, a folder
    `base` as {name: Node}."""

    def __init__(self, is_folder, base=None):
        self.is_folder, self.base = is_folder, base if base is not None else (
            {} if is_folder else b"")  # fmt: skip
        self.entries = dict(self.base) if is_folder else None  # while the log is read
        self.size = 0 if is_folder else len(self.base)


class Op:
    """One step. kind: 'data' (node, at, bytes, durable at once), 'size' (node, length),
    'names' (changes: [(folder, name, Node or None)]), 'sync' (node; None: all), 'said' (bytes)."""

    def __init__(self, kind, node=None, at=0, data=b"", durable=False, changes=()):
        self.kind, self.node, self.at, self.data = kind, node, at, data
        self.durable, self.changes = durable, list(changes)

    def nodes(self):
        return [f for f, _, _ in self.changes] if self.kind == "names" else [self.node]


def load(path):
    if not os.path.isdir(path):
        with open(path, "rb") as f:
            return Node(False, f.read())
    return Node(True, {n: load(os.path.join(path, n)) for n in os.listdir(path)})


STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
FD = re.compile(r"^(-?\w+)<((?:\\x[0-9a-f]{2})*)>")


def unhex(text):
    return bytes.fromhex(text.replace("\\x", ""))


class Log:
    """Reads the lines of strace -y -v -xx into ops on the nodes below `root`."""

    def __init__(self, root, stdout):
        self.root, self.stdout = os.path.realpath(root), os.path.realpath(stdout)
        self.top = load(self.root)
        self.ops, self.at, self.dsync = [], {}, set()

    def relative(self, path):
        if path != self.root and not path.startswith(self.root + "/"):
            return None
        return [p for p in path[len(self.root) :].split("/") if p]

    def find(self, path):
        parts = self.relative(os.path.normpath(path))
        node = None if parts is None else self.top
        for p in parts or []:
            node = node.entries.get(p) if node and node.is_folder else None
        return node

    def parent(self, path):
        path = os.path.normpath(path)
        if not self.relative(path):
            return None, None
        return self.find(os.path.dirname(path)), os.path.basename(path)

    def add(self, *args, **more):
        self.ops.append(Op(*args, **more))

    def names(self, *changes):
        for folder, name, node in changes:
            if node is None:
                folder.entries.pop(name, None)
            else:
                folder.entries[name] = node
        self.add("names", changes=changes)

    def read(self, path):
        waiting = {}
        with open(path) as f:
            for line in f:
                thread, _, rest = line.rstrip("\n").partition(" ")
                rest = rest.lstrip()
                if rest.endswith("<unfinished ...>"):
                    waiting[thread] = rest[: -len("<unfinished ...>")]
                    continue
                if m := re.match(r"<\.\.\. \w+ resumed>(.*)", rest):
                    rest = waiting.pop(thread) + m[1]
                m = re.match(r"(\w+)\((.*)\) += (-?\d+|0x[0-9a-f]+)", rest)
                if m and not m[3].startswith("-"):
                    self.take(m[1], m[2], int(m[3], 0), rest)

    def take(self, call, args, result, line):
        m = FD.match(args)
        fd, fd_path = (m[1], unhex(m[2]).decode()) if m else (None, None)
        # Paths, each below the folder that stands before it.
        paths, base = [], fd_path or "/"
        for part in re.finditer(r'(?:<((?:\\x[0-9a-f]{2})*)>, )?"((?:\\x[0-9a-f]{2})*)"', args):
            if part[1] is not None:
                base = unhex(part[1]).decode()
            paths.append(os.path.join(base, os.fsdecode(unhex(part[2]))))
        if call in UNKNOWN and any(self.relative(p) is not None for p in (fd_path or "", *paths)):
            raise RuntimeError(f"a call that is not understood: {line[:200]}")
        if call == "mmap":
            self.take_map(args, line)
        elif call == "openat":
            self.take_open(args, paths[0], line)
        elif call in ("write", "pwrite64", "writev", "pwritev", "pwritev2"):
            self.take_write(call, fd, fd_path, args, result)
        elif call == "lseek":
            self.at[fd] = result
        elif call in ("ftruncate", "truncate"):
            node = self.find(fd_path or paths[0])
            if node:
                node.size = int(args.rsplit(", ", 1)[1])
                self.add("size", node, node.size)
        elif call == "fallocate":
            node = self.find(fd_path)
            _, mode, at, length = args.rsplit(", ", 3)
            if node and mode != "0":
                raise RuntimeError(f"a call that is not understood: {line[:200]}")
            if node and int(at) + int(length) > node.size:
                node.size = int(at) + int(length)
                self.add("size", node, node.size)
        elif call in ("fsync", "fdatasync"):
            if node := self.find(fd_path):
                self.add("sync", node)
        elif call in ("sync", "syncfs"):
            self.add("sync", None)
        elif call.startswith("rename"):
            (f1, n1), (f2, n2) = self.parent(paths[0]), self.parent(paths[1])
            if f1 and f2:
                self.names((f1, n1, None), (f2, n2, f1.entries[n1]))
        elif call.startswith("link"):
            f2, n2 = self.parent(paths[1])
            if f2:
                self.names((f2, n2, self.find(paths[0])))
        elif call in ("unlink", "unlinkat", "rmdir"):
            f, n = self.parent(paths[0])
            if f:
                self.names((f, n, None))
        elif call in ("mkdir", "mkdirat"):
            f, n = self.parent(paths[0])
            if f:
                self.names((f, n, Node(True)))

    def take_map(self, args, line):
        if "MAP_SHARED" not in args or "PROT_WRITE" not in args:
            return
        m = re.search(r"<((?:\\x[0-9a-f]{2})*)>", args)
        path = unhex(m[1]).decode() if m else ""
        if self.relative(path) is not None and not path.endswith("-lock"):
            raise RuntimeError(f"written through a map, which no log shows: {path}")

    def take_open(self, args, path, line):
        m = re.search(r" = (\d+)<", line)
        self.at[m[1]] = 0
        self.dsync.discard(m[1])
        if "O_DSYNC" in args or "O_SYNC" in args:
            self.dsync.add(m[1])
        node, (folder, name) = self.find(path), self.parent(path)
        if node is None and folder is not None and "O_CREAT" in args:
            self.names((folder, name, Node(False)))
        elif node and "O_TRUNC" in args:
            node.size = 0
            self.add("size", node, 0)
        if node and "O_APPEND" in args:
            self.at[m[1]] = node.size

    def take_write(self, call, fd, fd_path, args, result):
        data = b"".join(unhex(s) for s in STRING.findall(args))[:result]
        if fd_path == self.stdout:
            self.add("said", data=data)
            return
        node = self.find(fd_path)
        if node is None:
            return
        if len(data) != result:
            raise RuntimeError(f"{call} of {result} bytes, {len(data)} in the log")
        if call.startswith("pwrite"):
            at = int(args.split(", ")[-2 if call == "pwritev2" else -1])
        else:
            at = self.at.get(fd, 0)
            self.at[fd] = at + result
        node.size = max(node.size, at + result)
        self.add("data", node, at, data, fd in self.dsync)


def record(c, scene):
    """The log of one whole run, or None where the scene does not work here."""
    root = os.path.join(c.base, "log", scene.name)
    os.makedirs(root)
    start = os.path.join(c.base, "start", scene.name)
    os.makedirs(start)
    scene.start_from(c, start)
    trace = os.path.join(c.base, "trace")
    wrap = ["strace", "-f", "-y", "-v", "-xx", "-s", "100000000", "-e", "trace=" + ",".join(CALLS),
            "-qq", "-o", trace]  # fmt: skip
    if crashkit.undisturbed(c, scene, wrap, keep=root) is None:
        return None
    log = Log(root, os.path.join(c.base, "stdout." + scene.name))
    log.top = load(start)
    log.read(trace)
    os.unlink(trace)
    log.locks = {}
    for name, data in crashkit.files_below(root).items():
        if name.endswith("-lock"):
            log.locks[os.path.basename(name)] = data
    return log


# --- a state ------------------------------------------------------------------------------


def is_durable(ops, i, cut):
    op = ops[i]
    if op.durable:
        return True
    mine = op.nodes()
    return any(o.kind == "sync" and (o.node is None or any(o.node is n for n in mine))
               for o in ops[i + 1 : cut])  # fmt: skip


def survivors(c, log, cut, rng):
    """The ops that reached the disk before the cut, in order; with those of one write torn."""
    ops = log.ops
    begun = [i for i in range(min(cut + 1, len(ops))) if ops[i].kind in ("data", "size", "names")]
    way = rng.choice(("none", "all", "first", "random", "random", "but one"))
    pending = [i for i in begun if i == cut or c.control or not is_durable(ops, i, cut)]
    if way == "none":
        lost = set(pending)
    elif way == "all":
        lost = set()
    elif way == "first":
        lost = set(pending[rng.randrange(len(pending) + 1) :])
    elif way == "random":
        p = rng.choice((0.1, 0.5, 0.9))
        lost = {i for i in pending if rng.random() < p}
    else:
        lost = {rng.choice(pending)} if pending else set()
    tears = rng.random() < 0.5
    pending = set(pending)
    return [(ops[i], tears and i in pending) for i in begun if i not in lost]


def write_torn(content, op, rng, within):
    """Some of the sectors of a write; within: not even a sector is atomic."""
    end = op.at + len(op.data)
    if len(content) < end and rng.random() < 0.5:
        content.extend(bytes(end - len(content)))  # the new length was there, the bytes not
    if within and op.at // SECTOR == (end - 1) // SECTOR:
        keep = rng.randrange(len(op.data))
        write(content, op.at, op.data[:keep])
        return
    p = rng.choice((0.2, 0.5, 0.8))
    for sector in range(op.at // SECTOR, (end - 1) // SECTOR + 1):
        if rng.random() < p:
            a, b = max(op.at, sector * SECTOR), min(end, (sector + 1) * SECTOR)
            write(content, a, op.data[a - op.at : b - op.at])


def write(content, at, data):
    if len(content) < at:
        content.extend(bytes(at - len(content)))
    content[at : at + len(data)] = data


def make_state(c, log, cut, rng, folder, tear_in_flight):
    """What the disk holds after a cut before op `cut`, as files below `folder`."""
    content, entries = {}, {}
    for op, torn in survivors(c, log, cut, rng):
        if op.kind == "names":
            for where, name, node in op.changes:
                held = entries.setdefault(where, dict(where.base))
                if node is None:
                    held.pop(name, None)
                else:
                    held[name] = node
            continue
        data = content.setdefault(op.node, bytearray(op.node.base))
        if op.kind == "size":
            del data[op.at :]
            data.extend(bytes(op.at - len(data)))
        elif torn:
            write_torn(data, op, rng, False)
        else:
            write(data, op.at, op.data)
    if tear_in_flight:
        op = log.ops[cut]
        data = content.setdefault(op.node, bytearray(op.node.base))
        write_torn(data, op, rng, True)
    put(log, log.top, content, entries, rng, folder)


def put(log, node, content, entries, rng, path):
    if not node.is_folder:
        data = content.get(node, node.base)
        if path.endswith("-lock"):
            way = rng.randrange(3)
            if way == 2:
                return
            data = log.locks.get(os.path.basename(path), data) if way else data
        with open(path, "wb") as f:
            f.write(data)
        return
    os.makedirs(path, exist_ok=True)
    for name, child in entries.get(node, node.base).items():
        put(log, child, content, entries, rng, os.path.join(path, name))


# --- the campaign -------------------------------------------------------------------------


def set_up(c):
    if not shutil.which("strace"):
        raise Skip("there is no strace")
    if subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], capture_output=True).returncode:
        raise Skip("strace may not trace here")
    crashkit.be_traced()
    crashkit.set_up(c, heavy=False)
    c.logs = {s.name: record(c, s) for s in c.scenes}
    c.scenes = [s for s in c.scenes if c.logs[s.name]]
    for log in c.logs.values():
        if log:
            c.count("log_steps", len(log.ops))


def one(c, i, rng):
    scene = c.scenes[i % len(c.scenes)]
    log = c.logs[scene.name]
    n = len(log.ops)
    said = [k for k in range(n) if log.ops[k].kind == "said"]
    # The planted fault shows where something has been promised.
    cut = rng.randint(said[0] + 1, n) if c.control and said else n if c.control else (
        rng.randint(0, n))  # fmt: skip
    tear = False
    if i % 25 == 24 and not c.control:
        meta = [k for k in range(n) if log.ops[k].kind == "data" and log.ops[k].durable]
        if tear := bool(meta):
            cut = rng.choice(meta)
    out = b"".join(log.ops[k].data for k in said if k < cut)
    at = c.path("at")
    make_state(c, log, cut, rng, at, tear)
    before = c.n_bad
    if tear:
        check_torn(c, at)
    else:
        crashkit.check(c, scene, at, out, finished=cut == n, lost_power=True)
    if c.n_bad > before and not c.control:
        print(f"power: that was {scene.name}, cut before step {cut} of {n}", file=sys.stderr)


def check_torn(c, at):
    """LMDB's own assumption does not hold: the answer counts, it must only be one."""
    if not os.path.exists(os.path.join(at, "store")):
        c.count("torn_none")
        return
    r = crashkit.sillok(c, os.path.join(at, "store"), "verify")
    c.count({0: "torn_sound", 4: "torn_damaged"}.get(r.returncode, "torn_other"))
    if r.returncode not in (0, 2, 4):
        c.bad(f"a torn meta page: verify: exit {r.returncode}: {r.stderr.decode()[-300:]}")


def finish(c):
    if c.control and c.index is not None and c.n_bad * 2 < c.index + 1:
        print(f"power: only {c.n_bad} of {c.index + 1} states without syncs were found bad",
              file=sys.stderr)  # fmt: skip
        c.n_bad = 0


if __name__ == "__main__":
    crashkit.on_fast_disk()
    main("power", __doc__, one, ci_runs=180, setup=set_up, finish=finish)
