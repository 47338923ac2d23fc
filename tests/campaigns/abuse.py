#!/usr/bin/env python3
"""Requests that no client sends, thrown at the server, and clients that stop in the middle.

Each run makes a store, puts secrets beside it and in it, starts the server and sends it hundreds of
requests, byte by byte: targets of parts, escapes and letters at random, odd methods and versions,
headers without end, lengths that contradict, bodies, several requests in one piece, some of it
late or never. Each answer is HTTP with a status of the server's table, and none has a secret in it.
A client with manners, between them, has its page in time. In the end the server has no more open
files than in the beginning and ends with 0. The planted fault is a secret that is served: it
stands in an article."""

import os
import random
import re
import signal
import socket
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from kit import Skip, main

REQUESTS, POLITE_EACH, POLITE_S = 400, 20, 2
WAIT_S, REST_S = 0.15, 0.03  # for an answer; for more of it, of a server that goes on listening
STATUSES = {100, 200, 302, 304, 400, 404, 405, 413, 414, 417, 421, 431, 501, 503, 505}
SECRET = b"geheim-7391"
ARTICLE = '{"oid":"001","aid":"%d","title":"%s","crawled_at":"2026-01-0%dT03:00:00Z","url":"https://' \
          'n.example.org/001/%d","body":"%s"}\n'  # fmt: skip

PARTS = ["", "/", "..", ".", "article", "001", "1.html", "1", "api", "log", "show", "changes", "changes/all.html",
         "feed.atom", "feed", "oid", "memento", "20260105030000", "timegate", "timemap", "link", "cdx",
         "search", "body", "file", "metrics", "style.css", "proof.key", "config.yaml", "data-1.mdb",
         "data.mdb", "etc", "passwd", "proc", "self", "environ", "https:", "n.example.org", "조선",
         "실록.html", "kind", "number.html", "publisher", "001.html", "A" * 3000]  # fmt: skip
ESCAPES = ["%2e%2e", "%2f", "%00", "%", "%zz", "%5c", "%c0%ae", "%ff", "%EC%8B%A4", "\\", "\t", "\x00", "#",
           ";", "%25", "%0d%0a", "\r\nX-Evil: 1\r\n"]  # fmt: skip
PARAMETERS = ["limit=1e18", "limit=-1", "limit=5", "limit=", "limit=501", "after=x", "from=2026-01-01",
              "from=yesterday", "kind=number", "kind=none", "all=1", "sort=x", "url=x", "url=",
              "output=json", "fl=digest", "x=y", "=", "&", "crawl=a..b", "oid=001", "%00=1",
              "q=" + "B" * 9000]  # fmt: skip
FIELDS = ["Host: x", "Content-Length: 0", "Content-Length: 5", "Content-Length: -1", "Content-Length: 99999999999999",
          "Transfer-Encoding: chunked", "Range: bytes=0-", "Expect: 100-continue", "Connection: close",
          "Connection: keep-alive", "Connection: upgrade", "If-None-Match: *", "If-None-Match: \"x\"",
          "If-Modified-Since: never", "Accept-Datetime: yesterday", "Authorization: Bearer x",
          "Accept-Datetime: Mon, 05 Jan 2026 03:00:00 GMT", "Cookie: " + "c" * 5000, ": empty",
          "No colon", "Bad\x01Name: 1", "Folded: a\r\n b", "X: \xff\xfe"]  # fmt: skip


def sillok(c, *args, stdin=None):
    r = subprocess.run([c.program, "-s", c.path("store"), *args], input=stdin, capture_output=True,
                       timeout=120)  # fmt: skip
    if r.returncode:
        raise RuntimeError(f"{args}: {r.stderr.decode()}")


# --- requests -----------------------------------------------------------------------------


def target(rng):
    text = "/".join(rng.choice(PARTS) for _ in range(rng.randrange(1, 7)))
    if rng.random() < 0.8:
        text = "/" + text
    for _ in range(rng.choice((0, 0, 1, 3))):
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice(ESCAPES) + text[at:]
    if rng.random() < 0.5:
        text += "?" + "&".join(rng.choice(PARAMETERS) for _ in range(rng.randrange(1, 4)))
    return text


def request(rng, port):
    method = rng.choice(["GET"] * 8 + ["HEAD", "POST", "PUT", "TRACE", "CONNECT", "get", "G" * 200, ""])
    version = rng.choice(["HTTP/1.1"] * 8 + ["HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/1.1 ", ""])
    fields = [rng.choice(FIELDS) for _ in range(rng.choice((0, 1, 2, 5)))]
    if rng.random() < 0.03:
        fields += [f"X-{n}: y" for n in range(1000)]
    if rng.random() < 0.8:
        fields.insert(0, f"Host: 127.0.0.1:{port}")
    end = rng.choice(["\r\n"] * 8 + ["\n", "\r", ""])
    text = end.join([" ".join((method, target(rng), version)), *fields]) + 2 * end
    if rng.random() < 0.1:
        text += rng.choice(("5\r\nhello\r\n0\r\n\r\n", "hello", "ffffffffffffffff\r\n", "z" * 70000))
    data = text.encode("utf-8", "surrogateescape")
    if rng.random() < 0.1:
        data = bytearray(data)
        for _ in range(rng.randrange(1, 6)):
            data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data)


def send(rng, port):
    """What comes back for one to three requests in one piece, of which the end may be missing."""
    data = b"".join(request(rng, port) for _ in range(rng.choice((1, 1, 1, 3))))
    stops = rng.random() < 0.1
    if stops:
        data = data[: rng.randrange(len(data))]
    got = b""
    with socket.create_connection(("127.0.0.1", port), timeout=3) as s:
        try:
            s.sendall(data)
            if not stops:
                s.shutdown(socket.SHUT_WR)
            s.settimeout(0.02 if stops else WAIT_S)
            while block := s.recv(1 << 16):
                got += block
                s.settimeout(REST_S)
        except OSError:
            pass  # closed on us, or nothing came: either will do
    return data, got


def polite(port, path="/changes/all.html"):
    with socket.create_connection(("127.0.0.1", port), timeout=POLITE_S) as s:
        s.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
        got = b""
        while block := s.recv(1 << 16):
            got += block
    return got


# --- a run --------------------------------------------------------------------------------


def fill(c):
    title = SECRET.decode() if c.control else "새 다리"
    for day in (5, 6):
        lines = "".join(ARTICLE % (n, f"{title} {n}", day, n, f"다리가 열렸다. {day}일에 3명이 왔다.")
                        for n in range(1, 4))  # fmt: skip
        sillok(c, "ingest", "-q", "--crawl", f"day-{day}", "-", stdin=lines.encode())
    sillok(c, "proof", "init", "--name", "abuse.example/log")
    for name in ("secret", "store/secret", "store/extra.yaml"):
        with open(c.path(name), "wb") as f:
            f.write(SECRET)


def check(c, data, got):
    if not got:
        c.count("closed")
        return
    lines = re.findall(rb"(?:\A|\r\n|>|\n)HTTP/1\.[01] (\d{3}) [A-Z]", got)  # one behind the other
    if not re.match(rb"HTTP/1\.[01] \d{3} ", got) or not all(int(n) in STATUSES for n in lines):
        c.bad(f"{data[:200]!r}: {got[:100]!r}")
        return
    for status in lines:
        c.count(status.decode())
    if SECRET in got or b"PRIVATE+KEY" in got or b"root:x:" in got:
        c.bad(f"{data[:200]!r}: a secret")
    if b"\r\nX-Evil:" in got:
        c.bad(f"{data[:200]!r}: a header of the client's")


def one(c, i, rng):
    fill(c)
    server = subprocess.Popen([c.program, "-s", c.path("store"), "serve", "--port", "0"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
    line = server.stdout.readline()
    if not line:
        why = server.communicate()[1].decode()
        raise Skip("there is no libmicrohttpd") if "libmicrohttpd" in why else RuntimeError(why)
    port = int(line.strip().rsplit(b":", 1)[1])
    polite(port)
    files = len(os.listdir(f"/proc/{server.pid}/fd"))
    try:
        for n in range(REQUESTS):
            try:
                data, got = send(rng, port)
            except OSError as why:  # nobody listens, or nobody takes the connection
                c.bad(f"request {n}: {why}; the server: {server.poll()}")
                break
            check(c, data, got)
            if n % POLITE_EACH:
                continue
            try:
                got = polite(port)
                if not got.startswith(b"HTTP/1.1 200 ") or b"</html>" not in got:
                    c.bad(f"after {data[:200]!r}: the next client has {got[:100]!r}")
                check(c, b"a client with manners", got)
            except OSError as why:
                c.bad(f"after {data[:200]!r}: the next client has nothing: {why}")
        time.sleep(0.2)
        left = len(os.listdir(f"/proc/{server.pid}/fd"))
        if left > files:
            time.sleep(11)  # what a client left open is shut after ten seconds
            left = len(os.listdir(f"/proc/{server.pid}/fd"))
        if left > files:
            c.bad(f"{left} files are open, {files} were")
    except FileNotFoundError:
        c.bad("the server is gone")
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            err = server.communicate(timeout=30)[1]
        except subprocess.TimeoutExpired:
            server.kill()
            err = server.communicate()[1]
    if server.returncode:
        c.bad(f"the server ended with {server.returncode}: {err[-300:]!r}")


if __name__ == "__main__":
    main("abuse", __doc__, one, ci_runs=1)
