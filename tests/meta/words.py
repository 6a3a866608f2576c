#!/usr/bin/env python3
"""The repository speaks of the project alone, in ASCII, and of nothing unfinished.  usage: words.py SOURCE_DIR"""
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(sys.argv[1])
listed = subprocess.run(["git", "-C", root, "ls-files", "-z"], capture_output=True, check=False).stdout.decode().split("\0")
files = [root / name for name in listed if name] or [path for path in root.glob("**/*") if path.is_file() and "build" not in path.parts[len(root.parts)]]
# Written apart so that this file does not find itself.
MARKS = re.compile("|".join(["TO" + "DO", "FIX" + "ME", r"\bXX" + r"X\b", "not impl" + "emented", "/wo" + "rk/", "/tm" + "p/[a-z]+-[a-z]+",
                             r"\bsuba" + "gent", r"\bissue #" + "[0-9]+", r"\bthis sess" + r"ion\b"]))
TEXT = {".cpp", ".hpp", ".def", ".in", ".py", ".sh", ".cmake", ".txt", ".md", ".test", ".1"}
wrong = []
for path in files:
    if path.suffix not in TEXT and path.name not in {"run"} or not path.is_file():
        continue
    text = path.read_text(errors="replace")
    for number, line in enumerate(text.splitlines(), 1):
        if MARKS.search(line):
            wrong.append(f"{path.relative_to(root)}:{number}: {line.strip()[:100]}")
        if path.suffix in {".cpp", ".hpp", ".def", ".cmake"} and not line.isascii():
            wrong.append(f"{path.relative_to(root)}:{number}: not ASCII")
        if line != line.rstrip() and path.suffix != ".test":
            wrong.append(f"{path.relative_to(root)}:{number}: blank at the end of the line")
print(f"{len(files)} files")
print("\n".join(wrong))
sys.exit(1 if wrong or len(files) < 50 else 0)
