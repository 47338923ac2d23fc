"""Cases 59 to 68, as far as they are of the server: what comes over HTTP, and a store that goes
away under it. Requests are written by hand, byte for byte, because no library sends such ones."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import threading
import time

from kit import LATER, Failure, Skip, check, contains, crawl_file, equal, matches


class Server:
    """`sillok serve` on a port that was free; ended by SIGTERM, which has to be exit 0."""

    def __init__(self, c, *args, store=None, address="127.0.0.1"):
        self.c, self.address = c, address
        old, c.store = c.store, store or c.store
        self.process = c.start("serve", "--port", "0", *args, limit=60)
        c.store = old
        said = self.process.files[0]
        for _ in range(500):
            text = os.pread(said.fileno(), 200, 0).decode()
            if text.endswith("\n"):
                break
            time.sleep(0.02)
        if not text:
            os.kill(self.process.pid, signal.SIGTERM)
            words = c.finish(self.process).err
            if "libmicrohttpd" in words:
                raise Skip("there is no libmicrohttpd")
            raise Failure(f"no server: {words}")
        matches(text, rf"^http://{re.escape(address)}:\d+\n$", "the address")
        self.port = int(text.strip().rsplit(":", 1)[1])

    def connect(self, timeout=10):
        s = socket.create_connection((self.address, self.port), timeout=timeout)
        return s

    def send(self, data, timeout=10):
        """(status, head, body); status 0: it was closed without an answer."""
        if isinstance(data, str):
            data = data.encode()
        got = b""
        with self.connect(timeout) as s:
            with contextlib.suppress(ConnectionError):
                s.sendall(data)
            with contextlib.suppress(ConnectionError):
                while block := s.recv(1 << 16):
                    got += block
        head, _, body = got.partition(b"\r\n\r\n")
        words = head.split(b" ", 2)
        status = int(words[1]) if len(words) > 1 and words[0].startswith(b"HTTP/") else 0
        return status, head.decode("latin-1"), body

    def get(self, target, *fields, method="GET"):
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self.address}:{self.port}", *fields,
                 "Connection: close"]  # fmt: skip
        return self.send("\r\n".join(lines) + "\r\n\r\n")

    def status(self, target, want, *fields):
        got = self.get(target, *fields)
        equal(got[0], want, f"{target[:80]!r} {fields!r}"[:200])
        return got

    def stop(self, code=0):
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGTERM)
        result = self.c.finish(self.process)
        equal(result.code, code, f"the end of the server: {result.err}")
        return result


@contextlib.contextmanager
def serving(c, *args, **options):
    server = Server(c, *args, **options)
    try:
        yield server
    finally:  # a case that went well has ended it, and looked at how
        if server.process.returncode is None:
            server.process.kill()


def filled(c, name="a.md"):
    c.put(f"mon/{name}", crawl_file(aid="1"))
    c.put("tue/1.md", crawl_file(aid="1", at=LATER, body="다른 글이다. 2300명이 왔다."))
    c.ingest("mon", crawl="mon")
    c.ingest("tue", crawl="tue")


def case_59_paths_that_lead_out(c):
    filled(c)
    with serving(c) as s:
        for target in ("/../etc/passwd", "/article/../../etc/passwd", "/%2e%2e/etc/passwd",
                       "/a/%2E%2e%2fetc%2fpasswd", "/..%2f..%2fetc%2fpasswd", "//etc/passwd",
                       "/a//b", "/./style.css", "/style.css%00", "/style.css%00.html",
                       "/%00", "/\\..\\etc", "/a%5cb", "/%zz", "/%", "/%2", "/%c0%ae%c0%ae/",
                       "http://127.0.0.1/style.css"):  # fmt: skip
            code, _, body = s.get(target)
            check(code in (400, 404), f"{target}: {code}")
            check(b"root:" not in body and b"{" not in body.split(b"<h1>")[0], target)
        for target in ("/proc/self/environ", "/style.css/", "/STYLE.CSS", "/article/001/1",
                       "/article/001/1.htm", "/article/001/..html", "/article/~/1.html",
                       "/file/001/1/../../../etc/passwd", "/kind/none.html", "/.sillok/data.mdb",
                       "/data.mdb", "/format", "/proof.key"):  # fmt: skip
            check(s.get(target)[0] in (400, 404), target)
        code, head, body = s.get("/style.css")
        equal(code, 200, "the style sheet")
        contains(head, "Content-Type: text/css", "its type")
        equal(s.status("/style.css?x=1", 400)[0], 400, "a parameter that it does not have")
        s.stop()


def case_63_names_in_headers(c):
    evil = "이름 \"x\"\r\nX-Evil: 1\t;filename=y.md"
    filled(c, evil)
    with serving(c) as s:
        code, head, body = s.get("/file/001/1@1")
        equal(code, 200, "the file")
        equal(body, crawl_file(aid="1"), "its bytes")
        check("\nX-Evil" not in head, "a header that a name made")
        line = next(x for x in head.split("\r\n") if x.startswith("Content-Disposition: "))
        contains(line, 'filename="', "a plain name")
        contains(line, "filename*=UTF-8''%EC%9D%B4%EB%A6%84%20%22x%22%0D%0AX-Evil%3A%201%09", line)
        check(all(" " <= ch < "\x7f" for ch in line), f"a control character: {line!r}")
        # What a client sends does not come back in a header either.
        for target in ("/x%0d%0aX-Evil:%201", "/?after=%0d%0aX-Evil:%201",
                       "/timegate/http://e/%0d%0aX-Evil:1/001/1", "/memento/20260101000000/%0aX"):  # fmt: skip
            _, head, _ = s.get(target)
            check("X-Evil" not in head, f"{target}: {head}")
        s.stop()


def case_64_names_that_lead_here(c):
    filled(c)
    with serving(c) as s:
        port = s.port

        def host(value, path="/kinds.html", more=""):
            return s.send(f"GET {path} HTTP/1.1\r\n{value}{more}Connection: close\r\n\r\n")[0]

        for good in (f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}", f"LocalHost:{port}"):
            equal(host(f"Host: {good}\r\n"), 200, good)
        for bad in ("evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1:{port + 1}",
                    f"127.0.0.1.evil.example:{port}", f"127.0.0.1:{port}@evil.example", "", f"127.0.0.1:{port} "):  # fmt: skip
            check(host(f"Host: {bad}\r\n") in (421, 400) or bad.endswith(" "), bad)
        equal(host(""), 400, "no host")
        equal(host(f"Host: 127.0.0.1:{port}\r\nHost: evil\r\n"), 400, "two hosts")
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "FOO"):
            code, head, _ = s.get("/api/changes", method=method)
            equal(code, 405, method)
            contains(head, "Allow: GET, HEAD", method)
        # It listens on this machine alone.
        with open("/proc/net/tcp") as f:
            rows = [line.split() for line in f][1:]
        mine = [r[1] for r in rows if r[3] == "0A" and int(r[1].split(":")[1], 16) == port]
        equal(mine, [f"0100007F:{port:04X}"], "where it listens")
        s.stop()
    result = c.run("serve", "--port", "0", "--address", "0.0.0.0", code=2)
    contains(result.err, "it needs a token", "an address that others can reach")
    with serving(c, "--address", "127.0.0.2", address="127.0.0.2") as s:
        s.status("/kinds.html", 200)
        s.stop()
    token = c.put("token", b"geheim-123\n")
    with serving(c, "--token", os.fsdecode(token)) as s:
        s.status("/kinds.html", 401)
        s.status("/kinds.html", 401, "Authorization: Bearer geheim-12")
        s.status("/kinds.html", 401, "Authorization: Bearer geheim-1234")
        s.status("/kinds.html", 401, "Authorization: Basic YTpi")
        s.status("/kinds.html", 200, "Authorization: Bearer geheim-123")
        s.status("/kinds.html", 200, "Authorization: Basic YTpnZWhlaW0tMTIz")  # a:geheim-123
        s.stop()


def case_65_clients_that_drip(c):
    filled(c)
    with serving(c) as s:
        ended = threading.Event()

        def drip():
            while not ended.is_set():
                with contextlib.suppress(OSError), s.connect(5) as one:
                    one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
                    while not ended.wait(0.5):
                        one.sendall(b"X")

        for _ in range(200):
            threading.Thread(target=drip, daemon=True).start()
        time.sleep(1.5)
        times = []
        for _ in range(30):
            began = time.monotonic()
            s.status("/kinds.html", 200)
            times.append(time.monotonic() - began)
        ended.set()
        slow = sorted(times)[-3]
        check(c.sanitized or slow < 0.2, f"with 200 such clients an answer took {slow:.3f} s")
        # One alone has ten seconds.
        with s.connect(20) as one:
            began = time.monotonic()
            one.sendall(b"GET / HTTP/1.1\r\n")
            with contextlib.suppress(ConnectionError):
                while time.monotonic() - began < 20:
                    one.sendall(b"X")
                    time.sleep(0.2)
            took = time.monotonic() - began
            check(9 < took < 13, f"it was ended after {took:.1f} s")
        s.stop()


def case_66_requests_that_are_none(c):
    filled(c)
    with serving(c) as s:
        own = f"Host: 127.0.0.1:{s.port}\r\nConnection: close\r\n"

        def raw(head, want):
            got = s.send(head)[0]
            check(got in want, f"{head[:60]!r}: {got}, not one of {want}")

        raw(f"GET /{'a' * 16384} HTTP/1.1\r\n{own}\r\n", (414,))
        raw(f"GET /{'a' * 200000} HTTP/1.1\r\n{own}\r\n", (414,))
        raw(f"GET / HTTP/1.1\r\n{own}" + "".join(f"X-{i}: y\r\n" for i in range(1000)) + "\r\n", (431,))
        raw(f"GET / HTTP/1.1\r\n{own}X: {'y' * 100000}\r\n\r\n", (431,))
        raw(f"GET / HTTP/1.1\r\n{own}Content-Length: 0\r\nContent-Length: 0\r\n\r\n", (400,))
        raw(f"GET / HTTP/1.1\r\n{own}Content-Length: 1\r\nContent-Length: 2\r\n\r\na", (400,))
        raw(f"GET / HTTP/1.1\r\n{own}Content-Length: 5\r\n\r\nabcde", (400, 413))
        raw(f"GET / HTTP/1.1\r\n{own}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", (400, 413))
        for name in ("Content-Length ", "Content-Length\t", "Transfer-Encoding ", "Ho st"):
            raw(f"GET / HTTP/1.1\r\n{own}{name}: 5\r\n\r\nabcde", (400,))
        raw(f"TRACE / HTTP/1.1\r\n{own}\r\n", (405,))
        raw(f"CONNECT a:1 HTTP/1.1\r\n{own}\r\n", (405, 400))
        raw("GET /\r\n\r\n", (400, 505))
        raw(f"GET / HTTP/3.0\r\n{own}\r\n", (400, 505))
        raw("GARBAGE\r\n\r\n", (400, 405, 0))
        raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", (400, 0))
        code, _, body = s.get("/kinds.html", "Range: bytes=0-")
        equal(code, 200, "a range: all of it, which is an answer to that")
        raw(f"GET / HTTP/1.1\r\n{own}Range: bytes=" + ",".join(["0-1"] * 1000000) + "\r\n\r\n", (431, 416))
        for query in ("limit=1e18", "limit=-1", "limit=0", "limit=501", "limit=", "limit=1&limit=2",
                      "limit=99999999999999999999", "from=2026-02-01&to=2026-01-01", "from=never",
                      "crawl=mon", "crawl=..", "kind=none", "kind=", "kind=number,", "flag=", "all=yes", "sort=up", "nothing=1",
                      "after=nonsense", "&".join(f"a{i}=1" for i in range(100))):  # fmt: skip
            code, _, body = s.get(f"/api/changes?{query}")
            equal(code, 400, query[:60])
            check(json.loads(body)["error"], query[:60])
        for target in ("/?limit=501", "/cdx?url=x&limit=1e9", "/cdx", "/feed.atom?limit=-1", "/metrics?a=1",
                       "/cdx?url=x&from=2027&to=2026", "/cdx?url=x&fl=none", "/cdx?url=x&from=x"):  # fmt: skip
            s.status(target, 400)
        s.status("/api/changes?crawl=mon..nothing", 404)
        s.status("/api/show/001/99", 404)
        s.status("/api/show/nothing", 400)
        row = json.loads(s.get("/api/changes?limit=1")[2].splitlines()[0])
        known = f"{row['oid']}/{row['aid']}"
        for name, code in (("001/99", 404), ("nothing", 400), (f"{known}@99", 404),
                           (f"{known}@1..", 400), (f"{known}@1..99", 404), (f"{known}@1..1", 200),
                           (f"{known}@..1", 400), (f"{known}?context=1", 400)):  # fmt: skip
            s.status(f"/api/diff/{name}", code)
        s.status("/api/body/zz", 400)
        # Who asks for much and does not take it is not kept for ever, nor is what it asked for.
        for _ in range(80):
            one = s.connect()
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            one.sendall(f"GET /api/changes?limit=500 HTTP/1.1\r\nHost: 127.0.0.1:{s.port}\r\n\r\n".encode())
        # After all that it answers as ever.
        s.status("/api/changes?limit=500", 200)
        s.stop()


def case_68_store_that_goes_away(c):
    filled(c)

    def copy(name):
        path = os.path.join(c.folder, name)
        shutil.copytree(c.store, path)
        return path

    # Compacted: the next answer is from the new file.
    with serving(c, store=copy("compacted")) as s:
        before = s.status("/api/changes", 200)[2]
        c.run("-s", os.path.join(c.folder, "compacted"), "compact", store=False)
        equal(s.status("/api/changes", 200)[2], before, "after a compact")
        s.stop()
    # Another store's files over it, with another name of the data: not a compaction.
    foreign = os.path.join(c.folder, "foreign")
    c.put("fri/7.md", crawl_file(aid="7"))
    c.run("-s", foreign, "ingest", "--crawl", "fri", "fri", store=False)
    c.run("-s", foreign, "compact", store=False)
    path = copy("overwritten")
    with serving(c, store=path) as s:
        s.status("/api/crawls", 200)
        for name in os.listdir(foreign):
            shutil.copyfile(os.path.join(foreign, name), os.path.join(path, name))
        s.status("/api/crawls", 503)
        equal(c.finish(s.process).code, 4, "another store's files")
    # Gone, or another one in its place, whole or its file: 503, and the end with 4.
    other = os.path.join(c.folder, "other")
    c.put("wed/9.md", crawl_file(aid="9"))
    c.run("-s", other, "ingest", "--crawl", "wed", "wed", store=False)
    for what in ("folder", "data.mdb"):
        for replaced in (False, True):
            path = copy(f"{replaced}-{what}")
            with serving(c, store=path) as s:
                s.status("/api/crawls", 200)
                gone = path if what == "folder" else os.path.join(path, what)
                shutil.rmtree(gone) if what == "folder" else os.unlink(gone)
                if replaced:
                    copier = shutil.copytree if what == "folder" else shutil.copyfile
                    copier(other if what == "folder" else os.path.join(other, what), gone)
                s.status("/api/crawls", 503)
                result = c.finish(s.process)
                equal(result.code, 4, gone)
                contains(result.err, path, what)
    # Cut off under the map: 503 and 4, whether it is seen before it is read or by the fault.
    for cut in (0, 4096, 20480):
        path = copy(f"cut-{cut}")
        with serving(c, store=path) as s:
            s.status("/api/changes", 200)
            os.truncate(os.path.join(path, "data.mdb"), cut)
            code = s.get("/api/changes")[0]
            equal(code, 503, f"cut to {cut}")
            result = c.finish(s.process)
            equal(result.code, 4, f"cut to {cut}")
            contains(result.err, "damaged", f"cut to {cut}")
