#!/usr/bin/env python3
"""bodies.py DATABASE FOLDER: the bodies of a folder of crawl files into one SQLite table.

What a short script would do instead of sillok, for tools/bench: the text between heading and
footer, unescaped, under its SHA-256; one transaction, durable. No history, no metadata, no
file comes back.
"""
import hashlib
import html
import os
import sqlite3
import sys


def body_of(text):
    start = text.find("\n\n---\n\n", text.find("\n# "))
    end = text.rfind("\n\n---\n\n*Crawled at: ")
    return html.unescape(text[start + 7:end]) if 0 <= start < end else text


def main():
    database, folder = sys.argv[1:]
    db = sqlite3.connect(database)
    db.execute("CREATE TABLE IF NOT EXISTS body (hash BLOB PRIMARY KEY, text TEXT) WITHOUT ROWID")
    with os.scandir(folder) as it:
        for entry in it:
            if entry.name.endswith(".md"):
                with open(entry.path, encoding="utf-8", errors="replace", newline="") as f:
                    body = body_of(f.read())
                key = hashlib.sha256(body.encode("utf-8", "replace")).digest()
                db.execute("INSERT OR IGNORE INTO body VALUES (?, ?)", (key, body))
    db.commit()
    db.close()


main()
