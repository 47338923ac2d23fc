#!/usr/bin/env python3
"""All at once on one store: ingests that wait for each other, readers, and a killer.

Each run takes a store with one crawl in it. Two or three ingests at a time, of different crawls
and of ones that overlap, and compact, wait for the lock and write; one of them is held in the middle of its
standard input, and whoever comes without --wait meanwhile has to be told its process number and
exit 5. Readers ask for log, changes, export, verify, find and dups all the while: no damage, no
signal, and of those that read the store alone no wait of more than 5 s. A killer ends some of
the ingests; they are run again. At the end every answer is that of a store which took the same
in one after the other. The planted fault is to compare with a store that lacks a crawl."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import crashkit
from kit import main

ARTICLES, CRAWLS, KILLS = 300, 5, 5
WAIT_S, HANG_S = 5, 120
FIRST = "crawl-0"
TO_COME = ["crawl-1", "crawl-1.tar", "crawl-2", "crawl-3.tar", "mixed"]
COMPACT = "compact"
HELD = "crawl-4"  # comes on standard input, half of it late
ALL = [FIRST, "crawl-1", "crawl-2", "crawl-3", HELD, "mixed"]


# --- what is taken in ---------------------------------------------------------------------


def make_crawls(c):
    subprocess.run([c.tool("tools/sample/sillok-sample"), "--seed", str(c.seed), "--articles",
                    str(ARTICLES), "--edit", "0.2", "--crawls", str(CRAWLS), c.crawls],
                   check=True, capture_output=True)  # fmt: skip
    # A crawl of its own that holds files of three others.
    mixed = os.path.join(c.crawls, "mixed")
    for of in (FIRST, "crawl-2", HELD):
        for at, _, names in os.walk(os.path.join(c.crawls, of)):
            to = os.path.join(mixed, os.path.relpath(at, os.path.join(c.crawls, of)))
            os.makedirs(to, exist_ok=True)
            for name in sorted(names)[::3]:
                shutil.copy2(os.path.join(at, name), os.path.join(to, name))
    for name in ("crawl-1", "crawl-3", HELD):
        subprocess.run(["tar", "-C", c.crawls, "-cf", f"{c.crawls}/{name}.tar", name], check=True)


def sure(c, store, *args, stdin=None):
    r = crashkit.sillok(c, store, *args, stdin=stdin)
    if r.returncode:
        raise RuntimeError(f"{args}: exit {r.returncode}: {r.stderr.decode()}")
    return r.stdout


def without_crawl(text):
    """Which of two crawls brought a file that both hold is a matter of who came first."""
    rows = []
    for line in text.decode().splitlines():
        row = json.loads(line)
        row.pop("crawl", None)
        rows.append(json.dumps(row, sort_keys=True))
    return rows


def answers(c, store):
    """What the store says, in the words that do not depend on the order of the ingests."""
    found = {"log " + a: without_crawl(sure(c, store, "log", "--json", a)) for a in c.articles}
    found["changes"] = without_crawl(sure(c, store, "changes", "--json"))
    found["rows"] = sorted(without_crawl(sure(c, store, "export", "-f", "ndjson")))
    crawls = [json.loads(line) for line in sure(c, store, "crawls", "--json").splitlines()]
    found["crawls"] = sorted((row["crawl"], row["files"]) for row in crawls)
    for name, _ in found["crawls"]:
        found["files of " + name] = crashkit.files_of_tar(
            sure(c, store, "export", "--crawl", name, "-"))  # fmt: skip
    return found


def set_up(c):
    c.crawls = os.path.join(c.base, "in")
    make_crawls(c)
    c.first, c.serial = os.path.join(c.base, "first"), os.path.join(c.base, "serial")
    sure(c, c.first, "ingest", "-q", os.path.join(c.crawls, FIRST))
    rows = sure(c, c.first, "export", "-f", "ndjson").splitlines()
    c.articles = ["{oid}/{aid}".format(**json.loads(row)) for row in rows[::ARTICLES // 5]]
    shutil.copytree(c.first, c.serial)
    for name in TO_COME:
        if not (c.control and name == "crawl-3.tar"):
            sure(c, c.serial, "ingest", "-q", os.path.join(c.crawls, name))
    sure(c, c.serial, "ingest", "-q", "--crawl", HELD, "-",
         stdin=os.path.join(c.crawls, HELD + ".tar"))  # fmt: skip
    c.expected = answers(c, c.serial)


# --- one process of many ------------------------------------------------------------------


def waited(pid, wall):
    """Seconds of `wall` in which the ended process neither worked nor stood in the queue for a
    processor: how busy the machine is does not count."""
    try:
        with open(f"/proc/{pid}/schedstat") as f:
            on, queued, _ = map(int, f.read().split())
        return wall - (on + queued) / 1e9
    except (OSError, ValueError):
        return wall


class Crowd:
    def __init__(self, c, rng, store):
        self.c, self.store = c, store
        self.rng = random.Random(rng.random())
        self.lock = threading.Lock()
        self.queue = TO_COME + 2 * [COMPACT]
        rng.shuffle(self.queue)
        self.ingests = {}  # pid: process, of those at work
        self.pids = set()  # of all there were
        self.kills = KILLS
        self.over = threading.Event()
        self.wrong = []

    def bad(self, what):
        with self.lock:
            self.wrong.append(what)

    def count(self, what):
        with self.lock:
            self.c.count(what)

    def start(self, *args, stdin=subprocess.DEVNULL):
        return subprocess.Popen([self.c.program, "-s", self.store, *args], stdin=stdin,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip

    def enter(self, p):
        with self.lock:
            self.ingests[p.pid] = p
            self.pids.add(p.pid)

    def leave(self, p, what, err):
        """Is it in? Else it was killed, which is what shall happen."""
        with self.lock:
            del self.ingests[p.pid]
        if p.returncode not in (0, -9):
            self.bad(f"{what}: exit {p.returncode}: {err.decode()[-300:]}")
        return p.returncode != -9

    def ingest_some(self):
        while True:
            with self.lock:
                what = self.queue.pop(0) if self.queue else None
            if not what:
                return
            verb = (["compact", "--level", "3"] if what == COMPACT else
                    ["ingest", "-j", "2", os.path.join(self.c.crawls, what)])  # fmt: skip
            p = self.start("-q", *verb, f"--wait={HANG_S}")
            self.enter(p)
            err = p.communicate()[1]
            if not self.leave(p, what, err):
                with self.lock:
                    self.queue.append(what)

    def ingest_held(self):
        """Half of a tar, and while the lock is held for the other half, others ask for it."""
        with open(os.path.join(self.c.crawls, HELD + ".tar"), "rb") as f:
            data = f.read()
        done = False
        while not done:
            p = self.start("ingest", "-q", f"--wait={HANG_S}", "--crawl", HELD, "-",
                           stdin=subprocess.PIPE)  # fmt: skip
            self.enter(p)
            try:
                p.stdin.write(data[:len(data) // 2])
                p.stdin.flush()
                self.ask_in_vain(p)
                p.stdin.write(data[len(data) // 2:])
            except BrokenPipeError:
                pass
            err = p.communicate()[1]
            done = self.leave(p, "standard input", err)

    def ask_in_vain(self, holder):
        """Until the lock is the holder's, it may be another's; the sentence names one of them."""
        began = time.monotonic()
        while holder.poll() is None and time.monotonic() - began < HANG_S:
            p = self.start("ingest", "-q", os.path.join(self.c.crawls, FIRST))
            with self.lock:
                self.pids.add(p.pid)
            err = p.communicate()[1].decode()
            if p.returncode == 0:
                continue
            named = re.search(r"busy: process (\d+) writes", err)
            if p.returncode != 5 or not named:
                self.bad(f"no ingest beside another: exit {p.returncode}: {err[-300:]}")
                return
            with self.lock:
                known = int(named[1]) in self.pids
            if not known:
                self.bad(f"busy with process {named[1]}, which is none of ours")
            self.count("busy")
            if int(named[1]) == holder.pid:
                self.count("holder_named")
                return

    def kill_some(self):
        while self.kills and not self.over.wait(self.rng.uniform(0.02, 0.5)):
            with self.lock:
                p = self.rng.choice(list(self.ingests.values())) if self.ingests else None
                if p and p.poll() is None:
                    p.kill()
                    self.kills -= 1
                    self.c.count("kills")

    def read(self, rng):
        article = rng.choice(self.c.articles)
        questions = [["log", article], ["changes", "--json"], ["export", "-f", "ndjson"],
                     ["export", "--crawl", FIRST, "-"], ["verify"], ["find", "the"],
                     ["dups", "--json"]]  # fmt: skip
        while not self.over.is_set():
            args = rng.choice(questions)
            began = time.monotonic()
            p = self.start(*args)
            timer = threading.Timer(HANG_S, p.kill)
            timer.start()
            out, err = p.stdout.read(), p.stderr.read()
            os.waitid(os.P_PID, p.pid, os.WEXITED | os.WNOWAIT)
            wait = waited(p.pid, time.monotonic() - began)
            p.communicate()
            timer.cancel()
            if p.returncode == 5 and b"compacted at this very moment" in err:
                self.count("asked_again")
                continue
            self.count("answers")
            # Before the second crawl is in, nothing has changed.
            may_be_empty = args[0] in ("dups", "find", "changes")
            if p.returncode != 0 or not (out or may_be_empty):
                self.bad(f"{args}: exit {p.returncode}: {err.decode()[-300:]}")
            elif wait > WAIT_S and args[0] not in ("dups", "find"):
                self.bad(f"{args}: waited {wait:.1f} s")


def one(c, i, rng):
    store = c.path("store")
    shutil.copytree(c.first, store)
    crowd = Crowd(c, rng, store)
    writers = [threading.Thread(target=crowd.ingest_some) for _ in range(rng.choice((1, 2)))]
    writers.append(threading.Thread(target=crowd.ingest_held))
    others = [threading.Thread(target=crowd.read, args=(random.Random(rng.random()),))
              for _ in range(3)]  # fmt: skip
    others.append(threading.Thread(target=crowd.kill_some))
    for t in writers + others:
        t.start()
    for t in writers:
        t.join()
    crowd.over.set()
    for t in others:
        t.join()
    for what in crowd.wrong[:5]:
        c.bad(what)
    r = crashkit.sillok(c, store, "verify")
    if r.returncode:
        c.bad(f"in the end: verify: exit {r.returncode}: {r.stdout.decode()[-300:]}")
        return
    found = answers(c, store)
    for what in sorted(set(found) | set(c.expected)):
        if found.get(what) != c.expected.get(what):
            c.bad(f"in the end: {what} is not what one ingest after the other gives")


def finish(c):
    if c.index > 2 and not (c.counts.get("kills") and c.counts.get("holder_named")):
        c.bad("nothing was killed, or nobody was told who writes: nothing was shown")


if __name__ == "__main__":
    crashkit.on_fast_disk()
    main("together", __doc__, one, ci_runs=4, setup=set_up, finish=finish)
