"""Runs the blocks of a page that are Python, one after another, in a folder
with the examples, and compares what they print with the text below them: the
same words, and numbers within a hundredth. A line of ... is any number of lines.
"""

import contextlib
import io
import os
import re
import shutil
import sys
from pathlib import Path

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
NUMBER = re.compile(r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?")


def alike(got: str, want: str) -> bool:
    if NUMBER.sub("#", got).split() != NUMBER.sub("#", want).split():
        return False
    pairs = zip(NUMBER.findall(got), NUMBER.findall(want))
    return all(abs(float(x) - float(y)) <= 0.01 * abs(float(y)) for x, y in pairs)


def compare(got: str, want: str) -> str:
    lines, at, anywhere = got.splitlines(), 0, False
    for line in want.splitlines():
        if line == "...":
            anywhere = True
            continue
        while anywhere and at < len(lines) and not alike(lines[at], line):
            at += 1
        if at >= len(lines) or not alike(lines[at], line):
            return f"it does not print\n{line}\nbut\n{got}"
        at, anywhere = at + 1, False
    return "" if anywhere or at == len(lines) else f"it prints more:\n{got}"


def main() -> int:
    page = Path(sys.argv[1]).read_text()
    for example in (Path(os.environ["GPUSIM_ROOT"]) / "examples").glob("*.yaml"):
        shutil.copy(example, ".")
    blocks = [(m.group(1), m.group(2), page.count("\n", 0, m.start()) + 2) for m in BLOCK.finditer(page)]
    names: dict = {"__name__": "page"}
    wrong = count = 0
    for k, (language, text, line) in enumerate(blocks):
        if language != "python":
            continue
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile("\n" * (line - 1) + text, sys.argv[1], "exec"), names)
        want = blocks[k + 1][1] if k + 1 < len(blocks) and blocks[k + 1][0] == "text" else ""
        problem = compare(printed.getvalue(), want)
        count += 1
        if problem:
            wrong += 1
            print(f"{sys.argv[1]}:{line}: {problem}")
    if count < 6:
        print(f"{count} blocks found: the test reads the page no more")
        return 1
    return 1 if wrong else 0


sys.exit(main())
