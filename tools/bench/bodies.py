#!/usr/bin/env python3
"""bodies.py sqlite|lmdb DATABASE FOLDER: the bodies of a folder of crawl files into one table.

What a short script would do instead of sillok, for tools/bench: the text between heading and
footer, unescaped, under its SHA-256; one transaction, durable. No history, no metadata, no
file comes back.
"""
import hashlib
import html
import os
import sys


def body_of(text):
    start = text.find("\n\n---\n\n", text.find("\n# "))
    end = text.rfind("\n\n---\n\n*Crawled at: ")
    return html.unescape(text[start + 7:end]) if 0 <= start < end else text


def bodies(folder):
    with os.scandir(folder) as it:
        for entry in it:
            if entry.name.endswith(".md"):
                with open(entry.path, encoding="utf-8", errors="replace", newline="") as f:
                    body = body_of(f.read())
                yield hashlib.sha256(body.encode("utf-8", "replace")).digest(), body


def into_sqlite(database, folder):
    import sqlite3

    db = sqlite3.connect(database)
    db.execute("CREATE TABLE IF NOT EXISTS body (hash BLOB PRIMARY KEY, text TEXT) WITHOUT ROWID")
    for key, body in bodies(folder):
        db.execute("INSERT OR IGNORE INTO body VALUES (?, ?)", (key, body))
    db.commit()
    db.close()


def into_lmdb(database, folder):
    import lmdb  # Debian: python3-lmdb

    with lmdb.open(database, subdir=False, map_size=1 << 36) as env:
        with env.begin(write=True) as txn:
            for key, body in bodies(folder):
                txn.put(key, body.encode("utf-8", "replace"), overwrite=False)


def main():
    engine, database, folder = sys.argv[1:]
    {"sqlite": into_sqlite, "lmdb": into_lmdb}[engine](database, folder)


main()
