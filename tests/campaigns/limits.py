#!/usr/bin/env python3
"""Hostile shapes: what they cost grows no faster than they do, and within bounds.

Each run makes one shape (huge front matter, bombs, thousands of entries, two texts without a
common line ...) of sizes n, 2n and 4n and measures the command that meets it: CPU seconds, the
least of three, and memory. What grew too fast is measured again, up to three times, because
other work on the machine only ever adds. Twice the size may take 2.3 times as long (and a fiftieth of a
second, below which a clock says nothing); nothing takes more than 256 MB, or 10 seconds of
CPU. The first round is of a quarter of the size, later ones are whole. The planted fault is
growth by four called growth by two."""

import gzip
import hashlib
import os
import random
import shutil
import subprocess
import sys
import tarfile
import zlib

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from kit import Skip, main

RATIO, SLACK_S, MOST_S, MOST_MB, HANG_S, ROUNDS = 2.3, 0.02, 10, 256, 120, 3
KIB, MIB = 1 << 10, 1 << 20


def crawl_file(aid="1", at="2026-01-02 03:15:33", title="밤에도 여는 도서관", body="본문이다.",
               author="기자", more="", declared=None):  # fmt: skip
    """As the crawler writes it."""
    digest = declared or hashlib.sha256(body.encode()).hexdigest()
    return (f"---\nid: 1\noid: 001\naid: {aid}\ntitle: \"{title}\"\ncategory: \n"
            f"publisher: 한빛일보\nauthor: \"{author}\"\npublished_at: 2026-01-01 00:00\n"
            f"crawled_at: {at}\nurl: https://example.org/{aid}\ncontent_hash: {digest}\n{more}"
            f"---\n\n# {title}\n\n**한빛일보** | {author}\n\n---\n\n{body}\n\n---\n\n"
            f"*Crawled at: {at}*\n*Original URL: https://example.org/{aid}*\n").encode()  # fmt: skip


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)
    return path


# --- shapes: each makes what it needs below `at` and names the command --------------------


def ingest_of(c, at, data, copies=1):
    for i in range(copies):
        write(f"{at}/in/{i}.md", data)
    return ["ingest", "-n", "-q", "-j", "1", f"{at}/in"]


def front_lines(c, at, n):
    return ingest_of(c, at, crawl_file(more="x: " + n * "\n  가나다" + "\n"), 8)


def front_too_long(c, at, n):
    return ingest_of(c, at, b"---\nid: 1\nauthor: \n" + n * b"\t\t\t\n" + b"---\n", 4)


def long_title(c, at, n):
    return ingest_of(c, at, crawl_file(title="가" * (n // 3)), 4)


def many_keys(c, at, n):
    return ingest_of(c, at, crawl_file(more="".join(f"key_{i}: {i}\n" for i in range(n))), 8)


def many_footers(c, at, n):
    body = "\n\n---\n\n*Crawled at: 2026-01-02 03:15:33*".join(["글"] * n)
    return ingest_of(c, at, crawl_file(body=body, declared="0" * 64), 2)


def empty_lines(c, at, n):
    return ingest_of(c, at, crawl_file(body="가\n\n" * n, declared="0" * 64), 2)


def bomb(c, at, n):
    """Zeros: one entry of so many bytes, deflated a thousand times."""
    z = zlib.compressobj(9, zlib.DEFLATED, 31)
    info = tarfile.TarInfo("z.bin")
    info.size = n
    out = z.compress(info.tobuf(tarfile.GNU_FORMAT))
    for _ in range(n // MIB):
        out += z.compress(bytes(MIB))
    write(f"{at}/bomb.tar.gz", out + z.flush())
    return ["ingest", "-n", "-q", f"{at}/bomb.tar.gz"]


def entries(c, at, n):
    os.makedirs(at)
    with gzip.open(f"{at}/many.tar.gz", "wb", 1) as f:
        for i in range(n):
            data = crawl_file(aid=str(i))
            info = tarfile.TarInfo(f"{i}.md")
            info.size = len(data)
            f.write(info.tobuf(tarfile.GNU_FORMAT) + data + bytes(-len(data) % 512))
        f.write(bytes(1024))
    return ["ingest", "-n", "-q", "-j", "1", f"{at}/many.tar.gz"]


def long_name(c, at, n):
    os.makedirs(at)
    with tarfile.open(f"{at}/name.tar", "w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(tarfile.TarInfo("가" * (n // 3) + ".md"))
    return ["ingest", "-n", "-q", f"{at}/name.tar"]


def setting(c, at, text):
    shutil.copytree(c.store, f"{at}/store")
    write(f"{at}/store/config.yaml", text)
    return ["config"]


def aliases(c, at, n):
    lines = ["k0: &a0 x"]
    while sum(map(len, lines[-4:])) * len(lines) / 4 < n:
        i = len(lines)
        lines.append(f"k{i}: &a{i} [" + ", ".join([f"*a{i - 1}"] * 9) + "]")
    return setting(c, at, "\n".join(lines).encode()[:n])


def deep(c, at, n):
    return setting(c, at, b"a: " + b"[" * n)


def two_texts(c, at, before, after, command=("diff", "001/1")):
    """Both in a store, which is not measured; then their difference, or another command."""
    write(f"{at}/in/1.md", crawl_file(body=before, at="2026-01-02 03:15:33"))
    write(f"{at}/in/2.md", crawl_file(body=after, at="2026-01-03 03:15:33"))
    r = subprocess.run([c.program, "-s", f"{at}/store", "ingest", "-q", f"{at}/in"],
                       capture_output=True)  # fmt: skip
    if r.returncode:
        raise RuntimeError(r.stderr.decode())
    return list(command)


def nothing_common(c, at, n):
    """Lines of forty bytes, none of them in both."""
    def text(word):
        return "\n".join(f"{word} {i:030d} end" for i in range(n // 40))

    return two_texts(c, at, text("a"), text("b"))


def short_lines(c, at, n):
    return two_texts(c, at, "a\nb\n" * (n // 4), "b\nc\n" * (n // 4))


def one_line(c, at, n):
    words = " ".join(f"w{i % 9973}" for i in range(n // 6))
    return two_texts(c, at, words, words[::-1])


def rows_for_programs(c, at, n):
    return two_texts(c, at, "a\nb\n" * (n // 4), "b\nc\n" * (n // 4), ("diff", "--json", "001/1"))


def alike(rng, n):
    """Sentences that all begin alike, none of them twice."""
    def word():
        return "".join(chr(0xAC00 + rng.randrange(11172)) for _ in range(4))

    return "\n\n".join(f"시장은 오늘 {word()}를 보았다." for _ in range(n // 50))


def lost_sentences(c, at, n):
    """Each was taken out, and must be looked for in every text that is left. Not above a MiB:
    there it is not remembered what kind of change it is."""
    rng = random.Random(n)
    return two_texts(c, at, alike(rng, n), alike(rng, n), ("changes", "--stale"))


def beginnings(c, at, n):
    """Sentences of one letter, each of them the beginning of the next, and a text of it."""
    lines = "\n\n".join("a" * k for k in range(12, n // 800))
    return two_texts(c, at, lines, "a" * n, ("changes", "--stale"))


# name: (how, the size n that is measured with 2n and 4n)
SHAPES = {
    "front_lines": (front_lines, 20_000),
    "front_too_long": (front_too_long, 250_000),
    "long_title": (long_title, 256 * KIB),
    "many_keys": (many_keys, 2_500),
    "many_footers": (many_footers, 20_000),
    "empty_lines": (empty_lines, 40_000),
    "bomb": (bomb, 256 * MIB),
    "entries": (entries, 5_000),
    "long_name": (long_name, 768 * KIB),
    "aliases": (aliases, 15 * KIB),
    "deep": (deep, 15 * KIB),
    "beginnings": (beginnings, 255 * KIB),
    "nothing_common": (nothing_common, 15 * MIB // 4),
    "short_lines": (short_lines, 15 * MIB // 4),
    "one_line": (one_line, 15 * MIB // 4),
    "rows_for_programs": (rows_for_programs, 15 * MIB // 4),
    "lost_sentences": (lost_sentences, 255 * KIB),
}  # fmt: skip


# For the planted fault: what costs much more than the start of a program, and grows.
GROWING = ("nothing_common", "short_lines", "one_line", "entries")


def measured(c, at, args):
    """CPU seconds, megabytes. The store is `at`/store where the shape has made one."""
    store = f"{at}/store" if os.path.exists(f"{at}/store") else c.store
    with open(os.devnull, "w") as null:
        pid = os.posix_spawn(c.program, [c.program, "-s", store, *args], os.environ,
                             file_actions=[(os.POSIX_SPAWN_DUP2, null.fileno(), 1),
                                           (os.POSIX_SPAWN_DUP2, null.fileno(), 2)])  # fmt: skip
    _, status, usage = os.wait4(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 1, 2):
        c.bad(f"exit {code}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / KIB


def setup(c):
    if c.is_sanitized():
        raise Skip("sanitizers take other times and other memory")
    c.store = os.path.join(c.base, "empty")
    subprocess.run([c.program, "-q", "init", c.store], check=True, capture_output=True)
    c.figures = {}


def one(c, i, rng):
    names = GROWING if c.control else list(SHAPES)
    name = names[i % len(names)]
    make, n = SHAPES[name]
    if i < len(SHAPES):
        n //= 4
    places = [c.path(f"{k}") for k in (0, 1, 2)]
    args = [make(c, at, n * (4 if c.control else 2) ** k // (4 if c.control else 1))
            for k, at in enumerate(places)]  # fmt: skip
    tries = [[], [], []]
    for _ in range(1 if c.control else ROUNDS):
        for at, command, of in zip(places, args, tries):
            of += [measured(c, at, command) for _ in range(3)]
        seconds = [min(t[0] for t in of) for of in tries]
        steps = list(zip(seconds, seconds[1:]))
        if all(more <= RATIO * less + SLACK_S for less, more in steps):
            break
    megabytes = [max(t[1] for t in of) for of in tries]
    c.figures[name] = [*(round(s, 3) for s in seconds), round(max(megabytes))]
    for less, more in steps:
        if more > RATIO * less + SLACK_S:
            c.bad(f"{name}: {less:.3f} s, twice as large {more:.3f} s")
    if seconds[-1] > MOST_S:
        c.bad(f"{name}: {seconds[-1]:.1f} s")
    if max(megabytes) > MOST_MB:
        c.bad(f"{name}: {max(megabytes):.0f} MB")


def finish(c):
    c.counts["figures"] = c.figures  # name: CPU seconds of n, 2n, 4n, and megabytes


if __name__ == "__main__":
    main("limits", __doc__, one, ci_runs=len(SHAPES), setup=setup, finish=finish)
