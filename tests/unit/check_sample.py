#!/usr/bin/env python3
"""Check what sillok-sample wrote, knowing nothing of how it did.

usage: check_sample.py DEST

Reads every file of DEST/crawl-*, takes the template apart, and checks the content_hash, the
file name, the form (escaped or not), and that the articles that differ from the last crawl
that saw them are exactly the rows of DEST/crawl-K.truth.tsv. Prints one line; exit 1 with
the first things that are wrong.
"""
import hashlib
import os
import re
import sys
import unicodedata

ENTITIES = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#x27;", "'"), ("&#x60;", "`"),
            ("&#x3D;", "="), ("&amp;", "&")]
KINDS = set("typo number append insert delete rewrite byline title space move revert emptied "
            "correction".split())
FILE = re.compile(
    r'---\nid: (?P<id>\S+)\ntitle: "(?P<title>[^\n]*)"\ncategory: (?P<category>[^\n]*)\n'
    r'publisher: (?P<publisher>[^\n]+)\nauthor: (?P<author>.*?)\npublished_at: '
    r'(?P<published>(\d{4}-\d\d-\d\d \d\d:\d\d)?)\ncrawled_at: '
    r'(?P<crawled>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\nurl: (?P<url>\S+)\noid: (?P<oid>\d{3})\n'
    r'aid: (?P<aid>\d{10})\ncontent_hash: (?P<hash>[0-9a-f]{64})\n'
    r'(comment_count: (?P<comments>\d+)\n)?---\n\n# (?P=title)\n\n'
    r'\*\*(?P=publisher)\*\* \| (?P=published) \| (?P=category)\n\n---\n\n(?P<rest>.*)'
    r'\n\n?---\n\n\*Crawled at: (?P=crawled)\*\n\*Source: \[원문 보기\]\((?P=url)\)\*\n', re.S)

errors = []


def bad(name, what):
    errors.append(f"{name}: {what}")


def unescape(s):
    for entity, char in ENTITIES:
        s = s.replace(entity, char)
    return s


def sha(s):
    return hashlib.sha256(s.encode()).hexdigest()


def slug(title):
    kept = "".join(c for c in title if c in " -_" or unicodedata.category(c)[0] in "LN")[:50]
    return kept.strip().replace(" ", "_").lower()


def bodies(rest, comments):
    """The body, or with a comment section every place where it may end."""
    if not comments:
        yield rest.removesuffix("\n")
        return
    for m in re.finditer(r"\n\n---\n\n(📊|\*댓글이 없습니다)", rest):
        yield rest[:m.start()]


def read(path):
    name = os.path.basename(path)
    text = open(path, encoding="utf-8", newline="").read()
    m = FILE.fullmatch(text)
    if not m:
        bad(name, "the template does not fit")
        return None
    v = m.groupdict()
    found = [(b, f) for b in bodies(v["rest"], v["comments"])
             for f in ("escaped", "plain") if sha(unescape(b) if f == "escaped" else b) == v["hash"]]
    if not found:
        bad(name, "content_hash fits no body")
        return None
    body, form = found[0]
    escaped = form == "escaped" and any(
        unescape(t) != t for t in (body, v["title"], v["publisher"], v["author"], v["category"]))
    plain = unescape if escaped else (lambda s: s)
    if escaped and re.search(r"[<>\"'`=]", body + v["title"]):
        bad(name, "half escaped")
    ident = f"{v['oid']}_{v['aid']}"
    ending = "_with_comments.md" if v["comments"] and v["comments"] != "0" else ".md"
    short = slug(plain(v["title"]))
    if name != ident + ("_" + short if short else "") + ending or v["id"] != ident:
        bad(name, "the name does not follow from id and title")
    if v["author"] and not re.fullmatch(r"\n\t\t\n(\t\t\t\S[^\n]*\n)+\t\t\n\t", v["author"]):
        bad(name, "author")
    title = plain(v["title"])
    meta = [plain(v[k]) for k in ("category", "publisher", "author")] + [v["published"]]
    return ident, {"body": plain(body), "title": title, "meta": meta, "escaped": escaped,
                   "crawled": v["crawled"], "published": v["published"],
                   "comments": v["comments"], "section": v["rest"][len(body):]}


def main():
    dest = sys.argv[1]
    standing, seen, stats = {}, {}, {}
    for k in range(1000):
        folder = os.path.join(dest, f"crawl-{k}")
        if not os.path.isdir(folder):
            break
        now, changed = {}, {}
        for name in sorted(os.listdir(folder)):
            got = read(os.path.join(folder, name))
            if got:
                if got[0] in now:
                    bad(name, "the article is there twice")
                now[got[0]] = got[1]
        for ident, a in now.items():
            if k >= 2 and a["escaped"]:
                bad(ident, f"escaped in crawl {k}")
            b = standing.get(ident)
            if b and (a["title"], a["body"], a["meta"]) != (b["title"], b["body"], b["meta"]):
                changed[ident] = (b, a)
            if b and a["comments"] not in (None, "0") and a["section"] == b["section"]:
                bad(ident, "the same comments in two crawls")
            seen.setdefault(ident, []).append(sha(a["title"] + "\n" + a["body"]))
        standing.update(now)
        truth = {}
        if k:
            rows = [r.rstrip("\n").split("\t")
                    for r in open(os.path.join(dest, f"crawl-{k}.truth.tsv"), encoding="utf-8")]
            truth = {f"{oid}_{aid}": kind for oid, aid, kind in rows}
        for ident in sorted(set(truth) ^ set(changed)):
            bad(ident, f"crawl {k}: " + ("in the truth, but the same" if ident in truth
                                         else "differs, but not in the truth"))
        for ident, kind in truth.items():
            b, a = changed.get(ident, (None, None))
            if kind not in KINDS:
                bad(ident, f"unknown kind {kind}")
            elif a and (kind == "title") != (a["title"] != b["title"]) and kind != "revert":
                bad(ident, f"{kind}, but the title says else")
            elif kind == "revert" and seen[ident][-1] not in seen[ident][:-2]:
                bad(ident, "revert to a text that never stood")
            elif kind == "emptied" and a and a["body"]:
                bad(ident, "emptied, but there is a body")
            stats[kind] = stats.get(kind, 0) + 1
        articles = now.values()
        print(f"crawl-{k}: {len(now)} articles, {len(truth)} changed, "
              f"{sum(a['escaped'] for a in articles)} escaped, "
              f"{sum(chr(10) in a['body'] for a in articles)} of several lines, "
              f"{sum(bool(re.search(r'^---$', a['body'], re.M)) for a in articles)} with ---, "
              f"{sum(a['comments'] is not None for a in articles)} with comments, "
              f"{sum(a['published'] > a['crawled'] for a in articles)} published later, "
              f"{sum(not a['published'] for a in articles)} undated")
    print("kinds:", " ".join(f"{k}={n}" for k, n in sorted(stats.items())))
    missing = sorted(KINDS - set(stats))
    if missing:
        bad("truth", "no " + ", ".join(missing))
    for e in errors[:20]:
        print(e, file=sys.stderr)
    return 1 if errors else 0


sys.exit(main())
