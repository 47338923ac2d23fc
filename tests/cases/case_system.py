"""Cases 43 to 46: settings, environment, signals, output that cannot be written."""

import ctypes
import os
import re
import signal
import subprocess
import tarfile
import threading
import time

from kit import *

# --- settings -----------------------------------------------------------------------------


def alias_bomb(key):
    lines = [f"{key}: &a0 x"] + [
        f"k{i}: &a{i} [" + ", ".join([f"*a{i - 1}"] * 9) + "]" for i in range(1, 12)
    ]
    return "\n".join(lines) + "\n"


def case_43_bad_configuration(c):
    c.take({})
    os.mkdir(c.path("profiles"))
    place = r":\d+:\d+: "
    bad = {  # name: (text, config's words, profile's words)
        "alias_bomb": (alias_bomb("pager"), None, None),
        "alias": ("zone: &z UTC\npager: *z\n", place + "aliases are not accepted", None),
        "depth": ("[" * 60_000, place, place),
        "depth_maps": ("".join(" " * i + "a:\n" for i in range(300)), place, place),
        "flow_depth": ("a: " + "{a: " * 15_000, place, place),
        "events": ("a: [" + "x, " * 20_000 + "x]\n", None, None),
        "tabs": ("zone: UTC\n\tpager: x\n", place + "not YAML", place + "not YAML"),
        "twice": ("zone: UTC\nzone: KST\n", ":2:1: duplicate key zone at lines 1 and 2",
                  ":2:1: duplicate key zone at lines 1 and 2"),
        "unknown": ("zne: UTC\n", ":1:1: there is no setting 'zne', did you mean 'zone'",
                    ":1:1: zne: unknown key"),
        "limit": ("limits.file_byte: 1\n", ":1:1: .*did you mean 'limits.file_bytes'", None),
        "type": ("zone: [1, 2]\n", ":1:1: .*zone", ":1:1: .*zone"),
        "zone": ("zone: Moon\n", ":1:1: .*'Moon' is not a zone", ":1:1: .*zone"),
        "color": ("color: mauve\n", ":1:1: color must be auto, always or never", None),
        "number": ("jobs: many\n", ":1:1: jobs must be a number", None),
        "negative": ("jobs: -1\n", ":1:1: jobs must be a number", None),
        "range": ("limits.file_bytes: 1P\n", ":1:1: limits.file_bytes must be", None),
        "overflow": ("limits.file_bytes: 99999999999999999999999G\n", ":1:1: ", None),
        "list": ("- zone\n", place, place),
        "scalar": ("zone\n", place + "expected a mapping", place + "expected a mapping"),
        "documents": ("zone: UTC\n---\nzone: KST\n", place + "more than one document",
                      place + "more than one document"),
        "binary": ("\x00\x01\x02", place + "not YAML", place + "not YAML"),
        "open": ('zone: "UTC\n', place + "not YAML", place + "not YAML"),
        "long_key": ("x" * 2000 + ": 1\n", place, place),
        "tag": ("zone: !!python/object:os.system x\n", ":1:1: ", ":1:1: "),
    }  # fmt: skip
    config = os.path.join(c.store, "config.yaml")
    for name, (text, wanted, profile) in bad.items():
        with open(config, "wb") as f:
            f.write(text.encode())
        for args in (("ingest", "--crawl", "x", "in"), ("crawls",), ("config",)):
            with c.part(f"{name}, {args[0]}"):
                refused_fast(c, c.run(*args, code=2), r"config\.yaml" + (wanted or ": |" + place))
        os.unlink(config)
        path = c.put(f"profiles/{name}.yaml", text.replace("zone: UTC", "name: x\nzone: UTC", 0))
        with c.part(f"{name} as profile"):
            refused_fast(c, c.run("ingest", "--profile", path, "--crawl", "x", "in", code=2),
                         rf"{name}\.yaml" + (profile or ":"))  # fmt: skip
    large = c.put("profiles/large.yaml", "name: x\n")
    os.truncate(large, 100 * MIB)
    os.symlink(large, config)
    refused_fast(c, c.run("crawls", code=2), "larger than 65536 bytes")
    refused_fast(c, c.run("ingest", "--profile", large, "in", code=2), "larger than 65536 bytes")
    os.unlink(config)
    os.mkfifo(config)
    refused_fast(c, c.run("crawls", code=2), "not a regular file")
    os.unlink(config)
    equal(len(c.ask("crawls")), 1, "crawls: nothing was taken in meanwhile")

    # Harmless oddities are no errors; and what is set by the program can be read by it.
    for text in ("", "# nothing\n", "zone: KST   # here\n", "---\nzone: UTC\n...\n",
                 "zone: UTC\r\njobs: 1\r\n", "\ufeffzone: UTC\njobs: 1\n"):  # fmt: skip
        with open(config, "w") as f:
            f.write(text)
        with c.part(repr(text)):
            c.run("crawls")
    os.unlink(config)
    for value in ("it's", "a: b", "*x", "- y", "", " z ", "#", "\\", '"', "한글", "{", "null"):
        c.run("config", "--", "pager", value)
        got = {r["key"]: r["value"] for r in c.ask("config")}["pager"]
        equal(got, value, "a setting written and read")
    c.run("config", "pager", "two\nlines", code=2)
    c.run("config", "zne", "UTC", code=2)


def refused_fast(c, result, pattern):
    matches(result.err, pattern, "said")
    equal(result.out, b"", "printed")
    check(result.cpu < 0.5 or c.sanitized, f"took {result.cpu:.2f} s")
    check(len(result.err) < 2000, f"said {len(result.err)} bytes")


# --- environment --------------------------------------------------------------------------


def use(c, **run):
    """Every kind of verb once; the output without what is of the moment."""
    texts = [c.run("ingest", "--crawl", "c", "in", code=1, **run)]
    texts[0].out = re.sub(rb"\n.* read in .*", b"", texts[0].out)
    for args in (("log", "001/1"), ("log", "--json", "001/1"), ("show", "001/1"),
                 ("changes", "-p"), ("changes", "--json"), ("refused",), ("crawls", "--csv"),
                 ("export", "-f", "csv"), ("show", "--file", "001/1@1"),
                 ("verify", "-q")):  # fmt: skip
        texts.append(c.run(*args, **run))
    diff = c.run("diff", "001/1", code=1, **run)
    moment = rb"(c,c,)[^,]*|( checked in )[0-9.]+"
    return [re.sub(moment, rb"\1\2", t.out) for t in [*texts, diff]] + [t.err for t in texts]


def case_44_environment(c):
    c.put("in/" + GOOD, GOOD_FILE)
    c.put("in/가나다 ©.md", crawl_file(aid="1", author="\n\t김가나 기자"))
    c.put("in/b.md", crawl_file(aid="1", at=LATER, title="강변 도서관, 밤 11시까지", body=BODY + " 끝."))
    c.put(b"in/\xff.md", "bad")
    want = use(c)
    environments = {
        "LC_ALL=C": {"LC_ALL": "C"},
        "LC_ALL=POSIX": {"LC_ALL": "POSIX", "LANG": ""},
        "LC_ALL=ko_KR.EUC-KR": {"LC_ALL": "ko_KR.EUC-KR", "LANG": "ko_KR.EUC-KR"},
        "LC_ALL=garbage": {"LC_ALL": "x" * 5000},
        "TZ=Asia/Seoul": {"TZ": "Asia/Seoul"},
        "TZ=garbage": {"TZ": ":/etc/passwd"},
        "TZ=odd": {"TZ": "<\x1b>-99:99:99"},
        "HOME unset": {"HOME": None, "USER": None, "XDG_CONFIG_HOME": None},
        "HOME=/nonexistent": {"HOME": "/nonexistent"},
        "PATH unset": {"PATH": None},
        "TERM": {"TERM": None, "COLUMNS": "999999999999", "LINES": "-1"},
        "PAGER": {"PAGER": "/nonexistent/pager", "SILLOK_PAGER": "false"},
    }
    for i, (name, env) in enumerate(environments.items()):
        c.store = os.path.join(c.folder, f"store{i}")
        with c.part(name):
            for got, wanted in zip(use(c, env=env), want):
                equal(got, wanted, "the same output")
    with c.part("empty environment"):
        c.store = os.path.join(c.folder, "store.empty")
        result = subprocess.run([c.program, "-s", c.store, "ingest", "--crawl", "c", "in"],
                                cwd=c.folder, env={}, capture_output=True)  # fmt: skip
        equal(result.returncode, 1, "exit")

    for closed in ((0,), (1,), (2,), (0, 1), (1, 2), (0, 1, 2)):
        with c.part(f"closed {closed}"):
            with_closed(c, closed)
    with c.part("umask"):
        modes(c)
    with c.part("no arguments at all"):
        code = exec_without_arguments(c)
        equal(code, 2, "exit with argc 0")
    result = c.run(store=False, code=2)
    contains(result.err, "no verb given", "with argc 1")


def with_closed(c, closed):
    c.store = os.path.join(c.folder, "store.closed" + "".join(map(str, closed)))

    def close():
        for fd in closed:
            os.close(fd)

    for args, code in ((("ingest", "--crawl", "c", "in"), 1), (("crawls",), 0), (("verify",), 0)):
        result = c.run(*args, code=None, preexec_fn=close)
        # Output that goes nowhere may be told as such; what is done is done.
        check(result.code in (code, 3), f"{args[0]}: exit {result.code}")
    equal(c.crawl()["observations"], 3, "taken in")
    c.verify()
    for name, data in read_tree(c.store).items():
        check(b"sillok verify" not in data and b"refused)" not in data,
              f"no message in the store's {name!r}")  # fmt: skip


def modes(c):
    c.store = os.path.join(c.folder, "store.umask")
    before = os.umask(0)
    try:
        c.run("ingest", "--crawl", "c", "in", code=1)
        c.run("config", "zone", "KST")
        c.run("export", "open", "--crawl", "c")
    finally:
        os.umask(before)
    for name in c.list("store.umask"):
        mode = os.stat(os.path.join(c.store, name)).st_mode & 0o777
        equal(oct(mode), oct(0o600), f"mode of {name}")
    check(os.stat(c.store).st_mode & 0o077 == 0, "the store's folder is the owner's")


def exec_without_arguments(c):
    pid = os.fork()
    if pid == 0:
        null = os.open("/dev/null", os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        argv = (ctypes.c_char_p * 1)(None)
        LIBC.execve(os.fsencode(c.program), argv, argv)
        os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


# --- signals ------------------------------------------------------------------------------


class Feeder(threading.Thread):
    """Writes a tar of many files to a pipe: some at once, the rest slowly, or never."""

    def __init__(self, members, at_once, pause):
        super().__init__(daemon=True)
        self.members, self.at_once, self.pause = members, at_once, pause
        self.read_end, self.write_end = os.pipe()
        os.set_inheritable(self.write_end, False)
        self.sent, self.stop = 0, threading.Event()

    def run(self):
        try:
            for i, block in enumerate(self.members):
                os.write(self.write_end, block)
                self.sent = i + 1
                if self.sent >= self.at_once:
                    if self.stop.wait(self.pause or 60):
                        break
        except OSError:
            pass
        os.close(self.write_end)

    def end(self):
        self.stop.set()
        self.join()
        os.close(self.read_end)


def tar_blocks(files):
    """One block of bytes per member, and the end of the archive."""
    blocks = []
    for name, data in files.items():
        info = tarfile.TarInfo(name)
        info.size = len(data)
        blocks.append(info.tobuf(tarfile.PAX_FORMAT) + data + bytes(-len(data) % 512))
    return blocks + [bytes(1024)]


def is_running(process):
    """Without reaping it, as Popen.poll() would: its figures are wanted later."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


def interrupt(c, what, blocks, number, at_once, pause, limit=None):
    """Ingest from a pipe, and a signal in the middle of it."""
    feeder = Feeder(blocks, at_once, pause)
    process = c.start("ingest", "--crawl", "c", "-", stdin=feeder.read_end, limit=limit)
    feeder.start()
    deadline = time.monotonic() + 5
    while feeder.sent < at_once and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.3)
    check(is_running(process), f"{what}: it runs before the signal")
    os.kill(process.pid, number)
    try:
        result = c.finish(process)
    finally:
        feeder.end()
    equal(result.code, 128 + number, f"{what}: exit")
    contains(result.err, "stopped by a signal", f"{what}: said")
    matches(result.err, r"\d+ files? (is|are) kept", f"{what}: said")
    return result


def case_45_signals(c):
    # Whoever runs the tests under nohup has it ignored, and the program keeps to that.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    files = {f"{i:05}.md": crawl_file(aid=f"{i:05}", body=f"{i}번째 글이다. " * 8)
             for i in range(12_000)}  # fmt: skip
    blocks = tar_blocks(files)
    c.put("all.tar", b"".join(blocks))

    def resumed(what, at_least=0):
        """The store is sound, and the same command brings the rest."""
        c.verify()
        before = sum(x["observations"] for x in c.ask("crawls"))
        check(at_least <= before < len(files), f"{what}: {before} files were kept")
        with open(c.path("all.tar"), "rb") as f:
            result = c.ingest("-", stdin=f)
        equal((result.sum["observations"], result.sum["already"]),
              (len(files) - before, before), f"{what}: the rest")  # fmt: skip
        equal(c.crawl()["observations"], len(files), f"{what}: all of it")
        return before

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        what = signal_name(number)
        with c.part(what):
            c.store = os.path.join(c.folder, "store." + what)
            result = interrupt(c, what, blocks, number, 11_000, 0.02)
            kept = resumed(what)
            said = re.search(r"([\d,]+) files? (?:is|are) kept", result.err)
            equal(int(said[1].replace(",", "")), kept, f"{what}: files said to be kept")
    with c.part("export after it"):
        back = c.export()
        equal(len(back), len(files), "files")
        check(all(files[n.decode()] == d for n, d in back.items()), "bytes")

    # A pipe that gives no more: whoever presses Ctrl-C does not wait for the crawler.
    for what, at_once in (("stalled early", 500), ("stalled late", 11_000)):
        with c.part(what):
            c.store = os.path.join(c.folder, "store." + what.replace(" ", "."))
            interrupt(c, what, blocks, signal.SIGINT, at_once, 0, limit=4)
            resumed(what)
    with c.part("NDJSON that stalls"):
        c.store = os.path.join(c.folder, "store.ndjson")
        row = b'{"oid":"1","aid":"%d","crawled_at":"2026-01-02 03:15:33","title":"t","body":"b"}\n'
        interrupt(c, "ndjson", [row % i for i in range(100)], signal.SIGTERM, 50, 0,
                  limit=4)
        c.verify()

    with c.part("ignored"):
        c.store = os.path.join(c.folder, "store.ignored")
        nohup = lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)
        process = c.start("ingest", "--crawl", "c", "all.tar", preexec_fn=nohup)
        for _ in range(20):
            time.sleep(0.01)
            if is_running(process):
                os.kill(process.pid, signal.SIGHUP)
        equal(c.finish(process).code, 0, "exit")
    with c.part("SIGPIPE"):
        broken_pipes(c)


def broken_pipes(c):
    """`| head`: ends at once, by SIGPIPE or with exit 3, and harms nothing."""
    c.store = os.path.join(c.folder, "store.SIGINT")
    for args in (("export", "-"), ("export", "-f", "csv"), ("export", "-f", "ndjson"),
                 ("ingest", "--json", "--crawl", "again", "all.tar"), ("crawls",)):  # fmt: skip
        for ignore in (False, True):
            read_end, write_end = os.pipe()
            reads = args[0] == "export"
            if not reads:
                os.close(read_end)
            process = c.start(*args, stdout=open(write_end, "wb"), restore_signals=not ignore)
            process.files[0].close()
            process.files = (io.BytesIO(), process.files[1])
            process.may_die_by = signal.SIGPIPE
            if reads:
                os.read(read_end, 100)
                os.close(read_end)
            result = c.finish(process)
            allowed = (3,) if ignore else (3, -signal.SIGPIPE)
            check(result.code in allowed, f"{args[:2]}: exit {result.code}")
            if ignore and reads:
                contains(result.err, "cannot write", f"{args[:2]}: said")
    c.verify()
    equal(c.crawl()["observations"], 12_000, "what was there is there")


# --- output that cannot be written --------------------------------------------------------


def case_46_full_output(c):
    files = {f"{i}.md": crawl_file(aid=str(i), body=f"글 {i}. " * 50) for i in range(30)}
    c.take(files | {"bad.md": b"not a crawl file"},
           {"bad.md": ("the first line is not '---'", "no_front_matter")})  # fmt: skip
    c.put("later/1.md", crawl_file(aid="1", at=LATER, body="고친 글."))
    c.put("later/2.md", crawl_file(aid="2", at=LATER, title="고친 제목"))
    verbs = [
        ("changes",), ("changes", "--json"), ("changes", "--csv"), ("changes", "-p"), ("crawls",),
        ("log", "001/1"), ("show", "001/1"), ("show", "--body", "001/1"),
        ("show", "--file", "001/1"), ("cat", sha256("고친 글.")), ("diff", "001/1"),
        ("diff", "-f", "html", "001/1"), ("diff", "--json", "001/1"), ("refused",),
        ("refused", c.refused()[0]["key"]), ("stats",), ("stats", "--json"), ("stats", "--tables"),
        ("export", "-"), ("export", "-f", "csv"), ("export", "-f", "ndjson", "-"), ("config",),
        ("config", "zone"), ("verify", "--json"), ("help",), ("help", "ingest"), ("ingest", "-h"),
        ("version",), ("--version",), ("--help",), ("completion", "bash"),
        ("ingest", "--dry-run", "in"),
        ("ingest", "--json", "--crawl", "full", "later"),
    ]  # fmt: skip
    c.ingest("later", crawl="later")
    for args in verbs:
        with c.part(" ".join(args)):
            with open("/dev/full", "wb") as full:
                process = c.start(*args, stdout=full)
                process.files = (io.BytesIO(), process.files[1])
                result = c.finish(process)
            equal(result.code, 3, "exit")
            contains(result.err, "cannot write", "said")
    # Talk that cannot be written spoils nothing that was asked for.
    with open("/dev/full", "wb") as full:
        process = c.start("crawls", "--json", stderr=full)
        process.files = (process.files[0], io.BytesIO())
        result = c.finish(process)
    equal((result.code, result.json), (0, c.ask("crawls")), "with stderr full")
    c.put("last/x.md", crawl_file(aid="x"))
    with open("/dev/full", "wb") as full:
        process = c.start("ingest", "--crawl", "last", "last", stdout=full)
        process.files = (io.BytesIO(), process.files[1])
        equal(c.finish(process).code, 3, "ingest that cannot tell")
    equal(c.crawl("last")["observations"], 1, "what it took in is there")
    c.verify()
