#!/usr/bin/env python3
"""Check a report: its pages alone and as a site.

usage: check_site.py DIR

Of each page: tags nest, one h1 and no heading level left out, ids are there once, every th
has a scope and every table a caption, every plot a title, no title, heading or link is blank,
nothing that runs or loads (scripts, frames, images, style or on... attributes), the policy, no
live character. Of the site: the pages of one list or article have titles of their own, every
relative link leads to a file in DIR and to an id in it; links outside are http or https with
rel="noopener noreferrer"; every page but index.html is linked to; the one style sheet is
beside. Prints what is wrong and exits 1.
"""
import os
import re
import sys
import urllib.parse
from html.parser import HTMLParser

POLICY = "default-src 'none'; style-src 'self'; img-src 'self'"
VOID = {"meta", "link", "br", "hr", "rect", "line"}
FORBIDDEN = {"script", "style", "iframe", "frame", "object", "embed", "img", "image", "form", "base",
             "input", "button", "audio", "video", "source", "use", "foreignobject", "template"}
WORDED = {"title", "a", "h1", "h2", "h3", "caption", "summary", "dt"}
LIVE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")

wrong = []


class Page(HTMLParser):
    def __init__(self, name, text):
        super().__init__(convert_charrefs=True)
        self.name, self.open, self.ids, self.links = name, [], set(), []
        self.headings, self.policy, self.lang, self.titled = [], None, None, True
        self.viewport = False
        self.words, self.title = {}, ""
        self.feed(text)
        self.close()
        if self.open:
            self.bad(f"not closed: {self.open}")
        if self.headings.count(1) != 1:
            self.bad(f"{self.headings.count(1)} h1")
        for a, b in zip([0] + self.headings, self.headings):
            if b > a + 1:
                self.bad(f"h{b} after h{a}")
        if self.policy != POLICY:
            self.bad(f"policy: {self.policy}")
        if not self.lang or not self.viewport:
            self.bad("no lang or viewport")
        if LIVE.search(text):
            self.bad(f"a live character: {LIVE.search(text).group().encode('unicode_escape')}")

    def bad(self, what):
        wrong.append(f"{self.name}:{self.getpos()[0]}: {what}")

    def handle_starttag(self, tag, attrs):
        names = [k for k, _ in attrs]
        a = dict(attrs)
        if len(names) != len(set(names)):
            self.bad(f"an attribute twice: {tag}")
        if tag in FORBIDDEN:
            self.bad(f"<{tag}>")
        for k in names:
            if k.startswith("on") or k in ("style", "src", "srcset", "action", "xlink:href", "ping"):
                self.bad(f"{k}= in <{tag}>")
        if a.get("id"):
            if a["id"] in self.ids:
                self.bad(f"id {a['id']} twice")
            self.ids.add(a["id"])
        if tag not in VOID:
            self.open.append(tag)
        if tag in WORDED:
            self.words[tag] = ""
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "html":
            self.lang = a.get("lang")
        if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy":
            self.policy = a["content"]
        if tag == "meta" and a.get("http-equiv") == "refresh":
            self.bad("refresh")
        if tag == "meta" and a.get("name") == "viewport":
            self.viewport = "width=device-width" in a["content"]
        if tag == "th" and a.get("scope") not in ("col", "row"):
            self.bad("th without scope")
        if tag == "svg" and (a.get("role") != "img" or not a.get("aria-labelledby")):
            self.bad("a plot without a name")
        self.check_child(tag)
        if "href" in a:
            self.link(tag, a)

    def check_child(self, tag):
        """The first element of a table is its caption, of a plot its title."""
        before = getattr(self, "before", None)
        if before == "table" and tag != "caption":
            self.bad("a table without caption")
        if before == "svg" and tag != "title":
            self.bad("a plot without title")
        self.before = tag

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_data(self, data):
        for tag in self.words:
            self.words[tag] += data

    def handle_endtag(self, tag):
        if tag in self.words:
            said = self.words.pop(tag).strip()
            if not said or tag == "title" and said.startswith("–"):
                self.bad(f"a blank <{tag}>")
            if tag == "title" and "svg" not in self.open:
                self.title = said
        if not self.open or self.open[-1] != tag:
            self.bad(f"</{tag}> in {self.open[-3:]}")
        else:
            self.open.pop()

    def link(self, tag, a):
        href = a["href"] or ""
        scheme = urllib.parse.urlsplit(href).scheme.lower()
        if scheme in ("http", "https") and tag == "a":
            if a.get("rel", "").split() != ["noopener", "noreferrer"]:
                self.bad(f"rel of {href}")
        elif scheme or href.startswith("/") or not href:
            self.bad(f"link to {href}")
        elif tag == "link" and a.get("rel") != "stylesheet":
            self.bad(f"link rel {a.get('rel')}")
        else:
            self.links.append((self.getpos()[0], href))


def main():
    root = sys.argv[1]
    names, pages, reached = set(), {}, {"index.html"}
    for at, _, files in os.walk(root):
        names |= {os.path.relpath(os.path.join(at, f), root) for f in files}
    for n in sorted(names):
        if n.endswith(".html"):
            with open(os.path.join(root, n), "rb") as f:
                pages[n] = Page(n, f.read().decode("utf-8"))
        elif n not in ("style.css", ".sillok-report"):
            wrong.append(f"{n}: what is this?")
    if len({n.lower() for n in names}) != len(names):
        wrong.append("names that differ only in case")
    for n, page in pages.items():
        for line, href in page.links:
            url = urllib.parse.urlsplit(href)
            target = os.path.normpath(os.path.join(os.path.dirname(n), urllib.parse.unquote(url.path))) \
                if url.path else n
            if url.query or target not in names:
                wrong.append(f"{n}:{line}: {href} leads nowhere")
            elif url.fragment and url.fragment not in pages[target].ids:
                wrong.append(f"{n}:{line}: {href}: no such anchor")
            if target != n:
                reached.add(target)
    wrong.extend(f"{n}: no page links to it" for n in sorted(set(pages) - reached))
    several = [(re.sub(r"\.\d+\.html$", ".html", n), page.title) for n, page in pages.items()]
    wrong.extend(f"{n}: pages of one title: {t}" for n, t in sorted(set(several)) if several.count((n, t)) > 1)
    if "style.css" not in reached:
        wrong.append("no style sheet")
    with open(os.path.join(root, "style.css"), encoding="utf-8") as f:
        if re.search(r"url\(|@import|@font-face|https?:", f.read()):
            wrong.append("style.css: reaches outside")
    print("\n".join(wrong[:40]) if wrong else f"{len(pages)} pages, all in order")
    return 1 if wrong else 0


sys.exit(main())
