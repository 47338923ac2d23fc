"""Cases 47 to 67, as far as they are of the store and of what is printed: full disks and other
limits, damage, other files in the store's place, media and formats, two at once, hostile texts
in pages, terminals and tables, texts that are hard to compare. What is not here and why:
docs/reliability.md, row 18."""

import json
import os
import pty
import random
import resource
import shutil
import signal
import subprocess
import tarfile
import threading

from kit import *

PAGE = 4096


def filled(c, n=60):
    """Two crawls of n articles, every fifth changed; gives what went in by crawl."""
    noise = random.Random(5)
    crawls = {"mon": {}, "tue": {}}
    for i in range(n):
        body = f"글 {i}. 시는 다리를 놓는다. " + "%x " % noise.getrandbits(3000)
        for crawl, at in (("mon", AT), ("tue", LATER)):
            crawls[crawl][f"{i}.md"] = crawl_file(
                aid=str(i), at=at, body=body + ("고쳤다." if crawl == "tue" and i % 5 == 0 else "")
            )
    for crawl, files in crawls.items():
        for name, data in files.items():
            c.put(f"{crawl}/{name}", data)
        c.ingest(crawl, crawl=crawl)
    return crawls


def copy_store(c, name):
    shutil.rmtree(c.path(name), ignore_errors=True)
    shutil.copytree(c.store, os.fsdecode(c.path(name)))
    return os.path.join(os.fsdecode(c.path(name)), "data.mdb")


def limited(what, value):
    def apply():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(what, (value, value))

    return apply


# --- no room ------------------------------------------------------------------------------


def case_47_full_disk(c):
    if not private_mounts():
        raise Skip("needs root, for a small disk")
    files = {f"{i}.md": crawl_file(aid=str(i), body=f"글 {i}. " + "%x " % random.Random(i).getrandbits(8000))
             for i in range(150)}  # fmt: skip
    for name, data in files.items():
        c.put(f"in/{name}", data)
    disk = os.fsdecode(c.path("disk"))
    os.mkdir(disk)
    full = 0
    for kb in range(48, 900, 106):
        check(mount("none", disk, "tmpfs", 0, f"size={kb}k"), "a small disk")
        c.store = os.path.join(disk, "store")
        result = c.run("ingest", "--crawl", "c", "in", code=None)
        check(result.code in (0, 3), f"{kb} kB: exit {result.code}: {result.err}")
        if result.code == 3:
            full += 1
            contains(result.err.lower(), "disk full", f"{kb} kB: said")
        check(mount("none", disk, "tmpfs", MS_REMOUNT, "size=64m"), "more room")
        c.run("ingest", "--crawl", "c", "in")
        c.check_export(files)
        c.verify()
        LIBC.umount2(os.fsencode(disk), 2)
    check(full >= 3, f"the disk was full {full} times")


def case_49_other_limits(c):
    crawls = filled(c)
    for i in range(200):
        c.put(f"more/{i}.md", crawl_file(aid=f"m{i}", body="%x " % random.Random(i).getrandbits(9000)))
    size = os.path.getsize(os.path.join(c.store, "data.mdb"))
    for name, what, value, words in (
        ("file size", resource.RLIMIT_FSIZE, size + 40_000, "limit on file sizes"),
        ("open files", resource.RLIMIT_NOFILE, 7, "oo many open files"),
        ("memory", resource.RLIMIT_AS, 48 * MIB, "memory|address space"),
    ):
        if name == "memory" and c.sanitized:
            continue
        result = c.run("ingest", "--crawl", "more", "more", code=None,
                       preexec_fn=limited(what, value))  # fmt: skip
        equal(result.code, 3, f"{name}: exit, {result.err}")
        matches(result.err, words, f"{name}: said")
        c.verify()
        for crawl, files in crawls.items():
            c.check_export(files, crawl)
    c.run("ingest", "--crawl", "more", "more")
    c.verify()


# --- damage -------------------------------------------------------------------------------


def asked(c, store):
    """Each question of a damaged store: exit 0, 1 or 4, and with 4 a sentence."""
    for args in (("log", "001/5"), ("show", "001/5"), ("changes", "--json"), ("crawls",),
                 ("stats",), ("refused",), ("export", "-"), ("verify", "-q"), ("diff", "001/5"),
                 ("reindex", "-n"), ("find", "다리"), ("dups",)):  # fmt: skip
        c.store = store
        result = c.run(*args, code=None)
        check(result.code in (0, 1, 2, 4), f"{args}: exit {result.code}: {result.err}")
        if result.code == 2:  # an article that cannot be found any more, or no index
            contains(result.err, "there is no", f"{args}: said")
        if result.code == 4 and args[0] != "verify":
            contains(result.err, "damaged", f"{args}: said")


def case_50_damaged_store(c):
    crawls = filled(c)
    whole = c.store
    given = {data for files in crawls.values() for data in files.values()}
    size = os.path.getsize(os.path.join(whole, "data.mdb"))
    noise = random.Random(50)
    told = 0

    def hit(data, how):
        f = open(data, "r+b")
        page = noise.randrange(2, size // PAGE)
        f.seek(page * PAGE)
        one = f.read(PAGE)
        if how == "cut":
            f.truncate(page * PAGE)
        elif how == "zero":
            f.seek(page * PAGE)
            f.write(bytes(PAGE))
        elif how == "flip":
            at = noise.randrange(PAGE)
            f.seek(page * PAGE + at)
            f.write(bytes([one[at] ^ 1 << noise.randrange(8)]))
        else:
            other = noise.randrange(2, size // PAGE)
            f.seek(other * PAGE)
            two = f.read(PAGE)
            f.seek(other * PAGE)
            f.write(one)
            f.seek(page * PAGE)
            f.write(two)
        f.close()

    for how in ("cut", "zero", "flip", "swap") * 2:
        c.store = whole
        hit(copy_store(c, "hit"), how)
        hurt = os.path.join(c.folder, "hit")
        asked(c, hurt)
        c.store = hurt
        verdict = c.run("verify", code=None).code
        check(verdict in (0, 4), f"{how}: verify exits {verdict}")
        told += verdict == 4
        shutil.rmtree(c.path("out"), ignore_errors=True)
        salvaged = c.run("salvage", "out", code=None)
        check(salvaged.code in (0, 1), f"{how}: salvage exits {salvaged.code}: {salvaged.err}")
        if verdict == 0:
            equal(salvaged.code, 0, f"{how}: nothing is damaged, so nothing is lost")
        c.store = os.path.join(c.folder, "out")
        c.verify()
        for crawl in [row["crawl"] for row in c.ask("crawls")]:
            for name, data in c.export(crawl).items():
                check(data in given, f"{how}: {name!r} is not what went in")
        if how == "cut":
            equal(salvaged.code, 1, "a cut store lacks something")
    check(told >= 4, f"only {told} of 8 were told")


def case_51_other_files_in_its_place(c):
    filled(c)
    whole = c.store
    older = c.put("older.mdb", b"")
    shutil.copyfile(os.path.join(whole, "data.mdb"), older)
    c.put("later/1.md", crawl_file(aid="1", at=LATEST, body="다른 글."))
    c.ingest("later", crawl="later")

    def stands(name, code, words="damaged"):
        c.store = os.path.join(c.folder, "odd")
        result = c.run("log", "001/1", code=code)
        if code:
            contains(result.err, words, name)

    data = copy_store(c, "odd")
    shutil.copyfile(older, data)
    stands("an older file", 4, "older")
    c.store = whole
    data = copy_store(c, "odd")
    os.unlink(data + "-lock")
    stands("no table of readers", 0)
    with open(data + "-lock", "wb") as f:
        f.write(os.urandom(8192))
    c.run("log", "001/1", code=None)
    os.unlink(data + "-lock")
    os.rename(data, c.path("elsewhere.mdb"))
    os.symlink(c.path("elsewhere.mdb"), os.fsencode(data))
    stands("a link to another disk", 0)
    for name, make in (("nothing", lambda path: open(path, "wb").close()), ("a pipe", os.mkfifo),
                       ("a folder", os.mkdir)):  # fmt: skip
        os.unlink(data)
        make(data)
        stands(name, 4)


def case_52_read_only_medium(c):
    if not private_mounts():
        raise Skip("needs root, for a medium that is read only")
    crawls = filled(c, 10)
    check(mount(c.store, c.store, None, MS_BIND), "bind")
    check(mount("none", c.store, None, MS_REMOUNT | MS_BIND | MS_RDONLY), "read only")
    c.verify()
    equal(len(c.log("001/5")), 2, "revisions")
    c.check_export(crawls["mon"], "mon")
    c.put("later/1.md", crawl_file(aid="1", at=LATEST, body="다른 글."))
    matches(c.run("ingest", "later", code=3).err, "[Rr]ead-only", "said")


def case_53_other_formats(c):
    filled(c, 10)
    marker = os.path.join(c.store, "format")
    with open(marker) as f:
        text = f.read()
    words = text.split()
    with open(marker, "w") as f:
        f.write(" ".join([words[0], "9", *words[2:]]) + "\n")
    matches(c.run("log", "001/5", code=2).err, "has format 9, this program knows", "newer")
    with open(marker, "w") as f:
        f.write(text)
    c.verify()
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with tarfile.open(os.path.join(here, "data", "format-1.tar.gz")) as tar:
        tar.extractall(c.folder)  # our own
    c.store = os.path.join(c.folder, "format-1")
    before = open(os.path.join(c.store, "data.mdb"), "rb").read()
    contains(c.run("changes", code=2).err, "sillok migrate", "older")
    c.run("migrate", "made")
    equal(open(os.path.join(c.store, "data.mdb"), "rb").read(), before, "the old file")
    c.store = os.path.join(c.folder, "made")
    c.verify()
    check(c.ask("stats")[0]["articles"] > 0, "articles of the older store")


# --- two at once --------------------------------------------------------------------------


def case_56_two_at_once(c):
    crawls = filled(c, 20)
    c.put("later/1.md", crawl_file(aid="1", at=LATEST, body="다른 글."))
    row = json.dumps({"oid": "001", "aid": "s1", "title": "제목", "body": "느린 글이다.",
                      "crawled_at": LATEST})  # fmt: skip
    holder = c.start("ingest", "--crawl", "slow", "-", stdin=subprocess.PIPE, limit=30)
    holder.stdin.write((row + "\n").encode())
    holder.stdin.flush()
    for _ in range(200):  # until it has the lock, and has said whose it is
        busy = c.run("ingest", "--crawl", "later", "later", code=None)
        if busy.code == 5 and f"process {holder.pid} writes" in busy.err:
            break
        shutil.rmtree(c.path("later"))
        c.put("later/1.md", crawl_file(aid=f"x{_}", at=LATEST, body=f"다른 글 {_}."))
    equal(busy.code, 5, "busy")
    contains(busy.err, f"process {holder.pid} writes", "whose")
    c.verify()  # readers do not wait
    equal(len(c.log("001/5")), 2, "a question meanwhile")
    waiting = c.start("ingest", "--wait=20", "--crawl", "later", "later", limit=30)
    threading.Timer(0.5, holder.stdin.close).start()
    equal(c.finish(waiting).code, 0, "the one that waits")
    equal(c.finish(holder).code, 0, "the one that it waited for")
    equal(c.crawl("slow")["observations"], 1, "of the slow one")
    for crawl, files in crawls.items():
        c.check_export(files, crawl)
    c.verify()


def case_58_log_that_is_not_what_was_signed(c):
    """What an editor or a disk does to the log's file; what somebody does who can write LMDB's
    pages and their sums is in unit/proof."""
    filled(c, 20)
    c.run("proof", "init", "--name", "a.example/log")
    c.run("proof", "sign")
    c.put("later/1.md", crawl_file(aid="1", at=LATEST, body="다른 글."))
    before = copy_store(c, "before")
    c.ingest("later", crawl="later")
    c.verify()
    whole = c.store
    entries = [json.loads(line)["entry"].encode() for line in c.run("proof", "log", "--json").out.splitlines()]
    size = len(entries)
    log = os.path.join(os.fsdecode(c.path("odd")), "proof.mdb")

    def stands(name, words):
        c.store = os.path.join(c.folder, "odd")
        contains(c.run("verify", code=4).out.decode(), words, name)
        c.run("log", "001/1")  # questions to the store do not go by its log
        c.store = whole

    with open(os.path.join(whole, "proof.mdb"), "rb") as f:
        data = f.read()
    first, second = entries[3], entries[9]
    for name, was, now in (
        ("edited", first, first.replace(b"2026-01", b"2025-01")),
        ("removed", first, b" " * len(first)),
        ("out of order", first, second if len(first) == len(second) else first[::-1]),
    ):
        copy_store(c, "odd")
        check(data.count(was) >= 1 and was != now, name)
        with open(log, "wb") as f:
            f.write(data.replace(was, now))
        stands(name, "(entry) is not what was written")
    copy_store(c, "odd")
    with open(log, "wb") as f:
        f.write(data[: len(data) // 2])
    stands("cut in the middle", "damaged proof: the log ")
    copy_store(c, "odd")  # whole, but of yesterday: cut at the end
    for part in ("proof.mdb", "proof.mdb-seal"):
        shutil.copyfile(os.path.join(os.path.dirname(before), part), os.path.join(os.path.dirname(log), part))
    stands("cut at the end", f"the store says that {size} were signed")
    c.store = os.path.join(c.folder, "odd")
    contains(c.run("proof", "sign", code=4).err, "it was cut off, or is an old copy", "nothing is signed")
    c.store = whole
    copy_store(c, "odd")
    os.unlink(log)
    stands("gone", "the log is gone")
    # The store of yesterday with the checkpoint of today: every question is refused.
    copy_store(c, "odd")
    for part in ("data.mdb", "data.mdb-seal"):
        shutil.copyfile(os.path.join(os.path.dirname(before), part), os.path.join(os.path.dirname(log), part))
    c.store = os.path.join(c.folder, "odd")
    contains(c.run("log", "001/1", code=4).err, "older than its log of proofs", "an old store")


# --- hostile texts ------------------------------------------------------------------------

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


def case_60_pages_from_hostile_texts(c):
    for crawl, at, more in (("mon", AT, ""), ("tue", LATER, " 고쳤다.")):
        c.put(f"{crawl}/1.md", crawl_file(at=at, title="제목 " + HOSTILE.replace('"', "'"),
              body=f"{HOSTILE} 글이다.{more}", publisher=HOSTILE.replace('"', "'"), author=HOSTILE,
              category=HOSTILE, url="javascript:alert(1)"))  # fmt: skip
        c.ingest(crawl, crawl=crawl)
    c.run("report", "site")
    pages = {name: text for name, text in read_tree(c.path("site")).items()
             if name.endswith((b".html", b".svg"))}  # fmt: skip
    check(len(pages) >= 3, f"pages: {sorted(pages)}")
    seen = b"".join(pages.values())
    contains(seen, b"&lt;script&gt;alert(1)", "the title as text")
    for name, text in pages.items():
        for live in (b"<script", b"<img", b'href="javascript:', b"href='javascript:", b"onerror=a>"):
            check(live not in text, f"{name!r} has {live!r}")
    html = c.run("diff", "-f", "html", "001/0000000001", code=1).out
    check(b"<script" not in html and b"<img" not in html, "diff -f html")


def on_terminal(c, *args):
    """What the program prints to a terminal."""
    ours, theirs = pty.openpty()
    out = []

    def read():
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:
                return
            if not part:
                return
            out.append(part)

    reader = threading.Thread(target=read)
    reader.start()
    with os.fdopen(theirs, "wb", buffering=0, closefd=False) as f:
        process = c.start(*args, stdout=f, env={"TERM": "xterm", "PAGER": "cat"})
        process.files = (io.BytesIO(), process.files[1])
        result = c.finish(process)
    os.close(theirs)
    reader.join(5)
    os.close(ours)
    return result, b"".join(out)


def case_61_texts_for_a_terminal(c):
    live = "\x1b]52;c;eA==\x07 \x1b[2J \x9b31m \u202eabc\u2066 \u200b끝"
    for crawl, at, more in (("mon", AT, ""), ("tue", LATER, " 고쳤다.")):
        c.put(f"{crawl}/1.md", crawl_file(at=at, title="제목 " + live, body=live + "글이다." + more,
              author=live, publisher="신문 \u202e"))  # fmt: skip
        c.ingest(crawl, crawl=crawl)
    for args in (("changes", "-p"), ("log", "001/0000000001"), ("show", "001/0000000001"),
                 ("diff", "001/0000000001"), ("diff", "-f", "side", "001/0000000001")):  # fmt: skip
        result, seen = on_terminal(c, *args, "--color", "never")
        equal(result.code, int(args[0] == "diff"), f"{args}: exit")
        text = seen.decode().replace("\r\n", "\n")
        matches(text, "제목|끝", f"{args}: the text")
        found = re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
        check(not found, f"{args}: live {found and found[0]!r} on a terminal")
    equal(c.body("001/0000000001@1"), (live + "글이다.").encode(), "byte for byte into a file")


def case_62_cells_that_compute(c):
    for crawl, at in (("mon", AT), ("tue", LATER)):
        for i, sign in enumerate("=+-@"):
            c.put(f"{crawl}/{i}.md", crawl_file(aid=str(i), at=at,
                  title=f'{sign}cmd|x "{"고침" if crawl == "tue" else ""}",', quoted=False))  # fmt: skip
        c.ingest(crawl, crawl=crawl)
    safe = c.run("changes", "--all", "--csv").out.decode()
    raw = c.run("changes", "--all", "--csv", "--csv-raw").out.decode()
    for sign in "=+-@":
        contains(safe, f"\"'{sign}cmd|x \"\"고침\"\",\"", f"{sign}: guarded, quotes doubled")
        contains(raw, f'"{sign}cmd|x ""고침"","', f"{sign}: as it is")


# --- hard to compare ----------------------------------------------------------------------


def case_67_hard_comparisons(c):
    """Within 2 s and 256 MB of what is compared; beside that stands reading and printing."""
    n = 7 * MIB
    shapes = {
        "nothing in common": ("가나다 " * (n // 10), "나가라 " * (n // 10)),
        "lines of one character": ("a\n" * 1_000_000, "b\n" * 1_000_000),
        "all lines equal": ("같은 줄이다.\n" * (n // 18), "같은 줄이다.\n" * (n // 18 - 7)),
    }
    for i, (name, (before, after)) in enumerate(shapes.items()):
        for crawl, at, body in (("mon", AT, before), ("tue", LATER, after)):
            c.put(f"{crawl}/{i}.md", crawl_file(aid=str(i), at=at, body=body))
    for crawl in ("mon", "tue"):
        c.ingest(crawl, crawl=crawl)
    for i, name in enumerate(shapes):
        result = c.run("diff", "-f", "sentences", f"001/{i}", code=1)
        check(len(result.out) > 0, f"{name}: said")
        if not c.sanitized:
            check(result.cpu < 6, f"{name}: {result.cpu:.1f} s")
    equal(len(c.ask("changes", "--all")), len(shapes), "changes")
