"""The commands that faults are tried on, what they do undisturbed, and what is looked at after.

    bench = Bench(c)                 in setup: crawls, a store, every command run once
    got = bench.run(c, command, fault="pwrite:1:EIO:once")
    bench.judge(c, command, got)     c.bad() for whatever must never be

A command works in the folder of the run, on copies: "store" (where it has one), "in". What a
command may do when a call fails: end with 3 and a sentence; leave out input that cannot be
read, say so and end with 1; or do all the same what it does undisturbed, to the letter."""

import bisect
import hashlib
import os
import re
import shutil
import subprocess

HANG_S = 20

# Test 1 of RFC 8032 7.1, so that the public key that is printed is the same each time.
KEY = "PRIVATE+KEY+example.org/newslog+91531abd+AZ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g"

# What an ingest says when a crawl is in.
ACKNOWLEDGED = re.compile(rb'"event": ?"crawl_done","crawl": ?"crawl-1"|^crawl-1: ', re.M)
# What it says of files that it could not read; those are not in.
LEFT_OUT = re.compile(rb"unreadable|source_failed")
# What a salvage says of what stands beside the tables; what is in them has to come out, or nothing.
NOT_READ = re.compile(rb"(?m)^lost (the settings|texts? without an article): .*(cannot|could not)")
MEMORY_WORDS = re.compile(rb"memory")
CRASHED_AT = re.compile(rb"^fault: crashed at ([0-9a-f]+)$", re.M)
# Libraries that do not look at what they are given: zstd 1.5.4 while it trains a dictionary, and
# libarchive 3.6.2 while it copies a name (docs/reliability.md). What was there must stay all the same.
CRASH_BY_THEMSELVES = ("FASTCOVER_buildDictionary", "ZSTD_initCDict_internal",
                       "archive_mstring_copy_mbs")  # fmt: skip


class Command:
    """store: None (there is none), "one" (a crawl is in), "logged" (with a log of proofs that
    knows of nothing yet) or "two" (both crawls, logged and signed; the index of near duplicates
    knows of one alone). writes: the store is another one after it."""

    def __init__(self, name, *args, store="two", writes=False, stdin=None, out=None):
        self.name, self.args, self.store, self.writes = name, list(args), store, writes
        self.stdin, self.out = stdin, out
        self.code = self.stdout = self.state = self.files = self.counts = None


def commands(article, body):
    return [
        Command("init", "init", store=None, writes=True),
        Command("ingest-new", "ingest", "-j", "2", "in/crawl-1", store=None, writes=True),
        Command("ingest", "ingest", "--json", "-j", "2", "in/crawl-1", "in/odd.md",
                store="one", writes=True),
        Command("ingest-tar", "ingest", "-j", "1", "crawl-1.tar.gz", store="one", writes=True),
        Command("ingest-stdin", "ingest", "--crawl", "crawl-1", "-", store="one", writes=True,
                stdin="crawl-1.tar"),
        Command("ingest-dry", "ingest", "-n", "in/crawl-1", store="one"),
        Command("log", "log", article),
        Command("show", "show", article),
        Command("diff", "diff", article),
        Command("changes", "changes", "-p"),
        Command("changes-json", "changes", "--json"),
        Command("crawls", "crawls"),
        Command("cat", "cat", body),
        Command("stats", "stats", "--json"),
        Command("refused", "refused"),
        Command("export", "export", "--crawl", "crawl-0", "out", out="out"),
        Command("export-tar", "export", "out.tar", out="out.tar"),
        Command("export-stdout", "export", "-"),
        Command("export-rows", "export", "-f", "csv"),
        Command("report", "report", "out", out="out"),
        Command("verify", "verify"),
        Command("dups", "dups", "--json"),
        Command("similar", "similar", article),
        Command("clusters", "clusters"),
        Command("config", "config", "zone", "KST", writes=True),
        # What a program of some age can do, and one before it not.
        Command("reindex", "reindex", writes=True),
        Command("compact", "compact", writes=True),
        Command("backup", "backup", "out", out="out"),
        Command("salvage", "salvage", "out", out="out"),
        Command("find", "find", "the"),
        Command("proof-init", "proof", "init", "--key", "key", store="one", writes=True),
        Command("proof-sign", "proof", "sign", "--json", store="logged", writes=True),
        Command("ingest-logged", "ingest", "-j", "2", "in/crawl-1", store="logged", writes=True),
        Command("proof-status", "proof", "--json"),
        Command("proof-show", "proof", "show", article),
        Command("proof-seen", "proof", "show", article, "--crawl", "crawl-1"),
        Command("proof-log", "proof", "log", "--json"),
        Command("proof-tiles", "proof", "tiles", "out", out="out"),
        Command("export-warc", "export", "-f", "warc", "out.warc.gz", out="out.warc.gz"),
        Command("changes-patch", "changes", "-p", "--json"),
    ]  # fmt: skip


class Outcome:
    def __init__(self, command):
        self.command = command
        self.code = None
        self.hung = False
        self.stdout = self.stderr = b""
        self.state = self.files = None
        self.fault = ""


def steady(text):
    """Output without what is of the moment."""
    text = re.sub(rb"\n[^\n]* read in [^\n]*", b"", text)
    text = re.sub(rb'"(seconds|bytes_stored|store_bytes)": ?[0-9.e-]+', rb'"\1": 0', text)
    return re.sub(rb"\bin [0-9.]+ s\b", b"in 0 s", text)


def digest_of(path):
    """Of a file, or of all below a folder: names and bytes."""
    if os.path.isfile(path):
        with open(path, "rb") as f:
            return hashlib.sha256(f.read()).hexdigest()
    found = []
    for at, _, names in os.walk(path):
        for name in names:
            p = os.path.join(at, name)
            found.append((os.path.relpath(p, path), digest_of(p)))
    return sorted(found)


def limited(limits):
    if not limits:
        return None

    def set_them():
        import resource
        import signal

        for what, n in limits.items():
            resource.setrlimit(getattr(resource, what), (n, n))
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it

    return set_them


class Bench:
    def __init__(self, c, articles=24, library=True):
        self.library = c.tool("tests/faults/fault.so") if library else None
        self.home = os.path.join(c.base, "bench")
        os.mkdir(self.home)
        made = subprocess.run(
            [c.tool("tools/sample/sillok-sample"), "--seed", str(c.seed), "--articles",
             str(articles), "--edit", "0.3", "--crawls", "2", os.path.join(self.home, "in")],
            capture_output=True)  # fmt: skip
        if made.returncode:
            raise RuntimeError(made.stderr.decode())
        with open(os.path.join(self.home, "in", "odd.md"), "wb") as f:
            f.write(b"---\nnothing: of ours\n")
        for name, flags in (("crawl-1.tar", "-cf"), ("crawl-1.tar.gz", "-czf")):
            subprocess.run(["tar", "-C", os.path.join(self.home, "in"), flags,
                            os.path.join(self.home, name), "crawl-1"], check=True)  # fmt: skip
        self.make_stores(c)
        self.commands = []
        self.learn(c)

    def sillok(self, c, *args, cwd=None, store="store", **more):
        return subprocess.run([c.program, "-s", store, *args], cwd=cwd or self.home,
                              capture_output=True, timeout=60, **more)  # fmt: skip

    def sure(self, c, *args, codes=(0,), **more):
        r = self.sillok(c, *args, **more)
        if r.returncode not in codes:
            raise RuntimeError(f"{args}: exit {r.returncode}: {r.stderr.decode()}")
        return r.stdout

    def make_stores(self, c):
        with open(os.path.join(self.home, "key"), "w") as f:
            f.write(KEY + "\n")
        self.sure(c, "ingest", "in/crawl-0", "in/odd.md", store="one", codes=(1,))
        self.sure(c, "dups", store="one")
        for name in ("logged", "two"):
            shutil.copytree(os.path.join(self.home, "one"), os.path.join(self.home, name))
            self.sure(c, "proof", "init", "--name", "campaign.example/log", store=name)
        self.sure(c, "ingest", "in/crawl-1", store="two")

    def learn(self, c):
        """Every command once, undisturbed."""
        rows = self.sure(c, "changes", "--json", store="two").splitlines()
        article = re.search(rb'"oid": ?"([^"]*)".*?"aid": ?"([^"]*)"', rows[0])
        article = b"/".join(article.groups()).decode()
        body = re.search(rb'"content_hash": ?"([0-9a-f]{64})"',
                         self.sure(c, "log", "--json", article, store="two"))[1].decode()  # fmt: skip
        known = self.sure(c, "help").decode()
        for command in commands(article, body):
            if not re.search(rf"^  {command.args[0]} ", known, re.M):
                continue
            folder = os.path.join(c.base, "learn")
            os.mkdir(folder)
            got = self.run(c, command, folder=folder)
            if got.code not in (0, 1):
                raise RuntimeError(f"{command.name}: exit {got.code}: {got.stderr.decode()}")
            self.look(c, got, folder)
            command.code, command.stdout, command.state, command.files = (
                got.code, steady(got.stdout), got.state, got.files)  # fmt: skip
            shutil.rmtree(folder)
            self.commands.append(command)

    def count(self, c):
        """How often each command calls each function."""
        for command in self.commands:
            folder = os.path.join(c.base, "count")
            os.mkdir(folder)
            path = os.path.join(folder, "counts")
            self.run(c, command, folder=folder, env={"COUNT": path})
            with open(path) as f:
                command.counts = {w: int(n) for w, n in (line.split() for line in f)}
            shutil.rmtree(folder)

    def prepare(self, command, folder):
        for name in ("in", "crawl-1.tar", "crawl-1.tar.gz", "key"):
            os.symlink(os.path.join(self.home, name), os.path.join(folder, name))
        if command.store:
            shutil.copytree(os.path.join(self.home, command.store), os.path.join(folder, "store"))

    def run(self, c, command, folder=None, fault=None, env=None, limits=None, fresh=True):
        """With `fault` the library is preloaded. fresh: on copies, else once more on what is."""
        folder = folder or c.folder
        if fresh:
            self.prepare(command, folder)
        got = Outcome(command)
        got.fault = fault or str(limits or "")
        # The library counts into a file of its own, which a sandbox would refuse.
        environment = dict(os.environ, SILLOK_SANDBOX="off", **(env or {}))
        if fault or env:
            environment["LD_PRELOAD"] = self.library
        if fault:
            environment["FAULT"] = fault
        stdin = open(os.path.join(folder, command.stdin), "rb") if command.stdin else None
        # Links are not followed by an ingest, so the input is named by its real place.
        args = [a if not a.startswith("in/") else os.path.join(self.home, a) for a in command.args]
        process = subprocess.Popen(
            [c.program, "-s", "store", *args], cwd=folder, env=environment,
            stdin=stdin or subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            preexec_fn=limited(limits))  # fmt: skip
        try:
            got.stdout, got.stderr = process.communicate(timeout=HANG_S)
        except subprocess.TimeoutExpired:
            process.kill()
            got.stdout, got.stderr = process.communicate()
            got.hung = True
        if stdin:
            stdin.close()
        got.code = process.returncode
        return got

    def came_out(self, c, path):
        """A store by what it says, because its id and its times are of the moment."""
        if not os.path.exists(os.path.join(path, "format")):
            return digest_of(path)
        rows = self.sillok(c, "export", "-f", "ndjson", store=path)
        return rows.returncode, rows.stdout, self.sillok(c, "verify", store=path).returncode

    def look(self, c, got, folder=None):
        """What is in the store and what came out, after it."""
        folder = folder or c.folder
        command = got.command
        if command.out:
            got.files = self.came_out(c, os.path.join(folder, command.out))
        if not os.path.exists(os.path.join(folder, "store", "format")):
            got.state = b""
        elif command.writes:
            rows = self.sillok(c, "export", "-f", "ndjson", cwd=folder)
            got.state = rows.stdout if rows.returncode == 0 else None
        else:
            got.state = digest_of(os.path.join(folder, "store", "data.mdb"))

    def is_whole(self, got):
        """Is it, to the letter, what comes out undisturbed?"""
        command = got.command
        return (got.code == command.code and steady(got.stdout) == command.stdout
                and got.state == command.state and got.files == command.files)  # fmt: skip

    def verify(self, c, what):
        """The store, where there is one, is sound."""
        if not os.path.exists(c.path("store")):
            return True
        r = self.sillok(c, "verify", cwd=c.folder)
        if r.returncode == 0:
            return True
        c.bad(f"{what}: the store does not verify: exit {r.returncode}: "
              f"{(r.stdout + r.stderr).decode(errors='replace').strip()[-300:]}")  # fmt: skip
        return False

    def before(self, c, command):
        if not hasattr(self, "befores"):
            self.befores = {
                None: set(),
                "one": set(self.sure(c, "export", "-f", "ndjson", store="one").splitlines()),
                "logged": set(self.sure(c, "export", "-f", "ndjson", store="one").splitlines()),
                "two": set(self.sure(c, "export", "-f", "ndjson", store="two").splitlines()),
            }
        return self.befores[command.store]

    def crashed_in(self, c, got):
        """The function of the program that it crashed in, or None."""
        at = CRASHED_AT.search(got.stderr)
        if not at:
            return None
        if not hasattr(self, "symbols"):
            lines = subprocess.run(["nm", "-n", c.program], capture_output=True, text=True)
            rows = (line.split() for line in lines.stdout.splitlines())
            self.symbols = [(int(r[0], 16), r[2]) for r in rows if len(r) == 3]
        i = bisect.bisect_right(self.symbols, (int(at.group(1), 16), "\xff"))
        return self.symbols[i - 1][1].split(".")[0] if i else None

    def judge(self, c, got, whole=False, words=None, free=None):
        """`whole`: nothing but the undisturbed result will do. `words`: what the sentence of
        an exit 3 must name. `free()` takes the hindrance away before the second try."""
        command = got.command
        said = got.stderr.decode(errors="replace").strip()
        what = f"{command.name} with {got.fault}"
        self.look(c, got)
        if got.hung:
            c.bad(f"{what}: still at work after {HANG_S} s")
        elif got.code < 0:
            where = self.crashed_in(c, got)
            if where in CRASH_BY_THEMSELVES:
                c.count("by_library")
            else:
                c.bad(f"{what}: ended by signal {-got.code} in {where}")
        elif self.is_whole(got):
            c.count("whole")
        elif whole:
            c.bad(f"{what}: not what it is undisturbed (exit {got.code}): {said[-300:]}")
        elif got.code == 3:
            c.count("exit_3")
            if not said:
                c.bad(f"{what}: exit 3 without a word")
            elif words and not re.search(words, got.stderr):
                c.bad(f"{what}: its sentence does not name the cause: {said[-300:]}")
        elif got.code == 1 and command.args[0] == "ingest" and LEFT_OUT.search(
                got.stdout + got.stderr):
            c.count("exit_1")
        elif got.code == 1 and command.args[0] == "salvage" and NOT_READ.search(got.stdout):
            c.count("exit_1")
        else:
            c.bad(f"{what}: exit {got.code} with another result: {said[-300:]}")
        self.check_store(c, got, what, free)

    def check_store(self, c, got, what, free):
        command = got.command
        if not command.writes and got.state != command.state:
            c.bad(f"{what}: the store was changed by a command that reads")
        if command.writes and got.state is None:
            c.bad(f"{what}: the store cannot be read")
        if command.writes and got.state is not None:
            rows = set(got.state.splitlines())
            if self.before(c, command) - rows:
                c.bad(f"{what}: lost {len(self.before(c, command) - rows)} of what was there")
            if ACKNOWLEDGED.search(got.stdout) and not LEFT_OUT.search(got.stderr) and set(command.state.splitlines()) - rows:
                c.bad(f"{what}: acknowledged and lost")
        if command.writes and not self.verify(c, what):
            return
        if self.is_whole(got) or not (command.writes or command.out or free):
            return
        # The same once more, undisturbed. What appeared, whole, although something failed after
        # it (its last line could not be written) stands in the way of another.
        if free:
            free()
        if command.args[0] == "init" and os.path.exists(c.path("store")):
            return
        if command.name == "proof-init" and os.path.exists(c.path("store/proof.mdb")):
            return
        if command.out and got.files == command.files:
            return
        again = self.run(c, command, fresh=False)
        self.look(c, again)
        if again.state != command.state or again.files != command.files or (
                again.code not in (command.code, 1 if command.args[0] == "ingest" else 0)):
            c.bad(f"{what}: the same command again: exit {again.code}: "
                  f"{again.stderr.decode(errors='replace').strip()[-300:]}")  # fmt: skip
        if command.writes:
            self.verify(c, what + ", once more")
