"""Cases 29 to 42: folders, names, archives, and where an export goes."""

import os
import random
import re
import socket
import subprocess
import tarfile
import threading
import zipfile
import zlib

from kit import *

NOT_REGULAR = "not a regular file"
LINK = "a symbolic link, not followed"
NOBODY = 65534


def skipped(name, why):
    return line(name, why, "skipped")


# --- folders ------------------------------------------------------------------------------


def case_29_what_is_not_a_regular_file(c):
    c.put("in/" + GOOD, GOOD_FILE)
    os.mkfifo(c.path("in/fifo.md"))
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.path.relpath(os.path.join(c.folder, "in/socket.md")))
    c.put("in/folder.md/inside.md", crawl_file(aid="2"))
    want = [skipped(n, NOT_REGULAR) for n in ("fifo.md", "socket.md", "folder.md")]
    try:
        os.mknod(c.path("in/zero.md"), 0o20666, os.makedev(1, 5))
        want.append(skipped("zero.md", NOT_REGULAR))
    except PermissionError:
        c.notes.append("device in the folder: skipped, needs root")
    result = c.ingest("in")
    equal_lines(result.err_lines, want)
    equal((result.sum["files"], result.sum["skipped"]), (1, len(want)), "files and skipped")
    c.check_export({GOOD: GOOD_FILE})
    for path in ("in/fifo.md", "in/socket.md", "/dev/zero", "/dev/null"):
        alone = c.ingest(path, "in/" + GOOD, crawl="alone", code=1)
        advice = (" but a pipe: a tar or NDJSON that comes through one is read as -, from"
                  " standard input" if "fifo" in path else "")  # fmt: skip
        equal_lines(alone.err_lines,
                    [f"{path}: '{path}' is neither a file nor a folder{advice} (source_failed)"])
        equal(alone.sum["files"], 1, "the others go on")
    c.verify()


def case_30_links_and_depth(c):
    c.put("in/" + GOOD, GOOD_FILE)
    outside = c.put("outside/secret.md", crawl_file(aid="2", title="밖에 있는 글"))
    for name, target in (("passwd.md", "/etc/passwd"), ("secret.md", outside), ("loop", "."),
                         ("up", ".."), ("self.md", "self.md"), ("dangling.md", "nothing"),
                         ("out", os.path.dirname(outside))):  # fmt: skip
        os.symlink(target, c.path("in/" + name))
    links = ["passwd.md", "secret.md", "loop", "up", "self.md", "dangling.md", "out"]
    result = c.ingest("in")
    equal_lines(result.err_lines, [skipped(n, LINK) for n in links])
    c.check_export({GOOD: GOOD_FILE})
    # What was asked for by name is followed.
    asked = c.ingest("in/secret.md", "in/out", crawl="asked")
    equal((asked.sum["files"], asked.err), (2, ""), "links on the command line")
    fine = "deep/" + "d/" * 63
    c.put(fine + "at64.md", crawl_file(aid="64"))
    c.put(fine + "d/at65.md", crawl_file(aid="65"))
    deep = c.ingest("deep", crawl="deep", code=None)
    too_deep = "d/" * 63 + "d: folders nested too deep (limits.folder_depth) (skipped)"
    equal_lines(deep.err_lines, [too_deep])
    c.check_export({"d/" * 63 + "at64.md": crawl_file(aid="64")}, crawl="deep")
    c.run("config", "limits.folder_depth", "70")
    equal(c.ingest("deep", crawl="deeper").sum["files"], 2, "files with a larger limit")
    c.verify()
    if not private_mounts():
        c.notes.append("bind mounts: skipped, needs root")
        return
    c.put("bound/" + GOOD, GOOD_FILE)
    os.mkdir(c.path("bound/again"))
    check(mount(c.path("bound"), c.path("bound/again"), flags=MS_BIND), "bind mount")
    check(mount(c.path("bound"), c.path("bound/again/again"), flags=MS_BIND), "bind mount")
    bound = c.ingest("bound", crawl="bound")
    equal((bound.sum["files"], bound.err), (3, ""), "a bound folder is taken as it stands")


def case_31_file_changes_while_read(c):
    """A thread writes, cuts and replaces files as fast as it can. Whatever is taken in was the
    whole content at some moment: the writer's texts tell, because each is all of one letter."""
    size, stop = 400_000, threading.Event()
    c.put("in/" + GOOD, GOOD_FILE)
    letters = "가나다라마바사아자차카타파하"
    whole = [crawl_file(aid="1", title=l, body=l * (size // 3)) for l in letters]

    def keep_changing():
        i = 0
        while not stop.is_set():
            i += 1
            data = whole[i % len(whole)]
            for name in ("written.md", "grows.md"):
                with open(c.path("in/" + name), "r+b" if i % 3 else "wb") as f:
                    f.write(data)
            c.put("aside", data)
            os.replace(c.path("aside"), c.path("in/replaced.md"))

    for name in ("written.md", "grows.md", "replaced.md"):
        c.put("in/" + name, whole[0])
    writer = threading.Thread(target=keep_changing)
    writer.start()
    try:
        seen = []
        for i in range(12):
            result = c.ingest("in", crawl=f"c{i}", code=None)
            check(result.code in (0, 1), f"exit {result.code}")
            seen += [l for l in result.err_lines if "conflict" not in l]
    finally:
        stop.set()
        writer.join()
    for said in seen:
        # A write in place is seen as a mixture where it fits between the two looks: then the
        # hash tells. A name that was taken away for a moment cannot be opened.
        matches(said, r"^(written|grows|replaced)\.md: (changed while it was read "
                r"\(changed_while_read\)|claimed hash differs: .* \(mismatch\)|"
                r".* \((no_footer|no_front_matter|unclosed_front_matter|empty|no_heading|bad_yaml|"
                r"missing_key)\))$", "a line on stderr")
        check(not said.startswith("replaced.md: claimed"), "a replaced file is never a mixture")
    rows = c.run("export", "-f", "ndjson").json
    for row in rows:
        if row["name"] == "replaced.md":
            equal({*row["body"]}, {row["title"]}, "a replaced file is whole")
    equal(c.export("c0")[GOOD.encode()], GOOD_FILE, "the neighbour")
    c.verify()


def as_nobody(c):
    """Options for run() that make the program an unprivileged user where we are root."""
    if os.geteuid() != 0:
        return {}
    os.chmod(c.folder, 0o777)
    probe = subprocess.run(["/bin/sh", "-c", f'test -x "{c.program}"'], user=NOBODY, group=NOBODY,
                           extra_groups=[])  # fmt: skip
    if probe.returncode != 0:
        raise Skip("the program cannot be reached without root's rights")
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def case_32_unreadable_and_vanished(c):
    c.put("in/" + GOOD, GOOD_FILE)
    os.chmod(c.put("in/secret.md", crawl_file(aid="2")), 0)
    c.put("in/closed/x.md", crawl_file(aid="3"))
    os.chmod(c.path("in/closed"), 0)
    who = as_nobody(c)
    try:
        result = c.ingest("in", code=1, **who)
        equal_lines(result.err_lines, [
            "secret.md: Permission denied (unreadable)",
            "closed: cannot open the folder 'closed': Permission denied (unreadable)",
        ])  # fmt: skip
        equal(result.sum["refused"], 2, "refused")
        rows = {r["name"]: (r["code"], r["kept"]) for r in c.run("refused", "--json", **who).json}
        equal(rows, {n: ("unreadable", False) for n in ("secret.md", "closed")}, "refused")
        alone = c.ingest("in/secret.md", "in/" + GOOD, crawl="alone", code=1, **who)
        equal_lines(alone.err_lines, ["secret.md: Permission denied (unreadable)"])
        equal((alone.sum["files"], alone.sum["refused"]), (2, 1), "the others go on")
    finally:
        os.chmod(c.path("in/closed"), 0o755)
    c.check_export({GOOD: GOOD_FILE})
    c.run("ingest", "nowhere", code=2)
    vanishing(c, who)
    failing_reads(c)


def vanishing(c, who):
    """Files that go between the listing and the opening."""
    names = [f"{i:04}.md" for i in range(3000)]
    for i, name in enumerate(names):
        c.put("going/" + name, crawl_file(aid=str(i)))
    process = c.start("ingest", "--json", "--crawl", "going", "going", **who)
    for name in reversed(names):
        os.unlink(c.path("going/" + name))
    result = c.finish(process)
    refused = [l for l in result.err_lines]
    for said in refused:
        matches(said, r"^\d{4}\.md: (No such file or directory \(unreadable\)|"
                r"changed while it was read \(changed_while_read\))$", "a line on stderr")
    equal(result.code, 1 if refused else 0, "exit code")
    back = c.export("going") if result.json[-1]["observations"] else {}
    for name, data in back.items():
        equal(data, crawl_file(aid=str(int(name[:4]))), f"bytes of {name!r}")


def failing_reads(c):
    """/proc/PID/mem is a regular file whose first page cannot be read: EIO."""
    if not private_mounts():
        c.notes.append("I/O error while reading: skipped, needs root")
        return
    c.put("eio/" + GOOD, good_file("eio"))
    c.put("eio/bad.md", "")
    check(mount("/proc/self/mem", c.path("eio/bad.md"), flags=MS_BIND), "bind mount of a file")
    # Memory of a process is out of the sandbox's reach, of whichever.
    result = c.ingest("eio", crawl="eio", code=1, env={"SILLOK_SANDBOX": "off"})
    equal_lines(result.err_lines, ["bad.md: Input/output error (unreadable)"])
    c.check_export({GOOD: good_file("eio")}, crawl="eio")
    LIBC.umount2(c.path("eio/bad.md"), 2)


NAMES = {  # as they are, and as people see them
    b"new\nline.md": r"$'new\nline.md'",
    b"esc\x1b[31m.md": r"$'esc\x1b[31m.md'",
    b"bad\xff\xfe.md": r"$'bad\xff\xfe.md'",
    b"-rf.md": "-rf.md",
    b"--.md": "--.md",
    b" blank .md": " blank .md",
    b"quote'\"\\.md": "quote'\"\\.md",
    b"tab\tquote'.md": r"$'tab\tquote\'.md'",
    b"bell\x07.md": r"$'bell\x07.md'",
    "뒤집힌\u202egnp.md".encode(): r"$'뒤집힌\u202egnp.md'",
    b"c1\xc2\x9b.md": r"$'c1\u009b.md'",
    b"%s%n.md": "%s%n.md",
    b"x" * 252 + b".md": "x" * 252 + ".md",
    "가".encode() * 84 + b".md": "가" * 84 + ".md",
    b".md.md": ".md.md",
    b"...md": "...md",
    b"*.md": "*.md",
}


def case_33_names(c):
    c.put("good/" + GOOD, GOOD_FILE)
    files = {}
    for i, name in enumerate(NAMES):
        files[name] = crawl_file(aid=str(i), at=AT)
        c.put(b"good/" + name, files[name])
        c.put(b"bad/" + name, "not a crawl file")
    c.put(b"good/sub\n\x1b/in.md", crawl_file(aid="sub"))
    files[b"sub\n\x1b/in.md"] = crawl_file(aid="sub")
    result = c.ingest("good")
    equal(result.err, "", "said")
    c.check_export({**files, GOOD: GOOD_FILE})
    result = c.ingest("bad", crawl="bad", code=1)
    equal_lines(result.err_lines, [f"{shown}: the first line is not '---' (no_front_matter)"
                                   for shown in NAMES.values()])  # fmt: skip
    names = [r["name"] for r in c.refused("bad")]
    equal(sorted(names), sorted(n.decode(errors="replace").replace("\ufffd", "\ufffd")
                                for n in NAMES), "names in JSON")  # fmt: skip
    table = c.run("refused", "--crawl", "bad").out.decode()
    for shown in NAMES.values():
        contains(table, shown[:100], "table of refusals")
    check(not re.search("[\x00-\x09\x0b-\x1f\x7f\u009b\u202e]", table), "no live character in it")
    dash = c.ingest(b"-rf.md", b"--.md", b"new\nline.md", crawl="dash", cwd=c.path("good"))
    equal(dash.sum["files"], 3, "names behind --")
    c.run("ingest", "-rf.md", cwd=c.path("good"), code=2)
    c.run("ingest", b"new\nnone\x1b.md", code=2)
    c.run(b"verb\x1b\n", code=2)
    c.verify()


def case_34_many_files_and_long_paths(c):
    def fill(folder, n):
        os.makedirs(c.path(folder))
        fd = os.open(c.path(folder), os.O_RDONLY)
        pattern = crawl_file(oid=folder, aid="AID")
        for i in range(n):
            data = pattern.replace(b"AID", b"%08d" % i)
            out = os.open(f"{i:08}.md", os.O_WRONLY | os.O_CREAT, dir_fd=fd)
            os.write(out, data)
            os.close(out)
        os.close(fd)

    fill("few", 5_000)
    fill("many", 20_000)
    few = c.ingest("few")
    many = c.ingest("many", crawl="many", options=["--quiet"])
    equal(many.sum["files"], 20_000, "files")
    check(c.sanitized or many.rss_mb < 1.5 * few.rss_mb + 32,
          f"memory is flat: {few.rss_mb:.0f} MB for 5,000, {many.rss_mb:.0f} for 20,000")
    got = c.crawl("many")
    equal((got["files"], got["observations"], got["new_articles"]), (20_000,) * 3, "the crawl")

    part = "긴이름" * 11  # 99 bytes; 50 of them are longer than any path may be
    data = crawl_file(aid="long")
    fd = os.open(c.folder, os.O_RDONLY)
    for name in ["long"] + [part] * 50:
        os.mkdir(name, dir_fd=fd)
        inner = os.open(name, os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = inner
    out = os.open("x.md", os.O_WRONLY | os.O_CREAT, dir_fd=fd)
    os.write(out, data)
    os.close(out)
    os.close(fd)
    long = c.ingest("long", crawl="long")
    equal(long.sum["observations"], 1, "a path longer than 4096 bytes")
    c.check_export({(part + "/") * 50 + "x.md": data}, crawl="long")
    c.verify()


def case_35_hard_links(c):
    data = crawl_file()
    c.put("in/" + GOOD, GOOD_FILE)
    c.put("in/a.md", data)
    c.put("in/sub/c.md", data)
    os.link(c.path("in/a.md"), c.path("in/b.md"))
    result = c.ingest("in")
    equal((result.err, result.sum["observations"], result.sum["new_bodies"]), ("", 4, 2), "counts")
    c.check_export({"a.md": data, "b.md": data, "sub/c.md": data, GOOD: GOOD_FILE})
    equal(c.ask("stats")[0]["bodies"], 2, "bodies")
    equal(len(c.log("001/0000000001")), 1, "revisions")
    c.verify()


# --- archives -----------------------------------------------------------------------------


def case_36_names_that_leave_the_folder(c):
    unsafe = ["../../etc/x.md", "a/../../b.md", "a//b.md", "a/./b.md", "../a/b.md", "//x.md"]
    safe = ["..md", "sub/ok.md", "...md", "x..md"]
    names = unsafe + safe + ["/abs.md", "./dot.md"]
    files = {n: crawl_file(aid=str(i), body=f"글 {i}") for i, n in enumerate(names)}
    odd = [("..", b"x"), ("a/..", b"x"), (".", b"x"), ("", b"x")]
    c.put("t.tar", tar_of([*files.items(), (GOOD, GOOD_FILE), *odd]))
    result = c.ingest("t.tar", options=["--quiet"])
    equal(result.sum["observations"], len(files) + 1, "observations")
    equal(c.list(), ["store", "t.tar"], "the folder")
    check(not os.path.exists("/abs.md"), "nothing is written at ingest")
    rows = {r["name"] for r in c.run("export", "-f", "ndjson").json}
    for name in unsafe + safe:
        contains(rows, name, "the name is kept as data")
    with c.part("absolute name"):
        contains(rows, "/abs.md", "the name is kept as data")

    os.mkdir(c.path("jail"))
    c.run("export", "jail/back", "--crawl", "c")
    equal(c.list(), ["jail", "store", "t.tar"], "the folder after export")
    equal(c.list("jail"), ["back"], "beside the target")
    back = read_tree(c.path("jail/back"))
    equal(sorted(back.values()), sorted([*files.values(), GOOD_FILE]), "every file comes back")
    for name in safe:
        equal(back[name.encode()], files[name], f"{name} under its own name")
    equal(back[b"dot.md"], files["./dot.md"], "dot.md without its ./")
    below = [data for name, data in back.items() if name.startswith(b"_unsafe/")]
    check({files[n] for n in unsafe} <= set(below), "the others below _unsafe/")

    tar = c.run("export", "-").out
    with tarfile.open(fileobj=io.BytesIO(tar)) as t:
        members = t.getmembers()
    for m in members:
        check(m.isreg() and not m.name.startswith("/") and ".." not in m.name.split("/"),
              f"member {m.name!r} of the tar")  # fmt: skip
    equal(len({m.name for m in members}), len(files) + 1, "names in the tar")
    # A folder of the target that is a link leads nowhere.
    c.put("elsewhere/keep", "")
    os.mkdir(c.path("linked"))
    os.symlink("../elsewhere", c.path("linked/sub"))
    c.run("export", "linked", "--crawl", "c", code=None)
    equal(c.list("elsewhere"), ["keep"], "behind the link")
    # Made safe, two names are one.
    with c.part("unsafe names that meet"):
        twins = {n: crawl_file(oid="2", aid=str(i)) for i, n in
                 enumerate(["../t/u.md", "../t_u.md", "_unsafe/.._t_u.md"])}  # fmt: skip
        c.put("twins.tar", tar_of(list(twins.items())))
        c.ingest("twins.tar", crawl="twins")
        equal(sorted(c.export("twins").values()), sorted(twins.values()), "files come back")
    c.verify()


def member(name, kind, link="", size=0):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, size
    return info


def sparse_member(name, data):
    """An old GNU sparse file: one piece of data, then a hole."""
    info = member(name, tarfile.GNUTYPE_SPARSE, size=len(data))
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[156:157] = b"S"
    header[386:410] = b"%011o\0%011o\0" % (0, len(data))
    header[483:495] = b"%011o\0" % (len(data) + 4096)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + data + bytes(-len(data) % 512)


def case_37_odd_tar_entries(c):
    data = crawl_file()
    entries = [
        (member("link.md", tarfile.SYMTYPE, "/etc/passwd"), None),
        (member("hard.md", tarfile.LNKTYPE, "file.md"), None),
        (member("outside.md", tarfile.LNKTYPE, "/etc/passwd"), None),
        (member("null.md", tarfile.CHRTYPE), None),
        (member("disk.md", tarfile.BLKTYPE), None),
        (member("fifo.md", tarfile.FIFOTYPE), None),
        (member("folder.md", tarfile.DIRTYPE), None),
        (member("links", tarfile.SYMTYPE, "/tmp"), None),
        ("links/x.md", crawl_file(aid="3")),
    ]
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in [(GOOD, GOOD_FILE), ("file.md", data)] + entries:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            if content is not None:
                info.size = len(content)
            tar.addfile(info, io.BytesIO(content) if content is not None else None)
        end = tar.offset
    raw = body.getvalue()[:end] + sparse_member("sparse.md", crawl_file(aid="4"))
    raw += tar_of([("last.md", crawl_file(aid="5"))])
    c.put("t.tar", raw)
    result = c.ingest("t.tar")
    equal_lines(result.err_lines, [
        skipped("link.md", LINK), skipped("hard.md", "a hard link"),
        skipped("outside.md", "a hard link"), skipped("null.md", NOT_REGULAR),
        skipped("disk.md", NOT_REGULAR), skipped("fifo.md", NOT_REGULAR), skipped("links", LINK),
        skipped("sparse.md", "a sparse file"),
    ])  # fmt: skip
    equal(result.sum["observations"], 4, "observations")
    c.check_export({GOOD: GOOD_FILE, "file.md": data, "links/x.md": crawl_file(aid="3"),
                    "last.md": crawl_file(aid="5")})  # fmt: skip
    c.verify()


class Zeros:
    """Deflate data of zeros, as long as wanted, made from one block: after a full flush
    compressed pieces may be put one behind the other."""

    PIECE = 8 * MIB

    def __init__(self):
        z = zlib.compressobj(9, zlib.DEFLATED, -15)
        self.piece = z.compress(bytes(self.PIECE)) + z.flush(zlib.Z_FULL_FLUSH)

    def deflated(self, data):
        z = zlib.compressobj(9, zlib.DEFLATED, -15)
        return z.compress(data) + z.flush(zlib.Z_FULL_FLUSH)


GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


def case_38_gzip_bomb(c):
    zeros = Zeros()

    def bomb(crawl, n_members, pieces, name="z{}.md"):
        """good.md, then members of so many pieces of zeros each."""
        good = good_file(crawl)
        small = tar_of([(GOOD, good)])[: 512 + (len(good) + 511) // 512 * 512]
        out = [GZIP_HEAD, zeros.deflated(small)]
        for i in range(n_members):
            head = member(name.format(i), tarfile.REGTYPE, size=pieces * zeros.PIECE)
            out.append(zeros.deflated(head.tobuf(tarfile.USTAR_FORMAT)) + pieces * zeros.piece)
        return b"".join(out) + zeros.deflated(bytes(1024))

    ratio = "looks like a bomb: unpacks to more than limits.archive_ratio times its size"
    large = "too large (limit 16777216 bytes, see limits.file_bytes)"
    c.put("one.tar.gz", bomb("one", 1, 128))  # 1 GB
    result = c.ingest("one.tar.gz", crawl="one", code=1)
    check(result.seconds < 3 or c.sanitized, f"stopped early: {result.seconds:.1f} s")
    equal_lines(result.err_lines, [
        f"z0.md: {large} (too_large)",
        re.compile(f": archive damaged after 2 entries: {ratio} \\(source_failed\\)$"),
    ])  # fmt: skip
    c.check_export({GOOD: good_file("one")}, crawl="one")
    equal([(r["name"], r["bytes"]) for r in c.refused("one")], [("z0.md", 1 << 30)], "refused")

    c.put("other.tar.gz", bomb("other", 1, 128, "z{}.bin"))
    result = c.ingest("other.tar.gz", crawl="other", code=1)
    contains(result.err, ratio, "what is no crawl file counts too")

    with c.part("20 GB in one member"):
        pieces = 2560
        head = member("z.bin", tarfile.REGTYPE, size=pieces * zeros.PIECE)
        c.put("vast.tar.gz", GZIP_HEAD + zeros.deflated(head.tobuf(tarfile.GNU_FORMAT)) +
              pieces * zeros.piece)  # fmt: skip
        process = c.start("ingest", "--crawl", "vast", "vast.tar.gz", limit=3)
        contains(c.finish(process).err, "looks like a bomb", "said")

    c.put("many.tar.gz", bomb("many", 40, 1))  # each below the limit of a file
    result = c.ingest("many.tar.gz", crawl="many", code=1)
    contains(result.err, ratio, "many members")
    n = result.sum["refused"]  # the member in which the limit is met is not taken
    check(7 <= n <= 12, f"stopped after 64 MB: {n} members of 8 MB")
    c.check_export({GOOD: good_file("many")}, crawl="many")

    c.put("twice.tar.gz", gzip.compress(tar_gz([(GOOD, GOOD_FILE)])))
    result = c.ingest("twice.tar.gz", crawl="twice", code=1)
    matches(result.err, r"(compressed more than once|not tar.*) \(source_failed\)$", "gzip in gzip")
    equal(result.sum["files"], 0, "files of gzip in gzip")
    c.put("gz.gz.md", bomb("named", 0, 0))  # a gzip by another name is a text that is none
    c.ingest("gz.gz.md", crawl="named", code=1)

    path = os.path.join(c.folder, "z.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
        z.writestr(GOOD, good_file("zip"))
        for i in range(10):
            z.writestr(f"z{i}.md", bytes(zeros.PIECE))
    result = c.ingest("z.zip", crawl="zip", code=1)
    contains(result.err, ratio, "a zip")
    c.check_export({GOOD: good_file("zip")}, crawl="zip")

    c.run("config", "limits.archive_bytes", "1M")
    noise = random.Random(38).randbytes(300_000)
    c.put("sum.tar.gz", tar_gz([(GOOD, GOOD_FILE)] + [(f"{i}.md", noise) for i in range(8)]))
    result = c.ingest("sum.tar.gz", crawl="sum", code=1)
    contains(result.err, "looks like a bomb: unpacks to more than limits.archive_bytes", "the sum")
    # A plain tar is as large as it looks.
    c.put("plain.tar", tar_of([(GOOD, GOOD_FILE)] + [
        (f"{i}.md", crawl_file(aid=str(i), body="긴 글이다. " * 20_000)) for i in range(8)]))
    equal(c.ingest("plain.tar", crawl="plain").sum["files"], 9, "a plain tar")
    c.verify()


def case_39_damaged_archive(c):
    files = {f"{i:03}.md": crawl_file(aid=str(i), title=f"기사 {i}",
                                      body=random.Random(i).randbytes(300).hex())
             for i in range(200)}  # fmt: skip
    members = list(files.items())
    packed = tar_gz(members)

    def judge(name, data, options=()):
        """Take a damaged archive in; whatever is accepted is right or flagged."""
        c.put(name + ".tar.gz", data)
        c.store = os.path.join(c.folder, "store." + name)
        result = c.ingest(name + ".tar.gz", crawl=name, code=None, options=options)
        odd = {e["name"] for e in result.json[:-1] if e["event"] == "mismatch"}
        back = c.export(name) if result.sum["observations"] else {}
        wrong = [n for n, got in back.items() if got != files.get(n.decode())]
        events = [e for e in result.json[:-1] if e["event"] == "source_failed"]
        told = f"{len(wrong)} wrong files were taken, {len(odd)} of them flagged"
        equal((result.code, len(events)), (1, 1), f"exit and failures of {name}; {told}")
        return result, events[0]["message"]

    for cut in (len(packed) // 2, len(packed) - 4, len(packed) - 20, 100):
        result, said = judge(f"cut{cut}", packed[:cut])
        matches(said, r"archive damaged after \d+ entries: ", f"cut at {cut}")
        n = int(re.search(r"after (\d+)", said)[1])
        equal(result.sum["observations"] in (n, n - 1), True, f"entries before the cut at {cut}")
    check(result.sum["observations"] < 3, "little of an archive cut after 100 bytes")
    for flip in (len(packed) // 3, len(packed) // 2, len(packed) * 3 // 4):
        bad = bytearray(packed)
        bad[flip] ^= 0x10
        with c.part(f"bit flipped at {flip}"):
            result, said = judge(f"flip{flip}", bytes(bad))
            matches(said, r"archive damaged after \d+ entries: ", "said")

    # Stored, not deflated: only the checksum behind it all tells of a bit in a title.
    stored = bytearray(tar_gz(members, level=0))
    at = stored.index("기사 150".encode())
    stored[at + 7] ^= 0x02
    wrong_sum = bytearray(packed)
    wrong_sum[-8] ^= 0x01
    for name, data in (("stored", stored), ("sum", wrong_sum)):
        with c.part(f"the checksum of a gzip: {name}"):
            judge(name, bytes(data))

    for name, data in (("cut", packed[: len(packed) // 2]), ("flip", bytes(bad))):
        with c.part(f"--atomic, {name}"):
            result, said = judge("whole_" + name, data, options=["--atomic"])
            contains(said, "nothing of it was taken in", "said")
            equal(c.ask("stats")[0]["observations"], 0, "taken")
            equal(result.sum["files"], 0, "counted")
    with c.part("a bit in a zip"):
        c.store = os.path.join(c.folder, "store.zip")
        with zipfile.ZipFile(os.path.join(c.folder, "z.zip"), "w") as z:
            for name, data in members:
                z.writestr(name, data)
        with open(c.path("z.zip"), "r+b") as f:
            at = f.read().index("기사 150".encode())
            f.seek(at + 7)
            f.write(b"9")
        result = c.ingest("z.zip", crawl="z", code=1)
        matches(result.err, r"archive damaged after \d+ entries: .* \(source_failed\)$", "said")
        for n, got in c.export("z").items():
            equal(got, files[n.decode()], f"bytes of {n!r}")
    with open(c.path("z.zip"), "wb") as f, zipfile.ZipFile(f, "w") as z:
        for name, data in members:
            z.writestr(name, data)
    with open(c.path("z.zip"), "rb") as f:
        zipped = f.read()
    head = bytearray(zipped)
    head[zipped.index(b"PK\3\4", 1000)] ^= 0x01
    for name, data, said, n in (("whole", zipped, None, 200),
                                ("commented", zipped[:-2] + b"\5\0hello", None, 200),
                                ("longer", zipped + b"\n", None, 200),
                                ("head", bytes(head), "its list has 200 members", 199),
                                ("list", zipped[:-100], "its list of members is missing", 200)):  # fmt: skip
        with c.part(f"a zip, {name}"):
            c.store = os.path.join(c.folder, "store.zip_" + name)
            c.put(f"zip_{name}.zip", data)
            result = c.ingest(f"zip_{name}.zip", crawl="z", code=1 if said else 0)
            equal(result.sum["files"], n, "files")
            if said:
                matches(result.err, r"archive damaged after \d+ entries: " + said, "said")
    second = tar_gz([("joined.md", crawl_file(aid="777"))])
    for name, data, n, whole in (("joined", packed + second, 201, True),
                                 ("padded", packed + bytes(600000), 200, True),
                                 ("padded and joined", packed + bytes(512) + second, 201, True),
                                 ("damaged", packed + b"x" + second[1:], 200, False),
                                 ("padded and damaged", packed + bytes(9) + b"x", 200, False)):  # fmt: skip
        with c.part(f"behind a gzip: {name}"):
            c.store = os.path.join(c.folder, "store.behind_" + name)
            c.put("behind.tar.gz", data)
            result = c.ingest("behind.tar.gz", crawl="b", code=0 if whole else 1)
            equal(result.sum["files"], n, "files")
            if not whole:
                contains(result.err, "what stands behind its gzip is none", "said")
    c.store = os.path.join(c.folder, "store.fine")
    c.put("fine.tar.gz", packed)
    equal(c.ingest("fine.tar.gz", crawl="fine", options=["--atomic"]).sum["observations"], 200,
          "--atomic takes all of a whole one")  # fmt: skip
    c.check_export(files, crawl="fine")
    c.put("empty.tar.gz", b"")
    matches(c.ingest("empty.tar.gz", crawl="empty", code=1).err, r"\(source_failed\)$", "empty")
    c.verify()


def case_40_odd_members(c):
    long_name = "가" * MIB + ".md"  # 3 MB
    c.put("long.tar", tar_of([(GOOD, good_file("long")), (long_name, crawl_file()),
                              ("b.md", crawl_file())]))  # fmt: skip
    result = c.ingest("long.tar", crawl="long", code=1)
    matches(result.err, r"^long\.tar: |archive damaged after 1 entries: .*large", "a 3 MB name")
    c.check_export({GOOD: good_file("long")}, crawl="long")

    good = good_file("same")
    first, second = crawl_file(body="먼저 온 글."), crawl_file(body="나중에 온 글.")
    third = crawl_file(aid="2", body="남의 이름을 단 글.")
    c.put("same.tar", tar_of([("x.md", first), (GOOD, good), ("x.md", second), ("x.md", third),
                              ("x~2.md", crawl_file(aid="3"))]))  # fmt: skip
    result = c.ingest("same.tar", crawl="same", code=1)
    equal((result.sum["observations"], result.sum["conflicts"]), (5, 1), "two of one name")
    with c.part("files of one name"):
        back = c.export("same")
        equal(sorted(back.values()), sorted([first, second, third, crawl_file(aid="3"), good]),
              "files of one name come back")  # fmt: skip
        check(b"x.md" in back and GOOD.encode() in back, "one of them keeps the name")

    # A name that is a file and a folder: no file system holds both.
    good = good_file("both")
    file, inside = crawl_file(aid="4"), crawl_file(aid="5")
    c.put("both.tar", tar_of([("a.md", file), ("a.md/b.md", inside), (GOOD, good)]))
    c.ingest("both.tar", crawl="both")
    with c.part("file and folder of one name"):
        equal(sorted(c.export("both").values()), sorted([file, inside, good]), "come back")
    c.verify()

    # 300,000 empty files: 150 MB of headers out of less than 1 MB.
    header = member("e.md", tarfile.REGTYPE).tobuf(tarfile.USTAR_FORMAT)
    z = zlib.compressobj(9, zlib.DEFLATED, -15)
    many = z.compress(header * 10_000) + z.flush(zlib.Z_FULL_FLUSH)
    c.put("empty.tar.gz", GZIP_HEAD + 30 * many)
    c.store = os.path.join(c.folder, "other")
    result = c.ingest("empty.tar.gz", code=1, options=["--quiet"])
    n = result.sum["files"]
    contains(result.err_lines[-1], "looks like a bomb", f"empty files; {n} were taken")


def case_41_other_archives(c):
    import bz2
    import lzma

    tar = tar_of([(GOOD, GOOD_FILE)])
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as z:
        z.writestr(GOOD, GOOD_FILE)
    iso = bytearray(40_000)
    iso[32768:32774] = b"\x01CD001"
    rar5 = b"Rar!\x1a\x07\x01\x00" + random.Random(41).randbytes(500)
    other = {
        "zip": zipped.getvalue(), "xz": lzma.compress(tar), "bz2": bz2.compress(tar),
        "7z": b"7z\xbc\xaf\x27\x1c\x00\x04" + random.Random(41).randbytes(500),
        "rar": rar5, "iso": bytes(iso), "text": GOOD_FILE,
        "noise": random.Random(4).randbytes(5000),
        "cpio": b"070701" + b"0" * 104 + b"x.md\0\0", "ar": b"!<arch>\nx.md/" + b" " * 60,
        "gz_zip": gzip.compress(zipped.getvalue()), "gz_text": gzip.compress(GOOD_FILE),
    }  # fmt: skip
    for kind, data in other.items():
        for suffix in ("tar.gz", "tar"):
            name = f"{kind}.{suffix}"
            c.put(name, data)
            with c.part(name):
                result = c.ingest(name, crawl=name, code=1)
                matches(result.err, r"not tar.* \(source_failed\)$", "said")
                equal((result.sum["files"], result.sum["observations"]), (0, 0), "taken")
    # A name that says nothing: what it is, and how it is taken in.
    other |= {"tar": tar, "gz": gzip.compress(tar), "array": b'[{"oid":"001"}]', "lines": b'{"oid":"001"}\n'}
    told = {"zip": "zip archive: call it .zip", "xz": "by xz, which is not read: xz -dc FILE",
            "bz2": "by bzip2, .*: bzip2 -dc FILE", "7z": "7-zip archive", "rar": "rar archive",
            "tar": "call it .tar", "gz": "call it .tar.gz if .*else gzip -dc FILE",
            "array": "a JSON array, .*jq -c '.\\[\\]' FILE", "lines": "call it .ndjson if"}  # fmt: skip
    for kind, why in told.items():
        name = f"{kind}.data"
        c.put(name, other[kind])
        with c.part(name):
            result = c.ingest(name, crawl=name, code=1)
            matches(result.err, rf"^{name}: it is .*{why}.* \(source_failed\)$", "said")
            equal((result.sum["files"], result.sum["refused"]), (0, 0), "taken for an article")
    c.put("tar.zip", tar)
    matches(c.ingest("tar.zip", crawl="z", code=1).err, r"\(source_failed\)$", "a tar called .zip")
    # A name says less than the bytes where both are ours.
    for name, pack in (("plain.tar.gz", bytes), ("packed.tar", gzip.compress)):
        c.put(name, pack(tar_of([(GOOD, good_file(name))])))
        equal(c.ingest(name, crawl=name).sum["observations"], 1, name)
        c.check_export({GOOD: good_file(name)}, crawl=name)
    for data in (zipped.getvalue(), rar5, GOOD_FILE):
        c.put("stdin", data)
        with open(c.path("stdin"), "rb") as f:
            result = c.ingest("-", crawl="stdin", code=1, stdin=f)
        matches(result.err, r"\((source_failed|bad_json)\)$", "standard input that is neither")
    c.verify()


# --- where an export goes -----------------------------------------------------------------


def case_42_export_targets(c):
    files = {f"{i}.md": crawl_file(aid=str(i), body=f"글 {i}") for i in range(1, 6)}
    files.update({"Case.md": crawl_file(aid="c1"), "case.md": crawl_file(aid="c2"),
                  "sub/x.md": crawl_file(aid="x")})  # fmt: skip
    c.take(files)
    files[GOOD] = GOOD_FILE

    def export(dest, code, *options):
        return c.run("export", dest, "--crawl", "c", *options, code=code)

    export("there", 0)
    export("there", 0)  # the same bytes are there: nothing to do
    equal(read_tree(c.path("there")), {k.encode(): v for k, v in files.items()}, "twice")
    c.put("there/3.md", "mine")
    result = export("there", 2)
    contains(result.err, "'3.md' exists with other bytes (--force replaces it)", "said")
    equal(read_tree(c.path("there"))[b"3.md"], b"mine", "what was there")
    export("there", 0, "--force")
    equal(read_tree(c.path("there"))[b"3.md"], files["3.md"], "replaced by --force")

    with c.part("one file in the way"):
        c.put("partly/1.md", "mine")
        result = export("partly", None)
        check(result.code in (1, 2), f"exit {result.code}")
        came = read_tree(c.path("partly"))
        missing = [n for n in files if n.encode() not in came and n not in result.err]
        equal(missing, [], f"files that neither come nor are named in {result.err!r}")

    for name, target in (("2.md", "../victim"), ("sub", "../victim_folder")):
        dest = "link_" + name.replace(".", "_")
        c.put("victim", "untouched")
        c.put("victim_folder/keep", "")
        os.makedirs(c.path(dest), exist_ok=True)
        os.symlink(target, c.path(dest + "/" + name))
        result = export(dest, None)
        with c.part(f"the link {name} in the way"):
            # A file that cannot stand in its place is told, wherever it goes instead.
            contains(result.err, name, f"exit {result.code}; it is named")
        with open(c.path("victim"), "rb") as f:
            equal(f.read(), b"untouched", "behind the link")
        equal(c.list("victim_folder"), ["keep"], "behind the link to a folder")
    export("link_2_md", 0, "--force")
    check(not os.path.islink(c.path("link_2_md/2.md")), "--force replaces the link itself")
    with open(c.path("victim"), "rb") as f:
        equal(f.read(), b"untouched", "behind the link, with --force")

    c.put("file", "mine")
    export("file", 3)
    export("file", 3, "--force")
    export("no/such/folder", 3)
    os.symlink("real", c.path("to_folder"))
    os.mkdir(c.path("real"))
    export("to_folder", 0)  # asked for by name, so followed
    equal(len(read_tree(c.path("real"))), len(files), "into a link to a folder")

    c.put("old.tar", "mine")
    contains(export("old.tar", 2).err, "--force replaces it", "tar that is there")
    export("old.tar", 0, "--force")
    export("new.tar", 0)
    with open(c.path("new.tar"), "rb") as a, open(c.path("old.tar"), "rb") as b:
        equal(a.read(), b.read(), "the same tar")
    os.symlink("victim", c.path("link.tar"))
    export("link.tar", 2)
    with open(c.path("victim"), "rb") as f:
        equal(f.read(), b"untouched", "behind the link to a tar")
    equal([n for n in c.list() if ".part" in n or ".new." in n], [], "left behind")
    full_and_read_only(c, export, files)


def full_and_read_only(c, export, files):
    if not private_mounts():
        os.mkdir(c.path("ro"), 0o555)
        contains(export("ro", 3).err, "Permission denied", "a folder without permission")
        c.notes.append("full and read-only file systems: skipped, needs root")
        return
    os.mkdir(c.path("full"))
    check(mount("none", c.path("full"), "tmpfs", data="size=16k"), "tmpfs")
    result = export("full", 3)
    matches(result.err, "disk full|No space left", "full")
    for name, data in read_tree(c.path("full")).items():
        equal(data, files[name.decode()], f"{name!r} on the full disk is whole or absent")
    result = export("full/x.tar", 3)
    matches(result.err, "disk full|No space left", "full, as a tar")
    check(not [n for n in c.list("full") if "x.tar" in n], "no half tar stays")
    LIBC.umount2(c.path("full"), 2)
    os.mkdir(c.path("ro"))
    check(mount("none", c.path("ro"), "tmpfs", data="size=1m"), "tmpfs")
    check(mount("none", c.path("ro"), "tmpfs", flags=MS_REMOUNT | MS_RDONLY), "remount")
    contains(export("ro", 3).err, "Read-only file system", "read-only")
    contains(export("ro/x.tar", 3).err, "Read-only file system", "read-only, as a tar")
    LIBC.umount2(c.path("ro"), 2)
