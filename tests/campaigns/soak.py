#!/usr/bin/env python3
"""For as long as a newsroom's week: crawl after crawl comes in while a server answers.

Run i has 20 * (i + 1) crawls of made-up articles. While each is taken in, four clients ask the
server for pages, JSON, feeds, mementos and CDX, and for what is wrong; then they ask the same
again and again of the store as it is at the end. Every answer has the status that it must have;
503, which says that the server is busy, is counted. The server keeps neither open files, which are
counted after the first crawl and the last, nor memory: what it has of its own after the last of the equal rounds is
at most 5 % more than after the second, and at most a quarter more than what a server has that was
started for them alone. The store is sound, and at most a tenth larger than one that took the same
crawls in with nobody asking. The planted fault is to compare with a store that has half of the
crawls."""

import contextlib
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from kit import Skip, main

ARTICLES, CRAWLS, CLIENTS, REQUESTS = 200, 20, 4, 60
WARM_ROUNDS, EQUAL_ROUNDS = 6, 13
DRIFT, OLDER, LARGER = 1.05, 1.25, 1.1


def sillok(c, store, *args, **more):
    return subprocess.run([c.program, "-s", store, *args], capture_output=True, timeout=600, **more)


def take_in(c, store, k):
    sample = [c.tool("tools/sample/sillok-sample"), "--seed", str(c.seed), "--articles",
              str(ARTICLES), "--edit", "0.1", "--crawl", str(k), "--tar", "-"]  # fmt: skip
    with subprocess.Popen(sample, stdout=subprocess.PIPE) as tar:
        r = sillok(c, store, "ingest", "-q", "--wait=60", "--crawl", f"crawl-{k}", "-",
                   stdin=tar.stdout)  # fmt: skip
    if r.returncode or tar.returncode:
        c.bad(f"crawl {k}: exit {r.returncode}: {r.stderr.decode()[-300:]}")


# --- the server and those who ask it ------------------------------------------------------


class Server:
    def __init__(self, c, store):
        self.said = open(c.path("server.err"), "w+")  # not a pipe, which nobody would empty
        self.process = subprocess.Popen([c.program, "-s", store, "serve", "--port", "0"],
                                        stdout=subprocess.PIPE, stderr=self.said, text=True)  # fmt: skip
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            self.said.seek(0)
            why = self.said.read()
            if "libmicrohttpd" in why:
                raise Skip("there is no libmicrohttpd")
            raise RuntimeError(why)
        self.port = int(line.strip().rsplit(":", 1)[1])

    def holds(self):
        """Its open files, and its memory that is nobody else's, in kB."""
        with open(f"/proc/{self.process.pid}/status") as f:
            memory = next(int(line.split()[1]) for line in f if line.startswith("RssAnon"))
        return len(os.listdir(f"/proc/{self.process.pid}/fd")), memory

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()
        finally:
            self.said.close()


def questions(c, store):
    """What there is to ask: (target, statuses that are right)."""
    rows = [json.loads(r) for r in
            sillok(c, store, "export", "-f", "ndjson", "--crawl", "crawl-0").stdout.splitlines()]
    asked = [(t, {200}) for t in (
        "/", "/changes/all.html?limit=20", "/kinds.html", "/publishers.html", "/crawls.html",
        "/api/changes?limit=50", "/api/changes?kind=number&sort=significance", "/api/crawls",
        "/api/stats", "/api/publishers", "/feed.atom", "/metrics")]  # fmt: skip
    # What is not in the index is read, and may take longer than an answer may.
    asked += [(t, {200, 503}) for t in (
        "/find.html?q=%EC%8B%9C%EC%9E%A5&limit=5", "/api/find?q=%EC%8B%9C%EC%9E%A5&removed=1")]
    asked += [(t, {400, 404}) for t in (
        "/nothing", "/api/changes?limit=1e18", "/api/body/zz", "/article/../x", "/%zz",
        "/api/changes?unknown=1", "/cdx?url=", "/memento/2026/x")]  # fmt: skip
    for row in rows[::10]:
        name, url = f"{row['oid']}/{row['aid']}", row["url"]
        asked += [(f"/article/{name}.html", {200}), (f"/api/log/{name}", {200}),
                  (f"/api/show/{name}@1", {200}), (f"/file/{name}", {200}),
                  (f"/api/diff/{name}", {200}),
                  (f"/feed/article/{name}.atom", {200}), (f"/timegate/{url}", {302}),
                  (f"/timemap/link/{url}", {200}), (f"/cdx?url={url}", {200}),
                  (f"/api/body/{row['content_hash'][:16]}", {200})]  # fmt: skip
    return asked


class Crowd:
    """Clients with a connection each, which they begin anew when it was closed on them."""

    def __init__(self, c, server, asked):
        self.c, self.server, self.asked = c, server, asked
        self.lock = threading.Lock()
        self.times, self.wrong = [], []

    def ask(self, rng, n):
        link = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        for _ in range(n):
            target, right = rng.choice(self.asked)
            began = time.monotonic()
            try:
                link.request("GET", target)
                answer = link.getresponse()
                status = answer.status
                answer.read()
            except (http.client.HTTPException, OSError) as why:
                link.close()
                with self.lock:
                    self.wrong.append(f"{target}: no answer: {why!r}")
                continue
            with self.lock:
                self.times.append(time.monotonic() - began)
                self.c.count("answers")
                if status == 503:
                    self.c.count("busy")
                elif status not in right:
                    self.wrong.append(f"{target}: {status}")
        link.close()

    def come(self, seed):
        clients = [threading.Thread(target=self.ask, args=(random.Random(f"{seed}:{k}"), REQUESTS))
                   for k in range(CLIENTS)]  # fmt: skip
        for t in clients:
            t.start()
        return clients


def settle(server):
    """A connection that a client closed is the server's for a moment longer."""
    held = server.holds()
    for _ in range(50):
        time.sleep(0.02)
        before, held = held, server.holds()
        if before[0] == held[0]:
            break
    return held


# --- a run --------------------------------------------------------------------------------


def data_bytes(store):
    return sum(os.path.getsize(os.path.join(store, n)) for n in os.listdir(store)
               if n.startswith("data") and n.endswith(".mdb"))  # fmt: skip


def answer_equally(c, server, asked):
    """The same questions in each round: what is left of it is what is kept."""
    held = []
    for _ in range(EQUAL_ROUNDS):
        crowd = Crowd(c, server, asked)
        for t in crowd.come(c.seed):
            t.join()
        for what in crowd.wrong[:5]:
            c.bad(what)
        held.append(settle(server))
    # A heap is as large as it gets after some rounds: where large answers first came together.
    # What is kept stays in the next round too. A sanitizer keeps what was freed for a while.
    warm, last = held[WARM_ROUNDS - 1][1], min(held[-2][1], held[-1][1])
    if last > DRIFT * warm and not c.is_sanitized():
        c.bad(f"memory grows: {[m for _, m in held]} kB")
    if held[-1][0] > held[0][0]:
        c.bad(f"open files grow: {[n for n, _ in held]}")
    return held[-1][1]


def one(c, i, rng):
    store, alone = c.path("store"), c.path("alone")
    crawls = CRAWLS * (i + 1)
    take_in(c, store, 0)
    asked = questions(c, store)
    server = Server(c, store)
    try:
        times, files = [], 0
        for k in range(1, crawls):
            crowd = Crowd(c, server, asked)
            clients = crowd.come(f"{c.seed}:{i}:{k}")
            take_in(c, store, k)
            for t in clients:
                t.join()
            times += crowd.times
            now = settle(server)[0]
            files = files or now
            for what in crowd.wrong[:5]:
                c.bad(f"beside crawl {k}: {what}")
        if now > files:
            c.bad(f"open files: {files} after one crawl, {now} after all")
        times.sort()
        c.counts["p99_ms"] = round(1000 * times[int(0.99 * len(times))], 1)
        old = answer_equally(c, server, asked)
    finally:
        code = server.stop()
    fresh = Server(c, store)
    try:
        new = answer_equally(c, fresh, asked)
    finally:
        code = code or fresh.stop()
    if code:
        c.bad(f"the server ended with {code}")
    c.counts["anon_kb"], c.counts["fresh_kb"] = old, new
    if old > OLDER * new and not c.is_sanitized():
        c.bad(f"a server that was there all the time has {old} kB, a fresh one {new}")
    for k in range(crawls // 2 if c.control else crawls):
        take_in(c, alone, k)
    c.count("crawls", crawls)
    size, want = data_bytes(store), data_bytes(alone)
    c.counts["of_alone"] = round(size / want, 3)
    if size > LARGER * want:
        c.bad(f"{size} bytes, where {want} are enough")
    r = sillok(c, store, "verify")
    if r.returncode:
        c.bad(f"verify: exit {r.returncode}: {r.stdout.decode()[-300:]}")


if __name__ == "__main__":
    main("soak", __doc__, one, ci_runs=1)
