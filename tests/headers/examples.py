#!/usr/bin/env python3
"""Make functions of the examples that stand at the top of public headers.

usage: examples.py OUT HEADER...

Of each HEADER: static int example_NAME(struct sillok_store *store), whose body is the
example. "..." counts in the variable `seen`; what the example has in `r` is returned.
"""
import os
import re
import sys


def example(path):
    """The first lines of the first comment that are set in by three blanks."""
    top = open(path, encoding="utf-8").read().split("*/")[0]
    lines = []
    for line in top.splitlines():
        m = re.match(r" \*   (.*)", line)
        if m:
            lines.append(m.group(1).replace("...", "seen++;"))
        elif lines:
            break
    return lines


def main():
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        for path in sys.argv[2:]:
            lines = example(path)
            if not lines:
                sys.exit(f"{path}: there is no example")
            name = os.path.basename(path)[:-2]
            out.write(f"static int example_{name}(struct sillok_store *store)\n{{\n"
                      + "".join(f"    {line}\n" for line in lines) + "    return r;\n}\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
