#!/usr/bin/env python3
"""Damage: whatever happens to a store's files, each command answers as before or says so.

Each run spoils a copy of a store: a flipped bit anywhere or in the head of a page, a page of
zeros, two pages in each other's place, a cut, an older copy put back, another store's file, or
a spoiled seal. One run in five does that to the log of proofs beside it. Then commands are asked: exit 4 with a sentence that says "damaged", or the very
answer of the whole store. One run in eight salvages what is left: every body that does not stand
on a spoiled page must come out, and the new store must verify. The planted fault is an answer
that was changed."""

import json
import os
import re
import shutil
import struct
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from kit import main

PAGE = 4096
LIMIT = 20  # seconds; a hang is a failure


def run(c, store, *args, stdin=None):
    """(exit code or None for a hang, stdout, stderr)"""
    p = subprocess.Popen([c.program, "-s", store, *args], stdin=stdin or subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
    try:
        out, err = p.communicate(timeout=LIMIT * (8 if c.sanitized else 1))
    except subprocess.TimeoutExpired:
        p.kill()
        p.communicate()
        return None, b"", b""
    return p.returncode, out, err.decode(errors="replace")


# --- where the bodies are: the pages of an LMDB 0.9 file ----------------------------------------


def meta(data):
    """(transaction, root of the table of tables) of the later header."""
    best = (-1, 0)
    for at in (0, PAGE):
        root, _, txn = struct.unpack_from("<QQQ", data, at + 16 + 112)
        best = max(best, (txn, root))
    return best


def nodes(data, page):
    """(flags of the page, [(key, flags, data or child)])"""
    at = page * PAGE
    flags, lower = struct.unpack_from("<HH", data, at + 10)
    found = []
    for i in range((lower - 16) // 2):
        (off,) = struct.unpack_from("<H", data, at + 16 + 2 * i)
        lo, hi, nflags, klen = struct.unpack_from("<HHHH", data, at + off)
        key = data[at + off + 8 : at + off + 8 + klen]
        value = data[at + off + 8 + klen : at + off + 8 + klen + (lo | hi << 16)]
        if flags & 1:
            value = lo | hi << 16 | nflags << 32
        elif nflags & 1:
            value = (struct.unpack_from("<Q", data, at + off + 8 + klen)[0], lo | hi << 16)
        found.append((key, nflags, value))
    return flags, found


def rows(data, page):
    """(key, value, pages that it stands on)"""
    flags, found = nodes(data, page)
    for key, nflags, value in found:
        if flags & 1:
            yield from rows(data, value)
        elif nflags & 1:
            first, n = value
            yield key, data[first * PAGE + 16 : first * PAGE + 16 + n], set(
                range(first, first + (n + 16 + PAGE - 1) // PAGE)) | {page}  # fmt: skip
        else:
            yield key, value, {page}


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def bodies(data):
    """hash -> pages that it cannot be read without"""
    tables = {key: struct.unpack_from("<Q", value, 40)[0]
              for key, value, _ in rows(data, meta(data)[1])}  # fmt: skip
    dicts = {int.from_bytes(k, "big"): p for k, _, p in rows(data, tables[b"dict"])
             } if tables[b"dict"] < 1 << 60 else {}  # fmt: skip
    known = {}
    for key, value, pages in rows(data, tables[b"body"]):
        if len(key) == 6:  # a part of the one before
            known[int.from_bytes(key[:5], "big")][3].update(pages)
            continue
        codec, digest = value[0] & 15, value[1:33]
        _, at = varint(value, 33)
        needs = varint(value, at)[0] if codec in (2, 3) else 0
        known[int.from_bytes(key, "big")] = (digest.hex(), codec, needs, pages)
    out = {}
    for digest, codec, needs, pages in known.values():
        all_pages = set(pages)
        if codec == 3:
            _, base_codec, base_needs, base_pages = known[needs]
            all_pages |= base_pages
            if base_codec == 2:
                all_pages |= dicts[base_needs]
        if codec == 2:
            all_pages |= dicts[needs]
        out[digest] = all_pages
    return out


# --- the stores ---------------------------------------------------------------------------------


class Files:
    """A file of the whole store with its seal, and those of the old store and the other one."""

    def __init__(self, c, name):
        def read(store, name):
            with open(os.path.join(store, name), "rb") as f:
                return f.read()

        self.name = name
        self.data, self.seal = read(c.whole, name), read(c.whole, name + "-seal")
        self.others = [read(s, name) for s in (c.old, c.other)]
        self.other_seals = [read(s, name + "-seal") for s in (c.old, c.other)]
        self.pages = len(self.data) // PAGE


def setup(c):
    c.sanitized = c.is_sanitized()
    made = subprocess.run([c.tool("tools/sample/sillok-sample"), "--articles", "260", "--crawls",
                           "3", os.path.join(c.base, "in")], capture_output=True)  # fmt: skip
    assert made.returncode == 0, made.stderr
    with open(os.path.join(c.base, "in", "crawl-1", "odd.md"), "w") as f:
        f.write("---\ntitle: 없는 것\n")
    c.whole = os.path.join(c.base, "whole")
    c.old = os.path.join(c.base, "old")
    c.other = os.path.join(c.base, "other")
    for store in (c.whole, c.other):
        run(c, store, "init")
        run(c, store, "proof", "init", "--name", "campaign.example/log")
    for k in range(3):
        run(c, c.whole, "ingest", os.path.join(c.base, "in", f"crawl-{k}"))
        if k == 1:
            shutil.copytree(c.whole, c.old)
    run(c, c.other, "ingest", os.path.join(c.base, "in", "crawl-0"))
    os.unlink(os.path.join(c.whole, "proof.key"))  # what is signed later is not asked about
    c.store = Files(c, "data.mdb")
    c.log = Files(c, "proof.mdb")
    c.bodies = bodies(c.store.data)
    code, out, _ = run(c, c.whole, "changes", "--json", "--limit", "1")
    change = json.loads(out)
    name = f"{change['oid']}/{change['aid']}"
    c.questions = [
        ("log", name), ("log", "--json", name), ("show", "--json", name), ("diff", name),
        ("show", name + "@1"), ("cat", change["from"]["content_hash"]), ("crawls", "--json"),
        ("changes", "--json"), ("changes", "--crawl", "crawl-0..crawl-2", "--all", "--json"),
        ("refused", "--json"), ("export", "--crawl", "crawl-1", "-"),
        ("export", "-f", "ndjson", "--crawl", "crawl-2"), ("export", "-f", "warc"),
        ("changes", "-p", "--json"), ("log", "999/0000000000"),
        ("stats", "--json"), ("verify",), ("verify", "--fast"), ("proof", "--json"),
        ("proof", "show", name), ("proof", "log", "--json"),
        ("proof", "since", os.path.join(c.old, "checkpoint")), ("proof", "checkpoint"),
    ]  # fmt: skip
    c.answers = {}
    for q in c.questions:
        code, out, err = run(c, c.whole, *q)
        assert code in (0, 1, 2), (q, code, err)
        c.answers[q] = (code, steady(q, out))
    if c.control:
        q = ("log", name)
        c.answers[q] = (c.answers[q][0], c.answers[q][1] + b"!")


def steady(q, out):
    """Without what differs from run to run."""
    if q[0] == "verify":
        return b"" if b"all is well" in out else out
    if q[0] == "stats":
        return re.sub(rb'"store": *"[^"]*"', b"", out)
    return out


def spoil(f, i, rng):
    """(data, seal, what was done, pages that were hit)"""
    data, seal = bytearray(f.data), bytearray(f.seal)
    how = ("bit", "bit", "head", "bit", "zero", "swap", "cut", "seal", "head", "other",
           "torn")[i % 11]  # fmt: skip
    page = rng.randrange(f.pages)
    at = rng.randrange(len(data))
    if how == "bit":
        data[at] ^= 1 << rng.randrange(8)
        return data, seal, f"bit of byte {at}", {at // PAGE}
    if how == "head":
        at = page * PAGE + rng.randrange(40 if page > 1 else 160)
        data[at] ^= 1 << rng.randrange(8)
        return data, seal, f"bit of byte {at}", {page}
    if how == "zero":
        data[page * PAGE : (page + 1) * PAGE] = bytes(PAGE)
        return data, seal, f"page {page} of zeros", {page}
    if how == "swap":
        other = rng.randrange(f.pages)
        a, b = data[page * PAGE : (page + 1) * PAGE], data[other * PAGE : (other + 1) * PAGE]
        data[page * PAGE : (page + 1) * PAGE] = b
        data[other * PAGE : (other + 1) * PAGE] = a
        return data, seal, f"pages {page} and {other} swapped", {page, other}
    if how == "cut":
        return data[: page * PAGE], seal, f"cut at page {page}", set(range(page, f.pages))
    if how == "torn":
        sector = rng.randrange(len(data) // 512)
        data[sector * 512 : (sector + 1) * 512] = rng.randbytes(512)
        return data, seal, f"sector {sector} overwritten", {sector * 512 // PAGE}
    if how == "seal":
        at = rng.randrange(len(seal))
        if rng.randrange(3):
            seal[at] ^= 1 << rng.randrange(8)
        else:
            del seal[at:]
        return data, seal, f"seal at byte {at} of {len(f.seal)}", set()
    k = rng.randrange(2)
    if rng.randrange(2):
        return data, bytearray(f.other_seals[k]), f"seal of another store ({k})", set()
    return bytearray(f.others[k]), seal, f"data of another store ({k})", set(range(f.pages))


def salvage(c, store, what, hit):
    new = c.path("salvaged")
    code, out, err = run(c, store, "salvage", new, "--json")
    c.count("salvaged")
    if code not in (0, 1):
        if hit and len(hit) > c.store.pages - 2:
            return  # nothing was left
        c.bad(f"{what}: salvage: exit {code}: {err.strip()}")
        return
    code, out, err = run(c, new, "verify")
    if code != 0:
        c.bad(f"{what}: the salvaged store does not verify: exit {code}: {out.decode()}{err}")
    code, out, err = run(c, new, "export", "-f", "ndjson")
    got = {json.loads(line)["content_hash"] for line in out.splitlines()}
    if os.path.isdir(os.path.join(new, "bodies")):
        got |= set(os.listdir(os.path.join(new, "bodies")))
    if hit == set(range(c.store.pages)):
        return  # another store's bodies
    want = {h for h, pages in c.bodies.items() if not pages & hit}
    c.count("bodies", len(want & got))
    if want - got:
        c.bad(f"{what}: {len(want - got)} bodies that are whole were not brought out")
    if got - c.bodies.keys():
        c.bad(f"{what}: {len(got - c.bodies.keys())} bodies that never were")


def put(c, store, spoiled, data, seal):
    for f in (c.store, c.log):
        for name, content in ((f.name, f.data), (f.name + "-seal", f.seal)):
            with open(os.path.join(store, name), "wb") as out:
                out.write((data if name == f.name else seal) if f is spoiled else content)


def one(c, i, rng):
    spoiled = c.log if i % 5 == 4 else c.store
    data, seal, what, hit = spoil(spoiled, i, rng)
    what = f"{spoiled.name}: {what}"
    store = c.path("store")
    os.mkdir(store)
    for name in ("format", "checkpoint"):
        shutil.copy(os.path.join(c.whole, name), store)
    put(c, store, spoiled, data, seal)
    questions = rng.sample(c.questions, 3)
    if c.control:
        questions[0] = next(q for q in c.questions if q[0] == "log")
    told = False
    for q in questions:
        code, out, err = run(c, store, *q)
        if code == 4:
            told = True
            if "damaged" not in err and b"damaged" not in out:
                c.bad(f"{what}: {q}: exit 4 without a word of damage: {err.strip()}")
        elif code is None:
            c.bad(f"{what}: {q}: hangs")
        elif code < 0:
            c.bad(f"{what}: {q}: ended by signal {-code}")
        elif (code, steady(q, out)) != c.answers[q]:
            c.bad(f"{what}: {q}: exit {code} and another answer: {err.strip()[:200]}")
    c.count("told" if told else "harmless")
    if i % 6 == 0:  # writing into it
        code, out, err = run(c, store, "ingest", "--crawl", "later",
                             os.path.join(c.base, "in", "crawl-2"))  # fmt: skip
        if code is None or code < 0 or code not in (0, 4):
            c.bad(f"{what}: ingest: exit {code}: {err.strip()[:200]}")
        if code == 0:
            code, out, err = run(c, store, "export", "--crawl", "crawl-1", "-")
            if code != 4 and (code, out) != c.answers[("export", "--crawl", "crawl-1", "-")]:
                c.bad(f"{what}: after an ingest: exit {code} and another answer")
        put(c, store, spoiled, data, seal)
    if i % 8 == 0:
        salvage(c, store, what, hit if spoiled is c.store else set())


if __name__ == "__main__":
    main("damage", __doc__, one, ci_runs=600, setup=setup)
