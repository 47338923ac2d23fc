#!/usr/bin/env python3
"""Check a WARC file by its standard (ISO 28500:2017), and print what it holds.

usage: check_warc.py FILE[.gz] [--no-dedup]

Reads it record by record, packed ones member by member, without any part of sillok. Checks
lengths, mandatory fields, ids, digests, that each revisit refers to a resource before it
with the same payload under the same address, and that metadata has an address of its own, or
an index would take it for the article. Prints one JSON line for each visit: its
metadata, and as "body" the text that it, or what it refers to, has. Exit 1 at the first thing
that is wrong.
"""
import hashlib
import json
import re
import sys
import zlib

ID = re.compile(r"<urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}>")
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!$-;=?-Z_a-z~\[\]]*")
PROFILE = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"


def expect(true, what, record):
    if not true:
        sys.exit(f"{what}: {record}")


def pieces(path):
    """The records as bytes: each must be whole by itself."""
    data = open(path, "rb").read()
    if not path.endswith(".gz"):
        yield data
        return
    while data:
        member = zlib.decompressobj(wbits=31)
        yield member.decompress(data) + member.flush()
        expect(member.eof, "a member without its end", len(data))
        data = member.unused_data


def records(path):
    for piece in pieces(path):
        at = n = 0
        while at < len(piece):
            start = piece.find(b"\r\n\r\n", at) + 4
            lines = piece[at:start - 4].decode("ascii").split("\r\n")
            expect(start > at + 4 and lines[0] == "WARC/1.1", "no record", piece[at:at + 80])
            fields = dict(line.split(": ", 1) for line in lines[1:])
            expect(len(fields) == len(lines) - 1, "a field twice", lines)
            end = start + int(fields["Content-Length"])
            expect(piece[end:end + 4] == b"\r\n\r\n", "its length is wrong", fields)
            yield fields, piece[start:end]
            at, n = end + 4, n + 1
        expect(n == 1 or not path.endswith(".gz"), "records in a member", n)


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def main():
    path, dedup = sys.argv[1], "--no-dedup" not in sys.argv
    seen, about = {}, None  # records by id; the visit that metadata is to follow
    for i, (f, block) in enumerate(records(path)):
        kind, name = f["WARC-Type"], f["WARC-Record-ID"]
        expect(ID.fullmatch(name) and name not in seen, "its id", f)
        expect(DATE.fullmatch(f["WARC-Date"]), "its date", f)
        expect(kind == ("warcinfo" if i == 0 else "metadata" if i % 2 == 0 else kind), "its place", f)
        expect((i == 0) == (kind == "warcinfo"), "its place", f)
        expect(f.get("WARC-Block-Digest", digest(block)) == digest(block), "its digest", f)
        seen[name] = (f, block)
        if kind == "warcinfo":
            expect(b"format: WARC File Format 1.1\r\n" in block, "its format", block)
            continue
        expect(URI.fullmatch(f["WARC-Target-URI"]), "its address", f)
        if kind == "resource":
            expect(f["WARC-Payload-Digest"] == digest(block), "its payload", f)
            about = (name, block)
        elif kind == "revisit":
            expect(dedup, "a revisit", f)
            first, body = seen[f["WARC-Refers-To"]]
            expect(first["WARC-Type"] == "resource" and f["WARC-Profile"] == PROFILE, "refers", f)
            expect(f["WARC-Payload-Digest"] == digest(body) and not block, "its payload", f)
            expect(f["WARC-Refers-To-Target-URI"] == first["WARC-Target-URI"] == f["WARC-Target-URI"]
                   and f["WARC-Refers-To-Date"] == first["WARC-Date"], "refers", f)
            about = (name, body)
        else:
            expect(kind == "metadata" and f["Content-Type"] == "application/json", "its type", f)
            uri = seen[about[0]][0]["WARC-Target-URI"]
            expect(f["WARC-Target-URI"] == "urn:sillok:metadata:" + uri, "its address", f)
            expect(f["WARC-Refers-To"] == f["WARC-Concurrent-To"] == about[0], "refers", f)
            expect("WARC-Block-Digest" in f, "its digest", f)
            row = json.loads(block)
            expect(row["content_hash"] == hashlib.sha256(about[1]).hexdigest(), "its body", row)
            expect(row["crawled_at"] == f["WARC-Date"] == seen[about[0]][0]["WARC-Date"], "its time", row)
            row["body"] = about[1].decode("utf-8", "replace")
            print(json.dumps(row, ensure_ascii=False))
    expect(i % 2 == 0, "the last metadata is missing", i)


main()
