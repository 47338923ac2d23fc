"""What the campaigns of crashes stand on: commands that write, and what must hold after any end.

A scene is one command on one store: ingest into a new store, into one with older or newer
crawls, export, the index of near duplicates, and so on. It is ended somehow, by a signal or by
a power cut that is made up, and then check() asks, by the program alone:

 1. verify finds the store sound, or there is no store because none was reported yet;
 2. what was reported is there, and what is there is byte for byte what went in;
 3. a batch is wholly in or not at all: the crawls that are in are the first of the command's;
 4. the same command does its work afterwards, and then everything is there;
 5. verify finds the log of proofs sound too, and after the same command all is signed;
 6. a copy of the store (backup, migrate) is there whole or not at all. migrate begins with a
    store of an older format, tests/data/format-1.tar.gz, whose bytes it may not change.

Verbs that this file does not know are found by `sillok help`: those of WRITERS take part as
soon as the program has them, with a fresh path for each operand that their synopsis demands.
"""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile

ARTICLES = 40
WRITERS = ("backup", "compact", "migrate", "reindex", "salvage")
COPIES = ("backup", "migrate")
COMPACTED = ("compact-again", "ingest-compacted")  # scenes that begin with what compact made
LOGGED = ("sign", "ingest-logged")  # that begin with a store that has a log of proofs
DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data")
STEP = 1024  # files: an ingest of one source commits after multiples of so many


def on_fast_disk():
    """Many small stores: in memory where possible. Only what the program asks of the system
    matters here, not the medium."""
    if os.access("/dev/shm", os.W_OK):
        tempfile.tempdir = "/dev/shm"


def sillok(c, store, *args, stdin=None, timeout=120):
    """The result; code 124, as of timeout(1), where it did not end."""
    command = [c.program, "-s", store, *args]
    with open(stdin or os.devnull, "rb") as f:
        try:
            return subprocess.run(command, stdin=f, capture_output=True, timeout=timeout)
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(command, 124, b"", b"it did not end")


def files_below(folder):
    found = {}
    for at, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(at, name)
            with open(path, "rb") as f:
                found[os.path.relpath(path, folder)] = f.read()
    return found


def files_of_tar(data):
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {m.name: tar.extractfile(m).read() for m in tar if m.isfile()}


class Scene:
    """`args` as a list, with {out} for a path that the command makes, {in} for the folder of
    the crawls. `before`: the crawls that are in the store, None: there is no store yet.
    `adds`: the crawls that the command brings, in the order of its batches."""

    def __init__(self, name, args, before=(), adds=(), stdin=None, heavy=False):
        self.name, self.args, self.stdin = name, args, stdin
        self.before, self.adds, self.heavy = before, list(adds), heavy

    def command(self, c, at):
        return [a.replace("{out}", os.path.join(at, "out")).replace("{in}", c.crawls)
                for a in self.args]  # fmt: skip

    def start_from(self, c, at):
        """The store as it is before, in the folder `at`; gives its path."""
        store = os.path.join(at, "store")
        if self.name == "migrate":
            with tarfile.open(os.path.join(DATA, "format-1.tar.gz")) as tar:
                tar.extractall(at)
            os.rename(os.path.join(at, "format-1"), store)
        elif self.name in COMPACTED:
            shutil.copytree(c.compacted[tuple(self.before)], store)
        elif self.name in LOGGED:
            shutil.copytree(c.logged[tuple(self.before)], store)
        elif self.before is not None:
            shutil.copytree(c.stores[tuple(self.before)], store)
        return store

    def stdin_path(self, c):
        return os.path.join(c.crawls, self.stdin) if self.stdin else os.devnull


def crawl(i):
    return f"crawl-{i}"


def synopsis(c, verb):
    """The operands that a verb demands, from its usage line."""
    text = subprocess.run([c.program, "help", verb], capture_output=True).stdout.decode()
    usage = re.search(r"^usage: sillok \[-s STORE\] " + verb + r"(.*)$", text, re.M)[1]
    return [w for w in re.sub(r"\[[^]]*\]", "", usage).split() if w.isupper()]


def scenes(c):
    tars = ["{in}/" + crawl(i) + ".tar" for i in range(5)]
    ingest = ["ingest", "--json"]
    first, last = [crawl(0), crawl(1), crawl(2)], [crawl(3), crawl(4)]
    found = [
        Scene("init", ["init"], None),
        Scene("ingest-new", ingest + tars[:3], None, first),
        Scene("ingest-more", ingest + tars[3:], first, last),
        Scene("ingest-older", ingest + tars[:3], last, first),
        Scene("ingest-folder", ingest + ["{in}/" + n for n in last], first, last),
        Scene("ingest-stdin", ingest + ["--crawl", last[0], "-"], first, last[:1],
              crawl(3) + ".tar"),  # fmt: skip
        Scene("ingest-again", ingest + tars, first + last, first + last),
        Scene("export-folder", ["export", "{out}"], first),
        Scene("export-tar", ["export", "{out}.tar"], first),
        Scene("near", ["clusters", "--all-time"], first),
        Scene("report", ["report", "{out}"], first),
        Scene("sign", ["proof", "sign", "--json"], first),
        Scene("ingest-logged", ingest + tars[3:], first, last),
        Scene("config", ["config", "zone", "KST"], first),
        Scene("stream", ingest + ["--crawl", "stream", "-"], None, ["stream"], "stream.tar", True),
    ]
    listed = subprocess.run([c.program, "help"], capture_output=True).stdout.decode()
    for verb in WRITERS:
        if re.search(rf"^  {verb} ", listed, re.M):
            outs = ["{out}" + str(k) for k in range(len(synopsis(c, verb)))]
            found.append(Scene(verb, [verb, *outs], first + last))
    if any(s.name == "compact" for s in found):
        found.append(Scene("compact-again", ["compact", "--level", "3"], first + last))
        found.append(Scene("ingest-compacted", ingest + tars[3:], first, last))
    return found


def data_file(store):
    """The file that the data of a store is in, by its marker."""
    with open(os.path.join(store, "format")) as f:
        words = f.read().split()
    return os.path.join(store, words[3] if len(words) > 3 else "data.mdb")


def pack(folder, tar_path):
    """By name, as the program reads folders; gives the files in that order."""
    names = sorted(files_below(folder))
    with tarfile.open(tar_path, "w") as tar:
        for name in names:
            tar.add(os.path.join(folder, name), arcname=name)
    return names


def be_traced():
    """LeakSanitizer ends a program that is traced."""
    options = os.environ.get("ASAN_OPTIONS")
    os.environ["ASAN_OPTIONS"] = (options + ":" if options else "") + "detect_leaks=0"


def set_up(c, heavy):
    """Crawls, stores to begin with, scenes: once per campaign. Without `heavy` the scenes with
    thousands of files are left out."""
    c.crawls = os.path.join(c.base, "in")
    sample = c.tool("tools/sample/sillok-sample")

    def make(articles, crawls, seed, out):
        subprocess.run([sample, "--seed", str(seed), "--articles", str(articles), "--crawls",
                        str(crawls), out], check=True, capture_output=True)  # fmt: skip

    make(ARTICLES, 5, c.seed, c.crawls)
    c.want = {crawl(i): files_below(os.path.join(c.crawls, crawl(i))) for i in range(5)}
    for i in range(5):
        pack(os.path.join(c.crawls, crawl(i)), os.path.join(c.crawls, crawl(i) + ".tar"))
    if heavy:
        make(4 * STEP + 500, 1, c.seed + 1, os.path.join(c.base, "many"))
        many = os.path.join(c.base, "many", "crawl-0")
        c.stream = pack(many, os.path.join(c.crawls, "stream.tar"))
        c.want["stream"] = files_below(many)
    c.scenes = [s for s in scenes(c) if heavy or not s.heavy]
    c.stores, c.compacted, c.logged, c.known = {}, {}, {}, {}
    for s in c.scenes:
        key = tuple(s.before or ())
        if s.before is None or key in c.stores:
            continue
        c.stores[key] = os.path.join(c.base, "store-" + "-".join(n[-1] for n in key))
        r = sillok(c, c.stores[key], "ingest",
                   *(os.path.join(c.crawls, n + ".tar") for n in key))  # fmt: skip
        if r.returncode:
            raise RuntimeError(r.stderr.decode())
    for key in {tuple(s.before) for s in c.scenes if s.name in COMPACTED}:
        c.compacted[key] = c.stores[key] + "-compacted"
        shutil.copytree(c.stores[key], c.compacted[key])
        r = sillok(c, c.compacted[key], "compact")
        if r.returncode:
            raise RuntimeError(r.stderr.decode())
    for key in {tuple(s.before) for s in c.scenes if s.name in LOGGED}:
        c.logged[key] = c.stores[key] + "-logged"
        shutil.copytree(c.stores[key], c.logged[key])
        r = sillok(c, c.logged[key], "proof", "init", "--name", "campaign.example/log")
        if r.returncode:
            raise RuntimeError(r.stderr.decode())


def reported(out):
    """What the caller of ingest --json may count on: files, by the last whole line."""
    files = 0
    for line in out.split(b"\n")[:-1]:
        event = json.loads(line) if line.startswith(b"{") else {}
        if event.get("event") == "progress":
            files = max(files, event["files"])
    return files


def stored(c, store):
    """{crawl: {name: bytes}} of all that the store gives back, or a sentence."""
    r = sillok(c, store, "export", "-")
    if r.returncode:
        return f"export: exit {r.returncode}: {r.stderr.decode()[-300:]}"
    found = {}
    for name, data in files_of_tar(r.stdout).items():
        in_crawl, _, rest = name.partition("/")
        found.setdefault(in_crawl, {})[rest] = data
    return found


def whole_batches(c, scene, got):
    """How many files of the command are in; or a sentence, when that is not as it should be."""
    for name in scene.before or ():
        if got.get(name) != c.want[name]:
            return f"{name} was there before and is not as it was"
    if extra := set(got) - set(scene.before or ()) - set(scene.adds):
        return f"crawls that nobody took in: {extra}"
    n, ended = 0, False
    for name in scene.adds:
        files = got.get(name, {})
        if ended and files and name not in (scene.before or ()):
            return f"{name} is there, and one before it is not"
        if any(c.want[name].get(k) != v for k, v in files.items()):
            return f"a file of {name} is not as it went in"
        n += len(files)
        if len(files) != len(c.want[name]):
            ended = True
            if name != "stream" and files:
                return f"half a batch of {name} is there: {len(files)} files"
            if name == "stream" and (
                len(files) % STEP or set(files) != set(c.stream[: len(files)])):  # fmt: skip
                return f"half a batch of the stream is there: {len(files)} files"
    return n


def verified(c, store, when):
    r = sillok(c, store, "verify")
    if r.returncode == 0:
        return True
    text = (r.stdout + r.stderr).decode()[-400:]
    c.bad(f"verify {when}: exit {r.returncode}: {text}")
    return False


def check(c, scene, at, out, finished=False, again=True, lost_power=False):
    """After any end of the scene's command in the folder `at`; `out` is what it had printed,
    `finished` whether it had ended well by itself. Counts with c.bad(). True: all is well."""
    store = os.path.join(at, "store")
    what = f"{scene.name}:"
    n_reported = reported(out) if scene.adds else 0
    there = os.path.exists(store)
    if scene.name in COPIES and not copy_is_whole(c, scene, at, finished):
        return False
    if scene.name == "migrate":
        return not again or go_on(c, scene, at, there, lost_power)
    if there:
        if not verified(c, store, f"after the end of {scene.name}"):
            return False
        got = stored(c, store)
        n = got if isinstance(got, str) else whole_batches(c, scene, got)
        if isinstance(n, str):
            c.bad(f"{what} {n}")
            return False
    else:
        n = 0
        if scene.before is not None or finished:
            c.bad(f"{what} the store is gone")
            return False
    everything = sum(len(c.want[name]) for name in scene.adds)
    c.count("reported", n_reported)
    if n < n_reported or (finished and n < everything):
        c.bad(f"{what} {n_reported} files were reported, {n} are there")
        return False
    if finished and not result_is_whole(c, scene, at):
        return False
    return not again or go_on(c, scene, at, there, lost_power)


def go_on(c, scene, at, there, lost_power):
    """The same command again, and then all must be there."""
    store = os.path.join(at, "store")
    command = scene.command(c, at)
    if lost_power and scene.name.startswith("export"):
        command.append("--force")  # a name without its bytes may have lasted
    r = sillok(c, store, *command, stdin=scene.stdin_path(c))
    if r.returncode and scene.name in (*WRITERS, "export-tar"):  # complete before the end
        remove_outputs(at)
        r = sillok(c, store, *command, stdin=scene.stdin_path(c))
    if r.returncode and not (scene.name == "init" and there):
        c.bad(f"{scene.name}: again: exit {r.returncode}: {r.stderr.decode()[-300:]}")
        return False
    if scene.name in COPIES and not copy_is_whole(c, scene, at, True):
        return False
    if scene.name == "migrate":
        return True
    got = stored(c, store)
    want = {n: c.want[n] for n in [*(scene.before or ()), *scene.adds]}
    if got != want:
        c.bad(f"{scene.name}: again: not all is there: "
              f"{got if isinstance(got, str) else {k: len(v) for k, v in got.items()}}")  # fmt: skip
        return False
    return verified(c, store, f"after {scene.name} again") and result_is_whole(c, scene, at)


def golden_files():
    """{name: SHA-256} of what the store of the older format holds."""
    with open(os.path.join(DATA, "format-1.files"), encoding="utf-8",
              errors="surrogateescape") as f:  # fmt: skip
        rows = [line.rstrip("\n").split("  ./", 1) for line in f]
    # sha256sum(1) escapes names, and says so before the sum.
    unescape = {"\\\\": "\\", "\\n": "\n", "\\r": "\r"}
    return {re.sub(r"\\[\\nr]", lambda m: unescape[m[0]], name) if digest[0] == "\\" else name:
            digest.lstrip("\\") for digest, name in rows}  # fmt: skip


def copy_is_whole(c, scene, at, needed):
    """What backup and migrate make is there whole or not at all; `needed`: it is there. And
    migrate does not change the store that it reads."""
    made = os.path.join(at, "out0")
    if scene.name == "migrate":
        with tarfile.open(os.path.join(DATA, "format-1.tar.gz")) as tar:
            was = tar.extractfile("format-1/data.mdb").read()
        with open(os.path.join(at, "store", "data.mdb"), "rb") as f:
            if f.read() != was:
                c.bad("migrate: the store that it reads is another one")
                return False
    if not os.path.exists(made):
        if needed:
            c.bad(f"{scene.name}: there is no copy")
        return not needed
    if not verified(c, made, f"of what {scene.name} made"):
        return False
    got = stored(c, made)
    want = {n: c.want[n] for n in scene.before}
    if scene.name == "migrate" and not isinstance(got, str):
        got = {f"{n}/{k}": hashlib.sha256(v).hexdigest() for n in got for k, v in got[n].items()}
        want = golden_files()
    if got != want:
        c.bad(f"{scene.name}: the copy has not what the store has: {str(got)[:300]}")
    return got == want


def remove_outputs(at):
    for name in os.listdir(at):
        if name.startswith("out"):
            path = os.path.join(at, name)
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)


def result_is_whole(c, scene, at):
    """What the command makes beside the store."""
    try:
        got, want = result(c, scene, at)
    except (OSError, tarfile.TarError) as why:
        c.bad(f"{scene.name}: what it made cannot be read: {why}")
        return False
    if got != want:
        c.bad(f"{scene.name}: what it made is not whole")
    return got == want


def result(c, scene, at):
    """(what it made, what it should have made)"""
    store, out = os.path.join(at, "store"), os.path.join(at, "out")
    want = {f"{n}/{k}": v for n in scene.before or () for k, v in c.want[n].items()}
    if scene.name == "export-folder":
        return {k: v for k, v in files_below(out).items() if ".sillok.new." not in k}, want
    if scene.name == "export-tar":
        with open(out + ".tar", "rb") as f:
            return files_of_tar(f.read()), want
    if scene.name in LOGGED:
        status = json.loads(sillok(c, store, "proof", "--json").stdout)
        return (status["crawls_behind"], status["entries"]), (0, status["signed_entries"])
    if scene.name == "config":
        return sillok(c, store, "config", "zone").stdout, b"KST\n"
    if scene.name == "near":
        got = sillok(c, store, *scene.args).stdout
    elif scene.name == "report":
        got = files_below(out)
        if not got:
            raise FileNotFoundError(out)
    else:
        return None, None
    # The same each time, so the undisturbed run tells.
    return got, c.known.setdefault(scene.name, got)


def undisturbed(c, scene, wrap=(), keep=None):
    """One whole run of the scene in a folder of its own: its output and the folder. What it
    made is what is asked for after each disturbed one. None: it does not work here."""
    at = keep or tempfile.mkdtemp(prefix="whole.", dir=c.base)
    store = scene.start_from(c, at)
    out = os.path.join(c.base, f"stdout.{scene.name}")
    with open(scene.stdin_path(c), "rb") as stdin, open(out, "wb") as stdout:
        r = subprocess.run([*wrap, c.program, "-s", store, *scene.command(c, at)], stdin=stdin,
                           stdout=stdout, stderr=subprocess.PIPE, timeout=300)  # fmt: skip
    if r.returncode:
        if scene.name in WRITERS:
            c.counts.setdefault("left_out", []).append(scene.name)
            return None
        raise RuntimeError(f"{scene.name}: exit {r.returncode}: {r.stderr.decode()}")
    with open(out, "rb") as f:
        printed = f.read()
    before = c.n_bad
    result_is_whole(c, scene, at)
    if c.n_bad > before:
        raise RuntimeError(f"{scene.name}: an undisturbed run is not whole")
    return printed


def plant(c, scene, at, out):
    """The fault of --control: a store that forgot what it reported, or a file that was cut."""
    if not os.path.exists(os.path.join(at, "store", "format")):
        return
    data = data_file(os.path.join(at, "store"))
    of = (c.compacted if scene.name in COMPACTED
          else c.logged if scene.name in LOGGED else c.stores)  # fmt: skip
    old = of.get(tuple(scene.before or ()))
    if reported(out) and old:
        shutil.copy(data_file(old), data)
    else:
        os.truncate(data, os.path.getsize(data) // 2)
