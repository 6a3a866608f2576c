#!/usr/bin/env python3
"""No file of code over 600 lines; prints the median of each folder.  usage: sizes.py SOURCE_DIR"""
import pathlib
import statistics
import sys

root = pathlib.Path(sys.argv[1])
CEILING = 600
wrong = []
for folder in ("lib", "tools", "samples", "tests"):
    sizes = {}
    for path in (root / folder).glob("**/*"):
        if path.suffix in {".cpp", ".hpp", ".py", ".sh", ".cmake", ".def"} or path.name == "CMakeLists.txt":
            sizes[path.relative_to(root)] = len(path.read_text().splitlines())
    code = [size for path, size in sizes.items() if path.suffix in {".cpp", ".hpp"}]
    if code:
        print(f"{folder}: {len(code)} C++ files, median {statistics.median(code):.0f} lines, longest {max(code)}")
    wrong += [f"{path}: {size} lines" for path, size in sizes.items() if size > CEILING]
print("\n".join(sorted(wrong)))
sys.exit(1 if wrong else 0)
