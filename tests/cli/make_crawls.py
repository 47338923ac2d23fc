#!/usr/bin/env python3
"""Crawls of 1,000 made-up articles, as a changed extractor would show them again.

usage: make_crawls.py DIR

Makes DIR/base and one later crawl for each way in WAYS. In each of these every 20th
article has an edit besides, and DIR/edited lists them as OID/AID@2. Publishers 003
and 004 (300 articles each) are the ones whose extractor changed, 005 is not.
"""
import hashlib
import os
import random
import sys

KO = ["시는 {a} {b} {c}에 새 {d}을 짓는다고 밝혔다.", "주민 {n}명은 {a} {d}을 {b} 반겼다.",
      "{d} 공사는 {a} {m}월에 시작해 {b} 끝난다.", "{a} 관계자는 “{d}이 {b} {c}를 바꿀 것”이라고 말했다."]
EN = ["The {a} {d} will {b} near the {c} this year.", "About {n} people of the {c} {b} the {a} {d}.",
      "Work on the {d} starts in month {m} and will {b} {a} plans."]
WORDS = {
    "ko": {"a": ["강가", "언덕", "들판", "포구", "숲속"], "b": ["크게", "천천히", "함께", "조용히"],
           "c": ["거리", "마을", "광장", "장터"], "d": ["도서관", "공원", "정류장", "체육관", "극장"]},
    "en": {"a": ["old", "new", "quiet", "long"], "b": ["open", "welcome", "shape", "follow"],
           "c": ["river", "hill", "harbour", "market"], "d": ["library", "park", "station", "bridge"]},
}
ESC = [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#x27;"),
       ("`", "&#x60;"), ("=", "&#x3D;")]
NAMES = ["김하늘", "박들판", "최바다", "한가람", "이슬비", "정노을", "윤바람"]


def sentence(rng, i):
    lang = "en" if i % 5 == 0 else "ko"
    words = {k: rng.choice(v) for k, v in WORDS[lang].items()}
    return rng.choice(EN if lang == "en" else KO).format(
        n=rng.randrange(100, 9000), m=rng.randrange(1, 13), **words)


def article(i, edited):
    """The body of article i, with its edit."""
    rng = random.Random(i)
    parts = [sentence(rng, i) for _ in range(rng.randrange(5, 12))]
    if edited:
        parts[2] = "이 문장은 %d번째 기사에서 새로 쓴 것이다." % i
    return " ".join(parts)


def footer(body, i, oid):
    return body + "\n앱에서 하늘일보의 더 많은 소식을 가장 먼저 만나 보세요."


def header(body, i, oid):
    return "하늘일보가 전하는 오늘의 주요 소식을 한눈에 살펴보세요.\n" + body


def varied(body, i, oid):
    return body + "\n하늘일보 편집부 %s 기자가 2026년 %d월 %d일 %02d:%02d에 마지막으로 살펴본 소식입니다." % (
        NAMES[i % 7], i % 12 + 1, i % 28 + 1, i % 24, i % 60)


def blanks(body, i, oid):
    return body.replace(". ", ".\n").replace(" ", "  ", 1 + i % 3)


def same(body, i, oid):
    return body


WAYS = {"footer": footer, "header": header, "varied": varied, "blanks": blanks, "escaping": same}


def write(folder, i, body, day, escape):
    oid = ["003", "003", "003", "004", "004", "004", "005", "005", "005", "005"][i % 10]
    aid = "%010d" % i
    e = lambda s: s
    if escape:
        def e(s):
            for a, b in ESC:
                s = s.replace(a, b)
            return s
    url = "https://n.news.naver.com/mnews/article/%s/%s" % (oid, aid)
    crawled = "2026-01-%02d 03:%02d:%02d" % (day, i // 60 % 60, i % 60)
    title = e("소식 '%d' & 소문" % i)
    text = (f'---\nid: {oid}_{aid}\ntitle: "{title}"\ncategory: 사회\npublisher: 하늘일보 {oid}\n'
            f"author: 김하늘 기자\npublished_at: 2026-01-01 08:00\ncrawled_at: {crawled}\n"
            f"url: {e(url)}\noid: {oid}\naid: {aid}\n"
            f"content_hash: {hashlib.sha256(body.encode()).hexdigest()}\n---\n\n# {title}\n\n"
            f"**하늘일보 {oid}** | 2026-01-01 08:00 | 사회\n\n---\n\n{e(body)}\n\n---\n\n"
            f"*Crawled at: {crawled}*\n*Source: [원문 보기]({e(url)})*\n")
    with open(os.path.join(folder, f"{oid}_{aid}.md"), "w", encoding="utf-8") as f:
        f.write(text)
    return oid, aid


def main():
    top = sys.argv[1]
    os.makedirs(os.path.join(top, "base"))
    for i in range(1000):
        write(os.path.join(top, "base"), i, article(i, False), 5, True)
    for name, way in WAYS.items():
        folder = os.path.join(top, name)
        os.makedirs(folder)
        for i in range(1000):
            edited = i % 20 == 7 or i % 20 == 13
            body = article(i, edited)
            if i % 10 < 6:
                body = way(body, i, "003" if i % 10 < 3 else "004")
            write(folder, i, body, 6, name != "escaping")
    with open(os.path.join(top, "edited"), "w") as f:
        for i in range(1000):
            if i % 20 == 7 or i % 20 == 13:
                f.write("%s/%010d\n" % ("005" if i % 10 > 5 else "004", i))


main()
