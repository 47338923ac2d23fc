"""Cases 1 to 28: front matter, body, identity and time of single files."""

import csv
import io
import os
import re
import shutil
import subprocess

from kit import *

KEY_REASON = "{} must be 1-64 of [A-Za-z0-9_-]"
TIME_REASON = "crawled_at is not a time like 2026-01-02 03:15:33"
FUTURE = ("crawled_at is more than an hour in the future: a wrong clock, or another zone than the"
          " profile's (note)")  # fmt: skip


def case_01_author_with_tabs_and_newlines(c):
    author = "\n\t\t\n\t\t\t김가나 기자\n\t\t\t이다라 기자\n\t\t\n\t"
    c.take({"a.md": crawl_file(author=author)})
    equal(c.show("001/0000000001")["author"], author, "author, byte for byte")
    page = c.run("show", "001/0000000001").out.decode()
    contains(page, "김가나 기자 이다라 기자", "author on the page, white space folded")
    check("\t" not in page, "no tab reaches the page")
    equal(c.refused(), [], "nothing refused")


def case_02_front_matter_that_is_not_yaml(c):
    titles = ["시장: 오늘의 값", "@강변 소식", "*단독* 새 다리", "!느낌표로 시작", "- 줄표로",
              "[속보] 문 연다", "{중괄호", "% 오른 값", "> 꺾쇠", "| 막대", "& 기호", "#해시",
              "? 물음", "`뒤따옴표", "a: b: c", "yes", "0123", "'작은따옴표", "끝에 콜론:"]  # fmt: skip
    files = {
        f"{i}.md": crawl_file(aid=f"{i:010}", title=t, quoted=False, publisher="*" + PUBLISHER,
                              category="!: @")
        for i, t in enumerate(titles, 1)
    }  # fmt: skip
    c.take(files)
    for i, title in enumerate(titles, 1):
        got = c.show(f"001/{i:010}")
        equal((got["title"], got["category"], got["publisher"]), (title, "!: @", "*" + PUBLISHER),
              f"fields of {i}")  # fmt: skip


def case_03_duplicate_key(c):
    two_oids = crawl_file(more=["oid: 002"])
    two_hashes = crawl_file(aid="2", more=["content_hash: " + sha256("다른 글")])
    two_titles = crawl_file(aid="3", more=['title: "다른 제목"'])
    c.take(
        {"oid.md": two_oids, "hash.md": two_hashes, "title.md": two_titles},
        {
            "oid.md": ("duplicate key oid at lines 10 and 13", "duplicate_key"),
            "hash.md": ("duplicate key content_hash at lines 12 and 13", "duplicate_key"),
            "title.md": ("duplicate key title at lines 3 and 13", "duplicate_key"),
        },
    )
    for ref in ("001/0000000001", "002/0000000001", "001/2"):
        c.run("show", ref, code=2)


def case_04_missing_keys(c):
    needed = ("oid", "aid", "crawled_at", "content_hash")
    files = {f"no_{k}.md": crawl_file(aid="1", drop=[k]) for k in needed}
    files["no_category.md"] = crawl_file(aid="20", drop=["category"])
    files["no_author.md"] = crawl_file(aid="21", drop=["author"])
    files["neither.md"] = crawl_file(aid="22", drop=["author", "category"])
    c.take(files, {f"no_{k}.md": (f"there is no {k}", "missing_key") for k in needed})
    for aid in ("20", "21", "22"):
        got = c.show("001/" + aid)
        equal((got["author"], got["category"]), ("", ""), "author and category of " + aid)


def case_05_key_looking_line_in_author(c):
    inside = "\n\toid: 999\n\t\ttitle: 아님\n\t"
    at_edge = "\noid: 999\n"
    bad = crawl_file(aid="2", author=at_edge)
    c.take(
        {"inside.md": crawl_file(author=inside), "edge.md": bad},
        {"edge.md": (f"duplicate key oid at lines 7 and {line_of(bad, 'oid:')}", "duplicate_key")},
    )
    equal(c.show("001/0000000001")["author"], inside, "author")
    c.run("show", "999/0000000001", code=2)
    c.run("show", "999/2", code=2)


def case_06_unknown_key(c):
    files = {
        "one.md": crawl_file(more=["reporter_id: 12"]),
        "known.md": crawl_file(aid="3", more=["comment_count: 12"]),
        "two.md": crawl_file(aid="2", more=["x-note: 가: 나", "Zone:", "_a: \t"]),
    }
    result = c.take(files)
    equal(result.sum["unknown_keys"], 2, "files with unknown keys")
    again = c.run("ingest", "--crawl", "again", "--", "in")
    contains(again.out.decode(), "2 with keys that are kept but not understood", "summary")
    got = c.show("001/0000000001")
    equal((got["title"], got["body"]), (TITLE, BODY), "the rest of the file")


def case_07_quotes_and_backslashes_in_title(c):
    plain = ["a\\b \\\" c", '그는 "간다"고 했다', '"', '""', "\\", 'x"', "'작은'", "끝\\"]
    hostile = '<b>"굵게"</b> & \'x\' = `y`, =1+1'
    files = {f"{i}.md": crawl_file(aid=str(i), title=t) for i, t in enumerate(plain, 1)}
    files["half.md"] = crawl_file(aid="30", title='"여는 따옴표만', quoted=False)
    files["entity.md"] = crawl_file(aid="31", title=hostile, escaped=True)
    files["bare.md"] = crawl_file(aid="31", title=hostile, at=LATER)
    # Bare quotes in the body say that nothing is escaped: the entity is the title's own text.
    files["own.md"] = crawl_file(aid="32", title="&quot;부호&quot; 이름", body='"그대로" 쓴 글.')
    files["formula.md"] = crawl_file(aid="33", title="=1+1, \"둘\"\t셋")
    c.take(files)
    for i, title in enumerate(plain, 1):
        equal(c.show(f"001/{i}")["title"], title, f"title {i}")
    equal(c.show("001/30")["title"], '"여는 따옴표만', "title with one quote")
    equal(c.show("001/31")["title"], hostile, "title without its entities")
    equal(len(c.log("001/31")), 1, "escaped or not is no change")
    equal(c.show("001/32")["title"], "&quot;부호&quot; 이름", "title with its own entity")
    rows = {r["aid"]: r for r in c.run("export", "-f", "ndjson").json}
    equal(rows["31"]["title"], hostile, "title as NDJSON")
    table = c.run("export", "-f", "csv").out.decode()
    rows = {r["aid"]: r for r in csv.DictReader(io.StringIO(table, newline=""))}
    equal(rows["2"]["title"], plain[1], "title as CSV")
    equal(rows["31"]["title"], hostile, "hostile title as CSV")
    equal(rows["33"]["title"], "'=1+1, \"둘\"\t셋", "formula as CSV, made safe")
    c.put("later/31.md", crawl_file(aid="31", title=hostile + "<i>", at=LATEST))
    c.ingest("later", crawl="later")
    page = c.run("diff", "-f", "html", "001/31", code=1).out.decode()
    check("<i>" not in page and "굵게" in page, "title in HTML is escaped")
    check("<b>\"굵게" not in page, "title in HTML is escaped")


def case_08_crlf_lone_cr_and_mixed(c):
    crlf_body = "첫 줄이다.\r\n\r\n둘째 줄이다."
    whole = crawl_file(aid="1", body=crlf_body.replace("\r\n", "\n"),
                       declared=sha256(crlf_body)).replace(b"\n", b"\r\n")  # fmt: skip
    # The crawler that hashed an LF copy of a CRLF file claims a hash that is not the body's.
    copied = crawl_file(aid="2", body="첫 줄.\n\n둘째 줄.").replace(b"\n", b"\r\n")
    files = {
        "crlf.md": whole,
        "copied.md": copied,
        "lone.md": crawl_file(aid="3", body="앞\r뒤", title="제목\r둘"),
        "mixed.md": crawl_file(aid="4", body="한 줄\r\n두 줄\n세 줄\r\n"),
        "all_cr.md": crawl_file(aid="5").replace(b"\n", b"\r"),
    }
    mismatch = re.compile(r"^copied\.md: claimed hash differs: .* \(mismatch\)$")
    result = c.take(
        files, {"all_cr.md": ("the first line is not '---'", "no_front_matter")}, [mismatch]
    )
    equal(result.sum["hash_mismatch"], 1, "hash mismatches")
    for aid, body in (("1", crlf_body), ("2", "첫 줄.\r\n\r\n둘째 줄."), ("3", "앞\r뒤"),
                      ("4", "한 줄\r\n두 줄\n세 줄\r\n")):  # fmt: skip
        equal(c.body("001/" + aid), body.encode(), f"body of {aid}")
        equal(c.show("001/" + aid)["content_hash"], sha256(body), f"hash of {aid}")
    equal(c.show("001/1")["title"], TITLE, "title of a CRLF file has no CR")
    # Before the template's LF LF a CR is the body's own; the hash says so.
    for i, body in enumerate(("끝에 CR.\r", "\r", "둘.\r\r", "빈 줄.\n\r")):
        with c.part(f"body {body!r}"):
            c.put(f"last{i}/x.md", crawl_file(aid=f"9{i}", body=body))
            equal(c.ingest(f"last{i}", crawl=f"last{i}").sum["hash_mismatch"], 0, "mismatches")
            equal(c.body(f"001/9{i}"), body.encode(), "body")


def case_09_byte_order_mark_and_utf16(c):
    text = crawl_file(aid="1").decode()
    files = {
        "bom.md": b"\xef\xbb\xbf" + text.encode(),
        "le.md": b"\xff\xfe" + text.encode("utf-16-le"),
        "be.md": b"\xfe\xff" + text.encode("utf-16-be"),
        "bare16.md": text.encode("utf-16-le"),
        "two_boms.md": 2 * b"\xef\xbb\xbf" + crawl_file(aid="2"),
    }
    utf16 = ("not UTF-8: begins with a UTF-16 byte order mark", "not_utf8")
    first = ("the first line is not '---'", "no_front_matter")
    c.take(
        files,
        {"le.md": utf16, "be.md": utf16, "bare16.md": first, "two_boms.md": first},
        ["bom.md: begins with a byte order mark; kept (note)"],
    )
    equal(c.show("001/1")["title"], TITLE, "title behind the mark")
    equal(c.run("show", "--file", "001/1").out, files["bom.md"], "file with the mark")


def case_10_invalid_utf8(c):
    odd = {
        "byte": b"\xff\xfe\x80", "overlong": b"\xc0\xaf\xe0\x80\xaf", "surrogate": b"\xed\xa0\x80",
        "too_high": b"\xf4\x90\x80\x80", "latin1": "na\xefve".encode("latin-1"),
        "cp949": "한글".encode("cp949"), "cut": "끝".encode()[:2],
    }  # fmt: skip
    files = {
        f"{k}.md": crawl_file(oid=k, aid="1", title="가".encode() + v + b" x",
                              body="본문 ".encode() + v, author=v)
        for k, v in odd.items()
    }  # fmt: skip
    note = ("{}.md: its title is not UTF-8; kept as it is (iconv -f CP949 makes UTF-8 of older"
            " Korean files) (note)")  # fmt: skip
    c.take(files, lines=[note.format(k) for k in odd])
    for oid, raw in odd.items():
        ref = oid + "/1"
        equal(c.body(ref), "본문 ".encode() + raw, f"body of {oid} raw")
        equal(c.run("show", "--file", ref).out, files[oid + ".md"], f"file of {oid}")
        got = c.show(ref)
        contains(got["title"], "\ufffd", f"title of {oid} in JSON")
        check(got["invalid_utf8"], f"{oid} says that its text is not UTF-8")
        equal(got["content_hash"], sha256("본문 ".encode() + raw), f"hash of {oid}")
    for args in (("show", "byte/1"), ("log", "cut/1"), ("export", "-f", "ndjson"),
                 ("export", "-f", "csv"), ("crawls",), ("stats", "--publishers")):  # fmt: skip
        c.run(*args).out.decode()  # strict: fails on any invalid byte
    c.put("later/x.md", crawl_file(oid="byte", aid="1", at=LATER, body=b"\xfe" + BODY.encode()))
    c.ingest("later", crawl="later")
    for form in ("words", "side", "sentences", "html", "json"):
        c.run("diff", "-f", form, "byte/1", code=1).out.decode()
    c.run("changes", "--json", "--all").out.decode()


def case_11_nul(c):
    body = "앞\0뒤\0\0 끝. The end."
    c.take(
        {"title.md": crawl_file(aid="1", title="제\0목"), "body.md": crawl_file(aid="2", body=body)},
        {"title.md": ("the title holds a NUL byte", "title_nul")},
    )
    equal(c.body("001/2"), body.encode(), "body with NUL")
    equal(c.show("001/2")["body"], body, "body with NUL in JSON")
    equal(c.run("cat", sha256(body)).out, body.encode(), "body by its hash")
    c.put("later/x.md", crawl_file(aid="2", at=LATER, body=body + "\0 더."))
    c.ingest("later", crawl="later")
    for form in ("words", "sentences", "side"):
        text = c.run("diff", "-f", form, "001/2", code=1).out
        check(b"\0" not in text, f"diff {form} prints no NUL")
        matches(text.decode(), r"\\x00|\\0|␀", f"diff {form} shows the NUL")


def case_12_body_with_separator_and_fake_footer(c):
    footer = "---\n\n*Crawled at: 2020-01-01 00:00:00*\n*Source: [원문 보기](https://example.org/1)*"
    head = f"# 가짜 제목\n\n**{PUBLISHER}** | 2020-01-01 00:00 | \n\n---\n\n가짜 글"
    comments = "\n\n## 댓글\n\n첫 댓글\n\n" + footer + "\n\n둘째 댓글"
    bodies = {
        "line": "앞 문단이다.\n\n---\n\n뒤 문단이다.",
        "only_line": "---",
        "line_last": "글이다.\n\n---",
        "footer_inside": f"앞이다.\n\n{footer}\n\n뒤다.",
        "footer_last": f"앞이다.\n\n{footer}",
        "footer_only": footer,
        "two_footers": f"{footer}\n\n{footer}",
        "heading": head,
        "mark": "*Crawled at: 언제*\n글",
        "spaces": "\n\n앞뒤에 빈 줄.\n\n\n",
    }
    files = {f"{k}.md": crawl_file(oid=k, body=v) for k, v in bodies.items()}
    files["comments.md"] = crawl_file(oid="comments", body=BODY, after_body=comments)
    # Footer in the body, comments with a footer behind it: only the hash can tell.
    files["both.md"] = crawl_file(oid="both", body=bodies["footer_inside"], after_body=comments)
    # Nothing to go by but the last footer.
    files["wrong.md"] = crawl_file(oid="wrong", body=bodies["footer_inside"], declared="0" * 64)
    bodies.update(comments=BODY, both=bodies["footer_inside"], wrong=bodies["footer_inside"])
    mismatch = re.compile(r"^wrong\.md: claimed hash differs: claims 0{16}.* \(mismatch\)$")
    result = c.take(files, lines=[mismatch])
    equal(result.sum["hash_mismatch"], 1, "hash mismatches")
    for oid, body in bodies.items():
        equal(c.body(oid + "/0000000001"), body.encode(), f"body of {oid}")
        equal(c.show(oid + "/0000000001")["content_hash"], sha256(body), f"hash of {oid}")


def case_13_cut_off_files(c):
    whole = crawl_file()
    after_front = whole.index(b"\n---\n") + 5
    files = {
        "no_closing.md": whole[: after_front - 4] + b"# no end\n",
        "fence.md": b"---\n",
        "fence_only.md": b"---",
        "two_fences.md": b"---\n---\n",
        "empty.md": b"",
        "three.md": b"abc",
        "no_footer.md": whole[: whole.index(b"\n---\n\n*Crawled")],
        "half_footer.md": whole[: whole.index(b"\n*Crawled") + 6],
        "newline.md": b"\n",
    }
    unclosed = ("the front matter has no closing '---' line", "unclosed_front_matter")
    no_footer = (re.compile("the footer .* is missing"), "no_footer")
    anything = re.compile(".+")
    result = c.take(
        files,
        {
            "no_closing.md": unclosed,
            "fence.md": unclosed,
            # Only its code is asked for here: the file has nothing but the first line.
            "fence_only.md": (anything, one_of("unclosed_front_matter", "no_front_matter")),
            "two_fences.md": (anything, one_of("missing_key", "no_heading", "bad_yaml")),
            "empty.md": ("the file is empty", "empty"),
            "three.md": ("the first line is not '---'", "no_front_matter"),
            "no_footer.md": no_footer,
            "half_footer.md": no_footer,
            "newline.md": ("the first line is not '---'", "no_front_matter"),
        },
    )
    equal(result.sum["new_articles"], 1, "articles")
    # Wherever a file is cut, it is never taken for a whole one: refused, or, where the front
    # matter is there with its hash, at least flagged.
    whole = crawl_file(title="짧게", body="짧은 글. Short.", aid="AID")
    until = whole.index(b"*Crawled at: ") + 13  # from here on the body is known to be whole
    for i in range(0, until, 5):
        c.put(f"cut/{i}.md", whole[:i].replace(b"AID", b"%d" % i))
    result = c.ingest("cut", crawl="cut", code=1)
    sure = {e["name"] for e in result.json[:-1] if e["event"] in ("refused", "mismatch")}
    equal(sorted({f"{i}.md" for i in range(0, until, 5)} - sure), [], "cut files taken for whole")
    # A file of this crawler that ends before its body has none to store.
    after_front = whole.index(b"\n---\n") + 5
    stored = {int(r["name"][:-3]) for r in c.ask("export", "-f", "ndjson", "--crawl", "cut")}
    equal(sorted(i for i in stored if i < until), [],
          f"cut files stored as articles (the front matter ends at {after_front})")  # fmt: skip


class one_of(str):
    """One of several codes, where the words are the program's choice."""

    def __new__(cls, *codes):
        self = super().__new__(cls, "(?:" + "|".join(codes) + ")")
        self.codes = codes
        return self

    def __eq__(self, other):
        return other in self.codes

    def __ne__(self, other):
        return other not in self.codes

    __hash__ = str.__hash__


def case_14_bad_content_hash(c):
    right = sha256(BODY)
    bad = ("content_hash is not 64 hex digits", "bad_hash")
    files = {
        "not_hex.md": crawl_file(aid="1", declared="g" * 64),
        "short.md": crawl_file(aid="2", declared=right[:63]),
        "long.md": crawl_file(aid="3", declared=right + "0"),
        "no_hash.md": crawl_file(aid="4", declared=""),
        "prefix.md": crawl_file(aid="5", declared="0x" + right[:62]),
        "blank.md": crawl_file(aid="6", declared=right[:63] + " "),
        "upper.md": crawl_file(aid="7", declared=right.upper()),
    }
    refused = {k: bad for k in files if k != "upper.md"}
    c.take(files, refused, ["upper.md: content_hash is in upper case; taken as lower case (note)"])
    equal(c.show("001/7")["content_hash"], right, "hash, in lower case")


def case_15_wrong_content_hash(c):
    claimed, real = sha256("남의 글"), sha256(BODY)
    line = re.compile(r"^wrong\.md: claimed hash differs: claims %s\..*the body is %s\..*"
                      r"stored under the computed one \(mismatch\)$" % (claimed[:16], real[:16]))
    result = c.take({"wrong.md": crawl_file(declared=claimed)}, lines=[line])
    equal(result.sum["hash_mismatch"], 1, "mismatches counted")
    equal(c.show("001/0000000001")["content_hash"], real, "filed under the computed hash")
    c.run("cat", claimed, code=2)
    equal(c.run("cat", real).out, BODY.encode(), "body under the computed hash")
    equal(c.crawl()["hash_mismatch"], 1, "mismatches of the crawl")
    # The owner of the claimed hash comes later and is not disturbed.
    c.put("later/x.md", crawl_file(aid="2", body="남의 글"))
    c.ingest("later", crawl="later")
    equal(c.run("cat", claimed).out, "남의 글".encode(), "the claimed hash's own body")
    # Flagged, and some question leads to the very file, long after the ingest has scrolled by.
    found = [
        args
        for args in (("log", "001/0000000001"), ("show", "001/0000000001"), ("verify",),
                     ("refused",), ("export", "-f", "ndjson"), ("crawls", "--mismatches"),
                     ("refused", "--mismatch"), ("stats", "--mismatches"))
        for row in lines_of(c.run(*args, "--json", code=None))
        if any("mismatch" in k and row[k] for k in row) and
        ("wrong.md" in row.values() or row.get("aid") == "0000000001")
    ]  # fmt: skip
    check(found, "no question lists the file whose claimed hash differs")


def lines_of(result):
    return result.json if result.code in (0, 1) else []


def case_16_hash_of_the_unescaped_body(c):
    body = "A < B && C > \"D\"; 'x' = `y`.\n\n&amp; 그대로, &lt;tag&gt; 한 번만 푼다."
    escaped = crawl_file(body=body, title='"가" & 나', escaped=True, author="a=b")
    plain = crawl_file(body=body, title='"가" & 나', at=LATER, author="a=b")
    # Entities hashed as they stand are the author's own.
    own = crawl_file(aid="2", body="&lt;p&gt; 라고 쓴다.")
    # Nothing in the body tells; the title does.
    title_tells = crawl_file(aid="3", body="표시가 없는 글.", title="a & b", escaped=True)
    result = c.take({"e.md": escaped, "p.md": plain, "own.md": own, "t.md": title_tells})
    equal(result.sum["hash_mismatch"], 0, "mismatches")
    equal(c.body("001/0000000001"), body.encode(), "body without its escaping")
    log = c.log("001/0000000001")
    equal([(r["observations"], r["content_hash"]) for r in log], [(2, sha256(body))], "revisions")
    equal(c.body("001/2"), "&lt;p&gt; 라고 쓴다.".encode(), "body with its own entities")
    equal(c.show("001/3")["title"], "a & b", "title")
    equal(c.ask("changes", "--all"), [], "changes")


def case_17_empty_body(c):
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    equal(sha256(""), empty, "hash of nothing")
    files = {f"{i}.md": crawl_file(aid=str(i), body="", title=f"빈 기사 {i}") for i in range(3)}
    files["before.md"] = crawl_file(aid="7", body="본문이 있던 기사.")
    c.take(files, lines=[f"{i}.md: its body is empty (note)" for i in range(3)])
    for i in range(3):
        got = c.show(f"001/{i}")
        equal((got["body"], got["content_hash"], got["title"]), ("", empty, f"빈 기사 {i}"),
              f"article {i}")  # fmt: skip
        equal(c.body(f"001/{i}"), b"", f"body of {i}")
        equal(len(c.log(f"001/{i}")), 1, f"revisions of {i}")
    equal(c.ask("changes", "--all"), [], "changes")
    equal(c.run("cat", empty).out, b"", "the empty body by its hash")
    c.put("later/x.md", crawl_file(aid="7", body="", at=LATER))
    c.ingest("later", crawl="later")
    change = c.ask("changes", "--all")[0]
    check("emptied" in change["kinds"], "an article that came back empty is 'emptied'")
    page = c.run("show", "001/0").out.decode()
    contains(page, "빈 기사 0", "page of an empty article")


def case_18_huge_files(c):
    fits = crawl_file(aid="1", body="")
    at = fits.index(b"\n\n---\n\n*Crawled")
    head, tail = fits[:at], fits[at:]
    room = FILE_LIMIT - len(fits)
    text = b"The river rose again. " * (room // 22 + 1)
    body = text[:room]
    fits = head.replace(sha256("").encode(), sha256(body).encode()) + body + tail
    equal(len(fits), FILE_LIMIT, "the fixture is as large as may be")
    c.put("in/fits.md", fits)
    c.put("in/over.md", fits[:-1] + b"\n\n")
    c.put("in/" + GOOD, GOOD_FILE)
    huge = c.put("in/huge.md", "---\n")
    os.truncate(huge, 1 << 30)
    result = c.ingest("in", code=1)
    why = "too large (limit 16777216 bytes, see limits.file_bytes)"
    equal_lines(result.err_lines, [f"over.md: {why} (too_large)", f"huge.md: {why} (too_large)"])
    rows = {r["name"]: (r["code"], r["bytes"], r["kept"]) for r in c.refused()}
    equal(rows, {"over.md": ("too_large", FILE_LIMIT + 1, False),
                 "huge.md": ("too_large", 1 << 30, False)}, "refused")  # fmt: skip
    equal(result.sum["bytes_read"], len(fits) + len(GOOD_FILE), "bytes read")
    key = next(r["key"] for r in c.refused() if r["name"] == "huge.md")
    with c.part("bytes that were not kept"):
        contains(c.run("refused", key, code=2).err, "kept", "said")
    os.unlink(huge)
    c.check_export({"fits.md": fits, GOOD: GOOD_FILE})
    c.verify()
    alone = c.ingest("in/over.md", crawl="alone", code=1)
    equal(alone.sum["refused"], 1, "a single file is measured too")


def case_19_huge_front_matter(c):
    line = b"\t\t\t\n"
    files = {
        "lines.md": b"---\nid: 1\nauthor: \n" + 1_000_000 * line + b"---\n",
        "title.md": crawl_file(aid="2", title="가" * 350_000),
        "keys.md": crawl_file(aid="3", more=[f"key_{i}: {i}" for i in range(10_000)]),
        "author.md": crawl_file(aid="4", author="\n" + "\t\t기자\n" * 8_000),
        "unknown.md": crawl_file(aid="5", more=["x: " + "가" * 340_000]),
        "many.md": crawl_file(aid="6", more=[f"k{i}: {i}" for i in range(245)]),
    }
    field = "the value of {} is larger than 65536 bytes (limits.field_bytes)"
    front = "the front matter is larger than 1048576 bytes (limits.front_matter_bytes)"
    keys = "the front matter has more than 256 keys (limits.front_matter_keys)"
    c.take(
        files,
        {
            "lines.md": (front, "front_matter_too_large"),
            "title.md": (re.compile("limits\\.(field|front_matter)_bytes"),
                         one_of("field_too_large", "front_matter_too_large")),
            "keys.md": (keys, "too_many_keys"),
            "author.md": (field.format("author"), "field_too_large"),
        },
    )  # fmt: skip

    def cost(n):
        """CPU seconds to judge 30 files whose front matter has n lines."""
        folder = f"n{n}"
        for i in range(30):
            c.put(f"{folder}/{i}.md", crawl_file(aid=str(i), more=["x: " + n * "\n  가나다"]))
        return min(c.run("ingest", "-n", "--", folder).cpu for _ in range(3))

    small, large = cost(40_000), cost(80_000)
    check(large <= 2.2 * small + 0.05, f"reading is linear: {small:.3f} s, double {large:.3f} s")


def case_20_bad_keys(c):
    bad = ["a/b", "..", ".", "%2f", "a b", "", "x" * 65, "x" * 600, "가", "a\tb", "a.b", "*"]
    files, refused = {}, {}
    for i, key in enumerate(bad):
        files[f"oid{i}.md"] = crawl_file(oid=key, aid="1", url="https://example.org/")
        files[f"aid{i}.md"] = crawl_file(oid="1", aid=key, url="https://example.org/")
        refused[f"oid{i}.md"] = (KEY_REASON.format("oid"), "bad_key")
        refused[f"aid{i}.md"] = (KEY_REASON.format("aid"), "bad_key")
    files["longest.md"] = crawl_file(oid="A" * 64, aid="z" * 64)
    files["odd.md"] = crawl_file(oid="-", aid="_-_")
    c.take(files, refused)
    equal(c.show("A" * 64 + "/" + "z" * 64)["title"], TITLE, "the longest key")
    equal(c.show("-/_-_")["aid"], "_-_", "an odd key")
    for ref in ("../x", "1/../../etc", "a b/1", "1/", "/", "x" * 700):
        c.run("show", "--", ref, code=2)


def case_21_keys_are_not_folded(c):
    wide = "００１"
    files = {
        "one.md": crawl_file(oid="1", aid="1", body="하나다."),
        "padded.md": crawl_file(oid="001", aid="1", body="영영일이다."),
        "lower.md": crawl_file(oid="a", aid="x", body="소문자다."),
        "upper.md": crawl_file(oid="A", aid="x", body="대문자다."),
        "wide.md": crawl_file(oid="001", aid=wide),
        "wide_oid.md": crawl_file(oid=wide, aid="1"),
    }
    result = c.take(files, {"wide.md": (KEY_REASON.format("aid"), "bad_key"),
                            "wide_oid.md": (KEY_REASON.format("oid"), "bad_key")})  # fmt: skip
    equal(result.sum["new_articles"], 5, "articles")
    for ref, body in (("1/1", "하나다."), ("001/1", "영영일이다."), ("a/x", "소문자다."),
                      ("A/x", "대문자다.")):  # fmt: skip
        equal(c.body(ref), body.encode(), f"body of {ref}")
        equal(len(c.log(ref)), 1, f"revisions of {ref}")


def case_22_bad_dates(c):
    bad = ["0000-01-01 00:00:00", "2026-02-30 00:00:00", "2025-02-29 00:00:00",
           "2025-13-01 00:00:00", "2025-00-01 00:00:00", "2025-01-00 00:00:00",
           "2026-01-02 24:00:00", "2026-01-02 23:59:60", "2026-01-02 23:60:00",
           "2026-01-02 03:15", "2026-01-02", "", "yesterday", " 2026-01-02 03:15:33",
           "2026-01-02 03:15:33 ", "2026-1-2 3:15:33", "２０２６-01-02 03:15:33",
           "10000-01-01 00:00:00", "-001-01-01 00:00:00", "1767323733", "2026-01-02 03:15:33 EST",
           "2026-01-02 03:15:33+99:99", "0001-01-01 00:00:00+09:00"]  # fmt: skip
    files, refused = {}, {}
    for i, at in enumerate(bad):
        files[f"bad{i}.md"] = crawl_file(aid=f"b{i}", at=at)
        refused[f"bad{i}.md"] = (TIME_REASON, "bad_time")
        # The same as published_at is nobody's business.
        files[f"pub{i}.md"] = crawl_file(aid=f"p{i}", published=at)
    files["leap.md"] = crawl_file(aid="leap", at="2024-02-29 23:59:59")
    files["first.md"] = crawl_file(aid="first", at="0001-01-01 00:00:00")
    files["last.md"] = crawl_file(aid="last", at="9999-12-31 23:59:59")
    files["zone.md"] = crawl_file(aid="zone", at="2026-01-02T12:15:33+09:00")
    files["kst.md"] = crawl_file(aid="kst", at="2026-01-02 12:15:33 KST")
    c.take(files, refused, ["last.md: " + FUTURE])
    for i, at in enumerate(bad):
        equal(c.show(f"001/p{i}")["published_at"], at, "published_at as written")
    for aid, at in (("leap", "2024-02-29T23:59:59Z"), ("first", "0001-01-01T00:00:00Z"),
                    ("last", "9999-12-31T23:59:59Z"), ("zone", rfc3339(AT)),
                    ("kst", rfc3339(AT))):  # fmt: skip
        equal(c.show("001/" + aid)["first_seen"], at, f"crawled_at of {aid}")


def case_23_published_after_crawled(c):
    result = c.take({"print.md": crawl_file(published="2026-01-03 06:00")})
    equal(result.err, "", "said about it")
    got = c.show("001/0000000001")
    equal((got["published_at"], got["first_seen"]), ("2026-01-03 06:00", rfc3339(AT)), "times")


def case_24_future_crawl_and_wall_clock(c):
    future = "2999-01-01 00:00:00"
    c.take({"f.md": crawl_file(at=future)}, lines=["f.md: " + FUTURE])
    # What is taken in today, about earlier and later days, is ordered by crawled_at alone.
    c.put("two/a.md", crawl_file(at=LATER, body="둘째 글."))
    c.ingest("two", crawl="two")
    c.put("three/a.md", crawl_file(at=AT, body="첫 글."))
    fake = shutil.which("faketime")
    if fake:
        args = ["-f", "-400d", c.program, "-s", c.store, "ingest", "--crawl", "three", "three"]
        run = subprocess.run([fake, *args], cwd=c.folder, capture_output=True)
        equal(run.returncode, 0, "exit with the clock set back")
    else:
        c.notes.append("clock set back: skipped, faketime is not there")
        c.ingest("three", crawl="three")
    equal([r["first_seen"] for r in c.log("001/0000000001")],
          [rfc3339(AT), rfc3339(LATER), rfc3339(future)], "revisions by crawled_at")  # fmt: skip
    equal([r["revision"] for r in c.log("001/0000000001")], [1, 2, 3], "numbers")
    names = [x["crawl"] for x in c.ask("crawls") if x["crawl"] != "c"]
    equal(names, ["three", "two"], "crawls in order")
    c.verify()


def case_25_same_time_other_content(c):
    at = rfc3339(AT)
    files = {"a.md": crawl_file(body="한 글."), "b.md": crawl_file(body="다른 글.")}
    line = re.compile(rf"^[ab]\.md: conflict: 001/0000000001 has other content at {at}; "
                      r"both are kept \(conflict\)$")  # fmt: skip
    result = c.take(files, lines=[line], code=1)
    equal(result.sum["conflicts"], 1, "conflicts")
    log = c.log("001/0000000001")
    equal([(r["first_seen"], r["conflict"]) for r in log], [(at, True)] * 2, "revisions")
    equal({r["content_hash"] for r in log}, {sha256("한 글."), sha256("다른 글.")}, "both are kept")
    again = c.ingest("in", code=None)
    equal((again.sum["already"], again.sum["conflicts"]), (3, 0), "the same again is nothing new")
    equal(c.crawl()["conflicts"], 2, "files of the crawl in conflict")
    change = c.ask("changes", "--all")
    check(all("conflict" in x["flags"] for x in change) and change, "the change is flagged")


def history_of(c, ref):
    drop = ("started",)
    rows = c.log(ref) + c.ask("changes", "--all") + c.ask("crawls")
    return [{k: v for k, v in r.items() if k not in drop} for r in rows]


def case_26_out_of_order_crawl(c):
    """Five visits in four orders; the property test does a thousand."""
    visits = [(AT, "첫 글이다."), (LATER, "고친 글이다."), (LATER, "고친 글이다."),
              ("2026-01-07 00:00:00", "첫 글이다."), (LATEST, "세 번째 글이다.")]  # fmt: skip
    for i, (at, body) in enumerate(visits):
        c.put(f"{i}/a{i}.md", crawl_file(at=at, body=body))
    want = None
    for order in ((0, 1, 2, 3, 4), (4, 3, 2, 1, 0), (2, 4, 0, 3, 1), (3, 0, 4, 1, 2)):
        c.store = os.path.join(c.folder, "store" + "".join(map(str, order)))
        for i in order:
            c.ingest(str(i), crawl=f"crawl-{i}")
        got = history_of(c, "001/0000000001")
        files = [c.export(f"crawl-{i}") for i in range(5)]
        want = want or (got, files)
        with c.part(f"order {order}"):
            for a, b in zip(got, want[0]):
                equal(a, b, "history")
            equal(files, want[1], "files")
        c.verify()
    log = c.log("001/0000000001")
    equal([r["content_hash"] for r in log],
          [sha256(visits[i][1]) for i in (0, 1, 3, 4)], "revisions")  # fmt: skip
    equal(len(c.ask("changes", "--all")), 3, "changes")
    text = c.run("diff", "001/0000000001@2", code=1).out.decode()
    check("고친" in text and "세 번째" not in text, "the diff is of neighbours")
    # Two crawls that share a file, under one name and one time.
    shared, own = crawl_file(aid="7"), crawl_file(aid="8")
    c.put("a/x.md", shared)
    c.put("b/x.md", shared)
    c.put("b/y.md", own)
    for order in (("a", "b"), ("b", "a")):
        c.store = os.path.join(c.folder, "store." + "".join(order))
        for name in order:
            c.ingest(name, crawl=name)
        with c.part(f"crawls {order} that share a file"):
            c.check_export({"x.md": shared}, crawl="a")
            c.check_export({"x.md": shared, "y.md": own}, crawl="b")


def case_27_identical_file_twice(c):
    data = crawl_file()
    result = c.take({"a.md": data, "b.md": data, "sub/a.md": data})
    counts = [result.sum[k] for k in ("new_articles", "unchanged", "new_bodies")]
    equal(counts, [2, 2, 2], "new articles, unchanged, new bodies")
    equal(len(c.log("001/0000000001")), 1, "revisions")
    again = c.ingest("in")
    equal((again.sum["already"], again.sum["observations"]), (4, 0), "again")
    c.put("moved/c.md", data)
    moved = c.ingest("moved", crawl="moved")
    equal(moved.sum["unchanged"], 1, "another name in another crawl")
    c.check_export({"c.md": data}, crawl="moved")
    c.check_export({"a.md": data, "b.md": data, "sub/a.md": data, GOOD: GOOD_FILE})
    equal(c.ask("stats")[0]["bodies"], 2, "bodies")


def case_28_there_and_back(c):
    first = crawl_file(body="처음 글이다. 그대로 둔다.")
    second = crawl_file(at=LATER, body="바뀐 글이다.")
    third = crawl_file(at=LATEST, body="처음 글이다. 그대로 둔다.")
    c.take({"a.md": first, "b.md": second, "c.md": third})
    log = c.log("001/0000000001")
    equal([r["revision"] for r in log], [1, 2, 3], "revisions")
    equal(log[0]["content_hash"], log[2]["content_hash"], "hash of the first and the third")
    equal(log[2]["same_as"], 1, "the third reads as the first")
    check("reverted" in log[2]["kinds"], "the third is a return")
    equal(c.ask("stats")[0]["bodies"], 3, "bodies: two and the neighbour's")
    changes = c.ask("changes")
    equal([x["reverted_to"] for x in changes], [1, None], "reverted to")
