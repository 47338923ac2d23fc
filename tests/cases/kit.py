"""What the cases stand on: a folder of their own, crawl files made by hand, the program run
and measured, and the questions that every case asks of the store afterwards.

Invariants that Case.run() checks each time, so that no case has to:
 1. the program ends by itself: no signal, within 30 seconds, below 256 MB;
 2. what it says on stderr is valid UTF-8 without control characters: names and reasons come
    from outside.
"""

import contextlib
import ctypes
import gzip
import hashlib
import io
import json
import os
import re
import signal
import subprocess
import tarfile
import tempfile
import threading
import time
import zlib

MAX_SECONDS = 30  # a folder of 12,000 files takes 6 where the disk is busy
MAX_RSS_MB = 256
MIB = 1 << 20
FILE_LIMIT = 16 * MIB  # limits.file_bytes as it comes

AT = "2026-01-02 03:15:33"
LATER = "2026-01-05 04:00:00"
LATEST = "2026-01-09 05:30:10"
PUBLISHER = "한빛일보"
TITLE = "강변 도서관이 밤에도 문을 연다"
BODY = (
    "시립 강변 도서관이 다음 달부터 밤 10시까지 문을 연다. The library stays open late.\n\n"
    "이용자는 3월에만 1200명이 늘었다. 관장은 “더 오래 머물 수 있게 하겠다”고 말했다."
)


class Failure(Exception):
    pass


class Skip(Exception):
    pass


def check(truth, what):
    if not truth:
        raise Failure(what)


def shorten(value, limit=600):
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= limit else text[:limit] + f"... ({len(text)} characters)"


def equal(got, want, what):
    if got != want:
        raise Failure(f"{what}\n  got  {shorten(got)}\n  want {shorten(want)}")


def contains(text, part, what):
    if part not in text:
        raise Failure(f"{what}\n  no {part!r} in {shorten(text)}")


def matches(text, pattern, what):
    if not re.search(pattern, text):
        raise Failure(f"{what}\n  no /{pattern}/ in {shorten(text)}")


# --- crawl files --------------------------------------------------------------------------


def to_bytes(text):
    return text.encode() if isinstance(text, str) else text


def sha256(data):
    return hashlib.sha256(to_bytes(data)).hexdigest()


ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#x27;"),
           ("`", "&#x60;"), ("=", "&#x3D;"))  # fmt: skip


def escape(data):
    data = to_bytes(data)
    for plain, entity in ESCAPES:
        data = data.replace(plain.encode(), entity.encode())
    return data


def url_of(oid, aid):
    return f"https://n.news.naver.com/mnews/article/{oid}/{aid}"


def rfc3339(at):
    return at.replace(" ", "T") + "Z"


def crawl_file(oid="001", aid="0000000001", at=AT, title=TITLE, body=BODY, *, escaped=False,
               category="", publisher=PUBLISHER, author="", published="2026-01-02 00:00",
               url=None, declared=None, drop=(), more=(), quoted=True,
               after_body=""):  # fmt: skip
    """A file as the crawler writes it. Texts are str or bytes; `declared` is another hash
    than the right one, `drop` names keys that are left out, `more` are lines put before the
    closing `---`, `after_body` stands between body and footer. With `escaped` fields and body
    are written with entities; the hash is of the body without them in either case."""
    body, oid, aid = to_bytes(body), to_bytes(oid), to_bytes(aid)
    write = escape if escaped else to_bytes
    url = to_bytes(url if url is not None else url_of(oid.decode(errors="replace"),
                                                      aid.decode(errors="replace")))
    at, title, published = to_bytes(at), write(title), write(published)
    category, publisher = write(category), write(publisher)
    quote = b'"' if quoted else b""
    lines = [
        ("id", oid + b"_" + aid),
        ("title", quote + title + quote),
        ("category", category),
        ("publisher", publisher),
        ("author", write(author)),
        ("published_at", published),
        ("crawled_at", at),
        ("url", write(url)),
        ("oid", oid),
        ("aid", aid),
        ("content_hash", to_bytes(declared if declared is not None else sha256(body))),
    ]
    front = b"".join(
        k.encode() + b": " + v + b"\n" for k, v in lines if k not in drop
    ) + b"".join(to_bytes(line) + b"\n" for line in more)
    if "category" in drop:
        category = b""
    return b"".join(
        [
            b"---\n", front, b"---\n\n# ", title, b"\n\n**", publisher, b"** | ", published,
            b" | ", category, b"\n\n---\n\n", write(body), to_bytes(after_body),
            b"\n\n---\n\n*Crawled at: ", at, "*\n*Source: [원문 보기](".encode(), write(url),
            b")*\n",
        ]
    )  # fmt: skip


GOOD = "good.md"


def good_file(crawl="c"):
    """The neighbour that must always come in; each crawl has its own, because what is in
    already is not taken in again."""
    aid = f"9{zlib.crc32(crawl.encode()):010}"
    return crawl_file(aid=aid, title="곁에 있는 멀쩡한 기사", body="멀쩡하다. All is well.")


GOOD_FILE = good_file()


def line_of(data, start):
    """Number of the line of a file that begins with `start`, the last one if there are more."""
    return [i for i, l in enumerate(data.split(b"\n"), 1) if l.startswith(to_bytes(start))][-1]


# --- archives -----------------------------------------------------------------------------


def tar_of(members, **options):
    """A tar of (name, bytes) or (TarInfo, bytes or None)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT, **options) as tar:
        for name, data in members:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            if data is not None:
                info.size = len(data)
            tar.addfile(info, io.BytesIO(data) if data is not None else None)
    return out.getvalue()


def tar_gz(members, level=6):
    return gzip.compress(tar_of(members), level, mtime=0)


# --- the file system ----------------------------------------------------------------------


def read_tree(folder):
    """{name as bytes: content} of all regular files; goes by open folders, so that no path is
    too long. Anything that is neither file nor folder fails."""
    found = {}

    def walk(fd, prefix):
        for entry in os.listdir(fd):
            name = os.fsencode(entry)
            child = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=fd)
            try:
                if os.path.isdir(child):
                    walk(child, prefix + name + b"/")
                else:
                    with os.fdopen(os.dup(child), "rb") as f:
                        found[prefix + name] = f.read()
            finally:
                os.close(child)

    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        walk(fd, b"")
    finally:
        os.close(fd)
    return found


LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, MS_RDONLY, MS_BIND, MS_REC, MS_PRIVATE = 0x20000, 1, 4096, 16384, 1 << 18
MS_REMOUNT = 32


def private_mounts():
    """Mounts of this process from now on are its own and go with it. False: not allowed."""
    if os.geteuid() != 0 or LIBC.unshare(CLONE_NEWNS) != 0:
        return False
    return LIBC.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) == 0


def mount(source, target, kind=None, flags=0, data=None):
    return LIBC.mount(
        os.fsencode(source), os.fsencode(target), kind and kind.encode(), flags,
        data and data.encode(),
    ) == 0  # fmt: skip


# --- a run of the program -----------------------------------------------------------------


class Result:
    """Code as a shell would see it (negative: signal), output, and what it took."""

    def __init__(self, code, out, err, rss_mb, seconds, cpu):
        self.code, self.out, self.err_bytes = code, out, err
        self.rss_mb, self.seconds, self.cpu = rss_mb, seconds, cpu

    @property
    def err(self):
        return self.err_bytes.decode()

    @property
    def err_lines(self):
        return self.err.splitlines()

    @property
    def json(self):
        return [json.loads(line) for line in self.out.decode().splitlines()]


class Case:
    """One case: its folder, with the store and the crawl files in it."""

    def __init__(self, program, folder, sanitized):
        self.program, self.folder, self.sanitized = program, folder, sanitized
        self.store = os.path.join(folder, "store")
        self.notes = []  # lines for the log: parts that were left out
        self.failures = []  # of the parts that the case went on after
        if sanitized:  # libarchive 3.6 forgets its output buffer when a write has failed
            rules = self.put("lsan", "leak:libarchive\n").decode()
            os.environ.setdefault("LSAN_OPTIONS", f"suppressions={rules}:print_suppressions=0")

    @contextlib.contextmanager
    def part(self, what):
        """A part of a case that the rest does not need: when it fails the case goes on, and
        fails in the end."""
        try:
            yield
        except Failure as why:
            self.failures.append(f"{what}: {why}")

    def path(self, name):
        return os.path.join(os.fsencode(self.folder), os.fsencode(name))

    def put(self, name, data):
        """Write a file below the case's folder, folders made on the way; gives its path."""
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(to_bytes(data))
        return path

    def list(self, name=""):
        return sorted(n for n in os.listdir(os.path.join(self.folder, name)) if n != "lsan")

    def start(self, *args, stdin=subprocess.DEVNULL, env=None, store=True, cwd=None, limit=None,
              **popen):  # fmt: skip
        """Start the program; env maps names to values, None takes one out; limit: seconds."""
        environ = {k: v for k, v in os.environ.items()
                   if k == "SILLOK_SANDBOX" or not k.startswith("SILLOK")}
        for key, value in (env or {}).items():
            environ.pop(key, None)
            if value is not None:
                environ[key] = value
        command = [self.program] + (["-s", self.store] if store else []) + list(args)
        popen.setdefault("stdout", tempfile.TemporaryFile())
        popen.setdefault("stderr", tempfile.TemporaryFile())
        process = subprocess.Popen(
            command, stdin=stdin, env=environ, cwd=cwd or self.folder, **popen
        )
        process.files = (popen["stdout"], popen["stderr"])
        process.began = time.monotonic()
        process.limit = (limit or MAX_SECONDS) * (4 if self.sanitized else 1)
        process.killer = threading.Timer(process.limit, process.kill)
        process.killer.start()
        return process

    def finish(self, process):
        """Wait, measure, and check the invariants above."""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        process.killer.cancel()
        seconds = time.monotonic() - process.began
        texts = []
        for f in process.files:
            readable = hasattr(f, "seek")
            texts.append((f.seek(0), f.read())[1] if readable else b"")
        result = Result(process.returncode, *texts, usage.ru_maxrss / 1024, seconds,
                        usage.ru_utime + usage.ru_stime)  # fmt: skip
        words = " ".join(shorten(os.fsdecode(a), 80) for a in process.args[1:])
        check(seconds < process.limit, f"'{words}' did not end within {process.limit} s")
        check(self.sanitized or result.rss_mb < MAX_RSS_MB,
              f"'{words}' took {result.rss_mb:.0f} MB")  # fmt: skip
        check(result.code >= 0 or -result.code == getattr(process, "may_die_by", None),
              f"'{words}' died by signal {-result.code}: {shorten(result.err_bytes)}")
        try:
            live = re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", result.err)
        except UnicodeDecodeError:
            raise Failure(f"stderr of '{words}' is not UTF-8: {result.err_bytes!r}")
        check(not live, f"stderr of '{words}' has a live control character: {result.err!r}")
        return result

    def run(self, *args, code=0, **options):
        """Run to the end; the exit code must be `code` (None: any)."""
        process = self.start(*args, **options)
        result = self.finish(process)
        words = " ".join(shorten(os.fsdecode(a), 80) for a in args)
        if code is not None and result.code != code:
            raise Failure(f"'{words}': exit {result.code}, want {code}\n  {shorten(result.err)}")
        return result

    # --- the verbs

    def ingest(self, *paths, code=0, crawl="c", options=(), **run):
        """Take in; gives the result with .sum, the last line of --json."""
        args = ["ingest", "--json", *options]
        args += ["--crawl", crawl] if crawl else []
        result = self.run(*args, "--", *paths, code=code, **run)
        result.sum = result.json[-1]
        return result

    def ask(self, *args, code=0):
        return self.run(*args, "--json", code=code).json

    def show(self, ref):
        return self.run("show", "--json", "--", ref).json[0]

    def log(self, ref):
        """Revisions, oldest first."""
        return self.run("log", "--json", "--reverse", "--", ref).json

    def body(self, ref):
        return self.run("show", "--body", "--", ref).out

    def crawl(self, name="c"):
        found = [c for c in self.ask("crawls") if c["crawl"] == name]
        equal(len(found), 1, f"crawls called {name}")
        return found[0]

    def refused(self, crawl="c"):
        return self.ask("refused", "--crawl", crawl)

    def export(self, crawl="c", dest="back"):
        """A crawl back in a fresh folder: {name: bytes}."""
        dest = tempfile.mkdtemp(prefix=dest + ".", dir=self.folder)
        self.run("export", dest, "--crawl", crawl)
        return read_tree(dest)

    # --- what every case asks

    def check_export(self, files, crawl="c"):
        """Exactly these files come back, byte for byte."""
        want = {os.fsencode(k): to_bytes(v) for k, v in files.items()}
        got = self.export(crawl)
        equal(sorted(got), sorted(want), f"names exported of crawl {crawl}")
        for name, data in want.items():
            equal(got[name], data, f"bytes of {name!r} exported")

    def check_refused(self, files, refused, crawl="c"):
        """The store lists exactly these refusals, with their words and their bytes."""
        listed = {r["name"]: r for r in self.refused(crawl)}
        equal(sorted(listed), sorted(refused), "names that 'refused' lists")
        for name, (reason, code) in refused.items():
            row = listed[name]
            equal(row["code"], code, f"code of {name}")
            matches(row["reason"], like(reason), f"reason of {name}")
            equal(row["bytes"], len(to_bytes(files[name])), f"size of {name}")
            check(row["kept"], f"bytes of {name} are kept")
            equal(self.run("refused", row["key"]).out, to_bytes(files[name]), f"bytes of {name}")

    def verify(self):
        self.run("verify", "--quiet")

    def take(self, files, refused=None, lines=(), code=None, crawl="c", folder="in", **run):
        """Take a folder of `files` in, with a good neighbour, and check all of it: the exit
        code, each line on stderr, the counts, what is refused, what comes back.

        refused: {name: (reason, code)}; lines: other lines that stderr must have. Reasons and
        lines are texts, or patterns compiled."""
        refused = refused or {}
        files = {GOOD: good_file(crawl), **files}
        for name, data in files.items():
            self.put(os.path.join(os.fsencode(folder), os.fsencode(name)), data)
        want = [line(name, *why) for name, why in refused.items()] + list(lines)
        result = self.ingest(
            folder, crawl=crawl, code=(1 if refused else 0) if code is None else code, **run
        )
        equal_lines(result.err_lines, want)
        accepted = {k: v for k, v in files.items() if k not in refused}
        equal(result.sum["files"], len(files), "files counted")
        equal(result.sum["refused"], len(refused), "refused counted")
        equal(result.sum["observations"], len(accepted), "observations counted")
        row = self.crawl(crawl)
        equal((row["files"], row["refused"]), (len(files), len(refused)), "crawl as listed")
        self.check_refused(files, refused, crawl)
        self.check_export(accepted, crawl)
        self.verify()
        return result


# --- lines of stderr ----------------------------------------------------------------------


def like(text):
    """A pattern for the whole of a text, or the pattern itself."""
    return text.pattern if isinstance(text, re.Pattern) else "^" + re.escape(text) + "$"


def line(name, reason, code):
    """`NAME: reason (code)`"""
    if isinstance(reason, re.Pattern):
        return re.compile(f"^{re.escape(name)}: .*{reason.pattern}.* \\({code}\\)$")
    return f"{name}: {reason} ({code})"


def equal_lines(got, want):
    """Every line of stderr is wanted, every wanted one is there, in any order."""
    left = list(got)
    for w in want:
        hit = next((l for l in left if re.search(like(w), l)), None)
        if hit is None:
            raise Failure(f"stderr lacks {like(w)}\n  it has {shorten(got, 2000)}")
        left.remove(hit)
    equal(left, [], "lines on stderr that nobody asked for")


def signal_name(number):
    return signal.Signals(number).name
