#!/usr/bin/env python3
"""Rule ids: well-formed, unique, used by the library, and each named by a test or with an example that
tests/validate/examples.py tries.  usage: rules.py SOURCE_DIR"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
ROW = re.compile(r'OVFKIT_RULE\(\s*"([^"]+)"')
CHECK = re.compile(r'OVFKIT_CHECK\(\s*"([^"]+)"')
ids = {}
tried = set()  # each row has its example: the macro takes it
wrong = []
for path in sorted(root.glob("lib/**/rules.def")):
    text = path.read_text()
    tried.update(CHECK.findall(text))
    for rule in ROW.findall(text) + CHECK.findall(text):
        if rule in ids:
            wrong.append(f"{rule}: in {path.relative_to(root)} and {ids[rule]}")
        ids[rule] = path.relative_to(root)
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", rule):
            wrong.append(f"{rule}: not <area>-<noun>-<problem>")


def text_of(pattern, suffixes):
    return "\n".join(path.read_text(errors="replace") for path in root.glob(pattern) if path.is_file() and path.suffix in suffixes)


code = text_of("lib/**/*", {".cpp", ".hpp"})
tests = text_of("tests/**/*", {".cpp", ".hpp", ".test", ".py", ".sh"})


def named(rule, text):
    return re.search(rf"(?<![a-z0-9-]){re.escape(rule)}(?![a-z0-9-])", text) is not None


for rule, where in ids.items():
    if not named(rule, code):
        wrong.append(f"{rule} ({where}): nothing reports it")
    if rule not in tried and not named(rule, tests):
        wrong.append(f"{rule} ({where}): no test names it")
print(f"{len(ids)} rules")
print("\n".join(wrong))
sys.exit(1 if wrong or not ids else 0)
