#!/usr/bin/env python3
"""Look at a picture of a page: screen.py FILE.png GROUND BAR, colours as #rrggbb.

Exit 0 when most of it is the ground, something of it is in the colour of the bars, and
text of some other colours stands on it; 1 with what is missing.
"""
import struct
import sys
import zlib
from collections import Counter


def pixels(path):
    """Rows of (r, g, b) of a PNG of 8 bits a channel, without interlace (RFC 2083)."""
    data = open(path, "rb").read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", "no PNG"
    at, packed = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", body)
            assert depth == 8 and colour in (2, 6) and not interlace, "another kind of PNG"
        elif kind == b"IDAT":
            packed += body
        at += 12 + length
    step = 3 if colour == 2 else 4
    raw, line = zlib.decompress(packed), width * step
    above = bytearray(line)
    for y in range(height):
        kind = raw[y * (line + 1)]
        row = bytearray(raw[y * (line + 1) + 1:(y + 1) * (line + 1)])
        for i in range(line if kind else 0):
            left = row[i - step] if i >= step else 0
            up, corner = above[i], above[i - step] if i >= step else 0
            if kind == 1:
                guess = left
            elif kind == 2:
                guess = up
            elif kind == 3:
                guess = (left + up) // 2
            else:
                p = left + up - corner
                guess = min((left, up, corner), key=lambda v: abs(p - v))
            row[i] = (row[i] + guess) & 255
        yield [bytes(row[i:i + 3]) for i in range(0, line, step)]
        above = row


def main():
    path, ground, bar = sys.argv[1], bytes.fromhex(sys.argv[2][1:]), bytes.fromhex(sys.argv[3][1:])
    seen = Counter()
    for row in pixels(path):
        seen.update(row)
    total = sum(seen.values())
    faults = []
    if seen[ground] < total / 2:
        faults.append(f"{seen[ground]} of {total} points are the ground")
    if seen[bar] < total / 500:
        faults.append(f"{seen[bar]} of {total} points are bars")
    if len(seen) < 20 or total - seen[ground] - seen[bar] < total / 100:
        faults.append("hardly any text")
    for fault in faults:
        print(fault)
    return 1 if faults else 0


sys.exit(main())
