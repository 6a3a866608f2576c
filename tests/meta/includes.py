#!/usr/bin/env python3
"""Include directions: base < model < descriptor < dialect/*; platform/* sees model and base; convert sees all but validate,
which sees convert and what is common to the leaves;
tools and samples see <ovfkit/...> only; a leaf never includes another leaf; no public header includes what is not
public or a third party's.  usage: includes.py SOURCE_DIR"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
LEAVES = ("dialect", "platform")
ALLOWED = {"base": {"base"}, "model": {"model", "base"}, "descriptor": {"descriptor", "model", "base"},
           "package": {"package", "base"}, "disk": {"disk", "base"},
           "edit": {"edit", "disk", "package", "model", "base"},
           "validate": {"validate", "convert", "package", "descriptor", "model", "base"}}
THIRD_PARTY = re.compile(r"^(pugixml|fmt/|nlohmann/|CLI/|openssl/|libdeflate|archive|yaml-cpp)")


def area_of(path):
    parts = path.parts
    return "/".join(parts[:2]) if parts[0] in LEAVES else parts[0]


def allowed(area, target):
    if area == "convert":
        return target != "validate"
    kind = area.split("/")[0]
    if kind == "dialect":
        return target in {area, "descriptor", "model", "base"}
    if kind == "platform":
        return target in {area, "model", "base"}
    return target in ALLOWED.get(kind, set())


wrong = []
checked = 0
for path in sorted(root.glob("lib/**/*.[ch]pp")) + sorted(root.glob("lib/**/*.def")):
    inside = path.relative_to(root / "lib")
    public = inside.parts[0] == "include"
    for mark, name in INCLUDE.findall(path.read_text()):
        checked += 1
        if public:
            if mark == '"' or (("/" in name or "pugixml" in name) and not name.startswith("ovfkit/")):
                wrong.append(f"{path}: a public header includes {name}")
            continue
        if mark == "<":
            continue
        target = root / "lib" / name
        if not target.exists():
            if (path.parent / name).exists():
                wrong.append(f"{path}: \"{name}\" is not written from lib/")
            continue  # generated
        if not allowed(area_of(inside), area_of(pathlib.PurePath(name))):
            wrong.append(f"{path}: {area_of(inside)} must not include {name}")
for folder in ("tools", "samples"):
    for path in sorted((root / folder).glob("**/*.[ch]pp")):
        for mark, name in INCLUDE.findall(path.read_text()):
            checked += 1
            if mark == '"' and not (path.parent / name).exists():
                wrong.append(f"{path}: {name} is not of this folder")
            if mark == "<" and folder == "samples" and THIRD_PARTY.match(name):
                wrong.append(f"{path}: a sample must do with <ovfkit/...>, not {name}")
            if mark == "<" and name.startswith("pugixml"):
                wrong.append(f"{path}: XML belongs to the library")
print(f"{checked} includes checked")
print("\n".join(wrong))
sys.exit(1 if wrong or checked < 100 else 0)
